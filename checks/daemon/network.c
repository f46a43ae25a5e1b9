/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the daemon filters what its networks carry, between containers and at the node's edge. */
#include "judge.h"

#include <string.h>

/* Networks whose traffic the engine filters or translates itself. host, none, macvlan and ipvlan
 * have no rules of its own. Returns false after saying notapplicable. */
static bool has_filtered_network(hf_check_run *run, const hf_api_value *list)
{
	static const char *const filtered[] = {"bridge", "overlay", NULL};

	for (size_t i = 0; i < list->count; i++) {
		if (daemon_in(filtered, daemon_network_text(run, i, "Driver")))
			return true;
	}
	hf_not_applicable(run, list->fact.source, "no bridge or overlay network",
			  "the engine has no rules to manage");
	return false;
}

/* ---- daemon.icc ---- */

/* Frames between two ports of one bridge meet the drop rule only while br_netfilter hands them to
 * the packet filter. The daemon switches that on at its start; later anybody can switch it off. */
static void judge_bridge_filter(hf_check_run *run)
{
	static const char wanted[] = "1: bridged frames pass the packet filter";
	const hf_sysctl *sysctl = hf_sysctl_get(run, "net.bridge.bridge-nf-call-iptables");

	switch (sysctl->fact.state) {
	case HF_ABSENT:
		(void)hf_expect(run, sysctl->fact.source, "br_netfilter is not loaded", wanted,
				false);
		return;
	case HF_PRESENT:
		(void)hf_expect(run, sysctl->fact.source, sysctl->text, wanted,
				strcmp(sysctl->text, "1") == 0);
		return;
	case HF_UNREADABLE:
		hf_unknown(run, sysctl->fact.source, sysctl->fact.why);
		return;
	}
}

static void judge_default_bridge(hf_check_run *run, const hf_api_value *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const hf_api_value *icc;
		bool is_on = true;

		if (strcmp(daemon_network_text(run, i, "Name"), "bridge") != 0)
			continue;
		icc = daemon_bridge_option(run, i, "enable_icc");
		if (icc->fact.state == HF_UNREADABLE) {
			hf_unknown(run, icc->fact.source, icc->fact.why);
			return;
		}
		if (icc->fact.state == HF_PRESENT && !hf_parse_go_bool(icc->text, &is_on))
			is_on = true;
		if (hf_expect(run, icc->fact.source,
			      icc->fact.state == HF_PRESENT ? icc->text
							    : "missing, which means true",
			      "false", !is_on))
			judge_bridge_filter(run);
		return;
	}
	hf_not_applicable(run, list->fact.source, "no network named bridge",
			  "there is no default bridge");
}

static void check_icc(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *list = daemon_networks(run);
	daemon_reading icc = daemon_read(run, "icc");

	if (list) {
		judge_default_bridge(run, list);
		return;
	}
	daemon_reading bridge = daemon_read(run, "bridge");

	if (bridge.is_in_force && daemon_is(&bridge, "none"))
		hf_not_applicable(run, bridge.source, "none", "there is no default bridge");
	else
		(void)daemon_expect(run, &icc, "false", daemon_is(&icc, "false"));
}

/* ---- daemon.iptables, daemon.ip6tables ---- */

static void note_rules_unread(hf_check_run *run)
{
	hf_note(run, "packet filter",
		"not read here: this says that the engine manages its rules, not that nobody "
		"removed them");
}

static void note_firewall_backend(hf_check_run *run)
{
	const hf_api_value *backend = hf_api_get(run, "/info", "FirewallBackend/Driver");
	const hf_file *legacy = hf_file_get(run, "/proc/net/ip_tables_names");

	if (backend->fact.state == HF_PRESENT)
		hf_note(run, backend->fact.source, backend->text);
	if (legacy->fact.state == HF_PRESENT)
		hf_note(run, legacy->fact.source,
			legacy->size ? hf_text(run, "legacy tables: %s", legacy->data)
				     : "no legacy table is loaded");
}

