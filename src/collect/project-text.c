/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes secrets out of runtimes' files as they are copied. A node has some hundred of them with
 * some hundred values each: building a tree of them costs five times as much. */
#include "collect/project.h"

#include "collect/collect.h"
#include "collect/redact.h"

#include <math.h>
#include <strings.h>

enum { DEPTH_MAX = 64, VALUES_MAX = 400 * 1000 };

typedef struct copy {
	const char *start;
	const char *end;
	const char *at;
	const char *copied; /* what lies before it is in .out, or was left out */
	hf_buffer *out;
	unsigned depth;
	unsigned values;
	hf_error *err;
} copy;

static int complain(const copy *c, const char *what)
{
	return hf_error_set(c->err, -EBADMSG, "%s (byte %zu)", what, (size_t)(c->at - c->start));
}

/* What was read since .copied goes out, then @instead for what lies up to @to. */
static void replace(copy *c, const char *from, const char *to, const char *instead, size_t size)
{
	hf_buffer_add(c->out, c->copied, (size_t)(from - c->copied));
	hf_buffer_add(c->out, instead, size);
	c->copied = to;
}

static void skip_blanks(copy *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
		c->at++;
}

/* The bytes between the quotes; .at is behind them afterwards. */
static int read_string(copy *c, const char **ret_text, size_t *ret_length, bool *ret_has_escape)
{
	const char *text = ++c->at;

	*ret_has_escape = false;
	for (; c->at < c->end && *c->at != '"'; c->at++) {
		if (*c->at == '\\') {
			*ret_has_escape = true;
			c->at++;
		} else if ((unsigned char)*c->at < 0x20) {
			return complain(c, "not valid JSON");
		}
	}
	if (c->at >= c->end)
		return complain(c, "not valid JSON, it ends too early");
	*ret_text = text;
	*ret_length = (size_t)(c->at - text);
	c->at++;
	return 0;
}

/* ---- what is done with a string ---- */

static void hide(copy *c, const char *text, size_t length)
{
	if (length > 0)
		replace(c, text, text + length, HF_REDACTED, strlen(HF_REDACTED));
}

