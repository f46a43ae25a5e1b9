/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of each process of a container and of its threads. Nothing here waits for the process: its
 * memory and the file servers behind its descriptors are left to proc-open.c. */
#include "collect/proc.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>

static const char too_many_threads[] = "there are more threads than are read";

/* The last number of "NSpid:\t4711\t12\t1"; 0 not known. */
static int parse_ns_pid(const char *status)
{
	const char *line = strstr(status, "\nNSpid:");
	int ns_pid = 0;

	for (const char *at = line ? line + strlen("\nNSpid:") : ""; *at == '\t';) {
		ns_pid = atoi(++at);
		at += strspn(at, "0123456789");
	}
	return ns_pid;
}

/* What a label is read from. 0 or a positive errno; @text holds the label. */
static int probe_label(const hf_proc *proc, const char *name, char *text, size_t room)
{
	char path[64];

	*text = '\0';
	if (!proc->is_procfs)
		return 0;
	(void)snprintf(path, sizeof path, "self/attr/%s", name);
	hf_cleanup(hf_closep) int fd = openat(proc->fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	if (n < 0)
		return errno;
	text[n] = '\0';
	return 0;
}

int hf_proc_find_labels(hf_proc *proc)
{
	char current[512], apparmor[512];
	hf_answer answer = {.kind = HF_ASK_FILE, .name = "/proc/self/attr/current", .data = current};
	int second = probe_label(proc, "apparmor/current", apparmor, sizeof apparmor);

	proc->label_error = answer.error = probe_label(proc, "current", current, sizeof current);
	answer.data = answer.error ? "" : current;
	answer.size = strlen(answer.data);
	proc->label = answer.error ? NULL : "current";
	/* with one module both say the same */
	if (proc->is_procfs && !second && (answer.error || strcmp(current, apparmor) != 0))
		proc->second_label = "apparmor/current";
	return proc->is_procfs ? hf_sink_answer(hf_reader_sink(proc->reader), &answer) : 0;
}

/* The kernel alone knows whether a module labels tasks; where none does it need not be asked of each. */
static int ask_labels(const hf_proc *proc, const hf_proc_dir *dir, const char *folder)
{
	char name[96];
	int r;

	(void)snprintf(name, sizeof name, "%sattr/current", folder);
	r = proc->label ? hf_proc_ask(proc, dir, name)
			: hf_proc_send_error(proc, dir, HF_ASK_FILE, name, proc->label_error, NULL);
	if (r < 0 || !proc->second_label)
		return r;
	(void)snprintf(name, sizeof name, "%sattr/%s", folder, proc->second_label);
	return hf_proc_ask(proc, dir, name);
}

/* ---- threads ---- */

static int ask_thread(const hf_proc *proc, const hf_proc_dir *dir, const char *tid,
		      const hf_proc_links *leader)
{
	static hf_proc_text text;
	char folder[48], name[64];
	hf_answer status;
	hf_proc_links links;

	(void)snprintf(folder, sizeof folder, "task/%s/", tid);
	(void)snprintf(name, sizeof name, "%sstatus", folder);
	hf_proc_read(proc, dir, name, &text, &status);
	if (status.error == ESRCH || status.error == ENOENT)
		return 1;
	int r = hf_proc_send(proc, dir, name, &status);

	(void)snprintf(name, sizeof name, "%sns", folder);
	hf_proc_share_links(leader, &links);
	hf_proc_read_links(proc, dir, name, &links);
	if (r >= 0)
		r = hf_proc_send_links(proc, dir, name, &links);
	return r < 0 ? r : ask_labels(proc, dir, folder);
}

/* The listing names the threads that were read, and those that the budget left out, which are answered for. */
static int ask_threads(hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget,
		       const hf_proc_links *leader)
{
	enum { THREADS_MAX = 4096 };
	hf_buffer all = {0}, kept = {0};
	int error = hf_proc_list_names(proc, dir, "task", THREADS_MAX, &all);
	const char *end = all.data + all.size;
	int r = 0;

	for (const char *tid = all.data; r >= 0 && tid < end; tid += strlen(tid) + 1) {
		char name[48];

		r = 0;
		if (hf_proc_pid(tid) == 0)
			continue;
		if (hf_proc_pid(tid) == dir->pid) {
			hf_buffer_add(&kept, tid, strlen(tid) + 1);
			continue;
		}
		(void)snprintf(name, sizeof name, "task/%s/status", tid);
		if (budget->threads == 0)
			r = hf_proc_send_error(proc, dir, HF_ASK_FILE, name, EFBIG,
					       too_many_threads);
		else
			r = ask_thread(proc, dir, tid, leader);
		budget->threads -= budget->threads > 0;
		if (r == 0)
			hf_buffer_add(&kept, tid, strlen(tid) + 1);
	}
	if (r >= 0)
		r = hf_proc_send_text(proc, dir, HF_ASK_DIR, "task", error,
				      error == EFBIG ? too_many_threads : NULL, &kept);
	hf_buffer_free(&all);
	hf_buffer_free(&kept);
	return r;
}

/* ---- a process ---- */

/* The magic link is looked through without asking a file server for what the kernel knows. */
int hf_proc_ask_root(const hf_proc *proc, const hf_proc_dir *dir)
{
	struct statx st;
	hf_answer answer = {.kind = HF_ASK_STAT, .data = ""};

	if (!proc->is_procfs)
		return 0; /* where a link in a tree leads says nothing */
	if (statx(dir->fd, "root", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		  STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_INO, &st) < 0)
		answer.error = errno;
	else
		answer.meta = (hf_meta){
			.mode = st.stx_mode,
			.uid = st.stx_uid,
			.gid = st.stx_gid,
			.dev_major = st.stx_dev_major,
			.dev_minor = st.stx_dev_minor,
			.ino = st.stx_ino,
		};
	return hf_proc_send(proc, dir, "root", &answer);
}

static int ask_files(hf_proc *proc, const hf_proc_dir *dir, int *ret_ns_pid)
{
	static const char *const names[] = {"limits", "oom_score_adj"};
	static hf_proc_text text;
	hf_answer status;

	hf_proc_read(proc, dir, "status", &text, &status);
	*ret_ns_pid = parse_ns_pid(status.data);
	int r = hf_proc_send(proc, dir, "status", &status);

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++)
		r = hf_proc_ask(proc, dir, names[i]);
	return r;
}

int hf_proc_ask_task(hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget, bool with_root,
		     hf_proc_first *first, int *ret_ns_pid)
{
	int r = hf_proc_send_first(proc, dir, first);

	if (r >= 0)
		r = ask_files(proc, dir, ret_ns_pid);
	hf_proc_read_links(proc, dir, "ns", &first->links);
	if (r >= 0)
		r = hf_proc_send_links(proc, dir, "ns", &first->links);
	if (r >= 0 && with_root)
		r = hf_proc_ask_root(proc, dir);
	if (r >= 0)
		r = ask_labels(proc, dir, "");
	if (r >= 0 && first->life.threads != 1)
		r = ask_threads(proc, dir, budget, &first->links);
	return r;
}
