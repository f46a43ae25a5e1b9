/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container engine that misbehaves on demand, for tests of those who must not trust one. */
#ifndef HF_TEST_FAKE_H
#define HF_TEST_FAKE_H

#include <stddef.h>

/* How it can misbehave ("ok": not at all): the name of the @index-th mode, NULL past the last. */
const char *hf_fake_mode(size_t index);

/* A listening socket at @path, or -1. */
int hf_fake_listen(const char *path);

/* Answers GET requests on @listen_fd as @mode says, each connection in a process of its own, until
 * it is killed; -1 for an unknown mode. */
int hf_fake_serve(int listen_fd, const char *mode);

#endif
