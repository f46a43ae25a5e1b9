/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The expressions of conditions: terms joined by & and |, in three-valued logic (Kleene's). */
#include "options.h"

#include <ctype.h>
#include <string.h>

option_truth option_both(option_truth a, option_truth b)
{
	if (a == OPTION_NO || b == OPTION_NO)
		return OPTION_NO;
	return a == OPTION_YES && b == OPTION_YES ? OPTION_YES : OPTION_CANNOT_KNOW;
}

option_truth option_either(option_truth a, option_truth b)
{
	if (a == OPTION_YES || b == OPTION_YES)
		return OPTION_YES;
	return a == OPTION_NO && b == OPTION_NO ? OPTION_NO : OPTION_CANNOT_KNOW;
}

/* ---- terms ---- */

static bool copy(char *to, size_t room, const char *from, size_t length)
{
	if (length >= room)
		return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

static bool is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_.-*/", text[i]))
			return false;
	return length > 0;
}

/* What follows the name of an option, as notation of wanted: "=v" is v, "!set" is absent, "?" is
 * present, " in a,b" is the list; the other operators are the notation already. */
static bool parse_operator(const char *text, size_t length, option_term *term)
{
	static const char in_list[] = " in ";

	if (length == 4 && memcmp(text, "!set", 4) == 0)
		return copy(term->wanted, sizeof term->wanted, "absent", 6);
	if (length == 1 && text[0] == '?')
		return copy(term->wanted, sizeof term->wanted, "present", 7);
	if (length > sizeof in_list - 1 && memcmp(text, in_list, sizeof in_list - 1) == 0) {
		term->is_list = true;
		return copy(term->wanted, sizeof term->wanted, text + 4, length - 4);
	}
	if (length > 1 && text[0] == '=')
		return copy(term->wanted, sizeof term->wanted, text + 1, length - 1);
	if ((length > 1 && text[0] == '~') ||
	    (length > 2 && strchr("!<>", text[0]) &&
	     (text[1] == '=' || (text[0] == '!' && text[1] == '~'))) ||
	    (length == 4 && memcmp(text, "!off", 4) == 0))
		return copy(term->wanted, sizeof term->wanted, text, length);
	return false;
}

static bool parse_option_term(const char *text, size_t length, option_term *term)
{
	size_t name = 0;

	while (name < length && !strchr("=!~<>? ", text[name]))
		name++;
	/* S:absent is about the row's own key */
	if (term->source == OPTION_TERM_S && name == length && length == 6 &&
	    memcmp(text, "absent", 6) == 0)
		return copy(term->wanted, sizeof term->wanted, "absent", 6);
	return is_name(text, name) && copy(term->name, sizeof term->name, text, name) &&
	       parse_operator(text + name, length - name, term);
}

/* "/path=v", "vulnerabilities/F~text", "lockdown>=integrity", "lsm~x", "module X denied",
 * "no-kubelet" */
static bool parse_runtime_term(const char *text, size_t length, option_term *term)
{
	size_t name = strcspn(text, "=~<> ");

	if (name > length)
		name = length;
	if (!is_name(text, name) || !copy(term->name, sizeof term->name, text, name))
		return false;
	if (name == length)
		return true;
	if (length == name + 1)
		return false;
	if (text[name] == ' ' || text[name] == '=')
		name++;
	return copy(term->wanted, sizeof term->wanted, text + name, length - name);
}

bool option_term_parse(const char *text, size_t length, option_term *ret_term)
{
	static const struct {
		const char *prefix;
		option_source source;
	} sources[] = {
		{.prefix = "K:", .source = OPTION_TERM_K},
		{.prefix = "C:", .source = OPTION_TERM_C},
		{.prefix = "S:", .source = OPTION_TERM_S},
		{.prefix = "A:", .source = OPTION_TERM_A},
		{.prefix = "HW:", .source = OPTION_TERM_HW},
		{.prefix = "RT:", .source = OPTION_TERM_RT},
	};
	option_term term = {0};
	char buffer[OPTION_NAME_MAX + OPTION_VALUE_MAX];
	bool is_parsed = false;

	if (length > 1 && text[0] == 'V' && strchr("<>", text[1])) {
		term.source = OPTION_TERM_V;
		is_parsed = copy(term.wanted, sizeof term.wanted, text + 1, length - 1);
	}
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		size_t skip = strlen(sources[i].prefix);

		if (length <= skip || memcmp(text, sources[i].prefix, skip) != 0 ||
		    !copy(buffer, sizeof buffer, text + skip, length - skip))
			continue;
		term.source = sources[i].source;
		if (term.source == OPTION_TERM_RT)
			is_parsed = parse_runtime_term(buffer, length - skip, &term);
		else if (term.source == OPTION_TERM_HW || term.source == OPTION_TERM_A)
			is_parsed = is_name(buffer, length - skip) &&
				    copy(term.name, sizeof term.name, buffer, length - skip);
		else
			is_parsed = parse_option_term(buffer, length - skip, &term);
	}
	if (is_parsed)
		*ret_term = term;
	return is_parsed;
}

/* ---- expressions ---- */

enum { MAX_DEPTH = 16 };

typedef struct parser {
	const char *at;
	option_term_fn *decide;
	void *data;
	unsigned depth;
	bool is_malformed;
} parser;

static option_truth parse_either(parser *p, bool matters);

static void skip_blanks(parser *p)
{
	while (*p->at == ' ')
		p->at++;
}

static option_truth parse_term(parser *p, bool matters)
{
	size_t length = strcspn(p->at, "&|()");
	const char *text = p->at;
	option_term term;

	p->at += length;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (!option_term_parse(text, length, &term)) {
		p->is_malformed = true;
		return OPTION_CANNOT_KNOW;
	}
	return matters ? p->decide(&term, p->data) : OPTION_CANNOT_KNOW;
}

static option_truth parse_one(parser *p, bool matters)
{
	option_truth truth;

	skip_blanks(p);
	if (*p->at != '(')
		return parse_term(p, matters);
	if (++p->depth > MAX_DEPTH) {
		p->is_malformed = true;
		return OPTION_CANNOT_KNOW;
	}
	p->at++;
	truth = parse_either(p, matters);
	skip_blanks(p);
	if (*p->at == ')')
		p->at++;
	else
		p->is_malformed = true;
	p->depth--;
	return truth;
}

/* A term that cannot change the result is parsed, not asked: evidence names only what decided. */
static option_truth parse_both(parser *p, bool matters)
{
	option_truth truth = parse_one(p, matters);

	for (skip_blanks(p); *p->at == '&' && !p->is_malformed; skip_blanks(p)) {
		p->at++;
		truth = option_both(truth, parse_one(p, matters && truth != OPTION_NO));
	}
	return truth;
}

static option_truth parse_either(parser *p, bool matters)
{
	option_truth truth = parse_both(p, matters);

	for (skip_blanks(p); *p->at == '|' && !p->is_malformed; skip_blanks(p)) {
		p->at++;
		truth = option_either(truth, parse_both(p, matters && truth != OPTION_YES));
	}
	return truth;
}

bool option_expr_evaluate(const char *text, option_term_fn *decide, void *data,
			  option_truth *ret_truth)
{
	parser p = {.at = text, .decide = decide, .data = data};
	option_truth truth = parse_either(&p, true);

	skip_blanks(&p);
	if (p.is_malformed || *p.at)
		return false;
	*ret_truth = truth;
	return true;
}
