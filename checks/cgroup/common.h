/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of control groups share. */
#ifndef CGROUP_COMMON_H
#define CGROUP_COMMON_H

#include <holdfast/holdfast.h>

#define CGROUP_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A whole decimal number, blanks around it allowed. */
HF_MUST_CHECK bool cgroup_number(const char *text, uint64_t *ret_value);

/* "64 MiB" where that is exact, else bytes. */
const char *cgroup_bytes(hf_check_run *run, uint64_t bytes);

/* How @kind counts: bytes, tasks, "1.50 CPUs". */
const char *cgroup_amount(hf_check_run *run, hf_limit_kind kind, uint64_t value);

/* Bytes of memory of the node; false after marking @run unknown. Needs "/proc/meminfo" in .reads.
 */
HF_MUST_CHECK bool cgroup_memory_total(hf_check_run *run, uint64_t *ret_bytes);

/* @text has @word among words that are separated by blanks or commas. */
bool cgroup_has_word(const char *text, const char *word);

/* @path is @folder or below it. */
bool cgroup_is_below(const char *path, const char *folder);

/* "memory.max of its own group", "memory.max of /docker, which all groups below share": without the
 * path of its own group, so that containers that are alike look alike. */
const char *cgroup_decider(hf_check_run *run, const hf_container *container, const hf_limit *limit);

/* Marks @run notapplicable and returns true where the controller is missing: cgroup.controllers
 * tells of that. */
bool cgroup_lacks_controller(hf_check_run *run, const hf_fact *fact);

#endif
