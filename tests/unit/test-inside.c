/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `inside`: one container's root, which is a tree of its own and does what it can to mislead, and the
 * machine's own /proc. */
#include "collect/inside.h"
#include "record/record.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
	char root[64];
	int fd;
	FILE *frames;
	hf_sink *sink;
	hf_reader *reader;
	hf_record *record;
	hf_arena *arena;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	strcpy(f->root, "/tmp/holdfast-inside-XXXXXX");
	if (!mkdtemp(f->root) || hf_arena_new(&f->arena) < 0)
		return -1;
	f->fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	f->frames = tmpfile();
	if (f->fd < 0 || !f->frames || mkdirat(f->fd, "dev", 0755) < 0 ||
	    mkdirat(f->fd, "proc", 0755) < 0 || mkdirat(f->fd, "sys", 0755) < 0)
		return -1;
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	fixture *f = *state;

	hf_reader_free(f->reader);
	hf_sink_free(f->sink);
	hf_record_free(f->record);
	hf_arena_free(f->arena);
	(void)fclose(f->frames);
	(void)close(f->fd);
	(void)nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* What was written to the sink becomes a record. */
static void gather(fixture *f)
{
	const hf_collector *row = &hf_collector_inside;
	hf_stream *stream = NULL;
	static char block[65536];
	size_t n;

	assert_int_equal(hf_sink_done(f->sink), 0);
	assert_int_equal(hf_record_new(&f->record), 0);
	int index = hf_record_add_collector(f->record, row->name, row->kinds, row->prefixes);

	assert_int_equal(hf_stream_new(f->record, index, row->cap_bytes, &stream), 0);
	rewind(f->frames);
	while ((n = fread(block, 1, sizeof block, f->frames)) > 0)
		assert_int_equal(hf_stream_feed(stream, block, n), 0);
	assert_true(hf_stream_is_done(stream));
	hf_stream_free(stream);
}

static void start(fixture *f, int root_fd)
{
	assert_int_equal(hf_sink_new(fileno(f->frames), hf_collector_inside.cap_bytes, &f->sink), 0);
	assert_int_equal(hf_reader_new(root_fd, true, f->sink, &f->reader), 0);
}

/* @mountinfo has one %u:%u for the device of the tree. */
static void look(fixture *f, const char *type, const char *more)
{
	char mountinfo[4096];
	struct stat st;
	unsigned budget = HF_INSIDE_STATS;
	hf_inside_sockets sockets = {.is_read = true};

	start(f, f->fd);
	hf_proc proc = {.reader = f->reader, .arena = f->arena, .fd = -1};

	assert_int_equal(fstat(f->fd, &st), 0);
	(void)snprintf(mountinfo, sizeof mountinfo, "1 0 %u:%u / / rw - %s x rw\n%s", major(st.st_dev),
		       minor(st.st_dev), type, more);
	hf_inside_place place = {
		.proc = &proc,
		.sockets = &sockets,
		.arena = f->arena,
		.pid = 7,
		.root_fd = f->fd,
		.proc_names = UINT32_MAX,
		.budget = &budget,
	};

	assert_int_equal(hf_inside_mounts_parse(f->arena, mountinfo, strlen(mountinfo), &place.mounts),
			 0);
	assert_int_equal(hf_inside_look(&place), 0);
	gather(f);
}

static const char *own_type(void)
{
	struct stat st;
	FILE *in = fopen("/proc/self/mountinfo", "re");
	static char line[8192], type[64];
	unsigned major_number, minor_number;

	assert_non_null(in);
	assert_int_equal(stat("/tmp", &st), 0);
	while (fgets(line, sizeof line, in)) {
		const char *dash = strstr(line, " - ");

		if (dash && sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) == 2 &&
		    makedev(major_number, minor_number) == st.st_dev)
			(void)sscanf(dash, " - %63s", type);
	}
	(void)fclose(in);
	return type;
}

static const hf_answer *get(const fixture *f, hf_ask_kind kind, const char *name)
{
	return hf_record_get(f->record, kind, name);
}

static int count_one(const hf_answer *answer, void *data)
{
	(void)answer;
	++*(size_t *)data;
	return 0;
}

