/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `network`: interfaces, addresses, routes and rules of the initial network namespace and of those that
 * processes of containers are in.
 *
 * Nobody but a holder of CAP_SYS_ADMIN enters a network namespace (netns_install() in net/core/net_namespace.c), and a
 * link in /proc/PID/ns is open to CAP_SYS_PTRACE alone where the process has another user or a capability that we
 * have not: tried, each without the other is refused, and no third is needed. So this process first opens the
 * namespaces, then gives up CAP_SYS_PTRACE and all files but /proc/sys (Landlock, which would have forbidden the links),
 * and from its start can use setns(2) for network namespaces and sockets for rtnetlink alone. What it holds open is
 * what it enters and what it names the answers by, whoever has the process's number by then. */
#include "collect/containers.h"
#include "collect/netns.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
	PROCESSES_MAX = 32768,
	SPACES_MAX = 4096,
	OF_ONE_MAX = 64, /* namespaces of one container */
	REST_MS = 200,	 /* to end in order before the collector's own deadline */
	KTHREADD = 2,
};

/* A network namespace that is not the initial one. */
typedef struct space {
	hf_netns_place place;
	unsigned turn; /* the how many-th of its container: the first of each come first */
} space;

typedef struct pass {
	const hf_collect_task *task;
	hf_proc proc;
	hf_arena *arena;
	hf_host_root root;
	char initial[HF_PROC_NS_ROOM]; /* link text; "" not known */
	char own[HF_PROC_NS_ROOM];
	const char *why_not; /* .initial "" */
	int initial_fd;	     /* -1: .initial_error */
	int initial_error;
	hf_map by_link;	   /* of those that were met: space, or the pass itself for what is not entered */
	hf_map containers; /* unsigned: how many of each */
	hf_list spaces;
	bool was_cut;
	uint64_t deadline_ms;
	hf_netns_reader *reader;
} pass;

/* ---- what it can do ---- */

/* A condition on an argument; SCMP_CMP() leaves a member out. */
#define ARG(number, value)                                                                                            \
	((struct scmp_arg_cmp){.arg = (number), .op = SCMP_CMP_NE, .datum_a = (scmp_datum_t)(value)})

static int confine_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	int r = filter ? 0 : -ENOMEM;

	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(setns), 1, ARG(1, CLONE_NEWNET));
	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1, ARG(0, AF_NETLINK));
	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1, ARG(2, NETLINK_ROUTE));
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

/* Nothing more of other processes is wanted. */
static int confine_more(const pass *p)
{
	static const int caps[] = {CAP_SYS_ADMIN, -1};
	static const char *const files[] = {"/proc/sys", NULL};

	return p->task->give_up ? p->task->give_up(caps, files) : 0;
}

/* One descriptor for each namespace. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* ---- the initial namespace ---- */

static bool read_link(const hf_proc_dir *dir, char text[HF_PROC_NS_ROOM])
{
	ssize_t n = readlinkat(dir->fd, "ns/net", text, HF_PROC_NS_ROOM - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* pid 2 is kthreadd, which never leaves the namespaces that the kernel was born with; in a container it is anybody. */
static bool is_kthreadd(const pass *p, const hf_proc_dir *dir)
{
	static hf_proc_text text;
	hf_answer stat;
	hf_proc_life life;

	hf_proc_read(&p->proc, dir, "stat", &text, &stat);
	return !stat.error && hf_has_prefix(stat.data, "2 (kthreadd) ") &&
	       hf_proc_parse_life(stat.data, &life) && life.flags & HF_PROC_KERNEL_THREAD;
}

static void find_initial(pass *p)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};

	p->initial_fd = -1;
	p->initial_error = hf_proc_open(&p->proc, KTHREADD, &dir);
	if (p->initial_error || !is_kthreadd(p, &dir)) {
		p->initial_error = ENOTSUP;
		p->why_not = "pid 2 is not kthreadd: this is a container's view";
		return;
	}
	if (read_link(&dir, p->initial))
		p->initial_fd = openat(dir.fd, "ns/net", O_RDONLY | O_CLOEXEC);
	if (p->initial_fd >= 0)
		return;
	p->initial_error = errno;
	*p->initial = '\0';
}

static void find_own(pass *p)
{
	ssize_t n = readlinkat(p->proc.fd, "self/ns/net", p->own, sizeof p->own - 1);

	p->own[n > 0 ? n : 0] = '\0';
}

/* ---- who there is ---- */