static void check_iptables(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *list = daemon_networks(run);
	daemon_reading iptables = daemon_read(run, "iptables");

	if (list && !has_filtered_network(run, list))
		return;
	if (daemon_expect(run, &iptables, "true", daemon_is(&iptables, "true"))) {
		note_firewall_backend(run);
		note_rules_unread(run);
	}
}

/* Up to 26.x the option works with experimental alone; without it the daemon refuses the option. */
static void judge_ip6tables(hf_check_run *run, const hf_daemon *daemon)
{
	daemon_reading ip6tables = daemon_read(run, "ip6tables");

	if (daemon_is(&ip6tables, "true") && !daemon_at_least(daemon, "27.0")) {
		daemon_reading experimental = daemon_read(run, "experimental");

		(void)daemon_expect(run, &experimental, "true, or an engine from 27.0 on",
				    daemon_is(&experimental, "true"));
	}
	if (daemon_expect(run, &ip6tables, "true while a network has IPv6",
			  daemon_is(&ip6tables, "true"))) {
		note_firewall_backend(run);
		note_rules_unread(run);
	}
}

/* Names of networks with IPv6. */
static const char *ipv6_networks(hf_check_run *run, const hf_api_value *list)
{
	const char *names = "";

	for (size_t i = 0; i < list->count; i++) {
		if (daemon_is_true(daemon_network_text(run, i, "EnableIPv6")))
			names = daemon_join(run, names, daemon_network_text(run, i, "Name"));
	}
	return names;
}

static void check_ip6tables(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	const hf_sysctl *ipv6 = hf_sysctl_get(run, "net.ipv6.conf.all.disable_ipv6");
	const hf_api_value *list = daemon_networks(run);

	if (ipv6->fact.state == HF_ABSENT) {
		hf_not_applicable(run, ipv6->fact.source, "absent", "the kernel runs without IPv6");
		return;
	}
	if (list) {
		const char *names = ipv6_networks(run, list);

		if (*names == '\0') {
			(void)hf_expect(run, list->fact.source, "no network has IPv6",
					"no IPv6, or IPv6 filtering", true);
			return;
		}
		hf_note(run, list->fact.source, hf_text(run, "with IPv6: %s", names));
		judge_ip6tables(run, daemon);
		return;
	}
	/* which networks users made cannot be known without the engine; the option covers all of
	 * them */
	daemon_reading ip6tables = daemon_read(run, "ip6tables");
	daemon_reading wanted = daemon_read(run, "ipv6");

	if (daemon_is(&ip6tables, "true") || daemon_is(&wanted, "true"))
		judge_ip6tables(run, daemon);
	else
		hf_unknown(run, "/networks",
			   "IPv6 is not filtered, and whether a network has it could not be read");
}

/* ---- daemon.userland-proxy ---- */

/* How many docker-proxy processes this daemon started. A removed executable still runs. */
static size_t count_proxies(const hf_processes *processes, const hf_daemon *daemon)
{
	static const char name[] = "docker-proxy";
	size_t count = 0;

	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (process->exe && process->parent == daemon->pid &&
		    strncmp(daemon_base_name(process->exe), name, sizeof name - 1) == 0)
			count++;
	}
	return count;
}

static void check_userland_proxy(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	const hf_processes *processes = hf_processes_get(run);
	size_t count = 0;

	if (daemon->is_running && daemon->user.state == HF_PRESENT && daemon->is_rootless) {
		hf_not_applicable(run, daemon->user.source, "rootless",
				  "without root only a proxy can publish a port");
		return;
	}
	daemon_reading proxy = daemon_read(run, "userland-proxy");

	if (daemon->is_running)
		count = count_proxies(processes, daemon);
	if (count > 0)
		(void)hf_expect(run, processes->fact.source,
				hf_text(run, "%zu docker-proxy of pid %d", count, daemon->pid),
				"none", false);
	(void)daemon_expect(run, &proxy, "false", daemon_is(&proxy, "false"));
}

