/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CCSS scores: NIST IR 7502's examples, the equations' borders, and vectors that are none. */
#include "assess/assess.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static hf_ccss parse(const char *vector)
{
	hf_error err = {0};
	hf_ccss ccss = {0};

	if (hf_ccss_parse(vector, &ccss, &err) < 0)
		fail_msg("%s: %s", vector, err.text);
	return ccss;
}

static void test_base_vectors(void **state)
{
	static const struct {
		const char *vector;
		unsigned tenths;
	} known[] = {
		{"AV:N/AC:L/Au:N/C:N/I:P/A:N", 50},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P", 46},
		{"AV:L/AC:H/Au:N/C:P/I:N/A:N", 12},
		{"AV:L/AC:L/Au:N/C:N/I:N/A:C", 49},
		{"AV:N/AC:H/Au:N/C:P/I:N/A:N", 26},
		{"AV:N/AC:H/Au:N/C:P/I:P/A:N", 40},
		{"AV:N/AC:H/Au:N/C:P/I:P/A:P", 51},
		{"AV:N/AC:L/Au:N/C:P/I:N/A:P", 64},
		{"AV:N/AC:L/Au:N/C:P/I:P/A:P", 75},
		{"AV:A/AC:L/Au:N/C:P/I:P/A:P", 58},
		{"AV:N/AC:L/Au:N/C:C/I:C/A:C", 100},
		{"AV:L/AC:L/Au:N/C:C/I:C/A:C", 72},
		{"AV:L/AC:L/Au:N/C:N/I:N/A:N", 0},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		unsigned tenths = parse(known[i].vector).base_tenths;

		if (tenths != known[i].tenths)
			fail_msg("%s gives %u, wanted %u", known[i].vector, tenths, known[i].tenths);
	}
}

/* The same equations in floating point, as the report prints them, for every base vector there is. */
static void test_every_vector_against_the_equations(void **state)
{
	static const double av[] = {.395, .646, 1.0}, ac[] = {.35, .61, .71}, au[] = {.45, .56, .704},
			    impact[] = {0, .275, .66};
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 729; i++) {
		unsigned v = i % 3, c = i / 3 % 3, u = i / 9 % 3, x = i / 27 % 3, y = i / 81 % 3,
			 z = i / 243;
		char vector[64];

		(void)snprintf(vector, sizeof vector, "AV:%c/AC:%c/Au:%c/C:%c/I:%c/A:%c", "LAN"[v],
			       "HML"[c], "MSN"[u], "NPC"[x], "NPC"[y], "NPC"[z]);
		double imp = 10.41 * (1 - (1 - impact[x]) * (1 - impact[y]) * (1 - impact[z]));
		double base = (0.6 * imp + 0.4 * 20 * av[v] * ac[c] * au[u] - 1.5) * 1.176;
		double tenths = parse(vector).base_tenths;

		if (x + y + z == 0)
			base = 0;
		/* half up: at most half a tenth away, upwards where it is exactly half */
		assert_true(tenths - base * 10 <= 0.5 + 1e-9 && base * 10 - tenths < 0.5 + 1e-9);
		count++;
	}
	assert_int_equal(count, 729);
}

static void test_temporal(void **state)
{
	(void)state;
	hf_ccss ccss = parse("AV:L/AC:L/Au:N/C:P/I:P/A:P/GEL:L/GRL:M");

	assert_int_equal(ccss.base_tenths, 46);
	assert_int_equal(ccss.temporal_tenths, 37);
	ccss = parse("AV:L/AC:L/Au:N/C:P/I:P/A:P");
	assert_int_equal(ccss.temporal_tenths, ccss.base_tenths);
	ccss = parse("AV:L/AC:L/Au:N/C:P/I:P/A:P/GRL:ND/GEL:ND");
	assert_int_equal(ccss.temporal_tenths, 46);
	/* Exploitability is cut at 10, so the score stays in its range */
	ccss = parse("AV:N/AC:L/Au:N/C:C/I:C/A:C/GEL:H/GRL:N");
	assert_int_equal(ccss.temporal_tenths, 100);
}