/* How many namespaces of its container were met; NULL: the process is in none, or there is no memory. */
static unsigned *count_of(pass *p, const hf_proc_dir *dir)
{
	static hf_proc_text text;
	char mnt[HF_PROC_NS_ROOM];
	hf_answer cgroup, link = {.data = mnt};
	ssize_t n = readlinkat(dir->fd, "ns/mnt", mnt, sizeof mnt - 1);

	link.error = n < 0 ? errno : 0;
	mnt[n > 0 ? n : 0] = '\0';
	hf_proc_read(&p->proc, dir, "cgroup", &text, &cgroup);
	const char *group = hf_container_group(&p->root, p->arena, dir, &cgroup, &link);
	unsigned *count = group ? hf_map_get(&p->containers, group) : NULL;

	if (!group || count)
		return count;
	count = hf_arena_alloc(p->arena, sizeof *count);
	return count && hf_map_put(&p->containers, group, count) == 0 ? count : NULL;
}

/* 0; a negative errno. */
static int add_space(pass *p, const hf_proc_dir *dir, const char *link)
{
	struct stat st;
	unsigned *count = count_of(p, dir);

	/* the next of its processes may be a container's */
	if (!count)
		return 0;
	if (*count >= OF_ONE_MAX || p->spaces.count >= SPACES_MAX) {
		p->was_cut = true;
		return hf_map_put(&p->by_link, link, p);
	}
	space *self = hf_arena_alloc(p->arena, sizeof *self);

	if (!self)
		return -ENOMEM;
	self->place.fd = openat(dir->fd, "ns/net", O_RDONLY | O_CLOEXEC);
	if (self->place.fd < 0 && (errno == ENOENT || errno == ESRCH))
		return 0; /* ended meanwhile */
	if (self->place.fd < 0)
		self->place.error = errno;
	else if (fstat(self->place.fd, &st) < 0)
		self->place.error = errno;
	else
		self->place.inode = st.st_ino;
	if (self->place.fd < 0 && sscanf(link, "net:[%" SCNu64 "]", &self->place.inode) != 1)
		return 0;
	self->turn = (*count)++;
	int r = hf_map_put(&p->by_link, link, self);

	return r < 0 ? r : hf_list_add(&p->spaces, self);
}

static int visit(pass *p, int pid)
{
	char link[HF_PROC_NS_ROOM], path[32];

	/* most processes are in a namespace that is known: for those one call does */
	(void)snprintf(path, sizeof path, "%d/ns/net", pid);
	ssize_t n = readlinkat(p->proc.fd, path, link, sizeof link - 1);

	if (n <= 0)
		return 0; /* gone, or closed to us: the collector of processes tells */
	link[n] = '\0';
	if (strcmp(link, p->initial) == 0 || hf_map_get(&p->by_link, link))
		return 0;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};

	/* the number may be another's by now */
	if (hf_proc_open(&p->proc, pid, &dir) != 0 || !read_link(&dir, link) ||
	    strcmp(link, p->initial) == 0 || hf_map_get(&p->by_link, link))
		return 0;
	const char *kept = hf_arena_strdup(p->arena, link);

	return kept ? add_space(p, &dir, kept) : -ENOMEM;
}

static int compare_spaces(const void *a, const void *b)
{
	const space *x = *(const space *const *)a, *y = *(const space *const *)b;

	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	return (x->place.inode > y->place.inode) - (x->place.inode < y->place.inode);
}

static int find_spaces(pass *p)
{
	unsigned processes = 0;
	DIR *listing = hf_proc_list(&p->proc);
	int r = 0;

	for (const struct dirent *entry; listing && r >= 0 && (entry = readdir(listing));) {
		int pid = hf_proc_pid(entry->d_name);

		if (pid > 0 && processes++ < PROCESSES_MAX)
			r = visit(p, pid);
	}
	if (listing)
		(void)closedir(listing);
	if (p->spaces.count > 0)
		qsort(p->spaces.items, p->spaces.count, sizeof p->spaces.items[0], compare_spaces);
	return r;
}

/* ---- one after the other ---- */

static int ask_initial(pass *p)
{
	hf_netns_reader *reader = p->reader;

	if (p->initial_fd < 0)
		return hf_netns_fail(reader, NULL, p->initial_error, p->why_not);
	if (strcmp(p->own, p->initial) != 0 && setns(p->initial_fd, CLONE_NEWNET) < 0)
		return hf_netns_fail(reader, NULL, errno,
				     "this program runs in another network namespace than the host's, and may not "
				     "enter that");
	reader->is_host = true;
	reader->lines_max = HF_NETNS_HOST_LINES;
	int r = hf_netns_read(reader);

	return r < 0 ? r : hf_sink_flush(reader->sink);
}

