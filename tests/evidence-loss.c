/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Evidence loss: takes each answer of a recorded host away in turn, in five ways, and judges again.
 *
 *  - no check may go from fail to pass;
 *  - no check that passed on one answer alone may pass without it, unless it now rests on another one.
 *
 * Of a host with many containers, whose verdicts stand in a table beside the capture, each answer is lost in one way, the
 * next in another: all five would take minutes.
 *
 * Only checks that used the lost answer can change, so only they are judged again. */
#include "replay.h"

#include "facts/store.h"

#include <glob.h>
#include <stdio.h>

typedef enum loss { LOSS_ENOENT, LOSS_EACCES, LOSS_EIO, LOSS_EMPTY, LOSS_TRUNCATED, LOSS_COUNT } loss;

static const char *const loss_names[] = {"ENOENT", "EACCES", "EIO", "empty", "truncated"};

typedef struct verdict {
	const hf_loaded_check *check;
	char *subject; /* owned */
	hf_status status;
	size_t used;
} verdict;

typedef struct test {
	hf_registry *registry;
	hf_record *record;
	verdict *before;
	size_t before_count;
	hf_list *users; /* by answer index: const hf_loaded_check * */
	unsigned judged;
	unsigned failed;
} test;

static const char *key_of(const hf_result *result)
{
	return result->subject ? result->subject->key : "";
}



static int list_answer(const hf_answer *answer, void *list)
{
	return hf_list_add(list, (void *)(uintptr_t)answer);
}

