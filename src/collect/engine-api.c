/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks one container engine over its API: who answers, which version it speaks, and what it tells
 * of itself and of its containers. */
#include "collect/engine.h"
#include "collect/engine-told.h"
#include "collect/http.h"
#include "collect/project.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

enum {
	CONTAINERS_MAX = 1000,
	ID_LENGTH = 64,
	NAME_ROOM = 512,
	/* The newest API that we read: 1.49 brought FirewallBackend to /info; engines 29 refuse
	 * less than 1.44, and those of before 1.24 (2016) send no Api-Version to agree on. */
	API_NEWEST_MINOR = 51,
	API_SILENT_MINOR = 24,
};

/* /info comes first and keeps its connection to itself: the engine runs programs for it, 7 to 9 ms, and answers the
 * others meanwhile. It runs programs for /version, too, which is the last and only asked where /info tells no
 * version. */
static const char *const endpoints[] = {
	"/info", "/networks", "/plugins", "/containers/json", "/events", "/version",
};

enum { ENDPOINTS_AT_ONCE = HF_ARRAY_SIZE(endpoints) - 1 };

struct hf_engine {
	hf_reader *reader;
	hf_engine_config *config;
	const char *socket;
	bool is_default;
	int socket_fd;
	struct stat socket_st;
	hf_http *http;
	unsigned api_minor;
	bool tells_version;	       /* /info did */
	bool is_trusted;	       /* root's or our own: may name files for us to look at */
	const char *const *names;      /* of the questions on their way */
	char *targets[CONTAINERS_MAX]; /* and what is sent for them */
	char *ids[CONTAINERS_MAX];     /* "/containers/ID/json" and what else comes second */
	size_t id_count;
	hf_list listed; /* ids of its containers */
	hf_records *records; /* borrowed; while hf_engine_finish() runs */
	hf_told *told;	     /* of the default engine; NULL */
	int result; /* of the first answer that could not be sent */
};

static hf_engine *engine_new(hf_reader *reader, hf_engine_config *config, const char *socket,
			     bool is_default)
{
	hf_engine *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->reader = reader;
	e->config = config;
	e->socket = socket;
	e->is_default = is_default;
	e->socket_fd = -1;
	if (is_default && hf_told_new(&e->told) < 0) {
		free(e);
		return NULL;
	}
	return e;
}

void hf_engine_free(hf_engine *e)
{
	if (!e)
		return;
	if (e->socket_fd >= 0)
		(void)close(e->socket_fd);
	hf_http_free(e->http);
	for (size_t i = 0; i < CONTAINERS_MAX; i++) {
		free(e->targets[i]);
		free(e->ids[i]);
	}
	for (size_t i = 0; i < e->listed.count; i++)
		free(e->listed.items[i]);
	hf_list_free(&e->listed);
	hf_told_free(e->told);
	free(e);
}

/* ---- answers ---- */

/* Questions to the default engine are named by the endpoint alone. */
static void send_answer(hf_engine *e, hf_ask_kind kind, const char *what, hf_answer *answer)
{
	char name[NAME_ROOM + 256];

	(void)snprintf(name, sizeof name, "%s%s%s%s",
		       e->is_default ? "" : "unix:", e->is_default ? "" : e->socket,
		       e->is_default ? "" : ":", what);
	answer->kind = kind;
	answer->name = name;
	if (!answer->data)
		answer->data = "";
	int r = hf_reader_send(e->reader, answer);

	if (r < 0 && e->result == 0)
		e->result = r;
}

static void send_failed(hf_engine *e, hf_ask_kind kind, const char *what, int error,
			const char *reason)
{
	send_answer(e, kind, what, &(hf_answer){.error = error, .reason = reason});
}

static void send_all_failed(hf_engine *e, int error, const char *reason)
{
	send_failed(e, HF_ASK_CALL, "peer", error, reason);
	for (size_t i = 0; i < HF_ARRAY_SIZE(endpoints); i++)
		send_failed(e, HF_ASK_API, endpoints[i], error, reason);
}

/* ---- one reply ---- */

/* The engine's own {"message": …} says most about a refusal: which plugin denied it, which version
 * it wants. */
