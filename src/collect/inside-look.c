/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking below one container's root. Everything there is its own choice and may change while it is looked at,
 * so: nothing is opened but with O_PATH or as a folder, always below the root that is held, never through the
 * kernel's magic links, and never on a file system that could keep us waiting. */
#include "collect/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

const char *const hf_inside_proc[] = {
	"acpi",		"asound", "bus",	"fs",	      "interrupts", "irq",
	"kcore",	"keys",	  "latency_stats", "sched_debug", "scsi",	    "sys",
	"sysrq-trigger", "timer_list", "timer_stats", NULL,
};

const char *const hf_inside_sys[] = {
	"/sys/firmware",
	"/sys/devices/virtual/powercap",
	NULL,
};

const char *const hf_inside_helpers[] = {
	"/sys/kernel/core_pattern",
	"/sys/kernel/modprobe",
	"/sys/kernel/hotplug",
	"/sys/kernel/poweroff_cmd",
	"/sys/kernel/usermodehelper/bset",
	"/sys/kernel/usermodehelper/inheritable",
	"/sys/fs/binfmt_misc/register",
	"/sysrq-trigger",
	NULL,
};

static const char slow_reason[] = "on a file system that may never answer";
static const char many_reason[] = "more files are there than are looked at";

/* ---- opening and sending ---- */

/* That every file system on the way to @path answers. Where one does not, no link is followed either: it
 * could lead there. */
static bool is_touchable(const hf_inside_place *place, const char *path)
{
	const char *rest;
	uint32_t magic;

	for (size_t i = 0; !place->mounts.is_prompt && i < place->mounts.count; i++) {
		const hf_inside_mount *mount = &place->mounts.all[i];

		if (!hf_inside_is_prompt(mount->type, &magic) &&
		    hf_path_is_below(path, mount->target, &rest))
			return false;
	}
	return true;
}

/* A descriptor, or a negative errno. */
static int open_at(const hf_inside_place *place, int folder, const char *path, uint64_t flags,
		   bool follow)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
			   (follow && place->mounts.is_prompt ? 0u : RESOLVE_NO_SYMLINKS),
	};
	int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

static int open_path(const hf_inside_place *place, const char *path, uint64_t flags, bool follow)
{
	if (!is_touchable(place, path))
		return -ENOTSUP;
	return open_at(place, place->root_fd, path, flags | O_PATH, follow);
}

static uint32_t magic_of(const hf_inside_place *place, uint32_t major, uint32_t minor)
{
	uint32_t magic = 0;

	for (size_t i = 0; i < place->mounts.count; i++) {
		const hf_inside_mount *mount = &place->mounts.all[i];

		if (mount->major == major && mount->minor == minor) {
			(void)hf_inside_is_prompt(mount->type, &magic);
			break;
		}
	}
	return magic;
}

static int64_t nanoseconds(const struct statx_timestamp *time)
{
	return time->tv_sec * 1000000000 + time->tv_nsec;
}

/* As the kernel knows it without asking a file server; 0 or a positive errno. */
static int stat_at(const hf_inside_place *place, int folder, const char *name, hf_meta *ret_meta)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC |
			  (*name ? 0 : AT_EMPTY_PATH);
	struct statx st;

	if (statx(folder, name, flags, STATX_BASIC_STATS, &st) < 0)
		return errno;
	*ret_meta = (hf_meta){
		.mode = st.stx_mode,
		.uid = st.stx_uid,
		.gid = st.stx_gid,
		.nlink = st.stx_nlink,
		.fs_magic = magic_of(place, st.stx_dev_major, st.stx_dev_minor),
		.rdev_major = st.stx_rdev_major,
		.rdev_minor = st.stx_rdev_minor,
		.dev_major = st.stx_dev_major,
		.dev_minor = st.stx_dev_minor,
		.ino = st.stx_ino,
		.size = st.stx_size,
		.mtime_ns = nanoseconds(&st.stx_mtime),
		.ctime_ns = nanoseconds(&st.stx_ctime),
	};
	return 0;
}

