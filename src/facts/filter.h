/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet filter in a form of our own: chains of rules, rules of steps, which nf_tables and the legacy tables share.
 *
 * A step of nf_tables is one of its expressions; it works on registers as the kernel's does. Matches
 * and targets of x_tables are steps, too, whether a legacy table has them or a rule that iptables-nft
 * made. All pointers into data point into the copy of the answers that the filter keeps. */
#ifndef HF_FACTS_FILTER_H
#define HF_FACTS_FILTER_H

#include <holdfast/network.h>

#include "base/base.h"
#include "facts/store.h"

/* ---- verdicts ---- */

typedef enum hf_verdict {
	HF_VERDICT_CONTINUE = 0, /* the next step of the rule */
	HF_VERDICT_BREAK,	 /* the next rule */
	HF_VERDICT_ACCEPT,
	HF_VERDICT_DROP,
	HF_VERDICT_REJECT,
	HF_VERDICT_JUMP,
	HF_VERDICT_GOTO,
	HF_VERDICT_RETURN,
	HF_VERDICT_UNKNOWN /* handed to a process, to another host, or not understood */
} hf_verdict;

enum { HF_NO_CHAIN = UINT32_MAX };

typedef struct hf_ruling {
	hf_verdict verdict;
	uint32_t chain; /* of a jump or goto: index into hf_filter.chains */
} hf_ruling;

/* ---- sets ---- */

typedef struct hf_set_element {
	const uint8_t *key;  /* NULL: matches what no other does */
	const uint8_t *end;  /* last key of the range; equal to .key */
	const uint8_t *data; /* of a map; NULL in a map of verdicts */
	uint32_t data_size;
	hf_ruling ruling;
	bool is_uncertain; /* has a limit or the like of its own */
} hf_set_element;

enum { HF_SET_FIELDS_MAX = 16 };

typedef struct hf_filter_set {
	const char *family;
	const char *table;
	const char *name;
	uint32_t flags; /* NFT_SET_* */
	uint32_t key_size;
	uint32_t data_size;
	bool has_verdicts;
	bool is_uncertain; /* its elements were not all read or understood, or its elements have conditions of their own */
	bool is_filled_by_rules;
	uint32_t fields[HF_SET_FIELDS_MAX]; /* bytes of each part of a concatenation with ranges */
	uint32_t field_count;
	hf_set_element *elements; /* sorted by .key; ranges do not overlap but in a concatenation */
	size_t count;
	hf_set_element *rest; /* "catchall", or NULL */
} hf_filter_set;

/* ---- steps and rules ---- */

typedef enum hf_step_kind {
	HF_STEP_META = 1, /* .what NFT_META_*; loads into .dreg */
	HF_STEP_PAYLOAD,  /* .what NFT_PAYLOAD_*_HEADER, .offset, .size */
	HF_STEP_CT,	  /* .what NFT_CT_*, .offset 0 original, 1 reply, 2 none */
	HF_STEP_FIB,	  /* .what NFT_FIB_RESULT_*, .offset NFTA_FIB_F_* */
	HF_STEP_LOAD_UNKNOWN, /* loads what cannot be known, or breaks */
	HF_STEP_IMMEDIATE,    /* .data */
	HF_STEP_COMPARE,      /* .what NFT_CMP_*, .data */
	HF_STEP_RANGE,	      /* .data to .more; .is_inverted */
	HF_STEP_BITWISE,      /* .what hf_bitwise; .data mask, .more xor; shift: .offset */
	HF_STEP_BYTEORDER,    /* .offset bytes of each piece */
	HF_STEP_LOOKUP,	      /* .set; with .has_result into .dreg */
	HF_STEP_UNCERTAIN,    /* a condition that cannot be known: limit, quota … */
	HF_STEP_SET_META,
	HF_STEP_SET_PAYLOAD,
	HF_STEP_SET_CT,
	HF_STEP_FILL, /* adds to .set */
	HF_STEP_NOTRACK,
	HF_STEP_NAT,	 /* .what hf_nat_kind */
	HF_STEP_VERDICT, /* .ruling */
	HF_STEP_NOTHING, /* counter, log, comment */
	HF_STEP_UNKNOWN, /* not understood: it could do anything */
	HF_STEP_HEADER,	 /* struct ipt_ip or ip6t_ip6 of a legacy rule */
	HF_STEP_XT_MATCH,
	HF_STEP_XT_TARGET
} hf_step_kind;

typedef enum hf_bitwise { HF_BITWISE_MASK_XOR, HF_BITWISE_LEFT, HF_BITWISE_RIGHT } hf_bitwise;

typedef enum hf_nat_kind { HF_NAT_SOURCE = 1, HF_NAT_DESTINATION, HF_NAT_MASQUERADE, HF_NAT_REDIRECT } hf_nat_kind;

/* Registers are counted in words of four bytes, as the kernel keeps them; the first four hold the verdict. */
enum { HF_REGISTER_WORDS = 20, HF_REGISTER_BYTES = 80 };

typedef struct hf_xt_match_row hf_xt_match_row;
typedef struct hf_xt_target_row hf_xt_target_row;

typedef struct hf_filter_step {
	uint8_t kind;
	uint8_t sreg; /* word */
	uint8_t dreg;
	uint8_t size; /* bytes that are loaded, compared, changed */
	uint8_t what;
	uint8_t offset;
	bool is_inverted;
	bool has_result;
	union {
		struct {
			const uint8_t *data;
			const uint8_t *more;
		};
		const hf_filter_set *set;
		hf_ruling ruling;
		struct {
			uint8_t family;			      /* NFPROTO_*, 0 not told */
			uint8_t from, to, port_from, port_to; /* words; 0 none */
			bool is_prefix;			      /* keeps the bits that both ends share */
		} nat;
		struct {
			const char *name; /* of the match or target */
			const uint8_t *info;
			uint32_t info_size;
			uint8_t revision;
			union {
				const hf_xt_match_row *match; /* NULL: not known */
				const hf_xt_target_row *target;
			};
		} xt;
		const char *word; /* of a step that is not understood or does nothing: its name */
	};
} hf_filter_step;

