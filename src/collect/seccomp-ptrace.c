/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `seccomp-ptrace`, for `--deep=ptrace` alone: filters by PTRACE_SECCOMP_GET_FILTER,
 * where the BPF iterator cannot be had.
 *
 * A task has to be stopped for it, mostly for less than a millisecond; what it waits for in
 * epoll_wait, semop or a timed recv then returns EINTR. So only containers are looked at, one task
 * for each container and number of filters, and a note and call:seccomp/ptrace/stopped tell of it.
 * The kernel shows filters to nobody who is filtered (ptrace(2)): this process has no filter of
 * system calls, which no other collector is without. */
#include "collect/containers.h"
#include "collect/seccomp.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
	CLASSES_MAX = 512,
	MEMBERS_MAX = 32768,
	FILTERS_OF_ONE_MAX = 256,
	STOP_MS = 100, /* longer than this nothing is waited for */
	MICROSECOND_NS = 1000,
	POLL_US = 50,
	REST_MS = 300,
};

/* The tasks of one container with the same number of filters. */
typedef struct class
{
	const char *group;
	int filters;
	int pid;       /* of the one that is looked at */
	bool restarts; /* it waits in a call that goes on by itself after a stop */
	uint64_t key;  /* of its newest filter; 0: not read */
} class;

typedef struct member {
	int pid;
	size_t class;
} member;

typedef struct pass {
	hf_proc proc;
	hf_arena *arena;
	hf_host_root root;
	class classes[CLASSES_MAX];
	size_t class_count;
	member *members;
	size_t member_count;
	hf_list filters; /* hf_filter * */
	hf_buffer stops;
	size_t stop_count;
	size_t failure_count;
	uint64_t longest_us;
	uint64_t deadline_ms;
} pass;

/* ---- who ---- */

static long field_of(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? strtol(line + strlen(name), NULL, 10) : -1;
}

/* Calls that the kernel starts again by itself, or with the time that is left: read, futex, wait4,
 * nanosleep, poll, select. Numbers of the native ABI. */
static bool waits_restartably(const hf_proc *proc, const hf_proc_dir *dir)
{
	static hf_proc_text text;
	hf_answer answer = {.kind = HF_ASK_FILE};

	hf_proc_read(proc, dir, "syscall", &text, &answer);
#if defined(__x86_64__)
	static const long calls[] = {0, 7, 23, 35, 61, 202, 230, 247, 270, 271};

	for (size_t i = 0; answer.error == 0 && i < HF_ARRAY_SIZE(calls); i++) {
		if (*answer.data >= '0' && *answer.data <= '9' &&
		    strtol(answer.data, NULL, 10) == calls[i])
			return true;
	}
#endif
	return false;
}

static class *find_class(pass *p, const char *group, int filters)
{
	for (size_t i = 0; i < p->class_count; i++) {
		if (p->classes[i].filters == filters && strcmp(p->classes[i].group, group) == 0)
			return &p->classes[i];
	}
	if (p->class_count == CLASSES_MAX)
		return NULL;
	class *new = &p->classes[p->class_count++];

	*new = (class){.group = group, .filters = filters};
	return new;
}

static void take_process(pass *p, const hf_proc_dir *dir)
{
	static hf_proc_text status, cgroup;
	static char link[HF_PROC_LINK_ROOM];
	hf_answer status_answer = {.kind = HF_ASK_FILE}, cgroup_answer = {.kind = HF_ASK_FILE}, link_answer = {.kind = HF_ASK_FILE};

	hf_proc_read(&p->proc, dir, "status", &status, &status_answer);
	if (status_answer.error || field_of(status_answer.data, "\nSeccomp:\t") != 2)
		return;
	hf_proc_read(&p->proc, dir, "cgroup", &cgroup, &cgroup_answer);
	hf_proc_readlink(&p->proc, dir, "ns/mnt", link, &link_answer);
	const char *group =
		hf_container_group(&p->root, p->arena, dir, &cgroup_answer, &link_answer);
	class *c = group ? find_class(p, group,
				      (int)field_of(status_answer.data, "\nSeccomp_filters:\t"))
			 : NULL;

	if (!c || p->member_count == MEMBERS_MAX)
		return;
	p->members[p->member_count++] =
		(member){.pid = dir->pid, .class = (size_t)(c - p->classes)};
	if (c->pid && c->restarts)
		return;
	c->restarts = waits_restartably(&p->proc, dir);
	if (!c->pid || c->restarts)
		c->pid = dir->pid;
}

static int take_all(pass *p)
{
	DIR *list = hf_proc_list(&p->proc);

	if (!list)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(list));) {
		int pid = hf_proc_pid(entry->d_name);
		hf_proc_dir dir = {.fd = -1};

		if (pid > 0 && hf_proc_open(&p->proc, pid, &dir) == 0)
			take_process(p, &dir);
		hf_proc_closep(&dir);
	}
	(void)closedir(list);
	return 0;
}

