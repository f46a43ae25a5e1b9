/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared options: parsing, joining with the configuration file, checking. */
#include "cli/options.h"

#include <fcntl.h>
#include <stdio.h>

enum {
	OPT_ONLY = 256,
	OPT_SKIP,
	OPT_CONTAINER,
	OPT_NO_CONTAINER,
	OPT_PLUGIN_DIR,
	OPT_CONFIG,
	OPT_PROFILE,
	OPT_ROOT,
	OPT_FROM,
	OPT_TIMEOUT,
	OPT_DEEP,
	OPT_KERNEL_CONFIG,
	OPT_KERNEL_CMDLINE,
	OPT_SYSCTL,
	OPT_COLOR,
	OPT_FAIL_ON,
	OPT_MIN_SCORE,
};

enum { MAX_TIMEOUT_S = 3600 };

static const struct argp_option selection_options[] = {
	{NULL, 0, NULL, 0, "What to check:", 1},
	{"only", OPT_ONLY, "WORD", 0,
	 "Only these checks: ids, globs, plugins, references such as CIS-Docker-1.6:2.*, stride:E; "
	 "several by commas or repetition", 0},
	{"skip", OPT_SKIP, "WORD", 0, "All but these checks", 0},
	{"container", OPT_CONTAINER, "GLOB", 0,
	 "Of containers only these, by name or id; several by commas or repetition", 0},
	{"no-container", OPT_NO_CONTAINER, "GLOB", 0, "Of containers all but these", 0},
	{"profile", OPT_PROFILE, "NAME", 0,
	 "A named selection of checks: all (default), cis-docker, cis-docker-level-1, cis-docker-1.8 ...", 0},
	{"plugin-dir", OPT_PLUGIN_DIR, "DIR", 0, "Load the plugins of this folder, too", 0},
	{"config", OPT_CONFIG, "FILE", 0,
	 "Configuration instead of " HF_SYSCONFDIR "/holdfast.yaml", 0},
	{0},
};

static const struct argp_option source_options[] = {
	{NULL, 0, NULL, 0, "What to look at (this machine, if nothing is said):", 2},
	{"root", OPT_ROOT, "DIR", 0, "A file tree; /proc and /sys below it are ordinary files", 0},
	{"from", OPT_FROM, "CAPTURE", 0, "A file made by `holdfast capture`; - is standard input", 0},
	{"kernel-config", OPT_KERNEL_CONFIG, "FILE", 0,
	 "A kernel configuration alone, without a node (may be gzipped)", 0},
	{"kernel-cmdline", OPT_KERNEL_CMDLINE, "FILE", 0, "With --kernel-config: boot parameters", 0},
	{"sysctl", OPT_SYSCTL, "FILE", 0, "With --kernel-config: the output of `sysctl -a`", 0},
	{"timeout", OPT_TIMEOUT, "SECONDS", 0, "End the run after this time (10)", 0},
	{"deep", OPT_DEEP, "HOW", OPTION_ARG_OPTIONAL,
	 "Look closer at containers and images, which takes longer; --deep=ptrace reads filters of system calls by stopping a task "
	 "for a moment, where there is no other way", 0},
	{0},
};

static const struct argp_option report_options[] = {
	{NULL, 0, NULL, 0, "What to print:", 3},
	{"format", 'f', "FORMAT[:FILE]", 0, "text (default), json, containers, network or dot; repeat for several reports", 0},
	{"fail-on", OPT_FAIL_ON, "SEVERITY", 0,
	 "Exit with 2 when a check of this severity or worse fails: critical, high (default), medium, "
	 "low, none", 0},
	{"min-score", OPT_MIN_SCORE, "N", 0, "Exit with 2 when the score is below N", 0},
	{"color", OPT_COLOR, "WHEN", 0, "auto (default), always or never", 0},
	{"quiet", 'q', NULL, 0, "No text report on standard output", 0},
	{"verbose", 'v', NULL, 0, "Every check with its evidence, not only what needs attention", 0},
	{0},
};

