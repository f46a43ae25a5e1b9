/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status words and their order. */
#include "engine/engine.h"

static const char *const names[HF_STATUS_COUNT] = {
	[HF_NOTSELECTED] = "notselected",     [HF_INFORMATIONAL] = "informational",
	[HF_NOTAPPLICABLE] = "notapplicable", [HF_NOTCHECKED] = "notchecked",
	[HF_PASS] = "pass",		      [HF_UNKNOWN] = "unknown",
	[HF_FAIL] = "fail",		      [HF_ERROR] = "error",
};

const char *hf_status_name(hf_status status)
{
	return names[status];
}

hf_status hf_status_number(const char *name)
{
	for (unsigned i = 0; i < HF_STATUS_COUNT; i++) {
		if (strcmp(name, names[i]) == 0)
			return (hf_status)i;
	}
	return HF_STATUS_COUNT;
}

/* The enum is in the order of badness, but for informational: a check that was evaluated for one subject and
 * does not concern another has been evaluated. */
static unsigned badness(hf_status status)
{
	if (status == HF_INFORMATIONAL)
		return 2 * HF_NOTAPPLICABLE + 1;
	return 2 * (unsigned)status;
}

hf_status hf_status_worse(hf_status a, hf_status b)
{
	return badness(a) >= badness(b) ? a : b;
}
