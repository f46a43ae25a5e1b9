/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of container runtimes, told by their programs and their parents. */
#include "facts/containers.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_named(const char *exe, const char *const *names, size_t count)
{
	static const char deleted[] = " (deleted)";
	const char *base = base_name(exe);
	size_t length = strlen(base) - (hf_has_suffix(base, deleted) ? strlen(deleted) : 0);

	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == length && memcmp(base, names[i], length) == 0)
			return true;
	}
	return false;
}

static bool is_runtime(const char *exe)
{
	static const char *const names[] = {"runc", "crun", "youki", "conmon", "conmonrs"};

	/* they run from a copy in memory, so that a container cannot overwrite them: CVE-2019-5736
	 */
	return hf_has_prefix(exe, "/memfd:runc_cloned:") ||
	       hf_has_prefix(exe, "/memfd:crun_cloned:") ||
	       is_named(exe, names, HF_ARRAY_SIZE(names));
}

static bool starts_runtimes(const char *exe)
{
	static const char *const names[] = {"containerd", "podman", "crio", "buildkitd"};

	return is_runtime(exe) || hf_has_prefix(base_name(exe), "containerd-shim") ||
	       is_named(exe, names, HF_ARRAY_SIZE(names));
}

static const hf_member *find_member(const hf_member *members, size_t count, int32_t pid)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (members[middle].process->pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && members[low].process->pid == pid ? &members[low] : NULL;
}

/* pid 1 of some machines lets nobody see its namespaces; that it is the host's is known. */
static bool is_at(const hf_member *member, const char *host_mnt)
{
	const char *mnt = member->process->mnt_ns;

	return host_mnt && (mnt ? strcmp(mnt, host_mnt) == 0 : member->process->pid == HF_INIT_PID);
}

/* `runc init` on its way into the container, conmon beside it. A name is anybody's choice, also
 * that of a container's first process, whose parent is a runtime, too. So it counts in the host's
 * mount namespace alone, where no container starts a program, or for the moment that a runtime
 * needs. */
bool hf_member_is_helper(const hf_member *members, size_t count, const hf_member *member,
			 const hf_moment_of_reading *moment)
{
	enum { MOMENT_TICKS = 200 }; /* 2 s: USER_HZ is 100 */
	const hf_process *process = member->process;

	if (!process->exe || !is_runtime(process->exe))
		return false;
	const hf_member *parent = find_member(members, count, process->parent);
	bool is_at_host = is_at(member, moment->host_mnt);

	if (!parent || parent->owner.runtime || !is_at(parent, moment->host_mnt) ||
	    (!is_at_host && process->start_ticks + MOMENT_TICKS < moment->newest_ticks))
		return false;
	return (parent->process->exe && starts_runtimes(parent->process->exe)) ||
	       (parent->process->pid == HF_INIT_PID && is_at_host);
}

const char *hf_runtime_above(const hf_member *members, size_t count, const hf_member *member)
{
	enum { PARENTS = 4 };
	static const struct {
		const char *exe;
		const char *runtime;
	} known[] = {
		{"systemd-nspawn", "systemd-nspawn"},
		{"lxc-start", "lxc"},
		{"conmon", "podman"},
		{"containerd-shim", "containerd"},
		{"containerd-shim-runc-v1", "containerd"},
		{"containerd-shim-runc-v2", "containerd"},
		{"buildkitd", "buildkit"},
	};

	for (unsigned i = 0; i < PARENTS && member && member->process->parent > HF_INIT_PID; i++) {
		member = find_member(members, count, member->process->parent);
		for (size_t k = 0; member && member->process->exe && k < HF_ARRAY_SIZE(known);
		     k++) {
			if (is_named(member->process->exe, &known[k].exe, 1))
				return known[k].runtime;
		}
	}
	return "unknown";
}
