/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `host`: files and settings of the node itself. */
#include "collect/collect.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

const char *const hf_host_reads[] = {
	/* what the node is */
	"/proc/sys/kernel/hostname",
	"/proc/version",
	"/etc/os-release",
	"/usr/lib/os-release",
	"/etc/machine-id",
	"/proc/stat",
	"/proc/1/mountinfo",
	"/proc/1/cgroup",
	/* which processes are no containers, although they have a root of their own */
	"stat:/usr/bin/slirp4netns",
	"stat:/usr/bin/passt",
	"stat:/usr/bin/passt.avx2",
	/* whether the kernel has what runtimes mask in containers */
	"stat:/sys/firmware",
	"stat:/sys/devices/virtual/powercap",
	"stat:/sys/kernel/uevent_helper",
	"/proc/filesystems",
	/* where a rootless engine has its configuration; whether there is IPv6 */
	"/etc/passwd",
	"/home/*/.config/docker/daemon.json",
	"dir:/proc/sys/net",
	/* whether packets between ports of a bridge meet the rules of IP; which bridges are networks of Podman and CNI */
	"sysctl:net.bridge.bridge-nf-call-iptables",
	"sysctl:net.bridge.bridge-nf-call-ip6tables",
	/* whether the node sends packets on, and which it takes */
	"sysctl:net.ipv4.ip_forward",
	"sysctl:net.ipv6.conf.all.forwarding",
	"/proc/sys/net/ipv4/conf/*/forwarding",
	"/proc/sys/net/ipv4/conf/*/rp_filter",
	"/proc/sys/net/ipv4/conf/*/route_localnet",
	"/etc/containers/networks/*.json",
	"/etc/cni/net.d/*.conf",
	"/etc/cni/net.d/*.conflist",
	/* facts of a newer date than this program: src/facts/seccomp-defaults.tsv has the form */
	HF_SYSCONFDIR "/seccomp-defaults.tsv",
	/* security modules */
	"/sys/kernel/security/lsm",
	"/sys/kernel/security/lockdown",
	"/sys/module/apparmor/parameters/enabled",
	"/sys/fs/selinux/enforce",
	/* how the kernel was built and started */
	"/proc/cmdline",
	"/proc/config.gz",
	"/boot/config-@release@",
	"/usr/lib/modules/@release@/config",
	"/lib/modules/@release@/config",
	"/lib/modules/@release@/build/.config",
	"sysctl:abi.vsyscall32",
	/* how it will be started next */
	"/boot/grub/grubenv",
	"/boot/grub/grub.cfg",
	"/boot/grub/custom.cfg",
	"/boot/grub2/grubenv",
	"/boot/grub2/grub.cfg",
	"/boot/grub2/custom.cfg",
	"/boot/loader/loader.conf",
	"/boot/loader/entries/*.conf",
	"/efi/loader/loader.conf",
	"/efi/loader/entries/*.conf",
	"/boot/efi/loader/loader.conf",
	"/boot/efi/loader/entries/*.conf",
	"dir:/boot/EFI/Linux",
	"dir:/efi/EFI/Linux",
	"dir:/boot/efi/EFI/Linux",
	"/sys/firmware/efi/efivars/Loader*",
	"/etc/kernel/cmdline",
	"/etc/default/grub",
	"/etc/default/grub.d/*.cfg",
	/* modules: loaded, built in, on disk, denied */
	"/proc/modules",
	"dir:/proc",
	"dir:/sys/module",
	"sysctl:kernel.modules_disabled",
	"/lib/modules/@release@/modules.builtin",
	"/lib/modules/@release@/modules.builtin.modinfo",
	"/lib/modules/@release@/modules.dep",
	"/usr/lib/modules/@release@/modules.builtin",
	"/usr/lib/modules/@release@/modules.builtin.modinfo",
	"/usr/lib/modules/@release@/modules.dep",
	"/etc/modprobe.d/*.conf",
	"/run/modprobe.d/*.conf",
	"/usr/local/lib/modprobe.d/*.conf",
	"/usr/lib/modprobe.d/*.conf",
	"/lib/modprobe.d/*.conf",
	"/etc/modprobe.d/*.alias",
	"/run/modprobe.d/*.alias",
	"/usr/local/lib/modprobe.d/*.alias",
	"/usr/lib/modprobe.d/*.alias",
	"/lib/modprobe.d/*.alias",
	/* declared settings; a link to /dev/null masks a file of the same name */
	"/etc/sysctl.conf",
	"/etc/sysctl.d/*.conf",
	"/run/sysctl.d/*.conf",
	"/usr/local/lib/sysctl.d/*.conf",
	"/usr/lib/sysctl.d/*.conf",
	"/lib/sysctl.d/*.conf",
	"link:/etc/sysctl.d/*.conf",
	"link:/run/sysctl.d/*.conf",
	"link:/usr/local/lib/sysctl.d/*.conf",
	"link:/usr/lib/sysctl.d/*.conf",
	"link:/etc/modprobe.d/*.conf",
	"link:/run/modprobe.d/*.conf",
	"link:/usr/local/lib/modprobe.d/*.conf",
	"link:/usr/lib/modprobe.d/*.conf",
	"link:/lib/modprobe.d/*.conf",
	"link:/lib",
	NULL,
};

