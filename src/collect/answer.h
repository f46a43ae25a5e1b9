/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question to the host and its answer: the one thing that collectors produce.
 *
 * A question is a kind and a name, written "file:/proc/cmdline", "api:/info", "call:uname". Names of
 * files are absolute and seen from the scanned root.
 *
 * What many system calls together tell of one process of a container is one answer, a line each:
 *   call:/proc/PID/ns       "net:[4026531833]", for all in namespaces(7); "net !EACCES" where it failed. Of a
 *                           process of the host only where its mount, pid or user namespace is not proven to
 *                           be the host's
 *   call:/proc/PID/task/TID/ns  the same of another thread
 *   call:/proc/PID/open     "NAME MOUNT_ID MAJOR:MINOR INODE MODE RDEV_MAJOR:RDEV_MINOR TARGET": what it holds
 *                           open (descriptors by number, cwd, root, exe); mode octal; "NAME !ERRNO"; bytes of the
 *                           target outside 0x21-0x7e, and the backslash, as \ooo
 *   stat:/proc/PID/exe      the file of its program
 *   call:/proc/PID/environ  "NAME LENGTH SHAPE" of each variable; the shape is "-" where none is known
 * Where runtimes keep records of containers, and which there are, is one answer, a line each:
 *   call:records  "KIND ID PATH": a record, its files are questions of their own, projected (project.h);
 *                 "KIND - PATH": a folder of such records, listed to its end; "KIND !ERRNO PATH": one that could not be.
 *                 Bytes of all three outside 0x21-0x7e, and the backslash, as \ooo. Kinds, with what PATH is:
 *                   bundle   OCI config.json             docker   folder of config.v2.json and hostconfig.json
 *                   storage  OCI config.json of Podman   names    containers.json of containers/storage
 *                            or CRI-O                    images   repositories.json of Docker, images.json
 *                   pid      init.pid of a shim          exec     (ID is the container's) id of a running docker exec
 *                   runc     state.json                  lxc      config
 *                   crun     status                      machine  of systemd-machined
 *                 A folder of kind "user" is one of /run/user: what a user's own runtimes keep there is not known.
 *                 Where the id is 64 hex digits, pid, runc and crun are not read.
 * Who could change what a path leads to:
 *   call:way:PATH           a line for each name from the root on, links on the way and what they lead to included:
 *                           "TYPE MODE UID GID ACL NAME[ TARGET]". Type d f l s p c b; mode octal; the name without
 *                           links before its last part; the target of a link. Where an access control list can say
 *                           more than the mode (whose group bits are its mask): "g::rw-,u:1000:rw-", what the owning
 *                           group and others have by it, or "!ERRNO"; else "-". "! ERRNO NAME" where the way ends.
 *                           The last line is "."; names are escaped as above
 * What engines keep, and where, a line each, the last one ".":
 *   call:stock:ROOT         of a Docker engine's data, whether it runs or not (see stock.c)
 *   call:containerd         files of every containerd (see containerd-files.c)
 *   call:client-config:PATH what of a registry client's configuration is secret, without it (see client-config.c)
 * What decides about devices on cgroup v2 (GROUP is the path of a group in the unified hierarchy):
 *   call:device-filter/GROUP   "attached N…" and "effective N…": numbers of the BPF programs that are attached to the
 *                           group itself, and of all that hold for it
 *   call:device-program/N   the instructions of a program, one a line, eight bytes as sixteen digits; or "same M"
 *   call:sockets            "NAME CANONICAL MODE UID GID MAJOR:MINOR INODE NUMBER" of each listening UNIX socket of the
 *                           initial network namespace: as it was bound, and without links; mode octal; the number
 *                           that /proc/PID/fd shows, 0 not known. "NAME !ERRNO"; an
 *                           abstract one is "@NAME" alone. Names are escaped as above
 * All of one process tells of one life of it: it did not execute another program between them.
 * Where a container is in the initial pid namespace, of each other process: file:/proc/PID/status with metadata,
 * whose owner is root where the kernel does not let the process's own user look at it (PR_SET_DUMPABLE).
 * Once for each namespace inside a container, through the first of its processes that is in it: file:/proc/PID/
 * {uid_map,gid_map,net/tcp,…}. Tables of the initial network namespace are those of /proc/2/net.
 * Control groups: file:/sys/fs/cgroup/… (with metadata) of a container's group, of all above it and, for what
 * only a root has, of the root; stat: of the group and of what only its owner and mode are wanted of; dir: of the
 * group where one of the files is missing.
 * The seccomp filters in force, of all tasks of the node that have any:
 *   call:seccomp/control  "same": a filter that the collector put on itself came back as it was made
 *   call:seccomp/tasks    "PID TID STACK" of each task
 *   call:seccomp/stacks   "STACK FILTER BELOW [log]": its newest filter, and the stack that lies below it: "-" none,
 *                         "?" one that was not read; "log": the filter has SECCOMP_FILTER_FLAG_LOG
 *                         With --deep=ptrace, where the collector could not: seccomp/ptrace/tasks and so on, of
 *                         containers' processes alone, those of one container with as many filters under one stack;
 *                         seccomp/ptrace/stopped: "PID MICROSECONDS [WHY]" of each task that was stopped for it
 *   call:seccomp/filter/N the instructions of filter N: struct sock_filter, code jt jf k, lowest byte first
 * What lies below the root of a container is asked through its first process: stat:/proc/PID/root/dev/mem. */
#ifndef HF_ANSWER_H
#define HF_ANSWER_H

#include "base/base.h"

typedef enum hf_ask_kind {
	HF_ASK_FILE = 1, /* a regular file's bytes and metadata */
	HF_ASK_STAT,     /* metadata of any file */
	HF_ASK_LINK,     /* text of a symbolic link */
	HF_ASK_DIR,      /* names in a folder, sorted, each followed by a NUL */
	HF_ASK_API,      /* body of an Engine API answer: "/info" of the default socket */
	HF_ASK_CALL,     /* what a system call told: "uname", "peer" … */
	HF_ASK_KIND_END
} hf_ask_kind;

/* "file", "stat" …; and back, 0 for an unknown word. */
const char *hf_ask_kind_name(hf_ask_kind kind);
hf_ask_kind hf_ask_kind_number(const char *name, size_t length);

/* struct stat and statfs in fixed widths, so that it can cross a pipe and be saved. */
typedef struct hf_meta {
	uint32_t mode; /* st_mode with the type bits; 0: no metadata */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t fs_magic;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t reserved;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
} hf_meta;

typedef struct hf_answer {
	hf_ask_kind kind;
	int error;          /* 0, or a positive errno: then .data is empty */
	const char *name;   /* NUL-terminated */
	const char *reason; /* why it failed, in words, where the errno alone does not tell; or NULL */
	hf_meta meta;
	const char *data; /* NUL-terminated behind .size bytes; never NULL in a record */
	size_t size;
} hf_answer;

/* Largest values that cross a pipe; a frame beyond them is a lie. */
enum {
	HF_NAME_MAX_BYTES = 4096,
	HF_REASON_MAX_BYTES = 1024,
	HF_DATA_MAX_BYTES = 16 * 1024 * 1024,
};

/* One frame on a collector's pipe: this head, then name, reason and data without terminators. */
typedef enum hf_frame_type {
	HF_FRAME_ANSWER = 1,
	HF_FRAME_NOTE, /* data: a sentence about what our own confinement hides */
	HF_FRAME_DONE  /* the collector has asked all it meant to ask */
} hf_frame_type;

typedef struct hf_frame_head {
	uint32_t magic; /* HF_FRAME_MAGIC: tells at once when the stream is out of step */
	uint16_t type;
	uint16_t kind;
	int32_t error;
	uint32_t name_size;
	uint32_t reason_size;
	uint32_t data_size;
	hf_meta meta;
} hf_frame_head;

#define HF_FRAME_MAGIC UINT32_C(0x48464d31) /* HFM1 */

#endif
