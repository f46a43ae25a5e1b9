/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can reach the daemon over the network: the API, its metrics, browsers. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

/* ---- the TCP endpoints of the API ---- */

typedef struct endpoints {
	hf_fact fact;	  /* present: the list is complete */
	const char *list; /* "address:port" joined by '\n' */
	const char *odd;  /* listeners of the daemon that nothing explains, likewise */
} endpoints;

static const char *add_line(hf_check_run *run, const char *list, const char *line)
{
	return hf_text(run, "%s%s%s", list, *list ? "\n" : "", line);
}

static const char *commas(hf_check_run *run, const char *list)
{
	const char *joined = "", *item;

	while (daemon_next(run, &list, &item))
		joined = daemon_join(run, joined, item);
	return joined;
}

/* "0.0.0.0:2375" -> 2375, "[::]:2375", ":2375" and "2375", too; 0 for none. */
static unsigned port_of(const char *address)
{
	const char *colon = strrchr(address, ':');
	char *end;
	unsigned long port = strtoul(colon ? colon + 1 : address, &end, 10);

	return (*end == '\0' || *end == '/') && port <= UINT16_MAX ? (unsigned)port : 0;
}

static bool is_wildcard(const char *host)
{
	static const char *const wildcards[] = {"0.0.0.0", "::", "::ffff:0.0.0.0",
						"0:0:0:0:0:0:0:0", NULL};

	return daemon_in(wildcards, host);
}

/* What docker.socket listens on beside paths. A lone port is every address (systemd.socket(5)). */
static const char *socket_unit_endpoints(hf_check_run *run)
{
	const hf_unit_setting *streams =
		hf_unit_setting_get(run, "docker.socket", "Socket.ListenStream");
	const char *list = "", *cursor, *item;

	if (streams->fact.state != HF_PRESENT)
		return list;
	cursor = streams->value;
	while (daemon_next(run, &cursor, &item)) {
		if (strchr("/%@", *item) || strncmp(item, "vsock:", 6) == 0 || port_of(item) == 0)
			continue;
		list = add_line(run, list,
				strchr(item, ':') ? item : hf_text(run, "[::]:%s", item));
	}
	return list;
}

/* What flags, file and unit name: tcp:// hosts, and the socket unit where a host is fd://. An empty
 * host is localhost to the daemon. */
static const char *declared_endpoints(hf_check_run *run, const daemon_reading *hosts)
{
	const char *list = "", *cursor = hosts->value, *item;
	bool has_fd = false;

	while (daemon_next(run, &cursor, &item)) {
		if (strncmp(item, "tcp://", 6) == 0)
			list = add_line(run, list,
					item[6] == ':' ? hf_text(run, "localhost%s", item + 6)
						       : item + 6);
		has_fd = has_fd || strncmp(item, "fd://", 5) == 0;
	}
	if (has_fd) {
		cursor = socket_unit_endpoints(run);
		while (daemon_next(run, &cursor, &item))
			list = add_line(run, list, item);
	}
	return list;
}

static bool has_port(hf_check_run *run, const char *list, unsigned port)
{
	const char *item;

	while (daemon_next(run, &list, &item)) {
		if (port_of(item) == port)
			return true;
	}
	return false;
}

/* The ports on which a swarm node's managers talk, when this one is part of a swarm. */
static bool is_swarm_port(hf_check_run *run, unsigned port)
{
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");
	const hf_api_value *manager;

	if (state->fact.state == HF_PRESENT && strcmp(state->text, "inactive") == 0)
		return false;
	for (size_t i = 0;; i++) {
		manager =
			hf_api_get(run, "/info", hf_text(run, "Swarm/RemoteManagers/%zu/Addr", i));
		if (manager->fact.state != HF_PRESENT)
			break;
		if (port_of(manager->text) == port)
			return true;
	}
	return port == 2377 || port == 7946;
}

/* Without docker-proxy the daemon itself holds the ports that it publishes. */
static bool is_published_port(hf_check_run *run, unsigned port)
{
	const hf_api_value *list = hf_api_get(run, "/containers/json", "");

	for (size_t i = 0; i < list->count; i++) {
		const hf_api_value *shown;

		for (size_t k = 0;; k++) {
			shown = hf_api_get(run, "/containers/json",
					   hf_text(run, "%zu/Ports/%zu", i, k));
			if (shown->fact.state != HF_PRESENT)
				break;
			shown = hf_api_get(run, "/containers/json",
					   hf_text(run, "%zu/Ports/%zu/PublicPort", i, k));
			if (shown->fact.state == HF_PRESENT && port_of(shown->text) == port)
				return true;
		}
	}
	return false;
}

