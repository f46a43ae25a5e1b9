/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process of a container holds open, and what its environment looks like. Both can wait: for a file
 * server of which a descriptor must be verified, or for the process's memory; so they are asked for last. */
#include "collect/proc.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	OPEN_MAX_BYTES = 1024 * 1024,	 /* of one process's answer */
	ENVIRON_MAX_BYTES = 1024 * 1024,
	VARIABLES_MAX_BYTES = 128 * 1024, /* of what is told of them: some 5000 */
	VARIABLE_NAME_MAX = 128,
};

/* ---- open files ---- */

static void add_escaped(const char *text, size_t length, hf_buffer *line)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte > ' ' && byte <= '~' && byte != '\\')
			hf_buffer_add(line, text + i, 1);
		else
			hf_buffer_printf(line, "\\%03o", byte);
	}
}

static void add_failed(const char *name, int error, hf_buffer *lines)
{
	const char *word = hf_errno_name(error);

	hf_buffer_printf(lines, "%s !%s\n", name, word ? word : "EIO");
}

/* Pipes and sockets lie in mounts of the kernel's own, where the text of the link follows from the inode. */
typedef struct nowhere {
	uint64_t mount_id; /* 0: not met yet */
	const char *name;
} nowhere;

static nowhere pipes = {.name = "pipe"}, sockets = {.name = "socket"};

/* The text of the link @name in the folder @fd. -1: errno. */
static ssize_t read_target(int fd, const char *name, const struct statx *st, char *target, size_t room)
{
	nowhere *place = S_ISFIFO(st->stx_mode)	   ? &pipes
			 : S_ISSOCK(st->stx_mode) ? &sockets
						  : NULL;
	bool is_told = place && st->stx_mask & STATX_MNT_ID;

	if (is_told && place->mount_id == st->stx_mnt_id)
		return snprintf(target, room, "%s:[%llu]", place->name,
				(unsigned long long)st->stx_ino);
	ssize_t n = readlinkat(fd, name, target, room - 1);
	size_t length = place ? strlen(place->name) : 0;

	if (is_told && n > (ssize_t)length + 1 && memcmp(target, place->name, length) == 0 &&
	    target[length] == ':' && target[length + 1] == '[')
		place->mount_id = st->stx_mnt_id;
	return n;
}

/* The magic link @name in the folder @fd is looked through and not opened, and without asking a file server for
 * what the kernel knows. A descriptor that was closed meanwhile is none. */
static void add_open(int fd, const char *name, bool is_descriptor, hf_buffer *lines)
{
	struct statx st;
	char target[HF_PROC_LINK_ROOM], numbers[128];
	ssize_t n = statx(fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
			  STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID, &st);

	if (n == 0)
		n = read_target(fd, name, &st, target, sizeof target);
	if (n < 0) {
		if (!is_descriptor || errno != ENOENT)
			add_failed(name, errno, lines);
		return;
	}
	int size = snprintf(numbers, sizeof numbers, " %llu %u:%u %llu %o %u:%u ",
			    st.stx_mask & STATX_MNT_ID ? (unsigned long long)st.stx_mnt_id : 0ULL,
			    st.stx_dev_major, st.stx_dev_minor, (unsigned long long)st.stx_ino,
			    (unsigned)st.stx_mode, st.stx_rdev_major, st.stx_rdev_minor);

	hf_buffer_puts(lines, name);
	hf_buffer_add(lines, numbers, (size_t)size);
	add_escaped(target, (size_t)n, lines);
	hf_buffer_puts(lines, "\n");
}

static const char too_many[] = "more descriptors than are read";

