/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of an image's history. The commands themselves may hold secrets and are never recorded. A command is
 * read as a shell splits it, which is right for what builds do and bounded for what an attacker writes. */
#include "collect/image-step.h"

#include <ctype.h>
#include <strings.h>

/* ---- words ---- */

typedef struct scanner {
	const char *at;
	const char *end;
	char *to; /* words are written one behind the other */
} scanner;

static void skip_blanks(scanner *s)
{
	while (s->at < s->end) {
		if (*s->at == ' ' || *s->at == '\t' || *s->at == '\r')
			s->at++;
		else if (*s->at == '\\' && s->at + 1 < s->end && s->at[1] == '\n')
			s->at += 2;
		else if (*s->at == '#')
			while (s->at < s->end && *s->at != '\n')
				s->at++;
		else
			return;
	}
}

/* "$(…)", "<(…)": up to the closing bracket, as it stands. */
static void copy_nested(scanner *s)
{
	unsigned depth = 0;

	for (; s->at < s->end; s->at++) {
		depth += *s->at == '(';
		*s->to++ = *s->at;
		if (*s->at == ')' && --depth == 0) {
			s->at++;
			return;
		}
	}
}

static void copy_quoted(scanner *s, char quote)
{
	for (s->at++; s->at < s->end && *s->at != quote; s->at++) {
		if (*s->at == '\\' && quote == '"' && s->at + 1 < s->end)
			s->at++;
		*s->to++ = *s->at ? *s->at : ' ';
	}
	s->at += s->at < s->end;
}

static bool is_end_of_word(char c)
{
	return c == '\0' || strchr(" \t\r\n;&|()", c) != NULL;
}

static void read_word(scanner *s, hf_step_word *w)
{
	w->text = s->to;
	while (s->at < s->end) {
		char c = *s->at;

		if ((c == '$' || c == '<' || c == '>') && s->at + 1 < s->end && s->at[1] == '(') {
			*s->to++ = c;
			s->at++;
			copy_nested(s);
		} else if (is_end_of_word(c)) {
			break;
		} else if (c == '\'' || c == '"') {
			copy_quoted(s, c);
		} else {
			if (c == '\\' && s->at + 1 < s->end)
				c = *++s->at;
			s->at++;
			if (c != '\n')
				*s->to++ = c ? c : ' ';
		}
	}
	w->length = (size_t)(s->to - w->text);
	*s->to++ = '\0';
}

void hf_step_describe_shell(hf_step *d, const char *text, size_t size)
{
	static const hf_step_word none;
	/* a word ends with a NUL for which at least one byte stood in the text; the last one has its own */
	hf_cleanup(hf_freep) char *room = malloc(2 * size + 2);
	hf_cleanup(hf_freep) hf_step_word *words = calloc(HF_STEP_WORDS, sizeof *words);
	scanner s = {.at = text, .end = text + size, .to = room};
	size_t count = 0;
	char before = ';';

	if (!room || !words) {
		d->out->failed = true;
		return;
	}
	for (;;) {
		skip_blanks(&s);
		bool is_over = s.at >= s.end;

		if (!is_over && !is_end_of_word(*s.at)) {
			hf_step_word w = none;

			read_word(&s, &w);
			if (count < HF_STEP_WORDS)
				words[count++] = w;
			continue;
		}
		char after = is_over ? ';' : *s.at++;

		/* "||" is no pipe, "|&" is one */
		if (after == '|' && s.at < s.end && *s.at == '|') {
			after = ';';
			s.at++;
		}
		if (count > 0) {
			hf_step_look_at_command(d, words, count, before, after);
			before = after;
		} else if (after != '\n') {
			before = after;
		}
		count = 0;
		if (is_over)
			return;
	}
}

/* ---- instructions ---- */

static const char *const instructions[] = {
	"ADD",	  "ARG",    "CMD",     "COPY",	 "ENTRYPOINT",	"ENV",	"EXPOSE",     "HEALTHCHECK", "LABEL",
	"ONBUILD", "RUN",   "SHELL",   "STOPSIGNAL", "USER",	"VOLUME", "WORKDIR",  "MAINTAINER",
};

