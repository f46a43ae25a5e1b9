/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as boot parameters. Every parameter but a lone "--" has a value, and the
 * last of its name wins. */
#include "facts/kernel-text.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *text = (const char *)data;
	hf_bootline *line;
	const char *name, *value;

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_bootline_parse(arena, text, size, &line) < 0)
		return 0;
	for (size_t i = 0; hf_bootline_at(line, i, &name, &value); i++) {
		const char *last = hf_bootline_value(line, name);

		if (!last || (i + 1 == line->count && strcmp(last, value) != 0))
			abort();
	}
	if (hf_bootline_at(line, line->count, &name, &value))
		abort();
	return 0;
}
