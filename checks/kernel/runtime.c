/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RT: terms of conditions: what runs on the node. A flag that nothing in the record can prove
 * is "cannot know", never true. */
#include "common.h"
#include "core-pattern.h"
#include "options.h"
#include "taint.h"
#include "usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

/* @wanted: "text" equals what the file says without its newline, "~text" is in it. */
static option_reading judge_file(hf_check_run *run, const char *path, const char *wanted)
{
	const hf_file *file = hf_file_get(run, path);
	const char *text;

	switch (file->fact.state) {
	case HF_PRESENT:
		text = hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data);
		return option_read(file->fact.source, text,
				   wanted[0] == '~' ? strstr(text, wanted + 1) != NULL
						    : strcmp(text, wanted) == 0);
	case HF_ABSENT: /* this kernel does not say: the text is not there */
		return option_read(file->fact.source, "absent", false);
	case HF_UNREADABLE:
		break;
	}
	return option_unread(file->fact.source, file->fact.why);
}

static option_reading judge_vulnerability(hf_check_run *run, const option_term *term)
{
	return judge_file(run, hf_text(run, "/sys/devices/system/cpu/%s", term->name),
			  term->wanted);
}

static option_reading judge_path(hf_check_run *run, const option_term *term)
{
	return judge_file(run, term->name, term->wanted);
}

static option_reading judge_smt(hf_check_run *run, const option_term *term)
{
	static const char active[] = "/sys/devices/system/cpu/smt/active";
	const hf_file *file = hf_file_get(run, active);
	bool is_off;

	if (file->fact.state != HF_PRESENT)
		return option_unread(active, file->fact.why);
	is_off = file->data[0] == '0';
	return option_read(active, is_off ? "0" : "1",
			   is_off == (strcmp(term->wanted, "off") == 0));
}

/* ---- security modules, lockdown, modules ---- */

static option_reading judge_lsm(hf_check_run *run, const option_term *term)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	if (lsm->fact.state != HF_PRESENT || term->wanted[0] != '~')
		return option_unread(lsm->fact.source, lsm->fact.why);
	return option_read(lsm->fact.source, lsm->list, hf_lsm_has(lsm, term->wanted + 1));
}

static option_reading judge_lockdown(hf_check_run *run, const option_term *term)
{
	static const char *const levels[] = {
		[HF_LOCKDOWN_NONE] = "none",
		[HF_LOCKDOWN_INTEGRITY] = "integrity",
		[HF_LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
	};
	const hf_lockdown *lockdown = hf_lockdown_get(run);
	bool is_at_least = strncmp(term->wanted, ">=", 2) == 0;
	const char *wanted = term->wanted + (is_at_least ? 2 : 0);

	if (lockdown->fact.state == HF_UNREADABLE)
		return option_unread(lockdown->fact.source, lockdown->fact.why);
	if (lockdown->fact.state == HF_ABSENT)
		return option_read(lockdown->fact.source, "lockdown does not run", false);
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (strcmp(levels[i], wanted) == 0)
			return option_read(lockdown->fact.source, levels[lockdown->level],
					   is_at_least ? lockdown->level >= i
						       : lockdown->level == i);
	return option_unread(lockdown->fact.source, "the row names no level of lockdown");
}

/* "af_alg denied": loading it is prevented, or it is not there to be loaded. "msr absent": it is
 * not in the running kernel now, be it because it was never asked for. */
static option_reading judge_module(hf_check_run *run, const option_term *term)
{
	char name[OPTION_VALUE_MAX];
	size_t length = strcspn(term->wanted, " ");
	const hf_module *module;
	bool is_denial = strcmp(term->wanted + length, " denied") == 0;
	const char *source;

	(void)snprintf(name, sizeof name, "%.*s", (int)length, term->wanted);
	module = hf_module_get(run, name);
	source = hf_text(run, "%s: %s", module->fact.source, name);
	switch (module->state) {
	case HF_MODULE_UNKNOWN:
		break;
	case HF_MODULE_MISSING:
		return option_read(source, "not there", true);
	case HF_MODULE_DENIED:
		return option_read(source,
				   hf_text(run, "denied by %s",
					   module->denied_by ? module->denied_by : "the kernel"),
				   true);
	case HF_MODULE_LOADABLE:
		return option_read(source, "not loaded, nothing stops it", !is_denial);
	case HF_MODULE_LOADED:
		return option_read(source, "loaded", false);
	case HF_MODULE_BUILTIN:
		return option_read(source, "built in", false);
	}
	return option_unread(source, module->fact.why);
}

/* ---- control groups ---- */

static bool has_controller(const hf_mount *mount)
{
	/* a named hierarchy ("name=systemd") has no controller and limits nothing */
	return strcmp(mount->fs_type, "cgroup") == 0 &&
	       !hf_mount_has_option(mount, "name=systemd") &&
	       !hf_mount_has_option(mount, "name=elogind");
}

static option_reading judge_cgroup(hf_check_run *run, const option_term *term)
{
	const hf_mounts *mounts = hf_mounts_get(run);
	const hf_mount *v1 = NULL;
	const hf_mount *v2 = NULL;
	bool wants_v2 = strcmp(term->wanted, "v2") == 0;
	const hf_mount *in_force;

	if (mounts->fact.state != HF_PRESENT)
		return option_unread(mounts->fact.source, mounts->fact.why);
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (has_controller(mount) && !v1)
			v1 = mount;
		else if (strcmp(mount->fs_type, "cgroup2") == 0 && !v2)
			v2 = mount;
	}
	/* hybrid: where a v1 hierarchy has controllers, those are not on v2 */
	in_force = v1 ? v1 : v2;
	if (!in_force)
		return option_unread(mounts->fact.source, "no cgroup file system is mounted");
	return option_read(mounts->fact.source,
			   hf_text(run, "%s on %s", in_force->fs_type, in_force->target),
			   wants_v2 == !v1);
}

