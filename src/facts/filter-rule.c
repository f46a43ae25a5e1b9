/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rule on one packet: its steps in order, as nft_do_chain() and ipt_do_table() take them.
 *
 * Whether all steps so far hold is YES or MAYBE (with NO the rule is over). Before a step does
 * something, a MAYBE is settled: a copy of the packet, for which the rule does not hold, is put
 * aside. */
#include "facts/filter-walk.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

typedef struct rule_run {
	hf_walk *walk;
	hf_way *way;
	const hf_called *called;
	hf_tri holds;
} rule_run;

static const hf_ruling next_rule = {.verdict = HF_VERDICT_BREAK, .chain = HF_NO_CHAIN};
static const hf_ruling next_step = {.verdict = HF_VERDICT_CONTINUE, .chain = HF_NO_CHAIN};
static const hf_ruling not_known = {.verdict = HF_VERDICT_UNKNOWN, .chain = HF_NO_CHAIN};

/* ---- splitting ---- */

bool hf_walk_split(hf_walk *walk, const hf_way *way, const hf_ruling *instead)
{
	if (walk->waiting_count >= HF_WALK_WAITING_MAX) {
		walk->has_overflown = true;
		return false;
	}
	if (walk->waiting_count == walk->waiting_room) {
		size_t room = walk->waiting_room ? walk->waiting_room * 2 : 4;
		hf_way *waiting = reallocarray(walk->waiting, room, sizeof *waiting);

		if (!waiting) {
			walk->has_overflown = true;
			return false;
		}
		walk->waiting = waiting;
		walk->waiting_room = room;
	}
	hf_way *copy = &walk->waiting[walk->waiting_count++];

	*copy = *way;
	copy->pending = *instead;
	return true;
}

/* False: the rule cannot be followed any further. */
static bool settle(rule_run *run)
{
	if (run->holds == HF_YES)
		return true;
	run->way->split = run->way->at;
	run->way->split_why = run->walk->why;
	run->holds = HF_YES;
	return hf_walk_split(run->walk, run->way, &next_rule);
}

static void doubt(rule_run *run, hf_tri holds, const char *why)
{
	if (holds == HF_MAYBE && run->holds != HF_MAYBE)
		run->walk->why = why;
	run->holds = hf_tri_and(run->holds, holds);
}

/* ---- registers ---- */

static hf_tri compare(const hf_way *way, const hf_filter_step *step)
{
	size_t at = (size_t)step->sreg * 4;

	return hf_bits_compare(way->value + at, way->known + at, step->data, step->size, step->what);
}

static hf_tri compare_range(const hf_way *way, const hf_filter_step *step)
{
	size_t at = (size_t)step->sreg * 4;
	hf_tri is_in = hf_bits_in_range(way->value + at, way->known + at, step->data, step->more,
					step->size);

	return step->is_inverted ? hf_tri_not(is_in) : is_in;
}

static void mask(hf_way *way, const hf_filter_step *step)
{
	for (size_t i = 0; i < step->size; i++) {
		size_t from = (size_t)step->sreg * 4 + i, to = (size_t)step->dreg * 4 + i;
		uint8_t value = way->value[from], known = way->known[from];

		way->value[to] = (uint8_t)((value & step->data[i]) ^ step->more[i]);
		way->known[to] = (uint8_t)(known | (uint8_t)~step->data[i]);
	}
}

