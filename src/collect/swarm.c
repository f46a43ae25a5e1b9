/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of swarm mode: keys stay where they are, services are told without their values. */
#include "collect/swarm.h"

#include "collect/images.h"
#include "collect/proc.h"
#include "collect/project.h"

#include <ctype.h>
#include <stdio.h>

enum { PATH_ROOM = 1024, VALUES_MAX = 400 * 1000 };

/* ---- on disk ---- */

/* The headers stand between the first line and an empty one; swarmkit's ca/keyreadwriter.go. */
void hf_swarm_project_key(const char *text, size_t size, hf_buffer *out)
{
	static const char begin[] = "-----BEGIN ", kek[] = "kek-version: ";
	const char *cursor = text, *line;
	bool has_type = false, is_encrypted = false;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		if (!has_type) {
			if (length < strlen(begin) + 5 || memcmp(line, begin, strlen(begin)) != 0)
				continue;
			has_type = true;
			hf_buffer_puts(out, "type ");
			hf_buffer_add_word(out, line + strlen(begin), length - strlen(begin) - 5);
			hf_buffer_puts(out, "\n");
			is_encrypted = memmem(line, length, "ENCRYPTED", 9) != NULL;
			continue;
		}
		if (length == 0 || !memchr(line, ':', length))
			break;
		is_encrypted = is_encrypted || (hf_has_prefix(line, "Proc-Type:") &&
						memmem(line, length, "ENCRYPTED", 9));
		if (length > strlen(kek) && length < strlen(kek) + 20 &&
		    memcmp(line, kek, strlen(kek)) == 0) {
			hf_buffer_puts(out, "kek-version ");
			hf_buffer_add_word(out, line + strlen(kek), length - strlen(kek));
			hf_buffer_puts(out, "\n");
		}
	}
	if (has_type)
		hf_buffer_printf(out, "encrypted %s\n", is_encrypted ? "yes" : "no");
}

static int ask_key(hf_reader *reader, const char *path)
{
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	hf_cleanup(hf_freep) char *name = NULL;
	hf_answer answer;
	int error = hf_reader_peek(reader, HF_ASK_FILE, path, &answer);

	if (asprintf(&name, "swarm-key:%s", path) < 0)
		return -ENOMEM;
	if (!error) {
		hf_swarm_project_key(answer.data, answer.size, &lines);
		/* the reader's own memory: no key stays in it */
		explicit_bzero((char *)(uintptr_t)answer.data, answer.size);
	}
	answer = (hf_answer){
		.kind = HF_ASK_CALL,
		.name = name,
		.error = lines.failed ? ENOMEM : error,
		.reason = error ? answer.reason : NULL,
		.data = lines.data ? lines.data : "",
		.size = lines.size,
	};
	return hf_reader_send(reader, &answer);
}

/* The file of the engine's own, redacted. */
static int ask_state(hf_reader *reader, const char *path)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_answer answer;
	hf_error err = {0};

	if (hf_reader_peek(reader, HF_ASK_FILE, path, &answer) == 0) {
		int r = hf_project_text(answer.data, answer.size, &text, &err);

		answer.error = -r;
		answer.reason = r ? err.text : NULL;
		answer.data = r ? "" : text.data;
		answer.size = answer.meta.size = r ? 0 : text.size;
	}
	return hf_reader_send(reader, &answer);
}

int hf_swarm_ask(hf_reader *reader, const char *root)
{
	static const char *const stats[] = {
		"",
		"/docker-state.json",
		"/state.json",
		"/raft",
		"/worker",
		"/certificates",
		"/certificates/swarm-node.key",
		"/certificates/swarm-node.crt",
		"/certificates/swarm-root-ca.crt",
	};
	static const char *const certificates[] = {"/certificates/swarm-node.crt",
						   "/certificates/swarm-root-ca.crt"};
	char path[PATH_ROOM];
	hf_answer listing;

	if (snprintf(path, sizeof path, "%s/certificates/swarm-root-ca.crt", root) >= (int)sizeof path)
		return 0;
	/* most nodes are in no swarm: then the folder is empty, or was never made */
	int r = hf_reader_dir(reader, root);
	int error = r < 0 ? 0 : hf_reader_peek(reader, HF_ASK_DIR, root, &listing);

	if (r >= 0)
		r = hf_reader_stat(reader, root);
	(void)snprintf(path, sizeof path, "%s/docker-state.json", root);
	if (r >= 0)
		r = ask_state(reader, path);
	if (r < 0 || error == ENOENT || (!error && listing.size == 0))
		return r;
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(stats); i++) {
		(void)snprintf(path, sizeof path, "%s%s", root, stats[i]);
		r = hf_reader_stat(reader, path);
	}
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(certificates); i++) {
		(void)snprintf(path, sizeof path, "%s%s", root, certificates[i]);
		r = hf_reader_file(reader, path);
	}
	(void)snprintf(path, sizeof path, "%s/certificates/swarm-node.key", root);
	return r < 0 ? r : ask_key(reader, path);
}

/* ---- services ---- */

static size_t count_values(const char *text, size_t size)
{
	size_t values = 1;

	for (size_t i = 0; i < size; i++)
		values += text[i] == ',' || text[i] == ':' || text[i] == '[' || text[i] == '{';
	return values;
}

static json_t *load(const char *text, size_t size)
{
	return count_values(text, size) > VALUES_MAX ? NULL
						     : json_loadb(text, size, JSON_ALLOW_NUL, NULL);
}

