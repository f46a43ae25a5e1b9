/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel interfaces that are file systems: debugfs, tracefs, binfmt_misc. */
#include "common.h"
#include "mounted.h"
#include "sets.h"
#include "usage.h"

#include <linux/magic.h>

/* ---- debugfs and tracefs ---- */

typedef struct kernel_fs {
	const char *type;
	uint32_t magic;
	const char *const *places; /* where it is usually mounted; the row reads their metadata */
	uint32_t forbidden;	   /* permission bits of its root */
	const char *wanted;
} kernel_fs;

/* mountinfo does not show the mode: only the root's own metadata does, gid= and mode= included. */
static void judge_mount(hf_check_run *run, const kernel_fs *fs, const hf_mount *mount)
{
	const hf_file *root = hf_stat_get(run, mount->target);

	hf_note(run, hf_mounts_get(run)->fact.source,
		hf_text(run, "%s on %s (%s)", fs->type, mount->target, mount->super_options));
	if (root->fact.state == HF_PRESENT && root->fs_magic != fs->magic)
		hf_unknown(
			run, root->fact.source,
			hf_text(run, "is not the root of the %s that is mounted there", fs->type));
	else if (hf_need(run, &root->fact))
		hf_expect(
			run, root->fact.source,
			hf_text(run, "mode %04o, uid %u, gid %u", root->mode, root->uid, root->gid),
			fs->wanted, root->uid == 0 && (root->mode & fs->forbidden) == 0);
}

/* The second witness where the mount table shows nothing: the usual places are ordinary folders. */
static void judge_not_mounted(hf_check_run *run, const kernel_fs *fs)
{
	const hf_fact *table = &hf_mounts_get(run)->fact;
	const hf_file *known = hf_file_get(run, "/proc/filesystems");

	for (const char *const *place = fs->places; *place; place++) {
		const hf_file *root = hf_stat_get(run, *place);

		if (root->fact.state == HF_ABSENT)
			continue;
		if (!hf_need(run, &root->fact))
			return;
		if (root->fs_magic == fs->magic) {
			hf_unknown(run, root->fact.source,
				   hf_text(run, "is a %s that %s does not show", fs->type,
					   table->source));
			return;
		}
	}
	if (!hf_need(run, &known->fact))
		return;
	if (kernel_has_word(known->data, " \t\n", fs->type))
		hf_expect(run, table->source, "not mounted", fs->wanted, true);
	else
		hf_not_applicable(run, known->fact.source, hf_text(run, "no %s", fs->type),
				  "this kernel was built or started without it");
}

static void check_kernel_fs(hf_check_run *run)
{
	const kernel_fs *fs = hf_check_param(run);
	const hf_mounts *mounts = hf_mounts_get(run);
	size_t found = 0;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, fs->type) != 0)
			continue;
		judge_mount(run, fs, &mounts->all[i]);
		found++;
	}
	if (found == 0)
		judge_not_mounted(run, fs);
	if (hf_status_so_far(run) != HF_NOTAPPLICABLE)
		mounted_expect_in_no_container(run, fs->type, "mounted in no container", NULL);
}

/* systemd mounts it at every boot, so 0700 is what a default node can reach. */
static const kernel_fs debugfs = {
	.type = "debugfs",
	.magic = DEBUGFS_MAGIC,
	.places = (const char *const[]){"/sys/kernel/debug", NULL},
	.forbidden = 0077,
	.wanted = "not mounted, or mode 0700 and root's",
};

static const kernel_fs tracefs = {
	.type = "tracefs",
	.magic = TRACEFS_MAGIC,
	.places = (const char *const[]){"/sys/kernel/tracing", NULL},
	.forbidden = 0077,
	.wanted = "not mounted, or mode 0700 and root's",
};

/* ---- binfmt_misc ---- */

#define BINFMT_DIR "/proc/sys/fs/binfmt_misc"

/* One registered handler, as the kernel prints it (entry_status() in fs/binfmt_misc.c). */
typedef struct binfmt_handler {
	const char *interpreter;
	const char *flags; /* of P O C F */
} binfmt_handler;

static bool parse_handler(hf_check_run *run, const hf_file *file, binfmt_handler *ret_handler)
{
	/* a disabled one is judged, too: one write turns it on again */
	bool is_entry = kernel_starts_with(file->data, "enabled\n") ||
			kernel_starts_with(file->data, "disabled\n");
	const char *interpreter = strstr(file->data, "\ninterpreter ");
	const char *flags = strstr(file->data, "\nflags: ");

	if (!is_entry || !interpreter || !flags)
		return false;
	interpreter += strlen("\ninterpreter ");
	flags += strlen("\nflags: ");
	*ret_handler = (binfmt_handler){
		.interpreter = hf_text(run, "%.*s", (int)strcspn(interpreter, "\n"), interpreter),
		.flags = hf_text(run, "%.*s", (int)strcspn(flags, "\n"), flags),
	};
	return true;
}

