/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of namespaces share. */
#ifndef HF_CHECKS_NAMESPACE_SPACES_H
#define HF_CHECKS_NAMESPACE_SPACES_H

#include <holdfast/holdfast.h>

/* The initial namespace of @type. False after marking @run: notapplicable where this kernel has
 * none of that type, unknown where it could not be read. */
HF_MUST_CHECK bool spaces_initial(hf_check_run *run, hf_ns_type type, uint64_t *ret_inode);

/* The first few by name, and how many more there are. Zero-initialise. */
typedef struct spaces_names {
	const char *text; /* NULL: none */
	size_t count;
} spaces_names;

void spaces_add(hf_check_run *run, spaces_names *names, const char *name);
const char *spaces_text(hf_check_run *run, const spaces_names *names);

/* "sh" (pid 812), or of another thread "sh" (thread 815). */
const char *spaces_task(hf_check_run *run, const hf_task *task);
/* Its name, else the first digits of its id. */
const char *spaces_container(hf_check_run *run, const hf_container *container);

/* Of the tasks of a container: those in the namespace @inode of @type, and whether that of each
 * could be read. */
typedef struct spaces_found {
	spaces_names in;
	const hf_task *unread; /* the first, or NULL */
} spaces_found;

spaces_found spaces_find(hf_check_run *run, const hf_container *container, hf_ns_type type,
			 uint64_t inode);

/* Marks @run unknown where a task, or a namespace of one, could not be read; true when all were. */
bool spaces_all_read(hf_check_run *run, const hf_container *container, const hf_task *unread);

/* Whether [a, a + a_length) and [b, b + b_length) have a number in common. */
static inline bool spaces_overlap(uint64_t a, uint64_t a_length, uint64_t b, uint64_t b_length)
{
	return a < b + b_length && b < a + a_length;
}

/* A line of passwd(5) or group(5): its name and number. */
typedef struct spaces_account {
	const char *name; /* into the file */
	int name_length;
	uint32_t id;
} spaces_account;

/* The next account of @file (present) behind *cursor, which begins at NULL; false at the end. */
bool spaces_next_account(const hf_file *file, const char **cursor, spaces_account *ret_account);

/* A line of subuid(5). */
typedef struct spaces_range {
	const char *owner; /* into the file; of a line that is no range all of it */
	int owner_length;
	uint32_t first;
	uint32_t length;
	bool is_bad; /* no range */
} spaces_range;

/* The next range of @file likewise. */
bool spaces_next_range(const hf_file *file, const char **cursor, spaces_range *ret_range);

extern const hf_check_set namespace_drift, namespace_host, namespace_limits, namespace_membership,
	namespace_nested, namespace_shared, namespace_subids, namespace_user;

#endif