static size_t find_answer(const hf_list *answers, const hf_used *used)
{
	for (size_t low = 0, high = answers->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		const hf_answer *at = answers->items[middle];
		int order = at->kind != used->kind ? (at->kind < used->kind ? -1 : 1)
						   : strcmp(at->name, used->name);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

static void judge_before(test *t, const hf_list *answers)
{
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	hf_results results;

	if (hf_facts_new(t->record, &facts) < 0)
		exit(99);
	hf_facts_trace_all(facts);
	if (hf_engine_run(t->registry, NULL, facts, NULL, NULL, &results) < 0)
		exit(99);
	t->before = calloc(results.count + 1, sizeof *t->before);
	t->users = calloc(answers->count + 1, sizeof *t->users);
	if (!t->before || !t->users)
		exit(99);
	t->before_count = results.count;
	for (size_t i = 0; i < results.count; i++) {
		const hf_result *result = &results.all[i];
		size_t answered = 0;

		for (size_t u = 0; u < result->used_count; u++) {
			size_t at = find_answer(answers, &result->used[u]);

			if (at == SIZE_MAX)
				continue;
			answered++;
			hf_list *users = &t->users[at];

			if (users->count == 0 ||
			    users->items[users->count - 1] != (const void *)result->check)
				(void)hf_list_add(users, (void *)(uintptr_t)result->check);
		}
		t->before[i] = (verdict){
			.check = result->check,
			.subject = strdup(key_of(result)),
			.status = result->status,
			.used = answered,
		};
	}
}

static void end_test(test *t, size_t answer_count)
{
	for (size_t i = 0; i < t->before_count; i++)
		free(t->before[i].subject);
	free(t->before);
	for (size_t i = 0; i < answer_count; i++)
		hf_list_free(&t->users[i]);
	free(t->users);
	hf_registry_free(t->registry);
	hf_record_free(t->record);
}

static const verdict *find_before(const test *t, const hf_result *result)
{
	for (size_t i = 0; i < t->before_count; i++) {
		if (t->before[i].check == result->check &&
		    strcmp(t->before[i].subject, key_of(result)) == 0)
			return &t->before[i];
	}
	return NULL;
}

static hf_answer lose(const hf_answer *answer, loss how)
{
	hf_answer lost = *answer;

	switch (how) {
	case LOSS_ENOENT:
		lost.error = ENOENT;
		break;
	case LOSS_EACCES:
		lost.error = EACCES;
		break;
	case LOSS_EIO:
		lost.error = EIO;
		break;
	case LOSS_EMPTY:
		lost.size = 0;
		return lost;
	case LOSS_TRUNCATED:
		lost.size /= 2;
		return lost;
	case LOSS_COUNT:
		break;
	}
	lost.data = "";
	lost.size = 0;
	lost.reason = NULL;
	lost.meta = (hf_meta){0};
	return lost;
}

/* The answers that a verdict rests on now; the lost one is not among them. */
static size_t answered_now(const test *t, const hf_result *result)
{
	size_t count = 0;

	for (size_t u = 0; u < result->used_count; u++) {
		const hf_answer *answer =
			hf_record_get(t->record, result->used[u].kind, result->used[u].name);

		count += answer && !answer->error;
	}
	return count;
}

static void compare(test *t, const hf_results *results, const hf_answer *lost, loss how)
{
	for (size_t i = 0; i < results->count; i++) {
		const hf_result *now = &results->all[i];
		const verdict *before = find_before(t, now);

		t->judged++;
		if (now->status != HF_PASS || !before)
			continue;
		/* an emptied or halved answer is still an answer: it can be a different, passing host. And a check
		 * with alternatives may find another witness that it did not need before: then it rests on that. */
		bool rests_on_nothing = before->status == HF_PASS && before->used == 1 &&
					how <= LOSS_EIO && answered_now(t, now) == 0;

		if (before->status != HF_FAIL && !rests_on_nothing)
			continue;
		t->failed++;
		(void)fprintf(stderr, "%s (%s): %s -> pass when %s:%s is %s\n",
			      now->check->row->id, key_of(now), hf_status_name(before->status),
			      hf_ask_kind_name(lost->kind), lost->name, loss_names[how]);
	}
}

static void judge_without(test *t, const hf_answer *answer, const hf_list *users, loss how)
{
	hf_answer kept = *answer;
	hf_cleanup(hf_freep) char *name = strdup(answer->name);
	hf_cleanup(hf_freep) char *data = malloc(answer->size + 1);
	hf_cleanup(hf_freep) char *reason = answer->reason ? strdup(answer->reason) : NULL;
	hf_cleanup(hf_freep) const char **only = calloc(users->count + 1, sizeof *only);

	if (!name || !data || !only)
		exit(99);
	memcpy(data, answer->data, answer->size + 1);
	kept.name = name;
	kept.data = data;
	kept.reason = reason;
	for (size_t i = 0; i < users->count; i++)
		only[i] = ((const hf_loaded_check *)users->items[i])->row->id;
	hf_answer lost = lose(&kept, how);
	const hf_selection selection = {.only = only};
	hf_results results;
	hf_facts *facts = NULL;

	if (hf_record_put(t->record, &lost, true) < 0 || hf_facts_new(t->record, &facts) < 0)
		exit(99);
	hf_facts_trace_all(facts);
	if (hf_engine_run(t->registry, &selection, facts, NULL, NULL, &results) < 0)
		exit(99);
	compare(t, &results, &kept, how);
	hf_facts_free(facts);
	if (hf_record_put(t->record, &kept, true) < 0)
		exit(99);
}

/* The list of answers is made anew for each loss: putting one back moves it in memory. */
static void lose_each(test *t, size_t count, bool is_large)
{
	for (size_t i = 0; i < count; i++) {
		if (t->users[i].count == 0)
			continue;
		for (unsigned how = 0; how < LOSS_COUNT; how++) {
			hf_list answers = {0};

			if (is_large && how != i % LOSS_COUNT)
				continue;
			(void)hf_record_each(t->record, list_answer, &answers);
			const hf_answer *answer = answers.items[i];

			if (!answer->error)
				judge_without(t, answer, &t->users[i], (loss)how);
			hf_list_free(&answers);
		}
	}
}

static bool has_table(const char *capture)
{
	hf_cleanup(hf_freep) char *table = NULL;
	int stem = (int)(strlen(capture) - strlen(".json"));

	return asprintf(&table, "%.*s.verdicts", stem, capture) > 0 && access(table, R_OK) == 0;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *builddir = getenv("builddir");
	hf_cleanup(hf_freep) char *pattern = NULL;
	glob_t captures;
	unsigned failed = 0, judged = 0;

	if ((argc > 1 ? asprintf(&pattern, "%s", argv[1])
		      : asprintf(&pattern, "%s/tests/captures/*.json", srcdir ? srcdir : ".")) < 0)
		return 99;
	if (glob(pattern, 0, NULL, &captures) != 0) {
		(void)fprintf(stderr, "no captures: %s\n", pattern);
		return 99;
	}
	for (size_t i = 0; i < captures.gl_pathc; i++) {
		test t = {.record = replay_load_capture(captures.gl_pathv[i])};
		hf_list answers = {0};

		if (hf_registry_new(&t.registry) < 0)
			return 99;
		replay_load_plugins(t.registry, builddir ? builddir : ".");
		(void)hf_record_each(t.record, list_answer, &answers);
		size_t count = answers.count;

		judge_before(&t, &answers);
		hf_list_free(&answers);
		lose_each(&t, count, has_table(captures.gl_pathv[i]));
		(void)printf("%s: %zu answers, %u verdicts without one of them, %u wrong\n",
			     captures.gl_pathv[i], count, t.judged, t.failed);
		failed += t.failed;
		judged += t.judged;
		end_test(&t, count);
	}
	(void)printf("%u passed, %u failed\n", judged - failed, failed);
	globfree(&captures);
	return failed > 0 || judged == 0;
}
