/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the kernel's own files a container sees: masks over those that tell too much, and control
 * files that must not be writable. All procfs show the same files, so what counts is what lies on
 * top of each. */
#include "process.h"

#include <linux/capability.h>

static bool is_type(const hf_container_mount *mount, const char *type)
{
	return strcmp(mount->mount->fs_type, type) == 0;
}

static bool is_kernels(const hf_container_mount *mount)
{
	return is_type(mount, "proc") || is_type(mount, "sysfs");
}

/* ---- what a mask looks like ---- */

/* The char device 1:3 that everybody calls null; a folder of a file system of its own with nothing
 * in it (in tmpfs the two names that every folder has make 40 bytes); what systemd puts over files:
 * nobody may open it. */
static bool is_mask(const hf_file *file)
{
	enum { EMPTY_TMPFS = 40 };

	switch (file->type) {
	case HF_FILE_CHAR_DEVICE:
		return (file->rdev_major == 1 && file->rdev_minor == 3) || file->mode == 0;
	case HF_FILE_DIRECTORY:
		return file->file_size <= EMPTY_TMPFS || (file->mode & 0777) == 0;
	case HF_FILE_REGULAR:
	case HF_FILE_SOCKET:
	case HF_FILE_FIFO:
	case HF_FILE_BLOCK_DEVICE:
		return file->file_size == 0 && (file->mode & 0777) == 0;
	case HF_FILE_SYMLINK:
	case HF_FILE_OTHER:
		break;
	}
	return false;
}

/* ---- who could use a file of the kernel ---- */

/* By its mode, or by a capability of the initial user namespace. */
static bool may_use(hf_check_run *run, const hf_task *task, const hf_file *file, uint32_t bits)
{
	const uint64_t override =
		PROCESS_CAP(CAP_DAC_OVERRIDE) | (bits & 04 ? PROCESS_CAP(CAP_DAC_READ_SEARCH) : 0);

	if (task->fact.state != HF_PRESENT)
		return false;
	if ((task->cap_effective & override) && !hf_task_is_remapped(run, task))
		return true;
	for (size_t i = 0; i < PROCESS_COUNT(task->uid); i++) {
		if (task->uid[i] == file->uid)
			return (file->mode >> 6) & bits;
	}
	return ((task->gid[3] == file->gid ? file->mode >> 3 : file->mode) & bits) != 0;
}

static bool may_any_use(hf_check_run *run, const hf_file *file, uint32_t bits)
{
	const hf_container *container = hf_container_of(run);

	for (size_t i = 0; i < container->task_count; i++) {
		if (may_use(run, &container->tasks[i], file, bits))
			return true;
	}
	return false;
}

static bool has_rawio(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if ((task->cap_effective & PROCESS_CAP(CAP_SYS_RAWIO)) &&
		    !hf_task_is_remapped(run, task))
			return true;
	}
	return false;
}

/* ---- process.masked-paths ---- */

typedef struct sensitive {
	const char *path;
	bool is_recent; /* masked by runtimes of 2023 and later alone, and worth little */
} sensitive;

static const sensitive sensitives[] = {
	{"/proc/acpi", false},	      {"/proc/asound", false},
	{"/proc/interrupts", true},   {"/proc/kcore", false},
	{"/proc/keys", false},	      {"/proc/latency_stats", false},
	{"/proc/sched_debug", false}, {"/proc/scsi", false},
	{"/proc/timer_list", false},  {"/proc/timer_stats", false},
	{"/sys/firmware", false},     {"/sys/devices/virtual/powercap", true},
};

typedef struct mask_verdict {
	process_list bare;
	process_list recent;
	size_t masked;
	size_t closed; /* not masked, but its mode keeps all tasks out */
} mask_verdict;

/* False after marking @run unknown. */
static bool judge_mask(hf_check_run *run, const hf_container_mounts *mounts, const sensitive *item,
		       mask_verdict *verdict)
{
	const hf_container_mount *mount = hf_container_mount_at(mounts, item->path);

	if (!mount || (!is_kernels(mount) && strcmp(mount->mount->target, item->path) != 0))
		return true; /* no file of the kernel is there */
	const hf_file *file = hf_container_stat(run, hf_container_of(run), item->path);

	if (file->fact.state == HF_ABSENT)
		return true;
	if (!hf_need(run, &file->fact))
		return false;
	if (!is_kernels(mount) && is_mask(file)) {
		verdict->masked++;
		return true;
	}
	bool is_open = may_any_use(run, file, file->type == HF_FILE_DIRECTORY ? 05 : 04);

	/* kcore_open() asks for the capability, too */
	if (strcmp(item->path, "/proc/kcore") == 0)
		is_open &= has_rawio(run);
	if (!is_open)
		verdict->closed++;
	else
		process_list_add(run, item->is_recent ? &verdict->recent : &verdict->bare,
				 item->path);
	return true;
}

