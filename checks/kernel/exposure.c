/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doors of the kernel that container workloads reach: BPF, io_uring, perf, userfaultfd. */
#include "common.h"
#include "options.h"
#include "sets.h"
#include "usage.h"

/* A sysctl that has to be a number; false after the run was marked. An absent one is left to the
 * check. */
static bool is_readable_number(hf_check_run *run, const hf_sysctl *sysctl)
{
	if (!hf_need(run, &sysctl->fact))
		return false;
	if (!sysctl->is_number)
		hf_unknown(run, sysctl->fact.source,
			   hf_text(run, "'%s' is no number", sysctl->text));
	return sysctl->is_number;
}

/* ---- kernel.bpf.privileged-inventory ---- */

/* A list of the loaded programs needs CAP_BPF or CAP_SYS_ADMIN, which no collector of the
 * foundation keeps. What is pinned, and who can reach the pins, is readable without. */
static void review_pins(hf_check_run *run, const hf_mounts *mounts)
{
	static const char look_at[] = "bpftool prog show; bpftool link show: every program should "
				      "belong to systemd (cgroup_device, "
				      "cgroup_skb), the CNI or a sensor that you know; kprobe, "
				      "lsm, xdp, sched_ext and tc programs that "
				      "nobody can name are a finding";
	const hf_dir *pins = hf_dir_get(run, "/sys/fs/bpf");
	kernel_listing names = {0};
	size_t mounted = 0;

	for (size_t i = 0; i < mounts->count; i++)
		mounted += strcmp(mounts->all[i].fs_type, "bpf") == 0;
	if (pins->fact.state == HF_PRESENT) {
		for (size_t i = 0; i < pins->count; i++)
			kernel_list(run, &names, pins->names[i]);
	}
	hf_review(run, "/sys/fs/bpf",
		  hf_text(run, "%zu BPF file systems are mounted; pinned at the top: %s", mounted,
			  pins->fact.state == HF_PRESENT ? kernel_list_text(run, &names)
							 : pins->fact.why),
		  look_at);
}

static void check_bpf_inventory(hf_check_run *run)
{
	const hf_sysctl *disabled = hf_sysctl_get(run, "kernel.unprivileged_bpf_disabled");
	const hf_mounts *mounts = hf_mounts_get(run);
	const hf_file *top = hf_stat_get(run, "/sys/fs/bpf");

	if (disabled->fact.state == HF_ABSENT) {
		hf_not_applicable(run, disabled->fact.source, "does not exist",
				  "built without BPF_SYSCALL");
		return;
	}
	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (strcmp(mount->fs_type, "bpf") != 0 ||
		    strcmp(mount->target, "/sys/fs/bpf") != 0 || top->fact.state != HF_PRESENT)
			continue;
		/* 01777 is what the kernel mounts it with by itself: then anybody adds pins, and
		 * the sticky bit only keeps them from those of others. systemd mounts it 0700. */
		if (top->uid != 0 || (top->mode & 022))
			hf_expect(run, top->fact.source,
				  hf_text(run, "mode %04o, uid %u", top->mode, top->uid),
				  "written by root alone", false);
	}
	review_pins(run, mounts);
}

/* ---- kernel.io-uring ---- */

/* The default profile refuses io_uring from Docker 25 on. */
static bool is_engine_new(const char *version)
{
	int major = 0;

	for (const char *at = version; *at >= '0' && *at <= '9' && major < 100000; at++)
		major = major * 10 + (*at - '0');
	return major >= 25;
}

/* No container runs. One that an engine starts next gets a profile that is not known here. */
static void judge_idle(hf_check_run *run, const char *state, const char *wanted)
{
	const usage engine = usage_of_engine(run);

	if (engine.answer == USAGE_NO)
		hf_expect(run, engine.source,
			  hf_text(run, "%s; no container and no engine runs", state), wanted, true);
	else
		hf_unknown(run, engine.source,
			   hf_text(run, "%s, and whose profile containers get is not told",
				   engine.found));
}

/* What "docker run --security-opt seccomp=" chose in place of the engine's profile; "" for nothing,
 * NULL when the engine does not tell. */
