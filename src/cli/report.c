/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holdfast report: another rendering of a saved results document, without root and without a node. */
#include "cli/options.h"

#include <stdio.h>

enum { DOCUMENT_MAX_BYTES = 256 * 1024 * 1024 };

typedef struct rendering {
	const json_t *document;
	const hf_format *format;
	hf_render_options options;
} rendering;

static int render(FILE *out, void *data)
{
	const rendering *r = data;

	return r->format->write(r->document, &r->options, out);
}

static json_t *load(const hf_job *job, hf_error *err)
{
	size_t size;
	json_error_t problem;
	hf_cleanup(hf_freep) char *text =
		hf_read_input(job->inputs[0], DOCUMENT_MAX_BYTES, &size, err);

	if (!text)
		return NULL;
	json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);

	if (!document) {
		(void)hf_error_at(err, -EBADMSG, "", problem.line > 0 ? (unsigned)problem.line : 0,
				  "%s", problem.text);
		return NULL;
	}
	if (hf_document_check(document, err) < 0) {
		json_decref(document);
		return NULL;
	}
	return document;
}

static int report_work(hf_job *job, hf_registry *registry, hf_record *record)
{
	hf_error err = {0};
	const hf_options *options = job->options;
	json_t *document = load(job, &err);

	(void)registry;
	(void)record;
	if (!document) {
		hf_complain("%s: %s", options->word, err.text);
		return HF_EXIT_NOINPUT;
	}
	rendering r = {
		.document = document,
		.format = job->outputs[0].format,
		.options = hf_options_render(options, &job->outputs[0]),
	};
	bool is_written = hf_write_output(job, 0, render, &r);

	json_decref(document);
	return is_written ? HF_EXIT_OK : HF_EXIT_INCOMPLETE;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	hf_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = options;
		return 0;
	case ARGP_KEY_ARG:
		if (options->word)
			argp_error(state, "\"%s\" is not understood", arg);
		options->word = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->word)
			argp_error(state, "which results document?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int prepare(hf_options *options, hf_job *job)
{
	char *word = options->formats.count ? options->formats.items[0] : NULL;
	char *colon = word ? strchr(word, ':') : NULL;

	if (colon)
		*colon = '\0';
	job->outputs[0].format = hf_format_find(word ? word : "text");
	job->outputs[0].path = colon ? colon + 1 : NULL;
	if (!job->outputs[0].format || options->formats.count > 1) {
		hf_complain("--format takes one of the formats that `holdfast scan --help` names");
		return HF_EXIT_USAGE;
	}
	int status = hf_input_open(options->word, &job->inputs[0]);

	if (status)
		return status;
	int r = hf_output_open(&job->outputs[0], false);

	if (r < 0) {
		hf_complain("%s: %s", job->outputs[0].path, strerror(-r));
		return HF_EXIT_CANTCREAT;
	}
	job->output_count = 1;
	return 0;
}

int hf_cli_report(int argc, char **argv)
{
	static const struct argp_child children[] = {{&hf_argp_report, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "RESULTS",
		.doc = "Render a results document that `holdfast scan --format json` wrote.",
		.children = children,
	};
	hf_options options = {0};
	hf_job job;
	const hf_collecting nothing = {.root_fd = -1};

	(void)argp_parse(&argp, argc, argv, 0, NULL, &options);
	hf_job_init(&job);
	job.work = report_work;
	job.options = &options;
	job.deadline_ms = job.started_ms + 60000;
	int status = prepare(&options, &job);

	if (status == 0)
		status = hf_job_run(&job, &nothing);
	hf_options_free(&options);
	return status;
}
