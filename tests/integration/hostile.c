/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile process in a container does against who looks at it: each word of the command line is done in
 * turn, then "ready" is said, and it goes on with what never ends or waits to be killed. Linked statically, so that
 * it runs in an image that holds nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char **arguments;
static void (*endless)(void); /* what it does when all words are done; NULL: it waits */

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static void *wait_here(void *data)
{
	(void)data;
	for (;;)
		(void)pause();
	return NULL;
}

static void say_ready(void)
{
	static const char word[] = "ready\n";

	(void)!write(STDOUT_FILENO, word, sizeof word - 1);
}

/* ---- names ---- */

static int hold_memory(const char *name)
{
	return memfd_create(name, 0) < 0 ? fail("memfd_create") : 0;
}

static int hold_file(const char *name)
{
	return open(name, O_RDWR | O_CREAT, 0600) < 0 ? fail("open") : 0;
}

static int hold_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (length >= sizeof address.sun_path)
		return fail("name");
	memcpy(address.sun_path, name, length);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0 ||
	    listen(fd, 1) < 0)
		return fail("socket");
	return 0;
}

static int mount_memory(const char *name)
{
	if (mkdir(name, 0755) < 0 || mount(name, name, "tmpfs", 0, "size=64k") < 0)
		return fail("mount");
	return 0;
}

/* Over all that it was started with: arguments and variables lie behind each other. */
static void overwrite(unsigned char with)
{
	char *last = arguments[0];

	for (char **at = environ; *at; at++)
		last = *at + strlen(*at);
	memset(arguments[0], with, (size_t)(last - arguments[0]));
}

static void overwrite_for_ever(void)
{
	unsigned char with = 0;
	char *first = arguments[0], *last = first;

	for (char **at = environ; *at; at++)
		last = *at + strlen(*at);
	for (;; with++) {
		memset(first, with, (size_t)(last - first));
		(void)prctl(PR_SET_NAME, with & 1 ? "\033[2Jdockerd" : "\n) R 1 1 1");
	}
}

/* The first process has less than another of its container, which keeps what the engine mounted. */
static int hide_mount(const char *path)
{
	pid_t child = fork();

	if (child == 0)
		(void)wait_here(NULL);
	if (child < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2(path, MNT_DETACH) < 0)
		return fail("hide");
	return 0;
}

/* ---- how many ---- */

static int mount_many(unsigned long count)
{
	char path[64];

	if (mkdir("/tmp/many", 0755) < 0 || mount("many", "/tmp/many", "tmpfs", 0, "") < 0)
		return fail("/tmp/many");
	for (unsigned long i = 0; i < count; i++) {
		(void)snprintf(path, sizeof path, "/tmp/many/%lu", i);
		if (mkdir(path, 0755) < 0 || mount("/tmp/many", path, NULL, MS_BIND, NULL) < 0)
			return fail(path);
	}
	return 0;
}

static int start_threads(unsigned long count)
{
	pthread_attr_t small;
	pthread_t thread;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 16384);
	for (unsigned long i = 0; i < count; i++) {
		if (pthread_create(&thread, &small, wait_here, NULL) != 0)
			return fail("pthread_create");
	}
	return 0;
}

/* @flags: of unshare(2), for each. */
static int start_children(unsigned long count, int flags)
{
	for (unsigned long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			return fail("fork");
		if (child == 0) {
			if (flags && unshare(flags) < 0)
				_exit(fail("unshare"));
			(void)wait_here(NULL);
		}
	}
	return 0;
}

static int open_many(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		if (open(i % 2 ? "/bin/busybox" : "/tmp", O_RDONLY) < 0)
			return fail("open");
	}
	return 0;
}

/* As many open files, whose paths are as long as they can be and need escapes. */
static int open_deep(unsigned long count)
{
	char name[256];

	memset(name, '\377', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 15; i++) {
		if ((mkdir(name, 0755) < 0 && errno != EEXIST) || chdir(name) < 0)
			return fail("deep");
	}
	for (unsigned long i = 0; i < count; i++) {
		if (open(".", O_RDONLY) < 0)
			return fail("open");
	}
	return chdir("/");
}

