/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tasks of a container: what /proc/PID and /proc/PID/task/TID say of each. */
#include "facts/containers.h"

/* ---- one task ---- */

typedef struct reading {
	hf_facts *facts;
	hf_arena *arena;
	hf_container *container;
	const hf_ns_reference *reference;
	hf_fact unlabeled; /* present: modules label tasks, or it is not known */
	hf_task *tasks;
	size_t count;
	size_t room;
} reading;

static void lose(reading *r, const char *source, const char *why)
{
	if (r->container->tasks_fact.state == HF_PRESENT)
		r->container->tasks_fact =
			(hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

static hf_task *add_task(reading *r)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 4;
		hf_task *tasks = hf_checked(hf_arena_calloc(r->arena, room, sizeof *tasks));

		if (r->count > 0)
			memcpy(tasks, r->tasks, r->count * sizeof *tasks);
		r->tasks = tasks;
		r->room = room;
	}
	r->tasks[r->count] = (hf_task){0};
	return &r->tasks[r->count++];
}

/* "/proc/812/" or "/proc/812/task/815/", which the names of its files follow. */
static size_t folder_of(char *room, size_t size, const hf_task *task)
{
	int length = task->tid == task->pid
			     ? hf_print(room, size, "/proc/%d/", task->pid)
			     : hf_print(room, size, "/proc/%d/task/%d/", task->pid, task->tid);

	return (size_t)length;
}

/* False: it has ended. */
static bool read_namespaces(reading *r, hf_task *task, const char *path)
{
	const hf_answer *answer = hf_facts_ask(r->facts, HF_ASK_CALL, path);
	const char *failed = NULL;

	task->ns_fact = (hf_fact){.state = HF_PRESENT, .source = "/proc/PID/ns"};
	if (!answer || answer->error) {
		task->ns_fact = hf_facts_head(r->facts, HF_ASK_CALL, path, answer);
		return true;
	}
	/* exit_task_namespaces(): who lives has a mount namespace */
	if (strstr(answer->data, "mnt !ENOENT"))
		return false;
	int error = hf_ns_parse(answer->data, answer->size, task->ns, &failed);

	for (unsigned i = 0; error == 0 && !failed && i < HF_NS_COUNT; i++) {
		if (task->ns[i] == 0 && r->reference->inode[i] != 0)
			error = -ENODATA;
	}
	if (error == 0 && !failed)
		return true;
	task->ns_fact = (hf_fact){
		.state = HF_UNREADABLE,
		.source = hf_checked(hf_arena_strdup(r->arena, path)),
		.why = failed ? hf_checked(hf_arena_memdup(r->arena, failed, strcspn(failed, "\n")))
		       : error == -EBADMSG ? "is malformed"
					   : "does not name every namespace that the kernel has",
	};
	return true;
}

static void read_label(reading *r, hf_task *task, const char *path)
{
	const hf_answer *answer;

	if (r->unlabeled.state == HF_ABSENT) {
		task->label_fact = r->unlabeled;
		return;
	}
	answer = hf_facts_ask(r->facts, HF_ASK_FILE, path);
	task->label_fact = (hf_fact){.state = HF_PRESENT, .source = "/proc/PID/attr/current"};
	if (answer && !answer->error) {
		size_t length =
			strnlen(answer->data, answer->size); /* SELinux ends it with a NUL */

		while (length > 0 && answer->data[length - 1] == '\n')
			length--;
		if (length > 0) {
			task->label = hf_checked(hf_arena_memdup(r->arena, answer->data, length));
			return;
		}
	}
	/* security_getprocattr(): no module answers for this name */
	if (answer && answer->error == EINVAL) {
		task->label_fact.state = HF_ABSENT;
		task->label_fact.why = "no security module labels tasks";
		return;
	}
	task->label_fact = hf_facts_head(r->facts, HF_ASK_FILE, path, answer);
	task->label_fact.state = HF_UNREADABLE;
	if (!task->label_fact.why)
		task->label_fact.why = "is empty";
}

/* The number of threads of its process; 0: not known. False: it has ended, and there is no such
 * task. */
static bool read_task(reading *r, hf_task *task, uint32_t *ret_threads)
{
	char path[64];
	size_t length = folder_of(path, sizeof path, task);

	*ret_threads = 0;
	(void)hf_print(path + length, sizeof path - length, "status");
	const hf_answer *answer = hf_facts_ask(r->facts, HF_ASK_FILE, path);

	if (answer && answer->error == ESRCH)
		return false;
	task->source = hf_checked(hf_arena_strdup(r->arena, path));
	task->fact = (hf_fact){.state = HF_PRESENT, .source = task->source};
	if (!answer || answer->error) {
		task->fact = hf_facts_head(r->facts, HF_ASK_FILE, path, answer);
		task->fact.state = HF_UNREADABLE;
	} else {
		const hf_task blank = *task;
		int error =
			hf_status_parse(r->arena, answer->data, answer->size, task, ret_threads);

		if (error == -ENOMEM)
			hf_facts_out_of_memory();
		if (error == -ESRCH)
			return false;
		if (error < 0) {
			*task = blank;
			task->fact.state = HF_UNREADABLE;
			task->fact.why = "is no whole status of a task";
		}
	}
	if (task->fact.state != HF_PRESENT) {
		task->ns_fact = task->label_fact = task->fact;
		lose(r, task->fact.source, task->fact.why);
		return true;
	}
	(void)hf_print(path + length, sizeof path - length, "ns");
	if (!read_namespaces(r, task, path))
		return false;
	(void)hf_print(path + length, sizeof path - length, "attr/current");
	read_label(r, task, path);
	return true;
}

