/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of JSON files of the host. */
#include "facts/declared.h"
#include "facts/parts.h"

static const hf_api_value *value_of(hf_facts *facts, const hf_fact *fact, const hf_json *json)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_api_value *value = hf_checked(hf_arena_alloc(arena, sizeof *value));

	value->fact = *fact;
	if (fact->state != HF_PRESENT)
		return value;
	if (!json) {
		value->fact.state = HF_ABSENT;
		value->fact.why = "the file has no such member";
		return value;
	}
	value->text = hf_checked((void *)(uintptr_t)hf_json_show(arena, json));
	value->count = json->count;
	value->is_null = json->kind == HF_JSON_NULL;
	return value;
}

const hf_api_value *hf_json_file_get(hf_check_run *run, const char *file, const char *path)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_declared_json *doc = hf_facts_declared_json(facts, file);

	return value_of(facts, &doc->fact, doc->json ? hf_json_find(doc->json, path) : NULL);
}

const char *hf_json_file_member(hf_check_run *run, const char *file, const char *path, size_t index,
				const hf_api_value **ret_value)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_declared_json *doc = hf_facts_declared_json(facts, file);
	const hf_json *json = doc->json ? hf_json_find(doc->json, path) : NULL;

	if (!json || json->kind != HF_JSON_OBJECT || index >= json->count)
		return NULL;
	if (ret_value)
		*ret_value = value_of(facts, &doc->fact, &json->items[index]);
	return json->items[index].name;
}
