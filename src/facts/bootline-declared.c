/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fact: the boot parameters that the boot loader would use next.
 *
 * Which loader the firmware starts is not visible in files, so the first configuration in the order
 * of include/holdfast/kernel.h speaks, but for a running systemd-boot, which says its name in an
 * EFI variable. What could not be read ends the search: the configuration behind it may not be the
 * one that counts. */
#include "facts/boot-loader.h"
#include "facts/kernel-text.h"
#include "facts/store.h"

#define LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" /* systemd's boot loader interface */

static const char entries_folder[] = "/boot/loader/entries";

static const hf_bootline *unreadable(hf_facts *facts, const char *source, const char *why)
{
	const hf_fact fact = {.state = HF_UNREADABLE, .source = source, .why = why};
	const hf_bootline *line = hf_bootline_none(hf_facts_arena(facts), fact);

	if (!line)
		hf_facts_out_of_memory();
	return line;
}

static const hf_bootline *found(hf_facts *facts, const char *text, const char *source)
{
	hf_bootline *line;
	int r = hf_bootline_parse(hf_facts_arena(facts), text, strlen(text), &line);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		return unreadable(facts, source, "is longer than any kernel takes");
	line->fact = (hf_fact){.state = HF_PRESENT, .source = source};
	return line;
}

static const char *place(hf_facts *facts, const char *path, unsigned number)
{
	return hf_facts_checked(hf_arena_printf(hf_facts_arena(facts), "%s:%u", path, number));
}

static const char *path_of(hf_facts *facts, const char *folder, const char *name)
{
	return hf_facts_checked(hf_arena_printf(hf_facts_arena(facts), "%s/%s", folder, name));
}

/* ---- entries of the Boot Loader Specification ---- */

typedef struct entry_list {
	hf_boot_entry *all;
	size_t count;
	size_t room;
	const hf_fact *unread; /* a folder or file that could not be read */
} entry_list;

static void free_entries(entry_list *list)
{
	free(list->all);
}

static void add_entry(hf_facts *facts, entry_list *list, const hf_file *file)
{
	if (file->fact.state != HF_PRESENT) {
		list->unread = &file->fact;
		return;
	}
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 16;
		list->all =
			hf_facts_checked(reallocarray(list->all, list->room, sizeof *list->all));
	}
	if (hf_boot_entry_parse(hf_facts_arena(facts), file->fact.source, file->data, file->size,
				&list->all[list->count++]) < 0)
		hf_facts_out_of_memory();
}

static void add_folder(hf_facts *facts, entry_list *list, const char *folder)
{
	const hf_dir *dir = hf_facts_dir(facts, folder);

	if (dir->fact.state == HF_UNREADABLE)
		list->unread = &dir->fact;
	for (size_t i = 0; i < dir->count; i++) {
		if (hf_has_suffix(dir->names[i], ".conf"))
			add_entry(facts, list,
				  hf_facts_file(facts, path_of(facts, folder, dir->names[i])));
	}
}

/* ---- GRUB ---- */

/* False when it is there and could not be read. */
static bool grub_text(hf_facts *facts, const char *folder, const char *name, hf_grub_text *ret_text,
		      const hf_fact **ret_unread)
{
	const hf_file *file = hf_facts_file(facts, path_of(facts, folder, name));

	*ret_text = (hf_grub_text){.path = file->fact.source};
	if (file->fact.state == HF_PRESENT) {
		ret_text->text = file->data;
		ret_text->size = file->size;
	} else if (file->fact.state == HF_UNREADABLE) {
		*ret_unread = &file->fact;
		return false;
	}
	return true;
}

static const hf_bootline *from_grub_folder(hf_facts *facts, const char *folder)
{
	hf_cleanup(free_entries) entry_list entries = {0};
	hf_grub_input input = {0};
	const hf_fact *unread;
	hf_grub_choice choice;
	hf_error err;

	if (!grub_text(facts, folder, "grub.cfg", &input.config, &unread))
		return unreadable(facts, unread->source, unread->why);
	if (!input.config.text)
		return NULL;
	if (!grub_text(facts, folder, "grubenv", &input.environment, &unread) ||
	    !grub_text(facts, folder, "custom.cfg", &input.custom, &unread))
		return unreadable(facts, unread->source, unread->why);
	if (memmem(input.config.text, input.config.size, "blscfg", strlen("blscfg"))) {
		add_folder(facts, &entries, entries_folder);
		if (entries.unread)
			return unreadable(facts, entries.unread->source, entries.unread->why);
		if (entries.count > 0)
			qsort(entries.all, entries.count, sizeof *entries.all,
			      hf_boot_entry_by_name);
		input.entries = entries.all;
		input.entry_count = entries.count;
	}
	int r = hf_grub_choose(hf_facts_arena(facts), &input, &choice, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0)
		return unreadable(
			facts, input.config.path,
			hf_facts_checked(hf_arena_strdup(hf_facts_arena(facts), err.text)));
	return found(facts, choice.line, place(facts, choice.path, choice.number));
}

