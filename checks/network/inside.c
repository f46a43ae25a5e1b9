/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and sockets inside the network namespaces of containers. */
#include "common.h"

#include <net/if.h>

static const char inside_source[] = "interfaces inside";

/* Its namespace with at least one interface; NULL after marking @run. */
static const hf_netns *begin_inside(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_netns *netns = hf_container_netns(run, container);

	if (network_has_host_network(run, container)) {
		hf_not_applicable(run, "network namespace of its first process", "the node's own",
				  "its interfaces are the node's: see namespace.net-host");
		return NULL;
	}
	if (!hf_need(run, &netns->fact))
		return NULL;
	for (size_t i = 0; i < netns->interface_count; i++) {
		if (!netns->interfaces[i].is_loopback)
			return netns;
	}
	hf_not_applicable(run, inside_source, "none but loopback", "it has no network");
	return NULL;
}

static const hf_network *network_of_bridge(hf_check_run *run, const hf_interface *bridge)
{
	const hf_networks *networks = hf_networks_get(run);

	for (size_t i = 0; bridge && i < networks->count; i++) {
		if (networks->all[i]->bridge == bridge)
			return networks->all[i];
	}
	return NULL;
}

static const hf_attachment *attachment_of(const hf_attachments *attachments,
					  const hf_interface *inside)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].inside->index == inside->index)
			return &attachments->all[i];
	}
	return NULL;
}

static int64_t setting(hf_check_run *run, const hf_interface *interface, const char *family,
		       const char *leaf, const hf_sysctl **ret_unread)
{
	const hf_sysctl *sysctl =
		hf_container_sysctl(run, hf_container_of(run),
				    hf_text(run, "net.%s.conf.%s.%s", family,
					    network_escaped(run, interface->name), leaf));

	if (sysctl->fact.state == HF_PRESENT && sysctl->is_number)
		return sysctl->number;
	if (sysctl->fact.state != HF_ABSENT)
		*ret_unread = sysctl;
	return -1;
}

/* ---- network.ipv6-bridge ---- */

typedef struct six_view {
	const hf_netns *netns;
	const hf_attachments *attachments;
	network_list unwanted;
	network_tally tally; /* of the way from outside to declared addresses */
	size_t off;	     /* interfaces without IPv6 */
	const hf_sysctl *unread;
	bool is_intent_unknown;
} six_view;

static network_answer is_declared_by_record(hf_check_run *run)
{
	static const char networks[] = "NetworkSettings/Networks";
	const hf_container *container = hf_container_of(run);
	const hf_api_value *all = hf_container_inspect(run, container, networks);
	const char *name;
	enum { MOST = 100 };

	if (all->fact.state != HF_PRESENT)
		return NETWORK_UNKNOWN;
	for (size_t i = 0;
	     i < MOST && (name = hf_container_inspect_member(run, container, networks, i)); i++) {
		const hf_api_value *address = hf_container_inspect(
			run, container, hf_text(run, "%s/%s/GlobalIPv6Address", networks, name));

		if (address->fact.state == HF_PRESENT && !address->is_null && *address->text)
			return NETWORK_YES;
	}
	return NETWORK_NO;
}

/* Whether somebody asked for IPv6 on what @at is plugged into. A bridge without an address of it
 * has none. */
static network_answer is_declared(hf_check_run *run, const hf_attachment *at)
{
	const hf_network *network = at ? network_of_bridge(run, at->bridge) : NULL;

	if (network && (network->declares_ipv6 || network_gateway(network, 6)))
		return NETWORK_YES;
	network_answer by_record = is_declared_by_record(run);

	return network && by_record == NETWORK_UNKNOWN ? NETWORK_NO : by_record;
}

static const char *address_kind(const hf_netns *netns, const hf_interface *interface)
{
	const char *kind = NULL;

	for (size_t i = 0; i < netns->address_count; i++) {
		const hf_interface_address *own = &netns->addresses[i];

		if (own->interface != interface || own->ip.family != 6)
			continue;
		if (!own->is_link_local)
			return "a global IPv6 address";
		kind = "a link-local IPv6 address";
	}
	return kind;
}

