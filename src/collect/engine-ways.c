/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ways are walked for container engines: to their units, settings, certificates, sockets, plugins, data, and to
 * the credentials of those who use registries. */
#include "collect/engine.h"

#include <fnmatch.h>
#include <stdio.h>

enum {
	PATH_ROOM = 4096,
	TREE_MAX = 1000, /* names of one tree of certificates */
	HOMES_MAX = 512,
	SOCKETS_MAX = 1000,
};

static int ask_ways(hf_reader *reader, const hf_list *paths)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < paths->count; i++)
		r = hf_reader_way(reader, paths->items[i]);
	return r;
}

static bool join(char path[PATH_ROOM], const char *folder, const char *name)
{
	return snprintf(path, PATH_ROOM, "%s/%s", folder, name) < PATH_ROOM;
}

/* ---- folders ---- */

/* The way to each name in @folder that @wants takes (NULL: all), @depth levels deep; the listings are questions, too. */
static int ask_tree(hf_reader *reader, const char *folder, bool (*wants)(const char *name),
		    unsigned depth, unsigned *budget)
{
	hf_answer listing;
	int r = hf_reader_way(reader, folder);

	if (r >= 0)
		r = hf_reader_dir(reader, folder);
	if (r < 0 || depth == 0 || hf_reader_peek(reader, HF_ASK_DIR, folder, &listing) != 0)
		return r;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size + 1);
	for (const char *name = names; r >= 0 && name < names + size && *budget > 0;
	     name += strlen(name) + 1) {
		char path[PATH_ROOM];
		hf_answer st;

		if ((wants && !wants(name)) || !join(path, folder, name))
			continue;
		(*budget)--;
		if (depth > 1 && hf_reader_peek(reader, HF_ASK_STAT, path, &st) == 0 &&
		    (st.meta.mode & 0170000) == 0040000)
			r = ask_tree(reader, path, wants, depth - 1, budget);
		else
			r = hf_reader_way(reader, path);
	}
	return r;
}

static int ask_certificates(hf_reader *reader, const char *folder)
{
	unsigned budget = TREE_MAX;

	return ask_tree(reader, folder, NULL, 2, &budget);
}

/* What an engine keeps at the top of its data, and "100000.100000", where one with user namespaces has it all. */
static bool is_part_of_data(const char *name)
{
	static const char *const parts[] = {
		"containers", "overlay2", "overlay", "vfs", "btrfs", "zfs", "fuse-overlayfs", "aufs",
		"devicemapper", "volumes", "swarm", "image", "network", "plugins", "buildkit",
		"containerd", "runtimes", "tmp", "trust", "rootfs", "io.containerd.*",
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(parts); i++) {
		if (fnmatch(parts[i], name, 0) == 0)
			return true;
	}
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && name[digits] == '.' && name[digits + 1] != '\0' &&
	       strspn(name + digits + 1, "0123456789") == strlen(name + digits + 1);
}

static bool is_remapped(const char *name)
{
	return *name >= '0' && *name <= '9';
}

static int ask_data_root(hf_reader *reader, const char *root)
{
	unsigned budget = TREE_MAX;
	hf_answer listing;
	int r = ask_tree(reader, root, is_part_of_data, 1, &budget);

	if (r < 0 || hf_reader_peek(reader, HF_ASK_DIR, root, &listing) != 0)
		return r;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size + 1);
	for (const char *name = names; r >= 0 && name < names + size; name += strlen(name) + 1) {
		char path[PATH_ROOM];

		if (is_part_of_data(name) && is_remapped(name) && join(path, root, name))
			r = ask_tree(reader, path, is_part_of_data, 1, &budget);
	}
	return r;
}

/* ---- sockets ---- */

/* A listening socket that is one of an engine's by its name. Which are for sure is for the facts to say, by who holds
 * them. Anybody can choose a name, so none is walked where users mount what they like; sockets in other places are known
 * from flags and configurations. */
static bool is_engines(const hf_engine_config *config, const char *name)
{
	bool is_run = (hf_has_prefix(name, "/run/") && !hf_has_prefix(name, "/run/user/")) ||
		      (hf_has_prefix(name, "/var/run/") && !hf_has_prefix(name, "/var/run/user/"));

	if (is_run && (strstr(name, "docker") || strstr(name, "containerd")))
		return !strstr(name, "/../");
	for (size_t i = 0; i < config->exec_roots.count; i++) {
		if (hf_has_prefix(name, config->exec_roots.items[i]))
			return !strstr(name, "/../");
	}
	return false;
}

