/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holdfast list with a profile that has items: each item, and the checks that answer it. */
#include "cli/list-items.h"

#include <stdio.h>

typedef struct answers {
	const hf_profile *profile;
	hf_list *checks; /* by item: const hf_loaded_check * */
	const hf_loaded_check *check;
	bool failed;
} answers;

static void add_answer(const hf_item *item, void *data)
{
	answers *a = data;

	/* a list keeps what it is given as it is; it only lacks the const */
	if (hf_list_add(&a->checks[item - a->profile->items], (void *)(uintptr_t)a->check) < 0)
		a->failed = true;
}

static void free_answers(answers *a)
{
	for (size_t i = 0; a->checks && i < a->profile->item_count; i++)
		hf_list_free(&a->checks[i]);
	free(a->checks);
}

static int find_answers(answers *a, const hf_selection *selection, const hf_registry *registry)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);

	a->checks = calloc(a->profile->item_count + 1, sizeof *a->checks);
	if (!a->checks)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		a->check = &checks[i];
		if (hf_selection_has(selection, a->check))
			hf_profile_answered(a->profile, a->check->row, add_answer, a);
	}
	return a->failed ? -ENOMEM : 0;
}

static bool is_listed(const answers *a, const hf_selection *selection, size_t i)
{
	bool is_in = hf_selection_has_refs(selection, a->profile->items[i].refs);

	for (size_t k = 0; !is_in && k < a->checks[i].count; k++)
		is_in = hf_selection_has_by_name(selection, a->checks[i].items[k]);
	return is_in;
}

/* ---- text ---- */

static void write_item(const hf_item *item, const hf_list *checks, FILE *out)
{
	(void)fprintf(out, "%-8s L%u %-9s %s", item->number, item->level,
		      item->is_manual ? "manual" : "automated", item->title);
	for (size_t i = 0; i < item->other_count; i++)
		(void)fprintf(out, " [%s: %s]", item->others[i].version, item->others[i].number);
	(void)fputc('\n', out);
	for (size_t i = 0; i < checks->count; i++) {
		const hf_loaded_check *check = checks->items[i];

		(void)fprintf(out, "           %s  %s\n", check->row->id, check->row->title);
	}
	if (checks->count == 0)
		(void)fprintf(out, "           no check; look at: %s\n", item->look);
}

/* "5", of "5.12". */
static size_t section_length(const hf_item *item)
{
	return strcspn(item->number, ".");
}

static void write_section(const hf_profile *profile, const hf_item *item, FILE *out)
{
	const size_t length = section_length(item);

	for (size_t i = 0; i < profile->section_count; i++) {
		const hf_item_section *section = &profile->sections[i];

		if (strlen(section->number) == length &&
		    strncmp(section->number, item->number, length) == 0)
			(void)fprintf(out, "\n%s  %s\n", section->number, section->title);
	}
}

static int write_text(const answers *a, const hf_selection *selection, FILE *out)
{
	const hf_profile *profile = a->profile;
	size_t listed = 0, answered = 0, before = 0;

	(void)fprintf(out, "%s %s\n", profile->title, profile->version);
	for (size_t i = 0; i < profile->item_count; i++) {
		const hf_item *item = &profile->items[i];

		if (!is_listed(a, selection, i))
			continue;
		if (listed == 0 || strncmp(item->number, profile->items[before].number,
					   section_length(item) + 1) != 0)
			write_section(profile, item, out);
		write_item(item, &a->checks[i], out);
		before = i;
		listed++;
		answered += a->checks[i].count > 0;
	}
	(void)fprintf(out, "\n%zu items, %zu of them answered by checks\n", listed, answered);
	return 0;
}

/* ---- JSON ---- */

static json_t *words(const char *const *texts)
{
	json_t *array = json_array();

	for (; *texts; texts++)
		(void)json_array_append_new(array, json_string(*texts));
	return array;
}

static json_t *item_as_json(const hf_item *item, const hf_list *checks)
{
	json_t *ids = json_array(), *others = json_object();

	for (size_t i = 0; i < checks->count; i++) {
		const hf_loaded_check *check = checks->items[i];

		(void)json_array_append_new(ids, json_string(check->row->id));
	}
	for (size_t i = 0; i < item->other_count; i++)
		(void)json_object_set_new(others, item->others[i].version,
					  json_string(item->others[i].number));
	return json_pack("{s:s, s:o, s:s, s:i, s:b, s:o, s:o, s:s}", "number", item->number,
			 "other_numbers", others, "title", item->title, "level", (int)item->level,
			 "manual", (int)item->is_manual, "refs", words(item->refs), "checks", ids,
			 "look", item->look);
}

static int write_json(const answers *a, const hf_selection *selection, json_t *checks, FILE *out)
{
	const hf_profile *profile = a->profile;
	json_t *items = json_array();
	int r = items ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < profile->item_count; i++) {
		if (is_listed(a, selection, i) &&
		    json_array_append_new(items, item_as_json(&profile->items[i], &a->checks[i])) <
			    0)
			r = -ENOMEM;
	}
	json_t *document = json_pack("{s:s, s:s, s:s, s:o, s:O}", "profile", profile->name,
				     "benchmark", profile->benchmark, "version", profile->version,
				     "items", items, "checks", checks);

	if (!document)
		r = -ENOMEM;
	else if (r == 0 &&
		 (json_dumpf(document, out, JSON_INDENT(1)) < 0 || fputc('\n', out) == EOF))
		r = -EIO;
	json_decref(document);
	return r;
}

int hf_list_items(const hf_profile *profile, const hf_selection *selection,
		  const hf_registry *registry, json_t *checks, FILE *out)
{
	answers a = {.profile = profile};
	int r = find_answers(&a, selection, registry);

	if (r == 0)
		r = checks ? write_json(&a, selection, checks, out)
			   : write_text(&a, selection, out);
	free_answers(&a);
	return r;
}
