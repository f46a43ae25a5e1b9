/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon gives every new container against its escape: no new privileges, a system call
 * filter. */
#include "judge.h"

#include <string.h>

/* Custom profiles that this site has approved, by path. A profile parameter later. */
static const char *const approved_profiles[] = {NULL};

/* ---- daemon.no-new-privileges ---- */

/* What containers really run with; some were made before the option was set, or opted out. */
static void note_containers(hf_check_run *run)
{
	const hf_containers *containers = hf_containers_get(run);
	const char *without = "";
	const hf_container *container;

	for (size_t i = 0; (container = daemon_container(run, containers, &i));) {
		const char *flag = hf_process_status_field(run, container->pid, "NoNewPrivs");

		if (flag && strcmp(flag, "0") == 0)
			without = daemon_join(run, without,
					      container->name ? container->name : container->id);
	}
	if (*without)
		hf_note(run, "/proc/PID/status NoNewPrivs",
			hf_text(run,
				"0 in these containers, which keep what they were made with: %s",
				without));
}

static void check_no_new_privileges(hf_check_run *run)
{
	(void)daemon_begin(run);
	daemon_reading option = daemon_read(run, "no-new-privileges");
	const char *entry = daemon_security_option(run, "name=no-new-privileges");

	/* engines from 24.0 on say it themselves */
	if (entry)
		(void)hf_expect(run, "engine API /info SecurityOptions", entry,
				"name=no-new-privileges", true);
	else
		(void)daemon_expect(run, &option, "true", daemon_is(&option, "true"));
	note_containers(run);
}

/* ---- daemon.seccomp-profile ---- */

/* Says and returns false where @found is not what is wanted; notes it otherwise, since only the
 * whole can pass. */
static bool require(hf_check_run *run, const char *source, const char *found, const char *wanted,
		    bool holds)
{
	if (holds)
		hf_note(run, source, found);
	else
		(void)hf_expect(run, source, found, wanted, false);
	return holds;
}

/* A profile of the site's own: nobody else may write it, and what it does not name is denied. What
 * it names is for a person to read, unless it was approved. */
static void judge_profile_file(hf_check_run *run, const char *path)
{
	static const char *const denying[] = {"SCMP_ACT_ERRNO",	       "SCMP_ACT_KILL",
					      "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
					      "SCMP_ACT_TRAP",	       NULL};
	const hf_file *file = hf_file_get(run, path);
	const char *action, *why;
	bool is_unread, is_good;

	if (file->fact.state == HF_ABSENT) {
		(void)hf_expect(run, file->fact.source, "does not exist",
				"a profile that the engine can load", false);
		return;
	}
	why = hf_path_writable_why(run, path, &is_unread);
	if (why && is_unread)
		hf_unknown(run, path, why);
	is_good = require(run, path, why ? why : "only root can change it",
			  "root's and writable by nobody else, with every folder above",
			  !why || is_unread);
	if (!hf_need(run, &file->fact))
		return;
	if (!daemon_json_string(run, file, "defaultAction", &action) || !action) {
		hf_unknown(run, file->fact.source, "no defaultAction can be made out in it");
		return;
	}
	is_good = require(run, file->fact.source, hf_text(run, "defaultAction %s", action),
			  "a defaultAction that denies", daemon_in(denying, action)) &&
		  is_good;
	if (is_good && daemon_in(approved_profiles, path))
		(void)hf_expect(run, path, "an approved profile", "builtin, or an approved file",
				true);
	else if (is_good)
		hf_review(
			run, path, "a profile of this site",
			"compare it with the profile that was approved: what it allows beyond the "
			"built-in one is not judged");
}

/* "name=seccomp,profile=X" -> X. */
static const char *profile_of(const char *entry)
{
	const char *profile = strstr(entry, ",profile=");

	return profile ? profile + strlen(",profile=") : "";
}

static void judge_profile(hf_check_run *run, const daemon_reading *reading, const char *profile)
{
	static const char *const builtin[] = {"", "default", "builtin", NULL};
	static const char wanted[] = "builtin (default up to 20.10), or an approved file";
	bool is_file = *profile == '/';

	if (is_file && reading->is_in_force)
		hf_note(run, reading->source, profile);
	else
		(void)daemon_expect(run, reading, wanted, daemon_in(builtin, profile) || is_file);
	if (is_file)
		judge_profile_file(run, profile);
}

static void check_seccomp_profile(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *list = hf_api_get(run, "/info", "SecurityOptions");
	daemon_reading option = daemon_read(run, "seccomp-profile");
	const char *entry;

	if (list->fact.state != HF_PRESENT) {
		if (option.value)
			judge_profile(run, &option, option.value);
		else
			(void)daemon_expect(run, &option, "builtin", false);
		return;
	}
	entry = daemon_security_option(run, "name=seccomp");
	if (!entry) {
		(void)hf_expect(run, list->fact.source, list->text,
				"an entry name=seccomp: the engine filters system calls", false);
		return;
	}
	option.source = list->fact.source;
	option.value = profile_of(entry);
	option.is_in_force = true;
	judge_profile(run, &option, option.value);
}

static const hf_check checks[] = {
	{
		.id = "daemon.no-new-privileges",
		.title = "New containers cannot gain privileges through setuid files by default",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.14", "CIS-Docker-1.8:2.15", "CWE:250", "CWE:269",
				"ATTACK:T1548.001", "NIST-800-190:4.4.3", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_2_14"),
		.risk =
			"A process that runs as an ordinary user in a container becomes root of "
			"it through any setuid file of the image, with all the capabilities that "
			"root has there.",
		.threat =
			"An intruder in a web application runs su, sudo or a forgotten setuid "
			"binary with a known flaw, and goes on to the kernel as root.",
		.remediation =
			"Set \"no-new-privileges\": true in /etc/docker/daemon.json, restart the "
			"engine, and create the containers anew: those that exist keep the old "
			"value. Images that need sudo, su or ping with file capabilities break; "
			"give those --security-opt no-new-privileges=false.",
		.run = check_no_new_privileges,
	},
	{
		.id = "daemon.seccomp-profile",
		.title = "The Engine-wide seccomp profile is the built-in or an approved one",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.17", "CIS-Docker-1.8:2.18", "CWE:693",
				"ATTACK:T1611", "NIST-800-190:4.4.3", "OWASP-Docker:D05",
				"DOCKER-BENCH:check_2_17", "CIS-Docker-1.6:5.22", "CWE:1188"),
		.aliases = HF_ALIASES("seccomp.daemon-profile"),
		.risk =
			"Without the filter a container reaches every system call of the kernel "
			"it shares with the node, the rarely used and often broken ones too.",
		.threat =
			"An intruder in a container uses a kernel bug behind keyctl, bpf, "
			"userfaultfd or unshare, which the built-in profile would have refused.",
		.remediation =
			"Remove \"seccomp-profile\" from /etc/docker/daemon.json (or "
			"--seccomp-profile from the unit), or name a file of root's whose "
			"defaultAction is SCMP_ACT_ERRNO; restart the engine and create the "
			"containers anew. Programs that relied on refused calls need a profile of "
			"their own (--security-opt seccomp=FILE).",
		.run = check_seccomp_profile,
	},
};

HF_CHECK_SET(daemon_isolation, checks);
