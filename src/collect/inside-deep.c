/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of --deep over a container's files: set-id programs, files with capabilities, device nodes. One file
 * system at a time: no mount is crossed and no link followed, and there is an end to the number of files, of
 * folders and of milliseconds. */
#include "collect/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

typedef struct walk {
	hf_inside_place *place;
	hf_arena *arena;
	const hf_inside_mount *mount;
	int fd;		 /* of its root */
	hf_list folders; /* still to be read: paths below the mount, "" or "a/b" */
	hf_list found;	 /* lines */
	size_t files;
	const char *cut; /* why not all was walked; NULL */
	bool failed;
} walk;

static bool is_late(const walk *w)
{
	return w->place->deadline_ms && hf_now_ms() > w->place->deadline_ms;
}

static void escape(hf_buffer *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > 0x20 && *at < 0x7f && *at != '\\')
			hf_buffer_add(out, at, 1);
		else
			hf_buffer_printf(out, "\\%03o", *at);
	}
}

static int open_below(int folder, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/* ---- one file ---- */

/* "PERMITTED:ROOT", or "-" where it has none; capabilities(7), "Extended attributes" and "Namespaced file
 * capabilities". */
static void read_caps(int folder, const char *name, char text[48])
{
	hf_cleanup(hf_closep) int fd = open_below(folder, name, O_PATH);
	struct vfs_ns_cap_data caps;
	char path[64];

	strcpy(text, "-");
	if (fd < 0)
		return;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t n = getxattr(path, "security.capability", &caps, sizeof caps);

	if (n < (ssize_t)XATTR_CAPS_SZ_1)
		return;
	bool has_high = n >= (ssize_t)XATTR_CAPS_SZ_2, has_root = n >= (ssize_t)XATTR_CAPS_SZ_3;
	uint64_t permitted = caps.data[0].permitted |
			     (has_high ? (uint64_t)caps.data[1].permitted << 32 : 0);

	(void)snprintf(text, 48, "%016llx:%u", (unsigned long long)permitted,
		       has_root ? caps.rootid : 0);
}

static void report(walk *w, const char *folder, const char *name, const struct statx *st,
		   const char *caps)
{
	enum { FOUND_MAX = 10000 };
	const char *target = strcmp(w->mount->target, "/") == 0 ? "" : w->mount->target;
	hf_cleanup(hf_buffer_free) hf_buffer line = {0};
	char path[2 * PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s%s%s", target, folder, *folder ? "/" : "", name);

	if (n < 0 || (size_t)n >= sizeof path || w->found.count >= FOUND_MAX) {
		w->cut = "more such files than are listed";
		return;
	}
	escape(&line, path);
	hf_buffer_printf(&line, " %o %u %u %u:%u %s\n", st->stx_mode, st->stx_uid, st->stx_gid,
			 st->stx_rdev_major, st->stx_rdev_minor, caps);
	char *copy = line.failed ? NULL : hf_arena_strdup(w->arena, line.data);

	w->failed |= !copy || hf_list_add(&w->found, copy) < 0;
}

static void look_at(walk *w, int fd, const char *folder, const struct dirent64 *entry)
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
		report(w, folder, entry->d_name, &st, caps);
		return;
	}
	if (!is_program)
		return;
	read_caps(fd, entry->d_name, caps);
	if ((st.stx_mode & set_id) || *caps != '-')
		report(w, folder, entry->d_name, &st, caps);
}

/* ---- one folder ---- */

static void push(walk *w, const char *folder, const char *name)
{
	size_t length = strlen(folder) + strlen(name) + 2;
	char *path = length < PATH_MAX ? hf_arena_printf(w->arena, "%s%s%s", folder,
							 *folder ? "/" : "", name)
				       : NULL;

	if (length >= PATH_MAX)
		w->cut = "folders are nested too deep";
	else
		w->failed |= !path || hf_list_add(&w->folders, path) < 0;
}

static void read_block(walk *w, int fd, const char *folder, const char *block, size_t size)
{
	for (size_t at = 0; at < size && !w->failed; w->files++) {
		const struct dirent64 *entry = (const void *)(block + at);

		at += entry->d_reclen;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_DIR)
			push(w, folder, entry->d_name);
		else if (entry->d_type != DT_LNK && entry->d_type != DT_SOCK && entry->d_type != DT_FIFO)
			look_at(w, fd, folder, entry);
	}
}

static void read_folder(walk *w, const char *folder)
{
	_Alignas(struct dirent64) char block[8192];
	hf_cleanup(hf_closep) int fd =
		open_below(w->fd, *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK);

	if (fd < 0) {
		/* another mount lies there, or it is gone by now */
		if (errno != EXDEV && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			w->cut = "a folder could not be read";
		return;
	}
	while (!w->failed) {
		ssize_t n = getdents64(fd, block, sizeof block);

		if (n < 0)
			w->cut = "a folder could not be read";
		if (n <= 0)
			break;
		if (w->files > HF_INSIDE_WALKED) {
			w->cut = "more files than are walked over";
			break;
		}
		if (is_late(w)) {
			w->cut = "there was no time for more";
			break;
		}
		read_block(w, fd, folder, block, (size_t)n);
	}
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
		w->cut = "a file system may never answer";
		return;
	}
	hf_cleanup(hf_closep) int fd =
		(int)syscall(SYS_openat2, w->place->root_fd, mount->target, &how, sizeof how);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	w->mount = mount;
	w->fd = fd;
	push(w, "", "");
	while (w->folders.count > 0 && !w->failed && !(w->cut && (is_late(w) || w->files > HF_INSIDE_WALKED)))
		read_folder(w, w->folders.items[--w->folders.count]);
	w->folders.count = 0;
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
	if (w->cut)
		hf_buffer_printf(&text, "cut %s\n", w->cut);
	else
		hf_buffer_printf(&text, "end %zu\n", w->files);
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
	w.arena = arena;
	(void)snprintf(name, sizeof name, "/proc/%d/root/special", place->pid);
	for (size_t i = 0; i < place->mounts.count && !w.failed; i++) {
		if (is_walked(&place->mounts.all[i]))
			walk_mount(&w, &place->mounts.all[i]);
	}
	r = w.failed ? -ENOMEM : send_found(&w, &answer);
	hf_list_free(&w.folders);
	hf_list_free(&w.found);
	return r;
}
