/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few facts that a BPF program needs of the running kernel's types: where members lie, which
 * number a function has. Read from the raw BTF (Documentation/bpf/btf.rst) in one pass. */
#ifndef HF_BTF_H
#define HF_BTF_H

#include "base/base.h"

typedef struct hf_btf_member {
	const char *type; /* "struct" name */
	const char *member;
	uint32_t offset; /* bytes; set by hf_btf_find() */
	bool is_found;
} hf_btf_member;

typedef struct hf_btf_wanted {
	hf_btf_member *members;
	size_t member_count;
	const char *function;
	uint32_t function_id; /* 0: not found */
} hf_btf_wanted;

/* Fills in what @wanted names from @size bytes of BTF. 0; -ENOENT with *ret_missing naming what
 * this kernel has not; -EBADMSG where the bytes are no BTF. Any bytes are safe. */
int hf_btf_find(const void *data, size_t size, hf_btf_wanted *wanted, const char **ret_missing);

#endif
