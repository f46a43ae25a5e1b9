/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent of a run: starts the judge and the collectors, keeps their time, puts outputs in place. */
#include "cli/cli.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum {
	PIPE_BYTES = 1024 * 1024,
	NOBODY = 65534,
};

void hf_job_init(hf_job *job)
{
	*job = (hf_job){
		.requests_fd = -1,
		.inputs = {-1, -1, -1, -1},
		.source = {.path = "", .taken = ""},
		.started_ms = hf_now_ms(),
	};
}

/* The judge's account: _holdfast where the package made one, else nobody. Read from /etc/passwd and nowhere
 * else: a name service would bring its libraries and sockets into root's process. */
static void find_account(hf_job *job)
{
	FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	job->uid = NOBODY;
	job->gid = NOBODY;
	while (in && (entry = fgetpwent(in))) {
		if (strcmp(entry->pw_name, "_holdfast") == 0 && entry->pw_uid != 0) {
			job->uid = entry->pw_uid;
			job->gid = entry->pw_gid;
		}
	}
	if (in)
		(void)fclose(in);
}

/* ---- collectors ---- */

typedef struct collector_start {
	const hf_collector *row;
	int out_fd;
	int requests_fd;
	uint64_t deadline_ms;
	uint64_t deep_deadline_ms;
	const hf_collecting *collecting;
	hf_collect_progress *progress;
} collector_start;

static int confine_files(const char *const *dirs)
{
	int r = hf_confine_files(dirs, NULL, 0);

	return r == -EOPNOTSUPP ? 0 : r;
}

static int give_up(const int *caps, const char *const *files)
{
	int r = hf_confine_caps(caps);

	return r < 0 ? r : confine_files(files);
}

static int collector_main(void *data)
{
	const collector_start *start = data;
	hf_sink *sink = NULL;
	hf_reader *reader = NULL;
	int r = hf_confine_limits(0, 0, 0);

	if (r == 0)
		r = hf_confine_caps(start->row->caps);
	if (r == 0)
		r = hf_sink_new(start->out_fd, start->row->cap_bytes, &sink);
	if (r == 0)
		r = hf_reader_new(start->collecting->root_fd, start->collecting->is_live, sink, &reader);
	if (r == 0 && start->row->files)
		r = confine_files(start->row->files);
	if (r == 0 && !start->row->is_unfiltered)
		r = hf_confine_syscalls(start->row->syscalls, true);
	if (r < 0)
		return HF_EXIT_OSERR;
	const hf_collect_task task = {
		.reader = reader,
		.is_live = start->collecting->is_live,
		.engine_socket = start->collecting->engine_socket,
		.requests_fd = start->requests_fd,
		.deadline_ms = start->deadline_ms,
		.deep = start->collecting->deep,
		.deep_deadline_ms = start->deep_deadline_ms,
		.progress = start->progress,
		.give_up = give_up,
	};

	r = start->row->collect(&task);
	if (r == 0)
		r = hf_sink_done(sink);
	else
		(void)hf_sink_flush(sink);
	return r < 0 ? HF_EXIT_INCOMPLETE : HF_EXIT_OK;
}

typedef struct fleet {
	hf_child children[HF_MAX_STREAMS + 1]; /* the judge is the first */
	size_t child_count;
	collector_start starts[HF_MAX_STREAMS];
	int write_ends[HF_MAX_STREAMS];
	int requests[2];
} fleet;

/* A run that may take longer gives its collectors more in proportion: the host is slow, or busy. */
static uint64_t end_of(const hf_job *job, uint64_t limit_ms)
{
	uint64_t timeout_ms = job->deadline_ms - job->started_ms;

	if (timeout_ms > HF_DEFAULT_TIMEOUT_MS)
		limit_ms = limit_ms * timeout_ms / HF_DEFAULT_TIMEOUT_MS;
	return job->started_ms + (limit_ms < timeout_ms ? limit_ms : timeout_ms);
}

