/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of modules that the kernel and depmod(8) write, as sorted names. */
#include "facts/kernel-text.h"

enum { HF_MODULES_MAX = 200000 }; /* a distribution's kernel has 4000 to 7000 */

typedef struct gathering {
	hf_arena *arena;
	const char **names;
	size_t count;
	size_t room;
} gathering;

static void free_gathering(gathering *g)
{
	free(g->names);
}

static int add(gathering *g, const char *name, size_t length)
{
	if (length == 0)
		return 0;
	if (g->count == HF_MODULES_MAX)
		return -E2BIG;
	if (g->count == g->room) {
		size_t room = g->room ? g->room * 2 : 1024;
		const char **names = reallocarray(g->names, room, sizeof *names);

		if (!names)
			return -ENOMEM;
		g->names = names;
		g->room = room;
	}
	char *copy = hf_arena_memdup(g->arena, name, length);

	if (!copy)
		return -ENOMEM;
	g->names[g->count++] = hf_module_underscores(copy);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int finish(gathering *g, hf_module_names *ret_names)
{
	const char **all = hf_arena_calloc(g->arena, g->count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	if (g->count > 0) {
		memcpy(all, g->names, g->count * sizeof *all);
		qsort(all, g->count, sizeof *all, compare);
	}
	ret_names->all = all;
	ret_names->count = g->count;
	return 0;
}

int hf_proc_modules_parse(hf_arena *arena, const char *text, size_t size,
			  hf_module_names *ret_names)
{
	hf_cleanup(free_gathering) gathering g = {.arena = arena};
	const char *cursor = text, *line;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		const char *blank = memchr(line, ' ', length);
		int r = add(&g, line, blank ? (size_t)(blank - line) : length);

		if (r < 0)
			return r;
	}
	return finish(&g, ret_names);
}

int hf_module_paths_parse(hf_arena *arena, const char *text, size_t size,
			  hf_module_names *ret_names)
{
	hf_cleanup(free_gathering) gathering g = {.arena = arena};
	const char *cursor = text, *line;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		const char *colon = memchr(line, ':', length);
		size_t path = colon ? (size_t)(colon - line) : length;
		const char *slash = memrchr(line, '/', path);
		const char *name = slash ? slash + 1 : line;
		const char *suffix = memmem(name, path - (size_t)(name - line), ".ko", 3);
		int r = suffix ? add(&g, name, (size_t)(suffix - name)) : 0;

		if (r < 0)
			return r;
	}
	return finish(&g, ret_names);
}

int hf_module_modinfo_parse(hf_arena *arena, const char *text, size_t size,
			    hf_module_names *ret_names)
{
	hf_cleanup(free_gathering) gathering g = {.arena = arena};
	const char *end = text + size, *last = NULL;
	size_t last_length = 0;

	for (const char *at = text; at < end; at += strnlen(at, (size_t)(end - at)) + 1) {
		const char *dot = memchr(at, '.', strnlen(at, (size_t)(end - at)));
		size_t length = dot ? (size_t)(dot - at) : 0;

		/* a module's lines stand together */
		if (length == last_length && last && memcmp(at, last, length) == 0)
			continue;
		int r = add(&g, at, length);

		if (r < 0)
			return r;
		last = at;
		last_length = length;
	}
	return finish(&g, ret_names);
}

bool hf_module_names_have(const hf_module_names *names, const char *name)
{
	return names->count > 0 &&
	       bsearch(&name, names->all, names->count, sizeof *names->all, compare);
}
