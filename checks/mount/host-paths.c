/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of the host that a container's mounts must not show. They are compared in the file system itself (device
 * and path there), so a volume that is a bind in disguise, a link or another name does not matter. */
#include "host-paths.h"

#include <string.h>

/* ---- what belongs to the container though it lies in a runtime's folder ---- */

/* The part of @path behind "/NAME/", or NULL. */
static const char *behind(const char *path, const char *name)
{
	const char *at = strstr(path, name);

	return at ? at + strlen(name) : NULL;
}

/* Of one pod: ".../pods/UID/volumes/…", but neither all pods nor all of one. */
static bool is_pod_volume(const char *path)
{
	static const char *const parts[] = {"volumes/", "volume-subpaths/", "containers/",
					    "etc-hosts", "plugins/"};
	const char *uid = behind(path, "/pods/");
	const char *part = uid ? strchr(uid, '/') : NULL;

	for (size_t i = 0; part && i < sizeof parts / sizeof parts[0]; i++) {
		if (strncmp(part + 1, parts[i], strlen(parts[i])) == 0)
			return true;
	}
	return false;
}

/* What the runtime keeps for this one container: ".../containers/ID/…". */
static bool is_own_record(hf_check_run *run, const char *path)
{
	const char *id = hf_container_of(run)->id;
	const char *at = strstr(path, id);

	return strlen(id) == 64 && at && at[64] == '/';
}

static bool is_its_own(hf_check_run *run, const hf_container_mount *mount)
{
	const char *path = mount->mount->root;

	/* the root of a file system has no such name of its own: then the host's name tells */
	if (mount_is(path, "/") && mount->host_path)
		path = mount->host_path;
	return mount_is_volume(mount) || is_pod_volume(path) || is_own_record(run, path);
}

/* ---- one place ---- */

static bool is_harmless(hf_check_run *run, const hf_container_mount *mount, const host_paths *set)
{
	for (size_t i = 0; set->harmless && set->harmless[i]; i++) {
		hf_mount_relation relation = hf_container_mount_relation(
			run, hf_container_of(run), mount, set->harmless[i], NULL);

		if (relation == HF_MOUNT_SAME || relation == HF_MOUNT_BELOW)
			return true;
	}
	return false;
}

static const char *look_at(hf_check_run *run, const hf_container_mount *mount,
			   const host_paths *set, const char *path, const hf_fact **ret_unknown)
{
	const char *where = mount->mount->target;
	const hf_file *there;

	switch (hf_container_mount_relation(run, hf_container_of(run), mount, path, &where)) {
	case HF_MOUNT_APART:
		return NULL;
	case HF_MOUNT_SAME:
		return hf_text(run, "%s at %s", path, where);
	case HF_MOUNT_BELOW:
		if (set->flags & HOST_PATH_WHOLE || is_its_own(run, mount))
			return NULL;
		return hf_text(run, "%s (in %s) at %s", mount->host_path, path, where);
	case HF_MOUNT_ABOVE:
		there = hf_stat_get(run, path);
		if (there->fact.state == HF_UNREADABLE && !*ret_unknown)
			*ret_unknown = &there->fact;
		return there->fact.state == HF_PRESENT ? hf_text(run, "%s at %s", path, where) : NULL;
	}
	return NULL;
}

/* A pattern with one "*": each name in that folder. */
static const char *look_at_each(hf_check_run *run, const hf_container_mount *mount,
				const host_paths *set, const char *pattern,
				const hf_fact **ret_unknown)
{
	const char *star = strchr(pattern, '*');

	if (!star)
		return look_at(run, mount, set, pattern, ret_unknown);
	const char *folder = hf_text(run, "%.*s", (int)(star - pattern - 1), pattern);

	if (hf_container_mount_relation(run, hf_container_of(run), mount, folder, NULL) ==
	    HF_MOUNT_APART)
		return NULL;
	const hf_dir *dir = hf_dir_get(run, folder);

	if (dir->fact.state == HF_UNREADABLE && !*ret_unknown)
		*ret_unknown = &dir->fact;
	for (size_t i = 0; i < dir->count; i++) {
		const char *path = hf_text(run, "%.*s%s%s", (int)(star - pattern), pattern,
					   dir->names[i], star + 1);
		const char *found = look_at(run, mount, set, path, ret_unknown);

		if (found)
			return found;
	}
	return NULL;
}

