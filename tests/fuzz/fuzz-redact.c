/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a configuration file, as an argument list and as an engine's answer,
 * through all that touches them before they are recorded. What was redacted once stays as it is. */
#include "collect/engine.h"
#include "collect/project.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void redact(const char *text, size_t size)
{
	char *once = NULL, *twice = NULL;
	size_t once_size, twice_size;

	if (hf_redact(text, size, &once, &once_size) < 0)
		abort();
	if (once && hf_redact(once, once_size, &twice, &twice_size) < 0)
		abort();
	if (twice)
		abort();
	free(once);
}

static void project(const char *text, size_t size, bool is_stream)
{
	hf_cleanup(hf_freep) char *copy = malloc(size + 1);
	hf_engine_config config = {.configs = {0}};
	json_t *json = NULL;
	hf_error err = {0};

	if (!copy)
		abort();
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (hf_project(copy, size, is_stream, &json, &err) < 0) {
		if (!*err.text)
			abort();
		return;
	}
	if (hf_engine_config_add_json(&config, json) < 0 ||
	    hf_engine_config_add_info(&config, json) < 0)
		abort();
	hf_engine_config_free(&config);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	hf_engine_config config = {.configs = {0}};

	redact(text, size);
	if (hf_engine_config_add_flags(&config, text, size) < 0)
		abort();
	hf_engine_config_free(&config);
	project(text, size, false);
	project(text, size, true);
	return 0;
}
