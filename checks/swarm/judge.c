/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of swarm mode share. */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>

/* Docker keeps the file as long as it is in a swarm, locked or not (daemon/cluster). */
static bool is_on_by_state(hf_check_run *run, const hf_fact *told)
{
	const hf_swarm *swarm = hf_swarm_get(run);

	if (swarm->fact.state == HF_PRESENT)
		return true;
	if (swarm->fact.state == HF_ABSENT)
		hf_not_applicable(run, swarm->fact.source, "not there", "the daemon is in no swarm");
	else
		hf_unknown(run, told->source, told->why);
	return false;
}

bool swarm_is_on(hf_check_run *run)
{
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");

	if (state->fact.state == HF_UNREADABLE)
		return is_on_by_state(run, &state->fact);
	if (state->fact.state == HF_ABSENT || *state->text == '\0') {
		hf_unknown(run, state->fact.source, "the engine names no state");
		return false;
	}
	if (strcmp(state->text, "inactive") != 0)
		return true;
	hf_not_applicable(run, state->fact.source, state->text, "the daemon is in no swarm");
	return false;
}

bool swarm_is_managed(hf_check_run *run)
{
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");
	const hf_api_value *control = hf_api_get(run, "/info", "Swarm/ControlAvailable");

	if (!swarm_is_on(run))
		return false;
	if (!hf_need(run, &state->fact) || !hf_need(run, &control->fact))
		return false;
	if (strcmp(state->text, "active") != 0) {
		hf_unknown(run, state->fact.source,
			   hf_text(run, "the node is %s: it knows nothing of the swarm now", state->text));
		return false;
	}
	if (strcmp(control->text, "true") == 0)
		return true;
	hf_not_applicable(run, control->fact.source, control->text,
			  "the node is a worker: only a manager knows");
	return false;
}

bool swarm_number(hf_check_run *run, const char *path, int64_t *ret_value)
{
	const hf_api_value *value = hf_api_get(run, "/info", path);
	char *rest;

	if (!hf_need(run, &value->fact))
		return false;
	*ret_value = strtoll(value->text, &rest, 10);
	if (rest != value->text && *rest == '\0')
		return true;
	hf_unknown(run, value->fact.source, "is no number");
	return false;
}

/* ---- times ---- */

/* The calendar begins in March, so that the leap day is the last of a year. */
static int64_t day_number(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool swarm_parse_time(const char *text, int64_t *ret_seconds)
{
	int year, month, day, hour, minute, second, end = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
		   &end) != 6 ||
	    end != 19 || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
	    minute < 0 || second < 0)
		return false;
	*ret_seconds = day_number(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

bool swarm_now(hf_check_run *run, int64_t *ret_seconds)
{
	const hf_moment *moment = hf_moment_get(run);

	if (!hf_need(run, &moment->fact))
		return false;
	if (swarm_parse_time(moment->text, ret_seconds))
		return true;
	hf_unknown(run, moment->fact.source, "is no time");
	return false;
}

const char *swarm_date(hf_check_run *run, int64_t seconds)
{
	int64_t shifted = (seconds - (seconds % 86400 + 86400) % 86400) / 86400 + 719468;
	int64_t era = shifted / 146097, of_era = shifted % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * month + 2) / 5 + 1;

	month = month < 10 ? month + 3 : month - 9;
	return hf_text(run, "%04d-%02d-%02d", (int)(year + era * 400 + (month <= 2)), (int)month, (int)day);
}

const char *swarm_join(hf_check_run *run, const char *list, const char *item)
{
	enum { LONG = 300 };

	/* nobody reads a hundred names */
	if (strlen(list) > LONG)
		return list;
	return hf_text(run, "%s%s%s", list, *list ? ", " : "", item);
}
