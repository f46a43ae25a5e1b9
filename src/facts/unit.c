/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit files as systemd merges them: systemd.unit(5), systemd.syntax(7). */
#include "facts/parts.h"

#include <ctype.h>
#include <stdio.h>

/* systemd.unit(5), "Unit File Load Path" of the system manager, highest precedence first. */
static const char *const folders[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	"/etc/systemd/system",	       "/etc/systemd/system.attached",
	"/run/systemd/system",	       "/run/systemd/system.attached",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

/* Settings that add up; an empty assignment starts anew. */
static const char *const lists[] = {
	"Environment", "EnvironmentFile", "ExecReload", "ExecStart", "ExecStartPost",
	"ExecStartPre", "ListenDatagram", "ListenSequentialPacket", "ListenStream",
	"PassEnvironment", "UnsetEnvironment",
};

/* ---- one file ---- */

typedef struct reading {
	hf_arena *arena;
	const char *path;
	const char *section;
	hf_list *lines;
} reading;

static int add_line(reading *r, char *text, unsigned number)
{
	char *line = hf_strip(text);
	size_t length = strlen(line);
	char *equals = strchr(line, '=');

	if (*line == '[' && length > 1 && line[length - 1] == ']') {
		line[length - 1] = '\0';
		r->section = hf_arena_strdup(r->arena, line + 1);
		return r->section ? 0 : -ENOMEM;
	}
	if (!equals || !r->section)
		return 0;
	*equals = '\0';
	hf_unit_line *added = hf_arena_alloc(r->arena, sizeof *added);

	if (!added)
		return -ENOMEM;
	added->section = r->section;
	added->key = hf_arena_strdup(r->arena, hf_strip(line));
	added->value = hf_arena_strdup(r->arena, hf_strip(equals + 1));
	added->source = hf_arena_printf(r->arena, "%s:%u", r->path, number);
	if (!added->key || !added->value || !added->source)
		return -ENOMEM;
	return hf_list_add(r->lines, added);
}

static bool is_comment(const char *line, size_t length)
{
	while (length > 0 && isspace((unsigned char)*line)) {
		line++;
		length--;
	}
	return length > 0 && (*line == '#' || *line == ';');
}

int hf_unit_parse(hf_arena *arena, const char *path, const char *text, size_t size, hf_list *lines)
{
	reading r = {.arena = arena, .path = path, .lines = lines};
	const char *cursor = text, *line;
	size_t length;
	hf_buffer whole = {0};
	unsigned number = 0, first = 0;
	int result = 0;

	while (result >= 0 && hf_next_line(&cursor, text + size, &line, &length)) {
		number++;
		/* comments between continued lines are skipped, too */
		if (is_comment(line, length))
			continue;
		if (whole.size == 0)
			first = number;
		bool goes_on = length > 0 && line[length - 1] == '\\';

		hf_buffer_add(&whole, line, goes_on ? length - 1 : length);
		if (goes_on) {
			hf_buffer_puts(&whole, " ");
			continue;
		}
		result = whole.failed ? -ENOMEM : add_line(&r, whole.data, first);
		whole.size = 0;
	}
	if (result >= 0 && whole.size > 0)
		result = whole.failed ? -ENOMEM : add_line(&r, whole.data, first);
	hf_buffer_free(&whole);
	return result;
}

/* ---- words ---- */

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)	     ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* @at behind a backslash; adds what it stands for and returns what follows. */
static const char *unescape(const char *at, hf_buffer *word)
{
	static const char letters[] = "abfnrtvs\\\"'", values[] = "\a\b\f\n\r\t\v \\\"'";
	const char *known = *at ? strchr(letters, *at) : NULL;
	char byte;

	if (known) {
		hf_buffer_add(word, &values[known - letters], 1);
		return at + 1;
	}
	if (*at == 'x' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
		byte = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
		hf_buffer_add(word, &byte, 1);
		return at + 3;
	}
	hf_buffer_puts(word, "\\");
	return at;
}

static int end_word(hf_arena *arena, hf_buffer *word, hf_list *words)
{
	char *copy = word->failed ? NULL
				  : hf_arena_memdup(arena, word->data ? word->data : "", word->size);

	word->size = 0;
	return copy ? hf_list_add(words, copy) : -ENOMEM;
}

