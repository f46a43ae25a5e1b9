/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running switches that take help away from a local attacker. */
#include "common.h"
#include "sets.h"
#include "settings.h"

#include <stdlib.h>

/* ---- lists of plain settings ---- */

static const setting info_leak[] = {
	{.key = "kernel.dmesg_restrict",
	 .low = 1,
	 .high = 1,
	 .wanted = "1",
	 .absent_why = "this kernel keeps no log"},
	{.key = "kernel.kptr_restrict", .low = 1, .high = 2, .wanted = "1 or 2"},
	{.key = NULL},
};

/* The kernel's own default is 0; systemd's 50-default.conf turns them on, so a node whose init is
 * another one, or whose systemd-sysctl does not run, has none of them. */
static const setting protected_links[] = {
	{.key = "fs.protected_symlinks", .low = 1, .high = 1, .wanted = "1"},
	{.key = "fs.protected_hardlinks", .low = 1, .high = 1, .wanted = "1"},
	{.key = "fs.protected_fifos",
	 .low = 1,
	 .high = 2,
	 .wanted = "1 or 2",
	 .absent_why = "came with Linux 4.19"},
	{.key = "fs.protected_regular",
	 .low = 1,
	 .high = 2,
	 .wanted = "1 or 2",
	 .absent_why = "came with Linux 4.19"},
	{.key = NULL},
};

static const setting tty[] = {
	{.key = "dev.tty.ldisc_autoload",
	 .low = 0,
	 .high = 0,
	 .wanted = "0",
	 .absent_why = "this kernel cannot switch it off: the setting came with Linux 5.1"},
	{.key = "dev.tty.legacy_tiocsti",
	 .low = 0,
	 .high = 0,
	 .wanted = "0",
	 .absent_why = "this kernel cannot switch it off: the setting came with Linux 6.2"},
	{.key = NULL},
};

/* A kernel that has no switch yet leaves the door open: that is no less open than a switch that is on. */
static void check_tty(hf_check_run *run)
{
	static const struct {
		const char *key, *since;
	} switches[] = {{"dev.tty.ldisc_autoload", "5.1"}, {"dev.tty.legacy_tiocsti", "6.2"}};

	settings_judge(run, tty);
	for (size_t i = 0; i < KERNEL_COUNT(switches); i++) {
		const hf_sysctl *sysctl = hf_sysctl_get(run, switches[i].key);
		const hf_kernel *kernel = hf_kernel_get(run);

		if (sysctl->fact.state != HF_ABSENT || !hf_need(run, &kernel->fact))
			continue;
		if (hf_kernel_compare(kernel, switches[i].since) < 0)
			hf_expect(run, sysctl->fact.source,
				  hf_text(run, "not there: before Linux %s it cannot be closed",
					  switches[i].since),
				  "0", false);
	}
}

/* dmesg_restrict is not namespaced: what it leaves open is open to every container that has no
 * seccomp filter for syslog(2). It guards /dev/kmsg, too, so that file's mode is told and not
 * judged. */
static void check_info_leak(hf_check_run *run)
{
	const hf_file *kmsg = hf_stat_get(run, "/dev/kmsg");
	const hf_kconfig *config = hf_kconfig_get(run);
	bool is_named = false;

	settings_judge(run, info_leak);
	if (kmsg->fact.state == HF_PRESENT)
		hf_note(run, kmsg->fact.source, hf_text(run, "mode %04o", kmsg->mode));
	if (config->fact.state == HF_PRESENT) {
		const char *value =
			hf_kconfig_value(config, "CONFIG_SECURITY_DMESG_RESTRICT", &is_named);

		hf_note(run, config->fact.source,
			hf_text(run,
				"CONFIG_SECURITY_DMESG_RESTRICT %s: dmesg_restrict starts as %c",
				value ? value : "not set", value ? '1' : '0'));
	}
}

/* ---- address space layout randomisation ---- */

enum { ADDR_NO_RANDOMIZE = 0x0040000 };

