/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds plugin files: the installed folder, then those that were asked for. */
#include "cli/cli.h"

static int append(const char *dir, bool must_exist, hf_plugin_file **files, size_t *count)
{
	hf_plugin_file *more = NULL;
	size_t more_count = 0;
	hf_error err = {0};
	int r = hf_plugin_open_dir(dir, &more, &more_count, &err);

	if (r == -ENOENT && !must_exist)
		return 0;
	if (r < 0) {
		hf_complain("plugin folder %s", err.text);
		return r;
	}
	hf_plugin_file *grown = reallocarray(*files, *count + more_count + 1, sizeof *grown);

	if (!grown) {
		hf_plugin_files_free(more, more_count);
		return -ENOMEM;
	}
	if (more_count > 0)
		memcpy(grown + *count, more, more_count * sizeof *grown);
	*files = grown;
	*count += more_count;
	free(more);
	return 0;
}

int hf_cli_open_plugins(const hf_list *dirs, hf_plugin_file **ret_files, size_t *ret_count)
{
	hf_plugin_file *files = NULL;
	size_t count = 0;
	int r = append(HF_CHECKSDIR, false, &files, &count);

	for (size_t i = 0; r == 0 && i < dirs->count; i++)
		r = append(dirs->items[i], true, &files, &count);
	if (r < 0) {
		hf_plugin_files_free(files, count);
		return r;
	}
	*ret_files = files;
	*ret_count = count;
	return 0;
}
