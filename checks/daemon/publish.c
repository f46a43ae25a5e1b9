/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From where published ports, and the containers behind them, can be reached. */
#include "judge.h"

#include <string.h>

/* ---- daemon.default-bind-address ---- */

static bool is_wildcard(const char *address)
{
	static const char *const wildcards[] = {
		"", "0.0.0.0", "::", "[::]", "::ffff:0.0.0.0", NULL};

	return daemon_in(wildcards, address);
}

static void judge_bindings(hf_check_run *run, const hf_api_value *list)
{
	const char *bad = "", *good = "";

	for (size_t i = 0; i < list->count; i++) {
		const char *name = daemon_network_text(run, i, "Name"), *address;

		/* an internal network publishes nothing */
		if (!daemon_is_bridge(run, i) ||
		    daemon_is_true(daemon_network_text(run, i, "Internal")))
			continue;
		address = daemon_bridge_text(run, i, "host_binding_ipv4");
		if (is_wildcard(address))
			bad = daemon_join(run, bad, name);
		else
			good = daemon_join(run, good, hf_text(run, "%s %s", name, address));
	}
	if (*bad == '\0' && *good == '\0')
		hf_not_applicable(run, list->fact.source, "no bridge network",
				  "no network publishes ports by default");
	else
		(void)hf_expect(run, list->fact.source,
				*bad ? hf_text(run, "every address: %s", bad) : good,
				"host_binding_ipv4 is one address on each bridge network",
				*bad == '\0');
}

static void check_bind_address(hf_check_run *run)
{
	(void)daemon_begin(run);
	const hf_api_value *list = daemon_networks(run);
	daemon_reading ip = daemon_read(run, "ip");

	if (list) {
		judge_bindings(run, list);
		return;
	}
	/* the option is the default bridge's alone */
	if (!ip.value || is_wildcard(ip.value)) {
		(void)daemon_expect(run, &ip, "one address", false);
		return;
	}
	hf_note(run, ip.source, ip.value);
	hf_unknown(run, "/networks",
		   "which address the other bridge networks use could not be read");
}

/* ---- daemon.direct-routing ---- */

static void judge_gateway_modes(hf_check_run *run, const hf_api_value *list)
{
	static const char *const keys[] = {"gateway_mode_ipv4", "gateway_mode_ipv6", NULL};
	static const char *const open[] = {"nat-unprotected", "routed", NULL};
	const char *bad = "";

	for (size_t i = 0; i < list->count; i++) {
		const char *name = daemon_network_text(run, i, "Name"), *trusted;

		for (const char *const *key = keys; *key; key++) {
			const char *mode = daemon_bridge_text(run, i, *key);

			if (daemon_in(open, mode))
				bad = daemon_join(run, bad,
						  hf_text(run, "%s %s=%s", name, *key, mode));
		}
		trusted = daemon_bridge_text(run, i, "trusted_host_interfaces");
		if (*trusted)
			bad = daemon_join(run, bad, hf_text(run, "%s trusts %s", name, trusted));
	}
	(void)hf_expect(run, list->fact.source, *bad ? bad : "no network is open",
			"no network routed, unprotected or with trusted interfaces", *bad == '\0');
}

/* The switches of the daemon itself. */
static void judge_routing_switches(hf_check_run *run)
{
	const hf_option *raw = hf_daemon_environment(run, "DOCKER_INSECURE_NO_IPTABLES_RAW");
	daemon_reading direct = daemon_read(run, "allow-direct-routing");
	daemon_reading no_drop = daemon_read(run, "ip-forward-no-drop");

	(void)daemon_expect(run, &direct, "false", !daemon_is(&direct, "true"));
	(void)daemon_expect(run, &no_drop, "false", !daemon_is(&no_drop, "true"));
	switch (raw->fact.state) {
	case HF_PRESENT: /* "1" alone switches it on */
		(void)hf_expect(run, raw->fact.source, daemon_show(raw->value), "not 1",
				!raw->value || strcmp(raw->value, "1") != 0);
		break;
	case HF_ABSENT:
		(void)hf_expect(run, raw->fact.source, "not set", "not 1", true);
		break;
	case HF_UNREADABLE:
		hf_unknown(run, raw->fact.source, raw->fact.why);
		break;
	}
}

/* CVE-2025-54388: a reload of firewalld lost the rules that keep ports published on loopback
 * local. */
static void judge_firewalld_reload(hf_check_run *run, const hf_daemon *daemon)
{
	const hf_processes *processes = hf_processes_get(run);

	if (!daemon_at_least(daemon, "28.2.0") || !daemon_before(daemon, "28.3.3"))
		return;
	for (size_t i = 0; i < processes->count; i++) {
		const char *cgroup = processes->all[i].cgroup;

		if (cgroup && strstr(cgroup, "/firewalld.service")) {
			(void)hf_expect(
				run, processes->fact.source,
				hf_text(run, "firewalld runs, engine %s", daemon_version(daemon)),
				"28.3.3 where firewalld runs (CVE-2025-54388)", false);
			return;
		}
	}
	hf_note(run, processes->fact.source,
		"firewalld was not seen; with it this version would be open after a reload "
		"(CVE-2025-54388)");
}

