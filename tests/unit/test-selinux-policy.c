/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found in binary policies as checkpolicy(8) makes them: the fuzz entry's seeds. */
#include "base/base.h"
#include "selinux/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

typedef struct policy {
	char data[4096];
	size_t size;
} policy;

static policy load(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[512];
	policy p = {0};

	(void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/selinux-policy/%s",
		       srcdir ? srcdir : ".", name);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	p.size = fread(p.data, 1, sizeof p.data, in);
	assert_in_range(p.size, 1, sizeof p.data - 1);
	(void)fclose(in);
	return p;
}

static selinux_answer has(const policy *p, const char *type)
{
	return selinux_policy_has(p->data, p->size, type);
}

static selinux_answer permits(const policy *p, const char *type)
{
	return selinux_policy_permits(p->data, p->size, type);
}

static void test_types(void **state)
{
	static const char *const names[] = {"checkpolicy-33", "checkpolicy-24", "nothing-permissive"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		const policy p = load(names[i]);

		assert_int_equal(has(&p, "container_t"), SELINUX_YES);
		assert_int_equal(has(&p, "kernel_t"), SELINUX_YES);
		/* a part of a name is none, be it the begin or the end */
		assert_int_equal(has(&p, "container"), SELINUX_NO);
		assert_int_equal(has(&p, "pc_t"), SELINUX_NO);
		/* names of other tables */
		assert_int_equal(has(&p, "system_u"), SELINUX_NO);
		assert_int_equal(has(&p, "process"), SELINUX_NO);
		assert_int_equal(permits(&p, "container_t"), SELINUX_NO);
		assert_int_equal(permits(&p, "no_such_t"), SELINUX_NO);
	}
}

static void test_permissive(void **state)
{
	const policy newest = load("checkpolicy-33"), older = load("checkpolicy-24");
	const policy none = load("nothing-permissive");

	(void)state;
	assert_int_equal(permits(&newest, "spc_t"), SELINUX_YES);
	assert_int_equal(permits(&older, "spc_t"), SELINUX_YES);
	assert_int_equal(has(&none, "spc_t"), SELINUX_YES);
	assert_int_equal(permits(&none, "spc_t"), SELINUX_NO);
}

/* Types of version 23 have shorter records: not to be understood is not to have none. */
static void test_unknown(void **state)
{
	static const char *const names[] = {"checkpolicy-23", "source"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		const policy p = load(names[i]);

		assert_int_equal(has(&p, "container_t"), SELINUX_UNKNOWN);
		assert_int_equal(permits(&p, "spc_t"), SELINUX_UNKNOWN);
	}
}

/* However much is lost, nothing that is permitted becomes confined. */
static void test_cut(void **state)
{
	policy p = load("checkpolicy-33");

	(void)state;
	for (p.size--; p.size > 0; p.size--) {
		selinux_answer answer = permits(&p, "spc_t");

		if (answer == SELINUX_NO && has(&p, "spc_t") != SELINUX_NO)
			fail_msg("confined by the first %zu bytes", p.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_permissive),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
