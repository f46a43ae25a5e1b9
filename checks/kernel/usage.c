/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node is used for: see usage.h. */
#include "usage.h"

#include <stdlib.h>
#include <string.h>

/* "/usr/bin/kubelet (deleted)" is the kubelet, too: its file was replaced by an upgrade. */
static bool is_program(const char *exe, const char *name)
{
	static const char deleted[] = " (deleted)";
	const char *slash = strrchr(exe, '/');
	const char *base = slash ? slash + 1 : exe;
	size_t length = strlen(base), tail = sizeof deleted - 1;

	if (length > tail && strcmp(base + length - tail, deleted) == 0)
		length -= tail;
	return strlen(name) == length && strncmp(base, name, length) == 0;
}

/* A container names its programs as it likes. @is_trusting: they count, too; for answers with which
 * it could only harm itself. */
static usage find_programs(hf_check_run *run, const char *const *names, bool is_trusting)
{
	const hf_processes *processes = hf_processes_get(run);

	if (processes->fact.state != HF_PRESENT)
		return (usage){USAGE_UNKNOWN, processes->fact.source, processes->fact.why};
	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (process->is_container && !is_trusting)
			continue;
		for (const char *const *name = names; process->exe && *name; name++) {
			if (is_program(process->exe, *name))
				return (usage){USAGE_YES,
					       hf_text(run, "/proc/%d/exe", process->pid),
					       process->exe};
		}
	}
	if (processes->gap)
		return (usage){USAGE_UNKNOWN, processes->fact.source, processes->gap};
	return (usage){USAGE_NO, processes->fact.source,
		       hf_text(run, "no %s among %zu processes", names[0], processes->count)};
}

usage usage_of_programs(hf_check_run *run, const char *const *names)
{
	return find_programs(run, names, true);
}

usage usage_of_node_programs(hf_check_run *run, const char *const *names)
{
	return find_programs(run, names, false);
}

usage usage_of_kubelet(hf_check_run *run)
{
	/* distributions that carry the kubelet inside one larger program */
	static const char *const names[] = {"kubelet",	 "kubelite", "k3s", "k3s-server",
					    "k3s-agent", "rke2",     "k0s", NULL};

	return usage_of_programs(run, names);
}

usage usage_of_engine(hf_check_run *run)
{
	static const char *const names[] = {
		"dockerd",   "containerd", "containerd-shim", "containerd-shim-runc-v2",
		"crio",	     "conmon",	   "podman",	      "kubelet",
		"lxc-start", "lxd",	   "incusd",	      "k3s",
		NULL,
	};
	usage programs = usage_of_programs(run, names);

	if (programs.answer == USAGE_YES)
		return programs;
	const hf_containers *containers = hf_containers_get(run);

	if (containers->fact.state == HF_UNREADABLE)
		return (usage){USAGE_UNKNOWN, containers->fact.source, containers->fact.why};
	if (containers->count > 0)
		return (usage){USAGE_YES, containers->fact.source,
			       hf_text(run, "%zu containers", containers->count)};
	if (programs.answer == USAGE_NO)
		programs.found = "no container engine and no container";
	return programs;
}

/* ---- user namespaces ---- */

/* Lines of "inside outside count". */
usage_id_map usage_read_id_map(const hf_file *file)
{
	usage_id_map map = {.is_read = file->size > 0 && file->data[file->size - 1] == '\n'};
	size_t lines = 0;

	for (const char *at = file->data; map.is_read && *at; lines++) {
		char *end;
		unsigned long inside = strtoul(at, &end, 10);
		unsigned long outside = strtoul(end, &end, 10);
		unsigned long count = strtoul(end, &end, 10);

		if (*end != '\n' || count == 0) {
			map.is_read = false;
			break;
		}
		if (lines == 0 && inside == 0 && outside == 0 && count == 4294967295UL)
			map.is_identity = true;
		if (outside != 0 && count == 1)
			map.is_single = true;
		at = end + 1;
	}
	return map;
}

