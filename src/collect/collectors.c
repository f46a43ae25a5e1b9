/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of collectors. */
#include "collect/collect.h"

const hf_collector *const hf_collectors[] = {
	&hf_collector_host,
	&hf_collector_restricted,
	&hf_collector_process,
	&hf_collector_inside,
	&hf_collector_runtime,
	&hf_collector_network,
	&hf_collector_device_filters,
	&hf_collector_packet_filter,
	&hf_collector_seccomp,
	&hf_collector_seccomp_ptrace,
	&hf_collector_audit,
	NULL,
};
