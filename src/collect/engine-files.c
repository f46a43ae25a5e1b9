/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that container engines are made of: configuration, units and their drop-ins,
 * environment files, plugins, programs, and whatever the configuration names. */
#include "collect/engine.h"

#include <stdio.h>

enum { LINKS_MAX = 8, PATH_ROOM = 4096 };

/* systemd.unit(5), "Unit File Load Path", system manager; highest precedence first. */
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

/* Drop-ins for a single unit and for every unit of its type. */
static const char *const drop_ins[] = {
	"docker.service.d", "docker.socket.d", "containerd.service.d", "service.d", "socket.d",
};

/* Debian and openrc, Fedora and SUSE; the units name their own besides. */
static const char *const environment_files[] = {
	"/etc/default/docker",
	"/etc/sysconfig/docker",
	"/etc/conf.d/docker",
};

static const char *const plugin_folders[] = {
	"/run/docker/plugins",
	"/etc/docker/plugins",
	"/usr/lib/docker/plugins",
};

static const char *const programs[] = {
	"dockerd",	   "containerd",	      "runc",			 "docker-init",
	"docker-proxy",	   "containerd-shim",	      "containerd-shim-runc-v1", "containerd-shim-runc-v2",
};

static const char *const program_folders[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

/* ---- asking ---- */

/* Be it that it could not be read: a unit that is masked is a link to a device. */
static bool is_there(const hf_answer *answer)
{
	return answer->error != ENOENT && answer->error != ENOTDIR;
}

/* Sends "file:" with its secrets taken out. *ret_read is what was read, valid until the next call on @reader. */
static int ask_file(hf_reader *reader, const char *path, hf_answer *ret_read)
{
	hf_cleanup(hf_freep) char *clean = NULL;
	size_t size = 0;
	int error = hf_reader_peek(reader, HF_ASK_FILE, path, ret_read);
	hf_answer answer = *ret_read;

	if (!error && hf_redact(answer.data, answer.size, &clean, &size) < 0)
		return -ENOMEM;
	if (clean) {
		answer.data = clean;
		answer.size = size;
	}
	int r = hf_reader_send(reader, &answer);

	if (r < 0 || (error != ENOENT && error != ENOTDIR))
		return r;
	char parent[PATH_ROOM];
	const char *slash = strrchr(path, '/');
	size_t length = slash == path ? 1 : (size_t)(slash - path);

	/* the folder's own listing bears witness that it is not there */
	if (length >= sizeof parent)
		return 0;
	memcpy(parent, path, length);
	parent[length] = '\0';
	return hf_reader_dir(reader, parent);
}

static int ask_parents(hf_reader *reader, const char *path)
{
	char request[PATH_ROOM + sizeof "parents:"];

	if (snprintf(request, sizeof request, "parents:%s", path) >= (int)sizeof request)
		return 0;
	return hf_reader_request(reader, request);
}

/* What a link's text means, seen from the link's own folder. */
static bool resolve(const char *path, const char *target, char *next, size_t size)
{
	int folder = *target == '/' ? 0 : (int)(strrchr(path, '/') - path + 1);
	int n = snprintf(next, size, "%.*s%s", folder, path, target);

	return n > 0 && (size_t)n < size && *next == '/';
}

/* Owner and mode of @path and of every folder above, and of what it is a link to. */
static int ask_chain(hf_reader *reader, const char *path)
{
	char at[PATH_ROOM], next[PATH_ROOM];
	hf_answer link;
	int r = 0;

	if (strlen(path) >= sizeof at)
		return 0;
	strcpy(at, path);
	/* where it is: rules of auditing may name it by another of its names */
	r = hf_reader_links(reader, path);
	for (unsigned step = 0; r >= 0 && step < LINKS_MAX; step++) {
		r = ask_parents(reader, at);
		if (r >= 0)
			r = hf_reader_link(reader, at);
		if (r < 0 || hf_reader_peek(reader, HF_ASK_LINK, at, &link) != 0 ||
		    !resolve(at, link.data, next, sizeof next))
			break;
		strcpy(at, next);
	}
	return r;
}

static int ask_chain_in(hf_reader *reader, const char *folder, const char *name)
{
	char path[PATH_ROOM];

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return 0;
	return ask_chain(reader, path);
}

/* A bare name in every folder of the usual PATH. Most are not there, and that proves nothing: so no
 * folder of programs is listed for it. In folders of the daemon's own PATH it matters that it is not
 * there: they come before. */
static int ask_program(hf_reader *reader, const hf_engine_config *config, const char *name)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(program_folders); i++) {
		char path[PATH_ROOM];
		hf_answer answer;

		if (snprintf(path, sizeof path, "%s/%s", program_folders[i], name) >=
		    (int)sizeof path)
			continue;
		if (hf_reader_peek(reader, HF_ASK_STAT, path, &answer) == ENOENT)
			r = hf_reader_send(reader, &answer);
		else
			r = ask_chain(reader, path);
	}
	for (size_t i = 0; r >= 0 && i < config->folders.count; i++)
		r = ask_chain_in(reader, config->folders.items[i], name);
	return r;
}

