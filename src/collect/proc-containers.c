/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of containers: who is looked at when, and what of their namespaces is asked once. */
#include "collect/proc-pass.h"

#include <stdio.h>

enum {
	AT_ONCE_MAX = 64, /* processes of one container that are looked at when they are met */
	ALL_AT_ONCE_MAX = 4096,
	ALL_MEMBERS_MAX = 8192, /* processes of containers that are looked at: some 50 MiB of answers */
	TRIES = 3,		/* to see a process in one life */
	/* what one container may cost */
	MEMBERS_MAX = 2048,
	THREADS_MAX = 2048,
	DESCRIPTORS_MAX = 16384,
	BYTES_MAX = 12 * 1024 * 1024,
};

static const char late_reason[] = "there was no time for this process";
static const char long_reason[] = "the container has more to tell than is read";

hf_pass_container *hf_pass_container_of(hf_pass *p, const char *group)
{
	hf_pass_container *c = hf_map_get(&p->containers, group);

	if (c)
		return c;
	c = hf_arena_alloc(p->arena, sizeof *c);
	if (!c || hf_map_put(&p->containers, group, c) < 0)
		return NULL;
	c->group = group;
	c->budget = (hf_proc_budget){
		.processes = MEMBERS_MAX,
		.threads = THREADS_MAX,
		.descriptors = DESCRIPTORS_MAX,
		.bytes = BYTES_MAX,
	};
	return c;
}

/* 1: not known yet; 0: known, or (*ret_error) one too many; a negative errno. */
static int note_namespace(hf_pass *p, const char **known, size_t *count, const char *link,
			  int *ret_error)
{
	*ret_error = 0;
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(known[i], link) == 0)
			return 0;
	}
	if (*count == HF_PASS_NAMESPACES_MAX) {
		*ret_error = EFBIG;
		return 0;
	}
	known[*count] = hf_arena_strdup(p->arena, link);
	return known[(*count)++] ? 1 : -ENOMEM;
}

static int ask_maps(hf_pass *p, const hf_proc_dir *dir, hf_pass_container *c, const char *user, bool always)
{
	static const char *const names[] = {"uid_map", "gid_map"};
	int error, r = note_namespace(p, c->users, &c->user_count, user, &error);
	bool is_first = r > 0;

	for (size_t i = 0; r >= 0 && (is_first || error || always) && i < HF_ARRAY_SIZE(names); i++)
		r = error ? hf_proc_send_error(&p->proc, dir, HF_ASK_FILE, names[i], error,
					       "the container has more user namespaces than are read")
			  : hf_proc_ask(&p->proc, dir, names[i]);
	return r;
}

/* The tables of one namespace, to be asked for through one process of a container. */
typedef struct table_ask {
	const hf_pass_process *through;
	const char *net;
} table_ask;

/* Those of the initial namespace are told once for all. */
static int note_tables(hf_pass *p, const hf_pass_process *self, const char *net)
{
	hf_pass_container *c = self->container;
	int error, r = note_namespace(p, c->nets, &c->net_count, net, &error);

	if (r <= 0)
		return r;
	net = c->nets[c->net_count - 1];
	if (hf_map_put(&p->proc.container_nets, net, c) < 0)
		return -ENOMEM;
	if (strcmp(net, p->proc.initial.text[HF_PROC_NS_NET]) == 0)
		return 0;
	table_ask *ask = hf_arena_alloc(p->arena, sizeof *ask);

	if (!ask)
		return -ENOMEM;
	*ask = (table_ask){.through = self, .net = net};
	return hf_list_add(&p->tables, ask);
}

/* What is asked once for each namespace. */
static int ask_namespaces(hf_pass *p, const hf_pass_process *self, const hf_proc_dir *dir,
			  const hf_proc_links *links)
{
	const char *user = links->text[HF_PROC_NS_USER], *net = links->text[HF_PROC_NS_NET];
	int r = *user ? ask_maps(p, dir, self->container, user, self->is_first) : 0;

	return r < 0 || !*net ? r : note_tables(p, self, net);
}

static int send_text(hf_pass *p, const hf_proc_dir *dir, hf_ask_kind kind, const char *name, const char *text)
{
	hf_answer answer = {.kind = kind, .data = text, .size = strlen(text)};

	return hf_proc_send(&p->proc, dir, name, &answer);
}

