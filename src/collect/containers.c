/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which container a process belongs to. */
#include "collect/containers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ID_LENGTH = 64 };

bool hf_proc_parse_stat(const char *text, char *ret_state, unsigned *ret_flags, uint64_t *ret_start)
{
	hf_proc_life life;

	if (!hf_proc_parse_life(text, &life))
		return false;
	*ret_state = life.state;
	*ret_flags = life.flags;
	*ret_start = life.start_ticks;
	return true;
}

static bool is_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* The container's id in one component of a cgroup path: "<id>", "docker-<id>.scope",
 * "cri-containerd-<id>", "libpod-<id>.scope" …; but not that of its monitor,
 * "libpod-conmon-<id>.scope", which is the host's. */
static const char *id_in(const char *part, size_t length)
{
	static const char scope[] = ".scope", monitor[] = "conmon-";

	if (length > strlen(scope) &&
	    memcmp(part + length - strlen(scope), scope, strlen(scope)) == 0)
		length -= strlen(scope);
	if (length < ID_LENGTH || !is_hex(part + length - ID_LENGTH, ID_LENGTH))
		return NULL;
	const char *id = part + length - ID_LENGTH;
	size_t before = length - ID_LENGTH;

	if (before > 0 && id[-1] != '-' && id[-1] != ':')
		return NULL;
	if (before >= strlen(monitor) &&
	    memcmp(id - strlen(monitor), monitor, strlen(monitor)) == 0)
		return NULL;
	return id;
}

static bool is_named_container(const char *part, size_t length)
{
	static const char *const prefixes[] = {"lxc.payload", "machine-", "systemd-nspawn@"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (length > n && memcmp(part, prefixes[i], n) == 0)
			return true;
	}
	return false;
}

/* The last id wins, so that a container in a container is one of its own. *ret_named: the path up
 * to a component that names a container without an id; the machine's supervisor runs there, too, in
 * the host's mount namespace. */
static void find_container(const char *text, const char **ret_id, const char **ret_named,
			   size_t *ret_named_length)
{
	const char *end = text + strlen(text), *line_start = text;

	*ret_id = NULL;
	*ret_named = NULL;
	*ret_named_length = 0;
	for (const char *part = text; part < end;) {
		size_t length = strcspn(part, "/\n");
		const char *id = id_in(part, length);

		if (id)
			*ret_id = id;
		if (is_named_container(part, length)) {
			*ret_named = line_start;
			*ret_named_length = (size_t)(part + length - line_start);
		}
		part += length;
		if (*part == '\n')
			line_start = part + 1;
		part += *part != '\0';
	}
}

/* A private mount namespace alone is no container: systemd gives one to many services. Their root
 * is still the host's, though, and a container's is not. */
bool hf_has_own_root(const hf_host_root *root, const hf_proc_dir *dir)
{
	struct statx st;

	/* the attributes as they are known, without asking a file server that may never answer */
	if (dir->fd < 0 ||
	    statx(dir->fd, "root", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &st) < 0)
		return false;
	return st.stx_ino != root->ino ||
	       makedev(st.stx_dev_major, st.stx_dev_minor) != root->dev;
}

const char *hf_container_group(const hf_host_root *root, hf_arena *arena, const hf_proc_dir *dir,
			       const hf_answer *cgroup, const hf_answer *mnt)
{
	const char *id, *named;
	size_t named_length;
	bool is_elsewhere = !mnt->error && *root->mnt && strcmp(mnt->data, root->mnt) != 0;

	find_container(cgroup->data, &id, &named, &named_length);
	if (id)
		return hf_arena_memdup(arena, id, ID_LENGTH);
	if (!is_elsewhere)
		return NULL;
	if (named)
		return hf_arena_memdup(arena, named, named_length);
	return hf_has_own_root(root, dir) ? hf_arena_strdup(arena, mnt->data) : NULL;
}

size_t hf_container_group_end(const char *path, size_t length)
{
	size_t end = 0;

	for (size_t at = 0; at < length;) {
		const char *slash = memchr(path + at, '/', length - at);
		size_t stop = slash ? (size_t)(slash - path) : length;

		if (id_in(path + at, stop - at) || is_named_container(path + at, stop - at))
			end = stop;
		at = stop + 1;
	}
	if (!end)
		return length;
	/* crun puts the processes, and the limits that it writes itself, into a group of its own below that of systemd */
	static const char below[] = "/container";
	size_t more = sizeof below - 1;
	bool is_crun = length - end >= more && memcmp(path + end, below, more) == 0 &&
		       (length - end == more || path[end + more] == '/');

	return is_crun ? end + more : end;
}
