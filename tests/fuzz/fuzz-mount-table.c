/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a mountinfo, for the table that is made of it and for the collector's own parser. What
 * is found is what was asked for. */
#include "collect/inside.h"
#include "facts/kernel-text.h"
#include "facts/mount-table.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const hf_mount_table *table, const hf_mount *mount, bool is_covered)
{
	const char *rest;
	ptrdiff_t at = hf_mount_table_at(table, mount->target);

	if (!is_covered && at < 0)
		abort();
	if (at >= 0 && !hf_path_is_in(mount->target, table->mounts->all[at].target, &rest))
		abort();
	at = hf_mount_table_find(table, mount->major, mount->minor, mount->root, &rest);
	if (!is_covered && at < 0 && *mount->root == '/')
		abort();
	if (at >= 0 && (table->mounts->all[at].major != mount->major || table->is_covered[at]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_inside_mounts inside;
	hf_mounts mounts;
	hf_mount_table table;
	hf_error err;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_inside_mounts_parse(arena, text, size, &inside) == 0) {
		for (size_t i = 0; i < inside.count; i++)
			(void)hf_inside_mount_of(&inside, inside.all[i].target);
	}
	if (hf_mountinfo_parse(arena, text, size, &mounts, &err) < 0)
		return 0;
	if (hf_mount_table_new(arena, &mounts, &table) < 0)
		abort();
	for (size_t i = 0; i < mounts.count; i++) {
		if (*mounts.all[i].target == '/')
			look_up(&table, &mounts.all[i], table.is_covered[i]);
	}
	return 0;
}
