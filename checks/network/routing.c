/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that the node's routing takes or refuses: forged ones, and loopback from outside. */
#include "common.h"

#define CONF4 "/proc/sys/net/ipv4/conf"

/* ---- network.rp-filter ---- */

typedef struct spoofing {
	int64_t all; /* net.ipv4.conf.all.rp_filter */
	network_list open;
	network_list held; /* 0, and a rule drops forged packets */
	size_t seen;
	const char *source; /* of what could not be told */
	const char *why;
} spoofing;

static void leave_hole(spoofing *s, const char *source, const char *why)
{
	if (s->source)
		return;
	s->source = source;
	s->why = why ? why : "could not be read";
}

/* A port of the node that somebody outside gets through to, so that a drop is the forged address's
 * doing. */
static uint16_t open_port(hf_check_run *run)
{
	const hf_publications *publications = hf_publications_get(run);
	const hf_sockets *sockets = hf_host_sockets_inet(run);

	for (size_t i = 0; i < publications->count; i++) {
		const hf_publication *p = &publications->all[i];

		if (p->protocol == HF_PROTOCOL_TCP && network_is_any(&p->host_ip))
			return p->host_port;
	}
	for (size_t i = 0; i < sockets->count; i++) {
		if (strcmp(sockets->all[i].family, "tcp") == 0 && sockets->all[i].is_wildcard)
			return sockets->all[i].port;
	}
	return NETWORK_ANY_PORT;
}

/* Zero: the rules decide. They do where an honest packet gets through and the same with a forged
 * source does not. */
static void judge_rules(hf_check_run *run, spoofing *s, const hf_interface *in, hf_packet honest,
			const hf_ip *forged)
{
	hf_packet lie = honest;

	lie.from = *forged;
	const hf_passage *real = hf_packet_walk(run, &honest),
			 *false_one = hf_packet_walk(run, &lie);

	if (false_one->fate == HF_FATE_UNKNOWN)
		leave_hole(s, false_one->fact.source, false_one->fact.why);
	else if (real->fate == HF_FATE_ACCEPTED && false_one->fate == HF_FATE_DROPPED)
		network_add(run, &s->held,
			    hf_text(run, "%s: 0, and %s", in->name,
				    false_one->decided_by ? false_one->decided_by
							  : "a rule drops them"));
	else
		network_add(run, &s->open, in->name);
}

/* IN_DEV_RPFILTER: the larger of all's and the interface's. False: it is on, or not known. */
static bool is_filter_off(hf_check_run *run, spoofing *s, const hf_interface *in)
{
	const hf_sysctl *own = network_conf(run, "ipv4", in->name, "rp_filter");

	s->seen++;
	if (s->all > 0)
		return false;
	if (own->fact.state != HF_PRESENT || !own->is_number) {
		leave_hole(s, own->fact.source, own->fact.why);
		return false;
	}
	return own->number == 0;
}

static void judge_bridge(hf_check_run *run, spoofing *s, const hf_network *network)
{
	const hf_ip far = network_far(4);
	network_member from;
	hf_ip forged;

	if (network_port_count(run, network) == 0 || !is_filter_off(run, s, network->bridge))
		return;
	if (!network_representative(network, 4, &from) ||
	    !network_neighbour(&far, 24, 0, &forged)) {
		network_add(run, &s->open, network->bridge->name);
		return;
	}
	const hf_packet honest = {
		.from = from.ip,
		.to = far,
		.protocol = HF_PROTOCOL_TCP,
		.to_port = 443,
		.in = network->bridge,
		.in_port = from.attachment ? from.attachment->port : NULL,
	};

	judge_rules(run, s, network->bridge, honest, &forged);
}

static const hf_ip *own_address(hf_check_run *run, const hf_interface *in)
{
	const hf_netns *host = hf_host_netns(run);

	for (size_t i = 0; i < host->address_count; i++) {
		if (host->addresses[i].interface == in && host->addresses[i].ip.family == 4)
			return &host->addresses[i].ip;
	}
	return NULL;
}

