/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: how the tasks of each container are filtered, by the filters in force or, where those
 * could not be read, by the declared profile. */
#include "facts/seccomp.h"

#include <stdio.h>

enum { SHOWN_TASKS = 3, DISTINCT_MAX = 64 };

/* ---- the stacks of a container's tasks ---- */

typedef struct gathering {
	hf_facts *facts;
	const hf_container *container;
	const hf_kernel_filters *filters;
	hf_filtering *out;
	int32_t stacks[DISTINCT_MAX]; /* distinct, ascending */
	size_t count;
	const hf_task *example[DISTINCT_MAX];
	bool is_overfull;
	hf_buffer names;
} gathering;

static const hf_task *find_task(const hf_container *container, int32_t tid)
{
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].tid == tid)
			return &container->tasks[i];
	}
	return NULL;
}

/* A task that began after the filters were read has those of whoever made it: filters are inherited
 * and only grow (seccomp(2)). Counted by status, so that none is taken for more than it is. */
static int32_t inherited(const gathering *g, const hf_task *task)
{
	const hf_task *maker =
		find_task(g->container, task->tid != task->pid ? task->pid : task->parent);
	int32_t stack =
		maker ? hf_filters_stack_of(g->filters, maker->pid, maker->tid) : HF_STACK_UNKNOWN;

	return stack >= 0 && maker->seccomp_filters == task->seccomp_filters ? stack
									     : HF_STACK_UNKNOWN;
}

static int32_t stack_of(const gathering *g, const hf_task *task)
{
	int32_t stack = hf_filters_stack_of(g->filters, task->pid, task->tid);

	if (stack < 0)
		return inherited(g, task);
	/* fewer by now: another task has the number */
	if (task->seccomp_filters >= 0 &&
	    (uint32_t)task->seccomp_filters < g->filters->stacks[stack].depth)
		return HF_STACK_UNKNOWN;
	return stack;
}

static void add_stack(gathering *g, int32_t stack, const hf_task *task)
{
	size_t at = 0;

	while (at < g->count && g->stacks[at] < stack)
		at++;
	if (at < g->count && g->stacks[at] == stack)
		return;
	if (g->count == DISTINCT_MAX) {
		g->is_overfull = true;
		return;
	}
	memmove(&g->stacks[at + 1], &g->stacks[at], (g->count - at) * sizeof *g->stacks);
	memmove(&g->example[at + 1], &g->example[at], (g->count - at) * sizeof *g->example);
	g->stacks[at] = stack;
	g->example[at] = task;
	g->count++;
}

static void name_task(hf_buffer *names, size_t index, const hf_task *task)
{
	if (index < SHOWN_TASKS)
		hf_buffer_printf(names, "%s%s (pid %d)", index ? ", " : "", task->name, task->tid);
}

static const char *finish_names(gathering *g, size_t count)
{
	const char *text = NULL;

	if (count > SHOWN_TASKS)
		hf_buffer_printf(&g->names, " and %zu more", count - SHOWN_TASKS);
	if (g->names.failed)
		hf_facts_out_of_memory();
	if (count > 0)
		text = hf_facts_checked(hf_arena_strdup(hf_facts_arena(g->facts), g->names.data));
	hf_buffer_free(&g->names);
	g->names = (hf_buffer){0};
	return text;
}

static void gather(gathering *g)
{
	hf_filtering *out = g->out;

	out->tasks_fact = g->container->tasks_fact;
	for (size_t i = 0; i < g->container->task_count; i++) {
		const hf_task *task = &g->container->tasks[i];

		if (task->fact.state != HF_PRESENT)
			continue; /* .tasks_fact says so */
		if (task->seccomp_mode <= 0) {
			name_task(&g->names, out->unfiltered++, task);
		} else if (task->seccomp_mode == 1) {
			out->strict++;
		} else {
			out->filtered++;
			add_stack(g,
				  g->filters->fact.state == HF_PRESENT ? stack_of(g, task)
								       : HF_STACK_UNKNOWN,
				  task);
		}
	}
	out->unfiltered_tasks = finish_names(g, out->unfiltered);
	if (g->is_overfull)
		add_stack(g, HF_STACK_UNKNOWN, NULL);
}

