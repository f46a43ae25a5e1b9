/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `device-filters`: the BPF programs that decide about devices on cgroup v2.
 *
 * Which programs are attached, BPF_PROG_QUERY tells a holder of CAP_NET_ADMIN (since 6.9 of
 * CAP_SYS_ADMIN, too); but a descriptor of a program by its number, and so its instructions, the
 * kernel gives to CAP_SYS_ADMIN alone (bpf_prog_get_fd_by_id() in kernel/bpf/syscall.c; tried
 * on 6.1 and 6.18: CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN together are refused). CAP_SYSLOG is for
 * kernels that blind constants (bpf_jit_harden): they show such programs only to who may see
 * addresses. That is too much for anything that reads what others wrote, so this process opens
 * folders of control groups, makes three commands of bpf(2), and can do nothing else. */
#include "collect/collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum {
	GROUPS_MAX = 20000,
	DEPTH_MAX = 64,
	EFFECTIVE_MAX = 256, /* 64 can be attached at one level */
	PROGRAM_BYTES_MAX = 128 * 1024,
	REST_MS = 100, /* to end in order before the collector's own deadline */
};

typedef struct program {
	uint32_t id;
	uint32_t first; /* the first with the same instructions */
	int error;
	const char *reason;
	uint8_t *bytes;
	size_t size;
} program;

typedef struct pass {
	hf_sink *sink;
	hf_arena *arena;
	uint64_t deadline_ms;
	size_t groups;
	hf_list programs;
	bool was_cut;
} pass;

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

/* A condition on the first argument; SCMP_A0() leaves a member out. */
#define FIRST(how, value) ((struct scmp_arg_cmp){.arg = 0, .op = (how), .datum_a = (value)})

/* From here on bpf(2) asks, and neither loads nor attaches. */
static int confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	int r = filter ? 0 : -ENOMEM;

	_Static_assert(BPF_PROG_GET_FD_BY_ID == 13 && BPF_OBJ_GET_INFO_BY_FD == 15 &&
			       BPF_PROG_QUERY == 16,
		       "14 is the only other command between them");
	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(bpf), 1,
				     FIRST(SCMP_CMP_LT, BPF_PROG_GET_FD_BY_ID));
	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(bpf), 1,
				     FIRST(SCMP_CMP_EQ, BPF_MAP_GET_FD_BY_ID));
	if (r == 0)
		r = seccomp_rule_add(filter, refuse, SCMP_SYS(bpf), 1,
				     FIRST(SCMP_CMP_GT, BPF_PROG_QUERY));
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

static int send_call(const pass *p, const char *name, int error, const char *reason,
		     const char *data, size_t size)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.error = error,
		.reason = reason,
		.data = error ? "" : data,
		.size = error ? 0 : size,
	};

	return hf_sink_answer(p->sink, &answer);
}

/* ---- programs ---- */

static void read_insns(pass *p, int fd, program *found)
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr = {0};
	static uint8_t bytes[PROGRAM_BYTES_MAX];

	info.xlated_prog_len = sizeof bytes;
	info.xlated_prog_insns = (uint64_t)(uintptr_t)bytes;
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof info;
	attr.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0) {
		found->error = errno;
	} else if (info.xlated_prog_insns == 0) {
		/* bpf_prog_get_info_by_fd(): blinded, and we may not see addresses */
		found->error = EPERM;
		found->reason = "the kernel shows no program that it blinded "
				"(net.core.bpf_jit_harden) while "
				"kernel.kptr_restrict hides addresses";
	} else if (info.xlated_prog_len > sizeof bytes || info.xlated_prog_len == 0) {
		found->error = EFBIG;
	} else {
		found->size = info.xlated_prog_len;
		found->bytes = (uint8_t *)hf_arena_memdup(p->arena, bytes, found->size);
		found->error = found->bytes ? 0 : ENOMEM;
	}
}

