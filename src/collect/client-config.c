/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a registry client's configuration (~/.docker/config.json) is secret: whose, and of which kind. The secrets
 * themselves stay where they are.
 *
 * call:client-config:PATH has a line each: "secret REGISTRY KIND" (auth, identitytoken, registrytoken, password), "store
 * NAME" and "helper REGISTRY NAME" of programs that keep them elsewhere; the last one is ".". Words are escaped as in
 * answer.h. */
#include "collect/engine.h"

#include <stdio.h>

enum { REGISTRIES_MAX = 256 };

static void add_word(hf_buffer *out, const char *text)
{
	hf_buffer_puts(out, " ");
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > 0x20 && *at < 0x7f && *at != '\\')
			hf_buffer_add(out, at, 1);
		else
			hf_buffer_printf(out, "\\%03o", *at);
	}
	if (*text == '\0')
		hf_buffer_puts(out, "-");
}

static void add_registry(hf_buffer *lines, const char *registry, const json_t *entry)
{
	static const char *const kinds[] = {"auth", "identitytoken", "registrytoken", "password"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		const char *secret = json_string_value(json_object_get(entry, kinds[i]));

		if (!secret || !*secret)
			continue;
		hf_buffer_puts(lines, "secret");
		add_word(lines, registry);
		hf_buffer_printf(lines, " %s\n", kinds[i]);
	}
}

static void describe(json_t *config, hf_buffer *lines)
{
	const char *store = json_string_value(json_object_get(config, "credsStore"));
	json_t *auths = json_object_get(config, "auths"), *entry;
	json_t *helpers = json_object_get(config, "credHelpers");
	unsigned budget = REGISTRIES_MAX;
	const char *registry;

	json_object_foreach(auths, registry, entry)
	{
		if (budget > 0) {
			budget--;
			add_registry(lines, registry, entry);
		}
	}
	json_object_foreach(helpers, registry, entry)
	{
		if (budget == 0 || !json_is_string(entry))
			continue;
		budget--;
		hf_buffer_puts(lines, "helper");
		add_word(lines, registry);
		add_word(lines, json_string_value(entry));
		hf_buffer_puts(lines, "\n");
	}
	if (store && *store) {
		hf_buffer_puts(lines, "store");
		add_word(lines, store);
		hf_buffer_puts(lines, "\n");
	}
	hf_buffer_puts(lines, ".\n");
}

int hf_engine_ask_client_config(hf_reader *reader, const char *path)
{
	char name[HF_NAME_MAX_BYTES];
	hf_cleanup(hf_buffer_free) hf_buffer lines = {0};
	hf_answer answer, read;

	if (snprintf(name, sizeof name, "client-config:%s", path) >= (int)sizeof name)
		return 0;
	answer = (hf_answer){.kind = HF_ASK_CALL, .name = name, .data = ""};
	answer.error = hf_reader_peek(reader, HF_ASK_FILE, path, &read);
	answer.reason = read.reason;
	if (!answer.error) {
		json_t *config = json_loadb(read.data, read.size, 0, NULL);

		/* an empty file is one without credentials to every client */
		if (json_is_object(config) || read.size == 0)
			describe(config, &lines);
		else
			answer.error = EBADMSG;
		json_decref(config);
	}
	if (lines.failed)
		answer.error = ENOMEM;
	if (answer.error == EBADMSG)
		answer.reason = "is no JSON object";
	if (!answer.error) {
		answer.data = lines.data;
		answer.size = lines.size;
	}
	return hf_reader_send(reader, &answer);
}
