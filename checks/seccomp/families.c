/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Families of system calls that containers should not have: one judge, the calls in the row. */
#include "judge.h"

#define CAP(bit) (UINT64_C(1) << (bit))

enum { /* capabilities(7) */
       DAC_READ_SEARCH = 2,
       SYS_MODULE = 16,
       SYS_RAWIO = 17,
       SYS_PACCT = 20,
       SYS_ADMIN = 21,
       SYS_BOOT = 22,
       SYS_NICE = 23,
       SYS_TIME = 25,
       SYSLOG = 34,
       PERFMON = 38,
       BPF = 39,
};

typedef struct family {
	const hf_call_case *calls;
	const hf_call_case
		*with_caps; /* judged where a capability of .caps can be had; NULL: none */
	uint64_t caps;	    /* any of them makes the calls usable; 0: none is needed */
	const char *caps_text;
	const char *sysctl; /* NULL: none */
	int64_t closes;	  /* from this value on .sysctl closes the calls, too; 0: it only softens */
	uint64_t despite; /* … but not for who has one of these */
	bool by_default;  /* what the runtime's default leaves open is no finding */
} family;

/* ---- the judge ---- */

/* The calls are closed by a setting of the kernel. */
static bool is_closed_by_sysctl(hf_check_run *run, const family *fam, uint64_t bounding)
{
	if (!fam->sysctl)
		return false;
	const hf_sysctl *value = hf_sysctl_get(run, fam->sysctl);

	if (value->fact.state != HF_PRESENT || !value->is_number)
		return false;
	if (fam->closes > 0 && value->number >= fam->closes && !(bounding & fam->despite))
		return hf_expect(run, fam->sysctl, value->text, "closes the calls for all", true);
	hf_note(run, fam->sysctl, value->text);
	return false;
}

static void say_whether_usable(hf_check_run *run, const family *fam, uint64_t bounding)
{
	const hf_container *container = hf_container_of(run);

	if (!fam->caps || container->tasks_fact.state != HF_PRESENT || bounding & fam->caps)
		return;
	hf_message(run, "Not usable now: no task of the container can have %s", fam->caps_text);
}

/* True when nothing is left to be judged. */
static bool fail_open(hf_check_run *run, const hf_filtering *f, const hf_call_summary *s)
{
	const char *open = s->allowed;

	if (s->logged)
		open = seccomp_join(run, open, hf_text(run, "%s (logged)", s->logged));
	if (s->conditional)
		open = seccomp_join(run, open,
				    hf_text(run, "%s (for some arguments)", s->conditional));
	if (!open)
		return false;
	(void)hf_expect(run, f->fact.source, hf_text(run, "open: %s", open), "refused", false);
	return true;
}

/* Open calls that the runtime's default leaves open as well: not this filter's fault. */
static bool is_the_default(hf_check_run *run, const hf_filtering *f, const hf_call_case *calls,
			   const hf_call_summary *s, uint32_t abis)
{
	const hf_container *container = hf_container_of(run);
	const hf_call_difference *d = hf_filtering_compare(run, container, HF_CALL_OTHER_DEFAULT);

	if (!d->other)
		d = hf_filtering_compare(run, container, HF_CALL_OTHER_NEWEST);
	if (!d->other)
		return false;
	const hf_call_summary *stock = hf_filtering_calls(run, d->other, calls, abis);

	for (const hf_call_case *call = calls; call->name; call++) {
		for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
			bool exists;

			if (!(abis & 1U << abi))
				continue;
			hf_call_verdict ours =
				hf_filtering_call(run, f, (hf_call_abi)abi, call, &exists);

			if (exists && ours > HF_CALL_DENIED &&
			    hf_filtering_call(run, d->other, (hf_call_abi)abi, call, NULL) ==
				    HF_CALL_DENIED)
				return false;
		}
	}
	hf_note(run, d->profile,
		hf_text(run, "leaves open, too: %s", stock->allowed ? stock->allowed : "nothing"));
	return hf_expect(
		run, f->fact.source, hf_text(run, "open: %s", s->allowed ? s->allowed : "none"),
		"no more than the runtime's default; who can be traced is process.ptrace-reach",
		true);
}

