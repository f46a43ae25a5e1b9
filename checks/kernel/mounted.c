/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mount tables of containers: see mounted.h. */
#include "mounted.h"

#include "common.h"

#include <stdio.h>

/* The @index-th field of the blank-separated @line; its size, 0 past the end. */
static int field(const char *line, const char *end, int index, const char **ret_at)
{
	for (; line < end; line++, index--) {
		const char *blank = memchr(line, ' ', (size_t)(end - line));
		const char *stop = blank ? blank : end;

		if (index == 0) {
			*ret_at = line;
			return (int)(stop - line);
		}
		line = stop;
	}
	return 0;
}

static bool is_read_only(const char *options, int size)
{
	return size >= 2 && memcmp(options, "ro", 2) == 0 && (size == 2 || options[2] == ',');
}

/* "8:1" */
static bool read_device(const char *text, int size, mounted_line *found)
{
	const char *end = text + size;
	unsigned numbers[2] = {0};

	for (size_t i = 0; i < 2; i++) {
		const char *first = text;

		for (; text < end && *text >= '0' && *text <= '9' && text - first < 9; text++)
			numbers[i] = numbers[i] * 10 + (unsigned)(*text - '0');
		if (text == first || (i == 0 && (text == end || *text++ != ':')))
			return false;
	}
	found->major = numbers[0];
	found->minor = numbers[1];
	return text == end;
}

bool mounted_next(const char **at, mounted_line *ret_mounted, bool *ret_malformed)
{
	const char *line = *at, *end = strchr(line, '\n');
	const char *device = "", *options = "", *super = "";

	if (!*line)
		return false;
	/* blanks inside a field are written \040, so " - " can only be the separator */
	const char *dash = end ? strstr(line, " - ") : NULL;

	*ret_malformed = true;
	if (!dash || dash > end)
		return false;
	mounted_line found = {0};
	int options_size = field(line, dash, 5, &options);
	int super_size = field(dash + 3, end, 2, &super);

	found.target_size = field(line, dash, 4, &found.target);
	found.fs_type_size = field(dash + 3, end, 0, &found.fs_type);
	int device_size = field(line, dash, 2, &device);

	if (found.target_size == 0 || options_size == 0 || found.fs_type_size == 0 || super_size == 0 ||
	    !read_device(device, device_size, &found))
		return false;
	found.is_writable =
		!is_read_only(options, options_size) && !is_read_only(super, super_size);
	*ret_malformed = false;
	*ret_mounted = found;
	*at = end + 1;
	return true;
}

static const char *name_of(const hf_container *container)
{
	return container->name ? container->name : container->id;
}

/* Adds the bad mounts of one container to @bad; the reason where its table could not be read, else
 * NULL. */
static const char *look_into(hf_check_run *run, const hf_container *container, const char *fs_type,
			     mounted_judge *is_bad, kernel_listing *bad, const char **ret_source)
{
	const hf_file *table = hf_process_file(run, container->pid, "mountinfo");
	bool is_malformed = false;
	mounted_line mount;

	*ret_source = table->fact.source;
	if (table->fact.state == HF_ABSENT)
		return NULL; /* it has ended meanwhile */
	if (table->fact.state != HF_PRESENT)
		return table->fact.why;
	if (table->size == 0)
		return "is empty";
	for (const char *at = table->data; mounted_next(&at, &mount, &is_malformed);) {
		if (strncmp(mount.fs_type, fs_type, (size_t)mount.fs_type_size) != 0 ||
		    fs_type[mount.fs_type_size] != '\0' ||
		    (is_bad && !is_bad(run, container, &mount)))
			continue;
		kernel_list(run, bad,
			    hf_text(run, "%s has it on %.*s", name_of(container), mount.target_size,
				    mount.target));
	}
	return is_malformed ? "a line of the table is not understood" : NULL;
}

void mounted_expect_in_no_container(hf_check_run *run, const char *fs_type, const char *wanted,
				    mounted_judge *is_bad)
{
	const hf_containers *containers = hf_containers_get(run);
	kernel_listing bad = {0};
	const char *source, *bad_source = NULL, *unread_source = NULL, *unread_why = NULL;
	size_t unread = 0;

	if (containers->fact.state == HF_UNREADABLE) {
		hf_unknown(run, containers->fact.source, containers->fact.why);
		return;
	}
	for (size_t i = 0; i < containers->count; i++) {
		size_t before = bad.count;
		const char *why =
			look_into(run, containers->all[i], fs_type, is_bad, &bad, &source);

		if (bad.count > before && !bad_source)
			bad_source = source;
		if (why && unread++ == 0) {
			unread_source = source;
			unread_why = why;
		}
	}
	if (unread > 0)
		hf_unknown(run, unread_source,
			   hf_text(run, "%s (%zu of %zu containers)", unread_why, unread,
				   containers->count));
	if (bad_source)
		hf_expect(run, bad_source, kernel_list_text(run, &bad), wanted, false);
	else if (containers->count > unread)
		hf_expect(run, containers->fact.source,
			  hf_text(run, "none of %zu containers has %s", containers->count, fs_type),
			  wanted, true);
	else if (containers->count == 0)
		hf_note(run, containers->fact.source, "no container runs");
}