/* Escapes could hide where a secret begins, so they are taken off first. */
static int redact_escaped(copy *c, const char *text, size_t length)
{
	hf_cleanup(json_decrefp) json_t *string =
		json_loadb(text - 1, length + 2, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	hf_cleanup(hf_freep) char *clean = NULL;
	size_t size;

	if (!string)
		return complain(c, "not valid JSON");
	int r = hf_redact(json_string_value(string), json_string_length(string), &clean, &size);

	if (r < 0 || !clean)
		return r;
	if (json_string_setn(string, clean, size) < 0)
		return -ENOMEM;
	hf_cleanup(hf_freep) char *dump = json_dumps(string, JSON_ENCODE_ANY);

	if (!dump)
		return -ENOMEM;
	replace(c, text - 1, text + length + 1, dump, strlen(dump));
	return 0;
}

static int redact(copy *c, const char *text, size_t length, bool has_escape)
{
	hf_cleanup(hf_freep) char *clean = NULL;
	size_t size;

	/* a secret stands behind one of these */
	if (!memchr(text, ':', length) && !memchr(text, '=', length) && !memchr(text, ' ', length))
		return 0;
	if (has_escape)
		return redact_escaped(c, text, length);
	int r = hf_redact(text, length, &clean, &size);

	if (r == 0 && clean)
		replace(c, text, text + length, clean, size);
	return r;
}

static int treat_string(copy *c, hf_treatment treatment, bool is_member)
{
	const char *text;
	bool has_escape;
	size_t length, left;
	int r = read_string(c, &text, &length, &has_escape);

	if (r < 0)
		return r;
	switch (treatment) {
	case HF_KEEP:
		return redact(c, text, length, has_escape);
	case HF_KEEP_PROFILE:
		return 0;
	case HF_HIDE_RIGHT:
	case HF_HIDE_NOTES:
		/* \u003d is an '=', too */
		for (left = 0; left < length && text[left] != '=' && text[left] != '\\';)
			left++;
		if (is_member)
			hide(c, text, length);
		else if (left < length)
			replace(c, text + left, text + length, "", 0);
		return 0;
	case HF_HIDE_TAIL:
	case HF_HIDE_VALUES:
		hide(c, text, length);
		return 0;
	}
	return 0;
}

/* ---- values ---- */

static int treat_value(copy *c, hf_treatment treatment, bool is_member);

/* What is below a member: in a profile only one name matters, below hidden values none does. */
static hf_treatment below(hf_treatment outer, const char *name, size_t length, bool has_escape)
{
	if (outer == HF_HIDE_NOTES)
		return !has_escape && hf_project_is_note(name, length) ? HF_KEEP : HF_HIDE_VALUES;
	if (outer == HF_HIDE_RIGHT || outer == HF_HIDE_VALUES || outer == HF_HIDE_TAIL ||
	    has_escape)
		return HF_HIDE_VALUES;
	hf_treatment treatment = hf_project_treatment(name, length);

	if (outer == HF_KEEP_PROFILE)
		return length == strlen("listenerMetadata") && treatment == HF_HIDE_VALUES
			       ? treatment
			       : HF_KEEP_PROFILE;
	return treatment;
}

static int treat_object(copy *c, hf_treatment treatment)
{
	for (c->at++;; c->at++) {
		const char *name;
		size_t length;
		bool has_escape;

		skip_blanks(c);
		if (c->at < c->end && *c->at == '}')
			break;
		if (c->at >= c->end || *c->at != '"')
			return complain(c, "not valid JSON");
		int r = read_string(c, &name, &length, &has_escape);

		if (r < 0)
			return r;
		skip_blanks(c);
		if (c->at >= c->end || *c->at != ':')
			return complain(c, "not valid JSON");
		c->at++;
		hf_treatment inner = below(treatment, name, length, has_escape);

		skip_blanks(c);
		/* an object of a name that says secret has members of its own, "secrets" and the
		 * like */
		if (inner == HF_HIDE_VALUES && treatment == HF_KEEP && !has_escape &&
		    c->at < c->end && *c->at == '{' && hf_is_secret_name(name, length))
			inner = HF_KEEP;
		r = treat_value(c, inner, true);
		if (r < 0)
			return r;
		skip_blanks(c);
		if (c->at < c->end && *c->at == '}')
			break;
		if (c->at >= c->end || *c->at != ',')
			return complain(c, "not valid JSON");
	}
	c->at++;
	return 0;
}

static int treat_array(copy *c, hf_treatment treatment)
{
	bool is_first = true;

	for (c->at++;; c->at++) {
		skip_blanks(c);
		if (c->at < c->end && *c->at == ']')
			break;
		int r = treat_value(c, treatment == HF_HIDE_TAIL && is_first ? HF_KEEP : treatment,
				    false);

		if (r < 0)
			return r;
		is_first = false;
		skip_blanks(c);
		if (c->at < c->end && *c->at == ']')
			break;
		if (c->at >= c->end || *c->at != ',')
			return complain(c, "not valid JSON");
	}
	c->at++;
	return 0;
}

/* A number that is a secret's would stay: nobody keeps one so, and a text may. */
static int skip_word(copy *c)
{
	const char *start = c->at;

	while (c->at < c->end && !strchr(",]} \t\r\n", *c->at)) {
		if (!strchr("+-.0123456789eEtrufalsn", *c->at))
			return complain(c, "not valid JSON");
		c->at++;
	}
	return c->at > start ? 0 : complain(c, "not valid JSON");
}

static int treat_value(copy *c, hf_treatment treatment, bool is_member)
{
	int r;

	skip_blanks(c);
	if (c->at >= c->end)
		return complain(c, "not valid JSON, it ends too early");
	if (++c->values > VALUES_MAX)
		return hf_error_set(c->err, -EMSGSIZE, "more than %d values", VALUES_MAX);
	if (*c->at == '"')
		return treat_string(c, treatment, is_member);
	if (*c->at != '{' && *c->at != '[')
		return skip_word(c);
	if (++c->depth > DEPTH_MAX)
		return complain(c, "nested too deep");
	r = *c->at == '{' ? treat_object(c, treatment) : treat_array(c, treatment);
	c->depth--;
	return r;
}

int hf_project_text(const char *data, size_t size, hf_buffer *out, hf_error *err)
{
	copy c = {
		.start = data,
		.end = data + size,
		.at = data,
		.copied = data,
		.out = out,
		.err = err,
	};
	int r = treat_value(&c, HF_KEEP, false);

	if (r == -ENOMEM)
		return hf_error_set(err, r, "out of memory");
	if (r < 0)
		return r;
	skip_blanks(&c);
	if (c.at < c.end)
		return complain(&c, "not valid JSON, something follows its end");
	hf_buffer_add(out, c.copied, (size_t)(c.end - c.copied));
	return out->failed ? hf_error_set(err, -ENOMEM, "out of memory") : 0;
}

/* ---- state of runc and crun ---- */

static const char *bundle_of(const json_t *state)
{
	static const char label[] = "bundle=";
	const json_t *labels = json_object_get(json_object_get(state, "config"), "labels");
	const char *bundle = json_string_value(json_object_get(state, "bundle"));
	const json_t *item;
	size_t i;

	json_array_foreach(labels, i, item)
	{
		const char *text = json_string_value(item);

		if (text && hf_has_prefix(text, label))
			return text + strlen(label);
	}
	return bundle;
}

/* Limits of 64 bits without sign, which jansson takes as reals alone. */
static json_t *load_state(const char *data, size_t size)
{
	json_error_t error;
	json_t *state = json_loadb(data, size, 0, &error);

	if (!state && json_error_code(&error) == json_error_numeric_overflow)
		state = json_loadb(data, size, JSON_DECODE_INT_AS_REAL, NULL);
	return state;
}

int hf_project_state(const char *data, size_t size, hf_buffer *out, char *bundle,
		     size_t bundle_size, hf_error *err)
{
	static const char *const kept[] = {"id",     "init_process_pid",   "init_process_start",
					   "pid",    "process-start-time", "cgroup-path",
					   "created"};
	hf_cleanup(json_decrefp) json_t *state = load_state(data, size);
	hf_cleanup(json_decrefp) json_t *result = json_object();

	if (!json_is_object(state))
		return hf_error_set(err, -EBADMSG, "not valid JSON");
	const char *path = bundle_of(state);

	if (path && strlen(path) < bundle_size)
		strcpy(bundle, path);
	for (size_t i = 0; i < HF_ARRAY_SIZE(kept); i++) {
		json_t *value = json_object_get(state, kept[i]);

		if (json_is_real(value) && fabs(json_real_value(value)) < 1e15)
			(void)json_object_set_new(result, kept[i],
						  json_integer((json_int_t)json_real_value(value)));
		else if (value && !json_is_object(value) && !json_is_array(value))
			(void)json_object_set(result, kept[i], value);
	}
	hf_cleanup(hf_freep) char *text = json_dumps(result, JSON_COMPACT);

	if (!text)
		return hf_error_set(err, -ENOMEM, "out of memory");
	hf_buffer_puts(out, text);
	return out->failed ? hf_error_set(err, -ENOMEM, "out of memory") : 0;
}

/* ---- lines ---- */

/* lxc.environment = NAME=value, lxc.init.cmd, lxc.execute.cmd: lxc.container.conf(5). */
static size_t kept_of(const char *start, size_t all)
{
	static const char *const keys[] = {"lxc.environment", "lxc.init.cmd", "lxc.execute.cmd",
					   "lxc.init_cmd"};
	const char *line = start, *equal = memchr(line, '=', all);
	size_t length = all;

	if (!equal)
		return all;
	while (length > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		length--;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(keys); i++) {
		size_t known = strlen(keys[i]);

		if (length <= known || strncasecmp(line, keys[i], known) != 0)
			continue;
		const char *end = line + length;
		const char *second =
			i == 0 ? memchr(equal + 1, '=', (size_t)(end - equal - 1)) : NULL;

		return (size_t)((second ? second : equal + 1) - start);
	}
	return all;
}

int hf_project_lines(const char *data, size_t size, char **ret_data, size_t *ret_size)
{
	const char *cursor = data, *line;
	hf_buffer text = {0};
	size_t length;

	while (hf_next_line(&cursor, data + size, &line, &length)) {
		hf_buffer_add(&text, line, kept_of(line, length));
		hf_buffer_puts(&text, "\n");
	}
	int r = text.failed ? -ENOMEM
			    : hf_redact(text.data ? text.data : "", text.size, ret_data, ret_size);

	if (r == 0 && !*ret_data) {
		hf_buffer_puts(&text, "");
		*ret_size = text.size;
		*ret_data = HF_TAKE(text.data);
	}
	hf_buffer_free(&text);
	return r < 0 || *ret_data ? r : -ENOMEM;
}
