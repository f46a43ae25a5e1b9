/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `process`: what the kernel says of every process, and more of those that matter:
 * engines' daemons, pid 1, the processes of containers and their control groups.
 *
 * A container can have any number of processes, and the host's must not wait for them: of each some are looked at
 * when they are met, the others when everybody was. What could wait for a process comes last.
 *
 * Each process is read through one descriptor of its folder. That holds the process itself, not its
 * number: once it has ended, every further lookup fails, though the number may belong to another by
 * then. */
#include "collect/proc-pass.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	PROCESSES_MAX = 32768,
	DAEMONS_MAX = 4096, /* daemons that are looked at closely */
	REST_MS = 300,	    /* to end in order before the collector's own deadline */
};

/* ---- the initial namespaces ---- */

/* pid 2 is kthreadd, which never leaves the namespaces that the kernel was born with; /proc/1/ns
 * can be refused even to root (seen under a BPF LSM). */
static int ask_links_of(hf_pass *p, const char *who, hf_proc_links *links)
{
	char path[64];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_PROC_NS_COUNT; i++) {
		hf_answer answer;

		(void)snprintf(path, sizeof path, "/proc/%s/ns/%s", who, hf_proc_ns_names[i]);
		r = hf_proc_send_link(&p->proc, path, &answer);
		if (!answer.error && answer.size >= HF_PROC_NS_ROOM)
			answer.error = ENAMETOOLONG;
		links->is_read[i] = true;
		links->error[i] = answer.error;
		(void)snprintf(links->text[i], sizeof links->text[i], "%s",
			       answer.error ? "" : answer.data);
	}
	return r < 0 ? r : hf_proc_send_links_of(&p->proc, who, links);
}

/* "/" as stat:/proc/self/root: what is another's is not the host's. */
static int ask_own_root(hf_pass *p)
{
	struct stat root;
	hf_answer answer = {.kind = HF_ASK_STAT, .name = "/proc/self/root", .data = ""};

	if (fstat(hf_reader_root_fd(p->proc.reader), &root) < 0) {
		answer.error = errno;
	} else {
		p->root.ino = root.st_ino;
		p->root.dev = root.st_dev;
		answer.meta = (hf_meta){
			.mode = root.st_mode,
			.uid = root.st_uid,
			.gid = root.st_gid,
			.nlink = (uint32_t)root.st_nlink,
			.dev_major = major(root.st_dev),
			.dev_minor = minor(root.st_dev),
			.ino = root.st_ino,
		};
	}
	return hf_sink_answer(hf_reader_sink(p->proc.reader), &answer);
}

static int ask_references(hf_pass *p)
{
	hf_proc_links own;
	int r = ask_own_root(p);

	if (r >= 0)
		r = ask_links_of(p, "2", &p->proc.initial);
	if (r >= 0)
		r = ask_links_of(p, "self", &own);
	(void)snprintf(p->root.mnt, sizeof p->root.mnt, "%s", p->proc.initial.text[HF_PROC_NS_MNT]);
	if (r >= 0)
		r = hf_proc_find_labels(&p->proc);
	return r;
}

/* ---- every process ---- */

/* A process that is in no container by its control group or root is in one of nobody when it has a pid or user
 * namespace of its own (a bare unshare(1), a browser's sandbox). When its first thread has ended, only the others
 * could tell. *ret_is_sure: it is in none. */
static const char *lone_group(const hf_pass *p, const hf_proc_dir *dir, hf_proc_first *first,
			      bool *ret_is_sure)
{
	static const hf_proc_ns kinds[] = {HF_PROC_NS_MNT, HF_PROC_NS_PID, HF_PROC_NS_USER};
	hf_proc_links *links = &first->links;

	*ret_is_sure = first->life.state == 'Z';
	if (*ret_is_sure)
		return first->life.threads > 1
			       ? hf_arena_printf(p->arena, "threads of %d", dir->pid)
			       : NULL;
	*ret_is_sure = true;
	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		const char *initial = p->proc.initial.text[kinds[i]];

		hf_proc_read_ns(&p->proc, dir, kinds[i], links);
		if (!links->error[kinds[i]] && strcmp(links->text[kinds[i]], initial) == 0)
			continue;
		*ret_is_sure = false;
		if (!links->error[kinds[i]] && *initial && kinds[i] != HF_PROC_NS_MNT)
			return hf_arena_strdup(p->arena, links->text[kinds[i]]);
	}
	return NULL;
}

