/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a value of kernel.core_pattern could run or write what a container chose. */
#include "core-pattern.h"

#include "common.h"

/* By full path: the name alone could lie below a container's root. Each reads its dump from a pipe
 * and treats it as hostile; /bin/false drops it. */
static const char *const collectors[] = {
	"/usr/lib/systemd/systemd-coredump",
	"/lib/systemd/systemd-coredump",
	"/usr/share/apport/apport",
	"/usr/libexec/abrt-hook-ccpp",
	"/bin/false",
	"/usr/bin/false",
};

static kernel_core_verdict verdict(bool is_safe, const char *why)
{
	return (kernel_core_verdict){.is_safe = is_safe, .why = why};
}

/* @path and all above it are root's. */
static kernel_core_verdict judge_path(hf_check_run *run, const char *path, const char *what)
{
	const hf_file *file = hf_stat_get(run, path);
	bool is_unreadable;

	if (file->fact.state == HF_ABSENT)
		return verdict(false, hf_text(run, "%s does not exist", path));
	/* In a sticky folder anybody can put a link in the way: for dumps it is open. */
	if (file->fact.state == HF_PRESENT && file->type == HF_FILE_DIRECTORY && (file->mode & 02))
		return verdict(false, hf_text(run, "%s: mode %04o: everybody can write", path,
					      file->mode));
	const char *why = hf_path_writable_why(run, path, &is_unreadable);

	if (why)
		return (kernel_core_verdict){.is_unreadable = is_unreadable, .why = why};
	return verdict(true, hf_text(run, "%s, %s", what, path));
}

/* The folder of the part of @path before the first specifier: what is behind it depends on the
 * process. */
static kernel_core_verdict judge_folder(hf_check_run *run, const char *path, const char *what)
{
	size_t length = strcspn(path, "%");

	while (length > 1 && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	return judge_path(run, hf_text(run, "%.*s", (int)length, path), what);
}

static kernel_core_verdict judge_pipe(hf_check_run *run, const char *command)
{
	/* The kernel splits at blanks before it fills in the specifiers. */
	const char *program = hf_text(run, "%.*s", (int)strcspn(command, " \t"), command);

	if (*program != '/')
		return verdict(false, "a pipe to a program without an absolute path");
	for (size_t i = 0; i < KERNEL_COUNT(collectors); i++) {
		if (strcmp(program, collectors[i]) == 0)
			return judge_path(run, program, "a known collector");
	}
	return verdict(false, "a pipe to a program that is no known collector");
}

static bool climbs(const char *path)
{
	return kernel_starts_with(path, "../") || strstr(path, "/../") ||
	       kernel_ends_with(path, "/..");
}

kernel_core_verdict kernel_core_pattern_judge(hf_check_run *run, const char *pattern)
{
	if (*pattern == '|')
		return judge_pipe(run, pattern + 1);
	if (climbs(pattern))
		return verdict(false, "a path that climbs by '..'");
	if (*pattern == '@') {
		/* A listening socket, from 6.16 on ("@@" from 6.17); an older kernel takes it for
		 * the name of a file in the crashing process's folder. */
		const char *path = pattern[1] == '@' ? pattern + 2 : pattern + 1;

		/* whoever can make a socket there gets the memory of what crashed */
		return *path == '/' ? judge_folder(run, path, "a socket in a folder of root's")
				    : verdict(false, "a socket without an absolute path");
	}
	/* Relative to the folder of the process that crashed: inside its own container. */
	if (*pattern != '/')
		return verdict(true, "a file in the crashing process's own folder");
	return judge_folder(run, pattern, "files in a folder of root's");
}
