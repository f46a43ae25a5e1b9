/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables: sets, maps and their elements.
 *
 * A set of intervals comes as a list of ends: an element begins a range, the next one with the flag
 * INTERVAL_END is the first key past it; one without an end reaches to the last key (nft_set_rbtree.c).
 * In a concatenation of ranges each element has both its ends (nft_set_pipapo.c). */
#include "facts/filter-nft.h"

#include <linux/netfilter/nf_tables.h>

enum {
	ELEMENTS_MAX = 2000000,
	/* NFTA_SET_TYPE and NFTA_SET_COUNT of 6.16 tell nothing that matters here; another could */
	SET_ATTRIBUTE_MAX = NFTA_SET_EXPRESSIONS + 2,
};

/* ---- sets ---- */

static bool read_fields(const struct nlattr *concat, hf_filter_set *set)
{
	hf_netlink_run list = hf_netlink_nested(concat);
	const struct nlattr *attr;
	uint32_t whole = 0;

	while ((attr = hf_netlink_attribute(&list))) {
		const struct nlattr *field[NFTA_SET_FIELD_MAX + 1];
		uint32_t size;

		if (!hf_nft_nested(attr, field, NFTA_SET_FIELD_MAX) ||
		    !hf_nft_u32(field[NFTA_SET_FIELD_LEN], &size) || size == 0 || size > 64 ||
		    set->field_count >= HF_SET_FIELDS_MAX)
			return false;
		set->fields[set->field_count++] = size;
		whole += (size + 3) / 4 * 4; /* each begins a register */
	}
	return whole == set->key_size;
}

/* A counter for each element changes nothing; a limit does. */
static bool is_counter(const struct nlattr *outer)
{
	const struct nlattr *attrs[NFTA_EXPR_MAX + 1];

	return hf_nft_nested(outer, attrs, NFTA_EXPR_MAX) &&
	       (hf_streq(hf_nft_text(attrs[NFTA_EXPR_NAME]), "counter") ||
		hf_streq(hf_nft_text(attrs[NFTA_EXPR_NAME]), "last"));
}

static bool has_conditions(const struct nlattr *one, const struct nlattr *list)
{
	const struct nlattr *attr;

	if (one && !is_counter(one))
		return true;
	hf_netlink_run run = list ? hf_netlink_nested(list) : (hf_netlink_run){0};

	while (list && (attr = hf_netlink_attribute(&run))) {
		if (!is_counter(attr))
			return true;
	}
	return false;
}

static int read_set(hf_nft_reading *reading, uint8_t family, const void *data, size_t size)
{
	const struct nlattr *attrs[SET_ATTRIBUTE_MAX + 1], *desc[NFTA_SET_DESC_MAX + 1];
	hf_filter *filter = reading->filter;
	bool known = hf_nft_attributes(data, size, attrs, SET_ATTRIBUTE_MAX);
	hf_filter_set *set = &filter->sets[filter->set_count];
	uint32_t type = 0;

	set->family = hf_nft_family(family);
	set->table = hf_nft_text(attrs[NFTA_SET_TABLE]);
	set->name = hf_nft_text(attrs[NFTA_SET_NAME]);
	if (!set->family || !set->table || !set->name ||
	    !hf_nft_u32(attrs[NFTA_SET_KEY_LEN], &set->key_size) || set->key_size == 0 ||
	    set->key_size > NFT_DATA_VALUE_MAXLEN)
		return -EBADMSG;
	(void)hf_nft_u32(attrs[NFTA_SET_FLAGS], &set->flags);
	(void)hf_nft_u32(attrs[NFTA_SET_DATA_LEN], &set->data_size);
	(void)hf_nft_u32(attrs[NFTA_SET_DATA_TYPE], &type);
	set->has_verdicts = (set->flags & NFT_SET_MAP) && type == NFT_DATA_VERDICT;
	if (set->data_size > NFT_DATA_VALUE_MAXLEN)
		return -EBADMSG;
	set->is_uncertain = !known || (set->flags & NFT_SET_OBJECT) ||
			    has_conditions(attrs[NFTA_SET_EXPR], attrs[NFTA_SET_EXPRESSIONS]);
	if (attrs[NFTA_SET_DESC]) {
		(void)hf_nft_nested(attrs[NFTA_SET_DESC], desc, NFTA_SET_DESC_MAX);
		if (desc[NFTA_SET_DESC_CONCAT] && !read_fields(desc[NFTA_SET_DESC_CONCAT], set)) {
			set->field_count = 0;
			set->is_uncertain = true;
		}
	}
	const char *key = hf_arena_printf(reading->arena, "%s %s %s", set->family, set->table, set->name);

	if (!key)
		return -ENOMEM;
	filter->set_count++;
	return hf_map_put(&reading->sets, key, set);
}

