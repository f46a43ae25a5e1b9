/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles that somebody wrote for this node: an engine's, a kubelet's, those given to single
 * containers. */
#include "judge.h"

#include <string.h>

/* The list, or NULL after ending the check. */
static const hf_seccomp_profiles *begin(hf_check_run *run)
{
	const hf_seccomp_profiles *profiles = hf_seccomp_profiles_get(run);

	if (profiles->fact.state != HF_ABSENT)
		return profiles;
	hf_not_applicable(run, profiles->fact.source, profiles->fact.why,
			  "every runtime uses its own default");
	return NULL;
}

static void end(hf_check_run *run, const hf_seccomp_profiles *profiles)
{
	if (profiles->fact.state != HF_PRESENT)
		hf_unknown(run, profiles->fact.source,
			   hf_text(run, "there may be more: %s", profiles->fact.why));
}

/* ---- seccomp.profile-parse ---- */

static void check_parse(hf_check_run *run)
{
	const hf_seccomp_profiles *profiles = begin(run);
	static const char wanted[] = "parses, names calls that exist, and means what it says";

	for (size_t i = 0; profiles && i < profiles->count; i++) {
		const hf_seccomp_profile *p = &profiles->all[i];

		if (p->is_malformed)
			(void)hf_expect(run, p->fact.source, p->fact.why, wanted, false);
		else if (p->fact.state != HF_PRESENT)
			hf_unknown(run, p->fact.source, p->fact.why);
		else
			(void)hf_expect(run, p->fact.source,
					p->problems ? p->problems : "means what it says", wanted,
					!p->problems);
	}
	if (profiles)
		end(run, profiles);
}

/* ---- seccomp.profile-permissive ---- */

static void judge_permissive(hf_check_run *run, const hf_seccomp_profile *p)
{
	static const char wanted[] =
		"refuses what it does not list, and lists no dangerous call for all";

	if (!p->refuses_by_default) {
		(void)hf_expect(run, p->fact.source,
				hf_text(run, "defaultAction %s", p->default_action), wanted, false);
		return;
	}
	const hf_call_summary *s =
		hf_filtering_calls(run, p->filtering, seccomp_dangerous, 1U << HF_CALL_ABI_NATIVE);
	const char *open = seccomp_join(run, s->allowed, s->logged);

	if (!p->filtering->view)
		hf_unknown(run, p->fact.source, "the calls of this machine are not known");
	else
		(void)hf_expect(run, p->fact.source,
				open ? hf_text(run, "allows for all: %s", open)
				     : hf_text(run, "defaultAction %s, no dangerous call for all",
					       p->default_action),
				wanted, !open);
}

static void check_permissive(hf_check_run *run)
{
	const hf_seccomp_profiles *profiles = begin(run);

	for (size_t i = 0; profiles && i < profiles->count; i++) {
		const hf_seccomp_profile *p = &profiles->all[i];

		if (p->fact.state != HF_PRESENT)
			hf_unknown(run, p->fact.source, p->fact.why);
		else
			judge_permissive(run, p);
	}
	if (profiles)
		end(run, profiles);
}

/* ---- seccomp.profile-files ---- */

/* A container that can write where the profile lies. */
static void judge_reach(hf_check_run *run, const char *path)
{
	const hf_containers *list = hf_containers_get(run);

	for (size_t i = 0; i < list->count; i++) {
		const hf_container *container = list->all[i];
		const hf_reach *reach = hf_container_reach(run, container, path);
		const char *name = container->name ? container->name : container->id;

		if (reach->fact.state == HF_UNREADABLE)
			hf_unknown(run, hf_text(run, "mounts of container %s", name),
				   reach->fact.why);
		else if (reach->fact.state == HF_PRESENT && reach->mount &&
			 hf_mount_has_option(reach->mount->mount, "rw"))
			(void)hf_expect(run, path,
					hf_text(run, "container %s has it at %s, and can write",
						name, reach->path),
					"out of reach of every container", false);
	}
	if (list->fact.state == HF_UNREADABLE)
		hf_unknown(run, list->fact.source, list->fact.why);
}

static void judge_file(hf_check_run *run, const char *path)
{
	bool is_unread = false;
	const char *why = hf_path_writable_why(run, path, &is_unread);

	if (why && is_unread)
		hf_unknown(run, path, why);
	else if (why)
		(void)hf_expect(run, path, why, "root's alone, as every folder above it", false);
	judge_reach(run, path);
	if (hf_status_so_far(run) == HF_NOTSELECTED || hf_status_so_far(run) == HF_PASS)
		(void)hf_expect(run, path, "root's alone, and out of reach of every container",
				"root's alone, as every folder above it", true);
}

static void check_files(hf_check_run *run)
{
	const hf_seccomp_profiles *profiles = begin(run);
	size_t files = 0;

	for (size_t i = 0; profiles && i < profiles->count; i++) {
		if (!profiles->all[i].path)
			continue;
		files++;
		judge_file(run, profiles->all[i].path);
	}
	if (!profiles)
		return;
	if (files == 0 && profiles->fact.state == HF_PRESENT)
		hf_not_applicable(run, profiles->fact.source, "profiles stand in records alone",
				  "there is no file that could be altered");
	end(run, profiles);
}

static const hf_check checks[] = {
	{
		.id = "seccomp.profile-parse",
		.title = "Every declared profile is enforceable as written",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:1286", "CWE:693"),
		.reads = HF_READS("/var/lib/kubelet/seccomp/*.json",
				  "/var/lib/kubelet/seccomp/*/*.json",
				  "/etc/containers/seccomp.json"),
		.risk = "A rule that is silently left out protects nobody, and nobody is told.",
		.threat = "A call whose name has a typing error; a refusal that an allowance "
			  "elsewhere covers.",
		.remediation = "Correct what the evidence names, and try the profile with a "
			       "container that makes the call.",
		.run = check_parse,
	},
	{
		.id = "seccomp.profile-permissive",
		.title = "No declared profile is a deny-list",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:183", "CWE:1188"),
		.risk = "Every container that gets the profile may make the calls that lead out of "
			"it.",
		.threat = "Whatever the list forgot, and every call of newer kernels.",
		.remediation = "Set defaultAction to SCMP_ACT_ERRNO, begin with the runtime's "
			       "default, and tie dangerous "
			       "calls to capabilities (includes.caps).",
		.run = check_permissive,
	},
	{
		.id = "seccomp.profile-files",
		.title = "Profile files cannot be altered",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:C/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "CWE:59"),
		.reads = HF_READS(
			"parents:/etc/containers/seccomp.json", "parents:/var/lib/kubelet/seccomp",
			"stat:/var/lib/kubelet/seccomp/*", "stat:/var/lib/kubelet/seccomp/*/*"),
		.risk = "Whoever writes the file decides what the next containers may do.",
		.threat = "A container with the folder mounted, or a user with write permission, "
			  "opens the filter for the "
			  "next start.",
		.remediation = "chown root:root and chmod go-w the file and every folder above it; "
			       "mount the folder into no "
			       "container.",
		.run = check_files,
	},
};

HF_CHECK_SET(seccomp_profiles, checks);
