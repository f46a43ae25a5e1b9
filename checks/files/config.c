/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who could change the configuration of engines, and see or replace the certificates of registries.
 */
#include "judge.h"

#include <string.h>

static const char owner_wanted[] = "owner and group root";

/* ---- /etc/docker ---- */

/* A rootless engine's is in its user's home; snap has its own. */
static const char *folder_of(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (!daemon || !daemon->config_path || *daemon->config_path != '/' ||
	    (!daemon->is_rootless && !strstr(daemon->config_path, "/snap/")))
		return "/etc/docker";
	return hf_text(run, "%.*s", (int)(strrchr(daemon->config_path, '/') - daemon->config_path),
		       daemon->config_path);
}

static void check_folder_owner(hf_check_run *run)
{
	files_tally tally = files_begin_daemon(run, owner_wanted);

	files_owner(&tally, folder_of(run));
	files_end(&tally, "there is no such folder");
}

static void check_folder_mode(hf_check_run *run)
{
	files_tally tally =
		files_begin_daemon(run, "mode 0755 or stricter, also by an access control list");

	files_mode(&tally, folder_of(run), 0755);
	files_end(&tally, "there is no such folder");
}

/* ---- daemon.json ---- */

static const char *config_of(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (daemon && daemon->config_path && *daemon->config_path == '/')
		return daemon->config_path;
	hf_unknown(run, daemon ? daemon->config.source : "daemon.json",
		   daemon && daemon->config.why ? daemon->config.why
						: "which file the daemon reads is not known");
	return NULL;
}

static void check_file_owner(hf_check_run *run)
{
	files_tally tally = files_begin_daemon(run, owner_wanted);
	const char *path = config_of(run);

	if (!path)
		return;
	files_owner(&tally, path);
	files_end(&tally, "the daemon has no configuration file");
}

static void check_file_mode(hf_check_run *run)
{
	files_tally tally =
		files_begin_daemon(run, "mode 0644 or stricter, also by an access control list");
	const char *path = config_of(run);

	if (!path)
		return;
	files_mode(&tally, path, 0644);
	files_end(&tally, "the daemon has no configuration file");
}

/* ---- certificates of registries ---- */

static void visit_owner(files_tally *tally, const char *path, const void *data)
{
	(void)data;
	files_owner(tally, path);
}

static void check_certs_owner(hf_check_run *run)
{
	files_tally tally = files_begin(run, owner_wanted);

	files_each_certificate(&tally, visit_owner, NULL);
	files_end(&tally, "no certificates of registries");
}

/* By their names, as the engine reads them: registry/config.go. A folder's mode is its owner's
 * check and the ways'. */
static void visit_mode(files_tally *tally, const char *path, const void *data)
{
	const hf_file_way *way = hf_way_get(tally->run, path);

	(void)data;
	if (way->end && way->end->type == HF_FILE_DIRECTORY)
		return;
	if (files_ends_with(path, ".key"))
		files_mode(tally, path, 0400);
	else if (files_ends_with(path, ".crt") || files_ends_with(path, ".cert") ||
		 files_ends_with(path, ".pem"))
		files_mode(tally, path, 0444);
}

static void check_certs_mode(hf_check_run *run)
{
	files_tally tally = files_begin(
		run, "certificates 0444 and keys 0400 or stricter, also by an access control list");

	files_each_certificate(&tally, visit_mode, NULL);
	files_end(&tally, "no certificates of registries");
}

/* ---- containerd ---- */

static void visit_containerd(files_tally *tally, const char *path, const void *data)
{
	(void)data;
	files_writable(tally, path);
}

static void check_containerd(hf_check_run *run)
{
	files_tally tally = files_begin(run, "owner root, and nobody else can write");

	files_each_containerd_config(&tally, visit_containerd, NULL);
	files_end(&tally, "containerd has no configuration on this node");
}

