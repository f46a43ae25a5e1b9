/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about what of the host a container can reach through its mounts: sockets, files, folders. */
#include "facts/mount-table.h"

#include "facts/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* ---- call:sockets ---- */

/* "\ooo" stands for a byte; in place. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		unsigned byte;

		if (*at != '\\') {
			*to = *at++;
			continue;
		}
		if (sscanf(at + 1, "%3o", &byte) != 1 || strspn(at + 1, "01234567") < 3 || byte == 0 ||
		    byte > UINT8_MAX)
			return false;
		*to = (char)byte;
		at += 4;
	}
	*to = '\0';
	return true;
}

static int parse_socket(char *text, hf_socket_line *line)
{
	char *path;
	int end = 0;

	*line = (hf_socket_line){.name = strsep(&text, " ")};
	if (*line->name == '\0' || !unescape((char *)(uintptr_t)line->name))
		return -EBADMSG;
	if (*line->name == '@')
		return text ? -EBADMSG : 0;
	path = strsep(&text, " ");
	if (path && *path == '!') {
		line->error = hf_errno_number(path + 1);
		return line->error > 0 && !text ? 0 : -EBADMSG;
	}
	if (!path || *path != '/' || !text || !unescape(path) ||
	    sscanf(text, "%" SCNo32 " %" SCNu32 " %" SCNu32 " %" SCNu32 ":%" SCNu32 " %" SCNu64 " %" SCNu64 "%n",
		   &line->mode, &line->uid, &line->gid, &line->major, &line->minor, &line->inode,
		   &line->number, &end) != 7 ||
	    text[end] != '\0')
		return -EBADMSG;
	line->path = path;
	return 0;
}

int hf_socket_lines_parse(hf_arena *arena, const char *text, size_t size,
			  const hf_socket_line **ret_lines, size_t *ret_count)
{
	const char *cursor = text, *line;
	size_t length, count = 0, used = 0;

	while (hf_next_line(&cursor, text + size, &line, &length))
		count++;
	hf_socket_line *all = hf_arena_calloc(arena, count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	for (cursor = text; hf_next_line(&cursor, text + size, &line, &length); used++) {
		char *copy = hf_arena_memdup(arena, line, length);

		if (!copy)
			return -ENOMEM;
		if (strlen(copy) != length || parse_socket(copy, &all[used]) < 0)
			return -EBADMSG;
	}
	*ret_lines = all;
	*ret_count = count;
	return 0;
}

/* ---- who holds them ---- */

typedef struct holder {
	uint64_t number;
	const char *program;
} holder;

typedef struct holders {
	const holder *all; /* by number */
	size_t count;
} holders;

static int compare_holders(const void *a, const void *b)
{
	const holder *x = a, *y = b;
	int order = (x->number > y->number) - (x->number < y->number);

	return order ? order : strcmp(x->program, y->program);
}

/* The name of an engine's program, or NULL: what the collector asked the descriptors of. Not that of pid 1, which
 * holds the sockets of others. */
static const char *engine_of(hf_facts *facts, const hf_process *process)
{
	static const char *const engines[] = {"dockerd", "containerd", "crio", "podman", "cri-dockerd",
					      "buildkitd"};
	bool is_deleted;

	if (!process->exe || process->is_container)
		return NULL;
	const char *path = hf_exe_path(hf_facts_arena(facts), process->exe, &is_deleted);
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; slash && i < HF_ARRAY_SIZE(engines); i++) {
		if (strcmp(slash + 1, engines[i]) == 0)
			return engines[i];
	}
	return hf_is_dockerd(path) ? "dockerd" : NULL;
}

static void add_holders(hf_facts *facts, const hf_process *process, const char *program, hf_list *list)
{
	char path[96];

	(void)hf_print(path, sizeof path, "/proc/%d/fd", process->pid);
	const hf_dir *dir = hf_facts_dir(facts, path);

	for (size_t i = 0; i < dir->count; i++) {
		uint64_t number;

		(void)hf_print(path, sizeof path, "/proc/%d/fd/%.16s", process->pid, dir->names[i]);
		const hf_answer *link = hf_facts_ask(facts, HF_ASK_LINK, path);

		if (!link || link->error || sscanf(link->data, "socket:[%" SCNu64 "]", &number) != 1)
			continue;
		holder *new = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *new));

		*new = (holder){.number = number, .program = program};
		if (hf_list_add(list, new) < 0)
			hf_facts_out_of_memory();
	}
}

