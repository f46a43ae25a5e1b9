/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: a running sysctl, read from /proc/sys. */
#include "collect/collect.h"
#include "facts/kernel-text.h"
#include "facts/store.h"

#include <linux/limits.h>

int hf_sysctl_parse(hf_arena *arena, const char *text, size_t size, hf_sysctl *ret_sysctl)
{
	if (memchr(text, '\0', size))
		return -EBADMSG;
	if (size > 0 && text[size - 1] == '\n')
		size--;
	char *copy = hf_arena_memdup(arena, text, size);

	if (!copy)
		return -ENOMEM;
	ret_sysctl->text = copy;
	ret_sysctl->is_number = hf_parse_i64(copy, &ret_sysctl->number) == 0;
	return 0;
}

/* An empty /proc (a file tree, proc mounted with subset=pid) lacks every sysctl, and says nothing
 * about the kernel. So the listing that proves the absence has to be one below /proc/sys. */
static bool is_sysctl_tree_there(hf_facts *facts, const char *path)
{
	char folder[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof folder)
		return false;
	memcpy(folder, path, length + 1);
	while (strlen(folder) > strlen("/proc/sys")) {
		*strrchr(folder, '/') = '\0';
		const hf_answer *listing = hf_facts_ask(facts, HF_ASK_DIR, folder);

		if (listing && !listing->error)
			return listing->size > 0; /* none of the kernel's is empty */
	}
	return false;
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_sysctl *sysctl = hf_arena_alloc(arena, sizeof *sysctl);
	char path[PATH_MAX];

	if (!sysctl)
		return NULL;
	if (hf_sysctl_path(key, path, sizeof path) < 0) {
		sysctl->fact = (hf_fact){
			.state = HF_UNREADABLE,
			.source = key,
			.why = "the name is too long",
		};
		return sysctl;
	}
	const hf_file *file = hf_facts_file(facts, path);

	sysctl->fact = file->fact;
	if (file->fact.state == HF_ABSENT && !is_sysctl_tree_there(facts, path)) {
		sysctl->fact.state = HF_UNREADABLE;
		sysctl->fact.why = "there is no /proc/sys to look into";
	}
	if (sysctl->fact.state != HF_PRESENT)
		return sysctl;
	int r = hf_sysctl_parse(arena, file->data, file->size, sysctl);

	if (r == -ENOMEM)
		return NULL;
	if (r < 0) {
		sysctl->fact.state = HF_UNREADABLE;
		sysctl->fact.why = "holds a NUL byte: no text";
	}
	return sysctl;
}

static const hf_fact_type type = {.name = "sysctl", .compute = compute};

const hf_sysctl *hf_facts_sysctl(hf_facts *facts, const char *key)
{
	return hf_facts_once(facts, &type, key);
}

const hf_sysctl *hf_sysctl_get(hf_check_run *run, const char *key)
{
	return hf_facts_sysctl(hf_facts_of(run), key);
}
