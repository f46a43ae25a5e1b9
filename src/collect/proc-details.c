/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of engines' daemons and of the first process of each container. Arguments and
 * environments are where secrets are, so little of them is recorded: of containers no argument and
 * no value at all. */
#include "collect/proc.h"
#include "collect/redact.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	ENVIRON_MAX_BYTES = 1024 * 1024,
	ARGV_MAX_BYTES = 256 * 1024,
	SOCKETS_MAX_BYTES = 32 * 1024 * 1024, /* of /proc/net/unix; what listens is a small part */
	VARIABLE_NAME_MAX = 128,
	PAGE_BYTES = 4096, /* of the smallest page there is: a larger one is read in parts */
};

static const hf_daemon_kind kinds[] = {
	{.name = "dockerd", .is_engine = true, .has_sockets = true},
	/* the CE packages of 17.06 to 18.06, RHEL 7, NixOS */
	{.name = "dockerd-ce", .is_engine = true, .has_sockets = true},
	{.name = "dockerd-current", .is_engine = true, .has_sockets = true},
	{.name = ".dockerd-wrapped", .is_engine = true, .has_sockets = true},
	{.name = "containerd", .is_engine = true, .has_sockets = true},
	{.name = "rootlesskit", .is_engine = true, .has_sockets = true},
	{.name = "crio", .is_engine = true, .has_sockets = true},
	/* also the command that runs a container in the foreground */
	{.name = "podman", .is_engine = true, .has_sockets = true, .argv = HF_ARGV_OPTIONS},
	{.name = "systemd-nspawn", .is_engine = true, .argv = HF_ARGV_OPTIONS},
	{.name = "lxc*", .is_engine = true, .argv = HF_ARGV_OPTIONS},
	{.name = "docker-proxy", .has_sockets = true},
	{.name = "rootlessport", .has_sockets = true},
	{.name = "slirp4netns", .has_sockets = true},
	{.name = "pasta", .has_sockets = true},
	{.name = "containerd-shim*"},
};

static const hf_daemon_kind first_process = {
	.name = "pid 1",
	.is_engine = true,
	.has_sockets = true,
	.argv = HF_ARGV_OPTIONS,
};

const hf_daemon_kind *hf_daemon_kind_find(int pid, const char *exe)
{
	static const char deleted[] = " (deleted)";
	const char *base = strrchr(exe, '/');
	size_t length;

	base = base ? base + 1 : exe;
	length = strlen(base);
	if (hf_has_suffix(base, deleted)) /* the package was upgraded, the daemon not restarted */
		length -= strlen(deleted);
	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].name);
		bool is_prefix = kinds[i].name[n - 1] == '*';

		n -= is_prefix;
		if ((is_prefix ? length >= n : length == n) && memcmp(base, kinds[i].name, n) == 0)
			return &kinds[i];
	}
	return pid == 1 ? &first_process : NULL;
}

/* ---- longer files ---- */

static int read_whole(const hf_proc *proc, const hf_proc_dir *dir, const char *name, size_t cap,
		      hf_buffer *text)
{
	char chunk[8192];

	if (!proc->is_procfs) {
		hf_answer plain;
		char path[128];

		(void)snprintf(path, sizeof path, "/proc/%d/%s", dir->pid, name);
		int error = hf_reader_peek(proc->reader, HF_ASK_FILE, path, &plain);

		if (!error)
			hf_buffer_add(text, plain.data, plain.size);
		return error;
	}
	hf_cleanup(hf_closep) int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return text->failed ? ENOMEM : 0;
		if (n > 0)
			hf_buffer_add(text, chunk, (size_t)n);
		if (text->size > cap)
			return EFBIG;
	}
}

static int send_text(const hf_proc *proc, const hf_proc_dir *dir, const char *name, int error,
		     const hf_buffer *text)
{
	hf_answer answer = {.kind = HF_ASK_FILE, .error = error, .data = ""};

	if (text->failed && !error)
		answer.error = ENOMEM;
	if (!answer.error && text->size > 0) {
		answer.data = text->data;
		answer.size = text->size;
	}
	return hf_proc_send(proc, dir, name, &answer);
}

/* ---- arguments ---- */

