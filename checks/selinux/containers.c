/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SELinux as it confines the tasks of a container. */
#include "context.h"

#include <string.h>

static const char labels_source[] = "SELinux context of every task";

enum { SHOWN_MAX = 4 };

/* ---- selinux.container-label ---- */

static void check_label(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const char *first = NULL;
	size_t bad = 0;

	if (!selinux_is_active(run))
		return;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		selinux_context context;

		if (!selinux_of_task(run, task, &context))
			continue;
		if (selinux_type_confines(context.type)) {
			first = first ? first : context.type;
			continue;
		}
		if (bad++ < SHOWN_MAX)
			(void)hf_expect(run, labels_source,
					hf_text(run, "%s: task \"%s\"", context.type,
						task->name ? task->name : "?"),
					"a type of the container policy, such as container_t", false);
	}
	if (bad > SHOWN_MAX)
		hf_note(run, labels_source, hf_text(run, "%zu tasks in all", bad));
	if (bad > 0 || !hf_need(run, &container->tasks_fact) || !first)
		return;
	(void)hf_expect(run, labels_source, first,
			"a type of the container policy, such as container_t", true);
}

/* ---- selinux.mcs-distinct ---- */

/* Who shares @level with @container: another container that is not of its pod; NULL: nobody, but for those whose label
 * is not known, of whom *ret_unread is the last. */
static const hf_container *sharer(hf_check_run *run, const hf_containers *all,
				  const hf_container *container, const char *level,
				  const hf_container **ret_unread)
{
	for (size_t i = 0; i < all->count; i++) {
		const hf_container *other = all->all[i];
		selinux_context context;

		if (strcmp(other->id, container->id) == 0 ||
		    (other->pod && container->pod && strcmp(other->pod, container->pod) == 0))
			continue;
		if (!other->init || !other->init->label) {
			*ret_unread = other;
			continue;
		}
		/* most differ: do not take apart what cannot be equal */
		if (!strstr(other->init->label, level))
			continue;
		if (selinux_parse(run, other->init->label, &context) &&
		    strcmp(context.level, level) == 0)
			return other;
	}
	return NULL;
}

static void check_mcs(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	selinux_context context;

	if (!selinux_is_active(run))
		return;
	if (!container->init) {
		hf_unknown(run, "the container's first process", "could not be read");
		return;
	}
	if (!selinux_of_task(run, container->init, &context))
		return;
	if (!selinux_level_is_pair(context.level)) {
		(void)hf_expect(run, "level of its first process",
				*context.level ? context.level : "none",
				"a pair of categories of its own", false);
		return;
	}
	const hf_containers *all = hf_containers_get(run);
	const hf_container *unread = NULL;
	const hf_container *other = sharer(run, all, container, context.level, &unread);

	if (other) {
		(void)hf_expect(run, "level of its first process",
				hf_text(run, "%s, as container %s", context.level,
					other->name ? other->name : other->id),
				"a pair of categories of its own", false);
		return;
	}
	if (unread) {
		hf_unknown(run, "level of every other container",
			   hf_text(run, "that of %s could not be read",
				   unread->name ? unread->name : unread->id));
		return;
	}
	if (hf_need(run, &all->fact))
		(void)hf_expect(run, "level of its first process", "a pair that no other container has",
				"a pair of categories of its own", true);
}

/* ---- selinux.label-disabled ---- */

static void check_disabled(hf_check_run *run)
{
	static const char wanted[] = "labels are on";
	const hf_container *container = hf_container_of(run);
	selinux_context context;

	if (!selinux_is_active(run))
		return;
	const hf_api_value *options = hf_container_inspect(run, container, "HostConfig/SecurityOpt");

	if (options->fact.state == HF_UNREADABLE)
		hf_unknown(run, options->fact.source, options->fact.why);
	else if (options->fact.state == HF_PRESENT && options->text &&
		 (strstr(options->text, "\"label=disable\"") || strstr(options->text, "\"label:disable\"")))
		(void)hf_expect(run, options->fact.source, "label=disable", wanted, false);
	if (!container->init) {
		hf_unknown(run, "the container's first process", "could not be read");
		return;
	}
	if (selinux_of_task(run, container->init, &context))
		(void)hf_expect(run, "SELinux context of its first process", context.type,
				"any type but spc_t", strcmp(context.type, "spc_t") != 0);
}

