/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that scan, capture, list and explain share. */
#ifndef HF_CLI_OPTIONS_H
#define HF_CLI_OPTIONS_H

#include "cli/cli.h"

#include <argp.h>

typedef struct hf_options {
	/* what to run */
	hf_list only; /* char *, ended by NULL after hf_options_finish() */
	hf_list skip;
	hf_list containers;
	hf_list no_containers;
	hf_list plugin_dirs;
	char *config;
	char *profile;
	/* what to look at */
	char *root;
	char *from;
	char *kernel_config;
	char *kernel_cmdline;
	char *sysctl;
	unsigned timeout_ms;
	const char *deep; /* NULL: not given; "" or "ptrace" */
	/* what to print */
	hf_list formats; /* char *: "NAME" or "NAME:FILE" */
	char *output;
	char *color;
	char *fail_on;
	char *min_score;
	bool quiet;
	bool verbose;
	unsigned groups;  /* how many of the groups above the subcommand joins */
	bool takes_word;
	bool is_containers; /* the subcommand of that name: its own report, and no thresholds */
	bool is_network; /* likewise */
	char *word; /* the one argument, where a subcommand takes one */
	/* made by hf_options_finish() */
	hf_severity fail_on_severity; /* HF_SEVERITY_COUNT: none */
	unsigned min_score_tenths;
	hf_selection selection;
	const hf_profile *items; /* of a profile that has them; NULL */
	hf_arena *arena;	 /* of the profile */
	hf_config settings;
} hf_options;

/* Groups of options, to be joined in a parser's children. */
extern const struct argp hf_argp_selection; /* --only --skip --plugin-dir --config --profile */
extern const struct argp hf_argp_source;    /* --root --from --timeout --kernel-config … */
extern const struct argp hf_argp_report;    /* --format --color --fail-on --min-score --quiet --verbose */

/* Joins options with the configuration file (options win) and checks values. 0, or an exit status after
 * complaining. */
int hf_options_finish(hf_options *options);
void hf_options_free(hf_options *options);

/* Opens plugins and inputs and the scanned root as @options say, and names the source. Returns 0, or an exit
 * status after complaining. */
int hf_options_prepare(const hf_options *options, hf_job *job, hf_collecting *collecting);

/* Opens an input file, "-" being standard input. 0, or an exit status after complaining. */
int hf_input_open(const char *path, int *ret_fd);

/* Colour and width for reports to @output. */
hf_render_options hf_options_render(const hf_options *options, const hf_output *output);

#endif
