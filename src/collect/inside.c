/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `inside`: the mounts of containers, and files below their roots. */
#include "collect/inside.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	PROCESSES_MAX = 32768,
	SPACES_MAX = 4096,
	REST_MS = 300, /* to end in order before the collector's own deadline */
	DOUBTS = 3,    /* see doubt_of() */
};

/* A mount namespace that is not the host's, and the oldest of its processes that is inside. */
typedef struct space {
	const char *link;
	int pid;
	bool has_start; /* then .is_inside and .start_ticks are known */
	bool is_inside; /* has the root or the pid namespace of a container */
	uint64_t start_ticks;
	bool is_lost; /* ended meanwhile, is the host's after all, or cannot be read */
	bool is_late; /* its root itself may not answer: it is asked about when all others were */
	bool is_known; /* its files lie where the host's do: no overlay is its own */
	uint64_t root_mount; /* with .root_ino: of the root that its mounts are below */
	uint64_t root_ino;
	hf_inside_mounts mounts;
	hf_arena *arena;
} space;

typedef struct pass {
	hf_proc proc;
	hf_arena *arena;
	hf_host_root root;
	char root_pid[64]; /* link text of the initial pid namespace */
	hf_map by_link;
	hf_list spaces;
	hf_inside_sockets sockets;
	hf_inside_mounts host; /* none when they cannot be read */
	uint32_t proc_names;
	unsigned budget;
	uint64_t deadline_ms;
	uint64_t walk_until; /* hf_now_ms() at which the walk of --deep ends; 0: none */
	hf_collect_progress *progress;
} pass;

static bool is_late(const pass *p)
{
	return p->deadline_ms && hf_now_ms() > p->deadline_ms;
}

/* ---- who there is ---- */

/* A service of systemd has a mount namespace of its own, too; but its root is the host's, and so is its pid
 * namespace. */
static bool is_container(const pass *p, const hf_proc_dir *dir)
{
	char link[64];
	ssize_t n;

	if (hf_has_own_root(&p->root, dir))
		return true;
	n = readlinkat(dir->fd, "ns/pid", link, sizeof link - 1);
	if (n <= 0 || !*p->root_pid)
		return false;
	link[n] = '\0';
	return strcmp(link, p->root_pid) != 0;
}

/* Of one process; false when it is gone. */
static bool find_age(const pass *p, int pid, uint64_t *ret_start, bool *ret_container)
{
	static hf_proc_text text;
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_answer stat;
	unsigned flags;
	char state;

	if (hf_proc_open(&p->proc, pid, &dir) != 0)
		return false;
	hf_proc_read(&p->proc, &dir, "stat", &text, &stat);
	*ret_container = is_container(p, &dir);
	return !stat.error && hf_proc_parse_stat(stat.data, &state, &flags, ret_start);
}

/* The oldest; but who made the namespace and waits outside, in the host's root, is none of the container's. Numbers
 * are used again, so the lowest need not be the oldest; yet most namespaces have one process, whose age nobody needs
 * to know. */
static void choose_older(const pass *p, space *known, int pid)
{
	uint64_t start;
	bool is_inside;

	if (!known->has_start)
		known->has_start =
			find_age(p, known->pid, &known->start_ticks, &known->is_inside);
	if (!find_age(p, pid, &start, &is_inside) || (known->is_inside && !is_inside))
		return;
	if (known->has_start && known->is_inside == is_inside &&
	    (known->start_ticks < start || (known->start_ticks == start && known->pid < pid)))
		return;
	known->pid = pid;
	known->has_start = true;
	known->is_inside = is_inside;
	known->start_ticks = start;
}

