/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared limits against those in force: a write behind the runtime's back, and a parent that is
 * stricter. */
#include "common.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a record declares of one limit. */
typedef struct declared {
	hf_fact fact; /* absent: no record of this container */
	bool is_limited;
	uint64_t value;
} declared;

typedef const hf_api_value *getter(hf_check_run *run, const hf_container *container,
				   const char *path);

/* A number of a record; 0, -1 and null mean none. False where it could not be read. */
static bool read_number(hf_check_run *run, getter *get, const char *path, declared *d,
			int64_t *ret_value)
{
	const hf_api_value *value = get(run, hf_container_of(run), path);

	*ret_value = 0;
	/* a member that a record lacks is one that nobody set */
	if (value->fact.state == HF_ABSENT)
		return true;
	d->fact = value->fact;
	if (value->fact.state != HF_PRESENT)
		return false;
	if (value->is_null)
		return true;
	char *end;

	errno = 0;
	*ret_value = strtoll(value->text, &end, 10);
	if (errno || *end || end == value->text) {
		d->fact.state = HF_UNREADABLE;
		d->fact.why = "is no number";
		return false;
	}
	return true;
}

static void set(declared *d, int64_t value)
{
	d->is_limited = value > 0;
	d->value = value > 0 ? (uint64_t)value : 0;
}

/* @total includes memory, as HostConfig.MemorySwap and the OCI's memory.swap do. */
static void set_swap(declared *d, int64_t total, int64_t memory)
{
	d->is_limited = total > 0 && memory > 0;
	d->value = d->is_limited && total > memory ? (uint64_t)(total - memory) : 0;
}

static void set_cpu(declared *d, int64_t nano, int64_t quota, int64_t period)
{
	if (nano > 0)
		set(d, nano / 1000000);
	else if (quota > 0)
		set(d, quota <= INT64_MAX / 1000 ? quota * 1000 / (period > 0 ? period : 100000)
						 : INT64_MAX);
}

/* The paths of one limit in one form of record. */
typedef struct paths {
	getter *get;
	const char *memory, *swap, *pids, *nano, *quota, *period;
} paths;

static const paths forms[] = {
	/* the engine's record first: an update changes it, and leaves the bundle as it was made */
	{hf_container_inspect, "HostConfig/Memory", "HostConfig/MemorySwap", "HostConfig/PidsLimit",
	 "HostConfig/NanoCpus", "HostConfig/CpuQuota", "HostConfig/CpuPeriod"},
	{hf_container_oci, "linux/resources/memory/limit", "linux/resources/memory/swap",
	 "linux/resources/pids/limit", NULL, "linux/resources/cpu/quota",
	 "linux/resources/cpu/period"},
};

static bool read_kind(hf_check_run *run, const paths *form, hf_limit_kind kind, declared *d)
{
	int64_t a = 0, b = 0, c = 0;
	bool read = true;

	switch (kind) {
	case HF_LIMIT_MEMORY:
		read = read_number(run, form->get, form->memory, d, &a);
		set(d, a);
		break;
	case HF_LIMIT_SWAP:
		read = read_number(run, form->get, form->swap, d, &a) &&
		       read_number(run, form->get, form->memory, d, &b);
		set_swap(d, a, b);
		break;
	case HF_LIMIT_PIDS:
		read = read_number(run, form->get, form->pids, d, &a);
		set(d, a);
		break;
	case HF_LIMIT_CPU:
		read = (!form->nano || read_number(run, form->get, form->nano, d, &a)) &&
		       read_number(run, form->get, form->quota, d, &b) &&
		       read_number(run, form->get, form->period, d, &c);
		set_cpu(d, a, b, c);
		break;
	case HF_LIMIT_COUNT:
		break;
	}
	return read;
}

/* The first form of record that this runtime keeps; NULL: none, and *ret_fact says why. */
static const paths *find_form(hf_check_run *run, hf_fact *ret_fact)
{
	const hf_container *container = hf_container_of(run);

	*ret_fact = hf_container_inspect_outline(run, container, "HostConfig").fact;
	if (ret_fact->state == HF_PRESENT)
		return &forms[0];
	/* an update changes the engine's record alone: where that is lost, the bundle proves
	 * nothing */
	if (ret_fact->state == HF_UNREADABLE)
		return NULL;
	*ret_fact = hf_container_oci_outline(run, container, "linux").fact;
	return ret_fact->state == HF_PRESENT ? &forms[1] : NULL;
}

/* ---- comparing ---- */

static const char *const names[HF_LIMIT_COUNT] = {
	[HF_LIMIT_MEMORY] = "memory",
	[HF_LIMIT_SWAP] = "swap",
	[HF_LIMIT_PIDS] = "processes",
	[HF_LIMIT_CPU] = "CPU",
};

