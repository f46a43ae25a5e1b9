/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container can reach of the control group file systems: writing, seeing, delegation,
 * release agents. */
#include "common.h"

#include <string.h>

static bool is_cgroup(const hf_mount *mount)
{
	return strcmp(mount->fs_type, "cgroup") == 0 || strcmp(mount->fs_type, "cgroup2") == 0;
}

/* Of its mounts that nothing hides. NULL after the last. */
static const hf_container_mount *next_cgroup(const hf_container_mounts *mounts, size_t *index)
{
	while (*index < mounts->count) {
		const hf_container_mount *at = &mounts->all[(*index)++];

		if (is_cgroup(at->mount) && !at->is_covered)
			return at;
	}
	return NULL;
}

static const hf_container_mount *find_writable(const hf_container_mounts *mounts)
{
	const hf_container_mount *at;

	for (size_t i = 0; (at = next_cgroup(mounts, &i));) {
		if (!at->is_read_only)
			return at;
	}
	return NULL;
}

/* ---- writing ---- */

static bool has_nsdelegate(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);

	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, "cgroup2") == 0 &&
		    hf_mount_has_option(&mounts->all[i], "nsdelegate"))
			return true;
	}
	return false;
}

static bool has_own_cgroup_ns(hf_check_run *run, const hf_container *container)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);

	return reference->fact.state == HF_PRESENT && container->init &&
	       container->init->ns[HF_NS_CGROUP] != 0 && reference->inode[HF_NS_CGROUP] != 0 &&
	       container->init->ns[HF_NS_CGROUP] != reference->inode[HF_NS_CGROUP];
}

/* Delegation as it is meant: v2, its own part of the tree alone, a user namespace of its own, and a
 * kernel that keeps the limits of a namespace's topmost group from those inside (nsdelegate,
 * cgroups(7)). */
static bool is_delegated(hf_check_run *run, const hf_container *container,
			 const hf_container_mount *at)
{
	return strcmp(at->mount->fs_type, "cgroup2") == 0 && container->cgroup &&
	       cgroup_is_below(at->mount->root, container->cgroup) && container->init &&
	       hf_task_is_remapped(run, container->init) && has_nsdelegate(run) &&
	       has_own_cgroup_ns(run, container);
}

static void check_writable(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	const hf_container_mount *at, *delegated = NULL;
	static const char source[] = "control group file systems of the container";
	static const char wanted[] = "none, or all read-only";

	for (size_t i = 0; (at = next_cgroup(mounts, &i));) {
		if (at->is_read_only)
			continue;
		if (is_delegated(run, container, at)) {
			delegated = at;
			continue;
		}
		hf_expect(run, source,
			  hf_text(run, "%s on %s is writable, from %s of its tree",
				  at->mount->fs_type, at->mount->target,
				  strcmp(at->mount->root, "/") == 0 ? "the root" : "a part"),
			  wanted, false);
		return;
	}
	if (!hf_need(run, &mounts->fact))
		return;
	hf_expect(run, source,
		  delegated ? hf_text(run, "%s is its own part, delegated to a user namespace",
				      delegated->mount->target)
			    : "none that it could write",
		  wanted, true);
}

/* ---- release agents ---- */

#define CAP_BIT(number) (UINT64_C(1) << (number))
enum { CAP_SYS_ADMIN_NUMBER = 21 };

static bool has_v1(hf_check_run *run, const hf_mounts *mounts)
{
	(void)run;
	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, "cgroup") == 0)
			return true;
	}
	return false;
}

typedef struct admin {
	const hf_task *task;   /* with CAP_SYS_ADMIN over the host's resources */
	const hf_task *mapped; /* with it in a user namespace of its own */
} admin;

static admin find_admin(hf_check_run *run, const hf_container *container)
{
	admin found = {0};

	for (size_t i = 0; i < container->task_count && !found.task; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT ||
		    !(task->cap_effective & CAP_BIT(CAP_SYS_ADMIN_NUMBER)))
			continue;
		if (hf_task_is_remapped(run, task))
			found.mapped = task;
		else
			found.task = task;
	}
	return found;
}

/* The engine's own profile for AppArmor has "deny mount,". What others say is not known here. */
static bool mac_denies_mount(const hf_task *task)
{
	return task->label && strcmp(task->label, "docker-default (enforce)") == 0;
}

