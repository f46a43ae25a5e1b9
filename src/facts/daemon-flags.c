/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dockerd's command line, read as its flag library (pflag) reads it. */
#include "facts/parts.h"

#include <stdio.h>

/* A program has no more arguments than its kernel lets it have; ours are for one daemon. */
enum { MAX_ARGUMENTS = 4096 };

typedef struct parse {
	hf_arena *arena;
	hf_flags *flags;
	hf_setting *settings;
	size_t room;
	hf_error *err;
} parse;

bool hf_parse_go_bool(const char *text, bool *ret_value)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
	static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(yes); i++) {
		if (strcmp(text, yes[i]) == 0) {
			*ret_value = true;
			return true;
		}
		if (strcmp(text, no[i]) == 0) {
			*ret_value = false;
			return true;
		}
	}
	return false;
}

static bool is_many(hf_option_kind kind)
{
	switch (kind) {
	case HF_OPTION_BOOL:
	case HF_OPTION_NUMBER:
	case HF_OPTION_SIZE:
	case HF_OPTION_TEXT:
	case HF_OPTION_OBJECT:
		return false;
	case HF_OPTION_LIST:
	case HF_OPTION_MAP:
	case HF_OPTION_BOOLS:
	case HF_OPTION_ULIMITS:
	case HF_OPTION_RUNTIMES:
	case HF_OPTION_POOLS:
	case HF_OPTION_NESTED:
		return true;
	}
	return false;
}

void hf_items_add(hf_buffer *items, const char *item)
{
	hf_buffer_puts(items, items->size > 0 ? "\n" : "");
	for (const char *at = item; *at; at++) {
		if (*at == '\n')
			hf_buffer_puts(items, "\\n");
		else
			hf_buffer_add(items, at, 1);
	}
}

const char *hf_items_find(hf_arena *arena, const char *items, const char *name)
{
	const char *cursor = items, *line, *found = NULL;
	size_t length, name_length = strlen(name), found_length = 0;

	while (hf_next_line(&cursor, items + strlen(items), &line, &length)) {
		if (length > name_length && memcmp(line, name, name_length) == 0 &&
		    line[name_length] == '=') {
			found = line + name_length + 1; /* the last one counts */
			found_length = length - name_length - 1;
		}
	}
	return found ? hf_checked(hf_arena_memdup(arena, found, found_length)) : NULL;
}

static hf_setting *find_setting(parse *p, const hf_option_row *row)
{
	for (size_t i = 0; i < p->flags->count; i++) {
		if (p->settings[i].row == row)
			return &p->settings[i];
	}
	return NULL;
}

/* A boolean as "true" or "false", a soft limit alone as both; anything else as it stands. */
static const char *normal_value(parse *p, const hf_option_row *row, const char *value)
{
	const char *limit = strchr(value, '=');
	bool is_true;

	if (row->kind == HF_OPTION_BOOL)
		return hf_parse_go_bool(value, &is_true) ? is_true ? "true" : "false" : NULL;
	if (row->kind == HF_OPTION_BOOLS && !strchr(value, '='))
		return hf_checked(hf_arena_printf(p->arena, "%s=true", value));
	if (row->kind == HF_OPTION_ULIMITS && limit && !strchr(limit, ':'))
		return hf_checked(hf_arena_printf(p->arena, "%s:%s", value, limit + 1));
	return value;
}

static int set(parse *p, const hf_option_row *row, const char *given)
{
	const char *value = normal_value(p, row, given);
	hf_setting *setting = find_setting(p, row);
	hf_buffer items = {0};

	if (!value)
		return hf_error_set(p->err, -EBADMSG, "--%s=%s is no boolean", hf_option_flag(row),
				    given);
	if (!setting && p->flags->count == p->room)
		return -E2BIG;
	if (setting && is_many(row->kind)) {
		hf_buffer_puts(&items, setting->value);
		hf_items_add(&items, value);
	} else if (is_many(row->kind)) {
		hf_items_add(&items, value);
	} else {
		hf_buffer_puts(&items, value);
	}
	if (!setting) {
		setting = &p->settings[p->flags->count++];
		setting->row = row;
	}
	setting->value = items.failed ? NULL : hf_arena_strdup(p->arena, items.data);
	hf_buffer_free(&items);
	return setting->value ? 0 : -ENOMEM;
}

/* Flags of dockerd that are no options. */
static bool is_bare(const char *name, size_t length)
{
	static const char *const names[] = {"help", "version", "validate", "tls", "tlsverify"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	}
	return false;
}

