/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record made by hand and the facts on top of it, for tests of facts. */
#ifndef HF_TEST_FACTS_FIXTURE_H
#define HF_TEST_FACTS_FIXTURE_H

/* clang-format off: cmocka needs these first */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "facts/store.h"

#include <stdio.h>
#include <sys/stat.h>

typedef struct fixture {
	hf_record *record;
	hf_facts *facts;
	hf_view view; /* what getters need of a check in progress */
} fixture;

static inline fixture *fixture_new(void)
{
	fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	assert_int_equal(hf_record_new(&f->record), 0);
	return f;
}

static inline void fixture_free(fixture *f)
{
	hf_facts_free(f->facts);
	hf_record_free(f->record);
	free(f);
}

static inline void fixture_freep(fixture **f)
{
	fixture_free(*f);
}

static inline hf_ask_kind fixture_kind(const char *question)
{
	const char *colon = strchr(question, ':');

	assert_non_null(colon);
	hf_ask_kind kind = hf_ask_kind_number(question, (size_t)(colon - question));

	assert_int_not_equal(kind, 0);
	return kind;
}

static inline void fixture_put(fixture *f, const char *question, hf_answer answer)
{
	answer.kind = fixture_kind(question);
	answer.name = strchr(question, ':') + 1;
	if (!answer.data)
		answer.data = "";
	if (!answer.meta.mode && !answer.error)
		answer.meta.mode = answer.kind == HF_ASK_DIR ? S_IFDIR | 0755 : S_IFREG | 0644;
	assert_int_equal(hf_record_put(f->record, &answer, true), 0);
}

/* "file:/etc/x" and its bytes. */
static inline void answer_bytes(fixture *f, const char *question, const char *data, size_t size)
{
	fixture_put(f, question, (hf_answer){.data = data, .size = size});
}

static inline void answer(fixture *f, const char *question, const char *text)
{
	answer_bytes(f, question, text, strlen(text));
}

/* A file last changed at @seconds. */
static inline void answer_at(fixture *f, const char *question, const char *text, int64_t seconds)
{
	fixture_put(f, question,
		    (hf_answer){
			    .data = text,
			    .size = strlen(text),
			    .meta = {.mode = S_IFREG | 0644, .mtime_ns = seconds * 1000000000,
				     .ctime_ns = seconds * 1000000000},
		    });
}

static inline void answer_error(fixture *f, const char *question, int error, const char *reason)
{
	fixture_put(f, question, (hf_answer){.error = error, .reason = reason});
}

/* Names separated by blanks. */
static inline void answer_dir(fixture *f, const char *path, const char *names)
{
	char data[4096], question[512];
	size_t size = strlen(names);

	assert_true(size + 1 < sizeof data);
	memcpy(data, names, size + 1);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == ' ')
			data[i] = '\0';
	}
	(void)snprintf(question, sizeof question, "dir:%s", path);
	answer_bytes(f, question, data, size > 0 ? size + 1 : 0);
}

/* Nothing is there, and the folder's listing must say so. */
static inline void answer_missing(fixture *f, const char *question)
{
	answer_error(f, question, ENOENT, NULL);
}

/* The record is complete; the facts come into being. */
static inline hf_check_run *fixture_start(fixture *f)
{
	hf_facts_free(f->facts);
	f->facts = NULL;
	assert_int_equal(hf_facts_new(f->record, &f->facts), 0);
	f->view = (hf_view){.facts = f->facts};
	return (hf_check_run *)(void *)&f->view;
}

/* The same, about the @index-th daemon. */
static inline hf_check_run *fixture_start_daemon(fixture *f, size_t index)
{
	hf_check_run *run = fixture_start(f);
	const hf_subjects *daemons = hf_facts_daemon_subjects(f->facts);

	assert_true(index < daemons->count);
	f->view.subject = &daemons->all[index];
	return run;
}

#endif
