/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTM_GETLINK: the interfaces of a network namespace, and where the other ends of those are that lead out of it. */
#include "collect/netns.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#ifndef RTEXT_FILTER_SKIP_STATS
#define RTEXT_FILTER_SKIP_STATS (1 << 3)
#endif

typedef struct link_row {
	int32_t index;
	uint32_t flags;
	uint32_t master;
	uint32_t peer;
	bool is_elsewhere;
	int32_t nsid; /* of the peer's namespace, as this one numbers it */
	uint32_t promiscuity;
	char name[HF_NETNS_NAME_ROOM];
	char kind[HF_NETNS_NAME_ROOM];
	char mac[HF_NETNS_NAME_ROOM * 2];
	char words[HF_NETNS_NAME_ROOM * 2];
} link_row;

typedef struct links {
	hf_buffer rows; /* of link_row */
	size_t count;
	bool leads_out;
} links;

static const link_row *row_at(const links *l, size_t index)
{
	return (const link_row *)(const void *)l->rows.data + index;
}

static void add_word(link_row *row, const char *word)
{
	size_t used = strlen(row->words);

	(void)snprintf(row->words + used, sizeof row->words - used, " %s", word);
}

/* ---- what only some kinds have ---- */

static void read_mode(link_row *row, const struct nlattr *data)
{
	static const struct {
		uint32_t mode;
		const char *word;
	} macvlan[] = {
		{MACVLAN_MODE_PRIVATE, "mode=private"}, {MACVLAN_MODE_VEPA, "mode=vepa"},
		{MACVLAN_MODE_BRIDGE, "mode=bridge"},	{MACVLAN_MODE_PASSTHRU, "mode=passthru"},
		{MACVLAN_MODE_SOURCE, "mode=source"},
	};
	static const char *const ipvlan[] = {
		[IPVLAN_MODE_L2] = "mode=l2", [IPVLAN_MODE_L3] = "mode=l3", [IPVLAN_MODE_L3S] = "mode=l3s"};
	const struct nlattr *by_type[IFLA_MACVLAN_MODE + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	_Static_assert(IFLA_MACVLAN_MODE == 1 && IFLA_IPVLAN_MODE == 1, "one table serves both");
	hf_netns_nested(data, &attrs);
	if (hf_has_prefix(row->kind, "macv")) { /* macvlan, macvtap */
		uint32_t mode = hf_netns_u32(by_type[IFLA_MACVLAN_MODE]);

		for (size_t i = 0; i < HF_ARRAY_SIZE(macvlan); i++) {
			if (macvlan[i].mode == mode)
				add_word(row, macvlan[i].word);
		}
	} else if (by_type[IFLA_IPVLAN_MODE]) {
		uint16_t mode = hf_netns_u16(by_type[IFLA_IPVLAN_MODE]);

		if (mode < HF_ARRAY_SIZE(ipvlan))
			add_word(row, ipvlan[mode]);
	}
}

static void read_bridge(link_row *row, const struct nlattr *data)
{
	const struct nlattr *by_type[IFLA_BR_NF_CALL_IP6TABLES + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	hf_netns_nested(data, &attrs);
	if (hf_netns_u8(by_type[IFLA_BR_NF_CALL_IPTABLES]))
		add_word(row, "nf-iptables");
	if (hf_netns_u8(by_type[IFLA_BR_NF_CALL_IP6TABLES]))
		add_word(row, "nf-ip6tables");
	if (hf_netns_u8(by_type[IFLA_BR_VLAN_FILTERING]))
		add_word(row, "vlan");
}

static void read_port(link_row *row, const struct nlattr *data)
{
	const struct nlattr *by_type[IFLA_BRPORT_ISOLATED + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};

	hf_netns_nested(data, &attrs);
	add_word(row, "port");
	if (hf_netns_u8(by_type[IFLA_BRPORT_ISOLATED]))
		add_word(row, "isolated");
	if (hf_netns_u8(by_type[IFLA_BRPORT_LEARNING]))
		add_word(row, "learning");
	if (hf_netns_u8(by_type[IFLA_BRPORT_MODE]))
		add_word(row, "hairpin");
}

static void read_kind(hf_netns_reader *reader, link_row *row, const struct nlattr *info)
{
	const struct nlattr *by_type[IFLA_INFO_SLAVE_DATA + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};
	char slave[HF_NETNS_NAME_ROOM];

	hf_netns_nested(info, &attrs);
	hf_netns_text(by_type[IFLA_INFO_KIND], row->kind);
	hf_netns_text(by_type[IFLA_INFO_SLAVE_KIND], slave);
	if (strcmp(row->kind, "bridge") == 0) {
		reader->has_bridge = true;
		read_bridge(row, by_type[IFLA_INFO_DATA]);
	}
	if (strcmp(row->kind, "macvlan") == 0 || strcmp(row->kind, "macvtap") == 0 ||
	    strcmp(row->kind, "ipvlan") == 0 || strcmp(row->kind, "ipvtap") == 0)
		read_mode(row, by_type[IFLA_INFO_DATA]);
	if (strcmp(slave, "bridge") == 0)
		read_port(row, by_type[IFLA_INFO_SLAVE_DATA]);
}

/* Kernels before 5.14 do not tell by netlink what stands behind an interface; sysfs shows the initial namespace's. */
static bool has_device(const hf_netns_reader *reader, const link_row *row, const struct nlattr *parent)
{
	char path[HF_NETNS_NAME_ROOM + sizeof "/device"];

	if (parent)
		return true;
	if (!reader->is_host || reader->sysfs_fd < 0 || *row->kind)
		return false;
	(void)snprintf(path, sizeof path, "%s/device", row->name);
	return faccessat(reader->sysfs_fd, path, F_OK, 0) == 0;
}

/* ---- the dump ---- */

static int keep_link(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	links *l = data;
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *by_type[IFLA_PARENT_DEV_NAME + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};
	link_row row = {0};
	hf_buffer mac = {0};

	if (message->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(message) < sizeof *head)
		return 0;
	if (l->count++ >= reader->lines_max)
		return -EFBIG;
	hf_netns_attrs_of(message, sizeof *head, &attrs);
	row.index = head->ifi_index;
	row.flags = head->ifi_flags;
	row.master = hf_netns_u32(by_type[IFLA_MASTER]);
	row.peer = hf_netns_u32(by_type[IFLA_LINK]);
	row.is_elsewhere = by_type[IFLA_LINK_NETNSID] != NULL;
	row.nsid = (int32_t)hf_netns_u32(by_type[IFLA_LINK_NETNSID]);
	row.promiscuity = hf_netns_u32(by_type[IFLA_PROMISCUITY]);
	hf_netns_text(by_type[IFLA_IFNAME], row.name);
	hf_netns_put_mac(&mac, by_type[IFLA_ADDRESS]);
	(void)snprintf(row.mac, sizeof row.mac, "%s", mac.failed ? "-" : mac.data);
	hf_buffer_free(&mac);
	read_kind(reader, &row, by_type[IFLA_LINKINFO]);
	if (has_device(reader, &row, by_type[IFLA_PARENT_DEV_NAME]))
		add_word(&row, "device");
	if (!reader->is_host)
		hf_netns_add_settings(reader, row.name, by_type[IFLA_AF_SPEC]);
	l->leads_out |= row.is_elsewhere;
	hf_buffer_add(&l->rows, &row, sizeof row);
	return l->rows.failed ? -ENOMEM : 0;
}

static int dump_links(hf_netns_reader *reader, links *l)
{
	struct ifinfomsg *head;
	struct nlmsghdr *request =
		hf_netns_request(reader, RTM_GETLINK, NLM_F_DUMP, sizeof *head, &head);

	head->ifi_family = AF_UNSPEC;
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return hf_netns_ask(reader, request, keep_link, l);
}

/* ---- which namespace a number means ---- */

typedef struct numbered {
	int32_t nsid;
	uint64_t inode; /* 0: the initial one */
} numbered;

static int keep_nsid(hf_netns_reader *reader, const struct nlmsghdr *message, void *data)
{
	const struct nlattr *by_type[NETNSA_NSID + 1];
	const hf_netns_attrs attrs = {by_type, HF_ARRAY_SIZE(by_type)};
	int32_t *nsid = data;

	(void)reader;
	hf_netns_attrs_of(message, sizeof(struct rtgenmsg), &attrs);
	*nsid = by_type[NETNSA_NSID] ? (int32_t)hf_netns_u32(by_type[NETNSA_NSID])
				     : NETNSA_NSID_NOT_ASSIGNED;
	return 0;
}

static int32_t ask_nsid(hf_netns_reader *reader, int fd)
{
	struct rtgenmsg *head;
	struct nlmsghdr *request = hf_netns_request(reader, RTM_GETNSID, 0, sizeof *head, &head);
	int32_t nsid = NETNSA_NSID_NOT_ASSIGNED;

	head->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(request, NETNSA_FD, (uint32_t)fd);
	return hf_netns_ask(reader, request, keep_nsid, &nsid) == 0 ? nsid : NETNSA_NSID_NOT_ASSIGNED;
}

static int compare_numbers(const void *a, const void *b)
{
	const numbered *x = a, *y = b;

	return (x->nsid > y->nsid) - (x->nsid < y->nsid);
}

static void note_number(hf_netns_reader *reader, hf_buffer *known, int fd, uint64_t inode)
{
	numbered one = {.nsid = fd < 0 ? NETNSA_NSID_NOT_ASSIGNED : ask_nsid(reader, fd), .inode = inode};

	if (one.nsid != NETNSA_NSID_NOT_ASSIGNED)
		hf_buffer_add(known, &one, sizeof one);
}

/* In the initial namespace all others are looked for; in those, it alone. Sorted numbers. */
static void find_numbers(hf_netns_reader *reader, hf_buffer *known)
{
	if (!reader->is_host)
		note_number(reader, known, reader->host_fd, 0);
	for (size_t i = 0; reader->is_host && i < reader->place_count; i++)
		note_number(reader, known, reader->places[i]->fd, reader->places[i]->inode);
	if (known->size > 0)
		qsort(known->data, known->size / sizeof(numbered), sizeof(numbered), compare_numbers);
}

static void put_where(hf_buffer *lines, const hf_buffer *known, const link_row *row)
{
	const numbered wanted = {.nsid = row->nsid};
	const numbered *found = NULL;

	if (!row->is_elsewhere) {
		hf_buffer_puts(lines, "here");
		return;
	}
	if (known->size > 0)
		found = bsearch(&wanted, known->data, known->size / sizeof wanted, sizeof wanted,
				compare_numbers);
	if (!found)
		hf_buffer_puts(lines, "elsewhere");
	else if (found->inode == 0)
		hf_buffer_puts(lines, "host");
	else
		hf_buffer_printf(lines, "%" PRIu64, found->inode);
}

/* ---- the answer ---- */

static void put_row(hf_buffer *lines, const hf_buffer *known, const link_row *row)
{
	hf_buffer_printf(lines, "%" PRId32 " ", row->index);
	hf_netns_escape(lines, row->name, strlen(row->name));
	hf_buffer_puts(lines, " ");
	hf_netns_escape(lines, row->kind, strlen(row->kind));
	hf_buffer_printf(lines, " %" PRIx32 " %" PRIu32 " %" PRIu32 " ", row->flags, row->master, row->peer);
	put_where(lines, known, row);
	hf_buffer_printf(lines, " %" PRIu32 " %s%s\n", row->promiscuity, row->mac, row->words);
}

int hf_netns_ask_links(hf_netns_reader *reader)
{
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0}, known = {0};
	links l = {0};
	unsigned tries = 0;
	int r;

	do {
		hf_buffer_free(&l.rows);
		hf_buffer_free(&reader->settings);
		l = (links){0};
		r = dump_links(reader, &l);
	} while (hf_netns_is_torn(r, &tries));
	/* the kernel gives a namespace a number when it is first told of */
	if (l.leads_out)
		find_numbers(reader, &known);
	for (size_t i = 0; i < l.rows.size / sizeof(link_row); i++)
		put_row(&lines, &known, row_at(&l, i));
	hf_buffer_free(&l.rows);
	reader->settings_end = r;
	return known.failed ? -ENOMEM : hf_netns_send(reader, "links", r, &lines);
}
