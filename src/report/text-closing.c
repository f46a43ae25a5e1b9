/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the text report, which is what stays on the screen: one of 24 lines and 80 columns. */
#include "report/text.h"

#include <stdio.h>

enum {
	MOST_FIXES = 5,
	MOST_REASONS = 3,
	RIGHT_COLUMN = 50, /* of the failures by severity, beside STRIDE */
	WIDE = 78,         /* what both need */
};

/* "== Score 63.4 of 100 at a coverage of 97.1 % ====" */
static void say_score(hf_text_report *report)
{
	const json_t *score = json_object_get(report->document, "score");
	const json_t *failed = json_object_get(score, "failed");
	bool is_bad = hf_text_count(failed, "critical") + hf_text_count(failed, "high") > 0;
	hf_screen *screen = &report->screen;
	char value[16], coverage[16];

	hf_text_number(json_object_get(score, "value"), value, sizeof value);
	hf_text_number(json_object_get(score, "coverage"), coverage, sizeof coverage);
	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_PLAIN, "== Score ", 0);
	hf_screen_say(screen, is_bad ? HF_STYLE_BAD : HF_STYLE_BOLD, value, 0);
	hf_screen_printf(screen, HF_STYLE_PLAIN, " of 100 at a coverage of %s %%", coverage);
	if (json_is_false(json_object_get(report->document, "complete")))
		hf_screen_say(screen, HF_STYLE_WARN, ", incomplete", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	hf_screen_pad(screen, '=', screen->width > 0 ? screen->width : 80);
	hf_screen_newline(screen);
}

static long long status_count(const hf_text_report *report, const char *status)
{
	const json_t *score = json_object_get(report->document, "score");

	return hf_text_count(json_object_get(score, "counts"), status);
}

static void say_counts(hf_text_report *report)
{
	hf_screen_printf(&report->screen, HF_STYLE_PLAIN,
			 "%lld pass, %lld fail, %lld unknown, %lld error, %lld manual",
			 status_count(report, "pass"), status_count(report, "fail"),
			 status_count(report, "unknown"), status_count(report, "error"),
			 status_count(report, "notchecked"));
	hf_screen_newline(&report->screen);
}

static void say_failed(hf_text_report *report, hf_severity severity)
{
	const json_t *failed =
		json_object_get(json_object_get(report->document, "score"), "failed");
	long long count = hf_text_count(failed, hf_severity_name(severity));
	hf_style style = count > 0 ? hf_text_severity_style(severity) : HF_STYLE_PLAIN;

	hf_screen_printf(&report->screen, style, "%5lld %s", count, hf_severity_name(severity));
}

/* What stands beside the @row-th category: the failures by severity, then what is not scored. */
static void say_right(hf_text_report *report, unsigned row)
{
	if (row < HF_SEVERITY_CRITICAL)
		say_failed(report, (hf_severity)(HF_SEVERITY_CRITICAL - row));
	else if (row == HF_SEVERITY_CRITICAL)
		hf_screen_printf(&report->screen, HF_STYLE_DIM, "%5lld not applicable",
				 status_count(report, "notapplicable"));
	else
		hf_screen_printf(&report->screen, HF_STYLE_DIM, "%5lld told, %lld not selected",
				 status_count(report, "informational"),
				 status_count(report, "notselected"));
}

static void say_stride(hf_text_report *report)
{
	const json_t *stride = json_object_get(report->document, "stride");
	hf_screen *screen = &report->screen;
	bool is_wide = screen->width == 0 || screen->width >= WIDE;

	hf_screen_say(screen, HF_STYLE_DIM, "  STRIDE                     score  failing", 0);
	if (is_wide) {
		hf_screen_pad(screen, ' ', RIGHT_COLUMN);
		hf_screen_say(screen, HF_STYLE_DIM, "failing by severity", 0);
	}
	hf_screen_newline(screen);
	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		const char key[] = {hf_stride_letters[i], '\0'};
		const json_t *category = json_object_get(stride, key);
		char value[16];

		hf_text_number(json_object_get(category, "value"), value, sizeof value);
		hf_screen_printf(screen, HF_STYLE_PLAIN, "  %s %-24s %5s  %7lld", key,
				 hf_stride_title(i), value,
				 hf_text_count(json_object_get(category, "counts"), "fail"));
		if (is_wide) {
			hf_screen_pad(screen, ' ', RIGHT_COLUMN);
			say_right(report, i);
		}
		hf_screen_newline(screen);
	}
	for (unsigned i = 0; !is_wide && i < HF_STRIDE_COUNT; i++) {
		say_right(report, i);
		hf_screen_newline(screen);
	}
}

