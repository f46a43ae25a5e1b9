/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One plugin's part of the text report: what fails and why, what could not be told, how many are well. */
#include "report/text.h"

#include <stdio.h>

/* What a person reads of one check unless everything was asked for. */
enum {
	MOST_FINDINGS = 3,
	MOST_EVIDENCE = 4,
	MOST_NAMES = 5,
	MOST_IDS = 8,
	MOST_LINES = 3,
	INDENT = 4,
};

static const hf_status shown_statuses[] = {
	HF_ERROR,	  HF_FAIL,	 HF_UNKNOWN,	   HF_PASS,
	HF_NOTAPPLICABLE, HF_NOTCHECKED, HF_INFORMATIONAL,
};

const char *hf_text_status_words(hf_status status)
{
	switch (status) {
	case HF_NOTAPPLICABLE:
		return "not applicable";
	case HF_NOTCHECKED:
		return "manual";
	case HF_INFORMATIONAL:
		return "told";
	case HF_NOTSELECTED:
		return "not selected";
	case HF_PASS:
	case HF_UNKNOWN:
	case HF_FAIL:
	case HF_ERROR:
		return hf_status_name(status);
	case HF_STATUS_COUNT:
		break;
	}
	return "?";
}

static unsigned most(const hf_text_report *report, unsigned number)
{
	return report->options->verbose ? 0 : number;
}

/* ---- one check ---- */

static void say_names(hf_text_report *report, const json_t *keys)
{
	size_t count = json_array_size(keys);
	size_t shown = count > MOST_NAMES && !report->options->verbose ? MOST_NAMES : count;
	hf_buffer text = {0};

	for (size_t i = 0; i < shown; i++) {
		const char *key = json_string_value(json_array_get(keys, i));
		const char *name = key ? hf_text_member(report->subject_names, key) : "";

		hf_buffer_printf(&text, "%s%.200s", i > 0 ? ", " : "on ",
				 *name ? name : key ? key : "?");
	}
	if (shown < count)
		hf_buffer_printf(&text, " and %zu more", count - shown);
	hf_screen_pad(&report->screen, ' ', INDENT);
	hf_screen_wrap(&report->screen, HF_STYLE_DIM, INDENT + 3, most(report, MOST_LINES),
		       hf_text_of(&text));
	hf_screen_newline(&report->screen);
	hf_buffer_free(&text);
}

/* "source: found, wanted X" */
static void say_evidence(hf_text_report *report, const json_t *evidence)
{
	const char *found = hf_text_member(evidence, "found");
	const char *wanted = json_string_value(json_object_get(evidence, "wanted"));
	hf_screen *screen = &report->screen;
	hf_buffer text = {0};

	hf_screen_pad(screen, ' ', INDENT);
	hf_buffer_printf(&text, "%s: %s", hf_text_member(evidence, "source"),
			 *found ? found : "(empty)");
	if (wanted)
		hf_buffer_printf(&text, ", wanted %s", *wanted ? wanted : "(empty)");
	hf_screen_wrap(screen, HF_STYLE_PLAIN, INDENT + 2, most(report, MOST_LINES),
		       hf_text_of(&text));
	hf_screen_newline(screen);
	hf_buffer_free(&text);
}

static void say_finding(hf_text_report *report, const json_t *finding, bool has_many)
{
	const json_t *evidence = json_object_get(finding, "evidence");
	const char *message = hf_text_member(finding, "message");
	size_t count = json_array_size(evidence);
	size_t shown = count > MOST_EVIDENCE && !report->options->verbose ? MOST_EVIDENCE : count;
	hf_screen *screen = &report->screen;

	if (has_many && json_array_size(json_object_get(finding, "subjects")) > 0)
		say_names(report, json_object_get(finding, "subjects"));
	if (*message) {
		hf_screen_pad(screen, ' ', INDENT);
		hf_screen_wrap(screen, HF_STYLE_PLAIN, INDENT, most(report, MOST_LINES), message);
		hf_screen_newline(screen);
	}
	for (size_t i = 0; i < shown; i++)
		say_evidence(report, json_array_get(evidence, i));
	if (shown < count) {
		hf_screen_pad(screen, ' ', INDENT);
		hf_screen_printf(screen, HF_STYLE_DIM, "and %zu more (--verbose)", count - shown);
		hf_screen_newline(screen);
	}
}

