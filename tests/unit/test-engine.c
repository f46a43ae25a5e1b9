/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registry, selection, verdicts and absence. */
#include "engine/engine.h"
#include "facts/store.h"
#include "record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static hf_check_fn *current;

static void dispatch(hf_check_run *run)
{
	current(run);
}

#define ROW(row_id)                                                                                \
	.id = (row_id), .title = "t", .subject = HF_SUBJECT_HOST, .stride = HF_STRIDE_I,           \
	.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:N"), .level = 1, .risk = "r", .threat = "t",  \
	.remediation = "m", .run = dispatch

static const hf_check rows[] = {
	{ROW("unit.first"), .refs = HF_REFS("CIS-Docker-1.6:2.1", "CWE:1"),
	 .aliases = HF_ALIASES("unit.former")},
	{ROW("unit.second"), .refs = HF_REFS("CWE:22")},
};

static const hf_check_set set = {.name = "set", .checks = rows, .count = HF_ARRAY_SIZE(rows)};

static hf_plugin plugin_of(const hf_check_set *const *sets)
{
	return (hf_plugin){
		.abi = HF_ABI,
		.plugin_size = sizeof(hf_plugin),
		.check_size = sizeof(hf_check),
		.name = "unit",
		.title = "Unit",
		.sets = sets,
	};
}

typedef struct fixture {
	hf_registry *registry;
	hf_record *record;
	hf_facts *facts;
} fixture;

static const hf_check_set *const sets[] = {&set, NULL};

