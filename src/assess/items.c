/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The items of a benchmark: each one's status, from the checks that answer it. */
#include "assess/profile.h"

/* As XCCDF 1.2 joins what several checks of one rule say (its truth table for AND): one that fails decides, whatever
 * became of the others. But for one thing: there a pass hides a check that was not carried out. An item of
 * which a part was looked at has not passed. */
static unsigned rank(hf_status status)
{
	switch (status) {
	case HF_FAIL:
		return 7;
	case HF_UNKNOWN:
		return 6;
	case HF_ERROR:
		return 5;
	case HF_NOTCHECKED:
		return 4;
	case HF_PASS:
		return 3;
	case HF_NOTAPPLICABLE:
		return 2;
	case HF_INFORMATIONAL:
		return 1;
	case HF_NOTSELECTED:
	case HF_STATUS_COUNT:
		break;
	}
	return 0;
}

hf_status hf_item_status_joined(hf_status a, hf_status b)
{
	return rank(a) >= rank(b) ? a : b;
}

typedef struct counting {
	const hf_profile *profile;
	size_t *counts; /* by item */
} counting;

static void count_it(const hf_item *item, void *data)
{
	const counting *c = data;

	c->counts[item - c->profile->items]++;
}

typedef struct filling {
	const hf_profile *profile;
	hf_assessed_item *items;
	const hf_assessed **slots; /* of all items, one's after the other's */
	size_t *used;
	const hf_assessed *check;
} filling;

static void fill_it(const hf_item *item, void *data)
{
	const filling *fill = data;
	const size_t i = (size_t)(item - fill->profile->items);
	hf_assessed_item *assessed = &fill->items[i];
	const hf_status status = fill->check->status;

	fill->slots[fill->used[i]++] = fill->check;
	assessed->check_count++;
	if (assessed->deciding &&
	    hf_item_status_joined(assessed->status, status) == assessed->status)
		return;
	assessed->status = status;
	assessed->deciding = fill->check;
}

/* "--only CIS-Docker-1.6:5.*" is about section 5, though a check of another one has such a reference, too. */
static bool is_left_out(const hf_selection *selection, const hf_assessed_item *assessed)
{
	if (hf_selection_has_refs(selection, assessed->item->refs))
		return false;
	for (size_t i = 0; i < assessed->check_count; i++) {
		if (hf_selection_has_by_name(selection, assessed->checks[i]->check))
			return false;
	}
	return true;
}

int hf_items_assess(const hf_profile *profile, const hf_selection *selection,
		    const hf_assessment *assessment, hf_arena *arena, hf_items *ret_items)
{
	const size_t count = profile->item_count;
	hf_cleanup(hf_freep) size_t *starts = calloc(count + 1, sizeof *starts);
	hf_assessed_item *items = hf_arena_calloc(arena, count, sizeof *items);
	size_t sum = 0;

	if (!starts || !items)
		return -ENOMEM;
	counting counted = {.profile = profile, .counts = starts};

	for (size_t i = 0; i < assessment->check_count; i++)
		hf_profile_answered(profile, assessment->checks[i].check->row, count_it, &counted);
	for (size_t i = 0; i < count; i++) {
		size_t own = starts[i];

		starts[i] = sum;
		sum += own;
	}
	filling fill = {
		.profile = profile,
		.items = items,
		.slots = hf_arena_calloc(arena, sum + 1, sizeof(const hf_assessed *)),
		.used = starts,
	};

	if (!fill.slots)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		items[i] = (hf_assessed_item){
			.item = &profile->items[i],
			.checks = fill.slots + starts[i],
			.status = HF_NOTSELECTED,
		};
	for (size_t i = 0; i < assessment->check_count; i++) {
		fill.check = &assessment->checks[i];
		hf_profile_answered(profile, fill.check->check->row, fill_it, &fill);
	}
	for (size_t i = 0; i < count; i++) {
		if (is_left_out(selection, &items[i]))
			items[i].status = HF_NOTSELECTED;
		else if (!items[i].deciding)
			items[i].status = HF_NOTCHECKED;
	}
	*ret_items = (hf_items){.profile = profile, .all = items, .count = count};
	return 0;
}
