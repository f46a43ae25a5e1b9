/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as the list of listening sockets, and as that of a walk over files. What is accepted is
 * complete. */
#include "facts/mount-table.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_socket_line *lines;
	hf_special_files files;
	const char *cut;
	size_t count;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_special_files_parse(arena, (const char *)data, size, &files, &cut) == 0) {
		for (size_t i = 0; i < files.count; i++) {
			if (*files.all[i].path != '/')
				abort();
		}
	}
	if (hf_socket_lines_parse(arena, (const char *)data, size, &lines, &count) < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].name || *lines[i].name == '\0')
			abort();
		if (lines[i].path && (*lines[i].path != '/' || lines[i].error))
			abort();
		if (!lines[i].path && !lines[i].error && *lines[i].name != '@')
			abort();
	}
	return 0;
}
