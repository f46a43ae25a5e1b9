/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set daemon_access, daemon_authorization, daemon_config, daemon_isolation,
	daemon_logging, daemon_network, daemon_privileges, daemon_publish, daemon_registry,
	daemon_resources, daemon_storage, daemon_users;

HF_PLUGIN_SETS("daemon", "Docker daemon configuration", &daemon_access, &daemon_authorization,
	       &daemon_config, &daemon_isolation, &daemon_logging, &daemon_network,
	       &daemon_privileges, &daemon_publish, &daemon_registry, &daemon_resources,
	       &daemon_storage, &daemon_users);