static void judge_uplink(hf_check_run *run, spoofing *s, const network_origin *origin,
			 const hf_networks *networks)
{
	const hf_ip *own = own_address(run, origin->in);
	network_member inside = {0};

	if (!is_filter_off(run, s, origin->in))
		return;
	for (size_t i = 0; i < networks->count && inside.ip.family == 0; i++)
		(void)network_representative(networks->all[i], 4, &inside);
	if (!own || inside.ip.family == 0) {
		network_add(run, &s->open, origin->in->name);
		return;
	}
	const hf_packet honest = {
		.from = origin->from,
		.to = *own,
		.protocol = HF_PROTOCOL_TCP,
		.to_port = open_port(run),
		.in = origin->in,
		.in_port = origin->in_port,
	};

	judge_rules(run, s, origin->in, honest, &inside.ip);
}

static void check_rp_filter(hf_check_run *run)
{
	static const char source[] = "rp_filter of all and of the interface, the larger one";
	static const char wanted[] =
		"1 or 2 on bridges of containers and on what leads outside, or a "
		"rule that drops forged sources";
	const hf_sysctl *all = hf_sysctl_get(run, "net.ipv4.conf.all.rp_filter");
	network_origins origins;
	spoofing s = {0};

	if (!network_in_initial_netns(run))
		return;
	const hf_networks *networks = network_begin(run, true);

	if (!networks || !hf_need(run, &all->fact))
		return;
	if (!all->is_number) {
		hf_unknown(run, all->fact.source, "is no number");
		return;
	}
	s.all = all->number;
	for (size_t i = 0; i < networks->count; i++)
		judge_bridge(run, &s, networks->all[i]);
	network_origins_get(run, 4, &origins);
	for (size_t i = 0; i < origins.count; i++) {
		if (i == 0 || origins.all[i].in != origins.all[i - 1].in)
			judge_uplink(run, &s, &origins.all[i], networks);
	}
	if (s.open.count > 0)
		(void)hf_expect(run, source, hf_text(run, "0 on %s", network_text(run, &s.open)),
				wanted, false);
	if (s.source)
		hf_unknown(run, s.source, s.why);
	else if (s.open.count == 0 && s.seen > 0)
		(void)hf_expect(run, source,
				s.held.count > 0 ? network_text(run, &s.held)
				: s.all > 0	 ? hf_text(run, "%lld for all", (long long)s.all)
						 : "1 or 2 on each",
				wanted, true);
}

/* ---- network.route-localnet ---- */

/* Ports on which something of the node answers 127.0.0.1. */
static size_t loopback_ports(hf_check_run *run, uint16_t *ports, size_t most)
{
	const hf_sockets *sockets = hf_host_sockets_inet(run);
	size_t count = 0;

	for (size_t i = 0; i < sockets->count && count < most; i++) {
		if (strcmp(sockets->all[i].family, "tcp") == 0 && sockets->all[i].is_loopback)
			ports[count++] = sockets->all[i].port;
	}
	if (count == 0)
		ports[count++] = NETWORK_ANY_PORT;
	return count;
}

/* Somebody behind @in: a container of the bridge, else a neighbour. */
static hf_ip sender_behind(hf_check_run *run, const hf_interface *in)
{
	const hf_networks *networks = hf_networks_get(run);
	const hf_netns *host = hf_host_netns(run);
	network_member member;
	hf_ip ip;

	for (size_t i = 0; i < networks->count; i++) {
		if (networks->all[i]->bridge == in &&
		    network_representative(networks->all[i], 4, &member))
			return member.ip;
	}
	for (size_t i = 0; i < host->address_count; i++) {
		if (host->addresses[i].interface == in && host->addresses[i].ip.family == 4 &&
		    network_neighbour(&host->addresses[i].ip, host->addresses[i].prefix, 1, &ip))
			return ip;
	}
	return network_far(4);
}

static void try_loopback(hf_check_run *run, network_tally *tally, const hf_interface *in)
{
	uint16_t ports[4];
	size_t count = loopback_ports(run, ports, NETWORK_COUNT(ports));
	hf_packet packet = {
		.from = sender_behind(run, in),
		.protocol = HF_PROTOCOL_TCP,
		.in = in,
		.is_routed_here = true,
		/* ports that are published there are judged by network.loopback-publish */
		.is_untranslated = true,
	};

	(void)hf_ip_parse("127.0.0.1", &packet.to);
	for (size_t i = 0; i < count; i++) {
		packet.to_port = ports[i];
		(void)network_try(run, tally, &packet,
				  hf_text(run, "from %s to 127.0.0.1 port %u", in->name, ports[i]));
	}
}

