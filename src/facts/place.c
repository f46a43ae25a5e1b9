/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a path is: a walk through the recorded links, as the kernel walks through those of the
 * host. */
#include "facts/place.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	LINKS_MAX = 40, /* as many as the kernel follows */
	PARTS_MAX = HF_NAME_MAX_BYTES / 2,
};

typedef struct walk {
	hf_facts *facts;
	hf_place *place;
	hf_buffer done; /* without links; "" is the root */
	hf_buffer rest;
	hf_place_part *parts;
	size_t count;
	unsigned links;
} walk;

static const char *text_of(const hf_buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

static void cut(hf_buffer *buffer, size_t size)
{
	buffer->size = size;
	if (buffer->data)
		buffer->data[size] = '\0';
}

static void give_up(walk *w, const char *source, const char *why)
{
	w->place->fact = (hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

static bool push(walk *w, const hf_answer *answer)
{
	if (w->count == PARTS_MAX)
		return false;
	w->parts[w->count++] = (hf_place_part){
		.length = w->done.size,
		.dev = makedev(answer->meta.dev_major, answer->meta.dev_minor),
		.ino = answer->meta.ino,
	};
	return true;
}

static bool follow(walk *w, const char *target, const char *rest)
{
	hf_buffer next = {0};

	if (++w->links > LINKS_MAX || strlen(target) + strlen(rest) >= HF_NAME_MAX_BYTES) {
		give_up(w, w->place->fact.source, "too many links");
		return false;
	}
	hf_buffer_puts(&next, target);
	hf_buffer_puts(&next, rest);
	hf_buffer_free(&w->rest);
	w->rest = next;
	if (*target == '/') {
		cut(&w->done, 0);
		w->count = 1;
	}
	return true;
}

/* One part further. False: this was the end. */
static bool step(walk *w, const char *part, const char *rest, bool follows)
{
	size_t before = w->done.size;
	bool is_last = rest[strspn(rest, "/")] == '\0';

	hf_buffer_puts(&w->done, "/");
	hf_buffer_puts(&w->done, part);
	const char *name =
		hf_facts_checked(hf_arena_strdup(hf_facts_arena(w->facts), text_of(&w->done)));
	const hf_answer *answer = hf_facts_ask(w->facts, HF_ASK_LINK, name);

	if (answer && !answer->error && (!is_last || follows)) {
		cut(&w->done, before);
		return follow(w, answer->data, rest);
	}
	if (answer && (!answer->error || answer->error == EINVAL)) {
		if (push(w, answer))
			return true;
		give_up(w, name, "too many folders");
		return false;
	}
	hf_fact fact = hf_facts_head(w->facts, HF_ASK_LINK, name, answer);

	if (answer && (answer->error == ENOENT || answer->error == ENOTDIR)) {
		/* what follows is not there either; where it would be is known */
		hf_buffer_puts(&w->done, rest);
		fact.state = HF_ABSENT;
	}
	w->place->fact = fact;
	return false;
}

static void walk_on(walk *w, bool follows)
{
	for (;;) {
		hf_cleanup(hf_freep) char *part = NULL;
		const char *start = text_of(&w->rest);

		start += strspn(start, "/");
		size_t length = strcspn(start, "/");

		if (length == 0)
			return;
		part = hf_facts_checked(strndup(start, length));
		char *rest =
			hf_facts_checked(hf_arena_strdup(hf_facts_arena(w->facts), start + length));

		cut(&w->rest, 0);
		hf_buffer_puts(&w->rest, rest);
		if (strcmp(part, "..") == 0 && w->count > 1) {
			w->count--;
			cut(&w->done, w->parts[w->count - 1].length);
		} else if (strcmp(part, ".") != 0 && strcmp(part, "..") != 0 &&
			   !step(w, part, rest, follows)) {
			return;
		}
	}
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	bool follows = *key++ == 'f';
	hf_place *place = hf_facts_checked(hf_arena_alloc(arena, sizeof *place));
	walk w = {.facts = facts, .place = place, .count = 1};

	place->fact = (hf_fact){.state = HF_PRESENT, .source = key};
	if (*key != '/' || strlen(key) >= HF_NAME_MAX_BYTES) {
		give_up(&w, key, "is no absolute path");
		return place;
	}
	w.parts = hf_facts_checked(calloc(PARTS_MAX, sizeof *w.parts));
	hf_buffer_puts(&w.rest, key);
	walk_on(&w, follows);
	if (w.done.failed || w.rest.failed)
		hf_facts_out_of_memory();
	if (place->fact.state != HF_UNREADABLE) {
		place->path = hf_facts_checked(
			hf_arena_strdup(arena, w.done.size > 0 ? w.done.data : "/"));
		place->parts = hf_facts_checked((void *)hf_arena_memdup(
			arena, (const void *)w.parts, w.count * sizeof *w.parts));
		place->count = w.count;
	}
	hf_buffer_free(&w.done);
	hf_buffer_free(&w.rest);
	free(w.parts);
	return place;
}

static const hf_fact_type place_type = {.name = "path", .compute = compute};

const hf_place *hf_facts_place(hf_facts *facts, const char *path, bool follows)
{
	hf_cleanup(hf_freep) char *key = hf_facts_checked(malloc(strlen(path) + 2));

	key[0] = follows ? 'f' : 'l';
	memcpy(key + 1, path, strlen(path) + 1);
	return hf_facts_once(facts, &place_type, key);
}

static const void *compute_at(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_place *place = hf_facts_checked(hf_arena_alloc(arena, sizeof *place));
	size_t room = 2;

	for (const char *at = path; *at; at++)
		room += *at == '/';
	hf_place_part *parts = hf_facts_checked(hf_arena_calloc(arena, room, sizeof *parts));

	*place = (hf_place){.fact = {.state = HF_PRESENT, .source = path},
			    .path = hf_facts_checked(hf_arena_strdup(arena, path)),
			    .parts = parts,
			    .count = 1};
	place->fact.source = place->path;
	for (size_t i = 1; strcmp(path, "/") != 0 && i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		hf_cleanup(hf_freep) char *name = hf_facts_checked(strndup(path, i));
		const hf_answer *answer = hf_record_get(hf_facts_record(facts), HF_ASK_LINK, name);

		parts[place->count] = (hf_place_part){.length = i};
		if (answer && answer->error == EINVAL) {
			parts[place->count].dev =
				makedev(answer->meta.dev_major, answer->meta.dev_minor);
			parts[place->count].ino = answer->meta.ino;
		}
		place->count++;
	}
	return place;
}

static const hf_fact_type place_at_type = {.name = "place", .compute = compute_at};

const hf_place *hf_facts_place_at(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &place_at_type, path);
}

static bool is_same(const hf_place_part *a, const hf_place_part *b)
{
	return a->ino != 0 && a->ino == b->ino && a->dev == b->dev;
}

ptrdiff_t hf_place_find(const hf_place *inner, const hf_place *outer)
{
	size_t length = strcmp(outer->path, "/") == 0 ? 0 : strlen(outer->path);

	for (size_t i = 0; i < inner->count; i++) {
		const hf_place_part *part = &inner->parts[i];

		if (part->length == length && memcmp(inner->path, outer->path, length) == 0)
			return (ptrdiff_t)i;
		if (outer->fact.state == HF_PRESENT && outer->count > 1 &&
		    is_same(part, &outer->parts[outer->count - 1]))
			return (ptrdiff_t)i;
	}
	return -1;
}

bool hf_place_equal(const hf_place *a, const hf_place *b)
{
	const char *name_a = strrchr(a->path, '/'), *name_b = strrchr(b->path, '/');

	if (strcmp(a->path, b->path) == 0)
		return true;
	if (a->fact.state != HF_PRESENT || b->fact.state != HF_PRESENT || a->count < 2 ||
	    b->count < 2)
		return false;
	/* a folder is itself wherever it is mounted; of a file the folder counts, for it is
	 * replaced by rename */
	return strcmp(name_a, name_b) == 0 &&
	       (is_same(&a->parts[a->count - 2], &b->parts[b->count - 2]));
}
