/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads plain JSON: what engines and runtimes write for each of some hundred containers.
 * A tree by way of jansson's costs five times as much. Whatever is out of the ordinary (reals, rare
 * escapes, bytes beyond ASCII, deep nesting, any mistake) is left to jansson, so this can only
 * accept what that accepts. */
#include "facts/json.h"

#include <stdint.h>

/* RLIM_INFINITY, which runtimes write as 18446744073709551615, has 20 digits; jansson takes no such
 * number. */
enum { DEPTH_MAX = 64, NAMES_MAX = 256, DIGITS_MAX = 20 };

typedef struct reader {
	const char *at;
	const char *end;
	hf_arena *arena;
	hf_json *stack; /* items of what is open; owned */
	size_t used;
	size_t room;
	size_t values;
	unsigned depth;
	bool no_memory;
} reader;

static bool read_value(reader *r, hf_json *json);

static void skip_blanks(reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* What one of the short escapes stands for; '\0': another. */
static char unescape(char c)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(names, c) : NULL;

	return at ? bytes[at - names] : '\0';
}

/* \u00XX of a printable ASCII character, as Go writes <, > and &. */
static char unescape_hex(const char *digits)
{
	unsigned value = 0;

	for (unsigned i = 0; i < 4; i++) {
		char c = digits[i] | 0x20;

		if (c >= '0' && c <= '9')
			value = value * 16 + (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (unsigned)(c - 'a') + 10;
		else
			return '\0';
	}
	return value >= 0x20 && value < 0x7f ? (char)value : '\0';
}

static const char *copy_escaped(reader *r, const char *start, size_t length)
{
	char *text = hf_arena_alloc(r->arena, length + 1), *out = text;
	const char *end = start + length;

	if (!text) {
		r->no_memory = true;
		return NULL;
	}
	for (const char *in = start; in < end; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		in++;
		if (*in == 'u' && end - in > 4) {
			*out = unescape_hex(in + 1);
			in += 4;
		} else {
			*out = unescape(*in);
		}
		if (*out++ == '\0')
			return NULL;
	}
	*out = '\0';
	return text;
}

static const char *keep_text(reader *r, const char *start, size_t length)
{
	const char *text = hf_arena_share(r->arena, start, length);

	r->no_memory = r->no_memory || !text;
	return text;
}

static const char *read_string(reader *r)
{
	const char *start = ++r->at;
	bool has_escape = false;

	for (; r->at < r->end && *r->at != '"'; r->at++) {
		if ((unsigned char)*r->at < 0x20 || (unsigned char)*r->at > 0x7e)
			return NULL;
		if (*r->at == '\\') {
			has_escape = true;
			if (++r->at == r->end)
				return NULL;
		}
	}
	if (r->at == r->end)
		return NULL;
	size_t length = (size_t)(r->at++ - start);

	if (has_escape)
		return copy_escaped(r, start, length);
	return keep_text(r, start, length);
}

static bool read_number(reader *r, hf_json *json)
{
	const char *start = r->at;

	r->at += *r->at == '-';
	const char *digits = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	size_t count = (size_t)(r->at - digits);

	if (count == 0 || count > DIGITS_MAX || (*digits == '0' && (count > 1 || digits > start)) ||
	    (r->at < r->end && strchr(".eE", *r->at)))
		return false;
	json->kind = HF_JSON_NUMBER;
	json->text = keep_text(r, start, (size_t)(r->at - start));
	return json->text != NULL;
}

static bool read_word(reader *r, hf_json *json)
{
	static const struct {
		const char *word;
		hf_json_kind kind;
	} words[] = {{"true", HF_JSON_BOOL}, {"false", HF_JSON_BOOL}, {"null", HF_JSON_NULL}};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		size_t length = strlen(words[i].word);

		if ((size_t)(r->end - r->at) < length || memcmp(r->at, words[i].word, length) != 0)
			continue;
		r->at += length;
		json->kind = words[i].kind;
		json->text = words[i].word;
		return true;
	}
	return false;
}

