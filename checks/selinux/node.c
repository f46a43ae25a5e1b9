/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SELinux on the node: whether it runs and enforces, what the loaded policy knows, and who uses it. */
#include "context.h"
#include "policy.h"

#include <string.h>

/* ---- selinux.enabled ---- */

static void check_enabled(hf_check_run *run)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	if (!hf_need(run, &lsm->fact))
		return;
	if (hf_lsm_has(lsm, "selinux")) {
		const hf_file *version = hf_file_get(run, "/sys/fs/selinux/policyvers");

		if (hf_need(run, &version->fact))
			(void)hf_expect(run, lsm->fact.source, lsm->list,
					"selinux among them, with a policy", true);
		return;
	}
	if (hf_lsm_has(lsm, "apparmor")) {
		hf_not_applicable(run, lsm->fact.source, lsm->list,
				  "AppArmor is the access control of this node");
		return;
	}
	const hf_kconfig *config = hf_kconfig_get(run);
	const hf_file *policy = hf_file_get(run, "/etc/selinux/config");

	if (policy->fact.state == HF_ABSENT) {
		hf_not_applicable(run, policy->fact.source, "does not exist",
				  "this distribution brings no policy");
		return;
	}
	if (!hf_need(run, &policy->fact) || !hf_need(run, &config->fact))
		return;
	bool is_named;
	const char *built = hf_kconfig_value(config, "CONFIG_SECURITY_SELINUX", &is_named);

	if (!built || strcmp(built, "y") != 0) {
		hf_not_applicable(run, config->fact.source, "CONFIG_SECURITY_SELINUX is not set",
				  "this kernel has no SELinux");
		return;
	}
	(void)hf_expect(run, lsm->fact.source, lsm->list,
			"selinux among them, as kernel and distribution have it", false);
}

/* ---- selinux.enforcing ---- */

/* The value of "SELINUX=" in selinux's own configuration, lower case as it stands; "" where there is none. */
static const char *configured(hf_check_run *run, const hf_file *file, const char *key)
{
	const char *line = file->data, *end = file->data + file->size, *value = "";
	size_t key_length = strlen(key);

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline ? newline : end) - line);

		if (length > key_length && strncmp(line, key, key_length) == 0)
			value = hf_text(run, "%.*s",
					(int)strcspn(line + key_length, " \t\r\n#"), line + key_length);
		line += length + 1;
	}
	return value;
}

static void check_enforcing(hf_check_run *run)
{
	if (!selinux_is_active(run))
		return;
	const hf_file *now = hf_file_get(run, "/sys/fs/selinux/enforce");
	const hf_file *config = hf_file_get(run, "/etc/selinux/config");
	const hf_bootline *boot = hf_bootline_get(run);

	if (hf_need(run, &now->fact))
		(void)hf_expect(run, now->fact.source, hf_text(run, "%c", *now->data ? *now->data : '?'),
				"1", *now->data == '1');
	if (!hf_need(run, &config->fact) || !hf_need(run, &boot->fact))
		return;
	const char *mode = configured(run, config, "SELINUX=");
	const char *forced = hf_bootline_value(boot, "enforcing");

	(void)hf_expect(run, config->fact.source, *mode ? hf_text(run, "SELINUX=%s", mode) : "no SELINUX=",
			"SELINUX=enforcing, for the next boot", strcmp(mode, "enforcing") == 0);
	if (forced)
		(void)hf_expect(run, boot->fact.source, hf_text(run, "enforcing=%s", forced),
				"no enforcing=0", strcmp(forced, "0") != 0);
}

/* ---- the loaded policy ---- */

static const char policy_path[] = "/sys/fs/selinux/policy";

static void check_policy(hf_check_run *run)
{
	if (!selinux_is_active(run))
		return;
	const hf_file *mls = hf_file_get(run, "/sys/fs/selinux/mls");
	const hf_file *policy = hf_file_get(run, policy_path);

	if (hf_need(run, &mls->fact))
		(void)hf_expect(run, mls->fact.source, *mls->data == '1' ? "1" : "0",
				"1: categories keep containers apart", *mls->data == '1');
	if (!hf_need(run, &policy->fact))
		return;
	selinux_answer known = selinux_policy_has(policy->data, policy->size, "container_t");

	if (known == SELINUX_UNKNOWN)
		hf_unknown(run, policy_path, "is no policy of a version that is known here");
	else
		(void)hf_expect(run, policy_path,
				known == SELINUX_YES ? "knows container_t" : "does not know container_t",
				"the type container_t", known == SELINUX_YES);
}

static void check_permissive(hf_check_run *run)
{
	static const char *const types[] = {"container_t", "container_init_t", "container_runtime_t",
					    "container_kvm_t", "svirt_t", "svirt_lxc_net_t", "spc_t"};
	size_t bad = 0;

	if (!selinux_is_active(run))
		return;
	const hf_file *policy = hf_file_get(run, policy_path);

	if (!hf_need(run, &policy->fact))
		return;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		switch (selinux_policy_permits(policy->data, policy->size, types[i])) {
		case SELINUX_YES:
			bad++;
			(void)hf_expect(run, policy_path, hf_text(run, "%s is permissive", types[i]),
					"no permissive domain of containers or runtimes", false);
			break;
		case SELINUX_UNKNOWN:
			hf_unknown(run, policy_path, "is no policy of a version that is known here");
			return;
		case SELINUX_NO:
			break;
		}
	}
	if (bad == 0)
		(void)hf_expect(run, policy_path, "none of them is permissive",
				"no permissive domain of containers or runtimes", true);
}

