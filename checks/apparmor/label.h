/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of AppArmor share: whether it runs, and what a label means. */
#ifndef HF_CHECKS_APPARMOR_LABEL_H
#define HF_CHECKS_APPARMOR_LABEL_H

#include <holdfast/holdfast.h>

/* The label of a task, "docker-default (enforce)", apparmor(7). */
typedef struct apparmor_label {
	const char *profile; /* "docker-default", "unconfined", or parts joined by "//&" */
	bool is_enforced;    /* enforce or kill, in every part */
	const char *mode;    /* "enforce", "complain", "mixed" …; NULL: none, as for "unconfined" */
} apparmor_label;

/* False: built without libapparmor, or no label at all. */
bool apparmor_parse(hf_check_run *run, const char *text, apparmor_label *ret_label);

/* False after marking @run: AppArmor does not run here (notapplicable), or that cannot be told. */
HF_MUST_CHECK bool apparmor_is_active(hf_check_run *run);

/* "enforce" of "docker-default (enforce)" in the list of loaded profiles, for a profile whose name
 * matches @glob; NULL: none is loaded. @list: hf_file_get() of apparmor_profiles, present. */
const char *apparmor_loaded_mode(hf_check_run *run, const hf_file *list, const char *glob);

extern const char apparmor_profiles[]; /* path of that list */

/* "enforce" and "kill" hold; "complain" and "unconfined" let everything pass. */
bool apparmor_mode_holds(const char *mode);

extern const hf_check_set apparmor_containers, apparmor_node;

#endif
