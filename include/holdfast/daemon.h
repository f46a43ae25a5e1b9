/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about Docker daemons: what runs, what it says of itself, what is declared for it. */
#ifndef HOLDFAST_DAEMON_H
#define HOLDFAST_DAEMON_H

#include <holdfast/facts.h>

HF_BEGIN_DECLS

/* Where the effective value of an option was learned, best witness first. */
typedef enum hf_origin {
	HF_ORIGIN_ENGINE = 0, /* the running engine's own answer over its socket, peer proved */
	HF_ORIGIN_FLAG,       /* argument of the running dockerd */
	HF_ORIGIN_FILE,       /* daemon.json (the one the running dockerd names, else the default) */
	HF_ORIGIN_UNIT,       /* ExecStart= or EnvironmentFile= of the unit and its drop-ins */
	HF_ORIGIN_DEFAULT     /* compiled into that version of the engine */
} hf_origin;

HF_PUBLIC const char *hf_origin_name(hf_origin origin);

/* The subject of a check with .subject = HF_SUBJECT_DAEMON. */
typedef struct hf_daemon {
	hf_fact fact;       /* present: runs or is configured; .source names how it was found */
	const char *name;   /* "docker", or "docker (pid 1234)" where there are several */
	bool is_running;
	int32_t pid;        /* 0 when it does not run */
	bool is_rootless;   /* runs as another user than root of the initial user namespace */
	hf_fact api;        /* the Engine API: present when it answered and the peer was proved to be the daemon */
	const char *socket; /* path of the socket that was asked */
	const char *version; /* "20.10.24+dfsg1"; NULL when nobody could tell */
	const char *config_path; /* daemon.json in use */
	hf_fact config;     /* that file: present and strict JSON; absent; unreadable or malformed, with why */
	const char *exe;    /* link text of the running one's executable, or NULL */
	hf_fact user;       /* present: .uid and .is_rootless are known. Source: status and uid_map */
	uint32_t uid;       /* of the running one, seen from the initial user namespace */
	hf_fact flags;      /* its arguments (of the unit where it does not run): read and understood */
	hf_fact start;      /* present: .start_time is known */
	int64_t start_time; /* seconds since the epoch, rounded down; see hf_daemon_is_older() */
} hf_daemon;

/* The daemon that @run is about; never NULL for a check of subject daemon. */
HF_PUBLIC const hf_daemon *hf_daemon_get(hf_check_run *run);

/* <0, 0, >0 as its version is older than, equal to, newer than @version ("24.0"). False when unknown. */
HF_PUBLIC HF_MUST_CHECK bool hf_daemon_compare(const hf_daemon *daemon, const char *version,
					       int *ret_order);

/* The effective value of one option, and every witness that spoke. Lists are joined by '\n'. */
typedef struct hf_option {
	hf_fact fact;      /* present: .source is the origin in words; unreadable: nobody could tell, or the
			    * best witness was lost and the others do not prove what runs */
	const char *value; /* the value in force; bools are "true" or "false"; "" for an empty list */
	hf_origin origin;
	const char *conflict; /* another witness says otherwise: "daemon.json says false"; or NULL */
	bool is_declared;     /* flag, file or unit names it */
	const char *declared; /* what flag, file or unit says, best witness first; or NULL */
	const char *declared_source; /* where that stands: "/etc/docker/daemon.json"; or NULL */
	bool is_known;      /* an option of some engine that we know */
	bool is_reloadable; /* SIGHUP brings the file's value into force */
} hf_option;

/* @name as in daemon.json ("icc", "log-level", "insecure-registries", "log-opts.max-size"). */
HF_PUBLIC const hf_option *hf_daemon_option(hf_check_run *run, const char *name);

/* Settings of its environment that the daemon heeds (DOCKER_TLS_VERIFY, DOCKER_DRIVER,
 * DOCKER_INSECURE_NO_IPTABLES_RAW, DOCKERD_DEPRECATED_CORS_HEADER …): of the running one, else what
 * the unit gives it. HF_ABSENT: the environment was read and has no such variable. */
HF_PUBLIC const hf_option *hf_daemon_environment(hf_check_run *run, const char *name);

/* One key of daemon.json as it stands there. */
typedef struct hf_config_key {
	const char *name;  /* of the top level, or "log-opts.max-size" below an object */
	const char *value; /* in the form of hf_option.value; objects as compact JSON */
	bool is_known;      /* false: the daemon refuses to start with it */
	bool is_duplicate;  /* stands there twice; the last one wins */
	bool is_reloadable;
	const char *why; /* the daemon would not take it (wrong type, also given as a flag), or NULL */
} hf_config_key;

