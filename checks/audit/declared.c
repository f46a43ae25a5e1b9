/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second witness: the rules that the next boot will load, beside those that are in force. */
#include "judge.h"

#include <string.h>

const hf_check_set *const audit_sets[] = {&audit_programs, &audit_files, &audit_units,
					  &audit_sockets, NULL};

#define WANTED "the same rules in force and declared"

enum { RULES_MAX = 256, SHOWN = 3 };

/* Rules of one side that have to do with an engine's paths. */
typedef struct rule_list {
	const hf_audit_rule *all[RULES_MAX];
	size_t count;
} rule_list;

static void add(rule_list *list, const hf_audit_rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->all[i] == rule)
			return;
	}
	if (list->count < RULES_MAX)
		list->all[list->count++] = rule;
}

typedef struct gathering {
	hf_check_run *run;
	const hf_audit_rules *declared; /* NULL: there are none */
	rule_list in_force, promised;
	const hf_audit_cover *unread;
	const char *unread_path;
} gathering;

static void add_target(gathering *g, const hf_audit_target *target)
{
	const hf_audit_cover *cover = hf_audit_cover_get(g->run, target);

	for (size_t i = 0; i < cover->count; i++)
		add(&g->in_force, cover->rules[i]);
	if (cover->fact.state == HF_UNREADABLE && !g->unread) {
		g->unread = cover;
		g->unread_path = target->path;
	}
	for (size_t i = 0; g->declared && i < g->declared->count; i++) {
		const hf_audit_rule *rule = &g->declared->all[i];

		if (rule->list == HF_AUDIT_LIST_EXIT && !rule->is_never &&
		    hf_audit_rule_concerns(g->run, rule, target->path))
			add(&g->promised, rule);
	}
}

/* The paths of all the other checks. What one of them could not learn it says itself. */
static void gather(gathering *g)
{
	for (const hf_check_set *const *set = audit_sets; *set; set++) {
		for (uint32_t i = 0; i < (*set)->count; i++) {
			const audit_item *item = (*set)->checks[i].param;
			audit_list list = {.count = 0};

			item->fill(g->run, &list, item);
			for (size_t k = 0; k < list.count; k++)
				add_target(g, &list.all[k]);
		}
	}
}

/* @rules: those among which each of @list must be. Returns how many are not. */
static size_t judge_missing(hf_check_run *run, const rule_list *list, const hf_audit_rules *rules,
			    const char *how)
{
	size_t missing = 0;

	for (size_t i = 0; i < list->count; i++) {
		const hf_audit_rule *rule = list->all[i];

		if (rules && hf_audit_rule_find(rules, rule))
			continue;
		if (missing++ < SHOWN)
			(void)hf_expect(run, rule->source, hf_text(run, "%s: %s", how, rule->text),
					WANTED, false);
	}
	return missing;
}

static void judge(hf_check_run *run, const gathering *g, const hf_audit_rules *loaded)
{
	const hf_audit_rules *declared = g->declared;
	/* a line that is not understood may be the one that seems to be missing */
	bool is_vague = declared && declared->unclear;
	size_t lost = 0,
	       promised = judge_missing(run, &g->promised, loaded, "declared, and not in force");

	if (!is_vague)
		lost = judge_missing(run, &g->in_force, declared, "in force, and not declared");
	for (size_t i = 0; is_vague && i < g->in_force.count; i++) {
		if (!hf_audit_rule_find(declared, g->in_force.all[i])) {
			hf_unknown(run, declared->unclear, "is not understood");
			return;
		}
	}
	if (lost + promised > SHOWN)
		hf_message(run, "%zu rules differ.", lost + promised);
	if (lost + promised > 0)
		return;
	if (g->unread)
		hf_unknown(run, g->unread_path, g->unread->fact.why);
	else
		(void)hf_expect(run, declared->fact.source,
				hf_text(run,
					"%zu rules in force for the engine's paths, all declared",
					g->in_force.count),
				WANTED, true);
}

static void check_persistent(hf_check_run *run)
{
	const hf_audit_rules *loaded = hf_audit_rules_get(run);
	const hf_audit_rules *declared = hf_audit_rules_declared(run);
	gathering g = {.run = run};

	if (loaded->fact.state == HF_UNREADABLE || declared->fact.state == HF_UNREADABLE) {
		const hf_fact *unread =
			loaded->fact.state == HF_UNREADABLE ? &loaded->fact : &declared->fact;

		hf_unknown(run, unread->source, unread->why);
		return;
	}
	g.declared = declared->fact.state == HF_PRESENT ? declared : NULL;
	/* without a rule on either side nothing needs to be known of the paths */
	if (loaded->count > 0 || (g.declared && (declared->count > 0 || declared->unclear)))
		gather(&g);
	if (g.in_force.count > 0 || g.promised.count > 0)
		judge(run, &g, loaded->fact.state == HF_PRESENT ? loaded : NULL);
	else if (g.unread)
		hf_unknown(run, g.unread_path, g.unread->fact.why);
	else
		hf_not_applicable(run, loaded->fact.source,
				  "no rule for a path of an engine, in force or declared",
				  "there is nothing that could be lost");
}

static const hf_check checks[] = {
	{
		.id = "audit.rules-persistent",
		.title = "The audit rules in force will come back after a reboot",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:1.1.3", "CWE:778", "ATTACK:T1562.012",
				"OWASP-Docker:D10"),
		/* and all that the other checks read */
		.reads = HF_READS(
			"/etc/audit/rules.d/*.rules", "/etc/audit/audit.rules", "/etc/passwd",
			"/etc/group", AUDIT_READ_FOLDERS, AUDIT_READ_PROGRAM("dockerd"),
			AUDIT_READ_PROGRAM("containerd"), AUDIT_READ_PROGRAM("containerd-shim"),
			AUDIT_READ_PROGRAM("containerd-shim-runc-v1"),
			AUDIT_READ_PROGRAM("containerd-shim-runc-v2"), AUDIT_READ_PROGRAM("runc")),
		.risk = "What is recorded today is not recorded after the next boot, or what the "
			"files "
			"promise has never been.",
		.threat = "An intruder deletes the rules with one command and lets the files "
			  "stand, so that "
			  "who reads them believes that he would have been seen.",
		.remediation =
			"augenrules --load, where a declared rule is not in force; ausearch -m "
			"CONFIG_CHANGE tells when it went. A rule that was loaded by hand belongs "
			"into "
			"/etc/audit/rules.d/. A rule whose path does not exist at boot is refused: "
			"give it "
			"a unit of its own that loads it later.",
		.run = check_persistent,
	},
};

HF_CHECK_SET(audit_declared, checks);
