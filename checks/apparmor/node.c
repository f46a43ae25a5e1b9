/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AppArmor on the node: the module, the profiles it holds, and what loads them. */
#include "label.h"

#include <fnmatch.h>
#include <string.h>

/* ---- apparmor.enabled ---- */

static void check_enabled(hf_check_run *run)
{
	const hf_lsm *lsm = hf_lsm_get(run);
	bool is_named;

	if (!hf_need(run, &lsm->fact))
		return;
	if (hf_lsm_has(lsm, "apparmor")) {
		(void)hf_expect(run, lsm->fact.source, lsm->list, "apparmor among them", true);
		return;
	}
	if (hf_lsm_has(lsm, "selinux")) {
		hf_not_applicable(run, lsm->fact.source, lsm->list,
				  "SELinux is the access control of this node");
		return;
	}
	const hf_kconfig *config = hf_kconfig_get(run);

	if (!hf_need(run, &config->fact))
		return;
	const char *built = hf_kconfig_value(config, "CONFIG_SECURITY_APPARMOR", &is_named);

	if (!built || strcmp(built, "y") != 0) {
		hf_not_applicable(run, config->fact.source, "CONFIG_SECURITY_APPARMOR is not set",
				  "this kernel has no AppArmor");
		return;
	}
	(void)hf_expect(run, lsm->fact.source, lsm->list, "apparmor among them, as the kernel has it",
			false);
}

/* ---- the profiles of runtimes ---- */

/* What confines the containers of each runtime, as its sources name it. */
static const struct runtime {
	const char *name;    /* as hf_container.runtime; NULL: told by its daemon alone */
	const char *program; /* of its daemon, which loads the profile at its start; or NULL */
	const char *profile; /* glob */
	const char *other;   /* another one that will do, or NULL */
} runtimes[] = {
	{.name = "docker", .program = "dockerd", .profile = "docker-default"},
	{.name = "cri-o", .program = "crio", .profile = "crio-default*"},
	{.name = "podman", .profile = "containers-default-*"},
	{.name = "kubernetes", .profile = "cri-containerd.apparmor.d", .other = "crio-default*"},
	{.name = "lxc", .profile = "lxc-container-default*", .other = "lxc-*"},
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool runs_program(const hf_processes *processes, const char *program)
{
	for (size_t i = 0; program && i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (process->exe && !process->is_container &&
		    strcmp(base_name(process->exe), program) == 0)
			return true;
	}
	return false;
}

static bool has_container(const hf_containers *containers, const char *runtime)
{
	for (size_t i = 0; i < containers->count; i++) {
		if (strcmp(containers->all[i]->runtime, runtime) == 0)
			return true;
	}
	return false;
}

static void judge_runtime(hf_check_run *run, const struct runtime *runtime, const hf_file *list)
{
	const char *mode = apparmor_loaded_mode(run, list, runtime->profile);
	const char *wanted = hf_text(run, "%s, enforced, for %s", runtime->profile, runtime->name);

	if (!mode && runtime->other)
		mode = apparmor_loaded_mode(run, list, runtime->other);
	(void)hf_expect(run, apparmor_profiles,
			mode ? hf_text(run, "the profile of %s is loaded (%s)", runtime->name, mode)
			     : hf_text(run, "the profile of %s is not loaded", runtime->name),
			wanted, apparmor_mode_holds(mode));
}

static void check_loaded(hf_check_run *run)
{
	size_t count = 0;

	if (!apparmor_is_active(run))
		return;
	const hf_processes *processes = hf_processes_get(run);
	const hf_containers *containers = hf_containers_get(run);
	const hf_file *list = hf_file_get(run, apparmor_profiles);

	if (!hf_need(run, &processes->fact) || !hf_need(run, &containers->fact) ||
	    !hf_need(run, &list->fact))
		return;
	for (size_t i = 0; i < sizeof runtimes / sizeof runtimes[0]; i++) {
		if (!runs_program(processes, runtimes[i].program) &&
		    !has_container(containers, runtimes[i].name))
			continue;
		count++;
		judge_runtime(run, &runtimes[i], list);
	}
	if (count > 0)
		return;
	if (processes->gap)
		hf_unknown(run, processes->fact.source, processes->gap);
	else
		hf_not_applicable(run, processes->fact.source, "no runtime with a profile of its own",
				  "nothing runs here that loads a profile for containers");
}

/* ---- apparmor.complain ---- */

static const char mode_path[] = "/sys/module/apparmor/parameters/mode";

static void judge_module_mode(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, mode_path);

	if (!hf_need(run, &file->fact))
		return;
	const char *mode = hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data);

	(void)hf_expect(run, mode_path, mode, "enforce or kill", apparmor_mode_holds(mode));
}

/* A profile that lets everything pass and yet stands in the label of a container's task. */
static size_t judge_labels(hf_check_run *run, const hf_container *container)
{
	size_t bad = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		apparmor_label label;

		if (task->fact.state != HF_PRESENT || task->label_fact.state != HF_PRESENT ||
		    !apparmor_parse(run, task->label, &label) || !label.mode || label.is_enforced ||
		    bad++ > 0)
			continue;
		(void)hf_expect(run, task->label_fact.source, task->label, "enforce or kill", false);
	}
	return bad;
}

