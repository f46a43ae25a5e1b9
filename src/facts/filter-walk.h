/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet on its way through the rules: what is known of it, bit by bit, and where it is.
 *
 * What the sender can choose, or nobody can know beforehand, has no value. A comparison then may hold
 * or not, and before such a rule does anything, the way splits: one packet for which it held goes
 * on, and a copy for which it did not is kept for later. When all have arrived and agree, the fate is
 * known. */
#ifndef HF_FACTS_FILTER_WALK_H
#define HF_FACTS_FILTER_WALK_H

#include "facts/filter.h"

typedef enum hf_tri { HF_NO = 0, HF_YES, HF_MAYBE } hf_tri;

static inline hf_tri hf_tri_not(hf_tri a)
{
	return a == HF_MAYBE ? a : a == HF_YES ? HF_NO : HF_YES;
}

static inline hf_tri hf_tri_and(hf_tri a, hf_tri b)
{
	return a == HF_NO || b == HF_NO ? HF_NO : a == HF_YES ? b : HF_MAYBE;
}

static inline hf_tri hf_tri_or(hf_tri a, hf_tri b)
{
	return hf_tri_not(hf_tri_and(hf_tri_not(a), hf_tri_not(b)));
}

static inline hf_tri hf_tri_of(bool value)
{
	return value ? HF_YES : HF_NO;
}

/* Bytes of which some bits have a value: those set in .known. */
typedef struct hf_header {
	uint8_t value[40];
	uint8_t known[40];
	uint8_t size;
} hf_header;

enum { HF_JUMPS_MAX = 64 };

typedef enum hf_phase {
	HF_PHASE_PORT_INGRESS = 0, /* netdev, at the port of a bridge */
	HF_PHASE_BRIDGE_PREROUTING,
	HF_PHASE_BRIDGE_INPUT,
	HF_PHASE_BRIDGE_FORWARD,
	HF_PHASE_BRIDGED_POSTROUTING,
	HF_PHASE_INGRESS,
	HF_PHASE_PREROUTING,
	HF_PHASE_INPUT,
	HF_PHASE_FORWARD,
	HF_PHASE_OUTPUT,
	HF_PHASE_POSTROUTING,
	HF_PHASE_EGRESS,
	HF_PHASE_BRIDGE_OUTPUT,
	HF_PHASE_BRIDGE_POSTROUTING,
	HF_PHASE_PORT_EGRESS,
	HF_PHASE_DONE
} hf_phase;

/* A chain of a hook, as it is called at one moment. */
typedef struct hf_called {
	uint32_t chain;
	uint8_t family; /* NFPROTO_* of the hook: BRIDGE, NETDEV, IPV4, IPV6 */
	uint8_t hook;	/* NF_INET_*, NF_BR_*; of netdev NF_NETDEV_* */
	int32_t order;	/* in place of the chain's own priority: those of translation share one */
} hf_called;

typedef struct hf_place {
	uint32_t chain;
	uint32_t rule;
} hf_place;

typedef struct hf_way {
	/* the packet */
	hf_header link, network, transport;
	bool is_ipv6;
	uint8_t protocol;
	uint32_t mark, mark_known;
	uint8_t packet_type; /* PACKET_* */
	bool is_packet_type_known;
	/* its connection */
	uint32_t ct_mark, ct_mark_known;
	bool is_untracked, is_translated, is_source_translated;
	bool has_destination_set, has_source_set; /* nf_nat has decided: no further rule of translation is asked */
	hf_ip original_from, original_to;
	uint16_t original_to_port;
	/* where it is */
	hf_phase phase;
	const hf_interface *in, *out, *in_port, *out_port;
	bool is_bridged;
	bool is_from_host;
	bool is_looped; /* made by the host for itself, on its second way, through lo */
	bool was_prerouted; /* the bridge has called the rules of IP */
	size_t called;	    /* index into the chains of this phase */
	hf_place at;
	hf_place jumps[HF_JUMPS_MAX];
	uint32_t jump_count;
	bool is_in_chain;
	hf_ruling pending; /* to be followed first; HF_VERDICT_CONTINUE: none */
	/* registers of nf_tables */
	uint8_t value[HF_REGISTER_BYTES];
	uint8_t known[HF_REGISTER_BYTES];
	/* for the report */
	hf_place split; /* the last rule of which it was not known whether it holds; .chain HF_NO_CHAIN: none */
	const char *split_why;
	hf_place accepted_by;
} hf_way;

typedef struct hf_walk hf_walk;

struct hf_walk {
	hf_arena *arena;
	const hf_filter_node *node;
	const hf_filter *filter;
	/* chains of the phase at hand */
	hf_called *called;
	size_t called_count;
	hf_phase called_phase;
	const hf_interface *called_in, *called_out, *called_out_port;
	bool is_called_known;
	/* ways that were split off */
	hf_way *waiting;
	size_t waiting_count, waiting_room;
	size_t steps;
	bool has_overflown;
	/* set by hf_rule_run() */
	const char *why; /* why something is not known */
};