/* In a swarm it holds those of published services, too, and their list is not read. */
static bool may_be_service_port(hf_check_run *run, const daemon_reading *hosts, unsigned port)
{
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");

	if (!hosts->is_in_force || state->fact.state != HF_PRESENT ||
	    strcmp(state->text, "active") != 0)
		return false;
	hf_note(run, state->fact.source,
		hf_text(run, "active: port %u, which no host names, is taken for a service's",
			port));
	return true;
}

static bool is_side_port(hf_check_run *run, const daemon_reading *hosts, unsigned port)
{
	daemon_reading metrics = daemon_read(run, "metrics-addr");
	daemon_reading diagnostic = daemon_read(run, "network-diagnostic-port");

	return (metrics.value && *metrics.value && port_of(metrics.value) == port) ||
	       (diagnostic.value && *diagnostic.value && port_of(diagnostic.value) == port) ||
	       is_swarm_port(run, port) || is_published_port(run, port) ||
	       may_be_service_port(run, hosts, port);
}

static bool has_handed_socket(hf_check_run *run, const daemon_reading *hosts)
{
	const char *cursor = hosts->value, *item;

	while (daemon_next(run, &cursor, &item)) {
		if (strncmp(item, "fd://", 5) == 0)
			return true;
	}
	return false;
}

/* The kernel's list where the daemon runs, without what is known to be no API. */
static endpoints find_endpoints(hf_check_run *run, const hf_daemon *daemon)
{
	const hf_listeners *listeners = hf_daemon_listeners(run);
	daemon_reading hosts = daemon_read(run, "hosts");
	const char *declared = declared_endpoints(run, &hosts);
	endpoints found = {.fact = listeners->fact, .list = "", .odd = ""};

	if (!daemon->is_running || listeners->fact.state != HF_PRESENT) {
		found.list = declared;
		if (!daemon->is_running)
			found.fact = hosts.option->fact; /* unreadable when it may run after all */
		return found;
	}
	for (size_t i = 0; i < listeners->count; i++) {
		const hf_listener *l = &listeners->all[i];
		bool is_named = has_port(run, declared, l->port);
		const char *text = hf_text(run, strchr(l->address, ':') ? "[%s]:%u" : "%s:%u",
					   l->address, l->port);

		if (!is_named && l->pid == daemon->pid && is_side_port(run, &hosts, l->port))
			continue;
		if (is_named || l->pid != daemon->pid || has_handed_socket(run, &hosts))
			found.list = add_line(run, found.list, text);
		else
			found.odd = add_line(run, found.odd, text);
	}
	return found;
}

/* ---- daemon.tcp-tls ---- */

typedef enum protection {
	PROTECTION_UNKNOWN,
	PROTECTION_NONE,
	PROTECTION_SERVER_ONLY, /* encrypted, for anybody */
	PROTECTION_MUTUAL
} protection;

/* One setting covers all TCP sockets, the handed-over ones included. What tls and tlsverify make of
 * each other stands in their values already; DOCKER_TLS_VERIFY has the force of --tlsverify up
 * to 19.03, later none. */
static protection find_protection(hf_check_run *run, const hf_daemon *daemon, const char **ret_text)
{
	const hf_option *env = hf_daemon_environment(run, "DOCKER_TLS_VERIFY");
	daemon_reading tls = daemon_read(run, "tls");
	daemon_reading verify = daemon_read(run, "tlsverify");
	daemon_reading ca = daemon_read(run, "tlscacert");
	bool is_env = !verify.option->is_declared && env->value && *env->value;

	*ret_text = hf_text(run, "tls %s, tlsverify %s%s, tlscacert %s", daemon_show(tls.value),
			    daemon_show(verify.value), is_env ? ", DOCKER_TLS_VERIFY set" : "",
			    daemon_show(ca.value));
	if (!tls.is_in_force || !verify.is_in_force)
		return PROTECTION_UNKNOWN;
	if (is_env && !daemon_at_least(daemon, "20.10"))
		return daemon_before(daemon, "20.10") ? PROTECTION_MUTUAL : PROTECTION_UNKNOWN;
	if (!daemon_is(&tls, "true"))
		return PROTECTION_NONE;
	/* without a CA of its own the engine would accept what any public CA signed */
	if (ca.option->is_declared && daemon_is(&ca, ""))
		return PROTECTION_SERVER_ONLY;
	return daemon_is(&verify, "true") ? PROTECTION_MUTUAL : PROTECTION_SERVER_ONLY;
}

static const char tls_wanted[] = "no TCP listener, or TLS that demands a client certificate";

/* The engine itself warns of what it opened (18.09 and newer). */
static bool judge_warnings(hf_check_run *run)
{
	static const char mark[] = "API is accessible on ";
	const char *warning;
	bool is_warned = false;

	for (size_t i = 0; (warning = daemon_element(run, "/info", "Warnings", i)); i++) {
		const char *what = strstr(warning, mark);

		if (!what)
			continue;
		is_warned = true;
		(void)hf_expect(run, "engine API /info Warnings",
				hf_text(run, "%.*s", (int)strcspn(what, "\n"), what), tls_wanted,
				false);
	}
	return is_warned;
}

