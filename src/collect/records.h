/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runtimes' own records of containers, below the folders where each keeps them. */
#ifndef HF_COLLECT_RECORDS_H
#define HF_COLLECT_RECORDS_H

#include "collect/collect.h"
#include "collect/images.h"

typedef struct hf_records hf_records;

/* @deadline_ms (hf_now_ms()): what is not read by then is not read; 0: none. */
int hf_records_new(hf_reader *reader, uint64_t deadline_ms, hf_records **ret_records);
void hf_records_free(hf_records *records);
static inline void hf_records_freep(hf_records **records)
{
	hf_records_free(*records);
}

/* Each asks for the files of every record that it finds, once; 0, or a negative errno when an
 * answer could not be sent. */

/* The folders of containers/storage, containerd, runc, crun, LXC and systemd. */
int hf_records_ask_usual(hf_records *records);
/* Of a Docker engine: its data and the state of what runs. */
int hf_records_ask_data_root(hf_records *records, const char *path);
/* Of its data: images and the state of a swarm alone. */
int hf_records_ask_images(hf_records *records, const char *path);
int hf_records_ask_exec_root(hf_records *records, const char *path);
/* Of the runtimes of a user. @uid: decimal; @home: the user's. */
int hf_records_ask_user(hf_records *records, const char *uid, const char *home);
/* Of containers/storage: where it keeps what runs, and what it keeps for good. */
int hf_records_ask_storage(hf_records *records, const char *run_root, const char *graph_root);

/* Both of Docker's files of this container were sent. */
bool hf_records_have(const hf_records *records, const char *id);
/* The images of the stores that were found on the way, noted and not read yet. */
hf_images *hf_records_images(hf_records *records);
/* A list of Docker's images was sent. */
bool hf_records_have_images(const hf_records *records);

/* Calls @fn for each "docker exec" that runs, until it returns what is not 0. */
int hf_records_each_exec(const hf_records *records, int (*fn)(void *data, const char *id),
			 void *data);

/* Sends call:records. */
int hf_records_send(hf_records *records);

#endif
