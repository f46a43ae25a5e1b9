/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which build of the kernel runs: against what is installed, live patches, and what tainted it. */
#include "common.h"
#include "release.h"
#include "sets.h"
#include "taint.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- kernel.version.reboot-pending ---- */

/* The newest installed kernel of the running flavour. */
typedef struct installed {
	const char *release; /* NULL: none of this flavour */
	const char *source;
	size_t seen; /* of any flavour */
} installed;

static void take(hf_check_run *run, installed *newest, const hf_kernel *running, const char *source,
		 const char *release)
{
	if (release[strcspn(release, "0123456789")] == '\0')
		return; /* "vmlinuz-linux", as Arch calls it: tells no version */
	newest->seen++;
	if (!kernel_release_same_flavour(release, running->release))
		return;
	if (newest->release && kernel_release_compare(release, newest->release) <= 0)
		return;
	newest->release = release;
	newest->source = hf_text(run, "%s", source);
}

static void take_boot(hf_check_run *run, installed *newest, const hf_kernel *running,
		      const hf_dir *boot)
{
	static const char *const prefixes[] = {"vmlinuz-", "vmlinux-", "Image-", "kernel-"};

	for (size_t i = 0; i < boot->count; i++) {
		for (size_t k = 0; k < KERNEL_COUNT(prefixes); k++) {
			if (kernel_starts_with(boot->names[i], prefixes[k]))
				take(run, newest, running, hf_text(run, "/boot/%s", boot->names[i]),
				     boot->names[i] + strlen(prefixes[k]));
		}
	}
}

/* A folder of modules alone can be what DKMS left of a kernel that was removed, so it counts only
 * with the kernel's own part. */
static void take_modules(hf_check_run *run, installed *newest, const hf_kernel *running,
			 const hf_dir *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		const char *path =
			hf_text(run, "%s/%s/kernel", modules->fact.source, modules->names[i]);

		if (hf_stat_get(run, path)->fact.state == HF_PRESENT)
			take(run, newest, running, path, modules->names[i]);
	}
}

/* RPM kernels carry their package's version and release in their own release, so another build is
 * another release. */
static bool release_names_build(const hf_kernel *kernel)
{
	static const char *const tags[] = {".el", ".fc", ".amzn", ".azl", ".cm", ".ph"};

	for (size_t i = 0; i < KERNEL_COUNT(tags); i++) {
		const char *at = strstr(kernel->release, tags[i]);

		if (at && at[strlen(tags[i])] >= '0' && at[strlen(tags[i])] <= '9')
			return true;
	}
	return false;
}

/* The version that dpkg has installed of the image package of @release, or NULL. */
static const char *dpkg_version(hf_check_run *run, const char *release)
{
	static const char *const shapes[] = {"linux-image-", "linux-image-unsigned-"};
	const hf_packages *packages =
		hf_packages_get(run, hf_text(run, "linux-image-*%s", release));

	for (size_t i = 0; i < KERNEL_COUNT(shapes) * packages->count; i++) {
		const hf_package *package = &packages->all[i % packages->count];
		const char *shape = shapes[i / packages->count];

		if (package->is_installed && package->version &&
		    strcmp(package->name, hf_text(run, "%s%s", shape, release)) == 0)
			return package->version;
	}
	return NULL;
}

/* Whether uname -v is of package version @version: Debian writes it out ("Debian 6.1.119-1"),
 * Ubuntu only the upload ("#45~22.04.1-Ubuntu" of 6.5.0-45.45~22.04.1). -1: the build string tells
 * neither. */
static int build_is_of(hf_check_run *run, const char *build, const char *version)
{
	const char *debian = strstr(build, " Debian ");

	if (debian) {
		debian += strlen(" Debian ");
		return strcmp(hf_text(run, "%.*s", (int)strcspn(debian, " "), debian), version) ==
		       0;
	}
	const char *ubuntu = strstr(build, "-Ubuntu"), *dash = strrchr(version, '-');
	const char *upload = dash ? strchr(dash, '.') : NULL;

	if (!ubuntu || *build != '#' || !upload)
		return -1;
	return strcmp(hf_text(run, "%.*s", (int)(ubuntu - build - 1), build + 1), upload + 1) == 0;
}

