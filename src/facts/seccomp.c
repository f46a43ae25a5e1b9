/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: the system-call filters in force, as the collector read them from the kernel. */
#include "facts/seccomp.h"

enum { STACKS_MAX = 65536, TASKS_MAX = 1 << 20, INSN_BYTES = 8, NAME_ROOM = 64 };

/* ---- the two lists ---- */

/* The next word of a line as a number; false when it is none. */
static bool next_number(const char **at, const char *end, int32_t *ret_number)
{
	int64_t number = 0;
	const char *start = *at;

	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
		number = number * 10 + (**at - '0');
		if (number > INT32_MAX)
			return false;
	}
	if (*at == start || (*at < end && **at != ' '))
		return false;
	if (*at < end)
		(*at)++;
	*ret_number = (int32_t)number;
	return true;
}

static bool parse_stack(const char *line, size_t length, int32_t *ret_number, hf_filter_stack *ret)
{
	const char *at = line, *end = line + length;

	if (!next_number(&at, end, ret_number) || !next_number(&at, end, &ret->filter) || at == end)
		return false;
	ret->is_there = true;
	ret->below = *at == '-' ? HF_STACK_NONE : HF_STACK_UNKNOWN;
	if (*at == '-' || *at == '?') {
		at++;
		at += at < end && *at == ' ';
	} else if (!next_number(&at, end, &ret->below)) {
		return false;
	}
	ret->is_logged = end - at == 3 && memcmp(at, "log", 3) == 0;
	return at == end || ret->is_logged;
}

/* Depths, from below; false for a stack that lies on one which is not there, or on itself. */
static bool count_depths(hf_filter_stack *stacks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		hf_filter_stack *stack = &stacks[i];
		uint32_t depth = 0;

		for (int32_t at = (int32_t)i; stack->is_there && at >= 0; at = stacks[at].below) {
			if ((size_t)at >= count || !stacks[at].is_there || ++depth > STACKS_MAX)
				return false;
			stack->is_logged &= stacks[at].is_logged;
			if (depth > 1 && stacks[at].depth > 0) {
				depth += stacks[at].depth - 1;
				break;
			}
		}
		stack->depth = depth;
	}
	return true;
}

int hf_filter_stacks_parse(hf_arena *arena, const char *text, size_t size,
			   const hf_filter_stack **ret_stacks, size_t *ret_count)
{
	const char *line, *cursor = text, *end = text + size;
	size_t length, count = 0;
	hf_filter_stack parsed;
	int32_t number;

	while (hf_next_line(&cursor, end, &line, &length)) {
		if (!parse_stack(line, length, &number, &parsed) || number >= STACKS_MAX)
			return -EBADMSG;
		count = (size_t)number >= count ? (size_t)number + 1 : count;
	}
	hf_filter_stack *stacks = hf_arena_calloc(arena, count + 1, sizeof *stacks);

	if (!stacks)
		return -ENOMEM;
	for (cursor = text; hf_next_line(&cursor, end, &line, &length);) {
		if (!parse_stack(line, length, &number, &parsed))
			return -EBADMSG;
		stacks[number] = parsed;
		stacks[number].depth = 0;
	}
	if (!count_depths(stacks, count))
		return -EBADMSG;
	*ret_stacks = stacks;
	*ret_count = count;
	return 0;
}

static int compare_tasks(const void *a, const void *b)
{
	const hf_filtered_task *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

int hf_filtered_tasks_parse(hf_arena *arena, const char *text, size_t size, size_t stack_count,
			    const hf_filtered_task **ret_tasks, size_t *ret_count)
{
	const char *line, *cursor = text, *end = text + size;
	size_t length, count = 0, lines = 0;

	for (const char *at = text; at < end; at++)
		lines += *at == '\n';
	if (lines > TASKS_MAX)
		return -EBADMSG;
	hf_filtered_task *tasks = hf_arena_calloc(arena, lines + 1, sizeof *tasks);

	if (!tasks)
		return -ENOMEM;
	while (hf_next_line(&cursor, end, &line, &length)) {
		hf_filtered_task *task = &tasks[count++];
		const char *at = line;

		if (count > lines + 1 || !next_number(&at, line + length, &task->pid) ||
		    !next_number(&at, line + length, &task->tid) ||
		    !next_number(&at, line + length, &task->stack) || at != line + length ||
		    (size_t)task->stack >= stack_count)
			return -EBADMSG;
	}
	qsort(tasks, count, sizeof *tasks, compare_tasks);
	*ret_tasks = tasks;
	*ret_count = count;
	return 0;
}

/* ---- the whole ---- */

static const hf_answer *ask(hf_facts *facts, const char *name, hf_fact *ret_fact)
{
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	*ret_fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	ret_fact->source = "seccomp filters of all tasks";
	return ret_fact->state == HF_PRESENT ? answer : NULL;
}

static void read_lists(hf_facts *facts, hf_kernel_filters *f)
{
	hf_arena *arena = hf_facts_arena(facts);
	char stacks_name[NAME_ROOM], tasks_name[NAME_ROOM];

	(void)hf_print(stacks_name, sizeof stacks_name, "%sstacks", f->prefix);
	(void)hf_print(tasks_name, sizeof tasks_name, "%stasks", f->prefix);
	const hf_answer *stacks = ask(facts, stacks_name, &f->fact);
	const hf_answer *tasks = stacks ? ask(facts, tasks_name, &f->fact) : NULL;

	if (!tasks)
		return;
	int r = hf_filter_stacks_parse(arena, stacks->data, stacks->size, &f->stacks,
				       &f->stack_count);

	if (r == 0)
		r = hf_filtered_tasks_parse(arena, tasks->data, tasks->size, f->stack_count,
					    &f->tasks, &f->task_count);
	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		f->fact.state = HF_UNREADABLE;
		f->fact.why = "the answer is malformed";
	}
}

