/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one judge of all kernel options: a row concerns this host or not, holds or not, or cannot be
 * known. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

/* A part of a row that was evaluated: its truth, and the readings it rests on. */
typedef struct option_part {
	option_truth truth;
	const char *words; /* what is wanted, for people */
	size_t first;	   /* of the context's readings */
	size_t count;
} option_part;

/* A row's requirement: (what it wants or an alternative) and what must hold as well. */
enum { PARTS_MAX = 24 };

typedef struct option_requirement {
	option_truth truth;
	option_truth any; /* of the parts up to .first_and */
	option_part parts[PARTS_MAX];
	size_t count;
	size_t first_and;
} option_requirement;

static option_part part_of(option_context *context, const char *words, option_reading reading)
{
	option_part part = {
		.truth = reading.truth,
		.words = words,
		.first = context->reading_count,
	};

	if (context->reading_count < OPTION_READINGS_MAX)
		context->readings[context->reading_count++] = reading;
	part.count = context->reading_count - part.first;
	return part;
}

static option_part evaluate(option_context *context, const option_clause *clause)
{
	option_part part = {.words = clause->words, .first = context->reading_count};

	if (!option_expr_evaluate(clause->text, option_term_decide, context, &part.truth))
		return part_of(context, clause->words,
			       option_unread(clause->text, "the row's condition is malformed"));
	part.count = context->reading_count - part.first;
	return part;
}

/* ---- evidence ---- */

static const char *found_in(const option_context *context, const option_reading *reading)
{
	return reading->found && reading->truth != OPTION_CANNOT_KNOW
		       ? reading->found
		       : hf_text(context->run, "cannot be known: %s", reading->why);
}

/* What decided @part: the last of its readings that has its truth. */
static option_reading deciding(const option_context *context, const option_part *part)
{
	option_reading found = option_unread(context->row->name, "nothing was read");

	for (size_t i = part->first; i < part->first + part->count; i++)
		if (context->readings[i].truth == part->truth || i == part->first)
			found = context->readings[i];
	return found;
}

static void note_part(const option_context *context, const option_part *part)
{
	for (size_t i = part->first; i < part->first + part->count; i++)
		hf_note(context->run, context->readings[i].source,
			found_in(context, &context->readings[i]));
}

static void expect_part(const option_context *context, const option_part *part, const char *wanted)
{
	option_reading reading = deciding(context, part);

	hf_expect(context->run, reading.source, found_in(context, &reading), wanted,
		  part->truth == OPTION_YES);
}

/* What could not be read in @part makes the result unknown, the rest explains. */
static void unknown_part(const option_context *context, const option_part *part)
{
	for (size_t i = part->first; i < part->first + part->count; i++) {
		const option_reading *reading = &context->readings[i];

		if (reading->truth == OPTION_CANNOT_KNOW)
			hf_unknown(context->run, reading->source, reading->why);
		else
			hf_note(context->run, reading->source, reading->found);
	}
}

/* ---- does the row concern this host ---- */

/* Adds one condition that must be true for the row to apply. */
static option_truth settle(const option_context *context, const option_part *part,
			   option_truth is_met, option_truth applies, option_part *ret_doubt)
{
	option_reading reading;

	if (applies == OPTION_NO)
		return OPTION_NO;
	if (is_met == OPTION_NO && !context->is_silent) {
		reading = deciding(context, part);
		hf_not_applicable(context->run, reading.source, found_in(context, &reading),
				  part->words);
	} else if (is_met == OPTION_CANNOT_KNOW) {
		*ret_doubt = *part;
	}
	return option_both(applies, is_met);
}

/* OPTION_NO: the result says so already. OPTION_CANNOT_KNOW: *ret_doubt is what could not be told.
 */
static option_truth judge_applies(option_context *context, option_part *ret_doubt)
{
	const option_row *row = context->row;
	hf_check_run *run = context->run;
	option_truth applies = OPTION_YES;
	option_part part;

	if (strcmp(row->arches, "all") != 0) {
		part = part_of(context, hf_text(run, "an option of %s only", row->arches),
			       option_arch_judge(run, row->arches));
		applies = settle(context, &part, part.truth, applies, ret_doubt);
	}
	if (*row->kernels && applies != OPTION_NO) {
		part = part_of(context, hf_text(run, "an option of kernels %s only", row->kernels),
			       option_version_judge(run, row->kernels));
		applies = settle(context, &part, part.truth, applies, ret_doubt);
	}
	for (size_t i = 0; i < row->clause_count && applies != OPTION_NO; i++) {
		if (row->clauses[i].kind != OPTION_NA)
			continue;
		part = evaluate(context, &row->clauses[i]);
		part.words = hf_text(run, "does not concern this host: %s", part.words);
		applies = settle(context, &part,
				 part.truth == OPTION_CANNOT_KNOW
					 ? OPTION_CANNOT_KNOW
					 : option_truth_of(part.truth == OPTION_NO),
				 applies, ret_doubt);
	}
	return applies;
}