static int add_process(pass *p, int pid)
{
	char path[32], link[64];

	(void)snprintf(path, sizeof path, "%d/ns/mnt", pid);
	ssize_t n = readlinkat(p->proc.fd, path, link, sizeof link - 1);

	if (n <= 0)
		return 0; /* gone, or closed to us: the collector of processes tells */
	link[n] = '\0';
	if (strcmp(link, p->root.mnt) == 0)
		return 0;
	space *known = hf_map_get(&p->by_link, link);

	if (known) {
		choose_older(p, known, pid);
		return 0;
	}
	if (p->spaces.count >= SPACES_MAX)
		return 0;
	known = hf_arena_alloc(p->arena, sizeof *known);
	if (!known || !(known->link = hf_arena_strdup(p->arena, link)))
		return -ENOMEM;
	known->pid = pid;
	int r = hf_map_put(&p->by_link, known->link, known);

	return r < 0 ? r : hf_list_add(&p->spaces, known);
}

static int find_spaces(pass *p)
{
	unsigned processes = 0;
	DIR *dir = hf_proc_list(&p->proc);
	int r = 0;

	for (const struct dirent *entry; dir && r >= 0 && (entry = readdir(dir));) {
		int pid = hf_proc_pid(entry->d_name);

		if (pid > 0 && processes++ < PROCESSES_MAX) {
			r = add_process(p, pid);
			continue;
		}
		for (size_t i = 0; hf_inside_proc[i]; i++) {
			if (strcmp(hf_inside_proc[i], entry->d_name) == 0)
				p->proc_names |= UINT32_C(1) << i;
		}
	}
	if (dir)
		(void)closedir(dir);
	return r;
}

/* ---- one of them ---- */

/* Holds the process's folder; false when it is not the one any more, or is no container's. */
static bool hold(const pass *p, const space *self, hf_proc_dir *ret_dir)
{
	char link[64];

	if (hf_proc_open(&p->proc, self->pid, ret_dir) != 0)
		return false;
	ssize_t n = readlinkat(ret_dir->fd, "ns/mnt", link, sizeof link - 1);

	if (n <= 0)
		return false;
	link[n] = '\0';
	return strcmp(link, self->link) == 0 && is_container(p, ret_dir);
}

/* A page at a time, for the kernel gives no more at once. */
static int read_mountinfo(const hf_proc_dir *dir, hf_buffer *text)
{
	char page[4096];
	hf_cleanup(hf_closep) int fd = openat(dir->fd, "mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, page, sizeof page);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return text->failed ? ENOMEM : 0;
		if (n > 0)
			hf_buffer_add(text, page, (size_t)n);
		if (text->size > HF_FILE_CAP_BYTES)
			return EFBIG;
	}
}

/* ---- whose root it is ---- */

static int statx_root(int fd, const char *name, struct statx *st)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC |
			  (*name ? 0 : AT_EMPTY_PATH);

	if (statx(fd, name, flags, STATX_TYPE | STATX_INO | STATX_MNT_ID, st) < 0)
		return errno;
	return st->stx_mask & STATX_MNT_ID ? 0 : ENOSYS;
}

/* A process shows the mounts below its own root, and any process in a container can choose another root than its
 * runtime gave it: then what the host lent lies outside, and is as near as before. Nothing lies above the root of a
 * mount namespace, so there ".." is the root itself. 0 or a positive errno; EXDEV: it is another. */
static int find_root(space *self, int root)
{
	struct statx st, above;
	int error = statx_root(root, "", &st);

	if (!error)
		error = statx_root(root, "..", &above);
	if (error)
		return error;
	self->root_mount = st.stx_mnt_id;
	self->root_ino = st.stx_ino;
	if (above.stx_mnt_id != st.stx_mnt_id || above.stx_ino != st.stx_ino)
		return EXDEV;
	for (size_t i = 0; i < self->mounts.count; i++) {
		/* the table was read when the root was this one, too */
		if (self->mounts.all[i].id == st.stx_mnt_id &&
		    strcmp(self->mounts.all[i].target, "/") == 0)
			return 0;
	}
	return EXDEV;
}

static bool has_same_root(const space *self, int root)
{
	struct statx st;

	return statx_root(root, "", &st) == 0 && st.stx_mnt_id == self->root_mount &&
	       st.stx_ino == self->root_ino;
}

static bool is_root_prompt(const hf_inside_mounts *mounts)
{
	const hf_inside_mount *on = hf_inside_mount_of(mounts, "/");
	uint32_t magic;

	return !on || hf_inside_is_prompt(on->type, &magic);
}

