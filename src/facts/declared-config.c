/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration that a container was started with: OCI config.json, Docker's own files, its
 * API. */
#include "facts/declared.h"

#include "facts/parts.h"

/* A document that a container's configuration is read from, and how evidence calls it. One name for
 * all containers: those that are configured alike are told in one line. */
typedef struct document {
	hf_fact fact;
	const hf_json *json;
	const char *word;
} document;

static const char declared[] = "declared";

/* There is no such record: proven, or not known. */
static document none(hf_facts *facts, const hf_container *container, const char *why)
{
	document doc = {
		.fact = hf_declared_fact_for(facts, container->cgroup),
		.word = declared,
	};

	doc.fact.source = declared;
	if (doc.fact.state == HF_PRESENT) {
		doc.fact.state = HF_ABSENT;
		doc.fact.why = why;
	}
	return doc;
}

/* @path is one that a record holds: its address is as good as its text. */
static document document_at(hf_facts *facts, const char *path, const char *word)
{
	const hf_declared_json *json = hf_facts_declared_json_of(facts, path);

	return (document){.fact = json->fact, .json = json->json, .word = word};
}

/* "OCI config.json linux/namespaces": the same for all containers, and kept once. */
static const char *source_of(hf_arena *arena, const document *doc, const char *path)
{
	char source[128];
	size_t word = strlen(doc->word), length = strlen(path);

	if (length == 0)
		return doc->word;
	if (word + length + 2 > sizeof source)
		return hf_checked(hf_arena_printf(arena, "%s %s", doc->word, path));
	memcpy(source, doc->word, word);
	source[word] = ' ';
	memcpy(source + word + 1, path, length);
	return hf_checked((void *)(uintptr_t)hf_arena_share(arena, source, word + length + 1));
}

/* All but the text, and what it would be the text of. */
static hf_api_value outline_in(hf_facts *facts, const document *doc, const char *path,
			       const hf_json **ret_json)
{
	const hf_json *json = NULL;
	hf_api_value value = {.fact = doc->fact};

	if (doc->fact.state == HF_PRESENT) {
		json = doc->json ? hf_json_find(doc->json, path) : NULL;
		value.fact.source = source_of(hf_facts_arena(facts), doc, path);
	}
	if (json) {
		value.count = json->count;
		value.is_null = json->kind == HF_JSON_NULL;
	} else if (doc->fact.state == HF_PRESENT) {
		value.fact.state = HF_ABSENT;
		value.fact.why = "it has no such member";
	}
	*ret_json = json;
	return value;
}

static const hf_api_value *value_in(hf_facts *facts, const document *doc, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_api_value *value = hf_checked(hf_arena_alloc(arena, sizeof *value));
	const hf_json *json;

	*value = outline_in(facts, doc, path, &json);
	if (json)
		value->text = hf_checked((void *)(uintptr_t)hf_json_show(arena, json));
	return value;
}

static const char *member_in(const document *doc, const char *path, size_t index)
{
	const hf_json *json =
		doc->fact.state == HF_PRESENT && doc->json ? hf_json_find(doc->json, path) : NULL;

	if (!json || json->kind != HF_JSON_OBJECT || index >= json->count)
		return NULL;
	return json->items[index].name;
}

/* ---- OCI ---- */

static document oci_of(hf_facts *facts, const hf_container *container)
{
	const hf_declared_record *record = hf_declared_of(facts, container);

	if (!record)
		return none(facts, container, "no runtime on this node has a record of it");
	if (!record->config)
		return none(facts, container, "its runtime keeps no OCI configuration");
	return document_at(facts, record->config, "OCI config.json");
}

const hf_api_value *hf_container_oci(hf_check_run *run, const hf_container *container,
				     const char *path)
{
	document doc = oci_of(hf_facts_of(run), container);

	return value_in(hf_facts_of(run), &doc, path);
}

hf_api_value hf_container_oci_outline(hf_check_run *run, const hf_container *container,
				      const char *path)
{
	document doc = oci_of(hf_facts_of(run), container);
	const hf_json *json;

	return outline_in(hf_facts_of(run), &doc, path, &json);
}

/* What is not covered by what it takes to be a mount, a runtime would have refused. */
static bool read_mount(hf_arena *arena, const hf_json *json, hf_declared_mount *mount)
{
	const char *target = hf_declared_text(json, "destination");
	const hf_json *options = hf_json_member(json, "options");
	size_t length = target ? strlen(target) : 0;

	if (length == 0)
		return false;
	while (length > 1 && target[length - 1] == '/')
		length--;
	mount->target = target[length] ? hf_checked(hf_arena_memdup(arena, target, length)) : target;
	for (size_t i = 0; options && options->kind == HF_JSON_ARRAY && i < options->count; i++) {
		const hf_json *option = &options->items[i];

		if (option->kind != HF_JSON_STRING)
			continue;
		mount->is_read_only |= strcmp(option->text, "ro") == 0;
		mount->is_recursive |= strcmp(option->text, "rbind") == 0;
	}
	return true;
}

