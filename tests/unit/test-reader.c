/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safe reading: in a tree made for the purpose, with everything in it that could hold or mislead a reader. */
#include "collect/collect.h"
#include "record/record.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct fixture {
	char dir[64];
	int root;
	int ends[2];
	hf_sink *sink;
	hf_reader *reader;
	hf_record *record;
} fixture;

static void write_file(const fixture *f, const char *path, const char *text)
{
	int fd = openat(f->root, path + 1, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static int setup(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	strcpy(f->dir, "/tmp/holdfast-reader.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->root = open(f->dir, O_PATH | O_DIRECTORY);
	assert_true(f->root >= 0);
	assert_int_equal(pipe(f->ends), 0);
	(void)fcntl(f->ends[1], F_SETPIPE_SZ, 1024 * 1024);
	assert_int_equal(hf_sink_new(f->ends[1], 4 * 1024 * 1024, &f->sink), 0);
	assert_int_equal(hf_reader_new(f->root, false, f->sink, &f->reader), 0);
	assert_int_equal(hf_record_new(&f->record), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	char command[128];

	hf_reader_free(f->reader);
	hf_sink_free(f->sink);
	hf_record_free(f->record);
	(void)close(f->root);
	(void)close(f->ends[0]);
	(void)close(f->ends[1]);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
	int r = system(command);

	free(f);
	return r;
}

/* What the reader has sent so far, as a record. */
static void take(fixture *f)
{
	hf_stream *stream = NULL;
	char block[8192];
	int index = hf_record_add_collector(f->record, "host", ~0U, NULL);

	assert_true(index >= 0);
	assert_int_equal(hf_stream_new(f->record, index, 16 * 1024 * 1024, &stream), 0);
	assert_int_equal(hf_sink_done(f->sink), 0);
	while (!hf_stream_is_done(stream)) {
		ssize_t n = read(f->ends[0], block, sizeof block);

		assert_true(n > 0);
		assert_int_equal(hf_stream_feed(stream, block, (size_t)n), 0);
	}
	hf_stream_free(stream);
}

static const hf_answer *answer_to(const fixture *f, hf_ask_kind kind, const char *name)
{
	const hf_answer *answer = hf_record_get(f->record, kind, name);

	assert_non_null(answer);
	return answer;
}

static void test_file_with_metadata(void **state)
{
	fixture *f = *state;

	write_file(f, "/plain", "text\n");
	assert_int_equal(hf_reader_file(f->reader, "/plain"), 0);
	take(f);
	const hf_answer *answer = answer_to(f, HF_ASK_FILE, "/plain");

	assert_int_equal(answer->error, 0);
	assert_string_equal(answer->data, "text\n");
	assert_int_equal(answer->meta.mode & S_IFMT, S_IFREG);
	assert_int_equal(answer->meta.uid, getuid());
}

static void test_missing_file_brings_its_witness(void **state)
{
	fixture *f = *state;

	write_file(f, "/other", "");
	assert_int_equal(hf_reader_file(f->reader, "/a/b/missing"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/a/b/missing")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/a/b")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/a")->error, ENOENT);
	const hf_answer *root = answer_to(f, HF_ASK_DIR, "/");

	assert_int_equal(root->error, 0);
	assert_memory_equal(root->data, "other\0", 6);
}

static void test_links_stay_below_the_root(void **state)
{
	fixture *f = *state;

	write_file(f, "/inside", "inside\n");
	assert_int_equal(symlinkat("/inside", f->root, "absolute"), 0);
	assert_int_equal(symlinkat("../../../../../../etc/passwd", f->root, "climbing"), 0);
	assert_int_equal(symlinkat("loop", f->root, "loop"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/absolute"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/climbing"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/loop"), 0);
	assert_int_equal(hf_reader_link(f->reader, "/climbing"), 0);
	take(f);
	assert_string_equal(answer_to(f, HF_ASK_FILE, "/absolute")->data, "inside\n");
	/* a link that leads nowhere is not the same as no file */
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/climbing")->error, ENOLINK);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/loop")->error, ELOOP);
	assert_string_equal(answer_to(f, HF_ASK_LINK, "/climbing")->data,
			    "../../../../../../etc/passwd");
}

static void test_what_is_no_file(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkfifoat(f->root, "fifo", 0644), 0);
	assert_int_equal(mkdirat(f->root, "dir", 0755), 0);
	assert_int_equal(hf_reader_file(f->reader, "/fifo"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/dir"), 0);
	assert_int_equal(hf_reader_stat(f->reader, "/fifo"), 0);
	assert_int_equal(hf_reader_dir(f->reader, "/fifo"), 0);
	take(f);
	const hf_answer *fifo = answer_to(f, HF_ASK_FILE, "/fifo");

	assert_int_equal(fifo->error, ENOTSUP);
	assert_non_null(strstr(fifo->reason, "FIFO"));
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/dir")->error, EISDIR);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/fifo")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/fifo")->meta.mode & S_IFMT, S_IFIFO);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/fifo")->error, ENOTDIR);
}

static void test_huge_file(void **state)
{
	fixture *f = *state;
	int fd = openat(f->root, "huge", O_WRONLY | O_CREAT, 0644);

	assert_int_equal(ftruncate(fd, (off_t)10 * 1024 * 1024 * 1024), 0);
	(void)close(fd);
	assert_int_equal(hf_reader_file(f->reader, "/huge"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/huge")->error, EFBIG);
	assert_non_null(answer_to(f, HF_ASK_FILE, "/huge")->reason);
}

static void test_patterns(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->root, "d", 0755), 0);
	assert_int_equal(mkdirat(f->root, "d/one", 0755), 0);
	assert_int_equal(mkdirat(f->root, "d/two", 0755), 0);
	write_file(f, "/d/one/x.conf", "1");
	write_file(f, "/d/two/y.conf", "2");
	write_file(f, "/d/two/.hidden.conf", "3");
	write_file(f, "/d/two/z.txt", "4");
	assert_int_equal(hf_reader_request(f->reader, "/d/*/*.conf"), 0);
	assert_int_equal(hf_reader_request(f->reader, "stat:/d/t*"), 0);
	assert_int_equal(hf_reader_request(f->reader, "parents:/d/one/x.conf"), 0);
	assert_int_equal(hf_reader_request(f->reader, "/d/../d/two/z.txt"), 0);
	assert_int_equal(hf_reader_request(f->reader, "api:/info"), 0);
	take(f);
	assert_string_equal(answer_to(f, HF_ASK_FILE, "/d/one/x.conf")->data, "1");
	assert_string_equal(answer_to(f, HF_ASK_FILE, "/d/two/y.conf")->data, "2");
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/d/two/z.txt"));
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/d/two/.hidden.conf"));
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/d/../d/two/z.txt"));
	/* every folder on the way is in the record */
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/d")->size, 8);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/d/two")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/d/two")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/d/one")->error, 0);
}

