/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published ports: past the node's own filter, and past the address that they are bound to. */
#include "common.h"

/* The node's own address that @origin would send to: the one that the port is bound to, else one of
 * the interface where it arrives. */
static bool host_address(hf_check_run *run, const hf_publication *p, const network_origin *origin,
			 hf_ip *ret_ip)
{
	const hf_netns *host = hf_host_netns(run);

	*ret_ip = p->host_ip;
	if (!network_is_any(&p->host_ip))
		return true;
	for (size_t i = 0; i < host->address_count; i++) {
		const hf_interface_address *own = &host->addresses[i];

		if (own->interface == origin->in && own->ip.family == p->host_ip.family &&
		    !own->is_link_local) {
			*ret_ip = own->ip;
			return true;
		}
	}
	return false;
}

static const char *protocol_name(hf_check_run *run, uint8_t protocol)
{
	switch (protocol) {
	case HF_PROTOCOL_TCP:
		return "tcp";
	case HF_PROTOCOL_UDP:
		return "udp";
	default:
		return hf_text(run, "protocol %u", protocol);
	}
}

/* ---- network.publish-bypass ---- */

typedef struct comparison {
	network_list past; /* dropped by the node's filter, and let through all the same */
	size_t compared;
	size_t refused;	    /* how many the node's filter drops */
	const char *source; /* of the first that nobody can tell */
	const char *why;
} comparison;

static void leave_unknown(hf_check_run *run, comparison *c, const hf_passage *passage,
			  const char *what)
{
	if (c->source)
		return;
	c->source = hf_text(run, "%s: %s", what, passage->fact.source);
	c->why = passage->fact.why ? passage->fact.why : "what becomes of it could not be told";
}

static void compare(hf_check_run *run, const hf_publication *p, const network_origin *origin,
		    comparison *c)
{
	hf_packet packet = {
		.from = origin->from,
		.protocol = p->protocol,
		.to_port = p->host_port,
		.in = origin->in,
		.in_port = origin->in_port,
	};

	if (!host_address(run, p, origin, &packet.to))
		return;
	const char *what = hf_text(run, "from %s to %s port %u", origin->name,
				   protocol_name(run, p->protocol), p->host_port);
	const hf_passage *real = hf_packet_walk(run, &packet);

	packet.is_untranslated = true;
	const hf_passage *claimed = hf_packet_walk(run, &packet);

	c->compared++;
	c->refused += claimed->fate == HF_FATE_DROPPED;
	if (real->fate == HF_FATE_DROPPED || claimed->fate == HF_FATE_ACCEPTED)
		return; /* closed altogether, or open by the node's own word */
	if (real->fate == HF_FATE_UNKNOWN)
		leave_unknown(run, c, real, what);
	else if (claimed->fate == HF_FATE_UNKNOWN)
		leave_unknown(run, c, claimed, hf_text(run, "%s, as the node's own", what));
	else if (real->is_translated)
		network_add(run, &c->past,
			    hf_text(run, "%s: %s for the node, and open to %s (%s)", what,
				    claimed->decided_by ? claimed->decided_by : "dropped",
				    network_container_name(run, p->container),
				    real->decided_by ? real->decided_by : "no rule drops it"));
}

static bool is_from_outside(const hf_publication *p)
{
	return p->host_ip.family != 0 && !network_is_loopback(&p->host_ip);
}

/* What the node says to a port that nobody published; ACCEPTED: it has no filter of its own. */
static hf_fate ordinary_fate(hf_check_run *run)
{
	hf_fate fate = HF_FATE_DROPPED;
	network_origins origins;

	network_origins_get(run, 4, &origins);
	for (size_t i = 0; i < origins.count; i++) {
		const hf_publication nobody = {.host_ip = {.family = 4}};
		hf_packet packet = {
			.from = origins.all[i].from,
			.protocol = HF_PROTOCOL_TCP,
			.to_port = network_free_port(run),
			.in = origins.all[i].in,
			.in_port = origins.all[i].in_port,
		};

		if (!host_address(run, &nobody, &origins.all[i], &packet.to))
			continue;
		hf_fate own = hf_packet_walk(run, &packet)->fate;

		if (own == HF_FATE_ACCEPTED)
			return own;
		fate = own == HF_FATE_UNKNOWN ? own : fate;
	}
	return fate;
}

