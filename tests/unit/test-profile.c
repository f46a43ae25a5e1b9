/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles: what YAML is taken, which view of a file a name means, which checks answer an item, and what several of
 * them say together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "assess/profile.h"
#include "engine/yaml.h"

#include <stdio.h>

static hf_arena *arena;

static int set_up(void **state)
{
	(void)state;
	return hf_arena_new(&arena);
}

static int tear_down(void **state)
{
	(void)state;
	hf_arena_free(arena);
	return 0;
}

/* ---- YAML ---- */

static const hf_yaml *yaml_of(const char *text)
{
	const hf_yaml *root = NULL;

	assert_int_equal(hf_yaml_parse(text, strlen(text), "x.yaml", arena, &root, NULL), 0);
	assert_non_null(root);
	return root;
}

static void test_yaml_is_a_tree(void **state)
{
	const hf_yaml *root = yaml_of("# words\na: one\nb: [1, [2, 3], {c: '4'}]\nd:\n  e: \"\"\n");

	(void)state;
	assert_int_equal(root->kind, HF_YAML_MAP);
	assert_int_equal(root->count, 3);
	assert_string_equal(hf_yaml_member(root, "a")->text, "one");
	assert_int_equal(hf_yaml_member(root, "a")->line, 2);
	assert_null(hf_yaml_member(root, "c"));
	assert_null(hf_yaml_member(hf_yaml_member(root, "b"), "c"));

	const hf_yaml *list = hf_yaml_member(root, "b");

	assert_int_equal(list->kind, HF_YAML_LIST);
	assert_int_equal(list->count, 3);
	assert_string_equal(list->first->text, "1");
	assert_string_equal(list->first->next->first->next->text, "3");
	assert_string_equal(hf_yaml_member(list->first->next->next, "c")->text, "4");
	assert_string_equal(hf_yaml_member(hf_yaml_member(root, "d"), "e")->text, "");
	assert_int_equal(hf_yaml_member(hf_yaml_member(root, "d"), "e")->line, 5);
}

static void test_yaml_without_content_is_an_empty_mapping(void **state)
{
	static const char *const texts[] = {"", "\n", "# nothing but words\n", "---\n", "---\n...\n"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		assert_int_equal(yaml_of(texts[i])->kind, HF_YAML_MAP);
		assert_int_equal(yaml_of(texts[i])->count, 0);
	}
}

static void assert_yaml_refused(const char *text, size_t size, unsigned line, const char *word)
{
	const hf_yaml *root = (const hf_yaml *)(const void *)text;
	hf_error err = {0};

	assert_int_equal(hf_yaml_parse(text, size, "x.yaml", arena, &root, &err), -EBADMSG);
	assert_ptr_equal(root, text);
	assert_string_equal(err.source, "x.yaml");
	assert_int_equal(err.line, line);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not say \"%s\"", err.text, word);
}

static void test_yaml_that_is_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *word;
	} cases[] = {
		{"a: 1\nb: *x\n", 2, "aliases"},
		{"a: &x 1\nb: *x\n", 2, "aliases"},
		{"a: !!int 5\n", 1, "tags"},
		{"a:\n  - !x y\n", 2, "tags"},
		{"a: !x {b: c}\n", 1, "tags"},
		{"a: 1\nb: 2\na: 3\n", 3, "a stands there twice"},
		{"a:\n  b: 1\n  b: 2\n", 3, "b stands there twice"},
		{"a: 1\n---\nb: 2\n", 2, "second document"},
		{"[a, b]: c\n", 1, "plain word"},
		{"a: [[[[[[[[1]]]]]]]]\n", 1, "too many others"},
		{"a: \"x\\0y\"\n", 1, "zero byte"},
		{"\"a\\0\": y\n", 1, "zero byte"},
		{"a: {\n", 2, ""},
		{"a: \xff\n", 1, ""},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++)
		assert_yaml_refused(cases[i].text, strlen(cases[i].text), cases[i].line,
				    cases[i].word);
}

