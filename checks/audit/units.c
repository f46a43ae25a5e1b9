/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units of systemd that start the engine or open its socket, with their drop-ins, which win over
 * the unit itself. */
#include "judge.h"

#include <string.h>

#define WANTED "every change of the unit and of its drop-ins recorded, whoever makes it"

#define RULE(unit)                                                                                 \
	"-w /usr/lib/systemd/system/" unit                                                         \
	" -p wa -k docker and -w /etc/systemd/system/ -p wa -k "                                   \
	"docker, in /etc/audit/rules.d/docker.rules; then augenrules --load. "

/* The folder in which @path is, when it is one of drop-ins: whoever adds a file there changes the
 * unit. */
static const char *drop_in_folder(hf_check_run *run, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash > path + 2 && strncmp(slash - 2, ".d", 2) == 0
		       ? hf_text(run, "%.*s", (int)(slash - path), path)
		       : NULL;
}

static void fill_unit(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_unit *unit = hf_unit_get(run, item->name);
	const char *own = hf_text(run, "/etc/systemd/system/%s.d", item->name);

	if (unit->fact.state == HF_UNREADABLE) {
		audit_lose(list, unit->fact.source, unit->fact.why);
		return;
	}
	if (unit->fact.state == HF_ABSENT) {
		audit_none(list, item->name, "no unit of this name");
		return;
	}
	if (unit->is_masked) {
		audit_none(list, unit->fact.source, "the unit is masked: nobody can start it");
		return;
	}
	for (size_t i = 0; i < unit->count; i++) {
		const char *path = unit->files[i]->fact.source;
		const char *folder = drop_in_folder(run, path);

		if (folder)
			audit_add(list, folder, item->access, true);
		else
			audit_add(list, path, item->access, false);
	}
	/* one without files counts, too, once it is there: the next file in it is in force */
	if (hf_dir_get(run, own)->fact.state == HF_PRESENT)
		audit_add(list, own, item->access, true);
}

static const audit_item service = {fill_unit, WANTED, "docker.service", AUDIT_CHANGES};
static const audit_item socket_unit = {fill_unit, WANTED, "docker.socket", AUDIT_CHANGES};

static const hf_check checks[] = {
	{
		.id = "audit.docker-service-unit",
		.title = "Changes of the docker service unit and its drop-ins are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.7", "CWE:778", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_7"),
		.risk = "The command line that starts the daemon as root is changed without a "
			"record.",
		.threat = "A drop-in of two lines replaces ExecStart=: the program of an intruder "
			  "runs as "
			  "root at each boot, under the engine's name.",
		.remediation =
			RULE("docker.service") "systemctl show -p FragmentPath -p DropInPaths "
					       "docker.service tells the files.",
		.run = audit_check,
		.param = &service,
	},
	{
		.id = "audit.docker-socket-unit",
		.title = "Changes of the docker socket unit are audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.9", "CWE:778", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_9"),
		.risk = "Who may use the engine, which is as good as root, is changed without a "
			"record.",
		.threat = "SocketMode=0666 or another ListenStream= gives every account of the "
			  "node the "
			  "engine's socket at the next start.",
		.remediation =
			RULE("docker.socket") "systemctl show -p FragmentPath -p DropInPaths "
					      "docker.socket tells the files.",
		.run = audit_check,
		.param = &socket_unit,
	},
};

HF_CHECK_SET(audit_units, checks);
