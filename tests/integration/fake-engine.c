/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-engine SOCKET MODE: listens on SOCKET as a container engine that misbehaves as MODE says. It
 * prints one line once it listens and runs until it is killed. */
#include "fake.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 3) {
		(void)fprintf(stderr, "usage: fake-engine SOCKET MODE\nmodes:");
		for (size_t i = 0; hf_fake_mode(i); i++)
			(void)fprintf(stderr, " %s", hf_fake_mode(i));
		(void)fputc('\n', stderr);
		return 64;
	}
	int fd = hf_fake_listen(argv[1]);

	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	(void)printf("listening on %s\n", argv[1]);
	(void)fflush(stdout);
	if (hf_fake_serve(fd, argv[2]) < 0)
		(void)fprintf(stderr, "fake-engine: no mode \"%s\"\n", argv[2]);
	return 1;
}
