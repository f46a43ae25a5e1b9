/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a grub.cfg as far as that needs no GRUB. What depends on more (the platform, the exit status
 * of a command) is carried along as unsure. */
#include "facts/grub-machine.h"

typedef struct position {
	const hf_grub_script *script;
	size_t at;
	size_t end;
} position;

static int run_list(hf_grub_machine *m, position *p);

/* The words up to the end of the command, or to a brace. */
static int read_words(hf_grub_machine *m, position *p, hf_list *words)
{
	bool saw_unsure = false;

	m->saw_unsure_argument = false;
	for (size_t i = 0; p->at < p->end && p->script->all[p->at].kind == HF_GRUB_WORD; i++) {
		m->saw_unsure = false;
		int r = hf_grub_words(m, &p->script->all[p->at], words);

		if (r < 0)
			return r;
		saw_unsure |= m->saw_unsure;
		m->saw_unsure_argument |= m->saw_unsure && i >= 2;
		p->at++;
	}
	m->saw_unsure = saw_unsure;
	return 0;
}

static bool is_keyword(const position *p, const char *word)
{
	const hf_grub_token *token = &p->script->all[p->at];

	return p->at < p->end && token->kind == HF_GRUB_WORD && token->size == strlen(word) &&
	       memcmp(token->text, word, token->size) == 0;
}

static void skip_ends(position *p)
{
	while (p->at < p->end && p->script->all[p->at].kind == HF_GRUB_END)
		p->at++;
}

/* From behind an opening brace to behind its closing one; returns where the latter stands. */
static size_t skip_block(position *p)
{
	for (unsigned open = 1; p->at < p->end; p->at++) {
		hf_grub_kind kind = p->script->all[p->at].kind;

		if (kind == HF_GRUB_OPEN)
			open++;
		else if (kind == HF_GRUB_CLOSE && --open == 0)
			return p->at++;
	}
	return p->end;
}

static int run_as(hf_grub_machine *m, position *p, hf_grub_truth mode)
{
	hf_grub_truth outer = m->mode;

	m->mode = mode < outer ? mode : outer;
	int r = run_list(m, p);

	m->mode = outer;
	return r;
}

/* "[ … ]; then": only a single command can be judged. */
static int run_condition(hf_grub_machine *m, position *p, hf_grub_truth *ret_truth)
{
	hf_cleanup(hf_list_free) hf_list words = {0};
	int r = read_words(m, p, &words);

	if (r < 0)
		return r;
	*ret_truth = m->saw_unsure
			     ? HF_GRUB_MAYBE
			     : hf_grub_test(m->input, (char *const *)words.items, words.count);
	skip_ends(p);
	if (is_keyword(p, "then"))
		return 0;
	*ret_truth = HF_GRUB_MAYBE;
	return run_as(m, p, HF_GRUB_MAYBE);
}

static int run_if(hf_grub_machine *m, position *p)
{
	hf_grub_truth left = HF_GRUB_YES; /* whether this branch is reached at all */
	bool is_else = false;
	int r = 0;

	while (r == 0 && p->at < p->end && !is_keyword(p, "fi")) {
		hf_grub_truth holds = HF_GRUB_YES;

		is_else = is_keyword(p, "else");
		p->at++; /* if, elif, else */
		if (!is_else) {
			r = run_condition(m, p, &holds);
			if (r < 0 || !is_keyword(p, "then"))
				return r;
			p->at++;
		}
		r = run_as(m, p, left < holds ? left : holds);
		if (holds == HF_GRUB_YES)
			left = HF_GRUB_NO;
		else if (holds == HF_GRUB_MAYBE && left == HF_GRUB_YES)
			left = HF_GRUB_MAYBE;
		if (!is_keyword(p, "elif") && !is_keyword(p, "else"))
			break;
	}
	if (is_keyword(p, "fi"))
		p->at++;
	return r;
}

/* while, until, for: how often is not followed, so what they set is unsure. */
static int run_loop(hf_grub_machine *m, position *p)
{
	while (p->at < p->end && !is_keyword(p, "do"))
		p->at++;
	if (p->at < p->end)
		p->at++;
	int r = run_as(m, p, HF_GRUB_MAYBE);

	if (is_keyword(p, "done"))
		p->at++;
	return r;
}

