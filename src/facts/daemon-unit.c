/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd would start as the engine: ExecStart= of docker.service with its environment, systemd.service(5)
 * and systemd.exec(5); where there is no such unit, /etc/default/docker of the init script. */
#include "facts/parts.h"

#include <ctype.h>
#include <stdio.h>

/* ---- environment files ---- */

typedef struct env_reading {
	const char *at;
	const char *end;
	hf_buffer text;
} env_reading;

static void skip_line(env_reading *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

static void read_key(env_reading *r)
{
	while (r->at < r->end && *r->at != '=' && *r->at != '\n')
		hf_buffer_add(&r->text, r->at++, 1);
	while (r->text.size > 0 && isspace((unsigned char)r->text.data[r->text.size - 1]))
		r->text.size--;
}

/* env_name_is_valid() of systemd, which leaves out what has no such name. */
static bool is_name(const hf_buffer *text)
{
	for (size_t i = 0; i < text->size; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if (!isalnum(c) && c != '_')
			return false;
	}
	return text->size > 0 && !isdigit((unsigned char)*text->data);
}

static void read_quoted(env_reading *r, char quote)
{
	for (; r->at < r->end && *r->at != quote; r->at++) {
		if (*r->at == '\\' && quote == '"' && r->at + 1 < r->end) {
			r->at++;
			/* a backslash stays where it protects nothing */
			if (!strchr("\"\\`$\n", *r->at))
				hf_buffer_puts(&r->text, "\\");
			if (*r->at == '\n')
				continue;
		}
		hf_buffer_add(&r->text, r->at, 1);
	}
	if (r->at < r->end)
		r->at++;
}

static void read_value(env_reading *r)
{
	size_t solid; /* up to here blanks count */

	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
	solid = r->text.size;
	while (r->at < r->end && *r->at != '\n') {
		char c = *r->at++;

		if (c == '"' || c == '\'') {
			read_quoted(r, c);
		} else if (c == '\\' && r->at < r->end) {
			c = *r->at++;
			if (c == '\n')
				continue;
			hf_buffer_add(&r->text, &c, 1);
		} else {
			hf_buffer_add(&r->text, &c, 1);
			if (isspace((unsigned char)c))
				continue;
		}
		solid = r->text.size;
	}
	r->text.size = solid;
}

int hf_unit_environment_parse(hf_arena *arena, const char *text, size_t size,
			      hf_list *ret_variables)
{
	env_reading r = {.at = text, .end = text + size};
	int result = 0;

	while (result >= 0 && r.at < r.end) {
		r.text.size = 0;
		while (r.at < r.end && isspace((unsigned char)*r.at))
			r.at++;
		if (r.at >= r.end)
			break;
		if (*r.at == '#' || *r.at == ';') {
			skip_line(&r);
			continue;
		}
		read_key(&r);
		if (r.at >= r.end || *r.at != '=') {
			skip_line(&r);
			continue;
		}
		bool has_name = is_name(&r.text);

		r.at++;
		hf_buffer_puts(&r.text, "=");
		read_value(&r);
		if (!has_name)
			continue;
		char *entry = r.text.failed ? NULL
					    : hf_arena_memdup(arena, r.text.data, r.text.size);

		result = entry ? hf_list_add(ret_variables, entry) : -ENOMEM;
	}
	hf_buffer_free(&r.text);
	return result;
}

/* ---- variables in the command ---- */

static const char *variable(const hf_list *environment, const char *name, size_t length)
{
	for (size_t i = environment->count; i-- > 0;) {
		const char *entry = environment->items[i];

		if (strncmp(entry, name, length) == 0 && entry[length] == '=')
			return entry + length + 1;
	}
	return "";
}

static size_t name_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

static int expand_word(hf_arena *arena, const char *word, const hf_list *environment, hf_list *words)
{
	hf_buffer text = {0};

	hf_buffer_puts(&text, "");
	for (const char *at = word; *at;) {
		size_t length = at[0] == '$' && at[1] == '{' ? name_length(at + 2) : 0;

		if (length > 0 && at[2 + length] == '}') {
			hf_buffer_puts(&text, variable(environment, at + 2, length));
			at += length + 3;
		} else if ((at[0] == '$' && at[1] == '$') || (at[0] == '%' && at[1] == '%')) {
			hf_buffer_add(&text, at, 1);
			at += 2;
		} else if (at[0] == '%' && at[1] == 't') {
			hf_buffer_puts(&text, "/run");
			at += 2;
		} else {
			hf_buffer_add(&text, at++, 1);
		}
	}
	char *copy = text.failed ? NULL : hf_arena_memdup(arena, text.data, text.size);

	hf_buffer_free(&text);
	return copy ? hf_list_add(words, copy) : -ENOMEM;
}

int hf_unit_expand(hf_arena *arena, const hf_list *words, const hf_list *environment,
		   hf_list *ret_words)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < words->count; i++) {
		const char *word = words->items[i];
		size_t length = *word == '$' ? name_length(word + 1) : 0;

		/* "$NAME" as a word of its own is split; "${NAME}" is not */
		if (length > 0 && word[1 + length] == '\0')
			r = hf_unit_split(arena, variable(environment, word + 1, length), ret_words);
		else
			r = expand_word(arena, word, environment, ret_words);
	}
	return r;
}

/* ---- docker.service ---- */

static int add_words(hf_facts *facts, const hf_unit_setting *setting, hf_list *words)
{
	return setting->fact.state == HF_PRESENT
		       ? hf_unit_split(hf_facts_arena(facts), setting->value, words)
		       : 0;
}

