/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as an image's record, as a command of its history and as files of its layers. What is told of
 * them is what the facts read, and nothing that a terminal or a line could take for something else. */
#include "collect/images.h"
#include "facts/images.h"

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

/* Every image that was understood is one for the facts, too. */
static void read_back(const hf_buffer *lines)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_image image = {.fact = {.source = "fuzz"}};

	check_lines(lines);
	if (hf_arena_new(&arena) < 0 || hf_image_parse(arena, lines->data, lines->size, &image) < 0 ||
	    image.fact.state != HF_PRESENT)
		abort();
}

static void describe(const char *text, size_t size)
{
	hf_buffer out = {0};

	hf_buffer_puts(&out, "step - layer ");
	hf_image_describe_step(text, size, &out);
	hf_buffer_puts(&out, "\nend\n");
	read_back(&out);
	hf_buffer_free(&out);
}

static void project(const char *text, size_t size)
{
	char user[HF_IMAGE_NAME_MAX + 1];
	hf_buffer lines = {0}, told = {0};
	hf_error err = {0};

	if (hf_image_project(text, size, &lines, user, &err) == 0)
		read_back(&lines);
	else if (!*err.text)
		abort();
	if (hf_image_project_api(text, size, text, size, &told, NULL) == 0)
		read_back(&told);
	hf_buffer_free(&lines);
	hf_buffer_free(&told);
}

static void look(const char *text, size_t size)
{
	hf_buffer lines = {0};
	uint32_t uid;

	hf_image_project_release(text, size, &lines);
	hf_buffer_puts(&lines, "end\n");
	read_back(&lines);
	hf_buffer_free(&lines);
	(void)hf_image_find_user(text, size, "app", &uid);
	(void)hf_image_secret_kind("/root/.npmrc", text, size);
	(void)hf_image_secret_kind("/etc/shadow", text, size);
	(void)hf_image_source_fault("/etc/apt/sources.list", text, size);
	(void)hf_image_secret_kind(text, text, size);
	(void)hf_image_odd_program(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_freep) char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	describe(text, size);
	project(text, size);
	look(text, size);
	return 0;
}
