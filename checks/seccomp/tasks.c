/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether every task runs under a filter, and whether that filter is one. */
#include "judge.h"

#include <string.h>

/* ---- seccomp.mode ---- */

/* What the container was started with is the second witness. */
static void note_declared(hf_check_run *run)
{
	const hf_call_difference *declared =
		hf_filtering_compare(run, hf_container_of(run), HF_CALL_OTHER_DECLARED);

	if (declared->fact.state == HF_ABSENT)
		hf_note(run, declared->fact.source, "no profile: it was started unconfined");
}

static void check_mode(hf_check_run *run)
{
	const hf_filtering *f = hf_container_filtering(run, hf_container_of(run));
	static const char wanted[] = "2 (filter) or 1 (strict) for every task";

	if (f->unfiltered > 0) {
		(void)hf_expect(run, "Seccomp of every task",
				f->filtered + f->strict == 0
					? "0 (no filter) for all of them"
					: hf_text(run, "0 (no filter) for %s", f->unfiltered_tasks),
				wanted, false);
		note_declared(run);
	}
	if (f->tasks_fact.state != HF_PRESENT)
		hf_unknown(run, f->tasks_fact.source, f->tasks_fact.why);
	else if (f->filtered + f->strict + f->unfiltered == 0)
		hf_unknown(run, "Seccomp of every task", "no task of it was read");
	else if (f->unfiltered == 0)
		(void)hf_expect(run, "Seccomp of every task",
				f->strict == 0 ? "2 (filter)" : "2 (filter) or 1 (strict)", wanted,
				true);
}

/* ---- seccomp.threads-uniform ---- */

static void check_threads_uniform(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_filtering *f = hf_container_filtering(run, container);
	static const char wanted[] = "the filter of the runtime under every task, and more at most";

	if (f->tasks_fact.state == HF_PRESENT && container->task_count == 1) {
		hf_not_applicable(run, "tasks", "one", "there is no other to compare with");
		return;
	}
	if (f->filtered > 0 && f->unfiltered > 0)
		(void)hf_expect(run, "Seccomp of every task",
				hf_text(run, "no filter for %s", f->unfiltered_tasks), wanted,
				false);
	if (f->odd_tasks)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "another stack of filters for %s", f->odd_tasks),
				wanted, false);
	if (hf_status_so_far(run) == HF_FAIL)
		return;
	if (f->filtered == 0) {
		(void)seccomp_begin(run);
		return;
	}
	if (hf_need(run, &f->stacks_fact))
		(void)hf_expect(run, f->fact.source, "the same filter under every task", wanted,
				true);
	seccomp_end(run, f);
}

/* ---- seccomp.filter-effective ---- */

enum { ENOUGH_REFUSED = 40 };

static void check_effective(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	const hf_call_difference *d =
		hf_filtering_compare(run, hf_container_of(run), HF_CALL_OTHER_NEWEST);

	if (!d->other) {
		hf_unknown(run, d->fact.source, d->fact.why);
		return;
	}
	bool holds = d->refused >= ENOUGH_REFUSED;

	/* what could not be told may be refused as well */
	if (!holds && d->fact.state != HF_PRESENT)
		hf_unknown(run, f->fact.source, d->fact.why);
	else
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "%zu of the %zu calls that %s refuses are refused",
					d->refused, d->refused_by_other, d->profile),
				hf_text(run, "at least %d", ENOUGH_REFUSED), holds);
	seccomp_end(run, f);
}

/* ---- seccomp.default-action ---- */

static void check_default_action(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);
	seccomp_abis abis;

	if (!f)
		return;
	abis = seccomp_abis_get(run);
	for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
		if (!((abis.sure | abis.maybe) & 1U << abi))
			continue;
		hf_call_verdict verdict = hf_filtering_unlisted(run, f, (hf_call_abi)abi);
		const char *name = hf_call_abi_name(run, (hf_call_abi)abi);

		if (verdict == HF_CALL_UNKNOWN)
			hf_unknown(
				run, f->fact.source,
				hf_text(run,
					"what becomes of unlisted numbers on %s could not be told",
					name));
		else if (verdict != HF_CALL_DENIED && abis.sure & 1U << abi)
			(void)hf_expect(run, f->fact.source,
					hf_text(run,
						"numbers on %s that no list has are not refused",
						name),
					"refused", false);
		else if (verdict != HF_CALL_DENIED)
			hf_unknown(run, f->fact.source,
				   hf_text(run,
					   "numbers on %s that no list has are not refused; "
					   "whether the kernel runs it: %s",
					   name, abis.why));
	}
	if (hf_status_so_far(run) == HF_NOTSELECTED)
		(void)hf_expect(run, f->fact.source, "numbers that no list has are refused",
				"refused", true);
	seccomp_end(run, f);
}

/* ---- seccomp.log-action ---- */

