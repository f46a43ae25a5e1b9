/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter in force beside the runtime's default, the newest default, and what was declared. */
#include "judge.h"

#include <string.h>

static void compare_with(hf_check_run *run, hf_call_other other)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	const hf_call_difference *d = hf_filtering_compare(run, hf_container_of(run), other);

	if (d->looser_count > 0)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "%zu more open than %s: %s", d->looser_count,
					d->profile, d->looser),
				"no call more open", false);
	else if (hf_need(run, &d->fact))
		(void)hf_expect(run, f->fact.source,
				d->stricter_count > 0
					? hf_text(run, "as %s, and stricter for %zu calls",
						  d->profile, d->stricter_count)
					: hf_text(run, "as %s", d->profile),
				"no call more open", true);
	if (d->stricter)
		hf_note(run, f->fact.source, hf_text(run, "stricter: %s", d->stricter));
	seccomp_end(run, f);
}

static void check_default_drift(hf_check_run *run)
{
	compare_with(run, HF_CALL_OTHER_DEFAULT);
}

static void check_outdated_default(hf_check_run *run)
{
	compare_with(run, HF_CALL_OTHER_NEWEST);
}

/* ---- seccomp.declared-drift ---- */

/* No task is without a filter, and none has one: they are lost, or in the strict mode. */
static void no_filter_is_known(hf_check_run *run, const hf_filtering *f)
{
	hf_unknown(run, f->tasks_fact.source,
		   f->tasks_fact.why ? f->tasks_fact.why
				     : "they are in the strict mode, which no profile declares");
}

static void judge_undeclared(hf_check_run *run, const hf_filtering *f, const hf_call_difference *d)
{
	if (f->filtered > 0)
		(void)hf_expect(run, "Seccomp of every task",
				"declared unconfined, and under a filter nevertheless (of an outer "
				"runtime or its own)",
				"no filter, as declared", false);
	else if (f->tasks_fact.state == HF_PRESENT)
		(void)hf_expect(run, d->fact.source,
				"no profile is declared, and no task has a filter",
				"no filter, as declared", true);
	else
		no_filter_is_known(run, f);
}

static void judge_declared(hf_check_run *run, const hf_filtering *f, const hf_call_difference *d)
{
	static const char wanted[] = "the verdicts of the declared profile";

	if (f->unfiltered > 0)
		(void)hf_expect(run, "Seccomp of every task",
				hf_text(run, "a profile is declared; no filter for %s",
					f->unfiltered_tasks),
				wanted, false);
	else if (f->filtered == 0)
		no_filter_is_known(run, f);
	if (f->filtered == 0)
		return;
	if (f->is_declared || f->fact.state != HF_PRESENT) {
		hf_unknown(run, f->fact.source,
			   f->fact.why ? f->fact.why : "the filters in force could not be read");
		return;
	}
	if (d->looser_count > 0)
		(void)hf_expect(
			run, f->fact.source,
			hf_text(run, "%zu more open than declared: %s", d->looser_count, d->looser),
			wanted, false);
	/* a filter that the workload puts on itself is its own; with one filter there is none */
	else if (d->stricter_count > 0 && f->depth == 1)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "%zu stricter than declared: %s", d->stricter_count,
					d->stricter),
				wanted, false);
	else if (hf_need(run, &d->fact))
		(void)hf_expect(run, f->fact.source,
				d->stricter_count > 0 ? "as declared, and further filters on top"
						      : "as declared",
				wanted, true);
}

static void check_declared_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_filtering *f = hf_container_filtering(run, container);
	const hf_call_difference *d = hf_filtering_compare(run, container, HF_CALL_OTHER_DECLARED);
	const hf_fact *record = hf_container_record(run, container);

	if (record->state == HF_ABSENT) {
		hf_not_applicable(run, record->source, record->why, "nothing is declared for it");
		return;
	}
	if (d->fact.state == HF_ABSENT)
		judge_undeclared(run, f, d);
	else if (d->profile)
		judge_declared(run, f, d);
	else
		hf_unknown(run, d->fact.source, d->fact.why);
	seccomp_end(run, f);
}

static const hf_check checks[] = {
	{
		.id = "seccomp.default-drift",
		.title = "The effective filter is at least as strict as the default of this "
			 "runtime and version",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.22", "CIS-Docker-1.6:2.17", "CWE:693",
				"NIST-800-190:4.4.3"),
		.risk = "The container may do what the runtime refuses to every other one.",
		.threat = "A profile that was widened for one call opened others with it.",
		.remediation = "Derive the profile from the default of the version in use, and add "
			       "the single calls that "
			       "are needed.",
		.run = check_default_drift,
	},
	{
		.id = "seccomp.outdated-default",
		.title = "The default profile is not an outdated one",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.2.2", "CWE:1104", "OWASP-Docker:D02"),
		.risk = "Calls are open that the runtime's authors have closed since, mostly after "
			"they were used for "
			"escapes.",
		.threat = "io_uring, sockets to the hypervisor, the kernel's crypto interface.",
		.remediation = "Update the engine, or give it a newer default by seccomp-profile "
			       "in daemon.json.",
		.run = check_outdated_default,
	},
	{
		.id = "seccomp.declared-drift",
		.title = "Declared and effective filtering agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223"),
		.risk = "What the records say of the container's filter is not what protects it.",
		.threat = "A process that came in without the filter; a kernel or runtime that "
			  "left it out without a word.",
		.remediation = "Start the container again, and find out why its filter was not put "
			       "in force.",
		.run = check_declared_drift,
	},
};

HF_CHECK_SET(seccomp_compare, checks);
