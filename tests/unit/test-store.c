/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of facts: each is computed once, found again by whom it was for, and tells what it lacked. */
#include "facts-fixture.h"

static unsigned computed;

static const void *compute_number(hf_facts *facts, const char *key)
{
	char path[32];

	computed++;
	(void)snprintf(path, sizeof path, "/none/%.16s", key);
	(void)hf_facts_ask(facts, HF_ASK_FILE, path);
	return key;
}

static const hf_fact_type number_type = {.name = "number", .compute = compute_number};
static const hf_fact_type other_type = {.name = "other", .compute = compute_number};

static void test_recall(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_facts *facts = hf_facts_of(fixture_start(f));
	const char owners[2] = {0};
	const hf_used *used;

	(void)state;
	computed = 0;
	assert_null(hf_facts_recall(facts, &number_type, &owners[0]));
	const char *one = hf_facts_once_for(facts, &number_type, &owners[0], "one");

	assert_string_equal(one, "one");
	assert_ptr_equal(hf_facts_recall(facts, &number_type, &owners[0]), one);
	assert_null(hf_facts_recall(facts, &number_type, &owners[1]));
	assert_null(hf_facts_recall(facts, &other_type, &owners[0]));
	assert_ptr_equal(hf_facts_once(facts, &number_type, "one"), one);
	assert_int_equal(computed, 1);

	/* who recalls it rests on what it lacks, as who asks for it */
	hf_facts_trace_begin(facts);
	assert_ptr_equal(hf_facts_recall(facts, &number_type, &owners[0]), one);
	assert_int_equal(hf_facts_trace_end(facts, &used), 1);
	assert_string_equal(used[0].name, "/none/one");
}

/* More owners than it can recall: each gets its own or nothing. */
static void test_many_owners(void **state)
{
	enum { OWNERS = 20000 };
	static const char owners[OWNERS];
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_facts *facts = hf_facts_of(fixture_start(f));
	char key[16];
	size_t known = 0;

	(void)state;
	for (size_t i = 0; i < OWNERS; i++) {
		(void)snprintf(key, sizeof key, "%zu", i);
		(void)hf_facts_once_for(facts, &number_type, &owners[i], key);
	}
	for (size_t i = 0; i < OWNERS; i++) {
		const char *found = hf_facts_recall(facts, &number_type, &owners[i]);

		(void)snprintf(key, sizeof key, "%zu", i);
		known += found != NULL;
		if (found)
			assert_string_equal(found, key);
	}
	assert_in_range(known, 1, OWNERS - 1);
}

/* What is lacked by all is not listed by each; a test that takes answers away sees the whole. */
static void test_long_list(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_facts *facts = hf_facts_of(fixture_start(f));
	const hf_used *used;
	char path[32];

	(void)state;
	for (int round = 0; round < 2; round++) {
		hf_facts_trace_begin(facts);
		for (unsigned i = 0; i < 1000; i++) {
			(void)snprintf(path, sizeof path, "/none/%u", i);
			(void)hf_facts_ask(facts, HF_ASK_FILE, path);
		}
		size_t count = hf_facts_trace_end(facts, &used);

		assert_int_equal(count, round == 0 ? 64 : 1000);
		assert_string_equal(used[count - 1].name, "/none/999");
		hf_facts_trace_all(facts);
	}
}

static const void *compute_sum(hf_facts *facts, const char *key)
{
	(void)hf_facts_once(facts, &number_type, "one");
	(void)hf_facts_ask(facts, HF_ASK_FILE, "/none/between");
	(void)hf_facts_once(facts, &number_type, "two");
	(void)hf_facts_once(facts, &number_type, "one");
	return key;
}

static const hf_fact_type sum_type = {.name = "sum", .compute = compute_sum};

/* Facts rest on facts: all that they lack is told, each once, in the order in which it was asked for; also by who
 * comes later, and in between. */
static void test_facts_on_facts(void **state)
{
	static const char *const wanted[] = {"/none/first", "/none/one", "/none/between", "/none/two",
					     "/none/last"};
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_facts *facts = hf_facts_of(fixture_start(f));
	const hf_used *used;

	(void)state;
	for (int round = 0; round < 3; round++) {
		hf_facts_trace_begin(facts);
		(void)hf_facts_ask(facts, HF_ASK_FILE, "/none/first");
		(void)hf_facts_once(facts, &sum_type, "");
		if (round == 1) { /* another verdict's list does not disturb this one */
			hf_facts_trace_begin(facts);
			(void)hf_facts_once(facts, &number_type, "two");
			assert_int_equal(hf_facts_trace_end(facts, &used), 1);
		}
		(void)hf_facts_once(facts, &number_type, "two");
		(void)hf_facts_ask(facts, HF_ASK_FILE, "/none/last");
		(void)hf_facts_ask(facts, HF_ASK_FILE, "/none/first");
		assert_int_equal(hf_facts_trace_end(facts, &used), HF_ARRAY_SIZE(wanted));
		for (size_t i = 0; i < HF_ARRAY_SIZE(wanted); i++)
			assert_string_equal(used[i].name, wanted[i]);
	}
	/* who does not want the list gets none */
	hf_facts_trace_begin(facts);
	(void)hf_facts_once(facts, &sum_type, "");
	assert_int_equal(hf_facts_trace_end(facts, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_many_owners),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_facts_on_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
