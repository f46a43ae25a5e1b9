/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles from YAML. What is misspelled is refused: a profile that silently lacks an item would look fine. */
#include "assess/profile.h"

#include "engine/yaml.h"

#include <ctype.h>

enum {
	MAX_ITEMS = 1024,
	MAX_VERSIONS = 16,
	MAX_REFS = 16,
	MAX_PARTS = 5, /* of a number */
	MAX_LEVEL = 3,
};

typedef struct reader {
	const char *path;
	hf_arena *arena;
	hf_error *err;
	const hf_profile_wish *wish;
	const char *versions[MAX_VERSIONS + 1];
	size_t version_count;
	const char *version; /* the one that is wanted */
} reader;

#define refuse(r, node, ...) hf_yaml_refuse(node, (r)->path, (r)->err, __VA_ARGS__)

/* ---- numbers ---- */

/* The next part of a dotted number; false where there is none. */
static bool next_part(const char **cursor, unsigned *ret_part)
{
	unsigned part = 0, digits = 0;

	for (; isdigit((unsigned char)**cursor) && digits < 6; digits++, (*cursor)++)
		part = part * 10 + (unsigned)(**cursor - '0');
	*ret_part = part;
	return digits > 0;
}

static bool is_number(const char *text)
{
	unsigned part;

	for (unsigned parts = 0; parts < MAX_PARTS; parts++) {
		if (!next_part(&text, &part))
			return false;
		if (!*text)
			return true;
		if (*text++ != '.')
			return false;
	}
	return false;
}

/* 1.1.9 before 1.1.10, 1 before 1.1. */
static int compare_numbers(const char *a, const char *b)
{
	for (;;) {
		unsigned x, y;
		bool has_x = next_part(&a, &x), has_y = next_part(&b, &y);

		if (!has_x || !has_y)
			return has_x - has_y;
		if (x != y)
			return x < y ? -1 : 1;
		a += *a == '.';
		b += *b == '.';
	}
}

/* ---- names ---- */

static bool is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return isalnum((unsigned char)*name) && !name[length] && length <= 64;
}

int hf_profile_split(const char *name, hf_arena *arena, const char **ret_file,
		     hf_profile_wish *ret_wish)
{
	static const char levels[] = "-level-";
	hf_profile_wish wish = {0};
	char *file = hf_arena_strdup(arena, name);

	if (!is_name(name))
		return -EINVAL;
	if (!file)
		return -ENOMEM;
	const size_t length = strlen(file), tail = sizeof levels; /* with its one digit */

	if (length > tail && strncmp(file + length - tail, levels, tail - 1) == 0 &&
	    isdigit((unsigned char)file[length - 1])) {
		wish.level = (unsigned)(file[length - 1] - '0');
		file[length - tail] = '\0';
	}
	char *dash = strrchr(file, '-');

	if (dash && dash > file && strchr(dash, '.') && is_number(dash + 1)) {
		wish.version = dash + 1;
		*dash = '\0';
	}
	wish.name = hf_arena_strdup(arena, name);
	if (!wish.name)
		return -ENOMEM;
	*ret_file = file;
	*ret_wish = wish;
	return 0;
}

/* ---- members ---- */

/* The one word or sentence of a member that must be there. */
static int take_text(reader *r, const hf_yaml *map, const char *key, const char **ret_text)
{
	const hf_yaml *node = hf_yaml_member(map, key);

	if (!node)
		return refuse(r, map, "\"%s\" is missing", key);
	if (node->kind != HF_YAML_TEXT || !*node->text)
		return refuse(r, node, "%s takes a single value", key);
	*ret_text = node->text;
	return 0;
}

static int take_list(reader *r, const hf_yaml *map, const char *key, size_t most,
		     const hf_yaml **ret_list)
{
	const hf_yaml *node = hf_yaml_member(map, key);

	if (!node)
		return refuse(r, map, "\"%s\" is missing", key);
	if (node->kind != HF_YAML_LIST || node->count == 0)
		return refuse(r, node, "%s takes a list", key);
	if (node->count > most)
		return refuse(r, node, "%s has more than %zu entries", key, most);
	*ret_list = node;
	return 0;
}

