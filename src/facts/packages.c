/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installed packages: what the collector kept of dpkg's status file. */
#include "facts/parts.h"
#include "facts/store.h"

#define STATUS "/var/lib/dpkg/status"

/* The rest of a line that begins with @mark, or NULL. */
static const char *field(hf_arena *arena, const char *line, size_t length, const char *mark)
{
	size_t size = strlen(mark);

	if (length < size || memcmp(line, mark, size) != 0)
		return NULL;
	return hf_checked(hf_arena_memdup(arena, line + size, length - size));
}

static const hf_package *parse(hf_arena *arena, const hf_answer *answer, size_t *ret_count)
{
	const char *cursor = answer->data, *line;
	size_t length, room = 0, count = 0;

	for (const char *at = answer->data; at < answer->data + answer->size; at++)
		room += *at == '\n';
	hf_package *all = hf_checked(hf_arena_alloc(arena, (room + 1) * sizeof *all));

	while (hf_next_line(&cursor, answer->data + answer->size, &line, &length)) {
		const char *name = field(arena, line, length, "Package: ");
		const char *status = field(arena, line, length, "Status: ");
		const char *version = field(arena, line, length, "Version: ");

		if (name)
			all[count++] = (hf_package){.name = name};
		else if (count > 0 && status)
			all[count - 1].is_installed = strcmp(status, "install ok installed") == 0;
		else if (count > 0 && version)
			all[count - 1].version = version;
	}
	*ret_count = count;
	return all;
}

static const void *compute_packages(hf_facts *facts, const char *pattern)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_packages *packages = hf_checked(hf_arena_alloc(arena, sizeof *packages));
	const char *name = hf_checked(hf_arena_printf(arena, "packages:%s", pattern));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);

	*packages = (hf_packages){.fact = hf_facts_head(facts, HF_ASK_CALL, name, answer)};
	/* a node without dpkg has no such file */
	if (answer && answer->error == ENOENT && hf_facts_stat(facts, STATUS)->fact.state == HF_ABSENT)
		packages->fact = hf_facts_stat(facts, STATUS)->fact;
	packages->fact.source = STATUS;
	if (packages->fact.state == HF_PRESENT)
		packages->all = parse(arena, answer, &packages->count);
	return packages;
}

static const hf_fact_type packages_type = {.name = "packages", .compute = compute_packages};

const hf_packages *hf_packages_get(hf_check_run *run, const char *pattern)
{
	return hf_facts_once(hf_facts_of(run), &packages_type, pattern);
}
