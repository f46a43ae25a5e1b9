/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine: the registry of checks, what is selected of it, and the run that turns facts into results. */
#ifndef HF_ENGINE_H
#define HF_ENGINE_H

#include <holdfast/holdfast.h>

#include "base/base.h"
#include "facts/store.h"

/* ---- plugins and the registry ---- */

typedef struct hf_loaded_plugin {
	const char *name;
	const char *title;
	const char *path; /* file it came from; "" when built in (tests) */
	uint32_t abi;
	size_t check_count;
} hf_loaded_plugin;

typedef struct hf_loaded_check {
	const hf_check *row; /* normalised: members unknown to the plugin are zero */
	const hf_loaded_plugin *plugin;
	const char *set;
} hf_loaded_check;

typedef struct hf_registry hf_registry;

int hf_registry_new(hf_registry **ret_registry);
void hf_registry_free(hf_registry *registry); /* plugins stay loaded: results borrow their strings */

/* Adds the rows of @plugin as found in memory. -EBADMSG with the reason: wrong ABI, a row without an
 * id or with a bad vector, an id that is there already. Then nothing of it is added. */
int hf_registry_add(hf_registry *registry, const hf_plugin *plugin, const char *path, hf_error *err);

/* Opens a plugin file through @fd (checked by hf_plugin_open) and adds it. */
int hf_registry_load(hf_registry *registry, int fd, const char *path, hf_error *err);

/* Checks sorted by plugin order, then row order; plugins in order of loading. */
size_t hf_registry_checks(const hf_registry *registry, const hf_loaded_check **ret_checks);
size_t hf_registry_plugins(const hf_registry *registry, const hf_loaded_plugin *const **ret_plugins);
/* By id or alias; NULL. */
const hf_loaded_check *hf_registry_find(const hf_registry *registry, const char *id);

/* A plugin that was refused, by name and with the reason. */
typedef struct hf_refusal {
	const char *path;
	const char *reason;
} hf_refusal;

int hf_registry_refuse(hf_registry *registry, const char *path, const char *reason);
size_t hf_registry_refusals(const hf_registry *registry, const hf_refusal **ret_refusals);

/* A plugin file, opened and found safe: regular, root's (or the caller's own where the caller is not
 * root), writable by nobody else, and so every folder above it. */
typedef struct hf_plugin_file {
	char *path;
	int fd;       /* -1 when refused */
	char *reason; /* refused: why; else NULL */
} hf_plugin_file;

/* All "*.so" of @dir, sorted by name. A folder that does not exist is -ENOENT. */
int hf_plugin_open_dir(const char *dir, hf_plugin_file **ret_files, size_t *ret_count,
		       hf_error *err);
void hf_plugin_files_free(hf_plugin_file *files, size_t count);

/* The same rule for any file that root trusts (configuration, waivers): NULL, or why not. */
int hf_trusted_open(const char *path, int *ret_fd, hf_error *err);

/* ---- selection ---- */

/* What to run. Each word is an id or alias, a glob over ids, a plugin's name, "SOURCE:number" or a glob
 * over references, or "stride:E". Empty @only: everything. */
typedef struct hf_selection {
	const char *const *only; /* NULL-terminated, or NULL */
	const char *const *skip;
	/* Containers by name, id or the begin of it, as globs: only these, and none of those. Other kinds of
	 * subjects are not concerned. NULL-terminated, or NULL. */
	const char *const *containers;
	const char *const *no_containers;
	bool is_containers_alone; /* only checks that are about containers */
	/* Of these checks alone, before all words; NULL: of all. */
	bool (*is_in_profile)(const void *profile, const hf_check *row);
	const void *profile;
} hf_selection;

/* -ENOENT with the word in @err when one matches nothing. */
int hf_selection_check(const hf_registry *registry, const hf_selection *selection, hf_error *err);
bool hf_selection_has(const hf_selection *selection, const hf_loaded_check *check);
bool hf_selection_has_subject(const hf_selection *selection, const hf_subject *subject);
/* Whether the words mean what bears these references (ended by NULL) and is no check. */
bool hf_selection_has_refs(const hf_selection *selection, const char *const *refs);
/* Whether a word means the check by more than a reference, of which a check has many. */
bool hf_selection_has_by_name(const hf_selection *selection, const hf_loaded_check *check);

/* ---- results ---- */

typedef struct hf_evidence {
	const char *source;
	const char *found;
	const char *wanted; /* NULL for a note */
	hf_status status;   /* what it says by itself; HF_NOTSELECTED for a note */
} hf_evidence;

/* One check on one subject. */
typedef struct hf_result {
	const hf_loaded_check *check;
	const hf_subject *subject; /* NULL: the check has no subject here (notapplicable or unknown) */
	hf_status status;
	const hf_evidence *evidence;
	size_t evidence_count;
	const char *message; /* or NULL */
	const hf_used *used; /* of HF_UNKNOWN and HF_ERROR: what it asked and got no answer to */
	size_t used_count;
} hf_result;

typedef struct hf_results {
	const hf_result *all; /* by check, then by subject */
	size_t count;
} hf_results;

/* Progress that survives a crash of a check: in memory shared with whoever watches. */
typedef struct hf_progress {
	volatile uint32_t current; /* 1 + index into hf_registry_checks(); 0 before and after the checks */
	volatile uint32_t phase;   /* 0 loading, 1 checking, 2 reporting */
} hf_progress;

/* @crashed: for each check of the registry NULL, or why it must not run again ("crashed with SIGSEGV"):
 * its result is the status error. @progress and @crashed may be NULL. Results live in the facts' arena. */
int hf_engine_run(const hf_registry *registry, const hf_selection *selection, hf_facts *facts,
		  hf_progress *progress, const char *const *crashed, hf_results *ret_results);

/* XCCDF's word for a status; and back, HF_STATUS_COUNT for an unknown word. */
const char *hf_status_name(hf_status status);
hf_status hf_status_number(const char *name);

/* Order of badness for aggregation: error > fail > unknown > pass > notchecked > notapplicable >
 * informational > notselected. */
hf_status hf_status_worse(hf_status a, hf_status b);

#endif