/* The @index-th key of the configuration file, in its order; NULL past the end. */
HF_PUBLIC const hf_config_key *hf_daemon_config_key(hf_check_run *run, size_t index);

/* Whether @file (present) was last changed, content or metadata, before the daemon started, so that what
 * it says is what the daemon read. False when either time is not known or the daemon does not run. */
HF_PUBLIC HF_MUST_CHECK bool hf_daemon_is_older(const hf_daemon *daemon, const hf_file *file,
						bool *ret_older);

/* A TCP socket on which a daemon listens, whatever for (API, metrics, swarm). */
typedef struct hf_listener {
	const char *address; /* "127.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1" */
	uint16_t port;
	bool is_loopback;
	bool is_wildcard;
	uint64_t inode;
	int32_t pid;        /* who holds it: the daemon, or 1 for a socket of docker.socket */
	const char *source; /* "/proc/812/net/tcp6" */
} hf_listener;

typedef struct hf_listeners {
	hf_fact fact; /* present: the list is complete; absent: the daemon does not run */
	const hf_listener *all;
	size_t count;
} hf_listeners;

/* Sources: /proc/PID/fd joined with /proc/PID/net/tcp and tcp6. */
HF_PUBLIC const hf_listeners *hf_daemon_listeners(hf_check_run *run);

/* A unit of systemd with its drop-ins, in systemd's precedence (systemd.unit(5)). */
typedef struct hf_unit {
	hf_fact fact;     /* .source is the path of the unit's own file; absent: no folder has it */
	bool is_masked;
	const hf_file *const *files; /* the unit, then its drop-ins, in the order they apply; all present */
	size_t count;
} hf_unit;

/* @name: "docker.service", "docker.socket", "containerd.service". */
HF_PUBLIC const hf_unit *hf_unit_get(hf_check_run *run, const char *name);

/* A setting of a unit: the last assignment, or for lists (ExecStart, ListenStream, Environment,
 * EnvironmentFile …) all since the last empty one, joined by '\n'. */
typedef struct hf_unit_setting {
	hf_fact fact; /* .source is "file:line" of the last assignment; absent: nobody sets it */
	const char *value;
} hf_unit_setting;

/* @key: "Service.LimitNOFILE", "Socket.ListenStream". */
HF_PUBLIC const hf_unit_setting *hf_unit_setting_get(hf_check_run *run, const char *unit,
						     const char *key);

/* Go's strconv.ParseBool, which the daemon uses for flags: 1 t T TRUE true True / 0 f F …. */
HF_PUBLIC HF_MUST_CHECK bool hf_parse_go_bool(const char *text, bool *ret_value);

/* A value of an Engine API answer by a path of member names and indexes separated by '/',
 * "/info", "RegistryConfig/InsecureRegistryCIDRs/0". Scalars come as their text, objects and arrays as
 * compact JSON. HF_ABSENT: the answer is there and has no such member. */
typedef struct hf_api_value {
	hf_fact fact;
	const char *text;
	size_t count; /* members of an object or array; 0 for a scalar */
	bool is_null;
} hf_api_value;

/* @endpoint: "/info", "/version", "/networks", "/plugins", "/containers/json", "/containers/ID/json". */
HF_PUBLIC const hf_api_value *hf_api_get(hf_check_run *run, const char *endpoint, const char *path);

/* The same of a JSON file at @file, which must be among what is read. HF_ABSENT: the file is not there, or has no such member. */
HF_PUBLIC const hf_api_value *hf_json_file_get(hf_check_run *run, const char *file, const char *path);
/* The name of the @index-th member of an object in it, and *ret_value (NULL allowed) its value; NULL past the end or where it is
 * no object. */
HF_PUBLIC const char *hf_json_file_member(hf_check_run *run, const char *file, const char *path, size_t index,
					  const hf_api_value **ret_value);

/* Whether the engine lists a running container of this id. HF_PRESENT: it does; HF_ABSENT: it answered, and does
 * not; HF_UNREADABLE: it could not be asked. */
HF_PUBLIC hf_state hf_api_lists_container(hf_check_run *run, const char *id);

/* The name of the @index-th member of an object at @path; NULL past the end or where it is no object. */
HF_PUBLIC const char *hf_api_member(hf_check_run *run, const char *endpoint, const char *path,
				    size_t index);

HF_END_DECLS

#endif
