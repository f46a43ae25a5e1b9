/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports: the results document and its renderings.
 *
 * The document (packaging/schema/results.schema.json) is made once from the assessment; every format is a
 * pure rendering of it, so that `holdfast report` can make any of them later from a saved one. */
#ifndef HF_REPORT_H
#define HF_REPORT_H

#include "assess/assess.h"
#include "assess/profile.h"
#include "base/base.h"
#include "record/record.h"

#include <jansson.h>
#include <stdio.h>

/* What the document says beside the assessment. */
typedef struct hf_document_head {
	const char *profile;
	const hf_items *items; /* of a profile that has them; NULL */
	const hf_selection *selection; /* what was asked for; NULL: everything */
	bool with_network; /* tell who can reach whom, too, which takes longer */
	const char *started;  /* RFC 3339 */
	uint64_t duration_ms;
} hf_document_head;

/* The results document; the caller owns the reference. NULL without memory. @facts gives the host. */
json_t *hf_document_new(const hf_assessment *assessment, const hf_registry *registry,
			hf_facts *facts, const hf_document_head *head);

/* For a process that ends with its document: from now on jansson's memory comes from large blocks, and none of
 * it is ever given back, whoever frees it. */
void hf_document_keep_memory(void);

/* That @document has the shape of the schema, as far as the renderers rely on it. -EBADMSG with the place. */
int hf_document_check(const json_t *document, hf_error *err);

typedef struct hf_render_options {
	bool color;
	bool verbose;    /* every check, not only what needs attention */
	unsigned width;  /* columns; 0: unlimited */
	const char *subject; /* only this one in detail: its name, its id or the begin of it; NULL: all */
} hf_render_options;

typedef struct hf_format {
	const char *name;
	const char *title; /* for --help */
	bool needs_network; /* shows what the document holds with hf_document_head.with_network alone */
	/* Writes to @out; 0 or a negative errno. Short writes show in ferror(@out), the caller looks. */
	int (*write)(const json_t *document, const hf_render_options *options, FILE *out);
} hf_format;

extern const hf_format hf_formats[]; /* ended by .name NULL */
const hf_format *hf_format_find(const char *name);

/* Text that a container may have chosen, made safe for a terminal: control characters, escapes, invalid
 * UTF-8, bidirectional overrides become \xNN or \u{NNNN}. Adds to @buffer. */
void hf_escape_terminal(hf_buffer *buffer, const char *text, size_t size);

/* The same for JSON: jansson refuses invalid UTF-8, so each bad byte becomes U+FFFD. NULL without memory. */
json_t *hf_json_text(const char *text, size_t size);

#endif