/* ---- does it hold ---- */

bool option_has_judge(const option_row *row)
{
	return strcmp(row->wanted, "helper-ok") == 0 || strcmp(row->wanted, "taint-ok") == 0;
}

option_reading option_judge_text(hf_check_run *run, const option_row *row, const char *source,
				 const char *text)
{
	return strcmp(row->wanted, "helper-ok") == 0 ? option_core_pattern_judge(run, source, text)
						     : option_taint_judge(run, source, text);
}

static option_reading judge_value(hf_check_run *run, const option_row *row)
{
	const hf_sysctl *sysctl;

	if (!option_has_judge(row))
		return option_value_judge(run, row->kind, row->name, row->wanted, true,
					  row->wanted);
	sysctl = hf_sysctl_get(run, row->name);
	if (sysctl->fact.state == HF_UNREADABLE)
		return option_unread(sysctl->fact.source, sysctl->fact.why);
	if (sysctl->fact.state == HF_ABSENT)
		return option_read(sysctl->fact.source, "absent", false);
	return option_judge_text(run, row, sysctl->fact.source, sysctl->text);
}

static void add_clauses(option_context *context, option_clause_kind kind,
			option_requirement *requirement)
{
	for (size_t i = 0; i < context->row->clause_count && requirement->count < PARTS_MAX; i++) {
		/* an alternative is asked only while none has held */
		if (kind == OPTION_OR && requirement->any == OPTION_YES)
			return;
		if (context->row->clauses[i].kind != kind)
			continue;
		option_part part = evaluate(context, &context->row->clauses[i]);

		requirement->parts[requirement->count++] = part;
		if (kind == OPTION_OR)
			requirement->any = option_either(requirement->any, part.truth);
		else
			requirement->truth = option_both(requirement->truth, part.truth);
	}
}

static void judge_requirement(option_context *context, option_requirement *ret)
{
	ret->parts[0] = part_of(context, context->row->wanted_text,
				judge_value(context->run, context->row));
	ret->count = 1;
	ret->any = ret->parts[0].truth;
	add_clauses(context, OPTION_OR, ret);
	ret->first_and = ret->count;
	ret->truth = ret->any;
	add_clauses(context, OPTION_AND, ret);
}

/* "y, or CONFIG_CC_STACKPROTECTOR=y" */
static const char *all_wanted(const option_context *context)
{
	const char *words = context->row->wanted_text;

	for (size_t i = 0; i < context->row->clause_count; i++)
		if (context->row->clauses[i].kind == OPTION_OR)
			words = hf_text(context->run, "%s, or %s", words,
					context->row->clauses[i].words);
	return words;
}

static void tell_pass(const option_context *context, const option_requirement *requirement)
{
	for (size_t i = 0; i < requirement->count; i++) {
		const option_part *part = &requirement->parts[i];

		if (part->truth == OPTION_YES)
			expect_part(context, part, part->words);
		else
			note_part(context, part);
	}
}

static void tell_fail(const option_context *context, const option_requirement *requirement)
{
	if (requirement->any == OPTION_NO)
		expect_part(context, &requirement->parts[0], all_wanted(context));
	else
		note_part(context, &requirement->parts[0]);
	for (size_t i = 1; i < requirement->count; i++) {
		const option_part *part = &requirement->parts[i];

		if (i >= requirement->first_and && part->truth == OPTION_NO)
			expect_part(context, part, part->words);
		else
			note_part(context, part);
	}
}

static void tell_unknown(const option_context *context, const option_requirement *requirement)
{
	for (size_t i = 0; i < requirement->count; i++)
		unknown_part(context, &requirement->parts[i]);
}

/* ---- the declared side ---- */

static bool same_value(const char *a, const char *b)
{
	static const char blanks[] = " \t";

	for (;;) {
		size_t a_length = strcspn(a += strspn(a, blanks), blanks);
		size_t b_length = strcspn(b += strspn(b, blanks), blanks);

		if (a_length != b_length || memcmp(a, b, a_length) != 0)
			return false;
		if (a_length == 0)
			return true;
		a += a_length;
		b += b_length;
	}
}

