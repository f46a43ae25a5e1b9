/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders from which engines take their configuration, and in which they keep their
 * state. Changes of content, of names and of attributes must leave a record (perm=wa). */
#include "judge.h"

#include <string.h>

#define WANTED_FILE "every change of it recorded, whoever makes it"
#define WANTED_TREE "every change of it and of all below it recorded, whoever makes it"

#define RULE(path)                                                                                 \
	"-w " path " -p wa -k docker, in /etc/audit/rules.d/docker.rules; then augenrules "        \
		   "--load. "

static const char *folder_of(hf_check_run *run, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash > path ? hf_text(run, "%.*s", (int)(slash - path), path) : "/";
}

/* ---- audit.run-containerd ---- */

static void fill_run_containerd(hf_check_run *run, audit_list *list, const audit_item *item)
{
	audit_fill_containerd_state(run, list, item);
}

/* ---- audit.data-root ---- */

/* Storage of images and volumes changes all the time, and not by hand. Below a data root for
 * remapped users the same. */
static const char *const storage[] = {
	"overlay2",
	"volumes",
	"buildkit",
	"containers/*/*-json.log",
	"[0-9]*.[0-9]*/overlay2",
	"[0-9]*.[0-9]*/volumes",
	"[0-9]*.[0-9]*/buildkit",
	"[0-9]*.[0-9]*/containers/*/*-json.log",
	NULL,
};

/* With containerd's image store the layers are containerd's. */
static bool has_containerd_store(hf_check_run *run)
{
	for (size_t i = 0;; i++) {
		const hf_api_value *value =
			hf_api_get(run, "/info", hf_text(run, "DriverStatus/%zu/1", i));

		if (value->fact.state != HF_PRESENT)
			return false;
		if (strncmp(value->text, "io.containerd.snapshotter.", 26) == 0)
			return true;
	}
}

static void add_containerd_roots(hf_check_run *run, audit_list *list)
{
	const hf_containerd *containerd = hf_containerd_get(run);

	for (size_t i = 0; i < containerd->count; i++) {
		if (containerd->all[i].kind == HF_CONTAINERD_ROOT)
			audit_add(list, containerd->all[i].path, AUDIT_CHANGES, true);
	}
	if (containerd->fact.state == HF_UNREADABLE)
		audit_lose(list, containerd->fact.source, containerd->fact.why);
}

static void fill_data_root(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_option *root;

	(void)item;
	if (!hf_daemon_get(run))
		audit_none(list, "daemons of Docker", "there is none");
	if (!hf_daemon_get(run) || audit_is_guest(run, list))
		return;
	root = hf_daemon_option(run, "data-root");
	if (root->fact.state != HF_PRESENT || *root->value != '/') {
		audit_lose(list, root->fact.source,
			   root->fact.why ? root->fact.why : "is no absolute path");
		return;
	}
	audit_add(list, root->value, AUDIT_CHANGES, true);
	list->all[0].exceptions = storage;
	if (has_containerd_store(run))
		add_containerd_roots(run, list);
}

/* ---- audit.etc-docker ---- */

static void fill_etc_docker(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const char *config = daemon ? daemon->config_path : NULL;

	if (audit_is_guest(run, list))
		return;
	if (config && *config == '/')
		audit_add(list, folder_of(run, config), AUDIT_CHANGES, true);
	/* certificates of registries, plugins, policy: whatever file the daemon was given */
	if (!daemon || !daemon->is_rootless)
		audit_add(list, item->name, AUDIT_CHANGES, true);
}

/* ---- single files ---- */

static void fill_file(hf_check_run *run, audit_list *list, const audit_item *item)
{
	(void)run;
	audit_add(list, item->name, AUDIT_CHANGES, false);
}

static void fill_sysconfig(hf_check_run *run, audit_list *list, const audit_item *item)
{
	audit_add(list, item->name, AUDIT_CHANGES, false);
	audit_add(list, hf_text(run, "%s-network", item->name), AUDIT_CHANGES, false);
	audit_add(list, hf_text(run, "%s-storage", item->name), AUDIT_CHANGES, false);
}

static void fill_daemon_json(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (!audit_is_guest(run, list))
		audit_add(list, daemon && daemon->config_path ? daemon->config_path : item->name,
			  AUDIT_CHANGES, false);
}

/* ---- audit.containerd-config ---- */

/* The configurations in use, by the arguments of those that run, and what they import. Whoever adds
 * a file that an import's pattern matches changes the configuration, too. */
static void fill_containerd_config(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_containerd *containerd = hf_containerd_get(run);

	(void)item;
	for (size_t i = 0; i < containerd->count; i++) {
		const hf_containerd_file *file = &containerd->all[i];

		if (file->kind == HF_CONTAINERD_CONFIG)
			audit_add(list, file->path, AUDIT_CHANGES, false);
		else if (file->kind == HF_CONTAINERD_IMPORT)
			audit_add(list, folder_of(run, file->path), AUDIT_CHANGES, true);
	}
	if (containerd->fact.state == HF_UNREADABLE)
		audit_lose(list, containerd->fact.source, containerd->fact.why);
	audit_none(list, containerd->fact.source, "no configuration");
}

/* ---- the rows ---- */

static const audit_item run_containerd = {fill_run_containerd, WANTED_TREE, "/run/containerd",
					  AUDIT_CHANGES};
static const audit_item data_root = {fill_data_root,
				     WANTED_TREE " (storage of images, volumes and logs apart)",
				     NULL, AUDIT_CHANGES};