static void test_yaml_has_bounds(void **state)
{
	hf_buffer keys = {0}, large = {0};
	const hf_yaml *root;
	hf_error err = {0};

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		hf_buffer_printf(&keys, "k%u: v\n", i);
	assert_yaml_refused(keys.data, keys.size, 257, "too many keys");
	hf_buffer_puts(&large, "a: b\n");
	while (large.size <= HF_YAML_MAX_BYTES)
		hf_buffer_puts(&large, "# ten megabytes of nothing at all\n");
	assert_int_equal(hf_yaml_parse(large.data, large.size, "x.yaml", arena, &root, &err), -EFBIG);
	assert_non_null(strstr(err.text, "KiB"));
	hf_buffer_free(&keys);
	hf_buffer_free(&large);
}

/* ---- names ---- */

static void test_names_of_profiles(void **state)
{
	static const struct {
		const char *name, *file, *version;
		unsigned level;
	} cases[] = {
		{"cis-docker", "cis-docker", NULL, 0},
		{"cis-docker-level-1", "cis-docker", NULL, 1},
		{"cis-docker-1.8", "cis-docker", "1.8", 0},
		{"cis-docker-1.8-level-2", "cis-docker", "1.8", 2},
		{"cis-docker-level-1-1.8", "cis-docker-level-1", "1.8", 0},
		{"kernel", "kernel", NULL, 0},
		{"kernel-6", "kernel-6", NULL, 0},
		{"x-level-", "x-level-", NULL, 0},
		{"x-level-12", "x-level-12", NULL, 0},
		{"x-1.", "x-1.", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++) {
		hf_profile_wish wish;
		const char *file;

		assert_int_equal(hf_profile_split(cases[i].name, arena, &file, &wish), 0);
		assert_string_equal(file, cases[i].file);
		assert_string_equal(wish.name, cases[i].name);
		assert_true(hf_streq(wish.version, cases[i].version));
		assert_int_equal(wish.level, cases[i].level);
	}
}

static void test_names_that_are_no_file(void **state)
{
	static const char *const names[] = {"", ".", "..", "../x", "/etc/passwd", "a/b", "-x", "A", "a b",
					    "a\n",
					    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		const char *file = "sentinel";
		hf_profile_wish wish;

		assert_int_equal(hf_profile_split(names[i], arena, &file, &wish), -EINVAL);
		assert_string_equal(file, "sentinel");
	}
}

/* ---- profiles ---- */

#define HEAD                                                                                       \
	"benchmark: B\ntitle: T\nversions: ['1.0', '2.0']\n"                                       \
	"sections: [{number: '1', title: One}, {number: '2', title: Two}]\nitems:\n"

/* Out of order on purpose. */
static const char two_versions[] =
	HEAD "- {number: '2.10', level: 1, assessment: manual, title: c, refs: ['B:2.10'], look: l}\n"
	     "- {number: '1.1', level: 1, assessment: automated, title: a, refs: ['B:1.1', 'P:x'], look: l}\n"
	     "- {number: '2.9', numbers: {'2.0': '2.11'}, level: 2, assessment: manual, title: b,\n"
	     "   refs: ['B:2.9'], look: l}\n"
	     "- {numbers: {'2.0': '2.9'}, level: 1, assessment: manual, title: new, refs: ['B2:2.9'], look: l}\n"
	     "- {number: '1.2', numbers: {'2.0': none}, level: 1, assessment: manual, title: old,\n"
	     "   refs: ['B:1.2'], look: l}\n";

static const hf_profile *profile_of(const char *text, const char *version, unsigned level)
{
	const hf_profile_wish wish = {.name = "b", .version = version, .level = level};
	const hf_profile *profile = NULL;
	hf_error err = {0};

	if (hf_profile_parse(text, strlen(text), "b.yaml", &wish, arena, &profile, &err) < 0)
		fail_msg("%u: %s", err.line, err.text);
	assert_non_null(profile);
	return profile;
}

static void assert_numbers(const hf_profile *profile, const char *wanted)
{
	hf_buffer numbers = {0};

	for (size_t i = 0; i < profile->item_count; i++)
		hf_buffer_printf(&numbers, "%s%s", i > 0 ? " " : "", profile->items[i].number);
	assert_string_equal(numbers.data, wanted);
	hf_buffer_free(&numbers);
}

static void test_items_have_their_versions_order(void **state)
{
	const hf_profile *first = profile_of(two_versions, NULL, 0);
	const hf_profile *second = profile_of(two_versions, "2.0", 0);

	(void)state;
	assert_string_equal(first->version, "1.0");
	assert_numbers(first, "1.1 1.2 2.9 2.10");
	assert_int_equal(first->items[2].other_count, 1);
	assert_string_equal(first->items[2].others[0].version, "2.0");
	assert_string_equal(first->items[2].others[0].number, "2.11");
	assert_int_equal(first->items[1].other_count, 0);
	assert_int_equal(first->level, 2);
	assert_false(first->items[0].is_manual);
	assert_true(first->items[1].is_manual);

	assert_string_equal(second->version, "2.0");
	assert_numbers(second, "1.1 2.9 2.10 2.11");
	assert_string_equal(second->items[1].title, "new");
	assert_string_equal(second->items[3].others[0].number, "2.9");
}

static void test_a_level_has_those_below(void **state)
{
	(void)state;
	assert_numbers(profile_of(two_versions, NULL, 1), "1.1 1.2 2.10");
	assert_numbers(profile_of(two_versions, NULL, 2), "1.1 1.2 2.9 2.10");
	assert_int_equal(profile_of(two_versions, "2.0", 1)->level, 1);
}

static void assert_refused(const char *text, const hf_profile_wish *wish, int code, unsigned line,
			   const char *word)
{
	const hf_profile *profile = (const hf_profile *)(const void *)text;
	hf_error err = {0};

	if (hf_profile_parse(text, strlen(text), "b.yaml", wish, arena, &profile, &err) != code ||
	    err.line != line || !strstr(err.text, word))
		fail_msg("%s\nis %d at line %u: \"%s\", not %d at line %u: \"%s\"", text, err.code,
			 err.line, err.text, code, line, word);
	assert_ptr_equal(profile, text);
}

static void test_wishes_that_no_file_fulfils(void **state)
{
	static const hf_profile_wish version = {.name = "b", .version = "3.0"};
	static const hf_profile_wish level = {.name = "b", .level = 3};
	static const hf_profile_wish zero = {.name = "b", .version = "1.0.0"};

	(void)state;
	assert_refused(two_versions, &version, -ENOENT, 0, "has no version 3.0; it has: 1.0, 2.0");
	assert_refused(two_versions, &zero, -ENOENT, 0, "1.0.0");
	assert_refused(two_versions, &level, -ENOENT, 0, "has no level 3; the highest is 2");
}

#define ITEM(rest) HEAD "- {level: 1, assessment: manual, title: t, look: l, " rest "}\n"
#define GOOD "number: '1.1', refs: ['B:1']"

static void test_profiles_that_are_refused(void **state)
{
	static const hf_profile_wish wish = {.name = "b"};
	static const struct {
		const char *text;
		unsigned line;
		const char *word;
	} cases[] = {
		{"", 1, "\"benchmark\" is missing"},
		{"[a]\n", 1, "mapping"},
		{"benchmark: B\ntitel: x\n", 2, "unknown key \"titel\""},
		{"benchmark: [B]\n", 1, "single value"},
		{"benchmark: B\ntitle: T\nversions: []\n", 3, "versions takes a list"},
		{"benchmark: B\ntitle: T\nversions: [one]\n", 3, "a version is a number"},
		{"benchmark: B\ntitle: T\nversions: ['1']\nsections: x\n", 4, "sections takes a list"},
		{"benchmark: B\ntitle: T\nversions: ['1']\nsections: [x]\n", 4, "mapping of keys"},
		{"benchmark: B\ntitle: T\nversions: ['1']\nsections: [{number: '1.2', title: x}]\n", 4,
		 "one part"},
		{"benchmark: B\ntitle: T\nversions: ['1']\n"
		 "sections: [{number: '2', title: x}, {number: '2', title: y}]\n",
		 4, "out of order"},
		{HEAD, 5, "items takes a list"},
		{HEAD "- x\n", 6, "mapping of keys"},
		{ITEM(GOOD ", colour: red"), 6, "unknown key \"colour\""},
		{ITEM("refs: ['B:1']"), 6, "\"number\" is missing"},
		{ITEM("number: 1., refs: ['B:1']"), 6, "a number is one such as"},
		{ITEM("number: 1.1.1.1.1.1, refs: ['B:1']"), 6, "a number is one such as"},
		{ITEM("number: 1a, refs: ['B:1']"), 6, "a number is one such as"},
		{ITEM("number: '3.1', refs: ['B:1']"), 6, "in no section"},
		{ITEM("number: '1', refs: ['B:1']"), 6, "in no section"},
		{ITEM("number: '11.1', refs: ['B:1']"), 6, "in no section"},
		{ITEM(GOOD ", numbers: {'9.0': '1.1'}"), 6, "no version 9.0"},
		{ITEM(GOOD ", numbers: {'2.0': x}"), 6, "or none"},
		{ITEM(GOOD ", numbers: x"), 6, "numbers takes"},
		{ITEM("number: '1.1'"), 6, "\"refs\" is missing"},
		{ITEM("number: '1.1', refs: [B]"), 6, "SOURCE:NUMBER"},
		{ITEM("number: '1.1', refs: [[B]]"), 6, "SOURCE:NUMBER"},
		{ITEM(GOOD) "- {number: '1.1', level: 1, assessment: manual, title: t, look: l, refs: ['B:2']}\n",
		 6, "number 1.1 is there twice"},
		{HEAD "- {number: '1.1', level: 4, assessment: manual, title: t, look: l, refs: ['B:1']}\n", 6,
		 "level is 1 to 3"},
		{HEAD "- {number: '1.1', level: 1, assessment: perhaps, title: t, look: l, refs: ['B:1']}\n",
		 6, "automated or manual"},
		{HEAD "- {number: '1.1', level: 1, assessment: manual, title: t, refs: ['B:1']}\n", 6,
		 "\"look\" is missing"},
	};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(cases); i++)
		assert_refused(cases[i].text, &wish, -EBADMSG, cases[i].line, cases[i].word);
}