static void judge_calls(hf_check_run *run, const hf_filtering *f, const family *fam,
			const hf_call_case *calls, const seccomp_abis *abis)
{
	const hf_call_summary *s = hf_filtering_calls(run, f, calls, abis->sure);
	const hf_call_summary *maybe = hf_filtering_calls(run, f, calls, abis->maybe);

	if (s->existing + maybe->existing == 0) {
		hf_not_applicable(run, "uname", "none of these calls",
				  "this architecture does not have them");
		return;
	}
	if (fam->by_default && s->allowed && is_the_default(run, f, calls, s, abis->sure))
		return;
	if (fail_open(run, f, s)) {
		say_whether_usable(run, fam, seccomp_bounding(hf_container_of(run)));
		return;
	}
	if (s->unknown)
		hf_unknown(run, f->fact.source,
			   hf_text(run, "what becomes of these could not be told: %s", s->unknown));
	if (s->supervised)
		hf_unknown(run, f->fact.source,
			   hf_text(run, "a supervisor decides (seccomp.supervised): %s",
				   s->supervised));
	if (maybe->allowed || maybe->conditional || maybe->logged || maybe->unknown)
		hf_unknown(run, f->fact.source,
			   hf_text(run,
				   "not refused on an ABI of which it is not known whether the "
				   "kernel runs it (%s): %s",
				   abis->why,
				   seccomp_join(run, maybe->allowed,
						seccomp_join(run, maybe->conditional,
							     seccomp_join(run, maybe->logged,
									  maybe->unknown)))));
	if (s->refused)
		(void)hf_expect(run, f->fact.source, hf_text(run, "refused: %s", s->refused),
				"refused", true);
}

static void check_family(hf_check_run *run)
{
	const family *fam = hf_check_param(run);
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	uint64_t bounding = seccomp_bounding(hf_container_of(run));
	seccomp_abis abis = seccomp_abis_get(run);

	if (!is_closed_by_sysctl(run, fam, bounding)) {
		judge_calls(run, f, fam, fam->calls, &abis);
		if (fam->with_caps && bounding & fam->caps)
			judge_calls(run, f, fam, fam->with_caps, &abis);
	}
	seccomp_end(run, f);
}

/* ---- the families ---- */

#define CALLS(...) ((const hf_call_case[]){__VA_ARGS__, {0}})
#define CALL(text)                                                                                 \
	{                                                                                          \
		.name = (text)                                                                     \
	}
#define CLONE(flag, bit)                                                                           \
	{                                                                                          \
		.name = "clone", .label = "clone(" flag ")", .argument = 0, .mask = (bit),         \
		.value = (bit)                                                                     \
	}

static const family mounts = {
	.calls =
		CALLS(CALL("mount"), CALL("umount"), CALL("umount2"), CALL("pivot_root"),
		      CALL("move_mount"), CALL("open_tree"), CALL("open_tree_attr"), CALL("fsopen"),
		      CALL("fsconfig"), CALL("fsmount"), CALL("fspick"), CALL("mount_setattr")),
	.caps = CAP(SYS_ADMIN),
	.caps_text = "CAP_SYS_ADMIN",
};

/* clone3 hands its flags over by pointer: no filter can look at them, so allowing it allows all of
 * them. */
static const family namespaces = {
	.calls = CALLS(CALL("unshare"), CALL("setns"), CLONE("CLONE_NEWUSER", 0x10000000),
		       CLONE("CLONE_NEWNS", 0x20000), CLONE("CLONE_NEWPID", 0x20000000),
		       CLONE("CLONE_NEWNET", 0x40000000), CLONE("CLONE_NEWIPC", 0x8000000),
		       CLONE("CLONE_NEWUTS", 0x4000000), CLONE("CLONE_NEWCGROUP", 0x2000000),
		       CALL("clone3")),
};

static const family modules = {
	.calls = CALLS(CALL("init_module"), CALL("finit_module"), CALL("delete_module"),
		       CALL("create_module")),
	.caps = CAP(SYS_MODULE),
	.caps_text = "CAP_SYS_MODULE",
};

static const family kexec = {
	.calls = CALLS(CALL("kexec_load"), CALL("kexec_file_load"), CALL("reboot")),
	.caps = CAP(SYS_BOOT),
	.caps_text = "CAP_SYS_BOOT",
};

