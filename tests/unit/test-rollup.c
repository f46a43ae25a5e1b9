/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that judge what others found: when they run, what they are told, where their results stand; and the check of
 * the node's baseline. */
#include "engine/engine.h"
#include "record.h"

extern const hf_check_set host_baseline;

static hf_status next_high, next_low;

static void decide(hf_check_run *run, hf_status status)
{
	switch (status) {
	case HF_PASS:
	case HF_FAIL:
		(void)hf_expect(run, "a test", "this", "that", status == HF_PASS);
		break;
	case HF_UNKNOWN:
		hf_unknown(run, "a test", "unread");
		break;
	case HF_NOTAPPLICABLE:
		hf_not_applicable(run, "a test", "nothing", "nothing");
		break;
	case HF_NOTSELECTED:
	case HF_INFORMATIONAL:
	case HF_NOTCHECKED:
	case HF_ERROR:
	case HF_STATUS_COUNT:
		break; /* a check without a verdict is an error */
	}
}

static void check_high(hf_check_run *run)
{
	const hf_outcome *outcomes;

	/* no other check's business */
	assert_int_equal(hf_outcomes_get(run, &outcomes), 0);
	decide(run, next_high);
}

static void check_low(hf_check_run *run)
{
	decide(run, next_low);
}

#define ROW(name, vector, function)                                                                \
	{                                                                                          \
		.id = (name), .title = "t", .subject = HF_SUBJECT_HOST, .stride = HF_STRIDE_E,     \
		.severity = HF_CCSS(vector), .level = 1, .risk = "r", .threat = "t",               \
		.remediation = "r", .run = (function)                                              \
	}
#define HIGH "AV:L/AC:L/Au:N/C:C/I:C/A:C"
#define LOW "AV:L/AC:L/Au:N/C:P/I:N/A:N"

static const hf_check rows[] = {
	ROW("kernel.high", HIGH, check_high),
	ROW("kernel.low", LOW, check_low),
	ROW("daemon.high", HIGH, check_low),
};
static HF_CHECK_SET(set, rows);

static const hf_plugin host = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "host",
	.title = "t",
	.sets = (const hf_check_set *const[]){&host_baseline, NULL},
};
static const hf_plugin others = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "kernel",
	.title = "t",
	.sets = (const hf_check_set *const[]){&set, NULL},
};

/* The status of the baseline; results stand in the order of their checks, though it runs last. */
static hf_status judge(hf_status high, hf_status low, const hf_selection *selection)
{
	hf_registry *registry;
	hf_record *record;
	hf_facts *facts;
	hf_results results;

	next_high = high;
	next_low = low;
	assert_int_equal(hf_registry_new(&registry), 0);
	assert_int_equal(hf_registry_add(registry, &host, "", NULL), 0);
	assert_int_equal(hf_registry_add(registry, &others, "", NULL), 0);
	assert_int_equal(hf_record_new(&record), 0);
	assert_int_equal(hf_facts_new(record, &facts), 0);
	assert_int_equal(hf_engine_run(registry, selection, facts, NULL, NULL, &results), 0);
	assert_true(results.count > 0);
	assert_string_equal(results.all[0].check->row->id, "host.docker-hardened");
	for (size_t i = 1; i < results.count; i++)
		assert_true(results.all[i].check > results.all[i - 1].check);

	hf_status status = results.all[0].status;

	hf_facts_free(facts);
	hf_record_free(record);
	hf_registry_free(registry);
	return status;
}

static void test_all_well(void **state)
{
	(void)state;
	assert_int_equal(judge(HF_PASS, HF_PASS, NULL), HF_PASS);
	assert_int_equal(judge(HF_NOTAPPLICABLE, HF_PASS, NULL), HF_PASS);
}

static void test_low_and_foreign_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(judge(HF_PASS, HF_FAIL, NULL), HF_PASS);
	assert_int_equal(judge(HF_PASS, HF_UNKNOWN, NULL), HF_PASS);
}

static void test_failure(void **state)
{
	(void)state;
	assert_int_equal(judge(HF_FAIL, HF_PASS, NULL), HF_FAIL);
}

static void test_unknown_and_error(void **state)
{
	(void)state;
	assert_int_equal(judge(HF_UNKNOWN, HF_PASS, NULL), HF_UNKNOWN);
	assert_int_equal(judge(HF_ERROR, HF_PASS, NULL), HF_UNKNOWN);
}

static void test_left_out(void **state)
{
	const char *const alone[] = {"host.docker-hardened", NULL};
	const char *const high[] = {"kernel.high", NULL};
	const hf_selection only = {.only = alone}, skip = {.skip = high};

	(void)state;
	assert_int_equal(judge(HF_PASS, HF_PASS, &only), HF_NOTCHECKED);
	assert_int_equal(judge(HF_PASS, HF_PASS, &skip), HF_NOTCHECKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_well),
		cmocka_unit_test(test_low_and_foreign_do_not_count),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_unknown_and_error),
		cmocka_unit_test(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
