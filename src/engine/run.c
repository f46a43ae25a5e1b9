/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check in progress: evidence first, then the status; and the run over all checks. */
#include "engine/ccss.h"
#include "engine/engine.h"

#include <inttypes.h>

/* Where verdicts are put together, one after the other. */
typedef struct desk {
	hf_evidence *evidence;
	size_t room;
	const hf_outcome *outcomes; /* of the other checks, for those that judge them */
	size_t outcome_count;
	const hf_result *before; /* the same check's result for the subject before, or NULL */
} desk;

struct hf_check_run {
	hf_view view; /* first: see facts/store.h */
	const hf_loaded_check *check;
	hf_status status;
	desk *desk;
	size_t evidence_count;
	const char *message;
	const hf_outcome *outcomes;
	size_t outcome_count;
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

	(void)hf_print(text, sizeof text, "%" PRId64, found);
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

size_t hf_outcomes_get(const hf_check_run *run, const hf_outcome **ret_outcomes)
{
	*ret_outcomes = run->outcomes;
	return run->outcome_count;
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
	bool judges_others = (check->row->flags & HF_CHECK_ROLLUP) != 0;

	hf_check_run run = {
		.view = {.facts = facts, .subject = subject},
		.check = check,
		.status = HF_NOTSELECTED,
		.desk = at,
		.outcomes = judges_others ? at->outcomes : NULL,
		.outcome_count = judges_others ? at->outcome_count : 0,
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

/* A check that was selected, with what it is about. */
typedef struct plan {
	const hf_loaded_check *check;
	const char *crashed;
	uint32_t number; /* in the registry, from 1 */
	const hf_subjects *subjects;
	const hf_used *used; /* for the list of them */
	size_t used_count;
	hf_result *results; /* room for one of each subject and one more */
	size_t count;
} plan;

static plan plan_check(const hf_loaded_check *check, uint32_t number, const char *crashed, hf_facts *facts)
{
	plan p = {.check = check, .number = number, .crashed = crashed};

	hf_facts_trace_begin(facts);
	p.subjects = hf_facts_subjects(facts, (hf_subject_kind)check->row->subject);
	p.used_count = hf_facts_trace_end(facts, &p.used);
	return p;
}

static bool is_rollup(const hf_loaded_check *check)
{
	return (check->row->flags & HF_CHECK_ROLLUP) != 0;
}

/* All that is to be said of one subject, then of the next: what is known of a container stays in the processor's
 * caches while its two hundred checks look at it. @list: plan *, about subjects of one kind. */
static void run_list(const hf_list *list, const hf_selection *selection, hf_facts *facts,
		     hf_progress *progress, desk *at)
{
	const hf_subjects *subjects = ((const plan *)list->items[0])->subjects;

	for (size_t i = 0; i < subjects->count; i++) {
		const hf_subject *subject = &subjects->all[i];

		if (!hf_selection_has_subject(selection, subject))
			continue;
		for (size_t k = 0; k < list->count; k++) {
			plan *p = list->items[k];

			if (progress)
				progress->current = p->number;
			at->before = p->count > 0 ? &p->results[p->count - 1] : NULL;
			p->results[p->count] = run_one(p->check, subject, facts, p->crashed, at);
			p->count++;
		}
	}
}

static void end_plan(plan *p, hf_facts *facts)
{
	const hf_subjects *subjects = p->subjects;

	if (p->count == 0 && subjects->count > 0 && subjects->fact.state == HF_PRESENT)
		return; /* all of them are left out by the selection: the check is not selected */
	/* a list that may lack somebody must not look like a clean one */
	if (p->count == 0 || subjects->fact.state == HF_UNREADABLE)
		p->results[p->count++] = run_none(p->check, subjects, facts, p->used, p->used_count);
}

/* Those that judge others come last. */
static void run_plans(plan *plans, size_t count, bool with_rollups, const hf_selection *selection, hf_facts *facts,
		      hf_progress *progress, desk *at)
{
	for (unsigned kind = 0; kind < HF_SUBJECT_COUNT; kind++) {
		hf_cleanup(hf_list_free) hf_list list = {0};

		for (size_t i = 0; i < count; i++) {
			if (plans[i].check->row->subject == kind &&
			    is_rollup(plans[i].check) == with_rollups &&
			    hf_list_add(&list, &plans[i]) < 0)
				hf_facts_out_of_memory();
		}
		if (list.count > 0)
			run_list(&list, selection, facts, progress, at);
		for (size_t i = 0; i < list.count; i++)
			end_plan(list.items[i], facts);
	}
}

/* By check, then by subject. Returns how many there are. */
static size_t gather(hf_result *results, plan *plans, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		memmove(results + used, plans[i].results, plans[i].count * sizeof *results);
		used += plans[i].count;
	}
	return used;
}

/* What was found so far, for those that judge others. */
static void tell_outcomes(const hf_registry *registry, hf_facts *facts, const plan *plans, size_t planned,
			  desk *at)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks), next = 0;
	hf_outcome *outcomes =
		checked(hf_arena_calloc(hf_facts_arena(facts), count + 1, sizeof *outcomes));

	for (size_t i = 0; i < count; i++) {
		hf_outcome *outcome = &outcomes[at->outcome_count];
		const plan *p = next < planned && plans[next].check == &checks[i] ? &plans[next++] : NULL;
		hf_ccss ccss;

		if (is_rollup(&checks[i]))
			continue;
		outcome->check = checks[i].row;
		if (hf_ccss_parse(checks[i].row->severity, &ccss, NULL) == 0)
			outcome->score_tenths = ccss.base_tenths;
		for (size_t k = 0; p && k < p->count; k++)
			outcome->status = hf_status_worse(outcome->status, p->results[k].status);
		at->outcome_count++;
	}
	at->outcomes = outcomes;
}

/* Room for the results of each, in the order of the checks. */
static hf_result *make_room(plan *plans, size_t planned)
{
	size_t room = 0;

	for (size_t i = 0; i < planned; i++)
		room += plans[i].subjects->count + 1;
	hf_result *results = checked(calloc(room + 1, sizeof *results)), *next = results;

	for (size_t i = 0; i < planned; i++) {
		plans[i].results = next;
		next += plans[i].subjects->count + 1;
	}
	return results;
}

int hf_engine_run(const hf_registry *registry, const hf_selection *selection, hf_facts *facts,
		  hf_progress *progress, const char *const *crashed, hf_results *ret_results)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks), planned = 0, rollups = 0;
	hf_cleanup(hf_freep) plan *plans = checked(calloc(count + 1, sizeof *plans));
	desk at = {0};

	if (progress)
		progress->phase = 1;
	for (size_t i = 0; i < count; i++) {
		uint32_t number = (uint32_t)i + 1;

		if (!hf_selection_has(selection, &checks[i]))
			continue;
		if (progress)
			progress->current = number;
		rollups += is_rollup(&checks[i]);
		plans[planned++] =
			plan_check(&checks[i], number, crashed ? crashed[i] : NULL, facts);
	}
	hf_result *results = make_room(plans, planned);

	run_plans(plans, planned, false, selection, facts, progress, &at);
	if (rollups > 0) {
		tell_outcomes(registry, facts, plans, planned, &at);
		run_plans(plans, planned, true, selection, facts, progress, &at);
	}
	free(at.evidence);
	if (progress) {
		progress->current = 0;
		progress->phase = 2;
	}
	if (hf_arena_adopt(hf_facts_arena(facts), results) < 0)
		hf_facts_out_of_memory();
	*ret_results = (hf_results){.all = results, .count = gather(results, plans, planned)};
	return 0;
}
