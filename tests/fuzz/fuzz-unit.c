/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a unit file, and as the environment file that it names. */
#include "facts/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_list_free) hf_list lines = {0}, variables = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	const char *text = hf_arena_memdup(arena, data, size);

	if (!text || hf_unit_environment_parse(arena, text, size, &variables) < 0 ||
	    hf_unit_parse(arena, "/x.service", text, size, &lines) < 0)
		abort();
	for (size_t i = 0; i < variables.count; i++) {
		if (!strchr(variables.items[i], '='))
			abort();
	}
	for (size_t i = 0; i < lines.count; i++) {
		const hf_unit_line *line = lines.items[i];
		hf_cleanup(hf_list_free) hf_list words = {0}, expanded = {0};
		hf_flags flags = {0};

		if (strchr(line->value, '\n') || hf_unit_split(arena, line->value, &words) < 0 ||
		    hf_unit_expand(arena, &words, &variables, &expanded) < 0)
			abort();
		(void)hf_flags_parse(arena, (const char *const *)expanded.items, expanded.count,
				     &flags, NULL);
	}
	return 0;
}
