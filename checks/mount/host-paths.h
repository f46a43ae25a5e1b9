/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of the host that no container should see, as the rows of host-paths.c and writable.c name them. */
#ifndef MOUNT_HOST_PATHS_H
#define MOUNT_HOST_PATHS_H

#include "common.h"

enum {
	HOST_PATH_WHOLE = 1,	/* what lies in it does not count */
	HOST_PATH_WRITABLE = 2, /* read-only mounts do not count */
	HOST_PATH_DATA_ROOT = 4 /* and where the engine says that it keeps its data */
};

typedef struct host_paths {
	const char *const *paths; /* a part "*" stands for each name in that folder */
	const char *const *harmless; /* shown read-only: no secrets, and often needed. NULL: none */
	unsigned flags;
	const char *wanted;
	const char *read_only; /* message where no hit is writable; NULL: none */
} host_paths;

extern const host_paths mount_host_root, mount_host_etc, mount_host_boot_usr,
	mount_host_cron_systemd, mount_host_home, mount_kubelet_dir, mount_runtime_state,
	mount_host_log, mount_host_tmp_run, mount_credential_files;

/* The first place of @set that @mount shows, in words ("/etc at /x"), or NULL. *ret_unknown: the first that could
 * not be told, with its reason. */
const char *mount_find_host_path(hf_check_run *run, const hf_container_mount *mount,
				 const host_paths *set, const hf_fact **ret_unknown);

#endif
