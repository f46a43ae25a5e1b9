/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a packet through the node: which hooks it meets in which order, and the route between them.
 *
 * A phase is a run of chains that are called one after another; what follows a phase depends on
 * where the packet goes. See net/ipv4/ip_{input,forward,output}.c, net/bridge/br_{input,forward}.c,
 * and for rules of IP that a bridge calls net/bridge/br_netfilter_hooks.c. */
#include "facts/filter-walk.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <stdio.h>

enum {
	NETDEV_INGRESS = 0, /* NF_NETDEV_INGRESS, NF_NETDEV_EGRESS */
	NETDEV_EGRESS = 1,
	INET_INGRESS = 5, /* NF_INET_INGRESS */
};

/* ---- the chains of a phase ---- */

static int compare_called(const void *a, const void *b, void *data)
{
	const hf_called *one = a, *two = b;
	const hf_filter *filter = data;
	int32_t inner[2] = {filter->chains[one->chain].priority, filter->chains[two->chain].priority};

	if (one->order != two->order)
		return one->order < two->order ? -1 : 1;
	if (inner[0] != inner[1])
		return inner[0] < inner[1] ? -1 : 1;
	/* nf_hook_entries_grow() puts a younger one in front of its equals */
	uint64_t age[2] = {filter->bodies[one->chain].age, filter->bodies[two->chain].age};

	return age[0] == age[1] ? 0 : age[0] > age[1] ? -1 : 1;
}

static bool has_device(const hf_filter_chain_body *body, const hf_interface *device)
{
	for (size_t i = 0; body->devices && body->devices[i]; i++) {
		size_t length = strlen(body->devices[i]);
		bool is_prefix = length > 0 && body->devices[i][length - 1] == '*';

		if (is_prefix ? strncmp(body->devices[i], device->name, length - 1) == 0
			      : strcmp(body->devices[i], device->name) == 0)
			return true;
	}
	return false;
}

/* The priority at which a chain is called: all translation shares one place (nf_nat_register_fn()). */
static int32_t order_of(const hf_filter *filter, uint32_t chain, uint8_t hook)
{
	if (!filter->bodies[chain].is_nat)
		return filter->chains[chain].priority;
	return hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_OUT ? NF_IP_PRI_NAT_DST
									 : NF_IP_PRI_NAT_SRC;
}

typedef struct wanted {
	uint8_t family; /* NFPROTO_IPV4, _IPV6, _BRIDGE, _NETDEV */
	uint8_t hook;
	const hf_interface *device; /* of NFPROTO_NETDEV */
} wanted;

static bool is_wanted(const hf_filter *filter, uint32_t chain, const wanted *w)
{
	const char *family = filter->chains[chain].family;
	const hf_filter_chain_body *body = &filter->bodies[chain];

	if (!filter->chains[chain].hook)
		return false;
	switch (w->family) {
	case NFPROTO_BRIDGE:
		return strcmp(family, "bridge") == 0 && body->hook == w->hook;
	case NFPROTO_NETDEV:
		if (!w->device || !has_device(body, w->device))
			return false;
		return (strcmp(family, "netdev") == 0 && body->hook == w->hook) ||
		       (strcmp(family, "inet") == 0 && body->hook == INET_INGRESS &&
			w->hook == NETDEV_INGRESS);
	default:
		return body->hook == w->hook &&
		       (strcmp(family, "inet") == 0 ||
			strcmp(family, w->family == NFPROTO_IPV6 ? "ip6" : "ip") == 0);
	}
}

/* Appends them in order. */
static int add_called(hf_walk *walk, const wanted *w)
{
	const hf_filter *filter = walk->filter;
	size_t start = walk->called_count;

	if (!walk->called) {
		walk->called =
			hf_arena_calloc(walk->arena, filter->chain_count + 1, sizeof *walk->called);
		if (!walk->called)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < filter->chain_count; i++) {
		if (!is_wanted(filter, i, w))
			continue;
		walk->called[walk->called_count++] = (hf_called){
			.chain = i,
			.family = w->family,
			.hook = w->hook,
			.order = order_of(filter, i, w->hook),
		};
	}
	if (walk->called_count > start)
		qsort_r(walk->called + start, walk->called_count - start, sizeof *walk->called,
			compare_called, (void *)(uintptr_t)filter);
	return 0;
}

