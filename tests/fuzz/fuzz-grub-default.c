/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as /etc/default/grub. A value has a place, and a refusal a reason. */
#include "facts/boot-loader.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_grub_default values = {0};
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	int r = hf_grub_default_parse(arena, "grub", text, size, &values, &err);

	if ((values.line != NULL) != (values.line_source != NULL) ||
	    (values.extra != NULL) != (values.extra_source != NULL) ||
	    (r == -ENOTSUP && !*err.text))
		abort();
	return 0;
}
