/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: what containers have in common, found by one sort over the mounts of all. */
#include "facts/mount-table.h"

#include "facts/parts.h"

enum {
	OTHERS_MAX = 5, /* of one container: who looks for the rest finds them there */
};

typedef struct entry {
	uint32_t major;
	uint32_t minor;
	const char *root; /* "" for shared memory, whatever part of it */
	const hf_container *container;
	const hf_container_mount *mount;
} entry;

typedef struct mount_index {
	hf_fact fact;
	const entry *data;
	size_t data_count;
	const entry *shm;
	size_t shm_count;
} mount_index;

static int compare_devices(const entry *x, const entry *y)
{
	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return (x->minor > y->minor) - (x->minor < y->minor);
}

static int compare_entries(const void *a, const void *b)
{
	const entry *x = a, *y = b;
	int order = compare_devices(x, y);

	if (order == 0)
		order = strcmp(x->root, y->root);
	return order ? order : strcmp(x->container->id, y->container->id);
}

/* By both: the mount's own options and those of the file system. */
static bool is_writable(const hf_container_mount *mount)
{
	return !mount->is_read_only && hf_mount_has_option(mount->mount, "rw");
}

static bool is_data(const hf_container_mount *mount)
{
	static const char *const kernels[] = {"proc",	"sysfs", "cgroup",   "cgroup2", "devpts",
					      "mqueue", "nsfs",	 "devtmpfs", "debugfs", "tracefs"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(kernels); i++) {
		if (strcmp(mount->mount->fs_type, kernels[i]) == 0)
			return false;
	}
	return !mount->is_covered && mount->host_path && !mount->is_declared_by_runtime &&
	       strcmp(mount->mount->target, "/") != 0 && is_writable(mount);
}

static bool is_shm(const hf_container_mount *mount)
{
	return !mount->is_covered && strcmp(mount->mount->target, "/dev/shm") == 0;
}

static void add(hf_facts *facts, hf_list *list, const hf_container *container,
		const hf_container_mount *mount, const char *root)
{
	entry *new = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *new));

	*new = (entry){.major = mount->mount->major,
		       .minor = mount->mount->minor,
		       .root = root,
		       .container = container,
		       .mount = mount};
	if (hf_list_add(list, new) < 0)
		hf_facts_out_of_memory();
}

static const entry *sorted(hf_facts *facts, hf_list *list)
{
	entry *all = hf_checked(hf_arena_calloc(hf_facts_arena(facts), list->count + 1, sizeof *all));

	for (size_t i = 0; i < list->count; i++)
		all[i] = *(const entry *)list->items[i];
	qsort(all, list->count, sizeof *all, compare_entries);
	hf_list_free(list);
	return all;
}

static const void *compute_index(hf_facts *facts, const char *key)
{
	mount_index *found = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	const hf_containers *containers = hf_facts_containers(facts);
	hf_list data = {0}, shm = {0};

	(void)key;
	found->fact = containers->fact;
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];
		const hf_container_table *table = hf_facts_container_table(facts, container);

		if (table->seen.fact.state != HF_PRESENT)
			found->fact = table->seen.fact;
		for (size_t j = 0; j < table->seen.count; j++) {
			const hf_container_mount *mount = &table->seen.all[j];

			if (is_shm(mount))
				add(facts, &shm, container, mount, "");
			else if (is_data(mount))
				add(facts, &data, container, mount, mount->mount->root);
		}
	}
	found->data_count = data.count;
	found->shm_count = shm.count;
	found->data = sorted(facts, &data);
	found->shm = sorted(facts, &shm);
	return found;
}

static const hf_fact_type index_type = {
	.name = "shared mounts", .compute = compute_index, .is_common = true};

/* ---- one container ---- */

