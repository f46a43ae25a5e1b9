/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of network namespaces: the node's table of connections, and what is in force inside
 * containers. */
#include "common.h"

#include <stdlib.h>

/* ---- network.conntrack ---- */

enum {
	CONNTRACK_LEAST = 65536, /* below it one container that opens connections stops the node */
	CONNTRACK_FULL_PERCENT = 80,
};

/* A limit for each source: "ct count over" of nft, connlimit of iptables. */
static bool has_source_limit(hf_check_run *run)
{
	enum { RULES_MAX = 20000 };
	const hf_packet_filter *filter = hf_packet_filter_get(run);
	size_t seen = 0;

	for (size_t i = 0; i < filter->chain_count; i++) {
		for (size_t k = 0; k < filter->chains[i].rule_count && seen < RULES_MAX;
		     k++, seen++) {
			const char *text = hf_filter_rule_text(run, &filter->chains[i], k);

			if (text && (strstr(text, "ct count") || strstr(text, "connlimit")))
				return true;
		}
	}
	return false;
}

static void check_conntrack(hf_check_run *run)
{
	static const char wanted[] = "less than 80 per cent in use, and room for 65536 connections "
				     "where ports are published";
	const hf_sysctl *most = hf_sysctl_get(run, "net.netfilter.nf_conntrack_max");
	const hf_sysctl *now = hf_sysctl_get(run, "net.netfilter.nf_conntrack_count");
	const hf_publications *publications = hf_publications_get(run);

	if (!network_in_initial_netns(run))
		return;
	if (most->fact.state == HF_ABSENT) {
		hf_not_applicable(run, most->fact.source, "does not exist",
				  "the kernel tracks no connections");
		return;
	}
	if (!hf_need(run, &most->fact) || !hf_need(run, &now->fact))
		return;
	if (!most->is_number || !now->is_number) {
		hf_unknown(run, most->fact.source, "is no number");
		return;
	}
	/* 0 is no limit */
	bool is_full =
		most->number > 0 && now->number >= most->number / 100 * CONNTRACK_FULL_PERCENT;
	bool is_small = most->number > 0 && most->number < CONNTRACK_LEAST;

	if (is_full) {
		(void)hf_expect(
			run, now->fact.source,
			hf_text(run, "80 per cent or more of %lld", (long long)most->number),
			wanted, false);
	} else if (is_small && publications->count > 0) {
		(void)hf_expect(run, most->fact.source,
				hf_text(run, "%lld, with published ports", (long long)most->number),
				wanted, false);
	} else if (!is_small || hf_need(run, &publications->fact)) {
		(void)hf_expect(
			run, most->fact.source,
			hf_text(run, "%lld, less than 80 per cent in use", (long long)most->number),
			wanted, true);
	}
	hf_note(run, "packet filter of the kernel",
		has_source_limit(run) ? "a rule limits the connections of one source"
				      : "no rule limits the connections of one source");
}

/* ---- network.container-sysctls ---- */

/* What its runtime was asked to set is a person's own decision. */
static bool is_declared(hf_check_run *run, const hf_container *container, const char *family,
			const char *interface, const char *leaf)
{
	static const char *const scopes[] = {NULL, "all", "default"};

	for (size_t i = 0; i < NETWORK_COUNT(scopes); i++) {
		const char *scope = scopes[i] ? scopes[i] : interface;
		const hf_api_value *value = hf_container_oci(
			run, container,
			hf_text(run, "linux/sysctl/net.%s.conf.%s.%s", family, scope, leaf));

		if (value->fact.state == HF_PRESENT)
			return true;
	}
	return strcmp(leaf, "forwarding") == 0 && strcmp(family, "ipv4") == 0 &&
	       hf_container_oci(run, container, "linux/sysctl/net.ipv4.ip_forward")->fact.state ==
		       HF_PRESENT;
}

typedef struct inside {
	const hf_container *container;
	network_list bad;
	network_list declared;
	size_t read;
	const char *source; /* of the first that could not be read */
	const char *why;
} inside;

/* -1: it could not be read, or this kernel has none (which is none that is on). */
static int64_t value_of(hf_check_run *run, inside *in, const char *family, const char *interface,
			const char *leaf)
{
	const hf_sysctl *sysctl = hf_container_sysctl(
		run, in->container,
		hf_text(run, "net.%s.conf.%s.%s", family, network_escaped(run, interface), leaf));

	if (sysctl->fact.state == HF_PRESENT && sysctl->is_number) {
		in->read++;
		return sysctl->number;
	}
	if (sysctl->fact.state != HF_ABSENT && !in->source) {
		in->source = sysctl->fact.source;
		in->why = sysctl->fact.why ? sysctl->fact.why : "is no number";
	}
	return -1;
}

static void add_bad(hf_check_run *run, inside *in, const char *family, const char *interface,
		    const char *leaf, const char *item)
{
	if (is_declared(run, in->container, family, interface, leaf))
		network_add(run, &in->declared, item);
	else
		network_add(run, &in->bad, item);
}

