/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of user namespaces: user_namespaces(7). */
#include "facts/containers.h"

#include <inttypes.h>
#include <stdio.h>

enum { ID_MAP_MAX = 340 }; /* UID_GID_MAP_MAX_EXTENTS of the kernel */

/* "         0     100000      65536" */
int hf_id_map_parse(hf_arena *arena, const char *text, size_t size, const hf_id_map **ret_map,
		    size_t *ret_count)
{
	const char *cursor = text, *line;
	size_t length, count = 0;
	hf_id_map lines[ID_MAP_MAX];

	if (size > 0 && text[size - 1] != '\n')
		return -EBADMSG;
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		char copy[128];
		hf_id_map *map = &lines[count];
		int end = 0;

		if (length >= sizeof copy || count == ID_MAP_MAX)
			return -EBADMSG;
		memcpy(copy, line, length);
		copy[length] = '\0';
		if (strspn(copy, "0123456789 ") != length ||
		    sscanf(copy, "%" SCNu32 " %" SCNu32 " %" SCNu32 " %n", &map->inside,
			   &map->outside, &map->length, &end) != 3 ||
		    (size_t)end != length)
			return -EBADMSG;
		count++;
	}
	const void *kept = hf_arena_memdup(arena, lines, count * sizeof *lines);

	if (!kept)
		return -ENOMEM;
	*ret_map = kept;
	*ret_count = count;
	return 0;
}

/* ---- through which process a namespace is seen ---- */

typedef struct seen {
	uint64_t inode;
	int32_t pid;
} seen;

typedef struct witnesses {
	seen *all; /* by inode: the first process of each whose map is in the record */
	size_t count;
} witnesses;

static int compare_seen(const void *a, const void *b)
{
	const seen *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool has_map(hf_facts *facts, int32_t pid)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/uid_map", pid);
	return hf_record_get(hf_facts_record(facts), HF_ASK_FILE, path) != NULL;
}

static const void *compute_witnesses(hf_facts *facts, const char *key)
{
	const hf_containers *containers = hf_facts_containers(facts);
	uint64_t initial = hf_facts_ns_reference(facts)->inode[HF_NS_USER];
	witnesses *result = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *result));
	size_t room = 0;

	(void)key;
	for (size_t i = 0; i < containers->count; i++)
		room += containers->all[i]->task_count;
	result->all =
		hf_checked(hf_arena_calloc(hf_facts_arena(facts), room + 1, sizeof *result->all));
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];

		for (size_t k = 0; k < container->task_count; k++) {
			const hf_task *task = &container->tasks[k];
			uint64_t inode = task->ns[HF_NS_USER];

			if (task->tid == task->pid && inode && inode != initial &&
			    has_map(facts, task->pid))
				result->all[result->count++] =
					(seen){.inode = inode, .pid = task->pid};
		}
	}
	if (result->count > 0)
		qsort(result->all, result->count, sizeof *result->all, compare_seen);
	return result;
}

static const hf_fact_type witnesses_type = {
	.name = "user namespaces", .compute = compute_witnesses, .is_common = true};

static int32_t find_witness(hf_facts *facts, uint64_t inode)
{
	const witnesses *known = hf_facts_once(facts, &witnesses_type, "");
	size_t low = 0, high = known->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (known->all[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < known->count && known->all[low].inode == inode ? known->all[low].pid : 0;
}

/* ---- the maps of one namespace ---- */

static hf_fact read_map(hf_facts *facts, int32_t pid, const char *name, const hf_id_map **ret_map,
			size_t *ret_count)
{
	const hf_file *file = hf_facts_process_file(facts, pid, name);
	hf_fact fact = file->fact;

	if (fact.state != HF_PRESENT) {
		fact.state = HF_UNREADABLE;
		return fact;
	}
	int r = hf_id_map_parse(hf_facts_arena(facts), file->data, file->size, ret_map, ret_count);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		fact.state = HF_UNREADABLE;
		fact.why = "is no map of ids";
	}
	return fact;
}

/* @key: "INODE PID", the process to read it through. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_id_maps *maps = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *maps));
	const hf_ns_reference *reference = hf_facts_ns_reference(facts);
	int64_t pid = 0;

	(void)hf_parse_i64(strchr(key, ' ') + 1, &pid);
	maps->fact = read_map(facts, (int32_t)pid, "uid_map", &maps->uid, &maps->uid_count);
	if (maps->fact.state == HF_PRESENT) {
		hf_fact gid =
			read_map(facts, (int32_t)pid, "gid_map", &maps->gid, &maps->gid_count);

		if (gid.state != HF_PRESENT)
			maps->fact = gid;
	}
	/* the kernel translates the second column for the reader */
	if (maps->fact.state == HF_PRESENT &&
	    reference->own[HF_NS_USER] != reference->inode[HF_NS_USER]) {
		maps->fact.state = HF_UNREADABLE;
		maps->fact.why = "was read in a user namespace that is not the initial one";
	}
	return maps;
}

static const hf_fact_type type = {.name = "id maps", .compute = compute};

static bool is_remapped(hf_facts *facts, const hf_task *task)
{
	uint64_t initial = hf_facts_ns_reference(facts)->inode[HF_NS_USER];

	return task->ns[HF_NS_USER] != 0 && initial != 0 && task->ns[HF_NS_USER] != initial;
}

const hf_id_maps *hf_facts_task_id_maps(hf_facts *facts, const hf_task *task)
{
	uint64_t inode = task->ns[HF_NS_USER];
	char key[64];

	if (!is_remapped(facts, task))
		return NULL;
	int32_t pid = find_witness(facts, inode);

	/* unread, it is told of the task itself */
	(void)hf_print(key, sizeof key, "%" PRIu64 " %d", inode, pid ? pid : task->pid);
	return hf_facts_once(facts, &type, key);
}

const hf_id_maps *hf_task_id_maps(hf_check_run *run, const hf_task *task)
{
	return hf_facts_task_id_maps(hf_facts_of(run), task);
}

bool hf_task_is_remapped(hf_check_run *run, const hf_task *task)
{
	return is_remapped(hf_facts_of(run), task);
}
