/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mount tables. A mount is reached through its parent, at the place where it is mounted; it is hidden there when
 * another child of the same parent is mounted on that place or above, or when its parent is. What is mounted on
 * the root of a mount is that mount's child, with the same mount point. */
#include "facts/mount-table.h"

#include "facts/parts.h"

enum reach { REACH_UNKNOWN = 0, REACH_OPEN, REACH_YES, REACH_NO };

typedef struct builder {
	const hf_mount *all;
	uint32_t count;
	uint32_t *by_id;
	uint32_t *by_place; /* by parent, mount point, then order */
	unsigned char *reach;
	uint32_t *chain;
	bool *is_covered;
} builder;

bool hf_path_is_in(const char *path, const char *folder, const char **ret_rest)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (strncmp(path, folder, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return false;
	if (ret_rest)
		*ret_rest = strcmp(path + length, "/") == 0 ? "" : path + length;
	return true;
}

const char *hf_path_join(hf_facts *facts, const char *folder, const char *rest)
{
	if (*rest == '\0')
		return folder;
	if (strcmp(folder, "/") == 0)
		return rest;
	size_t above = strlen(folder), below = strlen(rest);
	char *path = hf_checked(hf_arena_alloc(hf_facts_arena(facts), above + below + 1));

	memcpy(path, folder, above);
	memcpy(path + above, rest, below);
	return path;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_ids(const void *a, const void *b, void *data)
{
	const hf_mount *all = data, *x = &all[*(const uint32_t *)a], *y = &all[*(const uint32_t *)b];
	int order = compare_numbers(x->id, y->id);

	return order ? order : compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int compare_places(const void *a, const void *b, void *data)
{
	const hf_mount *all = data, *x = &all[*(const uint32_t *)a], *y = &all[*(const uint32_t *)b];
	int order = compare_numbers(x->parent, y->parent);

	if (order == 0)
		order = strcmp(x->target, y->target);
	return order ? order : compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int compare_targets(const void *a, const void *b, void *data)
{
	const hf_mount *all = data;
	int order = strcmp(all[*(const uint32_t *)a].target, all[*(const uint32_t *)b].target);

	return order ? order : compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int compare_files(const void *a, const void *b, void *data)
{
	const hf_mount *all = data, *x = &all[*(const uint32_t *)a], *y = &all[*(const uint32_t *)b];
	int order = compare_numbers(x->major, y->major);

	if (order == 0)
		order = compare_numbers(x->minor, y->minor);
	if (order == 0)
		order = strcmp(x->root, y->root);
	return order ? order : compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

/* @text against the first @length bytes of @path. */
static int compare_part(const char *text, const char *path, size_t length)
{
	int order = strncmp(text, path, length);

	return order ? order : text[length] != '\0';
}

static ptrdiff_t find_id(const builder *b, uint32_t id)
{
	uint32_t low = 0, high = b->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (b->all[b->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->count && b->all[b->by_id[low]].id == id ? (ptrdiff_t)b->by_id[low]
								 : HF_NO_MOUNT;
}

/* The last child of @parent whose mount point is the first @length bytes of @path. */
static ptrdiff_t find_child(const builder *b, uint32_t parent, const char *path, size_t length)
{
	uint32_t low = 0, high = b->count;

	while (low < high) { /* the first one past them */
		uint32_t middle = low + (high - low) / 2;
		const hf_mount *at = &b->all[b->by_place[middle]];
		int order = compare_numbers(at->parent, parent);

		if (order == 0)
			order = compare_part(at->target, path, length);
		if (order <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return HF_NO_MOUNT;
	const hf_mount *at = &b->all[b->by_place[low - 1]];

	return at->parent == parent && compare_part(at->target, path, length) == 0
		       ? (ptrdiff_t)b->by_place[low - 1]
		       : HF_NO_MOUNT;
}

/* That another child of its parent lies on the place of mount @i, or above it. */
static bool is_hidden_by_sibling(const builder *b, uint32_t i, const hf_mount *parent)
{
	const hf_mount *mount = &b->all[i];
	size_t shortest = strcmp(parent->target, "/") == 0 ? 1 : strlen(parent->target);
	ptrdiff_t same = find_child(b, mount->parent, mount->target, strlen(mount->target));

	if (same > (ptrdiff_t)i)
		return true;
	for (size_t length = strlen(mount->target); length > shortest;) {
		while (length > 1 && mount->target[length - 1] != '/')
			length--;
		length -= length > 1; /* the slash */
		if (length < shortest)
			break;
		ptrdiff_t above = find_child(b, mount->parent, mount->target, length);

		if (above >= 0 && above != (ptrdiff_t)i)
			return true;
		if (length == 1)
			break;
	}
	return false;
}

/* Follows the parents of mount @i up to one whose state is known, then comes back. */
static void find_reach(builder *b, uint32_t i)
{
	uint32_t depth = 0;
	ptrdiff_t at = i;
	enum reach above = REACH_YES; /* a parent that is not in the table is beyond the root */

	while (at >= 0 && b->reach[at] == REACH_UNKNOWN) {
		b->reach[at] = REACH_OPEN;
		b->chain[depth++] = (uint32_t)at;
		at = b->all[at].parent == b->all[at].id ? HF_NO_MOUNT : find_id(b, b->all[at].parent);
	}
	if (at >= 0 && b->reach[at] != REACH_OPEN) /* a ring is no table of the kernel's */
		above = (enum reach)b->reach[at];
	while (depth > 0) {
		uint32_t next = b->chain[--depth];
		ptrdiff_t parent = find_id(b, b->all[next].parent);

		if (above == REACH_YES && parent >= 0 && parent != (ptrdiff_t)next &&
		    is_hidden_by_sibling(b, next, &b->all[parent]))
			above = REACH_NO;
		b->reach[next] = (unsigned char)above;
	}
}

static bool find_covered(builder *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		b->by_id[i] = i;
		b->by_place[i] = i;
	}
	qsort_r(b->by_id, b->count, sizeof *b->by_id, compare_ids, (void *)(uintptr_t)b->all);
	qsort_r(b->by_place, b->count, sizeof *b->by_place, compare_places, (void *)(uintptr_t)b->all);
	for (uint32_t i = 0; i < b->count; i++)
		find_reach(b, i);
	for (uint32_t i = 0; i < b->count; i++) {
		const hf_mount *mount = &b->all[i];
		ptrdiff_t on_top = find_child(b, mount->id, mount->target, strlen(mount->target));

		b->is_covered[i] = b->reach[i] == REACH_NO ||
				   (on_top >= 0 && on_top != (ptrdiff_t)i);
	}
	return true;
}

int hf_mount_table_new(hf_arena *arena, const hf_mounts *mounts, hf_mount_table *ret_table)
{
	size_t count = mounts->count;
	hf_cleanup(hf_freep) uint32_t *scratch = calloc(3 * count + 1, sizeof *scratch);
	hf_cleanup(hf_freep) unsigned char *reach = calloc(count + 1, 1);
	builder b = {.all = mounts->all, .count = (uint32_t)count, .reach = reach};
	uint32_t *by_target = hf_arena_calloc(arena, count + 1, sizeof *by_target);
	uint32_t *by_files = hf_arena_calloc(arena, count + 1, sizeof *by_files);
	size_t visible = 0;

	b.is_covered = hf_arena_calloc(arena, count + 1, sizeof *b.is_covered);
	if (!scratch || !reach || !by_target || !by_files || !b.is_covered)
		return -ENOMEM;
	b.by_id = scratch;
	b.by_place = scratch + count;
	b.chain = scratch + 2 * count;
	find_covered(&b);
	for (uint32_t i = 0; i < count; i++) {
		if (b.is_covered[i])
			continue;
		by_target[visible] = i;
		by_files[visible++] = i;
	}
	qsort_r(by_target, visible, sizeof *by_target, compare_targets, (void *)(uintptr_t)b.all);
	qsort_r(by_files, visible, sizeof *by_files, compare_files, (void *)(uintptr_t)b.all);
	*ret_table = (hf_mount_table){
		.mounts = mounts,
		.is_covered = b.is_covered,
		.by_target = by_target,
		.by_files = by_files,
		.visible = visible,
	};
	return 0;
}

/* The length of the folder above the first @length bytes of @path; 0: there is none. */
static size_t parent_length(const char *path, size_t length)
{
	if (length <= 1)
		return 0;
	while (length > 1 && path[length - 1] != '/')
		length--;
	return length > 1 ? length - 1 : 1;
}

static ptrdiff_t find_target(const hf_mount_table *table, const char *path, size_t length)
{
	const hf_mount *all = table->mounts->all;
	size_t low = 0, high = table->visible;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_part(all[table->by_target[middle]].target, path, length) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || compare_part(all[table->by_target[low - 1]].target, path, length) != 0)
		return HF_NO_MOUNT;
	return table->by_target[low - 1];
}

ptrdiff_t hf_mount_table_at(const hf_mount_table *table, const char *path)
{
	for (size_t length = strlen(path); length > 0; length = parent_length(path, length)) {
		ptrdiff_t found = find_target(table, path, length);

		if (found >= 0)
			return found;
	}
	return HF_NO_MOUNT;
}

static ptrdiff_t find_files(const hf_mount_table *table, uint32_t major, uint32_t minor,
			    const char *path, size_t length)
{
	const hf_mount *all = table->mounts->all;
	size_t low = 0, high = table->visible;

	while (low < high) { /* the first that is not before */
		size_t middle = low + (high - low) / 2;
		const hf_mount *at = &all[table->by_files[middle]];
		int order = compare_numbers(at->major, major);

		if (order == 0)
			order = compare_numbers(at->minor, minor);
		if (order == 0)
			order = compare_part(at->root, path, length);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == table->visible)
		return HF_NO_MOUNT;
	const hf_mount *at = &all[table->by_files[low]];

	return at->major == major && at->minor == minor && compare_part(at->root, path, length) == 0
		       ? (ptrdiff_t)table->by_files[low]
		       : HF_NO_MOUNT;
}

ptrdiff_t hf_mount_table_find(const hf_mount_table *table, uint32_t major, uint32_t minor,
			      const char *path, const char **ret_rest)
{
	for (size_t length = strlen(path); length > 0; length = parent_length(path, length)) {
		ptrdiff_t found = find_files(table, major, minor, path, length);

		if (found >= 0 && hf_path_is_in(path, table->mounts->all[found].root, ret_rest))
			return found;
	}
	return HF_NO_MOUNT;
}
