/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a loaded document has the shape that the renderers rely on. It says where it has not; the
 * schema in packaging/schema/ says the same in full. */
#include "report/report.h"

typedef enum shape_type {
	SHAPE_TEXT = 0,
	SHAPE_TEXT_OR_NULL,
	SHAPE_NUMBER_OR_NULL,
	SHAPE_NUMBER,
	SHAPE_COUNT, /* an integer from 0 */
	SHAPE_BOOL,
	SHAPE_TEXTS,   /* an array of strings */
	SHAPE_OBJECT,  /* .members are its own */
	SHAPE_OBJECT_OR_NULL,
	SHAPE_OBJECTS, /* an array of objects; .members are each one's */
	SHAPE_COUNTS   /* an object of counts by status or severity */
} shape_type;

typedef struct shape shape;

struct shape {
	const char *name; /* NULL ends a list */
	shape_type type;
	bool (*is_word)(const char *word); /* SHAPE_TEXT: one of a fixed set */
	bool is_newer; /* documents of older versions lack it */
	const shape *members;
};

static bool is_status(const char *word)
{
	return hf_status_number(word) != HF_STATUS_COUNT;
}

static bool is_severity(const char *word)
{
	return hf_severity_number(word) != HF_SEVERITY_COUNT;
}

static bool is_schema(const char *word)
{
	return strcmp(word, "holdfast-results/1") == 0;
}

static const shape tool_shape[] = {
	{.name = "name", .type = SHAPE_TEXT},
	{.name = "version", .type = SHAPE_TEXT},
	{.name = NULL},
};

static const shape source_shape[] = {
	{.name = "kind", .type = SHAPE_TEXT},
	{.name = "path", .type = SHAPE_TEXT},
	{.name = "taken", .type = SHAPE_TEXT_OR_NULL},
	{.name = NULL},
};

static const shape host_shape[] = {
	{.name = "hostname", .type = SHAPE_TEXT_OR_NULL},
	{.name = "machine_id_hash", .type = SHAPE_TEXT_OR_NULL},
	{.name = "kernel", .type = SHAPE_TEXT_OR_NULL},
	{.name = "arch", .type = SHAPE_TEXT_OR_NULL},
	{.name = "os", .type = SHAPE_TEXT_OR_NULL},
	{.name = "cgroup", .type = SHAPE_TEXT_OR_NULL},
	{.name = "lsm", .type = SHAPE_TEXTS},
	{.name = "runtimes", .type = SHAPE_TEXTS},
	{.name = NULL},
};

static const shape subject_shape[] = {
	{.name = "key", .type = SHAPE_TEXT},
	{.name = "kind", .type = SHAPE_TEXT},
	{.name = "id", .type = SHAPE_TEXT},
	{.name = "name", .type = SHAPE_TEXT},
	{.name = "runtime", .type = SHAPE_TEXT_OR_NULL},
	{.name = NULL},
};

static const shape evidence_shape[] = {
	{.name = "source", .type = SHAPE_TEXT},
	{.name = "found", .type = SHAPE_TEXT},
	{.name = "wanted", .type = SHAPE_TEXT_OR_NULL},
	{.name = NULL},
};

static const shape finding_shape[] = {
	{.name = "status", .type = SHAPE_TEXT, .is_word = is_status},
	{.name = "subjects", .type = SHAPE_TEXTS},
	{.name = "evidence", .type = SHAPE_OBJECTS, .members = evidence_shape},
	{.name = "message", .type = SHAPE_TEXT_OR_NULL},
	{.name = NULL},
};

static const shape result_shape[] = {
	{.name = "check", .type = SHAPE_TEXT},
	{.name = "title", .type = SHAPE_TEXT},
	{.name = "plugin", .type = SHAPE_TEXT},
	{.name = "status", .type = SHAPE_TEXT, .is_word = is_status},
	{.name = "severity", .type = SHAPE_TEXT, .is_word = is_severity},
	{.name = "weight", .type = SHAPE_NUMBER},
	{.name = "vector", .type = SHAPE_TEXT},
	{.name = "level", .type = SHAPE_COUNT},
	{.name = "stride", .type = SHAPE_TEXTS},
	{.name = "refs", .type = SHAPE_TEXTS},
	{.name = "counts", .type = SHAPE_COUNTS},
	{.name = "findings", .type = SHAPE_OBJECTS, .members = finding_shape},
	{.name = "remediation", .type = SHAPE_TEXT},
	{.name = NULL},
};

