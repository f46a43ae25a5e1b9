/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot parameters as the kernel splits them. */
#include "facts/kernel-text.h"

#include <stdio.h>

#include "record.h"

static hf_bootline *parse(hf_arena *arena, const char *text)
{
	hf_bootline *line = NULL;

	assert_int_equal(hf_bootline_parse(arena, text, strlen(text), &line), 0);
	return line;
}

static void expect_at(const hf_bootline *line, size_t index, const char *name, const char *value)
{
	const char *found, *has;

	assert_true(hf_bootline_at(line, index, &found, &has));
	assert_string_equal(found, name);
	assert_string_equal(has, value);
}

static void test_split(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *name, *value;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_bootline *line = parse(arena, "  BOOT_IMAGE=/vmlinuz root=UUID=a=b  ro\tquiet\n");

	assert_string_equal(line->text, "  BOOT_IMAGE=/vmlinuz root=UUID=a=b  ro\tquiet");
	assert_int_equal(line->count, 4);
	expect_at(line, 0, "BOOT_IMAGE", "/vmlinuz");
	expect_at(line, 1, "root", "UUID=a=b");
	expect_at(line, 2, "ro", "");
	expect_at(line, 3, "quiet", "");
	assert_false(hf_bootline_at(line, 4, &name, &value));
	assert_string_equal(hf_bootline_value(line, "ro"), "");
	assert_null(hf_bootline_value(line, "r"));
	assert_null(hf_bootline_value(line, "root=UUID"));
}

static void test_quotes(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_bootline *line = parse(arena, "dyndbg=\"file ec.c +p\" \"a b=c d\" x=1\"2 3\"4 "
					       "e=\"\" \"q\" u=\"to the end mitigations=off");

	assert_int_equal(line->count, 6);
	expect_at(line, 0, "dyndbg", "file ec.c +p");
	expect_at(line, 1, "a b", "c d");
	expect_at(line, 2, "x", "1\"2 3\"4");
	expect_at(line, 3, "e", "");
	expect_at(line, 4, "q", "");
	expect_at(line, 5, "u", "to the end mitigations=off");
	assert_null(hf_bootline_value(line, "mitigations"));
}

static void test_init_arguments(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_bootline *line = parse(arena, "audit=1 -- mitigations=off");

	assert_int_equal(line->count, 1);
	assert_null(hf_bootline_value(line, "mitigations"));
	assert_string_equal(line->text, "audit=1 -- mitigations=off");
	/* only a lone one ends them */
	line = parse(arena, "a --b --=1 mitigations=off");
	assert_string_equal(hf_bootline_value(line, "mitigations"), "off");
	expect_at(line, 2, "--", "1");
}

static void test_names(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const hf_bootline *line =
		parse(arena, "spec-store_bypass-disable=on slub_debug=FZ slub-debug=P =x");

	assert_string_equal(hf_bootline_value(line, "spec_store_bypass_disable"), "on");
	assert_string_equal(hf_bootline_value(line, "spec-store-bypass-disable"), "on");
	/* the last one wins, under whichever spelling */
	assert_string_equal(hf_bootline_value(line, "slub_debug"), "P");
	expect_at(line, 3, "=x", "");
	/* values are left alone */
	assert_string_equal(hf_bootline_value(parse(arena, "init=/a-b"), "init"), "/a-b");
}

static void test_blanks(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	/* the kernel takes these as blanks, too, a no-break space of Latin 1 among them */
	const hf_bootline *line = parse(arena, "a\nb\vc\xa0"
					       "d\re\n");

	assert_int_equal(line->count, 5);
	assert_int_equal(parse(arena, "")->count, 0);
	assert_int_equal(parse(arena, " \n")->count, 0);
	assert_int_equal(parse(arena, "\"")->count, 1);
}

static void test_size(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_freep) char *text = malloc(1024 * 1024);
	hf_bootline *line = NULL;

	(void)state;
	assert_non_null(text);
	assert_int_equal(hf_arena_new(&arena), 0);
	memset(text, 'a', 1024 * 1024);
	/* cut in two it could lose the parameter that matters */
	assert_int_equal(hf_bootline_parse(arena, text, 1024 * 1024, &line), -EFBIG);
	assert_null(line);
	assert_int_equal(hf_bootline_parse(arena, "a b\0 c", 6, &line), 0);
	assert_int_equal(line->count, 2);
}

static void test_fact(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = hf_host_new();
	hf_cleanup(hf_host_free) hf_host empty = hf_host_new();
	hf_cleanup(hf_host_free) hf_host none = hf_host_new();

	(void)state;
	hf_host_file(&host, "/proc/cmdline", "quiet mitigations=auto,nosmt\n");
	assert_int_equal(hf_facts_bootline(host.facts)->fact.state, HF_PRESENT);
	assert_string_equal(hf_bootline_value(hf_facts_bootline(host.facts), "mitigations"),
			    "auto,nosmt");
	hf_host_file(&empty, "/proc/cmdline", "");
	assert_int_equal(hf_facts_bootline(empty.facts)->fact.state, HF_UNREADABLE);
	assert_int_equal(hf_facts_bootline(none.facts)->fact.state, HF_UNREADABLE);
	assert_null(hf_bootline_value(hf_facts_bootline(none.facts), "quiet"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),	       cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_init_arguments), cmocka_unit_test(test_names),
		cmocka_unit_test(test_blanks),	       cmocka_unit_test(test_size),
		cmocka_unit_test(test_fact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
