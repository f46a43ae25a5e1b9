/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging sysctls: see settings.h. */
#include "settings.h"

#include <string.h>

void settings_note_declared(hf_check_run *run, const char *key)
{
	const hf_sysctl *running = hf_sysctl_get(run, key);
	const hf_declared *declared = hf_sysctl_declared(run, key);

	if (declared->fact.state != HF_PRESENT || running->fact.state != HF_PRESENT ||
	    strcmp(declared->value, running->text) == 0)
		return;
	hf_note(run, declared->fact.source,
		hf_text(run, "%s = %s from the next boot on", key, declared->value));
}

void settings_judge(hf_check_run *run, const setting *settings)
{
	for (const setting *at = settings; at->key; at++) {
		const hf_sysctl *sysctl = hf_sysctl_get(run, at->key);
		int64_t value;

		if (sysctl->fact.state == HF_ABSENT && at->absent_why) {
			hf_not_applicable(run, sysctl->fact.source, "does not exist",
					  at->absent_why);
			continue;
		}
		if (!hf_sysctl_number(run, at->key, &value))
			continue;
		hf_expect_i64(run, sysctl->fact.source, value, at->wanted,
			      value >= at->low && value <= at->high);
		settings_note_declared(run, at->key);
	}
}

void settings_run(hf_check_run *run)
{
	settings_judge(run, hf_check_param(run));
}

/* Most of net.core exists in the initial network namespace only (register_net_sysctl(&init_net,
 * ...) in net/core/sysctl_net_core.c), so it tells where the collector stood. */
bool settings_in_initial_netns(hf_check_run *run)
{
	const hf_sysctl *witness = hf_sysctl_get(run, "net.core.netdev_max_backlog");

	if (witness->fact.state == HF_ABSENT) {
		hf_unknown(run, witness->fact.source,
			   "does not exist: read in another network namespace than the node's");
		return false;
	}
	return hf_need(run, &witness->fact);
}
