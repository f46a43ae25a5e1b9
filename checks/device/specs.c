/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that add devices, mounts and host programs to every later container: CDI specifications and
 * OCI hooks. */
#include "common.h"

#include <string.h>

/* Folders, and the pattern of what runtimes read in them. cdi: container-device-interface SPEC.md;
 * hooks: oci-hooks(5). */
static const struct {
	const char *folder;
	const char *pattern;
} places[] = {
	{"/etc/cdi", "/etc/cdi/*"},
	{"/run/cdi", "/run/cdi/*"},
	{"/usr/share/containers/oci/hooks.d", "/usr/share/containers/oci/hooks.d/*.json"},
	{"/etc/containers/oci/hooks.d", "/etc/containers/oci/hooks.d/*.json"},
};

typedef struct state {
	size_t files;
	size_t folders;
	size_t programs;
	bool failed;
} state;

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strcmp(folder, "/") == 0 || (strncmp(path, folder, length) == 0 &&
					    (path[length] == '\0' || path[length] == '/'));
}

/* A mount of a container that shows @path of the node, and that it can write. */
static const char *container_that_writes(hf_check_run *run, const char *path, bool *ret_unknown)
{
	const hf_containers *containers = hf_containers_get(run);

	*ret_unknown = containers->fact.state == HF_UNREADABLE;
	for (size_t i = 0; i < containers->count; i++) {
		const hf_container *container = containers->all[i];
		const hf_container_mounts *mounts = hf_container_mounts_get(run, container);

		if (mounts->fact.state == HF_UNREADABLE)
			*ret_unknown = true;
		for (size_t k = 0; k < mounts->count; k++) {
			const hf_container_mount *at = &mounts->all[k];

			if (at->host_path && !at->is_read_only && !at->is_covered &&
			    is_below(path, at->host_path))
				return hf_text(run, "container %s can write it, by %s",
					       container->name ? container->name : container->id,
					       at->mount->target);
		}
	}
	return NULL;
}

static void judge_path(hf_check_run *run, const char *path, state *s)
{
	bool is_unread = false, is_open = false;
	const char *why = hf_path_writable_why(run, path, &is_unread);
	static const char wanted[] = "root's in every part, and written by nobody else";

	if (why && is_unread) {
		hf_unknown(run, path, why);
		return;
	}
	if (!why)
		why = container_that_writes(run, path, &is_open);
	if (why) {
		s->failed = true;
		hf_expect(run, path, why, wanted, false);
	} else if (is_open) {
		hf_unknown(run, path, "not every container's mounts could be read");
	}
}

/* Programs of the node are what hooks run: "path": "/usr/bin/x". Device nodes and mounts of a CDI
 * specification are absolute paths, too; they are the node's own, and no harm is in judging only
 * what can be run. */
static void judge_programs(hf_check_run *run, const hf_file *file, state *s)
{
	static const char key[] = "path";

	for (const char *at = file->data; (at = strstr(at, key)); at += sizeof key - 1) {
		const char *value = at + sizeof key - 1;

		value += strspn(value, "\"' \t");
		if (*value != ':')
			continue;
		value++;
		value += strspn(value, "\"' \t");
		if (*value != '/' || strncmp(value, "/dev/", strlen("/dev/")) == 0)
			continue;
		const char *program =
			hf_text(run, "%.*s", (int)strcspn(value, "\"',\n} \t"), value);

		s->programs++;
		judge_path(run, program, s);
	}
}

static void judge_place(hf_check_run *run, size_t i, state *s)
{
	const hf_dir *dir = hf_dir_get(run, places[i].folder);
	const hf_file *const *files;

	if (dir->fact.state == HF_ABSENT)
		return;
	if (!hf_need(run, &dir->fact))
		return;
	s->folders++;
	judge_path(run, places[i].folder, s);
	size_t count = hf_files_matching(run, places[i].pattern, &files);

	for (size_t k = 0; k < count; k++) {
		if (!hf_need(run, &files[k]->fact))
			continue;
		s->files++;
		judge_path(run, files[k]->fact.source, s);
		judge_programs(run, files[k], s);
	}
}

static void check_cdi_specs(hf_check_run *run)
{
	state s = {0};

	for (size_t i = 0; i < DEVICE_COUNT(places); i++)
		judge_place(run, i, &s);
	if (s.failed || hf_status_so_far(run) == HF_UNKNOWN)
		return;
	if (s.files == 0 && s.folders == 0)
		hf_not_applicable(run, "/etc/cdi, /run/cdi, hooks.d", "none of them exists",
				  "nothing is injected into containers");
	else
		hf_expect(run, "specifications and hooks",
			  hf_text(run, "%zu files and %zu programs, root's alone", s.files,
				  s.programs),
			  "root's in every part, and written by nobody else", true);
}

static const hf_check checks[] = {
	{
		.id = "device.cdi-specs",
		.title = "Device injection specs and hooks are root-owned and fixed",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:732", "CWE:829", "CVE:2026-53492"),
		.reads = HF_READS(
			"dir:/etc/cdi", "dir:/run/cdi", "dir:/usr/share/containers/oci/hooks.d",
			"dir:/etc/containers/oci/hooks.d", "parents:/etc/cdi", "parents:/run/cdi",
			"parents:/usr/share/containers/oci/hooks.d",
			"parents:/etc/containers/oci/hooks.d", "stat:/etc/cdi/*", "stat:/run/cdi/*",
			"stat:/usr/share/containers/oci/hooks.d/*.json",
			"stat:/etc/containers/oci/hooks.d/*.json", "follow:/etc/cdi/*",
			"follow:/run/cdi/*", "follow:/usr/share/containers/oci/hooks.d/*.json",
			"follow:/etc/containers/oci/hooks.d/*.json"),
		.risk = "Whoever writes such a file adds devices, mounts and programs of the node "
			"to every "
			"container that is started later.",
		.threat = "A container with a writable bind of /etc puts a hook there; the runtime "
			  "runs it as root "
			  "on the node.",
		.remediation = "chown -R root:root and chmod -R go-w /etc/cdi /run/cdi "
			       "/etc/containers/oci/hooks.d and the programs that they name; bind "
			       "none of them "
			       "into a container but :ro.",
		.run = check_cdi_specs,
	},
};

HF_CHECK_SET(device_specs, checks);
