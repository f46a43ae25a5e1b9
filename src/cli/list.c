/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holdfast list and holdfast explain: what would be checked, and why. */
#include "cli/list-items.h"
#include "cli/options.h"

#include <stdio.h>

static const char *const subject_names[HF_SUBJECT_COUNT] = {
	[HF_SUBJECT_HOST] = "host",   [HF_SUBJECT_DAEMON] = "daemon",
	[HF_SUBJECT_CONTAINER] = "container", [HF_SUBJECT_IMAGE] = "image",
	[HF_SUBJECT_NETWORK] = "network", [HF_SUBJECT_FILE] = "file",
	[HF_SUBJECT_SERVICE] = "service",
};

static hf_severity severity_of(const hf_check *row)
{
	hf_ccss ccss;

	if (row->flags & HF_CHECK_INFO || hf_ccss_parse(row->severity, &ccss, NULL) < 0)
		return HF_SEVERITY_INFO;
	return hf_severity_of_base(ccss.base_tenths);
}

static json_t *strings(const char *const *texts)
{
	json_t *array = json_array();

	for (; texts && *texts; texts++)
		(void)json_array_append_new(array, json_string(*texts));
	return array;
}

static void letters_of(const hf_check *row, char letters[HF_STRIDE_COUNT + 1])
{
	size_t used = 0;

	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		if (row->stride & UINT32_C(1) << i)
			letters[used++] = hf_stride_letters[i];
	}
	letters[used] = '\0';
}

static json_t *check_as_json(const hf_loaded_check *check)
{
	const hf_check *row = check->row;
	hf_ccss ccss = {0};
	char letters[HF_STRIDE_COUNT + 1];
	json_t *stride = json_array();

	(void)hf_ccss_parse(row->severity, &ccss, NULL);
	letters_of(row, letters);
	for (const char *p = letters; *p; p++)
		(void)json_array_append_new(stride, json_stringn(p, 1));
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:f, s:s, s:i, s:o, s:b, s:o, s:o, s:o, s:s, s:s, s:s}", "id",
		row->id, "title", row->title, "plugin", check->plugin->name, "subject",
		subject_names[row->subject], "severity", hf_severity_name(severity_of(row)), "base",
		(double)ccss.base_tenths / 10, "vector", row->severity, "level", (int)row->level,
		"stride", stride, "manual", (row->flags & HF_CHECK_MANUAL) != 0, "refs",
		strings(row->refs), "aliases", strings(row->aliases), "reads", strings(row->reads),
		"risk", row->risk, "threat", row->threat, "remediation", row->remediation);
}

/* ---- list ---- */

static int write_list_json(const hf_job *job, hf_registry *registry, FILE *out)
{
	const hf_options *options = job->options;
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks);
	json_t *array = json_array();
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (hf_selection_has(job->selection, &checks[i]) &&
		    json_array_append_new(array, check_as_json(&checks[i])) < 0)
			r = -ENOMEM;
	}
	if (r == 0 && options->items)
		r = hf_list_items(options->items, job->selection, registry, array, out);
	else if (r == 0 && (json_dumpf(array, out, JSON_INDENT(1)) < 0 || fputc('\n', out) == EOF))
		r = -EIO;
	json_decref(array);
	return r;
}

static int write_list_text(const hf_job *job, hf_registry *registry, FILE *out)
{
	const hf_loaded_check *checks;
	size_t count = hf_registry_checks(registry, &checks), listed = 0;
	const hf_options *options = job->options;

	if (options->items)
		return hf_list_items(options->items, job->selection, registry, NULL, out);
	for (size_t i = 0; i < count; i++) {
		const hf_check *row = checks[i].row;
		char letters[HF_STRIDE_COUNT + 1];

		if (!hf_selection_has(job->selection, &checks[i]))
			continue;
		letters_of(row, letters);
		listed++;
		(void)fprintf(out, "%-44s %-8s L%u %-6s %s\n", row->id,
			      hf_severity_name(severity_of(row)), row->level, letters, row->title);
	}
	(void)fprintf(out, "%zu checks\n", listed);
	return 0;
}

typedef struct listing {
	hf_job *job;
	hf_registry *registry;
} listing;

static int write_list(FILE *out, void *data)
{
	const listing *l = data;
	const hf_options *options = l->job->options;
	const char *format = options->formats.count ? options->formats.items[0] : "text";

	return strcmp(format, "json") == 0 ? write_list_json(l->job, l->registry, out)
					   : write_list_text(l->job, l->registry, out);
}

static bool complain_of_refusals(const hf_registry *registry)
{
	const hf_refusal *refusals;
	size_t count = hf_registry_refusals(registry, &refusals);

	for (size_t i = 0; i < count; i++)
		hf_complain("plugin refused: %s: %s", refusals[i].path, refusals[i].reason);
	return count > 0;
}

static int list_work(hf_job *job, hf_registry *registry, hf_record *record)
{
	listing l = {.job = job, .registry = registry};
	bool refused = complain_of_refusals(registry);

	(void)record;
	return hf_write_output(job, 0, write_list, &l) && !refused ? HF_EXIT_OK
								    : HF_EXIT_INCOMPLETE;
}

/* ---- explain ---- */

