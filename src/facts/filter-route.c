/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of the node and of containers, as a packet's way needs them. */
#include "facts/filter-walk.h"

bool hf_netns_has_address(const hf_netns *netns, const hf_ip *ip, const hf_interface *device)
{
	for (size_t i = 0; i < netns->address_count; i++) {
		const hf_interface_address *own = &netns->addresses[i];

		if (own->ip.family == ip->family && (!device || own->interface == device) &&
		    memcmp(own->ip.bytes, ip->bytes, ip->family == 6 ? 16 : 4) == 0)
			return true;
	}
	return false;
}

bool hf_ip_is_loopback(const hf_ip *ip)
{
	static const uint8_t one[16] = {[15] = 1};

	return ip->family == 6 ? memcmp(ip->bytes, one, sizeof one) == 0 : ip->bytes[0] == 127;
}

bool hf_ip_is_multicast(const hf_ip *ip)
{
	return ip->family == 6 ? ip->bytes[0] == 0xff : (ip->bytes[0] & 0xf0) == 0xe0;
}

bool hf_netns_is_broadcast(const hf_netns *netns, const hf_ip *ip)
{
	static const uint8_t all[4] = {255, 255, 255, 255};

	if (ip->family != 4)
		return false;
	if (memcmp(ip->bytes, all, sizeof all) == 0 || ip->bytes[0] == 0)
		return true;
	for (size_t i = 0; i < netns->address_count; i++) {
		const hf_interface_address *own = &netns->addresses[i];
		uint32_t mask, address, other;

		/* fib_add_ifaddr(): networks of one or two addresses have none */
		if (own->ip.family != 4 || own->prefix == 0 || own->prefix > 30)
			continue;
		mask = UINT32_MAX << (32 - own->prefix);
		memcpy(&address, ip->bytes, sizeof address);
		memcpy(&other, own->ip.bytes, sizeof other);
		if (__builtin_bswap32(address) == (__builtin_bswap32(other) | ~mask))
			return true;
	}
	return false;
}

const hf_attachment *hf_node_attachment(const hf_filter_node *node, const hf_ip *ip,
					const hf_interface *bridge)
{
	for (size_t i = 0; i < node->attachment_count; i++) {
		const hf_attachment *attachment = &node->attachments[i];
		const hf_ip *own = ip->family == 6 ? &attachment->ip6 : &attachment->ip;

		if (own->family == ip->family && (!bridge || attachment->bridge == bridge) &&
		    memcmp(own->bytes, ip->bytes, ip->family == 6 ? 16 : 4) == 0)
			return attachment;
	}
	return NULL;
}