/* "--capability=all" becomes "--capability=[redacted]"; what is no long option is left out. */
static void keep_options(const hf_buffer *argv, hf_buffer *kept)
{
	const char *end = argv->data + argv->size;

	for (const char *word = argv->data; word < end;
	     word += strnlen(word, (size_t)(end - word)) + 1) {
		size_t length = strnlen(word, (size_t)(end - word));
		const char *equal = memchr(word, '=', length);

		if (word != argv->data && (length < 3 || memcmp(word, "--", 2) != 0))
			continue;
		hf_buffer_add(kept, word, equal ? (size_t)(equal - word) : length);
		if (equal)
			hf_buffer_puts(kept, "=" HF_REDACTED);
		hf_buffer_add(kept, "", 1);
	}
}

static int ask_argv(const hf_proc *proc, const hf_proc_dir *dir, hf_argv_rule rule)
{
	hf_buffer argv = {0}, kept = {0};
	int error = read_whole(proc, dir, "cmdline", ARGV_MAX_BYTES, &argv);
	char *clean = NULL;
	size_t size;

	if (!error && argv.size > 0) {
		switch (rule) {
		case HF_ARGV_OPTIONS:
			keep_options(&argv, &kept);
			break;
		case HF_ARGV_REDACTED:
			if (hf_redact(argv.data, argv.size, &clean, &size) < 0)
				error = ENOMEM;
			hf_buffer_add(&kept, clean ? clean : argv.data, clean ? size : argv.size);
			break;
		}
	}
	int r = send_text(proc, dir, "cmdline", error, &kept);

	free(clean);
	hf_buffer_free(&argv);
	hf_buffer_free(&kept);
	return r;
}

/* ---- environment ---- */

/* Switches that change what the engine does, whose values are no secrets. */
static const char *const switches[] = {
	"DOCKER_CERT_PATH",
	"DOCKER_DRIVER",
	"DOCKER_HOST",
	"DOCKER_INSECURE_NO_IPTABLES_RAW",
	"DOCKER_RAMDISK",
	"DOCKER_TLS_VERIFY",
	"DOCKERD_DEPRECATED_CORS_HEADER",
	"DOCKERD_ROOTLESS_ROOTLESSKIT_NET",
	"DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER",
	"PATH",
};

static bool is_switch(const char *name, size_t length)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(switches); i++) {
		if (strlen(switches[i]) == length && memcmp(switches[i], name, length) == 0)
			return true;
	}
	return false;
}

/* A process may have written anything over its environment, so only what looks like a variable has
 * a name. */
static bool is_variable(const char *name, size_t length)
{
	if (length == 0 || length > VARIABLE_NAME_MAX || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			return false;
	}
	return true;
}

static void add_variable(const char *word, size_t length, bool with_switches, hf_buffer *lines)
{
	const char *equal = memchr(word, '=', length);
	size_t name_length = equal ? (size_t)(equal - word) : 0;
	char *clean = NULL;
	size_t size;

	if (!equal || !is_variable(word, name_length))
		return;
	if (!with_switches || !is_switch(word, name_length) || memchr(word, '\n', length)) {
		hf_buffer_add(lines, word, name_length);
	} else {
		if (hf_redact(word, length, &clean, &size) < 0)
			lines->failed = true;
		hf_buffer_add(lines, clean ? clean : word, clean ? size : length);
		free(clean);
	}
	hf_buffer_puts(lines, "\n");
}

static int ask_environ(const hf_proc *proc, const hf_proc_dir *dir, bool with_switches)
{
	hf_buffer all = {0}, lines = {0};
	int error = read_whole(proc, dir, "environ", ENVIRON_MAX_BYTES, &all);
	const char *end = all.data + all.size;

	for (const char *word = all.data; !error && word < end;) {
		size_t length = strnlen(word, (size_t)(end - word));

		add_variable(word, length, with_switches, &lines);
		word += length + 1;
	}
	int r = send_text(proc, dir, "environ", error, &lines);

	hf_buffer_free(&all);
	hf_buffer_free(&lines);
	return r;
}

/* ---- sockets ---- */

static bool tcp_listens(const char *line)
{
	char state[3];

	return sscanf(line, " %*d: %*s %*s %2s", state) == 1 && strcmp(state, "0A") == 0;
}

static bool unix_listens(const char *line)
{
	unsigned long flags;

	return sscanf(line, "%*x: %*x %*x %lx", &flags) == 1 &&
	       flags & 0x10000; /* __SO_ACCEPTCON */
}

