/* SPDX-License-Identifier: GPL-2.0-or-later */
/* YAML as holdfast takes it: texts, lists and mappings in one document, each with its line. Aliases, tags and a key
 * that stands there twice are refused, so that a file says what a person who reads it thinks that it says. */
#ifndef HF_YAML_H
#define HF_YAML_H

#include "base/base.h"

/* Of a whole file: what a person writes is far smaller. */
enum { HF_YAML_MAX_BYTES = 1024 * 1024 };

typedef enum hf_yaml_kind {
	HF_YAML_TEXT = 0,
	HF_YAML_LIST,
	HF_YAML_MAP
} hf_yaml_kind;

typedef struct hf_yaml hf_yaml;

struct hf_yaml {
	hf_yaml_kind kind;
	unsigned line;
	const char *key;   /* of a mapping's member; else NULL */
	const char *text;  /* of HF_YAML_TEXT; else NULL */
	hf_yaml *first;    /* of a list or mapping: in the file's order */
	hf_yaml *next;     /* what stands behind this one in the same list or mapping */
	size_t count;      /* of a list or mapping */
};

/* The file's document; an empty mapping when it has none, as a file of comments alone. All memory is @arena's.
 * -EBADMSG with @path and the line in @err, -EFBIG, -ENOMEM. */
int hf_yaml_parse(const char *text, size_t size, const char *path, hf_arena *arena,
		  const hf_yaml **ret_root, hf_error *err);

/* A mapping's member; NULL where it has none of that name, or is no mapping. */
const hf_yaml *hf_yaml_member(const hf_yaml *map, const char *key);

/* -EBADMSG, with the place of @node in @err. */
int hf_yaml_refuse(const hf_yaml *node, const char *path, hf_error *err, const char *format, ...)
	HF_PRINTF(4, 5);

#endif
