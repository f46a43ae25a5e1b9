/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes secrets out of what a container engine answers, by the names of the members. */
#include "collect/project.h"

#include "collect/collect.h"
#include "collect/redact.h"

/* A value costs up to 120 bytes once it is parsed: this bounds what a lying engine can make us use.
 * A node with a thousand containers has a tenth of it. */
enum { VALUES_MAX = 400 * 1000 };

static const struct {
	const char *name;
	hf_treatment treatment;
} members[] = {
	/* Docker */
	{"Env", HF_HIDE_RIGHT},
	{"Labels", HF_HIDE_NOTES},
	{"Annotations", HF_HIDE_NOTES},
	{"Attributes", HF_HIDE_VALUES},
	{"Cmd", HF_HIDE_VALUES},
	{"Args", HF_HIDE_VALUES},
	{"Entrypoint", HF_HIDE_VALUES},
	{"Command", HF_HIDE_VALUES},
	{"OnBuild", HF_HIDE_VALUES},
	{"Output", HF_HIDE_VALUES},
	{"Test", HF_HIDE_TAIL},
	{"arguments", HF_HIDE_VALUES}, /* of an exec; its "entrypoint" is the program */
	/* OCI */
	{"env", HF_HIDE_RIGHT},
	{"annotations", HF_HIDE_NOTES},
	{"args", HF_HIDE_VALUES},
	{"commandLine", HF_HIDE_VALUES},
	{"listenerMetadata", HF_HIDE_VALUES},
	{"seccomp", HF_KEEP_PROFILE},
};

hf_treatment hf_project_treatment(const char *name, size_t length)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(members); i++) {
		if (members[i].name[0] == name[0] && strlen(members[i].name) == length &&
		    memcmp(members[i].name, name, length) == 0)
			return members[i].treatment;
	}
	return hf_is_secret_name(name, length) ? HF_HIDE_VALUES : HF_KEEP;
}

/* By these Kubernetes, CRI-O, cri-dockerd, Podman and nerdctl know their containers again; one that
 * ends in a dot stands for all that begin with it. CRI-O's own are named one by one: others of them
 * hold all of a pod's annotations. */
bool hf_project_is_note(const char *name, size_t length)
{
	static const char *const notes[] = {
		"io.container.manager",
		"io.kubernetes.container.name",
		"io.kubernetes.cri-o.ContainerType",
		"io.kubernetes.cri-o.ImageName",
		"io.kubernetes.cri-o.SandboxID",
		"io.kubernetes.cri.container-name",
		"io.kubernetes.cri.container-type",
		"io.kubernetes.cri.image-name",
		"io.kubernetes.cri.sandbox-id",
		"io.kubernetes.cri.sandbox-name",
		"io.kubernetes.cri.sandbox-namespace",
		"io.kubernetes.cri.sandbox-uid",
		"io.kubernetes.docker.type",
		"io.kubernetes.pod.name",
		"io.kubernetes.pod.namespace",
		"io.kubernetes.pod.uid",
		"io.kubernetes.sandbox.id",
		"io.podman.annotations.",
		"nerdctl/name",
		"nerdctl/namespace",
		"org.opencontainers.image.",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(notes); i++) {
		size_t known = strlen(notes[i]);
		bool is_prefix = notes[i][known - 1] == '.';

		if ((is_prefix ? length > known : length == known) &&
		    memcmp(notes[i], name, known) == 0)
			return true;
	}
	return false;
}

static int redact_tree(json_t *value);

static int set_hidden(json_t *value)
{
	if (!json_is_string(value) || json_string_length(value) == 0)
		return 0;
	return json_string_set(value, HF_REDACTED) < 0 ? -ENOMEM : 0;
}

static int hide_values(json_t *value)
{
	const char *name;
	json_t *item;
	size_t i;
	int r = set_hidden(value);

	json_array_foreach(value, i, item)
	{
		if (r == 0)
			r = hide_values(item);
	}
	json_object_foreach(value, name, item)
	{
		if (r == 0)
			r = hide_values(item);
	}
	return r;
}

static int hide_tail(json_t *value)
{
	json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(value, i, item)
	{
		if (r == 0 && i > 0)
			r = hide_values(item);
	}
	return r;
}

/* A list of "NAME=value", an object of values, or (plugins) a list of objects with a Name and a
 * Value. */
static int hide_right(json_t *value)
{
	const char *name;
	json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(value, i, item)
	{
		const char *text = json_string_value(item);
		const char *equal = text ? strchr(text, '=') : NULL;

		if (equal && json_string_setn(item, text, (size_t)(equal - text)) < 0)
			return -ENOMEM;
		if (r == 0 && json_is_object(item))
			r = hide_values(json_object_get(item, "Value"));
	}
	json_object_foreach(value, name, item)
	{
		if (r == 0)
			r = hide_values(item);
	}
	return r;
}

/* As hide_right(), but for what is known to be the runtime's. */
static int hide_notes(json_t *value)
{
	const char *name;
	json_t *item;
	int r = 0;

	if (!json_is_object(value))
		return hide_right(value);
	json_object_foreach(value, name, item)
	{
		if (r == 0 && !hf_project_is_note(name, strlen(name)))
			r = hide_values(item);
	}
	return r;
}