/* Folders that packages never install programs into, and that others than root fill. */
static bool is_outside_system(const char *path)
{
	static const char *const others[] = {"/home/",	   "/tmp/", "/var/tmp/", "/dev/shm/",
					     "/run/user/", "/mnt/", "/media/",	 NULL};

	for (const char *const *at = others; *at; at++) {
		if (kernel_starts_with(path, *at))
			return true;
	}
	return *path != '/';
}

/* Where packages install programs, by the file system hierarchy standard. */
static bool is_from_package(const char *path)
{
	return (kernel_starts_with(path, "/usr/") && !kernel_starts_with(path, "/usr/local/")) ||
	       kernel_starts_with(path, "/bin/") || kernel_starts_with(path, "/sbin/") ||
	       kernel_starts_with(path, "/lib/");
}

/* With flag F the kernel opened the interpreter when it was registered and runs that file for ever:
 * in every container, and also when it is gone or was never in the node's own tree (multi-arch
 * helper images). */
static void judge_interpreter(hf_check_run *run, const char *source, const binfmt_handler *handler)
{
	const char *found = hf_text(run, "interpreter %s, flags %s", handler->interpreter,
				    *handler->flags ? handler->flags : "(none)");
	const hf_file *file = hf_stat_get(run, handler->interpreter);
	bool is_unreadable = false;
	const char *why = NULL;

	if (is_outside_system(handler->interpreter))
		why = "lies outside the folders that only root fills";
	else if (strchr(handler->flags, 'C') && !is_from_package(handler->interpreter))
		why = "comes from no package and gets the credentials of every program (flag C)";
	else if (file->fact.state == HF_ABSENT && strchr(handler->flags, 'F'))
		why = "is no file of this node: it was registered from a container or removed";
	else if (file->fact.state == HF_ABSENT && strchr(handler->flags, 'C'))
		why = "does not exist, so whoever creates it gets the credentials of every program";
	else if (file->fact.state == HF_ABSENT)
		found = hf_text(run, "%s: does not exist, so that it cannot run", found);
	else
		why = hf_path_writable_why(run, handler->interpreter, &is_unreadable);
	if (is_unreadable)
		hf_unknown(run, source, hf_text(run, "%s: %s", found, why));
	else
		hf_expect(run, source, why ? hf_text(run, "%s: %s", found, why) : found,
			  "an interpreter that only root can write", !why);
}

/* The handlers of the node reach every container that shares its user namespace, and writing one is
 * root. */
static bool shares_handlers(hf_check_run *run, const hf_container *container,
			    const mounted_line *found)
{
	const hf_mounts *mounts = hf_mounts_get(run);
	const hf_file *map = hf_process_file(run, container->pid, "uid_map");

	if (!found->is_writable)
		return false;
	for (size_t i = 0; mounts->fact.state == HF_PRESENT && i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (strcmp(mount->fs_type, "binfmt_misc") == 0 && mount->major == found->major &&
		    mount->minor == found->minor)
			return true;
	}
	/* since 6.7 a user namespace has handlers of its own; what cannot be read is taken for the
	 * node's */
	return map->fact.state != HF_PRESENT || !usage_read_id_map(map).is_read ||
	       usage_read_id_map(map).is_identity;
}

/* An automount that nobody triggered is no mount of it: listing it would mount the file system and
 * load its module, which the collector takes care not to do. */
static bool is_mounted(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);

	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, "binfmt_misc") == 0)
			return true;
	}
	return false;
}

static void judge_unmounted(hf_check_run *run)
{
	const hf_module *module = hf_module_get(run, "binfmt_misc");
	const hf_kernel *kernel = hf_kernel_get(run);

	switch (module->state) {
	case HF_MODULE_MISSING:
	case HF_MODULE_DENIED:
	case HF_MODULE_LOADABLE:
		hf_not_applicable(run, module->fact.source, "not loaded",
				  "no handler can be registered without binfmt_misc");
		return;
	case HF_MODULE_UNKNOWN:
	case HF_MODULE_LOADED:
	case HF_MODULE_BUILTIN:
		break;
	}
	if (!hf_need(run, &kernel->fact))
		return;
	if (hf_kernel_compare(kernel, "6.7") >= 0)
		hf_not_applicable(run, hf_mounts_get(run)->fact.source,
				  "binfmt_misc is not mounted",
				  "since 6.7 handlers end with the mount");
	else
		hf_unknown(
			run, hf_mounts_get(run)->fact.source,
			"binfmt_misc is not mounted, and handlers outlive an unmount before 6.7");
}

