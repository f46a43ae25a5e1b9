/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that are not where their container is, and handles to namespaces of others. */
#include "spaces.h"

#include <stdlib.h>
#include <string.h>

/* ---- namespace.mixed-membership ---- */

static const hf_ns_type compared[] = {HF_NS_NET, HF_NS_IPC,  HF_NS_UTS,	  HF_NS_PID,
				      HF_NS_MNT, HF_NS_USER, HF_NS_CGROUP};

typedef struct mixed {
	spaces_names strays;	/* in the host's or another container's namespaces */
	spaces_names outsiders; /* of another control group */
	spaces_names own; /* in namespaces that nobody else is in: sandboxes of the application's */
	const hf_task *unread;
} mixed;

/* Whether another container has a task in the namespace that @task is in, of @type. */
static bool is_of_another(const hf_peers *peers, const hf_container *container, const hf_task *task,
			  hf_ns_type type)
{
	for (size_t i = 0; i < peers->count; i++) {
		const hf_container *peer = peers->all[i];

		if (peer != container && peer->init && peer->init->ns[type] == task->ns[type])
			return true;
	}
	return false;
}

static void look_at(hf_check_run *run, const hf_container *container, const hf_task *task,
		    const hf_ns_reference *reference, mixed *found)
{
	const hf_task *init = container->init;
	const char *differing = "";
	bool is_stray = false;

	for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
		hf_ns_type type = compared[i];

		if (task->ns[type] == init->ns[type])
			continue;
		if (task->ns[type] == 0 || init->ns[type] == 0) {
			found->unread = found->unread	 ? found->unread
					: task->ns[type] ? init
							 : task;
			continue;
		}
		differing =
			hf_text(run, "%s%s%s", differing, *differing ? " " : "", hf_ns_name(type));
		is_stray = is_stray || task->ns[type] == reference->inode[type] ||
			   is_of_another(hf_container_ns_peers(run, container, type), container,
					 task, type);
	}
	const char *text =
		*differing ? hf_text(run, "%s differs in %s", spaces_task(run, task), differing)
			   : spaces_task(run, task);

	if (task->is_outsider)
		spaces_add(run, &found->outsiders, text);
	else if (is_stray)
		spaces_add(run, &found->strays, text);
	else if (*differing)
		spaces_add(run, &found->own, text);
}

static void check_mixed(hf_check_run *run)
{
	static const char source[] = "namespaces of every task",
			  wanted[] = "those of the container's first process";
	const hf_container *container = hf_container_of(run);
	const hf_ns_reference *reference = hf_ns_reference_get(run);
	mixed found = {.unread = NULL};

	if (!container->init) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].fact.state == HF_PRESENT)
			look_at(run, container, &container->tasks[i], reference, &found);
	}
	if (found.strays.count)
		(void)hf_expect(run, source, spaces_text(run, &found.strays), wanted, false);
	if (found.outsiders.count)
		(void)hf_expect(run, "control groups of the processes in its namespaces",
				hf_text(run, "outside of the container's group: %s",
					spaces_text(run, &found.outsiders)),
				"processes of the container alone", false);
	if (found.strays.count || found.outsiders.count)
		return;
	if (!spaces_all_read(run, container, found.unread) || !hf_need(run, &reference->fact))
		return;
	if (found.own.count)
		hf_inform(run, source, spaces_text(run, &found.own),
			  "namespaces that nobody else is in: a sandbox of the application's own "
			  "making, as "
			  "browsers and systemd have them");
	else
		(void)hf_expect(run, source, "those of the first process", wanted, true);
}

/* ---- namespace.nsfs-handle ---- */

/* "net:[4026531840]" */
static bool parse_handle(const char *text, hf_ns_type *ret_type, uint64_t *ret_inode)
{
	const char *colon = strstr(text, ":[");
	char *end;

	for (unsigned i = 0; colon && i < HF_NS_COUNT; i++) {
		const char *name = hf_ns_name((hf_ns_type)i);

		if (strlen(name) != (size_t)(colon - text) ||
		    strncmp(name, text, (size_t)(colon - text)) != 0)
			continue;
		*ret_type = (hf_ns_type)i;
		*ret_inode = strtoull(colon + 2, &end, 10);
		return strcmp(end, "]") == 0;
	}
	return false;
}

