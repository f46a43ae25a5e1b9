/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `namespace`: what containers share with the host and with each other. */
#include "spaces.h"

HF_PLUGIN_SETS("namespace", "Namespaces of containers", &namespace_host, &namespace_user,
	       &namespace_shared, &namespace_membership, &namespace_nested, &namespace_subids,
	       &namespace_limits, &namespace_drift);
