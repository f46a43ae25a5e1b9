/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of one thing a line. */
#include "facts/words.h"

#include "facts/parts.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* False where it is not as a collector escapes. */
static bool unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		if (!is_octal(in[1]) || in[1] > '3' || !is_octal(in[2]) || !is_octal(in[3]))
			return false;
		*out = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
		if (*out == '\0')
			return false;
		out++;
		in += 3;
	}
	*out = '\0';
	return true;
}

static bool split(hf_arena *arena, const char *line, size_t length, hf_words *words)
{
	char *text = hf_checked(hf_arena_memdup(arena, line, length)), *saved = NULL;

	for (size_t i = 0; i < HF_WORDS_MAX; i++)
		words->all[i] = "";
	words->count = 0;
	if (strlen(text) != length)
		return false;
	for (char *word = strtok_r(text, " ", &saved); word; word = strtok_r(NULL, " ", &saved)) {
		if (words->count == HF_WORDS_MAX || !unescape(word))
			return false;
		words->all[words->count++] = word;
	}
	return words->count > 0;
}

bool hf_words_next(hf_arena *arena, const hf_answer *answer, const char **cursor, hf_words *ret_words)
{
	const char *end = answer->data + answer->size, *at = *cursor ? *cursor : answer->data;
	const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;

	*cursor = "";
	if (!newline)
		return false;
	if (newline - at == 1 && *at == '.') {
		*cursor = newline + 1 == end ? "." : "";
		return false;
	}
	if (!split(arena, at, (size_t)(newline - at), ret_words))
		return false;
	*cursor = newline + 1;
	return true;
}
