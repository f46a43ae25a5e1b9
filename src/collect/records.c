/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the runtimes' records of containers. They are files of root, or of the user whose
 * containers they describe; what they say is for the facts to believe or not. */
#include "collect/records.h"

#include "collect/project.h"
#include "collect/swarm.h"

#include <stdio.h>

enum {
	RECORDS_MAX = 4000,
	EXECS_MAX = 64,
	ID_LENGTH = 64,
	PATH_ROOM = 1024,
	BYTES_MAX = 24 * 1024 * 1024, /* of all records; the collector's cap is twice that */
};

typedef struct exec {
	const char *container;
	const char *id;
} exec;

struct hf_records {
	hf_reader *reader;
	hf_arena *arena;
	hf_buffer text; /* of call:records */
	hf_map known; /* full ids whose OCI configuration was sent; folders that were looked into */
	hf_map docker; /* ids of which both of Docker's files were sent */
	hf_list execs;
	hf_images *images;
	size_t count;
	size_t bytes;
	uint64_t deadline_ms;
	bool has_images;
	bool has_tasks; /* some containerd's folder was found */
	bool is_cut;
};

int hf_records_new(hf_reader *reader, uint64_t deadline_ms, hf_records **ret_records)
{
	hf_records *r = calloc(1, sizeof *r);

	if (!r || hf_arena_new(&r->arena) < 0 || hf_images_new(reader, deadline_ms, &r->images) < 0) {
		hf_records_free(r);
		return -ENOMEM;
	}
	r->reader = reader;
	r->deadline_ms = deadline_ms;
	*ret_records = r;
	return 0;
}

void hf_records_free(hf_records *r)
{
	if (!r)
		return;
	hf_buffer_free(&r->text);
	hf_map_free(&r->known);
	hf_map_free(&r->docker);
	hf_list_free(&r->execs);
	hf_images_free(r->images);
	hf_arena_free(r->arena);
	free(r);
}

hf_images *hf_records_images(hf_records *r)
{
	return r->images;
}

/* ---- lines of call:records ---- */

static void add_line(hf_records *r, const char *kind, const char *id, const char *path)
{
	hf_buffer_puts(&r->text, kind);
	hf_buffer_puts(&r->text, " ");
	if (strcmp(id, "-") == 0)
		hf_buffer_puts(&r->text, id);
	else
		hf_buffer_add_word(&r->text, id, strlen(id));
	hf_buffer_puts(&r->text, " ");
	hf_buffer_add_word(&r->text, path, strlen(path));
	hf_buffer_puts(&r->text, "\n");
}

static void add_failed(hf_records *r, const char *kind, int error, const char *path)
{
	const char *name = hf_errno_name(error);
	char word[32];

	(void)snprintf(word, sizeof word, "!%s", name ? name : "EIO");
	add_line(r, kind, word, path);
}

/* ---- what is known ---- */

static bool is_full_id(const char *id)
{
	return strlen(id) == ID_LENGTH && strspn(id, "0123456789abcdef") == ID_LENGTH;
}

/* 1: for the first time. */
static int note(hf_records *r, hf_map *map, const char *name)
{
	if (hf_map_get(map, name))
		return 0;
	char *key = hf_arena_strdup(r->arena, name);

	return key && hf_map_put(map, key, key) == 0 ? 1 : -ENOMEM;
}

bool hf_records_have(const hf_records *r, const char *id)
{
	return hf_map_get(&r->docker, id) != NULL;
}

bool hf_records_have_images(const hf_records *r)
{
	return r->has_images;
}

/* Says once that the list is cut short, which makes "there is no record" unproven. */
static bool is_full(hf_records *r)
{
	if (r->is_cut)
		return true;
	if (r->count >= RECORDS_MAX || r->bytes >= BYTES_MAX)
		add_failed(r, "cut", EFBIG, "more records than are read");
	else if (r->deadline_ms && hf_now_ms() > r->deadline_ms)
		add_failed(r, "cut", ETIME, "no time for more records");
	else
		return false;
	r->is_cut = true;
	return true;
}

/* ---- files ---- */