/* "Num RefCount Protocol Flags Type St Inode Path", unix(7); 0x10000 is __SO_ACCEPTCON. */
static const char *listening_name(const char *line, size_t length, char name[PATH_ROOM])
{
	char copy[512];
	unsigned long flags;
	int at = 0;

	if (length >= sizeof copy)
		return NULL;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (sscanf(copy, "%*x: %*x %*x %lx %*x %*x %*u %n", &flags, &at) != 1 || at == 0 ||
	    !(flags & 0x10000) || copy[at] != '/')
		return NULL;
	(void)snprintf(name, PATH_ROOM, "%s", copy + at);
	return name;
}

static int ask_sockets_of(hf_reader *reader, const hf_engine_config *config, const char *path)
{
	hf_answer table;
	unsigned budget = SOCKETS_MAX;
	const char *line;
	size_t length;
	int r = 0;

	if (hf_reader_peek(reader, HF_ASK_FILE, path, &table) != 0 || table.size == 0)
		return 0;
	hf_cleanup(hf_freep) char *text = malloc(table.size + 1);
	size_t size = table.size;

	if (!text)
		return -ENOMEM;
	memcpy(text, table.data, size + 1);
	const char *cursor = text;

	while (r >= 0 && budget > 0 && hf_next_line(&cursor, text + size, &line, &length)) {
		char name[PATH_ROOM];

		if (!listening_name(line, length, name) || !is_engines(config, name))
			continue;
		budget--;
		r = hf_reader_way(reader, name);
	}
	return r;
}

/* kthreadd never leaves the initial network namespace; an engine can have one of its own. */
static int ask_sockets(hf_reader *reader, const hf_engine_config *config)
{
	int r = hf_reader_is_live(reader)
			? ask_sockets_of(reader, config, "/proc/2/net/unix")
			: 0;

	for (size_t i = 0; r >= 0 && i < config->tables.count; i++)
		r = ask_sockets_of(reader, config, config->tables.items[i]);
	return r;
}

/* ---- homes ---- */

static int ask_home(hf_reader *reader, const char *home)
{
	static const char *const names[] = {"ca.pem", "cert.pem", "key.pem"};
	char path[PATH_ROOM], folder[PATH_ROOM];
	bool is_there;

	if (!join(folder, home, ".docker") || !join(path, folder, "config.json"))
		return 0;
	/* first the way, which is not followed onto a file server */
	int r = hf_reader_way_to(reader, path, &is_there);

	if (r >= 0 && is_there)
		r = hf_engine_ask_client_config(reader, path);
	if (r >= 0)
		r = hf_reader_way_to(reader, folder, &is_there);
	if (r < 0 || !is_there)
		return r;
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(names); i++) {
		if (join(path, folder, names[i]))
			r = hf_reader_way(reader, path);
	}
	return r;
}

/* Those of /etc/passwd, each once. */
static int ask_homes(hf_reader *reader)
{
	hf_answer passwd;
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_map known = {0};
	const char *line;
	size_t length;

	if (hf_reader_peek(reader, HF_ASK_FILE, "/etc/passwd", &passwd) != 0)
		return 0;
	int r = hf_arena_new(&arena);
	const char *text = r < 0 ? NULL : hf_arena_memdup(arena, passwd.data, passwd.size);
	const char *cursor = text, *end = text ? text + passwd.size : NULL;

	while (r >= 0 && text && known.count < HOMES_MAX &&
	       hf_next_line(&cursor, end, &line, &length)) {
		const char *at = line;

		for (unsigned field = 0; at && field < 5; field++) {
			at = memchr(at, ':', (size_t)(line + length - at));
			at = at ? at + 1 : NULL;
		}
		const char *stop = at ? memchr(at, ':', (size_t)(line + length - at)) : NULL;
		char *home = stop ? hf_arena_memdup(arena, at, (size_t)(stop - at)) : NULL;

		if (!home || *home != '/' || home[1] == '\0' || hf_map_get(&known, home))
			continue;
		r = hf_map_put(&known, home, home);
		if (r >= 0)
			r = ask_home(reader, home);
	}
	hf_map_free(&known);
	return r;
}

