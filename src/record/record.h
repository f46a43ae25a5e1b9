/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a run: every question that was asked, with its answer, and how each collector ended. */
#ifndef HF_RECORD_H
#define HF_RECORD_H

#include "base/base.h"
#include "collect/answer.h"

#include <stdio.h>

typedef struct hf_record hf_record;

/* How a collector ended. */
typedef enum hf_collector_state {
	HF_COLLECTOR_RUNNING = 0,
	HF_COLLECTOR_DONE,    /* said so */
	HF_COLLECTOR_DIED,    /* its pipe ended before */
	HF_COLLECTOR_LATE,    /* past its deadline */
	HF_COLLECTOR_FLOODED, /* sent more than its cap */
	HF_COLLECTOR_LIED     /* sent what is no frame, or answered what it does not own: nothing of it counts */
} hf_collector_state;

const char *hf_collector_state_name(hf_collector_state state);
bool hf_collector_state_parse(const char *name, hf_collector_state *ret_state);

typedef struct hf_record_collector {
	const char *name;
	hf_collector_state state;
	const char *reason; /* in words; NULL for HF_COLLECTOR_DONE */
	uint32_t kinds;     /* as in hf_collector */
	const char *const *prefixes;
} hf_record_collector;

int hf_record_new(hf_record **ret_record);
void hf_record_free(hf_record *record);
static inline void hf_record_freep(hf_record **record)
{
	hf_record_free(*record);
}

/* Copies @answer; a second answer to the same question is -EEXIST unless @replace. */
int hf_record_put(hf_record *record, const hf_answer *answer, bool replace);
/* Forgets a question; false when it is not there. */
bool hf_record_remove(hf_record *record, hf_ask_kind kind, const char *name);

/* NULL: not in the record. Borrowed until the record changes. */
const hf_answer *hf_record_get(const hf_record *record, hf_ask_kind kind, const char *name);
size_t hf_record_count(const hf_record *record);

/* Calls @fn for each answer, sorted by kind and name; stops at the first that is not 0 and returns it. */
typedef int hf_record_fn(const hf_answer *answer, void *data);
int hf_record_each(const hf_record *record, hf_record_fn *fn, void *data);
int hf_record_each_of(const hf_record *record, hf_ask_kind kind, hf_record_fn *fn, void *data);
/* Those whose name begins with @begin. */
int hf_record_each_below(const hf_record *record, hf_ask_kind kind, const char *begin, hf_record_fn *fn,
			 void *data);

/* @name, @kinds and @prefixes are borrowed for the record's life. Returns the index, or a negative errno. */
int hf_record_add_collector(hf_record *record, const char *name, uint32_t kinds,
			    const char *const *prefixes);
void hf_record_end_collector(hf_record *record, int index, hf_collector_state state,
			     const char *reason);
size_t hf_record_collectors(const hf_record *record, const hf_record_collector **ret_collectors);

/* That answering this question is @collector's business: its kind is among .kinds and its name begins with one
 * of .prefixes (none: with anything) and with none of those that are marked by '!'. */
bool hf_record_owns(const hf_record_collector *collector, hf_ask_kind kind, const char *name);

/* Drops every answer that collector @index gave (it lied). */
void hf_record_drop_collector(hf_record *record, int index);
int hf_record_put_from(hf_record *record, int index, const hf_answer *answer);

int hf_record_note(hf_record *record, const char *sentence);
size_t hf_record_notes(const hf_record *record, const char *const **ret_notes);

/* Why the record has no answer to this question, in words; never NULL. In @record's memory. */
const char *hf_record_why_missing(hf_record *record, hf_ask_kind kind, const char *name);

/* Where the answers came from. */
typedef enum hf_source_kind {
	HF_SOURCE_LIVE = 0,
	HF_SOURCE_ROOT,    /* a file tree */
	HF_SOURCE_CAPTURE, /* a capture file; the record then keeps what the capture was made of, too */
	HF_SOURCE_FILES    /* --kernel-config and its companions */
} hf_source_kind;

typedef struct hf_source {
	hf_source_kind kind;
	const char *path;  /* of the root or the capture; "" */
	const char *taken; /* RFC 3339, when the host was read; "" not known */
} hf_source;

const char *hf_source_kind_name(hf_source_kind kind);
int hf_record_set_source(hf_record *record, const hf_source *source); /* copies */
const hf_source *hf_record_source(const hf_record *record);

/* ---- one collector's stream of frames ---- */

typedef struct hf_stream hf_stream;

/* Frames of collector @index of @record, at most @cap_bytes. */
int hf_stream_new(hf_record *record, int index, size_t cap_bytes, hf_stream **ret_stream);
void hf_stream_free(hf_stream *stream);
/* Takes what was read from the pipe. 0; -EMSGSIZE flooded; -EBADMSG it lied; -ENOMEM. After an error the
 * stream takes nothing more, and the record says why. */
int hf_stream_feed(hf_stream *stream, const void *data, size_t size);
bool hf_stream_is_done(const hf_stream *stream);

/* ---- capture files ---- */

enum { HF_CAPTURE_MAX_BYTES = 256 * 1024 * 1024 };

/* JSON, "holdfast-capture/1": packaging/schema/capture.schema.json. The same record gives the same bytes. */
int hf_capture_write(const hf_record *record, FILE *out, hf_error *err);
int hf_capture_parse(const char *text, size_t size, hf_record **ret_record, hf_error *err);

#endif
