/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to calls under the stacks of filters of a container, or under a declared profile.
 * Containers with the same stacks share one view, and so all that is worked out from it. */
#include "facts/seccomp.h"

const hf_call_machine *hf_facts_call_machine(hf_facts *facts)
{
	const hf_kernel *kernel = hf_facts_kernel(facts);

	return kernel->fact.state == HF_PRESENT ? hf_call_machine_find(kernel->machine) : NULL;
}

hf_call_verdict hf_verdict_of(uint8_t mask)
{
	bool is_refused = mask & HF_ACT_REFUSED;
	bool is_supervised = mask & (HF_ACT_NOTIFY | HF_ACT_TRACE);
	bool is_run = mask & (HF_ACT_LOG | HF_ACT_ALLOW);

	if (mask == 0 || mask & HF_ACT_UNKNOWN)
		return HF_CALL_UNKNOWN;
	if (is_refused + is_supervised + is_run > 1)
		return HF_CALL_CONDITIONAL;
	if (is_refused)
		return HF_CALL_DENIED;
	if (is_supervised)
		return HF_CALL_SUPERVISED;
	return mask == HF_ACT_LOG ? HF_CALL_LOGGED : HF_CALL_ALLOWED;
}

/* An unknown answer may be anything, so only one that lets all through says more. */
static unsigned rank_of(uint8_t mask)
{
	switch (hf_verdict_of(mask)) {
	case HF_CALL_DENIED:
		return 0;
	case HF_CALL_CONDITIONAL:
		return 2;
	case HF_CALL_SUPERVISED:
		return 1;
	case HF_CALL_LOGGED:
		return 4;
	case HF_CALL_ALLOWED:
		return 5;
	case HF_CALL_UNKNOWN:
		return 3;
	}
	return 3;
}

uint8_t hf_act_looser(uint8_t a, uint8_t b)
{
	return rank_of(a) >= rank_of(b) ? a : b;
}

/* ---- stacks ---- */

/* The filters of one stack together. */
static void judge_stack(hf_facts *facts, int32_t stack, hf_call_abi abi, hf_call_masks *ret_masks)
{
	const hf_kernel_filters *filters = hf_facts_filters(facts);

	memset(ret_masks->at, HF_ACT_ALLOW, sizeof ret_masks->at);
	for (; stack >= 0; stack = filters->stacks[stack].below) {
		const hf_judged_filter *filter =
			hf_facts_filter(facts, filters->stacks[stack].filter);
		const hf_call_masks *masks = filter->masks[abi];

		for (uint32_t place = 0; place < HF_CALL_ALL; place++)
			ret_masks->at[place] = hf_act_both(
				ret_masks->at[place], masks ? masks->at[place] : HF_ACT_UNKNOWN);
	}
	for (uint32_t place = 0; stack == HF_STACK_UNKNOWN && place < HF_CALL_ALL; place++)
		ret_masks->at[place] = hf_act_both(ret_masks->at[place], HF_ACT_UNKNOWN);
}

static void parse_key(hf_arena *arena, const char *key, hf_call_view *view)
{
	size_t count = 1;
	int32_t *stacks;

	for (const char *at = key; *at; at++)
		count += *at == ',';
	stacks = hf_facts_checked(hf_arena_calloc(arena, count, sizeof *stacks));
	for (size_t i = 0; i < count; i++) {
		stacks[i] = *key == '?' ? HF_STACK_UNKNOWN : (int32_t)strtol(key, NULL, 10);
		key += strcspn(key, ",");
		key += *key == ',';
	}
	view->stacks = stacks;
	view->stack_count = count;
}

/* What is asked of every container, and the same for all that share the view. */
static void sum_up(hf_call_view *view)
{
	for (unsigned abi = 0; abi < HF_CALL_ABI_COUNT; abi++) {
		const uint8_t *masks = view->masks[abi].at;
		uint8_t loosest = HF_ACT_KILL;

		for (uint32_t place = 0; place < HF_CALL_PLACES; place++)
			view->open[abi] += (masks[place] & (HF_ACT_LOG | HF_ACT_ALLOW)) != 0;
		for (uint32_t place = abi == HF_CALL_ABI_FOREIGN ? 0 : HF_CALL_PLACES; place < HF_CALL_ALL;
		     place++)
			loosest = hf_act_looser(loosest, masks[place]);
		view->unlisted[abi] = loosest;
	}
}