/* ---- what runs ---- */

static option_reading reading_of(usage seen)
{
	return seen.answer == USAGE_UNKNOWN
		       ? option_unread(seen.source, seen.found)
		       : option_read(seen.source, seen.found, seen.answer == USAGE_YES);
}

static option_reading judge_no_kubelet(hf_check_run *run, const option_term *term)
{
	usage seen = usage_of_kubelet(run);

	(void)term;
	return seen.answer == USAGE_UNKNOWN
		       ? reading_of(seen)
		       : option_read(seen.source, seen.found, seen.answer == USAGE_NO);
}

static option_reading judge_rootless(hf_check_run *run, const option_term *term)
{
	(void)term;
	return reading_of(usage_of_rootless(run));
}

static option_reading judge_userns(hf_check_run *run, const option_term *term)
{
	(void)term;
	return reading_of(usage_of_userns(run));
}

/* That no virtual machine runs now does not prove that none is ever started; without /dev/kvm none
 * can. */
static option_reading judge_vm_runtimes(hf_check_run *run, const option_term *term)
{
	static const char *const names[] = {"qemu-system-x86_64",
					    "qemu-system-aarch64",
					    "qemu-system-i386",
					    "qemu-kvm",
					    "qemu-lite",
					    "firecracker",
					    "cloud-hypervisor",
					    "crosvm",
					    "containerd-shim-kata-v2",
					    NULL};
	usage seen = usage_of_node_programs(run, names);
	const hf_file *kvm;

	(void)term;
	if (seen.answer == USAGE_YES)
		return reading_of(seen);
	kvm = hf_stat_get(run, "/dev/kvm");
	if (kvm->fact.state == HF_ABSENT)
		return option_read(kvm->fact.source, "absent", false);
	return option_unread(seen.source,
			     seen.answer == USAGE_UNKNOWN
				     ? seen.found
				     : "no virtual machine runs now, but one can be started");
}

/* A bridge is what a bridge network is made of, whichever engine made it. */
static option_reading judge_no_bridges(hf_check_run *run, const option_term *term)
{
	static const char folder[] = "/sys/devices/virtual/net";
	const hf_dir *devices = hf_dir_get(run, folder);
	const hf_file *const *files;
	const hf_file *unread = NULL;
	size_t count =
		hf_files_matching(run, "/sys/devices/virtual/net/*/bridge/bridge_id", &files);

	(void)term;
	for (size_t i = 0; i < count; i++) {
		if (files[i]->fact.state == HF_PRESENT)
			return option_read(files[i]->fact.source, "a bridge", false);
		if (files[i]->fact.state == HF_UNREADABLE)
			unread = files[i];
	}
	if (unread)
		return option_unread(unread->fact.source, unread->fact.why);
	return devices->fact.state == HF_PRESENT ? option_read(folder, "no bridge", true)
						 : option_unread(folder, devices->fact.why);
}

/* Containers without a bridge can still be routed (a veth each), so only the opposite can be proven
 * here. */
static option_reading judge_host_network_only(hf_check_run *run, const option_term *term)
{
	option_reading reading = judge_no_bridges(run, term);

	return reading.truth == OPTION_YES
		       ? option_unread(
				 reading.source,
				 "there is no bridge, but containers may be routed without one")
		       : reading;
}

/* ---- audit and core dumps ---- */

/* The boot line decides: audit=0 disables auditing until the next boot, audit=1 records from the
 * start. Else it is switched on by whoever starts first. */
