/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that a container can reach: by the file itself, through a mount of a folder above it under
 * any name, or by an abstract name in a network namespace that it shares. A read-only mount does not help, for
 * connecting writes nothing to the file system. */
#include "common.h"

#include <fnmatch.h>
#include <string.h>

typedef struct socket_class {
	const char *const *files;     /* fnmatch(3); '*' stands for '/', too */
	const char *const *others;    /* that match .files or .holders, and are none */
	const char *const *holders;   /* programs of engines: whatever they listen on counts. NULL: none */
	const char *const *abstracts; /* NULL: none */
	bool is_open;		      /* it lets in whoever its mode lets in, and asks no more */
	const char *wanted;
} socket_class;

/* As fnmatch(3), which takes hundreds of steps for each of a node's sockets, where there is one star at most. */
static bool matches_one(const char *pattern, const char *text)
{
	size_t before = strcspn(pattern, "*?[\\");

	if (strncmp(text, pattern, before) != 0)
		return false;
	if (pattern[before] == '\0')
		return text[before] == '\0';
	if (pattern[before] != '*' || strpbrk(pattern + before + 1, "*?[\\"))
		return fnmatch(pattern, text, 0) == 0;
	size_t behind = strlen(pattern + before + 1), size = strlen(text + before);

	return size >= behind && memcmp(text + before + size - behind, pattern + before + 1, behind) == 0;
}

static bool matches(const char *const *patterns, const char *text)
{
	for (; patterns && text && *patterns; patterns++) {
		if (matches_one(*patterns, text))
			return true;
	}
	return false;
}

static bool is_member(const socket_class *class, const hf_host_socket *socket)
{
	if (*socket->name == '@')
		return matches(class->abstracts, socket->name);
	if (matches(class->others, socket->path ? socket->path : socket->name))
		return false;
	return matches(class->files, socket->path) || matches(class->files, socket->name) ||
	       matches(class->holders, socket->holder);
}

static bool shows_host(const hf_container_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (mount_shows_host(&mounts->all[i]))
			return true;
	}
	return false;
}

/* ---- abstract names ---- */

/* A name that begins with a NUL byte belongs to a network namespace and not to a file. */
static void judge_abstract(hf_check_run *run, const socket_class *class, mount_list *hits)
{
	const hf_container *container = hf_container_of(run);
	const hf_ns_reference *initial = hf_ns_reference_get(run);
	uint64_t net = container->init ? container->init->ns[HF_NS_NET] : 0;

	if (!class->abstracts || net == 0 || initial->inode[HF_NS_NET] != net)
		return;
	const hf_sockets *sockets = hf_host_unix_sockets(run);

	if (!hf_need(run, &sockets->fact))
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		const char *name = sockets->all[i].address;

		if (matches(class->abstracts, name))
			mount_add(run, hits, hf_text(run, "%s in the host's network namespace", name));
	}
}

/* ---- files ---- */

/* Who may connect: whoever may write to the socket's file, unix(7). */
static mount_answer admits(hf_check_run *run, const hf_file *file, const char **ret_why)
{
	mount_answer root = mount_has_root(run, ret_why);

	if (root == MOUNT_YES)
		return root;
	mount_answer by_mode = mount_may_use(run, file, 0200);

	return by_mode == MOUNT_NO ? root : by_mode;
}

typedef struct judgement {
	mount_list hits;
	size_t members;	    /* sockets of the class that listen */
	const char *unread; /* one of them, of which it could not be told */
	const char *why;
	bool is_mitigated; /* no task may connect to any of the hits */
} judgement;

static void judge_socket(hf_check_run *run, const socket_class *class, const hf_host_socket *socket,
			 judgement *j)
{
	const hf_reach *reach = hf_container_reach(run, hf_container_of(run), socket->name);
	const char *why = NULL;

	if (reach->fact.state == HF_ABSENT)
		return;
	if (reach->fact.state == HF_UNREADABLE) {
		j->unread = socket->name;
		j->why = reach->fact.why;
		return;
	}
	mount_answer open = admits(run, reach->file, &why);

	if (class->is_open && open == MOUNT_NO)
		return;
	if (class->is_open && open == MOUNT_MAYBE) {
		j->unread = socket->name;
		j->why = why ? why : "its tasks could not be read";
		return;
	}
	j->is_mitigated &= open == MOUNT_NO;
	mount_add(run, &j->hits,
		  mount_is(socket->name, reach->path)
			  ? hf_text(run, "%s", reach->path)
			  : hf_text(run, "%s as %s", socket->name, reach->path));
}

