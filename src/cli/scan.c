/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holdfast scan and holdfast capture: read a node; judge it, or keep what was read. */
#include "cli/options.h"

#include <stdio.h>
#include <time.h>

/* ---- in the worker ---- */

/* The record of a run without a node: what was given, under the names that a node's files have. */
static int put_text(hf_record *record, hf_ask_kind kind, const char *name, const char *data,
		    size_t size)
{
	const hf_answer answer = {.kind = kind,
				  .name = name,
				  .data = data,
				  .size = size,
				  .meta = {.mode = kind == HF_ASK_FILE ? 0100644 : 0}};

	return hf_record_put(record, &answer, true);
}

/* "key = value" lines, as sysctl(8) prints them. */
static int put_sysctls(hf_record *record, char *text)
{
	char *rest = NULL;
	int r = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && r == 0;
	     line = strtok_r(NULL, "\n", &rest)) {
		char path[HF_NAME_MAX_BYTES], *equals = strchr(line, '=');

		if (!equals || equals == line)
			continue;
		*equals = '\0';
		if (hf_sysctl_path(hf_strip(line), path, sizeof path) == 0) {
			char *value = hf_strip(equals + 1);

			r = put_text(record, HF_ASK_FILE, path, value, strlen(value));
		}
	}
	return r;
}

static int build_from_files(const hf_job *job, hf_record **ret_record, hf_error *err)
{
	static const char *const names[] = {"/kernel-config", "/proc/cmdline", NULL};
	hf_cleanup(hf_record_freep) hf_record *record = NULL;
	int r = hf_record_new(&record);

	for (size_t i = 0; r == 0 && i < 3; i++) {
		hf_cleanup(hf_freep) char *text = NULL;
		size_t size;

		if (job->inputs[i] < 0)
			continue;
		text = hf_read_input(job->inputs[i], HF_DATA_MAX_BYTES, &size, err);
		if (!text)
			return -EIO;
		r = names[i] ? put_text(record, HF_ASK_FILE, names[i], text, size)
			     : put_sysctls(record, text);
	}
	if (r == 0)
		r = hf_record_set_source(record, &job->source);
	if (r == 0)
		*ret_record = HF_TAKE(record);
	return r;
}

static int load_capture(const hf_job *job, hf_record **ret_record, hf_error *err)
{
	size_t size;
	hf_cleanup(hf_freep) char *text =
		hf_read_input(job->inputs[0], HF_CAPTURE_MAX_BYTES, &size, err);

	if (!text)
		return -EIO;
	int r = hf_capture_parse(text, size, ret_record, err);

	if (r == 0) {
		const hf_source *old = hf_record_source(*ret_record);
		const hf_source source = {
			.kind = HF_SOURCE_CAPTURE, .path = job->source.path, .taken = old->taken};

		r = hf_record_set_source(*ret_record, &source);
	}
	return r;
}

/* The record that came from collectors, or the one that an input file holds. */
static int find_record(const hf_job *job, hf_record *gathered, hf_record **ret_record)
{
	hf_error err = {0};
	int r = 0;

	*ret_record = gathered;
	if (job->source.kind == HF_SOURCE_CAPTURE)
		r = load_capture(job, ret_record, &err);
	else if (job->source.kind == HF_SOURCE_FILES)
		r = build_from_files(job, ret_record, &err);
	if (r < 0) {
		if (err.line)
			hf_complain("%s:%u: %s", job->source.path, err.line, err.text);
		else
			hf_complain("%s: %s", job->source.path, *err.text ? err.text : strerror(-r));
	}
	return r;
}

static void now_text(char *text, size_t size)
{
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) || strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		*text = '\0';
}

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

static void tell_refusals(const hf_registry *registry)
{
	const hf_refusal *refusals;
	size_t count = hf_registry_refusals(registry, &refusals);

	for (size_t i = 0; i < count; i++)
		hf_complain("plugin refused: %s: %s", refusals[i].path, refusals[i].reason);
}

static bool is_below_threshold(const hf_options *options, const hf_assessment *assessment)
{
	for (unsigned s = options->fail_on_severity; s < HF_SEVERITY_COUNT; s++) {
		if (assessment->failed[s] > 0)
			return true;
	}
	return assessment->whole.has_number &&
	       assessment->whole.score_tenths < options->min_score_tenths;
}

/* A glob that nobody bears is a slip of the hand, and a report about nobody is no good news. */
static bool is_anybody_left(const hf_selection *selection, hf_facts *facts)
{
	const hf_subjects *subjects = hf_facts_subjects(facts, HF_SUBJECT_CONTAINER);

	if (!selection->containers || !*selection->containers)
		return true;
	for (size_t i = 0; i < subjects->count; i++) {
		if (hf_selection_has_subject(selection, &subjects->all[i]))
			return true;
	}
	hf_complain("no container of this node is meant by \"%s\"", *selection->containers);
	return false;
}

static bool wants_network(const hf_job *job)
{
	const hf_options *options = job->options;
	bool wants = options->is_network;

	for (size_t i = 0; i < job->output_count; i++)
		wants |= job->outputs[i].format->needs_network;
	return wants;
}

