/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's audit rules as they are recorded (collect/answer.h). */
#ifndef HF_COLLECT_AUDIT_H
#define HF_COLLECT_AUDIT_H

#include "base/base.h"

/* Names of what rules are made of: libaudit's tables, or a test's. Each gives NULL for a number
 * that it does not know. */
typedef struct hf_audit_names {
	const char *(*field)(int number);
	const char *(*op)(int number);
	const char *(*list)(int number);
	const char *(*action)(int number);
} hf_audit_names;

/* Appends the line of one rule, a struct audit_rule_data of @size bytes. *ret_path (owned by the
 * caller): of path=, dir= or exe=, NULL where it has none. 0, -EBADMSG, -ENOMEM. */
int hf_audit_rule_write(const hf_audit_names *names, const void *data, size_t size, hf_buffer *line,
			char **ret_path);

#endif
