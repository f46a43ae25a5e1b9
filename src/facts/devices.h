/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device filter of a container: the list of cgroup v1, or the programs of v2. */
#ifndef HF_FACTS_DEVICES_H
#define HF_FACTS_DEVICES_H

#include "facts/ebpf.h"

enum { HF_DEVICE_RULES_MAX = 4096 };

/* devices.list of cgroup v1, Documentation/admin-guide/cgroup-v1/devices.rst: "c 1:3 rwm", "b *:*
 * m". -EBADMSG with the line; -E2BIG; -ENOMEM. */
int hf_device_list_parse(hf_arena *arena, const char *text, size_t size,
			 const hf_device_grant **ret_rules, size_t *ret_count, hf_error *err);

/* Whether one rule of a v1 list grants all of @access (HF_EBPF_READ …), as match_exception() of
 * security/device_cgroup.c. */
bool hf_device_list_allows(const hf_device_grant *rules, size_t count, char type, uint32_t major,
			   uint32_t minor, unsigned access);

#endif
