/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel options: the notation of wanted values and conditions, and what every row must have. */
#include "base/base.h"
#include "kernel/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- terms ---- */

static bool parse(const char *text, option_term *ret_term)
{
	return option_term_parse(text, strlen(text), ret_term);
}

static void test_terms(void **state)
{
	static const struct {
		const char *text;
		option_source source;
		const char *name;
		const char *wanted;
		bool is_list;
	} cases[] = {
		{"K:DEBUG_LIST=y", OPTION_TERM_K, "DEBUG_LIST", "y", false},
		{"K:MODULES!set", OPTION_TERM_K, "MODULES", "absent", false},
		{"K:CFI_AUTO_DEFAULT?", OPTION_TERM_K, "CFI_AUTO_DEFAULT", "present", false},
		{"K:LSM~apparmor", OPTION_TERM_K, "LSM", "~apparmor", false},
		{"K:MODULE_SIG_HASH=\"sha256\"", OPTION_TERM_K, "MODULE_SIG_HASH", "\"sha256\"",
		 false},
		{"K:X>=32768", OPTION_TERM_K, "X", ">=32768", false},
		{"C:mitigations=auto,nosmt", OPTION_TERM_C, "mitigations", "auto,nosmt", false},
		{"C:nosmt?", OPTION_TERM_C, "nosmt", "present", false},
		{"C:kpti!off", OPTION_TERM_C, "kpti", "!off", false},
		{"C:iommu!=pt", OPTION_TERM_C, "iommu", "!=pt", false},
		{"C:cgroup_disable!~memory", OPTION_TERM_C, "cgroup_disable", "!~memory", false},
		{"C:x.y in a,b", OPTION_TERM_C, "x.y", "a,b", true},
		{"S:kernel.sysrq in 0,16,176", OPTION_TERM_S, "kernel.sysrq", "0,16,176", true},
		{"S:vm.mmap_min_addr>=65536", OPTION_TERM_S, "vm.mmap_min_addr", ">=65536", false},
		{"S:absent", OPTION_TERM_S, "", "absent", false},
		{"S:net.ipv6.conf.*.accept_ra!=2", OPTION_TERM_S, "net.ipv6.conf.*.accept_ra",
		 "!=2", false},
		{"V>=5.4.208", OPTION_TERM_V, "", ">=5.4.208", false},
		{"V<6.12", OPTION_TERM_V, "", "<6.12", false},
		{"A:x86_64", OPTION_TERM_A, "x86_64", "", false},
		{"HW:vm-no-passthrough", OPTION_TERM_HW, "vm-no-passthrough", "", false},
		{"RT:no-kubelet", OPTION_TERM_RT, "no-kubelet", "", false},
		{"RT:lsm~yama", OPTION_TERM_RT, "lsm", "~yama", false},
		{"RT:lockdown>=integrity", OPTION_TERM_RT, "lockdown", ">=integrity", false},
		{"RT:module af_alg denied", OPTION_TERM_RT, "module", "af_alg denied", false},
		{"RT:fixed CVE-2026-31431", OPTION_TERM_RT, "fixed", "CVE-2026-31431", false},
		{"RT:/sys/kernel/mm/ksm/run=0", OPTION_TERM_RT, "/sys/kernel/mm/ksm/run", "0",
		 false},
		{"RT:vulnerabilities/meltdown=Not affected", OPTION_TERM_RT,
		 "vulnerabilities/meltdown", "Not affected", false},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		option_term term;

		if (!parse(cases[i].text, &term))
			fail_msg("%s was not understood", cases[i].text);
		assert_int_equal(term.source, cases[i].source);
		assert_string_equal(term.name, cases[i].name);
		assert_string_equal(term.wanted, cases[i].wanted);
		assert_int_equal(term.is_list, cases[i].is_list);
	}
}

static void test_terms_malformed(void **state)
{
	static const char *const cases[] = {
		"",	 "K:",	    "K:X",    "K:=y",	 "K:X!",       "K:X=",	"X=y",
		"C:a b", "C:a in ", "S:",     "V5.4",	 "V",	       "A:",	"HW:",
		"RT:",	 "RT:=x",   "HW:a b", "RT:lsm~", "RT:module ", "K:X?y", "K:X!sets",
		"RT:a;", "k:X=y",   "S:x",    "V=6.1",
	};
	char big[400];
	option_term term;

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++)
		if (parse(cases[i], &term))
			fail_msg("\"%s\" was taken for a term", cases[i]);
	memset(big, 'X', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	memcpy(big, "K:", 2);
	memcpy(big + sizeof big - 3, "=y", 2);
	assert_false(parse(big, &term));
}