/* The least filtered task's stack is under all others, or some task lacks the filter of the
 * runtime. */
static void look_for_odd_tasks(gathering *g)
{
	const hf_filter_stack *all = g->filters->stacks;
	int32_t least = HF_STACK_UNKNOWN;
	size_t odd = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (g->stacks[i] >= 0 && (least < 0 || all[g->stacks[i]].depth < all[least].depth))
			least = g->stacks[i];
	}
	if (least < 0)
		return;
	g->out->depth = all[least].depth;
	g->out->is_logged = all[least].is_logged;
	for (size_t i = 0; i < g->count; i++) {
		if (g->stacks[i] >= 0 && !hf_filters_is_above(g->filters, g->stacks[i], least))
			name_task(&g->names, odd++, g->example[i]);
	}
	g->out->odd_tasks = finish_names(g, odd);
}

static const char *view_key(const gathering *g)
{
	hf_buffer text = {0};

	for (size_t i = 0; i < g->count; i++) {
		if (g->stacks[i] >= 0)
			hf_buffer_printf(&text, "%s%d", i ? "," : "", g->stacks[i]);
		else
			hf_buffer_printf(&text, "%s?", i ? "," : "");
	}
	if (text.failed)
		hf_facts_out_of_memory();
	const char *key = hf_facts_checked(hf_arena_strdup(hf_facts_arena(g->facts), text.data));

	hf_buffer_free(&text);
	return key;
}

/* ---- the filtering ---- */

static void set_unknown(hf_filtering *out, const char *why)
{
	out->fact = (hf_fact){.state = HF_UNREADABLE, .source = "seccomp filters", .why = why};
}

/* Not one filter of it could be read: the declared profile stands in, for what every task is
 * filtered. */
static void rest_on_declared(gathering *g, const char *why)
{
	const hf_declared_filter *declared = hf_facts_declared_filter(g->facts, g->container);
	hf_filtering *out = g->out;

	set_unknown(out, why);
	if (declared->fact.state != HF_PRESENT || out->unfiltered > 0)
		return;
	out->fact = (hf_fact){
		.state = HF_PRESENT,
		.source = hf_facts_checked(
			hf_arena_printf(hf_facts_arena(g->facts),
					"%s (declared; the filters in force could not be read)",
					declared->fact.source)),
	};
	out->is_declared = true;
	out->view = hf_facts_rules_view(g->facts, declared->rules);
}

/* No instruction of what they run under could be read. */
static bool tells_nothing(const hf_call_view *view)
{
	for (uint32_t place = 0; place < HF_CALL_ALL; place++) {
		if (hf_verdict_of(view->masks[HF_CALL_ABI_NATIVE].at[place]) != HF_CALL_UNKNOWN)
			return false;
	}
	return true;
}

static void decide(gathering *g)
{
	hf_filtering *out = g->out;
	bool is_some_unknown = g->count > 0 && g->stacks[0] == HF_STACK_UNKNOWN;

	out->stacks_fact = g->filters->fact;
	if (out->stacks_fact.state == HF_PRESENT && is_some_unknown) {
		out->stacks_fact.state = HF_UNREADABLE;
		out->stacks_fact.why = "some of its tasks began or changed while filters were read";
	}
	if (g->filters->fact.state == HF_PRESENT)
		look_for_odd_tasks(g);
	if (out->filtered == 0) {
		set_unknown(out, "no task of it runs under a filter");
	} else if (g->count == 1 && is_some_unknown) {
		rest_on_declared(g, g->filters->fact.state == HF_PRESENT
					    ? "its tasks began or changed while filters were read"
					    : g->filters->fact.why);
	} else {
		out->view = hf_facts_stacks_view(g->facts, view_key(g));
		out->fact = (hf_fact){.state = HF_PRESENT, .source = "seccomp filters in force"};
		if (tells_nothing(out->view)) {
			out->view = NULL;
			rest_on_declared(
				g, "its filters came without instructions, or are too complex");
		}
	}
	if (out->view && !out->view->machine) {
		out->view = NULL;
		set_unknown(out, "the numbers of this machine's calls are not known");
	}
}

