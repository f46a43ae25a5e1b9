/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways between zones: one container stands for all of its zone, and another of the same zone is its witness. */
#include "facts/zones-flow.h"

#include "facts/parts.h"

enum {
	ZONES_MAX = 96,	  /* between which all ways are tried */
	SERVICES_MAX = 256, /* sockets of the node */
};

typedef struct flow_list {
	const hf_zone_walker *w;
	hf_zones *zones;
	hf_list all; /* hf_flow * in the arena */
} flow_list;

static void add(flow_list *list, const hf_flow *flow)
{
	hf_flow *kept;

	if (!flow->ipv4.is_tried && !flow->ipv6.is_tried)
		return;
	kept = hf_checked(hf_arena_alloc(list->w->arena, sizeof *kept));
	*kept = *flow;
	if (hf_list_add(&list->all, kept) < 0)
		hf_facts_out_of_memory();
}

/* Both of @a and @b: where they differ, one word would be wrong for some of the zone. */
static hf_flow_fate both(hf_flow_fate a, hf_flow_fate b)
{
	if (b.is_tried && a.is_tried && a.fate != b.fate)
		return (hf_flow_fate){.is_tried = true,
				      .fate = HF_FATE_UNKNOWN,
				      .by = "it is not the same for all of them"};
	return a.is_tried ? a : b;
}

static hf_flow_fate *fate_of(hf_flow *flow, unsigned family)
{
	return family == 4 ? &flow->ipv4 : &flow->ipv6;
}

static const hf_container *first_of(const hf_zone *zone)
{
	return zone->containers[0];
}

static const hf_container *last_of(const hf_zone *zone)
{
	return zone->containers[zone->count - 1];
}

/* ---- between containers ---- */

static void flow_between(flow_list *list, size_t from, size_t to)
{
	const hf_zone *a = &list->zones->zones[from], *b = &list->zones->zones[to];
	hf_flow flow = {.from = from, .to = to};

	if (from == to && a->count < 2)
		return;
	for (unsigned family = 4; family <= 6; family += 2) {
		hf_flow_fate one = {0}, other = {0};

		hf_walk_between(list->w, first_of(a), from == to ? last_of(b) : first_of(b), family, &one);
		hf_walk_between(list->w, last_of(a), from == to ? first_of(b) : last_of(b), family, &other);
		*fate_of(&flow, family) = both(one, other);
	}
	add(list, &flow);
}

/* ---- to and from outside ---- */

static hf_flow_fate fate_out(const hf_zone_walker *w, const hf_container *container,
			     const char *address, unsigned family, uint16_t port)
{
	hf_zone_target target = {.ip = hf_far_ip(family), .protocol = HF_PROTOCOL_TCP, .port = port};
	hf_flow_fate fate = {0};

	if (address)
		(void)hf_ip_parse(address, &target.ip);
	hf_walk_from_container(w, container, &target, &fate);
	return fate;
}

static void flow_out(flow_list *list, size_t from)
{
	const uint16_t ports[] = {list->w->any_port, 443};
	const hf_zone *zone = &list->zones->zones[from];

	for (size_t i = 0; i < HF_ARRAY_SIZE(ports); i++) {
		hf_flow flow = {.from = from, .to = 0};

		for (unsigned family = 4; family <= 6; family += 2)
			*fate_of(&flow, family) =
				both(fate_out(list->w, first_of(zone), NULL, family, ports[i]),
				     fate_out(list->w, last_of(zone), NULL, family, ports[i]));
		/* what holds for any port holds for this one */
		if (i > 0) {
			flow.protocol = HF_PROTOCOL_TCP;
			flow.port = ports[i];
			if (list->all.count > 0) {
				const hf_flow *any = list->all.items[list->all.count - 1];

				if (any->from == from && any->to == 0 &&
				    any->ipv4.fate == flow.ipv4.fate && any->ipv6.fate == flow.ipv6.fate)
					return;
			}
		}
		add(list, &flow);
	}
}

static void flow_to_metadata(flow_list *list, size_t from)
{
	const hf_zone *zone = &list->zones->zones[from];
	const hf_flow flow = {
		.from = from,
		.to = 2,
		.protocol = HF_PROTOCOL_TCP,
		.port = 80,
		.ipv4 = both(fate_out(list->w, first_of(zone), HF_METADATA_ADDRESS, 4, 80),
			     fate_out(list->w, last_of(zone), HF_METADATA_ADDRESS, 4, 80)),
	};

	add(list, &flow);
}

static hf_flow_fate fate_in(const hf_zone_walker *w, const hf_container *container, unsigned family)
{
	const hf_attachments *attachments = hf_container_attachments(w->run, container);
	hf_flow_fate fate = {0};

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_ip *ip = hf_attachment_ip(&attachments->all[i], family);

		if (!ip || !attachments->all[i].port)
			continue;
		const hf_zone_target target = {.ip = *ip,
					       .protocol = HF_PROTOCOL_TCP,
					       .port = w->any_port,
					       .is_routed = true};

		hf_walk_from_outside(w, &target, &fate);
	}
	return fate;
}

