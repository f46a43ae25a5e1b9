/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node itself offers: filters at all, a way to read them back, and the kubelet's default.
 */
#include "judge.h"

#include <string.h>

/* ---- seccomp.kernel-support ---- */

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += length) {
		bool starts = at == text || at[-1] == ' ';

		if (starts && (at[length] == ' ' || at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

static void check_kernel_support(hf_check_run *run)
{
	static const char *const actions[] = {"kill_process", "errno", "log", "allow"};
	const hf_file *file = hf_file_get(run, "/proc/sys/kernel/seccomp/actions_avail");
	const hf_kconfig *config = hf_kconfig_get(run);
	static const char wanted[] = "kill_process, errno, log and allow among the actions";

	if (config->fact.state == HF_PRESENT) {
		const char *value = hf_kconfig_value(config, "CONFIG_SECCOMP_FILTER", NULL);

		hf_note(run, config->fact.source,
			hf_text(run, "CONFIG_SECCOMP_FILTER %s", value ? value : "is not set"));
	}
	if (file->fact.state == HF_ABSENT) {
		(void)hf_expect(run, file->fact.source, "does not exist: the kernel has no filters",
				wanted, false);
		return;
	}
	if (!hf_need(run, &file->fact))
		return;
	bool holds = true;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		holds &= has_word(file->data, actions[i]);
	(void)hf_expect(run, file->fact.source,
			hf_text(run, "%.*s", (int)strcspn(file->data, "\n"), file->data), wanted,
			holds);
}

/* ---- seccomp.filter-verifiable ---- */

static void check_verifiable(hf_check_run *run)
{
	const hf_fact *control = hf_seccomp_control(run);
	static const char wanted[] = "a filter of ours comes back as it was put in force";

	if (control->state == HF_ABSENT)
		(void)hf_expect(run, control->source, control->why, wanted, false);
	else if (hf_need(run, control))
		(void)hf_expect(run, control->source, "came back as it was put in force", wanted,
				true);
}

/* ---- seccomp.kubelet-default ---- */

static const char kubelet_config[] = "/var/lib/kubelet/config.yaml";

static bool is_named(const char *path, const char *name)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && strncmp(slash + 1, name, strlen(name)) == 0;
}

/* kubelet, and the two programs that hold one. */
static const hf_process *find_kubelet(const hf_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		const char *exe = processes->all[i].exe;

		if (is_named(exe, "kubelet") || is_named(exe, "kubelite") || is_named(exe, "k3s"))
			return &processes->all[i];
	}
	return NULL;
}

/* "seccompDefault: true" on a line of its own, not in a comment. */
static bool config_says_true(const char *text)
{
	static const char key[] = "seccompDefault:";

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, sizeof key - 1) != 0)
			continue;
		const char *value = line + sizeof key - 1;

		value += strspn(value, " \t");
		return strncmp(value, "true", 4) == 0 && strchr(" \t\r\n#", value[4]);
	}
	return false;
}

/* Pods that run without a filter although they are not privileged: the first, and how many. */
static const char *bare_pods(hf_check_run *run, const hf_containers *list, uint64_t all_caps)
{
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const hf_container *container = list->all[i];

		if (!container->pod && strcmp(container->runtime, "kubernetes") != 0)
			continue;
		const hf_filtering *f = hf_container_filtering(run, container);

		if (f->tasks_fact.state != HF_PRESENT)
			hf_unknown(run, f->tasks_fact.source, f->tasks_fact.why);
		if (f->unfiltered == 0 || (seccomp_bounding(container) & all_caps) == all_caps)
			continue;
		if (count++ == 0)
			first = container->name ? container->name : container->id;
	}
	return count > 1 ? hf_text(run, "%s and %zu more", first, count - 1) : first;
}

