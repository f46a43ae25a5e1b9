/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile plugin would try. Each check passes when the attempt was refused; the constructor tries first,
 * before the last confinement, and its loot counts, too. */
#define _GNU_SOURCE
#include <holdfast/holdfast.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int early_shadow = -1, early_root = -1, early_socket = -1, early_host = -1;

__attribute__((constructor)) static void strike_early(void)
{
	early_shadow = open("/etc/shadow", O_RDONLY);
	early_root = open("/root", O_RDONLY | O_DIRECTORY);
	early_host = open("/etc/hostname", O_RDONLY);
	early_socket = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void refused(hf_check_run *run, const char *what, int early, int late)
{
	hf_expect(run, what, hf_text(run, "while loading %d, while judging %d", early, late),
		  "-1 and -1", early < 0 && late < 0);
}

static void check_shadow(hf_check_run *run)
{
	refused(run, "open(/etc/shadow)", early_shadow, open("/etc/shadow", O_RDONLY));
}

static void check_passwd(hf_check_run *run)
{
	refused(run, "open(/etc/passwd)", early_host, open("/etc/passwd", O_RDONLY));
}

static void check_proc_self(hf_check_run *run)
{
	refused(run, "open(/proc/self/maps)", early_root, open("/proc/self/maps", O_RDONLY));
}

static void check_socket(hf_check_run *run)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	refused(run, "socket(AF_UNIX)", early_socket, fd);
}

static void check_fork(hf_check_run *run)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	refused(run, "fork()", -1, pid);
}

static void check_kill(hf_check_run *run)
{
	refused(run, "kill(getppid(), SIGSTOP)", -1, kill(getppid(), SIGSTOP));
}

static void check_pidfd(hf_check_run *run)
{
	refused(run, "pidfd_open(parent)", -1,
		(int)syscall(SYS_pidfd_open, getppid(), 0));
}

#define ROW(name, function)                                                                        \
	{                                                                                          \
		.id = "malicious." name, .title = "Refused: " name, .subject = HF_SUBJECT_HOST,    \
		.stride = HF_STRIDE_E, .severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),          \
		.level = 1, .risk = "-", .threat = "-", .remediation = "-", .run = function,       \
	}

static const hf_check checks[] = {
	ROW("shadow", check_shadow), ROW("passwd", check_passwd),
	ROW("proc-self", check_proc_self), ROW("socket", check_socket),
	ROW("fork", check_fork),
	ROW("kill", check_kill), ROW("pidfd", check_pidfd),
};

HF_PLUGIN("malicious", "Malicious", checks);
