/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the layers of a store lie on disk. Their files were written by whoever built the images. */
#include "collect/image-store.h"

#include "collect/walk.h"

#include <fcntl.h>
#include <jansson.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { SMALL = 128, HEX = 64 };

/* ---- files below a folder ---- */

static int open_folder(hf_images *images, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	hf_answer st;
	int error = hf_reader_peek(images->reader, HF_ASK_STAT, path, &st);

	if (error) {
		errno = error;
		return -1;
	}
	return (int)syscall(SYS_openat2, hf_reader_root_fd(images->reader), path, &how, sizeof how);
}

int hf_layer_open(hf_images *images, const hf_layer *layer)
{
	if (!layer->folder) {
		errno = ENOENT;
		return -1;
	}
	return open_folder(images, layer->folder);
}

/* Held and looked at before it is opened: it could be a device, whose opening alone does something. */
static int open_regular(int fd, const char *path, int *ret_file)
{
	char name[64];
	struct stat st;
	hf_cleanup(hf_closep) int held = hf_walk_open(fd, path, O_PATH);

	if (held < 0 || fstat(held, &st) < 0)
		return errno;
	if (S_ISLNK(st.st_mode))
		return ELOOP;
	if (S_ISCHR(st.st_mode) && st.st_rdev == 0)
		return ENXIO;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
	(void)snprintf(name, sizeof name, "/proc/self/fd/%d", held);
	*ret_file = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return *ret_file < 0 ? errno : 0;
}

int hf_layer_read(int fd, const char *path, size_t max, hf_buffer *text)
{
	char block[4096];
	hf_cleanup(hf_closep) int file = -1;
	int error = open_regular(fd, path, &file);

	while (!error) {
		ssize_t n = read(file, block, sizeof block);
		size_t left = max - text->size;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		hf_buffer_add(text, block, (size_t)n < left ? (size_t)n : left);
		if ((size_t)n > left)
			return text->failed ? ENOMEM : EFBIG;
	}
	hf_buffer_puts(text, "");
	return text->failed ? ENOMEM : error;
}

