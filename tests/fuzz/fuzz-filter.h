/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with rules that fuzzing made: they are written, searched for publications, and walked. */
#ifndef HF_FUZZ_FILTER_H
#define HF_FUZZ_FILTER_H

#include "facts/filter.h"

static bool fuzz_setting(const void *data, const char *name, int64_t *ret_value)
{
	(void)data;
	*ret_value = strstr(name, "forwarding") != NULL;
	return true;
}

static void fuzz_walk(hf_arena *arena, const hf_filter *filter)
{
	static const hf_interface interfaces[] = {
		{.index = 1, .name = "lo", .kind = "", .is_loopback = true},
		{.index = 2, .name = "eth0", .kind = ""},
		{.index = 3, .name = "docker0", .kind = "bridge", .calls_iptables = true, .calls_ip6tables = true},
		{.index = 4, .name = "veth4", .kind = "veth", .master = 3, .is_port = true},
	};
	static const hf_interface_address addresses[] = {
		{.interface = &interfaces[0], .ip = {4, {127, 0, 0, 1}}, .prefix = 8},
		{.interface = &interfaces[2], .ip = {4, {172, 17, 0, 1}}, .prefix = 16},
		{.interface = &interfaces[2], .ip = {6, {0xfd, [15] = 1}}, .prefix = 64},
	};
	static const hf_route routes[] = {
		{.to = {4, {0}}, .interface = &interfaces[1], .table = 254},
		{.to = {4, {172, 17}}, .prefix = 16, .interface = &interfaces[2], .table = 254},
		{.to = {6, {0xfd}}, .prefix = 64, .interface = &interfaces[2], .table = 254},
	};
	static const hf_netns netns = {
		.interfaces = interfaces,
		.interface_count = HF_ARRAY_SIZE(interfaces),
		.addresses = addresses,
		.address_count = HF_ARRAY_SIZE(addresses),
		.routes = routes,
		.route_count = HF_ARRAY_SIZE(routes),
	};
	const hf_packet packets[] = {
		{.from = {4, {192, 0, 2, 9}}, .to = {4, {172, 17, 0, 2}}, .protocol = HF_PROTOCOL_TCP,
		 .to_port = 80, .in = &interfaces[1]},
		{.from = {4, {172, 17, 0, 2}}, .to = {4, {172, 17, 0, 3}}, .protocol = HF_PROTOCOL_UDP,
		 .to_port = 53, .in = &interfaces[2], .in_port = &interfaces[3]},
		{.from = {6, {0xfd, [15] = 2}}, .to = {6, {0xfd, [15] = 1}}, .protocol = HF_PROTOCOL_ICMP,
		 .in = &interfaces[2]},
		{.from = {4, {172, 17, 0, 1}}, .to = {4, {8, 8, 8, 8}}, .protocol = HF_PROTOCOL_TCP, .to_port = 443},
	};
	const hf_filter_node node = {.filter = filter, .netns = &netns, .setting = fuzz_setting};

	for (size_t i = 0; i < HF_ARRAY_SIZE(packets); i++) {
		const hf_passage *passage = hf_filter_walk(arena, &node, &packets[i]);

		if (!passage || !passage->decided_by || (passage->fate == HF_FATE_UNKNOWN) != (passage->fact.why != NULL))
			abort();
	}
}

static void fuzz_filter(hf_arena *arena, hf_filter *filter)
{
	hf_publications publications = {0};
	hf_buffer text = {0};

	if (hf_filter_finish(arena, filter) < 0 || hf_filter_publications(arena, filter, &publications) < 0)
		abort();
	for (uint32_t i = 0; i < filter->chain_count; i++) {
		for (size_t j = 0; j < filter->chains[i].rule_count; j++)
			hf_filter_rule_write(&text, filter, i, j);
		hf_filter_chain_write(&text, &filter->chains[i]);
	}
	/* what a rule is named after reaches terminals */
	for (size_t i = 0; i < text.size; i++) {
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			abort();
	}
	hf_buffer_free(&text);
	fuzz_walk(arena, filter);
}

#endif
