/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a file: every name from the root on, links on the way included, each held without following it; for who
 * can write any of these folders decides what the path leads to. */
#include "collect/collect.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { LINKS_MAX = 40 }; /* as the kernel has it */

typedef struct walk {
	hf_reader *reader;
	hf_buffer lines;
	char at[HF_NAME_MAX_BYTES];   /* where it is, without links; "" is the root */
	char rest[HF_NAME_MAX_BYTES]; /* names still to go */
	unsigned links;
	bool is_over;
	bool is_failed;
	int missing; /* ENOENT, ENOTDIR: .at has no such name */
} walk;

static void add_escaped(hf_buffer *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > 0x20 && *at < 0x7f && *at != '\\')
			hf_buffer_add(out, at, 1);
		else
			hf_buffer_printf(out, "\\%03o", *at);
	}
}

/* ---- access control lists: acl(5) ---- */

enum {
	ACL_MAX_BYTES = 4096,
	ACL_VERSION = 2,
	ACL_USER = 0x02,
	ACL_GROUP_OBJ = 0x04,
	ACL_GROUP = 0x08,
	ACL_MASK = 0x10,
};

typedef struct acl_entry {
	unsigned tag;
	unsigned rights;
	uint32_t id;
} acl_entry;

/* linux/posix_acl_xattr.h: little endian on every machine. */
static acl_entry entry_at(const unsigned char *at)
{
	return (acl_entry){
		.tag = at[0] | (unsigned)at[1] << 8,
		.rights = at[2] & 7U,
		.id = at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 24,
	};
}

static void add_rights(hf_buffer *out, unsigned rights)
{
	char text[] = {rights & 4 ? 'r' : '-', rights & 2 ? 'w' : '-', rights & 1 ? 'x' : '-', '\0'};

	hf_buffer_puts(out, text);
}

/* What is in force: "g::r--,u:1000:rw-", the owning group's first. False: no list. */
static bool describe_acl(const unsigned char *data, size_t size, hf_buffer *out)
{
	unsigned mask = 7, group = 0;

	if (size < 4 || data[0] != ACL_VERSION || (size - 4) % 8 != 0)
		return false;
	for (size_t at = 4; at < size; at += 8) {
		acl_entry entry = entry_at(data + at);

		if (entry.tag == ACL_MASK)
			mask = entry.rights;
		if (entry.tag == ACL_GROUP_OBJ)
			group = entry.rights;
	}
	hf_buffer_puts(out, "g::");
	add_rights(out, group & mask);
	for (size_t at = 4; at < size; at += 8) {
		acl_entry entry = entry_at(data + at);

		if ((entry.tag != ACL_USER && entry.tag != ACL_GROUP) || (entry.rights & mask) == 0)
			continue;
		hf_buffer_printf(out, ",%c:%u:", entry.tag == ACL_USER ? 'u' : 'g', entry.id);
		add_rights(out, entry.rights & mask);
	}
	return true;
}

/* A list grants nothing that the group's bits of the mode do not show, for they are its mask. So it says something
 * only where these are more than everybody has. */
static void add_acl(int fd, mode_t mode, hf_buffer *out)
{
	unsigned char data[ACL_MAX_BYTES];
	char path[64];

	if (S_ISLNK(mode) || ((mode >> 3 & 7) & ~mode) == 0) {
		hf_buffer_puts(out, "-");
		return;
	}
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t size = getxattr(path, "system.posix_acl_access", data, sizeof data);

	if (size < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) {
		hf_buffer_puts(out, "-");
	} else if (size < 0) {
		const char *name = hf_errno_name(errno);

		hf_buffer_printf(out, "!%s", name ? name : "EIO");
	} else if (!describe_acl(data, (size_t)size, out)) {
		hf_buffer_puts(out, "!EBADMSG");
	}
}

/* ---- one name ---- */

static char letter_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFREG:
		return 'f';
	case S_IFLNK:
		return 'l';
	case S_IFSOCK:
		return 's';
	case S_IFIFO:
		return 'p';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	default:
		return '?';
	}
}

static void fail(walk *w, const char *path, int error)
{
	const char *name = hf_errno_name(error);

	hf_buffer_printf(&w->lines, "! %s ", name ? name : "EIO");
	add_escaped(&w->lines, path);
	hf_buffer_puts(&w->lines, "\n");
	w->is_over = w->is_failed = true;
	if (error == ENOENT || error == ENOTDIR)
		w->missing = error;
}

