/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of --deep over the layers of images. Each layer is walked once, whatever rests on it; of a file that is
 * told, the layers above say whether it still shows. */
#include "collect/image-store.h"

#include "collect/walk.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	WALKED = 400000,	   /* files of one layer */
	FOUND_MAX = 4000,	   /* told of one layer */
	HEAD_BYTES = 16 * 1024,	   /* that are read of a file that could hold a secret */
	PACKAGES_BYTES = 8 * 1024 * 1024,
};

/* Something in a layer. */
typedef struct found {
	const char *kind;
	const char *what;
	const char *path; /* "/usr/bin/su" */
	uint32_t mode, uid, gid;
} found;

struct hf_layer_files {
	hf_list all; /* found */
	size_t files;
	const char *cut; /* why not all of it was walked; NULL */
	const char *manager; /* of packages; NULL: it has no list of them, "": it takes it away */
	unsigned long packages;
	bool is_partial; /* the list is one of several: distroless images have a file for each package */
};

typedef struct walk {
	hf_walk tree; /* .data is this */
	hf_arena *kept; /* for what is found */
	hf_layer_files *files;
} walk;

/* ---- one file ---- */

static void add_found(walk *w, const char *kind, const char *what, const char *path,
		      const struct statx *st)
{
	found *f;

	if (w->files->all.count >= FOUND_MAX) {
		w->tree.cut = "more such files than are listed";
		return;
	}
	f = hf_arena_alloc(w->kept, sizeof *f);
	if (!f) {
		w->tree.failed = true;
		return;
	}
	*f = (found){
		.kind = kind,
		.what = what,
		.path = hf_arena_strdup(w->kept, path),
		.mode = st->stx_mode,
		.uid = st->stx_uid,
		.gid = st->stx_gid,
	};
	w->tree.failed |= !f->path || hf_list_add(&w->files->all, f) < 0;
}

static void look_into(walk *w, int fd, const char *path, const char *name, const struct statx *st)
{
	hf_cleanup(hf_buffer_free) hf_buffer head = {0};
	bool may_be_secret = hf_image_may_be_secret(path);
	const char *what;

	if (!may_be_secret && !hf_image_is_source(path))
		return;
	int error = hf_layer_read(fd, name, HEAD_BYTES, &head);

	if ((error && error != EFBIG) || head.size == 0)
		return;
	what = may_be_secret ? hf_image_secret_kind(path, head.data, head.size) : NULL;
	if (what)
		add_found(w, "secret", what, path, st);
	what = hf_image_source_fault(path, head.data, head.size);
	if (what && hf_image_is_source(path))
		add_found(w, "source", what, path, st);
	explicit_bzero(head.data, head.size);
}

static void look_at(hf_walk *tree, int fd, const char *folder, const struct dirent64 *entry)
{
	const uint32_t executable = 0111, set_id = S_ISUID | S_ISGID;
	walk *w = tree->data;
	char path[PATH_MAX + 512], caps[48] = "-";
	struct statx st;
	const char *program;
	int n = snprintf(path, sizeof path, "/%s%s%s", folder, *folder ? "/" : "", entry->d_name);

	if (n < 0 || (size_t)n >= sizeof path ||
	    statx(fd, entry->d_name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_BASIC_STATS, &st) < 0 ||
	    !S_ISREG(st.stx_mode))
		return;
	if (st.stx_mode & executable) {
		hf_walk_read_caps(fd, entry->d_name, caps);
		if (st.stx_mode & set_id)
			add_found(w, "set-id", "", path, &st);
		else if (*caps != '-')
			add_found(w, "capability", "", path, &st);
		program = hf_image_odd_program(path);
		if (program)
			add_found(w, "program", program, path, &st);
	}
	look_into(w, fd, path, entry->d_name, &st);
}

/* ---- packages ---- */

static unsigned long count_lines(const hf_buffer *text, const char *begin)
{
	const char *cursor = text->data, *line;
	unsigned long count = 0;
	size_t length;

	while (text->size > 0 && hf_next_line(&cursor, text->data + text->size, &line, &length))
		count += length >= strlen(begin) && memcmp(line, begin, strlen(begin)) == 0;
	return count;
}

