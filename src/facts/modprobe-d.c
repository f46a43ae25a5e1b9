/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of modprobe.d(5), as kmod reads it.
 *
 * libkmod is not used: it opens the running machine's files itself, and a fact is made from the
 * record, where there may be no machine at all (a capture) and never a file to open (the judge has
 * given them up). */
#include "facts/kernel-text.h"

char *hf_module_underscores(char *name)
{
	bool is_in_brackets = false;

	for (char *p = name; *p; p++) {
		if (*p == '[')
			is_in_brackets = true;
		else if (*p == ']')
			is_in_brackets = false;
		else if (*p == '-' && !is_in_brackets)
			*p = '_';
	}
	return name;
}

/* The next line, joined with those that a backslash before the newline continues; elsewhere kmod
 * drops a backslash and keeps what follows. */
static bool next_line(const char **cursor, const char *end, hf_buffer *line, unsigned *number)
{
	const char *at = *cursor;

	line->size = 0;
	if (at >= end)
		return false;
	for (; at < end && *at != '\n'; at++) {
		if (*at == '\\' && at + 1 < end) {
			at++;
			if (*at == '\n') {
				(*number)++;
				continue;
			}
		}
		hf_buffer_add(line, at, 1);
	}
	(*number)++;
	*cursor = at < end ? at + 1 : end;
	return true;
}

/* 1: @ret_line is filled; 0: another word, or none; -ENOMEM. */
static int parse_line(hf_arena *arena, const hf_buffer *text, hf_modprobe_line *ret_line)
{
	static const char *const words[] = {
		[HF_MODPROBE_INSTALL] = "install",
		[HF_MODPROBE_ALIAS] = "alias",
	};
	char *rest = NULL;

	if (text->failed)
		return -ENOMEM;
	if (text->size == 0 || text->data[0] == '#')
		return 0;
	char *line = hf_arena_memdup(arena, text->data, text->size);

	if (!line)
		return -ENOMEM;
	const char *word = strtok_r(line, "\t ", &rest);
	char *name = strtok_r(NULL, "\t ", &rest);

	for (size_t i = 0; word && name && i < HF_ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		ret_line->word = (hf_modprobe_word)i;
		ret_line->name = hf_module_underscores(name);
		ret_line->argument = hf_strip(rest);
		return *ret_line->argument != '\0';
	}
	return 0;
}

int hf_modprobe_d_parse(hf_arena *arena, const char *text, size_t size,
			hf_modprobe_lines *ret_lines)
{
	hf_cleanup(hf_freep) hf_modprobe_line *lines = NULL;
	hf_cleanup(hf_buffer_free) hf_buffer line = {0};
	size_t count = 0, room = 0;
	unsigned number = 1, next = 1;

	for (const char *cursor = text; next_line(&cursor, text + size, &line, &next);
	     number = next) {
		hf_modprobe_line parsed = {.number = number};
		int r = parse_line(arena, &line, &parsed);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (count == HF_CONF_MAX_LINES)
			return -E2BIG;
		if (count == room) {
			room = room ? room * 2 : 64;
			hf_modprobe_line *more = reallocarray(lines, room, sizeof *lines);

			if (!more)
				return -ENOMEM;
			lines = more;
		}
		if (parsed.word == HF_MODPROBE_ALIAS) {
			char *module = hf_arena_memdup(arena, parsed.argument,
						       strcspn(parsed.argument, "\t "));

			if (!module)
				return -ENOMEM;
			parsed.argument = hf_module_underscores(module);
		}
		lines[count++] = parsed;
	}
	hf_modprobe_line *all = hf_arena_calloc(arena, count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	if (count > 0)
		memcpy(all, lines, count * sizeof *all);
	ret_lines->all = all;
	ret_lines->count = count;
	return 0;
}

/* modprobe hands the command to a shell. Only commands that certainly do nothing else count as
 * denial. */
hf_install_effect hf_install_effect_of(const char *command)
{
	static const char *const nothing[] = {
		"/bin/false", "/usr/bin/false", "false", "/bin/true", "/usr/bin/true", "true", ":",
	};

	if (strstr(command, "modprobe") || strstr(command, "insmod"))
		return HF_INSTALL_LOADS;
	size_t length = strcspn(command, " \t");
	const char *rest = command + length;

	rest += strspn(rest, " \t");
	for (size_t i = 0; i < HF_ARRAY_SIZE(nothing); i++) {
		if (length == strlen(nothing[i]) && memcmp(command, nothing[i], length) == 0)
			return *rest == '\0' || *rest == '#' ? HF_INSTALL_DENIES
							     : HF_INSTALL_UNCLEAR;
	}
	return HF_INSTALL_UNCLEAR;
}
