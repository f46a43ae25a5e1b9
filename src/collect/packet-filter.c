/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `packet-filter`: the rules of the packet filter as the kernel holds them, unparsed.
 *
 * Asking can change the node: a request to nf_tables loads its module, and one about a table of
 * iptables-legacy makes that table. So nf_tables is asked only where it is loaded or nothing can be
 * loaded, and of the legacy tables those alone that /proc/net/ip_tables_names lists. Tables of
 * ebtables-legacy are listed nowhere, and since 5.15 asking makes them (find_table_lock() in
 * net/bridge/netfilter/ebtables.c): they are not asked for, and the judge tells where one may be
 * (src/facts/filter-passage.c). A UDP socket does for getsockopt(2), so CAP_NET_RAW is not needed. */
#include "collect/packet-filter.h"

#include <linux/capability.h>
/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/utsname.h>

enum {
	TRIES = 5,
	TABLES_MAX = 16, /* the kernel has five */
	REST_MS = 100,	 /* to end in order before the collector's own deadline */
};

int hf_packet_filter_send(hf_sink *sink, const char *name, int error, const char *reason,
			  const void *data, size_t size)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.error = error,
		.reason = reason,
		.data = error || size == 0 ? "" : data,
		.size = error ? 0 : size,
	};

	return hf_sink_answer(sink, &answer);
}

int hf_packet_filter_send_piece(hf_sink *sink, const char *name, size_t index, const void *data,
				size_t size)
{
	char own[128];

	if (index == 0)
		return hf_packet_filter_send(sink, name, 0, NULL, data, size);
	(void)snprintf(own, sizeof own, "%s/%zu", name, index + 1);
	return hf_packet_filter_send(sink, own, 0, NULL, data, size);
}

/* ---- whose rules ---- */

/* What lies below /proc/PID/net has numbers of its own in each namespace. The link /proc/2/ns/net
 * would tell the same to CAP_SYS_PTRACE alone. */
static const char *why_not_initial(hf_reader *reader)
{
	hf_answer answer;
	uint64_t inode;

	if (hf_reader_peek(reader, HF_ASK_FILE, "/proc/2/stat", &answer) != 0 ||
	    !hf_has_prefix(answer.data, "2 (kthreadd) S 0 "))
		return "pid 2 is not kthreadd: this is a container's view";
	if (hf_reader_peek(reader, HF_ASK_STAT, "/proc/2/net/dev", &answer) != 0)
		return "the initial network namespace is not known";
	inode = answer.meta.ino;
	if (hf_reader_peek(reader, HF_ASK_STAT, "/proc/self/net/dev", &answer) != 0)
		return "the own network namespace is not known";
	return answer.meta.ino == inode ? NULL
					: "holdfast runs in a network namespace of its own: the node's "
					  "packet filter is another";
}

/* ---- nf_tables ---- */

static bool has_word(const char *text, const char *before, const char *word, const char *after)
{
	size_t length = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if ((at == text || strchr(before, at[-1])) && strchr(after, at[length]))
			return true;
	}
	return false;
}

static bool is_built_in(hf_reader *reader, const char *file, bool *ret_known)
{
	static const char *const folders[] = {"/usr/lib/modules", "/lib/modules"};
	struct utsname uts;
	char path[256];
	hf_answer answer;

	*ret_known = false;
	if (uname(&uts) < 0)
		return false;
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, sizeof path, "%s/%s/modules.builtin", folders[i], uts.release);
		if (hf_reader_peek(reader, HF_ASK_FILE, path, &answer) != 0)
			continue;
		*ret_known = true;
		return has_word(answer.data, "/", file, "\n");
	}
	return false;
}

/* 0: asking loads nothing. Else an errno: EPROTONOSUPPORT, there is no nf_tables. */
static int may_ask_nft(hf_reader *reader)
{
	hf_answer answer;
	bool known;

	int error = hf_reader_peek(reader, HF_ASK_FILE, "/proc/modules", &answer);

	if (error == ENOENT || (!error && has_word(answer.data, "\n", "nf_tables", " ")))
		return 0;
	if (hf_reader_peek(reader, HF_ASK_FILE, "/proc/sys/kernel/modules_disabled", &answer) == 0 &&
	    *answer.data == '1')
		return 0;
	if (is_built_in(reader, "nf_tables.ko", &known))
		return 0;
	return known && !error ? EPROTONOSUPPORT : EOPNOTSUPP;
}

static int read_nft(const hf_collect_task *task, uint64_t deadline_ms)
{
	hf_sink *sink = hf_reader_sink(task->reader);
	int error = may_ask_nft(task->reader);

	if (!error)
		return hf_nft_read(sink, deadline_ms);
	return hf_packet_filter_send(sink, "nft/generation", error,
				     error == EPROTONOSUPPORT
					     ? "nf_tables is not loaded"
					     : "whether nf_tables is there is not known, and asking could "
					       "load it",
				     NULL, 0);
}

/* ---- legacy tables ---- */

typedef struct family {
	const char *word;
	const char *names; /* where the kernel lists its tables */
	int domain;
	int level;
} family;

static const family families[] = {
	{"ipv4", "/proc/net/ip_tables_names", AF_INET, SOL_IP},
	{"ipv6", "/proc/net/ip6_tables_names", AF_INET6, SOL_IPV6},
};

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) &&
		       sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries) &&
		       (int)IPT_SO_GET_INFO == (int)IP6T_SO_GET_INFO &&
		       (int)IPT_SO_GET_ENTRIES == (int)IP6T_SO_GET_ENTRIES,
	       "both families are asked in the same form");

