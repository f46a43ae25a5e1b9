/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening UNIX sockets of the host, and where in their file systems they are: so that those that a
 * container's mounts show can be found without walking through any tree. */
#include "collect/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
	TABLE_MAX_BYTES = 32 * 1024 * 1024,
	LISTENERS_MAX = 4096,
	SHIMS_MAX = 8, /* of containerd, one a container: what holds for one of them holds for all */
	USERS_MAX = 64,
};

typedef struct listener {
	const char *name; /* as it was bound */
	uint64_t number;
} listener;

typedef struct gathering {
	hf_proc *proc;
	hf_arena *arena;
	hf_list names; /* listener * */
	hf_buffer lines;
	unsigned shims;
	char folder[HF_NAME_MAX_BYTES + 1]; /* of .folder_fd: names come sorted, so many have the same */
	char canonical[HF_NAME_MAX_BYTES + 1];
	int folder_fd;
} gathering;

static int read_file(const hf_proc *proc, const char *name, hf_buffer *text)
{
	static char chunk[8192];
	hf_cleanup(hf_closep) int fd = openat(proc->fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return text->failed ? ENOMEM : 0;
		if (n > 0)
			hf_buffer_add(text, chunk, (size_t)n);
		if (text->size > TABLE_MAX_BYTES)
			return EFBIG;
	}
}

/* @number: that of the socket, 0 not known. */
static int add_name(gathering *g, const char *name, size_t length, uint64_t number)
{
	static const char shims[] = "/run/containerd/s/";
	listener *new;

	if (length >= strlen(shims) && memcmp(name, shims, strlen(shims)) == 0 &&
	    ++g->shims > SHIMS_MAX)
		return 0;
	if (length == 0 || length > HF_NAME_MAX_BYTES || g->names.count >= LISTENERS_MAX)
		return 0;
	new = hf_arena_alloc(g->arena, sizeof *new);
	if (!new || !(new->name = hf_arena_memdup(g->arena, name, length)))
		return -ENOMEM;
	new->number = number;
	return hf_list_add(&g->names, new);
}

/* Of lines "Num RefCount Protocol Flags Type St Inode Path", unix(7), those with the flag __SO_ACCEPTCON; and
 * the one of systemd that needs no connection. */
static int add_listener(gathering *g, const char *line, size_t length)
{
	unsigned long flags, number;
	int at = 0;

	if (sscanf(line, "%*x: %*x %*x %lx %*x %*x %lu %n", &flags, &number, &at) != 2 || at == 0 ||
	    (size_t)at >= length)
		return 0;
	if (!(flags & 0x10000) && strncmp(line + at, "/run/systemd/notify\n", 20) != 0)
		return 0;
	return add_name(g, line + at, length - (size_t)at, number);
}

/* Rootless engines listen in a network namespace of their own, which this table does not show. */
static int add_users(gathering *g)
{
	static const char *const files[] = {"docker.sock", "podman/podman.sock",
					    "containerd/containerd.sock", "buildkit/buildkitd.sock"};
	hf_answer listing;
	unsigned users = 0;
	int r = 0;

	if (hf_reader_peek(g->proc->reader, HF_ASK_DIR, "/run/user", &listing) != 0)
		return 0;
	for (const char *user = listing.data; r >= 0 && user < listing.data + listing.size &&
					     users < USERS_MAX;
	     user += strlen(user) + 1, users++) {
		for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(files); i++) {
			char path[512];
			int n = snprintf(path, sizeof path, "/run/user/%s/%s", user, files[i]);

			if (n > 0 && (size_t)n < sizeof path)
				r = add_name(g, path, (size_t)n, 0);
		}
	}
	return r;
}