/* A container chose that for itself, and its own runtime let it: told, not judged here. */
static void note_personalities(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);
	kernel_listing names = {0};

	for (size_t i = 0; containers->fact.state == HF_PRESENT && i < containers->count; i++) {
		const hf_container *container = containers->all[i];
		const hf_file *file = hf_process_file(run, container->pid, "personality");

		if (file->fact.state == HF_PRESENT &&
		    (strtoul(file->data, NULL, 16) & ADDR_NO_RANDOMIZE))
			kernel_list(run, &names, container->name ? container->name : container->id);
	}
	if (names.count > 0)
		hf_note(run, "/proc/PID/personality",
			hf_text(run, "started with ADDR_NO_RANDOMIZE: %s",
				kernel_list_text(run, &names)));
}

static void check_aslr(hf_check_run *run)
{
	static const setting full[] = {
		{.key = "kernel.randomize_va_space", .low = 2, .high = 2, .wanted = "2"},
		{.key = NULL},
	};
	const hf_bootline *line = hf_bootline_get(run);

	/* every kernel for machines with an MMU has it */
	if (hf_sysctl_get(run, full[0].key)->fact.state == HF_ABSENT)
		hf_unknown(run, hf_sysctl_get(run, full[0].key)->fact.source,
			   "does not exist: this is no whole /proc");
	else
		settings_judge(run, full);
	if (hf_need(run, &line->fact)) {
		/* then it starts as 0, and what runs before sysctl.d sets it stays as it is */
		bool is_off = hf_bootline_value(line, "norandmaps") != NULL;

		hf_expect(run, line->fact.source, is_off ? "norandmaps" : "no norandmaps",
			  "no norandmaps", !is_off);
	}
	note_personalities(run);
}

/* ---- core dumps of set-id programs ---- */

static void check_suid_dumpable(hf_check_run *run)
{
	const hf_sysctl *pattern = hf_sysctl_get(run, "kernel.core_pattern");
	int64_t value;

	if (!hf_sysctl_number(run, "fs.suid_dumpable", &value))
		return;
	const char *source = hf_sysctl_get(run, "fs.suid_dumpable")->fact.source;

	settings_note_declared(run, "fs.suid_dumpable");
	if (value != 2) {
		hf_expect_i64(run, source, value, "0, or 2 with a piped or absolute core_pattern",
			      value == 0);
		return;
	}
	/* 2 writes them for root's eyes only, which apport and systemd-coredump need */
	hf_note(run, source, "2: dumps of set-id programs are root's");
	if (hf_need(run, &pattern->fact))
		hf_expect(run, pattern->fact.source, *pattern->text ? pattern->text : "(empty)",
			  "a pipe or an absolute path while fs.suid_dumpable is 2",
			  *pattern->text == '|' || *pattern->text == '/');
}

/* ---- SysRq ---- */

/* Bits of kernel.sysrq, see admin-guide/sysrq.rst. 1 is no bit: it turns all of them on. */
enum {
	SYSRQ_ALL = 1,
	SYSRQ_LOGLEVEL = 2,
	SYSRQ_DUMPS = 8,
	SYSRQ_SIGNALS = 64,
};

static void check_sysrq(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);
	const int64_t bad = SYSRQ_LOGLEVEL | SYSRQ_DUMPS | SYSRQ_SIGNALS;
	int64_t mask;

	if (!hf_sysctl_number(run, "kernel.sysrq", &mask))
		return;
	hf_expect_i64(run, hf_sysctl_get(run, "kernel.sysrq")->fact.source, mask,
		      "0, or a mask without 2 (console log level), 8 (dumps) and 64 (signals)",
		      mask >= 0 && mask != SYSRQ_ALL && (mask & bad) == 0);
	settings_note_declared(run, "kernel.sysrq");
	if (!hf_need(run, &line->fact))
		return;
	bool is_always = hf_bootline_value(line, "sysrq_always_enabled") != NULL;

	hf_expect(run, line->fact.source,
		  is_always ? "sysrq_always_enabled" : "no sysrq_always_enabled",
		  "no sysrq_always_enabled: it overrules the mask", !is_always);
}

/* ---- kexec ---- */

/* A crash kernel is what kdump loads; any other image is somebody's who wants to replace the
 * kernel, or a reboot that is about to happen. Told, for a file cannot say which. */
static void note_loaded_image(hf_check_run *run)
{
	static const char *const paths[] = {"/sys/kernel/kexec_loaded",
					    "/sys/kernel/kexec_crash_loaded"};

	for (size_t i = 0; i < KERNEL_COUNT(paths); i++) {
		const hf_file *file = hf_file_get(run, paths[i]);

		if (file->fact.state == HF_PRESENT && *file->data == '1')
			hf_note(run, paths[i],
				i == 0 ? "1: an image is loaded that kdump does not need"
				       : "1: a crash kernel is loaded");
	}
}

