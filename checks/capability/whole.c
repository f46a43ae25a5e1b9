/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole sets of capabilities: against the runtime's default, against nothing, against what is declared. */
#include "sets.h"

#include <linux/capability.h>
#include <sys/capability.h>

#include <stdio.h>
#include <string.h>

static const char sets_source[] = "capability sets of every task";

/* ---- capability.default-set ---- */

static void check_default_set(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t extra = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint64_t bits = (capability_in_reach(task) | task->cap_inheritable) &
				~capability_runtime_default;

		if (task->fact.state != HF_PRESENT || bits == 0)
			continue;
		capability_offend(run, &offenders, task);
		extra |= bits;
	}
	capability_conclude(run, &offenders, sets_source,
			    hf_text(run, "beyond the default: %s of", capability_names(run, extra)),
			    "within the runtimes' default",
			    "no more than the runtimes give by default");
}

/* ---- capability.minimal ---- */

static void check_minimal(hf_check_run *run)
{
	const uint64_t allowed = CAPABILITY(CAP_NET_BIND_SERVICE);
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t extra = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT || !(task->cap_bounding & ~allowed))
			continue;
		capability_offend(run, &offenders, task);
		extra |= task->cap_bounding & ~allowed;
	}
	capability_conclude(run, &offenders, "bounding set of every task",
			    hf_text(run, "%s of", capability_names(run, extra)),
			    "nothing but NET_BIND_SERVICE at most",
			    "empty, or NET_BIND_SERVICE alone");
}

/* ---- capability.all ---- */

/* A node whose own processes lack some can never show the full set: what its kernel threads have is all there
 * is; and a container on a node in a container has what that one was given. */
static uint64_t whole_set(hf_check_run *run)
{
	uint64_t mask = capability_kernel_mask(run);
	const char *bounding = mask ? hf_process_status_field(run, 1, "CapBnd") : NULL;
	unsigned long long node;

	if (bounding && sscanf(bounding, "%llx", &node) == 1 && (node & mask) != 0)
		mask &= node;
	return mask;
}

static void check_all(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t mask = whole_set(run);

	if (mask == 0)
		return;
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		bool is_whole = (task->cap_effective & mask) == mask ||
				(task->cap_bounding & mask) == mask;

		if (task->fact.state != HF_PRESENT || !is_whole || hf_task_is_remapped(run, task))
			continue;
		capability_offend(run, &offenders, task);
	}
	capability_conclude(run, &offenders, "effective and bounding sets of every task",
			    "every capability that this node has in a set of",
			    "no task has all that this node has",
			    "never all, but in a user namespace of its own");
}

/* ---- capability.bounding-excess ---- */

static void check_bounding_excess(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t extra = 0;
	bool has_unprivileged = false;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];
		uint64_t bits = task->cap_bounding & ~task->cap_permitted;

		if (task->fact.state != HF_PRESENT || task->uid[1] == 0)
			continue;
		has_unprivileged = true;
		if (bits == 0 || task->no_new_privs)
			continue;
		capability_offend(run, &offenders, task);
		extra |= bits;
	}
	if (!has_unprivileged && container->tasks_fact.state == HF_PRESENT) {
		hf_not_applicable(run, "Uid of every task", "0",
				  "every task is root, whose sets are judged by themselves");
		return;
	}
	capability_conclude(run, &offenders, "bounding sets of unprivileged tasks",
			    hf_text(run, "%s could be gained by", capability_names(run, extra)),
			    "nothing beyond the permitted set can be gained",
			    "no more than the permitted set, or no_new_privs");
}

/* ---- capability.inheritable, capability.ambient ---- */

static void check_inheritable(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t seen = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		/* what is ambient must be inheritable, too: capability.ambient judges it */
		uint64_t bits = task->cap_inheritable & ~task->cap_ambient;

		if (task->fact.state != HF_PRESENT || bits == 0)
			continue;
		capability_offend(run, &offenders, task);
		seen |= bits;
	}
	capability_conclude(run, &offenders, "inheritable set of every task",
			    hf_text(run, "%s of", capability_names(run, seen)), "empty", "empty");
}

static void check_ambient(hf_check_run *run)
{
	const uint64_t allowed = CAPABILITY(CAP_NET_BIND_SERVICE);
	const hf_container *container = hf_container_of(run);
	capability_offenders offenders = {0};
	uint64_t seen = 0;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->fact.state != HF_PRESENT || !(task->cap_ambient & ~allowed))
			continue;
		capability_offend(run, &offenders, task);
		seen |= task->cap_ambient & ~allowed;
	}
	capability_conclude(run, &offenders, "ambient set of every task",
			    hf_text(run, "%s of", capability_names(run, seen)),
			    "nothing but NET_BIND_SERVICE at most",
			    "empty, or NET_BIND_SERVICE alone");
}