static int send_call(const hf_collect_task *task, const char *name, const char *text)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.data = text,
		.size = strlen(text),
	};

	return hf_reader_send(task->reader, &answer);
}

static int send_failed_call(const hf_collect_task *task, const char *name, int error,
			    const char *reason)
{
	const hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = name,
		.error = error,
		.reason = reason,
		.data = "",
	};

	return hf_reader_send(task->reader, &answer);
}

/* Below --root the calls would answer for this machine, not for the tree. */
static int ask_uname(const hf_collect_task *task)
{
	struct utsname name;
	char text[sizeof name];

	if (!task->is_live)
		return send_failed_call(task, "uname", ENOTSUP, "a file tree has no running kernel");
	if (uname(&name) < 0)
		return send_failed_call(task, "uname", errno, NULL);
	(void)snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n", name.sysname, name.release,
		       name.version, name.machine);
	return send_call(task, "uname", text);
}

/* The date of the reading: dated tables are judged by it, and a replay must judge alike. */
static int ask_time(const hf_collect_task *task)
{
	char text[32];
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return send_failed_call(task, "time", EINVAL, NULL);
	return send_call(task, "time", text);
}

/* When the kernel started, by the clock of today: what /proc/PID/stat counts from. The btime of /proc/stat is the
 * same in whole seconds, too coarse to tell whether a file was written before a daemon read it. */
static int ask_boot_time(const hf_collect_task *task)
{
	struct timespec now, up;
	char text[48];

	if (!task->is_live)
		return send_failed_call(task, "boottime", ENOTSUP,
					"a file tree has no running kernel");
	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return send_failed_call(task, "boottime", errno, NULL);
	int64_t boot = ((int64_t)now.tv_sec - up.tv_sec) * 1000000000 + now.tv_nsec - up.tv_nsec;

	(void)snprintf(text, sizeof text, "%lld.%09lld", (long long)(boot / 1000000000),
		       (long long)(boot % 1000000000));
	return send_call(task, "boottime", text);
}

/* lsm_list_modules(2), kernel 6.8: the running list even where securityfs is not mounted. */
static int ask_lsm(const hf_collect_task *task)
{
	enum { SYS_LSM_LIST_MODULES = 461 };
	static const struct {
		uint64_t id;
		const char *name;
	} known[] = {
		{100, "capability"}, {101, "selinux"},	{102, "smack"}, {103, "tomoyo"},
		{104, "apparmor"},   {105, "yama"},	{106, "loadpin"}, {107, "safesetid"},
		{108, "lockdown"},   {109, "bpf"},	{110, "landlock"}, {111, "ima"},
		{112, "evm"},	     {113, "ipe"},
	};
	uint64_t ids[64];
	uint32_t size = sizeof ids;
	char text[512] = "";
	size_t used = 0;

	if (!task->is_live)
		return send_failed_call(task, "lsm_list_modules", ENOTSUP,
					"a file tree has no running kernel");
	long count = syscall(SYS_LSM_LIST_MODULES, ids, &size, 0);

	if (count < 0)
		return send_failed_call(task, "lsm_list_modules", errno,
					errno == ENOSYS ? "this kernel has no such call (6.8)" : NULL);
	for (long i = 0; i < count; i++) {
		char number[32];
		const char *name = number;

		(void)snprintf(number, sizeof number, "lsm-%llu", (unsigned long long)ids[i]);
		for (size_t k = 0; k < HF_ARRAY_SIZE(known); k++) {
			if (known[k].id == ids[i])
				name = known[k].name;
		}
		int n = snprintf(text + used, sizeof text - used, "%s%s", i ? "," : "", name);

		if (n < 0 || (size_t)n >= sizeof text - used)
			break;
		used += (size_t)n;
	}
	return send_call(task, "lsm_list_modules", text);
}

static int collect(const hf_collect_task *task)
{
	int r = ask_uname(task);

	if (r >= 0)
		r = ask_time(task);
	if (r >= 0)
		r = ask_boot_time(task);
	if (r >= 0)
		r = ask_lsm(task);
	/* who runs is told by the collector of processes, which knows which of them it could read; the first answer
	 * to a question counts, and a plain listing would hide that it ran out of time */
	if (r >= 0)
		r = hf_reader_leave(task->reader, HF_ASK_DIR, "/proc");
	for (const char *const *read = hf_host_reads; r >= 0 && *read; read++)
		r = hf_reader_request(task->reader, *read);
	return r < 0 ? r : hf_collect_requests(task);
}

const hf_collector hf_collector_host = {
	.name = "host",
	.reads = "kernel settings and state, configuration files, metadata of host files",
	.caps = (const int[]){-1},
	.syscalls = (const char *const[]){"openat2", "openat", "readlinkat", "getdents64", "fstatfs", "uname",
					 "lsm_list_modules", "getxattr", "dup", "ioctl", NULL},
	.kinds = 1U << HF_ASK_FILE | 1U << HF_ASK_STAT | 1U << HF_ASK_LINK | 1U << HF_ASK_DIR |
		 1U << HF_ASK_CALL,
	.deadline_ms = 2000,
	.cap_bytes = 24 * 1024 * 1024,
	.wants_requests = true,
	.collect = collect,
};
