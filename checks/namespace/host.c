/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers in the namespaces of the host, and whether those are known at all. */
#include "spaces.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* ---- namespace.host-reference ---- */

/* Numbers that the kernel gives the first namespaces: include/linux/proc_ns.h, and since 6.16 of
 * net and mnt, too. */
static const uint64_t constants[HF_NS_COUNT] = {
	[HF_NS_CGROUP] = 0xEFFFFFFB, [HF_NS_IPC] = 0xEFFFFFFF,	[HF_NS_PID] = 0xEFFFFFFC,
	[HF_NS_TIME] = 0xEFFFFFFA,   [HF_NS_USER] = 0xEFFFFFFD, [HF_NS_UTS] = 0xEFFFFFFE,
};

static void judge_own(hf_check_run *run, const hf_ns_reference *reference, hf_ns_type type,
		      spaces_names *lost)
{
	const char *name = hf_ns_name(type);

	if (reference->own[type] == 0) {
		hf_unknown(run, hf_text(run, "/proc/self/ns/%s", name), "could not be read");
	} else if (reference->own[type] != reference->inode[type]) {
		/* a unit's own mounts or control groups hide those alone */
		if (type == HF_NS_MNT || type == HF_NS_CGROUP)
			hf_note(run, hf_text(run, "/proc/self/ns/%s", name),
				type == HF_NS_MNT ? "another than the initial one: files below a "
						    "mount point may be "
						    "others than the host's (checks of mounts, "
						    "files and devices)"
						  : "another than the initial one: paths of "
						    "control groups are seen from "
						    "there");
		else
			spaces_add(run, lost, name);
	}
}

static void check_host_reference(hf_check_run *run)
{
	static const char wanted[] =
		"those of kthreadd, which never leaves the first ones, and ours";
	const hf_ns_reference *reference = hf_ns_reference_get(run);
	spaces_names strange = {0}, lost = {0};
	bool has_any = false;

	for (unsigned i = 0; i < HF_NS_COUNT; i++) {
		hf_ns_type type = (hf_ns_type)i;

		if (reference->inode[i] == 0)
			continue;
		has_any = true;
		if (constants[i] && reference->inode[i] != constants[i])
			spaces_add(run, &strange, hf_ns_name(type));
		judge_own(run, reference, type, &lost);
	}
	/* the constants alone prove that who reads is inside of something */
	for (unsigned i = 0; !has_any && i < HF_NS_COUNT; i++) {
		if (constants[i] && reference->own[i] && reference->own[i] != constants[i])
			spaces_add(run, &lost, hf_ns_name((hf_ns_type)i));
	}
	if (strange.count)
		(void)hf_expect(
			run, "/proc/2/ns",
			hf_text(run, "not the kernel's constants: %s", spaces_text(run, &strange)),
			wanted, false);
	if (lost.count)
		(void)hf_expect(
			run, "/proc/self/ns",
			hf_text(run, "other ones than the first: %s", spaces_text(run, &lost)),
			wanted, false);
	if (strange.count || lost.count || !hf_need(run, &reference->fact))
		return;
	(void)hf_expect(run, "/proc/2/ns and /proc/self/ns", "the first ones of this kernel, both",
			wanted, true);
}

/* ---- the simple ones ---- */

typedef struct host_param {
	hf_ns_type type;
	const char *wanted;
} host_param;

/* False: it is decided. */
static bool judge_host(hf_check_run *run, hf_ns_type type, const char *wanted)
{
	const hf_container *container = hf_container_of(run);
	const char *source = hf_text(run, "ns/%s of every task", hf_ns_name(type));
	uint64_t initial;

	if (!spaces_initial(run, type, &initial))
		return false;
	spaces_found found = spaces_find(run, container, type, initial);

	if (found.in.count == 0)
		return spaces_all_read(run, container, found.unread);
	(void)hf_expect(run, source,
			found.in.count == container->task_count
				? "the host's"
				: hf_text(run, "the host's: %s", spaces_text(run, &found.in)),
			wanted, false);
	return false;
}

static void check_host(hf_check_run *run)
{
	const host_param *param = hf_check_param(run);

	if (judge_host(run, param->type, param->wanted))
		(void)hf_expect(run, hf_text(run, "ns/%s of every task", hf_ns_name(param->type)),
				"not the host's", param->wanted, true);
}