/* ---- folders ---- */

/* A copy of the names in @path, each followed by a NUL; NULL when it cannot be listed. */
static char *names_in(hf_reader *reader, const char *path, size_t *ret_size)
{
	hf_answer listing;

	*ret_size = 0;
	if (hf_reader_peek(reader, HF_ASK_DIR, path, &listing) != 0)
		return NULL;
	char *names = malloc(listing.size + 1);

	if (names) {
		memcpy(names, listing.data, listing.size + 1);
		*ret_size = listing.size;
	}
	return names;
}

int hf_engine_ask_json(hf_reader *reader, hf_engine_config *config, const char *path)
{
	hf_answer answer;
	hf_cleanup(json_decrefp) json_t *json = NULL;
	int r = ask_file(reader, path, &answer);

	if (r < 0 || answer.error)
		return r;
	json = json_loadb(answer.data, answer.size, 0, NULL);
	return json ? hf_engine_config_add_json(config, json) : 0;
}

static int ask_environment_file(hf_reader *reader, hf_engine_config *config, const char *path)
{
	hf_answer answer;
	int r = ask_file(reader, path, &answer);

	if (r >= 0 && is_there(&answer))
		r = hf_engine_add_name(&config->ways, path);
	if (r < 0 || answer.error)
		return r;
	r = hf_engine_config_add_flags(config, answer.data, answer.size);
	return r < 0 ? r : hf_engine_config_add_path(config, answer.data, answer.size);
}

/* EnvironmentFile=[-]/path of a unit; patterns and specifiers are left to those who merge units. */
static int ask_environment_files(hf_reader *reader, hf_engine_config *config, const char *text,
				 size_t size)
{
	static const char key[] = "EnvironmentFile=";
	const char *cursor = text, *line;
	size_t length;
	int r = 0;

	while (r >= 0 && hf_next_line(&cursor, text + size, &line, &length)) {
		char path[PATH_ROOM];

		if (length <= strlen(key) || length - strlen(key) >= sizeof path ||
		    memcmp(line, key, strlen(key)) != 0)
			continue;
		memcpy(path, line + strlen(key), length - strlen(key));
		path[length - strlen(key)] = '\0';
		const char *start = hf_strip(path);

		start += *start == '-';
		if (*start == '/' && !strpbrk(start, "*?[%"))
			r = ask_environment_file(reader, config, start);
	}
	return r;
}

static int ask_unit(hf_reader *reader, hf_engine_config *config, const char *path)
{
	hf_answer answer;
	int r = ask_file(reader, path, &answer);

	if (r >= 0 && is_there(&answer))
		r = hf_engine_add_name(&config->ways, path);
	if (r < 0 || answer.error)
		return r;
	hf_cleanup(hf_freep) char *text = malloc(answer.size + 1);
	size_t size = answer.size;

	if (!text)
		return -ENOMEM;
	memcpy(text, answer.data, size + 1);
	r = strstr(path, "/containerd.service")
		    ? hf_engine_config_add_containerd(config, text, size)
		    : hf_engine_config_add_flags(config, text, size);
	if (r >= 0)
		r = hf_engine_config_add_unit(config, text, size);
	if (r >= 0)
		r = hf_engine_config_add_path(config, text, size);
	return r < 0 ? r : ask_environment_files(reader, config, text, size);
}

static int ask_drop_ins(hf_reader *reader, hf_engine_config *config, const char *folder)
{
	int r = hf_reader_dir(reader, folder);
	size_t size = 0;
	hf_cleanup(hf_freep) char *names = r < 0 ? NULL : names_in(reader, folder, &size);

	if (names)
		r = hf_engine_add_name(&config->ways, folder);
	for (const char *name = names; r >= 0 && name && name < names + size;
	     name += strlen(name) + 1) {
		char path[PATH_ROOM];

		if (hf_has_suffix(name, ".conf") &&
		    snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path)
			r = ask_unit(reader, config, path);
	}
	return r;
}

