/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a container's processes stand: in its own group, and before the node's services when memory
 * runs out. */
#include "common.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 3 };

/* ---- placement ---- */

/* "4:memory:/docker/x": the next line of /proc/PID/cgroup whose hierarchy limits something; NULL at
 * the end. */
static const char *next_path(hf_check_run *run, const char **cursor, const char **ret_controllers)
{
	while (**cursor) {
		const char *line = *cursor;
		size_t length = strcspn(line, "\n");
		const char *text = hf_text(run, "%.*s", (int)length, line);
		const char *list = strchr(text, ':');
		const char *path = list ? strchr(list + 1, ':') : NULL;

		*cursor = line + length + (line[length] == '\n');
		if (!path || path[1] != '/' || strncmp(list + 1, "name=", strlen("name=")) == 0)
			continue;
		*ret_controllers = hf_text(run, "%.*s", (int)(path - list - 1), list + 1);
		return path + 1;
	}
	return NULL;
}

/* Groups that a name of the kernel's or systemd's marks as nobody's container. */
static bool is_no_containers(const char *path)
{
	return strcmp(path, "/") == 0 || cgroup_is_below(path, "/init.scope");
}

/* The group that all its processes must be below. Where runtimes put it stands in the names of
 * paths; a container that no runtime named has none, and then its first process' own group is
 * taken. */
static bool read_own(hf_check_run *run, const hf_container *container, const char **ret_own)
{
	if (container->cgroup) {
		*ret_own = container->cgroup;
		return true;
	}
	const hf_file *file = hf_process_file(run, container->pid, "cgroup");

	if (!hf_need(run, &file->fact))
		return false;
	hf_expect(run, "control group of its processes",
		  hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data),
		  "a group of its own, which a runtime made", false);
	return false;
}

typedef struct strays {
	size_t count;
	size_t read;
	const char *shown;
	const hf_fact *hole;
} strays;

static void add_stray(hf_check_run *run, strays *s, const hf_task *task, const char *controllers,
		      const char *path)
{
	if (++s->count <= SHOWN_MAX)
		s->shown =
			hf_text(run, "%s%sprocess %d (%s) in %s of %s", s->shown ? s->shown : "",
				s->shown ? ", " : "", (int)task->pid, task->name ? task->name : "?",
				path, *controllers ? controllers : "the unified hierarchy");
}

/* On v1 with an empty unified tree beside it, that tree limits nothing; on v2 it is all there is.
 */
static bool counts(const char *controllers, hf_cgroup_mode mode)
{
	return *controllers || mode == HF_CGROUP_V2;
}

static void look_at(hf_check_run *run, const hf_task *task, const char *own, hf_cgroup_mode mode,
		    strays *s)
{
	const hf_file *file = hf_process_file(run, task->pid, "cgroup");
	const char *cursor = file->data, *path, *controllers;

	if (file->fact.state != HF_PRESENT) {
		s->hole = &file->fact;
		return;
	}
	s->read++;
	while ((path = next_path(run, &cursor, &controllers))) {
		if (counts(controllers, mode) &&
		    (is_no_containers(path) || !cgroup_is_below(path, own))) {
			add_stray(run, s, task, controllers, path);
			return;
		}
	}
}

/* A parent that somebody chose: limits and reserves that stand on the runtime's own parent do not
 * hold there. */
static void judge_parent(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *parent =
		hf_container_inspect(run, container, "HostConfig/CgroupParent");
	static const char source[] = "HostConfig.CgroupParent";
	static const char wanted[] = "empty: the runtime's own parent";

	if (parent->fact.state == HF_ABSENT || hf_status_so_far(run) == HF_FAIL)
		return; /* no engine that could have been told; its group's path has been judged */
	if (!hf_need(run, &parent->fact))
		return;
	/* the kubelet puts pods where it wants them */
	bool is_kubelets = strstr(parent->text, "kubepods") != NULL;

	hf_expect(run, source, parent->is_null || !*parent->text ? "empty" : parent->text, wanted,
		  parent->is_null || !*parent->text || is_kubelets);
}

