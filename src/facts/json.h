/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON of the host as a tree in the arena: jansson parses, bounds are ours. */
#ifndef HF_FACTS_JSON_H
#define HF_FACTS_JSON_H

#include "base/base.h"

typedef enum hf_json_kind {
	HF_JSON_NULL = 0,
	HF_JSON_BOOL,
	HF_JSON_NUMBER, /* an integer */
	HF_JSON_REAL,
	HF_JSON_STRING,
	HF_JSON_ARRAY,
	HF_JSON_OBJECT
} hf_json_kind;

typedef struct hf_json {
	const char *name; /* of a member; NULL otherwise */
	const char *text; /* of a scalar ("null", "true", "12", the string itself); NULL otherwise */
	/* of an array or object, in the order of the text; behind them is a place in which hf_json_show() keeps what it
	 * made, but where there are none */
	const struct hf_json *items;
	uint32_t count;
	hf_json_kind kind;
} hf_json;

/* A document of 16 MB made of "[[[" would need a hundred times that as a tree. */
enum { HF_JSON_MAX_VALUES = 400000 };

/* Names that stand twice: the last one wins, as in Go. -EBADMSG with the line when it is no JSON, -EMSGSIZE
 * when it has too many values, -ENOMEM. Any value may stand at the top. */
int hf_json_parse(hf_arena *arena, const char *data, size_t size, const hf_json **ret_json,
		  hf_error *err);

/* The same for plain documents: 1; 0 where it is not plain, be it that it is no JSON; -ENOMEM. */
int hf_json_read_plain(hf_arena *arena, const char *data, size_t size, const hf_json **ret_json);

/* NULL: no such member, or @object is none. */
const hf_json *hf_json_member(const hf_json *object, const char *name);

/* By a path of names and indexes, "Plugins/Authorization/0"; "" is @json itself. NULL: not there. A name
 * that contains a '/' ("com.example/x") is found, too. */
const hf_json *hf_json_find(const hf_json *json, const char *path);

/* A scalar's text, else compact JSON, made once: a check of each of a thousand containers may look at the list of
 * them. NULL without memory. */
const char *hf_json_show(hf_arena *arena, const hf_json *json);

/* How often @name stands in the outermost object of @data, which hf_json_parse() has taken; a name below
 * it that stands twice counts as twice, too. */
unsigned hf_json_occurrences(const char *data, size_t size, const char *name);

#endif
