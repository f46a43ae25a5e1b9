/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom the tasks of a container could trace, by the rules of the kernel: __ptrace_may_access() in
 * kernel/ptrace.c and the security modules that it asks.
 *
 * There are two ways to use them. To attach (ptrace(2), /proc/PID/mem) and to look (/proc/PID/root,
 * environ, fd, map_files); a seccomp filter stops ptrace(2) alone, and yama what attaches alone.
 * Both are asked: 1  the target can be named: it is in the tracer's pid namespace 2  the tracer has
 * the target's user and group, or CAP_SYS_PTRACE over its user namespace 3  the target lets its own
 * user look at it (PR_SET_DUMPABLE), or the capability 4  the target may do nothing that the tracer
 * may not, or the capability 5  yama, for what attaches, and the policy of AppArmor or SELinux for
 * both Processes in pid namespaces below the container's own are its own affair. */
#include "process.h"

#include <linux/capability.h>

typedef struct trace_target {
	const hf_task *task;
	const hf_container *container; /* NULL: a process of the host */
	uint64_t user_ns;
	bool is_dumpable;
} trace_target;

typedef struct trace_scene {
	uint64_t initial_user_ns;
	uint64_t initial_pid_ns;
	int64_t yama; /* kernel.yama.ptrace_scope; 0 without yama, -1 not known */
} trace_scene;

typedef enum reach { REACH_NONE = 0, REACH_UNSURE, REACH_LOOK, REACH_ATTACH } reach;

/* ---- the rules, each for one pair ---- */

/* 2: the same ids. @kind: 0 the real ones count (to attach), 3 those of the file system (to look).
 */
static bool is_same_user(const hf_task *tracer, const hf_task *task, size_t kind)
{
	for (size_t i = 0; i < 3; i++) {
		if (task->uid[i] != tracer->uid[kind] || task->gid[i] != tracer->gid[kind])
			return false;
	}
	return true;
}

/* 2, 3, 4: a capability of the initial user namespace holds for all below it. */
static bool is_capable(const trace_scene *scene, const hf_task *tracer, const trace_target *target)
{
	uint64_t user_ns = tracer->ns[HF_NS_USER];

	return (tracer->cap_effective & PROCESS_CAP(CAP_SYS_PTRACE)) &&
	       (user_ns == scene->initial_user_ns || user_ns == target->user_ns);
}

/* 4: cap_ptrace_access_check() */
static bool is_no_stronger(const hf_task *tracer, const trace_target *target, uint64_t capabilities)
{
	return tracer->ns[HF_NS_USER] == target->user_ns &&
	       !(target->task->cap_permitted & ~capabilities);
}

/* 5: yama_ptrace_access_check(). Nobody outside is a descendant of the tracer. */
static bool does_yama_allow(const trace_scene *scene, bool can)
{
	return scene->yama == 0 || (can && scene->yama < 3);
}

static reach judge_rules(const trace_scene *scene, const hf_task *tracer,
			 const trace_target *target)
{
	const hf_task *task = target->task;
	bool can = is_capable(scene, tracer, target);
	bool attaches = can || (is_same_user(tracer, task, 0) && target->is_dumpable &&
				is_no_stronger(tracer, target, tracer->cap_permitted));
	bool looks = can || (is_same_user(tracer, task, 3) && target->is_dumpable &&
			     is_no_stronger(tracer, target, tracer->cap_effective));

	if (attaches && does_yama_allow(scene, can))
		return REACH_ATTACH;
	return looks ? REACH_LOOK : REACH_NONE;
}

/* 5: the runtimes' profiles and the container policy let a task trace what has its own label,
 * categories included; labels of the host's processes are others. */
static reach judge_mac(hf_check_run *run, const hf_task *tracer, const trace_target *target,
		       reach found)
{
	const char *label;
	bool is_same = target->container && tracer->label && target->task->label &&
		       strcmp(tracer->label, target->task->label) == 0;

	switch (process_mac_of(run, tracer, &label)) {
	case PROCESS_MAC_NONE:
		return found;
	case PROCESS_MAC_DEFAULT:
	case PROCESS_MAC_SELINUX:
		return is_same ? found : REACH_NONE;
	case PROCESS_MAC_PROFILE: /* whose rules nobody knows */
	case PROCESS_MAC_SMACK:
	case PROCESS_MAC_UNKNOWN:
		return REACH_UNSURE;
	}
	return found;
}

/* ---- all pairs of a container ---- */

typedef struct search {
	hf_check_run *run;
	trace_scene scene;
	const hf_container *container;
	const hf_task *tracer;
	bool sees_others;
	const hf_fact *lost; /* a target that could not be read */
	reach most;
	process_list found; /* what .tracer reaches */
} search;