static void judge_admin(hf_check_run *run, const hf_container *container, const hf_task *task)
{
	const hf_fact *fact = NULL;
	static const char source[] = "CAP_SYS_ADMIN with mount(2)";
	static const char wanted[] = "not both, while v1 hierarchies exist";
	const char *name = task->name ? task->name : "?";

	if (mac_denies_mount(task)) {
		hf_expect(run, source, hf_text(run, "mount is denied by %s", task->label), wanted,
			  true);
		return;
	}
	switch (hf_container_call(run, container, HF_CALL_ABI_NATIVE, "mount", &fact)) {
	case HF_CALL_DENIED:
		hf_expect(run, source, "its seccomp filter denies mount", wanted, true);
		break;
	case HF_CALL_UNKNOWN:
		hf_unknown(
			run, fact ? fact->source : "seccomp",
			hf_text(run,
				"%s has CAP_SYS_ADMIN, and whether it may mount is not known: %s",
				name, fact && fact->why ? fact->why : "no filter could be read"));
		break;
	case HF_CALL_SUPERVISED:
		hf_unknown(run, "seccomp", "a supervisor decides about mount");
		break;
	case HF_CALL_CONDITIONAL:
	case HF_CALL_LOGGED:
	case HF_CALL_ALLOWED:
		hf_expect(run, source, hf_text(run, "%s has CAP_SYS_ADMIN and may mount", name),
			  wanted, false);
		hf_message(run, "it can mount a v1 hierarchy and set the program that the kernel "
				"runs as root on "
				"the node");
		break;
	}
}

/* In a user namespace of its own: since 5.17 the kernel asks for the capability over the host
 * (CVE-2022-0492), and many older ones were given that check. */
static void judge_mapped(hf_check_run *run, const hf_task *task)
{
	const hf_kernel *kernel = hf_kernel_get(run);
	const char *name = task->name ? task->name : "?";

	if (!hf_need(run, &kernel->fact))
		return;
	if (hf_kernel_compare(kernel, "5.17") >= 0)
		hf_expect(run, "CAP_SYS_ADMIN of its processes",
			  "only in a user namespace of its own", "none over the host", true);
	else
		hf_unknown(run, kernel->fact.source,
			   hf_text(run,
				   "%s has CAP_SYS_ADMIN in its user namespace, and whether %s has "
				   "the check of "
				   "CVE-2022-0492 is not known",
				   name, kernel->release));
}

/* A v1 mount that it can write and that shows the hierarchy's root: no further capability is
 * needed. */
static const hf_container_mount *writable_root(const hf_container_mounts *mounts)
{
	const hf_container_mount *at;

	for (size_t i = 0; (at = next_cgroup(mounts, &i));) {
		if (!at->is_read_only && strcmp(at->mount->fs_type, "cgroup") == 0 &&
		    strcmp(at->mount->root, "/") == 0)
			return at;
	}
	return NULL;
}

static void check_release_agent(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_mounts *host = hf_mounts_get(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	const hf_container_mount *root = writable_root(mounts);
	const hf_kernel *kernel = hf_kernel_get(run);
	admin found = find_admin(run, container);

	/* since 5.17, and in older kernels that were given the check of CVE-2022-0492, writing
	 * takes CAP_SYS_ADMIN over the host besides */
	if (root && !found.task && kernel->fact.state == HF_PRESENT &&
	    hf_kernel_compare(kernel, "5.17") >= 0) {
		hf_note(run, "v1 hierarchies of the container",
			hf_text(run, "%s is writable and shows the root", root->mount->target));
		root = NULL;
	}
	if (root) {
		hf_expect(run, "v1 hierarchies of the container",
			  hf_text(run, "%s is writable and shows the root", root->mount->target),
			  "none that is writable at its root", false);
		return;
	}
	if (!hf_need(run, &host->fact))
		return;
	if (!has_v1(run, host)) {
		hf_not_applicable(run, host->fact.source, "no v1 hierarchy is mounted",
				  "cgroup v2 has no release agent");
		return;
	}
	if (found.task)
		judge_admin(run, container, found.task);
	else if (found.mapped)
		judge_mapped(run, found.mapped);
	if (!hf_need(run, &container->tasks_fact) || !hf_need(run, &mounts->fact))
		return;
	if (container->task_count == 0)
		hf_unknown(run, "/proc", "no task of it could be read");
	else if (!found.task && !found.mapped)
		hf_expect(run, "CAP_SYS_ADMIN of its processes", "none has it",
			  "none over the host", true);
}

/* ---- delegation ---- */

/* Whether somebody of @container, who is not root, can write @file: its owner, for an owner can
 * change the mode. */
static const char *writer_of(hf_check_run *run, const hf_container *container, const hf_file *file)
{
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT)
			continue;
		if (file->uid != 0 && (file->uid == task->uid[1] || file->uid == task->uid[3]))
			return hf_text(run, "belongs to uid %u, as whom %s runs", file->uid,
				       task->name ? task->name : "?");
		if (file->gid != 0 && (file->mode & 0020) &&
		    (file->gid == task->gid[1] || file->gid == task->gid[3]))
			return hf_text(run, "can be written by gid %u, which %s has", file->gid,
				       task->name ? task->name : "?");
	}
	return file->mode & 0002 ? "can be written by everybody" : NULL;
}