hf_filter_set *hf_nft_find_set(const hf_nft_reading *reading, const char *family,
			       const char *table, const char *name)
{
	const char *key = hf_arena_printf(reading->arena, "%s %s %s", family, table, name);

	return key ? hf_map_get(&reading->sets, key) : NULL;
}

/* ---- elements ---- */

/* An element as it was sent: where a range begins or ends. */
typedef struct raw_element {
	hf_set_element seen;
	uint32_t flags;
} raw_element;

static bool read_key(const hf_nft_reading *reading, const hf_filter_set *set,
		     const struct nlattr *attr, const uint8_t **ret_key)
{
	hf_ruling ruling;
	uint32_t size;

	return hf_nft_data(reading, set->family, set->table, attr, ret_key, &size, &ruling) &&
	       *ret_key && size == set->key_size;
}

static bool read_element(const hf_nft_reading *reading, const hf_filter_set *set,
			 const struct nlattr *outer, raw_element *raw)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_MAX + 1];
	hf_set_element *seen = &raw->seen;
	bool known = hf_nft_nested(outer, attrs, NFTA_SET_ELEM_MAX);

	if (attrs[NFTA_SET_ELEM_FLAGS] && !hf_nft_u32(attrs[NFTA_SET_ELEM_FLAGS], &raw->flags))
		return false;
	if (!(raw->flags & NFT_SET_ELEM_CATCHALL) &&
	    !read_key(reading, set, attrs[NFTA_SET_ELEM_KEY], &seen->key))
		return false;
	seen->end = seen->key;
	if (attrs[NFTA_SET_ELEM_KEY_END] &&
	    !read_key(reading, set, attrs[NFTA_SET_ELEM_KEY_END], &seen->end))
		return false;
	if (attrs[NFTA_SET_ELEM_DATA] &&
	    (!hf_nft_data(reading, set->family, set->table, attrs[NFTA_SET_ELEM_DATA], &seen->data,
			  &seen->data_size, &seen->ruling) ||
	     (!set->has_verdicts && (!seen->data || seen->data_size != set->data_size)) ||
	     (set->has_verdicts && seen->data)))
		return false;
	/* the end of a range has no data */
	if ((set->flags & NFT_SET_MAP) && !attrs[NFTA_SET_ELEM_DATA] &&
	    !(raw->flags & NFT_SET_ELEM_INTERVAL_END))
		return false;
	seen->is_uncertain = !known || has_conditions(attrs[NFTA_SET_ELEM_EXPR],
						      attrs[NFTA_SET_ELEM_EXPRESSIONS]);
	return true;
}

typedef struct raw_list {
	raw_element *all;
	size_t count;
	size_t room;
} raw_list;

static int add_raw(raw_list *list, const raw_element *raw)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		raw_element *all =
			room > ELEMENTS_MAX ? NULL : reallocarray(list->all, room, sizeof *all);

		if (!all)
			return -ENOMEM;
		list->all = all;
		list->room = room;
	}
	list->all[list->count++] = *raw;
	return 0;
}

/* The raw elements of each set, parallel to hf_filter.sets, while the dump is read. */
typedef struct raw_lists {
	raw_list *all;
	size_t count;
} raw_lists;

static void raw_lists_clear(raw_lists *lists)
{
	for (size_t i = 0; lists->all && i < lists->count; i++)
		free(lists->all[i].all);
	free(lists->all);
}

