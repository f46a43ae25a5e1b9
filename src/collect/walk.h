/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walks of --deep over trees that others filled: no mount is crossed and no link followed, and there is an end to
 * the number of files, of folders and of milliseconds. */
#ifndef HF_COLLECT_WALK_H
#define HF_COLLECT_WALK_H

#include "base/base.h"

#include <dirent.h>

typedef struct hf_walk hf_walk;

struct hf_walk {
	hf_arena *arena; /* for paths; and whatever .look wants */
	size_t files_max;
	uint64_t deadline_ms; /* 0: none */
	/* Called for what is no folder, link, socket or FIFO. @folder: path below the tree, "" or "a/b". It may set .cut and .failed. */
	void (*look)(hf_walk *walk, int fd, const char *folder, const struct dirent64 *entry);
	void *data;
	size_t files;	 /* met so far, of all trees */
	const char *cut; /* why not all was walked; NULL */
	bool failed;	 /* no memory */
	int fd;		 /* of the tree */
	hf_list folders; /* still to be read */
};

/* Walks the tree that the folder @fd is the root of. */
void hf_walk_tree(hf_walk *walk, int fd);
/* Neither time nor files are left. */
bool hf_walk_is_over(const hf_walk *walk);
/* Frees what it holds but for the arena. */
void hf_walk_end(hf_walk *walk);

/* Opens @path below @folder, itself on the same mount, no link on the way: a descriptor, or -1 with errno. */
int hf_walk_open(int folder, const char *path, uint64_t flags);

/* "PERMITTED:ROOT" of a file's capabilities, or "-" where it has none; capabilities(7), "Extended attributes" and
 * "Namespaced file capabilities". */
void hf_walk_read_caps(int folder, const char *name, char text[48]);

#endif