static const char *chosen_profile(hf_check_run *run, const hf_container *container)
{
	const char *endpoint = hf_text(run, "/containers/%s/json", container->id);
	const hf_api_value *list = hf_api_get(run, endpoint, "HostConfig/SecurityOpt");
	static const char option[] = "seccomp";

	if (list->fact.state == HF_UNREADABLE)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		const hf_api_value *item =
			hf_api_get(run, endpoint, hf_text(run, "HostConfig/SecurityOpt/%zu", i));

		if (item->fact.state != HF_PRESENT)
			return NULL;
		/* "seccomp:" up to 17.x */
		if (kernel_starts_with(item->text, option) && item->text[sizeof option - 1] &&
		    strchr("=:", item->text[sizeof option - 1]))
			return strcmp(item->text + sizeof option, "builtin") == 0
				       ? ""
				       : item->text + sizeof option;
	}
	return "";
}

/* The version tells what the engine's own profile refuses; that it is in force /info does. */
static void judge_engine_profile(hf_check_run *run)
{
	static const char wanted[] = "the engine's own profile";
	static const char mark[] = "name=seccomp";
	const hf_api_value *list = hf_api_get(run, "/info", "SecurityOptions");
	const hf_api_value *item = list;

	if (!hf_need(run, &list->fact))
		return;
	for (size_t i = 0; i < list->count; i++) {
		item = hf_api_get(run, "/info", hf_text(run, "SecurityOptions/%zu", i));
		if (item->fact.state != HF_PRESENT || !kernel_starts_with(item->text, mark))
			continue;
		const char *profile = strstr(item->text, "profile=");

		profile = profile ? profile + strlen("profile=") : "default";
		if (*profile == '/')
			hf_unknown(run, item->fact.source,
				   hf_text(run, "what %s refuses is not known", profile));
		else
			hf_expect(run, item->fact.source, item->text, wanted,
				  strcmp(profile, "builtin") == 0 ||
					  strcmp(profile, "default") == 0);
		return;
	}
	hf_expect(run, list->fact.source, "no name=seccomp: nothing is filtered", wanted, false);
}

/* As /info tells it; where that does not, the collector asked /version. */
static const hf_api_value *engine_version(hf_check_run *run)
{
	const hf_api_value *version = hf_api_get(run, "/info", "ServerVersion");

	return version->fact.state == HF_PRESENT && !version->is_null
		       ? version
		       : hf_api_get(run, "/version", "Version");
}

/* Containers without a filter, or with one that only the engine's version tells about. */
static void judge_containers(hf_check_run *run, const char *source, const char *state)
{
	static const char wanted[] =
		"io_uring disabled, or refused by every container's seccomp profile";
	const hf_containers *containers = hf_containers_get(run);
	const hf_api_value *version = engine_version(run);
	bool has_version = version->fact.state == HF_PRESENT && !version->is_null;
	kernel_listing bare = {0}, unread = {0}, foreign = {0}, chosen = {0};

	if (!hf_need(run, &containers->fact))
		return;
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *c = containers->all[i];
		const char *mode = hf_process_status_field(run, c->pid, "Seccomp");
		const char *item = hf_text(run, "%.12s", c->id);

		if (!mode)
			kernel_list(run, &unread, item);
		else if (strcmp(mode, "2") != 0)
			kernel_list(run, &bare, item);
		else if (!c->runtime || strcmp(c->runtime, "docker") != 0)
			kernel_list(run, &foreign, item);
		else if (has_version && (!chosen_profile(run, c) || *chosen_profile(run, c)))
			kernel_list(run, &chosen, item);
	}
	hf_note(run, source, state);
	if (bare.count)
		hf_expect(run, "/proc/PID/status Seccomp",
			  hf_text(run, "no filter on %s", kernel_list_text(run, &bare)), wanted,
			  false);
	if (unread.count)
		hf_unknown(run, "/proc/PID/status Seccomp",
			   hf_text(run, "not read for %s", kernel_list_text(run, &unread)));
	if (foreign.count)
		hf_unknown(run, "seccomp profiles",
			   hf_text(run, "what filters of other engines refuse is not known: %s",
				   kernel_list_text(run, &foreign)));
	if (chosen.count)
		hf_unknown(run, "HostConfig.SecurityOpt",
			   hf_text(run,
				   "a profile of their own, or whether they have one is not told: %s",
				   kernel_list_text(run, &chosen)));
	if (has_version) {
		hf_expect(
			run, version->fact.source,
			hf_text(run, "engine %s, %zu containers", version->text, containers->count),
			"25 or newer: its default profile refuses io_uring",
			is_engine_new(version->text));
		judge_engine_profile(run);
	} else if (containers->count > bare.count + unread.count + foreign.count)
		hf_unknown(run, version->fact.source,
			   hf_text(run,
				   "the engine's version, and so its profile, is not known: %s",
				   version->fact.why ? version->fact.why : "no Version"));
	else if (containers->count == 0)
		judge_idle(run, state, wanted);
}