/* HF_EXIT_INCOMPLETE when one is not there. */
static int write_reports(hf_job *job, const hf_assessment *assessment, const hf_registry *registry,
			 hf_facts *facts, const char *started)
{
	const hf_options *options = job->options;
	hf_items items = {0};

	if (options->items && hf_items_assess(options->items, job->selection, assessment,
					      hf_facts_arena(facts), &items) < 0)
		return HF_EXIT_OSERR;
	const hf_document_head head = {
		.profile = options->items ? options->items->name : "all",
		.items = options->items ? &items : NULL,
		.selection = job->selection,
		.with_network = wants_network(job),
		.started = started,
		.duration_ms = hf_now_ms() - job->started_ms,
	};
	int status = HF_EXIT_OK;

	/* never freed, as all else here: the worker ends with it, and taking it apart would cost a millisecond */
	hf_document_keep_memory();
	json_t *document = hf_document_new(assessment, registry, facts, &head);

	if (!document)
		return HF_EXIT_OSERR;
	for (size_t i = 0; i < job->output_count; i++) {
		rendering r = {
			.document = document,
			.format = job->outputs[i].format,
			.options = hf_options_render(job->options, &job->outputs[i]),
		};

		if (!hf_write_output(job, i, render, &r))
			status = HF_EXIT_INCOMPLETE;
	}
	return status;
}

static int scan_work(hf_job *job, hf_registry *registry, hf_record *gathered)
{
	const hf_options *options = job->options;
	hf_record *record = NULL;
	hf_facts *facts = NULL;
	hf_results results;
	hf_assessment assessment;
	char started[32];

	now_text(started, sizeof started);
	if (find_record(job, gathered, &record) < 0)
		return HF_EXIT_NOINPUT;
	if (hf_facts_new(record, &facts) < 0 ||
	    hf_engine_run(registry, job->selection, facts, &job->shared->progress, job->crashed,
			  &results) < 0 ||
	    hf_assess(registry, &results, hf_facts_arena(facts), &assessment) < 0)
		return HF_EXIT_OSERR;
	tell_refusals(registry);
	int status = job->output_count > 0
			     ? write_reports(job, &assessment, registry, facts, started)
			     : HF_EXIT_OK;

	if (status == HF_EXIT_OSERR)
		return status;
	if (!is_anybody_left(job->selection, facts))
		return HF_EXIT_NOINPUT;
	if (!options->is_containers && !options->is_network && is_below_threshold(options, &assessment))
		return HF_EXIT_FINDINGS;
	return assessment.is_incomplete ? HF_EXIT_INCOMPLETE : status;
}

static int write_capture(FILE *out, void *data)
{
	hf_error err = {0};

	return hf_capture_write(data, out, &err);
}

static int capture_work(hf_job *job, hf_registry *registry, hf_record *record)
{
	const hf_record_collector *collectors;
	char taken[32];

	now_text(taken, sizeof taken);
	hf_source source = *hf_record_source(record);

	source.taken = taken;
	if (hf_record_set_source(record, &source) < 0)
		return HF_EXIT_OSERR;
	tell_refusals(registry);
	bool is_complete = hf_write_output(job, 0, write_capture, record);
	size_t count = hf_record_collectors(record, &collectors);

	for (size_t i = 0; i < count; i++) {
		if (collectors[i].state == HF_COLLECTOR_DONE)
			continue;
		hf_complain("collector %s %s: %s", collectors[i].name,
			    hf_collector_state_name(collectors[i].state), collectors[i].reason);
		is_complete = false;
	}
	return is_complete ? HF_EXIT_OK : HF_EXIT_INCOMPLETE;
}

/* ---- in the parent ---- */

static int add_output(const hf_options *options, hf_job *job, char *word)
{
	char *colon = strchr(word, ':');
	hf_output *output = &job->outputs[job->output_count];

	if (job->output_count == HF_MAX_OUTPUTS) {
		hf_complain("more than %d reports in one run", HF_MAX_OUTPUTS);
		return HF_EXIT_USAGE;
	}
	if (colon)
		*colon = '\0';
	/* the subcommand's own text */
	if (options->is_network && strcmp(word, "text") == 0)
		output->format = hf_format_find("network");
	else
		output->format = hf_format_find(word);
	if (!output->format) {
		hf_complain("there is no format \"%s\"; there are:", word);
		for (const hf_format *format = hf_formats; format->name; format++)
			(void)fprintf(stderr, "  %-8s %s\n", format->name, format->title);
		return HF_EXIT_USAGE;
	}
	output->path = colon && strcmp(colon + 1, "-") != 0 ? colon + 1 : NULL;
	int r = hf_output_open(output, false);

	if (r < 0) {
		hf_complain("%s: %s", output->path, strerror(-r));
		return HF_EXIT_CANTCREAT;
	}
	job->output_count++;
	return 0;
}

