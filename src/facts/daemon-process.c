/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of one daemon: its user, its start, its flags, its configuration file, its API. */
#include "facts/parts.h"

#include <stdio.h>

/* ---- who and since when ---- */

/* The initial user namespace maps all of itself: user_namespaces(7). False when @map is no whole map. */
static bool read_map(const hf_file *map, bool *ret_initial)
{
	unsigned inside, outside, count;
	char more;

	if (map->size == 0 || map->data[map->size - 1] != '\n' ||
	    sscanf(map->data, "%u %u %u", &inside, &outside, &count) != 3)
		return false;
	*ret_initial = sscanf(map->data, "%u %u %u %c", &inside, &outside, &count, &more) == 3 &&
		       inside == 0 && outside == 0 && count == UINT32_MAX;
	return true;
}

static void read_user(hf_facts *facts, hf_daemon *seen)
{
	const char *uids = hf_facts_status_field(facts, seen->pid, "Uid");
	const hf_file *map = hf_facts_process_file(facts, seen->pid, "uid_map");
	unsigned real, effective;
	bool is_initial = true;

	seen->user.source = hf_checked(hf_arena_printf(hf_facts_arena(facts),
						       "/proc/%d/status and uid_map", seen->pid));
	seen->user.state = HF_UNREADABLE;
	if (!uids || sscanf(uids, "%u %u", &real, &effective) != 2) {
		seen->user.why = "the user that it runs as could not be read";
		return;
	}
	seen->uid = effective;
	if (effective == 0 && (map->fact.state != HF_PRESENT || !read_map(map, &is_initial))) {
		seen->user.why = map->fact.why ? map->fact.why : "uid_map is no map of users";
		return;
	}
	seen->is_rootless = effective != 0 || !is_initial;
	seen->user.state = HF_PRESENT;
}

bool hf_facts_boot_time(hf_facts *facts, int64_t *ret_ns, int64_t *ret_slack_ns)
{
	const hf_answer *clocks = hf_facts_ask(facts, HF_ASK_CALL, "boottime");
	long long seconds, nanoseconds;

	if (clocks && !clocks->error &&
	    sscanf(clocks->data, "%lld.%9lld", &seconds, &nanoseconds) == 2) {
		*ret_ns = seconds * 1000000000 + nanoseconds;
		*ret_slack_ns = 0;
		return true;
	}
	const hf_file *stat = hf_facts_file(facts, "/proc/stat");
	const char *line = stat->fact.state == HF_PRESENT ? strstr(stat->data, "\nbtime ") : NULL;

	if (!line || sscanf(line, " btime %lld", &seconds) != 1 || seconds < 0 ||
	    seconds > INT64_MAX / 2000000000)
		return false;
	*ret_ns = seconds * 1000000000;
	*ret_slack_ns = 1000000000;
	return true;
}

static void read_start(hf_facts *facts, const hf_process *process, hf_daemon_parts *parts)
{
	const int64_t tick_ns = 10000000; /* USER_HZ is 100: proc(5) */
	int64_t boot, slack;
	hf_daemon *seen = &parts->seen;

	seen->start.source = hf_checked(hf_arena_printf(
		hf_facts_arena(facts), "/proc/%d/stat and the time of boot", process->pid));
	if (process->start_ticks == 0 || process->start_ticks > UINT64_C(1000000000000) ||
	    !hf_facts_boot_time(facts, &boot, &slack)) {
		seen->start.state = HF_UNREADABLE;
		seen->start.why = "the time of its start could not be read";
		return;
	}
	int64_t start = boot + (int64_t)process->start_ticks * tick_ns;

	seen->start.state = HF_PRESENT;
	seen->start_time = start / 1000000000;
	/* the tick is rounded down; reading its configuration takes a new process longer than one */
	parts->read_before_ns = slack ? start : start + tick_ns;
}

/* ---- its flags and its file ---- */

static void read_flags(hf_facts *facts, hf_daemon_parts *parts)
{
	hf_flags *flags = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *flags));
	const hf_file *cmdline = hf_facts_process_file(facts, parts->seen.pid, "cmdline");
	hf_error err = {0};
	hf_fact fact = cmdline->fact;

	if (fact.state != HF_PRESENT) {
		fact.state = HF_UNREADABLE;
	} else {
		int r = hf_flags_parse_cmdline(hf_facts_arena(facts), cmdline->data, cmdline->size,
					       flags, &err);

		if (r == -ENOMEM)
			hf_facts_out_of_memory();
		if (r < 0) {
			fact.state = HF_UNREADABLE;
			fact.why = hf_checked(hf_arena_strdup(hf_facts_arena(facts), err.text));
		}
	}
	flags->fact = fact;
	parts->flags = flags;
	parts->seen.flags = fact;
}

