/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where containers are plugged in: their interfaces, and the other ends of those in the host's network namespace. */
#include "facts/net.h"

typedef struct attached {
	hf_attachments all;
	const hf_containers *containers;
	hf_attachments *of; /* by the number of the container */
} attached;

/* ---- the other end ---- */

/* An interface of the host whose peer is in another namespace. */
typedef struct end {
	uint64_t netns;
	int32_t index; /* of the peer */
	const hf_interface *port;
} end;

typedef struct ends {
	end *all; /* by namespace, then index */
	size_t count;
} ends;

static int compare_ends(const void *a, const void *b)
{
	const end *x = a, *y = b;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static const void *compute_ends(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_netns *host = hf_facts_host_netns(facts);
	ends *list = hf_checked(hf_arena_alloc(arena, sizeof *list));

	(void)key;
	list->all = hf_checked(hf_arena_calloc(arena, host->interface_count + 1, sizeof *list->all));
	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_interface *port = &host->interfaces[i];

		/* what lies on top of an interface of another namespace is no end of it */
		if (port->peer_netns && (strcmp(port->kind, "veth") == 0 || strcmp(port->kind, "netkit") == 0))
			list->all[list->count++] = (end){port->peer_netns, port->peer, port};
	}
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_ends);
	return list;
}

static const hf_fact_type ends_type = {.name = "ends of containers' interfaces", .compute = compute_ends};

static const hf_interface *port_of(const ends *list, uint64_t netns, const hf_interface *inside)
{
	const end wanted = {.netns = netns, .index = inside->index};
	const end *found = list->count > 0 ? bsearch(&wanted, list->all, list->count, sizeof wanted,
						     compare_ends)
					   : NULL;

	return found ? found->port : NULL;
}

/* The first end that leads into @netns, or where it would be. */
static size_t first_end(const ends *list, uint64_t netns)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->all[middle].netns < netns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t count_ends(const ends *list, uint64_t netns)
{
	size_t count = 0;

	for (size_t i = first_end(list, netns); i < list->count && list->all[i].netns == netns; i++)
		count++;
	return count;
}

/* ---- of one container ---- */

static void find_addresses(const hf_netns *netns, hf_attachment *attachment)
{
	for (size_t i = 0; i < netns->address_count; i++) {
		const hf_interface_address *address = &netns->addresses[i];

		if (address->interface != attachment->inside)
			continue;
		if (address->ip.family == 4 && !attachment->ip.family)
			attachment->ip = address->ip;
		if (address->ip.family == 6 && !attachment->ip6.family && !address->is_link_local)
			attachment->ip6 = address->ip;
	}
}

static void lose(hf_fact *fact, const hf_netns *netns)
{
	if (fact->state != HF_PRESENT || (netns->fact.state == HF_PRESENT && !netns->fact.why))
		return;
	*fact = (hf_fact){.state = HF_UNREADABLE, .source = netns->fact.source, .why = netns->fact.why};
}

static void place(const hf_netns *host, hf_attachment *attachment)
{
	const hf_interface *master =
		attachment->port ? hf_netns_interface_at(host, attachment->port->master) : NULL;

	if (master && strcmp(master->kind, "bridge") == 0)
		attachment->bridge = master;
}

/* What the host knows to lead into a namespace of which not all could be read: a container that makes itself a
 * thousand interfaces must not hide where it is plugged in. */
static size_t attach_ends(hf_facts *facts, const hf_container *container, const hf_netns *netns, const ends *list,
			  hf_attachment *all)
{
	uint64_t inode = container->init ? container->init->ns[HF_NS_NET] : 0;
	size_t count = 0;

	for (size_t i = first_end(list, inode); inode && i < list->count && list->all[i].netns == inode; i++) {
		const end *from = &list->all[i];

		if (netns->fact.state == HF_PRESENT && hf_netns_interface_at(netns, from->index))
			continue;
		hf_interface *inside = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *inside));

		*inside = (hf_interface){
			.index = from->index,
			.name = "?",
			.kind = from->port->kind,
			.mac = "",
			.mode = "",
			.peer = from->port->index,
			.is_peer_elsewhere = true,
		};
		all[count] = (hf_attachment){.container = container, .inside = inside, .port = from->port};
		place(hf_facts_host_netns(facts), &all[count++]);
	}
	return count;
}

static int compare_attachments(const void *a, const void *b)
{
	const hf_attachment *x = a, *y = b;

	return (x->inside->index > y->inside->index) - (x->inside->index < y->inside->index);
}

static size_t attach(hf_facts *facts, const hf_container *container, const ends *list, hf_attachment *all,
		     hf_attachments *ret_own)
{
	const hf_netns *host = hf_facts_host_netns(facts);
	const hf_netns *netns = hf_facts_container_netns(facts, container);
	size_t count = 0;

	*ret_own = (hf_attachments){.fact = {.source = netns->fact.source}, .all = all};
	if (hf_container_shares_netns(facts, container))
		return 0;
	lose(&ret_own->fact, netns);
	for (size_t i = 0; netns->fact.state == HF_PRESENT && i < netns->interface_count; i++) {
		const hf_interface *inside = &netns->interfaces[i];

		if (inside->is_loopback)
			continue;
		all[count] = (hf_attachment){
			.container = container,
			.inside = inside,
			.port = port_of(list, netns->inode, inside),
		};
		place(host, &all[count]);
		find_addresses(netns, &all[count++]);
	}
	count += attach_ends(facts, container, netns, list, all + count);
	if (count > 0)
		qsort(all, count, sizeof *all, compare_attachments);
	/* where its interfaces lead, the host alone tells */
	if (count > 0)
		lose(&ret_own->fact, host);
	ret_own->count = count;
	return count;
}

