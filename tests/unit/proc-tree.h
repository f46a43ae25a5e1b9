/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree with a /proc of plain files, and what collector `process` says of it. */
#ifndef HF_TEST_PROC_TREE_H
#define HF_TEST_PROC_TREE_H

#include "collect/collect.h"
#include "record/record.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

typedef struct fixture {
	char root[64];
	int root_fd;
	hf_record *record;
} fixture;

static inline int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	strcpy(f->root, "/tmp/holdfast-process-XXXXXX");
	if (!mkdtemp(f->root))
		return -1;
	f->root_fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(f->root_fd, "proc", 0755) < 0)
		return -1;
	*state = f;
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int tear_down(void **state)
{
	fixture *f = *state;

	hf_record_free(f->record);
	(void)close(f->root_fd);
	(void)nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* ---- a tree ---- */

static inline void put_bytes(const fixture *f, int pid, const char *name, const char *data, size_t size)
{
	char path[128];

	(void)snprintf(path, sizeof path, "proc/%d/%s", pid, name);
	int fd = openat(f->root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	(void)close(fd);
}

#define PUT(f, pid, name, text) put_bytes(f, pid, name, text, sizeof(text) - 1)

static inline void put_process(const fixture *f, int pid, unsigned start, const char *exe, const char *mnt,
			const char *cgroup)
{
	char path[128], text[512];

	(void)snprintf(path, sizeof path, "proc/%d", pid);
	assert_int_equal(mkdirat(f->root_fd, path, 0755), 0);
	(void)snprintf(path, sizeof path, "proc/%d/ns", pid);
	assert_int_equal(mkdirat(f->root_fd, path, 0755), 0);
	(void)snprintf(text, sizeof text,
		       "%d (a) b) S 1 1 1 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 %u 0 0\n", pid,
		       exe ? 0x400000u : 0x208040u, start);
	put_bytes(f, pid, "stat", text, strlen(text));
	(void)snprintf(path, sizeof path, "proc/%d/ns/mnt", pid);
	assert_int_equal(symlinkat(mnt, f->root_fd, path), 0);
	(void)snprintf(text, sizeof text, "0::%s\n", cgroup);
	put_bytes(f, pid, "cgroup", text, strlen(text));
	if (!exe)
		return;
	(void)snprintf(path, sizeof path, "proc/%d/exe", pid);
	assert_int_equal(symlinkat(exe, f->root_fd, path), 0);
}

static inline void collect(fixture *f, bool is_live)
{
	const hf_collector *row = &hf_collector_process;
	hf_sink *sink = NULL;
	hf_reader *reader = NULL;
	hf_stream *stream = NULL;
	FILE *frames = tmpfile();

	assert_non_null(frames);
	assert_int_equal(hf_sink_new(fileno(frames), row->cap_bytes, &sink), 0);
	assert_int_equal(hf_reader_new(f->root_fd, is_live, sink, &reader), 0);
	const hf_collect_task task = {
		.reader = reader,
		.is_live = is_live,
		.deadline_ms = hf_now_ms() + 60000,
	};

	assert_int_equal(row->collect(&task), 0);
	assert_int_equal(hf_sink_done(sink), 0);
	hf_reader_free(reader);
	hf_sink_free(sink);
	hf_record_free(f->record);
	assert_int_equal(hf_record_new(&f->record), 0);
	int index = hf_record_add_collector(f->record, row->name, row->kinds, row->prefixes);

	assert_int_equal(hf_stream_new(f->record, index, row->cap_bytes, &stream), 0);
	static char chunk[64 * 1024];

	rewind(frames);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, frames)) > 0;)
		assert_int_equal(hf_stream_feed(stream, chunk, n), 0);
	assert_true(hf_stream_is_done(stream));
	hf_stream_free(stream);
	(void)fclose(frames);
}

static inline const hf_answer *find(const fixture *f, hf_ask_kind kind, int pid, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return hf_record_get(f->record, kind, path);
}

static inline void bytes_are(const fixture *f, hf_ask_kind kind, int pid, const char *name,
		      const char *wanted, size_t size)
{
	const hf_answer *answer = find(f, kind, pid, name);

	if (!answer || answer->error)
		fail_msg("/proc/%d/%s was not read", pid, name);
	if (answer->size != size || memcmp(answer->data, wanted, size) != 0)
		fail_msg("/proc/%d/%s is \"%s\", not \"%s\"", pid, name, answer->data, wanted);
}

#define IS(f, kind, pid, name, text) bytes_are(f, kind, pid, name, text, sizeof(text) - 1)

static inline void is_not_asked(const fixture *f, hf_ask_kind kind, int pid, const char *name)
{
	if (find(f, kind, pid, name))
		fail_msg("/proc/%d/%s was asked", pid, name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
