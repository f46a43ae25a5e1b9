/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can put code into the kernel: signatures, the closed door, what is loaded, and the files
 * behind it. */
#include "common.h"
#include "loaded.h"
#include "sets.h"

#include <stdlib.h>

/* ---- kernel.modules.signing ---- */

/* One way in which unsigned modules are refused. */
typedef struct barrier {
	bool holds;
	bool is_unread;
	const char *source;
	const char *found;
} barrier;

static barrier read_sig_enforce(hf_check_run *run)
{
	const hf_file *enforce = hf_file_get(run, "/sys/module/module/parameters/sig_enforce");

	if (enforce->fact.state == HF_ABSENT)
		return (barrier){.source = enforce->fact.source, .found = "does not exist"};
	if (enforce->fact.state != HF_PRESENT)
		return (barrier){.is_unread = true,
				 .source = enforce->fact.source,
				 .found = enforce->fact.why};
	const char *text = kernel_file_text(run, enforce);

	return (barrier){
		.holds = strcmp(text, "Y") == 0, .source = enforce->fact.source, .found = text};
}

static barrier read_modules_disabled(hf_check_run *run)
{
	const hf_sysctl *disabled = hf_sysctl_get(run, "kernel.modules_disabled");

	if (disabled->fact.state == HF_ABSENT)
		return (barrier){.source = disabled->fact.source, .found = "does not exist"};
	if (disabled->fact.state != HF_PRESENT)
		return (barrier){.is_unread = true,
				 .source = disabled->fact.source,
				 .found = disabled->fact.why};
	return (barrier){
		.holds = strcmp(disabled->text, "1") == 0,
		.source = disabled->fact.source,
		.found = disabled->text,
	};
}

static barrier read_lockdown(hf_check_run *run)
{
	const hf_lockdown *lockdown = hf_lockdown_get(run);

	if (lockdown->fact.state == HF_ABSENT)
		return (barrier){.source = lockdown->fact.source, .found = "lockdown does not run"};
	if (lockdown->fact.state != HF_PRESENT)
		return (barrier){.is_unread = true,
				 .source = lockdown->fact.source,
				 .found = lockdown->fact.why};
	return (barrier){
		.holds = lockdown->level != HF_LOCKDOWN_NONE,
		.source = lockdown->fact.source,
		.found = lockdown->level == HF_LOCKDOWN_NONE ? "none" : "integrity or more",
	};
}

static void check_signing(hf_check_run *run)
{
	static const char wanted[] = "sig_enforce Y, lockdown at integrity, or modules_disabled 1";

	if (!kernel_loaded_file(run))
		return;
	const barrier barriers[] = {read_sig_enforce(run), read_lockdown(run),
				    read_modules_disabled(run)};
	bool any_unread = false;

	for (size_t i = 0; i < KERNEL_COUNT(barriers); i++) {
		if (barriers[i].holds) {
			hf_expect(run, barriers[i].source, barriers[i].found, wanted, true);
			return;
		}
		any_unread = any_unread || barriers[i].is_unread;
	}
	for (size_t i = 0; i < KERNEL_COUNT(barriers); i++) {
		if (barriers[i].is_unread)
			hf_unknown(run, barriers[i].source, barriers[i].found);
		else if (any_unread)
			hf_note(run, barriers[i].source, barriers[i].found);
		else
			hf_expect(run, barriers[i].source, barriers[i].found, wanted, false);
	}
}

/* ---- kernel.modules.disabled ---- */

/* Closing the door is final until the next boot, so the operator has to see that all is in. */
static void note_loaded(hf_check_run *run, const hf_file *modules)
{
	kernel_listing names = {0};
	kernel_loaded module;

	for (const char *cursor = modules->data; kernel_next_loaded(run, &cursor, &module);)
		kernel_list(run, &names, *module.name ? module.name : "?");
	hf_note(run, modules->fact.source,
		hf_text(run, "%zu loaded now: %s", names.count, kernel_list_text(run, &names)));
}

