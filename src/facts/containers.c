/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers, whoever started them: what the kernel's groups and namespaces tell apart. */
#include "facts/cgroup.h"
#include "facts/json.h"
#include "facts/parts.h"
#include "facts/store.h"

#include <stdio.h>

typedef struct group {
	hf_container container;
	uint64_t start_ticks;
} group;

static int compare_groups(const void *a, const void *b)
{
	const group *x = a, *y = b;
	int order = strcmp(x->container.id, y->container.id);

	if (order)
		return order;
	if (x->start_ticks != y->start_ticks)
		return x->start_ticks < y->start_ticks ? -1 : 1;
	return (x->container.pid > y->container.pid) - (x->container.pid < y->container.pid);
}

/* Names are a container's own choice, so they are told and never decide. */
static const char *name_of(hf_facts *facts, const char *id)
{
	const hf_json *list = hf_facts_api_json(facts, "/containers/json");

	for (size_t i = 0; list && list->kind == HF_JSON_ARRAY && i < list->count; i++) {
		const hf_json *known = hf_json_member(&list->items[i], "Id");

		if (!known || !hf_streq(known->text, id))
			continue;
		const hf_json *name = hf_json_find(&list->items[i], "Names/0");

		if (!name || name->kind != HF_JSON_STRING)
			return NULL;
		return *name->text == '/' ? name->text + 1 : name->text;
	}
	return NULL;
}

/* False for a process that is only in a container's namespace: its group stands for that container. */
static bool fill(hf_facts *facts, const hf_process *process, group *g)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cgroup_owner owner;

	if (!process->cgroup || !hf_cgroup_parse(process->cgroup, strlen(process->cgroup), &owner))
		return false;
	const char *path = hf_checked(hf_arena_memdup(arena, owner.path, owner.path_length));

	*g = (group){
		.container = {
			.id = process->container_id ? process->container_id : path,
			.pid = process->pid,
			.cgroup = path,
			.runtime = owner.runtime,
		},
		.start_ticks = process->start_ticks,
	};
	return true;
}

static const void *compute_containers(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_containers *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_processes *processes = hf_facts_processes(facts);
	enum { KTHREADD = 2 };
	size_t found = 0, count = 0;

	(void)key;
	list->fact = processes->fact;
	if (processes->fact.state != HF_PRESENT)
		return list;
	group *groups = hf_checked(hf_arena_calloc(arena, processes->count + 1, sizeof *groups));

	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (!process->cgroup && !process->is_kernel) {
			/* it may be a container's */
			list->fact.state = HF_UNREADABLE;
			list->fact.why = hf_checked(hf_arena_printf(
				arena, "the control group of process %d could not be read",
				process->pid));
		}
		found += fill(facts, process, &groups[found]);
	}
	qsort(groups, found, sizeof *groups, compare_groups);
	hf_container *all = hf_checked(hf_arena_calloc(arena, found + 1, sizeof *all));

	for (size_t i = 0; i < found; i++) {
		if (count > 0 && strcmp(all[count - 1].id, groups[i].container.id) == 0)
			continue;
		all[count] = groups[i].container;
		all[count].name = name_of(facts, all[count].id);
		count++;
	}
	list->all = all;
	list->count = count;
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