static const void *compute_holders(hf_facts *facts, const char *key)
{
	holders *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_processes *processes = hf_facts_processes(facts);
	hf_list list = {0};

	(void)key;
	for (size_t i = 0; i < processes->count; i++) {
		const char *program = engine_of(facts, &processes->all[i]);

		if (program)
			add_holders(facts, &processes->all[i], program, &list);
	}
	holder *all = hf_checked(hf_arena_calloc(hf_facts_arena(facts), list.count + 1, sizeof *all));

	for (size_t i = 0; i < list.count; i++)
		all[i] = *(const holder *)list.items[i];
	qsort(all, list.count, sizeof *all, compare_holders);
	*found = (holders){.all = all, .count = list.count};
	hf_list_free(&list);
	return found;
}

static const hf_fact_type holders_type = {
	.name = "socket holders", .compute = compute_holders, .is_common = true};

static const char *holder_of(hf_facts *facts, uint64_t number)
{
	const holders *known = hf_facts_once(facts, &holders_type, "");
	size_t low = 0, high = known->count;

	while (number != 0 && low < high) {
		size_t middle = low + (high - low) / 2;

		if (known->all[middle].number == number)
			return known->all[middle].program;
		if (known->all[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- the host's sockets ---- */

static const hf_file *file_of(hf_facts *facts, const hf_socket_line *line)
{
	hf_file *file = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *file));

	file->fact.source = line->path ? line->path : line->name;
	if (!line->path) {
		/* the kernel goes on listening on a name that somebody took away */
		file->fact.state = line->error == ENOENT ? HF_ABSENT : HF_UNREADABLE;
		file->fact.why = line->error ? hf_checked(hf_arena_strdup(hf_facts_arena(facts),
									  strerror(line->error)))
					     : "an abstract name has no file";
		return file;
	}
	file->type = S_ISSOCK(line->mode) ? HF_FILE_SOCKET : HF_FILE_OTHER;
	file->mode = line->mode & 07777;
	file->uid = line->uid;
	file->gid = line->gid;
	file->dev = makedev(line->major, line->minor);
	file->ino = line->inode;
	return file;
}

static int compare_sockets(const void *a, const void *b)
{
	const hf_host_socket *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static const void *compute_sockets(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_host_sockets *list = hf_checked(hf_arena_alloc(arena, sizeof *list));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);
	const hf_socket_line *lines;
	size_t count;

	list->fact = hf_facts_head(facts, HF_ASK_CALL, key, answer);
	list->fact.source = "/proc/2/net/unix";
	if (list->fact.state != HF_PRESENT)
		return list;
	int r = hf_socket_lines_parse(arena, answer->data, answer->size, &lines, &count);

	if (r == -ENOMEM)
		return NULL;
	/* dbus, systemd, udev: a node on which nobody listens is none */
	if (r < 0 || count == 0) {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = r < 0 ? "a line of the list of sockets is malformed"
				       : "the list of sockets is empty";
		return list;
	}
	hf_host_socket *all = hf_checked(hf_arena_calloc(arena, count + 1, sizeof *all));

	for (size_t i = 0; i < count; i++) {
		all[i] = (hf_host_socket){
			.name = lines[i].name,
			.path = lines[i].path,
			.holder = holder_of(facts, lines[i].number),
			.file = file_of(facts, &lines[i]),
		};
	}
	qsort(all, count, sizeof *all, compare_sockets);
	list->all = all;
	list->count = count;
	return list;
}

static const hf_fact_type sockets_type = {.name = "host sockets", .compute = compute_sockets};

static const hf_host_sockets *host_sockets(hf_facts *facts)
{
	return hf_facts_once(facts, &sockets_type, "sockets");
}

const hf_host_sockets *hf_host_sockets_get(hf_check_run *run)
{
	return host_sockets(hf_facts_of(run));
}

/* ---- where something of the host is, in its file system ---- */

typedef struct place {
	bool is_known;
	uint32_t major;
	uint32_t minor;
	const char *path; /* from the root of the file system */
} place;

static const void *compute_place(hf_facts *facts, const char *path)
{
	place *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_mount_table *hosts = hf_facts_host_table(facts);
	ptrdiff_t on = hf_mount_table_at(hosts, path);
	const char *rest;

	if (on < 0 || !hf_path_is_in(path, hosts->mounts->all[on].target, &rest))
		return found;
	const hf_mount *mount = &hosts->mounts->all[on];

	*found = (place){.is_known = true, .major = mount->major, .minor = mount->minor};
	found->path = hf_path_join(facts, mount->root, rest);
	return found;
}

static const hf_fact_type place_type = {.name = "place", .compute = compute_place};

hf_mount_relation hf_container_mount_relation(hf_check_run *run, const hf_container *container,
					      const hf_container_mount *mount, const char *host_path,
					      const char **ret_path)
{
	hf_facts *facts = hf_facts_of(run);
	const place *known = hf_facts_once(facts, &place_type, host_path);
	const hf_container_table *table = hf_facts_container_table(facts, container);
	const char *rest, *path = mount->mount->target;
	hf_mount_relation relation = HF_MOUNT_APART;

	if (!known->is_known || mount->is_covered || mount->mount->major != known->major ||
	    mount->mount->minor != known->minor)
		return HF_MOUNT_APART;
	if (strcmp(mount->mount->root, known->path) == 0) {
		relation = HF_MOUNT_SAME;
	} else if (hf_path_is_in(mount->mount->root, known->path, NULL)) {
		relation = HF_MOUNT_BELOW;
	} else if (hf_path_is_in(known->path, mount->mount->root, &rest)) {
		path = hf_path_join(facts, path, rest);
		ptrdiff_t on_top = hf_mount_table_at(&table->table, path);

		relation = on_top >= 0 && &table->seen.all[on_top] == mount ? HF_MOUNT_ABOVE
									     : HF_MOUNT_APART;
	}
	if (ret_path && relation != HF_MOUNT_APART)
		*ret_path = path;
	return relation;
}

typedef struct groups {
	uint32_t *all; /* sorted */
	size_t count;
} groups;

static int compare_groups(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static const void *compute_groups(hf_facts *facts, const char *key)
{
	groups *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_mounts *mounts = hf_facts_mounts(facts);

	(void)key;
	found->all = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), mounts->count + 1, sizeof *found->all));
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->all[i].shared)
			found->all[found->count++] = mounts->all[i].shared;
	}
	qsort(found->all, found->count, sizeof *found->all, compare_groups);
	return found;
}

