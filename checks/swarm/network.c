/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a swarm is on the network: its ports, its overlays, and by which way. */
#include "judge.h"

/* ---- swarm.listen-address ---- */

enum { PORT_MANAGER = 2377, PORT_GOSSIP = 7946 };

/* "0.0.0.0:2377", "[::]:2377", ":2377" */
static bool is_wildcard(const char *address)
{
	return strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0 || *address == ':';
}

static void judge_udp(hf_check_run *run, const char *wanted)
{
	const hf_sockets *sockets = hf_host_sockets_inet(run);

	if (sockets->fact.state != HF_PRESENT)
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *s = &sockets->all[i];

		if (s->port == PORT_GOSSIP && s->is_wildcard && strcmp(s->family, "udp") == 0) {
			(void)hf_expect(run, sockets->fact.source,
					hf_text(run, "udp %s port %u", s->address, s->port), wanted, false);
			return;
		}
	}
}

static void check_listen_address(hf_check_run *run)
{
	static const char wanted[] = "an address of one interface";
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_listeners *listeners = hf_daemon_listeners(run);
	const hf_swarm *swarm = hf_swarm_get(run);
	const char *wide = "", *all = "";

	if (!swarm_is_on(run))
		return;
	for (size_t i = 0; i < listeners->count; i++) {
		const hf_listener *l = &listeners->all[i];

		if (l->pid != daemon->pid || (l->port != PORT_MANAGER && l->port != PORT_GOSSIP))
			continue;
		const char *item = hf_text(run, "%s port %u", l->address, l->port);

		all = swarm_join(run, all, item);
		if (l->is_wildcard)
			wide = swarm_join(run, wide, item);
	}
	if (*wide)
		(void)hf_expect(run, "listening sockets of the daemon", wide, wanted, false);
	else if (listeners->fact.state == HF_PRESENT && *all)
		(void)hf_expect(run, "listening sockets of the daemon", all, wanted, true);
	judge_udp(run, wanted);
	/* what it will do at its next start, and what a locked one does */
	if (hf_need(run, &swarm->fact))
		(void)hf_expect(run, swarm->fact.source, *swarm->listen ? swarm->listen : "not told", wanted,
				*swarm->listen && !is_wildcard(swarm->listen));
}

/* ---- swarm.overlay-encrypted ---- */

/* CVE-2023-28840 to 28842: encrypted networks took and sent plain packets; fixed in 20.10.24 and 23.0.3. */
static void judge_version(hf_check_run *run)
{
	static const char wanted[] = "20.10.24, 23.0.3 or newer";
	const hf_daemon *daemon = hf_daemon_get(run);
	int old, second, second_fixed;

	if (!hf_daemon_compare(daemon, "20.10.24", &old) || !hf_daemon_compare(daemon, "23.0", &second) ||
	    !hf_daemon_compare(daemon, "23.0.3", &second_fixed)) {
		hf_unknown(run, "engine version", "nobody told it");
		return;
	}
	bool is_affected = old < 0 || (second >= 0 && second_fixed < 0);

	/* distributions fix old versions under the same number */
	if (is_affected && strpbrk(daemon->version, "+~"))
		hf_unknown(run, "engine version",
			   hf_text(run, "%s is a distribution's build: whether it has the fix of "
					"CVE-2023-28840 is not in its number",
				   daemon->version));
	else
		(void)hf_expect(run, "engine version", daemon->version, wanted, !is_affected);
}

static void check_overlay_encrypted(hf_check_run *run)
{
	static const char wanted[] = "option encrypted, for every overlay network";
	const hf_api_value *networks = hf_api_get(run, "/networks", "");
	const char *plain = "";
	size_t count = 0;
	int64_t node_count;

	if (!swarm_is_managed(run) || !hf_need(run, &networks->fact) ||
	    !swarm_number(run, "Swarm/Nodes", &node_count))
		return;
	for (size_t i = 0; i < networks->count; i++) {
		const hf_api_value *driver =
			hf_api_get(run, "/networks", hf_text(run, "%zu/Driver", i));
		const hf_api_value *name = hf_api_get(run, "/networks", hf_text(run, "%zu/Name", i));
		const hf_api_value *key =
			hf_api_get(run, "/networks", hf_text(run, "%zu/Options/encrypted", i));

		if (driver->fact.state != HF_PRESENT || strcmp(driver->text, "overlay") != 0)
			continue;
		count++;
		/* its presence switches it on, whatever stands there */
		if (key->fact.state != HF_PRESENT)
			plain = swarm_join(run, plain, name->fact.state == HF_PRESENT ? name->text : "?");
	}
	if (count == 0) {
		hf_not_applicable(run, networks->fact.source, "no overlay network", "nothing to encrypt");
		return;
	}
	if (node_count == 1) {
		hf_not_applicable(run, "engine API /info Swarm/Nodes", "1",
				  "overlay networks cross no wire in a swarm of one node");
		return;
	}
	(void)hf_expect(run, networks->fact.source, *plain ? hf_text(run, "in clear: %s", plain) : "encrypted",
			wanted, *plain == '\0');
	judge_version(run);
}