static int add_words(hf_list *list, const char *words)
{
	hf_cleanup(hf_freep) char *copy = strdup(words);
	char *rest = NULL;

	if (!copy)
		return ENOMEM;
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *kept = strdup(word);

		if (!kept || hf_list_add(list, kept) < 0) {
			free(kept);
			return ENOMEM;
		}
	}
	return 0;
}

static int add_one(hf_list *list, const char *word)
{
	char *kept = strdup(word);

	if (!kept || hf_list_add(list, kept) < 0) {
		free(kept);
		return ENOMEM;
	}
	return 0;
}

static int parse_seconds(const char *arg, unsigned *ret_ms)
{
	int64_t seconds;

	if (hf_parse_i64(arg, &seconds) < 0 || seconds < 1 || seconds > MAX_TIMEOUT_S)
		return -EINVAL;
	*ret_ms = (unsigned)seconds * 1000;
	return 0;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	hf_options *options = state->input;

	switch (key) {
	case OPT_ONLY:
		return add_words(&options->only, arg);
	case OPT_SKIP:
		return add_words(&options->skip, arg);
	case OPT_CONTAINER:
		return add_words(&options->containers, arg);
	case OPT_NO_CONTAINER:
		return add_words(&options->no_containers, arg);
	case OPT_PLUGIN_DIR:
		return add_one(&options->plugin_dirs, arg);
	case OPT_CONFIG:
		options->config = arg;
		return 0;
	case OPT_PROFILE:
		options->profile = arg;
		return 0;
	case OPT_ROOT:
		options->root = arg;
		return 0;
	case OPT_FROM:
		options->from = arg;
		return 0;
	case OPT_TIMEOUT:
		if (parse_seconds(arg, &options->timeout_ms) < 0)
			argp_error(state, "--timeout takes 1 to %d seconds, not \"%s\"",
				   MAX_TIMEOUT_S, arg);
		return 0;
	case OPT_DEEP:
		options->deep = arg ? arg : "";
		return 0;
	case OPT_KERNEL_CONFIG:
		options->kernel_config = arg;
		return 0;
	case OPT_KERNEL_CMDLINE:
		options->kernel_cmdline = arg;
		return 0;
	case OPT_SYSCTL:
		options->sysctl = arg;
		return 0;
	case 'f':
		return add_one(&options->formats, arg);
	case OPT_FAIL_ON:
		options->fail_on = arg;
		return 0;
	case OPT_MIN_SCORE:
		options->min_score = arg;
		return 0;
	case OPT_COLOR:
		options->color = arg;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp hf_argp_selection = {.options = selection_options, .parser = parse};
const struct argp hf_argp_source = {.options = source_options, .parser = parse};
const struct argp hf_argp_report = {.options = report_options, .parser = parse};

/* ---- finishing ---- */

static int set_severity(hf_options *options)
{
	const char *word = options->fail_on ? options->fail_on : options->settings.fail_on;

	options->fail_on_severity = HF_SEVERITY_HIGH;
	if (!word)
		return 0;
	if (strcmp(word, "none") == 0) {
		options->fail_on_severity = HF_SEVERITY_COUNT;
		return 0;
	}
	options->fail_on_severity = hf_severity_number(word);
	if (options->fail_on_severity < HF_SEVERITY_LOW ||
	    options->fail_on_severity >= HF_SEVERITY_COUNT) {
		hf_complain("fail-on: \"%s\" is none of critical, high, medium, low, none", word);
		return options->fail_on ? HF_EXIT_USAGE : HF_EXIT_CONFIG;
	}
	return 0;
}

static int set_score(hf_options *options)
{
	const char *word = options->min_score ? options->min_score : options->settings.min_score;
	int64_t number;

	if (!word)
		return 0;
	if (hf_parse_i64(word, &number) < 0 || number < 0 || number > 100) {
		hf_complain("min-score: \"%s\" is no number from 0 to 100", word);
		return options->min_score ? HF_EXIT_USAGE : HF_EXIT_CONFIG;
	}
	options->min_score_tenths = (unsigned)number * 10;
	return 0;
}

static int set_profile(hf_options *options)
{
	const char *name = options->profile ? options->profile : options->settings.profile;

	if (!name)
		return 0;
	if (hf_arena_new(&options->arena) < 0)
		return HF_EXIT_OSERR;
	int status = hf_cli_profile_load(name, options->arena, &options->items);

	return status == HF_EXIT_USAGE && !options->profile ? HF_EXIT_CONFIG : status;
}

static int set_rest(hf_options *options)
{
	if (!options->timeout_ms) {
		options->timeout_ms = HF_DEFAULT_TIMEOUT_MS;
		if (options->settings.timeout &&
		    parse_seconds(options->settings.timeout, &options->timeout_ms) < 0) {
			hf_complain("%s: timeout: \"%s\" is no number of seconds from 1 to %d",
				    options->settings.path, options->settings.timeout, MAX_TIMEOUT_S);
			return HF_EXIT_CONFIG;
		}
	}
	if (options->color && strcmp(options->color, "auto") != 0 &&
	    strcmp(options->color, "always") != 0 && strcmp(options->color, "never") != 0) {
		hf_complain("--color takes auto, always or never, not \"%s\"", options->color);
		return HF_EXIT_USAGE;
	}
	if ((options->root != NULL) + (options->from != NULL) + (options->kernel_config != NULL) > 1) {
		hf_complain("--root, --from and --kernel-config exclude each other");
		return HF_EXIT_USAGE;
	}
	if (options->deep && *options->deep && strcmp(options->deep, "ptrace") != 0) {
		hf_complain("--deep takes nothing or ptrace, not \"%s\"", options->deep);
		return HF_EXIT_USAGE;
	}
	if (options->deep && (options->root || options->from || options->kernel_config)) {
		hf_complain("--deep is for this machine: --root, --from and --kernel-config exclude it");
		return HF_EXIT_USAGE;
	}
	if (!options->kernel_config && (options->kernel_cmdline || options->sysctl)) {
		hf_complain("--kernel-cmdline and --sysctl go with --kernel-config");
		return HF_EXIT_USAGE;
	}
	return 0;
}

/* With files instead of a node, only what those files can answer is asked, unless more is wanted. */
static int narrow_to_files(hf_options *options)
{
	if (!options->kernel_config || options->only.count > 0)
		return 0;
	int r = add_words(&options->only, "kconfig.*");

	if (r == 0 && options->kernel_cmdline)
		r = add_words(&options->only, "cmdline.*");
	if (r == 0 && options->sysctl)
		r = add_words(&options->only, "sysctl.*");
	return r;
}

int hf_options_finish(hf_options *options)
{
	hf_error err = {0};

	if (hf_config_load(options->config, &options->settings, &err) < 0) {
		if (err.line)
			hf_complain("%s:%u: %s", err.source, err.line, err.text);
		else
			hf_complain("%s: %s", err.source, err.text);
		return HF_EXIT_CONFIG;
	}
	int status = set_severity(options);

	if (status == 0)
		status = set_score(options);
	if (status == 0)
		status = set_profile(options);
	if (status == 0)
		status = set_rest(options);
	if (status == 0 && options->is_network && options->only.count == 0 &&
	    add_words(&options->only, "network.*") != 0)
		status = HF_EXIT_OSERR;
	if (status == 0 && options->is_containers && options->word &&
	    add_one(&options->containers, options->word) != 0)
		status = HF_EXIT_OSERR;
	if (status == 0 &&
	    (narrow_to_files(options) != 0 || hf_list_add(&options->only, NULL) < 0 ||
	     hf_list_add(&options->skip, NULL) < 0 ||
	     hf_list_add(&options->containers, NULL) < 0 ||
	     hf_list_add(&options->no_containers, NULL) < 0))
		status = HF_EXIT_OSERR;
	options->selection = (hf_selection){
		.only = (const char *const *)options->only.items,
		.skip = (const char *const *)options->skip.items,
		.containers = (const char *const *)options->containers.items,
		.no_containers = (const char *const *)options->no_containers.items,
		.is_containers_alone = options->is_containers,
		.is_in_profile = options->items ? hf_profile_has : NULL,
		.profile = options->items,
	};
	return status;
}

static void free_words(hf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	hf_list_free(list);
}

void hf_options_free(hf_options *options)
{
	free_words(&options->only);
	free_words(&options->skip);
	free_words(&options->containers);
	free_words(&options->no_containers);
	free_words(&options->plugin_dirs);
	free_words(&options->formats);
	hf_arena_free(options->arena);
	hf_config_free(&options->settings);
}

/* ---- preparing ---- */

int hf_input_open(const char *path, int *ret_fd)
{
	*ret_fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*ret_fd >= 0)
		return 0;
	hf_complain("%s: %s", path, strerror(errno));
	return HF_EXIT_NOINPUT;
}

static int prepare_source(const hf_options *options, hf_job *job, hf_collecting *collecting)
{
	int status = 0;

	collecting->root_fd = -1;
	if (options->from) {
		job->source = (hf_source){.kind = HF_SOURCE_CAPTURE, .path = options->from, .taken = ""};
		return hf_input_open(options->from, &job->inputs[0]);
	}
	if (options->kernel_config) {
		job->source = (hf_source){
			.kind = HF_SOURCE_FILES, .path = options->kernel_config, .taken = ""};
		status = hf_input_open(options->kernel_config, &job->inputs[0]);
		if (status == 0 && options->kernel_cmdline)
			status = hf_input_open(options->kernel_cmdline, &job->inputs[1]);
		if (status == 0 && options->sysctl)
			status = hf_input_open(options->sysctl, &job->inputs[2]);
		return status;
	}
	const char *root = options->root ? options->root : "/";

	job->source = (hf_source){
		.kind = options->root ? HF_SOURCE_ROOT : HF_SOURCE_LIVE,
		.path = options->root ? options->root : "",
		.taken = "",
	};
	collecting->is_live = !options->root;
	collecting->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (collecting->root_fd < 0) {
		hf_complain("%s: %s", root, strerror(errno));
		return HF_EXIT_NOINPUT;
	}
	return 0;
}

/* DOCKER_HOST counts where it names a unix socket: over TCP another machine would answer. */
static const char *engine_socket(void)
{
	static const char prefix[] = "unix://";

	if (!*hf_env.docker_host)
		return NULL;
	if (hf_has_prefix(hf_env.docker_host, prefix))
		return hf_env.docker_host + sizeof prefix - 1;
	hf_complain("DOCKER_HOST is ignored: it is no unix:// socket");
	return NULL;
}

int hf_options_prepare(const hf_options *options, hf_job *job, hf_collecting *collecting)
{
	hf_list dirs = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->settings.plugin_dirs.count; i++)
		r = hf_list_add(&dirs, options->settings.plugin_dirs.items[i]);
	for (size_t i = 0; r == 0 && i < options->plugin_dirs.count; i++)
		r = hf_list_add(&dirs, options->plugin_dirs.items[i]);
	if (r == 0)
		r = hf_cli_open_plugins(&dirs, &job->plugins, &job->plugin_count);
	hf_list_free(&dirs);
	if (r < 0)
		return r == -ENOENT ? HF_EXIT_NOINPUT : HF_EXIT_CONFIG;
	job->selection = &options->selection;
	job->options = options;
	job->deadline_ms = job->started_ms + options->timeout_ms;
	*collecting = (hf_collecting){
		.root_fd = -1, .engine_socket = engine_socket(), .deep = options->deep};
	return 0 == r ? prepare_source(options, job, collecting) : HF_EXIT_OSERR;
}

hf_render_options hf_options_render(const hf_options *options, const hf_output *output)
{
	enum { NARROWEST = 40, WIDEST = 160, OF_A_FILE = 100 };
	bool wants_color = options->color && strcmp(options->color, "always") == 0;
	bool forbids_color = options->color && strcmp(options->color, "never") == 0;
	unsigned width = output->columns ? output->columns : OF_A_FILE;

	return (hf_render_options){
		.color = wants_color || (!forbids_color && output->columns > 0 &&
					 !hf_env.no_color && !hf_env.is_dumb),
		.verbose = options->verbose,
		.width = width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width,
		.subject = options->word,
	};
}
