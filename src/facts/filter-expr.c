/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables: one expression of a rule becomes one step.
 *
 * A function per expression. It returns false where it does not understand what it sees, and the
 * step is one that could do anything. Source of the meanings: linux/netfilter/nf_tables.h and the
 * kernel's net/netfilter/nft_*.c. */
#include "facts/filter-nft.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

typedef struct expression {
	const hf_nft_reading *reading;
	const char *family;
	const char *table;
	const char *name;
	const struct nlattr *data; /* NFTA_EXPR_DATA, or NULL */
} expression;

enum { ATTRIBUTES_MAX = 32 };

static bool attributes(const expression *e, const struct nlattr **attrs, unsigned max)
{
	return hf_nft_nested(e->data, attrs, max);
}

/* nft_parse_register(): the first four hold 16 bytes each, the others four. */
static bool read_register(const struct nlattr *attr, uint32_t size, uint8_t *ret_word)
{
	uint32_t number, word;

	if (!hf_nft_u32(attr, &number))
		return false;
	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		word = number * (NFT_REG_SIZE / NFT_REG32_SIZE);
	else if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		word = number + NFT_REG_SIZE / NFT_REG32_SIZE - NFT_REG32_00;
	else
		return false;
	if (size == 0 || size > HF_REGISTER_BYTES || word * 4 + size > HF_REGISTER_BYTES)
		return false;
	*ret_word = (uint8_t)word;
	return true;
}

static bool read_optional_register(const struct nlattr *attr, uint8_t *ret_word)
{
	*ret_word = 0;
	return !attr || read_register(attr, 1, ret_word);
}

static bool read_value(const expression *e, const struct nlattr *attr, const uint8_t **ret_bytes,
		       uint32_t *ret_size)
{
	hf_ruling ruling;

	return hf_nft_data(e->reading, e->family, e->table, attr, ret_bytes, ret_size, &ruling) &&
	       *ret_bytes;
}

/* ---- loads ---- */

static uint8_t meta_size(uint32_t key)
{
	switch (key) {
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
	case NFT_META_BRI_IIFNAME:
	case NFT_META_BRI_OIFNAME:
	case NFT_META_IIFKIND:
	case NFT_META_OIFKIND:
	case NFT_META_SDIFNAME:
		return 16;
	case NFT_META_TIME_NS:
		return 8;
	case NFT_META_PROTOCOL:
	case NFT_META_IIFTYPE:
	case NFT_META_OIFTYPE:
	case NFT_META_BRI_IIFPVID:
	case NFT_META_BRI_IIFVPROTO:
		return 2;
	case NFT_META_NFPROTO:
	case NFT_META_L4PROTO:
	case NFT_META_PKTTYPE:
	case NFT_META_TIME_DAY:
	case NFT_META_SECPATH:
	case NFT_META_NFTRACE:
		return 1;
	default:
		return 4;
	}
}

static bool read_meta(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_META_MAX + 1];
	uint32_t key;

	if (!attributes(e, attrs, NFTA_META_MAX) || !hf_nft_u32(attrs[NFTA_META_KEY], &key) ||
	    key > UINT8_MAX)
		return false;
	step->what = (uint8_t)key;
	step->size = meta_size(key);
	step->kind = attrs[NFTA_META_SREG] ? HF_STEP_SET_META : HF_STEP_META;
	return step->kind == HF_STEP_SET_META
		       ? read_register(attrs[NFTA_META_SREG], step->size, &step->sreg)
		       : read_register(attrs[NFTA_META_DREG], step->size, &step->dreg);
}

