/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing text and lists, numbers, lines, UTF-8, clocks. */
#include "base/base.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

static bool grow(hf_buffer *buffer, size_t more)
{
	size_t need;

	if (buffer->failed || __builtin_add_overflow(buffer->size, more, &need) ||
	    __builtin_add_overflow(need, 1, &need)) {
		buffer->failed = true;
		return false;
	}
	size_t room = buffer->room ? buffer->room : 256;

	while (room < need) {
		if (__builtin_mul_overflow(room, 2, &room)) {
			buffer->failed = true;
			return false;
		}
	}
	char *data = realloc(buffer->data, room);

	if (!data) {
		buffer->failed = true;
		return false;
	}
	buffer->data = data;
	buffer->room = room;
	return true;
}

/* For @more bytes and a NUL. */
static inline bool make_room(hf_buffer *buffer, size_t more)
{
	return (more < buffer->room - buffer->size && !buffer->failed) || grow(buffer, more);
}

void hf_buffer_add(hf_buffer *buffer, const void *data, size_t size)
{
	if (!make_room(buffer, size))
		return;
	if (size > 0)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void hf_buffer_puts(hf_buffer *buffer, const char *text)
{
	hf_buffer_add(buffer, text, strlen(text));
}

void hf_buffer_printf(hf_buffer *buffer, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	size_t room = buffer->room - buffer->size;
	int size = hf_vprint(room > 0 ? buffer->data + buffer->size : NULL, room, format, args);

	if (size < 0) {
		buffer->failed = true;
	} else if ((size_t)size < room && !buffer->failed) {
		buffer->size += (size_t)size;
	} else if (make_room(buffer, (size_t)size)) {
		(void)vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
		buffer->size += (size_t)size;
	}
	va_end(again);
	va_end(args);
}

void hf_buffer_add_word(hf_buffer *buffer, const char *text, size_t size)
{
	size_t done = 0;

	if (size == 0)
		hf_buffer_puts(buffer, "-");
	else if (size == 1 && *text == '-')
		hf_buffer_puts(buffer, "\\055");
	else
		for (size_t i = 0; i <= size; i++) {
			if (i < size && text[i] > 0x20 && text[i] < 0x7f && text[i] != '\\')
				continue;
			hf_buffer_add(buffer, text + done, i - done);
			if (i < size && text[i] == '\0')
				hf_buffer_puts(buffer, "\\357\\277\\275");
			else if (i < size)
				hf_buffer_printf(buffer, "\\%03o", (unsigned char)text[i]);
			done = i + 1;
		}
}

bool hf_word_unescape(char *word)
{
	char *to = word;

	if (strcmp(word, "-") == 0)
		*word = '\0';
	for (const char *at = word; *at; to++) {
		if (*at != '\\') {
			*to = *at++;
			continue;
		}
		if (strspn(at + 1, "01234567") < 3 || at[1] > '3')
			return false;
		*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
		if (*to == '\0')
			return false;
		at += 4;
	}
	*to = '\0';
	return true;
}

void hf_buffer_free(hf_buffer *buffer)
{
	free(buffer->data);
	*buffer = (hf_buffer){0};
}

int hf_list_reserve(hf_list *list, size_t more)
{
	size_t room = list->room ? list->room : 16;

	if (list->room - list->count >= more)
		return 0;
	while (room - list->count < more) {
		if (__builtin_mul_overflow(room, 2, &room))
			return -ENOMEM;
	}
	void **items = reallocarray(list->items, room, sizeof *items);

	if (!items)
		return -ENOMEM;
	list->items = items;
	list->room = room;
	return 0;
}

int hf_list_add(hf_list *list, void *item)
{
	if (list->count == list->room && hf_list_reserve(list, 1) < 0)
		return -ENOMEM;
	list->items[list->count++] = item;
	return 0;
}

void hf_list_free(hf_list *list)
{
	free(list->items);
	*list = (hf_list){0};
}

int hf_parse_i64(const char *text, int64_t *ret_value)
{
	const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
	char *end;

	if (!isdigit((unsigned char)*digits))
		return -EINVAL;
	errno = 0;
	long long value = strtoll(text, &end, 10);

	if (*end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int hf_parse_u64(const char *text, uint64_t *ret_value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);

	if (*end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

bool hf_has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool hf_has_suffix(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

bool hf_streq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

char *hf_strip(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t length = strlen(text);

	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

bool hf_next_line(const char **cursor, const char *end, const char **ret_line, size_t *ret_length)
{
	const char *line = *cursor;

	if (line >= end)
		return false;
	const char *newline = memchr(line, '\n', (size_t)(end - line));
	const char *stop = newline ? newline : end;

	*ret_line = line;
	*ret_length = (size_t)(stop - line);
	*cursor = newline ? newline + 1 : end;
	return true;
}

size_t hf_utf8_length(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;

	if (size == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] < 0xc2 || s[0] > 0xf4 || size < length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

uint64_t hf_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t hf_now_ms(void)
{
	return hf_now_us() / 1000;
}
