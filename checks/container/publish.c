/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From where on the network a container can be reached: addresses of its ports, and the default
 * bridge. */
#include "judge.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- network.published-any, network.published-any6 ---- */

typedef struct family_port {
	int family;	    /* AF_INET or AF_INET6 */
	const char *wanted; /* for evidence */
	const char *none;
} family_port;

static const family_port four = {
	.family = AF_INET,
	.wanted = "a chosen address of the node, and not 0.0.0.0",
	.none = "no port on an IPv4 address",
};

static const family_port six = {
	.family = AF_INET6,
	.wanted = "a chosen address of the node, and not ::",
	.none = "no port on an IPv6 address",
};

typedef struct bound {
	const family_port *family;
	const char *any;
	const char *chosen;
	bool is_odd; /* an address that is none */
} bound;

static void note_bound(hf_check_run *run, const char *inside, const char *address, const char *port,
		       void *data)
{
	bound *b = data;
	struct in6_addr v6;
	struct in_addr v4;
	int family = AF_INET;
	bool is_any;

	if (inet_pton(AF_INET, address, &v4) == 1) {
		is_any = v4.s_addr == htonl(INADDR_ANY);
	} else if (inet_pton(AF_INET6, address, &v6) == 1) {
		/* "::ffff:0.0.0.0" is IPv4's in another spelling */
		family = IN6_IS_ADDR_V4MAPPED(&v6) ? AF_INET : AF_INET6;
		is_any = IN6_IS_ADDR_UNSPECIFIED(&v6) ||
			 (family == AF_INET && memcmp(&v6.s6_addr[12], "\0\0\0\0", 4) == 0);
	} else {
		b->is_odd = true;
		return;
	}
	if (family != b->family->family)
		return;
	const char *item = hf_text(run, "%s port %s for %s", address, port, inside);

	if (is_any)
		b->any = container_join(run, b->any, item);
	else
		b->chosen = container_join(run, b->chosen, item);
}

static void check_published_any(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	bound b = {.family = hf_check_param(run), .any = "", .chosen = ""};

	if (!container_publishes_itself(run, container) ||
	    container_each_port(run, container, note_bound, &b) <= 0)
		return;
	if (b.is_odd)
		hf_unknown(run, container_ports_source, "one of the addresses is not understood");
	const char *found = *b.any ? b.any : *b.chosen ? b.chosen : b.family->none;

	(void)hf_expect(run, container_ports_source, found, b.family->wanted, *b.any == '\0');
}

/* ---- network.default-bridge-used ---- */

static const char networks_path[] = "NetworkSettings/Networks";

/* A daemon without a default bridge puts its name into the record all the same, and makes no endpoint. */
static bool is_on_bridge(hf_check_run *run, const hf_container *container)
{
	return *container_text(hf_container_inspect(
		       run, container, "NetworkSettings/Networks/bridge/EndpointID")) != '\0';
}

/* Who joined another container's network is where that one is, and its own record does not say so. */
static const hf_container *peer_on_bridge(hf_check_run *run, const hf_peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		if (is_on_bridge(run, peers->all[i]))
			return peers->all[i];
	}
	return NULL;
}

static const char *network_names(hf_check_run *run, const hf_container *container)
{
	const char *name, *list = "";
	enum { MOST = 100 };

	for (size_t i = 0;
	     i < MOST && (name = hf_container_inspect_member(run, container, networks_path, i));
	     i++) {
		bool is_lost = strcmp(name, "bridge") == 0 && !is_on_bridge(run, container);

		list = container_join(run, list,
				      is_lost ? "bridge without an endpoint on it" : name);
	}
	return *list ? list : "no network of its own";
}

static void check_default_bridge(hf_check_run *run)
{
	static const char source[] = "NetworkSettings.Networks of the engine's record";
	static const char wanted[] = "not the default bridge, the network named bridge";
	static const container_others others = {
		.kubelet = "the network of a pod is its CNI plugin's, and no bridge of an engine's",
		.podman = "holds its networks, and is not read",
		.rest = "its runtime has no default bridge that others are put on, too",
	};
	const hf_container *container = hf_container_of(run);
	const hf_api_value *networks =
		container_record_value(run, container, networks_path, &others);

	if (!networks)
		return;
	const char *mode =
		container_text(hf_container_inspect(run, container, "HostConfig/NetworkMode"));

	if ((networks->fact.state != HF_PRESENT || networks->is_null) &&
	    strncmp(mode, "container:", 10) != 0) {
		hf_unknown(run, source, "the record has no list of networks");
		return;
	}
	if (is_on_bridge(run, container)) {
		(void)hf_expect(run, source, network_names(run, container), wanted, false);
		return;
	}
	const hf_peers *peers = hf_container_ns_peers(run, container, HF_NS_NET);
	const hf_container *peer = peer_on_bridge(run, peers);

	if (peer)
		(void)hf_expect(run, source,
				hf_text(run, "bridge, by the network namespace that it shares with %s",
					peer->name ? peer->name : peer->id),
				wanted, false);
	else if (hf_need(run, &peers->fact))
		(void)hf_expect(run, source, network_names(run, container), wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "network.published-any",
		.title = "Published ports are bound to chosen addresses (IPv4)",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.14", "CIS-Docker-1.6:5.9", "CWE:1327",
				"ATTACK:T1190", "ATTACK:T1133", "OWASP-Docker:D03", "CWE:668",
				"NIST-800-190:4.4.2", "DOCKER-BENCH:check_5_14"),
		.aliases = HF_ALIASES("container.bind-address"),
		.risk = "Every network that the node is on reaches the service, also those that it "
			"was not made for.",
		.threat = "A database or an administrative page that was published for the "
			  "neighbours answers the Internet, past the node's own firewall.",
		.remediation = "docker run -p ADDRESS:PORT:PORT with an address of the node (127.0.0.1 "
			       "behind a proxy); for all containers \"ip\": \"ADDRESS\" in "
			       "daemon.json.",
		.run = check_published_any,
		.param = &four,
	},
	{
		.id = "network.published-any6",
		.title = "Published ports are bound to chosen addresses (IPv6)",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.14", "CIS-Docker-1.6:5.9", "CWE:1327",
				"ATTACK:T1190", "ATTACK:T1133", "OWASP-Docker:D03",
				"DOCKER-BENCH:check_5_14"),
		.risk = "Whoever reaches the node by IPv6 reaches the service, and IPv6 is often "
			"left out of firewalls.",
		.threat = "A port that was meant to be closed to the outside, and is for IPv4, "
			  "answers on the node's IPv6 address.",
		.remediation = "docker run -p ADDRESS:PORT:PORT: a port that is given with an IPv4 "
			       "address alone is not bound on ::.",
		.run = check_published_any,
		.param = &six,
	},
	{
		.id = "network.default-bridge-used",
		.title = "No container is attached to the default bridge",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.30", "CWE:653", "OWASP-Docker:D03",
				"ATTACK:T1557.002", "NIST-800-190:4.3.3", "DOCKER-BENCH:check_5_30"),
		.aliases = HF_ALIASES("container.default-bridge"),
		.risk = "All containers that nobody chose a network for are on one wire, whatever "
			"they are for.",
		.threat = "A container that was taken over scans its neighbours there and answers "
			  "ARP requests in their name.",
		.remediation = "docker network create NAME for each application, docker run "
			       "--network NAME; with \"bridge\": \"none\" in daemon.json there is no "
			       "default bridge.",
		.run = check_default_bridge,
	},
};

HF_CHECK_SET(container_publish, checks);
