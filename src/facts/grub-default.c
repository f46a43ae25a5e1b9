/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/default/grub: the two variables of it that become the kernel's line when grub-mkconfig runs.
 *
 * The file is sourced by a shell. Plain and appending assignments, quotes and the two variables
 * themselves are followed; a value that needs a shell makes the answer unknown, not wrong. */
#include "facts/boot-loader.h"

#include <ctype.h>

static const char line_name[] = "GRUB_CMDLINE_LINUX";
static const char extra_name[] = "GRUB_CMDLINE_LINUX_DEFAULT";

typedef struct assignment {
	hf_arena *arena;
	const hf_grub_default *values;
	const char *at;
	const char *end;
	hf_buffer value;
	bool needs_shell;
} assignment;

static void free_assignment(assignment *a)
{
	hf_buffer_free(&a->value);
}

/* "$NAME" or "${NAME}"; .at is behind the '$'. */
static void add_variable(assignment *a)
{
	bool has_braces = a->at < a->end && *a->at == '{';
	const char *from = has_braces ? a->at + 1 : a->at, *stop = from;

	while (stop < a->end && (isalnum((unsigned char)*stop) || *stop == '_'))
		stop++;
	size_t length = (size_t)(stop - from);

	if (has_braces && (stop == a->end || *stop != '}')) {
		a->needs_shell = true; /* ${x:+y} */
		return;
	}
	a->at = has_braces ? stop + 1 : stop;
	if (length == strlen(line_name) && memcmp(from, line_name, length) == 0)
		hf_buffer_puts(&a->value, a->values->line ? a->values->line : "");
	else if (length == strlen(extra_name) && memcmp(from, extra_name, length) == 0)
		hf_buffer_puts(&a->value, a->values->extra ? a->values->extra : "");
	else
		a->needs_shell = true;
}

/* The shell word behind '='. */
static void read_value(assignment *a)
{
	char quote = '\0';

	while (a->at < a->end && !a->needs_shell) {
		char c = *a->at++;

		if (quote && c == quote) {
			quote = '\0';
		} else if (quote == '\'') {
			hf_buffer_add(&a->value, &c, 1);
		} else if (c == '$') {
			add_variable(a);
		} else if (c == '`') {
			a->needs_shell = true;
		} else if (c == '\\' && a->at < a->end &&
			   (!quote || memchr("\"$`\\\n", *a->at, 5))) {
			if (*a->at != '\n')
				hf_buffer_add(&a->value, a->at, 1);
			a->at++;
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else if (!quote && (isspace((unsigned char)c) || strchr(";&|<>()", c))) {
			a->at--;
			break;
		} else {
			hf_buffer_add(&a->value, &c, 1);
		}
	}
	a->needs_shell |= quote != '\0' || a->value.size > 64 * 1024;
}

/* @at is at the first word of a line: the length of "NAME=" or "NAME+=" for one of ours, else 0. */
static size_t match_name(const char *at, const char *end, const char *name, bool *ret_adds)
{
	size_t length = strlen(name);

	if ((size_t)(end - at) <= length || memcmp(at, name, length) != 0)
		return 0;
	*ret_adds = at[length] == '+' && (size_t)(end - at) > length + 1 && at[length + 1] == '=';
	if (!*ret_adds && at[length] != '=')
		return 0;
	return length + (*ret_adds ? 2 : 1);
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* Whether the line at @at opens (+1) or closes (-1) something that decides what is run. */
static int nesting(const char *at, const char *end)
{
	static const char *const opening[] = {"if", "case", "for", "while", "until"};
	static const char *const closing[] = {"fi", "esac", "done"};
	size_t length = 0;

	while (at + length < end && isalpha((unsigned char)at[length]))
		length++;
	for (size_t i = 0; i < HF_ARRAY_SIZE(opening); i++) {
		if (length == strlen(opening[i]) && memcmp(at, opening[i], length) == 0)
			return 1;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(closing); i++) {
		if (length == strlen(closing[i]) && memcmp(at, closing[i], length) == 0)
			return -1;
	}
	return 0;
}

/* The next line, a line's quotes and joints left aside: values of other variables are not followed,
 * so that a quote in a comment cannot swallow the file. */
static const char *next_line(const char *at, const char *end, unsigned *number)
{
	const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;

	(*number)++;
	return newline ? newline + 1 : end;
}

static int assign(assignment *a, bool is_extra, bool adds, const char *path, unsigned number,
		  hf_grub_default *values, hf_error *err)
{
	const char *name = is_extra ? extra_name : line_name;
	const char *before = is_extra ? values->extra : values->line;

	if (adds && before)
		hf_buffer_puts(&a->value, before);
	read_value(a);
	if (a->needs_shell)
		return hf_error_at(err, -ENOTSUP, path, number, "line %u: %s is set by shell code",
				   number, name);
	const char *value = a->value.failed
				    ? NULL
				    : hf_arena_strdup(a->arena, a->value.data ? a->value.data : "");
	const char *source = hf_arena_printf(a->arena, "%s:%u", path, number);

	if (!value || !source)
		return -ENOMEM;
	*(is_extra ? &values->extra : &values->line) = value;
	*(is_extra ? &values->extra_source : &values->line_source) = source;
	return 0;
}

int hf_grub_default_parse(hf_arena *arena, const char *path, const char *text, size_t size,
			  hf_grub_default *values, hf_error *err)
{
	const char *at = text, *end = text + size;
	int depth = 0;

	for (unsigned number = 1; at < end; at = next_line(at, end, &number)) {
		hf_cleanup(free_assignment) assignment a = {
			.arena = arena,
			.values = values,
			.end = end,
		};
		bool adds, is_extra = false;

		at = skip_blanks(at, end);
		depth += nesting(at, end);
		if (end - at > 7 && memcmp(at, "export ", 7) == 0)
			at = skip_blanks(at + 7, end);
		size_t length = match_name(at, end, line_name, &adds);

		if (length == 0) {
			length = match_name(at, end, extra_name, &adds);
			is_extra = true;
		}
		if (length == 0)
			continue;
		a.at = at + length;
		a.needs_shell = depth != 0;
		int r = assign(&a, is_extra, adds, path, number, values, err);

		if (r < 0)
			return r;
		for (; at < a.at; at++)
			number += *at == '\n';
	}
	return 0;
}
