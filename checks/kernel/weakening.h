/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot parameters that switch a protection off. */
#ifndef KERNEL_WEAKENING_H
#define KERNEL_WEAKENING_H

#include <holdfast/holdfast.h>

/* Why the @index-th parameter of @line takes a protection away, or NULL. Where the last value of a
 * name decides, only that one speaks. @line is present. */
const char *kernel_weakening(hf_check_run *run, const hf_bootline *line, size_t index);

#endif
