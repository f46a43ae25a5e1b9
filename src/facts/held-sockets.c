/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets a process holds, and the kernel's tables of its network namespace; the UNIX sockets it listens on. */
#include "facts/net-table.h"
#include "facts/parts.h"

#include <stdio.h>

enum {
	KTHREADD = 2, /* never leaves the initial namespaces */
	SO_ACCEPTCON_FLAG = 0x10000, /* __SO_ACCEPTCON of <linux/net.h>: it listens */
};

/* ---- the sockets of a process ---- */

typedef struct descriptors {
	hf_facts *facts;
	int32_t pid;
	hf_list *inodes;
	hf_fact fact;
} descriptors;

/* Only links to sockets are recorded, and refusals. A link that is neither this nor that was cut. */
static int add_descriptor(const hf_answer *recorded, void *data)
{
	descriptors *d = data;
	unsigned long long inode;
	int pid, number, end = 0;

	if (sscanf(recorded->name, "/proc/%d/fd/%d", &pid, &number) != 2 || pid != d->pid)
		return 0;
	const hf_answer *link = hf_facts_ask(d->facts, HF_ASK_LINK, recorded->name);

	if (!link->error && sscanf(link->data, "socket:[%llu]%n", &inode, &end) == 1 && end > 0)
		return hf_list_add(d->inodes, (void *)(uintptr_t)inode);
	/* "pipe:[1]", and "net:[4026531840]", which every engine with a bridge holds */
	if (!link->error && (*link->data == '/' || hf_has_prefix(link->data, "anon_inode:") ||
			     (strstr(link->data, ":[") && hf_has_suffix(link->data, "]"))))
		return 0;
	if (d->fact.state == HF_PRESENT)
		d->fact = (hf_fact){
			.state = HF_UNREADABLE,
			.source = recorded->name,
			.why = link->reason  ? link->reason
			       : link->error ? strerror(link->error)
					     : "is no whole link",
		};
	return 0;
}

hf_fact hf_held_sockets(hf_facts *facts, int32_t pid, hf_list *inodes)
{
	const char *folder = hf_checked(hf_arena_printf(hf_facts_arena(facts), "/proc/%d/fd", pid));
	const hf_dir *dir = hf_facts_dir(facts, folder);
	descriptors d = {
		.facts = facts,
		.pid = pid,
		.inodes = inodes,
		.fact = {.state = HF_PRESENT, .source = folder},
	};

	/* the listing proves that all were looked at; what was seen is in the links */
	if (dir->fact.state != HF_PRESENT)
		return (hf_fact){.state = HF_UNREADABLE, .source = folder, .why = dir->fact.why};
	if (hf_record_each_below(hf_facts_record(facts), HF_ASK_LINK, folder, add_descriptor, &d) < 0)
		hf_facts_out_of_memory();
	return d.fact;
}

/* ---- the tables ---- */

const hf_file *hf_net_table(hf_facts *facts, int32_t pid, const char *name)
{
	const hf_record *record = hf_facts_record(facts);
	const hf_processes *processes = hf_facts_processes(facts);
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/%s", pid, name);
	if (hf_record_get(record, HF_ASK_FILE, path))
		return hf_facts_file(facts, path);
	(void)hf_print(path, sizeof path, "/proc/%d/ns/net", pid);
	const hf_link *own = hf_facts_link(facts, path);

	for (size_t i = 0; own->fact.state == HF_PRESENT && i < processes->count; i++) {
		int32_t other = processes->all[i].pid;
		const hf_answer *space;

		(void)hf_print(path, sizeof path, "/proc/%d/ns/net", other);
		space = hf_record_get(record, HF_ASK_LINK, path);
		if (!space || space->error || strcmp(space->data, own->target) != 0)
			continue;
		(void)hf_print(path, sizeof path, "/proc/%d/%s", other, name);
		if (!hf_record_get(record, HF_ASK_FILE, path))
			continue;
		/* that it is the same namespace rests on this link, too */
		(void)hf_print(path, sizeof path, "/proc/%d/ns/net", other);
		(void)hf_facts_link(facts, path);
		return hf_facts_process_file(facts, other, name);
	}
	return hf_facts_process_file(facts, pid, name);
}

/* ---- who listens ---- */

static bool holds(const hf_list *inodes, uint64_t inode)
{
	for (size_t i = 0; i < inodes->count; i++) {
		if ((uintptr_t)inodes->items[i] == inode)
			return true;
	}
	return false;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void keep_paths(hf_facts *facts, hf_unix_listeners *listeners, hf_list *paths)
{
	const char **all = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), paths->count + 1, sizeof *all));

	if (paths->count > 0)
		qsort(paths->items, paths->count, sizeof *paths->items, compare_paths);
	for (size_t i = 0; i < paths->count; i++) {
		if (i == 0 || strcmp(paths->items[i], paths->items[i - 1]) != 0)
			all[listeners->count++] = paths->items[i];
	}
	listeners->paths = all;
}

