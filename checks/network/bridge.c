/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a bridge lets through: between its own ports, to other bridges, to the world, and in the
 * name of others. */
#include "common.h"

static const unsigned four = 4, six = 6;

/* ---- network.icc-default-bridge ---- */

static bool are_all_isolated(hf_check_run *run, const hf_network *network)
{
	const hf_netns *host = hf_host_netns(run);
	size_t ports = 0;

	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_interface *port = &host->interfaces[i];

		if (!port->is_port || port->master != network->bridge->index)
			continue;
		if (!port->is_isolated)
			return false;
		ports++;
	}
	return ports > 0;
}

static void try_pair(hf_check_run *run, const hf_network *network, unsigned family,
		     const hf_attachment *from, const hf_attachment *to, network_tally *tally)
{
	const hf_ip *source = network_address(from, family), *target = network_address(to, family);

	if (from->container == to->container || !source || !target)
		return;
	const hf_packet packet = {
		.from = *source,
		.to = *target,
		.protocol = HF_PROTOCOL_TCP,
		.to_port = network_free_port(run),
		.in = network->bridge,
		.in_port = from->port,
	};

	(void)network_try(run, tally, &packet, "from one container to another");
}

static void try_members(hf_check_run *run, const hf_network *network, network_tally *tally)
{
	for (unsigned family = 4; family <= 6; family += 2) {
		for (size_t i = 0; i < network->member_count; i++) {
			for (size_t k = 0; k < network->member_count; k++) {
				/* one way through is all that it takes */
				if (tally->open.count > 0 || network_is_enough(tally))
					return;
				try_pair(run, network, family, network->members[i],
					 network->members[k], tally);
			}
		}
	}
}

/* Members of a network that somebody made are meant to reach each other. */
static void tell_icc(hf_check_run *run, const hf_network *network)
{
	network_tally tally = {0};

	try_members(run, network, &tally);
	hf_inform(run, network_walk_source,
		  tally.open.count > 0 ? network_text(run, &tally.open)
		  : tally.source       ? "what becomes of them could not be told"
		  : tally.walked > 0 ? hf_text(run, "dropped: %s", network_text(run, &tally.closed))
				     : "no two containers",
		  "the containers of a network that was made for them are one zone by intent");
}

static void check_icc(hf_check_run *run)
{
	static const char wanted[] = "containers on the default bridge do not reach each other";
	const hf_network *network = hf_network_of(run);
	const hf_networks *networks = hf_networks_get(run);
	size_t ports = network_port_count(run, network);
	network_tally tally = {0};

	if (!network->is_default) {
		tell_icc(run, network);
		return;
	}
	if (ports < 2) {
		(void)hf_expect(run, network_links_source,
				ports == 1 ? "one port on the bridge" : "no port on the bridge",
				wanted, true);
		return;
	}
	if (are_all_isolated(run, network)) {
		(void)hf_expect(run, network_links_source, "all ports of the bridge are isolated",
				wanted, true);
		return;
	}
	try_members(run, network, &tally);
	network_conclude(run, &tally, wanted);
	if (tally.open.count == 0 && network->member_count < ports)
		hf_unknown(run, network_links_source,
			   "of a port of the bridge it is not known whose it is");
	else if (tally.walked == 0 && hf_need(run, &networks->fact))
		hf_unknown(run, network_links_source,
			   "no two containers on the bridge have an address");
	if (network->declares_no_icc)
		hf_note(run, "the engine's record", "its members shall not reach each other");
}

/* ---- network.bridge-nf-call, network.bridge-nf-call6 ---- */

