/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `process`: what the kernel says of every process, and more of those that matter:
 * engines' daemons, pid 1 and the first process of each container.
 *
 * Each process is read through one descriptor of its folder. That holds the process itself, not its
 * number: once it has ended, every further lookup fails, though the number may belong to another by
 * then. */
#include "collect/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum {
	PROCESSES_MAX = 32768,
	DETAILED_MAX = 4096, /* processes that are looked at closely */
	REST_MS = 300,	     /* to end in order before the collector's own deadline */
	ID_LENGTH = 64,
};

typedef struct process {
	int pid;
	uint64_t start_ticks;
	const hf_daemon_kind *daemon; /* NULL: none */
	const char *group; /* of a container's process: what its processes have in common */
} process;

typedef struct pass {
	hf_proc proc;
	hf_arena *arena;
	char root_mnt[64]; /* link text of the initial mount namespace */
	ino_t root_ino;	   /* of "/" */
	dev_t root_dev;
	hf_list names; /* in /proc, without the processes that ended meanwhile */
	process *all;
	size_t count;
	uint64_t deadline_ms;
} pass;

/* ---- the initial namespaces ---- */

static const char *const namespaces[] = {"mnt", "net", "pid",	 "user",
					 "uts", "ipc", "cgroup", "time"};

/* pid 2 is kthreadd, which never leaves the namespaces that the kernel was born with; /proc/1/ns
 * can be refused even to root (seen under a BPF LSM). */
static int ask_references(pass *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(namespaces); i++) {
		char path[64];
		hf_answer answer;

		(void)snprintf(path, sizeof path, "/proc/2/ns/%s", namespaces[i]);
		r = hf_proc_send_link(&p->proc, path, &answer);
		if (r >= 0 && i == 0 && !answer.error)
			(void)snprintf(p->root_mnt, sizeof p->root_mnt, "%s", answer.data);
		(void)snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i]);
		if (r >= 0)
			r = hf_proc_send_link(&p->proc, path, &answer);
	}
	return r;
}

/* ---- which container a process belongs to ---- */

static bool is_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* The container's id in one component of a cgroup path: "<id>", "docker-<id>.scope",
 * "cri-containerd-<id>", "libpod-<id>.scope" …; but not that of its monitor,
 * "libpod-conmon-<id>.scope", which is the host's. */
static const char *id_in(const char *part, size_t length)
{
	static const char scope[] = ".scope", monitor[] = "conmon-";

	if (length > strlen(scope) &&
	    memcmp(part + length - strlen(scope), scope, strlen(scope)) == 0)
		length -= strlen(scope);
	if (length < ID_LENGTH || !is_hex(part + length - ID_LENGTH, ID_LENGTH))
		return NULL;
	const char *id = part + length - ID_LENGTH;
	size_t before = length - ID_LENGTH;

	if (before > 0 && id[-1] != '-' && id[-1] != ':')
		return NULL;
	if (before >= strlen(monitor) &&
	    memcmp(id - strlen(monitor), monitor, strlen(monitor)) == 0)
		return NULL;
	return id;
}

static bool is_named_container(const char *part, size_t length)
{
	static const char *const prefixes[] = {"lxc.payload", "machine-", "systemd-nspawn@"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (length > n && memcmp(part, prefixes[i], n) == 0)
			return true;
	}
	return false;
}

/* The last id wins, so that a container in a container is one of its own. *ret_named: the path up
 * to a component that names a container without an id; the machine's supervisor runs there, too, in
 * the host's mount namespace. */
static void find_container(const char *text, const char **ret_id, const char **ret_named,
			   size_t *ret_named_length)
{
	const char *end = text + strlen(text), *line_start = text;

	*ret_id = NULL;
	*ret_named = NULL;
	*ret_named_length = 0;
	for (const char *part = text; part < end;) {
		size_t length = strcspn(part, "/\n");
		const char *id = id_in(part, length);

		if (id)
			*ret_id = id;
		if (is_named_container(part, length)) {
			*ret_named = line_start;
			*ret_named_length = (size_t)(part + length - line_start);
		}
		part += length;
		if (*part == '\n')
			line_start = part + 1;
		part += *part != '\0';
	}
}

/* A private mount namespace alone is no container: systemd gives one to many services. Their root
 * is still the host's, though, and a container's is not. */
static bool has_own_root(const pass *p, const hf_proc_dir *dir)
{
	struct statx st;

	/* the attributes as they are known, without asking a file server that may never answer */
	if (dir->fd < 0 ||
	    statx(dir->fd, "root", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &st) < 0)
		return false;
	return st.stx_ino != p->root_ino ||
	       makedev(st.stx_dev_major, st.stx_dev_minor) != p->root_dev;
}

