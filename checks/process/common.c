/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists for evidence, tasks by name, and the files of accounts. */
#include "process.h"

#include <stdlib.h>

void process_list_add(hf_check_run *run, process_list *list, const char *item)
{
	size_t kept =
		list->count < PROCESS_COUNT(list->items) ? list->count : PROCESS_COUNT(list->items);

	for (size_t i = 0; i < kept; i++) {
		if (strcmp(list->items[i], item) == 0)
			return;
	}
	if (kept < PROCESS_COUNT(list->items))
		list->items[kept] = hf_text(run, "%s", item);
	list->count++;
}

const char *process_list_text(hf_check_run *run, const process_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count && i < PROCESS_COUNT(list->items); i++)
		text = hf_text(run, "%s%s%s", text, *text ? ", " : "", list->items[i]);
	if (list->count > PROCESS_COUNT(list->items))
		text = hf_text(run, "%s and %zu more", text,
			       list->count - PROCESS_COUNT(list->items));
	return text;
}

const char *process_task_name(hf_check_run *run, const hf_task *task)
{
	return hf_text(run, "task \"%s\" (uid %u)", task->name ? task->name : "?", task->uid[1]);
}

void process_conclude(hf_check_run *run, const process_list *bad, const char *source,
		      const char *what, const char *good, const char *wanted)
{
	const hf_container *container = hf_container_of(run);

	if (bad->count > 0)
		(void)hf_expect(run, source,
				hf_text(run, "%s: %s", what, process_list_text(run, bad)), wanted,
				false);
	else if (hf_need(run, &container->tasks_fact) && hf_status_so_far(run) != HF_UNKNOWN)
		(void)hf_expect(run, source, good, wanted, true);
}

bool process_is_everybody(const hf_container *container, bool (*is_so)(const hf_task *task))
{
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].fact.state != HF_PRESENT || !is_so(&container->tasks[i]))
			return false;
	}
	return container->task_count > 0;
}

/* "name:x:1000:…:last" */
static bool parse_account(const char *line, size_t length, process_account *ret_account)
{
	const char *end = line + length, *fields[2] = {NULL}, *last = NULL;
	char *rest;

	for (const char *at = line; at < end; at++) {
		if (*at != ':')
			continue;
		if (!fields[0])
			fields[0] = at;
		else if (!fields[1])
			fields[1] = at;
		last = at;
	}
	if (!fields[1] || fields[0] == line || last == fields[1])
		return false;
	unsigned long id = strtoul(fields[1] + 1, &rest, 10);

	if (rest == fields[1] + 1 || *rest != ':' || id >= UINT32_MAX)
		return false;
	*ret_account = (process_account){
		.name = line,
		.name_length = (int)(fields[0] - line),
		.id = (uint32_t)id,
		.last = last + 1,
		.last_length = (int)(end - last - 1),
	};
	return true;
}

bool process_next_account(const hf_file *file, const char **cursor, process_account *ret_account)
{
	const char *end = file->data + file->size;

	while (*cursor < end) {
		const char *line = *cursor;
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		*cursor = newline ? newline + 1 : end;
		if (*line != '#' &&
		    parse_account(line, (size_t)((newline ? newline : end) - line), ret_account))
			return true;
	}
	return false;
}
