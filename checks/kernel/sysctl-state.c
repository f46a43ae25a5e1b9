/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls as a whole: do running and declared values agree, do the files contradict each other, and
 * were they read where they count. */
#include "common.h"
#include "drift.h"
#include "sets.h"
#include "usage.h"

#include <stdlib.h>

/* ---- what a row wants, of any value ---- */

/* @value as if it were the running one of @row. */
static option_truth satisfies(hf_check_run *run, const option_row *row, const char *value)
{
	const option_value found = {
		.kind = OPTION_SYSCTL, .is_set = true, .text = value, .list = value};
	const hf_kconfig *config = hf_kconfig_get(run);
	char name[OPTION_NAME_MAX];
	option_limit limit = {0};
	option_truth truth;

	if (option_has_judge(row))
		return option_judge_text(run, row, row->name, value).truth;
	if (option_wanted_limit(row->wanted, name) && config->fact.state == HF_PRESENT) {
		const char *max = hf_kconfig_value(config, name, NULL);

		limit.is_known = max != NULL;
		limit.max = max ? strtoll(max, NULL, 0) : 0;
	}
	return option_wanted_match(row->wanted, &found, &limit, &truth) ? truth
									: OPTION_CANNOT_KNOW;
}

bool kernel_row_decides(hf_check_run *run, const option_row *row, option_kind kind)
{
	return row->kind == kind && strcmp(row->wanted, "info") != 0 &&
	       (strcmp(row->arches, "all") == 0 ||
		option_arch_judge(run, row->arches).truth == OPTION_YES) &&
	       (*row->kernels == '\0' ||
		option_version_judge(run, row->kernels).truth == OPTION_YES);
}

static bool is_security_key(hf_check_run *run, const option_row *row)
{
	return kernel_row_decides(run, row, OPTION_SYSCTL);
}

static const option_row *row_at(uint32_t index)
{
	return kernel_options.checks[index].param;
}

/* ---- kernel.sysctl.drift ---- */

/* Engines and kubelets set these when they start, which is a legal third source beside boot and
 * hand. */
static const char *const engines[] = {"dockerd", "kubelet", "k3s", "kube-proxy", NULL};

static bool is_set_by_engines(const char *key)
{
	static const char *const keys[] = {
		"net.ipv4.ip_forward",
		"net.ipv4.conf.all.forwarding",
		"net.ipv4.conf.default.forwarding",
		"net.ipv6.conf.all.forwarding",
		"net.ipv6.conf.default.forwarding",
		"net.bridge.bridge-nf-call-iptables",
		"net.bridge.bridge-nf-call-ip6tables",
		"net.ipv4.conf.all.route_localnet",
		"vm.overcommit_memory",
		"vm.panic_on_oom",
		"kernel.panic",
		"kernel.panic_on_oops",
		"kernel.keys.root_maxkeys",
		"kernel.keys.root_maxbytes",
	};

	for (size_t i = 0; i < KERNEL_COUNT(keys); i++) {
		if (strcmp(key, keys[i]) == 0)
			return true;
	}
	return false;
}

typedef struct drift_counts {
	size_t read;
	size_t declared;
	kernel_listing unread;
} drift_counts;

static void judge_drift(hf_check_run *run, const option_row *row, drift_counts *counts)
{
	const hf_sysctl *running = hf_sysctl_get(run, row->name);
	const hf_declared *declared = hf_sysctl_declared(run, row->name);

	if (running->fact.state == HF_ABSENT)
		return;
	counts->read += running->fact.state == HF_PRESENT;
	if (declared->fact.state == HF_ABSENT)
		return; /* nothing to agree with: the next boot brings the kernel's default */
	if (running->fact.state != HF_PRESENT || declared->fact.state != HF_PRESENT) {
		kernel_list(run, &counts->unread, row->name);
		return;
	}
	counts->declared++;
	option_truth now = satisfies(run, row, running->text);
	option_truth next = satisfies(run, row, declared->value);

	if (now == OPTION_CANNOT_KNOW || next == OPTION_CANNOT_KNOW) {
		kernel_list(run, &counts->unread, row->name);
		return;
	}
	/* Both good is ok, both bad is the matter of the key's own row. */
	if (now == next)
		return;
	const char *found = hf_text(run, "%s is %s now and would be %s", row->name, running->text,
				    declared->value);

	const usage engine = usage_of_node_programs(run, engines);

	if (is_set_by_engines(row->name) && engine.answer == USAGE_YES)
		hf_note(run, declared->fact.source,
			hf_text(run, "%s; set when it started by %s", found, engine.found));
	else if (is_set_by_engines(row->name) && engine.answer == USAGE_UNKNOWN)
		hf_unknown(run, engine.source, hf_text(run, "%s; %s", found, engine.found));
	else
		hf_expect(run, declared->fact.source, found,
			  now == OPTION_YES ? "the good running value is kept at the next boot"
					    : "the declared value is the running one",
			  false);
}