static bool is_own(const hf_container *container, uint64_t inode)
{
	for (size_t i = 0; i < container->task_count; i++) {
		for (unsigned type = 0; type < HF_NS_COUNT; type++) {
			if (container->tasks[i].ns[type] == inode)
				return true;
		}
	}
	return false;
}

/* A container that is in the host's namespace itself has nothing to gain by a handle of it, so its
 * own namespaces are those of its tasks. */
static void judge_mounts(hf_check_run *run, const hf_container *container, const hf_mount **device,
			 spaces_names *handles)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = mounts->all[i].mount;
		hf_ns_type type;
		uint64_t inode;

		if (strcmp(mount->fs_type, "nsfs") != 0)
			continue;
		*device = mount;
		if (!parse_handle(mount->root, &type, &inode) || !is_own(container, inode))
			spaces_add(run, handles,
				   hf_text(run, "%s at %s", mount->root, mount->target));
	}
}

/* A descriptor shows the name of the namespace, or the path of the mount through which it was
 * opened. Returns why some could not be read, or NULL. */
static const char *judge_opens(hf_check_run *run, const hf_container *container, int32_t pid,
			       const hf_mount *device, spaces_names *handles)
{
	const hf_opens *opens = hf_process_opens(run, pid);

	for (size_t i = 0; i < opens->count; i++) {
		const hf_open *open = &opens->all[i];
		hf_ns_type type;
		uint64_t inode;
		bool is_named = parse_handle(open->target, &type, &inode);

		if (!is_named && !(device && open->dev_major == device->major &&
				   open->dev_minor == device->minor))
			continue;
		if (!is_own(container, is_named ? inode : open->inode))
			spaces_add(run, handles,
				   hf_text(run, "%s as descriptor %s of pid %d", open->target,
					   open->name, pid));
	}
	return opens->fact.why;
}

/* The device of the file system of namespaces, as far as the host has one mounted. */
static const hf_mount *host_device(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);

	for (size_t i = 0; mounts->fact.state == HF_PRESENT && i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, "nsfs") == 0)
			return &mounts->all[i];
	}
	return NULL;
}

static void check_handles(hf_check_run *run)
{
	static const char wanted[] = "no handle of a namespace that is not the container's own";
	const hf_container *container = hf_container_of(run);
	const hf_mount *device = host_device(run);
	const char *why = NULL;
	spaces_names handles = {0};

	judge_mounts(run, container, &device, &handles);
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid != task->pid || task->fact.state != HF_PRESENT)
			continue;
		const char *lost = judge_opens(run, container, task->pid, device, &handles);

		why = why ? why : lost;
	}
	if (why)
		hf_unknown(run, "what its processes hold open", why);
	if (handles.count > 0)
		(void)hf_expect(run, "mounts and descriptors", spaces_text(run, &handles), wanted,
				false);
	else if (hf_need(run, &container->tasks_fact) && hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, "mounts and descriptors", "none of another namespace", wanted,
				true);
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "namespace.mixed-membership",
		.title = "All processes of a container are in the same namespaces as its first "
			 "process",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "ATTACK:T1609", "ATTACK:T1611"),
		.risk = "A process stands with one foot in the container and with the other on the "
			"host or in "
			"another container.",
		.threat = "It came in by nsenter or exec with more than the container has, or it "
			  "is on its way "
			  "out: who controls either side crosses over.",
		.remediation = "Look at the process named (ps -o pid,ppid,user,args -p PID), find "
			       "out who started "
			       "it, and end it; enter containers by their engine's exec.",
		.run = check_mixed,
	},
	{
		.id = "namespace.nsfs-handle",
		.title = "No container can see pinned namespace handles of other containers",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:668", "CWE:552", "ATTACK:T1611"),
		.risk = "A file in the container is a door into the network of the host or of "
			"another container.",
		.threat = "With SYS_ADMIN, setns(2) on it is enough.",
		.remediation = "Do not mount /run, /var/run or /run/netns into containers (Docker "
			       "keeps handles "
			       "below /run/docker/netns); mount the one file that is needed.",
		.run = check_handles,
	},
};

HF_CHECK_SET(namespace_membership, checks);