static hf_grub_entry *new_entry(hf_grub_machine *m)
{
	if (m->entry_count == HF_GRUB_MAX_ENTRIES)
		return NULL;
	hf_grub_entry *entry = &m->entries[m->entry_count++];

	*entry = (hf_grub_entry){.title = "", .id = "", .is_unsure = m->mode == HF_GRUB_MAYBE};
	return entry;
}

static int add_entry(hf_grub_machine *m, position *p, bool is_submenu)
{
	hf_cleanup(hf_list_free) hf_list words = {0};
	int r = read_words(m, p, &words);

	if (r < 0)
		return r;
	if (p->at >= p->end || p->script->all[p->at].kind != HF_GRUB_OPEN)
		return 0;
	size_t from = ++p->at;
	size_t to = skip_block(p);

	if (m->mode == HF_GRUB_NO || m->choice)
		return 0;
	hf_grub_entry *entry = new_entry(m);

	if (!entry)
		return hf_error_set(m->err, -EBADMSG, "more than %d menu entries",
				    HF_GRUB_MAX_ENTRIES);
	entry->is_submenu = is_submenu;
	entry->script = p->script;
	entry->from = from;
	entry->to = to;
	if (words.count > 1)
		entry->title = words.items[1];
	for (size_t i = 2; i < words.count; i++) {
		const char *word = words.items[i];

		if (strcmp(word, "--id") == 0 && i + 1 < words.count)
			entry->id = words.items[i + 1];
		else if (hf_has_prefix(word, "--id="))
			entry->id = word + strlen("--id=");
	}
	return 0;
}

static int add_bls_entries(hf_grub_machine *m)
{
	for (size_t i = 0; i < m->input->entry_count; i++) {
		const hf_boot_entry *bls = &m->input->entries[i];

		if (!bls->options)
			continue;
		hf_grub_entry *entry = new_entry(m);

		if (!entry)
			return hf_error_set(m->err, -EBADMSG, "more than %d menu entries",
					    HF_GRUB_MAX_ENTRIES);
		entry->title = bls->title;
		entry->id = bls->id;
		entry->bls = bls;
	}
	return 0;
}

/* The words of a command line, as GRUB joins them for the kernel. */
static const char *join(hf_grub_machine *m, char *const *words, size_t count)
{
	hf_cleanup(hf_buffer_free) hf_buffer line = {0};

	for (size_t i = 0; i < count; i++)
		hf_buffer_printf(&line, strchr(words[i], ' ') ? "%s\"%s\"" : "%s%s",
				 i > 0 ? " " : "", words[i]);
	return line.failed ? NULL : hf_arena_strdup(m->arena, line.data ? line.data : "");
}

int hf_grub_choose_line(hf_grub_machine *m, unsigned number, const char *path, char *const *words,
			size_t count)
{
	const char *line = join(m, words, count);

	if (!line)
		return -ENOMEM;
	m->choice->line = line;
	m->choice->path = path;
	m->choice->number = number;
	m->is_choice_unsure = m->mode == HF_GRUB_MAYBE || m->saw_unsure_argument;
	return 0;
}

/* Another file: custom.cfg is known, others could do anything. */
static int run_source(hf_grub_machine *m, const char *path)
{
	if (!hf_grub_is_custom(path))
		return hf_grub_give_up(m, "it goes on in another file");
	if (!m->input->custom.text || m->has_custom)
		return 0;
	m->has_custom = true;
	return hf_grub_run_script(m, &m->input->custom);
}

/* Xen starts the kernel as a module: "module2 /vmlinuz-6.1 placeholder root=…". */
static bool is_kernel_module(char *const *words, size_t count)
{
	return count >= 2 && hf_has_prefix(words[0], "module") && strstr(words[1], "vmlinuz");
}

static int run_boot_command(hf_grub_machine *m, unsigned number, const char *path,
			    char *const *words, size_t count)
{
	static const char *const names[] = {"linux", "linux16", "linuxefi"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strcmp(words[0], names[i]) == 0 && count >= 2)
			return hf_grub_choose_line(m, number, path, words + 2, count - 2);
	}
	if (is_kernel_module(words, count)) {
		size_t skip = count >= 3 && strcmp(words[2], "placeholder") == 0 ? 3 : 2;

		return hf_grub_choose_line(m, number, path, words + skip, count - skip);
	}
	return 0;
}

static int assign(hf_grub_machine *m, char *word)
{
	char *equals = strchr(word, '=');
	bool is_unsure = m->saw_unsure;

	if (!equals || equals == word)
		return 0;
	*equals = '\0';
	return hf_grub_set(m, word, equals + 1, is_unsure);
}

