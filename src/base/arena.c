/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arena: blocks that are filled from the front and freed together. */
#include "base/base.h"

#include <stdio.h>
#include <sys/mman.h>

/* The first block is small, for arenas that hold little; who needs more gets pages that the kernel fills all at
 * once, as a fault for each of them takes longer than what is done with it. */
enum {
	BLOCK_SIZE = 64 * 1024,
	MAPPED_SIZE = 256 * 1024,
};

typedef struct block {
	struct block *next;
	size_t used;
	size_t room;
	size_t mapped; /* bytes of the mapping that it is; 0: it is from malloc */
	_Alignas(max_align_t) char bytes[];
} block;

/* What was allocated elsewhere and ends with the arena. */
typedef struct adopted {
	struct adopted *next;
	void *owned;
} adopted;

/* Texts that were shared, by a hash; the last one stays. */
typedef struct shared {
	const char *text;
	size_t length;
} shared;

enum { SHARED_MAX_BYTES = 2048, SHARED_COUNT = 2048 };

struct hf_arena {
	block *first;
	adopted *adopted; /* in the blocks */
	shared *shared;	  /* likewise, from the first one on */
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
	for (adopted *a = arena->adopted; a; a = a->next)
		free(a->owned);
	for (block *b = arena->first; b;) {
		block *next = b->next;

		if (b->mapped > 0)
			(void)munmap(b, b->mapped);
		else
			free(b);
		b = next;
	}
	free(arena);
}

/* calloc: fresh pages come zeroed, so a large block costs nothing until it is used. */
static block *new_block(size_t room)
{
	size_t whole;
	block *b = __builtin_add_overflow(sizeof *b, room, &whole) ? NULL : calloc(1, whole);

	if (b)
		b->room = room;
	return b;
}

static block *map_block(void)
{
	block *b = mmap(NULL, MAPPED_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (b == MAP_FAILED)
		return NULL;
	b->room = MAPPED_SIZE - sizeof *b;
	b->mapped = MAPPED_SIZE;
	return b;
}

static block *add_block(hf_arena *arena, size_t need)
{
	bool is_large = need > BLOCK_SIZE / 4;
	block *b = is_large      ? new_block(need)
		   : arena->first ? map_block()
				  : new_block(BLOCK_SIZE);

	if (!b)
		return NULL;
	if (is_large && arena->first) {
		/* keep filling the block in front; this one is full from the start */
		b->next = arena->first->next;
		arena->first->next = b;
	} else {
		b->next = arena->first;
		arena->first = b;
	}
	return b;
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
		b = add_block(arena, need);
		if (!b)
			return NULL;
	}
	void *start = b->bytes + b->used;

	b->used += need;
	return start;
}

int hf_arena_adopt(hf_arena *arena, void *owned)
{
	adopted *new = hf_arena_alloc(arena, sizeof *new);

	if (!new)
		return -ENOMEM;
	*new = (adopted){.next = arena->adopted, .owned = owned};
	arena->adopted = new;
	return 0;
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

static uint32_t hash_of(const char *text, size_t length)
{
	uint64_t hash = length, word = 0;

	for (; length >= sizeof word; length -= sizeof word, text += sizeof word) {
		memcpy(&word, text, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 40);
}

const char *hf_arena_share(hf_arena *arena, const char *text, size_t length)
{
	if (!arena->shared)
		arena->shared = hf_arena_calloc(arena, SHARED_COUNT, sizeof *arena->shared);
	if (!arena->shared || length > SHARED_MAX_BYTES)
		return hf_arena_memdup(arena, text, length);
	shared *at = &arena->shared[hash_of(text, length) % SHARED_COUNT];

	if (!at->text || at->length != length || memcmp(at->text, text, length) != 0)
		*at = (shared){.text = hf_arena_memdup(arena, text, length), .length = length};
	return at->text;
}

char *hf_arena_strdup(hf_arena *arena, const char *text)
{
	return hf_arena_memdup(arena, text, strlen(text));
}

/* What is printed where it will lie is not copied. NULL where it has no room there. */
static char *print_in_place(hf_arena *arena, const char *format, va_list args) HF_PRINTF(2, 0);
static char *print_in_place(hf_arena *arena, const char *format, va_list args)
{
	enum { ROOM_MAX = 4096 };
	block *b = arena->first;
	size_t room = b ? b->room - b->used : 0;
	va_list again;

	room = room < ROOM_MAX ? room : ROOM_MAX;
	room -= room % _Alignof(max_align_t); /* as it will be taken */
	if (room == 0)
		return NULL;
	char *text = b->bytes + b->used;

	va_copy(again, args);
	int size = hf_vprint(text, room, format, again);
	va_end(again);
	if (size >= 0 && (size_t)size < room)
		return hf_arena_alloc(arena, (size_t)size + 1);
	memset(text, 0, room); /* whoever gets it next expects nothing there */
	return NULL;
}

char *hf_arena_vprintf(hf_arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text = print_in_place(arena, format, args);

	if (text)
		return text;
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = size < 0 ? NULL : hf_arena_alloc(arena, (size_t)size + 1);
	if (text)
		(void)vsnprintf(text, (size_t)size + 1, format, args);
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