static void note_declared_handlers(hf_check_run *run)
{
	static const char *const globs[] = {"/etc/binfmt.d/*.conf", "/run/binfmt.d/*.conf",
					    "/usr/local/lib/binfmt.d/*.conf",
					    "/usr/lib/binfmt.d/*.conf"};
	kernel_listing names = {0};

	for (size_t i = 0; i < KERNEL_COUNT(globs); i++) {
		const hf_file *const *files;
		size_t count = hf_files_matching(run, globs[i], &files);

		for (size_t k = 0; k < count; k++) {
			if (files[k]->fact.state == HF_PRESENT)
				kernel_list(run, &names, files[k]->fact.source);
		}
	}
	if (names.count > 0)
		hf_note(run, "binfmt.d",
			hf_text(run, "registers at boot: %s", kernel_list_text(run, &names)));
}

static void judge_handlers(hf_check_run *run)
{
	const hf_dir *dir = hf_dir_get(run, BINFMT_DIR);
	size_t handlers = 0;

	if (!hf_need(run, &dir->fact))
		return;
	/* an empty listing is not the file system's: it always has these two */
	if (!hf_dir_has(dir, "register") || !hf_dir_has(dir, "status")) {
		hf_unknown(run, dir->fact.source, "is not the listing of a binfmt_misc");
		return;
	}
	for (size_t i = 0; i < dir->count; i++) {
		const char *name = dir->names[i];
		binfmt_handler handler;

		if (strcmp(name, "register") == 0 || strcmp(name, "status") == 0)
			continue;
		const hf_file *file = hf_file_get(run, hf_text(run, BINFMT_DIR "/%s", name));

		handlers++;
		if (!hf_need(run, &file->fact))
			continue;
		if (!parse_handler(run, file, &handler))
			hf_unknown(run, file->fact.source, "is not understood");
		else
			judge_interpreter(run, file->fact.source, &handler);
	}
	if (handlers == 0)
		hf_expect(run, dir->fact.source, "no handler is registered",
			  "none, or interpreters that only root can write", true);
}

static void check_binfmt_misc(hf_check_run *run)
{
	if (!hf_need(run, &hf_mounts_get(run)->fact))
		return;
	note_declared_handlers(run);
	if (is_mounted(run))
		judge_handlers(run);
	else
		judge_unmounted(run);
	mounted_expect_in_no_container(run, "binfmt_misc", "writable in no container",
				       shares_handlers);
}

static const hf_check checks[] = {
	{
		.id = "kernel.binfmt-misc",
		.title = "Registered foreign binary handlers are expected",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("KSPP", "LYNIS:HRDN-7231", "ATTACK:T1546"),
		.reads = HF_READS("follow:" BINFMT_DIR "/*", "/etc/binfmt.d/*.conf",
				  "/run/binfmt.d/*.conf", "/usr/local/lib/binfmt.d/*.conf",
				  "/usr/lib/binfmt.d/*.conf"),
		.risk = "A handler runs its interpreter for every matching program on the node "
			"and in every container; with flag C it runs with the rights of set-uid "
			"programs, with flag F from a file that need not exist any more.",
		.threat = "Who can replace the interpreter, or write the register file from a "
			  "container, gets root when the next program of that format is started.",
		.remediation = "List them with: grep -r . /proc/sys/fs/binfmt_misc. Remove one "
			       "with: echo -1 > /proc/sys/fs/binfmt_misc/NAME. Register "
			       "cross-build emulators from the distribution's package "
			       "(qemu-user-static) instead of from an image, and mount "
			       "binfmt_misc into no container.",
		.run = check_binfmt_misc,
	},
	{
		.id = "kernel.debugfs",
		.title = "debugfs is not exposed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:C/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CWE:668"),
		.reads = HF_READS("/proc/filesystems", "stat:/sys/kernel/debug"),
		.risk = "debugfs has no rules of its own: its files show kernel memory layout and "
			"driver state, and some let the reader write registers.",
		.threat = "A user, or a container that got /sys bind-mounted with its submounts, "
			  "reads kernel addresses or drives a device from there.",
		.remediation = "Keep it closed: mount -o remount,mode=0700 /sys/kernel/debug. To "
			       "have it off: systemctl mask sys-kernel-debug.mount and the boot "
			       "parameter debugfs=off. Do not bind /sys/kernel/debug, or all of "
			       "/sys recursively, into containers.",
		.run = check_kernel_fs,
		.param = &debugfs,
	},
	{
		.id = "kernel.tracefs",
		.title = "tracefs is not exposed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:668"),
		.reads = HF_READS("/proc/filesystems", "stat:/sys/kernel/tracing",
				  "stat:/sys/kernel/debug/tracing"),
		.risk = "Tracing shows what every process on the node does: system calls, paths, "
			"timings.",
		.threat = "Group gid= of the mount, or a container with the mount, records the "
			  "work of all other containers.",
		.remediation = "Remove gid= and mode= from the tracefs mount (mount -o "
			       "remount,mode=0700,gid=0 /sys/kernel/tracing) and the bind mount "
			       "from containers; a sensor that needs it gets a waiver that names "
			       "it.",
		.run = check_kernel_fs,
		.param = &tracefs,
	},
};

HF_CHECK_SET(kernel_filesystems, checks);
