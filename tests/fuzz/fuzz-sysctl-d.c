/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a file of sysctl.d. Keys are normalised: doing it again changes nothing.
 */
#include "facts/kernel-text.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_sysctl_lines lines;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_sysctl_d_parse(arena, text, size, &lines) < 0)
		return 0;
	for (size_t i = 0; i < lines.count; i++) {
		const char *key = lines.all[i].key;

		if (*key == '\0' || *key == '/' || strstr(key, "//"))
			abort();
		(void)hf_sysctl_glob_matches(key, "net/ipv4/conf/all/rp_filter");
	}
	return 0;
}
