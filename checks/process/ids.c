/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the processes of a container are: users, groups, and whether they can become others. */
#include "process.h"

#include <linux/capability.h>

static const char uids_source[] = "Uid of every task";

/* ---- process.no-new-privs ---- */

static bool may_gain(const hf_task *task)
{
	return !task->no_new_privs;
}

static void check_no_new_privs(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	bool is_all = process_is_everybody(container, may_gain);
	process_list bad = {0};

	if (is_all)
		process_list_add(run, &bad, "all of them");
	for (size_t i = 0; !is_all && i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state == HF_PRESENT && may_gain(task))
			process_list_add(run, &bad, process_task_name(run, task));
	}
	process_conclude(run, &bad, "NoNewPrivs of every task", "0", "1", "1 for every task");
}

/* ---- process.host-root ---- */

/* Which of its four ids is the host's root; NULL: none. */
static const char *root_id(const hf_task *task)
{
	static const char *const words[] = {"real", "effective", "saved", "file system"};

	if (task->fact.state != HF_PRESENT)
		return NULL;
	if (task->uid[1] == 0)
		return "effective";
	for (size_t i = 0; i < PROCESS_COUNT(words); i++) {
		if (task->uid[i] == 0)
			return words[i];
	}
	return NULL;
}

static bool is_root(const hf_task *task)
{
	return task->uid[1] == 0;
}

static void check_host_root(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	bool is_all = process_is_everybody(container, is_root);
	process_list bad = {0};

	if (is_all)
		process_list_add(run, &bad, "all of them");
	for (size_t i = 0; !is_all && i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		const char *which = root_id(task);

		if (which && task->uid[1] == 0)
			process_list_add(
				run, &bad,
				hf_text(run, "task \"%s\"", task->name ? task->name : "?"));
		else if (which)
			process_list_add(run, &bad,
					 hf_text(run, "task \"%s\" (%s uid)",
						 task->name ? task->name : "?", which));
	}
	process_conclude(run, &bad, uids_source, "uid 0", "none is 0",
			 "no id is 0, as the host counts");
}

/* ---- process.any-root ---- */

/* The host's number of the container's user 0; false after marking @run unknown. *ret_has: there is
 * one. */
static bool inner_root(hf_check_run *run, const hf_task *task, bool *ret_has, uint32_t *ret_uid)
{
	const hf_id_maps *maps = hf_task_id_maps(run, task);

	*ret_has = false;
	if (!maps) {
		const hf_ns_reference *initial = hf_ns_reference_get(run);

		if (!hf_need(run, &task->ns_fact))
			return false;
		if (initial->inode[HF_NS_USER])
			return true;
		hf_unknown(run, "/proc/2/ns/user", "the initial user namespace is not known");
		return false;
	}
	if (!hf_need(run, &maps->fact))
		return false;
	for (size_t i = 0; i < maps->uid_count; i++) {
		const hf_id_map *map = &maps->uid[i];

		if (map->inside != 0 || map->length == 0)
			continue;
		*ret_has = true;
		*ret_uid = map->outside;
	}
	return true;
}

static void check_any_root(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		if (!root_id(&container->tasks[i]))
			continue;
		hf_not_applicable(run, uids_source, "0",
				  "a task is root of the host: process.host-root judges that");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint32_t root = 0;
		bool has_root, is_inner_root = false;

		if (task->fact.state != HF_PRESENT)
			continue;
		if (!inner_root(run, task, &has_root, &root))
			return;
		for (size_t k = 0; k < PROCESS_COUNT(task->uid); k++)
			is_inner_root |= has_root && task->uid[k] == root;
		if (is_inner_root)
			process_list_add(run, &bad, process_task_name(run, task));
	}
	process_conclude(run, &bad, "Uid of every task by its uid_map", "0 inside",
			 "none is 0 inside", "no task is root inside its user namespace");
}

/* ---- process.privileged-groups ---- */