/* ---- stopping and reading ---- */

/* True once @pid stands still; *ret_signal is what it was about to get, to be given on. */
static bool wait_for_stop(int pid, int *ret_signal)
{
	uint64_t end = hf_now_us() + STOP_MS * (uint64_t)1000;
	const struct timespec pause = {.tv_nsec = POLL_US * MICROSECOND_NS};

	do {
		int status;
		pid_t got = waitpid(pid, &status, __WALL | WNOHANG);

		if (got == pid && WIFSTOPPED(status)) {
			*ret_signal = status >> 16 ? 0 : WSTOPSIG(status);
			return true;
		}
		if (got != 0)
			return false;
		(void)nanosleep(&pause, NULL);
	} while (hf_now_us() < end);
	return false;
}

/* One filter of a task that stands still. 0; -ENOENT past the last. */
static int read_filter(pass *p, int pid, unsigned long index, hf_filter *ret_filter)
{
	struct __ptrace_seccomp_metadata meta = {.filter_off = index};
	long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, NULL);

	if (count < 0)
		return -errno;
	struct sock_filter *code = hf_arena_calloc(p->arena, (size_t)count + 1, sizeof *code);

	if (!code)
		return -ENOMEM;
	if (count > BPF_MAXINSNS || ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, code) != count)
		return -EBADMSG;
	*ret_filter = (hf_filter){.code = code, .length = (uint32_t)count};
	if (ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof meta, &meta) > 0)
		ret_filter->is_logged = meta.flags & 2; /* SECCOMP_FILTER_FLAG_LOG */
	return 0;
}

/* From the newest on. */
static int read_filters(pass *p, size_t index)
{
	class *c = &p->classes[index];
	int r = 0;

	for (unsigned long i = 0; i < FILTERS_OF_ONE_MAX; i++) {
		hf_filter *filter = hf_arena_alloc(p->arena, sizeof *filter);

		if (!filter)
			return -ENOMEM;
		r = read_filter(p, c->pid, i, filter);
		if (r == -ENOENT && i > 0) {
			((hf_filter *)p->filters.items[p->filters.count - 1])->previous = 0;
			return 0;
		}
		if (r < 0)
			return r;
		filter->key = (uint64_t)(index + 1) << 32 | (i + 1);
		filter->previous = filter->key + 1;
		if (i == 0)
			c->key = filter->key;
		if (hf_list_add(&p->filters, filter) < 0)
			return -ENOMEM;
	}
	return 0; /* what lies deeper stays unknown */
}

/* "PID MICROSECONDS [WHY]" of each stop: call:seccomp/ptrace/stopped. */
static void tell_stop(pass *p, int pid, uint64_t took_us, const char *why)
{
	hf_buffer_printf(&p->stops, "%d %llu%s%s\n", pid, (unsigned long long)took_us,
			 why ? " " : "", why ? why : "");
	p->stop_count++;
	p->failure_count += why != NULL;
	p->longest_us = took_us > p->longest_us ? took_us : p->longest_us;
}

static int look_at(pass *p, size_t index)
{
	class *c = &p->classes[index];
	int signal_on_its_way = 0, r = 0;
	uint64_t since = hf_now_us();

	if (ptrace(PTRACE_SEIZE, c->pid, NULL, NULL) < 0) {
		tell_stop(p, c->pid, 0, strerror(errno));
		return 0;
	}
	bool is_stopped = ptrace(PTRACE_INTERRUPT, c->pid, NULL, NULL) == 0 &&
			  wait_for_stop(c->pid, &signal_on_its_way);

	if (is_stopped)
		r = read_filters(p, index);
	/* without a stop there is nothing to detach from: that happens when we end */
	(void)ptrace(PTRACE_DETACH, c->pid, NULL, (void *)(uintptr_t)(unsigned)signal_on_its_way);
	if (r < 0)
		c->key = 0;
	tell_stop(p, c->pid, hf_now_us() - since,
		  !is_stopped ? "did not stop"
		  : r < 0     ? strerror(-r)
			      : NULL);
	return r == -ENOMEM ? r : 0;
}

static int tell_all(pass *p)
{
	hf_sink *sink = hf_reader_sink(p->proc.reader);
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = "seccomp/ptrace/stopped",
		.data = p->stops.data ? p->stops.data : "",
		.size = p->stops.size,
	};
	char sentence[256];

	if (p->stops.failed)
		return -ENOMEM;
	(void)snprintf(sentence, sizeof sentence,
		       "--deep=ptrace stopped %zu tasks of containers to read their filters, none "
		       "for longer than "
		       "%llu us; %zu could not be read",
		       p->stop_count - p->failure_count, (unsigned long long)p->longest_us,
		       p->failure_count);
	int r = hf_reader_send(p->proc.reader, &answer);

	return r < 0 ? r : hf_sink_note(sink, sentence);
}

