/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making JSON without a test after every call. */
#include "report/builder.h"

/* A document is some thirty small allocations a result: malloc took a third of the time that it took to make. */
static hf_arena *kept_memory;

static void *keep(size_t size)
{
	return hf_arena_alloc(kept_memory, size);
}

static void never_free(void *memory)
{
	(void)memory;
}

void hf_document_keep_memory(void)
{
	if (!kept_memory && hf_arena_new(&kept_memory) == 0)
		json_set_alloc_funcs(keep, never_free);
}

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

static json_t *new_text(const char *text)
{
	size_t size = text ? strlen(text) : 0;

	if (!text)
		return json_null();
	return size > HF_DOCUMENT_TEXT_MAX_BYTES ? cut_text(text, size) : hf_json_text(text, size);
}

void hf_put_text(hf_builder *b, json_t *object, const char *key, const char *text)
{
	hf_put(b, object, key, new_text(text));
}

void hf_put_word(hf_builder *b, json_t *object, const char *key, const char *text)
{
	json_t *word = text ? hf_map_get(&b->words, text) : NULL;

	if (word) {
		hf_put(b, object, key, json_incref(word));
		return;
	}
	word = new_text(text);
	hf_put(b, object, key, word);
	if (text && word && hf_map_put(&b->words, text, word) < 0)
		b->failed = true;
}

json_t *hf_tenths(uint64_t tenths)
{
	return json_real((double)tenths / 10.0);
}
