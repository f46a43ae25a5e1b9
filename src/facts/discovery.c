/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes are in which container, by evidence of the kernel alone.
 *
 * A process is in the container that its control group names. One that no such group claims is in
 * the container whose mount namespace or pid namespace it shares (it was moved out of the group, or
 * entered by setns(2)). What is left and has a mount namespace of its own with a root of its own is
 * a container without a group: by hand, rootless on cgroup v1. Services of systemd have mount
 * namespaces, too, but their root is the host's, or they are in a unit whose every process has that
 * root (RootDirectory=) and in the host's pid namespace. */
#include "facts/containers.h"

#include <inttypes.h>

enum { PATH_ROOM = 512 };

typedef struct search {
	hf_facts *facts;
	hf_arena *arena;
	hf_discovery *result;
	hf_member *members;
	size_t count;
	hf_list groups;	  /* hf_group * */
	hf_map by_path;	  /* path of a group, or key of a group without one */
	hf_map by_mnt;	  /* text of the link: hf_group * */
	hf_map by_pid_ns; /* text of the number: hf_group * */
	hf_map units;	  /* of systemd, with a process that has the host's root */
	bool has_units;
	hf_moment_of_reading moment;
	uint64_t host_pid_ns; /* 0: not known */
	const hf_file *root;  /* of the host */
} search;

static void lose(search *s, const char *source, const char *why)
{
	if (s->result->gap.state != HF_PRESENT)
		return;
	s->result->gap = (hf_fact){
		.state = HF_UNREADABLE,
		.source = hf_checked(hf_arena_strdup(s->arena, source)),
		.why = why,
	};
}

static void lose_process(search *s, const hf_member *member, const char *what, const char *why)
{
	if (s->result->gap.state == HF_PRESENT)
		lose(s, "processes",
		     hf_checked(hf_arena_printf(s->arena, "%s of process %d could not be read (%s)",
						what, member->process->pid, why)));
}

static const char *copy_text(search *s, const char *text, size_t length)
{
	return hf_checked(hf_arena_memdup(s->arena, text, length));
}

static void put(hf_map *map, const char *key, void *value)
{
	if (hf_map_put(map, key, value) < 0)
		hf_facts_out_of_memory();
}

static hf_group *group_at(const search *s, uint32_t number)
{
	return s->groups.items[number - 1];
}

static uint32_t add_group(search *s, hf_group group)
{
	hf_group *kept = hf_checked(hf_arena_alloc(s->arena, sizeof *kept));

	*kept = group;
	if (hf_list_add(&s->groups, kept) < 0)
		hf_facts_out_of_memory();
	return (uint32_t)s->groups.count;
}

static void join(search *s, hf_member *member, uint32_t number)
{
	hf_group *group = group_at(s, number);
	const hf_process *process = member->process,
			 *first = group->first ? group->first->process : NULL;

	member->group = number;
	group->count++;
	if (!member->has_ended && !member->is_helper &&
	    (!first || process->start_ticks < first->start_ticks))
		group->first = member;
}

/* A map has no number: what it gives is the group's place in the list, plus one. */
static uint32_t number_in(const hf_map *map, const char *key)
{
	return (uint32_t)(uintptr_t)hf_map_get(map, key);
}

static void remember(hf_map *map, const char *key, uint32_t number)
{
	put(map, key, (void *)(uintptr_t)number);
}

/* ---- what is asked about one process ---- */

static uint64_t pid_ns_of(search *s, const hf_member *member)
{
	uint64_t inodes[HF_NS_COUNT];
	const char *failed;
	char name[64];

	(void)hf_print(name, sizeof name, "/proc/%d/ns", member->process->pid);
	const hf_answer *answer = hf_facts_ask(s->facts, HF_ASK_CALL, name);

	if (!answer || answer->error ||
	    hf_ns_parse(answer->data, answer->size, inodes, &failed) < 0)
		return 0;
	return inodes[HF_NS_PID];
}

static const hf_file *root_of(search *s, const hf_member *member)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/root", member->process->pid);
	return hf_facts_stat(s->facts, path);
}

