/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the node behaves under load and when it breaks: panic, key quotas, shared memory pages. */
#include "common.h"
#include "sets.h"
#include "settings.h"
#include "usage.h"

#include <stdio.h>

/* ---- panic ---- */

/* What the kubelet with protectKernelDefaults demands (pkg/kubelet/cm/container_manager_linux.go);
 * without that it sets them itself. panic_on_oops has no verdict on other nodes: guides contradict
 * each other. */
static const setting kubelet_settings[] = {
	{.key = "vm.overcommit_memory", .low = 1, .high = 1, .wanted = "1, as the kubelet expects"},
	{.key = "vm.panic_on_oom", .low = 0, .high = 0, .wanted = "0, as the kubelet expects"},
	{.key = "kernel.panic", .low = 10, .high = 10, .wanted = "10, as the kubelet expects"},
	{.key = "kernel.panic_on_oops", .low = 1, .high = 1, .wanted = "1, as the kubelet expects"},
	{.key = "kernel.keys.root_maxkeys",
	 .low = 1000000,
	 .high = 1000000,
	 .wanted = "1000000, as the kubelet expects"},
	{.key = "kernel.keys.root_maxbytes",
	 .low = 25000000,
	 .high = 25000000,
	 .wanted = "25000000, as the kubelet expects"},
	{.key = NULL},
};

static void note_setting(hf_check_run *run, const char *key)
{
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);

	if (sysctl->fact.state == HF_PRESENT)
		hf_note(run, sysctl->fact.source, hf_text(run, "%s (not judged)", sysctl->text));
}

static void check_panic_behaviour(hf_check_run *run)
{
	static const setting oom[] = {
		{.key = "vm.panic_on_oom", .low = 0, .high = 0, .wanted = "0"},
		{.key = NULL},
	};
	usage kubelet = usage_of_kubelet(run);
	int64_t panic;

	hf_note(run, kubelet.source, kubelet.found);
	switch (kubelet.answer) {
	case USAGE_YES:
		settings_judge(run, kubelet_settings);
		return;
	case USAGE_NO:
		break;
	case USAGE_UNKNOWN:
		hf_unknown(run, kubelet.source, kubelet.found);
		break;
	}
	/* below 0 it reboots at once, which is defined, too; 0 hangs for ever */
	if (hf_sysctl_number(run, "kernel.panic", &panic))
		hf_expect_i64(run, hf_sysctl_get(run, "kernel.panic")->fact.source, panic,
			      "not 0: reboot after so many seconds", panic != 0);
	settings_note_declared(run, "kernel.panic");
	settings_judge(run, oom);
	note_setting(run, "kernel.panic_on_oops");
	note_setting(run, "kernel.oops_limit");
}

/* ---- key quotas ---- */

#define KEY_USERS "/proc/key-users"

enum { KEYS_FULL_PERCENT = 80 };

/* "    0:     9 8/8 3/1000000 40/25000000": uid, references, keys/instantiated, keys/quota,
 * bytes/quota; see keyrings(7). */
typedef struct key_user {
	unsigned uid;
	unsigned keys;
	unsigned max_keys;
	unsigned bytes;
	unsigned max_bytes;
} key_user;

static bool parse_key_user(const char *line, key_user *ret_user)
{
	unsigned references, all, instantiated;

	return sscanf(line, "%u: %u %u/%u %u/%u %u/%u", &ret_user->uid, &references, &all,
		      &instantiated, &ret_user->keys, &ret_user->max_keys, &ret_user->bytes,
		      &ret_user->max_bytes) == 8 &&
	       ret_user->max_keys > 0 && ret_user->max_bytes > 0;
}

static bool is_near_quota(const key_user *user)
{
	return (uint64_t)user->keys * 100 >= (uint64_t)user->max_keys * KEYS_FULL_PERCENT ||
	       (uint64_t)user->bytes * 100 >= (uint64_t)user->max_bytes * KEYS_FULL_PERCENT;
}

/* Every container has a session keyring of its own: root's quota is shared by all of them, and one
 * that is remapped to another uid has that uid's, which is 200 keys. */
static void judge_key_users(hf_check_run *run, const hf_file *file)
{
	static const char wanted[] = "below 80 percent of keys and of bytes";
	bool has_root = false;

	for (const char *line = file->data; *line;) {
		const char *end = strchr(line, '\n');
		key_user user;

		if (!end || !parse_key_user(line, &user)) {
			hf_unknown(run, file->fact.source, "is not understood");
			return;
		}
		if (user.uid == 0 || is_near_quota(&user))
			hf_expect(run, file->fact.source,
				  hf_text(run, "uid %u: %u of %u keys, %u of %u bytes", user.uid,
					  user.keys, user.max_keys, user.bytes, user.max_bytes),
				  wanted, !is_near_quota(&user));
		has_root = has_root || user.uid == 0;
		line = end + 1;
	}
	if (!has_root)
		hf_unknown(run, file->fact.source, "has no line for root");
}

