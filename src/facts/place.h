/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a path of the host is, once links are followed; for src/facts/ alone. */
#ifndef HF_FACTS_PLACE_H
#define HF_FACTS_PLACE_H

#include "facts/store.h"

typedef struct hf_place_part {
	size_t length; /* of the path up to its end, without links */
	uint64_t dev;  /* with .ino: which folder or file it is; both 0 not known */
	uint64_t ino;
} hf_place_part;

typedef struct hf_place {
	hf_fact fact; /* absent: a part is not there (no witness was asked); .path is where it would
			 be */
	const char *path; /* without links; NULL: unreadable */
	const hf_place_part
		*parts; /* from the root's, whose length is 0, to the last that is there */
	size_t count;
} hf_place;

/* @follows: a link at the end is followed, too. Sources: "link:" of each part, as hf_reader_links()
 * asks them. */
const hf_place *hf_facts_place(hf_facts *facts, const char *path, bool follows);

/* The same of a path that is known to have no links. Never unreadable; devices and inodes are there
 * where they happen to be recorded. */
const hf_place *hf_facts_place_at(hf_facts *facts, const char *path);

/* Which part of @inner is @outer: by path, or by device and inode. -1: none. @outer must be
 * present. */
ptrdiff_t hf_place_find(const hf_place *inner, const hf_place *outer);

/* Whether both are one place; of what does not exist, or is replaced by rename, the folder counts
 * and the name. */
bool hf_place_equal(const hf_place *a, const hf_place *b);

#endif