static void check_io_uring(hf_check_run *run)
{
	const hf_sysctl *disabled = hf_sysctl_get(run, "kernel.io_uring_disabled");
	const hf_kernel *kernel = hf_kernel_get(run);
	const hf_kconfig *config = hf_kconfig_get(run);

	if (disabled->fact.state != HF_ABSENT) {
		if (!is_readable_number(run, disabled))
			return;
		if (disabled->number == 0)
			judge_containers(run, disabled->fact.source, "0: open to everybody");
		else
			hf_expect_i64(run, disabled->fact.source, disabled->number, "1 or 2",
				      disabled->number == 1 || disabled->number == 2);
		return;
	}
	if (!hf_need(run, &kernel->fact))
		return;
	bool is_built_out = config->fact.state == HF_PRESENT &&
			    !hf_kconfig_value(config, "CONFIG_IO_URING", NULL);

	/* The switch came with 6.6, io_uring itself with 5.1. */
	if (is_built_out)
		hf_not_applicable(run, config->fact.source, "CONFIG_IO_URING is not set",
				  "built without io_uring");
	else if (hf_kernel_compare(kernel, "5.1") < 0)
		hf_not_applicable(run, kernel->fact.source, kernel->release,
				  "older than io_uring (5.1)");
	else if (hf_kernel_compare(kernel, "6.6") >= 0)
		hf_not_applicable(run, disabled->fact.source, "does not exist",
				  "built without io_uring");
	else
		judge_containers(
			run, kernel->fact.source,
			hf_text(run, "%s has no switch for io_uring (6.6)", kernel->release));
}

/* ---- kernel.userfaultfd ---- */

/* The second door, from 6.1 on: whoever can open the device needs no right for the call. */
static void judge_userfault_device(hf_check_run *run)
{
	const hf_file *device = hf_stat_get(run, "/dev/userfaultfd");

	if (device->fact.state == HF_ABSENT) {
		hf_note(run, device->fact.source, "does not exist");
		return;
	}
	if (!hf_need(run, &device->fact))
		return;
	hf_expect(run, device->fact.source,
		  hf_text(run, "mode %04o, uid %u, gid %u", device->mode, device->uid, device->gid),
		  "open to root alone (0600)", device->uid == 0 && (device->mode & 077) == 0);
}

static void judge_passed_device(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);

	for (size_t i = 0; containers->fact.state == HF_PRESENT && i < containers->count; i++) {
		const hf_container *c = containers->all[i];
		const char *endpoint = hf_text(run, "/containers/%s/json", c->id);
		const hf_api_value *devices = hf_api_get(run, endpoint, "HostConfig/Devices");

		if (devices->fact.state == HF_PRESENT && devices->text &&
		    strstr(devices->text, "\"/dev/userfaultfd\""))
			hf_expect(run, devices->fact.source, devices->text, "no /dev/userfaultfd",
				  false);
	}
}

static void check_userfaultfd(hf_check_run *run)
{
	const hf_sysctl *allowed = hf_sysctl_get(run, "vm.unprivileged_userfaultfd");
	const hf_kernel *kernel = hf_kernel_get(run);
	const hf_kconfig *config = hf_kconfig_get(run);

	if (allowed->fact.state != HF_ABSENT) {
		if (!is_readable_number(run, allowed))
			return;
		hf_expect_i64(run, allowed->fact.source, allowed->number, "0",
			      allowed->number == 0);
		judge_userfault_device(run);
		judge_passed_device(run);
		return;
	}
	if (!hf_need(run, &kernel->fact))
		return;
	/* Before 5.2 there was no switch, and everybody could. */
	if (hf_kernel_compare(kernel, "5.2") >= 0)
		hf_not_applicable(run, allowed->fact.source, "does not exist",
				  "built without userfaultfd");
	else if (!hf_need(run, &config->fact))
		return;
	else if (!hf_kconfig_value(config, "CONFIG_USERFAULTFD", NULL))
		hf_not_applicable(run, config->fact.source, "CONFIG_USERFAULTFD is not set",
				  "built without userfaultfd");
	else
		hf_expect(run, kernel->fact.source,
			  hf_text(run, "%s: open to everybody, and without a switch",
				  kernel->release),
			  "a kernel with vm.unprivileged_userfaultfd (5.2)", false);
}

