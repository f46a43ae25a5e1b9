/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links on the way to a path, so that the judge can tell which paths are one place. */
#include "collect/collect.h"

#include <stdio.h>

enum {
	LINKS_MAX = 40,	 /* as many as the kernel follows */
	PART_ROOM = 256, /* NAME_MAX and a NUL */
};

typedef struct walk {
	char done[HF_NAME_MAX_BYTES]; /* without links; "" is the root */
	char rest[HF_NAME_MAX_BYTES];
	char next[HF_NAME_MAX_BYTES];
	unsigned links;
} walk;

/* Takes the first part of .rest; false: there is none, or none that a file could have. */
static bool next_part(walk *w, char part[static PART_ROOM])
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");

	if (length >= PART_ROOM)
		return false;
	memcpy(part, start, length);
	part[length] = '\0';
	memmove(w->rest, start + length, strlen(start + length) + 1);
	return length > 0;
}

static bool follow(walk *w, const char *target)
{
	if (++w->links > LINKS_MAX ||
	    snprintf(w->next, sizeof w->next, "%s%s", target, w->rest) >= (int)sizeof w->next)
		return false;
	memcpy(w->rest, w->next, strlen(w->next) + 1);
	if (*w->rest == '/')
		w->done[0] = '\0';
	return true;
}

static void go_up(walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
}

/* 1: go on; 0: this was the end; or a negative errno. */
static int ask_part(walk *w, hf_reader *reader, const char *part)
{
	hf_answer answer;

	if (snprintf(w->next, sizeof w->next, "%s/%s", w->done, part) >= (int)sizeof w->next)
		return 0;
	int error = hf_reader_peek(reader, HF_ASK_LINK, w->next, &answer);

	/* another collector may be let in: its answer must not have to stand back for this one */
	if (error == EACCES)
		return 0;
	int r = hf_reader_send(reader, &answer);

	if (r < 0 || (error && error != EINVAL))
		return r;
	if (error == EINVAL)
		memcpy(w->done, w->next, strlen(w->next) + 1);
	return error == EINVAL || follow(w, answer.data);
}

int hf_reader_links(hf_reader *reader, const char *path)
{
	hf_cleanup(hf_freep) walk *w = NULL;
	char part[PART_ROOM];
	int r = 1;

	if (*path != '/' || strlen(path) >= sizeof w->rest)
		return 0;
	w = calloc(1, sizeof *w);
	if (!w)
		return -ENOMEM;
	memcpy(w->rest, path, strlen(path) + 1);
	while (r > 0 && next_part(w, part)) {
		if (strcmp(part, "..") == 0)
			go_up(w);
		else if (strcmp(part, ".") != 0)
			r = ask_part(w, reader, part);
	}
	return r < 0 ? r : 0;
}