int hf_unit_split(hf_arena *arena, const char *text, hf_list *words)
{
	hf_buffer word = {0};
	bool is_open = false;
	char quote = '\0';
	int r = 0;

	for (const char *at = text; r >= 0 && *at;) {
		if (!quote && isspace((unsigned char)*at)) {
			r = is_open ? end_word(arena, &word, words) : 0;
			is_open = false;
			at++;
			continue;
		}
		is_open = true;
		if (*at == '\\' && at[1]) {
			at = unescape(at + 1, &word);
			continue;
		}
		if (quote ? *at == quote : *at == '"' || *at == '\'')
			quote = quote ? '\0' : *at;
		else
			hf_buffer_add(&word, at, 1);
		at++;
	}
	if (r >= 0 && is_open)
		r = end_word(arena, &word, words);
	hf_buffer_free(&word);
	return r;
}

/* ---- a unit with its drop-ins ---- */

typedef struct unit_parts {
	hf_unit unit; /* first: what the public getter returns */
	hf_unit_line *const *lines;
	size_t line_count;
} unit_parts;

static bool is_null_device(const hf_file *file)
{
	return file->type == HF_FILE_CHAR_DEVICE && file->rdev_major == 1 && file->rdev_minor == 3;
}

/* The unit's own file: the first folder that has it counts alone. */
static const hf_file *find_fragment(hf_facts *facts, const char *name)
{
	const hf_file *file = NULL;

	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		file = hf_facts_file(facts, hf_checked(hf_arena_printf(
						    hf_facts_arena(facts), "%s/%s", folders[i], name)));
		if (file->fact.state != HF_ABSENT)
			return file;
	}
	return file;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int compare_base_names(const void *a, const void *b)
{
	const hf_file *const *x = a, *const *y = b;

	return strcmp(base_name((*x)->fact.source), base_name((*y)->fact.source));
}

static bool has_namesake(const hf_list *files, const hf_file *file)
{
	for (size_t i = 0; i < files->count; i++) {
		const hf_file *other = files->items[i];

		if (strcmp(base_name(other->fact.source), base_name(file->fact.source)) == 0)
			return true;
	}
	return false;
}

/* The folder above was listed and has no such folder; then nobody need have asked for it by itself. */
static bool is_known_missing(hf_facts *facts, const char *folder, const char *name)
{
	const hf_dir *above = hf_facts_dir(facts, folder);

	if (hf_facts_ask(facts, HF_ASK_DIR, hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/%s",
									 folder, name))))
		return false;
	return above->fact.state == HF_ABSENT ||
	       (above->fact.state == HF_PRESENT && !hf_dir_has(above, name));
}

/* Drop-ins of the unit, then those for every unit of its type ("service.d"); in each the earlier folder masks
 * its namesakes. False when something of it could not be read. */
static bool gather_drop_ins(hf_facts *facts, const char *name, hf_list *files, hf_fact *ret_why)
{
	const char *const owners[] = {name, strrchr(name, '.') + 1};

	for (size_t i = 0; i < HF_ARRAY_SIZE(owners) * HF_ARRAY_SIZE(folders); i++) {
		hf_arena *arena = hf_facts_arena(facts);
		const char *folder = folders[i % HF_ARRAY_SIZE(folders)];
		const char *drop_ins = hf_checked(
			hf_arena_printf(arena, "%s.d", owners[i / HF_ARRAY_SIZE(folders)]));
		const hf_file *const *found;

		if (is_known_missing(facts, folder, drop_ins))
			continue;
		size_t count = hf_facts_files_matching(
			facts, hf_checked(hf_arena_printf(arena, "%s/%s/*.conf", folder, drop_ins)),
			&found);

		for (size_t k = 0; k < count; k++) {
			hf_fact fact = hf_file_whole(found[k]);

			if (fact.state == HF_UNREADABLE && !is_null_device(found[k])) {
				*ret_why = fact;
				return false;
			}
			if (!has_namesake(files, found[k]) &&
			    hf_list_add(files, (void *)(uintptr_t)found[k]) < 0)
				hf_facts_out_of_memory();
		}
	}
	if (files->count > 0)
		qsort(files->items, files->count, sizeof *files->items, compare_base_names);
	return true;
}

static void keep_files(hf_facts *facts, unit_parts *parts, const hf_file *fragment,
		       const hf_list *drop_ins)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_file **files =
		hf_checked(hf_arena_calloc(arena, drop_ins->count + 2, sizeof *files));
	hf_cleanup(hf_list_free) hf_list lines = {0};
	size_t count = 0;

	files[count++] = fragment;
	for (size_t i = 0; i < drop_ins->count; i++) {
		const hf_file *file = drop_ins->items[i];

		if (file->fact.state == HF_PRESENT)
			files[count++] = file;
	}
	for (size_t i = 0; i < count; i++) {
		if (hf_unit_parse(arena, files[i]->fact.source, files[i]->data, files[i]->size, &lines) < 0)
			hf_facts_out_of_memory();
	}
	hf_unit_line **all = hf_checked(hf_arena_calloc(arena, lines.count + 1, sizeof *all));

	for (size_t i = 0; i < lines.count; i++)
		all[i] = lines.items[i];
	parts->unit.files = files;
	parts->unit.count = count;
	parts->lines = all;
	parts->line_count = lines.count;
}

