/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the daemon runs with what is written for it, and without what is only being tried out. */
#include "judge.h"

#include <string.h>

/* ---- daemon.experimental ---- */

static void judge_experimental_member(hf_check_run *run, const hf_api_value *member)
{
	switch (member->fact.state) {
	case HF_PRESENT:
		(void)hf_expect(run, member->fact.source, member->text, "false",
				strcmp(member->text, "false") == 0);
		return;
	case HF_ABSENT: /* false is left out */
		(void)hf_expect(run, member->fact.source, "not there, which means false", "false",
				true);
		return;
	case HF_UNREADABLE:
		hf_unknown(run, member->fact.source, member->fact.why);
		return;
	}
}

static void check_experimental(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *build = hf_api_get(run, "/info", "ExperimentalBuild");
	daemon_reading option = daemon_read(run, "experimental");
	daemon_reading features = daemon_read(run, "features");

	if (features.value && *features.value)
		hf_note(run, features.source, features.value);
	if (build->fact.state != HF_UNREADABLE) {
		judge_experimental_member(run, build);
		return;
	}
	/* the same setting, by the other way on which the engine tells it */
	const hf_api_value *version = hf_api_get(run, "/version", "Experimental");

	if (version->fact.state == HF_UNREADABLE) {
		(void)daemon_expect(run, &option, "false", daemon_is(&option, "false"));
		return;
	}
	judge_experimental_member(run, build);
	judge_experimental_member(run, version);
}

/* ---- daemon.config-in-force ---- */

/* Options whose witnesses are compared: what the API shows, and what flags, file and unit can say
 * of the rest. */
static const char *const compared[] = {
	"allow-direct-routing",
	"api-cors-header",
	"authorization-plugins",
	"bip",
	"bridge",
	"cgroup-parent",
	"containerd",
	"data-root",
	"debug",
	"default-address-pools",
	"default-cgroupns-mode",
	"default-ipc-mode",
	"default-network-opts",
	"default-runtime",
	"default-shm-size",
	"default-ulimits",
	"exec-opts",
	"exec-root",
	"experimental",
	"features",
	"firewall-backend",
	"fixed-cidr",
	"group",
	"hosts",
	"icc",
	"init",
	"init-path",
	"insecure-registries",
	"ip",
	"ip-forward",
	"ip-forward-no-drop",
	"ip-masq",
	"ip6tables",
	"iptables",
	"ipv6",
	"labels",
	"live-restore",
	"log-driver",
	"log-level",
	"log-opts",
	"metrics-addr",
	"mtu",
	"network-diagnostic-port",
	"no-new-privileges",
	"pidfile",
	"registry-mirrors",
	"rootless",
	"runtimes",
	"seccomp-profile",
	"selinux-enabled",
	"storage-driver",
	"storage-opts",
	"tls",
	"tlscacert",
	"tlscert",
	"tlskey",
	"tlsverify",
	"userland-proxy",
	"userns-remap",
	NULL,
};

/* The daemon can take the file as it stands. */
static void judge_file(hf_check_run *run, const hf_daemon *daemon)
{
	static const char wanted[] = "strict JSON with known keys, each once";
	const hf_file *file = daemon->config_path ? hf_file_get(run, daemon->config_path) : NULL;
	const hf_config_key *key;
	const char *bad = "";

	if (daemon->config.state == HF_UNREADABLE && file && file->fact.state == HF_PRESENT) {
		(void)hf_expect(run, daemon->config.source, daemon->config.why, wanted, false);
		return;
	}
	if (!hf_need(run, &daemon->config))
		return;
	for (size_t i = 0; (key = hf_daemon_config_key(run, i)); i++) {
		if (!key->is_known && !key->why)
			bad = daemon_join(run, bad, hf_text(run, "%s is no option", key->name));
		if (key->why)
			bad = daemon_join(run, bad, hf_text(run, "%s %s", key->name, key->why));
		if (key->is_duplicate)
			bad = daemon_join(run, bad,
					  hf_text(run, "%s stands there twice", key->name));
	}
	/* of a daemon that does not run the file alone is no pass: there is nothing to compare it
	 * with */
	if (*bad == '\0' && !daemon->is_running)
		hf_note(run, daemon->config.source, "every key is known and stands once");
	else
		(void)hf_expect(run, daemon->config.source,
				*bad ? bad : "every key is known and stands once", wanted,
				*bad == '\0');
}

/* What runs and what is declared are the same, as far as each option shows. */
static bool judge_values(hf_check_run *run)
{
	const char *bad = "";
	size_t declared = 0;

	for (const char *const *name = compared; *name; name++) {
		const hf_option *option = hf_daemon_option(run, *name);

		declared += option->is_declared;
		if (option->fact.state == HF_PRESENT && option->conflict)
			bad = daemon_join(run, bad,
					  hf_text(run, "%s runs as %s, %s", *name,
						  daemon_show(option->value), option->conflict));
	}
	if (*bad)
		(void)hf_expect(run, "options in force", bad, "what is declared", false);
	else if (declared > 0)
		(void)hf_expect(
			run, "options in force",
			hf_text(run, "%zu declared, and no witness contradicts one", declared),
			"what is declared", true);
	return declared > 0 || *bad;
}

