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
	HF_PROC_NS_ROOM = 64, /* of the text of a link in ns/ */
};

typedef struct hf_proc_text {
	char data[HF_PROC_TEXT_ROOM];
} hf_proc_text;

/* In the order of their names. */
typedef enum hf_proc_ns {
	HF_PROC_NS_CGROUP = 0,
	HF_PROC_NS_IPC,
	HF_PROC_NS_MNT,
	HF_PROC_NS_NET,
	HF_PROC_NS_PID,
	HF_PROC_NS_TIME,
	HF_PROC_NS_USER,
	HF_PROC_NS_UTS,
	HF_PROC_NS_COUNT
} hf_proc_ns;

extern const char *const hf_proc_ns_names[HF_PROC_NS_COUNT];

/* The links in ns/ of one task. */
typedef struct hf_proc_links {
	bool is_read[HF_PROC_NS_COUNT];
	int error[HF_PROC_NS_COUNT]; /* positive errno */
	char text[HF_PROC_NS_COUNT][HF_PROC_NS_ROOM]; /* "net:[4026531833]"; "" where it failed */
} hf_proc_links;

typedef struct hf_proc {
	hf_reader *reader;
	hf_arena *arena;
	int fd;		/* of /proc */
	bool is_procfs; /* the kernel's own; else a tree of plain files, in which anything can stand
			 */
	hf_map net_namespaces;	/* those whose listening sockets were read */
	hf_map container_nets;	/* those that a container is in */
	bool has_tcp; /* of the daemons looked at, one holds a TCP socket, or may */
	hf_proc_links initial;	/* of pid 2 */
	const char *label;	/* the file in attr/ that this kernel answers; NULL: none */
	int label_error;	/* why none */
	const char *second_label; /* where two modules label tasks; NULL */
	uint64_t deadline_ms;	  /* 0: none */
	bool is_late;		  /* past it: nothing more is read */
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
/* Looks at the clock. */
bool hf_proc_is_late(hf_proc *proc);

/* Fill *ret_answer but for its name. @name is relative to the process's folder. */
void hf_proc_read(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_proc_text *text,
		  hf_answer *ret_answer);
void hf_proc_readlink(const hf_proc *proc, const hf_proc_dir *dir, const char *name,
		      char text[HF_PROC_LINK_ROOM], hf_answer *ret_answer);
/* A file that may be longer; a positive errno. */
int hf_proc_read_whole(const hf_proc *proc, const hf_proc_dir *dir, const char *name, size_t cap,
		       hf_buffer *text);

/* Sends @answer as the one to "/proc/PID/NAME". */
int hf_proc_send(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_answer *answer);
/* @text as an answer, or @error with @reason (NULL allowed). */
int hf_proc_send_text(const hf_proc *proc, const hf_proc_dir *dir, hf_ask_kind kind,
		      const char *name, int error, const char *reason, const hf_buffer *text);
int hf_proc_send_error(const hf_proc *proc, const hf_proc_dir *dir, hf_ask_kind kind,
		       const char *name, int error, const char *reason);
/* Asks for a file and sends it. */
int hf_proc_ask(const hf_proc *proc, const hf_proc_dir *dir, const char *name);

/* A link of /proc by its path, asked and sent; *ret_answer is valid until the next call. */
int hf_proc_send_link(const hf_proc *proc, const char *path, hf_answer *ret_answer);

/* The names in a folder, sorted, each with its NUL. A positive errno: EFBIG beyond
 * @max. */
int hf_proc_list_fd(int fd, size_t max, hf_buffer *listing);
int hf_proc_list_names(const hf_proc *proc, const hf_proc_dir *dir, const char *name, size_t max,
		       hf_buffer *listing);

/* ---- stat ---- */

/* What of /proc/PID/stat tells one life of a process from another. A program that is executed gets new
 * addresses, which the kernel shows to those who may look; its start it inherits. */
typedef struct hf_proc_life {
	char state;
	unsigned flags; /* PF_* */
	unsigned threads;
	uint64_t start_ticks;
	uint64_t addresses[6]; /* of code, stack, arguments and environment */
} hf_proc_life;

bool hf_proc_parse_life(const char *text, hf_proc_life *ret_life);
bool hf_proc_is_same_life(const hf_proc_life *a, const hf_proc_life *b);

/* ---- namespaces ---- */

/* Reads those links in @folder ("ns", "task/TID/ns") that are not read yet. */
void hf_proc_read_links(const hf_proc *proc, const hf_proc_dir *dir, const char *folder,
			hf_proc_links *links);
void hf_proc_read_ns(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_ns ns, hf_proc_links *links);
/* Those of a thread that are its process's for sure. */
void hf_proc_share_links(const hf_proc_links *leader, hf_proc_links *ret_links);
/* call:/proc/PID/FOLDER. */
int hf_proc_send_links(const hf_proc *proc, const hf_proc_dir *dir, const char *folder,
		       const hf_proc_links *links);
/* call:/proc/WHO/ns: "self", "2". */
int hf_proc_send_links_of(const hf_proc *proc, const char *who, const hf_proc_links *links);

/* Which file in attr/ this kernel answers, by what it answers for ourselves. */
int hf_proc_find_labels(hf_proc *proc);

/* ---- one process of a container ---- */

/* What a container may cost. */
typedef struct hf_proc_budget {
	unsigned processes;
	unsigned threads;
	unsigned descriptors;
	size_t bytes; /* of answers, and of environments that were read for them */
} hf_proc_budget;

static inline void hf_proc_spend(hf_proc_budget *budget, size_t bytes)
{
	budget->bytes -= bytes < budget->bytes ? bytes : budget->bytes;
}

/* What is asked of every process. One at a time: the texts are in memory of their own. */
typedef struct hf_proc_first {
	hf_answer stat, exe, cgroup;
	hf_proc_links links; /* of which mnt is read */
	hf_proc_life life;
	int stat_fd; /* to look again; -1 */
} hf_proc_first;

/* A kernel thread has no program, and is in no container. */
enum { HF_PROC_KERNEL_THREAD = 0x00200000 }; /* PF_KTHREAD of <linux/sched.h> */

/* 0; 1: it has ended. To be ended in any case. */
int hf_proc_read_first(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_first *ret_first);
static inline void hf_proc_first_end(hf_proc_first *first)
{
	hf_closep(&first->stat_fd);
	first->stat_fd = -1;
}
int hf_proc_send_first(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_first *first);

/* stat:/proc/PID/root: what the process takes for "/". */
int hf_proc_ask_root(const hf_proc *proc, const hf_proc_dir *dir);

/* Asks for what can be had without waiting for the process. Between hf_sink_hold() and the word of
 * hf_proc_check_first(). *ret_ns_pid: its number in the innermost pid namespace; 0 not known. 0; a negative
 * errno. */
int hf_proc_ask_task(hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget, bool with_root,
		     hf_proc_first *first, int *ret_ns_pid);
/* Whether the process is still in the life that was told of. 0; 1: it has ended; EAGAIN: it is in another. */
int hf_proc_check_first(const hf_proc *proc, const hf_proc_first *first);
int hf_proc_check_life(const hf_proc *proc, const hf_proc_dir *dir, const hf_proc_life *life);
/* The same by its open stat file. */
int hf_proc_check_stat(int stat_fd, const hf_proc_life *life);

/* What it holds open, as call:/proc/PID/open; its program, as stat:/proc/PID/exe. */
int hf_proc_ask_open(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget);
/* Names, lengths and shapes of its environment, as call:/proc/PID/environ. */
int hf_proc_ask_environ_shapes(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget);
/* Adds a line for each variable in the bytes of an environment. */
void hf_proc_describe_environ(const char *text, size_t size, hf_buffer *lines);
/* "pem", "token", "jwt", "url-password" or "-". */
const char *hf_proc_shape_of(const char *value, size_t length);
/* Whether a process's own bytes may stand as the name of a variable. */
bool hf_proc_is_variable(const char *name, size_t length);

/* ---- sockets ---- */

/* The tables of the network namespace @net, sent as those of the process; read once for each namespace. To be
 * asked when it is known what daemons hold and where containers are: what neither needs is not walked. */
int hf_proc_ask_tables(hf_proc *proc, const hf_proc_dir *dir, const char *net);
bool hf_proc_knows_tables(const hf_proc *proc, const char *net);

/* ---- control groups ---- */

typedef struct hf_cgroups hf_cgroups;

/* How much of the path of a group (not NUL-terminated) is the path of the container's own. */
typedef size_t hf_cgroup_end(const char *path, size_t length);

/* What pid 1 has mounted. */
int hf_cgroups_new(hf_proc *proc, hf_cgroups **ret_groups);
void hf_cgroups_free(hf_cgroups *groups);
/* What only the root of a hierarchy has. */
int hf_cgroups_ask_roots(hf_cgroups *groups);
/* The groups that the text of /proc/PID/cgroup names, and those above them; each is asked for once. */
int hf_cgroups_ask(hf_cgroups *groups, const char *text, size_t size, hf_cgroup_end *end_of_own);

/* ---- what is asked of some processes only ---- */

typedef enum hf_argv_rule {
	HF_ARGV_REDACTED, /* its arguments are its own: recorded, without what looks like a secret
			   */
	HF_ARGV_OPTIONS,  /* it may carry a container's command: only names of long options are
			     recorded */
	HF_ARGV_NONE,	  /* none is asked for */
} hf_argv_rule;

typedef struct hf_daemon_kind {
	const char *name; /* of the program's file; a '*' at the end stands for anything */
	bool is_engine; /* asked for in full; else only arguments and, where they listen, sockets */
	bool has_sockets;
	hf_argv_rule argv;
} hf_daemon_kind;

/* By the program's path as the kernel tells it; NULL: nothing special. */
const hf_daemon_kind *hf_daemon_kind_find(int pid, const char *exe);

int hf_proc_ask_daemon(hf_proc *proc, const hf_proc_dir *dir, const hf_daemon_kind *daemon);
/* After every daemon: which tables are worth reading depends on what all of them hold. */
int hf_proc_ask_listeners(hf_proc *proc, const hf_proc_dir *dir, const hf_daemon_kind *daemon);
/* The names of its environment's variables as file:/proc/PID/environ; values of switches @with_switches. */
int hf_proc_ask_environ(const hf_proc *proc, const hf_proc_dir *dir, bool with_switches);

#endif
