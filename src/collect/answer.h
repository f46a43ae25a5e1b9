/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question to the host and its answer: the one thing that collectors produce.
 *
 * A question is a kind and a name, written "file:/proc/cmdline", "api:/info", "call:uname". Names of
 * files are absolute and seen from the scanned root. */
#ifndef HF_ANSWER_H
#define HF_ANSWER_H

#include "base/base.h"

typedef enum hf_ask_kind {
	HF_ASK_FILE = 1, /* a regular file's bytes and metadata */
	HF_ASK_STAT,     /* metadata of any file */
	HF_ASK_LINK,     /* text of a symbolic link */
	HF_ASK_DIR,      /* names in a folder, sorted, each followed by a NUL */
	HF_ASK_API,      /* body of an Engine API answer: "/info" of the default socket */
	HF_ASK_CALL,     /* what a system call told: "uname", "peer" … */
	HF_ASK_KIND_END
} hf_ask_kind;

/* "file", "stat" …; and back, 0 for an unknown word. */
const char *hf_ask_kind_name(hf_ask_kind kind);
hf_ask_kind hf_ask_kind_number(const char *name, size_t length);

/* struct stat and statfs in fixed widths, so that it can cross a pipe and be saved. */
typedef struct hf_meta {
	uint32_t mode; /* st_mode with the type bits; 0: no metadata */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t fs_magic;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t reserved;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
} hf_meta;

typedef struct hf_answer {
	hf_ask_kind kind;
	int error;          /* 0, or a positive errno: then .data is empty */
	const char *name;   /* NUL-terminated */
	const char *reason; /* why it failed, in words, where the errno alone does not tell; or NULL */
	hf_meta meta;
	const char *data; /* NUL-terminated behind .size bytes; never NULL in a record */
	size_t size;
} hf_answer;

/* Largest values that cross a pipe; a frame beyond them is a lie. */
enum {
	HF_NAME_MAX_BYTES = 4096,
	HF_REASON_MAX_BYTES = 1024,
	HF_DATA_MAX_BYTES = 16 * 1024 * 1024,
};

/* One frame on a collector's pipe: this head, then name, reason and data without terminators. */
typedef enum hf_frame_type {
	HF_FRAME_ANSWER = 1,
	HF_FRAME_NOTE, /* data: a sentence about what our own confinement hides */
	HF_FRAME_DONE  /* the collector has asked all it meant to ask */
} hf_frame_type;

typedef struct hf_frame_head {
	uint32_t magic; /* HF_FRAME_MAGIC: tells at once when the stream is out of step */
	uint16_t type;
	uint16_t kind;
	int32_t error;
	uint32_t name_size;
	uint32_t reason_size;
	uint32_t data_size;
	hf_meta meta;
} hf_frame_head;

#define HF_FRAME_MAGIC UINT32_C(0x48464d31) /* HFM1 */

#endif
