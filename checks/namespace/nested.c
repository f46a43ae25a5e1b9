/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether containers can make user namespaces: the door to all that needs capabilities over
 * namespaces of one's own. */
#include "spaces.h"

#include <holdfast/seccomp.h>
#include <linux/capability.h>
#include <linux/sched.h>

enum { ALL_ABIS = (1 << HF_CALL_ABI_COUNT) - 1 };

/* A sysctl that is read and is zero. */
static bool is_zero(const hf_sysctl *sysctl)
{
	return sysctl->fact.state == HF_PRESENT && sysctl->is_number && sysctl->number == 0;
}

/* Debian's and Ubuntu's switch lets only who has SYS_ADMIN in the initial user namespace. */
static bool has_admin(hf_check_run *run, const hf_container *container)
{
	const uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (((task->cap_permitted | task->cap_effective) & admin) &&
		    !hf_task_is_remapped(run, task))
			return true;
	}
	return false;
}

/* True: decided by a setting of the node. */
static bool judge_settings(hf_check_run *run, const hf_container *container)
{
	static const char wanted[] = "user namespaces refused";
	const hf_sysctl *most = hf_sysctl_get(run, "user.max_user_namespaces");
	const hf_sysctl *anybody = hf_sysctl_get(run, "kernel.unprivileged_userns_clone");

	if (most->fact.state == HF_ABSENT) {
		hf_not_applicable(run, most->fact.source, "does not exist",
				  "this kernel has no user namespaces");
		return true;
	}
	if (is_zero(most)) {
		(void)hf_expect(run, most->fact.source, "0", wanted, true);
		return true;
	}
	if (!is_zero(anybody))
		return false;
	if (has_admin(run, container)) {
		hf_note(run, anybody->fact.source, "0, which does not hold for its SYS_ADMIN");
		return false;
	}
	if (container->task_count == 0 || !hf_need(run, &container->tasks_fact))
		return true;
	(void)hf_expect(run, anybody->fact.source, "0, and no task has SYS_ADMIN over the host",
			wanted, true);
	return true;
}

/* All that can make a user namespace. clone3 passes its flags in memory, where no filter sees them.
 */
static const hf_call_case makers[] = {
	{.name = "unshare",
	 .label = "unshare(CLONE_NEWUSER)",
	 .mask = CLONE_NEWUSER,
	 .value = CLONE_NEWUSER},
	{.name = "clone",
	 .label = "clone(CLONE_NEWUSER)",
	 .mask = CLONE_NEWUSER,
	 .value = CLONE_NEWUSER},
	{.name = "clone3"},
	{.name = NULL},
};

static void judge_filter(hf_check_run *run, const hf_container *container)
{
	static const char wanted[] =
		"user namespaces refused by the filter, or by a setting of the node";
	static const char source[] = "seccomp filters of every task";
	const hf_filtering *filtering = hf_container_filtering(run, container);

	if (filtering->unfiltered > 0) {
		(void)hf_expect(
			run, "Seccomp of every task",
			filtering->unfiltered == container->task_count
				? "no filter"
				: hf_text(run, "no filter on %s", filtering->unfiltered_tasks),
			wanted, false);
		return;
	}
	if (!hf_need(run, &filtering->fact))
		return;
	const hf_call_summary *calls = hf_filtering_calls(run, filtering, makers, ALL_ABIS);

	if (calls->allowed)
		(void)hf_expect(run, source, hf_text(run, "allowed: %s", calls->allowed), wanted,
				false);
	else if (calls->conditional)
		hf_unknown(run, source,
			   hf_text(run, "it depends on other arguments: %s", calls->conditional));
	else if (calls->supervised)
		hf_unknown(run, source,
			   hf_text(run, "a supervisor decides: %s", calls->supervised));
	else if (calls->unknown)
		hf_unknown(run, source,
			   hf_text(run, "could not be worked out: %s", calls->unknown));
	else if (hf_need(run, &filtering->tasks_fact) && hf_need(run, &filtering->stacks_fact))
		(void)hf_expect(
			run, filtering->fact.source,
			hf_text(run, "refused: %s", calls->refused ? calls->refused : "all"),
			wanted, calls->refused && calls->existing > 0);
}

static void check_nested(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_sysctl *apparmor =
		hf_sysctl_get(run, "kernel.apparmor_restrict_unprivileged_userns");

	if (judge_settings(run, container))
		return;
	judge_filter(run, container);
	if (apparmor->fact.state == HF_PRESENT && apparmor->is_number && apparmor->number > 0)
		hf_note(run, apparmor->fact.source,
			"set: who is under no profile gets a user namespace without capabilities");
}

static const hf_check checks[] = {
	{
		.id = "namespace.nested-userns",
		.title = "Containers cannot create user namespaces",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:1188", "CVE:2022-0185", "CVE:2022-0492", "ATTACK:T1068",
				"NIST-800-190:3.5.2"),
		.reads = HF_READS("sysctl:user.max_user_namespaces",
				  "sysctl:kernel.unprivileged_userns_clone",
				  "sysctl:kernel.apparmor_restrict_unprivileged_userns"),
		.risk = "Anybody in the container gets all capabilities over new network, mount "
			"and other "
			"namespaces, and reaches kernel code that is closed to him otherwise.",
		.threat =
			"Most local root exploits of the kernel begin with unshare(CLONE_NEWUSER).",
		.remediation = "Run it under the engine's default seccomp profile (Docker's "
			       "refuses it; Podman's "
			       "does not), or set user.max_user_namespaces = 0 where no rootless "
			       "engine is in "
			       "use.",
		.run = check_nested,
	},
};

HF_CHECK_SET(namespace_nested, checks);