/* ---- selinux.declared-drift ---- */

static void judge_process(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *declared = hf_container_oci(run, container, "process/selinuxLabel");

	if (declared->fact.state == HF_ABSENT)
		declared = hf_container_inspect(run, container, "ProcessLabel");
	if (declared->fact.state == HF_UNREADABLE) {
		hf_unknown(run, declared->fact.source, declared->fact.why);
		return;
	}
	if (declared->fact.state == HF_ABSENT || !*declared->text) {
		hf_not_applicable(run, declared->fact.source, "no label is declared",
				  "nothing is declared that could differ");
		return;
	}
	if (!container->init || container->init->label_fact.state != HF_PRESENT) {
		hf_unknown(run, "SELinux context of its first process", "could not be read");
		return;
	}
	bool is_equal = strcmp(container->init->label, declared->text) == 0;

	(void)hf_expect(run, "SELinux context of its first process",
			is_equal ? "as declared" : container->init->label,
			is_equal ? "as declared" : declared->text, is_equal);
}

/* context="…" among the options of the root's super block. */
static void judge_root(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *declared = hf_container_oci(run, container, "linux/mountLabel");
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);

	if (declared->fact.state != HF_PRESENT || !*declared->text)
		return;
	if (!hf_need(run, &mounts->fact))
		return;
	const hf_container_mount *root = hf_container_mount_at(mounts, "/");

	/* a file system with labels of its own has no such option */
	if (!root || !strstr(root->mount->super_options, "context="))
		return;
	bool is_equal = strstr(root->mount->super_options, declared->text) != NULL;

	(void)hf_expect(run, "label of the mount of its root",
			is_equal ? "as declared" : root->mount->super_options,
			is_equal ? "as declared" : declared->text, is_equal);
}

static void check_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);

	if (!selinux_is_active(run))
		return;
	judge_process(run, container);
	judge_root(run, container);
}

static const hf_check checks[] = {
	{
		.id = "selinux.container-label",
		.title = "Every container process has a type of the container policy",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.3", "CWE:693", "ATTACK:T1611", "NIST-800-190:4.4.3",
				"OWASP-Docker:D05", "DOCKER-BENCH:check_5_3"),
		.aliases = HF_ALIASES("container.selinux"),
		.risk = "The policy does not keep the process from the host's files and processes.",
		.threat = "spc_t and unconfined_t may do nearly all that root may: one escape, and nothing more "
			  "is in the way.",
		.remediation = "Start the engine with selinux-enabled, and containers without --privileged and "
			       "--security-opt label=disable.",
		.run = check_label,
	},
	{
		.id = "selinux.mcs-distinct",
		.title = "Containers have distinct pairs of categories",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "CIS-Docker-1.6:5.3"),
		.risk = "The policy lets two containers read and change each other's files.",
		.threat = "An intruder in the one goes on with the volumes and processes of the other.",
		.remediation = "Do not set the level by --security-opt label=level:, and share volumes with :z "
			       "only where sharing is meant.",
		.run = check_mcs,
	},
	{
		.id = "selinux.label-disabled",
		.title = "No container turns labels off",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.3", "CWE:250"),
		.risk = "The container runs as spc_t, which the policy hardly confines.",
		.threat = "Files of the host that it can see it can also read and change.",
		.remediation = "Start the container without --security-opt label=disable; label what it has to "
			       "share with :Z instead.",
		.run = check_disabled,
	},
	{
		.id = "selinux.declared-drift",
		.title = "Declared and effective SELinux labels agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223"),
		.risk = "The record says that a label protects the container, and another one is in force.",
		.threat = "A label that was diverted at the start leaves a container that only looks confined.",
		.remediation = "Update the runtime and start the container again.",
		.run = check_drift,
	},
};

HF_CHECK_SET(selinux_containers, checks);
