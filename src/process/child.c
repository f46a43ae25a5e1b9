/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children: started with nothing that they do not need, ended when they are late, left behind when even the
 * kernel cannot end them. */
#include "process/process.h"

#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* How long a killed child may take to go: a read in a dead FUSE server never lets it. */
enum { KILL_GRACE_MS = 200 };

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void close_others(const int *keep, size_t count)
{
	int sorted[64];
	unsigned from = 3;
	size_t used = 0;

	for (size_t i = 0; i < count && used < HF_ARRAY_SIZE(sorted); i++) {
		if (keep[i] > 2)
			sorted[used++] = keep[i];
	}
	qsort(sorted, used, sizeof sorted[0], compare_fds);
	for (size_t i = 0; i < used; i++) {
		unsigned fd = (unsigned)sorted[i];

		if (fd > from)
			(void)close_range(from, fd - 1, 0);
		if (fd >= from)
			from = fd + 1;
	}
	(void)close_range(from, ~0U, 0);
}

static void become_child(pid_t parent, const int *keep, size_t keep_count)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1);
	for (int number = 1; number < SIGRTMIN; number++)
		(void)signal(number, SIG_DFL);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	close_others(keep, keep_count);
}

int hf_child_start(const char *name, const int *keep, size_t keep_count, int (*body)(void *data),
		   void *data, hf_child *ret_child)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char title[16]; /* what ps and top show: TASK_COMM_LEN */

		(void)snprintf(title, sizeof title, "hf-%s", name);
		(void)prctl(PR_SET_NAME, title, 0, 0, 0);
		become_child(parent, keep, keep_count);
		_exit(body(data));
	}
	*ret_child = (hf_child){.name = name, .pid = pid, .pidfd = pidfd_open(pid, 0)};
	if (ret_child->pidfd < 0) {
		int r = -errno;

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return r;
	}
	return 0;
}

void hf_child_kill(hf_child *child)
{
	if (child->has_ended)
		return;
	child->was_killed = true;
	(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
}

static void reap(hf_child *child)
{
	pid_t pid = waitpid(child->pid, &child->wait_status, WNOHANG);

	if (pid == child->pid || (pid < 0 && errno == ECHILD)) {
		child->has_ended = true;
		(void)close(child->pidfd);
		child->pidfd = -1;
	}
}

/* When to look up again: at the next deadline, or when those killed have had their grace. */
static uint64_t next_wake(const hf_child *children, size_t count, uint64_t deadline_ms)
{
	uint64_t wake = deadline_ms;

	for (size_t i = 0; i < count; i++) {
		if (!children[i].has_ended && !children[i].was_killed && children[i].deadline_ms &&
		    children[i].deadline_ms < wake)
			wake = children[i].deadline_ms;
	}
	return wake;
}

static size_t end_late_ones(hf_child *children, size_t count, uint64_t now)
{
	size_t running = 0;

	for (size_t i = 0; i < count; i++) {
		hf_child *child = &children[i];

		if (child->has_ended)
			continue;
		if (!child->was_killed && child->deadline_ms && child->deadline_ms <= now) {
			hf_child_kill(child);
			child->deadline_ms = now + KILL_GRACE_MS;
		}
		/* a killed one that outlived its grace is left behind */
		running += !child->was_killed || child->deadline_ms > now;
	}
	return running;
}

int hf_children_wait(hf_child *children, size_t count, uint64_t deadline_ms)
{
	return hf_children_watch(children, count, deadline_ms, NULL, NULL);
}

int hf_children_watch(hf_child *children, size_t count, uint64_t deadline_ms, void (*tick)(void *data),
		      void *data)
{
	struct pollfd polls[16];

	if (count > HF_ARRAY_SIZE(polls))
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		if (!children[i].deadline_ms || children[i].deadline_ms > deadline_ms)
			children[i].deadline_ms = deadline_ms;
	}
	for (;;) {
		uint64_t now = hf_now_ms();

		if (tick)
			tick(data);
		if (end_late_ones(children, count, now) == 0)
			return 0;
		uint64_t wake = next_wake(children, count, now + KILL_GRACE_MS);

		for (size_t i = 0; i < count; i++)
			polls[i] = (struct pollfd){.fd = children[i].pidfd, .events = POLLIN};
		int n = poll(polls, (nfds_t)count, wake > now ? (int)(wake - now) : 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (size_t i = 0; i < count; i++) {
			if (!children[i].has_ended && polls[i].revents)
				reap(&children[i]);
		}
	}
}
