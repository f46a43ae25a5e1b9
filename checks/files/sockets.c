/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can talk to the engines: owners and modes of their sockets. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

static const char mode_wanted[] = "mode 0660 or stricter, also by an access control list";

/* ---- the group of the Engine's socket ---- */

/* The gid of @name in group(5), or a number. False: it is not there. */
static bool find_group(hf_check_run *run, const char *name, uint32_t *ret_gid, const char **ret_why)
{
	const hf_file *groups = hf_file_get(run, "/etc/group");
	const char *cursor = groups->fact.state == HF_PRESENT ? groups->data : NULL, *line;
	size_t length = strlen(name);
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	*ret_gid = (uint32_t)number;
	if (*name && !*end)
		return true;
	while (files_next(run, &cursor, &line)) {
		if (strncmp(line, name, length) != 0 || line[length] != ':')
			continue;
		const char *field = strchr(line + length + 1, ':');

		number = field ? strtoul(field + 1, &end, 10) : 0;
		if (field && end != field + 1) {
			*ret_gid = (uint32_t)number;
			return true;
		}
	}
	*ret_why =
		groups->fact.state == HF_PRESENT
			? hf_text(run,
				  "the socket's group is to be %s, which /etc/group does not have",
				  name)
			: hf_text(run, "/etc/group: %s", groups->fact.why);
	return false;
}

/* --group of the engine; the unit's SocketGroup= where pid 1 makes the socket. */
static void find_socket_group(files_tally *tally)
{
	const hf_option *group = hf_daemon_option(tally->run, "group");
	const hf_unit_setting *unit =
		hf_unit_setting_get(tally->run, "docker.socket", "Socket.SocketGroup");
	const char *name = group->fact.state == HF_PRESENT && group->value ? group->value
			   : group->declared				   ? group->declared
									   : "docker";

	tally->has_group = find_group(tally->run, name, &tally->gid, &tally->group_why);
	if (tally->has_group) {
		tally->group_why = NULL;
		return;
	}
	if (unit->fact.state == HF_PRESENT)
		tally->has_group =
			find_group(tally->run, unit->value, &tally->gid, &tally->group_why);
	if (tally->has_group)
		tally->group_why = NULL;
}

static void visit_owner(files_tally *tally, const char *path, const void *data)
{
	(void)data;
	files_owner(tally, path);
}

static void check_docker_owner(hf_check_run *run)
{
	files_tally tally = files_begin_daemon(run, "owner root, group root or the engine's group");

	find_socket_group(&tally);
	if (files_each_docker_socket(&tally, visit_owner, NULL))
		files_end(&tally, "the engine has no UNIX socket");
}

/* Sockets below the state of the engine are its own to talk to its helpers (libnetwork, swarm,
 * metrics): of these only the right to write matters, which connect(2) needs. */
static bool is_inner(hf_check_run *run, const char *path)
{
	const hf_option *root = hf_daemon_option(run, "exec-root");
	const char *folder = root->fact.state == HF_PRESENT && root->value && *root->value
				     ? root->value
				     : "/run/docker";
	size_t length = strlen(folder);

	return (strncmp(path, folder, length) == 0 && path[length] == '/') ||
	       strncmp(path, "/run/docker/", 12) == 0 || strncmp(path, "/var/run/docker/", 16) == 0;
}

static void visit_docker_mode(files_tally *tally, const char *path, const void *data)
{
	(void)data;
	files_mode(tally, path, is_inner(tally->run, path) ? 07775 : 0660);
}

static void check_docker_mode(hf_check_run *run)
{
	files_tally tally = files_begin_daemon(run, mode_wanted);

	if (files_each_docker_socket(&tally, visit_docker_mode, NULL))
		files_end(&tally, "the engine has no UNIX socket");
}

/* ---- containerd ---- */

static void check_containerd_owner(hf_check_run *run)
{
	files_tally tally = files_begin(run, "owner and group root");

	if (files_each_containerd_socket(&tally, visit_owner, NULL))
		files_end(&tally, "containerd listens on no UNIX socket");
}

static void visit_containerd_mode(files_tally *tally, const char *path, const void *data)
{
	(void)data;
	files_mode(tally, path, 0660);
}

static void check_containerd_mode(hf_check_run *run)
{
	files_tally tally = files_begin(run, mode_wanted);

	if (files_each_containerd_socket(&tally, visit_containerd_mode, NULL))
		files_end(&tally, "containerd listens on no UNIX socket");
}

static const hf_check checks[] = {
	{
		.id = "files.docker-socket-owner",
		.title = "The Engine socket belongs to root and to the docker group or root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.15", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_15"),
		.reads = HF_READS("/etc/group"),
		.risk = "The owner of the socket, and its group, can talk to the engine, which "
			"makes them root of the node.",
		.threat =
			"An account that nobody takes for an administrator starts a container that "
			"mounts the node's root file system.",
		.remediation = "Set SocketUser=root and SocketGroup=docker in docker.socket (or "
			       "\"group\" in "
			       "/etc/docker/daemon.json) and restart both units; chown root:docker "
			       "/run/docker.sock until then.",
		.run = check_docker_owner,
	},
	{
		.id = "files.docker-socket-mode",
		.title = "Nobody outside the socket group can talk to the Engine",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.16", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_16"),
		.risk = "Whoever can connect to the socket of the engine is root of the node: it "
			"starts what he asks for, as root, with any part of the host.",
		.threat =
			"Any local user, or any process of a container that has the folder of the "
			"socket mounted, starts a privileged container with the node's root file "
			"system.",
		.remediation = "Set SocketMode=0660 in docker.socket and restart it, chmod 0660 "
			       "/run/docker.sock until then; setfacl -b where an access control "
			       "list names "
			       "others: members of the group are the list that counts.",
		.run = check_docker_mode,
	},
	{
		.id = "files.containerd-socket-owner",
		.title = "The containerd sockets belong to root",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.23", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_23"),
		.risk = "The owner of a socket of containerd can start and change containers of "
			"every namespace, Docker's and Kubernetes' alike.",
		.threat = "An account that owns the socket starts a task as root with the node's "
			  "root "
			  "file system; the engine above does not even record it.",
		.remediation = "Remove uid and gid from [grpc], [ttrpc] and [debug] of "
			       "/etc/containerd/config.toml and restart containerd; chown "
			       "root:root on the "
			       "sockets until then.",
		.run = check_containerd_owner,
	},
	{
		.id = "files.containerd-socket-mode",
		.title = "Only root can talk to containerd",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.24", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_24"),
		.risk = "Whoever can connect to a socket of containerd starts and changes "
			"containers of every namespace as root, past the engine's own checks.",
		.threat = "A local user runs a task with the node's root file system over the "
			  "socket; "
			  "authorization plugins of the engine never hear of it.",
		.remediation =
			"chmod 0660 on the sockets of containerd (the folders /run/containerd and "
			"/run/docker/containerd 0711), and setfacl -b where an access control list "
			"names others; find out what changed them: containerd makes them 0660.",
		.run = check_containerd_mode,
	},
};

HF_CHECK_SET(files_sockets, checks);
