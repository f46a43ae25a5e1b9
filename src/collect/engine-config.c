/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the names of files and sockets in an engine's configuration. It does not judge or merge:
 * that is for the facts; here it only matters what to look at next. */
#include "collect/engine.h"

#include <stdio.h>

enum { NAMES_MAX = 256, WORD_MAX = 4096 };

/* dockerd's options that name a file, by flag and by key of daemon.json (they differ for lists
 * only). */
typedef enum option_kind {
	OPTION_CONFIG,
	OPTION_HOST,
	OPTION_CONTENT,
	OPTION_PATH,
	OPTION_DATA_ROOT,
	OPTION_EXEC_ROOT,
	OPTION_PROGRAM,
	OPTION_RUNTIME /* NAME=PROGRAM */
} option_kind;

static const struct {
	const char *flag; /* without "--" */
	const char *key;
	option_kind kind;
} options[] = {
	{"config-file", NULL, OPTION_CONFIG},
	{"host", "hosts", OPTION_HOST},
	{"H", NULL, OPTION_HOST},
	{"seccomp-profile", "seccomp-profile", OPTION_CONTENT},
	{"tlscacert", "tlscacert", OPTION_PATH},
	{"tlscert", "tlscert", OPTION_PATH},
	{"tlskey", "tlskey", OPTION_PATH},
	{"data-root", "data-root", OPTION_DATA_ROOT},
	{"graph", "graph", OPTION_DATA_ROOT},
	{"g", NULL, OPTION_DATA_ROOT},
	{"exec-root", "exec-root", OPTION_EXEC_ROOT},
	{"init-path", "init-path", OPTION_PROGRAM},
	{"userland-proxy-path", "userland-proxy-path", OPTION_PROGRAM},
	{"containerd", "containerd", OPTION_PATH},
	{"add-runtime", NULL, OPTION_RUNTIME},
};

static void free_names(hf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	hf_list_free(list);
}

void hf_engine_config_free(hf_engine_config *config)
{
	free_names(&config->configs);
	free_names(&config->sockets);
	free_names(&config->contents);
	free_names(&config->paths);
	free_names(&config->commands);
	free_names(&config->folders);
	free_names(&config->data_roots);
	free_names(&config->exec_roots);
	free_names(&config->tables);
	free_names(&config->ways);
	free_names(&config->containerd_configs);
	free_names(&config->containerd_sockets);
	free_names(&config->containerd_roots);
}

static int add_name(hf_list *list, const char *name, size_t length)
{
	if (length == 0 || length >= WORD_MAX || list->count >= NAMES_MAX ||
	    memchr(name, '\0', length))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		const char *known = list->items[i];

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return 0;
	}
	char *copy = strndup(name, length);

	if (!copy || hf_list_add(list, copy) < 0) {
		free(copy);
		return -ENOMEM;
	}
	return 0;
}

static int add_path(hf_list *list, const char *text, size_t length)
{
	return length > 0 && *text == '/' ? add_name(list, text, length) : 0;
}

int hf_engine_add_name(hf_list *list, const char *path)
{
	return add_path(list, path, strlen(path));
}

/* A program: a path as it stands, a bare name is looked for in PATH. */
static int add_program(hf_engine_config *config, const char *text, size_t length)
{
	if (length == 0 || memchr(text, '/', length))
		return add_path(&config->paths, text, length);
	return *text == '.' ? 0 : add_name(&config->commands, text, length);
}

static int add_option(hf_engine_config *config, option_kind kind, const char *text, size_t length)
{
	static const char scheme[] = "unix://";
	const char *equal;
	int r;

	switch (kind) {
	case OPTION_CONFIG:
		return add_path(&config->configs, text, length);
	case OPTION_HOST:
		if (length <= strlen(scheme) || memcmp(text, scheme, strlen(scheme)) != 0)
			return 0;
		return add_path(&config->sockets, text + strlen(scheme), length - strlen(scheme));
	case OPTION_CONTENT:
		return add_path(&config->contents, text, length);
	case OPTION_PATH:
		return add_path(&config->paths, text, length);
	case OPTION_DATA_ROOT:
		r = add_path(&config->data_roots, text, length);
		return r < 0 ? r : add_path(&config->paths, text, length);
	case OPTION_EXEC_ROOT:
		r = add_path(&config->exec_roots, text, length);
		return r < 0 ? r : add_path(&config->paths, text, length);
	case OPTION_PROGRAM:
		return add_program(config, text, length);
	case OPTION_RUNTIME:
		equal = memchr(text, '=', length);
		return equal ? add_program(config, equal + 1, length - (size_t)(equal + 1 - text))
			     : 0;
	}
	return 0;
}

int hf_engine_config_add_socket(hf_engine_config *config, const char *path)
{
	return add_path(&config->sockets, path, strlen(path));
}

