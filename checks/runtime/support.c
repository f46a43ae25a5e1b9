/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether runtimes still get security fixes: their projects' dates, or their distribution's. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this age the table knows nothing of what was announced since, so it passes nobody. */
enum { TABLE_LASTS_DAYS = 180, FIELDS = 5 };

#define SITE_TABLE HF_SYSCONFDIR "/runtime-support.tsv"

typedef struct table {
	const char *text;
	const char *as_of; /* "2026-08-22" */
	int64_t day;
	const char *source; /* NULL: our own */
} table;

typedef struct line {
	const char *field[FIELDS]; /* "" where there is none */
} line;

typedef struct subject {
	table table;
	const hf_moment *now;
	const char *os_id; /* os-release(5); "" not known */
	const char *os_version;
} subject;

/* ---- the table ---- */

/* Days since 1970-01-01; 0: no date. The same count as hf_moment.day. */
static int64_t day_of(const char *date)
{
	int year, month, day;

	if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return 0;
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* Fields between tabs; false at the end. */
static bool next_line(hf_check_run *run, const char **cursor, line *ret_line)
{
	while (**cursor) {
		const char *start = *cursor;
		size_t length = strcspn(start, "\n");
		const char *at = hf_text(run, "%.*s", (int)length, start);

		*cursor = start + length + (start[length] == '\n');
		if (*at == '#' || *at == '\0')
			continue;
		for (size_t i = 0; i < FIELDS; i++) {
			size_t width = strcspn(at, "\t");

			ret_line->field[i] = hf_text(run, "%.*s", (int)width, at);
			at += width + (at[width] == '\t');
		}
		return true;
	}
	return false;
}

static void find_date(hf_check_run *run, table *t)
{
	const char *cursor = t->text;
	line l;

	t->as_of = "";
	t->day = 0;
	while (t->day == 0 && next_line(run, &cursor, &l)) {
		if (strcmp(l.field[0], "as-of") == 0) {
			t->as_of = l.field[1];
			t->day = day_of(t->as_of);
		}
	}
}

/* The site's, where it is newer than ours; one that others could write says nothing. */
static table choose_table(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, SITE_TABLE);
	table own = {.text = runtime_support_table}, site = {.source = SITE_TABLE};

	find_date(run, &own);
	if (file->fact.state != HF_PRESENT)
		return own;
	const char *why = hf_file_writable_why(run, file);

	if (why) {
		hf_note(run, SITE_TABLE, hf_text(run, "is not used: %s", why));
		return own;
	}
	site.text = file->data;
	find_date(run, &site);
	return site.day > own.day ? site : own;
}

/* ---- versions ---- */

/* The next number of a version, which ends at what is neither a digit nor a dot. */
static bool next_number(const char **at, unsigned long *ret_number)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*ret_number = strtoul(*at, &end, 10);
	*at = *end == '.' ? end + 1 : end;
	return true;
}

static int compare_versions(const char *a, const char *b)
{
	unsigned long x, y;

	for (;;) {
		bool has_a = next_number(&a, &x), has_b = next_number(&b, &y);

		if (!has_a || !has_b)
			return (int)has_a - (int)has_b;
		if (x != y)
			return x < y ? -1 : 1;
	}
}

static bool is_of_branch(const char *version, const char *branch)
{
	size_t length = strlen(branch);

	return strncmp(version, branch, length) == 0 &&
	       (version[length] < '0' || version[length] > '9');
}

/* "5:28.3.3-1~debian.12~bookworm" -> "28.3.3-1…": dpkg's epoch says nothing. */
static const char *without_epoch(const char *version)
{
	size_t digits = strspn(version, "0123456789");

	return version[digits] == ':' ? version + digits + 1 : version;
}

/* ---- verdicts ---- */

