/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children and their confinement: what a confined process can still do is tried, not assumed. */
#include "process/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

static int run(int (*body)(void *), void *data, unsigned deadline_ms)
{
	hf_child child;

	assert_int_equal(hf_child_start("child", NULL, 0, body, data, &child), 0);
	if (deadline_ms)
		child.deadline_ms = hf_now_ms() + deadline_ms;
	assert_int_equal(hf_children_wait(&child, 1, hf_now_ms() + 20000), 0);
	assert_true(child.has_ended);
	assert_int_equal(child.was_killed, deadline_ms != 0);
	return child.wait_status;
}

static int returns_seven(void *data)
{
	(void)data;
	return 7;
}

static int sleeps(void *data)
{
	(void)data;
	(void)sleep(60);
	return 0;
}

static void test_status_and_deadline(void **state)
{
	(void)state;
	int status = run(returns_seven, NULL, 0);

	assert_int_equal(WEXITSTATUS(status), 7);
	uint64_t before = hf_now_ms();

	status = run(sleeps, NULL, 50);
	assert_true(WIFSIGNALED(status));
	assert_true(hf_now_ms() - before < 10000);
}

static int counts_descriptors(void *data)
{
	int kept = *(int *)data, others = 0;

	for (int fd = 3; fd < 200; fd++)
		others += fd != kept && fcntl(fd, F_GETFD) >= 0;
	return fcntl(kept, F_GETFD) >= 0 ? others : 99;
}

static void test_descriptors_are_closed(void **state)
{
	int fds[3];
	hf_child child;

	(void)state;
	for (int i = 0; i < 3; i++)
		fds[i] = open("/dev/null", O_RDONLY);
	assert_int_equal(hf_child_start("child", &fds[1], 1, counts_descriptors, &fds[1], &child), 0);
	assert_int_equal(hf_children_wait(&child, 1, hf_now_ms() + 20000), 0);
	assert_int_equal(WEXITSTATUS(child.wait_status), 0);
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
}

#ifndef HF_SANITIZED

static int tries_without_files(void *data)
{
	static const char *const nothing[] = {NULL};

	(void)data;
	if (hf_confine_caps((const int[]){-1}) < 0 || hf_confine_syscalls(nothing, true) < 0)
		return 90;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 1;
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 2;
	if (fork() >= 0)
		return 3;
	if (kill(getppid(), 0) == 0)
		return 4;
	return write(STDOUT_FILENO, "", 0) == 0 ? 0 : 5;
}

static void test_filter(void **state)
{
	(void)state;
	int status = run(tries_without_files, NULL, 0);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int executes(void *data)
{
	static const char *const nothing[] = {NULL};
	char *const argv[] = {(char[]){"true"}, NULL};

	(void)data;
	if (hf_confine_caps((const int[]){-1}) < 0 || hf_confine_syscalls(nothing, true) < 0)
		return 90;
	(void)execv("/bin/true", argv);
	return 1;
}

static void test_executing_is_deadly(void **state)
{
	(void)state;
	int status = run(executes, NULL, 0);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int forks_once(void *data)
{
	static const char *const may_fork[] = {"clone", "wait4", NULL};

	(void)data;
	if (hf_confine_caps((const int[]){-1}) < 0 || hf_confine_syscalls(may_fork, true) < 0)
		return 90;
	pid_t pid = fork();

	if (pid == 0) {
		if (hf_confine_forks() < 0)
			_exit(91);
		_exit(fork() < 0 ? 0 : 1);
	}
	int status;

	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 92;
}

/* the second filter needs seccomp(2), which the first one of this test forbids: so it must fail, loudly */
static void test_second_filter_needs_permission(void **state)
{
	(void)state;
	int status = run(forks_once, NULL, 0);

	assert_int_equal(WEXITSTATUS(status), 91);
}

#endif

static int opens_after_landlock(void *data)
{
	static const char *const usr[] = {"/usr", "/lib", NULL};

	(void)data;
	int r = hf_confine_files(usr, NULL, 0);

	if (r == -EOPNOTSUPP)
		return 77;
	if (r < 0)
		return 90;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 1;
	if (open("/usr/holdfast-test", O_WRONLY | O_CREAT, 0600) >= 0)
		return 2;
	return open("/usr/lib/os-release", O_RDONLY) >= 0 ? 0 : 3;
}

static void test_landlock(void **state)
{
	(void)state;
	int status = run(opens_after_landlock, NULL, 0);

	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_and_deadline),
		cmocka_unit_test(test_descriptors_are_closed),
#ifndef HF_SANITIZED
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_executing_is_deadly),
		cmocka_unit_test(test_second_filter_needs_permission),
#endif
		cmocka_unit_test(test_landlock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