/* Only findings that explain the check's status, unless all were asked for. */
static void say_findings(hf_text_report *report, const hf_text_row *row)
{
	const json_t *findings = json_object_get(row->result, "findings");
	long long subjects = 0;
	size_t shown = 0, hidden = 0;

	for (unsigned s = 0; s < HF_STATUS_COUNT; s++)
		subjects += hf_text_count(json_object_get(row->result, "counts"),
					  hf_status_name((hf_status)s));
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);

		if (!report->options->verbose &&
		    hf_status_number(hf_text_member(finding, "status")) != row->status)
			continue;
		if (!report->options->verbose && shown == MOST_FINDINGS) {
			hidden++;
			continue;
		}
		say_finding(report, finding, subjects > 1);
		shown++;
	}
	if (hidden > 0) {
		hf_screen_pad(&report->screen, ' ', INDENT);
		hf_screen_printf(&report->screen, HF_STYLE_DIM, "and %zu more like these (--verbose)",
				 hidden);
		hf_screen_newline(&report->screen);
	}
}

/* " HIGH 7.2  daemon.icc  I T" */
static void say_title_line(hf_text_report *report, const hf_text_row *row)
{
	const json_t *stride = json_object_get(row->result, "stride");
	hf_screen *screen = &report->screen;
	char word[16], weight[16];

	if (row->status == HF_FAIL) {
		hf_text_upper(hf_text_member(row->result, "severity"), word, sizeof word);
		hf_text_number(json_object_get(row->result, "weight"), weight, sizeof weight);
		hf_screen_say(screen, hf_text_severity_style(row->severity), word, 0);
		hf_screen_printf(screen, HF_STYLE_PLAIN, " %s", weight);
	} else {
		hf_screen_say(screen, row->status == HF_ERROR ? HF_STYLE_BAD : HF_STYLE_PLAIN,
			      hf_text_status_words(row->status), 0);
	}
	hf_screen_say(screen, HF_STYLE_PLAIN, "  ", 0);
	hf_screen_say(screen, HF_STYLE_BOLD, row->check, 14);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	for (size_t i = 0; i < json_array_size(stride) && i < HF_STRIDE_COUNT; i++) {
		const char *letter = json_string_value(json_array_get(stride, i));

		hf_screen_say(screen, HF_STYLE_DIM, " ", 0);
		hf_screen_say(screen, HF_STYLE_DIM, letter ? letter : "?", 0);
	}
	long long failing = hf_text_count(json_object_get(row->result, "counts"), "fail");
	long long passing = hf_text_count(json_object_get(row->result, "counts"), "pass");

	if (failing + passing > 1 && row->status == HF_FAIL)
		hf_screen_printf(screen, HF_STYLE_PLAIN, "  %lld of %lld", failing,
				 failing + passing);
	hf_screen_newline(screen);
}

/* The whole remediation when all was asked for, else its first line. */
void hf_text_remediation(hf_text_report *report, const hf_text_row *row, unsigned indent)
{
	const char *cursor = hf_text_member(row->result, "remediation");
	const char *end = cursor + strlen(cursor), *line;
	hf_screen *screen = &report->screen;
	bool is_first = true;
	size_t length;

	while (hf_next_line(&cursor, end, &line, &length) &&
	       (is_first || report->options->verbose)) {
		hf_buffer text = {0};

		hf_screen_pad(screen, ' ', indent);
		hf_screen_say(screen, HF_STYLE_GOOD, is_first ? "fix: " : "     ", 0);
		hf_buffer_add(&text, line, length);
		hf_screen_wrap(screen, HF_STYLE_PLAIN, indent + 5, most(report, MOST_LINES),
			       hf_text_of(&text));
		hf_screen_newline(screen);
		hf_buffer_free(&text);
		is_first = false;
	}
}

