/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets from and to zones. */
#include "facts/zones-walk.h"

#include "facts/parts.h"

void hf_zone_walker_init(hf_facts *facts, hf_view *view, hf_zone_walker *ret_walker)
{
	hf_check_run *run = (hf_check_run *)(void *)view;
	const hf_publications *publications = hf_publications_get(run);
	hf_zone_walker w = {
		.facts = facts,
		.run = run,
		.arena = hf_facts_arena(facts),
		.host = hf_host_netns(run),
		.networks = hf_networks_get(run),
		.any_port = HF_ZONE_ANY_PORT,
	};

	w.uplinks = hf_uplinks(run, &w.uplink_count);
	for (size_t i = 0; i < publications->count; i++) {
		if (publications->all[i].to_port == w.any_port ||
		    publications->all[i].host_port == w.any_port)
			w.any_port++;
	}
	*ret_walker = w;
}

static int rank(const hf_flow_fate *fate)
{
	static const int ranks[] = {
		[HF_FATE_UNKNOWN] = 1, [HF_FATE_DROPPED] = 0, [HF_FATE_ACCEPTED] = 2};

	return fate->is_tried ? ranks[fate->fate] : -1;
}

static void better(hf_flow_fate *fate, hf_flow_fate other)
{
	if (rank(&other) > rank(fate))
		*fate = other;
}

void hf_flow_add(hf_flow_fate *fate, const hf_passage *passage)
{
	hf_flow_fate own = {.is_tried = true, .fate = passage->fate, .by = passage->decided_by};

	if (passage->fate == HF_FATE_UNKNOWN)
		own.by = passage->fact.why;
	if (!own.by)
		own.by = passage->fate == HF_FATE_ACCEPTED ? "no rule drops it" : "it could not be told";
	better(fate, own);
}

/* ---- addresses ---- */

const hf_ip *hf_attachment_ip(const hf_attachment *attachment, unsigned family)
{
	const hf_ip *ip = family == 4 ? &attachment->ip : &attachment->ip6;

	return ip->family == family ? ip : NULL;
}

/* Of the ranges for documentation a careful filter drops more than of others. */
hf_ip hf_far_ip(unsigned family)
{
	hf_ip ip;

	(void)hf_ip_parse(family == 4 ? "93.184.216.34" : "2606:2800:220:1:248:1893:25c8:1946", &ip);
	return ip;
}

bool hf_beside_ip(const hf_ip *own, uint32_t prefix, hf_ip *ret_ip)
{
	unsigned last = own->family == 4 ? 3 : 15, width = own->family == 4 ? 32 : 128;
	unsigned bits = prefix < width ? width - prefix : 0;
	unsigned mask = bits < 8 ? (1U << bits) - 1 : 0xff;

	for (unsigned flip = 1; flip <= mask; flip++) {
		unsigned part = (own->bytes[last] ^ flip) & mask;

		/* the subnet's own and its broadcast address; a /31 has none, rfc3021 */
		if (mask > 1 && (part == 0 || part == mask))
			continue;
		*ret_ip = *own;
		ret_ip->bytes[last] = (uint8_t)(own->bytes[last] ^ flip);
		return true;
	}
	return false;
}

static bool is_any(const hf_ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->bytes, zero, ip->family == 4 ? 4 : 16) == 0;
}

static bool is_same_ip(const hf_ip *a, const hf_ip *b)
{
	return a->family == b->family && hf_ip_shares_prefix(a, b, a->family == 4 ? 32 : 128);
}

/* ---- from a container ---- */

static void try(const hf_zone_walker *w, const hf_packet *packet, const hf_zone_target *target,
		hf_flow_fate *fate)
{
	const hf_passage *passage = hf_packet_walk(w->run, packet);

	if (!target->is_host || passage->fate != HF_FATE_ACCEPTED || passage->is_for_host)
		hf_flow_add(fate, passage);
}

static void walk_attachment(const hf_zone_walker *w, const hf_attachment *at,
			    const hf_zone_target *target, hf_flow_fate *fate)
{
	const hf_ip *own = hf_attachment_ip(at, target->ip.family);

	if (!own || !at->port)
		return;
	const hf_packet packet = {
		.from = *own,
		.to = target->ip,
		.protocol = target->protocol,
		.to_port = target->port,
		.in = at->bridge ? at->bridge : at->port,
		.in_port = at->bridge ? at->port : NULL,
	};

	try(w, &packet, target, fate);
}

void hf_walk_from_container(const hf_zone_walker *w, const hf_container *from,
			    const hf_zone_target *target, hf_flow_fate *fate)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, from);
	const hf_netns *netns = hf_container_netns(w->run, from);
	const hf_route *route = hf_netns_route(netns, &target->ip);
	bool has_address = false;

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *at = &attachments->all[i];

		has_address |= hf_attachment_ip(at, target->ip.family) != NULL;
		/* rules of its own can choose any of its interfaces */
		if (netns->has_policy_routing ||
		    (route && route->interface && route->interface->index == at->inside->index))
			walk_attachment(w, at, target, fate);
	}
	if (fate->is_tried || !has_address || netns->has_policy_routing || (route && route->interface))
		return;
	*fate = (hf_flow_fate){.is_tried = true, .fate = HF_FATE_DROPPED, .by = "no route inside"};
	/* what was lost may be the route */
	if (netns->fact.state != HF_PRESENT || netns->fact.why) {
		fate->fate = HF_FATE_UNKNOWN;
		fate->by = netns->fact.why ? netns->fact.why : "its routes could not be read";
	}
}

