/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who could change how the engine is started: units, drop-ins, files of variables, programs. */
#include "judge.h"

static const char owner_wanted[] = "owner and group root";
static const char mode_wanted[] = "mode 0644 or stricter, also by an access control list";

static void check_unit_owner(hf_check_run *run)
{
	files_tally tally = files_begin(run, owner_wanted);
	const char *path = files_unit(run, hf_check_param(run));

	if (!path)
		return;
	files_owner(&tally, path);
	files_end(&tally, "there is no such unit");
}

static void check_unit_mode(hf_check_run *run)
{
	files_tally tally = files_begin(run, mode_wanted);
	const char *path = files_unit(run, hf_check_param(run));

	if (!path)
		return;
	files_mode(&tally, path, 0644);
	files_end(&tally, "there is no such unit");
}

/* One reason for each file: its owner, its group, or who can write it. */
static void visit_drop_in(files_tally *tally, const char *path, const void *data)
{
	const hf_way_step *step = files_find(tally, path);

	(void)data;
	if (!step)
		return;
	const char *why = hf_way_step_writable_why(tally->run, step, 0);

	if (!why && step->gid != 0)
		why = files_owner_text(tally->run, step);
	files_count(tally, path, why, why && why == step->acl_why);
}

static void check_drop_ins(hf_check_run *run)
{
	files_tally tally = files_begin(run, "owner and group root, and nobody else can write");

	files_each_drop_in(&tally, visit_drop_in, NULL);
	files_end(&tally, "no unit of an engine, and no drop-in");
}

static void check_defaults_owner(hf_check_run *run)
{
	files_tally tally = files_begin(run, owner_wanted);

	for (const char *const *path = hf_check_param(run); *path; path++)
		files_owner(&tally, *path);
	files_end(&tally, "there is no such file");
}

static void check_defaults_mode(hf_check_run *run)
{
	files_tally tally = files_begin(run, mode_wanted);

	for (const char *const *path = hf_check_param(run); *path; path++)
		files_mode(&tally, *path, 0644);
	files_end(&tally, "there is no such file");
}

static const char *const debian[] = {"/etc/default/docker", NULL};
static const char *const fedora[] = {"/etc/sysconfig/docker", "/etc/sysconfig/docker-network",
				     "/etc/sysconfig/docker-storage", NULL};

