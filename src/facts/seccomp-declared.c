/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: filters that are declared for containers, and profile files of this node. */
#include "facts/declared.h"
#include "facts/seccomp.h"

/* ---- rules of one text ---- */

typedef struct parsed {
	const hf_rules *rules; /* NULL: .why */
	const char *why;
} parsed;

static parsed parse_rules(hf_facts *facts, const hf_json *json)
{
	const hf_kernel *kernel = hf_facts_kernel(facts);
	const hf_rules_for target = {
		.machine = hf_facts_call_machine(facts),
		.kernel_major = kernel->major,
		.kernel_minor = kernel->minor,
	};
	hf_arena *arena = hf_facts_arena(facts);
	parsed p = {.why = "the numbers of this machine's calls are not known"};
	hf_error err = {0};

	if (!target.machine)
		return p;
	int r = hf_rules_from_json(arena, json, &target, &p.rules, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		p.rules = NULL;
		p.why = hf_facts_checked(hf_arena_strdup(arena, err.text));
	}
	return p;
}

/* Containers with the same profile share what is made of it. */
static const void *compute_text(hf_facts *facts, const char *text)
{
	hf_arena *arena = hf_facts_arena(facts);
	parsed *p = hf_facts_checked(hf_arena_alloc(arena, sizeof *p));
	const hf_json *json = NULL;
	hf_error err = {0};
	int r = hf_json_parse(arena, text, strlen(text), &json, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0)
		p->why = hf_facts_checked(hf_arena_printf(arena, "is no JSON: %s", err.text));
	else
		*p = parse_rules(facts, json);
	return p;
}

static const hf_fact_type text_type = {.name = "seccomp profile", .compute = compute_text};

static const parsed *parse_text(hf_facts *facts, const char *text)
{
	return hf_facts_once(facts, &text_type, text);
}

/* ---- linux.seccomp of a container ---- */

/* @key: the items of an object, which the facts keep, and their number. Configurations with the
 * same profile share its items (declared-json.c). */
static const void *compute_items(hf_facts *facts, const char *key)
{
	parsed *p = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *p));
	char *end;
	const hf_json shared = {
		.kind = HF_JSON_OBJECT,
		.items = (const void *)(uintptr_t)strtoull(key, &end, 16),
		.count = (uint32_t)strtoul(end, NULL, 10),
	};

	*p = parse_rules(facts, &shared);
	return p;
}

static const hf_fact_type items_type = {.name = "declared seccomp rules", .compute = compute_items};

static const parsed *parse_shared(hf_facts *facts, const hf_json *json)
{
	char key[64];

	(void)hf_print(key, sizeof key, "%llx %u", (unsigned long long)(uintptr_t)json->items,
		       json->count);
	return hf_facts_once(facts, &items_type, key);
}

static hf_declared_filter unreadable(const char *source, const char *why)
{
	return (hf_declared_filter){.fact = {.state = HF_UNREADABLE, .source = source, .why = why}};
}

static hf_declared_filter of_container(hf_facts *facts, const hf_container *container)
{
	const hf_declared_record *record = hf_declared_of(facts, container);

	if (!record || !record->config)
		return unreadable("declared",
				  record ? "its runtime keeps no OCI configuration"
					 : "no runtime on this node has a record of it");
	const hf_declared_json *doc = hf_facts_declared_json(facts, record->config);
	hf_declared_filter out = {.fact = doc->fact};

	out.fact.source = "OCI config.json linux.seccomp";
	if (doc->fact.state == HF_ABSENT)
		out.fact.state = HF_UNREADABLE;
	if (doc->fact.state != HF_PRESENT)
		return out;
	const hf_json *json = hf_json_find(doc->json, "linux/seccomp");

	if (!json || json->kind == HF_JSON_NULL) {
		out.fact.state = HF_ABSENT;
		out.fact.why = "no profile is declared";
		return out;
	}
	if (json->kind != HF_JSON_OBJECT)
		return unreadable(out.fact.source, "is no object");
	const parsed *p = parse_shared(facts, json);

	out.rules = p->rules;
	if (!p->rules)
		return unreadable(out.fact.source, p->why);
	return out;
}

static const void *compute_declared(hf_facts *facts, const char *id)
{
	hf_declared_filter *out =
		hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *out));
	const hf_containers *list = hf_facts_containers(facts);

	out->fact =
		(hf_fact){.state = HF_UNREADABLE, .source = "declared", .why = "no such container"};
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->all[i]->id, id) == 0) {
			*out = of_container(facts, list->all[i]);
			break;
		}
	}
	return out;
}

static const hf_fact_type declared_type = {.name = "declared filter", .compute = compute_declared};

const hf_declared_filter *hf_facts_declared_filter(hf_facts *facts, const hf_container *container)
{
	return hf_facts_once(facts, &declared_type, container->id);
}

/* ---- profile files ---- */

typedef struct profiles {
	hf_facts *facts;
	hf_list all; /* hf_seccomp_profile * */
	hf_fact fact;
} profiles;

