/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several containers share: folders that both write, and shared memory. */
#include "common.h"

static const char *name_of(const hf_container *container)
{
	return container->name ? container->name : container->id;
}

/* Fails with the list; else unknown where a container could not be compared, else passes. */
static void conclude(hf_check_run *run, const mount_list *hits, const hf_fact *fact,
		     const char *found, const char *wanted)
{
	if (hits->count == 0 && fact->state != HF_PRESENT)
		hf_unknown(run, fact->source, fact->why);
	else
		(void)mount_conclude(run, hits, found, wanted);
}

static void check_shared_volume(hf_check_run *run)
{
	static const char wanted[] = "no folder that another container writes";
	const hf_container_mounts *mounts = mount_begin(run);
	mount_list hits = {0};

	if (!mounts)
		return;
	const hf_shared_mounts *shared = hf_container_shared_data(run, hf_container_of(run));

	for (size_t i = 0; i < shared->count; i++)
		mount_add(run, &hits,
			  hf_text(run, "%s with %s", shared->all[i].mine->mount->target,
				  name_of(shared->all[i].other)));
	conclude(run, &hits, &shared->fact, "no other container writes what it writes", wanted);
}

static void check_shm(hf_check_run *run)
{
	static const char own[] = "shared memory of its own";
	const hf_container_mounts *mounts = mount_begin(run);
	const hf_container_mount *shm = mounts ? hf_container_mount_at(mounts, "/dev/shm") : NULL;
	mount_list hits = {0};

	if (!mounts)
		return;
	/* without a mount of its own it is a folder of /dev, which no two containers share */
	if (!shm || !mount_is(shm->mount->target, "/dev/shm")) {
		(void)mount_conclude(run, &hits, "/dev/shm is no mount", own);
		return;
	}
	/* some runtimes mount a container's own on the host, too, in a folder of theirs */
	if (hf_container_mount_relation(run, hf_container_of(run), shm, "/dev/shm", NULL) ==
	    HF_MOUNT_SAME) {
		mount_add(run, &hits, "/dev/shm is that of the host");
		(void)mount_conclude(run, &hits, NULL, own);
		return;
	}
	const hf_shared_mounts *shared = hf_container_shared_memory(run, hf_container_of(run));

	for (size_t i = 0; i < shared->count; i++)
		mount_add(run, &hits,
			  hf_text(run, "/dev/shm is that of %s", name_of(shared->all[i].other)));
	conclude(run, &hits, &shared->fact, "/dev/shm is its own", own);
}

static const hf_check checks[] = {
	{
		.id = "mount.shared-volume",
		.title = "No host directory is writable by two containers of different owners",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:653", "ATTACK:T1080", "CWE:668"),
		.risk = "One container changes what the other reads or executes.",
		.threat = "Take over the weaker of the two, then leave a program, a link or a "
				"configuration for the other.",
		.remediation = "Give each its own volume; where one only reads, mount it "
				"read-only there.",
		.run = check_shared_volume,
	},
	{
		.id = "mount.shm-shared",
		.title = "/dev/shm belongs to one container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.17", "CWE:653", "CWE:668"),
		.risk = "Shared memory of databases, browsers and services of the host or of "
				"another container can be read and changed.",
		.threat = "Open the segments by their names in /dev/shm; or fill it, so that "
				"they fail.",
		.remediation = "Start the container without --ipc=host and --ipc=container:…, "
				"and without a bind of /dev/shm; more room is --shm-size.",
		.run = check_shm,
	},
};

HF_CHECK_SET(mount_shared, checks);
