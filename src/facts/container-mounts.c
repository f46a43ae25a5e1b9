/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about the mounts of containers: what is visible, what comes from the host and from where. */
#include "facts/mount-table.h"

#include "facts/parts.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- the process through which a container was asked about ---- */

typedef struct spaces {
	const hf_processes *processes;
	const hf_process **oldest; /* who was asked about each mount namespace, by the text of its link */
	size_t count;
} spaces;

static int compare_spaces(const void *a, const void *b)
{
	const hf_process *x = *(const hf_process *const *)a, *y = *(const hf_process *const *)b;
	int order = strcmp(x->mnt_ns, y->mnt_ns);

	if (order == 0)
		order = (x->start_ticks > y->start_ticks) - (x->start_ticks < y->start_ticks);
	return order ? order : x->pid - y->pid;
}

static bool was_asked(hf_facts *facts, int32_t pid)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%d/mountinfo", pid);
	return hf_facts_ask(facts, HF_ASK_FILE, path) != NULL;
}

static const void *compute_spaces(hf_facts *facts, const char *key)
{
	spaces *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_processes *processes = hf_facts_processes(facts);
	size_t count = 0;

	(void)key;
	found->oldest = hf_checked(hf_arena_calloc(hf_facts_arena(facts), processes->count + 1,
						   sizeof *found->oldest));
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->all[i].mnt_ns && was_asked(facts, processes->all[i].pid))
			found->oldest[count++] = &processes->all[i];
	}
	found->processes = processes;
	qsort(found->oldest, count, sizeof *found->oldest, compare_spaces);
	for (size_t i = 0; i < count; i++) {
		if (found->count == 0 || strcmp(found->oldest[i]->mnt_ns,
						found->oldest[found->count - 1]->mnt_ns) != 0)
			found->oldest[found->count++] = found->oldest[i];
	}
	return found;
}

static const hf_fact_type spaces_type = {
	.name = "mount namespaces", .compute = compute_spaces, .is_common = true};

static int compare_link(const void *key, const void *element)
{
	return strcmp(key, (*(const hf_process *const *)element)->mnt_ns);
}

static int32_t find_oldest(hf_facts *facts, int32_t pid)
{
	const spaces *found = hf_facts_once(facts, &spaces_type, "");

	if (was_asked(facts, pid))
		return pid;
	const hf_process *self = hf_process_by_pid(found->processes, pid);
	const hf_process *const *oldest =
		self && self->mnt_ns ? bsearch(self->mnt_ns, found->oldest, found->count,
					       sizeof *found->oldest, compare_link)
				     : NULL;

	return oldest ? (*oldest)->pid : pid;
}

/* Of a process: where it is asked about. */
typedef struct way_in {
	int32_t pid;
	char root[32]; /* "/proc/PID/root" */
	size_t length;
} way_in;

static const void *compute_way_in(hf_facts *facts, const char *key)
{
	way_in *in = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *in));

	in->pid = find_oldest(facts, (int32_t)strtol(key, NULL, 10));
	in->length = (size_t)hf_print(in->root, sizeof in->root, "/proc/%d/root", in->pid);
	return in;
}

static const hf_fact_type way_in_type = {.name = "way in", .compute = compute_way_in};

static const way_in *way_into(hf_facts *facts, const hf_container *container)
{
	const way_in *in = hf_facts_recall(facts, &way_in_type, container);
	char key[16];

	if (in)
		return in;
	(void)hf_print(key, sizeof key, "%d", container->pid);
	return hf_facts_once_for(facts, &way_in_type, container, key);
}

int32_t hf_facts_inside_pid(hf_facts *facts, const hf_container *container)
{
	return way_into(facts, container)->pid;
}

/* ---- mounts by their numbers ---- */

