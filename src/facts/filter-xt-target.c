/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets of x_tables: what they do to a packet. One without a row could do anything. */
#include "facts/filter-walk.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

struct hf_xt_target_row {
	const char *name;
	uint32_t revision;
	size_t size;
	/* NULL: nothing that decides about the packet */
	hf_ruling (*run)(const hf_xt_run *run);
	bool is_any_revision;
};

static const hf_ruling next_step = {.verdict = HF_VERDICT_CONTINUE, .chain = HF_NO_CHAIN};
static const hf_ruling rejected = {.verdict = HF_VERDICT_REJECT, .chain = HF_NO_CHAIN};
static const hf_ruling not_known = {.verdict = HF_VERDICT_UNKNOWN, .chain = HF_NO_CHAIN};

#define INFO(type, variable)                                                                       \
	type variable;                                                                             \
	memcpy(&(variable), run->step->xt.info, sizeof(variable))

static hf_ruling reject(const hf_xt_run *run)
{
	(void)run;
	return rejected;
}

/* ---- marks ---- */

static hf_ruling set_mark(const hf_xt_run *run)
{
	INFO(struct xt_mark_tginfo2, info);

	run->way->mark = (run->way->mark & ~info.mask) ^ info.mark;
	run->way->mark_known |= info.mask;
	return next_step;
}

static uint32_t shift(uint32_t value, const struct xt_connmark_tginfo2 *info)
{
	return info->shift_dir == D_SHIFT_RIGHT ? value >> info->shift_bits : value << info->shift_bits;
}

/* connmark_tg_shift() */
static hf_ruling connmark(const hf_xt_run *run, const struct xt_connmark_tginfo2 *info)
{
	hf_way *way = run->way;

	if (hf_way_ct_state(way, run->called) != HF_CT_NEW)
		return next_step;
	if (info->shift_bits > 31)
		return not_known;
	switch (info->mode) {
	case XT_CONNMARK_SET:
		way->ct_mark = shift((way->ct_mark & ~info->ctmask) ^ info->ctmark, info);
		way->ct_mark_known = info->shift_bits ? 0 : way->ct_mark_known | info->ctmask;
		return next_step;
	case XT_CONNMARK_SAVE:
		way->ct_mark = (way->ct_mark & ~info->ctmask) ^ shift(way->mark & info->nfmask, info);
		way->ct_mark_known = info->shift_bits ? 0
						      : (way->ct_mark_known | info->ctmask) &
								(way->mark_known | ~info->nfmask);
		return next_step;
	case XT_CONNMARK_RESTORE:
		way->mark = (way->mark & ~info->nfmask) ^ shift(way->ct_mark & info->ctmask, info);
		way->mark_known = info->shift_bits ? 0
						   : (way->mark_known | info->nfmask) &
							     (way->ct_mark_known | ~info->ctmask);
		return next_step;
	default:
		return not_known;
	}
}

static hf_ruling connmark_2(const hf_xt_run *run)
{
	INFO(struct xt_connmark_tginfo2, info);

	return connmark(run, &info);
}

static hf_ruling connmark_1(const hf_xt_run *run)
{
	INFO(struct xt_connmark_tginfo1, info);
	const struct xt_connmark_tginfo2 newer = {
		.ctmark = info.ctmark,
		.ctmask = info.ctmask,
		.nfmask = info.nfmask,
		.mode = info.mode,
	};

	return connmark(run, &newer);
}

/* ---- tracking ---- */

static hf_ruling notrack(const hf_xt_run *run)
{
	if (hf_way_ct_state(run->way, run->called) == HF_CT_INVALID)
		run->way->is_untracked = true;
	return next_step;
}

/* All revisions begin alike. */
static hf_ruling ct(const hf_xt_run *run)
{
	INFO(uint16_t, flags);

	return flags & XT_CT_NOTRACK ? notrack(run) : next_step;
}

/* ---- translation ---- */

static void ip_of(hf_ip *ip, uint8_t family, const void *bytes)
{
	*ip = (hf_ip){.family = family};
	memcpy(ip->bytes, bytes, family == 6 ? 16 : 4);
}

static void translation_of(const struct nf_nat_range *range, uint8_t family, hf_translation *ret)
{
	*ret = (hf_translation){
		.has_address = range->flags & NF_NAT_RANGE_MAP_IPS,
		.has_port = range->flags & NF_NAT_RANGE_PROTO_SPECIFIED,
		.is_prefix = range->flags & NF_NAT_RANGE_NETMAP,
		.first_port = ntohs(range->min_proto.all),
		.last_port = ntohs(range->max_proto.all),
	};
	ip_of(&ret->first, family, &range->min_addr);
	ip_of(&ret->last, family, &range->max_addr);
}

/* What the target carries, in the form of its revision; false: another. */
static bool read_translation(const hf_filter_step *step, uint8_t family, hf_translation *ret)
{
	struct nf_nat_ipv4_multi_range_compat old;
	struct nf_nat_range range = {0};
	const struct nf_nat_ipv4_range *first = &old.range[0];
	bool is_v6_form = step->xt.revision > 0 || family == 6;

	if (is_v6_form) {
		/* of revision 2 the beginning is the same */
		if (step->xt.info_size < sizeof range)
			return false;
		memcpy(&range, step->xt.info, sizeof range);
	} else {
		if (step->xt.info_size < sizeof old)
			return false;
		memcpy(&old, step->xt.info, sizeof old);
		if (old.rangesize != 1)
			return false;
		range.flags = first->flags;
		range.min_addr.ip = first->min_ip;
		range.max_addr.ip = first->max_ip;
		range.min_proto = first->min;
		range.max_proto = first->max;
	}
	translation_of(&range, family, ret);
	return true;
}

