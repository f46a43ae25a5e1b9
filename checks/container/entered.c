/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who enters a running container, and as whom. */
#include "judge.h"

#include <string.h>

/* Root of the container: uid 0 of the user namespace that the task is in. */
static bool is_root(hf_check_run *run, const hf_task *task)
{
	const hf_id_maps *maps = hf_task_id_maps(run, task);

	if (!maps)
		return task->uid[1] == 0;
	for (size_t i = 0; maps->fact.state == HF_PRESENT && i < maps->uid_count; i++) {
		if (maps->uid[i].inside == 0)
			return task->uid[1] == maps->uid[i].outside;
	}
	return false;
}

static bool is_member(const hf_container *container, int32_t pid)
{
	size_t low = 0, high = container->task_count;

	/* by pid */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (container->tasks[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < container->task_count && container->tasks[low].pid == pid;
}

static bool was_asked_for(const hf_execs *execs, int32_t pid)
{
	for (size_t i = 0; i < execs->count; i++) {
		if (execs->all[i].pid == pid)
			return true;
	}
	return false;
}

/* A process whose parent is outside and which is not the first was put there by a runtime. In the
 * node's pid namespace an orphan gets such a parent, too: there the engine has to say that it was
 * asked for it. */
static bool came_from_outside(hf_check_run *run, const hf_container *container, const hf_task *task)
{
	if (task->tid != task->pid || task->pid == container->pid ||
	    is_member(container, task->parent))
		return false;
	return task->ns_depth > 1 || was_asked_for(hf_container_execs(run, container), task->pid);
}

/* In the node's pid namespace, without the engine's word, nothing tells an orphan from who entered.
 */
static bool can_tell(hf_check_run *run, const hf_container *container)
{
	if (container->init->ns_depth > 1)
		return true;
	const hf_execs *execs = hf_container_execs(run, container);

	if (execs->fact.state == HF_PRESENT)
		return true;
	hf_unknown(run, "processes that entered it",
		   hf_text(run,
			   "it shares the node's pid namespace, and who asked for them is not "
			   "known: %s",
			   execs->fact.why));
	return false;
}

static void check_exec_root(hf_check_run *run)
{
	static const char source[] = "processes whose parent is outside of it";
	static const char wanted[] = "nobody but its own user";
	const hf_container *container = hf_container_of(run);
	const hf_task *init = container->init;
	size_t count = 0;

	if (!init || init->fact.state != HF_PRESENT) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	if (is_root(run, init)) {
		hf_not_applicable(run, "effective uid of its first process",
				  "root of the container", "it runs as root itself");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT || !came_from_outside(run, container, task) ||
		    !is_root(run, task))
			continue;
		if (count++ < 3)
			(void)hf_expect(
				run, source,
				hf_text(run, "%s entered as root", container_task_name(run, task)),
				wanted, false);
	}
	if (count > 0 || !can_tell(run, container) || !hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, source, "none is root at present", wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "container.exec-root",
		.title = "Nobody enters containers as root by exec",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.24", "CWE:250", "ATTACK:T1609",
				"NIST-800-190:4.4.3", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_5_24"),
		.risk = "A root shell in a container that was built to run without root can change "
			"what it "
			"runs, and no image or record tells of it.",
		.threat = "What runs in the container reads or traces the process that entered, or "
			  "leaves a "
			  "program for it to start, and is root then.",
		.remediation = "docker exec without --user 0 (its pid stands in the evidence: end "
			       "it); debug in "
			       "a container of its own that shares the namespaces.",
		.run = check_exec_root,
	},
};

HF_CHECK_SET(container_entered, checks);
