/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as /proc/PID/stat, cgroup and cmdline. */
#include "facts/cgroup.h"
#include "facts/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cgroup_owner owner;
	hf_proc_stat stat;
	hf_flags flags = {0};
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text)
		abort();
	if (hf_proc_stat_parse(text, size, &stat) == 0 && stat.pid <= 0)
		abort();
	if (hf_cgroup_parse(text, size, &owner) &&
	    (!owner.runtime || owner.path < text || owner.path + owner.path_length > text + size ||
	     (owner.id[0] && strlen(owner.id) != HF_CONTAINER_ID_DIGITS)))
		abort();
	if (hf_flags_parse_cmdline(arena, text, size, &flags, &err) < 0 && !*err.text)
		abort();
	return 0;
}