static int ask_space(pass *p, const space *self)
{
	hf_netns_reader *reader = p->reader;

	if (self->place.error)
		return hf_netns_fail(reader, &self->place, self->place.error, NULL);
	if (hf_now_ms() > p->deadline_ms)
		return hf_netns_fail(reader, &self->place, ETIME, "there was no time for this network namespace");
	if (setns(self->place.fd, CLONE_NEWNET) < 0)
		return hf_netns_fail(reader, &self->place, errno, "may not be entered");
	reader->is_host = false;
	reader->inode = self->place.inode;
	reader->lines_max = HF_NETNS_LINES;
	return hf_netns_read(reader);
}

static int ask_all(pass *p)
{
	hf_netns_place const **places =
		hf_arena_calloc(p->arena, p->spaces.count + 1, sizeof(hf_netns_place *));
	int r = places ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < p->spaces.count; i++)
		places[i] = &((const space *)p->spaces.items[i])->place;
	p->reader->places = places;
	p->reader->place_count = p->spaces.count;
	p->reader->host_fd = p->initial_fd;
	if (r == 0)
		r = ask_initial(p);
	for (size_t i = 0; r >= 0 && i < p->spaces.count; i++)
		r = ask_space(p, p->spaces.items[i]);
	return r;
}

/* ---- all ---- */

static int tell_notes(const pass *p)
{
	int r = 0;

	if (*p->own && *p->initial && strcmp(p->own, p->initial) != 0)
		r = hf_sink_note(p->reader->sink,
				 "this program runs in another network namespace than the host's: the settings below "
				 "/proc/sys/net that it read are not the host's");
	if (r == 0 && p->was_cut)
		r = hf_sink_note(p->reader->sink, "containers have more network namespaces than are read");
	return r;
}

static int run(pass *p)
{
	struct stat root;
	int r = hf_proc_start(&p->proc);

	if (r != 0 || !p->proc.is_procfs)
		return hf_netns_fail(p->reader, NULL, r ? r : ENOTSUP, "/proc is not the kernel's");
	if (fstat(hf_reader_root_fd(p->proc.reader), &root) < 0)
		return hf_netns_fail(p->reader, NULL, errno, NULL);
	p->root.ino = root.st_ino;
	p->root.dev = root.st_dev;
	if (readlinkat(p->proc.fd, "2/ns/mnt", p->root.mnt, sizeof p->root.mnt - 1) < 0)
		*p->root.mnt = '\0';
	p->reader->proc_fd = p->proc.fd;
	p->reader->sysfs_fd = open("/sys/class/net", O_PATH | O_DIRECTORY | O_CLOEXEC);
	raise_limit();
	find_initial(p);
	find_own(p);
	r = find_spaces(p);
	if (r >= 0)
		r = confine_more(p);
	if (r >= 0)
		r = ask_all(p);
	return r < 0 ? r : tell_notes(p);
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	int r = hf_arena_new(&arena);

	if (r == 0)
		r = confine_calls();
	if (r < 0)
		return r;
	pass p = {
		.task = task,
		.proc = {.reader = task->reader, .fd = -1, .arena = arena},
		.arena = arena,
		.initial_fd = -1,
		.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
		.reader = hf_arena_alloc(arena, sizeof *p.reader),
	};

	if (!p.reader)
		return -ENOMEM;
	*p.reader = (hf_netns_reader){
		.sink = hf_reader_sink(task->reader), .proc_fd = -1, .sysfs_fd = -1, .host_fd = -1};
	r = run(&p);
	hf_closep(&p.reader->sysfs_fd);
	hf_list_free(&p.spaces);
	hf_map_free(&p.by_link);
	hf_map_free(&p.containers);
	hf_proc_end(&p.proc);
	return r;
}

const hf_collector hf_collector_network = {
	.name = "network",
	.reads = "interfaces, addresses, routes and their rules (rtnetlink), in the network namespaces of containers, too",
	.caps = (const int[]){CAP_SYS_ADMIN, CAP_SYS_PTRACE, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "getdents64", "fstatfs", "statx",
					  "faccessat", "setns", "socket", "bind", "getsockname", "sendto",
					  "recvmsg", "capget", "capset", "getrlimit", "setrlimit", "prlimit64",
					  "seccomp", "landlock_create_ruleset", "landlock_add_rule",
					  "landlock_restrict_self", NULL},
	.kinds = 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"net/", NULL},
	.deadline_ms = 1500,
	.cap_bytes = 48 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
