/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safe reading below one root: no link leads out of it, no FIFO, device or dead file server can hold us,
 * no file is larger than its cap, and each question is asked once. */
#include "collect/collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

struct hf_reader {
	int root_fd;
	int proc_fd; /* /proc of this machine, to reopen what an O_PATH descriptor holds */
	bool is_live;
	dev_t root_dev;
	int trees[2]; /* the kernel's own, see kernel_trees: -1 not opened yet, -2 not to be had */
	struct { /* what fstatfs(2) said of a device: it cannot change while we hold a file of it */
		dev_t dev;
		uint32_t magic;
	} file_systems[16];
	size_t file_system_count;
	hf_map steps;	/* path -> line of hf_reader_way() */
	hf_map folders; /* path -> listing: what is known of a folder without asking again */
	struct { /* long listings: /bin and /usr/bin are mostly one folder */
		dev_t dev;
		ino_t ino;
		const char *data;
		size_t size;
	} listings[16];
	size_t listing_count;
	bool follows; /* "follow:" request: paths in what is read are asked about, too */
	hf_sink *sink;
	hf_map asked[HF_ASK_KIND_END];
	hf_arena *names; /* of asked */
	char *data;  /* of the last peek */
	size_t room;
	char reason[HF_REASON_MAX_BYTES];
	enum { FOREIGN_NOT_ASKED, FOREIGN_NONE, FOREIGN_SOME } foreign; /* loaded modules */
	char release[96]; /* what "@release@" in a request stands for; "" not known */
};

int hf_reader_new(int root_fd, bool is_live, hf_sink *sink, hf_reader **ret_reader)
{
	hf_reader *reader = calloc(1, sizeof *reader);
	struct stat st;

	if (!reader)
		return -ENOMEM;
	reader->proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (reader->proc_fd < 0 || fstat(root_fd, &st) < 0 || hf_arena_new(&reader->names) < 0) {
		int r = -errno;

		hf_reader_free(reader);
		return r;
	}
	for (size_t i = 0; i < HF_ARRAY_SIZE(reader->trees); i++)
		reader->trees[i] = is_live ? -1 : -2;
	reader->root_fd = root_fd;
	reader->root_dev = st.st_dev;
	reader->is_live = is_live;
	reader->sink = sink;
	*ret_reader = reader;
	return 0;
}

void hf_reader_free(hf_reader *reader)
{
	if (!reader)
		return;
	if (reader->proc_fd >= 0)
		(void)close(reader->proc_fd);
	for (size_t i = 0; i < HF_ARRAY_SIZE(reader->trees); i++)
		hf_closep(&reader->trees[i]);
	for (size_t kind = 0; kind < HF_ARRAY_SIZE(reader->asked); kind++)
		hf_map_free(&reader->asked[kind]);
	hf_map_free(&reader->folders);
	hf_map_free(&reader->steps);
	hf_arena_free(reader->names);
	free(reader->data);
	free(reader);
}

bool hf_reader_is_live(const hf_reader *reader)
{
	return reader->is_live;
}

hf_sink *hf_reader_sink(hf_reader *reader)
{
	return reader->sink;
}

int hf_reader_root_fd(const hf_reader *reader)
{
	return reader->root_fd;
}

/* 1: asked for the first time; 0: was asked before; negative errno. */
static int note_asked(hf_reader *reader, hf_ask_kind kind, const char *path)
{
	if (hf_map_get(&reader->asked[kind], path))
		return 0;
	char *key = hf_arena_strdup(reader->names, path);

	if (!key || hf_map_put(&reader->asked[kind], key, reader) < 0)
		return -ENOMEM;
	return 1;
}

bool hf_reader_was_asked(const hf_reader *reader, hf_ask_kind kind, const char *name)
{
	return hf_map_get(&reader->asked[kind], name) != NULL;
}

static int open_below(const hf_reader *reader, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, reader->root_fd, path, &how, sizeof how);
}

static int64_t nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static hf_meta meta_of(const struct stat *st, uint32_t magic)
{
	return (hf_meta){
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.nlink = (uint32_t)st->st_nlink,
		.fs_magic = magic,
		.rdev_major = major(st->st_rdev),
		.rdev_minor = minor(st->st_rdev),
		.dev_major = major(st->st_dev),
		.dev_minor = minor(st->st_dev),
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = nanoseconds(&st->st_mtim),
		.ctime_ns = nanoseconds(&st->st_ctim),
	};
}

/* File systems that answer from memory or a local disk. A network or FUSE server can hang a read for
 * ever, and no signal ends that. The root's own file system is always read: were it dead, so were we. */
