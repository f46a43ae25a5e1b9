/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of the processor's flaws, of its sibling threads and of its microcode. */
#include "common.h"
#include "sets.h"

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"

/* ---- kernel.cpu-vulnerabilities ---- */

/* Flaws that only a guest of this node's own could use. */
static bool matters_with_kvm_alone(const char *name)
{
	return strcmp(name, "itlb_multihit") == 0 || strcmp(name, "vmscape") == 0;
}

/* Judges the text and nothing else: parameters only ask, the file tells what was done
 * (Documentation/admin-guide/hw-vuln/). "Mitigation: ...; BHI: Vulnerable" is no mitigation; "SMT
 * vulnerable" is the matter of kernel.cpu-smt. */
static void judge_text(hf_check_run *run, const hf_file *file, const char *text, bool has_kvm,
		       kernel_listing *unaffected)
{
	static const char wanted[] = "Not affected, or Mitigation";
	const char *name = file->fact.source + strlen(VULNERABILITIES "/");
	const char *judged = kernel_starts_with(text, "KVM: ") ? text + strlen("KVM: ") : text;
	bool has_hole = strcasestr(judged, ": vulnerable") != NULL;

	if (kernel_starts_with(judged, "Not affected")) {
		kernel_list(run, unaffected, name);
		return;
	}
	if (kernel_starts_with(judged, "Mitigation:") && !has_hole) {
		hf_expect(run, file->fact.source, text, wanted, true);
		return;
	}
	bool is_vulnerable = kernel_starts_with(judged, "Vulnerable") || has_hole;
	bool is_cpu_alone = kernel_starts_with(judged, "Processor vulnerable");

	if ((is_vulnerable || is_cpu_alone) && !has_kvm && matters_with_kvm_alone(name))
		hf_note(run, file->fact.source,
			hf_text(run, "%s; without /dev/kvm no guest can use it", text));
	else if (is_vulnerable)
		hf_expect(run, file->fact.source, text, wanted, false);
	else if (is_cpu_alone || kernel_starts_with(judged, "Unknown"))
		/* The kernel itself cannot tell, most often in a guest whose hypervisor decides. */
		hf_unknown(run, file->fact.source, text);
	else
		hf_unknown(run, file->fact.source, hf_text(run, "not understood: %s", text));
}

/* Why a flaw is open, for the reader. */
static void note_switches(hf_check_run *run)
{
	const hf_bootline *line = hf_bootline_get(run);
	const char *value =
		line->fact.state == HF_PRESENT ? hf_bootline_value(line, "mitigations") : NULL;

	if (value)
		hf_note(run, line->fact.source, hf_text(run, "mitigations=%s", value));
}

static void check_vulnerabilities(hf_check_run *run)
{
	const hf_file *const *files;
	const hf_dir *dir = hf_dir_get(run, VULNERABILITIES);
	size_t count = hf_files_matching(run, VULNERABILITIES "/*", &files);

	/* Absent says nothing of the processor: a kernel before 4.15, or an architecture without
	 * it. */
	if (!hf_need(run, &dir->fact))
		return;
	/* Since 4.15 on every architecture that has the folder: without it, names are missing. */
	if (!hf_dir_has(dir, "spectre_v2")) {
		hf_unknown(run, dir->fact.source, "lacks spectre_v2, so it is not whole");
		return;
	}
	bool has_kvm = hf_stat_get(run, "/dev/kvm")->fact.state != HF_ABSENT;
	kernel_listing unaffected = {0};

	for (size_t i = 0; i < count; i++) {
		if (hf_need(run, &files[i]->fact))
			judge_text(run, files[i], kernel_file_text(run, files[i]), has_kvm,
				   &unaffected);
	}
	if (unaffected.count)
		hf_expect(run, dir->fact.source,
			  hf_text(run, "Not affected: %s", kernel_list_text(run, &unaffected)),
			  "Not affected, or Mitigation", true);
	if (hf_status_so_far(run) == HF_FAIL)
		note_switches(run);
}

/* ---- kernel.cpu-smt ---- */

typedef struct smt_reading {
	bool says_vulnerable;
	bool says_unknown;
	bool all_unaffected;
	size_t read;
} smt_reading;