static const hf_fact_type groups_type = {.name = "peer groups", .compute = compute_groups};

bool hf_host_has_peer_group(hf_check_run *run, uint32_t group)
{
	const groups *known = hf_facts_once(hf_facts_of(run), &groups_type, "");

	return group != 0 && known->count > 0 &&
	       bsearch(&group, known->all, known->count, sizeof group, compare_groups);
}

/* ---- reach ---- */

/* The path without links, where it is a socket's, and what the host has there. */
static const hf_file *host_file(hf_facts *facts, const char *path, const char **ret_path)
{
	const hf_answer *asked = hf_facts_ask(facts, HF_ASK_CALL, "sockets");
	const hf_host_sockets *sockets = asked ? host_sockets(facts) : NULL;
	const hf_host_socket key = {.name = path};
	const hf_host_socket *found =
		sockets && sockets->count > 0
			? bsearch(&key, sockets->all, sockets->count, sizeof key, compare_sockets)
			: NULL;

	if (found && found->path) {
		*ret_path = found->path;
		return found->file;
	}
	*ret_path = path;
	return hf_facts_stat(facts, path);
}

static void settle(hf_reach *reach, const char *path, const hf_container_mount *mount,
		   const hf_file *seen, const hf_file *known)
{
	*reach = (hf_reach){.fact = {.state = HF_UNREADABLE, .source = seen->fact.source},
			    .path = path,
			    .mount = mount,
			    .file = seen};
	if (seen->fact.state != HF_PRESENT)
		reach->fact.why = seen->fact.why;
	else if (known->fact.state != HF_PRESENT)
		reach->fact.why = known->fact.why;
	else if (seen->dev != known->dev || seen->ino != known->ino)
		reach->fact.why = "is another file than the host has there";
	else
		reach->fact.state = HF_PRESENT;
}