/* Sends "file:" of a JSON file with its secrets taken out, which stays in @text. 1: it was read. */
static int send_text(hf_records *r, const char *path, hf_buffer *text)
{
	hf_answer answer;
	hf_error err;

	if (hf_reader_peek(r->reader, HF_ASK_FILE, path, &answer) == 0) {
		int failed = hf_project_text(answer.data, answer.size, text, &err);

		answer.data = failed ? "" : text->data;
		answer.size = failed ? 0 : text->size;
		answer.error = -failed;
		answer.reason = failed ? err.text : NULL;
		answer.meta.size = answer.size; /* what was taken out must not look cut off */
	}
	r->bytes += answer.size;
	int sent = hf_reader_send(r->reader, &answer);

	return sent < 0 ? sent : answer.error == 0;
}

static int send_json(hf_records *r, const char *path)
{
	hf_buffer text = {0};
	int ret = send_text(r, path, &text);

	hf_buffer_free(&text);
	return ret;
}

/* LXC's configuration and machined's: lines of "name = value", one of which can be an
 * environment's. */
static int send_lines(hf_records *r, const char *path)
{
	hf_answer answer;
	hf_cleanup(hf_freep) char *clean = NULL;
	size_t size = 0;

	if (hf_reader_peek(r->reader, HF_ASK_FILE, path, &answer) == 0) {
		if (hf_project_lines(answer.data, answer.size, &clean, &size) < 0)
			return -ENOMEM;
		answer.data = clean;
		answer.size = answer.meta.size = size;
	}
	r->bytes += answer.size;
	int sent = hf_reader_send(r->reader, &answer);

	return sent < 0 ? sent : answer.error == 0;
}

/* ---- folders ---- */

typedef int visit_fn(hf_records *r, const char *folder, const char *name, const void *data);

/* Calls @visit for each name in @path. A folder that is not there, or was looked into before, is
 * nothing to tell of. */
static int each_name(hf_records *r, const char *kind, const char *path, visit_fn *visit,
		     const void *data)
{
	hf_answer listing;
	char key[PATH_ROOM + 32];

	if (snprintf(key, sizeof key, "%s %s", kind, path) >= (int)sizeof key)
		return 0;
	int ret = note(r, &r->known, key);

	if (ret <= 0)
		return ret;
	int error = hf_reader_peek(r->reader, HF_ASK_DIR, path, &listing);

	if (error == ENOENT || error == ENOTDIR)
		return 0;
	if (error) {
		add_failed(r, kind, error, path);
		return 0;
	}
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, listing.size);
	add_line(r, kind, "-", path);
	ret = 0;
	for (size_t at = 0; ret >= 0 && at < listing.size; at += strlen(names + at) + 1)
		ret = visit(r, path, names + at, data);
	return ret < 0 ? ret : 0;
}

static bool join(char *path, const char *folder, const char *name, const char *rest)
{
	return snprintf(path, PATH_ROOM, "%s/%s%s", folder, name, rest) < PATH_ROOM;
}

/* ---- containerd: NAMESPACE/ID/{config.json,init.pid} ---- */

static int visit_bundle(hf_records *r, const char *folder, const char *id, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	if (is_full(r) || !join(path, folder, id, "/config.json"))
		return 0;
	int ret = send_json(r, path);

	if (ret < 0)
		return ret;
	r->count++;
	add_line(r, "bundle", id, path);
	if (is_full_id(id))
		return note(r, &r->known, id);
	if (!join(path, folder, id, "/init.pid"))
		return 0;
	add_line(r, "pid", id, path);
	return hf_reader_file(r->reader, path);
}

static int visit_namespace(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	return join(path, folder, name, "") ? each_name(r, "bundle", path, visit_bundle, NULL) : 0;
}

static int ask_tasks(hf_records *r, const char *state)
{
	char path[PATH_ROOM];
	hf_answer st;

	if (!join(path, state, "io.containerd.runtime.v2.task", ""))
		return 0;
	r->has_tasks = r->has_tasks || hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) == 0;
	return each_name(r, "tasks", path, visit_namespace, NULL);
}

/* ---- runc and crun: ID/state.json, ID/status ---- */