/* Seconds since the epoch at which this kernel booted; 0 when nobody tells. */
static int64_t boot_time(hf_check_run *run)
{
	const hf_file *stat = hf_file_get(run, "/proc/stat");
	const char *at = stat->fact.state == HF_PRESENT ? strstr(stat->data, "\nbtime ") : NULL;

	return at ? strtoll(at + strlen("\nbtime "), NULL, 10) : 0;
}

/* The release is the newest; a rebuild of it under the same name could still wait for its boot. */
static void judge_build(hf_check_run *run, const hf_kernel *kernel, const installed *newest)
{
	const char *found =
		hf_text(run, "%s is the newest installed, %s", kernel->release, kernel->build);
	const char *wanted = "the installed build of it runs";

	if (release_names_build(kernel)) {
		hf_expect(run, newest->source, found, wanted, true);
		return;
	}
	const char *version = dpkg_version(run, kernel->release);
	int is_same = version ? build_is_of(run, kernel->build, version) : -1;

	if (is_same >= 0) {
		hf_expect(run, "/var/lib/dpkg/status",
			  hf_text(run, "%s; package version %s", found, version), wanted,
			  is_same == 1);
		return;
	}
	const hf_file *image = hf_stat_get(run, newest->source);
	int64_t booted = boot_time(run), changed = image->ctime_ns / 1000000000;

	if (image->fact.state != HF_PRESENT || booted == 0)
		hf_unknown(run, newest->source,
			   "neither the package database nor the age of the image tells whether "
			   "its build runs");
	else if (changed > booted)
		hf_unknown(run, newest->source,
			   hf_text(run,
				   "%s, but the image was changed %" PRId64 " s after the boot",
				   found, changed - booted));
	else
		hf_expect(run, newest->source, hf_text(run, "%s; unchanged since the boot", found),
			  wanted, true);
}

/* Debian's and Ubuntu's own flag: package scripts set it and the boot clears it. */
static void judge_flag(hf_check_run *run)
{
	const hf_file *packages = hf_file_get(run, "/run/reboot-required.pkgs");
	const hf_file *flag = hf_stat_get(run, "/run/reboot-required");

	if (packages->fact.state == HF_PRESENT &&
	    (strstr(packages->data, "linux-image") || strstr(packages->data, "linux-base")))
		hf_expect(run, packages->fact.source, kernel_file_text(run, packages),
			  "no kernel package waits for a reboot", false);
	else if (packages->fact.state == HF_UNREADABLE)
		hf_unknown(run, packages->fact.source, packages->fact.why);
	else if (flag->fact.state == HF_PRESENT)
		hf_note(run, flag->fact.source,
			packages->fact.state == HF_PRESENT
				? "a reboot is required, for other packages than the kernel"
				: "a reboot is required, and no file says for which packages");
}

static void check_reboot_pending(hf_check_run *run)
{
	static const char *const folders[] = {"/lib/modules", "/usr/lib/modules"};
	const hf_kernel *kernel = hf_kernel_get(run);
	installed newest = {0};

	if (!hf_need(run, &kernel->fact))
		return;
	judge_flag(run);
	const hf_dir *boot = hf_dir_get(run, "/boot");

	if (boot->fact.state == HF_UNREADABLE && !hf_need(run, &boot->fact))
		return;
	take_boot(run, &newest, kernel, boot);
	for (size_t i = 0; i < KERNEL_COUNT(folders); i++) {
		const hf_dir *modules = hf_dir_get(run, folders[i]);

		if (modules->fact.state == HF_UNREADABLE && !hf_need(run, &modules->fact))
			return;
		take_modules(run, &newest, kernel, modules);
	}
	if (newest.seen == 0) {
		hf_unknown(run, "/boot, /lib/modules",
			   "no installed kernel is visible (microVM, container)");
		return;
	}
	if (!newest.release) {
		hf_unknown(run, "/boot, /lib/modules",
			   hf_text(run, "no installed kernel is of the running flavour (%s)",
				   kernel->release));
		return;
	}
	int order = kernel_release_compare(newest.release, kernel->release);

	if (order > 0)
		hf_expect(run, newest.source,
			  hf_text(run, "%s is installed, %s runs", newest.release, kernel->release),
			  "the newest installed kernel of its flavour runs", false);
	else if (order < 0)
		hf_unknown(run, newest.source,
			   hf_text(run,
				   "%s runs and is not installed any more; the newest of its "
				   "flavour is %s",
				   kernel->release, newest.release));
	else
		judge_build(run, kernel, &newest);
}

