/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check in progress: evidence first, then the status; and the run over all checks. */
#include "engine/engine.h"

#include <inttypes.h>
#include <stdio.h>

struct hf_check_run {
	hf_view view; /* first: see facts/store.h */
	const hf_loaded_check *check;
	hf_status status;
	hf_list evidence;
	const char *message;
};

static void *checked(void *p)
{
	if (!p)
		hf_facts_out_of_memory();
	return p;
}

static hf_arena *arena_of(hf_check_run *run)
{
	return hf_facts_arena(run->view.facts);
}

/* ---- verdicts ---- */

static void record(hf_check_run *run, const char *source, const char *found, const char *wanted,
		   hf_status status)
{
	hf_evidence *evidence = checked(hf_arena_alloc(arena_of(run), sizeof *evidence));

	evidence->source = checked(hf_arena_strdup(arena_of(run), source ? source : "(no source)"));
	evidence->found = checked(hf_arena_strdup(arena_of(run), found ? found : "(nothing)"));
	evidence->wanted = wanted ? checked(hf_arena_strdup(arena_of(run), wanted)) : NULL;
	if (hf_list_add(&run->evidence, evidence) < 0)
		hf_facts_out_of_memory();
	/* a verdict that cites nothing is our own mistake, and no pass */
	if (!source || !*source || !found)
		status = HF_ERROR;
	evidence->status = status;
	run->status = hf_status_worse(run->status, status);
}

bool hf_expect(hf_check_run *run, const char *source, const char *found, const char *wanted,
	       bool holds)
{
	record(run, source, found, wanted ? wanted : "(not said)", holds ? HF_PASS : HF_FAIL);
	return holds;
}

bool hf_expect_i64(hf_check_run *run, const char *source, int64_t found, const char *wanted,
		   bool holds)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRId64, found);
	return hf_expect(run, source, text, wanted, holds);
}

void hf_note(hf_check_run *run, const char *source, const char *found)
{
	record(run, source, found, NULL, HF_NOTSELECTED);
}

void hf_unknown(hf_check_run *run, const char *source, const char *why)
{
	record(run, source, why, NULL, HF_UNKNOWN);
}

void hf_not_applicable(hf_check_run *run, const char *source, const char *found, const char *why)
{
	record(run, source, found, NULL, HF_NOTAPPLICABLE);
	if (why && !run->message)
		run->message = checked(hf_arena_strdup(arena_of(run), why));
}

void hf_review(hf_check_run *run, const char *source, const char *found, const char *look_at)
{
	record(run, source, found, look_at, HF_NOTCHECKED);
}

void hf_inform(hf_check_run *run, const char *source, const char *found, const char *why)
{
	record(run, source, found, NULL, HF_INFORMATIONAL);
	if (why && !run->message)
		run->message = checked(hf_arena_strdup(arena_of(run), why));
}

void hf_message(hf_check_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	run->message = checked(hf_arena_vprintf(arena_of(run), format, args));
	va_end(args);
}

const char *hf_text(hf_check_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = checked(hf_arena_vprintf(arena_of(run), format, args));

	va_end(args);
	return text;
}

hf_status hf_status_so_far(const hf_check_run *run)
{
	return run->status;
}

const void *hf_check_param(const hf_check_run *run)
{
	return run->check->row->param;
}

const hf_check *hf_check_row(const hf_check_run *run)
{
	return run->check->row;
}

/* ---- the border between facts and verdicts ---- */

bool hf_need(hf_check_run *run, const hf_fact *fact)
{
	if (fact->state == HF_PRESENT)
		return true;
	hf_unknown(run, fact->source, fact->why ? fact->why : "could not be read");
	return false;
}

bool hf_sysctl_number(hf_check_run *run, const char *key, int64_t *ret_value)
{
	const hf_sysctl *sysctl = hf_sysctl_get(run, key);

	if (sysctl->fact.state == HF_ABSENT) {
		hf_not_applicable(run, sysctl->fact.source, "does not exist",
				  "this kernel has no such setting");
		return false;
	}
	if (!hf_need(run, &sysctl->fact))
		return false;
	if (!sysctl->is_number) {
		hf_unknown(run, sysctl->fact.source,
			   hf_text(run, "\"%s\" is no number", sysctl->text));
		return false;
	}
	*ret_value = sysctl->number;
	return true;
}

