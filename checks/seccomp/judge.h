/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of system-call filters share. */
#ifndef SECCOMP_JUDGE_H
#define SECCOMP_JUDGE_H

#include <holdfast/holdfast.h>

/* The filtering of the run's container. NULL after ending the check: no task has a filter
 * (seccomp.mode is the finding then), or nothing is known of it. */
const hf_filtering *seccomp_begin(hf_check_run *run);

/* Marks @run unknown where some task of the container could not be read: what was judged is not all
 * of it. */
void seccomp_end(hf_check_run *run, const hf_filtering *filtering);

/* ABIs by 1 << hf_call_abi: those that the kernel runs, and those of which that is not known. */
typedef struct seccomp_abis {
	uint32_t sure;
	uint32_t maybe;
	const char *why; /* of the last of .maybe */
} seccomp_abis;

seccomp_abis seccomp_abis_get(hf_check_run *run);

/* The calls that no container needs and that reach the host: of all families that are level 1 here.
 */
extern const hf_call_case seccomp_dangerous[];

/* Capabilities that some task of @container can have: the union of bounding sets. */
uint64_t seccomp_bounding(const hf_container *container);

/* "a, b"; either may be NULL. */
const char *seccomp_join(hf_check_run *run, const char *a, const char *b);

extern const hf_check_set seccomp_node, seccomp_tasks, seccomp_families, seccomp_arguments,
	seccomp_abi, seccomp_compare, seccomp_profiles;

#endif