/* ---- capability.file-caps ---- */

/* the same for all, so that containers that are alike are told in one line */
static const char walk_source[] = "files of the container";

static void check_file_caps(hf_check_run *run)
{
	const uint64_t allowed = CAPABILITY(CAP_NET_BIND_SERVICE) | CAPABILITY(CAP_NET_RAW);
	const hf_container *container = hf_container_of(run);
	const hf_special_files *files = hf_container_special_files(run, container);
	bool has_new_privs = false, is_known = true;
	size_t count = 0;

	if (files->fact.state == HF_ABSENT) {
		hf_review(run, walk_source, "the files of the container were not walked",
			  "scan with --deep: no file gives a capability beyond NET_BIND_SERVICE and NET_RAW");
		return;
	}
	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		/* one whose status is unread may have it */
		has_new_privs |= task->fact.state == HF_PRESENT && !task->no_new_privs;
		is_known &= task->fact.state == HF_PRESENT;
	}
	for (size_t i = 0; i < files->count; i++) {
		const hf_special_file *file = &files->all[i];

		if (!file->has_caps || file->is_nosuid || file->cap_root_uid != 0 ||
		    !(file->cap_permitted & ~allowed) || !has_new_privs)
			continue;
		if (count++ < 8)
			(void)hf_expect(run, file->path, capability_names(run, file->cap_permitted),
					"NET_BIND_SERVICE or NET_RAW at most", false);
	}
	if (count > 0 || !hf_need(run, &files->fact) || !hf_need(run, &container->tasks_fact))
		return;
	if (!is_known) {
		hf_unknown(run, "NoNewPrivs of every task", "could not be read of all");
		return;
	}
	(void)hf_expect(run, walk_source,
			has_new_privs ? "no file gives a capability beyond these"
				      : "no_new_privs keeps every task from what files give",
			"NET_BIND_SERVICE or NET_RAW at most", true);
}

/* ---- capability.declared-drift ---- */

/* A list of "CAP_SYS_ADMIN" as compact JSON. False where a word is none that libcap knows. */
static bool parse_list(const char *json, uint64_t *ret_set)
{
	uint64_t set = 0;

	while ((json = strchr(json, '"'))) {
		size_t length = strcspn(json + 1, "\"");
		char name[64];
		cap_value_t value;

		if (length >= sizeof name || json[1 + length] != '"')
			return false;
		memcpy(name, json + 1, length);
		name[length] = '\0';
		if (cap_from_name(name, &value) < 0)
			return false;
		set |= CAPABILITY(value);
		json += length + 2;
	}
	*ret_set = set;
	return true;
}

static void compare_declared(hf_check_run *run, const hf_api_value *declared, uint64_t wanted)
{
	const hf_container *container = hf_container_of(run);
	uint64_t found = container->init->cap_bounding;
	uint64_t more = found & ~wanted, less = wanted & ~found;

	if (more)
		(void)hf_expect(run, container->init->source,
				hf_text(run, "bounding set has %s, too", capability_names(run, more)),
				hf_text(run, "as declared in %s", declared->fact.source), false);
	if (less)
		(void)hf_expect(run, "bounding set of its first process",
				hf_text(run, "lacks %s", capability_names(run, less)),
				"as declared: what is missing now comes back with the next start elsewhere",
				false);
	if (!more && !less)
		(void)hf_expect(run, "bounding set of its first process", "as declared",
				"as declared", true);
}

static void check_declared_drift(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_api_value *declared =
		hf_container_oci(run, container, "process/capabilities/bounding");
	uint64_t wanted = 0;

	if (declared->fact.state == HF_ABSENT) {
		hf_api_value whole = hf_container_oci_outline(run, container, "process");

		if (whole.fact.state == HF_ABSENT) {
			hf_not_applicable(run, whole.fact.source, "no record in the form of OCI",
					  "nothing is declared that could differ");
			return;
		}
		if (!hf_need(run, &whole.fact))
			return;
	} else if (!hf_need(run, &declared->fact)) {
		return;
	} else if (!parse_list(declared->text, &wanted)) {
		hf_unknown(run, declared->fact.source, "names a capability that is not known here");
		return;
	}
	if (!container->init || container->init->fact.state != HF_PRESENT) {
		hf_unknown(run, "its first process", "could not be read");
		return;
	}
	compare_declared(run, declared, wanted);
}

