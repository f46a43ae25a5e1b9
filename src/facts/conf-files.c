/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merges folders of fragments as systemd's conf_files_list() and kmod do: all names in one order,
 * and of namesakes only the one in the foremost folder, whatever it is. */
#include "facts/conf-files.h"

#include "facts/kernel-text.h"

typedef struct candidate {
	hf_conf_file conf;
	size_t rank; /* of its folder */
} candidate;

typedef struct gathering {
	candidate *all;
	size_t count;
	size_t room;
} gathering;

static void free_gathering(gathering *g)
{
	free(g->all);
}

static bool has_one_of(const char *name, const char *const *suffixes)
{
	for (; *suffixes; suffixes++) {
		if (hf_has_suffix(name, *suffixes))
			return true;
	}
	return false;
}

/* Where /usr is merged, /lib/sysctl.d is the same folder as /usr/lib/sysctl.d; without this every
 * file of it would count as masked by itself. */
static bool is_alias(hf_facts *facts, const char *folder)
{
	if (!hf_has_prefix(folder, "/lib/"))
		return false;
	const hf_link *link = hf_facts_link(facts, "/lib");

	return link->fact.state == HF_PRESENT &&
	       (strcmp(link->target, "usr/lib") == 0 || strcmp(link->target, "/usr/lib") == 0);
}

/* Not to be opened by us, and as empty to those who read it: they read /dev/null as an empty file,
 * and skip with a warning what cannot be opened. Still such a name masks its namesakes (systemd
 * 252: "Skipping overridden file"). */
static bool is_void(hf_facts *facts, const hf_file *file)
{
	if (file->fact.state == HF_PRESENT)
		return false;
	if (file->type == HF_FILE_DIRECTORY)
		return true;
	if (file->type == HF_FILE_CHAR_DEVICE)
		return file->rdev_major == 1 && file->rdev_minor == 3;
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_FILE, file->fact.source);

	return answer && answer->error == ENOLINK;
}

static void add(gathering *g, const candidate *item)
{
	if (g->count == g->room) {
		g->room = g->room ? g->room * 2 : 64;
		g->all = hf_facts_checked(reallocarray(g->all, g->room, sizeof *g->all));
	}
	g->all[g->count++] = *item;
}

static void list_folder(hf_facts *facts, gathering *g, const hf_dir *dir, size_t rank,
			const char *const *suffixes)
{
	for (size_t i = 0; i < dir->count; i++) {
		const char *name = dir->names[i];

		if (*name == '.' || !has_one_of(name, suffixes))
			continue;
		const char *path = hf_facts_checked(
			hf_arena_printf(hf_facts_arena(facts), "%s/%s", dir->fact.source, name));
		const hf_file *file = hf_facts_file(facts, path);

		add(g, &(candidate){
			       .conf =
				       {
					       .name = name,
					       .path = path,
					       .is_void = is_void(facts, file),
					       .file = file,
				       },
			       .rank = rank,
		       });
	}
}

static int compare(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	int order = strcmp(x->conf.name, y->conf.name);

	if (order == 0)
		order = (x->rank > y->rank) - (x->rank < y->rank);
	return order;
}

const hf_conf_files *hf_conf_files_new(hf_facts *facts, const char *const *folders,
				       const char *const *suffixes)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_conf_files *files = hf_facts_checked(hf_arena_alloc(arena, sizeof *files));
	hf_cleanup(free_gathering) gathering g = {0};

	files->fact = (hf_fact){.state = HF_PRESENT, .source = folders[0]};
	for (size_t rank = 0; folders[rank]; rank++) {
		if (is_alias(facts, folders[rank]))
			continue;
		const hf_dir *dir = hf_facts_dir(facts, folders[rank]);

		if (dir->fact.state == HF_UNREADABLE) {
			files->fact = dir->fact;
			return files;
		}
		list_folder(facts, &g, dir, rank, suffixes);
	}
	if (g.count > 0)
		qsort(g.all, g.count, sizeof *g.all, compare);
	hf_conf_file *all = hf_facts_checked(hf_arena_calloc(arena, g.count + 1, sizeof *all));

	for (size_t i = 0; i < g.count; i++) {
		all[i] = g.all[i].conf;
		if (i > 0 && strcmp(all[i].name, all[i - 1].name) == 0)
			all[i].masked_by =
				all[i - 1].masked_by ? all[i - 1].masked_by : all[i - 1].path;
	}
	files->all = all;
	files->count = g.count;
	return files;
}
