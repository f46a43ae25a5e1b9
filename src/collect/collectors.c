/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of collectors. */
#include "collect/collect.h"

const hf_collector *const hf_collectors[] = {
	&hf_collector_host,
	&hf_collector_restricted,
	&hf_collector_process,
	&hf_collector_runtime,
	NULL,
};