static bool read_payload(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_PAYLOAD_MAX + 1];
	uint32_t base, offset, size;

	if (!attributes(e, attrs, NFTA_PAYLOAD_MAX) || !hf_nft_u32(attrs[NFTA_PAYLOAD_BASE], &base) ||
	    !hf_nft_u32(attrs[NFTA_PAYLOAD_OFFSET], &offset) ||
	    !hf_nft_u32(attrs[NFTA_PAYLOAD_LEN], &size) || size == 0 || size > NFT_DATA_VALUE_MAXLEN)
		return false;
	step->kind = attrs[NFTA_PAYLOAD_SREG] ? HF_STEP_SET_PAYLOAD : HF_STEP_PAYLOAD;
	step->size = (uint8_t)size;
	/* what lies past the headers is not known: any large offset says that */
	step->offset = offset > UINT8_MAX ? UINT8_MAX : (uint8_t)offset;
	step->what = base > UINT8_MAX ? UINT8_MAX : (uint8_t)base;
	return step->kind == HF_STEP_SET_PAYLOAD
		       ? read_register(attrs[NFTA_PAYLOAD_SREG], size, &step->sreg)
		       : read_register(attrs[NFTA_PAYLOAD_DREG], size, &step->dreg);
}

static uint8_t ct_size(const expression *e, uint32_t key)
{
	switch (key) {
	case NFT_CT_DIRECTION:
	case NFT_CT_L3PROTOCOL:
	case NFT_CT_PROTOCOL:
		return 1;
	case NFT_CT_PROTO_SRC:
	case NFT_CT_PROTO_DST:
	case NFT_CT_ZONE:
		return 2;
	case NFT_CT_PKTS:
	case NFT_CT_BYTES:
	case NFT_CT_AVGPKT:
		return 8;
	case NFT_CT_HELPER:
	case NFT_CT_LABELS:
	case NFT_CT_SRC_IP6:
	case NFT_CT_DST_IP6:
		return 16;
	case NFT_CT_SRC:
	case NFT_CT_DST:
		return strcmp(e->family, "ip") == 0 ? 4 : 16;
	default:
		return 4;
	}
}

static bool read_ct(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_CT_MAX + 1];
	uint32_t key;

	if (!attributes(e, attrs, NFTA_CT_MAX) || !hf_nft_u32(attrs[NFTA_CT_KEY], &key) ||
	    key > UINT8_MAX)
		return false;
	step->what = (uint8_t)key;
	step->size = ct_size(e, key);
	step->offset = 2;
	if (attrs[NFTA_CT_DIRECTION]) {
		if (mnl_attr_get_payload_len(attrs[NFTA_CT_DIRECTION]) != 1)
			return false;
		step->offset = mnl_attr_get_u8(attrs[NFTA_CT_DIRECTION]);
	}
	step->kind = attrs[NFTA_CT_SREG] ? HF_STEP_SET_CT : HF_STEP_CT;
	return step->kind == HF_STEP_SET_CT
		       ? read_register(attrs[NFTA_CT_SREG], step->size, &step->sreg)
		       : read_register(attrs[NFTA_CT_DREG], step->size, &step->dreg);
}

static bool read_fib(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_FIB_MAX + 1];
	uint32_t result, flags;

	if (!attributes(e, attrs, NFTA_FIB_MAX) || !hf_nft_u32(attrs[NFTA_FIB_RESULT], &result) ||
	    !hf_nft_u32(attrs[NFTA_FIB_FLAGS], &flags) || result > NFT_FIB_RESULT_ADDRTYPE ||
	    flags > UINT8_MAX)
		return false;
	step->kind = HF_STEP_FIB;
	step->what = (uint8_t)result;
	step->offset = (uint8_t)flags;
	step->size = result == NFT_FIB_RESULT_OIFNAME && !(flags & NFTA_FIB_F_PRESENT) ? 16 : 4;
	return read_register(attrs[NFTA_FIB_DREG], step->size, &step->dreg);
}

/* Loads whose result cannot be known beforehand; the registers' attributes have different numbers. */
static bool read_unknown_load(const expression *e, hf_filter_step *step, unsigned attribute,
			      uint32_t size)
{
	const struct nlattr *attrs[ATTRIBUTES_MAX + 1];

	if (!attributes(e, attrs, ATTRIBUTES_MAX))
		return false;
	step->kind = HF_STEP_LOAD_UNKNOWN;
	step->size = (uint8_t)size;
	step->word = e->name;
	return read_register(attrs[attribute], size, &step->dreg);
}

