/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared filters: rules of a JSON profile (OCI runtime-spec, and the engines' form of it) or of
 * the table of engines' defaults, turned into the same verdicts that filters in force get. */
#ifndef HF_SECCOMP_RULES_H
#define HF_SECCOMP_RULES_H

#include "facts/json.h"
#include "facts/seccomp-code.h"
#include "facts/syscalls.h"

enum { HF_RULE_ARGUMENTS = 6, HF_RULES_MAX = 20000 };

typedef enum hf_rule_op {
	HF_OP_EQ = 0,
	HF_OP_NE,
	HF_OP_LT,
	HF_OP_LE,
	HF_OP_GT,
	HF_OP_GE,
	HF_OP_MASKED_EQ
} hf_rule_op;

typedef struct hf_rule_argument {
	uint32_t index;
	hf_rule_op op;
	uint64_t value; /* HF_OP_MASKED_EQ: compared with, after .mask */
	uint64_t mask;
} hf_rule_argument;

/* One name of one rule. */
typedef struct hf_rule {
	const char *name;
	uint8_t act; /* HF_ACT_* */
	uint8_t argument_count;
	hf_rule_argument arguments[HF_RULE_ARGUMENTS]; /* all must hold */
} hf_rule;

typedef struct hf_rules {
	uint8_t default_act;
	const char *default_word; /* "SCMP_ACT_ERRNO" */
	bool has_abi[HF_CALL_ABI_COUNT];
	const hf_rule *all;
	size_t count;
	const char *problems; /* "; "-joined, or NULL */
} hf_rules;

/* What decides which rules of an engine's profile count. */
typedef struct hf_rules_for {
	const hf_call_machine *machine;
	uint64_t caps; /* the bounding set */
	uint32_t kernel_major;
	uint32_t kernel_minor;
} hf_rules_for;

/* From a profile's JSON. -EBADMSG with the reason where no engine would take it; -ENOMEM. */
int hf_rules_from_json(hf_arena *arena, const hf_json *json, const hf_rules_for *target,
		       const hf_rules **ret_rules, hf_error *err);

/* From the table of defaults (seccomp-defaults.tsv): @version as "20.10.24", NULL for the newest.
 * -ENOENT: no such engine there; -ERANGE: a version older than all of it. *ret_version: the one it
 * stands for. */
int hf_rules_from_table(hf_arena *arena, const char *table, const char *engine, const char *version,
			const hf_rules_for *target, const hf_rules **ret_rules,
			const char **ret_version);

extern const char hf_seccomp_defaults[];

/* What the rules do to each call of @abi. */
void hf_rules_judge(const hf_rules *rules, const hf_call_machine *machine, hf_call_abi abi,
		    hf_call_masks *ret_masks);

/* To one call, with what is known of its arguments. */
uint8_t hf_rules_judge_one(const hf_rules *rules, const hf_call_machine *machine, hf_call_abi abi,
			   uint32_t place, const hf_call_given *given);

#endif
