/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legacy tables: what getsockopt(IPT_SO_GET_ENTRIES) gave, as chains and rules.
 *
 * A table is one run of entries. Chains of a hook begin where the table's head says and end with
 * the entry of their policy ("underflow"); the administrator's begin with an entry whose target is
 * ERROR and carries their name, and end with a RETURN. A jump is an offset. */
#include "facts/filter.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

enum { MATCHES_MAX = 64 };

/* Where the parts of an entry of either family lie. */
typedef struct layout {
	uint8_t family;
	const char *word;
	size_t header_size;
	size_t entry_size;
	size_t target_offset;
	size_t next_offset;
	size_t flags;
	uint8_t goto_flag;
} layout;

static const layout layouts[] = {
	{NFPROTO_IPV4, "ip", sizeof(struct ipt_ip), sizeof(struct ipt_entry),
	 offsetof(struct ipt_entry, target_offset), offsetof(struct ipt_entry, next_offset),
	 offsetof(struct ipt_ip, flags), IPT_F_GOTO},
	{NFPROTO_IPV6, "ip6", sizeof(struct ip6t_ip6), sizeof(struct ip6t_entry),
	 offsetof(struct ip6t_entry, target_offset), offsetof(struct ip6t_entry, next_offset),
	 offsetof(struct ip6t_ip6, flags), IP6T_F_GOTO},
};

typedef struct entry {
	uint32_t offset;
	uint16_t target;
	uint16_t next;
	char target_name[XT_EXTENSION_MAXNAMELEN + 1];
	uint8_t target_revision;
	uint16_t target_size;
} entry;

typedef struct table {
	hf_arena *arena;
	hf_filter *filter;
	const layout *layout;
	const char *name;
	const uint8_t *bytes; /* the entries, aligned */
	struct ipt_getinfo info;
	entry *entries;
	size_t count;
	uint32_t *chain_of; /* of each entry */
} table;

static uint16_t number_at(const uint8_t *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof number);
	return number;
}

static int read_entry(const table *t, uint32_t offset, entry *ret)
{
	const layout *l = t->layout;

	*ret = (entry){.offset = offset};
	if (t->info.size - offset < l->entry_size)
		return -EBADMSG;
	ret->target = number_at(t->bytes + offset + l->target_offset);
	ret->next = number_at(t->bytes + offset + l->next_offset);
	if (ret->target < l->entry_size || ret->next > t->info.size - offset || ret->next % 8 ||
	    ret->target % 8 || ret->next < ret->target + sizeof(struct xt_entry_target))
		return -EBADMSG;
	struct xt_entry_target target;

	memcpy(&target, t->bytes + offset + ret->target, sizeof target);
	memcpy(ret->target_name, target.u.user.name, sizeof target.u.user.name);
	ret->target_revision = target.u.user.revision;
	ret->target_size = target.u.target_size;
	return ret->target_size >= sizeof target && ret->target_size <= ret->next - ret->target
		       ? 0
		       : -EBADMSG;
}

static int read_entries(table *t)
{
	size_t room = t->info.size / t->layout->entry_size + 1;

	t->entries = hf_arena_calloc(t->arena, room, sizeof *t->entries);
	t->chain_of = hf_arena_calloc(t->arena, room, sizeof *t->chain_of);
	if (!t->entries || !t->chain_of)
		return -ENOMEM;
	for (uint32_t offset = 0; offset < t->info.size;) {
		int r = read_entry(t, offset, &t->entries[t->count]);

		if (r < 0)
			return r;
		offset += t->entries[t->count++].next;
	}
	return t->count > 0 ? 0 : -EBADMSG;
}

/* ---- chains ---- */

typedef struct hook_row {
	const char *chain;
	const char *hook;
	int32_t nat_priority;
} hook_row;

/* By NF_INET_* */
static const hook_row hooks[NF_INET_NUMHOOKS] = {
	{"PREROUTING", "prerouting", -100}, {"INPUT", "input", 100},	{"FORWARD", "forward", 0},
	{"OUTPUT", "output", -100},	    {"POSTROUTING", "postrouting", 100},
};

/* Priorities are the modules': iptable_raw.c, iptable_mangle.c … */
static int32_t priority_of(const char *name, unsigned hook)
{
	if (strcmp(name, "raw") == 0)
		return -300;
	if (strcmp(name, "mangle") == 0)
		return -150;
	if (strcmp(name, "nat") == 0)
		return hooks[hook].nat_priority;
	return strcmp(name, "security") == 0 ? 50 : 0;
}

