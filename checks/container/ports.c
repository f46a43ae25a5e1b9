/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of the node that lead into a container. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

const char container_ports_source[] = "NetworkSettings.Ports of the engine's record";

static const container_others others = {
	.kubelet = "the kubelet publishes hostPort of pods, which is not in the container's record",
	.podman = "holds which ports are published, and is not read",
	.rest = "its runtime publishes no ports",
};

/* Nobody writes so many down one by one; a range on the command line is such a list. */
enum { PORTS_MAX = 4096 };

int container_each_port(hf_check_run *run, const hf_container *container, container_port_fn *fn,
			void *data)
{
	const hf_api_value *ports =
		container_record_value(run, container, "NetworkSettings/Ports", &others);
	const char *inside;
	int count = 0;

	if (!ports)
		return CONTAINER_PORTS_UNKNOWN;
	for (size_t i = 0;
	     (inside = hf_container_inspect_member(run, container, "NetworkSettings/Ports", i));
	     i++) {
		for (size_t k = 0;; k++) {
			const char *path = hf_text(run, "NetworkSettings/Ports/%s/%zu", inside, k);
			const hf_api_value *binding = hf_container_inspect(run, container, path);

			if (binding->fact.state != HF_PRESENT)
				break;
			/* those that come later are as good as unread */
			if (count == PORTS_MAX) {
				hf_unknown(run, container_ports_source,
					   hf_text(run, "more than %d: the rest was not judged",
						   PORTS_MAX));
				return count;
			}
			const char *address = container_text(hf_container_inspect(
				run, container, hf_text(run, "%s/HostIp", path)));
			const char *port = container_text(hf_container_inspect(
				run, container, hf_text(run, "%s/HostPort", path)));

			fn(run, inside, *address ? address : "0.0.0.0", port, data);
			count++;
		}
	}
	if (count == 0)
		hf_not_applicable(run, container_ports_source, "none",
				  "the engine published no port for it");
	return count;
}

/* Nothing of a runtime that may publish ports could be reached anyway. */
static bool is_silent(hf_check_run *run, const hf_container *container)
{
	const hf_sockets *sockets = hf_container_sockets(run, container);

	if (hf_container_inspect(run, container, "Id")->fact.state != HF_ABSENT ||
	    sockets->fact.state != HF_PRESENT)
		return false;
	for (size_t i = 0; i < sockets->count; i++) {
		if (strcmp(sockets->all[i].family, "unix") != 0 && !sockets->all[i].is_loopback)
			return false;
	}
	hf_not_applicable(run, "listening sockets of its network namespace", "none",
			  "nothing in it could be reached through a port of the node");
	return true;
}

bool container_publishes_itself(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *mode = hf_container_inspect(run, container, "HostConfig/NetworkMode");

	if (container_has_host_network(run, container)) {
		hf_not_applicable(run, "network namespace of its first process", "the node's own",
				  "what it listens on is a port of the node without being "
				  "published: see namespace.net-host");
		return false;
	}
	/* its own record has none then, and ports of the node lead into it all the same */
	if (strncmp(container_text(mode), "container:", 10) == 0) {
		hf_not_applicable(run, mode->fact.source, "network of another container",
				  "the ports that lead into it are published for that one, and "
				  "judged there");
		return false;
	}
	return !is_silent(run, container);
}

/* ---- container.privileged-ports ---- */

typedef struct low_ports {
	int64_t start; /* ports below are only root's */
	const char *list;
} low_ports;

static void note_low(hf_check_run *run, const char *inside, const char *address, const char *port,
		     void *data)
{
	low_ports *low = data;
	long number = strtol(port, NULL, 10);

	if (number > 0 && number < low->start)
		low->list = container_join(
			run, low->list, hf_text(run, "%s port %s for %s", address, port, inside));
}

