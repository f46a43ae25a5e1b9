/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the kernel was built: its configuration's source, debugging aids, old ABIs. */
#include "common.h"
#include "sets.h"

#include <stdio.h>

/* ---- debug kernels ---- */

enum { TAINT_TEST = 18 }; /* an in-kernel test ran, see admin-guide/tainted-kernels.rst */

static const char *const debug_options[] = {
	"CONFIG_KCSAN",		  "CONFIG_DEBUG_KMEMLEAK", "CONFIG_PROVE_LOCKING",
	"CONFIG_DEBUG_PAGEALLOC", "CONFIG_LKDTM",	   "CONFIG_KCOV",
};

/* KASAN with hardware tags is made for production; the other two modes are not. */
static bool has_debug_kasan(const hf_kconfig *config)
{
	return hf_kconfig_value(config, "CONFIG_KASAN", NULL) &&
	       !hf_kconfig_value(config, "CONFIG_KASAN_HW_TAGS", NULL);
}

static void judge_debug_options(hf_check_run *run)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	kernel_listing set = {0};

	if (!hf_need(run, &config->fact))
		return;
	if (has_debug_kasan(config))
		kernel_list(run, &set, "CONFIG_KASAN=y");
	for (size_t i = 0; i < KERNEL_COUNT(debug_options); i++) {
		const char *value = hf_kconfig_value(config, debug_options[i], NULL);

		/* a module (only LKDTM can be one) is off until root loads it */
		if (value && strcmp(value, "m") == 0 &&
		    hf_module_get(run, "lkdtm")->state != HF_MODULE_LOADED)
			hf_note(run, config->fact.source,
				hf_text(run, "%s=m, not loaded", debug_options[i]));
		else if (value)
			kernel_list(run, &set, hf_text(run, "%s=%s", debug_options[i], value));
	}
	hf_expect(run, config->fact.source, kernel_list_text(run, &set),
		  "no debugging option that slows or opens the kernel", set.count == 0);
}

static void check_kasan_debug(hf_check_run *run)
{
	const hf_kernel *kernel = hf_kernel_get(run);
	int64_t taint;

	/* "6.11.4-300.fc41.x86_64+debug" (Fedora), "5.3.18-57-debug" (SUSE) */
	if (hf_need(run, &kernel->fact))
		hf_expect(run, kernel->fact.source, kernel->release, "no debug flavour",
			  !strstr(kernel->release, "+debug") && !strstr(kernel->release, "-debug"));
	if (hf_sysctl_number(run, "kernel.tainted", &taint))
		hf_expect_i64(run, hf_sysctl_get(run, "kernel.tainted")->fact.source, taint,
			      "without bit 18 (an in-kernel test ran)",
			      ((uint64_t)taint >> TAINT_TEST & 1) == 0);
	judge_debug_options(run);
}

/* ---- the source of the configuration ---- */

typedef struct version {
	unsigned major;
	unsigned minor;
	unsigned patch;
} version;

/* The first "N.N" or "N.N.N" in @text. */
static bool find_version(const char *text, version *ret_version)
{
	for (const char *at = text; *at; at++) {
		version found = {0};

		if (at > text && at[-1] >= '0' && at[-1] <= '9')
			continue;
		if (sscanf(at, "%3u.%4u.%5u", &found.major, &found.minor, &found.patch) >= 2) {
			*ret_version = found;
			return true;
		}
	}
	return false;
}

static bool is_same(version a, version b)
{
	return a.major == b.major && a.minor == b.minor && a.patch == b.patch;
}

/* The header names the upstream version: "Linux/x86 6.1.119 Kernel Configuration". Debian's and
 * Ubuntu's uname -r names an ABI instead ("6.1.0-28-amd64", "6.8.0-51-generic"); the upstream version
 * stands in uname -v ("Debian 6.1.119-1") or /proc/version_signature ("Ubuntu 6.8.0-51.52-generic
 * 6.8.12"). */
