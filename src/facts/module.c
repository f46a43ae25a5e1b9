/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: whether a module is in the kernel, could get there, or is kept out. */
#include "facts/conf-files.h"
#include "facts/kernel-text.h"
#include "facts/store.h"

#include <fnmatch.h>

/* A list of modules and where it comes from; the names count only when the fact is present. */
typedef struct module_list {
	hf_fact fact;
	hf_module_names names;
} module_list;

typedef int parse_fn(hf_arena *arena, const char *text, size_t size, hf_module_names *ret_names);

static bool has(const module_list *list, const char *name)
{
	return list->fact.state == HF_PRESENT && hf_module_names_have(&list->names, name);
}

static void read_list(hf_facts *facts, const hf_file *file, parse_fn *parse, module_list *list)
{
	list->fact = file->fact;
	if (file->fact.state != HF_PRESENT)
		return;
	int r = parse(hf_facts_arena(facts), file->data, file->size, &list->names);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = "names more modules than any kernel has";
	}
}

/* ---- the lists ---- */

static const void *compute_loaded(hf_facts *facts, const char *path)
{
	module_list *list = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));

	read_list(facts, hf_facts_file(facts, path), hf_proc_modules_parse, list);
	/* an empty /proc lacks the file, too */
	if (list->fact.state == HF_ABSENT &&
	    !hf_dir_has(hf_facts_dir(facts, "/proc"), "filesystems")) {
		list->fact.state = HF_UNREADABLE;
		list->fact.why = "there is no /proc to look into";
	}
	return list;
}

/* A file of the running release's folder, which is below /lib where /usr is not merged. */
static const hf_file *release_file(hf_facts *facts, const char *release, const char *name)
{
	hf_arena *arena = hf_facts_arena(facts);
	const hf_file *merged = hf_facts_file(
		facts,
		hf_facts_checked(hf_arena_printf(arena, "/usr/lib/modules/%s/%s", release, name)));

	if (merged->fact.state == HF_PRESENT)
		return merged;
	const hf_file *split = hf_facts_file(
		facts,
		hf_facts_checked(hf_arena_printf(arena, "/lib/modules/%s/%s", release, name)));

	return split->fact.state == HF_PRESENT || merged->fact.state == HF_ABSENT ? split : merged;
}

static void read_release_list(hf_facts *facts, const char *name, parse_fn *parse, module_list *list)
{
	const hf_kernel *kernel = hf_facts_kernel(facts);

	if (kernel->fact.state == HF_PRESENT)
		read_list(facts, release_file(facts, kernel->release, name), parse, list);
	else
		list->fact = kernel->fact;
}

static const void *compute_on_disk(hf_facts *facts, const char *name)
{
	module_list *list = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));

	read_release_list(facts, name, hf_module_paths_parse, list);
	return list;
}

static const void *compute_builtin(hf_facts *facts, const char *name)
{
	module_list *list = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), sizeof *list));
	module_list other = {.fact = {.state = HF_ABSENT}};

	read_release_list(facts, name, hf_module_paths_parse, list);
	if (list->fact.state == HF_PRESENT)
		return list;
	read_release_list(facts, "modules.builtin.modinfo", hf_module_modinfo_parse, &other);
	if (other.fact.state == HF_PRESENT)
		*list = other;
	return list;
}

static const module_list *loaded_list(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "loaded modules", .compute = compute_loaded};

	return hf_facts_once(facts, &type, "/proc/modules");
}

static const module_list *disk_list(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "modules on disk", .compute = compute_on_disk};

	return hf_facts_once(facts, &type, "modules.dep");
}

static const module_list *builtin_list(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "built-in modules", .compute = compute_builtin};

	return hf_facts_once(facts, &type, "modules.builtin");
}

/* ---- modprobe.d ---- */

typedef struct sourced_line {
	const hf_modprobe_line *line;
	const char *path;
	size_t file;
} sourced_line;

typedef struct modprobe_config {
	hf_fact fact; /* unreadable: a folder, or a file .gap, could not be read */
	const sourced_line *all;
	size_t count;
	size_t gap; /* the first such file, or past all */
} modprobe_config;

typedef struct config_reading {
	sourced_line *all;
	size_t count;
	size_t room;
} config_reading;

static void free_config_reading(config_reading *r)
{
	free(r->all);
}

static void add_lines(config_reading *r, const hf_modprobe_lines *lines, const char *path,
		      size_t file)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (r->count == r->room) {
			r->room = r->room ? r->room * 2 : 64;
			r->all = hf_facts_checked(reallocarray(r->all, r->room, sizeof *r->all));
		}
		r->all[r->count++] = (sourced_line){&lines->all[i], path, file};
	}
}

