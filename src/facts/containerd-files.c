/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: files of containerd, and secrets of registries' clients, as their collector lists them. */
#include "facts/parts.h"
#include "facts/words.h"

static const char *const kinds[] = {
	[HF_CONTAINERD_CONFIG] = "config", [HF_CONTAINERD_IMPORT] = "import",
	[HF_CONTAINERD_CERTS] = "certs",   [HF_CONTAINERD_ROOT] = "root",
	[HF_CONTAINERD_STATE] = "state",   [HF_CONTAINERD_SOCKET] = "socket",
};

static const char bad_form[] = "the answer is not of the form that we know";

static bool add_file(hf_arena *arena, const hf_words *words, hf_list *files)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i], words->all[0]) != 0 || *words->all[1] != '/')
			continue;
		hf_containerd_file *file = hf_checked(hf_arena_alloc(arena, sizeof *file));

		file->kind = (hf_containerd_kind)i;
		file->path = words->all[1];
		if (hf_list_add(files, file) < 0)
			hf_facts_out_of_memory();
		return true;
	}
	return false;
}

static const void *compute_containerd(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_containerd *containerd = hf_checked(hf_arena_alloc(arena, sizeof *containerd));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, key);
	hf_cleanup(hf_list_free) hf_list files = {0};
	const char *cursor = NULL, *why = NULL;
	hf_words words;

	containerd->fact = hf_facts_head(facts, HF_ASK_CALL, key, answer);
	containerd->fact.source = "files of containerd";
	if (containerd->fact.state != HF_PRESENT)
		return containerd;
	while (hf_words_next(arena, answer, &cursor, &words)) {
		if (strcmp(words.all[0], "error") == 0)
			why = hf_checked(hf_arena_printf(arena, "%s could not be read (%s)",
							 words.all[2], words.all[1]));
		else if (!add_file(arena, &words, &files))
			why = bad_form;
	}
	if (!hf_words_are_whole(cursor))
		why = bad_form;
	hf_containerd_file *all = hf_checked(hf_arena_calloc(arena, files.count + 1, sizeof *all));

	for (size_t i = 0; i < files.count; i++)
		all[i] = *(const hf_containerd_file *)files.items[i];
	containerd->all = all;
	containerd->count = files.count;
	if (why) {
		containerd->fact.state = HF_UNREADABLE;
		containerd->fact.why = why;
	}
	return containerd;
}

static const hf_fact_type containerd_type = {.name = "containerd", .compute = compute_containerd};

const hf_containerd *hf_containerd_get(hf_check_run *run)
{
	return hf_facts_once(hf_facts_of(run), &containerd_type, "containerd");
}

/* ---- credentials ---- */

static bool add_secret(hf_arena *arena, const hf_words *words, hf_client_config *config,
		       hf_list *secrets)
{
	if (strcmp(words->all[0], "store") == 0 && words->count == 2) {
		config->store = words->all[1];
		return true;
	}
	if (words->count != 3)
		return false;
	if (strcmp(words->all[0], "helper") == 0) {
		config->helper_count++;
		return true;
	}
	hf_client_secret *secret = hf_checked(hf_arena_alloc(arena, sizeof *secret));

	secret->registry = words->all[1];
	secret->kind = words->all[2];
	if (hf_list_add(secrets, secret) < 0)
		hf_facts_out_of_memory();
	return strcmp(words->all[0], "secret") == 0;
}

static const void *compute_client(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_client_config *config = hf_checked(hf_arena_alloc(arena, sizeof *config));
	const char *name = hf_checked(hf_arena_printf(arena, "client-config:%s", path));
	const hf_answer *answer = hf_facts_ask(facts, HF_ASK_CALL, name);
	hf_cleanup(hf_list_free) hf_list secrets = {0};
	const char *cursor = NULL;
	bool is_sound = true;
	hf_words words;

	config->fact = hf_facts_head(facts, HF_ASK_CALL, name, answer);
	config->fact.source = hf_checked(hf_arena_strdup(arena, path));
	if (config->fact.state != HF_PRESENT)
		return config;
	while (is_sound && hf_words_next(arena, answer, &cursor, &words))
		is_sound = add_secret(arena, &words, config, &secrets);
	hf_client_secret *all = hf_checked(hf_arena_calloc(arena, secrets.count + 1, sizeof *all));

	for (size_t i = 0; i < secrets.count; i++)
		all[i] = *(const hf_client_secret *)secrets.items[i];
	config->secrets = all;
	config->secret_count = secrets.count;
	if (!is_sound || !hf_words_are_whole(cursor)) {
		config->fact.state = HF_UNREADABLE;
		config->fact.why = bad_form;
	}
	return config;
}

static const hf_fact_type client_type = {.name = "client-config", .compute = compute_client};

const hf_client_config *hf_client_config_get(hf_check_run *run, const char *path)
{
	return hf_facts_once(hf_facts_of(run), &client_type, path);
}
