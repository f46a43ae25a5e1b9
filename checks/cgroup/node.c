/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hierarchies themselves, and who manages them. */
#include "common.h"

#include <string.h>

/* ---- which version ---- */

static const char *hierarchies(hf_check_run *run, const hf_mounts *mounts)
{
	const char *text = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (strncmp(mount->fs_type, "cgroup", strlen("cgroup")) == 0)
			text = hf_text(run, "%s%s%s on %s", text ? text : "", text ? ", " : "",
				       mount->fs_type, mount->target);
	}
	return text ? text : "none";
}

static void check_version(hf_check_run *run)
{
	hf_cgroup_mode mode = HF_CGROUP_V1;
	const hf_fact *fact = hf_cgroup_mode_get(run, &mode);
	static const char wanted[] = "cgroup2 alone";

	if (fact->state == HF_ABSENT) {
		hf_not_applicable(run, fact->source, fact->why,
				  "without any hierarchy cgroup.controllers fails");
		return;
	}
	if (!hf_need(run, fact))
		return;
	const char *found = hierarchies(run, hf_mounts_get(run));

	hf_expect(run, fact->source, found, wanted, mode == HF_CGROUP_V2);
	switch (mode) {
	case HF_CGROUP_V1:
		hf_message(run,
			   "cgroup v1: release agents exist, and limits stand in separate trees");
		break;
	case HF_CGROUP_HYBRID:
		hf_message(run, "hybrid: cgroup2 is mounted, but controllers are bound to v1");
		break;
	case HF_CGROUP_V2:
		break;
	}
}

/* ---- controllers ---- */

static const struct {
	const char *v2;
	const char *v1;
} needed[] = {{"memory", "memory"}, {"pids", "pids"}, {"cpu", "cpu"}, {"io", "blkio"}};

static const hf_mount *v1_mount(const hf_mounts *mounts, const char *controller)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (strcmp(mount->fs_type, "cgroup") == 0 &&
		    cgroup_has_word(mount->super_options, controller))
			return mount;
	}
	return NULL;
}

static const hf_mount *v2_mount(const hf_mounts *mounts)
{
	const hf_mount *found = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const hf_mount *mount = &mounts->all[i];

		if (strcmp(mount->fs_type, "cgroup2") == 0 &&
		    (!found || strcmp(mount->root, "/") == 0))
			found = mount;
	}
	return found;
}

/* "memory 4 25 0" of /proc/cgroups: the kernel was told to go without. */
static void note_disabled(hf_check_run *run, const char *controller)
{
	const hf_file *file = hf_file_get(run, "/proc/cgroups");
	const hf_bootline *line = hf_bootline_get(run);
	const char *row = file->fact.state == HF_PRESENT ? strstr(file->data, controller) : NULL;
	const char *value =
		line->fact.state == HF_PRESENT ? hf_bootline_value(line, "cgroup_disable") : NULL;

	if (row)
		hf_note(run, file->fact.source, hf_text(run, "%.*s", (int)strcspn(row, "\n"), row));
	if (value)
		hf_note(run, line->fact.source, hf_text(run, "cgroup_disable=%s", value));
}

/* On v2 every group has the controllers that its parent hands down. */
static void judge_containers(hf_check_run *run, const char *controller)
{
	const hf_containers *containers = hf_containers_get(run);
	size_t lacking = 0, read = 0;
	const char *first = NULL;

	if (containers->fact.state == HF_UNREADABLE)
		hf_unknown(run, containers->fact.source, containers->fact.why);
	for (size_t i = 0; i < containers->count; i++) {
		const hf_cgroup_values *values = hf_cgroup_values_get(
			run, containers->all[i], "cgroup.controllers", NULL, NULL);
		const hf_cgroup_value *own = values->count > 0 ? &values->levels[0] : NULL;

		if (!own || own->fact.state == HF_ABSENT)
			continue; /* in the root group: cgroup.placement tells of that */
		if (own->fact.state == HF_UNREADABLE) {
			hf_unknown(run, own->fact.source, own->fact.why);
			return;
		}
		read++;
		if (!cgroup_has_word(own->text, controller)) {
			first = first ? first : own->path;
			lacking++;
		}
	}
	if (lacking > 0)
		hf_expect(run, "cgroup.controllers of containers' groups",
			  hf_text(run, "%s is not passed down to %zu of %zu, %s the first",
				  controller, lacking, read, first),
			  "passed down by every ancestor", false);
}

