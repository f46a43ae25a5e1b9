/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin `audit`: whether what is done to a container engine leaves a record. */
#include "judge.h"

HF_PLUGIN_SETS("audit", "Records of what is done to the engine", &audit_programs, &audit_files,
	       &audit_units, &audit_sockets, &audit_declared);