/* Looks through one mount; false: it does not show it. */
static bool look_through(hf_facts *facts, const hf_container *container, uint32_t index,
			 const place *at, const hf_file *known, hf_reach *reach)
{
	const hf_container_table *table = hf_facts_container_table(facts, container);
	const hf_container_mount *mount = &table->seen.all[index];
	const char *rest;

	if (mount->mount->major != at->major || mount->mount->minor != at->minor ||
	    !hf_path_is_in(at->path, mount->mount->root, &rest))
		return false;
	const char *path = hf_path_join(facts, mount->mount->target, rest);

	/* something else may be mounted over it, or over a folder above it */
	if (hf_mount_table_at(&table->table, path) != (ptrdiff_t)index)
		return false;
	settle(reach, path, mount, hf_facts_container_stat(facts, container, path), known);
	return true;
}

static void find_reach(hf_facts *facts, const hf_container *container, const char *host_path,
		       hf_reach *reach)
{
	const hf_container_table *table = hf_facts_container_table(facts, container);
	const char *path;
	const hf_file *known = host_file(facts, host_path, &path);
	const place *at = hf_facts_once(facts, &place_type, path);
	hf_reach other = *reach;

	if (!at->is_known) {
		reach->fact.why = "it could not be told on which mount of the host it is";
		return;
	}

	reach->fact.state = HF_ABSENT;
	reach->fact.why = "no mount of the container shows it";
	for (size_t i = 0; i < table->from_host_count; i++) {
		if (!look_through(facts, container, table->from_host[i], at, known, &other))
			continue;
		*reach = other;
		if (other.fact.state == HF_PRESENT)
			return;
	}
}

/* The key is "PID PATH". */
static const void *compute_reach(hf_facts *facts, const char *key)
{
	hf_reach *reach = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *reach));
	hf_container *container =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *container));

	container->pid = (int32_t)strtol(key, NULL, 10);
	const hf_container_table *table = hf_facts_container_table(facts, container);

	reach->fact = table->seen.fact;
	if (reach->fact.state == HF_PRESENT) {
		reach->fact.state = HF_UNREADABLE;
		find_reach(facts, container, strchr(key, ' ') + 1, reach);
		if (reach->fact.state == HF_ABSENT && table->seen.fact.why)
			reach->fact = (hf_fact){HF_UNREADABLE, table->seen.fact.source,
						table->seen.fact.why};
	}
	return reach;
}

static const hf_fact_type reach_type = {.name = "reach", .compute = compute_reach};

/* No mount holds the place: what most containers of a node say of most of its sockets, without a fact for each. */
static bool is_apart(hf_facts *facts, const hf_container_table *table, const char *host_path)
{
	const char *path;

	(void)host_file(facts, host_path, &path);
	const place *at = hf_facts_once(facts, &place_type, path);

	for (size_t i = 0; at->is_known && i < table->from_host_count; i++) {
		const hf_mount *mount = table->seen.all[table->from_host[i]].mount;

		if (mount->major == at->major && mount->minor == at->minor &&
		    hf_path_is_in(at->path, mount->root, NULL))
			return false;
	}
	return at->is_known;
}

const hf_reach *hf_container_reach(hf_check_run *run, const hf_container *container,
				   const char *host_path)
{
	static const hf_reach apart = {
		.fact = {.state = HF_ABSENT,
			 .source = "/proc/PID/mountinfo",
			 .why = "no mount of the container shows it"},
	};
	static const hf_reach nowhere = {
		.fact = {.state = HF_ABSENT,
			 .source = "/proc/PID/mountinfo",
			 .why = "no mount of the container shows files of the host"},
	};
	hf_facts *facts = hf_facts_of(run);
	const hf_container_table *table = hf_facts_container_table(facts, container);

	if (table->seen.fact.state == HF_PRESENT && !table->seen.fact.why &&
	    table->from_host_count == 0)
		return &nowhere;
	if (table->seen.fact.state == HF_PRESENT && !table->seen.fact.why &&
	    is_apart(facts, table, host_path))
		return &apart;
	return hf_facts_once(facts, &reach_type,
			     hf_checked(hf_arena_printf(hf_facts_arena(facts), "%d %s",
							container->pid, host_path)));
}
