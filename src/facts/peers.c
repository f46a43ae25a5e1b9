/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which containers share a namespace, or ids of the host: of all containers at once, by sorting. */
#include "facts/containers.h"

/* ---- a namespace, and a container that has a task in it ---- */

typedef struct entry {
	uint64_t inode;
	uint32_t type; /* hf_ns_type */
	uint32_t container;
} entry;

typedef struct entries {
	const hf_containers *containers;
	entry *all; /* by type, inode, container */
	size_t count;
	hf_fact fact;
} entries;

static int compare_entries(const void *a, const void *b)
{
	const entry *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->container > y->container) - (x->container < y->container);
}

static void lose(hf_fact *fact, const hf_fact *other)
{
	if (fact->state == HF_PRESENT && other->state != HF_PRESENT)
		*fact = (hf_fact){
			.state = HF_UNREADABLE, .source = other->source, .why = other->why};
}

/* Most tasks are where the one before is. */
static void add_tasks(entries *list, const hf_container *container, uint32_t number,
		      const hf_ns_reference *reference)
{
	const hf_task *before = NULL;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT)
			continue;
		lose(&list->fact, &task->ns_fact);
		for (uint32_t type = 0; type < HF_NS_COUNT; type++) {
			uint64_t inode = task->ns[type];

			if (inode && inode != reference->inode[type] &&
			    (!before || before->ns[type] != inode))
				list->all[list->count++] =
					(entry){.inode = inode, .type = type, .container = number};
		}
		before = task;
	}
}

static const void *compute_entries(hf_facts *facts, const char *key)
{
	const hf_containers *containers = hf_facts_containers(facts);
	const hf_ns_reference *reference = hf_facts_ns_reference(facts);
	entries *list = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));
	size_t tasks = 0, kept = 0;

	(void)key;
	list->containers = containers;
	list->fact = containers->fact;
	lose(&list->fact, &reference->fact);
	for (size_t i = 0; i < containers->count; i++) {
		lose(&list->fact, &containers->all[i]->tasks_fact);
		tasks += containers->all[i]->task_count;
	}
	list->all = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), tasks * HF_NS_COUNT + 1, sizeof *list->all));
	for (size_t i = 0; i < containers->count; i++)
		add_tasks(list, containers->all[i], (uint32_t)i, reference);
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_entries);
	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || compare_entries(&list->all[kept - 1], &list->all[i]) != 0)
			list->all[kept++] = list->all[i];
	}
	list->count = kept;
	return list;
}

static const hf_fact_type entries_type = {
	.name = "namespaces of containers", .compute = compute_entries, .is_common = true};

/* ---- ids of the host ---- */

typedef struct range {
	uint32_t is_gid;
	uint32_t container;
	uint64_t first;
	uint64_t end;
	uint32_t cluster; /* those that overlap have one number */
} range;

typedef struct ranges {
	const hf_containers *containers;
	size_t containers_mapped; /* that have a user namespace of their own */
	range *all;		  /* by kind and place */
	size_t count;
	size_t room;
	hf_fact fact;
} ranges;

static int compare_ranges(const void *a, const void *b)
{
	const range *x = a, *y = b;

	if (x->is_gid != y->is_gid)
		return x->is_gid < y->is_gid ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->container > y->container) - (x->container < y->container);
}

static void add_ranges(hf_arena *arena, ranges *list, uint32_t container, bool is_gid,
		       const hf_id_map *maps, size_t count)
{
	if (list->count + count > list->room) {
		size_t room = (list->count + count) * 2;
		range *all = hf_checked(hf_arena_calloc(arena, room, sizeof *all));

		if (list->count > 0)
			memcpy(all, list->all, list->count * sizeof *all);
		list->all = all;
		list->room = room;
	}
	for (size_t i = 0; i < count; i++) {
		if (maps[i].length > 0)
			list->all[list->count++] = (range){
				.is_gid = is_gid,
				.container = container,
				.first = maps[i].outside,
				.end = (uint64_t)maps[i].outside + maps[i].length,
			};
	}
}