/* The kernel's rules for "all" and the interface: include/linux/inetdevice.h. */
static void judge_interface4(hf_check_run *run, inside *in, const char *name)
{
	int64_t forwarding = value_of(run, in, "ipv4", name, "forwarding");
	int64_t all = value_of(run, in, "ipv4", "all", "accept_redirects");
	int64_t own = value_of(run, in, "ipv4", name, "accept_redirects");

	/* IN_DEV_RX_REDIRECTS: a router needs both, a host either */
	if (forwarding > 0 ? all > 0 && own > 0 : all > 0 || own > 0)
		add_bad(run, in, "ipv4", name, "accept_redirects", "IPv4 redirects are accepted");
	/* IN_DEV_SOURCE_ROUTE */
	if (value_of(run, in, "ipv4", "all", "accept_source_route") > 0 &&
	    value_of(run, in, "ipv4", name, "accept_source_route") > 0)
		add_bad(run, in, "ipv4", name, "accept_source_route",
			"IPv4 source routes are accepted");
	if (value_of(run, in, "ipv4", "all", "route_localnet") > 0 ||
	    value_of(run, in, "ipv4", name, "route_localnet") > 0)
		add_bad(run, in, "ipv4", name, "route_localnet",
			"loopback addresses are taken from outside");
}

/* rt6_do_redirect(), ipv6_rthdr_rcv() */
static void judge_interface6(hf_check_run *run, inside *in, const char *name)
{
	/* absent: a kernel without IPv6 */
	if (value_of(run, in, "ipv6", name, "disable_ipv6") != 0)
		return;
	if (value_of(run, in, "ipv6", name, "accept_redirects") > 0 &&
	    value_of(run, in, "ipv6", name, "forwarding") <= 0)
		add_bad(run, in, "ipv6", name, "accept_redirects", "IPv6 redirects are accepted");
	if (value_of(run, in, "ipv6", "all", "accept_source_route") > 0 &&
	    value_of(run, in, "ipv6", name, "accept_source_route") > 0)
		add_bad(run, in, "ipv6", name, "accept_source_route",
			"IPv6 source routes are accepted");
}

static size_t judge_interfaces(hf_check_run *run, const hf_netns *netns, inside *in)
{
	size_t count = 0, forwards = 0;

	for (size_t i = 0; i < netns->interface_count; i++) {
		const hf_interface *interface = &netns->interfaces[i];

		if (interface->is_loopback || !interface->is_up)
			continue;
		count++;
		judge_interface4(run, in, interface->name);
		judge_interface6(run, in, interface->name);
		forwards += value_of(run, in, "ipv4", interface->name, "forwarding") > 0;
	}
	if (count >= 2 && forwards > 0)
		add_bad(run, in, "ipv4", "all", "forwarding",
			"it forwards between two or more interfaces");
	return count;
}

static void check_container_sysctls(hf_check_run *run)
{
	static const char source[] = "settings of its network namespace";
	static const char wanted[] =
		"no redirects, source routes or loopback from outside, and no forwarding "
		"between interfaces, unless declared";
	const hf_container *container = hf_container_of(run);
	const hf_netns *netns = hf_container_netns(run, container);
	inside in = {.container = container};

	if (network_has_host_network(run, container)) {
		hf_not_applicable(run, "network namespace of its first process", "the node's own",
				  "its settings are the node's: see kernel.net.redirects");
		return;
	}
	if (!hf_need(run, &netns->fact))
		return;
	if (judge_interfaces(run, netns, &in) == 0) {
		hf_not_applicable(run, source, "no interface but loopback", "nothing reaches it");
		return;
	}
	if (in.bad.count > 0)
		(void)hf_expect(run, source, network_text(run, &in.bad), wanted, false);
	if (in.source)
		hf_unknown(run, in.source, in.why);
	else if (in.bad.count == 0 && in.read == 0)
		hf_unknown(run, source, "none was read");
	else if (in.bad.count == 0)
		(void)hf_expect(run, source, "none of them is on", wanted, true);
	if (in.declared.count > 0)
		hf_note(run, "config.json",
			hf_text(run, "declared: %s", network_text(run, &in.declared)));
}

static const hf_check checks[] = {
	{
		.id = "network.conntrack",
		.title = "The connection table is sized and protected",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "ATTACK:T1499"),
		.aliases = HF_ALIASES("kernel.net.conntrack"),
		.reads = HF_READS(NETWORK_NETNS_READ, "sysctl:net.netfilter.nf_conntrack_max",
				  "sysctl:net.netfilter.nf_conntrack_count"),
		.risk = "When the table is full the node takes no new connection, for no container "
			"and no service of its own.",
		.threat = "One container, or a client of one, opens connections as fast as it can: "
			  "the table is the whole node's.",
		.remediation =
			"net.netfilter.nf_conntrack_max = 262144 in /etc/sysctl.d/ (with "
			"nf_conntrack in /etc/modules-load.d/), and a limit for each source: "
			"iptables -I DOCKER-USER -p tcp --syn -m connlimit --connlimit-above "
			"1000 -j DROP.",
		.run = check_conntrack,
	},
	{
		.id = "network.container-sysctls",
		.title = "Network settings inside containers are the runtime's",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:1188", "KSPP"),
		.aliases = HF_ALIASES("kernel.net.container-defaults"),
		.risk = "Neighbours decide which way the container's traffic takes, or it is a way "
			"between networks that were kept apart.",
		.threat = "A neighbour on the bridge sends one forged redirect and reads what the "
			  "container sends from then on.",
		.remediation =
			"docker run --sysctl net.ipv4.conf.all.accept_redirects=0 (and the "
			"other settings that are named); for all: the same in /etc/sysctl.d/ "
			"of the node, whose IPv4 values new containers begin with.",
		.run = check_container_sysctls,
	},
};

HF_CHECK_SET(network_settings, checks);
