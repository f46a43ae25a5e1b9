/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel options as data: one row of options.tsv is one build option, boot parameter or sysctl with
 * the value that a container host wants, judged by one evaluator. The notation of the columns
 * wanted and condition is explained at the top of options.tsv. */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include <holdfast/holdfast.h>

#include "sets.h"

#include <stddef.h>

/* What is true of a host can be hidden from us: the third value is never rounded to one of the
 * others. */
typedef enum option_truth { OPTION_NO = 0, OPTION_YES, OPTION_CANNOT_KNOW } option_truth;

option_truth option_both(option_truth a, option_truth b);
option_truth option_either(option_truth a, option_truth b);
static inline option_truth option_truth_of(bool holds)
{
	return holds ? OPTION_YES : OPTION_NO;
}

/* ---- rows ---- */

typedef enum option_kind {
	OPTION_KCONFIG = 0, /* a build option of the running kernel */
	OPTION_CMDLINE,	    /* a parameter of the boot line */
	OPTION_SYSCTL
} option_kind;

typedef enum option_clause_kind {
	OPTION_OR = 0, /* passes, too, when it is true */
	OPTION_AND,    /* passes only when it is true as well */
	OPTION_NA,     /* cannot concern this host when it is true */
	OPTION_SEE     /* told on rows without a verdict */
} option_clause_kind;

typedef struct option_clause {
	option_clause_kind kind;
	const char *text;  /* an expression */
	const char *words; /* the same for people */
} option_clause;

typedef struct option_row {
	option_kind kind;
	const char *name;	 /* "CONFIG_BUG", "nokaslr", "kernel.kptr_restrict" */
	const char *wanted;	 /* notation */
	const char *wanted_text; /* the same in words */
	const char *arches;	 /* "all", or names separated by commas as in A: terms */
	const char *kernels;	 /* ">=5.4", "<6.6", "" for all */
	const option_clause *clauses;
	size_t clause_count;
	/* What the kernel hardening recommendations upstream want instead: the value of the row in
	 * the upstream variant of the kernel profile. NULL: the same. */
	const char *peer;
	const char *conflict; /* what that value breaks on a container host; NULL */
} option_row;

/* The one function of all rows. */
void option_check(hf_check_run *run);

/* The function of a check of another topic that asks what a row asks: .param is the row's id. So the
 * two can never disagree. */
void option_check_as(hf_check_run *run);

/* What @row comes to on this host: pass, fail, unknown, notapplicable or informational. Neither evidence nor
 * verdict goes to @run. */
hf_status option_judge(hf_check_run *run, const option_row *row);

/* ---- expr.c: expressions of terms with & and | ---- */

typedef enum option_source {
	OPTION_TERM_K = 0, /* K: build option */
	OPTION_TERM_C,	   /* C: boot parameter */
	OPTION_TERM_S,	   /* S: sysctl */
	OPTION_TERM_V,	   /* V kernel version */
	OPTION_TERM_A,	   /* A: architecture */
	OPTION_TERM_HW,	   /* HW: the machine */
	OPTION_TERM_RT	   /* RT: what runs */
} option_source;

enum { OPTION_NAME_MAX = 96, OPTION_VALUE_MAX = 96 };

typedef struct option_term {
	option_source source;
	char name[OPTION_NAME_MAX]; /* "" for V and for S:absent */
	/* Notation of wanted ("y", "!~memory", "a,b", "present", "absent"); "" where the name says
	 * all. */
	char wanted[OPTION_VALUE_MAX];
	bool is_list; /* .wanted lists alternatives ("in a,b"); else it is one value, commas and all
		       */
} option_term;

/* Splits one term; false when it is none. */
bool option_term_parse(const char *text, size_t length, option_term *ret_term);

typedef option_truth option_term_fn(const option_term *term, void *data);

/* Evaluates @text with @decide for each term that matters ('&' binds tighter than '|'). False when
 * it is malformed, whatever the terms say. */
bool option_expr_evaluate(const char *text, option_term_fn *decide, void *data,
			  option_truth *ret_truth);

