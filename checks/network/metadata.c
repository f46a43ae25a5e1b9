/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cloud's instance metadata: what gives credentials of the node to whoever asks from it. */
#include "common.h"

#include <stdlib.h>

/* ---- which cloud ---- */

enum {
	META_LINK_LOCAL = 1 << 0, /* 169.254.169.254 */
	META_AWS6 = 1 << 1,
	META_ALIBABA = 1 << 2,
	META_AZURE = 1 << 3,
};

typedef struct vendor {
	const char *file;
	const char *text; /* the beginning of it */
	const char *name;
	unsigned addresses;
} vendor;

#define DMI "/sys/class/dmi/id/"

static const vendor vendors[] = {
	{DMI "sys_vendor", "Amazon EC2", "Amazon EC2", META_LINK_LOCAL | META_AWS6},
	{DMI "bios_version", "4.11.amazon", "Amazon EC2", META_LINK_LOCAL | META_AWS6},
	{DMI "sys_vendor", "Google", "Google Compute Engine", META_LINK_LOCAL},
	{DMI "product_name", "Google Compute Engine", "Google Compute Engine", META_LINK_LOCAL},
	/* Microsoft's own machines and Hyper-V anywhere else have another tag */
	{DMI "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "Azure",
	 META_LINK_LOCAL | META_AZURE},
	{DMI "chassis_asset_tag", "OracleCloud.com", "Oracle Cloud", META_LINK_LOCAL},
	{DMI "chassis_asset_tag", "OpenTelekomCloud", "Open Telekom Cloud", META_LINK_LOCAL},
	{DMI "sys_vendor", "Alibaba Cloud", "Alibaba Cloud", META_ALIBABA},
	{DMI "product_name", "Alibaba Cloud", "Alibaba Cloud", META_ALIBABA},
	{DMI "sys_vendor", "DigitalOcean", "DigitalOcean", META_LINK_LOCAL},
	{DMI "sys_vendor", "Hetzner", "Hetzner", META_LINK_LOCAL},
	{DMI "sys_vendor", "Vultr", "Vultr", META_LINK_LOCAL},
	{DMI "sys_vendor", "Linode", "Akamai", META_LINK_LOCAL},
	{DMI "sys_vendor", "Akamai", "Akamai", META_LINK_LOCAL},
	{DMI "sys_vendor", "Scaleway", "Scaleway", META_LINK_LOCAL},
	{DMI "sys_vendor", "UpCloud", "UpCloud", META_LINK_LOCAL},
	{DMI "sys_vendor", "Exoscale", "Exoscale", META_LINK_LOCAL},
	{DMI "product_name", "Exoscale", "Exoscale", META_LINK_LOCAL},
	{DMI "sys_vendor", "Tencent Cloud", "Tencent Cloud", META_LINK_LOCAL},
	{DMI "sys_vendor", "Huawei Cloud", "Huawei Cloud", META_LINK_LOCAL},
	{DMI "sys_vendor", "OpenStack Foundation", "OpenStack", META_LINK_LOCAL},
	{DMI "product_name", "OpenStack", "OpenStack", META_LINK_LOCAL},
	{DMI "sys_vendor", "Nutanix", "Nutanix", META_LINK_LOCAL},
};

static const char *const dmi_files[] = {DMI "sys_vendor", DMI "product_name", DMI "bios_version",
					DMI "chassis_asset_tag"};

typedef struct cloud {
	const char *name; /* NULL: none */
	const char *source;
	unsigned addresses;
	const hf_fact *unread; /* it is not known whether there is one */
} cloud;

static bool begins(const char *text, const char *wanted)
{
	return strncmp(text, wanted, strlen(wanted)) == 0;
}

static void look_at_dmi(hf_check_run *run, cloud *c)
{
	for (size_t i = 0; !c->name && i < NETWORK_COUNT(vendors); i++) {
		const hf_file *file = hf_file_get(run, vendors[i].file);

		if (file->fact.state != HF_PRESENT || !begins(file->data, vendors[i].text))
			continue;
		c->name = vendors[i].name;
		c->source = file->fact.source;
		c->addresses = vendors[i].addresses;
	}
	for (size_t i = 0; !c->name && i < NETWORK_COUNT(dmi_files); i++) {
		const hf_file *file = hf_file_get(run, dmi_files[i]);

		if (file->fact.state == HF_UNREADABLE)
			c->unread = &file->fact;
	}
}