/* ---- all ---- */

static int ask_fixed(hf_reader *reader)
{
	static const char *const paths[] = {
		"/etc/docker",
		"/etc/docker/daemon.json",
		"/etc/default/docker",
		"/etc/sysconfig/docker",
		"/etc/sysconfig/docker-network",
		"/etc/sysconfig/docker-storage",
		"/run/docker.sock",
		"/var/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/containerd/containerd.sock.ttrpc",
		"/run/containerd/s",
		"/run/docker/plugins",
		"/etc/docker/plugins",
		"/usr/lib/docker/plugins",
		"/run/podman/podman.sock",
		"/run/crio/crio.sock",
		"/run/k3s/containerd/containerd.sock",
		"/run/buildkit/buildkitd.sock",
		"/run/cri-dockerd.sock",
		"/var/lib/containerd",
		"/var/lib/kubelet/config.json",
		"/root/.docker/ca.pem",
		"/root/.docker/cert.pem",
		"/root/.docker/key.pem",
	};
	static const char *const specs[] = {"/etc/cdi", "/run/cdi"};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(paths); i++)
		r = hf_reader_way(reader, paths[i]);
	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(specs); i++) {
		unsigned budget = TREE_MAX;

		r = ask_tree(reader, specs[i], NULL, 1, &budget);
	}
	return r;
}

/* Programs in the usual folders, where they are. */
static int ask_programs(hf_reader *reader, const hf_list *programs)
{
	hf_answer st;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < programs->count; i++) {
		if (hf_reader_peek(reader, HF_ASK_STAT, programs->items[i], &st) == 0)
			r = hf_reader_way(reader, programs->items[i]);
	}
	return r;
}

static int ask_containerd(hf_reader *reader, const hf_engine_config *config, hf_list *paths)
{
	hf_answer answer;
	int r = hf_engine_ask_containerd(reader, config, paths);

	if (r >= 0)
		r = ask_certificates(reader, "/etc/containerd/certs.d");
	if (r >= 0)
		r = ask_data_root(reader, "/var/lib/containerd");
	for (size_t i = 0; r >= 0 && i < paths->count; i++) {
		const char *path = paths->items[i];
		bool is_folder = hf_reader_peek(reader, HF_ASK_STAT, path, &answer) == 0 &&
				 (answer.meta.mode & 0170000) == 0040000;

		r = !is_folder			      ? hf_reader_way(reader, path)
		    : hf_has_suffix(path, "/certs.d") ? ask_certificates(reader, path)
						      : ask_data_root(reader, path);
	}
	return r;
}

static void free_names(hf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	hf_list_free(list);
}

int hf_engine_ask_ways(hf_reader *reader, hf_engine_config *config)
{
	const hf_list *const lists[] = {&config->configs, &config->paths, &config->sockets};
	hf_list paths = {0};
	hf_answer answer;
	int r = ask_fixed(reader);

	for (size_t i = 0; r >= 0 && i < HF_ARRAY_SIZE(lists); i++)
		r = ask_ways(reader, lists[i]);
	if (r >= 0)
		r = ask_programs(reader, &config->ways);
	if (r >= 0)
		r = ask_certificates(reader, "/etc/docker/certs.d");
	if (r >= 0)
		r = ask_containerd(reader, config, &paths);
	free_names(&paths);
	if (r >= 0)
		r = ask_sockets(reader, config);
	if (r >= 0)
		r = ask_data_root(reader, "/var/lib/docker");
	for (size_t i = 0; r >= 0 && i < config->data_roots.count; i++)
		r = ask_data_root(reader, config->data_roots.items[i]);
	if (r >= 0 && hf_reader_peek(reader, HF_ASK_STAT, "/var/lib/kubelet/config.json", &answer) == 0)
		r = hf_engine_ask_client_config(reader, "/var/lib/kubelet/config.json");
	/* what lies on a file server comes last */
	if (r >= 0)
		r = hf_sink_flush(hf_reader_sink(reader));
	return r < 0 ? r : ask_homes(reader);
}