static const hf_bootline *from_grub(hf_facts *facts)
{
	const hf_bootline *line = from_grub_folder(facts, "/boot/grub2");

	return line ? line : from_grub_folder(facts, "/boot/grub");
}

/* ---- systemd-boot ---- */

static const char *const esps[] = {"/efi", "/boot/efi", "/boot"};

/* The file of an EFI variable of the boot loader interface. The folder's listing tells which are
 * set, so that only those need to be read. */
static hf_fact find_variable(hf_facts *facts, const char *name, const hf_file **ret_file)
{
	const hf_dir *dir = hf_facts_dir(facts, "/sys/firmware/efi/efivars");
	const char *whole = hf_facts_checked(
		hf_arena_printf(hf_facts_arena(facts), "%s-%s", name, LOADER_GUID));
	hf_fact fact = dir->fact;

	*ret_file = NULL;
	if (fact.state == HF_PRESENT && !hf_dir_has(dir, whole))
		fact.state = HF_ABSENT;
	if (fact.state != HF_PRESENT)
		return fact;
	*ret_file = hf_facts_file(facts, path_of(facts, dir->fact.source, whole));
	return (*ret_file)->fact;
}

/* Its text: 4 bytes of attributes, then UTF-16. NULL: not set, or not readable. */
static const char *loader_variable(hf_facts *facts, const char *name, hf_fact *ret_fact)
{
	const hf_file *file;

	*ret_fact = find_variable(facts, name, &file);
	if (ret_fact->state != HF_PRESENT || file->size < 6)
		return NULL;
	char *text = hf_facts_checked(hf_arena_alloc(hf_facts_arena(facts), file->size));
	size_t length = 0;

	for (size_t i = 4; i + 1 < file->size; i += 2) {
		if (file->data[i] == '\0' && file->data[i + 1] == '\0')
			break;
		text[length++] = file->data[i + 1] == '\0' ? file->data[i] : '?';
	}
	return text;
}

/* Or may have one: its folder could not be listed. */
static bool has_unified_image(hf_facts *facts, const char *esp)
{
	const hf_dir *dir = hf_facts_dir(facts, path_of(facts, esp, "EFI/Linux"));

	if (dir->fact.state == HF_UNREADABLE)
		return true;
	for (size_t i = 0; i < dir->count; i++) {
		if (hf_has_suffix(dir->names[i], ".efi"))
			return true;
	}
	return false;
}

static const hf_bootline *choose_entry(hf_facts *facts, const entry_list *entries,
				       const char *pattern, const char *pattern_source)
{
	const hf_boot_entry *entry = hf_loader_choose(entries->all, entries->count, pattern);

	for (size_t i = 0; !pattern && i < HF_ARRAY_SIZE(esps); i++) {
		if (has_unified_image(facts, esps[i]))
			return unreadable(
				facts, path_of(facts, esps[i], "EFI/Linux"),
				"a unified kernel image may come first, and holds its own line");
	}
	if (!entry)
		return unreadable(
			facts, pattern_source,
			"the default is no entry file: a unified kernel image, or the last one");
	if (!entry->options)
		return unreadable(facts, entry->path, "starts no Linux kernel");
	return found(facts, entry->options,
		     entry->options_number ? place(facts, entry->path, entry->options_number)
					   : entry->path);
}

/* loader.conf of the first EFI system partition that has one. False when one could not be read. */
static bool read_loader_conf(hf_facts *facts, const char **ret_path, const char **ret_pattern,
			     const hf_fact **ret_unread)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(esps); i++) {
		const hf_file *file =
			hf_facts_file(facts, path_of(facts, esps[i], "loader/loader.conf"));

		if (file->fact.state == HF_UNREADABLE) {
			*ret_unread = &file->fact;
			return false;
		}
		if (file->fact.state == HF_ABSENT)
			continue;
		if (hf_loader_conf_parse(hf_facts_arena(facts), file->data, file->size,
					 ret_pattern) < 0)
			hf_facts_out_of_memory();
		*ret_path = file->fact.source;
		return true;
	}
	return true;
}

