/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text report: a head, each plugin's findings, and a closing that fits one screen. */
#include "report/render.h"
#include "report/text.h"

#include <ctype.h>
#include <stdio.h>

enum { NARROWEST = 40 };

/* ---- what all parts use ---- */

const char *hf_text_member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long hf_text_count(const json_t *counts, const char *key)
{
	long long count = json_integer_value(json_object_get(counts, key));
	const long long most = 999999999; /* sums of what a document claims must not overflow */

	return count < 0 ? 0 : count > most ? most : count;
}

int hf_text_compare_worst(const hf_text_row *a, const hf_text_row *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->weight > b->weight || a->weight < b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

hf_style hf_text_severity_style(hf_severity severity)
{
	switch (severity) {
	case HF_SEVERITY_CRITICAL:
	case HF_SEVERITY_HIGH:
		return HF_STYLE_BAD;
	case HF_SEVERITY_MEDIUM:
		return HF_STYLE_WARN;
	case HF_SEVERITY_LOW:
	case HF_SEVERITY_INFO:
	case HF_SEVERITY_COUNT:
		return HF_STYLE_PLAIN;
	}
	return HF_STYLE_PLAIN;
}

void hf_text_upper(const char *word, char *upper, size_t size)
{
	size_t i = 0;

	for (; word[i] && i + 1 < size; i++)
		upper[i] = (char)toupper((unsigned char)word[i]);
	upper[i] = '\0';
}

void hf_text_number(const json_t *number, char *text, size_t size)
{
	double value = json_number_value(number);

	/* a document can say anything; a score is 0 to 100 */
	if (json_is_number(number) && value >= 0 && value < 1e6)
		(void)snprintf(text, size, "%.1f", value);
	else
		(void)snprintf(text, size, "-");
}

/* ---- head ---- */

static void say_member(hf_screen *screen, const char *before, const json_t *object, const char *key)
{
	const char *text = hf_text_member(object, key);

	if (!*text)
		return;
	hf_screen_say(screen, HF_STYLE_PLAIN, before, 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, text, 0);
}

static void say_list(hf_screen *screen, const char *before, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		hf_screen_say(screen, HF_STYLE_PLAIN, i == 0 ? before : ",", 0);
		hf_screen_say(screen, HF_STYLE_PLAIN, text ? text : "?", 0);
	}
}

static void head_source(hf_text_report *report)
{
	const json_t *source = json_object_get(report->document, "source");
	hf_screen *screen = &report->screen;

	if (strcmp(hf_text_member(source, "kind"), "live") == 0)
		return;
	hf_screen_say(screen, HF_STYLE_PLAIN, "read from ", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(source, "kind"), 0);
	say_member(screen, " ", source, "path");
	say_member(screen, ", taken ", source, "taken");
	hf_screen_newline(screen);
}

/* ": CIS Docker Benchmark 1.6, level 1" */
static void say_benchmark(hf_text_report *report)
{
	const json_t *benchmark = json_object_get(report->document, "benchmark");
	hf_screen *screen = &report->screen;

	if (!json_is_object(benchmark))
		return;
	say_member(screen, ": ", benchmark, "title");
	say_member(screen, " ", benchmark, "version");
	hf_screen_printf(screen, HF_STYLE_PLAIN, ", items up to level %lld",
			 hf_text_count(benchmark, "level"));
}

static void head(hf_text_report *report)
{
	const json_t *tool = json_object_get(report->document, "tool");
	const json_t *host = json_object_get(report->document, "host");
	const json_t *notes = json_object_get(report->document, "notes");
	hf_screen *screen = &report->screen;

	hf_screen_say(screen, HF_STYLE_BOLD, hf_text_member(tool, "name"), 0);
	say_member(screen, " ", tool, "version");
	say_member(screen, " on ", host, "hostname");
	say_member(screen, ", ", report->document, "started");
	hf_screen_printf(screen, HF_STYLE_DIM, " (%lld ms)",
			 hf_text_count(report->document, "duration_ms"));
	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_PLAIN, "Linux", 0);
	say_member(screen, " ", host, "kernel");
	say_member(screen, " ", host, "arch");
	say_member(screen, ", ", host, "os");
	say_member(screen, ", cgroup ", host, "cgroup");
	hf_screen_newline(screen);
	hf_screen_say(screen, HF_STYLE_PLAIN, "profile ", 0);
	hf_screen_say(screen, HF_STYLE_PLAIN, hf_text_member(report->document, "profile"), 0);
	say_benchmark(report);
	say_list(screen, "; runtimes ", json_object_get(host, "runtimes"));
	say_list(screen, "; lsm ", json_object_get(host, "lsm"));
	hf_screen_newline(screen);
	head_source(report);
	for (size_t i = 0; i < json_array_size(notes); i++) {
		const char *note = json_string_value(json_array_get(notes, i));

		hf_screen_say(screen, HF_STYLE_WARN, "note: ", 0);
		hf_screen_wrap(screen, HF_STYLE_PLAIN, 6, report->options->verbose ? 0 : 3,
			       note ? note : "");
		hf_screen_newline(screen);
	}
}