static const hf_check checks[] = {
	{
		.id = "capability.default-set",
		.title = "No container process holds more than the runtimes' default capabilities",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:250", "CWE:272", "CWE:269", "ATTACK:T1611",
				"NIST-800-190:4.4.3", "OWASP-Docker:D04", "MS-K8S-MATRIX:MS-TA9018",
				"DOCKER-BENCH:check_5_4"),
		.aliases = HF_ALIASES("container.capabilities"),
		.risk = "What a container holds beyond the default reaches past the isolation that the "
			"runtime was designed with.",
		.threat = "An intruder in the container uses the extra capability to leave it, or to harm "
			  "the node from inside.",
		.remediation = "Start the container without --privileged and --cap-add, or with --cap-drop "
			       "ALL and only those that it needs; end processes that were entered with more.",
		.run = check_default_set,
	},
	{
		.id = "capability.minimal",
		.title = "Containers drop what they do not need",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:5.4", "CWE:272", "OWASP-Docker:D04"),
		.risk = "Every capability in the bounding set is one that an intruder may come to use.",
		.threat = "A fault in a program that runs with it, or a set-id file, hands it on.",
		.remediation = "Start the container with --cap-drop ALL and add back single ones by name.",
		.run = check_minimal,
	},
	{
		.id = "capability.all",
		.title = "No container holds all capabilities",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.5", "CWE:250", "ATTACK:T1610", "ATTACK:T1611",
				"KUBEHOUND:CE_PRIV_MOUNT", "MS-K8S-MATRIX:MS-TA9018",
				"NIST-800-190:4.4.3"),
		.reads = HF_READS("sysctl:kernel.cap_last_cap"),
		.risk = "Root in such a container is root of the node.",
		.threat = "Mount the host's disk, load a module, or enter another namespace: nothing is left "
			  "to get around.",
		.remediation = "Do not start containers with --privileged or --cap-add ALL; give single "
			       "capabilities and devices.",
		.run = check_all,
	},
	{
		.id = "capability.bounding-excess",
		.title = "Unprivileged container processes cannot gain capabilities",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:272", "ATTACK:T1548.001"),
		.risk = "A process that runs without privileges can get them back by executing a program.",
		.threat = "A set-id program or a file with capabilities in the image raises the intruder to "
			  "what the bounding set holds.",
		.remediation = "Start the container with --security-opt no-new-privileges, or with --cap-drop "
			       "ALL.",
		.run = check_bounding_excess,
	},
	{
		.id = "capability.inheritable",
		.title = "No task has inheritable capabilities",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CVE:2022-24769", "CVE:2022-27651", "CVE:2022-29162", "CWE:276"),
		.risk = "Programs whose file has inheritable capabilities get them without anybody meaning it.",
		.threat = "Runtimes before the fixes of 2022 filled the set; an image brings the file that "
			  "makes use of it.",
		.remediation = "Update the runtime (Docker 20.10.14, containerd 1.5.11, runc 1.1.2 or newer) "
			       "and start the container again.",
		.run = check_inheritable,
	},
	{
		.id = "capability.ambient",
		.title = "No task has ambient capabilities beyond NET_BIND_SERVICE",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:250"),
		.risk = "Every program that such a task executes has the capability, whoever wrote it.",
		.threat = "A shell that an intruder starts from the service keeps what the service was given.",
		.remediation = "Give the capability to one program by its file, or let the service bind its "
			       "port by a socket that it is handed.",
		.run = check_ambient,
	},
	{
		.id = "capability.file-caps",
		.title = "Files with capabilities in a container are known",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:4.8", "CWE:250", "ATTACK:T1548.001"),
		.risk = "Whoever executes such a file gets its capabilities.",
		.threat = "An intruder without privileges looks for it, and goes on with what it gives.",
		.remediation = "Take the capability off the file in the image (setcap -r), or start the "
			       "container with --security-opt no-new-privileges.",
		.run = check_file_caps,
	},
	{
		.id = "capability.declared-drift",
		.title = "Declared and effective capabilities agree",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_R,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:693", "CWE:223"),
		.risk = "The record of the container says something else than what its processes can do.",
		.threat = "Who trusts the record overlooks a process with more; what is missing now comes back "
			  "with the next start.",
		.remediation = "Start the container again, and find out who changed the process or the record.",
		.run = check_declared_drift,
	},
};

HF_CHECK_SET(capability_whole, checks);
