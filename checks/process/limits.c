/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of single processes, and where the memory of a crashed one goes. */
#include "process.h"

#include <stdlib.h>

/* ---- /proc/PID/limits: proc_pid_limits(5) ---- */

#define UNLIMITED UINT64_MAX

typedef struct limit {
	uint64_t soft;
	uint64_t hard;
} limit;

static bool parse_value(const char **cursor, uint64_t *ret_value)
{
	static const char word[] = "unlimited";
	const char *at = *cursor + strspn(*cursor, " ");
	char *end;

	if (strncmp(at, word, strlen(word)) == 0) {
		*ret_value = UNLIMITED;
		*cursor = at + strlen(word);
		return true;
	}
	*ret_value = strtoull(at, &end, 10);
	*cursor = end;
	return end > at && *at >= '0' && *at <= '9';
}

/* "Max open files            1048576              1048576              files" */
static bool find_limit(const hf_file *limits, const char *name, limit *ret_limit)
{
	const char *line = strstr(limits->data, name);

	if (!line)
		return false;
	line += strlen(name);
	return parse_value(&line, &ret_limit->soft) && parse_value(&line, &ret_limit->hard);
}

static const hf_file *limits_of(hf_check_run *run, const hf_task *task)
{
	return hf_process_file(run, task->pid, "limits");
}

/* The processes of a container that have limits of their own to look at. */
static bool is_wanted(const hf_task *task)
{
	return process_is_main(task) && task->fact.state == HF_PRESENT;
}

/* ---- process.core-dumps ---- */

/* By full path, as the kernel starts it in the host's namespaces. Each takes a dump from a pipe and
 * keeps it for root and its owner alone; /bin/false drops it. */
static bool is_known_collector(const char *command)
{
	static const char *const collectors[] = {
		"/usr/lib/systemd/systemd-coredump",
		"/lib/systemd/systemd-coredump",
		"/usr/share/apport/apport",
		"/usr/libexec/abrt-hook-ccpp",
		"/bin/false",
		"/usr/bin/false",
	};
	size_t length = strcspn(command, " \t");

	for (size_t i = 0; i < PROCESS_COUNT(collectors); i++) {
		if (strlen(collectors[i]) == length && memcmp(collectors[i], command, length) == 0)
			return true;
	}
	return false;
}

/* The first process that may dump, NULL: none. A pipe is served whatever the limit, but for 1,
 * which the kernel keeps for "none": core(5). */
static const hf_task *who_dumps(hf_check_run *run, const hf_container *container, bool is_pipe,
				bool *ret_known)
{
	*ret_known = true;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		const hf_file *limits = is_wanted(task) ? limits_of(run, task) : NULL;
		limit core;

		if (!limits)
			continue;
		if (limits->fact.state != HF_PRESENT ||
		    !find_limit(limits, "Max core file size", &core)) {
			hf_unknown(run, limits->fact.source,
				   limits->fact.why ? limits->fact.why : "has no core file size");
			*ret_known = false;
		} else if (is_pipe ? core.soft != 1 || core.hard != 1 : core.hard != 0) {
			return task;
		}
	}
	return NULL;
}

/* An absolute path is one of the container: on the host's disk where a folder of the host is
 * mounted there. */
static const char *shared_folder(hf_check_run *run, const hf_container *container,
				 const char *pattern)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	size_t length = strcspn(pattern, "%");

	if (!hf_need(run, &mounts->fact))
		return NULL;
	while (length > 1 && pattern[length - 1] != '/')
		length--;
	while (length > 1 && pattern[length - 1] == '/')
		length--;
	const hf_container_mount *mount =
		hf_container_mount_at(mounts, hf_text(run, "%.*s", (int)length, pattern));

	if (!mount || mount->is_declared_by_runtime || mount->is_read_only ||
	    strcmp(mount->mount->target, "/") == 0)
		return NULL;
	return mount->host_path;
}

static void check_core_dumps(hf_check_run *run)
{
	static const char wanted[] =
		"limits of 0, a known collector, or a file of the container's own";
	const hf_container *container = hf_container_of(run);
	const hf_sysctl *pattern = hf_sysctl_get(run, "kernel.core_pattern");
	bool is_known;

	if (!hf_need(run, &pattern->fact))
		return;
	bool is_pipe = *pattern->text == '|', is_socket = *pattern->text == '@';
	bool is_path = *pattern->text == '/';

	if (is_pipe && is_known_collector(pattern->text + 1)) {
		(void)hf_expect(run, pattern->fact.source, pattern->text, wanted, true);
		return;
	}
	if (!is_pipe && !is_socket && !is_path) {
		/* a name without a path is a file in the working directory of who crashed */
		(void)hf_expect(run, pattern->fact.source, *pattern->text ? pattern->text : "none",
				wanted, true);
		return;
	}
	const char *folder = is_path ? shared_folder(run, container, pattern->text) : NULL;

	if (is_path && !folder) {
		if (hf_status_so_far(run) != HF_UNKNOWN)
			(void)hf_expect(
				run, pattern->fact.source,
				hf_text(run, "%s, a file of the container's own", pattern->text),
				wanted, true);
		return;
	}
	const hf_task *task = who_dumps(run, container, is_pipe, &is_known);

	if (task)
		(void)hf_expect(run, pattern->fact.source,
				hf_text(run, "%s takes the memory of %s%s%s", pattern->text,
					process_task_name(run, task),
					folder ? " to the host's " : "", folder ? folder : ""),
				wanted, false);
	else if (is_known && hf_need(run, &container->tasks_fact))
		(void)hf_expect(run, "core file size of every process",
				is_pipe ? "1, soft and hard" : "0, soft and hard", wanted, true);
}

