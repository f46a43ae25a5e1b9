/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel file systems that containers can see: reading the mount tables of their first processes.
 */
#ifndef KERNEL_MOUNTED_H
#define KERNEL_MOUNTED_H

#include <holdfast/holdfast.h>

/* One line of /proc/PID/mountinfo, see proc(5). Spans of the table's text, not terminated. */
typedef struct mounted_line {
	unsigned major;
	unsigned minor;
	const char *target; /* escaped as in the table */
	int target_size;
	const char *fs_type;
	int fs_type_size;
	bool is_writable; /* neither the mount nor the file system is read-only */
} mounted_line;

/* The next line at *@at, which moves on. False at the end, or (then *ret_malformed) where the table
 * cannot be understood. */
HF_MUST_CHECK bool mounted_next(const char **at, mounted_line *ret_mounted, bool *ret_malformed);

/* Whether a container that has @found gets what it must not have. */
typedef bool mounted_judge(hf_check_run *run, const hf_container *container,
			   const mounted_line *found);

/* Judges every mount of type @fs_type in every container: fails with the containers' names where
 * @is_bad says so (NULL: always bad), is unknown where a table could not be read, else passes. */
void mounted_expect_in_no_container(hf_check_run *run, const char *fs_type, const char *wanted,
				    mounted_judge *is_bad);

#endif