/* What was read when it was met: else it could be anybody's. */
static int send_kept(hf_pass *p, const hf_pass_process *self, const hf_proc_dir *dir)
{
	int r = self->stat ? send_text(p, dir, HF_ASK_FILE, "stat", self->stat) : 0;

	if (r >= 0 && self->exe)
		r = send_text(p, dir, HF_ASK_LINK, "exe", self->exe);
	if (r >= 0 && self->cgroup)
		r = send_text(p, dir, HF_ASK_FILE, "cgroup", self->cgroup);
	return r < 0 || !self->mnt ? r : send_text(p, dir, HF_ASK_LINK, "ns/mnt", self->mnt);
}

/* A process that is not looked at is answered for all the same. */
static int excuse(hf_pass *p, const hf_pass_process *self, int error, const char *reason)
{
	static const struct {
		hf_ask_kind kind;
		const char *name;
	} questions[] = {
		{HF_ASK_FILE, "stat"},	 {HF_ASK_FILE, "status"}, {HF_ASK_FILE, "cgroup"},
		{HF_ASK_FILE, "limits"}, {HF_ASK_LINK, "exe"},	  {HF_ASK_LINK, "ns/mnt"},
		{HF_ASK_CALL, "ns"},	 {HF_ASK_CALL, "open"},	  {HF_ASK_CALL, "environ"},
	};
	const hf_proc_dir dir = {.pid = self->pid, .fd = -1};
	int r = send_kept(p, self, &dir);

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(questions); i++)
		r = hf_proc_send_error(&p->proc, &dir, questions[i].kind, questions[i].name, error,
				       reason);
	return r;
}

/* Services with a root of their own are in the initial pid namespace, too, and are no containers. */
static bool sees_host(const hf_pass *p, const hf_pass_process *self, const hf_proc_first *first)
{
	const char *initial = p->proc.initial.text[HF_PROC_NS_PID];

	if (!*initial || strcmp(first->links.text[HF_PROC_NS_PID], initial) != 0)
		return false;
	return self->is_claimed || (hf_has_prefix(self->container->group, "mnt:") &&
				    !strstr(first->cgroup.data, ".service"));
}

/* What was asked about the process in one life of it, and what hangs on it. */
static int keep_member(hf_pass *p, hf_pass_process *self, const hf_proc_dir *dir, const hf_proc_first *first,
		       int ns_pid)
{
	hf_pass_container *c = self->container;

	self->is_seen = true;
	self->is_first = ns_pid == 1 || c->user_count == 0;
	self->life = first->life;
	p->shows_host |= sees_host(p, self, first);
	int r = hf_sink_release(hf_reader_sink(p->proc.reader));

	if (r >= 0)
		r = ask_namespaces(p, self, dir, &first->links);
	return r < 0 ? r
		     : hf_cgroups_ask(p->cgroups, first->cgroup.data, first->cgroup.size,
				      hf_container_group_end);
}

/* @first: what was read already. It may execute another program or move while it is looked at. */
static int look_at_member(hf_pass *p, hf_pass_process *self, const hf_proc_dir *dir, hf_proc_first *first)
{
	hf_sink *sink = hf_reader_sink(p->proc.reader);
	hf_pass_container *c = self->container;
	int r = EAGAIN, ns_pid = 0;
	const size_t sent = hf_sink_sent(sink);
	unsigned threads = c->budget.threads < p->threads ? c->budget.threads : p->threads;
	unsigned kept = c->budget.threads - threads;

	self->is_answered = true;
	c->budget.processes--;
	c->budget.threads = threads;
	p->looked_at++;
	for (unsigned try = 0; r == EAGAIN && try < TRIES; try++) {
		if (try > 0) {
			hf_proc_first_end(first);
			r = hf_proc_read_first(&p->proc, dir, first);
			if (r != 0)
				break;
		}
		hf_sink_hold(sink);
		r = hf_proc_ask_task(&p->proc, dir, &c->budget, !self->is_claimed, first, &ns_pid);
		if (r >= 0)
			r = hf_proc_check_first(&p->proc, first);
		if (r != 0)
			hf_sink_drop(sink);
	}
	p->threads -= threads - c->budget.threads;
	c->budget.threads += kept;
	hf_proc_spend(&c->budget, hf_sink_sent(sink) - sent);
	if (r == 0)
		return keep_member(p, self, dir, first, ns_pid);
	if (r == EAGAIN)
		return excuse(p, self, EAGAIN, "it changed whenever it was read");
	self->is_gone = r > 0;
	return r > 0 ? 0 : r;
}

