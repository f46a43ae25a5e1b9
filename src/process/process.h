/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes: the parent's children, their privileges and their deadlines. */
#ifndef HF_PROCESS_H
#define HF_PROCESS_H

#include "base/base.h"

#include <sys/types.h>

/* ---- children ---- */

typedef struct hf_child {
	const char *name;
	pid_t pid;
	int pidfd;            /* readable once it has ended */
	uint64_t deadline_ms; /* hf_now_ms(); 0 none */
	bool was_killed;      /* by us, for being late */
	bool has_ended;
	int wait_status; /* as waitpid(2) gives it */
} hf_child;

/* Forks a child that runs @body and exits with what it returns. In the child every descriptor above 2 that
 * is not in @keep is closed, signals are at their defaults, the environment is empty but for LC_ALL=C, and
 * the child ends when its parent does. */
int hf_child_start(const char *name, const int *keep, size_t keep_count, int (*body)(void *data),
		   void *data, hf_child *ret_child);

/* Waits for all of @children but not longer than @deadline_ms (hf_now_ms()); kills those that are late.
 * A child that cannot be killed within a short grace is left behind: has_ended stays false. */
int hf_children_wait(hf_child *children, size_t count, uint64_t deadline_ms);
/* The same, and calls @tick each time that a child ended, and some times a second. */
int hf_children_watch(hf_child *children, size_t count, uint64_t deadline_ms, void (*tick)(void *data),
		      void *data);
void hf_child_kill(hf_child *child);

/* ---- confinement of the calling process; none of it can be undone ---- */

/* Empties the bounding and the ambient set, for the caller and all its children: nothing of ours gains a capability by
 * executing something, for nothing of ours executes anything. */
void hf_confine_bounds(void);

/* Keeps just @caps (ended by -1; those we lack are skipped) in permitted and effective, empties inheritable and sets
 * no_new_privs. The user stays: root without capabilities is still the owner of root's files. */
int hf_confine_caps(const int *caps);

/* Becomes an unprivileged user without groups (the account "_holdfast" where @uid names it). Nothing to do
 * for a caller who is not root. */
int hf_confine_user(uid_t uid, gid_t gid);

/* Allows the common system calls and @syscalls (by name, NULL-terminated); others get EPERM, those that only
 * an attacker would try end the process. */
int hf_confine_syscalls(const char *const *syscalls, bool common);

/* Forbids to start processes and threads, on top of a filter that allowed it. */
int hf_confine_forks(void);

/* Landlock: files can be read below @dirs alone (NULL-terminated; empty: nowhere), and those that @fds hold. -EOPNOTSUPP where the
 * kernel has none: then system-call filters alone hold. */
int hf_confine_files(const char *const *dirs, const int *fds, size_t fd_count);

/* Limits of memory, CPU seconds, open files, core dumps. 0: leave. */
int hf_confine_limits(uint64_t memory_bytes, unsigned cpu_seconds, unsigned files);

/* The rows of `version --verbose` for the processes that are no collectors. */
typedef struct hf_role {
	const char *name;
	const char *purpose;
	const int *caps;             /* ended by -1 */
	const char *const *syscalls; /* NULL-terminated; NULL: a list of forbidden ones instead */
} hf_role;

enum { HF_ROLE_PARENT, HF_ROLE_LOADER, HF_ROLE_JUDGE };

extern const hf_role hf_roles[]; /* ended by .name NULL */
extern const char *const hf_common_syscalls[];

#endif
