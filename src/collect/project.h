/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of an engine's answer may be recorded. */
#ifndef HF_PROJECT_H
#define HF_PROJECT_H

#include "base/base.h"

#include <jansson.h>

/* Parses the JSON of an Engine API answer and takes out what containers and administrators keep
 * secret: values of environments and labels, arguments, tokens, passwords. @body is changed on the
 * way.
 * @is_stream: values one after the other (/events) instead of one; *ret_json is then an array of
 * them. -EBADMSG: no JSON; -EMSGSIZE: too many values; -ENOMEM; @err says where. The caller owns
 * *ret_json. */
int hf_project(char *body, size_t size, bool is_stream, json_t **ret_json, hf_error *err);

/* What becomes of the value of a member. */
typedef enum hf_treatment {
	HF_KEEP = 0,
	HF_HIDE_VALUES, /* every string below is hidden, names of members stay */
	HF_HIDE_TAIL,	/* every string of a list but its first: "CMD-SHELL" of a health check */
	HF_HIDE_RIGHT,	/* "NAME=value" becomes "NAME"; in objects the values are hidden */
	HF_HIDE_NOTES,	/* likewise, but for labels and annotations by which runtimes name things */
	HF_KEEP_PROFILE, /* a seccomp profile: it has "args" of its own, and no secret but one */
} hf_treatment;

hf_treatment hf_project_treatment(const char *name, size_t length);
/* A label or annotation whose value is a runtime's, such as a pod's name. */
bool hf_project_is_note(const char *name, size_t length);

/* The same for a file of a runtime, as text: what is not hidden stays byte for byte. -EBADMSG where
 * it is no JSON; -ENOMEM. The caller frees @out. */
int hf_project_text(const char *data, size_t size, hf_buffer *out, hf_error *err);

/* Of runc's state.json or crun's status what tells the process and its bundle, whose path is copied
 * to @bundle
 * ("" where there is none or it does not fit). */
int hf_project_state(const char *data, size_t size, hf_buffer *out, char *bundle,
		     size_t bundle_size, hf_error *err);

/* Of lines "name = value" (LXC, systemd). *ret_data is owned by the caller. -ENOMEM. */
int hf_project_lines(const char *data, size_t size, char **ret_data, size_t *ret_size);

/* Sorts a list of objects by their member "Name", then "Id"; anything else stays as it is. -ENOMEM.
 */
int hf_project_sort(json_t *list);

#endif