/* What one container has too much of takes no time from the others. */
static bool is_late(hf_pass *p, const hf_pass_process *self)
{
	return hf_proc_is_late(&p->proc) ||
	       (!self->is_early && p->rest_until_ms && hf_now_ms() > p->rest_until_ms);
}

static void share_time(hf_pass *p)
{
	const uint64_t now = hf_now_ms(), until = p->proc.deadline_ms;

	p->rest_until_ms = until > now ? now + (until - now) / 2 : until;
}

/* Who was left out when it was met. */
static int look_again(hf_pass *p, hf_pass_process *self)
{
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	hf_cleanup(hf_proc_first_end) hf_proc_first first = {.stat_fd = -1};

	if (self->is_answered)
		return 0;
	if (is_late(p, self))
		return excuse(p, self, ETIME, late_reason);
	if (self->container->budget.processes == 0)
		return excuse(p, self, EFBIG, "the container has more processes than are read");
	if (self->container->budget.bytes == 0)
		return excuse(p, self, EFBIG, long_reason);
	if (p->looked_at >= ALL_MEMBERS_MAX)
		return excuse(p, self, EFBIG, "containers have more processes than are read");
	if (hf_proc_open(&p->proc, self->pid, &dir) != 0 ||
	    hf_proc_read_first(&p->proc, &dir, &first) != 0 ||
	    first.life.start_ticks != self->start_ticks) {
		self->is_gone = true;
		return 0;
	}
	return look_at_member(p, self, &dir, &first);
}

/* The same of what is asked for last. */
static int excuse_inside(hf_pass *p, const hf_pass_process *self, int error, const char *reason)
{
	const hf_proc_dir dir = {.pid = self->pid, .fd = -1};
	int r = hf_proc_send_error(&p->proc, &dir, HF_ASK_CALL, "open", error, reason);

	return r < 0 ? r
		     : hf_proc_send_error(&p->proc, &dir, HF_ASK_CALL, "environ", error, reason);
}

void hf_pass_let_go(hf_pass_process *self)
{
	if (!self->is_held)
		return;
	self->is_held = false;
	(void)close(self->dir_fd);
	(void)close(self->stat_fd);
}

/* The folder of a process that was looked at before: the held one, or one that *ret_opened owns. False: it is gone. */
static bool open_again(const hf_pass *p, const hf_pass_process *self, hf_proc_dir *ret_dir, hf_proc_dir *ret_opened)
{
	*ret_opened = (hf_proc_dir){.fd = -1};
	*ret_dir = (hf_proc_dir){.pid = self->pid, .fd = self->dir_fd};
	if (self->is_held)
		return true;
	if (hf_proc_open(&p->proc, self->pid, ret_opened) != 0)
		return false;
	*ret_dir = *ret_opened;
	return true;
}

static int check_again(const hf_pass *p, const hf_pass_process *self, const hf_proc_dir *dir)
{
	return self->is_held ? hf_proc_check_stat(self->stat_fd, &self->life)
			     : hf_proc_check_life(&p->proc, dir, &self->life);
}

/* What may wait for the process. It must still be in the life that was told of. */
static int look_inside(hf_pass *p, hf_pass_process *self)
{
	hf_sink *sink = hf_reader_sink(p->proc.reader);
	hf_cleanup(hf_proc_closep) hf_proc_dir opened = {.fd = -1};
	hf_proc_dir dir;
	hf_proc_budget *budget = &self->container->budget;
	const size_t sent = hf_sink_sent(sink);

	if (!self->is_seen)
		return 0;
	if (is_late(p, self))
		return excuse_inside(p, self, ETIME, late_reason);
	if (budget->bytes == 0)
		return excuse_inside(p, self, EFBIG, long_reason);
	if (!open_again(p, self, &dir, &opened))
		return 0;
	hf_sink_hold(sink);
	int r = hf_proc_ask_open(&p->proc, &dir, budget);

	if (r >= 0)
		r = hf_proc_ask_environ_shapes(&p->proc, &dir, budget);
	if (r >= 0 && self->is_first)
		r = hf_proc_ask(&p->proc, &dir, "personality");
	if (r >= 0)
		r = check_again(p, self, &dir);
	hf_proc_spend(budget, hf_sink_sent(sink) - sent);
	if (r == 0)
		return hf_sink_release(sink);
	hf_sink_drop(sink);
	if (r == EAGAIN)
		return excuse(p, self, EAGAIN, "it executed another program meanwhile");
	return r < 0 ? r : 0;
}