static int setup(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	const hf_plugin plugin = plugin_of(sets);

	assert_non_null(f);
	assert_int_equal(hf_registry_new(&f->registry), 0);
	assert_int_equal(hf_registry_add(f->registry, &plugin, "unit.so", NULL), 0);
	assert_int_equal(hf_record_new(&f->record), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;

	hf_facts_free(f->facts);
	hf_record_free(f->record);
	hf_registry_free(f->registry);
	free(f);
	return 0;
}

static hf_result judge(fixture *f, hf_check_fn *fn)
{
	static const char *const only[] = {"unit.first", NULL};
	const hf_selection selection = {.only = only};
	hf_results results;

	current = fn;
	hf_facts_free(f->facts);
	assert_int_equal(hf_facts_new(f->record, &f->facts), 0);
	assert_int_equal(hf_engine_run(f->registry, &selection, f->facts, NULL, NULL, &results), 0);
	assert_int_equal(results.count, 1);
	return results.all[0];
}

/* ---- verdicts ---- */

static void says_nothing(hf_check_run *run)
{
	(void)run;
}

static void notes_only(hf_check_run *run)
{
	hf_note(run, "here", "something");
}

static void passes_and_fails(hf_check_run *run)
{
	hf_expect(run, "a", "1", "1", true);
	hf_expect_i64(run, "b", -5, "0", false);
	hf_unknown(run, "c", "no permission");
}

static void passes_and_is_unknown(hf_check_run *run)
{
	hf_expect(run, "a", "1", "1", true);
	hf_unknown(run, "c", "no permission");
}

static void passes_without_a_source(hf_check_run *run)
{
	hf_expect(run, NULL, "1", "1", true);
}

static void passes_and_does_not_apply(hf_check_run *run)
{
	hf_not_applicable(run, "a", "none", "no such thing");
	hf_expect(run, "b", "1", "1", true);
}

static void test_verdicts(void **state)
{
	fixture *f = *state;

	assert_int_equal(judge(f, says_nothing).status, HF_ERROR);
	assert_int_equal(judge(f, notes_only).status, HF_ERROR);
	assert_int_equal(judge(f, passes_without_a_source).status, HF_ERROR);
	assert_int_equal(judge(f, passes_and_is_unknown).status, HF_UNKNOWN);
	assert_int_equal(judge(f, passes_and_does_not_apply).status, HF_PASS);
	hf_result result = judge(f, passes_and_fails);

	assert_int_equal(result.status, HF_FAIL);
	assert_int_equal(result.evidence_count, 3);
	assert_string_equal(result.evidence[1].found, "-5");
	assert_string_equal(result.evidence[1].wanted, "0");
	assert_null(result.evidence[2].wanted);
}

static void test_crashed_check_is_an_error(void **state)
{
	fixture *f = *state;
	const char *const crashed[] = {"crashed", NULL};
	hf_results results;

	current = passes_and_does_not_apply;
	assert_int_equal(hf_facts_new(f->record, &f->facts), 0);
	assert_int_equal(hf_engine_run(f->registry, NULL, f->facts, NULL, crashed, &results), 0);
	assert_int_equal(results.count, 2);
	assert_int_equal(results.all[0].status, HF_ERROR);
	assert_int_equal(results.all[1].status, HF_PASS);
}

static void test_order_of_statuses(void **state)
{
	static const hf_status order[] = {HF_NOTSELECTED, HF_NOTAPPLICABLE, HF_INFORMATIONAL,
					  HF_NOTCHECKED,  HF_PASS,	    HF_UNKNOWN,
					  HF_FAIL,	  HF_ERROR};

	(void)state;
	for (size_t i = 0; i + 1 < HF_ARRAY_SIZE(order); i++) {
		assert_int_equal(hf_status_worse(order[i], order[i + 1]), order[i + 1]);
		assert_int_equal(hf_status_worse(order[i + 1], order[i]), order[i + 1]);
	}
	for (unsigned i = 0; i < HF_STATUS_COUNT; i++)
		assert_int_equal(hf_status_number(hf_status_name((hf_status)i)), i);
	assert_int_equal(hf_status_number("ok"), HF_STATUS_COUNT);
}

/* ---- absence ---- */

static void put(hf_record *record, hf_ask_kind kind, const char *name, int error, const char *data,
		size_t size)
{
	const hf_answer answer = {
		.kind = kind, .name = name, .error = error, .data = data, .size = size};

	assert_int_equal(hf_record_put(record, &answer, true), 0);
}

static hf_state state_of(fixture *f, const char *path)
{
	hf_facts_free(f->facts);
	assert_int_equal(hf_facts_new(f->record, &f->facts), 0);
	return hf_facts_file(f->facts, path)->fact.state;
}

static void test_absence_needs_a_witness(void **state)
{
	fixture *f = *state;

	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE); /* never asked */
	put(f->record, HF_ASK_FILE, "/etc/a", ENOENT, "", 0);
	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE); /* no witness */
	put(f->record, HF_ASK_DIR, "/etc", EACCES, "", 0);
	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE); /* a blind one */
	put(f->record, HF_ASK_DIR, "/etc", 0, "b\0c\0", 4);
	assert_int_equal(state_of(f, "/etc/a"), HF_ABSENT);
	put(f->record, HF_ASK_DIR, "/etc", 0, "a\0c\0", 4);
	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE); /* it contradicts */
	put(f->record, HF_ASK_DIR, "/etc", ENOENT, "", 0);
	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE);
	put(f->record, HF_ASK_DIR, "/", 0, "usr\0", 4);
	assert_int_equal(state_of(f, "/etc/a"), HF_ABSENT); /* its folder is proven absent */
	put(f->record, HF_ASK_FILE, "/etc/a", EACCES, "", 0);
	assert_int_equal(state_of(f, "/etc/a"), HF_UNREADABLE);
}

static void reads_twice(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, "/etc/a");

	(void)hf_file_get(run, "/etc/a");
	if (hf_need(run, &file->fact))
		hf_expect(run, file->fact.source, file->data, "x", true);
}

static void test_used_questions(void **state)
{
	fixture *f = *state;

	put(f->record, HF_ASK_FILE, "/etc/a", EACCES, "", 0);
	hf_result result = judge(f, reads_twice);

	assert_int_equal(result.status, HF_UNKNOWN);
	assert_int_equal(result.used_count, 1);
	assert_string_equal(result.used[0].name, "/etc/a");
	/* a fact that was computed before counts for the next one that uses it, too */
	hf_results results;

	assert_int_equal(hf_engine_run(f->registry, NULL, f->facts, NULL, NULL, &results), 0);
	assert_int_equal(results.all[0].used_count, 1);
	assert_int_equal(results.all[1].used_count, 1);
}

/* What was answered, or was not needed for the verdict, is nothing that a report could miss. */
static void test_questions_that_nobody_misses(void **state)
{
	fixture *f = *state;

	put(f->record, HF_ASK_FILE, "/etc/a", 0, "x", 1);
	hf_result result = judge(f, reads_twice);

	assert_int_equal(result.status, HF_PASS);
	assert_int_equal(result.used_count, 0);
}

