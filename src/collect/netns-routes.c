/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE and, of bridges' tables, RTM_GETNEIGH. */
#include "collect/netns.h"

#include <inttypes.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

enum { WAYS_MAX = 64 }; /* of one route */

typedef struct lines {
	hf_buffer text;
	size_t count;
} lines;

static bool is_ip(unsigned char family)
{
	return family == AF_INET || family == AF_INET6;
}

static int family_number(unsigned char family)
{
	return family == AF_INET ? 4 : 6;
}

/* Dumps, and sends what became of it. @size of the head of the request, which is zero but for @family. */
static int answer_dump(hf_netns_reader *reader, const char *what, uint16_t type, unsigned char family, size_t size,
		       hf_netns_row *row)
{
	lines l = {0};
	unsigned tries = 0;
	int r;

	do {
		unsigned char *head;
		struct nlmsghdr *request =
			hf_netns_request(reader, type, NLM_F_DUMP, size, &head);

		hf_buffer_free(&l.text);
		l = (lines){0};
		*head = family; /* the first member of all of them */
		r = hf_netns_ask(reader, request, row, &l);
	} while (hf_netns_is_torn(r, &tries));
	/* a kernel without policy routing has no such question, and no rules */
	if (r == -EOPNOTSUPP && type == RTM_GETRULE)
		r = 0;
	r = hf_netns_send(reader, what, r, &l.text);
	hf_buffer_free(&l.text);
	return r;
}

static int begin_line(const hf_netns_reader *reader, lines *l)
{
	return l->count++ >= reader->lines_max ? -EFBIG : 0;
}

static int end_line(lines *l)
{
	hf_buffer_puts(&l->text, "\n");
	return l->text.failed ? -ENOMEM : 0;
}

/* ---- addresses ---- */

static void put_scope(hf_buffer *text, unsigned char scope)
{
	switch (scope) {
	case RT_SCOPE_UNIVERSE:
		hf_buffer_puts(text, "global");
		break;
	case RT_SCOPE_SITE:
		hf_buffer_puts(text, "site");
		break;
	case RT_SCOPE_LINK:
		hf_buffer_puts(text, "link");
		break;
	case RT_SCOPE_HOST:
		hf_buffer_puts(text, "host");
		break;
	default:
		hf_buffer_printf(text, "%u", scope);
	}
}

static int keep_address(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	lines *l = data;
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *by_type[IFA_LOCAL + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	if (message->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(message) < sizeof *head ||
	    !is_ip(head->ifa_family))
		return 0;
	if (begin_line(reader, l) < 0)
		return -EFBIG;
	hf_netns_attrs_of(message, sizeof *head, &attrs);
	hf_buffer_printf(&l->text, "%u ", head->ifa_index);
	/* IFA_ADDRESS is the other end's of a link between two */
	hf_netns_put_address(&l->text, by_type[IFA_LOCAL] ? by_type[IFA_LOCAL] : by_type[IFA_ADDRESS]);
	hf_buffer_printf(&l->text, "/%u ", head->ifa_prefixlen);
	put_scope(&l->text, head->ifa_scope);
	return end_line(l);
}

int hf_netns_ask_addresses(hf_netns_reader *reader)
{
	return answer_dump(reader, "addresses", RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg),
			   keep_address);
}

/* ---- routes ---- */

static const char *type_word(unsigned char type)
{
	switch (type) {
	case RTN_UNICAST:
		return "unicast";
	case RTN_BLACKHOLE:
		return "blackhole";
	case RTN_UNREACHABLE:
		return "unreachable";
	case RTN_PROHIBIT:
		return "prohibit";
	case RTN_THROW:
		return "throw";
	default:
		return NULL;
	}
}

