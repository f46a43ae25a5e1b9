/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways around the native rules: other ABIs of the same kernel, other architectures, and how much is
 * open at all. */
#include "judge.h"

/* The other ABI is off, or everything that the native one refuses is refused there, too. */
static void judge_abi(hf_check_run *run, hf_call_abi abi)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	const char *name = hf_call_abi_name(run, abi);
	const hf_fact *runs = hf_call_abi_runs(run, abi);

	if (!name) {
		hf_not_applicable(run, "uname", "no such ABI",
				  "this architecture does not have it");
		return;
	}
	if (runs->state == HF_ABSENT) {
		(void)hf_expect(run, runs->source, runs->why, "off, or no more open than natively",
				true);
		return;
	}
	const char *beyond = hf_filtering_beyond_native(run, f, abi, seccomp_dangerous);
	hf_call_verdict unlisted = hf_filtering_unlisted(run, f, abi);

	if (!beyond && unlisted == HF_CALL_UNKNOWN)
		hf_unknown(run, f->fact.source,
			   hf_text(run, "what becomes of calls on %s could not be told", name));
	else if (!beyond)
		(void)hf_expect(
			run, f->fact.source,
			hf_text(run, "no dangerous call is refused natively and open on %s", name),
			"off, or no more open than natively", true);
	else if (runs->state == HF_PRESENT)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "refused natively and open on %s: %s", name, beyond),
				"off, or no more open than natively", false);
	else
		hf_unknown(run, runs->source,
			   hf_text(run, "open on %s: %s; whether the kernel runs it: %s", name,
				   beyond, runs->why));
	seccomp_end(run, f);
}

static void check_i386(hf_check_run *run)
{
	judge_abi(run, HF_CALL_ABI_I386);
}

static void check_x32(hf_check_run *run)
{
	judge_abi(run, HF_CALL_ABI_X32);
}

static void check_foreign_arch(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	hf_call_verdict verdict = hf_filtering_unlisted(run, f, HF_CALL_ABI_FOREIGN);

	if (verdict == HF_CALL_UNKNOWN)
		hf_unknown(run, f->fact.source,
			   "what becomes of a foreign architecture could not be told");
	else
		(void)hf_expect(run, f->fact.source,
				verdict == HF_CALL_DENIED ? "every number of an architecture that "
							    "it was not made for is refused"
							  : "a call of an architecture that it was "
							    "not made for is not refused",
				"refused", verdict == HF_CALL_DENIED);
	seccomp_end(run, f);
}

static void check_surface(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);

	if (!f)
		return;
	const hf_call_difference *d =
		hf_filtering_compare(run, hf_container_of(run), HF_CALL_OTHER_DEFAULT);
	size_t open = hf_filtering_open(run, f, HF_CALL_ABI_NATIVE);
	const char *found = hf_text(run, "%zu calls are open", open);

	if (hf_call_abi_name(run, HF_CALL_ABI_I386))
		found = hf_text(run, "%s, %zu on %s", found,
				hf_filtering_open(run, f, HF_CALL_ABI_I386),
				hf_call_abi_name(run, HF_CALL_ABI_I386));
	if (d->fact.state == HF_PRESENT && d->looser_count == 0 && d->stricter_count == 0)
		hf_inform(run, f->fact.source, found, hf_text(run, "%s", d->profile));
	else
		hf_review(run, f->fact.source, found,
			  "Compare with what the workload calls (record it once); far more than "
			  "300 is more than "
			  "any runtime's default.");
	seccomp_end(run, f);
}

static const hf_check checks[] = {
	{
		.id = "seccomp.i386",
		.title = "The 32-bit ABI is not more open than the native one",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:693", "ATTACK:T1068"),
		.risk = "What the filter refuses is made as a 32-bit call instead.",
		.threat = "int 0x80 from any program, or a static i386 one, needs no library in "
			  "the container.",
		.remediation = "List SCMP_ARCH_X86 beside the native architecture, or turn 32-bit "
			       "programs off on the node "
			       "(ia32_emulation=0).",
		.run = check_i386,
	},
	{
		.id = "seccomp.x32",
		.title = "The x32 ABI is refused or absent",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:693", "CVE:2014-0038"),
		.risk = "x32 calls have the native architecture and other numbers: rules that name "
			"numbers alone miss "
			"them.",
		.threat = "The refused call, with bit 30 set.",
		.remediation = "List SCMP_ARCH_X32 in the profile, or use a kernel without "
			       "CONFIG_X86_X32_ABI.",
		.run = check_x32,
	},
	{
		.id = "seccomp.foreign-arch",
		.title = "Calls with an unexpected architecture are refused",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693"),
		.risk = "A filter that does not look at the architecture takes one ABI's number "
			"for another's.",
		.threat = "Number 11 is munmap here and execve there: pick the ABI in which the "
			  "wanted call has an allowed "
			  "number.",
		.remediation = "Let libseccomp make the filter: it tests the architecture first, "
			       "and ends what it does "
			       "not know.",
		.run = check_foreign_arch,
	},
	{
		.id = "seccomp.surface",
		.title = "The allowed set is no larger than the workload needs",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CIS-Docker-1.6:2.17", "CWE:272", "OWASP-Docker:D04"),
		.risk = "Each call that is open and not needed is code of the kernel in reach for "
			"nothing.",
		.threat = "A bug in any of them.",
		.remediation = "Record what the workload calls, and allow that.",
		.run = check_surface,
	},
};

HF_CHECK_SET(seccomp_abi, checks);
