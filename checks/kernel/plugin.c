/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel plugin: its topics, one file each. */
#include "sets.h"

HF_PLUGIN_SETS("kernel", "Kernel hardening",
	       &kernel_support,
	       &kernel_version,
	       &kernel_boot,
	       &kernel_cpu,
	       &kernel_sysctl_state,
	       &kernel_modules,
	       &kernel_module_policy,
	       &kernel_usermode,
	       &kernel_exposure,
	       &kernel_userns,
	       &kernel_filesystems,
	       &kernel_hardening,
	       &kernel_integrity,
	       &kernel_devices,
	       &kernel_net,
	       &kernel_node,
	       &kernel_build,
	       &kernel_digest,
	       &kernel_options);