static void touch(const fixture *f, const char *path)
{
	int fd = openat(f->fd, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	(void)close(fd);
}

static void test_plain(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->fd, "dev/snd", 0755), 0);
	touch(f, "dev/snd/pcm");
	touch(f, "proc/kcore");
	look(f, own_type(), "");
	const hf_answer *dir = get(f, HF_ASK_DIR, "/proc/7/root/dev");
	const hf_answer *file = get(f, HF_ASK_STAT, "/proc/7/root/proc/kcore");

	assert_non_null(dir);
	assert_int_equal(dir->error, 0);
	assert_string_equal(dir->data, "snd");
	assert_non_null(get(f, HF_ASK_STAT, "/proc/7/root/dev/snd/pcm"));
	assert_non_null(file);
	assert_int_equal(file->error, 0);
	assert_true(S_ISREG(file->meta.mode));
	assert_int_equal(get(f, HF_ASK_STAT, "/proc/7/root/proc/keys")->error, ENOENT);
}

/* Every link stays what it is: nothing behind it is told, least of all what the host has there. */
static void test_links(void **state)
{
	fixture *f = *state;

	assert_int_equal(symlinkat("/etc/shadow", f->fd, "dev/mem"), 0);
	assert_int_equal(symlinkat("loop", f->fd, "dev/loop"), 0);
	assert_int_equal(symlinkat("../../../../../../etc", f->fd, "dev/up"), 0);
	look(f, own_type(), "");
	const char *const names[] = {"mem", "loop", "up"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		char name[64];

		(void)snprintf(name, sizeof name, "/proc/7/root/dev/%s", names[i]);
		const hf_answer *answer = get(f, HF_ASK_STAT, name);

		assert_non_null(answer);
		assert_int_equal(answer->error, 0);
		assert_true(S_ISLNK(answer->meta.mode));
	}
	assert_null(get(f, HF_ASK_DIR, "/proc/7/root/dev/up"));
}

static void test_dev_is_a_link(void **state)
{
	fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, "dev", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/etc", f->fd, "dev"), 0);
	assert_int_equal(unlinkat(f->fd, "proc", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/proc", f->fd, "proc"), 0);
	look(f, own_type(), "");
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, ELOOP);
	assert_int_equal(get(f, HF_ASK_STAT, "/proc/7/root/proc/sys")->error, ELOOP);
}

static void test_odd_files(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkfifoat(f->fd, "dev/fifo", 0666), 0);
	touch(f, "dev/a\nb");
	look(f, own_type(), "");
	assert_true(S_ISFIFO(get(f, HF_ASK_STAT, "/proc/7/root/dev/fifo")->meta.mode));
	assert_non_null(get(f, HF_ASK_STAT, "/proc/7/root/dev/a\nb"));
}

static void test_many_names(void **state)
{
	fixture *f = *state;
	size_t answers = 0;

	for (unsigned i = 0; i < HF_INSIDE_NODES + 100; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "dev/n%u", i);
		touch(f, name);
	}
	look(f, own_type(), "");
	(void)hf_record_each(f->record, count_one, &answers);
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, 0);
	assert_true(answers >= HF_INSIDE_NODES && answers < HF_INSIDE_NODES + 60);
}

static void test_too_many_names(void **state)
{
	fixture *f = *state;

	for (unsigned i = 0; i < HF_DIR_CAP_NAMES + 1; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "dev/n%u", i);
		assert_int_equal(symlinkat("x", f->fd, name), 0);
	}
	look(f, own_type(), "");
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, EFBIG);
	assert_null(get(f, HF_ASK_STAT, "/proc/7/root/dev/n0"));
}

/* A file server in user space may never answer, so what is on it is not touched. */
static void test_slow(void **state)
{
	fixture *f = *state;

	look(f, "fuse.sshfs", "");
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, ENOTSUP);
	assert_int_equal(get(f, HF_ASK_STAT, "/proc/7/root/proc/kcore")->error, ENOTSUP);
	assert_non_null(get(f, HF_ASK_STAT, "/proc/7/root/proc/kcore")->reason);
}

static void test_slow_beside(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->fd, "mnt", 0755), 0);
	look(f, own_type(), "9 1 0:999 / /mnt rw - nfs4 server:/ rw\n");
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, 0);
	assert_int_equal(get(f, HF_ASK_STAT, "/proc/7/root/mnt")->error, ENOTSUP);
}

/* It is not what mountinfo said: somebody mounted something there since. */
static void test_changed(void **state)
{
	fixture *f = *state;

	look(f, "pstore", "");
	assert_int_equal(get(f, HF_ASK_DIR, "/proc/7/root/dev")->error, ENOTSUP);
}