/* Words of 32 bits in the host's order; bits go from one to the next, the first is the highest. */
static void shift(hf_way *way, const hf_filter_step *step)
{
	uint32_t value[16] = {0}, known[16] = {0}, words = step->size / 4U, bits = step->offset;
	const size_t from = (size_t)step->sreg * 4, to = (size_t)step->dreg * 4;

	memcpy(value, way->value + from, step->size);
	memcpy(known, way->known + from, step->size);
	for (uint32_t i = 0; i < words && bits > 0; i++) {
		bool left = step->what == HF_BITWISE_LEFT;
		uint32_t at = left ? i : words - 1 - i;
		bool has_more = left ? at + 1 < words : at > 0;
		uint32_t more = has_more ? left ? at + 1 : at - 1 : 0;
		uint32_t in_value = !has_more ? 0
				    : left    ? value[more] >> (32 - bits)
					      : value[more] << (32 - bits);
		uint32_t in_known = !has_more ? left ? (UINT32_C(1) << bits) - 1
						     : ~(UINT32_MAX >> bits)
				    : left    ? known[more] >> (32 - bits)
					      : known[more] << (32 - bits);

		value[at] = (left ? value[at] << bits : value[at] >> bits) | in_value;
		known[at] = (left ? known[at] << bits : known[at] >> bits) | in_known;
	}
	memcpy(way->value + to, value, step->size);
	memcpy(way->known + to, known, step->size);
}

static void swap_bytes(hf_way *way, const hf_filter_step *step)
{
	uint8_t value[64], known[64];
	const size_t from = (size_t)step->sreg * 4, to = (size_t)step->dreg * 4;
	const size_t piece = step->offset;

	memcpy(value, way->value + from, step->size);
	memcpy(known, way->known + from, step->size);
	for (size_t i = 0; i < step->size; i++) {
		size_t start = i / piece * piece, other = start + piece - 1 - (i - start);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		other = i;
#endif
		if (other >= step->size)
			other = i;
		way->value[to + i] = value[other];
		way->known[to + i] = known[other];
	}
}

/* ---- sets ---- */

/* Parts of a concatenation are compared each by itself, without what fills up their register. */
static hf_tri element_matches(const hf_filter_set *set, const hf_set_element *element,
			      const uint8_t *value, const uint8_t *known)
{
	hf_tri result = HF_YES;
	size_t at = 0;

	if (!set->field_count)
		return hf_bits_in_range(value, known, element->key, element->end, set->key_size);
	for (uint32_t i = 0; i < set->field_count && result != HF_NO; i++) {
		result = hf_tri_and(result, hf_bits_in_range(value + at, known + at, element->key + at,
							     element->end + at, set->fields[i]));
		at += (set->fields[i] + 3) / 4 * 4;
	}
	return result;
}

static bool is_all_known(const uint8_t *known, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (known[i] != 0xff)
			return false;
	}
	return true;
}

/* The last element that begins at or before the key. */
static const hf_set_element *find_by_key(const hf_filter_set *set, const uint8_t *value)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(set->elements[middle].key, value, set->key_size) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &set->elements[low - 1] : NULL;
}

typedef struct lookup {
	const hf_set_element *found[16];
	size_t count;
	bool are_more;	/* candidates than have room */
	bool may_be_none;
} lookup;

static void add_found(lookup *all, const hf_set_element *element)
{
	if (all->count < HF_ARRAY_SIZE(all->found))
		all->found[all->count++] = element;
	else
		all->are_more = true;
}

static void look_up(const hf_way *way, const hf_filter_step *step, lookup *all)
{
	const hf_filter_set *set = step->set;
	const uint8_t *value = way->value + (size_t)step->sreg * 4;
	const uint8_t *known = way->known + (size_t)step->sreg * 4;

	*all = (lookup){.may_be_none = true};
	if (is_all_known(known, set->key_size) && !set->field_count) {
		const hf_set_element *element = find_by_key(set, value);

		if (element && element_matches(set, element, value, known) == HF_YES) {
			add_found(all, element);
			all->may_be_none = false;
		}
	} else {
		for (size_t i = 0; i < set->count && !all->are_more && all->may_be_none; i++) {
			hf_tri matches = element_matches(set, &set->elements[i], value, known);

			if (matches != HF_NO)
				add_found(all, &set->elements[i]);
			all->may_be_none = matches != HF_YES;
		}
	}
	if (all->may_be_none && set->rest) {
		add_found(all, set->rest);
		all->may_be_none = false;
	}
}

static hf_tri membership(const lookup *all, const hf_filter_set *set)
{
	if (set->is_uncertain || set->is_filled_by_rules)
		return HF_MAYBE;
	for (size_t i = 0; i < all->count; i++) {
		if (all->found[i]->is_uncertain)
			return HF_MAYBE;
	}
	return all->count == 0 ? HF_NO : all->may_be_none ? HF_MAYBE : HF_YES;
}

