/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the running kernel, as uname(2) tells it. */
#include "facts/kernel-text.h"
#include "facts/store.h"

#include <ctype.h>

enum { VERSION_PARTS = 3 };

/* "6.1.0-28-amd64" -> 6 1 0; parts that are not there are 0. Returns the number of parts that are.
 */
static unsigned parse_version(const char *text, uint32_t parts[VERSION_PARTS])
{
	unsigned count = 0;

	memset(parts, 0, VERSION_PARTS * sizeof *parts);
	while (count < VERSION_PARTS && isdigit((unsigned char)*text)) {
		uint32_t value = 0;

		for (; isdigit((unsigned char)*text); text++) {
			if (__builtin_mul_overflow(value, 10U, &value) ||
			    __builtin_add_overflow(value, (uint32_t)(*text - '0'), &value))
				return count;
		}
		parts[count++] = value;
		if (*text != '.')
			break;
		text++;
	}
	return count;
}

/* Debian's release names the ABI ("6.1.0-28-amd64"), and only the build tells which stable release
 * it is:
 * "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)". Other distributions put their backports
 * on a fixed upstream number in the release, so that nothing better is to be had. */
static uint32_t debian_patch(const char *build, const uint32_t release[VERSION_PARTS])
{
	const char *mark = strstr(build, " Debian ");
	uint32_t parts[VERSION_PARTS];

	if (release[2] != 0 || !mark || parse_version(mark + strlen(" Debian "), parts) < 3 ||
	    parts[0] != release[0] || parts[1] != release[1])
		return release[2];
	return parts[2];
}

int hf_uname_parse(hf_arena *arena, const char *text, size_t size, hf_kernel *ret_kernel,
		   hf_error *err)
{
	const char *lines[4] = {0};
	const char *cursor = text, *line;
	uint32_t parts[VERSION_PARTS];
	size_t length;

	for (size_t i = 0; i < HF_ARRAY_SIZE(lines); i++) {
		if (!hf_next_line(&cursor, text + size, &line, &length) || length == 0)
			return hf_error_at(err, -EBADMSG, "call:uname", (unsigned)i + 1,
					   "four lines are expected");
		lines[i] = hf_arena_memdup(arena, line, length);
		if (!lines[i])
			return -ENOMEM;
	}
	if (parse_version(lines[1], parts) < 2)
		return hf_error_at(err, -EBADMSG, "call:uname", 2,
				   "the release begins with no version number");
	ret_kernel->release = lines[1];
	ret_kernel->build = lines[2];
	ret_kernel->machine = lines[3];
	ret_kernel->major = parts[0];
	ret_kernel->minor = parts[1];
	ret_kernel->patch = debian_patch(lines[2], parts);
	return 0;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_kernel *kernel = hf_arena_alloc(arena, sizeof *kernel);
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);
	hf_error err;

	if (!kernel)
		return NULL;
	kernel->fact = hf_facts_head(facts, HF_ASK_CALL, key, answer);
	if (kernel->fact.state != HF_PRESENT)
		return kernel;
	int r = hf_uname_parse(arena, answer->data, answer->size, kernel, &err);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0) {
		kernel->fact.state = HF_UNREADABLE;
		kernel->fact.why = hf_facts_checked(hf_arena_strdup(arena, err.text));
	}
	return kernel;
}

static const hf_fact_type type = {.name = "kernel", .compute = compute};

const hf_kernel *hf_facts_kernel(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "uname");
}

const hf_kernel *hf_kernel_get(hf_check_run *run)
{
	return hf_facts_kernel(hf_facts_of(run));
}

int hf_kernel_compare(const hf_kernel *kernel, const char *version)
{
	const uint32_t running[VERSION_PARTS] = {kernel->major, kernel->minor, kernel->patch};
	uint32_t wanted[VERSION_PARTS];

	(void)parse_version(version, wanted);
	for (size_t i = 0; i < VERSION_PARTS; i++) {
		if (running[i] != wanted[i])
			return running[i] < wanted[i] ? -1 : 1;
	}
	return 0;
}
