/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's audit rules do for one path: each system call that could change it is put
 * before the rules in their order, as audit_filter_syscall() and audit_filter_inodes() do
 * (kernel/auditsc.c). A watch has the same rank there as any other rule, by the order in which they
 * were loaded (krule->prio). */
#include <holdfast/files.h>

#include "facts/audit.h"
#include "facts/mount-table.h"
#include "facts/parts.h"
#include "facts/place.h"

#include <fnmatch.h>
#include <linux/audit.h>
#include <stdio.h>

/* The calls of a class that a path is named in: what perm= stands for in a rule of single calls.
 * Sources: the kernel's include/asm-generic/audit_dir_write.h, audit_change_attr.h, audit_write.h,
 * audit_match_perm(). */
static const struct {
	const char *name;
	uint32_t class;
	uint32_t since; /* kernel, major << 8 | minor; 0: it was always there */
} calls[] = {
	{"execve", HF_AUDIT_EXECUTE, 0},
	{"execveat", HF_AUDIT_EXECUTE, 0x313},
	{"open", HF_AUDIT_WRITE, 0},
	{"openat", HF_AUDIT_WRITE, 0},
	{"openat2", HF_AUDIT_WRITE, 0x506},
	{"creat", HF_AUDIT_WRITE, 0},
	{"truncate", HF_AUDIT_WRITE, 0},
	{"truncate64", HF_AUDIT_WRITE, 0},
	{"rename", HF_AUDIT_WRITE, 0},
	{"renameat", HF_AUDIT_WRITE, 0},
	{"renameat2", HF_AUDIT_WRITE, 0x30f},
	{"unlink", HF_AUDIT_WRITE, 0},
	{"unlinkat", HF_AUDIT_WRITE, 0},
	{"link", HF_AUDIT_WRITE, 0},
	{"linkat", HF_AUDIT_WRITE, 0},
	{"symlink", HF_AUDIT_WRITE, 0},
	{"symlinkat", HF_AUDIT_WRITE, 0},
	{"mkdir", HF_AUDIT_WRITE, 0},
	{"mkdirat", HF_AUDIT_WRITE, 0},
	{"rmdir", HF_AUDIT_WRITE, 0},
	{"mknod", HF_AUDIT_WRITE, 0},
	{"mknodat", HF_AUDIT_WRITE, 0},
	{"chmod", HF_AUDIT_ATTRIBUTE, 0},
	{"fchmod", HF_AUDIT_ATTRIBUTE, 0},
	{"fchmodat", HF_AUDIT_ATTRIBUTE, 0},
	{"fchmodat2", HF_AUDIT_ATTRIBUTE, 0x606},
	{"chown", HF_AUDIT_ATTRIBUTE, 0},
	{"chown32", HF_AUDIT_ATTRIBUTE, 0},
	{"lchown", HF_AUDIT_ATTRIBUTE, 0},
	{"lchown32", HF_AUDIT_ATTRIBUTE, 0},
	{"fchown", HF_AUDIT_ATTRIBUTE, 0},
	{"fchown32", HF_AUDIT_ATTRIBUTE, 0},
	{"fchownat", HF_AUDIT_ATTRIBUTE, 0},
	{"setxattr", HF_AUDIT_ATTRIBUTE, 0},
	{"lsetxattr", HF_AUDIT_ATTRIBUTE, 0},
	{"fsetxattr", HF_AUDIT_ATTRIBUTE, 0},
	{"setxattrat", HF_AUDIT_ATTRIBUTE, 0x60d},
	{"removexattr", HF_AUDIT_ATTRIBUTE, 0},
	{"lremovexattr", HF_AUDIT_ATTRIBUTE, 0},
	{"fremovexattr", HF_AUDIT_ATTRIBUTE, 0},
	{"removexattrat", HF_AUDIT_ATTRIBUTE, 0x60d},
	{"connect", HF_AUDIT_CONNECT, 0},
	/* connect(2) of old 32-bit programs: socketcall(SYS_CONNECT) */
	{"socketcall", HF_AUDIT_CONNECT, 0},
};

