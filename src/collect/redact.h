/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counts as a secret; shared by what is redacted as text and what is redacted as JSON. */
#ifndef HF_REDACT_H
#define HF_REDACT_H

#include "base/base.h"

/* Stands in the record where a secret stood. */
#define HF_REDACTED "[redacted]"

/* True when the value of something called @name ("splunk-token", "MYSQL_PWD", "registryPassword")
 * is a secret; false for names of files that hold one ("token-file"). */
bool hf_is_secret_name(const char *name, size_t length);

/* The same for a variable of a service or a build: "DB_PASS", "SIGNING_KEY" too, but no switch
 * ("ALLOW_EMPTY_PASSWORD") and no name of a key ("AWS_ACCESS_KEY_ID"). */
bool hf_is_secret_variable(const char *name, size_t length);

#endif
