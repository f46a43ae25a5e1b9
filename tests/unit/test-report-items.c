/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A benchmark's items in the document and in the text report, to the byte; and what hostile documents do to them. */
#include "report-fixture.h"

static void never_run(hf_check_run *run)
{
	(void)run;
	fail_msg("nothing here runs checks");
}

#define ROW(row_id, row_title, kind, ...)                                                          \
	{                                                                                          \
		.id = (row_id), .title = (row_title), .subject = (kind), .stride = HF_STRIDE_E,    \
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"), .level = 1,                     \
		.refs = HF_REFS(__VA_ARGS__), .risk = "r", .threat = "t",                          \
		.remediation = "Do what makes it right.\nThen look.", .run = never_run,            \
	}

static const hf_check rows[] = {
	ROW("demo.icc", "Containers cannot reach each other", HF_SUBJECT_DAEMON, "B:2.2", "P:2_2"),
	ROW("demo.tls", "TCP only with certificates", HF_SUBJECT_DAEMON, "B:2.10", "P:2_10"),
	ROW("demo.root", "The host's root is not mounted", HF_SUBJECT_CONTAINER, "B:5.6", "P:5_6"),
	ROW("demo.etc", "The host's /etc is not mounted", HF_SUBJECT_CONTAINER, "B:5.6", "P:5_6"),
	ROW("demo.proc", "The host's /proc is not mounted", HF_SUBJECT_CONTAINER, "B:5.6", "P:5_6"),
	ROW("demo.label", "A label confines each container", HF_SUBJECT_CONTAINER, "B:5.3", "P:5_3"),
	ROW("demo.sprawl", "There are few images", HF_SUBJECT_HOST, "B:6.1", "P:6_1"),
	ROW("demo.related", "Of no item", HF_SUBJECT_HOST, "B:5.6"),
};

enum { ICC = 0, TLS, ROOT, ETC, PROC, LABEL, SPRAWL };

static const hf_check_set row_set = {
	.name = "demo",
	.checks = rows,
	.count = HF_ARRAY_SIZE(rows),
};

static const hf_plugin demo_plugin = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "demo",
	.title = "A demonstration",
	.sets = (const hf_check_set *const[]){&row_set, NULL},
};

static const char profile_text[] =
	"benchmark: B\ntitle: Demo Benchmark\nversions: ['1.6', '1.8']\n"
	"sections: [{number: '1', title: The node}, {number: '2', title: The daemon},\n"
	"  {number: '5', title: Containers}, {number: '6', title: Operations}]\n"
	"items:\n"
	"- {number: '1.1', level: 1, assessment: manual, title: The node is hardened,\n"
	"   refs: ['B:1.1', 'P:1_1'], look: the last result of the node's own benchmark}\n"
	"- {number: '2.2', level: 1, assessment: automated, title: Containers cannot reach each other,\n"
	"   refs: ['B:2.2', 'P:2_2'], look: icc}\n"
	"- {number: '2.10', numbers: {'1.8': '2.11'}, level: 2, assessment: manual,\n"
	"   title: Each TCP listener of the daemon wants a certificate that somebody whom it trusts has signed,\n"
	"   refs: ['B:2.10', 'P:2_10'], look: tls}\n"
	"- {number: '5.3', level: 2, assessment: manual, title: A label confines each container,\n"
	"   refs: ['B:5.3', 'P:5_3'], look: ps}\n"
	"- {number: '5.6', level: 1, assessment: manual, title: No container can see the host's folders,\n"
	"   refs: ['B:5.6', 'P:5_6'], look: mounts}\n"
	"- {number: '6.1', level: 1, assessment: manual, title: No images that nobody uses,\n"
	"   refs: ['B:6.1', 'P:6_1'], look: images}\n";

typedef struct node {
	hf_record *record;
	hf_facts *facts;
	hf_registry *registry;
	const hf_loaded_check *checks;
	hf_result results[32];
	size_t count;
	const hf_profile *profile;
} node;

