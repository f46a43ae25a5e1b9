/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of one control group: what limits and delegates it. Documentation/admin-guide/cgroup-v1 and
 * cgroup-v2.rst. */
#include "collect/proc-cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { NAMES_MAX = 20000 };

/* How a file is asked for, beside where (HF_AT_GROUP …). */
enum {
	AS_STAT = 8,	/* only owner and mode are wanted */
	WITH_STAT = 16, /* these, too: who could write it could lift the limit */
	IF_BEFORE = 32, /* only where the answer before it says that it matters */
};

/* One file of a group. */
typedef struct group_file {
	const char *controller; /* whose it is; NULL: of the groups themselves */
	const char *name;
	unsigned how;
} group_file;

static const group_file v2_files[] = {
	{NULL, "cgroup.controllers", HF_AT_ABOVE | HF_AT_ROOT},
	{NULL, "cgroup.subtree_control", HF_AT_ABOVE | HF_AT_ROOT | WITH_STAT},
	{NULL, "cgroup.max.depth", HF_AT_ABOVE},
	{NULL, "cgroup.max.descendants", HF_AT_ABOVE},
	{NULL, "cgroup.procs", HF_AT_ABOVE | AS_STAT},
	{NULL, "cgroup.threads", HF_AT_GROUP | AS_STAT},
	{"memory", "memory.max", HF_AT_ABOVE | WITH_STAT},
	{"memory", "memory.low", HF_AT_ABOVE},
	{"memory", "memory.min", HF_AT_ABOVE},
	{"memory", "memory.oom.group", HF_AT_GROUP},
	{"memory", "memory.swap.max", HF_AT_ABOVE},
	{"pids", "pids.max", HF_AT_ABOVE | WITH_STAT},
	{"cpu", "cpu.max", HF_AT_ABOVE | WITH_STAT},
	{"cpu", "cpu.weight", HF_AT_ABOVE},
	{"cpuset", "cpuset.cpus.effective", HF_AT_GROUP},
	{"io", "io.latency", HF_AT_ABOVE},
	{"io", "io.max", HF_AT_ABOVE},
	{"io", "io.weight", HF_AT_ABOVE},
	{0},
};

static const group_file v1_files[] = {
	{NULL, "release_agent", HF_AT_ROOT},
	{NULL, "cgroup.procs", HF_AT_ABOVE | AS_STAT},
	{"memory", "memory.use_hierarchy", HF_AT_ABOVE | HF_AT_ROOT},
	{"memory", "memory.limit_in_bytes", HF_AT_ABOVE | WITH_STAT},
	{"memory", "memory.memsw.limit_in_bytes", HF_AT_ABOVE},
	{"memory", "memory.oom_control", HF_AT_GROUP},
	{"pids", "pids.max", HF_AT_ABOVE | WITH_STAT},
	{"cpu", "cpu.shares", HF_AT_ABOVE},
	{"cpu", "cpu.cfs_quota_us", HF_AT_ABOVE | WITH_STAT},
	{"cpu", "cpu.cfs_period_us", HF_AT_ABOVE | IF_BEFORE}, /* of no quota it tells nothing */
	{"cpuset", "cpuset.effective_cpus", HF_AT_GROUP},
	{"devices", "devices.list", HF_AT_GROUP | WITH_STAT},
	{"blkio", "blkio.bfq.weight", HF_AT_ABOVE},
	{"blkio", "blkio.weight", HF_AT_ABOVE | IF_BEFORE}, /* of CFQ, where there was no BFQ */
	{"blkio", "blkio.throttle.read_bps_device", HF_AT_ABOVE},
	{"blkio", "blkio.throttle.read_iops_device", HF_AT_ABOVE},
	{"blkio", "blkio.throttle.write_bps_device", HF_AT_ABOVE},
	{"blkio", "blkio.throttle.write_iops_device", HF_AT_ABOVE},
	{0},
};

/* A hierarchy in which no limit is set is not looked at below its root. */
static const char *const limiting[] = {"memory", "pids", "cpu", "cpuset", "devices", "blkio", "io"};

/* Whether @word is in the list @list, which @separator parts. */
bool hf_has_word(const char *list, size_t size, char separator, const char *word, size_t length)
{
	for (const char *at = list, *end = list + size; at < end;) {
		const char *stop = memchr(at, separator, (size_t)(end - at));

		stop = stop ? stop : end;
		if ((size_t)(stop - at) == length && memcmp(at, word, length) == 0)
			return true;
		at = stop + 1;
	}
	return false;
}

/* Whether any of a list of controllers sets limits. */
bool hf_limits_anything(const char *list, char separator)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(limiting); i++) {
		if (hf_has_word(list, strlen(list), separator, limiting[i], strlen(limiting[i])))
			return true;
	}
	return false;
}

static hf_meta meta_of(const struct stat *st, const hf_hierarchy *h)
{
	return (hf_meta){
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.nlink = (uint32_t)st->st_nlink,
		.fs_magic = h->is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC,
		.dev_major = major(st->st_dev),
		.dev_minor = minor(st->st_dev),
		.ino = st->st_ino,
	};
}

