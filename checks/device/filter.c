/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device controller of a container: whether it filters, and what it grants beyond what
 * everybody gets. */
#include "common.h"

#include <string.h>

static void check_filter_active(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_device_filter *filter = hf_container_device_filter(run, container);
	static const char source[] = "device controller of its group";
	static const char wanted[] = "a filter that denies what it does not name";

	if (filter->fact.state == HF_PRESENT && filter->is_active &&
	    filter->rules_fact.state == HF_PRESENT) {
		hf_expect(run, source, "filters", wanted, true);
		return;
	}
	/* engines without root cannot set one; but then mknod is refused and nodes of the host keep
	 * their owners */
	if (container->init && hf_task_is_remapped(run, container->init)) {
		hf_inform(run, source,
			  filter->fact.state == HF_PRESENT ? filter->text : filter->fact.why,
			  "it is in a user namespace of its own: no node that it makes can be "
			  "opened");
		return;
	}
	if (!hf_need(run, &filter->fact))
		return;
	if (!filter->is_active)
		hf_expect(run, source, filter->text, wanted, false);
	else
		hf_unknown(
			run, filter->rules_fact.source,
			hf_text(run, "%s; whether they deny anything is not known", filter->text));
}

enum { SHOWN_MAX = 6 };

/* A rule names its device where it is about one. */
static const char *show_extra(hf_check_run *run, const hf_device_grant *rule)
{
	if (rule->is_any_major || rule->is_any_minor || rule->type == 'a')
		return device_show_rule(run, rule);
	return hf_text(run, "%s%s%s", device_name(run, rule->type, rule->major, rule->minor),
		       rule->can_read ? " r" : " ", rule->can_write ? "w" : "");
}

static void check_rules_extra(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_device_filter *filter = hf_container_device_filter(run, container);
	static const char source[] = "device rules of its group";
	static const char wanted[] =
		"null, zero, full, random, urandom, tty, console, ptmx, terminals, tun; and to "
		"make nodes";
	const char *extra = NULL;
	size_t count = 0;

	if (!hf_need(run, &filter->fact))
		return;
	if (!filter->is_active) {
		hf_not_applicable(run, source, filter->text,
				  "device.filter-active fails, and this is part of it");
		return;
	}
	if (!hf_need(run, &filter->rules_fact))
		return;
	for (size_t i = 0; i < filter->rule_count; i++) {
		const hf_device_grant *rule = &filter->rules[i];

		if (!device_is_extra(rule))
			continue;
		if (++count <= SHOWN_MAX)
			extra = hf_text(run, "%s%s%s", extra ? extra : "", extra ? ", " : "",
					show_extra(run, rule));
	}
	if (count > SHOWN_MAX)
		extra = hf_text(run, "%s and %zu more", extra, count - SHOWN_MAX);
	hf_expect(run, source, extra ? extra : "no more than the runtime's defaults", wanted,
		  count == 0);
}

static const hf_check checks[] = {
	{
		.id = "device.filter-active",
		.title = "A device filter is in force for every container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.18", "CIS-Docker-1.6:5.5", "CWE:732",
				"ATTACK:T1611", "NIST-800-190:4.4.3"),
		.risk = "Root inside opens every device of the node: its disks, its memory, its "
			"consoles.",
		.threat = "mknod of the disk's number, and the node's file systems are read and "
			  "written below the "
			  "running kernel.",
		.remediation =
			"Start it without --privileged; give the devices it needs by --device, the "
			"capabilities by --cap-add.",
		.run = check_filter_active,
	},
	{
		.id = "device.rules-extra",
		.title = "Device rules do not exceed the runtime's defaults",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.18", "DOCKER-BENCH:check_5_18", "CWE:732",
				"CWE:668", "ATTACK:T1611", "ATTACK:T1006", "NIST-800-190:4.4.3",
				"OWASP-Docker:D05"),
		.aliases = HF_ALIASES("container.host-devices"),
		.reads = HF_READS(DEVICE_READS),
		.risk = "The container may read or write a device of the node that others do not "
			"get.",
		.threat = "What the device gives: raw disks give the node's files, GPUs other "
			  "tenants' memory, "
			  "input devices what is typed.",
		.remediation = "Start it without that --device, --device-cgroup-rule or --gpus; "
			       "where one is needed, "
			       "name that one device and r instead of rwm.",
		.run = check_rules_extra,
	},
};

HF_CHECK_SET(device_filter, checks);