static void check_disabled(hf_check_run *run)
{
	const hf_file *modules = hf_file_get(run, "/proc/modules");
	const hf_sysctl *disabled = hf_sysctl_get(run, "kernel.modules_disabled");

	if (disabled->fact.state == HF_ABSENT && modules->fact.state == HF_ABSENT &&
	    hf_dir_has(hf_dir_get(run, "/proc"), "filesystems")) {
		hf_expect(run, modules->fact.source, "does not exist: built without module support",
			  "no module can be loaded", true);
		return;
	}
	if (!hf_need(run, &disabled->fact))
		return;
	hf_expect(run, disabled->fact.source, disabled->text, "1",
		  strcmp(disabled->text, "1") == 0);
	if (modules->fact.state == HF_PRESENT)
		note_loaded(run, modules);
}

/* ---- kernel.modules.unknown ---- */

/* A loaded module and its file in modules.dep of the running release, "kernel/fs/ext4/ext4.ko.xz"; NULL when depmod
 * knows none. */
typedef struct known {
	kernel_loaded module;
	size_t length; /* of its name */
	const char *file;
} known;

static int compare_known(const void *a, const void *b)
{
	const known *x = *(const known *const *)a, *y = *(const known *const *)b;

	return kernel_compare_modules(x->module.name, x->length, y->module.name, y->length);
}

/* The file names in one pass: a node has a hundred modules loaded, out of some thousands. */
static void find_files(hf_check_run *run, const hf_file *dep, known **by_name, size_t count)
{
	for (const char *line = dep->data, *end; *line; line = end + (*end == '\n')) {
		size_t length = strcspn(line, ":\n"), start = length;

		end = strchrnul(line + length, '\n');
		while (start > 0 && line[start - 1] != '/')
			start--;
		size_t stem = strcspn(line + start, ".:\n");

		if (line[length] != ':' || start + stem >= length ||
		    strncmp(line + start + stem, ".ko", 3) != 0)
			continue;
		const known wanted = {.module.name = line + start, .length = stem}, *key = &wanted;
		known **found = bsearch(&key, by_name, count, sizeof *by_name, compare_known);

		/* the first of them, and for each line of the same module, should there be two */
		for (; found && found > by_name && compare_known(&found[-1], &key) == 0;)
			found--;
		for (; found && found < by_name + count && compare_known(found, &key) == 0; found++) {
			if (!(*found)->file)
				(*found)->file = hf_text(run, "%.*s", (int)length, line);
		}
	}
}

/* dpkg's lists of the packages that bring modules of @release: *ret_read tells whether any could be
 * read. */
static bool is_owned(hf_check_run *run, const char *release, const char *path, bool *ret_read)
{
	const char *const globs[] = {
		hf_text(run, "/var/lib/dpkg/info/linux-image-*%s.list", release),
		hf_text(run, "/var/lib/dpkg/info/linux-modules-*%s.list", release),
	};
	const char *usr = hf_text(run, "\n/usr%s\n", path), *plain = hf_text(run, "\n%s\n", path);

	*ret_read = false;
	for (size_t i = 0; i < KERNEL_COUNT(globs); i++) {
		const hf_file *const *lists;
		size_t count = hf_files_matching(run, globs[i], &lists);

		for (size_t k = 0; k < count; k++) {
			if (lists[k]->fact.state != HF_PRESENT)
				continue;
			*ret_read = true;
			if (strstr(lists[k]->data, plain) || strstr(lists[k]->data, usr))
				return true;
		}
	}
	return false;
}

typedef struct origin {
	const hf_file *dep; /* NULL: modules.dep is unreadable, and @run says so */
	const char *release;
	size_t fine;
} origin;

/* A module from elsewhere can be the site's own (DKMS, a vendor's driver): its package tells. */
static void judge_foreign(hf_check_run *run, const origin *o, const char *source, const char *file,
			  const char *found)
{
	const char *path = hf_text(run, "/lib/modules/%s/%s", o->release, file);
	bool could_read;

	if (is_owned(run, o->release, path, &could_read))
		hf_expect(run, source, hf_text(run, "%s, of an installed package", found),
			  "a known module of the running kernel's", true);
	else if (could_read)
		hf_expect(run, source,
			  hf_text(run, "%s, and %s is of no package (DKMS?)", found, path),
			  "in-tree, or a file that a package brought", false);
	else
		hf_unknown(run, source,
			   hf_text(run, "%s; whether a package brought %s cannot be read here",
				   found, path));
}

