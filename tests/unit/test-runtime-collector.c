/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `runtime` against engines that misbehave: every question gets an answer with a reason,
 * in time and within bounds. All below a root of the test's own: no engine of the machine is asked.
 */
#include "../integration/fake.h"
#include "collect/collect.h"
#include "record/record.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum {
	/* of the collector, which keeps 200 of it to end in order: short where an engine hangs */
	HUNG_DEADLINE_MS = 450,
	DEADLINE_MS = 10000,
	SLACK_MS = 2000, /* a loaded machine is no failure */
#ifdef HF_SANITIZED
	MEMORY_MAX_KIB = 1024 * 1024, /* a sanitizer keeps what was freed */
#else
	MEMORY_MAX_KIB = 96 * 1024,
#endif
};

static const char *const endpoints[] = {
	"/info", "/networks", "/plugins", "/containers/json", "/events", "/version",
};

typedef struct fixture {
	char root[64];
	int root_fd;
	pid_t engine;
	hf_record *record;
	uint64_t deadline_ms;
	uint64_t took_ms;
	long memory_kib;
} fixture;

static void put(const fixture *f, const char *path, const char *text)
{
	int fd = openat(f->root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static int set_up(void **state)
{
	static const char *const folders[] = {
		"run",
		"etc",
		"etc/docker",
		"etc/default",
		"etc/systemd",
		"etc/systemd/system",
		"etc/systemd/system/docker.service.d",
		"opt",
	};
	fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	f->deadline_ms = DEADLINE_MS;
	strcpy(f->root, "/tmp/holdfast-runtime-XXXXXX");
	if (!mkdtemp(f->root))
		return -1;
	f->root_fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++)
		(void)mkdirat(f->root_fd, folders[i], 0755);
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

static void stop_engine(fixture *f)
{
	if (f->engine > 0) {
		(void)kill(f->engine, SIGKILL);
		(void)waitpid(f->engine, NULL, 0);
	}
	f->engine = 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;

	stop_engine(f);
	hf_record_free(f->record);
	(void)close(f->root_fd);
	(void)nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static void start_engine(fixture *f, const char *mode)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/run/docker.sock", f->root);
	(void)unlink(path);
	int fd = hf_fake_listen(path);

	assert_true(fd >= 0);
	f->engine = fork();
	assert_true(f->engine >= 0);
	if (f->engine == 0)
		_exit(hf_fake_serve(fd, mode) < 0);
	(void)close(fd);
}

static int collect_to(const fixture *f, int fd, bool is_live)
{
	const hf_collector *row = &hf_collector_runtime;
	hf_sink *sink = NULL;
	hf_reader *reader = NULL;
	int r = hf_sink_new(fd, row->cap_bytes, &sink);

	if (r == 0)
		r = hf_reader_new(f->root_fd, is_live, sink, &reader);
	if (r < 0)
		return r;
	const hf_collect_task task = {
		.reader = reader,
		.is_live = is_live,
		.deadline_ms = hf_now_ms() + f->deadline_ms,
	};

	r = row->collect(&task);
	if (r == 0)
		r = hf_sink_done(sink);
	hf_reader_free(reader);
	hf_sink_free(sink);
	return r;
}

/* Runs the collector in a process of its own, as a scan does, and takes what it sent into a record.
 */
static void collect(fixture *f, bool is_live)
{
	const hf_collector *row = &hf_collector_runtime;
	char path[128];
	struct rusage usage;
	hf_stream *stream = NULL;
	int status;

	(void)snprintf(path, sizeof path, "%s/frames", f->root);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	uint64_t began = hf_now_ms();
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(collect_to(f, fd, is_live) < 0);
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	assert_int_equal(status, 0);
	f->took_ms = hf_now_ms() - began;
	f->memory_kib = usage.ru_maxrss;
	hf_record_free(f->record);
	assert_int_equal(hf_record_new(&f->record), 0);
	int index = hf_record_add_collector(f->record, row->name, row->kinds, row->prefixes);

	assert_int_equal(hf_stream_new(f->record, index, row->cap_bytes, &stream), 0);
	static char chunk[64 * 1024];

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;)
		assert_int_equal(hf_stream_feed(stream, chunk, (size_t)n), 0);
	assert_true(hf_stream_is_done(stream));
	hf_stream_free(stream);
	(void)close(fd);
}

static const hf_answer *answer_to(const fixture *f, hf_ask_kind kind, const char *name)
{
	const hf_answer *answer = hf_record_get(f->record, kind, name);

	if (!answer)
		fail_msg("%s was not answered", name);
	return answer;
}

static void text_is(const fixture *f, hf_ask_kind kind, const char *name, const char *wanted)
{
	const hf_answer *answer = answer_to(f, kind, name);

	if (answer->error)
		fail_msg("%s: %s (%s)", name, hf_errno_name(answer->error), answer->reason);
	assert_string_equal(answer->data, wanted);
}

static void failed_with(const fixture *f, hf_ask_kind kind, const char *name, int error,
			const char *reason)
{
	const hf_answer *answer = answer_to(f, kind, name);

	if (answer->error != error)
		fail_msg("%s: %s (%s), not %s", name, hf_errno_name(answer->error),
			 answer->reason ? answer->reason : "", hf_errno_name(error));
	assert_int_equal(answer->size, 0);
	if (!reason)
		return;
	assert_non_null(answer->reason);
	if (!strstr(answer->reason, reason))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, answer->reason, reason);
}