/* "--name", "--name=value", "--name value". Returns how many arguments it took. */
static int take_long(parse *p, const char *const *argv, size_t left)
{
	const char *name = argv[0] + 2;
	const char *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const hf_option_row *row = hf_option_by_flag(name, length);
	bool is_config = length == strlen("config-file") && memcmp(name, "config-file", length) == 0;

	if (!row && !is_config) {
		/* an engine newer than our table: dockerd takes no arguments, so a word that is no flag can only
		 * be the value of the one before it */
		bool has_value = !equals && !is_bare(name, length) && left > 1 && *argv[1] != '-';

		return has_value ? 2 : 1;
	}
	const char *value = equals ? equals + 1 : left > 1 ? argv[1] : NULL;
	int took = equals ? 1 : 2;

	if (row && row->kind == HF_OPTION_BOOL && !equals) {
		/* pflag never looks at the next word: "--icc false" is --icc, and a stray argument */
		value = "true";
		took = 1;
	}
	if (!value)
		return hf_error_set(p->err, -EBADMSG, "--%.*s needs a value", (int)length, name);
	if (is_config) {
		p->flags->config_file = value;
		return took;
	}
	int r = set(p, row, value);

	return r < 0 ? r : took;
}

/* "-D", "-Dl debug", "-ldebug", "-l=debug". */
static int take_short(parse *p, const char *const *argv, size_t left)
{
	for (const char *at = argv[0] + 1; *at; at++) {
		const hf_option_row *row = hf_option_by_letter(*at);
		const char *value = at + 1;
		int took = 1, r;

		if (!row && (*at == 'v' || *at == 'h'))
			continue;
		if (!row)
			return hf_error_set(p->err, -EBADMSG, "-%c is no flag of dockerd", *at);
		if (row->kind == HF_OPTION_BOOL && *value != '=') {
			r = set(p, row, "true");
			if (r < 0)
				return r;
			continue;
		}
		if (*value == '=') {
			value++;
		} else if (*value == '\0') {
			if (left < 2)
				return hf_error_set(p->err, -EBADMSG, "-%c needs a value", *at);
			value = argv[1];
			took = 2;
		}
		r = set(p, row, value);
		return r < 0 ? r : took;
	}
	return 1;
}

int hf_flags_parse(hf_arena *arena, const char *const *argv, size_t argc, hf_flags *flags,
		   hf_error *err)
{
	parse p = {.arena = arena, .flags = flags, .err = err};

	if (argc > MAX_ARGUMENTS)
		return hf_error_set(err, -E2BIG, "more than %d arguments", MAX_ARGUMENTS);
	/* a cluster of short flags can set as many as it has letters, but each row only once */
	for (const hf_option_row *row = hf_option_rows; row->name; row++)
		p.room++;
	p.settings = hf_arena_calloc(arena, p.room, sizeof *p.settings);
	if (!p.settings)
		return -ENOMEM;
	flags->all = p.settings;
	flags->count = 0;
	flags->config_file = NULL;
	for (size_t i = 0; i < argc;) {
		const char *word = argv[i];
		int took;

		if (strcmp(word, "--") == 0 && i + 1 == argc)
			break;
		if (word[0] != '-' || word[1] == '\0' || strcmp(word, "--") == 0)
			return hf_error_set(err, -EBADMSG, "dockerd takes no argument \"%s\"", word);
		took = word[1] == '-' ? take_long(&p, argv + i, argc - i)
				      : take_short(&p, argv + i, argc - i);
		if (took < 0)
			return took;
		i += (size_t)took;
	}
	return 0;
}

int hf_flags_parse_cmdline(hf_arena *arena, const char *text, size_t size, hf_flags *flags,
			   hf_error *err)
{
	size_t argc = 0, i = 0;

	if (size == 0)
		return hf_error_set(err, -EBADMSG, "is empty");
	if (text[size - 1] != '\0')
		return hf_error_set(err, -EBADMSG, "does not end as a list of arguments does");
	for (size_t at = 0; at < size; at++)
		argc += text[at] == '\0';
	if (argc > MAX_ARGUMENTS)
		return hf_error_set(err, -E2BIG, "more than %d arguments", MAX_ARGUMENTS);
	const char **argv = hf_arena_calloc(arena, argc + 1, sizeof *argv);

	if (!argv)
		return -ENOMEM;
	for (const char *at = text; at < text + size; i++) {
		size_t length = strnlen(at, size - (size_t)(at - text));

		argv[i] = hf_arena_memdup(arena, at, length);
		if (!argv[i])
			return -ENOMEM;
		at += length + 1;
	}
	return hf_flags_parse(arena, argv + 1, i > 0 ? i - 1 : 0, flags, err);
}

const char *hf_flags_value(const hf_flags *flags, const hf_option_row *row)
{
	for (size_t i = 0; i < flags->count; i++) {
		if (flags->all[i].row == row)
			return flags->all[i].value;
	}
	return NULL;
}
