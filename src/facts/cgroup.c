/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of /proc/PID/cgroup and /proc/PID/stat. */
#include "facts/cgroup.h"

#include <stdio.h>

/* How engines name a container's group: "[<prefix>]<64 hex digits>[.scope]" as one part of the
 * path. The separator is ':' where a runtime meant for systemd runs without it. */
static const struct {
	const char *prefix;
	const char *runtime;
} prefixes[] = {
	{.prefix = "cri-containerd", .runtime = "containerd"},
	{.prefix = "crio", .runtime = "cri-o"},
	{.prefix = "docker", .runtime = "docker"},
	{.prefix = "libpod", .runtime = "podman"},
	{.prefix = "libpod-payload", .runtime = "podman"},
	{.prefix = "nerdctl", .runtime = "containerd"},
	{.prefix = "containerd", .runtime = "containerd"},
};

/* A bare id belongs to whoever owns a folder above it. */
static const struct {
	const char *part;
	const char *runtime;
	bool is_prefix; /* "kubepods.slice", "kubepods-burstable.slice" */
	bool is_top;	/* only right below the root; what is in it may have any name */
} parents[] = {
	{.part = "kubepods", .runtime = "kubernetes", .is_prefix = true},
	{.part = "docker", .runtime = "docker"},
	{.part = "libpod_parent", .runtime = "podman"},
	{.part = "buildkit", .runtime = "buildkit"},
	{.part = "lxc", .runtime = "lxc"},
	/* namespaces of containerd, from which runc makes the path */
	{.part = "default", .runtime = "containerd", .is_top = true},
	{.part = "k8s.io", .runtime = "containerd", .is_top = true},
};

/* Names instead of ids. */
static const struct {
	const char *prefix;
	const char *suffix;
	const char *runtime;
	bool is_machine;
} names[] = {
	{.prefix = "lxc.payload.", .suffix = "", .runtime = "lxc"},
	{.prefix = "systemd-nspawn@",
	 .suffix = ".service",
	 .runtime = "systemd-nspawn",
	 .is_machine = true},
	{.prefix = "machine-lxc\\x2d", .suffix = ".scope", .runtime = "lxc", .is_machine = true},
	{.prefix = "machine-qemu\\x2d", .suffix = ".scope"}, /* a virtual machine */
	{.prefix = "machine-", .suffix = ".scope", .runtime = "systemd-nspawn", .is_machine = true},
};

/* A part of a path, and what is known of the parts above it. */
typedef struct walk {
	const char *path;
	const char *part;
	const char *end;   /* of the part */
	const char *above; /* the owner of the first folder above that has one, or NULL */
	bool is_open;	   /* that folder's children may have any name */
	char pod[HF_CONTAINER_ID_DIGITS + 1];
	hf_cgroup_owner found;
} walk;

static size_t count_hex(const char *at, const char *end)
{
	size_t count = 0;

	while (at + count < end &&
	       ((at[count] >= '0' && at[count] <= '9') || (at[count] >= 'a' && at[count] <= 'f')))
		count++;
	return count;
}

static bool starts_with(const char *at, const char *end, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(end - at) >= length && memcmp(at, prefix, length) == 0;
}

static bool ends_with(const char *at, const char *end, const char *suffix)
{
	size_t length = strlen(suffix);

	return (size_t)(end - at) >= length && memcmp(end - length, suffix, length) == 0;
}

static bool is_text(const char *at, const char *end, const char *text)
{
	return strlen(text) == (size_t)(end - at) && memcmp(at, text, strlen(text)) == 0;
}

static void found_here(walk *w, const char *runtime)
{
	w->found = (hf_cgroup_owner){
		.runtime = runtime,
		.path = w->path,
		.path_length = (size_t)(w->end - w->path),
	};
	memcpy(w->found.pod, w->pod, sizeof w->pod);
	/* what is below is inside the container, and nobody's until it names an owner of its own */
	w->above = NULL;
	w->is_open = false;
	w->pod[0] = '\0';
}

static const char *prefix_runtime(const char *at, const char *end)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(prefixes); i++) {
		if (is_text(at, end, prefixes[i].prefix))
			return prefixes[i].runtime;
	}
	return "unknown";
}

/* "[<prefix>-]<id>[.scope]". A monitor's group (libpod-conmon-, crio-conmon-) holds no process of
 * the container. */
