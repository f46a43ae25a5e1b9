/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about processes and, as far as the kernel tells them apart, the containers they belong to. */
#ifndef HOLDFAST_PROCESS_H
#define HOLDFAST_PROCESS_H

#include <holdfast/facts.h>

HF_BEGIN_DECLS

/* One process. Sources: /proc/PID/stat, exe, cgroup, ns/mnt for every process; the rest for engines'
 * daemons and for the first process of each container, see proc(5). */
typedef struct hf_process {
	int32_t pid;
	int32_t parent;
	uint64_t start_ticks; /* field 22 of stat: clock ticks after boot */
	const char *exe;      /* link text, " (deleted)" included; NULL: a kernel thread or unreadable */
	const char *cgroup;   /* /proc/PID/cgroup as it stands; NULL unreadable */
	const char *mnt_ns;   /* "mnt:[4026531832]"; NULL unreadable */
	bool is_container;    /* in a mount namespace or cgroup that is a container's */
	const char *container_id; /* 64 hex digits from its cgroup path; NULL unknown */
	bool is_kernel; /* a kernel thread: no executable, and in no container */
} hf_process;

typedef struct hf_processes {
	hf_fact fact; /* present when /proc could be listed */
	const hf_process *all; /* by pid */
	size_t count;
	/* Why the list cannot prove that some program does not run: a process whose executable could not be
	 * read, in words; NULL when every one could (kernel threads, zombies and pid 1 aside). */
	const char *gap;
} hf_processes;

HF_PUBLIC const hf_processes *hf_processes_get(hf_check_run *run);

/* NULL when there is none. @processes must be present. */
HF_PUBLIC const hf_process *hf_process_by_pid(const hf_processes *processes, int32_t pid);

/* /proc/PID/NAME as a file ("status", "limits", "uid_map", "cmdline", "environ"). Of environ only the
 * names are recorded, with values for a short list of the engine's own variables. */
HF_PUBLIC const hf_file *hf_process_file(hf_check_run *run, int32_t pid, const char *name);

/* The value of "Key:" in a /proc/PID/status text, trimmed; NULL when it is not there. */
HF_PUBLIC const char *hf_process_status_field(hf_check_run *run, int32_t pid, const char *key);

HF_END_DECLS

#endif
