/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests that judge recorded hosts share: the plugins as built, and a capture read from its file. Both end
 * the test with status 99 when they cannot. */
#ifndef HF_TEST_REPLAY_H
#define HF_TEST_REPLAY_H

#include "engine/engine.h"

void replay_load_plugins(hf_registry *registry, const char *builddir);
hf_record *replay_load_capture(const char *path);

#endif
