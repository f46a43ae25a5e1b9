/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables that the daemon heeds: of its process, else of its unit. */
#include "facts/parts.h"

/* The record has a variable a line: its name, and for the engine's own switches its value. */
static bool find(const hf_file *file, const char *name, const char **ret_rest, size_t *ret_length)
{
	const char *cursor = file->data, *line;
	size_t length, name_length = strlen(name);

	while (hf_next_line(&cursor, file->data + file->size, &line, &length)) {
		if (length < name_length || memcmp(line, name, name_length) != 0 ||
		    (length > name_length && line[name_length] != '='))
			continue;
		*ret_rest = line + name_length;
		*ret_length = length - name_length;
		return true;
	}
	return false;
}

static void of_process(hf_facts *facts, const hf_daemon *seen, const char *name, hf_option *option)
{
	const hf_file *file = hf_facts_process_file(facts, seen->pid, "environ");
	const char *found;
	size_t length;

	option->fact = file->fact;
	if (file->fact.state != HF_PRESENT) {
		option->fact.state = HF_UNREADABLE;
	} else if (file->size > 0 && file->data[file->size - 1] != '\n') {
		option->fact.state = HF_UNREADABLE;
		option->fact.why = "was read in part";
	} else if (!find(file, name, &found, &length)) {
		option->fact.state = HF_ABSENT;
		option->fact.why = "is not set";
	} else if (length == 0) {
		option->fact.state = HF_UNREADABLE;
		option->fact.why = "is set, its value is not recorded";
		option->is_declared = true;
	} else {
		option->value = hf_checked(
			hf_arena_memdup(hf_facts_arena(facts), found + 1, length - 1));
		option->origin = HF_ORIGIN_FLAG;
		option->is_declared = true;
	}
}

static void of_unit(hf_facts *facts, const char *name, hf_option *option)
{
	const hf_daemon_unit *unit = hf_facts_daemon_unit(facts);
	size_t length = strlen(name);

	option->fact = unit->environment;
	for (size_t i = 0; unit->environment.state == HF_PRESENT && i < unit->variable_count; i++) {
		const char *entry = unit->variables[i];

		if (strncmp(entry, name, length) == 0 && entry[length] == '=')
			option->value = entry + length + 1; /* the last one counts */
	}
	option->origin = HF_ORIGIN_UNIT;
	option->is_declared = option->value != NULL;
	if (unit->environment.state == HF_PRESENT && !option->value) {
		option->fact.state = HF_ABSENT;
		option->fact.why = "is not set";
	}
}

/* @key: "daemon:docker\nNAME". */
static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_option *option = hf_checked(hf_arena_alloc(arena, sizeof *option));
	const char *name = strchr(key, '\n') + 1;
	const hf_daemon_parts *daemon = hf_facts_daemon(
		facts, hf_checked(hf_arena_memdup(arena, key, (size_t)(name - 1 - key))));

	option->is_known = true;
	if (!daemon || daemon->unsure)
		option->fact = (hf_fact){.state = HF_UNREADABLE, .source = "processes",
					 .why = daemon ? daemon->unsure : "there is no such daemon"};
	else if (daemon->seen.is_running)
		of_process(facts, &daemon->seen, name, option);
	else
		of_unit(facts, name, option);
	option->declared = option->value;
	option->declared_source = option->value ? option->fact.source : NULL;
	return option;
}

static const hf_fact_type environment_type = {.name = "daemon-environment", .compute = compute};

const hf_option *hf_daemon_environment(hf_check_run *run, const char *name)
{
	static const hf_option none = {
		.fact = {.state = HF_ABSENT, .source = "processes", .why = "there is no Docker Engine"},
	};
	hf_facts *facts = hf_facts_of(run);
	const hf_daemon_parts *daemon = hf_daemon_parts_of(run);

	return daemon ? hf_facts_once(facts, &environment_type,
				      hf_checked(hf_arena_printf(hf_facts_arena(facts), "%s\n%s",
								 daemon->key, name)))
		      : &none;
}
