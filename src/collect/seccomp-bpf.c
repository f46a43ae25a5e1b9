/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp filters of all tasks, read by a BPF task iterator: no task is stopped, none can notice.
 *
 * The program is written here instruction by instruction, with the offsets of the running kernel,
 * and loaded by bpf(2). The usual way (a compiled object, libbpf) was measured at 20 ms and needs a
 * second compiler at build time; this takes a fraction, most of it the search in the kernel's type
 * information (collect/btf.c).
 *
 * It notes pid, tid and the newest filter of every task that has one. A filter that was not seen
 * before has its code copied, and so have those below it. A filter never changes and never gets
 * another one below it, but the last task that leaves takes it along: so a copy only counts when
 * the task still has its filter afterwards. */
#include "collect/bpf-code.h"
#include "collect/btf.h"
#include "collect/seccomp.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
	CODE_BYTES_MAX = BPF_MAXINSNS * sizeof(struct sock_filter), /* of one filter */
};

/* What the program appends for each filter. */
typedef struct filter_entry {
	uint64_t key;
	uint64_t previous;
	uint32_t offset; /* of its code in the pool, bytes */
	uint32_t size;
	uint32_t failed; /* not 0: the code could not be copied */
	uint32_t is_logged;
} filter_entry;

/* The head of the one value of the array map: the program appends, we read through a mapping.
 * Behind it lie the tasks, the filters and their code, as many as the room says; all are powers of
 * two. */
typedef struct pool_head {
	uint32_t tasks;
	uint32_t filters;
	uint32_t used; /* bytes of code */
	uint32_t is_full;
	uint64_t cursor; /* the filter that the next round on the same task looks at; 0: none */
} pool_head;

typedef struct pool_room {
	uint32_t tasks;
	uint32_t filters;
	uint32_t code; /* bytes */
} pool_room;

/* Memory that is cleared costs time: a quarter of a millisecond for the first, which does for most
 * nodes, and twelve for the last, whose 35 MiB are all mapped at once. */
static const pool_room rooms[] = {
	{.tasks = 8192, .filters = 512, .code = 512 * 1024},
	{.tasks = 16 * 1024, .filters = 1024, .code = 4 * 1024 * 1024}, /* 300 containers */
	{.tasks = HF_FILTERED_MAX, .filters = HF_FILTERS_MAX, .code = HF_FILTER_BYTES_MAX},
};

typedef struct places {
	uint32_t pid, tgid, filter;   /* in task_struct */
	uint32_t previous, prog, log; /* in seccomp_filter */
	uint32_t orig;		      /* in bpf_prog */
	uint32_t length, code;	      /* in sock_fprog_kern */
	uint32_t iterator; /* number of the function that stands for the iterator's type */
} places;

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof *attr);
}

/* ---- where things are in this kernel ---- */

static int find_places(const void *data, size_t size, places *ret_places, hf_error *err)
{
	enum { PID, TGID, SECCOMP, FILTER, PREVIOUS, PROG, LOG, ORIG, LENGTH, CODE };
	hf_btf_member m[] = {
		[PID] = {.type = "task_struct", .member = "pid"},
		[TGID] = {.type = "task_struct", .member = "tgid"},
		[SECCOMP] = {.type = "task_struct", .member = "seccomp"},
		[FILTER] = {.type = "seccomp", .member = "filter"},
		[PREVIOUS] = {.type = "seccomp_filter", .member = "prev"},
		[PROG] = {.type = "seccomp_filter", .member = "prog"},
		[LOG] = {.type = "seccomp_filter", .member = "log"},
		[ORIG] = {.type = "bpf_prog", .member = "orig_prog"},
		[LENGTH] = {.type = "sock_fprog_kern", .member = "len"},
		[CODE] = {.type = "sock_fprog_kern", .member = "filter"},
	};
	hf_btf_wanted wanted = {
		.members = m, .member_count = HF_ARRAY_SIZE(m), .function = "bpf_iter_task"};
	const char *missing = "";
	int r = hf_btf_find(data, size, &wanted, &missing);

	if (r == -ENOENT)
		return hf_error_set(err, -EOPNOTSUPP, "the kernel's type information has no \"%s\"",
				    missing);
	if (r < 0)
		return hf_error_set(err, r, "the kernel's type information is malformed");
	*ret_places = (places){
		.pid = m[PID].offset,
		.tgid = m[TGID].offset,
		.filter = m[SECCOMP].offset + m[FILTER].offset,
		.previous = m[PREVIOUS].offset,
		.prog = m[PROG].offset,
		.log = m[LOG].offset,
		.orig = m[ORIG].offset,
		.length = m[LENGTH].offset,
		.code = m[CODE].offset,
		.iterator = wanted.function_id,
	};
	/* offsets are 16 bits wide in an instruction */
	for (size_t i = 0; i < HF_ARRAY_SIZE(m); i++) {
		if (m[i].offset > INT16_MAX || ret_places->filter > INT16_MAX)
			return hf_error_set(err, -EOPNOTSUPP, "the kernel's \"%s\" lies too far",
					    m[i].member);
	}
	return 0;
}

