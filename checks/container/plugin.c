/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `container`: how a container was started, and what its engine does for it. */
#include "judge.h"

HF_PLUGIN_SETS("container", "Containers as they were started", &container_privileged,
	       &container_login, &container_ports, &container_publish, &container_entered,
	       &container_image, &container_declared);
