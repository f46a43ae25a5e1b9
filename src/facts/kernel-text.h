/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers behind the kernel facts: pure functions of bytes, for the facts, unit tests and
 * fuzzers.
 *
 * @text is any @size bytes, hostile or cut, with or without a NUL behind them. Results live in
 * @arena. All return 0, -ENOMEM, or what is said there; outputs are written on success only. */
#ifndef HF_FACTS_KERNEL_TEXT_H
#define HF_FACTS_KERNEL_TEXT_H

#include <holdfast/kernel.h>

#include "base/base.h"

/* ---- kernel ---- */

/* Four lines: sysname, release, version, machine. -EBADMSG: a line or the version number is
 * missing. */
int hf_uname_parse(hf_arena *arena, const char *text, size_t size, hf_kernel *ret_kernel,
		   hf_error *err);

/* ---- running sysctl ---- */

/* -EBADMSG: holds a NUL. Fills text and number, not the head. */
int hf_sysctl_parse(hf_arena *arena, const char *text, size_t size, hf_sysctl *ret_sysctl);

/* ---- sysctl.d ---- */

enum { HF_CONF_MAX_LINES = 50000 }; /* of one file, and of all files of one kind together */

typedef struct hf_sysctl_line {
	const char *key; /* as systemd-sysctl normalises it: "net/ipv4/conf/eth0.1/forwarding" */
	const char
		*value;	 /* blanks removed; NULL: "-key", which only excludes the key from globs */
	unsigned number; /* 1-based */
} hf_sysctl_line;

typedef struct hf_sysctl_lines {
	const hf_sysctl_line *all;
	size_t count;
} hf_sysctl_lines;

/* Lines that are no assignment are skipped, as systemd-sysctl does. -E2BIG: more than
 * HF_CONF_MAX_LINES. */
int hf_sysctl_d_parse(hf_arena *arena, const char *text, size_t size, hf_sysctl_lines *ret_lines);

/* In place; returns @key. See "CONFIGURATION FORMAT" in sysctl.d(5). */
char *hf_sysctl_normalize(char *key);
bool hf_sysctl_is_glob(const char *key);
/* Whether the normalised glob @pattern names the normalised @key, as glob(3) below /proc/sys would.
 */
bool hf_sysctl_glob_matches(const char *pattern, const char *key);

/* ---- kernel configuration ---- */

enum { HF_KCONFIG_MAX_BYTES = 8 * 1024 * 1024 }; /* inflated; a distribution's is 0.3 MiB */

/* Plain or gzip. -EBADMSG: no kernel configuration; -EFBIG: larger than the cap. Fills all but the
 * head. */
int hf_kconfig_parse(hf_arena *arena, const char *text, size_t size, hf_kconfig **ret_config,
		     hf_error *err);

/* ---- boot parameters ---- */

/* Fills all but the head. What is behind a NUL is no part of it. -EFBIG: longer than any kernel
 * takes. */
int hf_bootline_parse(hf_arena *arena, const char *text, size_t size, hf_bootline **ret_line);

/* One that could not be read, for @fact's reason; NULL without memory. */
const hf_bootline *hf_bootline_none(hf_arena *arena, hf_fact fact);

/* Adds a parameter's text to a line; blanks between the two. */
void hf_bootline_add(hf_buffer *line, const char *text);

/* ---- modules ---- */

typedef enum hf_modprobe_word {
	HF_MODPROBE_INSTALL = 0,
	HF_MODPROBE_ALIAS,
} hf_modprobe_word;

/* The lines of modprobe.d(5) that can change what a name loads. */
typedef struct hf_modprobe_line {
	hf_modprobe_word word;
	const char *name;     /* '-' made '_'; may be a glob */
	const char *argument; /* command of install, module of alias */
	unsigned number;
} hf_modprobe_line;

typedef struct hf_modprobe_lines {
	const hf_modprobe_line *all;
	size_t count;
} hf_modprobe_lines;

int hf_modprobe_d_parse(hf_arena *arena, const char *text, size_t size,
			hf_modprobe_lines *ret_lines);

/* What an install command does to the module. */
typedef enum hf_install_effect {
	HF_INSTALL_DENIES = 0, /* nothing but true or false */
	HF_INSTALL_LOADS,      /* runs modprobe or insmod */
	HF_INSTALL_UNCLEAR     /* would have to be run to be known */
} hf_install_effect;

hf_install_effect hf_install_effect_of(const char *command);

/* Module names, '-' made '_', sorted. -E2BIG: more than any kernel has. */
typedef struct hf_module_names {
	const char *const *all;
	size_t count;
} hf_module_names;

/* /proc/modules: the first word of each line. */
int hf_proc_modules_parse(hf_arena *arena, const char *text, size_t size,
			  hf_module_names *ret_names);
/* modules.builtin and modules.dep: the base name of the path up to ':' without .ko, .ko.xz … */
int hf_module_paths_parse(hf_arena *arena, const char *text, size_t size,
			  hf_module_names *ret_names);
/* modules.builtin.modinfo: "name.key=value" strings, each ended by a NUL. */
int hf_module_modinfo_parse(hf_arena *arena, const char *text, size_t size,
			    hf_module_names *ret_names);
bool hf_module_names_have(const hf_module_names *names, const char *name);
/* In place: '-' becomes '_' but within brackets, as kmod does. */
char *hf_module_underscores(char *name);

/* ---- security modules ---- */

/* "none [integrity] confidentiality". -EBADMSG: no such word in brackets. */
int hf_lockdown_parse(const char *text, size_t size, hf_lockdown_level *ret_level);

/* ---- mounts ---- */

enum { HF_MOUNTS_MAX = 100000 }; /* the kernel's own default limit (fs.mount-max) */

/* -EBADMSG with the line. Fills all but the head. */
int hf_mountinfo_parse(hf_arena *arena, const char *text, size_t size, hf_mounts *ret_mounts,
		       hf_error *err);

#endif