/* Once more, with as many variables. */
static int execute_with(unsigned long count, char **rest)
{
	static char name[] = "hostile", variable[] = "A=";
	char **variables = calloc(count + 1, sizeof *variables), *last = rest[-1];

	for (unsigned long i = 0; variables && i < count; i++)
		variables[i] = variable;
	rest[-1] = name;
	(void)execve("/proc/self/exe", rest - 1, variables);
	rest[-1] = last;
	return fail("execve");
}

/* ---- never the same ---- */

static void fork_for_ever(void)
{
	for (;;) {
		for (int i = 0; i < 4; i++) {
			if (fork() == 0)
				_exit(0);
		}
		for (int i = 0; i < 4; i++)
			(void)wait(NULL);
	}
}

static void execute_for_ever(void)
{
	static char name[] = "hostile", word[] = "again";
	char *argv[] = {name, word, NULL};

	(void)execv("/proc/self/exe", argv);
	_exit(fail("execv"));
}

static void swing_for_ever(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY), away = -1;

	if (home < 0 || unshare(CLONE_NEWNET) < 0 || (away = open("/proc/self/ns/net", O_RDONLY)) < 0)
		_exit(fail("unshare"));
	for (;;) {
		if (setns(home, CLONE_NEWNET) < 0 || setns(away, CLONE_NEWNET) < 0)
			_exit(fail("setns"));
	}
}

/* The first thread is gone, the others live. */
static void leave_threads(void)
{
	pthread_exit(NULL);
}

/* ---- what never answers ---- */

