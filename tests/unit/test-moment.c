/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The moment of the reading: what is a time, and which day it is on. */
#include <stdio.h>

#include "record.h"

static void expect_day(const char *text, int64_t day)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	hf_host_call(&host, "time", text);
	const hf_moment *moment = hf_facts_moment(host.facts);

	assert_int_equal(moment->fact.state, HF_PRESENT);
	assert_string_equal(moment->text, text);
	assert_int_equal(moment->day, day);
}

static void expect_none(const char *text)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	hf_host_call(&host, "time", text);
	const hf_moment *moment = hf_facts_moment(host.facts);

	assert_int_equal(moment->fact.state, HF_UNREADABLE);
	assert_non_null(moment->fact.why);
}

static void test_days(void **state)
{
	(void)state;
	/* date -u -d 2026-11-22 +%s, divided by 86400 */
	expect_day("1970-01-01T00:00:00Z", 0);
	expect_day("2000-02-29T23:59:59Z", 11016);
	expect_day("2000-03-01T00:00:00Z", 11017);
	expect_day("2026-11-22T05:40:00Z", 20779);
	expect_day("2100-03-01T00:00:00Z", 47541); /* 2100 is no leap year */
}

static void test_what_is_no_time(void **state)
{
	(void)state;
	expect_none("");
	expect_none("yesterday");
	expect_none("2026-11-22");
	expect_none("2026-11-22T05:40:00+01:00");
	expect_none("2026-11-22T05:40:00Z\n");
	expect_none("2026-13-22T05:40:00Z");
	expect_none("2026- 1-22T05:40:00Z");
	expect_none("1969-12-31T23:59:59Z");
}

static void test_not_asked(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();

	(void)state;
	assert_int_equal(hf_facts_moment(host.facts)->fact.state, HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_what_is_no_time),
		cmocka_unit_test(test_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
