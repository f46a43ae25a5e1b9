/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc/PID/cgroup tells of the container that a process belongs to. */
#ifndef HF_FACTS_CGROUP_H
#define HF_FACTS_CGROUP_H

#include "base/base.h"

enum { HF_CONTAINER_ID_DIGITS = 64 };

typedef struct hf_cgroup_owner {
	const char *runtime; /* static: "docker", "kubernetes" … */
	char id[HF_CONTAINER_ID_DIGITS + 1]; /* "" where the path has none */
	char pod[HF_CONTAINER_ID_DIGITS + 1]; /* id of the pod above it, or "" */
	const char *path;    /* into the text: the path up to the container's own group */
	size_t path_length;
	const char *label; /* into the text: its name, where the path has one instead of an id; else NULL */
	size_t label_length;
	bool is_machine; /* the name proves nothing: a supervisor or a virtual machine can stand there, too */
} hf_cgroup_owner;

/* True when a line of @text (the content of /proc/PID/cgroup) is a container's group: the innermost one, so
 * that a container in a container is one of its own. */
bool hf_cgroup_parse(const char *text, size_t size, hf_cgroup_owner *ret_owner);

/* Fields 1, 3, 4, 9 and 22 of /proc/PID/stat; proc(5). The name in field 2 may hold anything, ") (" too. */
typedef struct hf_proc_stat {
	int32_t pid;
	int32_t parent;
	char state;
	uint64_t flags;
	uint64_t start_ticks;
} hf_proc_stat;

/* -EBADMSG when it is none. */
int hf_proc_stat_parse(const char *text, size_t size, hf_proc_stat *ret_stat);

#endif
