/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the files below a container's root.
 *
 * Each mount namespace that is not the host's is asked through its oldest process (start time, then pid) that
 * has the root or the pid namespace of a container:
 *   file:/proc/PID/mountinfo  EXDEV where that process has changed its root: what is mounted outside of it is not
 *                             shown; then nothing else is asked
 *   stat:/proc/PID/root/PATH  a link itself, never what it points to. PATH is
 *     - one of the lists below
 *     - each name of /dev, and below its folders three levels deep; the same where the host's devices are mounted
 *       elsewhere; at most HF_INSIDE_NODES of one container
 *     - the mount point of whatever is no file system of the kernel, no tmpfs of its own and no runtime's copy
 *       of /etc/hosts and its like; at most HF_INSIDE_TARGETS
 *     - the kernel's helper files, wherever a mount of procfs, sysfs, cgroup or binfmt_misc is writable
 *     - what secrets consist of; there links are followed
 *     - listening sockets of the host, where a mount's device and root say that they are visible;
 *       at most HF_INSIDE_SOCKETS
 *   dir:/proc/PID/root/PATH   of /dev and its folders, of folders of secrets
 * and once for the node, if any container could see a folder with a socket:
 *   call:sockets              listening UNIX sockets of the initial network namespace, see answer.h
 *
 * With --deep alone:
 *   call:/proc/PID/root/special  "PATH MODE UID GID MAJOR:MINOR CAPS" of each set-id program, program with
 *                           capabilities and device node outside /dev; mode octal; the numbers of a device; the
 *                           permitted capabilities as sixteen digits, ':', and the uid whose user namespace they are
 *                           for, or "-". Sorted; names are escaped as in answer.h. The last line is "end FILES",
 *                           or "cut REASON" where not all was walked
 *
 * No content of a file is ever read, and nothing on a file system that may not answer is touched. */
#ifndef HF_COLLECT_INSIDE_H
#define HF_COLLECT_INSIDE_H

#include "collect/containers.h"

enum {
	HF_INSIDE_MOUNTS = 20000, /* with more of them a container is not looked into */
	HF_INSIDE_NODES = 500,
	HF_INSIDE_TARGETS = 64,
	HF_INSIDE_HELPERS = 64,
	HF_INSIDE_SECRETS = 64,
	HF_INSIDE_SOCKETS = 48,
	HF_INSIDE_STATS = 50000, /* of all containers */
	HF_INSIDE_WALKED = 200000, /* files of one container, with --deep */
};

/* Names in /proc that runtimes mask or cover. Those that the host's /proc has not are not asked: all procfs
 * have the same. */
extern const char *const hf_inside_proc[];

/* What runtimes mask in /sys. */
extern const char *const hf_inside_sys[];

/* Files by which the kernel starts a program or changes for all, below a procfs. */
extern const char *const hf_inside_helpers[];

/* One mount of a container, from its mountinfo. */
typedef struct hf_inside_mount {
	const char *target;
	const char *root;
	const char *type;
	uint64_t id;
	uint32_t major;
	uint32_t minor;
	bool is_read_only; /* by its own options */
} hf_inside_mount;

typedef struct hf_inside_mounts {
	hf_inside_mount *all;
	size_t count;
	bool is_prompt; /* all of them answer from memory or a local disk */
} hf_inside_mounts;

/* 0, -EBADMSG, -EFBIG, -ENOMEM. Strings are in the arena. */
int hf_inside_mounts_parse(hf_arena *arena, const char *text, size_t size,
			   hf_inside_mounts *ret_mounts);
/* The one that @path is on, or NULL. */
const hf_inside_mount *hf_inside_mount_of(const hf_inside_mounts *mounts, const char *path);
/* Whether the file system @type answers from memory or a local disk, and its number in statfs(2), 0 unknown. */
bool hf_inside_is_prompt(const char *type, uint32_t *ret_magic);
/* Whether @path is @folder or below it; *ret_rest is what follows, "" or "/…". */
bool hf_path_is_below(const char *path, const char *folder, const char **ret_rest);

/* A listening socket of the host. */
typedef struct hf_inside_socket {
	uint32_t major; /* of the mount that it is on, as mountinfo tells it */
	uint32_t minor;
	const char *path; /* in that file system */
} hf_inside_socket;

/* Those that could be seen through a mount. Read on first use. */
typedef struct hf_inside_sockets {
	bool is_read;
	hf_inside_socket *all;
	size_t count;
	const hf_inside_mounts *host;
} hf_inside_sockets;

/* Sends call:sockets. 0 or a negative errno. */
int hf_inside_sockets_read(hf_proc *proc, hf_inside_sockets *sockets);

/* One mount namespace. */
typedef struct hf_inside_place {
	hf_proc *proc;
	hf_inside_sockets *sockets;
	hf_arena *arena; /* for this place alone */
	int pid;
	int root_fd; /* O_PATH of its root */
	uint32_t proc_names; /* bit by index of hf_inside_proc[]: the host has it */
	hf_inside_mounts mounts;
	unsigned nodes, targets, helpers, secrets; /* asked so far */
	unsigned *budget; /* of all */
	uint64_t deadline_ms; /* of the walk; 0: none */
} hf_inside_place;

/* Asks about all that is listed above but for mountinfo. 0 or a negative errno. */
int hf_inside_look(hf_inside_place *place);

/* The walk of --deep. */
int hf_inside_walk(hf_inside_place *place);

#endif
