/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of the host, as /proc shows them: proc(5). */
#include "facts/cgroup.h"
#include "facts/parts.h"
#include "facts/store.h"

#include <stdio.h>

/* PF_KTHREAD of <linux/sched.h>; a kernel thread has no executable. */
static const uint64_t kernel_thread = UINT64_C(0x00200000);

static const hf_answer *ask(hf_facts *facts, hf_ask_kind kind, int32_t pid, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return hf_facts_ask(facts, kind, path);
}

static const char *text_of(const hf_answer *answer)
{
	return answer && !answer->error && answer->size > 0 ? answer->data : NULL;
}

static bool has_ended(const hf_proc_stat *stat)
{
	return stat->state == 'Z' || stat->state == 'X';
}

static void note_gap(hf_facts *facts, hf_processes *list, const hf_process *process,
		     const hf_proc_stat *stat)
{
	const hf_answer *exe = ask(facts, HF_ASK_LINK, process->pid, "exe");
	/* what is about to end has lost its program before it becomes a zombie */
	bool is_ending = stat->state == 'R' && exe && exe->error == ENOENT;

	/* pid 1 is the init of the machine; some security modules let nobody look at it */
	if (process->exe || is_ending || process->pid == 1 || list->gap)
		return;
	list->gap = hf_checked(hf_arena_printf(
		hf_facts_arena(facts), "the executable of process %d could not be read (%s)",
		process->pid,
		!exe		? "not recorded"
		: exe->reason	? exe->reason
		: exe->error	? strerror(exe->error)
				: "empty"));
}

/* Processes that were gone when they were read are not in the record's listing, so whatever cannot be read of
 * one that is there is a gap. */
static void read_process(hf_facts *facts, int32_t pid, hf_processes *list, hf_process *process)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_answer *stat_answer = ask(facts, HF_ASK_FILE, pid, "stat");
	hf_proc_stat stat = {.state = '?'};
	hf_cgroup_owner owner;

	*process = (hf_process){.pid = pid};
	if (text_of(stat_answer) &&
	    hf_proc_stat_parse(stat_answer->data, stat_answer->size, &stat) == 0 && stat.pid == pid) {
		process->parent = stat.parent;
		process->start_ticks = stat.start_ticks;
		process->is_kernel = (stat.flags & kernel_thread) != 0;
	}
	/* a thread of the kernel has no executable, and its namespaces are the host's */
	if (process->is_kernel)
		return;
	const hf_answer *cgroup = ask(facts, HF_ASK_FILE, pid, "cgroup");

	/* a zombie has lost its program and its namespaces: they are not missed */
	if (!has_ended(&stat)) {
		process->exe = text_of(ask(facts, HF_ASK_LINK, pid, "exe"));
		process->mnt_ns = text_of(ask(facts, HF_ASK_LINK, pid, "ns/mnt"));
	}
	process->cgroup = text_of(cgroup);
	if (process->cgroup && hf_cgroup_parse(cgroup->data, cgroup->size, &owner)) {
		process->is_container = true;
		if (owner.id[0])
			process->container_id = hf_checked(hf_arena_strdup(arena, owner.id));
	}
	if (!has_ended(&stat))
		note_gap(facts, list, process, &stat);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A process that was moved out of its container's group is still in its mount namespace. */
static void follow_namespaces(hf_facts *facts, hf_process *all, size_t count)
{
	const hf_answer *reference = ask(facts, HF_ASK_LINK, 2, "ns/mnt");
	const char *host = text_of(reference);
	hf_cleanup(hf_list_free) hf_list spaces = {0};

	for (size_t i = 0; i < count; i++) {
		if (all[i].is_container && all[i].mnt_ns && !hf_streq(all[i].mnt_ns, host) &&
		    hf_list_add(&spaces, (void *)(uintptr_t)all[i].mnt_ns) < 0)
			hf_facts_out_of_memory();
	}
	if (spaces.count == 0 || !host)
		return;
	qsort(spaces.items, spaces.count, sizeof *spaces.items, compare_text);
	for (size_t i = 0; i < count; i++) {
		if (!all[i].is_container && all[i].mnt_ns)
			all[i].is_container = bsearch(&all[i].mnt_ns, spaces.items, spaces.count,
						      sizeof *spaces.items, compare_text) != NULL;
	}
}