/* The key is the path of an OCI configuration. */
static const void *compute_mounts(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_declared_mounts *mounts = hf_checked(hf_arena_alloc(arena, sizeof *mounts));
	document doc = document_at(facts, path, "OCI config.json");
	const hf_json *json;

	mounts->fact = outline_in(facts, &doc, "mounts", &json).fact;
	if (!json || json->kind != HF_JSON_ARRAY)
		return mounts;
	hf_declared_mount *all = hf_checked(hf_arena_calloc(arena, json->count + 1, sizeof *all));

	for (size_t i = 0; i < json->count; i++)
		mounts->count += read_mount(arena, &json->items[i], &all[mounts->count]);
	mounts->all = all;
	return mounts;
}

static const hf_fact_type mounts_type = {.name = "declared mounts", .compute = compute_mounts};

const hf_declared_mounts *hf_container_declared_mounts(hf_check_run *run,
						       const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_declared_record *record = hf_declared_of(facts, container);

	if (record && record->config) {
		const hf_declared_mounts *known =
			hf_facts_recall(facts, &mounts_type, record->config);

		return known ? known
			     : hf_facts_once_for(facts, &mounts_type, record->config, record->config);
	}
	hf_declared_mounts *none =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *none));

	none->fact = oci_of(facts, container).fact;
	return none;
}

const char *hf_container_oci_member(hf_check_run *run, const hf_container *container,
				    const char *path, size_t index)
{
	document doc = oci_of(hf_facts_of(run), container);

	return member_in(&doc, path, index);
}

/* ---- Docker's own ---- */

/* The API's answer for one container, made of the two files in which the engine keeps what it says
 * (container.CheckpointTo writes both at each change). What only the API tells is left out. */
static hf_json *add_member(hf_json *items, size_t *count, const char *name, const hf_json *value)
{
	hf_json *item = &items[(*count)++];

	*item = *value;
	item->name = name;
	return item;
}

/* MountPoints is an object by place; the API has it as the list Mounts, with "Relabel" as "Mode".
 */
static hf_json list_of_mounts(hf_arena *arena, const hf_json *points)
{
	size_t count = points->kind == HF_JSON_OBJECT ? points->count : 0;
	hf_json *items = hf_checked(hf_arena_calloc(arena, count + 1, sizeof *items));

	for (size_t i = 0; i < count; i++) {
		const hf_json *point = &points->items[i];
		hf_json *members =
			hf_checked(hf_arena_calloc(arena, point->count + 1, sizeof *members));

		items[i] = *point;
		items[i].name = NULL;
		for (size_t k = 0; point->kind == HF_JSON_OBJECT && k < point->count; k++) {
			members[k] = point->items[k];
			if (strcmp(members[k].name, "Relabel") == 0)
				members[k].name = "Mode";
		}
		if (point->kind == HF_JSON_OBJECT)
			items[i].items = members;
	}
	return (hf_json){.kind = HF_JSON_ARRAY, .items = items, .count = (uint32_t)count};
}

/* State.Status, which the engine computes (container.State.StateString). */
static const char *status_of(const hf_json *state)
{
	static const struct {
		const char *member;
		const char *word;
	} words[] = {
		{"Paused", "paused"},	{"Restarting", "restarting"},
		{"Running", "running"}, {"RemovalInProgress", "removing"},
		{"Dead", "dead"},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		const hf_json *flag = hf_json_member(state, words[i].member);

		if (flag && flag->kind == HF_JSON_BOOL && strcmp(flag->text, "true") == 0)
			return words[i].word;
	}
	return "exited";
}

static hf_json with_status(hf_arena *arena, const hf_json *state)
{
	hf_json *items = hf_checked(hf_arena_calloc(arena, state->count + 2, sizeof *items));
	hf_json with = *state;

	memcpy(items, state->items, state->count * sizeof *items);
	items[with.count++] =
		(hf_json){.kind = HF_JSON_STRING, .name = "Status", .text = status_of(state)};
	with.items = items;
	return with;
}

