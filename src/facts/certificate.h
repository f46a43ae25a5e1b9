/* SPDX-License-Identifier: GPL-2.0-or-later */
/* X.509 certificates in PEM files: when they hold, and nothing else; for src/facts/ alone. */
#ifndef HF_FACTS_CERTIFICATE_H
#define HF_FACTS_CERTIFICATE_H

#include "facts/store.h"

/* All "CERTIFICATE" blocks of @text. -EBADMSG with the reason in @err: one of them is malformed, or there is none;
 * -ENOMEM. */
int hf_certificates_parse(hf_arena *arena, const char *text, size_t size,
			  const hf_certificate **ret_all, size_t *ret_count, hf_error *err);

const hf_certificates *hf_facts_certificates(hf_facts *facts, const char *path);

#endif
