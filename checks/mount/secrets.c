/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets that were handed to a container as files. */
#include "common.h"

#include <string.h>

/* ---- on what they are kept ---- */

static bool is_secret(const hf_container_mount *mount)
{
	const char *target = mount->mount->target, *from = mount->host_path;

	if (mount->is_covered)
		return false;
	if (mount_is_in(target, "/run/secrets", NULL) || mount_is_in(target, "/var/run/secrets", NULL))
		return true;
	return strstr(mount->mount->root, "/kubernetes.io~secret/") ||
	       strstr(mount->mount->root, "/kubernetes.io~projected/") ||
	       (from && (strstr(from, "/kubernetes.io~secret/") ||
			 strstr(from, "/kubernetes.io~projected/")));
}

/* The group and others of the container are other programs' users. */
static void judge_mode(hf_check_run *run, const char *path, const hf_file *file, mount_list *hits,
		       const hf_fact **ret_unread)
{
	if (file->fact.state == HF_ABSENT)
		return;
	if (file->fact.state == HF_UNREADABLE) {
		if (!*ret_unread)
			*ret_unread = &file->fact;
		return;
	}
	if (file->type == HF_FILE_REGULAR && (file->mode & 0004))
		mount_add(run, hits, hf_text(run, "%s has mode %04o", path, file->mode));
}

static void judge_secret(hf_check_run *run, const hf_container_mount *mount, mount_list *hits,
			 const hf_fact **ret_unread)
{
	const hf_container *container = hf_container_of(run);
	const char *target = mount->mount->target;
	const hf_dir *dir = hf_container_dir(run, container, target);

	if (!mount_is_type(mount, "tmpfs") && !mount_is_type(mount, "ramfs")) {
		mount_add(run, hits, hf_text(run, "%s is on %s", target, mount->mount->fs_type));
		return;
	}
	if (dir->fact.state != HF_PRESENT) { /* a single file */
		judge_mode(run, target, hf_container_stat(run, container, target), hits, ret_unread);
		return;
	}
	for (size_t i = 0; i < dir->count; i++) {
		if (strncmp(dir->names[i], "..", 2) == 0)
			continue; /* kubelet's own, to change all of them at once */
		const char *path = hf_text(run, "%s/%s", target, dir->names[i]);

		judge_mode(run, path, hf_container_stat(run, container, path), hits, ret_unread);
	}
}

static void check_secrets(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_fact *unread = NULL;
	mount_list hits = {0};
	size_t found = 0;

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		if (!is_secret(&mounts->all[i]))
			continue;
		found++;
		judge_secret(run, &mounts->all[i], &hits, &unread);
	}
	if (!mounts)
		return;
	if (found == 0)
		hf_not_applicable(run, MOUNT_TABLE, "no mount of secrets",
				  "no secrets were handed in as files");
	else if (hits.count == 0 && unread)
		hf_unknown(run, unread->source, unread->why);
	else
		(void)mount_conclude(run, &hits, "all on tmpfs, and not readable by everybody",
				     "secrets on tmpfs, readable by their owner alone");
}

/* ---- tokens of Kubernetes ---- */

static bool is_pods(const hf_container *container)
{
	return mount_is(container->runtime, "kubernetes") || mount_is(container->runtime, "cri-o") ||
	       (container->cgroup && strstr(container->cgroup, "kubepods"));
}

/* Where the API server's address and a token are put for a pod. kubelet renews a projected one within an hour or so;
 * one from a secret is valid until somebody deletes the secret. The token itself is never read. */
static const char *find_token(hf_check_run *run, const hf_container_mount *mount)
{
	static const char place[] = "/run/secrets/kubernetes.io/serviceaccount";
	const char *target = mount->mount->target;
	const char *from = mount->host_path ? mount->host_path : mount->mount->root;
	bool is_projected = strstr(from, "/kubernetes.io~projected/") != NULL;
	bool is_usual = mount_is_in(target, place, NULL) ||
			(strncmp(target, "/var", 4) == 0 && mount_is_in(target + 4, place, NULL));

	if (mount->is_covered || (!is_usual && !(is_projected && strstr(from, "token"))))
		return NULL;
	return hf_text(run, "%s, %s", target,
		       is_projected				  ? "of limited life"
		       : strstr(from, "/kubernetes.io~secret/") ? "from a secret, without an end"
								  : "of unknown life");
}

static void check_token(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts;
	mount_list hits = {0};

	if (!is_pods(container)) {
		hf_not_applicable(run, "control group and records of the container",
				  "no pod of Kubernetes", "only pods are given such tokens");
		return;
	}
	mounts = mount_begin(run);
	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const char *found = find_token(run, &mounts->all[i]);

		if (found)
			mount_add(run, &hits, found);
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "no token", "no token of a service account");
}

static const hf_check checks[] = {
	{
		.id = "mount.secrets-on-disk",
		.title = "Mounted secrets are on tmpfs",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:7.4", "CWE:313", "ATTACK:T1552.001",
				"OWASP-Docker:D06", "NIST-800-190:4.1.4"),
		.risk = "Secrets lie on the node's disk and in its backups, or every program of "
				"the container may read them.",
		.threat = "Read them from a disk image, a snapshot or a thrown-away disk; or "
				"with any account inside the container.",
		.remediation = "Hand them in as secrets of the orchestrator (docker secret, "
				"Kubernetes secrets with defaultMode: 0400) instead of files of "
				"the node.",
		.run = check_secrets,
	},
	{
		.id = "mount.service-account-token",
		.title = "Pods do not carry an API token that they do not need",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:522", "ATTACK:T1528", "KUBEHOUND:IDENTITY_ASSUME",
				"KUBEHOUND:TOKEN_STEAL", "MS-K8S-MATRIX:MS-TA9016",
				"NIST-800-190:4.3.2"),
		.risk = "Whoever takes over the container speaks to the API server in the pod's "
				"name.",
		.threat = "Read the token and list secrets, or create pods, as far as its "
				"service account may.",
		.remediation = "Set automountServiceAccountToken: false in the pod or its "
				"service account; give those that need one a projected token "
				"with an audience and a short life.",
		.run = check_token,
	},
};

HF_CHECK_SET(mount_secrets, checks);
