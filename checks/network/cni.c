/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that decide what runs, as root, for the network of each new container. */
#include "common.h"

/* Folders of configuration and of programs, of CNI and of Podman. */
static const char *const folders[] = {
	"/etc/cni/net.d",
	"/opt/cni/bin",
	"/usr/lib/cni",
	"/usr/libexec/cni",
	"/etc/containers/networks",
	"/run/containers/networks",
	"/usr/lib/podman",
	"/usr/libexec/podman",
};

typedef struct survey {
	network_list bad;
	size_t found;	    /* folders that exist */
	const char *source; /* of what could not be read */
	const char *why;
} survey;

static void leave_hole(survey *s, const char *source, const char *why)
{
	if (s->source)
		return;
	s->source = source;
	s->why = why ? why : "could not be read";
}

static bool is_kubeconfig(const char *name)
{
	size_t length = strlen(name), wanted = strlen("kubeconfig");

	return length >= wanted && strcmp(name + length - wanted, "kubeconfig") == 0;
}

static void judge_file(hf_check_run *run, const char *path, const char *name, survey *s)
{
	const hf_file *file = hf_stat_get(run, path);
	const char *why;

	if (file->fact.state == HF_ABSENT)
		return; /* gone, or a link to nothing: there is nothing to be run */
	if (file->fact.state != HF_PRESENT) {
		leave_hole(s, file->fact.source, file->fact.why);
		return;
	}
	why = hf_file_writable_why(run, file);
	if (why)
		network_add(run, &s->bad, hf_text(run, "%s: %s", path, why));
	/* it holds a token of the cluster */
	if (is_kubeconfig(name) && (file->mode & 0004 || (file->mode & 0040 && file->gid != 0)))
		network_add(run, &s->bad,
			    hf_text(run, "%s: mode %04o: others can read it", path, file->mode));
}

static void judge_folder(hf_check_run *run, const char *folder, survey *s)
{
	const hf_dir *dir = hf_dir_get(run, folder);
	bool is_unread = false;

	if (dir->fact.state == HF_ABSENT)
		return;
	if (dir->fact.state != HF_PRESENT) {
		leave_hole(s, dir->fact.source, dir->fact.why);
		return;
	}
	s->found++;
	const char *why = hf_path_writable_why(run, folder, &is_unread);

	if (is_unread)
		leave_hole(s, folder, why);
	else if (why)
		network_add(run, &s->bad, hf_text(run, "%s: %s", folder, why));
	for (size_t i = 0; i < dir->count; i++)
		judge_file(run, hf_text(run, "%s/%s", folder, dir->names[i]), dir->names[i], s);
}

static bool is_writable(const hf_container_mount *mount)
{
	const char *super = mount->mount->super_options;

	return !mount->is_read_only && !mount->is_covered &&
	       !(strncmp(super, "ro", 2) == 0 && (super[2] == ',' || super[2] == '\0'));
}

static void judge_container(hf_check_run *run, const hf_container *container, survey *s)
{
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);

	if (mounts->fact.state != HF_PRESENT || mounts->fact.why)
		leave_hole(s, mounts->fact.source, mounts->fact.why);
	for (size_t i = 0; i < mounts->count; i++) {
		if (!is_writable(&mounts->all[i]) || mounts->all[i].is_declared_by_runtime)
			continue;
		for (size_t k = 0; k < NETWORK_COUNT(folders); k++) {
			if (hf_dir_get(run, folders[k])->fact.state != HF_PRESENT ||
			    hf_container_mount_relation(run, container, &mounts->all[i], folders[k],
							NULL) == HF_MOUNT_APART)
				continue;
			network_add(run, &s->bad,
				    hf_text(run, "%s can be written from %s", folders[k],
					    network_container_name(run, container)));
		}
	}
}

static void check_cni_config(hf_check_run *run)
{
	static const char source[] = "configuration and programs of network plugins";
	static const char wanted[] = "root's, writable by nobody else, and from no container";
	const hf_containers *containers = hf_containers_get(run);
	survey s = {0};

	for (size_t i = 0; i < NETWORK_COUNT(folders); i++)
		judge_folder(run, folders[i], &s);
	if (s.found == 0 && !s.source) {
		hf_not_applicable(run, source, "none of their folders exists",
				  "the node has no network plugins");
		return;
	}
	for (size_t i = 0; s.found > 0 && i < containers->count; i++)
		judge_container(run, containers->all[i], &s);
	if (s.bad.count > 0)
		(void)hf_expect(run, source, network_text(run, &s.bad), wanted, false);
	if (!hf_need(run, &containers->fact))
		return;
	if (s.source)
		hf_unknown(run, s.source, s.why);
	else if (s.bad.count == 0)
		(void)hf_expect(run, source, hf_text(run, "root's alone, in %zu folders", s.found),
				wanted, true);
}

#define FOLDER_READS(path) "dir:" path, "parents:" path, "stat:" path "/*"

static const hf_check checks[] = {
	{
		.id = "network.cni-config",
		.title = "Network plugin configuration and programs are root's",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:732", "ATTACK:T1574", "NIST-800-190:4.5.5",
				"KUBE-BENCH:1.1.9"),
		.aliases = HF_ALIASES("host.files.cni"),
		.reads = HF_READS(FOLDER_READS("/etc/cni/net.d"), FOLDER_READS("/opt/cni/bin"),
				  FOLDER_READS("/usr/lib/cni"), FOLDER_READS("/usr/libexec/cni"),
				  FOLDER_READS("/etc/containers/networks"),
				  FOLDER_READS("/run/containers/networks"),
				  FOLDER_READS("/usr/lib/podman"),
				  FOLDER_READS("/usr/libexec/podman")),
		.risk = "Who can write there is root of the node as soon as the next container "
			"starts.",
		.threat =
			"A program in the folder of plugins, or a configuration that names "
			"another, "
			"is run as root; a container that has the folder mounted needs no more to "
			"leave.",
		.remediation = "chown -R root:root /etc/cni/net.d /opt/cni/bin; chmod -R go-w on "
			       "them; chmod 0600 /etc/cni/net.d/*kubeconfig; mount them into the "
			       "network agent alone.",
		.run = check_cni_config,
	},
};

HF_CHECK_SET(network_cni, checks);
