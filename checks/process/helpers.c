/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by which the kernel is told a program to start, wherever in a container's tree they appear.
 *
 * The kernel lets root of the initial user namespace write them by their mode, without any
 * capability; so what is left to decide is where they are, on what mounts, and who is root or may override modes. */
#include "process.h"

#include <linux/capability.h>

/* One file: on each mount of the file system .type, at .path of it. */
typedef struct helper {
	const char *type;
	const char *path;
	const char *host; /* where the host has it, for whether this kernel has it; NULL: always
			     there */
} helper;

static const helper helpers[] = {
	{"proc", "/sys/kernel/core_pattern", "/proc/sys/kernel/core_pattern"},
	{"proc", "/sys/kernel/modprobe", "/proc/sys/kernel/modprobe"},
	{"proc", "/sys/kernel/hotplug", "/proc/sys/kernel/hotplug"},
	{"proc", "/sys/kernel/poweroff_cmd", "/proc/sys/kernel/poweroff_cmd"},
	{"proc", "/sys/kernel/usermodehelper/bset", "/proc/sys/kernel/usermodehelper/bset"},
	{"proc", "/sys/kernel/usermodehelper/inheritable",
	 "/proc/sys/kernel/usermodehelper/inheritable"},
	{"proc", "/sysrq-trigger", "/proc/sysrq-trigger"},
	{"sysfs", "/kernel/uevent_helper", "/sys/kernel/uevent_helper"},
	{"binfmt_misc", "/register", NULL},
	{"cgroup", "/release_agent", NULL},
};

#define HELPER_READS                                                                               \
	"stat:/proc/sys/kernel/core_pattern", "stat:/proc/sys/kernel/modprobe",                    \
		"stat:/proc/sys/kernel/hotplug", "stat:/proc/sys/kernel/poweroff_cmd",             \
		"stat:/proc/sys/kernel/usermodehelper/bset",                                       \
		"stat:/proc/sys/kernel/usermodehelper/inheritable", "stat:/proc/sysrq-trigger",    \
		"stat:/sys/kernel/uevent_helper"

/* Where @mount shows @file in the container, NULL: nowhere. The mount may be of a part of its file
 * system:
 * "/sys" of a procfs at "/host-sys" shows "/sys/kernel/modprobe" at "/host-sys/kernel/modprobe". */
static const char *place_of(hf_check_run *run, const hf_container_mounts *mounts,
			    const hf_container_mount *mount, const helper *file)
{
	const char *root = mount->mount->root, *rest = file->path;
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strcmp(mount->mount->fs_type, file->type) != 0 || strncmp(rest, root, length) != 0 ||
	    (rest[length] != '/' && rest[length] != '\0'))
		return NULL;
	const char *target = strcmp(mount->mount->target, "/") == 0 ? "" : mount->mount->target;
	const char *path = hf_text(run, "%s%s", target, rest + length);

	/* something else may lie on top of it */
	return hf_container_mount_at(mounts, path) == mount ? path : NULL;
}

/* Whether this kernel has the file, and root could write it. False also when that is not known,
 * which marks
 * @run. */
static bool is_there(hf_check_run *run, const helper *file)
{
	if (!file->host)
		return true;
	const hf_file *host = hf_stat_get(run, file->host);

	if (host->fact.state == HF_ABSENT)
		return false;
	return hf_need(run, &host->fact) && (host->mode & 0222) != 0;
}

/* ---- who could write ---- */

static bool is_host_root(const hf_task *task)
{
	for (size_t i = 0; i < PROCESS_COUNT(task->uid); i++) {
		if (task->uid[i] == 0)
			return true;
	}
	return false;
}

/* Of everything but /proc/sys, whose own rule asks for root's number (proc_sys_permission() of the kernel), the
 * owner's bits are for who overrides them, too. */
static bool may_override(hf_check_run *run, const hf_task *task, const helper *file)
{
	bool is_sysctl = strcmp(file->type, "proc") == 0 && process_starts_with(file->path, "/sys/");

	return !is_sysctl && task->cap_effective & PROCESS_CAP(CAP_DAC_OVERRIDE) &&
	       !hf_task_is_remapped(run, task);
}

/* What the runtimes' AppArmor profiles refuse to write. They go by paths: a procfs that is mounted
 * elsewhere they do not know. */
static bool is_refused_path(const char *path)
{
	return process_starts_with(path, "/proc/sys/") ||
	       strcmp(path, "/proc/sysrq-trigger") == 0 ||
	       process_starts_with(path, "/sys/kernel/");
}