/* The flaws through which one sibling thread reads the other's data say so themselves. */
static smt_reading read_smt_flaws(hf_check_run *run)
{
	static const char *const names[] = {"mds", "tsx_async_abort", "mmio_stale_data", "l1tf"};
	smt_reading reading = {.all_unaffected = true};

	for (size_t i = 0; i < KERNEL_COUNT(names); i++) {
		const hf_file *file =
			hf_file_get(run, hf_text(run, VULNERABILITIES "/%s", names[i]));

		if (file->fact.state == HF_ABSENT)
			continue; /* a kernel that does not know the flaw */
		if (!hf_need(run, &file->fact))
			continue;
		const char *text = kernel_file_text(run, file);

		reading.read++;
		reading.says_vulnerable |= strstr(text, "SMT vulnerable") != NULL;
		reading.says_unknown |= strstr(text, "SMT Host state unknown") != NULL;
		reading.all_unaffected &= kernel_starts_with(text, "Not affected");
		hf_note(run, file->fact.source, text);
	}
	return reading;
}

static void check_smt(hf_check_run *run)
{
	static const char wanted[] = "SMT off, or no flaw that needs it off";
	const hf_file *active = hf_file_get(run, "/sys/devices/system/cpu/smt/active");
	const hf_file *control = hf_file_get(run, "/sys/devices/system/cpu/smt/control");

	if (!hf_need(run, &active->fact) || !hf_need(run, &control->fact))
		return;
	const char *state = hf_text(run, "active %s, control %s", kernel_file_text(run, active),
				    kernel_file_text(run, control));
	bool is_off = strcmp(kernel_file_text(run, active), "0") == 0;
	bool is_impossible = strcmp(kernel_file_text(run, control), "notsupported") == 0;
	kernel_guest guest = kernel_is_guest(run);

	if (is_impossible && guest == KERNEL_GUEST_NO) {
		hf_not_applicable(run, control->fact.source, "notsupported",
				  "this processor has one thread a core");
		return;
	}
	smt_reading reading = read_smt_flaws(run);

	if (reading.read == 0)
		hf_unknown(run, VULNERABILITIES,
			   "none of mds, tsx_async_abort, mmio_stale_data, l1tf was read");
	else if (reading.all_unaffected)
		hf_expect(run, VULNERABILITIES, hf_text(run, "%s; no flaw between siblings", state),
			  wanted, true);
	else if (reading.says_unknown)
		hf_unknown(run, VULNERABILITIES,
			   "SMT state of the hypervisor's host is not known to a guest");
	else if (is_off && guest == KERNEL_GUEST_YES)
		/* A hypervisor that hides siblings lets another guest sit on the same core. */
		hf_unknown(run, active->fact.source,
			   hf_text(run, "%s, but a hypervisor may hide siblings", state));
	else
		hf_expect(run, active->fact.source, state, wanted,
			  is_off || !reading.says_vulnerable);
}

/* ---- kernel.cpu-microcode ---- */

/* The file that both the package of the distribution and the initramfs bring; the package's own
 * name differs everywhere (intel-microcode, amd64-microcode, microcode_ctl, linux-firmware). */
static const char *firmware_folder(const char *vendor)
{
	if (strcmp(vendor, "GenuineIntel") == 0)
		return "intel-ucode";
	if (strcmp(vendor, "AuthenticAMD") == 0)
		return "amd-ucode";
	return NULL;
}

static void judge_package(hf_check_run *run, const char *vendor, const char *revision)
{
	static const char *const roots[] = {"/lib/firmware", "/usr/lib/firmware"};
	const char *folder = firmware_folder(vendor);
	bool could_look = true;

	if (!folder) {
		hf_unknown(run, "/proc/cpuinfo",
			   hf_text(run, "no microcode package is known for %s", vendor));
		return;
	}
	for (size_t i = 0; i < KERNEL_COUNT(roots); i++) {
		const hf_dir *dir = hf_dir_get(run, hf_text(run, "%s/%s", roots[i], folder));

		if (dir->fact.state == HF_PRESENT && dir->count > 0) {
			hf_expect(run, dir->fact.source,
				  hf_text(run, "%zu files; the processor runs revision %s",
					  dir->count, revision),
				  "the vendor's updates, and a revision other than 0x0",
				  strcmp(revision, "0x0") != 0);
			return;
		}
		could_look = could_look && dir->fact.state != HF_UNREADABLE;
		if (dir->fact.state == HF_UNREADABLE)
			hf_unknown(run, dir->fact.source, dir->fact.why);
	}
	if (could_look)
		hf_expect(run, hf_text(run, "/lib/firmware/%s", folder),
			  "does not exist or is empty",
			  "the vendor's microcode updates on a physical machine", false);
}