static void note_config_gap(modprobe_config *config, const char *path, const char *why, size_t file)
{
	if (config->fact.state == HF_UNREADABLE)
		return;
	config->fact = (hf_fact){.state = HF_UNREADABLE, .source = path, .why = why};
	config->gap = file;
}

static const void *compute_config(hf_facts *facts, const char *key)
{
	static const char *const folders[] = {
		"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
		"/usr/lib/modprobe.d", "/lib/modprobe.d", NULL,
	};
	static const char *const suffixes[] = {".conf", ".alias", NULL};
	hf_arena *arena = hf_facts_arena(facts);
	modprobe_config *config = hf_facts_checked(hf_arena_alloc(arena, sizeof *config));
	const hf_conf_files *files = hf_conf_files_new(facts, folders, suffixes);
	hf_cleanup(free_config_reading) config_reading r = {0};

	(void)key;
	config->fact = files->fact;
	config->gap = config->fact.state == HF_PRESENT ? SIZE_MAX : 0;
	for (size_t i = 0; i < files->count; i++) {
		const hf_conf_file *conf = &files->all[i];
		hf_modprobe_lines lines = {0};

		if (conf->masked_by || conf->is_void)
			continue;
		if (conf->file->fact.state != HF_PRESENT) {
			note_config_gap(config, conf->path, conf->file->fact.why, i);
			continue;
		}
		int error = hf_modprobe_d_parse(arena, conf->file->data, conf->file->size, &lines);

		if (error == -ENOMEM)
			hf_facts_out_of_memory();
		if (error < 0 || lines.count > HF_CONF_MAX_LINES - r.count)
			note_config_gap(config, conf->path, "more lines than are read", i);
		else
			add_lines(&r, &lines, conf->path, i);
	}
	sourced_line *all = hf_facts_checked(hf_arena_calloc(arena, r.count + 1, sizeof *all));

	if (r.count > 0)
		memcpy(all, r.all, r.count * sizeof *all);
	config->all = all;
	config->count = r.count;
	return config;
}

static const modprobe_config *modprobe_config_of(hf_facts *facts)
{
	static const hf_fact_type type = {.name = "modprobe.d", .compute = compute_config};

	return hf_facts_once(facts, &type, "");
}

/* The first install line for @name: kmod takes that one. The names of the lines are patterns. */
static const sourced_line *find_install(const modprobe_config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++) {
		const hf_modprobe_line *line = config->all[i].line;

		if (line->word == HF_MODPROBE_INSTALL && fnmatch(line->name, name, 0) == 0)
			return &config->all[i];
	}
	return NULL;
}

static bool is_known(hf_facts *facts, const char *name)
{
	return has(loaded_list(facts), name) || has(builtin_list(facts), name) ||
	       has(disk_list(facts), name);
}

/* A name that is no module may be an alias that modprobe.d gives one. What modules.alias says of
 * hardware is not looked at: nobody asks about modules by these names. */
static const char *resolve(hf_facts *facts, const char *name)
{
	const modprobe_config *config = modprobe_config_of(facts);

	if (is_known(facts, name))
		return name;
	for (size_t i = 0; i < config->count; i++) {
		const hf_modprobe_line *line = config->all[i].line;

		if (line->word == HF_MODPROBE_ALIAS && strcmp(line->name, name) == 0 &&
		    is_known(facts, line->argument))
			return line->argument;
	}
	return name;
}

/* ---- what keeps a module out ---- */

static void decide(hf_module *module, hf_module_state state, const char *source)
{
	module->state = state;
	module->fact = (hf_fact){.state = HF_PRESENT, .source = source};
}

static void leave_open(hf_module *module, const char *source, const char *why)
{
	module->state = HF_MODULE_UNKNOWN;
	module->fact = (hf_fact){.state = HF_UNREADABLE, .source = source, .why = why};
}

static void deny(hf_module *module, const char *source, const char *by)
{
	decide(module, HF_MODULE_DENIED, source);
	module->denied_by = by;
}

/* kstrtobool() of the kernel, where a bare word is true. */
static bool is_true(const char *value)
{
	return *value == '\0' || strchr("yYtT1", *value) || strncasecmp(value, "on", 2) == 0;
}

/* blacklisted() in kernel/module/main.c compares exactly: here '-' is not '_', and
 * module_blacklist=a-b denies nothing. */