static void flow_in(flow_list *list, size_t to)
{
	const hf_zone *zone = &list->zones->zones[to];
	hf_flow flow = {.from = 0, .to = to};

	for (unsigned family = 4; family <= 6; family += 2)
		*fate_of(&flow, family) = both(fate_in(list->w, first_of(zone), family),
					       fate_in(list->w, last_of(zone), family));
	add(list, &flow);
}

static void flow_from_host(flow_list *list, size_t to)
{
	const hf_zone *zone = &list->zones->zones[to];
	hf_flow flow = {.from = 1, .to = to};

	hf_walk_from_host(list->w, first_of(zone), 4, &flow.ipv4);
	hf_walk_from_host(list->w, first_of(zone), 6, &flow.ipv6);
	add(list, &flow);
}

/* ---- to what listens on the node ---- */

/* The engine's own listener of a published port is no service of the node. */
static bool is_service(const hf_zone_walker *w, const hf_socket *socket)
{
	const hf_process *holder = hf_socket_holder(w->run, socket->inode);
	const char *slash = holder && holder->exe ? strrchr(holder->exe, '/') : NULL;

	if (strcmp(socket->family, "unix") == 0 || socket->is_loopback || socket->port == 0)
		return false;
	return !slash || (!hf_has_prefix(slash, "/docker-proxy") && !hf_has_prefix(slash, "/rootlessport"));
}

/* Program of whoever listens. */
static const char *service_name(const hf_zone_walker *w, const hf_socket *socket)
{
	const hf_process *holder = hf_socket_holder(w->run, socket->inode);
	const char *slash = holder && holder->exe ? strrchr(holder->exe, '/') : NULL;

	return slash ? slash + 1 : NULL;
}

static void flow_service(flow_list *list, size_t from, const hf_socket *socket)
{
	const hf_zone_walker *w = list->w;
	const hf_zone *zone = &list->zones->zones[from];
	uint8_t protocol = strcmp(socket->family, "udp") == 0 ? HF_PROTOCOL_UDP : HF_PROTOCOL_TCP;
	hf_flow flow = {
		.from = from,
		.to = 1,
		.protocol = protocol,
		.port = socket->port,
		.what = service_name(w, socket),
	};

	for (unsigned family = 4; family <= 6; family += 2) {
		hf_flow_fate *fate = fate_of(&flow, family);
		hf_zone_target target = {.ip = {.family = (uint8_t)family},
					 .protocol = protocol,
					 .port = socket->port,
					 .is_host = true};

		if (zone->kind != HF_ZONE_OUTSIDE) {
			hf_walk_to_socket(w, first_of(zone), socket, family, fate);
			continue;
		}
		if (!socket->is_wildcard && !hf_ip_parse(socket->address, &target.ip))
			continue;
		if (target.ip.family == family && (family == 4 || strchr(socket->address, ':')))
			hf_walk_from_outside(w, &target, fate);
	}
	/* two sockets of one port, IPv4's and IPv6's, are one service */
	for (size_t i = list->all.count; i-- > 0;) {
		hf_flow *other = list->all.items[i];

		if (other->from != from || other->to != 1)
			break;
		if (other->port == flow.port && other->protocol == flow.protocol) {
			if (!other->ipv4.is_tried)
				other->ipv4 = flow.ipv4;
			if (!other->ipv6.is_tried)
				other->ipv6 = flow.ipv6;
			return;
		}
	}
	add(list, &flow);
}

static void flow_services(flow_list *list, size_t from)
{
	const hf_sockets *sockets = hf_host_sockets_inet(list->w->run);

	for (size_t i = 0; i < sockets->count && i < SERVICES_MAX; i++) {
		if (is_service(list->w, &sockets->all[i]))
			flow_service(list, from, &sockets->all[i]);
	}
	if (sockets->count > SERVICES_MAX)
		list->zones->is_cut = true;
}

/* ---- publications ---- */

static size_t zone_of(const hf_zones *zones, const hf_container *container)
{
	for (size_t i = 0; container && i < zones->zone_count; i++) {
		for (size_t k = 0; k < zones->zones[i].count; k++) {
			if (zones->zones[i].containers[k] == container)
				return i;
		}
	}
	return SIZE_MAX;
}

static bool is_loopback(const hf_ip *ip)
{
	static const uint8_t one[16] = {[15] = 1};

	return ip->family == 4 ? ip->bytes[0] == 127 : memcmp(ip->bytes, one, sizeof one) == 0;
}

