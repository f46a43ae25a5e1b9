/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge's process. It becomes nobody, loads the plugins with read access to libraries alone, gives that up,
 * takes in what the collectors send, and lets a worker judge and write. When a check kills the worker,
 * another one does the work without that check. */
#include "base/late.h"
#include "cli/cli.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
	MAX_CRASHES = 16,
	MAX_PLUGINS = 64,
	WORKER_CPU_SECONDS = 3,
	WORKER_MEMORY = 1024 * 1024 * 1024,
	LATE_GRACE_MS = 100, /* the parent kills at the deadline; then the pipe ends by itself */
};

/* ---- confinement ---- */

static int confine_for_loading(const hf_job *job)
{
	static const char *const libraries[] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", NULL};
	int plugins[MAX_PLUGINS];
	size_t count = 0;

	/* by descriptor: nobody may lack the way to a folder that root trusts */
	for (size_t i = 0; i < job->plugin_count && count < HF_ARRAY_SIZE(plugins); i++) {
		if (job->plugins[i].fd >= 0)
			plugins[count++] = job->plugins[i].fd;
	}
	int r = hf_confine_caps((const int[]){CAP_SETUID, CAP_SETGID, -1});

	if (r == 0)
		r = hf_confine_user(job->uid, job->gid);
	if (r == 0)
		r = hf_confine_caps(hf_roles[HF_ROLE_LOADER].caps);
	/* the change of user made /proc/self root's, and plugins are opened through it */
	if (r == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0) {
		r = hf_confine_files(libraries, plugins, count);
		if (r == -EOPNOTSUPP)
			r = 0; /* the system-call filter holds without it */
	}
	return r < 0 ? r : hf_confine_syscalls(hf_roles[HF_ROLE_LOADER].syscalls, true);
}

static int confine_for_judging(void)
{
	static const char *const nowhere[] = {NULL};
	int r = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : hf_confine_files(nowhere, NULL, 0);

	if (r == -EOPNOTSUPP)
		r = 0;
	return r < 0 ? r : hf_confine_syscalls(hf_roles[HF_ROLE_JUDGE].syscalls, true);
}

/* ---- plugins ---- */

static int load_plugins(const hf_job *job, hf_registry *registry)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < job->plugin_count; i++) {
		const hf_plugin_file *file = &job->plugins[i];
		hf_error err = {0};
		const char *path = file->path ? file->path : "plugin";

		if (file->fd < 0)
			r = hf_registry_refuse(registry, path, file->reason ? file->reason : "?");
		else if (hf_registry_load(registry, file->fd, path, &err) < 0)
			r = hf_registry_refuse(registry, path, err.text);
		if (file->fd >= 0)
			(void)close(file->fd);
	}
	return r;
}

/* Every request of the selected rows, a line each. Repeats are cheap: the reader asks once. */
static void send_requests(const hf_job *job, const hf_registry *registry)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);
	hf_buffer all = {0};

	for (size_t i = 0; i < count; i++) {
		const char *const *read = checks[i].row->reads;

		if (!read || !hf_selection_has(job->selection, &checks[i]))
			continue;
		for (; *read; read++) {
			if (!strchr(*read, '\n'))
				hf_buffer_printf(&all, "%s\n", *read);
		}
	}
	for (size_t done = 0; done < all.size;) {
		ssize_t n = write(job->requests_fd, all.data + done, all.size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break; /* the collector is gone: its answers will be missing, with the reason */
		done += (size_t)n;
	}
	hf_buffer_free(&all);
	(void)close(job->requests_fd);
}

/* ---- taking in ---- */

typedef struct intake {
	hf_record *record;
	hf_stream *streams[HF_MAX_STREAMS];
	int index[HF_MAX_STREAMS];
	bool is_open[HF_MAX_STREAMS];
} intake;

static int intake_open(intake *in, const hf_job *job)
{
	for (size_t i = 0; i < job->stream_count; i++) {
		const hf_collector *row = job->streams[i].row;

		in->index[i] =
			hf_record_add_collector(in->record, row->name, row->kinds, row->prefixes);
		if (in->index[i] < 0)
			return in->index[i];
		int r = hf_stream_new(in->record, in->index[i], row->cap_bytes, &in->streams[i]);

		if (r < 0)
			return r;
		in->is_open[i] = true;
	}
	return 0;
}

static void end_stream(intake *in, const hf_job *job, size_t i, bool is_late)
{
	if (in->is_open[i])
		(void)close(job->streams[i].fd);
	in->is_open[i] = false;
	const hf_record_collector *collectors;

	(void)hf_record_collectors(in->record, &collectors);
	if (collectors[in->index[i]].state != HF_COLLECTOR_RUNNING)
		return;
	/* one that was killed at its deadline and one that died look alike from here: ask the clock */
	if (is_late || hf_now_ms() >= job->streams[i].deadline_ms)
		hf_record_end_collector(in->record, in->index[i], HF_COLLECTOR_LATE,
					"did not finish before its deadline");
	else
		hf_record_end_collector(in->record, in->index[i], HF_COLLECTOR_DIED,
					"ended before it had finished");
}

static void take_some(intake *in, const hf_job *job, size_t i)
{
	static char block[64 * 1024]; /* what a collector writes at once, and what a cache holds */
	ssize_t n = read(job->streams[i].fd, block, sizeof block);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0 || hf_stream_feed(in->streams[i], block, (size_t)n) < 0)
		end_stream(in, job, i, false);
}