/* The one way to pass: with a table that is fresh enough to know. */
static void judge_end(hf_check_run *run, const subject *s, const char *source, const char *what,
		      const char *end)
{
	bool is_open = strcmp(end, "-") == 0;
	int64_t age = s->now->day - s->table.day;
	const char *found = is_open ? hf_text(run, "%s, no end of fixes announced", what)
				    : hf_text(run, "%s, fixes until %s", what, end);
	const char *wanted =
		hf_text(run, "fixes on %.10s (table of %s%s%s)", s->now->text, s->table.as_of,
			s->table.source ? ", " : "", s->table.source ? s->table.source : "");

	if (!is_open && day_of(end) < s->now->day)
		(void)hf_expect(run, source, found, wanted, false);
	else if (age > TABLE_LASTS_DAYS)
		hf_unknown(run, source,
			   hf_text(run, "%s, but the table of %s is %lld days old", found,
				   s->table.as_of, (long long)age));
	else
		(void)hf_expect(run, source, found, wanted, true);
}

/* By the project's branches. */
static void judge_branch(hf_check_run *run, const subject *s, const char *component,
			 const char *version, const char *source, bool may_be_patched)
{
	const char *cursor = s->table.text, *what = hf_text(run, "%s %s", component, version);
	bool is_newest = true;
	line l, newest = {{""}};

	while (next_line(run, &cursor, &l)) {
		if (strcmp(l.field[0], "branch") != 0 || strcmp(l.field[1], component) != 0)
			continue;
		if (is_newest)
			newest = l;
		is_newest = false;
		if (!is_of_branch(version, l.field[2]))
			continue;
		bool has_ended = strcmp(l.field[3], "-") != 0 && day_of(l.field[3]) < s->now->day;
		bool is_low =
			strcmp(l.field[4], "-") != 0 && compare_versions(version, l.field[4]) < 0;

		if ((has_ended || is_low) && may_be_patched)
			hf_unknown(run, source,
				   hf_text(run,
					   "%s: whose package it is, and whether that is kept up, "
					   "is not known",
					   what));
		else if (is_low)
			(void)hf_expect(
				run, source, what,
				hf_text(run, "at least %s, which closes a known hole", l.field[4]),
				false);
		else
			judge_end(run, s, source, what, l.field[3]);
		return;
	}
	if (is_newest)
		hf_unknown(run, source,
			   hf_text(run, "%s: the table of %s has no such runtime", what,
				   s->table.as_of));
	else if (compare_versions(version, newest.field[2]) > 0)
		hf_unknown(run, source,
			   hf_text(run, "%s is newer than the table of %s", what, s->table.as_of));
	else if (may_be_patched)
		hf_unknown(run, source,
			   hf_text(run,
				   "%s: whose package it is, and whether that is kept up, is not "
				   "known",
				   what));
	else
		(void)hf_expect(run, source, hf_text(run, "%s, of a branch that has ended", what),
				"a branch with fixes", false);
}

/* By the distribution that patches it under its old number. */
static void judge_distribution(hf_check_run *run, const subject *s, const char *package,
			       const char *version, const char *source)
{
	const char *cursor = s->table.text;
	const char *what =
		hf_text(run, "package %s %s of %s %s", package, version,
			*s->os_id ? s->os_id : "a distribution that is not known", s->os_version);
	line l;

	while (next_line(run, &cursor, &l)) {
		if (strcmp(l.field[0], "os") != 0 || strcmp(l.field[1], s->os_id) != 0 ||
		    strcmp(l.field[2], s->os_version) != 0)
			continue;
		judge_end(run, s, source, what, l.field[3]);
		return;
	}
	hf_unknown(run, source,
		   hf_text(run, "%s: the table of %s has no such release", what, s->table.as_of));
}

/* ---- what is installed ---- */

typedef struct known_package {
	const char *name;
	const char *component;
	bool is_distributions; /* it patches old versions; else the project's own, or its vendor's
				*/
} known_package;

static const known_package known_packages[] = {
	{"docker.io", "docker", true},
	{"docker-ce", "docker", false},
	{"moby-engine", "docker", false},
	{"containerd", "containerd", true},
	{"containerd.io", "containerd", false},
	{"podman", "podman", true},
	{"cri-o", "cri-o", false},
};