static bool is_elsewhere(const search *s, const hf_member *member)
{
	return s->moment.host_mnt && member->process->mnt_ns &&
	       strcmp(member->process->mnt_ns, s->moment.host_mnt) != 0;
}

typedef enum answer3 { NO = 0, YES, NOT_KNOWN } answer3;

static answer3 has_own_root(search *s, const hf_member *member)
{
	const hf_file *root = root_of(s, member);

	if (root->fact.state != HF_PRESENT || s->root->fact.state != HF_PRESENT)
		return NOT_KNOWN;
	return root->ino == s->root->ino && root->dev == s->root->dev ? NO : YES;
}

/* ---- by control group ---- */

/* A supervisor stands in its machine's group, in the host's mount namespace; a virtual machine has
 * the host's root. */
static bool is_of_machine(search *s, const hf_member *member)
{
	if (!member->process->mnt_ns && !member->has_ended && !member->is_ending) {
		lose_process(s, member, "the mount namespace",
			     "it is in a machine's control group");
		return false;
	}
	return is_elsewhere(s, member) && has_own_root(s, member) != NO;
}

static void claim_by_group(search *s, hf_member *member)
{
	const hf_cgroup_owner *owner = &member->owner;
	char room[PATH_ROOM];
	const char *path = room;

	if (!owner->runtime || (owner->is_machine && !is_of_machine(s, member)))
		return;
	if (owner->path_length < sizeof room) {
		memcpy(room, owner->path, owner->path_length);
		room[owner->path_length] = '\0';
	} else {
		path = copy_text(s, owner->path, owner->path_length);
	}
	uint32_t number = number_in(&s->by_path, path);

	if (number == 0) {
		path = copy_text(s, owner->path, owner->path_length);
		number = add_group(
			s,
			(hf_group){
				.id = owner->id[0] ? copy_text(s, owner->id, strlen(owner->id))
						   : path,
				.path = path,
				.runtime = owner->runtime,
				.label = owner->label
						 ? copy_text(s, owner->label, owner->label_length)
						 : NULL,
				.pod = owner->pod[0] ? copy_text(s, owner->pod, strlen(owner->pod))
						     : NULL,
			});
		remember(&s->by_path, path, number);
	}
	member->is_helper = hf_member_is_helper(s->members, s->count, member, &s->moment);
	join(s, member, number);
}

/* ---- by namespace ---- */

static const char *number_text(search *s, uint64_t number)
{
	return hf_checked(hf_arena_printf(s->arena, "%" PRIu64, number));
}

static void remember_mnt(search *s, const hf_member *member)
{
	if (is_elsewhere(s, member) && !number_in(&s->by_mnt, member->process->mnt_ns))
		remember(&s->by_mnt, member->process->mnt_ns, member->group);
}

/* The namespaces of the first processes come first: who has entered another container has no claim
 * to it. */
static void remember_namespaces(search *s)
{
	for (size_t i = 0; i < s->groups.count; i++) {
		const hf_group *group = s->groups.items[i];
		uint64_t pid_ns = group->first ? pid_ns_of(s, group->first) : 0;

		if (group->first)
			remember_mnt(s, group->first);
		if (pid_ns == 0 || s->host_pid_ns == 0 || pid_ns == s->host_pid_ns)
			continue;
		const char *key = number_text(s, pid_ns);

		if (!number_in(&s->by_pid_ns, key))
			remember(&s->by_pid_ns, key, (uint32_t)i + 1);
	}
	for (size_t i = 0; i < s->count; i++) {
		if (s->members[i].group && !s->members[i].is_helper)
			remember_mnt(s, &s->members[i]);
	}
}

