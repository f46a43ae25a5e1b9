/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot decides: parameters, lockdown and the security modules that run. */
#include "common.h"
#include "drift.h"
#include "sets.h"
#include "weakening.h"

/* ---- kernel.cmdline.mitigations ---- */

static void check_mitigations(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);
	const hf_bootline *declared = hf_bootline_declared(run);

	if (!hf_need(run, &line->fact))
		return;
	for (size_t i = 0; i < line->count; i++) {
		const char *weak = kernel_weakening(run, line, i);

		if (weak)
			hf_expect(run, line->fact.source, weak, "not given", false);
	}
	/* One that only waits for the next boot is kernel.cmdline.drift's to fail. */
	for (size_t i = 0; declared->fact.state == HF_PRESENT && i < declared->count; i++) {
		const char *weak = kernel_weakening(run, declared, i);

		if (weak)
			hf_note(run, declared->fact.source,
				hf_text(run, "%s at the next boot", weak));
	}
	if (hf_status_so_far(run) != HF_FAIL)
		hf_expect(
			run, line->fact.source,
			hf_text(run, "%zu parameters, none switches a protection off", line->count),
			"no parameter that switches a protection off", true);
}

/* ---- kernel.cmdline.drift ---- */

static const char *shown(hf_check_run *run, const hf_bootline *line, const char *name)
{
	const char *value = hf_bootline_value(line, name);

	if (!value)
		return hf_text(run, "no %s", name);
	return *value ? hf_text(run, "%s=%s", name, value) : name;
}

static option_truth satisfies(const hf_bootline *line, const option_row *row)
{
	const char *value = hf_bootline_value(line, row->name);
	const option_value found = {
		.kind = OPTION_CMDLINE,
		.is_set = value != NULL,
		.text = value,
		.list = value,
	};
	const option_limit no_limit = {0};
	option_truth truth;

	return option_wanted_match(row->wanted, &found, &no_limit, &truth) ? truth
									   : OPTION_CANNOT_KNOW;
}

/* A protection is lost when it holds now and not at the next boot, and pending the other way round.
 * The latter waits for a reboot and is no failure of what is declared: it is told, not judged. */
static void judge_drift(hf_check_run *run, const hf_bootline *declared, const char *now,
			const char *next, bool holds_now, bool holds_next)
{
	const char *found = hf_text(run, "now %s, at the next boot %s", now, next);

	if (holds_now && !holds_next)
		hf_expect(run, declared->fact.source, found, "the running protection is kept",
			  false);
	else if (!holds_now && holds_next)
		hf_inform(run, declared->fact.source, found,
			  "hardening is pending until the next boot");
}

static bool has_weakening(hf_check_run *run, const hf_bootline *line, const char *weak)
{
	for (size_t i = 0; i < line->count; i++) {
		const char *other = kernel_weakening(run, line, i);

		if (other && strcmp(other, weak) == 0)
			return true;
	}
	return false;
}

static void judge_weakenings(hf_check_run *run, const hf_bootline *line,
			     const hf_bootline *declared)
{
	for (size_t i = 0; i < declared->count; i++) {
		const char *weak = kernel_weakening(run, declared, i);

		if (weak && !has_weakening(run, line, weak))
			judge_drift(run, declared, "not given", weak, true, false);
	}
	for (size_t i = 0; i < line->count; i++) {
		const char *weak = kernel_weakening(run, line, i);

		if (weak && !has_weakening(run, declared, weak))
			judge_drift(run, declared, weak, "not given", false, true);
	}
}

/* Every boot parameter that has a row of its own; root=, console= and the like have none. */
static size_t judge_rows(hf_check_run *run, const hf_bootline *line, const hf_bootline *declared)
{
	size_t compared = 0;

	for (uint32_t i = 0; i < kernel_options.count; i++) {
		const option_row *row = kernel_options.checks[i].param;

		if (!kernel_row_decides(run, row, OPTION_CMDLINE))
			continue;
		option_truth now = satisfies(line, row), next = satisfies(declared, row);

		if (now == OPTION_CANNOT_KNOW || next == OPTION_CANNOT_KNOW)
			continue;
		compared++;
		judge_drift(run, declared, shown(run, line, row->name),
			    shown(run, declared, row->name), now == OPTION_YES, next == OPTION_YES);
	}
	return compared;
}

