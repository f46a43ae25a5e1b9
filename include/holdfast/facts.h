/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: what the host answered, parsed. A getter never touches the host: it looks into the record of
 * the run. It never marks the result either; hf_need() and the few functions that say so do.
 *
 * All pointers are borrowed and stay valid until the end of the scan. Structs only ever grow at
 * their end, and only the library makes them. */
#ifndef HOLDFAST_FACTS_H
#define HOLDFAST_FACTS_H

#include <holdfast/api.h>

HF_BEGIN_DECLS

typedef enum hf_state {
	HF_PRESENT = 0, /* read (and, where it is parsed, understood) */
	HF_ABSENT,      /* proven not to exist: ENOENT, and the folder's listing agrees */
	HF_UNREADABLE   /* anything else: no permission, too late, malformed, never asked */
} hf_state;

/* The head of every fact. */
typedef struct hf_fact {
	hf_state state;
	const char *source; /* where it comes from, for evidence; never NULL */
	const char *why;    /* state other than HF_PRESENT: the reason in words. Of one that is present: why there
			     * may be more than it tells, or NULL */
} hf_fact;

/* True when @fact is present. Otherwise marks @run unknown with the fact's source and reason (for an
 * absent fact, too: look at .state first where absence means something) and returns false. One that is
 * present but may not be all marks @run unknown as well, and is there to be judged: returns true. */
HF_PUBLIC HF_MUST_CHECK bool hf_need(hf_check_run *run, const hf_fact *fact);

typedef enum hf_file_type {
	HF_FILE_OTHER = 0,
	HF_FILE_REGULAR,
	HF_FILE_DIRECTORY,
	HF_FILE_SYMLINK,
	HF_FILE_SOCKET,
	HF_FILE_FIFO,
	HF_FILE_CHAR_DEVICE,
	HF_FILE_BLOCK_DEVICE
} hf_file_type;

/* A file's metadata, as fstat(2) and fstatfs(2) tell it, and for hf_file_get() its bytes. Symbolic
 * links on the way were followed within the root that was scanned. */
typedef struct hf_file {
	hf_fact fact;
	const char *data; /* NUL-terminated behind .size bytes; NULL for hf_stat_get() */
	size_t size;      /* bytes in .data */
	hf_file_type type;
	uint32_t mode; /* permission bits with set-id and sticky: 07777 */
	uint32_t uid;
	uint32_t gid;
	uint64_t dev;
	uint64_t ino;
	uint64_t file_size; /* st_size, bytes */
	int64_t mtime_ns;   /* since the epoch */
	int64_t ctime_ns;
	uint32_t nlink;
	uint32_t fs_magic;   /* statfs f_type */
	uint32_t rdev_major; /* of a device */
	uint32_t rdev_minor;
} hf_file;

/* A regular file's bytes. A file that is larger than its cap, not regular, or on a file system that
 * could hang is HF_UNREADABLE. @path is absolute, seen from the scanned root. */
HF_PUBLIC const hf_file *hf_file_get(hf_check_run *run, const char *path);

/* Metadata alone, of any type of file. */
HF_PUBLIC const hf_file *hf_stat_get(hf_check_run *run, const char *path);

typedef struct hf_link {
	hf_fact fact;
	const char *target; /* the text of the link, not resolved */
} hf_link;

HF_PUBLIC const hf_link *hf_link_get(hf_check_run *run, const char *path);

/* The SELinux label of a file, its attribute security.selinux. A row asks for it by "label:/path". */
typedef struct hf_label {
	hf_fact fact;
	const char *text; /* "system_u:object_r:etc_t:s0" */
} hf_label;

HF_PUBLIC const hf_label *hf_label_get(hf_check_run *run, const char *path);

/* Packages of dpkg. A row asks for them by name or pattern, "packages:linux-image-*@release@". */
typedef struct hf_package {
	const char *name;
	const char *version; /* NULL where none is written, as of one that was removed */
	bool is_installed;   /* and its configuration is complete */
} hf_package;

typedef struct hf_packages {
	hf_fact fact; /* absent: the node has no dpkg */
	const hf_package *all;
	size_t count;
} hf_packages;

/* @pattern: that of the row, with the release in it. */
HF_PUBLIC const hf_packages *hf_packages_get(hf_check_run *run, const char *pattern);

typedef struct hf_dir {
	hf_fact fact;
	const char *const *names; /* sorted by strcmp, without . and ..; NULL-terminated */
	size_t count;
} hf_dir;

HF_PUBLIC const hf_dir *hf_dir_get(hf_check_run *run, const char *path);
HF_PUBLIC bool hf_dir_has(const hf_dir *dir, const char *name);

/* Every file that was read and whose path matches the glob (fnmatch with FNM_PATHNAME), sorted by path.
 * Returns the number; *ret_files is borrowed. A folder on the way that could not be listed shows as one
 * entry with .fact.state HF_UNREADABLE, so that nothing is silently left out. */
HF_PUBLIC size_t hf_files_matching(hf_check_run *run, const char *glob,
				   const hf_file *const **ret_files);

/* When the host was read. Dated tables are judged by it and never by the clock, so that a saved record
 * gives the same verdicts later. Source: time(2), asked by the collector. */
typedef struct hf_moment {
	hf_fact fact;
	const char *text; /* RFC 3339 in UTC, "2026-11-22T05:40:00Z" */
	int64_t day;      /* days since 1970-01-01 */
} hf_moment;

HF_PUBLIC const hf_moment *hf_moment_get(hf_check_run *run);

/* The file is root's and neither group nor others can write it. Decides nothing: NULL when all is well,
 * else the reason in words ("mode 0664: group can write"). @file must be present. */
HF_PUBLIC const char *hf_file_writable_why(hf_check_run *run, const hf_file *file);

/* The same for @path and every folder above it, each by hf_stat_get(); what could not be read is a
 * reason, too, and sets *ret_unreadable (NULL allowed). */
HF_PUBLIC const char *hf_path_writable_why(hf_check_run *run, const char *path,
					   bool *ret_unreadable);

HF_END_DECLS

#endif
