/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arena: blocks that are filled from the front and freed together. */
#include "base/base.h"

#include <stdio.h>

enum { BLOCK_SIZE = 64 * 1024 };

typedef struct block {
	struct block *next;
	size_t used;
	size_t room;
	_Alignas(max_align_t) char bytes[];
} block;

struct hf_arena {
	block *first;
};

int hf_arena_new(hf_arena **ret_arena)
{
	hf_arena *arena = calloc(1, sizeof *arena);

	if (!arena)
		return -ENOMEM;
	*ret_arena = arena;
	return 0;
}

void hf_arena_free(hf_arena *arena)
{
	if (!arena)
		return;
	for (block *b = arena->first; b;) {
		block *next = b->next;

		free(b);
		b = next;
	}
	free(arena);
}

void *hf_arena_alloc(hf_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	block *b = arena->first;
	size_t need;

	if (__builtin_add_overflow(size, align - 1, &need))
		return NULL;
	need &= ~(align - 1);
	if (!b || b->room - b->used < need) {
		/* calloc: fresh pages come zeroed, so a large block costs nothing until it is used */
		size_t room = need > BLOCK_SIZE / 4 ? need : (size_t)BLOCK_SIZE;
		size_t whole;

		if (__builtin_add_overflow(sizeof *b, room, &whole))
			return NULL;
		b = calloc(1, whole);
		if (!b)
			return NULL;
		b->room = room;
		if (need > BLOCK_SIZE / 4 && arena->first) {
			/* keep filling the block in front; this one is full from the start */
			b->next = arena->first->next;
			arena->first->next = b;
		} else {
			b->next = arena->first;
			arena->first = b;
		}
	}
	void *start = b->bytes + b->used;

	b->used += need;
	return start;
}

void *hf_arena_calloc(hf_arena *arena, size_t count, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(count, size, &whole))
		return NULL;
	return hf_arena_alloc(arena, whole);
}

char *hf_arena_memdup(hf_arena *arena, const void *data, size_t size)
{
	char *copy;
	size_t whole;

	if (__builtin_add_overflow(size, 1, &whole))
		return NULL;
	copy = hf_arena_alloc(arena, whole);
	if (copy && size > 0)
		memcpy(copy, data, size);
	return copy;
}

char *hf_arena_strdup(hf_arena *arena, const char *text)
{
	return hf_arena_memdup(arena, text, strlen(text));
}

char *hf_arena_vprintf(hf_arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text = NULL;

	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);

	if (size >= 0) {
		text = hf_arena_alloc(arena, (size_t)size + 1);
		if (text)
			(void)vsnprintf(text, (size_t)size + 1, format, again);
	}
	va_end(again);
	return text;
}

char *hf_arena_printf(hf_arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = hf_arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
