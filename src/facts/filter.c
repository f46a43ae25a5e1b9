/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet filter: its chains put together, and what can be asked of them. */
#include "facts/filter.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netlink.h>

/* ---- building ---- */

int64_t hf_filter_new_chain(hf_arena *arena, hf_filter *filter)
{
	if (filter->chain_count == filter->chain_room) {
		size_t room = filter->chain_room ? filter->chain_room * 2 : 32;
		hf_filter_chain *chains;
		hf_filter_chain_body *bodies;

		if (room > HF_FILTER_CHAINS_MAX * 2)
			return -E2BIG;
		chains = hf_arena_calloc(arena, room, sizeof *chains);
		bodies = hf_arena_calloc(arena, room, sizeof *bodies);
		if (!chains || !bodies)
			return -ENOMEM;
		if (filter->chain_count > 0) {
			memcpy(chains, filter->chains, filter->chain_count * sizeof *chains);
			memcpy(bodies, filter->bodies, filter->chain_count * sizeof *bodies);
		}
		filter->chains = chains;
		filter->bodies = bodies;
		filter->chain_room = room;
	}
	return (int64_t)filter->chain_count++;
}

hf_filter_rule *hf_filter_new_rule(hf_arena *arena, hf_filter *filter, uint32_t chain)
{
	hf_filter_chain_body *body = &filter->bodies[chain];
	size_t count = filter->chains[chain].rule_count;

	if (filter->rule_count >= HF_FILTER_RULES_MAX)
		return NULL;
	if (count == body->room) {
		size_t room = body->room ? body->room * 2 : 4;
		hf_filter_rule *rules = hf_arena_calloc(arena, room, sizeof *rules);

		if (!rules)
			return NULL;
		if (count > 0)
			memcpy(rules, body->rules, count * sizeof *rules);
		body->rules = rules;
		body->room = room;
	}
	filter->rule_count++;
	filter->chains[chain].rule_count++;
	return &body->rules[count];
}

static int compare_chains(const void *a, const void *b, void *data)
{
	const hf_filter *filter = data;
	const hf_filter_chain *one = &filter->chains[*(const uint32_t *)a];
	const hf_filter_chain *two = &filter->chains[*(const uint32_t *)b];
	int r = (int)one->kind - (int)two->kind;

	r = r ? r : strcmp(one->family, two->family);
	r = r ? r : strcmp(one->table, two->table);
	return r ? r : strcmp(one->name, two->name);
}

int hf_filter_finish(hf_arena *arena, hf_filter *filter)
{
	const size_t count = filter->chain_count;
	hf_filter_chain *sorted = hf_arena_calloc(arena, count + 1, sizeof *sorted);

	filter->chain_at = hf_arena_calloc(arena, count + 1, sizeof *filter->chain_at);
	filter->seen_at = hf_arena_calloc(arena, count + 1, sizeof *filter->seen_at);
	if (!sorted || !filter->chain_at || !filter->seen_at)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		filter->chain_at[i] = i;
		filter->chains[i].owner = hf_filter_owner(&filter->chains[i]);
		if (filter->chains[i].rule_count == 0)
			continue;
		filter->seen.has_nft_rules |= filter->chains[i].kind == HF_FILTER_NFT;
		filter->seen.has_legacy_rules |= filter->chains[i].kind == HF_FILTER_LEGACY;
	}
	if (count > 0)
		qsort_r(filter->chain_at, count, sizeof *filter->chain_at, compare_chains, filter);
	for (uint32_t i = 0; i < count; i++) {
		sorted[i] = filter->chains[filter->chain_at[i]];
		filter->seen_at[filter->chain_at[i]] = i;
	}
	filter->seen.chains = sorted;
	filter->seen.chain_count = count;
	return 0;
}

/* ---- the record ---- */