/* ---- daemon.json and /info ---- */

/* Runtimes: {"name": {"path": "…"}} or, since 23.0, {"runtimeType": "io.containerd.kata.v2"}, for
 * which containerd starts containerd-shim-kata-v2. */
static int add_runtimes(hf_engine_config *config, json_t *runtimes)
{
	const char *name;
	json_t *runtime;
	int r = 0;

	json_object_foreach(runtimes, name, runtime)
	{
		const char *path = json_string_value(json_object_get(runtime, "path"));
		const char *type = json_string_value(json_object_get(runtime, "runtimeType"));
		char shim[128] = "containerd-shim";
		size_t used = strlen(shim);

		if (r == 0 && path)
			r = add_program(config, path, strlen(path));
		if (r < 0 || !type)
			continue;
		if (*type == '/' || !hf_has_prefix(type, "io.containerd.")) {
			r = add_path(&config->paths, type, strlen(type));
			continue;
		}
		for (const char *c = type + strlen("io.containerd"); *c && used < sizeof shim - 1;
		     c++)
			shim[used++] = *c == '.' ? '-' : *c;
		shim[used] = '\0';
		r = add_program(config, shim, used);
	}
	return r;
}

int hf_engine_config_add_json(hf_engine_config *config, const json_t *daemon)
{
	int r = add_runtimes(config, json_object_get(daemon, "runtimes"));

	for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(options); i++) {
		const json_t *value =
			options[i].key ? json_object_get(daemon, options[i].key) : NULL;
		const json_t *item;
		size_t k;

		if (json_is_string(value))
			r = add_option(config, options[i].kind, json_string_value(value),
				       json_string_length(value));
		json_array_foreach(value, k, item)
		{
			if (r == 0 && json_is_string(item))
				r = add_option(config, options[i].kind, json_string_value(item),
					       json_string_length(item));
		}
	}
	return r;
}

int hf_engine_config_add_info(hf_engine_config *config, const json_t *info)
{
	static const char profile[] = "name=seccomp,profile=";
	const char *init = json_string_value(json_object_get(info, "InitBinary"));
	const char *root = json_string_value(json_object_get(info, "DockerRootDir"));
	const json_t *item, *list = json_object_get(info, "SecurityOptions");
	size_t i;
	int r = add_runtimes(config, json_object_get(info, "Runtimes"));

	if (r == 0 && init)
		r = add_program(config, init, strlen(init));
	if (r == 0 && root)
		r = add_option(config, OPTION_DATA_ROOT, root, strlen(root));
	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);

		if (r == 0 && text && hf_has_prefix(text, profile))
			r = add_path(&config->contents, text + strlen(profile),
				     strlen(text + strlen(profile)));
	}
	return r;
}

/* ---- flags ---- */

static bool next_word(const char **cursor, const char *end, const char **ret_word,
		      size_t *ret_length)
{
	static const char between[] = " \t\r\n\"'\\=";
	const char *c = *cursor;

	while (c < end && (*c == '\0' || strchr(between, *c)))
		c++;
	const char *start = c;

	/* the first '=' ends a word, so that "--host=unix:///x" and "-H unix:///x" are the same
	 * two; a value may hold more of them: "--add-runtime a=/b" */
	while (c < end && *c != '\0' && !strchr(" \t\r\n\"'\\", *c) && (*c != '=' || *start != '-'))
		c++;
	*ret_word = start;
	*ret_length = (size_t)(c - start);
	*cursor = c;
	return c > start;
}

static bool is_flag(const char *word, size_t length, const char *flag)
{
	const char *bare = flag + strspn(flag, "-");

	while (length > 0 && *word == '-' && bare[0] != '\0') {
		word++;
		length--;
	}
	return length == strlen(bare) && memcmp(word, bare, length) == 0;
}

int hf_engine_config_add_flags(hf_engine_config *config, const char *text, size_t size)
{
	const char *cursor = text, *end = text + size, *word;
	size_t length;
	int r = 0;

	while (r == 0 && next_word(&cursor, end, &word, &length)) {
		size_t dashes = length > 2 && word[1] == '-' ? 2 : 1;

		if (*word != '-' || length <= dashes)
			continue;
		for (size_t i = 0; i < HF_ARRAY_SIZE(options); i++) {
			const char *flag = options[i].flag, *value, *after = cursor;
			size_t value_length;

			if (strlen(flag) != length - dashes ||
			    memcmp(word + dashes, flag, length - dashes) != 0)
				continue;
			if (next_word(&after, end, &value, &value_length))
				r = add_option(config, options[i].kind, value, value_length);
			break;
		}
	}
	return r;
}