/* Sends @answer as the one to what is at @folder/@name of the container. */
static int send_at(hf_inside_place *place, const char *folder, const char *name, hf_answer *answer)
{
	char path[HF_NAME_MAX_BYTES + 1];
	int n = snprintf(path, sizeof path, "/proc/%d/root%s%s%s", place->pid, folder,
			 *name ? "/" : "", name);

	if (n < 0 || (size_t)n >= sizeof path)
		return 0; /* nobody can ask for it by that name */
	answer->name = path;
	if (!answer->data)
		answer->data = "";
	switch (answer->error) {
	case ENOTSUP:
		answer->reason = slow_reason;
		break;
	case ELOOP:
		answer->reason = "a symbolic link is in the way";
		break;
	default:
		break;
	}
	return hf_sink_answer(hf_reader_sink(place->proc->reader), answer);
}

static int send_stat(hf_inside_place *place, const char *folder, const char *name, int error,
		     const hf_meta *meta)
{
	hf_answer answer = {.kind = HF_ASK_STAT, .error = error};

	if (!error)
		answer.meta = *meta;
	return send_at(place, folder, name, &answer);
}

static bool spend(const hf_inside_place *place)
{
	if (*place->budget == 0)
		return false;
	--*place->budget;
	return true;
}

/* The file @name of the folder @folder, held by @fd; a negative @fd is why it is not. */
static int ask_name(hf_inside_place *place, int fd, const char *folder, const char *name)
{
	hf_meta meta = {0};

	if (!spend(place))
		return 0;
	int error = fd < 0 ? -fd : stat_at(place, fd, name, &meta);

	return send_stat(place, folder, name, error, &meta);
}

static int ask_path(hf_inside_place *place, const char *path, bool follow)
{
	hf_meta meta = {0};

	if (!spend(place))
		return 0;
	int opened = open_path(place, path, follow ? 0 : O_NOFOLLOW, follow);
	hf_cleanup(hf_closep) int fd = opened;
	int error = fd < 0 ? -opened : stat_at(place, fd, "", &meta);

	return send_stat(place, path, "", error, &meta);
}

/* ---- folders ---- */

typedef struct entry {
	const char *name;
	unsigned char type; /* of dirent(3) */
} entry;

typedef struct listing {
	entry *all;
	size_t count;
	hf_meta meta; /* of the folder */
} listing;

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

static int add_entries(hf_inside_place *place, const char *block, size_t size, hf_list *names)
{
	for (size_t at = 0; at < size;) {
		const struct dirent64 *from = (const void *)(block + at);

		at += from->d_reclen;
		if (strcmp(from->d_name, ".") == 0 || strcmp(from->d_name, "..") == 0)
			continue;
		if (names->count >= HF_DIR_CAP_NAMES)
			return EFBIG;
		/* the type, then the name: one block each */
		char *copy = hf_arena_alloc(place->arena, strlen(from->d_name) + 2);

		if (!copy || hf_list_add(names, copy) < 0)
			return ENOMEM;
		copy[0] = (char)from->d_type;
		strcpy(copy + 1, from->d_name);
	}
	return 0;
}

/* The names in the folder that @held is an O_PATH descriptor of; 0 or a positive errno. */
static int list(hf_inside_place *place, int held, listing *ret_listing)
{
	_Alignas(struct dirent64) char block[8192];
	hf_cleanup(hf_list_free) hf_list names = {0};
	struct statfs fs;
	int error = stat_at(place, held, "", &ret_listing->meta);

	/* what was mounted there since mountinfo was read is on no list */
	if (!error && (fstatfs(held, &fs) < 0 || (uint32_t)fs.f_type != ret_listing->meta.fs_magic))
		error = ENOTSUP;
	if (error)
		return error;
	int opened = open_at(place, held, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK, false);
	hf_cleanup(hf_closep) int fd = opened;

	if (fd < 0)
		return -opened;
	for (ssize_t n; !error && (n = getdents64(fd, block, sizeof block)) != 0;)
		error = n < 0 ? errno : add_entries(place, block, (size_t)n, &names);
	if (error)
		return error;
	ret_listing->all = hf_arena_calloc(place->arena, names.count + 1, sizeof(entry));
	if (!ret_listing->all)
		return ENOMEM;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];

		ret_listing->all[i] = (entry){.name = name + 1, .type = (unsigned char)*name};
	}
	ret_listing->count = names.count;
	qsort(ret_listing->all, names.count, sizeof(entry), compare_entries);
	return 0;
}

