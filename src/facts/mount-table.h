/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mount tables: what hides what, which mount a path is on, where the same files are mounted elsewhere; for
 * src/facts/ alone. Nothing here is quadratic: a container can have thousands of mounts. */
#ifndef HF_FACTS_MOUNT_TABLE_H
#define HF_FACTS_MOUNT_TABLE_H

#include "facts/store.h"

typedef struct hf_mount_table {
	const hf_mounts *mounts;
	const bool *is_covered;	   /* by index: something later lies on its place or above */
	const uint32_t *by_target; /* indexes of what is not covered, by mount point */
	const uint32_t *by_files;  /* the same, by device and root */
	size_t visible;
} hf_mount_table;

enum { HF_NO_MOUNT = -1 };

/* -ENOMEM. @mounts is borrowed. */
int hf_mount_table_new(hf_arena *arena, const hf_mounts *mounts, hf_mount_table *ret_table);

/* Index of the mount that @path is on; HF_NO_MOUNT. */
ptrdiff_t hf_mount_table_at(const hf_mount_table *table, const char *path);

/* Index of a mount that shows what is at @path of the file system @major:@minor: of those, the one whose root
 * is deepest. *ret_rest: the part of @path below its root, "" or "/…". HF_NO_MOUNT. */
ptrdiff_t hf_mount_table_find(const hf_mount_table *table, uint32_t major, uint32_t minor,
			      const char *path, const char **ret_rest);

/* Whether @path is @folder or below it; *ret_rest (NULL allowed): what follows, "" or "/…". */
bool hf_path_is_in(const char *path, const char *folder, const char **ret_rest);

/* @folder with @rest behind, in the arena; never NULL. */
const char *hf_path_join(hf_facts *facts, const char *folder, const char *rest);

const hf_mounts *hf_facts_mounts_of(hf_facts *facts, const char *path);

/* Mounts by the numbers that statx(2) tells. */
typedef struct hf_mounts_by_id {
	hf_fact fact;
	const hf_mount *const *all;
	size_t count;
} hf_mounts_by_id;

/* Those of the mount namespace that the process is in. */
const hf_mounts_by_id *hf_facts_mounts_by_id(hf_facts *facts, int32_t pid);
const hf_mount *hf_mount_by_id(const hf_mounts_by_id *mounts, uint64_t id);

/* The host's; its fact is that of its mounts. */
const hf_mount_table *hf_facts_host_table(hf_facts *facts);

/* ---- containers ---- */

typedef struct hf_container_table {
	hf_container_mounts seen; /* what checks get: first */
	hf_mount_table table;
	const uint32_t *from_host; /* of visible ones: those that show files of the host, and are not the runtime's */
	size_t from_host_count;
} hf_container_table;

/* The process through which the files of @container were asked about: its first, else another of its mount
 * namespace. */
int32_t hf_facts_inside_pid(hf_facts *facts, const hf_container *container);
const hf_container_table *hf_facts_container_table(hf_facts *facts, const hf_container *container);
const hf_file *hf_facts_container_stat(hf_facts *facts, const hf_container *container,
				       const char *path);

/* ---- sockets ---- */

/* call:sockets, a line each; see src/collect/answer.h. -EBADMSG, -ENOMEM; strings are in the arena. */
typedef struct hf_socket_line {
	const char *name;
	const char *path; /* NULL: abstract, or not found */
	int error;	  /* positive errno: why it was not found */
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;	 /* of the file */
	uint64_t number; /* of the socket, as /proc/PID/fd shows it; 0 not known */
} hf_socket_line;

int hf_socket_lines_parse(hf_arena *arena, const char *text, size_t size,
			  const hf_socket_line **ret_lines, size_t *ret_count);

/* ---- files ---- */

/* call:/proc/PID/root/special, see src/collect/inside.h. -EBADMSG, -ENOMEM. Fills all but the head and what the
 * mounts tell; *ret_cut: why not all was walked, or NULL. */
int hf_special_files_parse(hf_arena *arena, const char *text, size_t size,
			   hf_special_files *ret_files, const char **ret_cut);

#endif