static const hf_check checks[] = {
	{
		.id = "kernel.unprivileged-bpf",
		.title = "Unprivileged users cannot load BPF programs",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP", "LYNIS:KRNL-6000", "CWE:1188"),
		.reads = HF_READS("sysctl:kernel.unprivileged_bpf_disabled"),
		.risk = "Any process hands the kernel programs whose safety rests on the verifier "
			"alone, which has been wrong many times.",
		.threat = "A verifier bug becomes reading and writing of kernel memory from an "
			  "ordinary user (CVE-2021-3490 and its kin), or a speculation gadget of "
			  "the attacker's choice.",
		.remediation = "echo 'kernel.unprivileged_bpf_disabled = 1' > "
			       "/etc/sysctl.d/60-bpf.conf; sysctl --system. 2 does as well and "
			       "can be taken back by root.",
		/* 2 lets root open it again, 1 not; both refuse today, so both pass */
		.run = option_check_as,
		.param = "sysctl.kernel.unprivileged_bpf_disabled",
	},
	{
		.id = "kernel.bpf.privileged-inventory",
		.title = "Loaded BPF programs and pins are expected",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:H/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("ATTACK:T1014", "ATTACK:T1205"),
		.reads = HF_READS("sysctl:kernel.unprivileged_bpf_disabled", "stat:/sys/fs/bpf",
				  "dir:/sys/fs/bpf"),
		.risk = "A BPF program sees and changes what every process and every packet on "
			"the node does, and leaves no file and no module.",
		.threat = "After an escape, a rootkit hides processes and opens a back door on a "
			  "magic packet (BPFDoor) with a program that is pinned in the BPF file "
			  "system.",
		.remediation = "Compare bpftool prog show and find /sys/fs/bpf with what your CNI "
			       "and sensors load; mount the BPF file system with mode=0700 and "
			       "into no container that does not need it.",
		.run = check_bpf_inventory,
	},
	{
		.id = "kernel.io-uring",
		.title = "io_uring is limited to trusted code",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CWE:1188", "ATTACK:T1068"),
		.reads = HF_READS("sysctl:kernel.io_uring_disabled"),
		.risk = "A large and young part of the kernel, behind many of the local root "
			"exploits of recent years, is open to every container.",
		.threat = "Code in a container without a filter, or under an old default profile, "
			  "drives io_uring into a use-after-free and becomes root of the node.",
		.remediation = "echo 'kernel.io_uring_disabled = 2' > "
			       "/etc/sysctl.d/60-io-uring.conf; sysctl --system. Where a database "
			       "needs it: 1, with kernel.io_uring_group. Or run every container "
			       "with a profile that refuses it (Docker 25, seccompDefault in the "
			       "kubelet).",
		.run = check_io_uring,
	},
	{
		.id = "kernel.perf-event",
		.title = "Unprivileged perf events are restricted",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "LYNIS:KRNL-6000"),
		.reads = HF_READS("sysctl:kernel.perf_event_paranoid"),
		.risk = "Any process measures the kernel and other processes on its processor: "
			"addresses and secrets leak, and one more large interface is open to bugs.",
		.threat = "A container samples the kernel's branches to undo KASLR, or uses one "
			  "of perf's own flaws (CVE-2013-2094, CVE-2023-2235).",
		.remediation = "echo 'kernel.perf_event_paranoid = 3' > "
			       "/etc/sysctl.d/60-perf.conf; sysctl --system (2 on kernels without "
			       "Debian's patch). Give tools CAP_PERFMON instead.",
		/* 3 and 4 are Debian's and others' patch; upstream knows up to 2 */
		.run = option_check_as,
		.param = "sysctl.kernel.perf_event_paranoid",
	},
	{
		.id = "kernel.userfaultfd",
		.title = "Unprivileged userfaultfd is restricted",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP"),
		.reads = HF_READS("sysctl:vm.unprivileged_userfaultfd", "stat:/dev/userfaultfd"),
		.risk = "A process can stop the kernel in the middle of a copy for as long as it "
			"likes, which makes rare races easy to win.",
		.threat = "An exploit for a race or a use-after-free holds a kernel thread at a "
			  "page fault while it replaces the freed object.",
		.remediation = "echo 'vm.unprivileged_userfaultfd = 0' > "
			       "/etc/sysctl.d/60-userfaultfd.conf; sysctl --system; keep "
			       "/dev/userfaultfd at 0600 root:root and out of containers.",
		.run = check_userfaultfd,
	},
};

HF_CHECK_SET(kernel_exposure, checks);
