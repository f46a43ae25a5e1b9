/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups: for the group of each container and all above it, in every hierarchy that pid 1 has mounted,
 * what limits and delegates it. cgroups(7); Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst. */
#include "collect/proc-cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum {
	GROUPS_MAX = 32768, /* of a run */
	LEVELS_MAX = 64,    /* above one container: any user with a delegated group can nest thousands */
	MOUNTS_MAX_BYTES = 4 * 1024 * 1024,
	TREE_PREFIX = sizeof "/sys/fs/cgroup" - 1,
};

/* ---- what is mounted ---- */

/* The @n-th field of a line of mountinfo; those of a mount of the kernel's own hold no blank. */
static const char *field(const char *line, size_t length, unsigned n, size_t *ret_length)
{
	const char *at = line, *end = line + length;

	while (n-- > 0) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (!at)
			return NULL;
		at++;
	}
	*ret_length = strcspn(at, " \n");
	return at;
}

static int add_mount(hf_cgroups *groups, const char *line, size_t length)
{
	enum { ROOT = 3, MOUNT = 4 };
	static const char mark[] = " - cgroup";
	const char *end = line + length, *rest = memmem(line, length, mark, strlen(mark));
	size_t root_length, mount_length, type_length, options_length;

	if (!rest || groups->count == HF_HIERARCHIES_MAX)
		return 0;
	rest += strlen(" - ");
	const char *root = field(line, length, ROOT, &root_length);
	const char *mount = field(line, length, MOUNT, &mount_length);
	const char *type = field(rest, (size_t)(end - rest), 0, &type_length);
	const char *options = field(rest, (size_t)(end - rest), 2, &options_length);
	bool is_v2 = type && type_length == strlen("cgroup2") && memcmp(type, "cgroup2", 7) == 0;

	/* elsewhere a hierarchy may be mounted a second time; nobody would ask for it by that name */
	if (!root || !mount || !options || (!is_v2 && type_length != strlen("cgroup")) ||
	    mount_length < TREE_PREFIX || memcmp(mount, "/sys/fs/cgroup", TREE_PREFIX) != 0 ||
	    (mount_length > TREE_PREFIX && mount[TREE_PREFIX] != '/') ||
	    memchr(mount, '\\', mount_length))
		return 0;
	hf_arena *arena = groups->proc->arena;
	hf_hierarchy *h = &groups->all[groups->count];

	*h = (hf_hierarchy){
		.mount = hf_arena_memdup(arena, mount, mount_length),
		.root = root_length == 1 ? "" : hf_arena_memdup(arena, root, root_length),
		.options = hf_arena_memdup(arena, options, options_length),
		.is_v2 = is_v2,
		.fd = -1,
	};
	if (!h->mount || !h->root || !h->options)
		return -ENOMEM;
	h->is_idle = !is_v2 && !hf_limits_anything(h->options, ',');
	groups->count++;
	return 0;
}

static void open_mount(const hf_proc *proc, hf_hierarchy *h)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	struct statfs fs;

	h->fd = (int)syscall(SYS_openat2, hf_reader_root_fd(proc->reader), h->mount, &how, sizeof how);
	if (h->fd < 0) {
		h->error = errno;
	} else if (fstatfs(h->fd, &fs) < 0) {
		h->error = errno;
	} else if (fs.f_type != (h->is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) {
		h->error = ENOTSUP; /* pid 1 and we see different things there */
	}
}

int hf_cgroups_new(hf_proc *proc, hf_cgroups **ret_groups)
{
	hf_cgroups *groups = calloc(1, sizeof *groups);
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
	const char *cursor, *line;
	size_t length;
	int r = 0;

	if (!groups)
		return -ENOMEM;
	groups->proc = proc;
	if (hf_proc_open(proc, 1, &dir) == 0 &&
	    hf_proc_read_whole(proc, &dir, "mountinfo", MOUNTS_MAX_BYTES, &text) != 0)
		text.size = 0;
	cursor = text.data;
	while (r == 0 && text.size > 0 &&
	       hf_next_line(&cursor, text.data + text.size, &line, &length))
		r = add_mount(groups, line, length);
	for (size_t i = 0; proc->is_procfs && i < groups->count; i++)
		open_mount(proc, &groups->all[i]);
	if (r < 0) {
		hf_cgroups_free(groups);
		return r;
	}
	*ret_groups = groups;
	return 0;
}

void hf_cgroups_free(hf_cgroups *groups)
{
	if (!groups)
		return;
	for (size_t i = 0; i < groups->count; i++)
		hf_closep(&groups->all[i].fd);
	hf_map_free(&groups->asked);
	free(groups->last);
	free(groups);
}

/* ---- one group ---- */

