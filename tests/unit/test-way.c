/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to files, in a tree made for the purpose: links, access control lists, what is missing; and what is told of
 * engines' files without their secrets. */
#include "collect/engine.h"
#include "facts/store.h"
#include "record/record.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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
	strcpy(f->dir, "/tmp/holdfast-way.XXXXXX");
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

static void make_folder(const fixture *f, const char *path, mode_t mode)
{
	assert_int_equal(mkdirat(f->root, path + 1, 0700), 0);
	assert_int_equal(fchmodat(f->root, path + 1, mode, 0), 0);
}

/* The way as a check sees it; the facts live as long as the record. */
static const hf_file_way *way_of(fixture *f, const char *path, hf_facts **ret_facts)
{
	assert_int_equal(hf_reader_way(f->reader, path), 0);
	take(f);
	assert_int_equal(hf_facts_new(f->record, ret_facts), 0);
	hf_view view = {.facts = *ret_facts};

	return hf_way_get((hf_check_run *)(void *)&view, path);
}

static void test_plain_way(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	make_folder(f, "/a", 0751);
	write_file(f, "/a/b", "x");
	const hf_file_way *way = way_of(f, "/a//b", &facts);

	assert_int_equal(way->fact.state, HF_PRESENT);
	assert_int_equal(way->count, 3);
	assert_string_equal(way->steps[0].path, "/");
	assert_string_equal(way->steps[1].path, "/a");
	assert_int_equal(way->steps[1].mode, 0751);
	assert_int_equal(way->steps[1].type, HF_FILE_DIRECTORY);
	assert_ptr_equal(way->end, &way->steps[2]);
	assert_int_equal(way->end->type, HF_FILE_REGULAR);
	assert_int_equal(way->end->uid, getuid());
	assert_null(way->end->acl);
	hf_facts_free(facts);
}

static void test_links_are_steps(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	make_folder(f, "/real", 0755);
	make_folder(f, "/real/inner", 0777);
	write_file(f, "/real/inner/file name", "x");
	assert_int_equal(symlinkat("../../../real/inner", f->root, "link"), 0);
	assert_int_equal(symlinkat("/link/./file name", f->root, "real/second"), 0);
	const hf_file_way *way = way_of(f, "/real/second", &facts);

	assert_int_equal(way->fact.state, HF_PRESENT);
	assert_string_equal(way->end->path, "/real/inner/file name");
	bool saw_link = false, saw_inner = false;

	for (size_t i = 0; i < way->count; i++) {
		saw_link |= way->steps[i].target &&
			    strcmp(way->steps[i].target, "../../../real/inner") == 0;
		saw_inner |= strcmp(way->steps[i].path, "/real/inner") == 0 &&
			     way->steps[i].mode == 0777;
	}
	assert_true(saw_link && saw_inner);
	hf_facts_free(facts);
}

static void test_missing(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	make_folder(f, "/a", 0755);
	const hf_file_way *way = way_of(f, "/a/none/file", &facts);

	assert_int_equal(way->fact.state, HF_ABSENT);
	assert_int_equal(way->count, 2);
	assert_null(way->end);
	hf_facts_free(facts);
}

static void test_links_that_end_nowhere(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	assert_int_equal(symlinkat("/nowhere", f->root, "dangling"), 0);
	assert_int_equal(symlinkat("loop", f->root, "loop"), 0);
	assert_int_equal(hf_reader_way(f->reader, "/loop"), 0);
	const hf_file_way *way = way_of(f, "/dangling", &facts);
	hf_view view = {.facts = facts};

	assert_int_equal(way->fact.state, HF_UNREADABLE);
	way = hf_way_get((hf_check_run *)(void *)&view, "/loop");
	assert_int_equal(way->fact.state, HF_UNREADABLE);
	hf_facts_free(facts);
}

static void test_file_as_folder(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	write_file(f, "/file", "x");
	const hf_file_way *way = way_of(f, "/file/below", &facts);

	assert_int_equal(way->fact.state, HF_UNREADABLE);
	hf_facts_free(facts);
}

