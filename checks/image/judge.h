/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of images share: lists for evidence, histories, dates of releases. */
#ifndef IMAGE_JUDGE_H
#define IMAGE_JUDGE_H

#include <holdfast/holdfast.h>

#include <string.h>

#define IMAGE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const hf_check_set image_config, image_files, image_history, image_origin, image_patched,
	image_secrets, image_trust;

/* Names for evidence: the first few, and how many there are. */
typedef struct image_list {
	const char *items[6];
	size_t count;
} image_list;

/* Adds @item, unless it is among the first. */
void image_list_add(hf_check_run *run, image_list *list, const char *item);
const char *image_list_text(hf_check_run *run, const image_list *list);

/* The image at hand; NULL after marking @run unknown: its record could not be read. Where some of @parts (words of hf_image.cut,
 * "": one value alone is asked for) was cut, @run is marked unknown, too, and what there is can be judged. */
const hf_image *image_begin(hf_check_run *run, const char *parts);

/* False after marking @run: notapplicable, it has no history, or none that tells of commands. */
bool image_has_history(hf_check_run *run, const hf_image *image);
/* Marks @run unknown where some of the history was not looked at. */
void image_need_all_steps(hf_check_run *run, const hf_image *image);

/* The files of its layers; NULL after marking @run: notchecked where nobody looked. */
const hf_image_files *image_walked(hf_check_run *run, const hf_image *image, const char *source);

/* The last day on which a distribution's release gets fixes from everybody's archive, days since 1970-01-01. False: it is
 * not in our table. */
bool image_release_end(const char *id, const char *version, int64_t *ret_day);
/* "2026-01-31" as days since 1970-01-01; INT64_MIN: it is none. */
int64_t image_day(const char *date);
const char *image_date(hf_check_run *run, int64_t day);

#endif
