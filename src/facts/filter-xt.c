/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches of x_tables, in legacy tables and in the rules that iptables-nft makes: a row per name and revision.
 *
 * The structures are those of linux/netfilter/xt_*.h; they are copied before they are read, for within
 * nf_tables they lie at any address. A name without a row may hold or not. */
#include "facts/filter-walk.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_helper.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

struct hf_xt_match_row {
	const char *name;
	uint32_t revision;
	size_t size;
	hf_tri (*match)(const hf_xt_run *run);
};

/* A copy of what the match carries. */
#define INFO(type, variable)                                                                       \
	type variable;                                                                             \
	memcpy(&(variable), run->step->xt.info, sizeof(variable))

static hf_tri invert_if(bool invert, hf_tri a)
{
	return invert ? hf_tri_not(a) : a;
}

/* ---- the head of a legacy rule ---- */

static hf_tri match_interfaces(const hf_xt_run *run, const char *in, const unsigned char *in_mask,
			       const char *out, const unsigned char *out_mask, uint8_t inverted)
{
	const hf_way *way = run->way;
	const hf_called *called = run->called;
	hf_tri is_in = hf_interface_matches(hf_way_in(way, called), false, in, in_mask);
	hf_tri is_out = hf_interface_matches(hf_way_out(way, called), false, out, out_mask);

	return hf_tri_and(invert_if(inverted & IPT_INV_VIA_IN, is_in),
			  invert_if(inverted & IPT_INV_VIA_OUT, is_out));
}

/* Nothing that is walked is a later fragment. */
static hf_tri match_ip(const hf_xt_run *run)
{
	struct ipt_ip ip;
	const hf_way *way = run->way;
	hf_tri result;

	memcpy(&ip, run->step->data, sizeof ip);
	result = invert_if(ip.invflags & IPT_INV_SRCIP,
			   hf_way_address_masked(way, true, &ip.src, &ip.smsk));
	result = hf_tri_and(result, invert_if(ip.invflags & IPT_INV_DSTIP,
					      hf_way_address_masked(way, false, &ip.dst, &ip.dmsk)));
	result = hf_tri_and(result, match_interfaces(run, ip.iniface, ip.iniface_mask, ip.outiface,
						     ip.outiface_mask, ip.invflags));
	if (ip.proto)
		result = hf_tri_and(result, invert_if(ip.invflags & XT_INV_PROTO,
						      hf_tri_of(way->protocol == ip.proto)));
	if (ip.flags & IPT_F_FRAG)
		result = hf_tri_and(result, hf_tri_of(ip.invflags & IPT_INV_FRAG));
	return result;
}

static hf_tri match_ip6(const hf_xt_run *run)
{
	struct ip6t_ip6 ip;
	const hf_way *way = run->way;
	hf_tri result;

	memcpy(&ip, run->step->data, sizeof ip);
	result = invert_if(ip.invflags & IP6T_INV_SRCIP,
			   hf_way_address_masked(way, true, &ip.src, &ip.smsk));
	result = hf_tri_and(result, invert_if(ip.invflags & IP6T_INV_DSTIP,
					      hf_way_address_masked(way, false, &ip.dst, &ip.dmsk)));
	result = hf_tri_and(result, match_interfaces(run, ip.iniface, ip.iniface_mask, ip.outiface,
						     ip.outiface_mask, ip.invflags));
	if (ip.flags & IP6T_F_PROTO && ip.proto)
		result = hf_tri_and(result, invert_if(ip.invflags & XT_INV_PROTO,
						      hf_tri_of(way->protocol == ip.proto)));
	return result;
}

hf_tri hf_xt_header(const hf_xt_run *run)
{
	return run->walk->filter->bodies[run->called->chain].xt_family == NFPROTO_IPV6 ? match_ip6(run)
										       : match_ip(run);
}

/* ---- addresses ---- */

