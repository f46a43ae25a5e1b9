/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers as the kernel shows them against containers as runtimes record them. */
#include "process.h"

#include <stdlib.h>

enum { SHOWN_MAX = 8 };

/* Sandboxes of programs of the desktop, which no runtime keeps records of: by the control group
 * that their launcher makes, or by the launcher itself. */
static bool is_sandbox(const hf_container *container)
{
	static const char *const groups[] = {"/app-flatpak-", "/snap.", "/app-org.", "/app-gnome-"};
	static const char *const programs[] = {"bwrap",		 "snap-confine", "firejail",
					       "chrome-sandbox", "chrome",	 "chromium",
					       "firefox",	 "firefox-esr",	 "electron"};
	const char *exe = container->init && container->init->exe ? container->init->exe : "";
	const char *slash = strrchr(exe, '/');

	for (size_t i = 0; container->cgroup && i < PROCESS_COUNT(groups); i++) {
		if (strstr(container->cgroup, groups[i]))
			return true;
	}
	/* a name alone is anybody's choice: only in a mount tree that the host's user made for
	 * himself */
	for (size_t i = 0; slash && container->init->uid[1] != 0 && i < PROCESS_COUNT(programs);
	     i++) {
		if (strcmp(slash + 1, programs[i]) == 0)
			return true;
	}
	return false;
}

static const char *described(hf_check_run *run, const hf_container *container)
{
	return hf_text(run, "%s: \"%s\"%s%s, no record of it",
		       container->cgroup ? container->cgroup : container->id,
		       container->init && container->init->name ? container->init->name : "?",
		       container->user ? " of " : "", container->user ? container->user : "");
}

/* Containers that no record names. */
static size_t judge_containers(hf_check_run *run, const hf_containers *all)
{
	size_t bad = 0;

	for (size_t i = 0; i < all->count; i++) {
		const hf_fact *record = hf_container_record(run, all->all[i]);

		if (record->state == HF_PRESENT || is_sandbox(all->all[i]))
			continue;
		if (record->state == HF_UNREADABLE) {
			hf_unknown(run, record->source, record->why);
			continue;
		}
		if (bad++ < SHOWN_MAX)
			(void)hf_expect(run, "containers of the kernel",
					described(run, all->all[i]),
					"every container is in a runtime's records", false);
	}
	return bad;
}

static int compare_id(const void *key, const void *element)
{
	return strcmp(key, (*(const hf_container *const *)element)->id);
}

/* Whether the container of @record is there: by its id, or by its first process. */
static bool is_running(hf_check_run *run, const hf_runtime_record *record, const hf_containers *all)
{
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *process = processes->fact.state == HF_PRESENT && record->pid > 0
					    ? hf_process_by_pid(processes, record->pid)
					    : NULL;

	if (bsearch(record->id, all->all, all->count, sizeof *all->all, compare_id))
		return true;
	if (process && process->is_container)
		return true;
	for (size_t i = 0; i < all->count; i++) {
		if (all->all[i]->name && strcmp(all->all[i]->name, record->id) == 0)
			return true;
	}
	return false;
}

/* Records of running containers that have no process. */
static size_t judge_records(hf_check_run *run, const hf_runtime_records *records,
			    const hf_containers *all)
{
	size_t bad = 0;

	for (size_t i = 0; i < records->count; i++) {
		const hf_runtime_record *record = records->all[i];

		if (is_running(run, record, all) || bad++ >= SHOWN_MAX)
			continue;
		(void)hf_expect(run, record->source,
				hf_text(run, "%s %s runs by its record, and has no process",
					record->runtime ? record->runtime : "container",
					record->id),
				"every recorded container has processes", false);
	}
	return bad;
}

static void check_unmanaged(hf_check_run *run)
{
	const hf_containers *all = hf_containers_get(run);
	const hf_runtime_records *records = hf_runtime_records_get(run);

	if (all->fact.state == HF_PRESENT && all->count == 0 && records->fact.state == HF_PRESENT &&
	    records->count == 0) {
		hf_not_applicable(run, "containers of the kernel and of runtimes' records", "none",
				  "no container runs");
		return;
	}
	size_t bad = judge_containers(run, all);

	if (all->fact.state == HF_PRESENT && records->fact.state == HF_PRESENT)
		bad += judge_records(run, records, all);
	if (bad > SHOWN_MAX)
		hf_note(run, "containers of the kernel", hf_text(run, "%zu in all", bad));
	if (bad > 0 || !hf_need(run, &all->fact) || !hf_need(run, &records->fact))
		return;
	(void)hf_expect(run, "containers of the kernel and of runtimes' records",
			hf_text(run, "%zu, each in both", all->count),
			"every container is in a runtime's records", true);
}

static const hf_check checks[] = {
	{
		.id = "process.unmanaged",
		.title = "Every container on the node is known to a runtime",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:778", "CWE:223", "ATTACK:T1610", "ATTACK:T1036.005",
				"MS-K8S-MATRIX:MS-TA9008", "NIST-800-190:4.4.5",
				"CIS-Docker-1.6:6.2", "CWE:912", "ATTACK:T1564",
				"OWASP-Docker:D10"),
		.aliases = HF_ALIASES("container.unlisted"),
		.risk = "A container that no runtime lists is in nobody's inventory, updates or "
			"logs.",
		.threat = "An intruder starts his own with unshare, runc or a second engine; "
			  "docker ps and the "
			  "orchestrator do not show it.",
		.remediation = "Look at its processes (systemd-cgls, holdfast containers) and at "
			       "every namespace "
			       "of containerd (ctr namespaces list), /run/runc and /run/crun; stop "
			       "what nobody "
			       "owns.",
		.run = check_unmanaged,
	},
};

HF_CHECK_SET(process_records, checks);