static void claim_by_namespace(search *s, hf_member *member)
{
	const hf_process *process = member->process;
	uint32_t number = 0;

	if (!process->mnt_ns) {
		/* pid 1 is the host's whatever hides it; what ends has lost its namespaces */
		if (!member->has_ended && !member->is_ending && process->pid != HF_INIT_PID)
			lose_process(s, member, "the mount namespace", "it may be a container's");
		return;
	}
	if (!s->moment.host_mnt)
		lose(s, "/proc/2/ns/mnt", "the initial mount namespace is not known");
	if (is_elsewhere(s, member))
		number = number_in(&s->by_mnt, process->mnt_ns);
	if (number == 0) {
		char key[24];
		uint64_t pid_ns = pid_ns_of(s, member);

		(void)hf_print(key, sizeof key, "%" PRIu64, pid_ns);
		number = pid_ns ? number_in(&s->by_pid_ns, key) : 0;
	}
	if (number == 0)
		return;
	member->is_outsider = true;
	join(s, member, number);
}

/* ---- by root ---- */

/* The unit of systemd that a process is in: the innermost part of its path that is one, when it is
 * a service. NULL: none. */
static const char *service_of(search *s, const hf_process *process)
{
	const char *cursor = process->cgroup, *line, *path = NULL, *end = NULL, *unit_end = NULL;
	size_t length;

	while (cursor &&
	       hf_next_line(&cursor, process->cgroup + strlen(process->cgroup), &line, &length)) {
		bool is_unified = length > 3 && memcmp(line, "0::", 3) == 0;
		const char *named = memmem(line, length, ":name=systemd:", 14);

		if (!named && (!is_unified || path))
			continue;
		path = named ? named + 14 : line + 3;
		end = line + length;
	}
	for (const char *part = path; part && part < end;) {
		const char *stop = memchr(part, '/', (size_t)(end - part));
		size_t size = (size_t)((stop ? stop : end) - part);

		if (size > 8 && memcmp(part + size - 8, ".service", 8) == 0 &&
		    memcmp(part, "user@", 5) != 0)
			unit_end = part + size;
		else if (size > 6 && (memcmp(part + size - 6, ".scope", 6) == 0 ||
				      memcmp(part + size - 6, ".slice", 6) == 0))
			unit_end = NULL;
		part += size + 1;
	}
	return unit_end ? copy_text(s, path, (size_t)(unit_end - path)) : NULL;
}

/* Where processes of a unit are that have the host's root: link texts of two of their mount
 * namespaces. */
typedef struct unit {
	const char *mnt[2];
} unit;

static void list_units(search *s)
{
	s->has_units = true;
	for (size_t i = 0; i < s->count; i++) {
		const hf_member *member = &s->members[i];
		const char *mnt = member->process->mnt_ns;

		if (member->group || member->has_ended || !member->process->cgroup || !mnt ||
		    (is_elsewhere(s, member) && has_own_root(s, member) != NO))
			continue;
		const char *name = service_of(s, member->process);
		unit *known = name ? hf_map_get(&s->units, name) : NULL;

		if (name && !known) {
			known = hf_checked(hf_arena_alloc(s->arena, sizeof *known));
			known->mnt[0] = mnt;
			put(&s->units, name, known);
		} else if (known && strcmp(known->mnt[0], mnt) != 0) {
			known->mnt[1] = mnt;
		}
	}
}

/* A unit with RootDirectory= has no process in the host's root; and one whose worker is in a
 * chroot(2) has, in the same mount namespace (PrivateTmp=). Who has left that of its unit, or its
 * pids, was started by a runtime. */
static answer3 is_service(search *s, const hf_member *member, uint64_t pid_ns)
{
	const char *name = service_of(s, member->process);

	if (!name || (pid_ns && s->host_pid_ns && pid_ns != s->host_pid_ns))
		return NO;
	if (!s->has_units)
		list_units(s);
	const unit *known = hf_map_get(&s->units, name);

	for (size_t i = 0; known && i < 2; i++) {
		if (known->mnt[i] && strcmp(known->mnt[i], member->process->mnt_ns) != 0)
			return NO;
	}
	return pid_ns && s->host_pid_ns ? YES : NOT_KNOWN;
}

/* Those that carry packets for rootless containers sit on the host's side, locked up in an empty root. It is the host's
 * own program, by device and inode: what is only called so is looked at. */