static void send_refusal(hf_engine *e, const char *what, hf_http_reply *reply)
{
	hf_cleanup(json_decrefp) json_t *json = NULL;
	const char *message = NULL;
	char reason[HF_REASON_MAX_BYTES];

	if (hf_project(reply->body, reply->size, false, &json, NULL) == 0)
		message = json_string_value(json_object_get(json, "message"));
	(void)snprintf(reason, sizeof reason, "HTTP status %u%s%.200s", reply->status,
		       message ? ": " : "", message ? message : "");
	send_failed(e, HF_ASK_API, what,
		    reply->status == 401 || reply->status == 403 ? EACCES : EBADMSG, reason);
}

static bool is_container_id(const char *text)
{
	return text && strlen(text) == ID_LENGTH && strspn(text, "0123456789abcdef") == ID_LENGTH;
}

static void note_containers(hf_engine *e, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "Id"));
		char *copy = is_container_id(id) ? strdup(id) : NULL;

		if (copy && hf_list_add(&e->listed, copy) < 0)
			free(copy);
	}
}

/* A user's own engine could name files on a file system of his own, whose server never answers: it
 * is asked, but not followed. */
static void use_reply(hf_engine *e, const char *what, json_t *json)
{
	const char *log = json_string_value(json_object_get(json, "LogPath"));

	if (strcmp(what, "/containers/json") == 0)
		note_containers(e, json);
	if (e->told)
		hf_told_learn(e->told, what, json);
	if (strcmp(what, "/info") == 0)
		e->tells_version = json_string_length(json_object_get(json, "ServerVersion")) > 0;
	if (!e->is_trusted)
		return;
	if (strcmp(what, "/info") == 0)
		(void)hf_engine_config_add_info(e->config, json);
	else if (hf_has_prefix(what, "/containers/") && log && *log == '/' && !strstr(log, "/../"))
		(void)hf_reader_stat(e->reader, log);
}

static void on_reply(void *data, size_t index, hf_http_reply *reply)
{
	hf_engine *e = data;
	const char *what = e->names[index];
	hf_cleanup(json_decrefp) json_t *json = NULL;
	hf_error err;

	if (e->told && hf_told_take(e->told, what, reply))
		return;
	if (reply->error) {
		send_failed(e, HF_ASK_API, what, reply->error, reply->reason);
		return;
	}
	if (reply->status != 200) {
		send_refusal(e, what, reply);
		return;
	}
	int r = hf_project(reply->body, reply->size, strcmp(what, "/events") == 0, &json, &err);

	/* the engine keeps them in a hash; evidence names them by their place */
	if (r == 0 && strcmp(what, "/networks") == 0) {
		r = hf_project_sort(json);
		err.text[0] = '\0';
	}
	if (r < 0) {
		send_failed(e, HF_ASK_API, what, -r, err.text);
		return;
	}
	hf_cleanup(hf_freep) char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text) {
		send_failed(e, HF_ASK_API, what, ENOMEM, NULL);
		return;
	}
	send_answer(e, HF_ASK_API, what, &(hf_answer){.data = text, .size = strlen(text)});
	use_reply(e, what, json);
}

/* ---- the peer ---- */

/* The sockets that listen under the path of ours. There can be more than one: a socket keeps the
 * name that it was bound to though its file was replaced, or lies in another mount namespace. */
static void add_inodes(hf_engine *e, hf_buffer *text)
{
	hf_answer answer;
	const char *cursor, *line, *base = strrchr(e->socket, '/');
	size_t length;

	if (hf_reader_peek(e->reader, HF_ASK_FILE, "/proc/net/unix", &answer) != 0)
		return;
	hf_cleanup(hf_freep) char *table = malloc(answer.size + 1);
	size_t size = answer.size;

	if (!table)
		return;
	memcpy(table, answer.data, size + 1);
	cursor = table;
	while (hf_next_line(&cursor, table + size, &line, &length)) {
		unsigned long flags, inode;
		char path[NAME_ROOM], copy[NAME_ROOM];
		hf_answer st;

		if (length >= sizeof copy)
			continue;
		memcpy(copy, line, length);
		copy[length] = '\0';
		/* Num: RefCount Protocol Flags Type St Inode Path; __SO_ACCEPTCON says that it
		 * listens */
		if (sscanf(copy, "%*x: %*x %*x %lx %*x %*x %lu %511s", &flags, &inode, path) != 3 ||
		    !(flags & 0x10000) || !hf_has_suffix(path, base) || *path != '/')
			continue;
		if (hf_reader_peek(e->reader, HF_ASK_STAT, path, &st) == 0 &&
		    st.meta.ino == e->socket_st.st_ino)
			hf_buffer_printf(text, "inode %lu\n", inode);
	}
}