static void test_recorded_metrics(void **state)
{
	(void)state;
	hf_ccss ccss = parse("AV:L/AC:L/Au:N/C:P/I:P/A:P/EM:P/PL:R");

	assert_int_equal(ccss.privilege, 'R');
	assert_int_equal(ccss.exploitation, 'P');
	assert_int_equal(ccss.base_tenths, 46);
	ccss = parse("AV:L/AC:L/Au:N/C:P/I:P/A:P/PL:ND");
	assert_int_equal(ccss.privilege, 0);
	assert_int_equal(ccss.exploitation, 0);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *vector;
		const char *place; /* what the message must name */
	} bad[] = {
		{"", "AV"},
		{"AV:L", "AC"},
		{"AV:L/AC:L/Au:N/C:P/I:P", "A is missing"},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:", "\"A:\""},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P/", "\"\""},
		{"AV:X/AC:L/Au:N/C:P/I:P/A:P", "AV:X"},
		{"AV:LL/AC:L/Au:N/C:P/I:P/A:P", "AV:LL"},
		{"av:L/AC:L/Au:N/C:P/I:P/A:P", "av:L"},
		{"AC:L/AV:L/Au:N/C:P/I:P/A:P", "AC:L"},
		{"AV:L/AC:L/AU:N/C:P/I:P/A:P", "AU:N"},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P/A:P", "A:P"},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P/GEL:M/GEL:M", "GEL is there twice"},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P/CVSS:3", "CVSS:3"},
		{"AV:L/AC:L/Au:N/C:P/I:P/A:P ", "A:P "},
		{" AV:L/AC:L/Au:N/C:P/I:P/A:P", " AV:L"},
	};
	const hf_ccss sentinel = {.base_tenths = 4711};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		hf_ccss ccss = sentinel;
		hf_error err = {0};

		assert_int_equal(hf_ccss_parse(bad[i].vector, &ccss, &err), -EINVAL);
		if (!strstr(err.text, bad[i].place))
			fail_msg("\"%s\" says: %s", bad[i].vector, err.text);
		assert_memory_equal(&ccss, &sentinel, sizeof ccss);
	}
	assert_int_equal(hf_ccss_parse(NULL, &(hf_ccss){0}, NULL), -EINVAL);
}

static void test_severities(void **state)
{
	(void)state;
	assert_int_equal(hf_severity_of_base(0), HF_SEVERITY_LOW);
	assert_int_equal(hf_severity_of_base(39), HF_SEVERITY_LOW);
	assert_int_equal(hf_severity_of_base(40), HF_SEVERITY_MEDIUM);
	assert_int_equal(hf_severity_of_base(69), HF_SEVERITY_MEDIUM);
	assert_int_equal(hf_severity_of_base(70), HF_SEVERITY_HIGH);
	assert_int_equal(hf_severity_of_base(89), HF_SEVERITY_HIGH);
	assert_int_equal(hf_severity_of_base(90), HF_SEVERITY_CRITICAL);
	for (unsigned s = 0; s < HF_SEVERITY_COUNT; s++)
		assert_int_equal(hf_severity_number(hf_severity_name((hf_severity)s)), s);
	assert_int_equal(hf_severity_number("HIGH"), HF_SEVERITY_COUNT);
	assert_int_equal(hf_severity_number(""), HF_SEVERITY_COUNT);
}

static void test_stride(void **state)
{
	(void)state;
	assert_string_equal(hf_stride_letters, "STRIDE");
	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++)
		assert_int_equal(hf_stride_title(i)[0], hf_stride_letters[i]);
	assert_int_equal(HF_STRIDE_E, 1U << (HF_STRIDE_COUNT - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_vectors),
		cmocka_unit_test(test_every_vector_against_the_equations),
		cmocka_unit_test(test_temporal),
		cmocka_unit_test(test_recorded_metrics),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_severities),
		cmocka_unit_test(test_stride),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
