/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the mounts of a container are those that its runtime was told to make. */
#include "common.h"

#include <string.h>

typedef struct drift {
	mount_list extra;   /* nobody declared it */
	mount_list missing; /* a protection or a mount that was declared is gone */
	mount_list looser;  /* declared read-only, and writable */
	mount_list stricter;
} drift;

static const hf_api_value *declared(hf_check_run *run, const char *path)
{
	return hf_container_oci(run, hf_container_of(run), path);
}

/* A mount that came along with the folder above it, which was bound with all that was mounted below. */
static bool came_along(hf_check_run *run, const char *target)
{
	char above[4096];
	const hf_declared_mount *as;

	if (strlen(target) >= sizeof above)
		return false;
	strcpy(above, target);
	for (char *slash; (slash = strrchr(above, '/')) && slash != above;) {
		*slash = '\0';
		if (mount_is_declared(run, above, &as) == MOUNT_YES)
			return as->is_recursive;
	}
	return false;
}

static void judge_effective(hf_check_run *run, const hf_container_mount *mount, drift *d)
{
	const char *target = mount->mount->target;
	const hf_declared_mount *as;

	if (mount->is_covered || mount->is_declared_by_runtime)
		return;
	if (mount_is_declared(run, target, &as) != MOUNT_YES) {
		if (!came_along(run, target))
			mount_add(run, &d->extra, hf_text(run, "%s (%s)", target, mount->mount->fs_type));
		return;
	}
	if (as->is_read_only && mount_is_writable(mount))
		mount_add(run, &d->looser, target);
	if (!as->is_read_only && !mount_is_writable(mount))
		mount_add(run, &d->stricter, target);
}

/* What was declared at @path and is not there any more. */
static bool is_mounted(const hf_container_mounts *mounts, const char *path, const char **ret_target)
{
	const hf_container_mount *mount = hf_container_mount_at(mounts, path);
	const char *rest;

	*ret_target = mount ? mount->mount->target : "nothing";
	if (mount && mount_is(mount->mount->target, path))
		return true;
	/* a link of the image that the runtime followed */
	if (!mount_is_in(path, "/var/run", &rest))
		return false;
	for (size_t i = 0; i < mounts->count; i++) {
		const char *target = mounts->all[i].mount->target;

		if (!mounts->all[i].is_covered && mount_is_in(target, "/run", NULL) &&
		    mount_is(target + strlen("/run"), rest))
			return true;
	}
	return false;
}

static void judge_declared(hf_check_run *run, const hf_container_mounts *mounts,
			   const hf_declared_mounts *all, drift *d)
{
	const char *found;

	for (size_t i = 0; i < all->count; i++) {
		if (*all->all[i].target == '/' && !is_mounted(mounts, all->all[i].target, &found))
			mount_add(run, &d->missing, all->all[i].target);
	}
}

/* Masks and read-only covers, of what this kernel has. */
static void judge_covers(hf_check_run *run, const hf_container_mounts *mounts, const char *list,
			 drift *d)
{
	hf_api_value all = hf_container_oci_outline(run, hf_container_of(run),
						    hf_text(run, "linux/%s", list));

	for (size_t i = 0; all.fact.state == HF_PRESENT && i < all.count; i++) {
		const hf_api_value *path = declared(run, hf_text(run, "linux/%s/%zu", list, i));
		const char *found;

		if (path->fact.state != HF_PRESENT || !path->text || *path->text != '/' ||
		    is_mounted(mounts, path->text, &found))
			continue;
		if (hf_container_stat(run, hf_container_of(run), path->text)->fact.state == HF_PRESENT)
			mount_add(run, &d->missing, hf_text(run, "the cover of %s", path->text));
	}
}

static void judge_root(hf_check_run *run, const hf_container_mounts *mounts, drift *d)
{
	const hf_api_value *value = declared(run, "root/readonly");
	const hf_container_mount *root = hf_container_mount_at(mounts, "/");
	bool is_declared = value->fact.state == HF_PRESENT && value->text &&
			   mount_is(value->text, "true");

	if (root && is_declared && mount_is_writable(root))
		mount_add(run, &d->looser, "/");
	if (root && !is_declared && !mount_is_writable(root))
		mount_add(run, &d->stricter, "/");
}

static void add_part(hf_check_run *run, const mount_list *part, const char *words, mount_list *all)
{
	if (part->count > 0)
		mount_add(run, all, hf_text(run, "%s: %s", words, mount_show(run, part)));
}

static void check_drift(hf_check_run *run)
{
	const hf_declared_mounts *all = hf_container_declared_mounts(run, hf_container_of(run));
	const hf_container_mounts *mounts;
	mount_list found = {0};
	drift d = {0};

	if (all->fact.state == HF_ABSENT) {
		hf_not_applicable(run, "declared", "no record of its mounts",
				  "there is nothing to compare with");
		return;
	}
	if (!hf_need(run, &all->fact) || !(mounts = mount_begin(run)))
		return;
	for (size_t i = 0; i < mounts->count; i++)
		judge_effective(run, &mounts->all[i], &d);
	judge_declared(run, mounts, all, &d);
	judge_covers(run, mounts, "maskedPaths", &d);
	judge_covers(run, mounts, "readonlyPaths", &d);
	judge_root(run, mounts, &d);
	add_part(run, &d.extra, "nobody declared", &found);
	add_part(run, &d.missing, "declared and gone", &found);
	add_part(run, &d.looser, "declared read-only and writable", &found);
	add_part(run, &d.stricter, "declared writable and read-only", &found);
	(void)hf_expect(run, "mountinfo and declared mounts",
			found.count > 0 ? mount_show(run, &found) : "the same",
			"the mounts that were declared", found.count == 0);
}

static const hf_check checks[] = {
	{
		.id = "mount.declared-drift",
		.title = "Effective mounts equal the declared ones",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_T | HF_STRIDE_R | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223", "ATTACK:T1611"),
		.risk = "What the runtime's record shows is not what the container has: a "
				"protection is gone, or somebody mounted something.",
		.threat = "With CAP_SYS_ADMIN, or by entering the namespace from the host: "
				"mount what was not granted, unmount a mask, remount writable.",
		.remediation = "Find out who mounted it (a process inside with CAP_SYS_ADMIN, "
				"nsenter, propagation), then start the container anew.",
		.run = check_drift,
	},
};

HF_CHECK_SET(mount_declared, checks);
