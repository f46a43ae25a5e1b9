/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name, image and pod of a container, by its runtime's record. All of it is text that somebody
 * chose. */
#include "facts/declared.h"

#include "facts/containers.h"
#include "facts/parts.h"

/* ---- the engine's list ---- */

typedef struct listing {
	hf_map by_id; /* const hf_json * */
	bool was_answered;
} listing;

static const void *compute_listing(hf_facts *facts, const char *key)
{
	listing *l = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *l));
	const hf_json *list = hf_facts_api_json(facts, "/containers/json");

	(void)key;
	l->was_answered = list && list->kind == HF_JSON_ARRAY;
	for (size_t i = 0; l->was_answered && i < list->count; i++) {
		const char *id = hf_declared_text(&list->items[i], "Id");

		if (id && hf_map_put(&l->by_id, id, (void *)(uintptr_t)&list->items[i]) < 0)
			hf_facts_out_of_memory();
	}
	hf_declared_seal(hf_facts_arena(facts), &l->by_id);
	return l;
}

static const hf_fact_type listing_type = {.name = "engine's list", .compute = compute_listing};

const hf_json *hf_declared_listed(hf_facts *facts, const char *id)
{
	const listing *l = hf_facts_once(facts, &listing_type, "");

	return hf_map_get(&l->by_id, id);
}

hf_state hf_api_lists_container(hf_check_run *run, const char *id)
{
	const listing *l = hf_facts_once(hf_facts_of(run), &listing_type, "");

	/* another engine than the one that @run is about may have answered */
	if (!l->was_answered || hf_api_get(run, "/containers/json", "")->fact.state != HF_PRESENT)
		return HF_UNREADABLE;
	return hf_map_get(&l->by_id, id) ? HF_PRESENT : HF_ABSENT;
}

/* ---- containers/storage: Podman and CRI-O ---- */

typedef struct storage_names {
	hf_map by_id; /* const hf_json *: items of containers.json */
} storage_names;

static const void *compute_storage(hf_facts *facts, const char *key)
{
	storage_names *names = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *names));
	const hf_declared_list *list = hf_facts_declared(facts);

	(void)key;
	for (size_t i = 0; i < list->names.count; i++) {
		const hf_json *all = hf_facts_declared_json(facts, list->names.items[i])->json;

		for (size_t k = 0; all && all->kind == HF_JSON_ARRAY && k < all->count; k++) {
			const char *id = hf_declared_text(&all->items[k], "id");

			if (id && !hf_map_get(&names->by_id, id) &&
			    hf_map_put(&names->by_id, id, (void *)(uintptr_t)&all->items[k]) < 0)
				hf_facts_out_of_memory();
		}
	}
	hf_declared_seal(hf_facts_arena(facts), &names->by_id);
	return names;
}

static const hf_fact_type storage_type = {.name = "storage names", .compute = compute_storage};

const hf_json *hf_declared_stored(hf_facts *facts, const char *id)
{
	const storage_names *names = hf_facts_once(facts, &storage_type, "");

	return hf_map_get(&names->by_id, id);
}

/* A document in a string of the document: "metadata" of containers.json. */
static const hf_json *parse_inner(hf_facts *facts, const char *text)
{
	const hf_json *json = NULL;

	if (!text)
		return NULL;
	int r = hf_json_parse(hf_facts_arena(facts), text, strlen(text), &json, NULL);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	return r < 0 ? NULL : json;
}

/* ---- what annotations and labels say ---- */

typedef struct words {
	const char *kind;    /* "sandbox" or "container" */
	const char *sandbox; /* id */
	const char *image;
	const char *name;  /* of the container in its pod */
	const char *pod;   /* name of the pod */
	const char *space; /* namespace of the pod */
} words;

/* containerd's CRI plugin; CRI-O, whose second row is the kubelet's own; cri-dockerd. */
static const words dialects[] = {
	{
		.kind = "io.kubernetes.cri.container-type",
		.sandbox = "io.kubernetes.cri.sandbox-id",
		.image = "io.kubernetes.cri.image-name",
		.name = "io.kubernetes.cri.container-name",
		.pod = "io.kubernetes.cri.sandbox-name",
		.space = "io.kubernetes.cri.sandbox-namespace",
	},
	{
		.kind = "io.kubernetes.cri-o.ContainerType",
		.sandbox = "io.kubernetes.cri-o.SandboxID",
		.image = "io.kubernetes.cri-o.ImageName",
		.name = "io.kubernetes.container.name",
		.pod = "io.kubernetes.pod.name",
		.space = "io.kubernetes.pod.namespace",
	},
	{
		.kind = "io.kubernetes.docker.type",
		.sandbox = "io.kubernetes.sandbox.id",
		.image = "",
		.name = "io.kubernetes.container.name",
		.pod = "io.kubernetes.pod.name",
		.space = "io.kubernetes.pod.namespace",
	},
};

/* What is not on the allow-list of the collector came as "[redacted]", and that is no name. */
static const char *said(const hf_json *object, const char *name)
{
	const char *text = hf_declared_text(object, name);

	return text && *text && strcmp(text, "[redacted]") != 0 ? text : NULL;
}