/* "3,5": the interfaces of RTA_MULTIPATH, a list of struct rtnexthop. */
static void put_ways(hf_buffer *text, const struct nlattr *multipath)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	struct rtnexthop way;

	for (unsigned i = 0; i < WAYS_MAX && left >= sizeof way; i++) {
		memcpy(&way, at, sizeof way);
		size_t size = ((size_t)way.rtnh_len + RTNH_ALIGNTO - 1) / RTNH_ALIGNTO * RTNH_ALIGNTO;

		if (way.rtnh_len < sizeof way || way.rtnh_len > left)
			break;
		hf_buffer_printf(text, "%s%" PRId32, i ? "," : "", way.rtnh_ifindex);
		at += size < left ? size : left;
		left -= size < left ? size : left;
	}
}

/* RTA_VIA: a gateway of the other family, after its number. */
static void put_via(hf_buffer *text, const struct nlattr *gateway, const struct nlattr *via)
{
	char room[sizeof(struct nlattr) + 16] __attribute__((aligned(4)));
	struct nlattr *address = (struct nlattr *)(void *)room;
	size_t size = via ? mnl_attr_get_payload_len(via) : 0;

	if (size <= sizeof(uint16_t) || size > sizeof(uint16_t) + 16) {
		hf_netns_put_address(text, gateway);
		return;
	}
	size -= sizeof(uint16_t);
	address->nla_type = RTA_GATEWAY;
	address->nla_len = (uint16_t)(sizeof *address + size);
	memcpy(room + sizeof *address, (const char *)mnl_attr_get_payload(via) + sizeof(uint16_t), size);
	hf_netns_put_address(text, address);
}