static const shape score_shape[] = {
	{.name = "value", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "coverage", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "counts", .type = SHAPE_COUNTS},
	{.name = "failed", .type = SHAPE_COUNTS},
	{.name = NULL},
};

static const shape category_shape[] = {
	{.name = "title", .type = SHAPE_TEXT},
	{.name = "value", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "coverage", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "counts", .type = SHAPE_COUNTS},
	{.name = NULL},
};

static const shape stride_shape[] = {
	{.name = "S", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = "T", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = "R", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = "I", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = "D", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = "E", .type = SHAPE_OBJECT, .members = category_shape},
	{.name = NULL},
};

static const shape plugin_shape[] = {
	{.name = "name", .type = SHAPE_TEXT},
	{.name = "title", .type = SHAPE_TEXT},
	{.name = "checks", .type = SHAPE_COUNT},
	{.name = "value", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "coverage", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "counts", .type = SHAPE_COUNTS},
	{.name = NULL},
};

static const shape mount_shape[] = {
	{.name = "host", .type = SHAPE_TEXT},
	{.name = "target", .type = SHAPE_TEXT},
	{.name = "read_only", .type = SHAPE_BOOL},
	{.name = NULL},
};

static const shape capabilities_shape[] = {
	{.name = "effective", .type = SHAPE_TEXTS},
	{.name = "bounding", .type = SHAPE_TEXTS},
	{.name = "in_own_user_namespace", .type = SHAPE_BOOL},
	{.name = NULL},
};

static const shape container_shape[] = {
	{.name = "key", .type = SHAPE_TEXT},
	{.name = "id", .type = SHAPE_TEXT},
	{.name = "name", .type = SHAPE_TEXT},
	{.name = "runtime", .type = SHAPE_TEXT},
	{.name = "image", .type = SHAPE_TEXT_OR_NULL},
	{.name = "pod", .type = SHAPE_TEXT_OR_NULL},
	{.name = "pid", .type = SHAPE_COUNT},
	{.name = "user", .type = SHAPE_TEXT_OR_NULL},
	{.name = "tasks", .type = SHAPE_COUNT},
	{.name = "complete", .type = SHAPE_BOOL},
	{.name = "capabilities", .type = SHAPE_OBJECT, .members = capabilities_shape},
	{.name = "seccomp", .type = SHAPE_TEXT},
	{.name = "label", .type = SHAPE_TEXT_OR_NULL},
	{.name = "root", .type = SHAPE_TEXT},
	{.name = "mounts", .type = SHAPE_OBJECTS, .members = mount_shape},
	{.name = "findings", .type = SHAPE_COUNTS},
	{.name = "failing", .type = SHAPE_TEXTS},
	{.name = NULL},
};

static const shape section_shape[] = {
	{.name = "number", .type = SHAPE_TEXT},
	{.name = "title", .type = SHAPE_TEXT},
	{.name = NULL},
};

static const shape benchmark_shape[] = {
	{.name = "title", .type = SHAPE_TEXT},
	{.name = "version", .type = SHAPE_TEXT},
	{.name = "level", .type = SHAPE_COUNT},
	{.name = "sections", .type = SHAPE_OBJECTS, .members = section_shape},
	{.name = NULL},
};

static const shape item_shape[] = {
	{.name = "number", .type = SHAPE_TEXT},
	{.name = "title", .type = SHAPE_TEXT},
	{.name = "level", .type = SHAPE_COUNT},
	{.name = "status", .type = SHAPE_TEXT, .is_word = is_status},
	{.name = "checks", .type = SHAPE_TEXTS},
	{.name = "decided_by", .type = SHAPE_TEXT_OR_NULL},
	{.name = "reason", .type = SHAPE_TEXT_OR_NULL},
	{.name = NULL},
};

static bool is_fate(const char *word)
{
	return strcmp(word, "accepted") == 0 || strcmp(word, "dropped") == 0 || strcmp(word, "unknown") == 0;
}

static const shape fate_shape[] = {
	{.name = "fate", .type = SHAPE_TEXT, .is_word = is_fate},
	{.name = "by", .type = SHAPE_TEXT},
	{.name = NULL},
};

