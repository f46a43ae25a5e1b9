/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon.json, read as dockerd reads it: daemon/config/config.go of moby. */
#include "facts/parts.h"

#include <stdio.h>

typedef struct parse {
	hf_arena *arena;
	const char *version;
	const hf_flags *flags;
	const char *text; /* in UTF-8 */
	size_t size;
	hf_config_key *keys;
	size_t key_room;
	hf_setting *settings;
	size_t setting_room;
	hf_config *config;
} parse;

/* ---- encodings ---- */

static void add_rune(hf_buffer *out, uint32_t rune)
{
	char bytes[4];
	size_t length = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0x00, 0xc0, 0xe0, 0xf0};

	for (size_t i = length; i-- > 1; rune >>= 6)
		bytes[i] = (char)(0x80 | (rune & 0x3f));
	bytes[0] = (char)(lead[length] | rune);
	hf_buffer_add(out, bytes, length);
}

static void decode_utf16(const unsigned char *text, size_t size, bool is_big, hf_buffer *out)
{
	uint32_t high = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		uint32_t unit = is_big ? (uint32_t)text[i] << 8 | text[i + 1]
				       : (uint32_t)text[i + 1] << 8 | text[i];
		bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

		if (high && is_low) {
			add_rune(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
			high = 0;
			continue;
		}
		if (high || is_low)
			add_rune(out, 0xfffd);
		high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
		if (!high && !is_low)
			add_rune(out, unit);
	}
	if (high || size % 2)
		add_rune(out, 0xfffd);
}

/* A byte-order mark decides, from 23.0 on; an older engine takes it for a syntax error. */
static int decode(parse *p, const char *text, size_t size, hf_error *err)
{
	const unsigned char *bytes = (const unsigned char *)text;
	bool is_utf8 = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
	bool is_big = size >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
	bool is_little = size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe;
	hf_buffer out = {0};
	int order;

	p->text = text;
	p->size = size;
	if (!is_utf8 && !is_big && !is_little)
		return 0;
	if (!hf_version_compare(p->version, "23.0", &order))
		return hf_error_set(err, -EBADMSG,
				    "line 1: begins with a byte-order mark, which engines before 23.0 refuse "
				    "(the engine's version is not known)");
	if (order < 0)
		return hf_error_set(err, -EBADMSG,
				    "line 1: begins with a byte-order mark, which this engine refuses");
	if (is_utf8) {
		p->text = text + 3;
		p->size = size - 3;
		return 0;
	}
	decode_utf16(bytes + 2, size - 2, is_big, &out);
	p->size = out.size;
	p->text = out.failed ? NULL : hf_arena_memdup(p->arena, out.data ? out.data : "", out.size);
	hf_buffer_free(&out);
	return p->text ? 0 : -ENOMEM;
}

/* ---- values ---- */

static const char *take(hf_arena *arena, hf_buffer *buffer)
{
	const char *text = buffer->failed ? NULL
					  : hf_arena_strdup(arena, buffer->data ? buffer->data : "");

	hf_buffer_free(buffer);
	return hf_checked((void *)(uintptr_t)text);
}

static const char *join(hf_arena *arena, const char *name, const char *value)
{
	return hf_checked(hf_arena_printf(arena, "%s=%s", name, value));
}

/* {"Name":"nofile","Soft":1024,"Hard":2048}; Go takes member names in any case. */
static const char *limit_item(hf_arena *arena, const hf_json *limit, const char **ret_why)
{
	const char *soft = "0", *hard = "0";

	for (size_t i = 0; i < limit->count; i++) {
		const hf_json *part = &limit->items[i];

		if (part->kind != HF_JSON_NUMBER || limit->kind != HF_JSON_OBJECT)
			continue;
		if (strcasecmp(part->name, "Soft") == 0)
			soft = part->text;
		else if (strcasecmp(part->name, "Hard") == 0)
			hard = part->text;
	}
	if (limit->kind != HF_JSON_OBJECT)
		*ret_why = "each limit must be an object with Name, Soft and Hard";
	return join(arena, limit->name, hf_checked(hf_arena_printf(arena, "%s:%s", soft, hard)));
}