static int send_listing(hf_inside_place *place, const char *path, int error, const listing *names)
{
	hf_cleanup(hf_buffer_free) hf_buffer text = {0};
	hf_answer answer = {.kind = HF_ASK_DIR, .error = error};

	if (error == EFBIG)
		answer.reason = many_reason;
	for (size_t i = 0; !error && i < names->count; i++)
		hf_buffer_add(&text, names->all[i].name, strlen(names->all[i].name) + 1);
	if (text.failed)
		return -ENOMEM;
	if (!error) {
		answer.meta = names->meta;
		answer.meta.size = text.size;
		answer.data = text.data;
		answer.size = text.size;
	}
	return send_at(place, path, "", &answer);
}

/* Lists @path and sends that; *ret_fd is held for its names. 1: it could not be listed, and that was sent. */
static int ask_folder(hf_inside_place *place, const char *path, listing *ret_listing, int *ret_fd)
{
	int fd = spend(place) ? open_path(place, path, O_DIRECTORY, false) : -EFBIG;
	int error = fd < 0 ? -fd : list(place, fd, ret_listing);
	int r = send_listing(place, path, error, ret_listing);

	if (r < 0 || error) {
		hf_closep(&fd);
		return r < 0 ? r : 1;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- devices ---- */

enum { DEVICE_DEPTH = 3 };

/* Folders of /dev that hold no devices of the host, but may hold many names. */
static bool has_devices(const char *name)
{
	static const char *const others[] = {"fd", "hugepages", "mqueue", "pts", "shm"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(others); i++) {
		if (strcmp(name, others[i]) == 0)
			return false;
	}
	return true;
}

static int ask_nodes(hf_inside_place *place, const char *path, unsigned depth)
{
	listing names = {0};
	hf_cleanup(hf_closep) int fd = -1;
	int r = ask_folder(place, path, &names, &fd);

	for (size_t i = 0; r == 0 && i < names.count && place->nodes < HF_INSIDE_NODES; i++) {
		place->nodes++;
		r = ask_name(place, fd, path, names.all[i].name);
	}
	for (size_t i = 0; r == 0 && depth > 0 && i < names.count; i++) {
		char below[HF_NAME_MAX_BYTES + 1];
		const char *name = names.all[i].name;

		if (names.all[i].type != DT_DIR || !has_devices(name) ||
		    place->nodes >= HF_INSIDE_NODES ||
		    snprintf(below, sizeof below, "%s/%s", path, name) >= (int)sizeof below)
			continue;
		r = ask_nodes(place, below, depth - 1);
		r = r > 0 ? 0 : r;
	}
	return r > 0 ? 0 : r;
}

/* ---- masks ---- */

static int ask_proc(hf_inside_place *place)
{
	int opened = open_path(place, "/proc", O_DIRECTORY, false), r = 0;
	hf_cleanup(hf_closep) int fd = opened;

	for (size_t i = 0; r >= 0 && hf_inside_proc[i]; i++) {
		if (place->proc_names & UINT32_C(1) << i)
			r = ask_name(place, fd < 0 ? opened : fd, "/proc", hf_inside_proc[i]);
	}
	return r;
}

static bool is_listed(const char *path)
{
	for (size_t i = 0; hf_inside_sys[i]; i++) {
		if (strcmp(hf_inside_sys[i], path) == 0)
			return true;
	}
	for (size_t i = 0; hf_has_prefix(path, "/proc/") && hf_inside_proc[i]; i++) {
		if (strcmp(hf_inside_proc[i], path + strlen("/proc/")) == 0)
			return true;
	}
	return false;
}

static int ask_sys(hf_inside_place *place)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && hf_inside_sys[i]; i++)
		r = ask_path(place, hf_inside_sys[i], false);
	return r;
}

