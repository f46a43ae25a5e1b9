/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of what the collector tells of an image, see collect/images.h. */
#include "facts/images.h"

#include "collect/redact.h"

#include <stdio.h>

/* ---- words ---- */

static bool parse_day(const char *text, int64_t *ret_day)
{
	int year, month, day, end = 0;

	*ret_day = INT64_MIN;
	if (strcmp(text, "-") == 0)
		return true;
	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] || year < 0 || month < 1 ||
	    month > 12 || day < 1 || day > 31)
		return false;
	*ret_day = hf_day_number(year, month, day);
	return true;
}

static bool is_plain(const char *word)
{
	for (; *word; word++) {
		if (*word <= 0x20 || *word >= 0x7f)
			return false;
	}
	return true;
}

bool hf_variable_line_parse(char *line, hf_variable *variable)
{
	char *name = strsep(&line, " "), *number = strsep(&line, " ");
	uint64_t length;

	if (!number || !line || !*line || !is_plain(line) || !hf_word_unescape(name) ||
	    hf_parse_u64(number, &length) < 0 || length > UINT32_MAX)
		return false;
	*variable = (hf_variable){
		.name = name,
		.value_length = (uint32_t)length,
		.shape = strcmp(line, "-") == 0 ? "" : line,
		.is_secret_name = hf_is_secret_name(name, strlen(name)),
	};
	return true;
}

/* "kind,what" or "secret,name,length,shape" */
static bool parse_mark(char *word, hf_image_mark *mark)
{
	char *kind = strsep(&word, ","), *what = strsep(&word, ",");
	char *number = strsep(&word, ",");
	uint64_t length = 0;

	if (!what || !*kind || !*what || !is_plain(kind) || !is_plain(what) ||
	    (strcmp(kind, "secret") == 0) != (number != NULL))
		return false;
	if (number && (!word || hf_parse_u64(number, &length) < 0 || length > UINT32_MAX ||
		       !is_plain(word)))
		return false;
	*mark = (hf_image_mark){
		.kind = kind,
		.what = what,
		.length = (uint32_t)length,
		.shape = number && strcmp(word, "-") != 0 ? word : "",
	};
	return true;
}

int hf_marks_parse(hf_arena *arena, char *words, const hf_image_mark **ret_marks, size_t *ret_count)
{
	size_t room = 1, count = 0;

	for (const char *at = words; at && *at; at++)
		room += *at == ' ';
	hf_image_mark *marks = hf_arena_calloc(arena, room, sizeof *marks);

	if (!marks)
		return -ENOMEM;
	for (char *word; (word = strsep(&words, " "));) {
		if (*word && !parse_mark(word, &marks[count++]))
			return -EBADMSG;
	}
	*ret_marks = marks;
	*ret_count = count;
	return 0;
}

/* ---- one image ---- */

/* Lists that grow line by line: how many of each there are is counted first. */
typedef struct room {
	const char **ports;
	const char **layers;
	hf_variable *variables;
	hf_variable *labels;
	hf_image_step *steps;
	bool has_end;
} room;

static size_t count_lines(const char *text, size_t size, const char *word)
{
	const char *cursor = text, *line;
	size_t length, count = 0, wanted = strlen(word);

	while (hf_next_line(&cursor, text + size, &line, &length))
		count += length > wanted && memcmp(line, word, wanted) == 0 && line[wanted] == ' ';
	return count;
}

static int make_room(hf_arena *arena, const char *text, size_t size, room *r)
{
	r->ports = hf_arena_calloc(arena, count_lines(text, size, "port") + 1, sizeof *r->ports);
	r->layers = hf_arena_calloc(arena, count_lines(text, size, "layer") + 1, sizeof *r->layers);
	r->variables = hf_arena_calloc(arena, count_lines(text, size, "env") + 1, sizeof *r->variables);
	r->labels = hf_arena_calloc(arena, count_lines(text, size, "label") + 1, sizeof *r->labels);
	r->steps = hf_arena_calloc(arena, count_lines(text, size, "step") + 1, sizeof *r->steps);
	return r->ports && r->layers && r->variables && r->labels && r->steps ? 0 : -ENOMEM;
}

/* "DAY LAYER INSTRUCTION MARK…" */
static int parse_step(hf_arena *arena, char *line, hf_image_step *step)
{
	char *date = strsep(&line, " "), *layer = strsep(&line, " "), *word = strsep(&line, " ");

	if (!word || !is_plain(word) || !parse_day(date, &step->day))
		return -EBADMSG;
	step->makes_layer = strcmp(layer, "layer") == 0;
	step->instruction = strcmp(word, "-") == 0 ? "" : word;
	return hf_marks_parse(arena, line, &step->marks, &step->mark_count);
}

static void set_error(hf_fact *fact, const char *word, const char *links)
{
	int number = hf_errno_number(word + 1);

	fact->state = HF_UNREADABLE;
	if (number == ENODATA)
		fact->why = "where the image's layers lie is not known";
	else if (number == ELOOP)
		fact->why = links;
	else
		fact->why = number ? strerror(number) : "it could not be read";
}

