/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of the host, as /proc shows them: proc(5). */
#include "facts/containers.h"
#include "facts/parts.h"
#include "facts/store.h"

#include <stdio.h>

/* PF_KTHREAD of <linux/sched.h>; a kernel thread has no executable. */
static const uint64_t kernel_thread = UINT64_C(0x00200000);

static const hf_answer *ask(hf_facts *facts, hf_ask_kind kind, int32_t pid, const char *name)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/%s", pid, name);
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

static void note_gap(hf_facts *facts, hf_processes *list, const hf_member *member)
{
	const hf_process *process = member->process;

	/* pid 1 is the init of the machine; some security modules let nobody look at it */
	if (process->exe || member->is_ending || process->pid == 1 || list->gap)
		return;
	const hf_answer *exe = ask(facts, HF_ASK_LINK, process->pid, "exe");

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
static void read_process(hf_facts *facts, int32_t pid, hf_processes *list, hf_process *process,
			 hf_member *member)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_answer *stat_answer = ask(facts, HF_ASK_FILE, pid, "stat");
	hf_proc_stat stat = {.state = '?'};

	*process = (hf_process){.pid = pid};
	*member = (hf_member){.process = process};
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
	member->has_ended = has_ended(&stat);
	if (!member->has_ended) {
		const hf_answer *exe = ask(facts, HF_ASK_LINK, pid, "exe");

		process->exe = text_of(exe);
		process->mnt_ns = text_of(ask(facts, HF_ASK_LINK, pid, "ns/mnt"));
		/* half a number would be another namespace */
		if (process->mnt_ns && hf_ns_inode(process->mnt_ns) == 0)
			process->mnt_ns = NULL;
		/* what is about to end has lost its program before it becomes a zombie */
		member->is_ending = stat.state == 'R' && exe && exe->error == ENOENT;
	}
	process->cgroup = text_of(cgroup);
	/* half a path would be another group */
	if (process->cgroup && cgroup->data[cgroup->size - 1] != '\n')
		process->cgroup = NULL;
	if (process->cgroup && hf_cgroup_parse(cgroup->data, cgroup->size, &member->owner) &&
	    member->owner.id[0])
		process->container_id = hf_checked(hf_arena_strdup(arena, member->owner.id));
	if (!member->has_ended)
		note_gap(facts, list, member);
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

	if (!hf_has_suffix(answer->name, "/exe") ||
	    sscanf(answer->name, "/proc/%d/exe%n", &pid, &end) != 1 || end == 0 ||
	    answer->name[end] != '\0')
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
	int r = hf_record_each_of(hf_facts_record(facts), HF_ASK_LINK, add_recorded, list);

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

/* What is kept: the list, and which container each process was found to be in. */
typedef struct all_processes {
	hf_processes list;
	const hf_discovery *discovery;
} all_processes;

static const void *compute_processes(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	all_processes *kept = hf_checked(hf_arena_alloc(arena, sizeof *kept));
	hf_processes *list = &kept->list;
	const hf_dir *proc = hf_facts_dir(facts, "/proc");
	pids found = {0};

	(void)key;
	list->fact = proc->fact;
	if (proc->fact.state != HF_PRESENT) {
		/* a tree without /proc is not a machine without processes */
		list->fact.state = HF_UNREADABLE;
		return kept;
	}
	list_pids(facts, proc, &found);
	hf_process *all = hf_checked(hf_arena_calloc(arena, found.count + 1, sizeof *all));
	hf_member *members = hf_checked(hf_arena_calloc(arena, found.count + 1, sizeof *members));

	for (size_t i = 0; i < found.count; i++)
		read_process(facts, found.all[i], list, &all[i], &members[i]);
	free(found.all);
	if (found.count == 0) {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = "lists no process";
		return kept;
	}
	kept->discovery = hf_discover(facts, members, found.count);
	for (size_t i = 0; i < found.count; i++)
		all[i].is_container = members[i].group != 0;
	list->all = all;
	list->count = found.count;
	return kept;
}

static const hf_fact_type processes_type = {.name = "processes", .compute = compute_processes};

const hf_processes *hf_facts_processes(hf_facts *facts)
{
	const all_processes *kept = hf_facts_once(facts, &processes_type, "");

	return &kept->list;
}

const hf_discovery *hf_facts_discovery(hf_facts *facts)
{
	const all_processes *kept = hf_facts_once(facts, &processes_type, "");

	return kept->discovery;
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
	char path[HF_PID_PATH_BYTES];

	return hf_facts_file(facts, hf_pid_path(path, pid, name));
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
