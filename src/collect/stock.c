/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Docker engine keeps, whether it is used or not: containers that stopped long ago, images that nobody runs,
 * volumes that nobody mounts. From its own files, which it writes at each change; nothing of it is asked of the engine.
 *
 * call:stock:ROOT has a line each:
 *   container ID STATE FINISHED CREATED IMAGE   running, paused, restarting, dead or stopped; times as RFC 3339, "-" none
 *   mount ID VOLUME         a volume of that container
 *   volume NAME SECONDS     when it or its top folder was last changed, since the epoch
 *   image ID SECONDS        when it came to this node
 *   parent ID PARENT        of an image that was built here
 *   tag ID                  some tag or digest names it
 *   listed KIND             containers, volumes, images, tags: all that there are
 *   error KIND ERRNO        they could not be listed; ENOENT: this engine has no such folder
 * The last line is ".". Words are escaped as in answer.h. */
#include "collect/engine.h"

#include <stdio.h>

enum {
	PATH_ROOM = 4096,
	ID_LENGTH = 64,
	THINGS_MAX = 4000, /* of a kind */
};

typedef struct stock {
	hf_reader *reader;
	const char *root;
	hf_buffer lines;
	uint64_t deadline_ms;
	bool is_failed; /* some thing of the kind at hand could not be read */
	int error;
} stock;

typedef int visit_fn(stock *s, const char *folder, const char *name);

static void add_word(stock *s, const char *text)
{
	hf_buffer_puts(&s->lines, " ");
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > 0x20 && *at < 0x7f && *at != '\\')
			hf_buffer_add(&s->lines, at, 1);
		else
			hf_buffer_printf(&s->lines, "\\%03o", *at);
	}
	if (*text == '\0')
		hf_buffer_puts(&s->lines, "-");
}

static void end_line(stock *s)
{
	hf_buffer_puts(&s->lines, "\n");
}

static bool is_id(const char *name)
{
	return strlen(name) == ID_LENGTH && strspn(name, "0123456789abcdef") == ID_LENGTH;
}

static bool join(char path[PATH_ROOM], const char *folder, const char *name)
{
	return snprintf(path, PATH_ROOM, "%s/%s", folder, name) < PATH_ROOM;
}

/* @folder below the root, each name of it; says whether all were seen. */
static int each(stock *s, const char *kind, const char *folder, visit_fn *visit)
{
	char path[PATH_ROOM];
	hf_answer listing;
	unsigned count = 0;

	if (!join(path, s->root, folder))
		return 0;
	int error = hf_reader_peek(s->reader, HF_ASK_DIR, path, &listing);
	hf_cleanup(hf_freep) char *names = error ? NULL : malloc(listing.size + 1);
	size_t size = error ? 0 : listing.size;

	if (!error && !names)
		return -ENOMEM;
	if (names)
		memcpy(names, listing.data, size + 1);
	s->error = error;
	for (const char *name = names; !s->error && name && name < names + size;
	     name += strlen(name) + 1) {
		if (++count > THINGS_MAX)
			s->error = EFBIG;
		else if (s->deadline_ms && count % 32 == 0 && hf_now_ms() > s->deadline_ms)
			s->error = ETIME;
		else if (visit(s, path, name) < 0)
			return -ENOMEM;
	}
	const char *word = hf_errno_name(s->error);

	if (s->error)
		hf_buffer_printf(&s->lines, "error %s %s\n", kind, word ? word : "EIO");
	else
		hf_buffer_printf(&s->lines, "listed %s\n", kind);
	return 0;
}

static json_t *load(stock *s, const char *path)
{
	hf_answer answer;

	if (hf_reader_peek(s->reader, HF_ASK_FILE, path, &answer) != 0)
		return NULL;
	return json_loadb(answer.data, answer.size, 0, NULL);
}