static int compare_ids(const void *a, const void *b)
{
	const hf_mount *x = *(const hf_mount *const *)a, *y = *(const hf_mount *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static const void *compute_by_id(hf_facts *facts, const char *path)
{
	hf_mounts_by_id *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_mounts *mounts = hf_facts_mounts_of(facts, path);
	const hf_mount **all =
		hf_checked(hf_arena_calloc(hf_facts_arena(facts), mounts->count + 1, sizeof *all));

	for (size_t i = 0; i < mounts->count; i++)
		all[i] = &mounts->all[i];
	if (mounts->count > 0)
		qsort(all, mounts->count, sizeof *all, compare_ids);
	found->fact = mounts->fact;
	found->all = all;
	found->count = mounts->count;
	return found;
}

static const hf_fact_type by_id_type = {.name = "mounts by number", .compute = compute_by_id};

const hf_mounts_by_id *hf_facts_mounts_by_id(hf_facts *facts, int32_t pid)
{
	const spaces *found = hf_facts_once(facts, &spaces_type, "");
	const hf_process *self = hf_process_by_pid(found->processes, pid);
	const hf_answer *host = hf_facts_ask(facts, HF_ASK_LINK, "/proc/2/ns/mnt");
	char path[64];

	/* whoever is in the host's has the mounts of pid 1 */
	if (self && self->mnt_ns && host && !host->error && strcmp(host->data, self->mnt_ns) == 0)
		pid = 1;
	else
		pid = find_oldest(facts, pid);
	(void)hf_print(path, sizeof path, "/proc/%d/mountinfo", pid);
	return hf_facts_once(facts, &by_id_type, path);
}

static int compare_number(const void *key, const void *element)
{
	const uint64_t *id = key;
	const hf_mount *mount = *(const hf_mount *const *)element;

	return (*id > mount->id) - (*id < mount->id);
}

const hf_mount *hf_mount_by_id(const hf_mounts_by_id *mounts, uint64_t id)
{
	const hf_mount *const *found =
		bsearch(&id, mounts->all, mounts->count, sizeof *mounts->all, compare_number);

	return found ? *found : NULL;
}

/* ---- the host ---- */

static const void *compute_host_table(hf_facts *facts, const char *key)
{
	hf_mount_table *table = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *table));

	(void)key;
	if (hf_mount_table_new(hf_facts_arena(facts), hf_facts_mounts(facts), table) < 0)
		hf_facts_out_of_memory();
	return table;
}

static const hf_fact_type host_table_type = {.name = "host mounts", .compute = compute_host_table};

const hf_mount_table *hf_facts_host_table(hf_facts *facts)
{
	return hf_facts_once(facts, &host_table_type, "");
}

/* ---- what runtimes mount of their own accord ---- */

static bool is_type(const hf_mount *mount, const char *type)
{
	return strcmp(mount->fs_type, type) == 0;
}

static bool is_on(const hf_mount *mount, const char *target)
{
	return strcmp(mount->target, target) == 0;
}

static bool ends_in(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return slash && strcmp(slash + 1, name) == 0;
}

/* Something that hides: an empty file system of its own, or the null device. One that the host has, too, shows. */
static bool is_mask(const hf_mount *mount, bool has_host_path)
{
	if (!is_type(mount, "tmpfs") && !is_type(mount, "devtmpfs"))
		return false;
	return strcmp(mount->root, "/null") == 0 ||
	       (strcmp(mount->root, "/") == 0 && !has_host_path);
}

/* Below /proc: procfs itself, parts of it over themselves, and masks. */
static bool is_own_proc(const hf_mount *mount, bool has_host_path)
{
	const char *rest;

	if (!hf_path_is_in(mount->target, "/proc", &rest))
		return false;
	if (is_type(mount, "proc"))
		return strcmp(mount->root, *rest ? rest : "/") == 0;
	return *rest && is_mask(mount, has_host_path);
}

static bool is_own_sys(const hf_mount *mount, bool has_host_path)
{
	const char *rest;

	if (!hf_path_is_in(mount->target, "/sys", &rest))
		return false;
	if (is_type(mount, "sysfs"))
		return strcmp(mount->root, *rest ? rest : "/") == 0;
	if (is_type(mount, "cgroup") || is_type(mount, "cgroup2"))
		return hf_path_is_in(mount->target, "/sys/fs/cgroup", NULL);
	return *rest && is_mask(mount, has_host_path);
}

static bool is_own_dev(const hf_mount *mount, bool has_host_path)
{
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

	if (is_on(mount, "/dev"))
		return is_type(mount, "tmpfs") && !has_host_path;
	if (is_on(mount, "/dev/shm")) /* the host's or another container's, too, if it was told so */
		return is_type(mount, "tmpfs") && strcmp(mount->root, "/") == 0;
	if (is_on(mount, "/dev/termination-log"))
		return strstr(mount->root, "/containers/") != NULL;
	if (is_type(mount, "devpts"))
		return hf_path_is_in(mount->target, "/dev", NULL);
	if (is_type(mount, "mqueue"))
		return is_on(mount, "/dev/mqueue");
	/* without the right to make nodes, a runtime takes the host's */
	for (size_t i = 0; i < HF_ARRAY_SIZE(nodes); i++) {
		if (hf_path_is_in(mount->target, "/dev", NULL) && ends_in(mount->target, nodes[i]) &&
		    ends_in(mount->root, nodes[i]))
			return true;
	}
	return false;
}