static int keep_route(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	lines *l = data;
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *by_type[RTA_VIA + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	if (message->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(message) < sizeof *head ||
	    !is_ip(head->rtm_family) || !type_word(head->rtm_type) || head->rtm_flags & RTM_F_CLONED)
		return 0;
	hf_netns_attrs_of(message, sizeof *head, &attrs);
	uint32_t table = by_type[RTA_TABLE] ? hf_netns_u32(by_type[RTA_TABLE]) : head->rtm_table;

	if (table == RT_TABLE_LOCAL)
		return 0;
	if (begin_line(reader, l) < 0)
		return -EFBIG;
	hf_buffer_printf(&l->text, "%d ", family_number(head->rtm_family));
	if (by_type[RTA_DST])
		hf_netns_put_address(&l->text, by_type[RTA_DST]);
	else
		hf_buffer_puts(&l->text, head->rtm_family == AF_INET ? "0.0.0.0" : "::");
	hf_buffer_printf(&l->text, "/%u ", head->rtm_dst_len);
	put_via(&l->text, by_type[RTA_GATEWAY], by_type[RTA_VIA]);
	hf_buffer_puts(&l->text, " ");
	if (by_type[RTA_MULTIPATH])
		put_ways(&l->text, by_type[RTA_MULTIPATH]);
	else
		hf_buffer_printf(&l->text, "%" PRIu32, hf_netns_u32(by_type[RTA_OIF]));
	hf_buffer_printf(&l->text, " %s %" PRIu32 " %" PRIu32 "%s%s", type_word(head->rtm_type), table,
			 hf_netns_u32(by_type[RTA_PRIORITY]), head->rtm_src_len ? " from" : "",
			 head->rtm_tos ? " tos" : "");
	return end_line(l);
}

int hf_netns_ask_routes(hf_netns_reader *reader)
{
	return answer_dump(reader, "routes", RTM_GETROUTE, AF_UNSPEC, sizeof(struct rtmsg), keep_route);
}

/* ---- rules ---- */

static void put_conditions(hf_buffer *text, const struct fib_rule_hdr *head, const hf_netns_attrs *attrs)
{
	static const struct {
		uint16_t type;
		const char *word;
	} words[] = {
		{FRA_IIFNAME, "iif"},	       {FRA_OIFNAME, "oif"},
		{FRA_FWMARK, "fwmark"},	       {FRA_FLOW, "flow"},
		{FRA_TUN_ID, "tunnel"},	       {FRA_UID_RANGE, "uid"},
		{FRA_IP_PROTO, "protocol"},    {FRA_SPORT_RANGE, "sport"},
		{FRA_DPORT_RANGE, "dport"},    {FRA_GOTO, "goto"},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		if (attrs->by_type[words[i].type])
			hf_buffer_printf(text, " %s", words[i].word);
	}
	if (hf_netns_u8(attrs->by_type[FRA_L3MDEV]))
		hf_buffer_puts(text, " l3mdev");
	/* the kernel writes -1 where nothing is suppressed */
	if (attrs->by_type[FRA_SUPPRESS_PREFIXLEN] &&
	    hf_netns_u32(attrs->by_type[FRA_SUPPRESS_PREFIXLEN]) != UINT32_MAX)
		hf_buffer_puts(text, " suppress");
	if (attrs->by_type[FRA_SUPPRESS_IFGROUP])
		hf_buffer_puts(text, " suppress");
	if (head->src_len)
		hf_buffer_puts(text, " from");
	if (head->dst_len)
		hf_buffer_puts(text, " to");
	if (head->tos)
		hf_buffer_puts(text, " tos");
	if (head->flags & FIB_RULE_INVERT)
		hf_buffer_puts(text, " not");
	if (head->action != FR_ACT_TO_TBL)
		hf_buffer_printf(text, " action=%u", head->action);
}

static int keep_rule(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	lines *l = data;
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *by_type[FRA_DPORT_RANGE + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	if (message->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(message) < sizeof *head ||
	    !is_ip(head->family))
		return 0;
	if (begin_line(reader, l) < 0)
		return -EFBIG;
	hf_netns_attrs_of(message, sizeof *head, &attrs);
	hf_buffer_printf(&l->text, "%d %" PRIu32 " %" PRIu32, family_number(head->family),
			 hf_netns_u32(by_type[FRA_PRIORITY]),
			 by_type[FRA_TABLE] ? hf_netns_u32(by_type[FRA_TABLE]) : head->table);
	put_conditions(&l->text, head, &attrs);
	return end_line(l);
}

int hf_netns_ask_rules(hf_netns_reader *reader)
{
	return answer_dump(reader, "rules", RTM_GETRULE, AF_UNSPEC, sizeof(struct fib_rule_hdr), keep_rule);
}

/* ---- bridges' tables ---- */

/* Ports have an entry for their own address, which is permanent; one that somebody put there pins an address to a
 * port. Those without a master are filters of the devices themselves. */
static int keep_fdb(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	lines *l = data;
	const struct ndmsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *by_type[NDA_MASTER + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	if (message->nlmsg_type != RTM_NEWNEIGH || mnl_nlmsg_get_payload_len(message) < sizeof *head ||
	    head->ndm_family != PF_BRIDGE)
		return 0;
	hf_netns_attrs_of(message, sizeof *head, &attrs);
	if (!by_type[NDA_MASTER] || !(head->ndm_state & NUD_NOARP))
		return 0;
	if (begin_line(reader, l) < 0)
		return -EFBIG;
	hf_buffer_printf(&l->text, "%" PRId32 " ", head->ndm_ifindex);
	hf_netns_put_mac(&l->text, by_type[NDA_LLADDR]);
	if (by_type[NDA_VLAN])
		hf_buffer_printf(&l->text, " vlan=%u", hf_netns_u16(by_type[NDA_VLAN]));
	if (head->ndm_flags & NTF_STICKY)
		hf_buffer_puts(&l->text, " sticky");
	return end_line(l);
}

int hf_netns_ask_fdb(hf_netns_reader *reader)
{
	hf_buffer none = {0};

	/* the kernel goes through all interfaces for it */
	if (!reader->has_bridge)
		return hf_netns_send(reader, "fdb", reader->settings_end, &none);
	return answer_dump(reader, "fdb", RTM_GETNEIGH, PF_BRIDGE, sizeof(struct ndmsg), keep_fdb);
}