static void check_complain(hf_check_run *run)
{
	static const char *const globs[] = {"docker-default", "crio-default*", "containers-default-*",
					    "cri-containerd.apparmor.d", "lxc-*", "nerdctl-default"};
	size_t bad = 0;

	if (!apparmor_is_active(run))
		return;
	const hf_containers *containers = hf_containers_get(run);
	const hf_file *list = hf_file_get(run, apparmor_profiles);

	judge_module_mode(run);
	for (size_t i = 0; i < containers->count; i++)
		bad += judge_labels(run, containers->all[i]);
	if (!hf_need(run, &containers->fact) || !hf_need(run, &list->fact))
		return;
	for (size_t i = 0; i < sizeof globs / sizeof globs[0]; i++) {
		const char *mode = apparmor_loaded_mode(run, list, globs[i]);

		if (!mode || apparmor_mode_holds(mode))
			continue;
		bad++;
		(void)hf_expect(run, apparmor_profiles, hf_text(run, "%s (%s)", globs[i], mode),
				"enforce or kill", false);
	}
	if (bad == 0)
		(void)hf_expect(run, apparmor_profiles, "no profile for containers lets everything pass",
				"enforce or kill", true);
}

/* ---- apparmor.default-content ---- */

static const char policy_dir[] = "/sys/kernel/security/apparmor/policy/profiles";

/* What moby's template denies, profiles/apparmor/template.go, in the words of its source form. */
static const char *const denials[] = {"deny mount", "/sysrq-trigger", "/kcore", "/sys/"};

static bool judge_source(hf_check_run *run, const char *path)
{
	const hf_file *file = hf_file_get(run, path);

	if (file->fact.state != HF_PRESENT)
		return false;
	for (size_t i = 0; i < sizeof denials / sizeof denials[0]; i++)
		(void)hf_expect(run, path,
				hf_text(run, "%s \"%s\"", strstr(file->data, denials[i]) ? "has" : "lacks",
					denials[i]),
				"the denials of the engine's own template", strstr(file->data, denials[i]));
	return true;
}

/* The compiled form depends on the parser, so that a person has to compare its digest. */
static void check_content(hf_check_run *run)
{
	if (!apparmor_is_active(run) || judge_source(run, "/etc/apparmor.d/docker-default") ||
	    judge_source(run, "/etc/apparmor.d/docker"))
		return;
	const hf_dir *profiles = hf_dir_get(run, policy_dir);
	size_t count = 0;

	if (!hf_need(run, &profiles->fact))
		return;
	for (size_t i = 0; i < profiles->count; i++) {
		static const char *const digests[] = {"raw_sha256", "raw_sha1"};

		if (fnmatch("docker-default.*", profiles->names[i], 0) != 0)
			continue;
		for (size_t k = 0; k < sizeof digests / sizeof digests[0]; k++) {
			const char *path = hf_text(run, "%s/%s/%s", policy_dir, profiles->names[i],
						   digests[k]);
			const hf_file *file = hf_file_get(run, path);

			if (file->fact.state != HF_PRESENT)
				continue;
			count++;
			hf_review(run, path, hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data),
				  "the digest of docker-default on a node that is known to be good, with the "
				  "same engine and apparmor_parser");
			break;
		}
	}
	if (count > 0)
		return;
	const char *mode = NULL;
	const hf_file *list = hf_file_get(run, apparmor_profiles);

	if (!hf_need(run, &list->fact))
		return;
	mode = apparmor_loaded_mode(run, list, "docker-default");
	if (mode)
		hf_unknown(run, policy_dir, "the kernel does not export what it has loaded");
	else
		hf_not_applicable(run, apparmor_profiles, "docker-default is not loaded",
				  "no profile of an engine is loaded");
}

/* ---- apparmor.parser ---- */

static void check_parser(hf_check_run *run)
{
	static const char *const paths[] = {"/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"};
	const hf_file *found = NULL;

	if (!apparmor_is_active(run))
		return;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0] && !found; i++) {
		const hf_file *file = hf_stat_get(run, paths[i]);

		if (file->fact.state == HF_UNREADABLE) {
			hf_unknown(run, file->fact.source, file->fact.why);
			return;
		}
		if (file->fact.state == HF_PRESENT)
			found = file;
	}
	bool is_program = found && found->type == HF_FILE_REGULAR && found->mode & 0100;

	(void)hf_expect(run, found ? found->fact.source : paths[0],
			is_program ? "is a program"
			: found	   ? "cannot be executed"
				   : "does not exist",
			"a program that root can execute", is_program);
	/* moby pkg/aaparser and daemon: in a container the engine leaves AppArmor alone */
	const hf_option *variable = hf_daemon_environment(run, "container");

	if (variable->fact.state == HF_UNREADABLE)
		hf_unknown(run, variable->fact.source, variable->fact.why);
	else
		(void)hf_expect(run, variable->fact.source,
				variable->fact.state == HF_PRESENT ? "container is set"
								   : "container is not set",
				"no variable that makes the engine leave AppArmor alone",
				variable->fact.state == HF_ABSENT);
}

