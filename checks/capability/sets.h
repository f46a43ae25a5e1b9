/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of capabilities share: sets as words, and a walk over tasks. */
#ifndef HF_CHECKS_CAPABILITY_SETS_H
#define HF_CHECKS_CAPABILITY_SETS_H

#include <holdfast/holdfast.h>

/* Bits of capabilities(7). */
#define CAPABILITY(bit) (UINT64_C(1) << (bit))

/* What dockerd and containerd give without being told: moby oci/caps/defaults.go, containerd
 * oci/spec.go. Podman's and CRI-O's are parts of it. */
extern const uint64_t capability_runtime_default;

/* "SYS_ADMIN NET_RAW"; a bit that libcap has no name for as its number; "none". */
const char *capability_names(hf_check_run *run, uint64_t set);

/* All that this kernel knows, from kernel.cap_last_cap; 0 after marking the run unknown. */
uint64_t capability_kernel_mask(hf_check_run *run);

/* Everything that a task can use, or come to use by executing a program. */
uint64_t capability_in_reach(const hf_task *task);

/* "task "sh" (uid 0)" */
const char *capability_task_name(hf_check_run *run, const hf_task *task);

/* The first of the offenders by name, and how many more there are. */
typedef struct capability_offenders {
	const hf_task *first;
	size_t count;
	bool is_remapped; /* each of them is in a user namespace of its own */
} capability_offenders;

void capability_offend(hf_check_run *run, capability_offenders *offenders, const hf_task *task);
const char *capability_offenders_text(hf_check_run *run, const capability_offenders *offenders);

/* Ends a check over tasks: fail with @found where there were offenders; else pass with @good, or unknown
 * where a task could not be read. */
void capability_conclude(hf_check_run *run, const capability_offenders *offenders, const char *source,
			 const char *bad, const char *good, const char *wanted);

extern const hf_check_set capability_dangerous, capability_entered, capability_whole;

#endif
