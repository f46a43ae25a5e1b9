/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `capability`: what the kernel lets the tasks of containers do beyond what anybody may. */
#include "sets.h"

HF_PLUGIN_SETS("capability", "Capabilities of containers", &capability_whole, &capability_dangerous,
	       &capability_entered);