/* ---- the collector ---- */

static int send_all(pass *p)
{
	hf_filtered *tasks = hf_arena_calloc(p->arena, p->member_count + 1, sizeof *tasks);
	hf_filter *all = hf_arena_calloc(p->arena, p->filters.count + 1, sizeof *all);
	hf_filters filters = {.all = all, .count = p->filters.count, .tasks = tasks};

	if (!tasks || !all)
		return -ENOMEM;
	for (size_t i = 0; i < p->filters.count; i++)
		all[i] = *(const hf_filter *)p->filters.items[i];
	for (size_t i = 0; i < p->member_count; i++) {
		const class *c = &p->classes[p->members[i].class];

		if (!c->key)
			continue;
		tasks[filters.task_count++] = (hf_filtered){
			.pid = (uint32_t)p->members[i].pid,
			.tid = (uint32_t)p->members[i].pid,
			.key = c->key,
		};
	}
	return hf_filters_send(p->proc.reader, p->arena, &filters, "seccomp/ptrace/");
}

static int run(pass *p)
{
	struct stat root;
	static char link[HF_PROC_LINK_ROOM];
	hf_proc_dir kthreadd = {.fd = -1};
	hf_answer answer = {.kind = HF_ASK_FILE};
	int r = -hf_proc_start(&p->proc);

	if (r == 0)
		r = -hf_proc_open(&p->proc, 2, &kthreadd);
	if (r == 0 && fstatat(hf_reader_root_fd(p->proc.reader), ".", &root, 0) < 0)
		r = -errno;
	if (r < 0)
		return r;
	hf_proc_readlink(&p->proc, &kthreadd, "ns/mnt", link, &answer);
	hf_proc_closep(&kthreadd);
	if (answer.error == 0)
		(void)snprintf(p->root.mnt, sizeof p->root.mnt, "%.*s", (int)sizeof p->root.mnt - 1,
			       link);
	p->root.ino = root.st_ino;
	p->root.dev = root.st_dev;
	r = take_all(p);
	for (size_t i = 0; r == 0 && i < p->class_count && hf_now_ms() < p->deadline_ms; i++)
		r = look_at(p, i);
	if (r == 0)
		r = tell_all(p);
	return r < 0 ? r : send_all(p);
}

/* In force or not; it stays permitted. */
static int switch_admin(cap_flag_value_t value)
{
	const cap_value_t admin = CAP_SYS_ADMIN;
	cap_t caps = cap_get_proc();
	int r = !caps || cap_set_flag(caps, CAP_EFFECTIVE, 1, &admin, value) < 0 ||
				cap_set_proc(caps) < 0
			? -errno
			: 0;

	(void)cap_free(caps);
	return r;
}

/* Whether the collector that stops nobody can do it: with what that one has, and with process
 * numbers that are those of the kernel (4026531836 is the initial pid namespace,
 * PROC_PID_INIT_INO). */
static bool can_do_without(hf_arena *arena)
{
	static const char initial[] = "pid:[4026531836]";
	char link[HF_PROC_NS_ROOM];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof link);
	hf_filters filters;
	hf_error err = {0};

	if (n != (ssize_t)strlen(initial) || memcmp(link, initial, strlen(initial)) != 0)
		return false;
	(void)switch_admin(CAP_CLEAR);
	int r = hf_filters_by_bpf(arena, &filters, &err);

	(void)switch_admin(CAP_SET);
	return r == 0;
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	static pass p;
	int r = hf_arena_new(&arena);

	if (r < 0)
		return r;
	if (can_do_without(arena))
		return hf_sink_note(hf_reader_sink(task->reader),
				    "--deep=ptrace: filters can be read without stopping anybody, "
				    "so nobody was stopped");
	p = (pass){
		.proc = {.reader = task->reader, .fd = -1, .arena = arena},
		.arena = arena,
		.members = hf_arena_calloc(arena, MEMBERS_MAX, sizeof *p.members),
		.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
	};
	r = p.members ? run(&p) : -ENOMEM;
	hf_list_free(&p.filters);
	hf_buffer_free(&p.stops);
	hf_proc_end(&p.proc);
	return r;
}

const hf_collector hf_collector_seccomp_ptrace = {
	.name = "seccomp-ptrace",
	.reads = "with --deep=ptrace: system-call filters of containers, by stopping a task for a "
		 "moment",
	.caps = (const int[]){CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, -1},
	/* no .files: Landlock lets nobody trace who is outside of its own domain */
	.kinds = 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"seccomp/ptrace/", NULL},
	.deadline_ms = 4000,
	.cap_bytes = 40 * 1024 * 1024,
	.is_live_only = true,
	.is_unfiltered = true,
	.deep = "ptrace",
	.collect = collect,
};
