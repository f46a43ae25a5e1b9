/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters of system calls: recorded ones and made ones, judged for all calls at once and one by
 * one; declared rules; what the collector reads of the kernel's types. */
#include "facts-fixture.h"

#include "collect/btf.h"
#include "facts/seccomp.h"
#include "seccomp-oracle.h"

#include <linux/audit.h>
#include <linux/btf.h>

enum { INSN_BYTES = 8 };

typedef struct recorded {
	struct sock_filter code[BPF_MAXINSNS];
	size_t count;
} recorded;

static void load(const char *name, recorded *r)
{
	const char *srcdir = getenv("srcdir");
	char path[512];
	unsigned char at[INSN_BYTES];

	(void)snprintf(path, sizeof path, "%s/tests/checks/data/seccomp-%s.bpf",
		       srcdir ? srcdir : ".", name);
	FILE *in = fopen(path, "rb");

	assert_non_null(in);
	for (r->count = 0; fread(at, sizeof at, 1, in) == 1; r->count++)
		r->code[r->count] = (struct sock_filter){
			.code = (uint16_t)(at[0] | at[1] << 8),
			.jt = at[2],
			.jf = at[3],
			.k = at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 |
			     (uint32_t)at[7] << 24,
		};
	(void)fclose(in);
}

static hf_call_masks judge(const recorded *r, uint32_t arch, uint32_t base)
{
	hf_call_masks masks;

	assert_int_equal(hf_filter_judge(r->code, r->count, arch, base, &masks), 0);
	return masks;
}

typedef struct tally {
	unsigned allowed, conditional, refused, other;
} tally;

static tally count(const hf_call_masks *masks, uint32_t until)
{
	tally t = {0};

	for (uint32_t place = 0; place < until; place++) {
		switch (hf_verdict_of(masks->at[place])) {
		case HF_CALL_ALLOWED:
			t.allowed++;
			break;
		case HF_CALL_CONDITIONAL:
			t.conditional++;
			break;
		case HF_CALL_DENIED:
			t.refused++;
			break;
		case HF_CALL_UNKNOWN:
		case HF_CALL_SUPERVISED:
		case HF_CALL_LOGGED:
			t.other++;
			break;
		}
	}
	return t;
}

static void test_docker(void **state)
{
	static recorded r;

	(void)state;
	load("docker-20.10", &r);
	assert_int_equal(r.count, 974);
	hf_call_masks native = judge(&r, AUDIT_ARCH_X86_64, 0);
	hf_call_masks i386 = judge(&r, AUDIT_ARCH_I386, 0);
	hf_call_masks x32 = judge(&r, AUDIT_ARCH_X86_64, 0x40000000);
	hf_call_masks foreign = judge(&r, AUDIT_ARCH_MIPS, 0);
	tally t = count(&native, 470);

	assert_int_equal(t.allowed, 290);
	assert_int_equal(t.conditional, 2);
	assert_int_equal(t.refused, 178);
	assert_int_equal(t.other, 0);
	assert_int_equal(hf_verdict_of(native.at[56]), HF_CALL_CONDITIONAL);  /* clone */
	assert_int_equal(hf_verdict_of(native.at[135]), HF_CALL_CONDITIONAL); /* personality */
	assert_int_equal(count(&i386, 470).allowed, 342);
	assert_int_equal(count(&x32, 470).allowed, 254);
	assert_int_equal(count(&foreign, HF_CALL_ALL).refused, HF_CALL_ALL);
	for (uint32_t place = HF_CALL_PLACES; place < HF_CALL_ALL; place++)
		assert_int_equal(native.at[place], HF_ACT_ERRNO);
}

static void test_others(void **state)
{
	static recorded r;

	(void)state;
	load("deny-one", &r);
	hf_call_masks one = judge(&r, AUDIT_ARCH_X86_64, 0);

	assert_int_equal(count(&one, HF_CALL_ALL).refused, 1);
	assert_int_equal(one.at[163], HF_ACT_ERRNO); /* acct */
	load("log", &r);
	hf_call_masks log = judge(&r, AUDIT_ARCH_X86_64, 0);

	assert_int_equal(log.at[0], HF_ACT_ALLOW);
	assert_int_equal(hf_verdict_of(log.at[165]), HF_CALL_LOGGED);
	assert_int_equal(count(&log, HF_CALL_ALL).refused, 0);
	/* systemd's know one ABI each, and let the others through */
	load("nspawn-3", &r);
	hf_call_masks native = judge(&r, AUDIT_ARCH_X86_64, 0),
		      i386 = judge(&r, AUDIT_ARCH_I386, 0);

	assert_true(count(&native, 470).refused > 100);
	assert_int_equal(count(&i386, HF_CALL_ALL).allowed, HF_CALL_ALL);
}

