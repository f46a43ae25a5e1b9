/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mounts of a container, as far as a collector must know them to ask on. */
#include "collect/inside.h"

#include <linux/magic.h>

enum { FIELD_ID = 0, FIELD_DEVICE = 2, FIELD_ROOT, FIELD_TARGET, FIELD_OPTIONS, FIELD_COUNT };

static const struct {
	const char *type;
	uint32_t magic;
} prompt[] = {
	{"overlay", OVERLAYFS_SUPER_MAGIC},
	{"proc", PROC_SUPER_MAGIC},
	{"tmpfs", TMPFS_MAGIC},
	{"sysfs", SYSFS_MAGIC},
	{"cgroup", CGROUP_SUPER_MAGIC},
	{"cgroup2", CGROUP2_SUPER_MAGIC},
	{"mqueue", 0x19800202},
	{"devpts", DEVPTS_SUPER_MAGIC},
	{"devtmpfs", TMPFS_MAGIC},
	{"ext4", EXT4_SUPER_MAGIC},
	{"ext3", EXT4_SUPER_MAGIC},
	{"ext2", EXT4_SUPER_MAGIC},
	{"xfs", 0x58465342},
	{"btrfs", BTRFS_SUPER_MAGIC},
	{"f2fs", F2FS_SUPER_MAGIC},
	{"zfs", 0x2fc12fc1},
	{"vfat", 0x4d44},
	{"exfat", 0x2011bab0},
	{"iso9660", ISOFS_SUPER_MAGIC},
	{"squashfs", SQUASHFS_MAGIC},
	{"erofs", EROFS_SUPER_MAGIC_V1},
	{"ramfs", RAMFS_MAGIC},
	{"rootfs", RAMFS_MAGIC},
	{"securityfs", SECURITYFS_MAGIC},
	{"selinuxfs", SELINUX_MAGIC},
	{"smackfs", SMACK_MAGIC},
	{"debugfs", DEBUGFS_MAGIC},
	{"tracefs", TRACEFS_MAGIC},
	{"bpf", BPF_FS_MAGIC},
	{"binfmt_misc", BINFMTFS_MAGIC},
	{"efivarfs", EFIVARFS_MAGIC},
	{"pstore", PSTOREFS_MAGIC},
	{"hugetlbfs", HUGETLBFS_MAGIC},
	{"nsfs", NSFS_MAGIC},
	{"configfs", 0x62656570},
	{"fusectl", 0x65735543},
};

bool hf_inside_is_prompt(const char *type, uint32_t *ret_magic)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(prompt); i++) {
		if (strcmp(prompt[i].type, type) == 0) {
			*ret_magic = prompt[i].magic;
			return true;
		}
	}
	*ret_magic = 0;
	return false;
}

bool hf_path_is_below(const char *path, const char *folder, const char **ret_rest)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (strncmp(path, folder, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return false;
	*ret_rest = path[length] == '/' && path[length + 1] == '\0' ? "" : path + length;
	return true;
}

static bool is_octal(const char *at)
{
	return at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
	       at[3] >= '0' && at[3] <= '7';
}

/* Blanks, tabs, line ends and backslashes of names come as \ooo, proc_pid_mountinfo(5). */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (is_octal(at)) {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

static bool parse_device(const char *field, hf_inside_mount *mount)
{
	char *end;
	unsigned long major = strtoul(field, &end, 10), minor;

	if (end == field || *end != ':' || major > UINT32_MAX)
		return false;
	minor = strtoul(end + 1, &end, 10);
	if (*end != '\0' || minor > UINT32_MAX)
		return false;
	mount->major = (uint32_t)major;
	mount->minor = (uint32_t)minor;
	return true;
}

/* A line of the kernel's, cut in place. */
static bool parse_line(char *line, hf_inside_mount *mount)
{
	char *fields[FIELD_COUNT], *tag, *type;

	for (size_t i = 0; i < HF_ARRAY_SIZE(fields); i++) {
		fields[i] = strsep(&line, " ");
		if (!line)
			return false;
	}
	do {
		tag = strsep(&line, " ");
	} while (tag && strcmp(tag, "-") != 0);
	type = line ? strsep(&line, " ") : NULL;
	if (!type || !parse_device(fields[FIELD_DEVICE], mount))
		return false;
	unescape(fields[FIELD_ROOT]);
	unescape(fields[FIELD_TARGET]);
	unescape(type);
	mount->id = strtoull(fields[FIELD_ID], NULL, 10);
	mount->root = fields[FIELD_ROOT];
	mount->target = fields[FIELD_TARGET];
	mount->type = type;
	mount->is_read_only = strncmp(fields[FIELD_OPTIONS], "ro", 2) == 0 &&
			      (fields[FIELD_OPTIONS][2] == ',' || fields[FIELD_OPTIONS][2] == '\0');
	return true;
}

int hf_inside_mounts_parse(hf_arena *arena, const char *text, size_t size,
			   hf_inside_mounts *ret_mounts)
{
	char *copy = hf_arena_memdup(arena, text, size), *line;
	hf_inside_mounts mounts = {.is_prompt = true};
	uint32_t magic;
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	if (lines > HF_INSIDE_MOUNTS)
		return -EFBIG;
	mounts.all = hf_arena_calloc(arena, lines + 1, sizeof *mounts.all);
	if (!copy || !mounts.all)
		return -ENOMEM;
	while (mounts.count < lines && (line = strsep(&copy, "\n"))) {
		hf_inside_mount *mount = &mounts.all[mounts.count++];

		if (!parse_line(line, mount))
			return -EBADMSG;
		mounts.is_prompt &= hf_inside_is_prompt(mount->type, &magic);
	}
	*ret_mounts = mounts;
	return 0;
}

const hf_inside_mount *hf_inside_mount_of(const hf_inside_mounts *mounts, const char *path)
{
	const hf_inside_mount *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < mounts->count; i++) {
		const char *rest;
		size_t length = strlen(mounts->all[i].target);

		/* of two on one place the later is on top */
		if (length >= longest && hf_path_is_below(path, mounts->all[i].target, &rest)) {
			best = &mounts->all[i];
			longest = length;
		}
	}
	return best;
}