/* Who counts on rules of the IP filter between ports of one bridge; NULL: nobody is known to. */
static const char *who_needs_bridge_filter(hf_check_run *run, const hf_networks *networks)
{
	const hf_packet_filter *filter = hf_packet_filter_get(run);

	for (size_t i = 0; i < networks->count; i++) {
		const hf_network *network = networks->all[i];

		if (network->declares_no_icc)
			return hf_text(run, "network %s, whose members shall not reach each other",
				       network->name ? network->name : network->bridge->name);
	}
	for (size_t i = 0; i < filter->chain_count; i++) {
		const char *owner = filter->chains[i].owner;

		if (owner && strcmp(owner, "kube-proxy") == 0)
			return "kube-proxy, for services between pods of one node";
	}
	return NULL;
}

static void check_bridge_filter(hf_check_run *run)
{
	static const char wanted[] = "bridged packets pass the rules of the packet filter";
	const unsigned *family = hf_check_param(run);
	const hf_networks *networks = network_begin(run, true);
	const hf_network *undeclared = NULL;
	network_list without = {0}, with = {0};

	for (size_t i = 0; networks && i < networks->count; i++) {
		const hf_network *network = networks->all[i];
		bool is_passed = *family == 4 ? network->bridge->calls_iptables
					      : network->bridge->calls_ip6tables;

		if (network_port_count(run, network) == 0 ||
		    (*family == 6 && !network_gateway(network, 6)))
			continue;
		network_add(run, is_passed ? &with : &without, network->bridge->name);
		if (!is_passed && !network->is_declared)
			undeclared = network;
	}
	if (!networks)
		return;
	if (without.count == 0 && with.count == 0) {
		hf_not_applicable(run, network_links_source,
				  *family == 6 ? "no bridge of containers has IPv6"
					       : "no bridge with a container on it",
				  "there is nothing to filter");
		return;
	}
	if (without.count == 0) {
		(void)hf_expect(run, network_links_source, "every bridge hands its packets over",
				wanted, true);
		return;
	}
	const char *found = hf_text(run, "past the rules: %s", network_text(run, &without));
	const char *who = who_needs_bridge_filter(run, networks);
	const hf_packet_filter *filter = hf_packet_filter_get(run);

	if (who || *family == 6) {
		(void)hf_expect(run, network_links_source, found, wanted, false);
		if (who)
			hf_note(run, "counts on it", who);
	} else if (hf_need(run, &filter->fact)) {
		if (undeclared)
			hf_unknown(
				run,
				hf_text(run, "the engine's record of %s", undeclared->bridge->name),
				"could not be read: it may say that its members shall not reach "
				"each other");
		else
			hf_not_applicable(run, network_links_source, found,
					  "no network is declared as closed between its own "
					  "members, and no kube-proxy has rules");
	}
}

/* ---- network.isolation-chains ---- */

/* A rule of the administrator's that names the other network or somebody on it: it opens this way
 * on purpose. */
static bool is_opened_on_purpose(hf_check_run *run, const hf_packet *packet)
{
	const hf_passage *passage = hf_packet_walk(run, packet);
	const hf_filter_chain *chain = network_deciding_chain(run, passage);
	const char *by = passage->decided_by;

	if (!chain || !by || !strstr(by, " rule "))
		return false;
	if (chain->owner && strcmp(chain->name, "DOCKER-USER") != 0)
		return false;
	return strstr(by, packet->in->name) || strstr(by, hf_ip_text(run, &packet->to)) ||
	       strstr(by, hf_ip_text(run, &packet->from)) ||
	       (passage->out && strstr(by, passage->out->name));
}

static void try_other(hf_check_run *run, const hf_network *network, const hf_network *other,
		      unsigned family, network_tally *tally, network_list *intended)
{
	network_member from, to;

	if (!network_representative(network, family, &from) ||
	    !network_representative(other, family, &to))
		return;
	const hf_packet packet = {
		.from = from.ip,
		.to = to.ip,
		.protocol = HF_PROTOCOL_TCP,
		.to_port = network_free_port(run),
		.in = network->bridge,
		.in_port = from.attachment ? from.attachment->port : NULL,
	};

	if (hf_packet_walk(run, &packet)->fate == HF_FATE_ACCEPTED &&
	    is_opened_on_purpose(run, &packet))
		network_add(run, intended, other->bridge->name);
	else
		(void)network_try(run, tally, &packet, hf_text(run, "to %s", other->bridge->name));
}