static bool is_privileged_group(const process_account *group)
{
	static const char *const names[] = {
		"adm", "disk",	  "docker", "incus",  "incus-admin", "input", "kmem",
		"kvm", "libvirt", "lxd",    "podman", "shadow",	     "sudo",  "systemd-journal",
		"tty", "wheel",
	};

	for (size_t i = 0; i < PROCESS_COUNT(names); i++) {
		if (strlen(names[i]) == (size_t)group->name_length &&
		    memcmp(names[i], group->name, strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static bool has_group(const hf_task *task, uint32_t gid)
{
	for (size_t i = 0; i < PROCESS_COUNT(task->gid); i++) {
		if (task->gid[i] == gid)
			return true;
	}
	for (size_t i = 0; i < task->group_count; i++) {
		if (task->groups[i] == gid)
			return true;
	}
	return false;
}

/* The first task in group @gid; that root is in it, too, adds nothing for group 0. */
static const hf_task *holder(const hf_container *container, uint32_t gid)
{
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state == HF_PRESENT && (gid != 0 || task->uid[3] != 0) &&
		    has_group(task, gid))
			return task;
	}
	return NULL;
}

/* Group 0 is what many images run as: it matters where the host shares what that group can write.
 */
static void judge_group_zero(hf_check_run *run, const hf_container *container, process_list *bad)
{
	const hf_task *task = holder(container, 0);
	const hf_container_mounts *mounts = task ? hf_container_mounts_get(run, container) : NULL;

	if (!task || !hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (mount->is_covered || mount->is_read_only || mount->is_declared_by_runtime ||
		    !mount->host_path)
			continue;
		const hf_file *file = hf_container_stat(run, container, mount->mount->target);

		if (hf_need(run, &file->fact) && file->gid == 0 && (file->mode & 020))
			process_list_add(run, bad,
					 hf_text(run, "root (0, can write %s) of %s",
						 mount->host_path, process_task_name(run, task)));
	}
}

static void check_privileged_groups(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_file *file = hf_file_get(run, "/etc/group");
	process_list bad = {0};
	process_account group;

	if (!hf_need(run, &file->fact))
		return;
	for (const char *cursor = file->data; process_next_account(file, &cursor, &group);) {
		const hf_task *task =
			is_privileged_group(&group) ? holder(container, group.id) : NULL;

		if (task)
			process_list_add(run, &bad,
					 hf_text(run, "%.*s (%u) of %s", group.name_length,
						 group.name, group.id,
						 process_task_name(run, task)));
	}
	judge_group_zero(run, container, &bad);
	process_conclude(run, &bad, "groups of every task in the host's /etc/group", "privileged",
			 "none is privileged", "no group to which the host gives rights");
}

/* ---- process.uid-collision ---- */

static bool is_login_shell(const process_account *account)
{
	static const char *const others[] = {"/nologin", "/false", "/true",
					     "/sync",	 "/halt",  "/shutdown"};

	for (size_t i = 0; i < PROCESS_COUNT(others); i++) {
		size_t length = strlen(others[i]), own = (size_t)account->last_length;

		if (own >= length && memcmp(account->last + own - length, others[i], length) == 0)
			return false;
	}
	return true; /* none is /bin/sh: passwd(5) */
}

static bool is_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* How many containers share @uid that are neither of its pod nor of its image. */
static size_t count_sharers(hf_check_run *run, const hf_container *container, uint32_t uid)
{
	size_t count, sharers = 0;
	const hf_located_task *all = hf_tasks_with_uid(run, uid, &count);

	for (size_t i = 0; i < count; i++) {
		const hf_container *other = all[i].container;

		if (other != container && !is_equal(other->pod, container->pod) &&
		    !is_equal(other->image, container->image))
			sharers++;
	}
	return sharers;
}

/* The distinct ids of @container's tasks but 0, at most @room. */
static size_t list_uids(const hf_container *container, uint32_t *uids, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		for (size_t k = 0; task->fact.state == HF_PRESENT && k < PROCESS_COUNT(task->uid);
		     k++) {
			bool is_known = task->uid[k] == 0;

			for (size_t j = 0; !is_known && j < count; j++)
				is_known = uids[j] == task->uid[k];
			if (!is_known && count < room)
				uids[count++] = task->uid[k];
		}
	}
	return count;
}

static void check_uid_collision(hf_check_run *run)
{
	enum { UIDS = 64 };
	const hf_container *container = hf_container_of(run);
	const hf_file *file = hf_file_get(run, "/etc/passwd");
	const hf_containers *all = hf_containers_get(run);
	uint32_t uids[UIDS];
	size_t count = list_uids(container, uids, UIDS);
	process_list bad = {0};
	process_account account;

	if (count == 0 && container->tasks_fact.state == HF_PRESENT) {
		hf_not_applicable(run, uids_source, "0", "every task is root of the host");
		return;
	}
	if (!hf_need(run, &file->fact))
		return;
	for (const char *cursor = file->data; process_next_account(file, &cursor, &account);) {
		for (size_t i = 0; i < count; i++) {
			if (uids[i] == account.id && is_login_shell(&account))
				process_list_add(run, &bad,
						 hf_text(run, "%u is the host's account %.*s",
							 uids[i], account.name_length,
							 account.name));
		}
	}
	for (size_t i = 0; i < count; i++) {
		size_t sharers = count_sharers(run, container, uids[i]);

		if (sharers > 0)
			process_list_add(run, &bad,
					 hf_text(run, "%u is shared with %zu other container%s",
						 uids[i], sharers, sharers == 1 ? "" : "s"));
	}
	if (bad.count == 0 && !hf_need(run, &all->fact))
		return;
	process_conclude(run, &bad, uids_source, "not its own", "used by nobody else",
			 "no account with a login shell, and no other image's or pod's container");
}

static const hf_check checks[] = {
	{
		.id = "process.no-new-privs",
		.title = "Container processes cannot gain privileges through exec",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.26", "CIS-Docker-1.6:2.14", "CWE:250", "CWE:269",
				"ATTACK:T1548.001", "NIST-800-190:4.4.3", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_5_26"),
		.aliases = HF_ALIASES("container.no-new-privileges"),
		.risk = "A process that gave up its privileges gets them back by executing a "
			"set-id program or "
			"a file with capabilities.",
		.threat = "An intruder in an unprivileged service runs su, ping or a planted "
			  "set-id file, and "
			  "is root of the container.",
		.remediation = "Start the container with --security-opt no-new-privileges, or set "
			       "\"no-new-privileges\": true in daemon.json for all; then look for "
			       "processes "
			       "that were entered by exec.",
		.run = check_no_new_privs,
	},
	{
		.id = "process.host-root",
		.title = "No container process is root of the host",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.1", "CWE:250", "ATTACK:T1611",
				"NIST-800-190:4.4.3", "OWASP-Docker:D01", "DOCKER-BENCH:check_4_1"),
		.aliases = HF_ALIASES("container.root-user"),
		.risk = "To the kernel the process is root: every file of root that it gets hold "
			"of is its own.",
		.threat = "One leaked descriptor, one writable file of /proc or one mount of the "
			  "host is enough "
			  "to own the node, without any capability.",
		.remediation = "Start the container with --user N:N (or USER in its image), or let "
			       "the engine "
			       "map its users: \"userns-remap\": \"default\" in daemon.json.",
		.run = check_host_root,
	},
	{
		.id = "process.any-root",
		.title = "Container processes are not root inside either",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:4.1", "CWE:250", "OWASP-Docker:D01"),
		.risk = "Root of the user namespace has capabilities there, and with them much "
			"more of the "
			"kernel to try.",
		.threat = "Flaws in network filters and file systems need CAP_NET_ADMIN or "
			  "CAP_SYS_ADMIN in a "
			  "user namespace, which root inside has or can get.",
		.remediation = "Start the container with --user N:N, N not 0.",
		.run = check_any_root,
	},
	{
		.id = "process.privileged-groups",
		.title = "Container processes are in no privileged host group",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:269", "CWE:250", "CVE:2022-36109", "CVE:2023-25173"),
		.reads = HF_READS("/etc/group"),
		.risk = "Sockets, disks and logs that the host opens to the group are open to the "
			"container, "
			"as soon as it sees them.",
		.threat = "The number is what counts: a group \"disk\" of the image is the host's "
			  "on every "
			  "device node and shared folder.",
		.remediation = "Start the container without --group-add, and with --user N:N, "
			       "which takes no "
			       "groups from the image; update the runtime (Docker 20.10.18, "
			       "containerd 1.6.18).",
		.run = check_privileged_groups,
	},
	{
		.id = "process.uid-collision",
		.title = "Unprivileged container uids are not login accounts of the host",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "CWE:732", "OWASP-Docker:D01"),
		.reads = HF_READS("/etc/passwd"),
		.risk = "Whoever has the same number is the same user to the kernel: files on "
			"shared mounts, "
			"limits on processes and watches, signals where processes can be seen.",
		.threat = "A container uses up the limits of the account, or reads what the "
			  "account wrote to a "
			  "shared folder.",
		.remediation = "Start the container with --user and a number that nobody else has, "
			       "or let the "
			       "engine map its users (userns-remap).",
		.run = check_uid_collision,
	},
};

HF_CHECK_SET(process_ids, checks);
