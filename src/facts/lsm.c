/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: the security modules that run, and how far the kernel is locked down. */
#include "facts/kernel-text.h"
#include "facts/store.h"

/* ---- the list ---- */

static bool take_list(hf_facts *facts, const char *text, size_t size, hf_lsm *lsm)
{
	char *list = hf_facts_checked(hf_arena_memdup(hf_facts_arena(facts), text, size));

	if (strlen(list) != size)
		return false;
	lsm->list = hf_strip(list);
	return *lsm->list != '\0'; /* "capability" is in every list */
}

/* securityfs is not mounted and the kernel is older than lsm_list_modules(2). Parameters of a
 * module say that it was built in and whether it was switched on, but nothing of the others: no
 * list can be made of them. */
static const char *why_no_list(hf_facts *facts, const char *why)
{
	static const char *const parameters[] = {
		"/sys/module/apparmor/parameters/enabled",
		"/sys/fs/selinux/enforce",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(parameters); i++) {
		const hf_file *file = hf_facts_file(facts, parameters[i]);

		if (file->fact.state == HF_PRESENT)
			return hf_facts_checked(hf_arena_printf(
				hf_facts_arena(facts), "%s; %s says %.1s, which proves no list",
				why, parameters[i], file->size > 0 ? file->data : "nothing"));
	}
	return why;
}

static const void *compute_lsm(hf_facts *facts, const char *path)
{
	static const char call[] = "lsm_list_modules";
	hf_lsm *lsm = hf_arena_alloc(hf_facts_arena(facts), sizeof *lsm);
	const hf_file *file = hf_facts_file(facts, path);

	if (!lsm)
		return NULL;
	lsm->fact = file->fact;
	if (file->fact.state == HF_PRESENT && take_list(facts, file->data, file->size, lsm))
		return lsm;
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, call);
	hf_fact asked = hf_facts_head(facts, HF_ASK_CALL, call, answer);

	if (asked.state == HF_PRESENT && take_list(facts, answer->data, answer->size, lsm)) {
		lsm->fact = asked;
		return lsm;
	}
	if (lsm->fact.state == HF_PRESENT)
		lsm->fact.why = "holds no list";
	lsm->fact.state = HF_UNREADABLE;
	lsm->fact.why = why_no_list(facts, lsm->fact.why);
	lsm->list = NULL;
	return lsm;
}

static const hf_fact_type lsm_type = {.name = "lsm", .compute = compute_lsm};

const hf_lsm *hf_facts_lsm(hf_facts *facts)
{
	return hf_facts_once(facts, &lsm_type, "/sys/kernel/security/lsm");
}

const hf_lsm *hf_lsm_get(hf_check_run *run)
{
	return hf_facts_lsm(hf_facts_of(run));
}

bool hf_lsm_has(const hf_lsm *lsm, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = lsm->list; at && *at;) {
		size_t item = strcspn(at, ",");

		if (item == length && memcmp(at, name, length) == 0)
			return true;
		at += item + (at[item] == ',');
	}
	return false;
}

/* ---- lockdown ---- */

int hf_lockdown_parse(const char *text, size_t size, hf_lockdown_level *ret_level)
{
	static const char *const words[] = {
		[HF_LOCKDOWN_NONE] = "none",
		[HF_LOCKDOWN_INTEGRITY] = "integrity",
		[HF_LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
	};
	const char *open = memchr(text, '[', size);
	const char *close = open ? memchr(open, ']', size - (size_t)(open - text)) : NULL;

	for (size_t i = 0; close && i < HF_ARRAY_SIZE(words); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(close - open - 1) == length &&
		    memcmp(open + 1, words[i], length) == 0) {
			*ret_level = (hf_lockdown_level)i;
			return 0;
		}
	}
	return -EBADMSG;
}

static const void *compute_lockdown(hf_facts *facts, const char *path)
{
	hf_lockdown *lockdown = hf_arena_alloc(hf_facts_arena(facts), sizeof *lockdown);
	const hf_file *file = hf_facts_file(facts, path);

	if (!lockdown)
		return NULL;
	lockdown->fact = file->fact;
	if (file->fact.state == HF_PRESENT &&
	    hf_lockdown_parse(file->data, file->size, &lockdown->level) < 0) {
		lockdown->fact.state = HF_UNREADABLE;
		lockdown->fact.why = "marks no level that is known";
	}
	if (file->fact.state != HF_ABSENT)
		return lockdown;
	/* without securityfs the file is missing, too: the list of modules settles it */
	const hf_lsm *lsm = hf_facts_lsm(facts);

	if (lsm->fact.state != HF_PRESENT) {
		lockdown->fact = lsm->fact;
	} else if (hf_lsm_has(lsm, "lockdown")) {
		lockdown->fact.state = HF_UNREADABLE;
		lockdown->fact.why =
			"not there, although the module runs: securityfs is not mounted";
	}
	return lockdown;
}

static const hf_fact_type lockdown_type = {.name = "lockdown", .compute = compute_lockdown};

const hf_lockdown *hf_facts_lockdown(hf_facts *facts)
{
	return hf_facts_once(facts, &lockdown_type, "/sys/kernel/security/lockdown");
}

const hf_lockdown *hf_lockdown_get(hf_check_run *run)
{
	return hf_facts_lockdown(hf_facts_of(run));
}
