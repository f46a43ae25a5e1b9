/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of mounts share. */
#include "common.h"

#include <linux/capability.h>
#include <string.h>

enum { LISTED = 4 };

const hf_container_mounts *mount_begin(hf_check_run *run)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, hf_container_of(run));

	return hf_need(run, &mounts->fact) ? mounts : NULL;
}

bool mount_is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool mount_is_in(const char *path, const char *folder, const char **ret_rest)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (strncmp(path, folder, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return false;
	if (ret_rest)
		*ret_rest = path + length;
	return true;
}

/* A root that is no overlay is a folder of the host, and of no concern unless it is the host's own root. */
bool mount_shows_host(const hf_container_mount *mount)
{
	if (mount->is_covered || !mount->host_path)
		return false;
	if (mount_is(mount->mount->target, "/"))
		return mount_is(mount->host_path, "/");
	return !mount->is_declared_by_runtime;
}

bool mount_is_volume(const hf_container_mount *mount)
{
	const char *path = mount->mount->root, *name;

	/* the root of a file system has no such name of its own: then the host's name tells */
	if (mount_is(path, "/") && mount->host_path)
		path = mount->host_path;
	name = strstr(path, "/volumes/");
	name = name ? strchr(name + strlen("/volumes/"), '/') : NULL;
	return name && strncmp(name, "/_data", 6) == 0 && (name[6] == '/' || name[6] == '\0');
}

bool mount_is_kernels(const hf_container_mount *mount)
{
	static const char *const types[] = {"proc",   "sysfs",	 "cgroup",     "cgroup2", "devpts",
					    "mqueue", "nsfs",	 "debugfs",    "tracefs", "bpf",
					    "pstore", "configfs", "securityfs", "efivarfs", "fusectl",
					    "binfmt_misc"};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (mount_is_type(mount, types[i]))
			return true;
	}
	return false;
}

bool mount_is_writable(const hf_container_mount *mount)
{
	const char *super = mount->mount->super_options;

	return !mount->is_read_only && !(strncmp(super, "ro", 2) == 0 && (super[2] == ',' || !super[2]));
}

const char *mount_access(const hf_container_mount *mount)
{
	return mount_is_writable(mount) ? "writable" : "read-only";
}

void mount_add(hf_check_run *run, mount_list *list, const char *item)
{
	if (list->count < LISTED)
		list->text = list->text ? hf_text(run, "%s; %s", list->text, item) : item;
	list->count++;
}

const char *mount_show(hf_check_run *run, const mount_list *list)
{
	return list->count > LISTED
		       ? hf_text(run, "%s; and %zu more", list->text, list->count - LISTED)
		       : list->text;
}

bool mount_conclude(hf_check_run *run, const mount_list *list, const char *found,
		    const char *wanted)
{
	return hf_expect(run, MOUNT_TABLE, list->count > 0 ? mount_show(run, list) : found, wanted,
			 list->count == 0);
}

/* ---- who could ---- */

static const char *unread_tasks(const hf_container *container)
{
	if (container->tasks_fact.state != HF_PRESENT)
		return container->tasks_fact.why ? container->tasks_fact.why
						 : "its tasks could not be read";
	return container->task_count == 0 ? "its tasks could not be read" : NULL;
}

mount_answer mount_has_root(hf_check_run *run, const char **ret_why)
{
	const hf_container *container = hf_container_of(run);
	const uint64_t override = UINT64_C(1) << CAP_DAC_OVERRIDE;
	const char *why = unread_tasks(container);

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT) {
			why = task->fact.why;
			continue;
		}
		/* ids are those of the initial user namespace: a remapped root is not 0 here */
		if (task->uid[1] == 0 || task->uid[3] == 0 ||
		    ((task->cap_effective & override) && !hf_task_is_remapped(run, task)))
			return MOUNT_YES;
	}
	*ret_why = why;
	return why ? MOUNT_MAYBE : MOUNT_NO;
}

static bool has_group(const hf_task *task, uint32_t gid)
{
	if (task->gid[3] == gid)
		return true;
	for (size_t i = 0; i < task->group_count; i++) {
		if (task->groups[i] == gid)
			return true;
	}
	return false;
}

mount_answer mount_may_use(hf_check_run *run, const hf_file *file, uint32_t bit)
{
	const hf_container *container = hf_container_of(run);
	bool is_complete = !unread_tasks(container);

	if (file->fact.state != HF_PRESENT)
		return MOUNT_MAYBE;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint32_t shift = 6;

		is_complete &= task->fact.state == HF_PRESENT;
		if (task->fact.state != HF_PRESENT)
			continue;
		if (task->uid[3] == file->uid)
			shift = 0;
		else if (has_group(task, file->gid))
			shift = 3;
		if (file->mode & bit >> shift)
			return MOUNT_YES;
	}
	return is_complete ? MOUNT_NO : MOUNT_MAYBE;
}

/* ---- the declared side ---- */

/* "/var/run" is a link to "/run" in most images, and the runtime followed it. */
static bool is_same_place(const char *declared, const char *target)
{
	const char *rest;

	if (mount_is(declared, target))
		return true;
	return mount_is_in(declared, "/var/run", &rest) && strncmp(target, "/run", 4) == 0 &&
	       mount_is(target + 4, rest);
}

mount_answer mount_is_declared(hf_check_run *run, const char *target,
			       const hf_declared_mount **ret_mount)
{
	const hf_declared_mounts *declared =
		hf_container_declared_mounts(run, hf_container_of(run));

	*ret_mount = NULL;
	if (declared->fact.state == HF_UNREADABLE)
		return MOUNT_MAYBE;
	for (size_t i = 0; i < declared->count; i++) {
		if (!is_same_place(declared->all[i].target, target))
			continue;
		*ret_mount = &declared->all[i];
		return MOUNT_YES;
	}
	return MOUNT_NO;
}