/* Only signed images: kexec_file_load(2) insists on a signature, and the call that cannot is not
 * there. */
static bool is_signed_only(hf_check_run *run, const char **ret_source)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	bool is_named = false;

	if (config->fact.state != HF_PRESENT)
		return false;
	*ret_source = config->fact.source;
	return !hf_kconfig_value(config, "CONFIG_KEXEC", &is_named) && is_named &&
	       hf_kconfig_value(config, "CONFIG_KEXEC_SIG_FORCE", NULL);
}

static void check_kexec(hf_check_run *run)
{
	static const char wanted[] =
		"kernel.kexec_load_disabled = 1, lockdown, signed images only, or "
		"no kexec";
	const hf_sysctl *disabled = hf_sysctl_get(run, "kernel.kexec_load_disabled");
	const hf_lockdown *lockdown = hf_lockdown_get(run);
	const char *source = NULL;
	int64_t value;

	note_loaded_image(run);
	if (disabled->fact.state == HF_ABSENT) {
		hf_expect(run, disabled->fact.source, "does not exist: kexec is not built in",
			  wanted, true);
		return;
	}
	if (!hf_sysctl_number(run, "kernel.kexec_load_disabled", &value))
		return;
	if (value == 1)
		hf_expect_i64(run, disabled->fact.source, value, wanted, true);
	else if (lockdown->fact.state == HF_PRESENT && lockdown->level >= HF_LOCKDOWN_INTEGRITY)
		hf_expect(run, lockdown->fact.source, "integrity or confidentiality", wanted, true);
	else if (is_signed_only(run, &source))
		hf_expect(run, source, "CONFIG_KEXEC not set, CONFIG_KEXEC_SIG_FORCE=y", wanted,
			  true);
	else if (lockdown->fact.state == HF_UNREADABLE)
		hf_unknown(run, lockdown->fact.source, lockdown->fact.why);
	else
		hf_expect_i64(run, disabled->fact.source, value, wanted, false);
	settings_note_declared(run, "kernel.kexec_load_disabled");
}