/* ---- helper files ---- */

static int ask_helper(hf_inside_place *place, const char *folder, const char *file)
{
	char path[HF_NAME_MAX_BYTES + 1];
	int n = snprintf(path, sizeof path, "%s%s", strcmp(folder, "/") == 0 ? "" : folder, file);

	if (n < 0 || (size_t)n >= sizeof path || place->helpers >= HF_INSIDE_HELPERS)
		return 0;
	const hf_inside_mount *on = hf_inside_mount_of(&place->mounts, path);

	if (!on || on->is_read_only)
		return 0;
	place->helpers++;
	return ask_path(place, path, false);
}

static int ask_helpers(hf_inside_place *place, const hf_inside_mount *mount)
{
	int r = 0;

	if (strcmp(mount->type, "proc") == 0 && strcmp(mount->root, "/") == 0) {
		for (size_t i = 0; r >= 0 && hf_inside_helpers[i]; i++)
			r = ask_helper(place, mount->target, hf_inside_helpers[i]);
	} else if (mount->is_read_only) {
		return 0;
	} else if (strcmp(mount->type, "sysfs") == 0 && strcmp(mount->root, "/") == 0) {
		r = ask_helper(place, mount->target, "/kernel/uevent_helper");
	} else if (strcmp(mount->type, "binfmt_misc") == 0) {
		r = ask_helper(place, mount->target, "/register");
	} else if (strcmp(mount->type, "cgroup") == 0 && strcmp(mount->root, "/") == 0) {
		r = ask_helper(place, mount->target, "/release_agent");
	}
	return r;
}

/* ---- mount points ---- */

static bool is_kernels(const char *type)
{
	static const char *const types[] = {"proc", "sysfs", "cgroup", "cgroup2", "mqueue", "overlay"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(types); i++) {
		if (strcmp(types[i], type) == 0)
			return true;
	}
	return false;
}

static bool is_runtimes_copy(const hf_inside_mount *mount)
{
	static const char *const copies[] = {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(copies); i++) {
		if (strcmp(copies[i], mount->target) == 0)
			return !hf_has_prefix(mount->root, "/etc/");
	}
	return false;
}

/* Something that came from elsewhere: a disk's, or a part of a file system of memory. */
static bool is_foreign(const hf_inside_mount *mount)
{
	bool is_memory = strcmp(mount->type, "tmpfs") == 0 || strcmp(mount->type, "devpts") == 0;

	if (is_kernels(mount->type) || is_runtimes_copy(mount) || strcmp(mount->target, "/") == 0)
		return false;
	return !is_memory || strcmp(mount->root, "/") != 0;
}

static int ask_target(hf_inside_place *place, const hf_inside_mount *mount)
{
	bool is_mask = hf_has_prefix(mount->target, "/proc/") || hf_has_prefix(mount->target, "/sys/");

	if (is_kernels(mount->type) || (!is_mask && !is_foreign(mount)) || is_listed(mount->target) ||
	    place->targets >= HF_INSIDE_TARGETS)
		return 0;
	place->targets++;
	return ask_path(place, mount->target, false);
}

/* The host's devices under another name; /dev itself is asked about anyway. */
static int ask_devices(hf_inside_place *place, const hf_inside_mount *mount)
{
	const char *rest;
	hf_meta meta = {0};

	if (strcmp(mount->type, "devtmpfs") != 0 || hf_path_is_below(mount->target, "/dev", &rest))
		return 0;
	hf_cleanup(hf_closep) int fd = open_path(place, mount->target, O_NOFOLLOW, false);

	if (fd < 0 || stat_at(place, fd, "", &meta) != 0 || !S_ISDIR(meta.mode))
		return 0;
	return ask_nodes(place, mount->target, DEVICE_DEPTH);
}

/* ---- secrets ---- */

