/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes secrets out of text before it is recorded. Works on any of the forms that the sources have:
 * JSON, unit and environment files, boot lines, argument lists with NULs between them. What
 * surrounds a secret stays as it was, so that a file that was valid JSON (or was not) still is (or
 * is not). */
#include "collect/redact.h"

#include "collect/collect.h"

#include <ctype.h>
#include <strings.h>

/* ---- names ---- */

static bool equals(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool ends_with(const char *text, size_t length, const char *word)
{
	size_t tail = strlen(word);

	return length >= tail && strncasecmp(text + length - tail, word, tail) == 0;
}

static bool is_one_of(const char *text, size_t length, const char *const *words,
		      bool (*match)(const char *, size_t, const char *))
{
	for (; *words; words++) {
		if (match(text, length, *words))
			return true;
	}
	return false;
}

/* One component of a name: "authtoken" and "registryPassword" by their ends, so that "secretmem"
 * and "tokenizer" are left alone. */
static bool is_secret_word(const char *word, size_t length)
{
	static const char *const ends[] = {
		"token",   "tokens",	 "password",	"passwords",  "passwd", "secret",
		"secrets", "credential", "credentials", "passphrase", NULL,
	};
	static const char *const whole[] = {"apikey", "accesskey", "secretkey", "secretaccesskey",
					    NULL};

	return is_one_of(word, length, ends, ends_with) || is_one_of(word, length, whole, equals);
}

/* A first look, for the many names that say nothing: each word below has one of these in it. */
static bool could_be_secret(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		int next = i + 1 < length ? name[i + 1] | 0x20 : 0;

		switch (name[i] | 0x20) {
		case 'k': /* token, key */
		case 'w': /* password, pwd */
			return true;
		case 's': /* passphrase */
			if (next == 's')
				return true;
			break;
		case 'c': /* secret, credential */
			if (next == 'r')
				return true;
			break;
		case 'a': /* auth */
			if (next == 'u')
				return true;
			break;
		default:
			break;
		}
	}
	return false;
}

bool hf_is_secret_name(const char *name, size_t length)
{
	if (!could_be_secret(name, length))
		return false;

	static const char *const places[] = {"file",   "path", "dir", "store",
					     "helper", "name", NULL};
	static const char *const key_of[] = {"api", "access", "secret", "account", NULL};
	const char *before = NULL, *word = name, *end = name + length;
	size_t before_length = 0, word_length = 0;
	bool is_secret = equals(name, length, "auth");

	for (;; word += word_length + 1) {
		word_length = 0;
		while (word + word_length < end && !strchr("-_.", word[word_length]))
			word_length++;
		if (is_secret_word(word, word_length) ||
		    (before_length > 0 && equals(word, word_length, "pwd")) ||
		    (equals(word, word_length, "key") &&
		     is_one_of(before, before_length, key_of, equals)))
			is_secret = true;
		if (word + word_length >= end)
			break;
		before = word;
		before_length = word_length;
	}
	return is_secret && !is_one_of(word, word_length, places, equals);
}

/* Switches that are called after what they switch: ALLOW_EMPTY_PASSWORD=yes,
 * MYSQL_RANDOM_ROOT_PASSWORD=1. */
static bool is_switch(const char *name, size_t length)
{
	static const char *const words[] = {"ALLOW_", "RANDOM_", "ENABLE_", "DISABLE_", "REQUIRE_"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		size_t size = strlen(words[i]);

		for (size_t at = 0; at + size <= length; at++) {
			if (strncasecmp(name + at, words[i], size) == 0)
				return true;
		}
	}
	return false;
}

bool hf_is_secret_variable(const char *name, size_t length)
{
	/* what the list of names of engines' settings has not */
	static const char *const more[] = {"_PASS", "_PRIVATE_KEY", "_ENCRYPTION_KEY", "_SIGNING_KEY",
					   "_SECRET_KEY_BASE", NULL};

	if (ends_with(name, length, "_ID") || is_switch(name, length))
		return false;
	return hf_is_secret_name(name, length) || is_one_of(name, length, more, ends_with);
}

/* ---- text ---- */

typedef struct scan {
	const char *data;
	size_t size;
	size_t copied; /* everything before is in .out */
	hf_buffer out;
} scan;

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r' || c == '\0';
}

static void hide_as(scan *s, size_t from, size_t to, const char *instead)
{
	if (from == to || equals(s->data + from, to - from, instead))
		return;
	hf_buffer_add(&s->out, s->data + s->copied, from - s->copied);
	hf_buffer_puts(&s->out, instead);
	s->copied = to;
}

static void hide(scan *s, size_t from, size_t to)
{
	hide_as(s, from, to, HF_REDACTED);
}

/* The userinfo of a URL whose "://" ends at @from: "user:password@" before the host. RFC 3986 ends
 * the authority at the first '/', but people write passwords with a '/' in them: what stands behind
 * a colon and is no port number shows that. Returns where to go on. */
