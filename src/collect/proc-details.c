/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of engines' daemons. Arguments and environments are where secrets are, so little of
 * them is recorded. */
#include "collect/proc.h"
#include "collect/redact.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum {
	ENVIRON_MAX_BYTES = 1024 * 1024,
	ARGV_MAX_BYTES = 256 * 1024,
};

static const hf_daemon_kind kinds[] = {
	{.name = "dockerd", .is_engine = true, .has_sockets = true},
	/* the CE packages of 17.06 to 18.06, RHEL 7, NixOS */
	{.name = "dockerd-ce", .is_engine = true, .has_sockets = true},
	{.name = "dockerd-current", .is_engine = true, .has_sockets = true},
	{.name = ".dockerd-wrapped", .is_engine = true, .has_sockets = true},
	{.name = "containerd", .is_engine = true, .has_sockets = true},
	{.name = "rootlesskit", .is_engine = true, .has_sockets = true},
	{.name = "crio", .is_engine = true, .has_sockets = true},
	/* also the command that runs a container in the foreground */
	{.name = "podman", .is_engine = true, .has_sockets = true, .argv = HF_ARGV_OPTIONS},
	{.name = "systemd-nspawn", .is_engine = true, .argv = HF_ARGV_OPTIONS},
	{.name = "lxc*", .is_engine = true, .argv = HF_ARGV_OPTIONS},
	{.name = "docker-proxy", .has_sockets = true},
	{.name = "rootlessport", .has_sockets = true},
	{.name = "slirp4netns", .has_sockets = true},
	{.name = "pasta", .has_sockets = true},
	{.name = "containerd-shim*"},
	/* whom the kernel must not kill before a container */
	{.name = "kubelet", .argv = HF_ARGV_NONE},
	{.name = "sshd", .has_sockets = true, .argv = HF_ARGV_NONE},
};

static const hf_daemon_kind first_process = {
	.name = "pid 1",
	.is_engine = true,
	.has_sockets = true,
	.argv = HF_ARGV_OPTIONS,
};

const hf_daemon_kind *hf_daemon_kind_find(int pid, const char *exe)
{
	static const char deleted[] = " (deleted)";
	const char *base = strrchr(exe, '/');
	size_t length;

	base = base ? base + 1 : exe;
	length = strlen(base);
	if (hf_has_suffix(base, deleted)) /* the package was upgraded, the daemon not restarted */
		length -= strlen(deleted);
	for (size_t i = 0; i < HF_ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].name);
		bool is_prefix = kinds[i].name[n - 1] == '*';

		n -= is_prefix;
		if ((is_prefix ? length >= n : length == n) && memcmp(base, kinds[i].name, n) == 0)
			return &kinds[i];
	}
	return pid == 1 ? &first_process : NULL;
}

/* ---- arguments ---- */

/* "--capability=all" becomes "--capability=[redacted]"; what is no long option is left out. */
static void keep_options(const hf_buffer *argv, hf_buffer *kept)
{
	const char *end = argv->data + argv->size;

	for (const char *word = argv->data; word < end;
	     word += strnlen(word, (size_t)(end - word)) + 1) {
		size_t length = strnlen(word, (size_t)(end - word));
		const char *equal = memchr(word, '=', length);

		if (word != argv->data && (length < 3 || memcmp(word, "--", 2) != 0))
			continue;
		hf_buffer_add(kept, word, equal ? (size_t)(equal - word) : length);
		if (equal)
			hf_buffer_puts(kept, "=" HF_REDACTED);
		hf_buffer_add(kept, "", 1);
	}
}

static int ask_argv(const hf_proc *proc, const hf_proc_dir *dir, hf_argv_rule rule)
{
	hf_buffer argv = {0}, kept = {0};
	int error = hf_proc_read_whole(proc, dir, "cmdline", ARGV_MAX_BYTES, &argv);
	char *clean = NULL;
	size_t size;

	if (!error && argv.size > 0) {
		switch (rule) {
		case HF_ARGV_OPTIONS:
			keep_options(&argv, &kept);
			break;
		case HF_ARGV_REDACTED:
			if (hf_redact(argv.data, argv.size, &clean, &size) < 0)
				error = ENOMEM;
			hf_buffer_add(&kept, clean ? clean : argv.data, clean ? size : argv.size);
			break;
		case HF_ARGV_NONE:
			break;
		}
	}
	int r = hf_proc_send_text(proc, dir, HF_ASK_FILE, "cmdline", error, NULL, &kept);

	free(clean);
	hf_buffer_free(&argv);
	hf_buffer_free(&kept);
	return r;
}

