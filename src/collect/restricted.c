/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `restricted`: the three settings of the BPF compiler that the kernel shows to CAP_SYS_ADMIN alone
 * (proc_dointvec_minmax_bpf_restricted in net/core/sysctl_net_core.c, since 4.19).
 *
 * That capability is too large for anything that reads what others wrote, so it has a process of its own: it asks three
 * fixed questions of the kernel, takes no requests, and can open no other file. */
#include "collect/collect.h"

#include <linux/capability.h>

static const char *const settings[] = {
	"/proc/sys/net/core/bpf_jit_harden",
	"/proc/sys/net/core/bpf_jit_kallsyms",
	"/proc/sys/net/core/bpf_jit_limit",
};

static int collect(const hf_collect_task *task)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(settings); i++)
		r = hf_reader_file(task->reader, settings[i]);
	return r;
}

const hf_collector hf_collector_restricted = {
	.name = "restricted",
	.reads = "net.core.bpf_jit_*, which the kernel shows to CAP_SYS_ADMIN alone",
	.caps = (const int[]){CAP_SYS_ADMIN, -1},
	.syscalls = (const char *const[]){"openat2", "openat", "getdents64", "fstatfs", NULL},
	.kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_DIR,
	.prefixes = (const char *const[]){"/proc/sys/net/core", NULL},
	.files = (const char *const[]){"/proc/sys/net/core", NULL},
	.deadline_ms = 1000,
	.cap_bytes = 64 * 1024,
	.is_live_only = true,
	.collect = collect,
};
