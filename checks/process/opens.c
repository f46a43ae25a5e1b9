/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of a container hold: open files, working directories, programs. */
#include "process.h"

#include <inttypes.h>
#include <sys/stat.h>

/* The tree that its open files are measured against. A process that was moved to the host's mount
 * namespace has left its container's. */
static bool is_in_host_tree(hf_check_run *run, const hf_task *task)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);

	return task->ns[HF_NS_MNT] != 0 && task->ns[HF_NS_MNT] == reference->inode[HF_NS_MNT];
}

/* The open files of @task's process with the mounts they are on; NULL after marking @run unknown. A
 * process that ended meanwhile is none. */
static const hf_opens *opens_of(hf_check_run *run, const hf_task *task)
{
	const hf_opens *opens = hf_process_opens(run, task->pid);

	return hf_need(run, &opens->fact) && hf_need(run, &opens->mounts_fact) ? opens : NULL;
}

static const hf_open *open_named(const hf_opens *opens, const char *name)
{
	for (size_t i = 0; i < opens->count; i++) {
		if (strcmp(opens->all[i].name, name) == 0)
			return &opens->all[i];
	}
	return NULL;
}

/* The mount that @open is on. A process that made a mount namespace of its own keeps what it had open, and its
 * program, on mounts of the one where it comes from: the container's. */
static const hf_mount *mount_of(hf_check_run *run, const hf_open *open)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, hf_container_of(run));

	if (open->mount || open->mount_id == 0)
		return open->mount;
	for (size_t i = 0; mounts->fact.state == HF_PRESENT && i < mounts->count; i++) {
		if (mounts->all[i].id == open->mount_id)
			return mounts->all[i].mount;
	}
	return NULL;
}

/* ---- process.fd-leak ---- */

/* "net:[4026532201]" of one of the task's own namespaces. */
static bool is_own_namespace(hf_check_run *run, const hf_task *task, const char *target)
{
	for (hf_ns_type type = 0; type < HF_NS_COUNT; type++) {
		if (strcmp(target,
			   hf_text(run, "%s:[%" PRIu64 "]", hf_ns_name(type), task->ns[type])) == 0)
			return true;
	}
	return false;
}

/* A descriptor of a namespace: the kernel shows its link alone in this form. */
static bool is_namespace(const hf_open *open)
{
	for (hf_ns_type type = 0; type < HF_NS_COUNT; type++) {
		const char *name = hf_ns_name(type);
		size_t length = strlen(name);

		if (strncmp(open->target, name, length) == 0 &&
		    process_starts_with(open->target + length, ":["))
			return true;
	}
	return false;
}

/* Files that no mount namespace has: of memory, of System V, of processes. They are on mounts that
 * the kernel keeps to itself, without a device; on a disk of the host the name is anybody's choice. */
static bool is_internal(const hf_open *open)
{
	static const char *const names[] = {
		"/memfd:",	  "/SYSV",	 "/dev/zero", "pidfd:[",
		"/anon_hugepage", "anon_inode:", "/dmabuf:",  "/secretmem"};

	for (size_t i = 0; open->dev_major == 0 && i < PROCESS_COUNT(names); i++) {
		if (process_starts_with(open->target, names[i]))
			return true;
	}
	return false;
}

/* mq_open(3) goes by such a mount, too: the queues are those of the container where its own shows
 * them. */
static bool is_own_queue(hf_check_run *run, const hf_open *open)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, hf_container_of(run));

	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = mounts->all[i].mount;

		if (strcmp(mount->fs_type, "mqueue") == 0 && mount->major == open->dev_major &&
		    mount->minor == open->dev_minor)
			return true;
	}
	return false;
}

/* Terminals, null and its like that were handed over as standard streams: devices of mem(4),
 * tty(4), pts(4). */
static bool is_stream(const hf_open *open)
{
	uint32_t major = open->rdev_major;

	if (!S_ISCHR(open->mode))
		return false;
	return (major == 1 && open->rdev_minor >= 3 && open->rdev_minor <= 9) || major == 4 ||
	       major == 5 || (major >= 136 && major <= 143);
}

