/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hierarchy of control groups holds a controller, and the group of a container in it: the
 * host's mounts joined with /proc/PID/cgroup of the container's first process. */
#include "facts/cgroup-tree.h"
#include "facts/cgroup.h"
#include "facts/parts.h"

#include <stdio.h>

bool hf_cgroup_next_line(const char **cursor, const char *end, hf_cgroup_line *ret_line)
{
	const char *line;
	size_t length;

	while (hf_next_line(cursor, end, &line, &length)) {
		const char *stop = line + length, *list = memchr(line, ':', length);
		const char *path = list ? memchr(list + 1, ':', (size_t)(stop - list - 1)) : NULL;

		if (!path || path + 1 == stop || path[1] != '/')
			continue;
		*ret_line = (hf_cgroup_line){
			.controllers = list + 1,
			.controllers_length = (size_t)(path - list - 1),
			.path = path + 1,
			.path_length = (size_t)(stop - path - 1),
		};
		return true;
	}
	return false;
}

bool hf_cgroup_lists(const char *list, size_t length, const char *name)
{
	size_t wanted = strlen(name);

	for (const char *at = list, *end = list + length; at <= end;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;

		if ((size_t)(stop - at) == wanted && memcmp(at, name, wanted) == 0)
			return true;
		at = stop + 1;
	}
	return false;
}

/* ---- the tree ---- */

/* With controllers: hierarchies that only name groups (name=systemd) limit nothing. */
static bool has_controllers(const hf_mount *mount)
{
	static const char *const controllers[] = {
		"cpu",	   "cpuset",  "cpuacct", "memory",   "pids",	   "devices", "blkio",
		"freezer", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma",    "misc"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(controllers); i++) {
		if (hf_cgroup_lists(mount->super_options, strlen(mount->super_options),
				    controllers[i]))
			return true;
	}
	return false;
}

static const void *compute_tree(hf_facts *facts, const char *key)
{
	hf_cgroup_tree *tree = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *tree));
	const hf_mounts *mounts = hf_facts_mounts(facts);
	bool has_v1 = false, has_v2 = false;

	(void)key;
	tree->fact = mounts->fact;
	if (mounts->fact.state != HF_PRESENT)
		return tree;
	for (size_t i = 0; i < mounts->count; i++)
		tree->mount_count += hf_has_prefix(mounts->all[i].fs_type, "cgroup");
	tree->mounts = hf_checked(hf_arena_calloc(hf_facts_arena(facts), tree->mount_count + 1,
						  sizeof *tree->mounts));
	for (size_t i = 0, used = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (hf_has_prefix(mount->fs_type, "cgroup"))
			tree->mounts[used++] = mount;
		has_v2 = has_v2 || strcmp(mount->fs_type, "cgroup2") == 0;
		has_v1 =
			has_v1 || (strcmp(mount->fs_type, "cgroup") == 0 && has_controllers(mount));
	}
	if (has_v1 || has_v2) {
		tree->mode = !has_v1 ? HF_CGROUP_V2 : has_v2 ? HF_CGROUP_HYBRID : HF_CGROUP_V1;
	} else {
		tree->fact.state = HF_ABSENT;
		tree->fact.why = "no hierarchy of control groups is mounted";
	}
	return tree;
}

static const hf_fact_type tree_type = {.name = "cgroup tree", .compute = compute_tree};

const hf_cgroup_tree *hf_facts_cgroup_tree(hf_facts *facts)
{
	return hf_facts_once(facts, &tree_type, "");
}

const hf_fact *hf_cgroup_mode_get(hf_check_run *run, hf_cgroup_mode *ret_mode)
{
	const hf_cgroup_tree *tree = hf_facts_cgroup_tree(hf_facts_of(run));

	if (tree->fact.state == HF_PRESENT)
		*ret_mode = tree->mode;
	return &tree->fact;
}

/* ---- the place of a container ---- */

bool hf_cgroup_key(char *key, size_t size, const char *const *words, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const char *word = words[i] ? words[i] : "-";
		size_t length = strlen(word);

		if (used + length + 1 > size)
			return false;
		memcpy(key + used, word, length);
		used += length;
		key[used++] = i + 1 < count ? ' ' : '\0';
	}
	return true;
}

/* The mount that shows @path, of the hierarchy of @controller (NULL: the unified one): the widest
 * view wins. */