static int open_outputs(const hf_options *options, hf_job *job)
{
	static char text[] = "text", containers[] = "containers";
	int status = 0;

	for (size_t i = 0; status == 0 && i < options->formats.count; i++)
		status = add_output(options, job, options->formats.items[i]);
	if (status == 0 && options->formats.count == 0 && !options->quiet)
		status = add_output(options, job, options->is_containers ? containers : text);
	return status;
}

static void close_unused(hf_job *job)
{
	for (size_t i = 0; i < job->output_count; i++)
		(void)hf_output_close(&job->outputs[i], false);
}

static int run(hf_options *options, hf_work *work, bool is_capture)
{
	hf_job job;
	hf_collecting collecting;

	hf_job_init(&job);
	job.work = work;
	int status = hf_options_finish(options);

	if (status == 0)
		status = hf_options_prepare(options, &job, &collecting);
	if (status == 0 && is_capture) {
		job.outputs[0].path = options->output;
		job.output_count = 1;
		int r = hf_output_open(&job.outputs[0], true);

		if (r < 0) {
			hf_complain("%s: %s", options->output, strerror(-r));
			status = HF_EXIT_CANTCREAT;
		}
	} else if (status == 0) {
		status = open_outputs(options, &job);
	}
	if (status == 0)
		status = hf_job_run(&job, &collecting);
	else
		close_unused(&job);
	hf_plugin_files_free(job.plugins, job.plugin_count);
	hf_options_free(options);
	return status;
}

static int no_arguments(int key, char *arg, struct argp_state *state)
{
	hf_options *options = state->input;

	if (key == ARGP_KEY_INIT) {
		for (size_t i = 0; i < options->groups; i++)
			state->child_inputs[i] = options;
		return 0;
	}
	if (key == 'o') {
		options->output = arg;
		return 0;
	}
	if (key == ARGP_KEY_ARG && options->takes_word && !options->word) {
		options->word = arg;
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "\"%s\" is not understood", arg);
	return ARGP_ERR_UNKNOWN;
}

int hf_cli_scan(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&hf_argp_selection, 0, NULL, 0},
		{&hf_argp_source, 0, NULL, 0},
		{&hf_argp_report, 0, NULL, 0},
		{0},
	};
	static const struct argp argp = {
		.parser = no_arguments,
		.doc = "Judge this node, a file tree or a capture."
		       "\vExit status: 0 complete and within the thresholds; 1 incomplete; 2 findings at or "
		       "above --fail-on, or a score below --min-score; 64 usage; 78 configuration.",
		.children = children,
	};
	hf_options options = {.groups = HF_ARRAY_SIZE(children) - 1};

	(void)argp_parse(&argp, argc, argv, 0, NULL, &options);
	return run(&options, scan_work, false);
}

int hf_cli_containers(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&hf_argp_selection, 0, NULL, 0},
		{&hf_argp_source, 0, NULL, 0},
		{&hf_argp_report, 0, NULL, 0},
		{0},
	};
	static const struct argp argp = {
		.parser = no_arguments,
		.args_doc = "[NAME]",
		.doc = "Show every container of this node, whoever started it; or everything about one, by its "
		       "name, a glob, or at least eight digits of its id."
		       "\vExit status: 0 complete; 1 something could not be read; 66 there is no such "
		       "container.",
		.children = children,
	};
	hf_options options = {
		.groups = HF_ARRAY_SIZE(children) - 1,
		.is_containers = true,
		.takes_word = true,
	};

	(void)argp_parse(&argp, argc, argv, 0, NULL, &options);
	return run(&options, scan_work, false);
}

int hf_cli_network(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&hf_argp_selection, 0, NULL, 0},
		{&hf_argp_source, 0, NULL, 0},
		{&hf_argp_report, 0, NULL, 0},
		{0},
	};
	static const struct argp argp = {
		.parser = no_arguments,
		.doc = "Show the networks of containers, and who can reach whom: containers, this node, the outside, "
		       "published ports. --format dot draws it, --verbose tells which rule decides."
		       "\vExit status: 0 complete; 1 something could not be read.",
		.children = children,
	};
	hf_options options = {
		.groups = HF_ARRAY_SIZE(children) - 1,
		.is_network = true,
	};

	(void)argp_parse(&argp, argc, argv, 0, NULL, &options);
	return run(&options, scan_work, false);
}

int hf_cli_capture(int argc, char **argv)
{
	static const struct argp_option own[] = {
		{"output", 'o', "FILE", 0, "Where the capture goes (standard output)", 0},
		{0},
	};
	static const struct argp_child children[] = {
		{&hf_argp_selection, 0, NULL, 0},
		{&hf_argp_source, 0, NULL, 0},
		{0},
	};
	static const struct argp argp = {
		.options = own,
		.parser = no_arguments,
		.doc = "Record what a scan would read. Environment values and other secrets are left out.",
		.children = children,
	};
	hf_options options = {.groups = HF_ARRAY_SIZE(children) - 1};

	(void)argp_parse(&argp, argc, argv, 0, NULL, &options);
	return run(&options, capture_work, true);
}