static int send_program(pass *p, const program *found)
{
	static const char digits[] = "0123456789abcdef";
	char name[32];
	hf_buffer text = {0};
	int r;

	(void)snprintf(name, sizeof name, "device-program/%u", found->id);
	if (found->error)
		return send_call(p, name, found->error, found->reason, "", 0);
	if (found->first != found->id) {
		hf_buffer_printf(&text, "same %u\n", found->first);
	} else {
		for (size_t i = 0; i < found->size; i++) {
			const char two[] = {digits[found->bytes[i] >> 4],
					    digits[found->bytes[i] & 15], '\n'};

			hf_buffer_add(&text, two, i % sizeof(struct bpf_insn) == 7 ? 3 : 2);
		}
	}
	r = text.failed ? -ENOMEM : send_call(p, name, 0, NULL, text.data, text.size);
	hf_buffer_free(&text);
	return r;
}

/* Runtimes give each container a program of its own, and nearly all are equal. */
static void find_equal(const pass *p, program *found)
{
	found->first = found->id;
	for (size_t i = 0; !found->error && i < p->programs.count; i++) {
		const program *known = p->programs.items[i];

		if (known->first == known->id && !known->error && known->size == found->size &&
		    memcmp(known->bytes, found->bytes, found->size) == 0) {
			found->first = known->id;
			break;
		}
	}
}

static int ask_program(pass *p, uint32_t id)
{
	union bpf_attr attr = {0};

	for (size_t i = 0; i < p->programs.count; i++) {
		if (((const program *)p->programs.items[i])->id == id)
			return 0;
	}
	program *found = hf_arena_alloc(p->arena, sizeof *found);

	if (!found)
		return -ENOMEM;
	found->id = id;
	attr.prog_id = id;
	hf_cleanup(hf_closep) int fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);

	if (fd < 0) {
		found->error = errno;
		found->reason =
			errno == EPERM ? "the kernel gives programs to CAP_SYS_ADMIN alone" : NULL;
	} else {
		read_insns(p, fd, found);
	}
	find_equal(p, found);
	int r = hf_list_add(&p->programs, found);

	return r < 0 ? r : send_program(p, found);
}

/* ---- groups ---- */

typedef struct query {
	uint32_t ids[EFFECTIVE_MAX];
	uint32_t count;
	uint32_t flags;
} query;

static int ask_attached(int group, uint32_t query_flags, query *found)
{
	union bpf_attr attr = {0};

	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.query_flags = query_flags;
	attr.query.prog_ids = (uint64_t)(uintptr_t)found->ids;
	attr.query.prog_cnt = EFFECTIVE_MAX;
	if (bpf(BPF_PROG_QUERY, &attr) < 0)
		return errno;
	found->count = attr.query.prog_cnt;
	found->flags = attr.query.attach_flags;
	return 0;
}

static void show(hf_buffer *text, const char *word, const query *found)
{
	hf_buffer_puts(text, word);
	for (uint32_t i = 0; i < found->count; i++)
		hf_buffer_printf(text, " %u", found->ids[i]);
	hf_buffer_puts(text, "\n");
}

static int ask_group(pass *p, int group, const char *path)
{
	static query attached, effective;
	hf_buffer text = {0};
	char name[HF_NAME_MAX_BYTES];
	int size = snprintf(name, sizeof name, "device-filter%s", *path ? path : "/");
	int error = ask_attached(group, 0, &attached);

	if (size < 0 || (size_t)size >= sizeof name)
		return 0; /* not asked: unknown to whoever needs it */
	if (!error)
		error = ask_attached(group, BPF_F_QUERY_EFFECTIVE, &effective);
	if (error)
		return send_call(p, name, error,
				 error == EINVAL
					 ? "this kernel has no device programs (CONFIG_CGROUP_BPF)"
				 : error == EPERM ? "the kernel tells who has CAP_NET_ADMIN"
						  : NULL,
				 "", 0);
	show(&text, "attached", &attached);
	show(&text, "effective", &effective);
	int r = text.failed ? -ENOMEM : send_call(p, name, 0, NULL, text.data, text.size);

	hf_buffer_free(&text);
	for (uint32_t i = 0; r >= 0 && i < effective.count; i++)
		r = ask_program(p, effective.ids[i]);
	return r;
}