static bool parse_uid(char *word, hf_image *image)
{
	uint64_t uid;

	if (strcmp(word, "-") == 0) {
		image->uid_fact.state = HF_ABSENT;
		image->uid_fact.why = "the image's /etc/passwd has no such name";
	} else if (*word == '!') {
		set_error(&image->uid_fact, word, "the image's /etc/passwd is a link");
	} else {
		if (hf_parse_u64(word, &uid) < 0 || uid > UINT32_MAX)
			return false;
		image->uid_fact.state = HF_PRESENT;
		image->uid_fact.why = NULL;
		image->uid = (uint32_t)uid;
	}
	return true;
}

static bool parse_release(char *line, hf_image *image)
{
	char *id = strsep(&line, " "), *version = strsep(&line, " "), *end = strsep(&line, " ");

	if (!version && strcmp(id, "-") == 0) {
		image->release_fact.state = HF_ABSENT;
		image->release_fact.why = "no layer has one";
		return true;
	}
	if (!version && *id == '!') {
		set_error(&image->release_fact, id, "it is a link");
		return true;
	}
	if (!end || !line || !hf_word_unescape(id) || !hf_word_unescape(version) ||
	    !hf_word_unescape(end) || !hf_word_unescape(line))
		return false;
	image->release_fact.state = HF_PRESENT;
	image->release_fact.why = NULL;
	image->release_id = id;
	image->release_version = version;
	image->release_support_end = end;
	image->release_name = line;
	return true;
}

/* A word of its own. */
static bool take_text(const char *key, char *value, hf_image *image)
{
	const struct {
		const char *key;
		const char **text;
	} texts[] = {
		{"os", &image->operating_system}, {"user", &image->user},
		{"health", &image->health},	  {"base-name", &image->base_name},
		{"base-digest", &image->base_digest},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		if (strcmp(key, texts[i].key) != 0)
			continue;
		*texts[i].text = value;
		return hf_word_unescape(value);
	}
	return false;
}

static int bad_unless(bool good)
{
	return good ? 0 : -EBADMSG;
}

static int take_line(hf_arena *arena, char *line, hf_image *image, room *r)
{
	char *key = strsep(&line, " ");

	if (r->has_end)
		return -EBADMSG;
	if (strcmp(key, "end") == 0 || strcmp(key, "oci") == 0) {
		r->has_end = *key == 'e';
		image->is_oci = image->is_oci || *key == 'o';
		return bad_unless(!line);
	}
	if (!line)
		return -EBADMSG;
	if (strcmp(key, "created") == 0)
		return bad_unless(parse_day(line, &image->day));
	if (strcmp(key, "port") == 0) {
		r->ports[image->port_count++] = line;
		return bad_unless(hf_word_unescape(line));
	}
	if (strcmp(key, "layer") == 0) {
		r->layers[image->layer_count++] = line;
		return bad_unless(hf_word_unescape(line));
	}
	if (strcmp(key, "env") == 0)
		return bad_unless(
			hf_variable_line_parse(line, &r->variables[image->variable_count++]));
	if (strcmp(key, "label") == 0)
		return bad_unless(hf_variable_line_parse(line, &r->labels[image->label_count++]));
	if (strcmp(key, "step") == 0)
		return parse_step(arena, line, &r->steps[image->step_count++]);
	if (strcmp(key, "uid") == 0)
		return bad_unless(parse_uid(line, image));
	if (strcmp(key, "release") == 0)
		return bad_unless(parse_release(line, image));
	if (strcmp(key, "cut") == 0) {
		image->cut = *image->cut ? hf_arena_printf(arena, "%s %s", image->cut, line) : line;
		return image->cut ? bad_unless(is_plain(line)) : -ENOMEM;
	}
	return bad_unless(take_text(key, line, image));
}

/* All lines "argument …" as one list. */
static int parse_arguments(hf_arena *arena, const char *text, size_t size, hf_image *image)
{
	static const char key[] = "argument ";
	hf_cleanup(hf_buffer_free) hf_buffer all = {0};
	const char *cursor = text, *line;
	size_t length;

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		if (length > strlen(key) && memcmp(line, key, strlen(key)) == 0) {
			hf_buffer_puts(&all, " ");
			hf_buffer_add(&all, line + strlen(key), length - strlen(key));
		}
	}
	if (all.size == 0)
		return all.failed ? -ENOMEM : 0;
	char *words = all.failed ? NULL : hf_arena_memdup(arena, all.data, all.size);

	return words ? hf_marks_parse(arena, words, &image->arguments, &image->argument_count) : -ENOMEM;
}

static int parse_lines(hf_arena *arena, const char *text, size_t size, hf_image *image, room *r)
{
	const char *cursor = text, *line;
	size_t length;
	int ret = make_room(arena, text, size, r);

	while (ret == 0 && hf_next_line(&cursor, text + size, &line, &length)) {
		char *copy = hf_arena_memdup(arena, line, length);

		if (!copy)
			return -ENOMEM;
		if (strlen(copy) != length)
			return -EBADMSG;
		if (!hf_has_prefix(copy, "argument "))
			ret = take_line(arena, copy, image, r);
	}
	return ret < 0 ? ret : parse_arguments(arena, text, size, image);
}

