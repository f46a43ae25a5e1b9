/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as devices.list of cgroup v1 and as the instructions of a device program.
 * The rules that are read out of a program must agree with the program itself. */
#include "facts/devices.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned access_of(const hf_device_grant *rule)
{
	return (rule->can_read ? HF_EBPF_READ : 0U) | (rule->can_write ? HF_EBPF_WRITE : 0U) |
	       (rule->can_mknod ? HF_EBPF_MKNOD : 0U);
}

static void compare(const hf_ebpf_program *program, const hf_device_grant *rule)
{
	for (uint16_t access = HF_EBPF_MKNOD; access <= HF_EBPF_WRITE;
	     access = (uint16_t)(access << 1)) {
		const hf_ebpf_device device = {
			.type = rule->type == 'b' ? HF_EBPF_BLOCK : HF_EBPF_CHAR,
			.access = access,
			.major = rule->major,
			.minor = rule->minor,
		};
		bool allows;

		if (hf_ebpf_run(program, &device, NULL, &allows, NULL) < 0 ||
		    allows != ((access_of(rule) & access) != 0))
			abort();
	}
}

static void fuzz_program(hf_arena *arena, const char *text, size_t size)
{
	const hf_device_grant *rules;
	hf_ebpf_program program;
	size_t count;

	if (hf_ebpf_parse(arena, text, size, &program, NULL) < 0 || program.count > 64)
		return;
	if (hf_ebpf_rules(arena, &program, 1, &rules, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (!rules[i].is_any_major && !rules[i].is_any_minor)
			compare(&program, &rules[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_device_grant *rules;
	size_t count;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_device_list_parse(arena, (const char *)data, size, &rules, &count, NULL) == 0) {
		for (size_t i = 0; i < count; i++) {
			if (access_of(&rules[i]) &&
			    !hf_device_list_allows(rules, count, rules[i].type, rules[i].major,
						   rules[i].minor, access_of(&rules[i])))
				abort();
		}
	}
	fuzz_program(arena, (const char *)data, size);
	return 0;
}
