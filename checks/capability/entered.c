/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that came into a container later, with more than it was started with. */
#include "sets.h"

/* Stronger than @init in what it may do. */
static const char *excess(hf_check_run *run, const hf_task *task, const hf_task *init)
{
	uint64_t bounding = task->cap_bounding & ~init->cap_bounding;
	uint64_t use = (task->cap_effective | task->cap_permitted | task->cap_ambient) &
		       ~(init->cap_bounding | init->cap_permitted);

	if (bounding | use)
		return hf_text(run, "has %s, too", capability_names(run, bounding | use));
	if (task->seccomp_mode == 0 && init->seccomp_mode > 0)
		return "has no seccomp filter";
	if (task->seccomp_filters >= 0 && init->seccomp_filters >= 0 &&
	    task->seccomp_filters < init->seccomp_filters)
		return "has fewer seccomp filters";
	return NULL;
}

static void check_exec_excess(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_task *init = container->init;
	size_t count = 0;

	if (!init || init->fact.state != HF_PRESENT) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		const char *what = task->fact.state == HF_PRESENT ? excess(run, task, init) : NULL;

		if (what && count++ < 4)
			(void)hf_expect(run, task->source,
					hf_text(run, "%s %s", capability_task_name(run, task), what),
					"no more than the container's first process", false);
	}
	if (count > 0 || !hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, "capability sets and filters of every task",
			"no more than the first process has",
			"no more than the container's first process", true);
}

static const hf_check checks[] = {
	{
		.id = "capability.exec-excess",
		.title = "Processes entered later have no more than the container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.23", "CWE:250", "ATTACK:T1609", "NIST-800-190:4.4.3",
				"OWASP-Docker:D10", "DOCKER-BENCH:check_5_23"),
		.aliases = HF_ALIASES("container.exec-privileged"),
		.risk = "A process in the container can do what the container was denied at its start.",
		.threat = "Whoever takes over the stronger process, or reads its memory as the same user, has "
			  "its rights.",
		.remediation = "End the process (its pid stands in the evidence), and do not enter containers "
			       "with exec --privileged.",
		.run = check_exec_excess,
	},
};

HF_CHECK_SET(capability_entered, checks);