/* ---- kernel.version.livepatch ---- */

static void judge_patch(hf_check_run *run, const char *name)
{
	const hf_file *enabled =
		hf_file_get(run, hf_text(run, "/sys/kernel/livepatch/%s/enabled", name));
	const hf_file *transition =
		hf_file_get(run, hf_text(run, "/sys/kernel/livepatch/%s/transition", name));
	const hf_file *taint = hf_file_get(run, hf_text(run, "/sys/module/%s/taint", name));

	if (hf_need(run, &enabled->fact))
		hf_expect(run, enabled->fact.source, kernel_file_text(run, enabled), "1",
			  strcmp(kernel_file_text(run, enabled), "1") == 0);
	if (hf_need(run, &transition->fact))
		hf_expect(run, transition->fact.source, kernel_file_text(run, transition),
			  "0: every task has moved to the patched code",
			  strcmp(kernel_file_text(run, transition), "0") == 0);
	if (hf_need(run, &taint->fact))
		hf_expect(run, taint->fact.source, kernel_file_text(run, taint),
			  "no E: the patch's signature was accepted", !strchr(taint->data, 'E'));
}

static void check_livepatch(hf_check_run *run)
{
	const hf_dir *patches = hf_dir_get(run, "/sys/kernel/livepatch");

	if (patches->fact.state == HF_ABSENT) {
		hf_not_applicable(run, patches->fact.source, "does not exist",
				  "this kernel cannot be live-patched");
		return;
	}
	if (!hf_need(run, &patches->fact))
		return;
	if (patches->count == 0)
		hf_expect(run, patches->fact.source, "empty",
			  "no live patch is stuck or switched off", true);
	for (size_t i = 0; i < patches->count; i++)
		judge_patch(run, patches->names[i]);
}

/* ---- kernel.taint ---- */

static void judge_taint_bit(hf_check_run *run, const char *source, unsigned bit)
{
	const char *text;
	kernel_taint meaning = kernel_taint_of(bit, &text);
	const char *found = hf_text(run, "bit %u: %s", bit, text);

	switch (meaning) {
	case KERNEL_TAINT_UNKNOWN:
		hf_unknown(run, source, found);
		return;
	case KERNEL_TAINT_HARMLESS:
	case KERNEL_TAINT_EXPLAINED:
		hf_note(run, source, found);
		return;
	case KERNEL_TAINT_BAD:
		hf_expect(run, source, found, "clear until the next boot", false);
		return;
	}
}

/* Which modules did it: "O" out of tree, "E" unsigned, "P" proprietary, "F" forced. */
static void note_tainting_modules(hf_check_run *run)
{
	const hf_file *const *taints;
	size_t count = hf_files_matching(run, "/sys/module/*/taint", &taints);
	kernel_listing listing = {0};

	for (size_t i = 0; i < count; i++) {
		if (taints[i]->fact.state != HF_PRESENT)
			continue;
		const char *letters = kernel_file_text(run, taints[i]);
		const char *name = taints[i]->fact.source + strlen("/sys/module/");

		if (*letters)
			kernel_list(
				run, &listing,
				hf_text(run, "%.*s (%s)", (int)strcspn(name, "/"), name, letters));
	}
	if (listing.count)
		hf_note(run, "/sys/module/*/taint", kernel_list_text(run, &listing));
}

