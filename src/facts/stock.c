/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: what a Docker engine keeps, used or not, from its own files; of images that another store keeps, from its
 * API. */
#include "facts/parts.h"
#include "facts/words.h"

#include <stdio.h>

typedef struct gathering {
	hf_facts *facts;
	hf_arena *arena;
	hf_stock *stock;
	hf_list containers, volumes, images;
	hf_map mounted; /* names of volumes */
	hf_map used;	/* ids of images */
	hf_map tagged, parents;
	bool has_images; /* some list of them was read to its end */
} gathering;

static const char bad_form[] = "the answer is not of the form that we know";

static void put(hf_map *map, const char *key)
{
	if (hf_map_put(map, key, (void *)(uintptr_t)key) < 0)
		hf_facts_out_of_memory();
}

static void keep(hf_list *list, void *item)
{
	if (hf_list_add(list, item) < 0)
		hf_facts_out_of_memory();
}

/* "0001-01-01T00:00:00Z" is Go's "never". */
static int64_t day_of(const char *time)
{
	int64_t day;

	return hf_day_parse(time, &day) && day > 0 ? day : 0;
}

static bool day_of_seconds(const char *text, int64_t *ret_day)
{
	int64_t seconds;

	if (hf_parse_i64(text, &seconds) < 0)
		return false;
	*ret_day = seconds / 86400;
	return true;
}

/* ---- lines ---- */

static bool add_container(gathering *g, const hf_words *words)
{
	hf_kept_container *new = hf_checked(hf_arena_alloc(g->arena, sizeof *new));

	if (words->count != 6)
		return false;
	*new = (hf_kept_container){
		.id = words->all[1],
		.state = words->all[2],
		.finished_day = day_of(words->all[3]),
		.created_day = day_of(words->all[4]),
		.image = words->all[5],
	};
	put(&g->used, new->image);
	keep(&g->containers, new);
	return true;
}

static bool add_volume(gathering *g, const hf_words *words)
{
	hf_kept_volume *new = hf_checked(hf_arena_alloc(g->arena, sizeof *new));

	if (words->count != 3 || !day_of_seconds(words->all[2], &new->changed_day))
		return false;
	new->name = words->all[1];
	keep(&g->volumes, new);
	return true;
}

static bool add_image(gathering *g, const hf_words *words)
{
	hf_kept_image *new = hf_checked(hf_arena_alloc(g->arena, sizeof *new));

	if (words->count != 3 || !day_of_seconds(words->all[2], &new->since_day))
		return false;
	new->id = words->all[1];
	keep(&g->images, new);
	return true;
}

static hf_fact *fact_of(gathering *g, const char *kind)
{
	if (strcmp(kind, "containers") == 0)
		return &g->stock->containers_fact;
	if (strcmp(kind, "volumes") == 0)
		return &g->stock->volumes_fact;
	return strcmp(kind, "images") == 0 || strcmp(kind, "parents") == 0 ||
			       strcmp(kind, "tags") == 0
		       ? &g->stock->images_fact
		       : NULL;
}

static void lose(gathering *g, const char *kind, const char *error)
{
	hf_fact *fact = fact_of(g, kind);

	/* a folder that the engine has not made yet holds nothing: an image of no build has no parents, either */
	if (!fact || (strcmp(error, "ENOENT") == 0 && strcmp(kind, "tags") != 0))
		return;
	fact->state = HF_UNREADABLE;
	fact->why = hf_checked(hf_arena_printf(g->arena, "%s could not be listed (%s)", kind, error));
}

static bool add_line(gathering *g, const hf_words *words)
{
	const char *kind = words->all[0];

	if (strcmp(kind, "container") == 0)
		return add_container(g, words);
	if (strcmp(kind, "volume") == 0)
		return add_volume(g, words);
	if (strcmp(kind, "image") == 0)
		return add_image(g, words);
	if (strcmp(kind, "mount") == 0 && words->count == 3)
		put(&g->mounted, words->all[2]);
	else if (strcmp(kind, "tag") == 0 && words->count == 2)
		put(&g->tagged, words->all[1]);
	else if (strcmp(kind, "parent") == 0 && words->count == 3)
		put(&g->parents, words->all[2]);
	else if (strcmp(kind, "error") == 0 && words->count == 3)
		lose(g, words->all[1], words->all[2]);
	else if (strcmp(kind, "listed") == 0 && words->count == 2)
		g->has_images |= strcmp(words->all[1], "images") == 0;
	else
		return false;
	return true;
}

/* ---- images of another store ---- */

/* Engines that keep images in containerd say so among the details of their driver. Whether, is only known of the engine
 * that answered; what it has in its own files is then what is left of former times. */
