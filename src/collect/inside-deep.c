/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of --deep over a container's files: set-id programs, files with capabilities, device nodes. One file
 * system at a time: no mount is crossed and no link followed, and there is an end to the number of files, of
 * folders and of milliseconds. */
#include "collect/inside.h"
#include "collect/walk.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

typedef struct walk {
	hf_walk trees; /* .data is this */
	hf_inside_place *place;
	const hf_inside_mount *mount;
	hf_list found; /* lines */
} walk;

/* ---- one file ---- */

static void report(walk *w, const char *folder, const char *name, const struct statx *st,
		   const char *caps)
{
	enum { FOUND_MAX = 10000 };
	const char *target = strcmp(w->mount->target, "/") == 0 ? "" : w->mount->target;
	hf_cleanup(hf_buffer_free) hf_buffer line = {0};
	char path[2 * PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s%s%s", target, folder, *folder ? "/" : "", name);

	if (n < 0 || (size_t)n >= sizeof path || w->found.count >= FOUND_MAX) {
		w->trees.cut = "more such files than are listed";
		return;
	}
	hf_buffer_add_word(&line, path, strlen(path));
	hf_buffer_printf(&line, " %o %u %u %u:%u %s\n", st->stx_mode, st->stx_uid, st->stx_gid,
			 st->stx_rdev_major, st->stx_rdev_minor, caps);
	char *copy = line.failed ? NULL : hf_arena_strdup(w->trees.arena, line.data);

	w->trees.failed |= !copy || hf_list_add(&w->found, copy) < 0;
}

static void look_at(hf_walk *trees, int fd, const char *folder, const struct dirent64 *entry)
{
	const uint32_t executable = 0111, set_id = S_ISUID | S_ISGID;
	struct statx st;
	char caps[48] = "-";

	if (statx(fd, entry->d_name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_BASIC_STATS, &st) < 0)
		return;
	bool is_device = S_ISBLK(st.stx_mode) || S_ISCHR(st.stx_mode);
	bool is_program = S_ISREG(st.stx_mode) && (st.stx_mode & executable);

	/* 0:0 marks what an overlay took away */
	if (is_device && (st.stx_rdev_major != 0 || st.stx_rdev_minor != 0)) {
		report(trees->data, folder, entry->d_name, &st, caps);
		return;
	}
	if (!is_program)
		return;
	hf_walk_read_caps(fd, entry->d_name, caps);
	if ((st.stx_mode & set_id) || *caps != '-')
		report(trees->data, folder, entry->d_name, &st, caps);
}

/* ---- all ---- */

/* What the kernel or the runtime makes up has no files of the image's or the host's. */
static bool is_walked(const hf_inside_mount *mount)
{
	static const char *const made[] = {"/dev", "/proc", "/sys"};
	static const char *const types[] = {"proc",  "sysfs",  "cgroup",   "cgroup2",	 "mqueue",
					    "devpts", "nsfs",   "debugfs", "tracefs",	 "bpf",
					    "pstore", "configfs", "fusectl", "securityfs"};
	const char *rest;

	for (size_t i = 0; i < HF_ARRAY_SIZE(made); i++) {
		if (hf_path_is_below(mount->target, made[i], &rest))
			return false;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(types); i++) {
		if (strcmp(mount->type, types[i]) == 0)
			return false;
	}
	return true;
}

static void walk_mount(walk *w, const hf_inside_mount *mount)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	uint32_t magic;

	if (!hf_inside_is_prompt(mount->type, &magic) || !w->place->mounts.is_prompt) {
		w->trees.cut = "a file system may never answer";
		return;
	}
	hf_cleanup(hf_closep) int fd =
		(int)syscall(SYS_openat2, w->place->root_fd, mount->target, &how, sizeof how);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	w->mount = mount;
	hf_walk_tree(&w->trees, fd);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int send_found(walk *w, hf_answer *answer)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};

	if (w->found.count > 0)
		qsort(w->found.items, w->found.count, sizeof w->found.items[0], compare_lines);
	for (size_t i = 0; i < w->found.count; i++)
		hf_buffer_puts(&text, w->found.items[i]);
	/* so that a list that lost its end is not taken for a short one */
	if (w->trees.cut)
		hf_buffer_printf(&text, "cut %s\n", w->trees.cut);
	else
		hf_buffer_printf(&text, "end %zu\n", w->trees.files);
	if (text.failed)
		return -ENOMEM;
	answer->data = text.data;
	answer->size = text.size;
	return hf_sink_answer(hf_reader_sink(w->place->proc->reader), answer);
}

int hf_inside_walk(hf_inside_place *place)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	char name[64];
	hf_answer answer = {.kind = HF_ASK_CALL, .name = name, .data = ""};
	walk w = {.place = place};
	int r = hf_arena_new(&arena);

	if (r < 0)
		return r;
	w.trees = (hf_walk){
		.arena = arena,
		.files_max = HF_INSIDE_WALKED,
		.deadline_ms = place->deadline_ms,
		.look = look_at,
		.data = &w,
	};
	(void)snprintf(name, sizeof name, "/proc/%d/root/special", place->pid);
	for (size_t i = 0; i < place->mounts.count && !w.trees.failed; i++) {
		if (is_walked(&place->mounts.all[i]))
			walk_mount(&w, &place->mounts.all[i]);
	}
	r = w.trees.failed ? -ENOMEM : send_found(&w, &answer);
	hf_walk_end(&w.trees);
	hf_list_free(&w.found);
	return r;
}
