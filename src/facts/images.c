/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images of this node: which there are, what they are called, who is made of them, and what rests on what. */
#include "facts/images.h"

#include "facts/declared.h"
#include "facts/parts.h"

/* An image while the list is made. */
typedef struct entry {
	hf_image seen; /* the first: who has it has the entry */
	const char *path; /* of its record, as call:images has it */
	const char *question;
	hf_list tags;
	hf_list digests;
	bool is_parent;
} entry;

typedef struct inventory {
	hf_images seen;
	hf_subjects subjects;
	hf_list entries; /* entry */
	hf_map by_id;	 /* of the entries that stand for their id: the first of each */
	bool has_store;
	const char *failed; /* why a store could not be read, or NULL */
	const char *unused; /* folder of a store that its engine has left, or NULL */
	bool has_lost_uses; /* not all containers of some folder were told */
} inventory;

static void add(hf_list *list, const void *item)
{
	if (hf_list_add(list, (void *)(uintptr_t)item) < 0)
		hf_facts_out_of_memory();
}

/* ---- stores that are not in use ---- */

/* An engine whose images containerd keeps does not look at the records that an older one left, and one with another
 * storage driver neither. "": it does not say, or nobody proved whose word it is. */
static const char *driver_of(const hf_json *info)
{
	const hf_json *status = hf_json_member(info, "DriverStatus");
	const char *driver = hf_declared_text(info, "Driver");

	for (size_t i = 0; status && i < status->count; i++) {
		const hf_json *pair = &status->items[i];

		if (pair->kind == HF_JSON_ARRAY && pair->count == 2 &&
		    hf_streq(pair->items[0].text, "driver-type") && pair->items[1].text &&
		    strstr(pair->items[1].text, "containerd.snapshotter"))
			return "containerd";
	}
	return driver ? driver : "";
}

/* @path: "ROOT/image/DRIVER/…" of the engine that answers, and not the driver in use. */
static bool is_left(hf_facts *facts, const char *path)
{
	const hf_json *info = hf_facts_api_json(facts, "/info");
	const char *root = hf_declared_text(info, "DockerRootDir");
	const char *driver = info ? driver_of(info) : "";
	size_t length = root ? strlen(root) : 0;

	if (!*driver || length == 0 || strncmp(path, root, length) != 0 ||
	    !hf_has_prefix(path + length, "/image/"))
		return false;
	path += length + strlen("/image/");
	length = strcspn(path, "/");
	return strlen(driver) != length || memcmp(path, driver, length) != 0;
}

/* ---- lines of call:images ---- */