static void test_helpers(void **state)
{
	fixture *f = *state;

	look(f, own_type(), "2 1 0:900 / /proc rw - proc proc rw\n3 2 0:900 /sys /proc/sys ro - proc proc rw\n"
			    "4 1 0:900 / /p rw - proc proc rw\n");
	/* covered read-only, so nobody needs to know who owns it */
	assert_null(get(f, HF_ASK_STAT, "/proc/7/root/proc/sys/kernel/core_pattern"));
	assert_non_null(get(f, HF_ASK_STAT, "/proc/7/root/p/sys/kernel/core_pattern"));
}

static void test_mountinfo(void **state)
{
	static const char *const bad[] = {"x\n", "1 0 8 / / rw - ext4 d rw\n", "1 0 8:1 / / rw ext4 d rw\n",
					  "1 0 8:x / / rw - ext4 d rw\n"};
	static const char good[] = "1 0 8:1 /a\\040b /c\\134d ro,x shared:1 - ext4 d rw\n";
	fixture *f = *state;
	hf_inside_mounts mounts = {.count = 99};

	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		assert_int_equal(hf_inside_mounts_parse(f->arena, bad[i], strlen(bad[i]), &mounts),
				 -EBADMSG);
		assert_int_equal(mounts.count, 99);
	}
	assert_int_equal(hf_inside_mounts_parse(f->arena, good, strlen(good), &mounts), 0);
	assert_string_equal(mounts.all[0].root, "/a b");
	assert_string_equal(mounts.all[0].target, "/c\\d");
	assert_true(mounts.all[0].is_read_only);
}

/* It walks its own tree and nothing else, and says what it found. */
static void test_walk(void **state)
{
	fixture *f = *state;
	struct stat st;
	char mountinfo[256];

	assert_int_equal(mkdirat(f->fd, "bin", 0755), 0);
	touch(f, "bin/su");
	assert_int_equal(fchmodat(f->fd, "bin/su", 04755, 0), 0);
	touch(f, "bin/a b");
	assert_int_equal(fchmodat(f->fd, "bin/a b", 02755, 0), 0);
	touch(f, "bin/plain");
	assert_int_equal(fchmodat(f->fd, "bin/plain", 04644, 0), 0); /* nobody can execute it */
	assert_int_equal(symlinkat("/usr/bin", f->fd, "usr"), 0);
	assert_int_equal(mkfifoat(f->fd, "bin/fifo", 0666), 0);
	start(f, f->fd);
	hf_proc proc = {.reader = f->reader, .arena = f->arena, .fd = -1};

	assert_int_equal(fstat(f->fd, &st), 0);
	(void)snprintf(mountinfo, sizeof mountinfo, "1 0 %u:%u / / rw - %s x rw\n", major(st.st_dev),
		       minor(st.st_dev), own_type());
	hf_inside_place place = {.proc = &proc, .arena = f->arena, .pid = 7, .root_fd = f->fd};

	assert_int_equal(hf_inside_mounts_parse(f->arena, mountinfo, strlen(mountinfo), &place.mounts),
			 0);
	assert_int_equal(hf_inside_walk(&place), 0);
	gather(f);
	const hf_answer *answer = get(f, HF_ASK_CALL, "/proc/7/root/special");
	char wanted[256];

	assert_non_null(answer);
	(void)snprintf(wanted, sizeof wanted,
		       "/bin/a\\040b 102755 %u %u 0:0 -\n/bin/su 104755 %u %u 0:0 -\nend ", geteuid(),
		       getegid(), geteuid(), getegid());
	assert_memory_equal(answer->data, wanted, strlen(wanted));
}

/* Whatever runs here: it ends in time, and answers nothing that is not its own. */
static void test_live(void **state)
{
	fixture *f = *state;
	hf_cleanup(hf_closep) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	start(f, root);
	const hf_collect_task task = {
		.reader = f->reader,
		.is_live = true,
		.deadline_ms = hf_now_ms() + 60000,
	};

	assert_int_equal(hf_collector_inside.collect(&task), 0);
	gather(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain),      TEST(test_links),	  TEST(test_dev_is_a_link),
		TEST(test_odd_files),  TEST(test_many_names),	  TEST(test_too_many_names),
		TEST(test_slow),       TEST(test_slow_beside),	  TEST(test_changed),
		TEST(test_helpers),    TEST(test_mountinfo),	  TEST(test_walk),
		TEST(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