/* ---- the run ---- */

static hf_result run_one(const hf_loaded_check *check, const hf_subject *subject, hf_facts *facts,
			 const char *crashed)
{
	hf_check_run run = {
		.view = {.facts = facts, .subject = subject},
		.check = check,
		.status = HF_NOTSELECTED,
	};
	hf_result result = {.check = check, .subject = subject};

	hf_facts_trace_begin(facts);
	if (crashed)
		record(&run, check->plugin->path, crashed, NULL, HF_ERROR);
	else
		check->row->run(&run);
	if (run.status == HF_NOTSELECTED)
		record(&run, check->plugin->path, "the check returned without a verdict", NULL,
		       HF_ERROR);
	result.used_count = hf_facts_trace_end(facts, &result.used);
	result.status = run.status;
	result.message = run.message;
	result.evidence_count = run.evidence.count;
	hf_evidence *evidence = checked(
		hf_arena_calloc(hf_facts_arena(facts), run.evidence.count + 1, sizeof *evidence));

	for (size_t i = 0; i < run.evidence.count; i++)
		evidence[i] = *(const hf_evidence *)run.evidence.items[i];
	result.evidence = evidence;
	hf_list_free(&run.evidence);
	return result;
}

/* No subject of its kind: proven, then the check does not apply; or not known, then neither is its result. */
static hf_result run_none(const hf_loaded_check *check, const hf_subjects *subjects, hf_facts *facts,
			  const hf_used *used, size_t used_count)
{
	hf_evidence *evidence = checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *evidence));
	bool is_proven = subjects->fact.state != HF_UNREADABLE;

	*evidence = (hf_evidence){
		.source = subjects->fact.source,
		.found = subjects->fact.why ? subjects->fact.why : "none",
		.status = is_proven ? HF_NOTAPPLICABLE : HF_UNKNOWN,
	};
	return (hf_result){
		.check = check,
		.status = is_proven ? HF_NOTAPPLICABLE : HF_UNKNOWN,
		.evidence = evidence,
		.evidence_count = 1,
		.message = is_proven ? "this node has nothing that the check could concern"
				     : "what the check concerns could not be listed",
		.used = used,
		.used_count = used_count,
	};
}

typedef struct growing {
	hf_result *all;
	size_t count;
	size_t room;
} growing;

static void add(growing *results, hf_result result)
{
	if (results->count == results->room) {
		results->room = results->room ? results->room * 2 : 1024;
		results->all = checked(
			reallocarray(results->all, results->room, sizeof *results->all));
	}
	results->all[results->count++] = result;
}

static void run_check(const hf_loaded_check *check, hf_facts *facts, const char *crashed,
		      growing *results)
{
	const hf_used *used;

	hf_facts_trace_begin(facts);
	const hf_subjects *subjects =
		hf_facts_subjects(facts, (hf_subject_kind)check->row->subject);
	size_t used_count = hf_facts_trace_end(facts, &used);

	for (size_t i = 0; i < subjects->count; i++)
		add(results, run_one(check, &subjects->all[i], facts, crashed));
	/* a list that may lack somebody must not look like a clean one */
	if (subjects->count == 0 || subjects->fact.state == HF_UNREADABLE)
		add(results, run_none(check, subjects, facts, used, used_count));
}

int hf_engine_run(const hf_registry *registry, const hf_selection *selection, hf_facts *facts,
		  hf_progress *progress, const char *const *crashed, hf_results *ret_results)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);
	growing results = {0};

	if (progress)
		progress->phase = 1;
	for (size_t i = 0; i < count; i++) {
		if (!hf_selection_has(selection, &checks[i]))
			continue;
		if (progress)
			progress->current = (uint32_t)i + 1;
		run_check(&checks[i], facts, crashed ? crashed[i] : NULL, &results);
	}
	if (progress) {
		progress->current = 0;
		progress->phase = 2;
	}
	hf_result *all = checked(
		hf_arena_calloc(hf_facts_arena(facts), results.count + 1, sizeof *all));

	if (results.count > 0)
		memcpy(all, results.all, results.count * sizeof *all);
	free(results.all);
	*ret_results = (hf_results){.all = all, .count = results.count};
	return 0;
}