/* No text of the record may hold the word that stands for every secret of these tests. */
static int has_secret(const hf_answer *answer, void *data)
{
	(void)data;
	return memmem(answer->data, answer->size, "hunter2", 7) ||
	       (answer->reason && strstr(answer->reason, "hunter2"));
}

static void is_bounded(const fixture *f)
{
	if (f->took_ms > f->deadline_ms + SLACK_MS)
		fail_msg("took %llu ms", (unsigned long long)f->took_ms);
	if (f->memory_kib > MEMORY_MAX_KIB)
		fail_msg("used %ld KiB", f->memory_kib);
	assert_int_equal(hf_record_each(f->record, has_secret, NULL), 0);
}

/* ---- an engine that behaves ---- */

static void check_good(fixture *f, const char *mode)
{
	char peer[128], wanted[192];

	start_engine(f, mode);
	collect(f, true);
	is_bounded(f);
	/* /info told the version, and for this one the engine would run programs again */
	assert_null(hf_record_get(f->record, HF_ASK_API, "/version"));
	/* by name: the engine tells them in another order each time */
	text_is(f, HF_ASK_API, "/networks",
		"[{\"Name\":\"bridge\",\"Options\":{\"com.docker.network.bridge.enable_icc\":"
		"\"true\"}},{\"Name\":\"host\"}]");
	text_is(f, HF_ASK_API, "/plugins", "[]");
	text_is(f, HF_ASK_API, "/containers/" ID "/json",
		"{\"Id\":\"" ID "\",\"Args\":[\"[redacted]\"],\"Config\":{\"Env\":[\"A\"]}}");
	text_is(f, HF_ASK_API, "/events",
		"[{\"Action\":\"reload\",\"time\":1},{\"Action\":\"reload\",\"time\":2}]");
	assert_non_null(strstr(answer_to(f, HF_ASK_API, "/info")->data, "http://[redacted]@p:1"));
	/* the peer is whoever listened: this process, before it forked the engine */
	(void)snprintf(peer, sizeof peer, "pid %d\nuid %u\ngid %u\napi 1.41\n", (int)getpid(),
		       getuid(), getgid());
	(void)snprintf(wanted, sizeof wanted, "socket /run/docker.sock\n%s", peer);
	text_is(f, HF_ASK_CALL, "peer", wanted);
	assert_true(S_ISSOCK(answer_to(f, HF_ASK_STAT, "/run/docker.sock")->meta.mode));
}

static void test_good(void **state)
{
	check_good(*state, "ok");
}

static void test_chunked(void **state)
{
	check_good(*state, "chunked");
}

static void test_close_after_each(void **state)
{
	check_good(*state, "close");
}

static void test_continue(void **state)
{
	check_good(*state, "continue");
}

/* ---- engines that do not ---- */

static void check_bad(fixture *f, const char *mode, int error, const char *reason)
{
	if (error == ETIMEDOUT)
		f->deadline_ms = HUNG_DEADLINE_MS;
	start_engine(f, mode);
	collect(f, true);
	is_bounded(f);
	for (size_t i = 0; i < HF_ARRAY_SIZE(endpoints); i++)
		failed_with(f, HF_ASK_API, endpoints[i], error, reason);
	/* the files are read all the same */
	failed_with(f, HF_ASK_FILE, "/etc/docker/daemon.json", ENOENT, NULL);
}

#define BAD(name, mode, error, reason)                                                             \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		check_bad(*state, mode, error, reason);                                            \
	}

