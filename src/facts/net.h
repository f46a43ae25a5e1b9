/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts from which the facts about networks are made; for src/facts/ alone. */
#ifndef HF_FACTS_NET_H
#define HF_FACTS_NET_H

#include <holdfast/network.h>

#include "facts/containers.h"

/* ---- parsers of call:net/…, see src/collect/network.h ---- */

/* -EBADMSG when a line is none, -ENOMEM. *ret_cut: the errno that ended the answer before its end ("EFBIG"), or NULL. What they
 * make is in @arena. */
int hf_net_parse_links(hf_arena *arena, const char *text, size_t size, hf_interface **ret_all, size_t *ret_count,
		       const char **ret_cut);
/* Of interfaces that @netns has. */
int hf_net_parse_addresses(hf_arena *arena, const char *text, size_t size, hf_netns *netns, const char **ret_cut);

/* What leads somewhere without a choice of destination, a route of several ways among it. */
typedef struct hf_net_ways {
	const hf_interface **all;
	size_t count;
	size_t room;
} hf_net_ways;

/* Fills .routes; sets .has_policy_routing where one holds for some packets only. */
int hf_net_parse_routes(hf_arena *arena, const char *text, size_t size, hf_netns *netns, hf_net_ways *ways,
			const char **ret_cut);
int hf_net_parse_rules(hf_arena *arena, const char *text, size_t size, bool *ret_policy, const char **ret_cut);
/* Keys to const hf_sysctl *, in @map. */
int hf_net_parse_sysctls(hf_arena *arena, const char *text, size_t size, hf_map *map, const char **ret_cut);
int hf_net_parse_fdb(hf_arena *arena, const char *text, size_t size, hf_interface *interfaces, size_t count,
		     const char **ret_cut);

/* ---- namespaces ---- */

const hf_netns *hf_facts_host_netns(hf_facts *facts);
const hf_netns *hf_facts_container_netns(hf_facts *facts, const hf_container *container);
/* Where the default routes of the initial namespace lead. */
const hf_net_ways *hf_facts_host_ways(hf_facts *facts);

static inline bool hf_ip_is_set(const hf_ip *ip)
{
	return ip->family != 0;
}

/* A copy that only .interfaces of @netns are reached through: what is_hosts means. */
bool hf_container_shares_netns(hf_facts *facts, const hf_container *container);

/* ---- what is made of them ---- */

const hf_attachments *hf_facts_attachments(hf_facts *facts);
const hf_networks *hf_facts_networks(hf_facts *facts);
const hf_subjects *hf_facts_network_subjects(hf_facts *facts);

/* What engines declare of the network that a bridge is. */
typedef struct hf_net_declared {
	const char *name;
	const char *engine;
	bool is_internal;
	bool is_default;
	bool has_ipv6;
	bool has_no_icc;
	bool is_read; /* in a record, and not guessed by the bridge's name */
} hf_net_declared;

/* NULL: none does. */
const hf_net_declared *hf_facts_net_declared(hf_facts *facts, const char *bridge);

const hf_sockets *hf_facts_host_sockets_inet(hf_facts *facts);

/* The container that has the address on one of its interfaces; NULL: none, or several. */
const hf_container *hf_facts_container_at(hf_facts *facts, const hf_ip *ip);

/* Publications that the rules of the packet filter make: .by_rule is set, .container as hf_facts_container_at() tells
 * it. In src/facts/filter-*.c. */
const hf_publications *hf_facts_rule_publications(hf_facts *facts);

#endif
