/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a plugin may use. */
#ifndef HOLDFAST_HOLDFAST_H
#define HOLDFAST_HOLDFAST_H

#include <holdfast/api.h>
#include <holdfast/check.h>
#include <holdfast/container.h>
#include <holdfast/daemon.h>
#include <holdfast/facts.h>
#include <holdfast/kernel.h>
#include <holdfast/process.h>
#include <holdfast/seccomp.h>
#include <holdfast/verdict.h>

#endif