/* "1000", "1000:1000", "app:app", "". What Docker takes for a number it takes for a uid. */
static void set_uid(hf_image *image)
{
	char number[32];
	size_t length = strcspn(image->user, ":");
	int64_t uid;

	if (image->uid_fact.state == HF_PRESENT)
		return;
	(void)snprintf(number, sizeof number, "%.*s", (int)(length < 31 ? length : 31), image->user);
	if (length == 0) {
		image->uid = 0;
	} else if (length < sizeof number && hf_parse_i64(number, &uid) == 0 && uid >= 0 &&
		   uid <= UINT32_MAX) {
		image->uid = (uint32_t)uid;
	} else {
		return;
	}
	image->uid_fact.state = HF_PRESENT;
	image->uid_fact.why = NULL;
}

int hf_image_parse(hf_arena *arena, const char *text, size_t size, hf_image *image)
{
	room r = {0};

	image->day = INT64_MIN;
	image->operating_system = image->user = image->health = image->cut = "";
	image->release_id = image->release_version = image->release_name = image->release_support_end = "";
	image->uid_fact = image->release_fact = (hf_fact){
		.state = HF_UNREADABLE, .source = image->fact.source, .why = "nobody looked into its layers"};
	int ret = parse_lines(arena, text, size, image, &r);

	if (ret == -ENOMEM)
		return ret;
	if (ret < 0 || !r.has_end) {
		image->fact.state = HF_UNREADABLE;
		image->fact.why = "is malformed";
		image->port_count = image->layer_count = image->variable_count = 0;
		image->label_count = image->argument_count = image->step_count = 0;
		return 0;
	}
	image->fact.state = HF_PRESENT;
	image->fact.why = *image->cut ? hf_arena_printf(arena, "it has more than is read of: %s", image->cut)
				      : NULL;
	image->ports = r.ports;
	image->layers = r.layers;
	image->variables = r.variables;
	image->labels = r.labels;
	image->steps = r.steps;
	set_uid(image);
	return 0;
}

/* ---- files of layers ---- */

/* "KIND WHAT STATE PATH MODE UID GID" */
static bool parse_file(char *line, hf_image_file *file)
{
	char *kind = strsep(&line, " "), *what = strsep(&line, " "), *state = strsep(&line, " ");
	char *path = strsep(&line, " ");
	int end = 0;

	if (!line || *path != '/' || !hf_word_unescape(path) || !hf_word_unescape(what) ||
	    sscanf(line, "%o %u %u%n", &file->mode, &file->uid, &file->gid, &end) != 3 || line[end])
		return false;
	file->kind = kind;
	file->what = what;
	file->path = path;
	file->is_hidden = strcmp(state, "hidden") == 0;
	return true;
}

static bool parse_packages(char *line, hf_image_files *files)
{
	char *manager = strsep(&line, " ");
	uint64_t count;

	files->packages_fact.source = files->fact.source;
	files->packages_fact.state = HF_ABSENT;
	files->packages_fact.why = "it has no list of packages";
	if (!line)
		return strcmp(manager, "-") == 0;
	if (hf_parse_u64(line, &count) < 0)
		return false;
	files->packages_fact.state = HF_PRESENT;
	files->packages_fact.why = NULL;
	files->package_manager = manager;
	files->packages = (size_t)count;
	return true;
}

static int compare_files(const void *a, const void *b)
{
	const hf_image_file *x = a, *y = b;
	int order = strcmp(x->kind, y->kind);

	return order ? order : strcmp(x->path, y->path);
}

int hf_image_files_parse(hf_arena *arena, const char *text, size_t size, hf_image_files *files)
{
	const char *cursor = text, *line, *why = "the list was cut";
	size_t length, most = 1, count = 0;
	bool is_good = true, has_end = false;

	for (size_t i = 0; i < size; i++)
		most += text[i] == '\n';
	hf_image_file *all = hf_arena_calloc(arena, most, sizeof *all);

	if (!all)
		return -ENOMEM;
	files->packages_fact = (hf_fact){
		.state = HF_UNREADABLE, .source = files->fact.source, .why = "the list was cut"};
	while (is_good && hf_next_line(&cursor, text + size, &line, &length)) {
		char *copy = hf_arena_memdup(arena, line, length);

		if (!copy)
			return -ENOMEM;
		if (has_end || strlen(copy) != length) {
			is_good = false;
		} else if (hf_has_prefix(copy, "end ")) {
			has_end = true;
			why = NULL;
		} else if (hf_has_prefix(copy, "cut ")) {
			has_end = true;
			why = copy + strlen("cut ");
		} else if (hf_has_prefix(copy, "packages ")) {
			is_good = parse_packages(copy + strlen("packages "), files);
		} else {
			is_good = parse_file(copy, &all[count++]);
		}
	}
	if (!is_good) {
		why = "is malformed";
		count = 0;
	}
	if (count > 1)
		qsort(all, count, sizeof *all, compare_files);
	files->all = all;
	files->count = count;
	files->fact.state = why ? HF_UNREADABLE : HF_PRESENT;
	files->fact.why = why;
	return 0;
}
