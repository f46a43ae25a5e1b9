/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the document's "network". */
#include "report/network-view.h"
#include "report/text.h"

const char *hf_network_word(const json_t *value)
{
	return json_is_string(value) ? json_string_value(value) : "";
}

const char *hf_network_label(const char *key)
{
	static const char zone[] = "zone:";

	if (hf_has_prefix(key, zone))
		return key + sizeof zone - 1;
	return strcmp(key, "host") == 0 ? "the node" : key;
}

void hf_network_describe_place(const json_t *zone, hf_buffer *text)
{
	const char *kind = hf_text_member(zone, "kind");
	const json_t *bridges = json_object_get(zone, "bridges");
	size_t index;
	json_t *bridge;

	if (strcmp(kind, "host") == 0)
		hf_buffer_puts(text, "in the node's own network");
	else if (strcmp(kind, "segment") == 0)
		hf_buffer_puts(text, "on the uplink's segment, past the node's rules");
	else if (strcmp(kind, "alone") == 0)
		hf_buffer_puts(text, "no network");
	else if (strcmp(kind, "unknown") == 0)
		hf_buffer_puts(text, "not known where");
	else if (json_array_size(bridges) == 0)
		hf_buffer_puts(text, "routed");
	json_array_foreach (bridges, index, bridge)
		hf_buffer_printf(text, "%s%s", text->size > 0 ? ", " : "", hf_network_word(bridge));
}

void hf_network_describe(const json_t *zone, hf_buffer *text)
{
	const json_t *names = json_object_get(zone, "names");
	size_t count = json_array_size(json_object_get(zone, "containers")), index;
	enum { SHOWN = 6 };
	json_t *name;

	hf_network_describe_place(zone, text);
	json_array_foreach (names, index, name) {
		if (index == SHOWN)
			break;
		hf_buffer_printf(text, "%s%s", index > 0 ? ", " : ": ", hf_network_word(name));
	}
	if (count > index)
		hf_buffer_printf(text, " and %zu more", count - index);
}

void hf_network_describe_port(const json_t *way, hf_buffer *text)
{
	const json_t *port = json_object_get(way, "port");
	const char *service = hf_text_member(way, "service");

	if (!json_is_integer(port)) {
		hf_buffer_puts(text, "any port");
		return;
	}
	hf_buffer_printf(text, "%s %lld", hf_text_member(way, "protocol"),
			 (long long)json_integer_value(port));
	if (*service)
		hf_buffer_printf(text, " (%s)", service);
}

static bool is_fate(const json_t *way, const char *family, const char *word)
{
	return strcmp(hf_text_member(json_object_get(way, family), "fate"), word) == 0;
}

bool hf_network_is_open(const json_t *way)
{
	return is_fate(way, "ipv4", "accepted") || is_fate(way, "ipv6", "accepted");
}

bool hf_network_is_unknown(const json_t *way)
{
	return is_fate(way, "ipv4", "unknown") || is_fate(way, "ipv6", "unknown");
}

const char *hf_network_why_unknown(const json_t *way)
{
	const char *family = is_fate(way, "ipv4", "unknown") ? "ipv4" : "ipv6";

	return is_fate(way, family, "unknown") ? hf_text_member(json_object_get(way, family), "by") : "";
}

void hf_network_describe_way(const json_t *way, hf_buffer *text)
{
	bool is_four = is_fate(way, "ipv4", "accepted"), is_six = is_fate(way, "ipv6", "accepted");
	bool has_both = json_is_object(json_object_get(way, "ipv4")) &&
			json_is_object(json_object_get(way, "ipv6"));

	hf_network_describe_port(way, text);
	if (has_both && is_four != is_six)
		hf_buffer_puts(text, is_four ? " by IPv4" : " by IPv6");
	else if (is_six && !has_both)
		hf_buffer_puts(text, " by IPv6");
	if (!is_four && !is_six)
		hf_buffer_puts(text, " (not known)");
}
