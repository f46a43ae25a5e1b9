/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about files that engines are made of: who could change what a path leads to, who listens on which socket, and
 * what engines keep. */
#ifndef HOLDFAST_FILES_H
#define HOLDFAST_FILES_H

#include <holdfast/daemon.h>

HF_BEGIN_DECLS

/* ---- ways ---- */

/* One name on the way to a file. */
typedef struct hf_way_step {
	const char *path; /* without links before its last name; hostile where a user owns a folder above */
	const char *target; /* of a symbolic link, as it stands there; else NULL */
	hf_file_type type;
	uint32_t mode; /* permission bits with set-id and sticky: 07777 */
	uint32_t uid;
	uint32_t gid;
	/* Access control lists, acl(5): the group's bits of the mode are the mask of one, if there is one. */
	uint32_t group_rights; /* of the owning group: 0 to 7 */
	uint32_t acl_rights;   /* of all others together whom a list names; what the mode lets it grant, when .acl_why */
	const char *acl;       /* "user 1000 rw-, group 27 r--"; NULL: it names nobody */
	const char *acl_why;   /* it could not be read; or NULL */
} hf_way_step;

/* The way to a file, name by name from the root, links and the ways to what they lead to included. */
typedef struct hf_file_way {
	hf_fact fact; /* present: it ends at something; absent: proven. The steps before are there in any case */
	const hf_way_step *steps;
	size_t count;
	const hf_way_step *end; /* what the path leads to; NULL unless present */
} hf_file_way;

/* @path: of a row's .reads "way:/path", or one of those that are walked in every scan (engine-ways.c). */
HF_PUBLIC const hf_file_way *hf_way_get(hf_check_run *run, const char *path);

/* Whom @step lets write beside @uid and root, in words ("mode 0664: group 27 can write", "its access control list:
 * user 1000 rw-"); NULL: nobody. @uid as owner is well, too. A folder with the sticky bit is not written, but added
 * to: nobody replaces what is another's. */
HF_PUBLIC const char *hf_way_step_writable_why(hf_check_run *run, const hf_way_step *step, uint32_t uid);

/* The same for all folders and links on the way, but not its end: who could put something else there. *ret_unreadable
 * (NULL allowed): the way could not be walked, which is the reason. */
HF_PUBLIC const char *hf_way_writable_why(hf_check_run *run, const hf_file_way *way, uint32_t uid,
					  bool *ret_unreadable);

/* ---- sockets ---- */

/* UNIX sockets on which a process listens, by the names that they were bound to; abstract ones begin with '@'. */
typedef struct hf_unix_listeners {
	hf_fact fact; /* present: these are all */
	const char *const *paths; /* sorted, without repeats */
	size_t count;
} hf_unix_listeners;

/* Sources: /proc/PID/fd joined with /proc/PID/net/unix; of engines' daemons and pid 1. */
HF_PUBLIC const hf_unix_listeners *hf_unix_listeners_get(hf_check_run *run, int32_t pid);

/* Those of the daemon that @run is about: of the running one; else what docker.socket holds, or declares, for it.
 * Absent: it has none. */
HF_PUBLIC const hf_unix_listeners *hf_daemon_sockets(hf_check_run *run);

/* Everybody who listens on a UNIX socket in the initial network namespace. */
HF_PUBLIC const hf_unix_listeners *hf_all_unix_listeners(hf_check_run *run);

/* ---- containerd ---- */

typedef enum hf_containerd_kind {
	HF_CONTAINERD_CONFIG = 0, /* a configuration in use, or the default one, which need not exist */
	HF_CONTAINERD_IMPORT,	  /* a pattern of more of them; those that match are configurations above */
	HF_CONTAINERD_CERTS,	  /* a folder of registries' certificates */
	HF_CONTAINERD_ROOT,
	HF_CONTAINERD_STATE,
	HF_CONTAINERD_SOCKET,
} hf_containerd_kind;

typedef struct hf_containerd_file {
	hf_containerd_kind kind;
	const char *path;
} hf_containerd_file;

typedef struct hf_containerd {
	hf_fact fact; /* unreadable: there may be more than these */
	const hf_containerd_file *all;
	size_t count;
} hf_containerd;

/* What arguments and configurations of every containerd name. */
HF_PUBLIC const hf_containerd *hf_containerd_get(hf_check_run *run);

/* ---- credentials ---- */

/* A secret in a registry client's configuration, without it. */
typedef struct hf_client_secret {
	const char *registry;
	const char *kind; /* "auth", "identitytoken", "registrytoken", "password" */
} hf_client_secret;

typedef struct hf_client_config {
	hf_fact fact;
	const hf_client_secret *secrets;
	size_t secret_count;
	const char *store; /* program that keeps those of all registries; NULL: none */
	size_t helper_count; /* registries that have one of their own */
} hf_client_config;

/* @path: "/root/.docker/config.json", of an account of /etc/passwd, or kubelet's. */
HF_PUBLIC const hf_client_config *hf_client_config_get(hf_check_run *run, const char *path);

/* ---- what an engine keeps ---- */

typedef struct hf_kept_container {
	const char *id;
	const char *state; /* "running", "paused", "restarting", "dead", "stopped" */
	int64_t finished_day; /* days since 1970-01-01, as hf_moment.day; 0: it never ended */
	int64_t created_day;  /* 0: not known */
	const char *image; /* "sha256:…" */
} hf_kept_container;

typedef struct hf_kept_volume {
	const char *name;
	int64_t changed_day; /* its top folder, contents or metadata */
	bool is_used;	 /* some container, running or not, has it mounted */
} hf_kept_volume;

typedef struct hf_kept_image {
	const char *id;
	int64_t since_day;   /* when it came to this node; of a store that does not tell, when it was built */
	bool is_tagged;	     /* a tag or digest names it */
	bool is_used;	     /* some container, running or not, was made of it */
	bool is_parent;	     /* another image was built on it: it goes with that one */
} hf_kept_image;

/* Of the daemon that @run is about, from its own files, else from its API. Each list is complete where its fact is
 * present; .is_used of volumes and images rests on the containers', too. */
typedef struct hf_stock {
	hf_fact containers_fact;
	const hf_kept_container *containers;
	size_t container_count;
	hf_fact volumes_fact;
	const hf_kept_volume *volumes;
	size_t volume_count;
	hf_fact images_fact;
	const hf_kept_image *images;
	size_t image_count;
} hf_stock;

HF_PUBLIC const hf_stock *hf_stock_get(hf_check_run *run);

HF_END_DECLS

#endif
