/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process of a container holds open, and its environment without values. */
#include "facts/containers.h"
#include "facts/mount-table.h"

#include "collect/redact.h"

#include <inttypes.h>
#include <stdio.h>

static void *array_of(hf_arena *arena, const char *text, size_t size, size_t item)
{
	const char *cursor = text, *line;
	size_t length, count = 0;

	while (hf_next_line(&cursor, text + size, &line, &length))
		count++;
	return hf_arena_calloc(arena, count + 1, item);
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "\ooo" as the byte that it stands for; a target holds no NUL. In place. */
static void unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in == '\\' && is_octal(in[1]) && is_octal(in[2]) && is_octal(in[3])) {
			*out = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			out += *out != '\0';
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/* "3 31 0:52 1407 100644 0:0 /etc/hosts" */
static int parse_open(hf_arena *arena, const char *line, size_t length, hf_open *open)
{
	char *copy = hf_arena_memdup(arena, line, length);
	int end = 0;

	if (!copy)
		return -ENOMEM;
	char *rest = strchr(copy, ' ');

	if (!rest || rest == copy || strlen(copy) != length)
		return -EBADMSG;
	*rest++ = '\0';
	if (sscanf(rest,
		   "%" SCNu64 " %" SCNu32 ":%" SCNu32 " %" SCNu64 " %" SCNo32 " %" SCNu32
		   ":%" SCNu32 "%n",
		   &open->mount_id, &open->dev_major, &open->dev_minor, &open->inode, &open->mode,
		   &open->rdev_major, &open->rdev_minor, &end) != 7 ||
	    end == 0 || (rest[end] != ' ' && rest[end] != '\0'))
		return -EBADMSG;
	char *target = rest + end + (rest[end] == ' ');

	unescape(target);
	open->name = copy;
	open->target = target;
	return 0;
}

int hf_opens_parse(hf_arena *arena, const char *text, size_t size, const hf_open **ret_all,
		   size_t *ret_count, const char **ret_failed)
{
	hf_open *all = array_of(arena, text, size, sizeof *all);
	const char *cursor = text, *line, *failed = NULL;
	size_t length, count = 0;

	if (!all)
		return -ENOMEM;
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		const char *blank = memchr(line, ' ', length);

		if (blank && blank + 1 < line + length && blank[1] == '!') {
			failed = failed ? failed : hf_arena_memdup(arena, line, length);
			continue;
		}
		int r = parse_open(arena, line, length, &all[count]);

		if (r < 0)
			return r;
		count++;
	}
	*ret_all = all;
	*ret_count = count;
	*ret_failed = failed;
	return 0;
}

/* "PGPASSWORD 12 -" */
int hf_variables_parse(hf_arena *arena, const char *text, size_t size, const hf_variable **ret_all,
		       size_t *ret_count)
{
	hf_variable *all = array_of(arena, text, size, sizeof *all);
	const char *cursor = text, *line;
	size_t length, count = 0;

	if (!all)
		return -ENOMEM;
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		char *rest = hf_arena_memdup(arena, line, length);
		uint64_t value_length;

		if (!rest)
			return -ENOMEM;
		const char *name = strsep(&rest, " "), *number = strsep(&rest, " ");

		if (!rest || !*name || !*rest || hf_parse_u64(number, &value_length) < 0 ||
		    value_length > UINT32_MAX)
			return -EBADMSG;
		all[count++] = (hf_variable){
			.name = name,
			.value_length = (uint32_t)value_length,
			.shape = strcmp(rest, "-") == 0 ? "" : rest,
			.is_secret_name = hf_is_secret_name(name, strlen(name)),
		};
	}
	*ret_all = all;
	*ret_count = count;
	return 0;
}

bool hf_variable_is_secret(const hf_variable *variable)
{
	if (variable->value_length == 0)
		return false;
	return *variable->shape || hf_is_secret_variable(variable->name, strlen(variable->name));
}

/* ---- facts ---- */

static bool ask(hf_facts *facts, const char *pid, const char *name, hf_fact *fact,
		const hf_answer **ret_answer)
{
	char path[64];

	(void)hf_print(path, sizeof path, "/proc/%s/%s", pid, name);
	*ret_answer = hf_facts_ask(facts, HF_ASK_CALL, path);
	*fact = hf_facts_head(facts, HF_ASK_CALL, path, *ret_answer);
	return fact->state == HF_PRESENT;
}

static void malformed(hf_fact *fact, int r)
{
	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	fact->state = HF_UNREADABLE;
	fact->why = "is malformed";
}

/* Where the kernel tells no mount of an open file (before 5.8), nothing is known of any. */
static void find_mounts(hf_facts *facts, const char *pid, hf_opens *opens)
{
	const hf_mounts_by_id *mounts = hf_facts_mounts_by_id(facts, atoi(pid));

	bool is_told = false;

	opens->mounts_fact = mounts->fact;
	for (size_t i = 0; i < opens->count; i++) {
		/* only hf_opens_parse() makes them */
		hf_open *open = (hf_open *)(uintptr_t)&opens->all[i];

		open->mount = hf_mount_by_id(mounts, open->mount_id);
		/* 0 is also the number of the mount that files of memory are on */
		is_told |= open->mount_id != 0;
	}
	if (!is_told && mounts->fact.state == HF_PRESENT)
		opens->mounts_fact = (hf_fact){
			.state = HF_UNREADABLE,
			.source = "mounts of open files",
			.why = "this kernel does not tell them",
		};
}

static const void *compute_opens(hf_facts *facts, const char *pid)
{
	hf_opens *opens = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *opens));
	const hf_answer *answer;
	const char *failed = NULL;

	if (!ask(facts, pid, "open", &opens->fact, &answer))
		return opens;
	int r = hf_opens_parse(hf_facts_arena(facts), answer->data, answer->size, &opens->all,
			       &opens->count, &failed);

	if (r == 0)
		find_mounts(facts, pid, opens);
	if (r < 0) {
		malformed(&opens->fact, r);
	} else if (failed) {
		opens->fact.state = HF_UNREADABLE;
		opens->fact.why = failed;
	} else if (opens->count == 0) {
		/* even who has closed everything has a root */
		opens->fact.state = HF_UNREADABLE;
		opens->fact.why = "is empty";
	}
	return opens;
}

static const void *compute_variables(hf_facts *facts, const char *pid)
{
	hf_variables *variables =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *variables));
	const hf_answer *answer;

	if (!ask(facts, pid, "environ", &variables->fact, &answer))
		return variables;
	int r = hf_variables_parse(hf_facts_arena(facts), answer->data, answer->size,
				   &variables->all, &variables->count);

	if (r < 0)
		malformed(&variables->fact, r);
	return variables;
}

static const hf_fact_type opens_type = {.name = "opens", .compute = compute_opens};
static const hf_fact_type variables_type = {.name = "variables", .compute = compute_variables};

static const void *once(hf_check_run *run, const hf_fact_type *type, int32_t pid)
{
	char key[16];

	(void)hf_print(key, sizeof key, "%d", pid);
	return hf_facts_once(hf_facts_of(run), type, key);
}

const hf_opens *hf_process_opens(hf_check_run *run, int32_t pid)
{
	return once(run, &opens_type, pid);
}

const hf_variables *hf_process_variables(hf_check_run *run, int32_t pid)
{
	return once(run, &variables_type, pid);
}
