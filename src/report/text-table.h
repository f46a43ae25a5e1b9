/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for a terminal: columns as wide as their widest cell, within their bound. */
#ifndef HF_REPORT_TEXT_TABLE_H
#define HF_REPORT_TEXT_TABLE_H

#include "report/screen.h"

typedef void hf_text_cell_fn(const json_t *row, hf_buffer *cell);

typedef struct hf_text_column {
	const char *title;
	unsigned width; /* at most; 0: what is left, for the last one */
	hf_text_cell_fn *show;
} hf_text_column;

enum { HF_TEXT_COLUMNS_MAX = 16 };

/* @style gives that of the cells of the column that @styled shows. */
void hf_text_table(hf_screen *screen, const hf_text_column *columns, size_t count, const json_t *rows,
		   hf_style (*style)(const json_t *row), hf_text_cell_fn *styled);

#endif