static void send_peer(hf_engine *e)
{
	struct ucred peer;
	hf_buffer text = {0};

	if (hf_http_peer(e->http, &peer) < 0) {
		send_failed(e, HF_ASK_CALL, "peer", ENOTCONN, "nobody answered on the socket");
		return;
	}
	e->is_trusted = peer.uid == 0 || peer.uid == getuid();
	hf_buffer_printf(&text, "socket %s\npid %d\nuid %u\ngid %u\n", e->socket, (int)peer.pid,
			 peer.uid, peer.gid);
	add_inodes(e, &text);
	hf_buffer_printf(&text, "api 1.%u\n", e->api_minor);
	if (text.failed)
		send_failed(e, HF_ASK_CALL, "peer", ENOMEM, NULL);
	else
		send_answer(e, HF_ASK_CALL, "peer",
			    &(hf_answer){.data = text.data, .size = text.size});
	hf_buffer_free(&text);
	/* pid 1 listens for a daemon that systemd starts by its socket */
	if (peer.pid > 1 && e->is_trusted)
		(void)hf_engine_config_add_process(e->config, e->reader, peer.pid, false);
}

/* ---- one engine ---- */

typedef struct ping {
	int error;
	char reason[HF_REASON_MAX_BYTES];
	unsigned minor;
} ping;

/* Whatever the status: an engine whose authorization plugin denies the ping still says what it
 * speaks. */
static void on_ping(void *data, size_t index, hf_http_reply *reply)
{
	ping *p = data;
	unsigned minor;

	(void)index;
	p->error = reply->error;
	(void)snprintf(p->reason, sizeof p->reason, "%s", reply->reason ? reply->reason : "");
	p->minor = sscanf(reply->api_version, "1.%u", &minor) == 1 ? minor : API_SILENT_MINOR;
	if (p->minor > API_NEWEST_MINOR)
		p->minor = API_NEWEST_MINOR;
}

/* Holds the socket's file, so that what is connected to is what the record says of it. */
static int hold_socket(hf_engine *e)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	e->socket_fd = (int)syscall(SYS_openat2, hf_reader_root_fd(e->reader), e->socket, &how,
				    sizeof how);
	if (e->socket_fd < 0 || fstat(e->socket_fd, &e->socket_st) < 0)
		return errno;
	return S_ISSOCK(e->socket_st.st_mode) ? 0 : ENOTSOCK;
}

static char *target_of(const hf_engine *e, const char *what)
{
	char *target = NULL;
	int n;

	/* daemon reloads up to now: a moment that has passed, or the engine would go on for ever */
	if (strcmp(what, "/events") == 0)
		n = asprintf(&target,
			     "/v1.%u/"
			     "events?since=1&until=%lld&filters=%%7B%%22type%%22%%3A%%5B%%22daemon%"
			     "%22%%5D%%7D",
			     e->api_minor, (long long)time(NULL));
	else if (strcmp(what, "/tasks") == 0)
		n = asprintf(&target,
			     "/v1.%u/tasks?filters=%%7B%%22desired-state%%22%%3A%%5B%%22running%%22%%5D%%7D",
			     e->api_minor);
	else
		n = asprintf(&target, "/v1.%u%s", e->api_minor, what);
	return n < 0 ? NULL : target;
}

static void start(hf_engine *e, const char *const *names, size_t count)
{
	e->names = names;
	for (size_t i = 0; i < count; i++) {
		free(e->targets[i]);
		e->targets[i] = target_of(e, names[i]);
		if (!e->targets[i]) {
			e->result = -ENOMEM;
			return;
		}
	}
	hf_http_start(e->http, (const char *const *)e->targets, count, on_reply, e);
}

/* Sends the first requests. An engine that cannot be asked is answered for at once: e->http is NULL
 * then. */
