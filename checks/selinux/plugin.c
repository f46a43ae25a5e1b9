/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `selinux`: whether SELinux runs and enforces, and whether its labels keep containers apart. */
#include "context.h"

HF_PLUGIN_SETS("selinux", "SELinux", &selinux_node, &selinux_containers);
