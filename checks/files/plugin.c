/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files plugin: its topics, one file each. */
#include <holdfast/holdfast.h>

extern const hf_check_set files_units, files_config, files_tls_set, files_sockets, files_data;

HF_PLUGIN_SETS("files", "Files and sockets of container engines", &files_units, &files_config,
	       &files_tls_set, &files_sockets, &files_data);