static bool is_known(hf_check_run *run, const hf_task *task, const hf_open *open)
{
	if (is_namespace(open) && !open->mount)
		return is_own_namespace(run, task, open->target);
	if (S_ISFIFO(open->mode) || S_ISSOCK(open->mode) || is_stream(open))
		return true;
	return mount_of(run, open) || is_internal(open) || (open->mode & S_IFMT) == 0 ||
	       is_own_queue(run, open);
}

/* runc on its way into the container: it closes what it holds before it starts the program, and its own program
 * is none of the container's. Anybody can take its name, so nothing is said of such a process at all. */
static bool is_runtime_init(hf_check_run *run, const hf_task *task)
{
	if (!task->name || !process_starts_with(task->name, "runc:["))
		return false;
	const hf_opens *opens = hf_process_opens(run, task->pid);
	const hf_open *exe = open_named(opens, "exe");

	if (!exe || exe->mount)
		return false;
	hf_unknown(run, process_task_name(run, task), "seems to be runc on its way into the container");
	return true;
}

static void judge_descriptors(hf_check_run *run, const hf_task *task, process_list *bad)
{
	const hf_opens *opens = opens_of(run, task);

	for (size_t i = 0; opens && i < opens->count; i++) {
		const hf_open *open = &opens->all[i];

		/* process.cwd-outside judges that */
		if (strcmp(open->name, "cwd") == 0 || is_known(run, task, open))
			continue;
		process_list_add(run, bad,
				 hf_text(run, "%s %s (device %u:%u) of %s", open->name,
					 open->target, open->dev_major, open->dev_minor,
					 process_task_name(run, task)));
	}
}

static void check_fd_leak(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!process_is_main(task) || task->fact.state != HF_PRESENT ||
		    is_runtime_init(run, task))
			continue;
		if (is_in_host_tree(run, task))
			process_list_add(run, &bad,
					 hf_text(run, "%s is in the host's mount namespace",
						 process_task_name(run, task)));
		else
			judge_descriptors(run, task, &bad);
	}
	process_conclude(run, &bad, "open files of every process", "on no mount of the container",
			 "each is on a mount of the container, or a pipe, socket or file of memory",
			 "nothing from outside its mount tree");
}

/* ---- process.cwd-outside ---- */

/* "/proc/self/fd/7" as a declared working directory: how CVE-2024-21626 is asked for. */
static bool is_descriptor_path(const char *path)
{
	const char *fd = process_starts_with(path, "/proc/") ? strstr(path, "/fd") : NULL;

	return (fd && (fd[3] == '/' || fd[3] == '\0')) || process_starts_with(path, "/dev/fd");
}

static void judge_declared(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *declared = hf_container_oci(run, container, "process/cwd");

	if (declared->fact.state == HF_ABSENT)
		declared = hf_container_inspect(run, container, "Config/WorkingDir");
	if (declared->fact.state == HF_UNREADABLE)
		hf_unknown(run, declared->fact.source, declared->fact.why);
	else if (declared->fact.state == HF_PRESENT && declared->text &&
		 is_descriptor_path(declared->text))
		(void)hf_expect(run, declared->fact.source, declared->text,
				"no path below /proc/PID/fd", false);
}

static void check_cwd(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!process_is_main(task) || task->fact.state != HF_PRESENT)
			continue;
		const hf_opens *opens = opens_of(run, task);
		const hf_open *cwd = opens ? open_named(opens, "cwd") : NULL;

		if (opens && !cwd)
			hf_unknown(run, opens->fact.source, "names no working directory");
		if (cwd && (!mount_of(run, cwd) || is_in_host_tree(run, task) ||
			    process_starts_with(cwd->target, "(unreachable)")))
			process_list_add(run, &bad,
					 hf_text(run, "%s of %s", cwd->target,
						 process_task_name(run, task)));
	}
	judge_declared(run, container);
	process_conclude(run, &bad, "working directory of every process",
			 "on no mount of the container", "on a mount of the container",
			 "on a mount of the container");
}

/* ---- process.exe-origin ---- */

static bool is_memory(const hf_mount *mount)
{
	return strcmp(mount->fs_type, "tmpfs") == 0 || strcmp(mount->fs_type, "ramfs") == 0;
}

/* Written after @container was started: the change time of a file of the image is that of its
 * unpacking. What is on a volume may change. */