static void check_drift(hf_check_run *run)
{
	drift_counts counts = {0};

	for (uint32_t i = 0; i < kernel_options.count; i++) {
		if (is_security_key(run, row_at(i)))
			judge_drift(run, row_at(i), &counts);
	}
	if (counts.unread.count)
		hf_unknown(run, "/proc/sys, sysctl.d",
			   hf_text(run, "not read or not understood: %s",
				   kernel_list_text(run, &counts.unread)));
	if (counts.read > 0 && hf_status_so_far(run) != HF_FAIL)
		hf_expect(run, "/proc/sys, sysctl.d",
			  hf_text(run, "%zu security keys read, %zu of them declared, none drifts",
				  counts.read, counts.declared),
			  "running and declared values agree", true);
	else if (counts.read == 0 && counts.unread.count == 0)
		hf_unknown(run, "/proc/sys", "none of the security keys exists");
}

/* ---- kernel.sysctl.precedence ---- */

static const char *const sysctl_folders[] = {"/etc/sysctl.d", "/run/sysctl.d",
					     "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
					     "/lib/sysctl.d"};

/* Where /usr is merged, /lib/sysctl.d is /usr/lib/sysctl.d once more. */
static bool is_alias(hf_check_run *run, const char *folder)
{
	return kernel_starts_with(folder, "/lib/") &&
	       hf_link_get(run, "/lib")->fact.state == HF_PRESENT;
}

static const option_row *find_row(hf_check_run *run, const char *key)
{
	for (uint32_t i = 0; i < kernel_options.count; i++) {
		const option_row *row = row_at(i);

		if (row->kind == OPTION_SYSCTL && strcmp(row->name, key) == 0 &&
		    is_security_key(run, row))
			return row;
	}
	return NULL;
}

/* One assignment of a sysctl.d file. */
typedef struct assignment {
	const char *key; /* dotted */
	const char *value;
} assignment;

/* The next assignment at or after *cursor; sysctl.d(5): '#' and ';' comment, a '-' before the key
 * only ignores errors, and where the first separator is a '/', '/' and '.' change places. */
static bool next_assignment(hf_check_run *run, const char **cursor, assignment *ret)
{
	while (**cursor) {
		const char *line = *cursor;
		size_t length = strcspn(line, "\n");
		size_t equal = strcspn(line, "=\n");

		*cursor = line + length + (line[length] == '\n');
		line += strspn(line, " \t");
		if (strchr("#;\n", *line) || (size_t)(*cursor - line) < 2 ||
		    line[strcspn(line, "=\n")] != '=')
			continue;
		line += *line == '-';
		equal = strcspn(line, "=");
		char key[256];
		size_t size = equal;

		while (size > 0 && strchr(" \t", line[size - 1]))
			size--;
		if (size == 0 || size >= sizeof key)
			continue;
		memcpy(key, line, size);
		key[size] = '\0';
		bool swaps = key[strcspn(key, "./")] == '/';

		for (char *p = key; swaps && *p; p++)
			*p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
		const char *value = line + equal + 1;

		value += strspn(value, " \t");
		size = strcspn(value, "\n");
		while (size > 0 && strchr(" \t\r", value[size - 1]))
			size--;
		ret->key = hf_text(run, "%s", key);
		ret->value = hf_text(run, "%.*s", (int)size, value);
		return true;
	}
	return false;
}