/* With the node's own network what a process of the container listens on is a port of the node. */
static void judge_host_network(hf_check_run *run, const hf_container *container, low_ports *low)
{
	const hf_sockets *sockets = hf_container_sockets(run, container);
	static const char source[] = "sockets of the node that its processes listen on";

	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];

		if (strcmp(socket->family, "unix") == 0 || socket->port == 0 ||
		    socket->port >= low->start)
			continue;
		container_holds holds = container_holds_socket(run, container, socket->inode);
		const char *what = hf_text(run, "%s %s port %u", socket->family, socket->address,
					   socket->port);

		if (holds == CONTAINER_HOLDS)
			low->list = container_join(run, low->list, what);
		else if (holds == CONTAINER_HOLDS_UNKNOWN)
			hf_unknown(run, what, "whose it is could not be read");
	}
	if (!hf_need(run, &sockets->fact))
		return;
	(void)hf_expect(run, source, *low->list ? low->list : "no low port",
			hf_text(run, "none below %lld", (long long)low->start), *low->list == '\0');
}

static void check_privileged_ports(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_sysctl *start = hf_sysctl_get(run, "net.ipv4.ip_unprivileged_port_start");
	low_ports low = {.start = 1024, .list = ""};

	if (start->fact.state == HF_PRESENT && start->is_number)
		low.start = start->number;
	if (container_has_host_network(run, container)) {
		judge_host_network(run, container, &low);
		return;
	}
	if (!container_publishes_itself(run, container) ||
	    container_each_port(run, container, note_low, &low) <= 0)
		return;
	(void)hf_expect(run, container_ports_source, *low.list ? low.list : "no low port",
			hf_text(run, "none below %lld", (long long)low.start), *low.list == '\0');
}

/* ---- container.published-ports ---- */

typedef struct published {
	const hf_container *container;
	const char *declared;
	const char *undeclared;
} published;

/* What somebody asked for by -p stands in HostConfig.PortBindings; all else the engine chose. */
static void note_published(hf_check_run *run, const char *inside, const char *address,
			   const char *port, void *data)
{
	published *p = data;
	const hf_api_value *asked = hf_container_inspect(
		run, p->container, hf_text(run, "HostConfig/PortBindings/%s/0", inside));
	const char *item = hf_text(run, "%s:%s to %s", address, port, inside);

	if (asked->fact.state == HF_PRESENT)
		p->declared = container_join(run, p->declared, item);
	else
		p->undeclared = container_join(run, p->undeclared, item);
}

static void check_published_ports(hf_check_run *run)
{
	static const char wanted[] = "only ports that were asked for one by one";
	const hf_container *container = hf_container_of(run);
	published p = {.container = container, .declared = "", .undeclared = ""};

	if (!container_publishes_itself(run, container))
		return;
	const hf_api_value *all =
		container_record_value(run, container, "HostConfig/PublishAllPorts", &others);

	if (!all)
		return;
	if (strcmp(container_text(all), "true") == 0) {
		(void)hf_expect(run, all->fact.source, "true: every port that the image exposes",
				wanted, false);
		return;
	}
	if (container_each_port(run, container, note_published, &p) <= 0)
		return;
	if (*p.undeclared)
		(void)hf_expect(run, container_ports_source, p.undeclared, wanted, false);
	else
		(void)hf_expect(run, container_ports_source, p.declared, wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "container.privileged-ports",
		.title = "No low host port is bound for a container without approval",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_S | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.8", "CWE:1327", "ATTACK:T1190",
				"NIST-800-190:4.4.2", "OWASP-Docker:D03", "DOCKER-BENCH:check_5_8"),
		.risk = "Others take what answers on a low port for a service of the node itself.",
		.threat = "A container that was taken over serves SSH, DNS or HTTP in the node's "
			  "name.",
		.remediation = "docker run -p with a host port of 1024 or above, and a reverse "
			       "proxy or load "
			       "balancer of the site in front; or approve the port.",
		.run = check_privileged_ports,
	},
	{
		.id = "container.published-ports",
		.title = "Only declared ports are published",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.9", "CWE:668", "ATTACK:T1046",
				"NIST-800-190:4.4.2", "OWASP-Docker:D03", "DOCKER-BENCH:check_5_9"),
		.risk = "Whatever the image happens to expose can be reached from the network, on "
			"ports that "
			"nobody chose.",
		.threat = "A scan of the node finds an administrative or debug port that was never "
			  "meant for "
			  "others.",
		.remediation = "docker run without -P: name each port with -p ADDRESS:PORT:PORT.",
		.run = check_published_ports,
	},
};

HF_CHECK_SET(container_ports, checks);