static int walk(pass *p, int parent, const char *name, const char *path, unsigned depth);

static int walk_below(pass *p, int group, const char *path, unsigned depth)
{
	int again = openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	char below[HF_NAME_MAX_BYTES];
	int r = 0;

	if (!listing) {
		hf_closep(&again);
		p->was_cut = true;
		return 0;
	}
	while (r >= 0 && (entry = readdir(listing))) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		int size = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);

		if (size < 0 || (size_t)size >= sizeof below)
			p->was_cut = true;
		else
			r = walk(p, group, entry->d_name, below, depth + 1);
	}
	(void)closedir(listing);
	return r;
}

static int walk(pass *p, int parent, const char *name, const char *path, unsigned depth)
{
	struct stat st;

	if (depth > DEPTH_MAX || p->groups++ >= GROUPS_MAX || hf_now_ms() >= p->deadline_ms) {
		p->was_cut = true;
		return 0;
	}
	hf_cleanup(hf_closep) int group =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (group < 0)
		return 0; /* it ended meanwhile, and its container with it */
	int r = ask_group(p, group, path);

	/* kernfs counts folders in st_nlink: 2 for one without any below it */
	if (r >= 0 && (fstat(group, &st) < 0 || st.st_nlink != 2))
		r = walk_below(p, group, path, depth);
	return r;
}

/* ---- the tree ---- */

static int open_below(const hf_collect_task *task, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, hf_reader_root_fd(task->reader), path, &how, sizeof how);
}

static bool is_unified(int fd)
{
	struct statfs fs;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* Where v1 has the controller, its lists decide and programs are not used: nothing to ask. -1 then.
 */
static int open_tree(const hf_collect_task *task)
{
	int fd = open_below(task, "/sys/fs/cgroup");

	if (is_unified(fd))
		return fd;
	hf_closep(&fd);
	hf_cleanup(hf_closep) int v1 = open_below(task, "/sys/fs/cgroup/devices");

	if (v1 >= 0)
		return -1;
	fd = open_below(task, "/sys/fs/cgroup/unified");
	if (is_unified(fd))
		return fd;
	hf_closep(&fd);
	return -1;
}

static int collect(const hf_collect_task *task)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	pass p = {
		.sink = hf_reader_sink(task->reader),
		.deadline_ms = task->deadline_ms > REST_MS ? task->deadline_ms - REST_MS : 0,
	};
	hf_cleanup(hf_closep) int tree = open_tree(task);

	if (tree < 0)
		return 0;
	int r = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? confine() : -ENOTSUP;

	if (r == 0)
		r = hf_arena_new(&arena);
	p.arena = arena;
	if (r == 0)
		r = walk(&p, tree, ".", "", 0);
	if (r == 0 && p.was_cut)
		r = hf_sink_note(
			p.sink,
			"not every control group was asked for its device programs: they are too "
			"many, too deep or too slow");
	hf_list_free(&p.programs);
	return r;
}

const hf_collector hf_collector_device_filters = {
	.name = "device-filters",
	.reads = "device programs of control groups (cgroup v2), which the kernel gives to "
		 "CAP_SYS_ADMIN alone",
	.caps = (const int[]){CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYSLOG, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "getdents64", "fstatfs", "bpf",
					  "seccomp", NULL},
	.kinds = 1U << HF_ASK_CALL,
	.prefixes = (const char *const[]){"device-filter/", "device-program/", NULL},
	.files = (const char *const[]){"/sys/fs/cgroup", NULL},
	.deadline_ms = 1500,
	.cap_bytes = 16 * 1024 * 1024,
	.is_live_only = true,
	.collect = collect,
};
