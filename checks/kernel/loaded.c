/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that are loaded, line by line of /proc/modules. */
#include "loaded.h"

#include "common.h"

#include <stdlib.h>

static char plain(char c)
{
	return c == '-' ? '_' : c;
}

int kernel_compare_modules(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = 0;

	while (i < a_length && i < b_length && plain(a[i]) == plain(b[i]))
		i++;
	if (i < a_length && i < b_length)
		return plain(a[i]) < plain(b[i]) ? -1 : 1;
	return (a_length > b_length) - (a_length < b_length);
}

/* The next field of [*at, end), separated by blanks; its length, 0 where there is none. */
static size_t next_field(const char **at, const char *end, const char **ret_field)
{
	while (*at < end && **at == ' ')
		++*at;
	*ret_field = *at;
	while (*at < end && **at != ' ')
		++*at;
	return (size_t)(*at - *ret_field);
}

bool kernel_next_loaded(hf_check_run *run, const char **cursor, kernel_loaded *ret_module)
{
	enum { NAME, SIZE, USERS, DEPENDENTS, STATE, ADDRESS, TAINTS, FIELDS };
	const char *fields[FIELDS], *at = *cursor;
	size_t sizes[FIELDS];

	if (*at == '\0')
		return false;
	const char *end = at + strcspn(at, "\n");

	*cursor = end + (*end == '\n');
	for (size_t i = 0; i < FIELDS; i++)
		sizes[i] = next_field(&at, end, &fields[i]);
	*ret_module = (kernel_loaded){.name = "", .taints = ""};
	if (sizes[ADDRESS] == 0)
		return true;
	ret_module->name = hf_text(run, "%.*s", (int)sizes[NAME], fields[NAME]);
	ret_module->users = strtoll(fields[USERS], NULL, 10);
	for (size_t i = 0; i < sizes[DEPENDENTS]; i++)
		ret_module->dependents += fields[DEPENDENTS][i] == ',';
	if (sizes[TAINTS] > 2)
		ret_module->taints =
			hf_text(run, "%.*s", (int)sizes[TAINTS] - 2, fields[TAINTS] + 1);
	return true;
}

const hf_file *kernel_loaded_file(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, "/proc/modules");

	/* an empty folder, where no proc is mounted, lacks the file, too, and proves nothing */
	if (file->fact.state == HF_ABSENT && !hf_dir_has(hf_dir_get(run, "/proc"), "filesystems")) {
		hf_unknown(run, file->fact.source, "there is no /proc to look into");
		return NULL;
	}
	if (file->fact.state == HF_ABSENT) {
		hf_not_applicable(run, file->fact.source, "does not exist",
				  "built without module support");
		return NULL;
	}
	return hf_need(run, &file->fact) ? file : NULL;
}

bool kernel_find_loaded(hf_check_run *run, const hf_file *file, const char *name,
			kernel_loaded *ret_module)
{
	size_t length = strlen(name);

	/* only the line that begins with the name is taken apart */
	for (const char *cursor = file->data; *cursor;) {
		const char *end = strchrnul(cursor, '\n'), *line = cursor;

		if (kernel_compare_modules(line, strcspn(line, " \n"), name, length) == 0 &&
		    kernel_next_loaded(run, &cursor, ret_module) && *ret_module->name)
			return true;
		cursor = end + (*end == '\n');
	}
	return false;
}
