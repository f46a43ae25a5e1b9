/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation of addresses: what nf_nat_setup_info() makes of a rule, for the first packet of a connection. */
#include "facts/filter-walk.h"

#include <linux/netfilter.h>

static const hf_ruling accepted = {.verdict = HF_VERDICT_ACCEPT, .chain = HF_NO_CHAIN};
static const hf_ruling dropped = {.verdict = HF_VERDICT_DROP, .chain = HF_NO_CHAIN};
static const hf_ruling next_step = {.verdict = HF_VERDICT_CONTINUE, .chain = HF_NO_CHAIN};
static const hf_ruling not_known = {.verdict = HF_VERDICT_UNKNOWN, .chain = HF_NO_CHAIN};

static size_t size_of(const hf_ip *ip)
{
	return ip->family == 6 ? 16 : 4;
}

/* NETMAP: what both ends of the range share is put in place of the same bits. */
static void map_prefix(const hf_translation *to, hf_ip *ip)
{
	for (size_t i = 0; i < size_of(ip); i++) {
		uint8_t own = to->first.bytes[i] ^ to->last.bytes[i];

		ip->bytes[i] = (uint8_t)((ip->bytes[i] & own) | (to->first.bytes[i] & (uint8_t)~own));
	}
}

static bool is_one_address(const hf_translation *to)
{
	return memcmp(to->first.bytes, to->last.bytes, size_of(&to->first)) == 0;
}

static hf_ruling translate_source(hf_way *way, const hf_translation *to)
{
	hf_ip ip;

	if (to->has_address) {
		bool known = hf_way_address(way, true, &ip);

		if (to->is_prefix && known)
			map_prefix(to, &ip);
		else
			ip = to->first;
		hf_way_set_address(way, true,
				   (to->is_prefix && known) || (!to->is_prefix && is_one_address(to)) ? &ip
												      : NULL);
	}
	hf_way_set_port(way, true, to->first_port, to->has_port && to->first_port == to->last_port);
	way->is_source_translated = true;
	way->has_source_set = true;
	return accepted;
}

static hf_ruling translate_destination(hf_walk *walk, hf_way *way, const hf_translation *to)
{
	hf_ip ip;

	if (to->has_address) {
		if (!hf_way_address(way, false, &ip) || (!to->is_prefix && !is_one_address(to))) {
			walk->why = "it translates to one of several addresses";
			return not_known;
		}
		if (to->is_prefix)
			map_prefix(to, &ip);
		else
			ip = to->first;
		hf_way_set_address(way, false, &ip);
	}
	if (to->has_port)
		hf_way_set_port(way, false, to->first_port, to->first_port == to->last_port);
	way->is_translated = true;
	way->has_destination_set = true;
	return accepted;
}

/* nf_nat_redirect_ipv4(): to the interface's first address, or 127.0.0.1 for what the host sends. */
static hf_ruling redirect(hf_walk *walk, hf_way *way, const hf_called *called, const hf_translation *to)
{
	const hf_netns *netns = walk->node->netns;
	const uint8_t family = way->is_ipv6 ? 6 : 4;
	hf_translation own = *to;

	own.has_address = false;
	if (called->hook == NF_INET_LOCAL_OUT) {
		own.has_address = true;
		own.first = (hf_ip){.family = family};
		own.first.bytes[way->is_ipv6 ? 15 : 0] = way->is_ipv6 ? 1 : 127;
		if (!way->is_ipv6)
			own.first.bytes[3] = 1;
	}
	for (size_t i = 0; !own.has_address && i < netns->address_count; i++) {
		const hf_interface_address *address = &netns->addresses[i];

		if (address->interface != way->in || address->ip.family != family ||
		    (family == 6 && address->is_link_local))
			continue;
		own.has_address = true;
		own.first = address->ip;
	}
	if (!own.has_address) {
		if (way->in)
			return dropped;
		walk->why = "it redirects to an address that is not known";
		return not_known;
	}
	own.last = own.first;
	return translate_destination(walk, way, &own);
}

/* inet_select_addr(): where the interface has one address, it is that one. */
static hf_ruling masquerade(const hf_walk *walk, hf_way *way)
{
	const hf_netns *netns = walk->node->netns;
	const hf_ip *own = NULL;
	size_t count = 0;

	for (size_t i = 0; i < netns->address_count; i++) {
		const hf_interface_address *address = &netns->addresses[i];

		if (address->interface != way->out || address->is_link_local ||
		    address->ip.family != (way->is_ipv6 ? 6 : 4))
			continue;
		own = &address->ip;
		count++;
	}
	hf_way_set_address(way, true,
			   count == 1 && way->out && !way->out->is_loopback ? own : NULL);
	return translate_source(way, &(hf_translation){0});
}

hf_ruling hf_way_translate_to(hf_walk *walk, hf_way *way, const hf_called *called, hf_nat_kind kind,
			      const hf_translation *to)
{
	switch (kind) {
	case HF_NAT_SOURCE:
		return translate_source(way, to);
	case HF_NAT_MASQUERADE:
		return masquerade(walk, way);
	case HF_NAT_DESTINATION:
		return translate_destination(walk, way, to);
	case HF_NAT_REDIRECT:
		return redirect(walk, way, called, to);
	}
	return not_known;
}

static bool read_address(const hf_way *way, uint8_t word, hf_ip *ret_ip)
{
	size_t at = (size_t)word * 4;

	*ret_ip = (hf_ip){.family = way->is_ipv6 ? 6 : 4};
	memcpy(ret_ip->bytes, way->value + at, size_of(ret_ip));
	for (size_t i = 0; i < size_of(ret_ip); i++) {
		if (way->known[at + i] != 0xff)
			return false;
	}
	return true;
}

static bool read_port(const hf_way *way, uint8_t word, uint16_t *ret_port)
{
	size_t at = (size_t)word * 4;

	*ret_port = (uint16_t)(way->value[at] << 8 | way->value[at + 1]);
	return way->known[at] == 0xff && way->known[at + 1] == 0xff;
}

hf_ruling hf_way_translate(hf_walk *walk, hf_way *way, const hf_called *called, const hf_filter_step *step)
{
	hf_translation to = {
		.has_address = step->nat.from,
		.has_port = step->nat.port_from,
		.is_prefix = step->nat.is_prefix,
	};
	bool known = true;

	/* in a table of both families it is for one of them */
	if ((step->nat.family == NFPROTO_IPV4 && way->is_ipv6) ||
	    (step->nat.family == NFPROTO_IPV6 && !way->is_ipv6))
		return next_step;
	if (to.has_address)
		known = read_address(way, step->nat.from, &to.first) &&
			read_address(way, step->nat.to, &to.last);
	if (to.has_port)
		known = read_port(way, step->nat.port_from, &to.first_port) &&
			read_port(way, step->nat.port_to, &to.last_port) && known;
	if (!known && step->what == HF_NAT_SOURCE) {
		hf_way_set_address(way, true, NULL);
		to = (hf_translation){0};
	} else if (!known && step->what != HF_NAT_MASQUERADE) {
		walk->why = "where it translates to is not known";
		return not_known;
	}
	return hf_way_translate_to(walk, way, called, (hf_nat_kind)step->what, &to);
}