static int for_each_member(hf_pass *p, int (*look)(hf_pass *p, hf_pass_process *self))
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->members.count; i++) {
		hf_pass_process *self = p->members.items[i];

		if (!self->is_gone)
			r = look(p, self);
	}
	return r;
}

static int compare_members(const void *a, const void *b)
{
	const hf_pass_process *x = *(const hf_pass_process *const *)a, *y = *(const hf_pass_process *const *)b;
	int order = strcmp(x->container->group, y->container->group);

	if (order == 0)
		order = (x->start_ticks > y->start_ticks) - (x->start_ticks < y->start_ticks);
	return order ? order : x->pid - y->pid;
}

static int find_members(hf_pass *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->count; i++) {
		if (p->all[i].container)
			r = hf_list_add(&p->members, &p->all[i]);
	}
	if (p->members.count > 0)
		qsort(p->members.items, p->members.count, sizeof p->members.items[0],
		      compare_members);
	return r;
}

static int keep_for_later(hf_pass *p, hf_pass_process *self, const hf_proc_first *first)
{
	hf_pass_container *c = self->container;
	const char *mnt = first->links.error[HF_PROC_NS_MNT] ? "" : first->links.text[HF_PROC_NS_MNT];

	if (first->stat.error || first->cgroup.error)
		return 0;
	if (!c->cgroup || strcmp(c->cgroup, first->cgroup.data) != 0)
		c->cgroup = hf_arena_strdup(p->arena, first->cgroup.data);
	self->cgroup = c->cgroup;
	self->stat = hf_arena_strdup(p->arena, first->stat.data);
	self->exe = first->exe.error ? NULL : hf_arena_strdup(p->arena, first->exe.data);
	self->mnt = *mnt ? hf_arena_strdup(p->arena, mnt) : NULL;
	return self->cgroup && self->stat ? 0 : -ENOMEM;
}

int hf_pass_meet(hf_pass *p, hf_pass_process *self, const hf_proc_dir *dir, hf_proc_first *first)
{
	if (self->container->budget.processes <= MEMBERS_MAX - AT_ONCE_MAX ||
	    p->at_once >= ALL_AT_ONCE_MAX)
		return keep_for_later(p, self, first);
	p->at_once++;
	self->is_early = true;
	return look_at_member(p, self, dir, first);
}

int hf_pass_look_again(hf_pass *p)
{
	int r = find_members(p);

	share_time(p);
	return r < 0 ? r : for_each_member(p, look_again);
}

static int look_inside_early(hf_pass *p, hf_pass_process *self)
{
	return self->is_early ? look_inside(p, self) : 0;
}

static int look_inside_late(hf_pass *p, hf_pass_process *self)
{
	return self->is_early ? 0 : look_inside(p, self);
}

int hf_pass_look_inside(hf_pass *p)
{
	int r = for_each_member(p, look_inside_early);

	share_time(p);
	return r < 0 ? r : for_each_member(p, look_inside_late);
}

int hf_pass_ask_tables(hf_pass *p)
{
	static const char *const names[] = {"net/tcp", "net/tcp6", "net/udp",  "net/udp6",
					    "net/unix", "net/raw", "net/raw6", "net/packet"};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->tables.count; i++) {
		const table_ask *ask = p->tables.items[i];
		hf_cleanup(hf_proc_closep) hf_proc_dir opened = {.fd = -1};
		hf_proc_dir dir = {.pid = ask->through->pid, .fd = -1};
		bool is_late = hf_proc_is_late(&p->proc);

		for (size_t k = 0; r >= 0 && is_late && k < HF_ARRAY_SIZE(names); k++)
			r = hf_proc_send_error(&p->proc, &dir, HF_ASK_FILE, names[k], ETIME,
					       "there was no time for this table");
		if (is_late || !open_again(p, ask->through, &dir, &opened) ||
		    check_again(p, ask->through, &dir) == 1)
			continue;
		r = hf_proc_ask_tables(&p->proc, &dir, ask->net);
	}
	return r;
}
