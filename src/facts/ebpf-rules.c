/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What device programs allow, written as the rules that they were made of.
 *
 * A program that only compares with constants treats all numbers alike that it does not name. So it
 * is run for one number that no program names, and then for each that it was seen to compare with,
 * until no further one comes up. Constants are taken from the comparisons as they happen and never
 * from the instructions, in which a kernel may have hidden them (bpf_jit_harden). */
#include "facts/ebpf.h"

enum {
	VALUES_MAX = 96,   /* numbers that programs may name: the square of them is tried */
	LENGTH_MAX = 4096, /* instructions; a hidden constant takes three */
	ROUNDS_MAX = 16,
};

/* Numbers worth trying; sorted, without repeats. */
typedef struct numbers {
	uint32_t all[VALUES_MAX];
	size_t count;
} numbers;

/* No program of a runtime names it, and no driver has it: majors have 12 bits, minors 20. */
static const uint32_t other = 0xfffabcd;

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

typedef struct trial {
	const hf_ebpf_program *programs;
	size_t count;
	hf_ebpf_device device; /* of the run */
	numbers seen;
	int error;
	hf_error *err;
} trial;

static void add(trial *t, uint64_t value)
{
	numbers *list = &t->seen;

	if (value > UINT32_MAX || value == other)
		return;
	for (size_t i = 0; i < list->count; i++) {
		if (list->all[i] == value)
			return;
	}
	if (list->count < VALUES_MAX)
		list->all[list->count++] = (uint32_t)value;
	else
		t->error = -E2BIG;
}

/* A part of the question as it was asked; or of the access, which has three bits. */
static bool is_asked(const hf_ebpf_device *device, uint64_t value)
{
	return value == device->major || value == device->minor ||
	       value == ((uint32_t)device->access << 16 | device->type) || value <= 7;
}

static void see(void *data, const hf_ebpf_insn *insn, uint64_t a, uint64_t b)
{
	enum { EQUAL = 0x1, ANY_BIT = 0x4, UNEQUAL = 0x5 };
	trial *t = data;
	unsigned operation = insn->code >> 4;
	bool is_number = a > 7 && (a == t->device.major || a == t->device.minor);

	/* what was computed of a number says nothing of its neighbours, and neither does one of its
	 * bits */
	if ((!is_asked(&t->device, a) && !is_asked(&t->device, b)) ||
	    (operation == ANY_BIT && is_number))
		t->error = t->error ? t->error : -EDOM;
	add(t, a);
	add(t, b);
	if (operation == EQUAL || operation == UNEQUAL || operation == ANY_BIT)
		return;
	/* of an order, the side that was not asked for is the constant */
	uint64_t limit = is_asked(&t->device, a) ? b : a;

	add(t, limit - 1);
	add(t, limit + 1);
}

/* The accesses that every program grants for this device. */
static int try_device(trial *t, uint16_t type, uint32_t major, uint32_t minor, unsigned *ret_access)
{
	const hf_ebpf_watch watch = {.see = see, .data = t};
	unsigned granted = 0;

	for (uint16_t access = HF_EBPF_MKNOD; access <= HF_EBPF_WRITE;
	     access = (uint16_t)(access << 1)) {
		bool allows = true;

		t->device = (hf_ebpf_device){
			.type = type, .access = access, .major = major, .minor = minor};
		for (size_t i = 0; allows && i < t->count; i++) {
			int r = hf_ebpf_run(&t->programs[i], &t->device, &watch, &allows, t->err);

			if (r < 0)
				return r;
		}
		if (allows)
			granted |= access;
	}
	*ret_access = granted;
	if (t->error == -E2BIG)
		return hf_error_set(t->err, t->error, "compares with more than %d numbers",
				    VALUES_MAX);
	if (t->error)
		return hf_error_set(t->err, t->error, "computes with the numbers of devices");
	return 0;
}

