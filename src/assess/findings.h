/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One check's results, put together where they say the same. */
#ifndef HF_ASSESS_FINDINGS_H
#define HF_ASSESS_FINDINGS_H

#include "assess/assess.h"

/* Fills .status, .counts and .findings of @assessed from @results, in the order in which each finding
 * first appears. No results: status notselected and no findings. 0 or -ENOMEM. */
int hf_findings_group(const hf_result *const *results, size_t count, hf_arena *arena,
		      hf_assessed *assessed);

#endif
