/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small helpers that several topics of the kernel plugin share. */
#include "common.h"

/* A report names so many; a host with hundreds of modules must not fill it with them. */
enum { LISTED_AT_MOST = 24 };

bool kernel_has_word(const char *list, const char *separators, const char *word)
{
	size_t wanted = strlen(word);

	while (*list) {
		size_t length = strcspn(list, separators);

		if (length == wanted && strncmp(list, word, length) == 0)
			return true;
		list += length;
		list += strspn(list, separators);
	}
	return false;
}

const char *kernel_file_text(hf_check_run *run, const hf_file *file)
{
	size_t size = file->size;

	while (size > 0 && strchr(" \t\r\n", file->data[size - 1]))
		size--;
	return hf_text(run, "%.*s", (int)size, file->data);
}

const char *kernel_setting(hf_check_run *run, const hf_file *file, const char *key)
{
	size_t wanted = strlen(key);

	for (const char *line = file->data; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, wanted) != 0 || line[wanted] != '=')
			continue;
		const char *value = line + wanted + 1;
		bool is_quoted = *value == '"' || *value == '\'';
		const char *end = is_quoted ? strchr(value + 1, *value) : NULL;

		if (end)
			value++;
		size_t length = end ? (size_t)(end - value) : strcspn(value, " \t\r\n");

		return hf_text(run, "%.*s", (int)length, value);
	}
	return NULL;
}

const char *kernel_cpuinfo_value(hf_check_run *run, const hf_file *cpuinfo, const char *key)
{
	size_t wanted = strlen(key);

	for (const char *line = cpuinfo->data; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, wanted) != 0)
			continue;
		const char *at = line + wanted;

		at += strspn(at, " \t");
		if (*at != ':')
			continue;
		at++;
		at += strspn(at, " \t");
		return hf_text(run, "%.*s", (int)strcspn(at, "\n"), at);
	}
	return NULL;
}

kernel_guest kernel_is_guest(hf_check_run *run)
{
	const hf_file *cpuinfo = hf_file_get(run, "/proc/cpuinfo");

	if (cpuinfo->fact.state != HF_PRESENT)
		return KERNEL_GUEST_UNKNOWN;
	const char *flags = kernel_cpuinfo_value(run, cpuinfo, "flags");

	if (!flags)
		return KERNEL_GUEST_UNKNOWN;
	return kernel_has_word(flags, " ", "hypervisor") ? KERNEL_GUEST_YES : KERNEL_GUEST_NO;
}

void kernel_list(hf_check_run *run, kernel_listing *listing, const char *item)
{
	if (listing->count++ < LISTED_AT_MOST)
		listing->text = listing->text ? hf_text(run, "%s, %s", listing->text, item) : item;
}

const char *kernel_list_text(hf_check_run *run, const kernel_listing *listing)
{
	if (!listing->text)
		return "none";
	if (listing->count <= LISTED_AT_MOST)
		return listing->text;
	return hf_text(run, "%s, and %zu more", listing->text, listing->count - LISTED_AT_MOST);
}