/* ---- swarm.plane-separation ---- */

/* "10.0.0.5:2377", "[fd00::5]:2377", "10.0.0.5" */
static bool parse_address(hf_check_run *run, const char *text, hf_ip *ret_ip)
{
	const char *colon = strrchr(text, ':');
	bool is_bracketed = *text == '[';
	size_t length = strlen(text);

	if (is_bracketed)
		length = strcspn(++text, "]");
	else if (colon && strchr(text, ':') == colon)
		length = (size_t)(colon - text);
	return hf_ip_parse(hf_text(run, "%.*s", (int)length, text), ret_ip);
}

static const hf_interface *interface_of(const hf_netns *netns, const hf_ip *ip)
{
	for (size_t i = 0; i < netns->address_count; i++) {
		if (netns->addresses[i].ip.family == ip->family &&
		    memcmp(netns->addresses[i].ip.bytes, ip->bytes, sizeof ip->bytes) == 0)
			return netns->addresses[i].interface;
	}
	return NULL;
}

static void check_plane_separation(hf_check_run *run)
{
	static const char wanted[] = "an address of another interface than the one that is advertised";
	const hf_swarm *swarm = hf_swarm_get(run);
	hf_ip data, control;

	if (!swarm_is_on(run) || !hf_need(run, &swarm->fact))
		return;
	if (*swarm->data_path == '\0') {
		(void)hf_expect(run, swarm->fact.source, "no DataPathAddr: both share one way", wanted,
				false);
		return;
	}
	if (!parse_address(run, swarm->data_path, &data) || !parse_address(run, swarm->advertise, &control)) {
		hf_unknown(run, swarm->fact.source,
			   hf_text(run, "%s and %s are not both addresses", swarm->data_path,
				   swarm->advertise));
		return;
	}
	const hf_netns *netns = hf_host_netns(run);
	const hf_interface *a, *b;

	if (!hf_need(run, &netns->fact))
		return;
	a = interface_of(netns, &data);
	b = interface_of(netns, &control);
	if (!a || !b)
		hf_unknown(run, netns->fact.source,
			   hf_text(run, "no interface has %s", a ? swarm->advertise : swarm->data_path));
	else
		(void)hf_expect(run, swarm->fact.source,
				hf_text(run, "data by %s, control by %s", a->name, b->name), wanted, a != b);
}

static const hf_check checks[] = {
	{
		.id = "swarm.listen-address",
		.title = "Swarm ports are bound to a chosen interface",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S | HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.2", "CWE:1327", "ATTACK:T1046", "NIST-800-190:4.3.2",
				"OWASP-Docker:D03", "DOCKER-BENCH:check_7_2"),
		.risk = "Every network that the node is in reaches the swarm's management and gossip.",
		.threat = "From a guest network a join token is tried, the CA is asked for "
			  "certificates, or the gossip is flooded.",
		.remediation = "docker swarm leave, then docker swarm init (or join) --listen-addr "
			       "ADDRESS:2377 with the address of the interface that is the nodes' own.",
		.run = check_listen_address,
	},
	{
		.id = "swarm.overlay-encrypted",
		.title = "Overlay networks between nodes are encrypted",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_T,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:C/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.3", "CWE:319", "CWE:311", "ATTACK:T1040",
				"NIST-800-190:4.3.3", "OWASP-Docker:D03", "DOCKER-BENCH:check_7_3"),
		.risk = "What containers say to each other crosses the network in clear, inside of "
			"packets that anybody can make.",
		.threat = "Whoever is on the way reads passwords and data; whoever can send UDP to the "
			  "node puts packets into the network of containers.",
		.remediation = "docker network create --driver overlay --opt encrypted NAME, and move "
			       "the services there; make ingress anew likewise. An existing network "
			       "cannot be changed.",
		.run = check_overlay_encrypted,
	},
	{
		.id = "swarm.plane-separation",
		.title = "Control and data traffic of the swarm use different interfaces",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.9", "CWE:653", "NIST-800-190:4.3.3",
				"OWASP-Docker:D03", "DOCKER-BENCH:check_7_9"),
		.risk = "Traffic of services can crowd out what keeps the swarm together.",
		.threat = "A container that floods its network makes managers lose sight of each other, "
			  "and services are moved or stopped.",
		.remediation = "docker swarm init (or join) --advertise-addr CONTROL --data-path-addr "
			       "DATA, with addresses of two interfaces.",
		.run = check_plane_separation,
	},
};

HF_CHECK_SET(swarm_network, checks);
