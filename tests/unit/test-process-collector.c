/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `process`: on a tree of plain files, where every byte is known, and on the machine's
 * own /proc. */
#include "proc-tree.h"

static void make_tree(const fixture *f)
{
	put_process(f, 2, 10, NULL, "mnt:[1]", "/");
	put_process(f, 50, 100, "/usr/bin/bash", "mnt:[1]", "/user.slice");
	put_process(f, 60, 200, "/usr/sbin/dockerd (deleted)", "mnt:[1]",
		    "/system.slice/docker.service");
	PUT(f, 60, "cmdline", "dockerd\0--log-opt\0splunk-token=hunter2\0--icc=false\0");
	PUT(f, 60, "environ",
	    "DOCKER_TLS_VERIFY=1\0SECRET=hunter2\0DOCKER_HOST=tcp://u:hunter2@h:1\0hunter2\0bad "
	    "name=x\0"
	    "9=hunter2\0PATH=/bin\0");
	PUT(f, 60, "status", "Name:\tdockerd\n");
	PUT(f, 60, "limits", "Limit\n");
	PUT(f, 60, "uid_map", "0 0 4294967295\n");
	assert_int_equal(symlinkat("net:[9]", f->root_fd, "proc/60/ns/net"), 0);
	assert_int_equal(mkdirat(f->root_fd, "proc/60/net", 0755), 0);
	PUT(f, 60, "net/tcp",
	    "  sl  local_address rem_address   st tx_queue\n"
	    "   0: 0100007F:0947 00000000:0000 0A 00000000\n"
	    "   1: 0100007F:0947 0100007F:9999 01 00000000\n");
	PUT(f, 60, "net/unix",
	    "Num       RefCount Protocol Flags    Type St Inode Path\n"
	    "0000000000000000: 00000003 00000000 00000000 0001 03 11 /run/x\n"
	    "0000000000000000: 00000002 00000000 00010000 0001 01 12 /run/docker.sock\n");
	/* an engine and a helper in the same network namespace: read once, told for the engine */
	put_process(f, 61, 210, "/usr/bin/containerd", "mnt:[1]",
		    "/system.slice/containerd.service");
	assert_int_equal(symlinkat("net:[9]", f->root_fd, "proc/61/ns/net"), 0);
	put_process(f, 62, 220, "/usr/sbin/docker-proxy", "mnt:[1]",
		    "/system.slice/docker.service");
	assert_int_equal(symlinkat("net:[9]", f->root_fd, "proc/62/ns/net"), 0);
	PUT(f, 62, "cmdline", "docker-proxy\0-host-ip\0127.0.0.1\0");
	/* two processes of one container: the one that started first counts, not the lower number
	 */
	put_process(f, 70, 400, "/bin/sh", "mnt:[2]", "/docker/" ID_A "/nested");
	PUT(f, 70, "status", "Name:\tnested\n");
	put_process(f, 71, 300, "/bin/dockerd", "mnt:[2]", "/docker/" ID_A);
	PUT(f, 71, "cmdline", "dockerd\0hunter2\0");
	PUT(f, 71, "environ", "PASSWORD=hunter2\0DOCKER_HOST=hunter2\0");
	PUT(f, 71, "status", "Name:\tsh\n");
	put_process(f, 72, 500, "/bin/sh", "mnt:[3]",
		    "/machine.slice/libpod-" ID_B ".scope/container");
	PUT(f, 72, "status", "Name:\tb\n");
	put_process(f, 73, 600, "/usr/bin/conmon", "mnt:[1]",
		    "/machine.slice/libpod-conmon-" ID_B ".scope");
	PUT(f, 73, "status", "Name:\tconmon\n");
	put_process(f, 80, 700, "/usr/bin/podman", "mnt:[1]", "/user.slice");
	PUT(f, 80, "cmdline", "podman\0run\0--env=A=hunter2\0-eB=hunter2\0--rm\0img\0hunter2\0");
}

