/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables of GRUB's language, its environment block among them, and what words make of them. */
#include "facts/grub-machine.h"

int hf_grub_give_up(const hf_grub_machine *m, const char *why)
{
	return hf_error_set(m->err, -ENOTSUP, "%s", why);
}

hf_grub_variable *hf_grub_find(const hf_grub_machine *m, const char *name)
{
	for (size_t i = 0; i < m->variable_count; i++) {
		if (strcmp(m->variables[i].name, name) == 0)
			return &m->variables[i];
	}
	return NULL;
}

/* What GRUB sets at boot and nobody else knows. */
static bool is_from_firmware(const char *name)
{
	static const char *const names[] = {
		"?", "cmdpath", "grub_cpu", "grub_platform", "root", "shim_lock",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static const char *lookup(void *data, const char *name)
{
	hf_grub_machine *m = data;
	const hf_grub_variable *v = hf_grub_find(m, name);

	if (v) {
		m->saw_unsure |= v->is_unsure;
		m->expanded += strlen(v->value);
		return m->expanded > HF_GRUB_MAX_EXPANDED ? "" : v->value;
	}
	if (hf_has_prefix(name, "feature_"))
		return "y"; /* all of them are in every GRUB since 2.02 */
	m->saw_unsure |= is_from_firmware(name);
	return "";
}

int hf_grub_set(hf_grub_machine *m, const char *name, const char *value, bool is_unsure)
{
	hf_grub_variable *v = hf_grub_find(m, name);

	if (!v) {
		if (m->variable_count == HF_GRUB_MAX_VARIABLES)
			return hf_error_set(m->err, -EBADMSG, "more than %d variables",
					    HF_GRUB_MAX_VARIABLES);
		v = &m->variables[m->variable_count++];
		v->name = name;
	}
	v->value = value;
	v->is_unsure = is_unsure || m->mode == HF_GRUB_MAYBE;
	return 0;
}

/* grubenv(5): "name=value" lines, comments, padded with '#' to 1024 bytes. A newline in a value is
 * escaped. */
int hf_grub_load_environment(hf_grub_machine *m)
{
	const hf_grub_text *env = &m->input->environment;
	const char *cursor = env->text, *line;
	size_t length;

	while (env->text && hf_next_line(&cursor, env->text + env->size, &line, &length)) {
		const char *equals = memchr(line, '=', length);

		if (length == 0 || *line == '#' || !equals)
			continue;
		const char *name = hf_arena_memdup(m->arena, line, (size_t)(equals - line));
		const char *value =
			hf_arena_memdup(m->arena, equals + 1, length - (size_t)(equals - line) - 1);

		if (!name || !value)
			return -ENOMEM;
		int r = hf_grub_set(m, name, value, false);

		if (r < 0)
			return r;
	}
	return 0;
}

int hf_grub_words(hf_grub_machine *m, const hf_grub_token *token, hf_list *words)
{
	int r = hf_grub_expand(m->arena, token, lookup, m, words);

	if (r == -E2BIG || (r == 0 && m->expanded > HF_GRUB_MAX_EXPANDED))
		return hf_error_set(m->err, -EBADMSG, "its variables hf_grub_words to too much");
	return r;
}