/* The home of @uid by /etc/passwd, or NULL. */
static const char *home_of(hf_facts *facts, uint32_t uid)
{
	const hf_file *passwd = hf_facts_file(facts, "/etc/passwd");
	const char *cursor = passwd->data, *line;
	size_t length;

	if (passwd->fact.state != HF_PRESENT)
		return NULL;
	while (hf_next_line(&cursor, passwd->data + passwd->size, &line, &length)) {
		char *copy = hf_checked(hf_arena_memdup(hf_facts_arena(facts), line, length));
		const char *fields[7] = {0};
		uint64_t number;

		for (size_t i = 0; i < HF_ARRAY_SIZE(fields); i++)
			fields[i] = strsep(&copy, ":");
		if (fields[5] && *fields[5] == '/' && hf_parse_u64(fields[2], &number) == 0 &&
		    number == uid)
			return fields[5];
	}
	return NULL;
}

/* NULL, with *ret_why, when it cannot be told. */
static const char *find_config(hf_facts *facts, const hf_daemon_parts *parts, const char **ret_why)
{
	const hf_daemon *seen = &parts->seen;
	const char *named = parts->flags->config_file;

	if (parts->flags->fact.state == HF_UNREADABLE) {
		*ret_why = "which file it reads is not known: its flags could not be read";
		return NULL;
	}
	if (parts->is_guest) {
		*ret_why = "it runs in a container, and files there are not read";
		return NULL;
	}
	if (named && *named == '/')
		return named;
	if (named) {
		*ret_why = "its --config-file is a relative path";
		return NULL;
	}
	if (seen->user.state != HF_PRESENT) {
		*ret_why = seen->user.why;
		return NULL;
	}
	if (!seen->is_rootless)
		return hf_daemon_default_config;
	/* os.Getenv("XDG_CONFIG_HOME") comes first; values of the environment are not recorded */
	const hf_file *environ_file = hf_facts_process_file(facts, seen->pid, "environ");
	const char *home = seen->uid ? home_of(facts, seen->uid) : NULL;

	if (environ_file->fact.state != HF_PRESENT || !home ||
	    memmem(environ_file->data, environ_file->size, "XDG_CONFIG_HOME",
		   strlen("XDG_CONFIG_HOME"))) {
		*ret_why = "the folder of a rootless engine's configuration could not be told";
		return NULL;
	}
	return hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/.config/docker/daemon.json", home));
}

void hf_daemon_read_config(hf_facts *facts, hf_daemon_parts *parts)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_config *config = hf_checked(hf_arena_alloc(arena, sizeof *config));
	const char *why = NULL, *path = find_config(facts, parts, &why);
	hf_error err = {0};

	parts->config = config;
	config->fact = (hf_fact){.state = HF_UNREADABLE, .source = "daemon.json", .why = why};
	if (path) {
		config->file = hf_facts_file(facts, path);
		config->fact = hf_file_whole(config->file);
	}
	parts->seen.config_path = path;
	if (config->fact.state == HF_PRESENT) {
		int r = hf_config_parse(arena, config->file->data, config->file->size,
					parts->seen.version, parts->flags, config, &err);

		if (r == -ENOMEM)
			hf_facts_out_of_memory();
		if (r < 0) {
			config->fact.state = HF_UNREADABLE;
			config->fact.why = hf_checked(hf_arena_strdup(arena, err.text));
		}
	}
	parts->seen.config = config->fact;
}

/* ---- the API ---- */

static const char *api_text(hf_facts *facts, const char *endpoint, const char *member)
{
	const hf_json *json = hf_facts_api_json(facts, endpoint);
	const hf_json *value = json ? hf_json_member(json, member) : NULL;

	return value && value->kind == HF_JSON_STRING && *value->text ? value->text : NULL;
}

static void read_api(hf_facts *facts, hf_daemon *seen)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_peer *peer = hf_facts_peer(facts);
	hf_fact info = hf_facts_api_fact(facts, "/info");

	seen->socket = peer->socket;
	seen->api = (hf_fact){.state = HF_UNREADABLE, .source = "engine API", .why = peer->fact.why};
	if (peer->fact.state != HF_PRESENT) {
		/* where nobody could be asked, the answers' own reasons say more */
		const hf_answer *asked = hf_facts_ask(facts, HF_ASK_CALL, "peer");

		if ((!asked || asked->error) && info.why)
			seen->api.why = info.why;
		return;
	}
	if (peer->pid != seen->pid) {
		seen->socket = NULL;
		seen->api.why = hf_checked(
			hf_arena_printf(arena, "another engine (pid %d) answers on %s", peer->pid,
					peer->socket ? peer->socket : "the socket"));
		return;
	}
	/* /version is asked where /info tells none */
	seen->version = api_text(facts, "/info", "ServerVersion");
	if (!seen->version)
		seen->version = api_text(facts, "/version", "Version");
	if (info.state != HF_PRESENT &&
	    hf_facts_api_fact(facts, "/version").state != HF_PRESENT) {
		seen->version = NULL;
		seen->api.why = info.why;
		return;
	}
	seen->api = (hf_fact){.state = HF_PRESENT, .source = "engine API"};
}

void hf_daemon_read_process(hf_facts *facts, const hf_process *process, hf_daemon_parts *parts)
{
	read_user(facts, &parts->seen);
	read_start(facts, process, parts);
	read_flags(facts, parts);
	read_api(facts, &parts->seen);
	hf_daemon_read_config(facts, parts);
}