/* The runtime's own copies, from the folder where it keeps what belongs to the container; never the host's. */
static bool is_own_copy(const hf_mount *mount)
{
	static const char *const copies[][3] = {
		{"/etc/resolv.conf", "resolv.conf", NULL},
		{"/etc/hostname", "hostname", NULL},
		{"/etc/hosts", "hosts", "etc-hosts"},
		{"/run/.containerenv", ".containerenv", NULL},
	};
	static const char *const keepers[] = {"/containers/", "/overlay-containers/", "/sandboxes/",
					      "/pods/",	      "/userdata/",	      "/netns/"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(copies); i++) {
		if (!is_on(mount, copies[i][0]) ||
		    (!ends_in(mount->root, copies[i][1]) &&
		     !(copies[i][2] && ends_in(mount->root, copies[i][2]))))
			continue;
		for (size_t j = 0; j < HF_ARRAY_SIZE(keepers); j++) {
			if (strstr(mount->root, keepers[j]))
				return true;
		}
	}
	return false;
}

static bool is_own_init(const hf_mount *mount)
{
	static const char *const targets[] = {"/sbin/docker-init", "/dev/init", "/run/podman-init"};
	static const char *const programs[] = {"docker-init", "tini", "catatonit", "tini-static"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(targets); i++) {
		for (size_t j = 0; is_on(mount, targets[i]) && j < HF_ARRAY_SIZE(programs); j++) {
			if (ends_in(mount->root, programs[j]))
				return true;
		}
	}
	return false;
}

/* Secrets that the engine or kubelet hands out; what they are kept on is another question. */
static bool is_own_secret(const hf_mount *mount, bool has_host_path)
{
	static const char *const keepers[] = {"/mounts/secrets", "/userdata/run/secrets",
					      "/kubernetes.io~secret/", "/kubernetes.io~projected/"};

	if (!hf_path_is_in(mount->target, "/run/secrets", NULL) &&
	    !hf_path_is_in(mount->target, "/var/run/secrets", NULL))
		return false;
	if (is_type(mount, "tmpfs") && !has_host_path)
		return true;
	for (size_t i = 0; i < HF_ARRAY_SIZE(keepers); i++) {
		if (strstr(mount->root, keepers[i]))
			return true;
	}
	return false;
}

/* systemd-nspawn's door to the host and back. */
static bool is_own_door(const hf_mount *mount, bool has_host_path)
{
	if (!hf_path_is_in(mount->target, "/run/host", NULL))
		return false;
	return is_mask(mount, has_host_path) || strstr(mount->root, "nspawn") ||
	       ends_in(mount->root, "os-release");
}

static bool is_runtimes(const hf_mount *mount, bool has_host_path)
{
	return is_on(mount, "/") || is_own_proc(mount, has_host_path) ||
	       is_own_sys(mount, has_host_path) || is_own_dev(mount, has_host_path) ||
	       is_own_copy(mount) || is_own_init(mount) || is_own_secret(mount, has_host_path) ||
	       is_own_door(mount, has_host_path);
}

/* ---- a container ---- */

/* A root that is no overlay of its own is a folder of the host, by which more than the container's files can be
 * shown. */
static bool shows_host(const hf_container_mount *seen)
{
	if (seen->is_covered || !seen->host_path)
		return false;
	if (is_on(seen->mount, "/"))
		return !is_type(seen->mount, "overlay");
	return !seen->is_declared_by_runtime;
}

static void fill(hf_facts *facts, const hf_mount_table *host, const hf_mount *mount,
		 hf_container_mount *seen)
{
	const char *rest;
	ptrdiff_t at = hf_mount_table_find(host, mount->major, mount->minor, mount->root, &rest);

	*seen = (hf_container_mount){
		.mount = mount,
		.id = mount->id,
		.parent = mount->parent,
		.shared = mount->shared,
		.master = mount->master,
		.is_read_only = strncmp(mount->options, "ro", 2) == 0 &&
				(mount->options[2] == ',' || mount->options[2] == '\0'),
		.is_covered = seen->is_covered,
		.is_declared_by_runtime = is_runtimes(mount, at >= 0),
		.has_host_path = at >= 0,
	};
	if (at >= 0)
		seen->host_path = hf_path_join(facts, host->mounts->all[at].target, rest);
}

/* ---- other mount namespaces of its tasks ---- */

typedef struct found_container {
	const hf_container *container; /* NULL: none has this first process */
} found_container;