static uint8_t with_argument(const recorded *r, uint32_t number, uint32_t index, uint64_t mask,
			     uint64_t value)
{
	hf_call_given given = {0};
	uint32_t low = HF_DATA_FIRST_ARGUMENT + 2 * index;
	uint8_t act;

	given.mask[low] = (uint32_t)mask;
	given.mask[low + 1] = (uint32_t)(mask >> 32);
	given.value[low] = (uint32_t)value;
	given.value[low + 1] = (uint32_t)(value >> 32);
	assert_int_equal(
		hf_filter_judge_one(r->code, r->count, AUDIT_ARCH_X86_64, number, &given, &act), 0);
	return act;
}

static void test_arguments(void **state)
{
	static recorded r;

	(void)state;
	load("docker-20.10", &r);
	assert_int_equal(with_argument(&r, 135, 0, UINT64_MAX, 0x20008), HF_ACT_ALLOW);
	assert_int_equal(with_argument(&r, 135, 0, UINT64_MAX, 0x40000), HF_ACT_ERRNO);
	/* one bit of the flags is known, whatever else is set */
	assert_int_equal(with_argument(&r, 56, 0, 0x10000000, 0x10000000), HF_ACT_ERRNO);
	assert_int_equal(with_argument(&r, 56, 0, 0x7e020000, 0), HF_ACT_ALLOW);
	assert_int_equal(with_argument(&r, 56, 0, 0x10000000, 0), HF_ACT_ERRNO | HF_ACT_ALLOW);
	/* audit over netlink: two arguments */
	load("podman", &r);
	assert_int_equal(with_argument(&r, 41, 0, UINT64_MAX, 2), HF_ACT_ALLOW);
}

/* Pseudo-random and the same everywhere. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8 ^ *seed << 16;
}

/* Whatever the data, what really happens is among what was judged possible; with all data known it
 * is that alone. */
static void test_against_interpreter(void **state)
{
	static const char *const names[] = {"docker-20.10", "docker-20.10-sys-admin",
					    "deny-one",	    "log",
					    "nspawn-1",	    "nspawn-2",
					    "nspawn-3",	    "nspawn-4",
					    "nspawn-5",	    "podman"};
	static const uint32_t interesting[] = {
		0, 1, 8, 9, 16, 38, 40, 0x20000, 0x20008, 0x7e020000, 0x10000000, UINT32_MAX};
	static recorded r;
	uint32_t seed = 1;

	(void)state;
	for (size_t n = 0; n < HF_ARRAY_SIZE(names); n++) {
		load(names[n], &r);
		hf_call_masks native = judge(&r, AUDIT_ARCH_X86_64, 0);

		for (unsigned i = 0; i < 3000; i++) {
			uint32_t data[HF_DATA_WORDS], place = next(&seed) % HF_CALL_PLACES;
			hf_call_given given = {0};
			uint8_t act;

			for (size_t w = 0; w < HF_DATA_WORDS; w++)
				data[w] = next(&seed) % 3 ? interesting[next(&seed) %
									HF_ARRAY_SIZE(interesting)]
							  : next(&seed);
			data[0] = place;
			data[1] = AUDIT_ARCH_X86_64;
			memset(given.mask, 0xff, sizeof given.mask);
			memcpy(given.value, data, sizeof data);
			uint8_t real = oracle_run(r.code, r.count, data);

			assert_int_not_equal(real, 0);
			assert_true(native.at[place] & real);
			assert_int_equal(hf_filter_judge_one(r.code, r.count, AUDIT_ARCH_X86_64,
							     place, &given, &act),
					 0);
			assert_int_equal(act, real);
		}
	}
}

