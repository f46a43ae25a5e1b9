/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listens on the node, and who of the containers gets to it: through a bridge, or being in its
 * namespace. */
#include "common.h"

#include <stdlib.h>

static const char host_network_source[] = "network namespace of its first process";

/* Who holds @socket, for evidence: "tcp 22 (sshd)". */
static const char *socket_name(hf_check_run *run, const hf_socket *socket)
{
	const hf_process *holder = hf_socket_holder(run, socket->inode);
	const char *what = hf_text(run, "%s %u", socket->family, socket->port);

	return holder && holder->exe ? hf_text(run, "%s (%s)", what, network_base_name(holder->exe))
				     : what;
}

/* False after marking @run notapplicable. */
static bool begin_in_host_network(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_ns_reference *reference = hf_ns_reference_get(run);

	if (network_has_host_network(run, container))
		return true;
	if (!container->init || container->init->ns[HF_NS_NET] == 0)
		hf_unknown(run, host_network_source, "could not be read");
	else if (hf_need(run, &reference->fact) && reference->inode[HF_NS_NET] == 0)
		hf_unknown(run, host_network_source, "the node's own is not known");
	else if (reference->fact.state == HF_PRESENT)
		hf_not_applicable(run, host_network_source, "its own",
				  "what listens on the node is not in its namespace");
	return false;
}

/* ---- network.host-listeners ---- */

static void check_host_listeners(hf_check_run *run)
{
	static const char source[] = "sockets of the node that its processes listen on";
	const hf_container *container = hf_container_of(run);
	const hf_sockets *sockets = hf_container_sockets(run, container);
	network_list held = {0};
	bool is_known = true;

	if (!begin_in_host_network(run))
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "unix") == 0)
			continue;
		const char *what = hf_text(run, "%s %s port %u", socket->family, socket->address,
					   socket->port);

		switch (network_holds_socket(run, container, socket->inode)) {
		case NETWORK_YES:
			network_add(run, &held, what);
			break;
		case NETWORK_UNKNOWN:
			if (is_known)
				hf_unknown(run, what, "whose it is could not be read");
			is_known = false;
			break;
		case NETWORK_NO:
			break;
		}
	}
	if (!hf_need(run, &sockets->fact) || (!is_known && held.count == 0))
		return;
	if (held.count == 0)
		(void)hf_expect(run, source, "none", "only those that it is there for", true);
	else
		hf_review(run, source, network_text(run, &held),
			  "Whether the container is there to serve these ports of the node, and on "
			  "these addresses.");
}

/* ---- network.abstract-sockets ---- */

/* Services of the node that act for their client, or hand out what is root's. */
static const char *const privileged_names[] = {
	"@/containerd-shim/",
	"@/run/containerd/s/",
	"@/var/lib/lxd/",
	"@/var/lib/incus/",
	"@/org/kernel/linux/storage/multipathd",
	"@ISCSIADM_ABSTRACT_NAMESPACE",
	"@/tmp/.X11-unix/X",
	"@/tmp/dbus-",
	"@/var/lib/lxc/",
	"@/com/ubuntu/upstart",
};

static bool is_privileged_name(const char *name)
{
	for (size_t i = 0; i < NETWORK_COUNT(privileged_names); i++) {
		if (network_starts_with(name, privileged_names[i]))
			return true;
	}
	return false;
}

/* Of a session, not of the node. */
static bool is_users(const hf_process *process)
{
	return process->cgroup && strstr(process->cgroup, "/user.slice/user-") &&
	       !strstr(process->cgroup, "/user.slice/user-0.slice");
}

