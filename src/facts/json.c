/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON of the host as a tree in the arena. */
#include "facts/json.h"

#include <jansson.h>
#include <stdio.h>

static const char *text_of(hf_arena *arena, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_NULL:
		return "null";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_INTEGER:
		return hf_arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_REAL:
		return hf_arena_printf(arena, "%.17g", json_real_value(value));
	case JSON_STRING:
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		return NULL;
	}
	/* a NUL that a container put into its own name must not hide what follows */
	size_t size = json_string_length(value);
	char *text = hf_arena_memdup(arena, json_string_value(value), size);

	for (size_t i = 0; text && i < size; i++) {
		if (text[i] == '\0')
			text[i] = '?';
	}
	return text;
}

static hf_json_kind kind_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_NULL:
		return HF_JSON_NULL;
	case JSON_TRUE:
	case JSON_FALSE:
		return HF_JSON_BOOL;
	case JSON_INTEGER:
		return HF_JSON_NUMBER;
	case JSON_REAL:
		return HF_JSON_REAL;
	case JSON_STRING:
		return HF_JSON_STRING;
	case JSON_ARRAY:
		return HF_JSON_ARRAY;
	case JSON_OBJECT:
		return HF_JSON_OBJECT;
	}
	return HF_JSON_NULL;
}

/* Recursion is as deep as jansson allowed, JSON_PARSER_MAX_DEPTH (2048). */
static int copy(hf_arena *arena, json_t *value, hf_json *json)
{
	size_t count = json_is_array(value) ? json_array_size(value) : json_object_size(value);
	int r = 0;

	json->kind = kind_of(value);
	if (json->kind < HF_JSON_ARRAY) {
		json->text = text_of(arena, value);
		return json->text ? 0 : -ENOMEM;
	}
	hf_json *items = hf_arena_calloc(arena, count + 1, sizeof *items);

	if (!items)
		return -ENOMEM;
	json->items = items;
	json->count = (uint32_t)count;
	if (json->kind == HF_JSON_ARRAY) {
		for (size_t i = 0; r >= 0 && i < count; i++)
			r = copy(arena, json_array_get(value, i), &items[i]);
		return r;
	}
	for (void *at = json_object_iter(value); r >= 0 && at; at = json_object_iter_next(value, at)) {
		items->name = hf_arena_strdup(arena, json_object_iter_key(at));
		r = items->name ? copy(arena, json_object_iter_value(at), items) : -ENOMEM;
		items++;
	}
	return r;
}

static size_t most_values(const char *data, size_t size)
{
	size_t count = 1;

	for (size_t i = 0; i < size; i++)
		count += data[i] == ',' || data[i] == '[' || data[i] == '{';
	return count;
}

/* Integers beyond 64 bits with sign are refused by jansson: RLIM_INFINITY in a config.json is one. As reals they
 * are all taken; those that are integers still become such again. */
static void restore_integers(hf_json *json)
{
	if (json->kind == HF_JSON_REAL && !json->text[strspn(json->text, "-0123456789")])
		json->kind = HF_JSON_NUMBER;
	for (size_t i = 0; json->kind >= HF_JSON_ARRAY && i < json->count; i++)
		restore_integers((hf_json *)(uintptr_t)&json->items[i]);
}

