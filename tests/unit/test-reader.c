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
#include <sys/xattr.h>

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

static bool set_label(const fixture *f, const char *name, const char *label, size_t size)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
	return setxattr(path, "security.selinux", label, size, 0) == 0;
}

static void assert_label(const fixture *f, const char *name, int error, const char *label)
{
	const hf_answer *answer = answer_to(f, HF_ASK_CALL, name);

	assert_int_equal(answer->error, error);
	assert_string_equal(answer->data, label);
	assert_int_equal(answer->size, strlen(label));
}

static void test_labels(void **state)
{
	static const char label[] = "system_u:object_r:etc_t:s0";
	static const char *const paths[] = {"/file", "/dir", "/fifo", "/inside", "/outside",
					    "/plain", "/long", "/gone"};
	fixture *f = *state;
	char big[2048];

	memset(big, 'x', sizeof big);
	write_file(f, "/file", "");
	write_file(f, "/plain", "");
	write_file(f, "/long", "");
	assert_int_equal(mkdirat(f->root, "dir", 0755), 0);
	assert_int_equal(mkfifoat(f->root, "fifo", 0600), 0);
	assert_int_equal(symlinkat("/file", f->root, "inside"), 0);
	assert_int_equal(symlinkat("../../../../../../../file", f->root, "outside"), 0);
	/* takes root, and a file system that keeps labels; the kernel itself gives them with the NUL */
	bool has_labels = set_label(f, "file", label, sizeof label) &&
			  set_label(f, "dir", label, strlen(label)) &&
			  set_label(f, "fifo", label, sizeof label) &&
			  set_label(f, "long", big, sizeof big);

	for (size_t i = 0; i < HF_ARRAY_SIZE(paths); i++)
		assert_int_equal(hf_reader_label(f->reader, paths[i]), 0);
	take(f);
	assert_label(f, "label:/gone", ENOENT, "");
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/gone")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/")->error, 0);
	assert_int_not_equal(answer_to(f, HF_ASK_CALL, "label:/plain")->error, 0);
	if (!has_labels)
		skip();
	assert_label(f, "label:/file", 0, label);
	assert_label(f, "label:/dir", 0, label);
	assert_label(f, "label:/fifo", 0, label);
	assert_label(f, "label:/inside", 0, label);
	assert_label(f, "label:/outside", 0, label);
	assert_label(f, "label:/plain", ENODATA, "");
	assert_label(f, "label:/long", ERANGE, "");
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

static void test_links(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->root, "run", 0755), 0);
	assert_int_equal(mkdirat(f->root, "run/a", 0755), 0);
	assert_int_equal(mkdirat(f->root, "var", 0755), 0);
	assert_int_equal(symlinkat("../run", f->root, "var/run"), 0);
	assert_int_equal(symlinkat("/var/run/a", f->root, "run/back"), 0);
	assert_int_equal(symlinkat("loop", f->root, "loop"), 0);
	assert_int_equal(hf_reader_request(f->reader, "links:/var/run/back/x/y"), 0);
	assert_int_equal(hf_reader_request(f->reader, "links:/var/../var/./run/a"), 0);
	assert_int_equal(hf_reader_links(f->reader, "/loop/x"), 0);
	assert_int_equal(hf_reader_links(f->reader, "no/absolute/path"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_LINK, "/var")->error, EINVAL);
	assert_true(answer_to(f, HF_ASK_LINK, "/var")->meta.ino != 0);
	assert_string_equal(answer_to(f, HF_ASK_LINK, "/var/run")->data, "../run");
	assert_string_equal(answer_to(f, HF_ASK_LINK, "/run/back")->data, "/var/run/a");
	assert_int_equal(answer_to(f, HF_ASK_LINK, "/run/a")->error, EINVAL);
	assert_int_equal(answer_to(f, HF_ASK_LINK, "/run/a/x")->error, ENOENT);
	assert_null(hf_record_get(f->record, HF_ASK_LINK, "/run/a/x/y"));
	assert_string_equal(answer_to(f, HF_ASK_LINK, "/loop")->data, "loop");
	/* nothing but links, and no witness */
	assert_null(hf_record_get(f->record, HF_ASK_DIR, "/run/a"));
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

static void test_packages(void **state)
{
	fixture *f = *state;

	(void)mkdirat(f->root, "var", 0755);
	(void)mkdirat(f->root, "var/lib", 0755);
	(void)mkdirat(f->root, "var/lib/dpkg", 0755);
	write_file(f, "/var/lib/dpkg/status",
		   "Package: linux-image-6.1\nStatus: install ok installed\nVersion: 6.1.1-1\n"
		   "Description: Package: linux-image-6.1\n Version: none\n\n"
		   "Package: bash\nVersion: 5.2-2\n\n"
		   "Package: linux-image-6.1-dbg\nVersion: 7\n\n"
		   "Package: linux-image-unsigned-6.1\nMaintainer: x\nVersion: 6.1.2-1");
	assert_int_equal(hf_reader_request(f->reader, "packages:linux-image-*6.1"), 0);
	assert_int_equal(hf_reader_request(f->reader, "packages:bash"), 0);
	assert_int_equal(hf_reader_request(f->reader, "packages:zsh"), 0);
	take(f);
	assert_string_equal(answer_to(f, HF_ASK_CALL, "packages:linux-image-*6.1")->data,
			    "Package: linux-image-6.1\nStatus: install ok installed\nVersion: 6.1.1-1\n\n"
			    "Package: linux-image-unsigned-6.1\nVersion: 6.1.2-1\n\n");
	assert_string_equal(answer_to(f, HF_ASK_CALL, "packages:bash")->data,
			    "Package: bash\nVersion: 5.2-2\n\n");
	assert_string_equal(answer_to(f, HF_ASK_CALL, "packages:zsh")->data, "");
	assert_int_equal(answer_to(f, HF_ASK_CALL, "packages:zsh")->error, 0);
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/var/lib/dpkg/status"));
}

