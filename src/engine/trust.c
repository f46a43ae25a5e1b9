/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that root trusts: plugins and configuration. Whoever could change one, or any folder on the way to
 * it, would decide what root's scan says. */
#include "engine/engine.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Root, or the caller for an unprivileged run of their own. */
static bool is_trusted_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int judge(const struct stat *st, const char *path, hf_error *err)
{
	/* in a sticky folder others can add names, but not replace one that is not theirs */
	bool is_sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);

	if (!is_trusted_owner(st->st_uid))
		return hf_error_set(err, -EPERM, "%s belongs to uid %u", path, st->st_uid);
	if ((st->st_mode & S_IWOTH) && !is_sticky)
		return hf_error_set(err, -EPERM, "%s can be written by everybody (mode %04o)", path,
				    st->st_mode & 07777);
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 && !is_sticky)
		return hf_error_set(err, -EPERM, "%s can be written by group %u (mode %04o)", path,
				    st->st_gid, st->st_mode & 07777);
	return 0;
}

/* Walks from / by descriptors, so that what was judged is what is used. @path is absolute and canonical. */
static int open_trusted(const char *path, int *ret_fd, hf_error *err)
{
	hf_cleanup(hf_closep) int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hf_cleanup(hf_freep) char *copy = strdup(path);
	char *rest = NULL;
	struct stat st;

	if (at < 0 || !copy)
		return hf_error_set(err, -ENOMEM, "%s: %s", path, strerror(errno));
	char *part = strtok_r(copy, "/", &rest);

	while (part) {
		char *next = strtok_r(NULL, "/", &rest);
		int flags = next ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY;
		int fd = openat(at, part, flags | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			return hf_error_set(err, -errno, "%s: %s", path, strerror(errno));
		(void)close(at);
		at = fd;
		if (fstat(fd, &st) < 0)
			return hf_error_set(err, -errno, "%s: %s", path, strerror(errno));
		int r = judge(&st, next ? part : path, err);

		if (r < 0)
			return r;
		part = next;
	}
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return hf_error_set(err, -EINVAL, "%s is no regular file", path);
	*ret_fd = at;
	at = -1;
	return 0;
}

int hf_trusted_open(const char *path, int *ret_fd, hf_error *err)
{
	struct stat st;
	hf_cleanup(hf_freep) char *real = realpath(path, NULL);
	int fd;

	if (!real)
		return hf_error_set(err, -errno, "%s: %s", path, strerror(errno));
	int r = open_trusted(real, &fd, err);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return hf_error_set(err, -EINVAL, "%s is no regular file", path);
	}
	*ret_fd = fd;
	return 0;
}

/* The way to a folder, walked and judged once for all files in it; -1 where it is not trusted. */
static int open_folder(const char *dir)
{
	hf_cleanup(hf_freep) char *real = realpath(dir, NULL);
	int fd;

	return real && open_trusted(real, &fd, NULL) == 0 ? fd : -1;
}

/* What is not a plain file that root trusts, in a folder that root trusts, goes the long way, which also says why
 * it is refused. */
static int open_plugin(int folder, const char *name, const char *path, int *ret_fd, hf_error *err)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
	hf_cleanup(hf_closep) int fd = folder < 0 ? -1 : openat(folder, name, flags);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || judge(&st, path, NULL) < 0)
		return hf_trusted_open(path, ret_fd, err);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int is_plugin_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && hf_has_suffix(entry->d_name, ".so");
}

int hf_plugin_open_dir(const char *dir, hf_plugin_file **ret_files, size_t *ret_count, hf_error *err)
{
	struct dirent **names = NULL;
	int count = scandir(dir, &names, is_plugin_name, alphasort);

	if (count < 0)
		return hf_error_set(err, -errno, "%s: %s", dir, strerror(errno));
	hf_plugin_file *files = calloc((size_t)count + 1, sizeof *files);
	hf_cleanup(hf_closep) int folder = open_folder(dir);

	for (int i = 0; i < count; i++) {
		hf_error why = {0};

		if (files) {
			files[i].fd = -1;
			if (asprintf(&files[i].path, "%s/%s", dir, names[i]->d_name) < 0)
				files[i].path = NULL;
			else if (open_plugin(folder, names[i]->d_name, files[i].path, &files[i].fd,
					     &why) < 0)
				files[i].reason = strdup(why.text);
		}
		free(names[i]);
	}
	free(names);
	if (!files)
		return -ENOMEM;
	*ret_files = files;
	*ret_count = (size_t)count;
	return 0;
}

void hf_plugin_files_free(hf_plugin_file *files, size_t count)
{
	for (size_t i = 0; files && i < count; i++) {
		free(files[i].path);
		free(files[i].reason);
		if (files[i].fd >= 0)
			(void)close(files[i].fd);
	}
	free(files);
}