static void note_gap(hf_filter *filter, const char *source, const char *why)
{
	if (filter->seen.fact.state == HF_UNREADABLE)
		return;
	filter->seen.fact = (hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

/* One answer; false: there is none, and @filter says so. */
static bool ask_one(hf_facts *facts, hf_filter *filter, const char *name, hf_nft_dump *ret_data)
{
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	*ret_data = (hf_nft_dump){0};
	if (!answer || answer->error) {
		const hf_fact head = hf_facts_head(facts, HF_ASK_CALL, name, answer);

		note_gap(filter, head.source, head.why);
		return false;
	}
	*ret_data = (hf_nft_dump){.data = answer->data, .size = answer->size};
	return true;
}

/* A dump goes on in another answer where its last message is one that says nothing. */
static bool goes_on(const hf_nft_dump *all)
{
	struct nlmsghdr last;

	if (all->size < sizeof last)
		return false;
	memcpy(&last, all->data + all->size - sizeof last, sizeof last);
	return last.nlmsg_type == NLMSG_NOOP && last.nlmsg_len == sizeof last;
}

/* A table has the size that its head tells. */
static bool is_cut_table(const hf_nft_dump *all)
{
	struct ipt_getinfo info;

	if (all->size < sizeof info)
		return false;
	memcpy(&info, all->data, sizeof info);
	return all->size < sizeof info + sizeof(struct ipt_get_entries) + (size_t)info.size;
}

/* The data of a dump or of a table with all its pieces. */
static bool ask(hf_facts *facts, hf_filter *filter, const char *name, bool is_table, hf_nft_dump *ret_data)
{
	enum { PIECES_MAX = 8 };
	hf_arena *arena = hf_facts_arena(facts);

	if (!ask_one(facts, filter, name, ret_data))
		return false;
	for (unsigned piece = 2; is_table ? is_cut_table(ret_data) : goes_on(ret_data); piece++) {
		const char *next = hf_facts_checked(hf_arena_printf(arena, "%s/%u", name, piece));
		size_t own = ret_data->size - (is_table ? 0 : sizeof(struct nlmsghdr));
		hf_nft_dump more;

		if (piece > PIECES_MAX || !ask_one(facts, filter, next, &more))
			return false;
		char *both = hf_facts_checked(hf_arena_alloc(arena, own + more.size + 1));

		memcpy(both, ret_data->data, own);
		memcpy(both + own, more.data, more.size);
		*ret_data = (hf_nft_dump){.data = both, .size = own + more.size};
	}
	return true;
}

static const char *why_malformed(int error)
{
	return error == -E2BIG ? "more rules than are understood" : "malformed";
}

static void add_nft(hf_facts *facts, hf_filter *filter)
{
	const hf_answer *generation = hf_facts_ask(facts, HF_ASK_CALL, "nft/generation");
	hf_nft_dumps dumps;
	hf_nft_dump unused;
	int r;

	/* the collector says so where it is proven that there is none */
	if (generation && generation->error == EPROTONOSUPPORT)
		return;
	if (!ask_one(facts, filter, "nft/generation", &unused))
		return;
	if (!ask(facts, filter, "nft/tables", false, &dumps.tables) ||
	    !ask(facts, filter, "nft/chains", false, &dumps.chains) ||
	    !ask(facts, filter, "nft/rules", false, &dumps.rules) ||
	    !ask(facts, filter, "nft/sets", false, &dumps.sets) ||
	    !ask(facts, filter, "nft/elements", false, &dumps.elements))
		return;
	r = hf_filter_add_nft(hf_facts_arena(facts), filter, &dumps);
	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		note_gap(filter, "call:nft/rules", why_malformed(r));
}

/* "ipv4 filter" */
static void add_table(hf_facts *facts, hf_filter *filter, const char *line)
{
	const bool is_ipv6 = hf_has_prefix(line, "ipv6 ");
	hf_arena *arena = hf_facts_arena(facts);
	char *name = hf_facts_checked(hf_arena_printf(arena, "xt/%s", line));
	char *blank = strchr(name, ' ');
	hf_nft_dump data;

	if (!blank || (!is_ipv6 && !hf_has_prefix(line, "ipv4 "))) {
		note_gap(filter, "call:xt/tables", "malformed");
		return;
	}
	*blank = '/';
	if (!ask(facts, filter, name, true, &data))
		return;
	int r = hf_filter_add_legacy(arena, filter, is_ipv6, blank + 1, data.data, data.size);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		note_gap(filter, name, why_malformed(r));
}

static void add_legacy(hf_facts *facts, hf_filter *filter)
{
	hf_nft_dump tables;
	const char *cursor, *line;
	size_t length;

	if (!ask_one(facts, filter, "xt/tables", &tables))
		return;
	cursor = tables.data;
	while (hf_next_line(&cursor, tables.data + tables.size, &line, &length)) {
		const char *copy = hf_facts_checked(
			hf_arena_memdup(hf_facts_arena(facts), line, length));

		add_table(facts, filter, copy);
	}
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_filter *filter = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *filter));

	(void)key;
	filter->seen.fact = (hf_fact){.state = HF_PRESENT, .source = "the packet filter"};
	add_nft(facts, filter);
	add_legacy(facts, filter);
	if (hf_filter_finish(hf_facts_arena(facts), filter) < 0)
		hf_facts_out_of_memory();
	return filter;
}

const hf_filter *hf_facts_packet_filter(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "packet-filter", .compute = compute};

	return hf_facts_once(facts, &type, "");
}

const hf_packet_filter *hf_packet_filter_get(hf_check_run *run)
{
	return &hf_facts_packet_filter(hf_facts_of(run))->seen;
}

/* ---- questions about chains ---- */

/* HF_NO_CHAIN: not one of @filter's. */
static uint32_t index_of(const hf_filter *filter, const hf_filter_chain *chain)
{
	if (chain < filter->seen.chains || chain >= filter->seen.chains + filter->seen.chain_count)
		return HF_NO_CHAIN;
	return filter->chain_at[chain - filter->seen.chains];
}