/* linux/posix_acl_xattr.h: version 2, then tag, rights, id of each entry. */
static void test_access_control_list(void **state)
{
	static const unsigned char acl[] = {
		2,    0, 0, 0,					  /* version */
		1,    0, 6, 0, 0xff, 0xff, 0xff, 0xff,		  /* owner rw- */
		2,    0, 7, 0, 0xe8, 0x03, 0,	 0,		  /* user 1000 rwx */
		4,    0, 4, 0, 0xff, 0xff, 0xff, 0xff,		  /* owning group r-- */
		8,    0, 1, 0, 0x1b, 0,	   0,	 0,		  /* group 27 --x */
		0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,		  /* mask rw- */
		0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,		  /* others --- */
	};
	fixture *f = *state;
	hf_facts *facts;
	char path[128];

	write_file(f, "/file", "x");
	(void)snprintf(path, sizeof path, "%s/file", f->dir);
	if (setxattr(path, "system.posix_acl_access", acl, sizeof acl, 0) < 0)
		skip(); /* this file system has none */
	const hf_file_way *way = way_of(f, "/file", &facts);

	assert_int_equal(way->end->mode, 0660);
	assert_int_equal(way->end->group_rights, 4);
	assert_int_equal(way->end->acl_rights, 6);
	assert_string_equal(way->end->acl, "user 1000 rw-");
	hf_facts_free(facts);
}

/* ---- what is told of files with secrets in them ---- */

static void test_client_config(void **state)
{
	fixture *f = *state;
	hf_facts *facts;

	write_file(f, "/c.json",
		   "{\"auths\":{\"r.example\":{\"auth\":\"c2VjcmV0\"},\"empty\":{}},"
		   "\"credHelpers\":{\"h.example\":\"ecr-login\"}}");
	assert_int_equal(hf_engine_ask_client_config(f->reader, "/c.json"), 0);
	write_file(f, "/bad.json", "no");
	assert_int_equal(hf_engine_ask_client_config(f->reader, "/bad.json"), 0);
	take(f);
	assert_null(strstr(answer_to(f, HF_ASK_CALL, "client-config:/c.json")->data, "c2VjcmV0"));
	assert_int_equal(answer_to(f, HF_ASK_CALL, "client-config:/bad.json")->error, EBADMSG);
	assert_int_equal(hf_facts_new(f->record, &facts), 0);
	hf_view view = {.facts = facts};
	const hf_client_config *config =
		hf_client_config_get((hf_check_run *)(void *)&view, "/c.json");

	assert_int_equal(config->fact.state, HF_PRESENT);
	assert_int_equal(config->secret_count, 1);
	assert_string_equal(config->secrets[0].registry, "r.example");
	assert_string_equal(config->secrets[0].kind, "auth");
	assert_int_equal(config->helper_count, 1);
	assert_null(config->store);
	hf_facts_free(facts);
}

static bool names(const hf_containerd *containerd, hf_containerd_kind kind, const char *path)
{
	for (size_t i = 0; i < containerd->count; i++) {
		if (containerd->all[i].kind == kind && strcmp(containerd->all[i].path, path) == 0)
			return true;
	}
	return false;
}

