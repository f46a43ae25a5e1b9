/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plugin of an ABI that is not ours: nothing behind its first member may be believed. */
#include <stdint.h>

struct foreign {
	uint32_t abi;
	uint32_t rest[64];
};

extern __attribute__((visibility("default"))) const struct foreign hf_plugin_v1;
const struct foreign hf_plugin_v1 = {.abi = 9u << 16, .rest = {0xffffffff, 0xffffffff, 0xffffffff}};