/* containerd's own: main.go of cmd/containerd. */
int hf_engine_config_add_containerd(hf_engine_config *config, const char *text, size_t size)
{
	const struct {
		const char *flag;
		hf_list *list;
	} flags[] = {
		{"--config", &config->containerd_configs},   {"-c", &config->containerd_configs},
		{"--address", &config->containerd_sockets},  {"-a", &config->containerd_sockets},
		{"--root", &config->containerd_roots},	     {"--state", &config->ways},
	};
	const char *cursor = text, *end = text + size, *word;
	size_t length;
	int r = 0;

	while (r == 0 && next_word(&cursor, end, &word, &length)) {
		for (size_t i = 0; r == 0 && i < HF_ARRAY_SIZE(flags); i++) {
			const char *value, *after = cursor;
			size_t value_length;

			if (*word != '-' || !is_flag(word, length, flags[i].flag) ||
			    !next_word(&after, end, &value, &value_length))
				continue;
			r = add_path(flags[i].list, value, value_length);
		}
	}
	return r;
}

/* ---- units ---- */

/* %t is /run to a unit of the system. */
static int add_stream(hf_engine_config *config, const char *text, size_t length)
{
	char path[WORD_MAX];

	if (length < 3 || memcmp(text, "%t/", 3) != 0)
		return add_path(&config->sockets, text, length);
	int n = snprintf(path, sizeof path, "/run/%.*s", (int)(length - 3), text + 3);

	return n > 0 && (size_t)n < sizeof path ? add_path(&config->sockets, path, (size_t)n) : 0;
}

/* "ExecStart=-/usr/bin/dockerd -H fd://": what stands before the path is systemd.service(5)'s. */
static int add_program_of(hf_engine_config *config, const char *text, size_t length)
{
	while (length > 0 && strchr("@-:+!|", *text)) {
		text++;
		length--;
	}
	size_t end = 0;

	while (end < length && !strchr(" \t\r\\\"'", text[end]))
		end++;
	return memchr(text, '%', end) ? 0 : add_path(&config->ways, text, end);
}

int hf_engine_config_add_unit(hf_engine_config *config, const char *text, size_t size)
{
	static const char stream[] = "ListenStream=", exec[] = "ExecStart=";
	const char *cursor = text, *line;
	size_t length;
	int r = 0;

	while (r == 0 && hf_next_line(&cursor, text + size, &line, &length)) {
		const char *value = memchr(line, '=', length);

		if (!value)
			continue;
		size_t skip = (size_t)(value + 1 - line);

		while (skip < length && (line[skip] == ' ' || line[skip] == '\t'))
			skip++;
		if (hf_has_prefix(line, stream))
			r = add_stream(config, line + skip, length - skip);
		else if (hf_has_prefix(line, exec))
			r = add_program_of(config, line + skip, length - skip);
	}
	return r;
}

/* ---- PATH ---- */

/* PATH=/a:/b, Environment=PATH=/a:/b, Environment="PATH=/a:/b"; folders that hold variables or
 * specifiers are left to those who merge units. */
int hf_engine_config_add_path(hf_engine_config *config, const char *text, size_t size)
{
	static const char name[] = "PATH=";
	const char *end = text + size;
	int r = 0;

	for (const char *c = text; r == 0 && (c = memmem(c, (size_t)(end - c), name, strlen(name)));) {
		bool is_other = c > text && !strchr(" \t\r\n\"'=", c[-1]);

		c += strlen(name);
		if (c < end && (*c == '"' || *c == '\''))
			c++;
		while (r == 0 && !is_other && c < end && !strchr(" \t\r\n\"'", *c)) {
			const char *folder = c;

			while (c < end && !strchr(" \t\r\n\"':", *c))
				c++;
			size_t length = (size_t)(c - folder);

			if (!memchr(folder, '$', length) && !memchr(folder, '%', length) &&
			    !hf_engine_is_usual_folder(folder, length))
				r = add_path(&config->folders, folder, length);
			c += c < end && *c == ':';
		}
	}
	return r;
}

/* SUSE and RHEL; the environment of the daemon itself is not ours to read. */
int hf_engine_config_add_shell_path(hf_engine_config *config)
{
	static const char path[] = "PATH=/root/bin:/root/.local/bin:/snap/bin";

	return hf_engine_config_add_path(config, path, strlen(path));
}

int hf_engine_config_add_process(hf_engine_config *config, hf_reader *reader, int pid,
				 bool is_containerd)
{
	char path[64];
	hf_answer answer;

	(void)snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
	if (hf_reader_peek(reader, HF_ASK_FILE, path, &answer) != 0)
		return 0;
	(void)snprintf(path, sizeof path, "/proc/%d/net/unix", pid);
	if (hf_engine_add_name(&config->tables, path) < 0)
		return -ENOMEM;
	return is_containerd ? hf_engine_config_add_containerd(config, answer.data, answer.size)
			     : hf_engine_config_add_flags(config, answer.data, answer.size);
}