static uint8_t ip_family(const hf_way *way)
{
	return way->is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

/* Whether the bridge hands what crosses it to the rules of IP. */
static bool calls_ip(const hf_way *way, const hf_interface *bridge)
{
	return bridge && (way->is_ipv6 ? bridge->calls_ip6tables : bridge->calls_iptables);
}

/* The chains of the bridge, and between them those of IP where it calls them: br_netfilter has the priority 0, and one
 * before the end after routing. */
static int add_bridged(hf_walk *walk, const hf_way *way, uint8_t hook, bool with_ip)
{
	const wanted bridge = {.family = NFPROTO_BRIDGE, .hook = hook};
	const wanted ip = {.family = ip_family(way), .hook = hook};
	size_t own, count, before = 0;
	int r = add_called(walk, &bridge);

	own = walk->called_count;
	if (r == 0 && with_ip)
		r = add_called(walk, &ip);
	count = walk->called_count - own;
	if (r < 0 || count == 0)
		return r;
	while (before < own && (hook == NF_BR_POST_ROUTING || walk->called[before].order < 0))
		before++;
	hf_called *last = hf_arena_calloc(walk->arena, own - before + 1, sizeof *last);

	if (!last)
		return -ENOMEM;
	memcpy(last, walk->called + before, (own - before) * sizeof *last);
	memmove(walk->called + before, walk->called + own, count * sizeof *last);
	memcpy(walk->called + before + count, last, (own - before) * sizeof *last);
	return 0;
}

static int list_phase(hf_walk *walk, const hf_way *way)
{
	const uint8_t ip = ip_family(way);
	wanted w = {.family = ip};

	switch (way->phase) {
	case HF_PHASE_PORT_INGRESS:
		w = (wanted){NFPROTO_NETDEV, NETDEV_INGRESS, way->in_port};
		break;
	case HF_PHASE_INGRESS:
		w = (wanted){NFPROTO_NETDEV, NETDEV_INGRESS, way->in};
		break;
	case HF_PHASE_EGRESS:
		w = (wanted){NFPROTO_NETDEV, NETDEV_EGRESS, way->out};
		break;
	case HF_PHASE_PORT_EGRESS:
		w = (wanted){NFPROTO_NETDEV, NETDEV_EGRESS, way->out_port};
		break;
	case HF_PHASE_BRIDGE_PREROUTING:
		return add_bridged(walk, way, NF_BR_PRE_ROUTING, calls_ip(way, way->in));
	case HF_PHASE_BRIDGE_FORWARD:
		return add_bridged(walk, way, NF_BR_FORWARD, calls_ip(way, way->in));
	case HF_PHASE_BRIDGED_POSTROUTING:
		return add_bridged(walk, way, NF_BR_POST_ROUTING, calls_ip(way, way->in));
	case HF_PHASE_BRIDGE_INPUT:
		return add_bridged(walk, way, NF_BR_LOCAL_IN, false);
	case HF_PHASE_BRIDGE_OUTPUT:
		return add_bridged(walk, way, NF_BR_LOCAL_OUT, false);
	case HF_PHASE_BRIDGE_POSTROUTING:
		return add_bridged(walk, way, NF_BR_POST_ROUTING, false);
	case HF_PHASE_PREROUTING:
		w.hook = NF_INET_PRE_ROUTING;
		break;
	case HF_PHASE_INPUT:
		w.hook = NF_INET_LOCAL_IN;
		break;
	case HF_PHASE_FORWARD:
		w.hook = NF_INET_FORWARD;
		break;
	case HF_PHASE_OUTPUT:
		w.hook = NF_INET_LOCAL_OUT;
		break;
	case HF_PHASE_POSTROUTING:
		w.hook = NF_INET_POST_ROUTING;
		break;
	case HF_PHASE_DONE:
		return 0;
	}
	return add_called(walk, &w);
}

/* The list is made once for packets that meet the same. */
static int call_phase(hf_walk *walk, const hf_way *way)
{
	if (walk->is_called_known && walk->called_phase == way->phase && walk->called_in == way->in &&
	    walk->called_out == way->out && walk->called_out_port == way->out_port)
		return 0;
	walk->called_count = 0;
	walk->called_phase = way->phase;
	walk->called_in = way->in;
	walk->called_out = way->out;
	walk->called_out_port = way->out_port;
	walk->is_called_known = true;
	return list_phase(walk, way);
}

/* ---- one phase ---- */

typedef enum outcome { GOES_ON, IS_DROPPED, IS_UNKNOWN, HAS_ARRIVED, NO_MEMORY } outcome;

static outcome jump(hf_walk *walk, hf_way *way, const hf_ruling *ruling)
{
	if (ruling->verdict == HF_VERDICT_JUMP) {
		if (way->jump_count >= HF_JUMPS_MAX) {
			walk->why = "its jumps are too deep";
			return IS_UNKNOWN;
		}
		way->jumps[way->jump_count++] = (hf_place){way->at.chain, way->at.rule + 1};
	}
	way->at = (hf_place){ruling->chain, 0};
	return GOES_ON;
}

/* Ends the chain of a hook by accepting. Translation that was decided keeps other such chains from being asked. */
static void end_called(hf_way *way)
{
	way->is_in_chain = false;
	way->jump_count = 0;
	way->called++;
}

static outcome end_chain(const hf_walk *walk, hf_way *way, const hf_called *called)
{
	if (way->jump_count > 0) {
		way->at = way->jumps[--way->jump_count];
		return GOES_ON;
	}
	if (walk->filter->chains[called->chain].drops) {
		way->at = (hf_place){called->chain, UINT32_MAX};
		return IS_DROPPED;
	}
	end_called(way);
	return GOES_ON;
}

/* That it was accepted here is worth being told: translation and marks say nothing about where it may go. */
static bool is_telling(const hf_walk *walk, const hf_way *way, const hf_called *called)
{
	return !walk->filter->bodies[called->chain].is_nat &&
	       (way->phase == HF_PHASE_INPUT || way->phase == HF_PHASE_FORWARD ||
		way->phase == HF_PHASE_BRIDGE_FORWARD || way->phase == HF_PHASE_OUTPUT);
}

static outcome follow(hf_walk *walk, hf_way *way, const hf_called *called, const hf_ruling *ruling)
{
	switch (ruling->verdict) {
	case HF_VERDICT_CONTINUE:
	case HF_VERDICT_BREAK:
		way->at.rule++;
		return GOES_ON;
	case HF_VERDICT_ACCEPT:
		if (is_telling(walk, way, called))
			way->accepted_by = way->at;
		end_called(way);
		return GOES_ON;
	case HF_VERDICT_DROP:
	case HF_VERDICT_REJECT:
		return IS_DROPPED;
	case HF_VERDICT_JUMP:
	case HF_VERDICT_GOTO:
		return jump(walk, way, ruling);
	case HF_VERDICT_RETURN:
		return end_chain(walk, way, called);
	case HF_VERDICT_UNKNOWN:
		return IS_UNKNOWN;
	}
	return IS_UNKNOWN;
}

/* nf_nat_inet_fn(): not for what is untracked, and not again once it is decided. */
static bool is_translation_over(const hf_walk *walk, const hf_way *way, const hf_called *called)
{
	bool is_destination = called->hook == NF_INET_PRE_ROUTING || called->hook == NF_INET_LOCAL_OUT;

	return walk->filter->bodies[called->chain].is_nat &&
	       (way->is_untracked ||
		(is_destination ? way->has_destination_set : way->has_source_set));
}

static outcome run_rule(hf_walk *walk, hf_way *way, const hf_called *called)
{
	const hf_filter_chain *chain = &walk->filter->chains[way->at.chain];
	const hf_filter_chain_body *body = &walk->filter->bodies[way->at.chain];
	hf_ruling ruling = way->pending;

	if (ruling.verdict != HF_VERDICT_CONTINUE) {
		way->pending = (hf_ruling){0};
		return follow(walk, way, called, &ruling);
	}
	if (way->at.rule >= chain->rule_count)
		return end_chain(walk, way, called);
	if (walk->steps++ >= HF_WALK_STEPS_MAX) {
		walk->why = "more rules meet it than are followed";
		return IS_UNKNOWN;
	}
	ruling = hf_rule_run(walk, way, called, &body->rules[way->at.rule]);
	return follow(walk, way, called, &ruling);
}

static outcome run_phase(hf_walk *walk, hf_way *way)
{
	outcome result = GOES_ON;

	if (call_phase(walk, way) < 0)
		return NO_MEMORY;
	while (result == GOES_ON && way->called < walk->called_count) {
		const hf_called *called = &walk->called[way->called];

		if (!way->is_in_chain) {
			if (is_translation_over(walk, way, called)) {
				way->called++;
				continue;
			}
			way->is_in_chain = true;
			way->at = (hf_place){called->chain, 0};
		}
		result = run_rule(walk, way, called);
	}
	return result;
}

/* ---- between the phases ---- */

static void enter(hf_way *way, hf_phase phase)
{
	way->phase = phase;
	way->called = 0;
	way->is_in_chain = false;
	way->jump_count = 0;
}

static outcome unknown(hf_walk *walk, hf_way *way, const char *why)
{
	way->at.chain = HF_NO_CHAIN;
	walk->why = why;
	return IS_UNKNOWN;
}

static outcome drop(hf_walk *walk, hf_way *way, const char *why)
{
	way->at.chain = HF_NO_CHAIN;
	walk->why = why;
	return IS_DROPPED;
}

/* False where the node does not tell. */
static bool setting(const hf_walk *walk, const char *before, const char *name, const char *after,
		    int64_t *ret_value)
{
	char key[128], own[IFNAMSIZ + 1];
	size_t length = strlen(name);

	if (length >= sizeof own)
		return false;
	memcpy(own, name, length + 1);
	/* a dot in the name of an interface; "ip_forward" and the like have none */
	for (size_t i = 0; i < length; i++) {
		if (own[i] == '.')
			own[i] = '/';
	}
	int size = snprintf(key, sizeof key, "net.%s%s%s", before, own, after);

	return size > 0 && (size_t)size < sizeof key &&
	       walk->node->setting(walk->node->setting_data, key, ret_value);
}

/* The larger of what holds for all interfaces and for this one, as IN_DEV_MAXCONF() has it. */
static bool setting_of(const hf_walk *walk, const hf_interface *in, const char *after,
		       int64_t *ret_value)
{
	int64_t all, own;

	if (!setting(walk, "ipv4.conf.", "all", after, &all) ||
	    !setting(walk, "ipv4.conf.", in->name, after, &own))
		return false;
	*ret_value = all > own ? all : own;
	return true;
}

/* ip_route_input_slow(): 127/8 does not come from outside, unless route_localnet says so. */
static outcome check_source(hf_walk *walk, hf_way *way, const hf_ip *to)
{
	int64_t value;
	hf_ip from;

	if (way->is_ipv6 || !way->in || way->in->is_loopback)
		return way->is_ipv6 && way->in && !way->in->is_loopback && hf_ip_is_loopback(to)
			       ? drop(walk, way, "::1 cannot be reached from outside")
			       : GOES_ON;
	bool known = hf_way_address(way, true, &from);

	if (hf_ip_is_loopback(to) || (known && hf_ip_is_loopback(&from))) {
		if (!setting_of(walk, way->in, ".route_localnet", &value))
			return unknown(walk, way, "route_localnet is not known");
		if (value == 0)
			return drop(walk, way, "127.0.0.0/8 cannot be reached from outside "
					       "(route_localnet is 0)");
	}
	if (!setting_of(walk, way->in, ".rp_filter", &value))
		return unknown(walk, way, "rp_filter is not known");
	if (value == 0)
		return GOES_ON;
	hf_tri back = hf_way_is_reversible(walk, way, way->in, value == 2);

	if (back == HF_MAYBE)
		return unknown(walk, way, "whether rp_filter lets its source pass is not known");
	return back == HF_YES ? GOES_ON
			      : drop(walk, way, "rp_filter: the way back to its source is another");
}

static outcome check_forwarding(hf_walk *walk, hf_way *way)
{
	int64_t value;
	bool known = way->is_ipv6 ? setting(walk, "ipv6.conf.", "all", ".forwarding", &value)
				  : setting(walk, "ipv4.conf.", way->in->name, ".forwarding", &value) ||
					    setting(walk, "ipv4.", "ip_forward", "", &value);

	if (!known)
		return unknown(walk, way, "whether the node forwards packets is not known");
	return value ? GOES_ON : drop(walk, way, "the node forwards no packets (ip_forward is 0)");
}

static void set_out(const hf_walk *walk, hf_way *way, const hf_interface *out, const hf_ip *to)
{
	const hf_attachment *attachment =
		out && strcmp(out->kind, "bridge") == 0 ? hf_node_attachment(walk->node, to, out) : NULL;

	way->out = out;
	way->out_port = attachment ? attachment->port : NULL;
}

/* The same prefix in another table, of which a rule could speak. */
static bool is_like(const hf_netns *netns, const hf_route *route, const hf_ip *to)
{
	for (size_t i = 0; i < netns->route_count; i++) {
		const hf_route *other = &netns->routes[i];

		if (other->to.family == to->family && hf_ip_shares_prefix(&other->to, to, other->prefix) &&
		    (other->interface != route->interface || other->is_refused != route->is_refused) &&
		    other->table != route->table)
			return false;
	}
	return true;
}

/* Sets the interface that it leaves by. */
static outcome route(hf_walk *walk, hf_way *way, const hf_ip *to)
{
	const hf_netns *netns = walk->node->netns;
	const hf_route *found = hf_netns_route(netns, to);

	if (netns->has_policy_routing && (!found || !is_like(netns, found, to)))
		return unknown(walk, way, "policy routing decides where it goes");
	if (!found || found->is_refused)
		return drop(walk, way, "there is no route to it");
	if (!found->interface)
		return unknown(walk, way, "it has several ways to go");
	set_out(walk, way, found->interface, to);
	return GOES_ON;
}

static bool is_own(const hf_walk *walk, const hf_ip *to)
{
	return hf_ip_is_loopback(to) || hf_netns_has_address(walk->node->netns, to, NULL);
}

static outcome after_prerouting(hf_walk *walk, hf_way *way)
{
	outcome result;
	hf_ip to;

	if (!hf_way_address(way, false, &to))
		return unknown(walk, way, "where it goes to is not known");
	if (hf_ip_is_multicast(&to) || hf_netns_is_broadcast(walk->node->netns, &to))
		return unknown(walk, way, "it is for many");
	result = check_source(walk, way, &to);
	if (result != GOES_ON)
		return result;
	if (is_own(walk, &to)) {
		enter(way, HF_PHASE_INPUT);
		return GOES_ON;
	}
	result = check_forwarding(walk, way);
	if (result == GOES_ON)
		result = route(walk, way, &to);
	if (result == GOES_ON)
		enter(way, HF_PHASE_FORWARD);
	return result;
}

/* br_handle_frame_finish() and should_deliver(). */
static outcome cross_bridge(hf_walk *walk, hf_way *way)
{
	const hf_filter_node *node = walk->node;
	hf_ip to;

	if (!hf_way_address(way, false, &to))
		return unknown(walk, way, "where it goes to is not known");
	const hf_attachment *there = hf_node_attachment(node, &to, way->in);

	way->out = way->in;
	way->out_port = there ? there->port : NULL;
	if (way->in_port && way->out_port && way->in_port->is_isolated && way->out_port->is_isolated)
		return drop(walk, way, "both ports of the bridge are isolated");
	if (node->netns->interface_count > 0 && (!way->in_port || !way->out_port)) {
		for (size_t i = 0; i < node->netns->interface_count; i++) {
			const hf_interface *port = &node->netns->interfaces[i];

			if (port->master == way->in->index && port->is_isolated &&
			    (!way->in_port || way->in_port->is_isolated) &&
			    (!way->out_port || way->out_port->is_isolated))
				return unknown(walk, way, "a port of the bridge is isolated, and which it "
							  "uses is not known");
		}
	}
	if (way->in_port && way->in_port == way->out_port && !way->in_port->is_hairpin)
		return drop(walk, way, "the bridge sends nothing back to where it came from");
	if (way->in->is_vlan_filtering)
		return unknown(walk, way, "the bridge filters by VLAN");
	enter(way, HF_PHASE_BRIDGE_FORWARD);
	return GOES_ON;
}

/* What stays on the bridge: the sender found its neighbour by itself. */
static bool stays_on_bridge(const hf_walk *walk, const hf_way *way, bool is_routed_here)
{
	const hf_netns *netns = walk->node->netns;
	hf_ip to;

	if (!way->in || strcmp(way->in->kind, "bridge") != 0 || is_routed_here)
		return false;
	(void)hf_way_address(way, false, &to);
	if (is_own(walk, &to))
		return false;
	if (hf_node_attachment(walk->node, &to, way->in))
		return true;
	const hf_route *found = hf_netns_route(netns, &to);

	return found && !found->is_refused && found->interface == way->in && found->via.family == 0;
}

/* br_nf_pre_routing_finish(): rules of IP that the bridge called gave it another destination. One that is on the same
 * bridge is reached over the bridge, and needs no forwarding; all others the node gets. */
static outcome after_bridge_translation(hf_walk *walk, hf_way *way)
{
	const hf_route *found;
	outcome result;
	hf_ip to;

	if (!hf_way_address(way, false, &to))
		return unknown(walk, way, "where it goes to is not known");
	way->is_bridged = false;
	if (is_own(walk, &to))
		return GOES_ON;
	result = check_source(walk, way, &to);
	found = hf_netns_route(walk->node->netns, &to);
	if (result == GOES_ON && walk->node->netns->has_policy_routing)
		return unknown(walk, way, "policy routing decides where it goes");
	way->is_bridged = found && !found->is_refused && found->interface == way->in;
	return result;
}

static outcome after_bridge_prerouting(hf_walk *walk, hf_way *way)
{
	outcome result = GOES_ON;

	way->was_prerouted = calls_ip(way, way->in);
	if (way->was_prerouted && way->is_translated)
		result = after_bridge_translation(walk, way);
	if (result != GOES_ON)
		return result;
	if (way->is_bridged)
		return cross_bridge(walk, way);
	enter(way, HF_PHASE_BRIDGE_INPUT);
	return GOES_ON;
}

/* __mkroute_output(): what comes from 127/8 goes nowhere but through lo, unless route_localnet says so. */
static outcome check_loopback_source(hf_walk *walk, hf_way *way)
{
	int64_t value;
	hf_ip from;

	if (way->is_ipv6 || !way->out || way->out->is_loopback || !hf_way_address(way, true, &from) ||
	    !hf_ip_is_loopback(&from))
		return GOES_ON;
	if (!setting_of(walk, way->out, ".route_localnet", &value))
		return unknown(walk, way, "route_localnet is not known");
	return value ? GOES_ON : drop(walk, way, "127.0.0.0/8 does not leave the node");
}

static outcome after_output(hf_walk *walk, hf_way *way)
{
	hf_ip to;

	/* ip_route_me_harder(): translation may have changed where it goes */
	if (!hf_way_address(way, false, &to))
		return unknown(walk, way, "where it goes to is not known");
	outcome result = is_own(walk, &to) ? GOES_ON : route(walk, way, &to);

	if (is_own(walk, &to))
		set_out(walk, way, hf_netns_interface(walk->node->netns, "lo"), &to);
	if (result == GOES_ON)
		result = check_loopback_source(walk, way);
	if (result == GOES_ON)
		enter(way, HF_PHASE_POSTROUTING);
	return result;
}

static outcome after_postrouting(hf_walk *walk, hf_way *way)
{
	hf_ip from;

	if (way->out && way->out->is_loopback) {
		way->in = way->out;
		way->out = NULL;
		way->is_looped = true;
		way->has_destination_set = true;
		enter(way, HF_PHASE_INGRESS);
		return GOES_ON;
	}
	/* no other host takes it */
	if (!way->is_ipv6 && hf_way_address(way, true, &from) && hf_ip_is_loopback(&from))
		return drop(walk, way, "127.0.0.0/8 does not leave the node");
	enter(way, HF_PHASE_EGRESS);
	return GOES_ON;
}

static outcome next_phase(hf_walk *walk, hf_way *way)
{
	switch (way->phase) {
	case HF_PHASE_PORT_INGRESS:
		enter(way, HF_PHASE_BRIDGE_PREROUTING);
		return GOES_ON;
	case HF_PHASE_BRIDGE_PREROUTING:
		return after_bridge_prerouting(walk, way);
	case HF_PHASE_BRIDGE_FORWARD:
		enter(way, HF_PHASE_BRIDGED_POSTROUTING);
		return GOES_ON;
	case HF_PHASE_BRIDGED_POSTROUTING:
	case HF_PHASE_BRIDGE_POSTROUTING:
		enter(way, HF_PHASE_PORT_EGRESS);
		return GOES_ON;
	case HF_PHASE_BRIDGE_INPUT:
		enter(way, HF_PHASE_INGRESS);
		return GOES_ON;
	case HF_PHASE_INGRESS:
		if (way->was_prerouted)
			return after_prerouting(walk, way);
		enter(way, HF_PHASE_PREROUTING);
		return GOES_ON;
	case HF_PHASE_PREROUTING:
		return after_prerouting(walk, way);
	case HF_PHASE_INPUT:
		return HAS_ARRIVED;
	case HF_PHASE_FORWARD:
		enter(way, HF_PHASE_POSTROUTING);
		return GOES_ON;
	case HF_PHASE_OUTPUT:
		return after_output(walk, way);
	case HF_PHASE_POSTROUTING:
		return after_postrouting(walk, way);
	case HF_PHASE_EGRESS:
		if (!way->out || strcmp(way->out->kind, "bridge") != 0)
			return HAS_ARRIVED;
		enter(way, HF_PHASE_BRIDGE_OUTPUT);
		return GOES_ON;
	case HF_PHASE_BRIDGE_OUTPUT:
		enter(way, HF_PHASE_BRIDGE_POSTROUTING);
		return GOES_ON;
	case HF_PHASE_PORT_EGRESS:
	case HF_PHASE_DONE:
		break;
	}
	return HAS_ARRIVED;
}

/* ---- the packet ---- */

static void know(hf_header *header, size_t at, const void *bytes, size_t size)
{
	memcpy(header->value + at, bytes, size);
	memset(header->known + at, 0xff, size);
}

static void know_byte(hf_header *header, size_t at, uint8_t byte)
{
	know(header, at, &byte, 1);
}

/* What the sender can choose freely is left open: TOS, TTL, identification, window. */
static void make_headers(hf_way *way, const hf_packet *packet)
{
	const uint8_t ethertype[2] = {way->is_ipv6 ? 0x86 : 0x08, way->is_ipv6 ? 0xdd : 0x00};
	const uint8_t none[6] = {0};

	way->link.size = 14;
	know(&way->link, 12, ethertype, sizeof ethertype);
	way->network.size = way->is_ipv6 ? 40 : 20;
	if (way->is_ipv6) {
		way->network.value[0] = 0x60;
		way->network.known[0] = 0xf0;
		know_byte(&way->network, 6, way->protocol);
	} else {
		know_byte(&way->network, 0, 0x45);
		way->network.known[6] = 0xbf; /* no fragment; "do not fragment" is the sender's choice */
		know_byte(&way->network, 7, 0);
		know_byte(&way->network, 9, way->protocol);
	}
	hf_way_set_address(way, true, packet->from.family ? &packet->from : NULL);
	hf_way_set_address(way, false, &packet->to);
	if (way->protocol == HF_PROTOCOL_TCP || way->protocol == HF_PROTOCOL_UDP) {
		way->transport.size = way->protocol == HF_PROTOCOL_TCP ? 20 : 8;
		hf_way_set_port(way, false, packet->to_port, true);
		hf_way_set_port(way, true, packet->from_port, packet->from_port != 0);
		if (packet->from_port == 0) { /* above 32767 */
			way->transport.value[0] = 0x80;
			way->transport.known[0] = 0x80;
		}
	} else {
		way->transport.size = 8;
		know_byte(&way->transport, 0, way->is_ipv6 ? 128 : 8); /* echo request */
		know_byte(&way->transport, 1, 0);
	}
	if (way->protocol == HF_PROTOCOL_TCP) {
		know(&way->transport, 8, none, 4);  /* acknowledges nothing */
		know_byte(&way->transport, 13, 0x02); /* SYN */
	}
}

static outcome start(hf_walk *walk, hf_way *way, const hf_packet *packet)
{
	way->is_ipv6 = packet->to.family == 6;
	way->protocol = packet->protocol == HF_PROTOCOL_ICMP && way->is_ipv6 ? IPPROTO_ICMPV6
									     : packet->protocol;
	way->mark_known = way->ct_mark_known = UINT32_MAX;
	way->original_from = packet->from;
	way->original_to = packet->to;
	way->original_to_port = packet->to_port;
	way->split.chain = way->accepted_by.chain = HF_NO_CHAIN;
	way->is_packet_type_known = true;
	make_headers(way, packet);
	way->in = packet->in;
	if (!packet->in) {
		way->is_from_host = true;
		outcome result = after_output(walk, way); /* the route is known before the rules */

		enter(way, HF_PHASE_OUTPUT);
		return result;
	}
	way->in_port = packet->in_port;
	way->has_destination_set = packet->is_untranslated;
	way->is_bridged = stays_on_bridge(walk, way, packet->is_routed_here);
	/* a bridge sees that it is for another; the rules of IP that it calls do not */
	way->is_packet_type_known = !way->is_bridged;
	enter(way, strcmp(way->in->kind, "bridge") != 0 ? HF_PHASE_INGRESS
		   : way->in_port			? HF_PHASE_PORT_INGRESS
							: HF_PHASE_BRIDGE_PREROUTING);
	return GOES_ON;
}

/* ---- the fate ---- */

static const char *describe(hf_walk *walk, const hf_place *place)
{
	const hf_filter *filter = walk->filter;
	const hf_filter_chain *chain = &filter->chains[place->chain];
	hf_buffer text = {0};
	const char *copy;

	hf_filter_chain_write(&text, chain);
	if (place->rule == UINT32_MAX) {
		hf_buffer_puts(&text, ": policy drop");
	} else {
		hf_buffer_printf(&text, " rule %u: ", place->rule + 1);
		hf_filter_rule_write(&text, filter, place->chain, place->rule);
	}
	copy = text.failed ? NULL : hf_arena_strdup(walk->arena, text.data);
	hf_buffer_free(&text);
	return copy ? copy : "";
}

static const char *explain(hf_walk *walk, const hf_place *place, const char *why)
{
	if (place->chain == HF_NO_CHAIN)
		return why ? why : "no rule drops it";
	const char *text = describe(walk, place);
	const char *both = why ? hf_arena_printf(walk->arena, "%s (%s)", text, why) : text;

	return both ? both : "";
}

static void set_fate(hf_walk *walk, const hf_way *way, outcome result, hf_passage *passage)
{
	passage->fact = (hf_fact){.state = HF_PRESENT, .source = "the packet filter"};
	if (result == IS_DROPPED) {
		passage->fate = HF_FATE_DROPPED;
		passage->decided_by = way->at.chain == HF_NO_CHAIN ? walk->why
								    : explain(walk, &way->at, NULL);
	} else if (result == HAS_ARRIVED) {
		passage->fate = HF_FATE_ACCEPTED;
		passage->decided_by = explain(walk, &way->accepted_by, NULL);
		passage->out = way->phase == HF_PHASE_INPUT ? NULL : way->out;
		passage->out_port = way->phase == HF_PHASE_INPUT ? NULL : way->out_port;
		passage->is_for_host = way->phase == HF_PHASE_INPUT;
	} else {
		passage->fate = HF_FATE_UNKNOWN;
		passage->decided_by = explain(walk, &way->at, walk->why);
		passage->fact.why = passage->decided_by;
	}
	(void)hf_way_address(way, false, &passage->to);
	(void)hf_way_port(way, false, &passage->to_port);
	passage->is_translated = way->is_translated;
}

static bool is_alike(const hf_passage *a, const hf_passage *b)
{
	if (a->fate != b->fate)
		return false;
	return a->fate != HF_FATE_ACCEPTED ||
	       (memcmp(&a->to, &b->to, sizeof a->to) == 0 && a->to_port == b->to_port &&
		a->is_for_host == b->is_for_host);
}

/* Two ways of the packet end differently: nothing is known of its fate but what made them part. */
static void disagree(hf_walk *walk, const hf_way *way, hf_passage *passage)
{
	passage->fate = HF_FATE_UNKNOWN;
	passage->decided_by = explain(walk, &way->split, way->split_why);
	passage->fact.why = passage->decided_by;
	passage->out = passage->out_port = NULL;
	passage->is_for_host = false;
}

static outcome run_way(hf_walk *walk, hf_way *way)
{
	outcome result = GOES_ON;

	while (result == GOES_ON) {
		result = run_phase(walk, way);
		if (result == GOES_ON)
			result = next_phase(walk, way);
	}
	return result;
}

/* Follows each way to its end. */
static outcome run_all(hf_walk *walk, hf_way *way, outcome result, hf_passage *passage)
{
	bool is_first = true;

	for (;;) {
		hf_passage own = {0};

		walk->why = result == GOES_ON ? NULL : walk->why;
		if (result == GOES_ON)
			result = run_way(walk, way);
		if (result == NO_MEMORY)
			return result;
		set_fate(walk, way, result, &own);
		if (is_first)
			*passage = own;
		else if (!is_alike(passage, &own))
			disagree(walk, way, passage);
		is_first = false;
		if (passage->fate == HF_FATE_UNKNOWN || walk->waiting_count == 0)
			return result;
		*way = walk->waiting[--walk->waiting_count];
		result = GOES_ON;
	}
}

const hf_passage *hf_filter_walk(hf_arena *arena, const hf_filter_node *node, const hf_packet *packet)
{
	hf_walk walk = {.arena = arena, .node = node, .filter = node->filter};
	hf_passage *passage = hf_arena_alloc(arena, sizeof *passage);
	hf_way *way = hf_arena_alloc(arena, sizeof *way);
	outcome result;

	if (!passage || !way)
		return NULL;
	passage->to = packet->to;
	passage->to_port = packet->to_port;
	result = run_all(&walk, way, start(&walk, way, packet), passage);
	free(walk.waiting);
	if (result == NO_MEMORY)
		return NULL;
	if (walk.has_overflown && passage->fate != HF_FATE_UNKNOWN) {
		passage->fate = HF_FATE_UNKNOWN;
		passage->decided_by = passage->fact.why = "its rules leave too much open";
	}
	if (node->may_have_ebtables && passage->fate == HF_FATE_ACCEPTED && way->is_bridged) {
		passage->fate = HF_FATE_UNKNOWN;
		passage->decided_by = passage->fact.why =
			"tables of ebtables-legacy may be there, which cannot be read without making them";
	}
	return passage;
}
