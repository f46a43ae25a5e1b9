/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which life of a process is seen, and in which namespaces. */
#include "collect/proc.h"

#include <fcntl.h>
#include <stdio.h>

const char *const hf_proc_ns_names[HF_PROC_NS_COUNT] = {
	[HF_PROC_NS_CGROUP] = "cgroup", [HF_PROC_NS_IPC] = "ipc",   [HF_PROC_NS_MNT] = "mnt",
	[HF_PROC_NS_NET] = "net",	[HF_PROC_NS_PID] = "pid",   [HF_PROC_NS_TIME] = "time",
	[HF_PROC_NS_USER] = "user",	[HF_PROC_NS_UTS] = "uts",
};

enum { KTHREADD = 2 };

/* Fields of stat(5) that are looked at, counted from 1; the name is the second. */
enum {
	FIELD_STATE = 3,
	FIELD_FLAGS = 9,
	FIELD_THREADS = 20,
	FIELD_START = 22,
	FIELD_START_CODE = 26,
	FIELD_START_STACK = 28,
	FIELD_ARG_START = 48,
	FIELD_ARG_END = 49,
	FIELD_ENV_START = 50,
	FIELD_ENV_END = 51,
	FIELD_LAST = 52
};

static void take_field(unsigned field, uint64_t value, hf_proc_life *life)
{
	switch (field) {
	case FIELD_FLAGS:
		life->flags = (unsigned)value;
		break;
	case FIELD_THREADS:
		life->threads = (unsigned)value;
		break;
	case FIELD_START:
		life->start_ticks = value;
		break;
	case FIELD_START_CODE:
		life->addresses[0] = value;
		break;
	case FIELD_START_STACK:
		life->addresses[1] = value;
		break;
	case FIELD_ARG_START:
	case FIELD_ARG_END:
	case FIELD_ENV_START:
	case FIELD_ENV_END:
		life->addresses[field - FIELD_ARG_START + 2] = value;
		break;
	default: /* of no interest */
		break;
	}
}

/* The command's name before the numbers may hold blanks and parentheses. By hand: of a scan's time sscanf(3) of
 * fifty fields would be the larger part. */
bool hf_proc_parse_life(const char *text, hf_proc_life *ret_life)
{
	const char *at = strrchr(text, ')');
	hf_proc_life life = {0};
	unsigned field = FIELD_STATE;

	if (!at || at[1] != ' ' || !at[2])
		return false;
	life.state = at[2];
	for (at += 3; *at == ' ' && field < FIELD_LAST;) {
		uint64_t value = 0;
		bool is_negative = *++at == '-';

		at += is_negative;
		if (*at < '0' || *at > '9')
			break;
		while (*at >= '0' && *at <= '9')
			value = value * 10 + (uint64_t)(*at++ - '0');
		field++;
		if (!is_negative)
			take_field(field, value, &life);
	}
	if (field < FIELD_START)
		return false;
	*ret_life = life;
	return true;
}

bool hf_proc_is_same_life(const hf_proc_life *a, const hf_proc_life *b)
{
	return a->start_ticks == b->start_ticks &&
	       memcmp(a->addresses, b->addresses, sizeof a->addresses) == 0;
}

/* 0; 1: it has ended; EAGAIN: it is in another life than @life. */
static int compare_life(const hf_proc_life *life, const char *text)
{
	hf_proc_life now;

	if (!hf_proc_parse_life(text, &now))
		return 0;
	if (now.start_ticks != life->start_ticks)
		return EAGAIN;
	/* who is about to end loses its memory before it is a zombie */
	if (now.state == 'Z' || now.state == 'X' || life->state == 'Z')
		return 0;
	return hf_proc_is_same_life(&now, life) ? 0 : EAGAIN;
}

int hf_proc_check_stat(int stat_fd, const hf_proc_life *life)
{
	char text[4096];
	ssize_t n = pread(stat_fd, text, sizeof text - 1, 0);

	if (n < 0)
		return errno == ESRCH ? 1 : 0;
	text[n] = '\0';
	return compare_life(life, text);
}

