/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as the way to a file, as the list of containerd's files, and as what a client's configuration
 * holds. What is accepted is complete. */
#include "facts/store.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(hf_record *record, const char *name, const char *data, size_t size)
{
	const hf_answer answer = {.kind = HF_ASK_CALL, .name = name, .data = data, .size = size};

	if (hf_record_put(record, &answer, true) < 0)
		abort();
}

static void look_at_way(hf_check_run *run)
{
	const hf_file_way *way = hf_way_get(run, "/x");

	if ((way->fact.state == HF_PRESENT) != (way->end != NULL))
		abort();
	for (size_t i = 0; i < way->count; i++) {
		const hf_way_step *step = &way->steps[i];

		if (*step->path != '/' || step->mode > 07777 || step->group_rights > 7 ||
		    step->acl_rights > 7 || (step->target != NULL) != (step->type == HF_FILE_SYMLINK))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	hf_cleanup(hf_facts_freep) hf_facts *facts = NULL;
	const char *text = (const char *)data;

	if (hf_record_new(&record) < 0 || hf_facts_new(record, &facts) < 0)
		abort();
	put(record, "way:/x", text, size);
	put(record, "containerd", text, size);
	put(record, "client-config:/x", text, size);
	hf_view view = {.facts = facts};
	hf_check_run *run = (hf_check_run *)(void *)&view;

	look_at_way(run);
	const hf_containerd *containerd = hf_containerd_get(run);

	for (size_t i = 0; i < containerd->count; i++) {
		if (*containerd->all[i].path != '/')
			abort();
	}
	const hf_client_config *config = hf_client_config_get(run, "/x");

	for (size_t i = 0; i < config->secret_count; i++) {
		if (!config->secrets[i].registry || !config->secrets[i].kind)
			abort();
	}
	return 0;
}
