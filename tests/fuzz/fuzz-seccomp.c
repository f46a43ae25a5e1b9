/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a filter, and as the lists of stacks and tasks. What a real run of the
 * filter does must be among what was judged possible. */
#include "facts/seccomp.h"

#include "../unit/seccomp-oracle.h"

#include <linux/audit.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INSN_BYTES = 8, TRIES = 64 };

static void try_filter(const struct sock_filter *code, size_t count, uint32_t seed)
{
	hf_call_masks masks;

	if (hf_filter_judge(code, count, AUDIT_ARCH_X86_64, 0, &masks) < 0)
		abort();
	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t words[HF_DATA_WORDS];

		for (size_t w = 0; w < HF_DATA_WORDS; w++) {
			seed = seed * 1664525 + 1013904223;
			words[w] = i % 2 ? seed >> 24 : seed;
			if (i % 3 == 0 && count > 0)
				words[w] = code[seed % count].k;
		}
		words[0] = seed % HF_CALL_PLACES;
		words[1] = AUDIT_ARCH_X86_64;
		uint8_t real = oracle_run(code, count, words);

		if (masks.at[words[0]] == 0 ||
		    (real && !(masks.at[words[0]] & (real | HF_ACT_UNKNOWN))))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	static struct sock_filter code[BPF_MAXINSNS];
	size_t count = size / INSN_BYTES < BPF_MAXINSNS ? size / INSN_BYTES : BPF_MAXINSNS;
	const hf_filter_stack *stacks;
	const hf_filtered_task *tasks;
	size_t stack_count = 4, task_count;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (count > 0)
		memcpy(code, data, count * INSN_BYTES);
	try_filter(code, count, (uint32_t)size);
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text)
		abort();
	if (hf_filter_stacks_parse(arena, text, size, &stacks, &stack_count) == 0) {
		for (size_t i = 0; i < stack_count; i++) {
			if (stacks[i].is_there && stacks[i].below >= 0 &&
			    stacks[stacks[i].below].depth + 1 != stacks[i].depth)
				abort();
		}
	}
	(void)hf_filtered_tasks_parse(arena, text, size, stack_count, &tasks, &task_count);
	return 0;
}
