/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of a run: each computed from the record on first use, kept with the list of answers it
 * rests on. The public getters of include/holdfast/ are thin fronts of this. */
#ifndef HF_FACTS_STORE_H
#define HF_FACTS_STORE_H

#include <holdfast/holdfast.h>

#include "base/base.h"
#include "collect/answer.h"
#include "record/record.h"

typedef struct hf_facts hf_facts;

/* @record is borrowed and must not change while the facts live. */
int hf_facts_new(hf_record *record, hf_facts **ret_facts);
void hf_facts_free(hf_facts *facts);
static inline void hf_facts_freep(hf_facts **facts)
{
	hf_facts_free(*facts);
}

/* Everything a fact allocates lives here. */
hf_arena *hf_facts_arena(hf_facts *facts);
hf_record *hf_facts_record(hf_facts *facts);

/* The answer to a question, or NULL where the record has none; notes the question as used. */
const hf_answer *hf_facts_ask(hf_facts *facts, hf_ask_kind kind, const char *name);

/* One sort of fact: @compute is called once for each @key and its result kept. It allocates from the
 * arena, does no I/O and returns NULL only without memory. */
typedef struct hf_fact_type {
	const char *name;
	const void *(*compute)(hf_facts *facts, const char *key);
	/* It rests on thousands of answers, and checks about each of many subjects use a part of it: who uses it
	 * is not held to rest on them, but on what it asks for besides. */
	bool is_common;
	/* Its keys are the names of questions, of this kind for the most part: they need not be copied. */
	bool has_question;
	hf_ask_kind question;
} hf_fact_type;

/* Never NULL: without memory the scan ends (the judge's process is given up: hf_facts_out_of_memory). */
const void *hf_facts_once(hf_facts *facts, const hf_fact_type *type, const char *key);

/* A shortcut for getters that hundreds of checks of hundreds of containers call: what @owner (an address that stands for
 * one thing as long as @facts live) got of @type last, without its key being written and looked for; NULL: it is not
 * known any more, and hf_facts_once_for() tells it. */
const void *hf_facts_recall(hf_facts *facts, const hf_fact_type *type, const void *owner);
const void *hf_facts_once_for(hf_facts *facts, const hf_fact_type *type, const void *owner,
			      const char *key);
_Noreturn void hf_facts_out_of_memory(void);

/* @p, which is not NULL: half a fact must not exist. */
static inline void *hf_facts_checked(void *p)
{
	if (!p)
		hf_facts_out_of_memory();
	return p;
}

/* The same getters for facts that build on facts, without a check at hand. */
const hf_file *hf_facts_file(hf_facts *facts, const char *path);
const hf_file *hf_facts_stat(hf_facts *facts, const char *path);
const hf_link *hf_facts_link(hf_facts *facts, const char *path);
const hf_dir *hf_facts_dir(hf_facts *facts, const char *path);
size_t hf_facts_files_matching(hf_facts *facts, const char *glob, const hf_file *const **ret_files);
const hf_moment *hf_facts_moment(hf_facts *facts);
/* "2026-11-22" and whatever follows as days since 1970-01-01; false: it is no date. */
bool hf_day_parse(const char *date, int64_t *ret_day);
const hf_kernel *hf_facts_kernel(hf_facts *facts);
const hf_sysctl *hf_facts_sysctl(hf_facts *facts, const char *key);
const hf_declared *hf_facts_sysctl_declared(hf_facts *facts, const char *key);
const hf_declared_lines *hf_facts_sysctl_declared_lines(hf_facts *facts);
const hf_kconfig *hf_facts_kconfig(hf_facts *facts);
const hf_bootline *hf_facts_bootline(hf_facts *facts);
const hf_bootline *hf_facts_bootline_declared(hf_facts *facts);
const hf_module *hf_facts_module(hf_facts *facts, const char *name);
const hf_lsm *hf_facts_lsm(hf_facts *facts);
const hf_lockdown *hf_facts_lockdown(hf_facts *facts);
const hf_mounts *hf_facts_mounts(hf_facts *facts);
const hf_processes *hf_facts_processes(hf_facts *facts);
const hf_containers *hf_facts_containers(hf_facts *facts);
const hf_fact *hf_facts_call_abi_runs(hf_facts *facts, hf_call_abi abi);

/* Days since 1970-01-01 in the proleptic Gregorian calendar, of a year of our era. */
int64_t hf_day_number(int year, int month, int day);

/* Fills the head of a fact from a missing or failed answer. For ENOENT the fact is absent only when
 * the listing of the folder (or of the first folder above that exists) agrees; else unreadable. */
hf_fact hf_facts_head(hf_facts *facts, hf_ask_kind kind, const char *name, const hf_answer *answer);

/* ---- what a check used ---- */

typedef struct hf_used {
	hf_ask_kind kind;
	const char *name;
} hf_used;

/* Starts a fresh list of the used questions that got no good answer; ends it. The list lives in the arena, without
 * repeats, in order of first use; of a long one it has the end. @ret_used: NULL where it is not wanted, then the count is 0. */
void hf_facts_trace_begin(hf_facts *facts);
/* From now on all questions are listed, and for every result: what a test needs that takes answers away. */
void hf_facts_trace_all(hf_facts *facts);
bool hf_facts_traces_all(const hf_facts *facts);
size_t hf_facts_trace_end(hf_facts *facts, const hf_used **ret_used);

/* ---- subjects ---- */

typedef struct hf_subject {
	uint32_t kind;       /* hf_subject_kind */
	const char *key;     /* "host", "daemon:docker", "container:<id>" (its first digits): unique in a run */
	const char *id;
	const char *name;    /* hostile for anything a container chose */
	const char *runtime; /* or NULL */
	const void *fact;    /* const hf_daemon *, const hf_container * …; NULL for the host */
} hf_subject;

typedef struct hf_subjects {
	hf_fact fact; /* unreadable: the list may be incomplete; absent: there is proof that none exists */
	const hf_subject *all;
	size_t count;
} hf_subjects;

const hf_subjects *hf_facts_subjects(hf_facts *facts, hf_subject_kind kind);

/* For tests and benches: what hf_facts_subjects() returns for @kind instead. Borrowed. */
void hf_facts_give_subjects(hf_facts *facts, hf_subject_kind kind, const hf_subjects *subjects);
const hf_subjects *hf_facts_given_subjects(const hf_facts *facts, hf_subject_kind kind); /* or NULL */

/* ---- the check at hand ---- */

/* The first member of every hf_check_run (engine/run.c makes them): what getters need of it. */
typedef struct hf_view {
	hf_facts *facts;
	const hf_subject *subject;
} hf_view;

static inline hf_facts *hf_facts_of(hf_check_run *run)
{
	return ((hf_view *)(void *)run)->facts;
}

static inline const hf_subject *hf_subject_of(hf_check_run *run)
{
	return ((hf_view *)(void *)run)->subject;
}

/* Of the kinds that facts list. */
const hf_subjects *hf_facts_daemon_subjects(hf_facts *facts);
const hf_subjects *hf_facts_container_subjects(hf_facts *facts);
const hf_subjects *hf_facts_image_subjects(hf_facts *facts);

#endif
