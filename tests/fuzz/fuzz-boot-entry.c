/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as an entry of the Boot Loader Specification and as loader.conf. */
#include "facts/boot-loader.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_boot_entry entries[2];
	const char *pattern;

	if (hf_arena_new(&arena) < 0 ||
	    hf_boot_entry_parse(arena, "/e/a+3.conf", text, size, &entries[0]) < 0 ||
	    hf_boot_entry_parse(arena, "/e/b.conf", text, size / 2, &entries[1]) < 0 ||
	    hf_loader_conf_parse(arena, text, size, &pattern) < 0)
		abort();
	qsort(entries, 2, sizeof entries[0], hf_boot_entry_by_name);
	qsort(entries, 2, sizeof entries[0], hf_boot_entry_by_key);
	(void)hf_loader_choose(entries, 2, pattern);
	return 0;
}
