/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two questions to a binary policy of the kernel, as /sys/fs/selinux/policy gives it. */
#ifndef HF_CHECKS_SELINUX_POLICY_H
#define HF_CHECKS_SELINUX_POLICY_H

#include <stdbool.h>
#include <stddef.h>

typedef enum selinux_answer { SELINUX_NO = 0, SELINUX_YES, SELINUX_UNKNOWN } selinux_answer;

/* Whether the policy has a type of this name. */
selinux_answer selinux_policy_has(const char *data, size_t size, const char *type);

/* Whether the policy lets everything pass for @type; SELINUX_UNKNOWN: it is none that we understand. */
selinux_answer selinux_policy_permits(const char *data, size_t size, const char *type);

#endif
