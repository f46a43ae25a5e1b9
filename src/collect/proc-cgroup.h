/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups: hierarchies, and one group that is looked at; for src/collect/proc-cgroup*.c alone. */
#ifndef HF_COLLECT_PROC_CGROUP_H
#define HF_COLLECT_PROC_CGROUP_H

#include "collect/proc.h"

enum {
	HF_HIERARCHIES_MAX = 32,
	HF_GROUP_VALUE_ROOM = 64 * 1024,
};

/* Where in a hierarchy a group is. */
enum {
	HF_AT_GROUP = 1, /* a container's own */
	HF_AT_ABOVE = 2, /* one above, and the own one */
	HF_AT_ROOT = 4,
};

typedef struct hf_hierarchy {
	const char *mount;   /* where it is mounted */
	const char *root;    /* what of the hierarchy is there */
	const char *options; /* of its superblock: the controllers, "name=systemd" */
	bool is_v2;
	bool has_agent; /* a program to run on release: only then notify_on_release has a meaning */
	bool is_hierarchical; /* memory.use_hierarchy of the root, which nobody below can undo */
	bool is_idle;	      /* it limits nothing */
	int fd; /* of .mount; -1 */
	int error;
} hf_hierarchy;

/* A group that is looked at. */
typedef struct hf_group {
	const hf_hierarchy *in;
	int fd; /* -1 in a tree of plain files */
	int error; /* it is not looked at: why */
	const char *reason;
	bool has_gaps;		      /* one of its files is not there */
	char path[HF_NAME_MAX_BYTES]; /* absolute; files' names are put behind it */
	size_t length;
} hf_group;

struct hf_cgroups {
	hf_proc *proc;
	hf_hierarchy all[HF_HIERARCHIES_MAX];
	size_t count;
	hf_map asked; /* path of a group -> itself */
	char *last;   /* the text that was asked for last: mostly the next process's, too */
	size_t last_size;
	hf_group current;
	char value[HF_GROUP_VALUE_ROOM];
};

/* Whether @word is in @list, which @separator parts; and whether any controller in it sets limits. */
bool hf_has_word(const char *list, size_t size, char separator, const char *word, size_t length);
bool hf_limits_anything(const char *list, char separator);

/* Asks for all that is wanted of groups->current. @where: HF_AT_GROUP … */
int hf_group_ask(hf_cgroups *groups, hf_group *g, unsigned where);

#endif
