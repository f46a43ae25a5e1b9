/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of SELinux share: whether it runs, and the parts of a context. */
#ifndef HF_CHECKS_SELINUX_CONTEXT_H
#define HF_CHECKS_SELINUX_CONTEXT_H

#include <holdfast/holdfast.h>

typedef struct selinux_context {
	const char *type;  /* "container_t" */
	const char *level; /* "s0:c1,c2"; "" without MLS */
} selinux_context;

/* False: built without libselinux, or @text is no context. */
bool selinux_parse(hf_check_run *run, const char *text, selinux_context *ret_context);

/* False after marking @run: SELinux does not run here (notapplicable), or that cannot be told. */
HF_MUST_CHECK bool selinux_is_active(hf_check_run *run);

/* The same without marking. */
bool selinux_runs(hf_check_run *run);

/* The context of @task's process, or false after marking @run unknown. */
bool selinux_of_task(hf_check_run *run, const hf_task *task, selinux_context *ret_context);

/* A type of the container policy that confines: container-selinux, and what it grew from. */
bool selinux_type_confines(const char *type);

/* One category pair at least, and not the whole range: "s0:c12,c400". */
bool selinux_level_is_pair(const char *level);

extern const hf_check_set selinux_containers, selinux_node;

#endif
