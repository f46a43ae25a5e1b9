/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of an image: its configuration and history without anything that may be secret. */
#include "collect/images.h"

#include "collect/proc.h"

#include <stdio.h>
#include <time.h>

/* A tree of them takes some 30 MB. */
enum { VALUES_MAX = 600 * 1000 };

typedef struct record {
	hf_buffer *out;
	bool is_ambiguous; /* a name stands twice, by Go's lights */
} record;

/* ---- JSON as Go reads it ---- */

/* encoding/json takes names without regard to case, and by Unicode's folding: U+017F is an s, U+212A a k. What
 * stands there twice one engine could read in another way than we do. */
static size_t fold(const char *at, char *ret_folded)
{
	if (memcmp(at, "\xc5\xbf", 2) == 0) {
		*ret_folded = 's';
		return 2;
	}
	if (at[0] == '\xe2' && at[1] == '\x84' && at[2] == '\xaa') {
		*ret_folded = 'k';
		return 3;
	}
	*ret_folded = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
	return 1;
}

static bool is_named(const char *member, const char *name)
{
	while (*member && *name) {
		char a, b;

		member += fold(member, &a);
		name += fold(name, &b);
		if (a != b)
			return false;
	}
	return *member == *name;
}

static const json_t *find(record *r, const json_t *object, const char *name)
{
	const json_t *value, *found = NULL;
	const char *member;

	/* jansson's loop takes what is not const, and changes nothing */
	json_object_foreach((json_t *)(uintptr_t)object, member, value)
	{
		if (!is_named(member, name))
			continue;
		r->is_ambiguous = r->is_ambiguous || found;
		found = value;
	}
	return found;
}

static const char *find_text(record *r, const json_t *object, const char *name)
{
	const json_t *value = find(r, object, name);
	const char *text = json_string_value(value);

	return text ? text : "";
}

static json_t *load(const char *data, size_t size, hf_error *err)
{
	json_error_t where = {.line = 0};
	size_t values = 1;

	for (size_t i = 0; i < size; i++)
		values += data[i] == ',' || data[i] == ':' || data[i] == '[' || data[i] == '{';
	if (values > VALUES_MAX) {
		(void)hf_error_set(err, -EMSGSIZE, "more than %d values", VALUES_MAX);
		return NULL;
	}
	json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);

	if (!json)
		(void)hf_error_set(err, -EBADMSG, "not valid JSON (byte %d)", where.position);
	return json;
}

/* ---- lines ---- */

static size_t bounded(size_t length)
{
	return length < HF_IMAGE_NAME_MAX ? length : HF_IMAGE_NAME_MAX;
}

static void add_line(record *r, const char *word, const char *text)
{
	hf_buffer_printf(r->out, "%s ", word);
	hf_buffer_add_word(r->out, text, bounded(strlen(text)));
	hf_buffer_puts(r->out, "\n");
}

static void add_cut(record *r, const char *what)
{
	hf_buffer_printf(r->out, "cut %s\n", what);
}

/* "2024-01-31T…" of RFC 3339; "-": none. */
static void add_date(record *r, const char *text)
{
	unsigned year, month, day;
	int end = 0;

	if (sscanf(text, "%4u-%2u-%2uT%n", &year, &month, &day, &end) == 3 && end == 11 && month >= 1 &&
	    month <= 12 && day >= 1 && day <= 31)
		hf_buffer_printf(r->out, "%04u-%02u-%02u", year, month, day);
	else
		hf_buffer_puts(r->out, "-");
}

static void add_variable(record *r, const char *kind, const char *name, size_t name_length,
			 const char *value, size_t length)
{
	hf_buffer_printf(r->out, "%s ", kind);
	hf_buffer_add_word(r->out, name, bounded(name_length));
	hf_buffer_printf(r->out, " %zu %s\n", length, length > 0 ? hf_proc_shape_of(value, length) : "-");
}

static void add_environment(record *r, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);
		size_t size = json_string_length(item);
		const char *equal = text ? memchr(text, '=', size) : NULL;

		if (i == HF_IMAGE_ITEMS) {
			add_cut(r, "variables");
			return;
		}
		if (equal)
			add_variable(r, "env", text, (size_t)(equal - text), equal + 1,
				     size - (size_t)(equal + 1 - text));
	}
}

static void add_labels(record *r, const json_t *labels)
{
	const char *name;
	json_t *value;
	size_t count = 0;

	json_object_foreach((json_t *)(uintptr_t)labels, name, value)
	{
		const char *text = json_string_value(value);

		if (count++ == HF_IMAGE_ITEMS) {
			add_cut(r, "labels");
			return;
		}
		if (!text)
			continue;
		add_variable(r, "label", name, strlen(name), text, json_string_length(value));
		if (strcmp(name, "org.opencontainers.image.base.name") == 0 &&
		    strcmp(hf_proc_shape_of(text, strlen(text)), "-") == 0)
			add_line(r, "base-name", text);
		if (strcmp(name, "org.opencontainers.image.base.digest") == 0)
			add_line(r, "base-digest", text);
	}
}

/* {"80/tcp":{}} */
static void add_ports(record *r, const json_t *ports)
{
	const char *name;
	json_t *value;
	size_t count = 0;

	json_object_foreach((json_t *)(uintptr_t)ports, name, value)
	{
		if (count++ == HF_IMAGE_ITEMS) {
			add_cut(r, "ports");
			return;
		}
		add_line(r, "port", name);
	}
}