static const hf_filter_rule *rule_at(const hf_filter *filter, const hf_filter_chain *chain, size_t index,
				     uint32_t *ret_chain)
{
	*ret_chain = index_of(filter, chain);
	return *ret_chain == HF_NO_CHAIN || index >= chain->rule_count
		       ? NULL
		       : &filter->bodies[*ret_chain].rules[index];
}

const char *hf_filter_rule_text(hf_check_run *run, const hf_filter_chain *chain, size_t index)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_filter *filter = hf_facts_packet_filter(facts);
	hf_buffer text = {0};
	uint32_t at;

	if (!rule_at(filter, chain, index, &at))
		return NULL;
	hf_filter_rule_write(&text, filter, at, index);
	const char *copy = text.failed ? NULL : hf_arena_strdup(hf_facts_arena(facts), text.data ? text.data : "");

	hf_buffer_free(&text);
	return hf_facts_checked((void *)(uintptr_t)copy);
}

const hf_filter_chain *hf_filter_rule_target(hf_check_run *run, const hf_filter_chain *chain,
					     size_t index)
{
	const hf_filter *filter = hf_facts_packet_filter(hf_facts_of(run));
	uint32_t at;
	const hf_filter_rule *rule = rule_at(filter, chain, index, &at);

	for (uint32_t i = 0; rule && i < rule->count; i++) {
		const hf_filter_step *step = &rule->steps[i];

		if (step->kind == HF_STEP_VERDICT && (step->ruling.verdict == HF_VERDICT_JUMP ||
						      step->ruling.verdict == HF_VERDICT_GOTO))
			return &filter->seen.chains[filter->seen_at[step->ruling.chain]];
	}
	return NULL;
}

enum { IDLE_DEPTH_MAX = 16 };

static bool is_idle(const hf_filter *filter, uint32_t chain, unsigned depth);

static bool is_idle_ruling(const hf_filter *filter, const hf_ruling *ruling, unsigned depth)
{
	switch (ruling->verdict) {
	case HF_VERDICT_CONTINUE:
	case HF_VERDICT_BREAK:
	case HF_VERDICT_RETURN:
		return true;
	case HF_VERDICT_JUMP:
	case HF_VERDICT_GOTO:
		return depth > 0 && is_idle(filter, ruling->chain, depth - 1);
	case HF_VERDICT_ACCEPT:
	case HF_VERDICT_DROP:
	case HF_VERDICT_REJECT:
	case HF_VERDICT_UNKNOWN:
		return false;
	}
	return false;
}

static bool is_idle_step(const hf_filter *filter, const hf_filter_step *step, unsigned depth)
{
	switch ((hf_step_kind)step->kind) {
	case HF_STEP_VERDICT:
		return is_idle_ruling(filter, &step->ruling, depth);
	case HF_STEP_XT_TARGET:
		return hf_xt_target_is_idle(step);
	case HF_STEP_LOOKUP:
		return !step->set->has_verdicts;
	case HF_STEP_META:
	case HF_STEP_PAYLOAD:
	case HF_STEP_CT:
	case HF_STEP_FIB:
	case HF_STEP_LOAD_UNKNOWN:
	case HF_STEP_IMMEDIATE:
	case HF_STEP_COMPARE:
	case HF_STEP_RANGE:
	case HF_STEP_BITWISE:
	case HF_STEP_BYTEORDER:
	case HF_STEP_UNCERTAIN:
	case HF_STEP_NOTHING:
	case HF_STEP_HEADER:
	case HF_STEP_XT_MATCH:
		return true;
	case HF_STEP_SET_META:
	case HF_STEP_SET_PAYLOAD:
	case HF_STEP_SET_CT:
	case HF_STEP_FILL:
	case HF_STEP_NOTRACK:
	case HF_STEP_NAT:
	case HF_STEP_UNKNOWN:
		return false;
	}
	return false;
}

static bool is_idle(const hf_filter *filter, uint32_t chain, unsigned depth)
{
	if (filter->chains[chain].hook && filter->chains[chain].drops)
		return false;
	for (size_t i = 0; i < filter->chains[chain].rule_count; i++) {
		const hf_filter_rule *rule = &filter->bodies[chain].rules[i];

		if (rule->malformed)
			return false;
		for (uint32_t j = 0; j < rule->count; j++) {
			if (!is_idle_step(filter, &rule->steps[j], depth))
				return false;
		}
	}
	return true;
}

bool hf_filter_chain_is_idle(hf_check_run *run, const hf_filter_chain *chain)
{
	const hf_filter *filter = hf_facts_packet_filter(hf_facts_of(run));
	uint32_t at = index_of(filter, chain);

	return at != HF_NO_CHAIN && is_idle(filter, at, IDLE_DEPTH_MAX);
}