static const hf_subject daemon_subject = {
	.kind = HF_SUBJECT_DAEMON,
	.key = "daemon:docker",
	.id = "docker",
	.name = "docker",
};
static const hf_subject host = {.key = "host", .id = "host", .name = "host"};
static const hf_subject containers[] = {
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:1", .id = "1", .name = "web\x1b[31m"},
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:2", .id = "2", .name = "db"},
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:3", .id = "3", .name = "cache"},
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:4", .id = "4", .name = "queue"},
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:5", .id = "5", .name = "mail"},
	{.kind = HF_SUBJECT_CONTAINER, .key = "c:6", .id = "6", .name = "ci"},
};

static int set_up(void **state)
{
	static const hf_profile_wish wish = {.name = "demo"};
	const hf_source source = {.kind = HF_SOURCE_LIVE, .path = "", .taken = ""};
	node *n = calloc(1, sizeof *n);

	assert_non_null(n);
	assert_int_equal(hf_record_new(&n->record), 0);
	assert_int_equal(hf_record_set_source(n->record, &source), 0);
	assert_int_equal(hf_facts_new(n->record, &n->facts), 0);
	assert_int_equal(hf_registry_new(&n->registry), 0);
	assert_int_equal(hf_registry_add(n->registry, &demo_plugin, "", NULL), 0);
	(void)hf_registry_checks(n->registry, &n->checks);
	assert_int_equal(hf_profile_parse(profile_text, sizeof profile_text - 1, "demo.yaml", &wish,
					  hf_facts_arena(n->facts), &n->profile, NULL),
			 0);
	*state = n;
	return 0;
}

static int tear_down(void **state)
{
	node *n = *state;

	hf_registry_free(n->registry);
	hf_facts_free(n->facts);
	hf_record_free(n->record);
	free(n);
	return 0;
}

static hf_result *add(node *n, size_t check, const hf_subject *subject, const hf_evidence *evidence,
		      size_t count)
{
	n->results[n->count] = (hf_result){
		.check = &n->checks[check],
		.subject = subject,
		.status = evidence[count - 1].status,
		.evidence = evidence,
		.evidence_count = count,
	};
	return &n->results[n->count++];
}

static void add_all(node *n)
{
	static const hf_evidence open[] = {
		{"daemon.json", "icc: true", NULL, HF_NOTSELECTED},
		{"engine API /networks", "icc: true", "false", HF_FAIL},
	};
	static const hf_evidence closed[] = {{"listeners", "unix socket", "no TCP", HF_PASS}};
	static const hf_evidence seen[] = {{"mountinfo", "/ at /host, writable", "none", HF_FAIL}};
	static const hf_evidence unseen[] = {{"mountinfo", "nothing", "none", HF_PASS}};
	static const hf_evidence unread[] = {
		{"mountinfo", "Permission denied", NULL, HF_UNKNOWN},
	};
	static const hf_evidence no_label[] = {{"lsm", "no selinux", NULL, HF_NOTAPPLICABLE}};
	static const hf_evidence person[] = {
		{"engine API /images", "12 images", NULL, HF_NOTCHECKED},
	};

	add(n, ICC, &daemon_subject, open, 2);
	add(n, TLS, &daemon_subject, closed, 1);
	for (size_t i = 0; i < HF_ARRAY_SIZE(containers); i++) {
		add(n, ROOT, &containers[i], i == 5 ? unseen : seen, 1);
		add(n, ETC, &containers[i], i == 1 ? seen : unseen, 1);
		add(n, PROC, &containers[i], i == 1 ? unread : unseen, 1);
	}
	/* by check, then by subject */
	for (size_t i = 1; i < n->count; i++) {
		for (size_t k = i; k > 0 && n->results[k].check < n->results[k - 1].check; k--) {
			hf_result between = n->results[k];

			n->results[k] = n->results[k - 1];
			n->results[k - 1] = between;
		}
	}
	add(n, LABEL, NULL, no_label, 1);
	add(n, SPRAWL, &host, person, 1)->message = "look which of them are needed";
}

static json_t *document_of(node *n)
{
	const hf_results results = {.all = n->results, .count = n->count};
	hf_assessment assessment;
	hf_items items;

	assert_int_equal(hf_assess(n->registry, &results, hf_facts_arena(n->facts), &assessment), 0);
	assert_int_equal(hf_items_assess(n->profile, NULL, &assessment, hf_facts_arena(n->facts), &items),
			 0);
	const hf_document_head head = {
		.profile = "demo",
		.items = &items,
		.started = "2026-11-22T03:04:05Z",
		.duration_ms = 31,
	};
	json_t *document = hf_document_new(&assessment, n->registry, n->facts, &head);

	assert_non_null(document);
	assert_int_equal(hf_document_check(document, NULL), 0);
	/* a new release does not change the rest */
	json_object_set_new(json_object_get(document, "tool"), "version", json_string("0"));
	return document;
}

static void test_items_in_the_document(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	json_t *part = json_pack("{s:O, s:O}", "benchmark", json_object_get(document, "benchmark"),
				 "items", json_object_get(document, "items"));
	char *text = json_dumps(part, JSON_INDENT(1) | JSON_ENSURE_ASCII);

	assert_golden_text("items.json", text);
	free(text);
	json_decref(part);
	json_decref(document);
}

static void test_items_as_text(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *text = render(document, "text", (hf_render_options){.width = 80});

	assert_golden_text("items.txt", text);
	assert_harmless(text, true);
	assert_true(longest_line(text) <= 80);
	free(text);
	json_decref(document);
}

static void test_all_about_each_check_on_demand(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);
	char *text = render(document, "text", (hf_render_options){.width = 100, .verbose = true});

	/* a passing check's evidence, and the others of an item that fails */
	assert_non_null(strstr(text, "listeners: unix socket, wanted no TCP"));
	assert_non_null(strstr(text, "demo.etc"));
	assert_non_null(strstr(text, "demo.proc"));
	assert_non_null(strstr(text, "Permission denied"));
	assert_harmless(text, true);
	free(text);
	json_decref(document);
}