/* The kernel keeps pages (64 KiB at most) and microseconds. */
static bool is_same(hf_limit_kind kind, uint64_t a, uint64_t b)
{
	uint64_t difference = a > b ? a - b : b - a;

	return difference < (kind == HF_LIMIT_MEMORY || kind == HF_LIMIT_SWAP ? 65536 * 2
			     : kind == HF_LIMIT_CPU			      ? 2
									      : 1);
}

static const char *show(hf_check_run *run, hf_limit_kind kind, bool is_limited, uint64_t value)
{
	return is_limited ? cgroup_amount(run, kind, value) : "none";
}

/* A file of systemd's own configuration that sets the number for all units. */
static bool is_configured(hf_check_run *run)
{
	static const char *const globs[] = {"/etc/systemd/system.conf",
					    "/etc/systemd/system.conf.d/*.conf",
					    "/run/systemd/system.conf.d/*.conf"};
	const hf_file *const *files;

	for (size_t i = 0; i < CGROUP_COUNT(globs); i++) {
		size_t count = hf_files_matching(run, globs[i], &files);

		for (size_t k = 0; k < count; k++) {
			if (files[k]->fact.state == HF_PRESENT &&
			    (strstr(files[k]->data, "\nDefaultTasksMax=") ||
			     strncmp(files[k]->data,
				     "DefaultTasksMax=", strlen("DefaultTasksMax=")) == 0))
				return true;
		}
	}
	return false;
}

/* systemd gives every unit that says nothing a number of tasks, and again at each start:
 * DefaultTasksMax=, 15 % of what the node can have, systemd-system.conf(5). */
static bool is_managers_default(hf_check_run *run, const hf_limit *limit, hf_limit_kind kind,
				const declared *d)
{
	const hf_container *container = hf_container_of(run);
	const char *path = container->cgroup ? container->cgroup : limit->path;
	const hf_sysctl *pids = hf_sysctl_get(run, "kernel.pid_max");
	const hf_sysctl *threads = hf_sysctl_get(run, "kernel.threads-max");
	size_t length = strlen(path), suffix = strlen(".scope");

	if (kind != HF_LIMIT_PIDS || d->is_limited || length < suffix ||
	    strcmp(path + length - suffix, ".scope") != 0)
		return false;
	if (pids->is_number && threads->is_number) {
		int64_t all = pids->number < threads->number ? pids->number : threads->number;
		int64_t share = all * 15 / 100, own = (int64_t)limit->own;

		if (own >= share - 1 && own <= share + 1)
			return true;
	}
	return is_configured(run);
}

static bool judge_own(hf_check_run *run, hf_limit_kind kind, const hf_limit *limit,
		      const declared *d)
{
	bool agrees = limit->is_own_limited == d->is_limited &&
		      (!d->is_limited || is_same(kind, limit->own, d->value));
	const char *own = show(run, kind, limit->is_own_limited, limit->own);
	const char *wanted = show(run, kind, d->is_limited, d->value);

	if (agrees || (limit->is_own_limited && is_managers_default(run, limit, kind, d)))
		return true;
	bool is_looser = d->is_limited && (!limit->is_own_limited || limit->own > d->value);

	hf_expect(run, hf_text(run, "%s limit of its own group", names[kind]), own,
		  hf_text(run, "%s, as %s declares", wanted, d->fact.source), false);
	hf_message(
		run,
		is_looser
			? "looser than declared: a protection was removed behind the runtime's back"
			: "stricter than declared: the next start of the container loses it");
	return false;
}

/* A unit of systemd that declares the limit of the slice @path. */
static const hf_fact *declaring_unit(hf_check_run *run, hf_limit_kind kind, const char *path)
{
	static const char *const keys[HF_LIMIT_COUNT] = {
		[HF_LIMIT_MEMORY] = "Slice.MemoryMax",
		[HF_LIMIT_SWAP] = "Slice.MemorySwapMax",
		[HF_LIMIT_PIDS] = "Slice.TasksMax",
		[HF_LIMIT_CPU] = "Slice.CPUQuota",
	};
	const char *slash = strrchr(path, '/');
	size_t length = slash ? strlen(slash) : 0;

	if (length < strlen("/x.slice") || strcmp(slash + length - strlen(".slice"), ".slice") != 0)
		return NULL;
	const hf_unit_setting *setting = hf_unit_setting_get(run, slash + 1, keys[kind]);

	return &setting->fact;
}

