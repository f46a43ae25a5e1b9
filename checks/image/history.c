/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an image was made, as its history tells. Commands themselves are not recorded: the collector names what stands
 * out in them. */
#include "judge.h"

static const char source[] = "history of the image";

static bool is_kind(const hf_image_mark *mark, const char *kind)
{
	return strcmp(mark->kind, kind) == 0;
}

/* ---- image.update-not-alone ---- */

/* The manager whose lists were fetched without anything being installed after it; NULL. */
static const char *lone_refresh(const hf_image_step *step)
{
	const char *manager = NULL;

	for (size_t i = 0; i < step->mark_count; i++) {
		if (is_kind(&step->marks[i], "refresh"))
			manager = step->marks[i].what;
		else if (is_kind(&step->marks[i], "install"))
			manager = NULL;
	}
	return manager;
}

static void check_update_not_alone(hf_check_run *run)
{
	static const char wanted[] = "packages are installed in the same step";
	const hf_image *image = image_begin(run, "history");
	image_list bad = {0};

	if (!image || !image_has_history(run, image))
		return;
	for (size_t i = 0; i < image->step_count; i++) {
		const char *manager = lone_refresh(&image->steps[i]);

		if (manager)
			image_list_add(run, &bad, hf_text(run, "%s (step %zu)", manager, i + 1));
	}
	if (bad.count == 0)
		image_need_all_steps(run, image);
	(void)hf_expect(run, source,
			bad.count > 0 ? hf_text(run, "lists fetched alone by %s", image_list_text(run, &bad))
				      : "no list of packages fetched alone",
			wanted, bad.count == 0);
}

/* ---- image.copy-not-add ---- */

static const char *describe_add(hf_check_run *run, const hf_image_step *step, size_t number)
{
	for (size_t i = 0; i < step->mark_count; i++) {
		if (is_kind(&step->marks[i], "source"))
			return hf_text(run, "ADD of %s %s (step %zu)",
				       step->marks[i].what[0] == 'a' ? "an" : "a", step->marks[i].what,
				       number);
	}
	return hf_text(run, "ADD (step %zu)", number);
}

static void check_copy_not_add(hf_check_run *run)
{
	static const char wanted[] = "COPY, in all that was put upon the base";
	const hf_image *image = image_begin(run, "history");
	image_list bad = {0};

	if (!image || !image_has_history(run, image))
		return;
	for (size_t i = image->base_steps; i < image->step_count; i++) {
		if (strcmp(image->steps[i].instruction, "ADD") == 0)
			image_list_add(run, &bad, describe_add(run, &image->steps[i], i + 1));
	}
	(void)hf_expect(run, source, bad.count > 0 ? image_list_text(run, &bad) : "no ADD", wanted,
			bad.count == 0);
}

/* ---- image.verified-packages ---- */

static const char *describe_mark(hf_check_run *run, const hf_image_mark *mark, size_t number)
{
	if (strcmp(mark->what, "pipe") == 0)
		return hf_text(run, "a download piped to a shell (step %zu)", number);
	if (strcmp(mark->what, "http") == 0)
		return hf_text(run, "a download by http (step %zu)", number);
	return hf_text(run, "%s (step %zu)", mark->what, number);
}

static void check_verified_packages(hf_check_run *run)
{
	static const char wanted[] = "signatures or digests of all that is installed are checked";
	const hf_image *image = image_begin(run, "history");
	image_list bad = {0}, sources = {0};

	if (!image)
		return;
	const hf_image_files *files = hf_image_files_get(run, image);

	for (size_t i = 0; i < image->step_count; i++) {
		const hf_image_step *step = &image->steps[i];

		for (size_t k = 0; k < step->mark_count; k++) {
			if (is_kind(&step->marks[k], "unverified"))
				image_list_add(run, &bad, describe_mark(run, &step->marks[k], i + 1));
		}
	}
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->all[i].kind, "source") == 0 && !files->all[i].is_hidden)
			image_list_add(run, &sources,
				       hf_text(run, "%s in %s", files->all[i].what, files->all[i].path));
	}
	if (sources.count > 0)
		(void)hf_expect(run, files->fact.source, image_list_text(run, &sources), wanted, false);
	else if (files->fact.state == HF_UNREADABLE)
		hf_unknown(run, files->fact.source, files->fact.why);
	if (bad.count == 0 && !image_has_history(run, image))
		return;
	if (bad.count == 0) {
		image_need_all_steps(run, image);
		hf_message(run, "By what the history tells, which is what the builder wrote");
	}
	(void)hf_expect(run, source,
			bad.count > 0 ? image_list_text(run, &bad) : "no sign of what was not checked",
			wanted, bad.count == 0);
}

static const hf_check checks[] = {
	{
		.id = "image.update-not-alone",
		.title = "Package lists are refreshed in the same layer that installs",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_D | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.7", "CWE:1104", "NIST-800-190:4.1.1",
				"OWASP-Docker:D02", "DOCKER-BENCH:check_4_7"),
		.risk = "A build takes the layer with the lists out of its cache and installs what was "
			"current when that was made: fixes that came since are missing.",
		.threat = "The image is built anew after a fix, and still has the hole.",
		.remediation = "RUN apt-get update && apt-get install -y --no-install-recommends "
			       "PACKAGES && rm -rf /var/lib/apt/lists/*, in one step; apk add "
			       "--no-cache PACKAGES.",
		.run = check_update_not_alone,
	},
	{
		.id = "image.copy-not-add",
		.title = "Build steps use COPY, not ADD",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_T,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.9", "CWE:494", "CWE:409", "NIST-800-190:4.1.2",
				"OWASP-Docker:D08", "DOCKER-BENCH:check_4_9"),
		.risk = "ADD downloads without a digest and unpacks archives wherever they lead: what "
			"is in the image is not what was reviewed.",
		.threat = "Whoever controls the server or the way to it, or an archive with a path "
			  "that was not expected, puts files of his own into the image.",
		.remediation = "Use COPY for files of the build. For a download: ADD "
			       "--checksum=sha256:… (BuildKit), or RUN curl and compare the digest in "
			       "the same step.",
		.run = check_copy_not_add,
	},
	{
		.id = "image.verified-packages",
		.title = "Packages were installed with signature checks on",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_T | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:M/Au:N/C:P/I:P/A:P"),
		.level = 2,
		.refs = HF_REFS("CIS-Docker-1.6:4.11", "CWE:345", "CWE:494", "ATTACK:T1195.002",
				"NIST-800-190:4.1.5", "OWASP-Docker:D08", "DOCKER-BENCH:check_4_11"),
		.risk = "Nobody knows whose programs are in the image.",
		.threat = "Whoever sits between the build and the archive, or breaks into a download "
			  "server, puts a program of his own into every container.",
		.remediation = "Take out the options that switch signatures off "
			       "(--allow-unauthenticated, --nogpgcheck, --trusted-host, [trusted=yes]), "
			       "import the archive's key instead, and compare a digest or signature of "
			       "each download before it is executed.",
		.run = check_verified_packages,
	},
};

HF_CHECK_SET(image_history, checks);