static bool match_id(walk *w)
{
	const char *end = ends_with(w->part, w->end, ".scope") ? w->end - strlen(".scope") : w->end;
	const char *id = end - HF_CONTAINER_ID_DIGITS, *runtime = w->above;

	if (end - w->part < HF_CONTAINER_ID_DIGITS || count_hex(id, end) != HF_CONTAINER_ID_DIGITS)
		return false;
	if (id > w->part) {
		const char *stop = id - 1;
		const char *colon = memrchr(w->part, ':', (size_t)(stop - w->part));

		if ((*stop != '-' && *stop != ':') || ends_with(w->part, stop, "conmon"))
			return false;
		/* a pod's container is Kubernetes' whoever runs it */
		if (!runtime || strcmp(runtime, "kubernetes") != 0)
			runtime = starts_with(w->part, stop, "kubepods")
					  ? "kubernetes"
					  : prefix_runtime(colon ? colon + 1 : w->part, stop);
	} else if (runtime && strcmp(runtime, "podman") == 0) {
		memcpy(w->pod, id, HF_CONTAINER_ID_DIGITS); /* /libpod_parent/<pod>/libpod-<id> */
		return false;
	}
	found_here(w, runtime ? runtime : "unknown");
	memcpy(w->found.id, id, HF_CONTAINER_ID_DIGITS);
	return true;
}

static bool match_name(walk *w)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		size_t prefix = strlen(names[i].prefix), suffix = strlen(names[i].suffix);

		if ((size_t)(w->end - w->part) <= prefix + suffix ||
		    !starts_with(w->part, w->end, names[i].prefix) ||
		    !ends_with(w->part, w->end, names[i].suffix))
			continue;
		if (!names[i].runtime)
			return false;
		found_here(w, names[i].runtime);
		w->found.label = w->part + prefix;
		w->found.label_length = (size_t)(w->end - w->part) - prefix - suffix;
		w->found.is_machine = names[i].is_machine;
		return true;
	}
	return false;
}

/* The children of some folders have names of their own form: /lxc/NAME of LXC before 4.0,
 * BuildKit's steps, /default/NAME of `ctr run NAME`. */
static bool match_child(walk *w)
{
	const char *runtime = w->above;

	if (!w->is_open || !runtime)
		return false;
	found_here(w, runtime);
	w->found.label = w->part;
	w->found.label_length = (size_t)(w->end - w->part);
	w->found.is_machine =
		strcmp(runtime, "containerd") == 0; /* anybody may call a group "default" */
	return true;
}

static void look_for_parent(walk *w)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(parents); i++) {
		/* an engine's own steps are at /docker/buildkit/STEP */
		if (w->above && strcmp(parents[i].runtime, "buildkit") != 0)
			continue;
		if (parents[i].is_prefix ? !starts_with(w->part, w->end, parents[i].part)
					 : !is_text(w->part, w->end, parents[i].part))
			continue;
		if (parents[i].is_top && w->part != w->path + 1)
			continue;
		w->above = parents[i].runtime;
		w->is_open = parents[i].is_top || strcmp(w->above, "lxc") == 0 ||
			     strcmp(w->above, "buildkit") == 0;
	}
}

/* "kubepods-burstable-pod<uid>.slice" with '_' for '-', "pod<uid>",
 * "machine-libpod_pod_<id>.slice". */
static void look_for_pod(walk *w)
{
	static const char *const marks[] = {"libpod_pod_", "-pod", "pod"};
	const char *end = ends_with(w->part, w->end, ".slice") ? w->end - strlen(".slice") : w->end;

	for (size_t i = 0; i < HF_ARRAY_SIZE(marks); i++) {
		const char *mark =
			memmem(w->part, (size_t)(end - w->part), marks[i], strlen(marks[i]));
		const char *id = mark ? mark + strlen(marks[i]) : end;
		size_t length = (size_t)(end - id);

		if (length == 0 || length > HF_CONTAINER_ID_DIGITS || (i == 2 && mark != w->part) ||
		    (i > 0 && (!w->above || strcmp(w->above, "kubernetes") != 0)))
			continue;
		memset(w->pod, 0, sizeof w->pod);
		for (size_t k = 0; k < length; k++)
			w->pod[k] = id[k] == '_' ? '-' : id[k];
		return;
	}
}

/* Any user can nest groups two thousand deep, so each part is looked at once. */
static bool match_path(const char *path, const char *end, hf_cgroup_owner *owner)
{
	walk w = {.path = path};

	for (w.part = path; w.part < end; w.part = w.end + 1) {
		w.end = memchr(w.part, '/', (size_t)(end - w.part));
		w.end = w.end ? w.end : end;
		if (w.part == w.end || match_id(&w) || match_name(&w) || match_child(&w))
			continue;
		look_for_parent(&w);
		look_for_pod(&w);
	}
	if (w.found.runtime)
		*owner = w.found;
	return w.found.runtime != NULL;
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
		   " %c %d %*d %*d %*d %*d %llu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &stat.state, &stat.parent, &flags, &start) != 4 ||
	    stat.pid <= 0)
		return -EBADMSG;
	stat.flags = flags;
	stat.start_ticks = start;
	*ret_stat = stat;
	return 0;
}