/* Where a group lies below its mount; NULL: it is not to be seen there. */
static const char *below_mount(const hf_hierarchy *h, const char *path)
{
	size_t length = strlen(h->root);

	if (strncmp(path, h->root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	path += length;
	return strcmp(path, "/..") == 0 || hf_has_prefix(path, "/../") ? NULL : path;
}

/* @path: "/docker/ID" below the mount, "" for what is mounted. */
static int visit(hf_cgroups *groups, const hf_hierarchy *h, const char *path, unsigned where,
		 const char *too_many)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	hf_group *g = &groups->current;

	*g = (hf_group){.in = h, .fd = -1, .error = h->error};
	int n = snprintf(g->path, sizeof g->path, "%s%s", h->mount, path);

	if (n < 0 || (size_t)n >= sizeof g->path)
		return 0;
	g->length = (size_t)n;
	if (hf_proc_is_late(groups->proc)) {
		g->error = ETIME;
		g->reason = "there was no time for this group";
	} else if (too_many) {
		g->error = EFBIG;
		g->reason = too_many;
	} else if (!g->error && groups->proc->is_procfs) {
		g->fd = (int)syscall(SYS_openat2, h->fd, *path ? path + 1 : ".", &how, sizeof how);
		if (g->fd < 0 && errno == ENOENT && where != HF_AT_ROOT)
			return 0; /* it ended with its container */
		g->error = g->fd < 0 ? errno : 0;
	}
	int r = hf_group_ask(groups, g, where);

	hf_closep(&g->fd);
	return r;
}

/* ---- what a process's groups are ---- */

/* 1: not asked for before; 0; a negative errno. What is one container's group can be above another's. */
static int note_asked(hf_cgroups *groups, const hf_hierarchy *h, char level, const char *path)
{
	char key[HF_NAME_MAX_BYTES + 16];

	(void)snprintf(key, sizeof key, "%c%zu%s", level, (size_t)(h - groups->all), path);
	if (hf_map_get(&groups->asked, key))
		return 0;
	char *copy = hf_arena_strdup(groups->proc->arena, key);

	return copy && hf_map_put(&groups->asked, copy, copy) == 0 ? 1 : -ENOMEM;
}

/* The group and all above it, up to the first that was asked for before. */
static int climb(hf_cgroups *groups, const hf_hierarchy *h, char *path)
{
	int own = note_asked(groups, h, '=', path), above = 1;

	for (unsigned level = 0; own >= 0 && above > 0 && *path; level++) {
		bool is_too_deep = level >= LEVELS_MAX;
		unsigned where = 0;

		above = note_asked(groups, h, '+', path);
		if (above < 0)
			return above;
		if (above > 0)
			where |= HF_AT_ABOVE;
		if (level == 0 && own > 0)
			where |= HF_AT_GROUP;
		int r = where == 0 ? 0
				   : visit(groups, h, path, where,
					   is_too_deep ? "it lies deeper than is read"
					   : groups->asked.count > GROUPS_MAX
						   ? "there are more groups than are read"
						   : NULL);

		if (r < 0)
			return r;
		if (is_too_deep)
			break;
		*strrchr(path, '/') = '\0';
	}
	return own < 0 ? own : 0;
}

static bool holds(const hf_hierarchy *h, const char *controllers, size_t length)
{
	const char *comma = memchr(controllers, ',', length);

	if (length == 0 || h->is_v2)
		return length == 0 && h->is_v2;
	return hf_has_word(h->options, strlen(h->options), ',', controllers,
			comma ? (size_t)(comma - controllers) : length);
}

/* "4:memory:/docker/ID" */
static int ask_line(hf_cgroups *groups, const char *line, size_t length,
		    hf_cgroup_end *end_of_own)
{
	const char *end = line + length, *first = memchr(line, ':', length);
	const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
	char path[HF_NAME_MAX_BYTES];

	if (!second)
		return 0;
	size_t path_length = (size_t)(end - second - 1);

	if (end_of_own)
		path_length = end_of_own(second + 1, path_length);
	if (path_length < 2 || path_length >= sizeof path || second[1] != '/')
		return 0; /* the root is asked for anyway */
	memcpy(path, second + 1, path_length);
	path[path_length] = '\0';
	for (size_t i = 0; i < groups->count; i++) {
		const hf_hierarchy *h = &groups->all[i];
		const char *below = holds(h, first + 1, (size_t)(second - first - 1))
					    ? below_mount(h, path)
					    : NULL;

		if (below && (!h->is_idle || h->has_agent)) {
			memmove(path, below, strlen(below) + 1);
			return climb(groups, h, path);
		}
	}
	return 0;
}

int hf_cgroups_ask(hf_cgroups *groups, const char *text, size_t size, hf_cgroup_end *end_of_own)
{
	const char *cursor = text, *line;
	size_t length;
	int r = 0;

	if (groups->last && groups->last_size == size && memcmp(groups->last, text, size) == 0)
		return 0;
	while (r >= 0 && hf_next_line(&cursor, text + size, &line, &length))
		r = ask_line(groups, line, length, end_of_own);
	free(groups->last);
	groups->last = malloc(size + 1);
	if (groups->last)
		memcpy(groups->last, text, size);
	groups->last_size = size;
	return r;
}

int hf_cgroups_ask_roots(hf_cgroups *groups)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < groups->count; i++)
		r = visit(groups, &groups->all[i], "", HF_AT_ROOT, NULL);
	return r;
}