static const family bpf_perf = {
	.calls = CALLS(CALL("bpf"), CALL("perf_event_open")),
	.sysctl = "kernel.unprivileged_bpf_disabled",
};

static const family keyring = {
	.calls = CALLS(CALL("add_key"), CALL("request_key"), CALL("keyctl")),
};

static const family tracing = {
	.calls = CALLS(CALL("ptrace"), CALL("process_vm_readv"), CALL("process_vm_writev"),
		       CALL("kcmp"), CALL("pidfd_getfd"), CALL("process_madvise")),
	.by_default = true,
};

static const family handles = {
	.calls = CALLS(CALL("open_by_handle_at")),
	.caps = CAP(DAC_READ_SEARCH),
	.caps_text = "CAP_DAC_READ_SEARCH",
};

static const family userfault = {
	.calls = CALLS(CALL("userfaultfd")),
	.sysctl = "vm.unprivileged_userfaultfd",
};

static const family io_uring = {
	.calls = CALLS(CALL("io_uring_setup"), CALL("io_uring_enter"), CALL("io_uring_register")),
	.sysctl = "kernel.io_uring_disabled",
	.closes = 1,
};

/* Without CAP_SYS_TIME the two adjusting calls only read, and every engine leaves them open. */
static const family clocks = {
	.calls = CALLS(CALL("settimeofday"), CALL("clock_settime"), CALL("clock_settime64"),
		       CALL("stime")),
	.with_caps = CALLS(CALL("adjtimex"), CALL("clock_adjtime"), CALL("clock_adjtime64")),
	.caps = CAP(SYS_TIME),
	.caps_text = "CAP_SYS_TIME",
};

static const family raw_io = {
	.calls = CALLS(CALL("iopl"), CALL("ioperm")),
	.caps = CAP(SYS_RAWIO),
	.caps_text = "CAP_SYS_RAWIO",
};

static const family accounting = {
	.calls = CALLS(CALL("swapon"), CALL("swapoff"), CALL("quotactl"), CALL("quotactl_fd"),
		       CALL("acct")),
	.caps = CAP(SYS_ADMIN) | CAP(SYS_PACCT),
	.caps_text = "CAP_SYS_ADMIN or CAP_SYS_PACCT",
};

static const family kernel_log = {
	.calls = CALLS(CALL("syslog")),
	.sysctl = "kernel.dmesg_restrict",
	.closes = 1,
	.despite = CAP(SYSLOG) | CAP(SYS_ADMIN),
};

static const family numa = {
	.calls = CALLS(CALL("mbind"), CALL("set_mempolicy"), CALL("set_mempolicy_home_node"),
		       CALL("get_mempolicy"), CALL("migrate_pages"), CALL("move_pages")),
};

static const family obsolete = {
	.calls = CALLS(CALL("uselib"), CALL("ustat"), CALL("sysfs"), CALL("_sysctl"),
		       CALL("nfsservctl"), CALL("vm86"), CALL("vm86old"), CALL("lookup_dcookie"),
		       CALL("query_module"), CALL("get_kernel_syms")),
};

static const family fanotify = {
	.calls = CALLS(CALL("fanotify_init")),
	.caps = CAP(SYS_ADMIN),
	.caps_text = "CAP_SYS_ADMIN",
};

#define PROFILE_FIX                                                                                \
	"Start the container with the runtime's default profile, or take the calls out of its "    \
	"own: "                                                                                    \
	"--security-opt seccomp=FILE (Docker, Podman), securityContext.seccompProfile "            \
	"(Kubernetes)."

