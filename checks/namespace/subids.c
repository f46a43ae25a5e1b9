/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subordinate ids: subuid(5), subgid(5). */
#include "spaces.h"

#include <string.h>

enum { FIRST_UNPRIVILEGED = 65536, RANGES_MAX = 4096 };

typedef struct file_kind {
	const char *path;
	const char *accounts;
	const char *program;
} file_kind;

static const file_kind kinds[] = {
	{"/etc/subuid", "/etc/passwd", "/usr/bin/newuidmap"},
	{"/etc/subgid", "/etc/group", "/usr/bin/newgidmap"},
};

#define WANTED "root's alone to write; ranges from 65536 up, disjoint, without an account's id"

static void refuse(hf_check_run *run, const char *source, const char *why)
{
	(void)hf_expect(run, source, why, WANTED, false);
}

/* "subid: sss" in nsswitch.conf: then the files do not count, nsswitch.conf(5). */
static const char *remote_source(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, "/etc/nsswitch.conf");
	const char *at = file->fact.state == HF_PRESENT ? file->data : "";

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		const char *word = at + strspn(at, " \t");

		if (strncmp(word, "subid:", 6) != 0)
			continue;
		word += 6;
		word += strspn(word, " \t");
		size_t length = strcspn(word, " \t\r\n#");

		if (length > 0 && !(length == 5 && strncmp(word, "files", 5) == 0))
			return hf_text(run, "%.*s", (int)length, word);
	}
	return NULL;
}

/* By place; insertion suits a file that is kept in order, and the cap the rest. */
static size_t sort_in(spaces_range *ranges, size_t count, spaces_range range)
{
	size_t at = count;

	for (; at > 0 && ranges[at - 1].first > range.first; at--)
		ranges[at] = ranges[at - 1];
	ranges[at] = range;
	return count + 1;
}

static bool is_same_owner(const spaces_range *a, const spaces_range *b)
{
	return a->owner_length == b->owner_length &&
	       memcmp(a->owner, b->owner, (size_t)a->owner_length) == 0;
}

static void judge_overlaps(hf_check_run *run, const char *path, const spaces_range *ranges,
			   size_t count)
{
	size_t widest = 0;

	for (size_t i = 1; i < count; i++) {
		const spaces_range *a = &ranges[widest], *b = &ranges[i];

		if (spaces_overlap(a->first, a->length, b->first, b->length) &&
		    !is_same_owner(a, b)) {
			refuse(run, path,
			       hf_text(run, "%.*s and %.*s share ids from %u", a->owner_length,
				       a->owner, b->owner_length, b->owner, b->first));
			return;
		}
		if ((uint64_t)b->first + b->length > (uint64_t)a->first + a->length)
			widest = i;
	}
}

static void judge_accounts(hf_check_run *run, const file_kind *kind, const spaces_range *ranges,
			   size_t count)
{
	const hf_file *accounts = hf_file_get(run, kind->accounts);
	const char *cursor = NULL;
	spaces_account account;

	if (!hf_need(run, &accounts->fact))
		return;
	while (spaces_next_account(accounts, &cursor, &account)) {
		for (size_t i = 0; i < count; i++) {
			if (!spaces_overlap(ranges[i].first, ranges[i].length, account.id, 1))
				continue;
			refuse(run, kind->path,
			       hf_text(run, "the range of %.*s from %u holds %.*s of the host (%u)",
				       ranges[i].owner_length, ranges[i].owner, ranges[i].first,
				       account.name_length, account.name, account.id));
			return;
		}
	}
}

/* Returns the number of ranges. */
static size_t judge_file(hf_check_run *run, const file_kind *kind, const hf_file *file)
{
	static spaces_range ranges[RANGES_MAX];
	const char *why = hf_file_writable_why(run, file), *cursor = NULL;
	spaces_range range;
	size_t count = 0;

	if (why)
		refuse(run, kind->path, why);
	while (spaces_next_range(file, &cursor, &range)) {
		if (range.is_bad) {
			hf_unknown(
				run, kind->path,
				hf_text(run, "is no range: %.*s", range.owner_length, range.owner));
			continue;
		}
		if (count == RANGES_MAX) {
			hf_unknown(run, kind->path, "has more ranges than are compared");
			break;
		}
		if (range.length == 0)
			continue;
		if (range.first < FIRST_UNPRIVILEGED)
			refuse(run, kind->path,
			       hf_text(run, "%.*s has ids from %u", range.owner_length, range.owner,
				       range.first));
		count = sort_in(ranges, count, range);
	}
	judge_overlaps(run, kind->path, ranges, count);
	if (count > 0)
		judge_accounts(run, kind, ranges, count);
	return count;
}

/* The set-id helper that reads the files; a file capability does as well as set-uid. */
static void judge_program(hf_check_run *run, const char *path)
{
	const hf_file *file = hf_stat_get(run, path);

	if (file->fact.state == HF_ABSENT) {
		hf_note(run, path, "does not exist: only root uses the ranges");
		return;
	}
	if (!hf_need(run, &file->fact))
		return;
	const char *why = hf_file_writable_why(run, file);

	if (why)
		refuse(run, path, why);
}

static void check_subids(hf_check_run *run)
{
	const hf_file *files[sizeof kinds / sizeof *kinds];
	const char *remote = remote_source(run);
	size_t present = 0, ranges = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		files[i] = hf_file_get(run, kinds[i].path);
		present += files[i]->fact.state != HF_ABSENT;
	}
	if (remote) {
		hf_unknown(run, "/etc/nsswitch.conf",
			   hf_text(run, "subordinate ids come from \"%s\", which is not asked",
				   remote));
		return;
	}
	if (present == 0) {
		hf_not_applicable(run, "/etc/subuid and /etc/subgid", "do not exist",
				  "nobody has subordinate ids");
		return;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (files[i]->fact.state == HF_ABSENT || !hf_need(run, &files[i]->fact))
			continue;
		ranges += judge_file(run, &kinds[i], files[i]);
		judge_program(run, kinds[i].program);
	}
	if (hf_status_so_far(run) == HF_FAIL || hf_status_so_far(run) == HF_UNKNOWN)
		return;
	if (ranges == 0)
		hf_not_applicable(run, "/etc/subuid and /etc/subgid", "no range",
				  "nobody has subordinate ids");
	else
		(void)hf_expect(run, "/etc/subuid and /etc/subgid",
				"root's, disjoint, nobody else's", WANTED, true);
}

static const hf_check checks[] = {
	{
		.id = "namespace.subid-ranges",
		.title = "Subordinate id ranges on the host are disjoint and root-owned",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "CWE:269", "CIS-Docker-1.6:2.9"),
		.aliases = HF_ALIASES("host.accounts.subid-ranges"),
		.reads = HF_READS("/etc/subuid", "/etc/subgid", "/etc/passwd", "/etc/group",
				  "/etc/nsswitch.conf", "stat:/usr/bin/newuidmap",
				  "stat:/usr/bin/newgidmap"),
		.risk = "Who has a range owns all files and processes with ids in it: another "
			"user's containers, "
			"or an account of the host.",
		.threat = "With podman unshare he becomes any id of his range; one that is "
			  "dockremap's, too, "
			  "gives him every remapped container.",
		.remediation = "Give each name in /etc/subuid and /etc/subgid a range of its own "
			       "above every "
			       "account and every id of the directory service; chown root:root and "
			       "chmod 644 "
			       "both files.",
		.run = check_subids,
	},
};

HF_CHECK_SET(namespace_subids, checks);
