/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which container a process belongs to, for the collectors that look at processes and below their roots. */
#ifndef HF_COLLECT_CONTAINERS_H
#define HF_COLLECT_CONTAINERS_H

#include "collect/proc.h"

#include <sys/types.h>

/* What is the host's own: whatever differs may be a container's. */
typedef struct hf_host_root {
	char mnt[64]; /* link text of the initial mount namespace; "" not known */
	ino_t ino;    /* of "/" */
	dev_t dev;
} hf_host_root;

/* Some of the fields of stat(5); the command's name before them may hold blanks and parentheses. */
bool hf_proc_parse_stat(const char *text, char *ret_state, unsigned *ret_flags,
			uint64_t *ret_start);

/* A private mount namespace alone is no container: systemd gives one to many services. Their root
 * is still the host's, though, and a container's is not. */
bool hf_has_own_root(const hf_host_root *root, const hf_proc_dir *dir);

/* What the processes of one container have in common, in @arena: its id of 64 hex digits, else the cgroup path
 * up to the part that names it, else the link text of its mount namespace. NULL: it is no container's, or
 * there is no memory. @cgroup, @mnt: answers to /proc/PID/cgroup and /proc/PID/ns/mnt. */
const char *hf_container_group(const hf_host_root *root, hf_arena *arena, const hf_proc_dir *dir,
			       const hf_answer *cgroup, const hf_answer *mnt);

/* How much of the path of a control group is the path of the container's own; all where none is named. */
size_t hf_container_group_end(const char *path, size_t length);

#endif
