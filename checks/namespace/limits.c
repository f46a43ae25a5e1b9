/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many namespaces a user can make. */
#include "spaces.h"

static const char *const kinds[] = {"user", "pid", "net", "mnt", "ipc", "uts", "cgroup", "time"};

/* What the kernel sets by itself: half of the largest number of threads (fork_init(),
 * kernel/fork.c). */
static bool automatic(hf_check_run *run, int64_t *ret_most)
{
	const hf_sysctl *threads = hf_sysctl_get(run, "kernel.threads-max");

	if (!hf_need(run, &threads->fact))
		return false;
	if (!threads->is_number || threads->number <= 0) {
		hf_unknown(run, threads->fact.source, "is no number");
		return false;
	}
	*ret_most = threads->number / 2;
	return true;
}

static void check_limits(hf_check_run *run)
{
	const hf_sysctl *first = hf_sysctl_get(run, "user.max_user_namespaces");
	spaces_names wide = {0};
	const char *wanted;
	int64_t most;

	if (first->fact.state == HF_ABSENT) {
		hf_not_applicable(run, first->fact.source, "does not exist",
				  "this kernel counts no namespaces");
		return;
	}
	if (!automatic(run, &most))
		return;
	wanted = hf_text(run, "each below %lld, which the kernel sets by itself", (long long)most);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const char *key = hf_text(run, "user.max_%s_namespaces", kinds[i]);
		const hf_sysctl *limit = hf_sysctl_get(run, key);

		if (limit->fact.state == HF_ABSENT)
			continue; /* an older kernel */
		if (!hf_need(run, &limit->fact))
			continue;
		if (!limit->is_number)
			hf_unknown(run, limit->fact.source, "is no number");
		else if (limit->number >= most)
			spaces_add(run, &wide,
				   hf_text(run, "%s %lld", kinds[i], (long long)limit->number));
	}
	if (wide.count > 0)
		(void)hf_expect(run, "user.max_*_namespaces", spaces_text(run, &wide), wanted,
				false);
	else if (hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, "user.max_*_namespaces", "each bounded", wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "namespace.limits",
		.title = "The number of namespaces a user can create is bounded",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "NIST-800-190:3.5.2"),
		.reads = HF_READS(
			"sysctl:kernel.threads-max", "sysctl:user.max_user_namespaces",
			"sysctl:user.max_pid_namespaces", "sysctl:user.max_net_namespaces",
			"sysctl:user.max_mnt_namespaces", "sysctl:user.max_ipc_namespaces",
			"sysctl:user.max_uts_namespaces", "sysctl:user.max_cgroup_namespaces",
			"sysctl:user.max_time_namespaces"),
		.risk = "One user takes the kernel's memory, or all numbers of network devices, by "
			"namespaces.",
		.threat = "A loop of unshare(2) in one container slows down or stops every other.",
		.remediation =
			"Set user.max_user_namespaces, user.max_net_namespaces and their siblings "
			"in "
			"/etc/sysctl.d to what the node needs (some for each container; 0 for user "
			"breaks rootless engines), then run sysctl --system.",
		.run = check_limits,
	},
};

HF_CHECK_SET(namespace_limits, checks);