static int has_secret(const hf_answer *answer, void *data)
{
	(void)data;
	return memmem(answer->data, answer->size, "hunter2", 7) != NULL;
}

static void test_ordinary(void **state)
{
	fixture *f = *state;

	make_tree(f);
	collect(f, false);
	assert_int_equal(hf_record_each(f->record, has_secret, NULL), 0);
	IS(f, HF_ASK_LINK, 50, "exe", "/usr/bin/bash");
	IS(f, HF_ASK_LINK, 50, "ns/mnt", "mnt:[1]");
	IS(f, HF_ASK_FILE, 50, "cgroup", "0::/user.slice\n");
	IS(f, HF_ASK_FILE, 50, "stat",
	   "50 (a) b) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n");
	is_not_asked(f, HF_ASK_FILE, 50, "status");
	is_not_asked(f, HF_ASK_FILE, 50, "cmdline");
	is_not_asked(f, HF_ASK_FILE, 50, "environ");
	/* a kernel thread */
	assert_int_equal(find(f, HF_ASK_LINK, 2, "exe")->error, ENOENT);
	is_not_asked(f, HF_ASK_FILE, 2, "cgroup");
	assert_string_equal(find(f, HF_ASK_LINK, 2, "ns/mnt")->data, "mnt:[1]");
	const hf_answer *listing = hf_record_get(f->record, HF_ASK_DIR, "/proc");

	assert_non_null(listing);
	assert_int_equal(listing->size,
			 sizeof "2\00050\00060\00061\00062\00070\00071\00072\00073\00080");
	assert_memory_equal(listing->data,
			    "2\00050\00060\00061\00062\00070\00071\00072\00073\00080",
			    listing->size);
}

static void test_daemon(void **state)
{
	fixture *f = *state;

	make_tree(f);
	collect(f, false);
	IS(f, HF_ASK_FILE, 60, "cmdline",
	   "dockerd\0--log-opt\0splunk-token=[redacted]\0--icc=false\0");
	IS(f, HF_ASK_FILE, 60, "environ",
	   "DOCKER_TLS_VERIFY=1\nSECRET\nDOCKER_HOST=tcp://[redacted]@h:1\nPATH=/bin\n");
	IS(f, HF_ASK_FILE, 60, "status", "Name:\tdockerd\n");
	IS(f, HF_ASK_FILE, 60, "uid_map", "0 0 4294967295\n");
	assert_int_equal(find(f, HF_ASK_FILE, 60, "gid_map")->error, ENOENT);
	IS(f, HF_ASK_FILE, 60, "net/tcp",
	   "  sl  local_address rem_address   st tx_queue\n   0: 0100007F:0947 00000000:0000 0A "
	   "00000000\n");
	IS(f, HF_ASK_FILE, 60, "net/unix",
	   "Num       RefCount Protocol Flags    Type St Inode Path\n"
	   "0000000000000000: 00000002 00000000 00010000 0001 01 12 /run/docker.sock\n");
	IS(f, HF_ASK_FILE, 61, "net/unix",
	   "Num       RefCount Protocol Flags    Type St Inode Path\n"
	   "0000000000000000: 00000002 00000000 00010000 0001 01 12 /run/docker.sock\n");
	is_not_asked(f, HF_ASK_FILE, 62, "net/unix");
	is_not_asked(f, HF_ASK_FILE, 62, "status");
	IS(f, HF_ASK_FILE, 62, "cmdline", "docker-proxy\0-host-ip\0127.0.0.1\0");
	/* what runs containers in the foreground keeps the names of its long options only */
	IS(f, HF_ASK_FILE, 80, "cmdline", "podman\0--env=[redacted]\0--rm\0");
}