/* ---- which checks answer, and what they say together ---- */

static void never_run(hf_check_run *run)
{
	(void)run;
	fail_msg("nothing here runs checks");
}

#define ROW(row_id, ...)                                                                           \
	{                                                                                          \
		.id = (row_id), .title = "t", .stride = HF_STRIDE_E,                               \
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"), .level = 1,                     \
		.refs = HF_REFS(__VA_ARGS__), .risk = "r", .threat = "t", .remediation = "f",      \
		.run = never_run,                                                                  \
	}

static const hf_check rows[] = {
	ROW("a.both", "B:1.1", "P:x"),
	ROW("a.number-alone", "B:1.1"),
	ROW("a.peer-alone", "P:x"),
	ROW("a.second", "P:x", "CWE:1", "B:1.1", "B:1.1"),
	ROW("a.two-items", "B:2.9", "B:2.10"),
	ROW("a.other", "CWE:1"),
};

static const hf_check_set row_set = {
	.name = "a",
	.checks = rows,
	.count = HF_ARRAY_SIZE(rows),
};

static const hf_plugin plugin = {
	.abi = HF_ABI,
	.plugin_size = sizeof(hf_plugin),
	.check_size = sizeof(hf_check),
	.name = "a",
	.title = "A",
	.sets = (const hf_check_set *const[]){&row_set, NULL},
};

static void test_a_check_answers_by_all_references(void **state)
{
	const hf_profile *profile = profile_of(two_versions, NULL, 0);
	static const bool answers[] = {true, false, false, true, true, false};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++)
		assert_int_equal(hf_profile_has(profile, &rows[i]), answers[i]);
	/* only what is of the wanted level is selected */
	assert_true(hf_profile_has(profile_of(two_versions, NULL, 1), &rows[4]));
	assert_false(hf_profile_has(profile_of(two_versions, "2.0", 1), &rows[5]));
}