static void check_abstract_sockets(hf_check_run *run)
{
	static const char source[] = "abstract sockets of the node's network namespace";
	static const char wanted[] = "none of a service that has rights of its own";
	const hf_container *container = hf_container_of(run);
	const hf_sockets *sockets = hf_host_unix_sockets(run);
	network_list bad = {0};
	const char *unknown = NULL;

	if (!begin_in_host_network(run))
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];
		const hf_process *holder;

		if (*socket->address != '@')
			continue;
		if (is_privileged_name(socket->address)) {
			network_add(run, &bad, socket->address);
			continue;
		}
		holder = hf_socket_holder(run, socket->inode);
		if (holder && (holder->is_container || is_users(holder)))
			continue;
		if (holder)
			network_add(run, &bad,
				    hf_text(run, "%s of %s", socket->address,
					    holder->exe ? network_base_name(holder->exe)
							: "a service"));
		else if (network_holds_socket(run, container, socket->inode) != NETWORK_YES &&
			 !unknown)
			unknown = socket->address;
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, network_text(run, &bad), wanted, false);
	if (!hf_need(run, &sockets->fact))
		return;
	if (unknown)
		hf_unknown(run, hf_text(run, "%s", unknown), "whose it is could not be read");
	else if (bad.count == 0)
		(void)hf_expect(run, source, "none", wanted, true);
}

/* ---- network.loopback-services ---- */

typedef struct service {
	uint16_t port;
	const char *what;
	bool is_open; /* asks nobody who he is, by design; else it may */
} service;

static const service services[] = {
	{2375, "engine API without TLS", true},
	{10255, "kubelet, read-only port", true},
	{8080, "insecure port of the API server", false},
	{10249, "kube-proxy metrics", true},
	{4194, "cAdvisor", true},
	{11211, "memcached", true},
	{6060, "profiling", true},
	{2379, "etcd", false},
	{6379, "redis", false},
	{27017, "mongodb", false},
	{9200, "elasticsearch", false},
	{5984, "couchdb", false},
	{8500, "consul", false},
	{5000, "image registry", false},
	{1338, "containerd metrics", true},
	{16509, "libvirt", true},
};

/* Engines' own ports: streams of exec and attach, debugging, metrics. */
static const char *const engines[] = {"dockerd", "containerd", "crio",
				      "kubelet", "buildkitd",  "podman"};

static const service *find_service(const hf_socket *socket)
{
	for (size_t i = 0; strcmp(socket->family, "tcp") == 0 && i < NETWORK_COUNT(services); i++) {
		if (services[i].port == socket->port)
			return &services[i];
	}
	return NULL;
}

/* 10250 and 2376 ask for a certificate; what is served by TLS is not told apart any further. */
static bool is_of_engine(const hf_socket *socket, const hf_process *holder)
{
	if (!holder || socket->port == 10250 || socket->port == 2376 || socket->port == 2377)
		return false;
	for (size_t i = 0; i < NETWORK_COUNT(engines); i++) {
		if (network_is_program(holder->exe, engines[i]))
			return true;
	}
	return false;
}

/* Whether the node's own rules let a process of it talk to itself. */
static hf_fate fate_on_loopback(hf_check_run *run, const hf_socket *socket)
{
	bool is_six = strchr(socket->address, ':') != NULL && !strstr(socket->address, "::ffff:");
	hf_packet packet = {.protocol = HF_PROTOCOL_TCP, .to_port = socket->port};

	(void)hf_ip_parse(is_six ? "::1" : "127.0.0.1", &packet.to);
	packet.from = packet.to;
	return hf_packet_walk(run, &packet)->fate;
}

typedef struct loopback {
	network_list open;
	network_list maybe; /* whether it asks for a password, or the rules let it through, is not
			       known */
} loopback;

static void judge_service(hf_check_run *run, const hf_socket *socket, loopback *l)
{
	const hf_process *holder = hf_socket_holder(run, socket->inode);
	const service *known = find_service(socket);
	bool is_engine = is_of_engine(socket, holder);

	if (!known && !is_engine)
		return;
	/* what it serves itself, it need not reach */
	if (network_holds_socket(run, hf_container_of(run), socket->inode) == NETWORK_YES)
		return;
	const char *what = hf_text(run, "%s: %s", socket_name(run, socket),
				   known ? known->what : "a port of the engine's");

	switch (fate_on_loopback(run, socket)) {
	case HF_FATE_DROPPED:
		break;
	case HF_FATE_ACCEPTED:
		network_add(run, known && known->is_open ? &l->open : &l->maybe, what);
		break;
	case HF_FATE_UNKNOWN:
		network_add(run, &l->maybe, what);
		break;
	}
}

