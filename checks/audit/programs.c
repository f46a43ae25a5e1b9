/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's programs: who runs them, and who changes them. Execution, content and attributes
 * must leave a record (perm=wxa); that somebody read a program which everybody may read tells
 * nothing, so r is not asked for. */
#include "judge.h"

#include <string.h>

#define WANTED "execution and every change of it recorded, whoever does it"

#define RULE(path)                                                                                 \
	"-w " path " -p wxa -k docker, in /etc/audit/rules.d/docker.rules; then augenrules "       \
		   "--load. "

/* What runs is what counts; only where nothing does, what is installed. */
static void fill_program(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *process;
	size_t index = 0;

	while ((process = audit_next_process(processes, item->name, &index)))
		audit_add_program(run, list, process->exe, item->access);
	if (list->count == 0)
		audit_add_installed(run, list, item->name, item->access);
}

static void fill_dockerd(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (audit_is_guest(run, list))
		return;
	if (daemon && daemon->is_running && !daemon->exe)
		audit_lose(list, daemon->fact.source, "its program is not known");
	else if (daemon && daemon->is_running)
		audit_add_program(run, list, daemon->exe, item->access);
	else
		audit_add_installed(run, list, item->name, item->access);
}

/* The default runtime as the engine has it: a path, or a name that it looks for. */
static void fill_runtime(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const char *name = item->name, *program = item->name;

	if (daemon && daemon->is_running) {
		const hf_option *chosen = hf_daemon_option(run, "default-runtime");
		const hf_api_value *path;

		if (chosen->fact.state != HF_PRESENT) {
			audit_lose(list, chosen->fact.source, chosen->fact.why);
			return;
		}
		name = *chosen->value ? chosen->value : item->name;
		/* names of shims have dots and slashes of their own; there "io.containerd.runc.v2"
		 * is runc */
		path = strchr(name, '/')
			       ? NULL
			       : hf_api_get(run, "/info", hf_text(run, "Runtimes/%s/path", name));
		if (path && path->fact.state == HF_PRESENT && *path->text) {
			program = path->text;
		} else if (strcmp(name, item->name) != 0) {
			audit_lose(list, "/info",
				   hf_text(run, "of which program the runtime %s is, is not told",
					   name));
			return;
		}
	}
	if (*program == '/')
		audit_add(list, program, item->access, false);
	else
		audit_add_installed(run, list, program, item->access);
}

static const audit_item dockerd = {fill_dockerd, WANTED, "dockerd", AUDIT_PROGRAM};
static const audit_item containerd = {fill_program, WANTED, "containerd", AUDIT_PROGRAM};
static const audit_item shim = {fill_program, WANTED, "containerd-shim", AUDIT_PROGRAM};
static const audit_item shim_v1 = {fill_program, WANTED, "containerd-shim-runc-v1", AUDIT_PROGRAM};
static const audit_item shim_v2 = {fill_program, WANTED, "containerd-shim-runc-v2", AUDIT_PROGRAM};
static const audit_item runc = {fill_runtime, WANTED, "runc", AUDIT_PROGRAM};

static const hf_check checks[] = {
	{
		.id = "audit.dockerd-binary",
		.title = "Execution and change of the Engine daemon binary are audited",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.3", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_3"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("dockerd")),
		.risk = "The daemon that is root on the node is replaced, or a second one is "
			"started with "
			"other options, and nobody can tell who did it or when.",
		.threat = "An intruder who became root puts a dockerd of his own in place, which "
			  "hides his "
			  "containers and lets him in again after each restart.",
		.remediation = RULE(
			"/usr/bin/dockerd") "Take the path that the running daemon has: "
					    "readlink /proc/$(pidof dockerd)/exe. A rule on a link "
					    "to it watches the "
					    "link alone; rules \"never\" must not come before it.",
		.run = audit_check,
		.param = &dockerd,
	},
	{
		.id = "audit.containerd-binary",
		.title = "Execution and change of containerd are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.14", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_14"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("containerd")),
		.risk = "The program that starts every container is changed, or run with a state "
			"of its "
			"own, without a record.",
		.threat = "An intruder on the node starts a containerd beside the engine's: its "
			  "containers "
			  "show in no list of Docker.",
		.remediation =
			RULE("/usr/bin/containerd") "Take the path of the running one: readlink "
						    "/proc/$(pidof containerd)/exe. A rule on "
						    "containerd-shim does not "
						    "stand for it.",
		.run = audit_check,
		.param = &containerd,
	},
	{
		.id = "audit.containerd-shim-binary",
		.title = "Execution and change of the legacy shim are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.15", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_15"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("containerd-shim")),
		.risk = "The parent of each container's first process is changed without a record.",
		.threat = "Who replaces the shim sees the input and output of each container that "
			  "starts "
			  "afterwards, and can change both.",
		.remediation =
			RULE("/usr/bin/containerd-shim") "Engines of today use "
							 "containerd-shim-runc-v2; where nothing "
							 "needs the old one, remove it "
							 "instead.",
		.run = audit_check,
		.param = &shim,
	},
	{
		.id = "audit.containerd-shim-runc-v1-binary",
		.title = "Execution and change of the runc v1 shim are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.16", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_16"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("containerd-shim-runc-v1")),
		.risk = "The parent of containers of this runtime is changed without a record.",
		.threat =
			"Who replaces the shim sees the input and output of each container that it "
			"starts, and can change both.",
		.remediation =
			RULE("/usr/bin/containerd-shim-runc-v1") "Where no runtime is set to "
								 "io.containerd.runc.v1, remove "
								 "the program instead.",
		.run = audit_check,
		.param = &shim_v1,
	},
	{
		.id = "audit.containerd-shim-runc-v2-binary",
		.title = "Execution and change of the runc v2 shim are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.17", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_17"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("containerd-shim-runc-v2")),
		.risk = "The parent of each container's first process is started by hand or "
			"changed, and "
			"nothing tells of it.",
		.threat = "Who replaces the shim sees the input and output of each container that "
			  "starts "
			  "afterwards; who runs it by hand has a container that no engine lists.",
		.remediation =
			RULE("/usr/bin/containerd-shim-runc-v2") "Each start of a container then "
								 "leaves a record.",
		.run = audit_check,
		.param = &shim_v2,
	},
	{
		.id = "audit.runc-binary",
		.title = "Execution and change of the OCI runtime are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.18", "CWE:778", "ATTACK:T1610",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_18"),
		.reads = HF_READS(AUDIT_READ_PROGRAM("runc")),
		.risk = "The program that builds each container's walls is changed, or used by "
			"hand, "
			"without a record.",
		.threat = "A container that broke out overwrites runc (CVE-2019-5736) and is root "
			  "on the "
			  "node with the next docker exec; without a record nobody learns from "
			  "which one.",
		.remediation = RULE(
			"/usr/sbin/runc") "Name the file itself: where /usr/bin/runc is a link, "
					  "a rule on the link watches the link alone. Another "
					  "default runtime "
					  "needs the rule instead.",
		.run = audit_check,
		.param = &runc,
	},
};

HF_CHECK_SET(audit_programs, checks);
