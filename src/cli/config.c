/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file: a flat mapping of scalars and lists in YAML, read by libyaml's events. Aliases, tags
 * and unknown keys are refused, so that a misspelled threshold cannot silently mean the default. */
#include "cli/cli.h"

#include <stdio.h>
#include <yaml.h>

enum { CONFIG_MAX_BYTES = 1024 * 1024 };

typedef struct reading {
	yaml_parser_t parser;
	const char *path;
	hf_config *config;
	hf_error *err;
} reading;

static int refuse(reading *r, const yaml_event_t *event, const char *format, ...) HF_PRINTF(3, 4);
static int refuse(reading *r, const yaml_event_t *event, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return hf_error_at(r->err, -EBADMSG, r->path, (unsigned)event->start_mark.line + 1, "%s",
			   text);
}

static int next_event(reading *r, yaml_event_t *event)
{
	if (!yaml_parser_parse(&r->parser, event))
		return hf_error_at(r->err, -EBADMSG, r->path,
				   (unsigned)r->parser.problem_mark.line + 1, "%s",
				   r->parser.problem ? r->parser.problem : "malformed");
	int result = 0;

	if (event->type == YAML_ALIAS_EVENT)
		result = refuse(r, event, "aliases are not taken");
	else if ((event->type == YAML_SCALAR_EVENT && event->data.scalar.tag) ||
		 (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag) ||
		 (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag))
		result = refuse(r, event, "tags are not taken");
	if (result < 0)
		yaml_event_delete(event);
	return result;
}

static char **scalar_slot(hf_config *config, const char *key)
{
	if (strcmp(key, "fail-on") == 0)
		return &config->fail_on;
	if (strcmp(key, "min-score") == 0)
		return &config->min_score;
	if (strcmp(key, "timeout") == 0)
		return &config->timeout;
	if (strcmp(key, "profile") == 0)
		return &config->profile;
	return NULL;
}

static int take_scalar(reading *r, const char *key, const yaml_event_t *event)
{
	char **slot = scalar_slot(r->config, key);

	if (!slot)
		return refuse(r, event, "unknown key \"%.100s\"", key);
	if (event->type != YAML_SCALAR_EVENT)
		return refuse(r, event, "%.100s takes a single value", key);
	if (*slot)
		return refuse(r, event, "%.100s stands there twice", key);
	*slot = strdup((const char *)event->data.scalar.value);
	return *slot ? 0 : -ENOMEM;
}

static int take_list(reading *r, const char *key, hf_list *list, const yaml_event_t *start)
{
	if (start->type != YAML_SEQUENCE_START_EVENT)
		return refuse(r, start, "%.100s takes a list", key);
	for (;;) {
		yaml_event_t event;
		int result = next_event(r, &event);

		if (result < 0)
			return result;
		bool is_end = event.type == YAML_SEQUENCE_END_EVENT;

		if (!is_end && event.type != YAML_SCALAR_EVENT) {
			result = refuse(r, &event, "%.100s takes a list of plain values", key);
		} else if (!is_end) {
			char *value = strdup((const char *)event.data.scalar.value);

			result = value ? hf_list_add(list, value) : -ENOMEM;
		}
		yaml_event_delete(&event);
		if (result < 0 || is_end)
			return result;
	}
}

static int take_pair(reading *r, const yaml_event_t *key_event)
{
	yaml_event_t value;
	hf_cleanup(hf_freep) char *key = strdup((const char *)key_event->data.scalar.value);

	if (!key)
		return -ENOMEM;
	int result = next_event(r, &value);

	if (result < 0)
		return result;
	if (strcmp(key, "plugin-dirs") == 0)
		result = take_list(r, key, &r->config->plugin_dirs, &value);
	else
		result = take_scalar(r, key, &value);
	yaml_event_delete(&value);
	return result;
}

static int take_document(reading *r)
{
	int depth = 0;

	for (;;) {
		yaml_event_t event;
		int result = next_event(r, &event);

		if (result < 0)
			return result;
		yaml_event_type_t type = event.type;

		if (type == YAML_MAPPING_START_EVENT && depth == 0)
			depth = 1;
		else if (type == YAML_MAPPING_END_EVENT && depth == 1)
			depth = 2;
		else if (type == YAML_SCALAR_EVENT && depth == 1)
			result = take_pair(r, &event);
		else if (type == YAML_SCALAR_EVENT && event.data.scalar.length == 0)
			depth = 2; /* a file of comments alone */
		else if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
			 type == YAML_MAPPING_START_EVENT)
			result = refuse(r, &event, "the file must be one mapping of keys");
		yaml_event_delete(&event);
		if (result < 0 || type == YAML_STREAM_END_EVENT)
			return result;
	}
}

int hf_config_load(const char *path, hf_config *ret_config, hf_error *err)
{
	hf_cleanup(hf_closep) int fd = -1;
	hf_cleanup(hf_freep) char *text = NULL;
	reading r = {.path = path ? path : HF_SYSCONFDIR "/holdfast.yaml", .err = err};
	hf_config config = {.path = r.path};
	size_t size;
	int result = hf_trusted_open(r.path, &fd, err);

	if (result == -ENOENT && !path) {
		*ret_config = config;
		return 0;
	}
	if (result < 0) {
		hf_error why = err ? *err : (hf_error){0};

		return hf_error_at(err, result, r.path, 0, "refused: %s", why.text);
	}
	text = hf_read_input(fd, CONFIG_MAX_BYTES, &size, err);
	if (!text)
		return hf_error_at(err, -EIO, r.path, 0, "cannot be read or is too large");
	if (!yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
	r.config = &config;
	result = take_document(&r);
	yaml_parser_delete(&r.parser);
	if (result < 0) {
		hf_config_free(&config);
		return result;
	}
	*ret_config = config;
	return 0;
}

void hf_config_free(hf_config *config)
{
	for (size_t i = 0; i < config->plugin_dirs.count; i++)
		free(config->plugin_dirs.items[i]);
	hf_list_free(&config->plugin_dirs);
	free(config->fail_on);
	free(config->min_score);
	free(config->timeout);
	free(config->profile);
}