static void check_loopback_services(hf_check_run *run)
{
	static const char source[] = "sockets of the node that answer on loopback";
	static const char wanted[] = "none of a privileged service that asks nobody who he is";
	const hf_sockets *sockets = hf_host_sockets_inet(run);
	loopback l = {0};

	if (!begin_in_host_network(run))
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "tcp") == 0 &&
		    (socket->is_loopback || socket->is_wildcard))
			judge_service(run, socket, &l);
	}
	if (l.open.count > 0)
		(void)hf_expect(run, source, network_text(run, &l.open), wanted, false);
	if (!hf_need(run, &sockets->fact))
		return;
	if (l.maybe.count > 0)
		hf_unknown(
			run, hf_text(run, "%s", network_text(run, &l.maybe)),
			"whether it asks for a password or certificate, or rules keep it closed, "
			"could not be read");
	else if (l.open.count == 0)
		(void)hf_expect(run, source, "none", wanted, true);
}

/* ---- network.host-services ---- */

/* Names and addresses for the bridge's own containers: that is what these sockets are for. */
static bool is_for_containers(hf_check_run *run, const hf_socket *socket)
{
	const hf_process *holder = hf_socket_holder(run, socket->inode);

	if (socket->is_wildcard || (socket->port != 53 && socket->port != 67))
		return false;
	return holder && (network_is_program(holder->exe, "aardvark-dns") ||
			  network_is_program(holder->exe, "dnsmasq") ||
			  network_is_program(holder->exe, "systemd-resolved"));
}

/* The engine's process for a published port. */
static bool is_publication(hf_check_run *run, const hf_socket *socket)
{
	const hf_process *holder = hf_socket_holder(run, socket->inode);

	return holder && (network_is_program(holder->exe, "docker-proxy") ||
			  network_is_program(holder->exe, "rootlessport"));
}

typedef struct service_walk {
	network_tally tally;
	size_t sockets;
	size_t exempt;
} service_walk;

static void try_socket(hf_check_run *run, const hf_network *network, unsigned family,
		       const hf_socket *socket, service_walk *w)
{
	const hf_ip *gateway = network_gateway(network, family);
	network_member from;
	hf_ip bound;

	if (!gateway || !network_representative(network, family, &from))
		return;
	/* "::" takes IPv4, too, where the program did not forbid it: a rule has to close it */
	if (!socket->is_wildcard && (!hf_ip_parse(socket->address, &bound) ||
				     !hf_ip_shares_prefix(&bound, gateway, family == 4 ? 32 : 128)))
		return;
	if (socket->is_wildcard && family == 6 && strchr(socket->address, ':') == NULL)
		return;
	w->sockets++;
	const hf_packet packet = {
		.from = from.ip,
		.to = *gateway,
		.protocol = strcmp(socket->family, "udp") == 0 ? HF_PROTOCOL_UDP : HF_PROTOCOL_TCP,
		.to_port = socket->port,
		.in = network->bridge,
		.in_port = from.attachment ? from.attachment->port : NULL,
	};
	const hf_passage *passage = hf_packet_walk(run, &packet);

	/* a published port leads to a container, and not to the node */
	if (passage->fate == HF_FATE_ACCEPTED && (passage->is_translated || !passage->is_for_host))
		return;
	if (passage->fate == HF_FATE_ACCEPTED && is_for_containers(run, socket)) {
		w->exempt++;
		return;
	}
	(void)network_try(run, &w->tally, &packet, socket_name(run, socket));
}

