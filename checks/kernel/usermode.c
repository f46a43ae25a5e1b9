/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that the kernel starts by itself, as root and outside every container. */
#include "common.h"
#include "core-pattern.h"
#include "options.h"
#include "sets.h"

/* ---- kernel.modprobe-helper ---- */

/* The target, owned by root and writable by nobody else, with every folder above it. Absent is
 * harmless: only root could create it there, which the folders' modes say. */
static void judge_target(hf_check_run *run, const char *path)
{
	const hf_file *target = hf_stat_get(run, path);
	bool is_unreadable;

	if (target->fact.state == HF_ABSENT) {
		hf_note(run, path, "does not exist");
		return;
	}
	const char *why = hf_path_writable_why(run, path, &is_unreadable);

	if (why && is_unreadable)
		hf_unknown(run, path, why);
	else
		hf_expect(run, path, why ? why : "root's, and so is every folder above",
			  "writable by root alone", !why);
}

/* Any value but the usual ones is evidence of an escape that has happened: the report keeps it. */
static void judge_modprobe(hf_check_run *run, const hf_sysctl *modprobe)
{
	static const char *const usual[] = {"/sbin/modprobe", "/usr/sbin/modprobe"};
	const hf_kconfig *config = hf_kconfig_get(run);
	const char *built = config->fact.state == HF_PRESENT
				    ? hf_kconfig_value(config, "CONFIG_MODPROBE_PATH", NULL)
				    : NULL;
	bool is_usual = *modprobe->text == '\0';

	for (size_t i = 0; i < KERNEL_COUNT(usual); i++)
		is_usual = is_usual || strcmp(modprobe->text, usual[i]) == 0;
	/* Arch and others build another path in; only one whose files were read can be trusted for
	 * that */
	if (!is_usual && strcmp(modprobe->text, "/usr/bin/modprobe") == 0)
		is_usual = built && strcmp(built, "\"/usr/bin/modprobe\"") == 0;
	hf_expect(run, modprobe->fact.source, *modprobe->text ? modprobe->text : "empty",
		  "/sbin/modprobe, /usr/sbin/modprobe or empty", is_usual);
	if (is_usual && *modprobe->text)
		judge_target(run, modprobe->text);
}

static void judge_empty(hf_check_run *run, const char *source, const char *text)
{
	hf_expect(run, source, *text ? text : "empty", "empty: udev listens instead",
		  *text == '\0');
}

/* What request_key(2) starts is named by files that only root may write. */
static void judge_request_key(hf_check_run *run)
{
	static const char *const paths[] = {"/etc/request-key.conf", "/etc/request-key.d"};

	for (size_t i = 0; i < KERNEL_COUNT(paths); i++) {
		const hf_file *file = hf_stat_get(run, paths[i]);

		if (file->fact.state == HF_ABSENT || !hf_need(run, &file->fact))
			continue;
		const char *why = hf_file_writable_why(run, file);

		hf_expect(run, paths[i], why ? why : "writable by root alone",
			  "writable by root alone", !why);
	}
}

static void check_helpers(hf_check_run *run)
{
	static const char *const poweroff[] = {"/sbin/poweroff", "/usr/sbin/poweroff"};
	const hf_sysctl *modprobe = hf_sysctl_get(run, "kernel.modprobe");
	const hf_sysctl *hotplug = hf_sysctl_get(run, "kernel.hotplug");
	const hf_sysctl *power = hf_sysctl_get(run, "kernel.poweroff_cmd");
	const hf_file *uevent = hf_file_get(run, "/sys/kernel/uevent_helper");

	if (modprobe->fact.state == HF_ABSENT && hotplug->fact.state == HF_ABSENT &&
	    power->fact.state == HF_ABSENT && uevent->fact.state == HF_ABSENT) {
		hf_not_applicable(run, "/proc/sys/kernel", "no modprobe, hotplug, poweroff_cmd",
				  "this kernel starts no helpers");
		return;
	}
	if (modprobe->fact.state != HF_ABSENT && hf_need(run, &modprobe->fact))
		judge_modprobe(run, modprobe);
	if (hotplug->fact.state != HF_ABSENT && hf_need(run, &hotplug->fact))
		judge_empty(run, hotplug->fact.source, hotplug->text);
	if (uevent->fact.state != HF_ABSENT && hf_need(run, &uevent->fact))
		judge_empty(run, uevent->fact.source, kernel_file_text(run, uevent));
	if (power->fact.state != HF_ABSENT && hf_need(run, &power->fact))
		hf_expect(run, power->fact.source, *power->text ? power->text : "empty",
			  "/sbin/poweroff, /usr/sbin/poweroff or empty",
			  *power->text == '\0' || strcmp(power->text, poweroff[0]) == 0 ||
				  strcmp(power->text, poweroff[1]) == 0);
	judge_request_key(run);
}

static const hf_check checks[] = {
	{
		.id = "kernel.modprobe-helper",
		.title = "Kernel helper paths point to trusted programs",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		/* As kernel.core-pattern below. */
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("ATTACK:T1611", "CWE:426"),
		.reads = HF_READS("sysctl:kernel.modprobe", "sysctl:kernel.hotplug",
				  "sysctl:kernel.poweroff_cmd", "/sys/kernel/uevent_helper",
				  "follow:/proc/sys/kernel/modprobe", "stat:/etc/request-key.conf",
				  "stat:/etc/request-key.d"),
		.risk = "The kernel starts that program as root, outside every namespace and "
			"filter. A strange path is evidence of an escape that has already "
			"happened.",
		.threat = "A privileged container writes the path of its own file once; the next "
			  "unknown binary format or protocol that anybody asks for runs it on the "
			  "node.",
		.remediation = "Keep the value and the file it names as evidence, find the "
			       "container that wrote it, then sysctl -w "
			       "kernel.modprobe=/sbin/modprobe, empty kernel.hotplug and "
			       "/sys/kernel/uevent_helper, and rebuild the node.",
		.run = check_helpers,
	},
	{
		.id = "kernel.core-pattern",
		.title = "core_pattern cannot run code from a container",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		/* NVD's vector for CVE-2022-0811: whoever may start a container, over the network
		 * and with one account, becomes root of the node. */
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CVE:2022-0811", "CIS-Debian:1.5.12", "LYNIS:KRNL-5820",
				"ATTACK:T1611"),
		.reads = HF_READS("sysctl:kernel.core_pattern", KERNEL_CORE_PATTERN_READS),
		.risk = "One pattern holds for all containers: a crash inside any of them runs "
			"the named program on the node as root, or writes where it points.",
		.threat = "A container that got the pattern set (CVE-2022-0811), or that can "
			  "write the program it names, lets a process of its own crash and is "
			  "root of the node.",
		.remediation = "sysctl -w kernel.core_pattern='|/bin/false' or "
			       "'|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h', and "
			       "the same line in /etc/sysctl.d/60-core.conf. A value that you did "
			       "not set is evidence of an escape: keep it.",
		.run = option_check_as,
		.param = "sysctl.kernel.core_pattern",
	},
};

HF_CHECK_SET(kernel_usermode, checks);