static void check_log_action(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	const hf_file *logged = hf_file_get(run, "/proc/sys/kernel/seccomp/actions_logged");
	seccomp_abis abis = seccomp_abis_get(run);
	const hf_call_summary *s =
		hf_filtering_calls(run, f, seccomp_dangerous, abis.sure | abis.maybe);

	if (logged->fact.state == HF_PRESENT)
		hf_note(run, logged->fact.source,
			hf_text(run, "%.*s", (int)strcspn(logged->data, "\n"), logged->data));
	if (s->logged)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "made, and logged: %s", s->logged), "refused", false);
	else if (s->unknown)
		hf_unknown(run, f->fact.source,
			   hf_text(run, "what becomes of these could not be told: %s", s->unknown));
	else
		(void)hf_expect(run, f->fact.source, "no dangerous call is merely logged",
				"refused", true);
	seccomp_end(run, f);
}

/* ---- seccomp.supervised ---- */

/* The process of the container that holds the listener of a supervised filter, or 0. *ret_why: a
 * process whose descriptors could not be read. */
static int32_t find_listener(hf_check_run *run, const hf_container *container, const char **ret_why)
{
	*ret_why = NULL;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid != task->pid)
			continue;
		const hf_opens *opens = hf_process_opens(run, task->pid);

		for (size_t k = 0; k < opens->count; k++) {
			if (strcmp(opens->all[k].target, "anon_inode:seccomp notify") == 0)
				return task->pid;
		}
		if (opens->fact.state != HF_PRESENT)
			*ret_why = opens->fact.why;
	}
	return 0;
}

static void check_supervised(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_filtering *f = seccomp_begin(run);
	const char *why;

	if (!f)
		return;
	const char *calls = hf_filtering_supervised(run, f);

	if (!calls) {
		hf_not_applicable(run, f->fact.source, "no call is handed to a supervisor",
				  "every call is decided by the filter");
		seccomp_end(run, f);
		return;
	}
	int32_t pid = find_listener(run, container, &why);

	if (pid)
		(void)hf_expect(run, hf_text(run, "/proc/%d/fd", pid),
				"a process of the container supervises the calls itself",
				"a supervisor outside the container", false);
	else if (why)
		hf_unknown(run, "descriptors of the container's processes", why);
	hf_review(run, f->fact.source, hf_text(run, "handed to a supervisor: %s", calls),
		  "Find who holds the descriptor \"anon_inode:seccomp notify\" (or traces the "
		  "tasks): it has to "
		  "be root's and outside the container.");
}

static const hf_check checks[] = {
	{
		.id = "seccomp.mode",
		.title = "Every container process runs under a seccomp filter",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.22", "CWE:250", "CWE:693", "ATTACK:T1611",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04", "ATTACK:T1068",
				"OWASP-Docker:D05", "DOCKER-BENCH:check_5_22"),
		.aliases = HF_ALIASES("container.seccomp"),
		.risk = "The whole of the kernel is in reach of the container's processes, old and "
			"rare parts "
			"included.",
		.threat = "Most kernel exploits begin with a call that no workload needs and every "
			  "default profile "
			  "refuses.",
		.remediation =
			"Start the container without --privileged and without seccomp=unconfined; "
			"do not enter "
			"it with exec --privileged; set seccompProfile RuntimeDefault for pods.",
		.run = check_mode,
	},
	{
		.id = "seccomp.threads-uniform",
		.title = "All tasks of a container have the same filters",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:693"),
		.risk = "One task that may do more than the others is the way around the filter of "
			"the others.",
		.threat = "The same user can drive the freer task by ptrace or shared memory.",
		.remediation = "Find out how the task came in (exec, nsenter, another runtime), "
			       "and start it like the "
			       "others.",
		.run = check_threads_uniform,
	},
	{
		.id = "seccomp.filter-effective",
		.title = "The filter is not a formality",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:1188"),
		.risk = "Mode 2 looks like protection, and nearly every call is allowed.",
		.threat = "A profile that refuses one call, made to satisfy a checklist, stops "
			  "nothing.",
		.remediation = "Use the runtime's default profile, or derive a profile from it.",
		.run = check_effective,
	},
	{
		.id = "seccomp.default-action",
		.title = "Unlisted syscalls are refused",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:183", "CWE:693", "NIST-800-190:4.4.3"),
		.risk = "Every call that the author of the filter did not think of, or that a "
			"newer kernel brings, is "
			"open.",
		.threat = "A deny-list written before io_uring let io_uring through.",
		.remediation = "Set defaultAction to SCMP_ACT_ERRNO and list what is allowed.",
		.run = check_default_action,
	},
	{
		.id = "seccomp.log-action",
		.title = "The filter does not merely log",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693"),
		.risk = "The call is made; the log only says so afterwards.",
		.threat = "A profile that was left in recording mode after a test.",
		.remediation = "Replace SCMP_ACT_LOG by SCMP_ACT_ERRNO once the recording is done.",
		.run = check_log_action,
	},
	{
		.id = "seccomp.supervised",
		.title = "Supervised syscalls have a trusted supervisor",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CWE:367", "CWE:441"),
		.risk = "Whoever holds the listener decides over the calls, with its own rights.",
		.threat = "A supervisor inside the container answers itself; one that reads "
			  "arguments twice can be "
			  "raced.",
		.remediation =
			"Supervise from outside, as root, and only what the filter cannot decide.",
		.run = check_supervised,
	},
};

HF_CHECK_SET(seccomp_tasks, checks);
