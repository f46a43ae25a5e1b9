/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who listens in a network namespace: its socket tables, read once and without what they cost when they are
 * empty. */
#include "collect/proc.h"

#include <fcntl.h>
#include <stdio.h>

enum {
	SOCKETS_MAX_BYTES = 32 * 1024 * 1024, /* of /proc/net/unix; what listens is a small part */
	PAGE_BYTES = 4096, /* of the smallest page there is: a larger one is read in parts */
};

static bool tcp_listens(const char *line)
{
	char state[3];

	return sscanf(line, " %*d: %*s %*s %2s", state) == 1 && strcmp(state, "0A") == 0;
}

/* A UDP socket that is bound and has no peer: TCP_CLOSE. */
static bool udp_listens(const char *line)
{
	char state[3];

	return sscanf(line, " %*d: %*s %*s %2s", state) == 1 && strcmp(state, "07") == 0;
}

static bool unix_listens(const char *line)
{
	unsigned long flags;

	return sscanf(line, "%*x: %*x %*x %lx", &flags) == 1 &&
	       flags & 0x10000; /* __SO_ACCEPTCON */
}

/* Raw and packet sockets do not listen: whoever has one hears. */
static bool hears(const char *line)
{
	(void)line;
	return true;
}

typedef struct table {
	const char *name;
	bool (*listens)(const char *line);
	bool is_sorted; /* the kernel gives those that listen first */
	bool is_ipv6;
	const char *none; /* the line of the summary that says that no socket of the table is in use */
	const char *head; /* all that the table has then */
} table;

/* The summaries of one namespace, each read when a table first needs it. */
typedef struct summaries {
	hf_buffer ipv4, ipv6;
	bool has_ipv4, has_ipv6;
	bool is_wanted; /* somebody may ask for more than unix sockets */
} summaries;

static const hf_buffer *read_summary(const hf_proc *proc, const hf_proc_dir *dir, bool is_ipv6,
				     summaries *s)
{
	enum { SUMMARY_MAX_BYTES = 64 * 1024 };
	hf_buffer *text = is_ipv6 ? &s->ipv6 : &s->ipv4;
	bool *has = is_ipv6 ? &s->has_ipv6 : &s->has_ipv4;

	if (!*has && hf_proc_read_whole(proc, dir, is_ipv6 ? "net/sockstat6" : "net/sockstat",
					SUMMARY_MAX_BYTES, text) != 0)
		text->size = 0;
	*has = true;
	return text;
}

/* To find a TCP table empty the kernel walks its whole hash, up to 5 ms on a large node; its summary knows. In a
 * namespace without any socket all tables are empty. */
static bool is_unused(const hf_proc *proc, const hf_proc_dir *dir, const table *t, summaries *s)
{
	static const char nothing[] = "sockets: used 0\n";
	const hf_buffer *text;

	if (!proc->is_procfs)
		return false;
	if (t->none && !s->is_wanted)
		return true;
	text = read_summary(proc, dir, false, s);
	if (text->size > 0 && hf_has_prefix(text->data, nothing))
		return true;
	if (!t->none)
		return false;
	if (t->is_ipv6)
		text = read_summary(proc, dir, true, s);
	return text->size > 0 && strstr(text->data, t->none);
}

/* Keeps the head and the lines that listen; true when no more of them can follow. */
static bool keep_lines(const table *t, hf_buffer *text, size_t *done, hf_buffer *kept)
{
	const char *cursor = text->data + *done, *end = text->data + text->size;

	while (cursor < end) {
		const char *newline = memchr(cursor, '\n', (size_t)(end - cursor));
		char line[512];

		if (!newline)
			break;
		size_t length = (size_t)(newline + 1 - cursor);

		if (length < sizeof line) {
			memcpy(line, cursor, length);
			line[length] = '\0';
			if (kept->size == 0 || t->listens(line))
				hf_buffer_add(kept, line, length);
			else if (t->is_sorted)
				return true;
		}
		cursor = newline + 1;
	}
	*done = (size_t)(cursor - text->data);
	return false;
}

/* Each read of a TCP table walks the kernel's whole hash, up to 5 ms on a large node, so a read
 * just to see the end is spared: the kernel fills a page with whole lines (seq_file), of less than
 * 256 bytes each, and gives less than half a page only when no line is left. */
