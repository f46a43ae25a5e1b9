/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: what the walk of --deep over a container's files found. */
#include "facts/mount-table.h"

#include "facts/parts.h"

#include <inttypes.h>
#include <stdio.h>

static bool parse_caps(const char *text, hf_special_file *file)
{
	int end = 0;

	if (strcmp(text, "-") == 0)
		return true;
	file->has_caps = true;
	return strspn(text, "0123456789abcdef") == 16 &&
	       sscanf(text, "%16" SCNx64 ":%" SCNu32 "%n", &file->cap_permitted, &file->cap_root_uid,
		      &end) == 2 &&
	       text[end] == '\0';
}

static bool parse_line(char *line, hf_special_file *file)
{
	char *path = strsep(&line, " ");
	int end = 0;

	*file = (hf_special_file){.path = path};
	return *path == '/' && line && hf_word_unescape(path) &&
	       sscanf(line, "%" SCNo32 " %" SCNu32 " %" SCNu32 " %" SCNu32 ":%" SCNu32 " %n", &file->mode,
		      &file->uid, &file->gid, &file->rdev_major, &file->rdev_minor, &end) == 5 &&
	       end > 0 && parse_caps(line + end, file);
}

int hf_special_files_parse(hf_arena *arena, const char *text, size_t size,
			   hf_special_files *ret_files, const char **ret_cut)
{
	const char *cursor = text, *line, *cut = NULL;
	size_t length, lines = 0, count = 0;
	bool has_end = false;

	while (hf_next_line(&cursor, text + size, &line, &length))
		lines++;
	hf_special_file *all = hf_arena_calloc(arena, lines + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	/* the last line ends in a newline, too */
	if (size == 0 || text[size - 1] != '\n')
		return -EBADMSG;
	for (cursor = text; hf_next_line(&cursor, text + size, &line, &length);) {
		char *copy = hf_arena_memdup(arena, line, length);

		if (!copy)
			return -ENOMEM;
		if (has_end || strlen(copy) != length)
			return -EBADMSG;
		if (hf_has_prefix(copy, "end ") || hf_has_prefix(copy, "cut ")) {
			has_end = true;
			cut = *copy == 'c' ? copy + strlen("cut ") : NULL;
		} else if (!parse_line(copy, &all[count++])) {
			return -EBADMSG;
		}
	}
	if (!has_end)
		return -EBADMSG;
	ret_files->all = all;
	ret_files->count = count;
	*ret_cut = cut;
	return 0;
}

/* Whether the collector ended well, so that what it did not answer it was not to ask. */
static bool was_not_asked(hf_facts *facts)
{
	const hf_record_collector *collectors;
	size_t count = hf_record_collectors(hf_facts_record(facts), &collectors);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(collectors[i].name, "inside") == 0 &&
		    collectors[i].state != HF_COLLECTOR_DONE)
			return false;
	}
	return true;
}

static void set_options(const hf_container_table *table, hf_special_file *file)
{
	ptrdiff_t at = hf_mount_table_at(&table->table, file->path);

	if (at < 0)
		return;
	file->is_nosuid = hf_mount_has_option(table->seen.all[at].mount, "nosuid");
	file->is_nodev = hf_mount_has_option(table->seen.all[at].mount, "nodev");
}

/* The key is the pid of a container's first process. */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_special_files *files = hf_checked(hf_arena_alloc(arena, sizeof *files));
	hf_container *container = hf_checked(hf_arena_alloc(arena, sizeof *container));

	container->pid = (int32_t)strtol(key, NULL, 10);
	const hf_container_table *table = hf_facts_container_table(facts, container);
	const char *name = hf_checked(hf_arena_printf(arena, "/proc/%d/root/special",
						      hf_facts_inside_pid(facts, container)));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);
	const char *cut = NULL;

	files->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	if (!answer && was_not_asked(facts)) {
		files->fact.state = HF_ABSENT;
		files->fact.why = "nobody walked over its files: that takes --deep";
	}
	if (files->fact.state != HF_PRESENT)
		return files;
	if (table->seen.fact.state != HF_PRESENT) {
		files->fact = table->seen.fact;
		return files;
	}
	int r = hf_special_files_parse(arena, answer->data, answer->size, files, &cut);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0 || cut) {
		files->fact.state = HF_UNREADABLE;
		files->fact.why = cut ? cut : "the list is malformed or was cut";
	}
	for (size_t i = 0; i < files->count; i++)
		set_options(table, (hf_special_file *)(uintptr_t)&files->all[i]);
	return files;
}

static const hf_fact_type type = {.name = "special files", .compute = compute};

const hf_special_files *hf_container_special_files(hf_check_run *run, const hf_container *container)
{
	char key[16];

	(void)hf_print(key, sizeof key, "%d", container->pid);
	return hf_facts_once(hf_facts_of(run), &type, key);
}