static const hf_bootline *from_systemd_boot(hf_facts *facts)
{
	hf_cleanup(free_entries) entry_list entries = {0};
	const char *path = NULL, *pattern = NULL;
	const hf_fact *unread;

	if (!read_loader_conf(facts, &path, &pattern, &unread))
		return unreadable(facts, unread->source, unread->why);
	for (size_t i = 0; i < HF_ARRAY_SIZE(esps); i++)
		add_folder(facts, &entries, path_of(facts, esps[i], "loader/entries"));
	if (entries.unread)
		return unreadable(facts, entries.unread->source, entries.unread->why);
	if (!path && entries.count == 0)
		return NULL;
	if (entries.count > 0)
		qsort(entries.all, entries.count, sizeof *entries.all, hf_boot_entry_by_key);
	hf_fact variable;
	const char *set_by_user = loader_variable(facts, "LoaderEntryDefault", &variable);

	if (variable.state == HF_UNREADABLE)
		return unreadable(facts, variable.source, variable.why);
	return choose_entry(facts, &entries, set_by_user ? set_by_user : pattern,
			    path ? path : entries_folder);
}

/* ---- what the next entry would be made of ---- */

static const hf_bootline *from_kernel_install(hf_facts *facts)
{
	const hf_file *file = hf_facts_file(facts, "/etc/kernel/cmdline");

	if (file->fact.state == HF_ABSENT)
		return NULL;
	if (file->fact.state == HF_UNREADABLE)
		return unreadable(facts, file->fact.source, file->fact.why);
	return found(facts, file->data, place(facts, file->fact.source, 1));
}

/* NULL, or why the file at @path leaves it open. */
static const hf_bootline *add_default(hf_facts *facts, const char *path, hf_grub_default *values)
{
	const hf_file *file = hf_facts_file(facts, path);
	hf_error err;

	if (file->fact.state == HF_ABSENT)
		return NULL;
	if (file->fact.state == HF_UNREADABLE)
		return unreadable(facts, path, file->fact.why);
	int r = hf_grub_default_parse(hf_facts_arena(facts), path, file->data, file->size, values,
				      &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	return r == 0 ? NULL
		      : unreadable(
				facts, path,
				hf_facts_checked(hf_arena_strdup(hf_facts_arena(facts), err.text)));
}

static const hf_bootline *from_grub_default(hf_facts *facts)
{
	static const char folder[] = "/etc/default/grub.d";
	hf_arena *arena = hf_facts_arena(facts);
	hf_grub_default values = {0};
	const hf_bootline *open = add_default(facts, "/etc/default/grub", &values);
	const hf_dir *dir = hf_facts_dir(facts, folder);

	if (!open && dir->fact.state == HF_UNREADABLE)
		open = unreadable(facts, folder, dir->fact.why);
	for (size_t i = 0; !open && i < dir->count; i++) {
		if (hf_has_suffix(dir->names[i], ".cfg"))
			open = add_default(facts, path_of(facts, folder, dir->names[i]), &values);
	}
	if (open)
		return open;
	if (!values.line && !values.extra)
		return NULL;
	const char *line = hf_arena_printf(arena, "%s %s", values.line ? values.line : "",
					   values.extra ? values.extra : "");
	const char *source =
		values.line && values.extra
			? hf_arena_printf(arena, "%s, %s", values.line_source, values.extra_source)
			: (values.line ? values.line_source : values.extra_source);

	if (!line || !source)
		hf_facts_out_of_memory();
	return found(facts, line, source);
}

static const void *compute(hf_facts *facts, const char *key)
{
	typedef const hf_bootline *from(hf_facts * facts);
	static from *const order[] = {
		from_grub,
		from_systemd_boot,
		from_kernel_install,
		from_grub_default,
	};
	hf_fact variable;
	const char *running = loader_variable(facts, "LoaderInfo", &variable);
	const hf_bootline *line = NULL;

	if (running && hf_has_prefix(running, "systemd-boot"))
		line = from_systemd_boot(facts);
	for (size_t i = 0; !line && i < HF_ARRAY_SIZE(order); i++)
		line = order[i](facts);
	return line ? line
		    : unreadable(facts, key,
				 "no configuration of a boot loader that is understood is there");
}

static const hf_fact_type type = {.name = "declared bootline", .compute = compute};

const hf_bootline *hf_facts_bootline_declared(hf_facts *facts)
{
	return hf_facts_once(facts, &type, "/boot");
}

const hf_bootline *hf_bootline_declared(hf_check_run *run)
{
	return hf_facts_bootline_declared(hf_facts_of(run));
}
