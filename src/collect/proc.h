/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading /proc/PID: through a descriptor of the folder on a live host, as plain files below
 * another root. */
#ifndef HF_COLLECT_PROC_H
#define HF_COLLECT_PROC_H

#include "base/base.h"
#include "collect/collect.h"

#include <dirent.h>

enum {
	HF_PROC_TEXT_ROOM = 64 * 1024, /* of the short files: stat, cgroup, status */
	HF_PROC_LINK_ROOM = 4096 + 1,
	HF_PROC_FDS_MAX = 4096,
};

typedef struct hf_proc_text {
	char data[HF_PROC_TEXT_ROOM];
} hf_proc_text;

typedef struct hf_proc {
	hf_reader *reader;
	hf_arena *arena;
	int fd;		/* of /proc */
	bool is_procfs; /* the kernel's own; else a tree of plain files, in which anything can stand
			 */
	hf_list net_namespaces; /* those whose listening sockets were read */
} hf_proc;

typedef struct hf_proc_dir {
	int pid;
	int fd; /* O_PATH; -1 in a tree of plain files */
} hf_proc_dir;

static inline void hf_proc_closep(const hf_proc_dir *dir)
{
	hf_closep(&dir->fd);
}

/* 0 or a positive errno. */
int hf_proc_start(hf_proc *proc);
void hf_proc_end(hf_proc *proc);
/* What is in /proc; NULL: errno says why not. For closedir(3). */
DIR *hf_proc_list(const hf_proc *proc);
/* The process that a name in /proc stands for; 0: none. */
int hf_proc_pid(const char *name);
int hf_proc_open(const hf_proc *proc, int pid, hf_proc_dir *ret_dir);
bool hf_proc_is_gone(const hf_proc *proc, const hf_proc_dir *dir);

/* Fill *ret_answer but for its name. */
void hf_proc_read(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_proc_text *text,
		  hf_answer *ret_answer);
void hf_proc_readlink(const hf_proc *proc, const hf_proc_dir *dir, const char *name,
		      char text[HF_PROC_LINK_ROOM], hf_answer *ret_answer);

/* Sends @answer as the one to "/proc/PID/NAME". */
int hf_proc_send(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_answer *answer);

/* A link of /proc by its path, asked and sent; *ret_answer is valid until the next call. */
int hf_proc_send_link(const hf_proc *proc, const char *path, hf_answer *ret_answer);

/* ---- what is asked of some processes only ---- */

typedef enum hf_proc_depth { HF_PROC_DAEMON, HF_PROC_CONTAINER } hf_proc_depth;

typedef enum hf_argv_rule {
	HF_ARGV_REDACTED, /* its arguments are its own: recorded, without what looks like a secret
			   */
	HF_ARGV_OPTIONS	  /* it may carry a container's command: only names of long options are
			     recorded */
} hf_argv_rule;

typedef struct hf_daemon_kind {
	const char *name; /* of the program's file; a '*' at the end stands for anything */
	bool is_engine; /* asked for in full; else only arguments and, where they listen, sockets */
	bool has_sockets;
	hf_argv_rule argv;
} hf_daemon_kind;

/* By the program's path as the kernel tells it; NULL: nothing special. */
const hf_daemon_kind *hf_daemon_kind_find(int pid, const char *exe);

/* @daemon: NULL for HF_PROC_CONTAINER. */
int hf_proc_ask_details(hf_proc *proc, const hf_proc_dir *dir, hf_proc_depth depth,
			const hf_daemon_kind *daemon);

#endif
