/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials in images. Values never get here: the collector tells names, lengths and shapes. */
#include "judge.h"

static const char *describe(hf_check_run *run, const char *where, const hf_variable *variable)
{
	return hf_text(run, "%s %s (%u bytes%s%s)", where, variable->name, variable->value_length,
		       *variable->shape ? ", looks like: " : "", variable->shape);
}

static bool has_variable(const hf_image *image, const char *name)
{
	for (size_t i = 0; i < image->variable_count; i++) {
		if (strcmp(image->variables[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_variables(hf_check_run *run, const char *where, const hf_variable *all, size_t count,
			  image_list *bad)
{
	for (size_t i = 0; i < count; i++) {
		if (hf_variable_is_secret(&all[i]))
			image_list_add(run, bad, describe(run, where, &all[i]));
	}
}

/* What the configuration shows, too, is told once. */
static void add_marks(hf_check_run *run, const hf_image *image, const char *where,
		      const hf_image_mark *marks, size_t count, image_list *bad)
{
	for (size_t i = 0; i < count; i++) {
		const hf_variable variable = {
			.name = marks[i].what,
			.value_length = marks[i].length,
			.shape = marks[i].shape,
		};
		bool is_nameless = strcmp(variable.name, "?") == 0;

		if (strcmp(marks[i].kind, "secret") != 0 ||
		    (!is_nameless && has_variable(image, variable.name)))
			continue;
		image_list_add(run, bad,
			       is_nameless ? hf_text(run, "%s a value (%u bytes, looks like: %s)", where,
						     variable.value_length, variable.shape)
					   : describe(run, where, &variable));
	}
}

/* ---- image.no-secrets ---- */

static void check_no_secrets(hf_check_run *run)
{
	const hf_image *image = image_begin(run, "variables labels arguments history");
	image_list bad = {0};

	if (!image)
		return;
	add_variables(run, "variable", image->variables, image->variable_count, &bad);
	for (size_t i = 0; i < image->label_count; i++) {
		/* the names of labels are words of all kinds */
		if (*image->labels[i].shape)
			image_list_add(run, &bad, describe(run, "label", &image->labels[i]));
	}
	add_marks(run, image, "argument", image->arguments, image->argument_count, &bad);
	for (size_t i = 0; i < image->step_count; i++)
		add_marks(run, image, "history:", image->steps[i].marks, image->steps[i].mark_count, &bad);
	if (bad.count == 0)
		image_need_all_steps(run, image);
	(void)hf_expect(run, "configuration and history of the image, by names and shapes",
			bad.count > 0 ? image_list_text(run, &bad) : "none looks like a secret",
			"no secret in variables, labels, arguments and build steps", bad.count == 0);
}

/* ---- image.no-secret-files ---- */

static void check_no_secret_files(hf_check_run *run)
{
	static const char source[] = "files of the image's layers";
	const hf_image *image = image_begin(run, "");
	const hf_image_files *files = image ? image_walked(run, image, source) : NULL;
	image_list bad = {0};

	if (!files)
		return;
	for (size_t i = 0; i < files->count; i++) {
		const hf_image_file *file = &files->all[i];

		if (strcmp(file->kind, "secret") == 0)
			image_list_add(run, &bad,
				       hf_text(run, "%s (%s%s)", file->path, file->what,
					       file->is_hidden ? ", deleted later" : ""));
	}
	if (bad.count > 0)
		(void)hf_expect(run, source, image_list_text(run, &bad),
				"no keys, tokens or passwords, in no layer", false);
	else if (hf_need(run, &files->fact))
		(void)hf_expect(run, source, "none that looks like a secret",
				"no keys, tokens or passwords, in no layer", true);
}

static const hf_check checks[] = {
	{
		.id = "image.no-secrets",
		.title = "Images contain no credentials in their configuration and history",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.10", "CWE:798", "CWE:522", "CWE:312",
				"ATTACK:T1552.001", "NIST-800-190:4.1.4", "OWASP-Docker:D06",
				"DOCKER-BENCH:check_4_10"),
		.risk = "Whoever may pull the image, or sees it on this node, has the password.",
		.threat = "docker history and docker inspect show it; so does every registry that keeps "
			  "the image.",
		.remediation = "Change the secret: it is known. Give it at run time as a file (docker "
			       "secret, a mounted tmpfs), and to a build by RUN "
			       "--mount=type=secret, never by ARG or ENV.",
		.run = check_no_secrets,
	},
	{
		.id = "image.no-secret-files",
		.title = "Layers of images contain no credentials",
		.subject = HF_SUBJECT_IMAGE,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:4.10", "CWE:798", "CWE:522", "CWE:312",
				"ATTACK:T1552.001", "NIST-800-190:4.1.4", "OWASP-Docker:D06",
				"DOCKER-BENCH:check_4_10"),
		.risk = "Whoever has the image has the key; deleting it in a later step leaves it in the "
			"layer below.",
		.threat = "docker save and tar show each layer by itself.",
		.remediation = "Change the secret: it is known. Build again without it (RUN "
			       "--mount=type=secret, a .dockerignore), and remove the image from "
			       "registries and nodes.",
		.run = check_no_secret_files,
	},
};

HF_CHECK_SET(image_secrets, checks);
