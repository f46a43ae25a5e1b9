/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets over which engines take orders. A watch records who makes, removes or opens up the
 * socket's file; who uses it shows in connect(2) alone, which is in no class of perm=
 * (audit_match_perm() in kernel/auditsc.c). */
#include "judge.h"

#include <string.h>

/* ---- which ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Of the daemon, too, but they do not serve its API. */
static bool is_api(const char *path)
{
	return !ends_with(path, "/metrics.sock") && !strstr(path, "/libnetwork/");
}

static void add_listeners(audit_list *list, const hf_unix_listeners *listeners, uint32_t access)
{
	if (listeners->fact.state == HF_UNREADABLE)
		audit_lose(list, listeners->fact.source, listeners->fact.why);
	for (size_t i = 0; i < listeners->count; i++) {
		const char *path = listeners->paths[i];

		if (*path == '/' && is_api(path))
			audit_add(list, path, access, false);
		else if (*path != '/' && *path != '@' && *path)
			audit_lose(list, path, "was bound by a relative name");
	}
	if (listeners->fact.state == HF_ABSENT)
		audit_none(list, listeners->fact.source, listeners->fact.why);
}

void audit_fill_docker_sockets(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	const hf_unix_listeners *listeners = hf_daemon_sockets(run);

	add_listeners(list, listeners, item->access);
	audit_none(list, listeners->fact.source, "no UNIX socket for its API");
	/* that it answered on one that is not among them shows that not all were seen */
	if (daemon && daemon->socket && daemon->api.state == HF_PRESENT && list->count == 0)
		audit_lose(list, daemon->socket, "is not among the sockets that were seen");
}

static void fill_containerd(hf_check_run *run, audit_list *list, const audit_item *item,
			    bool (*is_wanted)(const char *path))
{
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *process;
	size_t index = 0, seen = 0;

	while ((process = audit_next_process(processes, "containerd", &index))) {
		audit_list own = {.count = 0};
		size_t before = list->count;

		seen++;
		add_listeners(&own, hf_unix_listeners_get(run, process->pid), item->access);
		if (own.unread.source)
			audit_lose(list, own.unread.source, own.unread.why);
		for (size_t i = 0; i < own.count; i++) {
			if (is_wanted(own.all[i].path))
				audit_add(list, own.all[i].path, item->access, false);
		}
		/* it always has one for its API */
		if (list->count == before)
			audit_lose(list, hf_text(run, "/proc/%d/fd", process->pid),
				   "containerd runs, and its socket was not seen");
	}
	if (processes->fact.state != HF_PRESENT || (processes->gap && seen == 0))
		audit_lose(list, processes->fact.source,
			   processes->gap ? processes->gap : processes->fact.why);
	audit_none(list, processes->fact.source, "containerd does not run");
}

static bool is_any(const char *path)
{
	(void)path;
	return true;
}

static bool is_main(const char *path)
{
	return ends_with(path, "/containerd.sock");
}

void audit_fill_containerd_sockets(hf_check_run *run, audit_list *list, const audit_item *item)
{
	fill_containerd(run, list, item, is_any);
}

void audit_fill_containerd_state(hf_check_run *run, audit_list *list, const audit_item *item)
{
	audit_list sockets = {.count = 0};

	fill_containerd(run, &sockets, item, is_main);
	list->unread = sockets.unread;
	list->none = sockets.none;
	for (size_t i = 0; i < sockets.count; i++) {
		const char *path = sockets.all[i].path;
		const hf_file_way *way = hf_way_get(run, path);
		size_t before = list->count;

		/* its folder is where the socket is, whatever links lead there */
		if (way->fact.state == HF_PRESENT)
			path = way->end->path;
		audit_add(list, hf_text(run, "%.*s", (int)(strrchr(path, '/') - path), path),
			  item->access, true);
		if (list->count > before)
			list->all[before].is_canonical = way->fact.state == HF_PRESENT;
	}
}

/* ---- audit.engine-connections ---- */