/* ---- process.rlimits ---- */

typedef struct bound {
	const char *name; /* in /proc/PID/limits */
	const char *word;
	uint64_t most; /* of the hard limit, which the process itself can raise the soft one to */
} bound;

/* Docker, containerd and CRI-O give a million open files at most; a process that closes all that it
 * could have open loops for minutes beyond that. Locked memory: what io_uring and BPF programs of
 * one service need. */
static const bound bounds[] = {
	{"Max open files", "open files", 1048576},
	{"Max locked memory", "locked memory", UINT64_C(1) << 30},
	{"Max realtime priority", "realtime priority", 0},
};

static const char *shown(hf_check_run *run, uint64_t value)
{
	return value == UNLIMITED ? "unlimited" : hf_text(run, "%llu", (unsigned long long)value);
}

/* RLIMIT_NPROC counts by user of the host and does not hold root: a limit of the control group
 * does. */
static bool are_pids_limited(hf_check_run *run, const hf_container *container)
{
	const hf_limit *pids = hf_container_limit(run, container, HF_LIMIT_PIDS);

	return pids->fact.state == HF_PRESENT && pids->is_limited;
}

static void judge_limits(hf_check_run *run, const hf_task *task, bool are_pids_free,
			 process_list *bad)
{
	const hf_file *limits = limits_of(run, task);
	limit found;

	if (!hf_need(run, &limits->fact))
		return;
	for (size_t i = 0; i < PROCESS_COUNT(bounds); i++) {
		if (!find_limit(limits, bounds[i].name, &found)) {
			hf_unknown(run, limits->fact.source,
				   hf_text(run, "has no %s", bounds[i].word));
			return;
		}
		if (found.hard > bounds[i].most)
			process_list_add(
				run, bad,
				hf_text(run, "%s %s", bounds[i].word, shown(run, found.hard)));
	}
	if (!find_limit(limits, "Max processes", &found))
		hf_unknown(run, limits->fact.source, "has no processes");
	else if (are_pids_free && found.hard == UNLIMITED)
		process_list_add(run, bad, "processes unlimited, by pids.max too");
}

static void check_rlimits(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	bool are_pids_free = !are_pids_limited(run, container);
	process_list bad = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		if (is_wanted(&container->tasks[i]))
			judge_limits(run, &container->tasks[i], are_pids_free, &bad);
	}
	process_conclude(
		run, &bad, "hard limits of every process", "too much", "within bounds",
		"open files at most 1048576, locked memory at most 1 GiB, no realtime priority, "
		"processes limited by pids.max or nproc");
}

static const hf_check checks[] = {
	{
		.id = "process.core-dumps",
		.title = "Containers do not write core dumps through the host",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:528", "ATTACK:T1005"),
		.reads = HF_READS("sysctl:kernel.core_pattern"),
		.risk = "The memory of the container's processes, keys included, ends on the "
			"host's disk.",
		.threat = "Other users of the node read it there; and a process that crashes again "
			  "and again "
			  "fills the disk.",
		.remediation =
			"Start the container with --ulimit core=0 and set kernel.core_pattern to a "
			"collector that keeps dumps for root, such as systemd-coredump.",
		.run = check_core_dumps,
	},
	{
		.id = "process.rlimits",
		.title = "Per-process limits are set",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.19", "CIS-Docker-1.6:2.8", "CWE:770",
				"OWASP-Docker:D07", "DOCKER-BENCH:check_5_19"),
		.aliases = HF_ALIASES("container.ulimits"),
		.risk = "One process of the container uses up open files or locked memory of the "
			"whole node.",
		.threat =
			"fs.file-max is reached, and nobody on the node can open a file any more.",
		.remediation = "Set \"default-ulimits\" in daemon.json (nofile with Hard 65536), "
			       "or start the "
			       "container with --ulimit nofile=65536:65536 and --pids-limit.",
		.run = check_rlimits,
	},
};

HF_CHECK_SET(process_limits, checks);