/* The bytes of @fd: mapped where the kernel can (6.16), which saves copying some megabytes, else
 * read: 3 ms. */
static void *map_whole(int fd, size_t size)
{
	void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	size_t done = 0;

	if (data != MAP_FAILED)
		return data;
	/* at once: a fault for each page would take as long as the reading */
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	while (data != MAP_FAILED && done < size) {
		ssize_t n = read(fd, (char *)data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (data == MAP_FAILED || done == size)
		return data == MAP_FAILED ? NULL : data;
	(void)munmap(data, size);
	return NULL;
}

static int read_places(places *ret_places, hf_error *err)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	hf_cleanup(hf_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return hf_error_set(err, -errno,
				    errno == ENOENT
					    ? "this kernel tells nothing of its types (no %s)"
					    : "%s cannot be opened",
				    path);
	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return hf_error_set(err, -EBADMSG, "%s has no size", path);
	void *data = map_whole(fd, (size_t)st.st_size);

	if (!data)
		return hf_error_set(err, -EIO, "%s cannot be read", path);
	int r = find_places(data, (size_t)st.st_size, ret_places, err);

	(void)munmap(data, (size_t)st.st_size);
	return r;
}

/* ---- maps ---- */

typedef struct map_set {
	int pool;
	int seen; /* keys of filters that are in the pool */
	int self; /* the program, for its own tail call */
} map_set;

static int make_map(uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t entries,
		    uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = entries,
		.map_flags = flags,
	};

	return (int)bpf(BPF_MAP_CREATE, &attr);
}

static void close_maps(const map_set *maps)
{
	hf_closep(&maps->pool);
	hf_closep(&maps->seen);
	hf_closep(&maps->self);
}

static int make_maps(uint32_t pool_bytes, uint32_t filters, map_set *ret_maps, hf_error *err)
{
	enum { WORD_BYTES = sizeof(uint32_t), KEY_BYTES = sizeof(uint64_t) };
	map_set made = {
		.pool = make_map(BPF_MAP_TYPE_ARRAY, WORD_BYTES, pool_bytes, 1, BPF_F_MMAPABLE),
		.seen = make_map(BPF_MAP_TYPE_HASH, KEY_BYTES, KEY_BYTES, filters,
				 BPF_F_NO_PREALLOC),
		.self = make_map(BPF_MAP_TYPE_PROG_ARRAY, WORD_BYTES, WORD_BYTES, 1, 0),
	};

	if (made.pool >= 0 && made.seen >= 0 && made.self >= 0) {
		*ret_maps = made;
		return 0;
	}
	int r = -errno;

	close_maps(&made);
	return hf_error_set(err, r,
			    r == -EPERM ? "the kernel does not let us use BPF (no CAP_BPF and "
					  "CAP_PERFMON, or a security module)"
					: "the kernel gives BPF no memory: %s",
			    strerror(-r));
}

/* ---- the program ---- */

enum { R0, R1, R2, R3, R4, R5, COUNT, TASK, FILTER, POOL, FRAME };

/* Places on its stack, below the frame pointer. */
enum { KEY = -8, WORD = -16, PREVIOUS = -24, SIZE = -32, CONTEXT = -40, CODE = -48, ENTRY = -56 };

/* Where things are in the pool. */
static uint32_t tasks_at(void)
{
	return sizeof(pool_head);
}

static uint32_t filters_at(const pool_room *room)
{
	return tasks_at() + room->tasks * (uint32_t)sizeof(hf_filtered);
}

static uint32_t code_at(const pool_room *room)
{
	return filters_at(room) + room->filters * (uint32_t)sizeof(filter_entry);
}

/* The last filter may need its most at any offset below room->code. */
static uint32_t pool_size(const pool_room *room)
{
	return code_at(room) + room->code + (uint32_t)CODE_BYTES_MAX;
}

/* Kernel memory is read by address alone. Typed access reads nicer, but the verifier looks up a
 * name among all types for each, which took it a millisecond a piece (6.18). */
static void peek(hf_bpf_code *c, uint8_t from, uint32_t offset, int16_t to, int32_t size)
{
	hf_bpf_move(c, R1, FRAME);
	hf_bpf_number(c, BPF_ADD, R1, to);
	hf_bpf_number(c, BPF_MOV, R2, size);
	hf_bpf_move(c, R3, from);
	hf_bpf_number(c, BPF_ADD, R3, (int32_t)offset);
	hf_bpf_call(c, BPF_FUNC_probe_read_kernel);
}

/* @to = the @size bytes at @from + @offset; 0 where they cannot be read. */
static void fetch(hf_bpf_code *c, uint8_t to, uint8_t size, uint8_t from, uint32_t offset)
{
	int32_t bytes = size == BPF_B ? 1 : size == BPF_H ? 2 : size == BPF_W ? 4 : 8;

	peek(c, from, offset, WORD, bytes); /* it clears what it cannot fill */
	hf_bpf_load(c, size, to, FRAME, (uint32_t)WORD);
}

/* R5 = the pool + @base + COUNT * @each, with COUNT below @limit, a power of two. */
static void find_slot(hf_bpf_code *c, uint32_t base, uint32_t each, uint32_t limit)
{
	hf_bpf_move(c, R5, COUNT);
	hf_bpf_number(c, BPF_AND, R5, (int32_t)limit - 1);
	hf_bpf_number(c, BPF_MUL, R5, (int32_t)each);
	hf_bpf_add(c, R5, POOL);
	hf_bpf_number(c, BPF_ADD, R5, (int32_t)base);
}

static void bump(hf_bpf_code *c, size_t member)
{
	hf_bpf_load(c, BPF_W, R1, POOL, (uint32_t)member);
	hf_bpf_number(c, BPF_ADD, R1, 1);
	hf_bpf_store(c, BPF_W, POOL, (int16_t)member, R1);
}

/* TASK, and FILTER: where the last round on this task left off, else 0. */
static void begin(hf_bpf_code *c, int pool_fd, hf_bpf_label *end)
{
	hf_bpf_store(c, BPF_DW, FRAME, CONTEXT, R1);
	hf_bpf_load(c, BPF_DW, TASK, R1, sizeof(uint64_t)); /* second of struct bpf_iter__task */
	hf_bpf_jump(c, BPF_JEQ, TASK, 0, end);
	hf_bpf_map(c, POOL, BPF_PSEUDO_MAP_VALUE, pool_fd, 0);
	hf_bpf_load(c, BPF_DW, FILTER, POOL, offsetof(pool_head, cursor));
	hf_bpf_number(c, BPF_MOV, R1, 0);
	hf_bpf_store(c, BPF_DW, POOL, offsetof(pool_head, cursor), R1);
}

/* Notes the task, when it has a filter. */
static void write_task(hf_bpf_code *c, const places *at, const pool_room *room, hf_bpf_label *end,
		       hf_bpf_label *full)
{
	fetch(c, FILTER, BPF_DW, TASK, at->filter);
	hf_bpf_jump(c, BPF_JEQ, FILTER, 0, end);
	hf_bpf_load(c, BPF_W, COUNT, POOL, offsetof(pool_head, tasks));
	hf_bpf_jump(c, BPF_JGE, COUNT, (int32_t)room->tasks, full);
	hf_bpf_number(c, BPF_MOV, R1, 0);
	hf_bpf_store(c, BPF_DW, FRAME, ENTRY, R1);
	peek(c, TASK, at->tgid, ENTRY, sizeof(uint32_t));
	peek(c, TASK, at->pid, ENTRY + 4, sizeof(uint32_t));
	find_slot(c, tasks_at(), sizeof(hf_filtered), room->tasks);
	hf_bpf_load(c, BPF_DW, R1, FRAME, (uint32_t)ENTRY);
	hf_bpf_store(c, BPF_DW, R5, offsetof(hf_filtered, pid), R1);
	hf_bpf_store(c, BPF_DW, R5, offsetof(hf_filtered, key), FILTER);
	bump(c, offsetof(pool_head, tasks));
}

/* Ends when FILTER was seen: then those below it were, too. */
static void stop_when_seen(hf_bpf_code *c, int seen_fd, hf_bpf_label *end)
{
	hf_bpf_store(c, BPF_DW, FRAME, KEY, FILTER);
	hf_bpf_map(c, R1, BPF_PSEUDO_MAP_FD, seen_fd, 0);
	hf_bpf_move(c, R2, FRAME);
	hf_bpf_number(c, BPF_ADD, R2, KEY);
	hf_bpf_call(c, BPF_FUNC_map_lookup_elem);
	hf_bpf_jump(c, BPF_JNE, R0, 0, end);
}

/* Copies the code of FILTER behind what the pool has; leaves its size on the stack, 0 where the
 * kernel keeps none: what lies at address 0 reads as zeroes. */
static void copy_code(hf_bpf_code *c, const places *at, const pool_room *room, hf_bpf_label *full,
		      hf_bpf_label *end)
{
	hf_bpf_load(c, BPF_W, R1, POOL, offsetof(pool_head, filters));
	hf_bpf_jump(c, BPF_JGE, R1, (int32_t)room->filters, full);
	fetch(c, COUNT, BPF_DW, FILTER, at->prog);
	fetch(c, COUNT, BPF_DW, COUNT, at->orig);
	peek(c, COUNT, at->code, CODE, sizeof(uint64_t));
	fetch(c, R2, BPF_H, COUNT, at->length);
	hf_bpf_number(c, BPF_MUL, R2, sizeof(struct sock_filter));
	hf_bpf_jump(c, BPF_JGT, R2, CODE_BYTES_MAX, end);
	hf_bpf_store(c, BPF_DW, FRAME, SIZE, R2);
	hf_bpf_load(c, BPF_W, R1, POOL, offsetof(pool_head, used));
	hf_bpf_jump(c, BPF_JGT, R1, (int32_t)room->code, full);
	hf_bpf_add(c, R1, POOL);
	hf_bpf_number(c, BPF_ADD, R1, (int32_t)code_at(room));
	hf_bpf_load(c, BPF_DW, R3, FRAME, (uint32_t)CODE);
	hf_bpf_call(c, BPF_FUNC_probe_read_kernel);
	hf_bpf_store(c, BPF_DW, FRAME, CODE, R0);
}

/* Appends the entry of FILTER, and notes it as seen. */
static void write_entry(hf_bpf_code *c, const places *at, const pool_room *room, int seen_fd)
{
	static const struct {
		int16_t from;
		uint32_t to;
		uint8_t size;
	} words[] = {
		{KEY, offsetof(filter_entry, key), BPF_DW},
		{PREVIOUS, offsetof(filter_entry, previous), BPF_DW},
		{CODE, offsetof(filter_entry, failed), BPF_W},
		{WORD, offsetof(filter_entry, is_logged), BPF_B},
		{SIZE, offsetof(filter_entry, size), BPF_W},
	};

	hf_bpf_load(c, BPF_W, COUNT, POOL, offsetof(pool_head, filters));
	peek(c, FILTER, at->log, WORD, 1);
	find_slot(c, filters_at(room), sizeof(filter_entry), room->filters);
	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		hf_bpf_load(c, words[i].size, R1, FRAME, (uint32_t)words[i].from);
		hf_bpf_store(c, words[i].size, R5, (int16_t)words[i].to, R1);
	}
	hf_bpf_load(c, BPF_W, R2, POOL, offsetof(pool_head, used));
	hf_bpf_store(c, BPF_W, R5, offsetof(filter_entry, offset), R2);
	hf_bpf_add(c, R2, R1); /* .size came last */
	hf_bpf_store(c, BPF_W, POOL, offsetof(pool_head, used), R2);
	bump(c, offsetof(pool_head, filters));
	hf_bpf_map(c, R1, BPF_PSEUDO_MAP_FD, seen_fd, 0);
	hf_bpf_move(c, R2, FRAME);
	hf_bpf_number(c, BPF_ADD, R2, KEY);
	hf_bpf_move(c, R3, R2);
	hf_bpf_number(c, BPF_MOV, R4, BPF_ANY);
	hf_bpf_call(c, BPF_FUNC_map_update_elem);
}

