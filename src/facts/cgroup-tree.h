/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the hierarchies of control groups are mounted, and which group of each a container is in.
 */
#ifndef HF_FACTS_CGROUP_TREE_H
#define HF_FACTS_CGROUP_TREE_H

#include "facts/store.h"

enum { HF_CGROUP_MAX_LEVELS = 64 };

typedef struct hf_cgroup_tree {
	hf_fact fact; /* absent: no hierarchy is mounted */
	hf_cgroup_mode mode;
	const hf_mount **mounts; /* of control groups alone: a node has thousands of others */
	size_t mount_count;
} hf_cgroup_tree;

const hf_cgroup_tree *hf_facts_cgroup_tree(hf_facts *facts);

/* The group of one container in the hierarchy that holds one controller. */
typedef struct hf_cgroup_place {
	hf_fact fact; /* absent: no hierarchy has the controller; .source: /proc/PID/cgroup of its
			 first process */
	bool is_v1;
	const char *path;  /* of the container's own group, "/docker/<id>"; "/" where it has none */
	size_t own_levels; /* how many of the lowest levels are its own: crun makes two */
	const char *leaf;  /* of the group that its first process is in: that one, or below */
	const char *folder; /* where the hierarchy is mounted */
	const char *inner; /* what of .path is below .folder: a mount can show a part of the tree */
} hf_cgroup_place;

/* @controller: of v1, "memory"; NULL: the unified hierarchy, whatever it holds. */
const hf_cgroup_place *hf_facts_cgroup_place(hf_facts *facts, const hf_container *container,
					     const char *controller);

/* NULL: no container of this node has this id. */
const hf_container *hf_facts_container_by_id(hf_facts *facts, const char *id);

/* The file @name of the group @inner below @folder. A file that the group's listing lacks is
 * absent. */
const hf_file *hf_facts_cgroup_file(hf_facts *facts, const char *folder, const char *inner,
				    const char *name);

/* A line "hierarchy:controllers:path" of /proc/PID/cgroup, cgroups(7). */
typedef struct hf_cgroup_line {
	const char *controllers; /* "" for the unified hierarchy, "name=systemd" */
	size_t controllers_length;
	const char *path;
	size_t path_length;
} hf_cgroup_line;

/* The next of [*cursor, end); malformed lines are skipped. */
bool hf_cgroup_next_line(const char **cursor, const char *end, hf_cgroup_line *ret_line);
/* @name is one of the words of a list joined by commas. */
bool hf_cgroup_lists(const char *list, size_t length, const char *name);

/* The @words with blanks between them, "-" for one that is NULL: the key of a fact. False: they do not fit. */
bool hf_cgroup_key(char *key, size_t size, const char *const *words, size_t count);

#endif
