/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swarm mode: the state below a data root, and services without their values; see collect/swarm.h. */
#include "facts/declared.h"
#include "facts/images.h"
#include "facts/parts.h"

/* ---- the state on disk ---- */

static const char *text_of(const hf_json *json, const char *name)
{
	const char *text = hf_declared_text(json, name);

	return text ? text : "";
}

static void read_state(hf_facts *facts, hf_swarm *swarm)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *path = hf_checked(hf_arena_printf(arena, "%s/docker-state.json", swarm->root));
	const hf_file *file = hf_facts_file(facts, path);
	const hf_json *json = NULL;
	hf_error err = {0};

	swarm->fact = file->fact;
	if (file->fact.state != HF_PRESENT)
		return;
	int r = hf_json_parse(arena, file->data, file->size, &json, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0 || json->kind != HF_JSON_OBJECT) {
		swarm->fact.state = HF_UNREADABLE;
		swarm->fact.why = "is no JSON object";
		return;
	}
	swarm->listen = text_of(json, "ListenAddr");
	swarm->advertise = text_of(json, "AdvertiseAddr");
	swarm->data_path = text_of(json, "DataPathAddr");
}

/* Lines "type TEXT", "encrypted yes", "kek-version N". */
static void read_key(hf_facts *facts, hf_swarm *swarm)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *path = hf_checked(
		hf_arena_printf(arena, "%s/certificates/swarm-node.key", swarm->root));
	const char *name = hf_checked(hf_arena_printf(arena, "swarm-key:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);
	const char *cursor, *line;
	bool is_told = false;
	size_t length;

	swarm->key = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	swarm->key.source = path;
	if (swarm->key.state != HF_PRESENT)
		return;
	cursor = answer->data;
	while (hf_next_line(&cursor, answer->data + answer->size, &line, &length)) {
		char *copy = hf_checked(hf_arena_memdup(arena, line, length));
		const char *key = strsep(&copy, " ");
		int64_t version;

		if (copy && strcmp(key, "encrypted") == 0) {
			is_told = true;
			swarm->is_key_encrypted = strcmp(copy, "yes") == 0;
		}
		if (copy && strcmp(key, "kek-version") == 0 && hf_parse_i64(copy, &version) == 0 &&
		    version >= 0)
			swarm->kek_version = version;
	}
	if (!is_told) {
		swarm->key.state = HF_UNREADABLE;
		swarm->key.why = "is no key in PEM form";
	}
}

/* @key: the folder. */
static const void *compute_state(hf_facts *facts, const char *key)
{
	hf_swarm *swarm = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *swarm));

	swarm->root = hf_checked(hf_arena_strdup(hf_facts_arena(facts), key));
	swarm->listen = swarm->advertise = swarm->data_path = "";
	swarm->kek_version = -1;
	read_state(facts, swarm);
	read_key(facts, swarm);
	return swarm;
}

static const hf_fact_type state_type = {.name = "swarm state", .compute = compute_state};

/* The engine's own word first: with user namespaces its folder lies below the data root that was declared. */
static const char *data_root_of(hf_check_run *run, hf_fact *ret_fact)
{
	const hf_api_value *told = hf_api_get(run, "/info", "DockerRootDir");
	const hf_option *declared;

	if (told->fact.state == HF_PRESENT && *told->text == '/')
		return told->text;
	declared = hf_daemon_option(run, "data-root");
	*ret_fact = declared->fact;
	return declared->fact.state == HF_PRESENT && *declared->value == '/' ? declared->value : NULL;
}

const hf_swarm *hf_swarm_get(hf_check_run *run)
{
	hf_facts *facts = hf_facts_of(run);
	hf_fact fact = {.state = HF_UNREADABLE, .source = "data root"};
	const char *root = data_root_of(run, &fact);

	if (root)
		return hf_facts_once(facts, &state_type,
				     hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/swarm", root)));
	hf_swarm *swarm = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *swarm));

	fact.state = HF_UNREADABLE;
	fact.why = fact.why ? fact.why : "where the daemon keeps its data is not known";
	swarm->fact = swarm->key = fact;
	swarm->listen = swarm->advertise = swarm->data_path = "";
	swarm->kek_version = -1;
	return swarm;
}

/* ---- services ---- */

typedef struct service {
	hf_swarm_service seen;
	hf_list variables;
	hf_list arguments;
	hf_list configs;
} service;

static void add_variable(hf_arena *arena, hf_list *list, const hf_variable *variable)
{
	hf_variable *copy = hf_checked(hf_arena_alloc(arena, sizeof *copy));

	*copy = *variable;
	if (hf_list_add(list, copy) < 0)
		hf_facts_out_of_memory();
}