static void add_container(hf_facts *facts, ranges *list, const hf_container *container,
			  uint32_t number)
{
	uint64_t before = 0;
	bool is_mapped = false;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint64_t inode = task->ns[HF_NS_USER];

		if (task->fact.state == HF_PRESENT && inode == 0)
			lose(&list->fact, &task->ns_fact);
		if (inode == before)
			continue;
		before = inode;
		const hf_id_maps *maps = hf_facts_task_id_maps(facts, task);

		if (!maps)
			continue;
		is_mapped = true;
		lose(&list->fact, &maps->fact);
		if (maps->fact.state != HF_PRESENT)
			continue;
		add_ranges(hf_facts_arena(facts), list, number, false, maps->uid, maps->uid_count);
		add_ranges(hf_facts_arena(facts), list, number, true, maps->gid, maps->gid_count);
	}
	list->containers_mapped += is_mapped;
}

/* Maps of one namespace never overlap themselves (the kernel refuses that), so what overlaps is
 * another's. */
static void cluster(ranges *list)
{
	uint32_t number = 0;
	uint64_t end = 0;

	for (size_t i = 0; i < list->count; i++) {
		range *r = &list->all[i];
		bool is_first = i == 0 || r->is_gid != r[-1].is_gid;

		if (is_first || r->first >= end) {
			number++;
			end = 0;
		}
		end = r->end > end ? r->end : end;
		r->cluster = number;
	}
}

static const void *compute_ranges(hf_facts *facts, const char *key)
{
	const hf_containers *containers = hf_facts_containers(facts);
	ranges *list = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));

	(void)key;
	list->containers = containers;
	list->fact = containers->fact;
	for (size_t i = 0; i < containers->count; i++) {
		lose(&list->fact, &containers->all[i]->tasks_fact);
		add_container(facts, list, containers->all[i], (uint32_t)i);
	}
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_ranges);
	cluster(list);
	return list;
}

static const hf_fact_type ranges_type = {
	.name = "ids of containers", .compute = compute_ranges, .is_common = true};

/* ---- peers ---- */

static uint32_t number_of(const hf_containers *containers, const hf_container *container)
{
	size_t low = 0, high = containers->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(containers->all[middle]->id, container->id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* A set of containers by their numbers. */
typedef struct set {
	bool *has;
	size_t count;
} set;

static void set_free(set *s)
{
	free(s->has);
}

static set set_new(const hf_containers *containers)
{
	return (set){.has = hf_checked(calloc(containers->count + 1, sizeof(bool)))};
}

static void set_add(set *s, uint32_t number)
{
	s->count += !s->has[number];
	s->has[number] = true;
}

static const hf_peers *make_peers(hf_facts *facts, const hf_containers *containers, const set *s,
				  size_t total, hf_fact fact)
{
	hf_peers *peers = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *peers));
	const hf_container **all =
		hf_checked(hf_arena_calloc(hf_facts_arena(facts), s->count + 1, sizeof *all));

	for (size_t i = 0; i < containers->count && peers->count < s->count; i++) {
		if (s->has[i])
			all[peers->count++] = containers->all[i];
	}
	peers->fact = fact;
	peers->all = all;
	peers->total = total;
	return peers;
}

/* The first entry of a namespace. */
static size_t find_entry(const entries *list, uint32_t type, uint64_t inode)
{
	const entry wanted = {.type = type, .inode = inode};
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_entries(&list->all[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const hf_peers *hf_container_ns_peers(hf_check_run *run, const hf_container *container,
				      hf_ns_type type)
{
	const entries *list = hf_facts_once(hf_facts_of(run), &entries_type, "");
	hf_cleanup(set_free) set s = set_new(list->containers);
	uint64_t before = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		uint64_t inode = container->tasks[i].ns[type];

		if (inode == 0 || inode == before)
			continue;
		before = inode;
		for (size_t k = find_entry(list, type, inode);
		     k < list->count && list->all[k].type == type && list->all[k].inode == inode;
		     k++)
			set_add(&s, list->all[k].container);
	}
	return make_peers(hf_facts_of(run), list->containers, &s, list->containers->count,
			  list->fact);
}

const hf_peers *hf_container_id_peers(hf_check_run *run, const hf_container *container)
{
	const ranges *list = hf_facts_once(hf_facts_of(run), &ranges_type, "");
	uint32_t own = number_of(list->containers, container);
	hf_cleanup(set_free) set s = set_new(list->containers);

	for (size_t i = 0; i < list->count;) {
		size_t end = i;
		bool is_in = false;

		for (; end < list->count && list->all[end].cluster == list->all[i].cluster; end++)
			is_in = is_in || list->all[end].container == own;
		for (size_t k = i; is_in && k < end; k++)
			set_add(&s, list->all[k].container);
		i = end;
	}
	return make_peers(hf_facts_of(run), list->containers, &s, list->containers_mapped,
			  list->fact);
}