/* The first limit file of its topmost group that somebody inside may write. */
static const char *delegated_limit(hf_check_run *run, const hf_container *container,
				   size_t *ret_read, const hf_fact **ret_hole)
{
	static const struct {
		const char *v2, *controller, *v1;
	} limits[] = {
		{"memory.max", "memory", "memory.limit_in_bytes"},
		{"pids.max", "pids", "pids.max"},
		{"cpu.max", "cpu", "cpu.cfs_quota_us"},
	};

	for (size_t i = 0; i < CGROUP_COUNT(limits); i++) {
		const hf_cgroup_values *values = hf_cgroup_values_get(
			run, container, limits[i].v2, limits[i].controller, limits[i].v1);
		const hf_cgroup_value *own = values->count > 0 ? &values->levels[0] : NULL;

		if (values->fact.state == HF_UNREADABLE && !own)
			*ret_hole = &values->fact;
		if (!own || own->fact.state == HF_ABSENT)
			continue;
		const hf_file *file = hf_file_get(run, own->fact.source);

		if (file->fact.state != HF_PRESENT || file->type == HF_FILE_OTHER) {
			*ret_hole = &file->fact; /* the last one: read without its owner */
			continue;
		}
		++*ret_read;
		const char *why = writer_of(run, container, file);

		if (why)
			return hf_text(run, "%s of its own group %s",
				       values->is_v1 ? limits[i].v1 : limits[i].v2, why);
	}
	return NULL;
}

/* Who writes the parent's cgroup.procs moves processes out of the container's group. */
static const char *delegated_parent(hf_check_run *run, const hf_container *container,
				    const hf_fact **ret_hole)
{
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, "pids.max", "pids", "pids.max");
	const hf_cgroup_value *parent = values->count > 1 ? &values->levels[1] : NULL;

	if (!parent)
		return NULL; /* its parent is the root, which is root's */
	const char *slash = strrchr(parent->fact.source, '/');
	const hf_file *file =
		hf_stat_get(run, hf_text(run, "%.*s/cgroup.procs",
					 (int)(slash - parent->fact.source), parent->fact.source));

	if (parent->fact.state != HF_PRESENT || file->fact.state != HF_PRESENT) {
		*ret_hole = &file->fact;
		return NULL;
	}
	const char *why = writer_of(run, container, file);

	return why ? hf_text(run, "cgroup.procs of %s %s", parent->path, why) : NULL;
}

static void check_delegation(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_fact *hole = NULL;
	size_t read = 0;
	const char *found = delegated_limit(run, container, &read, &hole);

	if (!found)
		found = delegated_parent(run, container, &hole);
	static const char source[] =
		"owner and mode of its limit files and of its parent's cgroup.procs";
	static const char wanted[] = "root's, so that those inside cannot lift them";

	if (found && has_nsdelegate(run) && has_own_cgroup_ns(run, container)) {
		/* the whole tree is a user's (rootless engines); from inside the kernel still
		 * refuses */
		hf_expect(run, source,
			  hf_text(run,
				  "%s, but nsdelegate keeps those inside its cgroup namespace out",
				  found),
			  wanted, true);
		return;
	}
	if (found) {
		hf_expect(run, source, found, wanted, false);
		return;
	}
	if (!hf_need(run, &container->tasks_fact))
		return;
	if (hole || read == 0)
		hf_unknown(run, hole ? hole->source : source,
			   hole && hole->why ? hole->why : "its group has none that could be read");
	else
		hf_expect(run, source, "nobody inside can write them", wanted, true);
}

/* ---- nested groups ---- */

static void check_descendants(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, "cgroup.max.descendants", NULL, NULL);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	hf_cgroup_mode mode = HF_CGROUP_V1;
	const hf_fact *fact = hf_cgroup_mode_get(run, &mode);
	uint64_t number;

	if (!hf_need(run, fact))
		return;
	if (mode != HF_CGROUP_V2) {
		hf_not_applicable(run, fact->source, "v1 or hybrid",
				  "v1 cannot bound the number of groups");
		return;
	}
	if (!find_writable(mounts)) {
		if (hf_need(run, &mounts->fact))
			hf_not_applicable(run, "control group file systems of the container",
					  "none that it could write", "it cannot make groups");
		return;
	}
	for (size_t i = 0; i < values->count; i++) {
		const hf_cgroup_value *at = &values->levels[i];

		if (at->fact.state == HF_PRESENT && cgroup_number(at->text, &number)) {
			hf_expect(
				run, "cgroup.max.descendants over all levels",
				hf_text(run, "%s, on %s", at->text, i ? at->path : "its own group"),
				"a number at one level", true);
			return;
		}
	}
	if (hf_need(run, &values->fact))
		hf_expect(run, "cgroup.max.descendants over all levels", "max",
			  "a number at one level", false);
}

