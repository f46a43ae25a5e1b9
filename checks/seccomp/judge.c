/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of system-call filters share. */
#include "judge.h"

const hf_call_case seccomp_dangerous[] = {
	{.name = "mount"},
	{.name = "umount2"},
	{.name = "pivot_root"},
	{.name = "move_mount"},
	{.name = "open_tree"},
	{.name = "fsopen"},
	{.name = "fsconfig"},
	{.name = "fsmount"},
	{.name = "mount_setattr"},
	{.name = "unshare"},
	{.name = "setns"},
	{.name = "clone3"},
	{.name = "init_module"},
	{.name = "finit_module"},
	{.name = "delete_module"},
	{.name = "kexec_load"},
	{.name = "kexec_file_load"},
	{.name = "reboot"},
	{.name = "bpf"},
	{.name = "perf_event_open"},
	{.name = "add_key"},
	{.name = "request_key"},
	{.name = "keyctl"},
	{.name = "open_by_handle_at"},
	{.name = "userfaultfd"},
	{.name = "settimeofday"},
	{.name = "clock_settime"},
	{.name = "iopl"},
	{.name = "ioperm"},
	{.name = "swapon"},
	{.name = "swapoff"},
	{.name = "quotactl"},
	{.name = "acct"},
	{0},
};

const hf_filtering *seccomp_begin(hf_check_run *run)
{
	const hf_filtering *f = hf_container_filtering(run, hf_container_of(run));

	/* what a filter refuses to the others, a task without one does for them */
	if (f->filtered > 0 && f->unfiltered > 0)
		hf_not_applicable(run, "Seccomp of every task",
				  hf_text(run, "0 (no filter) for %s", f->unfiltered_tasks),
				  "no call is refused to all of them: seccomp.mode says so");
	else if (f->filtered > 0)
		return hf_need(run, &f->fact) ? f : NULL;
	else if (f->unfiltered > 0)
		hf_not_applicable(run, "Seccomp of every task", "0 (no filter)",
				  "there is no filter to judge: seccomp.mode says so");
	else if (f->strict > 0)
		hf_not_applicable(run, "Seccomp of every task", "1 (strict)",
				  "strict mode leaves read, write and exit alone");
	else if (hf_need(run, &f->tasks_fact))
		hf_unknown(run, "Seccomp of every task", "no task of it was read");
	return NULL;
}

void seccomp_end(hf_check_run *run, const hf_filtering *filtering)
{
	if (filtering->tasks_fact.state != HF_PRESENT)
		hf_unknown(run, filtering->tasks_fact.source, filtering->tasks_fact.why);
}

seccomp_abis seccomp_abis_get(hf_check_run *run)
{
	seccomp_abis abis = {0};

	for (unsigned abi = 0; abi < HF_CALL_ABI_FOREIGN; abi++) {
		const hf_fact *runs = hf_call_abi_runs(run, (hf_call_abi)abi);

		if (runs->state == HF_PRESENT) {
			abis.sure |= 1U << abi;
		} else if (runs->state == HF_UNREADABLE) {
			abis.maybe |= 1U << abi;
			abis.why = runs->why;
		}
	}
	return abis;
}

uint64_t seccomp_bounding(const hf_container *container)
{
	uint64_t bounding = 0;

	for (size_t i = 0; i < container->task_count; i++)
		bounding |= container->tasks[i].cap_bounding;
	return bounding;
}

const char *seccomp_join(hf_check_run *run, const char *a, const char *b)
{
	if (a && b)
		return hf_text(run, "%s, %s", a, b);
	return a ? a : b;
}