/* 0 or a positive errno. */
static int add_descriptors(const hf_proc_dir *dir, hf_proc_budget *budget, hf_buffer *lines)
{
	hf_cleanup(hf_buffer_free) hf_buffer names = {0};
	hf_cleanup(hf_closep) int fd = openat(dir->fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 ? errno : hf_proc_list_fd(fd, HF_PROC_FDS_MAX, &names);

	for (const char *name = names.data; !error && name < names.data + names.size;
	     name += strlen(name) + 1) {
		if (budget->descriptors == 0 || lines->size > OPEN_MAX_BYTES)
			return EFBIG;
		budget->descriptors--;
		add_open(fd, name, true, lines);
	}
	return error;
}

/* The file of its program, for when it was last changed. */
static int ask_program(const hf_proc *proc, const hf_proc_dir *dir)
{
	struct statx st;
	hf_answer answer = {.kind = HF_ASK_STAT, .data = ""};

	if (statx(dir->fd, "exe", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
		answer.error = errno;
	else
		answer.meta = (hf_meta){
			.mode = st.stx_mode,
			.uid = st.stx_uid,
			.gid = st.stx_gid,
			.nlink = st.stx_nlink,
			.dev_major = st.stx_dev_major,
			.dev_minor = st.stx_dev_minor,
			.ino = st.stx_ino,
			.size = st.stx_size,
			.mtime_ns = st.stx_mtime.tv_sec * 1000000000 + st.stx_mtime.tv_nsec,
			.ctime_ns = st.stx_ctime.tv_sec * 1000000000 + st.stx_ctime.tv_nsec,
		};
	return hf_proc_send(proc, dir, "exe", &answer);
}

int hf_proc_ask_open(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget)
{
	static const char *const links[] = {"cwd", "exe", "root"};
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};

	if (!proc->is_procfs)
		return hf_proc_send_error(proc, dir, HF_ASK_CALL, "open", ENOTSUP,
					  "a tree has no open files");
	for (size_t i = 0; i < HF_ARRAY_SIZE(links); i++)
		add_open(dir->fd, links[i], false, &lines);
	int error = add_descriptors(dir, budget, &lines);

	int r = hf_proc_send_text(proc, dir, HF_ASK_CALL, "open", error,
				  error == EFBIG ? too_many : NULL, &lines);

	return r < 0 ? r : ask_program(proc, dir);
}

/* ---- environment ---- */

bool hf_proc_is_variable(const char *name, size_t length)
{
	if (length == 0 || length > VARIABLE_NAME_MAX || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			return false;
	}
	return true;
}

static bool begins(const char *value, size_t length, const char *prefix)
{
	size_t n = strlen(prefix);

	return length >= n && memcmp(value, prefix, n) == 0;
}

static size_t token_length(const char *value, size_t length)
{
	size_t n = 0;

	while (n < length && (isalnum((unsigned char)value[n]) || strchr("_-./+=", value[n])))
		n++;
	return n;
}

/* Published prefixes of access tokens, with the fewest bytes that one has. */
static const struct {
	const char *prefix;
	size_t length;
} tokens[] = {
	{"AKIA", 20},	    {"ASIA", 20},	{"ghp_", 36},	   {"gho_", 36},
	{"ghu_", 36},	    {"ghs_", 36},	{"ghr_", 36},	   {"github_pat_", 40},
	{"glpat-", 20},	    {"gldt-", 20},	{"xoxb-", 20},	   {"xoxp-", 20},
	{"xoxa-", 20},	    {"xoxr-", 20},	{"xoxs-", 20},	   {"xapp-", 20},
	{"sk_live_", 20},   {"rk_live_", 20},	{"sk-", 32},	   {"AIza", 35},
	{"ya29.", 20},	    {"npm_", 36},	{"pypi-", 20},	   {"dckr_pat_", 20},
	{"hvs.", 20},	    {"dop_v1_", 40},	{"SG.", 40},	   {"EAACEdEose0cBA", 20},
};

/* Three parts of base64url, of which the first is an object: "eyJ" is how {" begins. */
static bool is_jwt(const char *value, size_t length)
{
	unsigned dots = 0;

	if (length < 20 || !begins(value, length, "eyJ"))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (value[i] == '.')
			dots++;
		else if (!isalnum((unsigned char)value[i]) && value[i] != '_' && value[i] != '-' &&
			 value[i] != '=')
			return false;
	}
	return dots == 2;
}

/* "scheme://user:password@host" anywhere in the value. */
static bool has_url_password(const char *value, size_t length)
{
	const char *end = value + length, *at = value;

	while ((at = memmem(at, (size_t)(end - at), "://", 3))) {
		const char *colon = NULL;

		for (at += 3; at < end && !strchr("/?# \t\n\"'", *at); at++) {
			if (*at == ':' && !colon)
				colon = at;
			if (*at == '@' && colon && at > colon + 1)
				return true;
		}
	}
	return false;
}

const char *hf_proc_shape_of(const char *value, size_t length)
{
	static const char pem[] = "-----BEGIN ";

	if (memmem(value, length, pem, strlen(pem)))
		return "pem";
	if (is_jwt(value, length))
		return "jwt";
	for (size_t i = 0; i < HF_ARRAY_SIZE(tokens); i++) {
		if (length >= tokens[i].length && begins(value, length, tokens[i].prefix) &&
		    token_length(value, length) >= tokens[i].length)
			return "token";
	}
	return has_url_password(value, length) ? "url-password" : "-";
}

void hf_proc_describe_environ(const char *text, size_t size, hf_buffer *lines)
{
	const char *end = text + size;

	for (const char *word = text; word < end;) {
		size_t length = strnlen(word, (size_t)(end - word));
		const char *equal = memchr(word, '=', length);
		size_t name_length = equal ? (size_t)(equal - word) : 0;

		/* a process may have written anything over its environment */
		if (equal && hf_proc_is_variable(word, name_length)) {
			size_t value_length = length - name_length - 1;

			hf_buffer_add(lines, word, name_length);
			hf_buffer_printf(lines, " %zu %s\n", value_length,
					 hf_proc_shape_of(equal + 1, value_length));
		}
		word += length + 1;
	}
}

int hf_proc_ask_environ_shapes(const hf_proc *proc, const hf_proc_dir *dir, hf_proc_budget *budget)
{
	hf_cleanup(hf_buffer_free) hf_buffer all = {0}, lines = {0};
	int error = hf_proc_read_whole(proc, dir, "environ", ENVIRON_MAX_BYTES, &all);

	hf_proc_spend(budget, all.size);
	if (!error && all.size > 0)
		hf_proc_describe_environ(all.data, all.size, &lines);
	if (!error && lines.size > VARIABLES_MAX_BYTES)
		error = EFBIG;
	int r = hf_proc_send_text(proc, dir, HF_ASK_CALL, "environ", error,
				  error == EFBIG ? "more variables than are read" : NULL, &lines);

	if (all.data) /* no secret stays in memory that is given back */
		explicit_bzero(all.data, all.room);
	return r;
}