static const shape network_view_shape[] = {
	{.name = "bridge", .type = SHAPE_TEXT},
	{.name = "name", .type = SHAPE_TEXT_OR_NULL},
	{.name = "engine", .type = SHAPE_TEXT_OR_NULL},
	{.name = "subnets", .type = SHAPE_TEXTS},
	{.name = "ports", .type = SHAPE_COUNT},
	{.name = "members", .type = SHAPE_COUNT},
	{.name = "among", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = "out", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = "in", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = "others", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = NULL},
};

static const shape zone_shape[] = {
	{.name = "key", .type = SHAPE_TEXT},
	{.name = "kind", .type = SHAPE_TEXT},
	{.name = "names", .type = SHAPE_TEXTS},
	{.name = "containers", .type = SHAPE_TEXTS},
	{.name = "bridges", .type = SHAPE_TEXTS},
	{.name = "addresses", .type = SHAPE_TEXTS},
	{.name = NULL},
};

static const shape way_shape[] = {
	{.name = "from", .type = SHAPE_TEXT},
	{.name = "to", .type = SHAPE_TEXT},
	{.name = "protocol", .type = SHAPE_TEXT_OR_NULL},
	{.name = "port", .type = SHAPE_NUMBER_OR_NULL},
	{.name = "service", .type = SHAPE_TEXT_OR_NULL},
	{.name = "ipv4", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = "ipv6", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = NULL},
};

static const shape published_shape[] = {
	{.name = "zone", .type = SHAPE_TEXT_OR_NULL},
	{.name = "container", .type = SHAPE_TEXT_OR_NULL},
	{.name = "protocol", .type = SHAPE_TEXT},
	{.name = "address", .type = SHAPE_TEXT},
	{.name = "port", .type = SHAPE_COUNT},
	{.name = "count", .type = SHAPE_COUNT},
	{.name = "to_address", .type = SHAPE_TEXT_OR_NULL},
	{.name = "to_port", .type = SHAPE_COUNT},
	{.name = "from_outside", .type = SHAPE_OBJECT_OR_NULL, .members = fate_shape},
	{.name = NULL},
};

static const shape network_shape[] = {
	{.name = "complete", .type = SHAPE_BOOL},
	{.name = "why", .type = SHAPE_TEXT_OR_NULL},
	{.name = "uplinks", .type = SHAPE_TEXTS},
	{.name = "networks", .type = SHAPE_OBJECTS, .members = network_view_shape},
	{.name = "zones", .type = SHAPE_OBJECTS, .members = zone_shape},
	{.name = "ways", .type = SHAPE_OBJECTS, .members = way_shape},
	{.name = "published", .type = SHAPE_OBJECTS, .members = published_shape},
	{.name = NULL},
};

static const shape unread_shape[] = {
	{.name = "source", .type = SHAPE_TEXT},
	{.name = "reason", .type = SHAPE_TEXT},
	{.name = NULL},
};

static const shape document_shape[] = {
	{.name = "schema", .type = SHAPE_TEXT, .is_word = is_schema},
	{.name = "tool", .type = SHAPE_OBJECT, .members = tool_shape},
	{.name = "source", .type = SHAPE_OBJECT, .members = source_shape},
	{.name = "host", .type = SHAPE_OBJECT, .members = host_shape},
	{.name = "started", .type = SHAPE_TEXT},
	{.name = "duration_ms", .type = SHAPE_COUNT},
	{.name = "profile", .type = SHAPE_TEXT},
	{.name = "complete", .type = SHAPE_BOOL},
	{.name = "plugins", .type = SHAPE_OBJECTS, .members = plugin_shape},
	{.name = "subjects", .type = SHAPE_OBJECTS, .members = subject_shape},
	{.name = "results", .type = SHAPE_OBJECTS, .members = result_shape},
	{.name = "benchmark",
	 .type = SHAPE_OBJECT_OR_NULL,
	 .members = benchmark_shape,
	 .is_newer = true},
	{.name = "items", .type = SHAPE_OBJECTS, .members = item_shape, .is_newer = true},
	{.name = "containers", .type = SHAPE_OBJECTS, .members = container_shape},
	{.name = "network", .type = SHAPE_OBJECT, .members = network_shape, .is_newer = true},
	{.name = "score", .type = SHAPE_OBJECT, .members = score_shape},
	{.name = "stride", .type = SHAPE_OBJECT, .members = stride_shape},
	{.name = "unread", .type = SHAPE_OBJECTS, .members = unread_shape},
	{.name = "notes", .type = SHAPE_TEXTS},
	{.name = NULL},
};

