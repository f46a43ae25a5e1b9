/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "network": zones of containers that stand alike, and who of them can reach whom. */
#include "report/builder.h"

#include "facts/zones.h"

#include <stdio.h>

enum {
	NAMES_MAX = 16,	   /* of a zone; the rest is counted, and all are in "containers" */
	ADDRESSES_MAX = 8, /* of a zone */
};

typedef struct network_builder {
	hf_builder *b;
	hf_check_run *run; /* a view of the facts, for getters */
	const hf_zones *zones;
} network_builder;

/* A to Z, then AA: what people read out to each other. */
static void label_of(size_t index, char *label, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (index < 26)
		(void)snprintf(label, size, "%c", letters[index]);
	else
		(void)snprintf(label, size, "%c%c", letters[(index / 26 - 1) % 26], letters[index % 26]);
}

static void key_of(size_t index, char *key, size_t size)
{
	static const char *const fixed[] = {"outside", "host", "metadata"};
	char label[8];

	if (index < HF_ARRAY_SIZE(fixed)) {
		(void)snprintf(key, size, "%s", fixed[index]);
		return;
	}
	label_of(index - HF_ARRAY_SIZE(fixed), label, sizeof label);
	(void)snprintf(key, size, "zone:%s", label);
}

static const char *fate_name(hf_fate fate)
{
	switch (fate) {
	case HF_FATE_ACCEPTED:
		return "accepted";
	case HF_FATE_DROPPED:
		return "dropped";
	case HF_FATE_UNKNOWN:
		break;
	}
	return "unknown";
}

static const char *protocol_name(uint8_t protocol)
{
	return protocol == HF_PROTOCOL_UDP ? "udp" : protocol == HF_PROTOCOL_TCP ? "tcp" : "other";
}

/* null: no packet of this family can be sent. */
static json_t *fate_object(hf_builder *b, const hf_flow_fate *fate)
{
	json_t *object;

	if (!fate->is_tried)
		return json_null();
	object = json_object();
	hf_put_word(b, object, "fate", fate_name(fate->fate));
	hf_put_word(b, object, "by", fate->by);
	return object;
}

static void append_text(hf_builder *b, json_t *list, const char *text)
{
	hf_append(b, list, hf_json_text(text, strlen(text)));
}

/* ---- networks ---- */

static void append_subnet(const network_builder *n, json_t *subnets, const hf_ip *gateway,
			  uint32_t prefix)
{
	static const unsigned byte_bits = 8;
	hf_ip subnet = *gateway;
	size_t size = gateway->family == 4 ? 4 : 16;
	char text[80];

	if (gateway->family == 0)
		return;
	for (size_t i = 0; i < size; i++) {
		unsigned kept = prefix > i * byte_bits ? prefix - (unsigned)i * byte_bits : 0;

		if (kept < byte_bits)
			subnet.bytes[i] &= (uint8_t)(0xff00U >> kept);
	}
	(void)snprintf(text, sizeof text, "%s/%u", hf_ip_text(n->run, &subnet), prefix);
	append_text(n->b, subnets, text);
}

static json_t *network_object(const network_builder *n, const hf_network_view *view)
{
	const hf_network *network = view->network;
	hf_builder *b = n->b;
	json_t *object = json_object();
	json_t *subnets = json_array();

	append_subnet(n, subnets, &network->gateway, network->prefix);
	append_subnet(n, subnets, &network->gateway6, network->prefix6);
	hf_put_text(b, object, "bridge", network->bridge->name);
	hf_put_text(b, object, "name", network->name);
	hf_put_text(b, object, "engine", network->engine);
	hf_put(b, object, "subnets", subnets);
	hf_put(b, object, "default", json_boolean(network->is_default));
	hf_put(b, object, "internal",
	       network->is_declared ? json_boolean(network->is_internal) : json_null());
	hf_put(b, object, "ports", json_integer((json_int_t)view->ports));
	hf_put(b, object, "members", json_integer((json_int_t)network->member_count));
	hf_put(b, object, "among", fate_object(b, &view->among));
	hf_put(b, object, "out", fate_object(b, &view->out));
	hf_put(b, object, "in", fate_object(b, &view->in));
	hf_put(b, object, "others", fate_object(b, &view->others));
	return object;
}

/* ---- zones ---- */

static const char *kind_name(hf_zone_kind kind)
{
	static const char *const names[] = {
		[HF_ZONE_OUTSIDE] = "outside",	 [HF_ZONE_HOST] = "host",
		[HF_ZONE_METADATA] = "metadata", [HF_ZONE_PLUGGED] = "plugged",
		[HF_ZONE_SEGMENT] = "segment",	 [HF_ZONE_ALONE] = "alone",
		[HF_ZONE_UNKNOWN] = "unknown",
	};

	return names[kind];
}

static json_t *address_list(const network_builder *n, const hf_zone *zone)
{
	json_t *list = json_array();

	for (size_t i = 0; i < zone->count && json_array_size(list) < ADDRESSES_MAX; i++) {
		const hf_attachments *attachments =
			hf_container_attachments(n->run, zone->containers[i]);

		for (size_t k = 0; k < attachments->count; k++) {
			if (attachments->all[k].ip.family)
				append_text(n->b, list, hf_ip_text(n->run, &attachments->all[k].ip));
			if (attachments->all[k].ip6.family)
				append_text(n->b, list, hf_ip_text(n->run, &attachments->all[k].ip6));
		}
	}
	return list;
}

