/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assessment: worst status, findings put together, scores, coverage, what to fix first. */
#include "assess/assess.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define WEIGHT_100 "AV:N/AC:L/Au:N/C:C/I:C/A:C"
#define WEIGHT_72 "AV:L/AC:L/Au:N/C:C/I:C/A:C"
#define WEIGHT_46 "AV:L/AC:L/Au:N/C:P/I:P/A:P"
#define WEIGHT_12 "AV:L/AC:H/Au:N/C:P/I:N/A:N"
#define WEIGHT_0 "AV:L/AC:L/Au:N/C:N/I:N/A:N"

enum { MOST_CHECKS = 8, MOST_RESULTS = 4096 };

static void never_run(hf_check_run *run)
{
	(void)run;
	fail_msg("nothing here runs checks");
}

/* A registry made of vectors, and results put in by hand. */
typedef struct fixture {
	hf_check rows[MOST_CHECKS];
	char ids[MOST_CHECKS][16];
	hf_check_set set;
	const hf_check_set *sets[2];
	hf_plugin plugin;
	hf_registry *registry;
	const hf_loaded_check *checks;
	hf_arena *arena;
	hf_result *results;
	size_t count;
	hf_assessment assessment;
} fixture;

static fixture f;

static hf_plugin plugin_of(const char *name, const hf_check_set *const *sets)
{
	return (hf_plugin){
		.abi = HF_ABI,
		.plugin_size = sizeof(hf_plugin),
		.check_size = sizeof(hf_check),
		.name = name,
		.title = "A plugin",
		.sets = sets,
	};
}

static void add_row(const char *vector, uint32_t stride, uint32_t flags)
{
	uint32_t i = f.set.count++;

	(void)snprintf(f.ids[i], sizeof f.ids[i], "a.check-%u", i);
	f.rows[i] = (hf_check){
		.id = f.ids[i],
		.title = "Something holds",
		.stride = stride,
		.severity = vector,
		.level = 1,
		.flags = flags,
		.risk = "",
		.threat = "",
		.remediation = "",
		.run = never_run,
	};
}

static void load(void)
{
	f.plugin = plugin_of("a", f.sets);
	assert_int_equal(hf_registry_add(f.registry, &f.plugin, "", NULL), 0);
	(void)hf_registry_checks(f.registry, &f.checks);
}

static hf_result *add_result(size_t check, const hf_subject *subject, hf_status status)
{
	assert_true(f.count < MOST_RESULTS);
	f.results[f.count] = (hf_result){
		.check = &f.checks[check],
		.subject = subject,
		.status = status,
	};
	return &f.results[f.count++];
}

static const hf_assessment *assess(void)
{
	const hf_results results = {.all = f.results, .count = f.count};

	assert_int_equal(hf_assess(f.registry, &results, f.arena, &f.assessment), 0);
	return &f.assessment;
}

static int set_up(void **state)
{
	(void)state;
	f = (fixture){0};
	f.set = (hf_check_set){.name = "set", .checks = f.rows};
	f.sets[0] = &f.set;
	f.results = calloc(MOST_RESULTS, sizeof *f.results);
	assert_non_null(f.results);
	assert_int_equal(hf_registry_new(&f.registry), 0);
	assert_int_equal(hf_arena_new(&f.arena), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(f.results);
	hf_registry_free(f.registry);
	hf_arena_free(f.arena);
	return 0;
}

static const hf_subject host = {.key = "host", .id = "host", .name = "host"};

static void test_score_is_weighted_and_floored(void **state)
{
	(void)state;
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_12, HF_STRIDE_S, 0);
	load();
	add_result(0, &host, HF_PASS);
	add_result(1, &host, HF_FAIL);
	add_result(2, &host, HF_PASS);
	const hf_score *score = &assess()->whole;

	assert_true(score->has_number);
	assert_int_equal(score->weight_pass, 84);
	assert_int_equal(score->weight_open, 46);
	assert_int_equal(score->score_tenths, 646); /* 84 / 130 = 64.615… */
	assert_int_equal(score->coverage_tenths, 1000);
	assert_int_equal(f.assessment.failed[HF_SEVERITY_MEDIUM], 1);
	assert_int_equal(f.assessment.failed[HF_SEVERITY_HIGH], 0);
	assert_false(f.assessment.is_incomplete);
}

