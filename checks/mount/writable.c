/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders in which sockets appear, and sensitive places that a container cannot only see but change. */
#include "common.h"
#include "host-paths.h"

static void check_socket_dir(hf_check_run *run)
{
	static const char *const usual[] = {"/run", "/run/containerd", "/run/docker", "/run/crio",
					    "/run/podman", "/run/user"};
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_dir *users = hf_dir_get(run, "/run/user");
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		const char *found = NULL, *where = NULL;
		size_t count = sizeof usual / sizeof usual[0];

		if (!mount_shows_host(mount))
			continue;
		/* one that is not there yet will be */
		for (size_t j = 0; !found && j < count + users->count; j++) {
			const char *path = j < count ? usual[j]
						     : hf_text(run, "/run/user/%s", users->names[j - count]);
			hf_mount_relation relation =
				hf_container_mount_relation(run, container, mount, path, &where);

			if (relation == HF_MOUNT_SAME || relation == HF_MOUNT_ABOVE)
				found = hf_text(run, "%s at %s", path, where);
		}
		if (found)
			mount_add(run, &hits, found);
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "no mount shows one",
				     "no folder in which a runtime's socket appears");
}

/* ---- writable ---- */

static const host_paths paths_of_root = {
	.paths = (const char *const[]){"/usr/local", "/var/spool/anacron", "/var/lib/dpkg",
				       "/var/lib/rpm", "/var/lib/systemd", NULL},
};

static const host_paths *const sensitive[] = {
	&mount_host_root,     &mount_host_etc,	   &mount_host_boot_usr, &mount_host_cron_systemd,
	&mount_host_home,     &mount_kubelet_dir,  &mount_runtime_state, &mount_host_log,
	&mount_host_tmp_run,  &mount_credential_files, &paths_of_root,
};

static const char *find_sensitive(hf_check_run *run, const hf_container_mount *mount,
				  const hf_fact **ret_unknown)
{
	for (size_t i = 0; i < sizeof sensitive / sizeof sensitive[0]; i++) {
		const char *found = mount_find_host_path(run, mount, sensitive[i], ret_unknown);

		if (found)
			return found;
	}
	return NULL;
}

typedef struct writers {
	mount_list yes;
	mount_list no; /* it is mounted writable, but no task may */
	const char *maybe;
	const char *why;
} writers;

static void judge_writable(hf_check_run *run, const hf_container_mount *mount, const char *what,
			   writers *w)
{
	const char *why = NULL;
	mount_answer can = mount_has_root(run, &why);

	if (can != MOUNT_YES) {
		const hf_file *there =
			hf_container_stat(run, hf_container_of(run), mount->mount->target);
		mount_answer by_mode = mount_may_use(run, there, 0200);

		/* below it there may be files with other owners, but not of a stranger's own making */
		if (by_mode != MOUNT_NO) {
			can = by_mode;
			why = there->fact.state != HF_PRESENT ? there->fact.why : why;
		}
	}
	switch (can) {
	case MOUNT_YES:
		mount_add(run, &w->yes, what);
		break;
	case MOUNT_NO:
		mount_add(run, &w->no, what);
		break;
	case MOUNT_MAYBE:
		w->maybe = what;
		w->why = why ? why : "who may write could not be told";
		break;
	}
}

static void check_writable(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_fact *unknown = NULL;
	writers w = {0};

	if (!mounts)
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (!mount_shows_host(mount) || !mount_is_writable(mount))
			continue;
		const char *found = find_sensitive(run, mount, &unknown);

		if (found)
			judge_writable(run, mount, found, &w);
	}
	if (w.yes.count == 0 && w.maybe) {
		hf_unknown(run, MOUNT_TABLE, hf_text(run, "%s is mounted writable: %s", w.maybe, w.why));
		return;
	}
	if (w.yes.count == 0 && unknown) {
		hf_unknown(run, unknown->source, unknown->why);
		return;
	}
	(void)mount_conclude(run, &w.yes,
			     w.no.count > 0 ? hf_text(run, "%s; but no task may write there",
						      mount_show(run, &w.no))
					    : "no sensitive place of the host is mounted writable",
			     "none that a task of the container could write");
}

static const hf_check checks[] = {
	{
		.id = "mount.runtime-socket-dir",
		.title = "No container has the directory of a runtime socket mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:668", "CIS-Docker-1.6:5.32",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK"),
		.reads = HF_READS("dir:/run/user"),
		.risk = "The runtime's socket appears in the container as soon as the daemon "
				"starts, even if it is not there now.",
		.threat = "Wait for the daemon's next start and connect; or, where the folder "
				"is writable, put a socket of one's own in its place.",
		.remediation = "Mount the one file or folder that the container needs instead "
				"of /run, /var/run or a folder above them.",
		.run = check_socket_dir,
	},
	{
		.id = "mount.sensitive-writable",
		.title = "No sensitive host path is mounted writable",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:732", "CWE:668", "ATTACK:T1611",
				"KUBEHOUND:EXPLOIT_HOST_WRITE", "MS-K8S-MATRIX:MS-TA9013",
				"NIST-800-190:4.4.3", "DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.reads = HF_READS("stat:/usr/local", "stat:/var/spool/anacron",
				"stat:/var/lib/dpkg", "stat:/var/lib/rpm",
				"stat:/var/lib/systemd"),
		.risk = "A task of the container can change what the node runs, trusts or "
				"records.",
		.threat = "Write where root of the node reads or executes: programs, units, "
				"cron tables, accounts, keys, another container's files.",
		.remediation = "Mount it read-only (-v PATH:PATH:ro), run the container with a "
				"user of its own or with user namespaces, or remove the mount.",
		.run = check_writable,
	},
};

HF_CHECK_SET(mount_writable, checks);
