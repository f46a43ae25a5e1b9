/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the records of images in the stores of engines. */
#include "collect/images.h"

#include "collect/image-store.h"

#include <jansson.h>
#include <stdio.h>

enum {
	ID_DIGITS = 64,
	PASSWD_MAX = 256 * 1024,
	RELEASE_MAX = 8 * 1024,
};

int hf_images_new(hf_reader *reader, uint64_t deadline_ms, hf_images **ret_images)
{
	hf_images *images = calloc(1, sizeof *images);

	if (!images || hf_arena_new(&images->arena) < 0) {
		free(images);
		return -ENOMEM;
	}
	images->reader = reader;
	images->deadline_ms = deadline_ms;
	*ret_images = images;
	return 0;
}

void hf_images_free(hf_images *images)
{
	if (!images)
		return;
	for (size_t i = 0; i < images->stores.count; i++)
		hf_map_free(&((hf_image_store *)images->stores.items[i])->layers);
	hf_list_free(&images->stores);
	hf_list_free(&images->images);
	hf_buffer_free(&images->text);
	hf_arena_free(images->arena);
	free(images);
}

/* ---- lines of call:images ---- */

static void add_word(hf_images *images, const char *word)
{
	if (strcmp(word, "-") == 0)
		hf_buffer_puts(&images->text, word);
	else
		hf_buffer_add_word(&images->text, word, strlen(word));
}

static void add_line(hf_images *images, const char *kind, const char *id, const char *path)
{
	hf_buffer_printf(&images->text, "%s ", kind);
	add_word(images, id);
	hf_buffer_puts(&images->text, " ");
	add_word(images, path);
	hf_buffer_puts(&images->text, "\n");
}

static void add_failed(hf_images *images, const char *kind, int error, const char *path)
{
	const char *name = hf_errno_name(error);
	char word[32];

	(void)snprintf(word, sizeof word, "!%s", name ? name : "EIO");
	add_line(images, kind, word, path);
}

static const char *kind_name(hf_store_kind kind)
{
	switch (kind) {
	case HF_STORE_DOCKER:
		return "docker";
	case HF_STORE_STORAGE:
		return "storage";
	}
	return "?";
}

static bool is_id(const char *text)
{
	return text && strlen(text) == ID_DIGITS && strspn(text, "0123456789abcdef") == ID_DIGITS;
}

/* Says once that there are more. */
static bool is_full(hf_images *images)
{
	if (images->is_cut)
		return true;
	if (images->count >= HF_IMAGES_MAX)
		add_failed(images, "cut", EFBIG, "-");
	else if (images->deadline_ms && hf_now_ms() > images->deadline_ms)
		add_failed(images, "cut", ETIME, "-");
	else
		return false;
	images->is_cut = true;
	return true;
}

/* ---- which there are ---- */

static int add_store(hf_images *images, hf_store_kind kind, const char *root, const char *driver)
{
	for (size_t i = 0; i < images->stores.count; i++) {
		const hf_image_store *known = images->stores.items[i];

		if (known->kind == kind && strcmp(known->root, root) == 0 &&
		    strcmp(known->driver, driver) == 0)
			return 0;
	}
	hf_image_store *store = hf_arena_alloc(images->arena, sizeof *store);

	if (!store)
		return -ENOMEM;
	store->kind = kind;
	store->root = hf_arena_strdup(images->arena, root);
	store->driver = hf_arena_strdup(images->arena, driver);
	return store->root && store->driver ? hf_list_add(&images->stores, store) : -ENOMEM;
}

int hf_images_add_docker(hf_images *images, const char *data_root, const char *driver)
{
	return add_store(images, HF_STORE_DOCKER, data_root, driver);
}

int hf_images_add_storage(hf_images *images, const char *graph_root, const char *driver)
{
	return add_store(images, HF_STORE_STORAGE, graph_root, driver);
}

/* ---- the layers of one image ---- */

