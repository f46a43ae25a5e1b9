/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: what becomes of a packet, and which ports the rules publish, of the node that was recorded. */
#include "facts/filter.h"
#include "facts/net.h"

enum { WORD_ROUTED_HERE = 1, WORD_UNTRANSLATED = 2 };

typedef struct passage_key {
	uint8_t from_family, to_family, protocol, words;
	uint8_t from[16], to[16];
	uint16_t from_port, to_port;
	int32_t in, in_port;
} passage_key;

_Static_assert(sizeof(passage_key) == 48, "without holes, for it is compared as bytes");

/* Names of settings have a '/' where an interface's own has a dot. */
static bool read_setting(const void *data, const char *name, int64_t *ret_value)
{
	hf_facts *facts = *(hf_facts *const *)data;
	const hf_sysctl *sysctl = hf_facts_sysctl(facts, name);

	if (sysctl->fact.state != HF_PRESENT || !sysctl->is_number)
		return false;
	*ret_value = sysctl->number;
	return true;
}

/* A table of ebtables-legacy is there where its module is, and may be where it is built in. */
static bool may_have_ebtables(hf_facts *facts)
{
	static const char *const modules[] = {"ebtable_filter", "ebtable_nat", "ebtable_broute"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(modules); i++) {
		switch (hf_facts_module(facts, modules[i])->state) {
		case HF_MODULE_LOADED:
		case HF_MODULE_BUILTIN:
		case HF_MODULE_UNKNOWN:
			return true;
		case HF_MODULE_MISSING:
		case HF_MODULE_DENIED:
		case HF_MODULE_LOADABLE:
			break;
		}
	}
	return false;
}

typedef struct node {
	hf_filter_node node;
	hf_facts *facts;
	const char *why; /* why no packet can be walked; or NULL */
	const char *why_source;
} node;

static void need(node *n, const hf_fact *fact, bool wants_all)
{
	if (n->why || (fact->state == HF_PRESENT && !(wants_all && fact->why)))
		return;
	n->why = fact->why ? fact->why : "not there";
	n->why_source = fact->source;
}

static const void *compute_node(hf_facts *facts, const char *key)
{
	node *n = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *n));
	const hf_filter *filter = hf_facts_packet_filter(facts);
	const hf_netns *netns = hf_facts_host_netns(facts);
	const hf_attachments *attachments = hf_facts_attachments(facts);

	(void)key;
	n->facts = facts;
	n->node = (hf_filter_node){
		.filter = filter,
		.netns = netns,
		.attachments = attachments->all,
		.attachment_count = attachments->count,
		.may_have_ebtables = may_have_ebtables(facts),
		.setting = read_setting,
		.setting_data = &n->facts,
	};
	need(n, &filter->seen.fact, true);
	need(n, &netns->fact, true);
	return n;
}

static const node *node_of(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "packet-walk-node", .compute = compute_node};

	return hf_facts_once(facts, &type, "");
}

/* ---- passages ---- */

static const hf_passage *unknown_passage(hf_facts *facts, const hf_packet *packet, const node *n)
{
	hf_passage *passage = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *passage));

	passage->fact = (hf_fact){
		.state = HF_UNREADABLE,
		.source = n->why ? n->why_source : "the packet",
		.why = n->why ? n->why : "its addresses are not of one family",
	};
	passage->decided_by = passage->fact.why;
	passage->to = packet->to;
	passage->to_port = packet->to_port;
	return passage;
}

static const hf_interface *interface_at(const node *n, int32_t index)
{
	return index ? hf_netns_interface_at(n->node.netns, index) : NULL;
}

/* The key in hexadecimal digits. */
static void write_key(const passage_key *key, char text[2 * sizeof(passage_key) + 1])
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = (const uint8_t *)key;

	for (size_t i = 0; i < sizeof *key; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * sizeof *key] = '\0';
}

static void read_key(const char *text, passage_key *key)
{
	uint8_t *bytes = (uint8_t *)key;

	for (size_t i = 0; i < sizeof *key; i++) {
		char high = text[2 * i], low = text[2 * i + 1];

		bytes[i] = (uint8_t)((high < 'a' ? high - '0' : high - 'a' + 10) << 4 |
				     (low < 'a' ? low - '0' : low - 'a' + 10));
	}
}

static const void *compute_passage(hf_facts *facts, const char *text)
{
	const node *n = node_of(facts);
	passage_key key;

	read_key(text, &key);
	hf_packet packet = {
		.from = {.family = key.from_family},
		.to = {.family = key.to_family},
		.protocol = key.protocol,
		.from_port = key.from_port,
		.to_port = key.to_port,
		.in = interface_at(n, key.in),
		.in_port = interface_at(n, key.in_port),
		.is_routed_here = key.words & WORD_ROUTED_HERE,
		.is_untranslated = key.words & WORD_UNTRANSLATED,
	};

	memcpy(packet.from.bytes, key.from, sizeof key.from);
	memcpy(packet.to.bytes, key.to, sizeof key.to);
	if (n->why || packet.from.family != packet.to.family ||
	    (packet.to.family != 4 && packet.to.family != 6))
		return unknown_passage(facts, &packet, n);
	const hf_passage *passage = hf_filter_walk(hf_facts_arena(facts), &n->node, &packet);

	if (!passage)
		hf_facts_out_of_memory();
	return passage;
}

const hf_passage *hf_packet_walk(hf_check_run *run, const hf_packet *packet)
{
	static const hf_fact_type type = {.name = "packet-walk", .compute = compute_passage};
	passage_key key = {
		.from_family = packet->from.family,
		.to_family = packet->to.family,
		.protocol = packet->protocol,
		.words = (uint8_t)((packet->is_routed_here ? WORD_ROUTED_HERE : 0) |
				   (packet->is_untranslated ? WORD_UNTRANSLATED : 0)),
		.from_port = packet->from_port,
		.to_port = packet->to_port,
		.in = packet->in ? packet->in->index : 0,
		.in_port = packet->in_port ? packet->in_port->index : 0,
	};
	char text[2 * sizeof key + 1];

	memcpy(key.from, packet->from.bytes, sizeof key.from);
	memcpy(key.to, packet->to.bytes, sizeof key.to);
	write_key(&key, text);
	return hf_facts_once(hf_facts_of(run), &type, text);
}

/* ---- publications ---- */

static const void *compute_publications(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_publications *publications = hf_facts_checked(hf_arena_alloc(arena, sizeof *publications));

	(void)key;
	if (hf_filter_publications(arena, hf_facts_packet_filter(facts), publications) < 0)
		hf_facts_out_of_memory();
	hf_publication *all = (hf_publication *)(uintptr_t)publications->all;

	for (size_t i = 0; i < publications->count; i++)
		all[i].container = hf_facts_container_at(facts, &all[i].to);
	return publications;
}

const hf_publications *hf_facts_rule_publications(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "rule-publications", .compute = compute_publications};

	return hf_facts_once(facts, &type, "");
}