/* An overlay asks the file systems that it is made of, which no table of mounts tells. Those that the engine made are
 * the host's, too. */
static bool is_known(const pass *p, const hf_inside_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_inside_mount *mount = &mounts->all[i];
		bool is_hosts = strcmp(mount->type, "overlay") != 0;

		for (size_t k = 0; !is_hosts && k < p->host.count; k++)
			is_hosts = p->host.all[k].major == mount->major &&
				   p->host.all[k].minor == mount->minor;
		if (!is_hosts)
			return false;
	}
	return true;
}

/* ---- the mounts ---- */

/* What is wrong with the table @text of the process; 0, or a positive errno. */
static int understand(pass *p, space *self, const hf_proc_dir *dir, const hf_buffer *text, bool late)
{
	if (!self->arena && hf_arena_new(&self->arena) < 0)
		return ENOMEM;
	int r = hf_inside_mounts_parse(self->arena, text->size > 0 ? text->data : "", text->size,
				       &self->mounts);

	if (r < 0)
		return -r;
	self->is_late = !late && !is_root_prompt(&self->mounts);
	if (self->is_late)
		return 0;
	self->is_known = is_known(p, &self->mounts);
	hf_cleanup(hf_closep) int root = openat(dir->fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? errno : find_root(self, root);
}

/* @late: those whose root may not answer. */
static int ask_mounts(pass *p, space *self, bool late)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_answer answer = {.kind = HF_ASK_FILE, .data = ""};

	self->is_late = false;
	if (!hold(p, self, &dir)) {
		self->is_lost = true;
		return 0;
	}
	answer.error = read_mountinfo(&dir, &text);
	if (answer.error == EFBIG)
		answer.reason = "more mounts than are read";
	if (!answer.error)
		answer.error = understand(p, self, &dir, &text, late);
	if (answer.error == EXDEV)
		answer.reason = "the process has a root of its own, and mounts outside of it are not shown";
	self->is_lost = answer.error != 0;
	if (self->is_late || answer.error == ENOMEM)
		return self->is_late ? 0 : -ENOMEM;
	if (!answer.error && text.size > 0) {
		answer.data = text.data;
		answer.size = text.size;
	}
	return hf_proc_send(&p->proc, &dir, "mountinfo", &answer);
}

/* @walk_until: hf_now_ms() at which a walk ends; 0: none. */
static int look(pass *p, space *self, int (*fn)(hf_inside_place *place), uint64_t walk_until)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};

	if (!hold(p, self, &dir))
		return 0;
	hf_cleanup(hf_closep) int root = openat(dir.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hf_inside_place place = {
		.proc = &p->proc,
		.sockets = &p->sockets,
		.arena = self->arena,
		.pid = self->pid,
		.root_fd = root,
		.proc_names = p->proc_names,
		.mounts = self->mounts,
		.budget = &p->budget,
		.deadline_ms = walk_until,
	};

	return root < 0 || !has_same_root(self, root) ? 0 : fn(&place);
}

/* How likely it is that what lies below waits for somebody. */
static int doubt_of(const space *self)
{
	return !self->mounts.is_prompt ? DOUBTS - 1 : !self->is_known;
}

/* Those with a file system that may not answer last, and what is known by then sent before each. */
static int look_at(pass *p, int doubt)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->spaces.count && !is_late(p); i++) {
		space *self = p->spaces.items[i];

		if (self->is_lost || self->is_late || doubt_of(self) != doubt)
			continue;
		if (doubt > 0)
			r = hf_sink_flush(hf_reader_sink(p->proc.reader));
		if (r >= 0)
			r = look(p, self, hf_inside_look, 0);
	}
	return r;
}

/* Those whose root may not answer. */
static int look_at_late(pass *p)
{
	int r = hf_sink_flush(hf_reader_sink(p->proc.reader));

	for (size_t i = 0; r >= 0 && i < p->spaces.count && !is_late(p); i++) {
		space *self = p->spaces.items[i];

		if (!self->is_late)
			continue;
		r = ask_mounts(p, self, true);
		if (r >= 0)
			r = hf_sink_flush(hf_reader_sink(p->proc.reader));
		if (r >= 0 && !self->is_lost)
			r = look(p, self, hf_inside_look, 0);
	}
	return r;
}

