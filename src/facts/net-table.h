/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's tables of sockets in /proc/PID/net have in common: proc_net_tcp.rst. */
#ifndef HF_FACTS_NET_TABLE_H
#define HF_FACTS_NET_TABLE_H

#include "facts/parts.h"

typedef struct hf_net_address {
	const char *text; /* "127.0.0.1", "::" */
	bool is_loopback;
	bool is_wildcard;
} hf_net_address;

/* Words of /proc/net/tcp* are printed as the machine's own integers hold the network's bytes. */
bool hf_net_is_big_endian(hf_facts *facts);

/* "0100007F", or the 32 digits of an IPv6 address; false: it is none. */
bool hf_net_address_parse(hf_arena *arena, const char *hex, bool is_big_endian,
			  hf_net_address *ret_address);

/* Adds the inodes of the sockets that a process holds, as pointers. Not present: not all of them are known. */
hf_fact hf_held_sockets(hf_facts *facts, int32_t pid, hf_list *inodes);

/* "net/tcp" of the network namespace of a process: the tables of one are recorded once, through the first process that
 * was looked at in it. */
const hf_file *hf_net_table(hf_facts *facts, int32_t pid, const char *name);

/* A kernel without IPv6 has no table of it, and no settings. */
bool hf_net_has_no_ipv6(hf_facts *facts);

#endif