static void add_arguments(record *r, const json_t *list)
{
	hf_cleanup(hf_buffer_free) hf_buffer marks = {0};

	hf_image_describe_arguments(list, &marks);
	if (marks.failed)
		r->out->failed = true;
	else if (marks.size > 0)
		hf_buffer_printf(r->out, "argument%s\n", marks.data);
}

static void add_config(record *r, const json_t *config)
{
	const json_t *health = find(r, config, "Healthcheck");
	const json_t *test = find(r, health, "Test");

	add_line(r, "user", find_text(r, config, "User"));
	if (test)
		add_line(r, "health",
			 json_string_value(json_array_get(test, 0)) ? json_string_value(json_array_get(test, 0))
								    : "");
	add_ports(r, find(r, config, "ExposedPorts"));
	add_environment(r, find(r, config, "Env"));
	add_labels(r, find(r, config, "Labels"));
	add_arguments(r, find(r, config, "Cmd"));
	add_arguments(r, find(r, config, "Entrypoint"));
	add_arguments(r, find(r, config, "OnBuild"));
}

static void add_layers(record *r, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (i == HF_IMAGE_ITEMS) {
			add_cut(r, "layers");
			return;
		}
		add_line(r, "layer", json_string_value(item) ? json_string_value(item) : "");
	}
}

/* ---- history ---- */

static void add_step(record *r, bool makes_layer, const char *command, size_t size)
{
	hf_buffer_printf(r->out, " %s ", makes_layer ? "layer" : "-");
	hf_image_describe_step(command, size, r->out);
	hf_buffer_puts(r->out, "\n");
}

static void add_history(record *r, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const json_t *command = find(r, item, "created_by");

		if (i == HF_IMAGE_STEPS) {
			add_cut(r, "history");
			return;
		}
		hf_buffer_puts(r->out, "step ");
		add_date(r, find_text(r, item, "created"));
		add_step(r, !json_is_true(find(r, item, "empty_layer")),
			 json_is_string(command) ? json_string_value(command) : "",
			 json_string_length(command));
	}
}

/* 0, or why @r cannot be used. */
static int finish(record *r, hf_error *err)
{
	hf_buffer_puts(r->out, "end\n");
	if (r->out->failed)
		return hf_error_set(err, -ENOMEM, "out of memory");
	if (r->is_ambiguous)
		return hf_error_set(err, -EBADMSG, "a name twice in one object");
	return 0;
}

int hf_image_project(const char *data, size_t size, hf_buffer *out, char *ret_user, hf_error *err)
{
	hf_cleanup(json_decrefp) json_t *json = load(data, size, err);
	record r = {.out = out};
	const char *end;

	*ret_user = '\0';
	if (!json)
		return err && err->code ? err->code : -EBADMSG;
	if (!json_is_object(json))
		return hf_error_set(err, -EBADMSG, "no object");
	const json_t *config = find(&r, json, "config");
	const char *user = find_text(&r, config, "User");

	add_line(&r, "os", find_text(&r, json, "os"));
	hf_buffer_puts(out, "created ");
	add_date(&r, find_text(&r, json, "created"));
	hf_buffer_puts(out, "\n");
	add_config(&r, config);
	add_layers(&r, find(&r, find(&r, json, "rootfs"), "diff_ids"));
	add_history(&r, find(&r, json, "history"));
	end = strchrnul(user, ':');
	if (end > user && (size_t)(end - user) <= HF_IMAGE_NAME_MAX &&
	    strspn(user, "0123456789+-") < (size_t)(end - user)) {
		memcpy(ret_user, user, (size_t)(end - user));
		ret_user[end - user] = '\0';
	}
	return finish(&r, err);
}

/* ---- the engine's API ---- */

/* The newest first, with seconds since the epoch; which of them made a layer it does not tell. */
static void add_told_history(record *r, const json_t *list)
{
	size_t count = json_array_size(list);
	size_t first = count > HF_IMAGE_STEPS ? count - HF_IMAGE_STEPS : 0;

	for (size_t i = count; i-- > first;) {
		const json_t *item = json_array_get(list, i);
		const json_t *command = json_object_get(item, "CreatedBy");
		time_t when = (time_t)json_integer_value(json_object_get(item, "Created"));
		struct tm day;
		char date[32];

		hf_buffer_puts(r->out, "step ");
		if (when <= 0 || !gmtime_r(&when, &day) ||
		    strftime(date, sizeof date, "%Y-%m-%dT", &day) == 0)
			*date = '\0';
		add_date(r, date);
		add_step(r, json_integer_value(json_object_get(item, "Size")) > 0,
			 json_is_string(command) ? json_string_value(command) : "",
			 json_string_length(command));
	}
	if (first > 0)
		add_cut(r, "history");
}

int hf_image_project_api(const char *data, size_t size, const char *history, size_t history_size,
			 hf_buffer *out, hf_error *err)
{
	hf_cleanup(json_decrefp) json_t *json = load(data, size, err);
	hf_cleanup(json_decrefp) json_t *list =
		history ? load(history, history_size, err) : NULL;
	record r = {.out = out};

	if (!json || (history && !list))
		return err && err->code ? err->code : -EBADMSG;
	if (!json_is_object(json))
		return hf_error_set(err, -EBADMSG, "no object");
	add_line(&r, "os", find_text(&r, json, "Os"));
	hf_buffer_puts(out, "created ");
	add_date(&r, find_text(&r, json, "Created"));
	hf_buffer_puts(out, "\n");
	add_config(&r, find(&r, json, "Config"));
	add_layers(&r, find(&r, find(&r, json, "RootFS"), "Layers"));
	if (list)
		add_told_history(&r, list);
	else
		add_cut(&r, "history");
	return finish(&r, err);
}