static int compare_names(const void *a, const void *b)
{
	const listener *x = *(const listener *const *)a, *y = *(const listener *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->number < y->number) - (x->number > y->number);
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

/* Holds the folder of @path, and tells its name without links. 0 or a positive errno. */
static int hold_folder(gathering *g, const char *path, size_t length)
{
	char link[64];
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	const int root = hf_reader_root_fd(g->proc->reader);

	if (g->folder_fd >= 0 && strlen(g->folder) == length &&
	    memcmp(g->folder, path, length) == 0)
		return 0;
	hf_closep(&g->folder_fd);
	memcpy(g->folder, path, length);
	g->folder[length] = '\0';
	g->folder_fd = (int)syscall(SYS_openat2, root, length > 0 ? g->folder : "/", &how, sizeof how);
	if (g->folder_fd < 0)
		return errno;
	(void)snprintf(link, sizeof link, "self/fd/%d", g->folder_fd);
	ssize_t n = readlinkat(g->proc->fd, link, g->canonical, sizeof g->canonical - 1);

	if (n < 0)
		return errno;
	g->canonical[n] = '\0';
	return 0;
}

/* See answer.h. */
static int add_line(gathering *g, hf_inside_sockets *sockets, const listener *self)
{
	const char *name = self->name;
	const char *slash = strrchr(name, '/'), *rest;
	struct statx st;
	int error = 0;

	escape(&g->lines, name);
	if (*name == '@') { /* an abstract name has no file */
		hf_buffer_puts(&g->lines, "\n");
		return 0;
	}
	if (*name != '/' || !slash)
		error = ENOTSUP; /* relative to what its owner's folder was */
	if (!error)
		error = hold_folder(g, name, (size_t)(slash - name));
	if (!error && statx(g->folder_fd, slash + 1,
			    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
			    STATX_BASIC_STATS, &st) < 0)
		error = errno;
	if (error) {
		const char *word = hf_errno_name(error);

		hf_buffer_printf(&g->lines, " !%s\n", word ? word : "EIO");
		return 0;
	}
	char *path = hf_arena_printf(g->arena, "%s/%s", strcmp(g->canonical, "/") == 0 ? "" : g->canonical,
				     slash + 1);
	const hf_inside_mount *on = path ? hf_inside_mount_of(sockets->host, path) : NULL;

	if (!path)
		return -ENOMEM;
	hf_buffer_puts(&g->lines, " ");
	escape(&g->lines, path);
	hf_buffer_printf(&g->lines, " %o %u %u %u:%u %llu %llu\n", st.stx_mode, st.stx_uid,
			 st.stx_gid, st.stx_dev_major, st.stx_dev_minor,
			 (unsigned long long)st.stx_ino, (unsigned long long)self->number);
	if (!on || !hf_path_is_below(path, on->target, &rest))
		return 0;
	hf_inside_socket *socket = &sockets->all[sockets->count++];

	*socket = (hf_inside_socket){
		.major = on->major,
		.minor = on->minor,
		.path = hf_arena_printf(g->arena, "%s%s", strcmp(on->root, "/") == 0 ? "" : on->root, rest),
	};
	return socket->path ? 0 : -ENOMEM;
}

static int gather(gathering *g, hf_inside_sockets *sockets)
{
	hf_cleanup(hf_buffer_free) hf_buffer table = {0};
	/* of kthreadd, which never leaves the initial network namespace */
	int error = read_file(g->proc, "2/net/unix", &table), r = 0;

	if (!error && sockets->host->count == 0)
		error = EIO; /* where a socket is cannot be told without the mounts */
	if (error)
		return error;
	const char *cursor = table.data, *line;
	size_t length;

	while (r >= 0 && hf_next_line(&cursor, table.data + table.size, &line, &length))
		r = add_listener(g, line, length);
	if (r >= 0)
		r = add_users(g);
	if (r < 0)
		return -r;
	if (g->names.count > 0)
		qsort(g->names.items, g->names.count, sizeof g->names.items[0], compare_names);
	sockets->all = hf_arena_calloc(g->arena, g->names.count + 1, sizeof *sockets->all);
	r = sockets->all ? 0 : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < g->names.count; i++) {
		const listener *self = g->names.items[i];
		const listener *before = i > 0 ? g->names.items[i - 1] : NULL;

		if (!before || strcmp(self->name, before->name) != 0)
			r = add_line(g, sockets, self);
	}
	return -r;
}

int hf_inside_sockets_read(hf_proc *proc, hf_inside_sockets *sockets)
{
	gathering g = {.proc = proc, .arena = proc->arena, .folder_fd = -1};
	hf_answer answer = {.kind = HF_ASK_CALL, .name = "sockets", .data = ""};

	if (sockets->is_read)
		return 0;
	sockets->is_read = true;
	answer.error = gather(&g, sockets);
	if (!answer.error && g.lines.failed)
		answer.error = ENOMEM;
	if (!answer.error && g.lines.size > 0) {
		answer.data = g.lines.data;
		answer.size = g.lines.size;
	}
	int r = hf_sink_answer(hf_reader_sink(proc->reader), &answer);

	hf_closep(&g.folder_fd);
	hf_list_free(&g.names);
	hf_buffer_free(&g.lines);
	return r;
}