/* match_type6(): each kind that is asked for must fit, and an own address is a unicast one as well. */
static hf_tri has_type6(const hf_xt_run *run, bool is_source, const hf_interface *device, unsigned types)
{
	const unsigned looked_up = XT_ADDRTYPE_LOCAL | XT_ADDRTYPE_ANYCAST | XT_ADDRTYPE_UNREACHABLE;
	int type;
	hf_ip ip;

	if (!hf_way_address(run->way, is_source, &ip))
		return HF_MAYBE;
	if (types & (XT_ADDRTYPE_UNSPEC | XT_ADDRTYPE_ANYCAST))
		return types & XT_ADDRTYPE_UNSPEC ? HF_NO : HF_MAYBE;
	if (types & (hf_ip_is_multicast(&ip) ? XT_ADDRTYPE_UNICAST : XT_ADDRTYPE_MULTICAST))
		return HF_NO;
	if (!(types & looked_up))
		return HF_YES;
	type = hf_way_address_type(run->walk, run->way, is_source, device);
	return type < 0 ? HF_MAYBE : hf_tri_of(types & looked_up & 1U << (unsigned)type);
}

static hf_tri has_type(const hf_xt_run *run, bool is_source, const hf_interface *device, unsigned types)
{
	if (run->way->is_ipv6)
		return has_type6(run, is_source, device, types);
	int type = hf_way_address_type(run->walk, run->way, is_source, device);

	return type < 0 ? HF_MAYBE : hf_tri_of(types & 1U << (unsigned)type);
}

static hf_tri match_addrtype(const hf_xt_run *run)
{
	INFO(struct xt_addrtype_info_v1, info);
	const hf_interface *device =
		info.flags & XT_ADDRTYPE_LIMIT_IFACE_IN	   ? hf_way_in(run->way, run->called)
		: info.flags & XT_ADDRTYPE_LIMIT_IFACE_OUT ? hf_way_out(run->way, run->called)
							   : NULL;
	hf_tri result = HF_YES;

	if (info.source)
		result = invert_if(info.flags & XT_ADDRTYPE_INVERT_SOURCE,
				   has_type(run, true, device, info.source));
	if (info.dest)
		result = hf_tri_and(result, invert_if(info.flags & XT_ADDRTYPE_INVERT_DEST,
						      has_type(run, false, device, info.dest)));
	return result;
}

static hf_tri match_addrtype_0(const hf_xt_run *run)
{
	INFO(struct xt_addrtype_info, info);
	hf_tri result = HF_YES;

	if (info.source)
		result = invert_if(info.invert_source, has_type(run, true, NULL, info.source));
	if (info.dest)
		result = hf_tri_and(result, invert_if(info.invert_dest,
						      has_type(run, false, NULL, info.dest)));
	return result;
}

static hf_tri in_range(const hf_way *way, bool is_source, const union nf_inet_addr *from,
		       const union nf_inet_addr *to)
{
	size_t at = way->is_ipv6 ? is_source ? 8 : 24 : is_source ? 12 : 16;

	return hf_bits_in_range(way->network.value + at, way->network.known + at, (const uint8_t *)from,
				(const uint8_t *)to, way->is_ipv6 ? 16 : 4);
}

static hf_tri match_iprange(const hf_xt_run *run)
{
	INFO(struct xt_iprange_mtinfo, info);
	hf_tri result = HF_YES;

	if (info.flags & IPRANGE_SRC)
		result = invert_if(info.flags & IPRANGE_SRC_INV,
				   in_range(run->way, true, &info.src_min, &info.src_max));
	if (info.flags & IPRANGE_DST)
		result = hf_tri_and(result,
				    invert_if(info.flags & IPRANGE_DST_INV,
					      in_range(run->way, false, &info.dst_min, &info.dst_max)));
	return result;
}

static hf_tri match_rpfilter(const hf_xt_run *run)
{
	INFO(struct xt_rpfilter_info, info);
	const hf_interface *in = hf_way_in(run->way, run->called);

	return invert_if(info.flags & XT_RPFILTER_INVERT,
			 hf_way_is_reversible(run->walk, run->way, in, info.flags & XT_RPFILTER_LOOSE));
}

/* ---- ports ---- */

static hf_tri match_tcp(const hf_xt_run *run)
{
	INFO(struct xt_tcp, info);
	const hf_way *way = run->way;
	const uint8_t flags = way->transport.value[13] & info.flg_mask;
	hf_tri result;

	if (way->protocol != HF_PROTOCOL_TCP)
		return HF_NO;
	result = invert_if(info.invflags & XT_TCP_INV_SRCPT,
			   hf_way_port_in(way, true, info.spts[0], info.spts[1]));
	result = hf_tri_and(result, invert_if(info.invflags & XT_TCP_INV_DSTPT,
					      hf_way_port_in(way, false, info.dpts[0], info.dpts[1])));
	result = hf_tri_and(result, invert_if(info.invflags & XT_TCP_INV_FLAGS,
					      hf_tri_of(flags == info.flg_cmp)));
	return info.option ? hf_tri_and(result, HF_MAYBE) : result;
}

