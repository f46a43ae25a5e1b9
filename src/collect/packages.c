/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dpkg says of the packages with some name: three lines of each, out of a file of a megabyte with the
 * descriptions of all packages. */
#include "collect/collect.h"

#include <fnmatch.h>
#include <stdio.h>

#define STATUS "/var/lib/dpkg/status"

static const char package_mark[] = "Package: ";

/* The fields that are kept, as deb822(5) writes them. */
static bool is_wanted(const char *line, size_t length)
{
	static const char *const fields[] = {package_mark, "Status: ", "Version: "};

	for (size_t i = 0; i < HF_ARRAY_SIZE(fields); i++) {
		size_t size = strlen(fields[i]);

		if (length >= size && memcmp(line, fields[i], size) == 0)
			return true;
	}
	return false;
}

static bool is_named(const char *stanza, const char *end, const char *pattern)
{
	char name[HF_NAME_MAX_BYTES];
	const char *start = stanza + strlen(package_mark);
	const char *newline = memchr(start, '\n', (size_t)(end - start));
	size_t length = (size_t)((newline ? newline : end) - start);

	if (length >= sizeof name)
		return false;
	memcpy(name, start, length);
	name[length] = '\0';
	return fnmatch(pattern, name, 0) == 0;
}

/* Copies what is wanted of the stanza that begins at @at; where the next one may begin. */
static const char *copy_stanza(const char *at, const char *end, hf_buffer *out)
{
	const char *line;
	size_t length;

	while (hf_next_line(&at, end, &line, &length) && length > 0) {
		if (!is_wanted(line, length))
			continue;
		hf_buffer_add(out, line, length);
		hf_buffer_add(out, "\n", 1);
	}
	hf_buffer_add(out, "\n", 1);
	return at;
}

static void filter(const char *data, size_t size, const char *pattern, hf_buffer *out)
{
	const char *at = data, *end = data + size;
	char mark[HF_NAME_MAX_BYTES];
	size_t length = strcspn(pattern, "*?[\\");

	if (length + sizeof package_mark > sizeof mark)
		return;
	(void)snprintf(mark, sizeof mark, "%s%.*s", package_mark, (int)length, pattern);
	while (at < end && (at = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
		if ((at == data || at[-1] == '\n') && is_named(at, end, pattern))
			at = copy_stanza(at, end, out);
		else
			at += strlen(mark);
	}
}

int hf_reader_packages(hf_reader *reader, const char *pattern)
{
	char name[HF_NAME_MAX_BYTES], reason[HF_REASON_MAX_BYTES] = "";
	hf_buffer text = {0};
	hf_answer read, answer = {.kind = HF_ASK_CALL, .name = name, .data = ""};

	if (snprintf(name, sizeof name, "packages:%s", pattern) >= (int)sizeof name)
		return 0;
	answer.error = hf_reader_peek(reader, HF_ASK_FILE, STATUS, &read);
	if (read.reason) {
		(void)snprintf(reason, sizeof reason, "%s", read.reason);
		answer.reason = reason;
	}
	if (answer.error == 0)
		filter(read.data, read.size, pattern, &text);
	if (answer.error == 0 && text.failed)
		answer.error = ENOMEM;
	if (answer.error == 0 && text.data) {
		answer.data = text.data;
		answer.size = text.size;
	}
	int r = hf_reader_send(reader, &answer);

	hf_buffer_free(&text);
	/* what is missing is believed missing only when the folder's own listing agrees */
	return r < 0 || answer.error != ENOENT ? r : hf_reader_stat(reader, STATUS);
}
