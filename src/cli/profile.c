/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds profiles by name: NAME.yaml of the site, then of the package. */
#include "cli/cli.h"

#include <dirent.h>
#include <stdio.h>

static const char *const folders[] = {HF_SITE_PROFILES, HF_PROFILES};

static const char suffix[] = ".yaml";

static int is_profile_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && hf_has_suffix(entry->d_name, suffix);
}

/* "all, cis-docker" */
static void add_names(hf_buffer *names)
{
	hf_buffer_puts(names, "all");
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		struct dirent **entries = NULL;
		int count = scandir(folders[i], &entries, is_profile_name, alphasort);

		for (int n = 0; n < count; n++) {
			const char *name = entries[n]->d_name;

			hf_buffer_printf(names, ", %.*s", (int)(strlen(name) - strlen(suffix)),
					 name);
			free(entries[n]);
		}
		free(entries);
	}
}

static int complain_of_none(const char *name)
{
	hf_buffer names = {0};

	add_names(&names);
	hf_complain("profile: there is none named \"%s\"; there are: %s", name,
		    names.failed ? "?" : names.data);
	hf_buffer_free(&names);
	return HF_EXIT_USAGE;
}

/* False where there is no such file; else *ret_status, after complaining. */
static bool load_file(const char *path, const hf_profile_wish *wish, hf_arena *arena,
		      const hf_profile **ret_profile, int *ret_status)
{
	hf_cleanup(hf_freep) char *text = NULL;
	hf_error err = {0};
	size_t size;
	int r = hf_read_trusted(path, &text, &size, &err);

	if (r == -ENOENT)
		return false;
	*ret_status = r < 0 ? HF_EXIT_CONFIG : HF_EXIT_OK;
	if (r == 0) {
		r = hf_profile_parse(text, size, path, wish, arena, ret_profile, &err);
		/* a version or level that the file has not is a wrong word, not a wrong file */
		*ret_status = r == -ENOENT ? HF_EXIT_USAGE : r < 0 ? HF_EXIT_CONFIG : HF_EXIT_OK;
	}
	if (r < 0 && err.line)
		hf_complain("%s:%u: %s", path, err.line, err.text);
	else if (r < 0)
		hf_complain("%s: %s", path, *err.text ? err.text : strerror(-r));
	return true;
}

int hf_cli_profile_load(const char *name, hf_arena *arena, const hf_profile **ret_profile)
{
	hf_profile_wish wish;
	const char *file;
	int status = HF_EXIT_OSERR;

	*ret_profile = NULL;
	if (strcmp(name, "all") == 0)
		return HF_EXIT_OK;
	int r = hf_profile_split(name, arena, &file, &wish);

	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(folders); i++) {
		char *path = hf_arena_printf(arena, "%s/%s%s", folders[i], file, suffix);

		if (!path || load_file(path, &wish, arena, ret_profile, &status))
			return status;
	}
	return r == -ENOMEM ? HF_EXIT_OSERR : complain_of_none(name);
}