static void read_dialect(hf_facts *facts, const hf_json *notes, const words *d,
			 hf_declared_identity *identity)
{
	const char *kind = said(notes, d->kind), *name = said(notes, d->name);
	const char *pod = said(notes, d->pod), *space = said(notes, d->space);

	if (kind && (strcmp(kind, "sandbox") == 0 || strcmp(kind, "podsandbox") == 0))
		identity->is_sandbox = true;
	if (!identity->pod)
		identity->pod = said(notes, d->sandbox);
	if (!identity->image)
		identity->image = said(notes, d->image);
	if (!pod || (identity->name && !kind))
		return;
	identity->name = hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s%s%s%s%s",
						    space ? space : "", space ? "/" : "", pod,
						    name && !identity->is_sandbox ? "/" : "",
						    name && !identity->is_sandbox ? name : ""));
}

static void read_notes(hf_facts *facts, const hf_json *notes, hf_declared_identity *identity)
{
	if (!notes || notes->kind != HF_JSON_OBJECT)
		return;
	for (size_t i = 0; i < HF_ARRAY_SIZE(dialects); i++)
		read_dialect(facts, notes, &dialects[i], identity);
	if (!identity->name)
		identity->name = said(notes, "nerdctl/name");
}

/* ---- one runtime each ---- */

static const char *without_slash(const char *name)
{
	return name && *name == '/' ? name + 1 : name;
}

static void read_listed(hf_facts *facts, const hf_json *item, hf_declared_identity *identity)
{
	const hf_json *names = hf_json_member(item, "Names");

	if (names && names->kind == HF_JSON_ARRAY && names->count > 0 &&
	    names->items[0].kind == HF_JSON_STRING)
		identity->name = without_slash(names->items[0].text);
	identity->image = hf_declared_text(item, "Image");
	read_notes(facts, hf_json_member(item, "Labels"), identity);
}

static void read_folder(hf_facts *facts, const char *folder, hf_declared_identity *identity)
{
	const char *path =
		hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/config.v2.json", folder));
	const hf_json *json = hf_facts_declared_json(facts, path)->json;
	const hf_json *config = hf_json_member(json, "Config");

	identity->name = without_slash(hf_declared_text(json, "Name"));
	identity->image = hf_declared_text(config, "Image");
	read_notes(facts, hf_json_member(config, "Labels"), identity);
}

static void read_stored(hf_facts *facts, const hf_json *item, hf_declared_identity *identity)
{
	const hf_json *names = hf_json_member(item, "names");
	const hf_json *about = parse_inner(facts, hf_declared_text(item, "metadata"));

	if (names && names->kind == HF_JSON_ARRAY && names->count > 0 &&
	    names->items[0].kind == HF_JSON_STRING)
		identity->name = names->items[0].text;
	identity->image = hf_declared_text(about, "image-name");
	identity->pod = hf_declared_text(about, "pod-id");
}

static void read_bundle(hf_facts *facts, const hf_declared_record *record,
			hf_declared_identity *identity)
{
	const hf_json *json = hf_facts_declared_json(facts, record->config)->json;
	const hf_json *notes = hf_json_member(json, "annotations");
	const char *manager = hf_declared_text(notes, "io.container.manager");

	if (manager && strcmp(manager, "cri-o") == 0)
		identity->runtime = "cri-o";
	read_notes(facts, notes, identity);
}

static bool is_hex_id(const char *id)
{
	return strlen(id) == 64 && strspn(id, "0123456789abcdef") == 64;
}

void hf_declared_identify(hf_facts *facts, const hf_declared_key *key,
			  hf_declared_identity *ret_identity)
{
	const hf_declared_record *record = hf_declared_find(facts, key);
	const hf_json *listed = hf_declared_listed(facts, key->id);
	const hf_json *stored =
		record && record->config ? hf_declared_stored(facts, key->id) : NULL;

	*ret_identity = (hf_declared_identity){0};
	if (record) {
		ret_identity->runtime =
			strcmp(record->seen.runtime, "unknown") == 0 ? NULL : record->seen.runtime;
		ret_identity->source = record->seen.source;
	}
	if (listed) {
		ret_identity->runtime = "docker";
		if (!ret_identity->source)
			ret_identity->source = "engine API /containers/json";
		read_listed(facts, listed, ret_identity);
		return;
	}
	if (record && record->folder) {
		read_folder(facts, record->folder, ret_identity);
		return;
	}
	if (stored)
		read_stored(facts, stored, ret_identity);
	if (record && record->config)
		read_bundle(facts, record, ret_identity);
	/* an id that somebody chose is a name */
	if (record && !ret_identity->name && !is_hex_id(record->seen.id))
		ret_identity->name = record->seen.id;
}

void hf_container_describe(hf_facts *facts, hf_container *container)
{
	hf_declared_identity identity;

	hf_declared_identify(
		facts,
		&(hf_declared_key){
			.id = container->id,
			.cgroup = container->cgroup,
			.pid = container->pid,
			.start_ticks = container->init ? container->init->start_ticks : 0,
		},
		&identity);
	if (identity.name)
		container->name = identity.name;
	if (identity.image)
		container->image = identity.image;
	if (identity.pod)
		container->pod = identity.pod;
	container->is_sandbox = container->is_sandbox || identity.is_sandbox;
	/* below a cgroup-parent of the site's own the group does not say whose it is */
	if (identity.runtime && strcmp(container->runtime, "unknown") == 0)
		container->runtime = identity.runtime;
}