static void test_containerd(void **state)
{
	fixture *f = *state;
	hf_engine_config config = {0};
	hf_list paths = {0};
	hf_facts *facts;

	make_folder(f, "/etc", 0755);
	make_folder(f, "/etc/containerd", 0755);
	make_folder(f, "/etc/containerd/conf.d", 0755);
	write_file(f, "/etc/containerd/config.toml",
		   "version = 2 # a comment with root = \"/no\"\n"
		   "root = '/srv/containerd'\n"
		   "imports = [\n  \"/etc/containerd/conf.d/*.toml\", # more\n]\n"
		   "[grpc]\n  address = \"/run/c.sock\"\n[debug]\n  address = \"/run/d.sock\"\n"
		   "[plugins.\"io.containerd.grpc.v1.cri\".registry]\n"
		   "  config_path = \"/etc/a/certs.d:/etc/b/certs.d\"\n"
		   "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"r\".auth]\n"
		   "  password = \"hunter2\"\n");
	write_file(f, "/etc/containerd/conf.d/x.toml", "imports = [\"/opt/y.toml\"]\n");
	write_file(f, "/etc/containerd/conf.d/x.txt", "root = \"/not/this\"\n");
	assert_int_equal(hf_engine_ask_containerd(f->reader, &config, &paths), 0);
	take(f);
	assert_null(strstr(answer_to(f, HF_ASK_CALL, "containerd")->data, "hunter2"));
	assert_int_equal(hf_facts_new(f->record, &facts), 0);
	hf_view view = {.facts = facts};
	const hf_containerd *found = hf_containerd_get((hf_check_run *)(void *)&view);

	assert_int_equal(found->fact.state, HF_PRESENT);
	assert_true(names(found, HF_CONTAINERD_CONFIG, "/etc/containerd/config.toml"));
	assert_true(names(found, HF_CONTAINERD_CONFIG, "/etc/containerd/conf.d/x.toml"));
	assert_true(names(found, HF_CONTAINERD_CONFIG, "/opt/y.toml"));
	assert_true(names(found, HF_CONTAINERD_IMPORT, "/etc/containerd/conf.d/*.toml"));
	assert_true(names(found, HF_CONTAINERD_ROOT, "/srv/containerd"));
	assert_true(names(found, HF_CONTAINERD_CERTS, "/etc/a/certs.d"));
	assert_true(names(found, HF_CONTAINERD_CERTS, "/etc/b/certs.d"));
	assert_true(names(found, HF_CONTAINERD_SOCKET, "/run/c.sock"));
	assert_true(names(found, HF_CONTAINERD_SOCKET, "/run/c.sock.ttrpc"));
	assert_true(names(found, HF_CONTAINERD_SOCKET, "/run/d.sock"));
	assert_false(names(found, HF_CONTAINERD_ROOT, "/no"));
	assert_false(names(found, HF_CONTAINERD_ROOT, "/not/this"));
	hf_facts_free(facts);
	for (size_t i = 0; i < paths.count; i++)
		free(paths.items[i]);
	hf_list_free(&paths);
	hf_engine_config_free(&config);
}

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_stock(void **state)
{
	fixture *f = *state;

	make_folder(f, "/d", 0700);
	make_folder(f, "/d/containers", 0700);
	make_folder(f, "/d/containers/" ID, 0700);
	write_file(f, "/d/containers/" ID "/config.v2.json",
		   "{\"State\":{\"Running\":false,\"FinishedAt\":\"2026-01-02T03:04:05Z\"},"
		   "\"Created\":\"2026-01-01T00:00:00Z\",\"Image\":\"sha256:i\","
		   "\"Config\":{\"Env\":[\"PASSWORD=hunter2\"],\"Labels\":{\"FinishedAt\":\"2099\"}},"
		   "\"MountPoints\":{\"/x\":{\"Name\":\"two words\"}}}");
	make_folder(f, "/d/volumes", 0700);
	make_folder(f, "/d/volumes/two words", 0700);
	make_folder(f, "/d/volumes/two words/_data", 0700);
	write_file(f, "/d/volumes/metadata.db", "x");
	assert_int_equal(hf_engine_ask_stock(f->reader, "/d", 0), 0);
	take(f);
	const char *text = answer_to(f, HF_ASK_CALL, "stock:/d")->data;

	assert_non_null(strstr(text, "container " ID " stopped 2026-01-02T03:04:05Z "
				     "2026-01-01T00:00:00Z sha256:i\n"));
	assert_non_null(strstr(text, "mount " ID " two\\040words\n"));
	assert_non_null(strstr(text, "volume two\\040words "));
	assert_non_null(strstr(text, "listed containers\n"));
	assert_non_null(strstr(text, "error drivers ENOENT\n"));
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "metadata.db"));
}

static void test_stock_with_a_broken_record(void **state)
{
	fixture *f = *state;

	make_folder(f, "/d", 0700);
	make_folder(f, "/d/containers", 0700);
	make_folder(f, "/d/containers/" ID, 0700);
	write_file(f, "/d/containers/" ID "/config.v2.json", "{");
	assert_int_equal(hf_engine_ask_stock(f->reader, "/d", 0), 0);
	take(f);
	assert_non_null(strstr(answer_to(f, HF_ASK_CALL, "stock:/d")->data,
			       "error containers EBADMSG\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_are_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_that_end_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_as_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_access_control_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_config, setup, teardown),
		cmocka_unit_test_setup_teardown(test_containerd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stock_with_a_broken_record, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