static void judge_protection(hf_check_run *run, const hf_daemon *daemon, const endpoints *found)
{
	const char *text, *where = commas(run, found->list);
	protection how = find_protection(run, daemon, &text);

	text = hf_text(run, "%s: %s", where, text);
	switch (how) {
	case PROTECTION_MUTUAL:
		if (found->fact.state == HF_PRESENT)
			(void)hf_expect(run, found->fact.source, text, tls_wanted, true);
		break;
	case PROTECTION_NONE:
	case PROTECTION_SERVER_ONLY:
		(void)hf_expect(run, found->fact.source, text, tls_wanted, false);
		break;
	case PROTECTION_UNKNOWN:
		hf_unknown(run, found->fact.source,
			   hf_text(run, "whether clients must show a certificate is not known: %s",
				   text));
		break;
	}
}

/* Marks what keeps a list from being the whole truth. */
static void judge_gaps(hf_check_run *run, const endpoints *found)
{
	if (found->fact.state != HF_PRESENT)
		hf_unknown(run, found->fact.source,
			   found->fact.why ? found->fact.why
					   : "the listening sockets were not read");
	if (*found->odd)
		hf_unknown(run, found->fact.source,
			   hf_text(run, "no option explains that the daemon listens on %s",
				   commas(run, found->odd)));
}

static void check_tcp_tls(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	endpoints found = find_endpoints(run, daemon);
	bool is_warned = judge_warnings(run);

	if (*found.list)
		judge_protection(run, daemon, &found);
	else if (!is_warned && found.fact.state == HF_PRESENT && *found.odd == '\0')
		(void)hf_expect(run, found.fact.source, "no TCP listener of the API", tls_wanted,
				true);
	judge_gaps(run, &found);
}

/* ---- daemon.tcp-interface ---- */

static void check_tcp_interface(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);
	endpoints found = find_endpoints(run, daemon);
	const char *cursor = found.list, *item, *bad = "";

	while (daemon_next(run, &cursor, &item)) {
		if (is_wildcard(daemon_host_of(run, item)))
			bad = daemon_join(run, bad, item);
	}
	if (*bad)
		(void)hf_expect(run, found.fact.source, bad, "a named address", false);
	else if (*found.list)
		(void)hf_expect(run, found.fact.source, commas(run, found.list), "a named address",
				true);
	else if (found.fact.state == HF_PRESENT && *found.odd == '\0')
		hf_not_applicable(run, found.fact.source, "no TCP listener of the API",
				  "the API is not on the network");
	judge_gaps(run, &found);
}

/* ---- daemon.metrics-address ---- */

static const hf_listener *listener_on(hf_check_run *run, unsigned port)
{
	const hf_listeners *listeners = hf_daemon_listeners(run);

	for (size_t i = 0; i < listeners->count; i++) {
		if (listeners->all[i].port == port)
			return &listeners->all[i];
	}
	return NULL;
}

/* An endpoint without authentication: off, or the kernel (else the option) says that it is
 * local. */
static void judge_side_endpoint(hf_check_run *run, const daemon_reading *reading,
				const char *default_host)
{
	static const char wanted[] = "not set, or a loopback address";
	unsigned port = reading->value ? port_of(reading->value) : 0;
	const hf_listener *listener = port ? listener_on(run, port) : NULL;
	const char *host;

	/* ":0" is a port of the kernel's choice, and ":http-alt" one by its name in services(5) */
	if (!reading->value || *reading->value == '\0' || strcmp(reading->value, "0") == 0) {
		(void)daemon_expect(run, reading, wanted, reading->value != NULL);
		return;
	}
	host = strchr(reading->value, ':') ? daemon_host_of(run, reading->value) : default_host;
	if (listener)
		(void)hf_expect(run, listener->source,
				hf_text(run, "%s port %u", listener->address, port), wanted,
				listener->is_loopback);
	(void)daemon_expect(run, reading, wanted, daemon_is_loopback(host));
}

static void check_metrics_address(hf_check_run *run)
{
	(void)daemon_begin(run);
	daemon_reading metrics = daemon_read(run, "metrics-addr");
	daemon_reading diagnostic = daemon_read(run, "network-diagnostic-port");

	judge_side_endpoint(run, &metrics, "");
	/* libnetwork starts this server on 127.0.0.1 whatever the configuration says */
	judge_side_endpoint(run, &diagnostic, "127.0.0.1");
}

/* ---- daemon.api-cors ---- */