static const hf_check checks[] = {
	{
		.id = "files.docker-service-unit-owner",
		.title = "The docker service unit belongs to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.1", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_1"),
		.risk = "Whoever owns the unit decides what systemd starts as root for the engine, "
			"and its mode protects nothing from him.",
		.threat = "A local user, or a process that left its container as another user than "
			  "root, adds a command to what systemd starts as root and waits for the "
			  "next "
			  "restart of the engine.",
		.remediation = "chown root:root \"$(systemctl show -P FragmentPath "
			       "docker.service)\", then "
			       "find out what changed the owner: packages install it as root's.",
		.run = check_unit_owner,
		.param = "docker.service",
	},
	{
		.id = "files.docker-service-unit-mode",
		.title = "Only root can change the docker service unit",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.2", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_2"),
		.risk = "Whoever can write the unit decides what systemd starts as root for the "
			"engine.",
		.threat = "A local user, or a process that left its container as another user than "
			  "root, adds a command to what systemd starts as root and waits for the "
			  "next "
			  "restart of the engine.",
		.remediation =
			"chmod 0644 \"$(systemctl show -P FragmentPath docker.service)\" and take "
			"named entries out of its access control list with setfacl -b.",
		.run = check_unit_mode,
		.param = "docker.service",
	},
	{
		.id = "files.docker-socket-unit-owner",
		.title = "The docker socket unit belongs to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.3", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_3"),
		.risk = "Whoever owns the unit decides what systemd starts as root for the socket "
			"of the engine, and its mode protects nothing from him.",
		.threat = "A local user, or a process that left its container as another user than "
			  "root, adds a command to what systemd starts as root and waits for the "
			  "next "
			  "restart of the engine.",
		.remediation =
			"chown root:root \"$(systemctl show -P FragmentPath docker.socket)\", then "
			"find out what changed the owner: packages install it as root's.",
		.run = check_unit_owner,
		.param = "docker.socket",
	},
	{
		.id = "files.docker-socket-unit-mode",
		.title = "Only root can change the docker socket unit",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.4", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_4"),
		.risk = "Whoever can write the unit decides what systemd starts as root for the "
			"socket of the engine.",
		.threat = "A local user, or a process that left its container as another user than "
			  "root, adds a command to what systemd starts as root and waits for the "
			  "next "
			  "restart of the engine.",
		.remediation =
			"chmod 0644 \"$(systemctl show -P FragmentPath docker.socket)\" and take "
			"named entries out of its access control list with setfacl -b.",
		.run = check_unit_mode,
		.param = "docker.socket",
	},
	{
		.id = "files.docker-service-dropins",
		.title = "Drop-ins and environment files of the docker units belong to root and "
			 "only root can change them",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.1", "CIS-Docker-1.6:3.2", "CWE:732",
				"ATTACK:T1543.002", "NIST-800-190:4.5.5", "OWASP-Docker:D04"),
		.risk = "A drop-in, a file of variables or the program itself decides as much as "
			"the unit: each can put another command in its place.",
		.threat =
			"Somebody who can write one of them, or the folder of drop-ins, adds "
			"ExecStart= or an option of dockerd that opens the API, and waits for the "
			"next restart.",
		.remediation =
			"chown root:root and chmod go-w on the files named here and on their "
			"folders (systemctl cat docker.service docker.socket containerd.service "
			"shows them); setfacl -b where an access control list grants more.",
		.run = check_drop_ins,
	},
	{
		.id = "files.etc-default-docker-owner",
		.title = "/etc/default/docker belongs to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.19", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_19"),
		.risk = "The file holds options and variables of the engine; who owns it can "
			"change "
			"them, whatever its mode.",
		.threat = "A local user who owns it adds -H tcp:// or another data root to the "
			  "options, and has the engine after its next start.",
		.remediation = "chown root:root /etc/default/docker",
		.run = check_defaults_owner,
		.param = debian,
	},
	{
		.id = "files.etc-default-docker-mode",
		.title = "Only root can change /etc/default/docker",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.20", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_20"),
		.risk = "The file holds options and variables of the engine; who can write it "
			"decides how it starts.",
		.threat =
			"A local user adds -H tcp:// or a proxy of his own to the options, and has "
			"the engine or what it pulls after its next start.",
		.remediation =
			"chmod 0644 /etc/default/docker, and setfacl -b where an access control "
			"list names others.",
		.run = check_defaults_mode,
		.param = debian,
	},
	{
		.id = "files.etc-sysconfig-docker-owner",
		.title = "/etc/sysconfig/docker belongs to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.22", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_22"),
		.risk = "The file holds options and variables of the engine; who owns it can "
			"change "
			"them, whatever its mode.",
		.threat = "A local user who owns it adds -H tcp:// or another data root to the "
			  "options, and has the engine after its next start.",
		.remediation = "chown root:root /etc/sysconfig/docker*",
		.run = check_defaults_owner,
		.param = fedora,
	},
	{
		.id = "files.etc-sysconfig-docker-mode",
		.title = "Only root can change /etc/sysconfig/docker",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:3.21", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_21"),
		.risk = "The file holds options and variables of the engine; who can write it "
			"decides how it starts.",
		.threat =
			"A local user adds -H tcp:// or a proxy of his own to the options, and has "
			"the engine or what it pulls after its next start.",
		.remediation =
			"chmod 0644 /etc/sysconfig/docker*, and setfacl -b where an access control "
			"list names others.",
		.run = check_defaults_mode,
		.param = fedora,
	},
};

HF_CHECK_SET(files_units, checks);