static void test_hostile_code(void **state)
{
	static struct sock_filter forks[BPF_MAXINSNS];
	static const struct sock_filter outside[] = {BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX)};
	static const struct sock_filter bad_load[] = {BPF_STMT(BPF_LD | BPF_MEM, 99),
						      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO)};
	static const struct sock_filter no_end[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
	/* the number, shifted: each is worked out alone */
	static const struct sock_filter shifted[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 82, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	hf_call_masks masks;

	(void)state;
	/* 2^n paths: given up, never taken for refused */
	for (size_t i = 0; i + 2 < HF_ARRAY_SIZE(forks); i += 2) {
		forks[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							(uint32_t)(16 + 4 * (i / 2 % 12)));
		forks[i + 1] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)i, 0, 0);
		forks[i + 1].jt = i + 4 < HF_ARRAY_SIZE(forks) ? 2 : 0;
	}
	forks[BPF_MAXINSNS - 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO);
	forks[BPF_MAXINSNS - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	assert_int_equal(hf_filter_judge(forks, BPF_MAXINSNS, AUDIT_ARCH_X86_64, 0, &masks), 0);
	assert_int_equal(hf_verdict_of(masks.at[165]), HF_CALL_UNKNOWN);
	assert_int_equal(hf_filter_judge(outside, 1, AUDIT_ARCH_X86_64, 0, &masks), 0);
	assert_int_equal(masks.at[0], HF_ACT_UNKNOWN);
	assert_int_equal(hf_filter_judge(bad_load, 2, AUDIT_ARCH_X86_64, 0, &masks), 0);
	assert_int_equal(masks.at[0], HF_ACT_UNKNOWN);
	assert_int_equal(hf_filter_judge(no_end, 1, AUDIT_ARCH_X86_64, 0, &masks), 0);
	assert_int_equal(masks.at[0], HF_ACT_UNKNOWN);
	assert_int_equal(
		hf_filter_judge(shifted, HF_ARRAY_SIZE(shifted), AUDIT_ARCH_X86_64, 0, &masks), 0);
	assert_int_equal(masks.at[163], HF_ACT_ALLOW);
	assert_int_equal(masks.at[164], HF_ACT_ERRNO);
	assert_int_equal(masks.at[165], HF_ACT_ERRNO);
	assert_int_equal(masks.at[166], HF_ACT_ALLOW);
}

static void test_both(void **state)
{
	(void)state;
	assert_int_equal(hf_act_both(HF_ACT_ALLOW, HF_ACT_ERRNO), HF_ACT_ERRNO);
	assert_int_equal(hf_act_both(HF_ACT_UNKNOWN, HF_ACT_ERRNO), HF_ACT_ERRNO);
	assert_int_equal(hf_act_both(HF_ACT_UNKNOWN, HF_ACT_ALLOW), HF_ACT_UNKNOWN);
	assert_int_equal(hf_act_both(HF_ACT_ERRNO | HF_ACT_ALLOW, HF_ACT_ALLOW),
			 HF_ACT_ERRNO | HF_ACT_ALLOW);
	assert_int_equal(hf_act_both(HF_ACT_ERRNO | HF_ACT_ALLOW, HF_ACT_KILL), HF_ACT_KILL);
	assert_int_equal(hf_act_both(HF_ACT_ALLOW, HF_ACT_ALLOW), HF_ACT_ALLOW);
}

/* ---- the lists ---- */

static void test_lists(void **state)
{
	static const char text[] = "0 7 - log\n2 8 0 log\n3 9 2\n5 9 ?\n";
	static const char *const bad[] = {
		"0 7\n",       "0 7 1\n",	 "0 7 0\n",	      "x\n",
		"0 7 - lag\n", "99999999 1 -\n", "0 99999999999 -\n", "0 1 2\n2 1 0\n"};
	const hf_filter_stack *stacks;
	const hf_filtered_task *tasks;
	hf_kernel_filters f = {0};
	hf_arena *arena;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_filter_stacks_parse(arena, text, strlen(text), &stacks, &f.stack_count),
			 0);
	f.stacks = stacks;
	assert_int_equal(f.stack_count, 6);
	assert_int_equal(stacks[3].depth, 3);
	assert_false(stacks[3].is_logged);
	assert_true(stacks[2].is_logged);
	assert_int_equal(stacks[5].below, HF_STACK_UNKNOWN);
	assert_true(hf_filters_is_above(&f, 3, 0));
	assert_false(hf_filters_is_above(&f, 5, 0));
	for (size_t i = 0; i < HF_ARRAY_SIZE(bad); i++)
		assert_int_equal(hf_filter_stacks_parse(arena, bad[i], strlen(bad[i]), &stacks,
							&f.stack_count),
				 -EBADMSG);
	assert_int_equal(
		hf_filtered_tasks_parse(arena, "9 9 0\n7 8 2\n", 12, 6, &tasks, &f.task_count), 0);
	f.tasks = tasks;
	assert_int_equal(hf_filters_stack_of(&f, 7, 8), 2);
	assert_int_equal(hf_filters_stack_of(&f, 7, 9), HF_STACK_UNKNOWN);
	assert_int_equal(hf_filtered_tasks_parse(arena, "9 9 6\n", 6, 6, &tasks, &f.task_count),
			 -EBADMSG);
	assert_int_equal(hf_filtered_tasks_parse(arena, "9 9\n", 4, 6, &tasks, &f.task_count),
			 -EBADMSG);
	hf_arena_free(arena);
}

