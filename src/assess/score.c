/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assessment: each check's status and weight, and the sums over them. */
#include "assess/findings.h"

/* A category with fewer scored checks would say more about us than about the node. */
enum { STRIDE_LEAST_CHECKS = 3 };

static bool is_scored(const hf_assessed *assessed)
{
	return !(assessed->check->row->flags & HF_CHECK_INFO);
}

static void score_add(hf_score *score, const hf_assessed *assessed)
{
	unsigned weight = is_scored(assessed) ? assessed->ccss.base_tenths : 0;

	score->counts[assessed->status]++;
	switch (assessed->status) {
	case HF_PASS:
		score->weight_pass += weight;
		break;
	case HF_FAIL:
	case HF_ERROR:
	case HF_UNKNOWN:
		score->weight_open += weight;
		break;
	case HF_NOTSELECTED:
	case HF_INFORMATIONAL:
	case HF_NOTAPPLICABLE:
	case HF_NOTCHECKED:
	case HF_STATUS_COUNT:
		break;
	}
}

/* @part of @whole in tenths of a per cent, floored, so that 100.0 means all of it. */
static unsigned share_tenths(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (unsigned)(part * 1000 / whole);
}

static void score_finish(hf_score *score, unsigned least_checks)
{
	const unsigned *n = score->counts;
	unsigned decided = n[HF_PASS] + n[HF_FAIL];
	unsigned open = n[HF_FAIL] + n[HF_ERROR] + n[HF_UNKNOWN];
	uint64_t weight = score->weight_pass + score->weight_open;

	score->coverage_tenths = share_tenths(
		decided, (uint64_t)decided + n[HF_ERROR] + n[HF_UNKNOWN] + n[HF_NOTCHECKED]);
	score->has_number = weight > 0 && n[HF_PASS] + open >= least_checks;
	score->score_tenths = share_tenths(score->weight_pass, weight);
	/* what is open may weigh nothing; it still forbids a full score */
	if (open > 0 && score->score_tenths == 1000)
		score->score_tenths = 999;
}

static int assess_check(const hf_loaded_check *check, const hf_result *const *results, size_t count,
			hf_arena *arena, hf_assessed *assessed)
{
	*assessed = (hf_assessed){.check = check, .status = HF_NOTSELECTED};
	bool has_vector = hf_ccss_parse(check->row->severity, &assessed->ccss, NULL) == 0;

	assessed->severity = is_scored(assessed) ? hf_severity_of_base(assessed->ccss.base_tenths)
						 : HF_SEVERITY_INFO;
	int r = hf_findings_group(results, count, arena, assessed);

	/* nobody can say what its verdict weighs, so it has none; the other rows stand */
	if (!has_vector && assessed->status != HF_NOTSELECTED)
		assessed->status = HF_ERROR;
	return r;
}

/* Results by check: @starts[i] to @starts[i + 1] of *ret_sorted are those of check i, in their order. */
static int sort_results(const hf_results *results, const hf_loaded_check *checks, size_t count,
			size_t *starts, const hf_result ***ret_sorted)
{
	hf_cleanup(hf_freep) const hf_result **sorted = calloc(results->count + 1, sizeof *sorted);

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < results->count; i++) {
		const hf_loaded_check *check = results->all[i].check;

		if (check < checks || check >= checks + count ||
		    (unsigned)results->all[i].status >= HF_STATUS_COUNT)
			return -EINVAL;
		starts[check - checks + 1]++;
	}
	for (size_t i = 0; i < count; i++)
		starts[i + 1] += starts[i];
	/* filling moves each start to its end, which is the next one's start */
	for (size_t i = 0; i < results->count; i++)
		sorted[starts[results->all[i].check - checks]++] = &results->all[i];
	memmove(starts + 1, starts, count * sizeof *starts);
	starts[0] = 0;
	*ret_sorted = HF_TAKE(sorted);
	return 0;
}

