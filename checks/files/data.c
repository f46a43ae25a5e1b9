/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who could see or change what engines keep, and who could put something else on the way to any of
 * their files. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

/* ---- files.data-root-mode ---- */

enum {
	/* Engine 20.10.9 and newer makes its root 0710: others cannot pass. */
	ROOT_BEYOND = 067,
	/* Folders in it are 0701 to 0711. */
	FOLDER_BEYOND = 066,
};

static void judge_folder(files_tally *tally, const char *path, uint32_t beyond)
{
	const hf_way_step *step = files_find(tally, path);

	if (!step)
		return;
	uint32_t mode = (step->mode & ~UINT32_C(070)) | step->group_rights << 3;
	uint32_t by_list = step->acl_rights & 6;
	bool is_owner = step->uid == 0 || step->uid == tally->uid;

	if (!is_owner)
		files_count(tally, path, files_owner_text(tally->run, step), false);
	else if (mode & beyond)
		files_count(
			tally, path,
			hf_text(tally->run, "mode %04o, group gid %u: %s", step->mode, step->gid,
				mode & 066
					? "group or others can list or write"
					: "others can pass through it to set-id files of images"),
			false);
	else if (by_list)
		files_count(tally, path,
			    step->acl_why
				    ? step->acl_why
				    : hf_text(tally->run, "its access control list: %s", step->acl),
			    step->acl_why != NULL);
	else
		files_count(tally, path, NULL, false);
}

/* With user namespaces the root of containers is a user of the node, and folders are its. */
static void visit_root(files_tally *tally, const char *path, const void *data)
{
	static const char *const folders[] = {"containers", "overlay2", "volumes",
					      "swarm",	    "image",	"plugins"};
	const hf_dir *dir = hf_dir_get(tally->run, path);
	const char *name = files_base_name(path), *dot = strchr(name, '.');
	uint32_t uid = tally->uid;

	(void)data;
	if (dot && strspn(name, "0123456789") == (size_t)(dot - name) && dot > name)
		tally->uid = (uint32_t)strtoul(name, NULL, 10);
	judge_folder(tally, path, ROOT_BEYOND);
	if (dir->fact.state == HF_UNREADABLE)
		files_count(tally, path, dir->fact.why, true);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		if (dir->fact.state == HF_PRESENT && hf_dir_has(dir, folders[i]))
			judge_folder(tally, hf_text(tally->run, "%s/%s", path, folders[i]),
				     FOLDER_BEYOND);
	}
	tally->uid = uid;
}

/* Whether others get as far as into it. containerd makes what is below its root 0755 in places:
 * that matters where its root can be passed, and it cannot where a Docker engine keeps it in its
 * own data. */
static bool is_passable(hf_check_run *run, const char *path)
{
	const hf_file_way *way = hf_way_get(run, path);

	for (size_t i = 0; i < way->count; i++) {
		if (way->steps[i].type == HF_FILE_DIRECTORY && !(way->steps[i].mode & 01))
			return false;
	}
	return true;
}

static void judge_containerd_root(files_tally *tally, const char *path)
{
	const hf_dir *dir = hf_dir_get(tally->run, path);

	judge_folder(tally, path, FOLDER_BEYOND);
	for (size_t i = 0;
	     dir->fact.state == HF_PRESENT && is_passable(tally->run, path) && i < dir->count;
	     i++) {
		if (strncmp(dir->names[i], "io.containerd.", 14) == 0)
			judge_folder(tally, hf_text(tally->run, "%s/%s", path, dir->names[i]),
				     FOLDER_BEYOND);
	}
}

static void check_data_root(hf_check_run *run)
{
	files_tally tally = files_begin_daemon(
		run, "root's (or the remapped root's), and nobody else can list or write");
	const hf_containerd *containerd = hf_containerd_get(run);

	files_each_data_folder(&tally, visit_root, NULL);
	judge_containerd_root(&tally, "/var/lib/containerd");
	for (size_t i = 0; i < containerd->count; i++) {
		if (containerd->all[i].kind == HF_CONTAINERD_ROOT &&
		    strcmp(containerd->all[i].path, "/var/lib/containerd") != 0)
			judge_containerd_root(&tally, containerd->all[i].path);
	}
	if (containerd->fact.state == HF_UNREADABLE)
		files_count(&tally, containerd->fact.source, containerd->fact.why, true);
	files_end(&tally, "the engine has not made its folder yet");
}

/* ---- files.parent-directories ---- */

/* The folders of many files are the same: each fault is told once. */
typedef struct way_faults {
	const char *seen;
} way_faults;