static entry *add_entry(hf_facts *facts, inventory *inv, const char *kind, const char *id,
			const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	entry *e = hf_checked(hf_arena_alloc(arena, sizeof *e));
	const char *name = hf_checked(hf_arena_printf(arena, "image:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	e->path = path;
	e->question = name;
	e->seen.id = id;
	e->seen.store = strcmp(kind, "engine") == 0 ? "containerd" : kind;
	e->seen.fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	/* short, and alike for all: an answer's name is no file's */
	e->seen.fact.source = "the image's record";
	e->seen.day = INT64_MIN;
	e->seen.operating_system = e->seen.user = e->seen.health = e->seen.cut = "";
	e->seen.uid_fact = e->seen.release_fact = e->seen.fact;
	if (e->seen.fact.state != HF_PRESENT) {
		e->seen.fact.state = HF_UNREADABLE;
		e->seen.uid_fact = e->seen.release_fact = e->seen.fact;
	} else if (hf_image_parse(arena, answer->data, answer->size, &e->seen) < 0) {
		hf_facts_out_of_memory();
	}
	e->seen.uid_fact.source = "the user's uid in the image";
	e->seen.release_fact.source = "os-release of the image";
	add(&inv->entries, e);
	return e;
}

static void take_use(inventory *inv, const char *id)
{
	entry *e = hf_map_get(&inv->by_id, id);

	if (e)
		e->seen.containers++;
}

static void take_parent(inventory *inv, const char *parent)
{
	entry *e = hf_map_get(&inv->by_id, parent);

	if (e)
		e->is_parent = true;
}

/* @second: after all images are known. */
static void take_line(hf_facts *facts, inventory *inv, char *line, bool second)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *kind = strsep(&line, " ");
	char *id = strsep(&line, " ");
	bool is_folder = id && strcmp(id, "-") == 0;

	if (!line || !hf_word_unescape(line) || (!is_folder && !hf_word_unescape(id))) {
		inv->failed = "the list is malformed";
		return;
	}
	if (strcmp(kind, "use") == 0 || strcmp(kind, "parent") == 0) {
		if (second && *kind == 'p')
			take_parent(inv, line);
		else if (second && !is_folder && *id != '!')
			take_use(inv, id);
		inv->has_lost_uses = inv->has_lost_uses || *id == '!';
		return;
	}
	if (second)
		return;
	if (*id == '!') {
		const char *why = strerror(hf_errno_number(id + 1));

		/* of a driver's folder without records */
		if (strcmp(id, "!ENOENT") != 0)
			inv->failed = strcmp(kind, "cut") == 0
					      ? "there are more than are read"
					      : hf_checked(hf_arena_printf(arena, "%s: %s", line, why));
		return;
	}
	if (is_left(facts, line)) {
		inv->unused = line;
		return;
	}
	inv->has_store = true;
	if (is_folder)
		return;
	entry *e = add_entry(facts, inv, kind, id, line);

	if (!hf_map_get(&inv->by_id, id) && hf_map_put(&inv->by_id, id, e) < 0)
		hf_facts_out_of_memory();
}

static void take_lines(hf_facts *facts, inventory *inv, const hf_answer *answer, bool second)
{
	const char *cursor = answer->data, *line;
	size_t length;

	while (hf_next_line(&cursor, answer->data + answer->size, &line, &length))
		take_line(facts, inv,
			  hf_checked(hf_arena_memdup(hf_facts_arena(facts), line, length)), second);
}

/* ---- names ---- */

static void add_name(hf_facts *facts, const inventory *inv, const char *image, const char *name)
{
	static const char prefix[] = "sha256:";
	const char *id = hf_has_prefix(image, prefix) ? image + strlen(prefix) : image;
	entry *e = hf_map_get(&inv->by_id, id);

	(void)facts;
	if (!e || !*name || hf_has_prefix(name, "<none>"))
		return;
	add(strstr(name, "@sha256:") ? &e->digests : &e->tags, name);
}

/* {"Repositories":{"debian":{"debian:12":"sha256:…","debian@sha256:…":"sha256:…"}}} */
static void add_repositories(hf_facts *facts, const inventory *inv, const hf_json *json)
{
	const hf_json *all = hf_json_member(json, "Repositories");

	for (size_t i = 0; all && all->kind == HF_JSON_OBJECT && i < all->count; i++) {
		const hf_json *repository = &all->items[i];

		for (size_t k = 0; repository->kind == HF_JSON_OBJECT && k < repository->count; k++) {
			if (repository->items[k].kind == HF_JSON_STRING)
				add_name(facts, inv, repository->items[k].text,
					 repository->items[k].name);
		}
	}
}

static void add_names(hf_facts *facts, const inventory *inv, const hf_json *item, const char *member,
		      const char *id)
{
	const hf_json *names = hf_json_member(item, member);

	for (size_t i = 0; names && names->kind == HF_JSON_ARRAY && i < names->count; i++) {
		if (names->items[i].kind == HF_JSON_STRING)
			add_name(facts, inv, id, names->items[i].text);
	}
}

/* "repository@digest" for each name of the item and its digest: containers/storage keeps them apart. */
static void add_stored_digest(hf_facts *facts, const inventory *inv, const hf_json *item, const char *id)
{
	const hf_json *names = hf_json_member(item, "names");
	const char *digest = hf_declared_text(item, "digest");

	for (size_t i = 0; digest && names && names->kind == HF_JSON_ARRAY && i < names->count; i++) {
		const char *name = names->items[i].text;
		const char *slash = name ? strrchr(name, '/') : NULL;
		const char *colon = name ? strchr(slash ? slash : name, ':') : NULL;

		/* what was built here has a digest, too, and no registry has it */
		if (!name || hf_has_prefix(name, "localhost/") || strchr(name, '@'))
			continue;
		add_name(facts, inv, id,
			 hf_checked(hf_arena_printf(hf_facts_arena(facts), "%.*s@%s",
						    (int)(colon ? colon - name : (ptrdiff_t)strlen(name)),
						    name, digest)));
	}
}

static void add_listed(hf_facts *facts, const inventory *inv, const hf_json *json)
{
	for (size_t i = 0; json && json->kind == HF_JSON_ARRAY && i < json->count; i++) {
		const hf_json *item = &json->items[i];
		const char *stored = hf_declared_text(item, "id");
		const char *listed = hf_declared_text(item, "Id");

		if (stored) {
			add_names(facts, inv, item, "names", stored);
			add_stored_digest(facts, inv, item, stored);
		}
		if (listed) {
			add_names(facts, inv, item, "RepoTags", listed);
			add_names(facts, inv, item, "RepoDigests", listed);
		}
	}
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, without repeats. */
static const char *const *seal_names(hf_facts *facts, hf_list *list, size_t *ret_count)
{
	size_t count = 0;

	if (list->count > 1)
		qsort(list->items, list->count, sizeof list->items[0], compare_texts);
	for (size_t i = 0; i < list->count; i++) {
		if (i == 0 || strcmp(list->items[i], list->items[count - 1]) != 0)
			list->items[count++] = list->items[i];
	}
	list->count = count;
	*ret_count = count;
	hf_declared_seal_list(hf_facts_arena(facts), list);
	return (const char *const *)list->items;
}

static hf_fact read_names(hf_facts *facts, const inventory *inv)
{
	const hf_declared_list *list = hf_facts_declared(facts);
	hf_fact fact = {.state = HF_PRESENT, .source = "names of local images"};

	for (size_t i = 0; i < list->images.count; i++) {
		const char *path = list->images.items[i];
		const hf_declared_json *doc;

		if (is_left(facts, path))
			continue;
		doc = hf_facts_declared_json(facts, path);
		if (doc->fact.state != HF_PRESENT) {
			fact.state = HF_UNREADABLE;
			fact.why = doc->fact.why;
		}
		add_repositories(facts, inv, doc->json);
		add_listed(facts, inv, doc->json);
	}
	if (hf_record_get(hf_facts_record(facts), HF_ASK_API, "/images/json"))
		add_listed(facts, inv, hf_facts_api_json(facts, "/images/json"));
	return fact;
}

/* Containers of Podman and CRI-O, running or not: containers.json of their store names the image. */
static void read_stored_uses(hf_facts *facts, inventory *inv)
{
	const hf_declared_list *list = hf_facts_declared(facts);

	for (size_t i = 0; i < list->names.count; i++) {
		const hf_declared_json *doc = hf_facts_declared_json(facts, list->names.items[i]);

		for (size_t k = 0; doc->json && doc->json->kind == HF_JSON_ARRAY && k < doc->json->count;
		     k++) {
			const char *image = hf_declared_text(&doc->json->items[k], "image");

			if (image)
				take_use(inv, image);
		}
	}
}

/* ---- what rests on what ---- */

static bool begins_with(const hf_image *image, const hf_image *base)
{
	if (base->layer_count == 0 || base->layer_count >= image->layer_count)
		return false;
	/* the last one is the most telling: all that rests on one base shares the first */
	for (size_t i = base->layer_count; i-- > 0;) {
		if (strcmp(image->layers[i], base->layers[i]) != 0)
			return false;
	}
	return true;
}

static size_t count_steps(const hf_image *image, size_t layers)
{
	size_t made = 0, i = 0;

	while (i < image->step_count && made < layers)
		made += image->steps[i++].makes_layer;
	return i;
}

/* Images by the digest of their highest layer: who rests on one has it among its own. */
static void find_bases(hf_facts *facts, inventory *inv)
{
	hf_map by_top = {0};

	for (size_t i = 0; i < inv->entries.count; i++) {
		entry *e = inv->entries.items[i];
		const char *top = e->seen.layer_count > 0 ? e->seen.layers[e->seen.layer_count - 1] : NULL;
		const entry *known = top ? hf_map_get(&by_top, top) : NULL;

		/* one with a name tells more */
		if (top && (!known || (known->tags.count == 0 && known->digests.count == 0)) &&
		    hf_map_put(&by_top, top, e) < 0)
			hf_facts_out_of_memory();
	}
	for (size_t i = 0; i < inv->entries.count; i++) {
		hf_image *image = &((entry *)inv->entries.items[i])->seen;

		for (size_t k = image->layer_count; k-- > 1 && !image->base;) {
			const entry *base = hf_map_get(&by_top, image->layers[k - 1]);

			if (base && (base->tags.count > 0 || base->digests.count > 0) &&
			    begins_with(image, &base->seen))
				image->base = &base->seen;
		}
		image->base_steps = count_steps(image, image->base ? image->base->layer_count : 1);
		/* what came after in the base, without a layer: its CMD, its ENV */
		if (image->base && image->base->step_count > image->base_steps &&
		    image->base->step_count <= image->step_count)
			image->base_steps = image->base->step_count;
	}
	hf_declared_seal(hf_facts_arena(facts), &by_top);
}

/* ---- all ---- */

static int compare_entries(const void *a, const void *b)
{
	const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
	int order = strcmp(x->seen.id, y->seen.id);

	return order ? order : strcmp(x->path, y->path);
}

static void finish_entries(hf_facts *facts, inventory *inv, hf_fact names)
{
	hf_fact use = {.state = HF_PRESENT, .source = "containers of the engines"};

	if (inv->has_lost_uses) {
		use.state = HF_UNREADABLE;
		use.why = "not all records of containers were read";
	}
	for (size_t i = 0; i < inv->entries.count; i++) {
		entry *e = inv->entries.items[i];

		e->seen.names_fact = names;
		e->seen.use_fact = use;
		if (strcmp(e->seen.store, "containerd") == 0) {
			e->seen.use_fact.state = HF_UNREADABLE;
			e->seen.use_fact.why = "containerd's store does not tell which containers are made of it";
		}
		e->seen.tags = seal_names(facts, &e->tags, &e->seen.tag_count);
		e->seen.digests = seal_names(facts, &e->digests, &e->seen.digest_count);
		e->seen.is_intermediate = e->is_parent && names.state == HF_PRESENT &&
					  e->seen.tag_count == 0 && e->seen.digest_count == 0 &&
					  e->seen.containers == 0;
	}
}

static const char *shown_name(hf_arena *arena, const hf_image *image)
{
	if (image->tag_count > 0)
		return image->tags[0];
	if (image->digest_count > 0)
		return image->digests[0];
	return hf_checked(hf_arena_printf(arena, "%.12s", image->id));
}

static void list_them(hf_facts *facts, inventory *inv)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_image **all = hf_checked(hf_arena_calloc(arena, inv->entries.count + 1, sizeof(hf_image *)));
	hf_subject *subjects =
		hf_checked(hf_arena_calloc(arena, inv->entries.count + 1, sizeof *subjects));

	if (inv->entries.count > 1)
		qsort(inv->entries.items, inv->entries.count, sizeof inv->entries.items[0],
		      compare_entries);
	for (size_t i = 0; i < inv->entries.count; i++) {
		const entry *e = inv->entries.items[i];

		all[i] = &e->seen;
		if (e->seen.is_intermediate)
			continue;
		/* two stores can hold the same one */
		bool is_second = hf_map_get(&inv->by_id, e->seen.id) != e;

		subjects[inv->subjects.count++] = (hf_subject){
			.kind = HF_SUBJECT_IMAGE,
			.key = hf_checked(hf_arena_printf(arena, "image:%s%s%s", e->seen.id,
							  is_second ? "@" : "", is_second ? e->path : "")),
			.id = e->seen.id,
			.name = shown_name(arena, &e->seen),
			.runtime = strcmp(e->seen.store, "storage") == 0 ? "podman" : "docker",
			.fact = &e->seen,
		};
	}
	inv->seen.all = all;
	inv->seen.count = inv->entries.count;
	inv->subjects.all = subjects;
}

/* Why images may be there that nobody listed: an engine that keeps them where only it can tell. */
static const char *why_more(hf_facts *facts, const inventory *inv)
{
	const hf_json *info = hf_facts_api_json(facts, "/info");

	if (inv->failed)
		return inv->failed;
	if (inv->has_store && !inv->unused)
		return NULL;
	if (info && strcmp(driver_of(info), "containerd") == 0) {
		const hf_fact listed = hf_facts_api_fact(facts, "/images/json");

		return listed.state == HF_PRESENT ? NULL : listed.why;
	}
	if (inv->has_store)
		return NULL;
	const hf_subjects *daemons = hf_facts_subjects(facts, HF_SUBJECT_DAEMON);

	return daemons->count > 0 || daemons->fact.state == HF_UNREADABLE
		       ? "an engine is there, and no store of its images was found"
		       : NULL;
}

static const void *compute(hf_facts *facts, const char *key)
{
	inventory *inv = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *inv));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, "images");
	hf_fact fact = hf_facts_head(facts, HF_ASK_CALL, "images", answer);

	(void)key;
	fact.source = "stores of images";
	if (fact.state != HF_PRESENT) {
		fact.state = HF_UNREADABLE;
		inv->seen.fact = inv->subjects.fact = fact;
		return inv;
	}
	take_lines(facts, inv, answer, false);
	take_lines(facts, inv, answer, true);
	read_stored_uses(facts, inv);
	hf_fact names = read_names(facts, inv);

	find_bases(facts, inv);
	finish_entries(facts, inv, names);
	list_them(facts, inv);
	fact.why = why_more(facts, inv);
	if (fact.why) {
		fact.state = HF_UNREADABLE;
	} else if (!inv->has_store) {
		fact.state = HF_ABSENT;
		fact.why = "no engine of this node has one";
	}
	inv->seen.fact = inv->subjects.fact = fact;
	hf_declared_seal(hf_facts_arena(facts), &inv->by_id);
	hf_declared_seal_list(hf_facts_arena(facts), &inv->entries);
	return inv;
}

