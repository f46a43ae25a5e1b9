/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the document's "network", which the table and the graph share. */
#ifndef HF_REPORT_NETWORK_VIEW_H
#define HF_REPORT_NETWORK_VIEW_H

#include "report/report.h"

/* "" for what is no string. */
const char *hf_network_word(const json_t *value);

/* "A" of "zone:A"; "the node" of "host". */
const char *hf_network_label(const char *key);

/* Where the containers of a zone are, and who they are. */
void hf_network_describe(const json_t *zone, hf_buffer *text);
/* "docker0", "no network": without the names. */
void hf_network_describe_place(const json_t *zone, hf_buffer *text);

/* "tcp 22 (sshd)", "any port". */
void hf_network_describe_port(const json_t *way, hf_buffer *text);
/* The same with the family where it is one of two; "(not known)" behind it where it is in none open. */
void hf_network_describe_way(const json_t *way, hf_buffer *text);

/* Why nobody can tell whether it is open; "" where it is known. */
const char *hf_network_why_unknown(const json_t *way);

/* Open in one family at least; else not known in one. */
bool hf_network_is_open(const json_t *way);
bool hf_network_is_unknown(const json_t *way);

#endif
