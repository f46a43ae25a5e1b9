/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mount plugin: what of the host and of other containers a container's mounts show. */
#include <holdfast/holdfast.h>

extern const hf_check_set mount_declared, mount_host_paths, mount_kernel_fs, mount_secrets,
	mount_shared, mount_sockets, mount_table, mount_writable;

HF_PLUGIN_SETS("mount", "Mounts of containers", &mount_sockets, &mount_host_paths, &mount_writable,
	       &mount_kernel_fs, &mount_table, &mount_shared, &mount_secrets, &mount_declared);
