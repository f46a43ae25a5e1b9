/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses in the kernel's tables of sockets. */
#include "facts/net-table.h"

#include <arpa/inet.h>
#include <stdio.h>

bool hf_net_is_big_endian(hf_facts *facts)
{
	static const char *const machines[] = {"s390x",	 "s390",    "ppc64",	"ppc",	 "mips",
					       "mips64", "sparc64", "parisc64", "armv7b"};
	const hf_kernel *kernel = hf_facts_kernel(facts);

	for (size_t i = 0; kernel->fact.state == HF_PRESENT && i < HF_ARRAY_SIZE(machines); i++) {
		if (strcmp(kernel->machine, machines[i]) == 0)
			return true;
	}
	return false;
}

static bool parse_bytes(const char *hex, bool is_big, unsigned char *bytes, size_t *ret_size)
{
	size_t digits = strspn(hex, "0123456789ABCDEFabcdef");

	if (digits != 8 && digits != 32)
		return false;
	for (size_t i = 0; i < digits / 8; i++) {
		unsigned word;

		if (sscanf(hex + i * 8, "%8x", &word) != 1)
			return false;
		for (unsigned k = 0; k < 4; k++)
			bytes[i * 4 + k] = (unsigned char)(word >> (is_big ? 24 - 8 * k : 8 * k));
	}
	*ret_size = digits / 2;
	return true;
}

bool hf_net_address_parse(hf_arena *arena, const char *hex, bool is_big_endian,
			  hf_net_address *ret_address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const unsigned char zero[16] = {0};
	unsigned char bytes[16] = {0};
	char text[INET6_ADDRSTRLEN];
	size_t size;

	if (!parse_bytes(hex, is_big_endian, bytes, &size))
		return false;
	bool is_mapped = size == 16 && memcmp(bytes, mapped, sizeof mapped) == 0;
	const unsigned char *four = size == 4 ? bytes : bytes + 12;

	if (!inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text))
		text[0] = '\0';
	ret_address->text = hf_checked(hf_arena_strdup(arena, text));
	if (size == 4 || is_mapped) {
		ret_address->is_loopback = four[0] == 127;
		ret_address->is_wildcard = memcmp(four, zero, 4) == 0;
	} else {
		ret_address->is_loopback = memcmp(bytes, zero, 15) == 0 && bytes[15] == 1;
		ret_address->is_wildcard = memcmp(bytes, zero, 16) == 0;
	}
	return true;
}

bool hf_net_has_no_ipv6(hf_facts *facts)
{
	const hf_dir *settings = hf_facts_dir(facts, "/proc/sys/net");

	return settings->fact.state == HF_PRESENT && settings->count > 0 &&
	       !hf_dir_has(settings, "ipv6");
}