static const hf_check checks[] = {
	{
		.id = "files.etc-docker-owner",
		.title = "The Engine configuration directory belongs to root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.5", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_5"),
		.risk = "Whoever owns the folder can replace daemon.json, certificates and plugin "
			"specifications in it.",
		.threat =
			"The owner of the folder moves root's daemon.json away and puts one of his "
			"own there, which the engine reads at its next start or reload.",
		.remediation = "chown root:root /etc/docker (of a rootless engine: its user's own "
			       "~/.config/docker)",
		.run = check_folder_owner,
	},
	{
		.id = "files.etc-docker-mode",
		.title = "Only root can change the Engine configuration directory",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.6", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_6"),
		.risk = "Whoever can write the folder can replace daemon.json, certificates and "
			"plugin specifications in it.",
		.threat =
			"A local user moves root's daemon.json away and puts one of his own there, "
			"which the engine reads at its next start or reload.",
		.remediation = "chmod 0755 /etc/docker, and setfacl -b /etc/docker where an access "
			       "control "
			       "list names others.",
		.run = check_folder_mode,
	},
	{
		.id = "files.daemon-json-owner",
		.title = "The daemon configuration file belongs to root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.17", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_17"),
		.risk = "Whoever owns daemon.json decides every option of the engine, down to the "
			"runtime that it starts as root.",
		.threat =
			"The owner registers a runtime of his own, or opens the API, and waits for "
			"a restart or reload.",
		.remediation =
			"chown root:root /etc/docker/daemon.json (or the file that --config-file "
			"names)",
		.run = check_file_owner,
	},
	{
		.id = "files.daemon-json-mode",
		.title = "Only root can change the daemon configuration file",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.18", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_18"),
		.risk = "Whoever can write daemon.json decides every option of the engine, down to "
			"the runtime that it starts as root.",
		.threat =
			"A local user registers a runtime of his own, or opens the API, and waits "
			"for a restart or reload.",
		.remediation =
			"chmod 0600 /etc/docker/daemon.json (0644 is enough where it holds no "
			"proxy's password and no token of a log driver); setfacl -b where an "
			"access "
			"control list names others.",
		.run = check_file_mode,
	},
	{
		.id = "files.registry-certs-owner",
		.title = "Registry certificates and client keys belong to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.7", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_7"),
		.risk = "Whoever owns a registry's CA file decides which server the engine takes "
			"for that registry; whoever owns the key is this node to it.",
		.threat =
			"The owner replaces the CA by his own, answers in the registry's place on "
			"the network and hands out images of his own.",
		.remediation = "chown -R root:root /etc/docker/certs.d /etc/containerd/certs.d",
		.run = check_certs_owner,
	},
	{
		.id = "files.registry-certs-mode",
		.title = "Registry certificates are read-only and client keys are private",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.8", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_8"),
		.risk = "A CA file that others can write lets them choose whom the engine trusts; "
			"a "
			"key that others can read lets them be this node.",
		.threat =
			"A local user adds a CA of his own and answers in the registry's place, or "
			"takes the client key and pulls private images, or pushes poisoned ones.",
		.remediation =
			"find /etc/docker/certs.d -name '*.key' -exec chmod 0400 {} +; find "
			"/etc/docker/certs.d -name '*.c*rt' -exec chmod 0444 {} +; setfacl -b "
			"where "
			"an access control list names others. Root needs no write bit to renew "
			"them.",
		.run = check_certs_mode,
	},
	{
		.id = "files.containerd-config",
		.title = "The containerd configuration can be changed by root only",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.23", "CWE:732", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04"),
		.risk = "The configuration of containerd names the programs that it runs as root "
			"for every container.",
		.threat =
			"A local user who can write it, a file that it imports or the folder of a "
			"pattern registers a runtime or a proxy plugin of his own.",
		.remediation = "chown root:root and chmod go-w on /etc/containerd/config.toml, on "
			       "what its "
			       "imports name, and on their folders.",
		.run = check_containerd,
	},
};

HF_CHECK_SET(files_config, checks);