static void judge_way(files_tally *tally, const char *path, way_faults *faults)
{
	const hf_file_way *way = hf_way_get(tally->run, path);
	bool is_unread;
	const char *why = hf_way_writable_why(tally->run, way, tally->uid, &is_unread);

	if (!why && way->fact.state == HF_ABSENT)
		return;
	if (!why) {
		files_count(tally, path, NULL, false);
		return;
	}
	const char *mark = hf_text(tally->run, "\n%s\n", why);

	if (strstr(faults->seen, mark))
		return;
	faults->seen = hf_text(tally->run, "%s%s", faults->seen, mark);
	files_count(tally, path, why, is_unread);
}

static void visit_way(files_tally *tally, const char *path, const void *data)
{
	judge_way(tally, path, (way_faults *)(uintptr_t)data);
}

static void judge_units(files_tally *tally, way_faults *faults)
{
	static const char *const units[] = {"docker.service", "docker.socket",
					    "containerd.service"};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		const hf_unit *unit = hf_unit_get(tally->run, units[i]);

		if (unit->fact.state == HF_PRESENT)
			judge_way(tally, unit->fact.source, faults);
		else if (unit->fact.state == HF_UNREADABLE)
			files_count(tally, unit->fact.source, unit->fact.why, true);
	}
	files_each_drop_in(tally, visit_way, faults);
}

static void judge_tls(files_tally *tally, way_faults *faults)
{
	static const char *const options[] = {"tlscacert", "tlscert", "tlskey"};
	static const char *const names[] = {"ca.pem", "cert.pem", "key.pem"};
	const char *source, *why;
	bool is_known;
	bool has_tls = files_has_tls(tally->run, &source, &why, &is_known);

	if (!is_known)
		files_count(tally, source, why, true);
	for (size_t i = 0; has_tls && i < 3; i++) {
		const char *path = files_tls_path(tally->run, options[i], names[i]);

		if (path && *path == '/')
			judge_way(tally, path, faults);
		else if (path)
			files_count(tally, options[i], "where the file lies is not known", true);
	}
}

static void judge_daemon(files_tally *tally, way_faults *faults)
{
	const hf_daemon *daemon = hf_daemon_get(tally->run);
	const hf_unix_listeners *sockets = hf_daemon_sockets(tally->run);

	if (daemon->config_path && *daemon->config_path == '/')
		judge_way(tally, daemon->config_path, faults);
	judge_tls(tally, faults);
	if (sockets->fact.state == HF_UNREADABLE)
		files_count(tally, sockets->fact.source, sockets->fact.why, true);
	for (size_t i = 0; i < sockets->count; i++) {
		if (*sockets->paths[i] == '/')
			judge_way(tally, sockets->paths[i], faults);
	}
	files_each_data_folder(tally, visit_way, faults);
}

static void check_parents(hf_check_run *run)
{
	static const char *const fixed[] = {"/etc/default/docker", "/etc/sysconfig/docker",
					    "/etc/sysconfig/docker-network",
					    "/etc/sysconfig/docker-storage", "/etc/docker"};
	files_tally tally = files_begin_daemon(
		run, "each folder and link on the way root's, and writable by nobody else");
	way_faults faults = {.seen = ""};

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		judge_way(&tally, fixed[i], &faults);
	judge_units(&tally, &faults);
	files_each_certificate(&tally, visit_way, &faults);
	files_each_plugin(&tally, visit_way, &faults);
	files_each_containerd_config(&tally, visit_way, &faults);
	judge_daemon(&tally, &faults);
	tally.absent_count = 0;
	files_end(&tally, "there is no file of an engine");
}

/* ---- files.plugin-endpoints ---- */

/* A socket of root's group is not the world's. */
static void visit_plugin(files_tally *tally, const char *path, const void *data)
{
	const hf_file_way *way = hf_way_get(tally->run, path);

	(void)data;
	if (way->end && way->end->type == HF_FILE_SOCKET && way->end->gid == 0 &&
	    (way->end->uid == 0 || way->end->uid == tally->uid))
		files_mode(tally, path, 07775);
	else
		files_writable(tally, path);
}

static void check_plugins(hf_check_run *run)
{
	files_tally tally = files_begin(run, "owner root, and nobody else can write");

	files_each_plugin(&tally, visit_plugin, NULL);
	files_end(&tally, "no plugin or device specification on this node");
}

/* ---- files.client-credentials ---- */

/* Names of registries alone, the first few. */
static const char *registries(hf_check_run *run, const hf_client_config *config)
{
	const char *list = "";

	for (size_t i = 0; i < config->secret_count && i < 3; i++)
		list = hf_text(run, "%s%s%s (%s)", list, *list ? ", " : "",
			       config->secrets[i].registry, config->secrets[i].kind);
	return config->secret_count > 3
		       ? hf_text(run, "%s and %zu more", list, config->secret_count - 3)
		       : list;
}

