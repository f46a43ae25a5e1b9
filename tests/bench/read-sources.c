/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The yardstick: reads the same sources as a scan did, as plainly as a program can, and does nothing with them.
 *
 *   read-sources QUESTIONS [SOCKET]
 *
 * QUESTIONS: a line each, "file:/proc/cmdline", as in a capture; SOCKET: the engine's, for "api:" questions. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char block[256 * 1024];
static unsigned long long bytes;

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = read(fd, block, sizeof block)) > 0)
		bytes += (unsigned long long)n;
	(void)close(fd);
}

static void read_dir(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir)
		return;
	while (readdir(dir))
		bytes++;
	(void)closedir(dir);
}

/* Without keep-alive a reader needs to understand nothing of HTTP: it ends when the engine closes. */
static void read_api(const char *socket_path, const char *endpoint)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
		(void)dprintf(fd, "GET %s HTTP/1.0\r\nHost: docker\r\n\r\n", endpoint);
		while ((n = read(fd, block, sizeof block)) > 0)
			bytes += (unsigned long long)n;
	}
	if (fd >= 0)
		(void)close(fd);
}

int main(int argc, char **argv)
{
	char line[8192];
	struct stat st;
	unsigned questions = 0;
	FILE *in = argc > 1 ? fopen(argv[1], "re") : NULL;

	if (!in)
		return 64;
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		char *name = strchr(line, ':');

		if (!name)
			continue;
		*name++ = '\0';
		questions++;
		if (strcmp(line, "file") == 0)
			read_file(name);
		else if (strcmp(line, "stat") == 0)
			bytes += stat(name, &st) == 0 ? sizeof st : 0;
		else if (strcmp(line, "link") == 0)
			bytes += (unsigned long long)(readlink(name, block, sizeof block) + 1);
		else if (strcmp(line, "dir") == 0)
			read_dir(name);
		else if (strcmp(line, "api") == 0 && argc > 2 && *name == '/')
			read_api(argv[2], name);
	}
	(void)fclose(in);
	(void)printf("%u questions, %llu bytes\n", questions, bytes);
	return 0;
}
