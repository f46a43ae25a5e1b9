/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any JSON as a results document, through the check and both renderers. The renderers must
 * stand what the check refuses, too, and let no control character through. */
#include "report/report.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(const json_t *document, const char *format, hf_render_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (hf_format_find(format)->write(document, &options, out) < 0 || fclose(out) != 0)
		abort();
	for (size_t i = 0; i < size; i++) {
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == '\177')
			abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *document = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	hf_error err = {0};

	if (!document)
		return 0;
	if (hf_document_check(document, &err) < 0 && !*err.text)
		abort();
	render(document, "text", (hf_render_options){.width = 80});
	render(document, "text", (hf_render_options){.width = 1, .verbose = true});
	render(document, "text", (hf_render_options){.verbose = true});
	render(document, "json", (hf_render_options){0});
	json_decref(document);
	return 0;
}
