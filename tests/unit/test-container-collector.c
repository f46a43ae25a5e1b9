/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What collector `process` asks of containers: every process, in one life of it, and the control groups. */
#include "collect/containers.h"
#include "collect/proc.h"
#include "proc-tree.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- lives ---- */

#define STAT(name, start, code, stack, env)                                                        \
	"7 (" name ") S 1 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 " start " 1 2 3 " code         \
	" 5 " stack " 0 0 0 0 0 0 1 0 0 17 0 0 0 0 0 0 0 0 0 40 41 " env " 43 0\n"

static void test_life(void **state)
{
	hf_proc_life life, same, other;

	(void)state;
	assert_true(hf_proc_parse_life(STAT("a) R (b\n) ", "99", "4", "6", "42"), &life));
	assert_int_equal(life.state, 'S');
	assert_int_equal(life.flags, 4194560);
	assert_int_equal(life.threads, 3);
	assert_int_equal(life.start_ticks, 99);
	/* a name is no life, a program is */
	assert_true(hf_proc_parse_life(STAT("renamed", "99", "4", "6", "42"), &same));
	assert_true(hf_proc_is_same_life(&life, &same));
	assert_true(hf_proc_parse_life(STAT("x", "100", "4", "6", "42"), &other));
	assert_false(hf_proc_is_same_life(&life, &other));
	assert_true(hf_proc_parse_life(STAT("x", "99", "4", "7", "42"), &other));
	assert_false(hf_proc_is_same_life(&life, &other));
	assert_true(hf_proc_parse_life(STAT("x", "99", "4", "6", "41"), &other));
	assert_false(hf_proc_is_same_life(&life, &other));
	assert_false(hf_proc_parse_life("", &other));
	assert_false(hf_proc_parse_life("7 (x)", &other));
	assert_false(hf_proc_parse_life("7 (x) S 1 2 3", &other));
	assert_false(hf_proc_parse_life("7 (x) S 1 7 7 0 -1 zz", &other));
}

