/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets of network namespaces, from the kernel's tables. The tables of a namespace are
 * in the record once, through some process in it. */
#include "facts/net-table.h"
#include "facts/net.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	STATE_LISTEN = 0x0a,	  /* TCP_LISTEN of <net/tcp_states.h> */
	STATE_UNCONNECTED = 0x07, /* TCP_CLOSE: a UDP socket that takes from anybody */
	FLAG_ACCEPTS = 0x10000,	  /* __SO_ACCEPTCON of <linux/net.h> */
};

/* ---- parsers ---- */

/* "  0: 0100007F:0943 00000000:0000 0A … uid timeout inode", see proc_net_tcp.rst */
static int parse_inet(hf_arena *arena, const char *line, bool is_tcp, bool is_big_endian,
		      hf_socket *socket)
{
	hf_net_address address;
	unsigned port, state;
	char local[40];

	if (sscanf(line,
		   " %*u: %39[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %" SCNu64,
		   local, &port, &state, &socket->inode) != 4 ||
	    port > UINT16_MAX)
		return -EBADMSG;
	if (state != (is_tcp ? STATE_LISTEN : STATE_UNCONNECTED))
		return 0;
	if (!hf_net_address_parse(arena, local, is_big_endian, &address))
		return -EBADMSG;
	socket->address = address.text;
	socket->is_loopback = address.is_loopback;
	socket->is_wildcard = address.is_wildcard;
	socket->port = (uint16_t)port;
	return 1;
}

/* "0000000000000000: 00000002 00000000 00010000 0001 01 20131 /run/docker.sock". The path is the
 * binder's choice: a line end in it makes a line that is none, or one more socket. */
static int parse_unix(hf_arena *arena, const char *line, hf_socket *socket)
{
	unsigned flags;
	int end = 0;

	if (sscanf(line, "%*x: %*x %*x %x %*x %*x %" SCNu64 "%n", &flags, &socket->inode, &end) !=
		    2 ||
	    end == 0 || !(flags & FLAG_ACCEPTS))
		return 0;
	line += end;
	line += strspn(line, " ");
	socket->address = hf_arena_strdup(arena, line);
	return socket->address ? 1 : -ENOMEM;
}

/* As a TCP socket's, with the protocol in place of the port: "  1: 00000000:0001 00000000:0000 07 …". */
static int parse_raw(hf_arena *arena, const char *line, bool is_big_endian, hf_socket *socket)
{
	hf_net_address address;
	unsigned protocol;
	char local[40];

	if (sscanf(line, " %*u: %39[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %*x %*s %*s %*s %*u %*u %" SCNu64,
		   local, &protocol, &socket->inode) != 3 ||
	    protocol > UINT16_MAX || !hf_net_address_parse(arena, local, is_big_endian, &address))
		return -EBADMSG;
	socket->address = address.text;
	socket->is_loopback = address.is_loopback;
	socket->is_wildcard = address.is_wildcard;
	socket->port = (uint16_t)protocol;
	return 1;
}

/* "ffff9d0a4b0c8000 3      3    0003   2     1 0      0      31337": type, protocol, interface. */
static int parse_packet(hf_arena *arena, const char *line, hf_socket *socket)
{
	unsigned protocol, interface;

	if (sscanf(line, "%*s %*d %*d %x %u %*d %*u %*u %" SCNu64, &protocol, &interface,
		   &socket->inode) != 3 ||
	    protocol > UINT16_MAX)
		return -EBADMSG;
	socket->address = hf_arena_printf(arena, "interface %u", interface);
	socket->is_wildcard = interface == 0;
	socket->port = (uint16_t)protocol;
	return socket->address ? 1 : -ENOMEM;
}

static int parse_line(hf_arena *arena, const char *family, bool is_big_endian, const char *line,
		      hf_socket *socket)
{
	if (strcmp(family, "unix") == 0)
		return parse_unix(arena, line, socket);
	if (strcmp(family, "packet") == 0)
		return parse_packet(arena, line, socket);
	if (hf_has_prefix(family, "raw"))
		return parse_raw(arena, line, is_big_endian, socket);
	return parse_inet(arena, line, strcmp(family, "tcp") == 0, is_big_endian, socket);
}