static void check_bypass(hf_check_run *run)
{
	static const char wanted[] =
		"a published port is open only where the filter of the node says so";
	const hf_publications *publications = hf_publications_get(run);
	const hf_netns *host = hf_host_netns(run);
	bool is_all = hf_need(run, &publications->fact);
	size_t outward = 0;
	comparison c = {0};

	if (!hf_need(run, &host->fact))
		return;
	for (size_t i = 0; i < publications->count; i++) {
		const hf_publication *p = &publications->all[i];
		network_origins origins;

		if (!is_from_outside(p))
			continue;
		outward++;
		network_origins_get(run, p->host_ip.family, &origins);
		for (size_t k = 0; k < origins.count && c.compared < NETWORK_WALKS_MAX; k++)
			compare(run, p, &origins.all[k], &c);
	}
	if (c.past.count > 0)
		(void)hf_expect(run, network_walk_source, network_text(run, &c.past), wanted,
				false);
	if (c.source)
		hf_unknown(run, c.source, c.why);
	else if (c.compared >= NETWORK_WALKS_MAX)
		hf_unknown(run, network_walk_source, "there are too many: not all were compared");
	if (c.past.count > 0 || c.source || c.compared >= NETWORK_WALKS_MAX)
		return;
	if (c.compared == 0) {
		if (is_all)
			hf_not_applicable(run, publications->fact.source,
					  outward > 0 ? "no interface leads outside"
						      : "no port is published beyond loopback",
					  "there is nothing to compare");
		return;
	}
	/* agreement with a filter that lets everything in says nothing */
	if (c.refused == 0 && ordinary_fate(run) == HF_FATE_ACCEPTED) {
		if (is_all)
			hf_not_applicable(run, network_walk_source,
					  "the node drops nothing of what is sent to it",
					  "it has no filter of its own: see network.host-services");
		return;
	}
	(void)hf_expect(run, network_walk_source,
			"each is open or closed as the node's own ports are", wanted, true);
}

/* ---- network.loopback-publish ---- */

static const char *reader_of(hf_check_run *run, const hf_publication *p)
{
	return hf_text(run, "%s port %u", protocol_name(run, p->protocol), p->host_port);
}

/* What is translated before the route is looked up never meets the rule that loopback addresses
 * come from nowhere else: the translation itself has to look. */
static void try_loopback(hf_check_run *run, const hf_publication *p, network_tally *tally)
{
	const hf_networks *networks = hf_networks_get(run);
	network_origins origins;
	hf_packet packet = {
		.to = p->host_ip,
		.protocol = p->protocol,
		.to_port = p->host_port,
		.is_routed_here = true,
	};

	network_origins_get(run, p->host_ip.family, &origins);
	for (size_t i = 0; i < origins.count; i++) {
		packet.from = origins.all[i].from;
		packet.in = origins.all[i].in;
		packet.in_port = origins.all[i].in_port;
		(void)network_try(run, tally, &packet,
				  hf_text(run, "from %s to loopback %s", origins.all[i].name,
					  reader_of(run, p)));
	}
	for (size_t i = 0; i < networks->count; i++) {
		network_member from;

		if (!network_representative(networks->all[i], p->host_ip.family, &from))
			continue;
		packet.from = from.ip;
		packet.in = networks->all[i]->bridge;
		packet.in_port = from.attachment ? from.attachment->port : NULL;
		(void)network_try(run, tally, &packet,
				  hf_text(run, "from %s to loopback %s",
					  networks->all[i]->bridge->name, reader_of(run, p)));
	}
}

static void check_loopback(hf_check_run *run)
{
	const hf_publications *publications = hf_publications_get(run);
	const hf_netns *host = hf_host_netns(run);
	bool is_all = hf_need(run, &publications->fact);
	network_tally tally = {0};
	size_t count = 0;

	if (!hf_need(run, &host->fact))
		return;
	for (size_t i = 0; i < publications->count && !network_is_enough(&tally); i++) {
		if (!network_is_loopback(&publications->all[i].host_ip))
			continue;
		count++;
		try_loopback(run, &publications->all[i], &tally);
	}
	if (count > 0 && tally.walked > 0)
		network_conclude(run, &tally, "a port on loopback answers the node alone");
	else if (is_all)
		hf_not_applicable(run, publications->fact.source,
				  count > 0 ? "nobody is beside the node"
					    : "no port is published on loopback",
				  "there is nothing to reach");
}

static const hf_check checks[] = {
	{
		.id = "network.publish-bypass",
		.title = "Published ports do not pass by the host's firewall",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CIS-Docker-1.6:2.4", "OWASP-Docker:D03",
				"CIS-Docker-1.6:5.14", "NIST-800-190:4.4.2"),
		.aliases = HF_ALIASES("host.firewall.published-ports"),
		.risk = "The node's firewall says that a port is closed, and it is open.",
		.threat = "A published port is translated before the rules for the node are asked, "
			  "so ufw's or firewalld's default to deny never sees it, and the service "
			  "answers the Internet.",
		.remediation =
			"docker run -p 127.0.0.1:PORT:PORT, or an address of the inner "
			"network; or say the same in DOCKER-USER as in the node's own "
			"chain: iptables -I DOCKER-USER -i UPLINK -m conntrack --ctorigdstport "
			"PORT ! -s ALLOWED -j DROP.",
		.run = check_bypass,
	},
	{
		.id = "network.loopback-publish",
		.title = "Ports published on loopback cannot be reached from neighbours",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:923", "CWE:1327", "CVE:2025-54388"),
		.risk = "What was published for the node alone, often without a password for that "
			"reason, answers whoever is on the same segment.",
		.threat = "A neighbour, or a container, addresses a frame to the node with "
			  "127.0.0.1 as the destination: the engine's rule translates it before "
			  "anybody looks where it came from.",
		.remediation =
			"Docker Engine 28 or later (28.3.3 where firewalld runs); before it: "
			"iptables -t raw -I PREROUTING ! -i lo -d 127.0.0.0/8 -j DROP.",
		.run = check_loopback,
	},
};

HF_CHECK_SET(network_publish, checks);
