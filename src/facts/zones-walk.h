/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets from and to zones: what zones.c (who behaves alike) and zones-flow.c (what is told of them) share. */
#ifndef HF_FACTS_ZONES_WALK_H
#define HF_FACTS_ZONES_WALK_H

#include "facts/zones.h"

enum { HF_ZONE_ANY_PORT = 47001 }; /* one that nothing is known to use */

typedef struct hf_zone_walker {
	hf_facts *facts;
	hf_check_run *run; /* a view of the facts, for getters */
	hf_arena *arena;
	const hf_netns *host;
	const hf_networks *networks;
	const hf_interface *const *uplinks;
	size_t uplink_count;
	uint16_t any_port;
} hf_zone_walker;

void hf_zone_walker_init(hf_facts *facts, hf_view *view, hf_zone_walker *ret_walker);

/* Where a packet is sent to. */
typedef struct hf_zone_target {
	hf_ip ip; /* all zero, from outside: the uplink's own address */
	uint8_t protocol;
	uint16_t port;
	bool is_routed; /* whoever sends it set a route by way of the node */
	bool is_host;	/* the node itself has to answer: a published port leads elsewhere */
} hf_zone_target;

/* The better of both: open beats not known, which beats closed. */
void hf_flow_add(hf_flow_fate *fate, const hf_passage *passage);

const hf_ip *hf_attachment_ip(const hf_attachment *attachment, unsigned family);
/* An address that is far away. */
hf_ip hf_far_ip(unsigned family);
/* Another address of the subnet of @own; false: it has none. */
bool hf_beside_ip(const hf_ip *own, uint32_t prefix, hf_ip *ret_ip);

/* By the interface that its own routes choose. */
void hf_walk_from_container(const hf_zone_walker *w, const hf_container *from,
			    const hf_zone_target *target, hf_flow_fate *fate);
/* To each address of @to in @family. */
void hf_walk_between(const hf_zone_walker *w, const hf_container *from, const hf_container *to,
		     unsigned family, hf_flow_fate *fate);
/* From a neighbour on, and somebody beyond, each uplink. */
void hf_walk_from_outside(const hf_zone_walker *w, const hf_zone_target *target, hf_flow_fate *fate);
void hf_walk_from_host(const hf_zone_walker *w, const hf_container *to, unsigned family,
		       hf_flow_fate *fate);
/* From @from to a socket of the node, at each address of it that the container can mean. */
void hf_walk_to_socket(const hf_zone_walker *w, const hf_container *from, const hf_socket *socket,
		       unsigned family, hf_flow_fate *fate);
/* False: the socket is bound to something that nobody from elsewhere can mean. */
bool hf_socket_takes(const hf_socket *socket, const hf_ip *address);

#endif