static hf_tri match_udp(const hf_xt_run *run)
{
	INFO(struct xt_udp, info);
	const hf_way *way = run->way;

	if (way->protocol != HF_PROTOCOL_UDP)
		return HF_NO;
	return hf_tri_and(invert_if(info.invflags & XT_UDP_INV_SRCPT,
				    hf_way_port_in(way, true, info.spts[0], info.spts[1])),
			  invert_if(info.invflags & XT_UDP_INV_DSTPT,
				    hf_way_port_in(way, false, info.dpts[0], info.dpts[1])));
}

static hf_tri port_matches(const hf_way *way, uint8_t which, uint16_t first, uint16_t last)
{
	hf_tri from = which == XT_MULTIPORT_DESTINATION ? HF_NO : hf_way_port_in(way, true, first, last);
	hf_tri to = which == XT_MULTIPORT_SOURCE ? HF_NO : hf_way_port_in(way, false, first, last);

	return hf_tri_or(from, to);
}

static hf_tri match_multiport(const hf_xt_run *run)
{
	INFO(struct xt_multiport_v1, info);
	hf_tri result = HF_NO;

	if (run->way->protocol != HF_PROTOCOL_TCP && run->way->protocol != HF_PROTOCOL_UDP)
		return HF_NO;
	for (uint8_t i = 0; i < info.count && i < XT_MULTI_PORTS; i++) {
		uint8_t last = info.pflags[i] && i + 1 < XT_MULTI_PORTS ? (uint8_t)(i + 1) : i;

		result = hf_tri_or(result, port_matches(run->way, info.flags, info.ports[i],
							info.ports[last]));
		i = last;
	}
	return invert_if(info.invert, result);
}

