/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the comparisons of running and declared options share. */
#ifndef KERNEL_DRIFT_H
#define KERNEL_DRIFT_H

#include "options.h"

/* @row is of @kind, has a verdict and concerns this kernel and machine. */
bool kernel_row_decides(hf_check_run *run, const option_row *row, option_kind kind);

#endif