/* ipv6_accept_ra(): 2 means "though forwarding". */
static bool accepts_advertisements(hf_check_run *run, const hf_interface *interface, six_view *v)
{
	int64_t accepted = setting(run, interface, "ipv6", "accept_ra", &v->unread);
	int64_t forwarding = setting(run, interface, "ipv6", "forwarding", &v->unread);

	return forwarding > 0 ? accepted == 2 : accepted > 0;
}

static void try_from_outside(hf_check_run *run, const hf_attachment *at, six_view *v)
{
	network_origins origins;

	network_origins_get(run, 6, &origins);
	for (size_t i = 0; i < origins.count; i++) {
		const hf_packet packet = {
			.from = origins.all[i].from,
			.to = at->ip6,
			.protocol = HF_PROTOCOL_TCP,
			.to_port = network_free_port(run),
			.in = origins.all[i].in,
			.in_port = origins.all[i].in_port,
			.is_routed_here = true,
		};

		(void)network_try(run, &v->tally, &packet,
				  hf_text(run, "from %s to any of its ports", origins.all[i].name));
	}
}

static void judge_interface6(hf_check_run *run, const hf_interface *interface, six_view *v)
{
	const hf_attachment *at = attachment_of(v->attachments, interface);
	const char *address = address_kind(v->netns, interface);
	int64_t off = setting(run, interface, "ipv6", "disable_ipv6", &v->unread);

	if (off > 0) {
		v->off++;
		return;
	}
	switch (is_declared(run, at)) {
	case NETWORK_YES:
		if (at && at->port && network_address(at, 6))
			try_from_outside(run, at, v);
		else
			v->off++; /* what it shares with the uplink is judged by network.macvlan */
		return;
	case NETWORK_UNKNOWN:
		v->is_intent_unknown |= address != NULL;
		return;
	case NETWORK_NO:
		break;
	}
	if (address)
		network_add(run, &v->unwanted, hf_text(run, "%s has %s", interface->name, address));
	if (off == 0 && accepts_advertisements(run, interface, v))
		network_add(run, &v->unwanted,
			    hf_text(run, "%s accepts router advertisements", interface->name));
	v->off += !address;
}

static void check_ipv6(hf_check_run *run)
{
	static const char wanted[] =
		"no IPv6 that nobody asked for, and no way in from outside to what was asked for";
	const hf_sysctl *kernel = hf_sysctl_get(run, "net.ipv6.conf.all.disable_ipv6");
	const hf_container *container = hf_container_of(run);
	six_view v = {.attachments = hf_container_attachments(run, container)};

	if (kernel->fact.state == HF_ABSENT) {
		hf_not_applicable(run, kernel->fact.source, "does not exist",
				  "this kernel runs without IPv6");
		return;
	}
	v.netns = begin_inside(run);
	if (!v.netns || !hf_need(run, &v.attachments->fact))
		return;
	for (size_t i = 0; i < v.netns->interface_count; i++) {
		if (!v.netns->interfaces[i].is_loopback && v.netns->interfaces[i].is_up)
			judge_interface6(run, &v.netns->interfaces[i], &v);
	}
	if (v.unwanted.count > 0)
		(void)hf_expect(run, inside_source,
				hf_text(run, "nobody asked for IPv6, and %s",
					network_text(run, &v.unwanted)),
				wanted, false);
	network_conclude(run, &v.tally, wanted);
	if (v.is_intent_unknown)
		hf_unknown(run, inside_source,
			   "it has IPv6 addresses, and whether its network was meant to have them "
			   "is not known");
	else if (v.unread && v.unwanted.count == 0)
		hf_unknown(run, v.unread->fact.source,
			   v.unread->fact.why ? v.unread->fact.why : "is no number");
	else if (v.unwanted.count == 0 && v.tally.walked == 0)
		(void)hf_expect(run, inside_source, "no IPv6 address", wanted, true);
}