typedef struct table {
	const char *name;
	bool (*listens)(const char *line);
	bool is_sorted; /* the kernel gives those that listen first */
	const char *summary; /* the file and the line in it that says that no socket of the table is in use */
	const char *none;
	const char *head; /* all that the table has then */
} table;

/* To find a TCP table empty the kernel walks its whole hash, up to 5 ms on a large node; its summary knows. */
static bool is_unused(const hf_proc *proc, const hf_proc_dir *dir, const table *t)
{
	enum { SUMMARY_MAX_BYTES = 64 * 1024 };
	hf_buffer text = {0};
	bool result = proc->is_procfs && t->summary &&
		      read_whole(proc, dir, t->summary, SUMMARY_MAX_BYTES, &text) == 0 &&
		      text.size > 0 && strstr(text.data, t->none);

	hf_buffer_free(&text);
	return result;
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
static int read_table(const hf_proc *proc, const hf_proc_dir *dir, const table *t, hf_buffer *kept)
{
	hf_buffer text = {0};
	size_t done = 0, total = 0;
	int error = 0;

	if (is_unused(proc, dir, t)) {
		hf_buffer_puts(kept, t->head);
		return 0;
	}
	if (!proc->is_procfs) {
		error = read_whole(proc, dir, t->name, SOCKETS_MAX_BYTES, &text);
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

static const table tables[] = {
	{
		.name = "net/tcp",
		.listens = tcp_listens,
		.is_sorted = true,
		.summary = "net/sockstat",
		.none = "\nTCP: inuse 0 ",
		.head = "  sl  local_address rem_address   st\n",
	},
	{
		.name = "net/tcp6",
		.listens = tcp_listens,
		.is_sorted = true,
		.summary = "net/sockstat6",
		.none = "TCP6: inuse 0\n",
		.head = "  sl  local_address                         remote_address                        st\n",
	},
	{.name = "net/unix", .listens = unix_listens},
};

/* The tables of one network namespace, read once. */
typedef struct namespace_tables {
	const char *link;
	hf_answer answers[HF_ARRAY_SIZE(tables)];
} namespace_tables;

static namespace_tables *find_namespace(const hf_proc *proc, const char *link)
{
	for (size_t i = 0; i < proc->net_namespaces.count; i++) {
		namespace_tables *known = proc->net_namespaces.items[i];

		if (strcmp(known->link, link) == 0)
			return known;
	}
	return NULL;
}

static int read_namespace(hf_proc *proc, const hf_proc_dir *dir, const char *link,
			  namespace_tables **ret_tables)
{
	namespace_tables *new = hf_arena_alloc(proc->arena, sizeof *new);

	if (!new || !(new->link = hf_arena_strdup(proc->arena, link)))
		return -ENOMEM;
	for (size_t i = 0; i < HF_ARRAY_SIZE(tables); i++) {
		hf_buffer kept = {0};
		hf_answer *answer = &new->answers[i];

		*answer = (hf_answer){.kind = HF_ASK_FILE, .data = ""};
		answer->error = read_table(proc, dir, &tables[i], &kept);
		if (!answer->error && kept.failed)
			answer->error = ENOMEM;
		if (!answer->error && kept.size > 0)
			answer->data = hf_arena_memdup(proc->arena, kept.data, kept.size);
		answer->size = answer->error ? 0 : kept.size;
		hf_buffer_free(&kept);
		if (!answer->data)
			return -ENOMEM;
	}
	*ret_tables = new;
	return hf_list_add(&proc->net_namespaces, new);
}

/* Who listens in the network namespace of a daemon (where it cannot be told which one that is,
 * nobody could tell what the table means). Connections are nobody's business here and can be many.
 * What was read for another process of the same namespace holds for an engine, too; of the many
 * small helpers only the first is answered for. */
static int ask_listeners(hf_proc *proc, const hf_proc_dir *dir, const hf_answer *net,
			 bool is_engine)
{
	namespace_tables *known = net->error ? NULL : find_namespace(proc, net->data);
	int r = 0;

	if (net->error || (known && !is_engine))
		return 0;
	if (!known)
		r = read_namespace(proc, dir, net->data, &known);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(tables); i++)
		r = hf_proc_send(proc, dir, tables[i].name, &known->answers[i]);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of open descriptors, in the order of every listing; a positive errno. */
static int list_fds(const hf_proc *proc, const hf_proc_dir *dir, hf_list *names, hf_buffer *listing)
{
	int fd = openat(dir->fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	int error = stream ? 0 : errno;

	for (const struct dirent *entry; stream && !error && (entry = readdir(stream));) {
		if (entry->d_name[0] == '.')
			continue;
		char *name = hf_arena_strdup(proc->arena, entry->d_name);

		if (names->count >= HF_PROC_FDS_MAX)
			error = EFBIG;
		else if (!name || hf_list_add(names, name) < 0)
			error = ENOMEM;
	}
	if (stream)
		(void)closedir(stream);
	else if (fd >= 0)
		(void)close(fd);
	if (names->count > 0)
		qsort(names->items, names->count, sizeof names->items[0], compare_names);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];

		hf_buffer_add(listing, name, strlen(name) + 1);
	}
	return error;
}

/* Every descriptor, not just the sockets: a link that is missing from the record is one that could
 * not be read. */
static int ask_fds(const hf_proc *proc, const hf_proc_dir *dir)
{
	hf_list names = {0};
	hf_buffer listing = {0};
	hf_answer answer = {.kind = HF_ASK_DIR, .data = ""};
	char text[HF_PROC_LINK_ROOM], name[32];

	if (!proc->is_procfs)
		return 0;
	answer.error = list_fds(proc, dir, &names, &listing);
	if (answer.error == EFBIG)
		answer.reason = "more descriptors than are read";
	if (!answer.error && listing.failed)
		answer.error = ENOMEM;
	if (!answer.error && listing.size > 0) {
		answer.data = listing.data;
		answer.size = listing.size;
	}
	int r = hf_proc_send(proc, dir, "fd", &answer);

	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		(void)snprintf(name, sizeof name, "fd/%s", (const char *)names.items[i]);
		hf_proc_readlink(proc, dir, name, text, &answer);
		bool is_denied = answer.error == EACCES || answer.error == EPERM;

		if (answer.error != ENOENT) /* closed meanwhile */
			r = hf_proc_send(proc, dir, name, &answer);
		if (is_denied) /* the process refuses to be looked into: one such answer says it for
				  all */
			break;
	}
	hf_list_free(&names);
	hf_buffer_free(&listing);
	return r;
}

/* ---- all ---- */

static int ask_files(const hf_proc *proc, const hf_proc_dir *dir)
{
	static const char *const names[] = {"status",  "limits",    "uid_map",
					    "gid_map", "mountinfo", "personality"};
	static hf_proc_text text;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++) {
		hf_answer answer;

		hf_proc_read(proc, dir, names[i], &text, &answer);
		r = hf_proc_send(proc, dir, names[i], &answer);
	}
	return r;
}