static const void *compute_stacks_view(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_call_view *view = hf_facts_checked(hf_arena_alloc(arena, sizeof *view));

	view->key = key;
	view->machine = hf_facts_call_machine(facts);
	parse_key(arena, key, view);
	for (unsigned abi = 0; abi < HF_CALL_ABI_COUNT; abi++) {
		for (size_t i = 0; i < view->stack_count; i++) {
			hf_call_masks one;

			judge_stack(facts, view->stacks[i], abi, &one);
			for (uint32_t place = 0; place < HF_CALL_ALL; place++)
				view->masks[abi].at[place] =
					i == 0 ? one.at[place]
					       : hf_act_looser(view->masks[abi].at[place],
							       one.at[place]);
		}
	}
	sum_up(view);
	return view;
}

static const hf_fact_type stacks_view_type = {.name = "seccomp stacks",
					      .compute = compute_stacks_view};

const hf_call_view *hf_facts_stacks_view(hf_facts *facts, const char *key)
{
	return hf_facts_once(facts, &stacks_view_type, key);
}

/* ---- rules ---- */

static const void *compute_rules_view(hf_facts *facts, const char *key)
{
	hf_call_view *view = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *view));
	const hf_rules *rules = (const void *)(uintptr_t)strtoull(key, NULL, 16);

	view->key = key;
	view->machine = hf_facts_call_machine(facts);
	view->rules = rules;
	for (unsigned abi = 0; view->machine && abi < HF_CALL_ABI_COUNT; abi++)
		hf_rules_judge(rules, view->machine, abi, &view->masks[abi]);
	sum_up(view);
	return view;
}

static const hf_fact_type rules_view_type = {.name = "seccomp rules",
					     .compute = compute_rules_view};

const hf_call_view *hf_facts_rules_view(hf_facts *facts, const hf_rules *rules)
{
	char key[32];

	(void)hf_print(key, sizeof key, "%llx", (unsigned long long)(uintptr_t)rules);
	return hf_facts_once(facts, &rules_view_type, key);
}

/* ---- one call ---- */

static uint8_t judge_one_in(hf_facts *facts, int32_t stack, const hf_call_abi_form *abi,
			    uint32_t place, const hf_call_given *given)
{
	const hf_kernel_filters *filters = hf_facts_filters(facts);
	uint8_t mask = HF_ACT_ALLOW;

	for (; stack >= 0; stack = filters->stacks[stack].below) {
		const hf_judged_filter *filter =
			hf_facts_filter(facts, filters->stacks[stack].filter);
		uint8_t one = HF_ACT_UNKNOWN;

		if (filter->code &&
		    hf_filter_judge_one(filter->code, filter->count, abi->arch,
					hf_call_at(abi->base, place), given, &one) < 0)
			hf_facts_out_of_memory();
		mask = hf_act_both(mask, one);
	}
	return stack == HF_STACK_UNKNOWN ? hf_act_both(mask, HF_ACT_UNKNOWN) : mask;
}

uint8_t hf_view_judge_one(hf_facts *facts, const hf_call_view *view, hf_call_abi abi,
			  uint32_t place, const hf_call_given *given)
{
	uint8_t mask = HF_ACT_UNKNOWN;

	/* what does not depend on arguments is known */
	if (hf_verdict_of(view->masks[abi].at[place]) != HF_CALL_CONDITIONAL)
		return view->masks[abi].at[place];
	if (view->rules)
		return hf_rules_judge_one(view->rules, view->machine, abi, place, given);
	for (size_t i = 0; i < view->stack_count; i++) {
		uint8_t one = judge_one_in(facts, view->stacks[i], &view->machine->abis[abi], place,
					   given);

		mask = i == 0 ? one : hf_act_looser(mask, one);
	}
	return mask;
}