/* ---- of all ---- */

static size_t count_interfaces(hf_facts *facts, const hf_containers *containers, const ends *list)
{
	size_t count = 0;

	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];

		if (hf_container_shares_netns(facts, container))
			continue;
		count += hf_facts_container_netns(facts, container)->interface_count;
		count += container->init ? count_ends(list, container->init->ns[HF_NS_NET]) : 0;
	}
	return count;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_containers *containers = hf_facts_containers(facts);
	const ends *list = hf_facts_once(facts, &ends_type, "");
	attached *a = hf_checked(hf_arena_alloc(arena, sizeof *a));
	hf_attachment *all = hf_checked(
		hf_arena_calloc(arena, count_interfaces(facts, containers, list) + 1, sizeof *all));

	(void)key;
	a->containers = containers;
	a->of = hf_checked(hf_arena_calloc(arena, containers->count + 1, sizeof *a->of));
	a->all = (hf_attachments){.fact = {.source = "rtnetlink in containers' network namespaces"}, .all = all};
	if (containers->fact.state == HF_UNREADABLE)
		a->all.fact = containers->fact;
	for (size_t i = 0; i < containers->count; i++) {
		a->all.count += attach(facts, containers->all[i], list, all + a->all.count, &a->of[i]);
		if (a->all.fact.state == HF_PRESENT && a->of[i].fact.state != HF_PRESENT)
			a->all.fact = a->of[i].fact;
	}
	return a;
}

static const hf_fact_type type = {.name = "attachments", .compute = compute, .is_common = true};

static const attached *attached_get(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}

const hf_attachments *hf_facts_attachments(hf_facts *facts)
{
	return &attached_get(facts)->all;
}

const hf_attachments *hf_attachments_get(hf_check_run *run)
{
	return hf_facts_attachments(hf_facts_of(run));
}

const hf_attachments *hf_container_attachments(hf_check_run *run, const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	const attached *a = attached_get(facts);
	size_t low = 0, high = a->containers->count;

	/* it rests on these, whoever asked for the others first */
	(void)hf_facts_container_netns(facts, container);
	(void)hf_facts_host_netns(facts);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(a->containers->all[middle]->id, container->id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < a->containers->count && a->containers->all[low] == container)
		return &a->of[low];
	static const hf_attachments none = {
		.fact = {.state = HF_UNREADABLE, .source = "containers", .why = "there is no such container"}};

	return &none;
}

/* ---- by address ---- */

typedef struct resident {
	hf_ip ip;
	const hf_container *container; /* NULL: several */
} resident;

typedef struct residents {
	resident *all; /* by address */
	size_t count;
} residents;

static int compare_residents(const void *a, const void *b)
{
	const resident *x = a, *y = b;

	if (x->ip.family != y->ip.family)
		return x->ip.family < y->ip.family ? -1 : 1;
	return memcmp(x->ip.bytes, y->ip.bytes, sizeof x->ip.bytes);
}

/* As hf_containers has them, so that the same one stands for a pod each time. */
static int compare_arrivals(const void *a, const void *b)
{
	const resident *x = a, *y = b;
	int order = compare_residents(a, b);

	return order ? order : strcmp(x->container->id, y->container->id);
}

static void add_resident(residents *list, const hf_container *container, const hf_ip *ip)
{
	list->all[list->count++] = (resident){.ip = *ip, .container = container};
}

/* Containers of one pod have one namespace: the first of them stands for all. */
static void unite(residents *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		resident *last = kept > 0 ? &list->all[kept - 1] : NULL;

		if (!last || compare_residents(last, &list->all[i]) != 0)
			list->all[kept++] = list->all[i];
		else if (last->container && list->all[i].container->init && last->container->init &&
			 last->container->init->ns[HF_NS_NET] !=
				 list->all[i].container->init->ns[HF_NS_NET])
			last->container = NULL;
	}
	list->count = kept;
}

static const void *compute_residents(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_containers *containers = hf_facts_containers(facts);
	residents *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	size_t room = 0;

	(void)key;
	for (size_t i = 0; i < containers->count; i++)
		room += hf_facts_container_netns(facts, containers->all[i])->address_count;
	list->all = hf_checked(hf_arena_calloc(arena, room + 1, sizeof *list->all));
	for (size_t i = 0; i < containers->count; i++) {
		const hf_netns *netns = hf_facts_container_netns(facts, containers->all[i]);

		if (hf_container_shares_netns(facts, containers->all[i]))
			continue;
		for (size_t k = 0; k < netns->address_count; k++) {
			if (!netns->addresses[k].interface->is_loopback &&
			    !netns->addresses[k].is_link_local)
				add_resident(list, containers->all[i], &netns->addresses[k].ip);
		}
	}
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_arrivals);
	unite(list);
	return list;
}

static const hf_fact_type residents_type = {
	.name = "containers by address", .compute = compute_residents, .is_common = true};

const hf_container *hf_facts_container_at(hf_facts *facts, const hf_ip *ip)
{
	const residents *list = hf_facts_once(facts, &residents_type, "");
	const resident wanted = {.ip = *ip};
	const resident *found = list->count > 0 ? bsearch(&wanted, list->all, list->count, sizeof wanted,
							  compare_residents)
						: NULL;

	return found ? found->container : NULL;
}