static const hf_check checks[] = {
	{
		.id = "seccomp.mount-family",
		.title = "Containers cannot use mount and unmount",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "KUBEHOUND:CE_PRIV_MOUNT", "CWE:250",
				"NIST-800-190:4.4.3"),
		.risk = "A process with CAP_SYS_ADMIN mounts the host's disks or control groups, "
			"and undoes what "
			"the runtime masked.",
		.threat = "A known way out of containers: mount a control group with a release "
			  "agent, or the "
			  "host's root, and write to it.",
		.remediation = PROFILE_FIX
		" Without CAP_SYS_ADMIN the calls are of no use: drop that first.",
		.run = check_family,
		.param = &mounts,
	},
	{
		.id = "seccomp.namespace-family",
		.title = "Containers cannot use namespace creation and entry",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "KUBEHOUND:CE_NSENTER", "CVE:2022-0185", "CWE:250",
				"NIST-800-190:4.4.3"),
		.risk = "In a user namespace of its own a process has all capabilities, and with "
			"them code of the "
			"kernel in reach that was never meant for it.",
		.threat = "unshare(CLONE_NEWUSER), then a bug in mounting, netfilter or traffic "
			  "control; clone3 does "
			  "the same past any rule for clone.",
		.remediation = PROFILE_FIX
		" clone3 has to be answered ENOSYS, so that programs fall back to clone.",
		.run = check_family,
		.param = &namespaces,
	},
	{
		.id = "seccomp.module-family",
		.title = "Containers cannot use kernel module loading",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "ATTACK:T1547.006", "KUBEHOUND:CE_MODULE_LOAD",
				"CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A process with CAP_SYS_MODULE runs code of its own in the host's kernel.",
		.threat = "finit_module with a module from the container's own files, and the node "
			  "is lost for good.",
		.remediation = PROFILE_FIX " Load modules from the host, and drop CAP_SYS_MODULE.",
		.run = check_family,
		.param = &modules,
	},
	{
		.id = "seccomp.kexec-reboot",
		.title = "Containers cannot use kernel replacement and reboot",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1529", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A process with CAP_SYS_BOOT puts another kernel in place of the host's, "
			"or stops the node.",
		.threat = "kexec_load and reboot; in a pid namespace of its own reboot ends the "
			  "container alone, "
			  "kexec does not care.",
		.remediation = PROFILE_FIX,
		.run = check_family,
		.param = &kexec,
	},
	{
		.id = "seccomp.bpf-perf",
		.title = "Containers cannot use BPF and performance events",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1068", "ATTACK:T1014", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "The verifier and the event code are large and had many bugs; who gets "
			"through reads other "
			"processes' data and hooks the kernel.",
		.threat = "bpf(2) needs no capability where kernel.unprivileged_bpf_disabled is 0, "
			  "perf_event_open none "
			  "where kernel.perf_event_paranoid is low.",
		.remediation = PROFILE_FIX
		" Set kernel.unprivileged_bpf_disabled = 1 on the node as well.",
		.run = check_family,
		.param = &bpf_perf,
	},
	{
		.id = "seccomp.keyring",
		.title = "Containers cannot use the kernel keyring",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1003", "CVE:2016-0728", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "Keys belong to users, not to containers: without user namespaces the same "
			"uid in two "
			"containers, or on the host, shares them.",
		.threat = "keyctl reads what another container's root stored; the code behind it "
			  "had an escalation of "
			  "its own.",
		.remediation = PROFILE_FIX
		" Podman's default allows keyctl: use a profile without it, or user "
		"namespaces.",
		.run = check_family,
		.param = &keyring,
	},
	{
		.id = "seccomp.ptrace-family",
		.title =
			"Containers cannot use tracing and cross-process memory beyond the default",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("KUBEHOUND:CE_SYS_PTRACE", "ATTACK:T1055.008", "CWE:250",
				"NIST-800-190:4.4.3"),
		.risk = "A process reads and changes the memory of any other in its reach, and "
			"takes descriptors from it.",
		.threat = "With the host's process namespace, or CAP_SYS_PTRACE, that reach goes "
			  "beyond the container.",
		.remediation = PROFILE_FIX
		" On kernels from 4.8 on Docker's default leaves ptrace open; take it out where "
		"nobody debugs.",
		.run = check_family,
		.param = &tracing,
	},
	{
		.id = "seccomp.handle-open",
		.title = "Containers cannot use opening files by handle",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "CVE:2014-3519", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "With CAP_DAC_READ_SEARCH any file of a file system that the container has "
			"a part of can be "
			"opened, past the mount tree.",
		.threat = "Guess the handle of the root folder of the disk on which the "
			  "container's files lie (it is "
			  "inode 2), and walk from there.",
		.remediation = PROFILE_FIX " Drop CAP_DAC_READ_SEARCH.",
		.run = check_family,
		.param = &handles,
	},
	{
		.id = "seccomp.userfaultfd",
		.title = "Containers cannot use userfaultfd",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1068", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A process can stop the kernel in the middle of a copy for as long as it "
			"likes, which turns "
			"narrow races into certain ones.",
		.threat = "A helper of many published kernel exploits.",
		.remediation = PROFILE_FIX " vm.unprivileged_userfaultfd = 0 softens it for all.",
		.run = check_family,
		.param = &userfault,
	},
	{
		.id = "seccomp.io-uring",
		.title = "Containers cannot use io_uring",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1068", "ATTACK:T1562", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A second way into most of the kernel that neither the filter nor the "
			"audit of system calls "
			"sees, and a large piece of young code.",
		.threat = "Opens, connects and sends are submitted through the ring: rules about "
			  "open or connect do not "
			  "hold there.",
		.remediation = PROFILE_FIX " Docker's default has it closed from 25.0 on; or set "
					   "kernel.io_uring_disabled = 2 on the node.",
		.run = check_family,
		.param = &io_uring,
	},
	{
		.id = "seccomp.clock",
		.title = "Containers cannot use setting the clock",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1070.006", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "With CAP_SYS_TIME the clock of the whole node is changed: logs lie, "
			"certificates live longer.",
		.threat = "settimeofday before an act, and back after it.",
		.remediation = PROFILE_FIX " Set the time from the host, and drop CAP_SYS_TIME.",
		.run = check_family,
		.param = &clocks,
	},
	{
		.id = "seccomp.raw-io",
		.title = "Containers cannot use port input and output",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "With CAP_SYS_RAWIO a process talks to the machine's devices past the "
			"kernel.",
		.threat = "iopl, then the ports of a disk controller or of the firmware.",
		.remediation = PROFILE_FIX " Drop CAP_SYS_RAWIO.",
		.run = check_family,
		.param = &raw_io,
	},
	{
		.id = "seccomp.swap-quota-acct",
		.title = "Containers cannot use swap, quota and accounting control",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:P/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1499", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "With the right capability a process takes the node's swap away, lifts "
			"quotas and turns "
			"accounting off.",
		.threat = "swapoff under load ends other workloads; acct(NULL) ends a trail.",
		.remediation = PROFILE_FIX,
		.run = check_family,
		.param = &accounting,
	},
	{
		.id = "seccomp.syslog",
		.title = "Containers cannot use reading the kernel log",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1082", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "The kernel's log tells addresses, devices and events of the host.",
		.threat = "Addresses in it help an exploit, events in it show what other "
			  "containers do.",
		.remediation = PROFILE_FIX " Or set kernel.dmesg_restrict = 1 on the node.",
		.run = check_family,
		.param = &kernel_log,
	},
	{
		.id = "seccomp.numa",
		.title = "Containers cannot use memory placement of other processes",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "A process draws all memory of one node to itself, or learns from "
			"placement what others do.",
		.threat = "move_pages on processes of the same user; policies that empty a memory "
			  "node.",
		.remediation = PROFILE_FIX
		" Engines open these with CAP_SYS_NICE: drop it where it is not needed.",
		.run = check_family,
		.param = &numa,
	},
	{
		.id = "seccomp.obsolete",
		.title = "Containers cannot use obsolete and rarely used calls",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:1104", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "Old code that nobody calls is code that nobody looks at.",
		.threat = "A bug in it is in reach though no program of the container needs it.",
		.remediation = PROFILE_FIX,
		.run = check_family,
		.param = &obsolete,
	},
	{
		.id = "seccomp.fanotify",
		.title = "Containers cannot use file system wide notification",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:C"),
		.level = 2,
		.refs = HF_REFS("ATTACK:T1083", "CWE:250", "NIST-800-190:4.4.3"),
		.risk = "With CAP_SYS_ADMIN a process watches, and with permission events holds "
			"up, every access on a "
			"shared mount.",
		.threat = "Watch a volume that the host or other containers use, or hang it.",
		.remediation = PROFILE_FIX,
		.run = check_family,
		.param = &fanotify,
	},
};

HF_CHECK_SET(seccomp_families, checks);
