/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones: containers that stand alike to everybody else are told as one, so that three hundred of them can be read. */
#include "facts/zones-walk.h"

#include "facts/containers.h"
#include "facts/zones-flow.h"

enum {
	PROBES_MAX = 60000,  /* packets to find out who is alike */
	NETWORKS_MAX = 256,  /* that are probed */
	SOCKETS_MAX = 64,    /* of the node, told one by one */
};

/* One container on its way into a zone. */
typedef struct node {
	const hf_container *container;
	hf_zone_kind kind;
	const char *signature; /* the same for all that stand alike; begins with its bridges */
} node;

static hf_zone_kind kind_of(const hf_zone_walker *w, const hf_container *container,
			    const hf_ns_reference *reference)
{
	const hf_netns *netns = hf_container_netns(w->run, container);
	const hf_attachments *attachments = hf_container_attachments(w->run, container);
	hf_zone_kind kind = HF_ZONE_ALONE;

	if (container->init && reference->inode[HF_NS_NET] &&
	    container->init->ns[HF_NS_NET] == reference->inode[HF_NS_NET])
		return HF_ZONE_HOST;
	if (netns->fact.state != HF_PRESENT)
		return HF_ZONE_UNKNOWN;
	for (size_t i = 0; i < attachments->count; i++) {
		const char *inner = attachments->all[i].inside->kind;

		if (attachments->all[i].port)
			return HF_ZONE_PLUGGED;
		if (strcmp(inner, "macvlan") == 0 || strcmp(inner, "macvtap") == 0 ||
		    strcmp(inner, "ipvlan") == 0 || strcmp(inner, "") == 0)
			kind = HF_ZONE_SEGMENT;
		else if (kind == HF_ZONE_ALONE && strcmp(inner, "dummy") != 0)
			kind = HF_ZONE_UNKNOWN;
	}
	return attachments->fact.state == HF_PRESENT ? kind : HF_ZONE_UNKNOWN;
}

/* ---- who is alike ---- */

static void sign(hf_buffer *signature, const hf_flow_fate *fate)
{
	static const char letters[] = {
		[HF_FATE_UNKNOWN] = '?', [HF_FATE_DROPPED] = '-', [HF_FATE_ACCEPTED] = '+'};

	hf_buffer_add(signature, fate->is_tried ? &letters[fate->fate] : ".", 1);
}

static void sign_bridges(const hf_attachments *attachments, hf_buffer *signature)
{
	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *at = &attachments->all[i];

		hf_buffer_printf(signature, "%s%s%s%s ", at->bridge ? at->bridge->name : "",
				 at->port && at->port->is_isolated ? "/isolated" : "",
				 at->ip.family ? "" : "/no-ipv4", at->ip6.family ? "/ipv6" : "");
	}
}

/* One of the network's members that is not @container. */
static const hf_container *other_member(const hf_network *network, const hf_container *container)
{
	for (size_t i = 0; i < network->member_count; i++) {
		if (network->members[i]->container != container)
			return network->members[i]->container;
	}
	return NULL;
}

static void sign_others(const hf_zone_walker *w, const hf_container *container, unsigned family,
			hf_buffer *signature)
{
	for (size_t i = 0; i < w->networks->count && i < NETWORKS_MAX; i++) {
		const hf_container *other = other_member(w->networks->all[i], container);
		hf_flow_fate there = {0}, back = {0};

		if (other) {
			hf_walk_between(w, container, other, family, &there);
			hf_walk_between(w, other, container, family, &back);
		}
		sign(signature, &there);
		sign(signature, &back);
	}
}

static void sign_world(const hf_zone_walker *w, const hf_container *container, unsigned family,
		       hf_buffer *signature)
{
	const uint16_t ports[] = {w->any_port, 443};
	const hf_attachments *attachments = hf_container_attachments(w->run, container);
	hf_zone_target target = {.ip = hf_far_ip(family), .protocol = HF_PROTOCOL_TCP};
	hf_flow_fate in = {0};

	for (size_t i = 0; i < HF_ARRAY_SIZE(ports); i++) {
		hf_flow_fate out = {0};

		target.port = ports[i];
		hf_walk_from_container(w, container, &target, &out);
		sign(signature, &out);
	}
	for (size_t i = 0; i < attachments->count; i++) {
		const hf_ip *ip = hf_attachment_ip(&attachments->all[i], family);

		if (!ip || !attachments->all[i].port)
			continue;
		target = (hf_zone_target){.ip = *ip, .protocol = HF_PROTOCOL_TCP,
					  .port = w->any_port, .is_routed = true};
		hf_walk_from_outside(w, &target, &in);
	}
	sign(signature, &in);
	if (family == 4) {
		hf_flow_fate metadata = {0};

		target = (hf_zone_target){.protocol = HF_PROTOCOL_TCP, .port = 80};
		(void)hf_ip_parse(HF_METADATA_ADDRESS, &target.ip);
		hf_walk_from_container(w, container, &target, &metadata);
		sign(signature, &metadata);
	}
}

static void sign_services(const hf_zone_walker *w, const hf_container *container, unsigned family,
			  hf_buffer *signature)
{
	const hf_sockets *sockets = hf_host_sockets_inet(w->run);

	for (size_t i = 0; i < sockets->count && i < SOCKETS_MAX; i++) {
		hf_flow_fate fate = {0};

		hf_walk_to_socket(w, container, &sockets->all[i], family, &fate);
		sign(signature, &fate);
	}
}

static bool has_family(const hf_zone_walker *w, unsigned family)
{
	const hf_attachments *attachments = hf_attachments_get(w->run);

	for (size_t i = 0; i < attachments->count; i++) {
		if (hf_attachment_ip(&attachments->all[i], family))
			return true;
	}
	return false;
}