static bool read_rt(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_RT_MAX + 1];
	uint32_t key;

	(void)attributes(e, attrs, NFTA_RT_MAX);
	return hf_nft_u32(attrs[NFTA_RT_KEY], &key) &&
	       read_unknown_load(e, step, NFTA_RT_DREG, key == NFT_RT_NEXTHOP6 ? 16 : 4);
}

static bool read_numgen(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_NG_DREG, 4);
}

static bool read_hash(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_HASH_DREG, 4);
}

static bool read_socket(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_SOCKET_DREG, 8);
}

static bool read_osf(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_OSF_DREG, 16);
}

static bool read_xfrm(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_XFRM_DREG, 16);
}

static bool read_tunnel(const expression *e, hf_filter_step *step)
{
	return read_unknown_load(e, step, NFTA_TUNNEL_DREG, 4);
}

/* Without a register it changes a TCP option: the path of a packet does not depend on that. */
static bool read_exthdr(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_EXTHDR_MAX + 1];
	uint32_t size;

	if (!attributes(e, attrs, NFTA_EXTHDR_MAX))
		return false;
	if (!attrs[NFTA_EXTHDR_DREG]) {
		step->kind = HF_STEP_NOTHING;
		step->word = "tcp option set";
		return true;
	}
	return hf_nft_u32(attrs[NFTA_EXTHDR_LEN], &size) && size <= NFT_DATA_VALUE_MAXLEN &&
	       read_unknown_load(e, step, NFTA_EXTHDR_DREG, size);
}

static bool read_immediate(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_IMMEDIATE_MAX + 1];
	const uint8_t *bytes;
	hf_ruling ruling;
	uint32_t size;

	if (!attributes(e, attrs, NFTA_IMMEDIATE_MAX) ||
	    !hf_nft_data(e->reading, e->family, e->table, attrs[NFTA_IMMEDIATE_DATA], &bytes, &size,
			 &ruling))
		return false;
	if (!bytes) {
		step->kind = HF_STEP_VERDICT;
		step->ruling = ruling;
		return true;
	}
	step->kind = HF_STEP_IMMEDIATE;
	step->data = bytes;
	step->size = (uint8_t)size;
	return read_register(attrs[NFTA_IMMEDIATE_DREG], size, &step->dreg);
}

/* ---- comparisons and arithmetic ---- */

static bool read_cmp(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_CMP_MAX + 1];
	uint32_t op, size;

	if (!attributes(e, attrs, NFTA_CMP_MAX) || !hf_nft_u32(attrs[NFTA_CMP_OP], &op) ||
	    op > NFT_CMP_GTE || !read_value(e, attrs[NFTA_CMP_DATA], &step->data, &size))
		return false;
	step->kind = HF_STEP_COMPARE;
	step->what = (uint8_t)op;
	step->size = (uint8_t)size;
	return read_register(attrs[NFTA_CMP_SREG], size, &step->sreg);
}

static bool read_range(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_RANGE_MAX + 1];
	uint32_t op, size, other;

	if (!attributes(e, attrs, NFTA_RANGE_MAX) || !hf_nft_u32(attrs[NFTA_RANGE_OP], &op) ||
	    op > NFT_RANGE_NEQ || !read_value(e, attrs[NFTA_RANGE_FROM_DATA], &step->data, &size) ||
	    !read_value(e, attrs[NFTA_RANGE_TO_DATA], &step->more, &other) || size != other)
		return false;
	step->kind = HF_STEP_RANGE;
	step->is_inverted = op == NFT_RANGE_NEQ;
	step->size = (uint8_t)size;
	return read_register(attrs[NFTA_RANGE_SREG], size, &step->sreg);
}

static bool read_shift(const expression *e, const struct nlattr *attr, hf_filter_step *step)
{
	const uint8_t *bytes;
	uint32_t size, bits;

	if (!read_value(e, attr, &bytes, &size) || size != sizeof bits)
		return false;
	memcpy(&bits, bytes, sizeof bits);
	step->offset = (uint8_t)bits;
	return bits < 32;
}