/* The file that a mask hides set a good value, and nothing else sets one. */
static void judge_hidden(hf_check_run *run, const char *mask, const hf_file *hidden)
{
	const char *cursor = hidden->data;
	assignment a;

	while (next_assignment(run, &cursor, &a)) {
		const option_row *row = find_row(run, a.key);

		if (!row || satisfies(run, row, a.value) != OPTION_YES)
			continue;
		const hf_declared *merged = hf_sysctl_declared(run, a.key);

		if (merged->fact.state == HF_PRESENT &&
		    satisfies(run, row, merged->value) == OPTION_YES)
			continue;
		hf_expect(run, mask,
			  hf_text(run, "hides %s, which sets %s = %s", hidden->fact.source, a.key,
				  a.value),
			  "hardening files are read", false);
	}
}

/* A link to /dev/null, or an empty file, in a former folder takes its namesakes out. */
static void judge_masks(hf_check_run *run, size_t folder, const hf_dir *dir)
{
	for (size_t i = 0; i < dir->count; i++) {
		const char *path = hf_text(run, "%s/%s", sysctl_folders[folder], dir->names[i]);

		if (!kernel_ends_with(path, ".conf"))
			continue;
		const hf_link *link = hf_link_get(run, path);
		const hf_file *file = hf_file_get(run, path);
		bool is_mask =
			link->fact.state == HF_PRESENT && strcmp(link->target, "/dev/null") == 0;

		is_mask = is_mask || (file->fact.state == HF_PRESENT && file->size == 0);
		for (size_t k = folder + 1; is_mask && k < KERNEL_COUNT(sysctl_folders); k++) {
			const hf_dir *later = hf_dir_get(run, sysctl_folders[k]);

			if (is_alias(run, sysctl_folders[k]) || later->fact.state != HF_PRESENT ||
			    !hf_dir_has(later, dir->names[i]))
				continue;
			const hf_file *hidden = hf_file_get(
				run, hf_text(run, "%s/%s", sysctl_folders[k], dir->names[i]));

			if (hidden->fact.state == HF_PRESENT && hidden->size > 0)
				judge_hidden(run, path, hidden);
			else if (hidden->fact.state == HF_UNREADABLE)
				hf_unknown(run, hidden->fact.source, hidden->fact.why);
		}
	}
}

/* The value that loses against another; the weaker one must not win. */
static size_t judge_losers(hf_check_run *run)
{
	size_t declared_count = 0;

	for (uint32_t i = 0; i < kernel_options.count; i++) {
		const option_row *row = row_at(i);

		if (!is_security_key(run, row))
			continue;
		const hf_declared *declared = hf_sysctl_declared(run, row->name);

		if (declared->fact.state == HF_UNREADABLE)
			hf_unknown(run, declared->fact.source, declared->fact.why);
		if (declared->fact.state != HF_PRESENT)
			continue;
		declared_count++;
		const char *loser = declared->loser ? strstr(declared->loser, " = ") : NULL;

		if (!loser)
			continue;
		bool is_weaker = satisfies(run, row, declared->value) == OPTION_NO &&
				 satisfies(run, row, loser + strlen(" = ")) == OPTION_YES;
		const char *found = hf_text(run, "%s = %s wins over %s", row->name, declared->value,
					    declared->loser);

		if (is_weaker)
			hf_expect(run, declared->fact.source, found, "the stronger value wins",
				  false);
		else
			hf_note(run, declared->fact.source, found);
	}
	return declared_count;
}

/* systemd-sysctl does not read /etc/sysctl.conf but through a link; sysctl --system of procps reads
 * it last. So where systemd boots the node it counts for nothing, and elsewhere for more than all
 * others. */