BAD(silent, "silent", ETIMEDOUT, "no complete answer in time")
BAD(silent_later, "silent-later", ETIMEDOUT, "no complete answer in time")
BAD(half, "half", ETIMEDOUT, "no complete answer in time")
BAD(drip, "drip", ETIMEDOUT, "no complete answer in time")
BAD(cut, "cut", ECONNRESET, "hung up")
BAD(hang_up, "hang-up", ECONNRESET, "hung up")
BAD(garbage, "garbage", EPROTO, "no valid HTTP")
BAD(error_500, "500", EBADMSG, "HTTP status 500: the disk at http://[redacted]@h is gone")
BAD(denied, "403", EACCES, "HTTP status 403: denied by plugin az")
BAD(no_json, "no-json", EBADMSG, "not valid JSON")
BAD(twice, "twice", EPROTO, "no valid HTTP")
BAD(huge_head, "huge-head", EPROTO, "no valid HTTP")

/* So much takes its time: the first answers are refused for their size, the rest may be late. */
static void check_much(fixture *f, const char *mode, const char *reason)
{
	start_engine(f, mode);
	collect(f, true);
	is_bounded(f);
	for (size_t i = 0; i < HF_ARRAY_SIZE(endpoints); i++) {
		const hf_answer *answer = answer_to(f, HF_ASK_API, endpoints[i]);

		if (i == 0 || answer->error != ETIMEDOUT)
			failed_with(f, HF_ASK_API, endpoints[i], EMSGSIZE, reason);
	}
}

static void test_huge(void **state)
{
	check_much(*state, "huge", "larger than 16 MiB");
}

static void test_huge_chunked(void **state)
{
	check_much(*state, "huge-chunked", "larger than 16 MiB");
}

static void test_many_values(void **state)
{
	check_much(*state, "many-values", "more than 400000 values");
}

/* ---- sockets without an engine ---- */

static void check_unasked(const fixture *f, int error, const char *reason)
{
	is_bounded(f);
	failed_with(f, HF_ASK_CALL, "peer", error, reason);
	for (size_t i = 0; i < HF_ARRAY_SIZE(endpoints); i++)
		failed_with(f, HF_ASK_API, endpoints[i], error, reason);
}

static void test_no_socket(void **state)
{
	fixture *f = *state;

	collect(f, true);
	check_unasked(f, ENOENT, "no such socket");
	failed_with(f, HF_ASK_STAT, "/run/docker.sock", ENOENT, NULL);
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/run")->error, 0);
}

static void test_nobody_listens(void **state)
{
	fixture *f = *state;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/run/docker.sock", f->root);
	(void)close(hf_fake_listen(path));
	collect(f, true);
	check_unasked(f, ECONNREFUSED, "nobody listens");
}

static void test_no_socket_file(void **state)
{
	fixture *f = *state;

	put(f, "run/docker.sock", "a file");
	collect(f, true);
	check_unasked(f, ENOTSOCK, NULL);
}

/* Connections stay in the queue of a listener that never accepts; once it is full, nobody gets in.
 */
static void test_full_queue(void **state)
{
	fixture *f = *state;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/run/docker.sock", f->root);
	int fd = hf_fake_listen(path);

	assert_true(fd >= 0);
	assert_int_equal(listen(fd, 0), 0);
	f->deadline_ms = HUNG_DEADLINE_MS;
	collect(f, true);
	check_unasked(f, ETIMEDOUT, NULL);
	(void)close(fd);
}

static void test_tree(void **state)
{
	fixture *f = *state;

	start_engine(f, "ok");
	collect(f, false);
	check_unasked(f, ENOTSUP, "a file tree has no running engine");
}

/* ---- files ---- */

static void test_files(void **state)
{
	fixture *f = *state;

	put(f, "etc/docker/daemon.json",
	    "{\"log-opts\": {\"splunk-token\": \"hunter2\"}, \"seccomp-profile\": "
	    "\"/opt/profile.json\",\n"
	    " \"runtimes\": {\"mine\": {\"path\": \"/opt/mine\"}}, \"hosts\": "
	    "[\"unix:///opt/other.sock\"]}");
	put(f, "opt/profile.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
	put(f, "opt/runtime", "");
	assert_int_equal(symlinkat("runtime", f->root_fd, "opt/mine"), 0);
	put(f, "etc/systemd/system/docker.service.d/10-site.conf",
	    "[Service]\nEnvironmentFile=-/etc/default/site\n"
	    "ExecStart=/usr/bin/dockerd $OPTS --tlscacert=/opt/ca.pem\n");
	put(f, "etc/default/site", "OPTS=\"--config-file /opt/d.json\"\nA_TOKEN=hunter2\n");
	put(f, "opt/d.json", "{\"init-path\": \"/opt/init\"}");
	collect(f, true);
	is_bounded(f);
	text_is(f, HF_ASK_FILE, "/opt/profile.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
	text_is(f, HF_ASK_FILE, "/opt/d.json", "{\"init-path\": \"/opt/init\"}");
	text_is(f, HF_ASK_FILE, "/etc/default/site",
		"OPTS=\"--config-file /opt/d.json\"\nA_TOKEN=[redacted]\n");
	text_is(f, HF_ASK_LINK, "/opt/mine", "runtime");
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/opt/runtime")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/")->error, 0);
	failed_with(f, HF_ASK_STAT, "/opt/ca.pem", ENOENT, NULL);
	failed_with(f, HF_ASK_STAT, "/opt/init", ENOENT, NULL);
	failed_with(f, HF_ASK_STAT, "/opt/other.sock", ENOENT, NULL);
	const hf_answer *daemon = answer_to(f, HF_ASK_FILE, "/etc/docker/daemon.json");

	assert_int_equal(daemon->error, 0);
	assert_non_null(strstr(daemon->data, "\"splunk-token\": \"[redacted]\""));
}

