/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a container runs privileged, whoever calls it so: by what the kernel grants, then by the
 * flag. */
#include "judge.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What --privileged does, each to be seen in the kernel. */
typedef enum effect {
	EFFECT_CAPABILITIES = 0,
	EFFECT_SECCOMP,
	EFFECT_PROC,
	EFFECT_SYS,
	EFFECT_DEVICES,
	EFFECT_COUNT
} effect;

static const char *const words[EFFECT_COUNT] = {
	[EFFECT_CAPABILITIES] = "every capability", [EFFECT_SECCOMP] = "no seccomp filter",
	[EFFECT_PROC] = "/proc is not masked",	    [EFFECT_SYS] = "/sys is writable",
	[EFFECT_DEVICES] = "every device",
};

typedef enum seen { SEEN_NOT = 0, SEEN, SEEN_UNKNOWN } seen;

/* All that the kernel has, or all that the node itself was given. A runtime grants those that it knows: Docker 20.10
 * leaves out what Linux 5.8 and 5.9 split off from CAP_SYS_ADMIN, which itself is enough. */
static seen has_all_capabilities(hf_check_run *run, const hf_container *container)
{
	const char *bounding = hf_process_status_field(run, 1, "CapBnd");
	const char *threads = hf_process_status_field(run, 2, "CapBnd");
	const uint64_t known_to_all = (UINT64_C(1) << (CAP_AUDIT_READ + 1)) - 1;
	unsigned long long mask, node;

	if (!bounding || sscanf(bounding, "%llx", &mask) != 1)
		return SEEN_UNKNOWN;
	if (threads && sscanf(threads, "%llx", &node) == 1 && (node & mask) != 0)
		mask &= node;
	mask &= known_to_all;
	if (hf_task_is_remapped(run, container->init))
		return SEEN_NOT;
	return (container->init->cap_effective & mask) == mask ||
			       (container->init->cap_bounding & mask) == mask
		       ? SEEN
		       : SEEN_NOT;
}

/* Masks and read-only places are mounts of their own, or /proc itself is not there. */
static seen is_unmasked(const hf_container_mounts *mounts)
{
	static const char *const masked[] = {"/proc/kcore", "/proc/sys"};

	if (mounts->fact.state != HF_PRESENT)
		return SEEN_UNKNOWN;
	for (size_t i = 0; i < sizeof masked / sizeof masked[0]; i++) {
		const hf_container_mount *top = hf_container_mount_at(mounts, masked[i]);

		if (!top || strcmp(top->mount->fs_type, "proc") != 0 || top->is_read_only)
			return SEEN_NOT;
	}
	return SEEN;
}

static seen is_sys_writable(const hf_container_mounts *mounts)
{
	if (mounts->fact.state != HF_PRESENT)
		return SEEN_UNKNOWN;
	const hf_container_mount *top = hf_container_mount_at(mounts, "/sys");

	return top && strcmp(top->mount->fs_type, "sysfs") == 0 && !top->is_read_only ? SEEN
										      : SEEN_NOT;
}

static seen has_every_device(hf_check_run *run, const hf_container *container)
{
	const hf_device_filter *filter = hf_container_device_filter(run, container);

	if (filter->fact.state != HF_PRESENT)
		return filter->fact.state == HF_ABSENT ? SEEN : SEEN_UNKNOWN;
	if (!filter->is_active)
		return SEEN;
	/* no process could live with a list that grants nothing: it was lost on its way here */
	if (filter->rules_fact.state != HF_PRESENT || filter->rule_count == 0)
		return SEEN_UNKNOWN;
	for (size_t i = 0; i < filter->rule_count; i++) {
		const hf_device_grant *grant = &filter->rules[i];

		if (grant->type == 'a' && grant->is_any_major && grant->is_any_minor &&
		    grant->can_read && grant->can_write && grant->can_mknod)
			return SEEN;
	}
	return SEEN_NOT;
}

/* Docker's flag, or Podman's annotation. NULL: no record has it. */
static const hf_api_value *flag_of(hf_check_run *run, const hf_container *container)
{
	const hf_api_value *flag = hf_container_inspect(run, container, "HostConfig/Privileged");

	if (flag->fact.state != HF_PRESENT)
		flag = hf_container_oci(run, container,
					"annotations/io.podman.annotations.privileged");
	return flag->fact.state == HF_PRESENT ? flag : NULL;
}

static void look(hf_check_run *run, const hf_container *container, seen effects[EFFECT_COUNT])
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);

	effects[EFFECT_CAPABILITIES] = has_all_capabilities(run, container);
	effects[EFFECT_SECCOMP] = container->init->seccomp_mode == 0 ? SEEN : SEEN_NOT;
	effects[EFFECT_PROC] = is_unmasked(mounts);
	effects[EFFECT_SYS] = is_sys_writable(mounts);
	effects[EFFECT_DEVICES] = has_every_device(run, container);
}

/* One loosened guard is judged by the check of that guard. With every capability two more make it
 * privileged in all but name: there is a way out of each such combination. */
static bool is_privileged(const seen effects[EFFECT_COUNT], seen least)
{
	unsigned count = 0;

	for (unsigned i = 0; i < EFFECT_COUNT; i++)
		count += effects[i] == SEEN || (least == SEEN && effects[i] == SEEN_UNKNOWN);
	return count == EFFECT_COUNT ||
	       (count >= 3 && (effects[EFFECT_CAPABILITIES] == SEEN ||
			       (least == SEEN && effects[EFFECT_CAPABILITIES] == SEEN_UNKNOWN)));
}

static void check_privileged(hf_check_run *run)
{
	static const char source[] = "what --privileged does, as the kernel has it";
	static const char wanted[] = "not privileged, by flag or by effect";
	const hf_container *container = hf_container_of(run);
	const hf_api_value *flag = flag_of(run, container);
	const char *list = "", *unread = "";
	seen effects[EFFECT_COUNT];

	if (flag && strncasecmp(flag->text, "true", 4) == 0)
		(void)hf_expect(run, flag->fact.source, flag->text, wanted, false);
	if (!container->init || container->init->fact.state != HF_PRESENT) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	look(run, container, effects);
	for (unsigned i = 0; i < EFFECT_COUNT; i++) {
		if (effects[i] == SEEN)
			list = container_join(run, list, words[i]);
		else if (effects[i] == SEEN_UNKNOWN)
			unread = container_join(run, unread, words[i]);
	}
	if (hf_status_so_far(run) == HF_FAIL)
		hf_note(run, source, *list ? list : "none of it");
	else if (is_privileged(effects, SEEN_NOT))
		(void)hf_expect(run, source, list, wanted, false);
	else if (is_privileged(effects, SEEN))
		hf_unknown(run, source, hf_text(run, "could not be read: %s", unread));
	else
		(void)hf_expect(run, source,
				*list ? hf_text(run, "no more than: %s", list) : "none of it",
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "container.privileged",
		.title = "No container runs privileged",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.5", "CWE:250", "ATTACK:T1611", "ATTACK:T1610",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04", "DOCKER-BENCH:check_5_5"),
		.risk = "The container's root is the node's root: it can mount the node's disks, "
			"load modules and "
			"write kernel settings.",
		.threat = "Whoever gets to run code in the container mounts the node's root file "
			  "system and "
			  "changes what the node starts next.",
		.remediation =
			"docker run without --privileged: grant the one thing that was missing, by "
			"--cap-add, --device or a mount. In a pod: securityContext.privileged: "
			"false.",
		.run = check_privileged,
	},
};

HF_CHECK_SET(container_privileged, checks);