static bool is_blacklisted(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (*list) {
		size_t item = strcspn(list, ",");

		if (item == length && memcmp(list, name, length) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

/* True when the kernel itself refuses. */
static bool kernel_denies(hf_facts *facts, hf_module *module, const char *name, hf_fact *ret_open)
{
	const hf_sysctl *disabled = hf_facts_sysctl(facts, "kernel.modules_disabled");
	const hf_bootline *line = hf_facts_bootline(facts);
	const char *value = NULL;

	if (line->fact.state == HF_PRESENT) {
		value = hf_bootline_value(line, "nomodule");
		if (value && is_true(value)) {
			deny(module, line->fact.source, "nomodule");
			return true;
		}
		value = hf_bootline_value(line, "module_blacklist");
		if (value && is_blacklisted(value, name)) {
			deny(module, line->fact.source, "module_blacklist");
			return true;
		}
	}
	if (disabled->fact.state == HF_PRESENT && disabled->is_number && disabled->number == 1) {
		deny(module, disabled->fact.source, "kernel.modules_disabled");
		return true;
	}
	if (line->fact.state != HF_PRESENT)
		*ret_open = line->fact;
	else if (disabled->fact.state == HF_UNREADABLE)
		*ret_open = disabled->fact;
	return false;
}

static void judge_on_disk(hf_facts *facts, hf_module *module, const char *name)
{
	hf_arena *arena = hf_facts_arena(facts);
	const modprobe_config *config = modprobe_config_of(facts);
	const sourced_line *install = find_install(config, name);
	hf_fact open = {.state = HF_PRESENT};

	if (kernel_denies(facts, module, name, &open))
		return;
	if (config->fact.state != HF_PRESENT && (!install || install->file > config->gap)) {
		leave_open(module, config->fact.source, config->fact.why);
		return;
	}
	const char *source =
		!install ? NULL
			 : hf_facts_checked(hf_arena_printf(arena, "%s:%u", install->path,
							    install->line->number));
	hf_install_effect effect =
		install ? hf_install_effect_of(install->line->argument) : HF_INSTALL_LOADS;

	switch (effect) {
	case HF_INSTALL_DENIES:
		deny(module, source, source);
		break;
	case HF_INSTALL_UNCLEAR:
		leave_open(module, source,
			   hf_facts_checked(hf_arena_printf(
				   arena,
				   "what it does is not known without running it: install %s %s",
				   install->line->name, install->line->argument)));
		break;
	case HF_INSTALL_LOADS:
		if (open.state != HF_PRESENT)
			leave_open(module, open.source, open.why);
		else
			decide(module, HF_MODULE_LOADABLE, disk_list(facts)->fact.source);
		break;
	}
}

/* Neither loaded nor on disk. */
static void judge_missing(hf_facts *facts, hf_module *module)
{
	const module_list *builtin = builtin_list(facts);
	const module_list *disk = disk_list(facts);

	if (builtin->fact.state != HF_PRESENT)
		leave_open(module, builtin->fact.source,
			   hf_facts_checked(
				   hf_arena_printf(hf_facts_arena(facts),
						   "%s: whether it is built in cannot be told",
						   builtin->fact.why)));
	else if (module->is_supported && disk->fact.state == HF_UNREADABLE)
		leave_open(module, disk->fact.source, disk->fact.why);
	else
		decide(module, HF_MODULE_MISSING,
		       module->is_supported ? disk->fact.source : loaded_list(facts)->fact.source);
}

static const void *compute(hf_facts *facts, const char *key)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_module *module = hf_facts_checked(hf_arena_alloc(arena, sizeof *module));
	const char *name = resolve(
		facts, hf_module_underscores(hf_facts_checked(hf_arena_strdup(arena, key))));
	const module_list *loaded = loaded_list(facts);
	const hf_dir *in_kernel = hf_facts_dir(facts, "/sys/module");

	module->is_supported = loaded->fact.state != HF_ABSENT;
	if (has(loaded, name))
		decide(module, HF_MODULE_LOADED, loaded->fact.source);
	else if (has(builtin_list(facts), name))
		decide(module, HF_MODULE_BUILTIN, builtin_list(facts)->fact.source);
	else if (loaded->fact.state == HF_UNREADABLE)
		leave_open(module, loaded->fact.source, loaded->fact.why);
	else if (in_kernel->fact.state == HF_PRESENT && hf_dir_has(in_kernel, name))
		decide(module, HF_MODULE_BUILTIN,
		       in_kernel->fact.source); /* there and not loaded */
	else if (module->is_supported && has(disk_list(facts), name))
		judge_on_disk(facts, module, name);
	else
		judge_missing(facts, module);
	return module;
}

static const hf_fact_type type = {.name = "module", .compute = compute};

const hf_module *hf_facts_module(hf_facts *facts, const char *name)
{
	return hf_facts_once(facts, &type, name);
}

const hf_module *hf_module_get(hf_check_run *run, const char *name)
{
	return hf_facts_module(hf_facts_of(run), name);
}
