/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How well the daemons of runtimes are kept from the kernel's out-of-memory killer: what containers
 * are measured by. */
#include "facts/parts.h"

static bool is_daemon(const hf_process *process)
{
	static const char *const daemons[] = {"/dockerd", "/containerd", "/crio", "/kubelet"};
	const char *name =
		process->exe && !process->is_container ? strrchr(process->exe, '/') : NULL;

	for (size_t i = 0; name && i < HF_ARRAY_SIZE(daemons); i++) {
		if (strcmp(name, daemons[i]) == 0)
			return true;
	}
	return false;
}

static void take(hf_facts *facts, const hf_process *process, hf_oom_floor *floor)
{
	const hf_file *file = hf_facts_process_file(facts, process->pid, "oom_score_adj");
	int64_t score;

	if (file->fact.state != HF_PRESENT ||
	    hf_parse_i64(hf_strip(hf_checked(hf_arena_strdup(hf_facts_arena(facts), file->data))),
			 &score) < 0) {
		floor->fact.state = HF_UNREADABLE;
		floor->fact.why = file->fact.why ? file->fact.why : "is no number";
	} else if (floor->fact.state == HF_ABSENT || score > floor->score) {
		floor->fact.state = HF_PRESENT;
		floor->fact.why = NULL;
		floor->score = (int32_t)score;
		floor->name = strrchr(process->exe, '/') + 1;
	}
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_oom_floor *floor = hf_checked(hf_arena_alloc(arena, sizeof *floor));
	const hf_processes *processes = hf_facts_processes(facts);

	(void)key;
	*floor = (hf_oom_floor){
		.fact = {HF_ABSENT, "oom_score_adj of runtimes' daemons", "none runs"}};
	if (processes->fact.state != HF_PRESENT || processes->gap) {
		/* the one that is not known may be a daemon */
		floor->fact.state = HF_UNREADABLE;
		floor->fact.why = processes->gap ? processes->gap : processes->fact.why;
		return floor;
	}
	for (size_t i = 0; i < processes->count && floor->fact.state != HF_UNREADABLE; i++) {
		if (is_daemon(&processes->all[i]))
			take(facts, &processes->all[i], floor);
	}
	return floor;
}

static const hf_fact_type type = {.name = "oom floor", .compute = compute, .is_common = true};

const hf_oom_floor *hf_oom_floor_get(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &type, "");
}
