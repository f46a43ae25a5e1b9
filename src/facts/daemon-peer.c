/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answered on the engine's socket: proved by the kernel's credentials of the listener and the executable behind
 * them, never by a name that a process gave itself. */
#include "facts/parts.h"

/* "call:peer", see the collector of runtimes. */
typedef struct credentials {
	int64_t pid; /* of whoever called listen(2); 0: outside our PID namespace */
	int64_t uid;
	/* of the listening socket; 0 not known, or several sockets listen under its path and nobody can say which */
	uint64_t inode;
	const char *socket;
} credentials;

/* The value of a line "NAME value"; NULL when there is none or more than one. */
static const char *field(hf_arena *arena, const hf_answer *answer, const char *name)
{
	const char *cursor = answer->data, *line, *value = NULL;
	size_t length, name_length = strlen(name);

	while (hf_next_line(&cursor, answer->data + answer->size, &line, &length)) {
		if (length <= name_length || memcmp(line, name, name_length) != 0 ||
		    line[name_length] != ' ')
			continue;
		if (value)
			return NULL;
		value = hf_checked(hf_arena_memdup(arena, line + name_length + 1,
						   length - name_length - 1));
	}
	return value;
}

static credentials read_credentials(hf_arena *arena, const hf_answer *answer)
{
	credentials c = {.pid = -1, .uid = -1};
	const char *pid = field(arena, answer, "pid");
	const char *uid = field(arena, answer, "uid");
	const char *inode = field(arena, answer, "inode");

	c.socket = field(arena, answer, "socket");
	if (!pid || hf_parse_i64(pid, &c.pid) < 0)
		c.pid = -1;
	if (!uid || hf_parse_i64(uid, &c.uid) < 0)
		c.uid = -1;
	if (!inode || hf_parse_u64(inode, &c.inode) < 0)
		c.inode = 0;
	return c;
}

/* NULL, or why the program of @process is no trustworthy dockerd. Anybody can call a file dockerd, but only root can
 * put it where root alone writes. */
static const char *why_no_dockerd(hf_facts *facts, const hf_process *process, int64_t uid)
{
	hf_arena *arena = hf_facts_arena(facts);
	bool is_deleted;

	if (!process->exe)
		return "its executable could not be read";
	if (!hf_is_dockerd(process->exe))
		return hf_checked(hf_arena_printf(arena, "its executable is %s", process->exe));
	const char *path = hf_exe_path(arena, process->exe, &is_deleted);
	const hf_file *file = is_deleted ? NULL : hf_facts_stat(facts, path);

	if (file && file->fact.state == HF_PRESENT) {
		if (file->uid != 0)
			return hf_checked(hf_arena_printf(arena, "%s belongs to uid %u and not to root",
							  path, file->uid));
		if (file->mode & 0002)
			return hf_checked(hf_arena_printf(arena, "everybody can write %s", path));
		return NULL;
	}
	/* replaced by an upgrade, or not asked about: then only root's own process is believed */
	return uid == 0 ? NULL : "nothing proves that its executable is root's";
}

/* systemd makes the sockets of docker.socket and hands them over; its credentials stay on them. No other process
 * is believed to: who replaced the file of a socket would share its path, not its inode. */
static bool is_service_manager(const hf_process *process)
{
	return process->pid == 1 || hf_streq(process->exe, "/usr/lib/systemd/systemd") ||
	       hf_streq(process->exe, "/lib/systemd/systemd");
}

/* The dockerd that holds the listening socket. */
static int32_t find_holder(hf_facts *facts, const hf_processes *processes, const credentials *c)
{
	hf_arena *arena = hf_facts_arena(facts);
	char wanted[48];

	(void)hf_print(wanted, sizeof wanted, "socket:[%llu]", (unsigned long long)c->inode);
	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (!process->exe || !hf_is_dockerd(process->exe) ||
		    why_no_dockerd(facts, process, c->uid))
			continue;
		const hf_dir *fds = hf_facts_dir(
			facts, hf_checked(hf_arena_printf(arena, "/proc/%d/fd", process->pid)));

		for (size_t k = 0; k < fds->count; k++) {
			const hf_answer *link = hf_facts_ask(
				facts, HF_ASK_LINK,
				hf_checked(hf_arena_printf(arena, "/proc/%d/fd/%s", process->pid,
							   fds->names[k])));

			if (link && !link->error && strcmp(link->data, wanted) == 0)
				return process->pid;
		}
	}
	return 0;
}

static void prove(hf_facts *facts, const credentials *c, hf_peer *peer)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_processes *processes = hf_facts_processes(facts);
	const char *why;

	if (processes->fact.state != HF_PRESENT) {
		peer->fact.why = "who listens could not be proved: the processes could not be read";
		return;
	}
	const hf_process *process = c->pid > 0 && c->pid <= INT32_MAX
					    ? hf_process_by_pid(processes, (int32_t)c->pid)
					    : NULL;

	why = process ? why_no_dockerd(facts, process, c->uid) : "it is not among the processes";
	if (!why) {
		peer->pid = process->pid;
	} else if (process && is_service_manager(process)) {
		peer->pid = c->inode ? find_holder(facts, processes, c) : 0;
		why = c->inode ? "no dockerd holds the socket"
			       : "which socket it is could not be told";
	}
	if (peer->pid) {
		peer->fact.state = HF_PRESENT;
		return;
	}
	peer->fact.why = hf_checked(hf_arena_printf(
		arena, "the process that listens (pid %lld) is not proved to be the daemon: %s",
		(long long)c->pid, why));
}

static const void *compute_peer(hf_facts *facts, const char *key)
{
	hf_peer *peer = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *peer));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, "peer");

	(void)key;
	peer->fact = hf_facts_head(facts, HF_ASK_CALL, "peer", answer);
	peer->fact.source = "credentials of the engine's socket";
	if (peer->fact.state != HF_PRESENT) {
		peer->fact.state = HF_UNREADABLE;
		return peer;
	}
	const credentials c = read_credentials(hf_facts_arena(facts), answer);

	peer->fact.state = HF_UNREADABLE;
	peer->socket = c.socket;
	prove(facts, &c, peer);
	return peer;
}

static const hf_fact_type peer_type = {.name = "peer", .compute = compute_peer};

const hf_peer *hf_facts_peer(hf_facts *facts)
{
	return hf_facts_once(facts, &peer_type, "");
}
