/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set device_filter, device_nodes, device_making, device_specs;

HF_PLUGIN_SETS("device", "Devices of containers", &device_filter, &device_nodes, &device_making,
	       &device_specs);
