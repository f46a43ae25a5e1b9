/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a check decides. Each call records its evidence first and only then moves the status, so that
 * no verdict can exist without a source.
 *
 * A check may call these several times; the result's status is the worst of them, in the order
 * error > fail > unknown > pass > notchecked > notapplicable > informational. So a check that has
 * passed one half and could not read the other is unknown, and one that failed a half is a fail.
 *
 * Strings are copied; bytes that are not printable UTF-8 are kept and escaped by each report. */
#ifndef HOLDFAST_VERDICT_H
#define HOLDFAST_VERDICT_H

#include <holdfast/check.h>

HF_BEGIN_DECLS

/* Words of XCCDF 1.2, section 6.6.4.2. */
typedef enum hf_status {
	HF_NOTSELECTED = 0, /* left out by the profile or the command line */
	HF_INFORMATIONAL,   /* evaluated, told, not scored */
	HF_NOTAPPLICABLE,   /* cannot concern this subject */
	HF_NOTCHECKED,      /* a person has to look */
	HF_PASS,            /* read, and the requirement holds */
	HF_UNKNOWN,         /* could not be read or understood; the reason is part of the result */
	HF_FAIL,            /* read, and the requirement does not hold */
	HF_ERROR,           /* we broke: the check did not decide, crashed or ran out of memory */
	HF_STATUS_COUNT
} hf_status;

/* The only way to pass or to fail.
 * @source: where it was read: a path, a question; what facts carry as .source
 * @found:  what stands there
 * @wanted: what should
 * Returns @holds. */
HF_PUBLIC bool hf_expect(hf_check_run *run, const char *source, const char *found,
			 const char *wanted, bool holds);
HF_PUBLIC bool hf_expect_i64(hf_check_run *run, const char *source, int64_t found,
			     const char *wanted, bool holds);

/* Evidence that explains without deciding (the second witness, the alternative that was not needed). */
HF_PUBLIC void hf_note(hf_check_run *run, const char *source, const char *found);

/* @source could not be read or understood; @why says how. */
HF_PUBLIC void hf_unknown(hf_check_run *run, const char *source, const char *why);

/* The check cannot concern this subject: @source says @found, and @why that settles it. */
HF_PUBLIC void hf_not_applicable(hf_check_run *run, const char *source, const char *found,
				 const char *why);

/* A person must judge: @look_at tells what to look at and what would be right. */
HF_PUBLIC void hf_review(hf_check_run *run, const char *source, const char *found,
			 const char *look_at);

/* Told, not judged. */
HF_PUBLIC void hf_inform(hf_check_run *run, const char *source, const char *found, const char *why);

/* One sentence on top of the evidence, shown with the finding. The last one given wins. */
HF_PUBLIC void hf_message(hf_check_run *run, const char *format, ...) HF_PRINTF(2, 3);

/* Formatted text that lives until the end of the scan, for the arguments above. Never NULL: where
 * memory ran out it is a constant that says so. */
HF_PUBLIC const char *hf_text(hf_check_run *run, const char *format, ...) HF_PRINTF(2, 3);

/* What another check found in this run. */
typedef struct hf_outcome {
	const hf_check *check;
	hf_status status; /* the worst of its subjects; HF_NOTSELECTED: it is no part of this run */
	uint32_t score_tenths; /* CCSS base score of its row: 72 is 7.2 */
} hf_outcome;

/* All checks but those of this kind, in the order of the registry; for a row with HF_CHECK_ROLLUP, none for others. */
HF_PUBLIC size_t hf_outcomes_get(const hf_check_run *run, const hf_outcome **ret_outcomes);

/* The status so far; HF_NOTSELECTED before the first verdict. */
HF_PUBLIC hf_status hf_status_so_far(const hf_check_run *run);

HF_END_DECLS

#endif
