/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, links and folders as facts, and whether anybody but root could change them. */
#include "facts/store.h"

#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void *checked(void *p)
{
	if (!p)
		hf_facts_out_of_memory();
	return p;
}

static hf_file_type type_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return HF_FILE_REGULAR;
	case S_IFDIR:
		return HF_FILE_DIRECTORY;
	case S_IFLNK:
		return HF_FILE_SYMLINK;
	case S_IFSOCK:
		return HF_FILE_SOCKET;
	case S_IFIFO:
		return HF_FILE_FIFO;
	case S_IFCHR:
		return HF_FILE_CHAR_DEVICE;
	case S_IFBLK:
		return HF_FILE_BLOCK_DEVICE;
	default:
		return HF_FILE_OTHER;
	}
}

static void set_meta(hf_file *file, const hf_meta *meta)
{
	file->type = type_of(meta->mode);
	file->mode = meta->mode & 07777;
	file->uid = meta->uid;
	file->gid = meta->gid;
	file->dev = makedev(meta->dev_major, meta->dev_minor);
	file->ino = meta->ino;
	file->file_size = meta->size;
	file->mtime_ns = meta->mtime_ns;
	file->ctime_ns = meta->ctime_ns;
	file->nlink = meta->nlink;
	file->fs_magic = meta->fs_magic;
	file->rdev_major = meta->rdev_major;
	file->rdev_minor = meta->rdev_minor;
}

static const void *compute_file(hf_facts *facts, const char *path)
{
	hf_file *file = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *file));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_FILE, path);

	file->fact = hf_facts_head(facts, HF_ASK_FILE, path, answer);
	if (answer && answer->meta.mode)
		set_meta(file, &answer->meta);
	if (file->fact.state == HF_PRESENT) {
		file->data = answer->data;
		file->size = answer->size;
	}
	return file;
}

/* A file that was read tells its metadata, too. */
static const void *compute_stat(hf_facts *facts, const char *path)
{
	hf_file *file = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *file));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_STAT, path);

	if (!answer) {
		const hf_answer *read = hf_facts_ask(facts, HF_ASK_FILE, path);

		if (read && (read->meta.mode || read->error == ENOENT || read->error == ENOTDIR))
			answer = read;
	}
	file->fact = hf_facts_head(facts, HF_ASK_STAT, path, answer);
	if (answer && answer->meta.mode) {
		set_meta(file, &answer->meta);
		/* a FIFO cannot be read, but what it is was told */
		file->fact.state = HF_PRESENT;
		file->fact.why = NULL;
	} else if (file->fact.state == HF_PRESENT) {
		file->fact.state = HF_UNREADABLE;
		file->fact.why = "no metadata in the answer";
	}
	return file;
}

static const void *compute_link(hf_facts *facts, const char *path)
{
	hf_link *link = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *link));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_LINK, path);

	link->fact = hf_facts_head(facts, HF_ASK_LINK, path, answer);
	if (link->fact.state == HF_PRESENT)
		link->target = answer->data;
	return link;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const void *compute_dir(hf_facts *facts, const char *path)
{
	hf_dir *dir = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *dir));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_DIR, path);
	size_t count = 0;

	dir->fact = hf_facts_head(facts, HF_ASK_DIR, path, answer);
	if (dir->fact.state != HF_PRESENT)
		return dir;
	for (size_t i = 0; i < answer->size; i++)
		count += answer->data[i] == '\0';
	/* an answer ends in a NUL of its own, so a last name without one is a name, too */
	count += answer->size > 0 && answer->data[answer->size - 1] != '\0';
	const char **names = checked(hf_arena_calloc(hf_facts_arena(facts), count + 1, sizeof *names));
	const char *at = answer->data;

	for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
		names[i] = at;
	/* the collector sorts, a capture can be edited: hf_dir_has() must not miss a name for it */
	qsort(names, count, sizeof *names, compare_names);
	dir->names = names;
	dir->count = count;
	return dir;
}

static const hf_fact_type file_type = {
	.name = "file", .compute = compute_file, .has_question = true, .question = HF_ASK_FILE};
static const hf_fact_type stat_type = {
	.name = "stat", .compute = compute_stat, .has_question = true, .question = HF_ASK_STAT};
static const hf_fact_type link_type = {
	.name = "link", .compute = compute_link, .has_question = true, .question = HF_ASK_LINK};
static const hf_fact_type dir_type = {
	.name = "dir", .compute = compute_dir, .has_question = true, .question = HF_ASK_DIR};

const hf_file *hf_facts_file(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &file_type, path);
}

const hf_file *hf_facts_stat(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &stat_type, path);
}

const hf_link *hf_facts_link(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &link_type, path);
}

const hf_dir *hf_facts_dir(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &dir_type, path);
}

const hf_file *hf_file_get(hf_check_run *run, const char *path)
{
	return hf_facts_file(hf_facts_of(run), path);
}

const hf_file *hf_stat_get(hf_check_run *run, const char *path)
{
	return hf_facts_stat(hf_facts_of(run), path);
}

const hf_link *hf_link_get(hf_check_run *run, const char *path)
{
	return hf_facts_link(hf_facts_of(run), path);
}

