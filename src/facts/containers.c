/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers, whoever started them: what the kernel's groups and namespaces tell apart. */
#include "facts/containers.h"

/* ---- users of the host ---- */

/* "name:password:uid:gid:…", passwd(5); the first line with an uid names it. */
static void add_user(hf_arena *arena, hf_map *names, const char *line, size_t length)
{
	const char *end = line + length, *name_end = memchr(line, ':', length);
	const char *uid = name_end ? memchr(name_end + 1, ':', (size_t)(end - name_end - 1)) : NULL;
	const char *uid_end = uid ? memchr(uid + 1, ':', (size_t)(end - uid - 1)) : NULL;

	if (!uid_end || uid_end == uid + 1 || name_end == line)
		return;
	const char *key = hf_checked(hf_arena_memdup(arena, uid + 1, (size_t)(uid_end - uid - 1)));

	if (!hf_map_get(names, key) &&
	    hf_map_put(names, key,
		       hf_checked(hf_arena_memdup(arena, line, (size_t)(name_end - line)))) < 0)
		hf_facts_out_of_memory();
}

static const char *user_of(hf_facts *facts, const hf_map *names, uint32_t uid)
{
	char key[16];

	(void)hf_print(key, sizeof key, "%u", uid);
	const char *name = hf_map_get(names, key);

	return name ? name : hf_checked(hf_arena_printf(hf_facts_arena(facts), "uid %u", uid));
}

static void read_users(hf_facts *facts, hf_map *names)
{
	const hf_file *passwd = hf_facts_file(facts, "/etc/passwd");
	const char *cursor = passwd->data, *line;
	size_t length;

	while (passwd->fact.state == HF_PRESENT &&
	       hf_next_line(&cursor, passwd->data + passwd->size, &line, &length))
		add_user(hf_facts_arena(facts), names, line, length);
}

/* ---- the list ---- */

static void fill(hf_facts *facts, const hf_discovery *discovery, const hf_group *group,
		 const hf_map *names, hf_container *container)
{
	*container = (hf_container){
		.id = group->id,
		.cgroup = group->path,
		.runtime = group->runtime,
		.name = group->label,
		.pod = group->pod,
	};
	hf_tasks_read(facts, discovery, group, container);
	if (container->init)
		container->user = user_of(facts, names, container->init->uid[0]);
	hf_container_describe(facts, container);
}

static const void *compute_containers(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_containers *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_processes *processes = hf_facts_processes(facts);
	const hf_discovery *discovery = hf_facts_discovery(facts);
	hf_cleanup(hf_map_free) hf_map names = {0};

	(void)key;
	list->fact = processes->fact;
	if (!discovery)
		return list;
	if (discovery->gap.state != HF_PRESENT)
		list->fact = discovery->gap;
	hf_container *kept = hf_checked(hf_arena_calloc(arena, discovery->count + 1, sizeof *kept));
	const hf_container **all =
		hf_checked(hf_arena_calloc(arena, discovery->count + 1, sizeof *all));

	if (discovery->count > 0)
		read_users(facts, &names);
	for (size_t i = 0; i < discovery->count; i++) {
		fill(facts, discovery, &discovery->groups[i], &names, &kept[i]);
		all[i] = &kept[i];
	}
	list->all = all;
	list->count = discovery->count;
	return list;
}

static const hf_fact_type containers_type = {.name = "containers", .compute = compute_containers};

const hf_containers *hf_facts_containers(hf_facts *facts)
{
	return hf_facts_once(facts, &containers_type, "");
}

const hf_containers *hf_containers_get(hf_check_run *run)
{
	return hf_facts_containers(hf_facts_of(run));
}

/* A check about one container rests on that container's first process, not on the thousands of
 * answers from which the list was made. */
static const void *compute_witness(hf_facts *facts, const char *key)
{
	static const char *const names[] = {"status", "cgroup"};
	char path[64];

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		(void)hf_print(path, sizeof path, "/proc/%s/%s", key, names[i]);
		(void)hf_facts_ask(facts, HF_ASK_FILE, path);
	}
	(void)hf_print(path, sizeof path, "/proc/%s/ns", key);
	(void)hf_facts_ask(facts, HF_ASK_CALL, path);
	return key;
}

static const hf_fact_type witness_type = {.name = "container witness", .compute = compute_witness};

const hf_container *hf_container_of(hf_check_run *run)
{
	const hf_container *container = hf_subject_of(run)->fact;
	char key[16];

	if (hf_facts_recall(hf_facts_of(run), &witness_type, container))
		return container;
	(void)hf_print(key, sizeof key, "%d", container->pid);
	(void)hf_facts_once_for(hf_facts_of(run), &witness_type, container, key);
	return container;
}

/* ---- subjects ---- */

/* Twelve digits of an id name a container, as engines show it, where no other id begins alike. A report on hundreds of
 * containers is little else than keys. @list is sorted by id. */
static const char *key_of(hf_arena *arena, const hf_containers *list, size_t at)
{
	enum { SHORT = 12, WHOLE = 64 };
	const char *id = list->all[at]->id;
	bool is_short = strlen(id) == WHOLE && strspn(id, "0123456789abcdef") == WHOLE;

	if (at > 0 && strncmp(list->all[at - 1]->id, id, SHORT) == 0)
		is_short = false;
	if (at + 1 < list->count && strncmp(list->all[at + 1]->id, id, SHORT) == 0)
		is_short = false;
	return hf_checked(hf_arena_printf(arena, "container:%.*s", is_short ? SHORT : (int)strlen(id), id));
}

static const void *compute_subjects(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_subjects *subjects = hf_checked(hf_arena_alloc(arena, sizeof *subjects));
	const hf_containers *list = hf_facts_containers(facts);
	hf_subject *all = hf_checked(hf_arena_calloc(arena, list->count + 1, sizeof *all));

	(void)key;
	for (size_t i = 0; i < list->count; i++) {
		const hf_container *container = list->all[i];

		all[i] = (hf_subject){
			.kind = HF_SUBJECT_CONTAINER,
			.key = key_of(arena, list, i),
			.id = container->id,
			.name = container->name ? container->name : container->id,
			.runtime = container->runtime,
			.fact = container,
		};
	}
	*subjects = (hf_subjects){.fact = list->fact, .all = all, .count = list->count};
	if (list->fact.state == HF_PRESENT && list->count == 0) {
		subjects->fact.state = HF_ABSENT;
		subjects->fact.why = "no process on this node is in a container";
	}
	return subjects;
}

static const hf_fact_type subjects_type = {.name = "container subjects",
					   .compute = compute_subjects};

const hf_subjects *hf_facts_container_subjects(hf_facts *facts)
{
	return hf_facts_once(facts, &subjects_type, "");
}
