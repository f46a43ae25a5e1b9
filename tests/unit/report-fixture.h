/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of reports share: rendering to memory, golden files, and documents of every wrong shape. */
#ifndef HF_TEST_REPORT_FIXTURE_H
#define HF_TEST_REPORT_FIXTURE_H

/* clang-format off: cmocka needs these first */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "report/report.h"

/* Not inlined: gcc takes the text for a pointer to where open_memstream() wrote its address. */
static __attribute__((noinline)) char *render(const json_t *document, const char *format, hf_render_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(hf_format_find(format)->write(document, &options, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static inline void golden_path(char *path, size_t size, const char *name)
{
	const char *srcdir = getenv("srcdir");

	(void)snprintf(path, size, "%s/tests/unit/golden/%s", srcdir ? srcdir : ".", name);
}

/* Where it differs, what we got is left in NAME.actual for diff(1). */
static inline void assert_golden(const char *name, const char *text, const char *wanted)
{
	char path[512];

	if (strcmp(text, wanted) == 0)
		return;
	(void)snprintf(path, sizeof path, "%s.actual", name);
	FILE *out = fopen(path, "w");

	if (out) {
		(void)fputs(text, out);
		(void)fclose(out);
	}
	fail_msg("differs from tests/unit/golden/%s: see %s", name, path);
}

static inline void assert_golden_text(const char *name, const char *text)
{
	char path[512], wanted[12 * 1024];

	golden_path(path, sizeof path, name);
	FILE *in = fopen(path, "r");

	wanted[in ? fread(wanted, 1, sizeof wanted - 1, in) : 0] = '\0';
	if (in)
		(void)fclose(in);
	assert_golden(name, text, wanted);
}

static inline size_t longest_line(const char *text)
{
	size_t longest = 0;

	for (const char *line = text; *line;) {
		size_t length = strcspn(line, "\n");

		if (length > longest)
			longest = length;
		line += length + (line[length] == '\n');
	}
	return longest;
}

/* Only printable ASCII, valid UTF-8 that hides nothing, and newlines. */
static inline void assert_harmless(const char *text, bool is_ascii)
{
	for (size_t size = strlen(text); size > 0;) {
		size_t length = hf_utf8_length(text, size);
		hf_buffer again = {0};

		assert_int_not_equal(length, 0);
		if (is_ascii)
			assert_int_equal(length, 1);
		if (*text != '\n') {
			hf_escape_terminal(&again, text, length);
			assert_int_equal(again.size, length);
		}
		hf_buffer_free(&again);
		text += length;
		size -= length;
	}
}

typedef struct swap {
	json_t *document;
	void (*render)(const json_t *document);
	unsigned accepted;
	unsigned refused;
} swap;

static inline void look_at(swap *s)
{
	hf_error err = {0};
	int r = hf_document_check(s->document, &err);

	if (r < 0) {
		assert_int_equal(r, -EBADMSG);
		assert_int_not_equal(strlen(err.text), 0);
		s->refused++;
	} else {
		s->accepted++;
	}
	s->render(s->document);
}

/* Puts a value of every type in the place of every value of the document, and takes it away. */
static inline void swap_each(swap *s, json_t *value)
{
	json_t *strangers[] = {
		json_null(),	 json_true(),	json_integer(-1), json_integer(INT64_MAX),
		json_real(1e308), json_string("\x1b[0m"), json_array(), json_object(),
	};
	const char *key;
	void *next;
	json_t *inner;

	json_object_foreach_safe (value, next, key, inner) {
		json_incref(inner);
		for (size_t i = 0; i < HF_ARRAY_SIZE(strangers); i++) {
			json_object_set(value, key, strangers[i]);
			look_at(s);
		}
		json_object_set(value, key, inner);
		swap_each(s, inner);
		json_decref(inner);
	}
	for (size_t at = 0; at < json_array_size(value); at++) {
		inner = json_incref(json_array_get(value, at));
		for (size_t i = 0; i < HF_ARRAY_SIZE(strangers); i++) {
			json_array_set(value, at, strangers[i]);
			look_at(s);
		}
		json_array_set(value, at, inner);
		swap_each(s, inner);
		json_decref(inner);
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(strangers); i++)
		json_decref(strangers[i]);
}

#endif