/* A file of a line that the engine wrote; without its line end. */
static bool read_small(int fd, const char *name, const char *file, char text[SMALL])
{
	char path[SMALL + 32];

	if (snprintf(path, sizeof path, "%s/%s", name, file) >= (int)sizeof path)
		return false;
	hf_cleanup(hf_closep) int small = hf_walk_open(fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	ssize_t n = small < 0 ? -1 : read(small, text, SMALL - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool is_hex(const char *text)
{
	return strlen(text) == HEX && strspn(text, "0123456789abcdef") == HEX;
}

static bool is_digest(const char *text)
{
	return hf_has_prefix(text, "sha256:") && is_hex(text + strlen("sha256:"));
}

/* ---- Docker: image/DRIVER/layerdb/sha256/CHAIN/{diff,parent,cache-id} ---- */

static const char *folder_of(const hf_images *images, const hf_image_store *store, const char *cache)
{
	/* daemon/graphdriver of the engine; those of other drivers are no plain folders */
	if (strcmp(store->driver, "vfs") == 0)
		return hf_arena_printf(images->arena, "%s/vfs/dir/%s", store->root, cache);
	if (strcmp(store->driver, "aufs") == 0)
		return hf_arena_printf(images->arena, "%s/aufs/diff/%s", store->root, cache);
	if (strcmp(store->driver, "overlay2") == 0 || strcmp(store->driver, "fuse-overlayfs") == 0)
		return hf_arena_printf(images->arena, "%s/%s/%s/diff", store->root, store->driver,
				       cache);
	return NULL;
}

static int add_chain(hf_images *images, hf_image_store *store, int fd, const char *name)
{
	char diff[SMALL], parent[SMALL], cache[SMALL];

	if (!is_hex(name) || !read_small(fd, name, "diff", diff) || !is_digest(diff) ||
	    !read_small(fd, name, "cache-id", cache) || strchr(cache, '/') || *cache == '.' || !*cache)
		return 0;
	if (!read_small(fd, name, "parent", parent) || !is_digest(parent))
		*parent = '\0';
	hf_layer *layer = hf_arena_alloc(images->arena, sizeof *layer);
	const char *key = hf_arena_printf(images->arena, "%s %s",
					  *parent ? parent + strlen("sha256:") : "", diff);

	if (!layer || !key)
		return -ENOMEM;
	layer->id = hf_arena_strdup(images->arena, name);
	layer->folder = folder_of(images, store, cache);
	return layer->id ? hf_map_put(&store->layers, key, layer) : -ENOMEM;
}

static int read_chains(hf_images *images, hf_image_store *store)
{
	char path[HF_IMAGE_PATH_ROOM];
	hf_answer listing;

	if (snprintf(path, sizeof path, "%s/image/%s/layerdb/sha256", store->root, store->driver) >=
		    (int)sizeof path ||
	    hf_reader_peek(images->reader, HF_ASK_DIR, path, &listing) != 0)
		return 0;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size, count = 0;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size);
	hf_cleanup(hf_closep) int fd = open_folder(images, path);
	int r = 0;

	for (size_t at = 0; fd >= 0 && r >= 0 && at < size && count < HF_LAYERS_MAX;
	     at += strlen(names + at) + 1, count++)
		r = add_chain(images, store, fd, names + at);
	return r;
}

hf_layer *hf_store_find(const hf_image_store *store, const char *parent, const char *diff)
{
	char key[2 * HEX + 32];

	if (snprintf(key, sizeof key, "%s %s", parent, diff) >= (int)sizeof key)
		return NULL;
	return hf_map_get(&store->layers, key);
}

/* ---- containers/storage: DRIVER-layers/layers.json ---- */

static int add_stored(hf_images *images, hf_image_store *store, const json_t *item)
{
	const char *id = json_string_value(json_object_get(item, "id"));
	hf_layer *layer = hf_arena_alloc(images->arena, sizeof *layer);

	if (!layer)
		return -ENOMEM;
	if (!id || !is_hex(id))
		return 0;
	layer->id = hf_arena_strdup(images->arena, id);
	if (strcmp(store->driver, "overlay") == 0)
		layer->folder = hf_arena_printf(images->arena, "%s/overlay/%s/diff", store->root, id);
	return layer->id ? hf_map_put(&store->layers, layer->id, layer) : -ENOMEM;
}

static int read_stored(hf_images *images, hf_image_store *store)
{
	char path[HF_IMAGE_PATH_ROOM];
	hf_answer answer;
	json_t *item;
	size_t i;
	int r = 0;

	if (snprintf(path, sizeof path, "%s/%s-layers/layers.json", store->root, store->driver) >=
		    (int)sizeof path ||
	    hf_reader_peek(images->reader, HF_ASK_FILE, path, &answer) != 0)
		return 0;
	hf_cleanup(json_decrefp) json_t *list = json_loadb(answer.data, answer.size, 0, NULL);

	json_array_foreach(list, i, item)
	{
		if (r >= 0 && i < HF_LAYERS_MAX)
			r = add_stored(images, store, item);
	}
	json_array_foreach(list, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));
		const char *parent = json_string_value(json_object_get(item, "parent"));
		hf_layer *layer = id ? hf_map_get(&store->layers, id) : NULL;
		const hf_layer *below = parent ? hf_map_get(&store->layers, parent) : NULL;

		if (layer && below != layer)
			layer->parent = below;
	}
	return r;
}

int hf_store_read_layers(hf_images *images, hf_image_store *store)
{
	if (store->has_layers)
		return 0;
	store->has_layers = true;
	return store->kind == HF_STORE_DOCKER ? read_chains(images, store)
					      : read_stored(images, store);
}
