/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a packet: bits with and without a value, its addresses, ports and interfaces, and what
 * expressions of nf_tables load from it. */
#include "facts/filter-walk.h"

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_bridge.h>
#include <linux/rtnetlink.h>

/* ---- bits ---- */

hf_tri hf_bits_equal(const uint8_t *value, const uint8_t *known, const uint8_t *data, size_t size)
{
	hf_tri result = HF_YES;

	for (size_t i = 0; i < size; i++) {
		if ((value[i] ^ data[i]) & known[i])
			return HF_NO;
		if (known[i] != 0xff)
			result = HF_MAYBE;
	}
	return result;
}

static int compare_edge(const uint8_t *value, const uint8_t *known, const uint8_t *data, size_t size,
			bool is_largest)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t unknown = (uint8_t)~known[i];
		uint8_t edge = (uint8_t)((value[i] & known[i]) | (is_largest ? unknown : 0));

		if (edge != data[i])
			return edge < data[i] ? -1 : 1;
	}
	return 0;
}

/* @op on a value between the two edges: all of them, none, some. */
hf_tri hf_bits_compare(const uint8_t *value, const uint8_t *known, const uint8_t *data, size_t size,
		       unsigned op)
{
	int small, large;

	if (op == NFT_CMP_EQ)
		return hf_bits_equal(value, known, data, size);
	if (op == NFT_CMP_NEQ)
		return hf_tri_not(hf_bits_equal(value, known, data, size));
	small = compare_edge(value, known, data, size, false);
	large = compare_edge(value, known, data, size, true);
	if (op == NFT_CMP_GT || op == NFT_CMP_GTE) {
		bool all = op == NFT_CMP_GT ? small > 0 : small >= 0;
		bool any = op == NFT_CMP_GT ? large > 0 : large >= 0;

		return all ? HF_YES : any ? HF_MAYBE : HF_NO;
	}
	bool all = op == NFT_CMP_LT ? large < 0 : large <= 0;
	bool any = op == NFT_CMP_LT ? small < 0 : small <= 0;

	return all ? HF_YES : any ? HF_MAYBE : HF_NO;
}

hf_tri hf_bits_in_range(const uint8_t *value, const uint8_t *known, const uint8_t *from,
			const uint8_t *to, size_t size)
{
	return hf_tri_and(hf_bits_compare(value, known, from, size, NFT_CMP_GTE),
			  hf_bits_compare(value, known, to, size, NFT_CMP_LTE));
}

/* ---- headers ---- */

static size_t address_at(const hf_way *way, bool is_source)
{
	return way->is_ipv6 ? is_source ? 8 : 24 : is_source ? 12 : 16;
}

bool hf_way_address(const hf_way *way, bool is_source, hf_ip *ret_ip)
{
	size_t at = address_at(way, is_source), size = way->is_ipv6 ? 16 : 4;

	*ret_ip = (hf_ip){.family = way->is_ipv6 ? 6 : 4};
	memcpy(ret_ip->bytes, way->network.value + at, size);
	for (size_t i = 0; i < size; i++) {
		if (way->network.known[at + i] != 0xff)
			return false;
	}
	return true;
}

void hf_way_set_address(hf_way *way, bool is_source, const hf_ip *ip)
{
	size_t at = address_at(way, is_source), size = way->is_ipv6 ? 16 : 4;

	memset(way->network.known + at, ip ? 0xff : 0, size);
	if (ip)
		memcpy(way->network.value + at, ip->bytes, size);
}

static bool has_ports(const hf_way *way)
{
	return way->protocol == HF_PROTOCOL_TCP || way->protocol == HF_PROTOCOL_UDP;
}

bool hf_way_port(const hf_way *way, bool is_source, uint16_t *ret_port)
{
	size_t at = is_source ? 0 : 2;

	*ret_port = (uint16_t)(way->transport.value[at] << 8 | way->transport.value[at + 1]);
	return has_ports(way) && way->transport.known[at] == 0xff &&
	       way->transport.known[at + 1] == 0xff;
}

void hf_way_set_port(hf_way *way, bool is_source, uint16_t port, bool is_known)
{
	size_t at = is_source ? 0 : 2;

	if (!has_ports(way))
		return;
	way->transport.value[at] = (uint8_t)(port >> 8);
	way->transport.value[at + 1] = (uint8_t)port;
	memset(way->transport.known + at, is_known ? 0xff : 0, 2);
}