const hf_dir *hf_dir_get(hf_check_run *run, const char *path)
{
	return hf_facts_dir(hf_facts_of(run), path);
}

bool hf_dir_has(const hf_dir *dir, const char *name)
{
	size_t low = 0, high = dir->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(dir->names[middle], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* ---- patterns ---- */

typedef struct matches {
	const hf_file **files;
	size_t count;
} matches;

typedef struct gathering {
	hf_facts *facts;
	hf_list files;
} gathering;

/* Follows the pattern folder by folder through the listings, as the collector did; so a folder that
 * was not listed shows, and a file that was listed and not read does, too. */
static void gather(gathering *g, const char *done, const char *rest)
{
	hf_arena *arena = hf_facts_arena(g->facts);

	while (*rest == '/')
		rest++;
	size_t length = strcspn(rest, "/");
	const char *part = checked(hf_arena_memdup(arena, rest, length));
	bool is_last = rest[length] == '\0';

	if (!strpbrk(part, "*?[")) {
		const char *path = checked(hf_arena_printf(arena, "%s/%s", done, part));

		if (!is_last) {
			gather(g, path, rest + length);
		} else {
			const hf_file *file = hf_facts_file(g->facts, path);

			if (file->fact.state != HF_ABSENT &&
			    hf_list_add(&g->files, (void *)(uintptr_t)file) < 0)
				hf_facts_out_of_memory();
		}
		return;
	}
	const hf_dir *dir = hf_facts_dir(g->facts, *done ? done : "/");

	if (dir->fact.state == HF_UNREADABLE) {
		hf_file *hole = checked(hf_arena_alloc(arena, sizeof *hole));

		hole->fact = dir->fact;
		if (hf_list_add(&g->files, hole) < 0)
			hf_facts_out_of_memory();
	}
	for (size_t i = 0; i < dir->count; i++) {
		if (fnmatch(part, dir->names[i], FNM_PERIOD) != 0)
			continue;
		const char *path = checked(hf_arena_printf(arena, "%s/%s", done, dir->names[i]));

		if (!is_last)
			gather(g, path, rest + length);
		else if (hf_list_add(&g->files,
				     (void *)(uintptr_t)hf_facts_file(g->facts, path)) < 0)
			hf_facts_out_of_memory();
	}
}

static int compare_files(const void *a, const void *b)
{
	const hf_file *const *x = a, *const *y = b;

	return strcmp((*x)->fact.source, (*y)->fact.source);
}

static const void *compute_matches(hf_facts *facts, const char *glob)
{
	matches *found = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *found));
	gathering g = {.facts = facts};

	gather(&g, "", glob);
	found->count = g.files.count;
	found->files = checked(hf_arena_calloc(hf_facts_arena(facts), found->count + 1,
					       sizeof *found->files));
	for (size_t i = 0; i < found->count; i++)
		found->files[i] = g.files.items[i];
	qsort(found->files, found->count, sizeof *found->files, compare_files);
	hf_list_free(&g.files);
	return found;
}

static const hf_fact_type matches_type = {.name = "matches", .compute = compute_matches};

size_t hf_facts_files_matching(hf_facts *facts, const char *glob, const hf_file *const **ret_files)
{
	const matches *found = hf_facts_once(facts, &matches_type, glob);

	*ret_files = found->files;
	return found->count;
}

size_t hf_files_matching(hf_check_run *run, const char *glob, const hf_file *const **ret_files)
{
	return hf_facts_files_matching(hf_facts_of(run), glob, ret_files);
}

/* ---- who could write it ---- */

const char *hf_file_writable_why(hf_check_run *run, const hf_file *file)
{
	/* in a sticky folder others can add, but neither replace nor remove what is not theirs */
	bool is_sticky = file->type == HF_FILE_DIRECTORY && (file->mode & S_ISVTX);

	if (file->uid != 0)
		return hf_text(run, "owner is uid %u", file->uid);
	if ((file->mode & S_IWGRP) && file->gid != 0 && !is_sticky)
		return hf_text(run, "mode %04o: group %u can write", file->mode, file->gid);
	if ((file->mode & S_IWOTH) && !is_sticky)
		return hf_text(run, "mode %04o: everybody can write", file->mode);
	return NULL;
}

const char *hf_path_writable_why(hf_check_run *run, const char *path, bool *ret_unreadable)
{
	char at[HF_NAME_MAX_BYTES];
	size_t length = strlen(path);

	if (ret_unreadable)
		*ret_unreadable = false;
	if (*path != '/' || length >= sizeof at)
		return "is no absolute path";
	memcpy(at, path, length + 1);
	for (;;) {
		const hf_file *file = hf_stat_get(run, at);

		if (file->fact.state != HF_PRESENT) {
			if (ret_unreadable)
				*ret_unreadable = true;
			return hf_text(run, "%s: %s", at, file->fact.why);
		}
		const char *why = hf_file_writable_why(run, file);

		if (why)
			return hf_text(run, "%s: %s", at, why);
		if (strcmp(at, "/") == 0)
			return NULL;
		char *slash = strrchr(at, '/');

		*(slash == at ? slash + 1 : slash) = '\0';
	}
}