static void check_kubelet_default(hf_check_run *run)
{
	const hf_processes *processes = hf_processes_get(run);
	const hf_containers *list = hf_containers_get(run);
	static const char wanted[] = "seccompDefault: true, or a filter in every unprivileged pod";
	enum { PRIVILEGED_CAPS = 38 }; /* every kernel that kubelets run on has that many */

	if (!hf_need(run, &processes->fact))
		return;
	const hf_process *kubelet = find_kubelet(processes);

	if (!kubelet && processes->gap) {
		hf_unknown(run, processes->fact.source, processes->gap);
		return;
	}
	if (!kubelet) {
		hf_not_applicable(run, processes->fact.source, "no kubelet",
				  "this node runs no pods");
		return;
	}
	const char *bare = bare_pods(run, list, (UINT64_C(1) << PRIVILEGED_CAPS) - 1);
	const hf_file *config = hf_file_get(run, kubelet_config);
	const hf_file *arguments = hf_process_file(run, kubelet->pid, "cmdline");
	bool is_flag = false;

	for (size_t at = 0; arguments->fact.state == HF_PRESENT && at < arguments->size;
	     at += strlen(arguments->data + at) + 1)
		is_flag |= strcmp(arguments->data + at, "--seccomp-default") == 0 ||
			   strcmp(arguments->data + at, "--seccomp-default=true") == 0;
	bool is_on =
		is_flag || (config->fact.state == HF_PRESENT && config_says_true(config->data));

	if (is_on)
		(void)hf_expect(run, is_flag ? "arguments of the kubelet" : kubelet_config, "on",
				wanted, true);
	else if (!bare && hf_need(run, &list->fact))
		(void)hf_expect(run, "Seccomp of every pod's tasks",
				"no unprivileged pod without a filter", wanted, true);
	else if (bare && config->fact.state == HF_UNREADABLE)
		hf_unknown(run, config->fact.source, config->fact.why);
	else if (bare)
		(void)hf_expect(run, kubelet_config,
				hf_text(run, "not true, and pods run without a filter: %s", bare),
				wanted, false);
}

static const hf_check checks[] = {
	{
		.id = "seccomp.kernel-support",
		.title = "The kernel supports seccomp filters and all their actions",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.22", "CWE:693", "NIST-800-190:4.4.3", "KSPP",
				"CWE:1188"),
		.aliases = HF_ALIASES("kernel.seccomp"),
		.reads = HF_READS("/proc/sys/kernel/seccomp/actions_avail",
				  "/proc/sys/kernel/seccomp/actions_logged"),
		.risk = "No container has a filter, whatever is declared: engines print a warning "
			"and go on.",
		.threat = "The whole of the kernel's calls is open to every container.",
		.remediation = "Use a kernel with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER.",
		.run = check_kernel_support,
	},
	{
		.id = "seccomp.filter-verifiable",
		.title = "The installed filters can be read back",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:N/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:223"),
		.risk = "Only that there is a filter can be told, not what it refuses.",
		.threat = "A filter that lets everything through looks like any other.",
		.remediation = "Use a kernel with CONFIG_DEBUG_INFO_BTF, CONFIG_BPF_SYSCALL and "
			       "CONFIG_CHECKPOINT_RESTORE, "
			       "and run the scan as root, unconfined; or scan with --deep=ptrace.",
		.run = check_verifiable,
	},
	{
		.id = "seccomp.kubelet-default",
		.title = "Pods without a profile get the runtime's default",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:1188", "NIST-800-190:4.3.5", "KUBE-BENCH:4.2.14",
				"NIST-800-190:4.4.3"),
		.aliases = HF_ALIASES("kubelet.seccomp-default"),
		.reads = HF_READS("/var/lib/kubelet/config.yaml"),
		.risk = "A pod that says nothing of seccomp runs without a filter.",
		.threat = "Escapes by user namespaces or AF_ALG depend on it.",
		.remediation = "Set seccompDefault: true in the kubelet's configuration (stable "
			       "since 1.27, off by default), "
			       "and restart it.",
		.run = check_kubelet_default,
	},
};

HF_CHECK_SET(seccomp_node, checks);