/* One round more for the filter below, by a tail call: a loop would be verified as often as it can
 * run, which took 5 ms. The kernel allows 33. */
static void go_on(hf_bpf_code *c, int self_fd, hf_bpf_label *end)
{
	hf_bpf_load(c, BPF_DW, R1, FRAME, (uint32_t)PREVIOUS);
	hf_bpf_jump(c, BPF_JEQ, R1, 0, end);
	hf_bpf_store(c, BPF_DW, POOL, offsetof(pool_head, cursor), R1);
	hf_bpf_load(c, BPF_DW, R1, FRAME, (uint32_t)CONTEXT);
	hf_bpf_map(c, R2, BPF_PSEUDO_MAP_FD, self_fd, 0);
	hf_bpf_number(c, BPF_MOV, R3, 0);
	hf_bpf_call(c, BPF_FUNC_tail_call);
	/* too deep: what lies below stays unknown */
	hf_bpf_number(c, BPF_MOV, R1, 0);
	hf_bpf_store(c, BPF_DW, POOL, offsetof(pool_head, cursor), R1);
}

static void write_program(hf_bpf_code *c, const places *at, const pool_room *room,
			  const map_set *maps)
{
	hf_bpf_label end = {0}, full = {0}, known = {0};

	*c = (hf_bpf_code){0};
	begin(c, maps->pool, &end);
	hf_bpf_jump(c, BPF_JNE, FILTER, 0, &known);
	write_task(c, at, room, &end, &full);
	hf_bpf_here(c, &known);
	stop_when_seen(c, maps->seen, &end);
	peek(c, FILTER, at->previous, PREVIOUS, sizeof(uint64_t));
	copy_code(c, at, room, &full, &end);
	/* did the task keep its filter so long? */
	fetch(c, R1, BPF_DW, TASK, at->filter);
	hf_bpf_jump(c, BPF_JEQ, R1, 0, &end);
	write_entry(c, at, room, maps->seen);
	go_on(c, maps->self, &end);
	hf_bpf_jump(c, BPF_JA, 0, 0, &end);
	hf_bpf_here(c, &full);
	hf_bpf_number(c, BPF_MOV, R1, 1);
	hf_bpf_store(c, BPF_W, POOL, offsetof(pool_head, is_full), R1);
	hf_bpf_here(c, &end);
	hf_bpf_number(c, BPF_MOV, R0, 0);
	hf_bpf_put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int load_program(const hf_bpf_code *code, const places *at, hf_error *err)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.insn_cnt = code->count,
		.insns = (uint64_t)(uintptr_t)code->code,
		.license = (uint64_t)(uintptr_t) "GPL",
		.expected_attach_type = BPF_TRACE_ITER,
		.attach_btf_id = at->iterator,
		.prog_name = "holdfast_filter",
	};

	if (code->is_full)
		return hf_error_set(err, -E2BIG, "the BPF program did not fit");

	int fd = (int)bpf(BPF_PROG_LOAD, &attr);

	if (fd >= 0)
		return fd;
	return hf_error_set(err, -errno,
			    errno == EPERM
				    ? "the kernel does not let us load a BPF program (lockdown, a "
				      "security module, or no CAP_BPF and CAP_PERFMON)"
				    : "the kernel refused the BPF program: %s",
			    strerror(errno));
}

