/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contexts of SELinux. */
#include "context.h"

#include <string.h>
#ifdef HAVE_SELINUX
#include <selinux/context.h>
#endif

bool selinux_parse(hf_check_run *run, const char *text, selinux_context *ret_context)
{
#ifdef HAVE_SELINUX
	context_t context = text && *text ? context_new(text) : NULL;
	const char *type = context ? context_type_get(context) : NULL;
	const char *level = context ? context_range_get(context) : NULL;
	bool is_good = type && *type;

	if (is_good)
		*ret_context = (selinux_context){
			.type = hf_text(run, "%s", type),
			.level = hf_text(run, "%s", level ? level : ""),
		};
	context_free(context);
	return is_good;
#else
	(void)run;
	(void)text;
	(void)ret_context;
	return false;
#endif
}

bool selinux_runs(hf_check_run *run)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	return lsm->fact.state == HF_PRESENT && hf_lsm_has(lsm, "selinux");
}

bool selinux_is_active(hf_check_run *run)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	if (!hf_need(run, &lsm->fact))
		return false;
#ifndef HAVE_SELINUX
	hf_review(run, lsm->fact.source, "holdfast was built without libselinux",
		  "every container process has a type of the container policy (ps -eZ)");
	return false;
#endif
	if (selinux_runs(run))
		return true;
	hf_not_applicable(run, lsm->fact.source, lsm->list, "SELinux does not run on this node");
	return false;
}

bool selinux_of_task(hf_check_run *run, const hf_task *task, selinux_context *ret_context)
{
	const hf_fact *fact = task->fact.state != HF_PRESENT ? &task->fact : &task->label_fact;

	if (fact->state != HF_PRESENT) {
		hf_unknown(run, fact->source, fact->why ? fact->why : "is missing");
		return false;
	}
	if (selinux_parse(run, task->label, ret_context))
		return true;
	hf_unknown(run, fact->source, "is no context of SELinux");
	return false;
}

bool selinux_type_confines(const char *type)
{
	static const char *const types[] = {
		"container_t",	       "container_init_t", "container_kvm_t",
		"container_engine_t",  "svirt_lxc_net_t",  "svirt_lxc_t",
		"container_userns_t",  "container_logreader_t",
		"container_device_t",  "container_device_plugin_t",
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(types[i], type) == 0)
			return true;
	}
	return false;
}

bool selinux_level_is_pair(const char *level)
{
	const char *categories = strchr(level, ':');

	if (!categories || strcmp(level, "s0-s0:c0.c1023") == 0 || strchr(level, '-'))
		return false;
	return strchr(categories, ',') || strchr(categories, '.');
}