static void count_folder(hf_layer_files *files, int fd)
{
	hf_cleanup(hf_closep) int folder =
		hf_walk_open(fd, "var/lib/dpkg/status.d", O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	_Alignas(struct dirent64) char block[8192];
	ssize_t n;

	if (folder < 0)
		return;
	files->manager = "dpkg";
	files->is_partial = true;
	while ((n = getdents64(folder, block, sizeof block)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(block + at);

			at += entry->d_reclen;
			files->packages += *entry->d_name != '.' &&
					   !hf_has_suffix(entry->d_name, ".md5sums");
		}
	}
}

static void count_packages(hf_layer_files *files, int fd)
{
	static const struct {
		const char *path;
		const char *manager;
		const char *line; /* of each package; NULL: a database that is not opened */
	} lists[] = {
		{"var/lib/dpkg/status", "dpkg", "Status: install ok installed"},
		{"lib/apk/db/installed", "apk", "P:"},
		{"usr/lib/apk/db/installed", "apk", "P:"},
		{"var/lib/rpm/rpmdb.sqlite", "rpm", NULL},
		{"usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm", NULL},
		{"var/lib/rpm/Packages", "rpm", NULL},
		{"var/lib/rpm/Packages.db", "rpm", NULL},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(lists) && !files->manager; i++) {
		hf_cleanup(hf_buffer_free) hf_buffer text = {0};
		int error = hf_layer_read(fd, lists[i].path, lists[i].line ? PACKAGES_BYTES : 1, &text);

		if (error == ENXIO)
			files->manager = "";
		if (error && (error != EFBIG || lists[i].line))
			continue;
		files->manager = lists[i].manager;
		files->packages = lists[i].line ? count_lines(&text, lists[i].line) : 0;
	}
	if (!files->manager)
		count_folder(files, fd);
}

/* ---- one layer ---- */

static int walk_layer(hf_images *images, hf_layer *layer, uint64_t until)
{
	hf_cleanup(hf_arena_freep) hf_arena *scratch = NULL;
	hf_layer_files *files = hf_arena_alloc(images->arena, sizeof *files);

	if (!files || hf_arena_new(&scratch) < 0)
		return -ENOMEM;
	layer->files = files;
	hf_cleanup(hf_closep) int held = hf_layer_open(images, layer);
	walk w = {
		.tree =
			{
				.arena = scratch,
				.files_max = WALKED,
				.deadline_ms = until,
				.look = look_at,
				.data = &w,
			},
		.kept = images->arena,
		.files = files,
	};

	if (held < 0) {
		files->cut = "a layer's folder could not be opened";
		return 0;
	}
	hf_walk_tree(&w.tree, held);
	count_packages(files, held);
	hf_walk_end(&w.tree);
	files->files = w.tree.files;
	files->cut = w.tree.cut;
	return w.tree.failed ? -ENOMEM : 0;
}

/* ---- one image ---- */

/* A layer above has something in its place, or took it or a folder on the way to it away. */
static bool is_hidden(const int *folders, size_t from, size_t count, const char *path)
{
	for (size_t i = from; i < count; i++) {
		hf_cleanup(hf_closep) int fd = folders[i] < 0 ? -1
							      : hf_walk_open(folders[i], path + 1, O_PATH);

		if (fd >= 0 || (folders[i] >= 0 && (errno == ENOTDIR || errno == ELOOP)))
			return true;
	}
	return false;
}

static void add_found_line(hf_buffer *text, const found *f, bool hidden)
{
	hf_buffer_printf(text, "%s %s %s ", f->kind, *f->what ? f->what : "-",
			 hidden ? "hidden" : "shown");
	hf_buffer_add_word(text, f->path, strlen(f->path));
	hf_buffer_printf(text, " %o %u %u\n", f->mode, f->uid, f->gid);
}

static void add_packages(const hf_stored_image *image, hf_buffer *text)
{
	const char *manager = NULL;
	unsigned long count = 0;

	for (size_t i = image->layer_count; i-- > 0;) {
		const hf_layer_files *files = image->layers[i]->files;

		if (!files || !files->manager)
			continue;
		if (!*files->manager || (manager && !files->is_partial))
			break;
		manager = files->manager;
		count += files->packages;
		if (!files->is_partial)
			break;
	}
	if (manager)
		hf_buffer_printf(text, "packages %s %lu\n", manager, count);
	else
		hf_buffer_puts(text, "packages -\n");
}

/* The descriptors of its layers' folders are held while it is told. */
static void tell(hf_images *images, const hf_stored_image *image, int *folders, hf_buffer *text)
{
	const char *cut = image->layer_count == 0 ? "where its layers lie is not known" : NULL;
	size_t files = 0;

	for (size_t i = 0; i < image->layer_count; i++)
		folders[i] = hf_layer_open(images, image->layers[i]);
	for (size_t i = 0; i < image->layer_count; i++) {
		const hf_layer_files *layer = image->layers[i]->files;

		if (!layer || layer->cut) {
			cut = layer ? layer->cut : "there was no time for more";
			if (!layer)
				continue;
		}
		files += layer->files;
		for (size_t k = 0; k < layer->all.count; k++) {
			const found *f = layer->all.items[k];

			add_found_line(text, f, is_hidden(folders, i + 1, image->layer_count, f->path));
		}
	}
	for (size_t i = 0; i < image->layer_count; i++)
		hf_closep(&folders[i]);
	add_packages(image, text);
	if (cut)
		hf_buffer_printf(text, "cut %s\n", cut);
	else
		hf_buffer_printf(text, "end %zu\n", files);
}

static int send_image(hf_images *images, const hf_stored_image *image)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_cleanup(hf_freep) char *name = NULL;
	hf_cleanup(hf_freep) int *folders = calloc(image->layer_count + 1, sizeof *folders);

	if (!folders || asprintf(&name, "image-files:%s", image->path) < 0)
		return -ENOMEM;
	tell(images, image, folders, &text);
	if (text.failed)
		return -ENOMEM;
	return hf_reader_send(images->reader, &(hf_answer){
						      .kind = HF_ASK_CALL,
						      .name = name,
						      .data = text.data,
						      .size = text.size,
					      });
}