static int read_element_list(const hf_nft_reading *reading, raw_lists *lists, uint8_t family,
			     const void *data, size_t size)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_LIST_MAX + 1], *attr;

	(void)hf_nft_attributes(data, size, attrs, NFTA_SET_ELEM_LIST_MAX);
	const char *word = hf_nft_family(family);
	const char *table = hf_nft_text(attrs[NFTA_SET_ELEM_LIST_TABLE]);
	const char *name = hf_nft_text(attrs[NFTA_SET_ELEM_LIST_SET]);
	hf_filter_set *set =
		word && table && name ? hf_nft_find_set(reading, word, table, name) : NULL;

	if (!set)
		return -EBADMSG;
	if (!attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	raw_list *list = &lists->all[set - reading->filter->sets];

	hf_netlink_run run = hf_netlink_nested(attrs[NFTA_SET_ELEM_LIST_ELEMENTS]);

	while ((attr = hf_netlink_attribute(&run))) {
		raw_element raw = {0};

		if (!read_element(reading, set, attr, &raw)) {
			set->is_uncertain = true;
			continue;
		}
		int r = add_raw(list, &raw);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- ranges ---- */

typedef struct key_order {
	uint32_t size;
} key_order;

/* Of equal keys the end comes first: "1-4, 5-9" is sent as 1, end 5, 5, end 10. */
static int compare_raw(const void *a, const void *b, void *data)
{
	const raw_element *one = a, *two = b;
	const key_order *order = data;
	int r = memcmp(one->seen.key, two->seen.key, order->size);
	int one_ends = one->flags & NFT_SET_ELEM_INTERVAL_END ? 0 : 1;
	int two_ends = two->flags & NFT_SET_ELEM_INTERVAL_END ? 0 : 1;

	return r != 0 ? r : one_ends - two_ends;
}

/* The key before @key, which is not the first. */
static const uint8_t *key_before(hf_arena *arena, const uint8_t *key, uint32_t size)
{
	uint8_t *before = (uint8_t *)hf_arena_memdup(arena, key, size);

	for (uint32_t i = size; before && i-- > 0;) {
		if (before[i]-- != 0)
			break;
	}
	return before;
}

static const uint8_t *last_key(hf_arena *arena, uint32_t size)
{
	uint8_t *last = hf_arena_alloc(arena, size);

	if (last)
		memset(last, 0xff, size);
	return last;
}

static int finish_set(hf_arena *arena, hf_filter_set *set, raw_list *list)
{
	key_order order = {.size = set->key_size};
	const bool has_ranges = (set->flags & NFT_SET_INTERVAL) && !set->field_count;
	size_t keyed = 0;

	set->elements = hf_arena_calloc(arena, list->count + 1, sizeof *set->elements);
	if (!set->elements)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		if (list->all[i].seen.key) {
			list->all[keyed++] = list->all[i];
			continue;
		}
		set->rest = hf_arena_alloc(arena, sizeof *set->rest);
		if (!set->rest)
			return -ENOMEM;
		*set->rest = list->all[i].seen;
	}
	if (keyed > 0)
		qsort_r(list->all, keyed, sizeof *list->all, compare_raw, &order);
	for (size_t i = 0; i < keyed; i++) {
		const raw_element *raw = &list->all[i];
		hf_set_element *element = &set->elements[set->count];

		if (raw->flags & NFT_SET_ELEM_INTERVAL_END)
			continue;
		*element = raw->seen;
		set->count++;
		if (!has_ranges || element->end != element->key)
			continue;
		element->end = i + 1 < keyed
				       ? key_before(arena, list->all[i + 1].seen.key, set->key_size)
				       : last_key(arena, set->key_size);
		if (!element->end)
			return -ENOMEM;
		/* two that begin alike: no kernel sends that */
		if (memcmp(element->end, element->key, set->key_size) < 0)
			set->is_uncertain = true;
	}
	return 0;
}

static int read_elements(hf_nft_reading *reading, const hf_nft_dump *dump, raw_lists *lists)
{
	hf_netlink_run list = hf_netlink_run_of(dump->data, dump->size);
	int r = 0;

	while (r == 0 && list.left > 0) {
		const struct nlmsghdr *message = hf_netlink_message(&list);
		const uint8_t *head;

		if (!message || message->nlmsg_len < sizeof *message + 4)
			return -EBADMSG;
		head = mnl_nlmsg_get_payload(message); /* struct nfgenmsg begins with the family */
		r = read_element_list(reading, lists, *head, mnl_nlmsg_get_payload_offset(message, 4),
				      mnl_nlmsg_get_payload_len(message) - 4);
	}
	return r;
}

static size_t count_messages(const hf_nft_dump *dump)
{
	hf_netlink_run list = hf_netlink_run_of(dump->data, dump->size);
	size_t count = 0;

	while (hf_netlink_message(&list))
		count++;
	return count;
}

int hf_nft_read_sets(hf_nft_reading *reading, const hf_nft_dump *sets, const hf_nft_dump *elements)
{
	hf_filter *filter = reading->filter;
	size_t count = count_messages(sets);
	hf_cleanup(raw_lists_clear) raw_lists lists = {.count = count};

	if (count > HF_FILTER_SETS_MAX)
		return -E2BIG;
	filter->sets = hf_arena_calloc(reading->arena, count + 1, sizeof *filter->sets);
	lists.all = calloc(count + 1, sizeof *lists.all);
	if (!filter->sets || !lists.all)
		return -ENOMEM;
	int r = hf_nft_each(reading, sets, NFT_MSG_NEWSET, read_set);

	if (r == 0)
		r = read_elements(reading, elements, &lists);
	for (size_t i = 0; r == 0 && i < filter->set_count; i++)
		r = finish_set(reading->arena, &filter->sets[i], &lists.all[i]);
	return r;
}