static int64_t new_chain(const table *t, const char *name)
{
	int64_t index = hf_filter_new_chain(t->arena, t->filter);

	if (index < 0)
		return index;
	hf_filter_chain *chain = &t->filter->chains[index];

	chain->kind = HF_FILTER_LEGACY;
	chain->family = t->layout->word;
	chain->table = t->name;
	chain->name = name;
	t->filter->bodies[index].xt_family = t->layout->family;
	return index;
}

/* The hook whose chain begins at @offset; NF_INET_NUMHOOKS: none. */
static unsigned hook_at(const table *t, uint32_t offset)
{
	unsigned hook = 0;

	while (hook < NF_INET_NUMHOOKS &&
	       (!(t->info.valid_hooks & 1U << hook) || t->info.hook_entry[hook] != offset))
		hook++;
	return hook;
}

static bool is_policy(const table *t, uint32_t offset)
{
	for (unsigned hook = 0; hook < NF_INET_NUMHOOKS; hook++) {
		if ((t->info.valid_hooks & 1U << hook) && t->info.underflow[hook] == offset)
			return true;
	}
	return false;
}

static int standard_verdict(const table *t, const entry *e)
{
	int verdict;

	memcpy(&verdict, t->bytes + e->offset + e->target + offsetof(struct xt_standard_target, verdict),
	       sizeof verdict);
	return verdict;
}

static bool is_standard(const entry *e)
{
	return *e->target_name == '\0' && e->target_size >= sizeof(struct xt_standard_target);
}

static int64_t start_chain(const table *t, const entry *e)
{
	unsigned hook = hook_at(t, e->offset);

	if (hook < NF_INET_NUMHOOKS) {
		int64_t index = new_chain(t, hooks[hook].chain);

		if (index < 0)
			return index;
		t->filter->chains[index].hook = hooks[hook].hook;
		t->filter->chains[index].priority = priority_of(t->name, hook);
		t->filter->bodies[index].hook = (uint8_t)hook;
		t->filter->bodies[index].is_nat = strcmp(t->name, "nat") == 0;
		return index;
	}
	const char *name = hf_arena_memdup(t->arena,
					   t->bytes + e->offset + e->target +
						   offsetof(struct xt_error_target, errorname),
					   XT_FUNCTION_MAXNAMELEN);

	return name ? new_chain(t, name) : -ENOMEM;
}

static bool is_head(const entry *e)
{
	return strcmp(e->target_name, XT_ERROR_TARGET) == 0 &&
	       e->target_size >= sizeof(struct xt_error_target);
}

/* The last entry of all is an ERROR, too, and begins no chain. */
static int read_chains(table *t)
{
	int64_t current = -1;

	for (size_t i = 0; i + 1 < t->count; i++) {
		const entry *e = &t->entries[i];

		if (hook_at(t, e->offset) < NF_INET_NUMHOOKS || is_head(e))
			current = start_chain(t, e);
		if (current < 0)
			return current == -1 ? -EBADMSG : (int)current;
		t->chain_of[i] = (uint32_t)current;
	}
	return is_head(&t->entries[t->count - 1]) ? 0 : -EBADMSG;
}

/* ---- rules ---- */

static uint32_t chain_at(const table *t, uint32_t offset)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->entries[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	/* a jump leads behind the head of its chain */
	return low > 0 && low + 1 < t->count && t->entries[low].offset == offset &&
			       is_head(&t->entries[low - 1])
		       ? t->chain_of[low]
		       : HF_NO_CHAIN;
}

static bool read_standard(const table *t, const entry *e, hf_filter_step *step)
{
	int verdict = standard_verdict(t, e);
	uint8_t flags = t->bytes[e->offset + t->layout->flags];

	step->kind = HF_STEP_VERDICT;
	step->ruling.chain = HF_NO_CHAIN;
	if (verdict == XT_RETURN) {
		step->ruling.verdict = HF_VERDICT_RETURN;
	} else if (verdict < 0) {
		unsigned code = (unsigned)(-verdict) - 1;

		step->ruling.verdict = code == NF_ACCEPT ? HF_VERDICT_ACCEPT
				       : code == NF_DROP ? HF_VERDICT_DROP
							 : HF_VERDICT_UNKNOWN;
	} else if ((uint32_t)verdict == e->offset + e->next) {
		step->ruling.verdict = HF_VERDICT_BREAK; /* a rule without a target goes on behind it */
	} else {
		step->ruling.verdict =
			flags & t->layout->goto_flag ? HF_VERDICT_GOTO : HF_VERDICT_JUMP;
		step->ruling.chain = chain_at(t, (uint32_t)verdict);
		return step->ruling.chain != HF_NO_CHAIN;
	}
	return true;
}

