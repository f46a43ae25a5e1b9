/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that Docker was asked to start in running containers, and what the tags of its images
 * name. */
#include "facts/declared.h"

#include "facts/parts.h"

/* ---- docker exec ---- */

static bool read_exec(hf_facts *facts, const hf_declared_exec *known, hf_exec *exec, hf_fact *fact)
{
	const char *endpoint =
		hf_checked(hf_arena_printf(hf_facts_arena(facts), "/exec/%s/json", known->id));
	const hf_json *json = hf_facts_api_json(facts, endpoint);
	const hf_json *process = hf_json_member(json, "ProcessConfig");
	const hf_json *pid = hf_json_member(json, "Pid");
	const hf_json *privileged = hf_json_member(process, "privileged");
	uint64_t number = 0;

	*exec = (hf_exec){.id = known->id};
	if (!json) {
		*fact = hf_facts_api_fact(facts, endpoint);
		return true;
	}
	if (!hf_streq(hf_declared_text(json, "ContainerID"), known->container))
		return false;
	if (pid && pid->kind == HF_JSON_NUMBER && hf_parse_u64(pid->text, &number) == 0 &&
	    number <= INT32_MAX)
		exec->pid = (int32_t)number;
	/* left out by engines where it is the container's own */
	exec->user = hf_declared_text(process, "user");
	if (!exec->user)
		exec->user = "";
	exec->is_privileged = privileged && hf_streq(privileged->text, "true");
	return true;
}

const hf_execs *hf_container_execs(hf_check_run *run, const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	hf_arena *arena = hf_facts_arena(facts);
	const hf_declared_list *list = hf_facts_declared(facts);
	const hf_declared_record *record = hf_declared_of(facts, container);
	hf_execs *execs = hf_checked(hf_arena_alloc(arena, sizeof *execs));
	hf_exec *all = hf_checked(hf_arena_calloc(arena, list->execs.count + 1, sizeof *all));

	execs->all = all;
	execs->fact = list->fact;
	if (execs->fact.state != HF_PRESENT)
		return execs;
	if (!record || strcmp(record->seen.runtime, "docker") != 0 || !record->config) {
		execs->fact.source = "declared";
		execs->fact.state = HF_ABSENT;
		execs->fact.why = "its runtime keeps no such record";
		return execs;
	}
	for (size_t i = 0; i < list->execs.count; i++) {
		const hf_declared_exec *known = list->execs.items[i];

		if (strcmp(known->container, container->id) == 0 &&
		    read_exec(facts, known, &all[execs->count], &execs->fact))
			execs->count++;
	}
	return execs;
}

/* ---- tags ---- */

typedef struct tags {
	hf_fact fact;
	hf_map by_name;	 /* "docker.io/library/debian:12" in the store's own form -> id */
	hf_map by_image; /* id -> a name */
} tags;

static void add_tag(hf_arena *arena, tags *t, const char *name, const char *image)
{
	const char *id = hf_has_prefix(image, "sha256:")
				 ? image
				 : hf_checked(hf_arena_printf(arena, "sha256:%s", image));

	if (hf_map_put(&t->by_name, name, (void *)(uintptr_t)id) < 0 ||
	    hf_map_put(&t->by_image, id, (void *)(uintptr_t)name) < 0)
		hf_facts_out_of_memory();
}

/* {"Repositories":{"debian":{"debian:12":"sha256:…","debian@sha256:…":"sha256:…"}}} */
static void add_repositories(hf_arena *arena, tags *t, const hf_json *json)
{
	const hf_json *all = hf_json_member(json, "Repositories");

	for (size_t i = 0; all && all->kind == HF_JSON_OBJECT && i < all->count; i++) {
		const hf_json *repository = &all->items[i];

		for (size_t k = 0; repository->kind == HF_JSON_OBJECT && k < repository->count;
		     k++) {
			if (repository->items[k].kind == HF_JSON_STRING)
				add_tag(arena, t, repository->items[k].name,
					repository->items[k].text);
		}
	}
}

static void add_names(hf_arena *arena, tags *t, const hf_json *image, const char *member,
		      const char *id)
{
	const hf_json *names = hf_json_member(image, member);

	for (size_t i = 0; names && names->kind == HF_JSON_ARRAY && i < names->count; i++) {
		const hf_json *name = &names->items[i];

		if (name->kind == HF_JSON_STRING && !hf_has_prefix(name->text, "<none>"))
			add_tag(arena, t, name->text, id);
	}
}

/* images.json of containers/storage, or the engine's /images/json. */
static void add_images(hf_arena *arena, tags *t, const hf_json *json)
{
	for (size_t i = 0; json && json->kind == HF_JSON_ARRAY && i < json->count; i++) {
		const hf_json *image = &json->items[i];
		const char *stored = hf_declared_text(image, "id");
		const char *listed = hf_declared_text(image, "Id");

		if (stored)
			add_names(arena, t, image, "names", stored);
		if (!listed)
			continue;
		add_names(arena, t, image, "RepoTags", listed);
		add_names(arena, t, image, "RepoDigests", listed);
	}
}

/* @path without its last @count names. */
static const char *above(hf_arena *arena, const char *path, unsigned count)
{
	size_t length = strlen(path);

	while (count > 0 && length > 0)
		count -= path[--length] == '/';
	return hf_checked(hf_arena_printf(arena, "%.*s", (int)length, path));
}