/* ---- one process ---- */

static int compare_numbers(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void read_threads(reading *r, const hf_member *member, const hf_dir *list)
{
	const hf_process *process = member->process;
	hf_cleanup(hf_freep) int32_t *tids = calloc(list->count + 1, sizeof *tids);
	size_t count = 0;
	uint32_t threads;

	if (!tids)
		hf_facts_out_of_memory();
	for (size_t i = 0; i < list->count; i++) {
		int64_t tid;

		if (hf_parse_i64(list->names[i], &tid) == 0 && tid > 0 && tid <= INT32_MAX &&
		    tid != process->pid)
			tids[count++] = (int32_t)tid;
	}
	if (count > 1)
		qsort(tids, count, sizeof *tids, compare_numbers);
	for (size_t i = 0; i < count; i++) {
		hf_task *task = add_task(r);

		task->pid = process->pid;
		task->tid = tids[i];
		task->exe = process->exe;
		task->start_ticks = process->start_ticks;
		task->is_outsider = member->is_outsider;
		if (!read_task(r, task, &threads))
			r->count--;
	}
}

static void read_process(reading *r, const hf_member *member)
{
	const hf_process *process = member->process;
	uint32_t threads = 0;
	char path[64];

	if (!member->has_ended) {
		hf_task *task = add_task(r);

		*task = (hf_task){
			.pid = process->pid,
			.tid = process->pid,
			.exe = process->exe,
			.start_ticks = process->start_ticks,
			.is_outsider = member->is_outsider,
		};
		if (!read_task(r, task, &threads)) {
			r->count--;
			return;
		}
	}
	if (threads == 1)
		return;
	(void)hf_print(path, sizeof path, "/proc/%d/task", process->pid);
	/* a process whose first thread has ended is a zombie to look at, and runs on */
	if (member->has_ended && !hf_facts_ask(r->facts, HF_ASK_DIR, path))
		return;
	const hf_dir *list = hf_facts_dir(r->facts, path);

	if (list->fact.state == HF_PRESENT)
		read_threads(r, member, list);
	else
		lose(r, list->fact.source, list->fact.why);
}

/* ---- all of a container ---- */

/* Pid 1 of its pid namespace; where that is another container's or the host's, the oldest. */
static const hf_task *find_init(const reading *r, const hf_group *group)
{
	const hf_task *oldest = NULL;

	for (size_t i = 0; !oldest && i < r->count; i++) {
		const hf_task *task = &r->tasks[i];

		if (task->pid == group->first->process->pid && task->tid == task->pid &&
		    task->fact.state == HF_PRESENT)
			oldest = task;
	}
	/* what is deeper is a tree of the container's own making */
	for (size_t i = 0; oldest && oldest->ns_depth > 1 && i < r->count; i++) {
		const hf_task *task = &r->tasks[i];

		if (task->ns_pid == 1 && task->ns_depth == oldest->ns_depth &&
		    task->ns[HF_NS_PID] == oldest->ns[HF_NS_PID])
			return task;
	}
	return oldest;
}

/* Where no module that labels tasks runs, nobody need ask each of them. */
static hf_fact find_unlabeled(hf_facts *facts)
{
	static const char *const labeling[] = {"selinux", "apparmor", "smack"};
	const hf_lsm *lsm = hf_facts_lsm(facts);
	hf_fact fact = {.state = HF_ABSENT,
			.source = lsm->fact.source,
			.why = "no security module labels tasks"};

	for (size_t i = 0; lsm->fact.state == HF_PRESENT && i < HF_ARRAY_SIZE(labeling); i++) {
		if (hf_lsm_has(lsm, labeling[i]))
			fact.state = HF_PRESENT;
	}
	if (lsm->fact.state != HF_PRESENT)
		fact.state = HF_PRESENT;
	return fact;
}

void hf_tasks_read(hf_facts *facts, const hf_discovery *discovery, const hf_group *group,
		   hf_container *container)
{
	reading r = {
		.facts = facts,
		.arena = hf_facts_arena(facts),
		.container = container,
		.reference = hf_facts_ns_reference(facts),
		.unlabeled = find_unlabeled(facts),
	};

	container->tasks_fact = (hf_fact){.state = HF_PRESENT, .source = "tasks of the container"};
	if (discovery->gap.state != HF_PRESENT)
		lose(&r, discovery->gap.source, discovery->gap.why);
	/* a process at work for the runtime comes and goes: that one could not be read is no loss
	 */
	const hf_fact before = container->tasks_fact;

	for (size_t i = 0; i < group->count; i++) {
		if (group->members[i]->is_helper)
			read_process(&r, group->members[i]);
	}
	container->helpers = r.tasks;
	container->helper_count = r.count;
	container->tasks_fact = before;
	r.tasks = NULL;
	r.count = r.room = 0;
	for (size_t i = 0; i < group->count; i++) {
		if (!group->members[i]->is_helper)
			read_process(&r, group->members[i]);
	}
	container->tasks = r.tasks;
	container->task_count = r.count;
	if (r.count == 0)
		lose(&r, "tasks of the container", "none of them lived long enough to be read");
	container->init = find_init(&r, group);
	container->pid = container->init ? container->init->pid : group->first->process->pid;
}