static const hf_fact_type type = {.name = "images", .compute = compute, .is_common = true};

static const inventory *inventory_of(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "");
}

const hf_images *hf_facts_images(hf_facts *facts)
{
	return &inventory_of(facts)->seen;
}

const hf_subjects *hf_facts_image_subjects(hf_facts *facts)
{
	return &inventory_of(facts)->subjects;
}

const hf_images *hf_images_get(hf_check_run *run)
{
	return hf_facts_images(hf_facts_of(run));
}

const hf_image *hf_image_of(hf_check_run *run)
{
	const entry *e = hf_subject_of(run)->fact;

	/* the list rests on the records of all, a check of one on its own */
	(void)hf_facts_ask(hf_facts_of(run), HF_ASK_CALL, e->question);
	return &e->seen;
}

/* ---- with --deep ---- */

/* Whether the collector ended well, so that what it did not answer it was not to ask. */
static bool was_not_asked(hf_facts *facts)
{
	const hf_record_collector *collectors;
	size_t count = hf_record_collectors(hf_facts_record(facts), &collectors);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(collectors[i].name, "runtime") == 0 &&
		    collectors[i].state != HF_COLLECTOR_DONE)
			return false;
	}
	return true;
}

static const void *compute_files(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_image_files *files = hf_checked(hf_arena_alloc(arena, sizeof *files));
	const char *name = hf_checked(hf_arena_printf(arena, "image-files:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	files->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	files->fact.source = "files of the image's layers";
	if (!answer && was_not_asked(facts)) {
		files->fact.state = HF_ABSENT;
		files->fact.why = "the layers were not walked";
	}
	files->packages_fact = files->fact;
	if (files->fact.state == HF_PRESENT &&
	    hf_image_files_parse(arena, answer->data, answer->size, files) < 0)
		hf_facts_out_of_memory();
	return files;
}

static const hf_fact_type files_type = {.name = "image files", .compute = compute_files};

const hf_image_files *hf_image_files_get(hf_check_run *run, const hf_image *image)
{
	const entry *e = (const void *)image;

	return hf_facts_once(hf_facts_of(run), &files_type, e->path);
}