static bool read_bitwise(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_BITWISE_MAX + 1];
	uint32_t op = NFT_BITWISE_BOOL, size, one, two;

	if (!attributes(e, attrs, NFTA_BITWISE_MAX) || !hf_nft_u32(attrs[NFTA_BITWISE_LEN], &size) ||
	    size > NFT_DATA_VALUE_MAXLEN || (attrs[NFTA_BITWISE_OP] && !hf_nft_u32(attrs[NFTA_BITWISE_OP], &op)) ||
	    !read_register(attrs[NFTA_BITWISE_SREG], size, &step->sreg) ||
	    !read_register(attrs[NFTA_BITWISE_DREG], size, &step->dreg))
		return false;
	step->kind = HF_STEP_BITWISE;
	step->size = (uint8_t)size;
	if (op == NFT_BITWISE_LSHIFT || op == NFT_BITWISE_RSHIFT) {
		step->what = op == NFT_BITWISE_LSHIFT ? HF_BITWISE_LEFT : HF_BITWISE_RIGHT;
		return size % 4 == 0 && read_shift(e, attrs[NFTA_BITWISE_DATA], step);
	}
	step->what = HF_BITWISE_MASK_XOR;
	/* between two registers (since 6.13) it has none of both */
	return op == NFT_BITWISE_BOOL && read_value(e, attrs[NFTA_BITWISE_MASK], &step->data, &one) &&
	       read_value(e, attrs[NFTA_BITWISE_XOR], &step->more, &two) && one == size && two == size;
}

static bool read_byteorder(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_BYTEORDER_MAX + 1];
	uint32_t size, length;

	if (!attributes(e, attrs, NFTA_BYTEORDER_MAX) ||
	    !hf_nft_u32(attrs[NFTA_BYTEORDER_LEN], &length) ||
	    !hf_nft_u32(attrs[NFTA_BYTEORDER_SIZE], &size) || length > NFT_DATA_VALUE_MAXLEN ||
	    (size != 2 && size != 4 && size != 8))
		return false;
	step->kind = HF_STEP_BYTEORDER;
	step->offset = (uint8_t)size;
	step->size = (uint8_t)length;
	return read_register(attrs[NFTA_BYTEORDER_SREG], length, &step->sreg) &&
	       read_register(attrs[NFTA_BYTEORDER_DREG], length, &step->dreg);
}

/* ---- sets ---- */

static bool read_lookup(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_LOOKUP_MAX + 1];
	uint32_t flags = 0;

	if (!attributes(e, attrs, NFTA_LOOKUP_MAX) ||
	    (attrs[NFTA_LOOKUP_FLAGS] && !hf_nft_u32(attrs[NFTA_LOOKUP_FLAGS], &flags)) ||
	    (flags & ~(uint32_t)NFT_LOOKUP_F_INV))
		return false;
	const char *name = hf_nft_text(attrs[NFTA_LOOKUP_SET]);
	const hf_filter_set *set =
		name ? hf_nft_find_set(e->reading, e->family, e->table, name) : NULL;

	if (!set || !read_register(attrs[NFTA_LOOKUP_SREG], set->key_size, &step->sreg))
		return false;
	step->kind = HF_STEP_LOOKUP;
	step->set = set;
	step->is_inverted = flags & NFT_LOOKUP_F_INV;
	step->has_result = attrs[NFTA_LOOKUP_DREG];
	if (!step->has_result)
		return true;
	/* register 0 takes verdicts */
	return set->has_verdicts ||
	       (set->data_size > 0 &&
		read_register(attrs[NFTA_LOOKUP_DREG], set->data_size, &step->dreg));
}

static bool read_dynset(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_DYNSET_MAX + 1];

	(void)attributes(e, attrs, NFTA_DYNSET_MAX);
	const char *name = hf_nft_text(attrs[NFTA_DYNSET_SET_NAME]);
	hf_filter_set *set = name ? hf_nft_find_set(e->reading, e->family, e->table, name) : NULL;

	if (!set)
		return false;
	set->is_filled_by_rules = true;
	step->kind = HF_STEP_FILL;
	step->set = set;
	return true;
}

