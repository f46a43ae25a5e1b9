/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runtimes' records below a root of the test's own: what is found, what is asked, and that no
 * secret leaves with it. Layouts as Docker 20.10, containerd 1.6, runc 1.1, Podman 4.3, LXC 5.0
 * were seen to have. */
#include "collect/project.h"
#include "collect/records.h"
#include "record/record.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2   "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define TASKS "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/"

static const char bundle[] =
	"{\"process\":{\"args\":[\"sh\",\"-c\",\"hunter2\"],\"env\":[\"PATH=/"
	"bin\",\"PW=hunter2\"]},"
	"\"annotations\":{\"team\":\"hunter2\",\"io.kubernetes.pod.name\":\"web-0\"},"
	"\"linux\":{\"seccomp\":{\"syscalls\":[{\"args\":[{\"op\":\"SCMP_CMP_EQ\"}]}]}}}";

typedef struct fixture {
	char root[64];
	int root_fd;
	FILE *out;
	hf_sink *sink;
	hf_reader *reader;
	hf_records *records;
	hf_record *record;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	strcpy(f->root, "/tmp/holdfast-records-XXXXXX");
	if (!mkdtemp(f->root))
		return -1;
	f->root_fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	f->out = tmpfile();
	*state = f;
	return f->out && hf_sink_new(fileno(f->out), 16 << 20, &f->sink) == 0 &&
			       hf_reader_new(f->root_fd, false, f->sink, &f->reader) == 0 &&
			       hf_records_new(f->reader, 0, &f->records) == 0
		       ? 0
		       : -1;
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

	hf_record_free(f->record);
	hf_records_free(f->records);
	hf_reader_free(f->reader);
	hf_sink_free(f->sink);
	(void)fclose(f->out);
	(void)close(f->root_fd);
	(void)nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* A file with all folders above it. */
static void put(const fixture *f, const char *path, const char *text)
{
	char at[512];

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(at, sizeof at, "%.*s", (int)i - 1, path + 1);
		(void)mkdirat(f->root_fd, at, 0755);
	}
	int fd = openat(f->root_fd, path + 1, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static int look_for_secret(const hf_answer *answer, void *data)
{
	(void)data;
	return memmem(answer->data, answer->size, "hunter2", 7) != NULL;
}

/* Sends what is left, and reads it all back; no answer holds the secret. */
static void collect(fixture *f)
{
	hf_stream *stream;
	static char data[1 << 20];

	assert_int_equal(hf_records_send(f->records), 0);
	assert_int_equal(hf_sink_done(f->sink), 0);
	rewind(f->out);
	size_t size = fread(data, 1, sizeof data, f->out);

	assert_int_equal(hf_record_new(&f->record), 0);
	int index = hf_record_add_collector(f->record, "runtime", UINT32_MAX, NULL);

	assert_int_equal(hf_stream_new(f->record, index, 16 << 20, &stream), 0);
	assert_int_equal(hf_stream_feed(stream, data, size), 0);
	assert_true(hf_stream_is_done(stream));
	hf_stream_free(stream);
	assert_int_equal(hf_record_each(f->record, look_for_secret, NULL), 0);
}

static const char *text_of(const fixture *f, hf_ask_kind kind, const char *name)
{
	const hf_answer *answer = hf_record_get(f->record, kind, name);

	assert_non_null(answer);
	assert_int_equal(answer->error, 0);
	return answer->data;
}

static void assert_line(const fixture *f, const char *line)
{
	const char *text = text_of(f, HF_ASK_CALL, "records");
	const char *at = strstr(text, line);

	if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void test_docker(void **state)
{
	fixture *f = *state;

	put(f, TASKS ID "/config.json", bundle);
	put(f, "/run/docker/containerd/" ID "/init-stdout", "");
	put(f, "/run/docker/containerd/" ID "/" ID2 "-stdout", "");
	put(f, "/run/docker/runtime-runc/moby/" ID "/state.json", "not asked for");
	put(f, "/var/lib/docker/containers/" ID "/config.v2.json",
	    "{\"ID\":\"" ID "\",\"LogPath\":\"/var/log/web.log\",\"Args\":[\"hunter2\"],"
	    "\"Config\":{\"Env\":[\"A\\u003dhunter2\"],\"Labels\":{\"x\":\"hunter2\"}}}");
	put(f, "/var/lib/docker/containers/" ID "/hostconfig.json",
	    "{\"SecurityOpt\":[\"seccomp={\\\"token\\\":\\\"hunter2\\\"}\"]}");
	put(f, "/var/lib/docker/containers/" ID2 "/config.v2.json", "{\"Env\":[\"stopped\"]}");
	put(f, "/var/lib/docker/image/overlay2/repositories.json", "{\"Repositories\":{}}");
	assert_int_equal(hf_records_ask_exec_root(f->records, "/run/docker"), 0);
	assert_int_equal(hf_records_ask_data_root(f->records, "/var/lib/docker"), 0);
	assert_true(hf_records_have(f->records, ID));
	assert_false(hf_records_have(f->records, ID2));
	assert_true(hf_records_have_images(f->records));
	collect(f);
	assert_line(f, "bundle " ID " " TASKS ID "/config.json");
	assert_line(f, "docker " ID " /var/lib/docker/containers/" ID);
	assert_line(f, "exec " ID " " ID2);
	assert_line(f, "runc " ID " /run/docker/runtime-runc/moby/" ID "/state.json");
	assert_line(f, "images - /var/lib/docker/image/overlay2/repositories.json");
	/* a full id tells whose it is */
	assert_null(hf_record_get(f->record, HF_ASK_FILE,
				  "/run/docker/runtime-runc/moby/" ID "/state.json"));
	/* a container that does not run */
	assert_null(hf_record_get(f->record, HF_ASK_FILE,
				  "/var/lib/docker/containers/" ID2 "/config.v2.json"));
	assert_non_null(hf_record_get(f->record, HF_ASK_STAT, "/var/log/web.log"));
	assert_string_equal(
		text_of(f, HF_ASK_FILE, TASKS ID "/config.json"),
		"{\"process\":{\"args\":[\"[redacted]\",\"[redacted]\",\"[redacted]\"],\"env\":["
		"\"PATH\","
		"\"PW\"]},\"annotations\":{\"team\":\"[redacted]\",\"io.kubernetes.pod.name\":"
		"\"web-0\"},"
		"\"linux\":{\"seccomp\":{\"syscalls\":[{\"args\":[{\"op\":\"SCMP_CMP_EQ\"}]}]}}}");
}

static void test_others(void **state)
{
	fixture *f = *state;

	put(f, "/run/containerd/io.containerd.runtime.v2.task/default/by hand/config.json", bundle);
	put(f, "/run/containerd/io.containerd.runtime.v2.task/default/by hand/init.pid", "31747");
	put(f, "/run/runc/web/state.json",
	    "{\"id\":\"web\",\"init_process_pid\":12,\"init_process_start\":345,\"config\":{"
	    "\"rlimits\":[{\"hard\":18446744073709551615}],\"labels\":["
	    "\"x=hunter2\",\"bundle=/srv/web\"]}}");
	put(f, "/srv/web/config.json", bundle);
	put(f, "/run/crun/box/status",
	    "{\"pid\":13,\"process-start-time\":346,\"bundle\":\"/srv/"
	    "gone\",\"external_descriptors\":"
	    "\"hunter2\"}");
	put(f, "/run/containers/storage/overlay-containers/" ID "/userdata/pidfile", "14");
	put(f, "/var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json",
	    bundle);
	put(f, "/var/lib/containers/storage/overlay-containers/containers.json", "[]");
	put(f, "/var/lib/containers/storage/overlay-images/images.json", "[]");
	put(f, "/var/lib/lxc/ct/config",
	    "lxc.uts.name = ct\nlxc.environment = PW=hunter2\nlxc.init.cmd = /init hunter2\n");
	put(f, "/run/systemd/machines/box", "NAME=box\nLEADER=15\n");
	assert_int_equal(hf_records_ask_usual(f->records), 0);
	collect(f);
	assert_line(
		f, "bundle by\\040hand "
		   "/run/containerd/io.containerd.runtime.v2.task/default/by\\040hand/config.json");
	assert_line(f,
		    "pid by\\040hand "
		    "/run/containerd/io.containerd.runtime.v2.task/default/by\\040hand/init.pid");
	assert_line(f, "runc web /run/runc/web/state.json");
	assert_line(f, "bundle web /srv/web/config.json");
	assert_line(f, "crun box /run/crun/box/status");
	assert_line(f, "storage " ID " /var/lib/containers/storage/overlay-containers/" ID
		       "/userdata/config.json");
	assert_line(f, "names - /var/lib/containers/storage/overlay-containers/containers.json");
	assert_line(f, "images - /var/lib/containers/storage/overlay-images/images.json");
	assert_line(f, "lxc ct /var/lib/lxc/ct/config");
	assert_line(f, "machine box /run/systemd/machines/box");
	assert_string_equal(text_of(f, HF_ASK_FILE, "/run/runc/web/state.json"),
			    "{\"id\":\"web\",\"init_process_pid\":12,\"init_process_start\":345}");
	assert_string_equal(text_of(f, HF_ASK_FILE, "/run/crun/box/status"),
			    "{\"pid\":13,\"process-start-time\":346}");
	assert_string_equal(text_of(f, HF_ASK_FILE, "/var/lib/lxc/ct/config"),
			    "lxc.uts.name = ct\nlxc.environment = PW\nlxc.init.cmd =\n");
	assert_string_equal(text_of(f, HF_ASK_FILE,
				    "/run/containerd/io.containerd.runtime.v2.task/"
				    "default/by hand/init.pid"),
			    "31747");
}

static void test_user(void **state)
{
	fixture *f = *state;

	put(f, "/run/user/1000/containers/overlay-containers/" ID "/userdata/pidfile", "14");
	put(f,
	    "/home/u/.local/share/containers/storage/overlay-containers/" ID
	    "/userdata/config.json",
	    bundle);
	assert_int_equal(hf_records_ask_user(f->records, "1000", "/home/u"), 0);
	collect(f);
	assert_line(f,
		    "storage " ID " /home/u/.local/share/containers/storage/overlay-containers/" ID
		    "/userdata/config.json");
}

/* A bundle that is no JSON is answered for, with a reason that quotes nothing of it. */
static void test_malformed(void **state)
{
	fixture *f = *state;
	const hf_answer *answer;

	put(f, TASKS ID "/config.json", "{\"a\":\"hunter2");
	assert_int_equal(hf_records_ask_exec_root(f->records, "/run/docker"), 0);
	collect(f);
	answer = hf_record_get(f->record, HF_ASK_FILE, TASKS ID "/config.json");
	assert_non_null(answer);
	assert_int_equal(answer->error, EBADMSG);
	assert_non_null(strstr(answer->reason, "ends too early"));
}

static void test_nothing(void **state)
{
	fixture *f = *state;

	assert_int_equal(hf_records_ask_usual(f->records), 0);
	assert_int_equal(hf_records_ask_exec_root(f->records, "/run/docker"), 0);
	assert_int_equal(hf_records_ask_data_root(f->records, "/var/lib/docker"), 0);
	collect(f);
	assert_string_equal(text_of(f, HF_ASK_CALL, "records"), "");
}

/* ---- as text ---- */

static void expect_text(const char *text, const char *wanted)
{
	hf_buffer out = {0};
	hf_error err = {0};
	int r = hf_project_text(text, strlen(text), &out, &err);

	if (wanted) {
		assert_int_equal(r, 0);
		assert_string_equal(out.data, wanted);
	} else {
		assert_int_equal(r, -EBADMSG);
		assert_true(*err.text);
	}
	hf_buffer_free(&out);
}

static void test_text(void **state)
{
	(void)state;
	expect_text(" {\n \"a\" : [1, -2.5e3, true, null, \"x\"] }\n",
		    " {\n \"a\" : [1, -2.5e3, true, null, \"x\"] }\n");
	expect_text("{\"password\":\"x\",\"token-file\":\"/x\"}",
		    "{\"password\":\"[redacted]\",\"token-file\":\"/x\"}");
	expect_text("{\"secrets\":{\"a\":\"b\"}}", "{\"secrets\":{\"a\":\"b\"}}");
	expect_text("[\"http://u:p@h/\"]", "[\"http://[redacted]@h/\"]");
	/* a name that is written with escapes could be any */
	expect_text("{\"\\u0065nv\":[\"A=b\"]}", "{\"\\u0065nv\":[\"[redacted]\"]}");
	/* and so could what is left of an '=' */
	expect_text("{\"env\":[\"A\\u003db=c\"]}", "{\"env\":[\"A\"]}");
	expect_text("{\"Test\":[\"CMD-SHELL\",\"x\"]}",
		    "{\"Test\":[\"CMD-SHELL\",\"[redacted]\"]}");
	expect_text("{\"annotations\":{\"io.podman.annotations.privileged\":\"TRUE\",\"x\":\"y\"}}",
		    "{\"annotations\":{\"io.podman.annotations.privileged\":\"TRUE\",\"x\":\"["
		    "redacted]\"}}");
	expect_text("{\"seccomp\":{\"listenerMetadata\":\"x\",\"args\":[\"y\"]}}",
		    "{\"seccomp\":{\"listenerMetadata\":\"[redacted]\",\"args\":[\"y\"]}}");
	expect_text("", NULL);
	expect_text("{", NULL);
	expect_text("{\"a\"}", NULL);
	expect_text("{\"a\":1}x", NULL);
	expect_text("[\"a\\", NULL);
	expect_text("[nonsense]", NULL);
	expect_text("[\"\n\"]", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_docker, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_user, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