/* The kernel makes the whole text of such a file for the first read. A positive errno. */
static int read_value(hf_cgroups *groups, const hf_group *g, const char *name, bool with_stat,
		      hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int fd = openat(g->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, groups->value, HF_GROUP_VALUE_ROOM - 1);

	if (n < 0 || (with_stat && fstat(fd, &st) < 0))
		return errno;
	if (n == HF_GROUP_VALUE_ROOM - 1)
		return EFBIG;
	groups->value[n] = '\0';
	if (with_stat)
		answer->meta = meta_of(&st, g->in);
	answer->data = groups->value;
	answer->size = (size_t)n;
	return 0;
}

static int stat_file(const hf_group *g, const char *name, hf_answer *answer)
{
	struct stat st;

	if (fstatat(g->fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return errno;
	answer->meta = meta_of(&st, g->in);
	return 0;
}

static int list_group(const hf_group *g, hf_buffer *names, hf_answer *answer)
{
	struct stat st;

	if (fstat(g->fd, &st) < 0)
		return errno;
	int error = hf_proc_list_fd(g->fd, NAMES_MAX, names);

	answer->meta = meta_of(&st, g->in);
	answer->meta.size = names->size;
	answer->data = names->size > 0 ? names->data : "";
	answer->size = error ? 0 : names->size;
	return names->failed ? ENOMEM : error;
}

/* Asks for @name below the group ("" for itself), and sends. *ret_error: a positive errno. */
static int ask(hf_cgroups *groups, hf_group *g, hf_ask_kind kind, const char *name, bool with_stat,
	       int *ret_error)
{
	hf_cleanup(hf_buffer_free) hf_buffer names = {0};
	hf_answer answer = {.kind = kind, .error = g->error, .data = ""};

	*ret_error = ENAMETOOLONG;
	if (g->length + strlen(name) + 2 > sizeof g->path)
		return 0; /* nobody can ask by that name */
	g->path[g->length] = '/';
	strcpy(g->path + g->length + (*name != '\0'), name);
	if (!answer.error && !groups->proc->is_procfs)
		(void)hf_reader_peek(groups->proc->reader, kind, g->path, &answer);
	else if (!answer.error && kind == HF_ASK_FILE)
		answer.error = read_value(groups, g, name, with_stat, &answer);
	else if (!answer.error && kind == HF_ASK_STAT)
		answer.error = stat_file(g, name, &answer);
	else if (!answer.error)
		answer.error = list_group(g, &names, &answer);
	answer.name = g->path;
	if (g->error)
		answer.reason = g->reason;
	int r = hf_sink_answer(hf_reader_sink(groups->proc->reader), &answer);

	if (kind == HF_ASK_FILE && answer.data != groups->value)
		(void)snprintf(groups->value, sizeof groups->value, "%s", answer.data);
	g->path[g->length] = '\0';
	g->has_gaps |= answer.error == ENOENT;
	*ret_error = answer.error;
	return r;
}

/* Whether the file would be there: in a v2 group where cgroup.controllers names its controller, in a hierarchy of
 * v1 where that is mounted with it. */
static bool is_there(const hf_group *g, const group_file *file, const char *enabled)
{
	const char *list = g->in->is_v2 ? enabled : g->in->options;

	return !file->controller || g->error ||
	       hf_has_word(list, strlen(list), g->in->is_v2 ? ' ' : ',', file->controller,
			strlen(file->controller));
}

/* What an answer says about the questions after it. */
static bool is_next_wanted(hf_hierarchy *h, const group_file *file, const char *value, int error)
{
	if (strcmp(file->name, "release_agent") == 0)
		h->has_agent = !error && strcspn(value, "\n") > 0;
	if (strcmp(file->name, "cpu.cfs_quota_us") == 0)
		return error || *value != '-';
	return error != 0;
}

static int ask_files(hf_cgroups *groups, hf_group *g, unsigned where)
{
	hf_hierarchy *h = &groups->all[g->in - groups->all];
	const group_file *files = h->is_v2 ? v2_files : v1_files;
	char enabled[512] = "";
	bool is_wanted = true;
	int error, r = 0;

	for (const group_file *file = files; r >= 0 && file->name; file++) {
		bool is_hierarchy = strcmp(file->name, "memory.use_hierarchy") == 0;

		if (!(file->how & where) || !is_there(g, file, enabled) ||
		    (file->how & IF_BEFORE && !is_wanted) ||
		    (is_hierarchy && h->is_hierarchical))
			continue;
		r = ask(groups, g, file->how & AS_STAT ? HF_ASK_STAT : HF_ASK_FILE, file->name,
			file->how & WITH_STAT, &error);
		if (h->is_v2 && file == files && !error)
			(void)snprintf(enabled, sizeof enabled, "%.*s",
				       (int)strcspn(groups->value, "\n"), groups->value);
		is_wanted = is_next_wanted(h, file, groups->value, error);
		if (is_hierarchy && where == HF_AT_ROOT)
			h->is_hierarchical = !error && *groups->value == '1';
	}
	if (where == HF_AT_ROOT && h->is_v2 && !g->error)
		h->is_idle = !hf_limits_anything(enabled, ' ');
	if (r >= 0 && h->has_agent)
		r = ask(groups, g, HF_ASK_FILE, "notify_on_release", false, &error);
	return r;
}

int hf_group_ask(hf_cgroups *groups, hf_group *g, unsigned where)
{
	int error = 0;
	int r = ask(groups, g, HF_ASK_STAT, "", false, &error);

	if (r >= 0)
		r = ask_files(groups, g, where);
	if (r >= 0 && g->has_gaps)
		r = ask(groups, g, HF_ASK_DIR, "", false, &error);
	return r;
}