static void judge_loaded(hf_check_run *run, origin *o, const char *source, const known *one)
{
	const kernel_loaded *module = &one->module;
	static const char wanted[] =
		"in-tree and signed, with its file in the running kernel's folder";
	const char *found =
		hf_text(run, "%s (%s)", module->name, *module->taints ? module->taints : "no flag");

	if (*module->name == '\0') {
		hf_unknown(run, source, "a line is not understood");
		return;
	}
	if (strpbrk(module->taints, "EF")) {
		hf_expect(run, source,
			  hf_text(run, "%s: %s", found,
				  strchr(module->taints, 'F') ? "force loaded"
							      : "without a valid signature"),
			  wanted, false);
		return;
	}
	if (!o->dep)
		return;
	const char *file = one->file;

	if (!file)
		hf_expect(run, source,
			  hf_text(run, "%s: %s names no file of it", found, o->dep->fact.source),
			  wanted, false);
	else if (strpbrk(module->taints, "OP"))
		judge_foreign(run, o, source, file, found);
	else
		o->fine++;
}

static void judge_all_loaded(hf_check_run *run, origin *o, const hf_file *modules)
{
	size_t count = 0, room = 1;

	for (const char *at = modules->data; *at; at++)
		room += *at == '\n';
	known *all = calloc(room, sizeof *all), **by_name = calloc(room, sizeof *by_name);

	for (const char *cursor = modules->data;
	     all && by_name && kernel_next_loaded(run, &cursor, &all[count].module); count++) {
		all[count].length = strlen(all[count].module.name);
		by_name[count] = &all[count];
	}
	if (!all || !by_name)
		hf_unknown(run, modules->fact.source, "no memory for the list");
	if (count > 0 && o->dep) {
		qsort(by_name, count, sizeof *by_name, compare_known);
		find_files(run, o->dep, by_name, count);
	}
	for (size_t i = 0; i < count; i++)
		judge_loaded(run, o, modules->fact.source, &all[i]);
	free(by_name);
	free(all);
}

/* A rootkit unlinks itself from the list that /proc/modules walks and often forgets sysfs. Only
 * loaded modules have initstate: what is built in has a folder without it. */
static void judge_hidden(hf_check_run *run, const hf_file *modules)
{
	const hf_file *const *states;
	size_t count = hf_files_matching(run, "/sys/module/*/initstate", &states);

	for (size_t i = 0; i < count; i++) {
		const char *name = states[i]->fact.source + strlen("/sys/module/");
		kernel_loaded module;

		if (states[i]->fact.state != HF_PRESENT)
			continue;
		name = hf_text(run, "%.*s", (int)strcspn(name, "/"), name);
		if (strcmp(kernel_file_text(run, states[i]), "live") == 0 &&
		    !kernel_find_loaded(run, modules, name, &module))
			hf_expect(
				run, states[i]->fact.source,
				hf_text(run, "%s is live and /proc/modules does not show it", name),
				"every live module is listed", false);
	}
}

static void check_unknown_modules(hf_check_run *run)
{
	const hf_file *modules = kernel_loaded_file(run);
	const hf_kernel *kernel = hf_kernel_get(run);
	origin o = {0};

	if (!modules || !hf_need(run, &kernel->fact))
		return;
	o.release = kernel->release;
	if (modules->size > 0) {
		const hf_file *dep = hf_file_get(
			run, hf_text(run, "/usr/lib/modules/%s/modules.dep", kernel->release));

		if (dep->fact.state == HF_ABSENT) /* /usr is not merged */
			dep = hf_file_get(
				run, hf_text(run, "/lib/modules/%s/modules.dep", kernel->release));
		/* without the tree no module has a file to prove it: a container, or a removed
		 * kernel */
		if (hf_need(run, &dep->fact))
			o.dep = dep;
	}
	judge_all_loaded(run, &o, modules);
	judge_hidden(run, modules);
	if (o.fine)
		hf_expect(run, modules->fact.source,
			  hf_text(run, "%zu modules are in-tree, signed, and of %s", o.fine,
				  kernel->release),
			  "every loaded module is known", true);
	else if (modules->size == 0 && hf_status_so_far(run) == HF_NOTSELECTED)
		hf_not_applicable(run, modules->fact.source, "empty", "no module is loaded");
}