/* ---- wanted.c: values ---- */

typedef struct option_value {
	option_kind kind;
	bool is_set;
	const char *text; /* last value; "" for a bare word; NULL when not set */
	const char
		*list; /* all values of a parameter that was given several times, else as .text */
} option_value;

/* Numbers that a value is compared with and that are not in the notation itself. */
typedef struct option_limit {
	bool is_known;
	int64_t max; /* for max(CONFIG_X) and for "max" */
} option_limit;

/* One alternative, or a list of them. False when the notation is malformed. */
bool option_item_match(const char *item, const option_value *value, const option_limit *limit,
		       option_truth *ret_truth);
bool option_wanted_match(const char *wanted, const option_value *value, const option_limit *limit,
			 option_truth *ret_truth);

/* The first word of @wanted is max(CONFIG_X): copies CONFIG_X to @ret_name. */
bool option_wanted_limit(const char *wanted, char ret_name[static OPTION_NAME_MAX]);

/* kstrtobool() of the kernel: 1 y t on / 0 n f off. */
bool option_parse_bool(const char *text, bool *ret_value);

/* ---- readings: what a term or a row rests on ---- */

typedef struct option_reading {
	option_truth truth;
	const char *source; /* for evidence, never NULL */
	const char *found;  /* what stands there; NULL when it could not be read */
	const char *why;    /* the reason of OPTION_CANNOT_KNOW */
} option_reading;

static inline option_reading option_unread(const char *source, const char *why)
{
	return (option_reading){
		.truth = OPTION_CANNOT_KNOW,
		.source = source,
		.why = why ? why : "not read",
	};
}

static inline option_reading option_read(const char *source, const char *found, bool holds)
{
	return (option_reading){
		.truth = option_truth_of(holds),
		.source = source,
		.found = found,
	};
}

/* ---- terms.c ---- */

/* The row in progress and what its terms read. */
enum { OPTION_READINGS_MAX = 32 };

typedef struct option_context {
	hf_check_run *run;
	const option_row *row;
	bool is_silent; /* nothing is told to .run */
	option_reading readings[OPTION_READINGS_MAX];
	size_t reading_count;
} option_context;

/* Decides a term and keeps its reading; @data is the option_context. */
option_term_fn option_term_decide;

/* The state of an option of @kind: unread (then .truth is OPTION_CANNOT_KNOW), or .found and
 * *ret_value. */
option_reading option_value_read(hf_check_run *run, option_kind kind, const char *name,
				 option_value *ret_value);

/* Compares what was read with @wanted, one item or (with @is_list) alternatives. */
option_reading option_value_judge(hf_check_run *run, option_kind kind, const char *name,
				  const char *wanted, bool is_list, const char *row_wanted);

/* ">=5.4" or "<6.6" against the running kernel. */
option_reading option_version_judge(hf_check_run *run, const char *range);

/* Whether the machine is one of @arches ("x86_64,arm64"). */
option_reading option_arch_judge(hf_check_run *run, const char *arches);

/* ---- hardware.c, runtime.c ---- */

option_reading option_hardware_judge(hf_check_run *run, const char *name);
option_reading option_runtime_judge(hf_check_run *run, const option_term *term);

/* A value of kernel.core_pattern, found at @source, starts nothing that a container could have put
 * there. */
option_reading option_core_pattern_judge(hf_check_run *run, const char *source,
					 const char *pattern);
/* A value of kernel.tainted has no bit for forced, unsigned or crashed code. */
option_reading option_taint_judge(hf_check_run *run, const char *source, const char *text);

/* ---- audit.c: RT:audit-backlog-ok, and RT:audit-before-containers where the boot line does not decide ---- */

option_reading option_audit_backlog_judge(hf_check_run *run);
option_reading option_audit_early_judge(hf_check_run *run);

/* True for rows whose notation is a name of rules (helper-ok, taint-ok) and no value. */
bool option_has_judge(const option_row *row);
/* Judges @text as the running value of such a row. */
option_reading option_judge_text(hf_check_run *run, const option_row *row, const char *source,
				 const char *text);

#endif
