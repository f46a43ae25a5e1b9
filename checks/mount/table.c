/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mount table says of its own: propagation, options, sizes, file systems that nobody handed in. */
#include "common.h"

#include <string.h>

/* ---- disks ---- */

static void check_block_fs(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_fact *unread = NULL;
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		const hf_declared_mount *as;

		/* file systems without a device have major 0 */
		if (mount->mount->major == 0 || !mount_is(mount->mount->root, "/") ||
		    mount->is_declared_by_runtime)
			continue;
		mount_answer declared = mount_is_declared(run, mount->mount->target, &as);

		if (declared == MOUNT_NO)
			mount_add(run, &hits,
				  hf_text(run, "%s of device %u:%u at %s, which nobody declared",
					  mount->mount->fs_type, mount->mount->major,
					  mount->mount->minor, mount->mount->target));
		if (declared == MOUNT_MAYBE)
			unread = &hf_container_declared_mounts(run, hf_container_of(run))->fact;
	}
	if (!mounts)
		return;
	if (hits.count == 0 && unread)
		hf_unknown(run, unread->source, unread->why);
	else
		(void)mount_conclude(run, &hits, "none", "no disk that the container mounted itself");
}

/* ---- propagation ---- */

static void check_shared(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (mount->shared != 0 && hf_host_has_peer_group(run, mount->shared))
			mount_add(run, &hits, hf_text(run, "%s is shared with the host",
						      mount->mount->target));
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "no peer group in common with the host",
				     "private or slave mounts");
}

static void check_slave(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		/* roots and volumes follow the mount of the engine's own data */
		if (mount->master != 0 && !mount->is_declared_by_runtime &&
		    !mount_is_volume(mount) &&
		    hf_host_has_peer_group(run, mount->master))
			mount_add(run, &hits, hf_text(run, "%s follows %s of the host",
						      mount->mount->target,
						      mount->host_path ? mount->host_path
								       : mount->mount->root));
	}
	if (mounts)
		(void)mount_conclude(run, &hits, "none but its root and volumes",
				     "no mount that later mounts of the host appear below");
}

/* ---- options ---- */

static void check_rootfs(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_container_mount *root = mounts ? hf_container_mount_at(mounts, "/") : NULL;

	if (!mounts)
		return;
	if (!root) {
		hf_unknown(run, MOUNT_TABLE, "has no root");
		return;
	}
	(void)hf_expect(run, MOUNT_TABLE, hf_text(run, "/ is %s", mount_access(root)), "read-only",
			!mount_is_writable(root));
}

static bool has_option(const hf_container_mount *mount, const char *option)
{
	return hf_mount_has_option(mount->mount, option);
}

static void check_bind_flags(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];

		if (!mount_shows_host(mount) || !mount_is_writable(mount) ||
		    mount_is_kernels(mount) ||
		    (has_option(mount, "nosuid") && has_option(mount, "nodev")))
			continue;
		mount_add(run, &hits,
			  hf_text(run, "%s is writable without %s", mount->mount->target,
				  has_option(mount, "nosuid")	? "nodev"
				  : has_option(mount, "nodev") ? "nosuid"
								: "nosuid and nodev"));
	}
	if (mounts && !mount_conclude(run, &hits, "none is writable without nosuid and nodev",
				      "nosuid and nodev on what is writable, else read-only") &&
	    container->init && hf_task_is_remapped(run, container->init))
		hf_message(run, "The container's root is another user on the host: set-id programs "
				"that it plants are that user's.");
}

/* ---- sizes ---- */

static void check_tmpfs_size(hf_check_run *run)
{
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	for (size_t i = 0; mounts && i < mounts->count; i++) {
		const hf_container_mount *mount = &mounts->all[i];
		const char *super = mount->mount->super_options;

		/* runtimes put one without a size over the control groups of version 1, in every container: whoever
		 * may fill it may take as much memory without it */
		if (!mount->is_covered && !mount->is_declared_by_runtime &&
		    mount_is_type(mount, "tmpfs") && mount_is_writable(mount) &&
		    !strstr(super, "size=") && !strstr(super, "nr_blocks="))
			mount_add(run, &hits, hf_text(run, "%s has no size", mount->mount->target));
	}
	if (!mounts)
		return;
	if (hits.count == 0) {
		(void)mount_conclude(run, &hits, "every writable tmpfs has a size", "a size");
		return;
	}
	/* what is written there is charged to the control group */
	const hf_limit *memory =
		hf_container_limit(run, hf_container_of(run), HF_LIMIT_MEMORY);

	if (!hf_need(run, &memory->fact))
		return;
	(void)hf_expect(run, MOUNT_TABLE,
			hf_text(run, "%s; %s", mount_show(run, &hits),
				memory->is_limited ? "its control group limits memory"
						   : "nor does its control group limit memory"),
			"a size, or a limit of memory", memory->is_limited);
}

