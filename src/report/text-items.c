/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A benchmark's part of the text report: its sections and items in their order, each with its status and why. */
#include "report/text.h"

#include <stdio.h>

enum {
	SECTION = 3,
	INDENT = 9, /* behind the longest usual number */
	STATUS = 12,
	TITLE = 27,
	MOST_NAMES = 4,
	MOST_LINES = 2,
};

/* As people read them: what needs somebody first. */
static const hf_status order[] = {
	HF_FAIL, HF_UNKNOWN,	   HF_ERROR,	     HF_PASS,
	HF_NOTCHECKED, HF_NOTAPPLICABLE, HF_INFORMATIONAL, HF_NOTSELECTED,
};

static hf_style style_of(hf_status status)
{
	switch (status) {
	case HF_FAIL:
	case HF_ERROR:
		return HF_STYLE_BAD;
	case HF_UNKNOWN:
		return HF_STYLE_WARN;
	case HF_PASS:
		return HF_STYLE_GOOD;
	case HF_NOTAPPLICABLE:
	case HF_NOTSELECTED:
		return HF_STYLE_DIM;
	case HF_NOTCHECKED:
	case HF_INFORMATIONAL:
	case HF_STATUS_COUNT:
		break;
	}
	return HF_STYLE_PLAIN;
}

static hf_status status_of(const json_t *item)
{
	return hf_status_number(hf_text_member(item, "status"));
}

/* What was left out is counted, and named only when everything is asked for. */
static bool is_shown(const hf_text_report *report, const json_t *item)
{
	return report->options->verbose || status_of(item) != HF_NOTSELECTED;
}

/* "5", of "5.12". */
static size_t section_length(const json_t *item)
{
	return strcspn(hf_text_member(item, "number"), ".");
}

static bool is_same_section(const json_t *a, const json_t *b)
{
	const size_t length = section_length(a);

	return section_length(b) == length &&
	       strncmp(hf_text_member(a, "number"), hf_text_member(b, "number"), length) == 0;
}

/* @head, then "3 fail, 2 pass, 1 manual" of the items from @first to before @last. */
static void say_counts(hf_text_report *report, const char *head, size_t first, size_t last)
{
	const json_t *items = json_object_get(report->document, "items");
	unsigned counts[HF_STATUS_COUNT + 1] = {0};
	const char *separator = "";
	hf_buffer text = {0};

	for (size_t i = first; i < last; i++)
		counts[status_of(json_array_get(items, i))]++;
	hf_buffer_puts(&text, head);
	for (size_t i = 0; i < HF_ARRAY_SIZE(order); i++) {
		if (counts[order[i]] == 0)
			continue;
		hf_buffer_printf(&text, "%s%u %s", separator, counts[order[i]],
				 hf_text_status_words(order[i]));
		separator = ", ";
	}
	hf_screen_wrap(&report->screen, HF_STYLE_PLAIN, SECTION, 0, hf_text_of(&text));
	hf_screen_newline(&report->screen);
	report->screen.text.failed |= text.failed;
	hf_buffer_free(&text);
}

/* ---- one item ---- */

static void say_line(hf_text_report *report, hf_style style, const char *head, const char *text)
{
	hf_screen *screen = &report->screen;

	hf_screen_pad(screen, ' ', INDENT);
	hf_screen_say(screen, style, head, 0);
	hf_screen_wrap(screen, HF_STYLE_PLAIN, INDENT + 2,
		       report->options->verbose ? 0 : MOST_LINES, text);
	hf_screen_newline(screen);
}

/* " on web, db and 3 more (5 of 8)": the subjects with the check's status, where there can be several. */
static void add_subjects(const hf_text_report *report, const hf_text_row *row, hf_buffer *text)
{
	const json_t *findings = json_object_get(row->result, "findings");
	const json_t *counts = json_object_get(row->result, "counts");
	long long all = 0, alike = hf_text_count(counts, hf_text_member(row->result, "status"));
	size_t named = 0;

	for (unsigned s = 0; s < HF_STATUS_COUNT; s++)
		all += hf_text_count(counts, hf_status_name((hf_status)s));
	for (size_t i = 0; all > 1 && i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const json_t *keys = json_object_get(finding, "subjects");

		if (hf_status_number(hf_text_member(finding, "status")) != row->status)
			continue;
		for (size_t k = 0; k < json_array_size(keys) && named < MOST_NAMES; k++, named++) {
			const char *key = json_string_value(json_array_get(keys, k));
			const char *name = key ? hf_text_member(report->subject_names, key) : "";

			hf_buffer_printf(text, "%s%.100s", named == 0 ? " on " : ", ",
					 *name ? name : key ? key : "?");
		}
	}
	if (all > 1 && alike > MOST_NAMES)
		hf_buffer_printf(text, " and %lld more", alike - MOST_NAMES);
	if (all > 1)
		hf_buffer_printf(text, " (%lld of %lld)", alike, all);
}

/* The other checks that say the same: each is a way in which the item fails. */
static void say_also(hf_text_report *report, const json_t *item, const char *decided_by)
{
	const json_t *checks = json_object_get(item, "checks");
	hf_buffer text = {0};

	for (size_t i = 0; i < json_array_size(checks); i++) {
		const char *id = json_string_value(json_array_get(checks, i));
		const hf_text_row *row = id ? hf_map_get(&report->by_check, id) : NULL;

		if (row && row->status == status_of(item) && strcmp(id, decided_by) != 0)
			hf_buffer_printf(&text, "%s%.80s", text.size > 0 ? ", " : "", id);
	}
	if (text.size > 0)
		say_line(report, HF_STYLE_DIM, "also: ", hf_text_of(&text));
	report->screen.text.failed |= text.failed;
	hf_buffer_free(&text);
}

