/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON files of runtimes. Two thirds of an OCI config.json are the seccomp profile, and all
 * containers of a node share a few: each is parsed once. */
#include "facts/declared.h"

#include "facts/parts.h"

/* What stands at @at (on a quote) up to behind its closing quote. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\';
	return at < end ? at + 1 : end;
}

static const char *skip_value(const char *at, const char *end)
{
	unsigned depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && --depth == 0)
			return at + 1;
		at++;
	}
	return end;
}

static const hf_json *parse(hf_facts *facts, const char *data, size_t size, const char **ret_why)
{
	const hf_json *json = NULL;
	hf_error err = {0};
	int r = hf_json_parse(hf_facts_arena(facts), data, size, &json, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		*ret_why = hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s", err.text));
	return r < 0 ? NULL : json;
}

typedef struct profile {
	struct profile *next;
	const char *text;
	size_t size;
	const hf_json *json;
	const char *why;
} profile;

typedef struct profiles {
	profile *first;
} profiles;

static const void *compute_profiles(hf_facts *facts, const char *key)
{
	(void)key;
	return hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof(profiles)));
}

static const hf_fact_type profiles_type = {.name = "declared seccomp", .compute = compute_profiles};

/* There are a few at most, and mostly the first is it. An object ends where it ends, whatever follows: a text that
 * begins with one has that one. What is none (@is_whole: all of @text) may go on elsewhere. NULL: it is new. */
static const profile *find_profile(const profiles *all, const char *text, size_t size, bool is_whole)
{
	for (const profile *p = all->first; p; p = p->next) {
		if ((is_whole ? p->size == size : p->json && p->size <= size) &&
		    memcmp(p->text, text, p->size) == 0)
			return p;
	}
	return NULL;
}

/* The object that is the value of the one member "seccomp" whose value is an object; NULL when
 * there is none. In a string the quotes around the name would be escaped. */
static const profile *share_profile(hf_facts *facts, const char *data, size_t size, const char **ret_start)
{
	static const char name[] = "\"seccomp\":{";
	const char *end = data + size, *at = memmem(data, size, name, strlen(name));
	profiles *all = (profiles *)(uintptr_t)hf_facts_once(facts, &profiles_type, "");

	if (!at)
		return NULL;
	const char *start = at + strlen(name) - 1;
	const profile *known = find_profile(all, start, (size_t)(end - start), false);
	const char *stop = known ? start + known->size : skip_value(start, end);

	if (memmem(stop, (size_t)(end - stop), name, strlen(name)))
		return NULL;
	*ret_start = start;
	if (!known)
		known = find_profile(all, start, (size_t)(stop - start), true);
	if (known)
		return known;
	profile *new = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *new));

	*new = (profile){.next = all->first, .text = start, .size = (size_t)(stop - start)};
	new->json = parse(facts, start, new->size, &new->why);
	all->first = new;
	return new;
}

/* Puts the shared @tree in the place of the null that stood in for it. */
static bool graft(hf_json *json, const hf_json *tree)
{
	for (size_t i = 0; i < json->count; i++) {
		hf_json *item = (hf_json *)(uintptr_t)&json->items[i];

		if (json->kind == HF_JSON_OBJECT && item->kind == HF_JSON_NULL &&
		    strcmp(item->name, "seccomp") == 0) {
			item->kind = tree->kind;
			item->items = tree->items;
			item->count = tree->count;
			return true;
		}
		if (item->kind >= HF_JSON_ARRAY && graft(item, tree))
			return true;
	}
	return false;
}

static const hf_json *parse_shared(hf_facts *facts, const hf_file *file, const char **ret_why)
{
	const char *start, *end = file->data + file->size;
	hf_buffer rest = {0};
	const profile *shared = share_profile(facts, file->data, file->size, &start);

	if (!shared)
		return parse(facts, file->data, file->size, ret_why);
	hf_buffer_add(&rest, file->data, (size_t)(start - file->data));
	hf_buffer_puts(&rest, "null");
	hf_buffer_add(&rest, start + shared->size, (size_t)(end - start) - shared->size);
	if (rest.failed)
		hf_facts_out_of_memory();
	const hf_json *json = shared->json ? parse(facts, rest.data, rest.size, ret_why) : NULL;

	hf_buffer_free(&rest);
	if (!shared->json)
		*ret_why = shared->why;
	if (json && !graft((hf_json *)(uintptr_t)json, shared->json))
		return parse(facts, file->data, file->size, ret_why);
	return json;
}

static const void *compute_json(hf_facts *facts, const char *path)
{
	hf_declared_json *doc = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *doc));
	const hf_file *file = hf_facts_file(facts, path);
	const char *why = NULL;

	doc->fact = file->fact;
	if (file->fact.state != HF_PRESENT)
		return doc;
	doc->json = parse_shared(facts, file, &why);
	if (!doc->json) {
		doc->fact.state = HF_UNREADABLE;
		doc->fact.why = why;
	}
	return doc;
}

static const hf_fact_type json_type = {.name = "declared json", .compute = compute_json};

const hf_declared_json *hf_facts_declared_json(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &json_type, path);
}

const hf_declared_json *hf_facts_declared_json_of(hf_facts *facts, const char *path)
{
	const hf_declared_json *json = hf_facts_recall(facts, &json_type, path);

	return json ? json : hf_facts_once_for(facts, &json_type, path, path);
}

const char *hf_declared_text(const hf_json *object, const char *name)
{
	const hf_json *member = hf_json_member(object, name);

	return member && member->kind == HF_JSON_STRING ? member->text : NULL;
}
