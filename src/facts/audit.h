/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audit rules, from text to what they do; for src/facts/ alone. */
#ifndef HF_FACTS_AUDIT_H
#define HF_FACTS_AUDIT_H

#include <holdfast/audit.h>

#include "facts/store.h"
#include "facts/syscalls.h"

/* What words in a rule stand for on this node. */
typedef struct hf_audit_words {
	const hf_call_machine *machine; /* NULL: not known, then no name of a call is */
	const char *passwd;		/* of /etc/passwd and /etc/group; NULL not known */
	const char *group;
	bool is_kernel; /* as our collector wrote it: with \ooo, calls by number */
} hf_audit_words;

/* One line, of a file that auditctl(8) reads or of call:audit/rules. 1: a rule, all but .source
 * filled; 0: a comment, or a setting that is no rule; -EBADMSG: not understood; -ENOMEM. */
int hf_audit_rule_parse(hf_arena *arena, const hf_audit_words *words, const char *line,
			size_t length, hf_audit_rule *ret_rule);

/* The text as auditctl -l has it. */
const char *hf_audit_rule_show(hf_arena *arena, const hf_audit_words *words,
			       const hf_audit_rule *rule);

/* call:audit/status. -EBADMSG where a line is missing or no number. */
int hf_audit_status_parse(const char *text, size_t size, hf_audit_status *ret_status);

/* The value of the only field @name, or NULL; *ret_field (NULL allowed). */
const char *hf_audit_value(const hf_audit_rule *rule, const char *name);

/* path=, dir= or exe=: the first that it has; NULL none. */
const hf_audit_field *hf_audit_place_of(const hf_audit_rule *rule);

static inline bool hf_audit_has_call(const hf_audit_rule *rule, uint32_t number)
{
	if (rule->is_for_all)
		return true;
	return number < sizeof rule->calls * 8 && rule->calls[number / 64] >> number % 64 & 1;
}

const hf_audit_status *hf_facts_audit_status(hf_facts *facts);
const hf_audit_rules *hf_facts_audit_rules(hf_facts *facts);
const hf_audit_rules *hf_facts_audit_declared(hf_facts *facts);

#endif