static int ask_units(hf_reader *reader, hf_engine_config *config)
{
	char path[PATH_ROOM];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(unit_folders); i++) {
		for (size_t k = 0; r >= 0 && k < HF_ARRAY_SIZE(units); k++) {
			(void)snprintf(path, sizeof path, "%s/%s", unit_folders[i], units[k]);
			r = ask_unit(reader, config, path);
		}
		for (size_t k = 0; r >= 0 && k < HF_ARRAY_SIZE(drop_ins); k++) {
			(void)snprintf(path, sizeof path, "%s/%s", unit_folders[i], drop_ins[k]);
			r = ask_drop_ins(reader, config, path);
		}
	}
	return r;
}

/* A .spec file is one URL, a .json file has it as "Addr"; unix://PATH is who can answer in the
 * plugin's name. */
static int ask_plugin_spec(hf_reader *reader, const char *path)
{
	static const char scheme[] = "unix://";
	char socket[PATH_ROOM];
	hf_answer answer;
	int r = ask_file(reader, path, &answer);

	if (r < 0 || answer.error)
		return r;
	const char *start = strstr(answer.data, scheme);
	size_t length = start ? strcspn(start + strlen(scheme), " \t\r\n\"") : 0;

	if (length == 0 || length >= sizeof socket)
		return 0;
	memcpy(socket, start + strlen(scheme), length);
	socket[length] = '\0';
	return *socket == '/' ? ask_chain(reader, socket) : 0;
}

/* NAME.sock, NAME.spec, NAME.json, or one level down NAME/NAME.sock: plugin discovery of the
 * engine. */
static int ask_plugins(hf_reader *reader, hf_engine_config *config, const char *folder, bool is_below)
{
	int r = hf_reader_dir(reader, folder);
	size_t size = 0;
	hf_cleanup(hf_freep) char *names = r < 0 ? NULL : names_in(reader, folder, &size);

	for (const char *name = names; r >= 0 && name && name < names + size;
	     name += strlen(name) + 1) {
		char path[PATH_ROOM];
		hf_answer answer;

		if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
			continue;
		r = hf_reader_stat(reader, path);
		if (r >= 0)
			r = hf_engine_add_name(&config->ways, path);
		if (r >= 0 && (hf_has_suffix(name, ".spec") || hf_has_suffix(name, ".json")))
			r = ask_plugin_spec(reader, path);
		else if (r >= 0 && !is_below &&
			 hf_reader_peek(reader, HF_ASK_DIR, path, &answer) == 0)
			r = ask_plugins(reader, config, path, true);
	}
	return r;
}

/* ---- the two lists ---- */

bool hf_engine_is_usual_folder(const char *path, size_t length)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(program_folders); i++) {
		if (strlen(program_folders[i]) == length &&
		    memcmp(program_folders[i], path, length) == 0)
			return true;
	}
	return false;
}

int hf_engine_ask_files(hf_reader *reader, hf_engine_config *config)
{
	int r = hf_engine_ask_json(reader, config, "/etc/docker/daemon.json");

	if (r >= 0)
		r = hf_reader_dir(reader, "/etc/docker");
	if (r >= 0)
		r = ask_parents(reader, "/etc/docker/daemon.json");
	if (r >= 0)
		r = ask_units(reader, config);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(environment_files); i++)
		r = ask_environment_file(reader, config, environment_files[i]);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(plugin_folders); i++)
		r = ask_plugins(reader, config, plugin_folders[i], false);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(plugin_folders); i++)
		r = ask_parents(reader, plugin_folders[i]);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(programs); i++)
		r = ask_program(reader, config, programs[i]);
	return r;
}

int hf_engine_ask_named(hf_reader *reader, hf_engine_config *config)
{
	hf_answer answer;
	int r = 0;

	/* another daemon.json may name more of everything, so it comes first */
	for (size_t i = 0; r >= 0 && i < config->configs.count; i++) {
		r = hf_engine_ask_json(reader, config, config->configs.items[i]);
		if (r >= 0)
			r = ask_chain(reader, config->configs.items[i]);
	}
	for (size_t i = 0; r >= 0 && i < config->contents.count; i++) {
		r = ask_file(reader, config->contents.items[i], &answer);
		if (r >= 0)
			r = ask_chain(reader, config->contents.items[i]);
	}
	for (size_t i = 0; r >= 0 && i < config->paths.count; i++)
		r = ask_chain(reader, config->paths.items[i]);
	for (size_t i = 0; r >= 0 && i < config->sockets.count; i++)
		r = ask_chain(reader, config->sockets.items[i]);
	for (size_t i = 0; r >= 0 && i < config->commands.count; i++)
		r = ask_program(reader, config, config->commands.items[i]);
	return r;
}
