/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which mandatory access control confines a task. */
#include "process.h"

/* Profiles that runtimes bring: Docker, Podman and containers/common, CRI-O, containerd and
 * nerdctl, LXC. Each lets a task trace its own profile alone, and refuses writing to what the
 * kernel starts. */
static bool is_runtimes_profile(const char *label, size_t length)
{
	static const char *const names[] = {
		"docker-default",  "containers-default-",
		"crio-default",	   "cri-containerd.apparmor.d",
		"nerdctl-default", "lxc-container-default",
	};

	for (size_t i = 0; i < PROCESS_COUNT(names); i++) {
		size_t known = strlen(names[i]);

		if (length >= known && memcmp(label, names[i], known) == 0)
			return true;
	}
	return false;
}

/* "docker-default (enforce)" */
static process_mac judge_apparmor(const char *label)
{
	const char *mode = strrchr(label, '(');

	if (!mode || (strcmp(mode, "(enforce)") != 0 && strcmp(mode, "(kill)") != 0))
		return PROCESS_MAC_NONE;
	return is_runtimes_profile(label, (size_t)(mode - label)) ? PROCESS_MAC_DEFAULT
								  : PROCESS_MAC_PROFILE;
}

/* "system_u:system_r:container_t:s0:c1,c2": types of container-selinux, and what it grew from. */
static bool is_container_type(const char *label)
{
	const char *type = strchr(label, ':');

	type = type ? strchr(type + 1, ':') : NULL;
	return type &&
	       (process_starts_with(type, ":container_") || process_starts_with(type, ":svirt_"));
}

static process_mac judge_selinux(hf_check_run *run, const char *label, const char **ret_label)
{
	const hf_file *enforce = hf_file_get(run, "/sys/fs/selinux/enforce");

	if (!is_container_type(label))
		return PROCESS_MAC_NONE;
	if (enforce->fact.state != HF_PRESENT || enforce->size == 0) {
		*ret_label = "whether SELinux enforces its policy could not be read";
		return PROCESS_MAC_UNKNOWN;
	}
	if (*enforce->data == '1')
		return PROCESS_MAC_SELINUX;
	*ret_label = hf_text(run, "%s, while SELinux is permissive", label);
	return PROCESS_MAC_NONE;
}

process_mac process_mac_of(hf_check_run *run, const hf_task *task, const char **ret_label)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	*ret_label = "no label";
	if (lsm->fact.state == HF_UNREADABLE) {
		*ret_label = lsm->fact.why;
		return PROCESS_MAC_UNKNOWN;
	}
	bool has_apparmor = hf_lsm_has(lsm, "apparmor"), has_selinux = hf_lsm_has(lsm, "selinux");
	bool has_smack = hf_lsm_has(lsm, "smack");

	if (!has_apparmor && !has_selinux && !has_smack)
		return PROCESS_MAC_NONE;
	if (!task->label) {
		*ret_label =
			task->label_fact.why ? task->label_fact.why : "its label could not be read";
		return PROCESS_MAC_UNKNOWN;
	}
	*ret_label = task->label;
	if (has_selinux && strchr(task->label, ':'))
		return judge_selinux(run, task->label, ret_label);
	if (has_smack && !has_apparmor)
		return strcmp(task->label, "_") != 0 && strcmp(task->label, "^") != 0
			       ? PROCESS_MAC_SMACK
			       : PROCESS_MAC_NONE;
	return judge_apparmor(task->label);
}