/* ---- apparmor.userns-restriction ---- */

static void check_userns(hf_check_run *run)
{
	static const char *const keys[] = {"kernel.apparmor_restrict_unprivileged_userns",
					   "kernel.apparmor_restrict_unprivileged_unconfined"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const hf_sysctl *sysctl = hf_sysctl_get(run, keys[i]);

		if (sysctl->fact.state == HF_ABSENT && i > 0)
			continue;
		if (sysctl->fact.state == HF_ABSENT) {
			hf_not_applicable(run, sysctl->fact.source, "does not exist",
					  "this kernel has no such restriction");
			return;
		}
		if (hf_need(run, &sysctl->fact))
			(void)hf_expect(run, sysctl->fact.source, sysctl->text, "1",
					sysctl->is_number && sysctl->number == 1);
	}
}

static const hf_check checks[] = {
	{
		.id = "apparmor.enabled",
		.title = "AppArmor runs where it is the node's access control",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.2", "CIS-Docker-1.6:1.2.1", "CWE:693",
				"NIST-800-190:4.5.2", "OWASP-Docker:D04"),
		.risk = "Containers run without mandatory access control, although the kernel has it.",
		.threat = "Root in a container meets no rule but capabilities when it writes to /proc and /sys.",
		.remediation = "Boot with apparmor=1 and with apparmor in lsm=, and install the package "
			       "apparmor.",
		.run = check_enabled,
	},
	{
		.id = "apparmor.profiles-loaded",
		.title = "The profile of every runtime is loaded and enforced",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.2", "CWE:693"),
		.reads = HF_READS("/sys/kernel/security/apparmor/profiles"),
		.risk = "The next container starts without the profile that the runtime means to give it.",
		.threat = "A reload of AppArmor without the engine drops its profile; nobody is told.",
		.remediation = "Restart the engine, which loads its profile at its start, and set it to enforce.",
		.run = check_loaded,
	},
	{
		.id = "apparmor.complain",
		.title = "No profile that confines containers is in complain mode",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CIS-Docker-1.6:5.2", "CIS-Debian:1.3.1.3", "LYNIS:MACF-6208",
				"NIST-800-190:4.4.3"),
		.aliases = HF_ALIASES("kernel.lsm.apparmor-enforcing"),
		.reads = HF_READS("/sys/kernel/security/apparmor/profiles",
				  "/sys/module/apparmor/parameters/mode"),
		.risk = "A profile in complain mode writes to the log and lets everything pass.",
		.threat = "The label still names a profile, so that the container looks confined.",
		.remediation = "Set the profile to enforce (aa-enforce), and boot without apparmor.mode=complain.",
		.run = check_complain,
	},
	{
		.id = "apparmor.default-content",
		.title = "The runtime's profile still forbids what it was made to forbid",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CWE:693"),
		.reads = HF_READS("dir:/sys/kernel/security/apparmor/policy/profiles",
				  "/sys/kernel/security/apparmor/policy/profiles/docker-default.*/raw_sha256",
				  "/sys/kernel/security/apparmor/policy/profiles/docker-default.*/raw_sha1",
				  "/sys/kernel/security/apparmor/profiles",
				  "/etc/apparmor.d/docker-default", "/etc/apparmor.d/docker"),
		.risk = "A profile of the right name can hold other rules, or none.",
		.threat = "Whoever could load a profile once has opened all containers, and nothing shows it.",
		.remediation = "Restart the engine so that it loads its own profile, and take files of that name "
			       "out of /etc/apparmor.d.",
		.run = check_content,
	},
	{
		.id = "apparmor.parser",
		.title = "The engine is able to load its AppArmor profile",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:636"),
		.reads = HF_READS("stat:/usr/sbin/apparmor_parser", "stat:/sbin/apparmor_parser"),
		.risk = "Without the parser engines start containers unconfined, and say nothing.",
		.threat = "After an update that removes it, every new container lacks its profile.",
		.remediation = "Install the package apparmor, and take the variable container out of the engine's "
			       "unit.",
		.run = check_parser,
	},
	{
		.id = "apparmor.userns-restriction",
		.title = "Unprivileged user namespaces are mediated by AppArmor",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:1188", "ATTACK:T1068", "CIS-Debian:1.3.1.4"),
		.aliases = HF_ALIASES("kernel.lsm.apparmor-userns"),
		.reads = HF_READS("sysctl:kernel.apparmor_restrict_unprivileged_userns",
				  "sysctl:kernel.apparmor_restrict_unprivileged_unconfined"),
		.risk = "Any process can get all capabilities over new namespaces, and reach much kernel code.",
		.threat = "Faults in that code turn an ordinary user into root of the node.",
		.remediation = "Set both keys to 1 in /etc/sysctl.d/, and give rootless engines their profile.",
		.run = check_userns,
	},
};

HF_CHECK_SET(apparmor_node, checks);