/* "Num RefCount Protocol Flags Type St Inode Path", unix(7). Those of @inodes; NULL: all. */
static void read_listeners(hf_facts *facts, const hf_file *table, const hf_list *inodes,
			   hf_unix_listeners *listeners)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cleanup(hf_list_free) hf_list paths = {0};
	const char *cursor = table->data, *line;
	size_t length;

	if (table->fact.state != HF_PRESENT) {
		listeners->fact = table->fact;
		listeners->fact.state = HF_UNREADABLE;
		return;
	}
	listeners->fact.source = table->fact.source;
	if (table->size == 0 || table->data[table->size - 1] != '\n') {
		listeners->fact.state = HF_UNREADABLE;
		listeners->fact.why = "was read in part";
	}
	while (hf_next_line(&cursor, table->data + table->size, &line, &length)) {
		const char *copy = hf_checked(hf_arena_memdup(arena, line, length));
		unsigned long flags;
		unsigned long long inode;
		int at = 0;

		if (sscanf(copy, "%*x: %*x %*x %lx %*x %*x %llu %n", &flags, &inode, &at) != 2 ||
		    at == 0 || copy[at] == '\0' || !(flags & SO_ACCEPTCON_FLAG) ||
		    (inodes && !holds(inodes, inode)))
			continue;
		if (hf_list_add(&paths, (char *)(uintptr_t)copy + at) < 0)
			hf_facts_out_of_memory();
	}
	keep_paths(facts, listeners, &paths);
}

/* @key: the pid; "": everybody of the initial network namespace. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_unix_listeners *listeners =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *listeners));
	hf_cleanup(hf_list_free) hf_list inodes = {0};
	int32_t pid = (int32_t)atoi(key);

	listeners->fact.source = "/proc/PID/net/unix";
	if (pid == 0) {
		read_listeners(facts, hf_net_table(facts, KTHREADD, "net/unix"), NULL, listeners);
		return listeners;
	}
	hf_fact held = hf_held_sockets(facts, pid, &inodes);

	listeners->fact = held;
	if (held.state == HF_PRESENT)
		read_listeners(facts, hf_net_table(facts, pid, "net/unix"), &inodes, listeners);
	return listeners;
}

static const hf_fact_type listeners_type = {.name = "unix-listeners", .compute = compute};

static const hf_unix_listeners *listeners_of(hf_facts *facts, int32_t pid)
{
	char key[16] = "";

	if (pid)
		(void)hf_print(key, sizeof key, "%d", pid);
	return hf_facts_once(facts, &listeners_type, key);
}

const hf_unix_listeners *hf_unix_listeners_get(hf_check_run *run, int32_t pid)
{
	return listeners_of(hf_facts_of(run), pid);
}

const hf_unix_listeners *hf_all_unix_listeners(hf_check_run *run)
{
	return listeners_of(hf_facts_of(run), 0);
}

/* ---- those of a Docker engine ---- */

/* "/run/docker.sock" of docker.socket, with %t as a unit of the system has it. */
static const char *stream_path(hf_facts *facts, const char *line, size_t length)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *text = hf_checked(hf_arena_memdup(arena, line, length));

	return hf_has_prefix(text, "%t/") ? hf_checked(hf_arena_printf(arena, "/run/%s", text + 3)) : text;
}

/* Until the first client comes, pid 1 listens for the engine; or nobody does, and what is declared is what will be. */
static void add_declared(hf_facts *facts, hf_unix_listeners *listeners)
{
	const hf_unit_setting *streams =
		hf_facts_unit_setting(facts, "docker.socket", "Socket.ListenStream");
	hf_cleanup(hf_list_free) hf_list paths = {0};
	const char *cursor = streams->value, *line;
	size_t length;

	listeners->fact = streams->fact;
	if (streams->fact.state == HF_ABSENT)
		listeners->fact.why = "the engine does not run, and no unit listens for it";
	if (streams->fact.state != HF_PRESENT)
		return;
	while (hf_next_line(&cursor, streams->value + strlen(streams->value), &line, &length)) {
		const char *path = stream_path(facts, line, length);

		if (*path == '/' && hf_list_add(&paths, (char *)(uintptr_t)path) < 0)
			hf_facts_out_of_memory();
	}
	keep_paths(facts, listeners, &paths);
	if (listeners->count == 0) {
		listeners->fact.state = HF_ABSENT;
		listeners->fact.why = "the engine does not run, and its unit listens on no path";
	}
}

/* @key: the daemon's. */
static const void *compute_daemon(hf_facts *facts, const char *key)
{
	hf_unix_listeners *listeners =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *listeners));
	const hf_daemon_parts *daemon = hf_facts_daemon(facts, key);

	listeners->fact = (hf_fact){.state = HF_UNREADABLE, .source = "processes",
				    .why = "there is no such daemon"};
	if (daemon && daemon->unsure) {
		listeners->fact.why = daemon->unsure;
	} else if (daemon && daemon->is_guest) {
		listeners->fact.why = "the engine runs in a container, where its paths are others";
	} else if (daemon && daemon->seen.is_running) {
		*listeners = *listeners_of(facts, daemon->seen.pid);
		if (listeners->fact.state == HF_PRESENT && listeners->count == 0) {
			listeners->fact.state = HF_ABSENT;
			listeners->fact.why = "the engine listens on no UNIX socket";
		}
	} else if (daemon) {
		add_declared(facts, listeners);
	}
	return listeners;
}

static const hf_fact_type daemon_type = {.name = "daemon-sockets", .compute = compute_daemon};

const hf_unix_listeners *hf_daemon_sockets(hf_check_run *run)
{
	static const hf_unix_listeners none = {
		.fact = {.state = HF_ABSENT, .source = "processes", .why = "there is no Docker Engine"},
	};
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);

	return daemon ? hf_facts_once(hf_facts_of(run), &daemon_type, daemon->key) : &none;
}
