/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a command of an image's history is looked at; shared by image-step.c, which splits it into words, and
 * image-command.c, which knows what they mean. */
#ifndef HF_COLLECT_IMAGE_STEP_H
#define HF_COLLECT_IMAGE_STEP_H

#include "collect/images.h"

enum {
	HF_STEP_WORDS = 400, /* of one command of a shell */
	HF_STEP_DEPTH = 3,   /* sh -c '…' */
};

typedef struct hf_step {
	hf_buffer *out;
	unsigned marks;
	unsigned depth;
	bool is_loaded;	/* what a download gave runs down the pipe */
	bool has_plain;	/* something came by http:// */
	bool has_check;	/* and a digest or signature of something was compared */
	bool was_cut;
} hf_step;

typedef struct hf_step_word {
	const char *text; /* without quotes; NUL-terminated */
	size_t length;
} hf_step_word;

void hf_step_mark(hf_step *step, const char *kind, const char *what);
/* Marks what looks like a secret. @next: what follows it, or NULL. */
void hf_step_look_at_word(hf_step *step, const hf_step_word *word, const hf_step_word *next);
/* One command of a shell. @before, @after: what separates it from its neighbours: '|' a pipe. */
void hf_step_look_at_command(hf_step *step, const hf_step_word *words, size_t count, char before,
			     char after);
/* A plain address of another machine is in it. */
bool hf_step_is_plain_url(const char *text);

/* All commands of a text. */
void hf_step_describe_shell(hf_step *step, const char *text, size_t size);

#endif
