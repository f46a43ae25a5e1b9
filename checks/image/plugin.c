/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image plugin: its topics, one file each. */
#include "judge.h"

HF_PLUGIN_SETS("image", "Container images", &image_config, &image_files, &image_history, &image_origin,
	       &image_patched, &image_secrets, &image_trust);