const char *mount_find_host_path(hf_check_run *run, const hf_container_mount *mount,
				 const host_paths *set, const hf_fact **ret_unknown)
{
	const char *found = NULL;

	if ((set->flags & HOST_PATH_WRITABLE && !mount_is_writable(mount)) ||
	    (!mount_is_writable(mount) && is_harmless(run, mount, set)))
		return NULL;
	for (size_t i = 0; !found && set->paths[i]; i++)
		found = look_at_each(run, mount, set, set->paths[i], ret_unknown);
	if (!found && set->flags & HOST_PATH_DATA_ROOT) {
		const hf_api_value *root = hf_api_get(run, "/info", "DockerRootDir");

		if (root->fact.state == HF_PRESENT && root->text && *root->text == '/')
			found = look_at(run, mount, set, root->text, ret_unknown);
		else if (mount_is(hf_container_of(run)->runtime, "docker") && !*ret_unknown)
			*ret_unknown = &root->fact;
	}
	return found;
}

static void check_host_paths(hf_check_run *run)
{
	const host_paths *set = hf_check_param(run);
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_fact *unknown = NULL;
	mount_list hits = {0};
	bool is_writable = false;

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (!mount_shows_host(mount))
			continue;
		const char *found = mount_find_host_path(run, mount, set, &unknown);

		if (!found)
			continue;
		mount_add(run, &hits, hf_text(run, "%s, %s", found, mount_access(mount)));
		is_writable |= mount_is_writable(mount);
	}
	if (!mounts)
		return;
	if (hits.count == 0 && unknown) {
		hf_unknown(run, unknown->source, unknown->why);
		return;
	}
	if (!mount_conclude(run, &hits, "no mount shows it", set->wanted) && !is_writable &&
	    set->read_only)
		hf_message(run, "%s", set->read_only);
}

/* ---- rows ---- */

const host_paths mount_host_root = {
	.paths = (const char *const[]){"/", NULL},
	.flags = HOST_PATH_WHOLE,
	.wanted = "no mount that shows the host's root",
	.read_only = "Read-only: it shows every secret of the node, but changes nothing.",
};

const host_paths mount_host_etc = {
	.paths = (const char *const[]){"/etc", NULL},
	.harmless = (const char *const[]){
		"/etc/localtime", "/etc/timezone", "/etc/hosts", "/etc/hostname",
		"/etc/resolv.conf", "/etc/os-release", "/etc/ssl/certs", "/etc/ca-certificates",
		"/etc/pki/tls/certs", "/etc/pki/ca-trust",
		NULL,
	},
	.wanted = "no mount that shows /etc or a part of it",
	.read_only = "Read-only: it shows shadow, keys and configuration, but changes "
		"nothing.",
};

const host_paths mount_host_boot_usr = {
	.paths = (const char *const[]){
		"/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/lib/modules", "/opt",
		NULL,
	},
	.harmless = (const char *const[]){
		"/usr/share", "/usr/local/share", "/usr/lib/os-release",
		NULL,
	},
	.wanted = "no mount that shows system programs, libraries or the kernel",
	.read_only = "Read-only: nothing that the node executes can be replaced by it.",
};

const host_paths mount_host_cron_systemd = {
	.paths = (const char *const[]){
		"/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily",
		"/etc/cron.weekly", "/etc/cron.monthly", "/var/spool/cron", "/etc/systemd",
		"/usr/lib/systemd", "/lib/systemd", "/run/systemd", "/etc/init.d",
		"/etc/profile.d", "/etc/ld.so.preload", "/etc/udev",
		NULL,
	},
	.flags = HOST_PATH_WRITABLE,
	.wanted = "no writable mount of a place from which the host starts programs",
};

const host_paths mount_host_home = {
	.paths = (const char *const[]){"/root", "/home", NULL},
	.wanted = "no mount that shows a home directory",
	.read_only = "Read-only: it shows keys and tokens, but changes nothing.",
};

const host_paths mount_kubelet_dir = {
	.paths = (const char *const[]){
		"/var/lib/kubelet", "/etc/kubernetes", "/var/lib/rancher", "/var/lib/etcd",
		NULL,
	},
	.wanted = "no mount that shows kubelet's or the cluster's files, but volumes of "
		"its own pod",
};

const host_paths mount_runtime_state = {
	.paths = (const char *const[]){
		"/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/run/docker",
		"/run/containerd", "/run/runc", "/run/crun", "/run/crio", "/var/lib/lxc",
		"/var/lib/machines",
		NULL,
	},
	.flags = HOST_PATH_DATA_ROOT,
	.wanted = "no mount that shows a runtime's storage or state, but volumes",
	.read_only = "Read-only: it shows every other container's files, but changes none.",
};

const host_paths mount_host_log = {
	.paths = (const char *const[]){"/var/log", NULL},
	.wanted = "no mount that shows /var/log or a part of it",
	.read_only = "Read-only: the trail can be read, not changed.",
};

