/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may create user namespaces, against who needs them. */
#include "common.h"
#include "sets.h"
#include "settings.h"
#include "usage.h"

#define MAX_KEY	     "user.max_user_namespaces"
#define CLONE_KEY    "kernel.unprivileged_userns_clone"
#define APPARMOR_KEY "kernel.apparmor_restrict_unprivileged_userns"
#define BYPASS_KEY   "kernel.apparmor_restrict_unprivileged_unconfined"

typedef struct limits {
	int64_t max;	  /* of the initial namespace */
	int64_t clone;	  /* 0: only privileged creation (Debian's and Arch's patch) */
	int64_t apparmor; /* 1: only by profiles that allow it (6.7, Ubuntu 23.10) */
	const char *text;
	const char *source;
} limits;

/* A key that only some kernels have. False: could not be read, and @run is marked. */
static bool read_key(hf_check_run *run, const char *key, int64_t absent, int64_t *ret_value)
{
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);

	*ret_value = absent;
	return sysctl->fact.state == HF_ABSENT || hf_sysctl_number(run, key, ret_value);
}

static const char *text_of(hf_check_run *run, const char *key)
{
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);

	return sysctl->fact.state == HF_PRESENT ? sysctl->text : "(not in this kernel)";
}

static bool read_limits(hf_check_run *run, limits *ret_limits)
{
	limits found = {.source = hf_sysctl_get(run, MAX_KEY)->fact.source};
	int64_t bypass;

	/* before 4.9 there was no limit */
	if (!read_key(run, MAX_KEY, INT64_MAX, &found.max) ||
	    !read_key(run, CLONE_KEY, 1, &found.clone) ||
	    !read_key(run, APPARMOR_KEY, 0, &found.apparmor) ||
	    !read_key(run, BYPASS_KEY, 1, &bypass))
		return false;
	if (found.clone == 0)
		found.source = hf_sysctl_get(run, CLONE_KEY)->fact.source;
	else if (found.apparmor == 1)
		found.source = hf_sysctl_get(run, APPARMOR_KEY)->fact.source;
	found.text =
		hf_text(run, "%s = %s, %s = %s, %s = %s", MAX_KEY, text_of(run, MAX_KEY), CLONE_KEY,
			text_of(run, CLONE_KEY), APPARMOR_KEY, text_of(run, APPARMOR_KEY));
	if (found.apparmor == 1 && bypass == 0)
		hf_note(run, hf_sysctl_get(run, BYPASS_KEY)->fact.source,
			"unconfined programs may still change into a profile that allows it");
	settings_note_declared(run, MAX_KEY);
	settings_note_declared(run, CLONE_KEY);
	settings_note_declared(run, APPARMOR_KEY);
	*ret_limits = found;
	return true;
}

/* The limit is kept per user namespace: what a nested one shows is its own. */
static bool stands_in_initial(hf_check_run *run)
{
	const hf_file *map = hf_file_get(run, "/proc/self/uid_map");

	if (map->fact.state == HF_ABSENT) {
		hf_not_applicable(run, map->fact.source, "does not exist",
				  "this kernel was built without user namespaces");
		return false;
	}
	if (!hf_need(run, &map->fact))
		return false;
	usage_id_map id_map = usage_read_id_map(map);

	if (id_map.is_read && id_map.is_identity)
		return true;
	hf_unknown(run, map->fact.source,
		   id_map.is_read ? "read inside another user namespace than the node's"
				  : "not understood");
	return false;
}

static void judge_unused(hf_check_run *run, const limits *found)
{
	hf_expect(run, found->source, found->text,
		  "0, or only privileged creation, where nothing on the node uses user namespaces",
		  found->max == 0 || found->clone == 0 || found->apparmor == 1);
}

static void judge_used(hf_check_run *run, const limits *found, const usage *rootless)
{
	static const char wanted[] = "creation only by the identities that need it";

	if (found->max == 0) {
		hf_message(run,
			   "User namespaces are in use, yet none may be created: the engine is "
			   "broken from its next start on, or the limit was set too late.");
		hf_expect(run, found->source, found->text, wanted, false);
	} else if (found->clone == 0 && rootless->answer == USAGE_YES) {
		hf_message(run, "An ordinary user's engine runs, and could not start again.");
		hf_expect(run, found->source, found->text, wanted, false);
	} else if (found->clone == 0 || found->apparmor == 1) {
		hf_expect(run, found->source, found->text, wanted, true);
	} else if (rootless->answer == USAGE_YES) {
		/* right where the site decided so, and only a person knows that */
		hf_review(
			run, found->source, found->text,
			"Every user may create user namespaces, and a rootless engine needs that. "
			"Right if the rootless engine is documented for this node; AppArmor can "
			"narrow it to the engine.");
	} else if (rootless->answer == USAGE_UNKNOWN) {
		hf_unknown(run, rootless->source, rootless->found);
	} else {
		hf_expect(run, found->source, found->text, wanted, false);
	}
}

/* A setting with two sides: 0 is what hardening guides want, and it breaks rootless engines,
 * userns-remap and pods with hostUsers=false, which are the stronger protection. So the use
 * decides. */
static void check_user_namespaces(hf_check_run *run)
{
	limits found;

	if (!stands_in_initial(run) || !read_limits(run, &found))
		return;
	usage use = usage_of_userns(run), rootless = usage_of_rootless(run);

	hf_note(run, use.source, use.found);
	switch (use.answer) {
	case USAGE_NO:
		judge_unused(run, &found);
		break;
	case USAGE_YES:
		judge_used(run, &found, &rootless);
		break;
	case USAGE_UNKNOWN:
		/* right with and without use, but for a rootless engine that nobody saw */
		if (found.max != 0 && (found.clone == 0 || found.apparmor == 1))
			judge_unused(run, &found);
		else
			hf_unknown(run, use.source, use.found);
		break;
	}
}

static const hf_check checks[] = {
	{
		.id = "kernel.user-namespaces",
		.title = "Creation of user namespaces is limited to what the node needs",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CIS-Debian:1.3.1.4", "ATTACK:T1068", "NIST-800-190:4.5.2"),
		.reads = HF_READS("/proc/self/uid_map", "sysctl:" MAX_KEY, "sysctl:" CLONE_KEY,
				  "sysctl:" APPARMOR_KEY, "sysctl:" BYPASS_KEY, USAGE_USERNS_READS),
		.risk = "Any local process, and any container without a seccomp filter, can "
			"become root of a user namespace of its own and reach kernel code that "
			"was written for root only.",
		.threat = "Most local root exploits of recent years (netfilter, io_uring, "
			  "overlayfs, traffic control) begin with "
			  "unshare(CLONE_NEWUSER|CLONE_NEWNET).",
		.remediation = "Where nothing uses them: user.max_user_namespaces = 0 in "
			       "/etc/sysctl.d/50-userns.conf, then sysctl --system. With "
			       "userns-remap or pods that have hostUsers=false: "
			       "kernel.unprivileged_userns_clone = 0 (Debian) or "
			       "kernel.apparmor_restrict_unprivileged_userns = 1 (Ubuntu, 6.7). "
			       "With rootless engines: the latter, and an AppArmor profile with "
			       "\"userns,\" for the engine.",
		.run = check_user_namespaces,
	},
};

HF_CHECK_SET(kernel_userns, checks);