static void judge_client(files_tally *tally, const char *path)
{
	const hf_way_step *step = files_find(tally, path);
	const hf_client_config *config = hf_client_config_get(tally->run, path);
	bool is_unknown;

	if (!step)
		return;
	const char *why = files_excess(tally->run, step, 07733, &is_unknown);

	if (config->fact.state != HF_PRESENT)
		files_count(tally, path, config->fact.why ? config->fact.why : "was not read",
			    true);
	else if (config->secret_count > 0 && why && !is_unknown)
		files_count(tally, path,
			    hf_text(tally->run, "%s: secrets of %s, for others to read", why,
				    registries(tally->run, config)),
			    false);
	else if (config->secret_count > 0)
		files_count(tally, path,
			    hf_text(tally->run,
				    "holds secrets of %s, with no program that keeps them",
				    registries(tally->run, config)),
			    false);
	else
		files_count(tally, path, NULL, false);
}

/* The sixth field of passwd(5). */
static const char *home_of(hf_check_run *run, const char *line)
{
	for (int i = 0; line && i < 5; i++) {
		line = strchr(line, ':');
		line = line ? line + 1 : NULL;
	}
	return line ? hf_text(run, "%.*s", (int)strcspn(line, ":"), line) : "";
}

static void check_clients(hf_check_run *run)
{
	files_tally tally = files_begin(run, "no registry's secret in it (a credential helper "
					     "keeps them), and none for others to read");
	const hf_file *accounts = hf_file_get(run, "/etc/passwd");
	const char *cursor = accounts->fact.state == HF_PRESENT ? accounts->data : NULL, *line;
	const char *seen = "\n";

	if (!hf_need(run, &accounts->fact))
		return;
	while (files_next(run, &cursor, &line)) {
		const char *home = home_of(run, line), *mark = hf_text(run, "\n%s\n", home);

		if (*home != '/' || home[1] == '\0' || strstr(seen, mark))
			continue;
		seen = hf_text(run, "%s%s", seen, mark + 1);
		judge_client(&tally, hf_text(run, "%s/.docker/config.json", home));
	}
	judge_client(&tally, "/var/lib/kubelet/config.json");
	files_end(&tally, "no account has a configuration of a registry client");
}

static const hf_check checks[] = {
	{
		.id = "files.data-root-mode",
		.title = "The Engine data root is closed to other users",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.1", "CWE:732", "ATTACK:T1083",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04"),
		.risk = "Below the data root lie all images, volumes and secrets of containers, "
			"set-id programs of images among them.",
		.threat = "A local user lists and reads volumes of others, or starts a set-id "
			  "program "
			  "that a container's user prepared in its own root file system "
			  "(CVE-2021-41091).",
		.remediation =
			"chmod 0710 /var/lib/docker (an engine from 20.10.9 on does it at its "
			"start), chmod 0700 /var/lib/containerd; update an engine that sets 0711 "
			"again.",
		.run = check_data_root,
	},
	{
		.id = "files.parent-directories",
		.title = "No directory on the way to an Engine file is writable by others",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.5", "CWE:732", "CWE:426", "ATTACK:T1574",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04"),
		.risk = "Whoever can write a folder on the way replaces what lies in it, however "
			"strict the file's own mode is.",
		.threat = "A local user renames the folder or the file and puts one of his own in "
			  "its "
			  "place, which the engine takes for root's at its next start.",
		.remediation =
			"chown root:root and chmod go-w on the folder that is named; move files of "
			"the engine out of folders that others must write.",
		.run = check_parents,
	},
	{
		.id = "files.client-credentials",
		.title = "Registry credentials of the CLI on the node are private",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:C/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.8", "CWE:522", "CWE:312", "ATTACK:T1552.001",
				"NIST-800-190:4.2.3", "OWASP-Docker:D06"),
		.risk = "A registry's password in ~/.docker/config.json is base64 and no more: who "
			"reads the file can pull private images, and often push.",
		.threat =
			"Another account, a backup or a container with the home mounted reads it; "
			"poisoned images then come from the trusted name.",
		.remediation =
			"Set \"credsStore\" in ~/.docker/config.json to a credential helper (pass, "
			"secretservice), run docker logout and docker login again, and chmod 0600 "
			"the file; on nodes that only pull, use a token that can do no more.",
		.run = check_clients,
	},
	{
		.id = "files.plugin-endpoints",
		.title = "Engine plugin sockets and specs can be changed by root only",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.12", "CWE:732", "ATTACK:T1554",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04"),
		.risk = "Sockets and specifications in these folders tell the engine who answers "
			"for volumes, networks and authorization; a CDI specification adds "
			"devices, "
			"mounts and hooks that run as root.",
		.threat = "A local user points the specification of a plugin at a program of his "
			  "own, "
			  "or adds a hook, and becomes root with the next container.",
		.remediation =
			"chown root:root and chmod go-w on the files named here and on their "
			"folders (/run/docker/plugins, /etc/docker/plugins, "
			"/usr/lib/docker/plugins, /etc/cdi, /run/cdi).",
		.run = check_plugins,
	},
};

HF_CHECK_SET(files_data, checks);
