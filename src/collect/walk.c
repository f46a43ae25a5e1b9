/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over trees that others filled. */
#include "collect/walk.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static bool is_late(const hf_walk *w)
{
	return w->deadline_ms && hf_now_ms() > w->deadline_ms;
}

bool hf_walk_is_over(const hf_walk *w)
{
	return w->failed || (w->cut && (is_late(w) || w->files > w->files_max));
}

void hf_walk_end(hf_walk *w)
{
	hf_list_free(&w->folders);
}

int hf_walk_open(int folder, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

void hf_walk_read_caps(int folder, const char *name, char text[48])
{
	hf_cleanup(hf_closep) int fd = hf_walk_open(folder, name, O_PATH);
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

static void push(hf_walk *w, const char *folder, const char *name)
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

static void read_block(hf_walk *w, int fd, const char *folder, const char *block, size_t size)
{
	for (size_t at = 0; at < size && !w->failed; w->files++) {
		const struct dirent64 *entry = (const void *)(block + at);

		at += entry->d_reclen;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_DIR)
			push(w, folder, entry->d_name);
		else if (entry->d_type != DT_LNK && entry->d_type != DT_SOCK && entry->d_type != DT_FIFO)
			w->look(w, fd, folder, entry);
	}
}

static void read_folder(hf_walk *w, const char *folder)
{
	_Alignas(struct dirent64) char block[8192];
	hf_cleanup(hf_closep) int fd =
		hf_walk_open(w->fd, *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK);

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
		if (w->files > w->files_max) {
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

void hf_walk_tree(hf_walk *w, int fd)
{
	w->fd = fd;
	push(w, "", "");
	while (w->folders.count > 0 && !hf_walk_is_over(w))
		read_folder(w, w->folders.items[--w->folders.count]);
	w->folders.count = 0;
}
