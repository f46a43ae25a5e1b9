/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel tells of auditing, for boot parameters that only matter where nobody sets
 * the same later. */
#include "options.h"

#include <string.h>

/* ---- audit-backlog-ok ---- */

/* audit_backlog_limit= gives the limit from the start of the kernel on; auditctl -b gives the same
 * one later. */
option_reading option_audit_backlog_judge(hf_check_run *run)
{
	enum { WANTED = 8192 };
	const hf_audit_status *status = hf_audit_status_get(run);

	if (status->fact.state == HF_ABSENT)
		return option_read(status->fact.source, status->fact.why, false);
	if (status->fact.state != HF_PRESENT)
		return option_unread(status->fact.source, status->fact.why);
	/* 0 is no limit, see audit_backlog_limit= in the kernel's list of parameters */
	return option_read(status->fact.source,
			   hf_text(run, "backlog_limit %u", status->backlog_limit),
			   status->backlog_limit == 0 || status->backlog_limit >= WANTED);
}

/* ---- audit-before-containers ---- */

static bool is_engine(const hf_process *process)
{
	static const char *const names[] = {"dockerd", "containerd", "crio", "podman", "kubelet"};
	const char *slash = process->exe ? strrchr(process->exe, '/') : NULL;

	for (size_t i = 0; slash && i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i]);

		/* " (deleted)" after an upgrade */
		if (strncmp(slash + 1, names[i], length) == 0 &&
		    (slash[1 + length] == '\0' || slash[1 + length] == ' '))
			return true;
	}
	return false;
}

/* Without audit=1 a process is recorded only where auditing was switched on before it started,
 * which the audit daemon does (audit_alloc() in kernel/auditsc.c gives nothing to the others, and
 * to their threads). That one daemon started after an engine proves nothing: it may have been
 * restarted. */
option_reading option_audit_early_judge(hf_check_run *run)
{
	const hf_audit_status *status = hf_audit_status_get(run);
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *auditd;

	if (status->fact.state == HF_ABSENT)
		return option_read(status->fact.source, status->fact.why, false);
	if (status->fact.state != HF_PRESENT)
		return option_unread(status->fact.source, status->fact.why);
	if (!status->is_enabled)
		return option_read(status->fact.source, "enabled 0", false);
	if (processes->fact.state != HF_PRESENT || processes->gap)
		return option_unread(processes->fact.source,
				     processes->gap ? processes->gap : processes->fact.why);
	auditd = status->pid > 0 ? hf_process_by_pid(processes, status->pid) : NULL;
	if (!auditd)
		return option_unread(status->fact.source,
				     "no audit daemon runs that could tell since when it is on");
	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if ((process->is_container || is_engine(process)) &&
		    process->start_ticks < auditd->start_ticks)
			return option_unread(
				hf_text(run, "/proc/%d/stat", process->pid),
				"it is older than the audit daemon, which may have been restarted");
	}
	return option_read(hf_text(run, "/proc/%d/stat", auditd->pid),
			   "the audit daemon is older than engines and containers", true);
}
