/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as grub.cfg, with a grubenv and a custom.cfg. What is chosen is a line of
 * one of them. */
#include "facts/boot-loader.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	static const char environment[] = "saved_entry=1>2\nkernelopts=root=a\n";
	static const char custom[] = "menuentry Custom --id custom { linux /k $kernelopts }\n";
	const hf_boot_entry entry = {
		.id = "id",
		.path = "id.conf",
		.title = "Title",
		.version = "",
		.machine_id = "",
		.sort_key = "",
		.options = "$kernelopts quiet",
	};
	const hf_grub_input input = {
		.config = {"grub.cfg", text, size},
		.environment = {"grubenv", environment, sizeof environment - 1},
		.custom = {"custom.cfg", custom, sizeof custom - 1},
		.entries = &entry,
		.entry_count = 1,
	};
	hf_grub_choice choice;
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	int r = hf_grub_choose(arena, &input, &choice, &err);

	if (r == 0 ? !choice.line || !choice.path || !choice.title : r != -ENOMEM && !*err.text)
		abort();
	return 0;
}