void hf_text_check(hf_text_report *report, const hf_text_row *row)
{
	hf_screen *screen = &report->screen;

	say_title_line(report, row);
	hf_screen_pad(screen, ' ', INDENT);
	hf_screen_wrap(screen, HF_STYLE_PLAIN, INDENT, most(report, MOST_LINES),
		       hf_text_member(row->result, "title"));
	hf_screen_newline(screen);
	say_findings(report, row);
	if (row->status == HF_FAIL)
		hf_text_remediation(report, row, INDENT);
}

/* ---- many checks in few lines ---- */

static const json_t *first_evidence(const hf_text_row *row, bool wants_expectation)
{
	const json_t *findings = json_object_get(row->result, "findings");

	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const json_t *list = json_object_get(finding, "evidence");

		if (hf_status_number(hf_text_member(finding, "status")) != row->status)
			continue;
		for (size_t k = 0; k < json_array_size(list); k++) {
			const json_t *evidence = json_array_get(list, k);

			if (!wants_expectation ||
			    json_is_string(json_object_get(evidence, "wanted")))
				return evidence;
		}
	}
	return NULL;
}

static void say_compact(hf_text_report *report, const hf_text_row *row)
{
	const json_t *evidence = first_evidence(row, true);
	const char *found = hf_text_member(evidence, "found");
	hf_screen *screen = &report->screen;
	char weight[16];

	hf_text_number(json_object_get(row->result, "weight"), weight, sizeof weight);
	hf_screen_pad(screen, ' ', 2);
	hf_screen_printf(screen, HF_STYLE_DIM, "%s ", weight);
	hf_screen_say(screen, HF_STYLE_PLAIN, row->check, 4);
	hf_screen_pad(screen, ' ', 40);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	if (evidence) {
		hf_screen_say(screen, HF_STYLE_PLAIN, *found ? found : "(empty)", 16);
		hf_screen_say(screen, HF_STYLE_DIM, ", wanted ", 0);
		hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(evidence, "wanted"), 0);
	} else {
		hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(row->result, "title"), 0);
	}
	hf_screen_newline(screen);
}

static void say_low(hf_text_report *report, const hf_text_row *rows, size_t count)
{
	bool has_head = false;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].status != HF_FAIL || rows[i].severity > HF_SEVERITY_LOW)
			continue;
		if (!has_head) {
			hf_screen_say(&report->screen, HF_STYLE_PLAIN, "LOW", 0);
			hf_screen_newline(&report->screen);
		}
		has_head = true;
		say_compact(report, &rows[i]);
	}
}

typedef struct undecided {
	const char *reason;
	const char *check;
	size_t order;
	size_t alike; /* how many have this reason */
} undecided;

static int compare_undecided(const void *a, const void *b)
{
	const undecided *x = a, *y = b;
	int order = strcmp(x->reason, y->reason);

	/* the reason that cost most comes first */
	if (x->alike != y->alike)
		return x->alike > y->alike ? -1 : 1;
	return order ? order : x->order < y->order ? -1 : 1;
}

/* Sorts by reason, the most frequent first. */
static void sort_undecided(undecided *all, size_t count)
{
	qsort(all, count, sizeof *all, compare_undecided);
	for (size_t first = 0; first < count;) {
		size_t last = first + 1;

		while (last < count && strcmp(all[last].reason, all[first].reason) == 0)
			last++;
		for (size_t i = first; i < last; i++)
			all[i].alike = last - first;
		first = last;
	}
	qsort(all, count, sizeof *all, compare_undecided);
}

static void say_reason(hf_text_report *report, const undecided *all, size_t count)
{
	hf_screen *screen = &report->screen;
	hf_buffer text = {0};

	hf_screen_printf(screen, HF_STYLE_PLAIN, "  %zu ", count);
	hf_screen_wrap(screen, HF_STYLE_PLAIN, INDENT, 2, all->reason);
	hf_screen_newline(screen);
	for (size_t i = 0; i < count && i < MOST_IDS; i++)
		hf_buffer_printf(&text, "%s%.80s", i > 0 ? ", " : "", all[i].check);
	if (count > MOST_IDS)
		hf_buffer_printf(&text, " and %zu more", count - MOST_IDS);
	hf_screen_pad(screen, ' ', INDENT);
	hf_screen_wrap(screen, HF_STYLE_DIM, INDENT, 0, hf_text_of(&text));
	hf_screen_newline(screen);
	hf_buffer_free(&text);
}