static void check_keys_quota(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, KEY_USERS);
	usage engine = usage_of_engine(run);

	if (file->fact.state == HF_ABSENT) {
		hf_not_applicable(run, file->fact.source, "does not exist",
				  "this kernel has no key management");
		return;
	}
	switch (engine.answer) {
	case USAGE_NO:
		hf_not_applicable(run, engine.source, engine.found, "no container takes keys");
		return;
	case USAGE_YES:
		hf_note(run, engine.source, engine.found);
		break;
	case USAGE_UNKNOWN:
		break; /* the quota is judged the same way, it only matters less without one */
	}
	if (hf_need(run, &file->fact))
		judge_key_users(run, file);
}

/* ---- KSM ---- */

#define KSM "/sys/kernel/mm/ksm/"

/* Whose memory it is cannot be read, so every node counts as shared by tenants that do not trust
 * each other; a site with one tenant waives it. */
static void check_ksm(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, KSM "run");
	const hf_file *sharing = hf_file_get(run, KSM "pages_sharing");

	if (file->fact.state == HF_ABSENT) {
		hf_not_applicable(run, file->fact.source, "does not exist",
				  "this kernel was built without KSM");
		return;
	}
	if (!hf_need(run, &file->fact))
		return;
	const char *text = kernel_file_text(run, file);

	if (sharing->fact.state == HF_PRESENT)
		hf_note(run, sharing->fact.source, kernel_file_text(run, sharing));
	/* 2 has split all shared pages again */
	if (strcmp(text, "0") == 0 || strcmp(text, "2") == 0 || strcmp(text, "1") == 0)
		hf_expect(run, file->fact.source, text, "0 (off), or 2 (off, and split again)",
			  *text != '1');
	else
		hf_unknown(run, file->fact.source, hf_text(run, "\"%s\" is none of 0, 1, 2", text));
}

static const hf_check checks[] = {
	{
		.id = "kernel.ksm",
		.title = "Memory deduplication is off for hostile tenants",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:M/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:203", "KSPP"),
		.reads = HF_READS(KSM "run", KSM "pages_sharing"),
		.risk = "Guests and containers that let their memory be merged can find out what "
			"others hold in theirs.",
		.threat = "Writing to a merged page takes measurably longer: a tenant guesses "
			  "another's page content, and with Rowhammer changes it.",
		.remediation = "echo 2 > /sys/kernel/mm/ksm/run, disable ksmtuned and ksm "
			       "(systemctl disable --now ksmtuned ksm), and remove MemoryKSM=yes "
			       "from units.",
		.run = check_ksm,
	},
	{
		.id = "kernel.panic-behaviour",
		.title = "Panic and oops behaviour is defined for a node",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("KSPP", "KUBE-BENCH:cis-1.24/4.2.6"),
		.reads = HF_READS("sysctl:kernel.panic", "sysctl:kernel.panic_on_oops",
				  "sysctl:kernel.oops_limit", "sysctl:vm.panic_on_oom",
				  "sysctl:vm.overcommit_memory", "sysctl:kernel.keys.root_maxkeys",
				  "sysctl:kernel.keys.root_maxbytes"),
		.risk = "A node that panics hangs until somebody comes, or one container that "
			"uses up its memory takes all others down.",
		.threat = "A container triggers a panic, or an out-of-memory situation, and the "
			  "node's workload is gone for good instead of for a minute.",
		.remediation = "Put kernel.panic = 10 and vm.panic_on_oom = 0 into "
			       "/etc/sysctl.d/50-panic.conf (with a kubelet: kernel.panic_on_oops "
			       "= 1, vm.overcommit_memory = 1, kernel.keys.root_maxkeys = "
			       "1000000, kernel.keys.root_maxbytes = 25000000, too), then run "
			       "sysctl --system.",
		.run = check_panic_behaviour,
	},
	{
		.id = "kernel.keys-quota",
		.title = "Key quotas fit the number of containers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770"),
		.reads = HF_READS(KEY_USERS),
		.risk = "No further container starts: the runtime says \"disk quota exceeded\", "
			"and it means keys.",
		.threat = "A container creates keys until the quota of the user that all "
			  "containers share is used up.",
		.remediation = "Put kernel.keys.root_maxkeys = 1000000 and "
			       "kernel.keys.root_maxbytes = 25000000 (kernel.keys.maxkeys and "
			       "maxbytes for remapped or rootless users) into "
			       "/etc/sysctl.d/50-keys.conf, then run sysctl --system.",
		.run = check_keys_quota,
	},
};

HF_CHECK_SET(kernel_node, checks);
