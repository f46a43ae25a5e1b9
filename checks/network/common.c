/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists for evidence, the networks of containers, and packets that are walked through the node. */
#include "common.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>

const char network_links_source[] = "interfaces of the node";
const char network_walk_source[] = "packets walked through the node's rules";

/* ---- words ---- */

const char *network_base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* A link text may end in " (deleted)" after an upgrade. */
bool network_is_program(const char *exe, const char *name)
{
	const char *base = network_base_name(exe);
	size_t length = strlen(name);

	return strncmp(base, name, length) == 0 &&
	       (base[length] == '\0' || strcmp(base + length, " (deleted)") == 0);
}

void network_add(hf_check_run *run, network_list *list, const char *item)
{
	size_t kept =
		list->count < NETWORK_COUNT(list->items) ? list->count : NETWORK_COUNT(list->items);

	for (size_t i = 0; i < kept; i++) {
		if (strcmp(list->items[i], item) == 0)
			return;
	}
	if (kept < NETWORK_COUNT(list->items))
		list->items[kept] = hf_text(run, "%s", item);
	list->count++;
}

const char *network_text(hf_check_run *run, const network_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count && i < NETWORK_COUNT(list->items); i++)
		text = hf_text(run, "%s%s%s", text, *text ? "; " : "", list->items[i]);
	if (list->count > NETWORK_COUNT(list->items))
		text = hf_text(run, "%s and %zu more", text,
			       list->count - NETWORK_COUNT(list->items));
	return text;
}

const char *network_container_name(hf_check_run *run, const hf_container *container)
{
	if (!container)
		return "an unknown container";
	return container->name ? container->name : hf_text(run, "%.12s", container->id);
}

/* ---- where things are read ---- */

bool network_in_initial_netns(hf_check_run *run)
{
	const hf_sysctl *witness = hf_sysctl_get(run, "net.core.netdev_max_backlog");

	if (witness->fact.state == HF_ABSENT) {
		hf_unknown(run, witness->fact.source,
			   "does not exist: read in another network namespace than the node's");
		return false;
	}
	return hf_need(run, &witness->fact);
}

const char *network_escaped(hf_check_run *run, const char *interface)
{
	char escaped[IFNAMSIZ];
	size_t length = 0;

	for (; interface[length] && length < sizeof escaped - 1; length++)
		escaped[length] = interface[length] == '.' ? '/' : interface[length];
	escaped[length] = '\0';
	return hf_text(run, "%s", escaped);
}

const hf_sysctl *network_conf(hf_check_run *run, const char *family, const char *interface,
			      const char *leaf)
{
	return hf_sysctl_get(run, hf_text(run, "net.%s.conf.%s.%s", family,
					  network_escaped(run, interface), leaf));
}

bool network_has_host_network(hf_check_run *run, const hf_container *container)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);

	return container->init && reference->inode[HF_NS_NET] != 0 &&
	       container->init->ns[HF_NS_NET] == reference->inode[HF_NS_NET];
}

network_answer network_holds_socket(hf_check_run *run, const hf_container *container,
				    uint64_t inode)
{
	network_answer answer =
		container->tasks_fact.state == HF_PRESENT ? NETWORK_NO : NETWORK_UNKNOWN;
	char target[40];

	(void)snprintf(target, sizeof target, "socket:[%" PRIu64 "]", inode);
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].tid != container->tasks[i].pid)
			continue;
		const hf_opens *opens = hf_process_opens(run, container->tasks[i].pid);

		if (opens->fact.state != HF_PRESENT)
			answer = NETWORK_UNKNOWN;
		for (size_t k = 0; k < opens->count; k++) {
			if (strcmp(opens->all[k].target, target) == 0)
				return NETWORK_YES;
		}
	}
	return answer;
}

/* ---- addresses ---- */

bool network_is_any(const hf_ip *ip)
{
	static const uint8_t zero[16];

	return ip->family != 0 && memcmp(ip->bytes, zero, ip->family == 4 ? 4 : 16) == 0;
}

bool network_is_loopback(const hf_ip *ip)
{
	static const uint8_t one[16] = {[15] = 1};

	return ip->family == 4 ? ip->bytes[0] == 127
			       : ip->family == 6 && memcmp(ip->bytes, one, 16) == 0;
}

const hf_ip *network_address(const hf_attachment *attachment, unsigned family)
{
	const hf_ip *ip = family == 4 ? &attachment->ip : &attachment->ip6;

	return ip->family == family ? ip : NULL;
}

const hf_ip *network_gateway(const hf_network *network, unsigned family)
{
	const hf_ip *ip = family == 4 ? &network->gateway : &network->gateway6;

	return ip->family == family ? ip : NULL;
}

