/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results document as JSON. */
#include "report/render.h"

/* ASCII alone, so that what a container chose stays harmless on a terminal, too (bidirectional overrides,
 * C1 controls). Compact takes a quarter less time than indented and a quarter less room, and whoever wants to
 * read it has jq. 15 digits print 63.4 as 63.4. Members keep the document's order. */
enum { DUMP_FLAGS = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15) };

static int add_chunk(const char *data, size_t size, void *buffer)
{
	hf_buffer *text = buffer;
	const char *end = data + size, *delete;

	/* the one control character that jansson counts as plain ASCII; it can only stand in a string */
	while ((delete = memchr(data, 0x7f, (size_t)(end - data)))) {
		hf_buffer_add(text, data, (size_t)(delete - data));
		hf_buffer_puts(text, "\\u007f");
		data = delete + 1;
	}
	hf_buffer_add(text, data, (size_t)(end - data));
	return text->failed ? -1 : 0;
}

int hf_write_json(const json_t *document, const hf_render_options *options, FILE *out)
{
	hf_buffer text = {0};
	int r = 0;

	(void)options;
	/* into memory first: jansson hands over a few bytes at a time, and a half-made document is not printed */
	if (json_dump_callback(document, add_chunk, &text, DUMP_FLAGS) < 0)
		r = -ENOMEM;
	hf_buffer_puts(&text, "\n");
	if (text.failed)
		r = -ENOMEM;
	if (r == 0)
		r = hf_write_all(text.data, text.size, out);
	hf_buffer_free(&text);
	return r;
}