int hf_json_parse(hf_arena *arena, const char *data, size_t size, const hf_json **ret_json,
		  hf_error *err)
{
	json_error_t error;
	int r = hf_json_read_plain(arena, data, size, ret_json);

	if (r != 0)
		return r < 0 ? hf_error_set(err, r, "out of memory") : 0;
	if (most_values(data, size) > HF_JSON_MAX_VALUES)
		return hf_error_set(err, -EMSGSIZE, "more than %d values", HF_JSON_MAX_VALUES);
	json_t *value = json_loadb(data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	bool has_large = !value && json_error_code(&error) == json_error_numeric_overflow;

	if (has_large)
		value = json_loadb(data, size,
				   JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	if (!value)
		return hf_error_at(err, -EBADMSG, "", error.line > 0 ? (unsigned)error.line : 0,
				   "line %d: %s", error.line, error.text);
	hf_json *json = hf_arena_alloc(arena, sizeof *json);

	r = json ? copy(arena, value, json) : -ENOMEM;

	json_decref(value);
	if (r < 0)
		return hf_error_set(err, r, "out of memory");
	if (has_large)
		restore_integers(json);
	*ret_json = json;
	return 0;
}

const hf_json *hf_json_member(const hf_json *object, const char *name)
{
	if (!object || object->kind != HF_JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		if (strcmp(object->items[i].name, name) == 0)
			return &object->items[i];
	}
	return NULL;
}

static const hf_json *find_in_array(const hf_json *array, const char *path)
{
	size_t length = strcspn(path, "/");
	char number[20];
	uint64_t index;

	if (length >= sizeof number)
		return NULL;
	memcpy(number, path, length);
	number[length] = '\0';
	if (hf_parse_u64(number, &index) < 0 || index >= array->count)
		return NULL;
	return hf_json_find(&array->items[index], path + length);
}

const hf_json *hf_json_find(const hf_json *json, const char *path)
{
	while (*path == '/')
		path++;
	if (*path == '\0')
		return json;
	if (json->kind == HF_JSON_ARRAY)
		return find_in_array(json, path);
	if (json->kind != HF_JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < json->count; i++) {
		const char *name = json->items[i].name;
		size_t length = 0;

		/* most names differ in the first byte */
		while (name[length] && name[length] == path[length])
			length++;
		if (length == 0 || name[length] || (path[length] != '/' && path[length] != '\0'))
			continue;
		const hf_json *found = hf_json_find(&json->items[i], path + length);

		if (found)
			return found;
	}
	return NULL;
}

static void write_string(hf_buffer *out, const char *text)
{
	static const char short_escapes[][2] = {
		{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'},
	};

	hf_buffer_add(out, "\"", 1);
	for (;;) {
		size_t plain = 0, k = 0;

		while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
			plain++;
		hf_buffer_add(out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		while (k < HF_ARRAY_SIZE(short_escapes) && short_escapes[k][0] != *text)
			k++;
		if (k < HF_ARRAY_SIZE(short_escapes))
			hf_buffer_add(out, (const char[]){'\\', short_escapes[k][1]}, 2);
		else
			hf_buffer_printf(out, "\\u%04X", (unsigned)*text);
		text++;
	}
	hf_buffer_add(out, "\"", 1);
}

/* As json_dumps() with JSON_COMPACT would: a tree of jansson's only for that costs ten times as much. */
static void write_value(hf_buffer *out, const hf_json *json)
{
	bool is_object = json->kind == HF_JSON_OBJECT;

	switch (json->kind) {
	case HF_JSON_NULL:
	case HF_JSON_BOOL:
	case HF_JSON_NUMBER:
		hf_buffer_puts(out, json->text);
		return;
	case HF_JSON_REAL:
		hf_buffer_puts(out, json->text);
		if (!strpbrk(json->text, ".e"))
			hf_buffer_puts(out, ".0");
		return;
	case HF_JSON_STRING:
		write_string(out, json->text);
		return;
	case HF_JSON_ARRAY:
	case HF_JSON_OBJECT:
		break;
	}
	hf_buffer_add(out, is_object ? "{" : "[", 1);
	for (size_t i = 0; i < json->count; i++) {
		if (i > 0)
			hf_buffer_add(out, ",", 1);
		if (is_object) {
			write_string(out, json->items[i].name);
			hf_buffer_add(out, ":", 1);
		}
		write_value(out, &json->items[i]);
	}
	hf_buffer_add(out, is_object ? "}" : "]", 1);
}

const char *hf_json_show(hf_arena *arena, const hf_json *json)
{
	hf_buffer out = {0};

	if (json->kind < HF_JSON_ARRAY)
		return json->text;
	if (json->count == 0)
		return json->kind == HF_JSON_ARRAY ? "[]" : "{}";
	hf_json *behind = (hf_json *)(uintptr_t)&json->items[json->count]; /* the arena's, as the tree is */

	if (behind->text)
		return behind->text;
	write_value(&out, json);
	const char *text = out.failed ? NULL : hf_arena_memdup(arena, out.data, out.size);

	hf_buffer_free(&out);
	behind->text = text;
	return text;
}

/* ---- names that stand twice ---- */

/* @at stands on the opening quote; returns what follows the closing one. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++) {
		if (*at == '\\')
			at++;
	}
	return at < end ? at + 1 : end;
}

static bool has_repeats(const char *value, const char *end)
{
	json_error_t error;
	json_t *json = json_loadb(value, (size_t)(end - value),
				  JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK |
					  JSON_DECODE_ANY | JSON_ALLOW_NUL,
				  &error);

	json_decref(json);
	return !json && json_error_code(&error) == json_error_duplicate_key;
}

unsigned hf_json_occurrences(const char *data, size_t size, const char *name)
{
	const char *end = data + size;
	size_t length = strlen(name);
	unsigned depth = 0, count = 0;

	for (const char *at = data; at < end;) {
		const char *start = at;

		if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		if (*at != '"') {
			at++;
			continue;
		}
		at = skip_string(at, end);
		const char *colon = at + strspn(at, " \t\r\n");

		if (depth != 1 || *colon != ':' || (size_t)(at - start) != length + 2 ||
		    memcmp(start + 1, name, length) != 0)
			continue;
		count++;
		if (count == 1 && has_repeats(colon + 1, end))
			count++;
	}
	return count;
}
