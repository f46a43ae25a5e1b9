/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a plugin may use. */
#ifndef HOLDFAST_HOLDFAST_H
#define HOLDFAST_HOLDFAST_H

#include <holdfast/api.h>
#include <holdfast/audit.h>
#include <holdfast/check.h>
#include <holdfast/container.h>
#include <holdfast/daemon.h>
#include <holdfast/facts.h>
#include <holdfast/files.h>
#include <holdfast/image.h>
#include <holdfast/kernel.h>
#include <holdfast/network.h>
#include <holdfast/process.h>
#include <holdfast/seccomp.h>
#include <holdfast/swarm.h>
#include <holdfast/verdict.h>

#endif
