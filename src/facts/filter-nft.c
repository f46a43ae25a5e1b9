/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables: chains and rules of the dumps. */
#include "facts/filter-nft.h"

#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

enum { STEPS_MAX = 128 }; /* NFT_RULE_MAXEXPRS */

/* ---- attributes ---- */

bool hf_nft_attributes(const void *data, size_t size, const struct nlattr **attrs, unsigned max)
{
	hf_netlink_run list = hf_netlink_run_of(data, size);
	const struct nlattr *attr;
	bool known = true;

	memset(attrs, 0, (max + 1) * sizeof *attrs);
	while ((attr = hf_netlink_attribute(&list))) {
		unsigned type = mnl_attr_get_type(attr);

		if (type > max)
			known = false;
		else
			attrs[type] = attr;
	}
	return known && list.left == 0;
}

bool hf_nft_nested(const struct nlattr *outer, const struct nlattr **attrs, unsigned max)
{
	if (!outer) {
		memset(attrs, 0, (max + 1) * sizeof *attrs);
		return false;
	}
	return hf_nft_attributes(mnl_attr_get_payload(outer), mnl_attr_get_payload_len(outer), attrs,
				 max);
}

bool hf_nft_u32(const struct nlattr *attr, uint32_t *ret_value)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
		return false;
	*ret_value = be32toh(mnl_attr_get_u32(attr));
	return true;
}

bool hf_nft_u64(const struct nlattr *attr, uint64_t *ret_value)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
		return false;
	*ret_value = be64toh(mnl_attr_get_u64(attr));
	return true;
}

const char *hf_nft_text(const struct nlattr *attr)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 ? mnl_attr_get_str(attr)
									  : NULL;
}

const char *hf_nft_family(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_ARP:
		return "arp";
	default:
		return NULL;
	}
}

int hf_nft_each(hf_nft_reading *reading, const hf_nft_dump *dump, unsigned type, hf_nft_fn *fn)
{
	hf_netlink_run list = hf_netlink_run_of(dump->data, dump->size);
	int r = 0;

	while (r == 0 && list.left > 0) {
		const struct nlmsghdr *message = hf_netlink_message(&list);

		if (!message ||
		    message->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | type) ||
		    message->nlmsg_len < sizeof *message + sizeof(struct nfgenmsg))
			return -EBADMSG;
		const struct nfgenmsg *head = mnl_nlmsg_get_payload(message);

		r = fn(reading, head->nfgen_family,
		       mnl_nlmsg_get_payload_offset(message, sizeof *head),
		       mnl_nlmsg_get_payload_len(message) - sizeof *head);
	}
	return r;
}

/* ---- chains ---- */

static const char *hook_name(const char *family, uint32_t hook)
{
	static const char *const inet[] = {"prerouting", "input",	"forward",
					   "output",	 "postrouting", "ingress"};
	static const char *const netdev[] = {"ingress", "egress"};
	static const char *const arp[] = {"input", "output", "forward"};

	if (strcmp(family, "netdev") == 0)
		return hook < HF_ARRAY_SIZE(netdev) ? netdev[hook] : NULL;
	if (strcmp(family, "arp") == 0)
		return hook < HF_ARRAY_SIZE(arp) ? arp[hook] : NULL;
	return hook < HF_ARRAY_SIZE(inet) ? inet[hook] : NULL;
}

/* Names of devices: one attribute in older rules, a list in those with several. */
static int read_devices(const hf_nft_reading *reading, const struct nlattr *const *hook,
			hf_filter_chain_body *body)
{
	enum { DEVICES_MAX = 256 }; /* NFT_NETDEVICE_MAX */
	const char **names = hf_arena_calloc(reading->arena, DEVICES_MAX + 1, sizeof *names);
	const struct nlattr *attr;
	size_t count = 0;

	if (!names)
		return -ENOMEM;
	if (hook[NFTA_HOOK_DEV])
		names[count++] = hf_nft_text(hook[NFTA_HOOK_DEV]);
	if (hook[NFTA_HOOK_DEVS]) {
		count = 0;
		hf_netlink_run list = hf_netlink_nested(hook[NFTA_HOOK_DEVS]);

		while (count < DEVICES_MAX && (attr = hf_netlink_attribute(&list)))
			names[count++] = hf_nft_text(attr);
	}
	for (size_t i = 0; i < count; i++) {
		if (!names[i])
			return -EBADMSG;
	}
	body->devices = names;
	return 0;
}

