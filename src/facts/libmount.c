/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is used of libmount, under its own names: see base/late.h. */
#include "base/late.h"

#include <libmount.h>

char *mnt_unmangle(const char *str)
{
	static char *(*real)(const char *);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("mnt_unmangle");
	return real(str);
}

int mnt_optstr_get_option(const char *optstr, const char *name, char **value, size_t *valuesz)
{
	static int (*real)(const char *, const char *, char **, size_t *);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("mnt_optstr_get_option");
	return real(optstr, name, value, valuesz);
}
