/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's build options in one result: the rows that weigh much by name, the others as counts.
 * On a vendor's kernel nobody can change them one by one. */
#include "common.h"
#include "options.h"
#include "sets.h"

#include <stdlib.h>

/* Base score in millionths at which a severity is called high, see NIST IR 7502. */
#define HIGH 7000000

/* The value of one metric of a CCSS vector in thousandths; @weights is "letter=value" by blanks. */
static int64_t metric(const char *vector, const char *name, const char *weights)
{
	const char *at = strstr(vector, name);
	const char *weight = at ? strchr(weights, at[strlen(name)]) : NULL;

	return weight ? strtol(weight + 2, NULL, 10) : 0;
}

/* The plugin interface has no scores, so the base equation stands here once more, in integers. */
static bool is_weighty(const hf_check *row)
{
	const char *v = row->severity;
	int64_t rest = (1000 - metric(v, "/C:", "N=0 P=275 C=660")) *
		       (1000 - metric(v, "/I:", "N=0 P=275 C=660")) *
		       (1000 - metric(v, "/A:", "N=0 P=275 C=660"));
	int64_t impact = 1041 * (1000000000 - rest) / 100000; /* millionths */
	int64_t access = 20 * metric(v, "AV:", "L=395 A=646 N=1000") *
			 metric(v, "/AC:", "H=350 M=610 L=710") *
			 metric(v, "/Au:", "M=450 S=560 N=704") / 1000;
	int64_t base = (6 * impact / 10 + 4 * access / 10 - 1500000) * 1176 / 1000;

	/* rounded to one decimal, as the score is */
	return impact > 0 && base + 50000 >= HIGH;
}

typedef struct option_counts {
	size_t held;
	size_t failed;
	size_t unknown;
	kernel_listing names; /* of the failed ones */
	kernel_listing unknown_names;
} option_counts;

static void count(hf_check_run *run, option_counts *counts, const option_row *row)
{
	switch (option_judge(run, row)) {
	case HF_PASS:
		counts->held++;
		break;
	case HF_FAIL:
		counts->failed++;
		kernel_list(run, &counts->names,
			    hf_text(run, "%s (wanted %s)", row->name, row->wanted_text));
		break;
	case HF_UNKNOWN:
		counts->unknown++;
		kernel_list(run, &counts->unknown_names, row->name);
		break;
	case HF_NOTSELECTED:
	case HF_INFORMATIONAL:
	case HF_NOTAPPLICABLE:
	case HF_NOTCHECKED:
	case HF_ERROR:
	case HF_STATUS_COUNT:
		break; /* does not concern this kernel, or has no verdict */
	}
}

static void check_options(hf_check_run *run)
{
	static const char wanted[] = "every row of severity high or critical holds";
	const hf_kconfig *config = hf_kconfig_get(run);
	option_counts weighty = {0}, other = {0};

	if (config->fact.state == HF_ABSENT) {
		hf_not_applicable(run, config->fact.source, config->fact.why,
				  "no configuration of the running kernel is installed");
		return;
	}
	if (!hf_need(run, &config->fact))
		return;
	for (uint32_t i = 0; i < kernel_options.count; i++) {
		const hf_check *row = &kernel_options.checks[i];
		const option_row *option = row->param;

		if (option->kind == OPTION_KCONFIG)
			count(run, is_weighty(row) ? &weighty : &other, option);
	}
	if (weighty.failed > 0)
		hf_expect(run, config->fact.source, kernel_list_text(run, &weighty.names), wanted,
			  false);
	if (weighty.unknown > 0)
		hf_unknown(run, config->fact.source,
			   hf_text(run, "could not be told: %s",
				   kernel_list_text(run, &weighty.unknown_names)));
	if (weighty.failed == 0 && weighty.unknown == 0)
		hf_expect(run, config->fact.source, hf_text(run, "%zu rows hold", weighty.held),
			  wanted, weighty.held > 0);
	hf_note(run, config->fact.source,
		hf_text(run,
			"rows of medium and low severity: %zu hold, %zu do not, %zu could not be "
			"told "
			"(holdfast scan --only 'kconfig.*' shows each)",
			other.held, other.failed, other.unknown));
}

static const hf_check checks[] = {
	{
		.id = "kernel.config.options",
		.title = "Kernel build options match the catalogue",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("KSPP", "LYNIS:KRNL-5728"),
		/* what the conditions of those rows ask beside the configuration */
		.reads = HF_READS(
			"/proc/cpuinfo", "/proc/bus/pci/devices", "/proc/version_signature",
			"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name",
			"/sys/devices/system/cpu/smt/active", "/sys/kernel/mm/ksm/run",
			"dir:/sys/firmware/acpi/tables", "dir:/sys/class/tpm", "stat:/dev/kvm",
			"sysctl:dev.tty.ldisc_autoload", "sysctl:dev.tty.legacy_tiocsti",
			"sysctl:kernel.dmesg_restrict", "sysctl:kernel.io_uring_disabled",
			"sysctl:kernel.kexec_load_disabled", "sysctl:kernel.modules_disabled",
			"sysctl:kernel.panic_on_oops", "sysctl:kernel.sysrq",
			"sysctl:kernel.unprivileged_bpf_disabled", "sysctl:net.mptcp.enabled",
			"sysctl:vm.mmap_min_addr", "sysctl:vm.mmap_rnd_bits",
			"sysctl:vm.mmap_rnd_compat_bits", "sysctl:vm.unprivileged_userfaultfd"),
		.risk = "The kernel lacks a protection that nothing at run time can replace.",
		.threat = "A memory bug that a hardened kernel would stop gives a container the "
			  "node.",
		.remediation = "Choose a kernel of the distribution that has them (a hardened, "
			       "cloud or newer flavour), or build one with the options named; "
			       "holdfast explain kconfig.NAME tells what each is for.",
		.run = check_options,
	},
};

HF_CHECK_SET(kernel_digest, checks);