static bool is_prompt_fs(const hf_reader *reader, const struct stat *st, uint32_t magic)
{
	enum { XFS_MAGIC = 0x58465342, ZFS_MAGIC = 0x2fc12fc1, VFAT_MAGIC = 0x4d44, EXFAT_MAGIC = 0x2011bab0 };

	if (st->st_dev == reader->root_dev)
		return true;
	switch (magic) {
	case EXT4_SUPER_MAGIC:
	case XFS_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case ZFS_MAGIC:
	case VFAT_MAGIC:
	case EXFAT_MAGIC:
	case ISOFS_SUPER_MAGIC:
	case SQUASHFS_MAGIC:
	case EROFS_SUPER_MAGIC_V1:
	case OVERLAYFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case SECURITYFS_MAGIC:
	case SELINUX_MAGIC:
	case SMACK_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case BPF_FS_MAGIC:
	case BINFMTFS_MAGIC:
	case EFIVARFS_MAGIC:
	case PSTOREFS_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case HUGETLBFS_MAGIC:
	case NSFS_MAGIC:
		return true;
	default:
		return false;
	}
}

static const char *type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
		return "a character device";
	case S_IFBLK:
		return "a block device";
	case S_IFLNK:
		return "a symbolic link";
	default:
		return "of no known type";
	}
}

/* ---- one function per kind: 0 or a positive errno, filling @answer ---- */

typedef struct known_folder {
	const char *names; /* each with its NUL, sorted */
	size_t size;
	bool is_missing;
	uint32_t *places; /* of the names, where there are many, from the first time on that one is looked for */
	uint32_t count;
} known_folder;

static void remember_folder(hf_reader *reader, const char *path, const hf_answer *answer)
{
	enum { LARGEST = 128 * 1024 };

	if ((answer->error && answer->error != ENOENT) || answer->size > LARGEST)
		return;
	known_folder *new = hf_arena_alloc(reader->names, sizeof *new);
	const char *key = hf_arena_strdup(reader->names, path);

	if (!new || !key)
		return;
	new->names = hf_arena_memdup(reader->names, answer->data, answer->size);
	new->size = answer->size;
	new->is_missing = answer->error == ENOENT;
	if (new->names)
		(void)hf_map_put(&reader->folders, key, new); /* without memory it is asked again */
}

static known_folder *known_parent(const hf_reader *reader, const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[HF_NAME_MAX_BYTES];
	size_t length = slash && slash > path ? (size_t)(slash - path) : 1;

	if (!slash || length >= sizeof parent)
		return NULL;
	memcpy(parent, path, length);
	parent[length] = '\0';
	return hf_map_get(&reader->folders, parent);
}

/* That the folder of @path was asked for and does not exist: then @path does not either, and the kernel need not be
 * asked again. The answer to the folder and its own witness are what proves it. */
static bool is_below_missing(const hf_reader *reader, const char *path)
{
	const known_folder *known = known_parent(reader, path);

	return known && known->is_missing;
}

/* A folder of programs has thousands of names, and dozens are looked for. Without memory they are walked through. */
static void find_places(hf_reader *reader, known_folder *known)
{
	uint32_t count = 0, used = 0;

	for (size_t i = 0; i < known->size; i++)
		count += known->names[i] == '\0';
	uint32_t *places = hf_arena_calloc(reader->names, count + 1, sizeof *places);

	for (size_t at = 0; places && at < known->size; at += strlen(known->names + at) + 1)
		places[used++] = (uint32_t)at;
	known->places = places;
	known->count = used;
}

static bool has_name(const known_folder *known, const char *name)
{
	size_t low = 0, high = known->places ? known->count : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(known->names + known->places[middle], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t at = 0; !known->places && at < known->size; at += strlen(known->names + at) + 1) {
		if (strcmp(known->names + at, name) == 0)
			return true;
	}
	return false;
}

/* That a folder was listed (or is missing itself) and has no such name: then there is no link either. */
static bool is_known_missing(hf_reader *reader, const char *path)
{
	enum { MANY_BYTES = 512 };
	known_folder *known = known_parent(reader, path);

	if (known && !known->places && known->size >= MANY_BYTES)
		find_places(reader, known);
	return known && !has_name(known, strrchr(path, '/') + 1);
}

/* A name that is there but leads nowhere is no proof of absence. */
static int explain_missing(hf_reader *reader, const char *path, int error)
{
	struct stat st;

	if (error != ENOENT || is_known_missing(reader, path))
		return error;
	hf_cleanup(hf_closep) int fd = open_below(reader, path, O_PATH | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode))
		return ENOENT;
	(void)snprintf(reader->reason, sizeof reader->reason, "a symbolic link that leads nowhere");
	return ENOLINK;
}