static const hf_container *find_container(hf_facts *facts, const char *id)
{
	const hf_containers *list = hf_facts_containers(facts);

	for (size_t low = 0, high = list->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(list->all[middle]->id, id);

		if (order == 0)
			return list->all[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const void *compute_filtering(hf_facts *facts, const char *id)
{
	hf_filtering *out = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *out));
	gathering g = {
		.facts = facts,
		.container = find_container(facts, id),
		.filters = hf_facts_filters(facts),
		.out = out,
	};

	if (!g.container) {
		set_unknown(out, "no such container");
		return out;
	}
	gather(&g);
	decide(&g);
	return out;
}

static const hf_fact_type filtering_type = {.name = "filtering", .compute = compute_filtering};

const hf_filtering *hf_facts_filtering(hf_facts *facts, const hf_container *container)
{
	return hf_facts_once(facts, &filtering_type, container->id);
}

const hf_filtering *hf_container_filtering(hf_check_run *run, const hf_container *container)
{
	return hf_facts_filtering(hf_facts_of(run), container);
}

/* ---- one call of all tasks ---- */

#define CLONE_NEWUSER_BIT UINT64_C(0x10000000)

/* A name may say what is known of the first argument. */
static hf_call_case case_of(const char *name)
{
	static const hf_call_case known[] = {
		{.name = "clone",
		 .label = "clone(CLONE_NEWUSER)",
		 .mask = CLONE_NEWUSER_BIT,
		 .value = CLONE_NEWUSER_BIT},
		{.name = "unshare",
		 .label = "unshare(CLONE_NEWUSER)",
		 .mask = CLONE_NEWUSER_BIT,
		 .value = CLONE_NEWUSER_BIT},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].label, name) == 0)
			return known[i];
	}
	return (hf_call_case){.name = name};
}

/* Strict mode: read, write, exit and sigreturn alone (seccomp(2)). */
static hf_call_verdict strict_verdict(const char *name)
{
	static const char *const open[] = {"read", "write", "exit", "rt_sigreturn", "sigreturn"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(open); i++) {
		if (strcmp(open[i], name) == 0)
			return HF_CALL_ALLOWED;
	}
	return HF_CALL_DENIED;
}

hf_call_verdict hf_container_call(hf_check_run *run, const hf_container *container, hf_call_abi abi,
				  const char *name, const hf_fact **ret_fact)
{
	static const hf_fact no_filter = {.state = HF_PRESENT, .source = "Seccomp of a task: 0"};
	const hf_filtering *filtering = hf_facts_filtering(hf_facts_of(run), container);
	const hf_fact *fact = &filtering->fact;
	hf_call_verdict verdict;

	if (filtering->unfiltered > 0) {
		fact = &no_filter;
		verdict = HF_CALL_ALLOWED;
	} else if (filtering->tasks_fact.state != HF_PRESENT) {
		fact = &filtering->tasks_fact;
		verdict = HF_CALL_UNKNOWN;
	} else if (filtering->filtered == 0) {
		fact = &filtering->tasks_fact;
		verdict = filtering->strict > 0 ? strict_verdict(name) : HF_CALL_UNKNOWN;
	} else {
		const hf_call_case call = case_of(name);
		bool exists;

		verdict = hf_filtering_call(run, filtering, abi, &call, &exists);
		if (!exists && filtering->view)
			verdict = HF_CALL_DENIED; /* this ABI has no such call */
	}
	if (ret_fact)
		*ret_fact = fact;
	return verdict;
}