int hf_proc_check_first(const hf_proc *proc, const hf_proc_first *first)
{
	if (!proc->is_procfs || first->stat_fd < 0 || first->stat.error)
		return 0;
	return hf_proc_check_stat(first->stat_fd, &first->life);
}

int hf_proc_check_life(const hf_proc *proc, const hf_proc_dir *dir, const hf_proc_life *life)
{
	static hf_proc_text text;
	hf_answer stat;

	hf_proc_read(proc, dir, "stat", &text, &stat);
	if (stat.error)
		return proc->is_procfs && (stat.error == ESRCH || stat.error == ENOENT);
	return compare_life(life, stat.data);
}

/* ---- the first questions ---- */

static int read_stat(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_first *first)
{
	static hf_proc_text text;
	hf_answer *stat = &first->stat;

	if (!proc->is_procfs) {
		hf_proc_read(proc, dir, "stat", &text, stat);
	} else {
		*stat = (hf_answer){.kind = HF_ASK_FILE, .data = ""};
		first->stat_fd = openat(dir->fd, "stat", O_RDONLY | O_CLOEXEC);
		ssize_t n = first->stat_fd < 0 ? -1
					       : read(first->stat_fd, text.data, sizeof text.data - 1);

		if (n < 0)
			stat->error = errno;
		text.data[n < 0 ? 0 : n] = '\0';
		stat->data = n < 0 ? "" : text.data;
		stat->size = n < 0 ? 0 : (size_t)n;
	}
	if (stat->error == ESRCH)
		return 1;
	if (!stat->error && !hf_proc_parse_life(stat->data, &first->life))
		*stat = (hf_answer){.kind = HF_ASK_FILE, .error = EBADMSG, .data = ""};
	return 0;
}

static bool is_gone(const hf_proc *proc, const hf_proc_dir *dir)
{
	return proc->is_procfs && faccessat(dir->fd, "stat", F_OK, 0) < 0;
}

int hf_proc_read_first(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_first *ret_first)
{
	static hf_proc_text cgroup;
	static char exe[HF_PROC_LINK_ROOM];

	*ret_first = (hf_proc_first){.stat_fd = -1};
	if (read_stat(proc, dir, ret_first) == 1)
		return 1;
	/* that kthreadd has no program is part of the proof that it is the one */
	if (ret_first->life.flags & HF_PROC_KERNEL_THREAD && dir->pid != KTHREADD)
		return 0;
	hf_proc_readlink(proc, dir, "exe", exe, &ret_first->exe);
	if (ret_first->life.flags & HF_PROC_KERNEL_THREAD)
		return 0;
	hf_proc_read(proc, dir, "cgroup", &cgroup, &ret_first->cgroup);
	hf_proc_read_ns(proc, dir, HF_PROC_NS_MNT, &ret_first->links);
	int mnt = ret_first->links.error[HF_PROC_NS_MNT];

	/* a zombie has lost its program and namespaces and is still there, until its parent asks;
	 * who has lost its folder is not */
	return (ret_first->cgroup.error == ESRCH || mnt == ENOENT || mnt == ESRCH) &&
	       is_gone(proc, dir);
}

int hf_proc_send_first(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_first *first)
{
	int r = hf_proc_send(proc, dir, "stat", &first->stat);

	if (r >= 0 && first->exe.kind)
		r = hf_proc_send(proc, dir, "exe", &first->exe);
	if (r < 0 || first->life.flags & HF_PROC_KERNEL_THREAD)
		return r;
	const char *mnt = first->links.text[HF_PROC_NS_MNT];
	hf_answer answer = {
		.kind = HF_ASK_LINK,
		.error = first->links.error[HF_PROC_NS_MNT],
		.data = mnt,
		.size = strlen(mnt),
	};

	r = hf_proc_send(proc, dir, "cgroup", &first->cgroup);
	return r < 0 ? r : hf_proc_send(proc, dir, "ns/mnt", &answer);
}