/* @key: "/proc/PID/…" */
static const void *compute_first_of(hf_facts *facts, const char *key)
{
	found_container *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_containers *all = hf_facts_containers(facts);
	int32_t pid = (int32_t)strtol(key + strlen("/proc/"), NULL, 10);

	for (size_t i = 0; i < all->count; i++) {
		if (all->all[i]->pid == pid)
			found->container = all->all[i];
	}
	return found;
}

/* What a mount table rests on are not all containers of the node. */
static const hf_fact_type first_of_type = {
	.name = "container of a first process", .compute = compute_first_of, .is_common = true};

static const hf_container *first_process_of(hf_facts *facts, const char *path)
{
	const found_container *found = hf_facts_once(facts, &first_of_type, path);

	return found->container;
}

/* Whether @table shows what @mount shows: it, or a folder above it. */
static bool is_shown_by(const hf_mount_table *table, const hf_mount *mount)
{
	const char *rest;

	return hf_mount_table_find(table, mount->major, mount->minor, mount->root, &rest) >= 0;
}

/* What a task in a mount namespace of its own sees of the host, and the container's first process does not; or a file
 * of the kernel that is covered for the first process alone. NULL: nothing. */
static const char *extra_of(hf_facts *facts, const hf_mount_table *first, const hf_mounts *mounts)
{
	hf_mount_table other;
	const char *rest;

	if (hf_mount_table_new(hf_facts_arena(facts), mounts, &other) < 0)
		hf_facts_out_of_memory();
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (!other.is_covered[i] && !is_shown_by(first, mount) &&
		    hf_mount_table_find(hf_facts_host_table(facts), mount->major, mount->minor,
					mount->root, &rest) >= 0)
			return mount->target;
	}
	ptrdiff_t proc = hf_mount_table_at(&other, "/proc");

	for (size_t i = 0; proc >= 0 && is_type(&mounts->all[proc], "proc") && i < first->mounts->count;
	     i++) {
		const hf_mount *cover = &first->mounts->all[i];
		ptrdiff_t at = HF_NO_MOUNT;

		if (first->is_covered[i] || !hf_path_is_in(cover->target, "/proc", &rest) || !*rest)
			continue;
		at = hf_mount_table_at(&other, cover->target);
		if (at >= 0 && !is_on(&mounts->all[at], cover->target))
			return cover->target;
	}
	return NULL;
}

static const char *why_elsewhere(hf_facts *facts, const hf_container *container,
				 const hf_mount_table *table)
{
	const hf_answer *host = hf_facts_ask(facts, HF_ASK_LINK, "/proc/2/ns/mnt");
	uint64_t own = container->init ? container->init->ns[HF_NS_MNT] : 0, initial = 0, seen = 0;

	if (own == 0 || !host || host->error || sscanf(host->data, "mnt:[%" SCNu64, &initial) != 1)
		return NULL;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint64_t space = task->ns[HF_NS_MNT];
		char path[64];

		/* namespace.mnt-host speaks of who is in the host's */
		if (space == 0 || space == own || space == initial || space == seen)
			continue;
		seen = space;
		(void)hf_print(path, sizeof path, "/proc/%d/mountinfo", find_oldest(facts, task->pid));
		const hf_mounts *mounts = hf_facts_mounts_of(facts, path);

		if (mounts->fact.state != HF_PRESENT)
			return "the mounts of a task in a mount namespace of its own could not be read";
		const char *extra = extra_of(facts, table, mounts);

		if (extra)
			return hf_checked(hf_arena_printf(
				hf_facts_arena(facts),
				"a task in a mount namespace of its own sees there what the first "
				"process does not: %s",
				extra));
	}
	return NULL;
}

static const void *compute_table(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_container_table *found = hf_checked(hf_arena_alloc(arena, sizeof *found));
	const hf_mounts *mounts = hf_facts_mounts_of(facts, path), *hosts = hf_facts_mounts(facts);

	found->seen.fact = mounts->fact;
	if (mounts->fact.state == HF_PRESENT && hosts->fact.state != HF_PRESENT)
		found->seen.fact = (hf_fact){.state = HF_UNREADABLE,
					     .source = hosts->fact.source,
					     .why = hosts->fact.why};
	if (hf_mount_table_new(arena, mounts, &found->table) < 0)
		hf_facts_out_of_memory();
	const hf_container *container = first_process_of(facts, path);

	if (container && found->seen.fact.state == HF_PRESENT)
		found->seen.fact.why = why_elsewhere(facts, container, &found->table);
	hf_container_mount *all = hf_checked(hf_arena_calloc(arena, mounts->count + 1, sizeof *all));
	uint32_t *from_host =
		hf_checked(hf_arena_calloc(arena, mounts->count + 1, sizeof *from_host));

	const hf_mount_table *host = mounts->count > 0 ? hf_facts_host_table(facts) : NULL;

	for (uint32_t i = 0; i < mounts->count; i++) {
		all[i].is_covered = found->table.is_covered[i];
		fill(facts, host, &mounts->all[i], &all[i]);
		if (shows_host(&all[i]))
			from_host[found->from_host_count++] = i;
	}
	found->seen.all = all;
	found->seen.count = mounts->count;
	found->from_host = from_host;
	return found;
}