static const char *runtime_item(hf_arena *arena, const hf_json *runtime, const char **ret_why)
{
	const hf_json *path = hf_json_member(runtime, "path");

	if (!path || !path->text || !*path->text)
		path = hf_json_member(runtime, "runtimeType");
	if (runtime->kind != HF_JSON_OBJECT)
		*ret_why = "each runtime must be an object";
	return join(arena, runtime->name, path && path->text ? path->text : "");
}

static const char *pool_item(hf_arena *arena, const hf_json *pool, const char **ret_why)
{
	const hf_json *base = hf_json_member(pool, "base");
	const hf_json *size = hf_json_member(pool, "size");

	if (pool->kind != HF_JSON_OBJECT)
		*ret_why = "each pool must be an object with base and size";
	return hf_checked(hf_arena_printf(arena, "base=%s,size=%s", base && base->text ? base->text : "",
					  size && size->text ? size->text : ""));
}

static void add_nested(hf_arena *arena, const hf_json *driver, hf_buffer *items,
		       const char **ret_why)
{
	if (driver->kind != HF_JSON_OBJECT)
		*ret_why = "each driver's options must be an object";
	for (size_t i = 0; i < driver->count; i++) {
		const hf_json *option = &driver->items[i];

		if (option->kind != HF_JSON_STRING)
			*ret_why = "each value must be a string";
		else
			hf_items_add(items, join(arena, driver->name,
						 join(arena, option->name, option->text)));
	}
}

static const char *items_value(hf_arena *arena, hf_option_kind kind, const hf_json *json,
			       const char **ret_why)
{
	hf_buffer items = {0};

	for (size_t i = 0; i < json->count; i++) {
		const hf_json *item = &json->items[i];

		if (kind == HF_OPTION_ULIMITS) {
			hf_items_add(&items, limit_item(arena, item, ret_why));
		} else if (kind == HF_OPTION_RUNTIMES) {
			hf_items_add(&items, runtime_item(arena, item, ret_why));
		} else if (kind == HF_OPTION_POOLS) {
			hf_items_add(&items, pool_item(arena, item, ret_why));
		} else if (kind == HF_OPTION_NESTED) {
			add_nested(arena, item, &items, ret_why);
		} else if (kind == HF_OPTION_BOOLS && item->kind != HF_JSON_BOOL) {
			*ret_why = "each value must be true or false";
		} else if (kind != HF_OPTION_BOOLS && item->kind != HF_JSON_STRING) {
			*ret_why = "each value must be a string";
		} else {
			hf_items_add(&items, kind == HF_OPTION_LIST
						     ? item->text
						     : join(arena, item->name, item->text));
		}
	}
	return take(arena, &items);
}

static hf_json_kind wanted_kind(hf_option_kind kind)
{
	switch (kind) {
	case HF_OPTION_BOOL:
		return HF_JSON_BOOL;
	case HF_OPTION_NUMBER:
	case HF_OPTION_SIZE:
		return HF_JSON_NUMBER;
	case HF_OPTION_TEXT:
		return HF_JSON_STRING;
	case HF_OPTION_LIST:
	case HF_OPTION_POOLS:
		return HF_JSON_ARRAY;
	case HF_OPTION_MAP:
	case HF_OPTION_BOOLS:
	case HF_OPTION_ULIMITS:
	case HF_OPTION_RUNTIMES:
	case HF_OPTION_NESTED:
	case HF_OPTION_OBJECT:
		return HF_JSON_OBJECT;
	}
	return HF_JSON_NULL;
}