static bool read_target(const table *t, const entry *e, hf_filter_step *step)
{
	if (is_standard(e))
		return read_standard(t, e, step);
	const uint8_t *target = t->bytes + e->offset + e->target;
	uint32_t size = e->target_size - (uint32_t)sizeof(struct xt_entry_target);

	step->kind = HF_STEP_XT_TARGET;
	step->xt.name = hf_arena_strdup(t->arena, e->target_name);
	step->xt.revision = e->target_revision;
	step->xt.info = target + sizeof(struct xt_entry_target);
	step->xt.info_size = size;
	step->xt.target = hf_xt_target_find(e->target_name, e->target_revision, size);
	return step->xt.name;
}

static bool read_match(const table *t, const uint8_t *at, uint32_t room, hf_filter_step *step,
		       uint32_t *ret_size)
{
	struct xt_entry_match match;
	char name[XT_EXTENSION_MAXNAMELEN + 1] = {0};

	if (room < sizeof match)
		return false;
	memcpy(&match, at, sizeof match);
	memcpy(name, match.u.user.name, sizeof match.u.user.name);
	if (match.u.match_size < sizeof match || match.u.match_size > room)
		return false;
	*ret_size = match.u.match_size;
	step->kind = HF_STEP_XT_MATCH;
	step->xt.name = hf_arena_strdup(t->arena, name);
	step->xt.revision = match.u.user.revision;
	step->xt.info = at + sizeof match;
	step->xt.info_size = match.u.match_size - (uint32_t)sizeof match;
	step->xt.match = hf_xt_match_find(name, match.u.user.revision, step->xt.info_size);
	return step->xt.name;
}

static int read_rule(const table *t, const entry *e, uint32_t chain)
{
	hf_filter_rule *rule = hf_filter_new_rule(t->arena, t->filter, chain);
	hf_filter_step steps[MATCHES_MAX + 2] = {0};
	uint32_t at = (uint32_t)t->layout->entry_size, count = 1;

	if (!rule)
		return -ENOMEM;
	steps[0] = (hf_filter_step){.kind = HF_STEP_HEADER, .data = t->bytes + e->offset};
	while (at < e->target && count <= MATCHES_MAX) {
		uint32_t size;

		if (!read_match(t, t->bytes + e->offset + at, e->target - at, &steps[count], &size))
			return -EBADMSG;
		at += size;
		count++;
	}
	if (at != e->target || !read_target(t, e, &steps[count]))
		return -EBADMSG;
	count++;
	hf_filter_step *own = hf_arena_calloc(t->arena, count, sizeof *own);

	if (!own)
		return -ENOMEM;
	memcpy(own, steps, count * sizeof *own);
	rule->steps = own;
	rule->count = count;
	return 0;
}

static int read_rules(const table *t)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i + 1 < t->count; i++) {
		const entry *e = &t->entries[i];
		bool ends = i + 2 == t->count || is_head(&t->entries[i + 1]) ||
			    hook_at(t, t->entries[i + 1].offset) < NF_INET_NUMHOOKS;
		hf_filter_chain *chain = &t->filter->chains[t->chain_of[i]];

		if (is_head(e))
			continue;
		if (is_policy(t, e->offset)) {
			if (!is_standard(e))
				return -EBADMSG;
			chain->drops = standard_verdict(t, e) == -NF_DROP - 1;
		} else if (!ends || chain->hook || !is_standard(e) || standard_verdict(t, e) != XT_RETURN) {
			r = read_rule(t, e, t->chain_of[i]);
		}
	}
	return r;
}

int hf_filter_add_legacy(hf_arena *arena, hf_filter *filter, bool is_ipv6, const char *name,
			 const char *data, size_t size)
{
	const size_t head = sizeof(struct ipt_getinfo) + sizeof(struct ipt_get_entries);
	table t = {.arena = arena, .filter = filter, .layout = &layouts[is_ipv6]};

	if (size < head)
		return -EBADMSG;
	memcpy(&t.info, data, sizeof t.info);
	if (t.info.size != size - head)
		return -EBADMSG;
	t.name = hf_arena_strdup(arena, name);
	t.bytes = (const uint8_t *)hf_arena_memdup(arena, data + head, size - head);
	if (!t.name || !t.bytes)
		return -ENOMEM;
	int r = read_entries(&t);

	if (r == 0)
		r = read_chains(&t);
	return r < 0 ? r : read_rules(&t);
}