/* The items of a run in which each row has this status. */
static hf_items items_of(const hf_status *statuses, const hf_selection *selection)
{
	const hf_profile *profile = profile_of(two_versions, NULL, 0);
	hf_registry *registry;
	const hf_loaded_check *checks;
	hf_result results[HF_ARRAY_SIZE(rows)];
	size_t count = 0;
	hf_assessment assessment;
	hf_items items = {0};

	assert_int_equal(hf_registry_new(&registry), 0);
	assert_int_equal(hf_registry_add(registry, &plugin, "", NULL), 0);
	(void)hf_registry_checks(registry, &checks);
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		if (statuses[i] != HF_NOTSELECTED)
			results[count++] = (hf_result){.check = &checks[i], .status = statuses[i]};
	}
	const hf_results all = {.all = results, .count = count};

	assert_int_equal(hf_assess(registry, &all, arena, &assessment), 0);
	assert_int_equal(hf_items_assess(profile, selection, &assessment, arena, &items), 0);
	assert_int_equal(items.count, 4);
	hf_registry_free(registry);
	return items;
}

static void test_items_of_a_run(void **state)
{
	const hf_status statuses[] = {HF_PASS, HF_FAIL,	       HF_FAIL,
				      HF_FAIL, HF_NOTAPPLICABLE, HF_FAIL};
	hf_items items = items_of(statuses, NULL);

	(void)state;
	assert_int_equal(items.all[0].status, HF_FAIL);
	assert_int_equal(items.all[0].check_count, 2);
	assert_int_equal(items.all[0].checks[0]->status, HF_PASS);
	assert_ptr_equal(items.all[0].deciding, items.all[0].checks[1]);
	/* nothing answers it: a person must */
	assert_int_equal(items.all[1].status, HF_NOTCHECKED);
	assert_int_equal(items.all[1].check_count, 0);
	assert_null(items.all[1].deciding);
	assert_int_equal(items.all[2].status, HF_NOTAPPLICABLE);
	assert_int_equal(items.all[3].status, HF_NOTAPPLICABLE);
	assert_ptr_equal(items.all[2].deciding, items.all[3].deciding);
}

