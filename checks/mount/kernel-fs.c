/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems by which the kernel shows and steers itself: procfs, sysfs, devices, and the rarer ones. */
#include "common.h"

#include <string.h>

static bool is_among(const hf_container_mount *mount, const char *const *types)
{
	for (; *types; types++) {
		if (mount_is_type(mount, *types))
			return true;
	}
	return false;
}

static const char *describe(hf_check_run *run, const hf_container_mount *mount, const char *what)
{
	return hf_text(run, "%s at %s, %s", what, mount->mount->target, mount_access(mount));
}

static bool is_same_fs(const hf_container_mount *a, const hf_container_mount *b)
{
	return a->mount->major == b->mount->major && a->mount->minor == b->mount->minor;
}

/* ---- procfs of others ---- */

static void check_host_proc(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_container_mount *own = mounts ? hf_container_mount_at(mounts, "/proc") : NULL;
	mount_list hits = {0};
	bool is_writable = false;

	if (!mounts)
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		bool is_own = own && mount_is_type(own, "proc") && is_same_fs(own, mount);

		if (mount->is_covered || !mount_is_type(mount, "proc"))
			continue;
		/* the host has it mounted as well: then it is the host's, even as the container's /proc */
		if (mount->has_host_path)
			mount_add(run, &hits, describe(run, mount, "the host's procfs"));
		else if (!is_own)
			mount_add(run, &hits, describe(run, mount, "another procfs than its own"));
		else
			continue;
		is_writable |= mount_is_writable(mount);
	}
	if (!mount_conclude(run, &hits, "none but its own", "only the container's own procfs") &&
	    !is_writable)
		hf_message(run, "Read-only: arguments and environments of all processes are shown, "
				"and nothing can be set.");
}

/* ---- sysfs ---- */

static void check_host_sys(hf_check_run *run)
{
	static const char *const below[] = {"debugfs", "tracefs", "securityfs", "configfs", "bpf",
					    "efivarfs", "pstore", "fusectl", NULL};
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (mount->is_covered)
			continue;
		if (is_among(mount, below))
			mount_add(run, &hits, describe(run, mount, mount->mount->fs_type));
		else if (mount_is_type(mount, "sysfs") &&
			 (!mount->is_declared_by_runtime || mount_is_writable(mount)))
			mount_add(run, &hits, describe(run, mount, "sysfs"));
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "sysfs at /sys alone, read-only, or none",
				     "one sysfs at /sys, read-only, with nothing of the kernel below");
}

static void check_sysfs_writable(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const char *why = NULL;
	mount_list writable = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (!mount->is_covered && mount_is_type(mount, "sysfs") && mount_is_writable(mount))
			mount_add(run, &writable, hf_text(run, "sysfs at %s", mount->mount->target));
	}
	if (!mounts)
		return;
	mount_answer root = writable.count > 0 ? mount_has_root(run, &why) : MOUNT_YES;

	switch (root) {
	case MOUNT_YES:
		(void)mount_conclude(run, &writable, "no writable sysfs", "read-only");
		break;
	case MOUNT_MAYBE:
		hf_unknown(run, MOUNT_TABLE,
			   hf_text(run, "%s is writable, and whether for its tasks is not known: %s",
				   mount_show(run, &writable), why));
		break;
	case MOUNT_NO:
		(void)hf_expect(run, MOUNT_TABLE,
				hf_text(run, "%s is writable, and no task is root of the host",
					mount_show(run, &writable)),
				"read-only, or no task that is root of the host", true);
		break;
	}
}

/* ---- covers of procfs ---- */

static void judge_cover(hf_check_run *run, const hf_container_mounts *mounts,
			const hf_container_mount *mount, const char *name, mount_list *hits)
{
	const char *target = mount->mount->target;
	const char *path = hf_text(run, "%s/%s", mount_is(target, "/") ? "" : target, name);
	const hf_container_mount *cover = hf_container_mount_at(mounts, path);

	/* one above it ("/proc" itself) is read-only, too, then */
	if (cover && cover != mount && !mount_is_writable(cover))
		return;
	mount_add(run, hits, cover == mount ? hf_text(run, "%s has no cover", path)
					    : hf_text(run, "the cover of %s is writable", path));
}

static void check_procfs_writable(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	/* a listing that was cut short would prove it missing */
	const hf_file *trigger = hf_stat_get(run, "/proc/sysrq-trigger");
	mount_list hits = {0};
	size_t found = 0;

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (mount->is_covered || !mount_is_type(mount, "proc") ||
		    !mount_is(mount->mount->root, "/") || !mount_is_writable(mount))
			continue;
		found++;
		judge_cover(run, mounts, mount, "sys", &hits);
		if (trigger->fact.state == HF_PRESENT)
			judge_cover(run, mounts, mount, "sysrq-trigger", &hits);
	}
	if (!mounts)
		return;
	/* a kernel without the key has nothing to cover */
	if (hits.count == 0 && found > 0 && trigger->fact.state == HF_UNREADABLE) {
		hf_unknown(run, trigger->fact.source, trigger->fact.why);
		return;
	}
	(void)mount_conclude(run, &hits, "every procfs is read-only or has its covers",
			     "read-only covers over sys and sysrq-trigger of every procfs");
}

/* ---- devices ---- */

