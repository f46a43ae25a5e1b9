/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collector `runtime`: container engines' own word, from their API and from their files, and the records that any
 * runtime keeps of its containers. Most of it is root's and needs no capability; but users' runtimes keep theirs in
 * folders of the user, and where a shim of Docker's containerd was first to make /run/containerd, that has mode 0600
 * (containerd, pkg/shim: os.MkdirAll), which without CAP_DAC_READ_SEARCH root itself cannot enter. */
#include "collect/engine.h"
#include "collect/proc.h"

#include <dirent.h>
#include <linux/capability.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	ENGINES_MAX = 16,
	WALK_REST_MS = 300, /* to end in order before the collector's own deadline */
	PATH_ROOM = 512,
};

#define DEFAULT_SOCKET "/run/docker.sock"

/* The home of user @uid, from the text of /etc/passwd. */
static bool find_home(hf_reader *reader, const char *uid, char *home, size_t size)
{
	hf_answer answer;
	const char *cursor, *line;
	size_t length;

	if (hf_reader_peek(reader, HF_ASK_FILE, "/etc/passwd", &answer) != 0)
		return false;
	cursor = answer.data;
	while (hf_next_line(&cursor, answer.data + answer.size, &line, &length)) {
		const char *field[7] = {line};
		size_t count = 1;

		for (size_t i = 0; i < length && count < HF_ARRAY_SIZE(field); i++) {
			if (line[i] == ':')
				field[count++] = line + i + 1;
		}
		if (count < 7 || strlen(uid) != (size_t)(field[3] - 1 - field[2]) ||
		    memcmp(field[2], uid, strlen(uid)) != 0)
			continue;
		int n = snprintf(home, size, "%.*s", (int)(field[6] - 1 - field[5]), field[5]);

		return n > 0 && (size_t)n < size && *home == '/';
	}
	return false;
}

/* Rootless engines: one for each user who has a runtime folder. Where the capability was not to be had root
 * cannot look into the folder of another user: then the stat answer says so, and nobody is asked.
 */
static int add_rootless(hf_reader *reader, hf_engine_config *config, hf_list *uids)
{
	hf_answer listing, st;
	int r = hf_reader_dir(reader, "/run/user");

	if (r < 0 || hf_reader_peek(reader, HF_ASK_DIR, "/run/user", &listing) != 0)
		return r;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size + 1);
	for (const char *uid = names; r >= 0 && uid < names + size && uids->count < ENGINES_MAX;
	     uid += strlen(uid) + 1) {
		char path[PATH_ROOM];

		if (strspn(uid, "0123456789") != strlen(uid))
			continue;
		(void)snprintf(path, sizeof path, "/run/user/%s/docker.sock", uid);
		int error = hf_reader_peek(reader, HF_ASK_STAT, path, &st);

		r = hf_reader_send(reader, &st);
		if (r >= 0 && error == 0)
			r = hf_engine_config_add_socket(config, path);
		if (r < 0 || (error != 0 && error != EACCES))
			continue;
		char *copy = strdup(uid);

		r = copy ? hf_list_add(uids, copy) : -ENOMEM;
		if (r < 0)
			free(copy);
	}
	return r;
}

/* Their configuration, in their homes. */
static int ask_homes(hf_reader *reader, hf_engine_config *config, const hf_list *uids)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < uids->count; i++) {
		char home[PATH_ROOM], path[PATH_ROOM];

		if (find_home(reader, uids->items[i], home, sizeof home) &&
		    snprintf(path, sizeof path, "%s/.config/docker/daemon.json", home) < PATH_ROOM)
			r = hf_engine_ask_json(reader, config, path);
	}
	return r;
}

/* The kernel cuts a name after 15 bytes: ".dockerd-wrapped". */
static bool is_named_dockerd(const char *comm)
{
	static const char *const names[] = {"dockerd\n", "dockerd-ce\n", "dockerd-current\n",
					    ".dockerd-wrappe\n"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(names); i++) {
		if (strcmp(comm, names[i]) == 0)
			return true;
	}
	return false;
}

#define CONTAINERD_COMM "containerd\n"