static const hf_check checks[] = {
	{
		.id = "mount.block-fs",
		.title = "No file system of a host block device is mounted by the container "
				"itself",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.6", "CWE:668", "ATTACK:T1006",
				"KUBEHOUND:CE_PRIV_MOUNT"),
		.risk = "The container has a disk of the node mounted, past everything that its "
				"declaration allows.",
		.threat = "With CAP_SYS_ADMIN and a disk's node: mount it, change the host's "
				"files, unmount it.",
		.remediation = "Stop the container and find out who is in it; then start it "
				"without --privileged, without CAP_SYS_ADMIN and without disks.",
		.run = check_block_fs,
	},
	{
		.id = "mount.propagation-shared",
		.title = "No mount of a container propagates to the host",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.20", "CWE:668", "ATTACK:T1611",
				"NIST-800-190:4.4.3", "OWASP-Docker:D05",
				"DOCKER-BENCH:check_5_20"),
		.aliases = HF_ALIASES("container.mount-propagation"),
		.risk = "What the container mounts there appears on the host, over whatever was "
				"in that place.",
		.threat = "Mount a file system with a set-id program, or a false configuration, "
				"where the host or another container sees it.",
		.remediation = "Mount with the default propagation (rprivate). A storage plugin "
				"that needs rshared is accepted by a waiver for that container.",
		.run = check_shared,
	},
	{
		.id = "mount.propagation-slave",
		.title = "Mounts that follow the host are known",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.20", "CWE:668"),
		.risk = "File systems that the host mounts later appear in the container: "
				"secrets, backups, other containers' roots.",
		.threat = "Wait until something is mounted below the folder that was handed in, "
				"and read it.",
		.remediation = "Mount with propagation rprivate instead of rslave, or mount "
				"just the file system that is needed.",
		.run = check_slave,
	},
	{
		.id = "mount.rootfs-writable",
		.title = "The container's root file system is read-only",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.13", "CWE:732", "OWASP-Docker:D09",
				"NIST-800-190:4.4.4", "ATTACK:T1525", "DOCKER-BENCH:check_5_13"),
		.aliases = HF_ALIASES("container.readonly-rootfs"),
		.risk = "Whoever takes over a process can change the container's programs and "
				"keep what he brings.",
		.threat = "Replace a program or add one that is started again with the "
				"container.",
		.remediation = "Start the container with --read-only, and with --tmpfs or "
				"volumes for the folders that it writes.",
		.run = check_rootfs,
	},
	{
		.id = "mount.bind-flags",
		.title = "Host binds are nosuid, nodev and where possible noexec and read-only",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:732", "CIS-Docker-1.6:5.6"),
		.risk = "Root of the container leaves files in a folder of the host that act "
				"with root's rights there.",
		.threat = "Plant a set-id shell in the shared folder; a user of the host "
				"executes it.",
		.remediation = "Put such folders on a file system of the host that is mounted "
				"nosuid,nodev; bind read-only what is only read (-v "
				"PATH:PATH:ro).",
		.run = check_bind_flags,
	},
	{
		.id = "mount.tmpfs-size",
		.title = "tmpfs mounts in containers are bounded",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "OWASP-Docker:D07"),
		.risk = "A container fills the node's memory with files.",
		.threat = "Write to the tmpfs until other containers are ended for want of "
				"memory.",
		.remediation = "Give it a size (--tmpfs /tmp:size=64m), and the container a "
				"limit of memory (--memory), which counts for all of them.",
		.run = check_tmpfs_size,
	},
};

HF_CHECK_SET(mount_table, checks);
