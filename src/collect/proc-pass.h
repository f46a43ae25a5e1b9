/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass of collector `process` over /proc: what it knows so far of processes and containers. */
#ifndef HF_COLLECT_PROC_PASS_H
#define HF_COLLECT_PROC_PASS_H

#include "collect/containers.h"
#include "collect/proc.h"

enum {
	HF_PASS_NAMESPACES_MAX = 64, /* of one type in one container */
	HF_PASS_THREADS_MAX = 8192,  /* of containers: some 15 MiB of answers */
	HF_PASS_HELD_MAX = 300,	     /* processes, two descriptors each; a process has 1024 as a rule */
};

/* What the processes of one container have in common, and what they have cost. */
typedef struct hf_pass_container {
	const char *group;
	const char *cgroup; /* text of the first process that was left for later: most have the same */
	hf_proc_budget budget;
	const char *users[HF_PASS_NAMESPACES_MAX]; /* namespaces whose maps were asked for */
	size_t user_count;
	const char *nets[HF_PASS_NAMESPACES_MAX];
	size_t net_count;
} hf_pass_container;

typedef struct hf_pass_process {
	int pid;
	uint64_t start_ticks;
	const hf_daemon_kind *daemon; /* NULL: none */
	hf_pass_container *container; /* NULL: it is in none */
	bool is_claimed;	      /* its control group is a container's */
	bool is_answered;
	bool is_seen;  /* with .life, when it was looked at as a container's process */
	bool is_first; /* the first of its container, or pid 1 of its pid namespace */
	bool is_gone;
	bool is_early; /* looked at when it was met */
	bool is_held;  /* .dir_fd and .stat_fd are open, for the next looks */
	int dir_fd, stat_fd;
	/* of one that was left for later, as it was when it was met: whose it is remains known */
	const char *stat, *exe, *cgroup, *mnt;
	hf_proc_life life;
} hf_pass_process;

typedef struct hf_pass {
	hf_proc proc;
	hf_arena *arena;
	hf_host_root root;
	hf_list names;	  /* in /proc, without the processes that ended meanwhile */
	bool is_complete; /* all of them were visited */
	hf_pass_process *all;
	size_t count;
	size_t at_once;
	size_t looked_at;
	size_t held;
	unsigned threads; /* how many more are read */
	hf_map containers; /* by .group */
	hf_list members;   /* processes of containers, by container, the oldest first */
	hf_list tables;	   /* network namespaces of containers whose tables are to be asked for */
	hf_cgroups *cgroups;
	bool shows_host; /* a container is in the initial pid namespace */
	uint64_t rest_until_ms; /* those that were left for later have no time beyond this; 0: no limit */
} hf_pass;

/* The container that processes with @group (of hf_container_group()) are in; NULL without memory. */
hf_pass_container *hf_pass_container_of(hf_pass *p, const char *group);

/* A process of a container is met: it is looked at, or left for later. @first: what was read of it already.
 * 0 or a negative errno; self->is_gone: it has ended meanwhile. */
int hf_pass_meet(hf_pass *p, hf_pass_process *self, const hf_proc_dir *dir, hf_proc_first *first);
void hf_pass_let_go(hf_pass_process *self);
/* Everybody was met. */
int hf_pass_look_again(hf_pass *p);
/* What may wait for a process: its descriptors, its environment. */
int hf_pass_look_inside(hf_pass *p);
/* Who listens in containers' network namespaces; of one that uses TCP the kernel walks its table of all sockets. */
int hf_pass_ask_tables(hf_pass *p);

#endif
