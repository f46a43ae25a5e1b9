/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shipped profiles against the checks as built: every item of the benchmark is there under its number in each version,
 * and answered; the rows and the profile agree about the numbers of other versions. */
#include "replay.h"

#include "assess/profile.h"

#include <stdio.h>

typedef struct harness {
	hf_arena *arena;
	const hf_loaded_check *checks;
	size_t check_count;
	unsigned passed, failed;
} harness;

static void say(harness *h, bool is_good, const char *format, ...) HF_PRINTF(3, 4);
static void say(harness *h, bool is_good, const char *format, ...)
{
	va_list args;

	if (is_good) {
		h->passed++;
		return;
	}
	h->failed++;
	(void)printf("not ok: ");
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
}

static char *text_of(const char *path)
{
	FILE *in = fopen(path, "re");
	hf_buffer all = {0};
	char block[8192];
	size_t n;

	while (in && (n = fread(block, 1, sizeof block, in)) > 0)
		hf_buffer_add(&all, block, n);
	if (!in || all.failed || !all.data) {
		(void)fprintf(stderr, "%s cannot be read\n", path);
		exit(99);
	}
	(void)fclose(in);
	return all.data;
}

static const hf_profile *profile_of(harness *h, const char *text, const char *name)
{
	const hf_profile *profile = NULL;
	hf_profile_wish wish;
	const char *file;
	hf_error err = {0};
	int r = hf_profile_split(name, h->arena, &file, &wish);

	if (r == 0)
		r = hf_profile_parse(text, strlen(text), name, &wish, h->arena, &profile, &err);
	say(h, r == 0, "%s:%u: %s", name, err.line, err.text);
	return profile;
}

/* ---- numbers ---- */

/* The items of each section, without a gap: from 1 to this many. */
typedef struct wanted_section {
	const char *prefix;
	unsigned count;
} wanted_section;

static void check_section(harness *h, const hf_profile *profile, const wanted_section *wanted)
{
	unsigned next = 1;

	for (size_t i = 0; i < profile->item_count; i++) {
		const char *number = profile->items[i].number;
		int64_t last;

		if (!hf_has_prefix(number, wanted->prefix) ||
		    hf_parse_i64(number + strlen(wanted->prefix), &last) < 0)
			continue;
		say(h, last == next, "%s: %s follows %s%u", profile->name, number, wanted->prefix,
		    next - 1);
		next++;
	}
	say(h, next - 1 == wanted->count, "%s: %s has %u items, not %u", profile->name,
	    wanted->prefix, next - 1, wanted->count);
}

static void check_numbers(harness *h, const hf_profile *profile, unsigned of_daemon, size_t all)
{
	const wanted_section sections[] = {
		{"1.1.", 18}, {"1.2.", 2}, {"2.", of_daemon}, {"3.", 24}, {"4.", 12},
		{"5.", 32},   {"6.", 2},   {"7.", 9},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(sections); i++)
		check_section(h, profile, &sections[i]);
	say(h, profile->item_count == all, "%s: %zu items, not %zu", profile->name,
	    profile->item_count, all);
}

/* ---- answers ---- */

typedef struct answer {
	harness *h;
	const hf_profile *profile;
	const hf_check *row;
	size_t *counts;
} answer;

/* Rows refer to 1.6, whose numbers 1.7 has, and to 1.8 where that differs. */
static void check_versions(const answer *a, const hf_item *item)
{
	for (size_t i = 0; i < item->other_count; i++) {
		const hf_item_number *other = &item->others[i];
		hf_cleanup(hf_freep) char *wanted = NULL;
		bool has_it = false;

		if (asprintf(&wanted, "%s-%s:%s", a->profile->benchmark, other->version,
			     other->number) < 0)
			exit(99);
		for (const char *const *ref = a->row->refs; ref && *ref; ref++)
			has_it |= strcmp(*ref, wanted) == 0;
		say(a->h, has_it, "%s answers %s and does not refer to %s", a->row->id,
		    item->number, wanted);
	}
}

static void take_answer(const hf_item *item, void *data)
{
	answer *a = data;

	a->counts[item - a->profile->items]++;
	if (strcmp(a->profile->version, "1.6") == 0)
		check_versions(a, item);
}

static void check_answers(harness *h, const hf_profile *profile)
{
	hf_cleanup(hf_freep) size_t *counts = calloc(profile->item_count, sizeof *counts);
	answer a = {.h = h, .profile = profile, .counts = counts};

	if (!counts)
		exit(99);
	for (size_t i = 0; i < h->check_count; i++) {
		a.row = h->checks[i].row;
		hf_profile_answered(profile, a.row, take_answer, &a);
	}
	for (size_t i = 0; i < profile->item_count; i++)
		say(h, counts[i] > 0, "%s: no check answers %s", profile->name,
		    profile->items[i].number);
}

/* No check is selected that answers nothing. */
static void check_levels(harness *h, const hf_profile *all, const hf_profile *first)
{
	size_t of_first = 0;

	for (size_t i = 0; i < all->item_count; i++)
		of_first += all->items[i].level == 1;
	say(h, first->item_count == of_first, "%s: %zu items, not %zu", first->name,
	    first->item_count, of_first);
	say(h, first->level == 1 && all->level == 2, "levels are %u and %u", first->level,
	    all->level);
	say(h, of_first > 60 && of_first < all->item_count, "%zu items of level 1", of_first);
}

int main(void)
{
	const char *srcdir = getenv("srcdir"), *builddir = getenv("builddir");
	hf_cleanup(hf_freep) char *path = NULL;
	harness h = {0};
	hf_registry *registry;

	if (asprintf(&path, "%s/checks/profiles/cis-docker.yaml", srcdir ? srcdir : ".") < 0 ||
	    hf_arena_new(&h.arena) < 0 || hf_registry_new(&registry) < 0)
		return 99;
	replay_load_plugins(registry, builddir ? builddir : ".");
	h.check_count = hf_registry_checks(registry, &h.checks);
	hf_cleanup(hf_freep) char *text = text_of(path);
	const hf_profile *old = profile_of(&h, text, "cis-docker");
	const hf_profile *same = profile_of(&h, text, "cis-docker-1.7");
	const hf_profile *new = profile_of(&h, text, "cis-docker-1.8");
	const hf_profile *first = profile_of(&h, text, "cis-docker-level-1");

	if (!old || !same || !new || !first)
		return 1;
	check_numbers(&h, old, 18, 117);
	check_numbers(&h, same, 18, 117);
	check_numbers(&h, new, 19, 118);
	check_answers(&h, old);
	check_answers(&h, new);
	check_levels(&h, old, first);
	hf_registry_free(registry);
	hf_arena_free(h.arena);
	(void)printf("%u passed, %u failed\n", h.passed, h.failed);
	return h.failed > 0;
}