/* ---- running it ---- */

/* The iterator walks all tasks while it is read, which gives no bytes: the program writes to its
 * pool. */
static int run_program(int program, hf_error *err)
{
	union bpf_attr attr = {0};
	char none[16];
	ssize_t n;

	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.attach_type = BPF_TRACE_ITER;
	hf_cleanup(hf_closep) int link = (int)bpf(BPF_LINK_CREATE, &attr);

	if (link < 0)
		return hf_error_set(err, -errno, "the BPF iterator cannot be attached: %s",
				    strerror(errno));
	attr = (union bpf_attr){0};
	attr.iter_create.link_fd = (uint32_t)link;
	hf_cleanup(hf_closep) int fd = (int)bpf(BPF_ITER_CREATE, &attr);

	if (fd < 0)
		return hf_error_set(err, -errno, "the BPF iterator cannot be started: %s",
				    strerror(errno));
	do {
		n = read(fd, none, sizeof none);
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	return n < 0 ? hf_error_set(err, -errno, "the walk over the tasks broke off: %s",
				    strerror(errno))
		     : 0;
}

/* Puts the program where its tail call finds it. */
static int link_to_self(int self_fd, int program, hf_error *err)
{
	uint32_t key = 0, value = (uint32_t)program;
	union bpf_attr attr = {
		.map_fd = (uint32_t)self_fd,
		.key = (uint64_t)(uintptr_t)&key,
		.value = (uint64_t)(uintptr_t)&value,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0
		       ? hf_error_set(err, -errno, "the BPF program cannot call itself: %s",
				      strerror(errno))
		       : 0;
}

static int run_with(const places *at, const pool_room *room, const map_set *maps, hf_error *err)
{
	static hf_bpf_code code;

	write_program(&code, at, room, maps);
	hf_cleanup(hf_closep) int program = load_program(&code, at, err);
	int r = program < 0 ? program : link_to_self(maps->self, program, err);

	return r < 0 ? r : run_program(program, err);
}

/* The mapping stays until the process ends. */
static int fill(const places *at, const pool_room *room, const pool_head **ret_pool, hf_error *err)
{
	map_set maps = {0};
	int r = make_maps(pool_size(room), room->filters, &maps, err);

	if (r < 0)
		return r;
	void *memory = mmap(NULL, pool_size(room), PROT_READ, MAP_SHARED, maps.pool, 0);

	r = memory == MAP_FAILED
		    ? hf_error_set(err, -errno, "BPF memory cannot be mapped: %s", strerror(errno))
		    : run_with(at, room, &maps, err);
	close_maps(&maps);
	*ret_pool = memory;
	return r;
}

static int take_over(hf_arena *arena, const pool_head *pool, const pool_room *room,
		     hf_filters *ret_filters)
{
	const char *base = (const char *)pool;
	const filter_entry *entries = (const void *)(base + filters_at(room));
	hf_filter *filters = hf_arena_calloc(arena, pool->filters + (size_t)1, sizeof *filters);

	if (!filters)
		return -ENOMEM;
	for (uint32_t i = 0; i < pool->filters; i++) {
		bool is_read = entries[i].failed == 0 && entries[i].size > 0;

		filters[i] = (hf_filter){
			.key = entries[i].key,
			.previous = entries[i].previous,
			.code = is_read ? (const void *)(base + code_at(room) + entries[i].offset)
					: NULL,
			.length = entries[i].size / (uint32_t)sizeof(struct sock_filter),
			.is_logged = entries[i].is_logged != 0,
			.why = is_read ? NULL
			       : entries[i].size == 0
				       ? "this kernel keeps filters in no readable form"
				       : "its code could not be copied",
		};
	}
	*ret_filters = (hf_filters){
		.all = filters,
		.count = pool->filters,
		.tasks = (const void *)(base + tasks_at()),
		.task_count = pool->tasks,
	};
	return 0;
}

int hf_filters_by_bpf(hf_arena *arena, hf_filters *ret_filters, hf_error *err)
{
	places at = {0};
	int r = read_places(&at, err);

	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(rooms); i++) {
		const pool_head *pool = NULL;

		r = fill(&at, &rooms[i], &pool, err);
		if (r == 0 && !pool->is_full)
			return take_over(arena, pool, &rooms[i], ret_filters);
	}
	return r < 0 ? r
		     : hf_error_set(err, -EFBIG,
				    "more than %d tasks or %d filters, or more code than %d bytes",
				    HF_FILTERED_MAX, HF_FILTERS_MAX, HF_FILTER_BYTES_MAX);
}
