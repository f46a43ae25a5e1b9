/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree from libyaml's events. */
#include "engine/yaml.h"

#include <stdio.h>
#include <yaml.h>

/* A key is compared with all of its mapping: their number must not be the reader's trouble. */
enum { MAX_DEPTH = 8, MAX_KEYS = 256 };

typedef struct reading {
	yaml_parser_t parser;
	const char *path;
	hf_arena *arena;
	hf_error *err;
} reading;

static unsigned line_of(const yaml_event_t *event)
{
	return (unsigned)event->start_mark.line + 1;
}

static int refuse(const reading *r, const yaml_event_t *event, const char *problem)
{
	return hf_error_at(r->err, -EBADMSG, r->path, line_of(event), "%s", problem);
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

static char *text_of(reading *r, const yaml_event_t *event, int *result)
{
	const char *value = (const char *)event->data.scalar.value;
	char *text = NULL;

	if (strlen(value) != event->data.scalar.length)
		*result = refuse(r, event, "a zero byte is no text");
	else if (!(text = hf_arena_strdup(r->arena, value)))
		*result = -ENOMEM;
	return text;
}

static int take_node(reading *r, const yaml_event_t *start, unsigned depth, hf_yaml *node);

/* The key's text, and the event of its value. */
static int take_key(reading *r, const hf_yaml *map, yaml_event_t *event, const char **ret_key)
{
	int result = 0;
	const char *key;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(r, event, "a key must be a plain word");
	if (map->count == MAX_KEYS)
		return refuse(r, event, "too many keys in one mapping");
	key = text_of(r, event, &result);
	if (result < 0)
		return result;
	if (hf_yaml_member(map, key))
		return hf_error_at(r->err, -EBADMSG, r->path, line_of(event),
				   "%.100s stands there twice", key);
	yaml_event_delete(event);
	*event = (yaml_event_t){0};
	*ret_key = key;
	return next_event(r, event);
}

static int take_children(reading *r, unsigned depth, hf_yaml *node)
{
	const bool is_map = node->kind == HF_YAML_MAP;
	const yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	hf_yaml **last = &node->first;

	for (;;) {
		yaml_event_t event = {0};
		const char *key = NULL;
		int result = next_event(r, &event);

		if (result < 0)
			return result;
		const bool is_end = event.type == end;
		hf_yaml *child = is_end ? NULL : hf_arena_alloc(r->arena, sizeof *child);

		if (!is_end && !child)
			result = -ENOMEM;
		if (child && is_map)
			result = take_key(r, node, &event, &key);
		if (child && result == 0)
			result = take_node(r, &event, depth, child);
		/* an event that was given up is empty, and freeing it does nothing */
		yaml_event_delete(&event);
		if (result < 0 || is_end)
			return result;
		child->key = key;
		*last = child;
		last = &child->next;
		node->count++;
	}
}

static int take_node(reading *r, const yaml_event_t *start, unsigned depth, hf_yaml *node)
{
	int result = 0;

	node->line = line_of(start);
	if (start->type == YAML_SCALAR_EVENT) {
		node->kind = HF_YAML_TEXT;
		node->text = text_of(r, start, &result);
		return result;
	}
	if (depth == MAX_DEPTH)
		return refuse(r, start, "lists and mappings in too many others");
	node->kind = start->type == YAML_MAPPING_START_EVENT ? HF_YAML_MAP : HF_YAML_LIST;
	return take_children(r, depth + 1, node);
}

/* Whether a document's only node begins here. An empty one, as behind a lone "---", is no node. */
static bool is_content(const yaml_event_t *event)
{
	return event->type == YAML_SEQUENCE_START_EVENT ||
	       event->type == YAML_MAPPING_START_EVENT ||
	       (event->type == YAML_SCALAR_EVENT && event->data.scalar.length > 0);
}

static int take_stream(reading *r, hf_yaml *root)
{
	unsigned documents = 0;

	for (;;) {
		yaml_event_t event;
		int result = next_event(r, &event);

		if (result < 0)
			return result;
		const yaml_event_type_t type = event.type;

		if (type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
			result = refuse(r, &event, "a second document is not taken");
		else if (is_content(&event))
			result = take_node(r, &event, 0, root);
		yaml_event_delete(&event);
		if (result < 0 || type == YAML_STREAM_END_EVENT)
			return result;
	}
}

int hf_yaml_parse(const char *text, size_t size, const char *path, hf_arena *arena,
		  const hf_yaml **ret_root, hf_error *err)
{
	reading r = {.path = path, .arena = arena, .err = err};
	hf_yaml *root = hf_arena_alloc(arena, sizeof *root);

	if (size > HF_YAML_MAX_BYTES)
		return hf_error_at(err, -EFBIG, path, 0, "is larger than %d KiB",
				   HF_YAML_MAX_BYTES / 1024);
	if (!root || !yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	*root = (hf_yaml){.kind = HF_YAML_MAP, .line = 1};
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
	int result = take_stream(&r, root);

	yaml_parser_delete(&r.parser);
	if (result < 0)
		return result;
	*ret_root = root;
	return 0;
}

const hf_yaml *hf_yaml_member(const hf_yaml *map, const char *key)
{
	for (const hf_yaml *node = map->first; map->kind == HF_YAML_MAP && node;
	     node = node->next) {
		if (strcmp(node->key, key) == 0)
			return node;
	}
	return NULL;
}

int hf_yaml_refuse(const hf_yaml *node, const char *path, hf_error *err, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return hf_error_at(err, -EBADMSG, path, node->line, "%s", text);
}
