/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `seccomp`: the filters that are really in force, of every task that has any.
 *
 * Before it reads it puts a small filter of a known form on itself. That it comes back as it was
 * made, under the number that /proc knows us by, proves that the reading can be believed. */
#include "collect/seccomp.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>

enum {
	NO_STACK = -1,
	DEPTH_MAX = 256,
	NO_CALL = 0x5eccf117, /* no system call: what the control filter refuses */
};

static const char control_name[] = "seccomp/control";

static const struct sock_filter control_code[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NO_CALL, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* ---- numbers instead of keys ---- */

/* A code is numbered once, however many filters have it: each container's is the kernel's own copy.
 */
typedef struct numbering {
	const hf_filters *filters;
	uint64_t *hashes;
	int32_t *
		codes; /* per filter: number of its code; of the first filter with the same bytes */
	int32_t *stacks;  /* per filter: number of the stack that it tops, or NO_STACK */
	uint32_t *by_key; /* an open-addressed table: index + 1 of a filter */
	size_t room;
	int32_t code_count;
	int32_t stack_count;
	struct stack {
		int32_t code;
		int32_t below; /* stack, or NO_STACK */
		bool is_logged;
		bool is_cut;  /* what lies below is not known */
		bool is_used; /* by a task that is told of, itself or from above */
	} * all;
	bool *is_code_used;
	const char *prefix; /* of the names that are answered */
} numbering;

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_of(const hf_filter *filter)
{
	uint64_t hash = filter->length;

	for (uint32_t i = 0; filter->code && i < filter->length; i++) {
		uint64_t word;

		memcpy(&word, &filter->code[i], sizeof word);
		hash = mix(hash, word);
	}
	return hash;
}

static size_t slot_of(const numbering *n, uint64_t key)
{
	size_t slot = (size_t)mix(0, key) & (n->room - 1);

	while (n->by_key[slot] && n->filters->all[n->by_key[slot] - 1].key != key)
		slot = (slot + 1) & (n->room - 1);
	return slot;
}

/* Index of the filter, or -1. */
static int64_t find_filter(const numbering *n, uint64_t key)
{
	return (int64_t)n->by_key[slot_of(n, key)] - 1;
}

static bool is_same_code(const hf_filter *a, const hf_filter *b)
{
	return a->length == b->length && a->code && b->code &&
	       memcmp(a->code, b->code, a->length * sizeof *a->code) == 0;
}

/* The first filter with the same code gives its number; those that could not be read are all
 * different. */
static int32_t number_code(numbering *n, uint32_t *table, size_t index)
{
	const hf_filter *filter = &n->filters->all[index];
	size_t slot = (size_t)n->hashes[index] & (n->room - 1);

	while (table[slot]) {
		size_t other = table[slot] - 1;

		if (n->hashes[other] == n->hashes[index] &&
		    is_same_code(&n->filters->all[other], filter))
			return n->codes[other];
		slot = (slot + 1) & (n->room - 1);
	}
	table[slot] = (uint32_t)index + 1;
	return n->code_count++;
}

/* Stacks of equal filters are one. */
static int32_t add_stack(numbering *n, struct stack stack)
{
	for (int32_t i = 0; i < n->stack_count; i++) {
		const struct stack *old = &n->all[i];

		if (old->code == stack.code && old->below == stack.below &&
		    old->is_logged == stack.is_logged && old->is_cut == stack.is_cut)
			return i;
	}
	n->all[n->stack_count] = stack;
	return n->stack_count++;
}

/* Numbers the stack that filter @index tops, those below it first. */
static void number_stack(numbering *n, int64_t index)
{
	int64_t path[DEPTH_MAX] = {0};
	size_t depth = 0;

	for (; index >= 0 && n->stacks[index] == NO_STACK && depth < DEPTH_MAX; depth++) {
		uint64_t previous = n->filters->all[index].previous;

		path[depth] = index;
		index = previous ? find_filter(n, previous) : -1;
	}
	while (depth-- > 0) {
		const hf_filter *filter = &n->filters->all[path[depth]];
		int64_t below = filter->previous ? find_filter(n, filter->previous) : -1;
		int32_t stack = below < 0 ? NO_STACK : n->stacks[below];

		n->stacks[path[depth]] =
			add_stack(n, (struct stack){
					     .code = n->codes[path[depth]],
					     .below = stack,
					     .is_logged = filter->is_logged,
					     .is_cut = filter->previous && stack == NO_STACK,
				     });
	}
}

static int prepare(hf_arena *arena, const hf_filters *filters, numbering *ret_numbering)
{
	enum { SPARSE = 2, SMALLEST = 64 };
	size_t room = SMALLEST;

	while (room < filters->count * SPARSE)
		room *= 2;
	numbering n = {
		.filters = filters,
		.room = room,
		.hashes = hf_arena_calloc(arena, filters->count + 1, sizeof *n.hashes),
		.codes = hf_arena_calloc(arena, filters->count + 1, sizeof *n.codes),
		.stacks = hf_arena_calloc(arena, filters->count + 1, sizeof *n.stacks),
		.all = hf_arena_calloc(arena, filters->count + 1, sizeof *n.all),
		.by_key = hf_arena_calloc(arena, room, sizeof *n.by_key),
		.is_code_used = hf_arena_calloc(arena, filters->count + 1, sizeof *n.is_code_used),
	};

	if (!n.hashes || !n.codes || !n.stacks || !n.all || !n.by_key || !n.is_code_used)
		return -ENOMEM;
	*ret_numbering = n;
	return 0;
}

static int number_all(hf_arena *arena, const hf_filters *filters, numbering *ret_numbering)
{
	numbering n;
	int r = prepare(arena, filters, &n);
	uint32_t *table = r < 0 ? NULL : hf_arena_calloc(arena, n.room, sizeof *table);

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < filters->count; i++) {
		n.by_key[slot_of(&n, filters->all[i].key)] = (uint32_t)i + 1;
		n.hashes[i] = hash_of(&filters->all[i]);
		n.codes[i] = number_code(&n, table, i);
		n.stacks[i] = NO_STACK;
	}
	for (size_t i = 0; i < filters->count; i++)
		number_stack(&n, (int64_t)i);
	*ret_numbering = n;
	return 0;
}