/* ---- containers ---- */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static const char *state_of(const json_t *state)
{
	static const char *const words[] = {"Restarting", "Paused", "Running", "Dead"};
	static const char *const names[] = {"restarting", "paused", "running", "dead"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(words); i++) {
		if (json_is_true(json_object_get(state, words[i])))
			return names[i];
	}
	return "stopped";
}

/* An engine that removes a container removes its folder last: one without a record is on its way out. */
static int visit_container(stock *s, const char *folder, const char *id)
{
	char path[PATH_ROOM];
	hf_answer st;
	const char *target;
	json_t *mount;

	if (!is_id(id) || snprintf(path, sizeof path, "%s/%s/config.v2.json", folder, id) >= PATH_ROOM)
		return 0;
	json_t *config = load(s, path);

	if (!config) {
		int error = hf_reader_peek(s->reader, HF_ASK_STAT, path, &st);

		if (error != ENOENT)
			s->error = error ? error : EBADMSG;
		return 0;
	}
	const json_t *state = json_object_get(config, "State");

	hf_buffer_printf(&s->lines, "container %s %s", id, state_of(state));
	add_word(s, text_of(state, "FinishedAt"));
	add_word(s, text_of(config, "Created"));
	add_word(s, text_of(config, "Image"));
	end_line(s);
	json_object_foreach(json_object_get(config, "MountPoints"), target, mount)
	{
		const char *name = text_of(mount, "Name");

		if (!*name)
			continue;
		hf_buffer_printf(&s->lines, "mount %s", id);
		add_word(s, name);
		end_line(s);
	}
	json_decref(config);
	return 0;
}

/* ---- volumes ---- */

static int64_t changed(const hf_answer *st)
{
	int64_t last = st->meta.mtime_ns > st->meta.ctime_ns ? st->meta.mtime_ns : st->meta.ctime_ns;

	return last / 1000000000;
}

/* Those of the engine's own driver; "metadata.db" and "backingFsBlockDev" are none. */
static int visit_volume(stock *s, const char *folder, const char *name)
{
	char path[PATH_ROOM];
	hf_answer st;
	int64_t last;

	if (snprintf(path, sizeof path, "%s/%s/_data", folder, name) >= PATH_ROOM)
		return 0;
	int error = hf_reader_peek(s->reader, HF_ASK_STAT, path, &st);

	if (error == ENOENT || error == ENOTDIR)
		return 0;
	last = error ? 0 : changed(&st);
	if (error) {
		s->error = error;
		return 0;
	}
	hf_buffer_puts(&s->lines, "volume");
	add_word(s, name);
	hf_buffer_printf(&s->lines, " %lld\n", (long long)last);
	return 0;
}

/* ---- images ---- */

static int visit_image(stock *s, const char *folder, const char *id)
{
	char path[PATH_ROOM];
	hf_answer st;

	if (!is_id(id) || !join(path, folder, id))
		return 0;
	int error = hf_reader_peek(s->reader, HF_ASK_STAT, path, &st);

	if (error) {
		s->error = error == ENOENT ? 0 : error;
		return 0;
	}
	hf_buffer_printf(&s->lines, "image sha256:%s %lld\n", id, (long long)changed(&st));
	return 0;
}

static int visit_metadata(stock *s, const char *folder, const char *id)
{
	char path[PATH_ROOM];
	hf_answer parent;

	if (!is_id(id) || snprintf(path, sizeof path, "%s/%s/parent", folder, id) >= PATH_ROOM)
		return 0;
	int error = hf_reader_peek(s->reader, HF_ASK_FILE, path, &parent);

	if (error && error != ENOENT)
		s->error = error;
	if (error)
		return 0;
	hf_buffer_printf(&s->lines, "parent sha256:%s", id);
	add_word(s, parent.data);
	end_line(s);
	return 0;
}

