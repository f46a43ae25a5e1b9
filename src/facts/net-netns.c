/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces: that of the host and those of containers, as rtnetlink(7) tells them. */
#include "facts/net.h"

#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

enum { KEY_ROOM = 32, QUESTION_ROOM = 64 };

typedef struct netns_parts {
	hf_netns seen;
	hf_net_ways ways;
} netns_parts;

static const char host_key[] = "host";

/* ---- reading one ---- */

static void note(hf_facts *facts, hf_netns *netns, const char *what, const char *why)
{
	if (!netns->fact.why)
		netns->fact.why = hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s: %s", what, why));
}

static const hf_answer *ask(hf_facts *facts, const char *key, const char *what, hf_fact *ret_fact)
{
	char name[QUESTION_ROOM];

	(void)snprintf(name, sizeof name, "net/%s/%s", key, what);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	*ret_fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	return ret_fact->state == HF_PRESENT ? answer : NULL;
}

static const char *cut_text(hf_facts *facts, const char *cut)
{
	if (strcmp(cut, "EFBIG") == 0)
		return "there are more than are read";
	if (strcmp(cut, "EAGAIN") == 0)
		return "they changed while they were read";
	return hf_checked(hf_arena_strdup(hf_facts_arena(facts), strerror(hf_errno_number(cut))));
}

/* What became of a part that is not there in full. */
static void note_end(hf_facts *facts, hf_netns *netns, const char *what, int r, const char *cut)
{
	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		note(facts, netns, what, "the answer is malformed");
	else if (cut)
		note(facts, netns, what, cut_text(facts, cut));
}

/* False: nothing is known. */
static bool read_links(hf_facts *facts, const char *key, hf_netns *netns, hf_interface **ret_all)
{
	hf_arena *arena = hf_facts_arena(facts);
	uint64_t host = hf_facts_ns_reference(facts)->inode[HF_NS_NET];
	const hf_answer *answer = ask(facts, key, "links", &netns->fact);
	const char *cut, *source = strcmp(key, host_key) == 0
					   ? "rtnetlink in the host's network namespace"
					   : "rtnetlink in the container's network namespace";
	size_t count = 0;

	netns->fact.source = source;
	if (!answer)
		netns->fact.state = HF_UNREADABLE;
	if (!answer)
		return false;
	int r = hf_net_parse_links(arena, answer->data, answer->size, ret_all, &count, &cut);

	/* each namespace has its own "lo" from its beginning to its end */
	if (r == 0 && count == 0 && !cut)
		r = -EBADMSG;
	if (r < 0) {
		note_end(facts, netns, "interfaces", r, NULL);
		netns->fact.state = HF_UNREADABLE;
		return false;
	}
	note_end(facts, netns, "interfaces", 0, cut);
	for (size_t i = 0; i < count; i++) {
		if ((*ret_all)[i].peer_netns == UINT64_MAX)
			(*ret_all)[i].peer_netns = host;
	}
	netns->interfaces = *ret_all;
	netns->interface_count = count;
	return true;
}

/* An answer without lines is one that was lost where the kernel itself makes some: 127.0.0.1 as soon as "lo" is up, and the
 * way to a subnet as soon as an interface that is up has an address of it. */
static void note_missing(hf_facts *facts, hf_netns *netns, bool is_host)
{
	for (size_t i = 0; netns->address_count == 0 && i < netns->interface_count; i++) {
		if (netns->interfaces[i].is_loopback && netns->interfaces[i].is_up)
			note(facts, netns, "addresses", "there are none, though lo is up");
	}
	for (size_t i = 0; is_host && netns->route_count == 0 && i < netns->address_count; i++) {
		const hf_interface_address *own = &netns->addresses[i];

		if (own->interface->is_up && !own->interface->is_loopback &&
		    own->prefix < (own->ip.family == 4 ? 32 : 128))
			note(facts, netns, "routes", "there are none, though an interface has an address");
	}
}