static void check_cmdline_drift(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);
	const hf_bootline *declared = hf_bootline_declared(run);

	if (!hf_need(run, &line->fact) || !hf_need(run, &declared->fact))
		return;
	judge_weakenings(run, line, declared);
	size_t compared = judge_rows(run, line, declared);

	if (hf_status_so_far(run) == HF_NOTSELECTED)
		hf_expect(run, declared->fact.source,
			  hf_text(run, "%zu security parameters, as in %s", compared,
				  line->fact.source),
			  "the running ones", true);
}

/* ---- kernel.lockdown ---- */

static const char *lockdown_name(hf_lockdown_level level)
{
	switch (level) {
	case HF_LOCKDOWN_NONE:
		return "none";
	case HF_LOCKDOWN_INTEGRITY:
		return "integrity";
	case HF_LOCKDOWN_CONFIDENTIALITY:
		return "confidentiality";
	}
	return "?";
}

/* What could have raised it, and would raise it next time: for the reader, the running level
 * decides. */
static void note_lockdown_causes(hf_check_run *run)
{
	const hf_bootline *lines[] = {hf_bootline_get(run), hf_bootline_declared(run)};
	const hf_kconfig *config = hf_kconfig_get(run);
	static const char *const forces[] = {
		"CONFIG_SECURITY_LOCKDOWN_LSM",
		"CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY",
		"CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY",
	};

	for (size_t i = 0; i < KERNEL_COUNT(lines); i++) {
		if (lines[i]->fact.state == HF_PRESENT)
			hf_note(run, lines[i]->fact.source, shown(run, lines[i], "lockdown"));
	}
	for (size_t i = 0; config->fact.state == HF_PRESENT && i < KERNEL_COUNT(forces); i++) {
		const char *value = hf_kconfig_value(config, forces[i], NULL);

		if (value)
			hf_note(run, config->fact.source, hf_text(run, "%s=%s", forces[i], value));
	}
}

static void check_lockdown(hf_check_run *run)
{
	static const char wanted[] = "integrity or confidentiality";
	const hf_lockdown *lockdown = hf_lockdown_get(run);

	if (lockdown->fact.state == HF_PRESENT) {
		hf_expect(run, lockdown->fact.source, lockdown_name(lockdown->level), wanted,
			  lockdown->level != HF_LOCKDOWN_NONE);
		note_lockdown_causes(run);
		return;
	}
	/* The folder is empty where securityfs is not mounted: only the running list can then tell
	 * that lockdown does not run, and when it does run nothing tells its level. */
	const hf_lsm *lsm = hf_lsm_get(run);

	if (lsm->fact.state != HF_PRESENT) {
		hf_unknown(run, "/sys/kernel/security/lockdown", lockdown->fact.why);
		hf_unknown(run, lsm->fact.source, lsm->fact.why);
		return;
	}
	if (hf_lsm_has(lsm, "lockdown")) {
		hf_unknown(run, lockdown->fact.source,
			   hf_text(run, "%s (mount -t securityfs securityfs /sys/kernel/security)",
				   lockdown->fact.why));
		return;
	}
	hf_expect(run, lsm->fact.source, hf_text(run, "%s: lockdown does not run", lsm->list),
		  wanted, false);
	note_lockdown_causes(run);
}

/* ---- kernel.lsm.list ---- */

static void check_lsm_list(hf_check_run *run)
{
	static const char *const full[] = {"apparmor", "selinux", "smack", "tomoyo"};
	const hf_lsm *lsm = hf_lsm_get(run);
	const hf_bootline *declared = hf_bootline_declared(run);
	bool has_any = false;

	if (!hf_need(run, &lsm->fact))
		return;
	for (size_t i = 0; i < KERNEL_COUNT(full); i++)
		has_any = has_any || hf_lsm_has(lsm, full[i]);
	hf_expect(run, lsm->fact.source, lsm->list, "one of apparmor, selinux, smack, tomoyo",
		  has_any);
	if (declared->fact.state != HF_PRESENT)
		return;
	if (hf_bootline_value(declared, "lsm"))
		hf_note(run, declared->fact.source, shown(run, declared, "lsm"));
	if (hf_bootline_value(declared, "security"))
		hf_note(run, declared->fact.source, shown(run, declared, "security"));
}