/* ---- expressions ---- */

/* A:yes is true, A:no false, A:what unknown; counts what was asked. */
static option_truth decide(const option_term *term, void *data)
{
	++*(unsigned *)data;
	if (strcmp(term->name, "what") == 0)
		return OPTION_CANNOT_KNOW;
	return option_truth_of(strcmp(term->name, "yes") == 0);
}

static void test_expressions(void **state)
{
	static const struct {
		const char *text;
		option_truth truth;
		unsigned asked;
	} cases[] = {
		{"A:yes", OPTION_YES, 1},
		{"A:no", OPTION_NO, 1},
		{"A:what", OPTION_CANNOT_KNOW, 1},
		{"A:yes & A:no", OPTION_NO, 2},
		{"A:no & A:yes", OPTION_NO, 1},
		{"A:no & A:what", OPTION_NO, 1},
		{"A:what & A:no", OPTION_NO, 2},
		{"A:what & A:yes", OPTION_CANNOT_KNOW, 2},
		{"A:yes | A:what", OPTION_YES, 1},
		{"A:what | A:yes", OPTION_YES, 2},
		{"A:what | A:no", OPTION_CANNOT_KNOW, 2},
		{"A:no | A:no", OPTION_NO, 2},
		{"A:yes | A:no & A:no", OPTION_YES, 1},
		{"A:no & A:no | A:yes", OPTION_YES, 2},
		{"A:no & (A:no | A:yes)", OPTION_NO, 1},
		{"(A:no | A:yes) & A:what", OPTION_CANNOT_KNOW, 3},
		{"((A:yes))", OPTION_YES, 1},
		{"  A:yes  &  A:yes  ", OPTION_YES, 2},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		unsigned asked = 0;
		option_truth truth;

		if (!option_expr_evaluate(cases[i].text, decide, &asked, &truth))
			fail_msg("%s was not understood", cases[i].text);
		if (truth != cases[i].truth || asked != cases[i].asked)
			fail_msg("%s gives %d after %u terms", cases[i].text, truth, asked);
	}
}

static void test_expressions_malformed(void **state)
{
	static const char *const cases[] = {
		"",
		"A:yes &",
		"& A:yes",
		"A:yes A:no",
		"(A:yes",
		"A:yes)",
		"A:yes |",
		"A:yes && A:no",
		"()",
		"A:yes (A:no)",
		"(A:yes))",
		"!A:yes",
		/* a malformed part counts even where it cannot matter */
		"A:no & nonsense",
		"A:yes | (A:no",
		"(((((((((((((((((A:yes)))))))))))))))))",
	};
	unsigned asked = 0;

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		option_truth truth = OPTION_YES;

		if (option_expr_evaluate(cases[i], decide, &asked, &truth))
			fail_msg("\"%s\" was taken for an expression", cases[i]);
	}
}

/* ---- wanted values ---- */

static const char *const unset = "(unset)";