/* ---- environment ---- */

/* Switches that change what the engine does, whose values are no secrets. */
static const char *const switches[] = {
	"DOCKER_CERT_PATH",
	"DOCKER_DRIVER",
	"DOCKER_HOST",
	"DOCKER_INSECURE_NO_IPTABLES_RAW",
	"DOCKER_RAMDISK",
	"DOCKER_TLS_VERIFY",
	"DOCKERD_DEPRECATED_CORS_HEADER",
	"DOCKERD_ROOTLESS_ROOTLESSKIT_NET",
	"DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER",
	"PATH",
	"container",
};

static bool is_switch(const char *name, size_t length)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(switches); i++) {
		if (strlen(switches[i]) == length && memcmp(switches[i], name, length) == 0)
			return true;
	}
	return false;
}

static void add_variable(const char *word, size_t length, bool with_switches, hf_buffer *lines)
{
	const char *equal = memchr(word, '=', length);
	size_t name_length = equal ? (size_t)(equal - word) : 0;
	char *clean = NULL;
	size_t size;

	if (!equal || !hf_proc_is_variable(word, name_length))
		return;
	if (!with_switches || !is_switch(word, name_length) || memchr(word, '\n', length)) {
		hf_buffer_add(lines, word, name_length);
	} else {
		if (hf_redact(word, length, &clean, &size) < 0)
			lines->failed = true;
		hf_buffer_add(lines, clean ? clean : word, clean ? size : length);
		free(clean);
	}
	hf_buffer_puts(lines, "\n");
}

int hf_proc_ask_environ(const hf_proc *proc, const hf_proc_dir *dir, bool with_switches)
{
	hf_buffer all = {0}, lines = {0};
	int error = hf_proc_read_whole(proc, dir, "environ", ENVIRON_MAX_BYTES, &all);
	const char *end = all.data + all.size;

	for (const char *word = all.data; !error && word < end;) {
		size_t length = strnlen(word, (size_t)(end - word));

		add_variable(word, length, with_switches, &lines);
		word += length + 1;
	}
	int r = hf_proc_send_text(proc, dir, HF_ASK_FILE, "environ", error, NULL, &lines);

	hf_buffer_free(&all);
	hf_buffer_free(&lines);
	return r;
}

/* ---- sockets ---- */

/* Whether the socket @name ("fd/7") is a TCP one, or may be: then the tables are walked. The kernel tells the protocol
 * of a socket as an extended attribute, sockfs_xattr_get() in net/socket.c. */
static bool may_be_tcp(const hf_proc_dir *dir, const char *name)
{
	static const char *const others[] = {"UNIX",   "UNIX-STREAM", "NETLINK", "UDP",	 "UDPv6",
					     "PACKET", "RAW",	      "RAWv6",	 "PING", "VSOCK"};
	char path[64], protocol[32];
	struct stat st;
	/* held, so that what is asked is a socket whatever the process does to its descriptors meanwhile */
	hf_cleanup(hf_closep) int fd = openat(dir->fd, name, O_PATH | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode))
		return true;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t n = getxattr(path, "system.sockprotoname", protocol, sizeof protocol - 1);

	if (n <= 0)
		return true;
	protocol[n] = '\0';
	for (size_t i = 0; i < HF_ARRAY_SIZE(others); i++) {
		if (strcmp(protocol, others[i]) == 0)
			return false;
	}
	return true;
}

/* Every descriptor, not just the sockets: a link that is missing from the record is one that could
 * not be read. */
