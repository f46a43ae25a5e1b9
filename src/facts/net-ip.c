/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of IPv4 and IPv6. */
#include "facts/net.h"

#include <arpa/inet.h>

const char *hf_ip_text(hf_check_run *run, const hf_ip *ip)
{
	char text[INET6_ADDRSTRLEN];

	if (ip->family != 4 && ip->family != 6)
		return "";
	if (!inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, ip->bytes, text, sizeof text))
		return "";
	return hf_checked(hf_arena_strdup(hf_facts_arena(hf_facts_of(run)), text));
}

bool hf_ip_parse(const char *text, hf_ip *ret_ip)
{
	*ret_ip = (hf_ip){0};
	if (inet_pton(AF_INET, text, ret_ip->bytes) == 1)
		ret_ip->family = 4;
	else if (inet_pton(AF_INET6, text, ret_ip->bytes) == 1)
		ret_ip->family = 6;
	else
		*ret_ip = (hf_ip){0};
	return ret_ip->family != 0;
}

bool hf_ip_shares_prefix(const hf_ip *a, const hf_ip *b, uint32_t prefix)
{
	uint32_t whole = prefix / 8, rest = prefix % 8;
	unsigned mask = 0xff00U >> rest & 0xffU;

	if (a->family != b->family || a->family == 0 || prefix > (a->family == 4 ? 32U : 128U))
		return false;
	return memcmp(a->bytes, b->bytes, whole) == 0 &&
	       (rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}