static int read_hook(const hf_nft_reading *reading, const struct nlattr *const *attrs,
		     hf_filter_chain *chain, hf_filter_chain_body *body)
{
	const struct nlattr *hook[NFTA_HOOK_MAX + 1];
	uint32_t number, priority, policy = NF_ACCEPT;
	const char *type = hf_nft_text(attrs[NFTA_CHAIN_TYPE]);

	/* an attribute that is not known here could say that the chain does not hold: keep it */
	(void)hf_nft_nested(attrs[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX);
	if (!hf_nft_u32(hook[NFTA_HOOK_HOOKNUM], &number) ||
	    !hf_nft_u32(hook[NFTA_HOOK_PRIORITY], &priority) || number > UINT8_MAX)
		return -EBADMSG;
	(void)hf_nft_u32(attrs[NFTA_CHAIN_POLICY], &policy);
	chain->hook = hook_name(chain->family, number);
	if (!chain->hook)
		return -EBADMSG;
	chain->priority = (int32_t)priority;
	chain->drops = policy == NF_DROP;
	body->hook = (uint8_t)number;
	body->is_nat = hf_streq(type, "nat");
	return read_devices(reading, hook, body);
}

static const char *full_name(hf_arena *arena, const char *family, const char *table, const char *name)
{
	return hf_arena_printf(arena, "%s %s %s", family, table, name);
}

/* The chains of a dormant table are there, and at no hook. */
static int read_table(hf_nft_reading *reading, uint8_t family, const void *data, size_t size)
{
	const struct nlattr *attrs[NFTA_TABLE_MAX + 1];
	uint32_t flags = 0;

	(void)hf_nft_attributes(data, size, attrs, NFTA_TABLE_MAX);
	const char *word = hf_nft_family(family), *name = hf_nft_text(attrs[NFTA_TABLE_NAME]);

	if (!word || !name)
		return -EBADMSG;
	(void)hf_nft_u32(attrs[NFTA_TABLE_FLAGS], &flags);
	if (!(flags & NFT_TABLE_F_DORMANT))
		return 0;
	const char *key = full_name(reading->arena, word, name, "");

	return key ? hf_map_put(&reading->dormant, key, reading) : -ENOMEM;
}

static bool is_dormant(const hf_nft_reading *reading, const char *family, const char *table)
{
	const char *key = full_name(reading->arena, family, table, "");

	return key && hf_map_get(&reading->dormant, key);
}

static int read_chain(hf_nft_reading *reading, uint8_t family, const void *data, size_t size)
{
	const struct nlattr *attrs[NFTA_CHAIN_MAX + 1];

	(void)hf_nft_attributes(data, size, attrs, NFTA_CHAIN_MAX);
	const char *word = hf_nft_family(family), *table = hf_nft_text(attrs[NFTA_CHAIN_TABLE]);
	const char *name = hf_nft_text(attrs[NFTA_CHAIN_NAME]);
	uint32_t uses;

	if (!word || !table || !name)
		return -EBADMSG;
	if (hf_nft_u32(attrs[NFTA_CHAIN_USE], &uses))
		reading->uses += uses;
	int64_t index = hf_filter_new_chain(reading->arena, reading->filter);

	if (index < 0)
		return (int)index;
	hf_filter_chain *chain = &reading->filter->chains[index];
	hf_filter_chain_body *body = &reading->filter->bodies[index];

	chain->kind = HF_FILTER_NFT;
	chain->family = word;
	chain->table = table;
	chain->name = name;
	body->age = (uint64_t)index;
	if (attrs[NFTA_CHAIN_HOOK] && !is_dormant(reading, word, table)) {
		int r = read_hook(reading, attrs, chain, body);

		if (r < 0)
			return r;
	}
	const char *key = full_name(reading->arena, word, table, name);

	return key ? hf_map_put(&reading->chains, key, (void *)(uintptr_t)(index + 1)) : -ENOMEM;
}

static uint32_t find_chain(const hf_nft_reading *reading, const char *family, const char *table,
			   const char *name)
{
	const char *key = full_name(reading->arena, family, table, name);
	uintptr_t found = key ? (uintptr_t)hf_map_get(&reading->chains, key) : 0;

	return found ? (uint32_t)(found - 1) : HF_NO_CHAIN;
}

/* ---- data ---- */

static bool read_verdict(const hf_nft_reading *reading, const char *family, const char *table,
			 const struct nlattr *outer, hf_ruling *ret_ruling)
{
	const struct nlattr *attrs[NFTA_VERDICT_MAX + 1];
	hf_ruling ruling = {.chain = HF_NO_CHAIN};
	uint32_t code;

	if (!hf_nft_nested(outer, attrs, NFTA_VERDICT_MAX) ||
	    !hf_nft_u32(attrs[NFTA_VERDICT_CODE], &code))
		return false;
	switch ((int32_t)code) {
	case NFT_CONTINUE:
		ruling.verdict = HF_VERDICT_CONTINUE;
		break;
	case NFT_BREAK:
		ruling.verdict = HF_VERDICT_BREAK;
		break;
	case NFT_JUMP:
		ruling.verdict = HF_VERDICT_JUMP;
		break;
	case NFT_GOTO:
		ruling.verdict = HF_VERDICT_GOTO;
		break;
	case NFT_RETURN:
		ruling.verdict = HF_VERDICT_RETURN;
		break;
	case NF_ACCEPT:
		ruling.verdict = HF_VERDICT_ACCEPT;
		break;
	case NF_DROP:
		ruling.verdict = HF_VERDICT_DROP;
		break;
	default: /* NF_QUEUE with a number, NF_STOLEN */
		ruling.verdict = HF_VERDICT_UNKNOWN;
		break;
	}
	if (ruling.verdict == HF_VERDICT_JUMP || ruling.verdict == HF_VERDICT_GOTO) {
		const char *name = hf_nft_text(attrs[NFTA_VERDICT_CHAIN]);

		ruling.chain = name ? find_chain(reading, family, table, name) : HF_NO_CHAIN;
		if (ruling.chain == HF_NO_CHAIN)
			return false;
	}
	*ret_ruling = ruling;
	return true;
}

bool hf_nft_data(const hf_nft_reading *reading, const char *family, const char *table,
		 const struct nlattr *outer, const uint8_t **ret_bytes, uint32_t *ret_size,
		 hf_ruling *ret_ruling)
{
	const struct nlattr *attrs[NFTA_DATA_MAX + 1];

	if (!hf_nft_nested(outer, attrs, NFTA_DATA_MAX))
		return false;
	if (attrs[NFTA_DATA_VALUE]) {
		*ret_bytes = mnl_attr_get_payload(attrs[NFTA_DATA_VALUE]);
		*ret_size = mnl_attr_get_payload_len(attrs[NFTA_DATA_VALUE]);
		return *ret_size > 0 && *ret_size <= NFT_DATA_VALUE_MAXLEN;
	}
	*ret_bytes = NULL;
	*ret_size = 0;
	return attrs[NFTA_DATA_VERDICT] &&
	       read_verdict(reading, family, table, attrs[NFTA_DATA_VERDICT], ret_ruling);
}

/* ---- rules ---- */

static int read_steps(const hf_nft_reading *reading, const char *family, const char *table,
		      const struct nlattr *list, hf_filter_rule *rule)
{
	const struct nlattr *attr;
	size_t count = 0;

	if (!list)
		return 0;
	hf_netlink_run all = hf_netlink_nested(list), again = all;

	while (hf_netlink_attribute(&all))
		count++;
	if (count > STEPS_MAX) {
		rule->malformed = "more expressions than a rule can have";
		return 0;
	}
	hf_filter_step *steps = hf_arena_calloc(reading->arena, count + 1, sizeof *steps);

	if (!steps)
		return -ENOMEM;
	count = 0;
	while ((attr = hf_netlink_attribute(&again)))
		hf_nft_step(reading, family, table, attr, &steps[count++]);
	rule->steps = steps;
	rule->count = (uint32_t)count;
	return 0;
}

static int read_rule(hf_nft_reading *reading, uint8_t family, const void *data, size_t size)
{
	const struct nlattr *attrs[NFTA_RULE_MAX + 1];

	(void)hf_nft_attributes(data, size, attrs, NFTA_RULE_MAX);
	const char *word = hf_nft_family(family), *table = hf_nft_text(attrs[NFTA_RULE_TABLE]);
	const char *name = hf_nft_text(attrs[NFTA_RULE_CHAIN]);
	uint32_t chain = word && table && name ? find_chain(reading, word, table, name) : HF_NO_CHAIN;

	if (chain == HF_NO_CHAIN)
		return -EBADMSG;
	hf_filter_rule *rule = hf_filter_new_rule(reading->arena, reading->filter, chain);

	if (!rule)
		return -ENOMEM;
	return read_steps(reading, word, table, attrs[NFTA_RULE_EXPRESSIONS], rule);
}

/* ---- all of it ---- */

/* Attributes are read as numbers where they lie. */
static int align(hf_arena *arena, const hf_nft_dump *from, hf_nft_dump *ret_to)
{
	ret_to->size = from->size;
	ret_to->data = from->size ? hf_arena_memdup(arena, from->data, from->size) : "";
	return ret_to->data ? 0 : -ENOMEM;
}

int hf_filter_add_nft(hf_arena *arena, hf_filter *filter, const hf_nft_dumps *dumps)
{
	hf_nft_reading reading = {.arena = arena, .filter = filter};
	const hf_nft_dump *const all[] = {&dumps->tables, &dumps->chains, &dumps->rules,
					  &dumps->sets, &dumps->elements};
	hf_nft_dump own[HF_ARRAY_SIZE(all)];
	int r = 0;

	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(all); i++)
		r = align(arena, all[i], &own[i]);
	/* jumps name chains, lookups name sets, elements of maps name chains */
	if (r == 0)
		r = hf_nft_each(&reading, &own[0], NFT_MSG_NEWTABLE, read_table);
	if (r == 0)
		r = hf_nft_each(&reading, &own[1], NFT_MSG_NEWCHAIN, read_chain);
	if (r == 0)
		r = hf_nft_read_sets(&reading, &own[3], &own[4]);
	if (r == 0)
		r = hf_nft_each(&reading, &own[2], NFT_MSG_NEWRULE, read_rule);
	/* the kernel knows of rules that did not come with the others */
	if (r == 0 && own[2].size == 0 && reading.uses > 0)
		r = -EBADMSG;
	hf_map_free(&reading.dormant);
	hf_map_free(&reading.chains);
	hf_map_free(&reading.sets);
	return r;
}