static bool take_marks(hf_arena *arena, char *words, service *s)
{
	const hf_image_mark *marks;
	size_t count;
	int r = hf_marks_parse(arena, words, &marks, &count);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (strcmp(marks[i].kind, "secret") == 0)
			add_variable(arena, &s->arguments,
				     &(hf_variable){
					     .name = marks[i].what,
					     .value_length = marks[i].length,
					     .shape = marks[i].shape,
				     });
	}
	return r == 0;
}

static service *begin_service(hf_arena *arena, hf_list *services, char *line)
{
	char *name = strsep(&line, " ");
	uint64_t secrets;

	if (!line || !hf_word_unescape(name) || hf_parse_u64(line, &secrets) < 0)
		return NULL;
	service *s = hf_checked(hf_arena_alloc(arena, sizeof *s));

	s->seen.name = name;
	s->seen.secrets = (size_t)secrets;
	if (hf_list_add(services, s) < 0)
		hf_facts_out_of_memory();
	return s;
}

static bool take_line(hf_arena *arena, hf_list *services, char *line)
{
	const char *key = strsep(&line, " ");
	service *s = services->count > 0 ? services->items[services->count - 1] : NULL;
	hf_variable variable;

	if (!line)
		return false;
	if (strcmp(key, "service") == 0)
		return begin_service(arena, services, line) != NULL;
	if (!s)
		return false;
	if (strcmp(key, "argument") == 0)
		return take_marks(arena, line, s);
	if (!hf_variable_line_parse(line, &variable))
		return false;
	if (strcmp(key, "env") != 0 && strcmp(key, "config") != 0)
		return false;
	add_variable(arena, *key == 'e' ? &s->variables : &s->configs, &variable);
	return true;
}

static const hf_variable *seal(hf_arena *arena, hf_list *list, size_t *ret_count)
{
	hf_variable *all = hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *all));

	for (size_t i = 0; i < list->count; i++)
		all[i] = *(const hf_variable *)list->items[i];
	*ret_count = list->count;
	hf_list_free(list);
	return all;
}

static int compare_services(const void *a, const void *b)
{
	return strcmp(((const hf_swarm_service *)a)->name, ((const hf_swarm_service *)b)->name);
}

static void seal_services(hf_arena *arena, hf_list *list, hf_swarm_services *services)
{
	hf_swarm_service *all = hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *all));

	for (size_t i = 0; i < list->count; i++) {
		service *s = list->items[i];

		s->seen.variables = seal(arena, &s->variables, &s->seen.variable_count);
		s->seen.arguments = seal(arena, &s->arguments, &s->seen.argument_count);
		s->seen.configs = seal(arena, &s->configs, &s->seen.config_count);
		all[i] = s->seen;
	}
	if (list->count > 1)
		qsort(all, list->count, sizeof *all, compare_services);
	services->all = all;
	services->count = list->count;
	hf_list_free(list);
}

static const void *compute_services(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_swarm_services *services = hf_checked(hf_arena_alloc(arena, sizeof *services));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);
	const hf_peer *peer = hf_facts_peer(facts);
	const char *cursor, *line;
	bool has_end = false, is_good = true;
	hf_list list = {0};
	size_t length;

	services->fact = hf_facts_head(facts, HF_ASK_CALL, key, answer);
	services->fact.source = "engine API /services";
	if (services->fact.state != HF_PRESENT || peer->fact.state != HF_PRESENT) {
		services->fact.state = HF_UNREADABLE;
		if (answer && !answer->error)
			services->fact.why = peer->fact.why;
		return services;
	}
	cursor = answer->data;
	while (is_good && hf_next_line(&cursor, answer->data + answer->size, &line, &length)) {
		char *copy = hf_checked(hf_arena_memdup(arena, line, length));

		is_good = !has_end && strlen(copy) == length;
		if (is_good && strcmp(copy, "end") == 0)
			has_end = true;
		else if (is_good)
			is_good = take_line(arena, &list, copy);
	}
	seal_services(arena, &list, services);
	if (!is_good || !has_end) {
		services->fact.state = HF_UNREADABLE;
		services->fact.why = "is malformed";
		services->count = 0;
	}
	return services;
}

static const hf_fact_type services_type = {.name = "swarm services", .compute = compute_services};

const hf_swarm_services *hf_swarm_services_get(hf_check_run *run)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_api_value *control = hf_api_get(run, "/info", "Swarm/ControlAvailable");

	if (control->fact.state == HF_PRESENT && strcmp(control->text, "true") == 0)
		return hf_facts_once(facts, &services_type, "swarm/services");
	hf_swarm_services *none = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *none));

	none->fact = control->fact;
	if (control->fact.state == HF_PRESENT) {
		none->fact.state = HF_ABSENT;
		none->fact.why = "this node is no manager";
	} else {
		none->fact.state = HF_UNREADABLE;
	}
	return none;
}
