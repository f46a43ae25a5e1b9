/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every other folder builds on: errors, ownership, arenas, growing text, numbers. libc only. */
#ifndef HF_BASE_H
#define HF_BASE_H

#include <holdfast/api.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HF_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Runs @fn on the variable's address at the end of its scope. */
#define hf_cleanup(fn) __attribute__((cleanup(fn)))

/* Hands over what an hf_cleanup() variable owns. */
#define HF_TAKE(p)                                                                                 \
	__extension__({                                                                            \
		__typeof__(p) hf_taken_ = (p);                                                     \
		(p) = NULL;                                                                        \
		hf_taken_;                                                                         \
	})

static inline void hf_freep(void *p)
{
	void *owned;

	memcpy(&owned, p, sizeof owned);
	free(owned);
}

static inline void hf_closep(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* ---- errors ---- */

/* What went wrong and where; allocated by the caller, nothing to free. NULL is allowed wherever one is
 * taken. */
typedef struct hf_error {
	int code;         /* negative errno */
	unsigned line;    /* 1-based; 0 where there is none */
	char source[160]; /* file or question; "" */
	char text[256];
} hf_error;

/* Fills @err and returns @code, so that a function can end in it. */
int hf_error_set(hf_error *err, int code, const char *format, ...) HF_PRINTF(3, 4);
int hf_error_at(hf_error *err, int code, const char *source, unsigned line, const char *format, ...)
	HF_PRINTF(5, 6);

/* The short name of a positive errno ("ENOENT"), or NULL; and the errno of a name, or 0. */
const char *hf_errno_name(int number);
int hf_errno_number(const char *name);

/* ---- arena: many small things with one lifetime ---- */

typedef struct hf_arena hf_arena;

int hf_arena_new(hf_arena **ret_arena);
void hf_arena_free(hf_arena *arena);
static inline void hf_arena_freep(hf_arena **arena)
{
	hf_arena_free(*arena);
}

/* Zeroed, aligned for any type; NULL without memory. */
void *hf_arena_alloc(hf_arena *arena, size_t size);
int hf_arena_adopt(hf_arena *arena, void *owned); /* from malloc, or NULL: freed with the arena; 0 or -ENOMEM */
void *hf_arena_calloc(hf_arena *arena, size_t count, size_t size);
char *hf_arena_strdup(hf_arena *arena, const char *text);
char *hf_arena_memdup(hf_arena *arena, const void *data, size_t size); /* NUL-terminated */
/* A text of which many have the same: one copy for all, where it is short and not long ago. NUL-terminated. */
const char *hf_arena_share(hf_arena *arena, const char *text, size_t length);
char *hf_arena_printf(hf_arena *arena, const char *format, ...) HF_PRINTF(2, 3);
char *hf_arena_vprintf(hf_arena *arena, const char *format, va_list args) HF_PRINTF(2, 0);

/* ---- growing text ---- */

/* Zero-initialise, add, then take or free. The first failure sticks: test .failed once at the end. */
typedef struct hf_text_buffer {
	char *data; /* NUL-terminated once anything was added */
	size_t size;
	size_t room;
	bool failed;
} hf_buffer;

void hf_buffer_add(hf_buffer *buffer, const void *data, size_t size);
void hf_buffer_puts(hf_buffer *buffer, const char *text);
void hf_buffer_printf(hf_buffer *buffer, const char *format, ...) HF_PRINTF(2, 3);
/* One word of a line of words: bytes outside 0x21-0x7e and the backslash as \ooo, an empty one as "-", a lone "-" as
 * \055, a NUL as U+FFFD: text that is read back has none. */
void hf_buffer_add_word(hf_buffer *buffer, const char *text, size_t size);
void hf_buffer_free(hf_buffer *buffer);

/* Undoes it, in place; "-" becomes "". False: it is malformed, or has a NUL in it. */
bool hf_word_unescape(char *word);

/* ---- a growing array of pointers ---- */

typedef struct hf_list {
	void **items;
	size_t count;
	size_t room;
} hf_list;

int hf_list_add(hf_list *list, void *item); /* 0 or -ENOMEM */
int hf_list_reserve(hf_list *list, size_t more); /* room for @more items; 0 or -ENOMEM */
void hf_list_free(hf_list *list);           /* the array, not the items */

/* ---- a map from text to pointers ---- */

/* Open addressing; keys and values are borrowed. Zero-initialise; nothing is ever removed. */
typedef struct hf_map {
	struct hf_map_slot {
		uint64_t hash;
		const char *key;
		void *value;
	} *slots;
	size_t count;
	size_t room; /* a power of two, or 0 */
} hf_map;

void *hf_map_get(const hf_map *map, const char *key); /* NULL: not there */
int hf_map_put(hf_map *map, const char *key, void *value); /* 0 or -ENOMEM; replaces */
void hf_map_free(hf_map *map);

/* ---- numbers and strings ---- */

/* As snprintf(3) and vsnprintf(3), at a tenth of their price for plain texts: %s %.*s %c %d %u %x %o and long ones. */
int hf_print(char *to, size_t size, const char *format, ...) HF_PRINTF(3, 4);
int hf_vprint(char *to, size_t size, const char *format, va_list args) HF_PRINTF(3, 0);

/* The whole of @text as one decimal integer (sign allowed, no blanks): 0, -EINVAL, -ERANGE. */
int hf_parse_i64(const char *text, int64_t *ret_value);
int hf_parse_u64(const char *text, uint64_t *ret_value);

bool hf_has_prefix(const char *text, const char *prefix);
bool hf_has_suffix(const char *text, const char *suffix);

/* @text is NULL-safe equality. */
bool hf_streq(const char *a, const char *b);

/* Removes blanks and newlines at both ends, in place; returns the new start. */
char *hf_strip(char *text);

/* The next line of [*cursor, end): its start, length without the newline; false at the end. */
bool hf_next_line(const char **cursor, const char *end, const char **ret_line, size_t *ret_length);

/* Length of the valid UTF-8 sequence that begins at @text (1 to 4), 0 where it is none. Overlong forms,
 * surrogates and values past U+10FFFF are none (RFC 3629). */
size_t hf_utf8_length(const char *text, size_t size);

/* Monotonic time in milliseconds and microseconds, for deadlines and durations. */
uint64_t hf_now_ms(void);
uint64_t hf_now_us(void);

#endif