/* ---- many subjects ---- */

static void names_its_subject(hf_check_run *run)
{
	const char *key = hf_subject_of(run)->key, *id = hf_check_row(run)->id;

	/* of the second subject each says something else than of those beside it */
	hf_expect(run, id, *key == 'b' ? key : "alike", "x", true);
}

static const hf_result *judge_three(fixture *f, hf_state state, const char *container, size_t *ret_count)
{
	static hf_subject subjects[] = {
		{.kind = HF_SUBJECT_CONTAINER, .key = "a", .id = "a", .name = "one"},
		{.kind = HF_SUBJECT_CONTAINER, .key = "b", .id = "b", .name = "two"},
		{.kind = HF_SUBJECT_CONTAINER, .key = "c", .id = "c", .name = "three"},
	};
	static hf_subjects list = {.all = subjects, .count = HF_ARRAY_SIZE(subjects)};
	static hf_check about[] = {{ROW("many.first")}, {ROW("many.second")}};
	static const hf_check_set many = {.name = "many", .checks = about, .count = HF_ARRAY_SIZE(about)};
	static const hf_check_set *const all[] = {&many, NULL};
	const char *const words[] = {container, NULL};
	const hf_selection selection = {.containers = words};
	hf_plugin plugin = plugin_of(all);
	hf_results results;

	plugin.name = "many";
	about[0].subject = about[1].subject = HF_SUBJECT_CONTAINER;
	list.fact = (hf_fact){.state = state, .source = "list", .why = state == HF_PRESENT ? NULL : "cut"};
	current = names_its_subject;
	hf_facts_free(f->facts);
	hf_registry_free(f->registry);
	assert_int_equal(hf_registry_new(&f->registry), 0);
	assert_int_equal(hf_registry_add(f->registry, &plugin, "many.so", NULL), 0);
	assert_int_equal(hf_facts_new(f->record, &f->facts), 0);
	hf_facts_give_subjects(f->facts, HF_SUBJECT_CONTAINER, &list);
	assert_int_equal(hf_engine_run(f->registry, &selection, f->facts, NULL, NULL, &results), 0);
	*ret_count = results.count;
	return results.all;
}

/* Results are by check, then by subject; what is alike is kept once, of the same check. */
static void test_order_of_results(void **state)
{
	static const char *const rows_then_keys[] = {"many.first a",  "many.first b",  "many.first c",
						     "many.second a", "many.second b", "many.second c"};
	size_t count;
	const hf_result *all = judge_three(*state, HF_PRESENT, NULL, &count);

	assert_int_equal(count, HF_ARRAY_SIZE(rows_then_keys));
	for (size_t i = 0; i < count; i++) {
		char text[64];

		(void)hf_print(text, sizeof text, "%s %s", all[i].check->row->id, all[i].subject->key);
		assert_string_equal(text, rows_then_keys[i]);
		assert_string_equal(all[i].evidence[0].source, all[i].check->row->id);
		assert_string_equal(all[i].evidence[0].found, i % 3 == 1 ? "b" : "alike");
	}
	/* a list that may lack somebody has the last word on each check */
	all = judge_three(*state, HF_UNREADABLE, NULL, &count);
	assert_int_equal(count, 8);
	assert_null(all[3].subject);
	assert_int_equal(all[3].status, HF_UNKNOWN);
	assert_ptr_equal(all[3].check, all[0].check);
	assert_null(all[7].subject);
	/* one of them, and none */
	all = judge_three(*state, HF_PRESENT, "two", &count);
	assert_int_equal(count, 2);
	assert_string_equal(all[0].subject->key, "b");
	assert_string_equal(all[1].check->row->id, "many.second");
	(void)judge_three(*state, HF_PRESENT, "nobody", &count);
	assert_int_equal(count, 0);
}

/* ---- selection ---- */

static unsigned selected(const fixture *f, const char *only, const char *skip)
{
	const char *const only_words[] = {only, NULL}, *const skip_words[] = {skip, NULL};
	const hf_selection selection = {.only = only_words, .skip = skip_words};
	const hf_loaded_check *checks;
	unsigned bits = 0;

	for (size_t i = 0; i < hf_registry_checks(f->registry, &checks); i++)
		bits |= (unsigned)hf_selection_has(&selection, &checks[i]) << i;
	return bits;
}