/* A container whose first process lives in another user namespace; @only_single: in an ordinary
 * user's. */
static usage usage_of_id_maps(hf_check_run *run, bool only_single)
{
	const hf_containers *containers = hf_containers_get(run);
	usage unread = {.source = NULL};

	if (containers->fact.state == HF_UNREADABLE)
		return (usage){USAGE_UNKNOWN, containers->fact.source, containers->fact.why};
	for (size_t i = 0; i < containers->count; i++) {
		const hf_file *file = hf_process_file(run, containers->all[i]->pid, "uid_map");

		if (file->fact.state == HF_ABSENT)
			continue; /* it has ended meanwhile */
		usage_id_map map = {.is_read = false};

		if (file->fact.state == HF_PRESENT)
			map = usage_read_id_map(file);
		if (!map.is_read) {
			unread = (usage){USAGE_UNKNOWN, file->fact.source,
					 file->fact.why ? file->fact.why : "not understood"};
			continue;
		}
		if (only_single ? map.is_single : !map.is_identity)
			return (usage){USAGE_YES, file->fact.source, file->data};
	}
	if (unread.source)
		return unread;
	return (usage){USAGE_NO, containers->fact.source,
		       hf_text(run, "none of %zu containers is in a user namespace of %s",
			       containers->count, only_single ? "an ordinary user" : "its own")};
}

/* What the engine says of itself; silent where it does not answer, for the processes tell as well.
 */
static bool engine_says(hf_check_run *run, const char *option, usage *ret_usage)
{
	const hf_api_value *options = hf_api_get(run, "/info", "SecurityOptions");

	if (options->fact.state != HF_PRESENT || !strstr(options->text, option))
		return false;
	*ret_usage = (usage){USAGE_YES, options->fact.source, options->text};
	return true;
}

/* "userns-remap": "something" in daemon.json, which holds from the next start of the engine on. */
static bool remap_is_declared(hf_check_run *run, usage *ret_usage)
{
	const hf_file *file = hf_file_get(run, "/etc/docker/daemon.json");
	const char *at =
		file->fact.state == HF_PRESENT ? strstr(file->data, "\"userns-remap\"") : NULL;

	if (!at)
		return false;
	at += strlen("\"userns-remap\"");
	at += strspn(at, " \t\r\n");
	if (*at != ':')
		return false;
	at += 1 + strspn(at + 1, " \t\r\n");
	if (*at != '"' || at[1] == '"')
		return false;
	*ret_usage =
		(usage){USAGE_YES, file->fact.source,
			hf_text(run, "userns-remap = %.*s", (int)strcspn(at + 1, "\"") + 2, at)};
	return true;
}

usage usage_of_rootless(hf_check_run *run)
{
	/* the helpers that only an ordinary user's engine needs */
	static const char *const names[] = {"rootlesskit", "slirp4netns",    "pasta",
					    "pasta.avx2",  "fuse-overlayfs", NULL};
	usage by_engine;
	usage programs = usage_of_node_programs(run, names);

	if (programs.answer == USAGE_YES)
		return programs;
	usage maps = usage_of_id_maps(run, true);

	if (maps.answer == USAGE_YES)
		return maps;
	if (engine_says(run, "name=rootless", &by_engine))
		return by_engine;
	return programs.answer == USAGE_UNKNOWN ? programs : maps;
}

usage usage_of_userns(hf_check_run *run)
{
	usage rootless = usage_of_rootless(run), other;

	if (rootless.answer == USAGE_YES)
		return rootless;
	usage maps = usage_of_id_maps(run, false);

	if (maps.answer == USAGE_YES)
		return maps;
	if (engine_says(run, "name=userns", &other) || remap_is_declared(run, &other))
		return other;
	return rootless.answer == USAGE_UNKNOWN ? rootless : maps;
}
