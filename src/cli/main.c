/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The holdfast command: finds the subcommand. */
#include "cli/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

hf_environment hf_env;

const hf_subcommand hf_subcommands[] = {
	{.name = "scan", .title = "Judge this node (or a file tree, or a capture)", .run = hf_cli_scan},
	{.name = "containers", .title = "Show the containers of this node, or everything about one",
	 .run = hf_cli_containers},
	{.name = "network", .title = "Show networks of containers, and who can reach whom", .run = hf_cli_network},
	{.name = "list", .title = "List the checks", .run = hf_cli_list},
	{.name = "explain", .title = "Explain a check", .run = hf_cli_explain},
	{.name = "capture", .title = "Record what a scan would read, to be judged elsewhere",
	 .run = hf_cli_capture},
	{.name = "report", .title = "Render a saved results document", .run = hf_cli_report},
	{.name = "version", .title = "Print the version; --verbose: processes and their confinement",
	 .run = hf_cli_version},
	{0},
};

void hf_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("holdfast: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
}

/* Nothing of the caller's environment reaches libraries: LD_*, TZ, proxies, locales. */
void hf_environment_take(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM"),
		   *docker_host = getenv("DOCKER_HOST");

	hf_env.no_color = no_color && *no_color;
	hf_env.is_dumb = !term || strcmp(term, "dumb") == 0;
	(void)snprintf(hf_env.docker_host, sizeof hf_env.docker_host, "%s",
		       docker_host ? docker_host : "");
	(void)clearenv();
	(void)setenv("LC_ALL", "C", 1);
}

/* A program started without 0, 1 or 2 would have its files there. */
static void ensure_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		(void)close(fd);
}

static int help(FILE *out)
{
	(void)fputs("Usage: holdfast SUBCOMMAND [OPTION...]\n"
		    "Checks how well a container node is hardened. Run `holdfast scan` as root.\n\n",
		    out);
	for (const hf_subcommand *sub = hf_subcommands; sub->name; sub++)
		(void)fprintf(out, "  %-10s %s\n", sub->name, sub->title);
	(void)fputs("\n`holdfast SUBCOMMAND --help` tells its options; holdfast(8) tells everything.\n",
		    out);
	return fflush(out) == 0 && !ferror(out) ? HF_EXIT_OK : HF_EXIT_INCOMPLETE;
}

int main(int argc, char **argv)
{
	ensure_standard_fds();
	hf_environment_take();
	/* a closed pipe is an output that could not be written, and is told as such */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		argv[1] = (char[]){"version"};
	for (const hf_subcommand *sub = hf_subcommands; sub->name; sub++) {
		char name[32];

		if (strcmp(argv[1], sub->name) != 0)
			continue;
		(void)snprintf(name, sizeof name, "holdfast %s", sub->name);
		argv[1] = name;
		return sub->run(argc - 1, argv + 1);
	}
	hf_complain("unknown subcommand \"%s\"; `holdfast --help` lists them", argv[1]);
	return HF_EXIT_USAGE;
}
