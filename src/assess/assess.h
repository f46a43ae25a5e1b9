/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assessment: what results mean. Pure functions of results and rows; no facts, no I/O. */
#ifndef HF_ASSESS_H
#define HF_ASSESS_H

#include "base/base.h"
#include "engine/ccss.h"
#include "engine/engine.h"

/* ---- severity ---- */

typedef enum hf_severity {
	HF_SEVERITY_INFO = 0, /* an HF_CHECK_INFO row */
	HF_SEVERITY_LOW,      /* base below 4.0 */
	HF_SEVERITY_MEDIUM,   /* below 7.0 */
	HF_SEVERITY_HIGH,     /* from 7.0 */
	HF_SEVERITY_CRITICAL, /* from 9.0 */
	HF_SEVERITY_COUNT
} hf_severity;

hf_severity hf_severity_of_base(unsigned base_tenths);
const char *hf_severity_name(hf_severity severity);
hf_severity hf_severity_number(const char *name); /* HF_SEVERITY_COUNT for an unknown word */

/* ---- STRIDE ---- */

enum { HF_STRIDE_COUNT = 6 };
extern const char hf_stride_letters[HF_STRIDE_COUNT + 1]; /* "STRIDE" */
const char *hf_stride_title(unsigned index); /* "Spoofing" … */

/* ---- the assessment ---- */

/* A sum over checks. Weights are CCSS base tenths. */
typedef struct hf_score {
	bool has_number;       /* false: fewer scored checks than a number needs */
	unsigned score_tenths; /* 0 to 1000 per cent, floored; 1000 only when nothing is open */
	unsigned coverage_tenths; /* (pass+fail) / (pass+fail+error+unknown+notchecked), floored */
	unsigned counts[HF_STATUS_COUNT]; /* checks by status */
	uint64_t weight_pass;
	uint64_t weight_open; /* fail + error + unknown */
} hf_score;

/* Subjects with the same status, evidence and message of one check. */
typedef struct hf_finding {
	hf_status status;
	const hf_subject *const *subjects;
	size_t subject_count;
	const hf_result *sample; /* carries evidence and message */
} hf_finding;

typedef struct hf_assessed {
	const hf_loaded_check *check;
	hf_status status; /* the worst of its findings */
	hf_severity severity;
	hf_ccss ccss;
	unsigned counts[HF_STATUS_COUNT]; /* subjects by status */
	const hf_finding *findings;
	size_t finding_count;
} hf_assessed;

typedef struct hf_plugin_score {
	const hf_loaded_plugin *plugin;
	hf_score score;
} hf_plugin_score;

typedef struct hf_assessment {
	const hf_assessed *checks; /* one per check of the registry, in its order; not selected ones too */
	size_t check_count;
	hf_score whole;
	hf_score stride[HF_STRIDE_COUNT]; /* in the order of hf_stride_letters */
	const hf_plugin_score *plugins;
	size_t plugin_count;
	unsigned failed[HF_SEVERITY_COUNT]; /* failing checks by severity */
	hf_results results; /* what was assessed */
	/* an unknown, an error, a refused plugin or no check at all; how collectors ended is the record's */
	bool is_incomplete;
} hf_assessment;

/* All memory comes from @arena. @registry and @results are borrowed by the assessment. */
int hf_assess(const hf_registry *registry, const hf_results *results, hf_arena *arena,
	      hf_assessment *ret_assessment);

/* The indexes into assessment->checks of what to fix first: failing checks by severity, weight, level,
 * then order; at most @max. Returns the number. */
size_t hf_assess_worst(const hf_assessment *assessment, size_t max, size_t *ret_indexes);

#endif
