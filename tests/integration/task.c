/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process in a container can do to itself: each word of the command line is done in turn, and then it
 * waits to be killed. Linked statically, so that it runs in an image that holds nothing else. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* ambient=N: as a user whom nobody else is, with capability N inheritable and ambient. */
static int keep_ambient(unsigned long number)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresuid(200018, 200018, 200018) < 0 ||
	    syscall(SYS_capget, &head, data) < 0)
		return fail("keepcaps");
	memset(data, 0, sizeof data);
	data[number / 32].permitted = data[number / 32].effective = data[number / 32].inheritable =
		1U << (number % 32);
	if (syscall(SYS_capset, &head, data) < 0)
		return fail("capset");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
		return fail("ambient");
	return 0;
}

/* inheritable=N */
static int keep_inheritable(unsigned long number)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return fail("capget");
	data[number / 32].inheritable |= 1U << (number % 32);
	return syscall(SYS_capset, &head, data) < 0 ? fail("capset") : 0;
}

/* only=N: nothing but capability N, in any set. */
static int keep_only(unsigned long number)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	for (unsigned long bit = 0; bit < 64; bit++) {
		if (bit != number)
			(void)prctl(PR_CAPBSET_DROP, bit, 0, 0, 0);
	}
	data[number / 32].permitted = data[number / 32].effective = 1U << (number % 32);
	return syscall(SYS_capset, &head, data) < 0 ? fail("capset") : 0;
}

/* enter=PID: all namespaces of that process but its user namespace; half=PID: its mounts and processes alone. */
static int enter(unsigned long pid, int flags)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);

	if (fd < 0 || setns(fd, flags) < 0)
		return fail("setns");
	/* who is to be in the pid namespace is the child */
	pid_t child = fork();

	if (child < 0)
		return fail("fork");
	if (child > 0)
		_exit(0);
	return 0;
}

/* listen=PORT on every address */
static int listen_on(unsigned long port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
		return fail("listen");
	return 0;
}

/* memfd: this program again, from memory */
static int move_to_memory(void)
{
	static char block[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = memfd_create("hidden", MFD_CLOEXEC);
	char name[] = "hidden", *const argv[] = {name, NULL}, *const envp[] = {NULL};
	ssize_t n;

	if (from < 0 || to < 0)
		return fail("memfd");
	while ((n = read(from, block, sizeof block)) > 0) {
		if (write(to, block, (size_t)n) != n)
			return fail("write");
	}
	(void)fexecve(to, argv, envp);
	return fail("fexecve");
}

static void *wait_here(void *data)
{
	(void)data;
	for (;;)
		(void)pause();
	return NULL;
}

/* A thread alone in a network namespace of its own. */
static void *leave(void *data)
{
	(void)data;
	if (unshare(CLONE_NEWNET) < 0)
		perror("unshare");
	return wait_here(NULL);
}

static int start(void *(*body)(void *))
{
	pthread_t thread;

	return pthread_create(&thread, NULL, body, NULL) == 0 ? 0 : fail("pthread_create");
}

static int act(const char *word)
{
	const char *equals = strchr(word, '=');
	unsigned long number = equals ? strtoul(equals + 1, NULL, 10) : 0;

	if (strncmp(word, "ambient=", 8) == 0)
		return keep_ambient(number);
	if (strncmp(word, "inheritable=", 12) == 0)
		return keep_inheritable(number);
	if (strncmp(word, "enter=", 6) == 0)
		return enter(number, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
					     CLONE_NEWCGROUP);
	if (strncmp(word, "half=", 5) == 0)
		return enter(number, CLONE_NEWNS | CLONE_NEWPID);
	if (strncmp(word, "only=", 5) == 0)
		return keep_only(number);
	if (strncmp(word, "listen=", 7) == 0)
		return listen_on(number);
	if (strcmp(word, "memfd") == 0)
		return move_to_memory();
	if (strcmp(word, "delete") == 0)
		return unlink("/tmp/task") < 0 ? fail("unlink") : 0;
	if (strcmp(word, "thread") == 0)
		return start(wait_here);
	if (strcmp(word, "leave") == 0)
		return start(leave);
	(void)fprintf(stderr, "%s: not known\n", word);
	return 1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (act(argv[i]) != 0)
			return 1;
	}
	(void)wait_here(NULL);
	return 0;
}