static void check_microcode(hf_check_run *run)
{
	const hf_file *cpuinfo = hf_file_get(run, "/proc/cpuinfo");
	const hf_file *old = hf_file_get(run, VULNERABILITIES "/old_microcode");
	const hf_bootline *line = hf_bootline_get(run);

	if (!hf_need(run, &cpuinfo->fact))
		return;
	const char *vendor = kernel_cpuinfo_value(run, cpuinfo, "vendor_id");
	const char *revision = kernel_cpuinfo_value(run, cpuinfo, "microcode");

	if (kernel_is_guest(run) == KERNEL_GUEST_YES) {
		hf_not_applicable(
			run, cpuinfo->fact.source, "flag hypervisor",
			"a guest sees a made-up revision; the hypervisor's host loads microcode");
		return;
	}
	if (!vendor || !revision) {
		hf_unknown(run, cpuinfo->fact.source, "names no vendor_id and microcode revision");
		return;
	}
	const char *text = old->fact.state == HF_PRESENT ? kernel_file_text(run, old) : "";

	/* 6.16 and newer carry Intel's list and compare for themselves */
	if (kernel_starts_with(text, "Not affected") || kernel_starts_with(text, "Vulnerable")) {
		hf_expect(run, old->fact.source, hf_text(run, "%s (revision %s)", text, revision),
			  "Not affected", kernel_starts_with(text, "Not affected"));
		return;
	}
	if (old->fact.state == HF_UNREADABLE && !hf_need(run, &old->fact))
		return;
	if (line->fact.state == HF_PRESENT && hf_bootline_value(line, "dis_ucode_ldr")) {
		hf_expect(run, line->fact.source, "dis_ucode_ldr",
			  "not given: it stops every update", false);
		return;
	}
	judge_package(run, vendor, revision);
}

static const hf_check checks[] = {
	{
		.id = "kernel.cpu-vulnerabilities",
		.title = "No CPU vulnerability is reported as unmitigated",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("KSPP", "CWE:1342", "CWE:203", "NIST-800-190:4.5.3"),
		.reads = HF_READS("dir:" VULNERABILITIES, VULNERABILITIES "/*", "stat:/dev/kvm"),
		.risk = "Code in one container reads memory of the kernel and of other containers "
			"through the processor itself; no right or namespace stops it.",
		.threat = "Published proofs of concept for the named flaw leak keys and password "
			  "hashes at kilobytes a second.",
		.remediation =
			"Install the vendor's microcode and a current kernel, take mitigations=off "
			"and single switches off the boot line, and look again: grep -H . "
			VULNERABILITIES "/*. In a guest, the hypervisor has to pass the "
			"processor's protections on.",
		.run = check_vulnerabilities,
	},
	{
		.id = "kernel.cpu-smt",
		.title = "SMT siblings are safe for hostile tenants",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:C/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("KSPP", "CWE:1037"),
		.reads = HF_READS("/sys/devices/system/cpu/smt/active",
				  "/sys/devices/system/cpu/smt/control", VULNERABILITIES "/*",
				  "/proc/cpuinfo"),
		.risk = "Two containers that the scheduler puts on the two threads of one core "
			"share its buffers: one reads what the other handles.",
		.threat = "A tenant samples the buffers of its core (MDS, TAA, MMIO) until the "
			  "neighbour's key passes through.",
		.remediation = "Boot with nosmt or mitigations=auto,nosmt, or, until the next "
			       "boot, echo off > /sys/devices/system/cpu/smt/control. A node of a "
			       "single tenant, or core scheduling in the runtime, is a reason for "
			       "a waiver.",
		.run = check_smt,
	},
	{
		.id = "kernel.cpu-microcode",
		.title = "CPU microcode is current",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:C/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:1395"),
		.reads = HF_READS("/proc/cpuinfo", VULNERABILITIES "/old_microcode",
				  "dir:/lib/firmware/intel-ucode", "dir:/lib/firmware/amd-ucode",
				  "dir:/usr/lib/firmware/intel-ucode",
				  "dir:/usr/lib/firmware/amd-ucode"),
		.risk = "Most mitigations of processor flaws need instructions that only newer "
			"microcode has: without it the kernel can do half or nothing.",
		.threat = "An attacker in a container uses a flaw whose fix the machine's maker "
			  "shipped long ago.",
		.remediation = "Install intel-microcode or amd64-microcode (Debian, Ubuntu), "
			       "microcode_ctl or linux-firmware (RPM), rebuild the initramfs "
			       "(update-initramfs -u, dracut -f) and reboot; take dis_ucode_ldr "
			       "off the boot line.",
		.run = check_microcode,
	},
};

HF_CHECK_SET(kernel_cpu, checks);
