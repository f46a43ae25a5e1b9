/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading single files and links of /proc/PID. */
#include "collect/proc.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum { NAME_ROOM = 128 };

int hf_proc_start(hf_proc *proc)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	struct statfs fs;

	proc->fd = (int)syscall(SYS_openat2, hf_reader_root_fd(proc->reader), "/proc", &how,
				sizeof how);
	if (proc->fd < 0 || fstatfs(proc->fd, &fs) < 0)
		return errno;
	proc->is_procfs = fs.f_type == PROC_SUPER_MAGIC;
	return 0;
}

void hf_proc_end(hf_proc *proc)
{
	hf_closep(&proc->fd);
	proc->fd = -1;
	hf_map_free(&proc->net_namespaces);
	hf_map_free(&proc->container_nets);
}

DIR *hf_proc_list(const hf_proc *proc)
{
	int fd = openat(proc->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing && fd >= 0)
		(void)close(fd);
	return listing;
}

int hf_proc_pid(const char *name)
{
	int64_t pid = 0;
	bool is_number = *name >= '1' && *name <= '9' && hf_parse_i64(name, &pid) == 0;

	return is_number && pid <= INT32_MAX ? (int)pid : 0;
}

int hf_proc_open(const hf_proc *proc, int pid, hf_proc_dir *ret_dir)
{
	char name[16];

	*ret_dir = (hf_proc_dir){.pid = pid, .fd = -1};
	if (!proc->is_procfs)
		return 0;
	(void)snprintf(name, sizeof name, "%d", pid);
	ret_dir->fd = openat(proc->fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return ret_dir->fd < 0 ? errno : 0;
}

bool hf_proc_is_late(hf_proc *proc)
{
	if (proc->deadline_ms && hf_now_ms() > proc->deadline_ms)
		proc->is_late = true;
	return proc->is_late;
}

static int peek(const hf_proc *proc, hf_ask_kind kind, const hf_proc_dir *dir, const char *name,
		hf_answer *answer)
{
	char path[NAME_ROOM];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", dir->pid, name);
	return hf_reader_peek(proc->reader, kind, path, answer);
}

/* These files are one record each: the kernel gives all of it to a single read that has the room.
 */
static int read_once(const hf_proc_dir *dir, const char *name, hf_proc_text *text, size_t *ret_size)
{
	hf_cleanup(hf_closep) int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text->data, sizeof text->data - 1);

	if (n < 0)
		return errno;
	if ((size_t)n == sizeof text->data - 1)
		return EFBIG;
	text->data[n] = '\0';
	*ret_size = (size_t)n;
	return 0;
}

void hf_proc_read(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_proc_text *text,
		  hf_answer *ret_answer)
{
	*ret_answer = (hf_answer){.kind = HF_ASK_FILE, .data = ""};
	if (proc->is_procfs) {
		ret_answer->error = read_once(dir, name, text, &ret_answer->size);
	} else {
		hf_answer plain;

		ret_answer->error = peek(proc, HF_ASK_FILE, dir, name, &plain);
		if (!ret_answer->error && plain.size >= sizeof text->data)
			ret_answer->error = EFBIG;
		if (!ret_answer->error) {
			memcpy(text->data, plain.data, plain.size + 1);
			ret_answer->size = plain.size;
		}
	}
	if (!ret_answer->error)
		ret_answer->data = text->data;
}

void hf_proc_readlink(const hf_proc *proc, const hf_proc_dir *dir, const char *name,
		      char text[HF_PROC_LINK_ROOM], hf_answer *ret_answer)
{
	*ret_answer = (hf_answer){.kind = HF_ASK_LINK, .data = ""};
	if (proc->is_procfs) {
		ssize_t n = readlinkat(dir->fd, name, text, HF_PROC_LINK_ROOM - 1);

		ret_answer->error = n < 0 ? errno : 0;
		ret_answer->size = n < 0 ? 0 : (size_t)n;
	} else {
		hf_answer plain;

		ret_answer->error = peek(proc, HF_ASK_LINK, dir, name, &plain);
		if (!ret_answer->error && plain.size >= HF_PROC_LINK_ROOM)
			ret_answer->error = ENAMETOOLONG;
		if (!ret_answer->error) {
			memcpy(text, plain.data, plain.size);
			ret_answer->size = plain.size;
		}
	}
	if (ret_answer->error)
		return;
	text[ret_answer->size] = '\0';
	ret_answer->data = text;
}

