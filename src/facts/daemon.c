/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Docker daemons of a node: those that run, by their executables, and the one that is only configured. */
#include "facts/parts.h"

#include <stdio.h>

const char hf_daemon_default_config[] = "/etc/docker/daemon.json";

typedef struct daemons {
	hf_subjects subjects;
	hf_daemon_parts *all;
	size_t count;
} daemons;

const char *hf_origin_name(hf_origin origin)
{
	switch (origin) {
	case HF_ORIGIN_ENGINE:
		return "running engine";
	case HF_ORIGIN_FLAG:
		return "flag of the running daemon";
	case HF_ORIGIN_FILE:
		return "daemon.json";
	case HF_ORIGIN_UNIT:
		return "unit";
	case HF_ORIGIN_DEFAULT:
		return "compiled default";
	}
	return "unknown";
}

const char *hf_exe_path(hf_arena *arena, const char *exe, bool *ret_deleted)
{
	static const char mark[] = " (deleted)"; /* d_path(9): the file was replaced or removed */

	*ret_deleted = hf_has_suffix(exe, mark);
	if (!*ret_deleted)
		return exe;
	return hf_checked(hf_arena_memdup(arena, exe, strlen(exe) - strlen(mark)));
}

bool hf_is_dockerd(const char *exe)
{
	/* docker's own packages, the CE packages of 17.06 to 18.06, RHEL 7, NixOS */
	static const char *const names[] = {"dockerd", "dockerd-ce", "dockerd-current",
					    ".dockerd-wrapped"};
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	if (!slash)
		return false;
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(slash + 1, names[i], length) == 0 &&
		    (slash[1 + length] == '\0' || strcmp(slash + 1 + length, " (deleted)") == 0))
			return true;
	}
	return false;
}

/* ---- running daemons ---- */

/* dockerd runs itself for short jobs (docker-untar, libnetwork-setkey), and to tell its version. */
static bool is_no_daemon(hf_facts *facts, const hf_processes *processes, const hf_process *process)
{
	static const char *const words[] = {"--version", "-v", "--help", "-h", "--validate"};
	const hf_process *parent = hf_process_by_pid(processes, process->parent);
	const hf_file *cmdline = hf_facts_process_file(facts, process->pid, "cmdline");

	if (parent && parent->exe && hf_is_dockerd(parent->exe))
		return true;
	/* a daemon in a container is that container's affair, unless it answers for this node */
	if (process->is_container)
		return hf_facts_peer(facts)->pid != process->pid;
	if (cmdline->fact.state != HF_PRESENT)
		return false;
	for (const char *at = cmdline->data; at < cmdline->data + cmdline->size; at += strlen(at) + 1) {
		for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
			if (strcmp(at, words[i]) == 0)
				return true;
		}
	}
	return false;
}

static void add_running(hf_facts *facts, const hf_process *process, hf_daemon_parts *parts)
{
	hf_daemon *seen = &parts->seen;

	seen->fact = (hf_fact){
		.state = HF_PRESENT,
		.source = hf_checked(hf_arena_printf(hf_facts_arena(facts), "/proc/%d/exe", process->pid)),
	};
	seen->is_running = true;
	seen->pid = process->pid;
	seen->exe = process->exe;
	parts->is_guest = process->is_container;
	parts->is_main = process->cgroup && strstr(process->cgroup, "/system.slice/docker.service\n");
	hf_daemon_read_process(facts, process, parts);
}

static bool is_hosts_own(const hf_daemon_parts *parts)
{
	return !parts->is_guest && (parts->seen.user.state != HF_PRESENT || !parts->seen.is_rootless);
}

static int compare_daemons(const void *a, const void *b)
{
	const hf_daemon_parts *x = a, *y = b;
	int order = (int)is_hosts_own(y) - (int)is_hosts_own(x);

	return order ? order : (x->seen.pid > y->seen.pid) - (x->seen.pid < y->seen.pid);
}

/* ---- the daemon that does not run ---- */

/* Where packages put the program. A path that is not there proves little, so ENOENT is enough here: each of
 * unit, file, program and process has to be missing. */
static hf_fact find_program(hf_facts *facts)
{
	static const char *const paths[] = {"/usr/bin/dockerd", "/usr/sbin/dockerd",
					    "/usr/local/bin/dockerd"};
	hf_fact found = {.state = HF_ABSENT, .source = "dockerd", .why = "no such program"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(paths); i++) {
		const hf_answer *answer = hf_facts_ask(facts, HF_ASK_STAT, paths[i]);

		if (answer && answer->error == ENOENT)
			continue;
		hf_fact fact = hf_facts_head(facts, HF_ASK_STAT, paths[i], answer);

		if (fact.state == HF_PRESENT)
			return fact;
		if (fact.state == HF_UNREADABLE)
			found = fact;
	}
	return found;
}