static void judge_controller(hf_check_run *run, const hf_mounts *mounts, size_t i)
{
	const hf_mount *v1 = v1_mount(mounts, needed[i].v1), *v2 = v2_mount(mounts);
	static const char wanted[] = "memory, pids, cpu and io (blkio), each where containers live";

	if (v1) {
		hf_expect(run, v1->target, hf_text(run, "%s is bound to v1", needed[i].v1), wanted,
			  true);
		return;
	}
	if (v2) {
		const hf_file *list =
			hf_file_get(run, hf_text(run, "%s/cgroup.controllers", v2->target));

		if (!hf_need(run, &list->fact))
			return;
		if (cgroup_has_word(list->data, needed[i].v2)) {
			hf_expect(run, list->fact.source, needed[i].v2, wanted, true);
			judge_containers(run, needed[i].v2);
			return;
		}
	}
	note_disabled(run, needed[i].v1);
	hf_expect(run, mounts->fact.source, hf_text(run, "no hierarchy has %s", needed[i].v2),
		  wanted, false);
}

static void check_controllers(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < CGROUP_COUNT(needed); i++)
		judge_controller(run, mounts, i);
}

/* ---- release agents ---- */

/* systemd's helper, the one agent that anybody has set for a good reason. */
static bool is_known_agent(const char *agent)
{
	static const char *const known[] = {"/usr/lib/systemd/systemd-cgroups-agent",
					    "/lib/systemd/systemd-cgroups-agent"};

	for (size_t i = 0; i < CGROUP_COUNT(known); i++) {
		if (strcmp(agent, known[i]) == 0)
			return true;
	}
	return false;
}

static void judge_agent(hf_check_run *run, const hf_mount *mount)
{
	const hf_file *file = hf_file_get(run, hf_text(run, "%s/release_agent", mount->target));
	static const char wanted[] = "empty, or systemd's helper for its own hierarchy";
	bool is_systemds = cgroup_has_word(mount->super_options, "name=systemd"), unreadable;

	/* a hierarchy that is mounted from below its root does not show it */
	if (file->fact.state == HF_ABSENT && strcmp(mount->root, "/") != 0) {
		hf_unknown(run, file->fact.source,
			   "the mount does not show the root of its hierarchy");
		return;
	}
	if (!hf_need(run, &file->fact))
		return;
	const char *agent = hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data);

	if (*agent == '\0' || !is_systemds || !is_known_agent(agent)) {
		hf_expect(run, *agent ? file->fact.source : "release_agent of every v1 hierarchy",
			  *agent ? agent : "empty", wanted, *agent == '\0');
		return;
	}
	const char *why = hf_path_writable_why(run, agent, &unreadable);

	if (unreadable)
		hf_unknown(run, agent, why);
	else
		hf_expect(run, file->fact.source,
			  why ? hf_text(run, "%s, and %s", agent, why) : agent, wanted, !why);
}

static void check_release_agent_set(hf_check_run *run)
{
	const hf_mounts *mounts = hf_mounts_get(run);
	size_t count = 0;

	if (!hf_need(run, &mounts->fact))
		return;
	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->all[i].fs_type, "cgroup") != 0)
			continue;
		count++;
		judge_agent(run, &mounts->all[i]);
	}
	if (count == 0)
		hf_not_applicable(run, mounts->fact.source, "no v1 hierarchy is mounted",
				  "cgroup v2 has no release agent");
	else if (hf_status_so_far(run) == HF_FAIL)
		hf_message(run, "an agent runs as root on the node when a group becomes empty: "
				"take it for the "
				"residue of an escape until you know who set it");
}