static const hf_json *join(hf_arena *arena, const hf_json *config, const hf_json *host)
{
	hf_json *all = hf_checked(hf_arena_alloc(arena, sizeof *all));
	hf_json *items = hf_checked(hf_arena_calloc(arena, config->count + 2, sizeof *items));
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++) {
		const hf_json *member = &config->items[i];

		if (strcmp(member->name, "ID") == 0) {
			add_member(items, &count, "Id", member);
		} else if (strcmp(member->name, "MountPoints") == 0) {
			hf_json mounts = list_of_mounts(arena, member);

			add_member(items, &count, "Mounts", &mounts);
		} else if (strcmp(member->name, "State") == 0 && member->kind == HF_JSON_OBJECT) {
			hf_json state = with_status(arena, member);

			add_member(items, &count, member->name, &state);
		} else {
			add_member(items, &count, member->name, member);
		}
	}
	add_member(items, &count, "HostConfig", host);
	*all = (hf_json){.kind = HF_JSON_OBJECT, .items = items, .count = (uint32_t)count};
	return all;
}

static const void *compute_folder(hf_facts *facts, const char *folder)
{
	hf_arena *arena = hf_facts_arena(facts);
	document *doc = hf_checked(hf_arena_alloc(arena, sizeof *doc));
	const char *path = hf_checked(hf_arena_printf(arena, "%s/config.v2.json", folder));
	const hf_declared_json *config = hf_facts_declared_json(facts, path);

	path = hf_checked(hf_arena_printf(arena, "%s/hostconfig.json", folder));
	const hf_declared_json *host = hf_facts_declared_json(facts, path);

	doc->word = "engine's record";
	doc->fact = config->fact.state == HF_PRESENT ? host->fact : config->fact;
	if (doc->fact.state != HF_PRESENT)
		return doc;
	if (config->json->kind != HF_JSON_OBJECT || host->json->kind != HF_JSON_OBJECT) {
		doc->fact.state = HF_UNREADABLE;
		doc->fact.why = "is no JSON object";
		return doc;
	}
	doc->json = join(arena, config->json, host->json);
	return doc;
}

static const hf_fact_type folder_type = {.name = "engine's record", .compute = compute_folder};

/* What the API alone tells; its absence in the files says nothing. */
static bool is_of_api_alone(const char *path)
{
	static const char *const names[] = {"ExecIDs", "GraphDriver", "SizeRw", "SizeRootFs",
					    "Platform"};
	size_t length = strcspn(path, "/");

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == length && memcmp(names[i], path, length) == 0)
			return true;
	}
	return false;
}

static document inspect_of(hf_facts *facts, const hf_container *container, const char *path)
{
	const hf_declared_record *record = hf_declared_of(facts, container);

	if (record && record->folder) {
		const document *known = hf_facts_recall(facts, &folder_type, record->folder);
		document doc = *(known ? known
				       : (const document *)hf_facts_once_for(
						 facts, &folder_type, record->folder, record->folder));

		if (doc.fact.state == HF_PRESENT && is_of_api_alone(path)) {
			doc.fact.state = HF_UNREADABLE;
			doc.fact.why = "the engine's files do not tell it";
		}
		return doc;
	}
	const char *endpoint = hf_checked(
		hf_arena_printf(hf_facts_arena(facts), "/containers/%s/json", container->id));

	/* without the files each container of the engine was asked for */
	if (hf_declared_listed(facts, container->id) ||
	    hf_record_get(hf_facts_record(facts), HF_ASK_API, endpoint))
		return (document){
			.fact = hf_facts_api_fact(facts, endpoint),
			.json = hf_facts_api_json(facts, endpoint),
			.word = "engine's record",
		};
	if (record && strcmp(record->seen.runtime, "docker") != 0)
		return none(facts, container, "its runtime keeps no record in this form");
	if (container->runtime && strcmp(container->runtime, "docker") == 0) {
		document doc = none(facts, container, "");

		/* some engine started it, and it is not one that could be asked */
		doc.fact.state = HF_UNREADABLE;
		doc.fact.why = "no engine that could be asked, and no file that could be read, has "
			       "a record of it";
		return doc;
	}
	return none(facts, container, "its runtime keeps no record in this form");
}

const hf_api_value *hf_container_inspect(hf_check_run *run, const hf_container *container,
					 const char *path)
{
	document doc = inspect_of(hf_facts_of(run), container, path);

	return value_in(hf_facts_of(run), &doc, path);
}

const hf_json *hf_declared_inspect(hf_facts *facts, const hf_container *container, const char *path,
				   hf_fact *ret_fact)
{
	document doc = inspect_of(facts, container, path);

	*ret_fact = doc.fact;
	return doc.fact.state == HF_PRESENT && doc.json ? hf_json_find(doc.json, path) : NULL;
}

hf_api_value hf_container_inspect_outline(hf_check_run *run, const hf_container *container,
					  const char *path)
{
	document doc = inspect_of(hf_facts_of(run), container, path);
	const hf_json *json;

	return outline_in(hf_facts_of(run), &doc, path, &json);
}

const char *hf_container_inspect_member(hf_check_run *run, const hf_container *container,
					const char *path, size_t index)
{
	document doc = inspect_of(hf_facts_of(run), container, path);

	return member_in(&doc, path, index);
}