static bool may_be_engine(const hf_proc *proc, const char *pid)
{
	char name[32], comm[32];

	(void)snprintf(name, sizeof name, "%.20s/comm", pid);
	hf_cleanup(hf_closep) int fd = openat(proc->fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, comm, sizeof comm - 1);

	comm[n > 0 ? n : 0] = '\0';
	return is_named_dockerd(comm) || strcmp(comm, CONTAINERD_COMM) == 0;
}

/* A unit's PATH is in its files; a shell's is not. */
static int add_shell_path(hf_engine_config *config, const hf_proc *proc, const hf_proc_dir *dir)
{
	static hf_proc_text cgroup;
	hf_answer answer;

	hf_proc_read(proc, dir, "cgroup", &cgroup, &answer);
	return answer.error || strstr(answer.data, ".service") ? 0
							       : hf_engine_config_add_shell_path(config);
}

/* Flags of every running dockerd and containerd of root: they may name another daemon.json or more sockets. Who
 * runs is for the facts to say, by the executable; here the name that a process gives itself is
 * hint enough to look at files, but only root's: another user could name some that are never
 * answered for. */
static int add_flags_of_daemons(hf_reader *reader, hf_engine_config *config)
{
	static hf_proc_text comm;
	hf_proc proc = {.reader = reader, .fd = -1};
	int r = 0;

	if (hf_proc_start(&proc) != 0 || !proc.is_procfs) {
		hf_proc_end(&proc);
		return 0;
	}
	DIR *listing = hf_proc_list(&proc);

	for (const struct dirent *entry; r >= 0 && listing && (entry = readdir(listing));) {
		hf_cleanup(hf_proc_closep) hf_proc_dir dir = {.fd = -1};
		int pid = hf_proc_pid(entry->d_name);
		struct stat st;
		hf_answer answer;

		/* most are nothing of the kind: a look by path is enough to pass them over */
		if (pid == 0 || !may_be_engine(&proc, entry->d_name) ||
		    hf_proc_open(&proc, pid, &dir) != 0)
			continue;
		hf_proc_read(&proc, &dir, "comm", &comm, &answer);
		bool is_containerd = strcmp(answer.data, CONTAINERD_COMM) == 0;

		if ((!is_named_dockerd(answer.data) && !is_containerd) || fstat(dir.fd, &st) < 0 ||
		    st.st_uid != 0)
			continue;
		r = hf_engine_config_add_process(config, reader, pid, is_containerd);
		if (r >= 0 && !is_containerd)
			r = add_shell_path(config, &proc, &dir);
	}
	if (listing)
		(void)closedir(listing);
	hf_proc_end(&proc);
	return r;
}

static bool is_same_file(hf_reader *reader, const char *a, const char *b)
{
	hf_answer answer;

	if (strcmp(a, b) == 0)
		return true;
	if (hf_reader_peek(reader, HF_ASK_STAT, a, &answer) != 0)
		return false;
	hf_meta meta = answer.meta;

	return hf_reader_peek(reader, HF_ASK_STAT, b, &answer) == 0 &&
	       answer.meta.ino == meta.ino && answer.meta.dev_major == meta.dev_major &&
	       answer.meta.dev_minor == meta.dev_minor;
}

/* All engines work at the same time: theirs is most of the time that this takes. */
typedef struct fleet {
	hf_reader *reader;
	hf_engine_config config;
	hf_engine *engines[ENGINES_MAX]; /* the default one is the first */
	size_t count;
	hf_list uids; /* with a runtime folder, as text */
	hf_records *records;
	uint64_t deadline_ms;
	uint64_t walk_until; /* hf_now_ms() at which the walk of --deep ends; 0: none */
	hf_collect_progress *progress;
} fleet;

/* Every other socket that the configuration names, once each. */
static int start_others(fleet *f, const char *first)
{
	const hf_list *sockets = &f->config.sockets;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sockets->count && f->count < ENGINES_MAX; i++) {
		const char *socket = sockets->items[i];
		bool is_known =
			strlen(socket) >= PATH_ROOM || is_same_file(f->reader, first, socket);
		hf_answer st;

		for (size_t k = 0; k < i && !is_known; k++)
			is_known = is_same_file(f->reader, sockets->items[k], socket);
		if (is_known || hf_reader_peek(f->reader, HF_ASK_STAT, socket, &st) == ENOENT)
			continue;
		r = hf_engine_start(f->reader, &f->config, socket, false, f->deadline_ms,
				    &f->engines[f->count]);
		f->count += r >= 0;
	}
	return r;
}

