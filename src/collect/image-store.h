/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stores of images on disk, and the layers in them; shared by those who read records and who walk layers. */
#ifndef HF_COLLECT_IMAGE_STORE_H
#define HF_COLLECT_IMAGE_STORE_H

#include "collect/images.h"

enum {
	HF_IMAGES_MAX = 2000,
	HF_IMAGE_USES_MAX = 2000,
	HF_LAYERS_MAX = 20000, /* of one store */
	HF_IMAGES_BYTES_MAX = 64 * 1024 * 1024, /* of records that are read */
	HF_IMAGES_SENT_MAX = 12 * 1024 * 1024,
	HF_IMAGE_PATH_ROOM = 1024,
};

typedef struct hf_layer_files hf_layer_files; /* image-deep.c */

/* One layer, as its store keeps it. */
typedef struct hf_layer {
	const char *id;	    /* of the store: Docker's chain id, containers/storage's own */
	const char *folder; /* of its files; NULL: not known where they lie */
	const struct hf_layer *parent; /* of containers/storage */
	bool was_searched; /* for its os-release */
	int release_error; /* ENOENT: it has none; ENXIO: it takes that of those below away */
	const char *release; /* the line */
	hf_layer_files *files; /* NULL: not walked */
} hf_layer;

typedef enum hf_store_kind { HF_STORE_DOCKER, HF_STORE_STORAGE } hf_store_kind;

typedef struct hf_image_store {
	hf_store_kind kind;
	const char *root;
	const char *driver;
	bool is_read;
	bool has_layers; /* were looked for */
	hf_map layers;	 /* Docker's by "PARENT DIFF", the others by id */
} hf_image_store;

/* An image on disk. */
typedef struct hf_stored_image {
	hf_image_store *store;
	const char *id;
	const char *path; /* of its record */
	hf_layer **layers; /* the lowest first */
	size_t layer_count; /* 0: where they are is not known */
} hf_stored_image;

struct hf_images {
	hf_reader *reader;
	hf_arena *arena;
	uint64_t deadline_ms;
	hf_list stores;
	hf_list images; /* hf_stored_image */
	hf_buffer text; /* of call:images */
	size_t count;
	size_t uses;
	size_t bytes_read;
	size_t bytes_sent;
	bool is_cut;
	bool uses_cut;
	size_t engine_count;
};

/* Opens the folder of a layer; -1 with errno. ENOTSUP: on a file system that may never answer. */
int hf_layer_open(hf_images *images, const hf_layer *layer);
/* Reads a regular file below @fd, no link on the way, up to its end or @max bytes: 0; EFBIG: there is more, and @text has
 * the first @max; ELOOP: a link; ENXIO: an overlay's mark that it is gone; another positive errno. */
int hf_layer_read(int fd, const char *path, size_t max, hf_buffer *text);

/* Fills store->layers once. */
int hf_store_read_layers(hf_images *images, hf_image_store *store);
/* The layer of Docker's store that lies on @parent ("" none) and has this content; NULL: there is none. */
hf_layer *hf_store_find(const hf_image_store *store, const char *parent, const char *diff);

#endif
