/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of /proc/PID/cgroup and /proc/PID/stat. */
#include "facts/cgroup.h"

#include <ctype.h>
#include <stdio.h>

/* How engines name a container's group: "<prefix><id><suffix>" as one part of the path. A monitor's group
 * (libpod-conmon-, crio-conmon-) holds no process of the container. */
static const struct {
	const char *prefix;
	const char *runtime;
	bool needs_id; /* 64 hex digits must follow */
} patterns[] = {
	{.prefix = "cri-containerd-", .runtime = "kubernetes", .needs_id = true},
	{.prefix = "crio-", .runtime = "kubernetes", .needs_id = true},
	{.prefix = "docker-", .runtime = "docker", .needs_id = true},
	{.prefix = "libpod-", .runtime = "podman", .needs_id = true},
	{.prefix = "nerdctl-", .runtime = "containerd", .needs_id = true},
	{.prefix = "containerd-", .runtime = "containerd", .needs_id = true},
	{.prefix = "lxc.payload.", .runtime = "lxc", .needs_id = false},
	{.prefix = "systemd-nspawn@", .runtime = "systemd-nspawn", .needs_id = false},
};

/* A bare id belongs to whoever owns a folder above it. */
static const struct {
	const char *part;
	const char *runtime;
	bool is_prefix; /* "kubepods.slice", "kubepods-burstable.slice" */
} parents[] = {
	{.part = "kubepods", .runtime = "kubernetes", .is_prefix = true},
	{.part = "docker", .runtime = "docker"},
	{.part = "libpod_parent", .runtime = "podman"},
	{.part = "buildkit", .runtime = "buildkit"},
	{.part = "default", .runtime = "containerd"}, /* nerdctl's namespace */
	{.part = "lxc", .runtime = "lxc"},
};

static size_t count_hex(const char *at, const char *end)
{
	size_t count = 0;

	while (at + count < end && ((at[count] >= '0' && at[count] <= '9') ||
				    (at[count] >= 'a' && at[count] <= 'f')))
		count++;
	return count;
}

static bool starts_with(const char *at, const char *end, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(end - at) >= length && memcmp(at, prefix, length) == 0;
}

static void set_id(hf_cgroup_owner *owner, const char *id)
{
	memcpy(owner->id, id, HF_CONTAINER_ID_DIGITS);
	owner->id[HF_CONTAINER_ID_DIGITS] = '\0';
}

/* Whose folder the part [@at, @end) of a path is; NULL: nobody's. */
static const char *parent_runtime(const char *at, const char *end)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(parents); i++) {
		bool is_whole = strlen(parents[i].part) == (size_t)(end - at);

		if ((is_whole || parents[i].is_prefix) && starts_with(at, end, parents[i].part))
			return parents[i].runtime;
	}
	return NULL;
}

/* @above: the owner of the first folder above that has one. */
static bool match_part(const char *path, const char *part, const char *end, const char *above,
		       hf_cgroup_owner *owner)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(patterns); i++) {
		if (!starts_with(part, end, patterns[i].prefix))
			continue;
		const char *id = part + strlen(patterns[i].prefix);
		bool has_id = count_hex(id, end) == HF_CONTAINER_ID_DIGITS;

		if (patterns[i].needs_id && !has_id)
			continue;
		/* a pod's container is Kubernetes' whoever runs it */
		owner->runtime = above && strcmp(above, "kubernetes") == 0 ? above
									    : patterns[i].runtime;
		if (has_id)
			set_id(owner, id);
		return true;
	}
	if (count_hex(part, end) == HF_CONTAINER_ID_DIGITS && part + HF_CONTAINER_ID_DIGITS == end) {
		owner->runtime = above ? above : "unknown";
		set_id(owner, part);
		return true;
	}
	if (above && strcmp(above, "lxc") == 0 && part > path && part[-1] == '/') {
		owner->runtime = above; /* /lxc/NAME of LXC before 4.0 */
		return true;
	}
	/* BuildKit's steps have ids of their own form */
	if (above && strcmp(above, "buildkit") == 0) {
		owner->runtime = above;
		return true;
	}
	return false;
}

static bool match_path(const char *path, const char *end, hf_cgroup_owner *owner)
{
	const char *above = NULL;

	/* any user can nest groups two thousand deep, so each part is looked at once */
	for (const char *part = path; part < end;) {
		const char *stop = memchr(part, '/', (size_t)(end - part));

		stop = stop ? stop : end;
		if (part < stop && match_part(path, part, stop, above, owner)) {
			owner->path = path;
			owner->path_length = (size_t)(stop - path);
			return true;
		}
		if (!above)
			above = parent_runtime(part, stop);
		part = stop + 1;
	}
	return false;
}

bool hf_cgroup_parse(const char *text, size_t size, hf_cgroup_owner *ret_owner)
{
	const char *cursor = text, *line;
	size_t length;

	/* "hierarchy:controllers:path", cgroups(7); a controller list holds no ':' */
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		const char *end = line + length;
		const char *colon = memchr(line, ':', length);

		colon = colon ? memchr(colon + 1, ':', (size_t)(end - colon - 1)) : NULL;
		hf_cgroup_owner owner = {0};

		if (colon && match_path(colon + 1, end, &owner)) {
			*ret_owner = owner;
			return true;
		}
	}
	return false;
}

int hf_proc_stat_parse(const char *text, size_t size, hf_proc_stat *ret_stat)
{
	const char *open = memchr(text, '(', size);
	const char *close = memrchr(text, ')', size);
	hf_proc_stat stat = {0};
	char rest[512];
	unsigned long long flags, start;

	if (!open || !close || close < open || sscanf(text, "%d (", &stat.pid) != 1)
		return -EBADMSG;
	size_t length = size - (size_t)(close + 1 - text);

	if (length >= sizeof rest)
		return -EBADMSG;
	memcpy(rest, close + 1, length);
	rest[length] = '\0';
	if (sscanf(rest,
		   " %c %d %*d %*d %*d %*d %llu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &stat.state, &stat.parent, &flags, &start) != 4 ||
	    stat.pid <= 0)
		return -EBADMSG;
	stat.flags = flags;
	stat.start_ticks = start;
	*ret_stat = stat;
	return 0;
}