static void judge_sysctl_conf(hf_check_run *run, bool has_systemd)
{
	const hf_file *conf = hf_file_get(run, "/etc/sysctl.conf");
	const hf_link *link = hf_link_get(run, "/etc/sysctl.d/99-sysctl.conf");
	assignment a;

	if (conf->fact.state == HF_ABSENT || link->fact.state == HF_PRESENT ||
	    !hf_need(run, &conf->fact))
		return;
	for (const char *cursor = conf->data; next_assignment(run, &cursor, &a);) {
		const option_row *row = find_row(run, a.key);
		const hf_declared *merged = row ? hf_sysctl_declared(run, a.key) : NULL;

		if (!row || merged->fact.state != HF_PRESENT || strcmp(merged->value, a.value) == 0)
			continue;
		const char *found = hf_text(run, "%s = %s, while %s says %s", a.key, a.value,
					    merged->fact.source, merged->value);
		bool is_weaker = satisfies(run, row, a.value) == OPTION_NO &&
				 satisfies(run, row, merged->value) == OPTION_YES;

		if (is_weaker && !has_systemd)
			hf_expect(run, conf->fact.source, found, "the last file read is not weaker",
				  false);
		else
			hf_note(run, conf->fact.source,
				hf_text(run, "%s (read by sysctl --system alone)", found));
	}
}

static void check_precedence(hf_check_run *run)
{
	static const char *const tools[] = {"/usr/lib/systemd/systemd-sysctl",
					    "/lib/systemd/systemd-sysctl", "/usr/sbin/sysctl",
					    "/sbin/sysctl"};
	bool is_there[KERNEL_COUNT(tools)];
	bool any = false;

	for (size_t i = 0; i < KERNEL_COUNT(tools); i++) {
		is_there[i] = hf_stat_get(run, tools[i])->fact.state != HF_ABSENT;
		any = any || is_there[i];
	}
	if (!any) {
		hf_not_applicable(run, "/usr/lib/systemd/systemd-sysctl, /usr/sbin/sysctl",
				  "do not exist", "nothing reads such files");
		return;
	}
	size_t declared = judge_losers(run);

	for (size_t i = 0; i < KERNEL_COUNT(sysctl_folders); i++) {
		const hf_dir *dir = hf_dir_get(run, sysctl_folders[i]);

		if (is_alias(run, sysctl_folders[i]))
			continue;
		if (dir->fact.state == HF_PRESENT)
			judge_masks(run, i, dir);
		else if (dir->fact.state == HF_UNREADABLE)
			hf_unknown(run, dir->fact.source, dir->fact.why);
	}
	judge_sysctl_conf(run, is_there[0] || is_there[1]);
	if (hf_status_so_far(run) != HF_FAIL && hf_status_so_far(run) != HF_UNKNOWN)
		hf_expect(run, "sysctl.d", hf_text(run, "%zu security keys are declared", declared),
			  "no weaker value wins, no hardening file is masked", true);
}

/* ---- kernel.sysctl.container-view ---- */

/* The kernel's constants for its first namespaces (include/linux/proc_ns.h), the same on every
 * boot. */
static const struct {
	const char *kind;
	const char *initial;
} namespaces[] = {
	{"cgroup", "cgroup:[4026531835]"}, {"pid", "pid:[4026531836]"},
	{"user", "user:[4026531837]"},	   {"uts", "uts:[4026531838]"},
	{"ipc", "ipc:[4026531839]"},
};

/* The network namespace has no constant. kthreadd is in the first one always, and its links can be
 * read where those of pid 1 are refused even to root. */
static void judge_net(hf_check_run *run)
{
	const hf_link *ours = hf_link_get(run, "/proc/self/ns/net");
	const hf_link *first = hf_link_get(run, "/proc/2/ns/net");
	const hf_file *comm = hf_file_get(run, "/proc/2/comm");

	if (!hf_need(run, &ours->fact) || !hf_need(run, &first->fact) || !hf_need(run, &comm->fact))
		return;
	if (strcmp(kernel_file_text(run, comm), "kthreadd") != 0)
		hf_unknown(run, comm->fact.source,
			   "pid 2 is no kernel thread, so nothing shows the first network");
	else
		hf_expect(run, ours->fact.source, ours->target,
			  hf_text(run, "%s, as kthreadd", first->target),
			  strcmp(ours->target, first->target) == 0);
}