/* The first entry that is not before @key by device and root. */
static size_t lower_bound(const entry *all, size_t count, const entry *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_devices(&all[middle], key);

		if (order == 0)
			order = strcmp(all[middle].root, key->root);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

typedef struct gathering {
	const entry *self;
	hf_shared_mount *others;
	size_t count;
} gathering;

/* Containers of one pod are one application. */
static bool is_one_owner(const hf_container *a, const hf_container *b)
{
	return a == b || (a->pod && hf_streq(a->pod, b->pod));
}

static void take(gathering *g, const entry *other)
{
	if (is_one_owner(g->self->container, other->container) || g->count == OTHERS_MAX)
		return;
	for (size_t i = 0; i < g->count; i++) {
		if (g->others[i].other == other->container)
			return;
	}
	g->others[g->count++] = (hf_shared_mount){.other = other->container, .mine = g->self->mount};
}

/* Those from @key on that have its root, or with @is_prefix a root that begins with it. Many of one owner in a row
 * are not looked through to the end. */
static void take_range(gathering *g, const entry *all, size_t count, const entry *key, bool is_prefix)
{
	enum { LOOKED_AT = 64 };
	size_t length = strlen(key->root), first = lower_bound(all, count, key);

	for (size_t i = first; i < count && i < first + LOOKED_AT && g->count < OTHERS_MAX; i++) {
		if (compare_devices(&all[i], key) != 0 ||
		    (is_prefix ? strncmp(all[i].root, key->root, length) != 0
			       : strcmp(all[i].root, key->root) != 0))
			return;
		take(g, &all[i]);
	}
}

static void take_related(hf_facts *facts, gathering *g, const mount_index *known)
{
	entry key = *g->self;
	char *root = hf_checked(hf_arena_strdup(hf_facts_arena(facts), g->self->root));

	take_range(g, known->data, known->data_count, &key, false);
	key.root = strcmp(root, "/") == 0
			   ? root
			   : hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s/", root));
	take_range(g, known->data, known->data_count, &key, true);
	key.root = root;
	for (char *slash; strcmp(root, "/") != 0 && (slash = strrchr(root, '/'));) {
		slash[slash == root] = '\0';
		take_range(g, known->data, known->data_count, &key, false);
	}
}

static hf_shared_mounts *new_result(hf_facts *facts, const mount_index *known, size_t mounts)
{
	hf_shared_mounts *result = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *result));

	result->fact = known->fact;
	result->all = hf_checked(hf_arena_calloc(hf_facts_arena(facts), mounts * OTHERS_MAX + 1,
						 sizeof *result->all));
	return result;
}

const hf_shared_mounts *hf_container_shared_memory(hf_check_run *run, const hf_container *container)
{
	hf_facts *facts = hf_facts_of(run);
	const mount_index *known = hf_facts_once(facts, &index_type, "");
	const hf_container_table *table = hf_facts_container_table(facts, container);
	hf_shared_mounts *result = new_result(facts, known, 1);
	ptrdiff_t at = hf_mount_table_at(&table->table, "/dev/shm");

	if (at < 0 || !is_shm(&table->seen.all[at]))
		return result;
	const hf_container_mount *mount = &table->seen.all[at];
	const entry self = {.major = mount->mount->major,
			    .minor = mount->mount->minor,
			    .root = "",
			    .container = container,
			    .mount = mount};
	gathering g = {.self = &self, .others = (hf_shared_mount *)(uintptr_t)result->all};

	take_range(&g, known->shm, known->shm_count, &self, false);
	result->count = g.count;
	return result;
}

const hf_shared_mounts *hf_container_shared_data(hf_check_run *run, const hf_container *container)
{
	static const hf_shared_mounts none = {.fact = {.state = HF_PRESENT, .source = "mountinfo"}};
	hf_facts *facts = hf_facts_of(run);
	const hf_container_table *table = hf_facts_container_table(facts, container);

	if (table->from_host_count == 0)
		return &none;
	const mount_index *known = hf_facts_once(facts, &index_type, "");
	hf_shared_mounts *result = new_result(facts, known, table->from_host_count);

	for (size_t i = 0; i < table->from_host_count; i++) {
		const hf_container_mount *mount = &table->seen.all[table->from_host[i]];
		const entry self = {.major = mount->mount->major,
				    .minor = mount->mount->minor,
				    .root = mount->mount->root,
				    .container = container,
				    .mount = mount};
		gathering g = {.self = &self,
			       .others = (hf_shared_mount *)(uintptr_t)&result->all[result->count]};

		if (!is_data(mount))
			continue;
		take_related(facts, &g, known);
		result->count += g.count;
	}
	return result;
}
