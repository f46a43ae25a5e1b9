/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz entry: any bytes as YAML and as a profile, in each version and level that a name can ask for. What is taken is in
 * order and can be looked up; what is refused says where. */
#include "assess/profile.h"
#include "engine/yaml.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each node once; the parser's own bounds keep this from being deep. */
static size_t count_nodes(const hf_yaml *node)
{
	size_t count = 1;

	for (const hf_yaml *inner = node->first; inner; inner = inner->next)
		count += count_nodes(inner);
	return count;
}

static void look_up(const hf_item *item, void *data)
{
	*(bool *)data |= item->number != NULL;
}

static void check(const hf_profile *profile)
{
	for (size_t i = 0; i < profile->item_count; i++) {
		const hf_item *item = &profile->items[i];
		const hf_check row = {.refs = item->refs};
		bool is_found = false;

		if (!*item->title || !*item->look || !item->refs[0] || !hf_profile_has(profile, &row))
			abort();
		hf_profile_answered(profile, &row, look_up, &is_found);
		if (!is_found || (i > 0 && strcmp(item->number, item[-1].number) == 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const hf_profile_wish wishes[] = {
		{.name = "x"}, {.name = "x", .version = "1.8"}, {.name = "x", .level = 1}};
	hf_cleanup(hf_freep) char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < HF_ARRAY_SIZE(wishes); i++) {
		hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
		const hf_profile *profile;
		const hf_yaml *root;
		hf_error err = {0};

		if (hf_arena_new(&arena) < 0)
			abort();
		if (hf_yaml_parse(text, size, "x", arena, &root, NULL) == 0 && count_nodes(root) == 0)
			abort();
		if (hf_profile_parse(text, size, "x", &wishes[i], arena, &profile, &err) == 0)
			check(profile);
		else if (!*err.text)
			abort();
	}
	return 0;
}
