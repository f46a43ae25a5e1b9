/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runtime plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set runtime_support, runtime_users;

HF_PLUGIN_SETS("runtime", "Container runtimes of the node", &runtime_support, &runtime_users);