/* ---- drivers ---- */

/* The value of "key: value" (YAML) or "key = value" (TOML) in a present file; NULL. Enough for one
 * scalar. */
static const char *setting(hf_check_run *run, const hf_file *file, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = file->data; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, " \t");
		if (strncmp(line, key, length) != 0)
			continue;
		const char *at = line + length + strspn(line + length, " \t");

		if (*at != ':' && *at != '=')
			continue;
		at++;
		at += strspn(at, " \t\"'");
		return hf_text(run, "%.*s", (int)strcspn(at, " \t\"'\n#"), at);
	}
	return NULL;
}

/* Another manager of the same tree: the kubelet and containerd's CRI plugin. Absent: nothing to
 * agree with. */
static void judge_others(hf_check_run *run, const char *driver)
{
	static const struct {
		const char *path;
		const char *key;
		bool is_flag; /* true means systemd */
	} others[] = {
		{"/var/lib/kubelet/config.yaml", "cgroupDriver", false},
		{"/etc/containerd/config.toml", "SystemdCgroup", true},
	};

	for (size_t i = 0; i < CGROUP_COUNT(others); i++) {
		const hf_file *file = hf_file_get(run, others[i].path);

		if (file->fact.state == HF_ABSENT)
			continue;
		if (!hf_need(run, &file->fact))
			return;
		const char *value = setting(run, file, others[i].key);

		if (!value)
			continue; /* its default is what this version of it takes, which the file
				     does not tell */
		const char *other = !others[i].is_flag		 ? value
				    : strcmp(value, "true") == 0 ? "systemd"
								 : "cgroupfs";

		hf_expect(run, file->fact.source, hf_text(run, "%s = %s", others[i].key, value),
			  hf_text(run, "%s, as the engine", driver), strcmp(other, driver) == 0);
	}
}

static bool read_init(hf_check_run *run, bool *ret_is_systemd)
{
	const hf_file *status = hf_process_file(run, 1, "status");
	const char *name = hf_process_status_field(run, 1, "Name");

	if (name) {
		*ret_is_systemd = strcmp(name, "systemd") == 0;
		return true;
	}
	const hf_processes *processes = hf_processes_get(run);
	const hf_process *init =
		processes->fact.state == HF_PRESENT ? hf_process_by_pid(processes, 1) : NULL;

	if (!init || !init->exe) {
		hf_unknown(run, status->fact.source,
			   status->fact.why ? status->fact.why : "does not tell the name of pid 1");
		return false;
	}
	const char *slash = strrchr(init->exe, '/');

	*ret_is_systemd = slash && strncmp(slash, "/systemd", strlen("/systemd")) == 0;
	return true;
}

