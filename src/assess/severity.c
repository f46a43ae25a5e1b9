/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Severities: the words, and the base score at which each begins. */
#include "assess/assess.h"

static const char *const names[HF_SEVERITY_COUNT] = {
	[HF_SEVERITY_INFO] = "info",
	[HF_SEVERITY_LOW] = "low",
	[HF_SEVERITY_MEDIUM] = "medium",
	[HF_SEVERITY_HIGH] = "high",
	[HF_SEVERITY_CRITICAL] = "critical",
};

hf_severity hf_severity_of_base(unsigned base_tenths)
{
	if (base_tenths >= 90)
		return HF_SEVERITY_CRITICAL;
	if (base_tenths >= 70)
		return HF_SEVERITY_HIGH;
	if (base_tenths >= 40)
		return HF_SEVERITY_MEDIUM;
	return HF_SEVERITY_LOW;
}

const char *hf_severity_name(hf_severity severity)
{
	return (unsigned)severity < HF_SEVERITY_COUNT ? names[severity] : "?";
}

hf_severity hf_severity_number(const char *name)
{
	for (unsigned s = 0; s < HF_SEVERITY_COUNT; s++) {
		if (hf_streq(name, names[s]))
			return (hf_severity)s;
	}
	return HF_SEVERITY_COUNT;
}
