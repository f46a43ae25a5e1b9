/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts that read the messages of nf_tables: libmnl finds the attributes, linux/netfilter/nf_tables.h says what they
 * mean.
 *
 * libnftnl would do that too, but it refuses a rule of which it does not know one expression, and
 * leaves out attributes that are younger than itself: here an unknown expression is a step that is
 * not understood, and an unknown attribute makes its expression one. */
#ifndef HF_FACTS_FILTER_NFT_H
#define HF_FACTS_FILTER_NFT_H

#include "facts/filter.h"

#include "base/netlink.h"

typedef struct hf_nft_reading {
	hf_arena *arena;
	hf_filter *filter;
	hf_map dormant; /* "ip filter " -> not NULL */
	hf_map chains; /* "ip filter INPUT" -> index + 1 */
	hf_map sets;   /* "ip filter name" -> hf_filter_set */
	uint64_t uses; /* of chains, as the kernel counts them: their rules, and jumps to them */
} hf_nft_reading;

/* Attributes by type, @max of them; false where one is malformed or of a larger type. */
bool hf_nft_attributes(const void *data, size_t size, const struct nlattr **attrs, unsigned max);
bool hf_nft_nested(const struct nlattr *outer, const struct nlattr **attrs, unsigned max);

/* Each false where the attribute is missing or has another size. */
bool hf_nft_u32(const struct nlattr *attr, uint32_t *ret_value);
bool hf_nft_u64(const struct nlattr *attr, uint64_t *ret_value);
const char *hf_nft_text(const struct nlattr *attr); /* or NULL */

const char *hf_nft_family(uint8_t family); /* NFPROTO_* -> "ip"; NULL */

/* NFTA_DATA_VALUE or NFTA_DATA_VERDICT; false: neither. *ret_bytes is NULL for a verdict. */
bool hf_nft_data(const hf_nft_reading *reading, const char *family, const char *table,
		 const struct nlattr *outer, const uint8_t **ret_bytes, uint32_t *ret_size,
		 hf_ruling *ret_ruling);

hf_filter_set *hf_nft_find_set(const hf_nft_reading *reading, const char *family,
			       const char *table, const char *name);

/* The expression in @outer (NFTA_LIST_ELEM). What is not understood becomes HF_STEP_UNKNOWN. */
void hf_nft_step(const hf_nft_reading *reading, const char *family, const char *table,
		 const struct nlattr *outer, hf_filter_step *ret_step);

int hf_nft_read_sets(hf_nft_reading *reading, const hf_nft_dump *sets, const hf_nft_dump *elements);

/* Calls @fn with the attributes of each message of @type; stops at the first that fails. */
typedef int hf_nft_fn(hf_nft_reading *reading, uint8_t family, const void *attrs, size_t size);
int hf_nft_each(hf_nft_reading *reading, const hf_nft_dump *dump, unsigned type, hf_nft_fn *fn);

#endif
