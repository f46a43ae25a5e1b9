/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holdfast version: what this is, what it stands on, and what each of its processes may do. */
#include "cli/cli.h"

#include <argp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/capability.h>
#include <zlib.h>

static int parse(int key, char *arg, struct argp_state *state)
{
	bool *verbose = state->input;

	(void)arg;
	if (key == 'v')
		*verbose = true;
	else if (key == ARGP_KEY_ARG)
		argp_usage(state);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static void print_caps(const int *caps)
{
	if (*caps < 0)
		(void)printf(" none");
	for (; *caps >= 0; caps++) {
		char *name = cap_to_name(*caps);

		(void)printf(" %s", name ? name : "?");
		(void)cap_free(name);
	}
	(void)putchar('\n');
}

static void print_calls(const char *const *calls)
{
	int column = 0;

	if (!calls) {
		(void)puts("    system calls: all but those that only an attacker would make");
		return;
	}
	(void)printf("    system calls: the common ones and");
	for (; *calls; calls++) {
		int width = printf("%s%s", column > 60 ? "\n       " : " ", *calls);

		column = column > 60 ? width : column + width;
	}
	(void)putchar('\n');
}

static void print_processes(void)
{
	(void)puts("\nProcesses of a scan:");
	for (const hf_role *role = hf_roles; role->name; role++) {
		(void)printf("  %s: %s\n    capabilities:", role->name, role->purpose);
		print_caps(role->caps);
		print_calls(role->syscalls);
	}
	for (const hf_collector *const *row = hf_collectors; *row; row++) {
		(void)printf("  collector %s: %s\n    deadline %u ms, at most %zu MiB\n    capabilities:",
			     (*row)->name, (*row)->reads, (*row)->deadline_ms,
			     (*row)->cap_bytes / (1024 * 1024));
		print_caps((*row)->caps);
		if ((*row)->is_unfiltered)
			(void)puts("    system calls: all, for the kernel shows filters to nobody who has one");
		else
			print_calls((*row)->syscalls);
	}
	(void)printf("  common system calls:");
	int column = 0;

	for (const char *const *call = hf_common_syscalls; *call; call++) {
		int width = printf("%s%s", column > 50 ? "\n    " : " ", *call);

		column = column > 50 ? width : column + width;
	}
	(void)putchar('\n');
}

int hf_cli_version(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"verbose", 'v', NULL, 0, "Libraries, and each process with its capabilities and filter", 0},
		{0},
	};
	const struct argp argp = {.options = options, .parser = parse, .doc = "Print the version."};
	bool verbose = false;

	(void)argp_parse(&argp, argc, argv, 0, NULL, &verbose);
	(void)puts(PACKAGE_STRING);
	if (verbose) {
		const struct scmp_version *seccomp = seccomp_version();

		(void)printf("plugin ABI %d.%d\nplugins in %s\nprofiles in %s and %s\n", HF_ABI_MAJOR,
			     HF_ABI_MINOR, HF_CHECKSDIR, HF_SITE_PROFILES, HF_PROFILES);
		(void)printf("libseccomp %u.%u.%u, jansson %s, zlib %s\n", seccomp->major,
			     seccomp->minor, seccomp->micro, jansson_version_str(), zlibVersion());
		print_processes();
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? HF_EXIT_OK : HF_EXIT_INCOMPLETE;
}
