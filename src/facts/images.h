/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: the parsers of what collect/images.h describes; for src/facts/ alone. */
#ifndef HF_FACTS_IMAGES_H
#define HF_FACTS_IMAGES_H

#include "facts/store.h"

/* Fills what call:image:… tells of @image, .fact included (but for its .source): -ENOMEM; else 0, and a malformed text makes it
 * unreadable. */
int hf_image_parse(hf_arena *arena, const char *text, size_t size, hf_image *image);
/* call:image-files:…, likewise. */
int hf_image_files_parse(hf_arena *arena, const char *text, size_t size, hf_image_files *files);

/* "secret,NAME,12,-" … of @words, which is changed: the number, or -EBADMSG, -ENOMEM. */
int hf_marks_parse(hf_arena *arena, char *words, const hf_image_mark **ret_marks, size_t *ret_count);
/* "NAME LENGTH SHAPE", which is changed; false: it is malformed. */
bool hf_variable_line_parse(char *line, hf_variable *variable);

const hf_images *hf_facts_images(hf_facts *facts);

#endif
