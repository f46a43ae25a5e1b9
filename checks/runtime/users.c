/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which accounts can talk to a runtime, and so are root of the node. */
#include <holdfast/holdfast.h>

#include <stdlib.h>
#include <string.h>

enum { NAMES_TOLD = 8, SOCKETS_TOLD = 3 };

static const char wanted[] = "root alone";

/* Where runtimes listen, beside what Docker and containerd are seen to listen on. */
static const char *const usual[] = {
	"/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/podman/podman.sock",
	"/run/crio/crio.sock",
	"/run/k3s/containerd/containerd.sock",
	"/run/buildkit/buildkitd.sock",
	"/run/cri-dockerd.sock",
};

typedef struct accounts {
	hf_check_run *run;
	const hf_file *passwd;
	const hf_file *group;
	const char *why_more; /* other sources than these files: they name more accounts, or NULL */
	size_t sockets;
	const char *good; /* the first sockets that only root can use */
	size_t good_count;
	const char *seen; /* sockets that were judged */
} accounts;

/* ---- passwd(5) and group(5) ---- */

static bool next_line(hf_check_run *run, const char **cursor, const char **ret_line)
{
	const char *start = *cursor;

	if (!start || *start == '\0')
		return false;
	size_t length = strcspn(start, "\n");

	*ret_line = hf_text(run, "%.*s", (int)length, start);
	*cursor = start + length + (start[length] == '\n');
	return true;
}

static const char *field(hf_check_run *run, const char *line, unsigned index)
{
	for (; index > 0; index--) {
		line = strchr(line, ':');
		if (!line)
			return "";
		line++;
	}
	return hf_text(run, "%.*s", (int)strcspn(line, ":"), line);
}

static bool number_is(const char *text, uint32_t number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *text && *end == '\0' && value == number;
}

/* What names accounts beside /etc/passwd and /etc/group: nsswitch.conf(5). These three have none of
 * people. */
static const char *other_source(hf_check_run *run)
{
	static const char *const harmless[] = {"files", "systemd", "altfiles"};
	const hf_file *config = hf_file_get(run, "/etc/nsswitch.conf");
	const char *cursor = config->data, *line;

	if (config->fact.state == HF_UNREADABLE)
		return hf_text(run, "/etc/nsswitch.conf: %s", config->fact.why);
	/* without the file the C library asks "files" */
	while (config->fact.state == HF_PRESENT && next_line(run, &cursor, &line)) {
		bool is_group = strncmp(line, "group:", 6) == 0;

		if (!is_group && strncmp(line, "passwd:", 7) != 0)
			continue;
		for (const char *at = line + (is_group ? 6 : 7); *at;) {
			size_t length;
			bool is_harmless = false;

			at += strspn(at, " \t");
			length = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, " \t");
			if (length == 0 || *at == '#')
				break;
			for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
				is_harmless |= strlen(harmless[i]) == length &&
					       strncmp(at, harmless[i], length) == 0;
			if (*at != '[' && !is_harmless)
				return hf_text(run, "/etc/nsswitch.conf has %.*s name %s, too",
					       (int)length, at, is_group ? "groups" : "accounts");
			at += strnlen(at, length);
		}
	}
	return NULL;
}

static bool begin(hf_check_run *run, accounts *a)
{
	*a = (accounts){
		.run = run,
		.passwd = hf_file_get(run, "/etc/passwd"),
		.group = hf_file_get(run, "/etc/group"),
		.seen = "\n",
		.good = "",
	};
	if (!hf_need(run, &a->passwd->fact) || !hf_need(run, &a->group->fact))
		return false;
	a->why_more = other_source(run);
	return true;
}

static const char *name_of(const accounts *a, uint32_t uid)
{
	const char *cursor = a->passwd->data, *line;

	while (next_line(a->run, &cursor, &line)) {
		if (number_is(field(a->run, line, 2), uid))
			return field(a->run, line, 0);
	}
	return hf_text(a->run, "uid %u", uid);
}

static bool is_root(const accounts *a, const char *name)
{
	const char *cursor = a->passwd->data, *line;

	while (next_line(a->run, &cursor, &line)) {
		if (strcmp(field(a->run, line, 0), name) == 0)
			return number_is(field(a->run, line, 2), 0);
	}
	return false;
}

typedef struct listing {
	const char *names;
	const char *seen;
	size_t count;
} listing;

