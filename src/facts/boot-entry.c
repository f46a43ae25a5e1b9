/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of the Boot Loader Specification (uapi-group.org), and how systemd-boot chooses among
 * them. */
#include "facts/boot-loader.h"

#include <fnmatch.h>

enum { MAX_OPTIONS_BYTES = 64 * 1024 };

/* "name+3-1.conf" -> "name": the counters of automatic boot assessment. */
static char *id_of(hf_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *id = hf_arena_strdup(arena, slash ? slash + 1 : path);

	if (!id)
		return NULL;
	if (hf_has_suffix(id, ".conf"))
		id[strlen(id) - strlen(".conf")] = '\0';
	char *plus = strrchr(id, '+');

	if (plus && plus[1] && plus[1 + strspn(plus + 1, "0123456789-")] == '\0')
		*plus = '\0';
	return id;
}

/* Splits "key  value"; false for blank lines and comments. */
static bool split(char *line, char **ret_key, char **ret_value)
{
	char *key = hf_strip(line);
	size_t length = strcspn(key, " \t");

	if (*key == '\0' || *key == '#')
		return false;
	*ret_value = hf_strip(key + length);
	key[length] = '\0';
	*ret_key = key;
	return true;
}

static void set(hf_boot_entry *entry, const char *key, const char *value)
{
	if (strcmp(key, "title") == 0)
		entry->title = value;
	else if (strcmp(key, "version") == 0)
		entry->version = value;
	else if (strcmp(key, "machine-id") == 0)
		entry->machine_id = value;
	else if (strcmp(key, "sort-key") == 0)
		entry->sort_key = value;
}

int hf_boot_entry_parse(hf_arena *arena, const char *path, const char *text, size_t size,
			hf_boot_entry *ret_entry)
{
	hf_cleanup(hf_buffer_free) hf_buffer options = {0};
	hf_boot_entry entry = {
		.path = path,
		.title = "",
		.version = "",
		.machine_id = "",
		.sort_key = "",
	};
	const char *cursor = text, *line;
	bool is_linux = false;
	size_t length;

	for (unsigned number = 1; hf_next_line(&cursor, text + size, &line, &length); number++) {
		char *copy = hf_arena_memdup(arena, line, length), *key, *value;

		if (!copy)
			return -ENOMEM;
		if (!split(copy, &key, &value))
			continue;
		set(&entry, key, value);
		is_linux |= strcmp(key, "linux") == 0;
		if (strcmp(key, "options") != 0 || options.size > MAX_OPTIONS_BYTES)
			continue;
		if (options.size == 0)
			entry.options_number = number;
		else
			hf_buffer_puts(&options, " ");
		hf_buffer_puts(&options, value);
	}
	entry.id = id_of(arena, path);
	if (is_linux)
		entry.options = hf_arena_strdup(arena, options.data ? options.data : "");
	if (!entry.id || options.failed || (is_linux && !entry.options))
		return -ENOMEM;
	*ret_entry = entry;
	return 0;
}

static int newest_first(const char *a, const char *b)
{
	return strverscmp(b, a);
}

int hf_boot_entry_by_name(const void *a, const void *b)
{
	const hf_boot_entry *x = a, *y = b;

	return newest_first(x->id, y->id);
}

int hf_boot_entry_by_key(const void *a, const void *b)
{
	const hf_boot_entry *x = a, *y = b;
	int order = (*x->sort_key == '\0') - (*y->sort_key == '\0'); /* those with one come first */

	if (order == 0 && *x->sort_key) {
		order = strcmp(x->sort_key, y->sort_key);
		if (order == 0)
			order = strcmp(x->machine_id, y->machine_id);
		if (order == 0)
			order = newest_first(x->version, y->version);
	}
	return order ? order : newest_first(x->id, y->id);
}

int hf_loader_conf_parse(hf_arena *arena, const char *text, size_t size, const char **ret_pattern)
{
	const char *cursor = text, *line, *pattern = NULL;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		char *copy = hf_arena_memdup(arena, line, length), *key, *value;

		if (!copy)
			return -ENOMEM;
		if (split(copy, &key, &value) && strcmp(key, "default") == 0 && *value)
			pattern = value;
	}
	*ret_pattern = pattern;
	return 0;
}

const hf_boot_entry *hf_loader_choose(const hf_boot_entry *entries, size_t count,
				      const char *pattern)
{
	char id[300];

	if (!pattern)
		return count > 0 ? &entries[0] : NULL;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(entries[i].id);

		if (length + sizeof ".conf" > sizeof id)
			continue;
		memcpy(id, entries[i].id, length);
		memcpy(id + length, ".conf", sizeof ".conf");
		if (fnmatch(pattern, id, FNM_CASEFOLD) == 0 ||
		    fnmatch(pattern, entries[i].id, FNM_CASEFOLD) == 0)
			return &entries[i];
	}
	return NULL;
}
