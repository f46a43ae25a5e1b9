/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single capabilities that no container should hold: in no set that a task can use or come to use. */
#include "sets.h"

#include <linux/capability.h>

typedef struct held {
	uint64_t set;
} held;

/* In the bounding set alone it takes a set-id program, or a file with capabilities, to get it. */
static bool is_out_of_use(const hf_task *task, uint64_t set)
{
	return !((task->cap_effective | task->cap_permitted | task->cap_ambient) & set);
}

static void check_held(hf_check_run *run)
{
	const held *param = hf_check_param(run);
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	bool is_latent = true, is_stuck = true;
	uint64_t seen = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint64_t bits = capability_in_reach(task) & param->set;

		if (task->fact.state != HF_PRESENT || bits == 0)
			continue;
		capability_offend(run, &offenders, task);
		seen |= bits;
		is_latent &= is_out_of_use(task, param->set) && task->uid[1] != 0;
		is_stuck &= is_out_of_use(task, param->set) && task->no_new_privs;
	}
	capability_conclude(run, &offenders, "capability sets of every task",
			    hf_text(run, "%s in a set of", capability_names(run, seen)),
			    "in no set of any task", "in no set of any task");
	if (offenders.count == 0 || !is_latent)
		return;
	hf_message(run, is_stuck ? "Only the bounding set has it, and no_new_privs keeps every task from it."
				 : "Only the bounding set has it: within reach through a set-id program or "
				   "a file with capabilities.");
}