static void test_group_end(void **state)
{
	static const struct {
		const char *path;
		const char *own;
	} rows[] = {
		{"/docker/" ID_A, "/docker/" ID_A},
		{"/docker/" ID_A "/init.scope", "/docker/" ID_A},
		{"/docker/" ID_A "/docker/" ID_B "/x", "/docker/" ID_A "/docker/" ID_B},
		/* crun's own group below systemd's; what is below that the container made */
		{"/m.slice/libpod-" ID_A ".scope/container", "/m.slice/libpod-" ID_A ".scope/container"},
		{"/m.slice/libpod-" ID_A ".scope/container/init.scope",
		 "/m.slice/libpod-" ID_A ".scope/container"},
		{"/docker/" ID_A "/container2", "/docker/" ID_A},
		{"/lxc.payload.web/system.slice", "/lxc.payload.web"},
		{"/user.slice/session-1.scope", "/user.slice/session-1.scope"},
		{"/", "/"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		size_t end = hf_container_group_end(rows[i].path, strlen(rows[i].path));

		assert_int_equal(end, strlen(rows[i].own));
	}
}

/* ---- environments ---- */

#define A16 "AAAAAAAAAAAAAAAA"
#define A36 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_shapes(void **state)
{
	static const struct {
		const char *value;
		const char *shape;
	} rows[] = {
		{"", "-"},
		{"/usr/bin:/bin", "-"},
		{"AKIA" A16, "token"},
		{"AKIA", "-"},
		{"AKIA is a prefix of keys", "-"},
		{"ghp_" A36, "token"},
		{"glpat-" A16 "A", "token"},
		{"xoxb-1234567890-" A16, "token"},
		{"sk_live_" A16, "token"},
		{"eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM", "jwt"},
		{"eyJhbGciOiJIUzI1NiJ9", "-"},
		{"eyJ.a.b c d e f g h i j", "-"},
		{"x\n-----BEGIN RSA PRIVATE KEY-----\nMII", "pem"},
		{"postgres://app:hunter2@db/x", "url-password"},
		{"a,redis://:hunter2@cache:6379", "url-password"},
		{"https://db:5432/x@y", "-"},
		{"https://user@host/", "-"},
		{"https://user:@host/", "-"},
		{"http://proxy:3128 mail a@b", "-"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		const char *shape = hf_proc_shape_of(rows[i].value, strlen(rows[i].value));

		if (strcmp(shape, rows[i].shape) != 0)
			fail_msg("\"%s\" is %s, not %s", rows[i].value, shape, rows[i].shape);
	}
}

static void test_environ(void **state)
{
	fixture *f = *state;

	put_process(f, 70, 1, "/bin/sh", "mnt:[2]", "/docker/" ID_A);
	PUT(f, 70, "environ",
	    "PATH=/bin\0NL=a\nFORGED 1 pem\0BAD NAME=x\0=x\0noequal\0009X=1\0EMPTY=\0"
	    "KEY=-----BEGIN hunter2\0LAST=unterminated");
	collect(f, false);
	IS(f, HF_ASK_CALL, 70, "environ", "PATH 4 -\nNL 14 -\nEMPTY 0 -\nKEY 18 pem\nLAST 12 -\n");
}

/* ---- processes ---- */

static void put_link(const fixture *f, int pid, const char *name, const char *target)
{
	char path[128];

	(void)snprintf(path, sizeof path, "proc/%d/%s", pid, name);
	assert_int_equal(symlinkat(target, f->root_fd, path), 0);
}

static void put_folder(const fixture *f, const char *path)
{
	char at[512];

	assert_true(strlen(path) < sizeof at);
	strcpy(at, path);
	for (char *slash = strchr(at, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(f->root_fd, at, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
	if (mkdirat(f->root_fd, at, 0755) < 0)
		assert_int_equal(errno, EEXIST);
}

static void put_file(const fixture *f, const char *path, const char *text)
{
	int fd = openat(f->root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

/* All of a container are asked, be they more than are looked at when they are met. */
static void test_every_member(void **state)
{
	enum { FIRST = 100, COUNT = 150 };
	fixture *f = *state;

	put_process(f, 2, 1, NULL, "mnt:[1]", "/");
	for (int pid = FIRST; pid < FIRST + COUNT; pid++) {
		put_process(f, pid, 10, "/bin/sh", "mnt:[2]", "/docker/" ID_A);
		put_link(f, pid, "ns/user", pid % 2 ? "user:[8]" : "user:[9]");
		PUT(f, pid, "status", "Name:\tsh\nNSpid:\t100\t7\n");
		PUT(f, pid, "limits", "Limit\n");
		PUT(f, pid, "uid_map", "0 1000 1\n");
	}
	collect(f, false);
	for (int pid = FIRST; pid < FIRST + COUNT; pid++) {
		IS(f, HF_ASK_FILE, pid, "status", "Name:\tsh\nNSpid:\t100\t7\n");
		IS(f, HF_ASK_FILE, pid, "limits", "Limit\n");
		IS(f, HF_ASK_LINK, pid, "ns/mnt", "mnt:[2]");
		assert_non_null(strstr(find(f, HF_ASK_CALL, pid, "ns")->data,
				       pid % 2 ? "\nuser:[8]\n" : "\nuser:[9]\n"));
		assert_non_null(strstr(find(f, HF_ASK_CALL, pid, "ns")->data, "net !ENOENT\n"));
		assert_int_equal(find(f, HF_ASK_CALL, pid, "open")->error, ENOTSUP);
		assert_non_null(find(f, HF_ASK_CALL, pid, "environ"));
		/* once for each user namespace, by the first that is in it */
		if (pid < FIRST + 2)
			IS(f, HF_ASK_FILE, pid, "uid_map", "0 1000 1\n");
		else
			is_not_asked(f, HF_ASK_FILE, pid, "uid_map");
	}
}

/* One that is pid 1 of its namespace stands for its container, whatever was met before. */
static void test_first_process(void **state)
{
	fixture *f = *state;

	for (int pid = 70; pid < 72; pid++) {
		put_process(f, pid, 10, "/bin/sh", "mnt:[2]", "/docker/" ID_A);
		put_link(f, pid, "ns/user", "user:[8]");
		PUT(f, pid, "uid_map", "0 1000 1\n");
	}
	PUT(f, 70, "status", "Name:\tjoined\nNSpid:\t70\t9\n");
	PUT(f, 71, "status", "Name:\tinit\nNSpid:\t71\t1\n");
	collect(f, false);
	IS(f, HF_ASK_FILE, 71, "uid_map", "0 1000 1\n");
}

static void test_threads(void **state)
{
	fixture *f = *state;

	put_process(f, 70, 1, "/bin/java", "mnt:[2]", "/docker/" ID_A);
	PUT(f, 70, "stat", STAT("java", "1", "4", "6", "42"));
	put_link(f, 70, "ns/user", "user:[8]");
	put_folder(f, "proc/70/task/70");
	put_folder(f, "proc/70/task/71/ns");
	put_folder(f, "proc/70/task/72/ns");
	PUT(f, 70, "task/71/status", "Name:\tgc\n");
	PUT(f, 70, "task/72/status", "Name:\tio\n");
	put_link(f, 70, "task/71/ns/net", "net:[5]");
	put_link(f, 70, "task/71/ns/mnt", "mnt:[2]\nforged:[1]");
	put_folder(f, "proc/70/task/no number");
	collect(f, false);
	IS(f, HF_ASK_DIR, 70, "task", "70\00071\00072\0");
	IS(f, HF_ASK_FILE, 70, "task/71/status", "Name:\tgc\n");
	IS(f, HF_ASK_FILE, 70, "task/72/status", "Name:\tio\n");
	is_not_asked(f, HF_ASK_FILE, 70, "task/70/status");
	/* the user namespace is the process's for sure; the others are the thread's own */
	IS(f, HF_ASK_CALL, 70, "task/71/ns",
	   "cgroup !ENOENT\nipc !ENOENT\nmnt !EBADMSG\nnet:[5]\npid !ENOENT\ntime !ENOENT\nuser:[8]\n"
	   "uts !ENOENT\n");
}

/* A bare unshare(1): nothing tells it but a namespace. */
static void test_alone(void **state)
{
	fixture *f = *state;

	put_process(f, 2, 1, NULL, "mnt:[1]", "/");
	put_link(f, 2, "ns/pid", "pid:[1]");
	put_link(f, 2, "ns/user", "user:[1]");
	for (int pid = 50; pid < 54; pid++) {
		put_process(f, pid, 10, "/bin/sh", pid == 53 ? "mnt:[9]" : "mnt:[1]", "/");
		put_link(f, pid, "ns/pid", pid == 51 ? "pid:[9]" : "pid:[1]");
		put_link(f, pid, "ns/user", pid == 52 ? "user:[9]" : "user:[1]");
		PUT(f, pid, "status", "Name:\tsh\n");
	}
	collect(f, false);
	is_not_asked(f, HF_ASK_FILE, 50, "status");
	is_not_asked(f, HF_ASK_CALL, 50, "ns");
	IS(f, HF_ASK_FILE, 51, "status", "Name:\tsh\n");
	IS(f, HF_ASK_FILE, 52, "status", "Name:\tsh\n");
	/* a service of systemd has a mount namespace of its own, too: whoever reads decides */
	is_not_asked(f, HF_ASK_FILE, 53, "status");
	assert_non_null(strstr(find(f, HF_ASK_CALL, 53, "ns")->data, "mnt:[9]\n"));
	IS(f, HF_ASK_LINK, 50, "ns/mnt", "mnt:[1]");
	assert_non_null(strstr(hf_record_get(f->record, HF_ASK_CALL, "/proc/2/ns")->data, "pid:[1]\n"));
}

/* ---- control groups ---- */

#define MEMORY "/sys/fs/cgroup/memory"
#define CPU "/sys/fs/cgroup/cpu,cpuacct"
#define UNIFIED "/sys/fs/cgroup/unified"

static void put_cgroup(const fixture *f, const char *path, const char *file, const char *text)
{
	char at[512];

	put_folder(f, path + 1);
	(void)snprintf(at, sizeof at, "%s/%s", path + 1, file);
	put_file(f, at, text);
}

static void cgroup_is(const fixture *f, const char *path, const char *text)
{
	const hf_answer *answer = hf_record_get(f->record, HF_ASK_FILE, path);

	if (!answer || answer->error || strcmp(answer->data, text) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, answer ? answer->data : "not asked", text);
}

static void put_mounts(const fixture *f, const char *mountinfo)
{
	put_process(f, 1, 1, "/sbin/init", "mnt:[1]", "/");
	put_bytes(f, 1, "mountinfo", mountinfo, strlen(mountinfo));
}

static void test_groups_v1(void **state)
{
	fixture *f = *state;
	const char *own = MEMORY "/docker/" ID_A;
	static const char groups[] = "9:name=systemd:/docker/" ID_A "\n4:memory:/docker/" ID_A
				     "/inner\n1:cpu,cpuacct:/docker/" ID_A "\n0::/docker/" ID_A "\n";

	put_mounts(f, "24 1 0:20 / / rw - ext4 /dev/sda rw\n"
		      "31 24 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs rw\n"
		      "32 31 0:29 / " MEMORY " rw,nosuid - cgroup cgroup rw,memory\n"
		      "33 31 0:30 / " CPU " rw - cgroup cgroup rw,cpu,cpuacct\n"
		      "34 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
		      "35 31 0:32 / " UNIFIED " rw shared:9 - cgroup2 cgroup2 rw\n"
		      "36 24 0:29 / /mnt/again rw - cgroup cgroup rw,memory\n");
	put_cgroup(f, MEMORY, "release_agent", "\n");
	put_cgroup(f, MEMORY, "memory.use_hierarchy", "1\n");
	put_cgroup(f, MEMORY "/docker", "memory.limit_in_bytes", "1000\n");
	put_cgroup(f, own, "memory.limit_in_bytes", "2000\n");
	put_cgroup(f, own, "memory.oom_control", "oom_kill_disable 1\n");
	put_cgroup(f, CPU, "release_agent", "/tmp/evil\n");
	put_cgroup(f, CPU, "notify_on_release", "1\n");
	put_cgroup(f, CPU "/docker/" ID_A, "cpu.cfs_quota_us", "50000\n");
	put_cgroup(f, CPU "/docker/" ID_A, "cpu.cfs_period_us", "100000\n");
	put_cgroup(f, CPU "/docker/" ID_A, "notify_on_release", "1\n");
	put_cgroup(f, CPU "/docker", "cpu.cfs_quota_us", "-1\n");
	put_cgroup(f, CPU "/docker", "cpu.cfs_period_us", "100000\n");
	put_cgroup(f, UNIFIED, "cgroup.controllers", "hugetlb\n");
	put_cgroup(f, UNIFIED "/docker/" ID_A, "cgroup.max.depth", "3\n");
	put_cgroup(f, "/sys/fs/cgroup/systemd/docker/" ID_A, "cgroup.procs", "");
	put_process(f, 70, 10, "/bin/sh", "mnt:[2]", "/");
	put_bytes(f, 70, "cgroup", groups, strlen(groups));
	collect(f, false);
	cgroup_is(f, MEMORY "/docker/" ID_A "/memory.limit_in_bytes", "2000\n");
	cgroup_is(f, MEMORY "/docker/" ID_A "/memory.oom_control", "oom_kill_disable 1\n");
	cgroup_is(f, MEMORY "/docker/memory.limit_in_bytes", "1000\n");
	/* what is missing is proven by the group's listing */
	const hf_answer *swap =
		hf_record_get(f->record, HF_ASK_FILE, MEMORY "/docker/memory.memsw.limit_in_bytes");

	assert_non_null(swap);
	assert_int_equal(swap->error, ENOENT);
	assert_non_null(hf_record_get(f->record, HF_ASK_DIR, MEMORY "/docker"));
	assert_int_equal(hf_record_get(f->record, HF_ASK_STAT, MEMORY "/docker")->error, 0);
	/* what the root says holds for all below; inside the container's own group nobody looks */
	cgroup_is(f, MEMORY "/memory.use_hierarchy", "1\n");
	assert_null(hf_record_get(f->record, HF_ASK_FILE, MEMORY "/docker/memory.use_hierarchy"));
	assert_null(hf_record_get(f->record, HF_ASK_STAT, MEMORY "/docker/" ID_A "/inner"));
	cgroup_is(f, CPU "/release_agent", "/tmp/evil\n");
	cgroup_is(f, CPU "/notify_on_release", "1\n");
	cgroup_is(f, CPU "/docker/" ID_A "/notify_on_release", "1\n");
	assert_null(hf_record_get(f->record, HF_ASK_FILE, MEMORY "/docker/notify_on_release"));
	cgroup_is(f, CPU "/docker/" ID_A "/cpu.cfs_period_us", "100000\n");
	cgroup_is(f, CPU "/docker/cpu.cfs_quota_us", "-1\n");
	assert_null(hf_record_get(f->record, HF_ASK_FILE, CPU "/docker/cpu.cfs_period_us"));
	/* no limit is set in these, so below their roots nothing is asked */
	cgroup_is(f, UNIFIED "/cgroup.controllers", "hugetlb\n");
	assert_null(hf_record_get(f->record, HF_ASK_STAT, UNIFIED "/docker"));
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/sys/fs/cgroup/systemd/docker"));
}

static void test_groups_v2(void **state)
{
	fixture *f = *state;
	static const char own[] = "/sys/fs/cgroup/a.slice/docker-" ID_A ".scope";

	put_mounts(f, "31 24 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
	put_cgroup(f, "/sys/fs/cgroup", "cgroup.controllers", "cpu memory pids\n");
	put_cgroup(f, "/sys/fs/cgroup/a.slice", "cgroup.controllers", "memory pids\n");
	put_cgroup(f, "/sys/fs/cgroup/a.slice", "memory.max", "max\n");
	put_cgroup(f, own, "cgroup.controllers", "memory pids\n");
	put_cgroup(f, own, "memory.max", "4096\n");
	put_cgroup(f, own, "pids.max", "7\n");
	put_cgroup(f, own, "cpu.max", "1 2\n");
	put_process(f, 70, 10, "/bin/sh", "mnt:[2]", own + strlen("/sys/fs/cgroup"));
	/* the same group again, and one that lies outside of what we see */
	put_process(f, 71, 10, "/bin/sh", "mnt:[2]", own + strlen("/sys/fs/cgroup"));
	put_process(f, 72, 10, "/bin/sh", "mnt:[2]", "/../docker/" ID_B);
	collect(f, false);
	cgroup_is(f, "/sys/fs/cgroup/a.slice/docker-" ID_A ".scope/memory.max", "4096\n");
	cgroup_is(f, "/sys/fs/cgroup/a.slice/docker-" ID_A ".scope/pids.max", "7\n");
	cgroup_is(f, "/sys/fs/cgroup/a.slice/memory.max", "max\n");
	/* of a controller that the group lacks there is no file */
	assert_null(hf_record_get(f->record, HF_ASK_FILE,
				  "/sys/fs/cgroup/a.slice/docker-" ID_A ".scope/cpu.max"));
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/sys/fs/cgroup/../docker"));
}

/* Any user with a group of his own can nest them by the thousand. */
static void test_deep_groups(void **state)
{
	enum { DEPTH = 300 };
	fixture *f = *state;
	char text[4096] = "0::", top[256] = "/sys/fs/cgroup", path[4096];

	put_mounts(f, "31 24 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
	for (int i = 0; i < DEPTH; i++)
		strcat(text, "/d");
	strcat(text, "\n");
	put_cgroup(f, top, "cgroup.controllers", "memory\n");
	put_process(f, 2, 1, NULL, "mnt:[1]", "/");
	put_link(f, 2, "ns/pid", "pid:[1]");
	put_process(f, 70, 10, "/bin/sh", "mnt:[1]", "/");
	put_link(f, 70, "ns/pid", "pid:[2]");
	put_bytes(f, 70, "cgroup", text, strlen(text));
	collect(f, false);
	(void)snprintf(path, sizeof path, "/sys/fs/cgroup%.*s", (int)strcspn(text + 3, "\n"), text + 3);
	assert_non_null(hf_record_get(f->record, HF_ASK_STAT, path));
	path[strlen(path) - (size_t)2 * 64] = '\0';
	const hf_answer *last = hf_record_get(f->record, HF_ASK_STAT, path);

	assert_non_null(last);
	assert_int_equal(last->error, EFBIG);
	path[strlen(path) - 2] = '\0';
	assert_null(hf_record_get(f->record, HF_ASK_STAT, path));
}

/* ---- answers that are held back ---- */

static void test_hold(void **state)
{
	fixture *f = *state;
	hf_sink *sink = NULL;
	static char large[100 * 1024];
	char path[128];
	struct stat st;
	const hf_answer answer = {
		.kind = HF_ASK_FILE, .name = "/proc/7/x", .data = large, .size = sizeof large};

	(void)snprintf(path, sizeof path, "%s/frames", f->root);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(hf_sink_new(fd, sizeof large * 3 / 2, &sink), 0);
	hf_sink_hold(sink);
	assert_int_equal(hf_sink_answer(sink, &answer), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	hf_sink_drop(sink);
	/* what was dropped does not count */
	hf_sink_hold(sink);
	assert_int_equal(hf_sink_answer(sink, &answer), 0);
	assert_int_equal(hf_sink_release(sink), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size > (off_t)sizeof large && st.st_size < (off_t)sizeof large + 1024);
	hf_sink_free(sink);
	(void)close(fd);
}

/* ---- a real process ---- */

static pid_t start_apart(void)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		byte = unshare(CLONE_NEWUSER) == 0;
		(void)!write(ready[1], &byte, 1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	if (byte)
		return pid;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return 0;
}

static void test_live(void **state)
{
	fixture live = {.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	pid_t pid = start_apart();

	(void)state;
	if (pid == 0) {
		(void)close(live.root_fd);
		skip(); /* no user namespaces here */
	}
	collect(&live, true);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	const hf_answer *reference = hf_record_get(live.record, HF_ASK_CALL, "/proc/2/ns");
	const hf_answer *ns = find(&live, HF_ASK_CALL, pid, "ns");

	assert_non_null(reference);
	assert_non_null(ns); /* its namespace, or that it is not known whether it is another */
	if (strstr(reference->data, "user:[")) {
		assert_string_not_equal(ns->data, reference->data);
		assert_non_null(find(&live, HF_ASK_FILE, pid, "status"));
		const hf_answer *all = find(&live, HF_ASK_CALL, pid, "open");

		assert_non_null(all);
		assert_int_equal(all->error, 0);
		assert_non_null(strstr(all->data, "cwd "));
		assert_non_null(strstr(all->data, "\n0 "));
		assert_non_null(find(&live, HF_ASK_CALL, pid, "environ"));
	}
	hf_record_free(live.record);
	(void)close(live.root_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_group_end),
		cmocka_unit_test(test_shapes),
		TEST(test_environ),
		TEST(test_every_member),
		TEST(test_first_process),
		TEST(test_threads),
		TEST(test_alone),
		TEST(test_groups_v1),
		TEST(test_groups_v2),
		TEST(test_deep_groups),
		TEST(test_hold),
		cmocka_unit_test(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