static void add(const accounts *a, listing *list, const char *name)
{
	const char *mark = hf_text(a->run, "\n%s\n", name);

	if (*name == '\0' || is_root(a, name) || strstr(list->seen, mark))
		return;
	list->seen = hf_text(a->run, "%s%s", list->seen, mark + 1);
	if (list->count++ < NAMES_TOLD)
		list->names =
			hf_text(a->run, "%s%s%s", list->names, *list->names ? ", " : "", name);
}

/* Members by name, of every group of that number; and those whose primary group it is. */
static void add_group(const accounts *a, listing *list, uint32_t gid)
{
	const char *cursor = a->group->data, *line;

	while (next_line(a->run, &cursor, &line)) {
		if (!number_is(field(a->run, line, 2), gid))
			continue;
		for (const char *at = field(a->run, line, 3); *at;) {
			size_t length = strcspn(at, ",");

			add(a, list, hf_text(a->run, "%.*s", (int)length, at));
			at += length + (at[length] == ',');
		}
	}
	cursor = a->passwd->data;
	while (next_line(a->run, &cursor, &line)) {
		if (number_is(field(a->run, line, 3), gid))
			add(a, list, field(a->run, line, 0));
	}
}

/* "user 1000 rw-, group 27 r--" */
static void add_list(const accounts *a, listing *list, const char *acl)
{
	while (acl && *acl) {
		char *end;
		bool is_user = strncmp(acl, "user ", 5) == 0;
		unsigned long id = strtoul(acl + (is_user ? 5 : 6), &end, 10);

		if (*end == ' ' && end[2] == 'w' && is_user)
			add(a, list, name_of(a, (uint32_t)id));
		else if (*end == ' ' && end[2] == 'w')
			add_group(a, list, (uint32_t)id);
		acl = strchr(acl, ',');
		acl += acl ? strspn(acl, ", ") : 0;
	}
}

/* ---- sockets ---- */

/* Write permission is what connect(2) needs: unix(7). */
static void judge_step(accounts *a, const char *path, const hf_way_step *step, uint32_t owner)
{
	listing list = {.names = "", .seen = "\n"};
	bool by_group = (step->group_rights & 2) != 0, by_list = (step->acl_rights & 2) != 0;

	if (step->mode & 02) {
		(void)hf_expect(a->run, path,
				hf_text(a->run, "mode %04o: every account", step->mode), wanted,
				false);
		return;
	}
	if (step->uid != 0 && step->uid != owner && (step->mode & 0200))
		add(a, &list, name_of(a, step->uid));
	if (by_group)
		add_group(a, &list, step->gid);
	if (by_list && !step->acl_why)
		add_list(a, &list, step->acl);
	if (list.count > 0)
		(void)hf_expect(a->run, path,
				hf_text(a->run,
					"%zu account%s beside root, by owner, group %u or access "
					"control list: %s%s",
					list.count, list.count == 1 ? "" : "s", step->gid,
					list.names, list.count > NAMES_TOLD ? " …" : ""),
				wanted, false);
	if (by_list && step->acl_why)
		hf_unknown(a->run, path, step->acl_why);
	else if (a->why_more && ((by_group && step->gid != 0) || by_list))
		hf_unknown(a->run, path,
			   hf_text(a->run, "who is in group %u is not known: %s", step->gid,
				   a->why_more));
	else if (list.count == 0 && a->good_count++ < SOCKETS_TOLD)
		a->good = hf_text(a->run, "%s%s%s (mode %04o, group %u)", a->good,
				  *a->good ? ", " : "", path, step->mode, step->gid);
}

/* @is_sure: somebody listens on it, so that it must be there. */
static void judge_socket(accounts *a, const char *path, uint32_t owner, bool is_sure)
{
	const hf_file_way *way = hf_way_get(a->run, path);

	if (!is_sure && way->fact.state == HF_ABSENT)
		return;
	a->sockets++;
	if (way->fact.state == HF_ABSENT) {
		hf_unknown(a->run, path, "somebody listens on it, and it is not to be found here any more");
		return;
	}
	if (!hf_need(a->run, &way->fact))
		return;
	const char *mark = hf_text(a->run, "\n%s\n", way->end->path);

	if (strstr(a->seen, mark))
		return;
	a->seen = hf_text(a->run, "%s%s", a->seen, mark + 1);
	judge_step(a, path, way->end, owner);
}