static bool is_network_helper(search *s, const hf_member *member)
{
	static const char *const programs[] = {"/usr/bin/slirp4netns", "/usr/bin/passt",
					       "/usr/bin/passt.avx2"};
	char path[64];

	for (size_t i = 0; member->process->exe && i < HF_ARRAY_SIZE(programs); i++) {
		if (strcmp(member->process->exe, programs[i]) != 0)
			continue;
		(void)hf_print(path, sizeof path, "/proc/%d/exe", member->process->pid);
		const hf_file *runs = hf_facts_stat(s->facts, path);
		const hf_file *own = hf_facts_stat(s->facts, programs[i]);

		return runs->fact.state == HF_PRESENT && own->fact.state == HF_PRESENT &&
		       runs->dev == own->dev && runs->ino == own->ino;
	}
	return false;
}

static void claim_by_root(search *s, hf_member *member)
{
	const hf_process *process = member->process;
	answer3 own = has_own_root(s, member);
	const hf_file *root = root_of(s, member);
	uint64_t pid_ns = pid_ns_of(s, member);

	if (own == NO)
		return;
	if (own == NOT_KNOWN) {
		lose_process(s, member, "the root",
			     root->fact.why ? root->fact.why : "the host's own root is not known");
		return;
	}
	switch (is_service(s, member, pid_ns)) {
	case YES:
		return;
	case NOT_KNOWN:
		lose_process(s, member, "the pid namespace", "it is a service or a container");
		return;
	case NO:
		break;
	}
	if (is_network_helper(s, member))
		return;
	/* one container can have several mount namespaces; those of one tree of processes share
	 * root and pids */
	const char *key =
		pid_ns && pid_ns != s->host_pid_ns
			? hf_checked(hf_arena_printf(s->arena, "%" PRIu64 " %" PRIu64 " %" PRIu64,
						     pid_ns, root->dev, root->ino))
			: process->mnt_ns;
	uint32_t number = number_in(&s->by_path, key);

	if (number == 0) {
		number = add_group(
			s, (hf_group){
				   .id = process->mnt_ns,
				   .runtime = hf_runtime_above(s->members, s->count, member),
			   });
		remember(&s->by_path, key, number);
	}
	remember(&s->by_mnt, process->mnt_ns, number);
	join(s, member, number);
}

/* ---- the end ---- */

static int compare_groups(const void *a, const void *b)
{
	const hf_group *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order)
		return order;
	size_t left = x->path ? strlen(x->path) : 0, right = y->path ? strlen(y->path) : 0;

	return left == right  ? strcmp(x->path ? x->path : "", y->path ? y->path : "")
	       : left < right ? -1
			      : 1;
}

/* By id, as they are searched for. Anybody can make a group of another container's name below his own: the shorter
 * path has the id. */
static void sort_groups(hf_group *all, size_t count)
{
	bool is_sorted = true;

	if (count > 0)
		qsort(all, count, sizeof *all, compare_groups);
	for (size_t i = count; i-- > 1;) {
		if (strcmp(all[i].id, all[i - 1].id) == 0 && all[i].path) {
			all[i].id = all[i].path;
			is_sorted = false;
		}
	}
	if (!is_sorted)
		qsort(all, count, sizeof *all, compare_groups);
}

/* A container without a group of its own is known by the one that all of its processes and nobody
 * else is in. */
static void find_own_groups(search *s)
{
	static char nobodys;
	hf_map owners = {0};

	for (size_t i = 0; i < s->count; i++) {
		const char *text = s->members[i].process->cgroup;
		void *owner =
			s->members[i].group ? group_at(s, s->members[i].group) : (void *)&nobodys;

		if (!text)
			continue;
		void *known = hf_map_get(&owners, text);

		put(&owners, text, !known || known == owner ? owner : &nobodys);
	}
	for (size_t i = 0; i < s->groups.count; i++) {
		hf_group *group = s->groups.items[i];
		const char *text = group->first ? group->first->process->cgroup : NULL;
		const char *cursor = text, *line;
		size_t length;

		if (group->path || !text || hf_map_get(&owners, text) != group)
			continue;
		while (!group->path && hf_next_line(&cursor, text + strlen(text), &line, &length)) {
			const char *path = memchr(line, '/', length);

			/* behind the last colon; controllers have no slash in their names */
			if (path && path + 1 < line + length)
				group->path = copy_text(s, path, (size_t)(line + length - path));
		}
	}
	hf_map_free(&owners);
}