static void check_isolation(hf_check_run *run)
{
	enum { OTHERS_MAX = 128 };
	const hf_network *network = hf_network_of(run);
	const hf_networks *networks = hf_networks_get(run);
	network_tally tally = {0};
	network_list intended = {0};
	size_t others = 0;

	for (size_t i = 0; i < networks->count; i++) {
		if (networks->all[i] == network)
			continue;
		if (others++ == OTHERS_MAX) {
			tally.is_cut = true;
			break;
		}
		try_other(run, network, networks->all[i], 4, &tally, &intended);
		try_other(run, network, networks->all[i], 6, &tally, &intended);
	}
	bool is_all = hf_need(run, &networks->fact);

	if (others == 0) {
		if (is_all)
			hf_not_applicable(run, network_links_source,
					  "no other bridge of containers",
					  "there is nothing to be apart from");
		return;
	}
	network_conclude(run, &tally, "no way to containers on other bridges");
	if (intended.count > 0) {
		const char *found = hf_text(run, "open by rules that name it, to %s",
					    network_text(run, &intended));

		if (tally.walked == 0)
			(void)hf_expect(run, network_walk_source, found,
					"open by rules of the administrator alone", true);
		else
			hf_note(run, network_walk_source, found);
	} else if (tally.walked == 0 && is_all) {
		hf_not_applicable(run, network_links_source,
				  "no address of a family that the other bridges have",
				  "no packet can be sent to them");
	}
}

/* ---- network.l2-antispoof ---- */

/* Rules that see frames: a filter of families bridge, netdev or arp that does something. */
static const hf_filter_chain *frame_filter(hf_check_run *run)
{
	const hf_packet_filter *filter = hf_packet_filter_get(run);

	for (size_t i = 0; i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];

		if (chain->hook && !hf_filter_chain_is_idle(run, chain) &&
		    (strcmp(chain->family, "bridge") == 0 || strcmp(chain->family, "netdev") == 0 ||
		     strcmp(chain->family, "arp") == 0))
			return chain;
	}
	return NULL;
}

/* Whether a container can send IPv4 packets in another's name. */
static hf_fate forged_fate(hf_check_run *run, const hf_network *network)
{
	const hf_ip *gateway = network_gateway(network, 4);

	for (size_t i = 0; i + 1 < network->member_count; i++) {
		const hf_attachment *forger = network->members[i],
				    *victim = network->members[i + 1];
		hf_packet packet = {
			.protocol = HF_PROTOCOL_TCP,
			.to_port = network_free_port(run),
			.in = network->bridge,
			.in_port = forger->port,
		};

		if (!network_address(victim, 4) || !gateway)
			continue;
		packet.from = victim->ip;
		packet.to = *gateway;
		return hf_packet_walk(run, &packet)->fate;
	}
	return HF_FATE_UNKNOWN;
}

static void check_antispoof(hf_check_run *run)
{
	static const char wanted[] =
		"each port isolated, its address fixed, or its frames filtered";
	const hf_network *network = hf_network_of(run);
	const hf_netns *host = hf_host_netns(run);
	const hf_packet_filter *filter = hf_packet_filter_get(run);
	size_t ports = 0, plain = 0;

	for (size_t i = 0; i < host->interface_count; i++) {
		const hf_interface *port = &host->interfaces[i];

		if (!port->is_port || port->master != network->bridge->index)
			continue;
		ports++;
		/* without learning and a fixed entry its frames are flooded to everybody instead */
		plain += !port->is_isolated && (port->is_learning || !port->has_static_mac);
	}
	if (!hf_need(run, &host->fact))
		return;
	if (ports < 2) {
		hf_not_applicable(run, network_links_source,
				  ports == 1 ? "one port on the bridge" : "no port on the bridge",
				  "there is nobody on it to be deceived");
		return;
	}
	if (plain == 0) {
		(void)hf_expect(run, network_links_source,
				"every port is isolated, or does not learn and has a static entry",
				wanted, true);
		return;
	}
	const hf_filter_chain *frames = frame_filter(run);

	if (!frames && hf_need(run, &filter->fact)) {
		(void)hf_expect(run, network_links_source,
				plain == ports ? "all ports learn whatever address is claimed"
					       : "some ports learn whatever address is claimed",
				wanted, false);
	} else if (frames && forged_fate(run, network) == HF_FATE_ACCEPTED) {
		(void)hf_expect(run, network_walk_source,
				"one container sends in another's name, past the rules for frames",
				wanted, false);
	} else if (frames) {
		hf_unknown(run,
			   hf_text(run, "%s %s %s", frames->family, frames->table, frames->name),
			   "whether these rules fix addresses of ARP and neighbour discovery to "
			   "each port is not evaluated");
	}
}

