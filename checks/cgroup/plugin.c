/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cgroup plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set cgroup_node, cgroup_limits, cgroup_drift, cgroup_ceiling,
	cgroup_placement, cgroup_reach;

HF_PLUGIN_SETS("cgroup", "Control groups of containers", &cgroup_node, &cgroup_limits,
	       &cgroup_drift, &cgroup_ceiling, &cgroup_placement, &cgroup_reach);