static void judge_header(hf_check_run *run, const hf_kconfig *config, const hf_kernel *kernel)
{
	const hf_file *signature = hf_file_get(run, "/proc/version_signature");
	const char *last =
		signature->fact.state == HF_PRESENT ? strrchr(signature->data, ' ') : NULL;
	const char *debian = strstr(kernel->build, "Debian ");
	version release = {kernel->major, kernel->minor, kernel->patch}, header, upstream;
	bool is_abi = release.patch == 0;

	if (!find_version(config->header, &header)) {
		hf_unknown(run, config->fact.source,
			   hf_text(run, "\"%s\" names no version", config->header));
		return;
	}
	bool holds = is_same(header, release);

	if (is_abi && last && find_version(last, &upstream))
		holds = holds || is_same(header, upstream);
	else if (is_abi && debian && find_version(debian, &upstream))
		holds = holds || is_same(header, upstream);
	else if (is_abi) /* nothing names the patch level: the series must do */
		holds = header.major == release.major && header.minor == release.minor;
	hf_expect(run, config->fact.source, config->header,
		  hf_text(run, "the configuration of %s, %s", kernel->release, kernel->build),
		  holds);
}

/* Inside a container the files belong to its image; the kernel's own copy is the only one that
 * counts. */
static bool is_inside_container(hf_check_run *run, const char **ret_source)
{
	static const char *const marks[] = {"/.dockerenv", "/run/.containerenv"};

	for (size_t i = 0; i < KERNEL_COUNT(marks); i++) {
		if (hf_stat_get(run, marks[i])->fact.state == HF_PRESENT) {
			*ret_source = marks[i];
			return true;
		}
	}
	return false;
}

static void check_config_source(hf_check_run *run)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	const hf_kernel *kernel = hf_kernel_get(run);
	const char *mark = NULL;

	if (config->fact.state == HF_ABSENT) {
		hf_not_applicable(
			run, config->fact.source, config->fact.why,
			"no configuration of the running kernel is installed; what it would "
			"tell is unknown, what runs is judged all the same");
		return;
	}
	if (!hf_need(run, &config->fact))
		return;
	if (strcmp(config->fact.source, "/kernel-config") == 0) {
		hf_not_applicable(run, config->fact.source, "given to this scan",
				  "a file is judged, not a node");
		return;
	}
	if (strcmp(config->fact.source, "/proc/config.gz") == 0) {
		hf_expect(run, config->fact.source, hf_text(run, "%zu options", config->count),
			  "the running kernel's own configuration", config->count > 0);
		return;
	}
	if (is_inside_container(run, &mark))
		hf_unknown(run, mark,
			   hf_text(run, "the scan runs in a container, so %s is the image's",
				   config->fact.source));
	else if (!config->header)
		hf_unknown(run, config->fact.source, "has no header that names a version");
	else if (hf_need(run, &kernel->fact))
		judge_header(run, config, kernel);
}

/* ---- old ABIs ---- */

/* "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]": the
 * permissions are how the kernel handles it, whatever boot line and configuration say. NULL: no
 * such page. */
static const char *vsyscall_mode(hf_check_run *run, const hf_file *maps)
{
	const char *at = strstr(maps->data, " [vsyscall]\n");

	while (at && at > maps->data && at[-1] != '\n')
		at--;
	const char *blank = at ? strchr(at, ' ') : NULL;

	return blank ? hf_text(run, "%.4s", blank + 1) : NULL;
}

/* Whether 32-bit programs run: told, for only the site knows whether its images need them. */
static void note_32bit(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);
	const hf_kconfig *config = hf_kconfig_get(run);
	const char *value =
		line->fact.state == HF_PRESENT ? hf_bootline_value(line, "ia32_emulation") : NULL;

	if (value)
		hf_note(run, line->fact.source, hf_text(run, "ia32_emulation=%s", value));
	if (config->fact.state != HF_PRESENT)
		return;
	if (!hf_kconfig_value(config, "CONFIG_IA32_EMULATION", NULL))
		hf_note(run, config->fact.source,
			"CONFIG_IA32_EMULATION is not set: no 32-bit programs");
	else if (!value)
		hf_note(run, config->fact.source,
			hf_kconfig_value(config, "CONFIG_IA32_EMULATION_DEFAULT_DISABLED", NULL)
				? "32-bit programs are off by default"
				: "32-bit programs run: ia32_emulation=0 (6.7) ends that where no "
				  "image needs them");
}

