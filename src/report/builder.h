/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making JSON without a test after every call: the first failure sticks. */
#ifndef HF_REPORT_BUILDER_H
#define HF_REPORT_BUILDER_H

#include "report/report.h"

/* Longer strings of the host are cut, and say so: a label can hold megabytes. */
enum { HF_DOCUMENT_TEXT_MAX_BYTES = 8192 };

typedef struct hf_builder {
	const hf_assessment *assessment;
	const hf_registry *registry;
	hf_facts *facts;
	const hf_selection *selection; /* or NULL: everything */
	json_t *subject_keys; /* key -> its string, shared by all findings that name it */
	/* what hundreds of results have in common, shared likewise; the document owns all of it */
	hf_map words; /* text -> its string */
	json_t *strides[1 << HF_STRIDE_COUNT];
	json_t *single_counts[HF_STATUS_COUNT];
	struct hf_known_list { /* keys of a finding's subjects, by a hash of them */
		const hf_finding *finding;
		json_t *keys;
	} lists[256];
	bool failed;
} hf_builder;

/* Each takes over @value; a NULL @value means that there was no memory for it. */
void hf_put(hf_builder *b, json_t *object, const char *key, json_t *value);
void hf_append(hf_builder *b, json_t *array, json_t *value);

/* @text as a string, with bad UTF-8 replaced and the cap kept; null for NULL. */
void hf_put_text(hf_builder *b, json_t *object, const char *key, const char *text);

/* The same for a text that is likely to come again. */
void hf_put_word(hf_builder *b, json_t *object, const char *key, const char *text);

/* Tenths as a number: 634 is 63.4. */
json_t *hf_tenths(uint64_t tenths);

json_t *hf_document_host(hf_builder *b);
json_t *hf_document_unread(hf_builder *b);
json_t *hf_document_containers(hf_builder *b);
json_t *hf_document_network(hf_builder *b);
/* @items NULL: the profile has none. */
void hf_document_put_items(hf_builder *b, json_t *document, const hf_items *items);

#endif