static void take_in(intake *in, const hf_job *job)
{
	for (;;) {
		struct pollfd polls[HF_MAX_STREAMS];
		uint64_t now = hf_now_ms(), wake = 0;
		size_t open = 0;

		for (size_t i = 0; i < job->stream_count; i++) {
			uint64_t end = job->streams[i].deadline_ms + LATE_GRACE_MS;

			if (in->is_open[i] && now >= end)
				end_stream(in, job, i, true);
			polls[i] = (struct pollfd){
				.fd = in->is_open[i] ? job->streams[i].fd : -1,
				.events = POLLIN,
			};
			if (in->is_open[i] && (!wake || end < wake))
				wake = end;
			open += in->is_open[i];
		}
		if (open == 0)
			return;
		if (poll(polls, (nfds_t)job->stream_count, wake > now ? (int)(wake - now) : 0) < 0)
			continue;
		for (size_t i = 0; i < job->stream_count; i++) {
			if (in->is_open[i] && polls[i].revents)
				take_some(in, job, i);
		}
	}
}

static int gather(const hf_job *job, hf_record *record)
{
	intake in = {.record = record};
	int r = intake_open(&in, job);

	if (r == 0)
		take_in(&in, job);
	for (size_t i = 0; i < job->stream_count; i++)
		hf_stream_free(in.streams[i]);
	return r < 0 ? r : hf_record_set_source(record, &job->source);
}

/* ---- the worker ---- */

/* Who gives the run more time than usual has a slow machine. */
static unsigned worker_seconds(const hf_job *job)
{
	uint64_t timeout_ms = job->deadline_ms - job->started_ms;

	if (timeout_ms <= HF_DEFAULT_TIMEOUT_MS)
		return WORKER_CPU_SECONDS;
	return (unsigned)(WORKER_CPU_SECONDS * timeout_ms / HF_DEFAULT_TIMEOUT_MS);
}

static int start_worker(hf_job *job, hf_registry *registry, hf_record *record)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_NAME, "hf-worker", 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* a check that never returns is ended by its CPU time: it has no call that could wait */
	if (hf_confine_forks() < 0 ||
	    hf_confine_limits(WORKER_MEMORY, worker_seconds(job), 0) < 0)
		_exit(HF_EXIT_OSERR);
	(void)signal(SIGPIPE, SIG_IGN);
	int status = job->work(job, registry, record);

	(void)fflush(stderr);
	_exit(status);
}

static const char *death_of(int wait_status, hf_arena *arena)
{
	int number = WTERMSIG(wait_status);
	const char *name = sigabbrev_np(number);

	if (number == SIGXCPU || number == SIGKILL)
		return "the check did not come to a verdict in time";
	return hf_arena_printf(arena, "the check crashed (SIG%s)", name ? name : "?");
}

/* The worker's exit status; or another worker's, without the check that killed the first. */
static int work(hf_job *job, hf_registry *registry, hf_record *record)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_freep) const char **crashed = calloc(count + 1, sizeof *crashed);

	if (!crashed || hf_arena_new(&arena) < 0)
		return HF_EXIT_OSERR;
	job->crashed = crashed;
	for (int attempt = 0; attempt < MAX_CRASHES; attempt++) {
		int status;
		pid_t pid = start_worker(job, registry, record);

		if (pid < 0)
			return HF_EXIT_OSERR;
		while (waitpid(pid, &status, 0) < 0) {
			if (errno != EINTR)
				return HF_EXIT_OSERR;
		}
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		uint32_t current = job->shared->progress.current;

		if (job->shared->progress.phase != 1 || current == 0 || current > count) {
			hf_complain("the judge's worker ended by signal %d outside of a check",
				    WTERMSIG(status));
			return HF_EXIT_SOFTWARE;
		}
		crashed[current - 1] = death_of(status, arena);
		hf_complain("check %s of plugin %s: %s", checks[current - 1].row->id,
			    checks[current - 1].plugin->path, crashed[current - 1]);
	}
	hf_complain("more than %d checks crashed: giving up", MAX_CRASHES);
	return HF_EXIT_SOFTWARE;
}

int hf_judge_main(void *data)
{
	hf_job *job = data;
	hf_registry *registry = NULL;
	/* never freed: the process ends with it, and touching what the worker shares would copy it */
	hf_record *record = NULL;
	int r = confine_for_loading(job);

	if (r < 0) {
		hf_complain("the judge could not be confined: %s", strerror(-r));
		return HF_EXIT_OSERR;
	}
	if (hf_registry_new(&registry) < 0 || hf_record_new(&record) < 0 ||
	    load_plugins(job, registry) < 0)
		return HF_EXIT_OSERR;
	hf_error err = {0};

	if (job->selection && hf_selection_check(registry, job->selection, &err) < 0) {
		hf_complain("%s", err.text);
		return HF_EXIT_USAGE;
	}
	if (job->requests_fd >= 0)
		send_requests(job, registry);
	/* after the requests, for which the host collector waits */
	if (hf_late_load(&err) < 0) {
		hf_complain("%s", err.text);
		return HF_EXIT_OSERR;
	}
	r = confine_for_judging();
	if (r < 0) {
		hf_complain("the judge could not be confined: %s", strerror(-r));
		return HF_EXIT_OSERR;
	}
	if (gather(job, record) < 0)
		return HF_EXIT_OSERR;
	return work(job, registry, record);
}