static void check_masked_paths(hf_check_run *run)
{
	static const char source[] = "sensitive files of /proc and /sys";
	static const char wanted[] = "masked, or not on this kernel";
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	mask_verdict verdict = {0};
	bool is_known = true;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < PROCESS_COUNT(sensitives); i++)
		is_known &= judge_mask(run, mounts, &sensitives[i], &verdict);
	if (verdict.recent.count > 0)
		hf_note(run, source,
			hf_text(run, "only newer runtimes mask these: %s",
				process_list_text(run, &verdict.recent)));
	if (verdict.bare.count > 0) {
		(void)hf_expect(run, source,
				hf_text(run, "readable as they are: %s",
					process_list_text(run, &verdict.bare)),
				wanted, false);
		return;
	}
	/* whom a mode keeps out depends on the tasks */
	if (!is_known || (verdict.closed > 0 && !hf_need(run, &container->tasks_fact)))
		return;
	(void)hf_expect(run, source,
			verdict.closed == 0
				? "masked, or not there"
				: "masked, not there, or closed to every task by their modes",
			wanted, true);
}

/* ---- process.mask-integrity ---- */

static bool is_sensitive(const char *path)
{
	static const char *const others[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					     "/proc/sysrq-trigger"};

	for (size_t i = 0; i < PROCESS_COUNT(sensitives); i++) {
		if (strcmp(sensitives[i].path, path) == 0)
			return true;
	}
	for (size_t i = 0; i < PROCESS_COUNT(others); i++) {
		if (strcmp(others[i], path) == 0)
			return true;
	}
	return false;
}

static const char *described(hf_check_run *run, const hf_container_mount *mount)
{
	return hf_text(run, "%s is %s of a %s", mount->mount->target, mount->mount->root,
		       mount->mount->fs_type);
}

/* A part of procfs or sysfs over another place of the same. */
static bool is_diverted(const hf_container_mount *mount, const char *top)
{
	size_t length = strlen(top);

	return strcmp(mount->mount->root, mount->mount->target + length) != 0;
}

/* A terminal of devpts: its slaves are the majors 136 to 143 of devices.txt. */
static bool is_terminal(const hf_container_mount *mount, const hf_file *file)
{
	return is_type(mount, "devpts") && file->type == HF_FILE_CHAR_DEVICE &&
	       file->rdev_major >= 136 && file->rdev_major <= 143;
}

/* What is wrong with @mount; NULL: nothing, or it is none that is judged (*ret_judged). */
static const char *flaw(hf_check_run *run, const hf_container_mount *mount, bool *ret_judged)
{
	const char *target = mount->mount->target;
	bool is_console = strcmp(target, "/dev/console") == 0;
	bool is_in_proc = process_starts_with(target, "/proc/");
	bool is_in_sys = process_starts_with(target, "/sys/");

	*ret_judged = true;
	if (is_kernels(mount) && (is_in_proc || is_in_sys || is_console)) {
		const char *top = is_in_proc ? "/proc" : "/sys";
		bool is_own = is_type(mount, is_in_proc ? "proc" : "sysfs") && !is_console;

		return is_own && !is_diverted(mount, top) ? NULL : described(run, mount);
	}
	if (!is_console && !is_sensitive(target)) {
		*ret_judged = false;
		return NULL;
	}
	const hf_file *file = hf_container_stat(run, hf_container_of(run), target);

	if (!hf_need(run, &file->fact))
		return NULL;
	if (is_console ? is_terminal(mount, file) : is_mask(file))
		return NULL;
	return described(run, mount);
}

