/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files: a record as JSON, so that it can be judged elsewhere and kept as a test.
 *
 * Bytes that are no UTF-8 are written one code point (U+0000 to U+00FF) per byte under "bytes": JSON's
 * own escaping then does the rest, and no second encoding has to be understood by a reader. */
#include "collect/collect.h"
#include "record/record.h"

#include <jansson.h>

#define SCHEMA "holdfast-capture/1"

typedef json_t hf_json;

static void hf_json_freep(hf_json **value)
{
	json_decref(*value);
}

/* ---- writing ---- */

typedef struct writing {
	FILE *out;
	bool is_first;
} writing;

static bool is_utf8(const char *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t length = hf_utf8_length(data + at, size - at);

		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

static json_t *bytes_as_text(const char *data, size_t size)
{
	hf_buffer text = {0};

	hf_buffer_add(&text, "", 0);
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)data[i];
		const char two[] = {(char)(0xc0 | byte >> 6), (char)(0x80 | (byte & 0x3f))};

		if (byte < 0x80)
			hf_buffer_add(&text, &data[i], 1);
		else
			hf_buffer_add(&text, two, 2);
	}
	json_t *value = text.failed ? NULL : json_stringn(text.data, text.size);

	hf_buffer_free(&text);
	return value;
}

static json_t *names_as_array(const hf_answer *answer)
{
	json_t *names = json_array();

	for (const char *name = answer->data; names && name < answer->data + answer->size;
	     name += strlen(name) + 1) {
		json_t *text = is_utf8(name, strlen(name)) ? json_string(name)
							   : bytes_as_text(name, strlen(name));

		if (json_array_append_new(names, text) < 0) {
			json_decref(names);
			return NULL;
		}
	}
	return names;
}

/* A folder whose names are all UTF-8 is a list of names; else its bytes as they came. */
static int set_data(json_t *object, const hf_answer *answer)
{
	bool utf8 = is_utf8(answer->data, answer->size);

	if (answer->kind == HF_ASK_DIR && utf8)
		return json_object_set_new(object, "names", names_as_array(answer));
	if (utf8)
		return json_object_set_new(object, "text",
					   json_stringn(answer->data, answer->size));
	return json_object_set_new(object, "bytes", bytes_as_text(answer->data, answer->size));
}

static json_t *meta_as_object(const hf_meta *meta)
{
	char mode[16];

	(void)snprintf(mode, sizeof mode, "%07o", meta->mode);
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:[II], s:[II], s:I, s:I, s:I}", "mode",
			 mode, "uid", (json_int_t)meta->uid, "gid", (json_int_t)meta->gid, "nlink",
			 (json_int_t)meta->nlink, "size", (json_int_t)meta->size, "fs",
			 (json_int_t)meta->fs_magic, "dev", (json_int_t)meta->dev_major,
			 (json_int_t)meta->dev_minor, "rdev", (json_int_t)meta->rdev_major,
			 (json_int_t)meta->rdev_minor, "ino", (json_int_t)meta->ino, "mtime_ns",
			 (json_int_t)meta->mtime_ns, "ctime_ns", (json_int_t)meta->ctime_ns);
}

static json_t *text_or_bytes(const char *text)
{
	size_t size = strlen(text);

	return is_utf8(text, size) ? json_stringn(text, size) : bytes_as_text(text, size);
}

/* One answer is one line, so that two captures can be compared with diff(1). */
static int write_answer(const hf_answer *answer, void *data)
{
	writing *w = data;
	hf_cleanup(hf_json_freep) hf_json *object = json_object();
	hf_cleanup(hf_freep) char *question = NULL;
	int r = 0;

	if (asprintf(&question, "%s:%s", hf_ask_kind_name(answer->kind), answer->name) < 0) {
		question = NULL;
		return -ENOMEM;
	}
	r |= json_object_set_new(object,
				 is_utf8(question, strlen(question)) ? "ask" : "ask_bytes",
				 text_or_bytes(question));
	if (answer->error) {
		const char *name = hf_errno_name(answer->error);

		r |= json_object_set_new(object, "error", json_string(name ? name : "EIO"));
	}
	if (answer->reason)
		r |= json_object_set_new(object, "reason", text_or_bytes(answer->reason));
	if (answer->meta.mode)
		r |= json_object_set_new(object, "meta", meta_as_object(&answer->meta));
	if (!answer->error)
		r |= set_data(object, answer);
	if (r)
		return -ENOMEM;
	if (fputs(w->is_first ? "\n" : ",\n", w->out) == EOF ||
	    json_dumpf(object, w->out, JSON_COMPACT) < 0)
		return errno ? -errno : -EIO;
	w->is_first = false;
	return 0;
}

