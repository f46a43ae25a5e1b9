/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results document as JSON, compact: members keep the document's order, and whoever wants to read it has jq.
 *
 * The tree is jansson's, the printing is not: jansson looks for loops at each object and array with a table and
 * a printf, and hands over a few bytes at a time, which took a third of the judge's time. A test compares
 * the bytes with jansson's. */
#include "report/render.h"

/* What is printed, a block at a time: no document of many containers stands in memory twice. */
typedef struct json_out {
	FILE *file;
	int error; /* negative errno */
	size_t used;
	char bytes[64 * 1024];
} json_out;

static void flush(json_out *out)
{
	if (out->error == 0 && out->used > 0)
		out->error = hf_write_all(out->bytes, out->used, out->file);
	out->used = 0;
}

static void put_long(json_out *out, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		if (out->used == sizeof out->bytes)
			flush(out);
		size_t room = sizeof out->bytes - out->used, part = size < room ? size : room;

		memcpy(out->bytes + out->used, at, part);
		out->used += part;
		at += part;
		size -= part;
	}
}

static inline void put(json_out *out, const void *data, size_t size)
{
	if (size > sizeof out->bytes - out->used) {
		put_long(out, data, size);
		return;
	}
	memcpy(out->bytes + out->used, data, size);
	out->used += size;
}

/* Bytes that stand in a string as they are: printable ASCII but for the quote and the backslash. The rest is
 * escaped, so that what a container chose stays harmless on a terminal, too (bidirectional overrides, C1 controls). */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* How many of the first bytes are plain, eight at a time: a document is little else. */
static size_t plain_bytes(const unsigned char *text, size_t size)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
	size_t at = 0;

	for (uint64_t x; at + sizeof x <= size; at += sizeof x) {
		memcpy(&x, text + at, sizeof x);
		/* a borrow can only mark too many */
		uint64_t odd = (x - ones * 0x20) | x | (x + ones) | ((x ^ ones * '"') - ones) |
			       ((x ^ ones * '\\') - ones);

		if (odd & tops)
			break;
	}
	while (at < size && is_plain(text[at]))
		at++;
	return at;
}

static uint32_t decode(const unsigned char *at, size_t length)
{
	uint32_t point = length == 1 ? at[0] : at[0] & (0x7fU >> length);

	for (size_t i = 1; i < length; i++)
		point = point << 6 | (at[i] & 0x3fU);
	return point;
}

static size_t unit(char *to, uint32_t value, const char *digits)
{
	to[0] = '\\';
	to[1] = 'u';
	for (unsigned i = 0; i < 4; i++)
		to[2 + i] = digits[value >> (12 - 4 * i) & 15];
	return 6;
}

/* At most 12 bytes for one character that is not plain. */
static size_t escape(char *to, uint32_t point)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *letter = letters; *letter; letter += 2) {
		if (point == (unsigned char)*letter) {
			to[0] = '\\';
			to[1] = letter[1];
			return 2;
		}
	}
	if (point == 0x7f)
		return unit(to, point, "0123456789abcdef");
	if (point < 0x10000)
		return unit(to, point, "0123456789ABCDEF");
	point -= 0x10000;
	return unit(to, 0xd800 | point >> 10, "0123456789ABCDEF") +
	       unit(to + 6, 0xdc00 | (point & 0x3ff), "0123456789ABCDEF");
}

static void put_string(json_out *out, const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;

	put(out, "\"", 1);
	for (;;) {
		size_t plain = plain_bytes(at, (size_t)(end - at));
		char escaped[12];

		put(out, at, plain);
		at += plain;
		if (at == end)
			break;
		/* jansson's strings are UTF-8; a byte that is not would be our own mistake */
		size_t length = hf_utf8_length((const char *)at, (size_t)(end - at));
		uint32_t point = length > 0 ? decode(at, length) : 0xfffd;

		put(out, escaped, escape(escaped, point));
		at += length > 0 ? length : 1;
	}
	put(out, "\"", 1);
}

static void put_integer(json_out *out, uint64_t value, bool is_negative)
{
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	if (is_negative)
		digits[--at] = '-';
	put(out, digits + at, sizeof digits - at);
}

/* 15 digits print 63.4 as 63.4. Nearly all are such tenths, and printf takes long for them. */
static void put_real(json_out *out, const json_t *value)
{
	enum { FLAGS = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) };
	double real = json_real_value(value);
	uint64_t tenths = real > 0 && real < 1e6 ? (uint64_t)(real * 10 + 0.5) : 0;
	char text[64];

	if (tenths > 0 && (double)tenths / 10.0 >= real && (double)tenths / 10.0 <= real) {
		put_integer(out, tenths / 10, false);
		put(out, (const char[]){'.', (char)('0' + tenths % 10)}, 2);
		return;
	}
	size_t size = json_dumpb(value, text, sizeof text, FLAGS);

	if (size == 0 || size > sizeof text)
		out->error = -ENOMEM;
	else
		put(out, text, size);
}

static void put_value(json_out *out, const json_t *value);

static void put_object(json_out *out, const json_t *object)
{
	/* iterating changes nothing; jansson only lacks the const */
	json_t *members = (json_t *)(uintptr_t)object;
	bool is_first = true;

	put(out, "{", 1);
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		const char *key = json_object_iter_key(at);

		if (!is_first)
			put(out, ",", 1);
		is_first = false;
		put_string(out, key, strlen(key));
		put(out, ":", 1);
		put_value(out, json_object_iter_value(at));
	}
	put(out, "}", 1);
}

static void put_array(json_out *out, const json_t *array)
{
	size_t count = json_array_size(array);

	put(out, "[", 1);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put(out, ",", 1);
		put_value(out, json_array_get(array, i));
	}
	put(out, "]", 1);
}

/* As deep as the document: our own is a dozen levels, and jansson's parser refuses more than 2048. */
static void put_value(json_out *out, const json_t *value)
{
	long long integer;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		put_object(out, value);
		break;
	case JSON_ARRAY:
		put_array(out, value);
		break;
	case JSON_STRING:
		put_string(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		integer = json_integer_value(value);
		put_integer(out, integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer,
			    integer < 0);
		break;
	case JSON_REAL:
		put_real(out, value);
		break;
	case JSON_TRUE:
		put(out, "true", 4);
		break;
	case JSON_FALSE:
		put(out, "false", 5);
		break;
	case JSON_NULL:
		put(out, "null", 4);
		break;
	}
}

int hf_write_json(const json_t *document, const hf_render_options *options, FILE *out)
{
	hf_cleanup(hf_freep) json_out *json = malloc(sizeof *json);

	(void)options;
	if (!json)
		return -ENOMEM;
	json->file = out;
	json->error = 0;
	json->used = 0;
	put_value(json, document);
	put(json, "\n", 1);
	flush(json);
	return json->error;
}