/* Drops those of which nobody is alive, sorts, and gives each its processes. */
static void finish(search *s)
{
	hf_group *all = hf_checked(hf_arena_calloc(s->arena, s->groups.count + 1, sizeof *all));
	hf_cleanup(hf_freep) uint32_t *renamed = calloc(s->groups.count + 1, sizeof *renamed);
	size_t kept = 0;

	if (!renamed)
		hf_facts_out_of_memory();
	for (size_t i = 0; i < s->groups.count; i++) {
		hf_group *group = s->groups.items[i];

		if (!group->first)
			continue;
		/* the number is carried through the sort */
		group->members = hf_checked(
			hf_arena_calloc(s->arena, group->count + 1, sizeof *group->members));
		all[kept] = *group;
		all[kept++].count = i;
	}
	sort_groups(all, kept);
	for (size_t i = 0; i < kept; i++) {
		renamed[all[i].count] = (uint32_t)i + 1;
		all[i].count = 0;
	}
	for (size_t i = 0; i < s->count; i++) {
		hf_member *member = &s->members[i];
		uint32_t number = member->group ? renamed[member->group - 1] : 0;

		member->group = number;
		if (number)
			all[number - 1].members[all[number - 1].count++] = member;
	}
	s->result->groups = all;
	s->result->count = kept;
}

static const hf_file *host_root(hf_facts *facts)
{
	static const char *const paths[] = {"/proc/self/root", "/", "/proc/1/root"};
	const hf_file *file = NULL;

	for (size_t i = 0; i < HF_ARRAY_SIZE(paths); i++) {
		file = hf_facts_stat(facts, paths[i]);
		if (file->fact.state == HF_PRESENT)
			break;
	}
	return file;
}

static void read_reference(search *s)
{
	const hf_answer *mnt = hf_facts_ask(s->facts, HF_ASK_LINK, "/proc/2/ns/mnt");
	const hf_ns_reference *reference = hf_facts_ns_reference(s->facts);

	s->moment.host_mnt = mnt && !mnt->error && hf_ns_inode(mnt->data) ? mnt->data : NULL;
	s->host_pid_ns = reference->inode[HF_NS_PID];
	s->root = host_root(s->facts);
}

const hf_discovery *hf_discover(hf_facts *facts, hf_member *members, size_t count)
{
	hf_arena *arena = hf_facts_arena(facts);
	search s = {
		.facts = facts,
		.arena = arena,
		.members = members,
		.count = count,
		.result = hf_checked(hf_arena_alloc(arena, sizeof *s.result)),
	};

	*s.result = (hf_discovery){
		.members = members,
		.member_count = count,
		.gap = {.state = HF_PRESENT, .source = "processes"},
	};
	read_reference(&s);
	for (size_t i = 0; i < count; i++) {
		if (members[i].process->start_ticks > s.moment.newest_ticks)
			s.moment.newest_ticks = members[i].process->start_ticks;
	}
	for (size_t i = 0; i < count; i++) {
		if (!members[i].process->cgroup && !members[i].process->is_kernel)
			lose_process(&s, &members[i], "the control group",
				     "it may be a container's");
		claim_by_group(&s, &members[i]);
	}
	remember_namespaces(&s);
	for (size_t i = 0; i < count; i++) {
		if (!members[i].group && !members[i].process->is_kernel)
			claim_by_namespace(&s, &members[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (!members[i].group && is_elsewhere(&s, &members[i]))
			claim_by_root(&s, &members[i]);
	}
	find_own_groups(&s);
	finish(&s);
	hf_list_free(&s.groups);
	hf_map_free(&s.by_path);
	hf_map_free(&s.by_mnt);
	hf_map_free(&s.by_pid_ns);
	hf_map_free(&s.units);
	return s.result;
}