static const json_t *spec_of(const json_t *service)
{
	return json_object_get(
		json_object_get(json_object_get(service, "Spec"), "TaskTemplate"), "ContainerSpec");
}

bool hf_swarm_needs_configs(const char *services, size_t size)
{
	hf_cleanup(json_decrefp) json_t *list = load(services, size);
	const json_t *service;
	size_t i;

	json_array_foreach(list, i, service)
	{
		if (json_array_size(json_object_get(spec_of(service), "Configs")) > 0)
			return true;
	}
	return false;
}

static void add_value(hf_buffer *out, const char *kind, const char *name, size_t name_length,
		      const char *value, size_t length)
{
	hf_buffer_printf(out, "%s ", kind);
	hf_buffer_add_word(out, name, name_length < HF_IMAGE_NAME_MAX ? name_length : HF_IMAGE_NAME_MAX);
	hf_buffer_printf(out, " %zu %s\n", length, length > 0 ? hf_proc_shape_of(value, length) : "-");
}

static void add_environment(hf_buffer *out, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);
		size_t size = json_string_length(item);
		const char *equal = text ? memchr(text, '=', size) : NULL;

		if (equal)
			add_value(out, "env", text, (size_t)(equal - text), equal + 1,
				  size - (size_t)(equal + 1 - text));
	}
}

static void add_arguments(hf_buffer *out, const json_t *list)
{
	hf_cleanup(hf_buffer_free) hf_buffer marks = {0};

	hf_image_describe_arguments(list, &marks);
	if (marks.failed)
		out->failed = true;
	else if (marks.size > 0)
		hf_buffer_printf(out, "argument%s\n", marks.data);
}

/* In place: base64 takes more room than what it stands for. */
static size_t decode(char *text, size_t size)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t length = 0;

	for (size_t i = 0; i < size && text[i] != '='; i++) {
		char c = text[i];
		unsigned value;

		if (isupper((unsigned char)c))
			value = (unsigned)(c - 'A');
		else if (islower((unsigned char)c))
			value = (unsigned)(c - 'a') + 26;
		else if (isdigit((unsigned char)c))
			value = (unsigned)(c - '0') + 52;
		else
			value = c == '+' ? 62 : 63;
		bits = bits << 6 | value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			text[length++] = (char)(bits >> count & 0xff);
		}
	}
	return length;
}

/* A config is a file: each line of it may be "name = value" or "name: value". */
static const char *shape_of_config(const char *text, size_t size)
{
	hf_cleanup(hf_freep) char *clean = NULL;
	size_t clean_size;
	const char *shape = size > 0 ? hf_proc_shape_of(text, size) : "-";

	if (strcmp(shape, "-") == 0 && hf_redact(text, size, &clean, &clean_size) == 0 && clean)
		return "password";
	return shape;
}

static void add_config(hf_buffer *out, const json_t *reference, const json_t *configs)
{
	const char *id = json_string_value(json_object_get(reference, "ConfigID"));
	const char *name = json_string_value(json_object_get(reference, "ConfigName"));
	const json_t *config;
	size_t i, length = 0;
	const char *shape = "?";

	json_array_foreach(configs, i, config)
	{
		const char *known = json_string_value(json_object_get(config, "ID"));
		const json_t *data = json_object_get(json_object_get(config, "Spec"), "Data");

		if (!id || !known || strcmp(id, known) != 0)
			continue;
		hf_cleanup(hf_freep) char *text =
			json_is_string(data) ? malloc(json_string_length(data) + 1) : NULL;

		if (!text)
			continue;
		memcpy(text, json_string_value(data), json_string_length(data) + 1);
		length = decode(text, json_string_length(data));
		shape = shape_of_config(text, length);
		explicit_bzero(text, length);
	}
	hf_buffer_puts(out, "config ");
	hf_buffer_add_word(out, name ? name : "", name ? strlen(name) : 0);
	hf_buffer_printf(out, " %zu %s\n", length, shape);
}

static void add_service(hf_buffer *out, const json_t *service, const json_t *configs)
{
	const json_t *spec = spec_of(service), *item;
	const char *name = json_string_value(json_object_get(json_object_get(service, "Spec"), "Name"));
	size_t i;

	hf_buffer_puts(out, "service ");
	hf_buffer_add_word(out, name ? name : "", name ? strnlen(name, HF_IMAGE_NAME_MAX) : 0);
	hf_buffer_printf(out, " %zu\n", json_array_size(json_object_get(spec, "Secrets")));
	add_environment(out, json_object_get(spec, "Env"));
	add_arguments(out, json_object_get(spec, "Command"));
	add_arguments(out, json_object_get(spec, "Args"));
	json_array_foreach(json_object_get(spec, "Configs"), i, item)
	{
		add_config(out, item, configs);
	}
}

int hf_swarm_project_services(const char *services, size_t size, const char *configs,
			      size_t configs_size, hf_buffer *out, hf_error *err)
{
	hf_cleanup(json_decrefp) json_t *list = load(services, size);
	hf_cleanup(json_decrefp) json_t *contents = configs ? load(configs, configs_size) : NULL;
	const json_t *service;
	size_t i;

	if (!json_is_array(list))
		return hf_error_set(err, -EBADMSG, "no list of services");
	json_array_foreach(list, i, service)
	{
		add_service(out, service, contents);
	}
	hf_buffer_puts(out, "end\n");
	return out->failed ? hf_error_set(err, -ENOMEM, "out of memory") : 0;
}
