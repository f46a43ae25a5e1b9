/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as the dumps of nf_tables, five of them one after another, each behind its size in two
 * bytes. */
#include "fuzz-filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_filter filter = {0};
	hf_nft_dumps dumps = {0};
	hf_nft_dump *const parts[] = {&dumps.tables, &dumps.chains, &dumps.rules, &dumps.sets, &dumps.elements};

	if (hf_arena_new(&arena) < 0)
		abort();
	for (size_t i = 0; i < HF_ARRAY_SIZE(parts) && size >= 2; i++) {
		size_t own = (size_t)data[0] << 8 | data[1];

		data += 2;
		size -= 2;
		if (own > size)
			own = size;
		*parts[i] = (hf_nft_dump){.data = (const char *)data, .size = own};
		data += own;
		size -= own;
	}
	if (hf_filter_add_nft(arena, &filter, &dumps) == 0)
		fuzz_filter(arena, &filter);
	return 0;
}