static json_t *collectors_as_array(const hf_record *record)
{
	const hf_record_collector *collectors;
	size_t count = hf_record_collectors(record, &collectors);
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		json_t *object = json_pack("{s:s, s:s, s:s?}", "name", collectors[i].name, "state",
					   hf_collector_state_name(collectors[i].state), "reason",
					   collectors[i].reason);

		if (json_array_append_new(array, object) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *notes_as_array(const hf_record *record)
{
	const char *const *notes;
	size_t count = hf_record_notes(record, &notes);
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		if (json_array_append_new(array, text_or_bytes(notes[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static int write_member(FILE *out, const char *name, json_t *value)
{
	hf_cleanup(hf_json_freep) hf_json *owned = value;

	if (!owned)
		return -ENOMEM;
	if (fprintf(out, "\"%s\":", name) < 0 ||
	    json_dumpf(owned, out, JSON_COMPACT | JSON_ENCODE_ANY) < 0 || fputs(",\n", out) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}

int hf_capture_write(const hf_record *record, FILE *out, hf_error *err)
{
	const hf_source *source = hf_record_source(record);
	writing w = {.out = out, .is_first = true};
	int r = fputc('{', out) == EOF ? -EIO : 0;

	errno = 0;
	if (r == 0)
		r = write_member(out, "schema", json_string(SCHEMA));
	if (r == 0)
		r = write_member(out, "tool", json_pack("{s:s, s:s}", "name", PACKAGE_NAME, "version",
							PACKAGE_VERSION));
	if (r == 0)
		r = write_member(out, "source",
				 json_pack("{s:s, s:o, s:s}", "kind",
					   hf_source_kind_name(source->kind), "path",
					   text_or_bytes(source->path), "taken", source->taken));
	if (r == 0)
		r = write_member(out, "collectors", collectors_as_array(record));
	if (r == 0)
		r = write_member(out, "notes", notes_as_array(record));
	if (r == 0 && fputs("\"answers\":[", out) == EOF)
		r = -EIO;
	if (r == 0)
		r = hf_record_each(record, write_answer, &w);
	if (r == 0 && (fputs("\n]}\n", out) == EOF || fflush(out) != 0))
		r = errno ? -errno : -EIO;
	return r < 0 ? hf_error_set(err, r, "the capture could not be written: %s", strerror(-r)) : 0;
}

/* ---- reading ---- */

/* Code points back into bytes; NULL when one is past U+00FF or there is no memory. */
static char *text_as_bytes(const char *text, size_t size, size_t *ret_size)
{
	char *bytes = malloc(size + 1);
	size_t used = 0;

	for (size_t i = 0; bytes && i < size; i++) {
		unsigned char first = (unsigned char)text[i];

		if (first >= 0x80) {
			if ((first != 0xc2 && first != 0xc3) || i + 1 >= size) {
				free(bytes);
				return NULL;
			}
			i++;
			bytes[used++] = (char)((first & 0x03) << 6 | ((unsigned char)text[i] & 0x3f));
		} else {
			bytes[used++] = text[i];
		}
	}
	if (bytes)
		bytes[used] = '\0';
	*ret_size = used;
	return bytes;
}

static uint64_t number_at(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static uint32_t pair_at(const json_t *object, const char *key, size_t index)
{
	return (uint32_t)json_integer_value(json_array_get(json_object_get(object, key), index));
}

static hf_meta meta_from(const json_t *object)
{
	const char *mode = json_string_value(json_object_get(object, "mode"));

	return (hf_meta){
		.mode = mode ? (uint32_t)strtoul(mode, NULL, 8) : 0,
		.uid = (uint32_t)number_at(object, "uid"),
		.gid = (uint32_t)number_at(object, "gid"),
		.nlink = (uint32_t)number_at(object, "nlink"),
		.fs_magic = (uint32_t)number_at(object, "fs"),
		.rdev_major = pair_at(object, "rdev", 0),
		.rdev_minor = pair_at(object, "rdev", 1),
		.dev_major = pair_at(object, "dev", 0),
		.dev_minor = pair_at(object, "dev", 1),
		.ino = number_at(object, "ino"),
		.size = number_at(object, "size"),
		.mtime_ns = (int64_t)number_at(object, "mtime_ns"),
		.ctime_ns = (int64_t)number_at(object, "ctime_ns"),
	};
}

/* The answer's bytes, owned by the caller; NULL when the object has none or they are malformed. */
static char *data_from(const json_t *object, size_t *ret_size)
{
	const json_t *text = json_object_get(object, "text"), *names = json_object_get(object, "names"),
		     *bytes = json_object_get(object, "bytes");
	hf_buffer all = {0};

	if (json_is_string(bytes))
		return text_as_bytes(json_string_value(bytes), json_string_length(bytes), ret_size);
	hf_buffer_add(&all, "", 0);
	if (json_is_string(text)) {
		hf_buffer_add(&all, json_string_value(text), json_string_length(text));
	} else if (json_is_array(names)) {
		for (size_t i = 0; i < json_array_size(names); i++) {
			const json_t *name = json_array_get(names, i);

			if (!json_is_string(name)) {
				hf_buffer_free(&all);
				return NULL;
			}
			hf_buffer_add(&all, json_string_value(name), json_string_length(name));
			hf_buffer_add(&all, "", 1);
		}
	} else {
		all.failed = true;
	}
	if (all.failed) {
		hf_buffer_free(&all);
		return NULL;
	}
	*ret_size = all.size;
	return all.data;
}

static char *question_from(const json_t *object)
{
	const json_t *ask = json_object_get(object, "ask"),
		     *bytes = json_object_get(object, "ask_bytes");
	size_t size;

	if (json_is_string(ask))
		return strdup(json_string_value(ask));
	return json_is_string(bytes)
		       ? text_as_bytes(json_string_value(bytes), json_string_length(bytes), &size)
		       : NULL;
}

static int take_answer(hf_record *record, const json_t *object, size_t index, hf_error *err)
{
	hf_cleanup(hf_freep) char *question = question_from(object);
	const char *error = json_string_value(json_object_get(object, "error"));
	const char *colon = question ? strchr(question, ':') : NULL;
	hf_answer answer = {.data = ""};

	if (!colon)
		return hf_error_set(err, -EBADMSG, "answer %zu has no question", index);
	answer.kind = hf_ask_kind_number(question, (size_t)(colon - question));
	answer.name = colon + 1;
	answer.reason = json_string_value(json_object_get(object, "reason"));
	answer.meta = meta_from(json_object_get(object, "meta"));
	if (!answer.kind || !*answer.name)
		return hf_error_set(err, -EBADMSG, "answer %zu: \"%s\" is no question", index, question);
	hf_cleanup(hf_freep) char *data = NULL;

	if (error) {
		answer.error = hf_errno_number(error);
		if (!answer.error)
			return hf_error_set(err, -EBADMSG, "%s: \"%s\" is no errno", question, error);
	} else {
		data = data_from(object, &answer.size);
		if (!data)
			return hf_error_set(err, -EBADMSG, "%s: neither an answer nor an error",
					    question);
		answer.data = data;
	}
	int r = hf_record_put(record, &answer, false);

	return r == -EEXIST ? hf_error_set(err, -EBADMSG, "%s stands there twice", question) : r;
}

static int take_collector(hf_record *record, const json_t *object, hf_error *err)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *state_name = json_string_value(json_object_get(object, "state"));
	const char *reason = json_string_value(json_object_get(object, "reason"));
	hf_collector_state state;

	if (!name || !state_name || !hf_collector_state_parse(state_name, &state))
		return hf_error_set(err, -EBADMSG, "a collector without a name or a known state");
	for (const hf_collector *const *known = hf_collectors; *known; known++) {
		if (strcmp((*known)->name, name) != 0)
			continue;
		int index = hf_record_add_collector(record, name, (*known)->kinds, (*known)->prefixes);

		if (index < 0)
			return index;
		hf_record_end_collector(record, index, state, reason);
	}
	return 0; /* one that this version does not know has left its answers all the same */
}

static int take_whole(hf_record *record, const json_t *whole, hf_error *err)
{
	const char *schema = json_string_value(json_object_get(whole, "schema"));
	const json_t *answers = json_object_get(whole, "answers"),
		     *collectors = json_object_get(whole, "collectors"),
		     *notes = json_object_get(whole, "notes");
	int r = 0;

	if (!schema || strcmp(schema, SCHEMA) != 0)
		return hf_error_set(err, -EBADMSG, "is no capture: \"schema\" is not \"" SCHEMA "\"");
	if (!json_is_array(answers) || !json_is_array(collectors))
		return hf_error_set(err, -EBADMSG, "has no list of answers or of collectors");
	for (size_t i = 0; r == 0 && i < json_array_size(collectors); i++)
		r = take_collector(record, json_array_get(collectors, i), err);
	for (size_t i = 0; r == 0 && i < json_array_size(notes); i++) {
		const char *note = json_string_value(json_array_get(notes, i));

		r = note ? hf_record_note(record, note) : 0;
	}
	for (size_t i = 0; r == 0 && i < json_array_size(answers); i++)
		r = take_answer(record, json_array_get(answers, i), i, err);
	return r;
}

int hf_capture_parse(const char *text, size_t size, hf_record **ret_record, hf_error *err)
{
	json_error_t problem;
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_json_freep) hf_json *whole =
		json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);

	if (!whole)
		return hf_error_at(err, -EBADMSG, "", (unsigned)(problem.line > 0 ? problem.line : 0),
				   "%s", problem.text);
	int r = hf_record_new(&record);

	if (r == 0)
		r = take_whole(record, whole, err);
	if (r == 0) {
		const char *taken = json_string_value(
			json_object_get(json_object_get(whole, "source"), "taken"));

		r = hf_record_set_source(record, &(hf_source){.kind = HF_SOURCE_CAPTURE,
							      .path = "",
							      .taken = taken ? taken : ""});
	}
	if (r < 0)
		return r;
	*ret_record = HF_TAKE(record);
	return 0;
}
