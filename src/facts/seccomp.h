/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System-call filters as the kernel and the declared side have them; for src/facts/ alone. */
#ifndef HF_FACTS_SECCOMP_H
#define HF_FACTS_SECCOMP_H

#include "facts/seccomp-rules.h"
#include "facts/store.h"

/* ---- filters in force ---- */

enum { HF_STACK_NONE = -1, HF_STACK_UNKNOWN = -2 };

/* A filter on top of a stack of them. */
typedef struct hf_filter_stack {
	bool is_there;
	int32_t filter;
	int32_t below; /* HF_STACK_NONE: nothing; HF_STACK_UNKNOWN: something that was not read */
	uint32_t depth;
	bool is_logged; /* from top to bottom */
} hf_filter_stack;

typedef struct hf_filtered_task {
	int32_t pid;
	int32_t tid;
	int32_t stack;
} hf_filtered_task;

typedef struct hf_kernel_filters {
	hf_fact fact;
	const char
		*prefix; /* of the answers: "seccomp/", or "seccomp/ptrace/" where that had to do */
	const hf_filter_stack *stacks; /* by number */
	size_t stack_count;
	const hf_filtered_task *tasks; /* by tid */
	size_t task_count;
} hf_kernel_filters;

const hf_kernel_filters *hf_facts_filters(hf_facts *facts);

/* The stack of a task; HF_STACK_UNKNOWN: none is known. */
int32_t hf_filters_stack_of(const hf_kernel_filters *filters, int32_t pid, int32_t tid);

/* Whether @stack is @under, or was built on it. */
bool hf_filters_is_above(const hf_kernel_filters *filters, int32_t stack, int32_t under);

/* The instructions of a filter and what they do to each call, on every ABI of this machine. */
typedef struct hf_judged_filter {
	hf_fact fact;
	const struct sock_filter *code;
	size_t count;
	const hf_call_masks *masks[HF_CALL_ABI_COUNT]; /* NULL: this machine has no such ABI */
} hf_judged_filter;

const hf_judged_filter *hf_facts_filter(hf_facts *facts, int32_t number);

/* Parsers of the two lists. -EBADMSG, -ENOMEM. */
int hf_filter_stacks_parse(hf_arena *arena, const char *text, size_t size,
			   const hf_filter_stack **ret_stacks, size_t *ret_count);
int hf_filtered_tasks_parse(hf_arena *arena, const char *text, size_t size, size_t stack_count,
			    const hf_filtered_task **ret_tasks, size_t *ret_count);

/* ---- what happens to calls ---- */

/* A set of stacks under which tasks of a container run, or the rules of a declared profile. */
typedef struct hf_call_view {
	const char *key; /* the same for the same stacks or rules */
	const hf_call_machine *machine;
	const int32_t *stacks; /* HF_STACK_UNKNOWN among them: a task whose filters are not known */
	size_t stack_count;
	const hf_rules *rules;			/* NULL: filters in force */
	hf_call_masks masks[HF_CALL_ABI_COUNT]; /* the loosest of all stacks */
	size_t open[HF_CALL_ABI_COUNT];		/* how many calls are let through */
	uint8_t unlisted[HF_CALL_ABI_COUNT];	/* the loosest answer to numbers that are no call's */
} hf_call_view;

/* @key: numbers of stacks, ascending, joined by commas; "?" for HF_STACK_UNKNOWN. */
const hf_call_view *hf_facts_stacks_view(hf_facts *facts, const char *key);
const hf_call_view *hf_facts_rules_view(hf_facts *facts, const hf_rules *rules);

/* One call with what is known of its arguments: the loosest of all stacks. */
uint8_t hf_view_judge_one(hf_facts *facts, const hf_call_view *view, hf_call_abi abi,
			  uint32_t place, const hf_call_given *given);

hf_call_verdict hf_verdict_of(uint8_t mask);
/* The one that lets more through. */
uint8_t hf_act_looser(uint8_t a, uint8_t b);

/* The machine whose numbers count; NULL: not known. */
const hf_call_machine *hf_facts_call_machine(hf_facts *facts);

/* ---- the declared side ---- */

/* linux.seccomp of @container's OCI configuration. Absent: its configuration has none. */
typedef struct hf_declared_filter {
	hf_fact fact;
	const hf_rules *rules; /* NULL unless present */
} hf_declared_filter;

const hf_declared_filter *hf_facts_declared_filter(hf_facts *facts, const hf_container *container);

/* What the filtering of @container is, without a check at hand. */
const hf_filtering *hf_facts_filtering(hf_facts *facts, const hf_container *container);

#endif
