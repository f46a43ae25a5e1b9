/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audit rules and status from arbitrary text: as files declare them, as the collector wrote them
 * down, and as the kernel gives them to the collector. */
#include "collect/audit.h"
#include "facts/audit.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_lines(hf_arena *arena, const hf_audit_words *words, const char *text, size_t size)
{
	const char *cursor = text, *line;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		hf_audit_rule rule;

		if (hf_audit_rule_parse(arena, words, line, length, &rule) <= 0)
			continue;
		/* a rule is what its own text says, so far as a text can show it */
		if (!rule.text || (rule.field_count > 0 && !rule.fields))
			abort();
		for (size_t i = 0; i < rule.field_count; i++) {
			if (!rule.fields[i].name || !rule.fields[i].op || !rule.fields[i].value)
				abort();
		}
		const hf_audit_field *place = hf_audit_place_of(&rule);

		if (place && *place->value != '/')
			abort();
	}
}

#ifdef HAVE_AUDIT
static const char *no_name(int number)
{
	return number % 2 ? NULL : "x";
}

static const char *equal(int number)
{
	(void)number;
	return "=";
}

static void write_rule(const char *data, size_t size)
{
	static const hf_audit_names names = {no_name, equal, no_name, no_name};
	/* the kernel's struct is aligned */
	hf_cleanup(hf_freep) void *rule = malloc(size + 1);
	hf_cleanup(hf_freep) char *path = NULL;
	hf_buffer line = {0};

	if (rule) {
		memcpy(rule, data, size);
		(void)hf_audit_rule_write(&names, rule, size, &line, &path);
	}
	hf_buffer_free(&line);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_audit_words words = {
		.machine = hf_call_machine_find("x86_64"),
		.passwd = "root:x:0:0:root:/root:/bin/sh\nkeeper:x:1000:1000::/:/bin/sh\n",
		.group = "root:x:0:\n",
	};
	hf_audit_status status;

	if (hf_arena_new(&arena) < 0)
		return 0;
	read_lines(arena, &words, (const char *)data, size);
	words.is_kernel = true;
	read_lines(arena, &words, (const char *)data, size);
	words.machine = NULL;
	words.passwd = NULL;
	read_lines(arena, &words, (const char *)data, size);
	(void)hf_audit_status_parse((const char *)data, size, &status);
#ifdef HAVE_AUDIT
	write_rule((const char *)data, size);
#endif
	return 0;
}
