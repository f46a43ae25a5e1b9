/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `seccomp`: which system calls containers can make, by the filters that are really in
 * force. */
#include "judge.h"

HF_PLUGIN_SETS("seccomp", "System-call filters of containers", &seccomp_node, &seccomp_tasks,
	       &seccomp_families, &seccomp_arguments, &seccomp_abi, &seccomp_compare,
	       &seccomp_profiles);