static void check_container_view(hf_check_run *run)
{
	static const char *const marks[] = {"/.dockerenv", "/run/.containerenv"};

	for (size_t i = 0; i < KERNEL_COUNT(namespaces); i++) {
		const hf_link *link =
			hf_link_get(run, hf_text(run, "/proc/self/ns/%s", namespaces[i].kind));

		if (link->fact.state == HF_ABSENT)
			hf_note(run, link->fact.source, "this kernel has no such namespaces");
		else if (hf_need(run, &link->fact))
			hf_expect(run, link->fact.source, link->target, namespaces[i].initial,
				  strcmp(link->target, namespaces[i].initial) == 0);
	}
	judge_net(run);
	for (size_t i = 0; i < KERNEL_COUNT(marks); i++) {
		if (hf_stat_get(run, marks[i])->fact.state == HF_PRESENT)
			hf_note(run, marks[i], "the files that were read are a container's");
	}
	if (hf_status_so_far(run) == HF_FAIL)
		hf_message(run, "holdfast runs inside a container: net.*, user.*, kernel.shm*, "
				"kernel.msg* and other values per namespace that this run "
				"shows are the container's, not the node's");
}

static const hf_check checks[] = {
	{
		.id = "kernel.sysctl.drift",
		.title = "Running sysctl values equal the declared ones",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T | HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("NIST-800-53:CM-6", "CIS-Debian:1.5.1"),
		/* The running values are read for the rows of the keys themselves, sysctl.d for
		   everybody. */
		.risk = "Either a protection that is in force is gone after the next boot, or one "
			"that everybody believes to be set was never active.",
		.threat = "A value changed by hand, by a package or from a privileged container "
			  "stays unnoticed, because the files still say what they should.",
		.remediation = "Make the named file say what you want, run sysctl --system, and "
			       "look again; where a value was changed by nobody you know, find "
			       "out who did.",
		.run = check_drift,
	},
	{
		.id = "kernel.sysctl.precedence",
		.title = "sysctl files do not contradict each other",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:L/AC:H/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("NIST-800-53:CM-6"),
		.reads = HF_READS("link:/etc/sysctl.d/99-sysctl.conf", "dir:/lib/sysctl.d",
				  "/lib/sysctl.d/*.conf", "stat:/usr/lib/systemd/systemd-sysctl",
				  "stat:/lib/systemd/systemd-sysctl", "stat:/usr/sbin/sysctl",
				  "stat:/sbin/sysctl"),
		.risk = "A hardening file is there and has no effect, since another one that "
			"sorts later, or a mask, takes it back.",
		.threat = "A package or an attacker adds one file with a later name and so "
			  "weakens the node at its next boot, past whoever reviews the hardening "
			  "file alone.",
		.remediation = "Keep one file for one key: systemd-analyze cat-config sysctl.d "
			       "shows the order. Remove the weaker line, or the mask in "
			       "/etc/sysctl.d.",
		.run = check_precedence,
	},
	{
		.id = "kernel.sysctl.container-view",
		.title = "Values are read from the initial namespaces",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:668"),
		.reads = HF_READS("link:/proc/self/ns/cgroup", "link:/proc/self/ns/pid",
				  "link:/proc/self/ns/user", "link:/proc/self/ns/uts",
				  "link:/proc/self/ns/ipc", "link:/proc/self/ns/net",
				  "link:/proc/2/ns/net", "/proc/2/comm", "stat:/.dockerenv",
				  "stat:/run/.containerenv"),
		.risk = "Much of what this report says about the node was then read from a "
			"container: green results prove nothing for the node, and red ones may "
			"not be its own.",
		.threat = "A check that runs in a pod with its own network namespace reports "
			  "hardened network settings that the node does not have.",
		.remediation = "Run holdfast on the node itself, or in a container with the "
			       "host's pid, network, ipc, uts and cgroup namespaces, no user "
			       "namespace, and the host's root as --root.",
		.run = check_container_view,
	},
};

HF_CHECK_SET(kernel_sysctl_state, checks);
