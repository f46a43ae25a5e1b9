/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks: the questions of the collectors network and packet-filter, and the form of their answers.
 *
 * Of the initial network namespace "call:net/host/…", of each other that processes of containers are in
 * "call:net/INODE/…" (the namespace's inode), a line each; "-" stands for an empty word, bytes of names outside 0x21-0x7e and
 * the backslash as \ooo:
 *   …/links      "INDEX NAME KIND FLAGS MASTER PEER WHERE PROMISCUITY MAC WORD…": flags in hex; WHERE the peer's index counts:
 *                "here", "host", the inode of another of these namespaces, or "elsewhere"; words: "mode=bridge" of macvlan and
 *                ipvlan; "device" where one of a bus stands behind it; "port", "isolated", "learning", "hairpin" of a port of a
 *                bridge; "nf-iptables", "nf-ip6tables", "vlan" of a bridge
 *   …/addresses  "INDEX ADDRESS/PREFIX SCOPE"
 *   …/routes     "FAMILY TO/PREFIX VIA INDEX TYPE TABLE METRIC WORD…": VIA "-" on the link; INDEX 0 none, several with commas
 *                between them; type "unicast", "blackhole", "unreachable", "prohibit", "throw"; tables local and those of type
 *                local, broadcast, multicast left out; words: "from", "tos" where it holds for some packets only
 *   …/rules      "FAMILY PRIORITY TABLE WORD…": policy routing; a word for each condition and for each action but looking
 *                into the table
 *   …/sysctls    "NAME VALUE" or "NAME !ERRNO" of the settings of hf_netns_sysctls[]; a '/' stands for a dot in the name of an
 *                interface, as in hf_sysctl_path(); not of the host, whose settings are files
 *   …/fdb        of the host alone: "INDEX MAC WORD…", entries of bridges' tables that were put there; words: "vlan=N", "sticky"
 * "!ERRNO" as the last line: cut there. A namespace that could not be entered has the error as the answer to each.
 *
 * The packet filter (collector packet-filter), as the kernel sent it:
 *   call:nft/generation   the answer to NFT_MSG_GETGEN, and call:nft/{tables,chains,rules,sets,elements}   the messages (struct
 *                nlmsghdr …) of the dumps of all families, one after another; all of the same generation. Error EPROTONOSUPPORT of
 *                the first: nf_tables is not there, and then there are no others
 *   call:xt/tables   "ipv4 filter", a line for each legacy table that exists: there is no other
 *   call:xt/ipv4/TABLE, call:xt/ipv6/TABLE   struct ipt_getinfo, then struct ipt_get_entries
 * What is too large for one answer goes on in "…/2", "…/3": of a table until it has the size that its head tells, of a dump where
 * it ends in a message NLMSG_NOOP.
 * Tables of ebtables-legacy are not asked for: that would make them. */
#ifndef HF_COLLECT_NETWORK_H
#define HF_COLLECT_NETWORK_H

/* Settings below /proc/sys/net that are read in each namespace; "*" stands for each interface, and for all where
 * src/collect/netns-sysctls.c asks for it. NULL-terminated. */
extern const char *const hf_netns_sysctls[];

#endif
