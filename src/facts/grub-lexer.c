/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRUB's shell-like language: pieces and words. See "Writing full configuration files directly" in
 * the manual of GRUB. */
#include "facts/boot-loader.h"

#include <ctype.h>

enum { HF_GRUB_MAX_TOKENS = 100000, HF_GRUB_MAX_WORD = 64 * 1024 };

/* The end of the word that begins at @at. */
static const char *word_end(const char *at, const char *end, unsigned *lines)
{
	char quote = '\0';

	for (; at < end; at++) {
		if (*at == '\n')
			(*lines)++;
		if (*at == '\\' && quote != '\'' && at + 1 < end) {
			at++;
			if (*at == '\n')
				(*lines)++;
		} else if (quote) {
			if (*at == quote)
				quote = '\0';
		} else if (*at == '\'' || *at == '"') {
			quote = *at;
		} else if (isspace((unsigned char)*at) || *at == ';' || *at == '\0') {
			if (*at == '\n')
				(*lines)--; /* it is the next piece */
			break;
		}
	}
	return at;
}

/* What stands between pieces: blanks, comments, joined lines. */
static const char *skip_blanks(const char *at, const char *end, unsigned *number)
{
	while (at < end) {
		if (*at == '\\' && at + 1 < end && at[1] == '\n') {
			(*number)++;
			at += 2;
		} else if (*at == '#') {
			while (at < end && *at != '\n')
				at++;
		} else if (*at != '\n' && (isspace((unsigned char)*at) || *at == '\0')) {
			at++;
		} else {
			break;
		}
	}
	return at;
}

static hf_grub_token next_token(const char **cursor, const char *end, unsigned *number)
{
	const char *at = *cursor;
	hf_grub_token token = {.kind = HF_GRUB_END, .number = *number, .text = at, .size = 1};

	if (*at == '\n' || *at == ';') {
		*number += *at == '\n';
		*cursor = at + 1;
		return token;
	}
	*cursor = word_end(at, end, number);
	token.kind = HF_GRUB_WORD;
	token.size = (size_t)(*cursor - at);
	if (token.size == 1 && *at == '{')
		token.kind = HF_GRUB_OPEN;
	else if (token.size == 1 && *at == '}')
		token.kind = HF_GRUB_CLOSE;
	return token;
}

int hf_grub_lex(hf_arena *arena, const hf_grub_text *text, hf_grub_script *ret_script)
{
	hf_cleanup(hf_freep) hf_grub_token *tokens = NULL;
	const char *at = text->text, *end = text->text + text->size;
	size_t count = 0, room = 0;
	unsigned number = 1;

	while ((at = skip_blanks(at, end, &number)) < end) {
		if (count == HF_GRUB_MAX_TOKENS)
			return -E2BIG;
		if (count == room) {
			room = room ? room * 2 : 1024;
			hf_grub_token *more = reallocarray(tokens, room, sizeof *tokens);

			if (!more)
				return -ENOMEM;
			tokens = more;
		}
		tokens[count++] = next_token(&at, end, &number);
	}
	hf_grub_token *all = hf_arena_calloc(arena, count + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	if (count > 0)
		memcpy(all, tokens, count * sizeof *all);
	*ret_script = (hf_grub_script){.path = text->path, .all = all, .count = count};
	return 0;
}

/* ---- words ---- */

typedef struct expansion {
	hf_arena *arena;
	hf_grub_lookup *lookup;
	void *data;
	hf_list *words;
	hf_buffer word;
	bool has_word; /* "" is a word, too */
} expansion;

static void free_expansion(expansion *e)
{
	hf_buffer_free(&e->word);
}

static int end_word(expansion *e)
{
	if (!e->has_word)
		return 0;
	char *word = hf_arena_memdup(e->arena, e->word.data ? e->word.data : "", e->word.size);

	if (!word || e->word.failed || hf_list_add(e->words, word) < 0)
		return -ENOMEM;
	e->word.size = 0;
	e->has_word = false;
	return 0;
}

static int add_value(expansion *e, const char *value, bool is_quoted)
{
	for (; *value; value++) {
		if (e->word.size == HF_GRUB_MAX_WORD)
			return -E2BIG;
		if (!is_quoted && isspace((unsigned char)*value)) {
			int r = end_word(e);

			if (r < 0)
				return r;
			continue;
		}
		hf_buffer_add(&e->word, value, 1);
		e->has_word = true;
	}
	return 0;
}

/* "$name", "${name}", "$?", "$1"; @at is behind the '$'. Returns what is behind the name. */
static const char *add_variable(expansion *e, const char *at, const char *end, bool is_quoted,
				int *ret_error)
{
	bool has_braces = at < end && *at == '{';
	const char *from = has_braces ? at + 1 : at;
	const char *stop = from;

	if (has_braces) {
		while (stop < end && *stop != '}')
			stop++;
	} else if (stop < end && (isalpha((unsigned char)*stop) || *stop == '_')) {
		while (stop < end && (isalnum((unsigned char)*stop) || *stop == '_'))
			stop++;
	} else if (stop < end && (isdigit((unsigned char)*stop) || strchr("?*@#", *stop))) {
		stop++;
	}
	if (stop == from && !has_braces) {
		hf_buffer_puts(&e->word, "$");
		e->has_word = true;
		return at;
	}
	char *name = hf_arena_memdup(e->arena, from, (size_t)(stop - from));

	*ret_error = name ? add_value(e, e->lookup(e->data, name), is_quoted) : -ENOMEM;
	return has_braces && stop < end ? stop + 1 : stop;
}

int hf_grub_expand(hf_arena *arena, const hf_grub_token *token, hf_grub_lookup *lookup, void *data,
		   hf_list *words)
{
	hf_cleanup(free_expansion) expansion e = {
		.arena = arena,
		.lookup = lookup,
		.data = data,
		.words = words,
	};
	const char *at = token->text, *end = token->text + token->size;
	char quote = '\0';
	int r = 0;

	while (at < end && r == 0) {
		char c = *at++;

		if (c == quote && quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			e.has_word = true;
		} else if (c == '$' && quote != '\'') {
			at = add_variable(&e, at, end, quote == '"', &r);
		} else {
			/* within double quotes a backslash is one, but before these */
			if (c == '\\' && at < end && quote != '\'' &&
			    (!quote || strchr("\"$\\\n", *at)))
				c = *at++;
			if (c == '\n' && !quote)
				continue;
			hf_buffer_add(&e.word, &c, 1);
			e.has_word = true;
		}
	}
	return r < 0 ? r : end_word(&e);
}