/* IN_DEV_ROUTE_LOCALNET: either of all's and the interface's. */
static void check_route_localnet(hf_check_run *run)
{
	static const char wanted[] =
		"0, or a rule that drops loopback addresses from other interfaces";
	const hf_dir *conf = hf_dir_get(run, CONF4);
	const hf_sysctl *all = hf_sysctl_get(run, "net.ipv4.conf.all.route_localnet");
	const hf_netns *host = hf_host_netns(run);
	network_tally tally = {0};
	bool is_known = true;

	if (!network_in_initial_netns(run) || !hf_need(run, &conf->fact) ||
	    !hf_need(run, &all->fact))
		return;
	if (!hf_dir_has(conf, "all") || !hf_dir_has(conf, "lo")) {
		hf_unknown(run, conf->fact.source, "is no complete list: it lacks all or lo");
		return;
	}
	for (size_t i = 0; i < conf->count; i++) {
		const char *name = conf->names[i];
		const hf_sysctl *own;
		const hf_interface *in;

		if (strcmp(name, "all") == 0 || strcmp(name, "default") == 0 ||
		    strcmp(name, "lo") == 0)
			continue;
		own = network_conf(run, "ipv4", name, "route_localnet");
		if (own->fact.state == HF_ABSENT)
			continue; /* gone since it was listed */
		if (!all->is_number || !own->is_number || own->fact.state != HF_PRESENT) {
			hf_unknown(run, own->fact.source,
				   own->fact.why ? own->fact.why : "is no number");
			is_known = false;
			continue;
		}
		if (all->number == 0 && own->number == 0)
			continue;
		in = hf_netns_interface(host, name);
		if (in) {
			try_loopback(run, &tally, in);
		} else {
			hf_unknown(
				run, own->fact.source,
				"is 1, and what the packet filter makes of it could not be told");
			is_known = false;
		}
	}
	if (tally.walked > 0)
		network_conclude(run, &tally, wanted);
	else if (is_known)
		(void)hf_expect(run, CONF4 "/*/route_localnet", "0 on every interface", wanted,
				true);
}

static const hf_check checks[] = {
	{
		.id = "network.rp-filter",
		.title = "Spoofed source addresses are dropped",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:N/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:290", "ATTACK:T1557", "CIS-Debian:3.3.1.12",
				"LYNIS:KRNL-6000"),
		.aliases = HF_ALIASES("kernel.net.rp-filter"),
		.reads = HF_READS(NETWORK_NETNS_READ, "dir:" CONF4, CONF4 "/*/rp_filter"),
		.risk = "Rules and services that go by the sender's address believe whoever writes "
			"it into a packet.",
		.threat = "A container sends datagrams in the name of the node's neighbours, or a "
			  "neighbour in the name of a container.",
		.remediation = "net.ipv4.conf.all.rp_filter = 2 in /etc/sysctl.d/ (1 where no "
			       "traffic is asymmetric: strict mode breaks Calico, Cilium and nodes "
			       "with several uplinks), then sysctl --system.",
		.run = check_rp_filter,
	},
	{
		.id = "network.route-localnet",
		.title = "Loopback addresses are not routable from containers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:C/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:923", "CVE:2020-8558", "ATTACK:T1210", "CWE:668"),
		.aliases = HF_ALIASES("kernel.net.route-localnet"),
		.reads = HF_READS(NETWORK_NETNS_READ, "dir:" CONF4, CONF4 "/*/route_localnet"),
		.risk = "Services that are bound to 127.0.0.1, and trust whoever gets there, can "
			"be "
			"reached by containers and neighbours.",
		.threat =
			"A container sends a packet for 127.0.0.1 to the node, which takes it for "
			"its own: an administrative port without a password answers.",
		.remediation =
			"sysctl -w net.ipv4.conf.INTERFACE.route_localnet=0 where nothing "
			"needs it; where kube-proxy or an engine without userland proxy does: "
			"iptables -t raw -I PREROUTING ! -i lo -d 127.0.0.0/8 -j DROP.",
		.run = check_route_localnet,
	},
};

HF_CHECK_SET(network_routing, checks);