/* The first of the witnesses that says there is an engine; else the first that could not be read; else absence. */
static hf_fact find_declared(hf_facts *facts, bool has_other)
{
	const hf_unit *unit = hf_facts_unit(facts, "docker.service");
	const hf_fact nothing = {.state = HF_ABSENT, .source = "docker.service"};
	/* nothing starts a masked unit; and where another user's engine runs, the program is there for that one */
	const hf_fact witnesses[] = {
		unit->is_masked ? nothing : unit->fact,
		hf_facts_file(facts, hf_daemon_default_config)->fact,
		has_other ? nothing : find_program(facts),
	};
	hf_fact found = {
		.state = HF_ABSENT,
		.source = "processes, docker.service, daemon.json and the program dockerd",
		.why = "there is no Docker Engine",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(witnesses); i++) {
		if (witnesses[i].state == HF_PRESENT)
			return witnesses[i];
		if (witnesses[i].state == HF_UNREADABLE && found.state == HF_ABSENT)
			found = witnesses[i];
	}
	return found;
}

static void read_declared_user(hf_facts *facts, hf_daemon *seen)
{
	const hf_unit_setting *user = hf_facts_unit_setting(facts, "docker.service", "Service.User");

	seen->user = (hf_fact){.state = HF_PRESENT, .source = "docker.service, which names no user"};
	if (user->fact.state == HF_UNREADABLE)
		seen->user = user->fact;
	if (user->fact.state != HF_PRESENT)
		return;
	seen->user.source = user->fact.source;
	if (strcmp(user->value, "root") != 0 && strcmp(user->value, "0") != 0) {
		seen->user.state = HF_UNREADABLE;
		seen->user.why = "what a dockerd of another user maps is only known once it runs";
	}
}

static void add_declared(hf_facts *facts, hf_fact found, const char *unsure, hf_daemon_parts *parts)
{
	hf_daemon *seen = &parts->seen;
	const hf_fact away = {.state = HF_ABSENT, .source = "processes", .why = "the engine does not run"};
	const hf_fact lost = {.state = HF_UNREADABLE, .source = "processes", .why = unsure};
	const hf_daemon_unit *unit = hf_facts_daemon_unit(facts);

	seen->fact = unsure ? lost : found;
	seen->api = seen->start = unsure ? lost : away;
	parts->unsure = unsure;
	parts->is_main = true;
	parts->flags = &unit->flags;
	seen->flags = unit->flags.fact;
	read_declared_user(facts, seen);
	hf_daemon_read_config(facts, parts);
}

/* ---- the list ---- */

/* Why it is not known that no other dockerd runs, or NULL. In a file tree nothing runs. */
static const char *why_incomplete(hf_facts *facts, const hf_processes *processes)
{
	const hf_answer *kernel = hf_facts_ask(facts, HF_ASK_CALL, "uname");
	bool is_tree = kernel && kernel->error == ENOTSUP;

	if (processes->fact.state != HF_PRESENT)
		return is_tree ? NULL : hf_checked(hf_arena_printf(
						hf_facts_arena(facts), "%s: %s",
						processes->fact.source, processes->fact.why));
	return processes->gap;
}

/* Where somebody answers on the engine's socket and no process is proved to be behind it, an engine may run that
 * was not seen. */
static const char *why_unseen(hf_facts *facts, const char *unsure)
{
	const hf_answer *peer = hf_facts_ask(facts, HF_ASK_CALL, "peer");

	return unsure || !peer || peer->error ? unsure : hf_facts_peer(facts)->fact.why;
}

/* The path of its first unix socket where that is not the usual one, or NULL. */
static const char *own_socket(hf_arena *arena, const hf_flags *flags)
{
	static const char scheme[] = "unix://";
	const char *hosts = flags->fact.state == HF_PRESENT
				    ? hf_flags_value(flags, hf_option_by_key("hosts"))
				    : NULL;
	const char *cursor = hosts, *line;
	size_t length, skip = strlen(scheme);

	while (hosts && hf_next_line(&cursor, hosts + strlen(hosts), &line, &length)) {
		if (length <= skip || memcmp(line, scheme, skip) != 0)
			continue;
		const char *path = hf_checked(hf_arena_memdup(arena, line + skip, length - skip));

		return strcmp(path, "/var/run/docker.sock") == 0 ||
				       strcmp(path, "/run/docker.sock") == 0
			       ? NULL
			       : path;
	}
	return NULL;
}

/* The same daemon has the same key in every run, and whichever others are there. */
static const char *key_of(hf_arena *arena, const daemons *list, size_t index)
{
	const hf_daemon_parts *parts = &list->all[index];
	const hf_daemon *seen = &parts->seen;
	const char *socket = seen->is_running ? own_socket(arena, parts->flags) : NULL;
	const char *key = "daemon:docker";

	if (seen->is_running && seen->user.state == HF_PRESENT && seen->uid)
		key = hf_checked(hf_arena_printf(arena, "daemon:docker:uid%u", seen->uid));
	else if (socket)
		key = hf_checked(hf_arena_printf(arena, "daemon:docker:%s", socket));
	for (size_t i = 0; i < index; i++) {
		if (strcmp(list->all[i].key, key) == 0)
			return hf_checked(hf_arena_printf(arena, "%s:pid%d", key, seen->pid));
	}
	return key;
}