static const char *group_of(const pass *p, const hf_proc_dir *dir, const hf_answer *cgroup,
			    const hf_answer *mnt)
{
	const char *id, *named;
	size_t named_length;
	bool is_elsewhere = !mnt->error && *p->root_mnt && strcmp(mnt->data, p->root_mnt) != 0;

	find_container(cgroup->data, &id, &named, &named_length);
	if (id)
		return hf_arena_memdup(p->arena, id, ID_LENGTH);
	if (!is_elsewhere)
		return NULL;
	if (named)
		return hf_arena_memdup(p->arena, named, named_length);
	return has_own_root(p, dir) ? hf_arena_strdup(p->arena, mnt->data) : NULL;
}

/* ---- one process ---- */

/* Some of the fields of stat(5); the command's name before them may hold blanks and parentheses. */
static bool parse_stat(const char *text, char *ret_state, unsigned *ret_flags, uint64_t *ret_start)
{
	const char *rest = strrchr(text, ')');

	return rest && sscanf(rest + 1,
			      " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			      "%*d %*d %" SCNu64,
			      ret_state, ret_flags, ret_start) == 3;
}

/* The four questions of every process, or (a kernel thread has no program, and is in no container)
 * two. 1: it has ended meanwhile, and nothing was sent; 0; a negative errno. */
static int visit(pass *p, int pid)
{
	enum { PF_KTHREAD = 0x00200000 };
	static hf_proc_text stat_text, cgroup_text;
	hf_answer stat, exe, cgroup, mnt;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	char exe_text[HF_PROC_LINK_ROOM], mnt_text[HF_PROC_LINK_ROOM], state = '?';
	unsigned flags = 0;
	process self = {.pid = pid};

	if (hf_proc_open(&p->proc, self.pid, &dir) == ENOENT)
		return 1;
	hf_proc_read(&p->proc, &dir, "stat", &stat_text, &stat);
	if (stat.error == ESRCH)
		return 1;
	if (!stat.error && !parse_stat(stat.data, &state, &flags, &self.start_ticks)) {
		stat = (hf_answer){.kind = HF_ASK_FILE, .error = EBADMSG, .data = ""};
	}
	hf_proc_readlink(&p->proc, &dir, "exe", exe_text, &exe);
	if (flags & PF_KTHREAD) {
		int r = hf_proc_send(&p->proc, &dir, "stat", &stat);

		return r < 0 ? r : hf_proc_send(&p->proc, &dir, "exe", &exe);
	}
	hf_proc_read(&p->proc, &dir, "cgroup", &cgroup_text, &cgroup);
	hf_proc_readlink(&p->proc, &dir, "ns/mnt", mnt_text, &mnt);
	/* a zombie has lost its program and namespaces and is still there; who has lost its folder
	 * is not */
	if ((cgroup.error == ESRCH || mnt.error == ENOENT || mnt.error == ESRCH) && state != 'Z' &&
	    hf_proc_is_gone(&p->proc, &dir))
		return 1;
	self.group = group_of(p, &dir, &cgroup, &mnt);
	/* a daemon in a container is the container's affair */
	if (!self.group)
		self.daemon = hf_daemon_kind_find(self.pid, exe.data);
	p->all[p->count++] = self;

	int r = hf_proc_send(&p->proc, &dir, "stat", &stat);

	if (r >= 0)
		r = hf_proc_send(&p->proc, &dir, "exe", &exe);
	if (r >= 0)
		r = hf_proc_send(&p->proc, &dir, "cgroup", &cgroup);
	return r < 0 ? r : hf_proc_send(&p->proc, &dir, "ns/mnt", &mnt);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The listing of /proc bears witness which processes there are, so it names those that were read.
 */
static int send_listing(pass *p, int error, const char *reason)
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

static int visit_all(pass *p)
{
	size_t kept = 0;
	char reason[128];

	for (size_t i = 0; i < p->names.count; i++) {
		int pid = hf_proc_pid(p->names.items[i]), r = 0;

		if (pid > 0) {
			if (i % 64 == 0 && p->deadline_ms && hf_now_ms() > p->deadline_ms) {
				(void)snprintf(
					reason, sizeof reason,
					"%zu processes were read, and there was no time for more",
					p->count);
				return send_listing(p, ETIME, reason);
			}
			r = visit(p, pid);
		}
		if (r < 0)
			return r;
		if (r == 0)
			p->names.items[kept++] = p->names.items[i];
	}
	p->names.count = kept;
	return send_listing(p, 0, NULL);
}

/* ---- closer ---- */

static int compare_groups(const void *a, const void *b)
{
	const process *x = *(const process *const *)a, *y = *(const process *const *)b;
	int order = strcmp(x->group, y->group);

	if (order == 0)
		order = (x->start_ticks > y->start_ticks) - (x->start_ticks < y->start_ticks);
	return order ? order : x->pid - y->pid;
}

static int look_closer(pass *p, const process *self, hf_proc_depth depth)
{
	static hf_proc_text text;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_answer stat;
	uint64_t start_ticks = 0;
	unsigned flags;
	char state;

	if (p->deadline_ms && hf_now_ms() > p->deadline_ms)
		return 0;
	if (hf_proc_open(&p->proc, self->pid, &dir) != 0)
		return 0;
	/* the number may belong to another process since the first visit */
	hf_proc_read(&p->proc, &dir, "stat", &text, &stat);
	if (!stat.error && (!parse_stat(stat.data, &state, &flags, &start_ticks) ||
			    start_ticks != self->start_ticks))
		return 0;
	return hf_proc_ask_details(&p->proc, &dir, depth, self->daemon);
}

/* Engines first: the listening sockets of a network namespace are asked for through its first
 * process. */
static int look_at_daemons(pass *p, unsigned *budget)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i<p->count && * budget> 0; i++) {
		if (!p->all[i].daemon || !p->all[i].daemon->is_engine)
			continue;
		(*budget)--;
		r = look_closer(p, &p->all[i], HF_PROC_DAEMON);
	}
	for (size_t i = 0; r >= 0 && i<p->count && * budget> 0; i++) {
		if (!p->all[i].daemon || p->all[i].daemon->is_engine)
			continue;
		(*budget)--;
		r = look_closer(p, &p->all[i], HF_PROC_DAEMON);
	}
	return r;
}