static bool read_objref(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_OBJREF_MAX + 1];
	uint32_t type = NFT_OBJECT_UNSPEC;

	if (!attributes(e, attrs, NFTA_OBJREF_MAX))
		return false;
	/* of a map of objects the type is the map's: it could be any */
	(void)hf_nft_u32(attrs[NFTA_OBJREF_IMM_TYPE], &type);
	switch (type) {
	case NFT_OBJECT_COUNTER:
	case NFT_OBJECT_CT_HELPER:
	case NFT_OBJECT_CT_TIMEOUT:
	case NFT_OBJECT_CT_EXPECT:
	case NFT_OBJECT_SECMARK:
	case NFT_OBJECT_TUNNEL:
		step->kind = HF_STEP_NOTHING;
		break;
	case NFT_OBJECT_SYNPROXY:
		return false;
	default:
		step->kind = HF_STEP_UNCERTAIN;
		break;
	}
	step->word = e->name;
	return true;
}

/* ---- statements ---- */

static bool read_nat(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_NAT_MAX + 1];
	uint32_t type, family, flags = 0;

	if (!attributes(e, attrs, NFTA_NAT_MAX) || !hf_nft_u32(attrs[NFTA_NAT_TYPE], &type) ||
	    !hf_nft_u32(attrs[NFTA_NAT_FAMILY], &family) || type > NFT_NAT_DNAT ||
	    (attrs[NFTA_NAT_FLAGS] && !hf_nft_u32(attrs[NFTA_NAT_FLAGS], &flags)))
		return false;
	step->kind = HF_STEP_NAT;
	step->what = type == NFT_NAT_DNAT ? HF_NAT_DESTINATION : HF_NAT_SOURCE;
	step->nat.family = (uint8_t)family;
	step->nat.is_prefix = flags & NF_NAT_RANGE_NETMAP;
	if (!read_optional_register(attrs[NFTA_NAT_REG_ADDR_MIN], &step->nat.from) ||
	    !read_optional_register(attrs[NFTA_NAT_REG_ADDR_MAX], &step->nat.to) ||
	    !read_optional_register(attrs[NFTA_NAT_REG_PROTO_MIN], &step->nat.port_from) ||
	    !read_optional_register(attrs[NFTA_NAT_REG_PROTO_MAX], &step->nat.port_to))
		return false;
	if (!step->nat.to)
		step->nat.to = step->nat.from;
	if (!step->nat.port_to)
		step->nat.port_to = step->nat.port_from;
	return step->nat.from * 4 + 16 <= HF_REGISTER_BYTES && step->nat.to * 4 + 16 <= HF_REGISTER_BYTES;
}

static bool read_redir(const expression *e, hf_filter_step *step)
{
	const struct nlattr *attrs[NFTA_REDIR_MAX + 1];

	step->kind = HF_STEP_NAT;
	step->what = HF_NAT_REDIRECT;
	if (!attributes(e, attrs, NFTA_REDIR_MAX) ||
	    !read_optional_register(attrs[NFTA_REDIR_REG_PROTO_MIN], &step->nat.port_from) ||
	    !read_optional_register(attrs[NFTA_REDIR_REG_PROTO_MAX], &step->nat.port_to))
		return false;
	if (!step->nat.port_to)
		step->nat.port_to = step->nat.port_from;
	return true;
}

static bool read_masq(const expression *e, hf_filter_step *step)
{
	(void)e;
	step->kind = HF_STEP_NAT;
	step->what = HF_NAT_MASQUERADE;
	return true;
}

static bool read_reject(const expression *e, hf_filter_step *step)
{
	(void)e;
	step->kind = HF_STEP_VERDICT;
	step->ruling = (hf_ruling){.verdict = HF_VERDICT_REJECT, .chain = HF_NO_CHAIN};
	return true;
}

static bool read_notrack(const expression *e, hf_filter_step *step)
{
	(void)e;
	step->kind = HF_STEP_NOTRACK;
	return true;
}

static bool read_nothing(const expression *e, hf_filter_step *step)
{
	step->kind = HF_STEP_NOTHING;
	step->word = e->name;
	return true;
}

