/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon runs as root in others' hands: runtimes and plugins. */
#include "judge.h"

#include <string.h>

/* Runtimes that every engine brings along. A site's own (crun, runsc, kata) become a profile
 * parameter. */
static const char *const approved_runtimes[] = {
	"runc", "io.containerd.runc.v2", "io.containerd.runc.v1", "io.containerd.runtime.v1.linux",
	NULL,
};

/* Plugins that may hold what daemon.plugin-privileges forbids, by name. A profile parameter
 * later. */
static const char *const approved_plugins[] = {NULL};

/* ---- daemon.runtimes ---- */

/* Where dockerd looks for a bare name, unless its environment says otherwise. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/* Before that, for docker-init and its like (24.0 and newer; absent on older ones). */
static const char libexec_path[] =
	"/usr/local/libexec/docker:/usr/libexec/docker:/usr/local/lib/docker:/usr/lib/docker";

/* The path that stands where a symbolic link of @path leads, or NULL when it is none. */
static const char *link_target(hf_check_run *run, const char *path)
{
	const hf_link *link = hf_link_get(run, path);

	if (link->fact.state != HF_PRESENT)
		return NULL;
	if (*link->target == '/')
		return link->target;
	return hf_text(run, "%.*s/%s", (int)(strrchr(path, '/') - path), path, link->target);
}

/* Nobody but root can change @path, a folder above it, or where its links lead. */
static void judge_program(hf_check_run *run, const char *what, const char *path)
{
	enum { MAX_LINKS = 8 };
	const char *at = path;

	for (int i = 0; at && i < MAX_LINKS; i++) {
		const hf_file *file = hf_stat_get(run, at);
		bool is_unread;
		const char *why;

		if (file->fact.state == HF_ABSENT) {
			(void)hf_expect(run, at, hf_text(run, "%s does not exist", what),
					"a program of root's", false);
			return;
		}
		why = hf_path_writable_why(run, at, &is_unread);
		if (why && is_unread)
			hf_unknown(run, at, why);
		else
			(void)hf_expect(
				run, at, why ? why : hf_text(run, "%s is root's alone", what),
				"root's and writable by nobody else, with every folder above",
				!why);
		at = link_target(run, at);
	}
}

/* The first folder of @folders that has @name, in *ret_path (NULL: none). A folder before it that
 * others can write lets them put their own program there: judged, too. False when a folder could
 * not be looked into. */
static bool search(hf_check_run *run, const char *folders, const char *name, const char **ret_path)
{
	*ret_path = NULL;
	while (*folders) {
		size_t length = strcspn(folders, ":");
		const char *folder = hf_text(run, "%.*s", (int)length, folders);
		const char *path = hf_text(run, "%s/%s", folder, name), *why;
		const hf_file *file = hf_stat_get(run, path), *above;

		folders += length + (folders[length] == ':');
		if (file->fact.state == HF_PRESENT) {
			*ret_path = path;
			return true;
		}
		if (file->fact.state == HF_UNREADABLE) {
			hf_unknown(run, path, file->fact.why);
			return false;
		}
		above = hf_stat_get(run, folder);
		why = above->fact.state == HF_PRESENT ? hf_file_writable_why(run, above) : NULL;
		if (why)
			(void)hf_expect(run, folder,
					hf_text(run, "%s: searched before %s", why, name),
					"root's and writable by nobody else", false);
	}
	return true;
}

/* @program: absolute, or a bare name that is looked up in @folders. */
static void judge_command(hf_check_run *run, const char *what, const char *program,
			  const char *folders)
{
	const char *path = program;

	if (*program != '/') {
		if (strchr(program, '/')) {
			(void)hf_expect(run, what, program, "an absolute path", false);
			return;
		}
		if (!search(run, folders, program, &path))
			return;
		if (!path) {
			(void)hf_expect(run, what,
					hf_text(run, "%s is in none of %s", program, folders),
					"a program of root's", false);
			return;
		}
	}
	judge_program(run, what, path);
}

/* containerd's name for a shim: "io.containerd.kata.v2" is the program containerd-shim-kata-v2. */
static const char *shim_of(hf_check_run *run, const char *type)
{
	const char *dot = strrchr(type, '.'), *name = dot;

	if (*type == '/' || !dot || dot == type)
		return type;
	while (name > type && name[-1] != '.')
		name--;
	return hf_text(run, "containerd-shim-%.*s-%s", (int)(dot - name), name, dot + 1);
}

static const char *folders_of(hf_check_run *run)
{
	const hf_option *path = hf_daemon_environment(run, "PATH");

	return path->fact.state == HF_PRESENT && path->value && *path->value ? path->value
									     : default_path;
}

/* A name beyond the list is a finding; its program is judged like any other. */
static void judge_runtime(hf_check_run *run, const char *source, const char *name,
			  const char *program, const char **seen)
{
	const char *mark = hf_text(run, "\n%s\n", program);

	if (!daemon_in(approved_runtimes, name))
		(void)hf_expect(run, source, name, "a runtime that was approved", false);
	if (*program == '\0' || strstr(*seen, mark))
		return;
	*seen = hf_text(run, "%s%s", *seen, mark);
	if (strncmp(program, "io.containerd.", 14) == 0)
		program = shim_of(run, program);
	judge_command(run, hf_text(run, "runtime %s", name), program, folders_of(run));
}