static void check_taint(hf_check_run *run)
{
	const hf_sysctl *tainted = hf_sysctl_get(run, "kernel.tainted");

	if (!hf_need(run, &tainted->fact))
		return;
	if (!tainted->is_number || tainted->number < 0) {
		hf_unknown(run, tainted->fact.source, "is no mask of bits");
		return;
	}
	for (unsigned bit = 0; bit < 63; bit++) {
		if ((uint64_t)tainted->number >> bit & 1)
			judge_taint_bit(run, tainted->fact.source, bit);
	}
	if (tainted->number != 0)
		note_tainting_modules(run);
	/* Bits for drivers and patches that somebody chose to install are told above and fail
	 * nothing: the requirement is about forced, unsigned and crashed code. Modules from
	 * elsewhere are the matter of kernel.modules.unknown. */
	if (hf_status_so_far(run) != HF_FAIL && hf_status_so_far(run) != HF_UNKNOWN)
		hf_expect_i64(run, tainted->fact.source, tainted->number,
			      "no bit for forced, unsigned or crashed code", true);
}

static const hf_check checks[] = {
	{
		.id = "kernel.version.reboot-pending",
		.title = "Node runs the newest installed kernel",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("LYNIS:KRNL-5830", "NIST-800-190:4.5.3", "CWE:1395"),
		.reads = HF_READS("dir:/boot", "stat:/boot/vmlinuz-*", "stat:/boot/Image-*",
				  "dir:/lib/modules", "dir:/usr/lib/modules",
				  "stat:/lib/modules/*/kernel", "stat:/usr/lib/modules/*/kernel",
				  "packages:linux-image-*@release@", "/proc/stat", "stat:/run/reboot-required",
				  "/run/reboot-required.pkgs"),
		.risk = "The fix is on disk, and the hole is in memory: the node looks patched in "
			"every package report and is not.",
		.threat = "The changelog of the update that waits tells an attacker in a "
			  "container which flaw still works here.",
		.remediation = "Drain the node and reboot it (kubectl drain NODE; systemctl "
			       "reboot). kexec is faster, but keeps the old firmware and "
			       "microcode state.",
		.run = check_reboot_pending,
	},
	{
		.id = "kernel.version.livepatch",
		.title = "Live patches are applied and signed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("NIST-800-53:SI-2", "CWE:1395"),
		.reads = HF_READS("dir:/sys/kernel/livepatch", "/sys/kernel/livepatch/*/enabled",
				  "/sys/kernel/livepatch/*/transition", "/sys/module/*/taint"),
		.risk = "A live patch that hangs in its transition or is switched off leaves "
			"tasks on the flawed code, though everybody counts the node as patched.",
		.threat = "An exploit for the flaw runs in a task that never moved to the patched "
			  "function.",
		.remediation = "Look at cat /sys/kernel/livepatch/*/transition and at which task "
			       "blocks it (/proc/PID/patch_state is 0), restart that task, or "
			       "boot the fixed kernel.",
		.run = check_livepatch,
	},
	{
		.id = "kernel.taint",
		.title = "Kernel is not tainted by forced, unsigned or crashed code",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("NIST-800-53:SI-7", "ATTACK:T1014", "ATTACK:T1547.006"),
		.reads = HF_READS("sysctl:kernel.tainted", "/sys/module/*/taint"),
		.risk = "Code of unproven origin runs in the kernel, or the kernel has already "
			"crashed in a task and went on with its memory in an unknown state.",
		.threat = "A rootkit module leaves the unsigned or forced bit; a failed exploit "
			  "from a container leaves an oops or a warning.",
		.remediation = "Find the cause (journalctl -k -g 'Oops|WARNING|taint'; grep -H . "
			       "/sys/module/*/taint), remove or sign the module, then reboot: the "
			       "bits never clear before.",
		.run = check_taint,
	},
};

HF_CHECK_SET(kernel_version, checks);
