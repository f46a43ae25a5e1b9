/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where containerd keeps what: the files that its arguments and its configuration name. Of the configuration only
 * paths are told: registries' passwords stand in it, too.
 *
 * call:containerd has a line each: "config PATH", "import PATTERN", "certs FOLDER", "root FOLDER", "state FOLDER",
 * "socket PATH", "error ERRNO PATH" for a configuration that could not be read; the last one is ".". Paths are escaped
 * as in answer.h. */
#include "collect/engine.h"

#include <fnmatch.h>
#include <stdio.h>

enum { LINES_MAX = 256, PATH_ROOM = 4096 };

typedef struct containerd {
	hf_reader *reader;
	hf_list *paths; /* to be looked at, owned */
	hf_buffer lines;
	hf_map known; /* lines, and configurations that were read */
	hf_arena *arena;
	unsigned count;
} containerd;

static void add_escaped(hf_buffer *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at > 0x20 && *at < 0x7f && *at != '\\')
			hf_buffer_add(out, at, 1);
		else
			hf_buffer_printf(out, "\\%03o", *at);
	}
}

/* 1: for the first time. */
static int note(containerd *c, const char *kind, const char *path)
{
	char *key = hf_arena_printf(c->arena, "%s %s", kind, path);

	if (!key)
		return -ENOMEM;
	if (hf_map_get(&c->known, key))
		return 0;
	return hf_map_put(&c->known, key, c) < 0 ? -ENOMEM : 1;
}

static int add(containerd *c, const char *kind, const char *path)
{
	int r = *path == '/' && c->count < LINES_MAX ? note(c, kind, path) : 0;

	if (r <= 0)
		return r;
	c->count++;
	hf_buffer_printf(&c->lines, "%s ", kind);
	add_escaped(&c->lines, path);
	hf_buffer_puts(&c->lines, "\n");
	if (strcmp(kind, "import") == 0) { /* a pattern: its matches are configurations */
		char *folder = hf_arena_strdup(c->arena, path);
		char *slash = folder ? strrchr(folder, '/') : NULL;

		if (!slash)
			return -ENOMEM;
		*slash = '\0';
		return *folder ? hf_engine_add_name(c->paths, folder) : 0;
	}
	return hf_engine_add_name(c->paths, path);
}

/* A socket has a second one beside it for the shims. */
static int add_socket(containerd *c, const char *path)
{
	char shims[PATH_ROOM];
	int r = add(c, "socket", path);

	if (r < 0 || snprintf(shims, sizeof shims, "%s.ttrpc", path) >= (int)sizeof shims)
		return r;
	return add(c, "socket", shims);
}

/* ---- config.toml ---- */

/* The next string of @text between quotes; NULL: none. *text is moved behind it. */
static const char *next_string(char **text)
{
	char *start = strpbrk(*text, "\"'");
	char *end = start ? strchr(start + 1, *start) : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return start + 1;
}

/* "key = value" or "key = [" of a line without leading blanks. */
static bool is_key(const char *line, const char *key)
{
	size_t length = strlen(key);

	return strncmp(line, key, length) == 0 && line[length + strspn(line + length, " \t")] == '=';
}

/* What can name files: root and state at the top, imports, addresses of [grpc], [ttrpc] and [debug], folders of
 * certificates of every plugin. */
static int add_setting(containerd *c, const char *section, char *line)
{
	char *value = strchr(line, '=');
	const char *text = NULL;
	bool is_top = *section == '\0';
	int r = 0;

	if (is_top && is_key(line, "imports")) {
		while (r >= 0 && (text = next_string(&value)))
			r = add(c, "import", text);
		return r;
	}
	if (is_top && is_key(line, "root") && (text = next_string(&value)))
		return add(c, "root", text);
	if (is_top && is_key(line, "state") && (text = next_string(&value)))
		return add(c, "state", text);
	if (is_key(line, "address") && (text = next_string(&value)))
		return strcmp(section, "[grpc]") == 0 ? add_socket(c, text)
		       : strcmp(section, "[ttrpc]") == 0 || strcmp(section, "[debug]") == 0
			       ? add(c, "socket", text)
			       : 0;
	if (!is_key(line, "config_path") || !(text = next_string(&value)))
		return 0;
	char *rest = hf_arena_strdup(c->arena, text), *folder, *saved = NULL;

	for (folder = rest ? strtok_r(rest, ":", &saved) : NULL; r >= 0 && folder;
	     folder = strtok_r(NULL, ":", &saved))
		r = add(c, "certs", folder);
	return rest ? r : -ENOMEM;
}

/* Lists may go over several lines; a comment ends a line outside of quotes. */
static void join_lines(char *text)
{
	char quote = '\0';
	int depth = 0;
	bool is_comment = false;

	for (char *at = text; *at; at++) {
		if (*at == '\n') {
			is_comment = false;
			if (depth > 0)
				*at = ' ';
			else
				quote = '\0';
		} else if (is_comment) {
			*at = ' ';
		} else if (quote) {
			quote = *at == quote ? '\0' : quote;
		} else if (*at == '"' || *at == '\'') {
			quote = *at;
		} else if (*at == '#') {
			is_comment = true;
			*at = ' ';
		} else if (*at == '[' && (at == text || strchr("= \t[,", at[-1]))) {
			/* a table's own brackets stand at the begin of a line */
			depth++;
		} else if (*at == ']' && depth > 0) {
			depth--;
		}
	}
}