/* Before the names that are left. */
static bool turn(walk *w, const char *target)
{
	char rest[HF_NAME_MAX_BYTES];

	if (snprintf(rest, sizeof rest, "%s/%s", target, w->rest) >= (int)sizeof rest)
		return false;
	strcpy(w->rest, rest);
	if (*target == '/')
		w->at[0] = '\0';
	return true;
}

static void follow(walk *w, const char *path, int fd)
{
	char target[HF_NAME_MAX_BYTES];
	ssize_t n = readlinkat(fd, "", target, sizeof target - 1);

	if (n <= 0) {
		fail(w, path, n < 0 ? errno : EIO);
		return;
	}
	target[n] = '\0';
	hf_buffer_puts(&w->lines, " ");
	add_escaped(&w->lines, target);
	hf_buffer_puts(&w->lines, "\n");
	if (++w->links > LINKS_MAX)
		fail(w, path, ELOOP);
	else if (!turn(w, target))
		fail(w, path, ENAMETOOLONG);
}

static void step(walk *w, const char *path)
{
	struct stat st;
	hf_cleanup(hf_closep) int fd = -1;
	int error = hf_reader_hold_name(w->reader, path, &st, &fd);

	if (error) {
		fail(w, path, error);
		return;
	}
	hf_buffer_printf(&w->lines, "%c %04o %u %u ", letter_of(st.st_mode), st.st_mode & 07777U,
			 st.st_uid, st.st_gid);
	add_acl(fd, st.st_mode, &w->lines);
	hf_buffer_puts(&w->lines, " ");
	add_escaped(&w->lines, path);
	if (S_ISLNK(st.st_mode)) {
		follow(w, path, fd);
		return;
	}
	hf_buffer_puts(&w->lines, "\n");
	(void)snprintf(w->at, sizeof w->at, "%s", strcmp(path, "/") == 0 ? "" : path);
}

/* Folders are on the way to many files: their lines are kept. */
static bool recall(walk *w, const char *path)
{
	const char *line = hf_reader_known_step(w->reader, path);

	if (!line)
		return false;
	hf_buffer_puts(&w->lines, line);
	(void)snprintf(w->at, sizeof w->at, "%s", strcmp(path, "/") == 0 ? "" : path);
	return true;
}

static void visit(walk *w, const char *path)
{
	size_t before = w->lines.size;

	if (recall(w, path))
		return;
	step(w, path);
	if (!w->is_over && !w->lines.failed && w->lines.data[before] == 'd')
		hf_reader_keep_step(w->reader, path, w->lines.data + before);
}

static void next_name(walk *w)
{
	char path[HF_NAME_MAX_BYTES], name[HF_NAME_MAX_BYTES];
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");

	memcpy(name, start, length);
	name[length] = '\0';
	memmove(w->rest, start + length, strlen(start + length) + 1);
	if (*name == '\0') {
		w->is_over = true;
	} else if (strcmp(name, "..") == 0) {
		char *slash = strrchr(w->at, '/');

		if (slash)
			*slash = '\0';
	} else if (strcmp(name, ".") != 0) {
		if (snprintf(path, sizeof path, "%s/%s", w->at, name) >= (int)sizeof path)
			fail(w, w->at, ENAMETOOLONG);
		else
			visit(w, path);
	}
}

int hf_reader_way_to(hf_reader *reader, const char *path, bool *ret_is_there)
{
	char name[HF_NAME_MAX_BYTES];
	hf_cleanup(hf_freep) walk *w = calloc(1, sizeof *w);

	*ret_is_there = false;
	if (!w)
		return -ENOMEM;
	if (*path != '/' || strlen(path) >= sizeof w->rest ||
	    snprintf(name, sizeof name, "way:%s", path) >= (int)sizeof name)
		return 0;
	if (hf_reader_was_asked(reader, HF_ASK_CALL, name))
		return 0;
	w->reader = reader;
	strcpy(w->rest, path);
	visit(w, "/");
	while (!w->is_over)
		next_name(w);
	hf_buffer_puts(&w->lines, ".\n");
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.error = w->lines.failed ? ENOMEM : 0,
		.name = name,
		.data = w->lines.failed ? "" : w->lines.data,
		.size = w->lines.failed ? 0 : w->lines.size,
	};
	int r = hf_reader_send(reader, &answer);

	*ret_is_there = !w->is_failed;
	hf_buffer_free(&w->lines);
	/* what is missing is believed missing only when the folder's own listing agrees */
	return r < 0 || !w->missing ? r : hf_reader_dir(reader, *w->at ? w->at : "/");
}

int hf_reader_way(hf_reader *reader, const char *path)
{
	bool is_there;

	return hf_reader_way_to(reader, path, &is_there);
}