static void test_wanted(void **state)
{
	static const struct {
		option_kind kind;
		const char *wanted;
		const char *value;
		option_truth truth;
	} cases[] = {
		{OPTION_KCONFIG, "y", "y", OPTION_YES},
		{OPTION_KCONFIG, "y", "m", OPTION_NO},
		{OPTION_KCONFIG, "y", unset, OPTION_NO},
		{OPTION_KCONFIG, "y,m", "m", OPTION_YES},
		{OPTION_KCONFIG, "not-set", unset, OPTION_YES},
		{OPTION_KCONFIG, "not-set", "m", OPTION_NO},
		{OPTION_KCONFIG, "not-set,m", "m", OPTION_YES},
		{OPTION_KCONFIG, ">=65536", "65536", OPTION_YES},
		{OPTION_KCONFIG, ">=65536", "4096", OPTION_NO},
		{OPTION_KCONFIG, ">=65536", unset, OPTION_NO},
		{OPTION_KCONFIG, ">=1", "\"text\"", OPTION_CANNOT_KNOW},
		{OPTION_KCONFIG, "0x0", "0", OPTION_YES},
		{OPTION_KCONFIG, "\"sha256\"", "\"sha256\"", OPTION_YES},
		{OPTION_KCONFIG, "sha256", "\"sha256\"", OPTION_YES},
		{OPTION_KCONFIG, "~yama", "\"landlock,yama,bpf\"", OPTION_YES},
		{OPTION_KCONFIG, "~yam", "\"landlock,yama,bpf\"", OPTION_NO},
		{OPTION_KCONFIG, "max(CONFIG_M)", "32", OPTION_YES},
		{OPTION_KCONFIG, "max(CONFIG_M)", "28", OPTION_NO},
		{OPTION_KCONFIG, "1..500", "500", OPTION_YES},
		{OPTION_KCONFIG, "1..500", "0", OPTION_NO},
		{OPTION_KCONFIG, "1..500", "501", OPTION_NO},
		{OPTION_CMDLINE, "absent", unset, OPTION_YES},
		{OPTION_CMDLINE, "absent", "", OPTION_NO},
		{OPTION_CMDLINE, "present", "", OPTION_YES},
		{OPTION_CMDLINE, "!off", unset, OPTION_YES},
		{OPTION_CMDLINE, "!off", "auto", OPTION_YES},
		{OPTION_CMDLINE, "!off", "off", OPTION_NO},
		{OPTION_CMDLINE, "!=relaxed", unset, OPTION_YES},
		{OPTION_CMDLINE, "!=relaxed", "relaxed", OPTION_NO},
		{OPTION_CMDLINE, "!~memory", unset, OPTION_YES},
		{OPTION_CMDLINE, "!~memory", "cpu,memory", OPTION_NO},
		{OPTION_CMDLINE, "!~memory", "memory_hog", OPTION_YES},
		{OPTION_CMDLINE, "!~no_user_kernel", "auto;no_user_kernel", OPTION_NO},
		/* kstrtobool */
		{OPTION_CMDLINE, "1", "on", OPTION_YES},
		{OPTION_CMDLINE, "1", "Y", OPTION_YES},
		{OPTION_CMDLINE, "1", "true", OPTION_YES},
		{OPTION_CMDLINE, "1", "off", OPTION_NO},
		{OPTION_CMDLINE, "1", "", OPTION_NO},
		{OPTION_CMDLINE, "1,empty", "", OPTION_YES},
		{OPTION_CMDLINE, "!=0", "off", OPTION_NO},
		{OPTION_CMDLINE, "!=0", "n", OPTION_NO},
		{OPTION_CMDLINE, "!=0", "1", OPTION_YES},
		{OPTION_CMDLINE, "2", "on", OPTION_NO},
		{OPTION_CMDLINE, ">=8192", "0x2000", OPTION_YES},
		{OPTION_CMDLINE, ">=8192", "many", OPTION_NO},
		{OPTION_SYSCTL, "1,2", "2", OPTION_YES},
		{OPTION_SYSCTL, "1,2", "0", OPTION_NO},
		{OPTION_SYSCTL, "0", "-1", OPTION_NO},
		{OPTION_SYSCTL, "<=0", "-1", OPTION_YES},
		{OPTION_SYSCTL, "on", "1", OPTION_NO},
		{OPTION_SYSCTL, "1", "on", OPTION_CANNOT_KNOW},
		{OPTION_SYSCTL, ">=2", "", OPTION_CANNOT_KNOW},
		{OPTION_SYSCTL, ">=2", "99999999999999999999", OPTION_CANNOT_KNOW},
		{OPTION_SYSCTL, "empty", "", OPTION_YES},
		{OPTION_SYSCTL, "empty", unset, OPTION_NO},
		{OPTION_SYSCTL, "/sbin/modprobe,empty", "/tmp/x", OPTION_NO},
		{OPTION_SYSCTL, "field1<=4", "4\t4\t1\t7", OPTION_YES},
		{OPTION_SYSCTL, "field1<=4", "7\t4\t1\t7", OPTION_NO},
		{OPTION_SYSCTL, "field4<=4", "4\t4\t1\t7", OPTION_NO},
		{OPTION_SYSCTL, "field5<=4", "4\t4\t1\t7", OPTION_CANNOT_KNOW},
		{OPTION_SYSCTL, "~errno", "kill_process trap errno log allow", OPTION_YES},
		{OPTION_SYSCTL, "~errno", "kill_process", OPTION_NO},
		{OPTION_SYSCTL, "max", "32", OPTION_YES},
	};
	const option_limit limit = {.is_known = true, .max = 32};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		const bool is_set = cases[i].value != unset;
		const option_value value = {
			.kind = cases[i].kind,
			.is_set = is_set,
			.text = is_set ? cases[i].value : NULL,
			.list = is_set ? cases[i].value : NULL,
		};
		option_truth truth;

		if (!option_wanted_match(cases[i].wanted, &value, &limit, &truth))
			fail_msg("%s was not understood", cases[i].wanted);
		if (truth != cases[i].truth)
			fail_msg("%s of %s gives %d", cases[i].wanted, cases[i].value, truth);
	}
}