static bool is_in_containerd(hf_facts *facts)
{
	const hf_json *info = hf_facts_api_json(facts, "/info");
	const hf_json *status = info ? hf_json_member(info, "DriverStatus") : NULL;

	for (size_t i = 0; status && status->kind == HF_JSON_ARRAY && i < status->count; i++) {
		const hf_json *pair = &status->items[i];

		if (pair->kind == HF_JSON_ARRAY && pair->count == 2 && pair->items[1].text &&
		    strcmp(pair->items[1].text, "io.containerd.snapshotter.v1") == 0)
			return true;
	}
	return false;
}

/* An image is used where a container has its id. Where containerd keeps images, that is the id of a manifest, which
 * both name alike. */
static void add_api_images(gathering *g, const hf_daemon *daemon)
{
	/* only the engine that is asked by default was asked for its images */
	bool is_asked = daemon->api.state == HF_PRESENT;
	const hf_json *list = is_asked ? hf_facts_api_json(g->facts, "/images/json") : NULL;

	if (!is_asked) {
		g->stock->images_fact = (hf_fact){
			.state = HF_UNREADABLE,
			.source = g->stock->images_fact.source,
			.why = "its images are in no folder that we know, and its API was not asked",
		};
		return;
	}
	if (!list || list->kind != HF_JSON_ARRAY) {
		hf_fact fact = hf_facts_api_fact(g->facts, "/images/json");

		g->stock->images_fact = (hf_fact){
			.state = HF_UNREADABLE,
			.source = fact.source,
			.why = fact.why ? fact.why : "is no list",
		};
		return;
	}
	g->stock->images_fact = hf_facts_api_fact(g->facts, "/images/json");
	for (size_t i = 0; i < list->count; i++) {
		const hf_json *id = hf_json_member(&list->items[i], "Id");
		const hf_json *created = hf_json_member(&list->items[i], "Created");
		const hf_json *tags = hf_json_member(&list->items[i], "RepoTags");
		hf_kept_image *new = hf_checked(hf_arena_alloc(g->arena, sizeof *new));

		if (!id || !id->text || !created || !created->text ||
		    !day_of_seconds(created->text, &new->since_day)) {
			g->stock->images_fact.state = HF_UNREADABLE;
			g->stock->images_fact.why = bad_form;
			continue;
		}
		new->id = id->text;
		new->is_tagged = tags && tags->kind == HF_JSON_ARRAY && tags->count > 0 &&
				 tags->items[0].text && strcmp(tags->items[0].text, "<none>:<none>") != 0;
		keep(&g->images, new);
	}
}

/* ---- all ---- */

static void finish(gathering *g)
{
	hf_stock *stock = g->stock;
	hf_kept_container *containers = hf_checked(
		hf_arena_calloc(g->arena, g->containers.count + 1, sizeof *containers));
	hf_kept_volume *volumes =
		hf_checked(hf_arena_calloc(g->arena, g->volumes.count + 1, sizeof *volumes));
	hf_kept_image *images =
		hf_checked(hf_arena_calloc(g->arena, g->images.count + 1, sizeof *images));

	for (size_t i = 0; i < g->containers.count; i++)
		containers[i] = *(const hf_kept_container *)g->containers.items[i];
	for (size_t i = 0; i < g->volumes.count; i++) {
		volumes[i] = *(const hf_kept_volume *)g->volumes.items[i];
		volumes[i].is_used = hf_map_get(&g->mounted, volumes[i].name) != NULL;
	}
	for (size_t i = 0; i < g->images.count; i++) {
		images[i] = *(const hf_kept_image *)g->images.items[i];
		images[i].is_used = hf_map_get(&g->used, images[i].id) != NULL;
		images[i].is_tagged |= hf_map_get(&g->tagged, images[i].id) != NULL;
		images[i].is_parent = hf_map_get(&g->parents, images[i].id) != NULL;
	}
	stock->containers = containers;
	stock->container_count = g->containers.count;
	stock->volumes = volumes;
	stock->volume_count = g->volumes.count;
	stock->images = images;
	stock->image_count = g->images.count;
}

/* What is used rests on the list of containers. */
static void spread(hf_fact *fact, const hf_fact *containers)
{
	if (fact->state == HF_PRESENT && containers->state != HF_PRESENT)
		*fact = *containers;
}