static const void *compute_unit(hf_facts *facts, const char *name)
{
	unit_parts *parts = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *parts));
	hf_cleanup(hf_list_free) hf_list drop_ins = {0};

	if (!strrchr(name, '.')) {
		parts->unit.fact = (hf_fact){
			.state = HF_UNREADABLE, .source = name, .why = "is no unit's name"};
		return parts;
	}
	const hf_file *fragment = find_fragment(facts, name);

	parts->unit.fact = hf_file_whole(fragment);
	if (fragment->fact.state == HF_ABSENT)
		parts->unit.fact.source = name;
	if (is_null_device(fragment) ||
	    (parts->unit.fact.state == HF_PRESENT && fragment->size == 0)) {
		/* a link to /dev/null or an empty file: systemctl mask */
		parts->unit.fact = (hf_fact){.state = HF_PRESENT, .source = fragment->fact.source};
		parts->unit.is_masked = true;
		return parts;
	}
	if (parts->unit.fact.state == HF_PRESENT &&
	    gather_drop_ins(facts, name, &drop_ins, &parts->unit.fact))
		keep_files(facts, parts, fragment, &drop_ins);
	return parts;
}

static const hf_fact_type unit_type = {.name = "unit", .compute = compute_unit};

const hf_unit *hf_facts_unit(hf_facts *facts, const char *name)
{
	return hf_facts_once(facts, &unit_type, name);
}

const hf_unit *hf_unit_get(hf_check_run *run, const char *name)
{
	return hf_facts_unit(hf_facts_of(run), name);
}

/* ---- settings ---- */

static bool is_list(const char *key)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(lists); i++) {
		if (strcmp(lists[i], key) == 0)
			return true;
	}
	return false;
}

static void find_setting(hf_arena *arena, const unit_parts *parts, const char *section,
			 size_t section_length, const char *key, hf_unit_setting *setting)
{
	hf_buffer all = {0};
	bool is_set = false;

	for (size_t i = 0; i < parts->line_count; i++) {
		const hf_unit_line *line = parts->lines[i];

		if (strlen(line->section) != section_length ||
		    memcmp(line->section, section, section_length) != 0 ||
		    strcmp(line->key, key) != 0)
			continue;
		if (!is_list(key) || *line->value == '\0')
			all.size = 0;
		if (*line->value != '\0')
			hf_items_add(&all, line->value);
		is_set = *line->value != '\0';
		setting->fact.source = line->source;
	}
	if (is_set || all.size > 0) {
		setting->fact.state = HF_PRESENT;
		setting->value = all.failed ? NULL : hf_arena_memdup(arena, all.data, all.size);
		if (!setting->value)
			hf_facts_out_of_memory();
	} else {
		setting->fact.state = HF_ABSENT;
		setting->fact.why = "is not set";
	}
	hf_buffer_free(&all);
}

/* @key: "unit/Section.Key". */
static const void *compute_setting(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_unit_setting *setting = hf_checked(hf_arena_alloc(arena, sizeof *setting));
	const char *slash = strchr(key, '/');
	const char *dot = slash ? strchr(slash, '.') : NULL;

	if (!dot) {
		setting->fact = (hf_fact){
			.state = HF_UNREADABLE, .source = key, .why = "is no Section.Key"};
		return setting;
	}
	const char *name = hf_checked(hf_arena_memdup(arena, key, (size_t)(slash - key)));
	const hf_unit *unit = hf_facts_unit(facts, name);

	setting->fact = unit->fact;
	if (unit->fact.state == HF_PRESENT && unit->is_masked) {
		setting->fact.state = HF_ABSENT;
		setting->fact.why = "the unit is masked";
	} else if (unit->fact.state == HF_PRESENT) {
		/* unit is the first member of unit_parts */
		find_setting(arena, (const unit_parts *)(const void *)unit, slash + 1,
			     (size_t)(dot - slash - 1), dot + 1, setting);
	}
	return setting;
}

static const hf_fact_type setting_type = {.name = "unit-setting", .compute = compute_setting};

const hf_unit_setting *hf_facts_unit_setting(hf_facts *facts, const char *unit, const char *key)
{
	return hf_facts_once(facts, &setting_type,
			     hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/%s", unit, key)));
}

const hf_unit_setting *hf_unit_setting_get(hf_check_run *run, const char *unit, const char *key)
{
	return hf_facts_unit_setting(hf_facts_of(run), unit, key);
}