/* The default engine comes last and may take all the time that is left; another one that hangs
 * takes half of it. */
static int finish_all(fleet *f)
{
	int r = 0;

	for (size_t i = f->count; r >= 0 && i-- > 0;) {
		uint64_t now = hf_now_ms(), until = f->deadline_ms;

		if (i > 0 && now < until)
			until = now + (until - now) / 2;
		r = hf_engine_finish(f->engines[i], f->records, until);
	}
	return r;
}

/* Where the flags and files of Docker's engines say, and where they keep theirs by default. What the list lacks
 * when it goes out is asked for as /info of an engine names it. */
static int ask_docker_records(hf_records *records, const hf_engine_config *config)
{
	int r = hf_records_ask_exec_root(records, "/run/docker");

	for (size_t i = 0; r >= 0 && i < config->exec_roots.count; i++)
		r = hf_records_ask_exec_root(records, config->exec_roots.items[i]);
	if (r >= 0)
		r = hf_records_ask_data_root(records, "/var/lib/docker");
	for (size_t i = 0; r >= 0 && i < config->data_roots.count; i++)
		r = hf_records_ask_data_root(records, config->data_roots.items[i]);
	return r;
}

static int ask_user_records(fleet *f)
{
	hf_answer listing;
	int r = 0;

	if (hf_reader_peek(f->reader, HF_ASK_DIR, "/run/user", &listing) != 0)
		return 0;
	hf_cleanup(hf_freep) char *names = malloc(listing.size + 1);
	size_t size = listing.size;

	if (!names)
		return -ENOMEM;
	memcpy(names, listing.data, size + 1);
	for (const char *uid = names; r >= 0 && uid < names + size; uid += strlen(uid) + 1) {
		char home[PATH_ROOM];

		if (strspn(uid, "0123456789") == strlen(uid) && strcmp(uid, "0") != 0 &&
		    find_home(f->reader, uid, home, sizeof home))
			r = hf_records_ask_user(f->records, uid, home);
	}
	return r;
}

static int ask_records(fleet *f)
{
	int r = hf_records_ask_usual(f->records);

	if (r >= 0)
		r = ask_docker_records(f->records, &f->config);
	return r < 0 ? r : ask_user_records(f);
}

static int ask_stocks(fleet *f)
{
	const hf_list *roots = &f->config.data_roots;
	int r = hf_engine_ask_stock(f->reader, "/var/lib/docker", f->deadline_ms);

	for (size_t i = 0; r >= 0 && i < roots->count; i++)
		r = hf_engine_ask_stock(f->reader, roots->items[i], f->deadline_ms);
	return r;
}

static int ask_all(fleet *f, const char *socket)
{
	int r = hf_engine_start(f->reader, &f->config, socket, true, f->deadline_ms,
				&f->engines[0]);

	f->count = r >= 0;
	/* the engine works on /info while we read files */
	if (r >= 0)
		r = hf_reader_request(f->reader, "parents:" DEFAULT_SOCKET);
	if (r >= 0)
		r = hf_reader_stat(f->reader, socket);
	if (r >= 0)
		r = add_flags_of_daemons(f->reader, &f->config);
	if (r >= 0)
		r = hf_engine_ask_files(f->reader, &f->config);
	if (r >= 0)
		r = hf_engine_config_add_socket(&f->config, DEFAULT_SOCKET);
	if (r >= 0)
		r = add_rootless(f->reader, &f->config, &f->uids);
	if (r >= 0)
		r = start_others(f, socket);
	if (r >= 0)
		r = ask_records(f);
	if (r >= 0)
		r = hf_images_read(hf_records_images(f->records));
	if (r >= 0)
		r = finish_all(f);
	/* of a data root that /info alone told */
	if (r >= 0)
		r = hf_images_read(hf_records_images(f->records));
	if (r >= 0)
		r = hf_images_send(hf_records_images(f->records));
	if (r >= 0)
		r = hf_records_send(f->records);
	/* what follows was named by somebody and may lie on a dead server: what is known so far
	 * must not be lost */
	if (r >= 0)
		r = hf_sink_flush(hf_reader_sink(f->reader));
	if (r >= 0)
		r = ask_homes(f->reader, &f->config, &f->uids);
	if (r >= 0)
		r = hf_engine_ask_named(f->reader, &f->config);
	if (r >= 0)
		r = ask_stocks(f);
	if (r >= 0)
		r = hf_engine_ask_ways(f->reader, &f->config);
	if (r < 0 || !f->walk_until)
		return r;
	/* it takes what time there is: all else must be told by then */
	r = hf_sink_flush(hf_reader_sink(f->reader));
	return r < 0 ? r : hf_images_walk(hf_records_images(f->records), f->walk_until, f->progress);
}

