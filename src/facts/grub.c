/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Linux command line GRUB boots when nobody presses a key. grub.cfg is a script, so it is
 * run; where what is unsure would decide, there is no answer. */
#include "facts/grub-machine.h"

/* The next part of "1>2" or "submenu id>entry id"; ">>" is a '>' of a title. */
static char *next_part(hf_grub_machine *m, const char **spec)
{
	char *part = hf_arena_strdup(m->arena, *spec);
	char *to = part;
	const char *from = *spec;

	if (!part)
		return NULL;
	while (*from && !(from[0] == '>' && from[1] != '>')) {
		if (*from == '>')
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	*spec = *from ? from + 1 : from;
	return part;
}

static bool is_called(const hf_grub_entry *entry, const char *name)
{
	return *name && (strcmp(entry->id, name) == 0 || strcmp(entry->title, name) == 0);
}

/* The entry that @part names, else the first: so does GRUB. -ENOTSUP where one before it may not be
 * there. */
static int pick(hf_grub_machine *m, const char *part, const hf_grub_entry **ret_entry)
{
	size_t index = 0;
	uint64_t number;

	if (m->entry_count == 0)
		return hf_error_set(m->err, -ENOENT, "its menu is empty");
	if (hf_parse_u64(part, &number) == 0) {
		index = number < m->entry_count ? (size_t)number : 0;
		for (size_t i = 0; i < index; i++) {
			if (m->entries[i].is_unsure)
				return hf_grub_give_up(
					m, "which entry is the default depends on the platform");
		}
	} else {
		while (index < m->entry_count && !is_called(&m->entries[index], part))
			index++;
		if (index == m->entry_count)
			index = 0;
	}
	if (m->entries[index].is_unsure)
		return hf_grub_give_up(
			m, "whether the default entry is there depends on the platform");
	*ret_entry = &m->entries[index];
	return 0;
}

static int choose_bls(hf_grub_machine *m, const hf_boot_entry *bls)
{
	hf_cleanup(hf_list_free) hf_list words = {0};
	const hf_grub_text text = {
		.path = bls->path,
		.text = bls->options,
		.size = strlen(bls->options),
	};
	hf_grub_script script;
	int r = hf_grub_lex(m->arena, &text, &script);

	m->saw_unsure = false;
	for (size_t i = 0; r == 0 && i < script.count; i++)
		r = hf_grub_words(m, &script.all[i], &words);
	m->saw_unsure_argument = m->saw_unsure;
	if (r == -E2BIG)
		return hf_error_set(m->err, -EBADMSG, "%s: too long", bls->path);
	return r < 0 ? r
		     : hf_grub_choose_line(m, bls->options_number, bls->path,
					   (char *const *)words.items, words.count);
}

static int enter(hf_grub_machine *m, const hf_grub_entry *entry, hf_grub_choice *choice)
{
	choice->title = entry->title;
	m->choice = choice;
	int r = entry->bls ? choose_bls(m, entry->bls)
			   : hf_grub_run_range(m, entry->script, entry->from, entry->to);

	if (r < 0)
		return r;
	if (!choice->line)
		return hf_grub_give_up(m, "the default entry starts no Linux kernel");
	if (m->is_choice_unsure)
		return hf_grub_give_up(m,
				       "the default entry's kernel line depends on the platform");
	return 0;
}

static int choose(hf_grub_machine *m, const char *spec, hf_grub_choice *choice)
{
	for (unsigned level = 0; level < HF_GRUB_MAX_DEPTH; level++) {
		const char *part = next_part(m, &spec);
		const hf_grub_entry *entry;

		if (!part)
			return -ENOMEM;
		int r = pick(m, part, &entry);

		if (r < 0)
			return r;
		if (!entry->is_submenu)
			return enter(m, entry, choice);
		if (*spec == '\0')
			return hf_grub_give_up(
				m, "the default entry is a submenu, which waits for a key");
		hf_grub_entry submenu = *entry;

		m->entry_count = 0;
		r = hf_grub_run_range(m, submenu.script, submenu.from, submenu.to);
		if (r < 0)
			return r;
	}
	return hf_grub_give_up(m, "its submenus are too deep");
}

int hf_grub_choose(hf_arena *arena, const hf_grub_input *input, hf_grub_choice *ret_choice,
		   hf_error *err)
{
	hf_grub_machine m = {
		.arena = arena,
		.input = input,
		.err = err,
		.mode = HF_GRUB_YES,
		.variables =
			hf_arena_calloc(arena, HF_GRUB_MAX_VARIABLES, sizeof(hf_grub_variable)),
		.entries = hf_arena_calloc(arena, HF_GRUB_MAX_ENTRIES, sizeof(hf_grub_entry)),
	};
	hf_grub_choice choice = {.line = NULL};

	if (!m.variables || !m.entries)
		return -ENOMEM;
	/* a name for its own folder, so that "-s $prefix/grubenv" can be told */
	m.variables[m.variable_count++] = (hf_grub_variable){.name = "prefix", .value = "(grub)"};
	m.variables[m.variable_count++] =
		(hf_grub_variable){.name = "config_directory", .value = "(grub)"};
	int r = hf_grub_run_script(&m, &input->config);

	if (r < 0)
		return r;
	const hf_grub_variable *chosen = hf_grub_find(&m, "default");

	if (chosen && chosen->is_unsure)
		return hf_grub_give_up(&m, "what the default is depends on the platform");
	r = choose(&m, chosen ? chosen->value : "0", &choice);
	if (r == 0)
		*ret_choice = choice;
	return r;
}