static int ask_namespaces(const hf_proc *proc, const hf_proc_dir *dir)
{
	static const char *const names[] = {
		"ns/cgroup", "ns/ipc", "ns/net", "ns/pid", "ns/time", "ns/user", "ns/uts",
	};
	char text[HF_PROC_LINK_ROOM];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++) {
		hf_answer answer;

		hf_proc_readlink(proc, dir, names[i], text, &answer);
		r = hf_proc_send(proc, dir, names[i], &answer);
	}
	return r;
}

static int ask_sockets(hf_proc *proc, const hf_proc_dir *dir, bool is_engine)
{
	char text[HF_PROC_LINK_ROOM];
	hf_answer net;
	int r = ask_fds(proc, dir);

	hf_proc_readlink(proc, dir, "ns/net", text, &net);
	return r < 0 ? r : ask_listeners(proc, dir, &net, is_engine);
}

int hf_proc_ask_details(hf_proc *proc, const hf_proc_dir *dir, hf_proc_depth depth,
			const hf_daemon_kind *daemon)
{
	bool is_full = depth == HF_PROC_CONTAINER || daemon->is_engine;
	int r = is_full ? ask_files(proc, dir) : 0;

	if (r >= 0 && is_full)
		r = ask_namespaces(proc, dir);
	if (r >= 0 && depth == HF_PROC_DAEMON && daemon->has_sockets)
		r = ask_sockets(proc, dir, daemon->is_engine);
	if (r >= 0 && depth == HF_PROC_DAEMON)
		r = ask_argv(proc, dir, daemon->argv);
	return r < 0 || !is_full ? r : ask_environ(proc, dir, depth == HF_PROC_DAEMON);
}
