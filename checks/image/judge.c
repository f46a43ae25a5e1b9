/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of images share. */
#include "judge.h"

#include <stdio.h>

void image_list_add(hf_check_run *run, image_list *list, const char *item)
{
	size_t kept = list->count < IMAGE_COUNT(list->items) ? list->count : IMAGE_COUNT(list->items);

	for (size_t i = 0; i < kept; i++) {
		if (strcmp(list->items[i], item) == 0)
			return;
	}
	if (kept < IMAGE_COUNT(list->items))
		list->items[kept] = hf_text(run, "%s", item);
	list->count++;
}

const char *image_list_text(hf_check_run *run, const image_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count && i < IMAGE_COUNT(list->items); i++)
		text = hf_text(run, "%s%s%s", text, *text ? ", " : "", list->items[i]);
	if (list->count > IMAGE_COUNT(list->items))
		text = hf_text(run, "%s and %zu more", text, list->count - IMAGE_COUNT(list->items));
	return text;
}

/* Some word of @cut is among @parts. */
static bool is_cut(const char *cut, const char *parts)
{
	for (size_t length; *cut; cut += length + (cut[length] == ' ')) {
		length = strcspn(cut, " ");
		for (const char *at = parts; *at; at += strcspn(at, " ")) {
			at += strspn(at, " ");
			if (strcspn(at, " ") == length && strncmp(at, cut, length) == 0)
				return true;
		}
	}
	return false;
}

const hf_image *image_begin(hf_check_run *run, const char *parts)
{
	const hf_image *image = hf_image_of(run);

	if (image->fact.state != HF_PRESENT) {
		hf_unknown(run, image->fact.source, image->fact.why);
		return NULL;
	}
	if (is_cut(image->cut, parts))
		hf_unknown(run, image->fact.source, image->fact.why);
	return image;
}

bool image_has_history(hf_check_run *run, const hf_image *image)
{
	static const char source[] = "history of the image";

	for (size_t i = 0; i < image->step_count; i++) {
		if (*image->steps[i].instruction)
			return true;
	}
	hf_not_applicable(run, source, image->step_count == 0 ? "none" : "no command of a Dockerfile in it",
			  "how the image was made is not told");
	return false;
}

void image_need_all_steps(hf_check_run *run, const hf_image *image)
{
	for (size_t i = 0; i < image->step_count; i++) {
		for (size_t k = 0; k < image->steps[i].mark_count; k++) {
			if (strcmp(image->steps[i].marks[k].kind, "cut") == 0) {
				hf_unknown(run, "history of the image",
					   "a command in it is too long to be looked at in full");
				return;
			}
		}
	}
}

const hf_image_files *image_walked(hf_check_run *run, const hf_image *image, const char *source)
{
	const hf_image_files *files = hf_image_files_get(run, image);

	if (files->fact.state == HF_PRESENT || files->count > 0)
		return files;
	if (files->fact.state == HF_ABSENT)
		hf_review(run, source, "the image's layers were not walked", "scan with --deep");
	else
		hf_unknown(run, source, files->fact.why);
	return NULL;
}