/* Where we are, as a chain through the callers' frames; written out only for an error. */
typedef struct place {
	const struct place *outer;
	const char *name; /* a member; NULL: an element */
	size_t index;
} place;

static void print_place(const place *at, hf_buffer *text)
{
	if (!at)
		return;
	print_place(at->outer, text);
	if (at->name)
		hf_buffer_printf(text, "%s%s", at->outer ? "." : "", at->name);
	else
		hf_buffer_printf(text, "[%zu]", at->index);
}

static int refuse(const place *at, const char *problem, hf_error *err)
{
	hf_buffer text = {0};

	print_place(at, &text);
	hf_error_set(err, -EBADMSG, "%s %s", text.data && !text.failed ? text.data : "document",
		     problem);
	hf_buffer_free(&text);
	return -EBADMSG;
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static const char *text_problem(const json_t *value, const shape *wanted)
{
	if (!json_is_string(value))
		return "is no string";
	if (wanted->is_word && !wanted->is_word(json_string_value(value)))
		return "has a value that this version does not know";
	return NULL;
}

static int check_members(const json_t *object, const shape *members, const place *at, hf_error *err);

static int check_objects(const json_t *array, const shape *members, const place *at, hf_error *err)
{
	if (!json_is_array(array))
		return refuse(at, "is no array", err);
	for (size_t i = 0; i < json_array_size(array); i++) {
		const place element = {.outer = at, .index = i};
		int r = check_members(json_array_get(array, i), members, &element, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_texts(const json_t *array, const place *at, hf_error *err)
{
	if (!json_is_array(array))
		return refuse(at, "is no array", err);
	for (size_t i = 0; i < json_array_size(array); i++) {
		const place element = {.outer = at, .index = i};

		if (!json_is_string(json_array_get(array, i)))
			return refuse(&element, "is no string", err);
	}
	return 0;
}

static int check_counts(json_t *object, const place *at, hf_error *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return refuse(at, "is no object", err);
	json_object_foreach (object, key, value) {
		if (!is_count(value))
			return refuse(at, "holds what is no count", err);
	}
	return 0;
}

static int check_value(json_t *value, const shape *wanted, const place *at, hf_error *err)
{
	const char *problem = NULL;

	if (!value)
		return wanted->is_newer ? 0 : refuse(at, "is missing", err);
	switch (wanted->type) {
	case SHAPE_TEXT_OR_NULL:
		problem = json_is_null(value) ? NULL : text_problem(value, wanted);
		break;
	case SHAPE_TEXT:
		problem = text_problem(value, wanted);
		break;
	case SHAPE_NUMBER_OR_NULL:
		problem = json_is_null(value) || json_is_number(value) ? NULL : "is no number";
		break;
	case SHAPE_NUMBER:
		problem = json_is_number(value) ? NULL : "is no number";
		break;
	case SHAPE_COUNT:
		problem = is_count(value) ? NULL : "is no count";
		break;
	case SHAPE_BOOL:
		problem = json_is_boolean(value) ? NULL : "is neither true nor false";
		break;
	case SHAPE_TEXTS:
		return check_texts(value, at, err);
	case SHAPE_OBJECT_OR_NULL:
		return json_is_null(value) ? 0 : check_members(value, wanted->members, at, err);
	case SHAPE_OBJECT:
		return check_members(value, wanted->members, at, err);
	case SHAPE_OBJECTS:
		return check_objects(value, wanted->members, at, err);
	case SHAPE_COUNTS:
		return check_counts(value, at, err);
	}
	return problem ? refuse(at, problem, err) : 0;
}

static int check_members(const json_t *object, const shape *members, const place *at, hf_error *err)
{
	if (!json_is_object(object))
		return refuse(at, "is no object", err);
	for (const shape *member = members; member->name; member++) {
		const place inner = {.outer = at, .name = member->name};
		int r = check_value(json_object_get(object, member->name), member, &inner, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int hf_document_check(const json_t *document, hf_error *err)
{
	return check_members(document, document_shape, NULL, err);
}