/* Unknown checks by their reason: one lost source often takes many of them. */
static void say_unknown(hf_text_report *report, const hf_text_row *rows, size_t count)
{
	hf_cleanup(hf_freep) undecided *all = calloc(count, sizeof *all);
	size_t found = 0;

	if (!all) {
		report->screen.text.failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (rows[i].status == HF_UNKNOWN)
			all[found++] = (undecided){
				.reason = hf_text_member(first_evidence(&rows[i], false), "found"),
				.check = rows[i].check,
				.order = rows[i].order,
			};
	}
	if (found == 0)
		return;
	sort_undecided(all, found);
	hf_screen_say(&report->screen, HF_STYLE_WARN, "UNKNOWN", 0);
	hf_screen_say(&report->screen, HF_STYLE_PLAIN, ", could not be decided", 0);
	hf_screen_newline(&report->screen);
	for (size_t first = 0; first < found;) {
		size_t last = first + 1;

		while (last < found && strcmp(all[last].reason, all[first].reason) == 0)
			last++;
		say_reason(report, all + first, last - first);
		first = last;
	}
}

/* ---- the plugin ---- */

static void say_plugin_head(hf_text_report *report, const hf_text_row *rows, size_t count)
{
	const json_t *plugin = json_array_get(json_object_get(report->document, "plugins"),
					      rows[0].plugin);
	unsigned long counts[HF_STATUS_COUNT + 1] = {0};
	hf_screen *screen = &report->screen;
	char value[16], coverage[16], name[64];
	const char *separator = "  ";

	for (size_t i = 0; i < count; i++)
		counts[rows[i].status]++;
	hf_text_number(json_object_get(plugin, "value"), value, sizeof value);
	hf_text_number(json_object_get(plugin, "coverage"), coverage, sizeof coverage);
	hf_text_upper(hf_text_member(rows[0].result, "plugin"), name, sizeof name);
	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_BOLD, name, 40);
	hf_screen_say(screen, HF_STYLE_PLAIN, "  ", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(plugin, "title"), 32);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	if (screen->width > 31)
		hf_screen_pad(screen, '-', screen->width - 31);
	hf_screen_printf(screen, HF_STYLE_PLAIN, " score %5s, coverage %5s %%", value, coverage);
	hf_screen_newline(screen);
	for (size_t i = 0; i < HF_ARRAY_SIZE(shown_statuses); i++) {
		hf_status status = shown_statuses[i];

		if (counts[status] == 0)
			continue;
		hf_screen_printf(screen, HF_STYLE_PLAIN, "%s%lu %s", separator, counts[status],
				 hf_text_status_words(status));
		separator = ", ";
	}
	hf_screen_newline(screen);
}

void hf_text_plugin(hf_text_report *report, const hf_text_row *rows, size_t count)
{
	bool is_verbose = report->options->verbose;

	say_plugin_head(report, rows, count);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].status == HF_ERROR)
			hf_text_check(report, &rows[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (rows[i].status == HF_FAIL && (rows[i].severity > HF_SEVERITY_LOW || is_verbose))
			hf_text_check(report, &rows[i]);
	}
	if (!is_verbose) {
		say_low(report, rows, count);
		say_unknown(report, rows, count);
		return;
	}
	for (size_t s = 0; s < HF_ARRAY_SIZE(shown_statuses); s++) {
		for (size_t i = 0; i < count; i++) {
			if (rows[i].status == shown_statuses[s] && rows[i].status != HF_ERROR &&
			    rows[i].status != HF_FAIL)
				hf_text_check(report, &rows[i]);
		}
	}
}