hf_tri hf_way_port_in(const hf_way *way, bool is_source, uint16_t first, uint16_t last)
{
	const uint8_t from[2] = {(uint8_t)(first >> 8), (uint8_t)first};
	const uint8_t to[2] = {(uint8_t)(last >> 8), (uint8_t)last};
	size_t at = is_source ? 0 : 2;

	return has_ports(way) ? hf_bits_in_range(way->transport.value + at,
						 way->transport.known + at, from, to, 2)
			      : HF_NO;
}

hf_tri hf_way_address_masked(const hf_way *way, bool is_source, const void *address, const void *mask)
{
	size_t at = address_at(way, is_source), size = way->is_ipv6 ? 16 : 4;
	const uint8_t *wanted = address, *bits = mask;
	hf_tri result = HF_YES;

	for (size_t i = 0; i < size; i++) {
		uint8_t known = way->network.known[at + i] & bits[i];

		if (((way->network.value[at + i] & bits[i]) ^ wanted[i]) & (known | (uint8_t)~bits[i]))
			return HF_NO;
		if (known != bits[i])
			result = HF_MAYBE;
	}
	return result;
}

/* ---- interfaces ---- */

const hf_interface *hf_way_in(const hf_way *way, const hf_called *called)
{
	if (called->family == NFPROTO_BRIDGE)
		return called->hook == NF_BR_LOCAL_OUT || called->hook == NF_BR_POST_ROUTING
			       ? NULL
			       : way->in_port;
	if (called->family == NFPROTO_NETDEV)
		return way->phase == HF_PHASE_PORT_INGRESS ? way->in_port
		       : way->phase == HF_PHASE_INGRESS	   ? way->in
							   : NULL;
	/* ip_output() tells the interface that a forwarded packet came in by; br_nf_post_routing() does not */
	if (called->hook == NF_INET_POST_ROUTING && (way->is_bridged || way->is_from_host))
		return NULL;
	return called->hook == NF_INET_LOCAL_OUT ? NULL : way->in;
}

const hf_interface *hf_way_out(const hf_way *way, const hf_called *called)
{
	if (called->family == NFPROTO_BRIDGE)
		return called->hook == NF_BR_PRE_ROUTING || called->hook == NF_BR_LOCAL_IN
			       ? NULL
			       : way->out_port;
	if (called->family == NFPROTO_NETDEV)
		return way->phase == HF_PHASE_PORT_EGRESS ? way->out_port
		       : way->phase == HF_PHASE_EGRESS	  ? way->out
							  : NULL;
	return called->hook == NF_INET_PRE_ROUTING || called->hook == NF_INET_LOCAL_IN ? NULL : way->out;
}

bool hf_way_in_is_unknown(const hf_way *way, const hf_called *called)
{
	return called->family == NFPROTO_BRIDGE && !way->in_port &&
	       (called->hook == NF_BR_PRE_ROUTING || called->hook == NF_BR_LOCAL_IN ||
		called->hook == NF_BR_FORWARD);
}

bool hf_way_out_is_unknown(const hf_way *way, const hf_called *called)
{
	return called->family == NFPROTO_BRIDGE && !way->out_port &&
	       (called->hook == NF_BR_LOCAL_OUT || called->hook == NF_BR_POST_ROUTING ||
		called->hook == NF_BR_FORWARD);
}

/* ifname_compare_aligned(): the mask covers the bytes of the name, with its NUL where it is no prefix. No interface
 * is one without a name. */
hf_tri hf_interface_matches(const hf_interface *interface, bool is_unknown, const char *name,
			    const unsigned char *mask)
{
	char own[IFNAMSIZ] = "";
	bool any = true;

	for (size_t i = 0; i < IFNAMSIZ && any; i++)
		any = mask[i] == 0;
	if (any)
		return HF_YES;
	if (is_unknown)
		return HF_MAYBE;
	if (interface)
		strncpy(own, interface->name, sizeof own - 1);
	for (size_t i = 0; i < IFNAMSIZ; i++) {
		if (((unsigned char)own[i] ^ (unsigned char)name[i]) & mask[i])
			return HF_NO;
	}
	return HF_YES;
}

/* ---- the connection ---- */

uint32_t hf_way_ct_state(const hf_way *way, const hf_called *called)
{
	if (way->is_untracked)
		return HF_CT_UNTRACKED;
	/* before connection tracking has seen it; nft_ct_get_eval() calls that invalid. On its second way it has been. */
	if ((called->hook == NF_INET_PRE_ROUTING || called->hook == NF_INET_LOCAL_OUT) &&
	    called->order < -200 && called->family != NFPROTO_NETDEV && !way->is_looped)
		return HF_CT_INVALID;
	return called->family == NFPROTO_NETDEV && way->phase != HF_PHASE_EGRESS &&
			       way->phase != HF_PHASE_PORT_EGRESS
		       ? HF_CT_INVALID
		       : HF_CT_NEW;
}

