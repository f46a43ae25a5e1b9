/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a seccomp profile, and as the table of engines' defaults. */
#include "facts/seccomp-rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const hf_rules *rules, const hf_call_machine *machine)
{
	hf_call_masks masks;
	const hf_call_given given = {.mask = {[4] = UINT32_MAX}, .value = {[4] = 40}};

	for (unsigned abi = 0; abi < HF_CALL_ABI_COUNT; abi++)
		hf_rules_judge(rules, machine, (hf_call_abi)abi, &masks);
	hf_rules_judge(rules, machine, HF_CALL_ABI_NATIVE, &masks);
	for (uint32_t place = 0; place < HF_CALL_ALL; place++) {
		if (masks.at[place] == 0)
			abort();
	}
	/* what is known of an argument only takes away */
	if (hf_rules_judge_one(rules, machine, HF_CALL_ABI_NATIVE, 41, &given) & ~masks.at[41])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_rules_for target = {.machine = hf_call_machine_find("x86_64"),
				     .caps = 0xa80425fb,
				     .kernel_major = 6,
				     .kernel_minor = 1};
	const hf_rules *rules;
	const hf_json *json;
	const char *version;
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text)
		abort();
	if (hf_json_parse(arena, text, size, &json, &err) == 0 &&
	    hf_rules_from_json(arena, json, &target, &rules, &err) == 0)
		judge(rules, target.machine);
	if (hf_rules_from_table(arena, text, "docker", "20.10.24", &target, &rules, &version) == 0)
		judge(rules, target.machine);
	return 0;
}
