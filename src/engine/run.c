/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check in progress: evidence first, then the status; and the run over all checks. */
#include "engine/engine.h"

#include <inttypes.h>
#include <stdio.h>

/* Where verdicts are put together, one after the other. */
typedef struct desk {
	hf_evidence *evidence;
	size_t room;
	const hf_result *before; /* the same check's result for the subject before, or NULL */
} desk;

struct hf_check_run {
	hf_view view; /* first: see facts/store.h */
	const hf_loaded_check *check;
	hf_status status;
	desk *desk;
	size_t evidence_count;
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

/* A copy of @text, or @before where that says the same: most containers give the same evidence. */
static const char *kept(hf_check_run *run, const char *text, const char *before)
{
	if (!text)
		return NULL;
	return hf_streq(text, before) ? before : checked(hf_arena_strdup(arena_of(run), text));
}

static void record(hf_check_run *run, const char *source, const char *found, const char *wanted,
		   hf_status status)
{
	static const hf_evidence nothing;
	const hf_result *result = run->desk->before;
	const hf_evidence *before = result && run->evidence_count < result->evidence_count
					    ? &result->evidence[run->evidence_count]
					    : &nothing;

	if (run->evidence_count == run->desk->room) {
		run->desk->room = run->desk->room * 2 + 16;
		run->desk->evidence = checked(reallocarray(run->desk->evidence, run->desk->room,
							   sizeof *run->desk->evidence));
	}
	hf_evidence *evidence = &run->desk->evidence[run->evidence_count++];

	evidence->source = kept(run, source ? source : "(no source)", before->source);
	evidence->found = kept(run, found ? found : "(nothing)", before->found);
	evidence->wanted = kept(run, wanted, before->wanted);
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
	/* there may be more than what was read: that can still fail, and no longer pass */
	if (fact->state == HF_PRESENT && !fact->why)
		return true;
	hf_unknown(run, fact->source, fact->why ? fact->why : "could not be read");
	return fact->state == HF_PRESENT;
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

/* What lies on the desk, to be kept; or the evidence before where that is the same. */
static const hf_evidence *keep_evidence(hf_check_run *run)
{
	const hf_result *before = run->desk->before;
	const hf_evidence *new = run->desk->evidence;
	bool is_same = before && before->evidence_count == run->evidence_count;

	for (size_t i = 0; is_same && i < run->evidence_count; i++) {
		const hf_evidence *old = &before->evidence[i];

		is_same = new[i].source == old->source && new[i].found == old->found &&
			  new[i].wanted == old->wanted && new[i].status == old->status;
	}
	if (is_same)
		return before->evidence;
	return checked(hf_arena_memdup(arena_of(run), new, run->evidence_count * sizeof *new));
}

static hf_result run_one(const hf_loaded_check *check, const hf_subject *subject, hf_facts *facts,
			 const char *crashed, desk *at)
{
	hf_check_run run = {
		.view = {.facts = facts, .subject = subject},
		.check = check,
		.status = HF_NOTSELECTED,
		.desk = at,
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
	/* what a verdict could do without is not missed */
	bool is_missed = run.status == HF_UNKNOWN || run.status == HF_ERROR ||
			 hf_facts_traces_all(facts);

	result.used_count = hf_facts_trace_end(facts, is_missed ? &result.used : NULL);
	result.status = run.status;
	result.message = run.message;
	result.evidence_count = run.evidence_count;
	result.evidence = keep_evidence(&run);
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
	desk at;
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

static void run_check(const hf_loaded_check *check, const hf_selection *selection, hf_facts *facts,
		      const char *crashed, growing *results)
{
	const hf_used *used;
	bool is_any = false;

	hf_facts_trace_begin(facts);
	const hf_subjects *subjects =
		hf_facts_subjects(facts, (hf_subject_kind)check->row->subject);
	size_t used_count = hf_facts_trace_end(facts, &used);

	for (size_t i = 0; i < subjects->count; i++) {
		if (!hf_selection_has_subject(selection, &subjects->all[i]))
			continue;
		results->at.before = is_any ? &results->all[results->count - 1] : NULL;
		is_any = true;
		add(results, run_one(check, &subjects->all[i], facts, crashed, &results->at));
	}
	if (!is_any && subjects->count > 0 && subjects->fact.state == HF_PRESENT)
		return; /* all of them are left out by the selection: the check is not selected */
	/* a list that may lack somebody must not look like a clean one */
	if (!is_any || subjects->fact.state == HF_UNREADABLE)
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
		run_check(&checks[i], selection, facts, crashed ? crashed[i] : NULL, &results);
	}
	if (progress) {
		progress->current = 0;
		progress->phase = 2;
	}
	free(results.at.evidence);
	if (hf_arena_adopt(hf_facts_arena(facts), results.all) < 0)
		hf_facts_out_of_memory();
	*ret_results = (hf_results){.all = results.all, .count = results.count};
	return 0;
}
