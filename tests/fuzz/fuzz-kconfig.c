/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a kernel configuration, plain or gzip. What was parsed is found again.
 */
#include "facts/kernel-text.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_kconfig *config;
	bool named;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_kconfig_parse(arena, text, size, &config, NULL) < 0)
		return 0;
	const char *value = hf_kconfig_value(config, "CONFIG_MODULES", &named);

	if (value && !named)
		abort();
	return 0;
}
