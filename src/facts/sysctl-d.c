/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of sysctl.d(5), as systemd-sysctl reads it. */
#include "facts/kernel-text.h"

#include <fnmatch.h>

/* systemd ends a line at \n, \r and NUL alike, and takes \r\n and \n\r as one end. */
static bool next_line(const char **cursor, const char *end, const char **ret_line,
		      size_t *ret_length)
{
	const char *line = *cursor;

	if (line >= end)
		return false;
	const char *stop = line;

	while (stop < end && *stop != '\n' && *stop != '\r' && *stop != '\0')
		stop++;
	*ret_line = line;
	*ret_length = (size_t)(stop - line);
	if (end - stop >= 2 &&
	    ((stop[0] == '\r' && stop[1] == '\n') || (stop[0] == '\n' && stop[1] == '\r')))
		stop++;
	*cursor = stop < end ? stop + 1 : end;
	return true;
}

static char *swap_separators(char *key)
{
	for (char *p = key; *p; p++) {
		if (*p == '.')
			*p = '/';
		else if (*p == '/')
			*p = '.';
	}
	return key;
}

/* Doubled slashes, "." as a part, and slashes at both ends mean nothing. */
static void simplify(char *path)
{
	const char *from = path;
	char *to = path;

	while (*from) {
		size_t length;

		from += strspn(from, "/");
		length = strcspn(from, "/");
		if (length > 0 && !(length == 1 && *from == '.')) {
			if (to != path)
				*to++ = '/';
			memmove(to, from, length);
			to += length;
		}
		from += length;
	}
	*to = '\0';
}

char *hf_sysctl_normalize(char *key)
{
	const char *separator = strpbrk(key, "/.");

	/* The first separator decides: after a slash, dots are part of names. */
	if (separator && *separator == '.')
		swap_separators(key);
	simplify(key);
	return key;
}

bool hf_sysctl_is_glob(const char *key)
{
	return strpbrk(key, "*?[") != NULL;
}

bool hf_sysctl_glob_matches(const char *pattern, const char *key)
{
	return fnmatch(pattern, key, FNM_PATHNAME | FNM_PERIOD) == 0;
}

/* 1: @ret_line is filled; 0: the line sets nothing; -ENOMEM. */
static int parse_line(hf_arena *arena, const char *text, size_t length, hf_sysctl_line *ret_line)
{
	char *line = hf_arena_memdup(arena, text, length);

	if (!line)
		return -ENOMEM;
	line = hf_strip(line);
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	char *value = strchr(line, '=');

	if (*line == '-')
		line++; /* before an assignment: its failure does not matter */
	else if (!value)
		return 0;
	if (value) {
		*value = '\0';
		value = hf_strip(value + 1);
	}
	line = hf_sysctl_normalize(hf_strip(line));
	if (*line == '\0')
		return 0;
	ret_line->key = line;
	ret_line->value = value;
	return 1;
}

int hf_sysctl_d_parse(hf_arena *arena, const char *text, size_t size, hf_sysctl_lines *ret_lines)
{
	hf_cleanup(hf_freep) hf_sysctl_line *lines = NULL;
	const char *cursor = text, *line;
	size_t length, count = 0, room = 0;

	for (unsigned number = 1; next_line(&cursor, text + size, &line, &length); number++) {
		hf_sysctl_line parsed = {.number = number};
		int r = parse_line(arena, line, length, &parsed);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (count == HF_CONF_MAX_LINES)
			return -E2BIG;
		if (count == room) {
			room = room ? room * 2 : 64;
			hf_sysctl_line *more = reallocarray(lines, room, sizeof *lines);

			if (!more)
				return -ENOMEM;
			lines = more;
		}
		lines[count++] = parsed;
	}
	hf_sysctl_line *all = hf_arena_calloc(arena, count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	if (count > 0)
		memcpy(all, lines, count * sizeof *all);
	ret_lines->all = all;
	ret_lines->count = count;
	return 0;
}