static int look_at_containers(pass *p, unsigned *budget)
{
	hf_list members = {0};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->count; i++) {
		if (p->all[i].group)
			r = hf_list_add(&members, &p->all[i]);
	}
	if (members.count > 0)
		qsort(members.items, members.count, sizeof members.items[0], compare_groups);
	for (size_t i = 0; r >= 0 && i<members.count && * budget> 0; i++) {
		const process *self = members.items[i];
		const process *before = i > 0 ? members.items[i - 1] : NULL;

		if (before && strcmp(before->group, self->group) == 0)
			continue;
		(*budget)--;
		r = look_closer(p, self, HF_PROC_CONTAINER);
	}
	hf_list_free(&members);
	return r;
}

/* ---- all ---- */

static int list_proc(pass *p)
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
	if (p->names.count > 0)
		qsort(p->names.items, p->names.count, sizeof p->names.items[0], compare_names);
	p->all = hf_arena_calloc(p->arena, processes, sizeof *p->all);
	return r < 0 ? r : p->all || processes == 0 ? 0 : -ENOMEM;
}

static int run(pass *p)
{
	struct stat root;
	unsigned budget = DETAILED_MAX;
	int r = hf_proc_start(&p->proc);

	if (r > 0)
		return send_listing(p, r, NULL);
	if (fstat(hf_reader_root_fd(p->proc.reader), &root) == 0) {
		p->root_ino = root.st_ino;
		p->root_dev = root.st_dev;
	}
	r = ask_references(p);
	if (r >= 0)
		r = list_proc(p);
	if (r != 0)
		return r < 0 ? r : 0;
	r = visit_all(p);
	/* arguments and environments wait for the process's memory lock, perhaps for long: what is
	 * known so far must not be lost with us */
	if (r >= 0)
		r = hf_sink_flush(hf_reader_sink(p->proc.reader));
	if (r >= 0)
		r = look_at_daemons(p, &budget);
	if (r >= 0)
		r = hf_sink_flush(hf_reader_sink(p->proc.reader));
	return r < 0 ? r : look_at_containers(p, &budget);
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	int r = hf_arena_new(&arena);

	if (r < 0)
		return r;
	pass p = {
		.proc = {.reader = task->reader, .fd = -1, .arena = arena},
		.arena = arena,
		.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
	};

	r = run(&p);
	hf_list_free(&p.names);
	hf_proc_end(&p.proc);
	return r;
}

const hf_collector hf_collector_process = {
	.name = "process",
	.reads =
		"/proc/PID of every process; arguments (redacted) and sockets of container engines",
	.caps = (const int[]){CAP_SYS_PTRACE, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "getdents64",
					  "fstatfs", "statx", "faccessat", NULL},
	.kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_LINK | 1U << HF_ASK_DIR,
	.prefixes = (const char *const[]){"=/proc", "/proc/self/ns/", "/proc/1", "/proc/2",
					  "/proc/3", "/proc/4", "/proc/5", "/proc/6", "/proc/7",
					  "/proc/8", "/proc/9", NULL},
	.deadline_ms = 2000,
	.cap_bytes = 48 * 1024 * 1024,
	.collect = collect,
};
