/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The moment at which the host was read. */
#include "facts/store.h"

#include <stdio.h>

/* The year is counted from March, so that the leap day is its last. */
int64_t hf_day_number(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* "2026-11-22T05:40:00Z" and nothing else: RFC 3339 allows more, our collector writes this. */
static bool parse(const char *text, int64_t *ret_day)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	int year, month, day;

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++) {
		bool is_digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == 'd' ? !is_digit : text[i] != shape[i])
			return false;
	}
	if (sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3 || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > 31)
		return false;
	*ret_day = hf_day_number(year, month, day);
	return true;
}

bool hf_day_parse(const char *date, int64_t *ret_day)
{
	static const char shape[] = "dddd-dd-dd";
	int year, month, day;

	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'd' ? date[i] < '0' || date[i] > '9' : date[i] != shape[i])
			return false;
	}
	if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) != 3 || month < 1 || month > 12 ||
	    day < 1 || day > 31)
		return false;
	*ret_day = hf_day_number(year, month, day);
	return true;
}

static const void *compute_moment(hf_facts *facts, const char *key)
{
	hf_moment *moment = hf_arena_alloc(hf_facts_arena(facts), sizeof *moment);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);

	if (!moment)
		return NULL;
	moment->fact = hf_facts_head(facts, HF_ASK_CALL, key, answer);
	if (moment->fact.state != HF_PRESENT)
		return moment;
	if (!parse(answer->data, &moment->day)) {
		moment->fact.state = HF_UNREADABLE;
		moment->fact.why = "is no RFC 3339 time in UTC";
		return moment;
	}
	moment->text = answer->data;
	return moment;
}

static const hf_fact_type moment_type = {.name = "moment", .compute = compute_moment};

const hf_moment *hf_facts_moment(hf_facts *facts)
{
	return hf_facts_once(facts, &moment_type, "time");
}

const hf_moment *hf_moment_get(hf_check_run *run)
{
	return hf_facts_moment(hf_facts_of(run));
}
