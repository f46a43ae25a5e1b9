/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Daemons for remote logins in containers. */
#include "judge.h"

#include <string.h>

static const char wanted[] = "no sshd, dropbear or telnetd, and nobody listens on 22 or 23";

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A name with what may follow it: "sshd-session", "sshd (deleted)". */
static bool is_login_daemon(const char *name)
{
	static const char *const names[] = {"sshd", "dropbear", "telnetd", "in.telnetd",
					    "utelnetd"};

	for (size_t i = 0; name && i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(name, names[i], length) == 0 &&
		    (name[length] == '\0' || strchr("- :", name[length])))
			return true;
	}
	return false;
}

/* Its name is a process's own choice, its executable is not. */
static size_t judge_processes(hf_check_run *run, const hf_container *container)
{
	size_t count = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid != task->pid ||
		    (!is_login_daemon(task->exe ? base_name(task->exe) : NULL) &&
		     !is_login_daemon(task->name)))
			continue;
		if (count++ < 3)
			(void)hf_expect(run, "its processes",
					hf_text(run, "%s%s%s", container_task_name(run, task),
						task->exe ? ", " : "", task->exe ? task->exe : ""),
					wanted, false);
	}
	return count;
}

/* In a namespace that others share (the node's, a pod's) a listener is the container's when one of
 * its processes holds it. Returns whether all is known. */
static bool judge_listeners(hf_check_run *run, const hf_container *container)
{
	const hf_sockets *sockets = hf_container_sockets(run, container);
	bool is_host = container_has_host_network(run, container);

	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "tcp") != 0 ||
		    (socket->port != 22 && socket->port != 23))
			continue;
		container_holds holds = container_holds_socket(run, container, socket->inode);
		const char *found = hf_text(run, "%s port %u", socket->address, socket->port);

		if (holds == CONTAINER_HOLDS || (holds == CONTAINER_HOLDS_UNKNOWN && !is_host)) {
			(void)hf_expect(run, "listening sockets of its network namespace", found,
					wanted, false);
		} else if (holds == CONTAINER_HOLDS_UNKNOWN) {
			hf_unknown(run, found, "whose it is could not be read");
			return false;
		}
	}
	return hf_need(run, &sockets->fact);
}

static void check_sshd(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	size_t count = judge_processes(run, container);

	if (!judge_listeners(run, container) || count > 0 || hf_status_so_far(run) == HF_FAIL ||
	    !hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, "its processes and listening sockets", "none is for remote logins",
			wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "container.sshd",
		.title = "No remote login daemon runs in a container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.7", "CWE:1188", "ATTACK:T1021.004",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04", "DOCKER-BENCH:check_5_7"),
		.risk = "The container has a second door, with keys and passwords that nobody "
			"manages and logins "
			"that the engine does not record.",
		.threat = "A stolen or guessed credential gives a shell inside, past the engine's "
			  "access control.",
		.remediation = "Remove the daemon from the image; to look inside use docker exec, "
			       "kubectl exec or "
			       "nsenter, which the engine or the node records.",
		.run = check_sshd,
	},
};

HF_CHECK_SET(container_login, checks);