/* Changed files whose content the API does not confirm: what runs may be what stood there
 * before. */
static void judge_late_file(hf_check_run *run, const hf_file *file)
{
	const hf_config_key *key;
	const char *unproved = "";

	for (size_t i = 0; (key = hf_daemon_config_key(run, i)); i++) {
		const hf_option *option = hf_daemon_option(run, key->name);

		if (option->fact.state != HF_PRESENT || option->origin != HF_ORIGIN_ENGINE)
			unproved = daemon_join(run, unproved, key->name);
	}
	if (*unproved)
		hf_unknown(run, file->fact.source,
			   hf_text(run,
				   "was changed after the daemon started, which does not show "
				   "whether it "
				   "runs with: %s",
				   unproved));
	else
		hf_note(run, file->fact.source,
			"was changed after the daemon started; the API confirms every key in it "
			"(one that "
			"was taken out and that the API does not show would not be seen)");
}

/* False when the order of the two could not be told. */
static bool is_late(hf_check_run *run, const hf_daemon *daemon, const hf_file *file, bool *ret_late)
{
	bool is_older;

	if (!hf_daemon_is_older(daemon, file, &is_older)) {
		hf_unknown(run, daemon->start.source,
			   daemon->start.why
				   ? daemon->start.why
				   : "whether files changed since its start is not known");
		return false;
	}
	*ret_late = !is_older;
	return true;
}

static void judge_times(hf_check_run *run, const hf_daemon *daemon)
{
	const hf_unit *unit = hf_unit_get(run, "docker.service");
	bool late;

	if (daemon->config.state == HF_PRESENT) {
		const hf_file *file = hf_file_get(run, daemon->config_path);

		if (!is_late(run, daemon, file, &late))
			return;
		if (late)
			judge_late_file(run, file);
	}
	for (size_t i = 0; unit->fact.state == HF_PRESENT && i < unit->count; i++) {
		if (!is_late(run, daemon, unit->files[i], &late))
			return;
		if (late)
			hf_note(run, unit->files[i]->fact.source,
				"was changed after the daemon started; its flags are compared "
				"above");
	}
}

static void check_config_in_force(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	bool is_declared;

	if (daemon->config.state != HF_ABSENT)
		judge_file(run, daemon);
	if (!daemon->is_running) {
		if (daemon->fact.state == HF_PRESENT)
			hf_not_applicable(run, daemon->fact.source, "does not run",
					  "nothing runs that could differ from what is written");
		else
			hf_unknown(run, daemon->fact.source, daemon->fact.why);
		return;
	}
	is_declared = judge_values(run);
	if (!is_declared && daemon->config.state == HF_ABSENT) {
		hf_not_applicable(run, daemon->config.source, "neither flags nor file",
				  "the daemon runs with its defaults");
		return;
	}
	if (daemon->api.state != HF_PRESENT)
		hf_unknown(run, daemon->api.source, daemon->api.why);
	judge_times(run, daemon);
}

static const hf_check checks[] = {
	{
		.id = "daemon.experimental",
		.title = "Experimental Engine features are off",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.18", "CIS-Docker-1.8:2.19", "CWE:1188",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_2_18"),
		.risk =
			"Features that are still being tried out have seen less review, may "
			"change or vanish with an update, and answer on the API like all others.",
		.threat =
			"An intruder uses a flaw in a code path that nobody needed, but that was "
			"switched on with all the others.",
		.remediation =
			"Remove \"experimental\": true from /etc/docker/daemon.json (or "
			"--experimental from the unit) and restart the engine. Up to 26.x "
			"ip6tables works with it alone: update to 27.0 or newer then, rather than "
			"lose IPv6 filtering.",
		.run = check_experimental,
	},
	{
		.id = "daemon.config-in-force",
		.title = "What is written for the Engine is what the Engine runs with",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.1", "CWE:1188", "CWE:16", "ATTACK:T1562.001",
				"OWASP-Docker:D04"),
		.risk =
			"The next restart changes how the engine behaves, or fails; until then "
			"everybody who reads the file believes in settings that are not in force.",
		.threat =
			"A setting is loosened in the running engine and nobody sees it in the "
			"file, or hardened in the file and never takes effect.",
		.remediation =
			"Check the file (dockerd --validate --config-file "
			"/etc/docker/daemon.json, 23.0 and newer), take out unknown and doubled "
			"keys and those that are flags as well, then restart the engine, or "
			"reload it where all changed keys are reloadable. A restart stops the "
			"containers unless live-restore is on.",
		.run = check_config_in_force,
	},
};

HF_CHECK_SET(daemon_config, checks);