static int check_keys(reader *r, const hf_yaml *map, const char *const *known)
{
	if (map->kind != HF_YAML_MAP)
		return refuse(r, map, "this must be a mapping of keys");
	for (const hf_yaml *node = map->first; node; node = node->next) {
		const char *const *key = known;

		while (*key && strcmp(*key, node->key) != 0)
			key++;
		if (!*key)
			return refuse(r, node, "unknown key \"%.100s\"", node->key);
	}
	return 0;
}

static bool is_version(const reader *r, const char *version)
{
	for (size_t i = 0; i < r->version_count; i++) {
		if (strcmp(r->versions[i], version) == 0)
			return true;
	}
	return false;
}

static int take_versions(reader *r, const hf_yaml *root)
{
	const hf_yaml *list;
	hf_buffer known = {0};
	int result = take_list(r, root, "versions", MAX_VERSIONS, &list);

	if (result < 0)
		return result;
	for (const hf_yaml *node = list->first; node; node = node->next) {
		if (node->kind != HF_YAML_TEXT || !is_number(node->text))
			return refuse(r, node, "a version is a number such as \"1.6\"");
		r->versions[r->version_count++] = node->text;
	}
	r->version = r->wish->version ? r->wish->version : r->versions[0];
	if (is_version(r, r->version))
		return 0;
	for (size_t i = 0; i < r->version_count; i++)
		hf_buffer_printf(&known, "%s%s", i > 0 ? ", " : "", r->versions[i]);
	result = hf_error_at(r->err, -ENOENT, r->path, 0, "has no version %s; it has: %s",
			     r->version, known.failed ? "" : known.data);
	hf_buffer_free(&known);
	return result;
}

static int take_sections(reader *r, const hf_yaml *root, hf_profile *profile)
{
	static const char *const keys[] = {"number", "title", NULL};
	const hf_yaml *list;
	int result = take_list(r, root, "sections", MAX_ITEMS, &list);

	if (result < 0)
		return result;
	hf_item_section *sections = hf_arena_calloc(r->arena, list->count, sizeof *sections);

	if (!sections)
		return -ENOMEM;
	for (const hf_yaml *node = list->first; result == 0 && node; node = node->next) {
		hf_item_section *section = &sections[profile->section_count++];

		result = check_keys(r, node, keys);
		if (result == 0)
			result = take_text(r, node, "number", &section->number);
		if (result == 0)
			result = take_text(r, node, "title", &section->title);
		if (result == 0 && (!is_number(section->number) || strchr(section->number, '.')))
			result = refuse(r, node, "a section's number has one part");
		if (result == 0 && section > sections &&
		    compare_numbers(section[-1].number, section->number) >= 0)
			result = refuse(r, node, "section %.20s is out of order", section->number);
	}
	profile->sections = sections;
	return result;
}

/* ---- items ---- */

static int take_level(reader *r, const hf_yaml *node, unsigned *ret_level)
{
	const char *text = NULL;
	int64_t level;
	int result = take_text(r, node, "level", &text);

	if (result < 0)
		return result;
	if (hf_parse_i64(text, &level) < 0 || level < 1 || level > MAX_LEVEL)
		return refuse(r, hf_yaml_member(node, "level"), "level is 1 to %d, not \"%.20s\"",
			      MAX_LEVEL, text);
	*ret_level = (unsigned)level;
	return 0;
}

static int take_assessment(reader *r, const hf_yaml *node, bool *ret_is_manual)
{
	const char *word = NULL;
	int result = take_text(r, node, "assessment", &word);

	if (result < 0)
		return result;
	*ret_is_manual = strcmp(word, "manual") == 0;
	if (!*ret_is_manual && strcmp(word, "automated") != 0)
		return refuse(r, hf_yaml_member(node, "assessment"),
			      "assessment is automated or manual, not \"%.20s\"", word);
	return 0;
}

static int take_refs(reader *r, const hf_yaml *node, hf_item *item)
{
	const hf_yaml *list;
	size_t count = 0;
	int result = take_list(r, node, "refs", MAX_REFS, &list);

	if (result < 0)
		return result;
	const char **refs = hf_arena_calloc(r->arena, list->count + 1, sizeof *refs);

	if (!refs)
		return -ENOMEM;
	for (const hf_yaml *ref = list->first; ref; ref = ref->next) {
		if (ref->kind != HF_YAML_TEXT || !strchr(ref->text, ':'))
			return refuse(r, ref, "a reference is SOURCE:NUMBER");
		refs[count++] = ref->text;
	}
	item->refs = refs;
	return 0;
}

