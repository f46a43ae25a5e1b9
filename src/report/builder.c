/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making JSON without a test after every call. */
#include "report/builder.h"

/* Keys are our own words, so nobody needs to look whether they are UTF-8. */
void hf_put(hf_builder *b, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) < 0)
		b->failed = true;
}

void hf_append(hf_builder *b, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		b->failed = true;
}

static json_t *cut_text(const char *text, size_t size)
{
	hf_buffer cut = {0};
	size_t kept = 0;

	for (size_t next = 0; next <= HF_DOCUMENT_TEXT_MAX_BYTES;) {
		size_t length = hf_utf8_length(text + next, size - next);

		kept = next;
		next += length > 0 ? length : 1;
	}
	hf_buffer_add(&cut, text, kept);
	hf_buffer_printf(&cut, "... (%zu bytes in all)", size);
	json_t *string = cut.failed ? NULL : hf_json_text(cut.data, cut.size);

	hf_buffer_free(&cut);
	return string;
}

void hf_put_text(hf_builder *b, json_t *object, const char *key, const char *text)
{
	size_t size = text ? strlen(text) : 0;
	json_t *value;

	if (!text)
		value = json_null();
	else if (size > HF_DOCUMENT_TEXT_MAX_BYTES)
		value = cut_text(text, size);
	else
		value = hf_json_text(text, size);
	hf_put(b, object, key, value);
}

json_t *hf_tenths(uint64_t tenths)
{
	return json_real((double)tenths / 10.0);
}