static void test_packages_of_a_node_without_dpkg(void **state)
{
	fixture *f = *state;

	assert_int_equal(hf_reader_request(f->reader, "packages:bash"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_CALL, "packages:bash")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/var/lib/dpkg/status")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/var/lib/dpkg")->error, ENOENT);
}

static void test_what_foreign_modules_need(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->root, "proc", 0755), 0);
	write_file(f, "/proc/modules", "ext4 1 2 jbd2, Live 0x0\nPOE 3 0 - Live 0x0 (E)\n");
	write_file(f, "/a", "1");
	assert_int_equal(hf_reader_request(f->reader, "foreign:/a"), 0);
	assert_int_equal(hf_reader_request(f->reader, "/proc/modules"), 0);
	take(f);
	assert_null(hf_record_get(f->record, HF_ASK_FILE, "/a"));
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/proc/modules")->error, 0);
}

static void test_what_a_foreign_module_needs(void **state)
{
	fixture *f = *state;

	assert_int_equal(mkdirat(f->root, "proc", 0755), 0);
	write_file(f, "/proc/modules", "ext4 1 2 jbd2, Live 0x0\nzfs 3 0 - Live 0x0 (POE)\n");
	write_file(f, "/a", "1");
	assert_int_equal(hf_reader_request(f->reader, "foreign:/a"), 0);
	take(f);
	assert_string_equal(answer_to(f, HF_ASK_FILE, "/a")->data, "1");
}

static void test_below_a_missing_folder(void **state)
{
	fixture *f = *state;

	assert_int_equal(symlinkat("nowhere", f->root, "dangling"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/gone/a/one"), 0);
	assert_int_equal(hf_reader_stat(f->reader, "/gone/a/two"), 0);
	assert_int_equal(hf_reader_link(f->reader, "/gone/b/three"), 0);
	assert_int_equal(hf_reader_dir(f->reader, "/gone/a/four"), 0);
	assert_int_equal(hf_reader_stat(f->reader, "/dangling"), 0);
	assert_int_equal(hf_reader_file(f->reader, "/dangling/five"), 0);
	take(f);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/gone/a/one")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/gone/a/two")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_LINK, "/gone/b/three")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/gone/a/four")->error, ENOENT);
	/* each has its witnesses, up to a folder that is there */
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/gone/a")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/gone/b")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/gone")->error, ENOENT);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/")->error, 0);
	/* a link that leads nowhere is no proof of absence, though its folder was listed */
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/dangling")->error, ENOLINK);
	assert_non_null(answer_to(f, HF_ASK_STAT, "/dangling")->reason);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/dangling")->error, ENOLINK);
	assert_int_equal(answer_to(f, HF_ASK_FILE, "/dangling/five")->error, ENOENT);
}

/* A live reader opens the kernel's files by a shorter way, which must lead to the same answers. */
static void test_kernel_files(void **state)
{
	static const struct {
		hf_ask_kind kind;
		const char *path;
	} questions[] = {
		{HF_ASK_FILE, "/proc/sys/kernel/ostype"}, {HF_ASK_FILE, "/proc/version"},
		{HF_ASK_FILE, "/proc/filesystems"},	  {HF_ASK_FILE, "/proc/sys/kernel"},
		{HF_ASK_FILE, "/proc/sys/kernel/gone"},	  {HF_ASK_FILE, "/proc/gone/gone"},
		{HF_ASK_FILE, "/proc/version/gone"},	  {HF_ASK_FILE, "/proc/self/exe"},
		{HF_ASK_FILE, "/proc/self/limits"},	  {HF_ASK_FILE, "/proc/self/root/etc/passwd"},
		{HF_ASK_DIR, "/proc/sys"},		  {HF_ASK_DIR, "/proc/version"},
		{HF_ASK_DIR, "/proc/sys/gone"},		  {HF_ASK_FILE, "/sys/kernel/uevent_seqnum"},
		{HF_ASK_FILE, "/sys/kernel/gone"},	  {HF_ASK_DIR, "/sys/kernel"},
		{HF_ASK_FILE, "/proc/"},		  {HF_ASK_DIR, "/proc/sys/"},
	};
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hf_reader *live, *plain;

	(void)state;
	assert_true(root >= 0);
	assert_int_equal(hf_reader_new(root, true, NULL, &live), 0);
	assert_int_equal(hf_reader_new(root, false, NULL, &plain), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(questions); i++) {
		hf_answer a, b;

		(void)hf_reader_peek(live, questions[i].kind, questions[i].path, &a);
		(void)hf_reader_peek(plain, questions[i].kind, questions[i].path, &b);
		assert_int_equal(a.error, b.error);
		assert_int_equal(a.meta.mode, b.meta.mode);
		assert_int_equal(a.meta.fs_magic, b.meta.fs_magic);
		assert_int_equal(a.meta.size, b.meta.size);
		assert_int_equal(a.size, b.size);
		assert_memory_equal(a.data, b.data, a.size);
		assert_int_equal(a.reason != NULL, b.reason != NULL);
	}
	hf_reader_free(live);
	hf_reader_free(plain);
	(void)close(root);
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
		cmocka_unit_test_setup_teardown(test_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_huge_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_that_a_file_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packages_of_a_node_without_dpkg, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_foreign_modules_need, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_foreign_module_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_below_a_missing_folder, setup, teardown),
		cmocka_unit_test(test_kernel_files),
		cmocka_unit_test_setup_teardown(test_unreadable_is_not_missing, setup, teardown),
		cmocka_unit_test(test_sysctl_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
