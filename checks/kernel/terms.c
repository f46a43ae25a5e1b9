/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the terms of a condition read: build options, boot parameters, sysctls, version,
 * architecture. */
#include "common.h"
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static option_reading read_kconfig(hf_check_run *run, const char *name, option_value *ret_value)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	bool is_named = false;
	const char *source;

	if (config->fact.state != HF_PRESENT)
		return option_unread(config->fact.source, config->fact.why);
	ret_value->text = hf_kconfig_value(config, name, &is_named);
	ret_value->is_set = ret_value->text != NULL;
	ret_value->list = ret_value->text;
	source = hf_text(run, "%s: %s", config->fact.source, name);
	if (ret_value->is_set)
		return option_read(source, ret_value->text, true);
	return option_read(source, is_named ? "is not set" : "not there", false);
}

/* Parameter names: '-' equals '_', as in the kernel's parameq(). */
static bool same_parameter(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

/* Some parameters add up when they are repeated (cgroup_disable=, iommu=), so membership looks at
 * all. */
static const char *all_values(hf_check_run *run, const hf_bootline *line, const char *name,
			      const char *last)
{
	const char *all = NULL;
	const char *at_name;
	const char *at_value;

	for (size_t i = 0; hf_bootline_at(line, i, &at_name, &at_value); i++) {
		if (!same_parameter(at_name, name))
			continue;
		all = all ? hf_text(run, "%s,%s", all, at_value ? at_value : "")
			  : (at_value ? at_value : "");
	}
	return all ? all : last;
}

static option_reading read_cmdline(hf_check_run *run, const char *name, option_value *ret_value)
{
	const hf_bootline *line = hf_bootline_get(run);
	const char *source;

	if (line->fact.state != HF_PRESENT)
		return option_unread(line->fact.source, line->fact.why);
	ret_value->text = hf_bootline_value(line, name);
	ret_value->is_set = ret_value->text != NULL;
	source = hf_text(run, "%s: %s", line->fact.source, name);
	if (!ret_value->is_set)
		return option_read(source, "absent", false);
	ret_value->list = all_values(run, line, name, ret_value->text);
	return option_read(source, *ret_value->text ? ret_value->text : "there, without a value",
			   true);
}

static option_reading read_sysctl(hf_check_run *run, const char *name, option_value *ret_value)
{
	const hf_sysctl *sysctl = hf_sysctl_get(run, name);

	switch (sysctl->fact.state) {
	case HF_PRESENT:
		ret_value->is_set = true;
		ret_value->text = sysctl->text;
		ret_value->list = sysctl->text;
		return option_read(sysctl->fact.source, *sysctl->text ? sysctl->text : "empty",
				   true);
	case HF_ABSENT:
		return option_read(sysctl->fact.source, "absent", false);
	case HF_UNREADABLE:
		break;
	}
	return option_unread(sysctl->fact.source, sysctl->fact.why);
}

option_reading option_value_read(hf_check_run *run, option_kind kind, const char *name,
				 option_value *ret_value)
{
	*ret_value = (option_value){.kind = kind};
	switch (kind) {
	case OPTION_KCONFIG:
		return read_kconfig(run, name, ret_value);
	case OPTION_CMDLINE:
		return read_cmdline(run, name, ret_value);
	case OPTION_SYSCTL:
		break;
	}
	return read_sysctl(run, name, ret_value);
}

/* The number of the build option that "max(CONFIG_X)" of the row names. */
static option_limit read_limit(hf_check_run *run, const char *row_wanted)
{
	option_limit limit = {0};
	char name[OPTION_NAME_MAX];
	const hf_kconfig *config;
	const char *text;
	char *end;

	if (!option_wanted_limit(row_wanted, name))
		return limit;
	config = hf_kconfig_get(run);
	if (config->fact.state != HF_PRESENT)
		return limit;
	text = hf_kconfig_value(config, name, NULL);
	if (!text)
		return limit;
	errno = 0;
	limit.max = strtoll(text, &end, 0);
	limit.is_known = end != text && !*end && !errno;
	return limit;
}

option_reading option_value_judge(hf_check_run *run, option_kind kind, const char *name,
				  const char *wanted, bool is_list, const char *row_wanted)
{
	option_value value;
	option_reading reading = option_value_read(run, kind, name, &value);
	option_limit limit = {0};
	bool is_notation;

	if (reading.truth == OPTION_CANNOT_KNOW)
		return reading;
	if (strncmp(wanted, "max", 3) == 0)
		limit = read_limit(run, row_wanted);
	is_notation = is_list ? option_wanted_match(wanted, &value, &limit, &reading.truth)
			      : option_item_match(wanted, &value, &limit, &reading.truth);
	if (!is_notation) {
		reading.truth = OPTION_CANNOT_KNOW;
		reading.why = hf_text(run, "the row's notation \"%s\" is malformed", wanted);
	} else if (reading.truth == OPTION_CANNOT_KNOW) {
		reading.why = strncmp(wanted, "max", 3) == 0 && !limit.is_known
				      ? "the largest value is a build option that cannot be read"
				      : hf_text(run, "\"%s\" is no number", reading.found);
	}
	return reading;
}

/* ---- version ---- */

typedef struct version {
	const char *source;
	const char *text;
	unsigned part[3];
	bool is_patch_known;
} version;

/* Distributions freeze the patch level in the release ("5.4.0-200-generic", "5.14.0-427.el9").
 * hf_kernel knows where Debian says the real one; Ubuntu does in /proc/version_signature; others
 * put backports on the frozen one. */
static bool is_frozen(const hf_kernel *kernel)
{
	unsigned major;
	unsigned minor;
	int length = 0;

	return kernel->patch == 0 &&
	       sscanf(kernel->release, "%u.%u.0-%n", &major, &minor, &length) == 2 && length > 0 &&
	       isdigit((unsigned char)kernel->release[length]);
}

static bool real_patch(hf_check_run *run, const hf_kernel *kernel, unsigned *ret_patch)
{
	const hf_file *signature;
	const char *text;
	unsigned major;
	unsigned minor;

	*ret_patch = kernel->patch;
	if (!is_frozen(kernel))
		return true;
	signature = hf_file_get(run, "/proc/version_signature");
	text = signature->fact.state == HF_PRESENT ? strrchr(signature->data, ' ') : NULL;
	return text && sscanf(text, " %u.%u.%u", &major, &minor, ret_patch) == 3 &&
	       major == kernel->major && minor == kernel->minor;
}

/* Without a running kernel, the one that the configuration was made for: "Linux/x86 6.1.119 Kernel
 * Configuration". */
static bool version_of_config(hf_check_run *run, version *ret_version)
{
	const hf_kconfig *config = hf_kconfig_get(run);
	unsigned *part = ret_version->part;

	if (config->fact.state != HF_PRESENT || !config->header ||
	    sscanf(config->header, "Linux/%*s %u.%u.%u", &part[0], &part[1], &part[2]) != 3)
		return false;
	ret_version->source = config->fact.source;
	ret_version->text = config->header;
	ret_version->is_patch_known = true;
	return true;
}

static bool read_version(hf_check_run *run, version *ret_version)
{
	const hf_kernel *kernel = hf_kernel_get(run);

	if (kernel->fact.state != HF_PRESENT)
		return version_of_config(run, ret_version);
	ret_version->source = kernel->fact.source;
	ret_version->text = kernel->release;
	ret_version->part[0] = kernel->major;
	ret_version->part[1] = kernel->minor;
	ret_version->is_patch_known = real_patch(run, kernel, &ret_version->part[2]);
	return true;
}

/* @range: an operator and two or three numbers */
static bool parse_range(const char *range, bool *ret_at_least, unsigned number[static 3])
{
	*ret_at_least = range[0] == '>' && range[1] == '=';
	range += *ret_at_least ? 2 : 1;
	number[0] = number[1] = number[2] = 0;
	return sscanf(range, "%u.%u.%u", &number[0], &number[1], &number[2]) >= 2;
}

option_reading option_version_judge(hf_check_run *run, const char *range)
{
	version kernel = {0};
	unsigned bound[3];
	bool is_at_least;
	int order = 0;

	if (!parse_range(range, &is_at_least, bound))
		return option_unread("kernel version",
				     hf_text(run, "the row's range \"%s\" is malformed", range));
	if (!read_version(run, &kernel))
		return option_unread(hf_kernel_get(run)->fact.source, hf_kernel_get(run)->fact.why);
	for (size_t i = 0; i < 3 && order == 0; i++) {
		if (i == 2 && bound[i] > 0 && !kernel.is_patch_known)
			return option_unread(kernel.source,
					     hf_text(run,
						     "release %s does not tell its patch level",
						     kernel.text));
		order = (kernel.part[i] > bound[i]) - (kernel.part[i] < bound[i]);
	}
	return option_read(kernel.source, kernel.text, is_at_least ? order >= 0 : order < 0);
}

/* ---- architecture ---- */

static const struct {
	const char *arch;
	const char *machine; /* uname -m begins with it */
	const char *config;
} arches[] = {
	{.arch = "x86_64", .machine = "x86_64", .config = "CONFIG_X86_64"},
	{.arch = "arm64", .machine = "aarch64", .config = "CONFIG_ARM64"},
	{.arch = "arm", .machine = "arm", .config = "CONFIG_ARM"},
};

/* "armv7l" matches arm, "aarch64" does not */
static bool is_machine(size_t index, const char *machine)
{
	return strncmp(machine, arches[index].machine, strlen(arches[index].machine)) == 0;
}

option_reading option_arch_judge(hf_check_run *run, const char *wanted)
{
	const hf_kernel *kernel = hf_kernel_get(run);
	const hf_kconfig *config;

	if (kernel->fact.state == HF_PRESENT && *kernel->machine) {
		for (size_t i = 0; i < sizeof arches / sizeof arches[0]; i++)
			if (is_machine(i, kernel->machine))
				return option_read(kernel->fact.source, kernel->machine,
						   kernel_has_word(wanted, ",", arches[i].arch));
		return option_read(kernel->fact.source, kernel->machine, false);
	}
	/* a configuration alone names its architecture, too */
	config = hf_kconfig_get(run);
	for (size_t i = 0; config->fact.state == HF_PRESENT && i < sizeof arches / sizeof arches[0];
	     i++)
		if (hf_kconfig_value(config, arches[i].config, NULL))
			return option_read(config->fact.source, arches[i].config,
					   kernel_has_word(wanted, ",", arches[i].arch));
	return option_unread(kernel->fact.source, kernel->fact.why);
}

/* ---- terms ---- */

static option_reading judge_kconfig(option_context *context, const option_term *term)
{
	const hf_kconfig *config = hf_kconfig_get(context->run);
	const char *name = hf_text(context->run, "CONFIG_%s", term->name);
	const char *value;
	bool is_named = false;

	if (strcmp(term->wanted, "present") != 0)
		return option_value_judge(context->run, OPTION_KCONFIG, name, term->wanted,
					  term->is_list, context->row->wanted);
	/* K:LOCALVERSION? asks whether a configuration could be read, so this is always known */
	if (strcmp(term->name, "LOCALVERSION") == 0)
		return option_read(config->fact.source,
				   config->fact.state == HF_PRESENT ? "read" : "not read",
				   config->fact.state == HF_PRESENT);
	if (config->fact.state != HF_PRESENT)
		return option_unread(config->fact.source, config->fact.why);
	value = hf_kconfig_value(config, name, &is_named);
	return option_read(hf_text(context->run, "%s: %s", config->fact.source, name),
			   value ? value : (is_named ? "is not set" : "not there"), is_named);
}

static option_truth match_file(hf_check_run *run, const hf_file *file, const char *wanted,
			       const char **ret_found)
{
	const bool is_set = file->fact.state == HF_PRESENT;
	const char *text = is_set ? kernel_file_text(run, file) : NULL;
	const option_value value = {
		.kind = OPTION_SYSCTL,
		.is_set = is_set,
		.text = text,
		.list = text,
	};
	option_truth truth;

	*ret_found = text ? text : "absent";
	if (file->fact.state == HF_UNREADABLE ||
	    !option_item_match(wanted, &value, &(option_limit){0}, &truth))
		return OPTION_CANNOT_KNOW;
	return truth;
}

/* S:net.ipv6.conf.*.accept_ra!=2: of every key that matches. A folder that was not listed is among
 * them. */
static option_reading judge_sysctls(option_context *context, const option_term *term)
{
	const char *pattern = hf_text(context->run, "/proc/sys/%s", term->name);
	char path[sizeof "/proc/sys/" + OPTION_NAME_MAX];
	const hf_file *const *files;
	const char *found;
	size_t count;
	option_reading all;

	(void)snprintf(path, sizeof path, "%s", pattern);
	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	count = hf_files_matching(context->run, path, &files);
	if (count == 0)
		return option_unread(pattern, "no such file was read");
	all = option_read(pattern, hf_text(context->run, "%zu files", count), true);
	for (size_t i = 0; i < count && all.truth != OPTION_NO; i++) {
		option_truth truth = match_file(context->run, files[i], term->wanted, &found);

		if (truth == OPTION_NO)
			all = option_read(files[i]->fact.source, found, false);
		else if (truth == OPTION_CANNOT_KNOW)
			all = option_unread(files[i]->fact.source, files[i]->fact.why);
	}
	return all;
}

static option_reading judge_term(option_context *context, const option_term *term)
{
	switch (term->source) {
	case OPTION_TERM_K:
		return judge_kconfig(context, term);
	case OPTION_TERM_C:
		return option_value_judge(context->run, OPTION_CMDLINE, term->name, term->wanted,
					  term->is_list, context->row->wanted);
	case OPTION_TERM_S:
		if (strchr(term->name, '*'))
			return judge_sysctls(context, term);
		return option_value_judge(context->run, OPTION_SYSCTL,
					  *term->name ? term->name : context->row->name,
					  term->wanted, term->is_list, context->row->wanted);
	case OPTION_TERM_V:
		return option_version_judge(context->run, term->wanted);
	case OPTION_TERM_A:
		return option_arch_judge(context->run, term->name);
	case OPTION_TERM_HW:
		return option_hardware_judge(context->run, term->name);
	case OPTION_TERM_RT:
		break;
	}
	return option_runtime_judge(context->run, term);
}

option_truth option_term_decide(const option_term *term, void *data)
{
	option_context *context = data;
	option_reading reading = judge_term(context, term);

	if (context->reading_count < OPTION_READINGS_MAX)
		context->readings[context->reading_count++] = reading;
	return reading.truth;
}
