/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a run that are no collectors, and what each may do. */
#include "process/process.h"

#include <linux/capability.h>

/* dlopen() of plugins: reading files; no sockets, no other process. */
static const char *const loader_syscalls[] = {
	"open",	    "openat", "pread64", "readlink",   "readlinkat", "access", "faccessat2",
	"statx",    "stat",   "getcwd",	 "getdents64", "clone",	     "clone3", "wait4",
	"prlimit64", "seccomp", "setrlimit", "landlock_create_ruleset", "landlock_add_rule",
	"landlock_restrict_self", NULL,
};

/* The judge proper: starts the worker again without the check that crashed it. */
static const char *const judge_syscalls[] = {"clone", "wait4", "seccomp", "setrlimit", "prlimit64", NULL};

const hf_role hf_roles[] = {
	[HF_ROLE_PARENT] = {
		.name = "parent",
		.purpose = "starts, times and ends the others; parses nothing that it did not write",
		.caps = (const int[]){CAP_KILL, CAP_DAC_OVERRIDE, -1},
	},
	[HF_ROLE_LOADER] = {
		.name = "judge (loading)",
		.purpose = "loads the plugins: reads below the library and plugin folders only",
		.caps = (const int[]){-1},
		.syscalls = loader_syscalls,
	},
	[HF_ROLE_JUDGE] = {
		.name = "judge",
		.purpose = "judges and writes reports to descriptors it was given: no file, no socket",
		.caps = (const int[]){-1},
		.syscalls = judge_syscalls,
	},
	{0},
};