/* ---- addresses ---- */

int hf_way_address_type(const hf_walk *walk, const hf_way *way, bool is_source,
			const hf_interface *device)
{
	const hf_netns *netns = walk->node->netns;
	const hf_route *route;
	hf_ip ip;

	if (!hf_way_address(way, is_source, &ip))
		return -1;
	if (hf_ip_is_loopback(&ip))
		return !device || device->is_loopback ? RTN_LOCAL : RTN_UNICAST;
	if (hf_ip_is_multicast(&ip))
		return RTN_MULTICAST;
	if (hf_netns_has_address(netns, &ip, device))
		return RTN_LOCAL;
	if (hf_netns_is_broadcast(netns, &ip))
		return RTN_BROADCAST;
	/* __inet_dev_addr_type() looks into the table of own addresses alone */
	if (!way->is_ipv6 || hf_netns_has_address(netns, &ip, NULL))
		return RTN_UNICAST;
	if (netns->has_policy_routing)
		return -1;
	route = hf_netns_route(netns, &ip);
	if (!route || route->is_refused)
		return route ? -1 : RTN_UNREACHABLE;
	return device && route->interface != device ? RTN_UNREACHABLE : RTN_UNICAST;
}

hf_tri hf_way_is_reversible(const hf_walk *walk, const hf_way *way, const hf_interface *in, bool is_loose)
{
	const hf_netns *netns = walk->node->netns;
	hf_ip from;

	if (!in || !hf_way_address(way, true, &from))
		return HF_MAYBE;
	if (in->is_loopback)
		return HF_YES;
	const hf_route *route = hf_netns_route(netns, &from);

	if (netns->has_policy_routing)
		return route && !route->is_refused && route->interface == in ? HF_YES : HF_MAYBE;
	if (!route || route->is_refused)
		return HF_NO;
	if (!route->interface)
		return HF_MAYBE; /* several ways */
	return hf_tri_of(is_loose || route->interface == in);
}

/* ---- loads ---- */

static void put(hf_way *way, const hf_filter_step *step, const void *value, size_t size)
{
	size_t at = (size_t)step->dreg * 4, whole = (size + 3) / 4 * 4;

	if (at + whole > HF_REGISTER_BYTES)
		whole = size;
	memset(way->value + at, 0, whole);
	memset(way->known + at, 0xff, whole);
	if (value)
		memcpy(way->value + at, value, size);
	else
		memset(way->known + at, 0, size);
}

static void put_u32(hf_way *way, const hf_filter_step *step, uint32_t value)
{
	put(way, step, &value, sizeof value);
}

static void put_masked(hf_way *way, const hf_filter_step *step, uint32_t value, uint32_t known)
{
	put(way, step, &value, sizeof value);
	memcpy(way->known + (size_t)step->dreg * 4, &known, sizeof known);
}

static void put_name(hf_way *way, const hf_filter_step *step, const char *text)
{
	char name[IFNAMSIZ] = "";

	strncpy(name, text, sizeof name - 1);
	put(way, step, name, sizeof name);
}

static void load_interface(hf_way *way, const hf_filter_step *step, const hf_interface *interface,
			   bool is_unknown)
{
	const char *text = NULL;

	if (is_unknown) {
		put(way, step, NULL, step->size);
		return;
	}
	switch (step->what) {
	case NFT_META_IIF:
	case NFT_META_OIF:
		put_u32(way, step, interface ? (uint32_t)interface->index : 0);
		return;
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
		text = interface ? interface->name : "";
		break;
	case NFT_META_IIFKIND:
	case NFT_META_OIFKIND:
		text = interface ? interface->kind : "";
		break;
	case NFT_META_BRI_IIFNAME:
	case NFT_META_BRI_OIFNAME:
		text = interface ? interface->name : "";
		break;
	default: /* type and group are not among the facts */
		break;
	}
	if (text)
		put_name(way, step, text);
	else
		put(way, step, NULL, step->size);
}

