/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "containers" and their two views, to the byte; which containers a selection means; and what
 * hostile names do to all of it. */
#include "containers-fixture.h"
#include "report-fixture.h"

#include "engine/engine.h"

#define GROUP  "/docker/" ID
#define GROUP2 "/lxc.payload.box"

/* ---- a node with three containers ---- */

static void check_root(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);

	if (!container->user) {
		hf_unknown(run, "user of the host", "not known");
		return;
	}
	(void)hf_expect(run, "user of the host", container->user, "not root",
			strcmp(container->user, "root") != 0);
}

static void check_members(hf_check_run *run)
{
	if (hf_container_of(run)->task_count > 1)
		(void)hf_expect(run, "tasks", "2", "1", false);
	else
		hf_unknown(run, "tasks", "not told");
}

static void check_host(hf_check_run *run)
{
	(void)hf_expect(run, "node", "open", "closed", false);
}

#define TEXTS .level = 1, .stride = HF_STRIDE_E, .risk = "r", .threat = "t", .remediation = "m"

static const hf_check rows[] = {
	{.id = "demo.members", .title = "It is alone", .subject = HF_SUBJECT_CONTAINER, TEXTS,
	 .severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:N/A:N"), .run = check_members},
	{.id = "demo.root", .title = "Its root is not the node's", .subject = HF_SUBJECT_CONTAINER, TEXTS,
	 .severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"), .run = check_root},
	{.id = "demo.host", .title = "Not about containers", .subject = HF_SUBJECT_HOST, TEXTS,
	 .severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"), .run = check_host},
};

static const hf_check_set row_set = {.name = "demo", .checks = rows, .count = HF_ARRAY_SIZE(rows)};

static const hf_plugin demo_plugin = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "demo",
	.title = "A demonstration",
	.sets = (const hf_check_set *const[]){&row_set, NULL},
};

typedef struct node {
	fixture *f;
	hf_registry *registry;
} node;

/* In the order of the document, which is that of their ids. */
enum { LXC = 0, DOCKER, OTHER };

/* One of Docker with a volume and a limit; one of LXC; one that nobody named, as unshare(1) makes it. */
static void put_node(fixture *f)
{
	answer(f, "file:/proc/1/mountinfo",
	       "27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n"
	       "22 27 0:21 / /proc rw shared:12 - proc proc rw\n"
	       "26 27 0:25 / /run rw shared:5 - tmpfs tmpfs rw\n"
	       "30 27 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put_actor(f, (actor){.pid = 30, .cgroup = "0::" GROUP "\n", .space = 1, .root = 9,
			     .ns_pids = "30\t1"});
	put_actor(f, (actor){.pid = 31, .cgroup = "0::" GROUP "\n", .space = 1, .root = 9,
			     .ns_pids = "31\t7"});
	answer(f, "file:/proc/30/mountinfo",
	       "74 49 0:40 / / rw - overlay overlay rw\n75 74 0:100 / /proc rw - proc proc rw\n"
	       "300 74 254:0 /srv/data /data rw - ext4 /dev/vda rw\n"
	       "301 74 0:25 /app /run/app ro - tmpfs tmpfs rw\n");
	/* bound by a name with a link in it, as dockerd does */
	answer(f, "call:sockets", "/var/run/app/api.sock /run/app/api.sock 140660 0 0 0:25 1001 5001\n");
	fixture_put(f, "stat:/proc/30/root/run/app/api.sock",
		    (hf_answer){.meta = {.mode = S_IFSOCK | 0660, .dev_minor = 25, .ino = 1001}});
	answer(f, "file:/proc/30/net/tcp",
	       "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	       "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 55 1 "
	       "0000000000000000 100 0 0 10 0\n");
	answer(f, "file:/proc/30/net/tcp6", "  sl  local_address\n");
	answer(f, "file:/proc/30/net/udp", "  sl  local_address\n");
	answer(f, "file:/proc/30/net/udp6", "  sl  local_address\n");
	answer(f, "file:/proc/30/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
	answer(f, "file:/sys/fs/cgroup" GROUP "/pids.max", "100\n");
	answer(f, "file:/sys/fs/cgroup/docker/pids.max", "max\n");
	put_actor(f, (actor){.pid = 40, .cgroup = "0::" GROUP2 "\n", .space = 2, .root = 9,
			     .ns_pids = "40\t1"});
	put_actor(f, (actor){.pid = 50, .cgroup = "0::/user.slice\n", .space = 3, .root = 11,
			     .ns_pids = "50\t1"});
}

static int set_up(void **state)
{
	node *n = calloc(1, sizeof *n);

	assert_non_null(n);
	n->f = host_new("30 31 40 50");
	put_node(n->f);
	assert_int_equal(hf_registry_new(&n->registry), 0);
	assert_int_equal(hf_registry_add(n->registry, &demo_plugin, "", NULL), 0);
	*state = n;
	return 0;
}

static int tear_down(void **state)
{
	node *n = *state;

	hf_registry_free(n->registry);
	fixture_free(n->f);
	free(n);
	return 0;
}

static json_t *document_of(node *n, const hf_selection *selection)
{
	const hf_document_head head = {
		.profile = "all",
		.selection = selection,
		.started = "2026-11-22T03:04:05Z",
		.duration_ms = 31,
	};
	hf_results results;
	hf_assessment assessment;

	(void)fixture_start(n->f);
	assert_int_equal(hf_engine_run(n->registry, selection, n->f->facts, NULL, NULL, &results), 0);
	assert_int_equal(
		hf_assess(n->registry, &results, hf_facts_arena(n->f->facts), &assessment), 0);
	json_t *document = hf_document_new(&assessment, n->registry, n->f->facts, &head);

	assert_non_null(document);
	assert_int_equal(hf_document_check(document, NULL), 0);
	return document;
}

/* ---- exact output ---- */

static void test_document_exactly(void **state)
{
	json_t *document = document_of(*state, NULL);
	char *text = json_dumps(json_object_get(document, "containers"), JSON_INDENT(1));

	assert_non_null(text);
	assert_golden_text("containers.json", text);
	free(text);
	json_decref(document);
}

static void test_table_exactly(void **state)
{
	json_t *document = document_of(*state, NULL);
	char *text = render(document, "containers", (hf_render_options){.width = 140});

	assert_golden_text("containers.txt", text);
	free(text);
	json_decref(document);
}

static void test_one_exactly(void **state)
{
	json_t *document = document_of(*state, NULL);
	char *text = render(document, "containers",
			    (hf_render_options){.width = 80, .subject = "01234567"});

	assert_golden_text("container.txt", text);
	free(text);
	json_decref(document);
}

/* What is lost is told as unknown, and nothing of it looks like isolation. */
static void test_lost_answers(void **state)
{
	static const char *const lost[] = {"/proc/30/mountinfo", "/proc/30/net/tcp", "/proc/30/status",
					   "/proc/31/status"};
	node *n = *state;

	for (size_t i = 0; i < HF_ARRAY_SIZE(lost); i++) {
		char question[64];

		(void)snprintf(question, sizeof question, "file:%s", lost[i]);
		answer_error(n->f, question, EACCES, NULL);
	}
	answer_error(n->f, "call:/proc/30/ns", EACCES, NULL);
	answer_error(n->f, "call:/proc/31/ns", EACCES, NULL);
	answer_error(n->f, "file:/sys/fs/cgroup" GROUP "/pids.max", EACCES, NULL);
	json_t *document = document_of(n, NULL);
	json_t *container = json_array_get(json_object_get(document, "containers"), DOCKER);

	assert_string_equal(json_string_value(json_object_get(container, "id")), ID);
	assert_true(json_is_false(json_object_get(container, "complete")));
	assert_string_equal(json_string_value(json_object_get(container, "seccomp")), "unknown");
	assert_string_equal(json_string_value(json_object_get(container, "root")), "unknown");
	assert_true(json_is_null(json_object_get(container, "no_new_privs")));
	assert_true(json_is_null(json_object_get(container, "mount_count")));
	assert_true(json_is_null(json_object_get(container, "listeners")));
	assert_true(json_is_null(json_object_get(container, "host_sockets")));
	assert_true(json_is_null(json_object_get(container, "system_calls")));
	assert_true(json_is_null(json_object_get(container, "devices")));
	json_t *limits = json_object_get(container, "limits");
	json_t *namespaces = json_object_get(container, "namespaces");

	assert_string_equal(json_string_value(json_object_get(limits, "pids")), "unknown");
	assert_string_equal(json_string_value(json_object_get(namespaces, "net")), "unknown");
	char *text = render(document, "containers", (hf_render_options){.subject = ID});

	assert_non_null(strstr(text, "host mounts           could not be read\n"));
	assert_non_null(strstr(text, "listens on            could not be read\n"));
	assert_non_null(strstr(text, "host sockets          could not be read\n"));
	assert_non_null(strstr(text, "open system calls     could not be read\n"));
	assert_non_null(strstr(text, "devices               could not be read\n"));
	free(text);
	json_decref(document);
}

/* ---- which containers are meant ---- */

static size_t meant(node *n, const char *only, const char *none, unsigned *ret_results)
{
	const char *const only_words[] = {only, NULL}, *const none_words[] = {none, NULL};
	const hf_selection selection = {.containers = only_words, .no_containers = none_words};
	json_t *document = document_of(n, &selection);
	json_t *result = json_array_get(json_object_get(document, "results"), 1);
	size_t count = json_array_size(json_object_get(document, "containers"));

	*ret_results = (unsigned)json_integer_value(
		json_object_get(json_object_get(result, "counts"), "fail"));
	json_decref(document);
	return count;
}

static void test_selection(void **state)
{
	static const struct {
		const char *only, *none;
		size_t containers;
	} cases[] = {
		{NULL, NULL, 3},
		{ID, NULL, 1},
		{"01234567", NULL, 1},
		{"0123456", NULL, 0}, /* seven digits are none */
		{"0123456*", NULL, 1},
		{"*", NULL, 3},
		{"*", "01234567", 2},
		{NULL, "mnt:*", 2},
		{"mnt:[[]*", NULL, 1},
		{"box", NULL, 1},
		{"bo?", "b*", 0},
		{"nobody", NULL, 0},
		{"", NULL, 0},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		unsigned failed;
		size_t count = meant(*state, cases[i].only, cases[i].none, &failed);

		if (count != cases[i].containers || failed != count)
			fail_msg("--container %s --no-container %s: %zu shown, %u judged, %zu expected",
				 cases[i].only ? cases[i].only : "-",
				 cases[i].none ? cases[i].none : "-", count, failed,
				 cases[i].containers);
	}
}

/* The view of one is found by the same words. */
static void test_view_of_one(void **state)
{
	json_t *document = document_of(*state, NULL);
	char *text = render(document, "containers", (hf_render_options){.subject = "nobody"});

	assert_string_equal(text, "no such container\n");
	free(text);
	text = render(document, "containers", (hf_render_options){.subject = "*"});
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, "Attack surface\n")); at++)
		count++;
	assert_int_equal(count, 3);
	free(text);
	json_object_set_new(document, "containers", json_array());
	text = render(document, "containers", (hf_render_options){0});
	assert_string_equal(text, "no containers\n");
	free(text);
	json_decref(document);
}