/* The instruction that @text begins with; NULL: none. *ret_rest is what follows it. */
static const char *find_instruction(const char *text, size_t size, size_t *ret_rest)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(instructions); i++) {
		size_t length = strlen(instructions[i]);

		if (size < length || strncasecmp(text, instructions[i], length) != 0 ||
		    (size > length && text[length] != ' ' && text[length] != '\t'))
			continue;
		*ret_rest = length;
		return instructions[i];
	}
	return NULL;
}

/* "|2 A=b C=d /bin/sh -c …": the values of build arguments that the command got. */
static size_t skip_arguments(const char *text, size_t size)
{
	size_t at = 1;

	while (at < size && isdigit((unsigned char)text[at]))
		at++;
	return at > 1 ? at : 0;
}

static bool has_suffix_of(const char *text, const char *const *suffixes)
{
	for (; *suffixes; suffixes++) {
		if (hf_has_suffix(text, *suffixes))
			return true;
	}
	return false;
}

/* All words of ADD but options and the last, which is where it goes. Docker's own builder tells "file:DIGEST in /". */
static void look_at_sources(hf_step *d, const hf_step_word *words, size_t count)
{
	static const char *const archives[] = {".tar",	   ".tar.gz",  ".tgz",	   ".tar.bz2", ".tbz2",
					       ".tar.xz", ".txz",     ".tar.zst", ".zip",     NULL};
	bool has_sum = false, is_plain = false;

	for (size_t i = 0; i + 1 < count; i++) {
		const char *text = words[i].text;

		has_sum = has_sum || hf_has_prefix(text, "--checksum=");
		if (*text == '-')
			continue;
		is_plain = is_plain || hf_step_is_plain_url(text);
		if (hf_has_prefix(text, "git@") || hf_has_prefix(text, "git://") ||
		    (strstr(text, "://") && (hf_has_suffix(text, ".git") || strstr(text, ".git#"))))
			hf_step_mark(d, "source", "git");
		else if (hf_has_prefix(text, "http://") || hf_has_prefix(text, "https://"))
			hf_step_mark(d, "source", "url");
		else if (has_suffix_of(text, archives))
			hf_step_mark(d, "source", "archive");
	}
	if (is_plain && !has_sum)
		hf_step_mark(d, "unverified", "http");
}

static size_t split(char *room, const char *text, size_t size, hf_step_word *words, size_t max)
{
	scanner s = {.at = text, .end = text + size, .to = room};
	size_t count = 0;

	while (s.at < s.end && count < max) {
		skip_blanks(&s);
		if (s.at >= s.end)
			break;
		if (is_end_of_word(*s.at))
			s.at++;
		else
			read_word(&s, &words[count++]);
	}
	return count;
}

static void describe_plain(hf_step *d, const char *instruction, const char *text, size_t size)
{
	hf_cleanup(hf_freep) char *room = malloc(2 * size + 2);
	hf_cleanup(hf_freep) hf_step_word *words = calloc(HF_STEP_WORDS, sizeof *words);

	if (!room || !words) {
		d->out->failed = true;
		return;
	}
	size_t count = split(room, text, size, words, HF_STEP_WORDS);

	for (size_t i = 0; i < count; i++)
		hf_step_look_at_word(d, &words[i], i + 1 < count ? &words[i + 1] : NULL);
	if (strcmp(instruction, "ADD") == 0)
		look_at_sources(d, words, count);
}

/* What BuildKit leaves behind each command. */
static size_t without_comment(const char *text, size_t size)
{
	static const char comment[] = "# buildkit";
	size_t length = strlen(comment);

	while (size > 0 && isspace((unsigned char)text[size - 1]))
		size--;
	return size >= length && memcmp(text + size - length, comment, length) == 0 ? size - length
										    : size;
}