/* A map of verdicts: each candidate is a way of its own, and so is that there is none. */
static hf_ruling follow_map(rule_run *run, const lookup *all, hf_tri is_in)
{
	if (is_in != HF_YES || all->count > 1) {
		run->way->split = run->way->at;
		run->way->split_why = "which element of a map it meets is not known";
	}
	for (size_t i = 1; i < all->count; i++) {
		if (!hf_walk_split(run->walk, run->way, &all->found[i]->ruling))
			return not_known;
	}
	if (is_in != HF_YES && !hf_walk_split(run->walk, run->way, &next_rule))
		return not_known;
	return all->found[0]->ruling;
}

static hf_ruling run_lookup(rule_run *run, const hf_filter_step *step)
{
	const hf_filter_set *set = step->set;
	lookup all;

	look_up(run->way, step, &all);
	hf_tri is_in = membership(&all, set);

	if (!step->has_result) {
		doubt(run, step->is_inverted ? hf_tri_not(is_in) : is_in,
		      "whether it is in a set is not known");
		return next_step;
	}
	if (is_in == HF_NO)
		return next_rule;
	/* what the map has for it could be anything */
	if (all.are_more || set->is_filled_by_rules || (set->is_uncertain && set->has_verdicts)) {
		run->walk->why = "what a map has for it is not known";
		return not_known;
	}
	if (set->has_verdicts) {
		if (!settle(run))
			return not_known;
		return all.count ? follow_map(run, &all, is_in) : next_rule;
	}
	const hf_filter_step load = {
		.kind = all.count == 1 && all.found[0]->data ? HF_STEP_IMMEDIATE : HF_STEP_LOAD_UNKNOWN,
		.dreg = step->dreg,
		.size = (uint8_t)set->data_size,
		.data = all.count == 1 ? all.found[0]->data : NULL,
	};

	doubt(run, is_in, "which element of a map it meets is not known");
	(void)hf_step_load(run->walk, run->way, run->called, &load);
	return next_step;
}

/* ---- what changes the packet ---- */

static void set_meta(hf_way *way, const hf_filter_step *step)
{
	size_t at = (size_t)step->sreg * 4;

	if (step->what == NFT_META_MARK) {
		memcpy(&way->mark, way->value + at, sizeof way->mark);
		memcpy(&way->mark_known, way->known + at, sizeof way->mark_known);
	} else if (step->what == NFT_META_PKTTYPE) {
		way->packet_type = way->value[at];
		way->is_packet_type_known = way->known[at] == 0xff;
	}
}

static void set_ct(hf_way *way, const hf_filter_step *step)
{
	size_t at = (size_t)step->sreg * 4;

	if (step->what == NFT_CT_MARK) {
		memcpy(&way->ct_mark, way->value + at, sizeof way->ct_mark);
		memcpy(&way->ct_mark_known, way->known + at, sizeof way->ct_mark_known);
	}
}

static void set_payload(hf_way *way, const hf_filter_step *step)
{
	hf_header *header = step->what == NFT_PAYLOAD_LL_HEADER		? &way->link
			    : step->what == NFT_PAYLOAD_NETWORK_HEADER	? &way->network
			    : step->what == NFT_PAYLOAD_TRANSPORT_HEADER ? &way->transport
									 : NULL;
	size_t at = (size_t)step->sreg * 4;

	for (size_t i = 0; header && i < step->size && step->offset + i < header->size; i++) {
		header->value[step->offset + i] = way->value[at + i];
		header->known[step->offset + i] = way->known[at + i];
	}
}

static bool is_tracked_already(const rule_run *run)
{
	return hf_way_ct_state(run->way, run->called) != HF_CT_INVALID;
}

