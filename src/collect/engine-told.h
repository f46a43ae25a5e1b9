/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an engine tells that is not recorded as it stands: images and services, whose answers hold secrets. It also
 * knows, by what was told so far, what else is worth a question. */
#ifndef HF_COLLECT_ENGINE_TOLD_H
#define HF_COLLECT_ENGINE_TOLD_H

#include "collect/http.h"
#include "collect/records.h"

typedef struct hf_told hf_told;

int hf_told_new(hf_told **ret_told);
void hf_told_free(hf_told *told);

/* Learns from the answer to @what. */
void hf_told_learn(hf_told *told, const char *what, const json_t *json);

/* What is to be asked after what was learned: calls @add with each, until it returns what is not 0.
 * @has_images: its images are on disk. */
typedef int hf_told_add(void *data, const char *what);
void hf_told_each_question(hf_told *told, bool has_images, hf_told_add *add, void *data);

/* True: @what is such an answer, and was taken. */
bool hf_told_take(hf_told *told, const char *what, const hf_http_reply *reply);

/* Sends all that was taken. 0, or a negative errno when an answer could not be sent. */
int hf_told_send(hf_told *told, hf_reader *reader, hf_images *images);

#endif
