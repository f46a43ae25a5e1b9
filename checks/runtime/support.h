/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dated table of support.tsv, as one string. */
#ifndef RUNTIME_SUPPORT_H
#define RUNTIME_SUPPORT_H

#include <holdfast/holdfast.h>

extern const char runtime_support_table[];

#endif
