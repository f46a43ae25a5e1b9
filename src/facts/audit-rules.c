/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: the kernel's audit status, the rules that it holds, and those that are declared. */
#include "facts/audit.h"
#include "facts/parts.h"

#include <stdio.h>

/* ---- status ---- */

int hf_audit_status_parse(const char *text, size_t size, hf_audit_status *ret_status)
{
	enum { ENABLED, FAILURE, PID, RATE_LIMIT, BACKLOG_LIMIT, LOST, BACKLOG, COUNT };
	static const char *const names[COUNT] = {
		[ENABLED] = "enabled",
		[FAILURE] = "failure",
		[PID] = "pid",
		[RATE_LIMIT] = "rate_limit",
		[BACKLOG_LIMIT] = "backlog_limit",
		[LOST] = "lost",
		[BACKLOG] = "backlog",
	};
	uint32_t values[COUNT] = {0};
	unsigned seen = 0;
	const char *cursor = text, *line;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		for (unsigned i = 0; i < COUNT; i++) {
			size_t name = strlen(names[i]);
			char number[24];
			uint64_t value;

			if (length <= name + 1 || length - name - 1 >= sizeof number ||
			    memcmp(line, names[i], name) != 0 || line[name] != ' ')
				continue;
			memcpy(number, line + name + 1, length - name - 1);
			number[length - name - 1] = '\0';
			if (hf_parse_u64(number, &value) < 0 || value > UINT32_MAX)
				return -EBADMSG;
			values[i] = (uint32_t)value;
			seen |= 1U << i;
		}
	}
	if (seen != (1U << COUNT) - 1 || values[PID] > INT32_MAX)
		return -EBADMSG;
	ret_status->is_enabled = values[ENABLED] > 0;
	ret_status->is_locked = values[ENABLED] == 2;
	ret_status->pid = (int32_t)values[PID];
	ret_status->failure = values[FAILURE];
	ret_status->rate_limit = values[RATE_LIMIT];
	ret_status->backlog_limit = values[BACKLOG_LIMIT];
	ret_status->lost = values[LOST];
	ret_status->backlog = values[BACKLOG];
	return 0;
}

/* The kernel that has no auditing has no such protocol: socket(2) says so. */
static hf_fact head_of(hf_facts *facts, const char *name, const hf_answer *answer,
		       const char *source)
{
	hf_fact fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);

	fact.source = source;
	if (answer && answer->error == EPROTONOSUPPORT) {
		fact.state = HF_ABSENT;
		fact.why = "this kernel has no auditing";
	}
	return fact;
}

static const void *compute_status(hf_facts *facts, const char *key)
{
	hf_audit_status *status = hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *status));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);

	status->fact = head_of(facts, key, answer, "audit status of the kernel");
	if (status->fact.state == HF_PRESENT &&
	    hf_audit_status_parse(answer->data, answer->size, status) < 0) {
		status->fact.state = HF_UNREADABLE;
		status->fact.why = "is malformed";
	}
	return status;
}

static const hf_fact_type status_type = {.name = "audit status", .compute = compute_status};

const hf_audit_status *hf_facts_audit_status(hf_facts *facts)
{
	return hf_facts_once(facts, &status_type, "audit/status");
}

/* ---- rules ---- */

static const char *text_of(hf_facts *facts, const char *path)
{
	const hf_file *file = hf_facts_file(facts, path);

	return file->fact.state == HF_PRESENT ? file->data : NULL;
}

static hf_audit_words words_of(hf_facts *facts, bool is_kernel)
{
	const hf_kernel *kernel = hf_facts_kernel(facts);

	return (hf_audit_words){
		.machine = kernel->fact.state == HF_PRESENT ? hf_call_machine_find(kernel->machine)
							    : NULL,
		.passwd = is_kernel ? NULL : text_of(facts, "/etc/passwd"),
		.group = is_kernel ? NULL : text_of(facts, "/etc/group"),
		.is_kernel = is_kernel,
	};
}

typedef struct gathering {
	hf_arena *arena;
	hf_audit_words words;
	hf_list rules;
	const char *unclear;
} gathering;

/* @path: of the file; NULL: the rules are the kernel's. */
static void gather(gathering *g, const char *text, size_t size, const char *path)
{
	const char *cursor = text, *line;
	size_t length;

	for (unsigned number = 1; hf_next_line(&cursor, text + size, &line, &length); number++) {
		hf_audit_rule rule;
		int r = hf_audit_rule_parse(g->arena, &g->words, line, length, &rule);

		if (r == -ENOMEM)
			hf_facts_out_of_memory();
		if (r == 0)
			continue;
		const char *source =
			hf_checked(path ? hf_arena_printf(g->arena, "%s:%u", path, number)
					: hf_arena_printf(g->arena, "kernel rule %u", number));

		if (r < 0) {
			g->unclear = g->unclear ? g->unclear : source;
			continue;
		}
		rule.source = source;
		hf_audit_rule *kept = hf_checked(
			(void *)hf_arena_memdup(g->arena, (const void *)&rule, sizeof rule));

		if (hf_list_add(&g->rules, kept) < 0)
			hf_facts_out_of_memory();
	}
}

static void keep(gathering *g, hf_audit_rules *rules)
{
	hf_audit_rule *all = hf_checked(hf_arena_calloc(g->arena, g->rules.count + 1, sizeof *all));

	for (size_t i = 0; i < g->rules.count; i++)
		all[i] = *(const hf_audit_rule *)g->rules.items[i];
	rules->all = all;
	rules->count = g->rules.count;
	rules->unclear = g->unclear;
	hf_list_free(&g->rules);
}

