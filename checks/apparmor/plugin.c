/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `apparmor`: whether AppArmor runs, holds what it should, and confines every container. */
#include "label.h"

HF_PLUGIN_SETS("apparmor", "AppArmor", &apparmor_node, &apparmor_containers);