static const char *kind_word(hf_json_kind kind)
{
	static const char *const words[] = {
		[HF_JSON_NULL] = "null",     [HF_JSON_BOOL] = "true or false",
		[HF_JSON_NUMBER] = "an integer", [HF_JSON_REAL] = "a number",
		[HF_JSON_STRING] = "a string",   [HF_JSON_ARRAY] = "a list",
		[HF_JSON_OBJECT] = "an object",
	};

	return words[kind];
}

/* The value in the form of the command line. *ret_why: dockerd would refuse it. */
static const char *value_of(parse *p, const hf_option_row *row, const hf_json *json,
			    const char **ret_why)
{
	hf_json_kind wanted = wanted_kind(row->kind);

	if (json->kind == HF_JSON_NULL)
		return NULL; /* leaves the member as it is */
	if (row->kind == HF_OPTION_SIZE && json->kind == HF_JSON_STRING)
		return json->text;
	if (json->kind != wanted) {
		*ret_why = hf_checked(hf_arena_printf(p->arena, "is %s and must be %s",
						      kind_word(json->kind), kind_word(wanted)));
		return NULL;
	}
	if (json->kind < HF_JSON_ARRAY)
		return json->text;
	if (row->kind == HF_OPTION_OBJECT)
		return hf_checked((void *)(uintptr_t)hf_json_show(p->arena, json));
	return items_value(p->arena, row->kind, json, ret_why);
}

/* Zero values are filled from the flags and their defaults (mergo.Merge), booleans excepted. */
static bool takes_effect(const hf_option_row *row, const char *value)
{
	if (row->kind == HF_OPTION_BOOL)
		return true;
	if (row->kind == HF_OPTION_NUMBER || row->kind == HF_OPTION_SIZE)
		return strcmp(value, "0") != 0;
	return *value != '\0';
}

static void add_setting(parse *p, const hf_option_row *row, const char *value)
{
	hf_config *config = p->config;

	for (size_t i = 0; i < config->setting_count; i++) {
		if (p->settings[i].row == row) {
			p->settings[i].value = value;
			return;
		}
	}
	if (config->setting_count < p->setting_room)
		p->settings[config->setting_count++] = (hf_setting){.row = row, .value = value};
}

/* ---- keys ---- */

static bool is_ignored_flag(const char *name)
{
	static const char *const flags[] = {"config-file", "help", "validate", "version"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(flags); i++) {
		if (strcmp(flags[i], name) == 0)
			return true;
	}
	return false;
}

static bool is_of_engine(const parse *p, const hf_option_row *row)
{
	int order;

	/* data that older engines wrote and newer ones skip: skipValidateOptions */
	if (hf_streq(row->name, "allow-nondistributable-artifacts"))
		return true;
	if (row->since && hf_version_compare(p->version, row->since, &order) && order < 0)
		return false;
	return !row->until || !hf_version_compare(p->version, row->until, &order) || order < 0;
}

static bool is_proxy(const hf_option_row *row)
{
	return row && row->kind == HF_OPTION_TEXT && hf_has_suffix(row->name, "-proxy");
}

/* @above: the name of an object that is no option itself ("proxies"), or NULL. Its members count as if they stood at the
 * top for the check of names, and booleans even take effect; other values only below "proxies". */