static void check_host_services(hf_check_run *run)
{
	static const char wanted[] =
		"nothing of the node answers containers but their own names and addresses";
	const hf_sockets *sockets = hf_host_sockets_inet(run);
	const hf_networks *networks = network_begin(run, true);
	service_walk w = {0};

	if (!networks)
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "unix") == 0 || socket->is_loopback ||
		    socket->port == 0 || is_publication(run, socket))
			continue;
		for (size_t k = 0; k < networks->count; k++) {
			if (network_port_count(run, networks->all[k]) == 0)
				continue;
			try_socket(run, networks->all[k], 4, socket, &w);
			try_socket(run, networks->all[k], 6, socket, &w);
		}
		if (network_is_enough(&w.tally))
			break;
	}
	network_conclude(run, &w.tally, wanted);
	if (!hf_need(run, &sockets->fact))
		return;
	if (w.tally.walked == 0)
		(void)hf_expect(run, "listening sockets of the node",
				w.exempt > 0 ? "names and addresses for containers alone"
					     : "none that a bridge's address leads to",
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "network.host-listeners",
		.title = "Containers in the host's network do not listen beyond need",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CIS-Docker-1.6:5.10", "CIS-Docker-1.6:5.9", "CWE:1327"),
		.risk = "Each port that it opens is a port of the node, without being published "
			"and "
			"past the rules for containers.",
		.threat =
			"A debugging port of the image, which would stay inside elsewhere, answers "
			"on every address of the node.",
		.remediation = "docker run with a network of its own and -p for what must be "
			       "reached; else bind the service to the one address that it serves.",
		.run = check_host_listeners,
	},
	{
		.id = "network.abstract-sockets",
		.title = "Abstract sockets of privileged daemons are out of containers' reach",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CVE:2020-15257", "CWE:668", "ATTACK:T1611"),
		.risk = "A socket with an abstract name has no file and no permissions: the "
			"network "
			"namespace is its only border, and the container is inside.",
		.threat = "It connects to a containerd shim of before 1.3.9, to multipathd or to a "
			  "session's bus, and has things done with root's rights.",
		.remediation = "docker run without --network host; upgrade containerd and restart "
			       "containers that an old shim still holds.",
		.run = check_abstract_sockets,
	},
	{
		.id = "network.loopback-services",
		.title = "Containers in the host's network cannot use unauthenticated loopback "
			 "services",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:306", "CWE:923", "CIS-Docker-1.6:5.10", "ATTACK:T1210",
				"MS-K8S-MATRIX:MS-TA9005"),
		.risk = "Services that trust whoever comes from 127.0.0.1 trust the container.",
		.threat = "It talks to the engine's plain port or to the kubelet's read-only one, "
			  "and "
			  "to a database that was bound to loopback for want of a password.",
		.remediation = "docker run without --network host; close the plain port: no "
			       "tcp://127.0.0.1:2375 in \"hosts\", readOnlyPort: 0 of the kubelet.",
		.run = check_loopback_services,
	},
	{
		.id = "network.host-services",
		.title = "Containers cannot use the host's services through the bridge address",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:C/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:923", "NIST-800-190:4.4.2", "OWASP-Docker:D03",
				"CIS-Debian:4.1.3", "LYNIS:FIRE-4508", "LYNIS:FIRE-4590"),
		.aliases = HF_ALIASES("host.firewall.input-policy"),
		.risk = "Each container has the node's services before it: SSH, the kubelet, "
			"exporters, what was meant for administrators.",
		.threat =
			"A container that was taken over tries passwords, or a hole in a service, "
			"at its own gateway's address, where no firewall of the network sees it.",
		.remediation =
			"iptables -A INPUT -i BRIDGE -j DROP for docker0 and each bridge "
			"(br-+), after rules for what containers need; or bind services to the "
			"address of the administrators' network.",
		.run = check_host_services,
	},
};

HF_CHECK_SET(network_listeners, checks);