/* The lines "layer DIGEST" of what was projected. */
static int find_chain(hf_images *images, hf_stored_image *image, const hf_buffer *lines)
{
	static const char key[] = "layer ";
	const char *cursor = lines->data, *line, *parent = "";
	size_t length, room = 0;

	for (const char *at = lines->data; (at = strstr(at, "\nlayer ")); at++)
		room++;
	image->layers = hf_arena_calloc(images->arena, room + 1, sizeof(hf_layer *));
	if (!image->layers)
		return -ENOMEM;
	while (hf_next_line(&cursor, lines->data + lines->size, &line, &length)) {
		char digest[HF_IMAGE_NAME_MAX + 1];

		if (length <= strlen(key) || memcmp(line, key, strlen(key)) != 0)
			continue;
		(void)snprintf(digest, sizeof digest, "%.*s", (int)(length - strlen(key)),
			       line + strlen(key));
		hf_layer *layer = hf_store_find(image->store, parent, digest);

		if (!layer || image->layer_count == room) {
			image->layer_count = 0;
			return 0;
		}
		image->layers[image->layer_count++] = layer;
		parent = layer->id;
	}
	/* there each layer is a copy of all that lies below, too */
	if (image->layer_count > 1 && strcmp(image->store->driver, "vfs") == 0) {
		image->layers[0] = image->layers[image->layer_count - 1];
		image->layer_count = 1;
	}
	return 0;
}

static int find_stored_chain(hf_images *images, hf_stored_image *image, const char *top)
{
	hf_layer *layer = top ? hf_map_get(&image->store->layers, top) : NULL;
	size_t count = 0;

	for (const hf_layer *at = layer; at && count <= HF_IMAGE_ITEMS; at = at->parent)
		count++;
	/* a circle has no lowest layer */
	if (count == 0 || count > HF_IMAGE_ITEMS)
		return 0;
	image->layers = hf_arena_calloc(images->arena, count, sizeof(hf_layer *));
	if (!image->layers)
		return -ENOMEM;
	image->layer_count = count;
	for (; layer && count > 0; layer = (hf_layer *)(uintptr_t)layer->parent)
		image->layers[--count] = layer;
	return 0;
}

/* ---- what is looked for in them ---- */

/* Of usr/lib/os-release and the link to it in etc: the file alone. */
static void search_release(hf_images *images, hf_layer *layer)
{
	static const char *const paths[] = {"usr/lib/os-release", "etc/os-release"};
	hf_cleanup(hf_closep) int fd = hf_layer_open(images, layer);
	bool has_link = false;

	layer->was_searched = true;
	layer->release_error = fd < 0 ? errno : ENOENT;
	for (size_t i = 0; fd >= 0 && i < HF_ARRAY_SIZE(paths); i++) {
		hf_cleanup(hf_buffer_free) hf_buffer text = {0}, line = {0};
		int error = hf_layer_read(fd, paths[i], RELEASE_MAX, &text);

		if (error == 0) {
			hf_image_project_release(text.data, text.size, &line);
			layer->release = line.failed ? NULL : hf_arena_strdup(images->arena, line.data);
			layer->release_error = layer->release ? 0 : ENOMEM;
			return;
		}
		has_link = has_link || error == ELOOP;
		if (error == ENOTDIR)
			error = ENXIO;
		if (error != ENOENT && error != ELOOP)
			layer->release_error = error;
	}
	if (has_link && layer->release_error == ENOENT)
		layer->release_error = ELOOP;
}

static void add_error(hf_buffer *out, const char *word, int error)
{
	const char *name = hf_errno_name(error);

	hf_buffer_printf(out, "%s !%s\n", word, name ? name : "EIO");
}

/* A link says that the file has another name in some layer: where none has it, it is not known. */
static void add_release(hf_images *images, const hf_stored_image *image, hf_buffer *out)
{
	bool has_link = false;

	for (size_t i = image->layer_count; i-- > 0;) {
		hf_layer *layer = image->layers[i];

		if (!layer->was_searched)
			search_release(images, layer);
		if (layer->release_error == 0) {
			hf_buffer_puts(out, layer->release);
			return;
		}
		has_link = has_link || layer->release_error == ELOOP;
		if (layer->release_error == ENXIO)
			break;
		if (layer->release_error != ENOENT && layer->release_error != ELOOP) {
			add_error(out, "release", layer->release_error);
			return;
		}
	}
	if (has_link || image->layer_count == 0)
		add_error(out, "release", has_link ? ELOOP : ENODATA);
	else
		hf_buffer_puts(out, "release -\n");
}

