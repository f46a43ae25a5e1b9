/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CCSS base and temporal scores from a vector (NIST IR 7502, sections 2 and 3). */
#include "engine/ccss.h"

#include <stdio.h>

/* One value of a metric: how it is written and what it stands for, times the metric's scale. */
typedef struct ccss_value {
	const char *word;
	unsigned number;
} ccss_value;

typedef struct ccss_metric {
	const char *name;
	const ccss_value *values; /* ended by .word NULL */
} ccss_metric;

enum {
	METRIC_AV = 0,
	METRIC_AC,
	METRIC_AU,
	METRIC_C,
	METRIC_I,
	METRIC_A,
	BASE_METRICS, /* all needed, in this order */
	METRIC_GEL = BASE_METRICS,
	METRIC_GRL,
	METRIC_PL,
	METRIC_EM,
	METRICS
};

/* Kept apart from 0, which "no impact" uses. */
static const unsigned not_stated = UINT32_MAX;

static const ccss_metric metrics[METRICS] = {
	[METRIC_AV] = {"AV", (const ccss_value[]){{"L", 395}, {"A", 646}, {"N", 1000}, {NULL, 0}}},
	[METRIC_AC] = {"AC", (const ccss_value[]){{"H", 35}, {"M", 61}, {"L", 71}, {NULL, 0}}},
	[METRIC_AU] = {"Au", (const ccss_value[]){{"M", 450}, {"S", 560}, {"N", 704}, {NULL, 0}}},
	[METRIC_C] = {"C", (const ccss_value[]){{"N", 0}, {"P", 275}, {"C", 660}, {NULL, 0}}},
	[METRIC_I] = {"I", (const ccss_value[]){{"N", 0}, {"P", 275}, {"C", 660}, {NULL, 0}}},
	[METRIC_A] = {"A", (const ccss_value[]){{"N", 0}, {"P", 275}, {"C", 660}, {NULL, 0}}},
	[METRIC_GEL] = {"GEL",
			(const ccss_value[]){
				{"N", 6}, {"L", 8}, {"M", 10}, {"H", 12}, {"ND", 10}, {NULL, 0}}},
	[METRIC_GRL] = {"GRL",
			(const ccss_value[]){
				{"H", 4}, {"M", 6}, {"L", 8}, {"N", 10}, {"ND", 10}, {NULL, 0}}},
	[METRIC_PL] = {"PL",
		       (const ccss_value[]){{"R", 'R'}, {"U", 'U'}, {"A", 'A'}, {"ND", 0}, {NULL, 0}}},
	[METRIC_EM] = {"EM", (const ccss_value[]){{"A", 'A'}, {"P", 'P'}, {NULL, 0}}},
};

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* The metric that @part ("AV:L") names, or METRICS. */
static unsigned find_metric(const char *part, size_t length)
{
	for (unsigned m = 0; m < METRICS; m++) {
		if (is_word(part, length, metrics[m].name))
			return m;
	}
	return METRICS;
}

static int parse_part(const char *vector, const char *part, size_t length, unsigned index,
		      unsigned numbers[METRICS], hf_error *err)
{
	const char *colon = memchr(part, ':', length);
	size_t name = colon ? (size_t)(colon - part) : length;
	unsigned m = find_metric(part, name);
	const char *wanted = index < BASE_METRICS ? metrics[index].name : "GEL, GRL, PL or EM";

	/* the fixed order makes equal vectors equal strings */
	if (!colon || (index < BASE_METRICS ? m != index : m < BASE_METRICS || m == METRICS))
		return hf_error_set(err, -EINVAL, "\"%.*s\" where %s is expected in \"%.80s\"",
				    (int)(length < 40 ? length : 40), part, wanted, vector);
	if (numbers[m] != not_stated)
		return hf_error_set(err, -EINVAL, "%s is there twice in \"%.80s\"", metrics[m].name,
				    vector);
	for (const ccss_value *v = metrics[m].values; v->word; v++) {
		if (is_word(colon + 1, length - name - 1, v->word)) {
			numbers[m] = v->number;
			return 0;
		}
	}
	return hf_error_set(err, -EINVAL, "\"%.*s\" is no value of %s in \"%.80s\"",
			    (int)(length < 40 ? length : 40), part, metrics[m].name, vector);
}

/* Base = round1((0.6 * Impact + 0.4 * Exploitability - 1.5) * f), the whole expression as one exact
 * integer in units of 1e-15: there is one rounding, at the end, and no step that could tip it over.
 *   0.6 * Impact         = 6.246 * (1 - (1-C)(1-I)(1-A))     factors in thousandths
 *   0.4 * Exploitability = 8 * AV * AC * Au * GEL * GRL      1000, 100, 1000, 10, 10 */
static unsigned score_tenths(const unsigned n[METRICS], unsigned gel, unsigned grl)
{
	uint64_t kept = (uint64_t)(1000 - n[METRIC_C]) * (1000 - n[METRIC_I]) * (1000 - n[METRIC_A]);
	uint64_t impact = 6246 * (UINT64_C(1000000000) - kept);
	uint64_t exploit = UINT64_C(800) * n[METRIC_AV] * n[METRIC_AC] * n[METRIC_AU] * gel * grl;
	const uint64_t exploit_max = UINT64_C(4000000000000); /* Exploitability is at most 10 */

	if (impact == 0)
		return 0; /* f is 0 */
	if (exploit > exploit_max)
		exploit = exploit_max;
	/* never negative: the least impact, one partial, gives 1.71 */
	uint64_t sum = (impact + exploit - UINT64_C(1500000000000)) * 1176;

	return (unsigned)((sum + UINT64_C(50000000000000)) / UINT64_C(100000000000000));
}

int hf_ccss_parse(const char *vector, hf_ccss *ret_ccss, hf_error *err)
{
	unsigned numbers[METRICS];
	unsigned index = 0;

	for (unsigned m = 0; m < METRICS; m++)
		numbers[m] = not_stated;
	if (!vector)
		return hf_error_set(err, -EINVAL, "no vector");
	for (const char *part = vector;; index++) {
		size_t length = strcspn(part, "/");
		int r = parse_part(vector, part, length, index, numbers, err);

		if (r < 0)
			return r;
		if (!part[length])
			break;
		part += length + 1;
	}
	if (index + 1 < BASE_METRICS)
		return hf_error_set(err, -EINVAL, "%s is missing in \"%.80s\"",
				    metrics[index + 1].name, vector);

	unsigned gel = numbers[METRIC_GEL] == not_stated ? 10 : numbers[METRIC_GEL];
	unsigned grl = numbers[METRIC_GRL] == not_stated ? 10 : numbers[METRIC_GRL];

	*ret_ccss = (hf_ccss){
		.base_tenths = score_tenths(numbers, 10, 10),
		.temporal_tenths = score_tenths(numbers, gel, grl),
		.privilege = numbers[METRIC_PL] == not_stated ? '\0' : (char)numbers[METRIC_PL],
		.exploitation = numbers[METRIC_EM] == not_stated ? '\0' : (char)numbers[METRIC_EM],
	};
	return 0;
}