/* Ports of running containers that are published on one address: before 28.0 neighbours reached
 * them, too. */
static const char *single_bindings(hf_check_run *run, const hf_api_value *containers)
{
	const char *found = "", *address;

	for (size_t i = 0; i < containers->count; i++) {
		for (size_t k = 0; (address = daemon_element(run, "/containers/json",
							     hf_text(run, "%zu/Ports", i), k));
		     k++) {
			const hf_api_value *ip = hf_api_get(run, "/containers/json",
							    hf_text(run, "%zu/Ports/%zu/IP", i, k));
			const hf_api_value *port =
				hf_api_get(run, "/containers/json",
					   hf_text(run, "%zu/Ports/%zu/PublicPort", i, k));

			if (ip->fact.state == HF_PRESENT && !is_wildcard(ip->text) &&
			    port->fact.state == HF_PRESENT)
				found = daemon_join(run, found,
						    hf_text(run, "%s:%s", ip->text, port->text));
		}
	}
	return found;
}

static void judge_old_engine(hf_check_run *run, const hf_daemon *daemon)
{
	static const char wanted[] = "28.0 or newer where ports are published on one address";
	const hf_api_value *containers = hf_api_get(run, "/containers/json", "");
	const char *found = "";

	if (containers->fact.state == HF_PRESENT)
		found = single_bindings(run, containers);
	if (*found)
		(void)hf_expect(
			run, containers->fact.source,
			hf_text(run, "engine %s publishes %s", daemon_version(daemon), found),
			wanted, false);
	else
		hf_unknown(run, "engine version",
			   hf_text(run,
				   "%s: before 28.0 only the policy of the FORWARD chain decides, "
				   "and it "
				   "was not read",
				   daemon_version(daemon)));
}

static void check_direct_routing(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	const hf_api_value *list = daemon_networks(run);
	bool has_bridge = !list;

	for (size_t i = 0; list && i < list->count && !has_bridge; i++)
		has_bridge = daemon_is_bridge(run, i);
	if (!has_bridge) {
		hf_not_applicable(run, list->fact.source, "no bridge network",
				  "there is nothing to route to");
		return;
	}
	judge_routing_switches(run);
	if (list)
		judge_gateway_modes(run, list);
	else
		hf_unknown(run, "/networks", "how the networks are reached could not be read");
	if (daemon_at_least(daemon, "28.0")) {
		(void)hf_expect(run, "engine version", daemon_version(daemon), "28.0 or newer",
				true);
		judge_firewalld_reload(run, daemon);
	} else if (daemon_before(daemon, "28.0")) {
		judge_old_engine(run, daemon);
	} else {
		hf_unknown(run, "engine version", "nobody told it");
	}
}

static const hf_check checks[] = {
	{
		.id = "daemon.default-bind-address",
		.title = "Ports are published on a chosen host address by default",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.14", "CWE:1327", "CWE:668", "ATTACK:T1190",
				"NIST-800-190:4.4.2", "OWASP-Docker:D03"),
		.risk =
			"A port published without an address opens on every interface of the "
			"node, the public one too, and past the host's own firewall rules.",
		.threat =
			"Somebody writes -p 5432:5432 for a test, and the database answers the "
			"whole network.",
		.remediation =
			"Set \"ip\": \"127.0.0.1\" (or the address meant) in "
			"/etc/docker/daemon.json for the default bridge, and for networks made "
			"later \"default-network-opts\": {\"bridge\": "
			"{\"com.docker.network.bridge.host_binding_ipv4\": \"127.0.0.1\"}} (24.0 "
			"and newer); restart the engine, and create the existing networks anew. "
			"Ports that relied on every address must then name one.",
		.run = check_bind_address,
	},
	{
		.id = "daemon.direct-routing",
		.title = "Neighbours on the network cannot reach container addresses directly",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.4", "CWE:923", "ATTACK:T1046",
				"NIST-800-190:4.3.3", "OWASP-Docker:D03"),
		.risk =
			"Hosts of the same segment reach containers, and ports published on "
			"127.0.0.1 alone, by routing packets to the bridge's addresses through "
			"this node.",
		.threat =
			"A neighbour adds a route to 172.17.0.0/16 over this node and connects to "
			"what was published for the node itself.",
		.remediation =
			"Update to 28.3.3 or newer; remove \"allow-direct-routing\" and "
			"\"ip-forward-no-drop\" from /etc/docker/daemon.json and "
			"DOCKER_INSECURE_NO_IPTABLES_RAW from the unit, restart the engine, and "
			"create networks with gateway mode routed or nat-unprotected anew without "
			"it. Whoever reached containers by their own addresses needs published "
			"ports instead.",
		.run = check_direct_routing,
	},
};

HF_CHECK_SET(daemon_publish, checks);