static void test_items_of_a_selection(void **state)
{
	static const char *const only[] = {"B:2.*", NULL}, *const skip[] = {"B:1.2", NULL};
	static const char *const by_name[] = {"a.second", NULL}, *const by_peer[] = {"CWE:*", NULL};
	const hf_status statuses[] = {HF_NOTSELECTED, HF_NOTSELECTED, HF_NOTSELECTED,
				      HF_PASS,	      HF_NOTSELECTED, HF_NOTSELECTED};
	const hf_selection narrow = {.only = only}, wide = {.skip = skip};
	const hf_selection named = {.only = by_name}, referred = {.only = by_peer};

	(void)state;
	/* one of its two checks was left out: the other one answers */
	assert_int_equal(items_of(statuses, &wide).all[0].status, HF_PASS);
	/* all of them were, whatever the reason */
	assert_int_equal(items_of(statuses, NULL).all[2].status, HF_NOTSELECTED);
	/* words that do not mean an item leave it out though no check answers it */
	assert_int_equal(items_of(statuses, NULL).all[1].status, HF_NOTCHECKED);
	assert_int_equal(items_of(statuses, &narrow).all[1].status, HF_NOTSELECTED);
	assert_int_equal(items_of(statuses, &wide).all[1].status, HF_NOTSELECTED);
	/* a check that was named answers; one that has the reference only beside the item's does not */
	assert_int_equal(items_of(statuses, &named).all[0].status, HF_PASS);
	assert_int_equal(items_of(statuses, &referred).all[0].status, HF_NOTSELECTED);
}

static void test_what_two_checks_say_together(void **state)
{
	/* each decides over all behind it */
	static const hf_status ranks[] = {HF_FAIL,	    HF_UNKNOWN,	      HF_ERROR,	   HF_NOTCHECKED, HF_PASS,
					  HF_NOTAPPLICABLE, HF_INFORMATIONAL, HF_NOTSELECTED};

	(void)state;
	assert_int_equal(HF_ARRAY_SIZE(ranks), HF_STATUS_COUNT);
	for (size_t i = 0; i < HF_ARRAY_SIZE(ranks); i++) {
		for (size_t k = 0; k < HF_ARRAY_SIZE(ranks); k++)
			assert_int_equal(hf_item_status_joined(ranks[i], ranks[k]),
					 ranks[i < k ? i : k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_yaml_is_a_tree, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_yaml_without_content_is_an_empty_mapping, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_yaml_that_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_yaml_has_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_of_profiles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_that_are_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_items_have_their_versions_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_level_has_those_below, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wishes_that_no_file_fulfils, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_profiles_that_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_check_answers_by_all_references, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_items_of_a_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_items_of_a_selection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_two_checks_say_together, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
