/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a mountinfo. What is accepted is complete. */
#include "facts/kernel-text.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_mounts mounts;
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_mountinfo_parse(arena, text, size, &mounts, &err) < 0) {
		if (!*err.text)
			abort();
		return 0;
	}
	for (size_t i = 0; i < mounts.count; i++) {
		const hf_mount *mount = &mounts.all[i];

		if (!mount->target || !mount->root || !mount->fs_type || !mount->source ||
		    !mount->options || !mount->super_options)
			abort();
		if (hf_mount_has_option(mount, "ro") && hf_mount_has_option(mount, "rw"))
			abort();
	}
	return 0;
}