void hf_walk_between(const hf_zone_walker *w, const hf_container *from, const hf_container *to,
		     unsigned family, hf_flow_fate *fate)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, to);

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_ip *ip = hf_attachment_ip(&attachments->all[i], family);
		hf_flow_fate own = {0};

		if (!ip)
			continue;
		const hf_zone_target target = {
			.ip = *ip, .protocol = HF_PROTOCOL_TCP, .port = w->any_port};

		hf_walk_from_container(w, from, &target, &own);
		better(fate, own);
	}
}

/* ---- from outside, and from the node ---- */

/* Somebody beside @own, where there is one, and somebody far away. */
static void walk_uplink(const hf_zone_walker *w, hf_packet *packet, const hf_interface_address *own,
			const hf_zone_target *target, hf_flow_fate *fate)
{
	if (own && hf_beside_ip(&own->ip, own->prefix, &packet->from))
		try(w, packet, target, fate);
	packet->from = hf_far_ip(packet->to.family);
	try(w, packet, target, fate);
}

static const hf_interface_address *address_of(const hf_zone_walker *w, const hf_interface *interface,
					      unsigned family)
{
	for (size_t i = 0; i < w->host->address_count; i++) {
		const hf_interface_address *own = &w->host->addresses[i];

		if (own->interface == interface && own->ip.family == family && !own->is_link_local)
			return own;
	}
	return NULL;
}

void hf_walk_from_outside(const hf_zone_walker *w, const hf_zone_target *target, hf_flow_fate *fate)
{
	for (size_t i = 0; i < w->uplink_count; i++) {
		hf_packet packet = {
			.to = target->ip,
			.protocol = target->protocol,
			.to_port = target->port,
			.in = w->uplinks[i],
			.is_routed_here = target->is_routed,
		};

		/* what arrives at a port of a bridge or bond arrives, for the rules, at that */
		if (packet.in->master != 0) {
			packet.in_port = packet.in->is_port ? packet.in : NULL;
			packet.in = hf_netns_interface_at(w->host, packet.in->master);
		}
		if (!packet.in)
			continue;
		const hf_interface_address *own = address_of(w, packet.in, target->ip.family);

		if (is_any(&target->ip) && !own)
			continue;
		if (is_any(&target->ip))
			packet.to = own->ip;
		walk_uplink(w, &packet, own, target, fate);
	}
}

void hf_walk_from_host(const hf_zone_walker *w, const hf_container *to, unsigned family,
		       hf_flow_fate *fate)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, to);

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *at = &attachments->all[i];
		const hf_interface *near = at->bridge ? at->bridge : at->port;
		const hf_ip *ip = hf_attachment_ip(at, family);
		const hf_interface_address *own = near ? address_of(w, near, family) : NULL;

		if (!ip || !near)
			continue;
		const hf_packet packet = {
			.from = own ? own->ip : (hf_ip){0},
			.to = *ip,
			.protocol = HF_PROTOCOL_TCP,
			.to_port = w->any_port,
		};

		hf_flow_add(fate, hf_packet_walk(w->run, &packet));
	}
}

bool hf_socket_takes(const hf_socket *socket, const hf_ip *address)
{
	hf_ip bound;

	if (strcmp(socket->family, "unix") == 0 || socket->is_loopback || socket->port == 0)
		return false;
	if (socket->is_wildcard)
		return address->family == 4 || strchr(socket->address, ':');
	return hf_ip_parse(socket->address, &bound) && is_same_ip(&bound, address);
}

/* Addresses of the node that a container can mean: its gateways, and those of the uplinks. */
static bool is_meant(const hf_zone_walker *w, const hf_attachments *attachments,
		     const hf_interface *interface)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].bridge == interface)
			return true;
	}
	for (size_t i = 0; i < w->uplink_count; i++) {
		if (w->uplinks[i] == interface)
			return true;
	}
	return false;
}

void hf_walk_to_socket(const hf_zone_walker *w, const hf_container *from, const hf_socket *socket,
		       unsigned family, hf_flow_fate *fate)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, from);

	for (size_t i = 0; i < w->host->address_count; i++) {
		const hf_interface_address *own = &w->host->addresses[i];
		const hf_zone_target target = {
			.ip = own->ip,
			.protocol = strcmp(socket->family, "udp") == 0 ? HF_PROTOCOL_UDP
								       : HF_PROTOCOL_TCP,
			.port = socket->port,
			.is_host = true,
		};
		hf_flow_fate one = {0};

		if (own->ip.family != family || own->is_link_local ||
		    !hf_socket_takes(socket, &own->ip) || !is_meant(w, attachments, own->interface))
			continue;
		hf_walk_from_container(w, from, &target, &one);
		better(fate, one);
	}
}