/* ---- rules ---- */

/* The engine's default by the table is the recorded filter, call by call. */
static void test_table_against_recorded(void **state)
{
	static const struct {
		const char *name;
		uint64_t caps;
	} dumps[] = {{"docker-20.10", 0xa80425fb}, {"docker-20.10-sys-admin", 0xa82425fb}};
	const hf_call_machine *machine = hf_call_machine_find("x86_64");
	static recorded r;
	hf_arena *arena;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(dumps); i++) {
		const hf_rules_for target = {.machine = machine,
					     .caps = dumps[i].caps,
					     .kernel_major = 6,
					     .kernel_minor = 18};
		const hf_rules *rules;
		const char *version;
		hf_call_masks expected, real;

		load(dumps[i].name, &r);
		assert_int_equal(hf_rules_from_table(arena, hf_seccomp_defaults, "docker",
						     "20.10.24+dfsg1", &target, &rules, &version),
				 0);
		hf_rules_judge(rules, machine, HF_CALL_ABI_NATIVE, &expected);
		real = judge(&r, AUDIT_ARCH_X86_64, 0);
		for (uint32_t place = 0; place < HF_CALL_PLACES; place++) {
			/* calls that the libseccomp which made it did not know are refused either
			 * way */
			if (hf_verdict_of(expected.at[place]) != hf_verdict_of(real.at[place]) &&
			    place < 436)
				fail_msg("%s: call %u: %x expected, %x in force", dumps[i].name,
					 place, expected.at[place], real.at[place]);
		}
	}
	hf_arena_free(arena);
}

static void test_table(void **state)
{
	const hf_rules_for target = {
		.machine = hf_call_machine_find("x86_64"), .kernel_major = 4, .kernel_minor = 7};
	const hf_rules *rules;
	const char *version;
	hf_call_masks masks;
	hf_arena *arena;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_rules_from_table(arena, hf_seccomp_defaults, "docker", "1.12.0",
					     &target, &rules, &version),
			 -ERANGE);
	assert_int_equal(hf_rules_from_table(arena, hf_seccomp_defaults, "lxd", "1", &target,
					     &rules, &version),
			 -ENOENT);
	assert_int_equal(hf_rules_from_table(arena, hf_seccomp_defaults, "docker", NULL, &target,
					     &rules, &version),
			 0);
	assert_true(version && strchr(version, '.'));
	hf_rules_judge(rules, target.machine, HF_CALL_ABI_NATIVE, &masks);
	assert_int_equal(hf_verdict_of(masks.at[101]), HF_CALL_DENIED); /* ptrace: from 4.8 on */
	assert_int_equal(hf_verdict_of(masks.at[425]),
			 HF_CALL_DENIED); /* io_uring_setup: until 25.0 */
	assert_int_equal(hf_verdict_of(masks.at[41]), HF_CALL_CONDITIONAL); /* socket */
	hf_call_given given = {.mask = {[4] = UINT32_MAX, [5] = UINT32_MAX}, .value = {[4] = 40}};

	assert_int_equal(hf_rules_judge_one(rules, target.machine, HF_CALL_ABI_NATIVE, 41, &given),
			 HF_ACT_ERRNO);
	given.value[4] = 2;
	assert_int_equal(hf_rules_judge_one(rules, target.machine, HF_CALL_ABI_NATIVE, 41, &given),
			 HF_ACT_ALLOW);
	hf_arena_free(arena);
}

static const hf_rules *parse(hf_arena *arena, const char *text, int expected)
{
	const hf_rules_for target = {
		.machine = hf_call_machine_find("x86_64"), .kernel_major = 6, .kernel_minor = 1};
	const hf_rules *rules = NULL;
	const hf_json *json;
	hf_error err = {0};

	assert_int_equal(hf_json_parse(arena, text, strlen(text), &json, &err), 0);
	assert_int_equal(hf_rules_from_json(arena, json, &target, &rules, &err), expected);
	return rules;
}