/* ---- network.promiscuous ---- */

/* What stands above it hears for its members, and makes it hear. */
static bool carries_others(const hf_netns *netns, const hf_interface *interface)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		const hf_interface *upper = &netns->interfaces[i];
		bool is_upper = upper->peer == interface->index && !upper->is_peer_elsewhere &&
				strcmp(upper->kind, "veth") != 0;

		if (is_upper &&
		    (upper->is_port || upper->promiscuity > 0 ||
		     strcmp(upper->kind, "macvlan") == 0 || strcmp(upper->kind, "macvtap") == 0 ||
		     strcmp(upper->kind, "ipvlan") == 0))
			return true;
	}
	return false;
}

static bool has_macvlan_elsewhere(hf_check_run *run, const hf_interface *interface)
{
	const hf_attachments *attachments = hf_attachments_get(run);

	for (size_t i = 0; i < attachments->count; i++) {
		const hf_interface *inside = attachments->all[i].inside;

		if (inside->is_peer_elsewhere && inside->peer == interface->index &&
		    (inside->peer_netns == 0 || inside->peer_netns == hf_host_netns(run)->inode) &&
		    strcmp(inside->kind, "veth") != 0)
			return true;
	}
	return false;
}

static void note_promiscuous(hf_check_run *run, const hf_netns *netns, const char *whose,
			     network_list *bad)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		const hf_interface *interface = &netns->interfaces[i];
		bool is_on = (interface->flags & IFF_PROMISC) != 0 || interface->promiscuity > 0;

		/* the master of a port or of a slave hears for it */
		if (!is_on || interface->is_loopback || interface->master != 0 ||
		    carries_others(netns, interface))
			continue;
		if (!whose && has_macvlan_elsewhere(run, interface))
			continue;
		network_add(run, bad,
			    whose ? hf_text(run, "%s of %s", interface->name, whose)
				  : interface->name);
	}
}

static void check_promiscuous(hf_check_run *run)
{
	static const char source[] = "interfaces of the node and of its containers";
	static const char wanted[] =
		"none promiscuous but ports of bridges and what macvlan stands on";
	const hf_containers *containers = hf_containers_get(run);
	const hf_netns *host = hf_host_netns(run);
	network_list bad = {0};
	bool is_all = hf_need(run, &host->fact);

	if (is_all)
		note_promiscuous(run, host, NULL, &bad);
	for (size_t i = 0; i < containers->count; i++) {
		const hf_netns *netns = hf_container_netns(run, containers->all[i]);

		if (network_has_host_network(run, containers->all[i]))
			continue;
		if (netns->fact.state != HF_PRESENT) {
			if (is_all)
				hf_unknown(run, netns->fact.source, netns->fact.why);
			is_all = false;
			continue;
		}
		note_promiscuous(run, netns, network_container_name(run, containers->all[i]), &bad);
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, network_text(run, &bad), wanted, false);
	if (hf_need(run, &containers->fact) && is_all && bad.count == 0)
		(void)hf_expect(run, source, "none", wanted, true);
}

/* ---- network.packet-sockets ---- */

static void check_packet_sockets(hf_check_run *run)
{
	static const char source[] = "packet and raw sockets of its network namespace";
	static const char wanted[] = "none held by a process of the container";
	const hf_container *container = hf_container_of(run);
	const hf_sockets *sockets = hf_container_raw_sockets(run, container);
	const hf_socket *unknown = NULL;
	network_list held = {0};

	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		switch (network_holds_socket(run, container, socket->inode)) {
		case NETWORK_YES:
			network_add(
				run, &held,
				hf_text(run, "a %s socket for protocol %u",
					strcmp(socket->family, "packet") == 0 ? "packet" : "raw",
					socket->port));
			break;
		case NETWORK_UNKNOWN:
			unknown = socket;
			break;
		case NETWORK_NO:
			break;
		}
	}
	if (held.count > 0)
		(void)hf_expect(run, source, network_text(run, &held), wanted, false);
	if (!hf_need(run, &sockets->fact))
		return;
	if (unknown)
		hf_unknown(run, source, "whose one of them is could not be read");
	else if (held.count == 0)
		(void)hf_expect(run, source, sockets->count > 0 ? "others' alone" : "none", wanted,
				true);
}