static void read_rest(hf_facts *facts, const char *key, netns_parts *parts)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_netns *netns = &parts->seen;
	static const char *const whats[] = {"addresses", "routes", "rules"};
	bool is_policy = false;

	for (size_t i = 0; i < HF_ARRAY_SIZE(whats); i++) {
		hf_fact fact;
		const hf_answer *answer = ask(facts, key, whats[i], &fact);
		const char *cut = NULL;
		int r = 0;

		if (!answer) {
			note(facts, netns, whats[i], fact.why);
			continue;
		}
		if (i == 0)
			r = hf_net_parse_addresses(arena, answer->data, answer->size, netns, &cut);
		else if (i == 1)
			r = hf_net_parse_routes(arena, answer->data, answer->size, netns, &parts->ways,
						&cut);
		else
			r = hf_net_parse_rules(arena, answer->data, answer->size, &is_policy, &cut);
		note_end(facts, netns, whats[i], r, cut);
	}
	netns->has_policy_routing |= is_policy;
	note_missing(facts, netns, strcmp(key, host_key) == 0);
}

/* The table local, which is not recorded, has a route to each of the namespace's own addresses. */
static void add_own_routes(hf_facts *facts, hf_netns *netns)
{
	hf_route *both = hf_checked(hf_arena_calloc(hf_facts_arena(facts), 2, sizeof *both));

	for (size_t i = 0; i < netns->interface_count; i++) {
		if (!netns->interfaces[i].is_loopback)
			continue;
		both[0] = (hf_route){.to.family = 4,
				     .interface = &netns->interfaces[i],
				     .table = RT_TABLE_LOCAL};
		both[1] = both[0];
		both[1].to.family = 6;
		netns->to_itself = both;
		return;
	}
}

/* ---- of the host alone ---- */

static void read_fdb(hf_facts *facts, hf_netns *netns, hf_interface *all)
{
	hf_fact fact;
	const hf_answer *answer = ask(facts, host_key, "fdb", &fact);
	const char *cut = NULL;
	int r;

	/* without it no port is taken for one with a fixed address: nothing passes for it */
	if (!answer)
		return;
	r = hf_net_parse_fdb(hf_facts_arena(facts), answer->data, answer->size, all,
			     netns->interface_count, &cut);
	if (r == -ENOMEM)
		hf_facts_out_of_memory();
}

/* Whether the module br_netfilter hands packets of all bridges to the rules. It makes the setting; without it what a
 * bridge says for itself has no effect (br_nf_pre_routing() in net/bridge/br_netfilter_hooks.c). */
static void read_bridge_nf(hf_facts *facts, hf_netns *netns, hf_interface *all, const char *setting, size_t offset)
{
	const hf_ns_reference *reference = hf_facts_ns_reference(facts);
	const hf_sysctl *global = hf_facts_sysctl(facts, setting);
	bool is_hosts = reference->inode[HF_NS_NET] == reference->own[HF_NS_NET];
	const char *why = !is_hosts			      ? "was read in another network namespace"
			  : global->fact.state == HF_UNREADABLE ? global->fact.why
			  : global->fact.state == HF_PRESENT && !global->is_number
				  ? "is no number"
				  : NULL;

	for (size_t i = 0; i < netns->interface_count; i++) {
		bool *calls = (bool *)((char *)&all[i] + offset);

		if (strcmp(all[i].kind, "bridge") != 0)
			continue;
		if (why)
			note(facts, netns, setting, why);
		else if (global->fact.state == HF_ABSENT)
			*calls = false;
		else
			*calls |= global->number != 0;
	}
}

static const void *compute(hf_facts *facts, const char *key)
{
	netns_parts *parts = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *parts));
	bool is_host = strcmp(key, host_key) == 0;
	hf_interface *all = NULL;

	if (is_host)
		parts->seen.inode = hf_facts_ns_reference(facts)->inode[HF_NS_NET];
	else
		(void)hf_parse_u64(key, &parts->seen.inode);
	if (!read_links(facts, key, &parts->seen, &all))
		return parts;
	add_own_routes(facts, &parts->seen);
	read_rest(facts, key, parts);
	if (!is_host)
		return parts;
	read_fdb(facts, &parts->seen, all);
	read_bridge_nf(facts, &parts->seen, all, "net.bridge.bridge-nf-call-iptables",
		       offsetof(hf_interface, calls_iptables));
	read_bridge_nf(facts, &parts->seen, all, "net.bridge.bridge-nf-call-ip6tables",
		       offsetof(hf_interface, calls_ip6tables));
	return parts;
}