/* What cloud-init found: "aws", "openstack", and "none" or "nocloud" where nobody serves metadata.
 */
static void look_at_cloud_init(hf_check_run *run, cloud *c)
{
	static const char *const none[] = {"none", "nocloud", "unknown", "ovf", "vmware", "wsl"};
	const hf_file *id = hf_file_get(run, "/run/cloud-init/cloud-id");

	if (id->fact.state == HF_UNREADABLE && !c->unread)
		c->unread = &id->fact;
	if (id->fact.state != HF_PRESENT || id->size == 0)
		return;
	for (size_t i = 0; i < NETWORK_COUNT(none); i++) {
		if (begins(id->data, none[i]))
			return;
	}
	c->name = hf_text(run, "%.40s", id->data);
	c->source = id->fact.source;
	c->addresses = META_LINK_LOCAL | META_AWS6;
	if (begins(id->data, "azure"))
		c->addresses = META_LINK_LOCAL | META_AZURE;
	else if (begins(id->data, "aliyun"))
		c->addresses = META_ALIBABA;
}

static cloud find_cloud(hf_check_run *run)
{
	cloud c = {.addresses = META_LINK_LOCAL};

	look_at_dmi(run, &c);
	if (!c.name)
		look_at_cloud_init(run, &c);
	return c;
}

/* ---- the way there ---- */

static const struct {
	unsigned bit;
	const char *address;
} addresses[] = {
	{META_LINK_LOCAL, "169.254.169.254"},
	{META_AWS6, "fd00:ec2::254"},
	{META_ALIBABA, "100.100.100.200"},
	{META_AZURE, "168.63.129.16"},
};

typedef struct ways {
	network_tally tally;
	size_t without_route;
	const char *source; /* of a way that nobody can tell */
	const char *why;
} ways;

static void leave_unknown(ways *w, const char *source, const char *why)
{
	if (w->source)
		return;
	w->source = source;
	w->why = why;
}

/* What shares the uplink's segment or is given the device meets no rule of the node. */
static bool is_past_filter(const hf_interface *inside)
{
	return strcmp(inside->kind, "macvlan") == 0 || strcmp(inside->kind, "macvtap") == 0 ||
	       strcmp(inside->kind, "ipvlan") == 0 || strcmp(inside->kind, "") == 0;
}

static const hf_attachment *attachment_at(const hf_attachments *attachments,
					  const hf_interface *inside)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->all[i].inside == inside ||
		    attachments->all[i].inside->index == inside->index)
			return &attachments->all[i];
	}
	return NULL;
}

static void try_address(hf_check_run *run, const hf_container *container, const char *address,
			ways *w)
{
	const hf_netns *netns = hf_container_netns(run, container);
	const hf_attachments *attachments = hf_container_attachments(run, container);
	hf_packet packet = {.protocol = HF_PROTOCOL_TCP, .to_port = 80};

	(void)hf_ip_parse(address, &packet.to);
	const hf_route *route = hf_netns_route(netns, &packet.to);

	if (!route && netns->has_policy_routing) {
		leave_unknown(w, "routes inside",
			      "rules choose between tables, and were not evaluated");
		return;
	}
	if (!route || !route->interface || route->is_refused) {
		w->without_route++;
		return;
	}
	const hf_attachment *at = attachment_at(attachments, route->interface);

	if (at && at->port) {
		const hf_ip *own = network_address(at, packet.to.family);

		packet.in = at->bridge ? at->bridge : at->port;
		packet.in_port = at->bridge ? at->port : NULL;
		if (own) {
			packet.from = *own;
			(void)network_try(run, &w->tally, &packet, hf_text(run, "to %s", address));
		} else {
			w->without_route++;
		}
	} else if (is_past_filter(route->interface)) {
		network_add(run, &w->tally.open,
			    hf_text(run, "to %s (its %s interface meets no rule of the node)",
				    address,
				    *route->interface->kind ? route->interface->kind : "hardware"));
	} else {
		leave_unknown(w, hf_text(run, "way to %s", address),
			      hf_text(run,
				      "it leaves by a %s interface, whose other end is not known",
				      route->interface->kind));
	}
}

