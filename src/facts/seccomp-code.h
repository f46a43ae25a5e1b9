/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a seccomp filter does, worked out from its instructions without running it. */
#ifndef HF_SECCOMP_CODE_H
#define HF_SECCOMP_CODE_H

#include "base/base.h"

#include <linux/filter.h>

/* What can become of a call, one bit each, strictest first: of two filters the stricter answer
 * counts (seccomp(2), "Return values"). UNKNOWN stands where it does because a refusal by another
 * filter settles it and nothing looser does. */
enum {
	HF_ACT_KILL = 1 << 0, /* the process or the thread */
	HF_ACT_TRAP = 1 << 1,
	HF_ACT_ERRNO = 1 << 2,
	HF_ACT_UNKNOWN = 1 << 3, /* too complex, or no filter that a kernel takes */
	HF_ACT_NOTIFY = 1 << 4,
	HF_ACT_TRACE = 1 << 5,
	HF_ACT_LOG = 1 << 6,
	HF_ACT_ALLOW = 1 << 7,
	HF_ACT_REFUSED = HF_ACT_KILL | HF_ACT_TRAP | HF_ACT_ERRNO,
};

/* The numbers that are looked at, by place: the first HF_CALL_PLACES from the ABI's first number on
 * (x32 goes up to 547), then some that no table of calls has. */
enum {
	HF_CALL_PLACES = 576,
	HF_CALL_UNLISTED = 4,
	HF_CALL_ALL = HF_CALL_PLACES + HF_CALL_UNLISTED
};

uint32_t hf_call_at(uint32_t base, uint32_t place);

typedef struct hf_call_masks {
	uint8_t at[HF_CALL_ALL]; /* of HF_ACT_*, by place: all that can happen, arguments unknown */
} hf_call_masks;

/* Words of struct seccomp_data by offset / 4 that are known beforehand. */
enum { HF_DATA_WORDS = 16, HF_DATA_FIRST_ARGUMENT = 4 };

typedef struct hf_call_given {
	uint32_t mask[HF_DATA_WORDS]; /* bits that are known; of number and architecture none are
					 needed */
	uint32_t value[HF_DATA_WORDS];
} hf_call_given;

/* For every place of an ABI whose architecture is @arch and whose first number is @base. What is
 * not understood or takes too many steps is HF_ACT_UNKNOWN. 0 or -ENOMEM. */
int hf_filter_judge(const struct sock_filter *code, size_t count, uint32_t arch, uint32_t base,
		    hf_call_masks *ret_masks);

/* For one number, with what is known of its arguments (NULL: nothing). */
int hf_filter_judge_one(const struct sock_filter *code, size_t count, uint32_t arch,
			uint32_t number, const hf_call_given *given, uint8_t *ret_mask);

/* Both filters are on the stack. */
uint8_t hf_act_both(uint8_t a, uint8_t b);

#endif