/* {"Repositories": {"busybox": {"busybox:latest": "sha256:…"}}} */
static void add_tags(stock *s, const char *driver)
{
	char path[PATH_ROOM];
	const char *name, *tag;
	json_t *repository, *id;
	hf_answer st;

	if (snprintf(path, sizeof path, "%s/image/%s/repositories.json", s->root, driver) >= PATH_ROOM)
		return;
	json_t *file = load(s, path);

	if (!file) {
		const char *word = hf_errno_name(hf_reader_peek(s->reader, HF_ASK_STAT, path, &st));

		hf_buffer_printf(&s->lines, "error tags %s\n", word ? word : "EBADMSG");
		return;
	}
	json_object_foreach(json_object_get(file, "Repositories"), name, repository)
	{
		json_object_foreach(repository, tag, id)
		{
			const char *text = json_string_value(id);

			if (!text)
				continue;
			hf_buffer_puts(&s->lines, "tag");
			add_word(s, text);
			end_line(s);
		}
	}
	hf_buffer_puts(&s->lines, "listed tags\n");
	json_decref(file);
}

/* image/DRIVER: an engine that once used another driver still has the folder of that one. */
static int visit_driver(stock *s, const char *folder, const char *driver)
{
	char path[PATH_ROOM];
	hf_answer st;

	if (snprintf(path, sizeof path, "%s/%s/imagedb/content/sha256", folder, driver) >= PATH_ROOM ||
	    hf_reader_peek(s->reader, HF_ASK_DIR, path, &st) == ENOENT)
		return 0;
	(void)snprintf(path, sizeof path, "image/%.255s/imagedb/content/sha256", driver);
	int r = each(s, "images", path, visit_image);

	(void)snprintf(path, sizeof path, "image/%.255s/imagedb/metadata/sha256", driver);
	if (r >= 0)
		r = each(s, "parents", path, visit_metadata);
	/* the engine writes the file with its first image */
	if (r >= 0 && st.size > 0)
		add_tags(s, driver);
	s->error = 0;
	return r;
}

static int ask_one(hf_reader *reader, const char *root, uint64_t deadline_ms)
{
	char name[HF_NAME_MAX_BYTES];
	stock s = {.reader = reader, .root = root, .deadline_ms = deadline_ms};
	hf_answer answer = {.kind = HF_ASK_CALL, .name = name, .data = ""}, st;

	if (snprintf(name, sizeof name, "stock:%s", root) >= (int)sizeof name)
		return 0;
	answer.error = hf_reader_peek(reader, HF_ASK_STAT, root, &st);
	int r = answer.error ? 0 : each(&s, "containers", "containers", visit_container);

	if (r >= 0 && !answer.error)
		r = each(&s, "volumes", "volumes", visit_volume);
	if (r >= 0 && !answer.error)
		r = each(&s, "drivers", "image", visit_driver);
	hf_buffer_puts(&s.lines, ".\n");
	if (r < 0 || s.lines.failed)
		answer.error = ENOMEM;
	if (!answer.error) {
		answer.data = s.lines.data;
		answer.size = s.lines.size;
	}
	r = hf_reader_send(reader, &answer);
	hf_buffer_free(&s.lines);
	return r;
}

/* "100000.100000": where an engine with user namespaces keeps its things. */
static bool is_remapped(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && name[digits] == '.' && name[digits + 1] != '\0' &&
	       strspn(name + digits + 1, "0123456789") == strlen(name + digits + 1);
}

int hf_engine_ask_stock(hf_reader *reader, const char *root, uint64_t deadline_ms)
{
	hf_answer listing;
	int r = ask_one(reader, root, deadline_ms);

	if (r < 0 || hf_reader_peek(reader, HF_ASK_DIR, root, &listing) != 0)
		return r;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size + 1);
	for (const char *name = names; r >= 0 && name < names + size; name += strlen(name) + 1) {
		char path[PATH_ROOM];

		if (is_remapped(name) && join(path, root, name))
			r = ask_one(reader, path, deadline_ms);
	}
	return r;
}
