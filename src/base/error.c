/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: a code with a place and a sentence, and errnos by name. */
#include "base/base.h"

#include <stdio.h>

HF_PRINTF(5, 0)
static int fill(hf_error *err, int code, const char *source, unsigned line, const char *format,
		va_list args)
{
	if (!err)
		return code;
	err->code = code;
	err->line = line;
	(void)snprintf(err->source, sizeof err->source, "%s", source ? source : "");
	(void)vsnprintf(err->text, sizeof err->text, format, args);
	return code;
}

int hf_error_set(hf_error *err, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fill(err, code, NULL, 0, format, args);
	va_end(args);
	return code;
}

int hf_error_at(hf_error *err, int code, const char *source, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fill(err, code, source, line, format, args);
	va_end(args);
	return code;
}

const char *hf_errno_name(int number)
{
	return strerrorname_np(number);
}

int hf_errno_number(const char *name)
{
	for (int number = 1; number < 200; number++) {
		const char *known = strerrorname_np(number);

		if (known && strcmp(known, name) == 0)
			return number;
	}
	return 0;
}
