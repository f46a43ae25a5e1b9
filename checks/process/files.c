/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in a container that raise who executes them. */
#include "process.h"

#include <sys/stat.h>

static const char source[] = "set-id programs of the container";
static const char wanted[] = "none that others may execute, or no_new_privs for every task";

/* The one task that such a file could raise; NULL: no_new_privs keeps every task from it. */
static const hf_task *who_can_gain(const hf_container *container)
{
	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].fact.state == HF_PRESENT &&
		    !container->tasks[i].no_new_privs)
			return &container->tasks[i];
	}
	return NULL;
}

static bool is_everywhere_nosuid(const hf_container_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (!mounts->all[i].is_covered &&
		    !hf_mount_has_option(mounts->all[i].mount, "nosuid"))
			return false;
	}
	return mounts->count > 0;
}

static void judge_files(hf_check_run *run, const hf_special_files *files)
{
	process_list bad = {0};

	for (size_t i = 0; i < files->count; i++) {
		const hf_special_file *file = &files->all[i];

		if (!S_ISREG(file->mode) || !(file->mode & (S_ISUID | S_ISGID)) ||
		    file->is_nosuid || !(file->mode & S_IXOTH))
			continue;
		process_list_add(run, &bad,
				 hf_text(run, "%s (%04o, %u:%u)", file->path, file->mode & 07777u,
					 file->uid, file->gid));
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, process_list_text(run, &bad), wanted, false);
	else if (hf_need(run, &files->fact))
		(void)hf_expect(run, source, "none that others may execute", wanted, true);
}

static void check_setuid_files(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_container_mounts *mounts = hf_container_mounts_get(run, container);
	const hf_special_files *files = hf_container_special_files(run, container);

	if (!who_can_gain(container)) {
		if (hf_need(run, &container->tasks_fact))
			(void)hf_expect(run, "NoNewPrivs of every task", "1", wanted, true);
		return;
	}
	if (mounts->fact.state == HF_PRESENT && !mounts->fact.why && is_everywhere_nosuid(mounts)) {
		(void)hf_expect(run, "mounts of the container", "nosuid, all of them", wanted,
				true);
		return;
	}
	if (files->fact.state == HF_ABSENT)
		hf_review(run, source, "the files of the container were not walked",
			  "scan with --deep, or start the container with --security-opt "
			  "no-new-privileges");
	else
		judge_files(run, files);
}

static const hf_check checks[] = {
	{
		.id = "process.setuid-files",
		.title = "Set-id programs cannot raise privilege in a container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.8", "CWE:250", "ATTACK:T1548.001",
				"OWASP-Docker:D04"),
		.risk = "A service without privileges becomes root of the container by executing "
			"one file.",
		.threat = "A flaw in su, mount or a forgotten set-id file of the image gives the "
			  "intruder what "
			  "the service was denied.",
		.remediation = "Start the container with --security-opt no-new-privileges; in the "
			       "image: RUN "
			       "find / -xdev -perm /6000 -type f -exec chmod a-s {} +",
		.run = check_setuid_files,
	},
};

HF_CHECK_SET(process_files, checks);