static int send_process(hf_pass *p, const hf_proc_dir *dir, hf_proc_first *first, bool is_sure)
{
	int r = hf_proc_send_first(&p->proc, dir, first);

	if (r < 0 || is_sure)
		return r;
	hf_proc_read_links(&p->proc, dir, "ns", &first->links);
	r = hf_proc_ask_root(&p->proc, dir);
	return r < 0 ? r : hf_proc_send_links(&p->proc, dir, "ns", &first->links);
}

/* The process is no kernel thread. */
static int visit_user(hf_pass *p, hf_pass_process *self, const hf_proc_dir *dir, hf_proc_first *first)
{
	const char *mnt = first->links.text[HF_PROC_NS_MNT];
	const hf_answer link = {.error = first->links.error[HF_PROC_NS_MNT], .data = mnt};
	const char *group = hf_container_group(&p->root, p->arena, dir, &first->cgroup, &link);
	bool is_sure = false;

	self->start_ticks = first->life.start_ticks;
	self->is_claimed = group && !hf_has_prefix(group, "mnt:");
	if (!group) {
		group = lone_group(p, dir, first, &is_sure);
		/* a daemon in a container is the container's affair; that of a user is in namespaces of
		 * its own, too */
		self->daemon = hf_daemon_kind_find(self->pid, first->exe.data);
	}
	if (!group)
		return send_process(p, dir, first, is_sure);
	self->container = hf_pass_container_of(p, group);
	return self->container ? hf_pass_meet(p, self, dir, first) : -ENOMEM;
}

/* 1: it has ended meanwhile, and nothing was sent; 0; a negative errno. */
static int visit(hf_pass *p, int pid)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_cleanup(hf_proc_first_end) hf_proc_first first = {.stat_fd = -1};
	hf_pass_process *self = &p->all[p->count];

	*self = (hf_pass_process){.pid = pid};
	if (hf_proc_open(&p->proc, pid, &dir) == ENOENT ||
	    hf_proc_read_first(&p->proc, &dir, &first) == 1)
		return 1;
	if (first.life.flags & HF_PROC_KERNEL_THREAD)
		return hf_proc_send_first(&p->proc, &dir, &first);
	p->count++;
	int r = visit_user(p, self, &dir, &first);

	/* a process of a container is looked at three times: what is open need not be looked up again */
	if (r >= 0 && self->is_seen && dir.fd >= 0 && first.stat_fd >= 0 && p->held < HF_PASS_HELD_MAX) {
		p->held++;
		self->is_held = true;
		self->dir_fd = dir.fd;
		self->stat_fd = first.stat_fd;
		dir.fd = first.stat_fd = -1;
	}
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The listing of /proc bears witness which processes there are, so it names those that were read.
 */
static int send_listing(hf_pass *p, int error, const char *reason)
{
	hf_buffer text = {0};
	hf_answer answer = {
		.kind = HF_ASK_DIR, .name = "/proc", .error = error, .reason = reason, .data = ""};

	for (size_t i = 0; !error && i < p->names.count; i++) {
		const char *name = p->names.items[i];

		hf_buffer_add(&text, name, strlen(name) + 1);
	}
	if (!error && text.size > 0) {
		answer.data = text.data;
		answer.size = text.size;
	}
	int r = text.failed ? -ENOMEM : hf_reader_send(p->proc.reader, &answer);

	hf_buffer_free(&text);
	return r;
}

static int compare_pids(const void *a, const void *b)
{
	int x = hf_proc_pid(*(const char *const *)a), y = hf_proc_pid(*(const char *const *)b);

	return (x > y) - (x < y);
}

/* In the order of their numbers, which is mostly that of their ages: what is asked once is asked of the first. */
static int visit_all(hf_pass *p)
{
	size_t kept = 0;
	int r = 0;

	if (p->names.count > 0)
		qsort(p->names.items, p->names.count, sizeof p->names.items[0], compare_pids);
	p->is_complete = true;
	for (size_t i = 0; p->is_complete && r >= 0 && i < p->names.count; i++) {
		int pid = hf_proc_pid(p->names.items[i]);

		p->is_complete = i % 64 != 0 || !hf_proc_is_late(&p->proc);
		r = pid > 0 && p->is_complete ? visit(p, pid) : 0;
		if (r == 0)
			p->names.items[kept++] = p->names.items[i];
	}
	p->names.count = kept;
	if (kept > 0)
		qsort(p->names.items, kept, sizeof p->names.items[0], compare_names);
	return r < 0 ? r : 0;
}