/* As the document's other parts name it; "" for one that they do not know. */
static void name_of(const network_builder *n, const hf_container *container, const char **ret_key,
		    const char **ret_name)
{
	const hf_subjects *subjects = hf_facts_subjects(n->b->facts, HF_SUBJECT_CONTAINER);

	*ret_key = *ret_name = "";
	for (size_t i = 0; i < subjects->count; i++) {
		if (subjects->all[i].fact != container)
			continue;
		*ret_key = subjects->all[i].key;
		*ret_name = subjects->all[i].name;
	}
}

static void put_members(const network_builder *n, json_t *object, const hf_zone *zone)
{
	json_t *names = json_array(), *keys = json_array();

	for (size_t i = 0; i < zone->count; i++) {
		const char *key, *name;

		name_of(n, zone->containers[i], &key, &name);
		append_text(n->b, keys, key);
		if (i < NAMES_MAX)
			append_text(n->b, names, name);
	}
	hf_put(n->b, object, "names", names);
	hf_put(n->b, object, "containers", keys);
}

static json_t *zone_object(const network_builder *n, size_t index)
{
	const hf_zone *zone = &n->zones->zones[index];
	json_t *object = json_object();
	json_t *bridges = json_array();
	char key[32];

	key_of(index, key, sizeof key);
	for (size_t i = 0; i < zone->network_count; i++)
		append_text(n->b, bridges, zone->networks[i]->bridge->name);
	hf_put_text(n->b, object, "key", key);
	hf_put_text(n->b, object, "kind", kind_name(zone->kind));
	put_members(n, object, zone);
	hf_put(n->b, object, "bridges", bridges);
	hf_put(n->b, object, "addresses", address_list(n, zone));
	return object;
}

/* ---- ways ---- */

static json_t *flow_object(const network_builder *n, const hf_flow *flow)
{
	json_t *object = json_object();
	char key[32];

	key_of(flow->from, key, sizeof key);
	hf_put_word(n->b, object, "from", key);
	key_of(flow->to, key, sizeof key);
	hf_put_word(n->b, object, "to", key);
	hf_put_word(n->b, object, "protocol", flow->port ? protocol_name(flow->protocol) : NULL);
	hf_put(n->b, object, "port", flow->port ? json_integer(flow->port) : json_null());
	hf_put_word(n->b, object, "service", flow->what);
	hf_put(n->b, object, "ipv4", fate_object(n->b, &flow->ipv4));
	hf_put(n->b, object, "ipv6", fate_object(n->b, &flow->ipv6));
	return object;
}

static json_t *published_object(const network_builder *n, const hf_published_flow *published)
{
	const hf_publication *p = published->publication;
	const char *unused, *name = NULL;
	json_t *object = json_object();
	char key[32];

	if (published->zone != SIZE_MAX)
		key_of(published->zone, key, sizeof key);
	hf_put_text(n->b, object, "zone", published->zone != SIZE_MAX ? key : NULL);
	if (p->container)
		name_of(n, p->container, &unused, &name);
	hf_put_text(n->b, object, "container", name);
	hf_put_word(n->b, object, "protocol", protocol_name(p->protocol));
	hf_put_text(n->b, object, "address", hf_ip_text(n->run, &p->host_ip));
	hf_put(n->b, object, "port", json_integer(p->host_port));
	hf_put(n->b, object, "count", json_integer(p->port_count ? p->port_count : 1));
	hf_put_text(n->b, object, "to_address", p->to.family ? hf_ip_text(n->run, &p->to) : NULL);
	hf_put(n->b, object, "to_port", json_integer(p->to_port));
	hf_put(n->b, object, "by_rule", json_boolean(p->by_rule));
	hf_put(n->b, object, "by_proxy", json_boolean(p->by_proxy));
	hf_put(n->b, object, "from_outside", fate_object(n->b, &published->fate));
	return object;
}

/* ---- all ---- */

static void put_gap(hf_builder *b, json_t *object, const hf_zones *zones)
{
	bool is_whole = zones->fact.state == HF_PRESENT && !zones->fact.why && !zones->is_cut;
	const char *why = zones->fact.why;

	if (!why && zones->is_cut)
		why = "there are too many containers or networks: not all ways were tried";
	hf_put(b, object, "complete", json_boolean(is_whole));
	hf_put_text(b, object, "why", is_whole ? NULL : why ? why : "could not be read");
}

json_t *hf_document_network(hf_builder *b)
{
	hf_view view = {.facts = b->facts};
	const network_builder n = {
		.b = b,
		.run = (hf_check_run *)(void *)&view,
		.zones = hf_facts_zones(b->facts),
	};
	json_t *object = json_object(), *uplinks = json_array(), *networks = json_array();
	json_t *zones = json_array(), *flows = json_array(), *published = json_array();

	put_gap(b, object, n.zones);
	for (size_t i = 0; i < n.zones->uplink_count; i++)
		append_text(b, uplinks, n.zones->uplinks[i]->name);
	for (size_t i = 0; i < n.zones->network_count; i++)
		hf_append(b, networks, network_object(&n, &n.zones->networks[i]));
	for (size_t i = 0; i < n.zones->zone_count; i++)
		hf_append(b, zones, zone_object(&n, i));
	for (size_t i = 0; i < n.zones->flow_count; i++)
		hf_append(b, flows, flow_object(&n, &n.zones->flows[i]));
	for (size_t i = 0; i < n.zones->published_count; i++)
		hf_append(b, published, published_object(&n, &n.zones->published[i]));
	hf_put(b, object, "uplinks", uplinks);
	hf_put(b, object, "networks", networks);
	hf_put(b, object, "zones", zones);
	hf_put(b, object, "ways", flows);
	hf_put(b, object, "published", published);
	return object;
}
