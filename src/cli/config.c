/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file: a flat mapping of scalars and lists in YAML. Unknown keys are refused, so that a misspelled
 * threshold cannot silently mean the default. */
#include "cli/cli.h"
#include "engine/yaml.h"

typedef struct reading {
	const char *path;
	hf_config *config;
	hf_error *err;
} reading;

#define refuse(r, node, ...) hf_yaml_refuse(node, (r)->path, (r)->err, __VA_ARGS__)

static char **scalar_slot(hf_config *config, const char *key)
{
	if (strcmp(key, "fail-on") == 0)
		return &config->fail_on;
	if (strcmp(key, "min-score") == 0)
		return &config->min_score;
	if (strcmp(key, "timeout") == 0)
		return &config->timeout;
	if (strcmp(key, "profile") == 0)
		return &config->profile;
	return NULL;
}

static int take_scalar(const reading *r, const hf_yaml *node)
{
	char **slot = scalar_slot(r->config, node->key);

	if (!slot)
		return refuse(r, node, "unknown key \"%.100s\"", node->key);
	if (node->kind != HF_YAML_TEXT)
		return refuse(r, node, "%.100s takes a single value", node->key);
	*slot = strdup(node->text);
	return *slot ? 0 : -ENOMEM;
}

static int take_list(const reading *r, const hf_yaml *node, hf_list *list)
{
	if (node->kind != HF_YAML_LIST)
		return refuse(r, node, "%.100s takes a list", node->key);
	for (const hf_yaml *entry = node->first; entry; entry = entry->next) {
		if (entry->kind != HF_YAML_TEXT)
			return refuse(r, entry, "%.100s takes a list of plain values", node->key);
		char *value = strdup(entry->text);

		if (!value || hf_list_add(list, value) < 0) {
			free(value);
			return -ENOMEM;
		}
	}
	return 0;
}

static int take_document(const reading *r, const hf_yaml *root)
{
	int result = 0;

	if (root->kind != HF_YAML_MAP)
		return refuse(r, root, "the file must be one mapping of keys");
	for (const hf_yaml *node = root->first; result == 0 && node; node = node->next) {
		const char *key = node->key;

		if (strcmp(key, "plugin-dirs") == 0)
			result = take_list(r, node, &r->config->plugin_dirs);
		else
			result = take_scalar(r, node);
	}
	return result;
}

int hf_read_trusted(const char *path, char **ret_text, size_t *ret_size, hf_error *err)
{
	hf_cleanup(hf_closep) int fd = -1;
	hf_error why = {0};
	int result = hf_trusted_open(path, &fd, &why);

	if (result < 0)
		return hf_error_at(err, result, path, 0, "refused: %s", why.text);
	*ret_text = hf_read_input(fd, HF_YAML_MAX_BYTES, ret_size, err);
	return *ret_text ? 0 : hf_error_at(err, -EIO, path, 0, "cannot be read or is too large");
}

int hf_config_load(const char *path, hf_config *ret_config, hf_error *err)
{
	hf_cleanup(hf_freep) char *text = NULL;
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	const char *const from = path ? path : HF_SYSCONFDIR "/holdfast.yaml";
	hf_config config = {.path = from};
	const reading r = {.path = from, .config = &config, .err = err};
	const hf_yaml *root;
	size_t size;
	int result = hf_read_trusted(from, &text, &size, err);

	if (result == -ENOENT && !path) {
		*ret_config = config;
		return 0;
	}
	if (result == 0)
		result = hf_arena_new(&arena);
	if (result == 0)
		result = hf_yaml_parse(text, size, from, arena, &root, err);
	if (result == 0)
		result = take_document(&r, root);
	if (result < 0) {
		hf_config_free(&config);
		return result;
	}
	*ret_config = config;
	return 0;
}

void hf_config_free(hf_config *config)
{
	for (size_t i = 0; i < config->plugin_dirs.count; i++)
		free(config->plugin_dirs.items[i]);
	hf_list_free(&config->plugin_dirs);
	free(config->fail_on);
	free(config->min_score);
	free(config->timeout);
	free(config->profile);
}