static int compare_pids(const void *a, const void *b)
{
	const hf_process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* ---- which processes there are ---- */

typedef struct pids {
	int32_t *all;
	size_t count;
	size_t room;
} pids;

static int add_pid(pids *list, int64_t pid)
{
	if (pid <= 0 || pid > INT32_MAX)
		return 0;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 512;
		int32_t *all = reallocarray(list->all, room, sizeof *all);

		if (!all)
			return -ENOMEM;
		list->all = all;
		list->room = room;
	}
	list->all[list->count++] = (int32_t)pid;
	return 0;
}

static int add_recorded(const hf_answer *answer, void *data)
{
	int pid, end = 0;

	if (answer->kind != HF_ASK_LINK || sscanf(answer->name, "/proc/%d/exe%n", &pid, &end) != 1 ||
	    end == 0 || answer->name[end] != '\0')
		return 0;
	return add_pid(data, pid);
}

static int compare_numbers(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* By the listing, and by what was asked about each: a listing that was cut short must not hide a process. */
static void list_pids(hf_facts *facts, const hf_dir *proc, pids *list)
{
	size_t kept = 0;
	int r = hf_record_each(hf_facts_record(facts), add_recorded, list);

	for (size_t i = 0; r >= 0 && i < proc->count; i++) {
		int64_t pid;

		if (hf_parse_i64(proc->names[i], &pid) == 0)
			r = add_pid(list, pid);
	}
	if (r < 0)
		hf_facts_out_of_memory();
	if (list->count > 0)
		qsort(list->all, list->count, sizeof *list->all, compare_numbers);
	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || list->all[kept - 1] != list->all[i])
			list->all[kept++] = list->all[i];
	}
	list->count = kept;
}

static const void *compute_processes(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_processes *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_dir *proc = hf_facts_dir(facts, "/proc");
	pids found = {0};

	(void)key;
	list->fact = proc->fact;
	if (proc->fact.state != HF_PRESENT) {
		/* a tree without /proc is not a machine without processes */
		list->fact.state = HF_UNREADABLE;
		return list;
	}
	list_pids(facts, proc, &found);
	hf_process *all = hf_checked(hf_arena_calloc(arena, found.count + 1, sizeof *all));

	for (size_t i = 0; i < found.count; i++)
		read_process(facts, found.all[i], list, &all[i]);
	free(found.all);
	if (found.count == 0) {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = "lists no process";
		return list;
	}
	follow_namespaces(facts, all, found.count);
	list->all = all;
	list->count = found.count;
	return list;
}

static const hf_fact_type processes_type = {.name = "processes", .compute = compute_processes};

const hf_processes *hf_facts_processes(hf_facts *facts)
{
	return hf_facts_once(facts, &processes_type, "");
}

const hf_processes *hf_processes_get(hf_check_run *run)
{
	return hf_facts_processes(hf_facts_of(run));
}

const hf_process *hf_process_by_pid(const hf_processes *processes, int32_t pid)
{
	const hf_process wanted = {.pid = pid};

	if (processes->count == 0)
		return NULL;
	return bsearch(&wanted, processes->all, processes->count, sizeof wanted, compare_pids);
}

const hf_file *hf_facts_process_file(hf_facts *facts, int32_t pid, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return hf_facts_file(facts, path);
}

const hf_file *hf_process_file(hf_check_run *run, int32_t pid, const char *name)
{
	return hf_facts_process_file(hf_facts_of(run), pid, name);
}

const char *hf_facts_status_field(hf_facts *facts, int32_t pid, const char *key)
{
	const hf_file *status = hf_facts_process_file(facts, pid, "status");
	size_t key_length = strlen(key), length;
	const char *cursor = status->data, *line;

	if (status->fact.state != HF_PRESENT)
		return NULL;
	while (hf_next_line(&cursor, status->data + status->size, &line, &length)) {
		if (length <= key_length || memcmp(line, key, key_length) != 0 ||
		    line[key_length] != ':')
			continue;
		return hf_strip(hf_checked(hf_arena_memdup(hf_facts_arena(facts),
							   line + key_length + 1,
							   length - key_length - 1)));
	}
	return NULL;
}

const char *hf_process_status_field(hf_check_run *run, int32_t pid, const char *key)
{
	return hf_facts_status_field(hf_facts_of(run), pid, key);
}