/* What was left out is named, and no more. */
static void test_items_that_are_left_out(void **state)
{
	node *n = *state;
	static const hf_evidence closed[] = {{"listeners", "unix socket", "no TCP", HF_PASS}};

	add(n, TLS, &daemon_subject, closed, 1);
	json_t *document = document_of(n);
	char *text = render(document, "text", (hf_render_options){.width = 80});
	const json_t *item = json_array_get(json_object_get(document, "items"), 1);

	assert_string_equal(json_string_value(json_object_get(item, "status")), "notselected");
	assert_true(json_is_null(json_object_get(item, "decided_by")));
	assert_true(json_is_null(json_object_get(item, "reason")));
	assert_non_null(strstr(text, "6 items: 1 pass, 1 manual, 4 not selected"));
	assert_null(strstr(text, "reach each other"));
	assert_null(strstr(text, "5  Containers"));
	free(text);
	text = render(document, "text", (hf_render_options){.width = 80, .verbose = true});
	assert_non_null(strstr(text, "not selected   Containers cannot reach each other"));
	free(text);
	json_decref(document);
}

/* A pass of which a part was not looked at says so. */
static void test_a_pass_of_some_checks(void **state)
{
	node *n = *state;
	static const hf_evidence unseen[] = {{"mountinfo", "nothing", "none", HF_PASS}};

	add(n, ETC, &containers[0], unseen, 1);
	json_t *document = document_of(n);
	char *text = render(document, "text", (hf_render_options){.width = 80});

	assert_non_null(strstr(text, "L1 pass           No container can see the host's folders\n"
				     "         demo.etc: only 1 of its 3 checks were selected\n"));
	free(text);
	json_decref(document);
}

/* A document of a version that had no items. */
static void test_a_document_without_items(void **state)
{
	node *n = *state;

	add_all(n);
	json_t *document = document_of(n);

	json_object_del(document, "items");
	json_object_del(document, "benchmark");
	assert_int_equal(hf_document_check(document, NULL), 0);
	char *text = render(document, "text", (hf_render_options){.width = 80});

	assert_non_null(strstr(text, "DEMO  A demonstration"));
	free(text);
	json_decref(document);
}

static void render_all(const json_t *document)
{
	char *text = render(document, "text", (hf_render_options){.width = 80});

	assert_harmless(text, false);
	free(text);
	text = render(document, "text", (hf_render_options){.verbose = true});
	assert_harmless(text, false);
	free(text);
}

static void test_documents_of_wrong_shape(void **state)
{
	node *n = *state;

	add_all(n);
	swap s = {.document = document_of(n), .render = render_all};
	json_t *items = json_object_get(s.document, "items");

	swap_each(&s, items);
	swap_each(&s, json_object_get(s.document, "benchmark"));
	assert_true(s.refused > 100);
	assert_true(s.accepted > 10);
	json_decref(s.document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_items_in_the_document, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_items_as_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_about_each_check_on_demand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_items_that_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_pass_of_some_checks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_document_without_items, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_documents_of_wrong_shape, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