/* ---- namespaces ---- */

static void read_link(const hf_proc *proc, const hf_proc_dir *dir, const char *folder, size_t ns,
		      hf_proc_links *links)
{
	char text[HF_PROC_LINK_ROOM], name[64];
	hf_answer answer;

	(void)snprintf(name, sizeof name, "%s/%s", folder, hf_proc_ns_names[ns]);
	hf_proc_readlink(proc, dir, name, text, &answer);
	if (!answer.error && answer.size >= HF_PROC_NS_ROOM)
		answer.error = ENAMETOOLONG; /* in a tree anything can stand */
	links->is_read[ns] = true;
	links->error[ns] = answer.error;
	links->text[ns][0] = '\0';
	if (!answer.error)
		memcpy(links->text[ns], text, answer.size + 1);
}

void hf_proc_read_ns(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_ns ns, hf_proc_links *links)
{
	if (!links->is_read[ns])
		read_link(proc, dir, "ns", ns, links);
}

void hf_proc_read_links(const hf_proc *proc, const hf_proc_dir *dir, const char *folder,
			hf_proc_links *links)
{
	for (size_t i = 0; i < HF_PROC_NS_COUNT; i++) {
		if (!links->is_read[i])
			read_link(proc, dir, folder, i, links);
	}
}

/* Threads of one process share their user, pid and time namespaces: setns(2) and unshare(2) refuse to part
 * them (user_namespaces(7), pid_namespaces(7), time_namespaces(7)). */
void hf_proc_share_links(const hf_proc_links *leader, hf_proc_links *ret_links)
{
	static const hf_proc_ns shared[] = {HF_PROC_NS_USER, HF_PROC_NS_PID, HF_PROC_NS_TIME};

	*ret_links = (hf_proc_links){0};
	for (size_t i = 0; i < HF_ARRAY_SIZE(shared); i++) {
		hf_proc_ns ns = shared[i];

		/* a leader that has ended while threads go on has none any more */
		if (leader->error[ns])
			continue;
		ret_links->is_read[ns] = true;
		ret_links->error[ns] = leader->error[ns];
		memcpy(ret_links->text[ns], leader->text[ns], sizeof ret_links->text[ns]);
	}
}

/* A link in a tree may hold anything, a line end, too. */
static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

static size_t print_links(const hf_proc_links *links, char *data, size_t room)
{
	size_t size = 0;

	for (size_t i = 0; i < HF_PROC_NS_COUNT; i++) {
		int error = links->error[i];

		if (!error && !is_plain(links->text[i]))
			error = EBADMSG;
		const char *word = error ? hf_errno_name(error) : "";
		int n = error ? snprintf(data + size, room - size, "%s !%s\n", hf_proc_ns_names[i],
					 word ? word : "EIO")
			      : snprintf(data + size, room - size, "%s\n", links->text[i]);

		size += (size_t)n;
	}
	return size;
}

enum { LINKS_ROOM = HF_PROC_NS_COUNT * (HF_PROC_NS_ROOM + 32) };

int hf_proc_send_links(const hf_proc *proc, const hf_proc_dir *dir, const char *folder,
		       const hf_proc_links *links)
{
	char data[LINKS_ROOM];
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.data = data,
		.size = print_links(links, data, sizeof data),
	};

	return hf_proc_send(proc, dir, folder, &answer);
}

int hf_proc_send_links_of(const hf_proc *proc, const char *who, const hf_proc_links *links)
{
	char data[LINKS_ROOM], name[32];
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.data = data,
		.size = print_links(links, data, sizeof data),
	};

	(void)snprintf(name, sizeof name, "/proc/%s/ns", who);
	return hf_sink_answer(hf_reader_sink(proc->reader), &answer);
}