typedef struct hf_filter_rule {
	const hf_filter_step *steps;
	uint32_t count;
	const char *malformed; /* why it could not be read; or NULL */
} hf_filter_rule;

/* ---- chains ---- */

typedef struct hf_filter_chain_body {
	hf_filter_rule *rules; /* as many as .rule_count of its hf_filter_chain */
	size_t room;
	uint8_t hook;	       /* of a base chain: NF_INET_* (of bridge NF_BR_*, of netdev NF_NETDEV_*) */
	bool is_nat;
	uint8_t xt_family;     /* NFPROTO_IPV4 or _IPV6 of a legacy table; else 0 */
	const char *const *devices; /* of ingress and egress; NULL-terminated */
	uint64_t age;	       /* the larger, the younger: of those with equal priority it comes first */
} hf_filter_chain_body;

typedef struct hf_filter {
	hf_packet_filter seen;	   /* .chains are a sorted copy of those below */
	uint32_t *seen_at;	   /* where each of .chains is in .seen.chains */
	uint32_t *chain_at;	   /* and back */
	hf_filter_chain *chains;
	hf_filter_chain_body *bodies; /* parallel to .chains */
	size_t chain_count, chain_room, rule_count;
	hf_filter_set *sets;
	size_t set_count;
} hf_filter;

enum { HF_FILTER_CHAINS_MAX = 100000, HF_FILTER_RULES_MAX = 400000, HF_FILTER_SETS_MAX = 40000 };

/* ---- building ---- */

/* Bytes of a netlink dump; .data NULL: none. */
typedef struct hf_nft_dump {
	const char *data;
	size_t size;
} hf_nft_dump;

typedef struct hf_nft_dumps {
	hf_nft_dump tables, chains, rules, sets, elements;
} hf_nft_dumps;

/* Adds what nf_tables holds to @filter. 0, -EBADMSG, -E2BIG or -ENOMEM. */
int hf_filter_add_nft(hf_arena *arena, hf_filter *filter, const hf_nft_dumps *dumps);

/* Adds a legacy table; @data as in call:xt/ipv4/TABLE. */
int hf_filter_add_legacy(hf_arena *arena, hf_filter *filter, bool is_ipv6, const char *table,
			 const char *data, size_t size);

/* Sorts the chains, and tells who made them. To be called once all were added. */
int hf_filter_finish(hf_arena *arena, hf_filter *filter);

/* Room for one more chain, zeroed: its index, or a negative errno. */
int64_t hf_filter_new_chain(hf_arena *arena, hf_filter *filter);
/* The next rule of @chain; NULL without memory, or where they are too many. */
hf_filter_rule *hf_filter_new_rule(hf_arena *arena, hf_filter *filter, uint32_t chain);

/* Who makes chains of this table and name, or NULL. */
const char *hf_filter_owner(const hf_filter_chain *chain);

/* ---- matches and targets of x_tables: filter-xt.c ---- */

const hf_xt_match_row *hf_xt_match_find(const char *name, uint32_t revision, size_t size);
const hf_xt_target_row *hf_xt_target_find(const char *name, uint32_t revision, size_t size);
/* Nothing but the rule's own verdict comes of the target: LOG, TCPMSS … */
bool hf_xt_target_is_idle(const hf_filter_step *step);
/* Where a DNAT target leads; false: it is no such, or to several places. A port of 0: it stays. */
bool hf_xt_target_destination(const hf_filter_step *step, uint8_t family, hf_ip *ret_to,
			      uint16_t *ret_port, uint16_t *ret_last_port);

void hf_xt_match_text(hf_buffer *text, const hf_filter_step *step);
/* @family: 4 or 6 */
void hf_xt_target_text(hf_buffer *text, const hf_filter_step *step, uint8_t family);

/* ---- text ---- */

/* The rule in words like those of nft(8); bounded, without control characters. */
void hf_filter_rule_write(hf_buffer *text, const hf_filter *filter, uint32_t chain, size_t index);
/* "ip filter DOCKER-USER" */
void hf_filter_chain_write(hf_buffer *text, const hf_filter_chain *chain);

/* ---- walking ---- */

/* A setting of the node below /proc/sys; false: not known. */
typedef bool hf_filter_setting_fn(const void *data, const char *name, int64_t *ret_value);

typedef struct hf_filter_node {
	const hf_filter *filter;
	const hf_netns *netns;
	const hf_attachment *attachments;
	size_t attachment_count;
	bool may_have_ebtables; /* tables of ebtables-legacy, which are not read */
	hf_filter_setting_fn *setting;
	const void *setting_data;
} hf_filter_node;

/* Text and passage live in @arena. Without memory: NULL. */
const hf_passage *hf_filter_walk(hf_arena *arena, const hf_filter_node *node,
				 const hf_packet *packet);

/* ---- facts ---- */

const hf_filter *hf_facts_packet_filter(hf_facts *facts);
/* Destination translations of the rules whose target is an address, as hf_facts_rule_publications() tells them, but
 * that .container is NULL in each. -ENOMEM */
int hf_filter_publications(hf_arena *arena, const hf_filter *filter, hf_publications *ret);

#endif
