/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies in the layers of an image: programs that raise privilege, tools. Only a scan with --deep looks. */
#include "judge.h"

static const char source[] = "files of the image's layers";

/* ---- image.setuid-files ---- */

static void check_setuid_files(hf_check_run *run)
{
	static const char wanted[] = "none that others may execute";
	const uint32_t others_execute = 0001;
	const hf_image *image = image_begin(run, "");
	const hf_image_files *files = image ? image_walked(run, image, source) : NULL;
	image_list bad = {0};

	if (!files)
		return;
	for (size_t i = 0; i < files->count; i++) {
		const hf_image_file *file = &files->all[i];
		bool is_set_id = strcmp(file->kind, "set-id") == 0;

		if (file->is_hidden || !(file->mode & others_execute) ||
		    (!is_set_id && strcmp(file->kind, "capability") != 0))
			continue;
		image_list_add(run, &bad,
			       is_set_id ? hf_text(run, "%s (%04o, %u:%u)", file->path, file->mode & 07777U,
						   file->uid, file->gid)
					 : hf_text(run, "%s (capabilities)", file->path));
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, image_list_text(run, &bad), wanted, false);
	else if (hf_need(run, &files->fact))
		(void)hf_expect(run, source, wanted, wanted, true);
}

/* ---- image.minimal-packages ---- */

enum { PACKAGES_MAX = 300 };

static void judge_packages(hf_check_run *run, const hf_image_files *files)
{
	const char *wanted = hf_text(run, "not more than %d packages", PACKAGES_MAX);

	if (files->packages_fact.state == HF_ABSENT)
		hf_note(run, source, "no list of packages");
	else if (files->packages_fact.state == HF_UNREADABLE)
		hf_unknown(run, source, files->packages_fact.why);
	else if (files->packages == 0)
		hf_note(run, source,
			hf_text(run, "packages of %s, which were not counted", files->package_manager));
	else
		(void)hf_expect(run, source,
				hf_text(run, "%zu packages of %s", files->packages, files->package_manager),
				wanted, files->packages <= PACKAGES_MAX);
}

static void check_minimal_packages(hf_check_run *run)
{
	static const char wanted[] = "no compiler, debugger, network tool, sudo or SSH server";
	const hf_image *image = image_begin(run, "");
	const hf_image_files *files = image ? image_walked(run, image, source) : NULL;
	image_list bad = {0};

	if (!files)
		return;
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->all[i].kind, "program") == 0 && !files->all[i].is_hidden)
			image_list_add(run, &bad, files->all[i].path);
	}
	judge_packages(run, files);
	if (bad.count > 0)
		(void)hf_expect(run, source, image_list_text(run, &bad), wanted, false);
	else if (hf_need(run, &files->fact))
		(void)hf_expect(run, source, "none of them", wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "image.setuid-files",
		.title = "Images hold no setuid, setgid or capability-bearing files",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:H/Au:S/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:4.8", "CWE:250", "CWE:732", "ATTACK:T1548.001",
				"NIST-800-190:4.1.2", "OWASP-Docker:D04", "DOCKER-BENCH:check_4_8"),
		.risk = "A service without privileges becomes root of its container by executing one "
			"file; on the node itself the file is a set-id program, too.",
		.threat = "A flaw in su, mount or a forgotten set-id file of the image gives the "
			  "intruder what the service was denied.",
		.remediation = "RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + as the last "
			       "step of the Dockerfile, setcap -r for capabilities; or start the "
			       "containers with --security-opt no-new-privileges.",
		.run = check_setuid_files,
	},
	{
		.id = "image.minimal-packages",
		.title = "Images carry no build, network or privilege tools they do not need",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:N/AC:M/Au:S/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.3", "CWE:1104", "ATTACK:T1059", "NIST-800-190:4.1.2",
				"OWASP-Docker:D04", "DOCKER-BENCH:check_4_3"),
		.risk = "Each package brings holes of its own, and an intruder finds his tools ready.",
		.threat = "Whoever executes one command in the container compiles, scans and listens on "
			  "from there.",
		.remediation = "Build in stages (FROM … AS build, then COPY --from=build into a small "
			       "base), install with --no-install-recommends, and leave compilers, "
			       "debuggers, sudo and network tools out of what runs.",
		.run = check_minimal_packages,
	},
};

HF_CHECK_SET(image_files, checks);
