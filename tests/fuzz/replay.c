/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz entry over its seeds, so that `make check` keeps what fuzzing once found. Without arguments
 * the seeds are those of corpus/NAME for a program fuzz-NAME. */
#include "base/base.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *in = fopen(path, "r");
	hf_buffer seed = {0};
	char block[4096];
	size_t size;

	if (!in) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	hf_buffer_add(&seed, "", 0);
	while ((size = fread(block, 1, sizeof block, in)) > 0)
		hf_buffer_add(&seed, block, size);
	(void)fclose(in);
	if (seed.failed)
		return 1;
	/* a copy of the exact size, so that a read behind it is seen */
	uint8_t *exact = malloc(seed.size > 0 ? seed.size : 1);

	if (!exact)
		return 1;
	memcpy(exact, seed.data, seed.size);
	(void)printf("%s\n", path);
	(void)LLVMFuzzerTestOneInput(exact, seed.size);
	free(exact);
	hf_buffer_free(&seed);
	return 0;
}

static int run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;
	int failed = 0;

	if (!dir) {
		(void)fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return 1;
	}
	for (const struct dirent *entry; (entry = readdir(dir));) {
		char path[4096 + 1 + sizeof entry->d_name];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		failed |= run_file(path);
		count++;
	}
	(void)closedir(dir);
	/* a corpus that went missing must not look like one that passed */
	return failed || count == 0;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char folder[4096];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	if (argc > 1)
		return failed;
	name = name ? name + 1 : argv[0];
	name = hf_has_prefix(name, "lt-") ? name + 3 : name;
	if (!hf_has_prefix(name, "fuzz-"))
		return 2;
	(void)snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		       name + 5);
	return run_folder(folder);
}
