/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way from outside to containers, past what is published: the packet's fate decides, and not
 * the word that stands behind "policy". */
#include "common.h"

static const unsigned four = 4, six = 6;

/* ---- to any container ---- */

typedef struct survey {
	unsigned family;
	network_origins origins;
	network_tally tally;
	uint16_t free_port;
} survey;

static bool is_published(hf_check_run *run, const hf_container *container, uint16_t port)
{
	const hf_publications *publications = hf_publications_get(run);

	for (size_t i = 0; i < publications->count; i++) {
		if (publications->all[i].container == container &&
		    publications->all[i].to_port == port)
			return true;
	}
	return false;
}

static void try_port(hf_check_run *run, survey *s, const network_target *target, uint16_t port)
{
	for (size_t i = 0; i < s->origins.count; i++) {
		const network_origin *origin = &s->origins.all[i];
		const hf_packet packet = {
			.from = origin->from,
			.to = target->ip,
			.protocol = HF_PROTOCOL_TCP,
			.to_port = port,
			.in = origin->in,
			.in_port = origin->in_port,
			.is_routed_here = true,
		};

		(void)network_try(run, &s->tally, &packet,
				  hf_text(run, "from %s to %s tcp port %u", origin->name,
					  target->name, port));
	}
}

/* A port that nobody uses, and a few that the container listens on without being published. */
static bool try_target(hf_check_run *run, const network_target *target, void *data)
{
	enum { LISTENERS_MAX = 3 };
	survey *s = data;
	const hf_container *container = target->attachment ? target->attachment->container : NULL;
	size_t tried = 0;

	try_port(run, s, target, s->free_port);
	if (container) {
		const hf_sockets *sockets = hf_container_sockets(run, container);

		for (size_t i = 0; i < sockets->count && tried < LISTENERS_MAX; i++) {
			const hf_socket *socket = &sockets->all[i];

			if (strcmp(socket->family, "tcp") != 0 || socket->is_loopback ||
			    is_published(run, container, socket->port))
				continue;
			try_port(run, s, target, socket->port);
			tried++;
		}
	}
	return !network_is_enough(&s->tally);
}

static size_t look_around(hf_check_run *run, unsigned family, survey *s)
{
	*s = (survey){.family = family, .free_port = network_free_port(run)};
	network_origins_get(run, family, &s->origins);
	s->tally.is_cut = s->origins.is_cut;
	return network_each_target(run, family, try_target, s);
}

/* ---- network.forward-policy, network.forward-policy6 ---- */

static const char *forwarding_key(unsigned family)
{
	return family == 4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
}

static void check_forward_policy(hf_check_run *run)
{
	const unsigned *family = hf_check_param(run);
	const hf_sysctl *forwarding = hf_sysctl_get(run, forwarding_key(*family));
	survey s;

	if (!network_in_initial_netns(run))
		return;
	if (forwarding->fact.state == HF_ABSENT) {
		hf_not_applicable(run, forwarding->fact.source, "does not exist",
				  "this kernel runs without IPv6");
		return;
	}
	if (!network_begin(run, false))
		return;
	if (look_around(run, *family, &s) == 0) {
		hf_not_applicable(run, network_links_source,
				  "no network of containers has such addresses",
				  "there is nothing to forward to");
		return;
	}
	if (s.origins.count == 0) {
		hf_not_applicable(run, network_links_source, "no interface leads outside",
				  "nothing arrives that could be forwarded");
		return;
	}
	network_conclude(run, &s.tally,
			 "nothing from outside gets to a port that is not published");
	if (forwarding->fact.state == HF_PRESENT)
		hf_note(run, forwarding->fact.source, forwarding->text);
}

/* ---- network.direct-routing ---- */