static void test_json(void **state)
{
	const hf_call_machine *machine = hf_call_machine_find("x86_64");
	hf_call_masks masks;
	hf_arena *arena;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	(void)parse(arena, "[]", -EBADMSG);
	(void)parse(arena, "{\"defaultAction\":\"SCMP_ACT_WHATEVER\"}", -EBADMSG);
	const hf_rules *rules = parse(arena,
				      "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
				      "\"SCMP_ARCH_X86_64\"],\"syscalls\":["
				      "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},"
				      "{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
				      "\"args\":[{\"index\":0,\"value\":8,"
				      "\"op\":\"SCMP_CMP_EQ\"}]},"
				      "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"},"
				      "{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\","
				      "\"includes\":{\"caps\":[\"CAP_BPF\"]}}]}",
				      0);

	assert_null(rules->problems);
	hf_rules_judge(rules, machine, HF_CALL_ABI_NATIVE, &masks);
	assert_int_equal(hf_verdict_of(masks.at[0]), HF_CALL_ALLOWED);
	assert_int_equal(hf_verdict_of(masks.at[135]), HF_CALL_CONDITIONAL);
	assert_int_equal(hf_verdict_of(masks.at[165]), HF_CALL_SUPERVISED);
	assert_int_equal(hf_verdict_of(masks.at[321]), HF_CALL_DENIED);
	hf_rules_judge(rules, machine, HF_CALL_ABI_I386, &masks);
	assert_int_equal(masks.at[3], HF_ACT_KILL);
	hf_arena_free(arena);
}

static void test_names(void **state)
{
	const hf_call_machine *machine = hf_call_machine_find("x86_64");

	(void)state;
	assert_null(hf_call_machine_find("pdp11"));
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_NATIVE], "mount"), 165);
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_I386], "mount"), 21);
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_X32], "mount"), 165);
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_I386], "socket"), 359);
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_NATIVE], "umount"), -1);
	assert_int_equal(hf_call_place(&machine->abis[HF_CALL_ABI_NATIVE], "open_tree_attr"), 467);
	assert_true(hf_call_is_known("umount"));
	assert_false(hf_call_is_known("wriet"));
}

/* ---- BTF ---- */

/* A struct of two members, then a function of that name, as pahole writes them. */
static void test_btf(void **state)
{
	static const char strings[] = "\0seccomp\0mode\0filter\0bpf_iter_task";
	struct {
		struct btf_header head;
		struct btf_type record;
		struct btf_member members[2];
		struct btf_type function;
		char strings[sizeof strings];
	} btf = {
		.head = {.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof btf.head},
		.record = {.name_off = 1, .info = BTF_KIND_STRUCT << 24 | 2, .size = 16},
		.members = {{.name_off = 9}, {.name_off = 14, .offset = 64}},
		.function = {.name_off = 21, .info = BTF_KIND_FUNC << 24},
	};
	hf_btf_member member = {.type = "seccomp", .member = "filter"};
	hf_btf_wanted wanted = {.members = &member, .member_count = 1, .function = "bpf_iter_task"};
	const char *missing = "";

	(void)state;
	btf.head.type_len = (uint32_t)(offsetof(typeof(btf), strings) - sizeof btf.head);
	btf.head.str_off = btf.head.type_len;
	btf.head.str_len = sizeof strings;
	memcpy(btf.strings, strings, sizeof strings);
	assert_int_equal(hf_btf_find(&btf, sizeof btf, &wanted, &missing), 0);
	assert_int_equal(member.offset, 8);
	assert_int_equal(wanted.function_id, 2);
	for (size_t size = 0; size < offsetof(typeof(btf), strings) + sizeof strings; size++) {
		hf_btf_member again = {.type = "seccomp", .member = "filter"};
		hf_btf_wanted cut = {
			.members = &again, .member_count = 1, .function = "bpf_iter_task"};

		assert_int_equal(hf_btf_find(&btf, size, &cut, &missing), -EBADMSG);
	}
	hf_btf_member other = {.type = "seccomp", .member = "gone"};
	hf_btf_wanted lacking = {.members = &other, .member_count = 1, .function = "bpf_iter_task"};

	assert_int_equal(hf_btf_find(&btf, sizeof btf, &lacking, &missing), -ENOENT);
	assert_string_equal(missing, "gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),	     cmocka_unit_test(test_others),
		cmocka_unit_test(test_arguments),    cmocka_unit_test(test_against_interpreter),
		cmocka_unit_test(test_hostile_code), cmocka_unit_test(test_both),
		cmocka_unit_test(test_lists),	     cmocka_unit_test(test_table_against_recorded),
		cmocka_unit_test(test_table),	     cmocka_unit_test(test_json),
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