/* CVE-2022-0492: from 5.17 on release_agent takes CAP_SYS_ADMIN, too. */
static bool lacks_admin(hf_check_run *run, const hf_task *task, const helper *file)
{
	const hf_kernel *kernel = hf_kernel_get(run);

	return strcmp(file->type, "cgroup") == 0 && kernel->fact.state == HF_PRESENT &&
	       hf_kernel_compare(kernel, "5.17") >= 0 &&
	       !(task->cap_effective & PROCESS_CAP(CAP_SYS_ADMIN));
}

typedef enum writer { WRITER_NONE = 0, WRITER_STOPPED, WRITER_UNSURE, WRITER_FREE } writer;

/* How far @task could write @file at @path; *ret_why names what stops it. */
static writer judge_task(hf_check_run *run, const hf_task *task, const helper *file,
			 const char *path, const char **ret_why)
{
	const char *label;

	if (task->fact.state != HF_PRESENT || lacks_admin(run, task, file))
		return WRITER_NONE;
	if (!is_host_root(task) && !may_override(run, task, file))
		return WRITER_NONE;
	*ret_why = "";
	switch (process_mac_of(run, task, &label)) {
	case PROCESS_MAC_NONE:
	case PROCESS_MAC_SMACK:
		return WRITER_FREE;
	case PROCESS_MAC_DEFAULT:
		*ret_why = label;
		return is_refused_path(path) ? WRITER_STOPPED : WRITER_FREE;
	case PROCESS_MAC_SELINUX:
		*ret_why = label;
		return WRITER_STOPPED;
	case PROCESS_MAC_PROFILE:
		*ret_why = hf_text(run, "what %s refuses is not known", label);
		return WRITER_UNSURE;
	case PROCESS_MAC_UNKNOWN:
		*ret_why = label;
		return WRITER_UNSURE;
	}
	return WRITER_FREE;
}

/* The task that could most. */
static writer judge_tasks(hf_check_run *run, const helper *file, const char *path,
			  const char **ret_why)
{
	const hf_container *container = hf_container_of(run);
	writer most = WRITER_NONE;

	for (size_t i = 0; i < container->task_count && most != WRITER_FREE; i++) {
		const char *why = "";
		writer found = judge_task(run, &container->tasks[i], file, path, &why);

		if (found > most) {
			most = found;
			*ret_why = why;
		}
	}
	return most;
}

/* ---- process.kernel-helper-writable ---- */

typedef struct verdict {
	process_list writable;
	bool is_reachable;   /* some are on writable mounts */
	const char *stopped; /* by which label alone; NULL: by none */
} verdict;

static void judge_mount(hf_check_run *run, const hf_container_mounts *mounts,
			const hf_container_mount *mount, verdict *result)
{
	for (size_t i = 0; i < PROCESS_COUNT(helpers); i++) {
		const char *path = place_of(run, mounts, mount, &helpers[i]), *why = "";

		if (!path || !is_there(run, &helpers[i]))
			continue;
		result->is_reachable = true;
		switch (judge_tasks(run, &helpers[i], path, &why)) {
		case WRITER_FREE:
			process_list_add(run, &result->writable, path);
			break;
		case WRITER_UNSURE:
			hf_unknown(run, path, why);
			break;
		case WRITER_STOPPED:
			result->stopped = why;
			break;
		case WRITER_NONE:
			break;
		}
	}
}

static void check_helpers(hf_check_run *run)
{
	static const char source[] = "files by which the kernel starts programs";
	static const char wanted[] = "not writable for any task";
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	verdict result = {0};

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		if (!mounts->all[i].is_covered && !mounts->all[i].is_read_only)
			judge_mount(run, mounts, &mounts->all[i], &result);
	}
	if (result.writable.count > 0) {
		(void)hf_expect(
			run, source,
			hf_text(run, "writable: %s", process_list_text(run, &result.writable)),
			wanted, false);
		return;
	}
	/* on mounts that nobody can write, who is root does not matter */
	if (result.is_reachable && !hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, source,
			!result.is_reachable ? "on no writable mount"
			: result.stopped     ? hf_text(run, "refused by %s", result.stopped)
					 : "on a writable mount, but no task is root of the host or as good as",
			wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "process.kernel-helper-writable",
		.title = "No container can set a program that the kernel starts",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611", "KUBEHOUND:CE_UMH_CORE_PATTERN",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3"),
		.reads = HF_READS(HELPER_READS, PROCESS_MAC_READS),
		.risk = "The kernel starts a program of the container's choice, as root, in the "
			"namespaces of "
			"the host.",
		.threat = "Write a path to core_pattern, modprobe or release_agent, then crash a "
			  "process, ask "
			  "for an unknown module or leave a group: the next thing that runs is the "
			  "intruder's.",
		.remediation = "Start the container without --privileged, without --security-opt "
			       "systempaths=unconfined and without a mount of the host's / or "
			       "/proc; or map its "
			       "users (userns-remap).",
		.run = check_helpers,
	},
};

HF_CHECK_SET(process_helpers, checks);