static void gather(gathering *g, const char *root)
{
	const char *name = hf_checked(hf_arena_printf(g->arena, "stock:%s", root));
	const hf_answer *answer = hf_facts_ask(g->facts, HF_ASK_CALL, name);
	hf_fact head = hf_facts_head(g->facts, HF_ASK_CALL, name, answer);
	const char *cursor = NULL;
	bool is_sound = true;
	hf_words words;

	if (answer && answer->error == ENOENT)
		head.why = "there is no such folder";
	head.source = root;
	g->stock->containers_fact = g->stock->volumes_fact = g->stock->images_fact = head;
	if (head.state != HF_PRESENT)
		return;
	while (is_sound && hf_words_next(g->arena, answer, &cursor, &words))
		is_sound = add_line(g, &words);
	if (!is_sound || !hf_words_are_whole(cursor)) {
		const hf_fact bad = {.state = HF_UNREADABLE, .source = root, .why = bad_form};

		g->stock->containers_fact = g->stock->volumes_fact = g->stock->images_fact = bad;
	}
}

static bool is_remapped_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && name[digits] == '.' && name[digits + 1] != '\0' &&
	       strspn(name + digits + 1, "0123456789") == strlen(name + digits + 1);
}

/* With userns-remap an engine keeps all in ROOT/UID.GID, which only its API tells of itself. NULL: not known. */
static const char *find_root(hf_facts *facts, const hf_daemon_parts *daemon, const char *root,
			     hf_fact *fact)
{
	const hf_option *remap = hf_facts_daemon_option(facts, daemon, "userns-remap");
	const char *slash = strrchr(root, '/'), *found = NULL;

	if (slash && is_remapped_name(slash + 1))
		return root;
	if (remap->fact.state == HF_UNREADABLE) {
		*fact = remap->fact;
		return NULL;
	}
	if (remap->fact.state != HF_PRESENT || !remap->value || *remap->value == '\0')
		return root;
	const hf_dir *dir = hf_facts_dir(facts, root);

	*fact = (hf_fact){.state = HF_UNREADABLE, .source = root,
			  .why = "in which of its folders the engine with user namespaces keeps all is not known"};
	for (size_t i = 0; dir->fact.state == HF_PRESENT && i < dir->count; i++) {
		if (!is_remapped_name(dir->names[i]))
			continue;
		if (found)
			return NULL;
		found = hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/%s", root, dir->names[i]));
	}
	return found;
}

/* @key: the daemon's. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_stock *stock = hf_checked(hf_arena_alloc(arena, sizeof *stock));
	const hf_daemon_parts *daemon = hf_facts_daemon(facts, key);
	gathering g = {.facts = facts, .arena = arena, .stock = stock};
	hf_fact fact = {.state = HF_UNREADABLE, .source = "processes", .why = "there is no such daemon"};

	if (daemon) {
		const hf_option *root = hf_facts_daemon_option(facts, daemon, "data-root");

		fact = root->fact;
		if (fact.state == HF_PRESENT && daemon->is_guest) {
			fact.state = HF_UNREADABLE;
			fact.why = "the engine runs in a container, where its paths are others";
		}
		const char *folder =
			fact.state == HF_PRESENT ? find_root(facts, daemon, root->value, &fact) : NULL;

		if (folder) {
			fact.state = HF_PRESENT;
			gather(&g, folder);
		}
	}
	if (fact.state != HF_PRESENT)
		stock->containers_fact = stock->volumes_fact = stock->images_fact = fact;
	else if (daemon->seen.is_running && stock->images_fact.state == HF_PRESENT &&
		 ((daemon->seen.api.state == HF_PRESENT && is_in_containerd(facts)) || !g.has_images)) {
		g.images.count = 0;
		add_api_images(&g, &daemon->seen);
	}
	finish(&g);
	spread(&stock->volumes_fact, &stock->containers_fact);
	spread(&stock->images_fact, &stock->containers_fact);
	hf_list_free(&g.containers);
	hf_list_free(&g.volumes);
	hf_list_free(&g.images);
	hf_map_free(&g.mounted);
	hf_map_free(&g.used);
	hf_map_free(&g.tagged);
	hf_map_free(&g.parents);
	return stock;
}

static const hf_fact_type stock_type = {.name = "stock", .compute = compute};

const hf_stock *hf_stock_get(hf_check_run *run)
{
	static const hf_stock none = {
		.containers_fact = {.state = HF_ABSENT, .source = "processes",
				    .why = "there is no Docker Engine"},
		.volumes_fact = {.state = HF_ABSENT, .source = "processes",
				 .why = "there is no Docker Engine"},
		.images_fact = {.state = HF_ABSENT, .source = "processes",
				.why = "there is no Docker Engine"},
	};
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);

	return daemon ? hf_facts_once(hf_facts_of(run), &stock_type, daemon->key) : &none;
}
