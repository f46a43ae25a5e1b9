/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SELinux labels of the host's files. */
#include "facts/parts.h"
#include "facts/store.h"

static const void *compute_label(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_label *label = hf_checked(hf_arena_alloc(arena, sizeof *label));
	const char *name = hf_checked(hf_arena_printf(arena, "label:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	*label = (hf_label){.fact = hf_facts_head(facts, HF_ASK_CALL, name, answer)};
	/* the file itself may be proven absent, and then it has no label */
	if (answer && answer->error == ENOENT && hf_facts_stat(facts, path)->fact.state == HF_ABSENT)
		label->fact = hf_facts_stat(facts, path)->fact;
	if (label->fact.state == HF_PRESENT)
		label->text = answer->data;
	return label;
}

static const hf_fact_type label_type = {.name = "label", .compute = compute_label};

const hf_label *hf_label_get(hf_check_run *run, const char *path)
{
	return hf_facts_once(hf_facts_of(run), &label_type, path);
}