static int ask_secrets(hf_inside_place *place, const hf_inside_mount *mount)
{
	const char *rest;
	listing names = {0};
	hf_cleanup(hf_closep) int fd = -1;

	if (!hf_path_is_below(mount->target, "/run/secrets", &rest) &&
	    !hf_path_is_below(mount->target, "/var/run/secrets", &rest) &&
	    !strstr(mount->root, "/kubernetes.io~"))
		return 0;
	if (place->secrets >= HF_INSIDE_SECRETS)
		return 0;
	hf_cleanup(hf_closep) int held = open_path(place, mount->target, O_NOFOLLOW, false);
	hf_meta meta = {0};

	/* a single file was asked about as a mount point */
	if (held < 0 || stat_at(place, held, "", &meta) != 0 || !S_ISDIR(meta.mode))
		return 0;
	int r = ask_folder(place, mount->target, &names, &fd);

	for (size_t i = 0; r == 0 && i < names.count && place->secrets < HF_INSIDE_SECRETS; i++) {
		char path[HF_NAME_MAX_BYTES + 1];

		/* "..data" and "..2024_05_01": by these kubelet replaces all of them at once */
		if (hf_has_prefix(names.all[i].name, "..") ||
		    snprintf(path, sizeof path, "%s/%s", mount->target, names.all[i].name) >=
			    (int)sizeof path)
			continue;
		place->secrets++;
		r = ask_path(place, path, true);
	}
	return r > 0 ? 0 : r;
}

/* ---- sockets ---- */

/* That a mount may show a socket of the host: it came from elsewhere, or is a tmpfs that could have. */
static bool may_show_sockets(const hf_inside_mount *mount)
{
	static const char *const own[] = {"/dev", "/proc", "/sys"};
	const char *rest;

	if (is_foreign(mount))
		return true;
	for (size_t i = 0; i < HF_ARRAY_SIZE(own); i++) {
		if (hf_path_is_below(mount->target, own[i], &rest))
			return false;
	}
	return strcmp(mount->type, "tmpfs") == 0 && strcmp(mount->target, "/") != 0;
}

static int ask_sockets(hf_inside_place *place)
{
	unsigned asked = 0;
	bool is_needed = false;
	int r = 0;

	for (size_t i = 0; i < place->mounts.count; i++)
		is_needed |= may_show_sockets(&place->mounts.all[i]);
	if (is_needed)
		r = hf_inside_sockets_read(place->proc, place->sockets);
	for (size_t i = 0; r >= 0 && is_needed && i < place->mounts.count; i++) {
		const hf_inside_mount *mount = &place->mounts.all[i];

		for (size_t j = 0; r >= 0 && j < place->sockets->count; j++) {
			const hf_inside_socket *socket = &place->sockets->all[j];
			char path[HF_NAME_MAX_BYTES + 1];
			const char *rest;

			if (socket->major != mount->major || socket->minor != mount->minor ||
			    !may_show_sockets(mount) || asked >= HF_INSIDE_SOCKETS ||
			    !hf_path_is_below(socket->path, mount->root, &rest) ||
			    snprintf(path, sizeof path, "%s%s", mount->target, rest) >=
				    (int)sizeof path)
				continue;
			asked++;
			r = ask_path(place, path, false);
		}
	}
	return r;
}

/* ---- all ---- */

int hf_inside_look(hf_inside_place *place)
{
	int r = ask_proc(place);

	if (r >= 0)
		r = ask_sys(place);
	if (r >= 0)
		r = ask_nodes(place, "/dev", DEVICE_DEPTH);
	for (size_t i = 0; r >= 0 && i < place->mounts.count; i++) {
		const hf_inside_mount *mount = &place->mounts.all[i];

		r = ask_target(place, mount);
		if (r >= 0)
			r = ask_helpers(place, mount);
		if (r >= 0)
			r = ask_devices(place, mount);
		if (r >= 0)
			r = ask_secrets(place, mount);
	}
	return r < 0 ? r : ask_sockets(place);
}