static const hf_fact_type table_type = {.name = "container mounts", .compute = compute_table};

const hf_container_table *hf_facts_container_table(hf_facts *facts, const hf_container *container)
{
	const hf_container_table *table = hf_facts_recall(facts, &table_type, container);
	char path[64];

	if (table)
		return table;
	(void)hf_print(path, sizeof path, "/proc/%d/mountinfo", hf_facts_inside_pid(facts, container));
	return hf_facts_once_for(facts, &table_type, container, path);
}

const hf_container_mounts *hf_container_mounts_get(hf_check_run *run, const hf_container *container)
{
	return &hf_facts_container_table(hf_facts_of(run), container)->seen;
}

const hf_container_mount *hf_container_mount_at(const hf_container_mounts *mounts, const char *path)
{
	/* only compute_table() makes them */
	const hf_container_table *table = (const void *)mounts;
	ptrdiff_t at = hf_mount_table_at(&table->table, path);

	return at < 0 ? NULL : &mounts->all[at];
}

/* ---- what lies below the root ---- */

/* All procfs have the same names but for processes, all sysfs the same devices: so the host's own listing is a
 * second witness that something is missing. Without it, a folder of another file system has to be listed. */
static bool is_missing_on_host(hf_facts *facts, const hf_container *container, const char *path)
{
	const hf_container_table *table = hf_facts_container_table(facts, container);
	ptrdiff_t at = table->seen.fact.state == HF_PRESENT ? hf_mount_table_at(&table->table, path)
							     : HF_NO_MOUNT;
	const char *rest, *from;

	if (at < 0)
		return false;
	const hf_mount *mount = table->seen.all[at].mount;

	if (is_type(mount, "proc"))
		from = "/proc";
	else if (is_type(mount, "sysfs"))
		from = "/sys";
	else
		return false;
	if (!hf_path_is_in(path, mount->target, &rest))
		return false;
	const char *same = hf_path_join(
		facts, from, hf_path_join(facts, strcmp(mount->root, "/") == 0 ? "" : mount->root, rest));
	const char *slash = strrchr(same, '/');
	const hf_dir *dir = hf_facts_dir(
		facts, hf_checked(hf_arena_memdup(hf_facts_arena(facts), same, (size_t)(slash - same))));

	if (dir->fact.state == HF_PRESENT)
		return !hf_dir_has(dir, slash + 1);
	return hf_facts_stat(facts, same)->fact.state == HF_ABSENT;
}

/* The name of the question for @path; in @room where it fits, which is mostly: what is asked is copied once. */
static const char *inside(hf_facts *facts, const hf_container *container, const char *path, char *room,
			  size_t size)
{
	const way_in *in = way_into(facts, container);
	size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);

	if (in->length + length >= size)
		return hf_path_join(facts, in->root, path);
	memcpy(room, in->root, in->length);
	memcpy(room + in->length, path, length);
	room[in->length + length] = '\0';
	return room;
}

const hf_file *hf_facts_container_stat(hf_facts *facts, const hf_container *container,
				       const char *path)
{
	char room[256];
	const char *name = inside(facts, container, path, room, sizeof room);
	const hf_file *file = hf_facts_stat(facts, name);

	if (file->fact.state != HF_UNREADABLE)
		return file;
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_STAT, name);

	if ((answer && answer->error != ENOENT) || !is_missing_on_host(facts, container, path))
		return file;
	hf_file *absent = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *absent));

	absent->fact = (hf_fact){.state = HF_ABSENT,
				 .source = file->fact.source,
				 .why = "this kernel has no such file"};
	return absent;
}

const hf_file *hf_container_stat(hf_check_run *run, const hf_container *container, const char *path)
{
	return hf_facts_container_stat(hf_facts_of(run), container, path);
}

const hf_dir *hf_container_dir(hf_check_run *run, const hf_container *container, const char *path)
{
	char room[256];

	return hf_facts_dir(hf_facts_of(run),
			    inside(hf_facts_of(run), container, path, room, sizeof room));
}