static void name_them(hf_facts *facts, daemons *list)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_subject *subjects = hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *subjects));

	for (size_t i = 0; i < list->count; i++) {
		hf_daemon_parts *parts = &list->all[i];
		int32_t pid = parts->seen.pid;

		parts->key = key_of(arena, list, i);
		parts->seen.name = list->count == 1 || pid == 0
					   ? "docker"
					   : hf_checked(hf_arena_printf(arena, "docker (pid %d)", pid));
		subjects[i] = (hf_subject){
			.kind = HF_SUBJECT_DAEMON,
			.key = parts->key,
			.id = parts->seen.name,
			.name = parts->seen.name,
			.runtime = "docker",
			.fact = &parts->seen,
		};
	}
	list->subjects.all = subjects;
	list->subjects.count = list->count;
}

static const void *compute_daemons(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	daemons *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_processes *processes = hf_facts_processes(facts);
	const char *unsure = why_incomplete(facts, processes);
	size_t room = 1;

	(void)key;
	for (size_t i = 0; i < processes->count; i++)
		room += hf_is_dockerd(processes->all[i].exe);
	list->all = hf_checked(hf_arena_calloc(arena, room, sizeof *list->all));
	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (hf_is_dockerd(process->exe) && !is_no_daemon(facts, processes, process))
			add_running(facts, process, &list->all[list->count++]);
	}
	qsort(list->all, list->count, sizeof *list->all, compare_daemons);
	list->subjects.fact = (hf_fact){.state = HF_PRESENT, .source = "processes"};
	if (list->count == 0 || !is_hosts_own(&list->all[0])) {
		hf_fact found = find_declared(facts, list->count > 0);

		unsure = why_unseen(facts, unsure);
		if (found.state == HF_PRESENT)
			add_declared(facts, found, unsure, &list->all[list->count++]);
		else if (found.state == HF_UNREADABLE || list->count == 0)
			list->subjects.fact = found;
	}
	if (unsure && list->subjects.fact.state != HF_UNREADABLE)
		list->subjects.fact = (hf_fact){
			.state = HF_UNREADABLE, .source = "processes", .why = unsure};
	qsort(list->all, list->count, sizeof *list->all, compare_daemons);
	name_them(facts, list);
	return list;
}

static const hf_fact_type daemons_type = {.name = "daemons", .compute = compute_daemons};

static const daemons *all_daemons(hf_facts *facts)
{
	return hf_facts_once(facts, &daemons_type, "");
}

const hf_subjects *hf_facts_daemon_subjects(hf_facts *facts)
{
	return &all_daemons(facts)->subjects;
}

const hf_daemon_parts *hf_facts_daemon(hf_facts *facts, const char *key)
{
	const daemons *list = all_daemons(facts);

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->all[i].key, key) == 0)
			return &list->all[i];
	}
	return NULL;
}

const hf_daemon_parts *hf_daemon_parts_of(hf_check_run *run)
{
	const hf_subject *subject = hf_subject_of(run);
	const daemons *list = all_daemons(hf_facts_of(run));

	if (subject && subject->kind == HF_SUBJECT_DAEMON)
		return subject->fact;
	return list->count > 0 ? &list->all[0] : NULL;
}

/* ---- the public getters ---- */

const hf_daemon *hf_daemon_get(hf_check_run *run)
{
	const hf_daemon_parts *parts = hf_daemon_parts_of(run);

	return parts ? &parts->seen : NULL;
}

bool hf_daemon_is_older(const hf_daemon *daemon, const hf_file *file, bool *ret_older)
{
	/* every hf_daemon is the first member of its parts */
	const hf_daemon_parts *parts = (const hf_daemon_parts *)(const void *)daemon;
	int64_t changed = file->mtime_ns > file->ctime_ns ? file->mtime_ns : file->ctime_ns;

	if (!daemon->is_running || daemon->start.state != HF_PRESENT || file->fact.state != HF_PRESENT)
		return false;
	*ret_older = changed < parts->read_before_ns;
	return true;
}

bool hf_daemon_compare(const hf_daemon *daemon, const char *version, int *ret_order)
{
	return hf_version_compare(daemon->version, version, ret_order);
}

const hf_config_key *hf_daemon_config_key(hf_check_run *run, size_t index)
{
	const hf_daemon_parts *parts = hf_daemon_parts_of(run);

	if (!parts || parts->config->fact.state != HF_PRESENT || index >= parts->config->count)
		return NULL;
	return &parts->config->keys[index];
}