static const hf_mount *mount_of(const hf_cgroup_tree *tree, const char *controller, const char *path)
{
	const hf_mount *found = NULL;

	for (size_t i = 0; i < tree->mount_count; i++) {
		const hf_mount *mount = tree->mounts[i];

		if (strcmp(mount->fs_type, controller ? "cgroup" : "cgroup2") != 0)
			continue;
		size_t length = strlen(mount->root);
		bool is_inside = strcmp(mount->root, "/") == 0 ||
				 (strncmp(path, mount->root, length) == 0 &&
				  (path[length] == '/' || path[length] == '\0'));

		if (!is_inside)
			continue;
		if (controller && !hf_cgroup_lists(mount->super_options,
						   strlen(mount->super_options), controller))
			continue;
		if (!found || length < strlen(found->root))
			found = mount;
	}
	return found;
}

/* "/container": crun puts the processes, and the limits that it writes itself, into such a group
 * below the one that systemd made for it. */
static size_t crun_length(const char *path, size_t own)
{
	static const char below[] = "/container";
	size_t more = sizeof below - 1;
	bool is_crun = strncmp(path + own, below, more) == 0 &&
		       (path[own + more] == '\0' || path[own + more] == '/');

	return is_crun ? more : 0;
}

/* The path up to the container's own group; what is below it the container made for itself. */
static size_t own_length(const hf_container *container, const char *path)
{
	size_t length = strlen(path), own = container->cgroup ? strlen(container->cgroup) : 0;
	hf_cgroup_owner owner;
	hf_buffer line = {0};

	if (own > 0 && strncmp(path, container->cgroup, own) == 0 &&
	    (path[own] == '/' || path[own] == '\0'))
		return own;
	/* hierarchies of v1 need not agree on the path */
	hf_buffer_printf(&line, "0::%s\n", path);
	if (line.failed)
		hf_facts_out_of_memory();
	if (hf_cgroup_parse(line.data, line.size, &owner))
		length = owner.path_length;
	hf_buffer_free(&line);
	return length;
}

static bool find_line(const hf_file *file, const char *controller, hf_cgroup_line *ret_line)
{
	const char *cursor = file->data;

	while (hf_cgroup_next_line(&cursor, file->data + file->size, ret_line)) {
		if (controller ? hf_cgroup_lists(ret_line->controllers,
						 ret_line->controllers_length, controller)
			       : ret_line->controllers_length == 0)
			return true;
	}
	return false;
}

static void fail(hf_cgroup_place *place, hf_state state, const char *why)
{
	place->fact.state = state;
	place->fact.why = why;
}

static void locate(hf_facts *facts, const hf_container *container, const char *controller,
		   const hf_cgroup_line *line, hf_cgroup_place *place)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_cgroup_tree *tree = hf_facts_cgroup_tree(facts);
	const char *leaf = hf_checked(hf_arena_memdup(arena, line->path, line->path_length));

	if (strncmp(leaf, "/..", 3) == 0) {
		fail(place, HF_UNREADABLE,
		     "we were started in a cgroup namespace that does not hold it");
		return;
	}
	const hf_mount *mount = mount_of(tree, controller, leaf);

	if (!mount) {
		fail(place, tree->fact.state == HF_UNREADABLE ? HF_UNREADABLE : HF_ABSENT,
		     tree->fact.state == HF_UNREADABLE ? tree->fact.why
						       : "its hierarchy is mounted nowhere");
		/* bound to v1, but not to be seen: whether limits are set cannot be told */
		if (controller)
			place->fact.state = HF_UNREADABLE;
		return;
	}
	place->leaf = leaf;
	size_t own = own_length(container, leaf), more = crun_length(leaf, own);

	place->own_levels = more > 0 ? 2 : 1;
	place->path = hf_checked(hf_arena_memdup(arena, leaf, own + more));
	place->folder = mount->target;
	size_t hidden = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);

	place->inner = strlen(place->path) >= hidden ? place->path + hidden : "";
}

static int compare_id(const void *key, const void *item)
{
	return strcmp(key, (*(const hf_container *const *)item)->id);
}

typedef struct found_container {
	const hf_container *container;
} found_container;

static const void *compute_container(hf_facts *facts, const char *id)
{
	found_container *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_containers *list = hf_facts_containers(facts);
	const hf_container *const *at =
		list->count > 0 ? bsearch(id, list->all, list->count, sizeof *list->all, compare_id)
				: NULL;

	found->container = at ? *at : NULL;
	return found;
}

static const hf_fact_type container_type = {
	.name = "container by id", .compute = compute_container, .is_common = true};

const hf_container *hf_facts_container_by_id(hf_facts *facts, const char *id)
{
	const found_container *found = hf_facts_once(facts, &container_type, id);

	return found->container;
}

