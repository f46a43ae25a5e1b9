/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file systems on which engines keep their data. */
#include <holdfast/holdfast.h>

#include <string.h>

static const char wanted[] = "a file system of its own, neither that of / nor that of /var/log";

/* The mount that @path (without links) is on: the longest target above it, the last one of those
 * that lie over each other. */
static const hf_mount *mount_of(const hf_mounts *mounts, const char *path)
{
	const hf_mount *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < mounts->count; i++) {
		const char *target = mounts->all[i].target;
		size_t length = strcmp(target, "/") == 0 ? 0 : strlen(target);

		if (strncmp(path, target, length) != 0 ||
		    (path[length] != '/' && path[length] != '\0' && length > 0))
			continue;
		if (best && length < longest)
			continue;
		best = &mounts->all[i];
		longest = length;
	}
	return best;
}

static bool is_same_device(const hf_mount *a, const hf_mount *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* Datasets of one pool share its space, unless a quota says otherwise. */
static bool is_same_pool(const hf_mount *a, const hf_mount *b)
{
	size_t length = strcspn(a->source, "/");

	return strcmp(a->fs_type, "zfs") == 0 && strcmp(b->fs_type, "zfs") == 0 &&
	       strcspn(b->source, "/") == length && strncmp(a->source, b->source, length) == 0;
}

static const char *describe(hf_check_run *run, const hf_mount *mount)
{
	return hf_text(run, "%s (%s, %u:%u, %s of it) at %s", mount->source, mount->fs_type,
		       mount->major, mount->minor, mount->root, mount->target);
}

/* Compared by device: a bind mount of a folder of the same disk is a mount point, too. */
static void judge(hf_check_run *run, const hf_mounts *mounts, const char *what, const char *path)
{
	static const char *const others[] = {"/", "/var/log"};
	const hf_file_way *way = hf_way_get(run, path);

	if (way->fact.state == HF_ABSENT) {
		hf_not_applicable(run, path, "does not exist",
				  hf_text(run, "%s has no data yet", what));
		return;
	}
	if (!hf_need(run, &way->fact))
		return;
	const hf_mount *own = mount_of(mounts, way->end->path);
	const char *found = own ? hf_text(run, "%s is on %s", what, describe(run, own)) : NULL;

	if (!own) {
		hf_unknown(run, mounts->fact.source, hf_text(run, "no mount that holds %s", path));
		return;
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		const hf_mount *other = mount_of(mounts, others[i]);

		if (!other) {
			hf_unknown(run, mounts->fact.source,
				   hf_text(run, "no mount that holds %s", others[i]));
			return;
		}
		if (is_same_device(own, other)) {
			(void)hf_expect(run, path,
					hf_text(run, "%s, the file system of %s", found, others[i]),
					wanted, false);
			return;
		}
		if (is_same_pool(own, other)) {
			hf_unknown(run, path,
				   hf_text(run,
					   "%s, a dataset of the pool of %s: whether a quota keeps "
					   "them "
					   "apart is not known",
					   found, others[i]));
			return;
		}
	}
	(void)hf_expect(run, path, found, wanted, true);
}

/* An engine whose images containerd keeps (29.0 on for new ones) fills that one's root. */
static bool uses_containerd(hf_check_run *run)
{
	const hf_api_value *status = hf_api_get(run, "/info", "DriverStatus");

	return status->fact.state == HF_PRESENT && status->text &&
	       strstr(status->text, "io.containerd.snapshotter.v1");
}

/* Besides Docker: roots of containerd where no Docker is, or where Docker's images are in it; of
 * Podman and CRI-O; what pods write. */
static void judge_others(hf_check_run *run, const hf_mounts *mounts, bool has_docker)
{
	static const struct {
		const char *what;
		const char *path;
	} usual[] = {{"the storage of Podman or CRI-O", "/var/lib/containers/storage"},
		     {"kubelet's folder", "/var/lib/kubelet"}};
	const hf_containerd *containerd = hf_containerd_get(run);
	bool is_used = !has_docker || uses_containerd(run);
	const hf_file_way *way = hf_way_get(run, "/var/lib/containerd");

	for (size_t i = 0; is_used && i < containerd->count; i++) {
		if (containerd->all[i].kind == HF_CONTAINERD_ROOT &&
		    strcmp(containerd->all[i].path, "/var/lib/containerd") != 0)
			judge(run, mounts, "containerd's root", containerd->all[i].path);
	}
	if (is_used && way->fact.state != HF_ABSENT)
		judge(run, mounts, "containerd's root", "/var/lib/containerd");
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
		way = hf_way_get(run, usual[i].path);
		if (way->fact.state != HF_ABSENT)
			judge(run, mounts, usual[i].what, usual[i].path);
	}
}

/* Only the first of several is asked for its data root. */
static size_t count_engines(hf_check_run *run)
{
	const hf_processes *processes = hf_processes_get(run);
	size_t count = 0;

	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];
		const hf_process *parent = hf_process_by_pid(processes, process->parent);
		const char *slash =
			process->exe && !process->is_container ? strrchr(process->exe, '/') : NULL;

		/* the engine runs itself for short jobs */
		count += slash && strncmp(slash, "/dockerd", 8) == 0 &&
			 !(parent && parent->exe && strcmp(parent->exe, process->exe) == 0);
	}
	return count;
}

static void check_separate(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_mounts *mounts = hf_mounts_get(run);
	const hf_option *root = daemon ? hf_daemon_option(run, "data-root") : NULL;

	if (!hf_need(run, &mounts->fact))
		return;
	if (root && (root->fact.state != HF_PRESENT || !root->value || *root->value != '/'))
		hf_unknown(run, root->fact.source,
			   root->fact.why ? root->fact.why : "the data root is not known");
	else if (root)
		judge(run, mounts, "the data root", root->value);
	if (count_engines(run) > 1)
		hf_unknown(run, "processes",
			   hf_text(run, "%zu engines run: of the others the data root is not known",
				   count_engines(run)));
	judge_others(run, mounts, daemon != NULL);
	if (hf_status_so_far(run) == HF_NOTSELECTED)
		hf_not_applicable(run, "engines of this node", "none",
				  "no container engine is installed on this node");
}

static const hf_check checks[] = {
	{
		.id = "host.mount.data-root.separate",
		.title = "Container data root is on its own file system",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.1", "NIST-800-190:4.5.5", "CWE:400", "CWE:770",
				"ATTACK:T1499.001", "NIST-800-190:4.5.1", "OWASP-Docker:D07",
				"DOCKER-BENCH:check_1_1_1"),
		.aliases = HF_ALIASES("host.docker-partition"),
		.reads = HF_READS("way:/var/lib/containers/storage", "way:/var/lib/kubelet",
				  "way:/var/log"),
		.risk = "Images, logs and volumes of containers grow without bound; on the node's "
			"own file system they fill it, and services and logs of the node stop.",
		.threat = "A tenant writes into his container until the disk is full: the node can "
			  "no "
			  "longer log, and other containers fail.",
		.remediation =
			"Give the data root a partition or volume of its own: stop the engine, "
			"move "
			"the data, mount it at /var/lib/docker (or the folder of \"data-root\") by "
			"/etc/fstab, start the engine. A bind mount of a folder of the same disk "
			"changes nothing.",
		.run = check_separate,
	},
};

HF_CHECK_SET(host_data_root, checks);
