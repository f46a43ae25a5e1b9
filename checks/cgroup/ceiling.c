/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All containers together: one ceiling above them, or limits whose sum the node can bear. */
#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A group whose limit bounds some containers; several may share it. */
typedef struct bound {
	const char *path;
	uint64_t value;
} bound;

typedef struct sum {
	hf_fact fact;
	uint64_t total;
	const char *unbounded; /* name of a container without a limit, or NULL */
	size_t groups;
	bool overflows;
} sum;

static int compare_bounds(const void *a, const void *b)
{
	return strcmp(((const bound *)a)->path, ((const bound *)b)->path);
}

/* The highest group whose limit is a ceiling at all, else the one with the minimum: what stands on
 * /docker bounds all below it together, however much they may have each. */
static bound bound_of(hf_check_run *run, const hf_container *container, hf_limit_kind kind,
		      uint64_t room)
{
	const hf_limit *limit = hf_container_limit(run, container, kind);
	const hf_cgroup_values *values =
		kind == HF_LIMIT_MEMORY
			? hf_cgroup_values_get(run, container, "memory.max", "memory",
					       "memory.limit_in_bytes")
			: hf_cgroup_values_get(run, container, "pids.max", "pids", "pids.max");
	uint64_t value;

	for (size_t i = values->count; i-- > 0;) {
		const hf_cgroup_value *at = &values->levels[i];

		if (at->fact.state == HF_PRESENT && cgroup_number(at->text, &value) &&
		    value <= room)
			return (bound){at->path, value};
	}
	return (bound){limit->path, limit->value};
}

/* Each group counts once. */
static sum add_up(hf_check_run *run, const hf_containers *containers, hf_limit_kind kind,
		  uint64_t room)
{
	sum s = {.fact = containers->fact};
	bound *all = calloc(containers->count + 1, sizeof *all);
	size_t count = 0;

	if (!all) {
		s.fact.state = HF_UNREADABLE;
		s.fact.why = "out of memory";
		return s;
	}
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];
		const hf_limit *limit = hf_container_limit(run, container, kind);

		if (limit->fact.state == HF_UNREADABLE && s.fact.state == HF_PRESENT)
			s.fact = limit->fact;
		else if (limit->fact.state == HF_ABSENT || !limit->is_limited)
			s.unbounded = s.unbounded	? s.unbounded
				      : container->name ? container->name
							: container->id;
		else
			all[count++] = bound_of(run, container, kind, room);
	}
	qsort(all, count, sizeof *all, compare_bounds);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(all[i].path, all[i - 1].path) == 0)
			continue;
		s.groups++;
		s.overflows =
			s.overflows || __builtin_add_overflow(s.total, all[i].value, &s.total);
	}
	free(all);
	return s;
}

static void judge_sum(hf_check_run *run, hf_limit_kind kind, const sum *s, uint64_t room)
{
	const char *source = kind == HF_LIMIT_MEMORY ? "memory limits that bound all containers"
						     : "process limits that bound all containers";
	const char *wanted = hf_text(run, "together at most %s", cgroup_amount(run, kind, room));

	/* one without a limit decides alone, whatever else could not be read */
	if (s->unbounded) {
		hf_expect(run, source,
			  hf_text(run, "%s has none, and no group above it either", s->unbounded),
			  wanted, false);
		return;
	}
	if (!hf_need(run, &s->fact))
		return;
	hf_expect(run, source,
		  s->overflows ? "more than can be counted"
			       : hf_text(run, "%s over %zu groups",
					 cgroup_amount(run, kind, s->total), s->groups),
		  wanted, !s->overflows && s->total <= room);
}

static void check_parent_ceiling(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);
	int64_t pid_max;
	uint64_t memory;

	if (containers->count == 0) {
		if (hf_need(run, &containers->fact))
			hf_not_applicable(run, containers->fact.source, "no container runs",
					  "there is nothing to add up");
		return;
	}
	/* a twentieth is left for the node: systemd, the engine, a shell */
	if (cgroup_memory_total(run, &memory)) {
		uint64_t room = memory - memory / 20;
		sum bytes = add_up(run, containers, HF_LIMIT_MEMORY, room);

		judge_sum(run, HF_LIMIT_MEMORY, &bytes, room);
	}
	if (hf_sysctl_number(run, "kernel.pid_max", &pid_max) && pid_max > 0) {
		uint64_t room = (uint64_t)pid_max - (uint64_t)pid_max / 20;
		sum tasks = add_up(run, containers, HF_LIMIT_PIDS, room);

		judge_sum(run, HF_LIMIT_PIDS, &tasks, room);
	}
}

static const hf_check checks[] = {
	{
		.id = "cgroup.parent-ceiling",
		.title = "All containers together cannot take the whole node",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "CWE:400", "ATTACK:T1499", "NIST-800-190:4.5.1",
				"OWASP-Docker:D07"),
		.reads = HF_READS("/proc/meminfo", "sysctl:kernel.pid_max"),
		.risk = "Containers that each keep their limit can still use up all memory or all "
			"process "
			"numbers, the node's own services' included.",
		.threat = "A busy hour, or one image that runs in many copies, and nobody can log "
			  "in any more.",
		.remediation =
			"\"cgroup-parent\": \"containers.slice\" in /etc/docker/daemon.json with "
			"MemoryMax= "
			"and TasksMax= in that slice; for the kubelet systemReserved and "
			"enforceNodeAllocatable; or limits for every container whose sum fits.",
		.run = check_parent_ceiling,
	},
};

HF_CHECK_SET(cgroup_ceiling, checks);