/* ---- network.macvlan ---- */

static void check_macvlan(hf_check_run *run)
{
	static const char wanted[] =
		"no interface on the uplink's segment, but of mode private or vepa";
	const hf_netns *netns = begin_inside(run);
	network_list bad = {0}, good = {0};

	for (size_t i = 0; netns && i < netns->interface_count; i++) {
		const hf_interface *interface = &netns->interfaces[i];
		const char *kind = interface->kind, *mode = interface->mode ? interface->mode : "";
		bool is_shared = strcmp(kind, "macvlan") == 0 || strcmp(kind, "macvtap") == 0 ||
				 strcmp(kind, "ipvlan") == 0 || strcmp(kind, "ipvtap") == 0;

		/* without a kind: a device of the node that was moved here */
		if (interface->is_loopback || (!is_shared && *kind))
			continue;
		const char *what = is_shared
					   ? hf_text(run, "%s: %s %s", interface->name, kind, mode)
					   : hf_text(run, "%s: hardware", interface->name);

		network_add(run,
			    strcmp(mode, "private") == 0 || strcmp(mode, "vepa") == 0 ? &good
										      : &bad,
			    what);
	}
	if (!netns)
		return;
	if (bad.count > 0)
		(void)hf_expect(run, inside_source, network_text(run, &bad), wanted, false);
	else
		(void)hf_expect(run, inside_source,
				good.count > 0 ? network_text(run, &good) : "none of them", wanted,
				true);
}

/* ---- network.multi-homed ---- */

/* Without a way out, by its record or, where there is none, by what the rules do. */
static network_answer is_closed_network(hf_check_run *run, const hf_attachment *at)
{
	const hf_network *network = network_of_bridge(run, at->bridge);

	if (!network || !network_address(at, 4))
		return NETWORK_NO;
	if (network->is_declared)
		return network->is_internal ? NETWORK_YES : NETWORK_NO;
	const hf_packet packet = {
		.from = at->ip,
		.to = network_far(4),
		.protocol = HF_PROTOCOL_TCP,
		.to_port = 443,
		.in = at->bridge,
		.in_port = at->port,
	};

	switch (hf_packet_walk(run, &packet)->fate) {
	case HF_FATE_DROPPED:
		return NETWORK_YES;
	case HF_FATE_ACCEPTED:
		return NETWORK_NO;
	case HF_FATE_UNKNOWN:
		return NETWORK_UNKNOWN;
	}
	return NETWORK_UNKNOWN;
}

static bool forwards_inside(hf_check_run *run, const hf_netns *netns, const hf_sysctl **ret_unread)
{
	bool forwards = false;

	for (size_t i = 0; i < netns->interface_count; i++) {
		if (!netns->interfaces[i].is_loopback)
			forwards |= setting(run, &netns->interfaces[i], "ipv4", "forwarding",
					    ret_unread) > 0;
	}
	return forwards;
}

