/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The border between text that anybody on the host may have chosen and what we print. */
#include "report/report.h"

static uint32_t decode(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t point;

	if (length == 1)
		return s[0];
	point = s[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++)
		point = point << 6 | (s[i] & 0x3fU);
	return point;
}

/* Characters that move the cursor, turn the reading direction or hide themselves: a name that holds them
 * would look like something it is not (CVE-2021-42574 and older tricks). */
static bool is_unsafe(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},       /* C0 */
		{0x7f, 0x9f},       /* DEL and C1 */
		{0xad, 0xad},       /* soft hyphen */
		{0x34f, 0x34f},     /* combining grapheme joiner */
		{0x61c, 0x61c},     /* Arabic letter mark */
		{0x115f, 0x1160},   /* Hangul fillers */
		{0x180e, 0x180e},   /* Mongolian vowel separator */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* line and paragraph separators, embeddings and overrides */
		{0x2060, 0x206f},   /* joiners, isolates, deprecated formats */
		{0x3164, 0x3164},   /* Hangul filler */
		{0xfe00, 0xfe0f},   /* variation selectors */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff0, 0xfffb},   /* interlinear annotation */
		{0x1d173, 0x1d17a}, /* musical formats */
		{0xe0000, 0xe0fff}, /* tags, more variation selectors */
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(ranges); i++) {
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	}
	return false;
}

void hf_escape_terminal(hf_buffer *buffer, const char *text, size_t size)
{
	size_t clean = 0; /* text[clean..i) goes out as it is */

	for (size_t i = 0; i < size;) {
		size_t length = hf_utf8_length(text + i, size - i);
		uint32_t point = length > 0 ? decode(text + i, length) : (unsigned char)text[i];

		if (length > 0 && !is_unsafe(point)) {
			i += length;
			continue;
		}
		hf_buffer_add(buffer, text + clean, i - clean);
		hf_buffer_printf(buffer, length > 1 ? "\\u{%04X}" : "\\x%02x", point);
		i += length > 0 ? length : 1;
		clean = i;
	}
	hf_buffer_add(buffer, text + clean, size - clean);
}

/* How many of the first bytes are ASCII other than NUL, eight at a time. */
static size_t ascii_bytes(const char *text, size_t size)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
	size_t at = 0;

	for (uint64_t x; at + sizeof x <= size; at += sizeof x) {
		memcpy(&x, text + at, sizeof x);
		if (((x - ones) | x) & tops)
			break;
	}
	while (at < size && text[at] > 0 && text[at] < 0x7f)
		at++;
	return at;
}

json_t *hf_json_text(const char *text, size_t size)
{
	hf_buffer valid = {0};
	size_t clean = 0;

	for (size_t i = ascii_bytes(text, size); i < size;) {
		size_t length = hf_utf8_length(text + i, size - i);

		/* NUL is good UTF-8, but jansson's own loader refuses it */
		if (length > 0 && text[i] != '\0') {
			i += length;
			continue;
		}
		hf_buffer_add(&valid, text + clean, i - clean);
		hf_buffer_puts(&valid, "\xef\xbf\xbd");
		clean = ++i;
	}
	if (clean == 0)
		return json_stringn_nocheck(text, size);
	hf_buffer_add(&valid, text + clean, size - clean);

	json_t *string = valid.failed ? NULL : json_stringn_nocheck(valid.data, valid.size);

	hf_buffer_free(&valid);
	return string;
}