static void add_uid(hf_images *images, const hf_stored_image *image, const char *user, hf_buffer *out)
{
	int error = image->layer_count == 0 ? ENODATA : ENOENT;

	for (size_t i = image->layer_count; i-- > 0 && error == ENOENT;) {
		hf_cleanup(hf_closep) int fd = hf_layer_open(images, image->layers[i]);
		hf_cleanup(hf_buffer_free) hf_buffer text = {0};
		uint32_t uid;

		error = fd < 0 ? errno : hf_layer_read(fd, "etc/passwd", PASSWD_MAX, &text);
		if (error)
			continue;
		int r = hf_image_find_user(text.data, text.size, user, &uid);

		if (r == 0)
			hf_buffer_printf(out, "uid %u\n", uid);
		else if (r == -ENOENT)
			hf_buffer_puts(out, "uid -\n");
		else
			add_error(out, "uid", -r);
		return;
	}
	if (error == ENOENT || error == ENXIO || error == ENOTDIR)
		hf_buffer_puts(out, "uid -\n");
	else
		add_error(out, "uid", error);
}

/* ---- one record ---- */

static int send_record(hf_images *images, const char *path, int error, const char *reason,
		       const char *text, size_t size)
{
	hf_cleanup(hf_freep) char *name = NULL;

	if (asprintf(&name, "image:%s", path) < 0)
		return -ENOMEM;
	if (!error && images->bytes_sent + size > HF_IMAGES_SENT_MAX) {
		error = EFBIG;
		reason = "more of images than is recorded";
	}
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.error = error,
		.reason = reason,
		.data = error ? "" : text,
		.size = error ? 0 : size,
	};

	images->bytes_sent += answer.size;
	return hf_reader_send(images->reader, &answer);
}

/* Before "end": what the layers add. */
static int add_layers(hf_images *images, hf_stored_image *image, const char *top, const char *user,
		      hf_buffer *lines)
{
	static const char end[] = "end\n";
	int r = hf_store_read_layers(images, image->store);

	if (r >= 0)
		r = image->store->kind == HF_STORE_DOCKER ? find_chain(images, image, lines)
							  : find_stored_chain(images, image, top);
	lines->size -= strlen(end);
	if (*user)
		add_uid(images, image, user, lines);
	add_release(images, image, lines);
	hf_buffer_puts(lines, end);
	return r < 0 ? r : lines->failed ? -ENOMEM : 0;
}

/* @top: id of the highest layer, NULL: the record tells them; @extra: a line more, or "". */
static int read_image(hf_images *images, hf_image_store *store, const char *id, const char *path,
		      const char *top, const char *extra)
{
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	char user[HF_IMAGE_NAME_MAX + 1];
	hf_stored_image *image;
	hf_answer answer;
	hf_error err = {0};

	if (is_full(images))
		return 0;
	images->count++;
	add_line(images, kind_name(store->kind), id, path);
	if (images->bytes_read > HF_IMAGES_BYTES_MAX)
		return send_record(images, path, EFBIG, "more of images than is read", "", 0);
	int error = hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer);

	if (error)
		return send_record(images, path, error, answer.reason, "", 0);
	images->bytes_read += answer.size;
	hf_buffer_puts(&lines, extra);
	int r = hf_image_project(answer.data, answer.size, &lines, user, &err);

	if (r < 0)
		return send_record(images, path, -r, err.text, "", 0);
	image = hf_arena_alloc(images->arena, sizeof *image);
	if (!image)
		return -ENOMEM;
	image->store = store;
	image->id = hf_arena_strdup(images->arena, id);
	image->path = hf_arena_strdup(images->arena, path);
	if (!image->id || !image->path || hf_list_add(&images->images, image) < 0)
		return -ENOMEM;
	r = add_layers(images, image, top, user, &lines);
	return r < 0 ? r : send_record(images, path, 0, NULL, lines.data, lines.size);
}

/* ---- Docker: image/DRIVER/imagedb ---- */

