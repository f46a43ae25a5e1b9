/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the boot parameters of the running kernel, split as the kernel splits them: next_arg() in
 * its lib/cmdline.c, parse_args() in kernel/params.c. */
#include "facts/kernel-text.h"
#include "facts/store.h"

enum { HF_BOOTLINE_MAX_BYTES = 64 * 1024 }; /* x86 takes 2048, s390 a page */

typedef struct parameter {
	const char *name;
	const char *value; /* "" for a bare word */
} parameter;

typedef struct bootline {
	hf_bootline head; /* first: the getters get a pointer to it */
	const parameter *parameters;
} bootline;

/* The kernel's own isspace(): in its character table a no-break space is one. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

/* The next parameter of @args, which is changed; returns what is behind it. Quotes hold blanks and
 * cannot be escaped; those around a value or around the whole parameter are taken away. */
static char *next_arg(char *args, char **ret_name, char **ret_value)
{
	bool in_quote = false, quoted = false;
	size_t i, equals = 0;

	if (*args == '"') {
		args++;
		in_quote = true;
		quoted = true;
	}
	for (i = 0; args[i]; i++) {
		if (is_space(args[i]) && !in_quote)
			break;
		if (equals == 0 && args[i] == '=')
			equals = i;
		if (args[i] == '"')
			in_quote = !in_quote;
	}
	char *next = args[i] ? args + i + 1 : args + i;

	args[i] = '\0';
	*ret_name = args;
	*ret_value = NULL;
	if (equals > 0) {
		args[equals] = '\0';
		*ret_value = args + equals + 1;
		if (**ret_value == '"') {
			(*ret_value)++;
			if (args[i - 1] == '"')
				args[i - 1] = '\0';
		}
	}
	if (quoted && i > 0 && args[i - 1] == '"')
		args[i - 1] = '\0';
	while (is_space(*next))
		next++;
	return next;
}

int hf_bootline_parse(hf_arena *arena, const char *text, size_t size, hf_bootline **ret_line)
{
	bootline *line = hf_arena_alloc(arena, sizeof *line);
	size_t length = strnlen(text, size);

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length > HF_BOOTLINE_MAX_BYTES)
		return -EFBIG;
	char *whole = hf_arena_memdup(arena, text, length);
	char *rest = hf_arena_memdup(arena, text, length);
	/* a parameter takes at least one byte and one blank */
	parameter *parameters = hf_arena_calloc(arena, length / 2 + 1, sizeof *parameters);
	char *name, *value;

	if (!line || !whole || !rest || !parameters)
		return -ENOMEM;
	while (is_space(*rest))
		rest++;
	while (*rest) {
		rest = next_arg(rest, &name, &value);
		if (!value && strcmp(name, "--") == 0)
			break; /* the rest is init's */
		parameters[line->head.count].name = name;
		parameters[line->head.count++].value = value ? value : "";
	}
	line->parameters = parameters;
	line->head.text = whole;
	*ret_line = &line->head;
	return 0;
}

const hf_bootline *hf_bootline_none(hf_arena *arena, hf_fact fact)
{
	bootline *none = hf_arena_alloc(arena, sizeof *none);

	if (!none)
		return NULL;
	none->head.fact = fact;
	return &none->head;
}

void hf_bootline_add(hf_buffer *line, const char *text)
{
	if (line->size > 0 && *text)
		hf_buffer_puts(line, " ");
	hf_buffer_puts(line, text);
}

/* ---- the fact ---- */

static const void *compute(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_file *file = hf_facts_file(facts, path);
	hf_bootline *line = NULL;
	hf_fact fact = file->fact;

	if (fact.state == HF_PRESENT) {
		int r = file->size == 0 ? -EBADMSG
					: hf_bootline_parse(arena, file->data, file->size, &line);

		if (r == -ENOMEM)
			return NULL;
		if (r == 0) {
			line->fact = fact;
			return line;
		}
		fact.state = HF_UNREADABLE;
		fact.why = r == -EFBIG
				   ? "is longer than any kernel takes"
				   : "is empty: even without parameters it would hold a newline";
	}
	return hf_bootline_none(arena, fact);
}

static const hf_fact_type type = {.name = "bootline", .compute = compute};

const hf_bootline *hf_facts_bootline(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "/proc/cmdline");
}

const hf_bootline *hf_bootline_get(hf_check_run *run)
{
	return hf_facts_bootline(hf_facts_of(run));
}

/* parameqn() of the kernel: '-' and '_' are one in names. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	}
	return *a == *b;
}

const char *hf_bootline_value(const hf_bootline *line, const char *name)
{
	const bootline *whole = (const bootline *)(const void *)line;

	for (size_t i = line->count; i > 0; i--) {
		if (same_name(whole->parameters[i - 1].name, name))
			return whole->parameters[i - 1].value;
	}
	return NULL;
}

bool hf_bootline_at(const hf_bootline *line, size_t index, const char **ret_name,
		    const char **ret_value)
{
	const bootline *whole = (const bootline *)(const void *)line;

	if (index >= line->count)
		return false;
	*ret_name = whole->parameters[index].name;
	*ret_value = whole->parameters[index].value;
	return true;
}
