/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confinement: capabilities, user, system calls, files, limits. Each step can only take away. */
#include "process/process.h"

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

void hf_confine_bounds(void)
{
	/* without CAP_SETPCAP there is nothing that could be bounded */
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int hf_confine_caps(const int *caps)
{
	cap_t wanted = cap_init(), have = cap_get_proc();
	int r = 0;

	if (!wanted || !have) {
		(void)cap_free(wanted);
		(void)cap_free(have);
		return -ENOMEM;
	}
	for (; *caps >= 0; caps++) {
		cap_value_t cap = *caps;
		cap_flag_value_t permitted = CAP_CLEAR;

		if (cap_get_flag(have, cap, CAP_PERMITTED, &permitted) < 0 || permitted != CAP_SET)
			continue;
		(void)cap_set_flag(wanted, CAP_PERMITTED, 1, &cap, CAP_SET);
		(void)cap_set_flag(wanted, CAP_EFFECTIVE, 1, &cap, CAP_SET);
	}
	if (cap_set_proc(wanted) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	(void)cap_free(wanted);
	(void)cap_free(have);
	return r;
}

int hf_confine_user(uid_t uid, gid_t gid)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	/* the change of user cleared this one */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return 0;
}

/* What nothing of ours ever does: a process that tries has been taken over. */
static const char *const deadly_syscalls[] = {
	"execve",	  "execveat",	   "ptrace",	    "init_module",	 "finit_module",
	"delete_module",  "mount",	   "umount2",	    "move_mount",	 "open_tree",
	"fsopen",	  "fsmount",	   "pivot_root",    "chroot",		 "kexec_load",
	"kexec_file_load", "reboot",	   "swapon",	    "swapoff",		 "settimeofday",
	"clock_settime",  "process_vm_readv", "process_vm_writev", "userfaultfd", "add_key",
	"keyctl",	  "request_key",   "open_by_handle_at", "io_uring_setup", "mknodat",
	"quotactl",	  "acct",	   "iopl",	    "ioperm",		 NULL,
};

const char *const hf_common_syscalls[] = {
	"read",		  "write",	 "writev",	 "close",	   "lseek",
	"fstat",	  "newfstatat",	 "fcntl",	 "mmap",	   "munmap",
	"mprotect",	  "mremap",	 "madvise",	 "brk",		   "rt_sigreturn",
	"rt_sigaction",	  "rt_sigprocmask", "futex",	 "exit",	   "exit_group",
	"clock_gettime",  "gettimeofday", "getrandom",	 "poll",	   "ppoll",
	"getpid",	  "gettid",	 "tgkill",	 "restart_syscall", "rseq",
	"set_robust_list", "sched_yield", "prctl",	 "getuid",	   "geteuid",
	"getgid",	  "getegid",	 NULL,
};

/* Calls younger than the library's table; from 5.0 on a call has one number everywhere but on alpha. */
static int call_number(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR && strcmp(name, "lsm_list_modules") == 0)
		return 461;
	return number;
}

static int add_rules(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names; names++) {
		int number = call_number(*names);
		/* a name that this architecture or libseccomp lacks cannot be called by it either */
		int r = number == __NR_SCMP_ERROR ? 0
						  : seccomp_rule_add(filter, action, number, 0);

		if (r < 0 && r != -EEXIST && r != -EACCES && r != -EDOM)
			return r;
	}
	return 0;
}

static bool is_among(const char *name, const char *const *names)
{
	for (; names && *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static int add_deadly(scmp_filter_ctx filter, const char *const *except)
{
	for (const char *const *name = deadly_syscalls; *name; name++) {
		const char *const one[] = {*name, NULL};
		int r = is_among(*name, except)
				? 0
				: add_rules(filter, SCMP_ACT_KILL_PROCESS, one);

		if (r < 0)
			return r;
	}
	return 0;
}

int hf_confine_syscalls(const char *const *syscalls, bool common)
{
	/* a sanitizer's runtime makes calls of its own: there only the deadly ones are refused */
#ifdef HF_SANITIZED
	const uint32_t otherwise = SCMP_ACT_ALLOW;
#else
	const uint32_t otherwise = syscalls ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW;
#endif
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int r = filter ? 0 : -ENOMEM;

	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* a binary tree: the kernel runs the filter once for each of its calls when it is loaded, to know which need it
	 * no more; an older library keeps its list */
	if (r == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = add_deadly(filter, syscalls);
	if (r == 0 && otherwise != SCMP_ACT_ALLOW && common)
		r = add_rules(filter, SCMP_ACT_ALLOW, hf_common_syscalls);
	if (r == 0 && otherwise != SCMP_ACT_ALLOW)
		r = add_rules(filter, SCMP_ACT_ALLOW, syscalls);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int hf_confine_forks(void)
{
	static const char *const forks[] = {"clone", "clone3", "fork", "vfork", "wait4", "waitid", NULL};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? add_rules(filter, SCMP_ACT_ERRNO(EPERM), forks) : -ENOMEM;

#ifndef HF_SANITIZED
	if (r == 0)
		r = seccomp_load(filter);
#endif
	seccomp_release(filter);
	return r;
}

#if HAVE_LINUX_LANDLOCK_H

/* Rights by ABI version: a kernel refuses those that it does not know. */
static uint64_t known_rights(int abi)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1; /* the thirteen of version 1 */

	if (abi >= 2)
		rights |= UINT64_C(1) << 13; /* refer */
	if (abi >= 3)
		rights |= UINT64_C(1) << 14; /* truncate */
	return rights;
}

static int allow_reading(int ruleset, int fd)
{
	const uint64_t on_folders = LANDLOCK_ACCESS_FS_READ_DIR;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE |
				  (S_ISDIR(st.st_mode) ? on_folders : 0),
		.parent_fd = fd,
	};

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int allow_path(int ruleset, const char *path)
{
	hf_cleanup(hf_closep) int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return allow_reading(ruleset, fd);
}

int hf_confine_files(const char *const *dirs, const int *fds, size_t fd_count)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return -EOPNOTSUPP;
	struct landlock_ruleset_attr attr = {.handled_access_fs = known_rights(abi)};
	hf_cleanup(hf_closep) int ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);

	if (ruleset < 0)
		return -errno;
	for (; *dirs; dirs++) {
		int r = allow_path(ruleset, *dirs);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < fd_count; i++) {
		int r = allow_reading(ruleset, fds[i]);

		if (r < 0)
			return r;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return -errno;
	return 0;
}

#else

int hf_confine_files(const char *const *dirs, const int *fds, size_t fd_count)
{
	(void)dirs;
	(void)fds;
	(void)fd_count;
	return -EOPNOTSUPP;
}

#endif

static int limit(int resource, rlim_t value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	return setrlimit((__rlimit_resource_t)resource, &both) < 0 ? -errno : 0;
}

int hf_confine_limits(uint64_t memory_bytes, unsigned cpu_seconds, unsigned files)
{
	int r = limit(RLIMIT_CORE, 0); /* a core would hold what we read */

#ifndef HF_SANITIZED
	if (r == 0 && memory_bytes)
		r = limit(RLIMIT_AS, memory_bytes);
#else
	(void)memory_bytes;
#endif
	if (r == 0 && cpu_seconds)
		r = limit(RLIMIT_CPU, cpu_seconds);
	if (r == 0 && files)
		r = limit(RLIMIT_NOFILE, files);
	return r;
}
