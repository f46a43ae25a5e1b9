/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes that a container makes for itself, and nodes that images and volumes bring along. */
#include "common.h"

#include <string.h>

/* ---- mknod ---- */

#define CAP_BIT(number) (UINT64_C(1) << (number))
enum { CAP_MKNOD_NUMBER = 27 };

/* What is needed for it: all of these at once. */
typedef enum need { NEED_NO = 0, NEED_YES, NEED_UNKNOWN } need;

typedef struct answer {
	need state;
	const char *source;
	const char *text; /* what stands there, or why it is not known */
} answer;

static answer has_capability(hf_check_run *run, const hf_container *container)
{
	static const char source[] = "CAP_MKNOD of its processes";
	bool mapped = false;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT ||
		    !(task->cap_effective & CAP_BIT(CAP_MKNOD_NUMBER)))
			continue;
		/* may_mknod() and capable(): over the initial user namespace */
		if (!hf_task_is_remapped(run, task))
			return (answer){
				NEED_YES, source,
				hf_text(run, "%s has it", task->name ? task->name : "a process")};
		mapped = true;
	}
	if (container->tasks_fact.state != HF_PRESENT || container->task_count == 0)
		return (answer){NEED_UNKNOWN, "tasks of the container",
				container->tasks_fact.why ? container->tasks_fact.why
							  : "none could be read"};
	return (answer){NEED_NO, source,
			mapped ? "only in a user namespace of its own, where it makes no devices"
			       : "none has it"};
}

static answer may_call(hf_check_run *run, const hf_container *container)
{
	static const char source[] = "mknod and mknodat by its seccomp filter";
	const hf_fact *fact = NULL, *hole = NULL;
	static const char *const calls[] = {"mknod", "mknodat"};

	for (size_t i = 0; i < DEVICE_COUNT(calls); i++) {
		switch (hf_container_call(run, container, HF_CALL_ABI_NATIVE, calls[i], &fact)) {
		case HF_CALL_DENIED:
			break;
		case HF_CALL_UNKNOWN:
			hole = fact;
			break;
		case HF_CALL_CONDITIONAL:
		case HF_CALL_SUPERVISED:
		case HF_CALL_LOGGED:
		case HF_CALL_ALLOWED:
			return (answer){NEED_YES, source,
					hf_text(run, "%s is not denied", calls[i])};
		}
	}
	if (hole)
		return (answer){NEED_UNKNOWN, hole->source,
				hole->why ? hole->why : "could not be read"};
	return (answer){NEED_NO, source, "both are denied"};
}

/* A device of the node, beyond what everybody gets, that it may make and then open. */
static answer has_rule(hf_check_run *run, const hf_container *container)
{
	const hf_device_filter *filter = hf_container_device_filter(run, container);
	static const char source[] = "device rules of its group";

	if (filter->fact.state != HF_PRESENT)
		return (answer){NEED_UNKNOWN, filter->fact.source, filter->fact.why};
	if (!filter->is_active)
		return (answer){NEED_YES, source, filter->text};
	if (filter->rules_fact.state != HF_PRESENT)
		return (answer){NEED_UNKNOWN, filter->rules_fact.source, filter->rules_fact.why};
	for (size_t i = 0; i < filter->rule_count; i++) {
		const hf_device_grant *rule = &filter->rules[i];
		char type = rule->type == 'a' ? 'b' : rule->type;

		if (!device_is_extra(rule))
			continue;
		/* the right to make it can stand on another line, or on "*:*" */
		if (rule->can_mknod ||
		    hf_container_device_rule(run, container, type, rule->major, rule->minor, "m",
					     NULL) == HF_DEVICE_ALLOWED)
			return (answer){NEED_YES, source, device_show_rule(run, rule)};
	}
	return (answer){NEED_NO, source,
			"none that allows to make and to open a device of the node"};
}

