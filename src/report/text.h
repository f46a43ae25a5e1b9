/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the text report. */
#ifndef HF_REPORT_TEXT_H
#define HF_REPORT_TEXT_H

#include "report/screen.h"

/* One result, with what it is sorted by. */
typedef struct hf_text_row {
	const json_t *result;
	const char *check; /* its id */
	hf_status status;
	hf_severity severity;
	double weight;
	size_t plugin; /* index into the document's plugins */
	size_t order;
} hf_text_row;

typedef struct hf_text_report {
	const json_t *document;
	const hf_render_options *options;
	hf_screen screen;
	json_t *subject_names; /* key -> name */
	hf_text_row *rows;     /* by plugin, then as hf_text_compare_worst() */
	size_t count;
	hf_map by_check; /* id -> its row */
} hf_text_report;

/* The member's string; "" where there is none. Borrowed. */
const char *hf_text_member(const json_t *object, const char *key);

/* A count by status or severity; 0 where there is none. */
long long hf_text_count(const json_t *counts, const char *key);

/* What was put together; "" where nothing was. */
static inline const char *hf_text_of(const hf_buffer *buffer)
{
	return buffer->data && !buffer->failed ? buffer->data : "";
}

/* The more severe, the heavier, the earlier first. */
int hf_text_compare_worst(const hf_text_row *a, const hf_text_row *b);
hf_style hf_text_severity_style(hf_severity severity);
void hf_text_upper(const char *word, char *upper, size_t size);

/* "63.4", or "-" for null. */
void hf_text_number(const json_t *number, char *text, size_t size);

/* "not applicable", "manual": a status as people say it. */
const char *hf_text_status_words(hf_status status);

/* Everything about one check. */
void hf_text_check(hf_text_report *report, const hf_text_row *row);

/* "fix: ..." from column @indent on. */
void hf_text_remediation(hf_text_report *report, const hf_text_row *row, unsigned indent);

void hf_text_items(hf_text_report *report);
void hf_text_plugin(hf_text_report *report, const hf_text_row *rows, size_t count);
void hf_text_closing(hf_text_report *report);

#endif
