/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One system call on one path, natively or as a 32-bit program makes it: what an audit rule must
 * record.
 *
 * audit-try ACTION PATH [TO]; exit status 0 when the call succeeded. Without arguments it does
 * nothing, and can stand for any program. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Numbers of the i386 table. */
enum { OPEN_32 = 5, CHMOD_32 = 15, SOCKETCALL_32 = 102, CONNECT_32 = 362, SOCKETCALL_CONNECT = 3 };

#ifdef __x86_64__
static long call_32(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}
#else
static long call_32(long number, long a, long b, long c)
{
	(void)number, (void)a, (void)b, (void)c;
	return -1;
}
#endif

/* Where a 32-bit pointer can reach. */
typedef struct low_memory {
	struct sockaddr_un address;
	char path[256];
	unsigned words[3];
} low_memory;

static int try_socket(const char *action, low_memory *low)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	long address = (long)&low->address, size = sizeof low->address;

	if (fd < 0)
		return 2;
	if (strcmp(action, "connect") == 0)
		return connect(fd, (struct sockaddr *)&low->address, sizeof low->address) < 0;
	if (strcmp(action, "connect32") == 0)
		return call_32(CONNECT_32, fd, address, size) < 0;
	low->words[0] = (unsigned)fd;
	low->words[1] = (unsigned)address;
	low->words[2] = (unsigned)size;
	return call_32(SOCKETCALL_32, SOCKETCALL_CONNECT, (long)low->words, 0) < 0;
}

int main(int argc, char **argv)
{
	low_memory *low = mmap(NULL, sizeof *low, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS
#ifdef MAP_32BIT
				       | MAP_32BIT
#endif
			       ,
			       -1, 0);

	if (argc < 3)
		return 0;
	if (low == MAP_FAILED)
		return 2;
	const char *action = argv[1], *path = argv[2];

	(void)snprintf(low->path, sizeof low->path, "%s", path);
	low->address.sun_family = AF_UNIX;
	(void)snprintf(low->address.sun_path, sizeof low->address.sun_path, "%s", path);
	if (strcmp(action, "open") == 0)
		return open(path, O_WRONLY) < 0;
	if (strcmp(action, "create") == 0)
		return open(path, O_WRONLY | O_CREAT, 0600) < 0;
	if (strcmp(action, "chmod") == 0)
		return chmod(path, 0600) < 0;
	if (strcmp(action, "rename") == 0)
		return argc < 4 || rename(path, argv[3]) < 0;
	if (strcmp(action, "open32") == 0)
		return call_32(OPEN_32, (long)low->path, O_WRONLY, 0) < 0;
	if (strcmp(action, "chmod32") == 0)
		return call_32(CHMOD_32, (long)low->path, 0600, 0) < 0;
	return try_socket(action, low);
}