static void judge_target(search *s, const trace_target *target)
{
	reach found = judge_rules(&s->scene, s->tracer, target);
	const hf_task *task = target->task;

	s->sees_others = true;
	if (found != REACH_NONE)
		found = judge_mac(s->run, s->tracer, target, found);
	if (found > s->most)
		s->most = found;
	if (found < REACH_LOOK)
		return;
	process_list_add(s->run, &s->found,
			 hf_text(s->run, "\"%s\" (uid %u) of %s", task->name ? task->name : "?",
				 task->uid[1],
				 !target->container	   ? "the host"
				 : target->container->name ? target->container->name
							   : target->container->id));
}

static bool is_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Threads have what their process has; the process that holds a pod together is the pod's. */
static bool is_foreign(const search *s, const hf_container *container, const hf_task *task)
{
	return container != s->container && process_is_main(task) &&
	       task->fact.state == HF_PRESENT &&
	       !(container->is_sandbox && is_equal(container->pod, s->container->pod));
}

static void judge_contained(search *s, const hf_container *container, const hf_task *task)
{
	const trace_target target = {
		.task = task,
		.container = container,
		.user_ns = task->ns[HF_NS_USER],
		.is_dumpable = true,
	};

	if (is_foreign(s, container, task))
		judge_target(s, &target);
}

/* Ourselves: there only while the node is looked at. */
static bool is_checker(const hf_process *process)
{
	const char *slash = process->exe ? strrchr(process->exe, '/') : NULL;

	return slash && strcmp(slash, "/holdfast") == 0;
}

/* A process of no container is in the initial user namespace, or one that the host's own made. */
static void judge_host_process(search *s, const hf_process *process)
{
	const hf_task *task = hf_host_task(s->run, process->pid);
	const hf_file *status = hf_process_file(s->run, process->pid, "status");
	const trace_target target = {
		.task = task,
		.user_ns = s->scene.initial_user_ns,
		/* the kernel gives the files of who is not to root; without metadata nothing is
		   known */
		.is_dumpable = status->mode == 0 || status->uid == task->uid[1],
	};

	if (task->fact.state == HF_UNREADABLE)
		s->lost = s->lost ? s->lost : &task->fact;
	else if (task->fact.state == HF_PRESENT)
		judge_target(s, &target);
}

/* Everything that the kernel runs can be named in the initial pid namespace. */
static void judge_everything(search *s)
{
	const hf_processes *processes = hf_processes_get(s->run);
	const hf_containers *containers = hf_containers_get(s->run);

	if (processes->fact.state != HF_PRESENT)
		s->lost = &processes->fact;
	if (containers->fact.state != HF_PRESENT)
		s->lost = &containers->fact;
	for (size_t i = 0; i < processes->count; i++) {
		if (!processes->all[i].is_kernel && !processes->all[i].is_container &&
		    !is_checker(&processes->all[i]))
			judge_host_process(s, &processes->all[i]);
	}
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];

		for (size_t k = 0; container != s->container && k < container->task_count; k++)
			judge_contained(s, container, &container->tasks[k]);
	}
}

static void judge_tracer(search *s)
{
	uint64_t pid_ns = s->tracer->ns[HF_NS_PID];

	if (pid_ns == s->scene.initial_pid_ns) {
		judge_everything(s);
		return;
	}
	const hf_peers *peers = hf_container_ns_peers(s->run, s->container, HF_NS_PID);

	if (peers->fact.state != HF_PRESENT)
		s->lost = &peers->fact;
	for (size_t i = 0; i < peers->count; i++) {
		const hf_container *peer = peers->all[i];

		for (size_t k = 0; peer != s->container && k < peer->task_count; k++) {
			if (peer->tasks[k].ns[HF_NS_PID] == pid_ns)
				judge_contained(s, peer, &peer->tasks[k]);
		}
	}
}

/* What of a tracer the rules look at. */
static bool is_alike(const hf_task *a, const hf_task *b)
{
	return memcmp(a->uid, b->uid, sizeof a->uid) == 0 &&
	       memcmp(a->gid, b->gid, sizeof a->gid) == 0 && a->cap_permitted == b->cap_permitted &&
	       a->cap_effective == b->cap_effective && a->ns[HF_NS_USER] == b->ns[HF_NS_USER] &&
	       a->ns[HF_NS_PID] == b->ns[HF_NS_PID] &&
	       ((!a->label && !b->label) || is_equal(a->label, b->label));
}

static bool was_judged(const hf_container *container, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (container->tasks[i].fact.state == HF_PRESENT &&
		    is_alike(&container->tasks[i], &container->tasks[index]))
			return true;
	}
	return false;
}

