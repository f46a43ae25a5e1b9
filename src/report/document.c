/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results document: the assessment as JSON, in the shape of packaging/schema/results.schema.json. */
#include "report/builder.h"

static const char *const kind_names[HF_SUBJECT_COUNT] = {
	[HF_SUBJECT_HOST] = "host",	      [HF_SUBJECT_DAEMON] = "daemon",
	[HF_SUBJECT_CONTAINER] = "container", [HF_SUBJECT_IMAGE] = "image",
	[HF_SUBJECT_NETWORK] = "network",     [HF_SUBJECT_FILE] = "file",
	[HF_SUBJECT_SERVICE] = "service",
};

static json_t *tool_object(hf_builder *b)
{
	json_t *tool = json_object();

	hf_put_text(b, tool, "name", PACKAGE_NAME);
	hf_put_text(b, tool, "version", PACKAGE_VERSION);
	return tool;
}

static json_t *source_object(hf_builder *b)
{
	const hf_source *source = hf_record_source(hf_facts_record(b->facts));
	json_t *object = json_object();

	hf_put_text(b, object, "kind", hf_source_kind_name(source->kind));
	hf_put_text(b, object, "path", source->path ? source->path : "");
	hf_put_text(b, object, "taken", source->taken && *source->taken ? source->taken : NULL);
	return object;
}

/* ---- results ---- */

/* Adds those that decided the result's status, or those that did not. A note goes with the evidence before it. */
static void add_evidence(hf_builder *b, json_t *list, const hf_result *result, bool is_deciding)
{
	size_t first = 0;

	while (first < result->evidence_count && result->evidence[first].status == HF_NOTSELECTED)
		first++;
	bool decides = first < result->evidence_count &&
		       result->evidence[first].status == result->status;

	for (size_t i = 0; i < result->evidence_count; i++) {
		const hf_evidence *evidence = &result->evidence[i];

		if (evidence->status != HF_NOTSELECTED)
			decides = evidence->status == result->status;
		if (decides != is_deciding)
			continue;
		json_t *object = json_object();

		hf_put_word(b, object, "source", evidence->source);
		hf_put_word(b, object, "found", evidence->found);
		hf_put_word(b, object, "wanted", evidence->wanted);
		hf_append(b, list, object);
	}
}

static json_t *evidence_list(hf_builder *b, const hf_result *result)
{
	json_t *list = json_array();

	add_evidence(b, list, result, true);
	add_evidence(b, list, result, false);
	return list;
}

/* The string of a subject's key; the first time, the subject goes into the document's list. */
static json_t *subject_key(hf_builder *b, const hf_subject *subject, json_t *subjects)
{
	json_t *key = json_object_get(b->subject_keys, subject->key);

	if (key)
		return json_incref(key);
	key = hf_json_text(subject->key, strlen(subject->key));
	if (!key || json_object_set_nocheck(b->subject_keys, subject->key, key) < 0)
		b->failed = true;

	json_t *object = json_object();

	hf_put(b, object, "key", json_incref(key));
	hf_put_text(b, object, "kind",
		    subject->kind < HF_SUBJECT_COUNT ? kind_names[subject->kind] : "host");
	hf_put_text(b, object, "id", subject->id ? subject->id : "");
	hf_put_text(b, object, "name", subject->name ? subject->name : "");
	hf_put_text(b, object, "runtime", subject->runtime);
	hf_append(b, subjects, object);
	return key;
}

static bool has_same_subjects(const hf_finding *a, const hf_finding *b)
{
	return a->subject_count == b->subject_count &&
	       memcmp(a->subjects, b->subjects, a->subject_count * sizeof *a->subjects) == 0;
}

/* Most checks say the same of all containers, and those of one kind of some. */
static struct hf_known_list *list_for(hf_builder *b, const hf_finding *finding)
{
	uint64_t hash = finding->subject_count;