/* "numbers": versions in which "number" is another, or with "none" is not there. */
static int check_numbers(reader *r, const hf_yaml *node)
{
	const hf_yaml *plain = hf_yaml_member(node, "number");
	const hf_yaml *numbers = hf_yaml_member(node, "numbers");

	if (!plain && !numbers)
		return refuse(r, node, "\"number\" is missing");
	if (plain && (plain->kind != HF_YAML_TEXT || !is_number(plain->text)))
		return refuse(r, plain, "a number is one such as 2.7");
	if (numbers && numbers->kind != HF_YAML_MAP)
		return refuse(r, numbers, "numbers takes a mapping from version to number");
	for (const hf_yaml *one = numbers ? numbers->first : NULL; one; one = one->next) {
		if (!is_version(r, one->key))
			return refuse(r, one, "there is no version %.20s", one->key);
		if (one->kind != HF_YAML_TEXT ||
		    (!is_number(one->text) && strcmp(one->text, "none") != 0))
			return refuse(r, one, "a number is one such as 2.7, or none");
	}
	return 0;
}

/* NULL: the version has no such item. */
static const char *number_in(const hf_yaml *node, const char *version)
{
	const hf_yaml *numbers = hf_yaml_member(node, "numbers");
	const hf_yaml *number = numbers ? hf_yaml_member(numbers, version) : NULL;

	if (!number)
		number = hf_yaml_member(node, "number");
	return number && strcmp(number->text, "none") != 0 ? number->text : NULL;
}

static int take_numbers(reader *r, const hf_yaml *node, hf_item *item)
{
	int result = check_numbers(r, node);

	if (result < 0)
		return result;
	hf_item_number *others = hf_arena_calloc(r->arena, r->version_count, sizeof *others);

	if (!others)
		return -ENOMEM;
	item->number = number_in(node, r->version);
	for (size_t i = 0; item->number && i < r->version_count; i++) {
		const char *number = number_in(node, r->versions[i]);

		if (number && strcmp(number, item->number) != 0)
			others[item->other_count++] =
				(hf_item_number){.version = r->versions[i], .number = number};
	}
	item->others = others;
	return 0;
}

static bool has_section(const hf_profile *profile, const char *number)
{
	const size_t length = strcspn(number, ".");

	for (size_t i = 0; i < profile->section_count; i++) {
		const char *section = profile->sections[i].number;

		if (strncmp(section, number, length) == 0 && !section[length])
			return number[length] == '.';
	}
	return false;
}

static int take_item(reader *r, const hf_yaml *node, const hf_profile *profile, hf_item *item)
{
	static const char *const keys[] = {"number", "numbers", "level", "assessment", "title",
					   "refs",   "look",	NULL};
	int result = check_keys(r, node, keys);

	if (result == 0)
		result = take_numbers(r, node, item);
	if (result == 0)
		result = take_level(r, node, &item->level);
	if (result == 0)
		result = take_assessment(r, node, &item->is_manual);
	if (result == 0)
		result = take_text(r, node, "title", &item->title);
	if (result == 0)
		result = take_text(r, node, "look", &item->look);
	if (result == 0)
		result = take_refs(r, node, item);
	if (result == 0 && item->number && !has_section(profile, item->number))
		result = refuse(r, node, "item %.20s is in no section", item->number);
	return result;
}

static int compare_items(const void *a, const void *b)
{
	return compare_numbers(((const hf_item *)a)->number, ((const hf_item *)b)->number);
}

static int compare_refs(const void *a, const void *b)
{
	const hf_item *x = *(const hf_item *const *)a, *y = *(const hf_item *const *)b;
	int order = strcmp(x->refs[0], y->refs[0]);

	return order ? order : compare_items(x, y);
}