static void check_placement(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const char *own;
	hf_cgroup_mode mode = HF_CGROUP_V1;
	const hf_fact *fact = hf_cgroup_mode_get(run, &mode);
	strays s = {0};

	if (!hf_need(run, fact) || !read_own(run, container, &own))
		return;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		/* a thread can have a group of its own on v1 and in threaded groups;
		 * /proc/PID/cgroup is its leader's */
		if (task->tid == task->pid)
			look_at(run, task, own, mode, &s);
	}
	if (s.count > 0) {
		hf_expect(run, "control groups of its processes",
			  s.count > SHOWN_MAX
				  ? hf_text(run, "%s and %zu more", s.shown, s.count - SHOWN_MAX)
				  : s.shown,
			  "below its own group in every hierarchy", false);
		return;
	}
	if (!hf_need(run, &container->tasks_fact))
		return;
	if (s.hole || s.read == 0) {
		hf_unknown(run, s.hole ? s.hole->source : "/proc",
			   s.hole ? s.hole->why : "no process of it could be read");
		return;
	}
	hf_expect(run, "control groups of its processes", "below its own group in every hierarchy",
		  "below its own group in every hierarchy", true);
	judge_parent(run, container);
}

/* ---- who is killed first ---- */

static bool read_score(const hf_file *file, long *ret_score)
{
	char *end;

	if (file->fact.state != HF_PRESENT)
		return false;
	*ret_score = strtol(file->data, &end, 10);
	return end != file->data;
}

static void judge_lowest(hf_check_run *run, const hf_container *container, long lowest,
			 const char *who)
{
	static const char source[] = "lowest oom_score_adj of its processes";
	static const char wanted[] = "at least 0, and no less than the runtime's daemons";
	const hf_oom_floor *floor = hf_oom_floor_get(run);

	/* by design of the kubelet, for pods whose requests equal their limits; its own is -999 */
	if (lowest == -997 && container->runtime && strcmp(container->runtime, "kubernetes") == 0) {
		hf_inform(run, source, "-997",
			  "the kubelet gives it to guaranteed pods; its own is -999");
		return;
	}
	if (lowest < 0) {
		hf_expect(run, source, hf_text(run, "%ld (%s)", lowest, who), wanted, false);
		return;
	}
	if (floor->fact.state == HF_UNREADABLE) {
		hf_unknown(run, floor->fact.source, floor->fact.why);
		return;
	}
	if (floor->fact.state == HF_PRESENT && floor->score > lowest) {
		hf_expect(run, source,
			  hf_text(run, "%ld, while %s has %d", lowest, floor->name,
				  (int)floor->score),
			  wanted, false);
		return;
	}
	hf_expect(run, source, hf_text(run, "%ld", lowest), wanted, true);
}

static void check_oom_score(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_fact *hole = NULL;
	const char *who = "";
	long lowest = 0, score;
	bool is_read = false;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid != task->pid)
			continue; /* it belongs to the process */
		const hf_file *file = hf_process_file(run, task->pid, "oom_score_adj");

		if (!read_score(file, &score)) {
			hole = &file->fact;
		} else if (!is_read || score < lowest) {
			lowest = score;
			who = task->name ? task->name : "?";
			is_read = true;
		}
	}
	if (is_read && lowest < 0) {
		judge_lowest(run, container, lowest, who);
		return;
	}
	if (!hf_need(run, &container->tasks_fact))
		return;
	if (hole || !is_read)
		hf_unknown(run, hole ? hole->source : "/proc",
			   hole && hole->why ? hole->why : "no oom_score_adj could be read");
	else
		judge_lowest(run, container, lowest, who);
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "cgroup.placement",
		.title = "Container processes are in a cgroup of their own below the runtime's "
			 "parent",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.25", "DOCKER-BENCH:check_5_25",
				"CIS-Docker-1.6:2.10", "CWE:653", "CWE:770", "CVE:2025-47291",
				"NIST-800-190:4.4.3", "ATTACK:T1499.001", "OWASP-Docker:D07"),
		.aliases = HF_ALIASES("container.cgroup-parent"),
		.risk = "A process outside its container's group has none of its limits and device "
			"rules, and "
			"nobody accounts it to the container.",
		.threat = "A process that was moved to the root group or to another service's, or "
			  "a container "
			  "whose parent is not the one that the node's ceilings stand on.",
		.remediation = "Start the container again without --cgroup-parent (cgroup_parent "
			       "in compose); find "
			       "who moved a process by its cgroup and start time, and kill it.",
		.run = check_placement,
	},
	{
		.id = "cgroup.oom-score",
		.title = "Containers are killed before the runtime and the node's services",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:H/Au:S/C:N/I:N/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:400"),
		.risk = "When memory runs out the kernel kills the engine, sshd or another "
			"container instead of "
			"the one that took the memory.",
		.threat = "A container that was started with a negative score exhausts memory and "
			  "survives it.",
		.remediation = "Start it again without --oom-score-adj (oom_score_adj in compose); "
			       "give the daemons "
			       "OOMScoreAdjust=-500 or less in their units.",
		.run = check_oom_score,
	},
};

HF_CHECK_SET(cgroup_placement, checks);