	for (size_t i = 0; i < finding->subject_count; i++)
		hash = (hash ^ (uintptr_t)finding->subjects[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return &b->lists[(hash >> 32) % HF_ARRAY_SIZE(b->lists)];
}

static json_t *subject_list(hf_builder *b, const hf_finding *finding, json_t *subjects)
{
	struct hf_known_list *known = list_for(b, finding);

	if (known->keys && has_same_subjects(known->finding, finding))
		return json_incref(known->keys);
	json_t *keys = json_array();

	for (size_t i = 0; i < finding->subject_count; i++)
		hf_append(b, keys, subject_key(b, finding->subjects[i], subjects));
	known->finding = finding;
	known->keys = keys;
	return keys;
}

static json_t *finding_object(hf_builder *b, const hf_finding *finding, json_t *subjects)
{
	json_t *object = json_object();

	hf_put_word(b, object, "status", hf_status_name(finding->status));
	hf_put(b, object, "subjects", subject_list(b, finding, subjects));
	hf_put(b, object, "evidence", evidence_list(b, finding->sample));
	hf_put_text(b, object, "message", finding->sample->message);
	hf_put(b, object, "waived", json_null());
	return object;
}

static json_t *stride_list(hf_builder *b, uint32_t stride)
{
	json_t **list = &b->strides[stride % HF_ARRAY_SIZE(b->strides)];

	if (*list)
		return json_incref(*list);
	*list = json_array();
	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		if (stride & UINT32_C(1) << i)
			hf_append(b, *list, json_stringn(&hf_stride_letters[i], 1));
	}
	return *list;
}

static json_t *word_list(hf_builder *b, const char *const *words)
{
	json_t *list = json_array();

	for (; words && *words; words++)
		hf_append(b, list, hf_json_text(*words, strlen(*words)));
	return list;
}

/* Only what is there, in a fixed order. */
static json_t *counts_object(hf_builder *b, const unsigned counts[HF_STATUS_COUNT])
{
	unsigned sum = 0, last = 0;

	for (unsigned s = 0; s < HF_STATUS_COUNT; s++) {
		sum += counts[s];
		last = counts[s] > 0 ? s : last;
	}
	if (sum == 1 && b->single_counts[last])
		return json_incref(b->single_counts[last]);
	json_t *object = json_object();

	for (unsigned s = HF_STATUS_COUNT; s-- > 0;) {
		if (counts[s] > 0)
			hf_put(b, object, hf_status_name((hf_status)s), json_integer(counts[s]));
	}
	if (sum == 1)
		b->single_counts[last] = object;
	return object;
}

static json_t *result_object(hf_builder *b, const hf_assessed *assessed, json_t *subjects)
{
	const hf_check *row = assessed->check->row;
	bool is_weighed = assessed->severity != HF_SEVERITY_INFO;
	json_t *object = json_object();
	json_t *findings = json_array();

	hf_put_text(b, object, "check", row->id);
	hf_put_text(b, object, "title", row->title);
	hf_put_word(b, object, "plugin", assessed->check->plugin->name);
	hf_put_word(b, object, "status", hf_status_name(assessed->status));
	hf_put_word(b, object, "severity", hf_severity_name(assessed->severity));
	hf_put(b, object, "weight", hf_tenths(is_weighed ? assessed->ccss.base_tenths : 0));
	hf_put_word(b, object, "vector", row->severity);
	hf_put(b, object, "level", json_integer(row->level));
	hf_put(b, object, "stride", stride_list(b, row->stride));
	hf_put(b, object, "refs", word_list(b, row->refs));
	hf_put(b, object, "counts", counts_object(b, assessed->counts));
	for (size_t i = 0; i < assessed->finding_count; i++)
		hf_append(b, findings, finding_object(b, &assessed->findings[i], subjects));
	hf_put(b, object, "findings", findings);
	hf_put_text(b, object, "remediation", row->remediation ? row->remediation : "");
	return object;
}

/* ---- sums ---- */

/* A number that nothing stands behind is null. */
static void put_score(hf_builder *b, json_t *object, const hf_score *score)
{
	const unsigned *n = score->counts;
	bool has_coverage =
		n[HF_PASS] + n[HF_FAIL] + n[HF_ERROR] + n[HF_UNKNOWN] + n[HF_NOTCHECKED] > 0;
	json_t *counts = json_object();

	hf_put(b, object, "value", score->has_number ? hf_tenths(score->score_tenths) : json_null());
	hf_put(b, object, "coverage",
	       has_coverage ? hf_tenths(score->coverage_tenths) : json_null());
	hf_put(b, object, "weight_pass", hf_tenths(score->weight_pass));
	hf_put(b, object, "weight_open", hf_tenths(score->weight_open));
	for (unsigned s = HF_STATUS_COUNT; s-- > 0;)
		hf_put(b, counts, hf_status_name((hf_status)s), json_integer(n[s]));
	hf_put(b, object, "counts", counts);
}

static json_t *score_object(hf_builder *b)
{
	json_t *object = json_object();
	json_t *failed = json_object();

	put_score(b, object, &b->assessment->whole);
	for (unsigned s = HF_SEVERITY_COUNT; s-- > HF_SEVERITY_LOW;)
		hf_put(b, failed, hf_severity_name((hf_severity)s),
		       json_integer(b->assessment->failed[s]));
	hf_put(b, object, "failed", failed);
	return object;
}

static json_t *stride_object(hf_builder *b)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		const char key[] = {hf_stride_letters[i], '\0'};
		json_t *category = json_object();

