/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is printed is what printf(3) prints, and what an arena shares is what was given to it. */
#include "base/base.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Both must give the same text and length, whether the room is enough or not. */
#define SAME(...)                                                                                  \
	do {                                                                                       \
		for (size_t room_ = 0; room_ < sizeof(char[80]); room_++) {                        \
			char ours_[80] = "x", theirs_[80] = "x";                                   \
			int got_ = hf_print(ours_, room_, __VA_ARGS__);                            \
			int wanted_ = snprintf(theirs_, room_, __VA_ARGS__);                       \
                                                                                                   \
			assert_int_equal(got_, wanted_);                                           \
			assert_string_equal(ours_, theirs_);                                       \
		}                                                                                  \
	} while (0)

#ifndef __clang__
#pragma GCC diagnostic ignored "-Wformat-truncation"
#endif
#pragma GCC diagnostic ignored "-Wformat-zero-length"

static void test_print(void **state)
{
	(void)state;
	SAME("%s", "");
	SAME("plain, 100%%");
	SAME("%s/%s of %d", "/proc", "stat", 12);
	SAME("%d %d %d", 0, INT32_MIN, INT32_MAX);
	SAME("%u %u", 0U, UINT32_MAX);
	SAME("%ld %lld %lu %llu", INT64_MIN, (long long)INT64_MAX, UINT64_MAX, 0ULL);
	SAME("%zu %zd", SIZE_MAX, (ssize_t)-1);
	SAME("%x %llx %lx %zx", 0U, 0xfeedfacecafeULL, 16UL, (size_t)255);
	SAME("%o %04o %07o", 0644U, 07U, 0100644U);
	SAME("%08x %016llx", 0xbeefU, 0x1234ULL);
	SAME("%c%c", 'a', '\n');
	SAME("%.*s|%.*s|%.*s", 3, "abcdef", 0, "abc", 9, "abc");
	SAME("%.12s|%.0s|%.s", "0123456789abcdef", "abc", "abc");
	SAME("%.*s", -1, "all of it");
	/* what is left to printf(3) */
	SAME("%-6s|%6d|%+d|%#x|%5.2f|%X", "ab", 12, 3, 255U, 2.5, 255U);
	SAME("%06d %03u", -12, 7U);
	SAME("%hhu %hu", (unsigned char)200, (unsigned short)60000);
}

static void test_long_text(void **state)
{
	hf_arena *arena = NULL;
	char text[6000];

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t length = 250; length < sizeof text; length += 250) {
		memset(text, 'a', length);
		text[length] = '\0';
		const char *made = hf_arena_printf(arena, "<%s>", text);

		assert_int_equal(strlen(made), length + 2);
		assert_memory_equal(made + 1, text, length);
	}
	hf_arena_free(arena);
}

/* Whatever room its block has left. */
static void test_block_ends(void **state)
{
	hf_arena *arena = NULL;
	static const char *texts[30000];

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (unsigned i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		texts[i] = hf_arena_printf(arena, "%.*s %u", (int)(i % 23), "aaaaaaaaaaaaaaaaaaaaaaaa", i);
		const char *zeroes = hf_arena_alloc(arena, i % 40);

		for (unsigned k = 0; k < i % 40; k++)
			assert_int_equal(zeroes[k], 0);
	}
	for (unsigned i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		char text[64];

		(void)snprintf(text, sizeof text, "%.*s %u", (int)(i % 23), "aaaaaaaaaaaaaaaaaaaaaaaa", i);
		assert_string_equal(texts[i], text);
	}
	hf_arena_free(arena);
}

static void test_share(void **state)
{
	hf_arena *arena = NULL;
	char large[4096], text[32];

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	const char *one = hf_arena_share(arena, "rprivate,", 8);

	assert_string_equal(one, "rprivate");
	assert_ptr_equal(hf_arena_share(arena, "rprivate", 8), one);
	assert_ptr_not_equal(hf_arena_share(arena, "rprivatf", 8), one);
	assert_string_equal(hf_arena_share(arena, "", 0), "");
	/* bytes, not text */
	const char *bytes = hf_arena_share(arena, "a\0b", 3);

	assert_memory_equal(bytes, "a\0b", 4);
	assert_memory_equal(hf_arena_share(arena, "a\0c", 3), "a\0c", 4);
	memset(large, 'x', sizeof large);
	const char *copy = hf_arena_share(arena, large, sizeof large);

	assert_memory_equal(copy, large, sizeof large);
	assert_int_equal(copy[sizeof large], 0);
	/* more than are remembered: each is still what was given */
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof text, "text %u", i);
		assert_string_equal(hf_arena_share(arena, text, strlen(text)), text);
	}
	hf_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_block_ends),
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