static void add_key(parse *p, const hf_json *json, const char *above, unsigned occurrences)
{
	const hf_option_row *row = hf_option_by_key(json->name);
	hf_config_key *key = &p->keys[p->config->count];
	const char *value = NULL;

	if (p->config->count >= p->key_room)
		return;
	p->config->count++;
	key->name = above ? hf_checked(hf_arena_printf(p->arena, "%s.%s", above, json->name))
			  : json->name;
	key->is_duplicate = occurrences > 1;
	key->is_known = row && is_of_engine(p, row);
	if (key->is_known) {
		key->is_reloadable = row->is_reloadable;
		value = value_of(p, row, json, &key->why);
	} else if (!row && (hf_option_by_flag(json->name, strlen(json->name)) ||
			    is_ignored_flag(json->name))) {
		/* the check of names accepts any flag's, but nothing reads such a key */
		key->is_known = true;
		key->why = "is the name of a flag: the engine takes it and does nothing with it";
	} else {
		key->why = "is no option of this engine: it refuses to start";
	}
	if (!key->why && !above && is_proxy(row)) {
		key->why = "must stand below proxies: nothing reads it here";
		value = NULL;
	}
	if (!key->why && p->flags && row && !row->is_merged && hf_flags_value(p->flags, row))
		key->why = hf_checked(hf_arena_printf(
			p->arena, "is given by --%s, too: the engine refuses to start with both",
			hf_option_flag(row)));
	key->value = value ? value
			   : hf_checked((void *)(uintptr_t)hf_json_show(p->arena, json));
	if (value && takes_effect(row, value) &&
	    (!above || row->kind == HF_OPTION_BOOL || is_proxy(row)))
		add_setting(p, row, value);
}

/* An object under a name that is no option is taken apart: configValuesSet(). */
static bool is_group(const hf_json *json)
{
	const hf_option_row *row = hf_option_by_key(json->name);

	return json->kind == HF_JSON_OBJECT && (!row || wanted_kind(row->kind) != HF_JSON_OBJECT);
}

enum { MAX_KEYS = 1000 };

static int take_apart(parse *p, const hf_json *top, hf_error *err)
{
	size_t room = 0, keys = top->count;

	for (size_t i = 0; i < top->count; i++) {
		room += 1 + top->items[i].count;
		keys += is_group(&top->items[i]) ? top->items[i].count : 0;
	}
	/* the text is searched for each of them, and engines know some hundred */
	if (keys > MAX_KEYS)
		return hf_error_set(err, -EBADMSG, "has more than %d keys", MAX_KEYS);
	p->key_room = p->setting_room = room;
	p->keys = hf_arena_calloc(p->arena, room + 1, sizeof *p->keys);
	p->settings = hf_arena_calloc(p->arena, room + 1, sizeof *p->settings);
	if (!p->keys || !p->settings)
		return -ENOMEM;
	p->config->keys = p->keys;
	p->config->all = p->settings;
	for (size_t i = 0; i < top->count; i++) {
		const hf_json *json = &top->items[i];
		unsigned occurrences = hf_json_occurrences(p->text, p->size, json->name);

		if (!is_group(json)) {
			add_key(p, json, NULL, occurrences);
			continue;
		}
		for (size_t k = 0; k < json->count; k++)
			add_key(p, &json->items[k], json->name, occurrences);
	}
	return 0;
}

int hf_config_parse(hf_arena *arena, const char *text, size_t size, const char *version,
		    const hf_flags *flags, hf_config *config, hf_error *err)
{
	parse p = {.arena = arena, .version = version, .flags = flags, .config = config};
	const hf_json *top;
	int order, r = decode(&p, text, size, err);

	if (r < 0)
		return r;
	config->count = config->setting_count = 0;
	if (strspn(p.text, " \t\r\n\v\f") >= p.size) {
		if (!hf_version_compare(version, "23.0", &order) || order >= 0)
			return 0;
		return hf_error_set(err, -EBADMSG, "is empty, which engines before 23.0 refuse");
	}
	r = hf_json_parse(arena, p.text, p.size, &top, err);
	if (r < 0)
		return r;
	if (top->kind == HF_JSON_NULL)
		return 0;
	if (top->kind != HF_JSON_OBJECT)
		return hf_error_set(err, -EBADMSG, "line 1: is %s and must be an object",
				    kind_word(top->kind));
	return take_apart(&p, top, err);
}

const char *hf_config_value(const hf_config *config, const hf_option_row *row)
{
	for (size_t i = 0; i < config->setting_count; i++) {
		if (config->all[i].row == row)
			return config->all[i].value;
	}
	return NULL;
}