enum { HF_WALK_STEPS_MAX = 4000000, HF_WALK_WAITING_MAX = 512 };

/* ---- what is known of a packet: filter-value.c ---- */

hf_tri hf_bits_equal(const uint8_t *value, const uint8_t *known, const uint8_t *data, size_t size);
/* As memcmp() <= 0 and so on, of what lies between the smallest and the largest possible value. */
hf_tri hf_bits_compare(const uint8_t *value, const uint8_t *known, const uint8_t *data, size_t size,
		       unsigned op);
hf_tri hf_bits_in_range(const uint8_t *value, const uint8_t *known, const uint8_t *from,
			const uint8_t *to, size_t size);

/* True: all of it is known. */
bool hf_way_address(const hf_way *way, bool is_source, hf_ip *ret_ip);
void hf_way_set_address(hf_way *way, bool is_source, const hf_ip *ip); /* NULL: not known */
bool hf_way_port(const hf_way *way, bool is_source, uint16_t *ret_port); /* false too: the protocol has none */
void hf_way_set_port(hf_way *way, bool is_source, uint16_t port, bool is_known);
hf_tri hf_way_port_in(const hf_way *way, bool is_source, uint16_t first, uint16_t last);
hf_tri hf_way_address_masked(const hf_way *way, bool is_source, const void *address, const void *mask);

/* Interfaces as a rule of this hook sees them; NULL none. */
const hf_interface *hf_way_in(const hf_way *way, const hf_called *called);
const hf_interface *hf_way_out(const hf_way *way, const hf_called *called);
/* An interface by name and mask (of x_tables). @is_unknown: the interface is there, and not known. */
hf_tri hf_interface_matches(const hf_interface *interface, bool is_unknown, const char *name,
			    const unsigned char *mask);
bool hf_way_in_is_unknown(const hf_way *way, const hf_called *called);
bool hf_way_out_is_unknown(const hf_way *way, const hf_called *called);

/* Bits of NF_CT_STATE_BIT(): one of them. */
enum { HF_CT_INVALID = 1, HF_CT_NEW = 8, HF_CT_UNTRACKED = 64 };
uint32_t hf_way_ct_state(const hf_way *way, const hf_called *called);

/* The type (RTN_*) of an address of the packet; -1 not known. @device: on this one alone. */
int hf_way_address_type(const hf_walk *walk, const hf_way *way, bool is_source,
			const hf_interface *device);
/* Whether the way back to the source leads out where it came in. */
hf_tri hf_way_is_reversible(const hf_walk *walk, const hf_way *way, const hf_interface *in,
			    bool is_loose);

/* False: there is no such thing to be loaded, and the rule is over (NFT_BREAK). */
bool hf_step_load(const hf_walk *walk, hf_way *way, const hf_called *called,
		  const hf_filter_step *step);

/* ---- routes: filter-route.c ---- */

bool hf_netns_has_address(const hf_netns *netns, const hf_ip *ip, const hf_interface *device);
bool hf_ip_is_loopback(const hf_ip *ip);
bool hf_ip_is_multicast(const hf_ip *ip);
bool hf_netns_is_broadcast(const hf_netns *netns, const hf_ip *ip);
const hf_attachment *hf_node_attachment(const hf_filter_node *node, const hf_ip *ip,
					const hf_interface *bridge);

/* ---- rules ---- */

/* Steps of translation and others change @way; before they do, the rule splits the way when @is_certain is false. */
hf_ruling hf_rule_run(hf_walk *walk, hf_way *way, const hf_called *called,
		      const hf_filter_rule *rule);
/* A copy of @way for which the rule at hand does not hold; false: they are too many. */
bool hf_walk_split(hf_walk *walk, const hf_way *way, const hf_ruling *instead);

/* Translates; the verdict that follows. */
hf_ruling hf_way_translate(hf_walk *walk, hf_way *way, const hf_called *called,
			   const hf_filter_step *step);

/* ---- x_tables ---- */

typedef struct hf_xt_run {
	hf_walk *walk;
	hf_way *way;
	const hf_called *called;
	const hf_filter_step *step;
} hf_xt_run;

hf_tri hf_xt_header(const hf_xt_run *run);
hf_tri hf_xt_match(const hf_xt_run *run);
hf_ruling hf_xt_target(const hf_xt_run *run);
/* What hf_xt_target() needs for DNAT and SNAT. */
typedef struct hf_translation {
	bool has_address, has_port;
	hf_ip first, last;
	uint16_t first_port, last_port;
	bool is_prefix;
} hf_translation;

hf_ruling hf_way_translate_to(hf_walk *walk, hf_way *way, const hf_called *called, hf_nat_kind kind,
			      const hf_translation *to);

#endif