/* ---- kernel.modules.tree-permissions ---- */

static void judge_entry(hf_check_run *run, const char *path, kernel_listing *fine)
{
	const hf_file *file = hf_stat_get(run, path);

	if (file->fact.state == HF_ABSENT || !hf_need(run, &file->fact))
		return;
	const char *why = hf_file_writable_why(run, file);
	/* links were followed: what they point at was judged */
	bool is_open = !why && file->type == HF_FILE_DIRECTORY && (file->mode & 02);

	if (is_open)
		why = hf_text(run, "mode %04o: everybody can add files", file->mode);
	if (why)
		hf_expect(run, path, why, "root's, written by root alone", false);
	else
		kernel_list(run, fine, path);
}

static void judge_folder(hf_check_run *run, const char *path, kernel_listing *fine)
{
	const hf_dir *dir = hf_dir_get(run, path);

	judge_entry(run, path, fine);
	if (dir->fact.state == HF_UNREADABLE)
		hf_unknown(run, dir->fact.source, dir->fact.why);
	for (size_t i = 0; i < dir->count; i++)
		judge_entry(run, hf_text(run, "%s/%s", path, dir->names[i]), fine);
}

static void check_tree(hf_check_run *run)
{
	static const char *const folders[] = {
		"/lib/modules",	       "/etc/modprobe.d",	  "/usr/lib/modprobe.d",
		"/lib/modprobe.d",     "/run/modprobe.d",	  "/usr/local/lib/modprobe.d",
		"/etc/modules-load.d", "/usr/lib/modules-load.d", "/run/modules-load.d",
		"/etc/depmod.d",       "/usr/lib/depmod.d",
	};
	static const char *const files[] = {
		"/",		  "/lib",	   "/usr",	     "/usr/lib",
		"/etc",		  "/bin/kmod",	   "/usr/bin/kmod", "/sbin/modprobe",
		"/usr/sbin/modprobe",
	};
	const hf_kernel *kernel = hf_kernel_get(run);
	kernel_listing fine = {0};

	if (!kernel_loaded_file(run) || !hf_need(run, &kernel->fact))
		return;
	for (size_t i = 0; i < KERNEL_COUNT(files); i++)
		judge_entry(run, files[i], &fine);
	for (size_t i = 0; i < KERNEL_COUNT(folders); i++)
		judge_folder(run, folders[i], &fine);
	const hf_dir *own = hf_dir_get(run, hf_text(run, "/lib/modules/%s", kernel->release));

	if (own->fact.state == HF_PRESENT)
		judge_folder(run, own->fact.source, &fine);
	else
		hf_note(run, own->fact.source, own->fact.why);
	if (fine.count)
		hf_expect(run, "/lib/modules, modprobe.d, modules-load.d, depmod.d, kmod",
			  hf_text(run, "root's and written by root alone: %s",
				  kernel_list_text(run, &fine)),
			  "root's, written by root alone", true);
}