static void sum_check(hf_assessment *sum, hf_plugin_score *plugins, const hf_assessed *assessed)
{
	score_add(&sum->whole, assessed);
	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		if (assessed->check->row->stride & UINT32_C(1) << i)
			score_add(&sum->stride[i], assessed);
	}
	for (size_t i = 0; i < sum->plugin_count; i++) {
		if (plugins[i].plugin == assessed->check->plugin)
			score_add(&plugins[i].score, assessed);
	}
	if (assessed->status == HF_FAIL)
		sum->failed[assessed->severity]++;
	if (assessed->status == HF_UNKNOWN || assessed->status == HF_ERROR)
		sum->is_incomplete = true;
}

static int sum_checks(const hf_registry *registry, hf_arena *arena, hf_assessment *sum)
{
	const hf_loaded_plugin *const *loaded;
	const hf_refusal *refusals;

	sum->plugin_count = hf_registry_plugins(registry, &loaded);
	hf_plugin_score *plugins = hf_arena_calloc(arena, sum->plugin_count + 1, sizeof *plugins);

	if (!plugins)
		return -ENOMEM;
	for (size_t i = 0; i < sum->plugin_count; i++)
		plugins[i].plugin = loaded[i];
	for (size_t i = 0; i < sum->check_count; i++)
		sum_check(sum, plugins, &sum->checks[i]);
	score_finish(&sum->whole, 1);
	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++)
		score_finish(&sum->stride[i], STRIDE_LEAST_CHECKS);
	for (size_t i = 0; i < sum->plugin_count; i++)
		score_finish(&plugins[i].score, 1);
	sum->plugins = plugins;
	/* a run that looked at nothing found nothing wrong, and must not look like a good one */
	if (hf_registry_refusals(registry, &refusals) > 0 ||
	    sum->whole.counts[HF_NOTSELECTED] == sum->check_count)
		sum->is_incomplete = true;
	return 0;
}

int hf_assess(const hf_registry *registry, const hf_results *results, hf_arena *arena,
	      hf_assessment *ret_assessment)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);
	hf_cleanup(hf_freep) size_t *starts = calloc(count + 2, sizeof *starts);
	hf_cleanup(hf_freep) const hf_result **sorted = NULL;
	hf_assessed *assessed = hf_arena_calloc(arena, count + 1, sizeof *assessed);
	int r;

	if (!starts || !assessed)
		return -ENOMEM;
	r = sort_results(results, checks, count, starts, &sorted);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = assess_check(&checks[i], sorted + starts[i], starts[i + 1] - starts[i], arena,
				 &assessed[i]);
	hf_assessment sum = {.checks = assessed, .check_count = count, .results = *results};

	if (r == 0)
		r = sum_checks(registry, arena, &sum);
	if (r < 0)
		return r;
	*ret_assessment = sum;
	return 0;
}

/* Which of two failing checks comes first: the more severe, the heavier, the one that is sensible on more
 * sites, the earlier row. */
static int compare_worst(const void *a, const void *b, void *data)
{
	const hf_assessed *checks = data;
	const hf_assessed *x = &checks[*(const size_t *)a], *y = &checks[*(const size_t *)b];

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->ccss.base_tenths != y->ccss.base_tenths)
		return x->ccss.base_tenths > y->ccss.base_tenths ? -1 : 1;
	if (x->check->row->level != y->check->row->level)
		return x->check->row->level < y->check->row->level ? -1 : 1;
	return x < y ? -1 : 1;
}

size_t hf_assess_worst(const hf_assessment *assessment, size_t max, size_t *ret_indexes)
{
	hf_cleanup(hf_freep) size_t *failing = calloc(assessment->check_count + 1, sizeof *failing);
	size_t count = 0;

	if (!failing)
		return 0;
	for (size_t i = 0; i < assessment->check_count; i++) {
		if (assessment->checks[i].status == HF_FAIL)
			failing[count++] = i;
	}
	/* qsort_r keeps its data untouched; it only lacks the const */
	qsort_r(failing, count, sizeof *failing, compare_worst, (void *)(uintptr_t)assessment->checks);
	if (count > max)
		count = max;
	memcpy(ret_indexes, failing, count * sizeof *failing);
	return count;
}