/* ---- namespace.cgroup-host ---- */

static bool is_cgroup_file_system(const hf_mount *mount)
{
	return strcmp(mount->fs_type, "cgroup") == 0 || strcmp(mount->fs_type, "cgroup2") == 0;
}

/* On v1 every engine shares the namespace; only who can write through a mount gains by it. */
static void judge_cgroup_v1(hf_check_run *run, const hf_container *container, const char *source,
			    const char *wanted)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	const hf_container_mount *writable = NULL;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; !writable && i < mounts->count; i++) {
		const hf_container_mount *at = &mounts->all[i];

		if (is_cgroup_file_system(at->mount) && !at->is_read_only && !at->is_covered)
			writable = at;
	}
	if (!writable) {
		hf_not_applicable(
			run, source, "the host's",
			"on cgroup v1 that is every engine's default; the groups are not mounted "
			"writable");
		return;
	}
	(void)hf_expect(run, source, "the host's", wanted, false);
	hf_note(run, "/proc/PID/mountinfo",
		hf_text(run, "control groups are mounted writable at %s", writable->mount->target));
}

static void check_cgroup(hf_check_run *run)
{
	static const char source[] = "ns/cgroup of every task",
			  wanted[] = "another than the host's";
	const hf_container *container = hf_container_of(run);
	hf_cgroup_mode mode;
	uint64_t initial;

	if (!spaces_initial(run, HF_NS_CGROUP, &initial))
		return;
	spaces_found found = spaces_find(run, container, HF_NS_CGROUP, initial);

	if (found.in.count == 0) {
		if (spaces_all_read(run, container, found.unread))
			(void)hf_expect(run, source, "not the host's", wanted, true);
		return;
	}
	const hf_fact *fact = hf_cgroup_mode_get(run, &mode);

	if (fact->state == HF_PRESENT && mode != HF_CGROUP_V2)
		judge_cgroup_v1(run, container, source, wanted);
	else if (hf_need(run, fact))
		(void)hf_expect(
			run, source,
			found.in.count == container->task_count
				? "the host's"
				: hf_text(run, "the host's: %s", spaces_text(run, &found.in)),
			wanted, false);
}

/* ---- namespace.time-host ---- */

static bool is_version_at_least(const char *version, long major, long minor)
{
	char *end;
	long a = strtol(version, &end, 10);
	long b = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return a > major || (a == major && b >= minor);
}

/* Whether its declaration asks for one. */
static bool declares(hf_check_run *run, const hf_container *container, const char *word)
{
	hf_api_value list = hf_container_oci_outline(run, container, "linux/namespaces");

	for (size_t i = 0; list.fact.state == HF_PRESENT && i < list.count; i++) {
		const hf_api_value *type = hf_container_oci(
			run, container, hf_text(run, "linux/namespaces/%zu/type", i));

		if (type->fact.state == HF_PRESENT && type->text && strcmp(type->text, word) == 0)
			return true;
	}
	return false;
}

/* Docker asks for one since 29.5; of others only a declaration tells that they can. */
static void check_time(hf_check_run *run)
{
	static const char source[] = "ns/time of every task", wanted[] = "another than the host's";
	const hf_container *container = hf_container_of(run);
	uint64_t initial;

	if (!spaces_initial(run, HF_NS_TIME, &initial))
		return;
	spaces_found found = spaces_find(run, container, HF_NS_TIME, initial);

	if (found.in.count == 0) {
		if (spaces_all_read(run, container, found.unread))
			(void)hf_expect(run, source, "not the host's", wanted, true);
		return;
	}
	bool can = declares(run, container, "time");

	if (!can && strcmp(container->runtime, "docker") == 0) {
		const hf_api_value *version = hf_api_get(run, "/info", "ServerVersion");

		if (version->fact.state != HF_PRESENT || !version->text)
			version = hf_api_get(run, "/version", "Version");
		if (version->fact.state != HF_PRESENT || !version->text) {
			hf_unknown(run, "version of the engine",
				   "the namespace is the host's; whether this engine can give "
				   "another is not "
				   "known");
			return;
		}
		can = is_version_at_least(version->text, 29, 5);
	}
	if (can)
		(void)hf_expect(run, source, "the host's", wanted, false);
	else
		hf_inform(run, source, "the host's", "its runtime makes no time namespaces");
}