/* ---- sending ---- */

enum { NAME_ROOM = 64 };

static const char *name_with(char name[NAME_ROOM], const char *prefix, const char *rest)
{
	(void)snprintf(name, NAME_ROOM, "%s%s", prefix, rest);
	return name;
}

static int send_text(hf_reader *reader, const char *name, const hf_buffer *text)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.data = text->data ? text->data : "",
		.size = text->size,
	};

	return text->failed ? -ENOMEM : hf_reader_send(reader, &answer);
}

static int send_failure(hf_reader *reader, const char *name, int error, const char *why)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL, .name = name, .error = error, .reason = why, .data = ""};

	return hf_reader_send(reader, &answer);
}

static void use(const numbering *n, int32_t stack)
{
	while (stack != NO_STACK && !n->all[stack].is_used) {
		n->all[stack].is_used = true;
		n->is_code_used[n->all[stack].code] = true;
		stack = n->all[stack].below;
	}
}

/* Of all but ourselves. */
static int send_tasks(hf_reader *reader, const numbering *n)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	char name[NAME_ROOM];

	for (size_t i = 0; i < n->filters->task_count; i++) {
		const hf_filtered *task = &n->filters->tasks[i];
		int64_t index = find_filter(n, task->key);

		/* one that was about to end */
		if (index < 0 || task->pid == (uint32_t)getpid())
			continue;
		use(n, n->stacks[index]);
		hf_buffer_printf(&text, "%u %u %d\n", task->pid, task->tid, n->stacks[index]);
	}
	return send_text(reader, name_with(name, n->prefix, "tasks"), &text);
}

static int send_stacks(hf_reader *reader, const numbering *n)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	char name[NAME_ROOM];

	for (int32_t i = 0; i < n->stack_count; i++) {
		const struct stack *stack = &n->all[i];

		if (!stack->is_used)
			continue;
		hf_buffer_printf(&text, "%d %d ", i, stack->code);
		if (stack->below == NO_STACK)
			hf_buffer_puts(&text, stack->is_cut ? "?" : "-");
		else
			hf_buffer_printf(&text, "%d", stack->below);
		hf_buffer_puts(&text, stack->is_logged ? " log\n" : "\n");
	}
	return send_text(reader, name_with(name, n->prefix, "stacks"), &text);
}