int hf_engine_start(hf_reader *reader, hf_engine_config *config, const char *socket,
		    bool is_default, uint64_t deadline_ms, hf_engine **ret_engine)
{
	static const char *const ping_target[] = {"/_ping"};
	hf_cleanup(hf_engine_freep) hf_engine *e = engine_new(reader, config, socket, is_default);
	ping p = {0};
	hf_error err;

	if (!e)
		return -ENOMEM;
	int error = hold_socket(e);
	int r = error ? 0 : hf_http_new(e->socket_fd, &e->http, &err);

	if (error) {
		send_all_failed(e, error, error == ENOENT ? "there is no such socket" : NULL);
	} else if (r < 0) {
		send_all_failed(e, -r, err.text);
	} else {
		hf_http_start(e->http, ping_target, 1, on_ping, &p);
		hf_http_wait(e->http, deadline_ms);
		e->api_minor = p.minor;
		if (p.error)
			send_all_failed(e, p.error, *p.reason ? p.reason : NULL);
	}
	if (error || r < 0 || p.error) {
		hf_http_free(HF_TAKE(e->http));
	} else {
		send_peer(e);
		start(e, endpoints, ENDPOINTS_AT_ONCE);
	}
	*ret_engine = HF_TAKE(e);
	return 0;
}

/* /info tells where this engine keeps its files, if nobody did before. */
static void ask_files(hf_engine *e)
{
	const hf_list *roots = &e->config->data_roots;
	int r = 0;

	for (size_t i = 0; r >= 0 && e->is_trusted && i < roots->count; i++)
		r = hf_records_ask_data_root(e->records, roots->items[i]);
	if (r < 0 && e->result == 0)
		e->result = r;
}

/* The engine takes half a millisecond and more to tell what thirty microseconds read from its files, which it
 * writes at each change: only containers without them are asked about. */
static void add_containers(hf_engine *e)
{
	for (size_t i = 0; i < e->listed.count; i++) {
		char *name = NULL;

		if (hf_records_have(e->records, e->listed.items[i]) ||
		    asprintf(&name, "/containers/%s/json", (char *)e->listed.items[i]) < 0)
			continue;
		if (e->id_count < CONTAINERS_MAX) {
			e->ids[e->id_count++] = name;
			continue;
		}
		send_failed(e, HF_ASK_API, name, EFBIG, "more containers than are asked about");
		free(name);
	}
}

static int add_exec(void *data, const char *id)
{
	hf_engine *e = data;
	char *name = NULL;

	if (e->id_count == CONTAINERS_MAX || asprintf(&name, "/exec/%s/json", id) < 0)
		return 1;
	e->ids[e->id_count++] = name;
	return 0;
}

/* What the engine's files do not tell: about containers that have none that we could read, what runs in
 * containers on top, and the names of images where another store keeps them. */
static void add_rest(hf_engine *e)
{
	char *name;

	if (!e->tells_version && e->id_count < CONTAINERS_MAX) {
		name = strdup(endpoints[ENDPOINTS_AT_ONCE]);
		if (name)
			e->ids[e->id_count++] = name;
	}
	if (e->is_default && e->is_trusted)
		(void)hf_records_each_exec(e->records, add_exec, e);
}

static int add_told(void *data, const char *what)
{
	hf_engine *e = data;
	char *name = e->id_count < CONTAINERS_MAX ? strdup(what) : NULL;

	if (!name)
		return 1;
	e->ids[e->id_count++] = name;
	return 0;
}

/* Sends what was added since the last time. */
static void ask_added(hf_engine *e, uint64_t deadline_ms)
{
	if (e->told && e->is_trusted)
		hf_told_each_question(e->told, hf_records_have_images(e->records), add_told, e);
	if (e->result < 0 || e->id_count == 0)
		return;
	start(e, (const char *const *)e->ids, e->id_count);
	hf_http_wait(e->http, deadline_ms);
	for (size_t i = 0; i < e->id_count; i++) {
		free(e->ids[i]);
		e->ids[i] = NULL;
	}
	e->id_count = 0;
}

int hf_engine_finish(hf_engine *e, hf_records *records, uint64_t deadline_ms)
{
	if (!e->http)
		return e->result;
	e->records = records;
	hf_http_wait(e->http, deadline_ms);
	ask_files(e);
	add_containers(e);
	add_rest(e);
	ask_added(e, deadline_ms);
	/* what the answers to these made worth asking */
	ask_added(e, deadline_ms);
	if (e->told && e->result == 0)
		e->result = hf_told_send(e->told, e->reader, hf_records_images(e->records));
	return e->result;
}

int hf_engine_send_failed(hf_reader *reader, int error, const char *reason)
{
	hf_cleanup(hf_engine_freep) hf_engine *e = engine_new(reader, NULL, "", true);

	if (!e)
		return -ENOMEM;
	send_all_failed(e, error, reason);
	return e->result;
}