static bool set_scene(hf_check_run *run, trace_scene *scene)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);
	const hf_sysctl *yama = hf_sysctl_get(run, "kernel.yama.ptrace_scope");

	if (!hf_need(run, &reference->fact))
		return false;
	scene->initial_user_ns = reference->inode[HF_NS_USER];
	scene->initial_pid_ns = reference->inode[HF_NS_PID];
	scene->yama = yama->fact.state == HF_ABSENT			  ? 0
		      : yama->fact.state == HF_PRESENT && yama->is_number ? yama->number
									  : -1;
	return true;
}

/* ---- process.ptrace-reach ---- */

static void check_reach(hf_check_run *run)
{
	static const char source[] = "credentials and namespaces of every task";
	static const char wanted[] = "no task can trace or look into a process outside";
	const hf_container *container = hf_container_of(run);
	search s = {.run = run, .container = container};

	if (!set_scene(run, &s.scene))
		return;
	for (size_t i = 0; i < container->task_count && s.most < REACH_LOOK; i++) {
		s.tracer = &container->tasks[i];
		if (s.tracer->fact.state != HF_PRESENT || was_judged(container, i))
			continue;
		if (s.tracer->ns[HF_NS_PID] == 0 || s.tracer->ns[HF_NS_USER] == 0)
			s.lost = &s.tracer->ns_fact;
		else
			judge_tracer(&s);
	}
	if (s.most >= REACH_LOOK) {
		(void)hf_expect(run, source,
				hf_text(run, "%s can %s %s", process_task_name(run, s.tracer),
					s.most == REACH_ATTACH ? "trace" : "look into",
					process_list_text(run, &s.found)),
				wanted, false);
		if (s.most == REACH_LOOK)
			hf_message(
				run,
				"Yama keeps it from tracing; environment, open files and the root "
				"folder of the process are open to it all the same.");
		return;
	}
	if (s.most == REACH_UNSURE)
		hf_unknown(run, source,
			   "only its security profile is in the way, and its rules are not known");
	if (s.lost)
		hf_unknown(run, s.lost->source, s.lost->why ? s.lost->why : "could not be read");
	if (s.most == REACH_NONE && !s.lost && hf_need(run, &container->tasks_fact))
		(void)hf_expect(run, source,
				s.sees_others
					? "processes outside are visible, and none may be traced"
					: "no process outside is visible",
				wanted, true);
}

/* ---- process.tracer ---- */

static const char *tracer_name(hf_check_run *run, const hf_container *container, int32_t pid)
{
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *process =
		processes->fact.state == HF_PRESENT ? hf_process_by_pid(processes, pid) : NULL;
	bool is_inside = false;

	for (size_t i = 0; i < container->task_count; i++)
		is_inside |= container->tasks[i].pid == pid || container->tasks[i].tid == pid;
	return hf_text(run, "%s (pid %d, %s the container)",
		       process && process->exe ? process->exe : "a process", pid,
		       is_inside ? "in" : "outside");
}

static void check_tracer(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state == HF_PRESENT && task->tracer != 0)
			process_list_add(run, &bad,
					 hf_text(run, "%s by %s", process_task_name(run, task),
						 tracer_name(run, container, task->tracer)));
	}
	process_conclude(run, &bad, "TracerPid of every task", "traced", "0", "0 for every task");
}

static const hf_check checks[] = {
	{
		.id = "process.ptrace-reach",
		.title = "No container process can trace a process outside its container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "ATTACK:T1055.008", "KUBEHOUND:CE_SYS_PTRACE",
				"KUBEHOUND:SHARE_PS_NAMESPACE", "ATTACK:T1611"),
		.reads = HF_READS("sysctl:kernel.yama.ptrace_scope", PROCESS_MAC_READS),
		.risk = "A process in the container takes over another one outside, or reads its "
			"environment, "
			"its files and its memory.",
		.threat = "Through /proc/PID/root it walks the files of the host, or it puts code "
			  "of its own "
			  "into the process.",
		.remediation =
			"Start the container without --pid=host and --pid=container:NAME, and with "
			"--cap-drop SYS_PTRACE; give it a user that nobody outside has.",
		.run = check_reach,
	},
	{
		.id = "process.tracer",
		.title = "Nobody traces container processes",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("ATTACK:T1055.008", "CWE:200"),
		.risk = "Whoever traces a process reads and changes its memory and every call that "
			"it makes.",
		.threat = "A debugger that was left behind, or an intruder, reads keys and "
			  "passwords out of the "
			  "service.",
		.remediation = "Find out who runs the tracer (its pid stands in the evidence), and "
			       "end it.",
		.run = check_tracer,
	},
};

HF_CHECK_SET(process_trace, checks);
