/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `network`: who can reach whom, by what the kernel's packet filter and bridges do. */
#include "common.h"

HF_PLUGIN_SETS("network", "Bridges, packet filter and reachability", &network_bridge,
	       &network_forward, &network_publish, &network_filter, &network_routing,
	       &network_settings, &network_listeners, &network_metadata, &network_inside,
	       &network_exposed, &network_cni);