static void judge_running_runtimes(hf_check_run *run, const hf_api_value *list)
{
	const char *name, *seen = "";

	for (size_t i = 0; (name = hf_api_member(run, "/info", "Runtimes", i)); i++) {
		const hf_api_value *path =
			hf_api_get(run, "/info", hf_text(run, "Runtimes/%s/path", name));

		if (path->fact.state != HF_PRESENT || *path->text == '\0')
			path = hf_api_get(run, "/info",
					  hf_text(run, "Runtimes/%s/runtimeType", name));
		judge_runtime(run, list->fact.source, name,
			      path->fact.state == HF_PRESENT ? path->text : "", &seen);
	}
}

/* What is declared adds to what the engine brings along. */
static void judge_declared_runtimes(hf_check_run *run, const daemon_reading *runtimes)
{
	const char *cursor = runtimes->value, *item, *seen = "";

	judge_runtime(run, runtimes->source, "runc", "runc", &seen);
	while (daemon_next(run, &cursor, &item)) {
		const char *equals = strchr(item, '=');

		if (equals)
			judge_runtime(run, runtimes->source,
				      hf_text(run, "%.*s", (int)(equals - item), item), equals + 1,
				      &seen);
	}
	if (!runtimes->is_in_force)
		hf_unknown(run, runtimes->option->fact.source,
			   runtimes->option->fact.why ? runtimes->option->fact.why
						      : "the runtimes in force are not known");
}

static void check_runtimes(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *list = hf_api_get(run, "/info", "Runtimes");
	const hf_api_value *init = hf_api_get(run, "/info", "InitBinary");
	daemon_reading runtimes = daemon_read(run, "runtimes");
	daemon_reading chosen = daemon_read(run, "default-runtime");
	daemon_reading init_path = daemon_read(run, "init-path");
	const char *program = init_path.value && *init_path.value ? init_path.value : "docker-init";

	(void)daemon_expect(run, &chosen, "a runtime that was approved",
			    chosen.value && daemon_in(approved_runtimes, chosen.value));
	if (list->fact.state == HF_PRESENT)
		judge_running_runtimes(run, list);
	else
		judge_declared_runtimes(run, &runtimes);
	if (init->fact.state == HF_PRESENT && *init->text)
		program = init->text;
	judge_command(run, "init", program, hf_text(run, "%s:%s", libexec_path, folders_of(run)));
}

/* ---- daemon.plugin-privileges ---- */

/* Each of these is, or leads to, the node's root: capabilities(7). */
static const char *const host_capabilities[] = {
	"CAP_SYS_ADMIN", "CAP_SYS_MODULE",   "CAP_SYS_PTRACE",
	"CAP_SYS_RAWIO", "CAP_SYS_BOOT",     "CAP_DAC_READ_SEARCH",
	"CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_BPF",
	"CAP_PERFMON",	 "CAP_SYS_TIME",     "CAP_AUDIT_CONTROL",
	"ALL",		 "CAP_ALL",	     NULL,
};

/* The engine's socket, its peers' and the folders above them. */
static const char *const host_mounts[] = {
	"/",
	"/run",
	"/var",
	"/var/run",
	"/run/docker.sock",
	"/var/run/docker.sock",
	"/run/containerd",
	"/run/containerd/containerd.sock",
	"/run/docker",
	"/var/run/docker",
	"/proc",
	"/sys",
	"/dev",
	"/etc",
	"/var/lib",
	"/var/lib/docker",
	NULL,
};

static const char *plugin_text(hf_check_run *run, size_t index, const char *path)
{
	const hf_api_value *value =
		hf_api_get(run, "/plugins", hf_text(run, "%zu/%s", index, path));

	return value->fact.state == HF_PRESENT && !value->is_null ? value->text : "";
}

/* "/var/run/" as "/var/run". */
static const char *without_slash(hf_check_run *run, const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return hf_text(run, "%.*s", (int)length, path);
}

static const char *forbidden_of(hf_check_run *run, size_t index)
{
	const char *array = hf_text(run, "%zu/Config/Linux/Capabilities", index);
	const char *found = "", *item;

	if (daemon_is_true(plugin_text(run, index, "Config/PidHost")))
		found = daemon_join(run, found, "the host's processes");
	if (daemon_is_true(plugin_text(run, index, "Config/IpcHost")))
		found = daemon_join(run, found, "the host's IPC");
	if (daemon_is_true(plugin_text(run, index, "Config/Linux/AllowAllDevices")))
		found = daemon_join(run, found, "all devices");
	for (size_t i = 0; (item = daemon_element(run, "/plugins", array, i)); i++) {
		if (daemon_in(host_capabilities, item))
			found = daemon_join(run, found, item);
	}
	array = hf_text(run, "%zu/Settings/Mounts", index);
	for (size_t i = 0; daemon_element(run, "/plugins", array, i); i++) {
		item = plugin_text(run, index, hf_text(run, "Settings/Mounts/%zu/Source", i));
		if (daemon_in(host_mounts, without_slash(run, item)))
			found = daemon_join(run, found, hf_text(run, "mount of %s", item));
	}
	return found;
}