static void test_unknown_and_error_count_against(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, HF_CHECK_MANUAL);
	load();
	add_result(0, &host, HF_PASS);
	add_result(1, &host, HF_UNKNOWN);
	add_result(2, &host, HF_ERROR);
	add_result(3, &host, HF_NOTCHECKED);
	const hf_score *score = &assess()->whole;

	assert_int_equal(score->score_tenths, 333);
	assert_int_equal(score->coverage_tenths, 250);
	assert_true(f.assessment.is_incomplete);
}

static void test_what_does_not_apply_is_in_neither_sum(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	add_row(WEIGHT_72, HF_STRIDE_S, HF_CHECK_INFO);
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	load();
	add_result(0, &host, HF_PASS);
	add_result(1, NULL, HF_NOTAPPLICABLE);
	add_result(2, &host, HF_INFORMATIONAL);
	const hf_assessment *a = assess();

	assert_int_equal(a->whole.score_tenths, 1000);
	assert_int_equal(a->whole.coverage_tenths, 1000);
	assert_int_equal(a->whole.counts[HF_NOTAPPLICABLE], 1);
	assert_int_equal(a->whole.counts[HF_INFORMATIONAL], 1);
	assert_int_equal(a->whole.counts[HF_NOTSELECTED], 1);
	assert_int_equal(a->checks[2].severity, HF_SEVERITY_INFO);
	assert_int_equal(a->checks[3].status, HF_NOTSELECTED);
	assert_int_equal(a->checks[3].finding_count, 0);
	/* without a subject there is nobody to count */
	assert_int_equal(a->checks[1].counts[HF_NOTAPPLICABLE], 0);
	assert_int_equal(a->checks[1].finding_count, 1);
	assert_int_equal(a->checks[1].findings[0].subject_count, 0);
}

static void test_full_score_only_when_nothing_is_open(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_0, HF_STRIDE_S, 0);
	load();
	add_result(0, &host, HF_PASS);
	hf_result *weightless = add_result(1, &host, HF_FAIL);

	assert_int_equal(assess()->whole.score_tenths, 999);
	weightless->status = HF_PASS;
	assert_int_equal(assess()->whole.score_tenths, 1000);
}

static void test_nothing_scored_gives_no_number(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	assert_false(assess()->whole.has_number);
	add_result(0, &host, HF_NOTAPPLICABLE);
	assert_false(assess()->whole.has_number);
	assert_int_equal(f.assessment.whole.coverage_tenths, 0);
	f.results[0].status = HF_UNKNOWN;
	assert_true(assess()->whole.has_number);
	assert_int_equal(f.assessment.whole.score_tenths, 0);
}

static void test_stride_needs_three(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S | HF_STRIDE_E, 0);
	add_row(WEIGHT_46, HF_STRIDE_S | HF_STRIDE_E, 0);
	add_row(WEIGHT_46, HF_STRIDE_S | HF_STRIDE_E, 0);
	add_row(WEIGHT_46, HF_STRIDE_E, 0);
	load();
	add_result(0, &host, HF_PASS);
	add_result(1, &host, HF_FAIL);
	add_result(2, &host, HF_NOTAPPLICABLE);
	add_result(3, &host, HF_UNKNOWN);
	const hf_assessment *a = assess();

	assert_false(a->stride[0].has_number); /* S: two apply */
	assert_int_equal(a->stride[0].counts[HF_FAIL], 1);
	assert_true(a->stride[5].has_number); /* E: three */
	assert_int_equal(a->stride[5].score_tenths, 333);
	assert_int_equal(a->stride[1].counts[HF_PASS], 0);
}