/* Programs are looked for in the PATH of the units, too. */
static void test_unit_path(void **state)
{
	fixture *f = *state;

	put(f, "opt/runc", "");
	put(f, "opt/docker-init", "");
	put(f, "etc/systemd/system/docker.service.d/10-site.conf",
	    "[Service]\nEnvironment=\"OLD_PATH=/old\" \"PATH=/opt:relative:/usr/bin\"\n"
	    "EnvironmentFile=/etc/default/site\n");
	put(f, "etc/default/site", "PATH=/site:$PATH\n");
	collect(f, true);
	is_bounded(f);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/opt/runc")->error, 0);
	assert_int_equal(answer_to(f, HF_ASK_STAT, "/opt/docker-init")->error, 0);
	failed_with(f, HF_ASK_STAT, "/site/runc", ENOENT, NULL);
	/* the witness of its absence: the first folder above that exists */
	assert_int_equal(answer_to(f, HF_ASK_DIR, "/")->error, 0);
	assert_null(hf_record_get(f->record, HF_ASK_STAT, "/old/runc"));
}

/* A second engine on a socket that only daemon.json names is asked, too, under its own name. */
static void test_second_engine(void **state)
{
	fixture *f = *state;
	char path[128];

	put(f, "etc/docker/daemon.json",
	    "{\"hosts\": [\"unix:///opt/other.sock\", \"unix:///run/docker.sock\"]}");
	(void)snprintf(path, sizeof path, "%s/opt/other.sock", f->root);
	int fd = hf_fake_listen(path);

	assert_true(fd >= 0);
	f->engine = fork();
	if (f->engine == 0)
		_exit(hf_fake_serve(fd, "ok") < 0);
	(void)close(fd);
	collect(f, true);
	is_bounded(f);
	failed_with(f, HF_ASK_API, "/info", ENOENT, NULL);
	text_is(f, HF_ASK_API, "unix:/opt/other.sock:/plugins", "[]");
	assert_int_equal(answer_to(f, HF_ASK_CALL, "unix:/opt/other.sock:peer")->error, 0);
}

/* ---- a build without the parser ---- */

static void test_no_parser(void **state)
{
	fixture *f = *state;

	start_engine(f, "ok");
	collect(f, true);
	is_bounded(f);
	failed_with(f, HF_ASK_API, "/info", ELIBACC, "built without libhttp_parser");
	failed_with(f, HF_ASK_API, "/version", ELIBACC, "built without libhttp_parser");
}

#ifdef HAVE_HTTP_PARSER
static const bool has_parser = true;
#else
static const bool has_parser = false;
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest with_parser[] = {
		TEST(test_good),	 TEST(test_chunked),	   TEST(test_close_after_each),
		TEST(test_continue),	 TEST(test_silent),	   TEST(test_silent_later),
		TEST(test_half),	 TEST(test_drip),	   TEST(test_cut),
		TEST(test_hang_up),	 TEST(test_garbage),	   TEST(test_error_500),
		TEST(test_denied),	 TEST(test_no_json),	   TEST(test_twice),
		TEST(test_huge),	 TEST(test_huge_chunked),  TEST(test_huge_head),
		TEST(test_many_values),	 TEST(test_nobody_listens), TEST(test_full_queue),
		TEST(test_second_engine),
	};
	const struct CMUnitTest without_parser[] = {TEST(test_no_parser)};
	const struct CMUnitTest always[] = {
		TEST(test_no_socket), TEST(test_no_socket_file), TEST(test_tree), TEST(test_files),
		TEST(test_unit_path),
	};
	int failed = has_parser ? cmocka_run_group_tests(with_parser, NULL, NULL)
				: cmocka_run_group_tests(without_parser, NULL, NULL);

	return failed + cmocka_run_group_tests(always, NULL, NULL);
}