const host_paths mount_host_tmp_run = {
	.paths = (const char *const[]){"/tmp", "/var/tmp", "/run", "/dev/shm", NULL},
	.wanted = "no mount that shows the host's /tmp, /var/tmp, /run or /dev/shm, or a "
		"part of them",
};

const host_paths mount_credential_files = {
	.paths = (const char *const[]){
		"/root/.kube", "/home/*/.kube", "/root/.docker", "/home/*/.docker", "/root/.aws",
		"/home/*/.aws", "/root/.config/gcloud", "/home/*/.config/gcloud", "/root/.azure",
		"/home/*/.azure", "/etc/krb5.keytab", "/var/lib/cloud", "/run/secrets",
		NULL,
	},
	.wanted = "no mount that shows credential files of users or clouds",
};

static const hf_check checks[] = {
	{
		.id = "mount.host-root",
		.title = "No container has the host's root file system mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"KUBEHOUND:EXPLOIT_HOST_WRITE", "KUBEHOUND:EXPLOIT_HOST_READ",
				"KUBEHOUND:VOLUME_ACCESS", "DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.risk = "The container reads every secret of the node, and with "
				"a writable mount changes every file of it.",
		.threat = "Write a cron job, an SSH key or a program that root "
				"runs; or read /etc/shadow, keys and every other "
				"container's files.",
		.remediation = "Start the container without -v /:…; mount the one "
				"folder that it needs, read-only where it only reads.",
		.run = check_host_paths,
		.param = &mount_host_root,
	},
	{
		.id = "mount.host-etc",
		.title = "No container has the host's /etc mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"KUBEHOUND:EXPLOIT_HOST_WRITE", "KUBEHOUND:EXPLOIT_HOST_READ",
				"DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.reads = HF_READS("stat:/etc"),
		.risk = "The container decides who may log in to the node and "
				"what it starts, or reads its password hashes and keys.",
		.threat = "Add an account, a sudo rule, a cron job or a line in "
				"ld.so.preload; or take shadow and private keys away.",
		.remediation = "Mount single files that the container needs, read-"
				"only, or give it a configuration of its own.",
		.run = check_host_paths,
		.param = &mount_host_etc,
	},
	{
		.id = "mount.host-boot-usr",
		.title = "No container has system programs, libraries, kernel and "
			"modules mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3", "ATTACK:T1554",
				"DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.reads = HF_READS("stat:/usr", "stat:/bin", "stat:/sbin", "stat:/lib",
				"stat:/lib64", "stat:/boot", "stat:/lib/modules", "stat:/opt"),
		.risk = "The container can replace what root of the node "
				"executes.",
		.threat = "Put a program of its own in the place of one that the "
				"node runs every minute, or of a kernel module.",
		.remediation = "Ship the programs in the image. What must come from "
				"the node (kernel modules for a driver) is mounted "
				"read-only.",
		.run = check_host_paths,
		.param = &mount_host_boot_usr,
	},
	{
		.id = "mount.host-cron-systemd",
		.title = "No container has places from which the host starts programs "
			"mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"ATTACK:T1053.003", "ATTACK:T1543.002",
				"KUBEHOUND:EXPLOIT_HOST_WRITE"),
		.reads = HF_READS("stat:/etc/crontab", "stat:/etc/cron.d", "stat:/etc/cron.hourly",
				"stat:/etc/cron.daily", "stat:/etc/cron.weekly",
				"stat:/etc/cron.monthly", "stat:/var/spool/cron",
				"stat:/etc/systemd", "stat:/usr/lib/systemd",
				"stat:/lib/systemd", "stat:/run/systemd", "stat:/etc/init.d",
				"stat:/etc/profile.d", "stat:/etc/ld.so.preload",
				"stat:/etc/udev"),
		.risk = "A file that the container writes is executed by root "
				"of the node, now or at the next boot.",
		.threat = "Drop a unit, a cron table, a profile script or a udev "
				"rule into the mounted folder and wait.",
		.remediation = "Remove the mount, or make it read-only (-v "
				"PATH:PATH:ro).",
		.run = check_host_paths,
		.param = &mount_host_cron_systemd,
	},
	{
		.id = "mount.host-home",
		.title = "No container has home directories and SSH keys mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"KUBEHOUND:EXPLOIT_HOST_READ", "ATTACK:T1552.004",
				"ATTACK:T1098.004"),
		.reads = HF_READS("stat:/root", "stat:/home"),
		.risk = "Keys, tokens and histories of people who log in to the "
				"node are open to the container.",
		.threat = "Copy a private key; or add one's own to "
				"authorized_keys, or a line to a shell's start file, "
				"and be that user.",
		.remediation = "Mount the one project folder from a place outside "
				"/home and /root, or copy the data into a volume.",
		.run = check_host_paths,
		.param = &mount_host_home,
	},
	{
		.id = "mount.kubelet-dir",
		.title = "No container has kubelet and cluster secrets mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"KUBEHOUND:EXPLOIT_HOST_TRAVERSE", "KUBEHOUND:TOKEN_STEAL",
				"MS-K8S-MATRIX:MS-TA9016", "MS-K8S-MATRIX:MS-TA9017",
				"ATTACK:T1528", "ATTACK:T1552.001"),
		.reads = HF_READS("stat:/var/lib/kubelet", "stat:/etc/kubernetes",
				"stat:/var/lib/rancher", "stat:/var/lib/etcd"),
		.risk = "The container has the tokens of every pod of the node "
				"and the node's own identity in the cluster.",
		.threat = "Use another pod's token or the kubelet's client "
				"certificate against the API server; or write a static "
				"pod.",
		.remediation = "Remove the hostPath volume; give the pod the one "
				"secret that it needs as a secret volume.",
		.run = check_host_paths,
		.param = &mount_kubelet_dir,
	},
	{
		.id = "mount.runtime-state",
		.title = "No container has a runtime's storage or state mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3", "ATTACK:T1612",
				"DOCKER-BENCH:check_5_6"),
		.aliases = HF_ALIASES("container.sensitive-mounts"),
		.reads = HF_READS("stat:/var/lib/docker", "stat:/var/lib/containerd",
				"stat:/var/lib/containers", "stat:/run/docker",
				"stat:/run/containerd", "stat:/run/runc", "stat:/run/crun",
				"stat:/run/crio", "stat:/var/lib/lxc", "stat:/var/lib/machines"),
		.risk = "Files, environments, logs and volumes of every other "
				"container are open to this one.",
		.threat = "Read another container's secrets from its layers and "
				"records; with a writable mount, change what it runs.",
		.remediation = "Remove the mount. An agent that measures containers "
				"gets its numbers from control groups or the engine's "
				"metrics.",
		.run = check_host_paths,
		.param = &mount_runtime_state,
	},
	{
		.id = "mount.host-log",
		.title = "No container has the host's log directories mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"KUBEHOUND:CE_VAR_LOG_SYMLINK", "ATTACK:T1070", "CWE:59"),
		.reads = HF_READS("stat:/var/log"),
		.risk = "The node's trail can be read, and with a writable "
				"mount forged or removed.",
		.threat = "Delete the lines that tell of the intrusion; or put a "
				"link there that a log reader of the node follows to "
				"any file.",
		.remediation = "Ship logs with the engine's log driver or a forwarder "
				"on the node; mount single files read-only where it "
				"must be.",
		.run = check_host_paths,
		.param = &mount_host_log,
	},
	{
		.id = "mount.host-tmp-run",
		.title = "No container has shared scratch directories mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:C/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3", "CWE:377",
				"CWE:59"),
		.reads = HF_READS("stat:/tmp", "stat:/var/tmp", "stat:/run", "stat:/dev/shm"),
		.risk = "Programs of the node trust names in these folders: "
				"sockets, locks and temporary files.",
		.threat = "Plant a link or a socket where a service of the node "
				"will open it; or use the agent and display sockets "
				"there.",
		.remediation = "Give the container a tmpfs or a volume of its own for "
				"scratch files.",
		.run = check_host_paths,
		.param = &mount_host_tmp_run,
	},
	{
		.id = "mount.credential-files",
		.title = "No container has credential files of host users and clouds "
			"mounted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "CWE:250", "ATTACK:T1611",
				"MS-K8S-MATRIX:MS-TA9013", "NIST-800-190:4.4.3",
				"ATTACK:T1552.001", "MS-K8S-MATRIX:MS-TA9003",
				"MS-K8S-MATRIX:MS-TA9026", "CWE:522"),
		.reads = HF_READS("stat:/root/.kube", "dir:/home", "stat:/home/*/.kube",
				"stat:/root/.docker", "stat:/home/*/.docker", "stat:/root/.aws",
				"stat:/home/*/.aws", "stat:/root/.config/gcloud",
				"stat:/home/*/.config/gcloud", "stat:/root/.azure",
				"stat:/home/*/.azure", "stat:/etc/krb5.keytab",
				"stat:/var/lib/cloud", "stat:/run/secrets"),
		.risk = "Whoever runs code in the container has these accounts, "
				"in the cluster or the cloud.",
		.threat = "Read the file and use it from anywhere; a read-only "
				"mount does not help.",
		.remediation = "Give the container credentials of its own, short-lived "
				"and for its task alone, as a secret.",
		.run = check_host_paths,
		.param = &mount_credential_files,
	},
};

HF_CHECK_SET(mount_host_paths, checks);