typedef struct rules {
	hf_device_grant *all;
	size_t count;
	size_t room;
} rules;

static int put(rules *list, uint16_t type, const uint32_t *major, const uint32_t *minor,
	       unsigned access)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 32;
		hf_device_grant *all = reallocarray(list->all, room, sizeof *all);

		if (!all)
			return -ENOMEM;
		list->all = all;
		list->room = room;
	}
	list->all[list->count++] = (hf_device_grant){
		.type = type == HF_EBPF_BLOCK ? 'b' : 'c',
		.is_any_major = !major,
		.is_any_minor = !minor,
		.major = major ? *major : 0,
		.minor = minor ? *minor : 0,
		.can_read = access & HF_EBPF_READ,
		.can_write = access & HF_EBPF_WRITE,
		.can_mknod = access & HF_EBPF_MKNOD,
	};
	return 0;
}

/* What holds for majors that the programs do not name. */
typedef struct others {
	unsigned any;
	unsigned minors[VALUES_MAX]; /* by index into the numbers */
} others;

/* A rule of its own is only what differs from the rule above it. */
static int list_major(trial *t, const numbers *values, uint16_t type, uint32_t major,
		      const others *above, rules *list)
{
	unsigned whole, access;
	int r = try_device(t, type, major, other, &whole);

	if (r == 0 && whole != above->any)
		r = put(list, type, &major, NULL, whole);
	for (size_t i = 0; r == 0 && i < values->count; i++) {
		r = try_device(t, type, major, values->all[i], &access);
		if (r == 0 && access != (whole != above->any ? whole : above->minors[i]))
			r = put(list, type, &major, &values->all[i], access);
	}
	return r;
}

static int list_type(trial *t, const numbers *values, uint16_t type, rules *list)
{
	others above = {0};
	int r = try_device(t, type, other, other, &above.any);

	if (r == 0 && above.any)
		r = put(list, type, NULL, NULL, above.any);
	/* "c *:7": a minor of every driver */
	for (size_t i = 0; r == 0 && i < values->count; i++) {
		r = try_device(t, type, other, values->all[i], &above.minors[i]);
		if (r == 0 && above.minors[i] != above.any)
			r = put(list, type, NULL, &values->all[i], above.minors[i]);
	}
	for (size_t i = 0; r == 0 && i < values->count; i++)
		r = list_major(t, values, type, values->all[i], &above, list);
	return r;
}

/* All rules by the numbers that are known so far. */
static int list_all(trial *t, const numbers *values, rules *list)
{
	list->count = 0;
	int r = list_type(t, values, HF_EBPF_BLOCK, list);

	return r < 0 ? r : list_type(t, values, HF_EBPF_CHAR, list);
}

/* Until the runs bring up no further number. */
static int settle(trial *t, rules *list)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		numbers values = t->seen;

		qsort(values.all, values.count, sizeof *values.all, compare_numbers);
		int r = list_all(t, &values, list);

		if (r < 0 || t->seen.count == values.count)
			return r;
	}
	return hf_error_set(t->err, -E2BIG, "compares with ever more numbers");
}

int hf_ebpf_rules(hf_arena *arena, const hf_ebpf_program *programs, size_t count,
		  const hf_device_grant **ret_rules, size_t *ret_count, hf_error *err)
{
	trial t = {.programs = programs, .count = count, .err = err};
	rules list = {0};
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += programs[i].count;
	if (length > LENGTH_MAX)
		return hf_error_set(err, -E2BIG, "is too long to be written as rules");
	int r = settle(&t, &list);

	if (r == 0) {
		hf_device_grant *all = hf_arena_calloc(arena, list.count + 1, sizeof *all);

		if (all && list.count > 0)
			memcpy(all, list.all, list.count * sizeof *all);
		*ret_rules = all;
		*ret_count = list.count;
		r = all ? 0 : -ENOMEM;
	}
	free(list.all);
	return r;
}
