/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches and targets of x_tables in words. */
#include "facts/filter.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stdio.h>

#define INFO(type, variable)                                                                       \
	type variable;                                                                             \
	if (step->xt.info_size < sizeof(variable))                                                 \
		return;                                                                            \
	memcpy(&(variable), step->xt.info, sizeof(variable))

static void put_bits(hf_buffer *text, unsigned bits, const char *const *names, size_t count)
{
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		if (!(bits & 1U << i) || !names[i])
			continue;
		hf_buffer_printf(text, "%s%s", comma, names[i]);
		comma = ",";
	}
}

static void write_addrtype(hf_buffer *text, const hf_filter_step *step)
{
	static const char *const names[] = {"unspec",  "unicast",   "local",	 "broadcast", "anycast",
					    "multicast", "blackhole", "unreachable", "prohibit"};

	INFO(struct xt_addrtype_info_v1, info);
	if (info.source) {
		hf_buffer_puts(text, "fib saddr type ");
		hf_buffer_puts(text, info.flags & XT_ADDRTYPE_INVERT_SOURCE ? "!= " : "");
		put_bits(text, info.source, names, HF_ARRAY_SIZE(names));
	}
	if (info.dest) {
		hf_buffer_puts(text, info.source ? " fib daddr type " : "fib daddr type ");
		hf_buffer_puts(text, info.flags & XT_ADDRTYPE_INVERT_DEST ? "!= " : "");
		put_bits(text, info.dest, names, HF_ARRAY_SIZE(names));
	}
}

static void write_conntrack(hf_buffer *text, const hf_filter_step *step)
{
	static const char *const names[] = {"invalid", "established", "related", "new", NULL,
					    NULL,      "snat",	      "dnat",	 "untracked"};

	INFO(struct xt_conntrack_mtinfo3, info);
	if (!(info.match_flags & XT_CONNTRACK_STATE)) {
		hf_buffer_puts(text, "conntrack …");
		return;
	}
	hf_buffer_puts(text, info.invert_flags & XT_CONNTRACK_STATE ? "ct state != " : "ct state ");
	put_bits(text, info.state_mask, names, HF_ARRAY_SIZE(names));
}

static void put_ports(hf_buffer *text, const char *words, uint16_t first, uint16_t last, bool is_inverted)
{
	if (first == 0 && last == UINT16_MAX && !is_inverted)
		return;
	hf_buffer_printf(text, "%s%s %s%u", text->size && text->data[text->size - 1] != ' ' ? " " : "",
			 words, is_inverted ? "!= " : "", first);
	if (last != first)
		hf_buffer_printf(text, "-%u", last);
}

static void write_tcp(hf_buffer *text, const hf_filter_step *step)
{
	INFO(struct xt_tcp, info);
	put_ports(text, "tcp sport", info.spts[0], info.spts[1], info.invflags & XT_TCP_INV_SRCPT);
	put_ports(text, "tcp dport", info.dpts[0], info.dpts[1], info.invflags & XT_TCP_INV_DSTPT);
	if (info.flg_mask)
		hf_buffer_printf(text, " tcp flags & 0x%x %s0x%x", info.flg_mask,
				 info.invflags & XT_TCP_INV_FLAGS ? "!= " : "", info.flg_cmp);
}

static void write_udp(hf_buffer *text, const hf_filter_step *step)
{
	INFO(struct xt_udp, info);
	put_ports(text, "udp sport", info.spts[0], info.spts[1], info.invflags & XT_UDP_INV_SRCPT);
	put_ports(text, "udp dport", info.dpts[0], info.dpts[1], info.invflags & XT_UDP_INV_DSTPT);
}

static void write_multiport(hf_buffer *text, const hf_filter_step *step)
{
	INFO(struct xt_multiport_v1, info);
	hf_buffer_puts(text, info.flags == XT_MULTIPORT_SOURCE	      ? "th sport "
			     : info.flags == XT_MULTIPORT_DESTINATION ? "th dport "
								      : "th port ");
	hf_buffer_puts(text, info.invert ? "!= {" : "{");
	for (uint8_t i = 0; i < info.count && i < XT_MULTI_PORTS; i++)
		hf_buffer_printf(text, "%u%s", info.ports[i],
				 i + 1 == info.count ? ""
				 : info.pflags[i]    ? "-"
						     : ", ");
	hf_buffer_puts(text, "}");
}

static void write_mark(hf_buffer *text, const hf_filter_step *step)
{
	INFO(struct xt_mark_mtinfo1, info);
	hf_buffer_printf(text, "meta mark & 0x%x %s0x%x", info.mask, info.invert ? "!= " : "", info.mark);
}

static void write_nothing(hf_buffer *text, const hf_filter_step *step)
{
	(void)text;
	(void)step;
}

static const struct {
	const char *name;
	uint8_t revision;
	void (*write)(hf_buffer *text, const hf_filter_step *step);
} matches[] = {
	{"addrtype", 1, write_addrtype},   {"comment", 0, write_nothing}, {"conntrack", 3, write_conntrack},
	{"mark", 1, write_mark},	   {"multiport", 1, write_multiport}, {"tcp", 0, write_tcp},
	{"udp", 0, write_udp},
};

static void put_name(hf_buffer *text, const char *name)
{
	for (; *name; name++)
		hf_buffer_printf(text, "%c", *name > 0x20 && *name < 0x7f ? *name : '?');
}

void hf_xt_match_text(hf_buffer *text, const hf_filter_step *step)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(matches); i++) {
		if (strcmp(matches[i].name, step->xt.name) == 0 &&
		    matches[i].revision == step->xt.revision) {
			matches[i].write(text, step);
			return;
		}
	}
	put_name(text, step->xt.name);
}

void hf_xt_target_text(hf_buffer *text, const hf_filter_step *step, uint8_t family)
{
	char address[INET6_ADDRSTRLEN];
	uint16_t port, last;
	hf_ip to;

	if (hf_xt_target_is_idle(step))
		return;
	if (strcmp(step->xt.name, "REJECT") == 0 || strcmp(step->xt.name, "MASQUERADE") == 0) {
		hf_buffer_puts(text, *step->xt.name == 'R' ? "reject" : "masquerade");
	} else if (hf_xt_target_destination(step, family, &to, &port, &last) &&
		   inet_ntop(family == 6 ? AF_INET6 : AF_INET, to.bytes, address, sizeof address)) {
		hf_buffer_printf(text, "dnat to %s", address);
		if (port)
			hf_buffer_printf(text, ":%u", port);
	} else {
		put_name(text, step->xt.name);
	}
}