static hf_tri match_icmp(const hf_xt_run *run)
{
	INFO(struct ipt_icmp, info);
	const hf_way *way = run->way;
	const uint8_t any = way->is_ipv6 ? 0 : 0xff; /* type 255 of IPv4 stands for all */
	bool type = way->transport.value[0] == info.type || (any && info.type == any);
	bool code = way->transport.value[1] >= info.code[0] && way->transport.value[1] <= info.code[1];

	if (way->protocol != (way->is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return HF_NO;
	return invert_if(info.invflags & IPT_ICMP_INV, hf_tri_of(type && (code || (any && info.type == any))));
}

/* ---- connections and marks ---- */

static hf_tri masked_equal(uint32_t value, uint32_t known, uint32_t mask, uint32_t wanted)
{
	if (((value & mask) ^ wanted) & (known | ~mask))
		return HF_NO;
	return (known & mask) == mask ? HF_YES : HF_MAYBE;
}

static hf_tri match_mark(const hf_xt_run *run)
{
	INFO(struct xt_mark_mtinfo1, info);

	return invert_if(info.invert,
			 masked_equal(run->way->mark, run->way->mark_known, info.mask, info.mark));
}

static hf_tri match_connmark(const hf_xt_run *run)
{
	INFO(struct xt_connmark_mtinfo1, info);

	if (hf_way_ct_state(run->way, run->called) != HF_CT_NEW)
		return HF_NO;
	return invert_if(info.invert, masked_equal(run->way->ct_mark, run->way->ct_mark_known, info.mask,
						   info.mark));
}

static unsigned xt_state(const hf_xt_run *run)
{
	switch (hf_way_ct_state(run->way, run->called)) {
	case HF_CT_UNTRACKED:
		return XT_CONNTRACK_STATE_UNTRACKED;
	case HF_CT_INVALID:
		return XT_CONNTRACK_STATE_INVALID;
	default:
		return XT_CONNTRACK_STATE_BIT(IP_CT_NEW);
	}
}

/* conntrack_mt(): what the other conditions compare is that of the original direction, before translation. */
static hf_tri conntrack(const hf_xt_run *run, const struct xt_conntrack_mtinfo3 *info)
{
	const hf_way *way = run->way;
	const unsigned others = info->match_flags & ~(unsigned)(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS |
							       XT_CONNTRACK_DIRECTION);
	unsigned state = xt_state(run);
	bool has_none = !(state & XT_CONNTRACK_STATE_BIT(IP_CT_NEW));

	if (!has_none && way->is_translated)
		state |= XT_CONNTRACK_STATE_DNAT;
	if (!has_none && way->is_source_translated)
		state |= XT_CONNTRACK_STATE_SNAT;
	if (info->match_flags & XT_CONNTRACK_STATE &&
	    !!(state & info->state_mask) == !!(info->invert_flags & XT_CONNTRACK_STATE))
		return HF_NO;
	if (has_none)
		return hf_tri_of(info->match_flags & XT_CONNTRACK_STATE);
	/* it goes in the original direction */
	if (info->match_flags & XT_CONNTRACK_DIRECTION && info->invert_flags & XT_CONNTRACK_DIRECTION)
		return HF_NO;
	return others ? HF_MAYBE : HF_YES;
}

static hf_tri match_conntrack(const hf_xt_run *run)
{
	INFO(struct xt_conntrack_mtinfo3, info);

	return conntrack(run, &info);
}

static hf_tri match_conntrack_2(const hf_xt_run *run)
{
	INFO(struct xt_conntrack_mtinfo2, info);
	const struct xt_conntrack_mtinfo3 newer = {
		.match_flags = info.match_flags,
		.invert_flags = info.invert_flags,
		.state_mask = info.state_mask,
	};

	return conntrack(run, &newer);
}

static hf_tri match_conntrack_1(const hf_xt_run *run)
{
	INFO(struct xt_conntrack_mtinfo1, info);
	const struct xt_conntrack_mtinfo3 newer = {
		.match_flags = info.match_flags,
		.invert_flags = info.invert_flags,
		.state_mask = info.state_mask,
	};

	return conntrack(run, &newer);
}

static hf_tri match_state(const hf_xt_run *run)
{
	INFO(struct xt_state_info, info);
	unsigned state = xt_state(run);

	_Static_assert(XT_STATE_INVALID == XT_CONNTRACK_STATE_INVALID, "the first four are the same");
	if (state == XT_CONNTRACK_STATE_UNTRACKED)
		state = XT_STATE_UNTRACKED;
	return hf_tri_of(state & info.statemask);
}

/* The first packet of a connection that nothing expected has no helper. */
static hf_tri match_helper(const hf_xt_run *run)
{
	INFO(struct xt_helper_info, info);

	return hf_tri_of(info.invert);
}

/* ---- others ---- */

static hf_tri match_comment(const hf_xt_run *run)
{
	(void)run;
	return HF_YES;
}

static hf_tri match_pkttype(const hf_xt_run *run)
{
	INFO(struct xt_pkttype_info, info);

	return run->way->is_packet_type_known
		       ? invert_if(info.invert, hf_tri_of(run->way->packet_type == info.pkttype))
		       : HF_MAYBE;
}

/* What comes in belongs to no socket yet. */
static hf_tri match_owner(const hf_xt_run *run)
{
	INFO(struct xt_owner_match_info, info);

	return run->way->is_from_host ? HF_MAYBE : hf_tri_of((info.match ^ info.invert) == 0);
}

static hf_tri match_policy(const hf_xt_run *run)
{
	INFO(struct xt_policy_info, info);

	return info.flags & XT_POLICY_MATCH_IN ? hf_tri_of(info.flags & XT_POLICY_MATCH_NONE) : HF_MAYBE;
}

/* physdev_mt(): what the bridge knows of the packet is there only while it calls the rules of IP, and of the port
 * that it leaves by only where it stays on the bridge. */
static hf_tri match_physdev(const hf_xt_run *run)
{
	INFO(struct xt_physdev_info, info);
	const hf_way *way = run->way;
	bool has_in = way->was_prerouted || way->phase == HF_PHASE_BRIDGE_PREROUTING;
	bool has_out = has_in && way->is_bridged;
	hf_tri is_in, is_out;

	if (!has_in) {
		bool asks = (info.bitmask & XT_PHYSDEV_OP_BRIDGED &&
			     !(info.invert & XT_PHYSDEV_OP_BRIDGED)) ||
			    (info.bitmask & XT_PHYSDEV_OP_ISIN && !(info.invert & XT_PHYSDEV_OP_ISIN)) ||
			    (info.bitmask & XT_PHYSDEV_OP_ISOUT && !(info.invert & XT_PHYSDEV_OP_ISOUT)) ||
			    (info.bitmask & XT_PHYSDEV_OP_IN && !(info.invert & XT_PHYSDEV_OP_IN)) ||
			    (info.bitmask & XT_PHYSDEV_OP_OUT && !(info.invert & XT_PHYSDEV_OP_OUT));

		return hf_tri_of(!asks);
	}
	if (info.bitmask & XT_PHYSDEV_OP_BRIDGED &&
	    has_out == !!(info.invert & XT_PHYSDEV_OP_BRIDGED))
		return HF_NO;
	if (info.bitmask & XT_PHYSDEV_OP_ISIN && info.invert & XT_PHYSDEV_OP_ISIN)
		return HF_NO;
	if (info.bitmask & XT_PHYSDEV_OP_ISOUT && has_out == !!(info.invert & XT_PHYSDEV_OP_ISOUT))
		return HF_NO;
	is_in = info.bitmask & XT_PHYSDEV_OP_IN
			? invert_if(info.invert & XT_PHYSDEV_OP_IN,
				    hf_interface_matches(way->in_port, !way->in_port, info.physindev,
							 (const unsigned char *)info.in_mask))
			: HF_YES;
	is_out = info.bitmask & XT_PHYSDEV_OP_OUT && has_out
			 ? invert_if(info.invert & XT_PHYSDEV_OP_OUT,
				     hf_interface_matches(way->out_port, !way->out_port,
							  info.physoutdev,
							  (const unsigned char *)info.out_mask))
			 : HF_YES;
	if (info.bitmask & XT_PHYSDEV_OP_OUT && !has_out)
		is_out = HF_MAYBE;
	return hf_tri_and(is_in, is_out);
}

static const hf_xt_match_row rows[] = {
	{"addrtype", 0, sizeof(struct xt_addrtype_info), match_addrtype_0},
	{"addrtype", 1, sizeof(struct xt_addrtype_info_v1), match_addrtype},
	{"comment", 0, 0, match_comment},
	{"connmark", 1, sizeof(struct xt_connmark_mtinfo1), match_connmark},
	{"conntrack", 1, sizeof(struct xt_conntrack_mtinfo1), match_conntrack_1},
	{"conntrack", 2, sizeof(struct xt_conntrack_mtinfo2), match_conntrack_2},
	{"conntrack", 3, sizeof(struct xt_conntrack_mtinfo3), match_conntrack},
	{"helper", 0, sizeof(struct xt_helper_info), match_helper},
	{"icmp", 0, sizeof(struct ipt_icmp), match_icmp},
	{"icmp6", 0, sizeof(struct ip6t_icmp), match_icmp},
	{"iprange", 1, sizeof(struct xt_iprange_mtinfo), match_iprange},
	{"mark", 1, sizeof(struct xt_mark_mtinfo1), match_mark},
	{"multiport", 1, sizeof(struct xt_multiport_v1), match_multiport},
	{"owner", 1, sizeof(struct xt_owner_match_info), match_owner},
	{"physdev", 0, sizeof(struct xt_physdev_info), match_physdev},
	{"pkttype", 0, sizeof(struct xt_pkttype_info), match_pkttype},
	{"policy", 0, sizeof(struct xt_policy_info), match_policy},
	{"rpfilter", 0, sizeof(struct xt_rpfilter_info), match_rpfilter},
	{"state", 0, sizeof(struct xt_state_info), match_state},
	{"tcp", 0, sizeof(struct xt_tcp), match_tcp},
	{"udp", 0, sizeof(struct xt_udp), match_udp},
};

const hf_xt_match_row *hf_xt_match_find(const char *name, uint32_t revision, size_t size)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0 && rows[i].revision == revision)
			return size >= rows[i].size ? &rows[i] : NULL;
	}
	return NULL;
}

hf_tri hf_xt_match(const hf_xt_run *run)
{
	return run->step->xt.match ? run->step->xt.match->match(run) : HF_MAYBE;
}