static void test_wanted_malformed(void **state)
{
	static const char *const cases[] = {
		"",  "y,", ",y",  "!",	"!x",	"!=",  "!~",	   "~",
		">", ">=", ">=x", "<5", "5..1", "1..", "field1=4", "field0<=4",
	};
	const option_value value = {
		.kind = OPTION_SYSCTL, .is_set = true, .text = "1", .list = "1"};
	const option_limit no_limit = {0};
	option_truth truth;
	char name[OPTION_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++)
		if (option_wanted_match(cases[i], &value, &no_limit, &truth))
			fail_msg("\"%s\" was taken for a wanted value", cases[i]);
	/* a limit that is not known leaves the question open */
	assert_true(option_wanted_match("max(CONFIG_M)", &value, &no_limit, &truth));
	assert_int_equal(truth, OPTION_CANNOT_KNOW);
	assert_true(option_wanted_limit("max(CONFIG_M)", name));
	assert_string_equal(name, "CONFIG_M");
	assert_false(option_wanted_limit("max(CONFIG_M", name));
	assert_false(option_wanted_limit("max()", name));
	assert_false(option_wanted_limit("max(CONFIG_M),1", name));
}

/* ---- the rows ---- */

static option_truth anything(const option_term *term, void *data)
{
	(void)term;
	(void)data;
	return OPTION_CANNOT_KNOW;
}

static void check_param(const hf_check *row)
{
	const option_row *param = row->param;
	const option_value value = {.kind = param->kind, .is_set = true, .text = "1", .list = "1"};
	const option_limit no_limit = {0};
	option_truth truth;

	if (!option_wanted_match(param->wanted, &value, &no_limit, &truth))
		fail_msg("%s: %s is no wanted value", row->id, param->wanted);
	for (size_t i = 0; i < param->clause_count; i++) {
		if (!option_expr_evaluate(param->clauses[i].text, anything, NULL, &truth))
			fail_msg("%s: %s is no expression", row->id, param->clauses[i].text);
		assert_true(*param->clauses[i].words);
		if (param->clauses[i].kind == OPTION_SEE && strcmp(param->wanted, "info") != 0)
			fail_msg("%s has a verdict and a see clause", row->id);
	}
	if ((row->flags & HF_CHECK_INFO) != 0 && strcmp(param->wanted, "info") != 0)
		fail_msg("%s is flagged as informational and has a verdict", row->id);
	if ((row->flags & HF_CHECK_INFO) == 0 && strcmp(param->wanted, "info") == 0)
		fail_msg("%s has no verdict and no flag that says so", row->id);
}

static int compare_texts(const void *a, const void *b)
{
	const char *x;
	const char *y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return strcmp(x, y);
}

static void test_rows(void **state)
{
	const size_t count = kernel_options.count;
	const char **titles = calloc(count, sizeof *titles);

	(void)state;
	assert_non_null(titles);
	assert_int_equal(count, 537);
	for (size_t i = 0; i < count; i++) {
		const hf_check *row = &kernel_options.checks[i];

		assert_non_null(row->param);
		if (!*row->title || !*row->risk || !*row->threat || !*row->remediation ||
		    !row->refs || !row->refs[0] || !row->stride)
			fail_msg("%s lacks something", row->id);
		if (row->title[strlen(row->title) - 1] == '.' ||
		    row->risk[strlen(row->risk) - 1] != '.' ||
		    row->remediation[strlen(row->remediation) - 1] != '.')
			fail_msg("%s: a title has no full stop, a sentence has one", row->id);
		if (((const option_row *)row->param)->kind == OPTION_SYSCTL && !row->reads)
			fail_msg("%s does not say what it reads", row->id);
		titles[i] = row->title;
		check_param(row);
	}
	qsort(titles, count, sizeof *titles, compare_texts);
	for (size_t i = 1; i < count; i++)
		if (strcmp(titles[i - 1], titles[i]) == 0)
			fail_msg("two rows have the title \"%s\"", titles[i]);
	free(titles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),	    cmocka_unit_test(test_terms_malformed),
		cmocka_unit_test(test_expressions), cmocka_unit_test(test_expressions_malformed),
		cmocka_unit_test(test_wanted),	    cmocka_unit_test(test_wanted_malformed),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