static const char *signature_of(const hf_zone_walker *w, const node *n, bool is_probed)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, n->container);
	hf_buffer signature = {0};

	if (n->kind == HF_ZONE_PLUGGED || n->kind == HF_ZONE_SEGMENT)
		sign_bridges(attachments, &signature);
	for (unsigned family = 4; n->kind == HF_ZONE_PLUGGED && is_probed && family <= 6; family += 2) {
		if (!has_family(w, family))
			continue;
		sign_others(w, n->container, family, &signature);
		sign_world(w, n->container, family, &signature);
		sign_services(w, n->container, family, &signature);
	}
	const char *text = hf_checked(
		hf_arena_strdup(w->arena, signature.data && !signature.failed ? signature.data : ""));

	hf_buffer_free(&signature);
	return text;
}

static int compare_nodes(const void *a, const void *b)
{
	const node *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	int r = strcmp(x->signature, y->signature);

	return r ? r : strcmp(x->container->id, y->container->id);
}

/* ---- zones ---- */

/* Networks that the first one is on; the others of its zone are on the same. */
static void set_networks(const hf_zone_walker *w, hf_zone *zone)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, zone->containers[0]);
	const hf_network **found =
		hf_checked(hf_arena_calloc(w->arena, w->networks->count + 1, sizeof *found));

	for (size_t i = 0; i < w->networks->count; i++) {
		bool is_on = false;

		for (size_t k = 0; k < attachments->count; k++)
			is_on |= attachments->all[k].bridge == w->networks->all[i]->bridge;
		if (is_on)
			found[zone->network_count++] = w->networks->all[i];
	}
	zone->networks = found;
}

static void fill_zone(const hf_zone_walker *w, hf_zone *zone, const node *nodes, size_t count)
{
	const hf_container **members =
		hf_checked(hf_arena_calloc(w->arena, count + 1, sizeof *members));

	for (size_t i = 0; i < count; i++)
		members[i] = nodes[i].container;
	zone->containers = members;
	zone->count = count;
	if (count > 0 && zone->kind != HF_ZONE_HOST)
		set_networks(w, zone);
}

/* @nodes are sorted: those of one zone stand together. */
static void make_zones(const hf_zone_walker *w, const node *nodes, size_t count, hf_zones *result)
{
	hf_zone *zones = hf_checked(hf_arena_calloc(w->arena, count + 3, sizeof *zones));
	size_t made = 3, at = 0, on_host = 0;

	zones[0].kind = HF_ZONE_OUTSIDE;
	zones[1].kind = HF_ZONE_HOST;
	zones[2].kind = HF_ZONE_METADATA;
	while (on_host < count && nodes[on_host].kind == HF_ZONE_HOST)
		on_host++;
	fill_zone(w, &zones[1], nodes, on_host);
	for (at = on_host; at < count;) {
		size_t end = at + 1;

		while (end < count && nodes[end].kind == nodes[at].kind &&
		       strcmp(nodes[end].signature, nodes[at].signature) == 0)
			end++;
		zones[made].kind = nodes[at].kind;
		fill_zone(w, &zones[made++], nodes + at, end - at);
		at = end;
	}
	result->zones = zones;
	result->zone_count = made;
}

static const char *gap_of(const hf_zone_walker *w)
{
	const hf_containers *containers = hf_containers_get(w->run);
	const hf_attachments *attachments = hf_attachments_get(w->run);
	const hf_publications *publications = hf_publications_get(w->run);
	const hf_packet_filter *filter = hf_packet_filter_get(w->run);
	const hf_sockets *sockets = hf_host_sockets_inet(w->run);
	const hf_fact *facts[] = {&containers->fact, &w->networks->fact, &attachments->fact,
				  &publications->fact, &filter->fact, &sockets->fact, &w->host->fact};

	for (size_t i = 0; i < HF_ARRAY_SIZE(facts); i++) {
		if (facts[i]->state == HF_UNREADABLE || facts[i]->why)
			return hf_checked(hf_arena_printf(w->arena, "%s: %s", facts[i]->source,
							  facts[i]->why ? facts[i]->why
									: "could not be read"));
	}
	return NULL;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_zones *result = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *result));
	hf_view view = {.facts = facts};
	hf_zone_walker w;

	(void)key;
	hf_zone_walker_init(facts, &view, &w);
	const hf_containers *containers = hf_containers_get(w.run);
	const hf_ns_reference *reference = hf_ns_reference_get(w.run);
	node *nodes = hf_checked(hf_arena_calloc(w.arena, containers->count + 1, sizeof *nodes));

	result->fact = w.host->fact;
	result->uplinks = w.uplinks;
	result->uplink_count = w.uplink_count;
	if (w.host->fact.state != HF_PRESENT)
		return result;
	result->fact.why = gap_of(&w);
	bool is_probed = containers->count * (w.networks->count * 2 + SOCKETS_MAX) <= PROBES_MAX;

	for (size_t i = 0; i < containers->count; i++) {
		nodes[i].container = containers->all[i];
		nodes[i].kind = kind_of(&w, containers->all[i], reference);
	}
	for (size_t i = 0; i < containers->count; i++)
		nodes[i].signature = signature_of(&w, &nodes[i], is_probed);
	if (containers->count > 0)
		qsort(nodes, containers->count, sizeof *nodes, compare_nodes);
	make_zones(&w, nodes, containers->count, result);
	result->is_cut = !is_probed;
	hf_zones_add_flows(&w, result);
	return result;
}

static const hf_fact_type type = {.name = "zones", .compute = compute};

const hf_zones *hf_facts_zones(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}