/* ---- rows ---- */

static int compare_rows(const void *a, const void *b)
{
	const hf_text_row *x = a, *y = b;

	if (x->plugin != y->plugin)
		return x->plugin < y->plugin ? -1 : 1;
	return hf_text_compare_worst(x, y);
}

/* Name -> index of each plugin, so that a document of any size takes its time in proportion. */
static json_t *plugin_indexes(const json_t *document)
{
	const json_t *plugins = json_object_get(document, "plugins");
	json_t *indexes = json_object();

	for (size_t i = 0; i < json_array_size(plugins); i++) {
		const char *name = hf_text_member(json_array_get(plugins, i), "name");

		if (!json_object_get(indexes, name))
			(void)json_object_set_new(indexes, name, json_integer((json_int_t)i));
	}
	return indexes;
}

static int make_rows(hf_text_report *report)
{
	const json_t *results = json_object_get(report->document, "results");
	const size_t plugins = json_array_size(json_object_get(report->document, "plugins"));
	size_t count = json_array_size(results);
	json_t *indexes = plugin_indexes(report->document);

	report->rows = calloc(count + 1, sizeof *report->rows);
	for (size_t i = 0; report->rows && i < count; i++) {
		const json_t *result = json_array_get(results, i);
		const json_t *index = json_object_get(indexes, hf_text_member(result, "plugin"));

		report->rows[i] = (hf_text_row){
			.result = result,
			.check = hf_text_member(result, "check"),
			.status = hf_status_number(hf_text_member(result, "status")),
			.severity = hf_severity_number(hf_text_member(result, "severity")),
			.weight = json_number_value(json_object_get(result, "weight")),
			.plugin = index ? (size_t)json_integer_value(index) : plugins,
			.order = i,
		};
	}
	json_decref(indexes);
	if (!report->rows)
		return -ENOMEM;
	report->count = count;
	qsort(report->rows, count, sizeof *report->rows, compare_rows);
	for (size_t i = 0; i < count; i++) {
		if (hf_map_put(&report->by_check, report->rows[i].check, &report->rows[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static json_t *subject_names(const json_t *document)
{
	const json_t *subjects = json_object_get(document, "subjects");
	json_t *names = json_object();

	for (size_t i = 0; i < json_array_size(subjects); i++) {
		const json_t *subject = json_array_get(subjects, i);

		(void)json_object_set(names, hf_text_member(subject, "key"),
				      json_object_get(subject, "name"));
	}
	return names;
}

static void plugins(hf_text_report *report)
{
	for (size_t first = 0; first < report->count;) {
		size_t last = first + 1;

		while (last < report->count &&
		       report->rows[last].plugin == report->rows[first].plugin)
			last++;
		hf_text_plugin(report, report->rows + first, last - first);
		first = last;
	}
}

int hf_write_text(const json_t *document, const hf_render_options *options, FILE *out)
{
	hf_text_report report = {
		.document = document,
		.options = options,
		.screen = {.color = options->color, .width = options->width},
	};
	int r;

	if (options->width > 0 && options->width < NARROWEST)
		report.screen.width = NARROWEST;
	r = make_rows(&report);
	if (r < 0) {
		hf_map_free(&report.by_check);
		free(report.rows);
		return r;
	}
	report.subject_names = subject_names(document);
	head(&report);
	if (json_array_size(json_object_get(document, "items")) > 0)
		hf_text_items(&report);
	else
		plugins(&report);
	if (report.count == 0) {
		hf_screen_newline(&report.screen);
		hf_screen_say(&report.screen, HF_STYLE_WARN, "No check was run.", 0);
		hf_screen_newline(&report.screen);
	}
	hf_text_closing(&report);
	if (report.screen.text.failed)
		r = -ENOMEM;
	else
		r = hf_write_all(report.screen.text.data, report.screen.text.size, out);
	hf_buffer_free(&report.screen.text);
	json_decref(report.subject_names);
	hf_map_free(&report.by_check);
	free(report.rows);
	return r;
}