uint32_t network_prefix(const hf_network *network, unsigned family)
{
	return family == 4 ? network->prefix : network->prefix6;
}

bool network_neighbour(const hf_ip *own, uint32_t prefix, unsigned index, hf_ip *ret_ip)
{
	unsigned last = own->family == 4 ? 3 : 15, width = own->family == 4 ? 32 : 128;
	unsigned bits = prefix < width ? width - prefix : 0;
	unsigned mask = bits < 8 ? (1U << bits) - 1 : 0xff;

	for (unsigned flip = 1; flip <= mask; flip++) {
		unsigned host = (own->bytes[last] ^ flip) & mask;

		/* the subnet's own and its broadcast address; a /31 has none, rfc3021 */
		if (mask > 1 && (host == 0 || host == mask))
			continue;
		if (index-- > 0)
			continue;
		*ret_ip = *own;
		ret_ip->bytes[last] = (uint8_t)(own->bytes[last] ^ flip);
		return true;
	}
	return false;
}

hf_ip network_far(unsigned family)
{
	hf_ip ip;

	/* of the ranges for documentation a careful filter drops more than of others */
	(void)hf_ip_parse(family == 4 ? "93.184.216.34" : "2606:2800:220:1:248:1893:25c8:1946",
			  &ip);
	return ip;
}

/* ---- networks of containers ---- */

/* Containers with a point-to-point way of their own, as routing CNI plugins make it. */
static bool has_routed_container(const hf_attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].port && !attachments->all[i].bridge)
			return true;
	}
	return false;
}

const hf_networks *network_begin(hf_check_run *run, bool needs_members)
{
	const hf_networks *networks = hf_networks_get(run);
	const hf_attachments *attachments = hf_attachments_get(run);
	const hf_netns *host = hf_host_netns(run);

	if (!hf_need(run, &host->fact))
		return NULL;
	/* what is known of is judged, also where there may be more */
	bool is_all = hf_need(run, &networks->fact);

	is_all = hf_need(run, &attachments->fact) && is_all;
	for (size_t i = 0; i < networks->count; i++) {
		if (!needs_members || network_port_count(run, networks->all[i]) > 0)
			return networks;
	}
	if (has_routed_container(attachments))
		return networks;
	if (is_all)
		hf_not_applicable(run, network_links_source,
				  needs_members ? "no bridge with a container on it"
						: "no bridge of containers",
				  "no container is plugged into the node");
	return NULL;
}

size_t network_port_count(hf_check_run *run, const hf_network *network)
{
	const hf_netns *host = hf_host_netns(run);
	size_t count = 0;

	for (size_t i = 0; i < host->interface_count; i++) {
		if (host->interfaces[i].is_port &&
		    host->interfaces[i].master == network->bridge->index)
			count++;
	}
	return count;
}

bool network_representative(const hf_network *network, unsigned family, network_member *ret_member)
{
	const hf_ip *gateway = network_gateway(network, family);

	*ret_member = (network_member){0};
	for (size_t i = 0; i < network->member_count; i++) {
		const hf_ip *ip = network_address(network->members[i], family);

		if (!ip)
			continue;
		ret_member->attachment = network->members[i];
		ret_member->ip = *ip;
		return true;
	}
	return gateway &&
	       network_neighbour(gateway, network_prefix(network, family), 0, &ret_member->ip);
}

/* Containers that are routed to without a bridge, and those on bridges; bridges without containers.
 */
size_t network_each_target(hf_check_run *run, unsigned family, network_target_fn *fn, void *data)
{
	const hf_attachments *attachments = hf_attachments_get(run);
	const hf_networks *networks = hf_networks_get(run);
	size_t count = 0;

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *at = &attachments->all[i];
		const hf_ip *ip = network_address(at, family);

		if (!at->port || !ip)
			continue;
		const network_target target = {
			.attachment = at,
			.ip = *ip,
			.name = network_container_name(run, at->container),
		};

		count++;
		if (!fn(run, &target, data))
			return count;
	}
	for (size_t i = 0; i < networks->count; i++) {
		const hf_network *network = networks->all[i];
		network_member member;

		if (network->member_count > 0 || !network_representative(network, family, &member))
			continue;
		const network_target target = {
			.ip = member.ip,
			.name = hf_text(run, "a container on %s", network->bridge->name),
		};

		count++;
		if (!fn(run, &target, data))
			return count;
	}
	return count;
}

/* ---- packets ---- */

static void add_origin(network_origins *origins, const network_origin *origin)
{
	for (size_t i = 0; i < origins->count; i++) {
		if (origins->all[i].in == origin->in &&
		    hf_ip_shares_prefix(&origins->all[i].from, &origin->from,
					origin->from.family == 4 ? 32 : 128))
			return;
	}
	if (origins->count == NETWORK_COUNT(origins->all)) {
		origins->is_cut = true;
		return;
	}
	origins->all[origins->count++] = *origin;
}