static int sort_items(reader *r, const hf_yaml *list, hf_item *items, hf_profile *profile)
{
	const hf_item **by_ref = hf_arena_calloc(r->arena, profile->item_count + 1, sizeof *by_ref);

	if (!by_ref)
		return -ENOMEM;
	if (profile->item_count == 0)
		return hf_error_at(r->err, -ENOENT, r->path, 0, "has no item of level %u",
				   r->wish->level);
	qsort(items, profile->item_count, sizeof *items, compare_items);
	for (size_t i = 0; i < profile->item_count; i++) {
		if (i > 0 && compare_items(&items[i - 1], &items[i]) == 0)
			return refuse(r, list, "number %.20s is there twice", items[i].number);
		by_ref[i] = &items[i];
	}
	qsort(by_ref, profile->item_count, sizeof(const hf_item *), compare_refs);
	profile->items = items;
	profile->by_ref = by_ref;
	return 0;
}

static int take_items(reader *r, const hf_yaml *root, hf_profile *profile)
{
	const hf_yaml *list;
	unsigned highest = 0;
	int result = take_list(r, root, "items", MAX_ITEMS, &list);

	if (result < 0)
		return result;
	hf_item *items = hf_arena_calloc(r->arena, list->count, sizeof *items);

	if (!items)
		return -ENOMEM;
	for (const hf_yaml *node = list->first; node; node = node->next) {
		hf_item item = {0};

		result = take_item(r, node, profile, &item);
		if (result < 0)
			return result;
		highest = item.level > highest ? item.level : highest;
		if (!item.number || (r->wish->level && item.level > r->wish->level))
			continue;
		items[profile->item_count++] = item;
		profile->level = item.level > profile->level ? item.level : profile->level;
	}
	if (r->wish->level > highest)
		return hf_error_at(r->err, -ENOENT, r->path, 0,
				   "has no level %u; the highest is %u", r->wish->level, highest);
	return sort_items(r, list, items, profile);
}

int hf_profile_parse(const char *text, size_t size, const char *path, const hf_profile_wish *wish,
		     hf_arena *arena, const hf_profile **ret_profile, hf_error *err)
{
	static const char *const keys[] = {"benchmark", "title", "versions",
					   "sections",	"items", NULL};
	reader r = {.path = path, .arena = arena, .err = err, .wish = wish};
	hf_profile *profile = hf_arena_alloc(arena, sizeof *profile);
	const hf_yaml *root;
	int result = profile ? hf_yaml_parse(text, size, path, arena, &root, err) : -ENOMEM;

	if (result == 0)
		result = check_keys(&r, root, keys);
	if (result == 0)
		result = take_text(&r, root, "benchmark", &profile->benchmark);
	if (result == 0)
		result = take_text(&r, root, "title", &profile->title);
	if (result == 0)
		result = take_versions(&r, root);
	if (result == 0)
		result = take_sections(&r, root, profile);
	if (result == 0)
		result = take_items(&r, root, profile);
	if (result < 0)
		return result;
	profile->name = wish->name;
	profile->version = r.version;
	*ret_profile = profile;
	return 0;
}

/* ---- which checks answer ---- */

/* Where @wanted stands first among the row's references; NULL: nowhere. */
static const char *const *find_ref(const hf_check *row, const char *wanted)
{
	for (const char *const *ref = row->refs; ref && *ref; ref++) {
		if (strcmp(*ref, wanted) == 0)
			return ref;
	}
	return NULL;
}

static bool has_all(const hf_check *row, const char *const *refs)
{
	while (*refs && find_ref(row, *refs))
		refs++;
	return !*refs;
}

/* Of the items by their first references, the first whose is not before @ref. */
static size_t first_at(const hf_profile *profile, const char *ref)
{
	size_t low = 0, high = profile->item_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(profile->by_ref[middle]->refs[0], ref) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void hf_profile_answered(const hf_profile *profile, const hf_check *row,
			 void (*found)(const hf_item *item, void *data), void *data)
{
	for (const char *const *ref = row->refs; ref && *ref; ref++) {
		for (size_t i = first_at(profile, *ref);
		     i < profile->item_count && strcmp(profile->by_ref[i]->refs[0], *ref) == 0;
		     i++) {
			if (find_ref(row, *ref) == ref && has_all(row, profile->by_ref[i]->refs))
				found(profile->by_ref[i], data);
		}
	}
}

static void note_it(const hf_item *item, void *data)
{
	(void)item;
	*(bool *)data = true;
}

bool hf_profile_has(const void *profile, const hf_check *row)
{
	bool has_any = false;

	hf_profile_answered(profile, row, note_it, &has_any);
	return has_any;
}
