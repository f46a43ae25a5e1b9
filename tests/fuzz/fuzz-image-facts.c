/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as what the collector tells of images: their list, one of them, files of its layers. */
#include "facts/images.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(hf_record *record, const char *name, const char *text, size_t size)
{
	if (hf_record_put(record,
			  &(hf_answer){.kind = HF_ASK_CALL, .name = name, .data = text, .size = size},
			  true) < 0)
		abort();
}

/* @text: the list, then an empty line, then the image of the path "/a". */
static void list(const char *text, size_t size)
{
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	const char *gap = memmem(text, size, "\n\n", 2);
	size_t first = gap ? (size_t)(gap + 1 - text) : size;

	if (hf_record_new(&record) < 0 || hf_facts_new(record, &facts) < 0)
		abort();
	put(record, "images", text, first);
	put(record, "records", text, size);
	put(record, "image:/a", text + first, size - first);
	const hf_images *images = hf_facts_images(facts);

	for (size_t i = 0; i < images->count; i++) {
		const hf_image *image = images->all[i];

		if (!image->user || image->base_steps > image->step_count ||
		    (image->base && image->base->layer_count >= image->layer_count))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_freep) char *text = malloc(size + 1);
	hf_image image = {.fact = {.source = "fuzz"}};
	hf_image_files files = {.fact = {.source = "fuzz"}};

	if (!text || hf_arena_new(&arena) < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (hf_image_parse(arena, text, size, &image) < 0 ||
	    hf_image_files_parse(arena, text, size, &files) < 0)
		abort();
	for (size_t i = 0; i < files.count; i++) {
		if (files.all[i].path[0] != '/')
			abort();
	}
	list(text, size);
	return 0;
}