/* ---- seeing ---- */

/* Below its own group, or below the group of its first process: hierarchies of v1 need not agree on
 * the path. */
static bool is_own_part(hf_check_run *run, const hf_container *container, const char *root)
{
	const hf_file *file = hf_process_file(run, container->pid, "cgroup");

	if (container->cgroup && strcmp(container->cgroup, "/") != 0 &&
	    cgroup_is_below(root, container->cgroup))
		return true;
	for (const char *line = file->data; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			break;
		const char *group = hf_text(run, "%.*s", (int)strcspn(path + 1, "\n"), path + 1);

		if (strcmp(group, "/") != 0 && *group && cgroup_is_below(root, group))
			return true;
	}
	return false;
}

static void check_tree_visible(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	const hf_container_mount *at;
	static const char source[] = "control group file systems of the container";
	static const char wanted[] = "its own part of the tree";
	size_t count = 0;

	for (size_t i = 0; (at = next_cgroup(mounts, &i)); count++) {
		if (is_own_part(run, container, at->mount->root))
			continue;
		hf_expect(run, source,
			  hf_text(run, "%s shows the groups below %s", at->mount->target,
				  at->mount->root),
			  wanted, false);
		return;
	}
	if (hf_need(run, &mounts->fact))
		hf_expect(run, source, count > 0 ? "its own part of the tree" : "none", wanted,
			  true);
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "cgroup.writable",
		.title = "No container can write cgroupfs",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_D | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611", "CVE:2022-0492", "CVE:2023-25809",
				"NIST-800-190:4.4.3"),
		.risk = "The container lifts its own limits; on v1 it rewrites its device rules "
			"and, at a root, the "
			"release agent that runs as root on the node.",
		.threat = "Code inside writes to the mounted tree and needs no flaw of the kernel.",
		.remediation = "Remove -v /sys/fs/cgroup:/sys/fs/cgroup (or mount it :ro) and "
			       "--privileged; a "
			       "systemd inside needs cgroup v2 with a private cgroup namespace and "
			       "user namespace "
			       "(podman --systemd=always without root).",
		.run = check_writable,
	},
	{
		.id = "cgroup.release-agent",
		.title = "No container can set a v1 release agent",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:269", "ATTACK:T1611", "CVE:2022-0492"),
		.risk = "The container makes the kernel run a program of its choice as root on the "
			"node.",
		.threat = "mount -t cgroup, write a path to release_agent, let a group become "
			  "empty: a dozen lines "
			  "of shell that are widely known.",
		.remediation = "Take SYS_ADMIN out of cap_add, drop --privileged, keep the default "
			       "seccomp profile; "
			       "boot with cgroup_no_v1=all.",
		.run = check_release_agent,
	},
	{
		.id = "cgroup.delegation",
		.title = "A container's cgroup subtree is delegated only when meant and only below "
			 "its own level",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:732", "CWE:269"),
		.risk = "Who owns the files that hold a container's limits can lift them.",
		.threat = "A process that runs as that user, inside or after an escape without "
			  "root, writes max to "
			  "memory.max and pids.max.",
		.remediation = "Mount cgroup2 with nsdelegate (mount -o remount,nsdelegate "
			       "/sys/fs/cgroup; systemd "
			       "does) and give the container a cgroup namespace of its own; chown "
			       "back to root what "
			       "was given away by hand.",
		.run = check_delegation,
	},
	{
		.id = "cgroup.descendants",
		.title = "Nested cgroups are bounded where a subtree is delegated",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770"),
		.risk = "Each group costs memory of the kernel that is not always charged to the "
			"container.",
		.threat = "A loop of mkdir in the delegated tree.",
		.remediation = "echo 1000 > cgroup.max.descendants of the container's group or of "
			       "the slice above.",
		.run = check_descendants,
	},
	{
		.id = "cgroup.tree-visible",
		.title = "A container does not see other containers' cgroups",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:200", "ATTACK:T1613"),
		.risk = "Names, ids, memory and CPU use of all containers of the node can be read.",
		.threat = "Code inside learns what else runs here, and when it is busy.",
		.remediation = "Start it with --cgroupns=private (\"default-cgroupns-mode\": "
			       "\"private\" in "
			       "daemon.json) and without -v /sys:…, -v /sys/fs/cgroup:….",
		.run = check_tree_visible,
	},
};

HF_CHECK_SET(cgroup_reach, checks);
