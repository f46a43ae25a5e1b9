/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stores of images below a root of the test's own: what is found and told, what the layers add, and that no secret leaves
 * with it. Layouts as Docker 20.10 and Podman 4.3 were seen to have. */
#include "collect/images.h"
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
#define DIFF1 "1111111111111111111111111111111111111111111111111111111111111111"
#define DIFF2 "2222222222222222222222222222222222222222222222222222222222222222"
#define TOP   "3333333333333333333333333333333333333333333333333333333333333333"
#define STORE "/var/lib/docker/image/overlay2"
#define IMAGE STORE "/imagedb/content/sha256/" ID
#define LOWER "/var/lib/docker/overlay2/lower/diff"
#define UPPER "/var/lib/docker/overlay2/upper/diff"
/* For calls that take a folder: without the slash at its head. */
#define BELOW(path) (&(path)[1])

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
	strcpy(f->root, "/tmp/holdfast-images-XXXXXX");
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

/* The folders above a file. */
static void make_way(const fixture *f, const char *path)
{
	char at[512];

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(at, sizeof at, "%.*s", (int)i - 1, path + 1);
		(void)mkdirat(f->root_fd, at, 0755);
	}
}

static void put_bytes(const fixture *f, const char *path, const char *text, size_t size, mode_t mode)
{
	make_way(f, path);
	int fd = openat(f->root_fd, path + 1, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static void put(const fixture *f, const char *path, const char *text)
{
	put_bytes(f, path, text, strlen(text), 0644);
}

static int look_for_secret(const hf_answer *answer, void *data)
{
	(void)data;
	return memmem(answer->data, answer->size, "hunter2", 7) != NULL;
}

/* Looks where Docker and Podman keep theirs, walks where @deep, and reads back what was sent. */
static void collect(fixture *f, bool deep)
{
	hf_collect_progress progress = {0};
	hf_images *images = hf_records_images(f->records);
	hf_stream *stream;
	static char data[4 << 20];

	assert_int_equal(hf_records_ask_storage(f->records, "/run/containers/storage",
						"/var/lib/containers/storage"),
			 0);
	assert_int_equal(hf_records_ask_data_root(f->records, "/var/lib/docker"), 0);
	/* once more is nothing more */
	assert_int_equal(hf_records_ask_data_root(f->records, "/var/lib/docker"), 0);
	assert_int_equal(hf_images_read(images), 0);
	assert_int_equal(hf_images_read(images), 0);
	assert_int_equal(hf_images_send(images), 0);
	if (deep)
		assert_int_equal(hf_images_walk(images, hf_now_ms() + 5000, &progress), 0);
	assert_int_equal(progress.layers, progress.layers_all);
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

static const hf_answer *answer_of(const fixture *f, const char *name)
{
	const hf_answer *answer = hf_record_get(f->record, HF_ASK_CALL, name);

	assert_non_null(answer);
	return answer;
}

static void assert_text(const fixture *f, const char *name, const char *wanted)
{
	const hf_answer *answer = answer_of(f, name);

	assert_int_equal(answer->error, 0);
	assert_string_equal(answer->data, wanted);
}

static bool has_line(const char *text, const char *line)
{
	for (const char *at = text; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && at[strlen(line)] == '\n')
			return true;
	}
	return false;
}

static void assert_line(const fixture *f, const char *name, const char *line)
{
	const char *text = answer_of(f, name)->data;

	if (!has_line(text, line))
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

/* ---- Docker's ---- */

static void put_chain(const fixture *f, const char *chain, const char *diff, const char *parent,
		      const char *cache)
{
	char path[256], text[96];

	(void)snprintf(path, sizeof path, STORE "/layerdb/sha256/%s/diff", chain);
	(void)snprintf(text, sizeof text, "sha256:%s", diff);
	put(f, path, text);
	(void)snprintf(path, sizeof path, STORE "/layerdb/sha256/%s/cache-id", chain);
	put(f, path, cache);
	if (!parent)
		return;
	(void)snprintf(path, sizeof path, STORE "/layerdb/sha256/%s/parent", chain);
	(void)snprintf(text, sizeof text, "sha256:%s", parent);
	put(f, path, text);
}

/* An image of two layers. The highest has a chain id of its own, the lowest that of its content. */
static void put_docker(const fixture *f, const char *config)
{
	put(f, STORE "/repositories.json", "{\"Repositories\":{}}");
	put(f, IMAGE, config);
	put_chain(f, DIFF1, DIFF1, NULL, "lower");
	put_chain(f, TOP, DIFF2, DIFF1, "upper");
	put(f, LOWER "/usr/lib/os-release",
	    "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
	put(f, LOWER "/etc/passwd", "root:x:0:0::/:/bin/sh\n");
	put(f, UPPER "/etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1234:1234::/:/bin/sh\n");
}

static const char config[] =
	"{\"os\":\"linux\",\"created\":\"2026-10-01T12:00:00.5Z\",\"container_config\":{\"Env\":[\"X=hunter2\"]},"
	"\"config\":{\"User\":\"app:app\",\"ExposedPorts\":{\"22/tcp\":{}},\"Env\":[\"PATH=/bin\",\"DB_PASSWORD=hunter2\"],"
	"\"Cmd\":[\"run\",\"--token\",\"hunter2\"],\"Labels\":{\"org.opencontainers.image.base.name\":\"debian:12\",\"x y\":\"hunter2\"},"
	"\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"hunter2\"]}},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" DIFF1 "\",\"sha256:" DIFF2 "\"]},"
	"\"history\":[{\"created\":\"2026-09-01T00:00:00Z\",\"created_by\":\"/bin/sh -c #(nop) ADD file:0 in / \"},"
	"{\"created_by\":\"ENV DB_PASSWORD=hunter2\",\"empty_layer\":true},"
	"{\"created_by\":\"|1 TOKEN=hunter2 /bin/sh -c apt-get update\"}]}";

static void test_docker(void **state)
{
	fixture *f = *state;

	put_docker(f, config);
	put(f, STORE "/imagedb/metadata/sha256/" ID "/parent", "sha256:" ID2);
	put(f, STORE "/imagedb/content/sha256/.tmp-0", "{}");
	put(f, "/var/lib/docker/containers/" ID2 "/config.v2.json",
	    "{\"Config\":{\"Image\":\"x\"},\"Image\":\"sha256:" ID "\",\"ID\":\"" ID2 "\"}");
	put(f, "/var/lib/docker/containers/" ID2 "/hostconfig.json", "{}");
	collect(f, false);
	assert_text(f, "images",
		    "use " ID " " ID2 "\nuse - /var/lib/docker/containers\n"
		    "docker - " STORE "/imagedb/content/sha256\ndocker " ID " " IMAGE "\n"
		    "parent " ID " " ID2 "\n");
	assert_text(f, "image:" IMAGE,
		    "os linux\ncreated 2026-10-01\nuser app:app\nhealth CMD-SHELL\nport 22/tcp\n"
		    "env PATH 4 -\nenv DB_PASSWORD 7 -\n"
		    "label org.opencontainers.image.base.name 9 -\nbase-name debian:12\nlabel x\\040y 7 -\n"
		    "argument secret,token,7,-\n"
		    "layer sha256:" DIFF1 "\nlayer sha256:" DIFF2 "\n"
		    "step 2026-09-01 layer ADD\nstep - - ENV secret,DB_PASSWORD,7,-\n"
		    "step - layer RUN secret,TOKEN,7,- refresh,apt-get\n"
		    "uid 1234\nrelease debian 12 - Debian\\040GNU/Linux\\04012\\040(bookworm)\nend\n");
}

/* What an image's own files are made to be: a link to the host's, something that never ends, nothing. */
static void test_accounts(void **state)
{
	fixture *f = *state;

	put_docker(f, config);
	put(f, "/etc/passwd", "app:x:0:0::/:/bin/sh\n");
	(void)unlinkat(f->root_fd, BELOW(UPPER "/etc/passwd"), 0);
	assert_int_equal(symlinkat("/etc/passwd", f->root_fd, BELOW(UPPER "/etc/passwd")), 0);
	collect(f, false);
	assert_line(f, "image:" IMAGE, "uid !ELOOP");
}

static void test_fifo(void **state)
{
	fixture *f = *state;

	put_docker(f, config);
	(void)unlinkat(f->root_fd, BELOW(UPPER "/etc/passwd"), 0);
	assert_int_equal(mkfifoat(f->root_fd, BELOW(UPPER "/etc/passwd"), 0644), 0);
	(void)unlinkat(f->root_fd, BELOW(LOWER "/usr/lib/os-release"), 0);
	assert_int_equal(symlinkat("/proc/kmsg", f->root_fd, BELOW(LOWER "/usr/lib/os-release")), 0);
	collect(f, false);
	assert_line(f, "image:" IMAGE, "uid !EOPNOTSUPP");
	assert_line(f, "image:" IMAGE, "release !ELOOP");
}

static void test_folder_is_a_link(void **state)
{
	fixture *f = *state;

	put_docker(f, config);
	put(f, "/etc/passwd", "app:x:0:0::/:/bin/sh\n");
	(void)unlinkat(f->root_fd, BELOW(UPPER "/etc/passwd"), 0);
	(void)unlinkat(f->root_fd, BELOW(UPPER "/etc"), AT_REMOVEDIR);
	assert_int_equal(symlinkat("/etc", f->root_fd, BELOW(UPPER "/etc")), 0);
	collect(f, false);
	assert_line(f, "image:" IMAGE, "uid !ELOOP");
}

static void test_no_layers(void **state)
{
	fixture *f = *state;

	put(f, STORE "/repositories.json", "{\"Repositories\":{}}");
	put(f, IMAGE, config);
	collect(f, true);
	assert_line(f, "image:" IMAGE, "uid !ENODATA");
	assert_line(f, "image:" IMAGE, "release !ENODATA");
	assert_text(f, "image-files:" IMAGE, "packages -\ncut where its layers lie is not known\n");
}

/* ---- hostile records ---- */

static void assert_refused(fixture *f, const char *text, size_t size, int error)
{
	put(f, STORE "/repositories.json", "{\"Repositories\":{}}");
	put_bytes(f, IMAGE, "", 0, 0644);
	put_bytes(f, IMAGE, text, size, 0644);
	collect(f, false);
	assert_line(f, "images", "docker " ID " " IMAGE);
	assert_int_equal(answer_of(f, "image:" IMAGE)->error, error);
	assert_non_null(answer_of(f, "image:" IMAGE)->reason);
}

static void test_too_large(void **state)
{
	fixture *f = *state;
	size_t size = 20 << 20;
	char *text = malloc(size);

	assert_non_null(text);
	memset(text, ' ', size);
	assert_refused(f, text, size, EFBIG);
	free(text);
}

/* Go takes names without regard to case, by Unicode's folding, and the last one counts. */
static void test_twice(void **state)
{
	static const char text[] = "{\"config\":{\"User\":\"1000\",\"u\xc5\xbf" "er\":\"0\"}}";

	assert_refused(*state, text, sizeof text - 1, EBADMSG);
}

static void test_twice_by_case(void **state)
{
	static const char text[] = "{\"config\":{\"User\":\"1000\"},\"Config\":{\"User\":\"0\"}}";

	assert_refused(*state, text, sizeof text - 1, EBADMSG);
}

static void test_no_json(void **state)
{
	assert_refused(*state, "{", 1, EBADMSG);
}

static void test_values(void **state)
{
	fixture *f = *state;
	hf_buffer text = {0};

	hf_buffer_puts(&text, "[0");
	for (int i = 0; i < 600000; i++)
		hf_buffer_puts(&text, ",0");
	hf_buffer_puts(&text, "]");
	assert_refused(f, text.data, text.size, EMSGSIZE);
	hf_buffer_free(&text);
}

/* A hundred thousand entries, and names with whatever a terminal obeys. */
static void test_long(void **state)
{
	fixture *f = *state;
	hf_buffer text = {0};

	hf_buffer_puts(&text, "{\"config\":{\"User\":\"\\u001b[31m\\n0\\u0000\",\"Env\":[\"\\u001b]0;x\\u0007=hunter2\"],"
			      "\"ExposedPorts\":{\"22/tcp\\nuser 1\":{}}},\"history\":[{\"created_by\":\"RUN x\"}");
	for (int i = 0; i < 100000; i++)
		hf_buffer_puts(&text, ",{\"created_by\":\"\"}");
	hf_buffer_puts(&text, "]}");
	put(f, STORE "/repositories.json", "{\"Repositories\":{}}");
	put_bytes(f, IMAGE, text.data, text.size, 0644);
	hf_buffer_free(&text);
	collect(f, false);
	const hf_answer *answer = answer_of(f, "image:" IMAGE);

	assert_int_equal(answer->error, 0);
	assert_true(answer->size < 64 * 1024);
	assert_line(f, "image:" IMAGE, "cut history");
	assert_line(f, "image:" IMAGE, "user \\033[31m\\0120");
	assert_line(f, "image:" IMAGE, "port 22/tcp\\012user\\0401");
	for (size_t i = 0; i < answer->size; i++)
		assert_true(answer->data[i] == '\n' || (answer->data[i] >= 0x20 && answer->data[i] < 0x7f));
}

/* ---- containers/storage ---- */

#define GRAPH "/var/lib/containers/storage"
/* base64 of "sha256:" ID, as the store names it */
#define BIG "=c2hhMjU2OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

static void test_storage(void **state)
{
	fixture *f = *state;

	put(f, GRAPH "/overlay-images/images.json",
	    "[{\"id\":\"" ID "\",\"names\":[\"quay.io/x:1\"],\"layer\":\"" TOP "\"},{\"id\":\"../x\"},7]");
	put(f, GRAPH "/overlay-images/" ID "/manifest",
	    "{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"}}");
	put(f, GRAPH "/overlay-images/" ID "/" BIG, config);
	put(f, GRAPH "/overlay-layers/layers.json",
	    "[{\"id\":\"" DIFF1 "\"},{\"id\":\"" TOP "\",\"parent\":\"" DIFF1 "\"}]");
	put(f, GRAPH "/overlay/" DIFF1 "/diff/etc/passwd", "app:x:7:7::/:/bin/sh\n");
	put(f, GRAPH "/overlay/" TOP "/diff/etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n");
	collect(f, false);
	assert_text(f, "images",
		    "storage - " GRAPH "/overlay-images/images.json\n"
		    "storage " ID " " GRAPH "/overlay-images/" ID "/" BIG "\n");
	assert_line(f, "image:" GRAPH "/overlay-images/" ID "/" BIG, "oci");
	assert_line(f, "image:" GRAPH "/overlay-images/" ID "/" BIG, "uid 7");
	assert_line(f, "image:" GRAPH "/overlay-images/" ID "/" BIG, "release alpine 3.19.1 - -");
}

static void test_storage_circle(void **state)
{
	fixture *f = *state;

	put(f, GRAPH "/overlay-images/images.json", "[{\"id\":\"" ID "\",\"layer\":\"" TOP "\"}]");
	put(f, GRAPH "/overlay-images/" ID "/" BIG, config);
	put(f, GRAPH "/overlay-layers/layers.json",
	    "[{\"id\":\"" DIFF1 "\",\"parent\":\"" TOP "\"},{\"id\":\"" TOP "\",\"parent\":\"" DIFF1 "\"}]");
	collect(f, true);
	assert_line(f, "image:" GRAPH "/overlay-images/" ID "/" BIG, "uid !ENODATA");
}

/* ---- layers ---- */

static void test_walk(void **state)
{
	fixture *f = *state;
	const char *name = "image-files:" IMAGE;

	put_docker(f, config);
	put_bytes(f, LOWER "/bin/su", "x", 1, 04755);
	put_bytes(f, LOWER "/bin/old", "x", 1, 04755);
	put_bytes(f, UPPER "/bin/old", "x", 1, 0755);
	put_bytes(f, LOWER "/bin/data", "x", 1, 04644);
	put(f, LOWER "/root/.ssh/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n");
	put(f, LOWER "/root/.ssh/id_ed25519", "a public comment\n");
	put(f, LOWER "/usr/share/doc/x/examples/server.key", "-----BEGIN PRIVATE KEY-----\n");
	put(f, UPPER "/app/.npmrc", "//registry.npmjs.org/:_authToken=hunter2\n");
	put(f, UPPER "/app/.env", "# PASSWORD=x\nPASSWORD=$P\n");
	put(f, UPPER "/etc/apt/sources.list.d/x.list", "deb [ trusted=yes ] http://x/ y z\n");
	put(f, UPPER "/etc/yum.repos.d/y.repo", "[y]\ngpgcheck=1\nrepo_gpgcheck=0\n");
	put_bytes(f, UPPER "/usr/bin/gcc", "x", 1, 0755);
	put(f, LOWER "/var/lib/dpkg/status",
	    "Package: a\nStatus: install ok installed\n\nPackage: b\nStatus: deinstall ok config-files\n\n"
	    "Package: c\nStatus: install ok installed\n");
	assert_int_equal(symlinkat("/", f->root_fd, BELOW(UPPER "/loop")), 0);
	assert_int_equal(mkfifoat(f->root_fd, BELOW(UPPER "/app/.pypirc"), 0644), 0);
	put_bytes(f, UPPER "/bin/\x1b[31m\nx", "x", 1, 04755);
	collect(f, true);
	char line[256];

	(void)snprintf(line, sizeof line, "set-id - shown /bin/su 104755 %u %u", getuid(), getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "set-id - hidden /bin/old 104755 %u %u", getuid(), getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "set-id - shown /bin/\\033[31m\\012x 104755 %u %u", getuid(), getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "secret private-key shown /root/.ssh/id_rsa 100644 %u %u", getuid(),
		       getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "secret npm-token shown /app/.npmrc 100644 %u %u", getuid(), getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "source trusted=yes shown /etc/apt/sources.list.d/x.list 100644 %u %u",
		       getuid(), getgid());
	assert_line(f, name, line);
	(void)snprintf(line, sizeof line, "program gcc shown /usr/bin/gcc 100755 %u %u", getuid(), getgid());
	assert_line(f, name, line);
	assert_line(f, name, "packages dpkg 2");
	const char *text = answer_of(f, name)->data;

	assert_null(strstr(text, "id_ed25519"));
	assert_null(strstr(text, "server.key"));
	assert_null(strstr(text, ".env"));
	assert_null(strstr(text, "y.repo"));
	assert_null(strstr(text, "/bin/data"));
	assert_null(strstr(text, "cut "));
	assert_non_null(strstr(text, "\nend "));
}

/* Time that is over before it began: each image is told of all the same. */
static void test_late(void **state)
{
	fixture *f = *state;
	hf_images *images = hf_records_images(f->records);

	put_docker(f, config);
	assert_int_equal(hf_records_ask_data_root(f->records, "/var/lib/docker"), 0);
	assert_int_equal(hf_images_read(images), 0);
	assert_int_equal(hf_images_walk(images, hf_now_ms() - 1, NULL), 0);
	collect(f, false);
	assert_line(f, "image-files:" IMAGE, "cut there was no time for more");
}

/* ---- texts ---- */

static void test_secret_files(void **state)
{
	static const struct {
		const char *path;
		const char *head;
		const char *kind;
	} files[] = {
		{"/root/.git-credentials", "https://u:p@github.com\n", "git-credentials"},
		{"/root/.docker/config.json", "{\"auths\":{\"x\":{\"auth\":\"dTpw\"}}}", "registry-login"},
		{"/root/.docker/config.json", "{\"auths\":{}}", NULL},
		{"/etc/shadow", "root:*:1::\napp:$6$x:1::\n", "password-hash"},
		{"/etc/shadow", "root:*:1::\napp:!:1::\n", NULL},
		{"/root/.netrc", "machine h login l password p\n", "netrc"},
		{"/root/.aws/credentials", "[default]\naws_secret_access_key = abc\n", "aws-credentials"},
		{"/root/.kube/config", "users:\n- user:\n    token: abc\n", "kubeconfig"},
		{"/etc/ssl/certs/ca.pem", "-----BEGIN CERTIFICATE-----\n", NULL},
		{"/etc/ssl/private/x.key", "-----BEGIN EC PRIVATE KEY-----\n", "private-key"},
		{"/usr/lib/python3/test/keycert.pem", "-----BEGIN PRIVATE KEY-----\n", NULL},
		{"/etc/hostname", "-----BEGIN PRIVATE KEY-----\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(files); i++) {
		const char *kind =
			hf_image_secret_kind(files[i].path, files[i].head, strlen(files[i].head));

		if (!hf_streq(kind, files[i].kind))
			fail_msg("%s: %s", files[i].path, kind ? kind : "nothing");
	}
}

static void test_users(void **state)
{
	static const char text[] = "root:x:0:0::/:/bin/sh\nappl:x:5:5:::\napp:x:7:7:::\nbad:x:-1:0:::\nshort:x\n";
	uint32_t uid = 77;

	(void)state;
	assert_int_equal(hf_image_find_user(text, sizeof text - 1, "app", &uid), 0);
	assert_int_equal(uid, 7);
	assert_int_equal(hf_image_find_user(text, sizeof text - 1, "ap", &uid), -ENOENT);
	assert_int_equal(hf_image_find_user(text, sizeof text - 1, "bad", &uid), -EBADMSG);
	assert_int_equal(hf_image_find_user(text, sizeof text - 1, "short", &uid), -EBADMSG);
	assert_int_equal(hf_image_find_user("", 0, "app", &uid), -ENOENT);
	assert_int_equal(uid, 7);
}

/* The API tells the newest first, and lets empty members out. */
static void test_api(void **state)
{
	static const char inspect[] = "{\"Os\":\"linux\",\"Created\":\"2026-10-01T00:00:00Z\",\"Config\":{\"Env\":[\"A=hunter2\"]},"
				      "\"RootFS\":{\"Layers\":[\"sha256:a\"]}}";
	static const char history[] = "[{\"Created\":1790812800,\"CreatedBy\":\"CMD [\\\"x\\\"]\",\"Size\":0},"
				      "{\"Created\":1790726400,\"CreatedBy\":\"ADD x / # buildkit\",\"Size\":5}]";
	hf_buffer out = {0};

	(void)state;
	assert_int_equal(hf_image_project_api(inspect, sizeof inspect - 1, history, sizeof history - 1, &out, NULL),
			 0);
	assert_string_equal(out.data, "os linux\ncreated 2026-10-01\nuser -\nenv A 7 -\nlayer sha256:a\n"
				      "step 2026-09-30 layer ADD\nstep 2026-10-01 - CMD\nend\n");
	hf_buffer_free(&out);
	assert_int_equal(hf_image_project_api(inspect, sizeof inspect - 1, NULL, 0, &out, NULL), 0);
	assert_true(has_line(out.data, "cut history"));
	hf_buffer_free(&out);
	assert_int_equal(hf_image_project_api("[]", 2, NULL, 0, &out, NULL), -EBADMSG);
	hf_buffer_free(&out);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(test_docker),		WITH_TREE(test_accounts),
		WITH_TREE(test_fifo),		WITH_TREE(test_folder_is_a_link),
		WITH_TREE(test_no_layers),	WITH_TREE(test_too_large),
		WITH_TREE(test_twice),		WITH_TREE(test_twice_by_case),
		WITH_TREE(test_no_json),	WITH_TREE(test_values),
		WITH_TREE(test_long),		WITH_TREE(test_storage),
		WITH_TREE(test_storage_circle), WITH_TREE(test_walk),
		WITH_TREE(test_late),		cmocka_unit_test(test_secret_files),
		cmocka_unit_test(test_users),	cmocka_unit_test(test_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