/* 0 or a positive errno. The size can change between the two questions: EAGAIN. */
static int get_table(int fd, const family *of, const char *table, hf_buffer *ret_data)
{
	struct ipt_getinfo info = {0};
	socklen_t size = sizeof info;

	if (strlen(table) >= sizeof info.name)
		return ENAMETOOLONG;
	(void)snprintf(info.name, sizeof info.name, "%s", table);
	if (getsockopt(fd, of->level, IPT_SO_GET_INFO, &info, &size) < 0)
		return errno;
	if (info.size > HF_FILTER_MAX_BYTES)
		return EFBIG;
	hf_cleanup(hf_freep) struct ipt_get_entries *entries = calloc(1, sizeof *entries + info.size);

	if (!entries)
		return ENOMEM;
	memcpy(entries->name, info.name, sizeof info.name);
	entries->size = info.size;
	size = (socklen_t)(sizeof *entries + info.size);
	if (getsockopt(fd, of->level, IPT_SO_GET_ENTRIES, entries, &size) < 0)
		return errno;
	hf_buffer_add(ret_data, &info, sizeof info);
	hf_buffer_add(ret_data, entries, sizeof *entries + info.size);
	return ret_data->failed ? ENOMEM : 0;
}

static int read_table(hf_sink *sink, const family *of, const char *table)
{
	hf_cleanup(hf_closep) int fd = socket(of->domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	hf_buffer data = {0};
	char name[64];
	int error = fd < 0 ? errno : EAGAIN;

	(void)snprintf(name, sizeof name, "xt/%s/%s", of->word, table);
	for (unsigned i = 0; i < TRIES && error == EAGAIN; i++)
		error = get_table(fd, of, table, &data);
	int r = 0;

	if (error)
		r = hf_packet_filter_send(sink, name, error,
				      error == EPERM ? "the kernel shows its rules to CAP_NET_ADMIN alone"
				      : error == EAGAIN ? "the rules changed while they were read"
				      : error == EFBIG	? "larger than is read"
							: NULL,
				      NULL, 0);
	for (size_t at = 0, i = 0; r >= 0 && at < data.size && !error; at += HF_FILTER_PIECE_BYTES, i++) {
		size_t left = data.size - at;

		r = hf_packet_filter_send_piece(sink, name, i, data.data + at,
						left < HF_FILTER_PIECE_BYTES ? left : HF_FILTER_PIECE_BYTES);
	}
	hf_buffer_free(&data);
	return r;
}

/* The names in @text, a line each, which the list of all tables gets, too. */
static int read_tables(hf_sink *sink, const family *of, char *text, hf_buffer *list)
{
	char *rest = text, *table;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < TABLES_MAX && (table = strsep(&rest, "\n"));) {
		if (*table == '\0' || strchr(table, '/'))
			continue;
		hf_buffer_printf(list, "%s %s\n", of->word, table);
		r = read_table(sink, of, table);
		i++;
	}
	return r;
}

/* call:xt/tables is the witness that there is no other: without it none is known to be missing. */
static int read_legacy(const hf_collect_task *task)
{
	hf_sink *sink = hf_reader_sink(task->reader);
	hf_buffer list = {0};
	int error = 0, r = 0;

	for (size_t i = 0; r >= 0 && !error && i < HF_ARRAY_SIZE(families); i++) {
		hf_answer answer;
		int failed = hf_reader_peek(task->reader, HF_ASK_FILE, families[i].names, &answer);
		hf_cleanup(hf_freep) char *text = failed ? NULL : strdup(answer.data);

		/* the file comes with ip_tables, which is not loaded then */
		if (failed == ENOENT)
			continue;
		error = failed ? failed : text ? 0 : ENOMEM;
		if (!error)
			r = read_tables(sink, &families[i], text, &list);
	}
	if (r >= 0)
		r = hf_packet_filter_send(sink, "xt/tables", error ? error : list.failed ? ENOMEM : 0,
					  NULL, list.data, list.size);
	hf_buffer_free(&list);
	return r;
}

/* ---- the collector ---- */

int hf_packet_filter_read(const hf_collect_task *task)
{
	int r = read_nft(task, task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0);

	return r < 0 ? r : read_legacy(task);
}

static int collect(const hf_collect_task *task)
{
	const char *why = why_not_initial(task->reader);
	hf_sink *sink = hf_reader_sink(task->reader);

	if (!why)
		return hf_packet_filter_read(task);
	int r = hf_packet_filter_send(sink, "nft/generation", EXDEV, why, NULL, 0);

	return r < 0 ? r : hf_packet_filter_send(sink, "xt/tables", EXDEV, why, NULL, 0);
}

const hf_collector hf_collector_packet_filter = {
	.name = "packet-filter",
	.reads = "the rules of nf_tables and of the legacy tables that exist, as the kernel holds them",
	.caps = (const int[]){CAP_NET_ADMIN, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "fstatfs", "uname", "socket", "bind",
					  "getsockname", "getsockopt", "setsockopt", "sendto",
					  "recvmsg", NULL},
	.kinds = 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"nft/", "xt/", NULL},
	.files = (const char *const[]){"/proc", "/lib/modules", "/usr/lib/modules", NULL},
	/* the kernel counts through all rules again for each 32 KiB of them: 20,000 rules take it a second */
	.deadline_ms = 4000,
	.cap_bytes = 96 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
