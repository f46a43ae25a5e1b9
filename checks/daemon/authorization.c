/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who decides over requests to the API, and whether that can be got round. */
#include "judge.h"

#include <string.h>

/* Releases with the fix of CVE-2024-41110 (GHSA-v23v-6jw2-98fq, July 2024): a request with
 * Content-Length 0 reaches the plugin without its body. Fixed once in 18.09.1 and lost again
 * in 19.03. */
typedef struct fixed_branch {
	const char *first; /* of the branch */
	const char *next;  /* first version that is none of it */
	const char *fixed;
} fixed_branch;

static const fixed_branch fixed_branches[] = {
	{"18.09.1", "19.0", "18.09.1"}, {"23.0", "24.0", "23.0.15"}, {"25.0", "26.0", "25.0.6"},
	{"26.0", "27.0", "26.1.5"},	{"27.0", "28.0", "27.1.1"},  {"28.0", "99.0", "28.0"},
};

static bool is_fixed(const hf_daemon *daemon)
{
	for (size_t i = 0; i < sizeof fixed_branches / sizeof fixed_branches[0]; i++) {
		const fixed_branch *branch = &fixed_branches[i];

		if (daemon_at_least(daemon, branch->first) && daemon_before(daemon, branch->next))
			return daemon_at_least(daemon, branch->fixed);
	}
	return false;
}

/* Distributions fix old versions under the same number ("20.10.24+dfsg1"): the number decides
 * nothing there. */
static void judge_bypass(hf_check_run *run, const hf_daemon *daemon)
{
	static const char wanted[] = "a version with the fix of CVE-2024-41110";
	const char *version = daemon_version(daemon);

	if (!daemon->version)
		hf_unknown(run, "engine version",
			   "nobody told it, and older ones let requests pass the plugin");
	else if (is_fixed(daemon) || !strpbrk(version, "+~"))
		(void)hf_expect(run, "engine version", version, wanted, is_fixed(daemon));
	else
		hf_unknown(run, "engine version",
			   hf_text(run,
				   "%s is a distribution's build: whether it has the fix of "
				   "CVE-2024-41110 is not in its number",
				   version));
}

/* ---- the endpoints of plugins ---- */

/* A socket of that path is listened on: proc(5), flag __SO_ACCEPTCON. */
static bool is_listened_on(hf_check_run *run, const hf_file *sockets, const char *path)
{
	const char *without_var = strncmp(path, "/var/run/", 9) == 0 ? path + 4 : path;

	for (const char *line = sockets->data; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *name = memchr(line, '/', strcspn(line, "\n"));

		if (!name || !strstr(hf_text(run, "%.*s", (int)(name - line), line), " 00010000 "))
			continue;
		name = hf_text(run, "%.*s", (int)strcspn(name, "\n"), name);
		if (strncmp(name, "/var/run/", 9) == 0)
			name += 4;
		if (strcmp(name, without_var) == 0)
			return true;
	}
	return false;
}

static void judge_path(hf_check_run *run, const char *path)
{
	bool is_unread;
	const char *why = hf_path_writable_why(run, path, &is_unread);

	if (why && is_unread)
		hf_unknown(run, path, why);
	else
		(void)hf_expect(run, path, why ? why : "root's alone",
				"root's and writable by nobody else, with every folder above",
				!why);
}

static void judge_socket(hf_check_run *run, const char *path)
{
	const hf_file *sockets = hf_file_get(run, "/proc/net/unix");

	judge_path(run, path);
	if (hf_need(run, &sockets->fact))
		(void)hf_expect(run, sockets->fact.source,
				hf_text(run, "%s is %slistened on", path,
					is_listened_on(run, sockets, path) ? "" : "not "),
				"a plugin that answers", is_listened_on(run, sockets, path));
}

/* A .spec holds an address alone, a .json one in its member Addr. */
static void judge_spec(hf_check_run *run, const hf_file *file, const char *path)
{
	const char *address = NULL;

	judge_path(run, path);
	if (strcmp(path + strlen(path) - 5, ".json") != 0)
		address = hf_text(run, "%.*s", (int)strcspn(file->data, " \t\r\n"), file->data);
	else if (!daemon_json_string(run, file, "Addr", &address))
		address = NULL;
	if (!address)
		hf_unknown(run, path, "no address can be made out in it");
	else if (strncmp(address, "unix://", 7) == 0)
		judge_socket(run, address + 7);
	else
		hf_unknown(run, path,
			   hf_text(run, "%s: whose program answers there is not known", address));
}

