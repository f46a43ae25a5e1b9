/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Until when releases of distributions get fixes. The table is of January 2026, from the distributions' own announcements; the
 * last day of support that needs no contract, long-term support by the community included. */
#include "judge.h"

#include <stdio.h>

static const struct {
	const char *id;	     /* ID of os-release(5) */
	const char *version; /* the beginning of VERSION_ID, up to a dot or its end */
	const char *end;
} releases[] = {
	{"almalinux", "10", "2035-05-31"},   {"almalinux", "8", "2029-05-31"},
	{"almalinux", "9", "2032-05-31"},    {"alpine", "3.10", "2021-05-01"},
	{"alpine", "3.11", "2021-11-01"},    {"alpine", "3.12", "2022-05-01"},
	{"alpine", "3.13", "2022-11-01"},    {"alpine", "3.14", "2023-05-01"},
	{"alpine", "3.15", "2023-11-01"},    {"alpine", "3.16", "2024-05-23"},
	{"alpine", "3.17", "2024-11-22"},    {"alpine", "3.18", "2025-05-09"},
	{"alpine", "3.19", "2025-11-01"},    {"alpine", "3.20", "2026-04-01"},
	{"alpine", "3.21", "2026-11-01"},    {"alpine", "3.22", "2027-05-01"},
	{"alpine", "3.23", "2027-11-01"},    {"alpine", "3.5", "2018-11-01"},
	{"alpine", "3.6", "2019-05-01"},     {"alpine", "3.7", "2019-11-01"},
	{"alpine", "3.8", "2020-05-01"},     {"alpine", "3.9", "2020-11-01"},
	{"amzn", "2", "2026-06-30"},	     {"amzn", "2018", "2023-12-31"},
	{"amzn", "2023", "2029-06-30"},	     {"centos", "6", "2020-11-30"},
	{"centos", "7", "2024-06-30"},	     {"centos", "8", "2024-05-31"},
	{"centos", "9", "2027-05-31"},	     {"debian", "10", "2024-06-30"},
	{"debian", "11", "2026-08-31"},	     {"debian", "12", "2028-06-30"},
	{"debian", "13", "2030-06-30"},	     {"debian", "7", "2018-05-31"},
	{"debian", "8", "2020-06-30"},	     {"debian", "9", "2022-06-30"},
	{"fedora", "36", "2023-05-16"},	     {"fedora", "37", "2023-12-05"},
	{"fedora", "38", "2024-05-21"},	     {"fedora", "39", "2024-11-26"},
	{"fedora", "40", "2025-05-13"},	     {"fedora", "41", "2025-12-15"},
	{"fedora", "42", "2026-05-13"},	     {"mariner", "2", "2025-07-31"},
	{"ol", "7", "2024-12-31"},	     {"ol", "8", "2029-07-31"},
	{"ol", "9", "2032-06-30"},	     {"opensuse-leap", "15.3", "2022-12-31"},
	{"opensuse-leap", "15.4", "2023-12-07"}, {"opensuse-leap", "15.5", "2024-12-31"},
	{"opensuse-leap", "15.6", "2026-04-30"}, {"opensuse-leap", "16.0", "2027-10-31"},
	{"rhel", "10", "2035-05-31"},	     {"rhel", "6", "2020-11-30"},
	{"rhel", "7", "2024-06-30"},	     {"rhel", "8", "2029-05-31"},
	{"rhel", "9", "2032-05-31"},	     {"rocky", "10", "2035-05-31"},
	{"rocky", "8", "2029-05-31"},	     {"rocky", "9", "2032-05-31"},
	{"sles", "12.5", "2024-10-31"},	     {"sles", "15.5", "2024-12-31"},
	{"sles", "15.6", "2025-12-31"},	     {"sles", "15.7", "2031-07-31"},
	{"ubuntu", "14.04", "2019-04-25"},   {"ubuntu", "16.04", "2021-04-30"},
	{"ubuntu", "18.04", "2023-05-31"},   {"ubuntu", "20.04", "2025-05-31"},
	{"ubuntu", "22.04", "2027-04-30"},   {"ubuntu", "22.10", "2023-07-20"},
	{"ubuntu", "23.04", "2024-01-25"},   {"ubuntu", "23.10", "2024-07-11"},
	{"ubuntu", "24.04", "2029-05-31"},   {"ubuntu", "24.10", "2025-07-10"},
	{"ubuntu", "25.04", "2026-01-15"},   {"ubuntu", "25.10", "2026-07-09"},
};

static bool is_of(const char *version, const char *beginning)
{
	size_t length = strlen(beginning);

	return strncmp(version, beginning, length) == 0 &&
	       (version[length] == '\0' || version[length] == '.');
}

bool image_release_end(const char *id, const char *version, int64_t *ret_day)
{
	for (size_t i = 0; i < IMAGE_COUNT(releases); i++) {
		if (strcmp(releases[i].id, id) != 0 || !is_of(version, releases[i].version))
			continue;
		*ret_day = image_day(releases[i].end);
		return true;
	}
	return false;
}

/* ---- days ---- */

/* The calendar begins in March, so that the leap day is the last of a year. */
int64_t image_day(const char *date)
{
	int year, month, day, end = 0;

	if (sscanf(date, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10 || year < 1 ||
	    month < 1 || month > 12 || day < 1 || day > 31)
		return INT64_MIN;
	int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

const char *image_date(hf_check_run *run, int64_t day)
{
	int64_t shifted = day + 719468, era = shifted / 146097, of_era = shifted % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	int64_t of_month = of_year - (153 * month + 2) / 5 + 1;

	month = month < 10 ? month + 3 : month - 9;
	return hf_text(run, "%04d-%02d-%02d", (int)(year + era * 400 + (month <= 2)), (int)month,
		       (int)of_month);
}
