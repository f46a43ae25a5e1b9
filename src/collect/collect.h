/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collectors: the short-lived processes that touch the host, and the safe reading that they share.
 *
 * A collector is a row (see collectors.c): its name, the capabilities it keeps, the system calls it
 * needs beyond the common ones, and its function. It runs in a process of its own, sends answers
 * and ends; it decides nothing. */
#ifndef HF_COLLECT_H
#define HF_COLLECT_H

#include "base/base.h"
#include "collect/answer.h"

/* ---- the way out ---- */

typedef struct hf_sink hf_sink;

/* Writes frames to @fd, at most @cap_bytes in all; what comes later is answered with EFBIG and no data. */
int hf_sink_new(int fd, size_t cap_bytes, hf_sink **ret_sink);
void hf_sink_free(hf_sink *sink); /* does not flush */
int hf_sink_answer(hf_sink *sink, const hf_answer *answer);
int hf_sink_note(hf_sink *sink, const char *sentence);
int hf_sink_flush(hf_sink *sink);
/* What is answered from here on waits for the word whether it holds (_release) or not (_drop). Not nested; who
 * holds bounds what is held. */
void hf_sink_hold(hf_sink *sink);
int hf_sink_release(hf_sink *sink);
void hf_sink_drop(hf_sink *sink);
int hf_sink_done(hf_sink *sink); /* flushes */
/* Bytes that were answered so far, without those that were dropped. */
size_t hf_sink_sent(const hf_sink *sink);

/* ---- safe reading ---- */

enum {
	HF_FILE_CAP_BYTES = 4 * 1024 * 1024, /* a file larger than this is not read */
	HF_DIR_CAP_NAMES = 20000,         /* a folder with more names is not listed */
	HF_GLOB_CAP_MATCHES = 4000,
};

/* Reads below one root, asks each question once, and sends every answer to the sink. */
typedef struct hf_reader hf_reader;

/* @root_fd: O_PATH|O_DIRECTORY descriptor of what is "/" to every path; borrowed.
 * @is_live: the root is this machine's own, so that /proc and /sys below it are the kernel's. */
int hf_reader_new(int root_fd, bool is_live, hf_sink *sink, hf_reader **ret_reader);
void hf_reader_free(hf_reader *reader);

/* Each asks and sends, unless it was asked before; a file that is not there has its folder listed, too,
 * as the witness of its absence. They return 0 when the question was answered (be it with an errno) and
 * a negative errno when the answer could not be sent. */
int hf_reader_file(hf_reader *reader, const char *path);
int hf_reader_stat(hf_reader *reader, const char *path);
int hf_reader_link(hf_reader *reader, const char *path);
int hf_reader_dir(hf_reader *reader, const char *path);
/* Whether each part of @path is a link, and likewise of what those lead to: "link:" of all of them, so that the judge
 * can tell where @path is. No witness is asked where it ends early. */
int hf_reader_links(hf_reader *reader, const char *path);
/* The SELinux label, "call:label:/etc". */
int hf_reader_label(hf_reader *reader, const char *path);
/* The lines Package, Status and Version that dpkg has of packages with such a name, "call:packages:linux-image-*";
 * an empty line ends each. */
int hf_reader_packages(hf_reader *reader, const char *pattern);
/* The way to a file, "call:way:/run/docker.sock": see answer.h. */
int hf_reader_way(hf_reader *reader, const char *path);
/* *ret_is_there: it was walked now, ends at something, and all of it is on file systems that answer. */
int hf_reader_way_to(hf_reader *reader, const char *path, bool *ret_is_there);

/* For hf_reader_way(): holds what @path, which has no link before its last name, names itself. 0 or a positive errno:
 * ELOOP where there is a link before, ENOTSUP on a file system that may never answer. */
struct stat;
int hf_reader_hold_name(hf_reader *reader, const char *path, struct stat *ret_st, int *ret_fd);
/* The line of a folder on many ways; NULL not known. */
const char *hf_reader_known_step(const hf_reader *reader, const char *path);
void hf_reader_keep_step(hf_reader *reader, const char *path, const char *line);

bool hf_reader_was_asked(const hf_reader *reader, hf_ask_kind kind, const char *name);

/* Leaves a question to another collector: @reader does not ask it, not even as the witness of an absence. */
int hf_reader_leave(hf_reader *reader, hf_ask_kind kind, const char *path);

/* As .reads of a check row: "/path", "/glob/\*.conf", "stat:/path", "dir:/path", "link:/path", "parents:/path",
 * "follow:/path", "links:/path", "sysctl:key", "label:/path", "packages:pattern", "way:/path"; after "foreign:" only where a module from outside of the kernel's tree is loaded. */
