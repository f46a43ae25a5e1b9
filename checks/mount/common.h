/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of mounts share: the table of the container at hand, lists for evidence, who could write. */
#ifndef MOUNT_COMMON_H
#define MOUNT_COMMON_H

#include <holdfast/holdfast.h>

/* For evidence: without a pid, so that containers that are alike have the same. */
#define MOUNT_TABLE "mountinfo of the container"

/* The mounts of the container of the check; NULL after marking @run. */
const hf_container_mounts *mount_begin(hf_check_run *run);

static inline bool mount_is_type(const hf_container_mount *mount, const char *type)
{
	const char *have = mount->mount->fs_type;

	while (*have && *have == *type) {
		have++;
		type++;
	}
	return *have == *type;
}

bool mount_is(const char *a, const char *b);
/* @path is @folder or below it; *ret_rest (NULL allowed): what follows. */
bool mount_is_in(const char *path, const char *folder, const char **ret_rest);

/* Shows files that the host has in its own tree: no copy of the runtime's, nothing of the container's own. */
bool mount_shows_host(const hf_container_mount *mount);

/* A named or anonymous volume, ".../volumes/NAME/_data", of Docker and of containers/storage. */
bool mount_is_volume(const hf_container_mount *mount);

/* A file system without files of anybody's. */
bool mount_is_kernels(const hf_container_mount *mount);

/* By its own options and those of the file system. */
bool mount_is_writable(const hf_container_mount *mount);
const char *mount_access(const hf_container_mount *mount); /* "writable", "read-only" */

/* A list for evidence: the first few, then how many more. Zero-initialise. */
typedef struct mount_list {
	const char *text;
	size_t count;
} mount_list;

void mount_add(hf_check_run *run, mount_list *list, const char *item);
/* The text of a list that is not empty. */
const char *mount_show(hf_check_run *run, const mount_list *list);
/* Fails with the list, or passes with @found where it is empty. */
bool mount_conclude(hf_check_run *run, const mount_list *list, const char *found,
		    const char *wanted);

typedef enum mount_answer { MOUNT_NO = 0, MOUNT_MAYBE, MOUNT_YES } mount_answer;

/* Whether a task of the container is root of the host: nobody's files are closed to it. MAYBE: not every task
 * could be read; *ret_why says so. */
mount_answer mount_has_root(hf_check_run *run, const char **ret_why);

/* Whether a task could use @bit (0200 write, and so for others) of @file by its ids. */
mount_answer mount_may_use(hf_check_run *run, const hf_file *file, uint32_t bit);

/* Whether the runtime's record names @target as a mount point. MAYBE: the record could not be read; *ret_mount: as it
 * stands there, NULL unless YES. */
mount_answer mount_is_declared(hf_check_run *run, const char *target,
			       const hf_declared_mount **ret_mount);

#endif