static const hf_fact_type type = {.name = "network namespace", .compute = compute};

const hf_netns *hf_facts_host_netns(hf_facts *facts)
{
	const netns_parts *parts = hf_facts_once(facts, &type, host_key);

	return &parts->seen;
}

const hf_net_ways *hf_facts_host_ways(hf_facts *facts)
{
	const netns_parts *parts = hf_facts_once(facts, &type, host_key);

	return &parts->ways;
}

const hf_netns *hf_host_netns(hf_check_run *run)
{
	return hf_facts_host_netns(hf_facts_of(run));
}

/* ---- of a container ---- */

static const hf_netns not_known = {
	.fact = {.state = HF_UNREADABLE,
		 .source = "rtnetlink in the container's network namespace",
		 .why = "which network namespace its first process is in could not be read"},
};

static uint64_t inode_of(const hf_container *container)
{
	return container->init ? container->init->ns[HF_NS_NET] : 0;
}

bool hf_container_shares_netns(hf_facts *facts, const hf_container *container)
{
	uint64_t inode = inode_of(container);

	return inode && inode == hf_facts_ns_reference(facts)->inode[HF_NS_NET];
}

const hf_netns *hf_facts_container_netns(hf_facts *facts, const hf_container *container)
{
	char key[KEY_ROOM];
	const netns_parts *parts;

	if (inode_of(container) == 0)
		return &not_known;
	if (hf_container_shares_netns(facts, container))
		return hf_facts_host_netns(facts);
	parts = hf_facts_recall(facts, &type, container);
	if (!parts) {
		(void)snprintf(key, sizeof key, "%" PRIu64, inode_of(container));
		parts = hf_facts_once_for(facts, &type, container, key);
	}
	return &parts->seen;
}

const hf_netns *hf_container_netns(hf_check_run *run, const hf_container *container)
{
	return hf_facts_container_netns(hf_facts_of(run), container);
}

/* ---- looking something up ---- */

const hf_interface *hf_netns_interface(const hf_netns *netns, const char *name)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		if (strcmp(netns->interfaces[i].name, name) == 0)
			return &netns->interfaces[i];
	}
	return NULL;
}

const hf_interface *hf_netns_interface_at(const hf_netns *netns, int32_t index)
{
	size_t low = 0, high = netns->interface_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (netns->interfaces[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < netns->interface_count && netns->interfaces[low].index == index
		       ? &netns->interfaces[low]
		       : NULL;
}

static bool is_own(const hf_netns *netns, const hf_ip *to)
{
	static const hf_ip v4 = {.family = 4, .bytes = {127}};
	static const hf_ip v6 = {.family = 6, .bytes = {[15] = 1}};

	if (hf_ip_shares_prefix(to, &v4, 8) || hf_ip_shares_prefix(to, &v6, 128))
		return true;
	for (size_t i = 0; i < netns->address_count; i++) {
		if (hf_ip_shares_prefix(&netns->addresses[i].ip, to, to->family == 4 ? 32 : 128))
			return true;
	}
	return false;
}

const hf_route *hf_netns_route(const hf_netns *netns, const hf_ip *to)
{
	const hf_route *best = NULL;

	if (is_own(netns, to))
		return netns->to_itself ? &netns->to_itself[to->family == 6] : NULL;
	for (size_t i = 0; i < netns->route_count; i++) {
		const hf_route *route = &netns->routes[i];

		if (route->table != RT_TABLE_MAIN || !hf_ip_shares_prefix(&route->to, to, route->prefix))
			continue;
		if (!best || route->prefix > best->prefix ||
		    (route->prefix == best->prefix && route->metric < best->metric))
			best = route;
	}
	return best && best->is_refused ? NULL : best;
}