static int mount_fuse(const char *path)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -fail("/dev/fuse");
	(void)snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", fd);
	if ((mkdir(path, 0755) < 0 && errno != EEXIST) || mount("never", path, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return -fail("fuse");
	return fd;
}

static void answer(int fd, const struct fuse_in_header *to, int error, const void *body, size_t size)
{
	struct fuse_out_header head = {.len = (uint32_t)(sizeof head + size), .error = error, .unique = to->unique};
	struct iovec parts[] = {{&head, sizeof head}, {(void *)(uintptr_t)body, size}};

	(void)!writev(fd, parts, 2);
}

static const struct fuse_attr folder = {.ino = 1, .mode = S_IFDIR | 0755, .nlink = 2},
			      file = {.ino = 2, .mode = S_IFREG | 0644, .nlink = 1, .size = 4096};

/* A file system that holds one file, which nobody ever reads. */
static void answer_one(int fd, const struct fuse_in_header *head)
{
	const struct fuse_init_out init = {.major = 7, .minor = 31, .max_write = 4096};
	const struct fuse_attr_out attr = {.attr_valid = 1000, .attr = head->nodeid == 1 ? folder : file};
	const struct fuse_entry_out entry = {.nodeid = 2, .entry_valid = 1000, .attr_valid = 1000, .attr = file};
	const struct fuse_open_out opened = {.fh = 1};
	const struct fuse_statfs_out fs = {.st = {.namelen = 255}};

	switch (head->opcode) {
	case FUSE_INIT:
		answer(fd, head, 0, &init, sizeof init);
		break;
	case FUSE_GETATTR:
		answer(fd, head, 0, &attr, sizeof attr);
		break;
	case FUSE_OPENDIR:
	case FUSE_OPEN:
		answer(fd, head, 0, &opened, sizeof opened);
		break;
	case FUSE_READDIR:
		answer(fd, head, 0, NULL, 0);
		break;
	case FUSE_STATFS:
		answer(fd, head, 0, &fs, sizeof fs);
		break;
	case FUSE_LOOKUP:
		answer(fd, head, 0, &entry, sizeof entry);
		break;
	case FUSE_READ:
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		answer(fd, head, -ENOSYS, NULL, 0);
		break;
	}
}

/* The process that answers; -1. */
static pid_t serve(const char *path)
{
	static char block[1 << 18];
	int fd = mount_fuse(path);
	pid_t server = fd < 0 ? -1 : fork();

	while (server == 0 && read(fd, block, sizeof block) > 0)
		answer_one(fd, (const void *)block);
	if (server == 0)
		_exit(0);
	return server;
}

/* An overlay on it at @path, which no table of mounts shows to be one that waits for a process. */
static int hide_fuse(const char *path)
{
	pid_t server = serve("/tmp/below");
	int r = server < 0 || mkdir("/tmp/above", 0755) < 0 || mkdir("/tmp/work", 0755) < 0;

	if (r || mount("overlay", path, "overlay", 0,
		       "lowerdir=/tmp/below,upperdir=/tmp/above,workdir=/tmp/work") < 0 ||
	    umount2("/tmp/below", MNT_DETACH) < 0)
		return fail("overlay");
	return kill(server, SIGSTOP) < 0;
}

/* Who reads its variables waits for a file server, for ever. */
static int trap_environment(void)
{
	const uintptr_t page = 4096, at = (uintptr_t)environ[0] & ~(page - 1);
	int fd = serve("/tmp/below") < 0 ? -1 : open("/tmp/below/file", O_RDONLY);

	if (fd < 0)
		return fail("below");
	say_ready();
	if (mmap((void *)at, page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
		_exit(3);
	for (;;)
		(void)syscall(SYS_pause);
}

/* ---- all ---- */

static const struct {
	const char *word;
	int (*act)(const char *text);
} with_text[] = {
	{"memfd=", hold_memory},  {"file=", hold_file},	  {"socket=", hold_socket},
	{"mount=", mount_memory}, {"overlay=", hide_fuse},
	{"hide=", hide_mount},
};

static int act(const char *word)
{
	const char *equals = strchr(word, '=');
	unsigned long number = equals ? strtoul(equals + 1, NULL, 10) : 0;

	for (size_t i = 0; i < sizeof with_text / sizeof with_text[0]; i++) {
		if (strncmp(word, with_text[i].word, strlen(with_text[i].word)) == 0)
			return with_text[i].act(equals + 1);
	}
	if (strncmp(word, "comm=", 5) == 0)
		return prctl(PR_SET_NAME, equals + 1) < 0 ? fail("comm") : 0;
	if (strncmp(word, "chroot=", 7) == 0)
		return chroot(equals + 1) < 0 || chdir("/") < 0 ? fail("chroot") : 0;
	if (strncmp(word, "fuse=", 5) == 0)
		return mount_fuse(equals + 1) < 0;
	if (strncmp(word, "mounts=", 7) == 0)
		return mount_many(number);
	if (strncmp(word, "threads=", 8) == 0)
		return start_threads(number);
	if (strncmp(word, "children=", 9) == 0)
		return start_children(number, 0);
	if (strncmp(word, "spaces=", 7) == 0)
		return start_children(number, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET);
	if (strncmp(word, "users=", 6) == 0)
		return start_children(number, CLONE_NEWUSER);
	if (strncmp(word, "deep=", 5) == 0)
		return open_deep(number);
	if (strncmp(word, "open=", 5) == 0)
		return open_many(number);
	if (strncmp(word, "overwrite=", 10) == 0)
		overwrite((unsigned char)number);
	else if (strcmp(word, "trap") == 0)
		return trap_environment();
	else if (strcmp(word, "overwrites") == 0)
		endless = overwrite_for_ever;
	else if (strcmp(word, "forks") == 0)
		endless = fork_for_ever;
	else if (strcmp(word, "execs") == 0)
		endless = execute_for_ever;
	else if (strcmp(word, "swings") == 0)
		endless = swing_for_ever;
	else if (strcmp(word, "leaves") == 0)
		endless = leave_threads;
	return 0; /* other words are there to be seen */
}

int main(int argc, char **argv)
{
	arguments = argv;
	if (argc > 1 && strcmp(argv[1], "again") == 0)
		execute_for_ever();
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "variables=", 10) == 0)
			return execute_with(strtoul(argv[i] + 10, NULL, 10), argv + i + 1);
		if (act(argv[i]) != 0)
			return 1;
	}
	say_ready();
	if (endless)
		endless();
	(void)wait_here(NULL);
	return 0;
}