/* ---- network.egress ---- */

/* Cilium's programs decide before any rule of the packet filter is asked. */
static const char *bpf_agent(const hf_netns *host)
{
	if (hf_netns_interface(host, "cilium_host"))
		return "cilium_host";
	return hf_netns_interface(host, "bpfin.cali") ? "bpfin.cali" : NULL;
}

static void check_egress(hf_check_run *run)
{
	static const uint16_t ports[] = {443, NETWORK_ANY_PORT};
	const hf_network *network = hf_network_of(run);
	const hf_netns *host = hf_host_netns(run);
	const char *agent = bpf_agent(host);
	network_tally tally = {0};
	hf_fate web = HF_FATE_UNKNOWN;

	if (!hf_need(run, &host->fact))
		return;
	if (network_port_count(run, network) == 0) {
		hf_not_applicable(run, network_links_source, "no port on the bridge",
				  "no container sends anything");
		return;
	}
	if (agent) {
		hf_unknown(run, agent,
			   "BPF programs of the network agent decide, which are not evaluated");
		return;
	}
	for (unsigned family = 4; family <= 6; family += 2) {
		network_member from;

		if (!network_representative(network, family, &from))
			continue;
		for (size_t i = 0; i < NETWORK_COUNT(ports); i++) {
			const hf_packet packet = {
				.from = from.ip,
				.to = network_far(family),
				.protocol = HF_PROTOCOL_TCP,
				.to_port = ports[i],
				.in = network->bridge,
				.in_port = from.attachment ? from.attachment->port : NULL,
			};

			if (ports[i] == 443) {
				web = hf_packet_walk(run, &packet)->fate;
				continue;
			}
			(void)network_try(run, &tally, &packet, "to any port outside");
		}
	}
	if (tally.walked == 0) {
		hf_unknown(run, network_links_source,
			   "the bridge has no address: who sends is not known");
		return;
	}
	network_conclude(run, &tally, "only what the containers need leaves the node");
	if (web != HF_FATE_UNKNOWN)
		hf_note(run, network_walk_source,
			web == HF_FATE_ACCEPTED ? "to tcp port 443 outside: open"
						: "to tcp port 443 outside: dropped");
	if (network->is_declared && network->is_internal)
		hf_note(run, "the engine's record", "an internal network");
}