static const void *compute_filters(hf_facts *facts, const char *key)
{
	hf_kernel_filters *f = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *f));
	const hf_answer *control = ask(facts, "seccomp/control", &f->fact);

	(void)key;
	f->prefix = "seccomp/";
	if (control && strcmp(control->data, "same\n") == 0) {
		read_lists(facts, f);
		return f;
	}
	if (control) {
		f->fact.state = HF_UNREADABLE;
		f->fact.why = "the answer is malformed";
	}
	/* --deep=ptrace: the kernel numbered those by our own /proc */
	hf_kernel_filters other = {.prefix = "seccomp/ptrace/"};

	if (hf_facts_ask(facts, HF_ASK_CALL, "seccomp/ptrace/tasks")) {
		read_lists(facts, &other);
		if (other.fact.state == HF_PRESENT)
			*f = other;
	}
	return f;
}

static const hf_fact_type filters_type = {.name = "seccomp filters", .compute = compute_filters};

const hf_kernel_filters *hf_facts_filters(hf_facts *facts)
{
	return hf_facts_once(facts, &filters_type, "");
}

int32_t hf_filters_stack_of(const hf_kernel_filters *filters, int32_t pid, int32_t tid)
{
	const hf_filtered_task key = {.tid = tid};
	const hf_filtered_task *found = filters->task_count
						? bsearch(&key, filters->tasks, filters->task_count,
							  sizeof key, compare_tasks)
						: NULL;

	return found && found->pid == pid ? found->stack : HF_STACK_UNKNOWN;
}

bool hf_filters_is_above(const hf_kernel_filters *filters, int32_t stack, int32_t under)
{
	while (stack >= 0 && stack != under)
		stack = filters->stacks[stack].below;
	return stack == under;
}

/* ---- one filter ---- */

static const struct sock_filter *decode(hf_arena *arena, const hf_answer *answer)
{
	size_t count = answer->size / INSN_BYTES;
	struct sock_filter *code =
		hf_facts_checked(hf_arena_calloc(arena, count + 1, sizeof *code));
	const unsigned char *at = (const unsigned char *)answer->data;

	for (size_t i = 0; i < count; i++, at += INSN_BYTES) {
		code[i] = (struct sock_filter){
			.code = (uint16_t)(at[0] | at[1] << 8),
			.jt = at[2],
			.jf = at[3],
			.k = at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 |
			     (uint32_t)at[7] << 24,
		};
	}
	return code;
}

static const void *compute_filter(hf_facts *facts, const char *number)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_judged_filter *f = hf_facts_checked(hf_arena_alloc(arena, sizeof *f));
	const hf_call_machine *machine = hf_facts_call_machine(facts);
	char name[NAME_ROOM];

	(void)hf_print(name, sizeof name, "%sfilter/%s", hf_facts_filters(facts)->prefix, number);
	const hf_answer *answer = ask(facts, name, &f->fact);

	if (!answer)
		return f;
	if (answer->size == 0 || answer->size % INSN_BYTES != 0 ||
	    answer->size > BPF_MAXINSNS * (size_t)INSN_BYTES || !machine) {
		f->fact.state = HF_UNREADABLE;
		f->fact.why = machine ? "is no filter"
				      : "the numbers of this machine's calls are not known";
		return f;
	}
	f->code = decode(arena, answer);
	f->count = answer->size / INSN_BYTES;
	for (unsigned abi = 0; abi < HF_CALL_ABI_COUNT; abi++) {
		const hf_call_abi_form *form = &machine->abis[abi];
		hf_call_masks *masks;

		if (!form->name)
			continue;
		masks = hf_facts_checked(hf_arena_alloc(arena, sizeof *masks));
		if (hf_filter_judge(f->code, f->count, form->arch, form->base, masks) < 0)
			return NULL;
		f->masks[abi] = masks;
	}
	return f;
}

static const hf_fact_type filter_type = {.name = "seccomp filter", .compute = compute_filter};

const hf_judged_filter *hf_facts_filter(hf_facts *facts, int32_t number)
{
	char key[16];

	(void)hf_print(key, sizeof key, "%d", number);
	return hf_facts_once(facts, &filter_type, key);
}

/* ---- the control ---- */

static const void *compute_control(hf_facts *facts, const char *key)
{
	hf_fact *fact = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *fact));
	const hf_answer *answer = ask(facts, "seccomp/control", fact);

	(void)key;
	fact->source = "a filter of our own, read back by the BPF iterator";
	const hf_answer *failed = hf_facts_ask(facts, HF_ASK_CALL, "seccomp/control");

	/* not refused to us, but nothing that this kernel has */
	if (failed && (failed->error == EOPNOTSUPP || failed->error == ENOENT))
		fact->state = HF_ABSENT;
	if (answer && strcmp(answer->data, "same\n") != 0) {
		fact->state = HF_UNREADABLE;
		fact->why = "the answer is malformed";
	}
	return fact;
}

static const hf_fact_type control_type = {.name = "seccomp control", .compute = compute_control};

const hf_fact *hf_seccomp_control(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &control_type, "");
}
