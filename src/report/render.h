/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the report formats share among themselves. */
#ifndef HF_REPORT_RENDER_H
#define HF_REPORT_RENDER_H

#include "report/report.h"

int hf_write_text(const json_t *document, const hf_render_options *options, FILE *out);
int hf_write_containers(const json_t *document, const hf_render_options *options, FILE *out);
int hf_write_network(const json_t *document, const hf_render_options *options, FILE *out);
int hf_write_dot(const json_t *document, const hf_render_options *options, FILE *out);
int hf_write_json(const json_t *document, const hf_render_options *options, FILE *out);

/* All of @data, or -errno. */
int hf_write_all(const char *data, size_t size, FILE *out);

#endif