/* "bundle=/path" among the labels of runc's state, "bundle" in crun's. */
static int send_state(hf_records *r, const char *id, const char *path)
{
	hf_answer answer;
	hf_error err;
	hf_buffer text = {0};
	char bundle[PATH_ROOM] = "", config[PATH_ROOM];

	if (hf_reader_peek(r->reader, HF_ASK_FILE, path, &answer) == 0) {
		int failed = hf_project_state(answer.data, answer.size, &text, bundle,
					      sizeof bundle, &err);

		answer.data = failed ? "" : text.data;
		answer.size = failed ? 0 : text.size;
		answer.error = -failed;
		answer.reason = failed ? err.text : NULL;
		answer.meta.size = answer.size;
	}
	int ret = hf_reader_send(r->reader, &answer);

	hf_buffer_free(&text);
	if (ret < 0 || *bundle != '/' || !join(config, bundle, "config.json", ""))
		return ret;
	ret = send_json(r, config);
	if (ret > 0)
		add_line(r, "bundle", id, config);
	return ret;
}

static int visit_state(hf_records *r, const char *folder, const char *id, const void *data)
{
	const char *kind = data;
	bool is_crun = strcmp(kind, "crun") == 0;
	char path[PATH_ROOM];

	/* crun keeps compiled filters beside its containers */
	if (is_full(r) || (is_crun && strcmp(id, ".cache") == 0) ||
	    !join(path, folder, id, is_crun ? "/status" : "/state.json"))
		return 0;
	r->count++;
	add_line(r, kind, id, path);
	/* its id tells whose it is, and its configuration was sent with the engine's */
	if (hf_map_get(&r->known, id))
		return 0;
	return send_state(r, id, path);
}

static int ask_states(hf_records *r, const char *kind, const char *path)
{
	return each_name(r, kind, path, visit_state, kind);
}

/* ---- containers/storage: DRIVER-containers/ID/userdata/config.json ---- */

typedef struct storage {
	const char *graph;  /* …/storage */
	const char *folder; /* overlay-containers */
} storage;

static int visit_stored(hf_records *r, const char *folder, const char *id, const void *data)
{
	const storage *s = data;
	char path[PATH_ROOM], kept[PATH_ROOM];
	hf_answer st;

	if (!is_full_id(id) || is_full(r) || hf_map_get(&r->known, id) ||
	    !join(path, folder, id, "/userdata/config.json"))
		return 0;
	/* CRI-O has it in both places, Podman in that which survives a boot */
	if (hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) != 0) {
		if (snprintf(kept, sizeof kept, "%s/%s/%s/userdata/config.json", s->graph,
			     s->folder, id) >= (int)sizeof kept)
			return 0;
		strcpy(path, kept);
	}
	int ret = send_json(r, path);

	if (ret < 0)
		return ret;
	r->count++;
	add_line(r, "storage", id, path);
	return note(r, &r->known, id);
}

static int ask_names(hf_records *r, const char *kind, const char *path)
{
	hf_answer st;

	if (hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) != 0)
		return 0;
	add_line(r, kind, "-", path);
	return hf_reader_file(r->reader, path);
}

static int visit_driver(hf_records *r, const char *folder, const char *name, const void *data)
{
	const char *graph = data;
	char path[PATH_ROOM];
	storage s = {.graph = graph, .folder = name};

	if (!hf_has_suffix(name, "-containers") || !join(path, folder, name, ""))
		return 0;
	int ret = each_name(r, "storage", path, visit_stored, &s);

	if (ret >= 0 && join(path, folder, name, "/volatile-containers.json"))
		ret = ask_names(r, "names", path);
	if (ret >= 0 && join(path, graph, name, "/containers.json"))
		ret = ask_names(r, "names", path);
	if (ret >= 0 &&
	    snprintf(path, sizeof path, "%s/%.*s-images/images.json", graph,
		     (int)(strlen(name) - strlen("-containers")), name) < (int)sizeof path)
		ret = ask_names(r, "images", path);
	return ret;
}

/* Images are there before any container is, and after the last. */
static int visit_images(hf_records *r, const char *graph, const char *name, const void *data)
{
	static const char suffix[] = "-images";
	char driver[64];
	size_t length = strlen(name) - strlen(suffix);

	(void)data;
	if (!hf_has_suffix(name, suffix) || length >= sizeof driver)
		return 0;
	memcpy(driver, name, length);
	driver[length] = '\0';
	return hf_images_add_storage(r->images, graph, driver);
}

int hf_records_ask_storage(hf_records *r, const char *run_root, const char *graph_root)
{
	int ret = each_name(r, "drivers", run_root, visit_driver, graph_root);

	return ret < 0 ? ret : each_name(r, "graph", graph_root, visit_images, NULL);
}

