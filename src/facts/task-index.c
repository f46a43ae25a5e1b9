/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tasks of all containers by user, and what is known of processes outside. */
#include "facts/containers.h"

/* One place of a task in an index. */
typedef struct entry {
	uint64_t key;
	hf_located_task located;
} entry;

typedef struct task_index {
	const uint64_t *keys; /* ascending */
	const hf_located_task *all;
	size_t count;
} task_index;

static int compare_entries(const void *a, const void *b)
{
	const entry *x = a, *y = b;
	int order = (x->key > y->key) - (x->key < y->key);

	if (order == 0)
		order = strcmp(x->located.container->id, y->located.container->id);
	if (order == 0)
		order = (x->located.task->tid > y->located.task->tid) -
			(x->located.task->tid < y->located.task->tid);
	return order;
}

static size_t count_tasks(const hf_containers *containers)
{
	size_t count = 0;

	for (size_t i = 0; i < containers->count; i++)
		count += containers->all[i]->task_count;
	return count;
}

/* @entries in order, as an index; of several with one key and container only the first. */
static const task_index *make_index(hf_facts *facts, entry *entries, size_t count)
{
	hf_arena *arena = hf_facts_arena(facts);
	task_index *index = hf_checked(hf_arena_alloc(arena, sizeof *index));
	uint64_t *keys = hf_checked(hf_arena_calloc(arena, count + 1, sizeof *keys));
	hf_located_task *all = hf_checked(hf_arena_calloc(arena, count + 1, sizeof *all));
	size_t kept = 0;

	if (count > 0)
		qsort(entries, count, sizeof *entries, compare_entries);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && keys[kept - 1] == entries[i].key &&
		    all[kept - 1].container == entries[i].located.container)
			continue;
		keys[kept] = entries[i].key;
		all[kept++] = entries[i].located;
	}
	index->keys = keys;
	index->all = all;
	index->count = kept;
	return index;
}

static const hf_located_task *find(const task_index *index, uint64_t key, size_t *ret_count)
{
	size_t low = 0, high = index->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < index->count && index->keys[end] == key;)
		end++;
	*ret_count = end - low;
	return index->all + low;
}

/* ---- by user ---- */

static const void *compute_uids(hf_facts *facts, const char *key)
{
	enum { UIDS = 4 };
	const hf_containers *containers = hf_facts_containers(facts);
	size_t count = 0;
	hf_cleanup(hf_freep) entry *entries =
		hf_checked(calloc(count_tasks(containers) * UIDS + 1, sizeof *entries));

	(void)key;
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];

		for (size_t k = 0; k < container->task_count; k++) {
			const hf_task *task = &container->tasks[k];

			for (size_t u = 0; task->fact.state == HF_PRESENT && u < UIDS; u++) {
				if (u == 0 || task->uid[u] != task->uid[u - 1])
					entries[count++] = (entry){task->uid[u], {task, container}};
			}
		}
	}
	return make_index(facts, entries, count);
}

static const hf_fact_type uids_type = {
	.name = "tasks by user", .compute = compute_uids, .is_common = true};

const hf_located_task *hf_tasks_with_uid(hf_check_run *run, uint32_t uid, size_t *ret_count)
{
	return find(hf_facts_once(hf_facts_of(run), &uids_type, ""), uid, ret_count);
}

/* ---- processes of the host ---- */

static const void *compute_host_task(hf_facts *facts, const char *pid)
{
	hf_task *task = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *task));
	char path[64];
	uint32_t threads;

	(void)hf_print(path, sizeof path, "/proc/%s/status", pid);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_FILE, path);

	task->fact = hf_facts_head(facts, HF_ASK_FILE, path, answer);
	task->pid = task->tid = atoi(pid);
	task->source = task->fact.source;
	task->ns_fact = task->label_fact = (hf_fact){.state = HF_UNREADABLE,
						     .source = task->source,
						     .why = "not asked of processes of the host"};
	if (answer && answer->error == ESRCH)
		task->fact.state = HF_ABSENT;
	if (task->fact.state != HF_PRESENT)
		return task;
	int r = hf_status_parse(hf_facts_arena(facts), answer->data, answer->size, task, &threads);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		task->fact.state = r == -ESRCH ? HF_ABSENT : HF_UNREADABLE;
		task->fact.why = r == -ESRCH ? "has ended" : "is no whole status of a task";
	}
	return task;
}

static const hf_fact_type host_task_type = {.name = "host task", .compute = compute_host_task};

const hf_task *hf_host_task(hf_check_run *run, int32_t pid)
{
	char key[16];

	(void)hf_print(key, sizeof key, "%d", pid);
	return hf_facts_once(hf_facts_of(run), &host_task_type, key);
}

/* ---- a task's start ---- */

bool hf_task_start(hf_check_run *run, const hf_task *task, int64_t *ret_ns)
{
	const int64_t tick_ns = 10000000; /* USER_HZ is 100: proc(5) */
	int64_t boot, slack;

	if (task->start_ticks == 0 || task->start_ticks > UINT64_C(1000000000000) ||
	    !hf_facts_boot_time(hf_facts_of(run), &boot, &slack))
		return false;
	*ret_ns = boot + slack + (int64_t)task->start_ticks * tick_ns;
	return true;
}
