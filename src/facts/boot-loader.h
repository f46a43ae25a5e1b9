/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boot loaders read, as pure parsers: GRUB's script and environment, Boot Loader Specification
 * entries, systemd-boot's loader.conf, Debian's /etc/default/grub.
 *
 * @text is any @size bytes; results live in @arena; outputs are written on success only. All return
 * 0, -ENOMEM, or what is said there, with the reason in @err. */
#ifndef HF_FACTS_BOOT_LOADER_H
#define HF_FACTS_BOOT_LOADER_H

#include "base/base.h"

/* ---- entries of the Boot Loader Specification, type 1 ---- */

typedef struct hf_boot_entry {
	const char *id; /* file name without ".conf" and without the counters of boot assessment */
	const char *path;
	const char *title; /* "" where the entry has none; so the others */
	const char *version;
	const char *machine_id;
	const char *sort_key;
	const char *options; /* of all options lines; NULL: it starts no Linux kernel */
	unsigned options_number;
} hf_boot_entry;

int hf_boot_entry_parse(hf_arena *arena, const char *path, const char *text, size_t size,
			hf_boot_entry *ret_entry);

/* The order of the menu. GRUB's blscfg: versions in the names, newest first. systemd-boot: sort-key
 * and version, newest first, as the specification says. For qsort() of hf_boot_entry. */
int hf_boot_entry_by_name(const void *a, const void *b);
int hf_boot_entry_by_key(const void *a, const void *b);

/* ---- systemd-boot ---- */

/* The value of the last "default" line of loader.conf; *ret_pattern is NULL where it has none. */
int hf_loader_conf_parse(hf_arena *arena, const char *text, size_t size, const char **ret_pattern);

/* The entry that systemd-boot takes without a keypress, of @count sorted ones: the first that
 * @pattern matches, for NULL the first. NULL: none. */
const hf_boot_entry *hf_loader_choose(const hf_boot_entry *entries, size_t count,
				      const char *pattern);

/* ---- GRUB ---- */

typedef struct hf_grub_text {
	const char *path;
	const char *text; /* NULL: proven absent */
	size_t size;
} hf_grub_text;

typedef struct hf_grub_input {
	hf_grub_text config;	      /* grub.cfg */
	hf_grub_text environment;     /* grubenv */
	hf_grub_text custom;	      /* custom.cfg beside grub.cfg */
	const hf_boot_entry *entries; /* for "blscfg", sorted by hf_boot_entry_by_name() */
	size_t entry_count;
} hf_grub_input;

typedef struct hf_grub_choice {
	const char *title;
	const char *path; /* file and line where the parameters stand */
	unsigned number;
	const char *line; /* the kernel's parameters */
} hf_grub_choice;

/* What GRUB boots when nobody presses a key. -ENOTSUP: that depends on what only GRUB knows at
 * boot, or is no Linux kernel; -ENOENT: the menu is empty; -EBADMSG: no script, or one that is too
 * large. */
int hf_grub_choose(hf_arena *arena, const hf_grub_input *input, hf_grub_choice *ret_choice,
		   hf_error *err);

/* The pieces of a GRUB script (grub-lexer.c). */
typedef enum hf_grub_kind {
	HF_GRUB_WORD = 0,
	HF_GRUB_END,  /* of a command: a newline or ';' */
	HF_GRUB_OPEN, /* '{' */
	HF_GRUB_CLOSE /* '}' */
} hf_grub_kind;

typedef struct hf_grub_token {
	hf_grub_kind kind;
	unsigned number;
	const char *text; /* raw, quotes and all */
	size_t size;
} hf_grub_token;

typedef struct hf_grub_script {
	const char *path;
	hf_grub_token *all;
	size_t count;
} hf_grub_script;

/* -E2BIG: more than 100000 pieces. */
int hf_grub_lex(hf_arena *arena, const hf_grub_text *text, hf_grub_script *ret_script);

/* The value of a variable, "" where it is not set; never NULL. */
typedef const char *hf_grub_lookup(void *data, const char *name);

/* The words that @token becomes: quotes taken away, variables put in, unquoted ones split at
 * blanks. They are added to @words, from @arena. -E2BIG: a word longer than 64 KiB. */
int hf_grub_expand(hf_arena *arena, const hf_grub_token *token, hf_grub_lookup *lookup, void *data,
		   hf_list *words);

typedef enum hf_grub_truth {
	HF_GRUB_NO = 0,
	HF_GRUB_MAYBE, /* only GRUB can tell */
	HF_GRUB_YES
} hf_grub_truth;

/* A condition's words, "[", "x", "=", "y", "]" (grub-test.c). */
hf_grub_truth hf_grub_test(const hf_grub_input *input, char *const *words, size_t count);
bool hf_grub_is_custom(const char *path); /* names the custom.cfg beside grub.cfg */

/* ---- /etc/default/grub ---- */

typedef struct hf_grub_default {
	const char *line;	 /* GRUB_CMDLINE_LINUX; NULL: never assigned */
	const char *line_source; /* "file:line" of its last assignment */
	const char *extra;	 /* GRUB_CMDLINE_LINUX_DEFAULT, likewise */
	const char *extra_source;
} hf_grub_default;

/* Assigns as the shell would. @values is zero at first and carried from file to file
 * (grub.d/\*.cfg). -ENOTSUP: one of the two can be known by a shell alone ("$(…)", another
 * variable). */
int hf_grub_default_parse(hf_arena *arena, const char *path, const char *text, size_t size,
			  hf_grub_default *values, hf_error *err);

#endif