static void try_publication(hf_check_run *run, const hf_publication *p, network_tally *tally)
{
	network_origins origins;

	network_origins_get(run, p->to.family, &origins);
	tally->is_cut |= origins.is_cut;
	for (size_t i = 0; i < origins.count; i++) {
		const network_origin *origin = &origins.all[i];
		const hf_packet packet = {
			.from = origin->from,
			.to = p->to,
			.protocol = p->protocol,
			.to_port = p->to_port,
			.in = origin->in,
			.in_port = origin->in_port,
			.is_routed_here = true,
		};

		(void)network_try(run, tally, &packet,
				  hf_text(run, "from %s to %s at %s port %u", origin->name,
					  network_container_name(run, p->container),
					  hf_ip_text(run, &p->to), p->to_port));
	}
}

/* A host on the uplink's segment that sets a route to the containers' subnet asks nobody. */
static void check_direct_routing(hf_check_run *run)
{
	const hf_publications *publications = hf_publications_get(run);
	network_tally tally = {0};

	if (!network_begin(run, true))
		return;
	bool is_all = hf_need(run, &publications->fact);

	for (size_t i = 0; i < publications->count && !network_is_enough(&tally); i++) {
		if (publications->all[i].to.family != 0 &&
		    !network_is_loopback(&publications->all[i].to))
			try_publication(run, &publications->all[i], &tally);
	}
	if (tally.walked > 0)
		network_conclude(run, &tally,
				 "a published port answers on the node's address alone, and not on "
				 "the container's");
	else if (is_all)
		hf_not_applicable(run, publications->fact.source, "no port is published",
				  "what is not published is judged by network.forward-policy");
}

/* ---- network.ip-forward ---- */

/* One interface can forward though the switch for all is off. */
static const char *forwarding_interface(hf_check_run *run)
{
	const hf_netns *host = hf_host_netns(run);

	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_sysctl *own =
			network_conf(run, "ipv4", host->interfaces[i].name, "forwarding");

		if (own->fact.state == HF_PRESENT && own->is_number && own->number != 0)
			return own->fact.source;
	}
	return NULL;
}

static void judge_forwarding(hf_check_run *run, unsigned family, bool has_networks)
{
	static const char wanted[] =
		"0; or 1 with networks of containers and a closed way from outside";
	const hf_sysctl *sysctl = hf_sysctl_get(run, forwarding_key(family));
	const char *source = sysctl->fact.source;
	survey s;

	if (sysctl->fact.state == HF_ABSENT && family == 6) {
		hf_note(run, source, "does not exist: this kernel runs without IPv6");
		return;
	}
	if (!hf_need(run, &sysctl->fact))
		return;
	if (!sysctl->is_number) {
		hf_unknown(run, source, "is no number");
		return;
	}
	if (sysctl->number == 0) {
		const char *other = family == 4 ? forwarding_interface(run) : NULL;

		if (!other) {
			(void)hf_expect(run, source, "0", wanted, true);
			return;
		}
		source = other;
	}
	if (!has_networks) {
		(void)hf_expect(run, source, "1, and the node has no network of containers", wanted,
				false);
		return;
	}
	if (look_around(run, family, &s) == 0)
		(void)hf_expect(run, source, "1, and no network of containers has such addresses",
				wanted, false);
	else if (s.tally.open.count > 0)
		(void)hf_expect(run, source,
				hf_text(run, "1, and open %s", network_text(run, &s.tally.open)),
				wanted, false);
	else if (s.tally.source)
		hf_unknown(run, s.tally.source, s.tally.why);
	else if (s.tally.is_cut)
		hf_unknown(run, network_walk_source,
			   "there are too many ways in: not all were tried");
	else
		(void)hf_expect(run, source, "1, and the way from outside is closed", wanted, true);
}

static void check_ip_forward(hf_check_run *run)
{
	const hf_networks *networks = hf_networks_get(run);
	const hf_attachments *attachments = hf_attachments_get(run);
	const hf_netns *host = hf_host_netns(run);
	bool has_networks = networks->count > 0;

	if (!network_in_initial_netns(run) || !hf_need(run, &host->fact))
		return;
	for (size_t i = 0; i < attachments->count; i++)
		has_networks |= attachments->all[i].port != NULL;
	if (!has_networks && (!hf_need(run, &networks->fact) || !hf_need(run, &attachments->fact)))
		return;
	judge_forwarding(run, 4, has_networks);
	judge_forwarding(run, 6, has_networks);
}