int hf_sockets_parse(hf_arena *arena, const char *family, bool is_big_endian, const char *text,
		     size_t size, hf_list *list)
{
	const char *cursor = text, *line;
	size_t length, number = 0;

	if (size == 0 || text[size - 1] != '\n')
		return -EBADMSG;
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		hf_socket socket = {.family = family};
		hf_cleanup(hf_freep) char *copy = number++ == 0 ? NULL : strndup(line, length);

		if (number == 1)
			continue; /* the head */
		if (!copy)
			return -ENOMEM;
		int r = parse_line(arena, family, is_big_endian, copy, &socket);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		hf_socket *kept = hf_arena_alloc(arena, sizeof *kept);

		if (!kept || hf_list_add(list, kept) < 0)
			return -ENOMEM;
		*kept = socket;
	}
	return 0;
}

/* ---- through which process a namespace is seen ---- */

typedef struct seen {
	uint64_t inode;
	int32_t pid;
} seen;

typedef struct witnesses {
	seen *all; /* by inode */
	size_t count;
} witnesses;

static int compare_seen(const void *a, const void *b)
{
	const seen *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static uint64_t net_ns_of(hf_facts *facts, int32_t pid)
{
	uint64_t inodes[HF_NS_COUNT];
	const char *failed;
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/ns/net", pid);
	const hf_answer *link = hf_record_get(hf_facts_record(facts), HF_ASK_LINK, path);

	if (link && !link->error)
		return hf_ns_inode(hf_facts_link(facts, path)->target);
	(void)hf_print(path, sizeof path, "/proc/%d/ns", pid);
	const hf_answer *all = hf_facts_ask(facts, HF_ASK_CALL, path);

	if (!all || all->error || hf_ns_parse(all->data, all->size, inodes, &failed) < 0)
		return 0;
	return inodes[HF_NS_NET];
}

static const void *compute_witnesses(hf_facts *facts, const char *key)
{
	const hf_processes *processes = hf_facts_processes(facts);
	witnesses *result = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *result));

	(void)key;
	result->all = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), processes->count + 1, sizeof *result->all));
	for (size_t i = 0; i < processes->count; i++) {
		int32_t pid = processes->all[i].pid;
		char path[64];

		(void)hf_print(path, sizeof path, "/proc/%d/net/unix", pid);
		if (!hf_record_get(hf_facts_record(facts), HF_ASK_FILE, path))
			continue;
		uint64_t inode = net_ns_of(facts, pid);

		if (inode)
			result->all[result->count++] = (seen){.inode = inode, .pid = pid};
	}
	if (result->count > 0)
		qsort(result->all, result->count, sizeof *result->all, compare_seen);
	return result;
}

static const hf_fact_type witnesses_type = {
	.name = "network namespaces", .compute = compute_witnesses, .is_common = true};

