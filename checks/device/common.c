/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of devices and rules. */
#include "common.h"

#include <stdlib.h>
#include <string.h>

/* The word after @number on a line "NUMBER NAME" of the part of @text that begins at @from and ends
 * at an empty line. */
static const char *word_of(hf_check_run *run, const char *from, uint32_t number)
{
	for (const char *line = from; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line == '\n')
			break;
		char *end;
		unsigned long value = strtoul(line, &end, 10);

		if (end == line || *end != ' ' || value != number)
			continue;
		end += strspn(end, " ");
		return hf_text(run, "%.*s", (int)strcspn(end, "\n"), end);
	}
	return NULL;
}

const char *device_driver(hf_check_run *run, char type, uint32_t major, uint32_t minor,
			  const hf_fact **ret_hole)
{
	bool is_misc = type == 'c' && major == 10;
	const hf_file *file = hf_file_get(run, is_misc ? "/proc/misc" : "/proc/devices");

	if (file->fact.state != HF_PRESENT) {
		if (ret_hole)
			*ret_hole = &file->fact;
		return NULL;
	}
	if (file->size == 0 || file->data[file->size - 1] != '\n') {
		static const hf_fact cut = {
			.state = HF_UNREADABLE,
			.source = "/proc/devices, /proc/misc",
			.why = "the list was cut: no newline at its end",
		};

		if (ret_hole)
			*ret_hole = &cut;
		return NULL;
	}
	if (is_misc)
		return word_of(run, file->data, minor);
	/* "Character devices:\n  1 mem\n…\n\nBlock devices:\n…" */
	const char *part =
		strstr(file->data, type == 'b' ? "Block devices:\n" : "Character devices:\n");

	return part ? word_of(run, strchr(part, '\n') + 1, major) : NULL;
}

/* "   8        1     524288 sda1" of /proc/partitions. */
static const char *partition_name(hf_check_run *run, uint32_t major, uint32_t minor)
{
	const hf_file *file = hf_file_get(run, "/proc/partitions");

	if (file->fact.state != HF_PRESENT)
		return NULL;
	for (const char *line = file->data; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		char *end;
		unsigned long first = strtoul(line, &end, 10);

		if (end == line || *end != ' ' || first != major)
			continue;
		line = end;
		if (strtoul(line, &end, 10) != minor || end == line)
			continue;
		(void)strtoull(end, &end, 10);
		end += strspn(end, " ");
		return hf_text(run, "%.*s", (int)strcspn(end, "\n"), end);
	}
	return NULL;
}

const char *device_name(hf_check_run *run, char type, uint32_t major, uint32_t minor)
{
	const char *name = type == 'b' ? partition_name(run, major, minor) : NULL;

	if (!name)
		name = device_driver(run, type, major, minor, NULL);
	return name ? hf_text(run, "%c %u:%u (%s)", type, major, minor, name)
		    : hf_text(run, "%c %u:%u", type, major, minor);
}

bool device_is_extra(const hf_device_grant *rule)
{
	static const struct {
		uint32_t major, minor;
	} usual[] = {
		{1, 3}, {1, 5}, {1, 7}, {1, 8},	   {1, 9},
		{5, 0}, {5, 1}, {5, 2}, {10, 200}, /* tun: of every runc but 1.2.0 to 1.2.3 */
	};

	if (!rule->can_read && !rule->can_write)
		return false;
	if (rule->type != 'c' || rule->is_any_major)
		return true;
	if (rule->major == 136)
		return false; /* terminals */
	for (size_t i = 0; i < DEVICE_COUNT(usual); i++) {
		if (!rule->is_any_minor && usual[i].major == rule->major &&
		    usual[i].minor == rule->minor)
			return false;
	}
	return true;
}

const char *device_show_rule(hf_check_run *run, const hf_device_grant *rule)
{
	const char *major = rule->is_any_major ? "*" : hf_text(run, "%u", rule->major);
	const char *minor = rule->is_any_minor ? "*" : hf_text(run, "%u", rule->minor);

	return hf_text(run, "%c %s:%s %s%s%s", rule->type, major, minor, rule->can_read ? "r" : "",
		       rule->can_write ? "w" : "", rule->can_mknod ? "m" : "");
}
