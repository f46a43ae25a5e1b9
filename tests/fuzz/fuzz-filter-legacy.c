/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a legacy table: a byte for the family and the name of the table, then what the kernel gives. */
#include "fuzz-filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"raw", "mangle", "nat", "filter", "security"};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_filter filter = {0};

	if (size < 1)
		return 0;
	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_filter_add_legacy(arena, &filter, *data & 1, names[*data / 2 % HF_ARRAY_SIZE(names)],
				 (const char *)data + 1, size - 1) == 0)
		fuzz_filter(arena, &filter);
	return 0;
}