static hf_ruling change(rule_run *run, const hf_filter_step *step)
{
	hf_way *way = run->way;

	if (!settle(run))
		return not_known;
	switch (step->kind) {
	case HF_STEP_SET_META:
		set_meta(way, step);
		return next_step;
	case HF_STEP_SET_PAYLOAD:
		set_payload(way, step);
		return next_step;
	case HF_STEP_SET_CT:
		if (hf_way_ct_state(way, run->called) == HF_CT_NEW)
			set_ct(way, step);
		return next_step;
	case HF_STEP_NOTRACK:
		if (!is_tracked_already(run))
			way->is_untracked = true;
		return next_step;
	case HF_STEP_NAT:
		return hf_way_translate(run->walk, way, run->called, step);
	case HF_STEP_VERDICT:
		return step->ruling;
	default:
		return not_known;
	}
}

static hf_ruling run_target(rule_run *run, const hf_filter_step *step)
{
	const hf_xt_run xt = {
		.walk = run->walk, .way = run->way, .called = run->called, .step = step};

	if (step->xt.target && hf_xt_target_is_idle(step))
		return next_step;
	if (!step->xt.target)
		run->walk->why = "its target is not understood";
	return settle(run) ? hf_xt_target(&xt) : not_known;
}

static hf_ruling run_step(rule_run *run, const hf_filter_step *step)
{
	const hf_xt_run xt = {
		.walk = run->walk, .way = run->way, .called = run->called, .step = step};

	switch ((hf_step_kind)step->kind) {
	case HF_STEP_META:
	case HF_STEP_PAYLOAD:
	case HF_STEP_CT:
	case HF_STEP_FIB:
	case HF_STEP_LOAD_UNKNOWN:
	case HF_STEP_IMMEDIATE:
		if (!hf_step_load(run->walk, run->way, run->called, step))
			run->holds = HF_NO;
		return next_step;
	case HF_STEP_COMPARE:
		doubt(run, compare(run->way, step), "what it compares is not known");
		return next_step;
	case HF_STEP_RANGE:
		doubt(run, compare_range(run->way, step), "what it compares is not known");
		return next_step;
	case HF_STEP_BITWISE:
		if (step->what == HF_BITWISE_MASK_XOR)
			mask(run->way, step);
		else
			shift(run->way, step);
		return next_step;
	case HF_STEP_BYTEORDER:
		swap_bytes(run->way, step);
		return next_step;
	case HF_STEP_LOOKUP:
		return run_lookup(run, step);
	case HF_STEP_UNCERTAIN:
		doubt(run, HF_MAYBE, "it depends on a limit or another count");
		return next_step;
	case HF_STEP_FILL: /* a full set, or a limit of the element, ends the rule */
		doubt(run, HF_MAYBE, "it adds to a set");
		return next_step;
	case HF_STEP_NOTHING:
		return next_step;
	case HF_STEP_SET_META:
	case HF_STEP_SET_PAYLOAD:
	case HF_STEP_SET_CT:
	case HF_STEP_NOTRACK:
	case HF_STEP_NAT:
	case HF_STEP_VERDICT:
		return change(run, step);
	case HF_STEP_HEADER:
		doubt(run, hf_xt_header(&xt), "what it compares is not known");
		return next_step;
	case HF_STEP_XT_MATCH:
		doubt(run, hf_xt_match(&xt),
		      step->xt.match ? "what it compares is not known" : "a match is not understood");
		return next_step;
	case HF_STEP_XT_TARGET:
		return run_target(run, step);
	case HF_STEP_UNKNOWN:
		break;
	}
	run->walk->why = "an expression is not understood";
	return not_known;
}

hf_ruling hf_rule_run(hf_walk *walk, hf_way *way, const hf_called *called, const hf_filter_rule *rule)
{
	rule_run run = {.walk = walk, .way = way, .called = called, .holds = HF_YES};

	if (rule->malformed) {
		walk->why = rule->malformed;
		return not_known;
	}
	for (uint32_t i = 0; i < rule->count; i++) {
		hf_ruling ruling = run_step(&run, &rule->steps[i]);

		if (run.holds == HF_NO)
			return next_rule;
		if (ruling.verdict != HF_VERDICT_CONTINUE)
			return ruling;
	}
	return next_rule;
}
