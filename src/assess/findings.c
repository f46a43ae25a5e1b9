/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups the results of one check: a thousand containers that all pass alike are one finding. */
#include "assess/findings.h"

/* A finding while its subjects are still being counted. */
typedef struct group {
	const hf_result *sample;
	uint64_t hash;
	size_t subjects;
	size_t filled;
	const hf_subject **list;
} group;

/* FNV-1a: spreads well enough for a table that lives for one check. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	/* NULL and "" differ */
	hash = (hash ^ (text ? 1 : 2)) * UINT64_C(1099511628211);
	for (const char *c = text; c && *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t hash_result(const hf_result *result)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)result->status;

	hash = hash_text(hash, result->message);
	for (size_t i = 0; i < result->evidence_count; i++) {
		hash = hash_text(hash, result->evidence[i].source);
		hash = hash_text(hash, result->evidence[i].found);
		hash = hash_text(hash, result->evidence[i].wanted);
	}
	return hash;
}

static bool says_the_same(const hf_result *a, const hf_result *b)
{
	if (a->status != b->status || a->evidence_count != b->evidence_count ||
	    !hf_streq(a->message, b->message))
		return false;
	for (size_t i = 0; i < a->evidence_count; i++) {
		const hf_evidence *x = &a->evidence[i], *y = &b->evidence[i];

		if (x->status != y->status || !hf_streq(x->source, y->source) ||
		    !hf_streq(x->found, y->found) || !hf_streq(x->wanted, y->wanted))
			return false;
	}
	return true;
}

static bool is_alike(const hf_result *a, const hf_result *b)
{
	return a->evidence == b->evidence && a->evidence_count == b->evidence_count &&
	       a->status == b->status && a->message == b->message;
}

/* Open addressing over @slots (1 + index into @groups, 0 free), a power of two at least twice as large
 * as there can be groups. */
static size_t find_group(const hf_result *result, uint64_t hash, group *groups, size_t *group_count,
			 size_t *slots, size_t mask)
{
	size_t at = hash & mask;

	for (; slots[at] != 0; at = (at + 1) & mask) {
		size_t known = slots[at] - 1;

		if (groups[known].hash == hash && says_the_same(groups[known].sample, result))
			return known;
	}
	groups[*group_count] = (group){.sample = result, .hash = hash};
	slots[at] = ++*group_count;
	return *group_count - 1;
}

static int make_findings(group *groups, size_t group_count, const hf_result *const *results,
			 const size_t *owner, size_t count, hf_arena *arena, hf_assessed *assessed)
{
	hf_finding *findings = hf_arena_calloc(arena, group_count, sizeof *findings);

	if (!findings)
		return -ENOMEM;
	for (size_t g = 0; g < group_count; g++) {
		if (groups[g].subjects == 0)
			continue;
		groups[g].list =
			hf_arena_calloc(arena, groups[g].subjects, sizeof *groups[g].list);
		if (!groups[g].list)
			return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		group *g = &groups[owner[i]];

		if (results[i]->subject)
			g->list[g->filled++] = results[i]->subject;
	}
	for (size_t g = 0; g < group_count; g++) {
		findings[g] = (hf_finding){
			.status = groups[g].sample->status,
			.subjects = groups[g].list,
			.subject_count = groups[g].subjects,
			.sample = groups[g].sample,
		};
	}
	assessed->findings = findings;
	assessed->finding_count = group_count;
	return 0;
}

/* The usual case, a check of the host or of the only daemon, without any table. */
static int make_single(const hf_result *result, hf_arena *arena, hf_assessed *assessed)
{
	group single = {.sample = result, .subjects = result->subject ? 1 : 0};

	return make_findings(&single, 1, &result, (const size_t[]){0}, 1, arena, assessed);
}

int hf_findings_group(const hf_result *const *results, size_t count, hf_arena *arena,
		      hf_assessed *assessed)
{
	size_t group_count = 0, mask = 3;

	for (size_t i = 0; i < count; i++) {
		hf_status status = results[i]->status;

		assessed->status = i == 0 ? status : hf_status_worse(assessed->status, status);
		if (results[i]->subject)
			assessed->counts[status]++;
	}
	if (count == 0)
		return 0;
	if (count == 1)
		return make_single(results[0], arena, assessed);

	while (mask < count * 2)
		mask = mask * 2 + 1;
	hf_cleanup(hf_freep) group *groups = calloc(count, sizeof *groups);
	hf_cleanup(hf_freep) size_t *slots = calloc(mask + 1, sizeof *slots);
	hf_cleanup(hf_freep) size_t *owner = calloc(count, sizeof *owner);

	if (!groups || !slots || !owner)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		/* neighbours mostly say the same, and the engine keeps their evidence once */
		if (i > 0 && is_alike(results[i - 1], results[i]))
			owner[i] = owner[i - 1];
		else
			owner[i] = find_group(results[i], hash_result(results[i]), groups,
					      &group_count, slots, mask);
		if (results[i]->subject)
			groups[owner[i]].subjects++;
	}
	return make_findings(groups, group_count, results, owner, count, arena, assessed);
}
