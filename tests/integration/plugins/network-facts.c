/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what include/holdfast/network.h tells, a note a line, for network-facts.sh to compare with what ip(8) says. */
#include <holdfast/holdfast.h>

static const char *name_of(const hf_interface *interface)
{
	return interface ? interface->name : "-";
}

static void show_interfaces(hf_check_run *run, const hf_netns *netns)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		const hf_interface *one = &netns->interfaces[i];

		hf_note(run, "interface",
			hf_text(run, "%d %s %s up=%d loopback=%d device=%d promiscuity=%u master=%d peer=%d%s mac=%s%s%s",
				one->index, one->name, *one->kind ? one->kind : "-", one->is_up,
				one->is_loopback, one->has_hardware, one->promiscuity, one->master, one->peer,
				one->is_peer_elsewhere ? "@" : "", *one->mac ? one->mac : "-",
				*one->mode ? " mode=" : "", one->mode));
		if (one->is_port)
			hf_note(run, "port",
				hf_text(run, "%s isolated=%d learning=%d hairpin=%d static=%d", one->name,
					one->is_isolated, one->is_learning, one->is_hairpin,
					one->has_static_mac));
	}
}

static void show_netns(hf_check_run *run, const hf_netns *netns)
{
	static const char *const probes[] = {"192.0.2.77", "198.51.100.9", "203.0.113.9", "127.9.9.9",
					     "2001:db8:77::1", "10.255.255.1"};

	hf_note(run, "state", hf_text(run, "%d %s", (int)netns->fact.state,
				      netns->fact.why ? netns->fact.why : "-"));
	show_interfaces(run, netns);
	for (size_t i = 0; i < netns->address_count; i++)
		hf_note(run, "address",
			hf_text(run, "%s %s/%u%s", netns->addresses[i].interface->name,
				hf_ip_text(run, &netns->addresses[i].ip), netns->addresses[i].prefix,
				netns->addresses[i].is_link_local ? " link-local" : ""));
	for (size_t i = 0; i < netns->route_count; i++) {
		const hf_route *route = &netns->routes[i];

		hf_note(run, "route",
			hf_text(run, "%s/%u via %s dev %s table %u metric %u%s", hf_ip_text(run, &route->to),
				route->prefix, route->via.family ? hf_ip_text(run, &route->via) : "-",
				name_of(route->interface), route->table, route->metric,
				route->is_refused ? " refused" : ""));
	}
	hf_note(run, "policy", netns->has_policy_routing ? "yes" : "no");
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
		hf_ip to;
		bool is_ip = hf_ip_parse(probes[i], &to);
		const hf_route *way = is_ip ? hf_netns_route(netns, &to) : NULL;

		hf_note(run, "way", hf_text(run, "%s %s", probes[i], way ? name_of(way->interface) : "none"));
	}
}

static void check_host(hf_check_run *run)
{
	size_t count;
	const hf_interface *const *uplinks = hf_uplinks(run, &count);
	const hf_sockets *sockets = hf_host_sockets_inet(run);

	show_netns(run, hf_host_netns(run));
	for (size_t i = 0; i < count; i++)
		hf_note(run, "uplink", uplinks[i]->name);
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *one = &sockets->all[i];
		const hf_process *holder = hf_socket_holder(run, one->inode);

		hf_note(run, "listens", hf_text(run, "%s %s %u %s", one->family, one->address, one->port,
						holder && holder->exe ? holder->exe : "-"));
	}
	hf_inform(run, "end", "shown", "");
}

static void check_container(hf_check_run *run)
{
	static const char *const settings[] = {
		"net.ipv4.ip_forward",	     "net.ipv4.conf.all.forwarding", "net.ipv4.ping_group_range",
		"net.ipv4.conf.eth0.rp_filter", "net.ipv6.conf.eth0.accept_ra", "net.ipv4.conf.a/b.arp_ignore",
		"net.ipv4.conf.nosuch.rp_filter", "net.ipv4.tcp_syncookies"};
	const hf_container *container = hf_container_of(run);
	const hf_attachments *attachments = hf_container_attachments(run, container);

	show_netns(run, hf_container_netns(run, container));
	for (size_t i = 0; i < attachments->count; i++) {
		const hf_attachment *one = &attachments->all[i];

		hf_note(run, "attachment",
			hf_text(run, "%s port=%s bridge=%s ip=%s ip6=%s", one->inside->name, name_of(one->port),
				name_of(one->bridge), hf_ip_text(run, &one->ip), hf_ip_text(run, &one->ip6)));
	}
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const hf_sysctl *one = hf_container_sysctl(run, container, settings[i]);

		hf_note(run, "setting", hf_text(run, "%s %s", settings[i],
						one->fact.state == HF_PRESENT  ? one->text
						: one->fact.state == HF_ABSENT ? "(absent)"
									       : "(unreadable)"));
	}
	hf_inform(run, "end", "shown", "");
}

static void check_network(hf_check_run *run)
{
	const hf_network *network = hf_network_of(run);

	hf_note(run, "network",
		hf_text(run, "%s name=%s engine=%s gateway=%s/%u gateway6=%s/%u default=%d internal=%d declared=%d",
			network->bridge->name, network->name ? network->name : "-",
			network->engine ? network->engine : "-", hf_ip_text(run, &network->gateway),
			network->prefix, hf_ip_text(run, &network->gateway6), network->prefix6,
			network->is_default, network->is_internal, network->is_declared));
	for (size_t i = 0; i < network->member_count; i++)
		hf_note(run, "member", hf_text(run, "%s %s", network->members[i]->inside->name,
					       hf_ip_text(run, &network->members[i]->ip)));
	hf_inform(run, "end", "shown", "");
}

static void check_published(hf_check_run *run)
{
	const hf_publications *ports = hf_publications_get(run);

	for (size_t i = 0; i < ports->count; i++) {
		const hf_publication *one = &ports->all[i];

		hf_note(run, "published",
			hf_text(run, "%u %s %u to %s %u container=%s proxy=%d rule=%d", one->protocol,
				hf_ip_text(run, &one->host_ip), one->host_port, hf_ip_text(run, &one->to),
				one->to_port, one->container && one->container->name ? one->container->name : "-",
				one->by_proxy, one->by_rule));
	}
	hf_inform(run, "end", "shown", "");
}

#define ROW(word, kind, function)                                                                                     \
	{                                                                                                              \
		.id = "network-facts." word, .title = "Facts are shown", .subject = (kind), .stride = HF_STRIDE_I,         \
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:N/A:N"), .level = 1, .flags = HF_CHECK_INFO,                    \
		.risk = "None.", .threat = "None.", .remediation = "None.", .run = (function),                            \
	}

static const hf_check checks[] = {
	ROW("host", HF_SUBJECT_HOST, check_host),
	ROW("container", HF_SUBJECT_CONTAINER, check_container),
	ROW("network", HF_SUBJECT_NETWORK, check_network),
	ROW("published", HF_SUBJECT_HOST, check_published),
};

HF_PLUGIN("network-facts", "Facts about networks", checks);