static bool read_uncertain(const expression *e, hf_filter_step *step)
{
	step->kind = HF_STEP_UNCERTAIN;
	step->word = e->name;
	return true;
}

/* ---- x_tables within nf_tables ---- */

static bool read_xt(const expression *e, hf_filter_step *step, bool is_target)
{
	const struct nlattr *attrs[NFTA_MATCH_MAX + 1];
	uint32_t revision;

	_Static_assert((int)NFTA_MATCH_NAME == (int)NFTA_TARGET_NAME &&
			       (int)NFTA_MATCH_REV == (int)NFTA_TARGET_REV &&
			       (int)NFTA_MATCH_INFO == (int)NFTA_TARGET_INFO,
		       "both have the same attributes");
	if (!attributes(e, attrs, NFTA_MATCH_MAX) || !hf_nft_u32(attrs[NFTA_MATCH_REV], &revision) ||
	    revision > UINT8_MAX || !attrs[NFTA_MATCH_INFO])
		return false;
	const char *name = hf_nft_text(attrs[NFTA_MATCH_NAME]);

	if (!name)
		return false;
	step->kind = is_target ? HF_STEP_XT_TARGET : HF_STEP_XT_MATCH;
	step->xt.name = name;
	step->xt.revision = (uint8_t)revision;
	step->xt.info = mnl_attr_get_payload(attrs[NFTA_MATCH_INFO]);
	step->xt.info_size = mnl_attr_get_payload_len(attrs[NFTA_MATCH_INFO]);
	if (is_target)
		step->xt.target = hf_xt_target_find(name, revision, step->xt.info_size);
	else
		step->xt.match = hf_xt_match_find(name, revision, step->xt.info_size);
	return true;
}

static bool read_match(const expression *e, hf_filter_step *step)
{
	return read_xt(e, step, false);
}

static bool read_target(const expression *e, hf_filter_step *step)
{
	return read_xt(e, step, true);
}

static const struct {
	const char *name;
	bool (*read)(const expression *e, hf_filter_step *step);
} expressions[] = {
	{"bitwise", read_bitwise},   {"byteorder", read_byteorder}, {"cmp", read_cmp},
	{"connlimit", read_uncertain}, {"counter", read_nothing},   {"ct", read_ct},
	{"dup", read_nothing},	     {"dynset", read_dynset},	    {"exthdr", read_exthdr},
	{"fib", read_fib},	     {"flow_offload", read_nothing}, {"hash", read_hash},
	{"immediate", read_immediate}, {"last", read_nothing},	    {"limit", read_uncertain},
	{"log", read_nothing},	     {"lookup", read_lookup},	    {"masq", read_masq},
	{"match", read_match},	     {"meta", read_meta},	    {"nat", read_nat},
	{"notrack", read_notrack},   {"numgen", read_numgen},	    {"objref", read_objref},
	{"osf", read_osf},	     {"payload", read_payload},	    {"quota", read_uncertain},
	{"range", read_range},	     {"redir", read_redir},	    {"reject", read_reject},
	{"rt", read_rt},	     {"socket", read_socket},	    {"target", read_target},
	{"tunnel", read_tunnel},     {"xfrm", read_xfrm},
};

void hf_nft_step(const hf_nft_reading *reading, const char *family, const char *table,
		 const struct nlattr *outer, hf_filter_step *ret_step)
{
	const struct nlattr *attrs[NFTA_EXPR_MAX + 1];
	expression e = {.reading = reading, .family = family, .table = table};
	bool known = hf_nft_nested(outer, attrs, NFTA_EXPR_MAX);

	e.name = hf_nft_text(attrs[NFTA_EXPR_NAME]);
	e.data = attrs[NFTA_EXPR_DATA];
	for (size_t i = 0; known && e.name && i < HF_ARRAY_SIZE(expressions); i++) {
		hf_filter_step step = {0};

		if (strcmp(expressions[i].name, e.name) != 0)
			continue;
		if (!expressions[i].read(&e, &step))
			break;
		*ret_step = step;
		return;
	}
	*ret_step = (hf_filter_step){.kind = HF_STEP_UNKNOWN, .word = e.name ? e.name : "?"};
}
