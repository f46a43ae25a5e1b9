/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of containers: bridges of the host. And what leads from it to the world. */
#include "facts/net.h"

/* ---- bridges ---- */

static void find_gateway(const hf_netns *host, hf_network *network)
{
	for (size_t i = 0; i < host->address_count; i++) {
		const hf_interface_address *address = &host->addresses[i];

		if (address->interface != network->bridge)
			continue;
		if (address->ip.family == 4 && !network->gateway.family) {
			network->gateway = address->ip;
			network->prefix = address->prefix;
		}
		if (address->ip.family == 6 && !network->gateway6.family && !address->is_link_local) {
			network->gateway6 = address->ip;
			network->prefix6 = address->prefix;
		}
	}
}

/* Those that are plugged into @bridge, in the order of all. */
static size_t find_members(const hf_attachments *attachments, const hf_interface *bridge,
			   const hf_attachment **members)
{
	size_t count = 0;

	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].bridge == bridge)
			members[count++] = &attachments->all[i];
	}
	return count;
}

static void describe(hf_facts *facts, hf_network *network)
{
	const hf_net_declared *declared = hf_facts_net_declared(facts, network->bridge->name);

	if (!declared)
		return;
	network->name = declared->name;
	network->engine = declared->engine;
	network->is_default = declared->is_default;
	network->is_internal = declared->is_internal;
	network->is_declared = declared->is_read;
	network->declares_ipv6 = declared->has_ipv6;
	network->declares_no_icc = declared->has_no_icc;
}

static int compare_networks(const void *a, const void *b)
{
	const hf_network *x = *(const hf_network *const *)a, *y = *(const hf_network *const *)b;

	return strcmp(x->bridge->name, y->bridge->name);
}

static void lose(hf_fact *fact, const hf_fact *other)
{
	if (fact->state == HF_PRESENT && (other->state != HF_PRESENT || other->why))
		*fact = (hf_fact){.state = HF_UNREADABLE, .source = other->source, .why = other->why};
}

/* Who is plugged into a bridge the host knows, whatever a container shows of itself; but not of one whose namespace
 * is not known. */
static void lose_containers(hf_facts *facts, hf_fact *fact)
{
	const hf_containers *containers = hf_facts_containers(facts);

	if (containers->fact.state == HF_UNREADABLE)
		lose(fact, &containers->fact);
	for (size_t i = 0; fact->state == HF_PRESENT && i < containers->count; i++) {
		const hf_container *container = containers->all[i];

		if (container->init && container->init->ns[HF_NS_NET])
			continue;
		const hf_fact unknown = {
			.state = HF_UNREADABLE,
			.source = container->tasks_fact.source ? container->tasks_fact.source : "containers",
			.why = "which network namespace a container is in could not be read",
		};

		lose(fact, &unknown);
	}
}

static size_t count_bridges(const hf_netns *host)
{
	size_t count = 0;

	for (size_t i = 0; i < host->interface_count; i++)
		count += strcmp(host->interfaces[i].kind, "bridge") == 0;
	return count;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_netns *host = hf_facts_host_netns(facts);
	const hf_attachments *attachments = hf_facts_attachments(facts);
	hf_networks *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_network **all =
		hf_checked(hf_arena_calloc(arena, count_bridges(host) + 1, sizeof(hf_network *)));
	const hf_attachment **members =
		hf_checked(hf_arena_calloc(arena, attachments->count + 1, sizeof(hf_attachment *)));

	(void)key;
	list->fact.source = host->fact.source;
	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_interface *bridge = &host->interfaces[i];

		if (strcmp(bridge->kind, "bridge") != 0)
			continue;
		size_t count = find_members(attachments, bridge, members);

		if (count == 0 && !hf_facts_net_declared(facts, bridge->name))
			continue;
		hf_network *network = hf_checked(hf_arena_alloc(arena, sizeof *network));

		*network = (hf_network){.bridge = bridge, .members = members, .member_count = count};
		members += count; /* each is a member of one at most */
		find_gateway(host, network);
		describe(facts, network);
		all[list->count++] = network;
	}
	if (list->count > 0)
		qsort(all, list->count, sizeof *all, compare_networks);
	list->all = all;
	lose(&list->fact, &host->fact);
	lose_containers(facts, &list->fact);
	return list;
}

static const hf_fact_type type = {.name = "networks", .compute = compute, .is_common = true};

const hf_networks *hf_facts_networks(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}

const hf_networks *hf_networks_get(hf_check_run *run)
{
	return hf_facts_networks(hf_facts_of(run));
}

const hf_network *hf_network_of(hf_check_run *run)
{
	const hf_subject *subject = hf_subject_of(run);

	/* the list rests on all containers, a check of one bridge on the host's interfaces */
	(void)hf_facts_host_netns(hf_facts_of(run));
	return subject->fact;
}

/* ---- subjects ---- */

static const void *compute_subjects(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_networks *list = hf_facts_networks(facts);
	hf_subjects *subjects = hf_checked(hf_arena_alloc(arena, sizeof *subjects));
	hf_subject *all = hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *all));

	(void)key;
	for (size_t i = 0; i < list->count; i++) {
		const hf_network *network = list->all[i];
		const char *bridge = network->bridge->name;

		all[i] = (hf_subject){
			.kind = HF_SUBJECT_NETWORK,
			.key = hf_checked(hf_arena_printf(arena, "network:%s", bridge)),
			.id = bridge,
			.name = network->name ? network->name : bridge,
			.runtime = network->engine,
			.fact = network,
		};
	}
	*subjects = (hf_subjects){.fact = list->fact, .all = all, .count = list->count};
	if (list->fact.state == HF_PRESENT && list->count == 0) {
		subjects->fact.state = HF_ABSENT;
		subjects->fact.why = "no bridge of this node is a network of containers";
	}
	return subjects;
}

static const hf_fact_type subjects_type = {.name = "network subjects", .compute = compute_subjects};

const hf_subjects *hf_facts_network_subjects(hf_facts *facts)
{
	return hf_facts_once(facts, &subjects_type, "");
}

/* ---- to the world ---- */

typedef struct uplinks {
	const hf_interface **all;
	size_t count;
} uplinks;

/* The other end of a container's own interface: a default route may lead into one. */
static bool is_port(hf_facts *facts, const hf_interface *interface)
{
	const hf_attachments *attachments = hf_facts_attachments(facts);

	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].port == interface)
			return true;
	}
	return false;
}

static bool is_way_out(hf_facts *facts, const hf_interface *interface)
{
	const hf_net_ways *ways = hf_facts_host_ways(facts);

	for (size_t i = 0; i < ways->count; i++) {
		if (ways->all[i] == interface)
			return !is_port(facts, interface);
	}
	return interface->has_hardware;
}

static const void *compute_uplinks(hf_facts *facts, const char *key)
{
	const hf_netns *host = hf_facts_host_netns(facts);
	uplinks *list = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));

	(void)key;
	list->all = hf_checked(hf_arena_calloc(hf_facts_arena(facts), host->interface_count + 1,
					       sizeof(hf_interface *)));
	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_interface *interface = &host->interfaces[i];

		if (interface->is_up && !interface->is_loopback && is_way_out(facts, interface))
			list->all[list->count++] = interface;
	}
	return list;
}

static const hf_fact_type uplinks_type = {.name = "uplinks", .compute = compute_uplinks};

const hf_interface *const *hf_uplinks(hf_check_run *run, size_t *ret_count)
{
	const uplinks *list = hf_facts_once(hf_facts_of(run), &uplinks_type, "");

	*ret_count = list->count;
	return list->all;
}