static int redact_string(json_t *value)
{
	hf_cleanup(hf_freep) char *text = NULL;
	size_t size;
	int r = hf_redact(json_string_value(value), json_string_length(value), &text, &size);

	if (r < 0 || !text)
		return r;
	return json_string_setn(value, text, size) < 0 ? -ENOMEM : 0;
}

static int redact_member(const char *name, json_t *value)
{
	size_t length = strlen(name);

	switch (hf_project_treatment(name, length)) {
	case HF_HIDE_VALUES:
		/* an object of that name has members of its own, "secrets" and the like */
		if (json_is_object(value) && hf_is_secret_name(name, length))
			break;
		return hide_values(value);
	case HF_HIDE_TAIL:
		return hide_tail(value);
	case HF_HIDE_RIGHT:
		return hide_right(value);
	case HF_HIDE_NOTES:
		return hide_notes(value);
	case HF_KEEP_PROFILE:
	case HF_KEEP:
		break;
	}
	return redact_tree(value);
}

static int redact_tree(json_t *value)
{
	const char *name;
	json_t *item;
	size_t i;
	int r = 0;

	if (json_is_string(value))
		return redact_string(value);
	json_array_foreach(value, i, item)
	{
		if (r == 0)
			r = redact_tree(item);
	}
	json_object_foreach(value, name, item)
	{
		if (r == 0)
			r = redact_member(name, item);
	}
	return r;
}

/* One label with a NUL in it, which any image may have, must not make the whole answer unreadable:
 * the parser refuses \u0000, so that it becomes U+FFFD. Also counts what could become a value. */
static size_t soften(char *body, size_t size)
{
	size_t values = 1;

	for (size_t i = 0; i < size; i++) {
		switch (body[i]) {
		case ',':
		case ':':
		case '[':
		case '{':
			values++;
			break;
		case '\\':
			if (size - i >= 6 && memcmp(body + i, "\\u0000", 6) == 0)
				memcpy(body + i, "\\ufffd", 6);
			i++; /* what is escaped begins nothing */
			break;
		default:
			break;
		}
	}
	return values;
}

static int parse_stream(const char *body, size_t size, json_t **ret_json, json_error_t *where)
{
	hf_cleanup(json_decrefp) json_t *all = json_array();
	size_t at = 0;

	if (!all)
		return -ENOMEM;
	while (at < size) {
		if (strchr(" \t\r\n", body[at])) {
			at++;
			continue;
		}
		json_t *one = json_loadb(body + at, size - at,
					 JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, where);

		if (!one)
			return -EBADMSG;
		at += (size_t)where->position;
		if (json_array_append_new(all, one) < 0)
			return -ENOMEM;
	}
	*ret_json = HF_TAKE(all);
	return 0;
}

/* In our own words: the parser's text quotes what it stumbled over, which may be a secret. */
static const char *complaint(const json_error_t *where)
{
	enum json_error_code code = json_error_code(where);

	if (code == json_error_duplicate_key)
		return "a name twice in one object";
	if (code == json_error_premature_end_of_input)
		return "not valid JSON, it ends too early";
	if (code == json_error_stack_overflow)
		return "nested too deep";
	if (code == json_error_invalid_utf8)
		return "not valid UTF-8";
	return "not valid JSON";
}

int hf_project(char *body, size_t size, bool is_stream, json_t **ret_json, hf_error *err)
{
	hf_cleanup(json_decrefp) json_t *json = NULL;
	json_error_t where = {.line = 0};
	int r = 0;

	if (soften(body, size) > VALUES_MAX)
		return hf_error_set(err, -EMSGSIZE, "more than %d values", VALUES_MAX);
	if (is_stream) {
		r = parse_stream(body, size, &json, &where);
	} else {
		json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &where);
		r = json ? 0 : -EBADMSG;
	}
	if (r == -EBADMSG)
		return hf_error_set(err, r, "%s (byte %d)", complaint(&where), where.position);
	if (r == 0)
		r = redact_tree(json);
	if (r < 0)
		return hf_error_set(err, r, "out of memory");
	*ret_json = HF_TAKE(json);
	return 0;
}

/* ---- order ---- */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static int compare_objects(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = strcmp(text_of(x, "Name"), text_of(y, "Name"));

	return order ? order : strcmp(text_of(x, "Id"), text_of(y, "Id"));
}

int hf_project_sort(json_t *list)
{
	hf_cleanup(hf_list_free) hf_list items = {0};
	json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, item)
	{
		if (r == 0)
			r = hf_list_add(&items, item);
	}
	if (r < 0 || items.count < 2)
		return r;
	qsort(items.items, items.count, sizeof items.items[0], compare_objects);
	for (i = 0; i < items.count; i++)
		(void)json_incref(items.items[i]);
	for (i = 0; i < items.count; i++)
		(void)json_array_set_new(list, i, items.items[i]);
	return 0;
}