static void fill_connections(hf_check_run *run, audit_list *list, const audit_item *item)
{
	const hf_daemon *daemon = hf_daemon_get(run);

	if (daemon)
		audit_fill_docker_sockets(run, list, item);
	audit_fill_containerd_sockets(run, list, item);
}

/* An authorization plugin is asked for each request of the engine's API, whoever sends it. Whether
 * it keeps a log only its own configuration tells. */
static void check_connections(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_option *plugins = daemon ? hf_daemon_option(run, "authorization-plugins") : NULL;

	if (plugins && plugins->fact.state == HF_PRESENT && *plugins->value)
		hf_note(run, plugins->fact.source,
			hf_text(run,
				"the authorization plugin %s is asked for each request, and may "
				"keep a log of its own",
				plugins->value));
	audit_check(run);
}

/* ---- the rows ---- */

#define WANTED "every change of the socket's file recorded, whoever makes it"

static const audit_item docker_socket = {audit_fill_docker_sockets, WANTED, NULL, AUDIT_CHANGES};
static const audit_item containerd_socket = {audit_fill_containerd_sockets, WANTED, NULL,
					     AUDIT_CHANGES};
static const audit_item connections = {
	fill_connections, "connect(2) to it recorded, whoever calls it", NULL, HF_AUDIT_CONNECT};

static const hf_check checks[] = {
	{
		.id = "audit.docker-socket",
		.title = "Use of the Engine control socket is audited",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.9", "CIS-Docker-1.7:1.1.9", "CWE:778",
				"ATTACK:T1610", "NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_9"),
		.risk = "Somebody opens the engine's socket to others, or puts one of his own in "
			"its place, "
			"without a record.",
		.threat = "chmod 666 on the socket makes every account of the node as good as "
			  "root; a false "
			  "socket receives every order and every secret that clients send.",
		.remediation = "-w /run/docker.sock -p wa -k docker, in "
			       "/etc/audit/rules.d/docker.rules; then "
			       "augenrules --load. It records changes of the file. For its use, "
			       "which is what "
			       "most expect of it, add the rule of audit.engine-connections.",
		.run = audit_check,
		.param = &docker_socket,
	},
	{
		.id = "audit.containerd-socket",
		.title = "Use of the containerd control socket is audited",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.8", "CWE:778", "ATTACK:T1609",
				"NIST-800-190:4.5.5", "OWASP-Docker:D10",
				"DOCKER-BENCH:check_1_1_8"),
		.risk = "Somebody opens containerd's socket to others, or puts one of his own in "
			"its place, "
			"without a record.",
		.threat = "containerd asks nobody who he is: who reaches its socket starts "
			  "containers with "
			  "every privilege, past all that Docker checks and logs.",
		.remediation = "-a always,exit -F dir=/run/containerd -F perm=wa -k docker, in "
			       "/etc/audit/rules.d/docker.rules, loaded after containerd started. "
			       "Where dockerd "
			       "starts containerd itself the folder is /run/docker/containerd.",
		.run = audit_check,
		.param = &containerd_socket,
	},
	{
		.id = "audit.engine-connections",
		.title = "Each connection to an engine control socket leaves an audit record",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.9", "CIS-Docker-1.6:1.1.8", "CWE:778",
				"ATTACK:T1609", "ATTACK:T1610", "NIST-800-190:4.5.5",
				"OWASP-Docker:D10"),
		.risk = "Who used the engine, which is root on the node for whoever reaches it, "
			"stays "
			"unknown.",
		.threat =
			"A member of the group docker, or a container with the socket in it, "
			"starts a "
			"container with the node's disk, takes what it wants and removes it again.",
		.remediation =
			"-a always,exit -F arch=b64 -S connect -F path=/run/docker.sock -k docker, "
			"the same "
			"with -F arch=b32 -S connect -S socketcall, and both for "
			"/run/containerd/containerd.sock, in /etc/audit/rules.d/docker.rules; then "
			"augenrules --load. A rule with -p or perm= never matches connect(2).",
		.run = check_connections,
		.param = &connections,
	},
};

HF_CHECK_SET(audit_sockets, checks);
