/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the kernel's rules beside the paths of a check. */
#include "judge.h"

#include <string.h>

/* ---- lists ---- */

void audit_add(audit_list *list, const char *path, uint32_t access, bool is_tree)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->all[i].path, path) == 0)
			return;
	}
	if (list->count == AUDIT_TARGETS_MAX) {
		audit_lose(list, path, "more paths than are judged");
		return;
	}
	list->all[list->count++] =
		(hf_audit_target){.path = path, .access = access, .is_tree = is_tree};
}

void audit_lose(audit_list *list, const char *source, const char *why)
{
	if (!list->unread.source)
		list->unread = (hf_fact){HF_UNREADABLE, source, why};
}

void audit_none(audit_list *list, const char *source, const char *found)
{
	if (!list->none.source)
		list->none = (hf_fact){HF_ABSENT, source, found};
}

/* ---- processes and programs ---- */

static size_t program_length(const char *base)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(base), tail = sizeof deleted - 1;

	return length > tail && strcmp(base + length - tail, deleted) == 0 ? length - tail : length;
}

const hf_process *audit_next_process(const hf_processes *processes, const char *name, size_t *index)
{
	while (*index < processes->count) {
		const hf_process *process = &processes->all[(*index)++];
		const char *slash = process->exe ? strrchr(process->exe, '/') : NULL;
		size_t length = slash ? program_length(slash + 1) : 0;

		if (!process->is_container && length > 0 && strlen(name) == length &&
		    memcmp(slash + 1, name, length) == 0)
			return process;
	}
	return NULL;
}

void audit_add_program(hf_check_run *run, audit_list *list, const char *exe, uint32_t access)
{
	size_t before = list->count;

	audit_add(list, hf_text(run, "%.*s", (int)program_length(exe), exe), access, false);
	if (list->count > before)
		list->all[before].is_canonical = true;
}

bool audit_is_guest(hf_check_run *run, audit_list *list)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_process *process = daemon && daemon->is_running
					    ? hf_process_by_pid(hf_processes_get(run), daemon->pid)
					    : NULL;

	if (!process || !process->is_container)
		return false;
	audit_lose(list, daemon->fact.source,
		   "the engine runs in a container, where its paths are others");
	return true;
}

void audit_add_installed(hf_check_run *run, audit_list *list, const char *name, uint32_t access)
{
	static const char *const folders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					      "/usr/bin",	 "/sbin",	   "/bin"};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		const char *path = hf_text(run, "%s/%s", folders[i], name);
		const hf_file *file = hf_stat_get(run, path);

		if (file->fact.state == HF_PRESENT)
			audit_add(list, path, access, false);
		else if (file->fact.state == HF_UNREADABLE)
			audit_lose(list, path, file->fact.why);
	}
	audit_none(list, "the usual folders of programs", hf_text(run, "no %s", name));
}

/* ---- judging ---- */

bool audit_is_on(hf_check_run *run, const char *wanted)
{
	const hf_audit_status *status = hf_audit_status_get(run);

	if (status->fact.state == HF_ABSENT)
		return hf_expect(run, status->fact.source, status->fact.why, wanted, false);
	if (!hf_need(run, &status->fact))
		return false;
	if (!status->is_enabled)
		return hf_expect(run, status->fact.source, "enabled 0: nothing is recorded", wanted,
				 false);
	return true;
}

enum { SHOWN = 3 };

static const char *rule_texts(hf_check_run *run, const hf_audit_cover *cover)
{
	enum { RULES = 2 };
	const char *text = cover->rules[0]->text;

	for (size_t i = 1; i < cover->count && i < RULES; i++)
		text = hf_text(run, "%s; %s", text, cover->rules[i]->text);
	return cover->count > RULES ? hf_text(run, "%s; and %zu more", text, cover->count - RULES)
				    : text;
}

/* Paths that the same rules cover, told in one sentence. */
typedef struct covered_group {
	const char *rules;
	const char *names;
	size_t count;
} covered_group;

typedef struct tally {
	const char *wanted;
	size_t present, bare, told;
	covered_group group;
	const hf_audit_cover *unread;
	const char *unread_path;
} tally;