/* @key: "memory <id>"; "- <id>" for the unified hierarchy. */
static const void *compute_place(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cgroup_place *place = hf_checked(hf_arena_alloc(arena, sizeof *place));
	const char *blank = strchr(key, ' ');
	const char *name = hf_checked(hf_arena_memdup(arena, key, (size_t)(blank - key)));
	const char *controller = strcmp(name, "-") == 0 ? NULL : name;
	const hf_container *container = hf_facts_container_by_id(facts, blank + 1);

	if (!container) {
		place->fact =
			(hf_fact){HF_UNREADABLE, "containers", "is no container of this node"};
		return place;
	}
	const hf_file *file = hf_facts_process_file(facts, container->pid, "cgroup");
	const hf_cgroup_tree *tree = hf_facts_cgroup_tree(facts);
	hf_cgroup_line line;

	place->fact = file->fact;
	if (file->fact.state != HF_PRESENT) {
		place->fact.state = HF_UNREADABLE;
	} else if (tree->fact.state != HF_PRESENT) {
		place->fact = tree->fact;
	} else if (controller && find_line(file, controller, &line)) {
		place->is_v1 = true;
		locate(facts, container, controller, &line, place);
	} else if (find_line(file, NULL, &line)) {
		locate(facts, container, NULL, &line, place);
	} else {
		place->fact.state = HF_ABSENT;
		place->fact.why = "no hierarchy has this controller";
	}
	return place;
}

static const hf_fact_type place_type = {.name = "cgroup place", .compute = compute_place};

const hf_cgroup_place *hf_facts_cgroup_place(hf_facts *facts, const hf_container *container,
					     const char *controller)
{
	const char *words[] = {controller, container->id};
	char key[HF_NAME_MAX_BYTES];

	if (!hf_cgroup_key(key, sizeof key, words, HF_ARRAY_SIZE(words))) {
		static const hf_cgroup_place none = {
			.fact = {HF_UNREADABLE, "/proc", "the container's name is too long"}};

		return &none;
	}
	return hf_facts_once(facts, &place_type, key);
}

/* Proof that @group has no file @name: the controllers that its parent gives it (v2), or its
 * listing. NULL: none. */
static const hf_file *missing_file(hf_facts *facts, const char *group, const char *name)
{
	hf_arena *arena = hf_facts_arena(facts);
	const char *list = hf_checked(hf_arena_printf(arena, "%s/cgroup.controllers", group));
	const hf_answer *controllers = hf_facts_ask(facts, HF_ASK_FILE, list);
	size_t length = strcspn(name, ".");
	hf_fact proof = {HF_ABSENT, group, NULL};

	if (controllers && !controllers->error && strncmp(name, "cgroup.", length + 1) != 0) {
		char *words = hf_checked(hf_arena_strdup(arena, controllers->data));
		const char *controller = hf_checked(hf_arena_memdup(arena, name, length));

		for (char *at = words; *at; at++) {
			if (*at == ' ' || *at == '\n')
				*at = ',';
		}
		if (!hf_cgroup_lists(words, strlen(words), controller))
			proof.why = "its group was not given this controller";
	}
	if (!proof.why) {
		const hf_dir *dir = hf_facts_dir(facts, group);

		if (dir->fact.state == HF_PRESENT && !hf_dir_has(dir, name))
			proof.why = "has no such file";
	}
	if (!proof.why)
		return NULL;
	hf_file *none = hf_checked(hf_arena_alloc(arena, sizeof *none));

	none->fact = proof;
	return none;
}

const hf_file *hf_facts_cgroup_file(hf_facts *facts, const char *folder, const char *inner,
				    const char *name)
{
	size_t above = strlen(folder), length = strcmp(inner, "/") == 0 ? 0 : strlen(inner);
	size_t last = strlen(name);
	char path[HF_NAME_MAX_BYTES];

	if (above + length + last + 2 > sizeof path) {
		static const hf_file none = {
			.fact = {HF_UNREADABLE, "/sys/fs/cgroup", "the group's path is too long"}};

		return &none;
	}
	memcpy(path, folder, above);
	memcpy(path + above, inner, length);
	path[above + length] = '/';
	memcpy(path + above + length + 1, name, last + 1);
	/* what cannot be there need not have been asked */
	if (!hf_facts_ask(facts, HF_ASK_FILE, path)) {
		path[above + length] = '\0';
		const hf_file *none = missing_file(facts, path, name);

		path[above + length] = '/';
		if (none)
			return none;
	}
	return hf_facts_file(facts, path);
}
