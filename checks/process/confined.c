/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel keeps the processes of a container from beyond namespaces: access control by
 * labels, and mitigations of the processor's flaws. */
#include "process.h"

/* ---- process.mac-confined ---- */

static bool has_labels(const hf_lsm *lsm)
{
	return hf_lsm_has(lsm, "apparmor") || hf_lsm_has(lsm, "selinux") ||
	       hf_lsm_has(lsm, "smack");
}

typedef struct verdict {
	process_list bad;
	const char *label; /* of the first that is confined */
} verdict;

static void judge_task(hf_check_run *run, const hf_task *task, verdict *result)
{
	const char *label;

	if (task->fact.state != HF_PRESENT)
		return;
	switch (process_mac_of(run, task, &label)) {
	case PROCESS_MAC_UNKNOWN:
		hf_unknown(run, "labels of every task", label);
		break;
	case PROCESS_MAC_NONE:
		process_list_add(run, &result->bad,
				 hf_text(run, "%s with %s", process_task_name(run, task), label));
		break;
	case PROCESS_MAC_DEFAULT:
	case PROCESS_MAC_PROFILE:
	case PROCESS_MAC_SELINUX:
	case PROCESS_MAC_SMACK:
		result->label = result->label ? result->label : label;
		break;
	}
}

static void check_mac(hf_check_run *run)
{
	static const char wanted[] = "AppArmor, SELinux or Smack confines every task";
	const hf_container *container = hf_container_of(run);
	const hf_lsm *lsm = hf_lsm_get(run);
	verdict result = {0};

	if (!hf_need(run, &lsm->fact))
		return;
	if (!has_labels(lsm)) {
		(void)hf_expect(run, lsm->fact.source, lsm->list, wanted, false);
		hf_message(run, "No mandatory access control runs on this node.");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++)
		judge_task(run, &container->tasks[i], &result);
	/* AppArmor and Smack give every container the same label, SELinux a level of its own */
	process_conclude(run, &result.bad, "labels of every task", "not confined",
			 result.label && !strchr(result.label, ':') ? result.label
								    : "a type of containers",
			 wanted);
}

/* ---- process.speculation ---- */

static const char *text_or_none(const char *text)
{
	return text ? text : "not told by this kernel";
}

/* Which of the words is worst depends on who shares the node, which nothing here can tell. */
static void check_speculation(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list seen = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state == HF_PRESENT)
			process_list_add(run, &seen,
					 hf_text(run, "store bypass: %s; indirect branches: %s",
						 text_or_none(task->speculation_store_bypass),
						 text_or_none(task->speculation_indirect_branch)));
	}
	if (!hf_need(run, &container->tasks_fact))
		return;
	hf_inform(run, "status of every task", process_list_text(run, &seen),
		  "matters where containers of several owners share a processor");
}

static const hf_check checks[] = {
	{
		.id = "process.mac-confined",
		.title = "Every container process is confined by a mandatory access control system",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.2", "CIS-Docker-1.6:5.3", "CWE:693",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04"),
		.reads = HF_READS(PROCESS_MAC_READS),
		.risk = "Nothing but capabilities and namespaces stands between the process and "
			"the node.",
		.threat = "A mistake in mounts, devices or capabilities of the container is an "
			  "escape at once, "
			  "for no policy refuses what follows.",
		.remediation =
			"Boot with AppArmor (apparmor=1 security=apparmor) or SELinux enabled, and "
			"start "
			"containers without apparmor=unconfined, label=disable and --privileged.",
		.run = check_mac,
	},
	{
		.id = "process.speculation",
		.title = "Containers run with speculation mitigations",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.flags = HF_CHECK_INFO,
		.refs = HF_REFS("CWE:1037", "CWE:203"),
		.risk = "A process measures its way to memory that is not its own.",
		.threat = "A tenant reads keys of another that shares the processor.",
		.remediation = "For containers of several owners: boot with "
			       "spec_store_bypass_disable=on and "
			       "spectre_v2_user=on, or give each owner nodes of its own.",
		.run = check_speculation,
	},
};

HF_CHECK_SET(process_confined, checks);