static int read_parents(hf_images *images, const hf_image_store *store)
{
	static const char key[] = "sha256:";
	char folder[HF_IMAGE_PATH_ROOM], path[HF_IMAGE_PATH_ROOM + 160];
	hf_answer answer;

	if (snprintf(folder, sizeof folder, "%s/image/%s/imagedb/metadata/sha256", store->root,
		     store->driver) >= (int)sizeof folder ||
	    hf_reader_peek(images->reader, HF_ASK_DIR, folder, &answer) != 0)
		return 0;
	hf_cleanup(hf_freep) char *names = malloc(answer.size + 1);
	size_t size = answer.size, count = 0;

	if (!names)
		return -ENOMEM;
	memcpy(names, answer.data, size);
	for (size_t at = 0; at < size && count < HF_IMAGES_MAX; at += strlen(names + at) + 1, count++) {
		char parent[ID_DIGITS + 1];

		if (!is_id(names + at))
			continue;
		(void)snprintf(path, sizeof path, "%s/%s/parent", folder, names + at);
		if (hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer) != 0 ||
		    !hf_has_prefix(answer.data, key))
			continue;
		(void)snprintf(parent, sizeof parent, "%.*s", ID_DIGITS, answer.data + strlen(key));
		if (is_id(parent))
			add_line(images, "parent", names + at, parent);
	}
	return 0;
}

static int read_docker(hf_images *images, hf_image_store *store)
{
	char folder[HF_IMAGE_PATH_ROOM], path[HF_IMAGE_PATH_ROOM + 160];
	hf_answer listing;
	int r = 0;

	if (snprintf(folder, sizeof folder, "%s/image/%s/imagedb/content/sha256", store->root,
		     store->driver) >= (int)sizeof folder)
		return 0;
	int error = hf_reader_peek(images->reader, HF_ASK_DIR, folder, &listing);

	if (error) {
		add_failed(images, "docker", error, folder);
		return 0;
	}
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size);
	add_line(images, "docker", "-", folder);
	for (size_t at = 0; r >= 0 && at < size; at += strlen(names + at) + 1) {
		/* the engine writes to a file of another name first */
		if (!is_id(names + at))
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, names + at);
		r = read_image(images, store, names + at, path, NULL, "");
	}
	return r < 0 ? r : read_parents(images, store);
}

/* ---- containers/storage: DRIVER-images ---- */

/* store.go: what has other bytes in its name than letters, digits and a few more is kept under "=" and its base64. */
static void name_of_config(const char *id, char name[160])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char key[sizeof "sha256:" + ID_DIGITS + 2] = {0}, *to = name;
	size_t size = (size_t)snprintf(key, sizeof key, "sha256:%s", id);

	*to++ = '=';
	for (size_t i = 0; i < size; i += 3) {
		unsigned value = (unsigned)(unsigned char)key[i] << 16;

		value |= i + 1 < size ? (unsigned)(unsigned char)key[i + 1] << 8 : 0;
		value |= i + 2 < size ? (unsigned)(unsigned char)key[i + 2] : 0;
		*to++ = digits[value >> 18 & 63];
		*to++ = digits[value >> 12 & 63];
		*to++ = i + 1 < size ? digits[value >> 6 & 63] : '=';
		*to++ = i + 2 < size ? digits[value & 63] : '=';
	}
	*to = '\0';
}

static int read_storage_image(hf_images *images, hf_image_store *store, const json_t *item)
{
	static const char oci[] = "application/vnd.oci.image.config.v1+json";
	const char *id = json_string_value(json_object_get(item, "id"));
	const char *top = json_string_value(json_object_get(item, "layer"));
	char path[HF_IMAGE_PATH_ROOM], name[160];
	hf_answer answer;
	bool is_oci;

	if (!is_id(id))
		return 0;
	if (snprintf(path, sizeof path, "%s/%s-images/%s/manifest", store->root, store->driver, id) >=
	    (int)sizeof path)
		return 0;
	is_oci = hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer) == 0 &&
		 memmem(answer.data, answer.size, oci, strlen(oci));
	name_of_config(id, name);
	if (snprintf(path, sizeof path, "%s/%s-images/%s/%s", store->root, store->driver, id, name) >=
	    (int)sizeof path)
		return 0;
	return read_image(images, store, id, path, top ? top : "", is_oci ? "oci\n" : "");
}