static int open_pipes(hf_job *job, fleet *f, const hf_collecting *collecting)
{
	f->requests[0] = f->requests[1] = -1;
	if (collecting->root_fd < 0)
		return 0;
	for (const hf_collector *const *row = hf_collectors; *row; row++) {
		int ends[2];
		size_t i = job->stream_count;

		if ((*row)->is_live_only && !collecting->is_live)
			continue;
		if ((*row)->deep && !hf_streq((*row)->deep, collecting->deep))
			continue;
		if (i == HF_MAX_STREAMS || pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		/* one write per collector instead of many: fewer changes between processes */
		(void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
		job->streams[i].row = *row;
		job->streams[i].fd = ends[0];
		job->streams[i].deadline_ms =
			end_of(job, collecting->deep && (*row)->deep_deadline_ms
					    ? (*row)->deep_deadline_ms
					    : (*row)->deadline_ms);
		f->write_ends[i] = ends[1];
		job->stream_count++;
	}
	if (pipe2(f->requests, O_CLOEXEC) < 0)
		return -errno;
	job->requests_fd = f->requests[1];
	return 0;
}

static int start_judge(hf_job *job, fleet *f)
{
	int keep[HF_MAX_STREAMS + HF_MAX_OUTPUTS + HF_MAX_INPUTS + 32];
	size_t count = 0;

	for (size_t i = 0; i < job->stream_count; i++)
		keep[count++] = job->streams[i].fd;
	for (size_t i = 0; i < job->output_count; i++)
		keep[count++] = job->outputs[i].fd;
	for (size_t i = 0; i < HF_MAX_INPUTS; i++)
		keep[count++] = job->inputs[i];
	keep[count++] = job->requests_fd;
	for (size_t i = 0; i < job->plugin_count; i++) {
		if (job->plugins[i].fd < 0)
			continue;
		if (count == HF_ARRAY_SIZE(keep))
			return -E2BIG;
		keep[count++] = job->plugins[i].fd;
	}
	hf_child *child = &f->children[f->child_count];
	int r = hf_child_start("judge", keep, count, hf_judge_main, job, child);

	f->child_count += r == 0;
	return r;
}

static int start_collector(hf_job *job, fleet *f, size_t i, const hf_collecting *collecting)
{
	const hf_collector *row = job->streams[i].row;
	int requests = row->wants_requests ? f->requests[0] : -1;
	const int keep[] = {f->write_ends[i], collecting->root_fd, requests};
	hf_child *child = &f->children[f->child_count];

	f->starts[i] = (collector_start){
		.row = row,
		.out_fd = f->write_ends[i],
		.requests_fd = requests,
		.deadline_ms = end_of(job, row->deadline_ms),
		.deep_deadline_ms = job->streams[i].deadline_ms,
		.collecting = collecting,
		.progress = collecting->deep ? &job->shared->walks : NULL,
	};
	int r = hf_child_start(row->name, keep, HF_ARRAY_SIZE(keep), collector_main, &f->starts[i],
			       child);

	if (r == 0)
		child->deadline_ms = job->streams[i].deadline_ms;
	f->child_count += r == 0;
	return r;
}

static void close_ours(const hf_job *job, const fleet *f)
{
	for (size_t i = 0; i < job->stream_count; i++) {
		(void)close(job->streams[i].fd);
		(void)close(f->write_ends[i]);
	}
	if (f->requests[0] >= 0) {
		(void)close(f->requests[0]);
		(void)close(f->requests[1]);
	}
	for (size_t i = 0; i < job->plugin_count; i++) {
		if (job->plugins[i].fd >= 0) {
			(void)close(job->plugins[i].fd);
			job->plugins[i].fd = -1;
		}
	}
}

/* ---- how far it is ---- */

enum { PROGRESS_AFTER_MS = 1000 };

typedef struct progress {
	const hf_job *job;
	const fleet *fleet;
	bool is_wanted; /* --deep on a terminal */
	char shown[160];
} progress;

static bool is_collecting(const fleet *f)
{
	for (size_t i = 1; i < f->child_count; i++) {
		if (!f->children[i].has_ended)
			return true;
	}
	return false;
}

/* A line on the terminal that is taken away before the judge writes. Only numbers of ours are in it. */
static void show_progress(void *data)
{
	progress *p = data;
	const hf_collect_progress *walks = &p->job->shared->walks;
	char line[sizeof p->shown] = "";

	if (!p->is_wanted)
		return;
	if (is_collecting(p->fleet) && hf_now_ms() > p->job->started_ms + PROGRESS_AFTER_MS)
		(void)snprintf(line, sizeof line,
			       "looking at files: %u of %u containers, %u of %u layers of images, "
			       "%u s of at most %u",
			       walks->containers, walks->containers_all, walks->layers,
			       walks->layers_all,
			       (unsigned)((hf_now_ms() - p->job->started_ms) / 1000),
			       (unsigned)((p->job->deadline_ms - p->job->started_ms) / 1000));
	if (strcmp(line, p->shown) == 0)
		return;
	strcpy(p->shown, line);
	(void)fprintf(stderr, "\r\033[K%s", line);
	(void)fflush(stderr);
}

/* ---- the end ---- */

static int status_of(const fleet *f)
{
	const hf_child *judge = &f->children[0];

	for (size_t i = 1; i < f->child_count; i++) {
		const hf_child *child = &f->children[i];

		if (!child->has_ended)
			hf_complain("collector %s (pid %d) cannot be ended and is left behind",
				    child->name, (int)child->pid);
		else if (WIFSIGNALED(child->wait_status) && !child->was_killed &&
			 WTERMSIG(child->wait_status) != SIGPIPE) /* the judge had stopped listening */
			hf_complain("collector %s was ended by signal %d", child->name,
				    WTERMSIG(child->wait_status));
	}
	if (judge->has_ended && WIFEXITED(judge->wait_status))
		return WEXITSTATUS(judge->wait_status);
	if (judge->was_killed)
		hf_complain("the judge did not finish in time");
	else
		hf_complain("the judge was ended by signal %d", WTERMSIG(judge->wait_status));
	return HF_EXIT_INCOMPLETE;
}

static int close_outputs(hf_job *job, int status)
{
	for (size_t i = 0; i < job->output_count; i++) {
		int r = hf_output_close(&job->outputs[i], job->shared->written[i]);

		if (r < 0) {
			hf_complain("%s: %s", job->outputs[i].path, strerror(-r));
			status = status == HF_EXIT_OK ? HF_EXIT_INCOMPLETE : status;
		}
	}
	return status;
}

static int start_all(hf_job *job, fleet *f, const hf_collecting *collecting)
{
	int r = open_pipes(job, f, collecting);

	if (r == 0)
		r = start_judge(job, f);
	/* last to first: the engine's answers take longest, so its collector is started first */
	for (size_t i = job->stream_count; r == 0 && i-- > 0;)
		r = start_collector(job, f, i, collecting);
	close_ours(job, f);
	return r;
}

int hf_job_run(hf_job *job, const hf_collecting *collecting)
{
	fleet f = {0};

	find_account(job);
	job->shared = mmap(NULL, sizeof *job->shared, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job->shared == MAP_FAILED) {
		hf_complain("no memory");
		return HF_EXIT_OSERR;
	}
	hf_confine_bounds();
	int r = start_all(job, &f, collecting);

	if (r < 0) {
		hf_complain("cannot start: %s", strerror(-r));
		for (size_t i = 0; i < f.child_count; i++)
			hf_child_kill(&f.children[i]);
		(void)hf_children_wait(f.children, f.child_count, hf_now_ms());
		return close_outputs(job, HF_EXIT_OSERR);
	}
	progress p = {
		.job = job,
		.fleet = &f,
		.is_wanted = collecting->deep && isatty(STDERR_FILENO) == 1,
	};

	/* nothing is left to do that needs more than ending children and renaming files */
	(void)hf_confine_caps(hf_roles[HF_ROLE_PARENT].caps);
	(void)hf_confine_syscalls(NULL, true);
	(void)hf_children_watch(f.children, f.child_count, job->deadline_ms + 1000, show_progress, &p);
	return close_outputs(job, status_of(&f));
}