static void load_meta(hf_way *way, const hf_called *called, const hf_filter_step *step)
{
	const uint8_t ethertype[2] = {way->is_ipv6 ? 0x86 : 0x08, way->is_ipv6 ? 0xdd : 0x00};
	uint8_t byte = 0;

	switch (step->what) {
	case NFT_META_PROTOCOL:
		put(way, step, ethertype, sizeof ethertype);
		break;
	case NFT_META_NFPROTO:
		byte = called->family == NFPROTO_BRIDGE || called->family == NFPROTO_NETDEV
			       ? called->family
		       : way->is_ipv6 ? NFPROTO_IPV6
				      : NFPROTO_IPV4;
		put(way, step, &byte, 1);
		break;
	case NFT_META_L4PROTO:
		put(way, step, &way->protocol, 1);
		break;
	case NFT_META_MARK:
		put_masked(way, step, way->mark, way->mark_known);
		break;
	case NFT_META_PKTTYPE:
		put(way, step, way->is_packet_type_known ? &way->packet_type : NULL, 1);
		break;
	case NFT_META_SECPATH: /* it comes in the clear */
	case NFT_META_NFTRACE:
		put(way, step, &byte, 1);
		break;
	case NFT_META_IIF:
	case NFT_META_IIFNAME:
	case NFT_META_IIFTYPE:
	case NFT_META_IIFGROUP:
	case NFT_META_IIFKIND:
		load_interface(way, step, hf_way_in(way, called), hf_way_in_is_unknown(way, called));
		break;
	case NFT_META_OIF:
	case NFT_META_OIFNAME:
	case NFT_META_OIFTYPE:
	case NFT_META_OIFGROUP:
	case NFT_META_OIFKIND:
		load_interface(way, step, hf_way_out(way, called), hf_way_out_is_unknown(way, called));
		break;
	case NFT_META_BRI_IIFNAME:
		load_interface(way, step, way->in, false);
		break;
	case NFT_META_BRI_OIFNAME:
		load_interface(way, step, way->out, false);
		break;
	default:
		put(way, step, NULL, step->size);
		break;
	}
}

static void load_payload(hf_way *way, const hf_filter_step *step)
{
	const hf_header *header = step->what == NFT_PAYLOAD_LL_HEADER	     ? &way->link
				  : step->what == NFT_PAYLOAD_NETWORK_HEADER ? &way->network
				  : step->what == NFT_PAYLOAD_TRANSPORT_HEADER ? &way->transport
									       : NULL;
	size_t at = (size_t)step->dreg * 4;

	put(way, step, NULL, step->size);
	for (size_t i = 0; header && i < step->size && step->offset + i < header->size; i++) {
		way->value[at + i] = header->value[step->offset + i];
		way->known[at + i] = header->known[step->offset + i];
	}
}

static void load_tuple(hf_way *way, const hf_filter_step *step)
{
	const uint8_t port[2] = {(uint8_t)(way->original_to_port >> 8), (uint8_t)way->original_to_port};
	const void *value = NULL;

	/* the reply's ends are those after translation, which is not over */
	if (step->offset != 1) {
		bool fits = step->size >= (way->is_ipv6 ? 16 : 4);

		switch (step->what) {
		case NFT_CT_SRC:
		case NFT_CT_SRC_IP:
		case NFT_CT_SRC_IP6:
			value = fits ? way->original_from.bytes : NULL;
			break;
		case NFT_CT_DST:
		case NFT_CT_DST_IP:
		case NFT_CT_DST_IP6:
			value = fits ? way->original_to.bytes : NULL;
			break;
		case NFT_CT_PROTO_DST:
			value = has_ports(way) ? port : NULL;
			break;
		default:
			break;
		}
	}
	put(way, step, value, step->size);
}

static void load_ct(hf_way *way, const hf_called *called, const hf_filter_step *step)
{
	/* what is decided before the first packet of a connection has gone through */
	const uint32_t status_known = IPS_EXPECTED | IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED |
				      IPS_SRC_NAT | IPS_DST_NAT;
	uint32_t status = (way->is_translated ? IPS_DST_NAT : 0) |
			  (way->is_source_translated ? IPS_SRC_NAT : 0);
	uint8_t byte = 0;

	switch (step->what) {
	case NFT_CT_STATE:
		put_u32(way, step, hf_way_ct_state(way, called));
		break;
	case NFT_CT_DIRECTION:
		put(way, step, &byte, 1);
		break;
	case NFT_CT_STATUS:
		put_masked(way, step, status, status_known);
		break;
	case NFT_CT_MARK:
		put_masked(way, step, way->ct_mark, way->ct_mark_known);
		break;
	case NFT_CT_L3PROTOCOL:
		byte = way->is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		put(way, step, &byte, 1);
		break;
	case NFT_CT_PROTOCOL:
		put(way, step, &way->protocol, 1);
		break;
	default:
		load_tuple(way, step);
		break;
	}
}