/* ---- what to fix first ---- */

static int compare_fixes(const void *a, const void *b)
{
	return hf_text_compare_worst(a, b);
}

static void say_fix(hf_text_report *report, const hf_text_row *row, size_t number)
{
	const char *remediation = hf_text_member(row->result, "remediation");
	hf_screen *screen = &report->screen;
	hf_buffer line = {0};
	char word[16];

	hf_text_upper(hf_text_member(row->result, "severity"), word, sizeof word);
	hf_screen_printf(screen, HF_STYLE_PLAIN, "%zu ", number);
	hf_screen_say(screen, hf_text_severity_style(row->severity), word, 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	hf_screen_say(screen, HF_STYLE_BOLD, row->check, 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, "  ", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(row->result, "title"), 0);
	hf_screen_newline(screen);
	hf_screen_pad(screen, ' ', 4);
	hf_buffer_add(&line, remediation, strcspn(remediation, "\n"));
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_of(&line), 0);
	hf_screen_newline(screen);
	hf_buffer_free(&line);
}

static void say_fixes(hf_text_report *report)
{
	hf_cleanup(hf_freep) hf_text_row *failing = calloc(report->count + 1, sizeof *failing);
	size_t count = 0;

	if (!failing) {
		report->screen.text.failed = true;
		return;
	}
	for (size_t i = 0; i < report->count; i++) {
		if (report->rows[i].status == HF_FAIL)
			failing[count++] = report->rows[i];
	}
	if (count == 0)
		return;
	qsort(failing, count, sizeof *failing, compare_fixes);
	hf_screen_say(&report->screen, HF_STYLE_BOLD, "Fix first", 0);
	hf_screen_newline(&report->screen);
	for (size_t i = 0; i < count && i < MOST_FIXES; i++)
		say_fix(report, &failing[i], i + 1);
}

/* ---- what could not be read ---- */

typedef struct unread {
	const char *reason;
	const char *source; /* the first of them */
	size_t order;
	size_t count;
} unread;

static int compare_reasons(const void *a, const void *b)
{
	const unread *x = a, *y = b;
	int order = strcmp(x->reason, y->reason);

	return order ? order : x->order < y->order ? -1 : 1;
}

static int compare_counts(const void *a, const void *b)
{
	const unread *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Sorts by reason, then leaves one entry for each. Returns how many are left. */
static size_t group_reasons(unread *all, size_t count)
{
	size_t groups = 0;

	qsort(all, count, sizeof *all, compare_reasons);
	for (size_t i = 0; i < count; i++) {
		if (groups > 0 && strcmp(all[groups - 1].reason, all[i].reason) == 0)
			all[groups - 1].count++;
		else
			all[groups++] = all[i];
	}
	qsort(all, groups, sizeof *all, compare_counts);
	return groups;
}

static void say_unread(hf_text_report *report)
{
	const json_t *list = json_object_get(report->document, "unread");
	size_t count = json_array_size(list);
	hf_cleanup(hf_freep) unread *all = calloc(count + 1, sizeof *all);
	hf_screen *screen = &report->screen;

	if (!all) {
		screen->text.failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		all[i] = (unread){
			.reason = hf_text_member(json_array_get(list, i), "reason"),
			.source = hf_text_member(json_array_get(list, i), "source"),
			.order = i,
			.count = 1,
		};
	size_t groups = group_reasons(all, count);

	for (size_t i = 0; i < groups && i < MOST_REASONS; i++) {
		hf_screen_say(screen, HF_STYLE_WARN, i == 0 ? "Not read " : "         ", 0);
		if (i == MOST_REASONS - 1 && groups > MOST_REASONS) {
			hf_screen_printf(screen, HF_STYLE_PLAIN, "and for %zu more reasons",
					 groups - i);
		} else {
			hf_screen_say(screen, HF_STYLE_PLAIN, all[i].source, 30);
			if (all[i].count > 1)
				hf_screen_printf(screen, HF_STYLE_PLAIN, " and %zu more",
						 all[i].count - 1);
			hf_screen_say(screen, HF_STYLE_PLAIN, ": ", 0);
			hf_screen_say(screen, HF_STYLE_PLAIN, all[i].reason, 0);
		}
		hf_screen_newline(screen);
	}
}

void hf_text_closing(hf_text_report *report)
{
	say_score(report);
	say_counts(report);
	say_stride(report);
	say_fixes(report);
	say_unread(report);
}