/* What EnvironmentFile= names comes after, and so over, what Environment= sets. */
static void read_environment(hf_facts *facts, hf_daemon_unit *result, hf_list *variables)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cleanup(hf_list_free) hf_list names = {0};
	int r = add_words(facts, hf_facts_unit_setting(facts, "docker.service", "Service.Environment"),
			  variables);

	if (r >= 0)
		r = add_words(facts,
			      hf_facts_unit_setting(facts, "docker.service", "Service.EnvironmentFile"),
			      &names);
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		const char *path = names.items[i];
		bool may_miss = *path == '-';
		const hf_file *const *files;
		size_t count = hf_facts_files_matching(facts, path + may_miss, &files);

		if (count == 0 && !may_miss)
			result->environment = (hf_fact){
				.state = HF_UNREADABLE,
				.source = path,
				.why = "does not exist: systemd refuses to start the unit",
			};
		for (size_t k = 0; r >= 0 && k < count; k++) {
			hf_fact fact = hf_file_whole(files[k]);

			if (fact.state != HF_PRESENT)
				result->environment = fact;
			else
				r = hf_unit_environment_parse(arena, files[k]->data, files[k]->size,
							      variables);
		}
	}
	if (r < 0)
		hf_facts_out_of_memory();
}

static void read_command(hf_facts *facts, const hf_unit_setting *start, const hf_list *variables,
			 hf_flags *flags)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_cleanup(hf_list_free) hf_list words = {0}, expanded = {0};
	const char *command = start->value + strspn(start->value, "@-:+!|");
	bool has_name = memchr(start->value, '@', (size_t)(command - start->value)) != NULL;
	hf_error err = {0};

	if (hf_unit_split(arena, command, &words) < 0 ||
	    hf_unit_expand(arena, &words, variables, &expanded) < 0)
		hf_facts_out_of_memory();
	size_t skip = has_name ? 2 : 1;

	*flags = (hf_flags){.fact = {.state = HF_UNREADABLE, .source = start->fact.source}};
	if (strchr(start->value, '\n')) {
		flags->fact.why = "more than one ExecStart=: systemd refuses the unit";
		return;
	}
	if (expanded.count < skip || !hf_is_dockerd(expanded.items[0])) {
		flags->fact.why = "ExecStart= runs something else than dockerd";
		return;
	}
	int r = hf_flags_parse(arena, (const char *const *)expanded.items + skip,
			       expanded.count - skip, flags, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		flags->fact.why = hf_checked(hf_arena_strdup(arena, err.text));
	else
		flags->fact.state = HF_PRESENT;
}

/* The init script of a node without the unit: DOCKER_OPTS of /etc/default/docker. */
static void read_init_script(hf_facts *facts, hf_daemon_unit *result, hf_list *variables)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_file *file = hf_facts_file(facts, "/etc/default/docker");
	hf_cleanup(hf_list_free) hf_list words = {0};
	hf_error err = {0};

	hf_fact fact = hf_file_whole(file);

	result->flags.fact = result->environment = fact;
	if (fact.state != HF_PRESENT)
		return;
	if (hf_unit_environment_parse(arena, file->data, file->size, variables) < 0 ||
	    hf_unit_split(arena, variable(variables, "DOCKER_OPTS", strlen("DOCKER_OPTS")), &words) < 0)
		hf_facts_out_of_memory();
	int r = hf_flags_parse(arena, (const char *const *)words.items, words.count, &result->flags,
			       &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		fact.state = HF_UNREADABLE;
		fact.why = hf_checked(hf_arena_strdup(arena, err.text));
	}
	result->flags.fact = fact;
}

static void keep_variables(hf_facts *facts, hf_daemon_unit *result, const hf_list *variables)
{
	const char **all = hf_checked(
		hf_arena_calloc(hf_facts_arena(facts), variables->count + 1, sizeof *all));

	for (size_t i = 0; i < variables->count; i++)
		all[i] = variables->items[i];
	result->variables = all;
	result->variable_count = variables->count;
}

static const void *compute_daemon_unit(hf_facts *facts, const char *key)
{
	hf_daemon_unit *result =
		hf_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *result));
	const hf_unit *unit = hf_facts_unit(facts, "docker.service");
	const hf_unit_setting *start =
		hf_facts_unit_setting(facts, "docker.service", "Service.ExecStart");
	hf_cleanup(hf_list_free) hf_list variables = {0};

	(void)key;
	result->unit = unit;
	result->flags.fact = result->environment = unit->fact;
	if (unit->fact.state == HF_ABSENT) {
		read_init_script(facts, result, &variables);
	} else if (unit->fact.state == HF_PRESENT && unit->is_masked) {
		result->flags.fact = (hf_fact){
			.state = HF_ABSENT, .source = unit->fact.source, .why = "the unit is masked"};
		result->environment = result->flags.fact;
	} else if (unit->fact.state == HF_PRESENT) {
		read_environment(facts, result, &variables);
		if (start->fact.state != HF_PRESENT)
			result->flags.fact = (hf_fact){.state = HF_UNREADABLE,
						       .source = start->fact.source,
						       .why = "has no ExecStart="};
		else if (result->environment.state != HF_PRESENT)
			result->flags.fact = result->environment;
		else
			read_command(facts, start, &variables, &result->flags);
	}
	keep_variables(facts, result, &variables);
	return result;
}

static const hf_fact_type daemon_unit_type = {.name = "daemon-unit", .compute = compute_daemon_unit};

const hf_daemon_unit *hf_facts_daemon_unit(hf_facts *facts)
{
	return hf_facts_once(facts, &daemon_unit_type, "");
}