static int read_storage(hf_images *images, hf_image_store *store)
{
	char path[HF_IMAGE_PATH_ROOM];
	hf_answer answer;
	json_t *item;
	size_t i;
	int r = hf_store_read_layers(images, store);

	if (r < 0 || snprintf(path, sizeof path, "%s/%s-images/images.json", store->root, store->driver) >=
			     (int)sizeof path)
		return r;
	int error = hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer);

	if (error) {
		add_failed(images, "storage", error, path);
		return 0;
	}
	hf_cleanup(json_decrefp) json_t *list = json_loadb(answer.data, answer.size, 0, NULL);

	if (!json_is_array(list)) {
		add_failed(images, "storage", EBADMSG, path);
		return 0;
	}
	add_line(images, "storage", "-", path);
	json_array_foreach(list, i, item)
	{
		if (r >= 0)
			r = read_storage_image(images, store, item);
	}
	return r;
}

int hf_images_read(hf_images *images)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < images->stores.count; i++) {
		hf_image_store *store = images->stores.items[i];

		if (store->is_read)
			continue;
		store->is_read = true;
		switch (store->kind) {
		case HF_STORE_DOCKER:
			r = read_docker(images, store);
			break;
		case HF_STORE_STORAGE:
			r = read_storage(images, store);
			break;
		}
	}
	return r;
}

/* ---- who uses them ---- */

void hf_images_add_use(hf_images *images, const char *container, const char *text, size_t size)
{
	/* quotes inside of a string are escaped, so that no label can look like it */
	static const char member[] = "\"Image\":\"sha256:";
	const char *found = memmem(text, size, member, strlen(member));
	char id[ID_DIGITS + 1] = "";

	if (found && (size_t)(text + size - found) > strlen(member) + ID_DIGITS)
		memcpy(id, found + strlen(member), ID_DIGITS);
	if (is_id(id))
		add_line(images, "use", id, container);
	else
		images->uses_cut = true;
}

void hf_images_read_use(hf_images *images, const char *container, const char *path)
{
	hf_answer answer;

	if (images->uses++ >= HF_IMAGE_USES_MAX ||
	    (images->deadline_ms && hf_now_ms() > images->deadline_ms)) {
		images->uses_cut = true;
		return;
	}
	int error = hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer);

	/* one that is just being removed uses nothing */
	if (error != ENOENT)
		hf_images_add_use(images, container, error ? "" : answer.data,
				  error ? 0 : answer.size);
}

void hf_images_end_uses(hf_images *images, const char *folder)
{
	hf_answer listing;
	int error = hf_reader_peek(images->reader, HF_ASK_DIR, folder, &listing);

	if (!error && images->uses_cut)
		error = EFBIG;
	images->uses_cut = false;
	if (!error)
		add_line(images, "use", "-", folder);
	else if (error != ENOENT && error != ENOTDIR)
		add_failed(images, "use", error, folder);
}

/* ---- by the API ---- */

int hf_images_send_engine(hf_images *images, const char *id, int error, const char *text, size_t size)
{
	char path[ID_DIGITS + 16];

	if (!is_id(id) || is_full(images))
		return 0;
	images->count++;
	(void)snprintf(path, sizeof path, "engine:%s", id);
	add_line(images, "engine", id, path);
	return send_record(images, path, error, error ? text : NULL, text, size);
}

int hf_images_end_engine(hf_images *images, int error)
{
	if (error)
		add_failed(images, "engine", error, "/images/json");
	else
		add_line(images, "engine", "-", "/images/json");
	return 0;
}

int hf_images_send(hf_images *images)
{
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = "images",
		.data = images->text.data ? images->text.data : "",
		.size = images->text.size,
	};

	if (images->text.failed)
		answer = (hf_answer){
			.kind = HF_ASK_CALL, .name = "images", .error = ENOMEM, .data = ""};
	return hf_reader_send(images->reader, &answer);
}
