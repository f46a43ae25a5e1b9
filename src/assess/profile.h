/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles: named selections of checks, read from YAML. One that has items shows a benchmark as its readers know
 * it, by its own numbers; which checks answer an item follows from the references in the checks' rows. */
#ifndef HF_PROFILE_H
#define HF_PROFILE_H

#include "assess/assess.h"

typedef struct hf_item_number {
	const char *version; /* of the benchmark */
	const char *number;
} hf_item_number;

typedef struct hf_item {
	const char *number; /* "2.7", in the profile's version */
	const hf_item_number *others; /* in versions that number it differently */
	size_t other_count;
	const char *title;
	const char *look; /* what a person looks at who has no check for it */
	unsigned level;
	bool is_manual; /* the benchmark leaves it to a person */
	const char *const *refs; /* a check with all of these answers it; ended by NULL, at least one */
} hf_item;

typedef struct hf_item_section {
	const char *number; /* "2", of "2.1" and all others that begin so */
	const char *title;
} hf_item_section;

typedef struct hf_profile {
	const char *name; /* as it was asked for: "cis-docker-1.8-level-1" */
	const char *title;
	const char *benchmark; /* as in references: "CIS-Docker" */
	const char *version;
	unsigned level; /* the highest of its items */
	const hf_item_section *sections;
	size_t section_count;
	const hf_item *items; /* in the order of their numbers */
	size_t item_count;
	const hf_item *const *by_ref; /* the same, by their first reference */
} hf_profile;

/* Which view of a file is wanted. */
typedef struct hf_profile_wish {
	const char *name;    /* goes into the profile */
	const char *version; /* NULL: the file's first */
	unsigned level;	     /* items up to this one; 0: all */
} hf_profile_wish;

/* "cis-docker-1.8-level-1" is the file cis-docker, its version 1.8, and levels up to 1: each part may be missing.
 * -EINVAL where @name cannot be that of a file. The strings are @arena's. */
int hf_profile_split(const char *name, hf_arena *arena, const char **ret_file,
		     hf_profile_wish *ret_wish);

/* The profile of a file's @text; all memory is @arena's. -EBADMSG with @path and the line in @err, also for what no
 * profile can be made of; -ENOENT when the file has no such version or level. */
int hf_profile_parse(const char *text, size_t size, const char *path, const hf_profile_wish *wish,
		     hf_arena *arena, const hf_profile **ret_profile, hf_error *err);

/* The items that @row answers: calls @found for each. */
void hf_profile_answered(const hf_profile *profile, const hf_check *row,
			 void (*found)(const hf_item *item, void *data), void *data);

/* For hf_selection.is_in_profile: whether the check answers an item. */
bool hf_profile_has(const void *profile, const hf_check *row);

/* ---- items of an assessment ---- */

typedef struct hf_assessed_item {
	const hf_item *item;
	hf_status status;
	const hf_assessed *const *checks; /* that answer it, in their order; not selected ones too */
	size_t check_count;
	const hf_assessed *deciding; /* the first one with this status; NULL where none answers */
} hf_assessed_item;

typedef struct hf_items {
	const hf_profile *profile;
	const hf_assessed_item *all; /* one for each item, in its order */
	size_t count;
} hf_items;

/* What two checks of one item say together. */
hf_status hf_item_status_joined(hf_status a, hf_status b);

/* An item that no check answers is notchecked, unless @selection leaves it out. Memory is @arena's. */
int hf_items_assess(const hf_profile *profile, const hf_selection *selection,
		    const hf_assessment *assessment, hf_arena *arena, hf_items *ret_items);

#endif