/* ---- daemons ---- */

typedef int look_fn(hf_proc *proc, const hf_proc_dir *dir, const hf_daemon_kind *daemon);

static int look_at_daemon(hf_pass *p, const hf_pass_process *self, look_fn *look)
{
	static hf_proc_text text;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_answer stat;
	hf_proc_life life = {0};

	if (hf_proc_is_late(&p->proc) || hf_proc_open(&p->proc, self->pid, &dir) != 0)
		return 0;
	/* the number may belong to another process since the first visit */
	hf_proc_read(&p->proc, &dir, "stat", &text, &stat);
	if (!stat.error &&
	    (!hf_proc_parse_life(stat.data, &life) || life.start_ticks != self->start_ticks))
		return 0;
	return look(&p->proc, &dir, self->daemon);
}

static int look_at_some(hf_pass *p, bool engines, look_fn *look)
{
	unsigned budget = DAEMONS_MAX;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->count && budget > 0; i++) {
		const hf_daemon_kind *daemon = p->all[i].daemon;

		/* of a shim, which every container has, nobody asks who listens */
		if (!daemon || daemon->is_engine != engines ||
		    (look == hf_proc_ask_listeners && !daemon->has_sockets))
			continue;
		budget--;
		r = look_at_daemon(p, &p->all[i], look);
	}
	return r;
}

/* Engines first: the listening sockets of a network namespace are asked for through its first
 * process. */
static int look_at_daemons(hf_pass *p)
{
	static look_fn *const looks[] = {hf_proc_ask_daemon, hf_proc_ask_listeners};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(looks); i++) {
		r = look_at_some(p, true, looks[i]);
		if (r >= 0)
			r = look_at_some(p, false, looks[i]);
	}
	return r;
}

/* ---- all ---- */

static int list_proc(hf_pass *p)
{
	size_t processes = 0;
	DIR *dir = hf_proc_list(&p->proc);
	int r = 0;

	if (!dir) {
		r = send_listing(p, errno, NULL);
		return r < 0 ? r : 1;
	}
	for (const struct dirent *entry; r == 0 && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		processes += hf_proc_pid(entry->d_name) > 0;
		char *name = hf_arena_strdup(p->arena, entry->d_name);

		r = name ? hf_list_add(&p->names, name) : -ENOMEM;
	}
	(void)closedir(dir);
	if (r == 0 && processes > PROCESSES_MAX) {
		r = send_listing(p, EFBIG, "more processes than are read");
		return r < 0 ? r : 1;
	}
	p->all = hf_arena_calloc(p->arena, processes, sizeof *p->all);
	return r < 0 ? r : p->all || processes == 0 ? 0 : -ENOMEM;
}

/* Who was gone when it was looked at is not in the listing. */
static void forget_gone(hf_pass *p)
{
	size_t kept = 0;
	hf_map gone = {0};
	bool is_known = true;

	for (size_t i = 0; i < p->members.count; i++) {
		const hf_pass_process *self = p->members.items[i];
		char *name = self->is_gone ? hf_arena_printf(p->arena, "%d", self->pid) : NULL;

		is_known &= !self->is_gone || (name && hf_map_put(&gone, name, name) == 0);
	}
	for (size_t i = 0; is_known && gone.count > 0 && i < p->names.count; i++) {
		if (!hf_map_get(&gone, p->names.items[i]))
			p->names.items[kept++] = p->names.items[i];
	}
	p->names.count = is_known && gone.count > 0 ? kept : p->names.count;
	hf_map_free(&gone);
}

static int send_processes(hf_pass *p)
{
	char reason[128];

	forget_gone(p);
	if (p->is_complete)
		return send_listing(p, 0, NULL);
	(void)snprintf(reason, sizeof reason,
		       "%zu processes were read, and there was no time for more", p->count);
	return send_listing(p, ETIME, reason);
}

/* Of the initial network namespace, which every container with the host's is in. */
static int ask_host_tables(hf_pass *p)
{
	enum { KTHREADD = 2 };
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	const char *net = p->proc.initial.text[HF_PROC_NS_NET];
	int r;

	if (!*net || hf_proc_open(&p->proc, KTHREADD, &dir) != 0)
		return 0;
	r = hf_proc_ask(&p->proc, &dir, "status");
	return r < 0 ? r : hf_proc_ask_tables(&p->proc, &dir, net);
}

