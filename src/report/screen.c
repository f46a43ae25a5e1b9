/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal. Every string of a document is foreign here: nothing goes out unescaped. */
#include "report/screen.h"

#include <stdio.h>

/* More of one string than this is never looked at. */
enum { TEXT_MAX_BYTES = 16 * 1024 };

static const char *const sgr[] = {
	[HF_STYLE_PLAIN] = "",	       [HF_STYLE_BOLD] = "\033[1m", [HF_STYLE_DIM] = "\033[2m",
	[HF_STYLE_GOOD] = "\033[32m",  [HF_STYLE_WARN] = "\033[33m",
	[HF_STYLE_BAD] = "\033[1;31m",
};

/* One column for each character: right for what node names, paths and our own texts hold. */
static unsigned columns(const char *text, size_t size)
{
	unsigned count = 0;

	for (size_t i = 0; i < size; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

unsigned hf_screen_columns(const char *text)
{
	return columns(text, strlen(text));
}

/* Bytes of the first @count characters. */
static size_t bytes_of(const char *text, size_t size, unsigned count)
{
	size_t at = 0;

	while (at < size && count > 0) {
		at++;
		while (at < size && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
		count--;
	}
	return at;
}

static hf_buffer safe_text(const char *text)
{
	size_t size = strnlen(text, TEXT_MAX_BYTES);
	hf_buffer safe = {0};

	hf_escape_terminal(&safe, text, size);
	return safe;
}

static void add_styled(hf_screen *screen, hf_style style, const char *text, size_t size)
{
	bool is_styled = screen->color && style != HF_STYLE_PLAIN && size > 0;

	if (is_styled)
		hf_buffer_puts(&screen->text, sgr[style]);
	hf_buffer_add(&screen->text, text, size);
	if (is_styled)
		hf_buffer_puts(&screen->text, "\033[0m");
	screen->column += columns(text, size);
}

static unsigned room_left(const hf_screen *screen, unsigned reserve)
{
	unsigned used = screen->column + reserve;

	if (screen->width == 0)
		return UINT32_MAX;
	return used < screen->width ? screen->width - used : 0;
}

static void say_cut(hf_screen *screen, hf_style style, const char *text, size_t size, unsigned room)
{
	if (columns(text, size) <= room) {
		add_styled(screen, style, text, size);
		return;
	}
	hf_buffer cut = {0};

	hf_buffer_add(&cut, text, bytes_of(text, size, room > 2 ? room - 2 : 0));
	hf_buffer_add(&cut, "..", room < 2 ? room : 2);
	if (!cut.failed)
		add_styled(screen, style, cut.data, cut.size);
	screen->text.failed |= cut.failed;
	hf_buffer_free(&cut);
}

void hf_screen_say(hf_screen *screen, hf_style style, const char *text, unsigned reserve)
{
	hf_buffer safe = safe_text(text);

	if (safe.data && !safe.failed)
		say_cut(screen, style, safe.data, safe.size, room_left(screen, reserve));
	screen->text.failed |= safe.failed;
	hf_buffer_free(&safe);
}

void hf_screen_printf(hf_screen *screen, hf_style style, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	hf_screen_say(screen, style, text, 0);
}

/* How many bytes of @text go onto a line of @room columns: up to the last blank that fits, or as many as
 * there is room for where a word is longer than a line. */
static size_t line_bytes(const char *text, size_t size, unsigned room)
{
	size_t fits = bytes_of(text, size, room > 0 ? room : 1);

	if (fits == size)
		return size;
	for (size_t at = fits; at > 0; at--) {
		if (text[at] == ' ')
			return at;
	}
	return fits;
}

void hf_screen_wrap(hf_screen *screen, hf_style style, unsigned indent, unsigned max_lines,
		    const char *text)
{
	hf_buffer safe = safe_text(text);
	const char *at = safe.data;
	size_t left = safe.size;

	for (unsigned line = 1; at && left > 0 && !safe.failed; line++) {
		unsigned room = room_left(screen, 0);

		if (line == max_lines) {
			say_cut(screen, style, at, left, room);
			break;
		}
		size_t size = line_bytes(at, left, room);

		add_styled(screen, style, at, size);
		at += size;
		left -= size;
		while (left > 0 && *at == ' ') {
			at++;
			left--;
		}
		if (left > 0) {
			hf_screen_newline(screen);
			hf_screen_pad(screen, ' ', indent);
		}
	}
	screen->text.failed |= safe.failed;
	hf_buffer_free(&safe);
}

void hf_screen_pad(hf_screen *screen, char fill, unsigned column)
{
	while (screen->column < column && room_left(screen, 0) > 0) {
		hf_buffer_add(&screen->text, &fill, 1);
		screen->column++;
	}
}

void hf_screen_newline(hf_screen *screen)
{
	hf_buffer_add(&screen->text, "\n", 1);
	screen->column = 0;
}
