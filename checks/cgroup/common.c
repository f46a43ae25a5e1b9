/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, units and paths for the checks of control groups. */
#include "common.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool cgroup_number(const char *text, uint64_t *ret_value)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	uint64_t value = strtoull(text, &end, 10);

	while (isspace((unsigned char)*end))
		end++;
	if (errno || *end)
		return false;
	*ret_value = value;
	return true;
}

const char *cgroup_bytes(hf_check_run *run, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	enum { MIB = 1024 * 1024 };

	/* what is no round number of anything is told to the MiB */
	if (bytes % 4096 != 0 || (bytes > 64 * (uint64_t)MIB && bytes % MIB != 0))
		bytes -= bytes > MIB ? bytes % MIB : 0;
	while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < CGROUP_COUNT(units)) {
		bytes /= 1024;
		unit++;
	}
	return hf_text(run, "%" PRIu64 " %s", bytes, units[unit]);
}

const char *cgroup_amount(hf_check_run *run, hf_limit_kind kind, uint64_t value)
{
	switch (kind) {
	case HF_LIMIT_MEMORY:
	case HF_LIMIT_SWAP:
		return cgroup_bytes(run, value);
	case HF_LIMIT_PIDS:
		return hf_text(run, "%" PRIu64 " tasks", value);
	case HF_LIMIT_CPU:
		return hf_text(run, "%" PRIu64 ".%03u CPUs", value / 1000,
			       (unsigned)(value % 1000));
	case HF_LIMIT_COUNT:
		break;
	}
	return hf_text(run, "%" PRIu64, value);
}

bool cgroup_memory_total(hf_check_run *run, uint64_t *ret_bytes)
{
	const hf_file *file = hf_file_get(run, "/proc/meminfo");

	if (!hf_need(run, &file->fact))
		return false;
	const char *at = strstr(file->data, "MemTotal:");
	char *end = NULL;
	uint64_t kib = at ? strtoull(at + strlen("MemTotal:"), &end, 10) : 0;

	if (kib == 0 || kib > UINT64_MAX / 1024) {
		hf_unknown(run, file->fact.source, "does not tell MemTotal");
		return false;
	}
	*ret_bytes = kib * 1024;
	return true;
}

bool cgroup_has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += length) {
		bool begins = at == text || strchr(" ,\n", at[-1]);

		if (begins && strchr(" ,\n", at[length])) /* the NUL is found, too */
			return true;
	}
	return false;
}

bool cgroup_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strcmp(folder, "/") == 0 || (strncmp(path, folder, length) == 0 &&
					    (path[length] == '\0' || path[length] == '/'));
}

const char *cgroup_decider(hf_check_run *run, const hf_container *container, const hf_limit *limit)
{
	bool is_own = limit->is_own_limited && limit->own == limit->value;

	if (is_own || (container->cgroup && cgroup_is_below(limit->path, container->cgroup)))
		return "set on its own group";
	return hf_text(run, "set on %s, shared by all groups below it", limit->path);
}

bool cgroup_lacks_controller(hf_check_run *run, const hf_fact *fact)
{
	if (fact->state != HF_ABSENT)
		return false;
	hf_not_applicable(
		run, "the controller", fact->why,
		"without the controller there can be no limit; cgroup.controllers tells of that");
	return true;
}