static void say_reason(hf_text_report *report, const json_t *item)
{
	const char *decided_by = hf_text_member(item, "decided_by");
	const char *reason = hf_text_member(item, "reason");
	const hf_text_row *row = hf_map_get(&report->by_check, decided_by);
	hf_buffer text = {0};

	if (!*decided_by) {
		say_line(report, HF_STYLE_DIM, "look at: ", reason);
		return;
	}
	if (row)
		add_subjects(report, row, &text);
	hf_buffer_printf(&text, ": %s", reason);
	say_line(report, HF_STYLE_BOLD, decided_by, hf_text_of(&text));
	report->screen.text.failed |= text.failed;
	hf_buffer_free(&text);
	if (status_of(item) != HF_FAIL)
		return;
	say_also(report, item, decided_by);
	if (row)
		hf_text_remediation(report, row, INDENT);
}

/* All about each of its checks. */
static void say_checks(hf_text_report *report, const json_t *item)
{
	const json_t *checks = json_object_get(item, "checks");

	for (size_t i = 0; i < json_array_size(checks); i++) {
		const char *id = json_string_value(json_array_get(checks, i));
		const hf_text_row *row = id ? hf_map_get(&report->by_check, id) : NULL;

		if (row)
			hf_text_check(report, row);
	}
}

/* With the numbers of other versions behind it. */
static void say_title(hf_text_report *report, const json_t *item)
{
	json_t *others = json_object_get(item, "other_numbers");
	hf_buffer text = {0};
	const char *version;
	json_t *number;

	hf_buffer_puts(&text, hf_text_member(item, "title"));
	json_object_foreach (others, version, number)
		hf_buffer_printf(&text, " [%.20s: %.20s]", version,
				 hf_text_member(others, version));
	hf_screen_pad(&report->screen, ' ', TITLE);
	hf_screen_wrap(&report->screen, HF_STYLE_PLAIN, TITLE, 0, hf_text_of(&text));
	hf_screen_newline(&report->screen);
	report->screen.text.failed |= text.failed;
	hf_buffer_free(&text);
}

static void say_item(hf_text_report *report, const json_t *item)
{
	const hf_status status = status_of(item);
	hf_screen *screen = &report->screen;

	hf_screen_say(screen, HF_STYLE_BOLD, hf_text_member(item, "number"), 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	hf_screen_pad(screen, ' ', INDENT);
	hf_screen_printf(screen, HF_STYLE_DIM, "L%lld ", hf_text_count(item, "level"));
	hf_screen_pad(screen, ' ', STATUS);
	hf_screen_say(screen, style_of(status), hf_text_status_words(status), 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	say_title(report, item);
	if (status == HF_NOTSELECTED)
		return;
	if (report->options->verbose && json_array_size(json_object_get(item, "checks")) > 0)
		say_checks(report, item);
	else if (*hf_text_member(item, "reason"))
		say_reason(report, item);
}

/* ---- sections ---- */

/* Number -> title, so that a document of any size takes its time in proportion. */
static json_t *section_titles(const json_t *benchmark)
{
	const json_t *sections = json_object_get(benchmark, "sections");
	json_t *titles = json_object();

	for (size_t i = 0; i < json_array_size(sections); i++) {
		const json_t *section = json_array_get(sections, i);

		(void)json_object_set(titles, hf_text_member(section, "number"),
				      json_object_get(section, "title"));
	}
	return titles;
}

static void say_section(hf_text_report *report, const json_t *titles, size_t first, size_t last)
{
	const json_t *items = json_object_get(report->document, "items");
	const json_t *item = json_array_get(items, first);
	hf_screen *screen = &report->screen;
	char number[16];
	size_t shown = 0;

	for (size_t i = first; i < last; i++)
		shown += is_shown(report, json_array_get(items, i));
	if (shown == 0)
		return;
	(void)snprintf(number, sizeof number, "%.*s", (int)section_length(item),
		       hf_text_member(item, "number"));
	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_BOLD, number, 0);
	hf_screen_say(screen, HF_STYLE_BOLD, "  ", 0);
	hf_screen_say(screen, HF_STYLE_BOLD, hf_text_member(titles, number), 4);
	hf_screen_say(screen, HF_STYLE_PLAIN, " ", 0);
	hf_screen_pad(screen, '-', screen->width > 0 ? screen->width : 80);
	hf_screen_newline(screen);
	hf_screen_pad(screen, ' ', SECTION);
	say_counts(report, "", first, last);
	for (size_t i = first; i < last; i++) {
		if (is_shown(report, json_array_get(items, i)))
			say_item(report, json_array_get(items, i));
	}
}

void hf_text_items(hf_text_report *report)
{
	const json_t *benchmark = json_object_get(report->document, "benchmark");
	const json_t *items = json_object_get(report->document, "items");
	const size_t count = json_array_size(items);
	json_t *titles = section_titles(benchmark);
	hf_buffer total = {0};
	hf_screen *screen = &report->screen;

	for (size_t first = 0; first < count;) {
		size_t last = first + 1;

		while (last < count && is_same_section(json_array_get(items, first),
						       json_array_get(items, last)))
			last++;
		say_section(report, titles, first, last);
		first = last;
	}
	json_decref(titles);
	hf_screen_newline(screen);
	hf_buffer_printf(&total, "%.100s %.20s, %zu items: ", hf_text_member(benchmark, "title"),
			 hf_text_member(benchmark, "version"), count);
	say_counts(report, hf_text_of(&total), 0, count);
	screen->text.failed |= total.failed;
	hf_buffer_free(&total);
}