static void test_per_plugin(void **state)
{
	static const hf_check other_row = {
		.id = "b.check",
		.title = "Something holds",
		.stride = HF_STRIDE_D,
		.severity = WEIGHT_72,
		.level = 2,
		.risk = "",
		.threat = "",
		.remediation = "",
		.run = never_run,
	};
	static const hf_check_set other_set = {.name = "b", .checks = &other_row, .count = 1};
	const hf_check_set *const other_sets[] = {&other_set, NULL};
	const hf_plugin other = plugin_of("b", other_sets);

	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	assert_int_equal(hf_registry_add(f.registry, &other, "", NULL), 0);
	(void)hf_registry_checks(f.registry, &f.checks);
	add_result(1, &host, HF_FAIL);
	add_result(0, &host, HF_PASS); /* the order of results does not matter */
	const hf_assessment *a = assess();

	assert_int_equal(a->plugin_count, 2);
	assert_string_equal(a->plugins[0].plugin->name, "a");
	assert_int_equal(a->plugins[0].score.score_tenths, 1000);
	assert_int_equal(a->plugins[1].score.score_tenths, 0);
	assert_int_equal(a->plugins[1].score.counts[HF_FAIL], 1);
	assert_int_equal(a->failed[HF_SEVERITY_HIGH], 1);
}

static void test_worst_status_of_subjects(void **state)
{
	static const hf_subject subjects[3] = {{.key = "x"}, {.key = "y"}, {.key = "z"}};

	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	add_result(0, &subjects[0], HF_PASS);
	add_result(0, &subjects[1], HF_FAIL);
	add_result(0, &subjects[2], HF_UNKNOWN);
	add_result(1, &subjects[0], HF_NOTAPPLICABLE);
	add_result(1, &subjects[1], HF_PASS);
	add_result(1, &subjects[2], HF_PASS);
	const hf_assessment *a = assess();

	assert_int_equal(a->checks[0].status, HF_FAIL);
	assert_int_equal(a->checks[0].counts[HF_PASS], 1);
	assert_int_equal(a->checks[0].counts[HF_FAIL], 1);
	assert_int_equal(a->checks[0].finding_count, 3);
	assert_int_equal(a->checks[1].status, HF_PASS);
	assert_int_equal(a->checks[1].finding_count, 2);
	/* three subjects weigh no more than one */
	assert_int_equal(a->whole.weight_open, 46);
}

#define SAYS(where, what, should) {.source = (where), .found = (what), .wanted = (should)}

static void test_same_findings_are_one(void **state)
{
	static const hf_evidence well[] = {SAYS("/a", "1", "1"), SAYS("/b", "x", NULL)};
	static const hf_evidence same[] = {SAYS("/a", "1", "1"), SAYS("/b", "x", NULL)};
	static const hf_evidence other[] = {SAYS("/a", "1", "1"), SAYS("/b", "x", "")};
	hf_subject subjects[6] = {{.key = "0"}, {.key = "1"}, {.key = "2"},
				  {.key = "3"}, {.key = "4"}, {.key = "5"}};

	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	for (size_t i = 0; i < HF_ARRAY_SIZE(subjects); i++) {
		hf_result *result = add_result(0, &subjects[i], HF_PASS);

		result->evidence = i % 2 ? same : well;
		result->evidence_count = 2;
	}
	f.results[2].evidence = other;     /* wanted "" is not wanted nothing */
	f.results[3].message = "look";     /* another message */
	f.results[4].evidence_count = 1;   /* less evidence */
	const hf_assessed *check = &assess()->checks[0];

	assert_int_equal(check->finding_count, 4);
	assert_int_equal(check->findings[0].subject_count, 3);
	assert_string_equal(check->findings[0].subjects[0]->key, "0");
	assert_string_equal(check->findings[0].subjects[1]->key, "1");
	assert_string_equal(check->findings[0].subjects[2]->key, "5");
	assert_string_equal(check->findings[1].subjects[0]->key, "2");
	assert_string_equal(check->findings[2].sample->message, "look");
	assert_int_equal(check->counts[HF_PASS], 6);
}

static void test_many_subjects(void **state)
{
	static hf_subject subjects[4000];
	static char found[4000][8];
	static hf_evidence evidence[4000];

	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	for (size_t i = 0; i < HF_ARRAY_SIZE(subjects); i++) {
		(void)snprintf(found[i], sizeof found[i], "%zu", i / 2);
		evidence[i] = (hf_evidence){.source = "s", .found = found[i], .wanted = "w"};
		hf_result *result = add_result(0, &subjects[i], HF_FAIL);

		result->evidence = &evidence[i];
		result->evidence_count = 1;
	}
	const hf_assessed *check = &assess()->checks[0];

	assert_int_equal(check->finding_count, 2000);
	for (size_t i = 0; i < check->finding_count; i++) {
		assert_int_equal(check->findings[i].subject_count, 2);
		assert_ptr_equal(check->findings[i].subjects[1], &subjects[2 * i + 1]);
	}
}

