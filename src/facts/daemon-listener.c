/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP sockets that a daemon listens on: what it holds, joined with the kernel's tables of its network namespace. */
#include "facts/net-table.h"
#include "facts/parts.h"

#include <stdio.h>

enum {
	STATE_LISTEN = 0x0a, /* TCP_LISTEN of <net/tcp_states.h> */
	INIT_PID = 1,
};

typedef struct gathering {
	hf_facts *facts;
	hf_arena *arena;
	hf_listeners *result;
	hf_listener *all;
	size_t room;
} gathering;

static void lose(gathering *g, const char *source, const char *why)
{
	if (g->result->fact.state != HF_PRESENT)
		return;
	g->result->fact = (hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

/* ---- the sockets of a process ---- */

static bool read_inodes(gathering *g, int32_t pid, hf_list *inodes)
{
	const hf_fact fact = hf_held_sockets(g->facts, pid, inodes);

	if (fact.state != HF_PRESENT)
		lose(g, fact.source, fact.why);
	return fact.state == HF_PRESENT;
}

static bool holds(const hf_list *inodes, uint64_t inode)
{
	for (size_t i = 0; i < inodes->count; i++) {
		if ((uintptr_t)inodes->items[i] == inode)
			return true;
	}
	return false;
}

/* ---- the tables ---- */

static void add(gathering *g, hf_listener listener)
{
	if (g->result->count == g->room) {
		size_t room = g->room ? g->room * 2 : 8;
		hf_listener *all = hf_checked(hf_arena_calloc(g->arena, room, sizeof *all));

		if (g->room > 0)
			memcpy(all, g->all, g->room * sizeof *all);
		g->all = all;
		g->room = room;
	}
	g->all[g->result->count++] = listener;
}

/* "  0: 0100007F:0943 00000000:0000 0A … uid timeout inode", see proc_net_tcp.rst */
static bool parse_line(const char *line, size_t length, hf_listener *listener, char *local)
{
	char copy[256];
	unsigned port, state;
	unsigned long long inode;

	if (length >= sizeof copy)
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (sscanf(copy, " %*u: %39[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %llu", local,
		   &port, &state, &inode) != 4 ||
	    state != STATE_LISTEN || port > UINT16_MAX)
		return false;
	listener->port = (uint16_t)port;
	listener->inode = inode;
	return true;
}

static void read_table(gathering *g, int32_t pid, const char *name, const hf_list *inodes,
		       bool (*wants)(hf_facts *facts, uint16_t port))
{
	const hf_file *table = hf_net_table(g->facts, pid, name);
	bool is_big = hf_net_is_big_endian(g->facts);
	const char *cursor = table->data, *line;
	size_t length;

	if (table->fact.state != HF_PRESENT && strcmp(name, "net/tcp6") == 0 &&
	    hf_net_has_no_ipv6(g->facts))
		return;
	if (table->fact.state != HF_PRESENT) {
		lose(g, table->fact.source, table->fact.why);
		return;
	}
	if (table->size == 0 || table->data[table->size - 1] != '\n') {
		lose(g, table->fact.source, "was read in part");
		return;
	}
	while (hf_next_line(&cursor, table->data + table->size, &line, &length)) {
		hf_listener listener = {.pid = pid, .source = table->fact.source};
		char local[40];

		if (!parse_line(line, length, &listener, local) || !holds(inodes, listener.inode) ||
		    (wants && !wants(g->facts, listener.port)))
			continue;
		hf_net_address address;

		if (!hf_net_address_parse(g->arena, local, is_big, &address)) {
			lose(g, table->fact.source, "has an address of no known form");
			continue;
		}
		listener.address = address.text;
		listener.is_loopback = address.is_loopback;
		listener.is_wildcard = address.is_wildcard;
		add(g, listener);
	}
}

/* ListenStream= is a port, or an address with one; or a path. */
static bool is_port_of_socket_unit(hf_facts *facts, uint16_t port)
{
	const hf_unit_setting *streams =
		hf_facts_unit_setting(facts, "docker.socket", "Socket.ListenStream");
	const char *cursor = streams->value, *line;
	size_t length;

	if (streams->fact.state != HF_PRESENT)
		return false;
	while (hf_next_line(&cursor, streams->value + strlen(streams->value), &line, &length)) {
		const char *item = hf_checked(hf_arena_memdup(hf_facts_arena(facts), line, length));
		const char *colon = strrchr(item, ':');
		uint64_t number;

		if (*item != '/' && hf_parse_u64(colon ? colon + 1 : item, &number) == 0 && number == port)
			return true;
	}
	return false;
}

static bool names_tcp(hf_facts *facts)
{
	const hf_unit_setting *streams =
		hf_facts_unit_setting(facts, "docker.socket", "Socket.ListenStream");
	const char *cursor = streams->value, *line;
	size_t length;

	while (streams->fact.state == HF_PRESENT &&
	       hf_next_line(&cursor, streams->value + strlen(streams->value), &line, &length)) {
		if (length > 0 && *line != '/' && *line != '%' && *line != '@')
			return true;
	}
	return false;
}

static void gather(gathering *g, int32_t pid, bool (*wants)(hf_facts *facts, uint16_t port))
{
	hf_cleanup(hf_list_free) hf_list inodes = {0};

	if (!read_inodes(g, pid, &inodes))
		return;
	read_table(g, pid, "net/tcp", &inodes, wants);
	read_table(g, pid, "net/tcp6", &inodes, wants);
}

/* @key: the daemon's. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_listeners *result = hf_checked(hf_arena_alloc(arena, sizeof *result));
	const hf_daemon_parts *daemon = hf_facts_daemon(facts, key);
	gathering g = {.facts = facts, .arena = arena, .result = result};

	if (!daemon || daemon->unsure) {
		result->fact = (hf_fact){.state = HF_UNREADABLE, .source = "processes",
					 .why = daemon ? daemon->unsure : "there is no such daemon"};
		return result;
	}
	result->fact = (hf_fact){.state = HF_PRESENT, .source = "sockets of the daemon"};
	if (daemon->seen.is_running)
		gather(&g, daemon->seen.pid, NULL);
	/* until the first client comes, the sockets of docker.socket are held by pid 1 */
	if (daemon->is_main && names_tcp(facts))
		gather(&g, INIT_PID, is_port_of_socket_unit);
	if (result->fact.state == HF_PRESENT && !daemon->seen.is_running && result->count == 0)
		result->fact = (hf_fact){.state = HF_ABSENT, .source = "processes",
					 .why = "the engine does not run"};
	result->all = g.all;
	return result;
}

static const hf_fact_type listeners_type = {.name = "daemon-listeners", .compute = compute};

const hf_listeners *hf_daemon_listeners(hf_check_run *run)
{
	static const hf_listeners none = {
		.fact = {.state = HF_ABSENT, .source = "processes", .why = "there is no Docker Engine"},
	};
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);

	return daemon ? hf_facts_once(hf_facts_of(run), &listeners_type, daemon->key) : &none;
}
