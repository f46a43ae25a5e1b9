/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for a terminal. */
#include "report/text-table.h"
#include "report/text.h"

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned cell_width(const hf_text_column *column, const json_t *row)
{
	hf_buffer cell = {0}, safe = {0};

	column->show(row, &cell);
	const char *text = hf_text_of(&cell);

	hf_escape_terminal(&safe, text, strlen(text));
	unsigned width = hf_screen_columns(hf_text_of(&safe));

	hf_buffer_free(&cell);
	hf_buffer_free(&safe);
	return width;
}

static void measure(const hf_text_column *columns, size_t count, const json_t *rows, unsigned *widths)
{
	for (size_t c = 0; c < count; c++) {
		unsigned widest = hf_screen_columns(columns[c].title);
		size_t index;
		json_t *row;

		json_array_foreach (rows, index, row) {
			unsigned width = cell_width(&columns[c], row);

			if (width > widest)
				widest = width;
		}
		widths[c] = columns[c].width ? least(widest, columns[c].width) : widest;
	}
}

/* Cuts @text to @width columns; the screen cuts at its own edge alone. */
static void say_cell(hf_screen *screen, hf_style style, const char *text, unsigned width,
		     bool is_last)
{
	unsigned end = screen->column + width;
	unsigned edge = screen->width;

	screen->width = edge == 0 || end < edge ? end : edge;
	hf_screen_say(screen, style, text, 0);
	screen->width = edge;
	if (!is_last)
		hf_screen_pad(screen, ' ', end + 1);
}

void hf_text_table(hf_screen *screen, const hf_text_column *columns, size_t count, const json_t *rows,
		   hf_style (*style)(const json_t *row), hf_text_cell_fn *styled)
{
	unsigned widths[HF_TEXT_COLUMNS_MAX];
	size_t index;
	json_t *row;

	if (count > HF_TEXT_COLUMNS_MAX)
		count = HF_TEXT_COLUMNS_MAX;
	measure(columns, count, rows, widths);
	for (size_t c = 0; c < count; c++)
		say_cell(screen, HF_STYLE_BOLD, columns[c].title, widths[c], c + 1 == count);
	hf_screen_newline(screen);
	json_array_foreach (rows, index, row) {
		for (size_t c = 0; c < count; c++) {
			hf_buffer cell = {0};

			columns[c].show(row, &cell);
			say_cell(screen, columns[c].show == styled ? style(row) : HF_STYLE_PLAIN,
				 hf_text_of(&cell), widths[c], c + 1 == count);
			screen->text.failed |= cell.failed;
			hf_buffer_free(&cell);
		}
		hf_screen_newline(screen);
	}
}
