/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of configuration fragments that are merged by file name: sysctl.d(5), modprobe.d(5). */
#ifndef HF_FACTS_CONF_FILES_H
#define HF_FACTS_CONF_FILES_H

#include "facts/store.h"

typedef struct hf_conf_file {
	const char *name; /* "50-default.conf" */
	const char *path;
	const char *masked_by; /* its namesake in a former folder; NULL: this one counts */
	bool is_void;	       /* sets nothing: a link to /dev/null or to nowhere, a folder */
	const hf_file *file;   /* to be read where .is_void is false; maybe unreadable */
} hf_conf_file;

typedef struct hf_conf_files {
	hf_fact fact;		 /* unreadable: a folder could not be listed; .source names it */
	const hf_conf_file *all; /* by name; of namesakes the one that counts comes first */
	size_t count;
} hf_conf_files;

/* @folders: former ones win; a last one below /lib is left out where /lib leads to /usr/lib.
 * @suffixes: what names end in. Both NULL-terminated. The result is in the arena; never NULL. */
const hf_conf_files *hf_conf_files_new(hf_facts *facts, const char *const *folders,
				       const char *const *suffixes);

#endif