static void paragraph(FILE *out, const char *head, const char *text)
{
	enum { WIDTH = 78, INDENT = 2 };
	size_t column = 0;

	(void)fprintf(out, "\n%s", head);
	while (*text) {
		size_t length = strcspn(text, " \n");
		bool is_first = column == 0;

		if (is_first || column + 1 + length > WIDTH) {
			(void)fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else {
			(void)fputc(' ', out);
			column++;
		}
		(void)fprintf(out, "%.*s", (int)length, text);
		column = text[length] == '\n' ? 0 : column + length;
		text += length;
		text += *text != '\0';
	}
	(void)fputc('\n', out);
}

static void words(FILE *out, const char *head, const char *const *list)
{
	if (!list || !*list)
		return;
	(void)fprintf(out, "  %-10s", head);
	for (; *list; list++)
		(void)fprintf(out, " %s", *list);
	(void)fputc('\n', out);
}

static void explain_one(FILE *out, const hf_loaded_check *check)
{
	const hf_check *row = check->row;
	hf_ccss ccss = {0};

	(void)hf_ccss_parse(row->severity, &ccss, NULL);
	(void)fprintf(out, "%s: %s\n\n", row->id, row->title);
	(void)fprintf(out, "  %-10s %s\n", "plugin", check->plugin->title);
	(void)fprintf(out, "  %-10s %s\n", "subject", subject_names[row->subject]);
	(void)fprintf(out, "  %-10s %s, CCSS base %u.%u (%s)\n", "severity",
		      hf_severity_name(severity_of(row)), ccss.base_tenths / 10,
		      ccss.base_tenths % 10, row->severity);
	(void)fprintf(out, "  %-10s %u\n", "level", row->level);
	(void)fprintf(out, "  %-10s", "stride");
	const char *separator = " ";

	for (unsigned i = 0; i < HF_STRIDE_COUNT; i++) {
		if (row->stride & UINT32_C(1) << i) {
			(void)fprintf(out, "%s%s", separator, hf_stride_title(i));
			separator = ", ";
		}
	}
	(void)fputc('\n', out);
	words(out, "refs", row->refs);
	words(out, "aliases", row->aliases);
	words(out, "reads", row->reads);
	paragraph(out, "Risk", row->risk);
	paragraph(out, "Threat", row->threat);
	paragraph(out, "Remediation", row->remediation);
}

typedef struct explanation {
	const hf_loaded_check *check;
	bool as_json;
} explanation;

static int write_explanation(FILE *out, void *data)
{
	const explanation *e = data;

	if (!e->as_json) {
		explain_one(out, e->check);
		return 0;
	}
	json_t *object = check_as_json(e->check);
	int r = !object ? -ENOMEM : json_dumpf(object, out, JSON_INDENT(1)) < 0 ? -EIO : 0;

	(void)fputc('\n', out);
	json_decref(object);
	return r;
}

static int explain_work(hf_job *job, hf_registry *registry, hf_record *record)
{
	const hf_options *options = job->options;
	explanation e = {
		.check = hf_registry_find(registry, options->word),
		.as_json = options->formats.count &&
			   strcmp(options->formats.items[0], "json") == 0,
	};

	(void)record;
	(void)complain_of_refusals(registry);
	if (!e.check) {
		hf_complain("there is no check \"%s\"; `holdfast list` shows them", options->word);
		return HF_EXIT_USAGE;
	}
	return hf_write_output(job, 0, write_explanation, &e) ? HF_EXIT_OK : HF_EXIT_INCOMPLETE;
}

/* ---- in the parent ---- */

static const struct argp_option own[] = {
	{"format", 'f', "FORMAT", 0, "text (default) or json", 0},
	{0},
};

static int parse(int key, char *arg, struct argp_state *state)
{
	hf_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = options;
		return 0;
	case 'f':
		if (strcmp(arg, "text") != 0 && strcmp(arg, "json") != 0)
			argp_error(state, "the formats are text and json, not \"%s\"", arg);
		return hf_list_add(&options->formats, strdup(arg)) < 0 ? ENOMEM : 0;
	case ARGP_KEY_ARG:
		if (!options->takes_word || options->word)
			argp_error(state, "\"%s\" is not understood", arg);
		options->word = arg;
		return 0;
	case ARGP_KEY_END:
		if (options->takes_word && !options->word)
			argp_error(state, "which check?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&hf_argp_selection, 0, NULL, 0}, {0}};

static int run(const struct argp *argp, int argc, char **argv, hf_work *work)
{
	hf_options options = {.takes_word = argp->args_doc != NULL};
	hf_job job;
	hf_collecting collecting;

	(void)argp_parse(argp, argc, argv, 0, NULL, &options);
	hf_job_init(&job);
	job.work = work;
	int status = hf_options_finish(&options);

	if (status == 0)
		status = hf_options_prepare(&options, &job, &collecting);
	if (status == 0) {
		(void)close(collecting.root_fd);
		collecting.root_fd = -1; /* nothing of the host is read */
		job.outputs[0].fd = STDOUT_FILENO;
		job.output_count = 1;
		status = hf_job_run(&job, &collecting);
	}
	hf_plugin_files_free(job.plugins, job.plugin_count);
	hf_options_free(&options);
	return status;
}

int hf_cli_list(int argc, char **argv)
{
	static const struct argp argp = {
		.options = own, .parser = parse, .doc = "List the checks.", .children = children};

	return run(&argp, argc, argv, list_work);
}

int hf_cli_explain(int argc, char **argv)
{
	static const struct argp argp = {
		.options = own,
		.parser = parse,
		.args_doc = "CHECK",
		.doc = "Explain a check: risk, threat, remediation, references.",
		.children = children,
	};

	return run(&argp, argc, argv, explain_work);
}
