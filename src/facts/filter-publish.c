/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ports the rules lead to which address: destination translations, with the conditions on the way to them.
 *
 * No packet is walked: from the chains of prerouting on, every jump is followed, and what a rule asks
 * of protocol, destination and port is collected. Other conditions are left out: it is told what is
 * published, and hf_packet_walk() tells for whom. */
#include "facts/filter.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

enum {
	DEPTH_MAX = 16,
	VISITS_MAX = 500000,
	PUBLICATIONS_MAX = 20000,
};

typedef enum symbol { OTHER = 0, PROTOCOL, PORT, ADDRESS } symbol;

/* What is asked of a packet so far, and what the registers hold. */
typedef struct condition {
	uint8_t protocol; /* 0: any */
	hf_ip ip;	  /* .family 0: any */
	uint16_t first_port, last_port; /* 0: any */
	bool is_never;	  /* two conditions exclude each other */
	uint8_t symbols[HF_REGISTER_WORDS];
	const uint8_t *values[HF_REGISTER_WORDS];
} condition;

typedef struct search {
	hf_arena *arena;
	const hf_filter *filter;
	hf_publication *all;
	size_t count, room;
	size_t visits;
	bool was_cut, is_short_of_memory;
	uint32_t chain; /* at hand */
	size_t rule;
	unsigned depth;
} search;

static void run_chain(search *s, uint32_t chain, const condition *asked);
static void run_steps(search *s, const hf_filter_rule *rule, uint32_t at, condition *asked);

/* ---- conditions ---- */

static void need_protocol(condition *asked, uint8_t protocol)
{
	asked->is_never |= asked->protocol && asked->protocol != protocol;
	asked->protocol = protocol;
}

static void need_ports(condition *asked, uint16_t first, uint16_t last)
{
	if (asked->first_port || asked->last_port) {
		first = first > asked->first_port ? first : asked->first_port;
		last = last < asked->last_port ? last : asked->last_port;
	}
	asked->is_never |= first > last;
	asked->first_port = first;
	asked->last_port = last;
}

static void need_address(condition *asked, const uint8_t *bytes, size_t size)
{
	hf_ip ip = {.family = size == 16 ? 6 : 4};

	memcpy(ip.bytes, bytes, size);
	asked->is_never |= asked->ip.family && memcmp(&asked->ip, &ip, sizeof ip) != 0;
	asked->ip = ip;
}

static uint16_t port_at(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* The range of a key, register by register. */
static void need_key(condition *asked, uint8_t sreg, const uint8_t *key, const uint8_t *end, size_t size)
{
	for (size_t at = 0; at < size; at += 4) {
		size_t word = sreg + at / 4;

		if (word >= HF_REGISTER_WORDS)
			return;
		switch ((symbol)asked->symbols[word]) {
		case PROTOCOL:
			if (key[at] == end[at])
				need_protocol(asked, key[at]);
			break;
		case PORT:
			if (at + 2 <= size)
				need_ports(asked, port_at(key + at), port_at(end + at));
			break;
		case ADDRESS: {
			size_t whole = size - at >= 16 ? 16 : 4;

			if (size - at >= whole && memcmp(key + at, end + at, whole) == 0)
				need_address(asked, key + at, whole);
			break;
		}
		case OTHER:
			break;
		}
	}
}

/* ---- what is found ---- */

static void publish(search *s, const condition *asked, const hf_ip *to, uint16_t port)
{
	hf_buffer text = {0};

	/* a translation of all ports publishes none in particular */
	if (asked->is_never || (!asked->first_port && !asked->last_port))
		return;
	if (s->count == PUBLICATIONS_MAX) {
		s->was_cut = true;
		return;
	}
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		hf_publication *all = hf_arena_calloc(s->arena, room, sizeof *all);

		if (!all) {
			s->is_short_of_memory = true;
			return;
		}
		if (s->count > 0)
			memcpy(all, s->all, s->count * sizeof *all);
		s->all = all;
		s->room = room;
	}
	hf_filter_chain_write(&text, &s->filter->chains[s->chain]);
	hf_buffer_printf(&text, " rule %zu: ", s->rule + 1);
	hf_filter_rule_write(&text, s->filter, s->chain, s->rule);
	const char *source = text.failed ? NULL : hf_arena_strdup(s->arena, text.data);

	hf_buffer_free(&text);
	s->is_short_of_memory |= !source;
	s->all[s->count++] = (hf_publication){
		.protocol = asked->protocol,
		.host_ip = asked->ip.family ? asked->ip : (hf_ip){.family = to->family},
		.host_port = asked->first_port,
		.port_count = (uint16_t)(asked->last_port - asked->first_port + 1),
		.to = *to,
		.to_port = port ? port : asked->first_port,
		.by_rule = true,
		.source = source ? source : "",
	};
}

static void publish_nat(search *s, const condition *asked, const hf_filter_step *step)
{
	const uint8_t *address = asked->values[step->nat.from], *port = asked->values[step->nat.port_from];
	hf_ip to = {.family = step->nat.family == NFPROTO_IPV6 ? 6 : 4};

	if (step->what != HF_NAT_DESTINATION || !step->nat.from || !address ||
	    step->nat.to != step->nat.from || (step->nat.port_from && !port))
		return;
	memcpy(to.bytes, address, to.family == 6 ? 16 : 4);
	publish(s, asked, &to, port ? port_at(port) : 0);
}

