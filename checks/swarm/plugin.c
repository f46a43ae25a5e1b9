/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The swarm plugin: its topics, one file each. */
#include "judge.h"

HF_PLUGIN_SETS("swarm", "Docker swarm mode", &swarm_keys, &swarm_members, &swarm_network, &swarm_services,
	       &swarm_state);