static void check_multi_homed(hf_check_run *run)
{
	static const char wanted[] =
		"no container that forwards between an internal network and another";
	const hf_attachments *attachments = hf_container_attachments(run, hf_container_of(run));
	const hf_netns *netns = begin_inside(run);
	const hf_sysctl *unread = NULL;
	size_t closed = 0, unknown = 0;

	if (!netns || !hf_need(run, &attachments->fact))
		return;
	for (size_t i = 0; i < attachments->count; i++) {
		network_answer answer = is_closed_network(run, &attachments->all[i]);

		closed += answer == NETWORK_YES;
		unknown += answer == NETWORK_UNKNOWN;
	}
	if (attachments->count < 2) {
		(void)hf_expect(run, inside_source, "one network", wanted, true);
		return;
	}
	bool forwards = forwards_inside(run, netns, &unread);

	if (closed > 0 && closed < attachments->count && forwards)
		(void)hf_expect(run, inside_source,
				"an internal network and another, and it forwards", wanted, false);
	else if (unread && !forwards)
		hf_unknown(run, unread->fact.source,
			   unread->fact.why ? unread->fact.why : "is no number");
	else if (unknown > 0 && forwards)
		hf_unknown(run, inside_source,
			   "whether one of its networks has a way out could not be told");
	else
		(void)hf_expect(run, inside_source,
				!forwards ? "several networks, and it does not forward"
					  : "several networks, none of them internal among others",
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "network.ipv6-bridge",
		.title = "IPv6 on container networks is intended and filtered",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:1188", "CVE:2020-13401", "CVE:2024-32473"),
		.reads = HF_READS("sysctl:net.ipv6.conf.all.disable_ipv6"),
		.risk = "The container speaks a second protocol that nobody planned: its "
			"neighbours "
			"and the uplink's segment reach it past what was filtered for IPv4.",
		.threat =
			"A neighbour sends a router advertisement, and the container's traffic to "
			"names with an IPv6 address goes through it.",
		.remediation =
			"docker run --sysctl net.ipv6.conf.all.disable_ipv6=1 on networks "
			"without IPv6 (Docker Engine 26.0.2 and later does it); where IPv6 is "
			"meant: \"ip6tables\": true in daemon.json.",
		.run = check_ipv6,
	},
	{
		.id = "network.promiscuous",
		.title = "No interface is promiscuous without need",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:300", "ATTACK:T1040", "LYNIS:NETW-3015"),
		.aliases = HF_ALIASES("host.network.promisc"),
		.risk = "Somebody hears what is sent to others on that segment.",
		.threat = "A program that captures traffic runs, of an administrator who forgot it "
			  "or "
			  "of somebody who reads passwords.",
		.remediation =
			"ip link set dev INTERFACE promisc off; where it comes back, find the "
			"program: ss -0 -p.",
		.run = check_promiscuous,
	},
	{
		.id = "network.packet-sockets",
		.title = "No container process holds a packet or raw socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:300", "ATTACK:T1040", "ATTACK:T1557"),
		.risk = "It hears and sends whole packets: a sign that sniffing takes place, and "
			"not "
			"only that it could.",
		.threat = "A tool in the container answers ARP for others, or captures what passes "
			  "on the bridge.",
		.remediation = "docker run --cap-drop NET_RAW, and look at what the process is; a "
			       "DHCP client or a monitoring agent that needs it gets a waiver.",
		.run = check_packet_sockets,
	},
	{
		.id = "network.macvlan",
		.title = "Containers do not share the uplink's segment directly",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "CWE:923", "OWASP-Docker:D03"),
		.risk = "The container is a machine of its own on the segment: no rule of the node "
			"filters what it sends and gets.",
		.threat = "It answers ARP in the names of machines of the segment, and asks for "
			  "addresses by DHCP that were not meant for it.",
		.remediation =
			"docker network create with the bridge driver and -p for what must be "
			"reached; where the segment is needed: -o macvlan_mode=private, or vepa "
			"with a switch that filters.",
		.run = check_macvlan,
	},
	{
		.id = "network.multi-homed",
		.title = "Containers do not connect separated networks",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "NIST-800-190:4.3.3", "NIST-800-190:4.3.4"),
		.risk = "A network that was made without a way out has one, through this "
			"container.",
		.threat = "A container on the internal network sets a route by way of this one, "
			  "which forwards for it: engines leave forwarding on inside.",
		.remediation =
			"docker run --sysctl net.ipv4.ip_forward=0 for a container that is a "
			"proxy between networks; or one network for each container.",
		.run = check_multi_homed,
	},
};

HF_CHECK_SET(network_inside, checks);