/* Sockets on which an engine only talks to its own helpers give nobody the API. */
static bool is_helper(const char *path)
{
	static const char *const parts[] = {"/libnetwork/", "/metrics.sock", "/run/containerd/s/",
					    "/swarm/"};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (strstr(path, parts[i]))
			return true;
	}
	return false;
}

/* A rootless engine is its user's, and gives no more than that user has. */
static uint32_t owner_by(const char *path)
{
	static const char folder[] = "/run/user/";

	return strncmp(path, folder, sizeof folder - 1) == 0
		       ? (uint32_t)strtoul(path + sizeof folder - 1, NULL, 10)
		       : 0;
}

static void judge_listeners(accounts *a, const hf_unix_listeners *listeners)
{
	if (listeners->fact.state == HF_UNREADABLE)
		hf_unknown(a->run, listeners->fact.source, listeners->fact.why);
	for (size_t i = 0; i < listeners->count; i++) {
		const char *path = listeners->paths[i];

		if (*path == '/' && !is_helper(path))
			judge_socket(a, path, owner_by(path), true);
		else if (*path == '@') {
			a->sockets++;
			(void)hf_expect(a->run, path, "an abstract socket: every account", wanted,
					false);
		}
	}
}

/* "/usr/bin/dockerd", and what is left of it after an upgrade. */
static bool is_engine(const hf_process *process)
{
	static const char *const names[] = {"dockerd", "containerd", "podman", "crio"};
	const char *slash =
		process->exe && !process->is_container ? strrchr(process->exe, '/') : NULL;

	for (size_t i = 0; slash && i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(slash + 1, names[i], length) == 0 &&
		    (slash[1 + length] == '\0' || slash[1 + length] == ' '))
			return true;
	}
	return false;
}

static void judge_engines(accounts *a)
{
	const hf_processes *processes = hf_processes_get(a->run);

	for (size_t i = 0; i < processes->count; i++) {
		if (is_engine(&processes->all[i]))
			judge_listeners(a, hf_unix_listeners_get(a->run, processes->all[i].pid));
	}
	if (processes->fact.state != HF_PRESENT)
		hf_unknown(a->run, processes->fact.source, processes->fact.why);
	else if (processes->gap)
		hf_unknown(a->run, processes->fact.source, processes->gap);
}

static void check_users(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	accounts a;

	if (!begin(run, &a))
		return;
	/* where it does not run, pid 1 may listen for it */
	if (daemon && !daemon->is_running)
		judge_listeners(&a, hf_daemon_sockets(run));
	judge_engines(&a);
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		judge_socket(&a, usual[i], 0, false);
	if (a.good_count > 0)
		(void)hf_expect(run, "sockets of runtimes",
				a.good_count > SOCKETS_TOLD
					? hf_text(run, "%s and %zu more: root alone", a.good,
						  a.good_count - SOCKETS_TOLD)
					: hf_text(run, "%s: root alone", a.good),
				wanted, true);
	if (a.sockets == 0 && hf_status_so_far(run) == HF_NOTSELECTED)
		hf_not_applicable(run, "sockets of runtimes", "none",
				  "no runtime listens on a UNIX socket");
}

static const hf_check checks[] = {
	{
		.id = "runtime.socket-users",
		.title = "Accounts that can use a runtime socket are known",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.2", "CWE:250", "CWE:269", "ATTACK:T1078.003",
				"NIST-800-190:4.5.4", "ATTACK:T1078", "ATTACK:T1611",
				"OWASP-Docker:D01", "DOCKER-BENCH:check_1_1_2"),
		.aliases = HF_ALIASES("host.docker-trusted-users", "host.accounts.docker-group"),
		.reads = HF_READS("/etc/group", "/etc/passwd", "/etc/nsswitch.conf"),
		.risk = "Whoever can talk to a runtime is root of the node, without a password and "
			"without a line in the log of sudo.",
		.threat = "An account that got the group for convenience, or whose password leaks, "
			  "starts a container with the node's root file system.",
		.remediation =
			"gpasswd -d NAME docker for every account that is not an administrator (a "
			"session that is open keeps the group until it ends); setfacl -b "
			"/run/docker.sock where an access control list names others. Use rootless "
			"engines for people who build images.",
		.run = check_users,
	},
};

HF_CHECK_SET(runtime_users, checks);
