/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of the Engine API: parsed once, believed only when the peer was proved to be the daemon. */
#include "facts/parts.h"

typedef struct document {
	hf_fact fact;
	const hf_json *json;
} document;

/* Go's encoder never writes a name twice; should a body have one, the last counts as for any client. */
static const void *compute_document(hf_facts *facts, const char *endpoint)
{
	hf_arena *arena = hf_facts_arena(facts);
	document *doc = hf_checked(hf_arena_alloc(arena, sizeof *doc));
	const hf_peer *peer = hf_facts_peer(facts);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_API, endpoint);
	hf_error err = {0};

	doc->fact = hf_facts_head(facts, HF_ASK_API, endpoint, answer);
	doc->fact.source = hf_checked(hf_arena_printf(arena, "engine API %s", endpoint));
	if (doc->fact.state != HF_PRESENT) {
		doc->fact.state = HF_UNREADABLE;
		return doc;
	}
	if (peer->fact.state != HF_PRESENT) {
		doc->fact.state = HF_UNREADABLE;
		doc->fact.why = peer->fact.why;
		return doc;
	}
	int r = hf_json_parse(arena, answer->data, answer->size, &doc->json, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		doc->fact.state = HF_UNREADABLE;
		doc->fact.why = hf_checked(
			hf_arena_printf(arena, "the engine's answer is no JSON: %s", err.text));
	}
	return doc;
}

static const hf_fact_type document_type = {.name = "api", .compute = compute_document};

hf_fact hf_facts_api_fact(hf_facts *facts, const char *endpoint)
{
	const document *doc = hf_facts_once(facts, &document_type, endpoint);

	return doc->fact;
}

const hf_json *hf_facts_api_json(hf_facts *facts, const char *endpoint)
{
	const document *doc = hf_facts_once(facts, &document_type, endpoint);

	return doc->json;
}

/* ---- the getters ---- */

/* @run is about another daemon than the one that answered. */
static const char *why_foreign(hf_check_run *run)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);
	const hf_peer *peer = hf_facts_peer(facts);
	const hf_subject *subject = hf_subject_of(run);

	/* a check of a container is about no daemon: whether the engine knows it tells the engine's list */
	if (!subject || subject->kind == HF_SUBJECT_CONTAINER)
		return NULL;
	if (!daemon || peer->fact.state != HF_PRESENT || daemon->seen.pid == peer->pid)
		return NULL;
	return hf_checked(hf_arena_printf(hf_facts_arena(facts),
					  "another engine (pid %d) answers on %s", peer->pid,
					  peer->socket ? peer->socket : "the socket"));
}

/* @key: the endpoint, a blank, and the path. The text of a list is as long as the list, and a check of each of a
 * thousand containers may look at the list of them. */
static const void *compute_value(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_api_value *value = hf_checked(hf_arena_alloc(arena, sizeof *value));
	const char *path = strchr(key, ' ') + 1;
	const char *endpoint = hf_checked(
		hf_arena_printf(arena, "%.*s", (int)(path - 1 - key), key));
	const hf_json *json = hf_facts_api_json(facts, endpoint);

	value->fact = hf_facts_api_fact(facts, endpoint);
	value->fact.source = hf_checked(
		hf_arena_printf(arena, "engine API %s", *path ? key : endpoint));
	if (value->fact.state != HF_PRESENT)
		return value;
	json = json ? hf_json_find(json, path) : NULL;
	if (!json) {
		value->fact.state = HF_ABSENT;
		value->fact.why = "the answer has no such member";
		return value;
	}
	value->text = hf_checked((void *)(uintptr_t)hf_json_show(arena, json));
	value->count = json->count;
	value->is_null = json->kind == HF_JSON_NULL;
	return value;
}

static const hf_fact_type value_type = {.name = "api value", .compute = compute_value};

const hf_api_value *hf_api_get(hf_check_run *run, const char *endpoint, const char *path)
{
	hf_facts *facts = hf_facts_of(run);
	char small[256], *key = small;
	int n = hf_print(small, sizeof small, "%s %s", endpoint, path);

	if (n < 0 || (size_t)n >= sizeof small)
		key = hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s %s", endpoint, path));
	const hf_api_value *value = hf_facts_once(facts, &value_type, key);
	const char *foreign = why_foreign(run);

	if (!foreign)
		return value;
	hf_api_value *theirs = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *theirs));

	theirs->fact = (hf_fact){
		.state = HF_UNREADABLE, .source = value->fact.source, .why = foreign};
	return theirs;
}

const char *hf_api_member(hf_check_run *run, const char *endpoint, const char *path, size_t index)
{
	const hf_json *json = hf_facts_api_json(hf_facts_of(run), endpoint);

	json = json && !why_foreign(run) ? hf_json_find(json, path) : NULL;
	if (!json || json->kind != HF_JSON_OBJECT || index >= json->count)
		return NULL;
	return json->items[index].name;
}