static const hf_check checks[] = {
	{
		.id = "kernel.info-leak",
		.title = "Kernel log and symbol addresses are hidden from unprivileged readers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CIS-Debian:1.5.5", "CIS-Debian:1.5.8", "LYNIS:KRNL-6000"),
		.reads = HF_READS("sysctl:kernel.dmesg_restrict", "sysctl:kernel.kptr_restrict",
				  "stat:/dev/kmsg"),
		.risk = "Every user, and every container, for the log is the node's, can read "
			"kernel addresses, device details and what crashed where.",
		.threat = "A leaked address undoes the kernel's address randomisation and turns a "
			  "memory bug into a dependable exploit.",
		.remediation = "Put kernel.dmesg_restrict = 1 and kernel.kptr_restrict = 1 into "
			       "/etc/sysctl.d/50-info-leak.conf, then run sysctl --system.",
		.run = check_info_leak,
	},
	{
		.id = "kernel.aslr",
		.title = "Address space layout randomisation is full",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Debian:1.5.9", "LYNIS:KRNL-6000"),
		.reads = HF_READS("sysctl:kernel.randomize_va_space"),
		.risk = "Programs on the node and in all containers lie where an attacker expects "
			"them.",
		.threat = "A memory bug in a set-uid program, or in a service reached over the "
			  "network, is exploited with fixed addresses at the first try.",
		.remediation = "Put kernel.randomize_va_space = 2 into "
			       "/etc/sysctl.d/50-aslr.conf, run sysctl --system, and remove "
			       "norandmaps from GRUB_CMDLINE_LINUX in /etc/default/grub (then "
			       "update-grub).",
		.run = check_aslr,
	},
	{
		.id = "kernel.protected-links",
		.title = "Link, FIFO and regular file protections are on",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CIS-Debian:1.5.1", "CIS-Debian:1.5.2", "LYNIS:KRNL-6000"),
		.reads = HF_READS("sysctl:fs.protected_symlinks", "sysctl:fs.protected_hardlinks",
				  "sysctl:fs.protected_fifos", "sysctl:fs.protected_regular"),
		.risk = "Links, FIFOs and files that another user planted in a folder such as "
			"/tmp are followed and written by privileged programs.",
		.threat = "A user places a link where root's script writes a temporary file, and "
			  "so overwrites or reads a file that is not his.",
		.remediation = "Put fs.protected_symlinks = 1, fs.protected_hardlinks = 1, "
			       "fs.protected_fifos = 1 and fs.protected_regular = 2 into "
			       "/etc/sysctl.d/50-links.conf, then run sysctl --system.",
		.run = settings_run,
		.param = protected_links,
	},
	{
		.id = "kernel.suid-dumpable",
		.title = "Set-uid programs do not dump core for users",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:C/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CIS-Debian:1.5.4", "LYNIS:KRNL-5820"),
		.reads = HF_READS("sysctl:fs.suid_dumpable", "sysctl:kernel.core_pattern"),
		.risk = "The memory of a privileged program, with keys and password hashes, lands "
			"in a file that an ordinary user can read or place.",
		.threat = "A user crashes a set-uid program on purpose and reads its dump, or has "
			  "it written into a folder whose files are executed.",
		.remediation = "Put fs.suid_dumpable = 0 into /etc/sysctl.d/50-coredump.conf and "
			       "run sysctl --system; where systemd-coredump or apport is used, 2 "
			       "with kernel.core_pattern starting with '|'.",
		.run = check_suid_dumpable,
	},
	{
		.id = "kernel.sysrq",
		.title = "SysRq is limited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("LYNIS:KRNL-6000"),
		.reads = HF_READS("sysctl:kernel.sysrq"),
		.risk = "Who reaches a keyboard or serial console, a cloud provider's web console "
			"too, can kill every process or read memory and registers without logging "
			"in.",
		.threat = "SysRq keys on a console end the session lock or the audit daemon, or "
			  "dump tasks to the screen. /proc/sysrq-trigger ignores this mask: root "
			  "in a privileged container can always use it.",
		.remediation = "Put kernel.sysrq = 0 (or 176: sync, remount, reboot) into "
			       "/etc/sysctl.d/50-sysrq.conf, run sysctl --system, and remove "
			       "sysrq_always_enabled from the boot line.",
		.run = check_sysrq,
	},
	{
		.id = "kernel.tty",
		.title = "TTY line discipline autoload and TIOCSTI are off",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "LYNIS:KRNL-6000", "CVE:2017-5226"),
		.reads = HF_READS("sysctl:dev.tty.ldisc_autoload", "sysctl:dev.tty.legacy_tiocsti"),
		.risk = "A program can type into the terminal that it was started from, and any "
			"user can have old line discipline code loaded.",
		.threat = "A program inside docker run -it or kubectl exec, or under sudo, pushes "
			  "a command into the caller's shell with TIOCSTI; a bug in an unused "
			  "line discipline gives root.",
		.remediation = "Put dev.tty.ldisc_autoload = 0 and dev.tty.legacy_tiocsti = 0 "
			       "into /etc/sysctl.d/50-tty.conf, then run sysctl --system. TIOCSTI can "
			       "be closed from Linux 6.2 on; before, start containers without a "
			       "terminal (no -t) where what runs in them is not trusted.",
		.run = check_tty,
	},
	{
		.id = "kernel.kexec",
		.title = "Replacing the running kernel is closed or signed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:M/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("KSPP", "ATTACK:T1542"),
		.reads = HF_READS("sysctl:kernel.kexec_load_disabled", "/sys/kernel/kexec_loaded",
				  "/sys/kernel/kexec_crash_loaded"),
		.risk = "Root, in a privileged container too, can start another kernel without a "
			"signature: Secure Boot, module signing and every policy of this kernel "
			"end there.",
		.threat = "After a container escape kexec makes the foothold last and blinds the "
			  "sensors that the old kernel ran.",
		.remediation = "Put kernel.kexec_load_disabled = 1 into "
			       "/etc/sysctl.d/50-kexec.conf (it cannot be undone before a reboot; "
			       "where kdump is used, set it after kdump has loaded its image), or "
			       "boot with lockdown=integrity.",
		.run = check_kexec,
	},
};

HF_CHECK_SET(kernel_hardening, checks);
