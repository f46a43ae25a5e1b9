/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selection: which checks a word means. */
#include "engine/engine.h"

#include <ctype.h>
#include <fnmatch.h>

static bool is_stride_word(const char *word, const hf_check *row)
{
	static const char letters[] = "STRIDE";

	if (!hf_has_prefix(word, "stride:") || !word[7])
		return false;
	for (const char *p = word + 7; *p; p++) {
		const char *at = strchr(letters, toupper((unsigned char)*p));

		if (at && row->stride & UINT32_C(1) << (at - letters))
			return true;
	}
	return false;
}

static bool is_any_of(const char *word, const char *const *names)
{
	for (; names && *names; names++) {
		if (fnmatch(word, *names, 0) == 0)
			return true;
	}
	return false;
}

static bool is_named_itself(const char *word, const hf_loaded_check *check)
{
	const hf_check *row = check->row;

	return strcmp(word, check->plugin->name) == 0 || fnmatch(word, row->id, 0) == 0 ||
	       is_stride_word(word, row) || is_any_of(word, row->aliases);
}

static bool is_named(const char *word, const hf_loaded_check *check)
{
	return is_named_itself(word, check) || is_any_of(word, check->row->refs);
}

bool hf_selection_has(const hf_selection *selection, const hf_loaded_check *check)
{
	bool is_in = !selection || !selection->only || !*selection->only;

	if (selection && selection->is_in_profile &&
	    !selection->is_in_profile(selection->profile, check->row))
		return false;
	for (const char *const *word = selection ? selection->only : NULL; word && *word; word++)
		is_in |= is_named(*word, check);
	for (const char *const *word = selection ? selection->skip : NULL; word && *word; word++)
		is_in &= !is_named(*word, check);
	if (selection && selection->is_containers_alone)
		is_in &= check->row->subject == HF_SUBJECT_CONTAINER;
	return is_in;
}

bool hf_selection_has_refs(const hf_selection *selection, const char *const *refs)
{
	bool is_in = !selection || !selection->only || !*selection->only;

	for (const char *const *word = selection ? selection->only : NULL; word && *word; word++)
		is_in |= is_any_of(*word, refs);
	for (const char *const *word = selection ? selection->skip : NULL; word && *word; word++)
		is_in &= !is_any_of(*word, refs);
	return is_in;
}

bool hf_selection_has_by_name(const hf_selection *selection, const hf_loaded_check *check)
{
	bool is_in = !selection || !selection->only || !*selection->only;

	for (const char *const *word = selection ? selection->only : NULL; word && *word; word++)
		is_in |= is_named_itself(*word, check);
	return is_in;
}

/* Eight digits of an id are what people copy from a terminal. */
static bool is_container(const char *word, const hf_subject *subject)
{
	enum { SHORT_ID = 8 };

	return fnmatch(word, subject->name, 0) == 0 || fnmatch(word, subject->id, 0) == 0 ||
	       (strlen(word) >= SHORT_ID && hf_has_prefix(subject->id, word));
}

bool hf_selection_has_subject(const hf_selection *selection, const hf_subject *subject)
{
	bool is_in = !selection || !selection->containers || !*selection->containers;

	if (!selection || subject->kind != HF_SUBJECT_CONTAINER)
		return true;
	for (const char *const *word = selection->containers; word && *word; word++)
		is_in |= is_container(*word, subject);
	for (const char *const *word = selection->no_containers; word && *word; word++)
		is_in &= !is_container(*word, subject);
	return is_in;
}

static int check_words(const hf_registry *registry, const char *const *words, hf_error *err)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);

	for (; words && *words; words++) {
		bool is_known = false;

		for (size_t i = 0; i < count && !is_known; i++)
			is_known = is_named(*words, &checks[i]);
		if (!is_known)
			return hf_error_set(err, -ENOENT,
					    "\"%s\" names no check, plugin or reference", *words);
	}
	return 0;
}

int hf_selection_check(const hf_registry *registry, const hf_selection *selection, hf_error *err)
{
	int r = check_words(registry, selection->only, err);

	return r < 0 ? r : check_words(registry, selection->skip, err);
}
