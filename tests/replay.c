/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging recorded hosts: loading what it takes. */
#include "replay.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>

void replay_load_plugins(hf_registry *registry, const char *builddir)
{
	hf_cleanup(hf_freep) char *pattern = NULL;
	glob_t found;

	if (asprintf(&pattern, "%s/checks/*/.libs/*.so", builddir) < 0 ||
	    glob(pattern, 0, NULL, &found) != 0)
		exit(99);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		hf_error err = {0};
		void *handle = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
		const hf_plugin *plugin = handle ? dlsym(handle, "hf_plugin_v1") : NULL;

		if (!plugin || hf_registry_add(registry, plugin, found.gl_pathv[i], &err) < 0) {
			(void)fprintf(stderr, "%s: %s\n", found.gl_pathv[i],
				      plugin ? err.text : dlerror());
			exit(99);
		}
	}
	globfree(&found);
}

hf_record *replay_load_capture(const char *path)
{
	FILE *in = fopen(path, "re");
	hf_buffer all = {0};
	char block[8192];
	size_t n;
	hf_record *record = NULL;
	hf_error err = {0};

	while (in && (n = fread(block, 1, sizeof block, in)) > 0)
		hf_buffer_add(&all, block, n);
	if (!in || hf_capture_parse(all.data, all.size, &record, &err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", path, in ? err.text : "cannot be read");
		exit(99);
	}
	(void)fclose(in);
	hf_buffer_free(&all);
	return record;
}
