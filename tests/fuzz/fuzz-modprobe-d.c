/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a file of modprobe.d and as the lists of modules. Names that were listed
 * are found. */
#include "facts/kernel-text.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_modprobe_lines lines;
	hf_module_names names;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_modprobe_d_parse(arena, text, size, &lines) == 0) {
		for (size_t i = 0; i < lines.count; i++)
			(void)hf_install_effect_of(lines.all[i].argument);
	}
	if (hf_proc_modules_parse(arena, text, size, &names) == 0 && names.count > 0 &&
	    !hf_module_names_have(&names, names.all[names.count / 2]))
		abort();
	if (hf_module_paths_parse(arena, text, size, &names) == 0 && names.count > 0 &&
	    !hf_module_names_have(&names, names.all[0]))
		abort();
	if (hf_module_modinfo_parse(arena, text, size, &names) == 0 && names.count > 0 &&
	    !hf_module_names_have(&names, names.all[names.count - 1]))
		abort();
	return 0;
}