static void add_profile(profiles *p, const char *source, const char *path, const char *text,
			const hf_fact *fact)
{
	hf_arena *arena = hf_facts_arena(p->facts);
	hf_seccomp_profile *profile = hf_facts_checked(hf_arena_alloc(arena, sizeof *profile));
	hf_filtering *filtering = hf_facts_checked(hf_arena_alloc(arena, sizeof *filtering));
	const parsed *read = text ? parse_text(p->facts, text) : NULL;

	for (size_t i = 0; i < p->all.count; i++) {
		const hf_seccomp_profile *old = p->all.items[i];

		if (strcmp(old->fact.source, source) == 0)
			return;
	}
	profile->path = path;
	profile->fact = *fact;
	profile->fact.source = source;
	profile->filtering = filtering;
	filtering->fact =
		(hf_fact){.state = HF_UNREADABLE, .source = source, .why = "was not read"};
	if (read && !read->rules) {
		profile->fact.state = HF_UNREADABLE;
		profile->fact.why = read->why;
		profile->is_malformed = true;
	} else if (read) {
		profile->default_action = read->rules->default_word;
		profile->refuses_by_default = (read->rules->default_act & ~HF_ACT_REFUSED) == 0;
		profile->problems = read->rules->problems;
		filtering->fact = profile->fact;
		filtering->is_declared = true;
		filtering->view = hf_facts_rules_view(p->facts, read->rules);
	}
	if (hf_list_add(&p->all, profile) < 0)
		hf_facts_out_of_memory();
}

static void add_files(profiles *p, const char *glob)
{
	const hf_file *const *files;
	size_t count = hf_facts_files_matching(p->facts, glob, &files);

	for (size_t i = 0; i < count; i++) {
		if (files[i]->fact.state == HF_ABSENT)
			continue;
		add_profile(p, files[i]->fact.source, files[i]->fact.source,
			    files[i]->fact.state == HF_PRESENT ? files[i]->data : NULL,
			    &files[i]->fact);
	}
}

/* The profile that an engine was told to use instead of its own. */
static void add_engines(profiles *p)
{
	const hf_subjects *daemons = hf_facts_subjects(p->facts, HF_SUBJECT_DAEMON);

	if (daemons->fact.state == HF_UNREADABLE)
		p->fact = daemons->fact;
	for (size_t i = 0; i < daemons->count; i++) {
		hf_view view = {.facts = p->facts, .subject = &daemons->all[i]};
		const hf_option *option =
			hf_daemon_option((hf_check_run *)(void *)&view, "seccomp-profile");

		if (option->fact.state != HF_PRESENT) {
			p->fact = option->fact;
			continue;
		}
		if (option->value && *option->value == '/') {
			const hf_file *file = hf_facts_file(p->facts, option->value);

			add_profile(p, option->value, option->value,
				    file->fact.state == HF_PRESENT ? file->data : NULL,
				    &file->fact);
		}
	}
}

/* What was given to a container: "seccomp=" of its security options holds the whole profile. */
static void add_containers(profiles *p)
{
	static const char prefix[] = "seccomp=";
	const hf_containers *list = hf_facts_containers(p->facts);
	hf_view view = {.facts = p->facts};
	hf_check_run *run = (hf_check_run *)(void *)&view;
	enum { OPTIONS_MAX = 16 };

	if (list->fact.state == HF_UNREADABLE)
		p->fact = list->fact;
	for (size_t i = 0; i < list->count; i++) {
		const hf_container *container = list->all[i];

		for (unsigned k = 0; k < OPTIONS_MAX; k++) {
			char path[64];

			(void)hf_print(path, sizeof path, "HostConfig/SecurityOpt/%u", k);
			const hf_api_value *option = hf_container_inspect(run, container, path);

			if (option->fact.state != HF_PRESENT || !option->text)
				break;
			if (!hf_has_prefix(option->text, prefix) ||
			    option->text[sizeof prefix - 1] != '{')
				continue;
			const char *source = hf_facts_checked(hf_arena_printf(
				hf_facts_arena(p->facts), "security option of container %s",
				container->name ? container->name : container->id));

			add_profile(p, source, NULL, option->text + sizeof prefix - 1,
				    &option->fact);
		}
	}
}

static const void *compute_profiles(hf_facts *facts, const char *key)
{
	/* src/collect/host.c reads these */
	static const char *const globs[] = {
		"/var/lib/kubelet/seccomp/*.json",
		"/var/lib/kubelet/seccomp/*/*.json",
		"/etc/containers/seccomp.json",
	};
	hf_arena *arena = hf_facts_arena(facts);
	hf_seccomp_profiles *out = hf_facts_checked(hf_arena_alloc(arena, sizeof *out));
	profiles p = {.facts = facts, .fact = {.state = HF_PRESENT, .source = "seccomp profiles"}};

	(void)key;
	for (size_t i = 0; i < HF_ARRAY_SIZE(globs); i++)
		add_files(&p, globs[i]);
	add_engines(&p);
	add_containers(&p);
	hf_seccomp_profile *all =
		hf_facts_checked(hf_arena_calloc(arena, p.all.count + 1, sizeof *all));

	for (size_t i = 0; i < p.all.count; i++)
		all[i] = *(const hf_seccomp_profile *)p.all.items[i];
	out->fact = p.fact;
	out->all = all;
	out->count = p.all.count;
	if (p.fact.state == HF_PRESENT && out->count == 0) {
		out->fact.state = HF_ABSENT;
		out->fact.why = "no profile of the site's own is in use";
	}
	hf_list_free(&p.all);
	return out;
}

static const hf_fact_type profiles_type = {.name = "seccomp profiles", .compute = compute_profiles};

const hf_seccomp_profiles *hf_seccomp_profiles_get(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &profiles_type, "");
}