/* ---- all ---- */

/* A layer that several images rest on counts as often: it only matters that none is left without its share of the time. */
static uint32_t count_layers(const hf_images *images)
{
	uint32_t count = 0;

	for (size_t i = 0; i < images->images.count; i++) {
		const hf_stored_image *image = images->images.items[i];

		for (size_t k = 0; k < image->layer_count; k++)
			count += image->layers[k]->files == NULL;
	}
	return count;
}

int hf_images_walk(hf_images *images, uint64_t deadline_ms, hf_collect_progress *progress)
{
	uint32_t left = count_layers(images), all = left;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < images->images.count; i++) {
		hf_stored_image *image = images->images.items[i];

		for (size_t k = 0; r >= 0 && k < image->layer_count; k++) {
			uint64_t now = hf_now_ms();

			if (progress) {
				progress->layers_all = all;
				progress->layers = all - left;
			}
			left -= left > 0;
			if (image->layers[k]->files || now >= deadline_ms)
				continue;
			/* one with a whole disk in it leaves the others their share */
			r = walk_layer(images, image->layers[k],
				       now + (deadline_ms - now) / (left < 4 ? left + 1 : 4));
		}
		if (r >= 0)
			r = send_image(images, image);
	}
	if (progress)
		progress->layers = progress->layers_all = all;
	for (size_t i = 0; i < images->images.count; i++) {
		hf_stored_image *image = images->images.items[i];

		for (size_t k = 0; k < image->layer_count; k++) {
			if (image->layers[k]->files)
				hf_list_free(&image->layers[k]->files->all);
		}
	}
	return r;
}
