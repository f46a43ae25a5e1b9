/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node is used for, as far as several checks of this plugin need to know it: the same
 * setting is a hole where nobody needs it and a requirement where an engine does. */
#ifndef KERNEL_USAGE_H
#define KERNEL_USAGE_H

#include <holdfast/holdfast.h>

typedef enum usage_answer {
	USAGE_NO = 0, /* every witness was read, none shows it */
	USAGE_YES,
	USAGE_UNKNOWN /* none shows it, but not every witness could be read */
} usage_answer;

typedef struct usage {
	usage_answer answer;
	const char *source; /* for evidence; never NULL */
	const char *found;  /* in words; never NULL */
} usage;

/* A process whose executable is named so runs. @names is NULL-terminated. Containers count, so this
 * is for answers that make the judgement stricter. */
usage usage_of_programs(hf_check_run *run, const char *const *names);

/* The same outside of containers, which could call any program so to be judged more mildly. */
usage usage_of_node_programs(hf_check_run *run, const char *const *names);

usage usage_of_kubelet(hf_check_run *run);

/* Any container engine or runtime: processes, or containers that the kernel shows. */
usage usage_of_engine(hf_check_run *run);

/* User namespaces other than the initial one: rootless engines, userns-remap, pods with
 * hostUsers=false. Needs the reads USAGE_USERNS_READS. */
usage usage_of_userns(hf_check_run *run);
#define USAGE_USERNS_READS "/etc/docker/daemon.json"

/* An engine that an ordinary user started. */
usage usage_of_rootless(hf_check_run *run);

/* @file is a /proc/PID/uid_map that was read, see user_namespaces(7). */
typedef struct usage_id_map {
	bool is_read;	  /* complete and understood */
	bool is_identity; /* the initial user namespace */
	bool is_single; /* one id of the outside alone, not root: how an ordinary user maps himself
			 */
} usage_id_map;

usage_id_map usage_read_id_map(const hf_file *file);

#endif