static size_t hide_userinfo(scan *s, size_t from)
{
	size_t slash = SIZE_MAX, at = SIZE_MAX, colon = SIZE_MAX, i = from;

	for (; i < s->size && !is_line_end(s->data[i]) && !strchr(" \t\"'<>|\\", s->data[i]); i++) {
		char c = s->data[i];

		if (c == ':' && slash == SIZE_MAX)
			colon = i;
		if (strchr("/?#", c) && slash == SIZE_MAX)
			slash = i;
		if (c != '@')
			continue;
		bool is_port = true;

		for (size_t k = colon == SIZE_MAX ? i : colon + 1; slash < i && k < slash; k++)
			is_port = is_port && isdigit((unsigned char)s->data[k]);
		if (slash == SIZE_MAX || (colon != SIZE_MAX && !is_port))
			at = i;
	}
	if (at == SIZE_MAX)
		return from;
	hide(s, from, at);
	return at;
}

/* A bare value ends with its line. A blank or comma in it ends it only where another option visibly
 * begins: hiding half a passphrase would be a leak, hiding "--icc=true" behind it a lie. */
static size_t bare_value_end(const scan *s, size_t from)
{
	size_t i = from;

	for (; i < s->size && !is_line_end(s->data[i]) && !strchr("\"'", s->data[i]); i++) {
		if (!is_blank(s->data[i]) && s->data[i] != ',')
			continue;
		size_t next = i + 1;

		while (next < s->size && is_blank(s->data[next]))
			next++;
		if (next == s->size || strchr("-$/", s->data[next]))
			return i;
		size_t word = next;

		while (word < s->size && is_name_char(s->data[word]))
			word++;
		if (word > next && word < s->size && s->data[word] == '=')
			return i;
	}
	return i;
}

static size_t quoted_end(const scan *s, size_t from, char quote)
{
	size_t i = from;

	while (i < s->size && s->data[i] != quote && s->data[i] != '\0' && s->data[i] != '\n')
		i += s->data[i] == '\\' && i + 1 < s->size ? 2 : 1;
	return i;
}

/* A JSON list of secrets: each string in it. */
static size_t hide_list(scan *s, size_t i)
{
	while (i < s->size && s->data[i] != ']') {
		if (s->data[i] != '"') {
			i++;
			continue;
		}
		size_t end = quoted_end(s, i + 1, '"');

		hide(s, i + 1, end);
		i = end < s->size ? end + 1 : end;
	}
	return i;
}

static size_t hide_value(scan *s, size_t from, bool is_json)
{
	char c = from < s->size ? s->data[from] : '\0';

	if (c == '"' || c == '\'') {
		size_t end = quoted_end(s, from + 1, c);

		hide(s, from + 1, end);
		return end;
	}
	if (is_json && c == '[')
		return hide_list(s, from);
	if (is_json) {
		/* a number is quoted, so that the text stays JSON; true, false, null and {…} tell
		 * nothing */
		size_t end = from;

		while (end < s->size &&
		       (isdigit((unsigned char)s->data[end]) || strchr("+-.eE", s->data[end])) &&
		       s->data[end] != '\0')
			end++;
		if (end > from && (isdigit((unsigned char)c) || c == '-'))
			hide_as(s, from, end, "\"" HF_REDACTED "\"");
		return end;
	}
	size_t end = bare_value_end(s, from);

	hide(s, from, end);
	return end;
}

/* The separator behind a name that ends at @end, as "=", "\": ", ": " or, after a flag, a blank or
 * NUL. Returns where the value begins, or 0 when this is no name. "host:2375" is none. */
static size_t value_start(const scan *s, size_t start, size_t end, bool *ret_is_json)
{
	size_t i = end;
	bool is_quoted = i < s->size && (s->data[i] == '"' || s->data[i] == '\'');
	bool is_flag = s->data[start] == '-';

	if (is_quoted)
		i++;
	size_t gap = i;

	while (i < s->size && is_blank(s->data[i]))
		i++;
	if (i == s->size)
		return 0;
	if (s->data[i] == ':' && (is_quoted || (i + 1 < s->size && is_blank(s->data[i + 1])))) {
		*ret_is_json = is_quoted;
		for (i++; i < s->size &&
			  (is_blank(s->data[i]) || (is_quoted && is_line_end(s->data[i])));)
			i++;
		return i;
	}
	if (s->data[i] == '=' && !is_quoted) {
		for (i++; i < s->size && is_blank(s->data[i]);)
			i++;
		return i;
	}
	if (is_flag && !is_quoted && (i > gap || s->data[i] == '\0')) {
		if (s->data[i] == '\0')
			i++;
		return i < s->size && s->data[i] != '-' ? i : 0;
	}
	return 0;
}

int hf_redact(const char *data, size_t size, char **ret_data, size_t *ret_size)
{
	scan s = {.data = data, .size = size};

	*ret_data = NULL;
	*ret_size = 0;
	for (size_t i = 0; i < size;) {
		if (data[i] == ':' && size - i > 3 && data[i + 1] == '/' && data[i + 2] == '/') {
			i = hide_userinfo(&s, i + 3);
			continue;
		}
		if (!is_name_char(data[i])) {
			i++;
			continue;
		}
		size_t start = i, value = 0;
		bool is_json = false;

		while (i < size && is_name_char(data[i]))
			i++;
		if (hf_is_secret_name(data + start, i - start))
			value = value_start(&s, start, i, &is_json);
		if (value > 0)
			i = hide_value(&s, value, is_json);
	}
	if (s.copied == 0 && !s.out.data)
		return 0;
	hf_buffer_add(&s.out, data + s.copied, size - s.copied);
	if (s.out.failed) {
		hf_buffer_free(&s.out);
		return -ENOMEM;
	}
	*ret_size = s.out.size;
	*ret_data = HF_TAKE(s.out.data);
	return 0;
}
