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

/* Sorts a list of objects by their member "Name", then "Id"; anything else stays as it is. -ENOMEM. */
int hf_project_sort(json_t *list);

#endif