static const void *compute_rules(hf_facts *facts, const char *key)
{
	gathering g = {.arena = hf_facts_arena(facts), .words = words_of(facts, true)};
	hf_audit_rules *rules = hf_checked(hf_arena_alloc(g.arena, sizeof *rules));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);

	rules->fact = head_of(facts, key, answer, "audit rules of the kernel");
	if (rules->fact.state != HF_PRESENT)
		return rules;
	gather(&g, answer->data, answer->size, NULL);
	/* what it does to the others is not known either */
	if (g.unclear) {
		rules->fact.state = HF_UNREADABLE;
		rules->fact.why =
			hf_checked(hf_arena_printf(g.arena, "%s is not understood", g.unclear));
	}
	keep(&g, rules);
	return rules;
}

static const hf_fact_type rules_type = {.name = "audit rules", .compute = compute_rules};

const hf_audit_rules *hf_facts_audit_rules(hf_facts *facts)
{
	return hf_facts_once(facts, &rules_type, "audit/rules");
}

/* ---- declared ---- */

#define RULES_FOLDER "/etc/audit/rules.d"
#define RULES_FILE   "/etc/audit/audit.rules"

/* `ls -v`, with which augenrules(8) sorts. */
static int compare_versions(const void *a, const void *b)
{
	const hf_file *const *x = a, *const *y = b;

	return strverscmp((*x)->fact.source, (*y)->fact.source);
}

/* False: it could not be read, and the fact says so. */
static bool read_file(gathering *g, hf_audit_rules *rules, const hf_file *file)
{
	hf_fact fact = hf_file_whole(file);

	if (fact.state == HF_PRESENT)
		gather(g, file->data, file->size, fact.source);
	else
		rules->fact = (hf_fact){HF_UNREADABLE, fact.source, fact.why};
	return fact.state == HF_PRESENT;
}

static const void *compute_declared(hf_facts *facts, const char *key)
{
	gathering g = {.arena = hf_facts_arena(facts), .words = words_of(facts, false)};
	hf_audit_rules *rules = hf_checked(hf_arena_alloc(g.arena, sizeof *rules));
	const hf_dir *folder = hf_facts_dir(facts, RULES_FOLDER);
	const hf_file *const *found;
	size_t count = hf_facts_files_matching(facts, key, &found);

	rules->fact = (hf_fact){.state = HF_PRESENT, .source = RULES_FOLDER};
	if (folder->fact.state == HF_UNREADABLE) {
		rules->fact = folder->fact;
		return rules;
	}
	if (count == 0) { /* augenrules(8) leaves the old file as it is */
		const hf_file *file = hf_facts_file(facts, RULES_FILE);

		rules->fact = file->fact;
		if (file->fact.state == HF_PRESENT && !read_file(&g, rules, file))
			return rules;
		keep(&g, rules);
		return rules;
	}
	const hf_file **files = hf_checked(
		(void *)hf_arena_memdup(g.arena, (const void *)found, count * sizeof *files));

	qsort(files, count, sizeof *files, compare_versions);
	for (size_t i = 0; i < count; i++) {
		if (!read_file(&g, rules, files[i]))
			break;
	}
	keep(&g, rules);
	return rules;
}

static const hf_fact_type declared_type = {.name = "declared audit rules",
					   .compute = compute_declared};

const hf_audit_rules *hf_facts_audit_declared(hf_facts *facts)
{
	return hf_facts_once(facts, &declared_type, RULES_FOLDER "/*.rules");
}

/* ---- which is which ---- */

static bool is_key(const hf_audit_field *field)
{
	return strcmp(field->name, "key") == 0;
}

/* A declared -w becomes path= or dir= as the path is a file or a folder at that time. */
static bool is_same_field(const hf_audit_field *a, const hf_audit_field *b, bool is_watch)
{
	bool is_path_a = strcmp(a->name, "path") == 0 || strcmp(a->name, "dir") == 0;
	bool is_path_b = strcmp(b->name, "path") == 0 || strcmp(b->name, "dir") == 0;
	bool is_name = strcmp(a->name, b->name) == 0 || (is_watch && is_path_a && is_path_b);

	/* the kernel gives a comparison of two fields as a number, files as two names */
	return is_name && strcmp(a->op, b->op) == 0 &&
	       (strcmp(a->value, b->value) == 0 || strcmp(a->name, "field_compare") == 0);
}

static bool has_fields_of(const hf_audit_rule *a, const hf_audit_rule *b)
{
	bool is_watch = a->is_watch || b->is_watch;

	for (size_t i = 0; i < a->field_count; i++) {
		bool is_there = is_key(&a->fields[i]);

		for (size_t k = 0; k < b->field_count && !is_there; k++)
			is_there = is_same_field(&a->fields[i], &b->fields[k], is_watch);
		if (!is_there)
			return false;
	}
	return true;
}

static bool is_same_rule(const hf_audit_rule *a, const hf_audit_rule *b)
{
	return a->list == b->list && a->is_never == b->is_never && a->is_for_all == b->is_for_all &&
	       (a->is_for_all || memcmp(a->calls, b->calls, sizeof a->calls) == 0) &&
	       has_fields_of(a, b) && has_fields_of(b, a);
}

const hf_audit_rule *hf_audit_rule_find(const hf_audit_rules *rules, const hf_audit_rule *rule)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (is_same_rule(&rules->all[i], rule))
			return &rules->all[i];
	}
	return NULL;
}

/* ---- the public getters ---- */

const hf_audit_status *hf_audit_status_get(hf_check_run *run)
{
	return hf_facts_audit_status(hf_facts_of(run));
}

const hf_audit_rules *hf_audit_rules_get(hf_check_run *run)
{
	return hf_facts_audit_rules(hf_facts_of(run));
}

const hf_audit_rules *hf_audit_rules_declared(hf_check_run *run)
{
	return hf_facts_audit_declared(hf_facts_of(run));
}