static bool judge_ancestors(hf_check_run *run, hf_limit_kind kind, const hf_limit *limit)
{
	bool is_tighter =
		limit->is_limited && (!limit->is_own_limited || limit->value < limit->own);

	if (!is_tighter)
		return true;
	const hf_fact *unit = declaring_unit(run, kind, limit->path);
	const char *found =
		hf_text(run, "%s, set on %s", cgroup_amount(run, kind, limit->value), limit->path);

	if (unit && unit->state == HF_PRESENT) {
		hf_note(run, unit->source, found);
		return true;
	}
	hf_expect(run, hf_text(run, "%s limit of its groups' parents", names[kind]), found,
		  hf_text(run, "no stricter than its own (%s), or declared in a unit",
			  show(run, kind, limit->is_own_limited, limit->own)),
		  false);
	hf_message(run, "a parent group is stricter, and the runtime does not know");
	return false;
}

/* That every level could be read: a limit that was seen holds, but a stricter one could stand where
 * nobody looked. */
static bool all_levels(hf_check_run *run, hf_limit_kind kind)
{
	static const struct {
		const char *v2, *controller, *v1;
	} files[HF_LIMIT_COUNT] = {
		[HF_LIMIT_MEMORY] = {"memory.max", "memory", "memory.limit_in_bytes"},
		[HF_LIMIT_SWAP] = {"memory.swap.max", "memory", "memory.memsw.limit_in_bytes"},
		[HF_LIMIT_PIDS] = {"pids.max", "pids", "pids.max"},
		[HF_LIMIT_CPU] = {"cpu.max", "cpu", "cpu.cfs_quota_us"},
	};
	const hf_cgroup_values *values = hf_cgroup_values_get(
		run, hf_container_of(run), files[kind].v2, files[kind].controller, files[kind].v1);

	return values->fact.state == HF_ABSENT || hf_need(run, &values->fact);
}

static void check_limit_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	hf_fact record;
	const paths *form = find_form(run, &record);
	size_t compared = 0;
	bool agrees = true;

	if (!form) {
		if (record.state == HF_ABSENT)
			hf_not_applicable(run, record.source, record.why,
					  "without a declared limit nothing can drift");
		else
			hf_unknown(run, record.source, record.why);
		return;
	}
	for (hf_limit_kind kind = HF_LIMIT_MEMORY; kind < HF_LIMIT_COUNT; kind++) {
		const hf_limit *limit = hf_container_limit(run, container, kind);
		declared d = {.fact = record};

		if (limit->fact.state == HF_ABSENT && kind != HF_LIMIT_MEMORY)
			continue; /* no controller, no swap accounting */
		if (!hf_need(run, &limit->fact))
			return;
		agrees = all_levels(run, kind) && agrees;
		if (!read_kind(run, form, kind, &d)) {
			hf_unknown(run, d.fact.source, d.fact.why);
			return;
		}
		compared++;
		agrees = judge_own(run, kind, limit, &d) && agrees;
		agrees = judge_ancestors(run, kind, limit) && agrees;
	}
	if (agrees)
		hf_expect(run, "limits of its own group and its parents",
			  hf_text(run, "%zu kinds of limits are as declared", compared),
			  "as declared", true);
}

static const hf_check checks[] = {
	{
		.id = "cgroup.limit-drift",
		.title = "Declared and effective limits agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:770"),
		.reads =
			HF_READS("sysctl:kernel.pid_max", "sysctl:kernel.threads-max",
				 "/etc/systemd/system.conf", "/etc/systemd/system.conf.d/*.conf",
				 "/run/systemd/system.conf.d/*.conf", "/etc/systemd/system/*.slice",
				 "/etc/systemd/system/*.slice.d/*.conf",
				 "/etc/systemd/system.control/*.slice.d/*.conf",
				 "/run/systemd/system.control/*.slice.d/*.conf",
				 "/run/systemd/system/*.slice", "/run/systemd/transient/*.slice",
				 "/run/systemd/system/*.slice.d/*.conf",
				 "/usr/lib/systemd/system/*.slice", "/lib/systemd/system/*.slice"),
		.risk = "What the runtime and its inventory say of a container's limits is not "
			"what holds: a "
			"protection is gone, or a restart will change it.",
		.threat = "Somebody with write access to cgroupfs lifts a limit, and every tool "
			  "that asks the "
			  "engine keeps reporting it.",
		.remediation = "docker update --memory, --memory-swap, --pids-limit, --cpus to "
			       "what is wanted, so "
			       "that record and kernel agree; declare a limit of a parent in its "
			       "slice unit "
			       "(systemctl set-property NAME.slice MemoryMax=…).",
		.run = check_limit_drift,
	},
};

HF_CHECK_SET(cgroup_drift, checks);