static void check_driver(hf_check_run *run)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_api_value *driver = hf_api_get(run, "/info", "CgroupDriver");
	bool is_systemd;

	if (!daemon->is_running && daemon->fact.state == HF_PRESENT) {
		hf_not_applicable(run, daemon->fact.source, "the engine does not run",
				  "nobody manages groups for it");
		return;
	}
	if (!hf_need(run, &driver->fact) || !read_init(run, &is_systemd))
		return;
	const char *wanted =
		is_systemd ? "systemd, for systemd is init" : "cgroupfs, for init is not systemd";

	/* a rootless engine without delegation has none */
	if (strcmp(driver->text, "none") == 0) {
		hf_expect(run, "CgroupDriver of the engine", "none: limits are ignored", wanted,
			  false);
		return;
	}
	hf_expect(run, "CgroupDriver of the engine", driver->text, wanted,
		  strcmp(driver->text, is_systemd ? "systemd" : "cgroupfs") == 0);
	judge_others(run, driver->text);
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "cgroup.version",
		.title = "The node uses the unified cgroup hierarchy only",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:1188", "CVE:2022-0492", "NIST-800-190:4.4.3",
				"NIST-800-190:4.5.2", "OWASP-Docker:D07"),
		.aliases = HF_ALIASES("kernel.cgroup.version"),
		.risk = "On v1 the kernel runs a program as root when a group becomes empty, "
			"device rules are a "
			"list that can be written, and each limit stands in a tree of its own.",
		.threat = "A container with CAP_SYS_ADMIN mounts a v1 hierarchy, sets its release "
			  "agent and runs "
			  "what it likes on the node.",
		.remediation = "Boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all "
			       "(GRUB_CMDLINE_LINUX "
			       "in /etc/default/grub, then update-grub); the engine must be 20.10 "
			       "or newer.",
		.run = check_version,
	},
	{
		.id = "cgroup.controllers",
		.title = "memory, pids, cpu and io controllers are available where containers live",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.25", "CWE:770", "CWE:400", "NIST-800-190:4.4.3",
				"OWASP-Docker:D07"),
		.aliases = HF_ALIASES("kernel.cgroup.controllers"),
		.reads = HF_READS("/proc/cgroups", "/sys/fs/cgroup/cgroup.controllers",
				  "/sys/fs/cgroup/unified/cgroup.controllers"),
		.risk = "A limit that is declared has no file to stand in, and engines go on with "
			"a warning.",
		.threat = "An operator gives every container a limit, and none is in force.",
		.remediation =
			"Boot with cgroup_enable=memory and without cgroup_disable=; for rootless "
			"engines "
			"Delegate=cpu cpuset io memory pids in user@.service.d/delegate.conf; on "
			"v2 put "
			"+memory +pids +cpu +io into cgroup.subtree_control of each ancestor.",
		.run = check_controllers,
	},
	{
		.id = "cgroup.release-agent-set",
		.title = "No release agent is configured except systemd's",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E | HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:506", "ATTACK:T1611", "ATTACK:T1543", "CVE:2022-0492"),
		.aliases = HF_ALIASES("kernel.cgroup.release-agent"),
		.reads = HF_READS("/sys/fs/cgroup/*/release_agent",
				  "parents:/usr/lib/systemd/systemd-cgroups-agent",
				  "parents:/lib/systemd/systemd-cgroups-agent"),
		.risk = "The kernel starts the program that stands there, as root on the node, "
			"whenever a group "
			"becomes empty.",
		.threat = "It is the trace, and until the next boot the door, of the classic "
			  "escape from a "
			  "privileged container.",
		.remediation = "echo > /sys/fs/cgroup/HIERARCHY/release_agent, after finding out "
			       "who set it: look "
			       "at the program's path, and treat the node as compromised.",
		.run = check_release_agent_set,
	},
	{
		.id = "cgroup.driver",
		.title = "Runtime and kubelet use the systemd driver where systemd manages cgroups",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:H/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:2.10", "NIST-800-190:4.3.5", "CWE:770"),
		.aliases = HF_ALIASES("containerd.cri.cgroup-driver"),
		.reads = HF_READS("/var/lib/kubelet/config.yaml", "/etc/containerd/config.toml"),
		.risk = "Two managers write one tree: each undoes what the other set, and limits "
			"get lost.",
		.threat = "After systemctl daemon-reload a container is without its limits, or the "
			  "node without "
			  "its reserve.",
		.remediation =
			"\"exec-opts\": [\"native.cgroupdriver=systemd\"] in "
			"/etc/docker/daemon.json, "
			"SystemdCgroup = true in containerd's configuration, cgroupDriver: systemd "
			"in the "
			"kubelet's; cgroupfs on nodes without systemd. Then restart the engine.",
		.run = check_driver,
	},
};

HF_CHECK_SET(cgroup_node, checks);