static int add_text(containerd *c, char *text)
{
	char section[256] = "", *saved = NULL;
	int r = 0;

	join_lines(text);
	for (char *line = strtok_r(text, "\n", &saved); r >= 0 && line;
	     line = strtok_r(NULL, "\n", &saved)) {
		line = hf_strip(line);
		if (*line == '[')
			(void)snprintf(section, sizeof section, "%s", line);
		else
			r = add_setting(c, section, line);
	}
	return r;
}

static int read_config(containerd *c, const char *path, unsigned depth);

/* "/etc/containerd/conf.d/\*.toml": the last name may be a pattern. */
static int read_imports(containerd *c, const char *pattern, unsigned depth)
{
	const char *slash = strrchr(pattern, '/');
	char folder[PATH_ROOM], path[PATH_ROOM];
	hf_answer listing;
	int r = 0;

	if (!strpbrk(pattern, "*?["))
		return read_config(c, pattern, depth);
	if (slash == pattern || (size_t)(slash - pattern) >= sizeof folder)
		return 0;
	memcpy(folder, pattern, (size_t)(slash - pattern));
	folder[slash - pattern] = '\0';
	if (strpbrk(folder, "*?["))
		return 0; /* the facts say that it was not followed */
	r = hf_reader_dir(c->reader, folder);
	if (r < 0 || hf_reader_peek(c->reader, HF_ASK_DIR, folder, &listing) != 0)
		return r;
	const char *names = hf_arena_memdup(c->arena, listing.data, listing.size);

	for (const char *name = names; r >= 0 && name && name < names + listing.size;
	     name += strlen(name) + 1) {
		if (fnmatch(slash + 1, name, FNM_PERIOD) == 0 &&
		    snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path)
			r = read_config(c, path, depth);
	}
	return names ? r : -ENOMEM;
}

static int read_config(containerd *c, const char *path, unsigned depth)
{
	enum { DEPTH_MAX = 4 };
	hf_answer answer;
	int r = add(c, "config", path);

	if (r < 0 || depth > DEPTH_MAX || note(c, "read", path) <= 0)
		return r;
	int error = hf_reader_peek(c->reader, HF_ASK_FILE, path, &answer);

	if (error) {
		const char *name = hf_errno_name(error);

		/* that it is not there is for the way to it to prove */
		if (error != ENOENT && error != ENOTDIR) {
			hf_buffer_printf(&c->lines, "error %s ", name ? name : "EIO");
			add_escaped(&c->lines, path);
			hf_buffer_puts(&c->lines, "\n");
		}
		return 0;
	}
	char *text = hf_arena_memdup(c->arena, answer.data, answer.size);
	size_t before = c->lines.size;

	if (!text)
		return -ENOMEM;
	r = add_text(c, text);
	/* its own imports are the lines that it added */
	hf_cleanup(hf_freep) char *added =
		r < 0 || c->lines.failed ? NULL : strdup(c->lines.data + before);
	char *saved = NULL;

	for (char *line = added ? strtok_r(added, "\n", &saved) : NULL; r >= 0 && line;
	     line = strtok_r(NULL, "\n", &saved)) {
		if (hf_has_prefix(line, "import "))
			r = read_imports(c, line + strlen("import "), depth + 1);
	}
	return r;
}

/* ---- all ---- */

int hf_engine_ask_containerd(hf_reader *reader, const hf_engine_config *config, hf_list *paths)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	containerd c = {.reader = reader, .paths = paths};
	hf_answer answer = {.kind = HF_ASK_CALL, .name = "containerd", .data = ""};
	char path[PATH_ROOM];
	int r = hf_arena_new(&arena);

	c.arena = arena;
	if (r >= 0)
		r = read_config(&c, "/etc/containerd/config.toml", 0);
	for (size_t i = 0; r >= 0 && i < config->containerd_configs.count; i++)
		r = read_config(&c, config->containerd_configs.items[i], 0);
	for (size_t i = 0; r >= 0 && i < config->containerd_sockets.count; i++)
		r = add_socket(&c, config->containerd_sockets.items[i]);
	for (size_t i = 0; r >= 0 && i < config->containerd_roots.count; i++)
		r = add(&c, "root", config->containerd_roots.items[i]);
	/* the one that a Docker engine starts for itself */
	for (size_t i = 0; r >= 0 && i <= config->exec_roots.count; i++) {
		const char *root = i ? config->exec_roots.items[i - 1] : "/run/docker";

		if (snprintf(path, sizeof path, "%s/containerd/containerd.toml", root) <
			    (int)sizeof path &&
		    hf_reader_peek(reader, HF_ASK_STAT, path, &answer) != ENOENT)
			r = read_config(&c, path, 0);
	}
	hf_buffer_puts(&c.lines, ".\n");
	answer = (hf_answer){.kind = HF_ASK_CALL, .name = "containerd", .data = ""};
	if (r < 0 || c.lines.failed)
		answer.error = ENOMEM;
	else {
		answer.data = c.lines.data;
		answer.size = c.lines.size;
	}
	int sent = hf_reader_send(reader, &answer);

	hf_buffer_free(&c.lines);
	hf_map_free(&c.known);
	return r < 0 ? r : sent;
}
