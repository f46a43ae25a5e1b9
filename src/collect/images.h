/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: the stores that engines of this node keep, and what of each image is recorded.
 *
 *   call:images      a line each, words escaped as in answer.h:
 *     "KIND ID PATH"      an image; its record is call:image:PATH. Kinds: "docker" (below a data root), "storage"
 *                         (Podman, CRI-O), "engine" (by the API; PATH is "engine:ID")
 *     "KIND - FOLDER"     a store, listed to its end; "KIND !ERRNO FOLDER": one that could not be
 *     "parent ID PARENT"  Docker's builder made it of that one
 *     "use ID CONTAINER"  a container of Docker's, running or not, is made of it; "use - FOLDER": all of a folder are
 *                         told; "use !ERRNO FOLDER": they are not
 *     "cut !EFBIG -", "cut !ETIME -"   there are more
 *   call:image:PATH  of one image, a line each; "-" stands for an empty word:
 *     "os NAME", "created YYYY-MM-DD", "user TEXT", "health WORD", "oci", "port TEXT", "layer DIGEST"
 *     "env NAME LENGTH SHAPE", "label NAME LENGTH SHAPE": shapes as in answer.h
 *     "base-name TEXT", "base-digest TEXT": labels org.opencontainers.image.base.*
 *     "argument MARK…"    of its command, entrypoint and triggers
 *     "step YYYY-MM-DD LAYER INSTRUCTION MARK…"  of its history, the oldest first; LAYER: "layer" or "-"
 *     "uid NUMBER", "uid -", "uid !ERRNO"   of the user's name in the image's /etc/passwd, where it is no number; "-": none
 *     "release ID VERSION SUPPORT_END NAME", "release -", "release !ERRNO"   of the image's os-release
 *     "cut WHAT"          there are more of that
 *     "end"               the last line
 *   call:image-files:PATH  with --deep, what the layers hold, a line each:
 *     "KIND WHAT STATE PATH MODE UID GID"   as hf_image_file of holdfast/image.h; STATE: "shown" or "hidden"
 *     "packages MANAGER COUNT", "packages -"
 *     "end FILES" or "cut REASON"
 *
 * A MARK is "KIND,WHAT" or "secret,NAME,LENGTH,SHAPE", see hf_image_mark of holdfast/image.h. */
#ifndef HF_COLLECT_IMAGES_H
#define HF_COLLECT_IMAGES_H

#include "collect/collect.h"

#include <jansson.h>

enum {
	HF_IMAGE_NAME_MAX = 256, /* bytes of a name, a user, a label's name */
	HF_IMAGE_ITEMS = 500,	 /* variables, labels, ports, layers: of each */
	HF_IMAGE_STEPS = 2000,
	HF_IMAGE_MARKS = 40, /* of a step */
	HF_IMAGE_COMMAND_BYTES = 64 * 1024, /* of a command that are looked at */
};

/* ---- what is told of an image: no I/O ---- */

/* "RUN apt-get,…": the instruction and the marks of an entry of a history. */
void hf_image_describe_step(const char *command, size_t size, hf_buffer *out);
/* The marks of a list of arguments, each with a blank before it. */
void hf_image_describe_arguments(const json_t *list, hf_buffer *out);

/* The configuration of an image, as OCI's image specification and Docker have it. @ret_user (HF_IMAGE_NAME_MAX + 1 bytes): the
 * user where it is a name, else "". -EBADMSG, -EMSGSIZE, -ENOMEM; @err says where. */
int hf_image_project(const char *data, size_t size, hf_buffer *out, char *ret_user, hf_error *err);
/* The same from /images/ID/json and, where it is not NULL, /images/ID/history of the Engine API. */
int hf_image_project_api(const char *data, size_t size, const char *history, size_t history_size,
			 hf_buffer *out, hf_error *err);
/* Text of an os-release(5), as the line "release …". */
void hf_image_project_release(const char *text, size_t size, hf_buffer *out);
/* The uid of @user in the text of a passwd(5): 0; -ENOENT: no such name; -EBADMSG: it has no number. */
int hf_image_find_user(const char *text, size_t size, const char *user, uint32_t *ret_uid);

/* What looks like a secret in a file of a layer, by its path and its first bytes; NULL: nothing. */
const char *hf_image_secret_kind(const char *path, const char *head, size_t size);
/* Whether the bytes of the file at @path could make it one, so that they must be read. */
bool hf_image_may_be_secret(const char *path);
/* What is wrong with a file that tells where packages come from; NULL: nothing. */
const char *hf_image_source_fault(const char *path, const char *text, size_t size);
bool hf_image_is_source(const char *path);
/* The name of a program that an image rarely needs (a compiler, a debugger, a remote shell …); NULL: it is none. */
const char *hf_image_odd_program(const char *path);

/* ---- the stores ---- */

typedef struct hf_images hf_images;

/* @deadline_ms: as for hf_records_new(). */
int hf_images_new(hf_reader *reader, uint64_t deadline_ms, hf_images **ret_images);
void hf_images_free(hf_images *images);
static inline void hf_images_freep(hf_images **images)
{
	hf_images_free(*images);
}

/* Notes a store, once: the records of Docker's images of one driver, or the folder "storage" of containers/storage. Strings are
 * copied. 0 or -ENOMEM. */
int hf_images_add_docker(hf_images *images, const char *data_root, const char *driver);
int hf_images_add_storage(hf_images *images, const char *graph_root, const char *driver);
/* A container of Docker's, by the text of its config.v2.json or by that file; then, once for the folder, that all were told. */
void hf_images_add_use(hf_images *images, const char *container, const char *text, size_t size);
void hf_images_read_use(hf_images *images, const char *container, const char *path);
void hf_images_end_uses(hf_images *images, const char *folder);
/* Reads what was noted and not read yet. 0, or a negative errno when an answer could not be sent. */
int hf_images_read(hf_images *images);
/* An image by the API; @error: a positive errno, then @text is the reason or NULL. */
int hf_images_send_engine(hf_images *images, const char *id, int error, const char *text, size_t size);
/* The engine's list of images was @error: 0: it is complete. */
int hf_images_end_engine(hf_images *images, int error);
/* Sends call:images. */
int hf_images_send(hf_images *images);

/* The walk of --deep over the layers of every image, until @deadline_ms; @progress: NULL allowed. */
int hf_images_walk(hf_images *images, uint64_t deadline_ms, hf_collect_progress *progress);

#endif