/* The value of the next boot, beside the running one that was judged. */
static void note_declared(const option_context *context)
{
	const hf_declared *declared;
	const hf_sysctl *running;
	bool is_drift;

	if (context->row->kind != OPTION_SYSCTL)
		return;
	declared = hf_sysctl_declared(context->run, context->row->name);
	running = hf_sysctl_get(context->run, context->row->name);
	if (declared->fact.state != HF_PRESENT || running->fact.state != HF_PRESENT)
		return;
	is_drift = !same_value(declared->value, running->text);
	hf_note(context->run, declared->fact.source,
		hf_text(context->run, is_drift ? "%s: drift, the next boot sets this value" : "%s",
			declared->value));
	if (declared->loser)
		hf_note(context->run, declared->fact.source,
			hf_text(context->run, "overrides %s", declared->loser));
}

/* ---- rows without a verdict ---- */

static void tell_clause(option_context *context, const option_clause *clause)
{
	static const char *const words[] = {
		[OPTION_NO] = "no",
		[OPTION_YES] = "yes",
		[OPTION_CANNOT_KNOW] = "cannot be known",
	};
	option_part part;

	if (clause->kind == OPTION_NA)
		return;
	part = evaluate(context, clause);
	for (size_t i = part.first; i < part.first + part.count; i++)
		hf_note(context->run, context->readings[i].source,
			hf_text(context->run, "%s (%s: %s)",
				found_in(context, &context->readings[i]), clause->words,
				words[part.truth]));
}

static void tell_informational(option_context *context)
{
	const option_row *row = context->row;
	hf_check_run *run = context->run;
	option_value value;
	option_reading reading = option_value_read(run, row->kind, row->name, &value);

	if (reading.truth == OPTION_CANNOT_KNOW) {
		hf_unknown(run, reading.source, reading.why);
		return;
	}
	hf_inform(run, reading.source, reading.found,
		  row->peer ? hf_text(run, "no verdict; advice for a kernel without containers: %s",
				      row->peer)
			    : "no verdict of its own");
	for (size_t i = 0; i < row->clause_count; i++)
		tell_clause(context, &row->clauses[i]);
	note_declared(context);
}

/* ---- rows with one ---- */

hf_status option_judge(hf_check_run *run, const option_row *row)
{
	option_context context = { .run = run, .row = row, .is_silent = true };
	option_requirement requirement = {0};
	option_part doubt = {0};
	option_truth applies = judge_applies(&context, &doubt);

	if (applies == OPTION_NO)
		return HF_NOTAPPLICABLE;
	if (strcmp(row->wanted, "info") == 0)
		return HF_INFORMATIONAL;
	judge_requirement(&context, &requirement);
	switch (requirement.truth) {
	case OPTION_YES:
		return HF_PASS;
	case OPTION_NO:
		return applies == OPTION_YES ? HF_FAIL : HF_UNKNOWN;
	case OPTION_CANNOT_KNOW:
		break;
	}
	return HF_UNKNOWN;
}

static void check_row(hf_check_run *run, const option_row *row)
{
	option_context context = {.run = run, .row = row};
	option_requirement requirement = {0};
	option_part doubt = {0};
	option_truth applies = judge_applies(&context, &doubt);

	if (applies == OPTION_NO)
		return;
	if (strcmp(context.row->wanted, "info") == 0) {
		tell_informational(&context);
		return;
	}
	judge_requirement(&context, &requirement);
	switch (requirement.truth) {
	case OPTION_YES: /* what is wanted is there, whether or not this host needs it */
		tell_pass(&context, &requirement);
		break;
	case OPTION_NO:
		if (applies == OPTION_YES) {
			tell_fail(&context, &requirement);
			break;
		}
		hf_message(run, "It does not hold, and it could not be told whether it concerns "
				"this host.");
		note_part(&context, &requirement.parts[0]);
		unknown_part(&context, &doubt);
		break;
	case OPTION_CANNOT_KNOW:
		tell_unknown(&context, &requirement);
		break;
	}
	note_declared(&context);
}

void option_check(hf_check_run *run)
{
	check_row(run, hf_check_param(run));
}

void option_check_as(hf_check_run *run)
{
	const char *id = hf_check_param(run);

	for (uint32_t i = 0; i < kernel_options.count; i++) {
		if (strcmp(kernel_options.checks[i].id, id) == 0)
			check_row(run, kernel_options.checks[i].param);
	}
}
