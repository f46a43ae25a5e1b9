/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The score of a check: CCSS base score, NIST IR 7502. */
#ifndef HF_CCSS_H
#define HF_CCSS_H

#include "base/base.h"

/* Scores are tenths: 72 is 7.2. Computed in integers, rounded half up to one decimal. */
typedef struct hf_ccss {
	unsigned base_tenths;     /* 0 to 100 */
	unsigned temporal_tenths; /* equals base without GEL and GRL */
	char privilege;           /* PL: 'R' root, 'U' user, 'A' application; 0 not stated */
	char exploitation;        /* EM: 'A' active, 'P' passive; 0 not stated */
} hf_ccss;

/* "AV:L/AC:L/Au:N/C:P/I:P/A:P", then optionally GEL, GRL, PL, EM in any order. -EINVAL with the place. */
int hf_ccss_parse(const char *vector, hf_ccss *ret_ccss, hf_error *err);

#endif