#define SYS_CONNECT_TEXT "3"

/* What a rule makes of a call. */
typedef enum match {
	MATCH_NO = 0,
	MATCH_SOME,   /* only where its other fields agree, or of a part of the tree */
	MATCH_UNSURE, /* it could not be told, and may be all */
	MATCH_YES,
} match;

typedef struct event {
	size_t call; /* in calls[] */
	hf_call_abi abi;
	uint32_t number;
} event;

typedef enum outcome {
	OUTCOME_COVERED = 0,
	OUTCOME_UNSURE,
	OUTCOME_HOLE,	/* a rule "never" takes some away */
	OUTCOME_NONE,	/* no rule records all */
	OUTCOME_SHADOW, /* a rule "never" takes all away */
} outcome;

typedef struct deciding {
	hf_facts *facts;
	hf_arena *arena;
	const hf_audit_target *target;
	const hf_place *place;
	const hf_audit_rules *rules;
	const hf_call_machine *machine;
	match *places; /* by rule: what its path makes of the target */
	bool *is_used; /* by rule */
	hf_audit_cover *cover;
	const hf_audit_rule *by; /* that decided the outcome at hand */
} deciding;

/* ---- paths ---- */

/* Whether both are on one mount. A folder's watch ends where another begins, unless that was there
 * when it was loaded. */
static bool is_on_one_mount(const deciding *d, const char *a, const char *b)
{
	const hf_mount_table *table = hf_facts_host_table(d->facts);

	return hf_mount_table_at(table, a) == hf_mount_table_at(table, b);
}

static match match_dir(const deciding *d, const hf_place *place)
{
	ptrdiff_t part = hf_place_find(d->place, place);

	if (part < 0)
		return d->target->is_tree && hf_place_find(place, d->place) >= 0 ? MATCH_SOME
										 : MATCH_NO;
	if (hf_facts_mounts(d->facts)->fact.state != HF_PRESENT)
		return MATCH_UNSURE;
	size_t length = d->place->parts[part].length;
	const char *above =
		length ? hf_checked(hf_arena_memdup(d->arena, d->place->path, length)) : "/";

	return is_on_one_mount(d, above, d->place->path) ? MATCH_YES : MATCH_UNSURE;
}

static match match_path(const deciding *d, const hf_place *place)
{
	if (hf_place_equal(place, d->place))
		/* of a folder the folder's own inode: its entries come and go with it, what is in
		 * them does not */
		return d->target->is_tree ? MATCH_SOME : MATCH_YES;
	return d->target->is_tree && hf_place_find(place, d->place) >= 0 ? MATCH_SOME : MATCH_NO;
}

/* The program that runs is the one that was executed, so of that call alone it tells what was
 * executed. */
static match match_exe(const deciding *d, const hf_audit_field *field, const hf_place *place,
		       uint32_t class)
{
	if (class == HF_AUDIT_EXECUTE && !d->target->is_tree) {
		bool is_same = hf_place_equal(place, d->place);

		return is_same == (strcmp(field->op, "=") == 0) ? MATCH_YES : MATCH_NO;
	}
	return MATCH_SOME;
}

/* Of a rule of which it is not known where it leads: whether it can be the target at all. The last
 * part of its path is not followed, so the target, or for dir= a folder above it, has that name. */
static match match_name(const deciding *d, const hf_audit_field *field)
{
	const char *name = strrchr(field->value, '/') + 1;
	size_t length = strlen(name);
	bool is_dir = strcmp(field->name, "dir") == 0;

	for (const char *at = d->place->path; (at = strchr(at, '/')); at++) {
		size_t part = strcspn(at + 1, "/");

		if (part == length && memcmp(at + 1, name, length) == 0 &&
		    (is_dir || at[1 + part] == '\0'))
			return MATCH_UNSURE;
	}
	return d->target->is_tree ? MATCH_SOME : MATCH_NO;
}

