/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging one or several sysctls with the same rule: the value lies between two bounds. */
#ifndef KERNEL_SETTINGS_H
#define KERNEL_SETTINGS_H

#include <holdfast/holdfast.h>

typedef struct setting {
	const char *key; /* dotted; NULL ends a list */
	int64_t low;	 /* smallest and largest good value */
	int64_t high;
	const char *wanted;
	const char *absent_why; /* what it means that this kernel lacks the key; NULL: nothing
				   special */
} setting;

/* Judges every setting of the list. An absent one is not applicable, an unreadable one unknown. */
void settings_judge(hf_check_run *run, const setting *settings);

/* The same as a row's function; .param is the list. */
void settings_run(hf_check_run *run);

/* Notes what sysctl.d(5) would set at the next boot where that differs from what runs. */
void settings_note_declared(hf_check_run *run, const char *key);

/* True when /proc/sys/net was read in the initial network namespace. Else marks @run unknown: the
 * settings of another namespace say nothing about the node. Needs the read SETTINGS_NETNS_READ. */
HF_MUST_CHECK bool settings_in_initial_netns(hf_check_run *run);
#define SETTINGS_NETNS_READ "sysctl:net.core.netdev_max_backlog"

#endif