static hf_ruling translate(const hf_xt_run *run, hf_nat_kind kind)
{
	hf_translation to;

	if (!read_translation(run->step, run->way->is_ipv6 ? 6 : 4, &to)) {
		run->walk->why = "what it translates to is not understood";
		return not_known;
	}
	return hf_way_translate_to(run->walk, run->way, run->called, kind, &to);
}

static hf_ruling dnat(const hf_xt_run *run)
{
	return translate(run, HF_NAT_DESTINATION);
}

static hf_ruling snat(const hf_xt_run *run)
{
	return translate(run, HF_NAT_SOURCE);
}

static hf_ruling masquerade(const hf_xt_run *run)
{
	return translate(run, HF_NAT_MASQUERADE);
}

static hf_ruling redirect(const hf_xt_run *run)
{
	return translate(run, HF_NAT_REDIRECT);
}

/* The range of NETMAP says nothing of what it is for: the hook does. */
static hf_ruling netmap(const hf_xt_run *run)
{
	bool is_source = run->called->hook == NF_INET_POST_ROUTING ||
			 run->called->hook == NF_INET_LOCAL_IN;
	hf_translation to;

	if (!read_translation(run->step, run->way->is_ipv6 ? 6 : 4, &to))
		return not_known;
	to.has_address = true;
	to.is_prefix = true;
	return hf_way_translate_to(run->walk, run->way, run->called,
				   is_source ? HF_NAT_SOURCE : HF_NAT_DESTINATION, &to);
}

enum {
	OLD_NAT = sizeof(struct nf_nat_ipv4_multi_range_compat),
	NEW_NAT = sizeof(struct nf_nat_range),
};

static const hf_xt_target_row rows[] = {
	{"AUDIT", 0, 0, NULL, true},
	{"CHECKSUM", 0, 0, NULL, true},
	{"CLASSIFY", 0, 0, NULL, true},
	{"CONNMARK", 1, sizeof(struct xt_connmark_tginfo1), connmark_1, false},
	{"CONNMARK", 2, sizeof(struct xt_connmark_tginfo2), connmark_2, false},
	{"CONNSECMARK", 0, 0, NULL, true},
	{"CT", 0, sizeof(uint16_t), ct, true},
	{"DNAT", 0, OLD_NAT, dnat, false},
	{"DNAT", 1, NEW_NAT, dnat, false},
	{"DNAT", 2, NEW_NAT, dnat, false},
	{"DSCP", 0, 0, NULL, true},
	{"ECN", 0, 0, NULL, true},
	{"HL", 0, 0, NULL, true},
	{"IDLETIMER", 0, 0, NULL, true},
	{"LED", 0, 0, NULL, true},
	{"LOG", 0, 0, NULL, true},
	{"MARK", 2, sizeof(struct xt_mark_tginfo2), set_mark, false},
	{"MASQUERADE", 0, OLD_NAT, masquerade, false},
	{"NETMAP", 0, OLD_NAT, netmap, false},
	{"NFLOG", 0, 0, NULL, true},
	{"NOTRACK", 0, 0, notrack, true},
	{"RATEEST", 0, 0, NULL, true},
	{"REDIRECT", 0, OLD_NAT, redirect, false},
	{"REJECT", 0, 0, reject, true},
	{"SECMARK", 0, 0, NULL, true},
	{"SET", 0, 0, NULL, true},
	{"SNAT", 0, OLD_NAT, snat, false},
	{"SNAT", 1, NEW_NAT, snat, false},
	{"SNAT", 2, NEW_NAT, snat, false},
	{"TCPMSS", 0, 0, NULL, true},
	{"TCPOPTSTRIP", 0, 0, NULL, true},
	{"TEE", 0, 0, NULL, true},
	{"TOS", 0, 0, NULL, true},
	{"TRACE", 0, 0, NULL, true},
	{"TTL", 0, 0, NULL, true},
	{"ULOG", 0, 0, NULL, true},
};

const hf_xt_target_row *hf_xt_target_find(const char *name, uint32_t revision, size_t size)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0 &&
		    (rows[i].is_any_revision || rows[i].revision == revision))
			return size >= rows[i].size ? &rows[i] : NULL;
	}
	return NULL;
}

bool hf_xt_target_is_idle(const hf_filter_step *step)
{
	return step->xt.target && !step->xt.target->run;
}

hf_ruling hf_xt_target(const hf_xt_run *run)
{
	const hf_xt_target_row *row = run->step->xt.target;

	return !row ? not_known : row->run ? row->run(run) : next_step;
}

bool hf_xt_target_destination(const hf_filter_step *step, uint8_t family, hf_ip *ret_to,
			      uint16_t *ret_port, uint16_t *ret_last_port)
{
	hf_translation to;

	if (!step->xt.target || step->xt.target->run != dnat ||
	    !read_translation(step, family, &to) || !to.has_address || to.is_prefix ||
	    memcmp(to.first.bytes, to.last.bytes, sizeof to.first.bytes) != 0)
		return false;
	*ret_to = to.first;
	*ret_port = to.has_port ? to.first_port : 0;
	*ret_last_port = to.has_port ? to.last_port : 0;
	return true;
}
