/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as /proc/PID/stat, as the path of a control group and as an environment, for the collector. */
#include "collect/containers.h"
#include "collect/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NAME LENGTH SHAPE, and nothing of a value. */
static bool is_line(const char *line, size_t length)
{
	const char *end = line + length, *first = memchr(line, ' ', length);
	const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;

	return second && hf_proc_is_variable(line, (size_t)(first - line)) &&
	       strspn(first + 1, "0123456789") == (size_t)(second - first - 1) &&
	       memchr(second + 1, ' ', (size_t)(end - second - 1)) == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	hf_proc_life life;
	const char *cursor, *line;
	size_t length;

	if (hf_arena_new(&arena) < 0)
		abort();
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text)
		abort();
	if (hf_proc_parse_life(text, &life) && !hf_proc_is_same_life(&life, &life))
		abort();
	if (hf_container_group_end(text, size) > size)
		abort();
	hf_proc_describe_environ(text, size, &lines);
	cursor = lines.data;
	while (lines.size > 0 && hf_next_line(&cursor, lines.data + lines.size, &line, &length)) {
		if (!is_line(line, length))
			abort();
	}
	return 0;
}