/* ---- LXC and systemd-machined ---- */

static int visit_lxc(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];
	hf_answer st;

	(void)data;
	if (is_full(r) || !join(path, folder, name, "/config") ||
	    hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) == ENOENT)
		return 0;
	r->count++;
	add_line(r, "lxc", name, path);
	return send_lines(r, path);
}

/* Beside NAME there is "unit:UNIT", a link to it. */
static int visit_machine(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	if (is_full(r) || strchr(name, ':') || !join(path, folder, name, ""))
		return 0;
	r->count++;
	add_line(r, "machine", name, path);
	return send_lines(r, path);
}

/* ---- Docker ---- */

/* Who could change the log decides, too. */
static int ask_log(hf_records *r, const hf_buffer *text)
{
	static const char member[] = "\"LogPath\":\"";
	const char *start =
		text->size ? memmem(text->data, text->size, member, strlen(member)) : NULL;
	char log[PATH_ROOM];

	if (!start)
		return 0;
	start += strlen(member);
	size_t length = strcspn(start, "\"\\");

	if (length == 0 || length >= sizeof log || start[length] != '"' || *start != '/')
		return 0;
	memcpy(log, start, length);
	log[length] = '\0';
	return strstr(log, "/../") ? 0 : hf_reader_stat(r->reader, log);
}

/* 1: it was read. */
static int ask_config(hf_records *r, const char *id, const char *path)
{
	hf_buffer text = {0};
	int ret = send_text(r, path, &text);
	int log = ret > 0 ? ask_log(r, &text) : 0;

	if (ret >= 0)
		hf_images_add_use(r->images, id, text.data ? text.data : "", text.size);

	hf_buffer_free(&text);
	return log < 0 ? log : ret;
}

static int visit_docker(hf_records *r, const char *folder, const char *id, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	if (!is_full_id(id) || !join(path, folder, id, "/config.v2.json"))
		return 0;
	/* a container that does not run has no bundle; of an engine whose bundles were not found
	 * all are read */
	if ((r->has_tasks && !hf_map_get(&r->known, id)) || is_full(r)) {
		hf_images_read_use(r->images, id, path);
		return 0;
	}
	int config = ask_config(r, id, path);

	if (config < 0 || !join(path, folder, id, "/hostconfig.json"))
		return config < 0 ? config : 0;
	int host = send_json(r, path);

	if (host < 0 || !join(path, folder, id, ""))
		return host < 0 ? host : 0;
	r->count++;
	add_line(r, "docker", id, path);
	return config > 0 && host > 0 ? note(r, &r->docker, id) : 0;
}

static int visit_image_driver(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];
	hf_answer st;

	if (!join(path, folder, name, "/repositories.json") ||
	    hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) != 0)
		return 0;
	r->has_images = true;
	add_line(r, "images", "-", path);
	int ret = hf_reader_file(r->reader, path);

	return ret < 0 ? ret : hf_images_add_docker(r->images, data, name);
}

int hf_records_ask_data_root(hf_records *r, const char *root)
{
	char path[PATH_ROOM];
	int ret = 0;

	if (join(path, root, "containers", "")) {
		bool is_first = note(r, &r->known, path) > 0;

		ret = each_name(r, "docker", path, visit_docker, NULL);
		if (is_first)
			hf_images_end_uses(r->images, path);
	}
	return ret < 0 ? ret : hf_records_ask_images(r, root);
}

int hf_records_ask_images(hf_records *r, const char *root)
{
	char path[PATH_ROOM];
	int ret = 0;

	if (join(path, root, "image", ""))
		ret = each_name(r, "image", path, visit_image_driver, root);
	if (ret >= 0 && join(path, root, "swarm", "") && note(r, &r->known, path) > 0)
		ret = hf_swarm_ask(r->reader, path);
	return ret;
}

static int visit_runtime(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	if (!hf_has_prefix(name, "runtime-") || !join(path, folder, name, "/moby"))
		return 0;
	return ask_states(r, "runc", path);
}