/* A plugin that the engine itself runs ("docker plugin install"). */
static bool judge_managed(hf_check_run *run, const char *name)
{
	const hf_api_value *list = hf_api_get(run, "/plugins", "");

	for (size_t i = 0; i < list->count; i++) {
		const hf_api_value *known =
			hf_api_get(run, "/plugins", hf_text(run, "%zu/Name", i));
		const hf_api_value *enabled =
			hf_api_get(run, "/plugins", hf_text(run, "%zu/Enabled", i));

		if (known->fact.state != HF_PRESENT || enabled->fact.state != HF_PRESENT)
			continue;
		if (strcmp(known->text, name) != 0 &&
		    strcmp(known->text, hf_text(run, "%s:latest", name)) != 0)
			continue;
		(void)hf_expect(run, enabled->fact.source,
				hf_text(run, "%s enabled: %s", name, enabled->text), "true",
				strcmp(enabled->text, "true") == 0);
		return true;
	}
	return false;
}

/* In the engine's own order: sockets, then specifications. */
static void judge_plugin(hf_check_run *run, const char *name)
{
	static const char *const folders[] = {"/etc/docker/plugins", "/usr/lib/docker/plugins"};
	static const char *const endings[] = {"spec", "json"};
	bool is_unread = false;

	if (judge_managed(run, name))
		return;
	for (size_t i = 0; i < 2; i++) {
		const char *path = i ? hf_text(run, "/run/docker/plugins/%s/%s.sock", name, name)
				     : hf_text(run, "/run/docker/plugins/%s.sock", name);
		const hf_file *file = hf_stat_get(run, path);

		if (file->fact.state == HF_PRESENT) {
			judge_socket(run, path);
			return;
		}
		is_unread = is_unread || file->fact.state == HF_UNREADABLE;
	}
	for (size_t i = 0; i < 4; i++) {
		const char *path = hf_text(run, "%s/%s.%s", folders[i / 2], name, endings[i % 2]);
		const hf_file *file = hf_file_get(run, path);

		if (file->fact.state == HF_PRESENT) {
			judge_spec(run, file, path);
			return;
		}
		is_unread = is_unread || file->fact.state == HF_UNREADABLE;
	}
	if (is_unread)
		hf_unknown(run, "/run/docker/plugins",
			   hf_text(run, "where plugin %s answers could not be read", name));
	else
		(void)hf_expect(run, "/run/docker/plugins", hf_text(run, "no endpoint of %s", name),
				"a socket or specification of each plugin", false);
}

static void check_authorization_plugin(hf_check_run *run)
{
	static const char wanted[] = "at least one plugin";
	const hf_daemon *daemon = daemon_begin(run);
	const hf_api_value *list = hf_api_get(run, "/info", "Plugins/Authorization");
	daemon_reading plugins = daemon_read(run, "authorization-plugins");
	const char *cursor = plugins.value, *name;

	if (list->fact.state == HF_PRESENT) {
		if (!hf_expect(run, list->fact.source, list->count ? list->text : "none", wanted,
			       list->count > 0))
			return;
		for (size_t i = 0;
		     (name = daemon_element(run, "/info", "Plugins/Authorization", i)); i++)
			judge_plugin(run, name);
	} else {
		/* a plugin may have refused to let us ask: that is no pass */
		if (!daemon_expect(run, &plugins, wanted, plugins.value && *plugins.value) ||
		    (daemon->is_running && !hf_need(run, &list->fact)))
			return;
		/* sockets of plugins come and go with them: what is left is to say that one is
		 * declared */
		while (daemon_next(run, &cursor, &name))
			hf_note(run, plugins.source,
				hf_text(run, "%s: looked at while the engine runs", name));
	}
	judge_bypass(run, daemon);
}

static const hf_check checks[] = {
	{
		.id = "daemon.authorization-plugin",
		.title = "Engine API requests pass an authorization plugin",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.12", "CIS-Docker-1.8:2.13", "CWE:862", "CWE:285",
				"ATTACK:T1609", "NIST-800-190:4.3.1", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_2_12"),
		.reads = HF_READS("/proc/net/unix", "parents:/run/docker/plugins",
				  "stat:/run/docker/plugins/*", "stat:/run/docker/plugins/*/*",
				  "dir:/run/docker/plugins", "parents:/etc/docker/plugins",
				  "/etc/docker/plugins/*", "parents:/usr/lib/docker/plugins",
				  "/usr/lib/docker/plugins/*"),
		.risk =
			"The API knows two rights, all and none: whoever may list containers may "
			"also start a privileged one.",
		.threat =
			"An account or a program that got the socket for monitoring starts a "
			"container that mounts the node's file system, and nothing refuses or "
			"records it.",
		.remediation =
			"Install an authorization plugin, name it in \"authorization-plugins\" of "
			"/etc/docker/daemon.json and reload the engine (systemctl reload docker); "
			"run an engine with the fix of CVE-2024-41110 (23.0.15, 25.0.6, 26.1.5, "
			"27.1.1 or newer). When the plugin does not answer, every request is "
			"refused.",
		.run = check_authorization_plugin,
	},
};

HF_CHECK_SET(daemon_authorization, checks);