void network_origins_get(hf_check_run *run, unsigned family, network_origins *ret_origins)
{
	const hf_netns *host = hf_host_netns(run);
	size_t count;
	const hf_interface *const *uplinks = hf_uplinks(run, &count);

	*ret_origins = (network_origins){0};
	for (size_t i = 0; i < count; i++) {
		const hf_interface *in = uplinks[i], *port = NULL;

		/* what arrives at a port of a bridge or bond arrives, for the rules, at that */
		if (in->master != 0) {
			port = in->is_port ? in : NULL;
			in = hf_netns_interface_at(host, in->master);
			if (!in)
				continue;
		}
		for (size_t k = 0; k < host->address_count; k++) {
			const hf_interface_address *own = &host->addresses[k];
			network_origin near = {
				.in = in,
				.in_port = port,
				.name = hf_text(run, "%s's segment", in->name),
			};

			if (own->interface == in && own->ip.family == family &&
			    !own->is_link_local &&
			    network_neighbour(&own->ip, own->prefix, 1, &near.from))
				add_origin(ret_origins, &near);
		}
		const network_origin far = {
			.from = network_far(family),
			.in = in,
			.in_port = port,
			.name = hf_text(run, "beyond %s", in->name),
		};

		add_origin(ret_origins, &far);
	}
}

hf_fate network_try(hf_check_run *run, network_tally *tally, const hf_packet *packet,
		    const char *what)
{
	const hf_passage *passage = hf_packet_walk(run, packet);
	const char *by = passage->decided_by ? passage->decided_by : "no rule drops it";

	tally->walked++;
	switch (passage->fate) {
	case HF_FATE_UNKNOWN:
		if (!tally->source) {
			tally->source = hf_text(run, "%s: %s", what, passage->fact.source);
			tally->why = passage->fact.why ? passage->fact.why
						       : "what becomes of it could not be told";
		}
		break;
	case HF_FATE_ACCEPTED:
		network_add(run, &tally->open, hf_text(run, "%s (%s)", what, by));
		break;
	case HF_FATE_DROPPED:
		network_add(run, &tally->closed, by);
		break;
	}
	return passage->fate;
}

bool network_is_enough(network_tally *tally)
{
	enum { MANY = 32 };

	if (tally->open.count >= MANY)
		return true;
	tally->is_cut |= tally->walked >= NETWORK_WALKS_MAX;
	return tally->is_cut;
}

void network_conclude(hf_check_run *run, const network_tally *tally, const char *wanted)
{
	if (tally->open.count > 0)
		(void)hf_expect(run, network_walk_source, network_text(run, &tally->open), wanted,
				false);
	if (tally->source)
		hf_unknown(run, tally->source, tally->why);
	else if (tally->is_cut && tally->open.count == 0)
		hf_unknown(run, network_walk_source,
			   hf_text(run, "there are too many: the first %zu were tried, and dropped",
				   tally->walked));
	else if (tally->open.count == 0 && tally->walked > 0)
		(void)hf_expect(run, network_walk_source,
				hf_text(run, "dropped: %s", network_text(run, &tally->closed)),
				wanted, true);
}

const hf_filter_chain *network_deciding_chain(hf_check_run *run, const hf_passage *passage)
{
	const hf_packet_filter *filter = hf_packet_filter_get(run);
	const hf_filter_chain *found = NULL;
	size_t best = 0;

	for (size_t i = 0; passage->decided_by && i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];
		const char *name =
			hf_text(run, "%s %s %s", chain->family, chain->table, chain->name);
		size_t length = strlen(name);

		/* names can hold blanks and be each other's beginning: the longest is meant */
		if (length > best && network_starts_with(passage->decided_by, name) &&
		    strchr(" :", passage->decided_by[length])) {
			found = chain;
			best = length;
		}
	}
	return found;
}

static bool is_used(const hf_publications *publications, uint16_t port)
{
	for (size_t i = 0; i < publications->count; i++) {
		const hf_publication *p = &publications->all[i];

		if (p->to_port == port ||
		    (port >= p->host_port && port - p->host_port < p->port_count))
			return true;
	}
	return false;
}

uint16_t network_free_port(hf_check_run *run)
{
	static const uint16_t ports[] = {NETWORK_ANY_PORT, 38555, 29317, 51919};
	const hf_publications *publications = hf_publications_get(run);

	for (size_t i = 0; i < NETWORK_COUNT(ports); i++) {
		if (!is_used(publications, ports[i]))
			return ports[i];
	}
	return NETWORK_ANY_PORT;
}