static const audit_item etc_docker = {fill_etc_docker, WANTED_TREE, "/etc/docker", AUDIT_CHANGES};
static const audit_item default_docker = {fill_file, WANTED_FILE, "/etc/default/docker",
					  AUDIT_CHANGES};
static const audit_item sysconfig = {fill_sysconfig, WANTED_FILE, "/etc/sysconfig/docker",
				     AUDIT_CHANGES};
static const audit_item daemon_json = {fill_daemon_json, WANTED_FILE, "/etc/docker/daemon.json",
				       AUDIT_CHANGES};
static const audit_item containerd_config = {fill_containerd_config, WANTED_FILE,
					     "/etc/containerd/config.toml", AUDIT_CHANGES};

static const hf_check checks[] = {
	{
		.id = "audit.run-containerd",
		.title = "Changes below the containerd run directory are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.4", "CWE:778", "ATTACK:T1609",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_4"),
		.reads = HF_READS(AUDIT_READ_FOLDERS),
		.risk = "Sockets, bundles and shims of running containers are changed without a "
			"record.",
		.threat = "Who can write there answers in containerd's place, or changes what a "
			  "container "
			  "is started with between its creation and its start.",
		.remediation = "-a always,exit -F dir=/run/containerd -F perm=wa -k docker, in "
			       "/etc/audit/rules.d/docker.rules, loaded after containerd started "
			       "(augenrules "
			       "--load from a unit with After=containerd.service): -w on a folder "
			       "that does not "
			       "exist yet becomes a watch of that one name.",
		.run = audit_check,
		.param = &run_containerd,
	},
	{
		.id = "audit.data-root",
		.title = "Changes below the Engine data root are audited",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.5", "CWE:778", "ATTACK:T1525",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_5"),
		.reads = HF_READS(AUDIT_READ_FOLDERS),
		.risk = "Images, records of containers and swarm secrets are changed on disk "
			"without a "
			"record.",
		.threat = "Who can write there changes hostconfig.json of a stopped container: at "
			  "its next "
			  "start it is privileged, and the engine's own log shows nothing.",
		.remediation =
			"-a always,exit -F dir=/var/lib/docker -F perm=wa -k docker, in "
			"/etc/audit/rules.d/docker.rules; then augenrules --load. Before it, rules "
			"\"-a never,exit -F dir=/var/lib/docker/overlay2\" and the same for "
			"volumes and "
			"buildkit keep the log small. A data root on a file system of its own "
			"needs the "
			"rule on the mount point itself.",
		.run = audit_check,
		.param = &data_root,
	},
	{
		.id = "audit.etc-docker",
		.title = "Changes of the Engine configuration directory are audited",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.6", "CWE:778", "ATTACK:T1562.001",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_6"),
		.reads = HF_READS(AUDIT_READ_FOLDERS),
		.risk = "Options of the daemon, its keys and the certificates of registries are "
			"changed "
			"without a record.",
		.threat = "One line in daemon.json opens the API to the network or switches user "
			  "namespaces off; after the next restart it is in force.",
		.remediation =
			RULE("/etc/docker/") "A rule on /etc/docker/daemon.json alone misses the "
					     "rest, and with -p r it records readers instead of "
					     "changes.",
		.run = audit_check,
		.param = &etc_docker,
	},
	{
		.id = "audit.etc-default-docker",
		.title = "Changes of /etc/default/docker are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.10", "CWE:778", "ATTACK:T1562.001",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_10"),
		.risk = "DOCKER_OPTS become flags of the daemon, and whoever set them stays "
			"unknown.",
		.threat = "An option in this file wins over nothing but is read with everything "
			  "else: -H "
			  "tcp://0.0.0.0 in it opens the API at the next start.",
		.remediation =
			RULE("/etc/default/docker") "Where no unit and no script reads the file, "
						    "remove it.",
		.run = audit_check,
		.param = &default_docker,
	},
	{
		.id = "audit.etc-sysconfig-docker",
		.title = "Changes of /etc/sysconfig/docker are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.13", "CWE:778", "ATTACK:T1562.001",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_13"),
		.risk = "OPTIONS become flags of the daemon, and whoever set them stays unknown.",
		.threat = "A flag that is added here, --insecure-registry or "
			  "--selinux-enabled=false, is in "
			  "force after the next restart.",
		.remediation =
			RULE("/etc/sysconfig/docker") "The same for docker-network and "
						      "docker-storage beside it, where they exist.",
		.run = audit_check,
		.param = &sysconfig,
	},
	{
		.id = "audit.daemon-json",
		.title = "Changes of the daemon configuration file are audited",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.11", "CWE:778", "ATTACK:T1562.001",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_11"),
		.risk = "The file that decides how every container is isolated is changed without "
			"a record.",
		.threat = "Who adds a runtime or an authorization plugin there runs code as root "
			  "with the "
			  "next container.",
		.remediation =
			RULE("/etc/docker/daemon.json") "Take the file that --config-file names "
							"where it does. A rule on the folder "
							"covers it, and the file that an editor "
							"puts in its place.",
		.run = audit_check,
		.param = &daemon_json,
	},
	{
		.id = "audit.containerd-config",
		.title = "Changes of the containerd configuration are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.12", "CWE:778", "ATTACK:T1562.001",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_12"),
		.risk = "Registries, runtimes and plugins of containerd are changed without a "
			"record.",
		.threat = "A proxy plugin or a mirror that is added there gives every image that "
			  "is pulled "
			  "into other hands.",
		.remediation = RULE(
			"/etc/containerd/") "Files that imports= names elsewhere need a rule of "
					    "their own.",
		.run = audit_check,
		.param = &containerd_config,
	},
};

HF_CHECK_SET(audit_files, checks);