static void test_lines_keep_the_width(void **state)
{
	static const unsigned widths[] = {40, 60, 80, 132};
	json_t *document = document_of(*state, NULL);

	for (size_t i = 0; i < HF_ARRAY_SIZE(widths); i++) {
		for (int is_one = 0; is_one < 2; is_one++) {
			char *text = render(document, "containers",
					    (hf_render_options){.width = widths[i],
								.subject = is_one ? "*" : NULL});

			assert_in_range(longest_line(text), 1, widths[i]);
			free(text);
		}
	}
	json_decref(document);
}

/* ---- hostile text ---- */

static void render_both(const json_t *document)
{
	for (int is_one = 0; is_one < 2; is_one++) {
		char *text = render(document, "containers",
				    (hf_render_options){.width = 80, .subject = is_one ? "*" : NULL});

		assert_harmless(text, false);
		assert_in_range(strlen(text), 1, 256 * 1024);
		free(text);
	}
}

/* In every place where a container's own words stand: a document can come from anywhere. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = {
		"\033[2J\033]0;owned\a",
		"line\nweb  docker  none\r",
		"\xe2\x80\xae\xc2\x9b",
		"delete \x7f\x7f.",
		"%s%n%s",
		"",
	};
	static const char *const keys[] = {"name", "image", "pod", "user", "label", "id", "runtime"};
	char *huge = malloc(1024 * 1024 + 1);

	assert_non_null(huge);
	memset(huge, 'A', 1024 * 1024);
	huge[1024 * 1024] = '\0';
	for (size_t i = 0; i <= HF_ARRAY_SIZE(names); i++) {
		const char *name = i < HF_ARRAY_SIZE(names) ? names[i] : huge;
		json_t *document = document_of(*state, NULL);
		json_t *container = json_array_get(json_object_get(document, "containers"), DOCKER);
		json_t *mount = json_array_get(json_object_get(container, "mounts"), 0);

		assert_non_null(mount);
		for (size_t k = 0; k < HF_ARRAY_SIZE(keys); k++)
			json_object_set_new(container, keys[k], json_string(name));
		json_object_set_new(mount, "host", json_string(name));
		json_object_set_new(mount, "target", json_string(name));
		json_array_append_new(json_object_get(container, "host_sockets"), json_string(name));
		json_array_append_new(json_object_get(container, "failing"), json_string(name));
		assert_int_equal(hf_document_check(document, NULL), 0);
		render_both(document);
		json_decref(document);
	}
	free(huge);
}

/* A container's process chooses its label's profile name and its mount points. */
static void test_hostile_host(void **state)
{
	node *n = *state;

	answer(n->f, "file:/proc/30/attr/current", "\x1b[2J\xff\xe2\x80\xae (enforce)\n");
	answer(n->f, "file:/proc/30/mountinfo",
	       "74 49 0:40 / / rw - overlay overlay rw\n"
	       "300 74 254:0 /srv/\x1b[2J\\012\xff /data\\012x\x9b rw - ext4 /dev/vda rw\n");
	json_t *document = document_of(n, NULL);
	char *json = render(document, "json", (hf_render_options){0});

	assert_harmless(json, true);
	render_both(document);
	free(json);
	json_decref(document);
}

static void test_strange_values_everywhere(void **state)
{
	swap s = {.document = document_of(*state, NULL), .render = render_both};
	json_t *containers = json_object_get(s.document, "containers");

	(void)json_array_remove(containers, OTHER);
	(void)json_array_remove(containers, LXC);
	swap_each(&s, containers);
	assert_true(s.refused > 100);
	assert_true(s.accepted > 0);
	json_decref(s.document);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_document_exactly),
		T(test_table_exactly),
		T(test_one_exactly),
		T(test_lost_answers),
		T(test_selection),
		T(test_view_of_one),
		T(test_lines_keep_the_width),
		T(test_hostile_names),
		T(test_hostile_host),
		T(test_strange_values_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
