/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that have no business in a container: tools of administrators, debuggers, shells that
 * somebody uses. */
#include "process.h"

#include <sys/stat.h>

static const char *const tools[] = {
	"sshd",	    "sshd-session", "dropbear", "telnetd",   "docker",	"dockerd", "containerd",
	"ctr",	    "crictl",	    "nerdctl",	"podman",    "kubectl", "nsenter", "unshare",
	"runc",	    "crun",	    "gdb",	"gdbserver", "strace",	"ltrace",  "perf",
	"bpftrace", "tcpdump",	    "tshark",	"dumpcap",   "nmap",	"masscan", "nc",
	"ncat",	    "netcat",	    "socat",	"apt",	     "apt-get", "dpkg",	   "yum",
	"dnf",	    "rpm",	    "apk",	"zypper",    "pacman",	"xmrig",
};

static const char *const shells[] = {"ash", "bash", "csh",  "dash", "fish",
				     "ksh", "sh",   "tcsh", "zsh"};

static bool is_listed(const char *const *names, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	}
	return false;
}

/* By the base name of its file, else (one file has many names in busybox) by what it calls itself.
 */
static const char *listed_name(hf_check_run *run, const hf_task *task, const char *const *names,
			       size_t count)
{
	const char *slash = task->exe ? strrchr(task->exe, '/') : NULL;
	const char *base = slash ? slash + 1 : "";
	size_t length =
		strlen(base) - (process_ends_with(base, " (deleted)") ? strlen(" (deleted)") : 0);
	/* "-bash" is a login shell */
	const char *comm = task->name ? task->name + (*task->name == '-') : "";

	if (is_listed(names, count, base, length))
		return hf_text(run, "%.*s", (int)length, base);
	return is_listed(names, count, comm, strlen(comm)) ? comm : NULL;
}

/* Somebody sits at it: its standard input is a terminal. False also when that is not known, which
 * marks @run. */
static bool has_terminal(hf_check_run *run, const hf_task *task)
{
	const hf_opens *opens = hf_process_opens(run, task->pid);

	if (!hf_need(run, &opens->fact))
		return false;
	for (size_t i = 0; i < opens->count; i++) {
		const hf_open *open = &opens->all[i];

		if (strcmp(open->name, "0") == 0)
			return S_ISCHR(open->mode) &&
			       ((open->rdev_major >= 136 && open->rdev_major <= 143) ||
				open->rdev_major == 4 || open->rdev_major == 5);
	}
	return false;
}

static void check_tools(hf_check_run *run)
{
	static const char source[] = "programs of every process";
	static const char look_at[] = "whether the program belongs to what the container is for";
	const hf_container *container = hf_container_of(run);
	process_list seen = {0};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (!process_is_main(task) || task->fact.state != HF_PRESENT)
			continue;
		const char *tool = listed_name(run, task, tools, PROCESS_COUNT(tools));
		const char *shell =
			tool ? NULL : listed_name(run, task, shells, PROCESS_COUNT(shells));

		if (tool)
			process_list_add(run, &seen,
					 hf_text(run, "%s (uid %u)", tool, task->uid[1]));
		else if (shell && has_terminal(run, task))
			process_list_add(
				run, &seen,
				hf_text(run, "%s at a terminal (uid %u)", shell, task->uid[1]));
	}
	if (seen.count > 0)
		hf_review(run, source, process_list_text(run, &seen), look_at);
	else if (hf_need(run, &container->tasks_fact))
		(void)hf_expect(run, source, "none of an administrator's tools",
				"no tool of administrators or debuggers, no shell at a terminal",
				true);
}

static const hf_check checks[] = {
	{
		.id = "process.host-tools-inside",
		.title = "No foreign debugging or runtime tools run inside containers",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:P/I:N/A:N"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("ATTACK:T1609", "ATTACK:T1613", "OWASP-Docker:D09",
				"CIS-Docker-1.6:5.7"),
		.risk = "Somebody works inside the container, or offers a login to it.",
		.threat = "What an intruder brings along or finds (a debugger, a package manager, "
			  "an engine's "
			  "client) takes him further; a login has passwords of its own to guess.",
		.remediation = "End the process and find out who started it; build images without "
			       "these tools, "
			       "and enter containers by the engine alone, which records it.",
		.run = check_tools,
	},
};

HF_CHECK_SET(process_programs, checks);