static const hf_check checks[] = {
	{
		.id = "network.icc-default-bridge",
		.title = "Containers on the default bridge cannot reach each other",
		.subject = HF_SUBJECT_NETWORK,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.2", "CWE:653", "CWE:923", "ATTACK:T1210",
				"ATTACK:T1046", "MS-K8S-MATRIX:MS-TA9034", "NIST-800-190:4.3.3",
				"OWASP-Docker:D03"),
		.risk = "Containers that have nothing to do with each other are one zone: what one "
			"of them listens on is open to all.",
		.threat = "A container that was taken over scans its neighbours and finds the "
			  "database that trusts everybody on the bridge.",
		.remediation = "\"icc\": false in /etc/docker/daemon.json and a network for each "
			       "application (docker network create NAME); and "
			       "net.bridge.bridge-nf-call-iptables = 1, without which that rule "
			       "is never asked.",
		.run = check_icc,
	},
	{
		.id = "network.bridge-nf-call",
		.title = "Bridged IPv4 traffic passes the packet filter",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CIS-Docker-1.6:2.4", "CVE:2025-54410",
				"moby-check-config", "CIS-Docker-1.6:2.2"),
		.aliases = HF_ALIASES("kernel.net.bridge-nf"),
		.risk = "Rules between containers of one bridge stand in the list and are never "
			"asked.",
		.threat = "icc=false or a policy for pods seems to hold, and a neighbour's packet "
			  "goes from port to port past it.",
		.remediation =
			"br_netfilter in /etc/modules-load.d/, net.bridge.bridge-nf-call-"
			"iptables = 1 in /etc/sysctl.d/ (without the module at boot that line "
			"fails silently).",
		.run = check_bridge_filter,
		.param = &four,
	},
	{
		.id = "network.bridge-nf-call6",
		.title = "Bridged IPv6 traffic passes the packet filter",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693"),
		.risk = "What is closed between containers for IPv4 is open for IPv6.",
		.threat = "A container talks to its neighbour's IPv6 address, which no rule is "
			  "asked about.",
		.remediation = "net.bridge.bridge-nf-call-ip6tables = 1 in /etc/sysctl.d/, with "
			       "br_netfilter in /etc/modules-load.d/.",
		.run = check_bridge_filter,
		.param = &six,
	},
	{
		.id = "network.isolation-chains",
		.title = "Bridges are isolated from each other",
		.subject = HF_SUBJECT_NETWORK,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:653", "CVE:2025-54410", "CVE:2025-54388", "NIST-800-190:4.3.3",
				"OWASP-Docker:D03"),
		.risk = "Networks that were made to keep applications apart do not.",
		.threat = "Somebody reloaded the packet filter after the engine had started, and "
			  "its rules are gone: the front end's container reaches the database's "
			  "network.",
		.remediation = "systemctl restart docker (or: firewall-cmd --reload on an engine "
			       "that follows it; podman network reload --all), then find out who "
			       "flushes the rules: nftables.service, iptables-restore, "
			       "firewalld.",
		.run = check_isolation,
	},
	{
		.id = "network.l2-antispoof",
		.title = "Ports of container bridges cannot forge addresses",
		.subject = HF_SUBJECT_NETWORK,
		.stride = HF_STRIDE_S | HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:M/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:290", "CWE:300", "ATTACK:T1557.002", "MS-K8S-MATRIX:MS-TA9036",
				"NIST-800-190:4.3.3"),
		.risk = "A container can be its neighbours' gateway: it reads and alters what they "
			"send and get.",
		.threat = "With CAP_NET_RAW, which engines grant by default, it answers ARP and "
			  "IPv6 neighbour discovery in others' names.",
		.remediation = "docker run --cap-drop NET_RAW for all of the network's containers; "
			       "bridge link set dev PORT isolated on where they need not talk to "
			       "each other; or a network plugin that routes.",
		.run = check_antispoof,
	},
	{
		.id = "network.egress",
		.title = "Containers' outgoing traffic is limited",
		.subject = HF_SUBJECT_NETWORK,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:923", "ATTACK:T1041", "ATTACK:T1496", "NIST-800-190:4.4.2",
				"OWASP-Docker:D03"),
		.risk = "A container that was taken over sends what it finds to whom it wants.",
		.threat = "Stolen data, orders from outside and mining pools go over ports that no "
			  "service of the node needs.",
		.remediation = "docker network create --internal for what needs no way out; else "
			       "rules in DOCKER-USER that name what may leave, and a last one that "
			       "drops: iptables -A DOCKER-USER -i BRIDGE ! -o BRIDGE -j DROP.",
		.run = check_egress,
	},
};

HF_CHECK_SET(network_bridge, checks);
