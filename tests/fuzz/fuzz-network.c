/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as each of the answers about a network namespace. What is accepted is complete, and what is
 * looked up in it belongs to it. */
#include "facts/net.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_links(const hf_netns *netns)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		const hf_interface *link = &netns->interfaces[i];

		if (!*link->name || !link->kind || !link->mac || !link->mode || link->index <= 0 ||
		    hf_netns_interface_at(netns, link->index) != link)
			abort();
		if (link->peer_netns && !link->is_peer_elsewhere)
			abort();
	}
}

static bool has_interface(const hf_netns *netns, const hf_interface *interface)
{
	return interface >= netns->interfaces && interface < netns->interfaces + netns->interface_count;
}

static void check_routes(const hf_netns *netns, const hf_net_ways *ways)
{
	for (size_t i = 0; i < netns->address_count; i++) {
		if (!has_interface(netns, netns->addresses[i].interface) ||
		    !hf_ip_is_set(&netns->addresses[i].ip))
			abort();
	}
	for (size_t i = 0; i < netns->route_count; i++) {
		const hf_route *route = &netns->routes[i];

		if (!hf_ip_is_set(&route->to) ||
		    (route->interface && !has_interface(netns, route->interface)))
			abort();
		(void)hf_netns_route(netns, &route->to);
	}
	for (size_t i = 0; i < ways->count; i++) {
		if (!has_interface(netns, ways->all[i]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char some[] = "1 lo - 49 0 0 here 0 -\n2 eth0 veth 1043 0 7 host 0 02:42:ac:11:00:02\n";
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_map_free) hf_map settings = {0};
	const char *text = (const char *)data, *cut;
	hf_interface *links = NULL;
	hf_net_ways ways = {0};
	hf_netns netns = {0};
	bool is_policy;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_net_parse_links(arena, text, size, &links, &netns.interface_count, &cut) < 0 &&
	    hf_net_parse_links(arena, some, sizeof some - 1, &links, &netns.interface_count, &cut) < 0)
		abort();
	netns.interfaces = links;
	check_links(&netns);
	(void)hf_net_parse_addresses(arena, text, size, &netns, &cut);
	(void)hf_net_parse_routes(arena, text, size, &netns, &ways, &cut);
	check_routes(&netns, &ways);
	(void)hf_net_parse_rules(arena, text, size, &is_policy, &cut);
	(void)hf_net_parse_fdb(arena, text, size, links, netns.interface_count, &cut);
	(void)hf_net_parse_sysctls(arena, text, size, &settings, &cut);
	for (size_t i = 0; i < settings.room; i++) {
		const hf_sysctl *setting = settings.slots[i].value;

		if (setting && (!setting->text || !setting->fact.source))
			abort();
	}
	return 0;
}
