/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a value of kernel.core_pattern could run or write what a container chose. */
#ifndef KERNEL_CORE_PATTERN_H
#define KERNEL_CORE_PATTERN_H

#include <holdfast/holdfast.h>

typedef struct kernel_core_verdict {
	bool is_safe;
	bool is_unreadable; /* what decides could not be read; then .is_safe means nothing */
	const char *why;    /* in words, never NULL */
} kernel_core_verdict;

/* See core(5). Needs KERNEL_CORE_PATTERN_READS in .reads. */
kernel_core_verdict kernel_core_pattern_judge(hf_check_run *run, const char *pattern);

/* The paths that the running pattern names, the known collectors for a declared one, and the
 * folders that patterns usually name. */
#define KERNEL_CORE_PATTERN_READS                                                                  \
	"follow:/proc/sys/kernel/core_pattern", "parents:/usr/lib/systemd/systemd-coredump",       \
		"parents:/lib/systemd/systemd-coredump", "parents:/usr/share/apport/apport",       \
		"parents:/usr/libexec/abrt-hook-ccpp", "parents:/bin/false",                       \
		"parents:/usr/bin/false", "parents:/var/crash",                                    \
		"parents:/var/lib/systemd/coredump", "parents:/tmp", "parents:/var/tmp"

#endif
