/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of capabilities as words, and what a walk over tasks found. */
#include "sets.h"

#include <linux/capability.h>
#include <sys/capability.h>

#include <string.h>

const uint64_t capability_runtime_default =
	CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FSETID) |
	CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_NET_RAW) |
	CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETFCAP) |
	CAPABILITY(CAP_SETPCAP) | CAPABILITY(CAP_NET_BIND_SERVICE) | CAPABILITY(CAP_SYS_CHROOT) |
	CAPABILITY(CAP_KILL) | CAPABILITY(CAP_AUDIT_WRITE);

enum { BITS = 64 };

const char *capability_names(hf_check_run *run, uint64_t set)
{
	const char *text = "";

	if (set == 0)
		return "none";
	for (int bit = 0; bit < BITS; bit++) {
		if (!(set & CAPABILITY(bit)))
			continue;
		char *name = cap_to_name(bit);
		/* libcap answers a number for what it does not know */
		const char *word = name && strncmp(name, "cap_", 4) == 0 ? name + 4 : name;

		text = hf_text(run, "%s%s%s", text, *text ? " " : "", word ? word : "?");
		(void)cap_free(name);
	}
	return text;
}

uint64_t capability_kernel_mask(hf_check_run *run)
{
	const hf_sysctl *last = hf_sysctl_get(run, "kernel.cap_last_cap");

	if (!hf_need(run, &last->fact))
		return 0;
	if (!last->is_number || last->number < 0 || last->number >= BITS - 1) {
		hf_unknown(run, last->fact.source, "is no number of a capability");
		return 0;
	}
	return CAPABILITY(last->number + 1) - 1;
}

uint64_t capability_in_reach(const hf_task *task)
{
	return task->cap_effective | task->cap_permitted | task->cap_bounding | task->cap_ambient;
}

const char *capability_task_name(hf_check_run *run, const hf_task *task)
{
	return hf_text(run, "task \"%s\" (uid %u)", task->name ? task->name : "?", task->uid[1]);
}

void capability_offend(hf_check_run *run, capability_offenders *offenders, const hf_task *task)
{
	bool is_remapped = hf_task_is_remapped(run, task);

	if (offenders->count++ == 0) {
		offenders->first = task;
		offenders->is_remapped = true;
	}
	offenders->is_remapped &= is_remapped;
}

const char *capability_offenders_text(hf_check_run *run, const capability_offenders *offenders)
{
	const char *first = capability_task_name(run, offenders->first);

	if (offenders->count == 1)
		return first;
	return hf_text(run, "%s and %zu more", first, offenders->count - 1);
}

void capability_conclude(hf_check_run *run, const capability_offenders *offenders, const char *source,
			 const char *bad, const char *good, const char *wanted)
{
	const hf_container *container = hf_container_of(run);

	if (offenders->count > 0) {
		(void)hf_expect(run, source,
				hf_text(run, "%s: %s", bad, capability_offenders_text(run, offenders)),
				wanted, false);
		if (offenders->is_remapped)
			hf_message(run, "It holds in a user namespace of the container's own alone, and so "
					"does not reach the host's resources by itself.");
		return;
	}
	if (!hf_need(run, &container->tasks_fact))
		return;
	(void)hf_expect(run, source, good, wanted, true);
}