static int file_system_of(hf_reader *reader, int fd, dev_t dev, uint32_t *ret_magic)
{
	struct statfs fs;

	for (size_t i = 0; i < reader->file_system_count; i++) {
		if (reader->file_systems[i].dev == dev) {
			*ret_magic = reader->file_systems[i].magic;
			return 0;
		}
	}
	if (fstatfs(fd, &fs) < 0)
		return errno;
	*ret_magic = (uint32_t)fs.f_type;
	if (reader->file_system_count < HF_ARRAY_SIZE(reader->file_systems)) {
		reader->file_systems[reader->file_system_count].dev = dev;
		reader->file_systems[reader->file_system_count++].magic = *ret_magic;
	}
	return 0;
}

/* Holds @path with O_PATH and tells what it is, without opening it. */
static int hold(hf_reader *reader, const char *path, hf_answer *answer, struct stat *ret_st,
		int *ret_fd)
{
	uint32_t magic = 0;
	int fd = is_below_missing(reader, path) ? -ENOENT : open_below(reader, path, O_PATH);

	if (fd < 0)
		return fd == -1 ? errno : ENOENT;
	int error = fstat(fd, ret_st) < 0 ? errno : file_system_of(reader, fd, ret_st->st_dev, &magic);

	answer->meta = error ? (hf_meta){0} : meta_of(ret_st, magic);
	if (!error && !is_prompt_fs(reader, ret_st, magic)) {
		(void)snprintf(reader->reason, sizeof reader->reason,
			       "on a file system (type 0x%x) that may never answer", magic);
		error = ENOTSUP;
	}
	if (error) {
		(void)close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

int hf_reader_hold_name(hf_reader *reader, const char *path, struct stat *ret_st, int *ret_fd)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	uint32_t magic = 0;
	int fd = (int)syscall(SYS_openat2, reader->root_fd, path, &how, sizeof how);

	if (fd < 0)
		return errno;
	int error = fstat(fd, ret_st) < 0 ? errno
					  : file_system_of(reader, fd, ret_st->st_dev, &magic);

	/* a folder that systemd would mount something on is held, and what waits there is not mounted */
	if (!error && !is_prompt_fs(reader, ret_st, magic))
		error = ENOTSUP;
	if (error) {
		(void)close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

const char *hf_reader_known_step(const hf_reader *reader, const char *path)
{
	return hf_map_get(&reader->steps, path);
}

void hf_reader_keep_step(hf_reader *reader, const char *path, const char *line)
{
	char *key = hf_arena_strdup(reader->names, path), *copy = hf_arena_strdup(reader->names, line);

	if (key && copy)
		(void)hf_map_put(&reader->steps, key, copy); /* without memory it is looked at again */
}

static int reopen(const hf_reader *reader, int fd, int flags)
{
	char number[16];

	(void)snprintf(number, sizeof number, "%d", fd);
	return openat(reader->proc_fd, number, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int make_room(hf_reader *reader, size_t need)
{
	if (need <= reader->room)
		return 0;
	size_t room = reader->room ? reader->room : 64 * 1024;

	while (room < need)
		room *= 2;
	char *data = realloc(reader->data, room);

	if (!data)
		return ENOMEM;
	reader->data = data;
	reader->room = room;
	return 0;
}

/* @expected: where a file on disk ends, so that one read can be enough; 0 not known.
 * @is_record: the kernel gives all of it to a single read that has the room. */
static int read_all(hf_reader *reader, int fd, size_t expected, bool is_record, size_t cap,
		    hf_answer *answer)
{
	enum { READ_BYTES = 32 * 1024 };
	size_t size = 0;

	for (;;) {
		/* one byte more than the cap tells "full" from "more" */
		size_t room = expected >= size + READ_BYTES ? expected + 1 - size : READ_BYTES;
		size_t want = cap + 1 - size < room ? cap + 1 - size : room;
		int error = make_room(reader, size + want + 1);

		if (error)
			return error;
		ssize_t n = read(fd, reader->data + size, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > cap) {
			(void)snprintf(reader->reason, sizeof reader->reason, "larger than %zu bytes",
				       cap);
			return EFBIG;
		}
		if (size == expected || (is_record && (size_t)n < want))
			break;
	}
	reader->data[size] = '\0';
	answer->data = reader->data;
	answer->size = size;
	return 0;
}

static int peek_any_file(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int held = -1;
	int error = hold(reader, path, answer, &st, &held);

	if (error)
		return error;
	if (!S_ISREG(st.st_mode)) {
		(void)snprintf(reader->reason, sizeof reader->reason, "is %s, not a regular file",
			       type_word(st.st_mode));
		return S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
	}
	if (st.st_size > HF_FILE_CAP_BYTES) {
		(void)snprintf(reader->reason, sizeof reader->reason, "larger than %d bytes",
			       HF_FILE_CAP_BYTES);
		return EFBIG;
	}
	hf_cleanup(hf_closep) int fd = reopen(reader, held, O_RDONLY);

	return fd < 0 ? errno : read_all(reader, fd, (size_t)st.st_size, false, HF_FILE_CAP_BYTES, answer);
}

/* Trees in which the kernel itself makes the files: there is no device, FIFO or dead server in them that must not be
 * opened, so what is surely on one of them is opened at once, which spares half of the calls. */
static const struct {
	const char *path;
	uint32_t magic;
} kernel_trees[] = {{"/proc/", PROC_SUPER_MAGIC}, {"/sys/", SYSFS_MAGIC}};

static int kernel_tree(hf_reader *reader, size_t index)
{
	struct statfs fs;

	if (reader->trees[index] != -1)
		return reader->trees[index];
	int fd = open_below(reader, kernel_trees[index].path, O_PATH | O_DIRECTORY);

	if (fd >= 0 && (fstatfs(fd, &fs) < 0 || (uint32_t)fs.f_type != kernel_trees[index].magic)) {
		(void)close(fd);
		fd = -1;
	}
	reader->trees[index] = fd < 0 ? -2 : fd;
	return reader->trees[index];
}

/* Settings, and attributes (which say that they are a page long), are one record; a table is none. */
static bool is_record(const char *path, const struct stat *st)
{
	enum { ATTRIBUTE_SIZE = 4096 };

	return hf_has_prefix(path, "/proc/sys/") ||
	       (hf_has_prefix(path, "/sys/") && st->st_size == ATTRIBUTE_SIZE);
}

/* Opens a regular file or (O_DIRECTORY) a folder of a kernel's tree. 0, ENOENT, or -1: to be read as any other file,
 * which also tells what is wrong with it. */
static int open_kernel_file(hf_reader *reader, const char *path, uint64_t flags, hf_answer *answer,
			    struct stat *ret_st, int *ret_fd)
{
	/* never onto another mount, so not onto a file that was mounted over one of these either */
	const struct open_how how = {
		.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	size_t index = 0;

	/* an automount of systemd's: opening it, even without crossing it, mounts what waits there */
	if (hf_has_prefix(path, "/proc/sys/fs/binfmt_misc"))
		return -1;
	while (index < HF_ARRAY_SIZE(kernel_trees) && !hf_has_prefix(path, kernel_trees[index].path))
		index++;
	int tree = index < HF_ARRAY_SIZE(kernel_trees) ? kernel_tree(reader, index) : -1;
	const char *below = tree < 0 ? "" : path + strlen(kernel_trees[index].path);

	if (!*below)
		return -1;
	hf_cleanup(hf_closep) int fd = (int)syscall(SYS_openat2, tree, below, &how, sizeof how);

	if (fd < 0)
		return errno == ENOENT ? ENOENT : -1;
	if (fstat(fd, ret_st) < 0 || (ret_st->st_mode & S_IFMT) != (flags & O_DIRECTORY ? S_IFDIR : S_IFREG))
		return -1;
	answer->meta = meta_of(ret_st, kernel_trees[index].magic);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* -1: to be read as any other file. */
static int peek_kernel_file(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int fd = -1;
	int error = open_kernel_file(reader, path, 0, answer, &st, &fd);

	if (error)
		return error;
	if (st.st_size > HF_FILE_CAP_BYTES)
		return -1;
	return read_all(reader, fd, 0, is_record(path, &st), HF_FILE_CAP_BYTES, answer);
}

static int peek_file(hf_reader *reader, const char *path, hf_answer *answer)
{
	int kernel = is_below_missing(reader, path) ? ENOENT : peek_kernel_file(reader, path, answer);

	return kernel >= 0 ? kernel : peek_any_file(reader, path, answer);
}

static int peek_stat(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int held = -1;

	return hold(reader, path, answer, &st, &held);
}

static int peek_link(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	if (is_below_missing(reader, path))
		return ENOENT;
	hf_cleanup(hf_closep) int fd = open_below(reader, path, O_PATH | O_NOFOLLOW);

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0)
		return errno;
	answer->meta = meta_of(&st, 0);
	if (!S_ISLNK(st.st_mode)) {
		(void)snprintf(reader->reason, sizeof reader->reason, "is no symbolic link");
		return EINVAL;
	}
	int error = make_room(reader, 4097);

	if (error)
		return error;
	ssize_t n = readlinkat(fd, "", reader->data, 4096);

	if (n < 0)
		return errno;
	reader->data[n] = '\0';
	answer->data = reader->data;
	answer->size = (size_t)n;
	answer->meta.size = answer->size; /* of a magic link the kernel makes it up */
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the names of one getdents64(2) block; the names are in the arena. */
static int add_names(hf_reader *reader, const char *block, size_t size, hf_arena *arena,
		     hf_list *names)
{
	for (size_t at = 0; at < size;) {
		const struct dirent64 *entry = (const void *)(block + at);

		at += entry->d_reclen;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (names->count >= HF_DIR_CAP_NAMES) {
			(void)snprintf(reader->reason, sizeof reader->reason,
				       "more than %d names", HF_DIR_CAP_NAMES);
			return EFBIG;
		}
		char *copy = hf_arena_strdup(arena, entry->d_name);

		if (!copy || hf_list_add(names, copy) < 0)
			return ENOMEM;
	}
	return 0;
}

/* Sorted, because two listings of one folder must give the same record. */
static int put_names(hf_reader *reader, const hf_list *names, hf_answer *answer)
{
	size_t size = 0;

	for (size_t i = 0; i < names->count; i++)
		size += strlen(names->items[i]) + 1;
	if (make_room(reader, size + 1))
		return ENOMEM;
	char *at = reader->data;

	for (size_t i = 0; i < names->count; i++)
		at = stpcpy(at, names->items[i]) + 1;
	*at = '\0';
	answer->data = reader->data;
	answer->size = size;
	answer->meta.size = size; /* of a folder it says nothing; so it tells when names are lost later */
	return 0;
}

/* getdents64(2) itself: opendir(3) would ask three things more of each of some hundred folders. */
static int list_names(hf_reader *reader, int fd, hf_answer *answer)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_cleanup(hf_list_free) hf_list names = {0};
	int error = hf_arena_new(&arena) < 0 || make_room(reader, 64 * 1024) ? ENOMEM : 0;

	while (!error) {
		ssize_t n = getdents64(fd, reader->data, 64 * 1024);

		if (n < 0)
			error = errno;
		if (n <= 0)
			break;
		error = add_names(reader, reader->data, (size_t)n, arena, &names);
	}
	if (!error && names.count > 0)
		qsort(names.items, names.count, sizeof names.items[0], compare_names);
	return error ? error : put_names(reader, &names, answer);
}

static bool recall_listing(const hf_reader *reader, const struct stat *st, hf_answer *answer)
{
	for (size_t i = 0; i < reader->listing_count; i++) {
		if (reader->listings[i].dev != st->st_dev || reader->listings[i].ino != st->st_ino)
			continue;
		answer->data = reader->listings[i].data;
		answer->size = reader->listings[i].size;
		answer->meta.size = answer->size;
		return true;
	}
	return false;
}

static void keep_listing(hf_reader *reader, const struct stat *st, const hf_answer *answer)
{
	enum { LONG_BYTES = 1024 };

	if (answer->size < LONG_BYTES || reader->listing_count == HF_ARRAY_SIZE(reader->listings))
		return;
	const char *data = hf_arena_memdup(reader->names, answer->data, answer->size);

	if (!data)
		return;
	reader->listings[reader->listing_count].dev = st->st_dev;
	reader->listings[reader->listing_count].ino = st->st_ino;
	reader->listings[reader->listing_count].data = data;
	reader->listings[reader->listing_count++].size = answer->size;
}

static int peek_any_dir(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int held = -1;
	int error = hold(reader, path, answer, &st, &held);

	if (error)
		return error;
	if (!S_ISDIR(st.st_mode)) {
		(void)snprintf(reader->reason, sizeof reader->reason, "is no folder");
		return ENOTDIR;
	}
	if (recall_listing(reader, &st, answer))
		return 0;
	hf_cleanup(hf_closep) int fd = reopen(reader, held, O_RDONLY | O_DIRECTORY);

	error = fd < 0 ? errno : list_names(reader, fd, answer);
	if (!error)
		keep_listing(reader, &st, answer);
	return error;
}

static int peek_dir(hf_reader *reader, const char *path, hf_answer *answer)
{
	struct stat st;
	hf_cleanup(hf_closep) int fd = -1;
	int error = is_below_missing(reader, path)
			    ? ENOENT
			    : open_kernel_file(reader, path, O_DIRECTORY, answer, &st, &fd);

	if (error == 0)
		return list_names(reader, fd, answer);
	return error > 0 ? error : peek_any_dir(reader, path, answer);
}

/* Without saying whether what is not found is a link that leads nowhere. */
static int peek(hf_reader *reader, hf_ask_kind kind, const char *path, hf_answer *ret_answer)
{
	*ret_answer = (hf_answer){.kind = kind, .name = path, .data = ""};
	reader->reason[0] = '\0';
	switch (kind) {
	case HF_ASK_FILE:
		ret_answer->error = peek_file(reader, path, ret_answer);
		break;
	case HF_ASK_STAT:
		ret_answer->error = peek_stat(reader, path, ret_answer);
		break;
	case HF_ASK_LINK:
		ret_answer->error = peek_link(reader, path, ret_answer);
		break;
	case HF_ASK_DIR:
		ret_answer->error = peek_dir(reader, path, ret_answer);
		break;
	case HF_ASK_API:
	case HF_ASK_CALL:
	case HF_ASK_KIND_END:
		ret_answer->error = EINVAL;
		break;
	}
	if (ret_answer->error) {
		ret_answer->data = "";
		ret_answer->size = 0;
	}
	return ret_answer->error;
}

static int explain(hf_reader *reader, hf_ask_kind kind, const char *path, hf_answer *answer)
{
	if (kind != HF_ASK_LINK)
		answer->error = explain_missing(reader, path, answer->error);
	answer->reason = answer->error && reader->reason[0] ? reader->reason : NULL;
	if (kind == HF_ASK_DIR)
		remember_folder(reader, path, answer);
	return answer->error;
}

int hf_reader_peek(hf_reader *reader, hf_ask_kind kind, const char *path, hf_answer *ret_answer)
{
	(void)peek(reader, kind, path, ret_answer);
	return explain(reader, kind, path, ret_answer);
}

int hf_reader_send(hf_reader *reader, const hf_answer *answer)
{
	int first = note_asked(reader, answer->kind, answer->name);

	return first > 0 ? hf_sink_answer(reader->sink, answer) : first;
}

/* What is missing is believed missing only when the folder's own listing agrees. */
static int ask_witness(hf_reader *reader, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || (slash == path && path[1] == '\0'))
		return 0;
	char parent[HF_NAME_MAX_BYTES];
	size_t length = slash == path ? 1 : (size_t)(slash - path);

	if (length >= sizeof parent)
		return 0;
	memcpy(parent, path, length);
	parent[length] = '\0';
	return hf_reader_dir(reader, parent);
}

static int ask(hf_reader *reader, hf_ask_kind kind, const char *path)
{
	hf_answer answer;
	int first = note_asked(reader, kind, path);

	if (first <= 0)
		return first;
	int error = peek(reader, kind, path, &answer), r = 0;

	/* the witness first: a folder that was listed tells, too, that there is no link either */
	if (error == ENOENT)
		r = ask_witness(reader, path);
	if (r < 0)
		return r;
	if (error == ENOENT)
		reader->reason[0] = '\0';
	(void)explain(reader, kind, path, &answer);
	r = hf_sink_answer(reader->sink, &answer);
	return r >= 0 && error == ENOTDIR ? ask_witness(reader, path) : r;
}

int hf_reader_leave(hf_reader *reader, hf_ask_kind kind, const char *path)
{
	int first = note_asked(reader, kind, path);

	return first < 0 ? first : 0;
}

int hf_reader_file(hf_reader *reader, const char *path)
{
	return ask(reader, HF_ASK_FILE, path);
}

int hf_reader_stat(hf_reader *reader, const char *path)
{
	return ask(reader, HF_ASK_STAT, path);
}

int hf_reader_link(hf_reader *reader, const char *path)
{
	return ask(reader, HF_ASK_LINK, path);
}

int hf_reader_dir(hf_reader *reader, const char *path)
{
	return ask(reader, HF_ASK_DIR, path);
}

/* ---- requests: the words of .reads ---- */

int hf_sysctl_path(const char *key, char *path, size_t size)
{
	int n = snprintf(path, size, "/proc/sys/%s", key);

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	for (char *p = path + strlen("/proc/sys/"); *p; p++) {
		if (*p == '.')
			*p = '/';
		else if (*p == '/')
			*p = '.';
	}
	return 0;
}

/* @path and every folder above it, for the question who could replace it. */
static int ask_parents(hf_reader *reader, const char *path)
{
	char at[HF_NAME_MAX_BYTES];
	int r = 0;

	if (strlen(path) >= sizeof at || strstr(path, "/../"))
		return 0;
	strcpy(at, path);
	while (r >= 0) {
		r = hf_reader_stat(reader, at);
		if (strcmp(at, "/") == 0)
			break;
		char *slash = strrchr(at, '/');

		*(slash == at ? slash + 1 : slash) = '\0';
	}
	return r;
}

/* The metadata of every absolute path that the text of @path names, and of the folders above it. */
static int follow(hf_reader *reader, const char *path)
{
	enum { MAX_TEXT = 4096, MAX_PATHS = 16 };
	static const char before[] = " \t\r\n|@=\"',:", after[] = " \t\r\n\"',";
	hf_answer answer;
	int r = 0;

	if (hf_reader_peek(reader, HF_ASK_FILE, path, &answer) != 0)
		return 0;
	/* a copy: asking overwrites what was read */
	hf_cleanup(hf_freep) char *text = strndup(answer.data, MAX_TEXT);
	unsigned budget = MAX_PATHS;

	if (!text)
		return -ENOMEM;
	for (char *at = text; r >= 0 && budget > 0 && (at = strchr(at, '/')); budget--) {
		size_t length = strcspn(at, after);
		bool is_start = at == text || strchr(before, at[-1]);
		bool is_last = at[length] == '\0';

		at[length] = '\0';
		if (is_start)
			r = ask_parents(reader, at);
		if (is_last)
			break;
		at += length + 1;
	}
	return r;
}

static int ask_last(hf_reader *reader, hf_ask_kind kind, const char *path)
{
	int r = ask(reader, kind, path);

	return r >= 0 && reader->follows ? follow(reader, path) : r;
}

/* The names in a folder that is a question, too: as they were remembered, for dozens of patterns look into the same
 * folders, or else a copy that is @ret_copy's. None when it cannot be listed. */
static int list_for_glob(hf_reader *reader, const char *folder, const char **ret_names, size_t *ret_size,
			 char **ret_copy)
{
	hf_answer listing;
	int r = hf_reader_dir(reader, folder);
	const known_folder *known = hf_map_get(&reader->folders, folder);

	*ret_names = known ? known->names : "";
	*ret_size = known ? known->size : 0;
	if (r < 0 || known || hf_reader_peek(reader, HF_ASK_DIR, folder, &listing) != 0)
		return r;
	*ret_copy = malloc(listing.size + 1);
	if (!*ret_copy)
		return -ENOMEM;
	memcpy(*ret_copy, listing.data, listing.size + 1);
	*ret_names = *ret_copy;
	*ret_size = listing.size;
	return 0;
}

/* Asks for every path that matches, folder by folder; each folder on the way is a question, too. */
static int ask_glob(hf_reader *reader, hf_ask_kind kind, const char *done, const char *rest,
		    unsigned *budget)
{
	while (*rest == '/')
		rest++;
	size_t length = strcspn(rest, "/");
	char part[NAME_MAX + 1], path[HF_NAME_MAX_BYTES];

	if (length == 0 || length >= sizeof part)
		return 0;
	memcpy(part, rest, length);
	part[length] = '\0';
	bool is_last = rest[length] == '\0';

	if (!strpbrk(part, "*?[")) {
		if (snprintf(path, sizeof path, "%s/%s", done, part) >= (int)sizeof path)
			return 0;
		return is_last ? ask_last(reader, kind, path)
			       : ask_glob(reader, kind, path, rest + length, budget);
	}
	const char *names;
	size_t size;
	hf_cleanup(hf_freep) char *copy = NULL;
	int r = list_for_glob(reader, *done ? done : "/", &names, &size, &copy);

	for (const char *name = names; r >= 0 && name < names + size; name += strlen(name) + 1) {
		if (fnmatch(part, name, FNM_PERIOD) != 0)
			continue;
		if ((*budget)-- == 0)
			return hf_sink_note(reader->sink, "a pattern matched more files than are read");
		if (snprintf(path, sizeof path, "%s/%s", done, name) >= (int)sizeof path)
			continue;
		r = is_last ? ask_last(reader, kind, path)
			    : ask_glob(reader, kind, path, rest + length, budget);
	}
	return r;
}

/* Of the running kernel, or of the one that a tree with a /proc was taken from. */
static const char *release_of(hf_reader *reader)
{
	struct utsname name;
	hf_answer answer;

	if (*reader->release)
		return reader->release;
	if (reader->is_live && uname(&name) == 0)
		(void)snprintf(reader->release, sizeof reader->release, "%s", name.release);
	else if (!reader->is_live &&
		 hf_reader_peek(reader, HF_ASK_FILE, "/proc/sys/kernel/osrelease", &answer) == 0)
		(void)snprintf(reader->release, sizeof reader->release, "%.*s",
			       (int)strcspn(answer.data, "\n/"), answer.data);
	return reader->release;
}

static int request_for_release(hf_reader *reader, const char *request, const char *mark)
{
	static const char word[] = "@release@";
	char path[PATH_MAX];
	const char *release = release_of(reader);

	if (!*release || snprintf(path, sizeof path, "%.*s%s%s", (int)(mark - request), request,
				  release, mark + sizeof word - 1) >= (int)sizeof path)
		return 0;
	return hf_reader_request(reader, path);
}

/* Whether a loaded module is from outside of the kernel's tree: "(OE)" at the end of its line, proc_modules(5); P are
 * proprietary ones. When nobody can tell, there may be one. */
static bool has_foreign_module(hf_reader *reader)
{
	hf_answer answer;
	const char *cursor, *line;
	size_t length;

	if (reader->foreign != FOREIGN_NOT_ASKED)
		return reader->foreign == FOREIGN_SOME;
	int error = hf_reader_peek(reader, HF_ASK_FILE, "/proc/modules", &answer);

	reader->foreign = error && error != ENOENT ? FOREIGN_SOME : FOREIGN_NONE;
	cursor = answer.data;
	while (hf_next_line(&cursor, answer.data + answer.size, &line, &length)) {
		const char *flags = memchr(line, '(', length);

		for (; flags && flags < line + length; flags++) {
			if (*flags == 'O' || *flags == 'P')
				reader->foreign = FOREIGN_SOME;
		}
	}
	return reader->foreign == FOREIGN_SOME;
}

int hf_reader_request(hf_reader *reader, const char *request)
{
	static const char foreign[] = "foreign:";

	/* thousands of names on a Debian node, of use for few nodes: what was not asked can only be unknown */
	if (hf_has_prefix(request, foreign)) {
		request += strlen(foreign);
		if (!has_foreign_module(reader))
			return 0;
	}
	const char *mark = strstr(request, "@release@");

	if (mark)
		return request_for_release(reader, request, mark);

	hf_ask_kind kind = HF_ASK_FILE;
	const char *colon = strchr(request, ':');
	unsigned budget = HF_GLOB_CAP_MATCHES;
	char path[HF_NAME_MAX_BYTES];

	if (hf_has_prefix(request, "sysctl:")) {
		int r = hf_sysctl_path(request + strlen("sysctl:"), path, sizeof path);

		return r < 0 ? 0 : ask_glob(reader, HF_ASK_FILE, "", path, &budget);
	}
	if (hf_has_prefix(request, "label:/"))
		return hf_reader_label(reader, request + strlen("label:"));
	if (hf_has_prefix(request, "packages:"))
		return hf_reader_packages(reader, request + strlen("packages:"));
	if (hf_has_prefix(request, "links:/"))
		return hf_reader_links(reader, request + strlen("links:"));
	if (hf_has_prefix(request, "way:/"))
		return hf_reader_way(reader, request + strlen("way:"));
	if (hf_has_prefix(request, "parents:/"))
		return ask_parents(reader, request + strlen("parents:"));
	if (hf_has_prefix(request, "follow:/")) {
		reader->follows = true;
		int r = ask_glob(reader, HF_ASK_FILE, "", request + strlen("follow:"), &budget);

		reader->follows = false;
		return r;
	}
	if (*request != '/' && colon) {
		kind = hf_ask_kind_number(request, (size_t)(colon - request));
		request = colon + 1;
	}
	if (*request != '/' || strstr(request, "/../"))
		return 0;
	if (strcmp(request, "/") == 0)
		return ask(reader, kind, "/");
	switch (kind) {
	case HF_ASK_FILE:
	case HF_ASK_STAT:
	case HF_ASK_LINK:
	case HF_ASK_DIR:
		if (!strpbrk(request, "*?[") && !strstr(request, "//") && !hf_has_suffix(request, "/"))
			return ask_last(reader, kind, request);
		return ask_glob(reader, kind, "", request, &budget);
	case HF_ASK_API:
	case HF_ASK_CALL:
	case HF_ASK_KIND_END:
		break;
	}
	return 0;
}
