/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as a certificate, a private key, and the engine's services and configs. */
#include "collect/swarm.h"
#include "facts/certificate.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const hf_buffer *lines)
{
	for (size_t i = 0; i < lines->size; i++) {
		char c = lines->data[i];

		if (c != '\n' && (c < 0x20 || c > 0x7e))
			abort();
	}
}

static void parse_certificates(const char *text, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const hf_certificate *all;
	size_t count = 0;
	hf_error err = {0};

	if (hf_arena_new(&arena) < 0)
		abort();
	if (hf_certificates_parse(arena, text, size, &all, &count, &err) < 0 ? !*err.text : count == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_freep) char *text = malloc(size + 1);
	hf_buffer key = {0}, lines = {0};

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	parse_certificates(text, size);
	hf_swarm_project_key(text, size, &key);
	check_lines(&key);
	(void)hf_swarm_needs_configs(text, size);
	(void)hf_swarm_project_services(text, size, text, size, &lines, NULL);
	check_lines(&lines);
	hf_buffer_free(&key);
	hf_buffer_free(&lines);
	return 0;
}