static int read_table(const hf_proc *proc, const hf_proc_dir *dir, const table *t, summaries *s,
		      hf_buffer *kept)
{
	hf_buffer text = {0};
	size_t done = 0, total = 0;
	int error = 0;

	if (is_unused(proc, dir, t, s)) {
		hf_buffer_puts(kept, t->head);
		return 0;
	}
	if (!proc->is_procfs) {
		error = hf_proc_read_whole(proc, dir, t->name, SOCKETS_MAX_BYTES, &text);
		if (!error && text.size > 0)
			(void)keep_lines(t, &text, &done, kept);
		hf_buffer_free(&text);
		return error;
	}
	hf_cleanup(hf_closep) int fd = openat(dir->fd, t->name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	for (bool is_all = false; !error && !is_all;) {
		char chunk[PAGE_BYTES];
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0)
			error = errno;
		if (n <= 0)
			break;
		total += (size_t)n;
		hf_buffer_add(&text, chunk, (size_t)n);
		if (text.failed || total > SOCKETS_MAX_BYTES)
			error = text.failed ? ENOMEM : EFBIG;
		else
			is_all = keep_lines(t, &text, &done, kept) ||
				 (t->is_sorted && (size_t)n < sizeof chunk / 2);
		if (!error && done > 0) {
			memmove(text.data, text.data + done, text.size - done);
			text.size -= done;
			done = 0;
		}
	}
	hf_buffer_free(&text);
	return error;
}

#define HEAD4 "  sl  local_address rem_address   st\n"
#define HEAD6 "  sl  local_address                         remote_address                        st\n"

static const table tables[] = {
	{
		.name = "net/tcp",
		.listens = tcp_listens,
		.is_sorted = true,
		.none = "\nTCP: inuse 0 ",
		.head = HEAD4,
	},
	{
		.name = "net/tcp6",
		.listens = tcp_listens,
		.is_sorted = true,
		.is_ipv6 = true,
		.none = "TCP6: inuse 0\n",
		.head = HEAD6,
	},
	{
		.name = "net/udp",
		.listens = udp_listens,
		.none = "\nUDP: inuse 0 ",
		.head = HEAD4,
	},
	{
		.name = "net/udp6",
		.listens = udp_listens,
		.is_ipv6 = true,
		.none = "\nUDP6: inuse 0\n",
		.head = HEAD6,
	},
	{
		.name = "net/unix",
		.listens = unix_listens,
		.head = "Num       RefCount Protocol Flags    Type St Inode Path\n",
	},
	{
		.name = "net/raw",
		.listens = hears,
		.none = "\nRAW: inuse 0\n",
		.head = HEAD4,
	},
	{
		.name = "net/raw6",
		.listens = hears,
		.is_ipv6 = true,
		.none = "\nRAW6: inuse 0\n",
		.head = HEAD6,
	},
	{
		.name = "net/packet",
		.listens = hears,
		.head = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n",
	},
};

/* The tables of one network namespace, read once. */
typedef struct namespace_tables {
	const char *link;
	hf_answer answers[HF_ARRAY_SIZE(tables)];
} namespace_tables;

static int read_namespace(hf_proc *proc, const hf_proc_dir *dir, const char *link,
			  const namespace_tables **ret_tables)
{
	namespace_tables *new = hf_arena_alloc(proc->arena, sizeof *new);
	/* the host's: who listens there, its containers may reach */
	summaries s = {.is_wanted = proc->has_tcp || hf_map_get(&proc->container_nets, link) ||
				    strcmp(link, proc->initial.text[HF_PROC_NS_NET]) == 0};
	int r = 0;

	if (!new || !(new->link = hf_arena_strdup(proc->arena, link)))
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(tables); i++) {
		hf_buffer kept = {0};
		hf_answer *answer = &new->answers[i];

		*answer = (hf_answer){.kind = HF_ASK_FILE, .data = ""};
		answer->error = read_table(proc, dir, &tables[i], &s, &kept);
		if (!answer->error && kept.failed)
			answer->error = ENOMEM;
		if (!answer->error && kept.size > 0)
			answer->data = hf_arena_memdup(proc->arena, kept.data, kept.size);
		answer->size = answer->error ? 0 : kept.size;
		hf_buffer_free(&kept);
		r = answer->data ? 0 : -ENOMEM;
	}
	hf_buffer_free(&s.ipv4);
	hf_buffer_free(&s.ipv6);
	*ret_tables = new;
	return r < 0 ? r : hf_map_put(&proc->net_namespaces, new->link, new);
}

bool hf_proc_knows_tables(const hf_proc *proc, const char *net)
{
	return hf_map_get(&proc->net_namespaces, net) != NULL;
}

/* Connections are nobody's business here and can be many: of each table the lines that listen. */
int hf_proc_ask_tables(hf_proc *proc, const hf_proc_dir *dir, const char *net)
{
	const namespace_tables *known = hf_map_get(&proc->net_namespaces, net);
	int r = known ? 0 : read_namespace(proc, dir, net, &known);

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(tables); i++) {
		hf_answer answer = known->answers[i];

		r = hf_proc_send(proc, dir, tables[i].name, &answer);
	}
	return r;
}