/* Whom a container sees, as ptrace(2) would look at it. Engines are asked for their status anyway. */
static int ask_seen(hf_pass *p, const hf_pass_process *self)
{
	static hf_proc_text text;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	struct statx st;
	hf_answer answer;

	/* it was there, and is no more */
	if (hf_proc_open(&p->proc, self->pid, &dir) != 0)
		return hf_proc_send_error(&p->proc, &dir, HF_ASK_FILE, "status", ESRCH, NULL);
	hf_proc_read(&p->proc, &dir, "status", &text, &answer);
	if (p->proc.is_procfs &&
	    statx(dir.fd, "status", AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_UID, &st) == 0) {
		answer.meta.mode = st.stx_mode;
		answer.meta.uid = st.stx_uid;
	}
	return hf_proc_send(&p->proc, &dir, "status", &answer);
}

static int ask_all_seen(hf_pass *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && p->shows_host && i < p->count; i++) {
		const hf_pass_process *self = &p->all[i];

		if (i % 64 == 0 && hf_proc_is_late(&p->proc))
			return 0;
		if (!self->container && !(self->daemon && self->daemon->is_engine))
			r = ask_seen(p, self);
	}
	return r;
}

/* What cannot wait for anybody first, and what is known so far sent before the rest. */
static int look_closer(hf_pass *p)
{
	hf_sink *sink = hf_reader_sink(p->proc.reader);
	int r = hf_pass_look_again(p);

	if (r >= 0)
		r = send_processes(p);
	if (r >= 0)
		r = hf_sink_flush(sink);
	if (r >= 0)
		r = look_at_daemons(p);
	if (r >= 0)
		r = ask_host_tables(p);
	if (r >= 0)
		r = ask_all_seen(p);
	if (r >= 0)
		r = hf_sink_flush(sink);
	if (r >= 0)
		r = hf_pass_look_inside(p);
	return r < 0 ? r : hf_pass_ask_tables(p);
}

static int run(hf_pass *p)
{
	int r = hf_proc_start(&p->proc);

	if (r > 0)
		return send_listing(p, r, NULL);
	r = ask_references(p);
	if (r >= 0)
		r = list_proc(p);
	if (r != 0)
		return r < 0 ? r : 0;
	r = hf_cgroups_new(&p->proc, &p->cgroups);
	if (r >= 0)
		r = hf_cgroups_ask_roots(p->cgroups);
	if (r >= 0)
		r = visit_all(p);
	return r < 0 ? r : look_closer(p);
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	int r = hf_arena_new(&arena);

	if (r < 0)
		return r;
	hf_pass p = {
		.proc = {
			.reader = task->reader,
			.fd = -1,
			.arena = arena,
			.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
		},
		.arena = arena,
		.threads = HF_PASS_THREADS_MAX,
	};

	r = run(&p);
	for (size_t i = 0; i < p.count; i++)
		hf_pass_let_go(&p.all[i]);
	hf_cgroups_free(p.cgroups);
	hf_map_free(&p.containers);
	hf_list_free(&p.members);
	hf_list_free(&p.tables);
	hf_list_free(&p.names);
	hf_proc_end(&p.proc);
	return r;
}

const hf_collector hf_collector_process = {
	.name = "process",
	.reads = "/proc/PID of every process; arguments (redacted) and sockets of container engines; "
		 "of containers tasks, open files, names of variables; their control groups",
	/* fd/ and environ are the process's user's alone, by their modes: to look past these takes the second */
	.caps = (const int[]){CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "getdents64",
					  "fstatfs", "statx", "faccessat", "pread64",
					  "getxattr",
					  NULL},
	.kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_STAT | 1U << HF_ASK_LINK | 1U << HF_ASK_DIR |
		 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"=/proc", "/proc/self/ns", "=/proc/self/root",
					  "/proc/self/attr/", "/proc/1", "/proc/2", "/proc/3",
					  "/proc/4", "/proc/5", "/proc/6", "/proc/7", "/proc/8",
					  "/proc/9", "/sys/fs/cgroup", NULL},
	.deadline_ms = 2000,
	.cap_bytes = 96 * 1024 * 1024,
	.collect = collect,
};