static int ask_fds(hf_proc *proc, const hf_proc_dir *dir)
{
	hf_buffer names = {0};
	char text[HF_PROC_LINK_ROOM], name[32];
	hf_answer answer;

	if (!proc->is_procfs)
		return 0;
	hf_proc_readlink(proc, dir, "ns/net", text, &answer);
	/* the host's tables are read whoever has sockets there, and engines have some for each container */
	bool is_known = !answer.error && strcmp(text, proc->initial.text[HF_PROC_NS_NET]) == 0;
	int error = hf_proc_list_names(proc, dir, "fd", HF_PROC_FDS_MAX, &names);
	int r = hf_proc_send_text(proc, dir, HF_ASK_DIR, "fd", error,
				  error == EFBIG ? "more descriptors than are read" : NULL, &names);

	for (const char *at = names.data; r >= 0 && at < names.data + names.size;
	     at += strlen(at) + 1) {
		(void)snprintf(name, sizeof name, "fd/%s", at);
		hf_proc_readlink(proc, dir, name, text, &answer);
		bool is_denied = answer.error == EACCES || answer.error == EPERM;

		/* a refused link names no socket that a table could be searched for */
		if (!answer.error && !is_known && !proc->has_tcp && hf_has_prefix(answer.data, "socket:"))
			proc->has_tcp = may_be_tcp(dir, name);
		if (answer.error != ENOENT) /* closed meanwhile */
			r = hf_proc_send(proc, dir, name, &answer);
		if (is_denied) /* the process refuses to be looked into: one such answer says it for
				  all */
			break;
	}
	hf_buffer_free(&names);
	return r;
}

/* ---- all ---- */

static int ask_files(const hf_proc *proc, const hf_proc_dir *dir)
{
	static const char *const names[] = {"status", "limits", "uid_map", "gid_map",
					    "personality"};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++)
		r = hf_proc_ask(proc, dir, names[i]);
	return r;
}

static bool has_mounts_of_first(const hf_proc *proc, const hf_proc_dir *dir)
{
	char own[HF_PROC_NS_ROOM], first[HF_PROC_NS_ROOM];
	ssize_t n = proc->is_procfs ? readlinkat(dir->fd, "ns/mnt", own, sizeof own) : -1;

	return n > 0 && n == readlinkat(proc->fd, "1/ns/mnt", first, sizeof first) &&
	       memcmp(own, first, (size_t)n) == 0;
}

/* The kernel gives it a page at a time, and on a node with hundreds of containers there are many: where they are
 * those of pid 1, which every scan reads, once is enough. That of a container is read by those who look below its root. */
static int ask_mounts(const hf_proc *proc, const hf_proc_dir *dir)
{
	hf_buffer text = {0};

	if (has_mounts_of_first(proc, dir))
		return 0;
	int error = hf_proc_read_whole(proc, dir, "mountinfo", HF_FILE_CAP_BYTES, &text);
	int r = hf_proc_send_text(proc, dir, HF_ASK_FILE, "mountinfo", error, NULL, &text);

	hf_buffer_free(&text);
	return r;
}

static int ask_namespaces(const hf_proc *proc, const hf_proc_dir *dir)
{
	char text[HF_PROC_LINK_ROOM], name[32];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_PROC_NS_COUNT; i++) {
		hf_answer answer;

		if (i == HF_PROC_NS_MNT)
			continue; /* asked of every process */
		(void)snprintf(name, sizeof name, "ns/%s", hf_proc_ns_names[i]);
		hf_proc_readlink(proc, dir, name, text, &answer);
		r = hf_proc_send(proc, dir, name, &answer);
	}
	return r;
}

int hf_proc_ask_daemon(hf_proc *proc, const hf_proc_dir *dir, const hf_daemon_kind *daemon)
{
	int r = hf_proc_ask(proc, dir, "oom_score_adj");

	if (r >= 0 && daemon->is_engine)
		r = ask_files(proc, dir);
	if (r >= 0 && daemon->is_engine)
		r = ask_mounts(proc, dir);
	if (r >= 0 && daemon->is_engine)
		r = ask_namespaces(proc, dir);
	if (r >= 0 && daemon->has_sockets)
		r = ask_fds(proc, dir);
	if (r >= 0 && daemon->argv != HF_ARGV_NONE)
		r = ask_argv(proc, dir, daemon->argv);
	return r < 0 || !daemon->is_engine ? r : hf_proc_ask_environ(proc, dir, true);
}

/* Where it cannot be told which namespace that is, nobody could tell what the tables mean. What was read for
 * another process of the same namespace holds for an engine, too; of the many small helpers only the first is
 * answered for. */
int hf_proc_ask_listeners(hf_proc *proc, const hf_proc_dir *dir, const hf_daemon_kind *daemon)
{
	char text[HF_PROC_LINK_ROOM];
	hf_answer net;

	if (!daemon->has_sockets)
		return 0;
	hf_proc_readlink(proc, dir, "ns/net", text, &net);
	if (net.error || (!daemon->is_engine && hf_proc_knows_tables(proc, net.data)))
		return 0;
	return hf_proc_ask_tables(proc, dir, net.data);
}
