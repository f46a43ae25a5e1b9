/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's "benchmark" and "items": what was scanned as a benchmark numbers it. */
#include "report/builder.h"

static json_t *section_list(hf_builder *b, const hf_profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < profile->section_count; i++) {
		json_t *object = json_object();

		hf_put_text(b, object, "number", profile->sections[i].number);
		hf_put_text(b, object, "title", profile->sections[i].title);
		hf_append(b, list, object);
	}
	return list;
}

static json_t *benchmark_object(hf_builder *b, const hf_profile *profile)
{
	json_t *object = json_object();

	hf_put_text(b, object, "name", profile->benchmark);
	hf_put_text(b, object, "title", profile->title);
	hf_put_text(b, object, "version", profile->version);
	hf_put(b, object, "level", json_integer(profile->level));
	hf_put(b, object, "sections", section_list(b, profile));
	return object;
}

/* ---- items ---- */

/* Of what a finding holds, the evidence that decided; before it an expectation than a note. */
static const hf_evidence *deciding_evidence(const hf_result *result)
{
	const hf_evidence *best = result->evidence_count > 0 ? result->evidence : NULL;

	for (size_t i = result->evidence_count; i-- > 0;) {
		const hf_evidence *evidence = &result->evidence[i];

		if (evidence->status == result->status)
			best = evidence;
	}
	return best;
}

static void put_reason_of(hf_builder *b, json_t *object, const hf_assessed *deciding)
{
	const hf_result *sample = NULL;

	for (size_t i = deciding->finding_count; i-- > 0;) {
		if (deciding->findings[i].status == deciding->status)
			sample = deciding->findings[i].sample;
	}
	const hf_evidence *evidence = sample ? deciding_evidence(sample) : NULL;

	if (!evidence) {
		hf_put_text(b, object, "reason", sample ? sample->message : NULL);
		return;
	}
	hf_buffer text = {0};

	if (sample->message)
		hf_buffer_printf(&text, "%s; ", sample->message);
	hf_buffer_printf(&text, "%s: %s", evidence->source,
			 *evidence->found ? evidence->found : "(empty)");
	if (evidence->wanted)
		hf_buffer_printf(&text, ", wanted %s", evidence->wanted);
	b->failed |= text.failed;
	hf_put_text(b, object, "reason", text.failed ? NULL : text.data);
	hf_buffer_free(&text);
}

/* Who chose among the checks of an item knows what its pass is worth; who reads the report must, too. */
static void put_share(hf_builder *b, json_t *object, const hf_assessed_item *assessed)
{
	size_t left_out = 0;
	hf_buffer text = {0};

	for (size_t i = 0; i < assessed->check_count; i++)
		left_out += assessed->checks[i]->status == HF_NOTSELECTED;
	if (left_out > 0)
		hf_buffer_printf(&text, "only %zu of its %zu checks were selected",
				 assessed->check_count - left_out, assessed->check_count);
	b->failed |= text.failed;
	hf_put_text(b, object, "reason", text.data);
	hf_buffer_free(&text);
}

static void put_reason(hf_builder *b, json_t *object, const hf_assessed_item *assessed)
{
	if (assessed->status == HF_PASS)
		put_share(b, object, assessed);
	else if (assessed->status == HF_NOTSELECTED)
		hf_put(b, object, "reason", json_null());
	else if (assessed->deciding)
		put_reason_of(b, object, assessed->deciding);
	else
		hf_put_text(b, object, "reason", assessed->item->look);
}

static json_t *other_numbers(hf_builder *b, const hf_item *item)
{
	json_t *object = json_object();

	for (size_t i = 0; i < item->other_count; i++)
		hf_put(b, object, item->others[i].version, json_string(item->others[i].number));
	return object;
}

static json_t *check_list(hf_builder *b, const hf_assessed_item *assessed)
{
	json_t *list = json_array();

	for (size_t i = 0; i < assessed->check_count; i++)
		hf_append(b, list, json_string(assessed->checks[i]->check->row->id));
	return list;
}

static json_t *item_object(hf_builder *b, const hf_assessed_item *assessed)
{
	const hf_item *item = assessed->item;
	json_t *object = json_object();

	hf_put_text(b, object, "number", item->number);
	hf_put(b, object, "other_numbers", other_numbers(b, item));
	hf_put_text(b, object, "title", item->title);
	hf_put(b, object, "level", json_integer(item->level));
	hf_put(b, object, "manual", json_boolean(item->is_manual));
	hf_put_word(b, object, "status", hf_status_name(assessed->status));
	hf_put(b, object, "checks", check_list(b, assessed));
	hf_put_text(b, object, "decided_by",
		    assessed->deciding && assessed->status != HF_NOTSELECTED
			    ? assessed->deciding->check->row->id
			    : NULL);
	put_reason(b, object, assessed);
	return object;
}

void hf_document_put_items(hf_builder *b, json_t *document, const hf_items *items)
{
	json_t *list = json_array();

	for (size_t i = 0; items && i < items->count; i++)
		hf_append(b, list, item_object(b, &items->all[i]));
	hf_put(b, document, "benchmark",
	       items ? benchmark_object(b, items->profile) : json_null());
	hf_put(b, document, "items", list);
}
