/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the collector packet-filter. */
#ifndef HF_COLLECT_PACKET_FILTER_H
#define HF_COLLECT_PACKET_FILTER_H

#include "collect/collect.h"

/* Everything that the collector reads, of the network namespace that the caller is in: what it does after it has made
 * sure that this is the initial one. 0, or a negative errno when an answer could not be sent. */
int hf_packet_filter_read(const hf_collect_task *task);

/* The rules of nf_tables, without asking whether that would load a module. */
int hf_nft_read(hf_sink *sink, uint64_t deadline_ms);

enum {
	HF_FILTER_PIECE_BYTES = 12 * 1024 * 1024, /* of what does not fit into one answer */
	HF_FILTER_MAX_BYTES = 40 * 1024 * 1024,	  /* of one dump or table */
};

/* "NAME" for the first piece of an answer, "NAME/2" … for the others; @index counts from 0. */
int hf_packet_filter_send_piece(hf_sink *sink, const char *name, size_t index, const void *data,
				size_t size);

/* Sends an answer of the kind HF_ASK_CALL; @data counts only without @error. */
int hf_packet_filter_send(hf_sink *sink, const char *name, int error, const char *reason,
			  const void *data, size_t size);

#endif
