/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parser of /proc/PID/status: proc_pid_status(5). There are sixty lines in each of thousands of
 * tasks. */
#include "facts/containers.h"

#include <stddef.h>

/* What every kernel since 2.6.25 tells. */
enum {
	HAS_NAME = 1 << 0,
	HAS_PARENT = 1 << 1,
	HAS_UID = 1 << 2,
	HAS_GID = 1 << 3,
	HAS_GROUPS = 1 << 4,
	HAS_INHERITABLE = 1 << 5,
	HAS_PERMITTED = 1 << 6,
	HAS_EFFECTIVE = 1 << 7,
	HAS_BOUNDING = 1 << 8,
	HAS_THREADS = 1 << 9,
	HAS_ALL = (1 << 10) - 1,
};

typedef struct status {
	hf_arena *arena;
	hf_task *task;
	int32_t threads;
	bool has_ended;
	unsigned seen;
	int error;
} status;

/* The value of a line: [.at, .end). */
typedef struct span {
	const char *at;
	const char *end;
} span;

static void skip_blanks(span *value)
{
	while (value->at < value->end && (*value->at == ' ' || *value->at == '\t'))
		value->at++;
}

static bool next_number(span *value, int base, uint64_t *ret_number)
{
	uint64_t number = 0;
	const char *start;

	skip_blanks(value);
	for (start = value->at; value->at < value->end; value->at++) {
		int c = (unsigned char)*value->at;
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;

		if (digit < 0 || digit >= base)
			break;
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*ret_number = number;
	return value->at > start &&
	       (value->at == value->end || *value->at == ' ' || *value->at == '\t');
}

static void read_set(status *s, span value, void *member)
{
	if (!next_number(&value, 16, member))
		s->error = -EBADMSG;
}

static void read_number(status *s, span value, void *member)
{
	uint64_t number;

	if (!next_number(&value, 10, &number) || number > INT32_MAX)
		s->error = -EBADMSG;
	else
		*(int32_t *)member = (int32_t)number;
}

static void read_flag(status *s, span value, void *member)
{
	uint64_t number = 0;

	if (!next_number(&value, 10, &number))
		s->error = -EBADMSG;
	*(bool *)member = number == 1;
}

static void read_ids(status *s, span value, void *member)
{
	uint32_t *ids = member;

	for (size_t i = 0; i < 4; i++) {
		uint64_t number;

		if (!next_number(&value, 10, &number) || number > UINT32_MAX) {
			s->error = -EBADMSG;
			return;
		}
		ids[i] = (uint32_t)number;
	}
}

static void read_groups(status *s, span value, void *unused)
{
	span rest = value;
	uint64_t number;
	size_t count = 0;

	(void)unused;
	while (next_number(&rest, 10, &number))
		count++;
	skip_blanks(&rest);
	if (rest.at != rest.end)
		s->error = -EBADMSG;
	if (count == 0 || s->error)
		return;
	uint32_t *groups = hf_arena_calloc(s->arena, count, sizeof *groups);

	for (size_t i = 0; groups && i < count && next_number(&value, 10, &number); i++)
		groups[i] = (uint32_t)number;
	if (!groups)
		s->error = -ENOMEM;
	s->task->groups = groups;
	s->task->group_count = count;
}

/* "NSpid: 812 1": from the namespace of the reader to the task's own. */
static void read_ns_pids(status *s, span value, void *unused)
{
	uint64_t number = 0, innermost = 0;
	uint32_t depth = 0;

	(void)unused;
	while (next_number(&value, 10, &number)) {
		innermost = number;
		depth++;
	}
	if (innermost > INT32_MAX)
		s->error = -EBADMSG;
	else
		s->task->ns_pid = (int32_t)innermost;
	s->task->ns_depth = depth;
}

static void read_text(status *s, span value, void *member)
{
	const char *text;

	skip_blanks(&value);
	text = hf_arena_memdup(s->arena, value.at, (size_t)(value.end - value.at));
	if (!text)
		s->error = -ENOMEM;
	*(const char **)member = text;
}

/* "State:\tZ (zombie)" */
static void read_state(status *s, span value, void *unused)
{
	(void)unused;
	skip_blanks(&value);
	s->has_ended = value.at < value.end && (*value.at == 'Z' || *value.at == 'X');
}

static void read_threads(status *s, span value, void *unused)
{
	(void)unused;
	read_number(s, value, &s->threads);
}

/* By name: most lines are of no interest, and the first letter tells. */
static const struct key {
	const char *name;
	void (*read)(status *s, span value, void *member);
	size_t member; /* of hf_task */
	unsigned flag;
} keys[] = {
	{"CapAmb", read_set, offsetof(hf_task, cap_ambient), 0},
	{"CapBnd", read_set, offsetof(hf_task, cap_bounding), HAS_BOUNDING},
	{"CapEff", read_set, offsetof(hf_task, cap_effective), HAS_EFFECTIVE},
	{"CapInh", read_set, offsetof(hf_task, cap_inheritable), HAS_INHERITABLE},
	{"CapPrm", read_set, offsetof(hf_task, cap_permitted), HAS_PERMITTED},
	{"Gid", read_ids, offsetof(hf_task, gid), HAS_GID},
	{"Groups", read_groups, 0, HAS_GROUPS},
	{"NSpid", read_ns_pids, 0, 0},
	{"Name", read_text, offsetof(hf_task, name), HAS_NAME},
	{"NoNewPrivs", read_flag, offsetof(hf_task, no_new_privs), 0},
	{"PPid", read_number, offsetof(hf_task, parent), HAS_PARENT},
	{"Seccomp", read_number, offsetof(hf_task, seccomp_mode), 0},
	{"Seccomp_filters", read_number, offsetof(hf_task, seccomp_filters), 0},
	{"SpeculationIndirectBranch", read_text, offsetof(hf_task, speculation_indirect_branch), 0},
	{"Speculation_Store_Bypass", read_text, offsetof(hf_task, speculation_store_bypass), 0},
	{"State", read_state, 0, 0},
	{"Threads", read_threads, 0, HAS_THREADS},
	{"TracerPid", read_number, offsetof(hf_task, tracer), 0},
	{"Uid", read_ids, offsetof(hf_task, uid), HAS_UID},
};

static void read_line(status *s, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	size_t word = colon ? (size_t)(colon - line) : 0;

	for (size_t i = 0; word > 0 && i < HF_ARRAY_SIZE(keys) && *keys[i].name <= *line; i++) {
		if (*keys[i].name != *line || strlen(keys[i].name) != word ||
		    memcmp(keys[i].name, line, word) != 0)
			continue;
		keys[i].read(s, (span){.at = colon + 1, .end = line + length},
			     (char *)s->task + keys[i].member);
		s->seen |= keys[i].flag;
		return;
	}
}

int hf_status_parse(hf_arena *arena, const char *text, size_t size, hf_task *task,
		    uint32_t *ret_threads)
{
	status s = {.arena = arena, .task = task};
	const char *cursor = text, *line;
	size_t length;

	task->seccomp_mode = -1;
	task->seccomp_filters = -1;
	if (size == 0 || text[size - 1] != '\n')
		return -EBADMSG;
	while (hf_next_line(&cursor, text + size, &line, &length))
		read_line(&s, line, length);
	if (s.error < 0)
		return s.error;
	if (s.seen != HAS_ALL)
		return -EBADMSG;
	if (s.has_ended)
		return -ESRCH;
	*ret_threads = (uint32_t)s.threads;
	return 0;
}