static void check_api_cors(hf_check_run *run)
{
	const hf_daemon *daemon = daemon_begin(run);

	if (daemon_at_least(daemon, "28.0")) {
		hf_not_applicable(run, "engine version", daemon_version(daemon),
				  "the option is gone from 28.0 on");
		return;
	}
	daemon_reading header = daemon_read(run, "api-cors-header");
	daemon_reading all = daemon_read(run, "api-enable-cors");
	const hf_option *revived = hf_daemon_environment(run, "DOCKERD_DEPRECATED_CORS_HEADER");

	if (revived->fact.state == HF_PRESENT)
		hf_note(run, revived->fact.source, daemon_show(revived->value));
	(void)daemon_expect(run, &header, "not set", daemon_is(&header, ""));
	(void)daemon_expect(run, &all, "not set", !daemon_is(&all, "true"));
}

static const hf_check checks[] = {
	{
		.id = "daemon.tcp-tls",
		.title = "The Engine API is not on TCP, or only behind mutual TLS",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.7", "CIS-Docker-1.8:2.8", "CWE:306", "CWE:319",
				"ATTACK:T1133", "ATTACK:T1610", "NIST-800-190:4.3.2",
				"OWASP-Docker:D04", "DOCKER-BENCH:check_2_7", "ATTACK:T1552.007",
				"MS-K8S-MATRIX:MS-TA9005", "NIST-800-190:4.4.1"),
		.aliases = HF_ALIASES("runtime.tcp-api"),
		.risk =
			"The API gives root on the node to whoever reaches it: without client "
			"certificates that is everybody on the network, on loopback every local "
			"user and every container on the host's network.",
		.threat =
			"Scanners look for port 2375 all day; one request starts a privileged "
			"container that mounts the node's file system.",
		.remediation =
			"Remove tcp:// from \"hosts\" in /etc/docker/daemon.json, -H from the "
			"unit and ListenStream= ports from docker.socket, restart the engine, and "
			"reach it over ssh (docker -H ssh://HOST). Where TCP must stay: "
			"\"tlsverify\": true with \"tlscacert\", \"tlscert\" and \"tlskey\" of a "
			"CA of your own. Clients without a certificate are refused from then on.",
		.run = check_tcp_tls,
	},
	{
		.id = "daemon.tcp-interface",
		.title = "A TCP listener of the Engine API is bound to a named management address",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:2.7", "CIS-Docker-1.8:2.8", "CWE:1327",
				"ATTACK:T1046", "NIST-800-190:4.3.2", "OWASP-Docker:D03"),
		.risk =
			"On every address the API can be tried from each network the node is on, "
			"containers' bridges included.",
		.threat =
			"A container, or a neighbour on a network that is not meant for "
			"management, connects to the API and waits for a stolen certificate or a "
			"flaw in TLS.",
		.remediation =
			"Name the management address in \"hosts\" of /etc/docker/daemon.json or "
			"-H (tcp://10.0.0.5:2376 in place of tcp://0.0.0.0:2376) and restart the "
			"engine. Clients that used another address lose it; the engine does not "
			"start when the address is not up yet.",
		.run = check_tcp_interface,
	},
	{
		.id = "daemon.metrics-address",
		.title = "The metrics endpoint is off or local",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.7", "CWE:306", "CWE:200", "ATTACK:T1613",
				"OWASP-Docker:D03"),
		.risk =
			"The endpoint asks nobody who he is, and tells the engine's version, its "
			"load and how many containers run.",
		.threat =
			"Somebody on the network reads version and kernel from /metrics and picks "
			"the exploit that fits.",
		.remediation =
			"Remove \"metrics-addr\" and \"network-diagnostic-port\" from "
			"/etc/docker/daemon.json, or bind the metrics to 127.0.0.1:9323 and let a "
			"local exporter carry them on; restart the engine. A Prometheus server "
			"that scraped the node directly loses its target.",
		.run = check_metrics_address,
	},
	{
		.id = "daemon.api-cors",
		.title = "Browsers cannot drive the Engine API across origins",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.7", "CWE:942", "ATTACK:T1189",
				"OWASP-Docker:D04"),
		.risk =
			"A web page of a permitted origin, with * any page at all, can read the "
			"answers of the API in the browser of somebody who can reach it.",
		.threat =
			"An administrator visits a prepared page, and its script lists, starts "
			"and removes containers in his name.",
		.remediation =
			"Remove \"api-cors-header\" from /etc/docker/daemon.json (or "
			"--api-cors-header from the unit) and DOCKERD_DEPRECATED_CORS_HEADER from "
			"its environment, and restart the engine; 28.0 does not start with the "
			"key. A web interface that talks to the API from the browser stops "
			"working.",
		.run = check_api_cors,
	},
};

HF_CHECK_SET(daemon_access, checks);