static void test_selection(void **state)
{
	fixture *f = *state;

	assert_int_equal(selected(f, NULL, NULL), 3);
	assert_int_equal(selected(f, "unit.first", NULL), 1);
	assert_int_equal(selected(f, "unit.former", NULL), 1);
	assert_int_equal(selected(f, "unit.*", "unit.first"), 2);
	assert_int_equal(selected(f, "CIS-Docker-1.6:2.*", NULL), 1);
	assert_int_equal(selected(f, "unit", NULL), 3);
	assert_int_equal(selected(f, "stride:i", NULL), 3);
	assert_int_equal(selected(f, "stride:E", NULL), 0);
	assert_int_equal(selected(f, NULL, "CWE:22"), 1);
	const char *const unknown[] = {"unit.third", NULL};
	const hf_selection selection = {.only = unknown};
	hf_error err = {0};

	assert_int_equal(hf_selection_check(f->registry, &selection, &err), -ENOENT);
	assert_non_null(strstr(err.text, "unit.third"));
}

/* ---- ABI ---- */

static int add(const hf_plugin *plugin, hf_error *err)
{
	hf_registry *registry;
	const hf_loaded_check *checks;

	assert_int_equal(hf_registry_new(&registry), 0);
	int r = hf_registry_add(registry, plugin, "x.so", err);

	assert_int_equal(hf_registry_checks(registry, &checks), r == 0 ? 2 : 0);
	hf_registry_free(registry);
	return r;
}

static void test_abi(void **state)
{
	hf_error err = {0};
	hf_plugin plugin = plugin_of(sets);

	(void)state;
	assert_int_equal(add(&plugin, &err), 0);
	plugin.abi = 2U << 16;
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "ABI 2.0"));
	plugin = plugin_of(sets);
	plugin.abi = HF_ABI + 7; /* a later minor adds at the end alone */
	assert_int_equal(add(&plugin, &err), 0);
	plugin.check_size = 8;
	assert_int_equal(add(&plugin, &err), -EBADMSG);
}

/* A plugin of a later minor version has longer rows: they are walked by its own size. */
static void test_longer_rows(void **state)
{
	struct {
		hf_check row;
		const char *later;
		const char *still_later;
	} longer[2] = {{.row = {ROW("unit.one")}, .later = "x"}, {.row = {ROW("unit.two")}, .later = "y"}};
	const hf_check_set long_set = {.name = "long", .checks = &longer[0].row, .count = 2};
	const hf_check_set *const long_sets[] = {&long_set, NULL};
	hf_plugin plugin = plugin_of(long_sets);
	hf_registry *registry;

	(void)state;
	plugin.check_size = sizeof longer[0];
	assert_int_equal(hf_registry_new(&registry), 0);
	assert_int_equal(hf_registry_add(registry, &plugin, "x.so", NULL), 0);
	assert_non_null(hf_registry_find(registry, "unit.two"));
	hf_registry_free(registry);
}

static void test_bad_rows(void **state)
{
	hf_check bad[2] = {{ROW("unit.one")}, {ROW("unit.two")}};
	const hf_check_set bad_set = {.name = "bad", .checks = bad, .count = 2};
	const hf_check_set *const bad_sets[] = {&bad_set, NULL};
	hf_plugin plugin = plugin_of(bad_sets);
	hf_error err = {0};

	(void)state;
	bad[1].id = "unit.one";
	assert_int_equal(add(&plugin, &err), -EEXIST);
	bad[1].id = "Unit.Two";
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	bad[1].id = "unit.two";
	bad[1].severity = "high";
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	bad[1].severity = bad[0].severity;
	bad[1].risk = NULL;
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	bad[1].risk = "r";
	bad[1].level = 4;
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	bad[1].level = 1;
	bad[1].stride = 0;
	assert_int_equal(add(&plugin, &err), -EBADMSG);
	bad[1].stride = 1;
	assert_int_equal(add(&plugin, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdicts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crashed_check_is_an_error, setup, teardown),
		cmocka_unit_test(test_order_of_statuses),
		cmocka_unit_test_setup_teardown(test_absence_needs_a_witness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_used_questions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_questions_that_nobody_misses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order_of_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selection, setup, teardown),
		cmocka_unit_test(test_abi),
		cmocka_unit_test(test_longer_rows),
		cmocka_unit_test(test_bad_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