static const hf_check checks[] = {
	{
		.id = "daemon.icc",
		.title = "Containers on the default bridge cannot talk to each other unasked",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.2", "CWE:653", "CWE:923", "ATTACK:T1557.002",
				"ATTACK:T1046", "NIST-800-190:4.3.3", "OWASP-Docker:D03",
				"DOCKER-BENCH:check_2_2"),
		.reads = HF_READS("sysctl:net.bridge.bridge-nf-call-iptables"),
		.risk =
			"Every container on the default bridge reaches every port of every other "
			"one, published or not.",
		.threat =
			"From one container that was taken over, an intruder scans its neighbours "
			"on docker0 and uses services that were never meant for him.",
		.remediation =
			"Set \"icc\": false in /etc/docker/daemon.json and restart the engine (a "
			"reload is not enough); it needs \"iptables\" on. Containers on the "
			"default bridge that talk to each other must then share a network of "
			"their own (docker network create), which this option does not touch.",
		.run = check_icc,
	},
	{
		.id = "daemon.iptables",
		.title = "The Engine manages the packet filter rules its networks rely on",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.4", "CWE:923", "CWE:1188", "ATTACK:T1562.004",
				"NIST-800-190:4.3.3", "OWASP-Docker:D03", "DOCKER-BENCH:check_2_4"),
		.reads = HF_READS("/proc/net/ip_tables_names"),
		.risk =
			"Without its rules the engine's networks are one: nothing separates "
			"bridges from each other, and unpublished ports are as reachable as "
			"routing allows.",
		.threat =
			"A neighbour on the network, or a container of another project, connects "
			"to container addresses that nobody published.",
		.remediation =
			"Remove \"iptables\": false from /etc/docker/daemon.json (or "
			"--iptables=false from the unit) and restart the engine. Rules that an "
			"administrator wrote in its place should move to the DOCKER-USER chain "
			"first, or both will apply.",
		.run = check_iptables,
	},
	{
		.id = "daemon.ip6tables",
		.title = "IPv6 networks of the Engine are filtered like IPv4 ones",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.4", "CWE:923", "CWE:1188", "ATTACK:T1046",
				"NIST-800-190:4.4.2", "OWASP-Docker:D03"),
		.reads = HF_READS("sysctl:net.ipv6.conf.all.disable_ipv6",
				  "/proc/net/ip_tables_names"),
		.risk =
			"Each listening port of a container with a routed IPv6 address is "
			"reachable from outside without being published.",
		.threat =
			"An attacker who learns the prefix connects straight to a container's "
			"database or administration port over IPv6.",
		.remediation =
			"Update to 27.0 or newer, where ip6tables is on by default, or set "
			"\"ip6tables\": true and \"experimental\": true in "
			"/etc/docker/daemon.json (up to 26.x) and restart the engine. Services "
			"that were reached over IPv6 without being published must be published.",
		.run = check_ip6tables,
	},
	{
		.id = "daemon.userland-proxy",
		.title = "Published ports need no user-space proxy process",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.16", "CIS-Docker-1.8:2.17", "CWE:1188",
				"ATTACK:T1190", "OWASP-Docker:D03", "DOCKER-BENCH:check_2_16"),
		.aliases = HF_ALIASES("network.userland-proxy"),
		.risk =
			"A process of the host per published port, as root, handles what "
			"strangers send, and the container sees the bridge's address in place of "
			"the client's.",
		.threat =
			"Somebody opens connections to a published port until the proxies hold "
			"the node's memory, and the container's log shows one address for all of "
			"them.",
		.remediation =
			"Set \"userland-proxy\": false in /etc/docker/daemon.json and restart the "
			"engine. It then sets route_localnet=1 on its bridges for ports reached "
			"over 127.0.0.1, and publishing from IPv6 to a container that has only "
			"IPv4 stops working.",
		.run = check_userland_proxy,
	},
};

HF_CHECK_SET(daemon_network, checks);
