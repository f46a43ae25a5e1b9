/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine that runs a grub.cfg, for the files that it is made of (grub*.c). */
#ifndef HF_FACTS_GRUB_MACHINE_H
#define HF_FACTS_GRUB_MACHINE_H

#include "facts/boot-loader.h"

enum {
	HF_GRUB_MAX_DEPTH = 24,
	HF_GRUB_MAX_ENTRIES = 2000,
	HF_GRUB_MAX_VARIABLES = 500,
	HF_GRUB_MAX_STEPS = 200000,
	HF_GRUB_MAX_EXPANDED = 4 * 1024 * 1024, /* what variables put in, in all */
};

typedef struct hf_grub_variable {
	const char *name;
	const char *value;
	bool is_unsure;
} hf_grub_variable;

typedef struct hf_grub_entry {
	const char *title;
	const char *id;
	bool is_submenu;
	bool is_unsure;
	const hf_grub_script *script; /* its body: all[from] up to all[to] */
	size_t from;
	size_t to;
	const hf_boot_entry *bls; /* or an entry of the Boot Loader Specification */
} hf_grub_entry;

typedef struct hf_grub_machine {
	hf_arena *arena;
	const hf_grub_input *input;
	hf_error *err;
	hf_grub_variable *variables;
	size_t variable_count;
	hf_grub_entry *entries; /* of the menu being built */
	size_t entry_count;
	unsigned depth;
	size_t steps;
	hf_grub_truth mode; /* whether the commands at hand are run */
	size_t expanded;
	bool has_custom;	  /* custom.cfg was run */
	bool saw_unsure;	  /* an unsure variable is in the words at hand */
	bool saw_unsure_argument; /* likewise, behind the first argument */
	hf_grub_choice *choice;	  /* inside the chosen entry */
	bool is_choice_unsure;
} hf_grub_machine;

/* -ENOTSUP with @why. */
int hf_grub_give_up(const hf_grub_machine *m, const char *why);

/* ---- grub-variables.c ---- */

hf_grub_variable *hf_grub_find(const hf_grub_machine *m, const char *name);
int hf_grub_set(hf_grub_machine *m, const char *name, const char *value, bool is_unsure);
int hf_grub_load_environment(hf_grub_machine *m);
/* Adds the words of @token; sets .saw_unsure where an unsure variable is in them. */
int hf_grub_words(hf_grub_machine *m, const hf_grub_token *token, hf_list *words);

/* ---- grub-run.c ---- */

int hf_grub_run_script(hf_grub_machine *m, const hf_grub_text *text);
/* The pieces from @from up to @to. */
int hf_grub_run_range(hf_grub_machine *m, const hf_grub_script *script, size_t from, size_t to);
/* Makes @words the chosen kernel's parameters. */
int hf_grub_choose_line(hf_grub_machine *m, unsigned number, const char *path, char *const *words,
			size_t count);

#endif