		hf_put_text(b, category, "title", hf_stride_title(i));
		put_score(b, category, &b->assessment->stride[i]);
		hf_put(b, object, key, category);
	}
	return object;
}

static json_t *plugin_list(hf_builder *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->assessment->plugin_count; i++) {
		const hf_plugin_score *plugin = &b->assessment->plugins[i];
		json_t *object = json_object();

		hf_put_text(b, object, "name", plugin->plugin->name);
		hf_put_text(b, object, "title", plugin->plugin->title);
		hf_put(b, object, "checks", json_integer((json_int_t)plugin->plugin->check_count));
		put_score(b, object, &plugin->score);
		hf_append(b, list, object);
	}
	return list;
}

static json_t *note_list(hf_builder *b)
{
	const char *const *notes;
	size_t count = hf_record_notes(hf_facts_record(b->facts), &notes);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		hf_append(b, list, hf_json_text(notes[i], strlen(notes[i])));
	return list;
}

static bool did_collectors_end_well(hf_builder *b)
{
	const hf_record_collector *all;
	size_t count = hf_record_collectors(hf_facts_record(b->facts), &all);

	for (size_t i = 0; i < count; i++) {
		if (all[i].state != HF_COLLECTOR_DONE)
			return false;
	}
	return true;
}

static void put_results(hf_builder *b, json_t *document)
{
	json_t *subjects = json_array();
	json_t *results = json_array();

	for (size_t i = 0; i < b->assessment->check_count; i++) {
		const hf_assessed *assessed = &b->assessment->checks[i];

		if (assessed->status != HF_NOTSELECTED)
			hf_append(b, results, result_object(b, assessed, subjects));
	}
	hf_put(b, document, "subjects", subjects);
	hf_put(b, document, "results", results);
}

static void put_document(hf_builder *b, json_t *document, const hf_document_head *head)
{
	hf_put_text(b, document, "schema", "holdfast-results/1");
	hf_put(b, document, "tool", tool_object(b));
	hf_put(b, document, "source", source_object(b));
	hf_put(b, document, "host", hf_document_host(b));
	hf_put_text(b, document, "started", head->started);
	hf_put(b, document, "duration_ms", json_integer((json_int_t)head->duration_ms));
	hf_put_text(b, document, "profile", head->profile);
	hf_put(b, document, "complete",
	       json_boolean(!b->assessment->is_incomplete && did_collectors_end_well(b)));
	hf_put(b, document, "plugins", plugin_list(b));
	put_results(b, document);
	hf_document_put_items(b, document, head->items);
	hf_put(b, document, "containers", hf_document_containers(b));
	if (head->with_network)
		hf_put(b, document, "network", hf_document_network(b));
	hf_put(b, document, "score", score_object(b));
	hf_put(b, document, "stride", stride_object(b));
	hf_put(b, document, "attack_paths", json_array());
	hf_put(b, document, "fixes", json_array());
	hf_put(b, document, "unread", hf_document_unread(b));
	hf_put(b, document, "notes", note_list(b));
}

json_t *hf_document_new(const hf_assessment *assessment, const hf_registry *registry,
			hf_facts *facts, const hf_document_head *head)
{
	hf_builder b = {
		.assessment = assessment,
		.registry = registry,
		.facts = facts,
		.selection = head->selection,
		.subject_keys = json_object(),
	};
	json_t *document = json_object();

	put_document(&b, document, head);
	if (b.failed || !b.subject_keys) {
		json_decref(document);
		document = NULL;
	}
	json_decref(b.subject_keys);
	hf_map_free(&b.words);
	return document;
}