static void judge_files(hf_check_run *run, const socket_class *class,
			const hf_host_sockets *sockets, judgement *j)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const hf_host_socket *socket = &sockets->all[i];

		if (!is_member(class, socket))
			continue;
		j->members++;
		if (*socket->name == '@' || socket->file->fact.state == HF_ABSENT)
			continue; /* judge_abstract() has the one, nobody can open the other */
		/* where it is bound can be a folder that only its owner knows: then it may be anywhere */
		if (socket->path) {
			judge_socket(run, class, socket, j);
		} else {
			j->unread = socket->name;
			j->why = socket->file->fact.why;
		}
	}
}

static void check_sockets(hf_check_run *run)
{
	const socket_class *class = hf_check_param(run);
	const hf_container_mounts *mounts = mount_begin(run);
	judgement j = {.is_mitigated = true};

	if (!mounts)
		return;
	const hf_host_sockets *sockets = hf_host_sockets_get(run);
	bool is_known = sockets->fact.state == HF_PRESENT, is_shown = shows_host(mounts);

	if (is_known && is_shown)
		judge_files(run, class, sockets, &j);
	size_t by_file = j.hits.count;

	judge_abstract(run, class, &j.hits);
	if (j.hits.count > 0) {
		(void)mount_conclude(run, &j.hits, NULL, class->wanted);
		if (by_file == j.hits.count && j.is_mitigated)
			hf_message(run, "Mitigated: by its mode no task of the container may connect.");
	} else if (!is_known && is_shown) {
		hf_unknown(run, sockets->fact.source, sockets->fact.why);
	} else if (j.unread) {
		hf_unknown(run, j.unread, j.why);
	} else if (is_shown && j.members == 0 && !class->is_open) {
		hf_not_applicable(run, sockets->fact.source, "no such socket listens on this node",
				  "there is nothing to reach");
	} else {
		(void)mount_conclude(run, &j.hits, "none can be reached through its mounts",
				     class->wanted);
	}
}

/* ---- classes ---- */

static const socket_class docker = {
	.files = (const char *const[]){"*/docker.sock", "*/cri-dockerd.sock", NULL},
	/* of the daemon, too, but they do not serve its API */
	.others = (const char *const[]){"*/metrics.sock", "*/libnetwork/*.sock", NULL},
	.holders = (const char *const[]){"dockerd", "cri-dockerd", NULL},
	.wanted = "no socket of Docker within reach",
};

static const socket_class containerd = {
	.files = (const char *const[]){"*/containerd.sock", "*/containerd.sock.ttrpc",
				       "*/containerd-debug.sock", "/run/containerd/s/*",
				       "*/containerd-shim/*", NULL},
	.holders = (const char *const[]){"containerd", NULL},
	.abstracts = (const char *const[]){"@/containerd-shim/*", "@/run/containerd/s/*", NULL},
	.wanted = "no socket of containerd or its shims within reach",
};

static const socket_class podman = {
	.files = (const char *const[]){"*/podman/podman.sock", "*/podman.sock", "*/io.podman", NULL},
	.holders = (const char *const[]){"podman", NULL},
	.wanted = "no socket of Podman within reach",
};

static const socket_class crio = {
	.files = (const char *const[]){"*/crio.sock", "*/dockershim.sock", NULL},
	.holders = (const char *const[]){"crio", NULL},
	.wanted = "no socket of CRI-O within reach",
};

static const socket_class buildkit = {
	.files = (const char *const[]){"*/buildkitd.sock", "/run/buildkit-*", "*/buildkit/*.sock", NULL},
	.holders = (const char *const[]){"buildkitd", NULL},
	.wanted = "no socket of a build daemon within reach",
};

static const socket_class service = {
	.files = (const char *const[]){
		"/run/systemd/private", "/run/systemd/notify", "/run/systemd/journal/stdout",
		"/run/systemd/journal/io.systemd.journal", "/run/systemd/io.system.ManagedOOM",
		"/run/user/*/systemd/private", "/run/user/*/bus", "/run/dbus/system_bus_socket",
		"*/lxd/unix.socket", "*/incus/unix.socket", "/run/libvirt/*-sock*",
		"/run/user/*/libvirt/*-sock*", "/run/snapd*.socket",
		"/var/lib/kubelet/device-plugins/*.sock", "/var/lib/kubelet/pod-resources/*",
		"/var/lib/kubelet/plugins*/*.sock", "/run/cni/*", "/run/multus/*", "*/csi*.sock",
		"/tmp/ssh-*/agent.*", "*/ssh-agent*", "*/keyring/*", "*/S.gpg-agent*",
		"/tmp/.X11-unix/X*", "/run/user/*/wayland-*", "/run/multipathd.socket",
		"/run/udev/control", "/run/lvm/*", "/run/cockpit/*", "/run/acpid.socket", NULL},
	.abstracts = (const char *const[]){"@/org/kernel/linux/storage/multipathd",
					   "@/tmp/.X11-unix/X*", "@/tmp/dbus-*", "@ISCSIADM_ABSTRACT_NAMESPACE",
					   NULL},
	.is_open = true,
	.wanted = "no socket within reach whose client acts with the rights of a host service",
};

