/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files the checks are about. */
#include "judge.h"

#include <string.h>

/* systemd.unit(5), "Unit File Load Path" of the system manager. */
static const char *const unit_folders[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	"/etc/systemd/system",	       "/etc/systemd/system.attached",
	"/run/systemd/system",	       "/run/systemd/system.attached",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

static const char *const units[] = {"docker.service", "docker.socket", "containerd.service"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- units ---- */

const char *files_unit(hf_check_run *run, const char *name)
{
	const hf_unit *unit = hf_unit_get(run, name);

	if (unit->fact.state == HF_ABSENT) {
		hf_not_applicable(run, name, "does not exist", "there is no such unit");
		return NULL;
	}
	if (unit->is_masked) {
		hf_not_applicable(run, unit->fact.source, "masked", "nothing starts this unit");
		return NULL;
	}
	/* what is there counts, whatever can be read of it */
	if (unit->fact.state == HF_UNREADABLE && *unit->fact.source != '/') {
		hf_unknown(run, unit->fact.source, unit->fact.why);
		return NULL;
	}
	return unit->fact.source;
}

/* "-/etc/default/docker": what must not exist. A pattern, or a specifier, is not followed. */
static void visit_environment(files_tally *tally, const char *unit, files_visit *visit,
			      const void *data)
{
	const hf_unit_setting *files =
		hf_unit_setting_get(tally->run, unit, "Service.EnvironmentFile");
	const char *cursor = files->fact.state == HF_PRESENT ? files->value : NULL, *item;

	if (files->fact.state == HF_UNREADABLE)
		files_count(tally, files->fact.source, files->fact.why, true);
	while (files_next(tally->run, &cursor, &item)) {
		item += *item == '-';
		if (strpbrk(item, "*?[%"))
			files_count(tally, files->fact.source,
				    hf_text(tally->run, "EnvironmentFile=%s is not followed", item),
				    true);
		else
			visit(tally, item, data);
	}
}

/* The first word of each ExecStart=, without the signs of systemd.service(5) before it. */
static void visit_programs(files_tally *tally, const char *unit, files_visit *visit,
			   const void *data)
{
	const hf_unit_setting *programs =
		hf_unit_setting_get(tally->run, unit, "Service.ExecStart");
	const char *cursor = programs->fact.state == HF_PRESENT ? programs->value : NULL, *item;

	while (files_next(tally->run, &cursor, &item)) {
		item += strspn(item, "@-:+!|");
		const char *path =
			hf_text(tally->run, "%.*s", (int)strcspn(item, " \t\"'\\"), item);

		if (*path == '/' && !strchr(path, '%'))
			visit(tally, path, data);
		else
			files_count(tally, programs->fact.source,
				    hf_text(tally->run, "which program %s starts is not followed",
					    unit),
				    true);
	}
}

static void visit_folders(files_tally *tally, files_visit *visit, const void *data)
{
	static const char *const names[] = {"docker.service.d", "docker.socket.d",
					    "containerd.service.d"};

	for (size_t i = 0; i < COUNT(unit_folders) * COUNT(names); i++) {
		const char *path = hf_text(tally->run, "%s/%s", unit_folders[i / COUNT(names)],
					   names[i % COUNT(names)]);
		const hf_dir *dir = hf_dir_get(tally->run, path);

		if (dir->fact.state == HF_PRESENT)
			visit(tally, path, data);
		else if (dir->fact.state == HF_UNREADABLE)
			files_count(tally, path, dir->fact.why, true);
	}
}

void files_each_drop_in(files_tally *tally, files_visit *visit, const void *data)
{
	for (size_t i = 0; i < COUNT(units); i++) {
		const hf_unit *unit = hf_unit_get(tally->run, units[i]);

		if (unit->fact.state == HF_UNREADABLE)
			files_count(tally, unit->fact.source, unit->fact.why, true);
		if (unit->fact.state != HF_PRESENT || unit->is_masked)
			continue;
		for (size_t k = 1; k < unit->count; k++)
			visit(tally, unit->files[k]->fact.source, data);
		visit_environment(tally, units[i], visit, data);
		visit_programs(tally, units[i], visit, data);
	}
	visit_folders(tally, visit, data);
}

/* ---- folders ---- */

/* False: there is nothing of it. */
static bool visit_tree(files_tally *tally, const char *folder, unsigned depth, files_visit *visit,
		       const void *data)
{
	const hf_dir *dir = hf_dir_get(tally->run, folder);

	if (dir->fact.state == HF_UNREADABLE)
		files_count(tally, folder, dir->fact.why, true);
	if (dir->fact.state != HF_PRESENT)
		return dir->fact.state != HF_ABSENT;
	visit(tally, folder, data);
	for (size_t i = 0; i < dir->count; i++) {
		const char *path = hf_text(tally->run, "%s/%s", folder, dir->names[i]);
		const hf_file_way *way = hf_way_get(tally->run, path);

		if (depth > 1 && way->end && way->end->type == HF_FILE_DIRECTORY)
			(void)visit_tree(tally, path, depth - 1, visit, data);
		else
			visit(tally, path, data);
	}
	return true;
}

static void note_absent(files_tally *tally, const char *path)
{
	(void)files_find(tally, path);
}

void files_each_certificate(files_tally *tally, files_visit *visit, const void *data)
{
	static const char *const usual[] = {"/etc/docker/certs.d", "/etc/containerd/certs.d"};
	const hf_containerd *containerd = hf_containerd_get(tally->run);

	for (size_t i = 0; i < COUNT(usual); i++) {
		if (!visit_tree(tally, usual[i], 2, visit, data))
			note_absent(tally, usual[i]);
	}
	for (size_t i = 0; i < containerd->count; i++) {
		const char *path = containerd->all[i].path;

		if (containerd->all[i].kind != HF_CONTAINERD_CERTS || strcmp(path, usual[0]) == 0 ||
		    strcmp(path, usual[1]) == 0)
			continue;
		if (files_ends_with(path, "/certs.d"))
			(void)visit_tree(tally, path, 2, visit, data);
		else
			files_count(tally, path,
				    "a folder of certificates that was not looked into", true);
	}
	if (containerd->fact.state == HF_UNREADABLE)
		files_count(tally, containerd->fact.source, containerd->fact.why, true);
}

void files_each_plugin(files_tally *tally, files_visit *visit, const void *data)
{
	static const char *const folders[] = {"/run/docker/plugins", "/etc/docker/plugins",
					      "/usr/lib/docker/plugins", "/etc/cdi", "/run/cdi"};

	for (size_t i = 0; i < COUNT(folders); i++) {
		if (!visit_tree(tally, folders[i], 2, visit, data))
			note_absent(tally, folders[i]);
	}
}

/* ---- containerd ---- */

void files_each_containerd_config(files_tally *tally, files_visit *visit, const void *data)
{
	const hf_containerd *containerd = hf_containerd_get(tally->run);

	for (size_t i = 0; i < containerd->count; i++) {
		const hf_containerd_file *file = &containerd->all[i];
		const char *slash = strrchr(file->path, '/');

		if (file->kind == HF_CONTAINERD_CONFIG || file->kind == HF_CONTAINERD_CERTS)
			visit(tally, file->path, data);
		/* who can add to the folder of a pattern adds to the configuration */
		if (file->kind == HF_CONTAINERD_IMPORT && strpbrk(file->path, "*?[")) {
			const char *folder =
				hf_text(tally->run, "%.*s", (int)(slash - file->path), file->path);

			if (strpbrk(folder, "*?["))
				files_count(tally, file->path,
					    "a pattern of folders is not followed", true);
			else
				visit(tally, folder, data);
		}
	}
	if (containerd->fact.state == HF_UNREADABLE)
		files_count(tally, containerd->fact.source, containerd->fact.why, true);
}

static bool is_containerd(const hf_process *process)
{
	static const char deleted[] = "containerd (deleted)";

	return process->exe && !process->is_container &&
	       (strcmp(files_base_name(process->exe), "containerd") == 0 ||
		strcmp(files_base_name(process->exe), deleted) == 0);
}

/* In a network namespace anybody can connect to an abstract socket: unix(7). */
static void visit_socket(files_tally *tally, const char *path, files_visit *visit, const void *data)
{
	if (*path == '/')
		visit(tally, path, data);
	else if (*path == '@')
		files_count(tally, path, "an abstract socket, which has no owner and no mode",
			    false);
	else
		files_count(tally, path, "bound by a relative name: where it lies is not known",
			    true);
}

static void visit_listeners(files_tally *tally, const hf_unix_listeners *listeners,
			    const char *prefix, files_visit *visit, const void *data)
{
	if (listeners->fact.state == HF_UNREADABLE)
		files_count(tally, listeners->fact.source, listeners->fact.why, true);
	for (size_t i = 0; i < listeners->count; i++) {
		if (strncmp(listeners->paths[i], prefix, strlen(prefix)) == 0)
			visit_socket(tally, listeners->paths[i], visit, data);
	}
}

bool files_each_containerd_socket(files_tally *tally, files_visit *visit, const void *data)
{
	const hf_processes *processes = hf_processes_get(tally->run);
	size_t found = 0;

	for (size_t i = 0; i < processes->count; i++) {
		const hf_process *process = &processes->all[i];

		if (!is_containerd(process))
			continue;
		found++;
		visit_listeners(tally, hf_unix_listeners_get(tally->run, process->pid), "", visit,
				data);
	}
	if (processes->fact.state != HF_PRESENT) {
		hf_unknown(tally->run, processes->fact.source, processes->fact.why);
	} else if (processes->gap) {
		hf_unknown(tally->run, processes->fact.source, processes->gap);
	} else if (found == 0) {
		hf_not_applicable(tally->run, processes->fact.source, "no containerd",
				  "no containerd runs on this node");
		return false;
	}
	if (found == 0)
		return false;
	/* a shim's, wherever its containerd keeps its state: pkg/shim of containerd */
	visit_listeners(tally, hf_all_unix_listeners(tally->run), "/run/containerd/s/", visit,
			data);
	return true;
}

/* ---- a daemon's ---- */

bool files_each_docker_socket(files_tally *tally, files_visit *visit, const void *data)
{
	const hf_unix_listeners *sockets = hf_daemon_sockets(tally->run);

	if (sockets->fact.state == HF_ABSENT) {
		hf_not_applicable(tally->run, sockets->fact.source, sockets->fact.why,
				  "the engine has no UNIX socket");
		return false;
	}
	visit_listeners(tally, sockets, "", visit, data);
	return true;
}

/* "100000.100000", where an engine with user namespaces keeps all. */
static bool is_remapped_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && name[digits] == '.' && name[digits + 1] != '\0' &&
	       strspn(name + digits + 1, "0123456789") == strlen(name + digits + 1);
}

/* The data root; with user namespaces that above it, or those in it. */
void files_each_data_folder(files_tally *tally, files_visit *visit, const void *data)
{
	const hf_option *root = hf_daemon_option(tally->run, "data-root");

	if (root->fact.state != HF_PRESENT || !root->value || *root->value != '/') {
		files_count(tally, root->fact.source,
			    root->fact.why ? root->fact.why : "the data root is not known", true);
		return;
	}
	const hf_dir *dir = hf_dir_get(tally->run, root->value);

	visit(tally, root->value, data);
	if (is_remapped_name(files_base_name(root->value)))
		visit(tally,
		      hf_text(tally->run, "%.*s", (int)(strrchr(root->value, '/') - root->value),
			      root->value),
		      data);
	for (size_t i = 0; dir->fact.state == HF_PRESENT && i < dir->count; i++) {
		if (is_remapped_name(dir->names[i]))
			visit(tally, hf_text(tally->run, "%s/%s", root->value, dir->names[i]),
			      data);
	}
}

/* ---- TLS ---- */

bool files_has_tls(hf_check_run *run, const char **ret_source, const char **ret_why,
		   bool *ret_known)
{
	const hf_option *tls = hf_daemon_option(run, "tls");

	*ret_source = tls->fact.source;
	*ret_known = tls->fact.state == HF_PRESENT && tls->value;
	*ret_why = *ret_known ? "tls is false" : tls->fact.why ? tls->fact.why : "not known";
	return *ret_known && strcmp(tls->value, "true") == 0;
}

/* Where the daemon's user keeps a client's, too: cli/config of the engine. */
const char *files_tls_path(hf_check_run *run, const char *option, const char *name)
{
	const hf_daemon *daemon = hf_daemon_get(run);
	const hf_option *file = hf_daemon_option(run, option);
	const hf_option *folder = hf_daemon_environment(run, "DOCKER_CERT_PATH");

	if (file->fact.state == HF_PRESENT && file->value && *file->value)
		return file->value;
	if (file->is_declared)
		return file->declared && *file->declared ? file->declared : NULL;
	if (folder->fact.state == HF_PRESENT && folder->value && *folder->value)
		return hf_text(run, "%s/%s", folder->value, name);
	if (folder->fact.state == HF_UNREADABLE || !daemon || daemon->is_rootless)
		return "";
	return hf_text(run, "/root/.docker/%s", name);
}

const char *files_tls(hf_check_run *run, const char *option, const char *name)
{
	const char *source, *why, *path;
	bool is_known;

	if (!files_has_tls(run, &source, &why, &is_known)) {
		if (is_known)
			hf_not_applicable(run, source, why, "TLS is not configured for the engine");
		else
			hf_unknown(run, source, why);
		return NULL;
	}
	path = files_tls_path(run, option, name);
	if (!path)
		hf_not_applicable(run, hf_text(run, "option %s", option), "empty",
				  "the engine is told to use no such file");
	else if (*path != '/')
		hf_unknown(run, hf_text(run, "option %s", option),
			   *path ? hf_text(run, "%s is a relative path", path)
				 : "where the file lies is not known");
	return path && *path == '/' ? path : NULL;
}
