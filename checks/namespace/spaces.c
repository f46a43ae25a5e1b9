/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over tasks and names for evidence; lines of account files. */
#include "spaces.h"

#include <string.h>

enum { NAMED_MAX = 3, ID_SHOWN = 12 };

bool spaces_initial(hf_check_run *run, hf_ns_type type, uint64_t *ret_inode)
{
	const hf_ns_reference *reference = hf_ns_reference_get(run);
	const char *source = hf_text(run, "/proc/2/ns/%s", hf_ns_name(type));

	if (reference->inode[type]) {
		*ret_inode = reference->inode[type];
		return true;
	}
	if (reference->why[type])
		hf_unknown(run, source, reference->why[type]);
	else
		hf_not_applicable(run, source, "does not exist",
				  "this kernel has no namespaces of that type");
	return false;
}

void spaces_add(hf_check_run *run, spaces_names *names, const char *name)
{
	if (names->count < NAMED_MAX)
		names->text = names->text ? hf_text(run, "%s, %s", names->text, name) : name;
	names->count++;
}

const char *spaces_text(hf_check_run *run, const spaces_names *names)
{
	if (names->count > NAMED_MAX)
		return hf_text(run, "%s and %zu more", names->text, names->count - NAMED_MAX);
	return names->text ? names->text : "";
}

const char *spaces_task(hf_check_run *run, const hf_task *task)
{
	return hf_text(run, "\"%s\" (%s %d)", task->name ? task->name : "?",
		       task->pid == task->tid ? "pid" : "thread", task->tid);
}

const char *spaces_container(hf_check_run *run, const hf_container *container)
{
	const char *id = container->id;
	bool is_hash = strlen(id) > ID_SHOWN && *id != '/' && !strchr(id, ':');

	if (container->name)
		return container->name;
	return is_hash ? hf_text(run, "%.*s", ID_SHOWN, id) : id;
}

spaces_found spaces_find(hf_check_run *run, const hf_container *container, hf_ns_type type,
			 uint64_t inode)
{
	spaces_found found = {.unread = NULL};

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT)
			continue; /* .tasks_fact tells */
		if (task->ns[type] == inode)
			spaces_add(run, &found.in, spaces_task(run, task));
		else if (task->ns[type] == 0 && !found.unread)
			found.unread = task;
	}
	return found;
}

bool spaces_all_read(hf_check_run *run, const hf_container *container, const hf_task *unread)
{
	if (unread)
		hf_unknown(run, unread->ns_fact.source,
			   unread->ns_fact.why ? unread->ns_fact.why : "is not named");
	return hf_need(run, &container->tasks_fact) && !unread;
}

/* ---- account files ---- */

/* [*ret_line, end of the line) at *cursor, which moves on; NULL at the end. */
static const char *next_line(const hf_file *file, const char **cursor, const char **ret_end)
{
	const char *line = *cursor ? *cursor : file->data, *end = file->data + file->size;

	if (line >= end)
		return NULL;
	const char *stop = memchr(line, '\n', (size_t)(end - line));

	*ret_end = stop ? stop : end;
	*cursor = stop ? stop + 1 : end;
	return line;
}

/* A number that ends in ':' or at @end; *text moves behind it. */
static bool parse_id(const char **text, const char *end, uint32_t *ret_id)
{
	const char *at = *text;
	uint64_t number = 0;

	for (; at < end && *at >= '0' && *at <= '9' && number <= UINT32_MAX; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at == *text || number > UINT32_MAX || (at < end && *at != ':'))
		return false;
	*text = at < end ? at + 1 : end;
	*ret_id = (uint32_t)number;
	return true;
}

bool spaces_next_account(const hf_file *file, const char **cursor, spaces_account *ret_account)
{
	const char *line, *end;

	while ((line = next_line(file, cursor, &end))) {
		const char *colon = memchr(line, ':', (size_t)(end - line));
		const char *id = colon ? memchr(colon + 1, ':', (size_t)(end - colon - 1)) : NULL;

		if (!id || colon == line)
			continue;
		id++;
		if (!parse_id(&id, end, &ret_account->id))
			continue;
		ret_account->name = line;
		ret_account->name_length = (int)(colon - line);
		return true;
	}
	return false;
}

bool spaces_next_range(const hf_file *file, const char **cursor, spaces_range *ret_range)
{
	const char *line, *end;

	do {
		line = next_line(file, cursor, &end);
	} while (line && (line == end || *line == '#'));
	if (!line)
		return false;
	const char *colon = memchr(line, ':', (size_t)(end - line));
	const char *number = colon ? colon + 1 : end;

	*ret_range =
		(spaces_range){.owner = line, .owner_length = (int)(end - line), .is_bad = true};
	if (!colon || colon == line || !parse_id(&number, end, &ret_range->first) ||
	    number == end || !parse_id(&number, end, &ret_range->length) || number != end ||
	    end[-1] == ':')
		return true;
	ret_range->owner_length = (int)(colon - line);
	ret_range->is_bad = false;
	return true;
}