static void check_plugin_privileges(hf_check_run *run)
{
	static const char wanted[] =
		"no plugin with the host's processes, devices, files or socket";
	const hf_api_value *list = hf_api_get(run, "/plugins", "");
	const char *bad = "", *good = "";

	(void)daemon_begin(run);
	if (!hf_need(run, &list->fact))
		return;
	if (list->count == 0) {
		hf_not_applicable(run, list->fact.source, "none", "no plugin is installed");
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const char *name = plugin_text(run, i, "Name"), *forbidden;

		if (*name == '\0' || hf_api_get(run, "/plugins", hf_text(run, "%zu/Config/Linux", i))
						     ->fact.state != HF_PRESENT) {
			hf_unknown(run, list->fact.source,
				   hf_text(run, "what plugin %zu (%s) holds is not told", i, name));
			continue;
		}
		if (strcmp(plugin_text(run, i, "Enabled"), "false") == 0) {
			hf_note(run, list->fact.source, hf_text(run, "%s is disabled", name));
			continue;
		}
		forbidden = forbidden_of(run, i);
		if (*forbidden && daemon_in(approved_plugins, name))
			hf_note(run, list->fact.source,
				hf_text(run, "%s, approved: %s", name, forbidden));
		else if (*forbidden)
			bad = daemon_join(run, bad, hf_text(run, "%s: %s", name, forbidden));
		else
			good = daemon_join(run, good, name);
		if (strcmp(plugin_text(run, i, "Config/Network/Type"), "host") == 0)
			hf_note(run, list->fact.source,
				hf_text(run, "%s is on the host's network", name));
	}
	if (*bad || *good || hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, list->fact.source,
				*bad	? bad
				: *good ? good
					: "none is enabled",
				wanted, *bad == '\0');
}

#define PROGRAM_READS(folder, name) "parents:" folder "/" name, "link:" folder "/" name
#define PATH_READS(name)                                                                           \
	PROGRAM_READS("/usr/local/sbin", name), PROGRAM_READS("/usr/local/bin", name),             \
		PROGRAM_READS("/usr/sbin", name), PROGRAM_READS("/usr/bin", name),                 \
		PROGRAM_READS("/sbin", name), PROGRAM_READS("/bin", name)
#define LIBEXEC_READS(name)                                                                        \
	PROGRAM_READS("/usr/local/libexec/docker", name),                                          \
		PROGRAM_READS("/usr/libexec/docker", name),                                        \
		PROGRAM_READS("/usr/local/lib/docker", name),                                      \
		PROGRAM_READS("/usr/lib/docker", name)

static const hf_check checks[] = {
	{
		.id = "daemon.runtimes",
		.title = "Only approved OCI runtimes are registered and they are tamper-proof",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.17", "CIS-Docker-1.8:2.18", "CWE:426", "CWE:732",
				"ATTACK:T1554", "NIST-800-190:4.4.3", "OWASP-Docker:D04"),
		.aliases = HF_ALIASES("runtime.default-runtime"),
		.reads = HF_READS(PATH_READS("runc"), PATH_READS("docker-init"),
				  LIBEXEC_READS("docker-init")),
		.risk =
			"The runtime is started as root for every container: who can replace it, "
			"or register another, owns the node.",
		.threat =
			"Somebody who can write the program, a folder of its path or daemon.json "
			"puts a program of his own there and waits for the next container, or "
			"sends SIGHUP.",
		.remediation =
			"Remove unknown entries from \"runtimes\" and \"default-runtime\" of "
			"/etc/docker/daemon.json and reload the engine (systemctl reload docker); "
			"make the programs and the folders above them root's (chown root:root, "
			"chmod go-w). Containers made with a removed runtime do not start again.",
		.run = check_runtimes,
	},
	{
		.id = "daemon.plugin-privileges",
		.title = "Installed Engine plugins hold no host-wide privileges",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.12", "CIS-Docker-1.8:2.13", "CWE:250",
				"ATTACK:T1611", "NIST-800-190:4.4.3", "OWASP-Docker:D04"),
		.risk =
			"A plugin is a container as root that docker ps does not show; with these "
			"privileges its author, and any flaw in it, has the node.",
		.threat =
			"A plugin pulled by tag is replaced at its registry, or attacked over the "
			"data it handles, and uses its mount or capability to leave its container.",
		.remediation =
			"docker plugin disable NAME and docker plugin rm NAME, or install one "
			"that needs less (docker plugin inspect shows what it asks for; some "
			"mounts and devices can be reduced with docker plugin set). Volumes, "
			"networks and logs that use the plugin stop working.",
		.run = check_plugin_privileges,
	},
};

HF_CHECK_SET(daemon_privileges, checks);