static bool is_drift(hf_check_run *run, const hf_container *container, const hf_task *task,
		     const hf_mount *mount, bool *ret_known)
{
	const int64_t margin_ns =
		2000000000; /* files that the runtime itself writes while it starts */
	const hf_file *program = hf_stat_get(run, hf_text(run, "/proc/%d/exe", task->pid));
	int64_t start = 0;

	*ret_known = true;
	if (strcmp(mount->target, "/") != 0)
		return false;
	*ret_known = program->fact.state == HF_PRESENT && program->ctime_ns > 0 &&
		     container->init && hf_task_start(run, container->init, &start);
	return *ret_known && program->ctime_ns > start + margin_ns;
}

/* What is wrong with the program of @task; NULL: nothing, or it is not known, which marks @run. */
static const char *judge_program(hf_check_run *run, const hf_container *container,
				 const hf_task *task)
{
	const hf_opens *opens = opens_of(run, task);
	const hf_open *exe = opens ? open_named(opens, "exe") : NULL;
	bool is_known;

	if (!opens)
		return NULL;
	if (!exe) {
		hf_unknown(run, opens->fact.source, "names no program");
		return NULL;
	}
	const hf_mount *mount = mount_of(run, exe);

	if (process_starts_with(exe->target, "/memfd:") && !mount)
		return "is a file of memory";
	if (process_ends_with(exe->target, " (deleted)"))
		return "was deleted";
	if (!mount)
		return "is on no mount of the container";
	if (is_memory(mount) && !hf_mount_has_option(mount, "ro"))
		return "is on a tmpfs";
	if (is_drift(run, container, task, mount, &is_known))
		return "was written after the start of the container";
	if (!is_known)
		hf_unknown(run, "change time of programs", "could not be read");
	return NULL;
}

static void check_exe_origin(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!process_is_main(task) || task->fact.state != HF_PRESENT ||
		    is_runtime_init(run, task))
			continue;
		const char *why = judge_program(run, container, task);

		if (why)
			process_list_add(run, &bad,
					 hf_text(run, "%s %s (%s)",
						 task->exe ? task->exe : "a program", why,
						 process_task_name(run, task)));
	}
	process_conclude(run, &bad, "program of every process", "not from the image",
			 "each is older than the container, or on a volume",
			 "from the image or a volume that was declared");
}

static const hf_check checks[] = {
	{
		.id = "process.fd-leak",
		.title = "No container process holds a descriptor to something outside its mount "
			 "tree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CVE:2024-21626", "CVE:2016-9962", "CWE:403", "ATTACK:T1611"),
		.risk = "A folder or file of the host that is open in the container can be used "
			"without its "
			"mounts being asked.",
		.threat = "From the descriptor of a folder of the host, openat(2) with .. leads to "
			  "every file "
			  "of the node.",
		.remediation =
			"Update runc (1.1.12 or newer) and start the container again; find out who "
			"handed it the file (its path stands in the evidence).",
		.run = check_fd_leak,
	},
	{
		.id = "process.cwd-outside",
		.title = "The working directory of container processes lies inside their root",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CVE:2024-21626", "CWE:403", "ATTACK:T1611"),
		.risk = "Relative paths of the process lead to files of the host.",
		.threat = "An image with WORKDIR /proc/self/fd/7 starts in a folder of the host "
			  "that runc left "
			  "open, and reads and writes from there.",
		.remediation = "Stop the container, keep its image for inspection, and update runc "
			       "(1.1.12 or "
			       "newer).",
		.run = check_cwd,
	},
	{
		.id = "process.exe-origin",
		.title = "Container programs run from the container's own files",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:506", "ATTACK:T1620", "ATTACK:T1036", "OWASP-Docker:D09"),
		.risk = "A program runs that is in no image: nobody has scanned or signed it.",
		.threat = "An intruder runs his tools from memory or /tmp and deletes the file, so "
			  "that nothing "
			  "is left to find.",
		.remediation = "Look at the process before it ends (cp /proc/PID/exe); start "
			       "containers with "
			       "--read-only and --tmpfs /tmp:noexec, and waive programs that "
			       "update themselves.",
		.run = check_exe_origin,
	},
};

HF_CHECK_SET(process_opens, checks);
