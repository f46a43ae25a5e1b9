/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries that the judge alone needs, loaded by the judge alone: the parent and the collectors start, fork and end
 * without the nine libraries that libmount and libgcrypt bring along. */
#ifndef HF_LATE_H
#define HF_LATE_H

#include "base/base.h"

/* Loads them, while files can still be read. 0 or -ELIBACC with the library's name in @err. */
int hf_late_load(hf_error *err);

/* A function of one of them; never NULL: without it no fact could be trusted, so the process ends. */
void *hf_late_symbol(const char *name);

#endif