/* The folder of all that one engine or store keeps: two may name their images alike. */
static const char *store_of_images(hf_arena *arena, const char *path)
{
	enum { BELOW_DOCKER = 3, BELOW_STORAGE = 2 }; /* image/DRIVER/repositories.json, DRIVER-images/images.json */

	return above(arena, path,
		     hf_has_suffix(path, "/repositories.json") ? BELOW_DOCKER : BELOW_STORAGE);
}

/* "": not known. */
static const char *store_of_container(hf_facts *facts, const hf_container *container)
{
	enum { BELOW_DOCKER = 2, BELOW_STORAGE = 4 }; /* containers/ID, DRIVER-containers/ID/userdata/config.json */
	const hf_declared_record *record = hf_declared_of(facts, container);

	if (record && record->folder)
		return above(hf_facts_arena(facts), record->folder, BELOW_DOCKER);
	if (record && record->config && hf_has_suffix(record->config, "/userdata/config.json"))
		return above(hf_facts_arena(facts), record->config, BELOW_STORAGE);
	return "";
}

/* @key: the store; "" all of them. */
static const void *compute_tags(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	tags *t = hf_checked(hf_arena_alloc(arena, sizeof *t));
	const hf_declared_list *list = hf_facts_declared(facts);
	size_t read = 0;

	t->fact = (hf_fact){.state = HF_PRESENT, .source = "names of local images"};
	for (size_t i = 0; i < list->images.count; i++) {
		if (*key && strcmp(store_of_images(arena, list->images.items[i]), key) != 0)
			continue;
		const hf_declared_json *doc = hf_facts_declared_json(facts, list->images.items[i]);

		read++;
		if (doc->fact.state != HF_PRESENT)
			t->fact = doc->fact;
		add_repositories(arena, t, doc->json);
		add_images(arena, t, doc->json);
	}
	/* asked for where the engine keeps no such file (containerd's store of images) */
	if ((!*key || read == 0) && hf_record_get(hf_facts_record(facts), HF_ASK_API, "/images/json")) {
		const hf_fact fact = hf_facts_api_fact(facts, "/images/json");

		if (fact.state != HF_PRESENT)
			t->fact = fact;
		add_images(arena, t, hf_facts_api_json(facts, "/images/json"));
	} else if (read == 0) {
		t->fact.state = HF_UNREADABLE;
		t->fact.why = "no list of local images was read";
	}
	hf_declared_seal(arena, &t->by_name);
	hf_declared_seal(arena, &t->by_image);
	return t;
}

static const hf_fact_type tags_type = {.name = "image tags", .compute = compute_tags};

/* The store's form of a reference: with ":latest" where it names neither tag nor digest. */
static const char *full_reference(hf_arena *arena, const char *reference)
{
	const char *slash = strrchr(reference, '/');
	const char *last = slash ? slash + 1 : reference;

	if (strpbrk(last, ":@"))
		return reference;
	return hf_checked(hf_arena_printf(arena, "%s:latest", reference));
}

/* "docker.io/library/debian" and "debian" are one; each store writes it in its own way. */
static const char *find_tag(hf_arena *arena, const tags *t, const char *reference)
{
	static const char *const prefixes[] = {"", "docker.io/library/", "docker.io/",
					       "localhost/"};
	const char *full = full_reference(arena, reference);

	for (size_t i = 0; i < HF_ARRAY_SIZE(prefixes); i++) {
		const char *name = hf_checked(hf_arena_printf(arena, "%s%s", prefixes[i], full));
		const char *id = hf_map_get(&t->by_name, name);

		if (id)
			return id;
		if (*prefixes[i] && hf_has_prefix(full, prefixes[i])) {
			id = hf_map_get(&t->by_name, full + strlen(prefixes[i]));
			if (id)
				return id;
		}
	}
	return NULL;
}

static bool is_image_id(const char *reference)
{
	const char *hex = hf_has_prefix(reference, "sha256:") ? reference + 7 : reference;
	size_t length = strlen(hex);

	return length >= 12 && length <= 64 && strspn(hex, "0123456789abcdef") == length;
}

/* Docker says which image; of Podman's containers the store does. */
static bool find_image(hf_check_run *run, const hf_container *container, hf_image_tag *tag)
{
	hf_facts *facts = hf_facts_of(run);
	hf_arena *arena = hf_facts_arena(facts);
	const hf_json *stored = hf_declared_stored(facts, container->id);
	const char *id = hf_declared_text(stored, "image");

	if (id && *id && container->image) {
		tag->image = hf_checked(hf_arena_printf(arena, "sha256:%s", id));
		tag->reference = container->image;
		return true;
	}
	const hf_api_value *image = hf_container_inspect(run, container, "Image");
	const hf_api_value *name = hf_container_inspect(run, container, "Config/Image");

	tag->fact = image->fact.state == HF_PRESENT ? name->fact : image->fact;
	if (tag->fact.state != HF_PRESENT)
		return false;
	tag->image = image->text;
	tag->reference = name->text;
	return true;
}

const hf_image_tag *hf_container_image_tag(hf_check_run *run, const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	hf_arena *arena = hf_facts_arena(facts);
	hf_image_tag *tag = hf_checked(hf_arena_alloc(arena, sizeof *tag));
	const tags *t = hf_facts_once(facts, &tags_type, store_of_container(facts, container));

	if (!find_image(run, container, tag))
		return tag;
	tag->fact = t->fact;
	if (tag->fact.state != HF_PRESENT)
		return tag;
	tag->now = find_tag(arena, t, tag->reference);
	tag->is_tagged = hf_map_get(&t->by_image, tag->image) != NULL;
	tag->has_repository = !is_image_id(tag->reference);
	return tag;
}
