/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of one thing a line, as collectors write them: words between blanks, bytes outside of 0x21-0x7e and the
 * backslash as \ooo, a last line "." that shows that nothing was cut off. */
#ifndef HF_FACTS_WORDS_H
#define HF_FACTS_WORDS_H

#include "facts/store.h"

enum { HF_WORDS_MAX = 8 };

typedef struct hf_words {
	const char *all[HF_WORDS_MAX]; /* unescaped; "" beyond .count */
	size_t count;
} hf_words;

/* Goes through the lines of @answer, which is not failed: false at the end. *cursor begins as NULL, and is "." in the
 * end where the last line was there and nothing behind it; a line that is none ends it, too. */
bool hf_words_next(hf_arena *arena, const hf_answer *answer, const char **cursor, hf_words *ret_words);
static inline bool hf_words_are_whole(const char *cursor)
{
	return cursor && *cursor == '.';
}

#endif