static void test_worst_first(void **state)
{
	size_t worst[MOST_CHECKS] = {0};

	(void)state;
	add_row(WEIGHT_12, HF_STRIDE_S, 0);
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	add_row(WEIGHT_100, HF_STRIDE_S, 0);
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	add_row(WEIGHT_72, HF_STRIDE_S, 0);
	f.rows[1].level = 2;
	load();
	for (size_t i = 0; i < 6; i++)
		add_result(i, &host, i == 3 ? HF_PASS : HF_FAIL);
	(void)assess();
	assert_int_equal(hf_assess_worst(&f.assessment, MOST_CHECKS, worst), 5);
	assert_int_equal(worst[0], 4);
	assert_int_equal(worst[1], 5);
	assert_int_equal(worst[2], 1); /* as heavy, but for stricter sites */
	assert_int_equal(worst[3], 2);
	assert_int_equal(worst[4], 0);
	worst[2] = 4711;
	assert_int_equal(hf_assess_worst(&f.assessment, 2, worst), 2);
	assert_int_equal(worst[2], 4711);
}

static void test_looking_at_nothing_is_incomplete(void **state)
{
	(void)state;
	assert_true(assess()->is_incomplete);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	assert_true(assess()->is_incomplete);
	add_result(0, &host, HF_NOTAPPLICABLE);
	assert_false(assess()->is_incomplete);
}

static void test_refused_plugin_is_incomplete(void **state)
{
	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	add_result(0, &host, HF_PASS);
	assert_false(assess()->is_incomplete);
	assert_int_equal(hf_registry_refuse(f.registry, "/x.so", "group can write"), 0);
	assert_true(assess()->is_incomplete);
}

/* The registry refuses most of these; what slips through must not count as well. */
static void test_row_without_a_weight_is_an_error(void **state)
{
	(void)state;
	add_row("AV:L/AC:L/Au:N/C:P/I:P/A:P/A:P", HF_STRIDE_S, 0);
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	f.plugin = plugin_of("a", f.sets);
	if (hf_registry_add(f.registry, &f.plugin, "", NULL) < 0)
		skip();
	(void)hf_registry_checks(f.registry, &f.checks);
	add_result(0, &host, HF_PASS);
	add_result(1, &host, HF_PASS);
	assert_int_equal(assess()->checks[0].status, HF_ERROR);
	assert_int_equal(f.assessment.checks[1].status, HF_PASS);
	assert_int_equal(f.assessment.whole.score_tenths, 999);
	assert_true(f.assessment.is_incomplete);
}

static void test_foreign_results_are_refused(void **state)
{
	const hf_loaded_check stranger = {0};
	const hf_result result = {.check = &stranger, .status = HF_PASS};
	hf_assessment sentinel = {.check_count = 4711};

	(void)state;
	add_row(WEIGHT_46, HF_STRIDE_S, 0);
	load();
	assert_int_equal(hf_assess(f.registry, &(hf_results){.all = &result, .count = 1}, f.arena,
				   &sentinel),
			 -EINVAL);
	assert_int_equal(sentinel.check_count, 4711);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_score_is_weighted_and_floored),
		T(test_unknown_and_error_count_against),
		T(test_what_does_not_apply_is_in_neither_sum),
		T(test_full_score_only_when_nothing_is_open),
		T(test_nothing_scored_gives_no_number),
		T(test_stride_needs_three),
		T(test_per_plugin),
		T(test_worst_status_of_subjects),
		T(test_same_findings_are_one),
		T(test_many_subjects),
		T(test_worst_first),
		T(test_looking_at_nothing_is_incomplete),
		T(test_refused_plugin_is_incomplete),
		T(test_row_without_a_weight_is_an_error),
		T(test_foreign_results_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