static void check_vsyscall_compat(hf_check_run *run)
{
	const hf_kernel *kernel = hf_kernel_get(run);
	const hf_file *maps = hf_file_get(run, "/proc/self/maps");
	static const char wanted[] = "no vsyscall page, or one that can only be executed (--xp)";

	if (!hf_need(run, &kernel->fact))
		return;
	if (strcmp(kernel->machine, "x86_64") != 0) {
		hf_not_applicable(run, kernel->fact.source, kernel->machine,
				  "only x86-64 has a vsyscall page");
		return;
	}
	if (!hf_need(run, &maps->fact))
		return;
	/* the page comes last: where the end of the table is missing, it would be, too */
	if (maps->size == 0 || maps->data[maps->size - 1] != '\n' ||
	    !strstr(maps->data, " [stack]\n")) {
		hf_unknown(run, maps->fact.source, "is no complete table");
		return;
	}
	const char *mode = vsyscall_mode(run, maps);

	/* emulation that leaves the page readable is a fixed address with known instructions */
	hf_expect(run, maps->fact.source,
		  mode ? hf_text(run, "%s [vsyscall]", mode) : "no [vsyscall]", wanted,
		  !mode || *mode == '-');
	note_32bit(run);
}

static const hf_check checks[] = {
	{
		.id = "kernel.kasan-debug",
		.title = "Debug kernels are not used in production",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:489"),
		.reads = HF_READS("sysctl:kernel.tainted"),
		.risk = "Checks meant for developers cost a half of the node's speed and memory, "
			"and print memory contents into the log; LKDTM crashes the kernel on "
			"request.",
		.threat = "A container provokes warnings whose reports slow the node down and "
			  "show kernel addresses and data.",
		.remediation = "Install and boot the distribution's ordinary kernel (grubby "
			       "--set-default, or GRUB_DEFAULT in /etc/default/grub), and remove "
			       "the +debug or -debug package.",
		.run = check_kasan_debug,
	},
	{
		.id = "kernel.config.source",
		.title = "A trustworthy kernel configuration is available",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:M/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("LYNIS:KRNL-5728"),
		.reads = HF_READS("/proc/version_signature", "stat:/.dockerenv",
				  "stat:/run/.containerenv"),
		.risk = "Judgements about build options rest on the configuration of another "
			"kernel.",
		.threat = "A file left from an earlier kernel says that a protection is built in "
			  "which the running one lacks.",
		.remediation = "Install the configuration that belongs to the running kernel (it "
			       "comes with the kernel package as /boot/config-$(uname -r)), or "
			       "build kernels with CONFIG_IKCONFIG_PROC=y.",
		.run = check_config_source,
	},
	{
		.id = "kernel.vsyscall-compat",
		.title = "Legacy ABIs are limited to what images need",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("KSPP"),
		.reads = HF_READS("/proc/self/maps"),
		.risk = "Every process has the same instructions at the same address, address "
			"space randomisation or not.",
		.threat = "A memory bug in any program jumps to the vsyscall page, whose place "
			  "needs no guessing; 32-bit system calls add rarely tested kernel code.",
		.remediation = "Add vsyscall=none (or xonly, for images older than glibc 2.14) to "
			       "GRUB_CMDLINE_LINUX in /etc/default/grub, and ia32_emulation=0 "
			       "where no image has 32-bit programs; then update-grub and reboot.",
		.run = check_vsyscall_compat,
	},
};

HF_CHECK_SET(kernel_build, checks);