/* ---- namespace.mnt-host ---- */

static const hf_open *root_of(const hf_opens *opens)
{
	for (size_t i = 0; i < opens->count; i++) {
		if (strcmp(opens->all[i].name, "root") == 0)
			return &opens->all[i];
	}
	return NULL;
}

/* A process in a mount namespace of its own can still be at the host's root. */
static bool judge_root(hf_check_run *run, const hf_task *task, const hf_file *host,
		       spaces_names *at_host)
{
	const hf_opens *opens = hf_process_opens(run, task->pid);
	const hf_open *root = root_of(opens);

	if (!root) {
		hf_unknown(run, "root of every process",
			   opens->fact.why ? opens->fact.why : "is not told");
		return false;
	}
	if (root->inode == host->ino && makedev(root->dev_major, root->dev_minor) == host->dev)
		spaces_add(run, at_host, spaces_task(run, task));
	return true;
}

static void check_mnt(hf_check_run *run)
{
	static const char wanted[] =
		"a mount namespace of its own, with another root than the host's";
	const hf_container *container = hf_container_of(run);
	const hf_file *host = hf_stat_get(run, "/proc/self/root");
	spaces_names at_host = {0};
	uint64_t initial;
	bool is_read = true;

	if (container->helper_count > 0)
		hf_note(run, "processes of the container's group",
			"a process of the runtime is at work in it, which is left out");
	if (!spaces_initial(run, HF_NS_MNT, &initial))
		return;
	spaces_found found = spaces_find(run, container, HF_NS_MNT, initial);

	if (found.in.count > 0) {
		(void)hf_expect(run, "ns/mnt of every task",
				hf_text(run, "the host's: %s", spaces_text(run, &found.in)), wanted,
				false);
		return;
	}
	if (!spaces_all_read(run, container, found.unread) || !hf_need(run, &host->fact))
		return;
	for (size_t i = 0; is_read && i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid == task->pid)
			is_read = judge_root(run, task, host, &at_host);
	}
	if (at_host.count > 0)
		(void)hf_expect(run, "/proc/PID/root",
				hf_text(run, "the host's: %s", spaces_text(run, &at_host)), wanted,
				false);
	else if (is_read)
		(void)hf_expect(run, "ns/mnt and root of every task", "not the host's", wanted,
				true);
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "namespace.host-reference",
		.title = "The initial namespaces of the node are known for certain",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "NIST-800-190:4.4.3"),
		.risk = "What this tool takes for the host is a part of it: processes, mounts and "
			"sockets "
			"beyond are not seen.",
		.threat = "A scan from inside a container says that all is well of a node it "
			  "cannot see.",
		.remediation =
			"Run holdfast on the node itself, or in a container with --pid=host "
			"--network=host --ipc=host --uts=host --userns=host and the host's root.",
		.run = check_host_reference,
	},
	{
		.id = "namespace.net-host",
		.title = "No container process is in the host's network namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.10", "CWE:653", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9034", "NIST-800-190:4.4.2", "OWASP-Docker:D03",
				"CVE:2020-15257", "ATTACK:T1040", "DOCKER-BENCH:check_5_10"),
		.aliases = HF_ALIASES("container.host-network"),
		.risk = "The container sees every interface of the host and its traffic, and "
			"reaches what "
			"listens on loopback or on abstract sockets there.",
		.threat = "With NET_RAW it sniffs and forges packets, with NET_ADMIN it routes the "
			  "node anew; an "
			  "abstract socket of a shim or session bus takes its commands.",
		.remediation = "Start it without --network=host (Kubernetes: hostNetwork: false) "
			       "and publish the "
			       "ports it needs. Waive CNI agents and node exporters by name.",
		.run = check_host,
		.param =
			&(const host_param){HF_NS_NET, "a network namespace other than the host's"},
	},
	{
		.id = "namespace.pid-host",
		.title = "No container process is in the host's pid namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.16", "CWE:653", "ATTACK:T1611", "ATTACK:T1057",
				"KUBEHOUND:CE_NSENTER", "KUBEHOUND:CE_SYS_PTRACE",
				"NIST-800-190:4.4.3", "OWASP-Docker:D05",
				"DOCKER-BENCH:check_5_16"),
		.aliases = HF_ALIASES("container.host-pid"),
		.risk = "The container sees every process of the host with its arguments, and can "
			"signal those of "
			"the same user.",
		.threat = "Where ptrace access allows it, /proc/PID/root of a host process leads "
			  "to the host's "
			  "files, and /proc/PID/environ to its secrets.",
		.remediation = "Start it without --pid=host (Kubernetes: hostPID: false).",
		.run = check_host,
		.param = &(const host_param){HF_NS_PID, "a pid namespace other than the host's"},
	},
	{
		.id = "namespace.ipc-host",
		.title = "No container process is in the host's ipc namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.17", "CWE:653", "CWE:668", "NIST-800-190:4.4.3",
				"ATTACK:T1611", "OWASP-Docker:D05", "DOCKER-BENCH:check_5_17"),
		.aliases = HF_ALIASES("container.host-ipc"),
		.risk = "Shared memory, semaphores and message queues of the host's programs can "
			"be read, changed "
			"or used up.",
		.threat = "A database or a desktop session that keeps data in shared memory hands "
			  "it to the "
			  "container.",
		.remediation = "Start it without --ipc=host (Kubernetes: hostIPC: false); "
			       "--ipc=private is the "
			       "safe value.",
		.run = check_host,
		.param = &(const host_param){HF_NS_IPC, "an ipc namespace other than the host's"},
	},
	{
		.id = "namespace.uts-host",
		.title = "No container process is in the host's uts namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.21", "CWE:653", "NIST-800-190:4.4.3",
				"OWASP-Docker:D05", "DOCKER-BENCH:check_5_21"),
		.aliases = HF_ALIASES("container.host-uts"),
		.risk = "With SYS_ADMIN the container renames the node.",
		.threat = "Logs, certificates and cluster membership that go by the host name "
			  "speak of another "
			  "machine.",
		.remediation = "Start it without --uts=host.",
		.run = check_host,
		.param = &(const host_param){HF_NS_UTS, "a uts namespace other than the host's"},
	},
	{
		.id = "namespace.cgroup-host",
		.title = "No container process is in the host's cgroup namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "CWE:200", "NIST-800-190:4.4.3", "CVE:2023-25809",
				"CIS-Docker-1.6:5.25", "ATTACK:T1611", "OWASP-Docker:D05"),
		.aliases = HF_ALIASES("container.host-cgroupns"),
		.risk = "Paths of the host's control groups, with the ids of other containers, "
			"show in the "
			"container, and a mount of the tree begins at the host's root.",
		.threat = "A writable mount of it moves processes between groups and changes "
			  "limits of others.",
		.remediation = "Start it with --cgroupns=private, and set "
			       "\"default-cgroupns-mode\": \"private\" "
			       "in daemon.json.",
		.run = check_cgroup,
	},
	{
		.id = "namespace.time-host",
		.title = "No container process is in the host's time namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "CWE:200"),
		.risk = "The host's monotonic and boot clocks tell containers apart from others on "
			"the same node "
			"and when it booted.",
		.threat = "Two containers find out by them that they share a node, a step before "
			  "side channels.",
		.remediation = "Upgrade to an engine that makes time namespaces (Docker 29.5 or "
			       "newer) and start "
			       "the container anew.",
		.run = check_time,
	},
	{
		.id = "namespace.mnt-host",
		.title = "No container process is in the host's mount namespace",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "ATTACK:T1611", "NIST-800-190:4.4.3"),
		.risk = "A process that is counted as the container's sees and changes the host's "
			"files.",
		.threat = "It has left the container by setns(2), or was never in it: whoever "
			  "controls it controls "
			  "the node.",
		.remediation = "Look at the process named (ps -o pid,ppid,user,args -p PID), find "
			       "out who started "
			       "it, and end it unless an operator entered with nsenter.",
		.run = check_mnt,
	},
};

HF_CHECK_SET(namespace_host, checks);