/* ---- steps ---- */

static void hold(condition *asked, const hf_filter_step *step, symbol what, const uint8_t *value)
{
	for (size_t word = step->dreg; word < HF_REGISTER_WORDS && word < step->dreg + (step->size + 3U) / 4;
	     word++) {
		asked->symbols[word] = OTHER;
		asked->values[word] = NULL;
	}
	if (step->dreg < HF_REGISTER_WORDS) {
		asked->symbols[step->dreg] = (uint8_t)what;
		asked->values[step->dreg] = value;
	}
}

static symbol payload_symbol(const hf_filter_step *step)
{
	if (step->what == NFT_PAYLOAD_TRANSPORT_HEADER && step->offset == 2 && step->size == 2)
		return PORT;
	if (step->what != NFT_PAYLOAD_NETWORK_HEADER)
		return OTHER;
	if ((step->offset == 16 && step->size == 4) || (step->offset == 24 && step->size == 16))
		return ADDRESS;
	return step->offset == 9 && step->size == 1 ? PROTOCOL : OTHER;
}

/* Each element is a case of its own. */
static void run_lookup(search *s, const hf_filter_rule *rule, uint32_t at, const condition *asked)
{
	const hf_filter_step *step = &rule->steps[at];
	const hf_filter_set *set = step->set;

	if (step->is_inverted) {
		condition own = *asked;

		run_steps(s, rule, at + 1, &own);
		return;
	}
	for (size_t i = 0; i < set->count && s->visits < VISITS_MAX; i++) {
		const hf_set_element *element = &set->elements[i];
		condition own = *asked;

		s->visits++;
		need_key(&own, step->sreg, element->key, element->end, set->key_size);
		if (own.is_never)
			continue;
		if (step->has_result && set->has_verdicts) {
			if (element->ruling.chain != HF_NO_CHAIN)
				run_chain(s, element->ruling.chain, &own);
			continue;
		}
		if (step->has_result) {
			const hf_filter_step load = {.dreg = step->dreg, .size = (uint8_t)set->data_size};

			hold(&own, &load, OTHER, element->data);
			/* "dnat to … map": address and port lie one behind the other */
			if (element->data && set->data_size > 4 && step->dreg + 1 < HF_REGISTER_WORDS)
				own.values[step->dreg + (set->data_size > 16 ? 4 : 1)] =
					element->data + (set->data_size > 16 ? 16 : 4);
		}
		run_steps(s, rule, at + 1, &own);
	}
}

static void run_header(condition *asked, const hf_filter_step *step, uint8_t family)
{
	static const uint8_t all[16] = {255, 255, 255, 255, 255, 255, 255, 255,
					255, 255, 255, 255, 255, 255, 255, 255};
	struct ipt_ip ip;
	struct ip6t_ip6 ip6;

	if (family == NFPROTO_IPV6) {
		memcpy(&ip6, step->data, sizeof ip6);
		if (ip6.proto && !(ip6.invflags & XT_INV_PROTO))
			need_protocol(asked, (uint8_t)ip6.proto);
		if (memcmp(&ip6.dmsk, all, 16) == 0 && !(ip6.invflags & IP6T_INV_DSTIP))
			need_address(asked, (const uint8_t *)&ip6.dst, 16);
		return;
	}
	memcpy(&ip, step->data, sizeof ip);
	if (ip.proto && !(ip.invflags & XT_INV_PROTO))
		need_protocol(asked, (uint8_t)ip.proto);
	if (memcmp(&ip.dmsk, all, 4) == 0 && !(ip.invflags & IPT_INV_DSTIP))
		need_address(asked, (const uint8_t *)&ip.dst, 4);
}

static void run_multiport(search *s, const hf_filter_rule *rule, uint32_t at, const condition *asked)
{
	const hf_filter_step *step = &rule->steps[at];
	struct xt_multiport_v1 info;

	memcpy(&info, step->xt.info, sizeof info);
	if (info.flags != XT_MULTIPORT_DESTINATION || info.invert)
		info.count = 0;
	for (uint8_t i = 0; i < info.count && i < XT_MULTI_PORTS; i++) {
		uint8_t last = info.pflags[i] && i + 1 < XT_MULTI_PORTS ? (uint8_t)(i + 1) : i;
		condition own = *asked;

		need_ports(&own, info.ports[i], info.ports[last]);
		i = last;
		run_steps(s, rule, at + 1, &own);
	}
}