static bool is_shell(const char *path, size_t length)
{
	static const char *const shells[] = {"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", NULL};
	const char *slash = memrchr(path, '/', length);
	const char *name = slash ? slash + 1 : path;

	length -= (size_t)(name - path);
	for (size_t i = 0; shells[i]; i++) {
		if (strlen(shells[i]) == length && memcmp(name, shells[i], length) == 0)
			return true;
	}
	return false;
}

/* Where the command of "/bin/bash -o pipefail -c COMMAND" begins, which stands there without its quotes; 0: it is none
 * of a shell. Before the shell there may be the values of build arguments. */
static size_t find_command(const char *text, size_t size)
{
	bool has_shell = false, may_precede = size > 0 && *text == '|';

	for (size_t at = 0; at < size;) {
		while (at < size && isspace((unsigned char)text[at]))
			at++;
		size_t start = at;

		while (at < size && !isspace((unsigned char)text[at]))
			at++;
		const char *option = text + start;
		size_t length = at - start;

		if (!has_shell) {
			has_shell = is_shell(option, length);
			if (!has_shell && !may_precede)
				return 0;
		} else if (length < 2 || *option != '-') {
			/* of "-o pipefail" */
			if (!(start >= 3 && text[start - 2] == 'o'))
				return 0;
		} else if (option[1] != '-' && option[length - 1] == 'c') {
			return at;
		}
	}
	return 0;
}

/* A command that was run, without the word RUN: "/bin/sh -c …", "|1 A=b /bin/sh -c …". */
static bool is_run(const char *text, size_t size)
{
	return size > 0 && ((*text == '/' && find_command(text, size) > 0) ||
			    (*text == '|' && skip_arguments(text, size) > 0));
}

static void describe_run(hf_step *d, const char *text, size_t size)
{
	size_t command = find_command(text, size);
	size_t skip = size > 0 && *text == '|' ? skip_arguments(text, size) : 0;

	if (command > skip)
		describe_plain(d, "", text + skip, command - skip);
	else
		command = skip;
	hf_step_describe_shell(d, text + command, size - command);
	if (d->has_plain && !d->has_check)
		hf_step_mark(d, "unverified", "http");
}

void hf_image_describe_step(const char *command, size_t size, hf_buffer *out)
{
	static const char no_operation[] = "#(nop)";
	hf_step d = {.out = out};
	bool is_cut = size > HF_IMAGE_COMMAND_BYTES;
	size_t rest = 0;

	size = without_comment(command, is_cut ? HF_IMAGE_COMMAND_BYTES : size);
	while (size > 0 && isspace((unsigned char)*command)) {
		command++;
		size--;
	}
	const char *nop = hf_has_prefix(command, "/bin/sh -c #(nop)") || *command == '#'
				  ? memmem(command, size, no_operation, strlen(no_operation))
				  : NULL;

	if (nop) {
		nop += strlen(no_operation);
		while (nop < command + size && *nop == ' ')
			nop++;
		size -= (size_t)(nop - command);
		command = nop;
	}
	const char *instruction = find_instruction(command, size, &rest);

	if (!instruction && !nop && is_run(command, size))
		instruction = "RUN";
	hf_buffer_puts(out, instruction ? instruction : "-");
	if (is_cut)
		hf_step_mark(&d, "cut", "command");
	command += rest;
	size -= rest;
	while (size > 0 && *command == ' ') {
		command++;
		size--;
	}
	if (instruction && strcmp(instruction, "RUN") == 0)
		describe_run(&d, command, size);
	else
		describe_plain(&d, instruction ? instruction : "", command, size);
}

void hf_image_describe_arguments(const json_t *list, hf_buffer *out)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_step d = {.out = out};
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (text.size + json_string_length(item) > HF_IMAGE_COMMAND_BYTES) {
			hf_step_mark(&d, "cut", "arguments");
			break;
		}
		if (json_is_string(item)) {
			hf_buffer_add(&text, json_string_value(item), json_string_length(item));
			hf_buffer_puts(&text, " ");
		}
	}
	if (text.failed)
		out->failed = true;
	else if (text.size > 0)
		describe_plain(&d, "", text.data, text.size);
}