/* The installed version of a package, or NULL. *ret_known: dpkg could be asked. */
static const char *installed(hf_check_run *run, const char *name, bool *ret_known)
{
	const hf_packages *packages = hf_packages_get(run, name);

	*ret_known = packages->fact.state == HF_PRESENT;
	for (size_t i = 0; i < packages->count; i++) {
		const hf_package *package = &packages->all[i];

		if (package->is_installed && package->version && strcmp(package->name, name) == 0)
			return without_epoch(package->version);
	}
	return NULL;
}

static void judge_package(hf_check_run *run, const subject *s, const known_package *package,
			  const char *version)
{
	const char *source = hf_text(run, "package %s", package->name);

	if (package->is_distributions)
		judge_distribution(run, s, package->name, version, source);
	else
		judge_branch(run, s, package->component, version, source, false);
}

/* Of an engine that was not asked: that of the package whose program it runs. */
static const char *version_by_program(hf_check_run *run, const hf_daemon *daemon)
{
	bool is_packages = daemon->exe && (strcmp(daemon->exe, "/usr/bin/dockerd") == 0 ||
					   strcmp(daemon->exe, "/usr/sbin/dockerd") == 0);
	bool is_known;

	for (size_t i = 0; is_packages && i < sizeof known_packages / sizeof known_packages[0];
	     i++) {
		const char *version = strcmp(known_packages[i].component, "docker") == 0
					      ? installed(run, known_packages[i].name, &is_known)
					      : NULL;

		if (version)
			return version;
	}
	return NULL;
}

/* The running one's own word; which package it is of, by the version: "20.10.24+dfsg1"
 * of 20.10.24+dfsg1-1+deb12u1. */
static void judge_daemon(hf_check_run *run, const subject *s, const hf_daemon *daemon)
{
	const char *source = "version of the running engine";
	bool is_known = false;

	const char *version_told =
		daemon->version ? daemon->version : version_by_program(run, daemon);

	if (!version_told) {
		hf_unknown(run, source, "nobody told it");
		return;
	}
	for (size_t i = 0; i < sizeof known_packages / sizeof known_packages[0]; i++) {
		const known_package *package = &known_packages[i];
		const char *version = strcmp(package->component, "docker") == 0
					      ? installed(run, package->name, &is_known)
					      : NULL;

		if (!version || strncmp(version, version_told, strlen(version_told)) != 0)
			continue;
		judge_package(run, s, package, version);
		return;
	}
	judge_branch(run, s, "docker", version_told, source,
		     !is_known || strpbrk(version_told, "+~") != NULL);
}

/* The package was updated, and what runs is what was there before: proc(5), "exe". */
static void judge_replaced(hf_check_run *run, const hf_process *process)
{
	static const char *const names[] = {"/dockerd (deleted)", "/containerd (deleted)",
					    "/crio (deleted)"};
	size_t length = process->exe && !process->is_container ? strlen(process->exe) : 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t wanted = strlen(names[i]);

		if (length > wanted && strcmp(process->exe + length - wanted, names[i]) == 0)
			(void)hf_expect(run, hf_text(run, "/proc/%d/exe", process->pid),
					process->exe,
					"the program that is installed: a newer one takes effect "
					"with a restart",
					false);
	}
}

/* Who runs without a package that we know. */
static void judge_processes(hf_check_run *run, const bool *has_component, size_t *found)
{
	static const char *const names[] = {"containerd", "podman", "crio"};
	static const char *const components[] = {"containerd", "podman", "cri-o"};
	const hf_processes *processes = hf_processes_get(run);

	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < processes->count && !has_component[i]; k++) {
			const char *exe = processes->all[k].exe;
			const char *slash =
				exe && !processes->all[k].is_container ? strrchr(exe, '/') : NULL;

			if (!slash || strcmp(slash + 1, names[i]) != 0)
				continue;
			(*found)++;
			hf_unknown(run, exe,
				   hf_text(run, "%s runs, and no package tells its version",
					   components[i]));
			break;
		}
	}
	for (size_t i = 0; i < processes->count; i++)
		judge_replaced(run, &processes->all[i]);
	if (processes->fact.state != HF_PRESENT)
		hf_unknown(run, processes->fact.source, processes->fact.why);
	else if (processes->gap)
		hf_unknown(run, processes->fact.source, processes->gap);
}