/* After all else, for it takes what time there is. */
static int walk(pass *p)
{
	size_t left = p->spaces.count;
	int r = hf_sink_flush(hf_reader_sink(p->proc.reader));

	if (p->progress)
		p->progress->containers_all = (uint32_t)left;
	for (int doubt = 0; doubt < DOUBTS; doubt++) {
		for (size_t i = 0; r >= 0 && i < p->spaces.count; i++) {
			space *self = p->spaces.items[i];
			uint64_t now = hf_now_ms(), until = p->walk_until > now ? p->walk_until : now;

			if (doubt_of(self) != doubt)
				continue;
			/* one with a whole disk in it leaves the others their share */
			until = now + (until - now) / left--;
			if (!self->is_lost && !self->is_late)
				r = look(p, self, hf_inside_walk, until);
			if (p->progress)
				p->progress->containers++;
			if (r >= 0 && doubt + 1 < DOUBTS)
				r = hf_sink_flush(hf_reader_sink(p->proc.reader));
		}
	}
	return r;
}

/* ---- all ---- */

static int read_host(pass *p)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};

	if (hf_proc_open(&p->proc, 1, &dir) != 0 || read_mountinfo(&dir, &text) != 0 || text.size == 0)
		return 0;
	return hf_inside_mounts_parse(p->arena, text.data, text.size, &p->host) == -ENOMEM ? -ENOMEM : 0;
}

static int run(pass *p)
{
	struct stat root;
	int r = 0;

	if (hf_proc_start(&p->proc) != 0 || !p->proc.is_procfs)
		return 0;
	ssize_t n = readlinkat(p->proc.fd, "2/ns/mnt", p->root.mnt, sizeof p->root.mnt - 1);

	/* without it every process would look like a container's */
	if (n <= 0 || fstat(hf_reader_root_fd(p->proc.reader), &root) < 0)
		return 0;
	if (readlinkat(p->proc.fd, "2/ns/pid", p->root_pid, sizeof p->root_pid - 1) < 0)
		*p->root_pid = '\0';
	p->root.ino = root.st_ino;
	p->root.dev = root.st_dev;
	r = read_host(p);
	if (r >= 0)
		r = find_spaces(p);
	for (size_t i = 0; r >= 0 && i < p->spaces.count && !is_late(p); i++)
		r = ask_mounts(p, p->spaces.items[i], false);
	/* what lies below may keep us from ever sending this */
	if (r >= 0)
		r = hf_sink_flush(hf_reader_sink(p->proc.reader));
	for (int doubt = 0; r >= 0 && doubt < DOUBTS; doubt++)
		r = look_at(p, doubt);
	if (r >= 0)
		r = look_at_late(p);
	return r < 0 || !p->walk_until ? r : walk(p);
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
		.budget = HF_INSIDE_STATS,
		.walk_until = task->deep && task->deep_deadline_ms > REST_MS
				      ? task->deep_deadline_ms - REST_MS
				      : 0,
		.progress = task->deep ? task->progress : NULL,
		.sockets = {.host = &p.host},
		.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
	};

	r = run(&p);
	for (size_t i = 0; i < p.spaces.count; i++)
		hf_arena_free(((space *)p.spaces.items[i])->arena);
	hf_list_free(&p.spaces);
	hf_map_free(&p.by_link);
	hf_proc_end(&p.proc);
	return r;
}

const hf_collector hf_collector_inside = {
	.name = "inside",
	.reads = "mounts of containers; metadata of some files below their roots (with --deep: of all), "
		 "never contents",
	.caps = (const int[]){CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "getdents64",
					  "fstatfs", "statx", "getxattr", NULL},
	.kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_STAT | 1U << HF_ASK_DIR | 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"~/proc/[1-9]*/root/*", "~/proc/[1-9]*/mountinfo",
					  "=sockets", NULL},
	.deadline_ms = 2000,
	.deep_deadline_ms = 8000,
	.cap_bytes = 48 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
