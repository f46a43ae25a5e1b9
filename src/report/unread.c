/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "unread": everything that this run wanted to look at and could not. */
#include "report/builder.h"

static bool is_answered(hf_builder *b, const hf_used *used)
{
	const hf_answer *answer =
		hf_record_get(hf_facts_record(b->facts), used->kind, used->name);

	return answer && answer->error == 0;
}

static int compare_used(const void *a, const void *b)
{
	const hf_used *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add(hf_builder *b, json_t *list, const char *source, const char *reason)
{
	json_t *entry = json_object();

	if (!source || !reason)
		b->failed = true; /* no memory to say it */
	hf_put_text(b, entry, "source", source);
	hf_put_text(b, entry, "reason", reason);
	hf_append(b, list, entry);
}

/* Every question without a good answer that an undecided result rests on: what a check could do without is
 * not missed. Nearly all were answered, so they are dropped here, before anything is sorted. */
static size_t collect_failed(hf_builder *b, hf_used **ret_failed)
{
	const hf_results *results = &b->assessment->results;
	hf_cleanup(hf_freep) hf_used *failed = NULL;
	size_t count = 0, room = 0;

	for (size_t i = 0; i < results->count; i++) {
		const hf_result *result = &results->all[i];

		if (result->status != HF_UNKNOWN && result->status != HF_ERROR)
			continue;
		for (size_t u = 0; u < result->used_count; u++) {
			if (is_answered(b, &result->used[u]))
				continue;
			if (count == room) {
				size_t more = room ? room * 2 : 256;
				hf_used *grown = reallocarray(failed, more, sizeof *grown);

				if (!grown) {
					b->failed = true;
					return 0;
				}
				failed = grown;
				room = more;
			}
			failed[count++] = result->used[u];
		}
	}
	*ret_failed = HF_TAKE(failed);
	return count;
}

/* What is asked of a container's process alone is not missed of the host's, who come and go by the dozen; nor is
 * the engine's word on a container whose files it keeps were read. That a collector did not get to it, it says
 * itself. */
static bool is_spared(hf_builder *b, const hf_used *used)
{
	bool is_optional = (used->kind == HF_ASK_CALL && hf_has_prefix(used->name, "/proc/")) ||
			   (used->kind == HF_ASK_API && hf_has_prefix(used->name, "/containers/"));

	return is_optional && !hf_record_get(hf_facts_record(b->facts), used->kind, used->name);
}

static void add_questions(hf_builder *b, json_t *list)
{
	hf_cleanup(hf_freep) hf_used *failed = NULL;
	size_t count = collect_failed(b, &failed);

	if (count > 0)
		qsort(failed, count, sizeof *failed, compare_used);
	for (size_t i = 0; i < count; i++) {
		const hf_used *used = &failed[i];

		if (i > 0 && compare_used(used - 1, used) == 0)
			continue;
		hf_fact head = hf_facts_head(b->facts, used->kind, used->name,
					     hf_record_get(hf_facts_record(b->facts), used->kind,
							   used->name));

		/* what is proven not to exist was read as well as can be */
		if (head.state != HF_UNREADABLE || is_spared(b, used))
			continue;
		add(b, list,
		    hf_arena_printf(hf_facts_arena(b->facts), "%s:%s",
				    hf_ask_kind_name(used->kind), used->name),
		    head.why);
	}
}

static void add_collectors(hf_builder *b, json_t *list)
{
	hf_arena *arena = hf_facts_arena(b->facts);
	const hf_record_collector *all;
	size_t count = hf_record_collectors(hf_facts_record(b->facts), &all);

	for (size_t i = 0; i < count; i++) {
		if (all[i].state == HF_COLLECTOR_DONE)
			continue;
		add(b, list, hf_arena_printf(arena, "collector:%s", all[i].name),
		    hf_arena_printf(arena, "%s%s%s", hf_collector_state_name(all[i].state),
				    all[i].reason ? ": " : "", all[i].reason ? all[i].reason : ""));
	}
}

static void add_refusals(hf_builder *b, json_t *list)
{
	const hf_refusal *all;
	size_t count = hf_registry_refusals(b->registry, &all);

	for (size_t i = 0; i < count; i++)
		add(b, list,
		    hf_arena_printf(hf_facts_arena(b->facts), "plugin:%s", all[i].path),
		    all[i].reason);
}

json_t *hf_document_unread(hf_builder *b)
{
	json_t *list = json_array();

	add_collectors(b, list);
	add_refusals(b, list);
	add_questions(b, list);
	return list;
}