/* ---- selinux.runtime-enabled ---- */

static void check_runtime(hf_check_run *run)
{
	if (!selinux_is_active(run))
		return;
	const hf_option *option = hf_daemon_option(run, "selinux-enabled");

	if (option->fact.state == HF_ABSENT) {
		hf_not_applicable(run, option->fact.source, "this engine has no such option",
				  "its containers' labels are judged by selinux.container-label");
		return;
	}
	if (!hf_need(run, &option->fact))
		return;
	(void)hf_expect(run, option->fact.source, hf_text(run, "selinux-enabled is %s", option->value),
			"true", strcmp(option->value, "true") == 0);
}

/* ---- selinux.booleans ---- */

/* Asked by name: which of them a policy lacks, only the folder's listing proves. */
#define BOOLEANS(X)                                                                                \
	X("container_manage_cgroup")                                                               \
	X("container_use_devices")                                                                 \
	X("container_use_cephfs")                                                                  \
	X("container_connect_any")                                                                 \
	X("container_user_exec_content")                                                           \
	X("container_use_dri_devices")                                                             \
	X("container_use_xserver_devices")                                                         \
	X("virt_sandbox_use_all_caps")                                                             \
	X("virt_sandbox_use_netlink")                                                              \
	X("virt_use_nfs")                                                                          \
	X("virt_use_samba")                                                                        \
	X("domain_kernel_load_modules")                                                            \
	X("daemons_use_tty")                                                                       \
	X("selinuxuser_execmod")
#define BOOLEAN_PATH(name) "/sys/fs/selinux/booleans/" name,

static void judge_boolean(hf_check_run *run, const char *path, size_t *bad, size_t *known)
{
	const hf_file *file = hf_file_get(run, path);

	if (file->fact.state == HF_ABSENT)
		return;
	if (!hf_need(run, &file->fact))
		return;
	/* "1 1": what is in force, and what waits to be committed */
	if (file->size < 3) {
		hf_unknown(run, path, "is not two numbers");
		return;
	}
	(*known)++;
	if (file->data[0] == '0' && file->data[2] == '0')
		return;
	(*bad)++;
	(void)hf_expect(run, path,
			file->data[0] == file->data[2] ? "on"
			: file->data[0] == '0'	       ? "off, and waits to be switched on"
						       : "on, and waits to be switched off",
			"off", false);
}

static void check_booleans(hf_check_run *run)
{
	static const char *const paths[] = {BOOLEANS(BOOLEAN_PATH)};
	size_t bad = 0, known = 0;

	if (!selinux_is_active(run))
		return;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		judge_boolean(run, paths[i], &bad, &known);
	if (bad > 0)
		return;
	if (known > 0)
		(void)hf_expect(run, "/sys/fs/selinux/booleans",
				hf_text(run, "%zu of them are there, and off", known),
				"what widens the domains of containers is off", true);
	else if (hf_status_so_far(run) == HF_NOTSELECTED)
		hf_not_applicable(run, "/sys/fs/selinux/booleans", "none of them is there",
				  "this policy has no such switches");
}

/* ---- selinux.handle-unknown ---- */

static void check_unknown(hf_check_run *run)
{
	if (!selinux_is_active(run))
		return;
	const hf_file *deny = hf_file_get(run, "/sys/fs/selinux/deny_unknown");
	const hf_file *protection = hf_file_get(run, "/sys/fs/selinux/checkreqprot");

	if (hf_need(run, &deny->fact))
		(void)hf_expect(run, deny->fact.source, *deny->data == '1' ? "1" : "0", "1",
				*deny->data == '1');
	if (protection->fact.state != HF_ABSENT && hf_need(run, &protection->fact))
		(void)hf_expect(run, protection->fact.source, *protection->data == '0' ? "0" : "1",
				"0: what the kernel applies is checked, not what was asked for",
				*protection->data == '0');
}

/* ---- selinux.host-relabel ---- */

static bool is_containers_type(const char *type)
{
	static const char *const types[] = {"container_file_t", "svirt_sandbox_file_t",
					    "container_share_t", "container_ro_file_t"};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(types[i], type) == 0)
			return true;
	}
	return false;
}