static option_reading judge_audit_early(hf_check_run *run, const option_term *term)
{
	option_reading reading = option_value_judge(run, OPTION_CMDLINE, "audit", "1", false, "");
	option_reading off = option_value_judge(run, OPTION_CMDLINE, "audit", "0", false, "");

	(void)term;
	if (reading.truth == OPTION_YES || off.truth == OPTION_CANNOT_KNOW)
		return reading;
	if (off.truth == OPTION_YES)
		return option_read(off.source, off.found, false);
	return option_audit_early_judge(run);
}

static option_reading judge_audit_backlog(hf_check_run *run, const option_term *term)
{
	(void)term;
	return option_audit_backlog_judge(run);
}

static option_reading judge_core_pattern(hf_check_run *run, const option_term *term)
{
	const hf_sysctl *pattern = hf_sysctl_get(run, "kernel.core_pattern");

	(void)term;
	if (pattern->fact.state != HF_PRESENT)
		return option_unread(pattern->fact.source, pattern->fact.why);
	return option_core_pattern_judge(run, pattern->fact.source, pattern->text);
}

static option_reading judge_no_kconfig(hf_check_run *run, const option_term *term)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	bool is_read = config->fact.state == HF_PRESENT;

	(void)term;
	return option_read(config->fact.source, is_read ? "read" : "not read", !is_read);
}

/* The same rules as those of the check kernel.core-pattern. */
option_reading option_core_pattern_judge(hf_check_run *run, const char *source, const char *pattern)
{
	kernel_core_verdict verdict = kernel_core_pattern_judge(run, pattern);

	if (verdict.is_unreadable)
		return option_unread(source, verdict.why);
	return option_read(source,
			   hf_text(run, "%s: %s", *pattern ? pattern : "empty", verdict.why),
			   verdict.is_safe);
}

/* The same bits as those of the check kernel.taint. */
option_reading option_taint_judge(hf_check_run *run, const char *source, const char *text)
{
	kernel_listing bad = {0}, unknown = {0};
	char *end;
	long long mask;

	errno = 0;
	mask = strtoll(text, &end, 10);
	if (end == text || *end || errno || mask < 0)
		return option_unread(source, "is no mask of bits");
	for (unsigned bit = 0; bit < 63; bit++) {
		const char *words;

		if (!((unsigned long long)mask >> bit & 1))
			continue;
		kernel_taint meaning = kernel_taint_of(bit, &words);

		if (meaning == KERNEL_TAINT_BAD)
			kernel_list(run, &bad, hf_text(run, "bit %u: %s", bit, words));
		else if (meaning == KERNEL_TAINT_UNKNOWN)
			kernel_list(run, &unknown, hf_text(run, "bit %u %s", bit, words));
	}
	if (bad.count)
		return option_read(source, hf_text(run, "%s: %s", text, kernel_list_text(run, &bad)),
				   false);
	if (unknown.count)
		return option_unread(source, kernel_list_text(run, &unknown));
	return option_read(source, text, true);
}

/* ---- the terms ---- */

option_reading option_runtime_judge(hf_check_run *run, const option_term *term)
{
	static const struct {
		const char *name; /* a trailing '/' stands for all names that begin so */
		option_reading (*judge)(hf_check_run *run, const option_term *term);
	} terms[] = {
		{.name = "/", .judge = judge_path},
		{.name = "vulnerabilities/", .judge = judge_vulnerability},
		{.name = "lsm", .judge = judge_lsm},
		{.name = "lockdown", .judge = judge_lockdown},
		{.name = "module", .judge = judge_module},
		{.name = "smt", .judge = judge_smt},
		{.name = "cgroup", .judge = judge_cgroup},
		{.name = "no-kubelet", .judge = judge_no_kubelet},
		{.name = "rootless-in-use", .judge = judge_rootless},
		{.name = "userns-in-use", .judge = judge_userns},
		{.name = "vm-runtimes", .judge = judge_vm_runtimes},
		{.name = "no-bridge-networks", .judge = judge_no_bridges},
		{.name = "host-network-only", .judge = judge_host_network_only},
		{.name = "audit-before-containers", .judge = judge_audit_early},
		{.name = "audit-backlog-ok", .judge = judge_audit_backlog},
		{.name = "core-pattern-safe", .judge = judge_core_pattern},
		{.name = "no-kconfig", .judge = judge_no_kconfig},
	};

	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		size_t length = strlen(terms[i].name);
		bool is_prefix = terms[i].name[length - 1] == '/';

		if (is_prefix ? strncmp(terms[i].name, term->name, length) == 0
			      : strcmp(terms[i].name, term->name) == 0)
			return terms[i].judge(run, term);
	}
	/* fixed CVE-…, fw-drops-martian-loopback: no source of them is read yet
	 */
	return option_unread(hf_text(run, "RT:%s", term->name), "no collector reads it yet");
}