static void test_paths_that_a_file_names(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->root, "h", 0755), 0);
	write_file(f, "/h/one", "enabled\ninterpreter /usr/bin/a\nflags: OC\n");
	write_file(f, "/h/two", "|/usr/lib/b %P and/or c=/opt/d,/opt/e /f/../g \n");
	write_file(f, "/b", "");
	assert_int_equal(hf_reader_file(f->reader, "/h/one"), 0); /* asked by another row before */
	assert_int_equal(hf_reader_request(f->reader, "follow:/h/*"), 0);
	assert_int_equal(hf_reader_request(f->reader, "/b"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/usr/bin/a")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/usr")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/usr/lib/b")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/opt/d")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/opt/e")->error, ENOENT);
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/or"));
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/f/../g"));
	/* the text itself, and nothing of what it names */
	assert_string_equal(answer_to(f, HF_ASK_FILE, "/h/one")->data,
			    "enabled\ninterpreter /usr/bin/a\nflags: OC\n");
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/usr/bin/a"));
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/b"));
}

static void test_unreadable_is_not_missing(void **state)
{
	fixture *f = *state;

	write_file(f, "/locked", "x");
	assert_int_equal(fchmodat(f->root, "locked", 0, 0), 0);
	assert_int_equal(chmod(f->dir, 0755), 0);
	/* root would read it: without uid 0 the kernel takes the capabilities for files away */
	bool is_root = geteuid() == 0;

	if (is_root)
		(void)setfsuid(65534);
	int r = hf_reader_file(f->reader, "/locked");

	if (is_root)
		(void)setfsuid(0);
	assert_int_equal(r, 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/locked")->error, EACCES);
}

static void test_sysctl_paths(void **state)
{
	char path[128];

	(void)state;
	assert_int_equal(hf_sysctl_path("kernel.kptr_restrict", path, sizeof path), 0);
	assert_string_equal(path, "/proc/sys/kernel/kptr_restrict");
	assert_int_equal(hf_sysctl_path("net.ipv4.conf.eth0/1.rp_filter", path, sizeof path), 0);
	assert_string_equal(path, "/proc/sys/net/ipv4/conf/eth0.1/rp_filter");
	assert_int_equal(hf_sysctl_path("kernel.kptr_restrict", path, 20), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file_with_metadata, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_file_brings_its_witness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_stay_below_the_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_huge_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_that_a_file_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable_is_not_missing, setup, teardown),
		cmocka_unit_test(test_sysctl_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
