/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SELinux label of a file of the host: its attribute security.selinux, xattr(7). */
#include "collect/collect.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

/* O_PATH holds the file, be it a directory or a device, without opening it; an attribute of it can then be had
 * by the name of the descriptor alone. */
static int read_label(hf_reader *reader, const char *path, char *text, size_t size, size_t *ret_length)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char name[64];
	hf_cleanup(hf_closep) int fd = (int)syscall(SYS_openat2, hf_reader_root_fd(reader), path, &how,
						    sizeof how);

	if (fd < 0)
		return errno;
	(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	ssize_t length = getxattr(name, "security.selinux", text, size - 1);

	if (length < 0)
		return errno;
	text[length] = '\0';
	*ret_length = strlen(text); /* the kernel counts a final NUL */
	return 0;
}

int hf_reader_label(hf_reader *reader, const char *path)
{
	char name[HF_NAME_MAX_BYTES], text[1024];
	hf_answer answer = {.kind = HF_ASK_CALL, .name = name, .data = text};
	size_t length = 0;

	if (snprintf(name, sizeof name, "label:%s", path) >= (int)sizeof name)
		return 0;
	answer.error = read_label(reader, path, text, sizeof text, &length);
	if (answer.error)
		text[0] = '\0';
	answer.size = length;
	int r = hf_reader_send(reader, &answer);

	/* what is missing is believed missing only when the folder's own listing agrees */
	return r < 0 || answer.error != ENOENT ? r : hf_reader_stat(reader, path);
}