static bool push(reader *r, const hf_json *item)
{
	if (r->used == r->room) {
		size_t room = r->room ? r->room * 2 : 256;
		hf_json *stack = realloc(r->stack, room * sizeof *stack);

		if (!stack) {
			r->no_memory = true;
			return false;
		}
		r->stack = stack;
		r->room = room;
	}
	r->stack[r->used++] = *item;
	return true;
}

/* A name that stands twice is not plain: the last value would win. */
static bool is_unique(const hf_json *items, size_t count)
{
	uint32_t hashes[NAMES_MAX];

	if (count > NAMES_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t hash = 5381;

		for (const char *c = items[i].name; *c; c++)
			hash = hash * 33 + (unsigned char)*c;
		for (size_t k = 0; k < i; k++) {
			if (hashes[k] == hash && strcmp(items[k].name, items[i].name) == 0)
				return false;
		}
		hashes[i] = hash;
	}
	return true;
}

static bool read_name(reader *r, hf_json *item)
{
	if (r->at == r->end || *r->at != '"')
		return false;
	item->name = read_string(r);
	if (!item->name)
		return false;
	skip_blanks(r);
	return r->at < r->end && *r->at++ == ':';
}

static bool read_items(reader *r, char closing)
{
	bool is_first = true;

	for (r->at++;; r->at++) {
		hf_json item = {0};

		skip_blanks(r);
		if (r->at < r->end && *r->at == closing)
			return is_first; /* "[1,]" is a mistake */
		if ((closing == '}' && !read_name(r, &item)) || !read_value(r, &item) ||
		    !push(r, &item))
			return false;
		is_first = false;
		skip_blanks(r);
		if (r->at < r->end && *r->at == closing)
			return true;
		if (r->at == r->end || *r->at != ',')
			return false;
	}
}

static bool read_container(reader *r, hf_json *json)
{
	bool is_object = *r->at == '{';
	size_t base = r->used;

	if (++r->depth > DEPTH_MAX || !read_items(r, is_object ? '}' : ']'))
		return false;
	r->at++;
	r->depth--;
	json->kind = is_object ? HF_JSON_OBJECT : HF_JSON_ARRAY;
	json->count = (uint32_t)(r->used - base);
	r->used = base;
	if (is_object && json->count > 0 && !is_unique(r->stack + base, json->count))
		return false;
	static const hf_json none = {0};

	json->items = &none;
	if (json->count == 0)
		return true;
	hf_json *items = hf_arena_calloc(r->arena, json->count + 1, sizeof *items);

	if (!items) {
		r->no_memory = true;
		return false;
	}
	memcpy(items, r->stack + base, json->count * sizeof *items);
	json->items = items;
	return true;
}

static bool read_value(reader *r, hf_json *json)
{
	skip_blanks(r);
	if (r->at == r->end || ++r->values > HF_JSON_MAX_VALUES)
		return false;
	switch (*r->at) {
	case '"':
		json->kind = HF_JSON_STRING;
		json->text = read_string(r);
		return json->text != NULL;
	case '{':
	case '[':
		return read_container(r, json);
	case 't':
	case 'f':
	case 'n':
		return read_word(r, json);
	default:
		return read_number(r, json);
	}
}

int hf_json_read_plain(hf_arena *arena, const char *data, size_t size, const hf_json **ret_json)
{
	reader r = {.at = data, .end = data + size, .arena = arena};
	hf_json *json = hf_arena_alloc(arena, sizeof *json);
	bool is_plain = json && read_value(&r, json);

	free(r.stack);
	if (!json || r.no_memory)
		return -ENOMEM;
	skip_blanks(&r);
	if (!is_plain || r.at < r.end)
		return 0;
	*ret_json = json;
	return 1;
}
