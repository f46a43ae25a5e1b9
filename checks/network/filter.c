/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet filter as a whole: the administrator's place in it, and whether it is one. */
#include "common.h"

/* ---- network.user-chain ---- */

static const hf_filter_chain *find_chain(const hf_packet_filter *filter, const char *family,
					 const char *table, const char *name)
{
	for (size_t i = 0; i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];

		if (strcmp(chain->family, family) == 0 && strcmp(chain->table, table) == 0 &&
		    strcmp(chain->name, name) == 0)
			return chain;
	}
	return NULL;
}

/* Chains that engines leave to the administrator and jump to from FORWARD. */
static const char *const user_chains[] = {"DOCKER-USER", "CNI-ADMIN"};

/* A base chain of the administrator's own at forward, asked before the engines' are: libnetwork's
 * and netavark's have priority 0 (filter). */
static const hf_filter_chain *own_chain(hf_check_run *run, const hf_packet_filter *filter,
					const char *family)
{
	for (size_t i = 0; i < filter->chain_count; i++) {
		const hf_filter_chain *chain = &filter->chains[i];
		bool is_of_iptables =
			strcmp(chain->family, "inet") != 0 && strcmp(chain->name, "FORWARD") == 0;

		if (chain->hook && strcmp(chain->hook, "forward") == 0 && chain->priority <= 0 &&
		    !chain->owner && !is_of_iptables && chain->rule_count > 0 &&
		    (strcmp(chain->family, family) == 0 || strcmp(chain->family, "inet") == 0) &&
		    !hf_filter_chain_is_idle(run, chain))
			return chain;
	}
	return NULL;
}

/* The first rule of FORWARD that something can happen in; counters do not hide the jump. */
static bool is_asked_first(hf_check_run *run, const hf_filter_chain *forward,
			   const hf_filter_chain *user, const char **ret_before)
{
	*ret_before = "no rule jumps to it";
	for (size_t i = 0; i < forward->rule_count; i++) {
		const char *text = hf_filter_rule_text(run, forward, i);

		if (hf_filter_rule_target(run, forward, i) == user)
			return i == 0;
		if (i == 0)
			*ret_before =
				hf_text(run, "asked first is: %s", text ? text : "another rule");
	}
	return false;
}

static void judge_family(hf_check_run *run, const hf_packet_filter *filter, const char *family)
{
	static const char wanted[] = "rules of the administrator's own, asked before the engine's";
	const hf_filter_chain *own = own_chain(run, filter, family);
	const hf_filter_chain *forward = find_chain(filter, family, "filter", "FORWARD");
	const hf_filter_chain *user = NULL;
	const char *name = user_chains[0], *before;

	if (own) {
		(void)hf_expect(run, hf_text(run, "%s %s %s", own->family, own->table, own->name),
				"a chain of the administrator's own", wanted, true);
		return;
	}
	for (size_t i = 0; !user && i < NETWORK_COUNT(user_chains); i++) {
		user = find_chain(filter, family, "filter", user_chains[i]);
		name = user ? user_chains[i] : name;
	}
	const char *source = hf_text(run, "%s filter %s", family, name);

	if (!user)
		(void)hf_expect(run, source, "there is no such chain", wanted, false);
	else if (!forward || !is_asked_first(run, forward, user, &before))
		(void)hf_expect(run, source, forward ? before : "there is no chain FORWARD", wanted,
				false);
	else if (hf_filter_chain_is_idle(run, user))
		(void)hf_expect(run, source, "asked first, and nothing but return in it", wanted,
				false);
	else
		(void)hf_expect(run, source, "asked first, with rules in it", wanted, true);
}

static bool has_ipv6(const hf_networks *networks)
{
	for (size_t i = 0; i < networks->count; i++) {
		if (network_gateway(networks->all[i], 6))
			return true;
	}
	return false;
}

static void check_user_chain(hf_check_run *run)
{
	const hf_packet_filter *filter = hf_packet_filter_get(run);
	const hf_networks *networks = network_begin(run, true);

	if (!networks || !hf_need(run, &filter->fact))
		return;
	judge_family(run, filter, "ip");
	if (has_ipv6(networks))
		judge_family(run, filter, "ip6");
}

/* ---- network.firewall-split ---- */

static void check_firewall_split(hf_check_run *run)
{
	static const char source[] = "packet filter of the kernel";
	static const char wanted[] = "rules in one of nf_tables and the legacy tables alone";
	const hf_packet_filter *filter = hf_packet_filter_get(run);

	/* rules in both fail, whatever else could not be read */
	if (filter->has_nft_rules && filter->has_legacy_rules)
		(void)hf_expect(run, source, "rules in nf_tables and in legacy tables", wanted,
				false);
	if (!hf_need(run, &filter->fact))
		return;
	if (filter->has_nft_rules != filter->has_legacy_rules)
		(void)hf_expect(run, source,
				filter->has_nft_rules ? "rules in nf_tables alone"
						      : "rules in legacy tables alone",
				wanted, true);
	else if (!filter->has_nft_rules)
		hf_not_applicable(run, source, "no rule", "nothing is filtered");
}

static const hf_check checks[] = {
	{
		.id = "network.user-chain",
		.title = "The administrator's chain is in place and filters",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_D,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:284", "NIST-800-190:4.4.2", "OWASP-Docker:D03"),
		.risk = "What the engine opens is open to everybody: nothing of the site's own is "
			"asked before its rules.",
		.threat = "A published port is reached from networks that the site never meant to "
			  "serve, for no rule of the node says who may.",
		.remediation =
			"iptables -I DOCKER-USER -i UPLINK ! -s ALLOWED-SUBNET -j DROP, kept "
			"over a boot; with the engine's nftables back end: a table of your "
			"own with a chain at hook forward, priority filter - 10.",
		.run = check_user_chain,
	},
	{
		.id = "network.firewall-split",
		.title = "One packet filter front end is in use",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "moby"),
		.aliases = HF_ALIASES("host.firewall.backend-mix"),
		.risk = "What an administrator lists is not what packets pass: each of the two "
			"shows its own rules and not the other's.",
		.threat = "A rule that was written to close a port stands in one of them, and the "
			  "engine's, which nobody sees, in the other.",
		.remediation =
			"update-alternatives --set iptables /usr/sbin/iptables-nft (and "
			"ip6tables), move the remaining rules, and remove those of the other "
			"kind: iptables-legacy -F, or unload ip_tables.",
		.run = check_firewall_split,
	},
};

HF_CHECK_SET(network_filter, checks);