static void run_match(condition *asked, const hf_filter_step *step)
{
	struct xt_tcp tcp;
	struct xt_udp udp;

	if (strcmp(step->xt.name, "tcp") == 0 && step->xt.match) {
		memcpy(&tcp, step->xt.info, sizeof tcp);
		need_protocol(asked, HF_PROTOCOL_TCP);
		if ((tcp.dpts[0] || tcp.dpts[1] != UINT16_MAX) && !(tcp.invflags & XT_TCP_INV_DSTPT))
			need_ports(asked, tcp.dpts[0], tcp.dpts[1]);
	} else if (strcmp(step->xt.name, "udp") == 0 && step->xt.match) {
		memcpy(&udp, step->xt.info, sizeof udp);
		need_protocol(asked, HF_PROTOCOL_UDP);
		if ((udp.dpts[0] || udp.dpts[1] != UINT16_MAX) && !(udp.invflags & XT_UDP_INV_DSTPT))
			need_ports(asked, udp.dpts[0], udp.dpts[1]);
	}
}

static void run_target(search *s, const condition *asked, const hf_filter_step *step)
{
	uint8_t family = strcmp(s->filter->chains[s->chain].family, "ip6") == 0 ? 6 : 4;
	uint16_t port, last;
	hf_ip to;

	if (hf_xt_target_destination(step, family, &to, &port, &last))
		publish(s, asked, &to, port);
}

static void run_compare(condition *asked, const hf_filter_step *step)
{
	if (step->kind == HF_STEP_COMPARE && step->what == NFT_CMP_EQ)
		need_key(asked, step->sreg, step->data, step->data, step->size);
	if (step->kind == HF_STEP_RANGE && !step->is_inverted)
		need_key(asked, step->sreg, step->data, step->more, step->size);
}

/* The rest of a rule. */
static void run_steps(search *s, const hf_filter_rule *rule, uint32_t at, condition *asked)
{
	for (; at < rule->count && !asked->is_never; at++) {
		const hf_filter_step *step = &rule->steps[at];

		if (s->visits++ >= VISITS_MAX) {
			s->was_cut = true;
			return;
		}
		switch ((hf_step_kind)step->kind) {
		case HF_STEP_META:
			hold(asked, step, step->what == NFT_META_L4PROTO ? PROTOCOL : OTHER, NULL);
			break;
		case HF_STEP_PAYLOAD:
			hold(asked, step, payload_symbol(step), NULL);
			break;
		case HF_STEP_IMMEDIATE:
			hold(asked, step, OTHER, step->data);
			break;
		case HF_STEP_CT:
		case HF_STEP_FIB:
		case HF_STEP_LOAD_UNKNOWN:
		case HF_STEP_BITWISE:
		case HF_STEP_BYTEORDER:
			hold(asked, step, OTHER, NULL);
			break;
		case HF_STEP_COMPARE:
		case HF_STEP_RANGE:
			run_compare(asked, step);
			break;
		case HF_STEP_LOOKUP:
			run_lookup(s, rule, at, asked);
			return;
		case HF_STEP_HEADER:
			run_header(asked, step, s->filter->bodies[s->chain].xt_family);
			break;
		case HF_STEP_XT_MATCH:
			if (strcmp(step->xt.name, "multiport") == 0 && step->xt.match) {
				run_multiport(s, rule, at, asked);
				return;
			}
			run_match(asked, step);
			break;
		case HF_STEP_XT_TARGET:
			run_target(s, asked, step);
			break;
		case HF_STEP_NAT:
			publish_nat(s, asked, step);
			return;
		case HF_STEP_VERDICT:
			if (step->ruling.chain != HF_NO_CHAIN)
				run_chain(s, step->ruling.chain, asked);
			return;
		case HF_STEP_UNCERTAIN:
		case HF_STEP_SET_META:
		case HF_STEP_SET_PAYLOAD:
		case HF_STEP_SET_CT:
		case HF_STEP_FILL:
		case HF_STEP_NOTRACK:
		case HF_STEP_NOTHING:
		case HF_STEP_UNKNOWN:
			break;
		}
	}
}

static void run_chain(search *s, uint32_t chain, const condition *asked)
{
	const uint32_t outer = s->chain;
	const size_t outer_rule = s->rule;

	if (s->depth >= DEPTH_MAX) {
		s->was_cut = true;
		return;
	}
	s->depth++;
	for (size_t i = 0; i < s->filter->chains[chain].rule_count && s->visits < VISITS_MAX; i++) {
		condition own = *asked;

		s->chain = chain;
		s->rule = i;
		run_steps(s, &s->filter->bodies[chain].rules[i], 0, &own);
	}
	s->depth--;
	s->chain = outer;
	s->rule = outer_rule;
}

int hf_filter_publications(hf_arena *arena, const hf_filter *filter, hf_publications *ret)
{
	search s = {.arena = arena, .filter = filter};
	const condition none = {0};

	for (uint32_t i = 0; i < filter->chain_count; i++) {
		if (filter->bodies[i].is_nat && hf_streq(filter->chains[i].hook, "prerouting"))
			run_chain(&s, i, &none);
	}
	ret->all = s.all;
	ret->count = s.count;
	ret->fact = filter->seen.fact;
	if (ret->fact.state == HF_PRESENT && (s.was_cut || s.visits >= VISITS_MAX))
		ret->fact = (hf_fact){.state = HF_UNREADABLE,
				      .source = "the packet filter",
				      .why = "more rules of translation than are followed"};
	return s.is_short_of_memory ? -ENOMEM : 0;
}