static match match_place(const deciding *d, const hf_audit_rule *rule)
{
	const hf_audit_field *field = hf_audit_place_of(rule);

	if (!field || strcmp(field->name, "exe") == 0)
		return MATCH_YES;
	const hf_place *place = hf_facts_place(d->facts, field->value, false);

	if (place->fact.state == HF_UNREADABLE)
		return match_name(d, field);
	return strcmp(field->name, "dir") == 0 ? match_dir(d, place) : match_path(d, place);
}

/* What is below the target at @place, as a rule "never" names it: whether it may. */
static bool is_exception(const deciding *d, const hf_audit_rule *rule)
{
	const hf_audit_field *field = hf_audit_place_of(rule);
	const char *rest;

	if (!field || strcmp(field->name, "exe") == 0 || !d->target->exceptions)
		return false;
	const hf_place *place = hf_facts_place(d->facts, field->value, false);

	if (!place->path || !hf_path_is_in(place->path, d->place->path, &rest) || *rest != '/')
		return false;
	for (const char *const *pattern = d->target->exceptions; *pattern; pattern++) {
		/* what is below one is one, too */
		if (fnmatch(*pattern, rest + 1, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
			return true;
	}
	return false;
}

/* ---- one rule, one call ---- */

static char letter_of(uint32_t class)
{
	switch (class) {
	case HF_AUDIT_EXECUTE:
		return 'x';
	case HF_AUDIT_WRITE:
		return 'w';
	case HF_AUDIT_ATTRIBUTE:
		return 'a';
	default:
		return '-'; /* connect(2) is in none */
	}
}

static match match_field(const deciding *d, const hf_audit_field *field, const event *e)
{
	bool is_equal = strcmp(field->op, "=") == 0;
	uint32_t class = calls[e->call].class;

	if (strcmp(field->name, "key") == 0)
		return MATCH_YES;
	/* looked at by match_place(); the kernel takes no other operator for them */
	if (strcmp(field->name, "path") == 0 || strcmp(field->name, "dir") == 0)
		return is_equal ? MATCH_YES : MATCH_SOME;
	if (strcmp(field->name, "arch") == 0) {
		bool is_its = strtoul(field->value, NULL, 0) == d->machine->abis[e->abi].arch;

		return is_its == is_equal ? MATCH_YES : MATCH_NO;
	}
	if (strcmp(field->name, "perm") == 0)
		return !is_equal				? MATCH_SOME
		       : strchr(field->value, letter_of(class)) ? MATCH_YES
								: MATCH_NO;
	if (strcmp(field->name, "exe") == 0) {
		const hf_place *place = hf_facts_place(d->facts, field->value, false);

		return place->path ? match_exe(d, field, place, class) : MATCH_SOME;
	}
	if (strcmp(field->name, "a0") == 0 && strcmp(calls[e->call].name, "socketcall") == 0 &&
	    is_equal)
		return strcmp(field->value, SYS_CONNECT_TEXT) == 0 ? MATCH_YES : MATCH_NO;
	return MATCH_SOME;
}

static match worse(match a, match b)
{
	return a < b ? a : b;
}

static match match_rule(const deciding *d, size_t index, const event *e)
{
	const hf_audit_rule *rule = &d->rules->all[index];
	match result = d->places[index];

	if (!hf_audit_has_call(rule, e->number))
		return MATCH_NO;
	for (size_t i = 0; i < rule->field_count && result != MATCH_NO; i++)
		result = worse(result, match_field(d, &rule->fields[i], e));
	return result;
}

/* ---- the list "exit" ---- */

static outcome decide_event(deciding *d, const event *e)
{
	const hf_audit_rule *hole = NULL, *unsure = NULL;

	for (size_t i = 0; i < d->rules->count; i++) {
		const hf_audit_rule *rule = &d->rules->all[i];

		if (rule->list != HF_AUDIT_LIST_EXIT || d->places[i] == MATCH_NO)
			continue;
		match found = match_rule(d, i, e);

		if (found == MATCH_NO)
			continue;
		if (rule->is_never && found == MATCH_YES) {
			d->by = rule;
			return OUTCOME_SHADOW;
		}
		if (rule->is_never) {
			hole = hole || is_exception(d, rule) ? hole : rule;
		} else if (found == MATCH_UNSURE) {
			unsure = unsure ? unsure : rule;
		} else if (found == MATCH_YES) {
			d->is_used[i] = true;
			d->by = hole;
			return hole ? OUTCOME_HOLE : OUTCOME_COVERED;
		}
	}
	d->by = unsure;
	return unsure ? OUTCOME_UNSURE : OUTCOME_NONE;
}

/* ---- the other lists ---- */

static bool compare(const char *op, uint32_t left, uint32_t right)
{
	if (strcmp(op, "=") == 0)
		return left == right;
	if (strcmp(op, "!=") == 0)
		return left != right;
	if (strcmp(op, "<") == 0)
		return left < right;
	if (strcmp(op, ">") == 0)
		return left > right;
	if (strcmp(op, "<=") == 0)
		return left <= right;
	return strcmp(op, ">=") == 0 ? left >= right : true;
}

/* Whether it drops a record without which nobody knows what was done, or by whom. */
static bool excludes(const hf_audit_rule *rule)
{
	static const uint32_t needed[] = {AUDIT_SYSCALL, AUDIT_PATH};

	for (size_t i = 0; i < HF_ARRAY_SIZE(needed); i++) {
		bool is_hit = true;

		for (size_t k = 0; k < rule->field_count; k++) {
			const hf_audit_field *field = &rule->fields[k];

			if (strcmp(field->name, "msgtype") == 0)
				is_hit &= compare(field->op, needed[i],
						  (uint32_t)strtoul(field->value, NULL, 0));
		}
		if (is_hit)
			return true;
	}
	return false;
}

/* Names on file systems of such a type are not noted at all, so no path= and dir= matches there. */
static match leaves_out(const deciding *d, const hf_audit_rule *rule)
{
	const hf_file *file = hf_facts_stat(d->facts, d->place->path);
	const char *type = hf_audit_value(rule, "fstype");

	if (!rule->is_never || !type || rule->field_count == 0)
		return MATCH_NO;
	if (file->fact.state != HF_PRESENT || file->fs_magic == 0)
		return MATCH_UNSURE;
	for (size_t i = 0; i < rule->field_count; i++) {
		const hf_audit_field *field = &rule->fields[i];

		if (strcmp(field->name, "fstype") == 0 &&
		    compare(field->op, file->fs_magic, (uint32_t)strtoul(field->value, NULL, 0)))
			return MATCH_YES;
	}
	return MATCH_NO;
}

/* A rule that takes records away before those of the list "exit" are asked. NULL: none.
 * *ret_is_all: of everybody. */
static const hf_audit_rule *find_remover(const deciding *d, match *ret_match)
{
	bool is_task_decided = false;

	for (size_t i = 0; i < d->rules->count; i++) {
		const hf_audit_rule *rule = &d->rules->all[i];
		bool is_for_everybody = rule->field_count == (hf_audit_value(rule, "key") ? 1 : 0);

		*ret_match = MATCH_NO;
		switch (rule->list) {
		case HF_AUDIT_LIST_TASK:
			if (!is_task_decided && rule->is_never)
				*ret_match = is_for_everybody ? MATCH_YES : MATCH_SOME;
			is_task_decided |= is_for_everybody;
			break;
		case HF_AUDIT_LIST_EXCLUDE:
			if (excludes(rule))
				*ret_match =
					rule->field_count > 1 || !hf_audit_value(rule, "msgtype")
						? MATCH_SOME
						: MATCH_YES;
			break;
		case HF_AUDIT_LIST_FILESYSTEM:
			*ret_match = leaves_out(d, rule);
			break;
		case HF_AUDIT_LIST_USER:
		case HF_AUDIT_LIST_EXIT:
		case HF_AUDIT_LIST_IO_URING:
		case HF_AUDIT_LIST_OTHER:
			break;
		}
		if (*ret_match != MATCH_NO)
			return rule;
	}
	return NULL;
}

/* ---- words ---- */

static const char *class_words(uint32_t class)
{
	switch (class) {
	case HF_AUDIT_EXECUTE:
		return "execution";
	case HF_AUDIT_WRITE:
		return "changes of content and names";
	case HF_AUDIT_ATTRIBUTE:
		return "changes of attributes";
	default:
		return "connections";
	}
}

/* The field that keeps @rule from recording everybody, in all cases. */
static const hf_audit_field *narrowing(const hf_audit_rule *rule)
{
	static const char *const harmless[] = {"key", "path", "dir", "perm", "arch"};

	for (size_t i = 0; i < rule->field_count; i++) {
		bool is_harmless = false;

		for (size_t k = 0; k < HF_ARRAY_SIZE(harmless); k++)
			is_harmless |= strcmp(rule->fields[i].name, harmless[k]) == 0;
		if (!is_harmless)
			return &rule->fields[i];
	}
	return NULL;
}

/* The rule that comes closest: it has the path, or a part of it. */
static const hf_audit_rule *find_nearest(const deciding *d, match *ret_match)
{
	const hf_audit_rule *nearest = NULL;

	*ret_match = MATCH_NO;
	for (size_t i = 0; i < d->rules->count; i++) {
		const hf_audit_rule *rule = &d->rules->all[i];

		if (rule->list == HF_AUDIT_LIST_EXIT && !rule->is_never &&
		    hf_audit_place_of(rule) && strcmp(hf_audit_place_of(rule)->name, "exe") != 0 &&
		    d->places[i] > *ret_match) {
			nearest = rule;
			*ret_match = d->places[i];
		}
	}
	return nearest;
}

static const char *why_none(const deciding *d, const event *e, bool is_native_covered)
{
	match found;
	const hf_audit_rule *rule = find_nearest(d, &found);
	const char *what = class_words(calls[e->call].class);
	const hf_audit_field *field = rule ? narrowing(rule) : NULL;
	const hf_audit_field *place = rule ? hf_audit_place_of(rule) : NULL;

	if (is_native_covered)
		return hf_checked(hf_arena_printf(d->arena, "of programs for %s no rule records %s",
						  d->machine->abis[e->abi].name, what));
	if (!rule)
		return hf_checked(hf_arena_printf(d->arena, "no rule records %s", what));
	if (found == MATCH_SOME && strcmp(place->name, "path") == 0 &&
	    hf_place_equal(hf_facts_place(d->facts, place->value, false), d->place))
		return hf_checked(hf_arena_printf(
			d->arena, "%s is for the folder alone, not what is below", rule->text));
	if (found == MATCH_SOME)
		return hf_checked(hf_arena_printf(d->arena, "%s is for a part of it", rule->text));
	if (field)
		return hf_checked(hf_arena_printf(d->arena, "%s records only where %s%s%s",
						  rule->text, field->name, field->op,
						  field->value));
	return hf_checked(hf_arena_printf(d->arena, "%s does not record all %s", rule->text, what));
}

static const char *why_unsure(const deciding *d, const hf_audit_rule *rule)
{
	const hf_audit_field *field = hf_audit_place_of(rule);
	const hf_place *place = field ? hf_facts_place(d->facts, field->value, false) : NULL;

	if (place && place->fact.state == HF_UNREADABLE)
		return hf_checked(hf_arena_printf(d->arena, "where %s leads is not known: %s: %s",
						  rule->text, place->fact.source, place->fact.why));
	return hf_checked(hf_arena_printf(
		d->arena,
		"%s reaches it only if what is mounted there was mounted when the rule was loaded",
		rule->text));
}

static void conclude(deciding *d, outcome worst, const event *e, const hf_audit_rule *by,
		     bool is_native_covered)
{
	hf_audit_cover *cover = d->cover;

	switch (worst) {
	case OUTCOME_COVERED:
		cover->is_covered = true;
		break;
	case OUTCOME_UNSURE:
		cover->fact.state = HF_UNREADABLE;
		cover->fact.why = why_unsure(d, by);
		break;
	case OUTCOME_HOLE:
		cover->why = hf_checked(hf_arena_printf(
			d->arena, "%s comes first: what it matches is not recorded", by->text));
		break;
	case OUTCOME_SHADOW:
		cover->why = hf_checked(
			hf_arena_printf(d->arena, "%s comes first: nothing is recorded", by->text));
		break;
	case OUTCOME_NONE:
		cover->why = why_none(d, e, is_native_covered);
		break;
	}
}

/* ---- all calls ---- */

static bool is_known_to(const hf_kernel *kernel, uint32_t since)
{
	return (kernel->major << 8 | kernel->minor) >= since;
}

/* Asks for each call on @abi; false: the worst is not that it is covered. */
static bool decide_abi(deciding *d, hf_call_abi abi, outcome *worst, event *ret_event,
		       const hf_audit_rule **ret_by)
{
	const hf_kernel *kernel = hf_facts_kernel(d->facts);
	bool is_all = true;

	for (size_t i = 0; i < HF_ARRAY_SIZE(calls); i++) {
		int32_t place =
			calls[i].class & d->target->access && is_known_to(kernel, calls[i].since)
				? hf_call_place(&d->machine->abis[abi], calls[i].name)
				: -1;
		const event e = {.call = i, .abi = abi, .number = (uint32_t)place};

		if (place < 0)
			continue;
		outcome found = decide_event(d, &e);

		is_all &= found == OUTCOME_COVERED;
		if (found > *worst) {
			*worst = found;
			*ret_event = e;
			*ret_by = d->by;
		}
	}
	return is_all;
}

static void decide(deciding *d)
{
	const hf_fact *runs = hf_facts_call_abi_runs(d->facts, HF_CALL_ABI_I386);
	outcome worst = OUTCOME_COVERED;
	const hf_audit_rule *by = NULL;
	match removed;
	event e = {0};

	by = find_remover(d, &removed);
	if (by && removed == MATCH_UNSURE) {
		d->cover->fact.state = HF_UNREADABLE;
		d->cover->fact.why = hf_checked(hf_arena_printf(
			d->arena, "%s: on which file system it is, is not known", by->text));
		return;
	}
	if (by) {
		conclude(d, removed == MATCH_YES ? OUTCOME_SHADOW : OUTCOME_HOLE, &e, by, false);
		return;
	}
	bool is_native = decide_abi(d, HF_CALL_ABI_NATIVE, &worst, &e, &by);

	if (runs->state != HF_ABSENT && d->machine->abis[HF_CALL_ABI_I386].name &&
	    !decide_abi(d, HF_CALL_ABI_I386, &worst, &e, &by) && is_native &&
	    runs->state == HF_UNREADABLE) {
		d->cover->fact.state = HF_UNREADABLE;
		d->cover->fact.why = hf_checked(hf_arena_printf(
			d->arena, "whether the kernel runs programs for %s is not known: %s",
			d->machine->abis[HF_CALL_ABI_I386].name, runs->why));
		return;
	}
	conclude(d, worst, &e, by, is_native);
}

static void keep_used(deciding *d)
{
	const hf_audit_rule **used =
		hf_checked(hf_arena_calloc(d->arena, d->rules->count + 1, sizeof *used));

	for (size_t i = 0; i < d->rules->count; i++) {
		if (d->is_used[i])
			used[d->cover->count++] = &d->rules->all[i];
	}
	d->cover->rules = used;
}

/* Where the target is: the ways to engines' files are walked in every scan; where that was not one
 * of them, by its links. */
static bool find_target(deciding *d, hf_check_run *run)
{
	const hf_file_way *way;
	hf_audit_cover *cover = d->cover;

	if (d->target->is_canonical) {
		d->place = hf_facts_place_at(d->facts, d->target->path);
		cover->path = d->place->path;
		return true;
	}
	way = hf_way_get(run, d->target->path);
	if (way->fact.state == HF_PRESENT) {
		d->place = hf_facts_place_at(d->facts, way->end->path);
	} else if (way->fact.state == HF_ABSENT) {
		cover->fact = way->fact;
		return false;
	} else {
		d->place = hf_facts_place(d->facts, d->target->path, true);
	}
	cover->path = d->place->path;
	if (d->place->fact.state == HF_UNREADABLE)
		cover->fact = d->place->fact;
	else if (d->place->fact.state == HF_ABSENT)
		cover->fact = hf_facts_stat(d->facts, d->target->path)->fact;
	/* a part was missing, and then the file was there */
	if (d->place->fact.state == HF_ABSENT && cover->fact.state == HF_PRESENT)
		cover->fact =
			(hf_fact){HF_UNREADABLE, d->target->path, "its links changed meanwhile"};
	return d->place->fact.state == HF_PRESENT;
}

static bool prepare(deciding *d, hf_check_run *run)
{
	const hf_kernel *kernel = hf_facts_kernel(d->facts);
	hf_audit_cover *cover = d->cover;

	if (!find_target(d, run))
		return false;
	d->rules = hf_facts_audit_rules(d->facts);
	if (d->rules->fact.state != HF_PRESENT) {
		cover->fact = d->rules->fact;
		cover->fact.state = HF_UNREADABLE;
		return false;
	}
	d->machine =
		kernel->fact.state == HF_PRESENT ? hf_call_machine_find(kernel->machine) : NULL;
	if (!d->machine) {
		cover->fact = (hf_fact){HF_UNREADABLE, kernel->fact.source,
					"the system calls of this machine are not known"};
		return false;
	}
	cover->fact = (hf_fact){.state = HF_PRESENT, .source = d->rules->fact.source};
	d->places = hf_checked(hf_arena_calloc(d->arena, d->rules->count + 1, sizeof *d->places));
	d->is_used = hf_checked(hf_arena_calloc(d->arena, d->rules->count + 1, sizeof *d->is_used));
	for (size_t i = 0; i < d->rules->count; i++)
		d->places[i] = match_place(d, &d->rules->all[i]);
	return true;
}

const hf_audit_cover *hf_audit_cover_get(hf_check_run *run, const hf_audit_target *target)
{
	hf_facts *facts = hf_facts_of(run);
	hf_arena *arena = hf_facts_arena(facts);
	hf_audit_cover *cover = hf_checked(hf_arena_alloc(arena, sizeof *cover));
	deciding d = {.facts = facts, .arena = arena, .target = target, .cover = cover};

	if (prepare(&d, run)) {
		decide(&d);
		keep_used(&d);
	}
	return cover;
}

bool hf_audit_rule_concerns(hf_check_run *run, const hf_audit_rule *rule, const char *path)
{
	hf_facts *facts = hf_facts_of(run);
	const hf_audit_field *field = hf_audit_place_of(rule);
	const hf_file_way *way = hf_way_get(run, path);
	const hf_place *place = way->fact.state == HF_PRESENT
					? hf_facts_place_at(facts, way->end->path)
					: hf_facts_place(facts, path, true);

	if (!field || !place->path)
		return false;
	const hf_place *own = hf_facts_place(facts, field->value, false);

	if (!own->path)
		return strcmp(field->value, path) == 0;
	return hf_place_equal(own, place) || hf_place_find(own, place) >= 0 ||
	       (strcmp(field->name, "dir") == 0 && hf_place_find(place, own) >= 0);
}