static int32_t find_witness(hf_facts *facts, uint64_t inode)
{
	const witnesses *known = hf_facts_once(facts, &witnesses_type, "");
	size_t low = 0, high = known->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (known->all[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < known->count && known->all[low].inode == inode ? known->all[low].pid : 0;
}

/* ---- facts ---- */

static void read_table(hf_facts *facts, int32_t pid, const char *name, const char *family,
		       hf_sockets *sockets, hf_list *list)
{
	const hf_file *table = hf_facts_process_file(facts, pid, name);
	hf_fact fact = table->fact;

	if (fact.state != HF_PRESENT && hf_has_suffix(name, "6") && hf_net_has_no_ipv6(facts))
		return;
	if (fact.state == HF_PRESENT) {
		int r = hf_sockets_parse(hf_facts_arena(facts), family, hf_net_is_big_endian(facts),
					 table->data, table->size, list);

		if (r == -ENOMEM)
			hf_facts_out_of_memory();
		if (r == 0)
			return;
		fact.why = "is malformed or was read in part";
	}
	fact.state = HF_UNREADABLE;
	if (sockets->fact.state == HF_PRESENT)
		sockets->fact = fact;
}

static void keep(hf_facts *facts, hf_sockets *sockets, const hf_list *list)
{
	hf_socket *all =
		hf_checked(hf_arena_calloc(hf_facts_arena(facts), list->count + 1, sizeof *all));

	for (size_t i = 0; i < list->count; i++)
		all[i] = *(const hf_socket *)list->items[i];
	sockets->all = all;
	sockets->count = list->count;
}

typedef struct table {
	const char *name;
	const char *family;
} table;

static const table listening[] = {
	{"net/unix", "unix"}, {"net/tcp", "tcp"},   {"net/tcp6", "tcp"},
	{"net/udp", "udp"},   {"net/udp6", "udp"}, {0},
};

static const table inet[] = {
	{"net/tcp", "tcp"}, {"net/tcp6", "tcp"}, {"net/udp", "udp"}, {"net/udp6", "udp"}, {0},
};

static const table raw[] = {
	{"net/packet", "packet"}, {"net/raw", "raw"}, {"net/raw6", "raw6"}, {0},
};

/* @key: inode of the namespace; before it "unix " or "inet " where only those tables are wanted, "raw " for raw and
 * packet sockets. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_sockets *sockets = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *sockets));
	hf_cleanup(hf_list_free) hf_list list = {0};
	bool is_unix = hf_has_prefix(key, "unix ");
	const table *tables = hf_has_prefix(key, "raw ")    ? raw
			      : hf_has_prefix(key, "inet ") ? inet
							    : listening;
	const char *blank = strchr(key, ' ');
	uint64_t inode = 0;

	(void)hf_parse_u64(blank ? blank + 1 : key, &inode);
	int32_t pid = inode ? find_witness(facts, inode) : 0;

	sockets->fact = (hf_fact){
		.state = pid ? HF_PRESENT : HF_UNREADABLE,
		.source = "/proc/PID/net",
		.why = pid     ? NULL
		       : inode ? "the tables of this network namespace were not read"
			       : "the network namespace is not known",
	};
	for (size_t i = 0; pid && tables[i].name && (i == 0 || !is_unix); i++)
		read_table(facts, pid, tables[i].name, tables[i].family, sockets, &list);
	keep(facts, sockets, &list);
	return sockets;
}

static const hf_fact_type type = {.name = "sockets", .compute = compute};

const hf_sockets *hf_container_sockets(hf_check_run *run, const hf_container *container)
{
	char key[32];

	(void)hf_print(key, sizeof key, "%" PRIu64,
		       container->init ? container->init->ns[HF_NS_NET] : 0);
	return hf_facts_once(hf_facts_of(run), &type, key);
}

const hf_sockets *hf_container_raw_sockets(hf_check_run *run, const hf_container *container)
{
	char key[40];

	(void)snprintf(key, sizeof key, "raw %" PRIu64,
		       container->init ? container->init->ns[HF_NS_NET] : 0);
	return hf_facts_once(hf_facts_of(run), &type, key);
}

const hf_sockets *hf_host_unix_sockets(hf_check_run *run)
{
	hf_facts *facts = hf_facts_of(run);
	char key[40];

	(void)hf_print(key, sizeof key, "unix %" PRIu64,
		       hf_facts_ns_reference(facts)->inode[HF_NS_NET]);
	return hf_facts_once(facts, &type, key);
}

const hf_sockets *hf_facts_host_sockets_inet(hf_facts *facts)
{
	char key[40];

	(void)snprintf(key, sizeof key, "inet %" PRIu64,
		       hf_facts_ns_reference(facts)->inode[HF_NS_NET]);
	return hf_facts_once(facts, &type, key);
}

const hf_sockets *hf_host_sockets_inet(hf_check_run *run)
{
	return hf_facts_host_sockets_inet(hf_facts_of(run));
}