/* Eight bytes an instruction, lowest first, whatever this machine has. */
static int send_code(hf_reader *reader, const char *prefix, int32_t number, const hf_filter *filter)
{
	hf_cleanup(hf_buffer_free) hf_buffer bytes = {0};
	char name[NAME_ROOM];

	(void)snprintf(name, sizeof name, "%sfilter/%d", prefix, number);
	if (!filter->code)
		return send_failure(reader, name, EOPNOTSUPP, filter->why);
	for (uint32_t i = 0; i < filter->length; i++) {
		const struct sock_filter *insn = &filter->code[i];
		const unsigned char eight[] = {
			(unsigned char)insn->code,
			(unsigned char)(insn->code >> 8),
			insn->jt,
			insn->jf,
			(unsigned char)insn->k,
			(unsigned char)(insn->k >> 8),
			(unsigned char)(insn->k >> 16),
			(unsigned char)(insn->k >> 24),
		};

		hf_buffer_add(&bytes, eight, sizeof eight);
	}
	return send_text(reader, name, &bytes);
}

static int send_codes(hf_reader *reader, const numbering *n)
{
	int32_t next = 0;
	int r = 0;

	/* a number is new where it is met first */
	for (size_t i = 0; r == 0 && i < n->filters->count; i++) {
		if (n->codes[i] != next)
			continue;
		if (n->is_code_used[next])
			r = send_code(reader, n->prefix, next, &n->filters->all[i]);
		next++;
	}
	return r;
}

/* ---- the control ---- */

static int put_control_on(void)
{
	const struct sock_fprog program = {
		.len = HF_ARRAY_SIZE(control_code),
		.filter = (struct sock_filter *)(uintptr_t)control_code,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

/* NULL: our filter came back as it was made. */
static const char *why_not_believed(const hf_filters *filters)
{
	const hf_filter control = {.code = control_code, .length = HF_ARRAY_SIZE(control_code)};

	for (size_t i = 0; i < filters->task_count; i++) {
		if (filters->tasks[i].pid != (uint32_t)getpid())
			continue;
		for (size_t k = 0; k < filters->count; k++) {
			const hf_filter *filter = &filters->all[k];

			if (filter->key == filters->tasks[i].key)
				return is_same_code(filter, &control) ? NULL
				       : filter->why		      ? filter->why
						     : "our own filter came back changed";
		}
	}
	return "our own filter did not come back: the kernel numbers processes otherwise than our "
	       "/proc "
	       "(this program runs in a pid namespace)";
}

int hf_filters_send(hf_reader *reader, hf_arena *arena, const hf_filters *filters,
		    const char *prefix)
{
	numbering n = {0};
	int r = number_all(arena, filters, &n);

	n.prefix = prefix;
	if (r == 0)
		r = send_tasks(reader, &n);
	if (r == 0)
		r = send_stacks(reader, &n);
	return r < 0 ? r : send_codes(reader, &n);
}

static int fail(hf_reader *reader, int error, const char *why)
{
	static const char *const names[] = {control_name, "seccomp/tasks", "seccomp/stacks"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(names); i++)
		r = send_failure(reader, names[i], error, why);
	return r;
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_filters filters;
	hf_error err = {0};
	int r = hf_arena_new(&arena);

	if (r < 0)
		return r;
	r = put_control_on();
	if (r < 0)
		return fail(task->reader, -r, "this kernel takes no system-call filter");
	r = hf_filters_by_bpf(arena, &filters, &err);
	if (r < 0)
		return fail(task->reader, -r, err.text);
	const char *why = why_not_believed(&filters);

	if (why)
		return fail(task->reader, EBADMSG, why);
	static const hf_buffer same = {.data = (char *)(uintptr_t) "same\n", .size = 5};

	r = send_text(task->reader, control_name, &same);
	return r < 0 ? r : hf_filters_send(task->reader, arena, &filters, "seccomp/");
}

const hf_collector hf_collector_seccomp = {
	.name = "seccomp",
	.reads = "the system-call filters of all tasks, by a BPF program that stops nobody",
	.caps = (const int[]){CAP_BPF, CAP_PERFMON, -1},
	.syscalls = (const char *const[]){"bpf", "openat", NULL},
	.files = (const char *const[]){"/sys/kernel/btf", NULL},
	.kinds = 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"seccomp/", NULL},
	.deadline_ms = 2000,
	.cap_bytes = 40 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