static const hf_check checks[] = {
	{
		.id = "mount.docker-socket",
		.title = "No container can reach the Docker socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.32", "CWE:250", "CWE:668", "ATTACK:T1611",
				"ATTACK:T1610", "ATTACK:T1552.007",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04", "DOCKER-BENCH:check_5_32"),
		.aliases = HF_ALIASES("container.runtime-socket"),
		.risk = "Whoever can connect to the engine is root of the node: it starts what "
				"it is told, with what it is told.",
		.threat = "Through it a container starts another that has the whole node: "
				"privileged, with / mounted. A read-only mount does not stop "
				"connect().",
		.remediation = "Remove the mount (also of /run, /var/run or / as a whole). A "
				"tool that must know about containers talks to a proxy that "
				"passes only what it needs to read.",
		.run = check_sockets,
		.param = &docker,
	},
	{
		.id = "mount.containerd-socket",
		.title = "No container can reach the containerd socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.32", "CWE:250", "CWE:668", "ATTACK:T1611",
				"ATTACK:T1610", "ATTACK:T1552.007",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04"),
		.risk = "Its client rules all containers of the node, those of Docker and of "
				"Kubernetes included.",
		.threat = "Through it a container starts another that has the whole node: "
				"privileged, with / mounted. Shim sockets execute programs in "
				"the container that they belong to.",
		.remediation = "Remove the mount (also of /run or /run/containerd as a whole); "
				"an agent that needs it belongs on the node itself.",
		.run = check_sockets,
		.param = &containerd,
	},
	{
		.id = "mount.podman-socket",
		.title = "No container can reach the Podman socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.32", "CWE:250", "CWE:668", "ATTACK:T1611",
				"ATTACK:T1610", "ATTACK:T1552.007",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04"),
		.risk = "Its client is root of the node, or with a rootless socket the user "
				"whose it is.",
		.threat = "Through it a container starts another that has the whole node: "
				"privileged, with / mounted. With a rootless socket it has all "
				"of that user's files instead.",
		.remediation = "Remove the mount; stop podman.socket where nobody needs the API "
				"(systemctl disable --now podman.socket).",
		.run = check_sockets,
		.param = &podman,
	},
	{
		.id = "mount.crio-socket",
		.title = "No container can reach the CRI-O socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.32", "CWE:250", "CWE:668", "ATTACK:T1611",
				"ATTACK:T1610", "ATTACK:T1552.007",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04"),
		.risk = "The runtime interface of Kubernetes asks nobody who he is: its client "
				"can do what kubelet can.",
		.threat = "Create a privileged pod sandbox on the node, or execute programs in "
				"any container, past the API server.",
		.remediation = "Remove the mount (also of /run or /run/crio as a whole).",
		.run = check_sockets,
		.param = &crio,
	},
	{
		.id = "mount.buildkit-socket",
		.title = "No container can reach a build daemon's socket",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.32", "CWE:250", "CWE:668", "ATTACK:T1611",
				"ATTACK:T1610", "ATTACK:T1552.007",
				"KUBEHOUND:EXPLOIT_CONTAINERD_SOCK", "NIST-800-190:4.4.3",
				"OWASP-Docker:D04"),
		.risk = "Its client runs build steps on the node, with what the daemon's "
				"entitlements allow.",
		.threat = "Ask for a step with security.insecure or the host's network; or "
				"poison the build cache that others use.",
		.remediation = "Remove the mount; give builds a rootless build daemon of their "
				"own.",
		.run = check_sockets,
		.param = &buildkit,
	},
	{
		.id = "mount.host-service-socket",
		.title = "No container can reach other privileged host services' sockets",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:668", "CWE:250", "ATTACK:T1611", "NIST-800-190:4.4.3"),
		.risk = "Services of the node do for the container what they do for root: start "
				"units, hand out devices, use keys.",
		.threat = "Connect and ask: start a transient unit by D-Bus or systemd's "
				"socket, sign with an agent's keys, attach a device.",
		.remediation = "Remove the mount, or mount the one socket that is meant for "
				"clients without rights. A device plugin's is accepted by a "
				"waiver for that container.",
		.run = check_sockets,
		.param = &service,
	},
};

HF_CHECK_SET(mount_sockets, checks);
