/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the running kernel still get security fixes: its distribution's dates, or kernel.org's. */
#include "common.h"
#include "sets.h"
#include "support-table.h"

#include <stdio.h>

/* Beyond this age the table knows nothing of what was announced since, so it passes nobody. */
enum { TABLE_LASTS_DAYS = 180 };

typedef struct subject {
	const hf_kernel *kernel;
	const hf_moment *now;
	const char *os_id; /* os-release; "" when it cannot be read */
	const char *os_version;
	const char *os_source;
} subject;

/* Days since 1970-01-01 of "YYYY-MM-DD": the same count as hf_moment.day. */
static int64_t day_of(const char *date)
{
	int year = 1970, month = 1, day = 1;

	if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return 0;
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* "9" and "9.4" are both 9; "24.10" is not 24.1. */
static bool version_is(const char *version, const char *row)
{
	size_t length = strlen(row);

	return strncmp(version, row, length) == 0 &&
	       (version[length] == '\0' || version[length] == '.');
}

static bool version_is_older(const char *version, const char *row)
{
	unsigned a = 0, b = 0, x = 0, y = 0;

	if (sscanf(version, "%u.%u", &a, &b) < 1 || sscanf(row, "%u.%u", &x, &y) < 1)
		return false;
	return a != x ? a < x : b < y;
}

static const kernel_vendor *find_vendor(hf_check_run *run, const subject *s)
{
	const hf_file *version = hf_file_get(run, "/proc/version");
	const char *builder = version->fact.state == HF_PRESENT ? version->data : "";

	for (size_t i = 0; i < KERNEL_COUNT(kernel_vendor_table); i++) {
		const kernel_vendor *v = &kernel_vendor_table[i];
		const char *tag = v->tag ? strstr(s->kernel->release, v->tag) : NULL;

		if (v->tag && (!tag || strspn(tag + strlen(v->tag), "0123456789") == 0))
			continue;
		if (v->suffix && !kernel_ends_with(s->kernel->release, v->suffix))
			continue;
		if (v->in_build && !strstr(s->kernel->build, v->in_build))
			continue;
		if (v->in_version && !strstr(builder, v->in_version))
			continue;
		if (v->needs_id && strcmp(v->needs_id, s->os_id) != 0)
			continue;
		return v;
	}
	return NULL;
}

/* The one way to pass: with a table that is fresh enough to know. */
static void judge_end(hf_check_run *run, const subject *s, const char *source, const char *found,
		      const char *end)
{
	int64_t age = s->now->day - day_of(KERNEL_SUPPORT_TABLE_DATE);
	const char *what =
		hf_text(run, "%s, fixes until %s", found, end ? end : "a day not announced");
	const char *wanted = hf_text(run, "fixes on %.10s (table of %s)", s->now->text,
				     KERNEL_SUPPORT_TABLE_DATE);

	if (end && day_of(end) < s->now->day)
		hf_expect(run, source, what, wanted, false);
	else if (age > TABLE_LASTS_DAYS)
		hf_unknown(run, source,
			   hf_text(run, "%s, but data stale: the table of %s is %lld days old",
				   what, KERNEL_SUPPORT_TABLE_DATE, (long long)age));
	else
		hf_expect(run, source, what, wanted, true);
}

static void judge_series(hf_check_run *run, const subject *s)
{
	const hf_kernel *k = s->kernel;
	const char *found =
		hf_text(run, "%s, series %u.%u of kernel.org", k->release, k->major, k->minor);
	const kernel_series *newest = &kernel_series_table[0];

	for (size_t i = 0; i < KERNEL_COUNT(kernel_series_table); i++) {
		const kernel_series *row = &kernel_series_table[i];

		if (row->major != k->major || row->minor != k->minor)
			continue;
		hf_note(run, k->fact.source,
			"a series that gets fixes is no proof that this build has them all");
		if (row->sure && day_of(row->sure) < s->now->day &&
		    day_of(row->end) >= s->now->day)
			hf_unknown(run, k->fact.source,
				   hf_text(run, "%s: the table of %s knows fixes until %s alone",
					   found, KERNEL_SUPPORT_TABLE_DATE, row->sure));
		else
			judge_end(run, s, k->fact.source, found, row->end);
		return;
	}
	if (k->major > newest->major || (k->major == newest->major && k->minor > newest->minor))
		hf_unknown(run, k->fact.source,
			   hf_text(run, "%s is newer than the table of %s", found,
				   KERNEL_SUPPORT_TABLE_DATE));
	else
		hf_expect(run, k->fact.source, found, "a longterm series or the newest stable one",
			  false);
}

/* A longer life that has to be bought: whether this node has it cannot be read from the host. */
static void judge_release_row(hf_check_run *run, const subject *s, const kernel_release *row,
			      const char *found)
{
	if (row->paid_end && day_of(row->end) < s->now->day && day_of(row->paid_end) >= s->now->day)
		hf_unknown(run, s->kernel->fact.source,
			   hf_text(run,
				   "%s: free fixes ended %s; until %s there are some for "
				   "subscribers of %s, and whether this node is one cannot be told",
				   found, row->end, row->paid_end, row->programme));
	else
		judge_end(run, s, s->kernel->fact.source, found, row->end);
}

static void judge_release(hf_check_run *run, const subject *s, const char *id, const char *version)
{
	const char *found = hf_text(run, "%s, kernel of %s %s", s->kernel->release, id, version);
	bool is_listed = false, is_older = true;

	for (size_t i = 0; i < KERNEL_COUNT(kernel_release_table); i++) {
		const kernel_release *row = &kernel_release_table[i];

		if (strcmp(row->id, id) != 0)
			continue;
		if (version_is(version, row->version)) {
			judge_release_row(run, s, row, found);
			return;
		}
		is_listed = true;
		is_older = is_older && version_is_older(version, row->version);
	}
	if (is_listed && is_older)
		hf_expect(run, s->kernel->fact.source, found, "a supported release", false);
	else
		hf_unknown(run, s->kernel->fact.source,
			   hf_text(run, "%s is not in the table of %s", found,
				   KERNEL_SUPPORT_TABLE_DATE));
}

static bool table_has(const char *id)
{
	for (size_t i = 0; i < KERNEL_COUNT(kernel_release_table); i++) {
		if (strcmp(kernel_release_table[i].id, id) == 0)
			return true;
	}
	return false;
}

static void judge_vendor(hf_check_run *run, const subject *s, const kernel_vendor *vendor)
{
	bool is_own = kernel_has_word(vendor->ids, " ", s->os_id);
	const char *first = hf_text(run, "%.*s", (int)strcspn(vendor->ids, " "), vendor->ids);
	const char *id = is_own && table_has(s->os_id) ? s->os_id : first;
	const char *version = s->os_version;

	if (vendor->tag) {
		const char *at = strstr(s->kernel->release, vendor->tag) + strlen(vendor->tag);

		version = hf_text(run, "%.*s", (int)strspn(at, "0123456789"), at);
	} else if (vendor->release_of ? strcmp(s->os_id, vendor->release_of) != 0 : !is_own) {
		hf_unknown(run, s->os_source,
			   hf_text(run,
				   "the kernel %s is one of %s, but the files are of '%s', so its "
				   "release cannot be told",
				   s->kernel->release, first, s->os_id));
		return;
	}
	judge_release(run, s, id, version);
}

static bool read_subject(hf_check_run *run, subject *s)
{
	s->kernel = hf_kernel_get(run);
	s->now = hf_moment_get(run);
	if (!hf_need(run, &s->kernel->fact) || !hf_need(run, &s->now->fact))
		return false;
	const hf_file *os = hf_file_get(run, "/etc/os-release");

	if (os->fact.state == HF_ABSENT)
		os = hf_file_get(run, "/usr/lib/os-release");
	s->os_source = os->fact.source;
	/* A tree without os-release (busybox and the like) still has a kernel; one that is there
	 * and cannot be read might name the vendor that matters. */
	if (os->fact.state == HF_UNREADABLE)
		return hf_need(run, &os->fact);
	const char *id = NULL, *version = NULL;

	if (os->fact.state == HF_PRESENT) {
		id = kernel_setting(run, os, "ID");
		version = kernel_setting(run, os, "VERSION_ID");
	}
	s->os_id = id ? id : "";
	s->os_version = version ? version : "";
	return true;
}

static void check_eol(hf_check_run *run)
{
	subject s = {0};

	if (!read_subject(run, &s))
		return;
	const kernel_vendor *vendor = find_vendor(run, &s);

	bool is_rolling = vendor && kernel_has_word(vendor->ids, " ", s.os_id) &&
			  kernel_has_word(KERNEL_ROLLING_IDS, " ", s.os_id);

	if (vendor && !is_rolling) {
		judge_vendor(run, &s, vendor);
		return;
	}
	hf_note(run, s.os_source,
		vendor ? "a distribution without releases: its newest image alone is kept up"
		       : "no distribution's mark in release or build: built here, or rolling");
	judge_series(run, &s);
}

static const hf_check checks[] = {
	{
		.id = "kernel.version.eol",
		.title = "Running kernel series still gets security fixes",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("NIST-800-190:4.5.3", "CWE:1104", "ATTACK:T1068"),
		.reads = HF_READS("/proc/version", "/etc/os-release", "/usr/lib/os-release"),
		.risk = "Holes in the kernel that become known are never closed on this node; "
			"every container shares that kernel.",
		.threat = "Whoever runs code in any container picks a published exploit for a "
			  "flaw that newer series have fixed and becomes root of the node.",
		.remediation = "Move to a release that its distribution supports (upgrade the "
			       "node's image), or build from a longterm series listed at "
			       "kernel.org and follow its updates.",
		.run = check_eol,
	},
};

HF_CHECK_SET(kernel_support, checks);
