/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AppArmor as it confines the tasks of a container. */
#include "label.h"

#include <string.h>

static const char labels_source[] = "AppArmor label of every task";

/* The label of @task, or false after telling why not. */
static bool label_of(hf_check_run *run, const hf_task *task, apparmor_label *ret_label)
{
	if (task->fact.state != HF_PRESENT || task->label_fact.state != HF_PRESENT) {
		const hf_fact *fact = task->fact.state != HF_PRESENT ? &task->fact : &task->label_fact;

		hf_unknown(run, fact->source, fact->why ? fact->why : "is missing");
		return false;
	}
	if (apparmor_parse(run, task->label, ret_label))
		return true;
	(void)hf_expect(run, task->label_fact.source, "an empty label", "a profile that is enforced",
			false);
	return false;
}

static const char *shown(hf_check_run *run, const apparmor_label *label)
{
	return label->mode ? hf_text(run, "%s (%s)", label->profile, label->mode) : label->profile;
}

/* ---- apparmor.container-confined ---- */

/* Names at most this many; the rest is counted. */
enum { SHOWN_MAX = 4 };

static void check_confined(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const char *first = NULL;
	size_t bad = 0, good = 0;

	if (!apparmor_is_active(run))
		return;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		apparmor_label label;

		if (!label_of(run, task, &label))
			continue;
		if (label.is_enforced) {
			good++;
			first = first ? first : label.profile;
			continue;
		}
		if (bad++ < SHOWN_MAX)
			(void)hf_expect(run, labels_source,
					hf_text(run, "%s: task \"%s\"", shown(run, &label),
						task->name ? task->name : "?"),
					"a profile that is enforced", false);
	}
	if (bad > SHOWN_MAX)
		hf_note(run, labels_source, hf_text(run, "%zu tasks in all are not confined", bad));
	if (!hf_need(run, &container->tasks_fact) || bad > 0)
		return;
	if (good > 0)
		(void)hf_expect(run, labels_source, hf_text(run, "%s (enforce)", first),
				"a profile that is enforced", true);
}

/* ---- apparmor.exec-profile ---- */

/* The same profile, or one that it started ("name//child"). */
static bool is_same_or_child(const char *profile, const char *of)
{
	size_t length = strlen(of);

	return strcmp(profile, of) == 0 || (strncmp(profile, of, length) == 0 &&
					    strncmp(profile + length, "//", 2) == 0);
}

static void check_exec_profile(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	apparmor_label first, label;
	size_t bad = 0;

	if (!apparmor_is_active(run))
		return;
	if (!container->init) {
		hf_unknown(run, "the container's first process", "could not be read");
		return;
	}
	if (!label_of(run, container->init, &first))
		return;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!label_of(run, task, &label) ||
		    (is_same_or_child(label.profile, first.profile) &&
		     label.is_enforced >= first.is_enforced))
			continue;
		/* who is confined where the container is not has lost nothing */
		if (!first.is_enforced && label.is_enforced)
			continue;
		if (bad++ < SHOWN_MAX)
			(void)hf_expect(run, task->label_fact.source, shown(run, &label),
					hf_text(run, "%s, as the container's first process",
						shown(run, &first)),
					false);
	}
	if (bad > 0 || !hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, labels_source, "as the container's first process",
			"as the container's first process, or a child profile", true);
}

/* ---- apparmor.declared-drift ---- */

/* What its record says: the OCI configuration, else the engine's own. */
static const hf_api_value *declared_profile(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *value = hf_container_oci(run, container, "process/apparmorProfile");

	if (value->fact.state == HF_ABSENT) {
		const hf_api_value *engine = hf_container_inspect(run, container, "AppArmorProfile");

		if (engine->fact.state != HF_ABSENT)
			return engine;
	}
	return value;
}

static void check_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	apparmor_label label;

	if (!apparmor_is_active(run))
		return;
	const hf_api_value *declared = declared_profile(run, container);

	if (declared->fact.state == HF_UNREADABLE) {
		hf_unknown(run, declared->fact.source, declared->fact.why);
		return;
	}
	if (declared->fact.state == HF_ABSENT || !*declared->text) {
		hf_not_applicable(run, declared->fact.source, "no profile is declared",
				  "nothing is declared that could differ");
		return;
	}
	if (!container->init) {
		hf_unknown(run, "the container's first process", "could not be read");
		return;
	}
	if (strcmp(declared->text, "unconfined") == 0) {
		(void)hf_expect(run, declared->fact.source, "declared unconfined",
				"a profile is declared", false);
		return;
	}
	if (!label_of(run, container->init, &label))
		return;
	bool is_equal = strcmp(label.profile, declared->text) == 0;

	(void)hf_expect(run, "AppArmor label of its first process",
			is_equal ? hf_text(run, "%s, as declared", label.profile) : shown(run, &label),
			hf_text(run, "%s, as declared", declared->text), is_equal);
	if (!is_equal && strcmp(label.profile, "unconfined") == 0)
		hf_message(run, "The profile was declared and is not in force: either it was not loaded, or "
				"the label was diverted as the flaws CVE-2019-16884 and CVE-2025-52881 of runc "
				"allow.");
}

static const hf_check checks[] = {
	{
		.id = "apparmor.container-confined",
		.title = "Every container process is confined by an enforcing AppArmor profile",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.2", "CWE:693", "ATTACK:T1611",
				"KUBEHOUND:CE_SYS_PTRACE", "NIST-800-190:4.4.3", "OWASP-Docker:D04",
				"OWASP-Docker:D05", "DOCKER-BENCH:check_5_2"),
		.aliases = HF_ALIASES("container.apparmor"),
		.risk = "Nothing but capabilities and namespaces stands between the process and the files and "
			"mounts of the kernel.",
		.threat = "A process that gains root in the container writes to /proc or mounts, which the "
			  "profile would have refused.",
		.remediation = "Start the container without --security-opt apparmor=unconfined and without "
			       "--privileged; set a profile in complain mode to enforce with aa-enforce.",
		.run = check_confined,
	},
	{
		.id = "apparmor.exec-profile",
		.title = "Processes entered later have the container's profile",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:693", "ATTACK:T1609"),
		.risk = "A process in the container may do what the container's profile refuses.",
		.threat = "Whoever takes over that process has left the profile behind.",
		.remediation = "End the process; enter containers with exec without --privileged, and not with "
			       "nsenter.",
		.run = check_exec_profile,
	},
	{
		.id = "apparmor.declared-drift",
		.title = "Declared and effective AppArmor profile agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223"),
		.risk = "The record says that a profile protects the container, and another one or none does.",
		.threat = "Who trusts the record does not see that the protection is gone.",
		.remediation = "Load the profile, update the runtime, and start the container again; do not "
			       "declare unconfined.",
		.run = check_drift,
	},
};

HF_CHECK_SET(apparmor_containers, checks);
