/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a file of a runtime, through what takes its secrets out, and as the list
 * of records. */
#include "collect/project.h"
#include "facts/declared.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_json(const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	bool is_valid = json != NULL;

	json_decref(json);
	return is_valid;
}

/* What was JSON still is. */
static void project(const char *text, size_t size)
{
	hf_buffer out = {0};
	hf_error err = {0};

	if (hf_project_text(text, size, &out, &err) == 0) {
		if (is_json(text, size) && !is_json(out.data, out.size))
			abort();
	} else if (!*err.text) {
		abort();
	}
	hf_buffer_free(&out);
}

static void project_others(const char *text, size_t size)
{
	hf_cleanup(hf_freep) char *lines = NULL;
	hf_buffer out = {0};
	char bundle[64] = "";
	size_t lines_size;

	if (hf_project_lines(text, size, &lines, &lines_size) < 0)
		abort();
	if (hf_project_state(text, size, &out, bundle, sizeof bundle, NULL) == 0 &&
	    !is_json(out.data, out.size))
		abort();
	hf_buffer_free(&out);
}

static void put(hf_record *record, hf_ask_kind kind, const char *name, const char *text,
		size_t size)
{
	if (hf_record_put(record,
			  &(hf_answer){.kind = kind, .name = name, .data = text, .size = size},
			  true) < 0)
		abort();
}

static void list(const char *text, size_t size)
{
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	hf_declared_identity identity;

	if (hf_record_new(&record) < 0 || hf_facts_new(record, &facts) < 0)
		abort();
	put(record, HF_ASK_CALL, "records", text, size);
	put(record, HF_ASK_FILE, "/c", text, size);
	hf_declared_identify(facts, &(hf_declared_key){.id = "x", .cgroup = "/lxc/x", .pid = 1},
			     &identity);
	(void)hf_facts_declared_json(facts, "/c");
}

/* What is read the quick way is what jansson reads. */
static void read_plain(const char *text, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	json_error_t error;
	hf_cleanup(json_decrefp) json_t *other = json_loadb(text, size, JSON_DECODE_ANY, &error);
	const hf_json *json;

	/* numbers beyond 63 bits, which only the quick way has as they stand */
	if (!other && json_error_code(&error) == json_error_numeric_overflow)
		return;
	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_json_read_plain(arena, text, size, &json) == 1) {
		hf_cleanup(hf_freep) char *dump = json_dumps(other, JSON_COMPACT | JSON_ENCODE_ANY);

		if (!dump)
			abort();
		const char *shown = hf_json_show(arena, json);

		if (!shown)
			abort();
		/* of a string that is all there is, the text itself is shown */
		if (json->kind != HF_JSON_STRING && strcmp(shown, dump) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_freep) char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	read_plain((const char *)data, size);
	project(text, size);
	project_others(text, size);
	list(text, size);
	return 0;
}
