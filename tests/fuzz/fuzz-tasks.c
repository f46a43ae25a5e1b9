/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as status, uid_map, the tables of sockets and the answers about one
 * process. */
#include "facts/containers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_sockets(hf_arena *arena, const char *text, size_t size)
{
	static const char *const families[] = {"tcp", "udp", "unix"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(families); i++) {
		hf_cleanup(hf_list_free) hf_list list = {0};

		if (hf_sockets_parse(arena, families[i], false, text, size, &list) < 0)
			continue;
		for (size_t k = 0; k < list.count; k++) {
			if (!((const hf_socket *)list.items[k])->address)
				abort();
		}
	}
}

static void fuzz_lists(hf_arena *arena, const char *text, size_t size)
{
	const hf_id_map *map = NULL;
	const hf_open *opens = NULL;
	const hf_variable *variables = NULL;
	const char *failed = NULL;
	size_t count = 0;

	if (hf_id_map_parse(arena, text, size, &map, &count) == 0 && count > size)
		abort();
	if (hf_opens_parse(arena, text, size, &opens, &count, &failed) == 0) {
		for (size_t i = 0; i < count; i++) {
			if (!*opens[i].name || strlen(opens[i].target) > size)
				abort();
		}
	}
	if (hf_variables_parse(arena, text, size, &variables, &count) == 0) {
		for (size_t i = 0; i < count; i++) {
			if (!*variables[i].name || !variables[i].shape)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	uint64_t inodes[HF_NS_COUNT];
	const char *failed;
	hf_task task = {0};
	uint32_t threads = 0;

	if (hf_arena_new(&arena) < 0)
		abort();
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text)
		abort();
	if (hf_status_parse(arena, text, size, &task, &threads) == 0 &&
	    (!task.name || task.ns_pid < 0 || (task.group_count && !task.groups)))
		abort();
	if (hf_ns_parse(text, size, inodes, &failed) == 0 && failed &&
	    (failed < text || failed >= text + size))
		abort();
	(void)hf_ns_inode(text);
	fuzz_sockets(arena, text, size);
	fuzz_lists(arena, text, size);
	return 0;
}
