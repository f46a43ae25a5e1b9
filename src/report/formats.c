/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report formats: a new one is its file and a row here. */
#include "report/render.h"

const hf_format hf_formats[] = {
	{.name = "text", .title = "for a person at a terminal", .write = hf_write_text},
	{.name = "containers",
	 .title = "a table of containers, for a person at a terminal",
	 .write = hf_write_containers},
	{.name = "network",
	 .title = "networks and who can reach whom, for a person at a terminal",
	 .needs_network = true,
	 .write = hf_write_network},
	{.name = "dot",
	 .title = "who can reach whom, for Graphviz",
	 .needs_network = true,
	 .write = hf_write_dot},
	{.name = "json", .title = "the results document, for programs", .write = hf_write_json},
	{.name = NULL, .title = NULL, .write = NULL},
};

const hf_format *hf_format_find(const char *name)
{
	for (const hf_format *format = hf_formats; format->name; format++) {
		if (strcmp(format->name, name) == 0)
			return format;
	}
	return NULL;
}

int hf_write_all(const char *data, size_t size, FILE *out)
{
	errno = 0;
	if (fwrite(data, 1, size, out) == size)
		return 0;
	return errno > 0 ? -errno : -EIO;
}