static void check_mask_integrity(hf_check_run *run)
{
	static const char source[] = "mounts over files of the kernel and /dev/console";
	const hf_container_mounts *mounts = hf_container_mounts_get(run, hf_container_of(run));
	process_list bad = {0};
	size_t count = 0;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		bool is_judged = false;
		const char *what =
			mounts->all[i].is_covered ? NULL : flaw(run, &mounts->all[i], &is_judged);

		if (mounts->all[i].is_covered)
			continue;
		count += is_judged;
		if (what)
			process_list_add(run, &bad, what);
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, process_list_text(run, &bad),
				"null, an empty folder, the same file read-only, or a terminal",
				false);
	else if (count == 0)
		hf_not_applicable(run, source, "none",
				  "nothing is masked: process.masked-paths judges that");
	else
		(void)hf_expect(run, source, "each is what it should be",
				"null, an empty folder, the same file read-only, or a terminal",
				true);
}

/* ---- process.readonly-paths ---- */

static void check_readonly_paths(hf_check_run *run)
{
	static const char *const paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					    "/proc/sysrq-trigger"};
	static const char source[] = "control files of /proc";
	static const char wanted[] = "on a read-only mount";
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	process_list bad = {0};
	bool is_known = true;
	size_t closed = 0;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < PROCESS_COUNT(paths); i++) {
		const hf_container_mount *mount = hf_container_mount_at(mounts, paths[i]);

		if (!mount || !is_type(mount, "proc") || mount->is_read_only)
			continue;
		const hf_file *file = hf_container_stat(run, container, paths[i]);

		if (file->fact.state == HF_ABSENT)
			continue;
		if (!hf_need(run, &file->fact)) {
			is_known = false;
			continue;
		}
		/* a folder of the kernel is 0555; what is in it is its owner's to write */
		const hf_file inner = {.uid = file->uid, .gid = file->gid, .mode = 0644};
		bool is_folder = file->type == HF_FILE_DIRECTORY;
		bool is_open = may_any_use(run, is_folder ? &inner : file, 02);

		if (is_open)
			process_list_add(run, &bad, paths[i]);
		else
			closed++;
	}
	if (bad.count > 0)
		(void)hf_expect(run, source,
				hf_text(run, "writable: %s", process_list_text(run, &bad)), wanted,
				false);
	else if (is_known && (closed == 0 || hf_need(run, &container->tasks_fact)))
		(void)hf_expect(run, source,
				closed == 0 ? "read-only, masked, or not there"
					    : "read-only, or not writable for any task's user",
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "process.masked-paths",
		.title = "Sensitive kernel files are masked",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.5", "CWE:200", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04", "CVE:2025-31133", "CIS-Docker-1.6:5.22",
				"CWE:668", "ATTACK:T1611"),
		.aliases = HF_ALIASES("container.masked-paths"),
		.risk = "The container reads memory, keys, timers and firmware tables of the whole "
			"node.",
		.threat = "Addresses and keys that an exploit needs, and the names of other "
			  "tenants' programs, "
			  "lie open.",
		.remediation = "Start the container without --security-opt systempaths=unconfined "
			       "and without "
			       "--privileged.",
		.run = check_masked_paths,
	},
	{
		.id = "process.mask-integrity",
		.title = "Masks are real masks",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CVE:2025-31133", "CVE:2025-52565", "CVE:2025-52881", "CWE:59",
				"CWE:367", "ATTACK:T1611"),
		.risk = "A mount that should hide a file of the kernel shows another one, "
			"writable.",
		.threat = "An image that swaps /dev/null or its terminal for a link while the "
			  "container starts "
			  "gets core_pattern mounted in its place, and runs a program as root of "
			  "the host.",
		.remediation =
			"Stop the container, keep its image for inspection, and update runc "
			"(1.2.8, "
			"1.3.3) or crun; then look for what the container changed below /proc/sys.",
		.run = check_mask_integrity,
	},
	{
		.id = "process.readonly-paths",
		.title = "Kernel control paths are read-only",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.5", "CWE:732", "ATTACK:T1611",
				"NIST-800-190:4.4.3"),
		.risk = "The container changes settings of the kernel for the whole node.",
		.threat = "Root in the container writes to /proc/sys or sysrq-trigger: it turns "
			  "protections "
			  "off, names a program for the kernel to start, or stops the node.",
		.remediation = "Start the container without --security-opt systempaths=unconfined "
			       "and without "
			       "--privileged; set single values with --sysctl.",
		.run = check_readonly_paths,
	},
};

HF_CHECK_SET(process_masks, checks);