static int collect_live(const hf_collect_task *task)
{
	uint64_t now = hf_now_ms(), end = task->deadline_ms > now ? task->deadline_ms : now;
	/* a quarter of the time is for the files, and to end in order */
	fleet f = {.reader = task->reader, .deadline_ms = now + (end - now) / 4 * 3};

	if (task->deep && task->deep_deadline_ms > WALK_REST_MS) {
		f.walk_until = task->deep_deadline_ms - WALK_REST_MS;
		f.progress = task->progress;
	}
	int r = hf_records_new(task->reader, f.deadline_ms, &f.records);

	if (r >= 0)
		r = ask_all(&f, task->engine_socket ? task->engine_socket : DEFAULT_SOCKET);

	for (size_t i = 0; i < f.count; i++)
		hf_engine_free(f.engines[i]);
	for (size_t i = 0; i < f.uids.count; i++)
		free(f.uids.items[i]);
	hf_list_free(&f.uids);
	hf_records_free(f.records);
	hf_engine_config_free(&f.config);
	return r;
}

/* Images lie there whether anything runs or not. */
static int ask_stored_images(const hf_collect_task *task, const hf_engine_config *config)
{
	hf_cleanup(hf_records_freep) hf_records *records = NULL;
	int r = hf_records_new(task->reader, task->deadline_ms, &records);

	if (r >= 0)
		r = hf_records_ask_storage(records, "/run/containers/storage",
					   "/var/lib/containers/storage");
	if (r >= 0)
		r = hf_records_ask_images(records, "/var/lib/docker");
	for (size_t i = 0; r >= 0 && i < config->data_roots.count; i++)
		r = hf_records_ask_images(records, config->data_roots.items[i]);
	if (r >= 0)
		r = hf_images_read(hf_records_images(records));
	return r < 0 ? r : hf_images_send(hf_records_images(records));
}

static int collect_tree(const hf_collect_task *task)
{
	hf_engine_config config = {.configs = {0}};
	int r = hf_engine_send_failed(task->reader, ENOTSUP, "a file tree has no running engine");

	if (r >= 0)
		r = hf_engine_ask_files(task->reader, &config);
	if (r >= 0)
		r = ask_stored_images(task, &config);
	if (r >= 0)
		r = hf_engine_ask_named(task->reader, &config);
	if (r >= 0)
		r = hf_engine_ask_ways(task->reader, &config);
	hf_engine_config_free(&config);
	return r;
}

static int collect(const hf_collect_task *task)
{
	return task->is_live ? collect_live(task) : collect_tree(task);
}

const hf_collector hf_collector_runtime = {
	.name = "runtime",
	.reads = "container engines' sockets (GET only), their configuration, units, plugins and "
		 "programs; runtimes' records of containers and images (redacted); with --deep: "
		 "files of the images' layers",
	.caps = (const int[]){CAP_DAC_READ_SEARCH, -1},
	.syscalls =
		(const char *const[]){"openat2", "openat", "readlinkat", "getdents64", "fstatfs",
				      "pread64", "statx", "getxattr", "socket", "connect", "getsockopt",
				      "sendto", NULL},
	.kinds = 1U << HF_ASK_API | 1U << HF_ASK_CALL | 1U << HF_ASK_FILE | 1U << HF_ASK_STAT |
		 1U << HF_ASK_LINK | 1U << HF_ASK_DIR,
	.prefixes = (const char *const[]){"/", "unix:", "peer", "records", "images", "image:",
					  "image-files:", "swarm/", "swarm-key:", "way:/", "stock:/",
					  "containerd", "client-config:/", "!/proc/", "!/sys/", NULL},
	.deadline_ms = 2000,
	.deep_deadline_ms = 8000,
	.cap_bytes = 48 * 1024 * 1024,
	.collect = collect,
};
