/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `process`: what the processes of containers are, hold and could reach. */
#include "process.h"

HF_PLUGIN_SETS("process", "Processes of containers", &process_ids, &process_trace, &process_masks,
	       &process_helpers, &process_opens, &process_files, &process_limits, &process_environ,
	       &process_confined, &process_records, &process_programs);