static answer has_place(hf_check_run *run, const hf_container *container)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	static const char source[] = "writable mounts of the container";

	for (size_t i = 0; i < mounts->count; i++) {
		const hf_container_mount *at = &mounts->all[i];

		if (at->is_covered || at->is_read_only || hf_mount_has_option(at->mount, "nodev"))
			continue;
		/* file systems of the kernel in which nobody makes files */
		if (strcmp(at->mount->fs_type, "proc") == 0 ||
		    strcmp(at->mount->fs_type, "sysfs") == 0 ||
		    strncmp(at->mount->fs_type, "cgroup", strlen("cgroup")) == 0 ||
		    strcmp(at->mount->fs_type, "devpts") == 0 ||
		    strcmp(at->mount->fs_type, "mqueue") == 0)
			continue;
		return (answer){NEED_YES, source,
				hf_text(run, "%s is without nodev", at->mount->target)};
	}
	if (mounts->fact.state != HF_PRESENT || mounts->fact.why)
		return (answer){NEED_UNKNOWN, mounts->fact.source, mounts->fact.why};
	return (answer){NEED_NO, source, "all are nodev"};
}

static void check_mknod(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const answer answers[] = {
		has_rule(run, container),
		has_capability(run, container),
		has_place(run, container),
		may_call(run, container),
	};
	static const char wanted[] =
		"one of four missing: CAP_MKNOD, mknod allowed, a rule, a place";
	const answer *hole = NULL;

	for (size_t i = 0; i < DEVICE_COUNT(answers); i++) {
		if (answers[i].state == NEED_NO) {
			hf_expect(run, answers[i].source, answers[i].text, wanted, true);
			return;
		}
		if (answers[i].state == NEED_UNKNOWN && !hole)
			hole = &answers[i];
	}
	if (hole) {
		hf_unknown(run, hole->source, hole->text);
		return;
	}
	for (size_t i = 1; i < DEVICE_COUNT(answers); i++)
		hf_note(run, answers[i].source, answers[i].text);
	hf_expect(run, answers[0].source, answers[0].text, wanted, false);
	hf_message(run, "the node of the device need not be there: it can make it");
}

/* ---- nodes that came along ---- */

static void check_stray_nodes(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_special_files *files = hf_container_special_files(run, container);
	static const char source[] = "device nodes in its files, outside of /dev";
	static const char wanted[] = "none on a mount without nodev";

	for (size_t i = 0; i < files->count; i++) {
		const hf_special_file *file = &files->all[i];
		uint32_t type = file->mode & 0170000;
		bool is_whiteout = file->rdev_major == 0 && file->rdev_minor == 0;

		if ((type != 0060000 && type != 0020000) || is_whiteout || file->is_nodev ||
		    strncmp(file->path, "/dev/", strlen("/dev/")) == 0)
			continue;
		hf_expect(run, source,
			  hf_text(run, "%s is %s", file->path,
				  device_name(run, type == 0060000 ? 'b' : 'c', file->rdev_major,
					      file->rdev_minor)),
			  wanted, false);
		return;
	}
	/* without the way to the files, which is another in each container: what is alike is told once */
	switch (files->fact.state) {
	case HF_ABSENT:
		hf_review(run, source, files->fact.why,
			  "scan --deep looks for device nodes in the files of the image and its "
			  "volumes; there "
			  "should be none");
		break;
	case HF_UNREADABLE:
		hf_unknown(run, source, files->fact.why);
		break;
	case HF_PRESENT:
		hf_expect(run, source, "none", wanted, true);
		break;
	}
}

static const hf_check checks[] = {
	{
		.id = "device.mknod",
		.title = "No container can create and use nodes of host devices",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1611"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "A device that a rule allows is open to root inside, whether its node was "
			"given or not.",
		.threat = "mknod /tmp/disk b 8 0, then read and write the node's root file system.",
		.remediation = "--cap-drop MKNOD (nothing in a usual image needs it), and no "
			       "--device-cgroup-rule, "
			       "--device or --privileged for disks.",
		.run = check_mknod,
	},
	{
		.id = "device.stray-nodes",
		.title = "Images and volumes contain no device nodes outside /dev",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:552", "CWE:732"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "A node that came with an image or volume is a device wherever a rule "
			"allows its number, on "
			"the node itself, too.",
		.threat = "A volume with a world-writable node of the disk is mounted on the node, "
			  "and any local "
			  "user opens it.",
		.remediation = "Delete the node (find / -xdev \\( -type b -o -type c \\) in the "
			       "image); mount "
			       "volumes and the engine's storage with nodev.",
		.run = check_stray_nodes,
	},
};

HF_CHECK_SET(device_making, checks);
