/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways to read the seccomp filters of other tasks, and the form in which they are recorded.
 */
#ifndef HF_COLLECT_SECCOMP_H
#define HF_COLLECT_SECCOMP_H

#include "collect/collect.h"

#include <linux/filter.h>

/* One filter of the node. */
typedef struct hf_filter {
	uint64_t key;	   /* tells filters of one reading apart; never leaves the process */
	uint64_t previous; /* key of the filter below it on the stack; 0: it is the first */
	const struct sock_filter *code; /* NULL: could not be read */
	uint32_t length;		/* instructions */
	bool is_logged;			/* SECCOMP_FILTER_FLAG_LOG */
	const char *why;		/* .code NULL: why, in words */
} hf_filter;

/* A task under a filter. */
typedef struct hf_filtered {
	uint32_t pid; /* of its thread group */
	uint32_t tid;
	uint64_t key; /* of its newest filter */
} hf_filtered;

typedef struct hf_filters {
	const hf_filter *all;
	size_t count;
	const hf_filtered *tasks;
	size_t task_count;
} hf_filters;

enum {
	HF_FILTERS_MAX = 8192,			/* of a node: every container has its own */
	HF_FILTER_BYTES_MAX = 32 * 1024 * 1024, /* of their code in all */
	HF_FILTERED_MAX = 128 * 1024,		/* tasks */
};

/* Reads them with a BPF program that walks the tasks: nobody is stopped. Needs CAP_BPF and
 * CAP_PERFMON, and opens /sys/kernel/btf/vmlinux. 0, or a negative errno with the reason in @err.
 * What @ret_filters points to lives in @arena and in mappings that the process keeps. */
int hf_filters_by_bpf(hf_arena *arena, hf_filters *ret_filters, hf_error *err);

/* Sends what was read: call:PREFIXtasks, PREFIXstacks and PREFIXfilter/N (collect/answer.h). */
int hf_filters_send(hf_reader *reader, hf_arena *arena, const hf_filters *filters,
		    const char *prefix);

#endif