static void put_fib(hf_way *way, const hf_filter_step *step, const hf_interface *found)
{
	if (step->offset & NFTA_FIB_F_PRESENT)
		put_u32(way, step, found != NULL);
	else if (step->what == NFT_FIB_RESULT_OIFNAME)
		put_name(way, step, found ? found->name : "");
	else
		put_u32(way, step, found ? (uint32_t)found->index : 0);
}

static void load_fib(const hf_walk *walk, hf_way *way, const hf_called *called,
		     const hf_filter_step *step)
{
	bool is_source = step->offset & NFTA_FIB_F_SADDR;
	const hf_interface *device = step->offset & NFTA_FIB_F_IIF   ? hf_way_in(way, called)
				     : step->offset & NFTA_FIB_F_OIF ? hf_way_out(way, called)
								     : NULL;
	const hf_netns *netns = walk->node->netns;
	hf_ip ip;

	if (step->what == NFT_FIB_RESULT_ADDRTYPE) {
		int type = hf_way_address_type(walk, way, is_source, device);

		put(way, step, type < 0 ? NULL : &(uint32_t){(uint32_t)type}, 4);
		return;
	}
	/* what comes through lo is taken as it is */
	if (called->hook == NF_INET_PRE_ROUTING && way->in && way->in->is_loopback) {
		put_fib(way, step, way->in);
		return;
	}
	/* nft_fib4_eval(): the interface of the route; none where it is not the one that is asked about */
	const hf_route *route = hf_way_address(way, is_source, &ip) ? hf_netns_route(netns, &ip) : NULL;
	const hf_interface *found = route && !route->is_refused ? route->interface : NULL;

	if (!hf_way_address(way, is_source, &ip) || netns->has_policy_routing ||
	    hf_netns_has_address(netns, &ip, NULL) || (route && !route->is_refused && !found)) {
		put(way, step, NULL, step->size);
		return;
	}
	put_fib(way, step, device && found != device ? NULL : found);
}

/* What the kernel's nft_meta_get_eval() and its like do not find. */
static bool has_meta(const hf_way *way, const hf_called *called, uint8_t key)
{
	const hf_interface *in = hf_way_in(way, called), *out = hf_way_out(way, called);

	switch (key) {
	case NFT_META_IIFKIND: /* hardware has none */
		return hf_way_in_is_unknown(way, called) || (in && *in->kind);
	case NFT_META_OIFKIND:
		return hf_way_out_is_unknown(way, called) || (out && *out->kind);
	case NFT_META_IIFTYPE:
	case NFT_META_IIFGROUP:
		return in || hf_way_in_is_unknown(way, called);
	case NFT_META_OIFTYPE:
	case NFT_META_OIFGROUP:
		return out || hf_way_out_is_unknown(way, called);
	case NFT_META_SKUID:
	case NFT_META_SKGID: /* what comes in belongs to no socket yet */
		return way->is_from_host;
	case NFT_META_BRI_IIFNAME:
	case NFT_META_BRI_OIFNAME:
		return called->family == NFPROTO_BRIDGE;
	default:
		return true;
	}
}

static bool is_there(const hf_way *way, const hf_called *called, const hf_filter_step *step)
{
	switch (step->kind) {
	case HF_STEP_META:
		return has_meta(way, called, step->what);
	case HF_STEP_CT:
		return step->what == NFT_CT_STATE || hf_way_ct_state(way, called) == HF_CT_NEW;
	case HF_STEP_PAYLOAD: /* what the host sends gets its link header last of all */
		return step->what != NFT_PAYLOAD_LL_HEADER || !way->is_from_host || way->is_looped ||
		       called->family == NFPROTO_BRIDGE || called->family == NFPROTO_NETDEV;
	default:
		return true;
	}
}

bool hf_step_load(const hf_walk *walk, hf_way *way, const hf_called *called, const hf_filter_step *step)
{
	if (!is_there(way, called, step))
		return false;
	switch (step->kind) {
	case HF_STEP_META:
		load_meta(way, called, step);
		break;
	case HF_STEP_PAYLOAD:
		load_payload(way, step);
		break;
	case HF_STEP_CT:
		load_ct(way, called, step);
		break;
	case HF_STEP_FIB:
		load_fib(walk, way, called, step);
		break;
	case HF_STEP_IMMEDIATE:
		put(way, step, step->data, step->size);
		break;
	default:
		put(way, step, NULL, step->size);
		break;
	}
	return true;
}