/* libcontainerd names the pipes of a process "ID-stdin" …; the container's own is "init". */
static int visit_pipe(hf_records *r, const char *folder, const char *name, const void *data)
{
	static const char out[] = "-stdout";
	const char *container = strrchr(folder, '/') + 1;
	size_t length = strlen(name);

	(void)data;
	if (r->execs.count >= EXECS_MAX || length != ID_LENGTH + strlen(out) ||
	    !hf_has_suffix(name, out))
		return 0;
	exec *e = hf_arena_alloc(r->arena, sizeof *e);

	if (!e)
		return -ENOMEM;
	e->container = hf_arena_strdup(r->arena, container);
	e->id = hf_arena_memdup(r->arena, name, ID_LENGTH);
	if (!e->container || !e->id)
		return -ENOMEM;
	if (!is_full_id(e->id))
		return 0;
	add_line(r, "exec", container, e->id);
	return hf_list_add(&r->execs, e);
}

static int visit_pipes(hf_records *r, const char *folder, const char *name, const void *data)
{
	char path[PATH_ROOM];

	(void)data;
	if (!is_full_id(name) || !join(path, folder, name, ""))
		return 0;
	return each_name(r, "pipes", path, visit_pipe, NULL);
}

int hf_records_ask_exec_root(hf_records *r, const char *root)
{
	char path[PATH_ROOM];
	int ret = 0;

	if (join(path, root, "containerd/daemon", ""))
		ret = ask_tasks(r, path);
	if (ret >= 0 && join(path, root, "containerd", ""))
		ret = each_name(r, "execs", path, visit_pipes, NULL);
	return ret < 0 ? ret : each_name(r, "runtimes", root, visit_runtime, NULL);
}

int hf_records_each_exec(const hf_records *r, int (*fn)(void *data, const char *id), void *data)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < r->execs.count; i++)
		ret = fn(data, ((const exec *)r->execs.items[i])->id);
	return ret;
}

/* ---- all ---- */

/* Rootless runtimes keep theirs in the folders of their user; without CAP_DAC_READ_SEARCH root
 * cannot look into them. */
int hf_records_ask_user(hf_records *r, const char *uid, const char *home)
{
	char run[PATH_ROOM], path[PATH_ROOM];
	hf_answer st;
	int ret;

	if (snprintf(run, sizeof run, "/run/user/%s", uid) >= (int)sizeof run ||
	    !join(path, run, "containers", ""))
		return 0;
	if (hf_reader_peek(r->reader, HF_ASK_STAT, path, &st) == EACCES) {
		add_failed(r, "user", EACCES, run);
		return 0;
	}
	char graph[PATH_ROOM];

	ret = join(graph, home, ".local/share/containers/storage", "")
		      ? hf_records_ask_storage(r, path, graph)
		      : 0;
	if (ret >= 0 && join(path, run, "runc", ""))
		ret = ask_states(r, "runc", path);
	if (ret >= 0 && join(path, run, "crun", ""))
		ret = ask_states(r, "crun", path);
	if (ret >= 0 && join(path, run, "docker", ""))
		ret = hf_records_ask_exec_root(r, path);
	if (ret >= 0 && join(path, home, ".local/share/docker", ""))
		ret = hf_records_ask_data_root(r, path);
	return ret;
}

int hf_records_ask_usual(hf_records *r)
{
	/* of containerd alone, of k3s and RKE2, of MicroK8s */
	static const char *const tasks[] = {
		"/run/containerd",
		"/run/k3s/containerd",
		"/var/snap/microk8s/common/run/containerd",
	};
	int ret =
		hf_records_ask_storage(r, "/run/containers/storage", "/var/lib/containers/storage");

	for (size_t i = 0; ret >= 0 && i < HF_ARRAY_SIZE(tasks); i++)
		ret = ask_tasks(r, tasks[i]);
	if (ret >= 0)
		ret = ask_states(r, "runc", "/run/runc");
	if (ret >= 0)
		ret = ask_states(r, "crun", "/run/crun");
	if (ret >= 0)
		ret = each_name(r, "lxc", "/var/lib/lxc", visit_lxc, NULL);
	return ret < 0 ? ret
		       : each_name(r, "machine", "/run/systemd/machines", visit_machine, NULL);
}

int hf_records_send(hf_records *r)
{
	hf_answer answer = {
		.kind = HF_ASK_CALL,
		.name = "records",
		.data = r->text.data ? r->text.data : "",
		.size = r->text.size,
	};

	if (r->text.failed)
		answer = (hf_answer){
			.kind = HF_ASK_CALL, .name = "records", .error = ENOMEM, .data = ""};
	return hf_reader_send(r->reader, &answer);
}
