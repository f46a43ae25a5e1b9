/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel releases ("6.1.0-28-cloud-amd64") by the distributions' rules. */
#ifndef KERNEL_RELEASE_H
#define KERNEL_RELEASE_H

#include <stdbool.h>

/* <0, 0, >0 as @a is older than, the same as, newer than @b; numbers count as numbers (6.1.9
 * < 6.1.10), a release candidate comes before its release. Flavours take no part. */
int kernel_release_compare(const char *a, const char *b);

/* Both are of the same flavour: "amd64", "cloud-amd64", "rt" … */
bool kernel_release_same_flavour(const char *a, const char *b);

#endif