int hf_proc_read_whole(const hf_proc *proc, const hf_proc_dir *dir, const char *name, size_t cap,
		       hf_buffer *text)
{
	static char chunk[64 * 1024];

	if (!proc->is_procfs) {
		hf_answer plain;
		int error = peek(proc, HF_ASK_FILE, dir, name, &plain);

		if (!error)
			hf_buffer_add(text, plain.data, plain.size);
		return error;
	}
	hf_cleanup(hf_closep) int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return text->failed ? ENOMEM : 0;
		if (n > 0)
			hf_buffer_add(text, chunk, (size_t)n);
		if (text->size > cap)
			return EFBIG;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the names of one getdents64(2) block. */
static int add_names(const char *block, size_t size, size_t max, hf_buffer *names, size_t *count)
{
	for (size_t at = 0; at < size;) {
		const struct dirent64 *entry = (const void *)(block + at);

		at += entry->d_reclen;
		if (entry->d_name[0] == '.')
			continue;
		if ((*count)++ >= max)
			return EFBIG;
		hf_buffer_add(names, entry->d_name, strlen(entry->d_name) + 1);
	}
	return 0;
}

/* @names, each with its NUL, in the order of their bytes. */
static int sort_names(const hf_buffer *names, hf_buffer *listing)
{
	hf_cleanup(hf_list_free) hf_list sorted = {0};
	int error = names->failed ? ENOMEM : 0;

	for (size_t at = 0; !error && at < names->size; at += strlen(names->data + at) + 1)
		error = hf_list_add(&sorted, names->data + at) < 0 ? ENOMEM : 0;
	if (sorted.count > 0)
		qsort(sorted.items, sorted.count, sizeof sorted.items[0], compare_names);
	for (size_t i = 0; !error && i < sorted.count; i++)
		hf_buffer_add(listing, sorted.items[i], strlen(sorted.items[i]) + 1);
	return error;
}

int hf_proc_list_fd(int fd, size_t max, hf_buffer *listing)
{
	static char block[32 * 1024];
	hf_cleanup(hf_buffer_free) hf_buffer names = {0};
	size_t count = 0;
	int error = 0;

	while (!error) {
		ssize_t n = getdents64(fd, block, sizeof block);

		if (n < 0)
			error = errno;
		if (n <= 0)
			break;
		error = add_names(block, (size_t)n, max, &names, &count);
	}
	return error ? error : sort_names(&names, listing);
}

int hf_proc_list_names(const hf_proc *proc, const hf_proc_dir *dir, const char *name, size_t max,
		       hf_buffer *listing)
{
	hf_answer plain;

	if (proc->is_procfs) {
		hf_cleanup(hf_closep) int fd =
			openat(dir->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		return fd < 0 ? errno : hf_proc_list_fd(fd, max, listing);
	}
	int error = peek(proc, HF_ASK_DIR, dir, name, &plain);

	if (!error)
		hf_buffer_add(listing, plain.data, plain.size);
	return error;
}

int hf_proc_send(const hf_proc *proc, const hf_proc_dir *dir, const char *name, hf_answer *answer)
{
	char path[NAME_ROOM];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", dir->pid, name);
	answer->name = path;
	/* to the sink at once: every process is visited once, there is no question to remember */
	int r = hf_sink_answer(hf_reader_sink(proc->reader), answer);

	answer->name = name;
	return r;
}

int hf_proc_send_text(const hf_proc *proc, const hf_proc_dir *dir, hf_ask_kind kind,
		      const char *name, int error, const char *reason, const hf_buffer *text)
{
	hf_answer answer = {.kind = kind, .error = error, .reason = reason, .data = ""};

	if (text->failed && !error)
		answer.error = ENOMEM;
	if (!answer.error && text->size > 0) {
		answer.data = text->data;
		answer.size = text->size;
	}
	return hf_proc_send(proc, dir, name, &answer);
}

int hf_proc_send_error(const hf_proc *proc, const hf_proc_dir *dir, hf_ask_kind kind,
		       const char *name, int error, const char *reason)
{
	const hf_buffer none = {0};

	return hf_proc_send_text(proc, dir, kind, name, error, reason, &none);
}

int hf_proc_ask(const hf_proc *proc, const hf_proc_dir *dir, const char *name)
{
	static hf_proc_text text;
	hf_answer answer;

	hf_proc_read(proc, dir, name, &text, &answer);
	return hf_proc_send(proc, dir, name, &answer);
}

int hf_proc_send_link(const hf_proc *proc, const char *path, hf_answer *ret_answer)
{
	static char text[HF_PROC_LINK_ROOM];
	ssize_t n;

	*ret_answer = (hf_answer){.kind = HF_ASK_LINK, .name = path, .data = ""};
	if (proc->is_procfs) {
		n = readlinkat(proc->fd, path + strlen("/proc/"), text, sizeof text - 1);
		ret_answer->error = n < 0 ? errno : 0;
		if (n >= 0) {
			text[n] = '\0';
			ret_answer->data = text;
			ret_answer->size = (size_t)n;
		}
	} else {
		(void)hf_reader_peek(proc->reader, HF_ASK_LINK, path, ret_answer);
	}
	return hf_sink_answer(hf_reader_sink(proc->reader), ret_answer);
}
