/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain formatting: a scan makes some hundred short texts for each container, and printf(3) costs a
 * thousand instructions for each. Whatever is out of the ordinary is left to it. */
#include "base/base.h"

#include <stdio.h>

typedef struct printing {
	char *at;
	char *end; /* where the NUL must have its place, too */
} printing;

static bool put(printing *p, const char *text, size_t size)
{
	if (size >= (size_t)(p->end - p->at))
		return false;
	memcpy(p->at, text, size);
	p->at += size;
	return true;
}

static bool put_number(printing *p, uint64_t value, bool is_negative)
{
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	if (is_negative)
		digits[--at] = '-';
	return put(p, digits + at, sizeof digits - at);
}

static bool put_signed(printing *p, int64_t value)
{
	return put_number(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

/* A negative length is as none. */
static bool put_text(printing *p, const char *text, int most)
{
	return text && put(p, text, most < 0 ? strlen(text) : strnlen(text, (size_t)most));
}

/* In base 8 or 16, with at least @width digits. */
static bool put_digits(printing *p, uint64_t value, unsigned bits, size_t width)
{
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = "0123456789abcdef"[value & ((1U << bits) - 1)];
	while (value >>= bits);
	while (sizeof digits - at < width)
		digits[--at] = '0';
	return put(p, digits + at, sizeof digits - at);
}

static bool put_unsigned(printing *p, char letter, uint64_t value, size_t width)
{
	switch (letter) {
	case 'u':
		return width == 0 && put_number(p, value, false);
	case 'x':
		return put_digits(p, value, 4, width);
	case 'o':
		return put_digits(p, value, 3, width);
	default:
		return false;
	}
}

/* Behind "l", "ll" or "z": 'd', 'u', 'x' or 'o'. */
static bool put_long(printing *p, const char **format, size_t width, va_list *args)
{
	bool is_size = **format == 'z', is_longest = false;

	(*format)++;
	if (!is_size && **format == 'l') {
		is_longest = true;
		(*format)++;
	}
	if (**format == 'd' && width == 0)
		return put_signed(p, is_size	  ? va_arg(*args, ssize_t)
				     : is_longest ? va_arg(*args, long long)
						  : va_arg(*args, long));
	return put_unsigned(p, **format,
			    is_size	 ? va_arg(*args, size_t)
			    : is_longest ? va_arg(*args, unsigned long long)
					 : va_arg(*args, unsigned long),
			    width);
}

/* "%.*s" and "%.12s" */
static bool put_part(printing *p, const char **format, va_list *args)
{
	int most = 0;

	if (**format == '*') {
		most = va_arg(*args, int);
		(*format)++;
	}
	for (; **format >= '0' && **format <= '9' && most < 1000; (*format)++)
		most = most * 10 + (**format - '0');
	return **format == 's' && put_text(p, va_arg(*args, const char *), most);
}

/* @format stands behind the '%'; false where this is not for us. */
static bool put_one(printing *p, const char **format, va_list *args)
{
	size_t width = 0;

	if (**format == '.') {
		(*format)++;
		return put_part(p, format, args);
	}
	if (**format == '0') { /* "%04o", "%016llx" */
		for (; **format >= '0' && **format <= '9' && width < 100; (*format)++)
			width = width * 10 + (size_t)(**format - '0');
		if (width > 20)
			return false;
	}
	switch (**format) {
	case 's':
		return width == 0 && put_text(p, va_arg(*args, const char *), -1);
	case 'd':
		return width == 0 && put_signed(p, va_arg(*args, int));
	case 'u':
	case 'x':
	case 'o':
		return put_unsigned(p, **format, va_arg(*args, unsigned), width);
	case 'c':
		return width == 0 && put(p, (const char[]){(char)va_arg(*args, int)}, 1);
	case '%':
		return put(p, "%", 1);
	case 'l':
	case 'z':
		return put_long(p, format, width, args);
	default:
		return false;
	}
}

/* False where @to is too short or something is not plain. */
static bool print(printing *p, const char *format, va_list *args)
{
	for (;;) {
		const char *stop = strchrnul(format, '%');

		if (!put(p, format, (size_t)(stop - format)))
			return false;
		if (*stop == '\0')
			break;
		format = stop + 1;
		if (!put_one(p, &format, args))
			return false;
		format++;
	}
	*p->at = '\0';
	return true;
}

int hf_vprint(char *to, size_t size, const char *format, va_list args)
{
	printing p = {.at = to, .end = size > 0 ? to + size : to}; /* @to may be NULL then */
	va_list again;
	int length;

	va_copy(again, args);
	length = size > 0 && print(&p, format, &again) ? (int)(p.at - to)
						       : vsnprintf(to, size, format, args);
	va_end(again);
	return length;
}

int hf_print(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int length = hf_vprint(to, size, format, args);

	va_end(args);
	return length;
}