int hf_reader_request(hf_reader *reader, const char *request);

/* Reads without sending, for a collector that needs to know what to ask next. *ret_answer is valid
 * until the next call on @reader. 0, or a positive errno as in hf_answer.error. */
int hf_reader_peek(hf_reader *reader, hf_ask_kind kind, const char *path, hf_answer *ret_answer);

/* Sends an answer that the collector made itself (an API body, a system call). */
int hf_reader_send(hf_reader *reader, const hf_answer *answer);

bool hf_reader_is_live(const hf_reader *reader);
hf_sink *hf_reader_sink(hf_reader *reader);
int hf_reader_root_fd(const hf_reader *reader);

/* "net.ipv4.conf.eth0/1.x" -> "/proc/sys/net/ipv4/conf/eth0.1/x"; 0 or -ENAMETOOLONG. */
int hf_sysctl_path(const char *key, char *path, size_t size);

/* Replaces secrets in text before it is recorded: userinfo in URLs, values of keys, flags and members
 * whose name says token, password, secret or credential. @data is borrowed; *ret_data is NULL when
 * there was nothing to hide, else owned by the caller. */
int hf_redact(const char *data, size_t size, char **ret_data, size_t *ret_size);

/* ---- collectors ---- */

/* How far the walks of --deep are, in memory that the parent sees. */
typedef struct hf_collect_progress {
	_Atomic uint32_t containers, containers_all;
	_Atomic uint32_t layers, layers_all;
} hf_collect_progress;

typedef struct hf_collect_task {
	hf_reader *reader;
	bool is_live;
	const char *engine_socket;   /* path; from DOCKER_HOST where that is a unix socket, else NULL */
	int requests_fd; /* what the loaded plugins need, a request a line; -1: none */
	uint64_t deadline_ms;        /* hf_now_ms() at which the collector will be ended */
	const char *deep; /* NULL: not asked for; "" or "ptrace": look closer, which takes longer */
	uint64_t deep_deadline_ms; /* with .deep: what looks closer may go on until then, after all else was sent */
	hf_collect_progress *progress; /* with .deep, or NULL */
	/* For the rest of its life the collector keeps just @caps (ended by -1) and reads files below @files alone (NULL-terminated), as
	 * in its row. 0 or a negative errno. NULL in tests. */
	int (*give_up)(const int *caps, const char *const *files);
} hf_collect_task;

typedef struct hf_collector {
	const char *name;
	const char *reads; /* one line for `holdfast version --verbose` */
	const int *caps;   /* CAP_*, ended by -1 */
	const char *const *syscalls; /* beyond the common ones, by name; NULL-terminated */
	/* Landlock: it can open files below these alone (NULL: wherever the kernel lets it). NULL-terminated. */
	const char *const *files;
	uint32_t kinds;    /* 1 << hf_ask_kind of what it alone answers; for the reason of a missing answer */
	/* Names that it may answer, NULL-terminated: those that begin with one of these (none: any) and with
	 * none of those marked "!/proc/". Whoever answers something else is lying. One marked "=/proc" is that
	 * name alone, and its answer counts though another collector answered before; one marked "~" is a
	 * pattern of fnmatch(3) in which '*' stands for '/', too. */
	const char *const *prefixes;
	unsigned deadline_ms;
	unsigned deep_deadline_ms; /* with --deep; 0: the same */
	size_t cap_bytes;
	bool wants_requests; /* gets the judge's list */
	bool is_live_only;   /* has nothing to read below --root */
	bool is_unfiltered;  /* must not have a filter of system calls */
	const char *deep;    /* runs with --deep=THIS alone; NULL: always */
	int (*collect)(const hf_collect_task *task);
} hf_collector;

/* All of them, NULL-terminated, in the order of `version --verbose`. */
extern const hf_collector *const hf_collectors[];

extern const hf_collector hf_collector_restricted;
extern const hf_collector hf_collector_host;
extern const hf_collector hf_collector_process;
extern const hf_collector hf_collector_inside;
extern const hf_collector hf_collector_runtime;
extern const hf_collector hf_collector_network;
extern const hf_collector hf_collector_device_filters;
extern const hf_collector hf_collector_packet_filter;
extern const hf_collector hf_collector_seccomp;
extern const hf_collector hf_collector_seccomp_ptrace;
extern const hf_collector hf_collector_audit;

/* Reads the judge's list from task->requests_fd until its end and asks for each, but for contents that are
 * secret by their path. */
int hf_collect_requests(const hf_collect_task *task);

/* What every scan reads of the host, in the form of hf_reader_request(); NULL-terminated. */
extern const char *const hf_host_reads[];

#endif