/* Every name that the facts take for a Docker daemon is asked for in full. */
static void test_daemon_names(void **state)
{
	static const char *const programs[] = {"/usr/bin/dockerd-ce", "/usr/bin/dockerd-current",
					       "/nix/store/x/bin/.dockerd-wrapped"};
	fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_process(f, 40 + i, 100, programs[i], "mnt:[1]", "/");
		PUT(f, 40 + i, "cmdline", "dockerd\0--icc=false\0");
		PUT(f, 40 + i, "status", "Name:\tdockerd\n");
	}
	collect(f, false);
	for (int i = 0; i < 3; i++) {
		IS(f, HF_ASK_FILE, 40 + i, "cmdline", "dockerd\0--icc=false\0");
		IS(f, HF_ASK_FILE, 40 + i, "status", "Name:\tdockerd\n");
	}
}

static void test_containers(void **state)
{
	fixture *f = *state;

	make_tree(f);
	collect(f, false);
	IS(f, HF_ASK_FILE, 71, "status", "Name:\tsh\n");
	IS(f, HF_ASK_CALL, 71, "environ", "PASSWORD 7 -\nDOCKER_HOST 7 -\n");
	is_not_asked(f, HF_ASK_FILE, 71, "environ");
	is_not_asked(f, HF_ASK_FILE, 71, "cmdline");
	IS(f, HF_ASK_FILE, 70, "status", "Name:\tnested\n");
	IS(f, HF_ASK_FILE, 72, "status", "Name:\tb\n");
	is_not_asked(f, HF_ASK_FILE, 73, "status");
}

/* What stands in a tree is not the kernel's: no FIFO is opened, no link followed, no endless file
 * read. */
static void test_odd_tree(void **state)
{
	fixture *f = *state;
	static char large[80 * 1024];

	memset(large, 'x', sizeof large);
	assert_int_equal(mkdirat(f->root_fd, "proc/5", 0755), 0);
	assert_int_equal(mkfifoat(f->root_fd, "proc/5/stat", 0644), 0);
	put_bytes(f, 5, "cgroup", large, sizeof large);
	put_bytes(f, 5, "exe", large, 10);
	assert_int_equal(symlinkat("/etc", f->root_fd, "proc/6"), 0);
	assert_int_equal(mkdirat(f->root_fd, "proc/007", 0755), 0);
	assert_int_equal(mkdirat(f->root_fd, "proc/99999999999999999999", 0755), 0);
	collect(f, false);
	assert_int_equal(find(f, HF_ASK_FILE, 5, "stat")->error, ENOTSUP);
	assert_int_equal(find(f, HF_ASK_FILE, 5, "cgroup")->error, EFBIG);
	assert_int_equal(find(f, HF_ASK_LINK, 5, "exe")->error, EINVAL);
	assert_int_equal(find(f, HF_ASK_FILE, 6, "stat")->error, ENOENT);
	is_not_asked(f, HF_ASK_FILE, 7, "stat");
}

static void test_no_proc(void **state)
{
	fixture *f = *state;

	assert_int_equal(unlinkat(f->root_fd, "proc", AT_REMOVEDIR), 0);
	collect(f, false);
	assert_int_equal(hf_record_get(f->record, HF_ASK_DIR, "/proc")->error, ENOENT);
}

static void test_live(void **state)
{
	fixture *f = *state;
	fixture live = {.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	char own[4096];
	ssize_t n = readlink("/proc/self/exe", own, sizeof own);

	(void)f;
	assert_true(live.root_fd >= 0 && n > 0);
	collect(&live, true);
	bytes_are(&live, HF_ASK_LINK, (int)getpid(), "exe", own, (size_t)n);
	const hf_answer *stat = find(&live, HF_ASK_FILE, (int)getpid(), "stat");

	assert_non_null(stat);
	assert_int_equal(atoi(stat->data), getpid());
	assert_int_equal(hf_record_get(live.record, HF_ASK_DIR, "/proc")->error, 0);
	assert_int_equal(hf_record_get(live.record, HF_ASK_LINK, "/proc/self/ns/mnt")->error, 0);
	hf_record_free(live.record);
	(void)close(live.root_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ordinary), TEST(test_daemon),
		TEST(test_daemon_names),	 TEST(test_containers),
		TEST(test_odd_tree), TEST(test_no_proc), TEST(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
