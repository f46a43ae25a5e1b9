/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of call:net/…: words with one blank between them. Names are the choice of whoever rules the namespace. */
#include "facts/net.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

/* ---- words ---- */

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \ooo in place; false: an escape is none, or stands for the end of a text. */
static bool unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		char c = *in;

		if (c == '\\') {
			if (in[1] < '0' || in[1] > '3' || !is_octal(in[2]) || !is_octal(in[3]))
				return false;
			c = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
			if (c == '\0')
				return false;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}

/* The next word of a line, NULL at its end. */
static char *next_word(char **cursor)
{
	char *word = *cursor;

	if (!word || *word == '\0')
		return NULL;
	char *end = strchrnul(word, ' ');

	*cursor = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool parse_u32(const char *word, uint32_t *ret_value)
{
	uint64_t value;

	if (!word || hf_parse_u64(word, &value) < 0 || value > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool parse_index(const char *word, int32_t *ret_value)
{
	uint32_t value;

	if (!parse_u32(word, &value) || value > INT32_MAX)
		return false;
	*ret_value = (int32_t)value;
	return true;
}

/* Of a bitmap, in hex. */
static bool parse_flags(const char *word, uint32_t *ret_value)
{
	char *end;

	if (!word || !strchr("0123456789abcdef", *word) || strlen(word) > 8)
		return false;
	*ret_value = (uint32_t)strtoul(word, &end, 16);
	return *end == '\0';
}

static const char *parse_name(char *word)
{
	if (!word || strcmp(word, "-") == 0)
		return "";
	return unescape(word) ? word : NULL;
}

/* "172.17.0.2/16" */
static bool parse_prefixed(char *word, hf_ip *ret_ip, uint32_t *ret_prefix)
{
	char *slash = word ? strchr(word, '/') : NULL;

	if (!slash)
		return false;
	*slash = '\0';
	return hf_ip_parse(word, ret_ip) && parse_u32(slash + 1, ret_prefix) &&
	       *ret_prefix <= (ret_ip->family == 4 ? 32U : 128U);
}

/* ---- lines ---- */

/* One line, as a text that can be written to. 0 or a negative errno. */
typedef int line_fn(char *line, void *data);

static int each_line(hf_arena *arena, const char *text, size_t size, line_fn *fn, void *data, const char **ret_cut)
{
	char *copy = hf_arena_memdup(arena, text, size);

	*ret_cut = NULL;
	if (!copy)
		return -ENOMEM;
	if (size > 0 && (copy[size - 1] != '\n' || memchr(copy, '\0', size)))
		return -EBADMSG;
	for (char *line = copy; *line;) {
		char *end = strchrnul(line, '\n');
		int r;

		*end = '\0';
		if (*ret_cut)
			return -EBADMSG; /* nothing follows it */
		if (*line == '!') {
			*ret_cut = line + 1;
			r = hf_errno_number(line + 1) ? 0 : -EBADMSG;
		} else {
			r = fn(line, data);
		}
		if (r < 0)
			return r;
		line = end + 1;
	}
	return 0;
}

/* How many lines there are at most. */
static size_t count_lines(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += text[i] == '\n';
	return count;
}

/* ---- links ---- */

typedef struct links {
	hf_interface *all;
	size_t count;
} links;

static void read_link_word(hf_interface *link, const char *word)
{
	static const struct {
		const char *word;
		size_t offset;
	} flags[] = {
		{"device", offsetof(hf_interface, has_hardware)},
		{"port", offsetof(hf_interface, is_port)},
		{"isolated", offsetof(hf_interface, is_isolated)},
		{"learning", offsetof(hf_interface, is_learning)},
		{"hairpin", offsetof(hf_interface, is_hairpin)},
		{"nf-iptables", offsetof(hf_interface, calls_iptables)},
		{"nf-ip6tables", offsetof(hf_interface, calls_ip6tables)},
		{"vlan", offsetof(hf_interface, is_vlan_filtering)},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(flags); i++) {
		if (strcmp(word, flags[i].word) == 0)
			*(bool *)((char *)link + flags[i].offset) = true;
	}
	if (hf_has_prefix(word, "mode="))
		link->mode = word + strlen("mode=");
}

static bool read_where(hf_interface *link, const char *word)
{
	link->is_peer_elsewhere = word && strcmp(word, "here") != 0;
	if (!word)
		return false;
	if (!link->is_peer_elsewhere || strcmp(word, "elsewhere") == 0)
		return true;
	if (strcmp(word, "host") == 0) {
		link->peer_netns = UINT64_MAX; /* whoever knows its inode puts it there */
		return true;
	}
	return hf_parse_u64(word, &link->peer_netns) == 0 && link->peer_netns > 0 &&
	       link->peer_netns < UINT64_MAX;
}

/* "INDEX NAME KIND FLAGS MASTER PEER WHERE PROMISCUITY MAC WORD…" */
static int read_link_line(char *line, void *data)
{
	links *list = data;
	hf_interface *link = &list->all[list->count];
	char *cursor = line;
	const char *word;

	*link = (hf_interface){.mode = ""};
	if (!parse_index(next_word(&cursor), &link->index) || link->index == 0)
		return -EBADMSG;
	link->name = parse_name(next_word(&cursor));
	link->kind = parse_name(next_word(&cursor));
	if (!link->name || !*link->name || !link->kind || !parse_flags(next_word(&cursor), &link->flags) ||
	    !parse_index(next_word(&cursor), &link->master) ||
	    !parse_index(next_word(&cursor), &link->peer) || !read_where(link, next_word(&cursor)) ||
	    !parse_u32(next_word(&cursor), &link->promiscuity))
		return -EBADMSG;
	word = next_word(&cursor);
	if (!word)
		return -EBADMSG;
	link->mac = strcmp(word, "-") == 0 ? "" : word;
	while ((word = next_word(&cursor)))
		read_link_word(link, word);
	link->is_up = (link->flags & IFF_UP) != 0;
	link->is_loopback = (link->flags & IFF_LOOPBACK) != 0;
	list->count++;
	return 0;
}

static int compare_links(const void *a, const void *b)
{
	const hf_interface *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

int hf_net_parse_links(hf_arena *arena, const char *text, size_t size, hf_interface **ret_all, size_t *ret_count,
		       const char **ret_cut)
{
	links list = {.all = hf_arena_calloc(arena, count_lines(text, size) + 1, sizeof *list.all)};
	int r = list.all ? each_line(arena, text, size, read_link_line, &list, ret_cut) : -ENOMEM;

	if (r < 0)
		return r;
	if (list.count > 0)
		qsort(list.all, list.count, sizeof *list.all, compare_links);
	for (size_t i = 1; i < list.count; i++) {
		if (list.all[i - 1].index == list.all[i].index)
			return -EBADMSG;
	}
	*ret_all = list.all;
	*ret_count = list.count;
	return 0;
}

/* ---- addresses ---- */

typedef struct addresses {
	const hf_netns *netns;
	hf_interface_address *all;
	size_t count;
} addresses;

/* "INDEX ADDRESS/PREFIX SCOPE"; one of an interface that came later is nobody's. */
static int read_address_line(char *line, void *data)
{
	addresses *list = data;
	hf_interface_address *address = &list->all[list->count];
	char *cursor = line;
	int32_t index;

	*address = (hf_interface_address){0};
	if (!parse_index(next_word(&cursor), &index) ||
	    !parse_prefixed(next_word(&cursor), &address->ip, &address->prefix) || !next_word(&cursor))
		return -EBADMSG;
	address->interface = hf_netns_interface_at(list->netns, index);
	address->is_link_local = address->ip.family == 4
					 ? address->ip.bytes[0] == 169 && address->ip.bytes[1] == 254
					 : address->ip.bytes[0] == 0xfe &&
						   (address->ip.bytes[1] & 0xc0) == 0x80;
	list->count += address->interface != NULL;
	return 0;
}

int hf_net_parse_addresses(hf_arena *arena, const char *text, size_t size, hf_netns *netns, const char **ret_cut)
{
	addresses list = {
		.netns = netns,
		.all = hf_arena_calloc(arena, count_lines(text, size) + 1, sizeof *list.all),
	};
	int r = list.all ? each_line(arena, text, size, read_address_line, &list, ret_cut) : -ENOMEM;

	if (r < 0)
		return r;
	netns->addresses = list.all;
	netns->address_count = list.count;
	return 0;
}

/* ---- routes ---- */

typedef struct routes {
	hf_arena *arena;
	hf_netns *netns;
	hf_net_ways *ways;
	hf_route *all;
	size_t count;
} routes;

static int add_way(routes *list, const hf_interface *interface)
{
	hf_net_ways *ways = list->ways;

	for (size_t i = 0; i < ways->count; i++) {
		if (ways->all[i] == interface)
			return 0;
	}
	if (ways->count == ways->room) {
		size_t room = ways->room ? ways->room * 2 : 8;
		const hf_interface **all = hf_arena_calloc(list->arena, room, sizeof(hf_interface *));

		if (!all)
			return -ENOMEM;
		for (size_t i = 0; i < ways->count; i++)
			all[i] = ways->all[i];
		ways->all = all;
		ways->room = room;
	}
	ways->all[ways->count++] = interface;
	return 0;
}

/* "0", "3" or "3,5". */
static int read_ways(routes *list, hf_route *route, char *word)
{
	bool is_default = route->prefix == 0 && !route->is_refused;
	const bool has_several = word && strchr(word, ',');
	char *rest = NULL;

	if (!word || !*word)
		return -EBADMSG;
	for (char *one = strtok_r(word, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		int32_t index;

		if (!parse_index(one, &index))
			return -EBADMSG;
		const hf_interface *interface = hf_netns_interface_at(list->netns, index);

		if (interface && is_default && add_way(list, interface) < 0)
			return -ENOMEM;
		if (!has_several)
			route->interface = interface;
	}
	return 0;
}

/* "FAMILY TO/PREFIX VIA INDEX TYPE TABLE METRIC WORD…" */
static int read_route_line(char *line, void *data)
{
	routes *list = data;
	hf_route *route = &list->all[list->count];
	char *cursor = line, *ways, *type;
	uint32_t family;
	const char *via;

	*route = (hf_route){0};
	if (!parse_u32(next_word(&cursor), &family) ||
	    !parse_prefixed(next_word(&cursor), &route->to, &route->prefix) || route->to.family != family)
		return -EBADMSG;
	via = next_word(&cursor);
	ways = next_word(&cursor);
	type = next_word(&cursor);
	if (!via || !type || !parse_u32(next_word(&cursor), &route->table) ||
	    !parse_u32(next_word(&cursor), &route->metric) ||
	    (strcmp(via, "-") != 0 && !hf_ip_parse(via, &route->via)))
		return -EBADMSG;
	/* a route for some packets only decides nothing; "throw" hands on to the next table */
	bool is_partial = next_word(&cursor) || strcmp(type, "throw") == 0;

	route->is_refused = strcmp(type, "unicast") != 0;
	list->netns->has_policy_routing |= is_partial;
	int r = read_ways(list, route, ways);

	list->count += r == 0 && !is_partial;
	return r;
}

int hf_net_parse_routes(hf_arena *arena, const char *text, size_t size, hf_netns *netns, hf_net_ways *ways,
			const char **ret_cut)
{
	routes list = {
		.arena = arena,
		.netns = netns,
		.ways = ways,
		.all = hf_arena_calloc(arena, count_lines(text, size) + 1, sizeof *list.all),
	};
	int r = list.all ? each_line(arena, text, size, read_route_line, &list, ret_cut) : -ENOMEM;

	if (r < 0)
		return r;
	netns->routes = list.all;
	netns->route_count = list.count;
	return 0;
}

/* ---- rules ---- */

typedef struct rules {
	bool is_policy;
	bool has_ipv4, has_ipv6;	   /* any rule */
	bool has_main_ipv4, has_main_ipv6; /* the one that looks into table main */
} rules;

/* "FAMILY PRIORITY TABLE WORD…": those that every namespace has ask tables local, main, default, in this order. */
static int read_rule_line(char *line, void *data)
{
	static const struct {
		uint32_t priority;
		uint32_t table;
	} usual[] = {{0, RT_TABLE_LOCAL}, {32766, RT_TABLE_MAIN}, {32767, RT_TABLE_DEFAULT}};
	rules *list = data;
	char *cursor = line;
	uint32_t family, priority, table;
	bool is_usual = false;

	if (!parse_u32(next_word(&cursor), &family) || (family != 4 && family != 6) ||
	    !parse_u32(next_word(&cursor), &priority) || !parse_u32(next_word(&cursor), &table))
		return -EBADMSG;
	bool is_plain = !next_word(&cursor);

	for (size_t i = 0; i < HF_ARRAY_SIZE(usual); i++)
		is_usual |= is_plain && usual[i].priority == priority && usual[i].table == table;
	list->is_policy |= !is_usual;
	*(family == 4 ? &list->has_ipv4 : &list->has_ipv6) = true;
	if (is_usual && table == RT_TABLE_MAIN)
		*(family == 4 ? &list->has_main_ipv4 : &list->has_main_ipv6) = true;
	return 0;
}

int hf_net_parse_rules(hf_arena *arena, const char *text, size_t size, bool *ret_policy, const char **ret_cut)
{
	rules list = {0};
	int r = each_line(arena, text, size, read_rule_line, &list, ret_cut);

	if (r < 0)
		return r;
	*ret_policy = list.is_policy || (list.has_ipv4 && !list.has_main_ipv4) ||
		      (list.has_ipv6 && !list.has_main_ipv6);
	return 0;
}

/* ---- settings ---- */

typedef struct sysctls {
	hf_arena *arena;
	hf_map *map;
} sysctls;

/* "NAME VALUE", "NAME !ERRNO" */
static int read_sysctl_line(char *line, void *data)
{
	sysctls *list = data;
	char *cursor = line, *name = next_word(&cursor), *value = next_word(&cursor);
	hf_sysctl *setting = hf_arena_alloc(list->arena, sizeof *setting);

	if (!setting)
		return -ENOMEM;
	if (!name || !value || next_word(&cursor) || !unescape(name) || !*name)
		return -EBADMSG;
	setting->fact.source = name;
	setting->text = "";
	if (*value == '!') {
		int error = hf_errno_number(value + 1);

		if (!error)
			return -EBADMSG;
		setting->fact.state = error == ENOENT ? HF_ABSENT : HF_UNREADABLE;
		setting->fact.why = error == ENOENT ? "the network namespace has no such setting"
						    : strerror(error);
	} else {
		if (strcmp(value, "-") == 0)
			value = value + 1;
		if (!unescape(value))
			return -EBADMSG;
		setting->text = value;
		setting->is_number = hf_parse_i64(value, &setting->number) == 0;
	}
	return hf_map_put(list->map, name, setting);
}

int hf_net_parse_sysctls(hf_arena *arena, const char *text, size_t size, hf_map *map, const char **ret_cut)
{
	sysctls list = {.arena = arena, .map = map};

	return each_line(arena, text, size, read_sysctl_line, &list, ret_cut);
}

/* ---- static entries of bridges ---- */

/* "INDEX MAC WORD…" */
static int read_fdb_line(char *line, void *data)
{
	const links *list = data;
	hf_interface wanted = {0};
	char *cursor = line;

	if (!parse_index(next_word(&cursor), &wanted.index) || !next_word(&cursor))
		return -EBADMSG;
	hf_interface *port = list->count > 0 ? bsearch(&wanted, list->all, list->count, sizeof *list->all,
						       compare_links)
					     : NULL;

	if (port)
		port->has_static_mac = true;
	return 0;
}

int hf_net_parse_fdb(hf_arena *arena, const char *text, size_t size, hf_interface *interfaces, size_t count,
		     const char **ret_cut)
{
	links list = {.all = interfaces, .count = count};

	return each_line(arena, text, size, read_fdb_line, &list, ret_cut);
}