static bool is_assignment(const char *word)
{
	size_t length =
		strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return length > 0 && word[length] == '=';
}

static int run_command(hf_grub_machine *m, unsigned number, const char *path, char **words,
		       size_t count)
{
	const char *name = words[0];

	if (strcmp(name, "set") == 0)
		return count >= 2 ? assign(m, words[1]) : 0;
	if (is_assignment(name))
		return assign(m, words[0]);
	if (strcmp(name, "unset") == 0)
		return count >= 2 ? hf_grub_set(m, words[1], "", false) : 0;
	if (strcmp(name, "load_env") == 0)
		return hf_grub_load_environment(m);
	if ((strcmp(name, "source") == 0 || strcmp(name, ".") == 0 ||
	     strcmp(name, "configfile") == 0) &&
	    count >= 2 && m->mode == HF_GRUB_YES)
		return run_source(m, words[1]);
	if (strcmp(name, "blscfg") == 0 && !m->choice)
		return add_bls_entries(m);
	return m->choice ? run_boot_command(m, number, path, words, count) : 0;
}

static int run_simple(hf_grub_machine *m, position *p)
{
	hf_cleanup(hf_list_free) hf_list words = {0};
	unsigned number = p->script->all[p->at].number;
	int r = read_words(m, p, &words);

	if (r < 0 || m->mode == HF_GRUB_NO || words.count == 0)
		return r;
	return run_command(m, number, p->script->path, (char **)words.items, words.count);
}

static bool is_list_end(const position *p)
{
	static const char *const ends[] = {"then", "elif", "else", "fi", "do", "done"};

	if (p->script->all[p->at].kind == HF_GRUB_CLOSE)
		return true;
	for (size_t i = 0; i < HF_ARRAY_SIZE(ends); i++) {
		if (is_keyword(p, ends[i]))
			return true;
	}
	return false;
}

static int run_one(hf_grub_machine *m, position *p)
{
	if (p->script->all[p->at].kind == HF_GRUB_OPEN) {
		p->at++;
		return 0;
	}
	if (is_keyword(p, "if"))
		return run_if(m, p);
	if (is_keyword(p, "while") || is_keyword(p, "until") || is_keyword(p, "for"))
		return run_loop(m, p);
	if (is_keyword(p, "menuentry"))
		return add_entry(m, p, false);
	if (is_keyword(p, "submenu"))
		return add_entry(m, p, true);
	if (is_keyword(p, "function")) {
		/* what functions set (Ubuntu's vt_handoff, a colour) is not followed */
		while (p->at < p->end && p->script->all[p->at].kind != HF_GRUB_OPEN)
			p->at++;
		if (p->at < p->end)
			p->at++;
		(void)skip_block(p);
		return 0;
	}
	return run_simple(m, p);
}

/* Commands up to the word that ends the list, or the end of the script. */
static int run_list(hf_grub_machine *m, position *p)
{
	int r = 0;

	if (++m->depth > HF_GRUB_MAX_DEPTH)
		return hf_error_set(m->err, -EBADMSG, "nested more than %d deep",
				    HF_GRUB_MAX_DEPTH);
	for (skip_ends(p); r == 0 && p->at < p->end && !is_list_end(p); skip_ends(p)) {
		if (++m->steps > HF_GRUB_MAX_STEPS)
			return hf_error_set(m->err, -EBADMSG, "more commands than are followed");
		r = run_one(m, p);
	}
	m->depth--;
	return r;
}

/* A stray "fi" or '}' ends a list, not the script. */
int hf_grub_run_range(hf_grub_machine *m, const hf_grub_script *script, size_t from, size_t to)
{
	position p = {.script = script, .at = from, .end = to};
	int r = 0;

	while (r == 0 && p.at < p.end) {
		r = run_list(m, &p);
		p.at++;
	}
	return r;
}

int hf_grub_run_script(hf_grub_machine *m, const hf_grub_text *text)
{
	hf_grub_script *script = hf_arena_alloc(m->arena, sizeof *script);

	if (!script)
		return -ENOMEM;
	int r = hf_grub_lex(m->arena, text, script);

	if (r == -E2BIG)
		return hf_error_set(m->err, -EBADMSG, "too large to be followed");
	if (r < 0)
		return r;
	return hf_grub_run_range(m, script, 0, script->count);
}