static void add_publications(const hf_zone_walker *w, hf_zones *zones)
{
	const hf_publications *publications = hf_publications_get(w->run);
	hf_published_flow *all =
		hf_checked(hf_arena_calloc(w->arena, publications->count + 1, sizeof *all));

	for (size_t i = 0; i < publications->count; i++) {
		const hf_publication *p = &publications->all[i];
		const hf_zone_target target = {.ip = p->host_ip,
					       .protocol = p->protocol,
					       .port = p->host_port,
					       /* nobody else sends to such an address */
					       .is_routed = is_loopback(&p->host_ip)};

		all[i].publication = p;
		all[i].zone = zone_of(zones, p->container);
		if (p->host_ip.family != 0)
			hf_walk_from_outside(w, &target, &all[i].fate);
	}
	zones->published = all;
	zones->published_count = publications->count;
}

/* ---- networks ---- */

typedef struct stand_in {
	const hf_attachment *attachment;
	hf_ip ip;
} stand_in;

/* Who stands for a network: its @index-th member with an address, else a free one. */
static bool find_stand_in(const hf_network *network, size_t index, stand_in *ret)
{
	for (size_t i = 0; i < network->member_count; i++) {
		const hf_attachment *at = network->members[i];

		if (at->ip.family != 4 || index-- > 0)
			continue;
		*ret = (stand_in){.attachment = at, .ip = at->ip};
		return true;
	}
	*ret = (stand_in){0};
	return network->member_count == 0 && network->gateway.family == 4 &&
	       hf_beside_ip(&network->gateway, network->prefix, &ret->ip);
}

static void walk_network(const hf_zone_walker *w, const hf_network *network, const stand_in *from,
			 const hf_ip *to, hf_flow_fate *fate)
{
	const hf_packet packet = {
		.from = from->ip,
		.to = *to,
		.protocol = HF_PROTOCOL_TCP,
		.to_port = w->any_port,
		.in = network->bridge,
		.in_port = from->attachment ? from->attachment->port : NULL,
	};

	hf_flow_add(fate, hf_packet_walk(w->run, &packet));
}

static void view_network(const hf_zone_walker *w, const hf_network *network, hf_network_view *view)
{
	enum { OTHERS_MAX = 128 };
	const hf_ip far = hf_far_ip(4);
	stand_in own, second;

	view->network = network;
	for (size_t i = 0; i < w->host->interface_count; i++)
		view->ports += w->host->interfaces[i].is_port &&
			       w->host->interfaces[i].master == network->bridge->index;
	if (!find_stand_in(network, 0, &own))
		return;
	if (own.attachment && find_stand_in(network, 1, &second) && second.attachment)
		walk_network(w, network, &own, &second.ip, &view->among);
	walk_network(w, network, &own, &far, &view->out);
	const hf_zone_target target = {
		.ip = own.ip, .protocol = HF_PROTOCOL_TCP, .port = w->any_port, .is_routed = true};

	hf_walk_from_outside(w, &target, &view->in);
	for (size_t i = 0; i < w->networks->count && i < OTHERS_MAX; i++) {
		stand_in other;

		if (w->networks->all[i] != network && find_stand_in(w->networks->all[i], 0, &other))
			walk_network(w, network, &own, &other.ip, &view->others);
	}
}

static void add_networks(const hf_zone_walker *w, hf_zones *zones)
{
	hf_network_view *all =
		hf_checked(hf_arena_calloc(w->arena, w->networks->count + 1, sizeof *all));

	for (size_t i = 0; i < w->networks->count; i++)
		view_network(w, w->networks->all[i], &all[i]);
	zones->networks = all;
	zones->network_count = w->networks->count;
}

/* ---- all ---- */

void hf_zones_add_flows(const hf_zone_walker *w, hf_zones *zones)
{
	flow_list list = {.w = w, .zones = zones};
	size_t count = zones->zone_count;

	if (count > ZONES_MAX) {
		zones->is_cut = true;
		count = ZONES_MAX;
	}
	flow_services(&list, 0);
	for (size_t i = 3; i < count; i++) {
		if (zones->zones[i].kind == HF_ZONE_PLUGGED)
			flow_in(&list, i);
	}
	for (size_t i = 3; i < count; i++) {
		if (zones->zones[i].kind == HF_ZONE_PLUGGED)
			flow_from_host(&list, i);
	}
	for (size_t i = 3; i < count; i++) {
		if (zones->zones[i].kind != HF_ZONE_PLUGGED)
			continue;
		flow_out(&list, i);
		flow_services(&list, i);
		flow_to_metadata(&list, i);
		for (size_t k = 3; k < count; k++) {
			if (zones->zones[k].kind == HF_ZONE_PLUGGED)
				flow_between(&list, i, k);
		}
	}
	hf_flow *flows = hf_checked(hf_arena_calloc(w->arena, list.all.count + 1, sizeof *flows));

	for (size_t i = 0; i < list.all.count; i++)
		flows[i] = *(const hf_flow *)list.all.items[i];
	zones->flows = flows;
	zones->flow_count = list.all.count;
	hf_list_free(&list.all);
	add_publications(w, zones);
	add_networks(w, zones);
}