/* In the node's own namespace it sends as the node does. */
static void try_from_host(hf_check_run *run, const char *address, ways *w)
{
	const hf_netns *host = hf_host_netns(run);
	hf_packet packet = {.protocol = HF_PROTOCOL_TCP, .to_port = 80};

	(void)hf_ip_parse(address, &packet.to);
	const hf_route *route = hf_netns_route(host, &packet.to);

	if (!route && !host->has_policy_routing) {
		w->without_route++;
		return;
	}
	for (size_t i = 0; route && i < host->address_count; i++) {
		if (host->addresses[i].interface == route->interface &&
		    host->addresses[i].ip.family == packet.to.family) {
			packet.from = host->addresses[i].ip;
			break;
		}
	}
	(void)network_try(run, &w->tally, &packet, hf_text(run, "to %s", address));
}

static bool has_interface(const hf_netns *netns)
{
	for (size_t i = 0; i < netns->interface_count; i++) {
		if (!netns->interfaces[i].is_loopback)
			return true;
	}
	return false;
}

static void conclude_without_cloud(hf_check_run *run, const cloud *c, const ways *w)
{
	const char *found = w->tally.open.count > 0 ? network_text(run, &w->tally.open)
			    : w->source || w->tally.source
				    ? "whether there is a way could not be told"
				    : "no way there";

	if (c->unread && (w->tally.open.count > 0 || w->source || w->tally.source))
		hf_unknown(run, c->unread->source,
			   c->unread->why ? c->unread->why : "whether the node is a cloud's");
	else
		hf_inform(run, network_walk_source, found,
			  "no sign that the node is a cloud's: nobody serves metadata there");
}

static void check_metadata(hf_check_run *run)
{
	static const char wanted[] = "no way from the container to the metadata of the instance";
	const hf_container *container = hf_container_of(run);
	const hf_netns *netns = hf_container_netns(run, container);
	const hf_netns *host = hf_host_netns(run);
	const hf_attachments *attachments = hf_container_attachments(run, container);
	bool is_host = network_has_host_network(run, container);
	cloud c = find_cloud(run);
	ways w = {0};

	if (!hf_need(run, &netns->fact) || !hf_need(run, &host->fact))
		return;
	if (!has_interface(netns)) {
		hf_not_applicable(run, "interfaces inside", "none but loopback",
				  "it has no network");
		return;
	}
	if (!is_host && !hf_need(run, &attachments->fact))
		return;
	for (size_t i = 0; i < NETWORK_COUNT(addresses); i++) {
		if (!(c.addresses & addresses[i].bit))
			continue;
		if (is_host)
			try_from_host(run, addresses[i].address, &w);
		else
			try_address(run, container, addresses[i].address, &w);
	}
	if (!c.name) {
		conclude_without_cloud(run, &c, &w);
		return;
	}
	hf_note(run, c.source, hf_text(run, "a node of %s", c.name));
	network_conclude(run, &w.tally, wanted);
	if (w.tally.open.count > 0 && !is_host && (c.addresses & META_AWS6))
		hf_message(run,
			   "A limit of one hop in IMDSv2 keeps answers from containers on bridges; "
			   "it cannot be seen from the node.");
	if (w.source)
		hf_unknown(run, w.source, w.why);
	else if (w.tally.walked == 0 && w.tally.open.count == 0)
		(void)hf_expect(run, "routes inside", "none leads there", wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "network.metadata",
		.title = "Containers cannot reach the cloud's instance metadata",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:A/AC:L/Au:N/C:C/I:C/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:918", "CWE:522", "ATTACK:T1552.005", "MS-K8S-MATRIX:MS-TA9033",
				"MS-K8S-MATRIX:MS-TA9028", "NIST-800-190:4.4.2"),
		.aliases = HF_ALIASES("host.firewall.metadata"),
		.reads = HF_READS(DMI "sys_vendor", DMI "product_name", DMI "bios_version",
				  DMI "chassis_asset_tag", "/run/cloud-init/cloud-id"),
		.risk = "Whoever can ask it has the credentials of the node's role in the cloud.",
		.threat =
			"A hole in a web application that makes it fetch an address is enough: it "
			"fetches the token of the instance and leaves with the account's data.",
		.remediation =
			"iptables -I DOCKER-USER -d 169.254.169.254 -j DROP (and the cloud's "
			"other addresses, and ip6tables); on EC2 IMDSv2 with a hop limit of 1, "
			"which does not help containers in the node's own network.",
		.run = check_metadata,
	},
};

HF_CHECK_SET(network_metadata, checks);