static const hf_check checks[] = {
	{
		.id = "kernel.modules.signing",
		.title = "Only signed modules can be loaded",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("KSPP", "ATTACK:T1547.006", "NIST-800-53:SI-7"),
		.reads = HF_READS("/proc/modules", "/sys/module/module/parameters/sig_enforce",
				  "sysctl:kernel.modules_disabled"),
		.risk = "Root, or a container with CAP_SYS_MODULE, loads code of anybody's into "
			"the kernel.",
		.threat = "After an escape, insmod of a rootkit hides it from everything that "
			  "runs on the node.",
		.remediation = "Boot with module.sig_enforce=1 (or lockdown=integrity), after "
			       "mokutil --list-enrolled and the signing of modules that DKMS "
			       "builds.",
		.run = check_signing,
	},
	{
		.id = "kernel.modules.disabled",
		.title = "Module loading is closed after start-up",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("KSPP", "LYNIS:KRNL-6000", "ATTACK:T1547.006"),
		.reads = HF_READS("/proc/modules", "sysctl:kernel.modules_disabled"),
		.risk = "The kernel can still grow by any module on disk: rarely tested code at "
			"an ordinary user's request, or a rootkit at root's.",
		.threat = "A socket or mount call in a container makes the kernel load a driver "
			  "with a known hole.",
		.remediation = "When all that the node needs is in (overlay, br_netfilter, "
			       "nf_nat, xt_*, ip_vs, vxlan, wireguard, nbd, GPU drivers: name "
			       "them in /etc/modules-load.d), let a unit that starts last run "
			       "sysctl -w kernel.modules_disabled=1. Only a reboot opens it again.",
		.run = check_disabled,
	},
	{
		.id = "kernel.modules.unknown",
		.title = "Loaded modules are in-tree or known, signed and from the running "
			 "kernel's directory",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:C/A:N"),
		.level = 2,
		.refs = HF_REFS("ATTACK:T1014", "ATTACK:T1547.006", "NIST-800-53:SI-7"),
		.reads = HF_READS("/proc/modules", "/sys/module/*/initstate",
				  "foreign:/var/lib/dpkg/info/linux-image-*@release@.list",
				  "foreign:/var/lib/dpkg/info/linux-modules-*@release@.list"),
		.risk = "Code that nobody can account for runs in the kernel and sees everything.",
		.threat = "A rootkit module stays loaded after its file was removed, or hides "
			  "from /proc/modules.",
		.remediation = "modinfo MODULE; modprobe -r MODULE where nobody knows it, and "
			       "treat the node as taken over. A driver of your own: sign it, and "
			       "waive this result by name.",
		.run = check_unknown_modules,
	},
	{
		.id = "kernel.modules.tree-permissions",
		.title = "Module tree and loader configuration are writable by root only",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1547.006"),
		.reads = HF_READS(
			"/proc/modules", "stat:/", "stat:/lib", "stat:/usr", "stat:/usr/lib",
			"stat:/etc", "stat:/bin/kmod", "stat:/usr/bin/kmod", "stat:/sbin/modprobe",
			"stat:/usr/sbin/modprobe", "dir:/lib/modules", "stat:/lib/modules",
			"stat:/lib/modules/*", "dir:/lib/modules/@release@",
			"stat:/lib/modules/@release@/*", "dir:/etc/modprobe.d",
			"stat:/etc/modprobe.d", "stat:/etc/modprobe.d/*", "dir:/usr/lib/modprobe.d",
			"stat:/usr/lib/modprobe.d", "stat:/usr/lib/modprobe.d/*",
			"dir:/lib/modprobe.d", "stat:/lib/modprobe.d", "stat:/lib/modprobe.d/*",
			"dir:/run/modprobe.d", "stat:/run/modprobe.d", "stat:/run/modprobe.d/*",
			"dir:/usr/local/lib/modprobe.d", "stat:/usr/local/lib/modprobe.d",
			"stat:/usr/local/lib/modprobe.d/*", "dir:/etc/modules-load.d",
			"stat:/etc/modules-load.d", "stat:/etc/modules-load.d/*",
			"dir:/usr/lib/modules-load.d", "stat:/usr/lib/modules-load.d",
			"stat:/usr/lib/modules-load.d/*", "dir:/run/modules-load.d",
			"stat:/run/modules-load.d", "stat:/run/modules-load.d/*",
			"dir:/etc/depmod.d", "stat:/etc/depmod.d", "stat:/etc/depmod.d/*",
			"dir:/usr/lib/depmod.d", "stat:/usr/lib/depmod.d",
			"stat:/usr/lib/depmod.d/*"),
		.risk = "Whoever may write there decides what the kernel loads next: an ordinary "
			"user becomes the kernel.",
		.threat = "A user, or a pod with the folder mounted read-write, replaces a module "
			  "or adds an install line that root's modprobe runs.",
		.remediation = "chown -R root:root PATH; chmod -R go-w PATH for the named path; "
			       "mount /lib/modules read-only into pods that need it.",
		.run = check_tree,
	},
};

HF_CHECK_SET(kernel_modules, checks);