static const hf_check checks[] = {
	{
		.id = "kernel.lockdown",
		.title = "Lockdown level is at least integrity",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("KSPP", "ATTACK:T1547.006", "NIST-800-53:SI-7"),
		.risk = "Root of the node, or of a container that got out, can rewrite the "
			"running kernel and so hide from everything that runs on it.",
		.threat = "From root, unsigned modules, kexec, /dev/mem and raw PCI access lead "
			  "into ring 0, past secure boot.",
		.remediation = "Boot with lockdown=integrity (GRUB_CMDLINE_LINUX in "
			       "/etc/default/grub, then update-grub), or switch secure boot on, "
			       "on which distributions raise the level. Confidentiality breaks "
			       "eBPF sensors and kdump.",
		.run = check_lockdown,
	},
	{
		.id = "kernel.lsm.list",
		.title = "A full MAC module is active in the running LSM list",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		/* AV:N: whoever may start a container does it over an engine's or an orchestrator's
		 * API (Au:S), as in NVD's vector for CVE-2022-0811. */
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("LYNIS:MACF-6290", "CIS-Debian:1.3.1.2", "NIST-800-190:4.4.3",
				"ATTACK:T1611", "CWE:1188"),
		.risk = "Nothing but discretionary rights stands between a container and the "
			"node's files and processes: profiles and labels that engines apply are "
			"not enforced.",
		.threat = "A process with a capability too many, or root in a container with a "
			  "host path, writes to /proc or /sys files that a profile would have "
			  "refused, and leaves the container.",
		.remediation = "Boot with lsm=landlock,lockdown,yama,integrity,apparmor,bpf (or "
			       "selinux in its place) on a kernel that has it built in; a name in "
			       "CONFIG_LSM proves nothing.",
		.run = check_lsm_list,
	},
	{
		.id = "kernel.lsm.yama",
		.title = "Yama restricts ptrace between same-uid processes",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CIS-Debian:1.5.3", "LYNIS:KRNL-6000", "ATTACK:T1055"),
		.reads = HF_READS("sysctl:kernel.yama.ptrace_scope"),
		.risk = "One process reads the keys and passwords out of every other process of "
			"the same user, and writes its own code into them.",
		.threat = "A web server's worker that was taken over attaches to the agent or "
			  "shell of the same uid; a container that shares uid 0 and the pid "
			  "namespace does so to the host's.",
		.remediation = "echo 'kernel.yama.ptrace_scope = 1' > "
			       "/etc/sysctl.d/60-ptrace.conf; sysctl --system. Where the key is "
			       "missing, boot with a lsm= list that names yama.",
		.run = option_check_as,
		.param = "sysctl.kernel.yama.ptrace_scope",
	},
	{
		.id = "kernel.cmdline.mitigations",
		.title = "Boot parameters do not switch protections off",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CWE:1188"),
		.risk = "A protection that the kernel has and would use is switched off for every "
			"process on the node, often since a benchmark or a debugging session long "
			"ago.",
		.threat = "Code in a container reads other tenants' memory by speculation, or "
			  "needs no address leak before it uses a kernel bug.",
		.remediation = "Take the named parameters out of GRUB_CMDLINE_LINUX in "
			       "/etc/default/grub (or of /etc/kernel/cmdline, or of the boot "
			       "entry), run update-grub or grub2-mkconfig, and reboot.",
		.run = check_mitigations,
	},
	{
		.id = "kernel.cmdline.drift",
		.title = "Declared boot parameters equal the running ones",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("NIST-800-53:CM-6"),
		.risk = "The node that was checked is not the node that comes back after its next "
			"reboot: a protection that runs now is gone then.",
		.threat = "Whoever can write the boot loader's configuration for a moment takes a "
			  "protection out and waits for the reboot.",
		.remediation = "Put the running parameter into GRUB_CMDLINE_LINUX in "
			       "/etc/default/grub (or /etc/kernel/cmdline) and run update-grub, "
			       "grub2-mkconfig or kernel-install.",
		.run = check_cmdline_drift,
	},
};

HF_CHECK_SET(kernel_boot, checks);
