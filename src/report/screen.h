/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal: styles, wrapping, and no control character that is not ours. */
#ifndef HF_REPORT_SCREEN_H
#define HF_REPORT_SCREEN_H

#include "report/report.h"

typedef enum hf_style {
	HF_STYLE_PLAIN = 0,
	HF_STYLE_BOLD,
	HF_STYLE_DIM,
	HF_STYLE_GOOD,
	HF_STYLE_WARN,
	HF_STYLE_BAD
} hf_style;

typedef struct hf_screen {
	hf_buffer text;
	bool color;
	unsigned width;  /* columns; 0: unlimited */
	unsigned column; /* of what comes next */
} hf_screen;

/* What @text takes on a screen, in columns. */
unsigned hf_screen_columns(const char *text);

/* Adds @text in one line, made safe, and cut with ".." to what is left of the line less @reserve. */
void hf_screen_say(hf_screen *screen, hf_style style, const char *text, unsigned reserve);
void hf_screen_printf(hf_screen *screen, hf_style style, const char *format, ...) HF_PRINTF(3, 4);

/* Adds @text made safe and wrapped between words; lines after the first begin at column @indent. At most
 * @max_lines (0: any number), the last one then ends in "..". */
void hf_screen_wrap(hf_screen *screen, hf_style style, unsigned indent, unsigned max_lines,
		    const char *text);

/* Fills with @fill up to @column. */
void hf_screen_pad(hf_screen *screen, char fill, unsigned column);
void hf_screen_newline(hf_screen *screen);

#endif