static void judge_device(hf_check_run *run, const hf_container_mount *mount, mount_list *hits,
			 const hf_fact **ret_unknown)
{
	const hf_container *container = hf_container_of(run);
	const char *where = mount->mount->target;
	hf_mount_relation relation = hf_container_mount_relation(run, container, mount, "/dev", &where);
	const hf_file *there;

	/* a second instance is the same devices; a single node is judged with devices */
	if (relation == HF_MOUNT_APART && mount_is_type(mount, "devtmpfs"))
		relation = mount_is(mount->mount->root, "/") ? HF_MOUNT_SAME : HF_MOUNT_BELOW;
	switch (relation) {
	case HF_MOUNT_APART:
		return;
	case HF_MOUNT_SAME:
	case HF_MOUNT_ABOVE:
		mount_add(run, hits, hf_text(run, "the host's /dev at %s", where));
		return;
	case HF_MOUNT_BELOW:
		there = hf_container_stat(run, container, mount->mount->target);
		if (there->fact.state != HF_PRESENT && !*ret_unknown)
			*ret_unknown = &there->fact;
		if (there->fact.state == HF_PRESENT && there->type == HF_FILE_DIRECTORY)
			mount_add(run, hits, hf_text(run, "the host's /dev%s at %s", mount->mount->root,
						     mount->mount->target));
		return;
	}
}

static void check_host_dev(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_fact *unknown = NULL;
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		bool is_root = mount_is(mount->mount->target, "/");

		if (!mount->is_covered &&
		    (is_root ? mount_shows_host(mount) : !mount->is_declared_by_runtime))
			judge_device(run, mount, &hits, &unknown);
	}
	if (!mounts)
		return;
	if (hits.count == 0 && unknown)
		hf_unknown(run, unknown->source, unknown->why);
	else
		(void)mount_conclude(run, &hits, "none of the host's folders of devices",
				     "a /dev of its own");
}

/* ---- the rarer ones ---- */

static void check_special_fs(hf_check_run *run)
{
	static const char *const types[] = {"debugfs",	"tracefs",     "securityfs", "bpf",
					    "configfs", "efivarfs",    "pstore",     "binfmt_misc",
					    "nfsd",	"rpc_pipefs", NULL};
	static const char *const groups[] = {"cgroup", "cgroup2", NULL};
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		bool is_control = is_among(mount, types);

		/* by which a container gets a view of its own limits; writable it is the node's control groups */
		if (mount_is_type(mount, "fuse.lxcfs"))
			is_control = mount_is_writable(mount);
		if (is_among(mount, groups))
			is_control = !mount_is_in(mount->mount->target, "/sys/fs/cgroup", NULL);
		if (!mount->is_covered && is_control)
			mount_add(run, &hits, describe(run, mount, mount->mount->fs_type));
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "none", "no control file system of the kernel");
}

static const hf_check checks[] = {
	{
		.id = "mount.host-proc",
		.title = "No container sees the host's procfs",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "ATTACK:T1611",
				"KUBEHOUND:CE_UMH_CORE_PATTERN", "NIST-800-190:4.4.3",
				"DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.risk = "Arguments, environments and roots of all processes of the node are "
				"open, and its settings where it is writable.",
		.threat = "Write a program's path to sys/kernel/core_pattern and crash; or walk "
				"through root links of host processes into the host's files.",
		.remediation = "Remove the mount. Agents read numbers from a read-only bind of "
				"single files (/proc/meminfo, /proc/stat).",
		.run = check_host_proc,
	},
	{
		.id = "mount.host-sys",
		.title = "No container sees the host's sysfs writable or twice",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "ATTACK:T1611",
				"DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.risk = "The container changes settings of devices, drivers and power, or sees "
				"the kernel's debugging interfaces.",
		.threat = "Write uevent_helper, and the kernel starts a program as root of the "
				"node; unbind a device; trace other processes.",
		.remediation = "Remove the mount and --privileged; the runtime's own /sys is "
				"read-only.",
		.run = check_host_sys,
	},
	{
		.id = "mount.host-dev",
		.title = "No container has the host's /dev",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CIS-Docker-1.6:5.18", "CWE:668",
				"ATTACK:T1006", "ATTACK:T1611", "DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.risk = "Every device of the node is a name in the container; only the device "
				"rules of its control group are left between them.",
		.threat = "Once a rule is loosened, or with --privileged at once: read and "
				"write the disks under the host's file systems.",
		.remediation = "Remove the mount; give single devices with --device.",
		.run = check_host_dev,
	},
	{
		.id = "mount.special-fs",
		.title = "No kernel control file systems are mounted in containers",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:668", "ATTACK:T1611", "ATTACK:T1014"),
		.risk = "Through these the kernel is traced, programmed and set, for the whole "
				"node.",
		.threat = "Register an interpreter that every program of the node is run by, "
				"pin a BPF program, trace other containers, lift one's limits.",
		.remediation = "Remove the mount; observability agents that need one belong on "
				"the node, or are accepted by a waiver.",
		.run = check_special_fs,
	},
	{
		.id = "mount.sysfs-writable",
		.title = "sysfs is read-only in containers",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611", "CIS-Docker-1.6:5.5"),
		.risk = "Root in the container changes devices, drivers and kernel helpers of "
				"the node.",
		.threat = "Write a path to /sys/kernel/uevent_helper and cause an event: the "
				"kernel starts that program as root of the node.",
		.remediation = "Start the container without --privileged; where it needs one "
				"setting, set it on the node.",
		.run = check_sysfs_writable,
	},
	{
		.id = "mount.procfs-writable",
		.title = "The container's procfs control tree is read-only",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611", "CIS-Docker-1.6:5.5"),
		.reads = HF_READS("stat:/proc/sysrq-trigger"),
		.risk = "Settings of the kernel that hold for the whole node can be written "
				"from the container.",
		.threat = "Write core_pattern or modprobe, or reboot the node by sysrq-trigger. "
				"A procfs that the container mounted itself has no covers.",
		.remediation = "Start the container without --privileged and without "
				"systempaths=unconfined; set sysctls with --sysctl.",
		.run = check_procfs_writable,
	},
};

HF_CHECK_SET(mount_kernel_fs, checks);