static void check_relabel(hf_check_run *run)
{
	static const char *const folders[] = {"/",    "/etc",  "/usr", "/usr/bin", "/usr/lib", "/var",
					      "/home", "/root", "/boot", "/opt",    "/srv",	"/var/lib"};
	size_t bad = 0, good = 0;

	if (!selinux_is_active(run))
		return;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		const hf_label *label = hf_label_get(run, folders[i]);
		selinux_context context;

		if (label->fact.state == HF_ABSENT)
			continue;
		if (!hf_need(run, &label->fact))
			continue;
		if (!selinux_parse(run, label->text, &context)) {
			hf_unknown(run, label->fact.source, "is no context of SELinux");
			continue;
		}
		good++;
		if (!is_containers_type(context.type) && !selinux_level_is_pair(context.level))
			continue;
		bad++;
		(void)hf_expect(run, label->fact.source, label->text,
				"a label of the system, which no container may write", false);
	}
	if (bad == 0 && good > 0)
		(void)hf_expect(run, "SELinux labels of system directories",
				"none is a container's", "labels of the system, which no container may write",
				true);
}

static const hf_check checks[] = {
	{
		.id = "selinux.enabled",
		.title = "SELinux runs where it is the node's access control",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.3", "CIS-Docker-1.6:1.2.1", "CWE:693",
				"NIST-800-190:4.5.2"),
		.reads = HF_READS("/sys/fs/selinux/policyvers", "/etc/selinux/config"),
		.risk = "Containers run without mandatory access control, although kernel and distribution "
			"bring it.",
		.threat = "Root in a container meets no rule but capabilities.",
		.remediation = "Boot without selinux=0 and with selinux in lsm=; relabel the file systems.",
		.run = check_enabled,
	},
	{
		.id = "selinux.enforcing",
		.title = "SELinux enforces, now and after a reboot",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.3", "CWE:693", "ATTACK:T1562.001", "LYNIS:MACF-6234",
				"NIST-800-190:4.4.3"),
		.aliases = HF_ALIASES("kernel.lsm.selinux-enforcing"),
		.reads = HF_READS("/sys/fs/selinux/enforce", "/etc/selinux/config"),
		.risk = "A policy that is only logged keeps no container from anything.",
		.threat = "Labels look right, and an escape meets no refusal.",
		.remediation = "setenforce 1, SELINUX=enforcing in /etc/selinux/config, and no enforcing=0 on the "
			       "boot line.",
		.run = check_enforcing,
	},
	{
		.id = "selinux.policy",
		.title = "The loaded SELinux policy knows containers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:693"),
		.reads = HF_READS("/sys/fs/selinux/mls", "/sys/fs/selinux/policy"),
		.risk = "Without the types and categories of containers the engine cannot label them.",
		.threat = "Containers run in the engine's own domain, with the engine's rights.",
		.remediation = "Install the distribution's policy for containers (container-selinux) and a policy "
			       "with categories.",
		.run = check_policy,
	},
	{
		.id = "selinux.runtime-enabled",
		.title = "The engine uses SELinux",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.3", "CWE:1188", "CWE:693", "ATTACK:T1611",
				"NIST-800-190:4.5.2", "OWASP-Docker:D05"),
		.aliases = HF_ALIASES("daemon.selinux"),
		.risk = "The host enforces, and containers run without labels of their own all the same.",
		.threat = "A container's process has the engine's domain, which may nearly everything.",
		.remediation = "Set \"selinux-enabled\": true in daemon.json and start containers again.",
		.run = check_runtime,
	},
	{
		.id = "selinux.booleans",
		.title = "Switches of the policy do not widen what containers may do",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:1188"),
		.reads = (const char *const[]){BOOLEANS(BOOLEAN_PATH) NULL},
		.risk = "Every container on the node gets what was switched on for one.",
		.threat = "Control groups, devices or network file systems are within reach of an intruder.",
		.remediation = "setsebool -P NAME off, and give the one container that needs it a type of its own.",
		.run = check_booleans,
	},
	{
		.id = "selinux.permissive-domains",
		.title = "No domain of containers or runtimes is permissive",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693"),
		.reads = HF_READS("/sys/fs/selinux/policy"),
		.risk = "For such a domain nothing is refused, though the node enforces.",
		.threat = "A container with the right label does what it likes.",
		.remediation = "semanage permissive -d TYPE.",
		.run = check_permissive,
	},
	{
		.id = "selinux.handle-unknown",
		.title = "Permissions that the policy does not know are refused",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:636"),
		.reads = HF_READS("/sys/fs/selinux/deny_unknown", "/sys/fs/selinux/checkreqprot"),
		.risk = "A newer kernel asks for permissions that an older policy has no rule for, and gets them.",
		.threat = "A new kind of access is open until the policy is updated.",
		.remediation = "Build the policy with handle-unknown=deny, and set checkreqprot to 0.",
		.run = check_unknown,
	},
	{
		.id = "selinux.host-relabel",
		.title = "System directories are not labelled for containers",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_I | HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "CIS-Docker-1.6:5.6"),
		.reads = HF_READS("label:/", "label:/etc", "label:/usr", "label:/usr/bin", "label:/usr/lib",
				  "label:/var", "label:/home", "label:/root", "label:/boot", "label:/opt",
				  "label:/srv", "label:/var/lib"),
		.risk = "Every container may read and write there, and services of the host are locked out.",
		.threat = "A mount with :Z or :z of a system directory relabelled it for good.",
		.remediation = "restorecon -R on the directory, and mount without :Z and :z.",
		.run = check_relabel,
	},
};

HF_CHECK_SET(selinux_node, checks);
