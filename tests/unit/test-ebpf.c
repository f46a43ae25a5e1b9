/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device programs: the interpreter, and the rules that are read out of a program. */
#include "facts-fixture.h"

#include "facts/devices.h"

#define INSN(code_, dst_, src_, offset_, imm_)                                                     \
	{                                                                                          \
		.code = (code_), .dst = (dst_), .src = (src_), .offset = (offset_), .imm = (imm_)  \
	}
#define EXIT INSN(0x95, 0, 0, 0, 0)

enum { LENGTH = 8 };

static int run(const hf_ebpf_insn *insns, size_t count, uint64_t *ret_bit)
{
	const hf_ebpf_program program = {.insns = insns, .count = count};
	const hf_ebpf_device device = {
		.type = HF_EBPF_CHAR, .access = HF_EBPF_READ, .major = 0x80000001, .minor = 7};
	bool allows = false;
	int r = hf_ebpf_run(&program, &device, NULL, &allows, NULL);

	*ret_bit = allows;
	return r;
}

/* Each leaves 1 in r0 where the instruction did what the instruction set says. r2 is the value that
 * is compared. */
static const struct {
	const char *name;
	hf_ebpf_insn insns[LENGTH];
} right[] = {
	{"mov", {INSN(0xb7, 0, 0, 0, 1), EXIT}},
	{"mov32 clears the upper half",
	 {INSN(0xb7, 2, 0, 0, -1), INSN(0xbc, 2, 2, 0, 0), INSN(0x77, 2, 0, 0, 32),
	  INSN(0xb7, 0, 0, 0, 1), INSN(0x15, 2, 0, 1, 0), INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"access and type",
	 {INSN(0x61, 2, 1, 0, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0x15, 2, 0, 1, 0x20002),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"half of it",
	 {INSN(0x69, 2, 1, 2, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0x15, 2, 0, 1, 2),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"a byte",
	 {INSN(0x71, 2, 1, 8, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0x15, 2, 0, 1, 7),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"numbers are unsigned",
	 {INSN(0x61, 2, 1, 4, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0x25, 2, 0, 1, 5),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"signed comparison of 32 bits",
	 {INSN(0x61, 2, 1, 4, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0xc6, 2, 0, 1, 0),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"bits",
	 {INSN(0x61, 2, 1, 8, 0), INSN(0xb7, 0, 0, 0, 1), INSN(0x45, 2, 0, 1, 4),
	  INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"shift right",
	 {INSN(0x61, 2, 1, 0, 0), INSN(0x74, 2, 0, 0, 16), INSN(0xb7, 0, 0, 0, 1),
	  INSN(0x15, 2, 0, 1, 2), INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"and, or, xor",
	 {INSN(0xb7, 0, 0, 0, 6), INSN(0x57, 0, 0, 0, 4), INSN(0x47, 0, 0, 0, 2),
	  INSN(0xa7, 0, 0, 0, 7), EXIT}},
	{"add, sub, mul",
	 {INSN(0xb7, 0, 0, 0, 3), INSN(0x07, 0, 0, 0, 4), INSN(0x17, 0, 0, 0, 2),
	  INSN(0x27, 0, 0, 0, 5), EXIT}},
	{"division by zero is zero",
	 {INSN(0xb7, 0, 0, 0, 9), INSN(0xb7, 2, 0, 0, 0), INSN(0x3f, 0, 2, 0, 0),
	  INSN(0x07, 0, 0, 0, 1), EXIT}},
	{"modulo by zero is itself",
	 {INSN(0xb7, 0, 0, 0, 9), INSN(0xb7, 2, 0, 0, 0), INSN(0x9f, 0, 2, 0, 0), EXIT}},
	{"signed division",
	 {INSN(0xb7, 0, 0, 0, -9), INSN(0x37, 0, 0, 1, -3), INSN(0x17, 0, 0, 0, 2), EXIT}},
	{"the smallest by -1",
	 {INSN(0xb4, 0, 0, 0, INT32_MIN), INSN(0x34, 0, 0, 1, -1), INSN(0x74, 0, 0, 0, 31), EXIT}},
	{"arithmetic shift", {INSN(0xb7, 0, 0, 0, -2), INSN(0xc7, 0, 0, 0, 1), EXIT}},
	{"negation", {INSN(0xb7, 0, 0, 0, -1), INSN(0x87, 0, 0, 0, 0), EXIT}},
	{"move with sign",
	 {INSN(0xb7, 2, 0, 0, 0xff), INSN(0xbf, 0, 2, 8, 0), INSN(0x87, 0, 0, 0, 0), EXIT}},
	{"swap", {INSN(0xb7, 0, 0, 0, 0x100), INSN(0xdc, 0, 0, 0, 16), EXIT}},
	{"64-bit number",
	 {INSN(0x18, 0, 0, 0, 0), INSN(0, 0, 0, 0, 1), INSN(0x77, 0, 0, 0, 32), EXIT}},
	{"stack", {INSN(0x7a, 10, 0, -8, 1), INSN(0x79, 0, 10, -8, 0), EXIT}},
	{"stack by a register",
	 {INSN(0xb7, 2, 0, 0, 1), INSN(0x6b, 10, 2, -512, 0), INSN(0x69, 0, 10, -512, 0), EXIT}},
	{"a blinded constant",
	 {INSN(0xb7, 11, 0, 0, 0x1234), INSN(0xa7, 11, 0, 0, 0x1235), INSN(0xbf, 0, 11, 0, 0),
	  EXIT}},
	{"a long jump",
	 {INSN(0xb7, 0, 0, 0, 1), INSN(0x06, 0, 0, 0, 1), INSN(0xb7, 0, 0, 0, 0), EXIT}},
	{"a loop that ends",
	 {INSN(0xb7, 0, 0, 0, 1001), INSN(0x17, 0, 0, 0, 1), INSN(0x55, 0, 0, -2, 1), EXIT}},
};

static void test_instructions(void **state)
{
	uint64_t bit;

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(right); i++) {
		int r = run(right[i].insns, LENGTH, &bit);

		if (r != 0 || bit != 1)
			fail_msg("%s: %d, %llu", right[i].name, r, (unsigned long long)bit);
	}
}

static const struct {
	const char *name;
	int error;
	hf_ebpf_insn insns[LENGTH];
} wrong[] = {
	{"a helper", -EOPNOTSUPP, {INSN(0x85, 0, 0, 0, 1), EXIT}},
	{"a map", -EOPNOTSUPP, {INSN(0x18, 1, 1, 0, 3), INSN(0, 0, 0, 0, 0), EXIT}},
	{"an atomic operation", -EOPNOTSUPP, {INSN(0xdb, 10, 1, -8, 0), EXIT}},
	{"a tail call's long number at the end",
	 -EFAULT,
	 {INSN(0x05, 0, 0, 6, 0), EXIT, EXIT, EXIT, EXIT, EXIT, EXIT, INSN(0x18, 0, 0, 0, 0)}},
	{"past the context", -EFAULT, {INSN(0x61, 0, 1, 12, 0), EXIT}},
	{"before the context", -EFAULT, {INSN(0x61, 0, 1, -4, 0), EXIT}},
	{"past the stack", -EFAULT, {INSN(0x79, 0, 10, 0, 0), EXIT}},
	{"below the stack", -EFAULT, {INSN(0x79, 0, 10, -520, 0), EXIT}},
	{"a write to the context", -EFAULT, {INSN(0x62, 1, 0, 0, 0), EXIT}},
	{"a number as an address",
	 -EFAULT,
	 {INSN(0xb7, 2, 0, 0, 64), INSN(0x79, 0, 2, 0, 0), EXIT}},
	{"a jump before its start", -EFAULT, {INSN(0x05, 0, 0, -2, 0), EXIT}},
	{"a jump past its end", -EFAULT, {INSN(0x05, 0, 0, 100, 0), EXIT}},
	{"no end", -ELOOP, {INSN(0x05, 0, 0, -1, 0), EXIT}},
	{"a swap of 24 bits", -EOPNOTSUPP, {INSN(0xd4, 0, 0, 0, 24), EXIT}},
};

static void test_refused(void **state)
{
	uint64_t bit;

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(wrong); i++) {
		int r = run(wrong[i].insns, LENGTH, &bit);

		if (r != wrong[i].error && !(i == 3 && r == -EOPNOTSUPP))
			fail_msg("%s: %d", wrong[i].name, r);
	}
}

static void test_parse(void **state)
{
	static const char *const bad[] = {"",
					  "95",
					  "950000000000000\n",
					  "9500000000000000 \n",
					  "95000000000000000\n",
					  "zz00000000000000\n",
					  "950d000000000000\n"};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_ebpf_program program = {.count = 99};
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		if (hf_ebpf_parse(arena, bad[i], strlen(bad[i]), &program, &err) != -EBADMSG)
			fail_msg("%s", bad[i]);
		assert_int_equal(program.count, 99);
	}
	static const char good[] = "55310200ffffffff\n9500000000000000";

	assert_int_equal(hf_ebpf_parse(arena, good, strlen(good), &program, &err), 0);
	assert_int_equal(program.count, 2);
	assert_int_equal(program.insns[0].code, 0x55);
	assert_int_equal(program.insns[0].dst, 1);
	assert_int_equal(program.insns[0].src, 3);
	assert_int_equal(program.insns[0].offset, 2);
	assert_int_equal(program.insns[0].imm, -1);
}

/* ---- rules ---- */

/* if (type == 2 && major == 1 && (access & 6) == access) allow; b 8:0 with all; c *:5 to make */
static const hf_ebpf_insn filter[] = {
	INSN(0x69, 2, 1, 0, 0),
	INSN(0x61, 3, 1, 0, 0),
	INSN(0x74, 3, 0, 0, 16),
	INSN(0x61, 4, 1, 4, 0),
	INSN(0x61, 5, 1, 8, 0),
	/* c 1:* rw */
	INSN(0x55, 2, 0, 6, 2),
	INSN(0xbc, 1, 3, 0, 0),
	INSN(0x54, 1, 0, 0, 6),
	INSN(0x5d, 1, 3, 3, 0),
	INSN(0x55, 4, 0, 2, 1),
	INSN(0xb4, 0, 0, 0, 1),
	EXIT,
	/* b 8:0 rwm */
	INSN(0x55, 2, 0, 4, 1),
	INSN(0x55, 4, 0, 3, 8),
	INSN(0x55, 5, 0, 2, 0),
	INSN(0xb4, 0, 0, 0, 1),
	EXIT,
	/* c *:5 m */
	INSN(0x55, 2, 0, 4, 2),
	INSN(0x55, 3, 0, 3, 1),
	INSN(0x55, 5, 0, 2, 5),
	INSN(0xb4, 0, 0, 0, 1),
	EXIT,
	INSN(0xb4, 0, 0, 0, 0),
	EXIT,
};

/* "rwm" of the rule; NULL: there is none. */
static const char *find(const hf_device_grant *rules, size_t count, char type, int64_t major,
			int64_t minor)
{
	static char text[4];

	for (size_t i = 0; i < count; i++) {
		const hf_device_grant *rule = &rules[i];

		if (rule->type != type || rule->is_any_major != (major < 0) ||
		    rule->is_any_minor != (minor < 0) || (major >= 0 && rule->major != major) ||
		    (minor >= 0 && rule->minor != minor))
			continue;
		(void)snprintf(text, sizeof text, "%s%s%s", rule->can_read ? "r" : "",
			       rule->can_write ? "w" : "", rule->can_mknod ? "m" : "");
		return text;
	}
	return "none";
}

static void test_rules(void **state)
{
	const hf_ebpf_program program = {.insns = filter, .count = HF_ARRAY_SIZE(filter)};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_device_grant *rules;
	size_t count;
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_ebpf_rules(arena, &program, 1, &rules, &count, &err), 0);
	assert_string_equal(find(rules, count, 'c', 1, -1), "rw");
	assert_string_equal(find(rules, count, 'b', 8, 0), "rwm");
	assert_string_equal(find(rules, count, 'c', -1, 5), "m");
	/* both at once */
	assert_string_equal(find(rules, count, 'c', 1, 5), "rwm");
	assert_string_equal(find(rules, count, 'b', -1, -1), "none");
	assert_int_equal(count, 4);
}

/* One that denies is enough, as the kernel runs all of them. */
static void test_all_programs_count(void **state)
{
	static const hf_ebpf_insn deny[] = {INSN(0xb7, 0, 0, 0, 0), EXIT},
				  allow[] = {INSN(0xb7, 0, 0, 0, 1), EXIT};
	const hf_ebpf_program both[] = {{deny, 2}, {allow, 2}};
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_device_grant *rules;
	size_t count;
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_ebpf_rules(arena, both, 2, &rules, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(hf_ebpf_rules(arena, both + 1, 1, &rules, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_true(rules[0].type == 'b' && rules[0].is_any_major && rules[0].can_mknod);
	assert_true(rules[1].type == 'c' && rules[1].is_any_minor && rules[1].can_read);
}

static void test_too_long(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_device_grant *rules = NULL;
	size_t count = 77;
	static hf_ebpf_insn many[4200];
	const hf_ebpf_program program = {.insns = many, .count = HF_ARRAY_SIZE(many)};
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(many); i++)
		many[i] = (hf_ebpf_insn)INSN(0xb7, 0, 0, 0, (int32_t)i);
	assert_int_equal(hf_ebpf_rules(arena, &program, 1, &rules, &count, &err), -E2BIG);
	assert_int_equal(count, 77);
	assert_null(rules);
}

/* ---- lists of v1 ---- */

static void test_lists(void **state)
{
	static const char *const bad[] = {"x 1:3 rwm", "c 1 rwm",	   "c 1:3",
					  "c :3 rwm",  "c 1: rwm",	   "c -1:3 rwm",
					  "c 1:3 rwx", "c 4294967296:0 r", "c 1:3 rwm\n\n",
					  "c",	       "c 1:3  r"};
	static const char good[] = "b *:* m\nc 1:3 rwm\nc 136:* rw\na *:* r\n";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_device_grant *rules = NULL;
	size_t count = 5;
	hf_error err;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++) {
		if (hf_device_list_parse(arena, bad[i], strlen(bad[i]), &rules, &count, &err) !=
		    -EBADMSG)
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(count, 5);
	assert_int_equal(hf_device_list_parse(arena, good, strlen(good), &rules, &count, &err), 0);
	assert_int_equal(count, 4);
	assert_true(rules[0].is_any_major && rules[0].can_mknod && !rules[0].can_read);
	assert_true(rules[2].major == 136 && rules[2].is_any_minor);
	/* one rule must grant all of what is asked for */
	assert_true(hf_device_list_allows(rules, count, 'b', 8, 0, HF_EBPF_MKNOD));
	assert_true(hf_device_list_allows(rules, count, 'b', 8, 0, HF_EBPF_READ));
	assert_false(hf_device_list_allows(rules, count, 'b', 8, 0, HF_EBPF_READ | HF_EBPF_MKNOD));
	assert_true(hf_device_list_allows(rules, count, 'c', 136, 9, HF_EBPF_READ | HF_EBPF_WRITE));
	assert_false(hf_device_list_allows(rules, count, 'c', 1, 4, HF_EBPF_WRITE));
	assert_int_equal(hf_device_list_parse(arena, "", 0, &rules, &count, &err), 0);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_all_programs_count),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