static const hf_check checks[] = {
	{
		.id = "capability.sys-admin",
		.title = "No container holds CAP_SYS_ADMIN",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"CVE:2022-0492", "CVE:2022-0185", "ATTACK:T1611",
				"KUBEHOUND:CE_PRIV_MOUNT", "DOCKER-BENCH:check_c_5_3_1",
				"DOCKER-BENCH:check_c_5_3_2", "DOCKER-BENCH:check_c_5_3_3",
				"DOCKER-BENCH:check_c_5_3_4"),
		.aliases = HF_ALIASES("container.dangerous-capabilities"),
		.risk = "A process in the container can mount, create namespaces, load BPF "
			"programs and steer control groups of the node.",
		.threat = "Many published escapes need nothing but this capability: mount the "
			"host's disk, or name a program that the kernel starts.",
		.remediation = "Start the container with --cap-drop SYS_ADMIN, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_ADMIN)},
	},
	{
		.id = "capability.sys-module",
		.title = "No container holds CAP_SYS_MODULE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1611", "ATTACK:T1547.006", "KUBEHOUND:CE_MODULE_LOAD",
				"DOCKER-BENCH:check_c_5_3_1", "DOCKER-BENCH:check_c_5_3_2",
				"DOCKER-BENCH:check_c_5_3_3", "DOCKER-BENCH:check_c_5_3_4"),
		.risk = "A process in the container can put code of its own into the kernel, and "
			"with it own the node.",
		.threat = "Load a module that starts a shell in the host's namespaces.",
		.remediation = "Start the container with --cap-drop SYS_MODULE, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_MODULE)},
	},
	{
		.id = "capability.sys-rawio",
		.title = "No container holds CAP_SYS_RAWIO",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1611", "ATTACK:T1006", "DOCKER-BENCH:check_c_5_3_1",
				"DOCKER-BENCH:check_c_5_3_2", "DOCKER-BENCH:check_c_5_3_3",
				"DOCKER-BENCH:check_c_5_3_4"),
		.risk = "A process in the container can talk to hardware past the kernel: ports, "
			"physical memory, raw commands to disks.",
		.threat = "Read or change kernel memory or disk blocks through a device node that "
			"it can open.",
		.remediation = "Start the container with --cap-drop SYS_RAWIO, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_RAWIO)},
	},
	{
		.id = "capability.sys-ptrace",
		.title = "No container holds CAP_SYS_PTRACE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1055.008", "KUBEHOUND:CE_SYS_PTRACE",
				"DOCKER-BENCH:check_c_5_3_1", "DOCKER-BENCH:check_c_5_3_2",
				"DOCKER-BENCH:check_c_5_3_3", "DOCKER-BENCH:check_c_5_3_4"),
		.risk = "A process in the container can read and change the memory of every "
			"process that it can see.",
		.threat = "With the host's or another container's pid namespace it takes over a "
			"process outside; else every neighbour inside.",
		.remediation = "Start the container with --cap-drop SYS_PTRACE, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_PTRACE)},
	},
	{
		.id = "capability.dac-read-search",
		.title = "No container holds CAP_DAC_READ_SEARCH",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1611", "ATTACK:T1005", "CVE:2014-3519",
				"DOCKER-BENCH:check_c_5_3_1", "DOCKER-BENCH:check_c_5_3_2",
				"DOCKER-BENCH:check_c_5_3_3", "DOCKER-BENCH:check_c_5_3_4"),
		.risk = "A process in the container can read files without permission, and open "
			"files of the host by handle.",
		.threat = "open_by_handle_at with a guessed inode number opens any file of the file "
			"system that a mount of the container is on.",
		.remediation = "Start the container with --cap-drop DAC_READ_SEARCH, or drop ALL and add "
			"back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_DAC_READ_SEARCH)},
	},
	{
		.id = "capability.sys-boot",
		.title = "No container holds CAP_SYS_BOOT",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1529"),
		.risk = "A process in the container can load another kernel; with the host's pid "
			"namespace it can reboot the node.",
		.threat = "kexec into a kernel of the attacker's, or a reboot, ends every workload "
			"of the node.",
		.remediation = "Start the container with --cap-drop SYS_BOOT, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_BOOT)},
	},
	{
		.id = "capability.sys-time",
		.title = "No container holds CAP_SYS_TIME",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:N/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1070.006"),
		.risk = "A process in the container can set the clock of the whole node, for "
			"there is no namespace for it.",
		.threat = "With a wrong clock, logs lie, certificates expire or come to life again, "
			"and tokens stay valid.",
		.remediation = "Start the container with --cap-drop SYS_TIME, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_TIME)},
	},
	{
		.id = "capability.net-admin",
		.title = "No container holds CAP_NET_ADMIN",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1557", "ATTACK:T1562.004", "CVE:2022-25636",
				"CVE:2024-1086"),
		.risk = "A process in the container can change interfaces, routes and packet "
			"filters of its network namespace, and reaches much kernel code that way.",
		.threat = "Redirect neighbours' traffic, or use one of the many faults in netfilter "
			"to enter the kernel.",
		.remediation = "Start the container with --cap-drop NET_ADMIN, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_NET_ADMIN)},
	},
	{
		.id = "capability.net-raw",
		.title = "No container holds CAP_NET_RAW",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1040", "ATTACK:T1557", "MS-K8S-MATRIX:MS-TA9036",
				"CVE:2020-14386", "CIS-Docker-1.6:2.2", "ATTACK:T1557.002",
				"NIST-800-190:4.4.2", "OWASP-Docker:D03"),
		.aliases = HF_ALIASES("container.net-raw"),
		.risk = "A process in the container can send packets that pretend to come from "
			"others, and listen to what passes by.",
		.threat = "Forged ARP, DNS or IPv6 router messages make neighbours on the same "
			"bridge talk to the attacker.",
		.remediation = "Start the container with --cap-drop NET_RAW, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_NET_RAW)},
	},
	{
		.id = "capability.mknod",
		.title = "No container holds CAP_MKNOD",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1006"),
		.risk = "A process in the container can create device nodes; only the device "
			"rules keep it from opening them.",
		.threat = "Where the device rules are loose, it makes a node of the host's disk and "
			"reads or writes it.",
		.remediation = "Start the container with --cap-drop MKNOD, or drop ALL and add back only "
			"what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_MKNOD)},
	},
	{
		.id = "capability.setfcap",
		.title = "No container holds CAP_SETFCAP",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1548"),
		.risk = "A process in the container can attach capabilities to files, which "
			"outlast it in volumes and images.",
		.threat = "A program with capabilities on a shared volume gives them to whoever "
			"executes it elsewhere.",
		.remediation = "Start the container with --cap-drop SETFCAP, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SETFCAP)},
	},
	{
		.id = "capability.setpcap",
		.title = "No container holds CAP_SETPCAP",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1548"),
		.risk = "A process in the container can move capabilities of its bounding set "
			"into the sets that programs inherit.",
		.threat = "An unprivileged program started by it keeps what it should have lost.",
		.remediation = "Start the container with --cap-drop SETPCAP, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SETPCAP)},
	},
	{
		.id = "capability.setuid-setgid",
		.title = "No container holds CAP_SETUID or CAP_SETGID",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1548.001"),
		.risk = "A process in the container can become any user and group of its user "
			"namespace.",
		.threat = "Without id mapping that is any user of the host, on every file that both "
			"can see.",
		.remediation = "Start the container with --cap-drop SETUID --cap-drop SETGID, or drop "
			"ALL and add back only what it needs; then check who runs in it with "
			"exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID)},
	},
	{
		.id = "capability.dac-override",
		.title = "No container holds CAP_DAC_OVERRIDE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3", "CWE:732",
				"ATTACK:T1222"),
		.risk = "A process in the container ignores the permissions of all files that are "
			"mounted into it.",
		.threat = "Read and change files of other users on volumes and host mounts.",
		.remediation = "Start the container with --cap-drop DAC_OVERRIDE, or drop ALL and add "
			"back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_DAC_OVERRIDE)},
	},
	{
		.id = "capability.chown-fowner",
		.title = "No container holds CAP_CHOWN, CAP_FOWNER or CAP_FSETID",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3", "CWE:732",
				"ATTACK:T1222"),
		.risk = "A process in the container can change owners, modes and set-id bits of "
			"files that are not its own.",
		.threat = "Leave a set-id program on a shared mount, for a user of the host to "
			"start.",
		.remediation = "Start the container with --cap-drop CHOWN --cap-drop FOWNER --cap-drop "
			"FSETID, or drop ALL and add back only what it needs; then check who runs "
			"in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID)},
	},
	{
		.id = "capability.sys-chroot",
		.title = "No container holds CAP_SYS_CHROOT",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3", "CWE:243"),
		.risk = "A process in the container can change its root, and leave a root that "
			"was made by chroot alone.",
		.threat = "With a descriptor of a folder outside it walks out of the chroot; a "
			"pivoted root holds.",
		.remediation = "Start the container with --cap-drop SYS_CHROOT, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_CHROOT)},
	},
	{
		.id = "capability.bpf",
		.title = "No container holds CAP_BPF",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1014", "ATTACK:T1068"),
		.risk = "A process in the container can load BPF programs and reach BPF maps of "
			"the whole node.",
		.threat = "With PERFMON it reads kernel memory; with NET_ADMIN it hooks the traffic "
			"of the node.",
		.remediation = "Start the container with --cap-drop BPF, or drop ALL and add back only "
			"what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_BPF)},
	},
	{
		.id = "capability.perfmon",
		.title = "No container holds CAP_PERFMON",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1082", "CWE:200"),
		.risk = "A process in the container can observe the kernel and other containers "
			"at work.",
		.threat = "Samples and side channels give away keys and addresses of others.",
		.remediation = "Start the container with --cap-drop PERFMON, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_PERFMON)},
	},
	{
		.id = "capability.syslog",
		.title = "No container holds CAP_SYSLOG",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3", "CWE:200",
				"ATTACK:T1082"),
		.risk = "A process in the container can read the log of the kernel and addresses "
			"that are hidden from others.",
		.threat = "Addresses turn a memory fault of the kernel into a dependable exploit.",
		.remediation = "Start the container with --cap-drop SYSLOG, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYSLOG)},
	},
	{
		.id = "capability.audit-control",
		.title = "No container holds CAP_AUDIT_CONTROL",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1562.001", "ATTACK:T1562.012", "CWE:778"),
		.risk = "A process in the container can change the audit rules of the node, or "
			"switch auditing off.",
		.threat = "Switch it off, do the deed, switch it on again: nothing was recorded.",
		.remediation = "Start the container with --cap-drop AUDIT_CONTROL, or drop ALL and add "
			"back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_AUDIT_CONTROL)},
	},
	{
		.id = "capability.audit-read-write",
		.title = "No container holds CAP_AUDIT_READ or CAP_AUDIT_WRITE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_R | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1562", "CWE:117"),
		.risk = "A process in the container can write records of its own into the audit "
			"log, or read those of all.",
		.threat = "Invented records hide what happened; read ones tell who does what on the "
			"node.",
		.remediation = "Start the container with --cap-drop AUDIT_READ --cap-drop AUDIT_WRITE, "
			"or drop ALL and add back only what it needs; then check who runs in it "
			"with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_AUDIT_READ) | CAPABILITY(CAP_AUDIT_WRITE)},
	},
	{
		.id = "capability.mac-admin",
		.title = "No container holds CAP_MAC_ADMIN or CAP_MAC_OVERRIDE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1562.001"),
		.risk = "A process in the container can change or ignore the policy of the "
			"security module.",
		.threat = "Load a policy that allows all, then go on as if there were none.",
		.remediation = "Start the container with --cap-drop MAC_ADMIN --cap-drop MAC_OVERRIDE, "
			"or drop ALL and add back only what it needs; then check who runs in it "
			"with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_MAC_ADMIN) | CAPABILITY(CAP_MAC_OVERRIDE)},
	},
	{
		.id = "capability.linux-immutable",
		.title = "No container holds CAP_LINUX_IMMUTABLE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:N/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1222", "ATTACK:T1070"),
		.risk = "A process in the container can take append-only and immutable marks off "
			"files that it can write.",
		.threat = "Rewrite a log on a shared mount that was meant to grow only.",
		.remediation = "Start the container with --cap-drop LINUX_IMMUTABLE, or drop ALL and add "
			"back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_LINUX_IMMUTABLE)},
	},
	{
		.id = "capability.sys-resource",
		.title = "No container holds CAP_SYS_RESOURCE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1499", "CWE:770"),
		.risk = "A process in the container can go beyond limits, quotas and the space "
			"that is reserved for root.",
		.threat = "Fill disks and tables of the node, and keep the OOM killer away from "
			"itself.",
		.remediation = "Start the container with --cap-drop SYS_RESOURCE, or drop ALL and add "
			"back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_RESOURCE)},
	},
	{
		.id = "capability.sys-nice",
		.title = "No container holds CAP_SYS_NICE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1499"),
		.risk = "A process in the container can take real-time priority and move the "
			"memory of other processes.",
		.threat = "A real-time loop starves the other workloads of the node.",
		.remediation = "Start the container with --cap-drop SYS_NICE, or drop ALL and add back "
			"only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_NICE)},
	},
	{
		.id = "capability.ipc",
		.title = "No container holds CAP_IPC_LOCK or CAP_IPC_OWNER",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3", "CWE:770",
				"CWE:732"),
		.risk = "A process in the container can lock memory without bounds and ignore the "
			"permissions of IPC objects.",
		.threat = "Locked memory cannot be reclaimed; in a shared IPC namespace others' "
			"segments can be read.",
		.remediation = "Start the container with --cap-drop IPC_LOCK --cap-drop IPC_OWNER, or "
			"drop ALL and add back only what it needs; then check who runs in it with "
			"exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_IPC_LOCK) | CAPABILITY(CAP_IPC_OWNER)},
	},
	{
		.id = "capability.checkpoint-restore",
		.title = "No container holds CAP_CHECKPOINT_RESTORE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1055"),
		.risk = "A process in the container can choose process ids and read the mapped "
			"files of others.",
		.threat = "Take the place of a process that ended, or read what a neighbour has "
			"mapped.",
		.remediation = "Start the container with --cap-drop CHECKPOINT_RESTORE, or drop ALL and "
			"add back only what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_CHECKPOINT_RESTORE)},
	},
	{
		.id = "capability.sys-pacct-tty",
		.title = "No container holds CAP_SYS_PACCT, CAP_SYS_TTY_CONFIG, CAP_LEASE, CAP_WAKE_ALARM or CAP_BLOCK_SUSPEND",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A process in the container can steer accounting, terminals, leases or "
			"the sleep of the whole node.",
		.threat = "Turn process accounting off, or keep the machine awake: rarely needed, "
			"and felt by all.",
		.remediation = "Start the container with --cap-drop SYS_PACCT --cap-drop SYS_TTY_CONFIG "
			"--cap-drop LEASE, or drop ALL and add back only what it needs; then "
			"check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_SYS_PACCT) | CAPABILITY(CAP_SYS_TTY_CONFIG) | CAPABILITY(CAP_LEASE) | CAPABILITY(CAP_WAKE_ALARM) | CAPABILITY(CAP_BLOCK_SUSPEND)},
	},
	{
		.id = "capability.kill",
		.title = "No container holds CAP_KILL",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "NIST-800-190:4.4.3",
				"ATTACK:T1489"),
		.risk = "A process in the container can signal every process that it can see, "
			"whoever it belongs to.",
		.threat = "In a shared pid namespace it ends the processes of its neighbours or of "
			"the host.",
		.remediation = "Start the container with --cap-drop KILL, or drop ALL and add back only "
			"what it needs; then check who runs in it with exec.",
		.run = check_held,
		.param = &(const held){CAPABILITY(CAP_KILL)},
	},
};

HF_CHECK_SET(capability_dangerous, checks);
