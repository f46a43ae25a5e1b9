/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as daemon.json, for an engine of each kind. */
#include "facts/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a file says is one item a line; no value may hold a line of its own making. */
static void check_values(const hf_config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		const hf_config_key *key = &config->keys[i];

		if (!key->name || !key->value || (!key->is_known && !key->why))
			abort();
	}
	for (const hf_option_row *row = hf_option_rows; row->name; row++) {
		const char *value = hf_config_value(config, row);

		if (value && row->kind == HF_OPTION_BOOL && strcmp(value, "true") != 0 &&
		    strcmp(value, "false") != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const versions[] = {NULL, "19.03.15", "20.10.24+dfsg1", "28.5.2"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(versions); i++) {
		hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
		hf_config config = {0};
		hf_error err = {0};

		if (hf_arena_new(&arena) < 0)
			abort();
		const char *text = hf_arena_memdup(arena, data, size);

		if (!text)
			abort();
		int r = hf_config_parse(arena, text, size, versions[i], NULL, &config, &err);

		if (r < 0 && !*err.text)
			abort();
		if (r == 0)
			check_values(&config);
	}
	return 0;
}
