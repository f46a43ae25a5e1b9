/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set host_baseline, host_data_root;

HF_PLUGIN_SETS("host", "The node below the containers", &host_baseline, &host_data_root);