/* The value of NAME= in os-release(5), quotes taken off; "" not there. */
static const char *setting(hf_check_run *run, const hf_file *file, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = file->data; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		at += *at == '"' || *at == '\'';
		return hf_text(run, "%.*s", (int)strcspn(at, "\"'\n"), at);
	}
	return "";
}

static bool begin(hf_check_run *run, subject *s)
{
	const hf_file *os = hf_file_get(run, "/etc/os-release");

	s->now = hf_moment_get(run);
	s->os_id = s->os_version = "";
	if (!hf_need(run, &s->now->fact))
		return false;
	if (os->fact.state == HF_ABSENT)
		os = hf_file_get(run, "/usr/lib/os-release");
	if (os->fact.state == HF_PRESENT) {
		s->os_id = setting(run, os, "ID");
		s->os_version = setting(run, os, "VERSION_ID");
	}
	s->table = choose_table(run);
	return true;
}

static void check_branch(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	bool has_component[3] = {false, false, false}, is_known;
	static const char *const components[] = {"containerd", "podman", "cri-o"};
	size_t found = 0;
	subject s;

	if (!begin(run, &s))
		return;
	if (daemon && (daemon->is_running || daemon->fact.state != HF_PRESENT)) {
		found++;
		judge_daemon(run, &s, daemon);
	}
	for (size_t i = 0; i < sizeof known_packages / sizeof known_packages[0]; i++) {
		const known_package *package = &known_packages[i];
		const char *version = installed(run, package->name, &is_known);
		bool is_docker = strcmp(package->component, "docker") == 0;

		if (!version || (is_docker && daemon && daemon->is_running))
			continue;
		found++;
		judge_package(run, &s, package, version);
		for (size_t k = 0; k < 3; k++)
			has_component[k] |= strcmp(package->component, components[k]) == 0;
	}
	judge_processes(run, has_component, &found);
	if (found == 0 && daemon)
		hf_unknown(run, daemon->fact.source,
			   "an engine is installed, and no package tells its version");
	else if (found == 0 && hf_status_so_far(run) == HF_NOTSELECTED)
		hf_not_applicable(run, "processes and packages", "no container runtime",
				  "no container runtime is on this node");
}

static const hf_check checks[] = {
	{
		.id = "runtime.supported-branch",
		.title = "Runtimes belong to maintained release branches",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.2.2", "CWE:1104", "NIST-800-190:4.4.1",
				"OWASP-Docker:D02", "CWE:1395", "ATTACK:T1068",
				"DOCKER-BENCH:check_1_2_2"),
		.aliases = HF_ALIASES("host.docker-version"),
		.reads = HF_READS(SITE_TABLE, "/etc/os-release", "/usr/lib/os-release",
				  "packages:docker.io", "packages:docker-ce",
				  "packages:moby-engine", "packages:containerd",
				  "packages:containerd.io", "packages:podman", "packages:cri-o"),
		.risk = "Holes that become known in a runtime are never closed on this node any "
			"more, or the fix is installed and does not run.",
		.threat =
			"Somebody with a container, or with an image that is run, uses a published "
			"hole of the runtime and becomes root of the node.",
		.remediation =
			"Update to a release that gets fixes (apt-get install --only-upgrade "
			"docker.io containerd runc, or the packages of the project) and restart "
			"the "
			"engine: systemctl restart containerd docker.",
		.run = check_branch,
	},
};

HF_CHECK_SET(runtime_support, checks);