static const char *name_of(hf_check_run *run, const hf_audit_target *target,
			   const hf_audit_cover *cover)
{
	return cover->path && strcmp(cover->path, target->path) != 0
		       ? hf_text(run, "%s (%s)", target->path, cover->path)
		       : target->path;
}

static void tell_group(hf_check_run *run, tally *t)
{
	const covered_group *group = &t->group;

	if (group->count == 0)
		return;
	(void)hf_expect(run, "audit rules of the kernel",
			hf_text(run, "%s%s: %s", group->names,
				group->count > SHOWN
					? hf_text(run, " and %zu more", group->count - SHOWN)
					: "",
				group->rules),
			t->wanted, true);
	t->group = (covered_group){.count = 0};
}

static void add_covered(hf_check_run *run, const char *name, const char *rules, tally *t)
{
	covered_group *group = &t->group;

	if (group->count > 0 && strcmp(group->rules, rules) != 0)
		tell_group(run, t);
	if (group->count == 0)
		*group = (covered_group){.rules = rules, .names = name};
	else if (group->count < SHOWN)
		group->names = hf_text(run, "%s, %s", group->names, name);
	group->count++;
}

static void judge_one(hf_check_run *run, const hf_audit_target *target, const hf_audit_cover *cover,
		      tally *t)
{
	if (cover->fact.state == HF_ABSENT)
		return;
	t->present++;
	if (cover->fact.state == HF_UNREADABLE) {
		t->unread_path = t->unread ? t->unread_path : target->path;
		t->unread = t->unread ? t->unread : cover;
	} else if (cover->is_covered) {
		add_covered(run, name_of(run, target, cover), rule_texts(run, cover), t);
	} else if (t->bare++ < SHOWN) {
		(void)hf_expect(run, cover->fact.source,
				hf_text(run, "%s: %s", name_of(run, target, cover), cover->why),
				t->wanted, false);
	}
}

static bool is_anything_there(const audit_list *list, const hf_audit_cover *const *covers)
{
	for (size_t i = 0; i < list->count; i++) {
		if (covers[i]->fact.state != HF_ABSENT)
			return true;
	}
	return false;
}

static void judge_absence(hf_check_run *run, const audit_list *list)
{
	if (list->unread.source)
		hf_unknown(run, list->unread.source, list->unread.why);
	else if (list->count > 0)
		hf_not_applicable(run, list->all[0].path,
				  list->count > 1 ? hf_text(run, "neither it nor %zu more exist",
							    list->count - 1)
						  : "does not exist",
				  "there is nothing to watch");
	else
		hf_not_applicable(run, list->none.source, list->none.why,
				  "there is nothing to watch");
}

void audit_judge(hf_check_run *run, const audit_list *list, const char *wanted)
{
	const hf_audit_cover *covers[AUDIT_TARGETS_MAX];
	tally t = {.wanted = wanted};

	for (size_t i = 0; i < list->count; i++)
		covers[i] = hf_audit_cover_get(run, &list->all[i]);
	if (!is_anything_there(list, covers)) {
		judge_absence(run, list);
		return;
	}
	if (!audit_is_on(run, wanted))
		return;
	for (size_t i = 0; i < list->count; i++)
		judge_one(run, &list->all[i], covers[i], &t);
	tell_group(run, &t);
	if (t.bare > SHOWN)
		hf_message(run, "%zu of %zu paths are not recorded in full.", t.bare, t.present);
	if (t.unread)
		hf_unknown(run, t.unread_path, t.unread->fact.why);
	if (list->unread.source)
		hf_unknown(run, list->unread.source, list->unread.why);
	if (hf_audit_status_get(run)->pid == 0)
		hf_note(run, "audit status of the kernel",
			"no audit daemon takes the records: they go to the kernel's log");
}

void audit_check(hf_check_run *run)
{
	const audit_item *item = hf_check_param(run);
	audit_list list = {.count = 0};

	item->fill(run, &list, item);
	audit_judge(run, &list, item->wanted);
}