#define FORWARDING_READS                                                                           \
	NETWORK_NETNS_READ, "sysctl:net.ipv4.ip_forward", "dir:/proc/sys/net/ipv4/conf",           \
		"/proc/sys/net/ipv4/conf/*/forwarding", "sysctl:net.ipv6.conf.all.forwarding"

static const hf_check checks[] = {
	{
		.id = "network.forward-policy",
		.title = "Forwarding is closed unless a rule opens it (IPv4)",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:284", "CIS-Docker-1.6:2.4", "NIST-800-190:4.3.3",
				"OWASP-Docker:D03", "CIS-Debian:4.1.5", "NIST-800-190:4.4.2"),
		.aliases = HF_ALIASES("host.firewall.forward-policy"),
		.reads = HF_READS(FORWARDING_READS),
		.risk = "Services in containers that nobody published answer whoever can send a "
			"packet to the node.",
		.threat =
			"A host on the same segment sets a route to the containers' subnet by way "
			"of the node and talks to databases that were meant to be internal.",
		.remediation =
			"iptables -P FORWARD DROP, kept over a boot by the node's own rules: "
			"an engine sets it only where it turned ip_forward on itself, so a "
			"line in sysctl.d that sets ip_forward first leaves it at ACCEPT.",
		.run = check_forward_policy,
		.param = &four,
	},
	{
		.id = "network.forward-policy6",
		.title = "Forwarding is closed unless a rule opens it (IPv6)",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:284", "OWASP-Docker:D03", "CIS-Debian:4.1.3"),
		.aliases = HF_ALIASES("host.firewall.ipv6"),
		.reads = HF_READS(FORWARDING_READS),
		.risk = "What is closed for IPv4 is open for IPv6: containers have addresses that "
			"the whole Internet can route to.",
		.threat = "Addresses of containers are guessed or read from a log, and each of "
			  "their ports answers.",
		.remediation = "\"ip6tables\": true in /etc/docker/daemon.json (the default from "
			       "engine 27 on), ip6tables -P FORWARD DROP; or no IPv6 on networks "
			       "that do not need it.",
		.run = check_forward_policy,
		.param = &six,
	},
	{
		.id = "network.direct-routing",
		.title = "Container addresses cannot be reached from outside by routing",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:923", "CVE:2025-54388", "OWASP-Docker:D03"),
		.reads = HF_READS(FORWARDING_READS),
		.risk = "The address that a port is bound to does not bind: also a port that is "
			"published on loopback alone answers on the container's own address.",
		.threat = "A host on the segment adds a route to the containers' subnet and opens "
			  "the published port there.",
		.remediation = "Docker Engine 28 or later without allow-direct-routing; before it, "
			       "for each uplink: iptables -t raw -I PREROUTING -i UPLINK -d "
			       "CONTAINER-SUBNET -j DROP.",
		.run = check_direct_routing,
	},
	{
		.id = "network.ip-forward",
		.title = "Forwarding is on only where containers need it and is filtered",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:1188", "CIS-Docker-1.6:2.4", "CIS-Debian:3.3.1.1",
				"LYNIS:KRNL-6000"),
		.aliases = HF_ALIASES("kernel.net.ip-forward"),
		.reads = HF_READS(FORWARDING_READS),
		.risk = "The node is a router for everybody who is on one of its networks.",
		.threat = "Whoever reaches one network of the node reaches the others through it.",
		.remediation =
			"Without networks of containers: net.ipv4.ip_forward = 0 and "
			"net.ipv6.conf.all.forwarding = 0 in /etc/sysctl.d/, and \"ip-forward\": "
			"false in daemon.json. With them: close the way from outside, see "
			"network.forward-policy.",
		.run = check_ip_forward,
	},
};

HF_CHECK_SET(network_forward, checks);
